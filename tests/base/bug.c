// SPDX-License-Identifier: LGPL-2.1-or-later
#include <setjmp.h>
#include <signal.h>
#include <string.h>

#include "base/bug.h"
#include "suites.h"

static int hooked;
static char last[PP_BUG_MSG_MAX];
static const char *last_file;
static int last_line;
static jmp_buf out;

static void collect(const char *file, int line, const char *msg)
{
	hooked++;
	last_file = file;
	last_line = line;
	strcpy(last, msg);
}

static void collect_and_leave(const char *file, int line, const char *msg)
{
	collect(file, line, msg);
	longjmp(out, 1);
}

static void setup(void)
{
	pp_set_warn_hook(collect);
	pp_warn_reset();
	hooked = 0;
}

static void teardown(void)
{
	pp_warn_reset();
	pp_set_warn_hook(NULL);
	pp_set_bug_hook(NULL);
}

static void warn_here(int v)
{
	pp_warn_once("value %d", v);
}

START_TEST(once_site_speaks_once_and_counts_all)
{
	warn_here(3);
	warn_here(4);
	ck_assert_int_eq(hooked, 1);
	ck_assert_str_eq(last, "value 3");
	ck_assert_ptr_nonnull(strstr(last_file, "bug.c"));
	ck_assert_uint_eq(pp_warn_count(), 2);
	ck_assert_uint_eq(pp_warn_emitted(), 1);
}
END_TEST

START_TEST(reset_lets_sites_speak_again)
{
	warn_here(1);
	pp_warn_reset();
	ck_assert_uint_eq(pp_warn_count(), 0);
	warn_here(2);
	ck_assert_int_eq(hooked, 2);
	ck_assert_str_eq(last, "value 2");
}
END_TEST

START_TEST(each_site_has_its_own_once)
{
	warn_here(1);
	pp_warn_once("other");
	ck_assert_str_eq(last, "other");
	ck_assert_int_eq(hooked, 2);
}
END_TEST

START_TEST(plain_warn_speaks_every_time)
{
	int i;

	for (i = 0; i < 3; i++)
		pp_warn("round %d", i);
	ck_assert_int_eq(hooked, 3);
	ck_assert_uint_eq(pp_warn_count(), 3);
}
END_TEST

START_TEST(warn_on_once_returns_the_condition)
{
	int i, hits = 0;

	for (i = 0; i < 4; i++)
		hits += pp_warn_on_once(i & 1);
	ck_assert_int_eq(hits, 2);
	ck_assert_int_eq(hooked, 1);
	ck_assert_str_eq(last, "i & 1");
}
END_TEST

START_TEST(long_message_is_cut)
{
	pp_warn("%0600d", 1);
	ck_assert_uint_eq(strlen(last), PP_BUG_MSG_MAX - 1);
}
END_TEST

START_TEST(set_hook_returns_the_old_one)
{
	ck_assert(pp_set_warn_hook(NULL) == collect);
	ck_assert(pp_set_warn_hook(collect) == NULL);
	ck_assert(pp_set_bug_hook(collect) == NULL);
	ck_assert(pp_set_bug_hook(NULL) == collect);
}
END_TEST

START_TEST(bug_hook_may_leave)
{
	pp_set_bug_hook(collect_and_leave);
	if (!setjmp(out)) {
		pp_bug("count %d", -1);
		ck_abort_msg("pp_bug() returned");
	}
	ck_assert_str_eq(last, "count -1");
	ck_assert_int_gt(last_line, 0);
}
END_TEST

START_TEST(assert_speaks_its_condition)
{
	int x = 1;

	pp_assert(x == 1);
	pp_set_bug_hook(collect_and_leave);
	if (!setjmp(out))
		pp_assert(x == 2);
	ck_assert_str_eq(last, "assertion failed: x == 2");
}
END_TEST

START_TEST(bug_without_hook_aborts)
{
	pp_bug("the end");
}
END_TEST

START_TEST(bug_aborts_when_the_hook_returns)
{
	pp_set_bug_hook(collect);
	pp_bug("the end");
}
END_TEST

Suite *bug_suite(void)
{
	const TTest *const tests[] = {
		once_site_speaks_once_and_counts_all,
		reset_lets_sites_speak_again,
		each_site_has_its_own_once,
		plain_warn_speaks_every_time,
		warn_on_once_returns_the_condition,
		long_message_is_cut,
		set_hook_returns_the_old_one,
		bug_hook_may_leave,
		assert_speaks_its_condition,
	};
	Suite *s = suite_create("base/bug");
	TCase *tc;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		tc = pp_test_add_named(s, tests[i]->name, tests[i]);
		tcase_add_checked_fixture(tc, setup, teardown);
	}
	tc = tcase_create("abort");
	tcase_add_test_raise_signal(tc, bug_without_hook_aborts, SIGABRT);
	tcase_add_test_raise_signal(tc, bug_aborts_when_the_hook_returns,
				    SIGABRT);
	suite_add_tcase(s, tc);
	return s;
}
