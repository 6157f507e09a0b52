// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filemap.c - lookup, read-in, fault side, removal
 */
#include "suites.h"

#include "pagecache/internal.h"

START_TEST(find_get_page_takes_a_reference)
{
	struct page *page;

	ck_assert_ptr_null(pinpage_find_get_page(mapping, 0));
	put_page_bytes(0, 'a');
	page = pinpage_find_get_page(mapping, 0);
	ck_assert_ptr_nonnull(page);
	ck_assert_int_eq(page_ref_count(page), 2);
	pinpage_put_page(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 1);
}
END_TEST

START_TEST(find_lock_page_locks)
{
	struct page *page;

	ck_assert_ptr_null(pinpage_find_lock_page(mapping, 0));
	put_page_bytes(0, 'a');
	page = pinpage_find_lock_page(mapping, 0);
	ck_assert(PageLocked(page));
	pinpage_unlock_page(page);
	pinpage_put_page(page);
}
END_TEST

START_TEST(read_mapping_page_reads_in)
{
	struct page *page = pinpage_read_mapping_page(mapping, 2, NULL);

	ck_assert(!IS_ERR(page));
	ck_assert(PageUptodate(page));
	ck_assert_uint_eq(disk->reads[2], 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 1);
	pinpage_put_page(page);
}
END_TEST

START_TEST(read_error_stays_not_uptodate)
{
	struct page *page;

	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	page = pinpage_read_mapping_page(mapping, 0, file);
	ck_assert_int_eq(PTR_ERR(page), -EIO);
	ck_assert(!PageUptodate(cached(0)));
	page = pinpage_read_mapping_page(mapping, 0, file);
	ck_assert(!IS_ERR(page));
	pinpage_put_page(page);
}
END_TEST

START_TEST(bad_mapping_refused)
{
	ck_assert_ptr_null(pinpage_find_get_page(NULL, 0));
	ck_assert_ptr_null(pinpage_find_lock_page(NULL, 0));
	ck_assert_int_eq(PTR_ERR(pinpage_read_mapping_page(NULL, 0, NULL)),
			 -EINVAL);
	ck_assert_uint_eq(pinpage_mapping_nrpages(NULL), 0);
}
END_TEST

START_TEST(fault_page_locked_and_uptodate)
{
	struct page *page;

	put_page_bytes(0, 'a');
	page = pp_filemap_fault_page(file, 0, PP_HUGE_UNASKED);
	ck_assert(PageLocked(page));
	pp_unlock_page(page);
	pp_unref(page);
	page = pp_filemap_fault_page(file, 1, PP_HUGE_UNASKED);
	ck_assert_int_eq(PTR_ERR(page), -ENXIO);
}
END_TEST

START_TEST(fault_page_eio)
{
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(PTR_ERR(pp_filemap_fault_page(file, 0, PP_HUGE_UNASKED)), -EIO);
}
END_TEST

START_TEST(page_mkwrite_reserves_and_dirties)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, 2 * PAGE_SIZE), 0);
	page = pp_filemap_fault_page(file, 1, PP_HUGE_UNASKED);
	mem_quota = 1;
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), -ENOSPC);
	ck_assert(!PageDirty(page));
	mem_quota = 2;
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), 0);
	ck_assert(PageDirty(page));
	pp_unlock_page(page);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	pp_lock_page(page);
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), -EAGAIN);
	pp_unlock_page(page);
	pp_unref(page);
}
END_TEST

/* truncation is under way: the size is new, the page still in the cache */
START_TEST(mkwrite_behind_eof_enxio)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = pp_filemap_fault_page(file, 0, PP_HUGE_UNASKED);
	pp_i_size_write(file->f_inode, 0);
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), -ENXIO);
	pp_i_size_write(file->f_inode, PAGE_SIZE);
	pp_unlock_page(page);
	pp_unref(page);
}
END_TEST

static int complete_later(void *arg)
{
	(void)arg;
	pinpage_msleep(50);
	mem_async = false;
	return (int)mem_complete(0);
}

START_TEST(mkwrite_waits_for_stable_page)
{
	struct task_struct *task;
	struct page *page;

	put_page_bytes(0, 'a');
	mem_async = true;
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	page = pp_filemap_fault_page(file, 0, PP_HUGE_UNASKED);
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), 0);
	ck_assert(PageWriteback(page));
	sb->stable_writes = true;
	task = pinpage_kthread_run(complete_later, NULL, "io");
	ck_assert_int_eq(pp_filemap_page_mkwrite(file, page), 0);
	ck_assert(!PageWriteback(page));
	ck_assert_int_eq(pinpage_kthread_join(task), 1);
	pp_unlock_page(page);
	pp_unref(page);
}
END_TEST

START_TEST(remove_mapping_keeps_dirty_and_held)
{
	struct page *page;

	put_page_bytes(0, 'a');
	page = pp_find_lock_page(mapping, 0);
	ck_assert(!pp_remove_mapping(mapping, page));
	ck_assert_int_eq(page_ref_count(page), 2);
	ck_assert(pp_cancel_dirty(page));
	ck_assert(!pp_cancel_dirty(page));
	pp_ref(page);
	ck_assert(!pp_remove_mapping(mapping, page));
	pp_unref(page);
	ck_assert(pp_remove_mapping(mapping, page));
	ck_assert_ptr_null(page->mapping);
	pp_unlock_page(page);
	pp_unref(page);
}
END_TEST

Suite *filemap_suite(void)
{
	Suite *s = suite_create("filemap");

	mem_test(s, find_get_page_takes_a_reference);
	mem_test(s, find_lock_page_locks);
	mem_test(s, read_mapping_page_reads_in);
	mem_test(s, read_error_stays_not_uptodate);
	mem_test(s, bad_mapping_refused);
	mem_test(s, fault_page_locked_and_uptodate);
	mem_test(s, fault_page_eio);
	mem_test(s, page_mkwrite_reserves_and_dirties);
	mem_test(s, mkwrite_behind_eof_enxio);
	mem_test(s, mkwrite_waits_for_stable_page);
	mem_test(s, remove_mapping_keeps_dirty_and_held);
	return s;
}
