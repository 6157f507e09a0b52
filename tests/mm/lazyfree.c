// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * MADV_FREE: bytes may go until somebody stores, or holds the page.
 */
#include "machine.h"
#include "suites.h"

#include "mm/swap.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

static void page_out(unsigned long addr)
{
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
}

/* one page full of 1 that need not be kept */
static unsigned long lazy(void)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_FREE), 0);
	ck_assert(!PageSwapBacked(page_of(mm, addr)));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGLAZYFREE), 1);
	return addr;
}

START_TEST(read_until_reclaimed)
{
	unsigned long addr = lazy();

	ck_assert_int_eq(get(mm, addr), 1);
	page_out(addr);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGLAZYFREED), 1);
	ck_assert_int_eq(get(mm, addr), 0);
}
END_TEST

START_TEST(store_takes_it_back)
{
	unsigned long addr = lazy();

	put(mm, addr + 1, 5);
	page_out(addr);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(PageSwapBacked(page_of(mm, addr)));
}
END_TEST

START_TEST(pressure_takes_it_without_swap)
{
	unsigned long addr = lazy();

	ck_assert_uint_ge(pinpage_try_to_free_pages(1), 1);
	ck_assert_ptr_null(page_of(mm, addr));
}
END_TEST

/* U08 */
START_TEST(pinned_page_is_kept)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_FREE), 0);
	page_out(addr);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_int_eq(get(mm, addr), 1);
	unpin(page);
}
END_TEST

/* bugs.md madv-free-vs-dio, 4.5 to 5.17 */
START_TEST(referenced_page_was_lost_before_5_18)
{
	unsigned long addr;
	struct page *page;

	reboot("5.7");
	addr = lazy();
	page = page_of(mm, addr);
	pp_ref(page);
	page_out(addr);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), 0);
	pp_unref(page);
}
END_TEST

/* (K): the flag counts although the reference is gone again */
START_TEST(dirtied_after_free_stays)
{
	unsigned long addr = lazy();
	struct page *page = page_of(mm, addr);

	pp_ref(page);
	*(unsigned char *)page_address(page) = 9;
	pp_set_page_dirty(page);
	pp_unref(page);
	page_out(addr);
	ck_assert_int_eq(get(mm, addr), 9);
}
END_TEST

START_TEST(swapped_page_gives_its_slot)
{
	struct pinpage_swap_options options = { .pages = 8 };
	int type = pinpage_swapon(&options);
	unsigned long addr = anon(2);

	page_out(addr);
	page_out(addr + PAGE_SIZE);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_uint_eq(pinpage_swap_used(type), 2);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_FREE), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}
END_TEST

START_TEST(redirtied_page_goes_to_swap)
{
	struct pinpage_swap_options options = { .pages = 8 };
	unsigned long addr;

	ck_assert_int_eq(pinpage_swapon(&options), 0);
	addr = lazy();
	put(mm, addr, 6);
	page_out(addr);
	page_out(addr);
	ck_assert_uint_eq(pinpage_swap_used(0), 1);
	ck_assert_int_eq(get(mm, addr), 6);
}
END_TEST

START_TEST(shared_page_is_left_alone)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_FREE), 0);
	page_out(addr);
	ck_assert_int_eq(get(child, addr), 1);
	pinpage_mmput(child);
}
END_TEST

START_TEST(file_or_locked_einval)
{
	unsigned long addr = map_file(ram_file(1), 1, RW, MAP_PRIVATE);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_FREE), -EINVAL);
	addr = map(1, RW, PRIV | MAP_LOCKED);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_FREE), -EINVAL);
}
END_TEST

START_TEST(huge_page_reads_until_reclaimed)
{
	unsigned long addr = huge();

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_FREE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

Suite *lazyfree_suite(void)
{
	Suite *s = suite_create("mm/lazyfree");

	on(s, read_until_reclaimed, up);
	on(s, read_until_reclaimed, up_fiber);
	on(s, store_takes_it_back, up);
	on(s, pressure_takes_it_without_swap, up);
	on(s, pinned_page_is_kept, up);
	on(s, referenced_page_was_lost_before_5_18, up);
	on(s, dirtied_after_free_stays, up);
	on(s, swapped_page_gives_its_slot, up);
	on(s, redirtied_page_goes_to_swap, up);
	on(s, shared_page_is_left_alone, up);
	on(s, file_or_locked_einval, up);
	on(s, huge_page_reads_until_reclaimed, up);
	return s;
}
