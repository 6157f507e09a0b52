// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lock.c - spinlock, mutex, rwsem: exclusion, trylock, misuse
 */
#include "suites.h"

#define TASKS	4
#define ROUNDS	2000

static pinpage_spinlock_t spin = PINPAGE_SPINLOCK_INIT(spin);
static struct pinpage_mutex mutex = PINPAGE_MUTEX_INIT(mutex);
static struct pinpage_rwsem sem;
static unsigned long bits;
static long counter, other;

void lock_reset(void)
{
	spin = (pinpage_spinlock_t)PINPAGE_SPINLOCK_INIT(spin);
	mutex = (struct pinpage_mutex)PINPAGE_MUTEX_INIT(mutex);
	bits = 0;
	counter = other = 0;
}

static void run_tasks(int (*fn)(void *))
{
	struct task_struct *task[TASKS];
	int i;

	for (i = 0; i < TASKS; i++)
		task[i] = start(fn, NULL, "racer");
	for (i = 0; i < TASKS; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
}

/* a plain increment with a chance to be interrupted in the middle */
static void increment(void)
{
	long seen = counter;

	if (seen % 16 == 0)
		pinpage_cond_resched();
	counter = seen + 1;
}

static int spin_rounds(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		pinpage_spin_lock(&spin);
		increment();
		pinpage_spin_unlock(&spin);
	}
	return 0;
}

START_TEST(spinlock_excludes)
{
	run_tasks(spin_rounds);
	ck_assert_int_eq(counter, TASKS * ROUNDS);
}
END_TEST

static int mutex_rounds(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		pinpage_mutex_lock(&mutex);
		increment();
		pinpage_mutex_unlock(&mutex);
	}
	return 0;
}

START_TEST(mutex_excludes)
{
	run_tasks(mutex_rounds);
	ck_assert_int_eq(counter, TASKS * ROUNDS);
}
END_TEST

static int bit_rounds(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		pp_bit_lock(3, &bits, "bit", PINPAGE_RANK_PAGE);
		increment();
		pp_bit_unlock(3, &bits);
	}
	return 0;
}

START_TEST(bit_lock_excludes)
{
	bits = 1;
	run_tasks(bit_rounds);
	ck_assert_int_eq(counter, TASKS * ROUNDS);
	ck_assert_uint_eq(bits, 1);
}
END_TEST

static int rwsem_rounds(void *arg)
{
	(void)arg;
	for (int i = 0; i < ROUNDS; i++) {
		if (i % 3 == 0) {
			pinpage_down_write(&sem);
			increment();
			other = counter;
			pinpage_up_write(&sem);
			continue;
		}
		pinpage_down_read(&sem);
		if (other != counter)
			return 1;
		if (i % 16 == 0)
			pinpage_cond_resched();
		pinpage_up_read(&sem);
	}
	return 0;
}

START_TEST(rwsem_excludes)
{
	pinpage_init_rwsem(&sem, "sem");
	run_tasks(rwsem_rounds);
	ck_assert_int_eq(counter, TASKS * ((ROUNDS + 2) / 3));
}
END_TEST

static int read_sem(void *arg)
{
	struct pinpage_completion *in = arg;

	pinpage_down_read(&sem);
	pinpage_complete(in);
	pinpage_up_read(&sem);
	return 0;
}

START_TEST(readers_share_rwsem)
{
	struct pinpage_completion in = { 0 };
	struct task_struct *task;

	pinpage_init_rwsem(&sem, "sem");
	pinpage_down_read(&sem);
	task = start(read_sem, &in, "reader");
	pinpage_wait_for_completion(&in);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	pinpage_up_read(&sem);
}
END_TEST

static int write_sem(void *arg)
{
	(void)arg;
	pinpage_down_write(&sem);
	counter++;
	pinpage_up_write(&sem);
	return 0;
}

/* let others run until @task sleeps */
static void until_blocked(struct task_struct *task, const char *what)
{
	const char *on = NULL;

	while (!pp_task_blocked(task, &on))
		pinpage_msleep(1);
	ck_assert_str_eq(on, what);
}

START_TEST(waiting_writer_keeps_new_readers_out)
{
	struct pinpage_completion in = { 0 };
	struct task_struct *writer, *reader;

	pinpage_init_rwsem(&sem, "sem");
	pinpage_down_read(&sem);
	writer = start(write_sem, NULL, "writer");
	until_blocked(writer, "sem");
	ck_assert_int_eq(pinpage_down_read_trylock(&sem), 0);
	reader = start(read_sem, &in, "reader");
	until_blocked(reader, "sem");
	pinpage_up_read(&sem);
	ck_assert_int_eq(pinpage_kthread_join(writer), 0);
	ck_assert_int_eq(pinpage_kthread_join(reader), 0);
	ck_assert_int_eq(counter, 1);
}
END_TEST

START_TEST(downgrade_lets_readers_in_and_writers_not)
{
	struct pinpage_completion in = { 0 };
	struct task_struct *reader, *writer;

	pinpage_init_rwsem(&sem, "sem");
	pinpage_down_write(&sem);
	reader = start(read_sem, &in, "reader");
	until_blocked(reader, "sem");
	pinpage_downgrade_write(&sem);
	ck_assert_int_eq(pinpage_kthread_join(reader), 0);
	ck_assert_int_eq(pinpage_down_write_trylock(&sem), 0);
	writer = start(write_sem, NULL, "writer");
	until_blocked(writer, "sem");
	ck_assert_int_eq(counter, 0);
	pinpage_up_read(&sem);
	ck_assert_int_eq(pinpage_kthread_join(writer), 0);
}
END_TEST

START_TEST(trylock_of_a_held_lock_fails)
{
	pinpage_spin_lock_init(&spin, "spin");
	pinpage_mutex_init(&mutex, "mutex");
	pinpage_init_rwsem(&sem, "sem");
	ck_assert_int_eq(pinpage_mutex_trylock(&mutex), 1);
	ck_assert_int_eq(pinpage_mutex_trylock(&mutex), 0);
	ck_assert_int_eq(pinpage_down_write_trylock(&sem), 1);
	ck_assert_int_eq(pinpage_down_read_trylock(&sem), 0);
	ck_assert(pp_bit_trylock(0, &bits, "bit", PINPAGE_RANK_NONE));
	ck_assert(!pp_bit_trylock(0, &bits, "bit", PINPAGE_RANK_NONE));
	ck_assert_int_eq(pinpage_spin_trylock(&spin), 1);
	ck_assert_int_eq(pinpage_spin_trylock(&spin), 0);
	ck_assert_uint_eq(pp_locks_held(), 4);
	pinpage_spin_unlock(&spin);
	pp_bit_unlock(0, &bits);
	pinpage_up_write(&sem);
	pinpage_mutex_unlock(&mutex);
	ck_assert_uint_eq(pp_locks_held(), 0);
}
END_TEST

START_TEST(irqsave_is_atomic_context)
{
	unsigned long flags = pinpage_spin_lock_irqsave(&spin);

	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_ATOMIC);
	pinpage_spin_unlock_irqrestore(&spin, flags);
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_PROCESS);
}
END_TEST

START_TEST(unlock_of_a_free_lock_warns)
{
	pinpage_init_rwsem(&sem, "sem");
	pinpage_spin_unlock(&spin);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_mutex_unlock(&mutex);
	pinpage_up_read(&sem);
	pinpage_up_write(&sem);
	pinpage_downgrade_write(&sem);
	pp_bit_unlock(0, &bits);
	ck_assert_uint_eq(warnings(), 6);
	ck_assert_uint_eq(sem.word, 0);
}
END_TEST

static int lock_and_leave(void *arg)
{
	(void)arg;
	pp_bit_lock(0, &bits, "bit", PINPAGE_RANK_PAGE);
	pp_lock_handover(&bits);
	return 0;
}

START_TEST(handed_over_bit_lock_is_released_by_another)
{
	struct task_struct *task = start(lock_and_leave, NULL, "locker");

	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_uint_eq(bits, 1);
	pp_bit_unlock(0, &bits);
	ck_assert_uint_eq(bits, 0);
}
END_TEST

Suite *lock_suite(void)
{
	Suite *suite = suite_create("lock");

	add_both(suite, spinlock_excludes);
	add_both(suite, mutex_excludes);
	add_both(suite, bit_lock_excludes);
	add_both(suite, rwsem_excludes);
	add_both(suite, readers_share_rwsem);
	add_both(suite, waiting_writer_keeps_new_readers_out);
	add_both(suite, downgrade_lets_readers_in_and_writers_not);
	add_both(suite, trylock_of_a_held_lock_fails);
	add_both(suite, irqsave_is_atomic_context);
	add_both(suite, unlock_of_a_free_lock_warns);
	add_both(suite, handed_over_bit_lock_is_released_by_another);
	return suite;
}
