// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * only.c - what only the model can: m_*()
 */
#include "model.h"

#include <string.h>

/* Pages written, by file. */
#define MAX_FILES	8
static struct { struct address_space *mapping; long writes, skipped; } io[MAX_FILES];

static void on_io(struct pinpage_subscriber *self,
		  const struct pinpage_event *event)
{
	int i;

	(void)self;
	for (i = 0; i < MAX_FILES; i++) {
		if (io[i].mapping && io[i].mapping != event->mapping)
			continue;
		io[i].mapping = event->mapping;
		if (event->kind == PINPAGE_EV_SKIP)
			io[i].skipped++;
		else
			io[i].writes++;
		return;
	}
}

static struct pinpage_subscriber io_sub = {
	.kinds = PINPAGE_EV_BIT(PINPAGE_EV_WB_START) |
		 PINPAGE_EV_BIT(PINPAGE_EV_SKIP),
	.order = PINPAGE_ORDER_TRACE,
	.fn = on_io,
};

static struct {
	void (*fn)(void *arg);
	void *arg;
} every;

static void on_step(struct pinpage_subscriber *self,
		    const struct pinpage_event *event)
{
	(void)self, (void)event;
	every.fn(every.arg);
}

static struct pinpage_subscriber every_sub = {
	.kinds = PINPAGE_EV_ALL,
	.order = PINPAGE_ORDER_TRACE,
	.fn = on_step,
};

void m_every_step(void (*fn)(void *arg), void *arg)
{
	if (every.fn)
		pinpage_unsubscribe(&every_sub);
	every.fn = fn;
	every.arg = arg;
	if (fn)
		pinpage_subscribe(&every_sub);
}

void model_only_begin(void)
{
	memset(io, 0, sizeof(io));
	every.fn = NULL;
	pinpage_subscribe(&io_sub);
}

void model_only_end(void)
{
	pinpage_unsubscribe(&io_sub);
	m_every_step(NULL, NULL);
	pinpage_inject_alloc(0);
}

static long io_count(int fd, bool skipped)
{
	struct address_space *mapping = pinpage_file_mapping(model_file(fd));
	int i;

	for (i = 0; i < MAX_FILES; i++)
		if (io[i].mapping == mapping)
			return skipped ? io[i].skipped : io[i].writes;
	return 0;
}

static long last_skipped;

long m_writeback(int fd, int mode)
{
	struct address_space *mapping = pinpage_file_mapping(model_file(fd));
	long writes = io_count(fd, false), skipped = io_count(fd, true);
	int err = mode == WB_ALL ? pinpage_filemap_write_and_wait(mapping) :
				   pinpage_filemap_flush(mapping);

	last_skipped = io_count(fd, true) - skipped;
	return err ? err : io_count(fd, false) - writes;
}

long m_skipped(int fd)
{
	(void)fd;
	return last_skipped;
}

long m_writes(int fd)
{
	return io_count(fd, false);
}

long m_evict(pg_t page)
{
	return pinpage_reclaim_page(page_of(page));
}

long m_disk(int fd, long off)
{
	unsigned char byte = 0;
	long n = pinpage_durable_read(model_file(fd), &byte, 1, off);

	return n < 0 ? n : n ? byte : -ENODATA;
}

static struct { void (*fn)(void *arg); void *arg; } bodies[MAX_TASKS];

static int body(void *arg)
{
	int nr = (int)(intptr_t)arg;

	bodies[nr].fn(bodies[nr].arg);
	return 0;
}

int m_task(void (*fn)(void *arg), void *arg)
{
	static int next;
	int nr = next++ % MAX_TASKS;

	bodies[nr].fn = fn;
	bodies[nr].arg = arg;
	return model_spawn(body, (void *)(intptr_t)nr, model_cur_nr(), "task");
}

bool m_blocked(int task)
{
	struct model_task *t = model_task(task);

	model_run_task(task, 0);
	return !model_ended(task) && pp_task_blocked(t->task, NULL);
}

bool m_done(int task)
{
	model_run_task(task, 0);
	return model_ended(task);
}

long m_join(int task)
{
	return model_join(task);
}

/* All orders of two tasks with at most three turns: one begins and is
 * interrupted anywhere, the other goes on for as long as it may. */

static int plain_body(void *arg)
{
	void (*fn)(void) = *(void (**)(void))arg;

	fn();
	return 0;
}

long m_orders(void (*setup)(void), void (*a)(void), void (*b)(void),
	      void (*check)(void))
{
	int (*fn[2])(void *) = { plain_body, plain_body };
	void *arg[2] = { &a, &b };
	unsigned long all[2], passed[2], i, j, step;
	long orders = 0;
	int first;

	setup();
	model_race(fn, arg, 0, ~0UL, ~0UL, all);
	check();
	for (first = 0; first < 2; first++) {
		step = all[0] * all[1] / 4000 + 1;
		for (i = 0; i <= all[first]; i++)
			for (j = 1; j <= all[!first]; j += step, orders++) {
				setup();
				model_race(fn, arg, first, i, j, passed);
				check();
			}
	}
	return orders + 1;
}

long m_verdicts(const char *name)
{
	const struct pinpage_verdict *v;
	long n = 0;

	for (v = pinpage_check_first(); v; v = v->next)
		if (!strcmp(v->rule, name))
			n += (long)v->count;
	return n;
}

void m_fail_alloc(long n)
{
	if (n > 1)
		model_missing("more than one failing allocation");
	pinpage_inject_alloc((unsigned long)n);
}
