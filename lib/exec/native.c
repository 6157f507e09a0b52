// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/native.c - engine of host threads: futex, pthreads, CLOCK_MONOTONIC
 *
 * Sleepers hang in a hash table of queues by the address they sleep on, each
 * on a futex word of its own stack frame.
 *
 * I1. A queue and the waiters on it change under the bucket's lock.
 * I2. bucket.nr counts tasks that are about to sleep or sleep; it is read
 *     without the lock to spare the waker the rest: MB park (A)/(B).
 * I3. A waker's last access to a waiter is the store to waiter.woken.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "exec/engine.h"

#define NR_BUCKETS	128
#define RAW_SPINS	100

struct waiter {
	struct waiter *next;
	const uint32_t *word;
	struct task_struct *task;
	uint32_t woken;
};

struct bucket {
	uint32_t lock;
	uint32_t nr;
	struct waiter *first;
} pp_cacheline_aligned;

static struct bucket buckets[NR_BUCKETS];
static uint64_t boot_ns;
static pthread_key_t thread_key;
static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static bool key_made;
static pp_thread_local bool registered;	/* with liburcu */

BUILD_BUG_ON(sizeof(pthread_t) > sizeof(uintptr_t));

static uint64_t clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * UINT64_C(1000000000) + (uint64_t)ts.tv_nsec;
}

static uint64_t now(void)
{
	return clock_ns() - boot_ns;
}

/* @deadline since boot; PP_NEVER: no limit */
static void futex_wait(const uint32_t *word, uint32_t value, uint64_t deadline)
{
	struct timespec ts, *limit = NULL;

	if (deadline != PP_NEVER && deadline < INT64_MAX - boot_ns) {
		deadline += boot_ns;
		ts.tv_sec = (time_t)(deadline / UINT64_C(1000000000));
		ts.tv_nsec = (long)(deadline % UINT64_C(1000000000));
		limit = &ts;
	}
	/* _BITSET: the time is absolute */
	(void)syscall(SYS_futex, word, FUTEX_WAIT_BITSET_PRIVATE, value, limit,
		      NULL, FUTEX_BITSET_MATCH_ANY);
}

static void futex_wake(const uint32_t *word)
{
	(void)syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

/**
 * pp_raw_lock() - take a lock of exec's own
 * @word: 0 when free; zero-initialised
 *
 * Context: any. Locking: the innermost of all; nothing that may wait or emit
 * inside. Return: nothing.
 */
void pp_raw_lock(uint32_t *word)
{
	int spins = RAW_SPINS;

	if (likely(cmpxchg_acquire(word, 0, 1) == 0))
		return;
	while (spins-- > 0) {
		if (!READ_ONCE(*word) && cmpxchg_acquire(word, 0, 1) == 0)
			return;
		cpu_relax();
	}
	while (xchg(word, 2) != 0)
		futex_wait(word, 2, PP_NEVER);
}

/**
 * pp_raw_unlock() - partner of pp_raw_lock()
 *
 * Context: any. Locking: @word is held. Return: nothing.
 */
void pp_raw_unlock(uint32_t *word)
{
	if (unlikely(xchg(word, 0) == 2))
		futex_wake(word);
}

static struct bucket *bucket_of(const uint32_t *word)
{
	uintptr_t key = (uintptr_t)word >> 2;

	return &buckets[(key * UINT64_C(0x9e3779b97f4a7c15)) >> 57];
}
BUILD_BUG_ON(NR_BUCKETS != 1 << (64 - 57));

static void count(struct bucket *b, int by)
{
	uint32_t old = READ_ONCE(b->nr);

	while (!try_cmpxchg(&b->nr, &old, old + (uint32_t)by))
		;
}

/* put @w at the end, unless there is no reason to sleep */
static bool enqueue(struct bucket *b, struct waiter *w, uint32_t value)
{
	struct waiter **at = &b->first;
	struct task_struct *task = w->task;

	/*
	 * MB park (B): counted, and marked as parked, before the word and the
	 * kick are read. Pairs with (A) in pp_unpark() and with kick().
	 */
	count(b, 1);
	pp_raw_lock(&b->lock);
	if (task)
		(void)xchg(&task->parked, w->word);
	if (READ_ONCE(*w->word) != value ||
	    (task && READ_ONCE(task->kick) && xchg(&task->kick, 0))) {
		pp_raw_unlock(&b->lock);
		return false;
	}
	while (*at)
		at = &(*at)->next;
	*at = w;
	pp_raw_unlock(&b->lock);
	return true;
}

/* false if a waker has taken it off already */
static bool dequeue(struct bucket *b, struct waiter *w)
{
	struct waiter **at = &b->first;
	bool found;

	pp_raw_lock(&b->lock);
	while (*at && *at != w)
		at = &(*at)->next;
	found = *at != NULL;
	if (found)
		*at = w->next;
	pp_raw_unlock(&b->lock);
	return found;
}

static void wait_woken(struct waiter *w, uint64_t deadline)
{
	do {
		futex_wait(&w->woken, 0, deadline);
	} while (!smp_load_acquire(&w->woken) &&
		 (deadline == PP_NEVER || now() < deadline));
}

static bool park(const uint32_t *word, uint32_t value, uint64_t deadline)
{
	struct bucket *b = bucket_of(word);
	struct waiter w = { .word = word, .task = pp_current };
	bool in_time = true;

	if (READ_ONCE(*word) != value)
		return true;
	if (deadline != PP_NEVER && now() >= deadline)
		return false;
	pp_emit(BLOCK, .name = w.task ? w.task->blocked_on : NULL);
	if (enqueue(b, &w, value)) {
		wait_woken(&w, deadline);
		if (!READ_ONCE(w.woken)) {
			in_time = !dequeue(b, &w);
			if (in_time)
				wait_woken(&w, PP_NEVER);
		}
	}
	if (w.task)
		WRITE_ONCE(w.task->parked, NULL);
	count(b, -1);
	return in_time;
}

/* wake a list of waiters that are off their queue */
static void wake_list(struct waiter *w)
{
	struct waiter *next;

	for (; w; w = next) {
		next = w->next;
		smp_store_release(&w->woken, 1);
		futex_wake(&w->woken);
	}
}

static void unpark(const uint32_t *word, int nr)
{
	struct bucket *b = bucket_of(word);
	struct waiter **at = &b->first, *w, *list = NULL, **end = &list;
	unsigned long woken = 0;

	if (likely(!READ_ONCE(b->nr)))
		return;
	pp_raw_lock(&b->lock);
	while ((w = *at) && nr > 0) {
		if (w->word != word) {
			at = &w->next;
			continue;
		}
		*at = w->next;
		w->next = NULL;
		*end = w;
		end = &w->next;
		nr--;
		woken++;
	}
	pp_raw_unlock(&b->lock);
	if (!woken)
		return;
	wake_list(list);
	pp_emit(WAKE, .nr = woken);
}

static void kick(struct task_struct *task)
{
	const uint32_t *word;
	struct waiter **at, *w = NULL;
	struct bucket *b;

	(void)xchg(&task->kick, 1);
	word = READ_ONCE(task->parked);
	if (!word)
		return;
	b = bucket_of(word);
	pp_raw_lock(&b->lock);
	for (at = &b->first; *at; at = &(*at)->next)
		if ((*at)->task == task) {
			w = *at;
			*at = w->next;
			w->next = NULL;
			WRITE_ONCE(task->kick, 0);
			break;
		}
	pp_raw_unlock(&b->lock);
	wake_list(w);
}

static void yield(void)
{
	sched_yield();
}

/* threads */

static void register_thread(void)
{
	if (registered)
		return;
	pp_urcu_register();
	registered = true;
}

static void unregister_thread(void)
{
	if (!registered)
		return;
	pp_urcu_unregister();
	registered = false;
}

/* end of a thread of the program that had called us */
static void foreign_thread_ends(void *arg)
{
	struct task_struct *task;

	(void)arg;
	pp_raw_lock(&pp_tasks_lock);
	task = READ_ONCE(pp_current);	/* shutdown may have cleared it */
	if (task && task->kind == PP_TASK_FOREIGN)
		list_del(&task->link);
	else
		task = NULL;
	WRITE_ONCE(pp_current, NULL);
	pp_raw_unlock(&pp_tasks_lock);
	pp_free(task);
	unregister_thread();
	pp_stat_detach();
	pp_base_thread_exit();
}

static void make_key(void)
{
	key_made = !pthread_key_create(&thread_key, foreign_thread_ends);
}

__attribute__((destructor))
static void drop_key(void)
{
	if (key_made)
		pthread_key_delete(thread_key);
}

/**
 * pp_native_attach_thread() - prepare a thread of the program for its task
 *
 * Context: that thread. Locking: none. Return: nothing.
 */
void pp_native_attach_thread(void)
{
	pthread_once(&key_once, make_key);
	if (key_made)
		(void)pthread_setspecific(thread_key, &thread_key);
	register_thread();
}

static void *thread_main(void *arg)
{
	struct task_struct *task = arg;

	pp_current = task;
	register_thread();
	pp_task_run(task);
	while (task->rcu_depth)
		pinpage_rcu_read_unlock();
	/* whoever joins waits for the thread before it frees the task */
	(void)xchg(&task->ended, 1);
	unpark(&task->ended, INT_MAX);
	pp_current = NULL;
	unregister_thread();
	pp_stat_detach();
	pp_base_thread_exit();
	return NULL;
}

static int spawn(struct task_struct *task)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_main, task))
		return -EAGAIN;
	task->thread = (uintptr_t)thread;
	return 0;
}

static void reap(struct task_struct *task)
{
	pthread_join((pthread_t)task->thread, NULL);
}

static int boot(struct task_struct *task)
{
	(void)task;
	boot_ns = clock_ns();
	register_thread();
	return 0;
}

static void shutdown(struct task_struct *task)
{
	while (task->rcu_depth) {
		pp_warn_once("shutdown in a read section");
		pp_current = task;
		pinpage_rcu_read_unlock();
	}
	unregister_thread();
}

const struct pp_engine_ops pp_native_ops = {
	.boot = boot,
	.shutdown = shutdown,
	.park = park,
	.unpark = unpark,
	.kick = kick,
	.spawn = spawn,
	.reap = reap,
	.yield = yield,
	.now = now,
	.synchronize_rcu = pp_urcu_synchronize,
	.call_rcu = pp_urcu_call,
	.rcu_barrier = pp_urcu_barrier,
};
