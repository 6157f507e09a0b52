// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * folio_add_pin() and folio_add_pins(): semantics 2.2, cases C18 and C19
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "mm/internal.h"

#include "gup/gup.h"
#include "machine.h"
#include "suites.h"

static struct page *page;
static struct folio *folio;
static int base;

static void pinned_up(const char *rules)
{
	unsigned long addr;

	up(rules);
	addr = anon(1, true);
	base = count_at(addr);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, FOLL_WRITE,
						     &page), 1);
	folio = pinpage_page_folio(page);
	stats_mark();
}

static void up_7_3(void) { pinned_up("7.3"); }

START_TEST(add_pin_counts_nothing)
{
	pinpage_folio_add_pin(folio);
	assert_delta(page, base, 2048);
	ck_assert_int_eq(acquired(), 0);
	pinpage_unpin_user_page(page);
	pinpage_unpin_user_page(page);
	assert_delta(page, base, 0);
	ck_assert_int_eq(released(), 2);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
}
END_TEST

START_TEST(add_pins_counts_them)
{
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 3), 0);
	assert_delta(page, base, 4096);
	ck_assert_int_eq(acquired(), 3);
	pinpage_unpin_user_folio(folio, 4);
	assert_delta(page, base, 0);
	ck_assert_int_eq(released(), 4);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
}
END_TEST

START_TEST(unpinned_folio_warns_and_is_pinned)
{
	pinpage_unpin_user_page(page);
	pinpage_folio_add_pin(folio);
	ck_assert_uint_eq(pp_warn_count(), 1);
	assert_delta(page, base, 1024);
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(add_pins_overflow_enomem)
{
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 1048576), 0);
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 1048576), 0);
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 1), -ENOMEM);
	ck_assert(pinpage_page_maybe_dma_pinned(page));
	pinpage_folio_add_pin(folio);
	ck_assert_int_eq(acquired(), 2097152);
	pinpage_unpin_user_folio(folio, 1048576);
	pinpage_unpin_user_folio(folio, 1048577);
	assert_delta(page, base, 0);
}
END_TEST

START_TEST(large_folio_counts_exactly)
{
	unsigned long addr = map(1024, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	struct page *sub;

	addr = ALIGN(addr, PMD_SIZE);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	put_byte(addr, 1);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &sub), 1);
	pinpage_folio_add_pin(pinpage_page_folio(sub));
	ck_assert_int_eq(pinpage_folio_add_pins(pinpage_page_folio(sub), 5),
			 0);
	ck_assert_int_eq(pinpage_head_compound_pincount(sub), 7);
	pinpage_unpin_user_folio(pinpage_page_folio(sub), 7);
	ck_assert_int_eq(pinpage_head_compound_pincount(sub), 0);
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(zero_page_counts_nothing)
{
	struct page *zero = pinpage_zero_page();
	int count = pinpage_page_count(zero);

	pinpage_folio_add_pin(pinpage_page_folio(zero));
	ck_assert_int_eq(pinpage_folio_add_pins(pinpage_page_folio(zero), 2),
			 0);
	ck_assert_int_eq(pinpage_page_count(zero), count);
	ck_assert_int_eq(acquired(), 0);
	for (int i = 0; i < 3; i++)
		pinpage_unpin_user_page(zero);
	ck_assert_int_eq(released(), 0);
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(bad_arguments_einval)
{
	pinpage_folio_add_pin(NULL);
	ck_assert_int_eq(pinpage_folio_add_pins(NULL, 1), -EINVAL);
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 0), -EINVAL);
	ck_assert_int_eq(pinpage_folio_add_pins(folio, 2097152), -EINVAL);
	pinpage_unpin_user_page(page);
}
END_TEST

START_TEST(not_booted_einval)
{
	pinpage_folio_add_pin(NULL);
	ck_assert_int_eq(pinpage_folio_add_pins(NULL, 1), -EINVAL);
}
END_TEST

static bool offered(const char *rules, const char *call)
{
	bool there;

	up(rules);
	there = pinpage_offers(call);
	down();
	return there;
}

START_TEST(offers_follow_the_rules)
{
	ck_assert(!offered("6.1", "folio_add_pin"));
	ck_assert(offered("6.5", "folio_add_pin"));
	ck_assert(!offered("6.12", "folio_add_pins"));
	ck_assert(offered("7.3", "folio_add_pins"));
	ck_assert(!offered("6.1", "iov_iter_extract_pages"));
	ck_assert(offered("6.5", "iov_iter_extract_pages"));
	ck_assert(!offered("6.5", "memfd_pin_folios"));
	ck_assert(offered("6.12", "memfd_pin_folios"));
}
END_TEST

Suite *add_pins_suite(void)
{
	Suite *suite = suite_create("add_pins");
	TCase *tc = tcase_create("7.3");

	tcase_add_checked_fixture(tc, up_7_3, down);
	tcase_add_test(tc, add_pin_counts_nothing);
	tcase_add_test(tc, add_pins_counts_them);
	tcase_add_test(tc, unpinned_folio_warns_and_is_pinned);
	tcase_add_test(tc, add_pins_overflow_enomem);
	tcase_add_test(tc, large_folio_counts_exactly);
	tcase_add_test(tc, zero_page_counts_nothing);
	tcase_add_test(tc, bad_arguments_einval);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, not_booted_einval);
	pp_test_add(suite, offers_follow_the_rules);
	return suite;
}
