// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Folios under pressure and under advice: split and freed, unless held.
 */
#include "mm/huge.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_PAGEOUT
# define MADV_COLD 20
# define MADV_PAGEOUT 21
#endif

static unsigned char byte_of(unsigned long i)
{
	return (unsigned char)(i * 13 + 1);
}

static void fill(unsigned long addr)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, byte_of(i));
}

static unsigned long filled(void)
{
	unsigned long addr = huge();

	fill(addr);
	return addr;
}

static void check_bytes(struct mm_struct *in, unsigned long addr, unsigned long from,
			unsigned long to)
{
	unsigned long i;

	for (i = from; i < to; i++)
		ck_assert_int_eq(get(in, addr + i * PAGE_SIZE), byte_of(i));
}

static int swap_on(void)
{
	struct pinpage_swap_options options = { .pages = 4096 };
	int type = pinpage_swapon(&options);

	ck_assert_int_ge(type, 0);
	return type;
}

static void advise(unsigned long addr, unsigned long pages, int advice)
{
	ck_assert_int_eq(pinpage_madvise(addr, pages * PAGE_SIZE, advice), 0);
}

static bool is_leaf(unsigned long addr)
{
	return pte_of(mm, addr) & PINPAGE_PTE_HUGE;
}

static void check_whole(unsigned long addr)
{
	ck_assert(is_leaf(addr));
	ck_assert_uint_eq(folio_nr_pages(page_folio(page_of(mm, addr))), HPAGE_PMD_NR);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}

START_TEST(pageout_splits_and_swaps)
{
	int type = swap_on();
	unsigned long addr = filled(), before = pp_nr_free();

	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_ptr_null(page_of(mm, addr + 300 * PAGE_SIZE));
	ck_assert_uint_eq(pp_nr_free(), before + HPAGE_PMD_NR);
	ck_assert_uint_eq(pinpage_swap_used(type), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGSTEAL), HPAGE_PMD_NR);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}
END_TEST

START_TEST(pageout_of_a_part_splits)
{
	int type = swap_on();
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr);

	advise(addr + 100 * PAGE_SIZE, 50, MADV_PAGEOUT);
	ck_assert_uint_eq(pinpage_swap_used(type), 50);
	ck_assert(!is_leaf(addr));
	ck_assert_ptr_eq(page_of(mm, addr + 99 * PAGE_SIZE), head + 99);
	ck_assert_ptr_null(page_of(mm, addr + 100 * PAGE_SIZE));
	ck_assert_ptr_eq(page_of(mm, addr + 150 * PAGE_SIZE), head + 150);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}
END_TEST

/* without swap they are split all the same, and stay */
START_TEST(pageout_without_swap_keeps_bytes)
{
	unsigned long addr = filled(), before = pp_nr_free();
	struct page *head = page_of(mm, addr);

	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_uint_eq(pp_nr_free(), before);
	ck_assert_ptr_eq(page_of(mm, addr + 5 * PAGE_SIZE), head + 5);
	ck_assert(PageLRU(head) && PageLRU(head + 5));
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}
END_TEST

static void held_stays(const char *rules, int advice)
{
	unsigned long addr;
	struct page *page;

	reboot(rules);
	swap_on();
	addr = filled();
	page = pin(mm, addr + 7 * PAGE_SIZE);
	advise(addr, HPAGE_PMD_NR, advice);
	check_whole(addr);
	advise(addr + 7 * PAGE_SIZE, 1, advice);
	check_whole(addr);
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	check_whole(addr);
	ck_assert_ptr_eq(page_of(mm, addr + 7 * PAGE_SIZE), page);
	ck_assert(PageLRU(compound_head(page)));
	unpin(page);
}

START_TEST(pinned_folio_stays_whole_and_mapped)
{
	static const char *const rules[] = { "5.10", "6.1", "6.12", "7.3" };
	unsigned long i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		held_stays(rules[i], MADV_PAGEOUT);
		held_stays(rules[i], MADV_COLD);
	}
}
END_TEST

START_TEST(referenced_folio_stays_until_dropped)
{
	unsigned long addr, before;
	struct page *head;

	swap_on();
	addr = filled();
	head = page_of(mm, addr);
	pp_ref(head);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	check_whole(addr);
	pp_unref(head);
	before = pp_nr_free();
	ck_assert_int_eq(pinpage_reclaim_page(head + 9), HPAGE_PMD_NR);
	ck_assert_uint_eq(pp_nr_free(), before + HPAGE_PMD_NR);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}
END_TEST

START_TEST(locked_folio_is_not_waited_for)
{
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr);

	swap_on();
	SetPageLocked(head);
	advise(addr, 5, MADV_PAGEOUT);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	advise(addr, 5, MADV_FREE);
	advise(addr, HPAGE_PMD_NR, MADV_FREE);
	ClearPageLocked(head);
	ck_assert(PageSwapBacked(head));
	check_whole(addr);
}
END_TEST

/* two address spaces map it: neither may give it away */
START_TEST(shared_leaf_is_left_alone)
{
	unsigned long addr = filled();
	struct mm_struct *child = pinpage_fork_mm(mm);

	swap_on();
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	advise(addr, HPAGE_PMD_NR, MADV_FREE);
	advise(addr, 3, MADV_COLD);
	check_whole(addr);
	check_bytes(child, addr, 0, HPAGE_PMD_NR);
	/* reclaim may, for both */
	ck_assert_int_eq(pinpage_reclaim_page(page_of(mm, addr)), HPAGE_PMD_NR);
	check_bytes(child, addr, 0, HPAGE_PMD_NR);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pte_mapped_folio_is_split_unused_pages_go)
{
	unsigned long addr = filled(), before;
	int type = swap_on();

	ck_assert_int_eq(pinpage_munmap(addr, 100 * PAGE_SIZE), 0);
	before = pp_nr_free();
	advise(addr + 100 * PAGE_SIZE, 12, MADV_PAGEOUT);
	ck_assert_uint_eq(pp_nr_free(), before + 112);
	ck_assert_uint_eq(pinpage_swap_used(type), 12);
	ck_assert_uint_eq(pp_deferred_nr(), 0);
	check_bytes(mm, addr, 100, HPAGE_PMD_NR);
}
END_TEST

START_TEST(reclaimed_folio_frees_unused_pages)
{
	unsigned long addr = filled(), before;
	struct page *head = page_of(mm, addr);
	int type = swap_on();

	ck_assert_int_eq(pinpage_munmap(addr, 100 * PAGE_SIZE), 0);
	before = pp_nr_free();
	ck_assert_int_eq(pinpage_reclaim_page(head), HPAGE_PMD_NR);
	ck_assert_uint_eq(pp_nr_free(), before + HPAGE_PMD_NR);
	ck_assert_uint_eq(pinpage_swap_used(type), HPAGE_PMD_NR - 100);
	check_bytes(mm, addr, 100, HPAGE_PMD_NR);
}
END_TEST

START_TEST(cold_folio_is_inactive_and_whole)
{
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr);

	pp_mark_accessed(head);
	pp_mark_accessed(head);
	ck_assert(PageActive(head));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_YOUNG);
	advise(addr, HPAGE_PMD_NR, MADV_COLD);
	ck_assert(!PageActive(head) && !PageReferenced(head));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_YOUNG));
	ck_assert(is_leaf(addr));
	advise(addr + PAGE_SIZE, 1, MADV_COLD);
	ck_assert(!is_leaf(addr));
	ck_assert_uint_eq(folio_nr_pages(page_folio(head)), 1);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
}
END_TEST

static void look(struct page *head)
{
	LIST_HEAD(list);

	ck_assert(pp_lru_isolate_page(head));
	pp_page_list_add(head, &list);
	ck_assert_uint_eq(pp_reclaim_list(&list, false), 0);
}

START_TEST(used_folio_gets_second_chance)
{
	unsigned long addr;
	struct page *head;

	swap_on();
	addr = filled();
	head = page_of(mm, addr);
	look(head);
	check_whole(addr);
	look(head);
	check_whole(addr);
	ck_assert(PageActive(head));
	/* by PTEs, too */
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(get(mm, addr + 5 * PAGE_SIZE), byte_of(5));
	look(head);
	ck_assert_uint_eq(folio_nr_pages(page_folio(head)), HPAGE_PMD_NR);
}
END_TEST

START_TEST(mlocked_folio_stays)
{
	unsigned long addr;
	struct page *head;

	swap_on();
	addr = filled();
	head = page_of(mm, addr);
	ck_assert_int_eq(pinpage_mlock(addr, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_reclaim_page(head), 0);
	check_whole(addr);
}
END_TEST

START_TEST(free_folio_goes_without_swap)
{
	unsigned long addr = filled(), before = pp_nr_free();
	struct page *head = page_of(mm, addr);

	advise(addr, HPAGE_PMD_NR, MADV_FREE);
	ck_assert(is_leaf(addr) && !PageSwapBacked(head));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGLAZYFREE), HPAGE_PMD_NR);
	check_bytes(mm, addr, 0, HPAGE_PMD_NR);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_uint_eq(pp_nr_free(), before + HPAGE_PMD_NR);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE - 1), 0);
}
END_TEST

START_TEST(stored_after_free_is_kept)
{
	unsigned long addr = filled();

	advise(addr, HPAGE_PMD_NR, MADV_FREE);
	put(mm, addr + 3 * PAGE_SIZE, 77);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_int_eq(get(mm, addr + 3 * PAGE_SIZE), 77);
}
END_TEST

START_TEST(free_of_a_part_keeps_the_rest)
{
	unsigned long addr = filled();

	advise(addr + 10 * PAGE_SIZE, 5, MADV_FREE);
	ck_assert(!is_leaf(addr));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGLAZYFREE), 5);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	check_bytes(mm, addr, 0, 10);
	ck_assert_int_eq(get(mm, addr + 12 * PAGE_SIZE), 0);
	check_bytes(mm, addr, 15, HPAGE_PMD_NR);
}
END_TEST

START_TEST(pinned_after_free_is_kept)
{
	unsigned long addr = filled();
	struct page *page = pin(mm, addr + 20 * PAGE_SIZE);

	advise(addr, HPAGE_PMD_NR, MADV_FREE);
	*(unsigned char *)page_address(page) = 99;
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_int_eq(get(mm, addr + 20 * PAGE_SIZE), 99);
	pp_set_page_dirty(compound_head(page));
	unpin(page);
	advise(addr, HPAGE_PMD_NR, MADV_PAGEOUT);
	ck_assert_int_eq(get(mm, addr + 20 * PAGE_SIZE), 99);
}
END_TEST

/* more memory than frames; some of it is huge */
START_TEST(pressure_swaps_huge_memory)
{
	unsigned long addr[6], i;

	down();
	boot("6.1", (enum pinpage_engine)_i, 2048);
	swap_on();
	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		addr[i] = huge_area();
		fill(addr[i]);
	}
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		check_bytes(mm, addr[i], 0, HPAGE_PMD_NR);
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_PSWPOUT), 0);
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE), 0);
}
END_TEST

Suite *reclaim_huge_suite(void)
{
	Suite *s = suite_create("mm/reclaim_huge");
	TCase *tc = tcase_create("pressure_swaps_huge_memory");

	on(s, pageout_splits_and_swaps, up);
	on(s, pageout_splits_and_swaps, up_fiber);
	on(s, pageout_of_a_part_splits, up);
	on(s, pageout_of_a_part_splits, up_fiber);
	on(s, pageout_without_swap_keeps_bytes, up);
	on(s, pinned_folio_stays_whole_and_mapped, up);
	on(s, referenced_folio_stays_until_dropped, up);
	on(s, locked_folio_is_not_waited_for, up);
	on(s, shared_leaf_is_left_alone, up);
	on(s, pte_mapped_folio_is_split_unused_pages_go, up);
	on(s, reclaimed_folio_frees_unused_pages, up);
	on(s, cold_folio_is_inactive_and_whole, up);
	on(s, used_folio_gets_second_chance, up);
	on(s, mlocked_folio_stays, up);
	on(s, free_folio_goes_without_swap, up);
	on(s, free_folio_goes_without_swap, up_fiber);
	on(s, stored_after_free_is_kept, up);
	on(s, free_of_a_part_keeps_the_rest, up);
	on(s, pinned_after_free_is_kept, up);
	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, pressure_swaps_huge_memory, PINPAGE_ENGINE_NATIVE,
			    PINPAGE_ENGINE_FIBER + 1);
	suite_add_tcase(s, tc);
	return s;
}
