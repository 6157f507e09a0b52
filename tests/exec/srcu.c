// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * srcu.c - read sections that sleep
 */
#include "suites.h"

static struct pp_srcu srcu;
static struct pinpage_completion in, go;
static int left;

void srcu_reset(void)
{
	pp_srcu_init(&srcu, "test srcu");
	in.done = go.done = 0;
	left = 0;
}

static int sleeper(void *arg)
{
	unsigned int i = pp_srcu_read_lock(&srcu), j;

	(void)arg;
	j = pp_srcu_read_lock(&srcu);
	pinpage_complete(&in);
	pp_srcu_read_unlock(&srcu, j);
	pinpage_wait_for_completion(&go);
	pinpage_msleep(1);
	WRITE_ONCE(left, 1);
	pp_srcu_read_unlock(&srcu, i);
	return 0;
}

static int releaser(void *arg)
{
	(void)arg;
	pinpage_msleep(1);
	pinpage_complete(&go);
	return 0;
}

START_TEST(grace_period_waits_for_a_sleeping_reader)
{
	struct task_struct *a = start(sleeper, NULL, "reader"), *b;

	pinpage_wait_for_completion(&in);
	b = start(releaser, NULL, "releaser");
	pp_synchronize_srcu(&srcu);
	ck_assert_int_eq(READ_ONCE(left), 1);
	pinpage_kthread_join(a);
	pinpage_kthread_join(b);
}
END_TEST

START_TEST(grace_period_without_readers_returns)
{
	unsigned int i = pp_srcu_read_lock(&srcu);

	pp_srcu_read_unlock(&srcu, i);
	pp_synchronize_srcu(&srcu);
	ck_assert_uint_ne(pp_srcu_read_lock(&srcu), i);
	pp_srcu_read_unlock(&srcu, i ^ 1);
	pp_synchronize_srcu(&srcu);
}
END_TEST

/* readers that never leave a gap do not keep the writer waiting */
static bool enough;

static int stream(void *arg)
{
	unsigned int i = pp_srcu_read_lock(&srcu), next;

	(void)arg;
	pinpage_complete(&in);
	while (!READ_ONCE(enough)) {
		next = pp_srcu_read_lock(&srcu);
		pp_srcu_read_unlock(&srcu, i);
		i = next;
		pinpage_yield("stream");
	}
	pp_srcu_read_unlock(&srcu, i);
	return 0;
}

START_TEST(overlapping_readers_do_not_starve_the_writer)
{
	struct task_struct *task;

	WRITE_ONCE(enough, false);
	task = start(stream, NULL, "stream");
	pinpage_wait_for_completion(&in);
	pp_synchronize_srcu(&srcu);
	pp_synchronize_srcu(&srcu);
	WRITE_ONCE(enough, true);
	pinpage_kthread_join(task);
}
END_TEST

Suite *srcu_suite(void)
{
	Suite *suite = suite_create("srcu");

	add_both(suite, grace_period_waits_for_a_sleeping_reader);
	add_both(suite, grace_period_without_readers_returns);
	add_both(suite, overlapping_readers_do_not_starve_the_writer);
	return suite;
}
