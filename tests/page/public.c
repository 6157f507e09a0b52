// SPDX-License-Identifier: LGPL-2.1-or-later
/* What may be asked about a page: lib/page/public.c */
#include "machine.h"

START_TEST(addresses_and_numbers_agree)
{
	struct page *page = pinpage_alloc_pages(0, 0);
	unsigned long pfn = pinpage_page_to_pfn(page);
	char *addr = pinpage_page_address(page);

	ck_assert(pinpage_page_valid(page));
	ck_assert_ptr_eq(pinpage_pfn_to_page(pfn), page);
	ck_assert_ptr_eq(pinpage_virt_to_page(addr), page);
	ck_assert_ptr_eq(pinpage_virt_to_page(addr + PAGE_SIZE - 1), page);
	ck_assert_ptr_eq(pinpage_virt_to_page(addr + PAGE_SIZE), page + 1);
	ck_assert_ptr_null(pinpage_pfn_to_page(FRAMES));
	ck_assert_ptr_null(pinpage_virt_to_page(&pfn));
	ck_assert_ptr_null(pinpage_virt_to_page(NULL));
	ck_assert_ptr_null(pinpage_virt_to_page(pp_arena +
						FRAMES * PAGE_SIZE));
	pinpage_free_pages(page, 0);
}
END_TEST

START_TEST(folio_questions)
{
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 3);
	struct folio *folio = pinpage_page_folio(head + 5);

	ck_assert_ptr_eq(folio, head);
	ck_assert_ptr_eq(pinpage_compound_head(head + 7), head);
	ck_assert_uint_eq(pinpage_folio_order(folio), 3);
	ck_assert_uint_eq(pinpage_folio_nr_pages(folio), 8);
	ck_assert_ptr_eq(pinpage_folio_page(folio, 7), head + 7);
	ck_assert_ptr_null(pinpage_folio_page(folio, 8));
	expect_warnings(1);
	ck_assert(pinpage_PageCompound(head));
	ck_assert(pinpage_PageCompound(head + 1));
	ck_assert(!pinpage_PageCompound(pp_zero_page));
	ck_assert_ptr_eq(pinpage_folio_page((struct folio *)pp_zero_page, 0),
			 pp_zero_page);
	pinpage_free_pages(head, 3);
}
END_TEST

START_TEST(pin_questions)
{
	struct page *page = pinpage_alloc_pages(0, 0);

	ck_assert(!pinpage_page_maybe_dma_pinned(page));
	ck_assert(pp_pin_try(page, 1));
	ck_assert(pinpage_page_maybe_dma_pinned(page));
	ck_assert(pinpage_folio_maybe_dma_pinned((struct folio *)page));
	ck_assert_int_eq(pinpage_head_compound_pincount(page), 0);
	pp_unpin(page, 1);
	pinpage_free_pages(page, 0);
}
END_TEST

START_TEST(flags_answer_for_the_head)
{
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 1);

	SetPageDirty(head);
	SetPageUptodate(head);
	SetPagePrivate(head);
	pinpage_SetPageReferenced(head + 1);
	ck_assert(pinpage_PageDirty(head + 1));
	ck_assert(pinpage_PageUptodate(head + 1));
	ck_assert(pinpage_page_has_private(head + 1));
	ck_assert(PageReferenced(head));
	ck_assert(pinpage_test_page_flag(head + 1, PINPAGE_PG_DIRTY));
	ck_assert(!pinpage_PageWriteback(head + 1));
	ck_assert(!pinpage_PageLocked(head + 1));
	ClearPagePrivate(head);
	pinpage_free_pages(head, 1);
}
END_TEST

START_TEST(exclusive_and_poison_are_per_page)
{
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 1);

	SetPageAnonExclusive(head + 1);
	SetPageHWPoison(head + 1);
	ck_assert(pinpage_PageAnonExclusive(head + 1));
	ck_assert(!pinpage_PageAnonExclusive(head));
	ck_assert(pinpage_test_page_flag(head + 1, PINPAGE_PG_HWPOISON));
	ck_assert(!pinpage_test_page_flag(head, PINPAGE_PG_HWPOISON));
	pinpage_free_pages(head, 1);
}
END_TEST

START_TEST(unknown_flag_warns)
{
	ck_assert(!pinpage_test_page_flag(pp_zero_page,
					  PINPAGE_NR_PAGE_FLAGS));
	expect_warnings(1);
}
END_TEST

START_TEST(mapping_and_index_of_file_page)
{
	static int file;
	struct page *head = pinpage_alloc_pages(PINPAGE_GFP_COMP, 1);

	ck_assert_ptr_null(pinpage_page_mapping(head));
	head->mapping = &file;
	head->index = 40;
	ck_assert_ptr_eq(pinpage_page_mapping(head + 1), &file);
	ck_assert_uint_eq(pinpage_page_index(head + 1), 41);
	ck_assert(!pinpage_PageAnon(head));
	head->mapping = (char *)&file + PAGE_MAPPING_ANON;
	ck_assert(pinpage_PageAnon(head + 1));
	ck_assert_ptr_null(pinpage_page_mapping(head));
	head->mapping = NULL;
	pinpage_free_pages(head, 1);
}
END_TEST

/* NULL and a pointer beyond the frames: the answers of an unused page */
START_TEST(bad_pointer_gets_neutral_answers)
{
	struct page *page = _i ? pp_mem_map + FRAMES : NULL;
	struct folio *folio = (struct folio *)page;

	ck_assert(!pinpage_page_valid(page));
	ck_assert_ptr_null(pinpage_page_address(page));
	ck_assert_uint_eq(pinpage_page_to_pfn(page), ~0UL);
	ck_assert_ptr_null(pinpage_page_folio(page));
	ck_assert_ptr_null(pinpage_compound_head(page));
	ck_assert_uint_eq(pinpage_folio_order(folio), 0);
	ck_assert_uint_eq(pinpage_folio_nr_pages(folio), 0);
	ck_assert_ptr_null(pinpage_folio_page(folio, 0));
	ck_assert_int_eq(pinpage_page_count(page), 0);
	ck_assert_int_eq(pinpage_page_ref_count(page), 0);
	ck_assert_int_eq(pinpage_page_mapcount(page), 0);
	ck_assert(!pinpage_page_mapped(page));
	ck_assert_int_eq(pinpage_head_compound_pincount(page), 0);
	ck_assert(!pinpage_page_maybe_dma_pinned(page));
	ck_assert(!pinpage_folio_maybe_dma_pinned(folio));
	ck_assert(!pinpage_is_zero_page(page));
	ck_assert(!pinpage_is_longterm_pinnable_page(page));
	expect_warnings(16);
}
END_TEST

START_TEST(bad_pointer_has_no_flags)
{
	struct page *page = _i ? pp_mem_map + FRAMES : NULL;

	ck_assert(!pinpage_test_page_flag(page, PINPAGE_PG_DIRTY));
	ck_assert(!pinpage_PageDirty(page));
	ck_assert(!pinpage_PageLocked(page));
	ck_assert(!pinpage_PageUptodate(page));
	ck_assert(!pinpage_PageWriteback(page));
	ck_assert(!pinpage_PageAnon(page));
	ck_assert(!pinpage_PageAnonExclusive(page));
	ck_assert(!pinpage_PageCompound(page));
	ck_assert(!pinpage_page_has_private(page));
	pinpage_SetPageReferenced(page);
	ck_assert_ptr_null(pinpage_page_mapping(page));
	ck_assert_uint_eq(pinpage_page_index(page), 0);
	expect_warnings(12);
}
END_TEST

START_TEST(free_frame_gets_neutral_answers)
{
	struct page *page = pinpage_pfn_to_page(FRAMES - 1);

	ck_assert_int_eq(pinpage_page_count(page), 0);
	ck_assert_int_eq(pinpage_page_mapcount(page), 0);
	ck_assert(!pinpage_page_mapped(page));
	ck_assert(!pinpage_page_maybe_dma_pinned(page));
}
END_TEST

START_TEST(after_shutdown_warns)
{
	machine_up();
	machine_down();
	ck_assert_ptr_null(pinpage_zero_page());
	ck_assert_ptr_null(pinpage_pfn_to_page(0));
	ck_assert_ptr_null(pinpage_virt_to_page(&after_shutdown_warns));
	ck_assert_int_eq(pinpage_page_count(pp_mem_map), 0);
	ck_assert(!pinpage_page_valid(pp_mem_map));
	ck_assert_uint_ge(pp_warn_count(), 1);
}
END_TEST

Suite *public_suite(void)
{
	Suite *s = suite_create("page/public");
	TCase *tc;

	on_machine(s, addresses_and_numbers_agree, machine_up);
	on_machine(s, folio_questions, machine_up);
	on_machine(s, pin_questions, machine_up);
	on_machine(s, flags_answer_for_the_head, machine_up);
	on_machine(s, exclusive_and_poison_are_per_page, machine_up);
	on_machine(s, unknown_flag_warns, machine_up);
	on_machine(s, mapping_and_index_of_file_page, machine_up);
	on_machine(s, free_frame_gets_neutral_answers, machine_up);
	pp_test_add(s, after_shutdown_warns);
	tc = tcase_create("bad_pointer");
	tcase_add_checked_fixture(tc, machine_up, machine_down);
	tcase_add_loop_test(tc, bad_pointer_gets_neutral_answers, 0, 2);
	tcase_add_loop_test(tc, bad_pointer_has_no_flags, 0, 2);
	suite_add_tcase(s, tc);
	return s;
}
