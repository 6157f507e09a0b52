// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * rdma-umem.c - a process registers its mapping of a file with a network
 * adapter; a remote peer writes two messages into it
 *
 * rdma-umem:      message 1, fsync, message 2, deregistration, fsync.
 *                 Promise: both messages are in the file.
 * rdma-umem-live: message 1, fsync, message 2, fsync, power cut. The region is
 *                 registered all the time. Promise: the same.
 */
#include "scenarios.h"
#include "world.h"

#include "drivers/rdma-umem.h"

#include <errno.h>
#include <string.h>

#define MESSAGES 2

struct rdma_state {
	struct world w;			/* first: see world.h */
	struct rdma_umem *umem;
	bool failed;			/* there is no region */
	int synced;			/* what the last fsync returned */
	struct pinpage_completion posted[MESSAGES];	/* peer, go on */
	struct pinpage_completion arrived[MESSAGES];
	char message[WORLD_MAPPED];	/* the last one */
};

static const struct pinpage_contract contracts[] = {
	{
		.name = "put_page",
		.title = "get_user_pages + put_page",
		.needs = "get_user_pages put_page",
		.instead = "pin_user_pages(FOLL_LONGTERM), of anonymous memory or memfd only",
	}, {
		.name = "put_user_page",
		.title = "get_user_pages + put_user_pages_dirty_lock",
		.needs = "get_user_pages put_user_pages_dirty_lock",
		.instead = "pin_user_pages(FOLL_LONGTERM), of anonymous memory or memfd only",
	}, {
		.name = "pin",
		.title = "pin_user_pages + unpin_user_pages_dirty_lock",
		.needs = "pin_user_pages unpin_user_pages_dirty_lock",
		.instead = "register anonymous memory or memfd, and write() from there",
	}, {
		.name = "pin-only",
		.title = "pin_user_pages + unpin_user_pages, no dirtying",
		.needs = "pin_user_pages unpin_user_pages",
		.instead = "unpin_user_pages_dirty_lock(pages, nr, true)",
	},
};

/* app registers, peer sends 1, app syncs, peer sends 2, app goes on */
static const struct pinpage_schedule schedules[] = {
	{
		.name = "quiet", .script = "app peer app peer app",
		.why = "nobody but the process itself, which calls fsync in between",
	}, {
		.name = "flush-before-store",
		.script = "app flusher peer app peer app",
		.why = "the flusher cleans the pages before the first message (F-1)",
	}, {
		.name = "flush-between",
		.script = "app peer flusher app peer app",
		.why = "the flusher cleans the pages between the messages (F-1)",
	}, {
		.name = "flush-after-store",
		.script = "app peer app peer flusher app",
		.why = "the flusher comes after the last message",
	}, {
		.name = "strip-between",
		.script = "app peer app reclaim peer app",
		.why = "fsync cleaned the pages, reclaim takes their buffers (F-2)",
	}, {
		.name = "strip-at-end",
		.script = "app peer app peer reclaim app",
		.why = "reclaim comes between the last message and the release (F-2)",
	}, {
		.name = "fsync-between",
		.script = "app peer syncer app peer app",
		.why = "another process calls fsync, too (F-9)",
	}, {
		.name = "truncate-before-store",
		.script = "app truncate peer app peer app",
		.why = "one page of the region is cut off the file (F-6)",
	},
};

static const struct pinpage_schedule live_schedules[] = {
	{
		.name = "quiet", .script = "app peer app peer app",
		.why = "nobody but the process itself",
	}, {
		.name = "flush-between",
		.script = "app peer flusher app peer app",
		.why = "the flusher cleans the pages between the messages",
	}, {
		.name = "strip-between",
		.script = "app peer app reclaim peer app",
		.why = "reclaim takes the buffers of the cleaned pages",
	},
};

/* The region; tells the peer in any case. */
static bool reg(struct pinpage_run *run, struct rdma_state *s)
{
	int error = rdma_umem_reg(s->w.dev, s->w.addr, WORLD_MAPPED, &s->umem);

	s->failed = error != 0;
	/* of a file that was cut, -EFAULT says only that */
	if (error == -EFAULT &&
	    pinpage_i_size_read(s->w.file) == (pinpage_loff_t)WORLD_MAPPED)
		pinpage_run_refused(run, error,
				    "pin_user_pages(FOLL_WRITE | FOLL_LONGTERM) of a file");
	else if (error)
		pinpage_run_note(run, "registration failed: %d", error);
	pinpage_complete(&s->posted[0]);
	return !error;
}

static void sync_file(struct pinpage_run *run, struct rdma_state *s)
{
	s->synced = pinpage_fsync(s->w.file, 0);
	pinpage_run_note(run, "fsync() returned %d", s->synced);
}

/* both messages, with an fsync after the first; the region stays */
static bool receive(struct pinpage_run *run, struct rdma_state *s)
{
	rdma_umem_contract = (int)pinpage_run_contract(run);
	pinpage_use_mm(s->w.mm);
	if (!reg(run, s))
		return false;
	pinpage_wait_for_completion(&s->arrived[0]);
	/* if this one never returns, that is the switch */
	pinpage_run_blame(run, "writeback_pinned");
	sync_file(run, s);
	pinpage_complete(&s->posted[1]);
	pinpage_wait_for_completion(&s->arrived[1]);
	return true;
}

static void dereg(struct rdma_state *s)
{
	rdma_umem_dereg(s->umem);
	pinpage_use_mm(NULL);
}

static void app(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	if (!receive(run, s))
		return;
	dereg(s);
	sync_file(run, s);
}

static void live_app(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	if (!receive(run, s))
		return;
	sync_file(run, s);
	world_power_cut(&s->w);
	dereg(s);
}

/* the adapter does what the peer's packet says */
static int deliver(struct rdma_state *s)
{
	struct pinpage_scatterlist *sg = s->umem->table.sgl;
	const char *from = s->message;
	int error = 0;

	for (; sg && !error; sg = pinpage_sg_next(sg)) {
		error = pinpage_device_write(s->w.dev, sg->dma_address, from,
					     sg->dma_length);
		from += sg->dma_length;
	}
	return error;
}

static void peer(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;
	int i, error;

	for (i = 0; i < MESSAGES; i++) {
		pinpage_wait_for_completion(&s->posted[i]);
		if (s->failed)
			return;
		memset(s->message, '1' + i, sizeof(s->message));
		error = deliver(s);
		if (error)
			pinpage_run_note(run, "message %d: %d", i + 1, error);
		pinpage_complete(&s->arrived[i]);
	}
}

static const struct pinpage_actor actors[] = {
	{ .name = "app", .main = app },
	{ .name = "peer", .main = peer },
	{ .name = "flusher", .main = world_flusher },
	{ .name = "syncer", .main = world_syncer },
	{ .name = "reclaim", .main = world_reclaim },
	{ .name = "truncate", .main = world_truncate },
};

static const struct pinpage_actor live_actors[] = {
	{ .name = "app", .main = live_app },
	{ .name = "peer", .main = peer },
	{ .name = "flusher", .main = world_flusher },
	{ .name = "reclaim", .main = world_reclaim },
};

static int setup(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	(void)run;
	return world_up(&s->w, "hca");
}

static void check(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	/* an error was told to the user: nothing was promised */
	if (!s->failed && !s->synced)
		world_check(&s->w, run, s->message, WORLD_BYTES);
}

static void live_check(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	if (s->w.cut && !s->synced)
		world_check_durable(&s->w, run, s->message, WORLD_BYTES);
}

static void teardown(struct pinpage_run *run, void *state)
{
	struct rdma_state *s = state;

	world_down(&s->w, run);
}

const struct pinpage_scenario rdma_umem_scenario = {
	.name = "rdma-umem",
	.title = "a peer writes into a registered file mapping; deregister, then fsync",
	.contracts = contracts,
	.nr_contracts = sizeof(contracts) / sizeof(contracts[0]),
	.schedules = schedules,
	.nr_schedules = sizeof(schedules) / sizeof(schedules[0]),
	.actors = actors,
	.nr_actors = sizeof(actors) / sizeof(actors[0]),
	.state_size = sizeof(struct rdma_state),
	.memory_pages = 128,
	.setup = setup,
	.check = check,
	.teardown = teardown,
};

const struct pinpage_scenario rdma_umem_live_scenario = {
	.name = "rdma-umem-live",
	.title = "the same, fsync and power cut while the region is registered",
	.contracts = contracts,
	.nr_contracts = sizeof(contracts) / sizeof(contracts[0]),
	.schedules = live_schedules,
	.nr_schedules = sizeof(live_schedules) / sizeof(live_schedules[0]),
	.actors = live_actors,
	.nr_actors = sizeof(live_actors) / sizeof(live_actors[0]),
	.state_size = sizeof(struct rdma_state),
	.memory_pages = 128,
	.setup = setup,
	.check = live_check,
	.teardown = teardown,
};
