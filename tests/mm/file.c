// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

START_TEST(read_maps_cache_page)
{
	struct file *file = blk_file(2);
	unsigned long addr = map_file(file, 2, RW, MAP_SHARED);

	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert_ptr_eq(page_file_mapping(page_of(mm, addr + PAGE_SIZE)), file->f_mapping);
	ck_assert(!(pte_of(mm, addr + PAGE_SIZE) & PINPAGE_PTE_WRITE));
	/* and what the cache has around it */
	ck_assert_ptr_eq(page_file_mapping(page_of(mm, addr)), file->f_mapping);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_MAPPED), 2);
}
END_TEST

START_TEST(read_leaves_copies_around_alone)
{
	struct file *file = blk_file(4);
	unsigned long addr = map_file(file, 4, RW, MAP_PRIVATE);

	put(mm, addr + 3 * PAGE_SIZE, 7);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_ptr_nonnull(page_of(mm, addr + 2 * PAGE_SIZE));
	ck_assert(PageAnon(page_of(mm, addr + 3 * PAGE_SIZE)));
}
END_TEST

START_TEST(shared_write_notifies_and_dirties)
{
	unsigned long addr = map_file(blk_file(1), 1, RW, MAP_SHARED);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_MKWRITE);
	ck_assert_int_eq(get(mm, addr), 1);
	put(mm, addr, 9);
	put(mm, addr + 1, 9);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert(PageDirty(page_of(mm, addr)));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(fsync_protects_and_writes)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	unsigned char byte = 0;

	put(mm, addr, 9);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page_of(mm, addr)));
	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_WRITE | PINPAGE_PTE_DIRTY)));
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 9);
	put(mm, addr, 10);
	ck_assert(PageDirty(page_of(mm, addr)));
}
END_TEST

START_TEST(mkclean_spares_private_mappings)
{
	struct file *file = blk_file(1);
	unsigned long shared = map_file(file, 1, RW, MAP_SHARED);
	unsigned long priv = map_file(file, 1, RW, MAP_PRIVATE);
	struct page *page;

	put(mm, shared, 2);
	ck_assert_int_eq(get(mm, priv), 2);
	page = page_of(mm, shared);
	ck_assert_ptr_eq(page_of(mm, priv), page);
	pp_lock_page(page);
	ck_assert_int_eq(pinpage_page_mkclean(page), 1);
	pp_unlock_page(page);
	ck_assert(pte_of(mm, priv) & PINPAGE_PTE_PRESENT);
}
END_TEST

START_TEST(mkclean_of_unlocked_page_einval)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_page_mkclean(page_of(mm, addr)), -EINVAL);
	expect_warnings(1);
}
END_TEST

START_TEST(private_write_copies)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_PRIVATE);
	unsigned char byte = 0;

	put(mm, addr, 7);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert_int_eq(get(mm, addr + 1), 1);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 1);
}
END_TEST

START_TEST(private_write_after_read_copies)
{
	unsigned long addr = map_file(blk_file(1), 1, RW, MAP_PRIVATE);
	struct page *cached;

	ck_assert_int_eq(get(mm, addr), 1);
	cached = page_of(mm, addr);
	put(mm, addr, 7);
	ck_assert_ptr_ne(page_of(mm, addr), cached);
	ck_assert_int_eq(pp_page_mapcount(cached), 0);
}
END_TEST

START_TEST(beyond_eof_efault)
{
	unsigned long addr = map_file(ram_file(1), 2, RW, MAP_SHARED);
	unsigned char byte = 1;

	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
	ck_assert_int_eq(pinpage_store(mm, addr + PAGE_SIZE, &byte, 1), -EFAULT);
}
END_TEST

START_TEST(read_error_efault)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);

	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, true);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	pinpage_inject_io(PINPAGE_IO_READ, 0, 0, false);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

/* the fault lets mmap_lock go for the first read, and reads again */
START_TEST(one_read_error_is_tried_again)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);

	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(truncate_unmaps_copies_too)
{
	struct file *file = blk_file(2);
	unsigned long shared = map_file(file, 2, RW, MAP_SHARED);
	unsigned long priv = map_file(file, 2, RW, MAP_PRIVATE);

	put(mm, shared + PAGE_SIZE, 5);
	put(mm, priv + PAGE_SIZE, 6);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_ptr_null(page_of(mm, shared + PAGE_SIZE));
	ck_assert_ptr_null(page_of(mm, priv + PAGE_SIZE));
	ck_assert_int_eq(get(mm, shared + PAGE_SIZE), -EFAULT);
}
END_TEST

START_TEST(munmap_hands_dirty_over)
{
	unsigned long addr = map_file(ram_file(1), 1, RW, MAP_SHARED);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 1);
	page = page_of(mm, addr);
	ClearPageDirty(page);
	put(mm, addr, 9);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_DIRTY);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert(PageDirty(page));
}
END_TEST

START_TEST(file_lives_as_long_as_its_area)
{
	struct file *file;
	unsigned long addr;

	ram_file(1);
	file = pinpage_filp_open(ramfs, "file0", O_RDWR, 0);
	addr = map_file(file, 1, RW, MAP_SHARED);
	pinpage_filp_close(file);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
}
END_TEST

/* SIGBUS: the file system has no block for the hole */
START_TEST(store_on_a_full_device_efault)
{
	struct file *file = blk_file(1), *other = blk_file(1);
	unsigned char bytes[PAGE_SIZE] = "x";
	unsigned long addr, index;
	ssize_t n;

	ck_assert_int_eq(pinpage_ftruncate(file, 2 * PAGE_SIZE), 0);
	addr = map_file(file, 2, RW, MAP_SHARED);
	for (n = PAGE_SIZE, index = 1; n == PAGE_SIZE; index++)
		n = pinpage_pwrite(other, bytes, PAGE_SIZE,
				   (pinpage_loff_t)(index * PAGE_SIZE));
	ck_assert_int_eq(n, -ENOSPC);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_store(mm, addr + PAGE_SIZE, bytes, 1),
			 -EFAULT);
	ck_assert(!PageDirty(page_of(mm, addr + PAGE_SIZE)));
	ck_assert_uint_eq(pinpage_copy_to_user((void *)(addr + PAGE_SIZE),
					       bytes, 1), 1);
	put(mm, addr, 7);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}
END_TEST

/* msync */

START_TEST(msync_sync_reaches_storage)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	unsigned char byte = 0;

	put(mm, addr, 9);
	ck_assert_int_eq(pinpage_msync(addr, 1, MS_ASYNC), 0);
	ck_assert(PageDirty(page_of(mm, addr)));
	ck_assert_int_eq(pinpage_msync(addr, 1, MS_SYNC), 0);
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 9);
}
END_TEST

START_TEST(msync_bad_arguments_einval)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_msync(addr, 1, MS_SYNC | MS_ASYNC), -EINVAL);
	ck_assert_int_eq(pinpage_msync(addr, 1, 64), -EINVAL);
	ck_assert_int_eq(pinpage_msync(addr + 1, 1, MS_SYNC), -EINVAL);
	ck_assert_int_eq(pinpage_msync(addr, 0, MS_SYNC), 0);
}
END_TEST

START_TEST(msync_hole_enomem)
{
	ck_assert_int_eq(pinpage_msync(0x100000, PAGE_SIZE, MS_SYNC), -ENOMEM);
	ck_assert_int_eq(pinpage_msync(-PAGE_SIZE, 2 * PAGE_SIZE, MS_SYNC), -ENOMEM);
}
END_TEST

START_TEST(msync_invalidate_locked_ebusy)
{
	unsigned long addr = map(1, RW, PRIV | MAP_LOCKED);

	ck_assert_int_eq(pinpage_msync(addr, 1, MS_INVALIDATE), -EBUSY);
}
END_TEST

START_TEST(msync_write_error_eio)
{
	unsigned long addr = map_file(blk_file(1), 1, RW, MAP_SHARED);

	put(mm, addr, 9);
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_msync(addr, 1, MS_SYNC), -EIO);
}
END_TEST

Suite *file_suite(void)
{
	Suite *s = suite_create("mm/file");

	on(s, read_maps_cache_page, up);
	on(s, read_leaves_copies_around_alone, up);
	on(s, shared_write_notifies_and_dirties, up);
	on(s, fsync_protects_and_writes, up);
	on(s, fsync_protects_and_writes, up_fiber);
	on(s, mkclean_spares_private_mappings, up);
	on(s, mkclean_of_unlocked_page_einval, up);
	on(s, private_write_copies, up);
	on(s, private_write_after_read_copies, up);
	on(s, beyond_eof_efault, up);
	on(s, read_error_efault, up);
	on(s, one_read_error_is_tried_again, up);
	on(s, truncate_unmaps_copies_too, up);
	on(s, munmap_hands_dirty_over, up);
	on(s, file_lives_as_long_as_its_area, up);
	on(s, store_on_a_full_device_efault, up);
	on(s, msync_sync_reaches_storage, up);
	on(s, msync_bad_arguments_einval, up);
	on(s, msync_hole_enomem, up);
	on(s, msync_invalidate_locked_ebusy, up);
	on(s, msync_write_error_eio, up);
	return s;
}
