// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/work.c - deferred work and timers, each served by one task of its own
 *
 * The services start when first needed. All state is under its queue's raw
 * lock, which is never held over a call out of this file.
 *
 * I1. A work item is pending from schedule_work() until the worker takes it
 *     off the queue; its function may then schedule or free it.
 * I2. One item at a time runs: by the worker, or without one by the task that
 *     flushes or parks.
 * I3. Work that is pending while the worker could not be started is orphaned:
 *     every task that parks or ends tries again.
 * I4. Pending timers are sorted by expiry; equal ones in the order of
 *     mod_timer().
 */
#include "base/err.h"
#include "exec/engine.h"

#define PENDING	1u

struct service {
	uint32_t lock;
	uint32_t seq;			/* changes when there is more to do */
	uint32_t done;			/* changes when something is done */
	struct task_struct *task;
	int (*fn)(void *self);
	const char *name;
};

static int worker(void *arg);
static int timers(void *arg);

static struct service wq = { .fn = worker, .name = "kworker" };
static struct pinpage_work *wq_head, **wq_tail = &wq_head;
static struct pinpage_work *wq_running;
static struct task_struct *wq_runner;	/* the task that runs it; wq.lock writes */

static struct service tm = { .fn = timers, .name = "ktimer" };
static struct pinpage_timer *tm_head, *tm_running;

bool pp_work_orphaned;

static void bump(uint32_t *word)
{
	uint32_t old = READ_ONCE(*word);

	while (!try_cmpxchg(word, &old, old + 1))
		;
	pp_engine->unpark(word, INT32_MAX);
}

/* false without memory for the task; then nothing serves the queue */
static bool service_start(struct service *s)
{
	struct task_struct *task;

	if (likely(READ_ONCE(s->task)))
		return true;
	pp_raw_lock(&s->lock);
	task = s->task;
	if (!task) {
		task = pp_task_spawn(s->fn, s, s->name, PP_TASK_SERVICE);
		if (!IS_ERR(task))
			WRITE_ONCE(s->task, task);
	}
	pp_raw_unlock(&s->lock);
	return !IS_ERR(task);
}

static void service_stop(struct service *s)
{
	struct task_struct *task = s->task;

	if (task)
		(void)pinpage_kthread_stop(task);
	WRITE_ONCE(s->task, NULL);
}

/* work */

/* run one item; false if there was none, then *@seen is the queue's state */
static bool work_one(uint32_t *seen)
{
	struct pinpage_work *work;

	pp_raw_lock(&wq.lock);
	*seen = READ_ONCE(wq.seq);
	work = wq_running ? NULL : wq_head;
	if (work) {
		wq_head = work->next;
		if (!wq_head)
			wq_tail = &wq_head;
		work->next = NULL;
		work->state &= ~PENDING;
		wq_running = work;
		WRITE_ONCE(wq_runner, current);
	}
	pp_raw_unlock(&wq.lock);
	if (!work)
		return false;
	work->func(work);
	pp_raw_lock(&wq.lock);
	wq_running = NULL;
	WRITE_ONCE(wq_runner, NULL);
	pp_raw_unlock(&wq.lock);
	bump(&wq.done);
	bump(&wq.seq);		/* a worker may have come up meanwhile */
	return true;
}

/* may a work function be called from here? */
static bool can_run_work(const struct task_struct *task)
{
	return task && !task->nr_held && !task->held_lost &&
	       !task->atomic_depth && !task->softirq_depth && !task->rcu_depth;
}

/**
 * pp_work_rescue() - pending work gets its worker, or the caller works itself
 *
 * Context: any; work functions are called only from process context by a task
 * that holds no lock. Locking: none. Return: nothing.
 */
pp_cold void pp_work_rescue(void)
{
	struct task_struct *task = current;
	uint32_t seen;

	WRITE_ONCE(pp_work_orphaned, false);
	if (service_start(&wq))
		return;
	while (can_run_work(task) && work_one(&seen))
		;
	if (READ_ONCE(wq_head))
		WRITE_ONCE(pp_work_orphaned, true);
}

static int worker(void *arg)
{
	uint32_t seen;

	(void)arg;
	for (;;) {
		if (work_one(&seen))
			continue;
		if (pinpage_kthread_should_stop())
			return 0;
		pp_park_on(current, "idle", &wq.seq, seen, PP_NEVER);
	}
}

void pinpage_init_work(struct pinpage_work *work,
		       void (*func)(struct pinpage_work *))
{
	*work = (struct pinpage_work){ .func = func };
}

bool pinpage_schedule_work(struct pinpage_work *work)
{
	if (!READ_ONCE(pp_exec_up) || !work->func) {
		pp_warn_once("schedule_work() without a machine or a function");
		return false;
	}
	pp_raw_lock(&wq.lock);
	if (work->state & PENDING) {
		pp_raw_unlock(&wq.lock);
		return false;
	}
	work->state |= PENDING;
	work->next = NULL;
	*wq_tail = work;
	wq_tail = &work->next;
	pp_raw_unlock(&wq.lock);
	bump(&wq.seq);
	if (!service_start(&wq))
		WRITE_ONCE(pp_work_orphaned, true);
	return true;
}

/* is @work, or any for NULL, pending or running? */
static bool work_busy(const struct pinpage_work *work, uint32_t *done)
{
	bool busy;

	pp_raw_lock(&wq.lock);
	*done = READ_ONCE(wq.done);
	if (work)
		busy = (work->state & PENDING) || wq_running == work;
	else
		busy = wq_head || wq_running;
	pp_raw_unlock(&wq.lock);
	return busy;
}

static void work_wait(const struct pinpage_work *work)
{
	struct task_struct *task = current;
	uint32_t done, seen;

	if (task && (task == READ_ONCE(wq.task) ||
		     task == READ_ONCE(wq_runner))) {
		pp_warn_once("flush_work() from a work function");
		return;
	}
	while (work_busy(work, &done)) {
		if (!READ_ONCE(wq.task) && work_one(&seen))
			continue;
		pp_park_on(task, "flush_work", &wq.done, done, PP_NEVER);
	}
}

void pinpage_flush_work(struct pinpage_work *work)
{
	(void)pinpage_might_sleep();
	work_wait(work);
}

/* timers */

static void timer_insert(struct pinpage_timer *timer)
{
	struct pinpage_timer **at = &tm_head;

	while (*at && (*at)->expires <= timer->expires)
		at = &(*at)->next;
	timer->next = *at;
	*at = timer;
	timer->state |= PENDING;
}

/* false if it was not pending */
static bool timer_remove(struct pinpage_timer *timer)
{
	struct pinpage_timer **at = &tm_head;

	if (!(timer->state & PENDING))
		return false;
	while (*at && *at != timer)
		at = &(*at)->next;
	if (*at)
		*at = timer->next;
	timer->state &= ~PENDING;
	return true;
}

/* run what has expired; *@next is the next expiry */
static bool timer_one(uint32_t *seen, uint64_t *next)
{
	struct pinpage_timer *timer;

	pp_raw_lock(&tm.lock);
	*seen = READ_ONCE(tm.seq);
	timer = tm_head;
	*next = timer ? timer->expires : PP_NEVER;
	if (timer && timer->expires <= pp_engine->now()) {
		(void)timer_remove(timer);
		tm_running = timer;
	} else {
		timer = NULL;
	}
	pp_raw_unlock(&tm.lock);
	if (!timer)
		return false;
	pinpage_softirq_enter();
	timer->func(timer);
	pinpage_softirq_exit();
	pp_raw_lock(&tm.lock);
	tm_running = NULL;
	pp_raw_unlock(&tm.lock);
	bump(&tm.done);
	return true;
}

static int timers(void *arg)
{
	uint64_t next;
	uint32_t seen;

	(void)arg;
	while (!pinpage_kthread_should_stop()) {
		if (!timer_one(&seen, &next))
			pp_park_on(current, "idle", &tm.seq, seen, next);
	}
	return 0;
}

void pinpage_timer_setup(struct pinpage_timer *timer,
			 void (*func)(struct pinpage_timer *))
{
	*timer = (struct pinpage_timer){ .func = func };
}

void pinpage_mod_timer(struct pinpage_timer *timer, uint64_t expires_ns)
{
	if (!READ_ONCE(pp_exec_up) || !timer->func) {
		pp_warn_once("mod_timer() without a machine or a function");
		return;
	}
	if (!service_start(&tm)) {
		pp_warn_once("no memory for the timer task");
		return;
	}
	pp_raw_lock(&tm.lock);
	(void)timer_remove(timer);
	timer->expires = expires_ns;
	timer_insert(timer);
	pp_raw_unlock(&tm.lock);
	bump(&tm.seq);
}

int pinpage_del_timer_sync(struct pinpage_timer *timer)
{
	struct task_struct *task = current;
	uint32_t done;
	bool pending, running;

	(void)pinpage_might_sleep();
	pp_raw_lock(&tm.lock);
	pending = timer_remove(timer);
	pp_raw_unlock(&tm.lock);
	if (task && task == READ_ONCE(tm.task)) {
		if (READ_ONCE(tm_running) == timer)
			pp_warn_once("del_timer_sync() from its own function");
		return pending;
	}
	for (;;) {
		pp_raw_lock(&tm.lock);
		done = READ_ONCE(tm.done);
		running = tm_running == timer;
		pp_raw_unlock(&tm.lock);
		if (!running)
			return pending;
		pp_park_on(task, "del_timer_sync", &tm.done, done, PP_NEVER);
	}
}

/* life */

/**
 * pp_work_reset() - boot: empty queues, no service
 *
 * Context: boot. Locking: none. Return: nothing.
 */
void pp_work_reset(void)
{
	wq_head = NULL;
	wq_tail = &wq_head;
	wq_running = NULL;
	wq_runner = NULL;
	pp_work_orphaned = false;
	tm_head = NULL;
	tm_running = NULL;
	wq.task = NULL;
	tm.task = NULL;
}

/**
 * pp_work_drain() - run all pending work
 *
 * Context: shutdown. Locking: none. Return: true if there was any.
 */
bool pp_work_drain(void)
{
	uint32_t done;

	if (wq.task && wq.task->ended)
		return false;		/* abandoned after a hang */
	if (!work_busy(NULL, &done))
		return false;
	work_wait(NULL);
	return true;
}

/**
 * pp_work_stop() - end the services; pending timers are dropped
 *
 * Context: shutdown. Locking: none. Return: nothing.
 */
void pp_work_stop(void)
{
	struct pinpage_timer *timer;

	pp_raw_lock(&tm.lock);
	while ((timer = tm_head))
		(void)timer_remove(timer);
	pp_raw_unlock(&tm.lock);
	service_stop(&tm);
	service_stop(&wq);
}
