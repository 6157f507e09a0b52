// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * signal.c - what a fatal signal ends, what stops a task, what stays pending
 */
#include <errno.h>
#include <signal.h>

#include "suites.h"

static struct pinpage_rwsem sem;
static struct pinpage_completion up;
static unsigned long word;
static unsigned int steps;

void signal_reset(void)
{
	pp_rwsem_init(&sem, "test sem", PINPAGE_RANK_NONE);
	up.done = 0;
	word = 0;
	steps = 0;
}

/* until @task sleeps */
static void wait_blocked(struct task_struct *task)
{
	while (!pp_task_blocked(task, NULL))
		pinpage_yield("until it sleeps");
}

static int reads(void *arg)
{
	int err = pp_down_read_killable(&sem);

	(void)arg;
	if (!err)
		pinpage_up_read(&sem);
	return err;
}

static int writes(void *arg)
{
	(void)arg;
	pinpage_down_write(&sem);
	pinpage_up_write(&sem);
	return 0;
}

START_TEST(kill_ends_the_wait_for_a_read_lock)
{
	struct task_struct *task;

	pinpage_down_write(&sem);
	task = start(reads, NULL, "reader");
	wait_blocked(task);
	pinpage_send_sigkill(task);
	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
	pinpage_up_write(&sem);
	ck_assert_int_eq(reads(NULL), 0);
	ck_assert_int_eq(writes(NULL), 0);
}
END_TEST

/* a free lock is taken in spite of the signal, as in the kernel */
START_TEST(kill_does_not_refuse_a_free_lock)
{
	struct task_struct *task = start(reads, NULL, "reader");

	pinpage_send_sigkill(task);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(killed_reader_lets_the_writer_in)
{
	struct task_struct *reader, *writer;

	for (int i = 0; i < 50; i++) {
		pinpage_down_write(&sem);
		reader = start(reads, NULL, "reader");
		writer = start(writes, NULL, "writer");
		wait_blocked(reader);
		wait_blocked(writer);
		pinpage_send_sigkill(reader);
		pinpage_up_write(&sem);
		ck_assert_int_eq(pinpage_kthread_join(writer), 0);
		pinpage_kthread_join(reader);
	}
}
END_TEST

static int locks_bit(void *arg)
{
	int err = pp_bit_lock_killable(3, &word, "test bit",
				       PINPAGE_RANK_NONE);

	(void)arg;
	if (!err)
		pp_bit_unlock(3, &word);
	return err;
}

static int waits_for_bit(void *arg)
{
	(void)arg;
	return pp_bit_wait_killable(3, &word);
}

static void kill_at_bit(int (*fn)(void *))
{
	struct task_struct *task;

	ck_assert_int_eq(fn(NULL), 0);
	pp_bit_lock(3, &word, "test bit", PINPAGE_RANK_NONE);
	task = start(fn, NULL, "waiter");
	wait_blocked(task);
	pinpage_send_sigkill(task);
	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
	task = start(fn, NULL, "waiter");
	wait_blocked(task);
	pp_bit_unlock(3, &word);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}

START_TEST(kill_ends_the_wait_for_a_bit_lock) { kill_at_bit(locks_bit); } END_TEST
START_TEST(kill_ends_the_wait_for_a_bit) { kill_at_bit(waits_for_bit); } END_TEST

static int steps_on(void *arg)
{
	(void)arg;
	pinpage_complete(&up);
	while (!pinpage_kthread_should_stop()) {
		pp_user_return();
		WRITE_ONCE(steps, READ_ONCE(steps) + 1);
		pinpage_yield("step");
	}
	return 0;
}

START_TEST(stopped_task_waits_for_cont)
{
	struct task_struct *task = start(steps_on, NULL, "stepper");
	unsigned int seen;

	pinpage_wait_for_completion(&up);
	ck_assert_int_eq(pinpage_send_sig(SIGSTOP, task), 0);
	wait_blocked(task);
	seen = READ_ONCE(steps);
	pinpage_msleep(2);
	ck_assert_uint_eq(READ_ONCE(steps), seen);
	ck_assert_int_eq(pinpage_send_sig(SIGCONT, task), 0);
	while (READ_ONCE(steps) == seen)
		pinpage_yield("until it steps");
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
}
END_TEST

START_TEST(kill_ends_a_stop)
{
	struct task_struct *task = start(steps_on, NULL, "stepper");

	pinpage_wait_for_completion(&up);
	ck_assert_int_eq(pinpage_send_sig(SIGSTOP, task), 0);
	wait_blocked(task);
	ck_assert_int_eq(pinpage_send_sig(SIGKILL, task), 0);
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
}
END_TEST

START_TEST(caught_signal_is_pending_until_taken)
{
	struct task_struct *self = pinpage_current();

	ck_assert(!pinpage_signal_pending());
	ck_assert_int_eq(pinpage_send_sig(0, self), 0);
	ck_assert(!pinpage_signal_pending());
	ck_assert_int_eq(pinpage_send_sig(SIGUSR1, self), 0);
	ck_assert(pinpage_signal_pending());
	ck_assert(!pinpage_fatal_signal_pending());
	pinpage_flush_signals();
	ck_assert(!pinpage_signal_pending());
}
END_TEST

START_TEST(cont_takes_a_stop_back)
{
	struct task_struct *self = pinpage_current();

	ck_assert_int_eq(pinpage_send_sig(SIGSTOP, self), 0);
	ck_assert(pinpage_signal_pending());
	ck_assert_int_eq(pinpage_send_sig(SIGCONT, self), 0);
	ck_assert(!pinpage_signal_pending());
	pp_user_return();
}
END_TEST

START_TEST(bad_signal_einval)
{
	ck_assert_int_eq(pinpage_send_sig(SIGUSR1, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_send_sig(-1, pinpage_current()), -EINVAL);
	ck_assert_int_eq(pinpage_send_sig(65, pinpage_current()), -EINVAL);
}
END_TEST

Suite *signal_suite(void)
{
	Suite *suite = suite_create("signal");

	add_both(suite, kill_ends_the_wait_for_a_read_lock);
	add_both(suite, kill_does_not_refuse_a_free_lock);
	add_both(suite, killed_reader_lets_the_writer_in);
	add_both(suite, kill_ends_the_wait_for_a_bit_lock);
	add_both(suite, kill_ends_the_wait_for_a_bit);
	add_both(suite, stopped_task_waits_for_cont);
	add_both(suite, kill_ends_a_stop);
	add_both(suite, caught_signal_is_pending_until_taken);
	add_both(suite, cont_takes_a_stop_back);
	add_both(suite, bad_signal_einval);
	return suite;
}
