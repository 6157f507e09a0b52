// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * misuse.c - calls in the wrong context, at the wrong time, without memory or
 * threads: one message each, and the machine goes on
 */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "suites.h"

static pinpage_spinlock_t spin;
static struct pinpage_mutex mutex;
static struct pinpage_rwsem sem;
static struct pinpage_completion done;
static pinpage_wait_queue_head_t queue;
static int flag;
static jmp_buf caught;
static char bug_text[PP_BUG_MSG_MAX];

static void setup(void)
{
	pinpage_spin_lock_init(&spin, "spin");
	pinpage_mutex_init(&mutex, "mutex");
	pinpage_init_rwsem(&sem, "sem");
	pinpage_init_completion(&done);
	pinpage_init_waitqueue_head(&queue);
	flag = 0;
}

static int returns_zero(void *arg)
{
	(void)arg;
	return 0;
}

/* the two halves of wait_event(), as a driver with its own loop calls them */
static int wait_by_halves(void *arg)
{
	uint32_t seen = pinpage_wait_prepare(&queue);

	(void)arg;
	while (!READ_ONCE(flag)) {
		pinpage_wait_sleep(&queue, seen);
		seen = pinpage_wait_prepare(&queue);
	}
	return 3;
}

START_TEST(wait_halves_end_with_the_wake)
{
	struct task_struct *task;
	uint32_t seen;

	setup();
	task = start(wait_by_halves, NULL, "waiter");
	pinpage_msleep(2);
	seen = pinpage_wait_prepare(&queue);
	WRITE_ONCE(flag, 1);
	pinpage_wake_up(&queue);
	/* a wake-up between the halves is not lost */
	pinpage_wait_sleep(&queue, seen);
	ck_assert_int_eq(pinpage_kthread_join(task), 3);
}
END_TEST

static void catch_text(const char *file, int line, const char *msg)
{
	(void)file;
	(void)line;
	strcpy(bug_text, msg);
}

static void catch_bug(const char *file, int line, const char *msg)
{
	catch_text(file, line, msg);
	longjmp(caught, 1);
}

/* @lock under itself: warned about, then nobody can go on */
#define assert_hangs(lock)						\
	do {								\
		pp_set_bug_hook(catch_bug);				\
		if (!setjmp(caught)) {					\
			lock;						\
			ck_abort_msg("not reached");			\
		}							\
		pp_set_bug_hook(NULL);					\
		ck_assert_ptr_nonnull(strstr(bug_text, "deadlock"));	\
		ck_assert_uint_eq(warnings(), 1);			\
	} while (0)

START_TEST(spinlock_recursion_warns_and_hangs)
{
	setup();
	pinpage_spin_lock(&spin);
	assert_hangs(pinpage_spin_lock(&spin));
}
END_TEST

START_TEST(write_recursion_warns_and_hangs)
{
	setup();
	pinpage_down_write(&sem);
	assert_hangs(pinpage_down_write(&sem));
}
END_TEST

START_TEST(read_under_write_warns_and_hangs)
{
	setup();
	pinpage_down_write(&sem);
	assert_hangs(pinpage_down_read(&sem));
}
END_TEST

static int unlocks(void *arg)
{
	(void)arg;
	pinpage_mutex_unlock(&mutex);
	pinpage_up_write(&sem);
	pinpage_downgrade_write(&sem);
	return 0;
}

START_TEST(unlock_by_another_task_warns_and_does_nothing)
{
	setup();
	pinpage_mutex_lock(&mutex);
	pinpage_down_write(&sem);
	ck_assert_int_eq(pinpage_kthread_join(start(unlocks, NULL, "other")),
			 0);
	ck_assert_uint_eq(warnings(), 3);
	ck_assert_int_eq(pinpage_mutex_trylock(&mutex), 0);
	ck_assert_int_eq(pinpage_down_read_trylock(&sem), 0);
	pinpage_up_write(&sem);
	pinpage_mutex_unlock(&mutex);
	ck_assert_uint_eq(warnings(), 3);
}
END_TEST

static int ends_holding(void *arg)
{
	pinpage_mutex_lock(arg);
	return 0;
}

START_TEST(task_that_ends_with_a_lock_warns)
{
	setup();
	ck_assert_int_eq(pinpage_kthread_join(start(ends_holding, &mutex,
						    "holder")), 0);
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

/* every call that may sleep, from softirq: each warns, none is refused */
START_TEST(sleeping_calls_in_softirq_warn)
{
	struct pinpage_work work;

	setup();
	pinpage_init_work(&work, NULL);
	pinpage_complete_all(&done);
	pinpage_softirq_enter();
	pinpage_mutex_lock(&mutex);
	pinpage_mutex_unlock(&mutex);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_down_read(&sem);
	pinpage_up_read(&sem);
	ck_assert_uint_eq(warnings(), 2);
	pinpage_down_write(&sem);
	pinpage_up_write(&sem);
	ck_assert_uint_eq(warnings(), 3);
	pinpage_wait_for_completion(&done);
	ck_assert_uint_eq(warnings(), 4);
	ck_assert_uint_gt(pinpage_wait_for_completion_timeout(&done, 1), 0);
	ck_assert_uint_eq(warnings(), 5);
	pinpage_wait_sleep(&queue, pinpage_wait_prepare(&queue) - 1);
	ck_assert_uint_ge(warnings(), 6);
	pinpage_softirq_exit();
}
END_TEST

static void deletes_itself(struct pinpage_timer *timer)
{
	flag = pinpage_del_timer_sync(timer) + 10;
	pinpage_complete(&done);
}

START_TEST(del_timer_sync_in_its_own_function_warns)
{
	struct pinpage_timer timer;

	setup();
	pinpage_timer_setup(&timer, deletes_itself);
	pinpage_mod_timer(&timer, pinpage_ktime_get_ns());
	pinpage_wait_for_completion(&done);
	ck_assert_int_eq(flag, 10);
	ck_assert_int_eq(pinpage_del_timer_sync(&timer), 0);
	ck_assert_uint_ge(warnings(), 1);
}
END_TEST

START_TEST(timer_without_memory_warns_and_does_not_fire)
{
	struct pinpage_timer timer;

	setup();
	pinpage_timer_setup(&timer, deletes_itself);
	pp_inject_alloc(1);
	pinpage_mod_timer(&timer, pinpage_ktime_get_ns());
	pp_inject_alloc(0);
	ck_assert_uint_eq(warnings(), 1);
	ck_assert_int_eq(pinpage_del_timer_sync(&timer), 0);
}
END_TEST

static void waits_for_rcu(struct pinpage_rcu_head *head)
{
	(void)head;
	pinpage_rcu_barrier();
	flag = 1;
}

START_TEST(rcu_barrier_in_a_callback_warns)
{
	static struct pinpage_rcu_head head;

	setup();
	pinpage_call_rcu(&head, waits_for_rcu);
	pinpage_rcu_barrier();
	ck_assert_int_eq(flag, 1);
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

static void never_called(struct pinpage_rcu_head *head)
{
	(void)head;
	ck_abort_msg("called");
}

START_TEST(calls_before_boot_warn)
{
	static struct pinpage_rcu_head head;
	struct pinpage_timer timer;
	struct pinpage_work work;

	setup();
	pp_warn_reset();
	pinpage_call_rcu(&head, never_called);
	ck_assert_uint_eq(pp_warn_count(), 1);
	pinpage_timer_setup(&timer, deletes_itself);
	pinpage_mod_timer(&timer, 0);
	ck_assert_uint_eq(pp_warn_count(), 2);
	pinpage_init_work(&work, NULL);
	ck_assert(!pinpage_schedule_work(&work));
	ck_assert_uint_eq(pp_warn_count(), 3);
	pinpage_rcu_barrier();
	pinpage_softirq_enter();
	pinpage_softirq_exit();
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_PROCESS);
	ck_assert(!pinpage_kthread_should_stop());
	ck_assert(!pinpage_fatal_signal_pending());
	ck_assert_ptr_null(pinpage_current_mm());
	ck_assert_uint_eq(pinpage_task_id(NULL), 0);
	ck_assert_str_eq(pinpage_task_name(NULL), "none");
	ck_assert_uint_eq(pp_warn_count(), 3);
}
END_TEST

static void *foreign_without_memory(void *arg)
{
	pp_inject_alloc(1);
	*(struct task_struct **)arg = pinpage_current();
	pp_inject_alloc(0);
	return NULL;
}

START_TEST(foreign_thread_without_memory_warns)
{
	struct task_struct *task = pinpage_current();
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, foreign_without_memory,
					&task), 0);
	pthread_join(thread, NULL);
	ck_assert_ptr_null(task);
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

static void end_thread(const char *file, int line, const char *msg)
{
	catch_text(file, line, msg);
	pthread_exit(NULL);
}

static void *foreign_call(void *arg)
{
	(void)arg;
	(void)pinpage_current();
	return NULL;
}

START_TEST(second_thread_in_the_deterministic_engine_traps)
{
	pthread_t thread;

	pp_set_bug_hook(end_thread);
	ck_assert_int_eq(pthread_create(&thread, NULL, foreign_call, NULL), 0);
	pthread_join(thread, NULL);
	pp_set_bug_hook(NULL);
	ck_assert_ptr_nonnull(strstr(bug_text, "second thread"));
}
END_TEST

/* In a child: an ordinary user who may have no thread more. */
static int run_without_threads(void)
{
	struct rlimit none = { 0, 0 };
	struct task_struct *task;

	if (!geteuid() && setresuid(65534, 65534, 65534))
		return 77;
	if (setrlimit(RLIMIT_NPROC, &none))
		return 77;
	task = pinpage_kthread_run(returns_zero, NULL, "none");
	if (!IS_ERR(task))
		return 77;	/* this host does not count */
	return PTR_ERR(task) == -EAGAIN ? 0 : 1;
}

START_TEST(run_without_threads_eagain)
{
	int status;
	pid_t pid = fork();

	if (!pid)
		_exit(run_without_threads());
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_ne(WEXITSTATUS(status), 1);
}
END_TEST

START_TEST(shutdown_in_a_read_section_warns)
{
	pinpage_rcu_read_lock();
	stop_expecting(1);
}
END_TEST

Suite *misuse_suite(void)
{
	Suite *suite = suite_create("misuse");

	add_both(suite, wait_halves_end_with_the_wake);
	add_fiber(suite, "spin recursion", spinlock_recursion_warns_and_hangs);
	add_fiber(suite, "write recursion", write_recursion_warns_and_hangs);
	add_fiber(suite, "read under write",
		  read_under_write_warns_and_hangs);
	add_both(suite, unlock_by_another_task_warns_and_does_nothing);
	add_both(suite, task_that_ends_with_a_lock_warns);
	add_both(suite, sleeping_calls_in_softirq_warn);
	add_both(suite, del_timer_sync_in_its_own_function_warns);
	add_both(suite, timer_without_memory_warns_and_does_not_fire);
	add_both(suite, rcu_barrier_in_a_callback_warns);
	pp_test_add(suite, calls_before_boot_warn);
	add_native(suite, "foreign thread without memory",
		   foreign_thread_without_memory_warns);
	add_fiber(suite, "second thread",
		  second_thread_in_the_deterministic_engine_traps);
	add_native(suite, "no threads", run_without_threads_eagain);
	add_native(suite, "shutdown in a read section",
		   shutdown_in_a_read_section_warns);
	return suite;
}
