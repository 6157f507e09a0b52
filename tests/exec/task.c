// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * task.c - tasks: life, names, signals, boot and shutdown, misuse
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "suites.h"

static pinpage_wait_queue_head_t queue;
static struct pinpage_completion up;

void task_reset(void)
{
	up.done = 0;
}

static int returns_arg(void *arg)
{
	return (int)(intptr_t)arg;
}

START_TEST(join_returns_the_result)
{
	struct task_struct *task = start(returns_arg, (void *)42, "answer");

	ck_assert_str_eq(pinpage_task_name(task), "answer");
	ck_assert_uint_eq(pinpage_task_id(task), 1);
	ck_assert_ptr_eq(pp_task_by_id(1), task);
	ck_assert_int_eq(pinpage_kthread_join(task), 42);
	ck_assert_ptr_null(pp_task_by_id(1));
}
END_TEST

START_TEST(booting_task_is_task_zero)
{
	ck_assert_ptr_eq(pinpage_current(), pp_task_by_id(0));
	ck_assert_uint_eq(pinpage_task_id(pinpage_current()), 0);
	ck_assert_str_eq(pinpage_task_name(pinpage_current()), "main");
	ck_assert_str_eq(pinpage_task_name(NULL), "none");
	ck_assert_ptr_null(pinpage_current_mm());
	ck_assert(!pinpage_kthread_should_stop());
}
END_TEST

static int waits_for_stop(void *arg)
{
	(void)arg;
	pinpage_complete(&up);
	pinpage_wait_event(queue, pinpage_kthread_should_stop());
	return 5;
}

START_TEST(stop_wakes_a_waiting_kthread)
{
	for (int i = 0; i < 50; i++) {
		struct task_struct *task = start(waits_for_stop, NULL, "w");

		if (i % 2)
			pinpage_wait_for_completion(&up);
		ck_assert_int_eq(pinpage_kthread_stop(task), 5);
	}
}
END_TEST

static int waits_for_kill(void *arg)
{
	(void)arg;
	pinpage_complete(&up);
	pinpage_wait_event(queue, pinpage_fatal_signal_pending());
	return -EINTR;
}

START_TEST(sigkill_wakes_a_waiting_task)
{
	struct task_struct *task = start(waits_for_kill, NULL, "victim");

	pinpage_wait_for_completion(&up);
	pinpage_send_sigkill(task);
	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
	ck_assert(!pinpage_fatal_signal_pending());
}
END_TEST

START_TEST(run_without_memory_enomem)
{
	struct task_struct *task;

	pp_inject_alloc(1);
	task = pinpage_kthread_run(returns_arg, NULL, "none");
	pp_inject_alloc(0);
	ck_assert(IS_ERR(task));
	ck_assert_int_eq(PTR_ERR(task), -ENOMEM);
	task = start(returns_arg, NULL, "one");
	ck_assert_uint_eq(pinpage_task_id(task), 1);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(run_without_a_function_einval)
{
	ck_assert_int_eq(PTR_ERR(pinpage_kthread_run(NULL, NULL, "x")),
			 -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_kthread_run(returns_arg, NULL, NULL)),
			 -EINVAL);
	ck_assert_uint_eq(warnings(), 2);
}
END_TEST

START_TEST(join_of_what_is_no_kthread_einval)
{
	ck_assert_int_eq(pinpage_kthread_join(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_kthread_stop(ERR_PTR(-ENOMEM)), -EINVAL);
	ck_assert_int_eq(pinpage_kthread_join(pinpage_current()), -EINVAL);
	ck_assert_uint_eq(warnings(), 3);
}
END_TEST

START_TEST(long_name_is_cut)
{
	struct task_struct *task =
		start(returns_arg, NULL, "a name that is longer than it may be");

	ck_assert_uint_eq(strlen(pinpage_task_name(task)),
			  sizeof(task->name) - 1);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(boot_twice_ebusy)
{
	ck_assert_int_eq(pp_exec_boot(PINPAGE_ENGINE_NATIVE), -EBUSY);
}
END_TEST

START_TEST(ended_kthread_is_reaped_by_shutdown)
{
	(void)start(returns_arg, NULL, "orphan");
	pinpage_msleep(100);
}
END_TEST

START_TEST(live_kthread_at_shutdown_warns)
{
	(void)start(waits_for_stop, NULL, "left");
	pinpage_wait_for_completion(&up);
	stop_expecting(1);
}
END_TEST

static void *foreign(void *arg)
{
	unsigned int *id = arg;

	*id = pinpage_task_id(pinpage_current());
	ck_assert(pinpage_might_sleep());
	return NULL;
}

START_TEST(foreign_thread_gets_a_task_and_gives_it_back)
{
	pthread_t thread;
	unsigned int id;

	ck_assert_int_eq(pthread_create(&thread, NULL, foreign, &id), 0);
	pthread_join(thread, NULL);
	ck_assert_uint_eq(id, 1);
	ck_assert_ptr_null(pp_task_by_id(1));
}
END_TEST

static pthread_barrier_t barrier;

static void *foreign_twice(void *arg)
{
	(void)arg;
	ck_assert_ptr_nonnull(pinpage_current());
	pthread_barrier_wait(&barrier);
	/* the machine is shut down and booted again */
	pthread_barrier_wait(&barrier);
	ck_assert_ptr_eq(pinpage_current(), pp_task_by_id(1));
	pinpage_rcu_read_lock();
	pinpage_rcu_read_unlock();
	return NULL;
}

START_TEST(foreign_thread_survives_a_reboot)
{
	pthread_t thread;

	pthread_barrier_init(&barrier, NULL, 2);
	ck_assert_int_eq(pthread_create(&thread, NULL, foreign_twice, NULL), 0);
	pthread_barrier_wait(&barrier);
	stop();
	start_native();
	pthread_barrier_wait(&barrier);
	pthread_join(thread, NULL);
	pthread_barrier_destroy(&barrier);
}
END_TEST

START_TEST(calls_without_a_machine_warn_and_do_nothing)
{
	struct pinpage_mutex mutex = PINPAGE_MUTEX_INIT(mutex);

	pp_warn_reset();
	ck_assert_ptr_null(pinpage_current());
	ck_assert(!pp_ready());
	ck_assert(IS_ERR(pinpage_kthread_run(returns_arg, NULL, "x")));
	pp_exec_shutdown();
	ck_assert_uint_eq(pp_warn_count(), 3);
	pinpage_mutex_lock(&mutex);
	pinpage_mutex_unlock(&mutex);
	pinpage_rcu_read_lock();
	pinpage_rcu_read_unlock();
	pinpage_synchronize_rcu();
	ck_assert_uint_eq(pp_warn_count(), 3);
}
END_TEST

START_TEST(unknown_engine_einval)
{
	ck_assert_int_eq(pp_exec_boot((enum pinpage_engine)7), -EINVAL);
}
END_TEST

START_TEST(boot_without_memory_enomem)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(pp_exec_boot(PINPAGE_ENGINE_FIBER), -ENOMEM);
	pp_inject_alloc(0);
	ck_assert_ptr_null(pinpage_current());
}
END_TEST

Suite *task_suite(void)
{
	Suite *suite = suite_create("task");

	add_both(suite, join_returns_the_result);
	add_both(suite, booting_task_is_task_zero);
	add_both(suite, stop_wakes_a_waiting_kthread);
	add_both(suite, sigkill_wakes_a_waiting_task);
	add_both(suite, run_without_memory_enomem);
	add_both(suite, run_without_a_function_einval);
	add_both(suite, join_of_what_is_no_kthread_einval);
	add_both(suite, long_name_is_cut);
	add_both(suite, boot_twice_ebusy);
	add_both(suite, ended_kthread_is_reaped_by_shutdown);
	add_both(suite, live_kthread_at_shutdown_warns);
	add_native(suite, "foreign thread",
		   foreign_thread_gets_a_task_and_gives_it_back);
	add_native(suite, "foreign thread, reboot",
		   foreign_thread_survives_a_reboot);
	pp_test_add(suite, calls_without_a_machine_warn_and_do_nothing);
	pp_test_add(suite, unknown_engine_einval);
	pp_test_add(suite, boot_without_memory_enomem);
	return suite;
}
