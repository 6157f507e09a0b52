// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

START_TEST(users_keep_mappings)
{
	unsigned long addr = anon(1);

	pinpage_mmget(mm);
	pinpage_mmput(mm);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(last_user_frees_frames)
{
	struct mm_struct *other = pinpage_mm_alloc();
	unsigned long free_before = pp_nr_free();
	long addr;

	pinpage_use_mm(other);
	addr = pinpage_mmap(0, 8 * PAGE_SIZE, RW, PRIV, NULL, 0);
	put(other, (unsigned long)addr, 7);
	pinpage_mmgrab(other);
	pinpage_mmput(other);
	ck_assert_uint_eq(pp_nr_free(), free_before);
	ck_assert_int_eq(get(other, (unsigned long)addr), -EFAULT);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, PRIV, NULL, 0), -EINVAL);
	pinpage_use_mm(mm);
	pinpage_mmdrop(other);
}
END_TEST

START_TEST(null_mm_warns)
{
	pinpage_mmget(NULL);
	pinpage_mmput(NULL);
	pinpage_mmap_read_lock(NULL);
	ck_assert(!pinpage_mmap_read_trylock(NULL));
	ck_assert_int_eq(pinpage_mmap_read_lock_killable(NULL), -EINVAL);
	expect_warnings(pp_warn_count());
	ck_assert_uint_gt(pp_warn_count(), 0);
}
END_TEST

START_TEST(locks_exclude)
{
	pinpage_mmap_write_lock(mm);
	pinpage_mmap_write_unlock(mm);
	pinpage_mmap_read_lock(mm);
	pinpage_mmap_read_unlock(mm);
	ck_assert(pinpage_mmap_read_trylock(mm));
	pinpage_mmap_read_unlock(mm);
	ck_assert_int_eq(pinpage_mmap_read_lock_killable(mm), 0);
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(counters_start_at_zero)
{
	ck_assert(!pinpage_mm_has_pinned(mm));
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_int_eq(pinpage_mm_pinned_vm(mm), 0);
	ck_assert(!pinpage_mm_has_pinned(NULL));
}
END_TEST

START_TEST(shutdown_frees_living_spaces)
{
	struct mm_struct *other = pinpage_mm_alloc();

	pinpage_use_mm(other);
	ck_assert_int_gt(pinpage_mmap(0, PAGE_SIZE, RW, PRIV | MAP_POPULATE, NULL, 0), 0);
	pinpage_use_mm(mm);
	expect_warnings(1);
}
END_TEST

START_TEST(peek_of_nothing_null)
{
	unsigned int flags = 7;

	ck_assert_ptr_null(pinpage_peek_page(mm, 0x100000, &flags));
	ck_assert_uint_eq(flags, 0);
	ck_assert_ptr_null(pinpage_peek_page(NULL, 0x100000, NULL));
	ck_assert_ptr_null(pinpage_peek_page(mm, ~0UL, NULL));
}
END_TEST

Suite *mm_suite(void)
{
	Suite *s = suite_create("mm/mm");

	on(s, users_keep_mappings, up);
	on(s, last_user_frees_frames, up);
	on(s, null_mm_warns, up);
	on(s, locks_exclude, up);
	on(s, counters_start_at_zero, up);
	on(s, shutdown_frees_living_spaces, up);
	on(s, peek_of_nothing_null, up);
	return s;
}
