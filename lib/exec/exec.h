/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * exec/exec.h - what the rooms above use of exec
 *
 * Every lock is a word plus a parking place: uncontended paths are inline
 * atomics, contended ones call pp_park()/pp_unpark(), which is all that an
 * engine has to provide (native: futex; fiber: switch to another fiber).
 */
#ifndef PP_EXEC_EXEC_H
#define PP_EXEC_EXEC_H

#include <pinpage/exec.h>

#include "base/atomic.h"
#include "base/compiler.h"
#include "base/list.h"
#include "event/event.h"

#define PP_HELD_MAX 32

/* @top: highest rank of this lock and all taken before it */
struct pp_held {
	const void *lock;
	const char *name;
	uint8_t rank;			/* enum pinpage_lock_rank */
	uint8_t top;
	bool shared;
};

enum pp_task_kind {
	PP_TASK_BOOT,			/* task 0 */
	PP_TASK_KTHREAD,
	PP_TASK_SERVICE,		/* kworker, ktimer, rcu: exec's own */
	PP_TASK_FOREIGN,		/* a thread of the program, native only */
};

/*
 * One task: a thread (native) or a fiber. Key: o only the task itself writes;
 * t pp_tasks_lock; e the engine; c constant once it runs; a any task.
 */
struct task_struct {
	unsigned int atomic_depth;	/* o spinlocks held, irqs off */
	unsigned int nr_held;		/* o */
	unsigned int rcu_depth;		/* o */
	unsigned int softirq_depth;	/* o */
	unsigned int held_lost;		/* o locks that did not fit in held */
	unsigned int nest;		/* o depth of public functions */
	unsigned char node;		/* o NUMA node that it runs on */
	unsigned char pin_scope;	/* o memalloc_pin_save() depth */
	const void *site;		/* o call site of the outermost pp_enter() */
	struct mm_struct *mm;		/* o pinpage_use_mm() */
	unsigned int id;		/* c 0 = the booting task; dense, deterministic */
	bool killed;			/* a fatal signal pending */
	uint32_t signals;		/* a PP_SIG_*; parked on while stopped */
	bool cap_ipc_lock;		/* o RLIMIT_MEMLOCK does not bind it */
	bool stop;			/* a kthread_stop() asked */
	bool abandoned;			/* e never runs again */
	enum pp_task_kind kind;		/* c */
	uint32_t ended;			/* a 1 when fn has returned; parked on by join */
	uint32_t kick;			/* a the next park returns at once */
	const uint32_t *parked;		/* e word it sleeps on, or NULL */
	const char *blocked_on;		/* o name of what it waits for */
	uint64_t rcu_seq;		/* o grace period its read section began in */
	void *engine;			/* e the engine's own */
	uintptr_t thread;		/* c native: pthread_t */
	struct task_struct **slot;	/* c native: the thread's pp_current */
	void *scope[4];			/* o slots for upper rooms: PP_SCOPE_* */
	int (*fn)(void *arg);		/* c */
	void *arg;			/* c */
	int result;			/* c once ended */
	struct list_head link;		/* t all tasks, by id */
	char name[24];			/* c */
	struct pp_held held[PP_HELD_MAX];	/* o */
};

enum { PP_SIG_CAUGHT = 1, PP_SIG_STOP = 2 };	/* bits of task->signals */

enum { PP_SCOPE_LEDGER, PP_SCOPE_EXPLORE, PP_SCOPE_MM, PP_SCOPE_FREE };

extern pp_thread_local struct task_struct *pp_current;
/* slow path: a foreign thread's first call; NULL before boot */
struct task_struct *pp_current_attach(void);

/* The machine is up: set last in pp_boot, cleared first in shutdown. */
extern bool pp_machine_up;

static inline struct task_struct *pp_self(void)
{
	struct task_struct *task = pp_current;

	return likely(task) ? task : pp_current_attach();
}
#define current pp_self()

extern bool pp_engine_is_fiber;		/* constant between boot and shutdown */

/*
 * pp_enter(site)/pp_leave(): brackets of a public function that touches
 * references; remembers the outermost call site for events.
 * Usage: const void *site = pp_enter(__builtin_return_address(0)); ... pp_leave();
 */
static inline const void *pp_enter(const void *site)
{
	struct task_struct *task = current;

	if (!task->nest++)
		task->site = site;
	return task->site;
}

/* partner of pp_enter() */
static inline void pp_leave(void)
{
	current->nest--;
}

/*
 * Where a task would return to user mode: a stopped one stops. At the end of a
 * system call and of a GUP call that may have slept, at a load and a store.
 */
void pp_stop_here(struct task_struct *task);
static inline void pp_user_return(void)
{
	struct task_struct *task = current;

	if (unlikely(READ_ONCE(task->signals) & PP_SIG_STOP) && !task->nest &&
	    !task->nr_held && !task->atomic_depth && !task->rcu_depth &&
	    !task->softirq_depth)
		pp_stop_here(task);
}

/* true if the machine is up; else warns once with the function's name */
bool pp_up_or_warn(const char *func);
#define pp_ready() (likely(READ_ONCE(pp_machine_up)) || pp_up_or_warn(__func__))

/*
 * Parking: sleep while *word == value (spurious returns allowed); wake nr
 * tasks parked on word.
 */
void pp_park(const uint32_t *word, uint32_t value);
bool pp_park_timeout(const uint32_t *word, uint32_t value, uint64_t deadline_ns);
void pp_unpark(const uint32_t *word, int nr);

/* held-lock set and ranks; called by every lock below and by the page lock */
void pp_lock_acquired(const void *lock, const char *name,
		      enum pinpage_lock_rank rank, bool shared, bool tried);
void pp_lock_released(const void *lock);
void pp_lock_handover(const void *lock);	/* another task will release it */
bool pp_lock_held(const void *lock);
unsigned int pp_locks_held(void);
#define pp_assert_held(lock) pp_assert_held_at(lock, __FILE__, __LINE__)
void pp_assert_held_at(const void *lock, const char *file, int line);

/* as pinpage_down_read(), except: 0, or -EINTR: killed while waiting, not held */
int pp_down_read_killable(struct pinpage_rwsem *sem);

/* ranked initialisers for model locks */
void pp_spin_init(pinpage_spinlock_t *lock, const char *name,
		  enum pinpage_lock_rank rank);
void pp_mutex_init(struct pinpage_mutex *lock, const char *name,
		   enum pinpage_lock_rank rank);
void pp_rwsem_init(struct pinpage_rwsem *sem, const char *name,
		   enum pinpage_lock_rank rank);
/* a second lock of the same rank, taken in address order (two page tables, two anon_vmas) */
void pp_spin_lock_nested(pinpage_spinlock_t *lock);

/* bit lock in a word: the page lock and friends; sleeps in pp_park on the low 32 bits */
void pp_bit_lock(unsigned int bit, unsigned long *word, const char *name,
		 enum pinpage_lock_rank rank);
int pp_bit_lock_killable(unsigned int bit, unsigned long *word, const char *name,
			 enum pinpage_lock_rank rank);
bool pp_bit_trylock(unsigned int bit, unsigned long *word, const char *name,
		    enum pinpage_lock_rank rank);
void pp_bit_unlock(unsigned int bit, unsigned long *word);
void pp_bit_wait_clear(unsigned int bit, unsigned long *word);	/* until the bit reads clear */
int pp_bit_wait_killable(unsigned int bit, unsigned long *word);	/* -EINTR: killed */
void pp_bit_clear_wake(unsigned int bit, unsigned long *word);

/* seqcount */
static inline unsigned int raw_read_seqcount(const struct pinpage_seqcount *s)
{
	return smp_load_acquire(&s->sequence);
}
static inline bool read_seqcount_retry(const struct pinpage_seqcount *s, unsigned int start)
{
	smp_rmb();
	return READ_ONCE(s->sequence) != start;
}
void pp_write_seqcount_begin(struct pinpage_seqcount *s);
void pp_write_seqcount_end(struct pinpage_seqcount *s);

/* srcu.c: read sections that may sleep. Key: l = lock; a = atomic */
struct pp_srcu {
	struct pinpage_mutex lock;		/* one grace period at a time */
	unsigned int index;			/* l to change: who counts new readers */
	atomic_t readers[2];			/* a */
	pinpage_wait_queue_head_t quiet;	/* a count has reached zero */
};
void pp_srcu_init(struct pp_srcu *srcu, const char *name);
unsigned int pp_srcu_read_lock(struct pp_srcu *srcu);
void pp_srcu_read_unlock(struct pp_srcu *srcu, unsigned int i);
void pp_synchronize_srcu(struct pp_srcu *srcu);

/* irqs off: blocks page-table freeing, like the fast walk needs; = RCU read side + atomic depth */
void pp_irq_save(void);
void pp_irq_restore(void);

/* engine control, for lib/boot.c and explore */
int pp_exec_boot(enum pinpage_engine engine);	/* the caller becomes task 0 */
/* all other tasks must have ended; drains RCU and work */
void pp_exec_shutdown(void);

/*
 * Deterministic engine: the scheduler is asked at every event (and whenever the
 * running fiber blocks or ends) which runnable task goes on.
 * @runnable: ids in increasing order; @current_id: the task at the event, or -1
 * if it cannot run; @event: NULL when blocked or ended.
 * Returns an id out of @runnable. BLOCK and TASK_END are no points of their
 * own: choose() follows at once with @event NULL. Default (NULL ops or NULL
 * choose): keep running the current; if it cannot or yields, the lowest id
 * above it, wrapping.
 */
struct pp_sched_ops {
	unsigned int (*choose)(void *priv, const unsigned int *runnable,
			       size_t nr, int current_id,
			       const struct pinpage_event *event);
	/*
	 * Nobody can run and no timer is pending. true: look again, the hook
	 * changed something (pp_fiber_abandon_all(), say). false or NULL: a
	 * pp_bug() that names every task and what it waits for. Runs on the
	 * stack of the task that blocked last.
	 */
	bool (*deadlock)(void *priv);
	void *priv;
};
/* fiber engine; NULL restores the default; shutdown does so, too */
void pp_sched_set(const struct pp_sched_ops *ops);
/*
 * Give up the running task for good (it trapped or hangs): its stack is
 * reused, its locks stay held, its read sections are forgotten; a join of it
 * returns -EINTR. Callable from subscribers and, while current_id is not -1,
 * from choose().
 */
void pp_fiber_abandon_self(void) __attribute__((noreturn));
/* the same for every task but 0, services included, which must not be needed
 * again before the next boot */
void pp_fiber_abandon_all(void);
uint64_t pp_fiber_switches(void);
struct task_struct *pp_task_by_id(unsigned int id);
/* is the task parked (not runnable)? and on what lock name, for the story */
bool pp_task_blocked(const struct task_struct *task, const char **on);

#endif
