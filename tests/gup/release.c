// SPDX-License-Identifier: LGPL-2.1-or-later
/* Releases, right and wrong: semantics 1.2, 1.6, C10, C14 to C16, W01. */
#include "suites.h"

#include "machine.h"

static struct page *pin_one(unsigned long addr)
{
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	return page;
}

/* every release of a single pin restores the count */
START_TEST(each_call_drops_one_pin)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *p = pin_one(addr);

	unpin_user_page(p);
	assert_delta(p, base, 0);
	p = pin_one(addr);
	unpin_user_pages(&p, 1);
	assert_delta(p, base, 0);
	p = pin_one(addr);
	unpin_user_pages_dirty_lock(&p, 1, false);
	assert_delta(p, base, 0);
	p = pin_one(addr);
	unpin_user_page_range_dirty_lock(p, 1, false);
	assert_delta(p, base, 0);
	p = pin_one(addr);
	unpin_user_folio(page_folio(p), 1);
	assert_delta(p, base, 0);
	p = pin_one(addr);
	unpin_folio(page_folio(p));
	assert_delta(p, base, 0);
	ck_assert_int_eq(acquired(), released());
}
END_TEST

START_TEST(folios_null_entry_skipped)
{
	struct page *p = pin_one(anon(1, true));
	struct folio *folios[2] = { NULL, page_folio(p) };

	unpin_folios(folios, 2);
	ck_assert(!page_maybe_dma_pinned(p));
}
END_TEST

START_TEST(make_dirty_decides)
{
	struct page *p = pin_one(anon(1, true));

	ck_assert(!PageDirty(p));
	unpin_user_pages_dirty_lock(&p, 1, false);
	ck_assert(!PageDirty(p));
	ck_assert_int_eq(pin_page(p), 0);
	unpin_user_pages_dirty_lock(&p, 1, true);
	ck_assert(PageDirty(p));
}
END_TEST

START_TEST(range_dirties_and_drops)
{
	struct page *p = pin_one(anon(1, true));

	unpin_user_page_range_dirty_lock(p, 1, true);
	ck_assert(PageDirty(p));
	ck_assert(!page_maybe_dma_pinned(p));
}
END_TEST

START_TEST(put_page_on_pin_leaks_1023)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *p = pin_one(addr);

	put_page(p);
	assert_delta(p, base, 1023);
	ck_assert(page_maybe_dma_pinned(p));
	ck_assert_int_eq(released(), 0);
	get_page(p);
	unpin_user_page(p);
	assert_delta(p, base, 0);
}
END_TEST

START_TEST(errno_as_count_refused)
{
	struct page *p = pin_one(anon(1, true));
	unsigned long warnings = pinpage_warnings();

	unpin_user_pages(&p, (unsigned long)-EFAULT);
	unpin_user_pages_dirty_lock(&p, (unsigned long)-EFAULT, true);
	put_user_pages(&p, (unsigned long)-EFAULT);
	unpin_user_page_range_dirty_lock(p, (unsigned long)-EFAULT, true);
	unpin_folios((struct folio **)&p, (unsigned long)-EFAULT);
	ck_assert(page_maybe_dma_pinned(p));
	ck_assert_uint_gt(pinpage_warnings(), warnings);
	unpin_user_page(p);
}
END_TEST

START_TEST(empty_and_null_are_harmless)
{
	unpin_user_pages(NULL, 0);
	unpin_user_pages_dirty_lock(NULL, 0, true);
	put_user_pages(NULL, 0);
	pinpage_put_user_pages_dirty(NULL, 0);
	put_user_pages_dirty_lock(NULL, 0, true);
	ck_assert_uint_eq(pinpage_warnings(), 0);
	unpin_user_pages(NULL, 1);
	unpin_user_page(NULL);
	put_user_page(NULL);
	unpin_folio(NULL);
	ck_assert_uint_gt(pinpage_warnings(), 0);
}
END_TEST

START_TEST(bad_entry_skipped_rest_released)
{
	unsigned long addr = anon(2, true);
	struct page *p[3];

	ck_assert_int_eq(pin_user_pages_fast(addr, 2, 0, p), 2);
	p[2] = p[1];
	p[1] = (struct page *)&addr;
	unpin_user_pages(p, 3);
	ck_assert(!page_maybe_dma_pinned(p[0]));
	ck_assert(!page_maybe_dma_pinned(p[2]));
	ck_assert_uint_gt(pinpage_warnings(), 0);
}
END_TEST

/* U01, U05: the pin outlives mapping and address space */
START_TEST(page_outlives_its_mapping)
{
	unsigned long addr = anon(1, true);
	struct page *p = pin_one(addr);

	*(char *)page_address(p) = 77;
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(page_count(p), 1024);
	ck_assert_int_eq(*(char *)page_address(p), 77);
	unpin_user_page(p);
	ck_assert_int_eq(page_count(p), 0);
}
END_TEST

START_TEST(unpin_after_exit)
{
	struct mm_struct *other = pinpage_mm_alloc();
	struct page *p;
	unsigned long addr;

	pinpage_use_mm(other);
	addr = (unsigned long)pinpage_mmap(0, PAGE_SIZE,
					   PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS, NULL,
					   0);
	p = pin_one(addr);
	pinpage_use_mm(mm);
	mmput(other);
	ck_assert_int_eq(page_count(p), 1024);
	unpin_user_page(p);
	ck_assert_int_eq(page_count(p), 0);
}
END_TEST

static void up_5_4(void) { up("5.4"); }

/* placeholder stage: semantics 1.2 */
START_TEST(placeholder_dirty_variants)
{
	unsigned long addr = anon(1, true);
	int base = count_at(addr);
	struct page *p;

	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &p), 1);
	put_user_pages_dirty_lock(&p, 1, false);
	ck_assert(!PageDirty(p));
	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &p), 1);
	put_user_pages_dirty_lock(&p, 1, true);
	ck_assert(PageDirty(p));
	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &p), 1);
	pinpage_put_user_pages_dirty(&p, 1);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &p), 1);
	put_user_pages(&p, 1);
	assert_delta(p, base, 0);
}
END_TEST

START_TEST(make_dirty_is_newer_than_5_2)
{
	struct page *p;

	up("5.2");
	ck_assert_int_eq(get_user_pages_fast(anon(1, true), 1, FOLL_WRITE,
					     &p), 1);
	put_user_pages_dirty_lock(&p, 1, false);
	ck_assert(PageDirty(p));
	ck_assert_uint_gt(pinpage_warnings(), 0);
	down();
}
END_TEST

Suite *release_suite(void)
{
	Suite *suite = suite_create("release");
	TCase *tc = tcase_create("6.1");

	tcase_add_checked_fixture(tc, fixture_up, down);
	tcase_add_test(tc, each_call_drops_one_pin);
	tcase_add_test(tc, folios_null_entry_skipped);
	tcase_add_test(tc, make_dirty_decides);
	tcase_add_test(tc, range_dirties_and_drops);
	tcase_add_test(tc, put_page_on_pin_leaks_1023);
	tcase_add_test(tc, errno_as_count_refused);
	tcase_add_test(tc, empty_and_null_are_harmless);
	tcase_add_test(tc, bad_entry_skipped_rest_released);
	tcase_add_test(tc, page_outlives_its_mapping);
	tcase_add_test(tc, unpin_after_exit);
	suite_add_tcase(suite, tc);
	tc = tcase_create("5.4");
	tcase_add_checked_fixture(tc, up_5_4, down);
	tcase_add_test(tc, placeholder_dirty_variants);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, make_dirty_is_newer_than_5_2);
	return suite;
}
