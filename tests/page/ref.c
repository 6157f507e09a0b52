// SPDX-License-Identifier: LGPL-2.1-or-later
/* References: lib/page/ref.c */
#include "machine.h"

static struct page *new_page(void)
{
	struct page *page = pp_alloc_page(0);

	ck_assert_ptr_nonnull(page);
	return page;
}

START_TEST(get_put_moves_count_by_one)
{
	struct page *page = new_page();

	pinpage_get_page(page);
	ck_assert_int_eq(pinpage_page_count(page), 2);
	ck_assert(pinpage_try_get_page(page));
	ck_assert_int_eq(pinpage_page_count(page), 3);
	pinpage_put_page(page);
	pinpage_put_page(page);
	ck_assert_int_eq(pinpage_page_count(page), 1);
	pinpage_put_page(page);
	ck_assert_int_eq(pinpage_page_count(page), 0);
}
END_TEST

START_TEST(tail_references_go_to_head)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 2);
	struct folio *folio = (struct folio *)head;

	pinpage_get_page(head + 3);
	ck_assert_int_eq(pinpage_page_count(head), 2);
	ck_assert_int_eq(pinpage_page_ref_count(head + 3), 0);
	pinpage_folio_get(folio);
	ck_assert_int_eq(pinpage_page_count(head + 1), 3);
	pinpage_folio_put(folio);
	pinpage_put_page(head + 1);
	pinpage_put_page(head + 2);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(get_emits_after_put_before)
{
	struct page *page = new_page();
	struct listener get, put;

	listen_to(&get, PINPAGE_EV_GET);
	listen_to(&put, PINPAGE_EV_PUT);
	pinpage_get_page(page);
	pinpage_put_page(page);
	pp_ref(page);
	pp_unref(page);
	listen_end(&get);
	listen_end(&put);
	ck_assert_uint_eq(get.nr, 1);
	ck_assert_uint_eq(put.nr, 1);
	ck_assert_int_eq(get.ref_then, 2);
	ck_assert_int_eq(put.ref_then, 2);
	ck_assert_ptr_nonnull(get.last.site);
	ck_assert_ptr_nonnull(put.last.site);
	ck_assert_ptr_ne(get.last.site, put.last.site);
	pp_unref(page);
}
END_TEST

START_TEST(put_of_free_page_warns_no_underflow)
{
	struct page *page = new_page();

	pinpage_put_page(page);
	pinpage_put_page(page);
	expect_warnings(1);
	ck_assert_int_eq(page_ref_count(page), 0);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(get_of_free_page_warns_no_revival)
{
	struct page *page = new_page();

	pp_unref(page);
	pinpage_get_page(page);
	pinpage_folio_get((struct folio *)page);
	expect_warnings(2);
	ck_assert_int_eq(page_ref_count(page), 0);
	ck_assert(!pinpage_try_get_page(page));
}
END_TEST

START_TEST(folio_put_of_free_page_warns)
{
	struct page *page = new_page();

	pp_unref(page);
	pinpage_folio_put((struct folio *)page);
	expect_warnings(1);
	ck_assert_int_eq(page_ref_count(page), 0);
}
END_TEST

START_TEST(get_on_nearly_zero_negative_warns_but_counts)
{
	struct page *page = new_page();

	atomic_set(&page->_refcount, -3);
	pinpage_get_page(page);
	expect_warnings(1);
	ck_assert_int_eq(page_ref_count(page), -2);
	pinpage_put_page(page);
	expect_warnings(1);
	ck_assert_int_eq(page_ref_count(page), -2);
	atomic_set(&page->_refcount, 1);
	pp_unref(page);
}
END_TEST

START_TEST(release_pages_drops_each)
{
	struct page *page = new_page();
	struct page *pages[3] = { page, page, NULL };
	struct listener put;

	pinpage_get_page(page);
	listen_to(&put, PINPAGE_EV_PUT);
	pinpage_release_pages(pages, 2);
	pinpage_release_pages(NULL, 0);
	listen_end(&put);
	ck_assert_uint_eq(put.nr, 2);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

START_TEST(release_pages_bad_arguments_warn)
{
	struct page *pages[1] = { NULL };

	pinpage_release_pages(pages, -14);
	expect_warnings(1);
	pinpage_release_pages(NULL, 1);
	expect_warnings(1);
	pinpage_release_pages(pages, 1);
	expect_warnings(1);
}
END_TEST

START_TEST(freeze_only_at_expected_count)
{
	struct page *page = new_page();

	pp_ref(page);
	ck_assert(!pp_ref_freeze(page, 1));
	ck_assert(!pp_ref_freeze(page, 3));
	ck_assert(pp_ref_freeze(page, 2));
	ck_assert(!pp_ref_try(page));
	ck_assert(!pp_pin_try(page, 1));
	pp_ref_unfreeze(page, 2);
	ck_assert(pp_ref_try(page));
	pp_unref_many(page, 3);
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

static void *bad_pointers(int i)
{
	switch (i) {
	case 0:
		return NULL;
	case 1:
		return (char *)pp_mem_map + 8;
	case 2:
		return pp_mem_map + FRAMES;
	default:
		return pp_mem_map - 1;
	}
}

START_TEST(bad_pointer_warns_and_returns)
{
	struct page *page = bad_pointers(_i);

	pinpage_get_page(page);
	pinpage_put_page(page);
	pinpage_folio_get((struct folio *)page);
	pinpage_folio_put((struct folio *)page);
	ck_assert(!pinpage_try_get_page(page));
	pinpage_free_pages(page, 0);
	expect_warnings(6);
	pinpage_lock_page(page);
	ck_assert(!pinpage_trylock_page(page));
	pinpage_unlock_page(page);
	pinpage_wait_on_page_writeback(page);
	expect_warnings(4);
}
END_TEST

START_TEST(before_boot_warns_and_returns)
{
	struct page *page = (struct page *)64;

	pp_set_warn_hook(NULL);
	machine_up();
	machine_down();
	pinpage_get_page(page);
	pinpage_put_page(page);
	pinpage_release_pages(&page, 1);
	ck_assert(!pinpage_try_get_page(page));
	ck_assert_ptr_null(pinpage_alloc_pages(0, 0));
	pinpage_free_pages(page, 0);
	pinpage_lock_page(page);
	ck_assert_uint_ge(pp_warn_count(), 1);
}
END_TEST

Suite *ref_suite(void)
{
	Suite *s = suite_create("page/ref");
	TCase *tc;

	on_machine(s, get_put_moves_count_by_one, machine_up);
	on_machine(s, tail_references_go_to_head, machine_up);
	on_machine(s, get_emits_after_put_before, machine_up);
	on_machine(s, put_of_free_page_warns_no_underflow, machine_up);
	on_machine(s, get_of_free_page_warns_no_revival, machine_up);
	on_machine(s, folio_put_of_free_page_warns, machine_up);
	on_machine(s, get_on_nearly_zero_negative_warns_but_counts, machine_up);
	on_machine(s, release_pages_drops_each, machine_up);
	on_machine(s, release_pages_bad_arguments_warn, machine_up);
	on_machine(s, freeze_only_at_expected_count, machine_up);
	tc = tcase_create("bad_pointer_warns_and_returns");
	tcase_add_checked_fixture(tc, machine_up, machine_down);
	tcase_add_loop_test(tc, bad_pointer_warns_and_returns, 0, 4);
	suite_add_tcase(s, tc);
	pp_test_add(s, before_boot_warns_and_returns);
	return s;
}
