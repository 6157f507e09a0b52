// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * wait.c - completion, wait queue, bit wait, parking, seqcount, time
 */
#include "suites.h"

static struct pinpage_completion done;
static pinpage_wait_queue_head_t queue;
static unsigned long bits;
static int flag;
static uint32_t word;
static struct pinpage_seqcount seq;
static long left, right;

void wait_reset(void)
{
	done.done = 0;
	queue.seq = 0;
	bits = 0;
	flag = 0;
	word = 0;
	left = right = 0;
}

static int complete_later(void *arg)
{
	(void)arg;
	pinpage_msleep(5);
	flag = 1;
	pinpage_complete(&done);
	return 0;
}

START_TEST(wait_for_completion_sees_what_was_written_before)
{
	struct task_struct *task;

	pinpage_init_completion(&done);
	task = start(complete_later, NULL, "completer");
	pinpage_wait_for_completion(&done);
	ck_assert_int_eq(flag, 1);
	ck_assert(!pinpage_try_wait_for_completion(&done));
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(completion_timeout_returns_zero)
{
	uint64_t before = pinpage_ktime_get_ns();

	pinpage_init_completion(&done);
	ck_assert_uint_eq(pinpage_wait_for_completion_timeout(&done, 3000000),
			  0);
	ck_assert(pinpage_ktime_get_ns() - before >= 3000000);
}
END_TEST

START_TEST(completion_in_time_returns_what_is_left)
{
	struct task_struct *task;

	pinpage_init_completion(&done);
	task = start(complete_later, NULL, "completer");
	ck_assert_uint_gt(pinpage_wait_for_completion_timeout(&done,
							60000000000ul), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(complete_all_satisfies_every_wait)
{
	pinpage_init_completion(&done);
	pinpage_complete_all(&done);
	pinpage_complete(&done);
	for (int i = 0; i < 3; i++)
		pinpage_wait_for_completion(&done);
	ck_assert(pinpage_try_wait_for_completion(&done));
}
END_TEST

static int wait_flag(void *arg)
{
	(void)arg;
	pinpage_wait_event(queue, READ_ONCE(flag) == 1);
	return 7;
}

START_TEST(wake_up_ends_wait_event)
{
	struct task_struct *a, *b;

	pinpage_init_waitqueue_head(&queue);
	a = start(wait_flag, NULL, "a");
	b = start(wait_flag, NULL, "b");
	pinpage_msleep(2);
	pinpage_wake_up_all(&queue);
	pinpage_msleep(2);
	ck_assert_uint_eq(a->ended, 0);
	WRITE_ONCE(flag, 1);
	pinpage_wake_up(&queue);
	ck_assert_int_eq(pinpage_kthread_join(a), 7);
	ck_assert_int_eq(pinpage_kthread_join(b), 7);
}
END_TEST

static int wait_bit(void *arg)
{
	(void)arg;
	pp_bit_wait_clear(4, &bits);
	return READ_ONCE(flag);
}

START_TEST(bit_wait_ends_when_the_bit_is_cleared)
{
	struct task_struct *task;

	bits = 0x11;
	task = start(wait_bit, NULL, "waiter");
	pinpage_msleep(2);
	WRITE_ONCE(flag, 3);
	pp_bit_clear_wake(4, &bits);
	ck_assert_int_eq(pinpage_kthread_join(task), 3);
	pp_bit_wait_clear(4, &bits);
	ck_assert_uint_eq(bits, 1);
}
END_TEST

static int park_on_word(void *arg)
{
	(void)arg;
	while (!READ_ONCE(word))
		pp_park(&word, 0);
	return 0;
}

START_TEST(unpark_wakes_as_many_as_asked)
{
	struct task_struct *a = start(park_on_word, NULL, "a");
	struct task_struct *b = start(park_on_word, NULL, "b");

	while (!pp_task_blocked(a, NULL) || !pp_task_blocked(b, NULL))
		pinpage_msleep(1);
	WRITE_ONCE(word, 1);
	pp_unpark(&word, 1);
	while (!READ_ONCE(a->ended) && !READ_ONCE(b->ended))
		pinpage_msleep(1);
	ck_assert_uint_eq(READ_ONCE(a->ended) + READ_ONCE(b->ended), 1);
	pp_unpark(&word, 1);
	ck_assert_int_eq(pinpage_kthread_join(a), 0);
	ck_assert_int_eq(pinpage_kthread_join(b), 0);
}
END_TEST

START_TEST(park_returns_at_once_if_the_value_changed)
{
	word = 5;
	pp_park(&word, 4);
	ck_assert(pp_park_timeout(&word, 4, UINT64_MAX));
	ck_assert(!pp_park_timeout(&word, 5, pinpage_ktime_get_ns()));
}
END_TEST

static int seq_writer(void *arg)
{
	(void)arg;
	for (long i = 1; i <= 2000; i++) {
		pp_write_seqcount_begin(&seq);
		WRITE_ONCE(left, i);
		if (i % 8 == 0)
			pinpage_cond_resched();
		WRITE_ONCE(right, i);
		pp_write_seqcount_end(&seq);
	}
	return 0;
}

START_TEST(seqcount_retry)
{
	struct task_struct *task = start(seq_writer, NULL, "writer");
	unsigned int start_seq;
	long a, b;

	do {
		pinpage_cond_resched();
		start_seq = raw_read_seqcount(&seq);
		a = READ_ONCE(left);
		b = READ_ONCE(right);
		if ((start_seq & 1) || read_seqcount_retry(&seq, start_seq))
			continue;
		ck_assert_int_eq(a, b);
	} while (!READ_ONCE(task->ended));
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(msleep_takes_its_time)
{
	uint64_t before = pinpage_ktime_get_ns();

	pinpage_msleep(4);
	ck_assert(pinpage_ktime_get_ns() - before >= 4000000);
}
END_TEST

START_TEST(virtual_time_jumps_to_the_nearest_deadline)
{
	ck_assert_uint_eq(pinpage_ktime_get_ns(), 0);
	pinpage_msleep(3600 * 1000);
	ck_assert_uint_eq(pinpage_ktime_get_ns(), 3600000000000ull);
}
END_TEST

Suite *wait_suite(void)
{
	Suite *suite = suite_create("wait");

	add_both(suite, wait_for_completion_sees_what_was_written_before);
	add_both(suite, completion_timeout_returns_zero);
	add_both(suite, completion_in_time_returns_what_is_left);
	add_both(suite, complete_all_satisfies_every_wait);
	add_both(suite, wake_up_ends_wait_event);
	add_both(suite, bit_wait_ends_when_the_bit_is_cleared);
	add_both(suite, unpark_wakes_as_many_as_asked);
	add_both(suite, park_returns_at_once_if_the_value_changed);
	add_both(suite, seqcount_retry);
	add_both(suite, msleep_takes_its_time);
	add_fiber(suite, "virtual time",
		  virtual_time_jumps_to_the_nearest_deadline);
	return suite;
}
