// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * shmem.c - tmpfs: sparse, limited, dirty in name only
 */
#include "blkfs_support.h"

#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static void up_limited(uint64_t size)
{
	struct pinpage_mount_options with = { .size = size };

	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	ck_assert_int_eq(pinpage_mount("tmpfs", &with, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
}

static void up(void)
{
	up_limited(0);
}

static void up_4_pages(void)
{
	up_limited(3 * PAGE_SIZE + 1);
}

START_TEST(both_names_mount)
{
	struct super_block *other;

	ck_assert_int_eq(pinpage_mount("shmem", NULL, &other), 0);
	ck_assert_int_eq(pinpage_umount(other), 0);
	ck_assert(pp_shmem_mapping(mapping));
	ck_assert(mapping->a_ops->ram_only);
}
END_TEST

START_TEST(size_too_large_einval)
{
	struct pinpage_mount_options with = { .size = ~0ULL };
	struct super_block *other;

	ck_assert_int_eq(pinpage_mount("tmpfs", &with, &other), -EINVAL);
}
END_TEST

START_TEST(open_absent_enoent)
{
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "g", O_RDWR, 0)),
			 -ENOENT);
}
END_TEST

START_TEST(read_of_hole_makes_no_page)
{
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
}
END_TEST

START_TEST(fault_of_hole_makes_page)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), 0);
	page = pp_filemap_fault_page(file, 2, PP_HUGE_UNASKED);
	ck_assert(!IS_ERR(page));
	pp_unlock_page(page);
	pp_unref(page);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	ck_assert_int_eq(PTR_ERR(pp_filemap_fault_page(file, 3, PP_HUGE_UNASKED)), -ENXIO);
}
END_TEST

START_TEST(dirty_is_a_flag_only)	/* 3.3: no tag, no count */
{
	put_page_bytes(0, 'a');
	ck_assert(PageDirty(cached(0)));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert(!pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_writeback(sb, PINPAGE_WB_SYNC_ALL), 0);
	ck_assert(PageDirty(cached(0)));
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(fallocate_reserves_and_reads_zero)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, PAGE_SIZE, PAGE_SIZE + 1),
			 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 2 * PAGE_SIZE + 1);
	ck_assert_uint_eq(pinpage_file_blocks(file), 16);
	ck_assert(!PageUptodate(cached(1)));
	ck_assert(PageDirty(cached(1)));
	ck_assert_int_eq(get_first_byte(1), 0);
}
END_TEST

START_TEST(fallocate_keep_size_keeps_it)
{
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_KEEP_SIZE, 0,
					   2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 16);
}
END_TEST

START_TEST(zero_range_eopnotsupp)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_ZERO_RANGE, 0,
					   PAGE_SIZE), -EOPNOTSUPP);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(punch_orphans_pinned_page)	/* W19 */
{
	struct page *page;

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	page = cached(1);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 100, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	ck_assert_ptr_null(page->mapping);
	ck_assert_int_eq(page_ref_count(page), GUP_PIN_COUNTING_BIAS);
	ck_assert_int_eq(*(char *)page_address(page), 'b');
	pp_unpin(page, 1);
}
END_TEST

START_TEST(truncate_orphans_and_regrown_reads_zero)
{
	struct page *page;

	put_page_bytes(1, 'b');
	page = cached(1);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_ftruncate(file, 1), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 2 * PAGE_SIZE), 0);
	ck_assert_ptr_null(page->mapping);
	ck_assert_int_eq(get_first_byte(1), 0);
	pp_unpin(page, 1);
}
END_TEST

START_TEST(write_above_limit_enospc)
{
	char byte = 'x';

	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_eq(pinpage_pwrite(file, &byte, 1, 4 * PAGE_SIZE),
			 -ENOSPC);
	ck_assert_int_eq(PTR_ERR(pp_filemap_fault_page(file, 4, PP_HUGE_UNASKED)), -ENXIO);
	ck_assert_int_eq(pinpage_ftruncate(file, 5 * PAGE_SIZE), 0);
	ck_assert_int_eq(PTR_ERR(pp_filemap_fault_page(file, 4, PP_HUGE_UNASKED)), -ENOSPC);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), 0);
	put_page_bytes(4, 'a');
}
END_TEST

START_TEST(fallocate_above_limit_undone)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 5 * PAGE_SIZE),
			 -ENOSPC);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 8 * PAGE_SIZE,
					   4 * PAGE_SIZE), -ENOSPC);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	ck_assert_int_eq(pinpage_i_size_read(file), PAGE_SIZE);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(unlinked_file_gives_room_back)
{
	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	pinpage_filp_close(file);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
	file = pinpage_filp_open(sb, "g", O_RDWR | O_CREAT, 0600);
	mapping = file->f_mapping;
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 4 * PAGE_SIZE), 0);
}
END_TEST

START_TEST(fallocate_killed_eintr)
{
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, PAGE_SIZE), -EINTR);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
}
END_TEST

START_TEST(no_memory_enomem)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, PAGE_SIZE), -ENOMEM);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
}
END_TEST

#define shm_test(fn)	bdev_case(suite, #fn, fn, up, models_down)
#define quota_test(fn)	bdev_case(suite, #fn, fn, up_4_pages, models_down)

Suite *shmem_suite(void)
{
	Suite *suite = suite_create("shmem");

	shm_test(both_names_mount);
	shm_test(size_too_large_einval);
	shm_test(open_absent_enoent);
	shm_test(read_of_hole_makes_no_page);
	shm_test(fault_of_hole_makes_page);
	shm_test(dirty_is_a_flag_only);
	shm_test(fallocate_reserves_and_reads_zero);
	shm_test(fallocate_keep_size_keeps_it);
	shm_test(zero_range_eopnotsupp);
	shm_test(punch_orphans_pinned_page);
	shm_test(truncate_orphans_and_regrown_reads_zero);
	quota_test(write_above_limit_enospc);
	quota_test(fallocate_above_limit_undone);
	quota_test(unlinked_file_gives_room_back);
	shm_test(fallocate_killed_eintr);
	shm_test(no_memory_enomem);
	return suite;
}
