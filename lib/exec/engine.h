/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_EXEC_ENGINE_H
#define PP_EXEC_ENGINE_H

/*
 * exec/engine.h - what an engine provides, and what the files of exec share
 *
 * Only the exec room includes this. Locks, waits, work and timers are written
 * once over park/unpark; the engines differ in nothing else but how tasks
 * are made, how time passes and how RCU waits.
 */
#include "base/bug.h"
#include "exec/exec.h"

#define PP_NEVER	UINT64_MAX	/* deadline of a wait without timeout */

/**
 * struct pp_engine_ops - one engine
 * @boot:     the calling thread becomes @task, task 0; 0 or -errno
 * @shutdown: the last call; every task but 0 is gone
 * @park:     sleep while *@word == @value, at most until @deadline (PP_NEVER:
 *            no limit); false if the time ran out. Spurious returns allowed
 * @unpark:   wake up to @nr tasks parked on @word, oldest first; the caller
 *            changed *@word before by a full-barrier RMW
 * @kick:     make @task return from the park it is in, or else from its next
 * @spawn:    start @task->fn as a task of its own; 0 or -errno
 * @reap:     @task ended: give back what @spawn took
 * @yield:    let others run
 * @now:      nanoseconds since boot
 * @synchronize_rcu, @call_rcu, @rcu_barrier: as the public functions
 */
struct pp_engine_ops {
	int (*boot)(struct task_struct *task);
	void (*shutdown)(struct task_struct *task);
	bool (*park)(const uint32_t *word, uint32_t value, uint64_t deadline);
	void (*unpark)(const uint32_t *word, int nr);
	void (*kick)(struct task_struct *task);
	int (*spawn)(struct task_struct *task);
	void (*reap)(struct task_struct *task);
	void (*yield)(void);
	uint64_t (*now)(void);
	void (*synchronize_rcu)(void);
	void (*call_rcu)(struct pinpage_rcu_head *head,
			 void (*func)(struct pinpage_rcu_head *head));
	void (*rcu_barrier)(void);
};

extern const struct pp_engine_ops pp_native_ops, pp_fiber_ops;
extern const struct pp_engine_ops *pp_engine;

/* native.c: a lock without events, ranks or task; never held over a wait */
void pp_raw_lock(uint32_t *word);
void pp_raw_unlock(uint32_t *word);
void pp_native_attach_thread(void);

/* task.c */
extern struct list_head pp_tasks;	/* in id order; pp_tasks_lock */
extern uint32_t pp_tasks_lock;
extern bool pp_exec_up;
struct task_struct *pp_task_alloc(const char *name, int (*fn)(void *),
				  void *arg, enum pp_task_kind kind);
struct task_struct *pp_task_spawn(int (*fn)(void *), void *arg,
				  const char *name, enum pp_task_kind kind);
void pp_task_run(struct task_struct *task);
void pp_task_forget(struct task_struct *task);
void pp_task_boot(struct task_struct *task);

/* work.c */
void pp_work_reset(void);
bool pp_work_drain(void);
void pp_work_stop(void);

/* rcu.c: virtual RCU of the deterministic engine */
void pp_vrcu_poll(void);
void pp_vrcu_forget(struct task_struct *task);
void pp_vrcu_synchronize(void);
void pp_vrcu_call(struct pinpage_rcu_head *head,
		  void (*func)(struct pinpage_rcu_head *head));
void pp_vrcu_barrier(void);
/* rcu.c: liburcu */
void pp_urcu_synchronize(void);
void pp_urcu_call(struct pinpage_rcu_head *head,
		  void (*func)(struct pinpage_rcu_head *head));
void pp_urcu_barrier(void);
void pp_urcu_register(void);
void pp_urcu_unregister(void);
void pp_rcu_reset(void);
void pp_rcu_stop(void);

/* work.c */
extern bool pp_work_orphaned;
void pp_work_rescue(void);

/* wait.c */
static inline bool pp_park_on(struct task_struct *task, const char *what,
			      const uint32_t *word, uint32_t value,
			      uint64_t deadline)
{
	bool woken;

	if (unlikely(READ_ONCE(pp_work_orphaned)))
		pp_work_rescue();
	if (task)
		WRITE_ONCE(task->blocked_on, what);
	woken = pp_engine->park(word, value, deadline);
	if (task)
		WRITE_ONCE(task->blocked_on, NULL);
	return woken;
}

/* rank.c */
void pp_rank_violation(struct task_struct *task, const void *lock,
		       const char *name, enum pinpage_lock_rank rank);
void pp_recursion(struct task_struct *task, const void *lock,
		  const char *name);
void pp_not_held(const void *lock, const char *name);
bool pp_held_pop_slow(struct task_struct *task, const void *lock);

enum pp_rank_mode { PP_RANK_STRICT, PP_RANK_SAME_OK };

/**
 * pp_rank_check() - is @rank above all that @task holds?
 *
 * Called before the attempt, so that an inversion is named even if it hangs.
 */
static inline void pp_rank_check(struct task_struct *task, const void *lock,
				 const char *name,
				 enum pinpage_lock_rank rank,
				 enum pp_rank_mode mode)
{
	unsigned int top;

	if (!task || !task->nr_held || rank == PINPAGE_RANK_NONE)
		return;
	top = task->held[task->nr_held - 1].top;
	if (unlikely(mode == PP_RANK_SAME_OK ? rank < top : rank <= top))
		pp_rank_violation(task, lock, name, rank);
}

static inline void pp_held_push(struct task_struct *task, const void *lock,
				const char *name,
				enum pinpage_lock_rank rank, bool shared)
{
	struct pp_held *held;
	unsigned int n, top = rank;

	if (unlikely(!task))
		return;
	n = task->nr_held;
	if (unlikely(n == PP_HELD_MAX)) {
		task->held_lost++;
		return;
	}
	if (n && task->held[n - 1].top > top)
		top = task->held[n - 1].top;
	held = &task->held[n];
	held->lock = lock;
	held->name = name;
	held->rank = rank;
	held->top = top;
	held->shared = shared;
	task->nr_held = n + 1;
}

/* false if @task does not hold @lock */
static inline bool pp_held_pop(struct task_struct *task, const void *lock)
{
	unsigned int n;

	if (unlikely(!task))
		return true;
	n = task->nr_held;
	if (likely(n && task->held[n - 1].lock == lock)) {
		task->nr_held = n - 1;
		return true;
	}
	return pp_held_pop_slow(task, lock);
}

#endif
