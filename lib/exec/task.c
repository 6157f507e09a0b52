// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/task.c - tasks: creation, names, stop; boot and shutdown
 *
 * I1. pp_tasks lists every task of the machine by increasing id. It changes
 *     under pp_tasks_lock; under the deterministic engine nothing interrupts
 *     a holder, so that the lock is always free.
 * I2. A kthread is freed by the one that joins it, or by shutdown once it
 *     ended; a foreign thread's task at the end of the thread or by shutdown,
 *     whichever comes first; the latter clears that thread's pp_current.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/err.h"
#include "exec/engine.h"

pp_thread_local struct task_struct *pp_current;
bool pp_machine_up;
bool pp_exec_up;
bool pp_engine_is_fiber;
const struct pp_engine_ops *pp_engine = &pp_native_ops;

LIST_HEAD(pp_tasks);
uint32_t pp_tasks_lock;

static struct task_struct boot_task;
static unsigned int next_id;

/**
 * pp_up_or_warn() - see pp_ready(): tell that @func came too early or too late
 *
 * Context: any. Locking: none. Return: true if the machine is up.
 */
pp_cold bool pp_up_or_warn(const char *func)
{
	if (READ_ONCE(pp_machine_up))
		return true;
	pp_warn_once("%s() called before boot or after shutdown", func);
	return false;
}

static void task_init(struct task_struct *task, const char *name,
		      enum pp_task_kind kind)
{
	memset(task, 0, offsetof(struct task_struct, held));
	task->kind = kind;
	snprintf(task->name, sizeof(task->name), "%s", name);
}

static void task_link(struct task_struct *task)
{
	pp_raw_lock(&pp_tasks_lock);
	task->id = next_id++;
	if (task->kind == PP_TASK_FOREIGN)
		snprintf(task->name, sizeof(task->name), "thread-%u", task->id);
	list_add_tail(&task->link, &pp_tasks);
	pp_raw_unlock(&pp_tasks_lock);
}

/**
 * pp_task_forget() - take @task off the list and free it
 * @task: not the booting task; ended or a foreign thread's
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_task_forget(struct task_struct *task)
{
	pp_raw_lock(&pp_tasks_lock);
	list_del(&task->link);
	pp_raw_unlock(&pp_tasks_lock);
	pp_free(task);
}

/**
 * pp_current_attach() - give the calling thread a task
 *
 * Context: any. Locking: none.
 * Return: the task; NULL before boot, after shutdown or without memory.
 */
pp_cold struct task_struct *pp_current_attach(void)
{
	struct task_struct *task;

	if (!READ_ONCE(pp_exec_up))
		return NULL;
	if (pp_engine_is_fiber)
		pp_bug("a second thread entered the deterministic engine");
	task = pp_zalloc(sizeof(*task));
	if (!task) {
		pp_warn_once("no memory for the task of a thread");
		return NULL;
	}
	task_init(task, "thread", PP_TASK_FOREIGN);
	task->slot = &pp_current;
	pp_native_attach_thread();
	task_link(task);
	pp_current = task;
	return task;
}

/**
 * pp_task_spawn() - make a task that runs @fn(@arg)
 * @name: copied; @kind: PP_TASK_KTHREAD or PP_TASK_SERVICE
 *
 * Context: any. Locking: none.
 * Return: the task, or ERR_PTR(): -ENOMEM, -EAGAIN (no thread to be had).
 */
struct task_struct *pp_task_spawn(int (*fn)(void *), void *arg,
				  const char *name, enum pp_task_kind kind)
{
	struct task_struct *task = pp_alloc(sizeof(*task));
	int err;

	if (!task)
		return ERR_PTR(-ENOMEM);
	task_init(task, name, kind);
	task->fn = fn;
	task->arg = arg;
	task_link(task);
	err = pp_engine->spawn(task);
	if (err) {
		pp_raw_lock(&pp_tasks_lock);
		if (task->id + 1 == next_id)
			next_id--;
		pp_raw_unlock(&pp_tasks_lock);
		pp_task_forget(task);
		return ERR_PTR(err);
	}
	return task;
}

/**
 * pp_task_run() - body of a new task, in its own context
 *
 * Context: the new task. Locking: none. Return: nothing; the engine sets
 * @task->ended afterwards.
 */
void pp_task_run(struct task_struct *task)
{
	pp_emit(TASK_START, .name = task->name, .arg = task->id);
	task->result = task->fn(task->arg);
	if (task->nr_held)
		pp_warn_once("%s ends with %u locks held (%s)", task->name,
			     task->nr_held,
			     task->held[task->nr_held - 1].name);
	if (unlikely(READ_ONCE(pp_work_orphaned)))
		pp_work_rescue();
	pp_emit(TASK_END, .name = task->name, .arg = task->id);
}

/* public: see exec.h */

struct task_struct *pinpage_current(void)
{
	return current;
}

struct mm_struct *pinpage_current_mm(void)
{
	struct task_struct *task = current;

	return task ? task->mm : NULL;
}

unsigned int pinpage_task_id(const struct task_struct *task)
{
	return task ? task->id : 0;
}

const char *pinpage_task_name(const struct task_struct *task)
{
	return task ? task->name : "none";
}

struct task_struct *pinpage_kthread_run(int (*fn)(void *arg), void *arg,
					const char *name)
{
	if (!READ_ONCE(pp_exec_up)) {
		pp_warn_once("kthread_run() before boot or after shutdown");
		return ERR_PTR(-EINVAL);
	}
	if (!fn || !name) {
		pp_warn_once("kthread_run() without a function or a name");
		return ERR_PTR(-EINVAL);
	}
	return pp_task_spawn(fn, arg, name, PP_TASK_KTHREAD);
}

int pinpage_kthread_join(struct task_struct *task)
{
	struct task_struct *self = current;
	int result;

	if (IS_ERR_OR_NULL(task) || task == self ||
	    (task->kind != PP_TASK_KTHREAD && task->kind != PP_TASK_SERVICE)) {
		pp_warn_once("join of %p, which is not another kthread",
			     (void *)task);
		return -EINVAL;
	}
	(void)pinpage_might_sleep();
	while (!smp_load_acquire(&task->ended))
		pp_park_on(self, task->name, &task->ended, 0, PP_NEVER);
	pp_engine->reap(task);
	result = task->result;
	pp_task_forget(task);
	return result;
}

int pinpage_kthread_stop(struct task_struct *task)
{
	if (!IS_ERR_OR_NULL(task) && task != current) {
		WRITE_ONCE(task->stop, true);
		pp_engine->kick(task);
	}
	return pinpage_kthread_join(task);
}

bool pinpage_kthread_should_stop(void)
{
	struct task_struct *task = current;

	return task && READ_ONCE(task->stop);
}

void pinpage_yield(const char *point)
{
	pp_emit(YIELD, .name = point);
	pp_engine->yield();
}

void pinpage_cond_resched(void)
{
	pp_emit(YIELD, .name = "cond-resched");
	if (pp_engine_is_fiber)
		pp_engine->yield();
}

uint64_t pinpage_ktime_get_ns(void)
{
	return pp_engine->now();
}

void pinpage_msleep(unsigned int msecs)
{
	static const uint32_t never_changes;
	uint64_t deadline = pp_engine->now() + msecs * UINT64_C(1000000);

	(void)pinpage_might_sleep();
	while (pp_engine->now() < deadline)
		pp_park_on(current, "msleep", &never_changes, 0, deadline);
}

/**
 * pp_task_by_id() - find a task
 *
 * Context: any. Locking: none; the task may go when it is joined.
 * Return: the task or NULL.
 */
struct task_struct *pp_task_by_id(unsigned int id)
{
	struct task_struct *task, *found = NULL;

	pp_raw_lock(&pp_tasks_lock);
	list_for_each_entry(task, &pp_tasks, link)
		if (task->id == id) {
			found = task;
			break;
		}
	pp_raw_unlock(&pp_tasks_lock);
	return found;
}

/**
 * pp_task_blocked() - is @task parked, and on what?
 * @on: out, NULL allowed: name of the lock or wait, or NULL if it has none
 *
 * Context: any. Locking: none. Return: true if parked.
 */
bool pp_task_blocked(const struct task_struct *task, const char **on)
{
	if (!READ_ONCE(task->parked))
		return false;
	if (on)
		*on = READ_ONCE(task->blocked_on);
	return true;
}

/**
 * pp_exec_boot() - bring up tasks, locks, RCU; the caller becomes task 0
 *
 * Context: process, outside any task. Locking: none.
 * Return: 0; -EBUSY if it is up; -EINVAL unknown engine; -ENOMEM, -EAGAIN.
 */
int pp_exec_boot(enum pinpage_engine engine)
{
	int err;

	if (pp_exec_up)
		return -EBUSY;
	if (engine != PINPAGE_ENGINE_NATIVE && engine != PINPAGE_ENGINE_FIBER)
		return -EINVAL;
	pp_engine_is_fiber = engine == PINPAGE_ENGINE_FIBER;
	pp_engine = pp_engine_is_fiber ? &pp_fiber_ops : &pp_native_ops;
	next_id = 0;
	INIT_LIST_HEAD(&pp_tasks);
	task_init(&boot_task, "main", PP_TASK_BOOT);
	boot_task.slot = &pp_current;
	pp_rcu_reset();
	pp_work_reset();
	err = pp_engine->boot(&boot_task);
	if (err) {
		pp_engine_is_fiber = false;
		pp_engine = &pp_native_ops;
		return err;
	}
	task_link(&boot_task);
	pp_current = &boot_task;
	WRITE_ONCE(pp_exec_up, true);
	return 0;
}

/* a kthread that nobody joined: ask, wait a second, else give it up */
static bool wait_ended(struct task_struct *task)
{
	uint64_t deadline = pp_engine->now() + UINT64_C(1000000000);

	pp_warn("%s (task %u) still runs at shutdown", task->name, task->id);
	if (pp_engine_is_fiber)
		return false;
	WRITE_ONCE(task->stop, true);
	WRITE_ONCE(task->killed, true);
	pp_engine->kick(task);
	while (!smp_load_acquire(&task->ended))
		if (!pp_park_timeout(&task->ended, 0, deadline))
			return READ_ONCE(task->ended);
	return true;
}

static void reap_kthreads(void)
{
	struct task_struct *task, *next;
	bool alive = false;

	list_for_each_entry_safe(task, next, &pp_tasks, link) {
		if (task->kind != PP_TASK_KTHREAD)
			continue;
		if (!smp_load_acquire(&task->ended) && !wait_ended(task)) {
			alive = true;
			continue;
		}
		pp_engine->reap(task);
		pp_task_forget(task);
	}
	if (!alive || !pp_engine_is_fiber)
		return;
	pp_fiber_abandon_all();
	list_for_each_entry_safe(task, next, &pp_tasks, link)
		if (task->kind == PP_TASK_KTHREAD) {
			pp_engine->reap(task);
			pp_task_forget(task);
		}
}

/* what is left are task 0, foreign threads, and kthreads that do not end */
static void drop_tasks(void)
{
	struct task_struct *task, *next;

	pp_raw_lock(&pp_tasks_lock);
	list_for_each_entry_safe(task, next, &pp_tasks, link) {
		list_del(&task->link);
		if (task->slot)
			WRITE_ONCE(*task->slot, NULL);
		if (task->kind == PP_TASK_FOREIGN)
			pp_free(task);
	}
	pp_raw_unlock(&pp_tasks_lock);
}

/**
 * pp_exec_shutdown() - take down what pp_exec_boot() brought up
 *
 * Runs pending work and RCU callbacks first; pending timers are dropped.
 * A kthread that still runs is warned about by name, then asked to stop
 * (native) or abandoned (deterministic).
 *
 * Context: process, the booting task; no lock held. Locking: none.
 * Return: nothing; warns if it is not up.
 */
void pp_exec_shutdown(void)
{
	if (!pp_exec_up) {
		pp_warn_once("exec shut down twice");
		return;
	}
	pp_sched_set(NULL);
	boot_task.softirq_depth = 0;
	boot_task.atomic_depth = 0;
	reap_kthreads();
	do
		pp_engine->rcu_barrier();
	while (pp_work_drain());
	pp_work_stop();
	pp_rcu_stop();
	WRITE_ONCE(pp_exec_up, false);
	drop_tasks();
	pp_engine->shutdown(&boot_task);
	pp_engine = &pp_native_ops;
	pp_engine_is_fiber = false;
	pp_current = NULL;
}
