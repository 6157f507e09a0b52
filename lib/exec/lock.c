// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/lock.c - spinlock, mutex, read-write semaphore, written once over
 * pp_engine->park() and ->unpark()
 *
 * Guarantees:
 * A. What was done under a lock is seen by the next holder: taking is an
 *    acquire, dropping a release or stronger.
 * B. The LOCK event comes before the attempt (a trylock's after its success),
 *    UNLOCK after the release, so that a scheduler can put another task on
 *    either side of each.
 * C. rwsem: a waiting writer keeps new readers out; every writer that leaves
 *    lets at least one waiting reader in. Nobody starves.
 */
#include "exec/engine.h"

#include <errno.h>

/* word of a spinlock or mutex */
enum { FREE, HELD, CONTENDED };

#define SPIN_TURNS	200

static pp_cold void word_lock_slow(struct task_struct *task, uint32_t *word,
				   const char *name)
{
	int turns = pp_engine_is_fiber ? 0 : SPIN_TURNS;

	while (turns-- > 0) {
		if (READ_ONCE(*word) == FREE &&
		    cmpxchg_acquire(word, FREE, HELD) == FREE)
			return;
		cpu_relax();
	}
	/* CONTENDED even when we get it: others may wait, we cannot know */
	while (xchg(word, CONTENDED) != FREE)
		pp_park_on(task, name, word, CONTENDED, PP_NEVER);
}

static inline void word_lock(struct task_struct *task, uint32_t *word,
			     const char *name)
{
	if (unlikely(cmpxchg_acquire(word, FREE, HELD) != FREE))
		word_lock_slow(task, word, name);
}

static inline bool word_trylock(uint32_t *word)
{
	return cmpxchg_acquire(word, FREE, HELD) == FREE;
}

static inline void word_unlock(uint32_t *word)
{
	if (unlikely(xchg(word, FREE) == CONTENDED))
		pp_engine->unpark(word, 1);
}

/* spinlock */

/**
 * pp_spin_init() - initialise a spinlock of the model
 * @name: for reports, lives as long as the lock; @rank: its place in the order
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_spin_init(pinpage_spinlock_t *lock, const char *name,
		  enum pinpage_lock_rank rank)
{
	*lock = (pinpage_spinlock_t){ .name = name, .rank = rank };
}

void pinpage_spin_lock_init(pinpage_spinlock_t *lock, const char *name)
{
	pp_spin_init(lock, name, PINPAGE_RANK_NONE);
}

static inline void spin_taken(struct task_struct *task,
			      pinpage_spinlock_t *lock)
{
	if (unlikely(!task))
		return;
	WRITE_ONCE(lock->owner, task);
	pp_held_push(task, lock, lock->name, lock->rank, false);
	task->atomic_depth++;
}

static inline void spin_lock(pinpage_spinlock_t *lock, enum pp_rank_mode mode)
{
	struct task_struct *task = current;

	pp_emit(LOCK, .name = lock->name, .arg = lock->rank);
	if (unlikely(task && READ_ONCE(lock->owner) == task))
		pp_recursion(task, lock, lock->name);
	else
		pp_rank_check(task, lock, lock->name, lock->rank, mode);
	word_lock(task, &lock->word, lock->name);
	spin_taken(task, lock);
}

void pinpage_spin_lock(pinpage_spinlock_t *lock)
{
	spin_lock(lock, PP_RANK_STRICT);
}

/**
 * pp_spin_lock_nested() - as pinpage_spin_lock(), except: a lock of the same
 * rank may be held; the caller takes them in address order
 */
void pp_spin_lock_nested(pinpage_spinlock_t *lock)
{
	spin_lock(lock, PP_RANK_SAME_OK);
}

int pinpage_spin_trylock(pinpage_spinlock_t *lock)
{
	if (!word_trylock(&lock->word))
		return 0;
	spin_taken(current, lock);
	pp_emit(LOCK, .name = lock->name, .arg = lock->rank);
	return 1;
}

void pinpage_spin_unlock(pinpage_spinlock_t *lock)
{
	struct task_struct *task = current;
	const char *name = lock->name;
	long rank = lock->rank;

	if (unlikely(task && READ_ONCE(lock->owner) != task)) {
		pp_not_held(lock, lock->name);
		return;
	}
	(void)pp_held_pop(task, lock);
	if (task)
		task->atomic_depth--;
	WRITE_ONCE(lock->owner, NULL);
	word_unlock(&lock->word);
	pp_emit(UNLOCK, .name = name, .arg = rank);
}

unsigned long pinpage_spin_lock_irqsave(pinpage_spinlock_t *lock)
{
	pinpage_spin_lock(lock);
	return 0;
}

void pinpage_spin_unlock_irqrestore(pinpage_spinlock_t *lock,
				    unsigned long flags)
{
	(void)flags;
	pinpage_spin_unlock(lock);
}

/* mutex */

/**
 * pp_mutex_init() - as pp_spin_init(), except: for a mutex
 */
void pp_mutex_init(struct pinpage_mutex *lock, const char *name,
		   enum pinpage_lock_rank rank)
{
	*lock = (struct pinpage_mutex){ .name = name, .rank = rank };
}

void pinpage_mutex_init(struct pinpage_mutex *lock, const char *name)
{
	pp_mutex_init(lock, name, PINPAGE_RANK_NONE);
}

static inline void mutex_taken(struct task_struct *task,
			       struct pinpage_mutex *lock)
{
	WRITE_ONCE(lock->owner, task);
	pp_held_push(task, lock, lock->name, lock->rank, false);
}

void pinpage_mutex_lock(struct pinpage_mutex *lock)
{
	struct task_struct *task = current;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = lock->name, .arg = lock->rank);
	if (unlikely(task && READ_ONCE(lock->owner) == task))
		pp_recursion(task, lock, lock->name);
	else
		pp_rank_check(task, lock, lock->name, lock->rank,
			      PP_RANK_STRICT);
	word_lock(task, &lock->word, lock->name);
	mutex_taken(task, lock);
}

int pinpage_mutex_trylock(struct pinpage_mutex *lock)
{
	if (!word_trylock(&lock->word))
		return 0;
	mutex_taken(current, lock);
	pp_emit(LOCK, .name = lock->name, .arg = lock->rank);
	return 1;
}

void pinpage_mutex_unlock(struct pinpage_mutex *lock)
{
	struct task_struct *task = current;
	const char *name = lock->name;
	long rank = lock->rank;

	if (unlikely(READ_ONCE(lock->owner) != task)) {
		pp_not_held(lock, lock->name);
		return;
	}
	(void)pp_held_pop(task, lock);
	WRITE_ONCE(lock->owner, NULL);
	word_unlock(&lock->word);
	pp_emit(UNLOCK, .name = name, .arg = rank);
}

/*
 * rwsem. word: bit 0 a writer is in; bit 1 a writer waits; bit 2 set by a
 * writer that left readers waiting: the next reader passes in spite of bit 1
 * and clears it, and no writer enters before, unless the readers have given
 * up; the rest counts readers. waiters counts waiting readers.
 */
enum { WRITER = 1, WANTED = 2, TURN = 4, READER = 8 };

/**
 * pp_rwsem_init() - as pp_spin_init(), except: for an rwsem
 */
void pp_rwsem_init(struct pinpage_rwsem *sem, const char *name,
		   enum pinpage_lock_rank rank)
{
	*sem = (struct pinpage_rwsem){ .name = name, .rank = rank };
}

void pinpage_init_rwsem(struct pinpage_rwsem *sem, const char *name)
{
	pp_rwsem_init(sem, name, PINPAGE_RANK_NONE);
}

/* one attempt; *@seen is the word that refused it */
static bool read_try(struct pinpage_rwsem *sem, uint32_t *seen)
{
	uint32_t word = READ_ONCE(sem->word);

	while (!(word & WRITER) && (!(word & WANTED) || (word & TURN))) {
		if (try_cmpxchg(&sem->word, &word, (word + READER) & ~TURN))
			return true;
	}
	*seen = word;
	return false;
}

static bool write_try(struct pinpage_rwsem *sem, uint32_t *seen)
{
	/* (D) of MB rwsem-giving-up: the word before waiters */
	uint32_t word = smp_load_acquire(&sem->word);

	while (!(word & ~(uint32_t)(WANTED | TURN)) &&
	       (!(word & TURN) || !READ_ONCE(sem->waiters))) {
		if (try_cmpxchg(&sem->word, &word, (word & ~TURN) | WRITER))
			return true;
	}
	*seen = word;
	return false;
}

static void counter_add(uint32_t *counter, int by)
{
	uint32_t old = READ_ONCE(*counter);

	while (!try_cmpxchg(counter, &old, old + (uint32_t)by))
		;
}

/*
 * MB rwsem-readers (A): waiters is raised before the word is read again (by
 * read_try() and by park()). Pairs with (B) in write_leave() [word changed,
 * then waiters read]. Without it the reader sleeps and nobody wakes it.
 * Test: exec/lock rwsem_excludes.
 */
static pp_cold void read_slow(struct task_struct *task,
			      struct pinpage_rwsem *sem)
{
	uint32_t seen;

	counter_add(&sem->waiters, 1);
	while (!read_try(sem, &seen))
		pp_park_on(task, sem->name, &sem->word, seen, PP_NEVER);
	counter_add(&sem->waiters, -1);
}

/*
 * A killed reader leaves the queue: a turn that was left for it goes on.
 * MB rwsem-giving-up (C): waiters is lowered before the word is read. Pairs
 * with (D) in write_try() [word read with acquire, then waiters]. Without it
 * a writer waits for a reader that will not come.
 * Test: exec/signal killed_reader_lets_the_writer_in.
 */
static void give_up_turn(struct pinpage_rwsem *sem)
{
	uint32_t word = READ_ONCE(sem->word);

	while (word & TURN && !READ_ONCE(sem->waiters))
		if (try_cmpxchg(&sem->word, &word, word & ~TURN)) {
			pp_engine->unpark(&sem->word, INT32_MAX);
			return;
		}
}

/* As read_slow(), except: false: a fatal signal came first. */
static pp_cold bool read_slow_killable(struct task_struct *task,
				       struct pinpage_rwsem *sem)
{
	bool got, killed = false;
	uint32_t seen;

	counter_add(&sem->waiters, 1);
	while (!(got = read_try(sem, &seen)) &&
	       !(killed = pinpage_fatal_signal_pending()))
		pp_park_on(task, sem->name, &sem->word, seen, PP_NEVER);
	counter_add(&sem->waiters, -1);
	if (killed)
		give_up_turn(sem);
	return got;
}

static pp_cold void write_slow(struct task_struct *task,
			       struct pinpage_rwsem *sem)
{
	uint32_t seen;

	while (!write_try(sem, &seen)) {
		if (!(seen & WANTED) &&
		    cmpxchg(&sem->word, seen, seen | WANTED) != seen)
			continue;
		pp_park_on(task, sem->name, &sem->word, seen | WANTED,
			   PP_NEVER);
	}
}

void pinpage_down_read(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;
	uint32_t seen;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = sem->name, .arg = sem->rank);
	if (unlikely(task && READ_ONCE(sem->owner) == task))
		pp_recursion(task, sem, sem->name);
	else
		pp_rank_check(task, sem, sem->name, sem->rank, PP_RANK_STRICT);
	if (unlikely(!read_try(sem, &seen)))
		read_slow(task, sem);
	pp_held_push(task, sem, sem->name, sem->rank, true);
}

/**
 * pp_down_read_killable() - as pinpage_down_read(), except: a fatal signal ends
 * the wait
 *
 * Return: 0; -EINTR: killed, not held.
 * Mirrors: kernel/locking/rwsem.c:down_read_killable()
 */
int pp_down_read_killable(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;
	uint32_t seen;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = sem->name, .arg = sem->rank);
	if (unlikely(task && READ_ONCE(sem->owner) == task))
		pp_recursion(task, sem, sem->name);
	else
		pp_rank_check(task, sem, sem->name, sem->rank, PP_RANK_STRICT);
	if (unlikely(!read_try(sem, &seen)) && !read_slow_killable(task, sem))
		return -EINTR;
	pp_held_push(task, sem, sem->name, sem->rank, true);
	return 0;
}

int pinpage_down_read_trylock(struct pinpage_rwsem *sem)
{
	uint32_t seen;

	if (!read_try(sem, &seen))
		return 0;
	pp_held_push(current, sem, sem->name, sem->rank, true);
	pp_emit(LOCK, .name = sem->name, .arg = sem->rank);
	return 1;
}

void pinpage_up_read(struct pinpage_rwsem *sem)
{
	const char *name = sem->name;
	uint32_t word = READ_ONCE(sem->word);
	long rank = sem->rank;

	if (unlikely(!pp_held_pop(current, sem)))
		pp_not_held(sem, sem->name);
	do {
		if (unlikely(word < READER))
			return;
	} while (!try_cmpxchg(&sem->word, &word, word - READER));
	word -= READER;
	if (unlikely((word & WANTED) && word < READER))
		pp_engine->unpark(&sem->word, INT32_MAX);
	pp_emit(UNLOCK, .name = name, .arg = rank);
}

void pinpage_down_write(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;

	(void)pinpage_might_sleep();
	pp_emit(LOCK, .name = sem->name, .arg = sem->rank);
	if (unlikely(task && READ_ONCE(sem->owner) == task))
		pp_recursion(task, sem, sem->name);
	else
		pp_rank_check(task, sem, sem->name, sem->rank, PP_RANK_STRICT);
	if (unlikely(cmpxchg_acquire(&sem->word, 0, WRITER) != 0))
		write_slow(task, sem);
	WRITE_ONCE(sem->owner, task);
	pp_held_push(task, sem, sem->name, sem->rank, false);
}

int pinpage_down_write_trylock(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;
	uint32_t seen;

	if (!write_try(sem, &seen))
		return 0;
	WRITE_ONCE(sem->owner, task);
	pp_held_push(task, sem, sem->name, sem->rank, false);
	pp_emit(LOCK, .name = sem->name, .arg = sem->rank);
	return 1;
}

/* the writer leaves @next in the word; (B) of MB rwsem-readers */
static void write_leave(struct pinpage_rwsem *sem, uint32_t next)
{
	uint32_t old = xchg(&sem->word, next);

	if (unlikely((old & WANTED) || READ_ONCE(sem->waiters)))
		pp_engine->unpark(&sem->word, INT32_MAX);
}

void pinpage_up_write(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;
	const char *name = sem->name;
	long rank = sem->rank;

	if (unlikely(READ_ONCE(sem->owner) != task)) {
		pp_not_held(sem, sem->name);
		return;
	}
	(void)pp_held_pop(task, sem);
	WRITE_ONCE(sem->owner, NULL);
	write_leave(sem, READ_ONCE(sem->waiters) ? TURN : 0);
	pp_emit(UNLOCK, .name = name, .arg = rank);
}

void pinpage_downgrade_write(struct pinpage_rwsem *sem)
{
	struct task_struct *task = current;

	if (unlikely(READ_ONCE(sem->owner) != task)) {
		pp_not_held(sem, sem->name);
		return;
	}
	for (unsigned int i = task ? task->nr_held : 0; i-- > 0; )
		if (task->held[i].lock == sem)
			task->held[i].shared = true;
	WRITE_ONCE(sem->owner, NULL);
	write_leave(sem, READER);
	pp_emit(UNLOCK, .name = sem->name, .arg = sem->rank);
}
