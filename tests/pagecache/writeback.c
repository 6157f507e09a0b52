// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * writeback.c - writing dirty pages of one file
 */
#include "suites.h"

START_TEST(fdatawrite_stores_and_cleans)
{
	put_page_bytes(0, 'a');
	put_page_bytes(3, 'b');
	ck_assert_int_eq(pinpage_filemap_fdatawrite(mapping), 0);
	ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), 0);
	ck_assert_int_eq(disk->data[0], 'a');
	ck_assert_int_eq(disk->data[3 * PAGE_SIZE], 'b');
	ck_assert(!pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY));
	ck_assert_uint_eq(mapping->dirtied_when, 0);
}
END_TEST

START_TEST(flush_skips_locked_pages)
{
	struct page *page;

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	page = cached(0);
	pp_lock_page(page);
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	ck_assert(PageDirty(page));
	ck_assert(!PageDirty(cached(1)));
	pp_unlock_page(page);
}
END_TEST

static int write_all(void *arg)
{
	(void)arg;
	return pinpage_filemap_write_and_wait(mapping);
}

START_TEST(write_and_wait_waits_for_io)
{
	struct task_struct *task;
	char c;

	put_page_bytes(0, 'a');
	mem_async = true;
	task = pinpage_kthread_run(write_all, NULL, "sync");
	while (!PageWriteback(cached(0)))
		pinpage_cond_resched();
	ck_assert(pp_xa_get_mark(&mapping->i_pages, 0, PP_TAG_WRITEBACK));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_WRITEBACK), 1);
	ck_assert_int_eq(pinpage_pwrite(file, "b", 1, 0), 1);
	mem_async = false;
	ck_assert_uint_eq(mem_complete(0), 1);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert(PageDirty(cached(0)));
	ck_assert_int_eq(pinpage_durable_read(file, &c, 1, 0), 0);
	ck_assert_int_eq(disk->data[0], 'a');
}
END_TEST

START_TEST(late_error_is_found_by_wait)
{
	put_page_bytes(0, 'a');
	mem_async = true;
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	mem_async = false;
	mem_complete(-ENOSPC);
	ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), -ENOSPC);
	ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), 0);
}
END_TEST

START_TEST(integrity_goes_on_after_error)
{
	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'x');
	pinpage_inject_io(PINPAGE_IO_WRITE, 2, EIO, false);
	ck_assert_int_eq(pinpage_filemap_fdatawrite(mapping), -EIO);
	ck_assert_uint_eq(disk->writes[0], 1);
	ck_assert_uint_eq(disk->writes[1], 0);
	ck_assert_uint_eq(disk->writes[3], 1);
	ck_assert(!PageDirty(cached(1)));
	ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), -EIO);
}
END_TEST

/* S08: a page dirtied while the walk runs is written once by this walk. */
static void dirty_again(struct pinpage_subscriber *self,
			const struct pinpage_event *event)
{
	(void)self;
	pp_set_page_dirty(event->page);
}

START_TEST(integrity_ends_when_pages_get_dirty_again)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_WB_END),
		.order = PINPAGE_ORDER_TRACE,
		.fn = dirty_again,
	};

	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'x');
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_filemap_fdatawrite(mapping), 0);
	pinpage_unsubscribe(&sub);
	for (unsigned long i = 0; i < 4; i++) {
		ck_assert_uint_eq(disk->writes[i], 1);
		ck_assert(PageDirty(cached(i)));
	}
	ck_assert(!pp_xa_marked(&mapping->i_pages, PP_TAG_TOWRITE));
}
END_TEST

START_TEST(pageout_writes_one_page)
{
	struct page *page;

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	page = cached(1);
	pp_ref(page);
	pp_lock_page(page);
	ck_assert_int_eq(pp_pageout(page), 0);
	ck_assert(!PageLocked(page));
	ck_assert_uint_eq(disk->writes[1], 1);
	ck_assert_uint_eq(disk->writes[0], 0);
	pp_lock_page(page);
	ck_assert_int_eq(pp_pageout(page), -EBUSY);
	ck_assert(pp_remove_mapping(mapping, page));
	pp_unlock_page(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	pp_unref(page);
}
END_TEST

START_TEST(machine_pass_counts_pages)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'a');
	ck_assert_int_eq(pinpage_writeback(NULL, PINPAGE_WB_SYNC_NONE), 2);
	put_page_bytes(1, 'a');
	ck_assert_int_eq(pinpage_writeback(sb, PINPAGE_WB_SYNC_ALL), 1);
	put_page_bytes(1, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_writeback(sb, PINPAGE_WB_SYNC_ALL), -EIO);
	ck_assert_int_eq(pinpage_writeback((void *)8, PINPAGE_WB_SYNC_ALL),
			 -EINVAL);
	ck_assert_int_eq(pinpage_writeback(sb, 7), -EINVAL);
}
END_TEST

START_TEST(bad_mapping_einval)
{
	ck_assert_int_eq(pinpage_filemap_fdatawrite(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_fdatawait(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_flush(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_write_and_wait(ERR_PTR(-EIO)),
			 -EINVAL);
}
END_TEST

Suite *writeback_suite(void)
{
	Suite *s = suite_create("writeback");

	mem_test(s, fdatawrite_stores_and_cleans);
	mem_test(s, flush_skips_locked_pages);
	mem_test(s, write_and_wait_waits_for_io);
	mem_test(s, late_error_is_found_by_wait);
	mem_test(s, integrity_goes_on_after_error);
	mem_test(s, integrity_ends_when_pages_get_dirty_again);
	mem_test(s, pageout_writes_one_page);
	mem_test(s, machine_pass_counts_pages);
	mem_test(s, bad_mapping_einval);
	return s;
}
