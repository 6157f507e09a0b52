// SPDX-License-Identifier: LGPL-2.1-or-later
/* The arithmetic of pins: lib/page/pin.h, pin.c, unpin_wait.c */
#include "machine.h"

#include "page/unpin_wait.h"

#define MAX_PINS 2097152	/* of one small page */

static struct page *small_page(void)
{
	struct page *page = pp_alloc_page(0);

	ck_assert_ptr_nonnull(page);
	return page;
}

static struct page *big_page(unsigned int order)
{
	struct page *page = pp_alloc_pages(PINPAGE_GFP_COMP, order);

	ck_assert_ptr_nonnull(page);
	return page;
}

START_TEST(pin_small_adds_1024)
{
	struct page *page = small_page();

	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(page_count(page), 1 + 1024);
	ck_assert(pp_maybe_dma_pinned(page));
	pp_unpin(page, 1);
	ck_assert_int_eq(page_count(page), 1);
	ck_assert(!pp_maybe_dma_pinned(page));
	pp_unref(page);
}
END_TEST

START_TEST(pin_and_get_release_in_either_order)
{
	struct page *page = small_page();
	int pin_first;

	for (pin_first = 0; pin_first < 2; pin_first++) {
		ck_assert(pp_pin_try(page, 1));
		pp_ref(page);
		ck_assert_int_eq(page_count(page), 1 + 1025);
		if (pin_first)
			pp_unpin(page, 1);
		pp_unref(page);
		if (!pin_first)
			pp_unpin(page, 1);
		ck_assert_int_eq(page_count(page), 1);
	}
	pp_unref(page);
}
END_TEST

START_TEST(plain_refs_1023_not_pinned_1024_pinned)
{
	struct page *page = small_page();

	while (page_count(page) < 1023)
		pp_ref(page);
	ck_assert(!pp_maybe_dma_pinned(page));
	pp_ref(page);
	ck_assert(pp_maybe_dma_pinned(page));
	pp_unref_many(page, 1023);
	ck_assert(!pp_maybe_dma_pinned(page));
	pp_unref(page);
}
END_TEST

START_TEST(put_page_of_pin_leaves_1023)
{
	struct page *page = small_page();

	ck_assert(pp_pin_try(page, 1));
	pinpage_put_page(page);
	ck_assert_int_eq(page_count(page), 1 + 1023);
	ck_assert(pp_maybe_dma_pinned(page));
	pp_unref_many(page, 1023);
	pp_unref(page);
}
END_TEST

START_TEST(pin_2097152_times_then_refused)
{
	struct page *page = small_page();
	int i;

	pp_ref(page);		/* base of 2, as observed on the kernel */
	for (i = 0; i < MAX_PINS; i++)
		if (!pp_pin_try(page, 1))
			break;
	ck_assert_int_eq(i, MAX_PINS);
	ck_assert(!pp_pin_try(page, 1));
	ck_assert(!pp_ref_try(page));
	ck_assert(!pinpage_try_get_page(page));
	ck_assert_int_eq(page_count(page), -2147483646);
	ck_assert(pp_maybe_dma_pinned(page));
	for (i = 0; i < MAX_PINS; i++)
		pp_unpin(page, 1);
	ck_assert_int_eq(page_count(page), 2);
	pp_unref_many(page, 2);
}
END_TEST

START_TEST(unpin_2097152_at_once_restores)
{
	struct page *page = small_page();

	while (pp_pin_try(page, 1))
		;
	ck_assert_int_eq(page_count(page), -2147483647);
	pp_unpin(page, MAX_PINS);
	ck_assert_int_eq(page_count(page), 1);
	pp_unref(page);
}
END_TEST

START_TEST(overflown_page_get_and_put_still_count)
{
	struct page *page = small_page();

	while (pp_pin_try(page, 1))
		;
	pinpage_get_page(page);
	ck_assert_int_eq(page_count(page), -2147483646);
	pinpage_put_page(page);
	ck_assert_int_eq(page_count(page), -2147483647);
	pp_unpin(page, MAX_PINS);
	pp_unref(page);
}
END_TEST

START_TEST(pin_folio_counts_pages_exactly)
{
	struct page *head = big_page(PINPAGE_PMD_ORDER);

	ck_assert(pp_pin_try(head, 512));
	ck_assert(pp_pin_try(head, 3));
	ck_assert_int_eq(page_count(head), 1 + 515);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 515);
	pp_unpin(head, 512);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 3);
	ck_assert(pp_maybe_dma_pinned(head + 511));
	pp_unpin(head, 3);
	ck_assert(!pp_maybe_dma_pinned(head + 511));
	ck_assert_int_eq(page_count(head), 1);
	pp_unref(head);
}
END_TEST

START_TEST(folio_1024_plain_refs_not_pinned)
{
	struct page *head = big_page(1);

	atomic_set(&head->_refcount, 5000);
	ck_assert(!pp_maybe_dma_pinned(head));
	ck_assert(!pp_maybe_dma_pinned(head + 1));
	pp_unref_many(head, 5000);
}
END_TEST

START_TEST(pin_free_page_refused)
{
	struct page *page = small_page();

	pp_unref(page);
	ck_assert(!pp_pin_try(page, 1));
	ck_assert(!pp_pin_try_at_once(page, 1));
	ck_assert_int_eq(page_ref_count(page), 0);
}
END_TEST

START_TEST(unpin_last_frees)
{
	unsigned long before = pp_nr_free();
	struct page *page = small_page();
	struct page *head = big_page(3);

	ck_assert(pp_pin_try(page, 1));
	ck_assert(pp_pin_try(head, 8));
	pp_unref(page);
	pp_unref(head);
	ck_assert_uint_eq(pp_nr_free(), before - 9);
	pp_unpin(page, 1);
	pp_unpin(head, 8);
	ck_assert_uint_eq(pp_nr_free(), before);
}
END_TEST

START_TEST(order1_before_5_18_has_bias)
{
	struct page *one, *two;

	machine_boot(&(struct machine){ .rules = "5.7", .nr = FRAMES });
	one = big_page(1);
	two = big_page(2);
	ck_assert(!pp_has_pincount((struct folio *)one));
	ck_assert(pp_has_pincount((struct folio *)two));
	ck_assert(pp_pin_try(one, 2));
	ck_assert_int_eq(page_count(one), 1 + 2048);
	ck_assert(pp_maybe_dma_pinned(one + 1));
	ck_assert(pp_pin_try(two, 2));
	ck_assert_int_eq(page_count(two), 3);
	pp_unpin(one, 2);
	pp_unpin(two, 2);
	pp_unref(one);
	pp_unref(two);
	machine_down();
}
END_TEST

START_TEST(before_bias_pin_is_one_reference)
{
	static const char *const eras[] = { "5.1", "5.2", "5.4", "5.6" };
	size_t i;

	for (i = 0; i < ARRAY_SIZE(eras); i++) {
		struct page *page;

		machine_boot(&(struct machine){ .rules = eras[i],
						.nr = FRAMES });
		page = small_page();
		ck_assert(pp_pin_try(page, 1));
		ck_assert_int_eq(page_count(page), 2);
		atomic_add(2000, &page->_refcount);
		ck_assert(!pp_maybe_dma_pinned(page));
		pp_unref_many(page, 2000);
		pp_unpin(page, 1);
		pp_unref(page);
		machine_down();
	}
}
END_TEST

START_TEST(unguarded_takes_negative_count)
{
	struct pinpage_rules rules = *pinpage_rules_find("6.1");
	struct page *page;

	machine_boot(&(struct machine){ .nr = FRAMES });
	page = small_page();
	atomic_set(&page->_refcount, -5000);
	ck_assert(!pp_ref_try(page));
	rules.ref_guard = PINPAGE_REF_UNGUARDED;
	pp_pin_boot(&rules);
	ck_assert(pp_ref_try(page));
	ck_assert_int_eq(page_count(page), -4999);
	atomic_set(&page->_refcount, 1);
	pp_unref(page);
	ck_assert(!pp_ref_try(page));
	machine_down();
}
END_TEST

START_TEST(fiber_small_pin_shows_reference_first)
{
	struct page *page = small_page();
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_GRAB);
	ck_assert(pp_pin_try(page, 1));
	listen_end(&ear);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_ptr_eq(ear.last.page, page);
	ck_assert_int_eq(ear.ref_then, 2);
	ck_assert_int_eq(page_count(page), 1 + 1024);
	pp_unpin(page, 1);
	pp_unref(page);
}
END_TEST

START_TEST(fiber_folio_pin_shows_reference_first)
{
	struct page *head = big_page(4);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_GRAB);
	ck_assert(pp_pin_try(head, 16));
	listen_end(&ear);
	ck_assert_int_eq(ear.ref_then, 17);
	ck_assert_int_eq(page_count(head), 17);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 16);
	pp_unpin(head, 16);
	pp_unref(head);
}
END_TEST

START_TEST(fiber_pin_at_once_has_no_middle)
{
	struct page *page = small_page();
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_GRAB);
	ck_assert(pp_pin_try_at_once(page, 1));
	listen_end(&ear);
	ck_assert_uint_eq(ear.nr, 0);
	pp_unpin(page, 1);
	pp_unref(page);
}
END_TEST

START_TEST(fiber_limit_is_the_same)
{
	struct page *page = small_page();
	int i;

	for (i = 0; pp_pin_try(page, 1); i++)
		;
	ck_assert_int_eq(i, MAX_PINS);
	pp_unpin(page, MAX_PINS);
	pp_unref(page);
}
END_TEST

static int waiter(void *arg)
{
	pp_wait_unpinned(arg);
	return pp_maybe_dma_pinned(arg);
}

static void wait_unpinned(void)
{
	struct page *page = small_page();
	struct task_struct *task;

	ck_assert(pp_pin_try(page, 1));
	task = pinpage_kthread_run(waiter, page, "waiter");
	ck_assert_ptr_nonnull(task);
	pinpage_msleep(2);
	pp_unpin(page, 1);
	pp_unpinned();
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_int_eq(atomic_read(&pp_unpin_waiters), 0);
	pp_unref(page);
}

START_TEST(wait_unpinned_wakes)
{
	wait_unpinned();
}
END_TEST

START_TEST(fiber_wait_unpinned_wakes)
{
	wait_unpinned();
}
END_TEST

/* nobody tells when plain references go that looked like a pin */
START_TEST(fiber_wait_unpinned_sees_false_positive_end)
{
	struct page *page = small_page();
	struct task_struct *task;
	int i;

	for (i = 0; i < 1024; i++)
		pp_ref(page);
	task = pinpage_kthread_run(waiter, page, "waiter");
	pinpage_msleep(2);
	for (i = 0; i < 1024; i++)
		pp_unref(page);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	pp_unref(page);
}
END_TEST

Suite *pin_suite(void)
{
	Suite *s = suite_create("page/pin");

	on_machine(s, pin_small_adds_1024, machine_up);
	on_machine(s, pin_and_get_release_in_either_order, machine_up);
	on_machine(s, plain_refs_1023_not_pinned_1024_pinned, machine_up);
	on_machine(s, put_page_of_pin_leaves_1023, machine_up);
	on_machine(s, pin_2097152_times_then_refused, machine_up);
	on_machine(s, unpin_2097152_at_once_restores, machine_up);
	on_machine(s, overflown_page_get_and_put_still_count, machine_up);
	on_machine(s, pin_folio_counts_pages_exactly, machine_up);
	on_machine(s, folio_1024_plain_refs_not_pinned, machine_up);
	on_machine(s, pin_free_page_refused, machine_up);
	on_machine(s, unpin_last_frees, machine_up);
	pp_test_add(s, order1_before_5_18_has_bias);
	pp_test_add(s, before_bias_pin_is_one_reference);
	pp_test_add(s, unguarded_takes_negative_count);
	on_machine(s, fiber_small_pin_shows_reference_first, machine_up_fiber);
	on_machine(s, fiber_folio_pin_shows_reference_first, machine_up_fiber);
	on_machine(s, fiber_pin_at_once_has_no_middle, machine_up_fiber);
	on_machine(s, fiber_limit_is_the_same, machine_up_fiber);
	on_machine(s, wait_unpinned_wakes, machine_up);
	on_machine(s, fiber_wait_unpinned_wakes, machine_up_fiber);
	on_machine(s, fiber_wait_unpinned_sees_false_positive_end,
		   machine_up_fiber);
	return s;
}
