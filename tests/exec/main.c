// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * main.c - the tests of exec: fixtures and the list of suites
 */
#include "suites.h"

static long before;
static unsigned long expected;

static void quiet(const char *file, int line, const char *msg)
{
	(void)file;
	(void)line;
	(void)msg;
}

static void start_engine(enum pinpage_engine engine)
{
	pp_warn_reset();
	pp_set_warn_hook(quiet);
	expected = 0;
	before = pp_alloc_outstanding();
	ck_assert_int_eq(pp_exec_boot(engine), 0);
}

static void reset(void)
{
	lock_reset();
	wait_reset();
	task_reset();
	work_reset();
	rcu_reset();
	srcu_reset();
	fiber_reset();
	signal_reset();
}

void start_native(void)
{
	start_engine(PINPAGE_ENGINE_NATIVE);
}

void start_fiber(void)
{
	start_engine(PINPAGE_ENGINE_FIBER);
}

void stop(void)
{
	pp_exec_shutdown();
	ck_assert_uint_eq(pp_warn_count(), expected);
	ck_assert_int_eq(pp_alloc_outstanding(), before);
}

/* the fixture's stop() will find that many warnings more */
void stop_expecting(unsigned long warnings_more)
{
	expected += warnings_more;
}

/* warnings so far; they count as expected from now on */
unsigned long warnings(void)
{
	expected = pp_warn_count();
	return expected;
}

static void add(Suite *suite, const char *name, void (*setup)(void),
		const TTest *test)
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, reset, NULL);
	tcase_add_checked_fixture(tc, setup, stop);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, test);
	suite_add_tcase(suite, tc);
}

void add_native(Suite *suite, const char *name, const TTest *test)
{
	add(suite, name, start_native, test);
}

void add_fiber(Suite *suite, const char *name, const TTest *test)
{
	add(suite, name, start_fiber, test);
}

struct task_struct *start(int (*fn)(void *), void *arg, const char *name)
{
	struct task_struct *task = pinpage_kthread_run(fn, arg, name);

	ck_assert(!IS_ERR(task));
	return task;
}

int main(void)
{
	return pp_test_main(
		lock_suite(),
		rank_suite(),
		wait_suite(),
		task_suite(),
		work_suite(),
		rcu_suite(),
		srcu_suite(),
		fiber_suite(),
		misuse_suite(),
		signal_suite());
}
