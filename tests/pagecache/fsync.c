// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsync.c - durability and its errors
 */
#include "suites.h"

START_TEST(fsync_makes_bytes_durable)
{
	char c = 0;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 1), 0);
	ck_assert_uint_eq(disk->syncs, 1);
	ck_assert_int_eq(pinpage_durable_read(file, &c, 1, 0), 1);
	ck_assert_int_eq(c, 'a');
}
END_TEST

START_TEST(error_reported_once_per_file)
{
	struct file *other = pinpage_filp_open(sb, "f", O_RDWR, 0);

	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	pinpage_writeback(NULL, PINPAGE_WB_SYNC_NONE);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_fsync(other, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(other, 0), 0);
	pinpage_filp_close(other);
}
END_TEST

START_TEST(unseen_error_reported_to_later_open)
{
	struct file *late;

	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, ENOSPC, false);
	pinpage_writeback(NULL, PINPAGE_WB_SYNC_NONE);
	late = pinpage_filp_open(sb, "f", O_RDWR, 0);
	ck_assert_int_eq(pinpage_fsync(late, 0), -ENOSPC);
	pinpage_filp_close(late);
	late = pinpage_filp_open(sb, "f", O_RDWR, 0);
	ck_assert_int_eq(pinpage_fsync(late, 0), 0);
	pinpage_filp_close(late);
	ck_assert_int_eq(pinpage_fsync(file, 0), -ENOSPC);
}
END_TEST

START_TEST(flush_error_reported)
{
	pinpage_inject_io(PINPAGE_IO_FLUSH, 1, EIO, false);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}
END_TEST

START_TEST(fsync_range_writes_its_pages)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_fsync_range(file, PAGE_SIZE,
					     2 * PAGE_SIZE - 1, 0), 0);
	ck_assert_uint_eq(disk->writes[0], 0);
	ck_assert_uint_eq(disk->writes[1], 1);
	ck_assert_uint_ne(mapping->dirtied_when, 0);
	ck_assert_int_eq(pinpage_fsync_range(file, -1, 0, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fsync_range(file, 5, 4, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fsync(NULL, 0), -EINVAL);
}
END_TEST

/* W07 */
START_TEST(sync_file_range_write_starts_io)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, 0,
						 SYNC_FILE_RANGE_WRITE), 0);
	ck_assert(!PageDirty(cached(0)));
	ck_assert_uint_eq(disk->syncs, 0);
}
END_TEST

START_TEST(sync_file_range_wait_reports_error)
{
	unsigned int all = SYNC_FILE_RANGE_WAIT_BEFORE |
		SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, PAGE_SIZE, all),
			 -EIO);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, PAGE_SIZE,
				SYNC_FILE_RANGE_WAIT_BEFORE), -EIO);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, PAGE_SIZE, all), 0);
}
END_TEST

START_TEST(sync_file_range_bad_arguments_einval)
{
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, 0, 8), -EINVAL);
	ck_assert_int_eq(pinpage_sync_file_range(file, -1, 0, 2), -EINVAL);
	ck_assert_int_eq(pinpage_sync_file_range(file, 1, -1, 2), -EINVAL);
	ck_assert_int_eq(pinpage_sync_file_range(file, 2, INT64_MAX, 2),
			 -EINVAL);
	ck_assert_int_eq(pinpage_sync_file_range(NULL, 0, 0, 2), -EINVAL);
}
END_TEST

Suite *fsync_suite(void)
{
	Suite *s = suite_create("fsync");

	mem_test(s, fsync_makes_bytes_durable);
	mem_test(s, error_reported_once_per_file);
	mem_test(s, unseen_error_reported_to_later_open);
	mem_test(s, flush_error_reported);
	mem_test(s, fsync_range_writes_its_pages);
	mem_test(s, sync_file_range_write_starts_io);
	mem_test(s, sync_file_range_wait_reports_error);
	mem_test(s, sync_file_range_bad_arguments_einval);
	return s;
}
