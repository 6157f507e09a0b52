// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pins of small folios in user memory: case H10 of the semantics reference.
 *
 * A driver maps the pages of a compound page of its own, one PTE each.
 */
#include "suites.h"

#include "machine.h"

#include "base/err.h"

#define ORDER_MAX 3
#define BIAS ((int)GUP_PIN_COUNTING_BIAS)

static struct page *folio, *pages[1 << ORDER_MAX];
static struct file *file;
static unsigned int order;
static unsigned long addr;

static unsigned long nr(void)
{
	return 1UL << order;
}

/* the pages in order */
static int map_folio(struct file *f, struct vm_area_struct *vma)
{
	unsigned long at = pinpage_vma_start(vma), i;
	int err = 0;

	(void)f;
	for (i = 0; !err && i < nr(); i++)
		err = pinpage_vm_insert_page(vma, at + i * PAGE_SIZE, folio + i);
	return err;
}

static void driver_up(const char *rules, unsigned int of_order)
{
	static const struct pinpage_file_operations fops = { .mmap = map_folio };
	long at;

	down();
	up(rules);
	order = of_order;
	folio = alloc_pages(GFP_KERNEL | __GFP_COMP | __GFP_ZERO, order);
	ck_assert_ptr_nonnull(folio);
	file = pinpage_device_file("dev", &fops, NULL);
	ck_assert(!IS_ERR(file));
	at = pinpage_mmap(0, nr() * PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED,
			  file, 0);
	ck_assert_int_gt(at, 0);
	addr = (unsigned long)at;
}

static void driver_down(void)
{
	ck_assert_int_eq(pinpage_munmap(addr, nr() * PAGE_SIZE), 0);
	ck_assert_int_eq(page_count(folio), 1);
	ck_assert(!page_maybe_dma_pinned(folio));
	__free_pages(folio, order);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
}

static int pincount(void)
{
	return pinpage_head_compound_pincount(folio);
}

static long slow(unsigned long n, unsigned int flags)
{
	long ret;

	mmap_read_lock(mm);
	ret = pinpage_pin_user_pages(addr, n, flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

static long fast(unsigned long n, unsigned int flags)
{
	return pin_user_pages_fast(addr, n, flags, pages);
}

static long fast_only(unsigned long n, unsigned int flags)
{
	return pin_user_pages_fast_only(addr, n, flags, pages);
}

/* n pins at once, what they count, and their end as one run */
static void check_pins(long (*take)(unsigned long n, unsigned int flags),
		       bool counted)
{
	int before = page_count(folio), n = (int)nr(), i;

	stats_mark();
	ck_assert_int_eq(take(nr(), FOLL_WRITE), n);
	ck_assert_int_eq(acquired(), n);
	for (i = 0; i < n; i++) {
		ck_assert_ptr_eq(pages[i], folio + i);
		ck_assert(page_maybe_dma_pinned(pages[i]));
	}
	assert_delta(folio, before, counted ? n : n * BIAS);
	if (counted)
		ck_assert_int_eq(pincount(), n);
	unpin_user_page(pages[n - 1]);
	assert_delta(folio, before, (n - 1) * (counted ? 1 : BIAS));
	unpin_user_pages(pages, (unsigned long)n - 1);
	ck_assert_int_eq(page_count(folio), before);
	ck_assert(!page_maybe_dma_pinned(folio));
	ck_assert_int_eq(released(), n);
}

static void check_rules(const char *rules, unsigned int of_order, bool counted)
{
	driver_up(rules, of_order);
	ck_assert_uint_eq(folio_order(page_folio(folio)), of_order);
	check_pins(slow, counted);
	check_pins(fast, counted);
	check_pins(fast_only, counted);
	driver_down();
}

START_TEST(h10_order_1_is_biased_up_to_5_17)
{
	check_rules("5.7", 1, false);
	check_rules("5.10", 1, false);
}
END_TEST

START_TEST(h10_order_1_is_counted_from_5_18)
{
	check_rules("5.19", 1, true);
	check_rules("6.1", 1, true);
	check_rules("6.12", 1, true);
	check_rules("7.3", 1, true);
}
END_TEST

START_TEST(order_2_and_3_are_counted_from_5_7)
{
	check_rules("5.7", 2, true);
	check_rules("5.10", 3, true);
	check_rules("6.1", 2, true);
	check_rules("7.3", 3, true);
}
END_TEST

/* references are counted by page, whatever the order */
START_TEST(get_counts_pages)
{
	int before;

	driver_up("6.1", 1);
	before = page_count(folio);
	ck_assert_int_eq(get_user_pages_fast(addr, 2, 0, pages), 2);
	assert_delta(folio, before, 2);
	ck_assert_int_eq(pincount(), 0);
	ck_assert(!page_maybe_dma_pinned(pages[1]));
	put_page(pages[0]);
	put_page(pages[1]);
	driver_down();
}
END_TEST

/* false positives of the bias are those of the folio; exact counts have none */
START_TEST(references_look_like_pins_up_to_5_17)
{
	static const char *const rules[] = { "5.10", "6.1" };
	int i, j;

	for (i = 0; i < 2; i++) {
		driver_up(rules[i], 1);
		for (j = 0; j < BIAS; j++)
			get_page(folio + 1);
		ck_assert_int_eq(page_maybe_dma_pinned(folio), !i);
		for (j = 0; j < BIAS; j++)
			put_page(folio + 1);
		driver_down();
	}
}
END_TEST

START_TEST(range_release_dirties_the_head)
{
	driver_up("6.1", 2);
	ck_assert_int_eq(fast(4, FOLL_WRITE), 4);
	unpin_user_page_range_dirty_lock(pages[0], 4, true);
	ck_assert(PageDirty(folio));
	ck_assert_int_eq(pincount(), 0);
	driver_down();
}
END_TEST

START_TEST(pin_outlives_the_mapping)
{
	struct page *page;

	driver_up("6.1", 1);
	ck_assert_int_eq(fast(2, FOLL_WRITE), 2);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	unpin_user_page(pages[0]);
	ck_assert(page_maybe_dma_pinned(pages[0]));
	put_byte(addr + PAGE_SIZE, 7);
	page = pages[1];
	ck_assert_uint_eq(*(unsigned char *)page_address(page), 7);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(page_count(folio), 2);
	unpin_user_page(page);
	driver_down();
}
END_TEST

/* no fault could find them: fork copies the entries, not the pages */
START_TEST(fork_shares_the_folio)
{
	struct mm_struct *child;
	int before;

	driver_up("6.1", 1);
	ck_assert_int_eq(fast(2, FOLL_WRITE), 2);
	before = page_count(folio);
	child = pinpage_fork_mm(mm);
	ck_assert(!IS_ERR(child));
	ck_assert_ptr_eq(pinpage_peek_page(child, addr + PAGE_SIZE, NULL), folio + 1);
	assert_delta(folio, before, 2);
	ck_assert_int_eq(pincount(), 2);
	mmput(child);
	unpin_user_pages(pages, 2);
	driver_down();
}
END_TEST

static void add(Suite *suite, const TTest *fn)
{
	tcase_add_checked_fixture(pp_test_add_named(suite, fn->name, fn),
				  fixture_up, down);
}

Suite *order_suite(void)
{
	Suite *suite = suite_create("order");

	add(suite, h10_order_1_is_biased_up_to_5_17);
	add(suite, h10_order_1_is_counted_from_5_18);
	add(suite, order_2_and_3_are_counted_from_5_7);
	add(suite, get_counts_pages);
	add(suite, references_look_like_pins_up_to_5_17);
	add(suite, range_release_dirties_the_head);
	add(suite, pin_outlives_the_mapping);
	add(suite, fork_shares_the_folio);
	return suite;
}
