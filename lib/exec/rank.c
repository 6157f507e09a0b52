// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/rank.c - the held-lock set of a task, lock ranks, might_sleep
 *
 * I1. held[i].top is the highest rank of held[0..i], so that the check of a
 *     new lock is one comparison.
 * I2. Only the owner of a task touches its held set. A lock that did not fit
 *     (PP_HELD_MAX) is counted in held_lost and released silently.
 */
#include "exec/engine.h"

static void warn_event(const char *text)
{
	pp_emit(WARN, .name = text);
}

/**
 * pp_rank_violation() - tell that a lock is taken in the wrong order
 * @task: the current task, holds at least one lock
 * @lock: the lock about to be taken; @name, @rank: its
 *
 * Context: any. Locking: none. Return: nothing; warns once, emits WARN.
 */
pp_cold void pp_rank_violation(struct task_struct *task, const void *lock,
			       const char *name, enum pinpage_lock_rank rank)
{
	const struct pp_held *held = NULL;
	unsigned int i;

	for (i = task->nr_held; i-- > 0; )
		if (task->held[i].lock == lock) {
			pp_recursion(task, lock, name);
			return;
		}
	for (i = task->nr_held; i-- > 0; )
		if (!held || task->held[i].rank > held->rank)
			held = &task->held[i];
	warn_event("lock order");
	pp_warn_once("lock order: %s takes %s (rank %u) while it holds %s (rank %u)",
		     task->name, name ? name : "a lock", (unsigned int)rank,
		     held->name ? held->name : "a lock",
		     (unsigned int)held->rank);
}

/**
 * pp_recursion() - tell that a task takes a lock that it holds already
 *
 * Context: any. Locking: @task holds @lock. Return: nothing; warns once.
 */
pp_cold void pp_recursion(struct task_struct *task, const void *lock,
			  const char *name)
{
	warn_event("lock recursion");
	pp_warn_once("lock recursion: %s takes %s (%p), which it holds",
		     task->name, name ? name : "a lock", lock);
}

/**
 * pp_not_held() - tell that a lock is released that the task does not hold
 *
 * Context: any. Locking: none. Return: nothing; warns once.
 */
pp_cold void pp_not_held(const void *lock, const char *name)
{
	struct task_struct *task = current;

	warn_event("unlock of a lock not held");
	pp_warn_once("%s releases %s (%p), which it does not hold",
		     task ? task->name : "?", name ? name : "a lock", lock);
}

static void held_recompute(struct task_struct *task, unsigned int from)
{
	unsigned int i, top = from ? task->held[from - 1].top : 0;

	for (i = from; i < task->nr_held; i++) {
		if (task->held[i].rank > top)
			top = task->held[i].rank;
		task->held[i].top = top;
	}
}

/**
 * pp_held_pop_slow() - drop a lock that is not the one taken last
 *
 * Context: any. Locking: none. Return: false if @task does not hold @lock.
 */
bool pp_held_pop_slow(struct task_struct *task, const void *lock)
{
	unsigned int i;

	for (i = task->nr_held; i-- > 0; )
		if (task->held[i].lock == lock)
			break;
	if (i == -1u) {
		if (!task->held_lost)
			return false;
		task->held_lost--;
		return true;
	}
	task->nr_held--;
	for (unsigned int j = i; j < task->nr_held; j++)
		task->held[j] = task->held[j + 1];
	held_recompute(task, i);
	return true;
}

/**
 * pp_lock_acquired() - note a lock that was built outside exec
 * @lock: identity; @name: for reports; @rank: its place in the order
 * @shared: taken for reading; @tried: by a trylock, which may break the order
 *
 * Context: any. Locking: @lock was just taken. Return: nothing.
 */
void pp_lock_acquired(const void *lock, const char *name,
		      enum pinpage_lock_rank rank, bool shared, bool tried)
{
	struct task_struct *task = current;

	if (!tried)
		pp_rank_check(task, lock, name, rank, PP_RANK_STRICT);
	pp_held_push(task, lock, name, rank, shared);
}

/**
 * pp_lock_released() - partner of pp_lock_acquired()
 *
 * Context: any. Locking: @lock is about to be dropped. Return: nothing;
 * warns once if it is not held.
 */
void pp_lock_released(const void *lock)
{
	if (unlikely(!pp_held_pop(current, lock)))
		pp_not_held(lock, NULL);
}

/**
 * pp_lock_handover() - the lock will be released by another task
 * @lock: a bit lock that the caller holds
 *
 * Takes it off the caller's held set, e.g. when the completion of an I/O
 * unlocks the page.
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_lock_handover(const void *lock)
{
	(void)pp_held_pop(current, lock);
}

/**
 * pp_lock_held() - does the current task hold @lock?
 *
 * Context: any. Locking: none. Return: true as well if the set overflowed.
 */
bool pp_lock_held(const void *lock)
{
	struct task_struct *task = current;

	if (!task || task->held_lost)
		return true;
	for (unsigned int i = task->nr_held; i-- > 0; )
		if (task->held[i].lock == lock)
			return true;
	return false;
}

/**
 * pp_locks_held() - how many locks the current task holds
 *
 * Context: any. Locking: none. Return: the number.
 */
unsigned int pp_locks_held(void)
{
	struct task_struct *task = current;

	return task ? task->nr_held + task->held_lost : 0;
}

/**
 * pp_assert_held_at() - see pp_assert_held(): the caller must hold @lock
 *
 * Context: any. Locking: none. Return: only if it is held, else pp_bug().
 */
void pp_assert_held_at(const void *lock, const char *file, int line)
{
	if (unlikely(!pp_lock_held(lock)))
		pp_bug_at(file, line, "lock %p must be held here", lock);
}

enum pinpage_context pinpage_context(void)
{
	struct task_struct *task = current;

	if (!task)
		return PINPAGE_CTX_PROCESS;
	if (task->softirq_depth)
		return PINPAGE_CTX_SOFTIRQ;
	if (task->atomic_depth || task->rcu_depth)
		return PINPAGE_CTX_ATOMIC;
	return PINPAGE_CTX_PROCESS;
}

void pinpage_softirq_enter(void)
{
	struct task_struct *task = current;

	if (task)
		task->softirq_depth++;
}

void pinpage_softirq_exit(void)
{
	struct task_struct *task = current;

	if (!task)
		return;
	if (pp_warn_on_once(!task->softirq_depth))
		return;
	task->softirq_depth--;
}

static pp_cold void sleep_in_atomic(struct task_struct *task)
{
	const char *what = task->softirq_depth ? "softirq" :
			   task->atomic_depth ? "atomic" : "RCU read-side";
	const char *lock = task->nr_held ?
			   task->held[task->nr_held - 1].name : NULL;

	warn_event("sleeping function called from invalid context");
	pp_warn_once("sleeping function called from %s context by %s (last lock: %s)",
		     what, task->name, lock ? lock : "none");
}

bool pinpage_might_sleep(void)
{
	struct task_struct *task = current;

	if (likely(!task || !(task->softirq_depth | task->atomic_depth |
			      task->rcu_depth)))
		return true;
	sleep_in_atomic(task);
	return false;
}
