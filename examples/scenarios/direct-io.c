// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * direct-io.c - a process reads from a disk into its mapping of a file, then
 * calls fsync on the file
 *
 * Promise: once fsync has returned, the bytes that the disk delivered are in
 * the file, for every reader, whatever memory management did meanwhile.
 */
#include "scenarios.h"
#include "world.h"

#include <string.h>

struct direct_io_state {
	struct world w;			/* first: see world.h */
	struct memory_disk disk;
	char bytes[WORLD_MAPPED];	/* on the disk */
	ssize_t got;			/* what the read returned */
	int synced;			/* what fsync returned */
};

static const struct pinpage_contract contracts[] = {
	{
		.name = "put_page",
		.title = "get_user_pages + put_page",
		.needs = "get_user_pages_fast put_page",
		.instead = "pin_user_pages_fast() and unpin_user_pages_dirty_lock()",
	}, {
		.name = "put_user_page",
		.title = "get_user_pages + put_user_pages_dirty_lock",
		.needs = "get_user_pages_fast put_user_pages_dirty_lock",
		.instead = "pin_user_pages_fast() and unpin_user_pages_dirty_lock()",
	}, {
		.name = "pin",
		.title = "pin_user_pages + unpin_user_pages_dirty_lock",
		.needs = "pin_user_pages_fast unpin_user_pages_dirty_lock",
		.instead = NULL,
	}, {
		.name = "pin-only",
		.title = "pin_user_pages + unpin_user_pages, no dirtying",
		.needs = "pin_user_pages_fast unpin_user_pages",
		.instead = "unpin_user_pages_dirty_lock(pages, nr, true)",
	},
};

/* the read goes on: submit, DMA, completion, and fsync */
#define GO_ON " app task:disk task:kworker app"

static const struct pinpage_schedule schedules[] = {
	{
		.name = "quiet", .script = "app task:disk task:kworker app",
		.why = "nobody interferes",
	}, {
		.name = "flush-before-dma",
		.script = "app@dma-map flusher" GO_ON,
		.why = "the flusher cleans the pages between the pin and the DMA (F-1)",
	}, {
		.name = "strip-before-dma",
		.script = "app@dma-map flusher reclaim" GO_ON,
		.why = "and reclaim takes their buffers, too (F-2)",
	}, {
		.name = "fsync-before-dma",
		.script = "app@dma-map syncer" GO_ON,
		.why = "another process's fsync cleans them (F-1)",
	}, {
		.name = "fsync-strip-before-dma",
		.script = "app@dma-map syncer reclaim" GO_ON,
		.why = "and reclaim takes their buffers, too (F-2)",
	}, {
		.name = "flush-in-dma",
		.script = "app task:disk@dma-write flusher task:disk task:kworker app",
		.why = "the flusher cleans the pages in the middle of the DMA",
	}, {
		.name = "strip-after-dma",
		.script = "app task:disk@dma-done flusher reclaim task:disk task:kworker app",
		.why = "all is written and clean, and then dirtied without buffers (F-2)",
	}, {
		.name = "flush-before-put",
		.script = "app task:disk task:kworker@dirty-call flusher task:kworker app",
		.why = "the flusher comes between the dirty test and the release",
	}, {
		.name = "truncate-before-dma",
		.script = "app@dma-map truncate" GO_ON,
		.why = "one page of the buffer is cut off the file (F-6)",
	}, {
		.name = "truncate-before-put",
		.script = "app task:disk task:kworker@release-call truncate task:kworker app",
		.why = "cut off while the driver is about to dirty it (F-7)",
	},
};

static void app(struct pinpage_run *run, void *state)
{
	struct direct_io_state *s = state;

	direct_io_contract = (int)pinpage_run_contract(run);
	pinpage_use_mm(s->w.mm);
	s->got = direct_io_read(&s->disk.disk, s->w.addr, WORLD_MAPPED, 0);
	pinpage_use_mm(NULL);
	pinpage_run_note(run, "read() returned %zd", s->got);
	s->synced = pinpage_fsync(s->w.file, 0);
	pinpage_run_note(run, "fsync() returned %d", s->synced);
}

static const struct pinpage_actor actors[] = {
	{ .name = "app", .main = app },
	{ .name = "flusher", .main = world_flusher },
	{ .name = "syncer", .main = world_syncer },
	{ .name = "reclaim", .main = world_reclaim },
	{ .name = "truncate", .main = world_truncate },
};

static int setup(struct pinpage_run *run, void *state)
{
	struct direct_io_state *s = state;
	int error = world_up(&s->w, "disk");

	(void)run;
	if (error)
		return error;
	memset(s->bytes, 'N', sizeof(s->bytes));
	memory_disk_init(&s->disk, s->w.dev, s->bytes, sizeof(s->bytes));
	return 0;
}

static void check(struct pinpage_run *run, void *state)
{
	struct direct_io_state *s = state;
	size_t len = WORLD_BYTES;

	/* an error was told to the user: nothing was promised */
	if (s->got < 0 || s->synced)
		return;
	if ((size_t)s->got < len)
		len = (size_t)s->got;
	world_check(&s->w, run, s->bytes, len);
}

static void teardown(struct pinpage_run *run, void *state)
{
	struct direct_io_state *s = state;

	world_down(&s->w, run);
}

const struct pinpage_scenario direct_io_scenario = {
	.name = "direct-io",
	.title = "direct I/O reads into a shared file mapping, then fsync",
	.contracts = contracts,
	.nr_contracts = sizeof(contracts) / sizeof(contracts[0]),
	.schedules = schedules,
	.nr_schedules = sizeof(schedules) / sizeof(schedules[0]),
	.actors = actors,
	.nr_actors = sizeof(actors) / sizeof(actors[0]),
	.state_size = sizeof(struct direct_io_state),
	.memory_pages = 128,
	.setup = setup,
	.check = check,
	.teardown = teardown,
};
