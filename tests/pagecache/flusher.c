// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * flusher.c - the background flusher and the dirty limits
 */
#include "suites.h"

/* W08, in virtual time */
START_TEST(page_cleaned_within_expire_and_interval)
{
	struct page *page;

	ck_assert_int_eq(pinpage_flusher_start(NULL), 0);
	put_page_bytes(0, 'a');
	page = cached(0);
	ck_assert(pp_pin_try(page, 1));
	pinpage_msleep(29000);
	ck_assert(PageDirty(page));
	pinpage_msleep(7000);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(disk->data[0], 'a');
	pp_unpin(page, 1);
	pinpage_flusher_stop();
}
END_TEST

START_TEST(background_limit_wakes_flusher)
{
	struct pinpage_dirty_limits limits = { .background_pages = 4,
					       .limit_pages = 1000 };

	ck_assert_int_eq(pinpage_flusher_start(&limits), 0);
	for (unsigned long i = 0; i < 8; i++)
		put_page_bytes(i, 'a');
	pinpage_msleep(1);
	ck_assert_int_le(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 4);
	pinpage_flusher_stop();
}
END_TEST

START_TEST(writer_cleans_above_limit_without_flusher)
{
	struct pinpage_dirty_limits limits = { .background_pages = 2,
					       .limit_pages = 4 };

	ck_assert_int_eq(pinpage_flusher_start(&limits), 0);
	pinpage_flusher_stop();
	for (unsigned long i = 0; i < 32; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_le(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 4);
}
END_TEST

START_TEST(second_flusher_ebusy)
{
	ck_assert_int_eq(pinpage_flusher_start(NULL), 0);
	ck_assert_int_eq(pinpage_flusher_start(NULL), -EBUSY);
	pinpage_flusher_stop();
	pinpage_flusher_stop();
	ck_assert_int_eq(pinpage_flusher_start(NULL), 0);
	pinpage_flusher_stop();
}
END_TEST

START_TEST(flusher_without_memory_enomem)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_flusher_start(NULL), -ENOMEM);
	pp_inject_alloc(0);
}
END_TEST

START_TEST(native_flusher_cleans)
{
	struct pinpage_dirty_limits limits = { .interval_ms = 5,
					       .expire_ms = 5 };
	int i;

	ck_assert_int_eq(pinpage_flusher_start(&limits), 0);
	put_page_bytes(0, 'a');
	for (i = 0; i < 1000 && PageDirty(cached(0)); i++)
		pinpage_msleep(5);
	ck_assert_int_lt(i, 1000);
	pinpage_flusher_stop();
}
END_TEST

Suite *flusher_suite(void)
{
	Suite *s = suite_create("flusher");

	mem_test(s, page_cleaned_within_expire_and_interval);
	mem_test(s, background_limit_wakes_flusher);
	mem_test(s, writer_cleans_above_limit_without_flusher);
	mem_test(s, second_flusher_ebusy);
	mem_test(s, flusher_without_memory_enomem);
	mem_test_native(s, native_flusher_cleans);
	return s;
}
