/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec.h - tasks, locks, waiting, work, timers and RCU of the machine
 *
 * Two engines stand behind the same calls: native (threads of the host) and
 * deterministic (every task a fiber of one thread; RCU and time are virtual).
 *
 * Rules for callers:
 * - Between boot and shutdown only. Before and after, a call that needs a
 *   task warns once and does nothing; locks of one thread still work.
 * - Natively, any thread may call; it becomes a task at its first call and
 *   is one until it ends or the machine is shut down. Under the
 *   deterministic engine only the booting thread and its fibers may.
 * - A lock is released by the task that took it. Take locks in the order of
 *   enum pinpage_lock_rank; an inversion is warned about once.
 * - "may sleep" below means: in PINPAGE_CTX_PROCESS only, not under a
 *   spinlock, with irqs off, in softirq or in an RCU read section; else a
 *   warning, once. The call goes on nevertheless.
 * - Misuse of any kind is a warning with the values, once a place.
 * Mirrors: include/linux/{spinlock,mutex,rwsem,completion,wait,kthread,
 * sched,workqueue,timer,rcupdate}.h
 */
#ifndef PINPAGE_EXEC_H
#define PINPAGE_EXEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;
struct task_struct;		/* opaque */

enum pinpage_engine {
	PINPAGE_ENGINE_NATIVE,
	PINPAGE_ENGINE_FIBER,	/* deterministic */
};

/*
 * Lock ranks: a task may take a lock only of a higher rank than those it holds
 * (equal ranks only where the lock says so). The order is the kernel's
 * (mm/rmap.c, mm/filemap.c). RANK_NONE is never checked (drivers' own locks).
 */
enum pinpage_lock_rank {
	PINPAGE_RANK_NONE,
	PINPAGE_RANK_INODE,		/* inode->i_rwsem */
	PINPAGE_RANK_MMAP,		/* mm->mmap_lock */
	PINPAGE_RANK_INVALIDATE,	/* mapping->invalidate_lock */
	PINPAGE_RANK_PAGE,		/* page lock */
	PINPAGE_RANK_I_MMAP,		/* mapping->i_mmap_rwsem */
	PINPAGE_RANK_ANON_VMA,		/* anon_vma->rwsem */
	PINPAGE_RANK_PTE,		/* page-table lock */
	PINPAGE_RANK_I_PAGES,		/* mapping->i_pages lock */
	PINPAGE_RANK_FS,		/* a file system's own */
	PINPAGE_RANK_LRU,		/* LRU lists */
	PINPAGE_RANK_ZONE,		/* buddy allocator */
	PINPAGE_RANK_LEDGER,		/* checkers; innermost */
	PINPAGE_NR_RANKS
};

/* What kind of context a task is in; sleeping is legal in PROCESS only. */
enum pinpage_context {
	PINPAGE_CTX_PROCESS,
	PINPAGE_CTX_SOFTIRQ,
	PINPAGE_CTX_ATOMIC,
};

/*
 * Static initialisers are all zero plus a name; sizes are part of the ABI.
 * Members are the library's. A name lives as long as its lock.
 */
typedef struct {
	uint32_t word;
	uint16_t rank;
	uint16_t flags;
	const char *name;
	struct task_struct *owner;
} pinpage_spinlock_t;

struct pinpage_mutex {
	uint32_t word;
	uint16_t rank;
	uint16_t flags;
	const char *name;
	struct task_struct *owner;
};

struct pinpage_rwsem {
	uint32_t word;
	uint32_t waiters;
	uint16_t rank;
	uint16_t flags;
	const char *name;
	struct task_struct *owner;
};

struct pinpage_completion { uint32_t done; };
typedef struct { uint32_t seq; } pinpage_wait_queue_head_t;
struct pinpage_seqcount { uint32_t sequence; };
struct pinpage_rcu_head { void *opaque[2]; };

#define PINPAGE_MUTEX_INIT(n)	{ .rank = PINPAGE_RANK_NONE, .name = #n }
#define PINPAGE_SPINLOCK_INIT(n) { .rank = PINPAGE_RANK_NONE, .name = #n }

/* spinlock */

/**
 * pinpage_spin_lock_init() - make a spinlock that is free and has no rank
 * @lock: not held; the caller's memory
 * @name: for reports; lives as long as @lock
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/spinlock.h:spin_lock_init(). Since: 0.1
 */
PINPAGE_API void pinpage_spin_lock_init(pinpage_spinlock_t *lock, const char *name);

/**
 * pinpage_spin_lock() - take a spinlock
 * @lock: initialised; not held by the caller (warned about)
 *
 * The caller is in atomic context until the release.
 *
 * Context: any. Locking: @lock held on return.
 * Order:   an acquire; partner of pinpage_spin_unlock()
 * Mirrors: include/linux/spinlock.h:spin_lock(); differs: a waiter
 *          that spun for a while sleeps. Since: 0.1
 */
PINPAGE_API void pinpage_spin_lock(pinpage_spinlock_t *lock);

/**
 * pinpage_spin_trylock() - as pinpage_spin_lock(), except: does not wait, and
 * may break the order of ranks
 *
 * Context: any. Locking: none.
 * Return:  1 if taken, 0 if somebody holds it
 * Mirrors: include/linux/spinlock.h:spin_trylock(). Since: 0.1
 */
PINPAGE_API int pinpage_spin_trylock(pinpage_spinlock_t *lock);

/**
 * pinpage_spin_unlock() - release a spinlock
 * @lock: held by the caller; else a warning, and nothing happens
 *
 * Context: any. Locking: @lock is not held on return.
 * Order:   a release
 * Mirrors: include/linux/spinlock.h:spin_unlock(). Since: 0.1
 */
PINPAGE_API void pinpage_spin_unlock(pinpage_spinlock_t *lock);

/**
 * pinpage_spin_lock_irqsave() - as pinpage_spin_lock(), except: for code that
 * interrupts may enter; there are none here, so that it is the same
 *
 * Context: any. Locking: @lock held on return.
 * Return:  flags for pinpage_spin_unlock_irqrestore()
 * Mirrors: include/linux/spinlock.h:spin_lock_irqsave(); differs: a
 *          function, the macro of map.h stores the flags. Since: 0.1
 */
PINPAGE_API unsigned long pinpage_spin_lock_irqsave(pinpage_spinlock_t *lock);

/**
 * pinpage_spin_unlock_irqrestore() - partner of pinpage_spin_lock_irqsave()
 *
 * Context: any. Locking: @lock is not held on return.
 * Mirrors: include/linux/spinlock.h:spin_unlock_irqrestore(). Since: 0.1
 */
PINPAGE_API void pinpage_spin_unlock_irqrestore(pinpage_spinlock_t *lock,
						unsigned long flags);

/* mutex */

/**
 * pinpage_mutex_init() - as pinpage_spin_lock_init(), except: for a mutex
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/mutex.h:mutex_init(). Since: 0.1
 */
PINPAGE_API void pinpage_mutex_init(struct pinpage_mutex *lock, const char *name);

/**
 * pinpage_mutex_lock() - take a mutex
 * @lock: initialised; not held by the caller (warned about)
 *
 * Context: process; may sleep. Locking: @lock held on return.
 * Order:   an acquire
 * Mirrors: kernel/locking/mutex.c:mutex_lock(). Since: 0.1
 */
PINPAGE_API void pinpage_mutex_lock(struct pinpage_mutex *lock);

/**
 * pinpage_mutex_trylock() - as pinpage_mutex_lock(), except: does not wait,
 * and may break the order of ranks
 *
 * Context: any. Locking: none.
 * Return:  1 if taken, 0 if somebody holds it
 * Mirrors: kernel/locking/mutex.c:mutex_trylock(). Since: 0.1
 */
PINPAGE_API int pinpage_mutex_trylock(struct pinpage_mutex *lock);

/**
 * pinpage_mutex_unlock() - release a mutex
 * @lock: held by the caller; else a warning, and nothing happens
 *
 * Context: any. Locking: @lock is not held on return.
 * Order:   a release
 * Mirrors: kernel/locking/mutex.c:mutex_unlock(). Since: 0.1
 */
PINPAGE_API void pinpage_mutex_unlock(struct pinpage_mutex *lock);

/* read-write semaphore */

/**
 * pinpage_init_rwsem() - as pinpage_spin_lock_init(), except: for an rwsem
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/rwsem.h:init_rwsem(). Since: 0.1
 */
PINPAGE_API void pinpage_init_rwsem(struct pinpage_rwsem *sem, const char *name);

/**
 * pinpage_down_read() - take for reading, beside other readers
 * @sem: initialised; not held by the caller (warned about)
 *
 * A waiting writer goes first; it lets at least one reader follow.
 *
 * Context: process; may sleep. Locking: @sem held for reading on return.
 * Order:   an acquire
 * Mirrors: kernel/locking/rwsem.c:down_read(). Since: 0.1
 */
PINPAGE_API void pinpage_down_read(struct pinpage_rwsem *sem);

/**
 * pinpage_down_read_trylock() - as pinpage_down_read(), except: does not wait,
 * and may break the order of ranks
 *
 * Context: any. Locking: none.
 * Return:  1 if taken, 0 if a writer is in or waits
 * Mirrors: kernel/locking/rwsem.c:down_read_trylock(). Since: 0.1
 */
PINPAGE_API int pinpage_down_read_trylock(struct pinpage_rwsem *sem);

/**
 * pinpage_up_read() - release what was taken for reading
 * @sem: held for reading; else a warning
 *
 * Context: any. Locking: @sem is not held on return.
 * Order:   a release
 * Mirrors: kernel/locking/rwsem.c:up_read(). Since: 0.1
 */
PINPAGE_API void pinpage_up_read(struct pinpage_rwsem *sem);

/**
 * pinpage_down_write() - take for writing, alone
 * @sem: initialised; not held by the caller (warned about)
 *
 * Context: process; may sleep. Locking: @sem held for writing on return.
 * Order:   an acquire
 * Mirrors: kernel/locking/rwsem.c:down_write(). Since: 0.1
 */
PINPAGE_API void pinpage_down_write(struct pinpage_rwsem *sem);

/**
 * pinpage_down_write_trylock() - as pinpage_down_write(), except: does not
 * wait, and may break the order of ranks
 *
 * Context: any. Locking: none.
 * Return:  1 if taken, 0 if somebody holds it
 * Mirrors: kernel/locking/rwsem.c:down_write_trylock(). Since: 0.1
 */
PINPAGE_API int pinpage_down_write_trylock(struct pinpage_rwsem *sem);

/**
 * pinpage_up_write() - release what was taken for writing
 * @sem: held for writing by the caller; else a warning, and nothing
 *       happens
 *
 * Context: any. Locking: @sem is not held on return.
 * Order:   a release
 * Mirrors: kernel/locking/rwsem.c:up_write(). Since: 0.1
 */
PINPAGE_API void pinpage_up_write(struct pinpage_rwsem *sem);

/**
 * pinpage_downgrade_write() - go on as a reader, letting no writer between
 * @sem: as for pinpage_up_write()
 *
 * Context: any. Locking: held for writing before, for reading on return.
 * Order:   a release
 * Mirrors: kernel/locking/rwsem.c:downgrade_write(). Since: 0.1
 */
PINPAGE_API void pinpage_downgrade_write(struct pinpage_rwsem *sem);

/* completion */

/**
 * pinpage_init_completion() - nothing is complete; also for another round
 * @done: nobody waits for it
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/completion.h:init_completion(). Since: 0.1
 */
PINPAGE_API void pinpage_init_completion(struct pinpage_completion *done);

/**
 * pinpage_complete() - satisfy one wait, present or future
 * @done: initialised; may be gone as soon as a waiter returns
 *
 * Context: any. Locking: none.
 * Order:   a release; partner of the wait
 * Mirrors: kernel/sched/completion.c:complete(). Since: 0.1
 */
PINPAGE_API void pinpage_complete(struct pinpage_completion *done);

/**
 * pinpage_complete_all() - as pinpage_complete(), except: every wait until
 * pinpage_init_completion(); the caller keeps @done until all have returned
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/sched/completion.c:complete_all(). Since: 0.1
 */
PINPAGE_API void pinpage_complete_all(struct pinpage_completion *done);

/**
 * pinpage_wait_for_completion() - wait until it is complete
 * @done: initialised
 *
 * Context: process; may sleep. Locking: none.
 * Order:   an acquire
 * Mirrors: kernel/sched/completion.c:wait_for_completion(). Since: 0.1
 */
PINPAGE_API void pinpage_wait_for_completion(struct pinpage_completion *done);

/**
 * pinpage_wait_for_completion_timeout() - as pinpage_wait_for_completion(),
 * except: not for ever
 * @timeout_ns: nanoseconds at most
 *
 * Context: process; may sleep. Locking: none.
 * Return:  nanoseconds left, at least 1; 0 if the time ran out
 * Mirrors: kernel/sched/completion.c:wait_for_completion_timeout();
 *          differs: nanoseconds, not jiffies. Since: 0.1
 */
PINPAGE_API unsigned long pinpage_wait_for_completion_timeout(
	struct pinpage_completion *done, unsigned long timeout_ns);

/**
 * pinpage_try_wait_for_completion() - as pinpage_wait_for_completion(), except:
 * does not wait
 *
 * Context: any. Locking: none.
 * Return:  true if it was complete
 * Mirrors: kernel/sched/completion.c:try_wait_for_completion(). Since: 0.1
 */
PINPAGE_API bool pinpage_try_wait_for_completion(struct pinpage_completion *done);

/* wait queue */

/**
 * pinpage_init_waitqueue_head() - make an empty wait queue
 * @wq: nobody waits on it; zero-initialised is the same
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/wait.h:init_waitqueue_head(). Since: 0.1
 */
PINPAGE_API void pinpage_init_waitqueue_head(pinpage_wait_queue_head_t *wq);

/**
 * pinpage_wake_up() - let every waiter look at its condition again
 * @wq: the condition was made true before
 *
 * Context: any. Locking: none.
 * Order:   the condition is seen by whoever is woken
 * Mirrors: include/linux/wait.h:wake_up(). Since: 0.1
 */
PINPAGE_API void pinpage_wake_up(pinpage_wait_queue_head_t *wq);

/**
 * pinpage_wake_up_all() - as pinpage_wake_up(); there are no exclusive waiters
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/wait.h:wake_up_all(). Since: 0.1
 */
PINPAGE_API void pinpage_wake_up_all(pinpage_wait_queue_head_t *wq);

/**
 * pinpage_wait_prepare() - first half of pinpage_wait_event(): before the
 * condition is read
 * @wq: initialised
 *
 * Context: process; may sleep. Locking: none.
 * Return:  what pinpage_wait_sleep() needs
 * Mirrors: kernel/sched/wait.c:prepare_to_wait(). Since: 0.1
 */
PINPAGE_API uint32_t pinpage_wait_prepare(pinpage_wait_queue_head_t *wq);

/**
 * pinpage_wait_sleep() - second half: sleep unless somebody woke the queue
 * since; may return for no reason
 * @seen: from pinpage_wait_prepare()
 *
 * Context: process; sleeps. Locking: none.
 * Mirrors: kernel/sched/core.c:schedule(). Since: 0.1
 */
PINPAGE_API void pinpage_wait_sleep(pinpage_wait_queue_head_t *wq, uint32_t seen);

/*
 * pinpage_wait_event(wq, condition): sleep until @condition, which is read
 * again after each wake-up; include pinpage_kthread_should_stop() or
 * pinpage_fatal_signal_pending() in it to be stopped or killed.
 */
#define pinpage_wait_event(wq, condition)				\
	do {								\
		for (;;) {						\
			uint32_t pinpage_seen_ = pinpage_wait_prepare(&(wq)); \
			if (condition)					\
				break;					\
			pinpage_wait_sleep(&(wq), pinpage_seen_);	\
		}							\
	} while (0)

/* tasks */

/**
 * pinpage_current() - the calling task
 *
 * Context: any. Locking: none.
 * Return:  the task; NULL before boot and after shutdown
 * Mirrors: arch/x86/include/asm/current.h:current. Since: 0.1
 */
PINPAGE_API struct task_struct *pinpage_current(void);

/**
 * pinpage_current_mm() - the address space that GUP works on: current->mm
 *
 * Context: any. Locking: none.
 * Return:  set by pinpage_use_mm(); NULL if it was not
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API struct mm_struct *pinpage_current_mm(void);

/**
 * pinpage_task_id() - number of a task
 * @task: NULL allowed
 *
 * Context: any. Locking: none.
 * Return:  0 for the booting task (and NULL), then 1, 2, ... in order of
 *          creation since boot
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API unsigned int pinpage_task_id(const struct task_struct *task);

/**
 * pinpage_task_name() - name of a task
 * @task: NULL allowed
 *
 * Context: any. Locking: none.
 * Return:  its name, "none" for NULL; lives as long as the task
 * Mirrors: task_struct.comm. Since: 0.1
 */
PINPAGE_API const char *pinpage_task_name(const struct task_struct *task);

/**
 * pinpage_kthread_run() - start a task
 * @fn: its body; what it returns is what stop and join return
 * @arg: handed to @fn
 * @name: copied, at most 23 characters
 *
 * End it by pinpage_kthread_stop() or pinpage_kthread_join(), one of them,
 * once. An ended task that was not joined goes at shutdown; a running one is
 * warned about there.
 *
 * Context: any. Locking: none.
 * Return:  the task, or ERR_PTR(): -ENOMEM; -EAGAIN (the host gives no
 *          thread); -EINVAL (no machine, NULL @fn or @name)
 * Mirrors: include/linux/kthread.h:kthread_run(); differs: @name is no
 *          format, the task stays until joined. Since: 0.1
 */
PINPAGE_API struct task_struct *pinpage_kthread_run(int (*fn)(void *arg), void *arg,
						const char *name);

/**
 * pinpage_kthread_stop() - ask a task to end, wake it if it waits, wait for it
 * @task: from pinpage_kthread_run(); gone on return
 *
 * Context: process; may sleep. Locking: none.
 * Return:  what its function returned; -EINTR if the explorer abandoned it;
 *          -EINVAL if @task is NULL, an ERR_PTR(), the caller or no kthread
 * Mirrors: kernel/kthread.c:kthread_stop(). Since: 0.1
 */
PINPAGE_API int pinpage_kthread_stop(struct task_struct *task);

/**
 * pinpage_kthread_join() - as pinpage_kthread_stop(), except: waits without
 * asking
 *
 * Context: process; may sleep. Locking: none.
 * Return:  as pinpage_kthread_stop()
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_kthread_join(struct task_struct *task);

/**
 * pinpage_kthread_should_stop() - was the calling task asked to end?
 *
 * Context: any. Locking: none.
 * Return:  true after pinpage_kthread_stop()
 * Mirrors: kernel/kthread.c:kthread_should_stop(). Since: 0.1
 */
PINPAGE_API bool pinpage_kthread_should_stop(void);

/**
 * pinpage_send_sigkill() - make a fatal signal pending; wakes the task if it waits
 * @task: a task that has not been joined
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/signal.c:send_sig(SIGKILL). Since: 0.1
 */
PINPAGE_API void pinpage_send_sigkill(struct task_struct *task);

/**
 * pinpage_send_sig() - send a signal
 * @sig:  SIGKILL, as pinpage_send_sigkill(); SIGSTOP: the task stops when it
 *        would return to user mode (at a load or a store, behind a GUP call
 *        that may sleep, never inside); SIGCONT: it goes on; 0: nothing; any
 *        other up to 64: pending until pinpage_flush_signals()
 * @task: a task that has not been joined
 *
 * Context: any. Locking: none.
 * Return:  0; -EINVAL: no task, no such signal
 * Mirrors: kernel/signal.c:send_sig(). Since: 0.1
 */
PINPAGE_API int pinpage_send_sig(int sig, struct task_struct *task);

/**
 * pinpage_signal_pending() - is any signal pending for the calling task?
 *
 * Context: any. Locking: none.
 * Return:  true after a signal that was neither taken nor undone
 * Mirrors: include/linux/sched/signal.h:signal_pending(). Since: 0.1
 */
PINPAGE_API bool pinpage_signal_pending(void);

/**
 * pinpage_flush_signals() - take the signals that are neither SIGKILL nor
 * SIGSTOP
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/signal.c:flush_signals(). Since: 0.1
 */
PINPAGE_API void pinpage_flush_signals(void);

/**
 * pinpage_fatal_signal_pending() - is the calling task being killed?
 *
 * Context: any. Locking: none.
 * Return:  true after pinpage_send_sigkill()
 * Mirrors: include/linux/sched/signal.h:fatal_signal_pending(). Since: 0.1
 */
PINPAGE_API bool pinpage_fatal_signal_pending(void);

/**
 * pinpage_yield() - a named point where others may run; emits YIELD
 * @point: name for schedules and stories; lives as long as they do
 *
 * Context: process. Locking: none.
 * Mirrors: kernel/sched/core.c:yield(). Since: 0.1
 */
PINPAGE_API void pinpage_yield(const char *point);

/**
 * pinpage_cond_resched() - as pinpage_yield("cond-resched"), except: costs
 * nothing under the native engine
 *
 * Context: process. Locking: none.
 * Mirrors: include/linux/sched.h:cond_resched(). Since: 0.1
 */
PINPAGE_API void pinpage_cond_resched(void);

/**
 * pinpage_context() - what the calling task may do
 *
 * Context: any. Locking: none.
 * Return:  enum pinpage_context; an RCU read section counts as atomic
 * Mirrors: include/linux/preempt.h:in_softirq(), in_atomic(). Since: 0.1
 */
PINPAGE_API enum pinpage_context pinpage_context(void);

/**
 * pinpage_softirq_enter() - from here on the task stands for a softirq; nests
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/softirq.c:__local_bh_disable_ip(). Since: 0.1
 */
PINPAGE_API void pinpage_softirq_enter(void);

/**
 * pinpage_softirq_exit() - partner of pinpage_softirq_enter(), else a warning
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/softirq.c:__local_bh_enable_ip(). Since: 0.1
 */
PINPAGE_API void pinpage_softirq_exit(void);

/**
 * pinpage_might_sleep() - this function may sleep: is that legal here?
 *
 * Context: any. Locking: none.
 * Return:  true; false in atomic or softirq context or in an RCU read
 *          section, with a warning once and a WARN event each time
 * Mirrors: kernel/sched/core.c:__might_sleep(); differs: returns it. Since: 0.1
 */
PINPAGE_API bool pinpage_might_sleep(void);

/* time */

/**
 * pinpage_ktime_get_ns() - nanoseconds since boot
 *
 * Virtual under the deterministic engine: starts at 0 and jumps to the next
 * deadline when nobody can run.
 *
 * Context: any. Locking: none.
 * Return:  the time
 * Mirrors: kernel/time/timekeeping.c:ktime_get(). Since: 0.1
 */
PINPAGE_API uint64_t pinpage_ktime_get_ns(void);

/**
 * pinpage_msleep() - sleep, at least as long as asked
 * @msecs: milliseconds
 *
 * Context: process; may sleep. Locking: none.
 * Mirrors: kernel/time/timer.c:msleep(). Since: 0.1
 */
PINPAGE_API void pinpage_msleep(unsigned int msecs);

/* deferred work */

struct pinpage_work {
	void (*func)(struct pinpage_work *work);
	struct pinpage_work *next;
	uint32_t state;
};

/**
 * pinpage_init_work() - prepare a work item
 * @work: not pending; the caller's memory
 * @func: runs in process context, in task "kworker"; may sleep, schedule
 *        @work again or free it
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/workqueue.h:INIT_WORK(). Since: 0.1
 */
PINPAGE_API void pinpage_init_work(struct pinpage_work *work,
				   void (*func)(struct pinpage_work *));

/**
 * pinpage_schedule_work() - run it later, one after the other
 * @work: initialised; stays until its function begins
 *
 * Context: any. Locking: none.
 * Order:   what was written before is seen by the function
 * Return:  false if it is pending already
 * Mirrors: include/linux/workqueue.h:schedule_work(). Since: 0.1
 */
PINPAGE_API bool pinpage_schedule_work(struct pinpage_work *work);

/**
 * pinpage_flush_work() - wait until it is neither pending nor running
 * @work: initialised; not the item that the caller runs in
 *
 * Context: process; may sleep. Locking: none.
 * Mirrors: kernel/workqueue.c:flush_work(); differs: no result. Since: 0.1
 */
PINPAGE_API void pinpage_flush_work(struct pinpage_work *work);

struct pinpage_timer {
	void (*func)(struct pinpage_timer *timer);
	uint64_t expires;
	struct pinpage_timer *next;
	uint32_t state;
};

/**
 * pinpage_timer_setup() - prepare a timer
 * @timer: not pending; the caller's memory
 * @func: runs in softirq context, in task "ktimer"; must not sleep
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/timer.h:timer_setup(). Since: 0.1
 */
PINPAGE_API void pinpage_timer_setup(struct pinpage_timer *timer,
				     void (*func)(struct pinpage_timer *));

/**
 * pinpage_mod_timer() - let it fire, or fire at another time
 * @timer: set up; stays until it fired or was deleted
 * @expires_ns: in terms of pinpage_ktime_get_ns()
 *
 * Pending timers are dropped at shutdown.
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/time/timer.c:mod_timer(); differs: nanoseconds. Since: 0.1
 */
PINPAGE_API void pinpage_mod_timer(struct pinpage_timer *timer, uint64_t expires_ns);

/**
 * pinpage_del_timer_sync() - stop it, and wait until its function has returned
 * @timer: set up; not called from its own function
 *
 * Context: process; may sleep. Locking: none.
 * Return:  1 if it was pending, else 0
 * Mirrors: kernel/time/timer.c:del_timer_sync(). Since: 0.1
 */
PINPAGE_API int pinpage_del_timer_sync(struct pinpage_timer *timer);

/* RCU */

/**
 * pinpage_rcu_read_lock() - begin a read section; nests
 *
 * What is reached in it stays until its end.
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/rcupdate.h:rcu_read_lock(). Since: 0.1
 */
PINPAGE_API void pinpage_rcu_read_lock(void);

/**
 * pinpage_rcu_read_unlock() - end of pinpage_rcu_read_lock(), else a warning
 *
 * Context: any. Locking: none.
 * Mirrors: include/linux/rcupdate.h:rcu_read_unlock(). Since: 0.1
 */
PINPAGE_API void pinpage_rcu_read_unlock(void);

/**
 * pinpage_synchronize_rcu() - wait until all read sections of now have ended
 *
 * Context: process, not in a read section (a warning, no wait); may sleep. Locking: none.
 * Order:   what they did happened before the return
 * Mirrors: kernel/rcu/tree.c:synchronize_rcu(). Since: 0.1
 */
PINPAGE_API void pinpage_synchronize_rcu(void);

/**
 * pinpage_call_rcu() - call a function after all read sections of now
 * @head: the caller's memory until the call
 * @func: runs in softirq context; must not sleep
 *
 * Context: any. Locking: none.
 * Mirrors: kernel/rcu/tree.c:call_rcu(). Since: 0.1
 */
PINPAGE_API void pinpage_call_rcu(struct pinpage_rcu_head *head,
				  void (*func)(struct pinpage_rcu_head *));

/**
 * pinpage_rcu_barrier() - wait until all callbacks of now have been called
 *
 * Context: process, not in a read section nor in a callback (a warning,
 *          no wait); may sleep. Locking: none.
 * Mirrors: kernel/rcu/tree.c:rcu_barrier(). Since: 0.1
 */
PINPAGE_API void pinpage_rcu_barrier(void);

#ifdef __cplusplus
}
#endif

#endif
