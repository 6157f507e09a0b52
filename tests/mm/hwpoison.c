// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Frames that failed, frames that are taken out in time.
 */
#include "machine.h"
#include "suites.h"

#include <pinpage/migrate.h>

#ifndef MADV_HWPOISON
# define MADV_HWPOISON 100
#endif
#ifndef MADV_SOFT_OFFLINE
# define MADV_SOFT_OFFLINE 101
#endif

START_TEST(free_frame_is_never_used)
{
	unsigned long pfn = pp_nr_frames - 1, free = pp_nr_free();

	ck_assert_int_eq(pinpage_memory_failure(pfn, 0), 0);
	ck_assert_uint_eq(pp_nr_free(), free - 1);
	ck_assert_int_eq(pinpage_memory_failure(pfn, 0), -EHWPOISON);
	ck_assert_int_eq(pinpage_unpoison_memory(pfn), 0);
	ck_assert_uint_eq(pp_nr_free(), free);
	ck_assert_int_eq(pinpage_unpoison_memory(pfn), 0);
}
END_TEST

START_TEST(anon_page_is_gone_for_the_process)
{
	unsigned long addr = anon(2);
	struct page *page = page_of(mm, addr);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_HWPOISON), 0);
	ck_assert(PageHWPoison(page));
	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(page_ref_count(page), 1);
}
END_TEST

START_TEST(pin_of_a_failed_page_stays_valid)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(*(unsigned char *)page_address(page), 1);
	ck_assert_int_eq(pinpage_unpoison_memory(page_to_pfn(page)), -EBUSY);
	unpin(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_unpoison_memory(page_to_pfn(page)), 0);
	ck_assert_int_eq(page_ref_count(page), 0);
}
END_TEST

START_TEST(clean_file_page_is_read_again)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 1);
	page = page_of(mm, addr);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_ptr_null(page_file_mapping(page));
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_ptr_ne(page_of(mm, addr), page);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}
END_TEST

START_TEST(dirty_file_page_is_lost_and_told)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;
	char byte;

	put(mm, addr, 42);
	page = page_of(mm, addr);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 1);
}
END_TEST

START_TEST(pinned_file_page_ebusy)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 1);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EBUSY);
	ck_assert_ptr_null(page_file_mapping(page));
	ck_assert_int_eq(*(unsigned char *)page_address(page), 1);
	unpin(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(memory_file_keeps_the_bad_page)
{
	struct file *file = ram_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;
	char byte;

	put(mm, addr, 42);
	page = page_of(mm, addr);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), -EIO);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	addr = map_file(file, 1, RW, MAP_SHARED);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_int_eq(page_ref_count(page), 1);
}
END_TEST

START_TEST(kernel_page_ebusy)
{
	struct page *page = pp_alloc_page(0);

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EBUSY);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EHWPOISON);
	pp_unref(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	page = pp_alloc_page(0);
	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), -EIO);
	pp_unref(page);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(pp_zero_page), 0), -EBUSY);
}
END_TEST

START_TEST(no_such_frame_enxio)
{
	ck_assert_int_eq(pinpage_memory_failure(pp_nr_frames, 0), -ENXIO);
	ck_assert_int_eq(pinpage_unpoison_memory(pp_nr_frames), -ENXIO);
	ck_assert_int_eq(pinpage_soft_offline_page(pp_nr_frames, 0), -ENXIO);
	ck_assert_int_eq(pinpage_memory_failure(0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_soft_offline_page(0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(0x20000, PAGE_SIZE, MADV_HWPOISON), -EFAULT);
}
END_TEST

/* M05 */
START_TEST(soft_offline_waits_for_no_pin)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_SOFT_OFFLINE), -EBUSY);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(!PageHWPoison(page));
	put(mm, addr, 5);
	unpin(page);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_SOFT_OFFLINE), 0);
	ck_assert(PageHWPoison(page));
	ck_assert_ptr_ne(page_of(mm, addr), page);
	ck_assert_int_eq(get(mm, addr), 5);
	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), 0);
}
END_TEST

START_TEST(soft_offline_of_file_pages)
{
	struct file *file = blk_file(2);
	unsigned long addr = map_file(file, 2, RW, MAP_SHARED);
	struct page *page;

	/* dirty and mapped: it moves */
	put(mm, addr, 42);
	page = page_of(mm, addr);
	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), 0);
	ck_assert(PageHWPoison(page));
	ck_assert_int_eq(get(mm, addr), 42);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	/* clean and not mapped: it is dropped */
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	page = pp_xa_load(&file->f_mapping->i_pages, 1);
	ck_assert_ptr_nonnull(page);
	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), 0);
	ck_assert(PageHWPoison(page));
	ck_assert_ptr_null(pp_xa_load(&file->f_mapping->i_pages, 1));
}
END_TEST

START_TEST(soft_offline_of_a_free_frame)
{
	unsigned long pfn = pp_nr_frames - 1;

	ck_assert_int_eq(pinpage_soft_offline_page(pfn, 0), 0);
	ck_assert(PageHWPoison(pfn_to_page(pfn)));
	ck_assert_int_eq(pinpage_unpoison_memory(pfn), 0);
}
END_TEST

START_TEST(soft_offline_enomem)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), -ENOMEM);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageLRU(page));
}
END_TEST

/* H07 */
START_TEST(pinned_folio_stays_whole)
{
	unsigned long addr = huge();
	struct page *page = pin(mm, addr + 3 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_madvise(addr + 3 * PAGE_SIZE, PAGE_SIZE,
					 MADV_SOFT_OFFLINE), -EBUSY);
	ck_assert(PageTail(page));
	unpin(page);
	ck_assert_int_eq(pinpage_madvise(addr + 3 * PAGE_SIZE, PAGE_SIZE,
					 MADV_SOFT_OFFLINE), 0);
	ck_assert(PageHWPoison(page) && !PageTail(page));
	ck_assert_ptr_ne(page_of(mm, addr + 3 * PAGE_SIZE), page);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(failed_part_of_a_folio_is_split_off)
{
	unsigned long addr = huge();
	struct page *page = page_of(mm, addr + 3 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(get(mm, addr + 3 * PAGE_SIZE), -EFAULT);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(page_ref_count(page), 1);
}
END_TEST

Suite *hwpoison_suite(void)
{
	Suite *suite = suite_create("hwpoison");

	on(suite, free_frame_is_never_used, up);
	on(suite, anon_page_is_gone_for_the_process, up);
	on(suite, pin_of_a_failed_page_stays_valid, up);
	on(suite, clean_file_page_is_read_again, up);
	on(suite, dirty_file_page_is_lost_and_told, up);
	on(suite, pinned_file_page_ebusy, up);
	on(suite, memory_file_keeps_the_bad_page, up);
	on(suite, kernel_page_ebusy, up);
	on(suite, no_such_frame_enxio, up);
	on(suite, soft_offline_waits_for_no_pin, up);
	on(suite, soft_offline_of_file_pages, up);
	on(suite, soft_offline_of_a_free_frame, up);
	on(suite, soft_offline_enomem, up);
	on(suite, pinned_folio_stays_whole, up);
	on(suite, failed_part_of_a_folio_is_split_off, up);
	return suite;
}
