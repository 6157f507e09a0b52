// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * truncate.c - file ranges go, whoever holds their pages
 */
#include "suites.h"

/* W17 */
START_TEST(pinned_page_becomes_orphan)
{
	struct page *page;

	put_page_bytes(0, 'a');
	page = cached(0);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_int_eq(page_ref_count(page), GUP_PIN_COUNTING_BIAS);
	ck_assert_ptr_null(page->mapping);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(*(char *)page_address(page), 'a');
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_int_eq(get_first_byte(0), 0);
	pp_unpin(page, 1);
}
END_TEST

START_TEST(partial_page_zeroed_behind_the_end)
{
	char got[PAGE_SIZE];

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_ftruncate(file, 100), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 100);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 1);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_pread(file, got, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(got[99], 'a');
	ck_assert_int_eq(got[100], 0);
	ck_assert_int_eq(got[PAGE_SIZE - 1], 0);
}
END_TEST

START_TEST(dirty_pages_are_not_written)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(disk->writes[0], 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
}
END_TEST

static int complete_later(void *arg)
{
	(void)arg;
	pinpage_msleep(50);
	mem_async = false;
	return (int)mem_complete(0);
}

START_TEST(truncate_waits_for_writeback)
{
	struct task_struct *task;

	put_page_bytes(0, 'a');
	mem_async = true;
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	task = pinpage_kthread_run(complete_later, NULL, "io");
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), 1);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
}
END_TEST

START_TEST(bad_arguments_refused)
{
	struct file *ro = pinpage_filp_open(sb, "f", O_RDONLY, 0);

	ck_assert_int_eq(pinpage_ftruncate(file, -1), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(ro, 0), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(NULL, 0), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(file, INT64_MAX), -EFBIG);
	ck_assert_int_eq(pinpage_ftruncate(file, 1 << 30), -ENOSPC);
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
	pinpage_filp_close(ro);
}
END_TEST

Suite *truncate_suite(void)
{
	Suite *s = suite_create("truncate");

	mem_test(s, pinned_page_becomes_orphan);
	mem_test(s, partial_page_zeroed_behind_the_end);
	mem_test(s, dirty_pages_are_not_written);
	mem_test(s, truncate_waits_for_writeback);
	mem_test(s, bad_arguments_refused);
	return s;
}
