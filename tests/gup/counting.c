// SPDX-License-Identifier: LGPL-2.1-or-later
/* What a get and a pin add to the counts: semantics C01 to C19, H01 to H04. */
#include "suites.h"

#include "machine.h"

START_TEST(fast_pin_adds_bias)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	assert_delta(page, base, 1024);
	ck_assert(page_maybe_dma_pinned(page));
	ck_assert_int_eq(acquired(), 1);
	unpin_user_page(page);
	assert_delta(page, base, 0);
	ck_assert(!page_maybe_dma_pinned(page));
	ck_assert_int_eq(released(), 1);
}
END_TEST

START_TEST(four_pages_balance)
{
	unsigned long addr = anon(4, true);
	struct page *pages[4];
	int i;

	ck_assert_int_eq(pin_user_pages_fast(addr, 4, FOLL_WRITE, pages), 4);
	for (i = 0; i < 4; i++)
		ck_assert_ptr_eq(pages[i], page_at(addr + i * PAGE_SIZE));
	unpin_user_pages(pages, 4);
	ck_assert_int_eq(acquired(), 4);
	ck_assert_int_eq(released(), 4);
	for (i = 0; i < 4; i++)
		ck_assert(!page_maybe_dma_pinned(pages[i]));
}
END_TEST

START_TEST(every_entry_point_pins_once)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	int locked = 1;
	struct page *p[5];

	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages(addr, 1, FOLL_WRITE, &p[0]), 1);
	ck_assert_int_eq(pin_user_pages_remote(mm, addr, 1, FOLL_WRITE, &p[1],
					       NULL), 1);
	ck_assert_int_eq(pin_user_pages_remote(mm, addr, 1, FOLL_WRITE, &p[2],
					       &locked), 1);
	mmap_read_unlock(mm);
	ck_assert_int_eq(locked, 1);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p[3], FOLL_WRITE),
			 1);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &p[4]),
			 1);
	assert_delta(p[0], base, 5 * 1024);
	unpin_user_pages(p, 5);
	assert_delta(p[0], base, 0);
}
END_TEST

START_TEST(locked_variants_pin_once)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	int locked = 1;
	struct page *p[2];

	mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_pin_user_pages_locked(addr, 1, FOLL_WRITE,
						       &p[0], &locked), 1);
	ck_assert_int_eq(pinpage_get_user_pages_locked(addr, 1, 0, &p[1],
						       &locked), 1);
	mmap_read_unlock(mm);
	assert_delta(p[0], base, 1025);
	unpin_user_page(p[0]);
	put_page(p[1]);
	assert_delta(p[0], base, 0);
}
END_TEST

START_TEST(get_adds_one)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *page;

	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	assert_delta(page, base, 1);
	ck_assert(!page_maybe_dma_pinned(page));
	ck_assert_int_eq(acquired(), 0);
	put_page(page);
	assert_delta(page, base, 0);
}
END_TEST

START_TEST(get_and_pin_add_up)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *pinned, *got;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &pinned), 1);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, &got), 1);
	assert_delta(got, base, 1025);
	put_page(got);
	unpin_user_page(pinned);
	assert_delta(got, base, 0);
}
END_TEST

START_TEST(plain_references_look_pinned)
{
	unsigned long addr = anon(1, true);
	struct page *page = page_at(addr);
	int i, base = page_count(page);

	for (i = base; i < 1023; i++)
		get_page(page);
	ck_assert(!page_maybe_dma_pinned(page));
	get_page(page);
	ck_assert(page_maybe_dma_pinned(page));
	for (i = base; i < 1024; i++)
		put_page(page);
	ck_assert(!page_maybe_dma_pinned(page));
}
END_TEST

START_TEST(overflow_refused)
{
	unsigned long addr = anon(1, true);
	struct page *page = page_at(addr);
	int base = page_count(page);
	long i, n = 2097152;

	for (i = 0; i < n; i++)
		ck_assert_int_eq(pin_page(page), 0);
	ck_assert_int_eq(pin_page(page), -ENOMEM);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page),
			 -ENOMEM);
	ck_assert_int_eq(page_count(page), INT32_MIN + base);
	ck_assert(page_maybe_dma_pinned(page));
	for (i = 0; i < n; i++)
		unpin_user_page(page);
	ck_assert_int_eq(page_count(page), base);
}
END_TEST

START_TEST(shared_frame_counts_both)
{
	long a = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, NULL, 0);
	struct page *p[2];
	int base;

	ck_assert_int_gt(a, 0);
	put_byte((unsigned long)a, 1);
	base = count_at((unsigned long)a);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)a, 1, FOLL_WRITE,
					     &p[0]), 1);
	ck_assert_int_eq(pin_user_pages_fast((unsigned long)a, 1, 0, &p[1]),
			 1);
	ck_assert_ptr_eq(p[0], p[1]);
	assert_delta(p[0], base, 2048);
	unpin_user_pages(p, 2);
	assert_delta(p[0], base, 0);
}
END_TEST

START_TEST(unaligned_start_rounds_down)
{
	unsigned long addr = anon(2, true);
	struct page *a[2], *b[2];

	ck_assert_int_eq(pin_user_pages_fast(addr + 123, 2, 0, a), 2);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, 0, b), 2);
	ck_assert_ptr_eq(a[0], b[0]);
	ck_assert_ptr_eq(a[1], b[1]);
	unpin_user_pages(a, 2);
	unpin_user_pages(b, 2);
}
END_TEST

START_TEST(has_pinned_is_sticky_not_inherited)
{
	unsigned long addr = anon(1, true);
	struct mm_struct *child;
	struct page *page;

	ck_assert(!pinpage_mm_has_pinned(mm));
	ck_assert_int_eq(pin_user_pages_fast(0, 1, 0, &page), -EFAULT);
	ck_assert(pinpage_mm_has_pinned(mm));
	put_byte(addr, 2);
	child = pinpage_fork_mm(mm);
	ck_assert(!pinpage_mm_has_pinned(child));
	mmput(child);
}
END_TEST

START_TEST(remote_marks_target)
{
	unsigned long addr = anon(1, true);
	struct mm_struct *other = pinpage_mm_alloc();
	struct page *page;

	kthread_use_mm(other);
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages_remote(mm, addr, 1, 0, &page, NULL),
			 1);
	mmap_read_unlock(mm);
	ck_assert(pinpage_mm_has_pinned(mm));
	ck_assert(!pinpage_mm_has_pinned(other));
	unpin_user_page(page);
	kthread_use_mm(mm);
	mmput(other);
}
END_TEST

static void huge_counts(void)
{
	unsigned long size = 2UL << 20;
	unsigned long addr = map(1024, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	static struct page *pages[512];
	struct page *head;
	int base, i;

	addr = (addr + size - 1) & ~(size - 1);
	ck_assert_int_eq(pinpage_madvise(addr, size, MADV_HUGEPAGE), 0);
	put_byte(addr, 1);
	head = page_at(addr);
	ck_assert_uint_eq(folio_nr_pages(page_folio(head)), 512);
	base = page_count(head);
	ck_assert_int_eq(pin_user_pages_fast(addr, 512, FOLL_WRITE, pages),
			 512);
	assert_delta(head, base, 512);
	ck_assert_int_eq(head_compound_pincount(head), 512);
	ck_assert_int_eq(acquired(), 512);
	for (i = 0; i < 512; i++)
		ck_assert(page_maybe_dma_pinned(pages[i]));
	unpin_user_pages(pages, 512);
	assert_delta(head, base, 0);
	ck_assert_int_eq(head_compound_pincount(head), 0);
	ck_assert_int_eq(released(), 512);
}

START_TEST(huge_folio_exact)
{
	huge_counts();
}
END_TEST

START_TEST(huge_subpage_slow)
{
	unsigned long size = 2UL << 20;
	unsigned long addr = map(1024, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	struct page *page;

	addr = (addr + size - 1) & ~(size - 1);
	ck_assert_int_eq(pinpage_madvise(addr, size, MADV_HUGEPAGE), 0);
	put_byte(addr, 1);
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages(addr + 7 * PAGE_SIZE, 1, FOLL_WRITE,
					&page), 1);
	mmap_read_unlock(mm);
	ck_assert_ptr_eq(page, page_at(addr) + 7);
	ck_assert_int_eq(head_compound_pincount(compound_head(page)), 1);
	ck_assert(page_maybe_dma_pinned(page + 1));
	unpin_user_page_range_dirty_lock(page, 1, true);
	ck_assert(!page_maybe_dma_pinned(page));
	ck_assert(PageDirty(page));
}
END_TEST

START_TEST(huge_split_pmd_keeps_folio)
{
	unsigned long size = 2UL << 20;
	unsigned long addr = map(1024, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	unsigned int pte;
	struct page *p[2];

	addr = (addr + size - 1) & ~(size - 1);
	ck_assert_int_eq(pinpage_madvise(addr, size, MADV_HUGEPAGE), 0);
	put_byte(addr, 1);
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages(addr, 2, FOLL_WRITE | FOLL_SPLIT_PMD,
					p), 2);
	mmap_read_unlock(mm);
	pinpage_peek_page(mm, addr, &pte);
	ck_assert(!(pte & PINPAGE_PTE_HUGE));
	ck_assert_uint_eq(folio_order(page_folio(p[0])), 9);
	ck_assert_int_eq(head_compound_pincount(p[0]), 2);
	unpin_user_folio(page_folio(p[0]), 2);
	ck_assert_int_eq(head_compound_pincount(p[0]), 0);
}
END_TEST

/* placeholder stage: C07, C08 */
START_TEST(placeholder_counts_one)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *page;

	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	assert_delta(page, base, 1);
	put_user_page(page);
	assert_delta(page, base, 0);
	ck_assert_int_eq(released(), 0);
}
END_TEST

START_TEST(pin_of_5_6_counts_one)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	assert_delta(page, base, 1);
	ck_assert_int_eq(acquired(), 0);
	unpin_user_page(page);
	assert_delta(page, base, 0);
}
END_TEST

static void up_5_2(void) { up("5.2"); }
static void up_5_6(void) { up("5.6"); }

Suite *counting_suite(void)
{
	Suite *suite = suite_create("counting");
	TCase *tc = tcase_create("6.1");

	tcase_add_checked_fixture(tc, fixture_up, down);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, fast_pin_adds_bias);
	tcase_add_test(tc, four_pages_balance);
	tcase_add_test(tc, every_entry_point_pins_once);
	tcase_add_test(tc, locked_variants_pin_once);
	tcase_add_test(tc, get_adds_one);
	tcase_add_test(tc, get_and_pin_add_up);
	tcase_add_test(tc, plain_references_look_pinned);
	tcase_add_test(tc, overflow_refused);
	tcase_add_test(tc, shared_frame_counts_both);
	tcase_add_test(tc, unaligned_start_rounds_down);
	tcase_add_test(tc, has_pinned_is_sticky_not_inherited);
	tcase_add_test(tc, remote_marks_target);
	tcase_add_test(tc, huge_folio_exact);
	tcase_add_test(tc, huge_subpage_slow);
	tcase_add_test(tc, huge_split_pmd_keeps_folio);
	suite_add_tcase(suite, tc);
	tc = tcase_create("5.2");
	tcase_add_checked_fixture(tc, up_5_2, down);
	tcase_add_test(tc, placeholder_counts_one);
	suite_add_tcase(suite, tc);
	tc = tcase_create("5.6");
	tcase_add_checked_fixture(tc, up_5_6, down);
	tcase_add_test(tc, pin_of_5_6_counts_one);
	suite_add_tcase(suite, tc);
	return suite;
}
