// SPDX-License-Identifier: LGPL-2.1-or-later
#include <string.h>

#include "base/stack.h"
#include "suites.h"

static int call_line;

static pp_noinline const void *where_was_i_called(void)
{
	const void *site = pp_site_here();

	barrier();
	return site;
}

static pp_noinline const void *caller(void)
{
	const void *site;

	call_line = __LINE__ + 1;
	site = where_was_i_called();
	barrier();
	return site;
}

static void teardown(void)
{
	pp_site_shutdown();
}

#ifdef HAVE_LIBDW
START_TEST(own_call_gives_file_line_function)
{
	char text[PP_SITE_TEXT_MAX], want[64];

	snprintf(want, sizeof(want), "base/stack.c:%d (caller)",
		 (caller(), call_line));
	ck_assert_str_eq(pp_site_symbolise(caller(), text, sizeof(text)),
			 want);
	ck_assert_str_eq(pp_site_symbolise(caller(), text, sizeof(text)),
			 want);
}
END_TEST
#endif

START_TEST(c_library_address_gives_object_or_line)
{
	char text[PP_SITE_TEXT_MAX];

	pp_site_symbolise((const char *)(uintptr_t)&strtoull + 1, text,
			  sizeof(text));
	ck_assert_msg(strstr(text, "strto") || strstr(text, "libc"), "%s",
		      text);
}
END_TEST

START_TEST(unknown_address_gives_the_number)
{
	char text[PP_SITE_TEXT_MAX];

	ck_assert_str_eq(pp_site_symbolise((void *)0x11, text, sizeof(text)),
			 "0x10");
	ck_assert_str_eq(pp_site_symbolise(NULL, text, sizeof(text)), "?");
}
END_TEST

START_TEST(short_buffer_is_cut)
{
	char text[6] = "xxxxx";

	pp_site_symbolise(caller(), text, 5);
	ck_assert_uint_le(strlen(text), 4);
}
END_TEST

START_TEST(shutdown_starts_over)
{
	char a[PP_SITE_TEXT_MAX], b[PP_SITE_TEXT_MAX];

	pp_site_symbolise(caller(), a, sizeof(a));
	pp_site_shutdown();
	pp_site_shutdown();
	ck_assert_str_eq(pp_site_symbolise(caller(), b, sizeof(b)), a);
}
END_TEST

START_TEST(capture_begins_at_the_caller)
{
	char text[PP_SITE_TEXT_MAX];
	struct pp_site site, rest;
	unsigned int n = pp_site_capture(&site, 0);
	unsigned int m = pp_site_capture(&rest, 1);

	ck_assert_uint_ge(n, 2);
	ck_assert_ptr_eq(site.ip[1], rest.ip[0]);
	ck_assert(m == n - 1 || n == PP_STACK_DEPTH);
	pp_site_symbolise(site.ip[0], text, sizeof(text));
#ifdef HAVE_LIBDW
	ck_assert_msg(strstr(text, "capture_begins_at_the_caller"), "%s", text);
#endif
}
END_TEST

Suite *stack_suite(void)
{
	const TTest *const tests[] = {
#ifdef HAVE_LIBDW
		own_call_gives_file_line_function,
#endif
		c_library_address_gives_object_or_line,
		unknown_address_gives_the_number,
		short_buffer_is_cut,
		shutdown_starts_over,
		capture_begins_at_the_caller,
	};
	Suite *s = suite_create("base/stack");
	TCase *tc;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		tc = pp_test_add_named(s, tests[i]->name, tests[i]);
		tcase_add_checked_fixture(tc, NULL, teardown);
		tcase_set_timeout(tc, 60);
	}
	return s;
}
