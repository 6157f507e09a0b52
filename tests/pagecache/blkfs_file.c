// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blkfs_file.c - sizes, preallocation and direct I/O of blkfs
 */
#include "blkfs_support.h"

START_TEST(truncated_tail_reads_zero_after_regrow)
{
	char got[16];

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	ck_assert_int_eq(pinpage_ftruncate(file, 10), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_pread(file, got, 16, 0), 16);
	ck_assert_mem_eq(got, "aaaaaaaaaa\0\0\0\0\0\0", 16);
}
END_TEST

START_TEST(truncate_read_error_eio)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_ftruncate(file, 10), -EIO);
}
END_TEST

START_TEST(punched_range_reads_zero)
{
	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE |
					   FALLOC_FL_KEEP_SIZE, PAGE_SIZE,
					   2 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 16);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_int_eq(get_first_byte(2), 0);
	ck_assert_int_eq(get_first_byte(3), 'a');
}
END_TEST

START_TEST(preallocated_reads_zero_and_never_enospc)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 4 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 32);
	ck_assert_int_eq(pinpage_i_size_read(file), 4 * PAGE_SIZE);
	ck_assert_int_eq(get_first_byte(2), 0);
	watch_events(NULL);
	put_page_bytes(2, 'b');
	ck_assert_uint_eq(seen[PINPAGE_EV_RESERVE], 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 32);
	ck_assert_int_eq(durable_byte(2), 'b');
	ck_assert_int_eq(durable_byte(3), 0);
}
END_TEST

START_TEST(preallocate_too_much_enospc)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 1000 * PAGE_SIZE),
			 -ENOSPC);
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
}
END_TEST

START_TEST(preallocated_over_delalloc_counted_once)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	ck_assert_int_eq(durable_byte(0), 'a');
}
END_TEST

START_TEST(zero_range_keeps_blocks)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_ZERO_RANGE, 100,
					   PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 16);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 0);
}
END_TEST

static struct page *one_page(char byte)
{
	struct page *page = pp_alloc_page(PINPAGE_GFP_KERNEL);

	memset(page_address(page), byte, PAGE_SIZE);
	return page;
}

START_TEST(direct_write_is_read_back)
{
	struct page *pages[2] = { one_page('x'), one_page('y') };

	ck_assert_int_eq(pinpage_direct_io(file, true, pages, 512,
					   PAGE_SIZE + 1024, 512),
			 PAGE_SIZE + 1024);
	ck_assert_int_eq(pinpage_i_size_read(file), PAGE_SIZE + 1536);
	ck_assert_int_eq(get_first_byte(0), 0);
	ck_assert_int_eq(get_first_byte(1), 'y');
	memset(page_address(pages[0]), 0, PAGE_SIZE);
	ck_assert_int_eq(pinpage_direct_io(file, false, pages, 0, 1024, 512),
			 1024);
	ck_assert_int_eq(*(char *)page_address(pages[0]), 'x');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(durable_byte(1), 'y');
	pp_unref(pages[0]);
	pp_unref(pages[1]);
}
END_TEST

START_TEST(direct_write_error_eio)
{
	struct page *page = one_page('x');

	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_direct_io(file, true, &page, 0, PAGE_SIZE, 0),
			 -EIO);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
	pp_unref(page);
}
END_TEST

START_TEST(direct_write_full_enospc)
{
	struct page *page = one_page('x');
	loff_pp pos = 0;
	ssize_t n;

	do {
		n = pinpage_direct_io(file, true, &page, 0, PAGE_SIZE, pos);
		pos += n;
	} while (n > 0);
	ck_assert_int_eq(n, -ENOSPC);
	pp_unref(page);
}
END_TEST

START_TEST(direct_read_checks_checksum)
{
	struct page *page = one_page('x');

	ck_assert_int_eq(pinpage_direct_io(file, true, &page, 0, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(pinpage_direct_io(file, false, &page, 0, PAGE_SIZE,
					   0), PAGE_SIZE);
	ck_assert_int_eq(get_first_byte(0), 'x');
	pp_unref(page);
}
END_TEST

START_TEST(nothing_past_eof_stored)
{
	struct page *page;

	ck_assert_int_eq(pinpage_pwrite(file, "abc", 3, 0), 3);
	page = read_in(0);
	((char *)page_address(page))[100] = 'j';
	pp_unref(page);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	page = read_in(0);
	ck_assert_int_eq(((char *)page_address(page))[100], 0);
	pp_unref(page);
}
END_TEST

void blkfs_file_cases(Suite *suite)
{
	blk_test(suite, truncated_tail_reads_zero_after_regrow);
	blk_test(suite, truncate_read_error_eio);
	blk_test(suite, punched_range_reads_zero);
	blk_test(suite, preallocated_reads_zero_and_never_enospc);
	blk_test(suite, preallocate_too_much_enospc);
	blk_test(suite, preallocated_over_delalloc_counted_once);
	blk_test(suite, zero_range_keeps_blocks);
	blk_test(suite, direct_write_is_read_back);
	blk_test(suite, direct_write_error_eio);
	blk_test(suite, direct_write_full_enospc);
	blk_test_up(suite, direct_read_checks_checksum, blk_up_csum);
	blk_test(suite, nothing_past_eof_stored);
}
