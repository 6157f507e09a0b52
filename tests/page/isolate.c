// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

#include <errno.h>

#include "page/internal.h"

static void two_nodes(void)
{
	machine_boot(&(struct machine){ .nr = FRAMES, .movable = MOVABLE,
					.cma = CMA, .nodes = 2 });
}

START_TEST(task_gets_frames_of_its_node)
{
	struct page *page;

	ck_assert_int_eq(pinpage_nr_nodes(), 2);
	ck_assert_int_eq(pinpage_numa_node_id(), 0);
	page = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	ck_assert_int_eq(pinpage_page_to_nid(page), 0);
	pp_unref(page);
	ck_assert_int_eq(pinpage_run_on_node(1), 0);
	ck_assert_int_eq(pinpage_numa_node_id(), 1);
	page = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	ck_assert_int_eq(pinpage_page_to_nid(page), 1);
	ck_assert_int_eq(pinpage_page_zonenum(page), PINPAGE_ZONE_MOVABLE);
	pp_unref(page);
}
END_TEST

START_TEST(no_such_node_einval)
{
	ck_assert_int_eq(pinpage_run_on_node(2), -EINVAL);
	ck_assert_int_eq(pinpage_run_on_node(-1), -EINVAL);
	ck_assert_int_eq(pinpage_page_to_nid(NULL), -EINVAL);
	expect_warnings(1);
}
END_TEST

START_TEST(full_node_falls_back)
{
	unsigned long nr = pp_zone_nr_free(0, PP_ZONE_NORMAL), i;
	struct page **pages = calloc(nr + 1, sizeof(*pages));

	for (i = 0; i <= nr; i++)
		pages[i] = pp_alloc_page(0);
	ck_assert_int_eq(pinpage_page_to_nid(pages[nr - 1]), 0);
	ck_assert_int_eq(pinpage_page_to_nid(pages[nr]), 1);
	ck_assert_ptr_null(pp_alloc_pages_node(0, PP_GFP_THISNODE, 0));
	for (i = 0; i <= nr; i++)
		pp_unref(pages[i]);
	free(pages);
}
END_TEST

START_TEST(pin_scope_keeps_out_of_movable)
{
	struct page *page;

	pp_pin_scope_begin();
	page = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	pp_pin_scope_end();
	ck_assert_int_eq(page->zone, PP_ZONE_NORMAL);
	pp_unref(page);
}
END_TEST

START_TEST(isolated_frames_are_not_given_out)
{
	unsigned long start, end, before;
	struct page *page = pp_alloc_page(PINPAGE_GFP_MOVABLE);

	pp_zone_span(0, PP_ZONE_MOVABLE, &start, &end);
	before = pp_nr_free();
	ck_assert(!pp_page_isolated(page));
	ck_assert_int_eq(pp_isolate_range(start, end), 0);
	ck_assert(pp_page_isolated(page));
	ck_assert(!pinpage_is_longterm_pinnable_page(page));
	ck_assert(!pp_range_is_free(start, end));
	ck_assert_uint_eq(pp_nr_free(), before - (end - start - 1));
	ck_assert_uint_eq(pp_zone_nr_free(0, PP_ZONE_MOVABLE), 0);
	pp_unref(page);
	ck_assert(pp_range_is_free(start, end));
	ck_assert_uint_eq(pp_zone_nr_free(0, PP_ZONE_MOVABLE), 0);
	pp_unisolate_range(start, end);
	ck_assert_uint_eq(pp_nr_free(), before + 1);
	ck_assert_int_eq(pp_buddy_check(), 0);
}
END_TEST

START_TEST(folio_freed_across_the_border)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_COMP, 4);
	unsigned long pfn = page_to_pfn(head), before = pp_nr_free();

	ck_assert_int_eq(pp_isolate_range(pfn + 3, pfn + 7), 0);
	pp_unref(head);
	ck_assert(pp_range_is_free(pfn + 3, pfn + 7));
	ck_assert_uint_eq(pp_nr_free(), before + 12);
	ck_assert_int_eq(pp_buddy_check(), 0);
	pp_unisolate_range(pfn + 3, pfn + 7);
	ck_assert_uint_eq(pp_nr_free(), before + 16);
	ck_assert_int_eq(pp_buddy_check(), 0);
}
END_TEST

START_TEST(bad_ranges_refused)
{
	unsigned long start, end;

	pp_zone_span(0, PP_ZONE_MOVABLE, &start, &end);
	ck_assert_int_eq(pp_isolate_range(start, start), -EINVAL);
	ck_assert_int_eq(pp_isolate_range(start - 1, start + 1), -EINVAL);
	ck_assert_int_eq(pp_isolate_range(FRAMES - 1, FRAMES + 1), -EINVAL);
	ck_assert_int_eq(pp_isolate_range(start, start + 8), 0);
	ck_assert_int_eq(pp_isolate_range(start + 7, start + 9), -EBUSY);
	ck_assert_int_eq(pp_isolate_range(start + 8, start + 9), 0);
	pp_unisolate_range(start, start + 8);
	pp_unisolate_range(start + 8, start + 9);
}
END_TEST

START_TEST(taken_range_is_ours)
{
	unsigned long start, end, i;

	pp_zone_span(0, PP_ZONE_CMA, &start, &end);
	ck_assert_int_eq(pp_isolate_range(start, start + 5), 0);
	pp_take_range(start, start + 5);
	for (i = 0; i < 5; i++)
		pp_adopt_frame(pfn_to_page(start + i));
	ck_assert_int_eq(pfn_to_page(start)->zone, PP_ZONE_CMA);
	for (i = 0; i < 5; i++)
		pp_unref(pfn_to_page(start + i));
	ck_assert_int_eq(pp_buddy_check(), 0);
}
END_TEST

START_TEST(one_frame_out_of_a_block)
{
	unsigned long start, end;
	struct page *page;

	pp_zone_span(0, PP_ZONE_MOVABLE, &start, &end);
	page = pp_alloc_frame(pfn_to_page(start + 21), 0);
	ck_assert_ptr_eq(page, pfn_to_page(start + 21));
	ck_assert_int_eq(page_ref_count(page), 1);
	ck_assert_ptr_null(pp_alloc_frame(page, 0));
	ck_assert_int_eq(pp_buddy_check(), 0);
	pp_unref(page);
	ck_assert_int_eq(pp_buddy_check(), 0);
}
END_TEST

START_TEST(shutdown_ends_isolation)
{
	ck_assert_int_eq(pp_isolate_range(8, 24), 0);
	ck_assert_int_eq(pp_isolate_range(24, 32), 0);
}
END_TEST

Suite *isolate_suite(void)
{
	Suite *s = suite_create("isolate");

	on_machine(s, task_gets_frames_of_its_node, two_nodes);
	on_machine(s, no_such_node_einval, two_nodes);
	on_machine(s, full_node_falls_back, two_nodes);
	on_machine(s, pin_scope_keeps_out_of_movable, machine_up);
	on_machine(s, isolated_frames_are_not_given_out, machine_up);
	on_machine(s, folio_freed_across_the_border, machine_up);
	on_machine(s, bad_ranges_refused, machine_up);
	on_machine(s, taken_range_is_ours, machine_up);
	on_machine(s, one_frame_out_of_a_block, machine_up);
	on_machine(s, shutdown_ends_isolation, machine_up);
	return s;
}
