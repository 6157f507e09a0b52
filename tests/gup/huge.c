// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pins of huge pages: cases H01 to H06 and Z07 of the semantics reference.
 */
#include "suites.h"

#include "machine.h"

#define HUGE_NR 512UL
#define HUGE_SIZE (HUGE_NR * PAGE_SIZE)

static struct page *pages[HUGE_NR];

static unsigned long area(void)
{
	unsigned long addr = map(HUGE_NR, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);

	ck_assert_uint_eq(addr & (HUGE_SIZE - 1), 0);
	ck_assert_int_eq(pinpage_madvise(addr, HUGE_SIZE, MADV_HUGEPAGE), 0);
	return addr;
}

static unsigned long thp(void)
{
	unsigned long addr = area();

	put_byte(addr, 1);
	ck_assert_uint_eq(folio_order(page_folio(page_at(addr))), 9);
	return addr;
}

static int pincount(struct page *page)
{
	return pinpage_head_compound_pincount(pinpage_compound_head(page));
}

static long slow(unsigned long addr, unsigned long nr, unsigned int flags)
{
	long ret;

	mmap_read_lock(mm);
	ret = pinpage_pin_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

START_TEST(h01_whole_folio)
{
	unsigned long addr = thp(), i;
	int before = count_at(addr);

	stats_mark();
	ck_assert_int_eq(pin_user_pages_fast(addr, HUGE_NR, FOLL_WRITE, pages), HUGE_NR);
	assert_delta(pages[0], before, (int)HUGE_NR);
	ck_assert_int_eq(pincount(pages[0]), HUGE_NR);
	ck_assert_int_eq(acquired(), HUGE_NR);
	for (i = 0; i < HUGE_NR; i++)
		ck_assert(page_maybe_dma_pinned(pages[i]));
	unpin_user_pages(pages, HUGE_NR);
	ck_assert_int_eq(pincount(pages[0]), 0);
	ck_assert_int_eq(count_at(addr), before);
	ck_assert_int_eq(released(), HUGE_NR);
}
END_TEST

START_TEST(h02_h04_one_more_of_a_subpage)
{
	unsigned long addr = thp();
	struct page *first;
	int before;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &first), 1);
	before = count_at(addr);
	ck_assert_int_eq(slow(addr + 7 * PAGE_SIZE, 1, FOLL_WRITE), 1);
	assert_delta(first, before, 1);
	ck_assert_int_eq(pincount(first), 2);
	unpin_user_page(pages[0]);
	ck_assert(page_maybe_dma_pinned(first + 300));
	unpin_user_page(first);
	ck_assert(!page_maybe_dma_pinned(first + 300));
}
END_TEST

START_TEST(h03_range_release_dirties_head)
{
	unsigned long addr = thp();

	ck_assert_int_eq(pin_user_pages_fast(addr, HUGE_NR, FOLL_WRITE, pages), HUGE_NR);
	stats_mark();
	unpin_user_page_range_dirty_lock(pages[0], HUGE_NR, true);
	ck_assert_int_eq(pincount(pages[0]), 0);
	ck_assert(PageDirty(pages[0]));
	ck_assert_int_eq(released(), HUGE_NR);
}
END_TEST

START_TEST(h05_unmapped_folio_lives_by_its_pin)
{
	unsigned long addr = thp();
	struct page *page;
	long before = pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES);

	ck_assert_int_eq(pin_user_pages_fast(addr + 9 * PAGE_SIZE, 1, FOLL_WRITE, &page), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_uint_eq(folio_order(page_folio(page)), 9);
	ck_assert_int_eq(pinpage_munmap(addr, HUGE_SIZE), 0);
	ck_assert_uint_eq(folio_order(page_folio(page)), 9);
	ck_assert_int_eq(pincount(page), 1);
	ck_assert_int_eq(page_count(page), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), before);
	unpin_user_page(page);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), before + (long)HUGE_NR);
}
END_TEST

START_TEST(h06_split_pmd_keeps_folio)
{
	unsigned long addr = thp();
	unsigned int pte;

	ck_assert_int_eq(slow(addr, 2, FOLL_WRITE | FOLL_SPLIT_PMD), 2);
	ck_assert_uint_eq(folio_order(page_folio(pages[0])), 9);
	ck_assert_int_eq(pincount(pages[0]), 2);
	ck_assert_ptr_eq(pinpage_peek_page(mm, addr + PAGE_SIZE, &pte), pages[1]);
	ck_assert(!(pte & PINPAGE_PTE_HUGE));
	unpin_user_pages(pages, 2);
}
END_TEST

/* runs over PTEs of one folio are released as one */
START_TEST(pte_mapped_folio_counts_exactly)
{
	unsigned long addr = thp();
	int before;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	before = count_at(addr);
	ck_assert_int_eq(pin_user_pages_fast(addr + PAGE_SIZE, 100, FOLL_WRITE, pages), 100);
	assert_delta(pages[0], before, 100);
	ck_assert_int_eq(pincount(pages[0]), 100);
	ck_assert_int_eq(slow(addr + PAGE_SIZE, 10, FOLL_WRITE), 10);
	ck_assert_int_eq(pincount(pages[0]), 110);
	unpin_user_pages(pages, 10);
	unpin_user_page_range_dirty_lock(pages[0], 100, false);
	ck_assert_int_eq(pincount(pages[0]), 0);
	ck_assert_int_eq(count_at(addr), before);
}
END_TEST

/* a reference moves to the page that its caller named; no checker minds */
START_TEST(split_keeps_tokens_in_order)
{
	unsigned long addr = thp();
	struct page *page = page_at(addr + 7 * PAGE_SIZE);

	get_page(page);
	lock_page(page);
	ck_assert_int_eq(split_huge_page(page), 0);
	unlock_page(page);
	ck_assert_uint_eq(folio_order(page_folio(page)), 0);
	put_page(page);
	ck_assert_int_eq(pin_user_pages_fast(addr, HUGE_NR, FOLL_WRITE, pages), HUGE_NR);
	unpin_user_pages(pages, HUGE_NR);
	ck_assert_int_eq(pinpage_munmap(addr, HUGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
}
END_TEST

static void pin_huge_zero(long (*take)(unsigned long addr))
{
	unsigned long addr = area();
	struct page *zero;
	int before;

	ck_assert_uint_eq(get_byte(addr), 0);
	zero = page_at(addr);
	before = page_count(zero);
	stats_mark();
	ck_assert_int_eq(take(addr), 1);
	ck_assert_ptr_eq(pages[0], zero);
	ck_assert(!is_zero_page(pages[0]));
	ck_assert_int_eq(pincount(zero), 1);
	assert_delta(zero, before, 1);
	ck_assert_int_eq(acquired(), 1);
	put_byte(addr, 5);
	ck_assert_ptr_ne(page_at(addr), zero);
	unpin_user_page(pages[0]);
	ck_assert_int_eq(pincount(zero), 0);
	ck_assert_int_eq(released(), 1);
}

static long take_slow(unsigned long addr)
{
	return slow(addr, 1, 0);
}

static long take_fast(unsigned long addr)
{
	return pin_user_pages_fast(addr, 1, 0, pages);
}

static long take_fast_only(unsigned long addr)
{
	return pin_user_pages_fast_only(addr, 1, 0, pages);
}

START_TEST(z07_huge_zero_page_is_counted)
{
	pin_huge_zero(take_slow);
	pin_huge_zero(take_fast);
	pin_huge_zero(take_fast_only);
}
END_TEST

START_TEST(dump_of_huge_zero_page_efault)
{
	unsigned long addr = area();

	ck_assert_uint_eq(get_byte(addr), 0);
	mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_get_user_pages(addr, 1, FOLL_DUMP | FOLL_GET, pages),
			 -EFAULT);
	mmap_read_unlock(mm);
}
END_TEST

START_TEST(split_pmd_of_huge_zero_page)
{
	unsigned long addr = area();

	ck_assert_uint_eq(get_byte(addr), 0);
	ck_assert_int_eq(slow(addr, 1, FOLL_SPLIT_PMD), 1);
	ck_assert(is_zero_page(pages[0]));
	unpin_user_page(pages[0]);
}
END_TEST

/* 6.2: a long-term pin gets a page of its own, here one small page */
START_TEST(longterm_read_leaves_huge_zero_page)
{
	unsigned long addr;

	down();
	up("6.12");
	addr = area();
	ck_assert_uint_eq(get_byte(addr), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, pages), 1);
	ck_assert(!is_zero_page(pages[0]));
	ck_assert_uint_eq(folio_order(page_folio(pages[0])), 0);
	put_byte(addr, 3);
	ck_assert_uint_eq(*(unsigned char *)page_address(pages[0]), 3);
	unpin_user_page(pages[0]);
}
END_TEST

static void add(Suite *suite, const TTest *fn)
{
	tcase_add_checked_fixture(pp_test_add_named(suite, fn->name, fn),
				  fixture_up, down);
}

Suite *huge_suite(void)
{
	Suite *suite = suite_create("huge");

	add(suite, h01_whole_folio);
	add(suite, h02_h04_one_more_of_a_subpage);
	add(suite, h03_range_release_dirties_head);
	add(suite, h05_unmapped_folio_lives_by_its_pin);
	add(suite, h06_split_pmd_keeps_folio);
	add(suite, pte_mapped_folio_counts_exactly);
	add(suite, split_keeps_tokens_in_order);
	add(suite, z07_huge_zero_page_is_counted);
	add(suite, dump_of_huge_zero_page_efault);
	add(suite, split_pmd_of_huge_zero_page);
	add(suite, longterm_read_leaves_huge_zero_page);
	return suite;
}
