// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * work.c - work items and timers
 */
#include "suites.h"

static int runs;
static int order[8];
static enum pinpage_context context;
static struct pinpage_completion fired;

void work_reset(void)
{
	runs = 0;
	fired.done = 0;
}

static void count_run(struct pinpage_work *work)
{
	(void)work;
	context = pinpage_context();
	runs++;
}

START_TEST(work_runs_once_in_process_context)
{
	struct pinpage_work work;

	pinpage_init_work(&work, count_run);
	ck_assert(pinpage_schedule_work(&work));
	pinpage_flush_work(&work);
	ck_assert_int_eq(runs, 1);
	ck_assert_int_eq(context, PINPAGE_CTX_PROCESS);
}
END_TEST

static void gate_run(struct pinpage_work *work)
{
	(void)work;
	pinpage_wait_for_completion(&fired);
	runs++;
}

START_TEST(pending_work_is_not_queued_twice)
{
	struct pinpage_work gate, work;

	pinpage_init_work(&gate, gate_run);
	pinpage_init_work(&work, count_run);
	ck_assert(pinpage_schedule_work(&gate));
	ck_assert(pinpage_schedule_work(&work));
	ck_assert(!pinpage_schedule_work(&work));
	pinpage_complete(&fired);
	pinpage_flush_work(&work);
	ck_assert_int_eq(runs, 2);
}
END_TEST

static void requeue(struct pinpage_work *work)
{
	if (++runs < 5)
		pinpage_schedule_work(work);
}

START_TEST(work_may_schedule_itself)
{
	static struct pinpage_work work;

	pinpage_init_work(&work, requeue);
	pinpage_schedule_work(&work);
	pinpage_flush_work(&work);
	ck_assert_int_eq(runs, 5);
}
END_TEST

START_TEST(pending_work_runs_at_shutdown)
{
	static struct pinpage_work work;

	pinpage_init_work(&work, count_run);
	pinpage_schedule_work(&work);
	pp_exec_shutdown();
	ck_assert_int_eq(runs, 1);
	start_fiber();
}
END_TEST

START_TEST(work_without_memory_for_the_worker_runs_in_flush)
{
	struct pinpage_work work;

	pinpage_init_work(&work, count_run);
	pp_inject_alloc(1);
	ck_assert(pinpage_schedule_work(&work));
	pp_inject_alloc(0);
	pinpage_flush_work(&work);
	ck_assert_int_eq(runs, 1);
}
END_TEST

static void complete_run(struct pinpage_work *work)
{
	count_run(work);
	pinpage_complete(&fired);
}

static int park_a_while(void *arg)
{
	(void)arg;
	pinpage_msleep(1);
	return 0;
}

START_TEST(work_without_memory_for_the_worker_is_not_lost)
{
	struct pinpage_work work;
	struct task_struct *task;

	pinpage_init_work(&work, complete_run);
	pp_inject_alloc(1);
	ck_assert(pinpage_schedule_work(&work));
	pp_inject_alloc(0);
	ck_assert_int_eq(runs, 0);
	task = pinpage_kthread_run(park_a_while, NULL, "passer-by");
	pinpage_wait_for_completion(&fired);
	ck_assert_int_eq(runs, 1);
	ck_assert_int_eq(context, PINPAGE_CTX_PROCESS);
	pinpage_kthread_join(task);
}
END_TEST

START_TEST(work_without_any_worker_runs_in_who_waits)
{
	struct pinpage_work work;

	pinpage_init_work(&work, complete_run);
	pp_inject_alloc(1);
	ck_assert(pinpage_schedule_work(&work));
	pp_inject_alloc(1);
	pinpage_wait_for_completion(&fired);
	ck_assert(pp_inject_alloc_fired());
	ck_assert_int_eq(runs, 1);
	ck_assert_int_eq(context, PINPAGE_CTX_PROCESS);
}
END_TEST

static void flush_self(struct pinpage_work *work)
{
	pinpage_flush_work(work);
	runs++;
}

START_TEST(flush_from_the_work_itself_warns)
{
	struct pinpage_work work;

	pinpage_init_work(&work, flush_self);
	pinpage_schedule_work(&work);
	pinpage_flush_work(&work);
	ck_assert_int_eq(runs, 1);
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

struct numbered {
	struct pinpage_timer timer;
	int number;
};

static void timer_fired(struct pinpage_timer *timer)
{
	order[runs++] = container_of(timer, struct numbered, timer)->number;
	context = pinpage_context();
	pinpage_complete(&fired);
}

START_TEST(timers_fire_in_order_in_softirq)
{
	struct numbered t[3] = { { .number = 0 }, { .number = 1 },
				 { .number = 2 } };
	uint64_t now = pinpage_ktime_get_ns();

	for (int i = 0; i < 3; i++)
		pinpage_timer_setup(&t[i].timer, timer_fired);
	pinpage_mod_timer(&t[0].timer, now + 90000000);
	pinpage_mod_timer(&t[1].timer, now + 30000000);
	pinpage_mod_timer(&t[2].timer, now + 60000000);
	for (int i = 0; i < 3; i++)
		pinpage_wait_for_completion(&fired);
	ck_assert_int_eq(order[0], 1);
	ck_assert_int_eq(order[1], 2);
	ck_assert_int_eq(order[2], 0);
	ck_assert_int_eq(context, PINPAGE_CTX_SOFTIRQ);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq(pinpage_del_timer_sync(&t[i].timer), 0);
	ck_assert(pinpage_ktime_get_ns() >= now + 90000000);
}
END_TEST

START_TEST(deleted_timer_does_not_fire)
{
	struct numbered t = { .number = 1 };

	pinpage_timer_setup(&t.timer, timer_fired);
	pinpage_mod_timer(&t.timer, pinpage_ktime_get_ns() + 50000000);
	ck_assert_int_eq(pinpage_del_timer_sync(&t.timer), 1);
	ck_assert_int_eq(pinpage_del_timer_sync(&t.timer), 0);
	pinpage_msleep(60);
	ck_assert_int_eq(runs, 0);
}
END_TEST

START_TEST(misuse_warns)
{
	struct pinpage_work work = { 0 };
	struct pinpage_timer timer = { 0 };

	ck_assert(!pinpage_schedule_work(&work));
	pinpage_mod_timer(&timer, 1);
	ck_assert_uint_eq(warnings(), 2);
}
END_TEST

Suite *work_suite(void)
{
	Suite *suite = suite_create("work");

	add_both(suite, work_runs_once_in_process_context);
	add_both(suite, pending_work_is_not_queued_twice);
	add_both(suite, work_may_schedule_itself);
	add_both(suite, pending_work_runs_at_shutdown);
	add_both(suite, work_without_memory_for_the_worker_runs_in_flush);
	add_both(suite, work_without_memory_for_the_worker_is_not_lost);
	add_both(suite, work_without_any_worker_runs_in_who_waits);
	add_both(suite, flush_from_the_work_itself_warns);
	add_both(suite, timers_fire_in_order_in_softirq);
	add_both(suite, deleted_timer_does_not_fire);
	add_both(suite, misuse_warns);
	return suite;
}
