// SPDX-License-Identifier: LGPL-2.1-or-later
/* user.c - X02: per-user accounts */
#include "machine.h"
#include "suites.h"

static void limit(unsigned long pages)
{
	mm->memlock = ~pages;
}

START_TEST(send_within_the_limit_counts)
{
	struct pinpage_mmpin mmp = { 0 };
	struct user_struct *root = pinpage_current_user();

	limit(4);
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, PAGE_SIZE), 0);
	ck_assert_ptr_eq(mmp.user, root);
	ck_assert_uint_eq(mmp.num_pg, 3);
	ck_assert_int_eq(pinpage_user_locked_vm(root), 3);
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, 0), 0);
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, 1), -ENOBUFS);
	ck_assert_uint_eq(mmp.num_pg, 3);
	pinpage_mm_unaccount_pinned_pages(&mmp);
	ck_assert_int_eq(pinpage_user_locked_vm(root), 0);
	ck_assert_ptr_null(mmp.user);
	pinpage_mm_unaccount_pinned_pages(&mmp);
}
END_TEST

START_TEST(no_limit_charges_nothing)
{
	struct pinpage_mmpin mmp = { 0 };

	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, 1 << 20), 0);
	ck_assert_ptr_null(mmp.user);
	limit(1);
	pinpage_set_cap_ipc_lock(true);
	ck_assert(pinpage_capable_ipc_lock());
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, 1 << 20), 0);
	ck_assert_ptr_null(mmp.user);
	pinpage_set_cap_ipc_lock(false);
}
END_TEST

START_TEST(processes_of_a_user_share_the_sum)
{
	struct user_struct *user = pinpage_alloc_uid();
	struct pinpage_mmpin mmp = { 0 };
	struct mm_struct *child;

	pinpage_mm_set_user(mm, user);
	limit(8);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_account_user_pages(user, 6), 0);
	pinpage_use_mm(child);
	ck_assert_ptr_eq(pinpage_current_user(), user);
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, PAGE_SIZE), -ENOBUFS);
	ck_assert_int_eq(pinpage_account_user_pages(user, 3), -ENOMEM);
	pinpage_unaccount_user_pages(user, 6);
	ck_assert_int_eq(pinpage_mm_account_pinned_pages(&mmp, 1), 0);
	pinpage_use_mm(mm);
	pinpage_mmput(child);
	pinpage_mm_unaccount_pinned_pages(&mmp);
	ck_assert_int_eq(pinpage_user_locked_vm(user), 0);
	pinpage_free_uid(user);
}
END_TEST

START_TEST(sums_of_process_and_user_are_apart)
{
	limit(2);
	ck_assert_int_eq(pinpage_mlock(map(2, RW, PRIV), 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_account_user_pages(pinpage_current_user(), 2), 0);
	pinpage_unaccount_user_pages(pinpage_current_user(), 2);
}
END_TEST

START_TEST(misuse_einval)
{
	struct user_struct *user = pinpage_alloc_uid();

	ck_assert_int_eq(pinpage_mm_account_pinned_pages(NULL, 1), -EINVAL);
	ck_assert_int_eq(pinpage_account_user_pages(NULL, 1), -EINVAL);
	pinpage_unaccount_user_pages(user, 1);
	ck_assert_int_eq(pinpage_user_locked_vm(user), 0);
	pinpage_mm_set_user(NULL, user);
	ck_assert_ptr_eq(pinpage_get_uid(user), user);
	pinpage_free_uid(user);
	pinpage_free_uid(user);
	expect_warnings(2);
	pp_inject_alloc(1);
	ck_assert_ptr_null(pinpage_alloc_uid());
}
END_TEST

Suite *user_suite(void)
{
	Suite *s = suite_create("mm/user");

	on(s, send_within_the_limit_counts, up);
	on(s, no_limit_charges_nothing, up);
	on(s, processes_of_a_user_share_the_sum, up);
	on(s, sums_of_process_and_user_are_apart, up);
	on(s, misuse_einval, up);
	return s;
}
