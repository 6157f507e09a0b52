// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ramfs.c - files that exist in the page cache alone
 */
#include "blkfs_support.h"

static void up(void)
{
	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
}

START_TEST(open_absent_enoent)
{
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "g", O_RDWR, 0)),
			 -ENOENT);
}
END_TEST

START_TEST(create_present_eexist)
{
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR | O_CREAT |
						   O_EXCL, 0)), -EEXIST);
}
END_TEST

START_TEST(hole_reads_zero)
{
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(get_first_byte(1), 0);
}
END_TEST

START_TEST(dirty_is_a_flag_only)	/* W03 and 3.3: no tag, no count */
{
	struct page *page;

	put_page_bytes(0, 'a');
	page = cached(0);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert(!pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(PageDirty(page));
}
END_TEST

START_TEST(drop_caches_keeps_only_copy)
{
	put_page_bytes(0, 'a');
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert(mapping->a_ops->ram_only);
}
END_TEST

START_TEST(close_keeps_file)
{
	put_page_bytes(0, 'a');
	pinpage_filp_close(file);
	pinpage_drop_caches();
	file = pinpage_filp_open(sb, "f", O_RDWR, 0);
	ck_assert(!IS_ERR(file));
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(unlink_frees_pages)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_eq(get_first_byte(0), 'a');
	pinpage_filp_close(file);
	file = NULL;
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
}
END_TEST

START_TEST(punch_reads_zero)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE |
					   FALLOC_FL_KEEP_SIZE, 0, PAGE_SIZE),
			 0);
	ck_assert_int_eq(get_first_byte(0), 0);
	ck_assert_int_eq(get_first_byte(1), 'b');
}
END_TEST

START_TEST(durable_read_eopnotsupp)
{
	char byte;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0),
			 -EOPNOTSUPP);
}
END_TEST

START_TEST(blocks_are_cached_pages)
{
	put_page_bytes(0, 'a');
	put_page_bytes(7, 'a');
	ck_assert_uint_eq(pinpage_file_blocks(file), 16);
}
END_TEST

#define ram_test(fn) bdev_case(suite, #fn, fn, up, models_down)

Suite *ramfs_suite(void)
{
	Suite *suite = suite_create("ramfs");

	ram_test(open_absent_enoent);
	ram_test(create_present_eexist);
	ram_test(hole_reads_zero);
	ram_test(dirty_is_a_flag_only);
	ram_test(drop_caches_keeps_only_copy);
	ram_test(close_keeps_file);
	ram_test(unlink_frees_pages);
	ram_test(punch_reads_zero);
	ram_test(durable_read_eopnotsupp);
	ram_test(blocks_are_cached_pages);
	return suite;
}
