// SPDX-License-Identifier: LGPL-2.1-or-later
/* The life of a frame: lib/page/alloc.c */
#include "machine.h"

#include <string.h>

START_TEST(alloc_prepares_frame)
{
	struct page *page = pp_alloc_page(0);

	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_int_eq(pp_page_mapcount(page), 0);
	ck_assert_uint_eq(page->flags, 0);
	ck_assert_ptr_null(page->mapping);
	ck_assert_uint_eq(page->private, 0);
	ck_assert(!PageTail(page));
	ck_assert_uint_eq(page->zone, PP_ZONE_NORMAL);
	pp_unref(page);
}
END_TEST

START_TEST(free_bumps_generation_of_all)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 1);
	unsigned int first = head->generation, second = head[1].generation;

	pp_unref(head);
	ck_assert_uint_eq(head->generation, first + 1);
	ck_assert_uint_eq(head[1].generation, second + 1);
}
END_TEST

START_TEST(alloc_zero_clears_all_frames)
{
	struct page *page = pp_alloc_pages(0, 2);
	unsigned char *bytes = page_address(page);
	size_t i, size = PAGE_SIZE << 2;

	memset(bytes, 0xa5, size);
	pp_free_pages(page, 2);
	page = pp_alloc_pages(PINPAGE_GFP_ZERO, 2);
	ck_assert_ptr_eq(page_address(page), bytes);
	for (i = 0; i < size && !bytes[i]; i++)
		;
	ck_assert_uint_eq(i, size);
	pp_free_pages(page, 2);
}
END_TEST

START_TEST(comp_makes_folio)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 3);
	struct folio *folio = (struct folio *)head;
	int i;

	ck_assert(PageHead(head));
	ck_assert_uint_eq(folio_order(folio), 3);
	ck_assert_uint_eq(folio_nr_pages(folio), 8);
	for (i = 1; i < 8; i++) {
		ck_assert(PageTail(head + i));
		ck_assert_ptr_eq(compound_head(head + i), head);
	}
	ck_assert_uint_eq(page_to_pfn(head) % 8, 0);
	pp_unref(head + 5);
	ck_assert(!PageTail(head + 5));
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(alloc_order_too_large_warns)
{
	ck_assert_ptr_null(pp_alloc_pages(0, PINPAGE_MAX_ORDER + 1));
	expect_warnings(1);
}
END_TEST

START_TEST(zones_by_gfp)
{
	static const enum pp_zone want[] = {
		PP_ZONE_MOVABLE, PP_ZONE_CMA, PP_ZONE_NORMAL,
	};
	struct page *blocks[3];
	int i;

	for (i = 0; i < 3; i++) {
		blocks[i] = pp_alloc_pages(PINPAGE_GFP_MOVABLE, 10);
		ck_assert_ptr_nonnull(blocks[i]);
		ck_assert_int_eq(blocks[i]->zone, want[i]);
	}
	/* the other normal block is broken by the zero page */
	ck_assert_ptr_null(pp_alloc_pages(0, 10));
	ck_assert_ptr_null(pp_alloc_pages(PINPAGE_GFP_MOVABLE, 10));
	pp_free_pages(blocks[0], 10);
	ck_assert_ptr_null(pp_alloc_pages(0, 10));
	pp_free_pages(blocks[1], 10);
	pp_free_pages(blocks[2], 10);
}
END_TEST

START_TEST(longterm_by_zone_and_placement)
{
	static const enum pinpage_placement rule[] = {
		PINPAGE_PLACE_ANYWHERE, PINPAGE_PLACE_NO_CMA,
		PINPAGE_PLACE_NO_MOVABLE,
	};
	struct pinpage_rules rules = *pp_rules;
	const struct pinpage_rules *booted = pp_rules;
	struct page *normal = pp_alloc_page(0);
	struct page *movable = pp_alloc_pages(PINPAGE_GFP_MOVABLE, 10);
	struct page *cma = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	int i;

	pp_rules = &rules;
	for (i = 0; i < 3; i++) {
		rules.placement = rule[i];
		ck_assert(pinpage_is_longterm_pinnable_page(normal));
		ck_assert(pinpage_is_longterm_pinnable_page(pp_zero_page));
		ck_assert(pinpage_is_longterm_pinnable_page(movable) == (i < 2));
		ck_assert(pinpage_is_longterm_pinnable_page(cma) == (i < 1));
	}
	pp_rules = booted;
	pp_unref(normal);
	pp_free_pages(movable, 10);
	pp_unref(cma);
}
END_TEST

START_TEST(exhausted_machine_gives_null_then_recovers)
{
	struct page *pages[64];
	int nr = 0, i;

	while ((pages[nr] = pinpage_alloc_pages(0, 0)))
		nr++;
	ck_assert_int_eq(nr, 63);
	ck_assert_uint_eq(pp_nr_free(), 0);
	for (i = 0; i < nr; i++)
		pinpage_put_page(pages[i]);
	ck_assert_uint_eq(pp_nr_free(), 63);
}
END_TEST

static struct page *hoard[64];
static int nr_hoard, nr_asked;

static unsigned long give_one_back(unsigned long nr)
{
	nr_asked++;
	ck_assert_uint_ge(nr, 1);
	if (!nr_hoard)
		return 0;
	pp_unref(hoard[--nr_hoard]);
	return 1;
}

static void hoard_all(void)
{
	nr_asked = 0;
	while ((hoard[nr_hoard] = pp_alloc_page(PINPAGE_GFP_ATOMIC)))
		nr_hoard++;
	ck_assert_int_eq(nr_asked, 0);
}

START_TEST(low_memory_calls_reclaim)
{
	struct page *page;

	pp_set_reclaim_hook(give_one_back);
	hoard_all();
	page = pp_alloc_page(0);
	ck_assert_ptr_nonnull(page);
	ck_assert_int_eq(nr_asked, 1);
	/* four single frames do not make an order 5 block: gives up */
	ck_assert_ptr_null(pp_alloc_pages(0, 5));
	ck_assert_int_eq(nr_asked, 5);
	pp_unref(page);
	while (nr_hoard)
		pp_unref(hoard[--nr_hoard]);
}
END_TEST

START_TEST(reclaim_not_called_in_atomic_context)
{
	pinpage_spinlock_t lock;

	pp_set_reclaim_hook(give_one_back);
	hoard_all();
	pinpage_spin_lock_init(&lock, "test");
	pinpage_spin_lock(&lock);
	ck_assert_ptr_null(pp_alloc_page(0));
	pinpage_spin_unlock(&lock);
	pinpage_softirq_enter();
	ck_assert_ptr_null(pp_alloc_page(0));
	pinpage_softirq_exit();
	ck_assert_int_eq(nr_asked, 0);
	while (nr_hoard)
		pp_unref(hoard[--nr_hoard]);
}
END_TEST

START_TEST(injected_failure_gives_null_once)
{
	struct page *page;

	pp_inject_alloc(2);
	page = pp_alloc_page(0);
	ck_assert_ptr_nonnull(page);
	ck_assert_ptr_null(pp_alloc_page(0));
	ck_assert(pp_inject_alloc_fired());
	pp_unref(page);
	page = pp_alloc_page(0);
	ck_assert_ptr_nonnull(page);
	pp_unref(page);
}
END_TEST

START_TEST(alloc_and_free_emit_events)
{
	struct listener ear[4];
	struct page *page;

	listen_to(&ear[0], PINPAGE_EV_ALLOC);
	listen_to(&ear[1], PINPAGE_EV_FREE);
	listen_to(&ear[2], PINPAGE_EV_GET);
	listen_to(&ear[3], PINPAGE_EV_PUT);
	page = pinpage_alloc_pages(PINPAGE_GFP_COMP, 2);
	ck_assert_uint_eq(ear[0].nr, 1);
	ck_assert_uint_eq(ear[0].last.nr, 4);
	ck_assert_ptr_nonnull(ear[0].last.site);
	ck_assert_uint_eq(ear[2].nr, 1);
	pinpage_free_pages(page, 2);
	ck_assert_uint_eq(ear[1].nr, 1);
	ck_assert_uint_eq(ear[1].last.nr, 4);
	ck_assert_uint_eq(ear[3].nr, 1);
	for (int i = 0; i < 4; i++)
		listen_end(&ear[i]);
}
END_TEST

START_TEST(stats_follow_frames)
{
	struct page *page;

	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), FRAMES - 1);
	page = pp_alloc_pages(PINPAGE_GFP_COMP, 3);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), FRAMES - 9);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGALLOC), 9);
	pp_unref(page);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGFREE), 8);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), FRAMES - 1);
}
END_TEST

START_TEST(free_pages_with_other_holder_keeps_first)
{
	struct page *page = pinpage_alloc_pages(0, 2);

	pinpage_get_page(page);
	pinpage_free_pages(page, 2);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 2);
	ck_assert_int_eq(page_ref_count(page), 1);
	pinpage_put_page(page);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(free_pages_of_held_folio_keeps_all)
{
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 2);

	pinpage_get_page(head + 1);
	pinpage_free_pages(head, 2);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 5);
	pinpage_put_page(head + 1);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(free_pages_wrong_order_warns_frees_right)
{
	struct page *page = pinpage_alloc_pages(0, 1);
	struct page *next = pinpage_alloc_pages(0, 0);

	pinpage_free_pages(page, 5);
	expect_warnings(1);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 2);
	pinpage_free_pages(next, 0);
}
END_TEST

START_TEST(free_pages_twice_or_tail_warns)
{
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 1);

	pinpage_free_pages(head + 1, 0);
	expect_warnings(1);
	pinpage_free_pages(head, 1);
	pinpage_free_pages(head, 1);
	expect_warnings(1);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(page_still_in_use_is_not_freed)
{
	static int mapping;
	struct page *page = pp_alloc_page(0);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_WARN);
	atomic_inc(&page->_mapcount);
	pinpage_put_page(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	atomic_dec(&page->_mapcount);
	page->mapping = &mapping;
	pinpage_put_page(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	page->mapping = NULL;
	SetPageWriteback(page);
	pinpage_put_page(page);
	ck_assert_int_eq(page_ref_count(page), 1);
	ClearPageWriteback(page);
	expect_warnings(3);
	ck_assert_uint_eq(ear.nr, 3);
	listen_end(&ear);
	pinpage_put_page(page);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(folio_still_pinned_or_mapped_is_not_freed)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 2);

	atomic_inc(&head[1].pincount);
	pinpage_put_page(head);
	expect_warnings(1);
	atomic_dec(&head[1].pincount);
	atomic_inc(&head[1].entire_mapcount);
	pinpage_put_page(head);
	expect_warnings(1);
	atomic_dec(&head[1].entire_mapcount);
	atomic_inc(&head[3]._mapcount);
	pinpage_put_page(head);
	expect_warnings(1);
	atomic_dec(&head[3]._mapcount);
	pinpage_put_page(head);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

static struct page *hooked;

static void note_free(struct page *head)
{
	hooked = head;
	head->mapping = NULL;
}

START_TEST(free_hook_runs_first)
{
	static int mapping;
	struct page *page = pp_alloc_page(0);

	pp_set_free_hook(note_free);
	page->mapping = &mapping;
	pp_unref(page);
	ck_assert_ptr_eq(hooked, page);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(anon_lru_page_is_freed_whole)
{
	static int anon;
	struct page *page = pp_alloc_page(0);

	page->mapping = (char *)&anon + PAGE_MAPPING_ANON;
	SetPageSwapBacked(page);
	SetPageDirty(page);
	pp_lru_add(page);
	pp_unref(page);
	ck_assert(!PageLRU(page));
	ck_assert_ptr_null(page->mapping);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(zero_page_survives_too_many_puts)
{
	pinpage_put_page(pp_zero_page);
	expect_warnings(1);
	ck_assert_int_eq(page_ref_count(pp_zero_page), 1);
}
END_TEST

START_TEST(sleeping_alloc_in_atomic_context_warns)
{
	struct page *page;

	pinpage_softirq_enter();
	page = pinpage_alloc_pages(PINPAGE_GFP_ATOMIC, 0);
	ck_assert_uint_eq(pp_warn_count(), 0);
	pinpage_free_pages(page, 0);
	page = pinpage_alloc_pages(PINPAGE_GFP_KERNEL, 0);
	expect_warnings(1);
	pinpage_free_pages(page, 0);
	pinpage_softirq_exit();
}
END_TEST

static void more_alloc_tests(Suite *s)
{
	on_machine(s, free_pages_with_other_holder_keeps_first, machine_up);
	on_machine(s, free_pages_of_held_folio_keeps_all, machine_up);
	on_machine(s, free_pages_wrong_order_warns_frees_right, machine_up);
	on_machine(s, free_pages_twice_or_tail_warns, machine_up);
	on_machine(s, page_still_in_use_is_not_freed, machine_up);
	on_machine(s, folio_still_pinned_or_mapped_is_not_freed, machine_up);
	on_machine(s, free_hook_runs_first, machine_up);
	on_machine(s, anon_lru_page_is_freed_whole, machine_up);
	on_machine(s, zero_page_survives_too_many_puts, machine_up);
	on_machine(s, sleeping_alloc_in_atomic_context_warns, machine_up);
}

Suite *alloc_suite(void)
{
	Suite *s = suite_create("page/alloc");

	on_machine(s, alloc_prepares_frame, machine_up);
	on_machine(s, free_bumps_generation_of_all, machine_up);
	on_machine(s, alloc_zero_clears_all_frames, machine_up);
	on_machine(s, comp_makes_folio, machine_up);
	on_machine(s, alloc_order_too_large_warns, machine_up);
	on_machine(s, zones_by_gfp, machine_up);
	on_machine(s, longterm_by_zone_and_placement, machine_up);
	on_machine(s, exhausted_machine_gives_null_then_recovers,
		   machine_up_small);
	on_machine(s, low_memory_calls_reclaim, machine_up_small);
	on_machine(s, reclaim_not_called_in_atomic_context, machine_up_small);
	on_machine(s, injected_failure_gives_null_once, machine_up);
	on_machine(s, alloc_and_free_emit_events, machine_up);
	on_machine(s, stats_follow_frames, machine_up);
	more_alloc_tests(s);
	return s;
}
