// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/wait.c - parking, completion, wait queue, bit lock, seqcount writers
 *
 * Guarantees:
 * A. complete() before the wait that it ends: what was written before is seen.
 * B. A wait queue loses no wake-up: the condition is read after the queue's
 *    sequence, which a waker changes after it made the condition true.
 * C. A bit lock orders as a spinlock does.
 */
#include "base/bitops.h"
#include "exec/engine.h"

#include <errno.h>

/**
 * pp_park() - sleep while *@word == @value
 * @word: 32-bit word that a waker changes before pp_unpark()
 *
 * Returns as well for no reason: the caller loops.
 *
 * Context: process. Locking: none. Return: nothing.
 */
void pp_park(const uint32_t *word, uint32_t value)
{
	(void)pp_engine->park(word, value, PP_NEVER);
}

/**
 * pp_park_timeout() - as pp_park(), except: at most until @deadline_ns
 *
 * Return: false if the time ran out.
 */
bool pp_park_timeout(const uint32_t *word, uint32_t value,
		     uint64_t deadline_ns)
{
	return pp_engine->park(word, value, deadline_ns);
}

/**
 * pp_unpark() - wake up to @nr tasks parked on @word, oldest first
 * @word: changed by the caller before; need not exist any more
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_unpark(const uint32_t *word, int nr)
{
	/*
	 * MB park (A): the word is changed before the count of sleepers is
	 * read. Pairs with (B) in native.c:park() [counted, then word read].
	 * Without it both look too early. Test: exec/lock.
	 */
	smp_mb();
	pp_engine->unpark(word, nr);
}

/* completion: UINT32_MAX after complete_all() */

void pinpage_init_completion(struct pinpage_completion *done)
{
	WRITE_ONCE(done->done, 0);
}

bool pinpage_try_wait_for_completion(struct pinpage_completion *done)
{
	uint32_t n = smp_load_acquire(&done->done);

	while (n && n != UINT32_MAX) {
		if (try_cmpxchg(&done->done, &n, n - 1))
			return true;
	}
	return n != 0;
}

void pinpage_complete(struct pinpage_completion *done)
{
	uint32_t n = READ_ONCE(done->done);

	do {
		if (n == UINT32_MAX)
			return;
	} while (!try_cmpxchg(&done->done, &n, n + 1));
	/* from here on @done may be gone: its address alone is used */
	pp_engine->unpark(&done->done, 1);
}

void pinpage_complete_all(struct pinpage_completion *done)
{
	(void)xchg(&done->done, UINT32_MAX);
	pp_engine->unpark(&done->done, INT32_MAX);
}

void pinpage_wait_for_completion(struct pinpage_completion *done)
{
	struct task_struct *task = current;

	(void)pinpage_might_sleep();
	while (!pinpage_try_wait_for_completion(done))
		pp_park_on(task, "completion", &done->done, 0, PP_NEVER);
}

unsigned long pinpage_wait_for_completion_timeout(
	struct pinpage_completion *done, unsigned long timeout_ns)
{
	struct task_struct *task = current;
	uint64_t now = pp_engine->now(), deadline = now + timeout_ns;

	if (deadline < now)
		deadline = PP_NEVER;
	(void)pinpage_might_sleep();
	while (!pinpage_try_wait_for_completion(done)) {
		if (!pp_park_on(task, "completion", &done->done, 0, deadline) &&
		    !READ_ONCE(done->done))
			return 0;
	}
	now = pp_engine->now();
	return now < deadline ? deadline - now : 1;
}

/* wait queue */

void pinpage_init_waitqueue_head(pinpage_wait_queue_head_t *wq)
{
	WRITE_ONCE(wq->seq, 0);
}

uint32_t pinpage_wait_prepare(pinpage_wait_queue_head_t *wq)
{
	(void)pinpage_might_sleep();
	return smp_load_acquire(&wq->seq);
}

void pinpage_wait_sleep(pinpage_wait_queue_head_t *wq, uint32_t seen)
{
	pp_park_on(current, "wait queue", &wq->seq, seen, PP_NEVER);
}

void pinpage_wake_up_all(pinpage_wait_queue_head_t *wq)
{
	uint32_t seq = READ_ONCE(wq->seq);

	while (!try_cmpxchg(&wq->seq, &seq, seq + 1))
		;
	pp_engine->unpark(&wq->seq, INT32_MAX);
}

/* every waiter is non-exclusive, so that one wakes all */
void pinpage_wake_up(pinpage_wait_queue_head_t *wq)
{
	pinpage_wake_up_all(wq);
}

/* bit lock */

/* the half of an unsigned long that holds bits 0..31 */
static inline const uint32_t *low_half(const unsigned long *word)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ && __SIZEOF_LONG__ == 8
	return (const uint32_t *)word + 1;
#else
	return (const uint32_t *)word;
#endif
}

static pp_cold void bit_wait(struct task_struct *task, unsigned int bit,
			     unsigned long *word, const char *name)
{
	unsigned long seen;

	while ((seen = READ_ONCE(*word)) & BIT(bit))
		pp_park_on(task, name, low_half(word), (uint32_t)seen,
			   PP_NEVER);
}

/* As bit_wait(), except: -EINTR when the task is killed. */
static pp_cold int bit_wait_killable(struct task_struct *task, unsigned int bit,
				     unsigned long *word, const char *name)
{
	unsigned long seen;

	while ((seen = READ_ONCE(*word)) & BIT(bit)) {
		if (pinpage_fatal_signal_pending())
			return -EINTR;
		pp_park_on(task, name, low_half(word), (uint32_t)seen,
			   PP_NEVER);
	}
	return 0;
}

/**
 * pp_bit_lock() - take a lock that is one bit of a word of flags
 * @bit: 0..31; @word: the flags; @name, @rank: for reports and the order
 *
 * Context: process; sleeps. Locking: held on return, released by
 * pp_bit_unlock(), perhaps by another task after pp_lock_handover().
 * Return: nothing.
 */
void pp_bit_lock(unsigned int bit, unsigned long *word, const char *name,
		 enum pinpage_lock_rank rank)
{
	struct task_struct *task = current;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = name, .arg = rank);
	pp_rank_check(task, word, name, rank, PP_RANK_STRICT);
	while (unlikely(test_and_set_bit_lock(bit, word)))
		bit_wait(task, bit, word, name);
	pp_held_push(task, word, name, rank, false);
}

/**
 * pp_bit_lock_killable() - as pp_bit_lock(), except: a fatal signal ends the
 * wait
 *
 * Return: 0; -EINTR: killed, not held.
 * Mirrors: mm/filemap.c:__folio_lock_killable()
 */
int pp_bit_lock_killable(unsigned int bit, unsigned long *word, const char *name,
			 enum pinpage_lock_rank rank)
{
	struct task_struct *task = current;
	int err;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = name, .arg = rank);
	pp_rank_check(task, word, name, rank, PP_RANK_STRICT);
	while (unlikely(test_and_set_bit_lock(bit, word))) {
		err = bit_wait_killable(task, bit, word, name);
		if (err)
			return err;
	}
	pp_held_push(task, word, name, rank, false);
	return 0;
}

/**
 * pp_bit_trylock() - as pp_bit_lock(), except: never waits, breaks no order
 *
 * Context: any. Return: true if taken.
 */
bool pp_bit_trylock(unsigned int bit, unsigned long *word, const char *name,
		    enum pinpage_lock_rank rank)
{
	if (test_and_set_bit_lock(bit, word))
		return false;
	pp_held_push(current, word, name, rank, false);
	pp_emit(LOCK, .name = name, .arg = rank);
	return true;
}

/**
 * pp_bit_unlock() - release a bit lock
 *
 * Context: any. Locking: the bit is set; misuse warns once and changes
 * nothing. Return: nothing.
 */
void pp_bit_unlock(unsigned int bit, unsigned long *word)
{
	struct task_struct *task = current;
	const char *name = "bit lock";
	long rank = 0;

	if (unlikely(!test_bit(bit, word))) {
		pp_not_held(word, name);
		return;
	}
	if (task && task->nr_held &&
	    task->held[task->nr_held - 1].lock == word) {
		name = task->held[task->nr_held - 1].name;
		rank = task->held[task->nr_held - 1].rank;
	}
	(void)pp_held_pop(task, word);
	pp_bit_clear_wake(bit, word);
	pp_emit(UNLOCK, .name = name, .arg = rank);
}

/**
 * pp_bit_wait_clear() - wait until @bit of *@word reads clear
 *
 * Context: process; sleeps. Locking: none. Return: nothing.
 */
void pp_bit_wait_clear(unsigned int bit, unsigned long *word)
{
	if (!test_bit_acquire(bit, word))
		return;
	(void)pinpage_might_sleep();
	bit_wait(current, bit, word, "bit");
	(void)test_bit_acquire(bit, word);
}

/* As pp_bit_wait_clear(), except: 0, or -EINTR: killed before it was clear. */
int pp_bit_wait_killable(unsigned int bit, unsigned long *word)
{
	int err;

	if (!test_bit_acquire(bit, word))
		return 0;
	(void)pinpage_might_sleep();
	err = bit_wait_killable(current, bit, word, "bit");
	(void)test_bit_acquire(bit, word);
	return err;
}

/**
 * pp_bit_clear_wake() - clear @bit and wake who waits for a bit of *@word
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_bit_clear_wake(unsigned int bit, unsigned long *word)
{
	clear_bit_unlock(bit, word);
	smp_mb__after_atomic();		/* MB park (A) */
	pp_engine->unpark(low_half(word), INT32_MAX);
}

/* seqcount: readers in exec.h */

/**
 * pp_write_seqcount_begin() - readers retry from here on
 *
 * MB seq-begin (A): the odd count is seen before any write of the section.
 * Pairs with the smp_rmb() of read_seqcount_retry(). Without it a reader
 * keeps half of the change. Test: exec/wait seqcount_retry.
 *
 * Context: any. Locking: caller excludes other writers. Return: nothing.
 */
void pp_write_seqcount_begin(struct pinpage_seqcount *s)
{
	WRITE_ONCE(s->sequence, s->sequence + 1);
	smp_wmb();
}

/**
 * pp_write_seqcount_end() - end of pp_write_seqcount_begin()
 *
 * Context: any. Locking: as before. Return: nothing.
 */
void pp_write_seqcount_end(struct pinpage_seqcount *s)
{
	smp_wmb();
	WRITE_ONCE(s->sequence, s->sequence + 1);
}
