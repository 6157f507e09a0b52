// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/rcu.c - RCU: liburcu (memb flavour) natively, virtual when deterministic
 *
 * Guarantees:
 * A. A callback of call_rcu() runs, and synchronize_rcu() returns, after every
 *    read section that had begun before the call has ended.
 * B. Callbacks run in softirq context, in order of call_rcu(): natively in
 *    task "rcu"; under the deterministic engine in whatever task comes to a
 *    point where one may run: the end of an outermost read section, a wait, a
 *    scheduling point, each with no spinlock held and no irq off.
 * C. irqs off count as a read section: pp_irq_save() holds off call_rcu().
 *
 * Debian's liburcu is not annotated for TSan; the marks are here.
 */
#define _LGPL_SOURCE
#include <urcu/urcu-memb.h>
/* one load of the thread's reader state, also inside a shared library */
extern __thread struct urcu_reader urcu_memb_reader
	__attribute__((tls_model("initial-exec")));

#include "base/err.h"
#include "exec/engine.h"

#ifdef PP_TSAN
void __tsan_acquire(void *addr);
void __tsan_release(void *addr);
static char tsan_grace;
/* readers' last accesses happen before what follows a grace period */
# define tsan_reader_leaves()	__tsan_release(&tsan_grace)
# define tsan_grace_over()	__tsan_acquire(&tsan_grace)
#else
# define tsan_reader_leaves()	((void)0)
# define tsan_grace_over()	((void)0)
#endif

struct head {
	struct head *next;
	void (*func)(struct pinpage_rcu_head *head);
};
BUILD_BUG_ON(sizeof(struct head) != sizeof(struct pinpage_rcu_head));

struct queue {
	struct head *first, **last;
	uint32_t nr;
};

static void queue_init(struct queue *q)
{
	q->first = NULL;
	q->last = &q->first;
	q->nr = 0;
}

static void queue_add(struct queue *q, struct pinpage_rcu_head *rcu,
		      void (*func)(struct pinpage_rcu_head *))
{
	struct head *head = (struct head *)rcu;

	head->next = NULL;
	head->func = func;
	*q->last = head;
	q->last = &head->next;
	q->nr++;
}

/* all of @q to @to, which is empty */
static void queue_move(struct queue *q, struct queue *to)
{
	*to = *q;
	if (!q->first)
		to->last = &to->first;
	queue_init(q);
}

static void queue_run(struct queue *q)
{
	struct head *head = q->first, *next;

	pinpage_softirq_enter();
	for (; head; head = next) {
		next = head->next;
		head->func((struct pinpage_rcu_head *)head);
	}
	pinpage_softirq_exit();
}

static void bump(uint32_t *word, uint32_t by)
{
	uint32_t old = READ_ONCE(*word);

	while (!try_cmpxchg(word, &old, old + by))
		;
	pp_engine->unpark(word, INT32_MAX);
}

/* native */

static struct {
	uint32_t lock;
	struct queue queue;
	uint32_t queued, done;		/* callbacks, modulo 2^32 */
	struct task_struct *task;
} nat;

/* false if there was nothing; then *@seen is the queue's state */
static bool nat_batch(uint32_t *seen)
{
	struct queue batch;

	pp_raw_lock(&nat.lock);
	*seen = READ_ONCE(nat.queued);
	queue_move(&nat.queue, &batch);
	pp_raw_unlock(&nat.lock);
	if (!batch.first)
		return false;
	urcu_memb_synchronize_rcu();
	tsan_grace_over();
	queue_run(&batch);
	bump(&nat.done, batch.nr);
	return true;
}

static int nat_worker(void *arg)
{
	uint32_t seen;

	(void)arg;
	for (;;) {
		if (nat_batch(&seen))
			continue;
		if (pinpage_kthread_should_stop())
			return 0;
		pp_park_on(current, "idle", &nat.queued, seen, PP_NEVER);
	}
}

/**
 * pp_urcu_register() - make the calling thread known to liburcu
 * pp_urcu_unregister() - and unknown; not in a read section
 *
 * Context: process, native engine. Locking: none. Return: nothing.
 */
void pp_urcu_register(void)
{
	urcu_memb_register_thread();
}

void pp_urcu_unregister(void)
{
	if (pp_warn_on_once(urcu_memb_read_ongoing()))
		while (urcu_memb_read_ongoing())
			urcu_memb_read_unlock();
	urcu_memb_unregister_thread();
}

/**
 * pp_urcu_synchronize() - as pinpage_synchronize_rcu(), except: native
 */
void pp_urcu_synchronize(void)
{
	urcu_memb_synchronize_rcu();
	tsan_grace_over();
}

/**
 * pp_urcu_call() - as pinpage_call_rcu(), except: native
 */
void pp_urcu_call(struct pinpage_rcu_head *head,
		  void (*func)(struct pinpage_rcu_head *))
{
	struct task_struct *task;

	pp_raw_lock(&nat.lock);
	queue_add(&nat.queue, head, func);
	if (!nat.task) {
		/* without memory: the next call or a barrier does it */
		task = pp_task_spawn(nat_worker, NULL, "rcu", PP_TASK_SERVICE);
		if (!IS_ERR(task))
			WRITE_ONCE(nat.task, task);
	}
	pp_raw_unlock(&nat.lock);
	bump(&nat.queued, 1);
}

/**
 * pp_urcu_barrier() - as pinpage_rcu_barrier(), except: native
 */
void pp_urcu_barrier(void)
{
	uint32_t target = READ_ONCE(nat.queued), done, seen;

	for (;;) {
		done = smp_load_acquire(&nat.done);
		if ((int32_t)(done - target) >= 0)
			return;
		if (!READ_ONCE(nat.task) && nat_batch(&seen))
			continue;
		pp_park_on(current, "rcu_barrier", &nat.done, done, PP_NEVER);
	}
}

/* virtual */

static struct {
	struct queue next;		/* no grace period yet */
	struct queue wait;		/* end with grace period gp */
	uint64_t seq;			/* of the next grace period */
	uint64_t gp;
	uint32_t progress;		/* changes when one may have ended */
	unsigned int running;		/* batches being called */
	unsigned int waiting;		/* tasks in synchronize_rcu() */
} virt;

/* has every reader left that entered before grace period @gp began? */
static bool virt_gp_over(uint64_t gp)
{
	struct task_struct *task;

	list_for_each_entry(task, &pp_tasks, link)
		if (task->rcu_depth && task->rcu_seq <= gp)
			return false;
	return true;
}

/**
 * pp_vrcu_poll() - run the callbacks whose grace period is over
 *
 * Context: any; does nothing where a softirq could not run.
 * Locking: none. Return: nothing.
 */
void pp_vrcu_poll(void)
{
	struct task_struct *task = pp_current;
	struct queue batch;

	while (virt.next.first || virt.wait.first) {
		if (task->atomic_depth || task->softirq_depth ||
		    task->rcu_depth)
			return;
		if (!virt.wait.first) {
			queue_move(&virt.next, &virt.wait);
			virt.gp = virt.seq++;
		}
		if (!virt_gp_over(virt.gp))
			return;
		queue_move(&virt.wait, &batch);
		virt.running++;
		queue_run(&batch);
		virt.running--;
		bump(&virt.progress, 1);
	}
}

/* an outermost read section ended */
static pp_cold void virt_left(void)
{
	if (virt.waiting)
		bump(&virt.progress, 1);
	pp_vrcu_poll();
}

/**
 * pp_vrcu_forget() - @task is abandoned: its read section counts no more
 *
 * Context: deterministic engine. Locking: none. Return: nothing.
 */
void pp_vrcu_forget(struct task_struct *task)
{
	task->rcu_depth = 0;
	bump(&virt.progress, 1);
}

/**
 * pp_vrcu_synchronize() - as pinpage_synchronize_rcu(), except: virtual
 */
void pp_vrcu_synchronize(void)
{
	uint64_t gp = virt.seq++;
	uint32_t seen;

	virt.waiting++;
	for (;;) {
		seen = virt.progress;
		if (virt_gp_over(gp))
			break;
		pp_park_on(pp_current, "synchronize_rcu", &virt.progress, seen,
			   PP_NEVER);
	}
	virt.waiting--;
}

/**
 * pp_vrcu_call() - as pinpage_call_rcu(), except: virtual
 */
void pp_vrcu_call(struct pinpage_rcu_head *head,
		  void (*func)(struct pinpage_rcu_head *))
{
	queue_add(&virt.next, head, func);
}

/**
 * pp_vrcu_barrier() - as pinpage_rcu_barrier(), except: virtual
 */
void pp_vrcu_barrier(void)
{
	uint32_t seen;

	virt.waiting++;
	for (;;) {
		pp_vrcu_poll();
		seen = virt.progress;
		if (!virt.next.first && !virt.wait.first && !virt.running)
			break;
		pp_park_on(pp_current, "rcu_barrier", &virt.progress, seen,
			   PP_NEVER);
	}
	virt.waiting--;
}

/* both */

static inline void read_lock(struct task_struct *task)
{
	if (task->rcu_depth++)
		return;
	if (pp_engine_is_fiber)
		task->rcu_seq = virt.seq;
	else
		urcu_memb_read_lock();
}

static inline void read_unlock(struct task_struct *task)
{
	if (--task->rcu_depth)
		return;
	if (pp_engine_is_fiber) {
		if (unlikely(virt.waiting || virt.next.first ||
			     virt.wait.first))
			virt_left();
		return;
	}
	tsan_reader_leaves();
	urcu_memb_read_unlock();
}

void pinpage_rcu_read_lock(void)
{
	struct task_struct *task = current;

	if (likely(task))
		read_lock(task);
}

void pinpage_rcu_read_unlock(void)
{
	struct task_struct *task = current;

	if (likely(task) && !pp_warn_on_once(!task->rcu_depth))
		read_unlock(task);
}

/**
 * pp_irq_save() - irqs off: page tables under the caller stay allocated
 *
 * Context: any; nests. Locking: none; a read section and atomic context until
 * pp_irq_restore(). Return: nothing.
 */
void pp_irq_save(void)
{
	struct task_struct *task = current;

	if (unlikely(!task))
		return;
	task->atomic_depth++;
	read_lock(task);
}

/**
 * pp_irq_restore() - partner of pp_irq_save()
 *
 * Context: atomic. Locking: none. Return: nothing.
 */
void pp_irq_restore(void)
{
	struct task_struct *task = current;

	if (unlikely(!task))
		return;
	task->atomic_depth--;
	read_unlock(task);
}

void pinpage_synchronize_rcu(void)
{
	struct task_struct *task = current;

	if (!task)
		return;
	if (task->rcu_depth) {
		pp_warn_once("synchronize_rcu() in a read section of %s",
			     task->name);
		return;
	}
	(void)pinpage_might_sleep();
	pp_engine->synchronize_rcu();
}

void pinpage_call_rcu(struct pinpage_rcu_head *head,
		      void (*func)(struct pinpage_rcu_head *))
{
	if (unlikely(!READ_ONCE(pp_exec_up))) {
		pp_warn_once("call_rcu() before boot or after shutdown");
		return;
	}
	pp_engine->call_rcu(head, func);
}

void pinpage_rcu_barrier(void)
{
	struct task_struct *task = current;

	if (!task)
		return;
	if (task->rcu_depth || task->softirq_depth) {
		pp_warn_once("rcu_barrier() in a read section or callback of %s",
			     task->name);
		return;
	}
	(void)pinpage_might_sleep();
	pp_engine->rcu_barrier();
}

/**
 * pp_rcu_reset() - boot: nothing is pending
 *
 * Context: boot. Locking: none. Return: nothing.
 */
void pp_rcu_reset(void)
{
	queue_init(&nat.queue);
	nat.queued = nat.done = 0;
	nat.task = NULL;
	queue_init(&virt.next);
	queue_init(&virt.wait);
	virt.seq = 1;
	virt.waiting = virt.running = 0;
}

/**
 * pp_rcu_stop() - shutdown: end the native callback task
 *
 * Context: shutdown, after a barrier. Locking: none. Return: nothing.
 */
void pp_rcu_stop(void)
{
	if (nat.task)
		(void)pinpage_kthread_stop(nat.task);
	nat.task = NULL;
}
