// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * invalidate.c - the polite form respects references, the other does not
 */
#include "suites.h"

static void two_clean_pages(void)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}

START_TEST(invalidate_skips_held_and_dirty)
{
	struct page *held;

	two_clean_pages();
	put_page_bytes(2, 'c');
	held = cached(1);
	pp_ref(held);
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(mapping, 0, ~0ul),
			  1);
	ck_assert_ptr_null(cached(0));
	ck_assert_ptr_eq(cached(1), held);
	ck_assert_ptr_nonnull(cached(2));
	pp_unref(held);
	pinpage_drop_caches();
	ck_assert_ptr_null(cached(1));
	ck_assert_ptr_nonnull(cached(2));
}
END_TEST

START_TEST(invalidate2_ignores_pins)
{
	struct page *held;

	two_clean_pages();
	held = cached(1);
	ck_assert(pp_pin_try(held, 1));
	ck_assert_int_eq(pinpage_invalidate_inode_pages2_range(mapping, 0, 1),
			 0);
	ck_assert_ptr_null(cached(1));
	ck_assert_ptr_null(held->mapping);
	ck_assert_int_eq(page_ref_count(held), GUP_PIN_COUNTING_BIAS);
	pp_unpin(held, 1);
}
END_TEST

START_TEST(invalidate2_dirty_ebusy)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_invalidate_inode_pages2_range(mapping, 0, 9),
			 -EBUSY);
	ck_assert_ptr_nonnull(cached(0));
}
END_TEST

START_TEST(bad_ranges_refused)
{
	two_clean_pages();
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(mapping, 2, 1), 0);
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(NULL, 0, 1), 0);
	ck_assert_int_eq(pinpage_invalidate_inode_pages2_range(mapping, 2, 1),
			 -EINVAL);
	ck_assert_int_eq(pinpage_invalidate_inode_pages2_range(NULL, 0, 1),
			 -EINVAL);
}
END_TEST

Suite *invalidate_suite(void)
{
	Suite *s = suite_create("invalidate");

	mem_test(s, invalidate_skips_held_and_dirty);
	mem_test(s, invalidate2_ignores_pins);
	mem_test(s, invalidate2_dirty_ebusy);
	mem_test(s, bad_ranges_refused);
	return s;
}
