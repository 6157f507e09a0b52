// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Ranges emptied: compaction, offlining, contiguous ranges, CMA.
 */
#include "machine.h"
#include "suites.h"

#include <pinpage/migrate.h>

#define ZONE 1024UL		/* frames of the movable and of the CMA zone */

static void zones(void)
{
	up_zones("6.1", ZONE, ZONE, 1);
}

static unsigned long start_of(enum pp_zone zone)
{
	unsigned long start, end;

	pp_zone_span(0, zone, &start, &end);
	return start;
}

START_TEST(used_pages_go_to_the_end)
{
	unsigned long addr = anon(4), start = start_of(PP_ZONE_MOVABLE), i;

	ck_assert_int_eq(pinpage_compact_zone(0, PINPAGE_ZONE_MOVABLE), 4);
	for (i = 0; i < 4; i++) {
		ck_assert_uint_ge(page_to_pfn(page_of(mm, addr + i * PAGE_SIZE)),
				  start + ZONE - 4);
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (int)i + 1);
	}
	ck_assert_int_eq(pinpage_compact_memory(), 0);
}
END_TEST

START_TEST(pinned_page_is_not_compacted)
{
	unsigned long addr = anon(2);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_compact_memory(), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
	ck_assert_int_eq(pinpage_compact_zone(1, PINPAGE_ZONE_MOVABLE), -EINVAL);
	ck_assert_int_eq(pinpage_compact_zone(0, (enum pinpage_zone)3), -EINVAL);
}
END_TEST

START_TEST(offline_range_is_empty_and_stays_so)
{
	unsigned long addr = anon(3), start = start_of(PP_ZONE_MOVABLE), free;

	free = pp_nr_free();
	ck_assert_int_eq(pinpage_offline_pages(start, ZONE), 0);
	ck_assert_uint_eq(pp_nr_free(), free - ZONE);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert_int_ne(page_of(mm, addr)->zone, PP_ZONE_MOVABLE);
	ck_assert_int_eq(pinpage_offline_pages(start, ZONE), -EBUSY);
	ck_assert_int_eq(pinpage_online_pages(start, ZONE - 1), -EINVAL);
	ck_assert_int_eq(pinpage_online_pages(start, ZONE), 0);
	ck_assert_uint_eq(pp_nr_free(), free);
	ck_assert_int_eq(pinpage_online_pages(start, ZONE), -EINVAL);
}
END_TEST

START_TEST(pinned_page_keeps_the_range_online)
{
	unsigned long addr = anon(1), start = start_of(PP_ZONE_MOVABLE), free;
	struct page *page = pin(mm, addr);

	free = pp_nr_free();
	ck_assert_int_eq(pinpage_offline_pages(start, ZONE), -EBUSY);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_uint_eq(pp_nr_free(), free);
	unpin(page);
	ck_assert_int_eq(pinpage_offline_pages(start, ZONE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(bad_ranges_refused)
{
	unsigned long start = start_of(PP_ZONE_MOVABLE), addr;

	ck_assert_int_eq(pinpage_offline_pages(0, 8), -EBUSY);	/* the zero page */
	ck_assert_int_eq(pinpage_offline_pages(start, 0), -EINVAL);
	ck_assert_int_eq(pinpage_offline_pages(start - 1, 2), -EINVAL);
	ck_assert_int_eq(pinpage_offline_pages(~0UL, 2), -EINVAL);
	ck_assert_int_eq(pinpage_online_pages(~0UL - 4, 2), -EINVAL);
	ck_assert_int_eq(pinpage_alloc_contig_range(start, start), -EINVAL);
	addr = anon(1);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_offline_pages(start, ZONE), -ENOMEM);
	ck_assert_int_eq(get(mm, addr), 1);
	pinpage_free_contig_range(~0UL, 2);
	pinpage_free_contig_range(4095, 2);
	expect_warnings(2);
}
END_TEST

START_TEST(contiguous_range_is_ours)
{
	unsigned long addr = anon(2), pfn = page_to_pfn(page_of(mm, addr)) & ~7UL;

	ck_assert_int_eq(pinpage_alloc_contig_range(pfn, pfn + 8), 0);
	ck_assert_int_eq(page_ref_count(pfn_to_page(pfn + 7)), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert_int_eq(pinpage_alloc_contig_range(pfn, pfn + 8), -EBUSY);
	pinpage_free_contig_range(pfn, 8);
}
END_TEST

/* part of its frames is wanted: the folio moves as a whole */
START_TEST(contiguous_range_moves_a_folio)
{
	unsigned long addr = huge(), pfn = page_to_pfn(page_of(mm, addr));

	put(mm, addr + 9 * PAGE_SIZE, 9);
	ck_assert_int_eq(pinpage_alloc_contig_range(pfn + 4, pfn + 12), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert_uint_ne(page_to_pfn(page_of(mm, addr)), pfn);
	ck_assert_int_eq(get(mm, addr + 9 * PAGE_SIZE), 9);
	pinpage_free_contig_range(pfn + 4, 8);
}
END_TEST

START_TEST(pinned_folio_keeps_the_range)
{
	unsigned long addr = huge(), pfn = page_to_pfn(page_of(mm, addr));
	struct page *page = pin(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_alloc_contig_range(pfn + 64, pfn + 72), -EBUSY);
	ck_assert_int_eq(pinpage_offline_pages(pfn, HPAGE_PMD_NR), -EBUSY);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert_ptr_eq(page_of(mm, addr + 5 * PAGE_SIZE), page);
	unpin(page);
	ck_assert_int_eq(pinpage_offline_pages(pfn, HPAGE_PMD_NR), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_online_pages(pfn, HPAGE_PMD_NR), 0);
}
END_TEST

/* compaction makes room for folios: it has nothing to do with one */
START_TEST(folio_is_not_compacted)
{
	unsigned long small = anon(1), addr = huge();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_compact_memory(), 1);
	ck_assert_ptr_eq(page_of(mm, addr), head);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert_int_eq(get(mm, small), 1);
}
END_TEST

START_TEST(cma_moves_pages_out)
{
	unsigned long i, addr = anon(ZONE + 8), last = addr + (ZONE + 7) * PAGE_SIZE;
	struct page *page;

	ck_assert_int_eq(page_of(mm, last)->zone, PP_ZONE_CMA);
	page = pinpage_cma_alloc(16);
	ck_assert_ptr_nonnull(page);
	ck_assert_int_eq(page->zone, PP_ZONE_CMA);
	for (i = 0; i < 8; i++)
		ck_assert_int_eq(get(mm, last - i * PAGE_SIZE),
				 (unsigned char)(ZONE + 8 - i));
	ck_assert(pinpage_cma_release(page, 16));
	ck_assert(!pinpage_cma_release(page_of(mm, addr), 1));
	ck_assert_ptr_null(pinpage_cma_alloc(0));
	ck_assert_ptr_null(pinpage_cma_alloc(ZONE + 1));
}
END_TEST

START_TEST(cma_passes_over_a_pin)
{
	unsigned long addr = anon(ZONE + 1);
	struct page *pinned = pin(mm, addr + ZONE * PAGE_SIZE), *page;

	ck_assert_int_eq(pinned->zone, PP_ZONE_CMA);
	ck_assert_int_eq(pinpage_alloc_contig_range(page_to_pfn(pinned),
						    page_to_pfn(pinned) + 1), -EBUSY);
	page = pinpage_cma_alloc(8);
	ck_assert_ptr_nonnull(page);
	ck_assert(pinned < page || pinned >= page + 8);
	ck_assert(pinpage_cma_release(page, 8));
	unpin(pinned);
}
END_TEST

Suite *offline_suite(void)
{
	Suite *suite = suite_create("offline");

	on(suite, used_pages_go_to_the_end, zones);
	on(suite, pinned_page_is_not_compacted, zones);
	on(suite, offline_range_is_empty_and_stays_so, zones);
	on(suite, pinned_page_keeps_the_range_online, zones);
	on(suite, bad_ranges_refused, zones);
	on(suite, contiguous_range_is_ours, zones);
	on(suite, contiguous_range_moves_a_folio, zones);
	on(suite, pinned_folio_keeps_the_range, zones);
	on(suite, folio_is_not_compacted, zones);
	on(suite, cma_moves_pages_out, zones);
	on(suite, cma_passes_over_a_pin, zones);
	return suite;
}
