// SPDX-License-Identifier: LGPL-2.1-or-later
/* Reclaim's lists: lib/page/lru.c */
#include "machine.h"

static struct page *lru_page(bool anon)
{
	struct page *page = pp_alloc_page(0);

	if (anon)
		SetPageSwapBacked(page);
	pp_lru_add(page);
	return page;
}

/* Isolates one; NULL if there is none. */
static struct page *victim(bool file)
{
	PP_LIST_HEAD(out);

	if (!pp_lru_isolate(file, 1, &out))
		return NULL;
	return container_of(out.next, struct page, lru);
}

static void drop_victim(struct page *page)
{
	INIT_LIST_HEAD(&page->lru);
	pp_unref_many(page, 2);
}

START_TEST(oldest_is_victim_with_reference)
{
	struct page *first = lru_page(false);
	struct page *second = lru_page(false);

	ck_assert_ptr_eq(victim(true), first);
	ck_assert(!PageLRU(first));
	ck_assert_int_eq(page_count(first), 2);
	ck_assert_ptr_eq(victim(true), second);
	ck_assert_ptr_null(victim(true));
	drop_victim(first);
	drop_victim(second);
}
END_TEST

START_TEST(anon_and_file_are_apart)
{
	struct page *anon = lru_page(true);

	ck_assert_ptr_null(victim(true));
	ck_assert_ptr_eq(victim(false), anon);
	drop_victim(anon);
}
END_TEST

START_TEST(putback_drops_reference)
{
	struct page *page = lru_page(true);

	ck_assert_ptr_eq(victim(false), page);
	INIT_LIST_HEAD(&page->lru);
	pp_lru_putback(page);
	ck_assert(PageLRU(page));
	ck_assert_int_eq(page_count(page), 1);
	pp_unref(page);
}
END_TEST

START_TEST(second_access_activates)
{
	struct page *page = lru_page(false);

	pp_mark_accessed(page);
	ck_assert(PageReferenced(page) && !PageActive(page));
	pp_mark_accessed(page);
	ck_assert(!PageReferenced(page) && PageActive(page));
	pp_mark_accessed(page);
	ck_assert(PageReferenced(page) && PageActive(page));
	pp_lru_deactivate(page);
	ck_assert(!PageReferenced(page) && !PageActive(page));
	pp_unref(page);
}
END_TEST

START_TEST(active_page_moves_down_first)
{
	struct page *page = lru_page(false);
	struct page *other = lru_page(false);

	pp_mark_accessed(page);
	pp_mark_accessed(page);
	ck_assert_ptr_eq(victim(true), other);
	ck_assert_ptr_eq(victim(true), page);
	ck_assert(!PageActive(page));
	drop_victim(page);
	drop_victim(other);
}
END_TEST

START_TEST(rotated_page_is_next)
{
	struct page *first = lru_page(false);
	struct page *second = lru_page(false);

	pp_lru_rotate(second);
	ck_assert_ptr_eq(victim(true), second);
	drop_victim(second);
	pp_unref(first);
}
END_TEST

START_TEST(unevictable_is_never_victim)
{
	struct page *page = pp_alloc_page(0);

	SetPageUnevictable(page);
	pp_lru_add(page);
	pp_lru_rotate(page);
	pp_lru_deactivate(page);
	ck_assert_ptr_null(victim(true));
	pp_lru_del(page);
	ck_assert(!PageUnevictable(page) && !PageLRU(page));
	pp_unref(page);
}
END_TEST

START_TEST(page_being_freed_is_skipped)
{
	struct page *page = lru_page(false);

	ck_assert(pp_ref_freeze(page, 1));
	ck_assert_ptr_null(victim(true));
	ck_assert(!pp_lru_isolate_page(page));
	pp_ref_unfreeze(page, 1);
	pp_unref(page);
}
END_TEST

START_TEST(isolate_page_takes_it_off)
{
	struct page *page = lru_page(false);

	ck_assert(pp_lru_isolate_page(page));
	ck_assert(!pp_lru_isolate_page(page));
	ck_assert_int_eq(page_count(page), 2);
	ck_assert_ptr_null(victim(true));
	pp_lru_putback(page);
	pp_unref(page);
}
END_TEST

START_TEST(isolate_many_in_order)
{
	struct page *pages[10];
	PP_LIST_HEAD(out);
	struct list_head *node;
	int i;

	for (i = 0; i < 10; i++)
		pages[i] = lru_page(false);
	ck_assert_uint_eq(pp_lru_isolate(false, 7, &out), 0);
	ck_assert_uint_eq(pp_lru_isolate(true, 7, &out), 7);
	for (i = 0, node = out.next; node != &out; node = node->next)
		ck_assert_ptr_eq(node, &pages[i++]->lru);
	for (i = 0; i < 7; i++)
		drop_victim(pages[i]);
	for (; i < 10; i++)
		pp_unref(pages[i]);
}
END_TEST

START_TEST(lru_del_twice_is_harmless)
{
	struct page *page = lru_page(false);

	pp_lru_del(page);
	pp_lru_del(page);
	ck_assert_ptr_null(victim(true));
	pp_unref(page);
}
END_TEST

Suite *lru_suite(void)
{
	Suite *s = suite_create("page/lru");

	on_machine(s, oldest_is_victim_with_reference, machine_up);
	on_machine(s, anon_and_file_are_apart, machine_up);
	on_machine(s, putback_drops_reference, machine_up);
	on_machine(s, second_access_activates, machine_up);
	on_machine(s, active_page_moves_down_first, machine_up);
	on_machine(s, rotated_page_is_next, machine_up);
	on_machine(s, unevictable_is_never_victim, machine_up);
	on_machine(s, page_being_freed_is_skipped, machine_up);
	on_machine(s, isolate_page_takes_it_off, machine_up);
	on_machine(s, isolate_many_in_order, machine_up);
	on_machine(s, lru_del_twice_is_harmless, machine_up);
	return s;
}
