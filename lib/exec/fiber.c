// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/fiber.c - deterministic engine: every task a fiber of one thread
 *
 * Which fiber runs is decided at events (when a scheduler is set), when a
 * fiber blocks, ends or yields, and nowhere else. Time stands still until
 * nobody can run; then it jumps to the nearest deadline.
 *
 * I1. Exactly one fiber runs; fb.running and pp_current name it.
 * I2. A fiber is on fb.parked, oldest first, exactly while it is PARKED.
 * I3. A task's engine is its fiber until it ended, then NULL.
 * I4. Nothing here is reentered by a subscriber: events emitted from inside
 *     choose() do not schedule (fb.choosing).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "exec/engine.h"
#include "exec/stack.h"

enum fiber_state { READY, PARKED };

struct fiber {
	struct pp_stack *stack;
	struct task_struct *task;
	enum fiber_state state;
	bool timed_out;
	uint32_t const *word;
	uint64_t deadline;
	struct list_head parked;
	struct fiber *next;		/* in the pool */
};

static struct {
	struct fiber *running;
	struct list_head parked;
	uint64_t now;
	uint64_t switches;
	const struct pp_sched_ops *ops;
	bool choosing;
	bool subscribed;
	unsigned int *ids;		/* room for every task's id */
	size_t nr_ids;
	struct fiber *pool;
} fb;

static struct fiber main_fiber;
static struct pp_stack main_stack;

static struct fiber *fiber_of(const struct task_struct *task)
{
	return task->engine;
}

static bool runnable(const struct task_struct *task)
{
	return task->engine && fiber_of(task)->state == READY;
}

/* the lowest runnable id above @id, else the lowest; NULL if there is none */
static struct fiber *next_after(unsigned int id)
{
	struct task_struct *task, *first = NULL;

	list_for_each_entry(task, &pp_tasks, link) {
		if (!runnable(task))
			continue;
		if (task->id > id)
			return fiber_of(task);
		if (!first)
			first = task;
	}
	return first ? fiber_of(first) : NULL;
}

static struct fiber *ask(int current_id, const struct pinpage_event *event)
{
	struct task_struct *task;
	unsigned int id;
	size_t nr = 0;

	list_for_each_entry(task, &pp_tasks, link)
		if (runnable(task))
			fb.ids[nr++] = task->id;
	if (!nr)
		return NULL;
	fb.choosing = true;
	id = fb.ops->choose(fb.ops->priv, fb.ids, nr, current_id, event);
	fb.choosing = false;
	list_for_each_entry(task, &pp_tasks, link)
		if (task->id == id && runnable(task))
			return fiber_of(task);
	pp_bug("the scheduler chose task %u, which cannot run", id);
}

/* who goes on when the running fiber cannot; NULL if nobody can */
static struct fiber *pick(void)
{
	if (fb.ops && fb.ops->choose)
		return ask(-1, NULL);
	return next_after(fb.running->task->id);
}

static void switch_to(struct fiber *to, bool ends)
{
	struct fiber *from = fb.running;

	if (to == from)
		return;
	fb.switches++;
	fb.running = to;
	pp_current = to->task;
	pp_stack_switch(from->stack, to->stack, ends);
}

/* at every event while a scheduler is set */
static void on_event(struct pinpage_subscriber *self,
		     const struct pinpage_event *event)
{
	(void)self;
	if (fb.choosing || !fb.ops || !pp_exec_up ||
	    fb.running->state != READY || !fb.running->task->engine ||
	    event->kind == PINPAGE_EV_BLOCK ||
	    event->kind == PINPAGE_EV_TASK_END)
		return;
	switch_to(ask((int)fb.running->task->id, event), false);
}

static struct pinpage_subscriber subscriber = {
	.order = PINPAGE_ORDER_SCHEDULE,
	.fn = on_event,
};

static void make_ready(struct fiber *f, bool timed_out)
{
	list_del(&f->parked);
	f->state = READY;
	f->timed_out = timed_out;
	WRITE_ONCE(f->task->parked, NULL);
}

/* nobody can run: to the nearest deadline; false if there is none */
static bool advance_time(void)
{
	struct fiber *f, *next;
	uint64_t nearest = PP_NEVER;

	list_for_each_entry(f, &fb.parked, parked)
		if (f->deadline < nearest)
			nearest = f->deadline;
	if (nearest == PP_NEVER)
		return false;
	fb.now = max(fb.now, nearest);
	list_for_each_entry_safe(f, next, &fb.parked, parked)
		if (f->deadline <= fb.now)
			make_ready(f, true);
	return true;
}

static pp_cold void deadlock(void)
{
	char text[PP_BUG_MSG_MAX - 16];
	struct task_struct *task;
	size_t len = 0;

	if (fb.ops && fb.ops->deadlock && fb.ops->deadlock(fb.ops->priv))
		return;
	text[0] = '\0';
	list_for_each_entry(task, &pp_tasks, link) {
		if (!task->engine || task->kind == PP_TASK_SERVICE)
			continue;
		len += (size_t)snprintf(text + len, sizeof(text) - len,
					"%s%s (task %u) waits for %s",
					len ? "; " : "", task->name, task->id,
					task->blocked_on ? task->blocked_on :
					"an unnamed word");
		if (len >= sizeof(text))
			break;
	}
	pp_bug("deadlock: %s", text);
}

/* the running fiber is parked or ended: let others run */
static void block(bool ends)
{
	struct fiber *next;

	while (!(next = pick()))
		if (!advance_time())
			deadlock();
	switch_to(next, ends);
}

static bool park(const uint32_t *word, uint32_t value, uint64_t deadline)
{
	struct fiber *f = fb.running;
	struct task_struct *task = f->task;

	pp_vrcu_poll();
	if (*word != value)
		return true;
	if (task->kick) {
		task->kick = 0;
		return true;
	}
	if (deadline <= fb.now)
		return false;
	pp_emit(BLOCK, .name = task->blocked_on);
	f->word = word;
	f->deadline = deadline;
	f->timed_out = false;
	f->state = PARKED;
	list_add_tail(&f->parked, &fb.parked);
	WRITE_ONCE(task->parked, word);
	block(false);
	return !f->timed_out;
}

static void unpark(const uint32_t *word, int nr)
{
	struct fiber *f, *next;
	unsigned long woken = 0;

	list_for_each_entry_safe(f, next, &fb.parked, parked) {
		if (f->word != word || nr-- <= 0)
			continue;
		make_ready(f, false);
		woken++;
	}
	if (woken)
		pp_emit(WAKE, .nr = woken);
}

static void kick(struct task_struct *task)
{
	struct fiber *f = fiber_of(task);

	if (!f)
		return;
	if (f->state == PARKED)
		make_ready(f, false);
	else if (f != fb.running)
		task->kick = 1;
}

static void yield(void)
{
	pp_vrcu_poll();
	if (!fb.ops || !fb.ops->choose)
		switch_to(next_after(fb.running->task->id), false);
}

static uint64_t now(void)
{
	return fb.now;
}

/* fibers */

/* @f's task is over: joiners may go on, the stack is free once left */
static void retire(struct fiber *f, bool abandoned)
{
	struct task_struct *task = f->task;

	if (f->state == PARKED) {
		list_del(&f->parked);
		f->state = READY;
	}
	task->engine = NULL;
	WRITE_ONCE(task->parked, NULL);
	task->abandoned = abandoned;
	if (abandoned) {
		task->result = -EINTR;
		task->nr_held = 0;
		task->held_lost = 0;
		task->atomic_depth = 0;
		task->softirq_depth = 0;
		pp_vrcu_forget(task);
	}
	task->ended = 1;
	pp_stack_put(f->stack, abandoned);
	f->next = fb.pool;
	fb.pool = f;
	unpark(&task->ended, INT32_MAX);
}

static void fiber_main(void)
{
	struct task_struct *task = fb.running->task;

	pp_task_run(task);
	while (task->rcu_depth)
		pinpage_rcu_read_unlock();
	pp_vrcu_poll();
	retire(fiber_of(task), false);
	block(true);
}

static int room_for_ids(size_t nr)
{
	unsigned int *ids;

	if (nr <= fb.nr_ids)
		return 0;
	nr = max(nr, fb.nr_ids * 2);
	ids = pp_realloc(fb.ids, nr * sizeof(*ids));
	if (!ids)
		return -ENOMEM;
	fb.ids = ids;
	fb.nr_ids = nr;
	return 0;
}

static int spawn(struct task_struct *task)
{
	struct fiber *f;

	if (room_for_ids(task->id + 1))
		return -ENOMEM;
	f = fb.pool;
	if (f)
		fb.pool = f->next;
	else
		f = pp_alloc(sizeof(*f));
	if (!f)
		return -ENOMEM;
	f->stack = pp_stack_get(fiber_main);
	if (!f->stack) {
		f->next = fb.pool;
		fb.pool = f;
		return -ENOMEM;
	}
	f->task = task;
	f->state = READY;
	f->timed_out = false;
	task->engine = f;
	return 0;
}

static void reap(struct task_struct *task)
{
	(void)task;
}

static int boot(struct task_struct *task)
{
	int err = room_for_ids(16);

	if (err)
		return err;
	pp_stack_thread(&main_stack);
	main_fiber = (struct fiber){ .stack = &main_stack, .task = task };
	task->engine = &main_fiber;
	fb.running = &main_fiber;
	INIT_LIST_HEAD(&fb.parked);
	fb.now = 0;
	fb.switches = 0;
	fb.choosing = false;
	return 0;
}

static void shutdown(struct task_struct *task)
{
	struct fiber *f;

	task->engine = NULL;
	while ((f = fb.pool)) {
		fb.pool = f->next;
		pp_free(f);
	}
	pp_free(fb.ids);
	fb.ids = NULL;
	fb.nr_ids = 0;
	/* fibers abandoned inside a delivery never left it */
	if (pp_stat_mine)
		WRITE_ONCE(pp_stat_mine->delivering, 0);
}

const struct pp_engine_ops pp_fiber_ops = {
	.boot = boot,
	.shutdown = shutdown,
	.park = park,
	.unpark = unpark,
	.kick = kick,
	.spawn = spawn,
	.reap = reap,
	.yield = yield,
	.now = now,
	.synchronize_rcu = pp_vrcu_synchronize,
	.call_rcu = pp_vrcu_call,
	.rcu_barrier = pp_vrcu_barrier,
};

/* control, for explore */

/**
 * pp_sched_set() - who decides which task runs
 * @ops: lives until the next pp_sched_set(); NULL restores the default, under
 *       which events do not switch and a yield goes round
 *
 * Context: task 0, deterministic engine. Locking: none. Return: nothing.
 */
void pp_sched_set(const struct pp_sched_ops *ops)
{
	fb.ops = ops;
	if (ops && ops->choose && !fb.subscribed) {
		memset(&subscriber.kinds, 0xff, sizeof(subscriber.kinds));
		fb.subscribed = !pinpage_subscribe(&subscriber);
	} else if (!ops && fb.subscribed) {
		(void)pinpage_unsubscribe(&subscriber);
		fb.subscribed = false;
	}
}

/**
 * pp_fiber_abandon_self() - the running task never runs again
 *
 * Its locks stay held, its read sections are forgotten, its stack is reused;
 * a join of it returns -EINTR.
 *
 * Context: a task but 0, deterministic engine. Locking: any. Return: never.
 */
void pp_fiber_abandon_self(void)
{
	struct fiber *f = fb.running;

	if (!pp_engine_is_fiber || f == &main_fiber)
		pp_bug("task 0 cannot be abandoned");
	fb.choosing = false;
	pp_emit(TASK_END, .name = f->task->name, .arg = f->task->id,
		.flags = PINPAGE_EVF_ERROR);
	retire(f, true);
	block(true);
	pp_bug("an abandoned task went on");
}

/**
 * pp_fiber_abandon_all() - as pp_fiber_abandon_self(), except: for every task
 * but 0, services included. Called by another task than 0 (from the deadlock
 * hook), the caller goes on until it next blocks.
 *
 * Context: any, deterministic engine. Locking: any. Return: nothing.
 */
void pp_fiber_abandon_all(void)
{
	struct task_struct *task;

	if (!pp_engine_is_fiber)
		return;
	fb.choosing = true;		/* wake-ups below must not switch */
	list_for_each_entry(task, &pp_tasks, link)
		if (task->engine && task->engine != &main_fiber)
			retire(fiber_of(task), true);
	fb.choosing = false;
}

/**
 * pp_fiber_switches() - switches since boot
 *
 * Context: any. Locking: none. Return: the number.
 */
uint64_t pp_fiber_switches(void)
{
	return fb.switches;
}
