// SPDX-License-Identifier: LGPL-2.1-or-later
/* Leaks at the end of a scope and of the machine. */
#include "machine.h"
#include "suites.h"

#define HERE "scope.c"

static void plain(void)
{
	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
}

START_TEST(leak_in_scope_told_once)
{
	struct page *page;

	plain();
	ck_assert_int_eq(pinpage_scope_begin("ioctl"), 0);
	page = pin_at(anon(1));
	ck_assert_int_eq(pinpage_scope_end(), 1);
	sites_in(expect("leak", PINPAGE_LOST, 1), "machine.c", HERE);
	pinpage_unpin_user_page(page);
	down();
	expect("leak", PINPAGE_LOST, 1);
}
END_TEST

START_TEST(balanced_scope_silent)
{
	unsigned long at;

	plain();
	at = anon(2);
	pin_at(at);
	ck_assert_int_eq(pinpage_scope_begin("ioctl"), 0);
	pinpage_unpin_user_page(pin_at(at + PAGE_SIZE));
	ck_assert_int_eq(pinpage_scope_end(), 0);
	quiet();
	pinpage_unpin_user_page(pinpage_peek_page(mm, at, NULL));
	down();
	quiet();
}
END_TEST

START_TEST(inner_scope_leaks_are_its_own)
{
	struct page *outer, *inner;
	unsigned long at;

	plain();
	at = anon(2);
	pinpage_scope_begin("outer");
	outer = pin_at(at);
	pinpage_scope_begin("inner");
	inner = get_at(at + PAGE_SIZE);
	ck_assert_int_eq(pinpage_scope_end(), 1);
	pinpage_unpin_user_page(outer);
	pinpage_put_page(inner);
	ck_assert_int_eq(pinpage_scope_end(), 0);
	expect("leak", PINPAGE_LOST, 1);
	down();
}
END_TEST

START_TEST(scope_end_without_begin_einval)
{
	plain();
	ck_assert_int_eq(pinpage_scope_end(), -EINVAL);
	ck_assert_int_eq(pinpage_scope_begin(NULL), -EINVAL);
	down();
}
END_TEST

START_TEST(scope_without_memory_enomem)
{
	plain();
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_scope_begin("x"), -ENOMEM);
	pinpage_inject_alloc(2);
	ck_assert_int_eq(pinpage_scope_begin("x"), -ENOMEM);
	pinpage_inject_alloc(0);
	down();
}
END_TEST

START_TEST(leak_at_shutdown_grouped_by_site)
{
	struct page *pages[4];
	unsigned long at;

	plain();
	at = anon(4);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(at, 4, 0, pages), 4);
	down_leaving(4);
	ck_assert_uint_eq(expect("leak", PINPAGE_LOST, 1)->count, 4);
}
END_TEST

START_TEST(acquire_without_memory_accuses_nobody)
{
	struct page *page;
	unsigned long at, nth;

	plain();
	at = anon(1);
	page = pin_at(at);
	for (nth = 1; nth < 4; nth++) {
		pinpage_inject_alloc(nth);
		if (!pinpage_pin_page(page))
			pinpage_unpin_user_page(page);
		pinpage_inject_alloc(0);
	}
	pinpage_unpin_user_page(page);
	quiet();
	down();
	quiet();
}
END_TEST

Suite *scope_suite(void)
{
	Suite *s = suite_create("check/scope");

	pp_test_add(s, leak_in_scope_told_once);
	pp_test_add(s, balanced_scope_silent);
	pp_test_add(s, inner_scope_leaks_are_its_own);
	pp_test_add(s, scope_end_without_begin_einval);
	pp_test_add(s, scope_without_memory_enomem);
	pp_test_add(s, leak_at_shutdown_grouped_by_site);
	pp_test_add(s, acquire_without_memory_accuses_nobody);
	return s;
}
