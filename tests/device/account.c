// SPDX-License-Identifier: LGPL-2.1-or-later
/* semantics X01, U10 */
#include "suites.h"

#include "machine.h"

static struct mm_struct *mm;

static void mm_up(void)
{
	mm = pinpage_mm_alloc();
	ck_assert_ptr_nonnull(mm);
}

static void mm_down(void)
{
	mmput(mm);
}

START_TEST(locked_within_the_limit_counts)
{
	mm_up();
	pinpage_mm_set_memlock(mm, 4);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 4, true), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 4);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 4, false), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	mm_down();
}
END_TEST

START_TEST(locked_over_the_limit_enomem)
{
	mm_up();
	pinpage_mm_set_memlock(mm, 4);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 5, true), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, ~0ul, true), -ENOMEM);
	mm_down();
}
END_TEST

START_TEST(pinned_within_the_limit_counts)
{
	mm_up();
	pinpage_mm_set_memlock(mm, 4);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 4, true), 0);
	ck_assert_int_eq(pinpage_mm_pinned_vm(mm), 4);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 1, true), -ENOMEM);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 4, false), 0);
	ck_assert_int_eq(pinpage_mm_pinned_vm(mm), 0);
	mm_down();
}
END_TEST

START_TEST(pinned_over_the_limit_enomem)
{
	mm_up();
	pinpage_mm_set_memlock(mm, 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 1, true), -ENOMEM);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, ~0ul, true), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_pinned_vm(mm), 0);
	mm_down();
}
END_TEST

START_TEST(unlimited_at_birth)
{
	mm_up();
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 1ul << 40, true), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 1ul << 40, true), 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 1ul << 40, false), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 1ul << 40, false), 0);
	mm_down();
}
END_TEST

START_TEST(sums_are_not_added_up)
{
	mm_up();
	pinpage_mm_set_memlock(mm, 4);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 4, true), 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 4, true), 0);
	pinpage_account_locked_vm(mm, 4, false);
	pinpage_account_pinned_vm(mm, 4, false);
	mm_down();
}
END_TEST

START_TEST(nothing_to_count_is_zero)
{
	mm_up();
	ck_assert_int_eq(pinpage_account_locked_vm(NULL, 1, true), 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(NULL, 1, true), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 0, false), 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 0, false), 0);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	mm_down();
}
END_TEST

START_TEST(taking_too_much_away_warns)
{
	mm_up();
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 2, true), 0);
	ck_assert_int_eq(pinpage_account_locked_vm(mm, 3, false), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_int_eq(pinpage_account_pinned_vm(mm, 1, false), 0);
	ck_assert_int_eq(pinpage_mm_pinned_vm(mm), 0);
	ck_assert_uint_ge(pinpage_warnings(), 1);
	pinpage_mm_set_memlock(NULL, 1);
	ck_assert_uint_ge(pinpage_warnings(), 2);
	mm_down();
}
END_TEST

Suite *account_suite(void)
{
	static const TTest *tests[12];
	Suite *suite = suite_create("account");
	size_t n = 0;

	tests[n++] = locked_within_the_limit_counts;
	tests[n++] = locked_over_the_limit_enomem;
	tests[n++] = pinned_within_the_limit_counts;
	tests[n++] = pinned_over_the_limit_enomem;
	tests[n++] = unlimited_at_birth;
	tests[n++] = sums_are_not_added_up;
	tests[n++] = nothing_to_count_is_zero;
	tests[n++] = taking_too_much_away_warns;
	add_both(suite, "accounts", tests);
	return suite;
}
