// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory that has a file, to swap and back.
 */
#include "machine.h"
#include "suites.h"

#include "mm/swap.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

static int swap_on(unsigned long pages)
{
	struct pinpage_swap_options options = { .pages = pages };
	int type = pinpage_swapon(&options);

	ck_assert_int_ge(type, 0);
	return type;
}

static void page_out(unsigned long addr, unsigned long pages)
{
	ck_assert_int_eq(pinpage_madvise(addr, pages * PAGE_SIZE, MADV_PAGEOUT), 0);
}

/* pages of one shared mapping, written to swap and freed */
static unsigned long shared_out(unsigned long pages)
{
	unsigned long addr = map(pages, RW, SHARED), i;

	for (i = 0; i < pages; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i + 1));
	page_out(addr, pages);
	for (i = 0; i < pages; i++)
		ck_assert_ptr_null(page_of(mm, addr + i * PAGE_SIZE));
	return addr;
}

START_TEST(shared_memory_goes_and_comes_back)
{
	int type = swap_on(64);
	unsigned long nr_free = pp_nr_free(), addr = shared_out(9), i;
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_uint_ge(pp_nr_free() + 4, nr_free);
	ck_assert_uint_eq(pinpage_swap_used(type), 9);
	for (i = 0; i < 9; i++)
		ck_assert_int_eq(get(child, addr + i * PAGE_SIZE), (int)i + 1);
	put(child, addr, 77);
	ck_assert_int_eq(get(mm, addr), 77);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	pinpage_mmput(child);
}
END_TEST

/* found by a look-up when its slot had been taken already */
START_TEST(page_that_somebody_found_stays)
{
	int type = swap_on(64);
	unsigned long addr = map(1, RW, SHARED);
	struct page *page;

	put(mm, addr, 5);
	page = page_of(mm, addr);
	pp_ref(page);
	pp_ref(page);
	pp_lock_page(page);
	pp_try_to_unmap(page);
	ck_assert(!pp_shmem_swap_out(page));
	pp_page_free_swap(page);
	pp_unlock_page(page);
	ck_assert(!PageSwapCache(page));
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(get(mm, addr), 5);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	pp_unref(page);
	pp_unref(page);
}
END_TEST

START_TEST(shared_memory_by_swapoff)
{
	int type = swap_on(64);
	unsigned long addr = shared_out(3);

	pinpage_inject_io(PINPAGE_IO_READ, 1, 0, false);
	ck_assert_int_eq(pinpage_swapoff(type), -EIO);
	ck_assert_int_eq(pinpage_swapoff(type), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
}
END_TEST

START_TEST(shared_memory_unmapped_frees_slots)
{
	int type = swap_on(64);
	unsigned long addr = shared_out(3);

	ck_assert_int_eq(pinpage_munmap(addr, 3 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
}
END_TEST

START_TEST(shared_memory_truncated)
{
	int type = swap_on(64);
	unsigned long addr = shared_out(4);
	struct file *file = pp_find_vma(mm, addr)->vm_file;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE / 2), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 4 * PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}
END_TEST

START_TEST(shared_memory_written_whole)
{
	unsigned char bytes[PAGE_SIZE], back = 0;
	int type = swap_on(64);
	unsigned long addr = shared_out(2);
	struct file *file = pp_find_vma(mm, addr)->vm_file;

	memset(bytes, 0x55, sizeof(bytes));
	ck_assert_int_eq(pinpage_pread(file, &back, 1, PAGE_SIZE), 1);
	ck_assert_int_eq(back, 2);
	ck_assert_int_eq(pinpage_pwrite(file, bytes, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(get(mm, addr), 0x55);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
}
END_TEST

START_TEST(shared_memory_referenced_stays_in_the_file)
{
	unsigned long addr;
	struct page *page;

	swap_on(64);
	addr = map(1, RW, SHARED);
	put(mm, addr, 1);
	page = pin(mm, addr);
	page_out(addr, 1);
	ck_assert(!PageSwapCache(page));
	*(unsigned char *)page_address(page) = 9;
	ck_assert_int_eq(get(mm, addr), 9);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

START_TEST(shared_memory_survives_failures)
{
	unsigned long addr, nth;
	int err;

	swap_on(64);
	addr = map(1, RW, SHARED);
	put(mm, addr, 1);
	for (nth = 1; nth < 20; nth++) {
		pp_inject_alloc(nth);
		page_out(addr, 1);
		err = get(mm, addr);
		pp_inject_alloc(0);
		ck_assert_int_eq(err == -ENOMEM ? get(mm, addr) : err, 1);
	}
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, 0, false);
	page_out(addr, 1);
	ck_assert_int_eq(get(mm, addr), 1);
	page_out(addr, 1);
	/* a fault that dropped its lock tries again: sticky */
	pinpage_inject_io(PINPAGE_IO_READ, 1, 0, true);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	pinpage_inject_io(PINPAGE_IO_READ, 0, 0, false);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(shared_memory_at_shutdown)
{
	swap_on(64);
	shared_out(5);
}
END_TEST

Suite *swap_shared_suite(void)
{
	Suite *s = suite_create("mm/swap_shared");

	on(s, shared_memory_goes_and_comes_back, up);
	on(s, shared_memory_goes_and_comes_back, up_fiber);
	on(s, page_that_somebody_found_stays, up);
	on(s, shared_memory_by_swapoff, up);
	on(s, shared_memory_unmapped_frees_slots, up);
	on(s, shared_memory_truncated, up);
	on(s, shared_memory_written_whole, up);
	on(s, shared_memory_referenced_stays_in_the_file, up);
	on(s, shared_memory_survives_failures, up);
	on(s, shared_memory_at_shutdown, up);
	return s;
}
