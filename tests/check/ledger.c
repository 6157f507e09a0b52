// SPDX-License-Identifier: LGPL-2.1-or-later
/* The ledger: what fires, with both sites, and what stays silent. */
#include "machine.h"
#include "suites.h"

#include "event/event.h"

#define HERE "ledger.c"

static void plain(const char *rules)
{
	up_plain(rules, PINPAGE_ENGINE_NATIVE);
}

START_TEST(matched_calls_silent)
{
	unsigned long at, i;
	struct page *pages[8];
	struct page *page;

	plain("6.1");
	at = anon(8);
	ck_assert_int_eq(pinpage_pin_user_pages_fast(at, 8, PINPAGE_FOLL_WRITE,
						     pages), 8);
	pinpage_unpin_user_pages(pages, 8);
	ck_assert_int_eq(pinpage_get_user_pages_fast(at, 8, 0, pages), 8);
	for (i = 0; i < 8; i++)
		pinpage_put_page(pages[i]);
	page = pinpage_alloc_pages(0, 3);
	pinpage_get_page(page);
	pinpage_put_page(page);
	pinpage_free_pages(page, 3);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
	quiet();
	down();
	quiet();
}
END_TEST

static void report_names(const struct pinpage_verdict *verdict,
			 const char *one, const char *two)
{
	char *text = NULL;
	size_t size, lines = 0, i;
	FILE *out = open_memstream(&text, &size);

	pinpage_check_print(out, verdict);
	fclose(out);
	for (i = 0; i < size; i++)
		lines += text[i] == '\n';
	ck_assert_uint_le(lines, 25);
#ifdef HAVE_LIBDW
	ck_assert_msg(strstr(text, one) && strstr(text, two), "%s", text);
#endif
	free(text);
}

/* its page cannot be used any more, but the machine goes down */
START_TEST(page_of_a_file_unpinned_twice_named)
{
	struct page *page;

	up("6.1");
	cpu_store(addr, 'b');
	page = pin_at(addr);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	pinpage_unpin_user_page(page);
	expect("released-twice", PINPAGE_LOST, 1);
	report_names(pinpage_check_find("released-twice"),
		     ": released before, here\n",
		     "(pin_at): acquired here\n");
	down_leaving(1);
}
END_TEST

START_TEST(unpin_twice_named)
{
	struct page *page, *again;

	plain("6.1");
	page = pin_at(anon(1));
	again = page;
	pinpage_get_page(page);
	pinpage_unpin_user_page(page);
	ck_assert_uint_eq(pinpage_ledger_live(), 1);
	pinpage_put_page(page);
	pinpage_unpin_user_page(again);
	sites_in(expect("released-twice", PINPAGE_LOST, 1), HERE, HERE);
	pinpage_check_clear();
}
END_TEST

START_TEST(put_twice_of_a_free_page_named)
{
	struct page *page;

	plain("6.1");
	page = pinpage_alloc_pages(0, 0);
	pinpage_put_page(page);
	pinpage_put_page(page);
	sites_in(expect("released-twice", PINPAGE_LOST, 1), HERE, HERE);
	down();
}
END_TEST

START_TEST(put_user_page_twice_named)
{
	struct page *page;

	plain("5.4");
	page = get_at(anon(1));
	pinpage_put_user_page(page);
	pinpage_get_page(page);
	pinpage_put_page(page);
	quiet();
	pinpage_put_user_page(page);
	sites_in(expect("released-twice", PINPAGE_LOST, 1), HERE, HERE);
}
END_TEST

START_TEST(put_page_on_pin_named)
{
	const struct pinpage_verdict *v;
	struct page *page;

	plain("6.1");
	page = pin_at(anon(1));
	pinpage_put_page(page);
	v = expect("put-page-on-pin", PINPAGE_LOST, 1);
	sites_in(v, HERE, "machine.c");
	ck_assert_str_eq(v->rule_switch, "pin_tracking");
	ck_assert_int_eq(v->probe, PINPAGE_CHECK_LEDGER);
	ck_assert_ptr_nonnull(strstr(v->detail, "token    pin"));
	ck_assert_ptr_nonnull(strstr(v->advice, "unpin_user_page"));
	ck_assert_uint_eq(v->pfn, pinpage_page_to_pfn(page));
}
END_TEST

START_TEST(unpin_on_get_named)
{
	struct page *page;

	plain("6.1");
	page = pinpage_alloc_pages(0, 0);
	pinpage_pin_page(page);
	pinpage_pin_page(page);
	pinpage_unpin_user_page(page);
	quiet();
	pinpage_unpin_user_page(page);
	pinpage_pin_page(page);
	pinpage_check_clear();
	/* the reference is all that is left to release */
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_UNPIN, .page = page, .nr = 1,
		.site = pinpage_unpin_user_page });
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_UNPIN, .page = page, .nr = 1,
		.site = pinpage_put_page });
	expect("unpin-on-get", PINPAGE_LOST, 1);
}
END_TEST

START_TEST(put_user_page_after_gup_silent)
{
	struct page *page;

	plain("5.2");
	page = get_at(anon(1));
	pinpage_put_user_page(page);
	page = get_at(anon(1));
	pinpage_put_page(page);
	ck_assert_int_eq(pinpage_pin_page(page), 0);
	pinpage_put_user_page(page);
	quiet();
	down();
}
END_TEST

START_TEST(put_page_after_gup_strict_hazard)
{
	struct page *page;

	plain("5.2");
	pp_check_strict = true;
	page = get_at(anon(1));
	pinpage_put_page(page);
	sites_in(expect("put-page-on-gup-page", PINPAGE_HAZARD, 1), HERE,
		 "machine.c");
	down();
}
END_TEST

START_TEST(more_than_held_named)
{
	const struct pinpage_verdict *v;
	struct page *page;

	plain("6.12");
	page = pin_at(anon(1));
	pinpage_get_page(page);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_UNPIN, .page = page, .nr = 3,
		.flags = PINPAGE_EVF_FOLIO, .site = pinpage_unpin_user_page });
	v = expect("unpin-on-get", PINPAGE_LOST, 1);
	ck_assert_ptr_nonnull(v->site[1]);
	pinpage_check_clear();
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_PIN, .page = page, .nr = 2,
		.flags = PINPAGE_EVF_FOLIO, .site = pinpage_pin_page });
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_UNPIN, .page = page, .nr = 3,
		.flags = PINPAGE_EVF_FOLIO, .site = pinpage_unpin_user_page });
	v = expect("released-too-many", PINPAGE_LOST, 1);
	ck_assert_ptr_eq(v->site[1], pinpage_pin_page);
}
END_TEST

START_TEST(never_acquired_named)
{
	const struct pinpage_verdict *v;
	struct page *page;

	plain("6.1");
	page = pinpage_peek_page(mm, anon(1), NULL);
	pinpage_unpin_user_page(page);
	v = expect("released-never-acquired", PINPAGE_LOST, 1);
	ck_assert_ptr_nonnull(v->site[0]);
	ck_assert_ptr_null(v->site[1]);
}
END_TEST

START_TEST(free_under_token_named)
{
	struct page *page;

	plain("6.1");
	page = pinpage_alloc_pages(0, 0);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_FREE, .page = page, .nr = 1,
		.site = pinpage_free_pages });
	expect("freed-under-token", PINPAGE_LOST, 1);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
}
END_TEST

START_TEST(folio_any_page_may_be_named)
{
	struct page *page, *pages[512];
	unsigned long i;

	plain("6.12");
	page = pinpage_alloc_pages(PINPAGE_GFP_COMP, 9);
	for (i = 0; i < 512; i++)
		pages[i] = page + i;
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_PIN, .page = page, .pages = pages,
		.nr = 512, .flags = PINPAGE_EVF_GUP });
	ck_assert_uint_eq(pinpage_ledger_live(), 513);
	for (i = 0; i < 512; i++)
		pages[i] = page + 7;
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_UNPIN, .page = page + 7, .pages = pages,
		.nr = 512 });
	ck_assert_uint_eq(pinpage_ledger_live(), 1);
	pinpage_put_page(page + 3);
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(page_cache_lookup_balanced)
{
	struct page *page;

	up("6.1");
	page = pinpage_find_get_page(pinpage_file_mapping(file), 0);
	ck_assert_ptr_nonnull(page);
	pinpage_put_page(page);
	quiet();
	pinpage_find_get_page(pinpage_file_mapping(file), 0);
	pinpage_put_page(page);
	quiet();
	down();
}
END_TEST

START_TEST(tokens_are_counted)
{
	struct pinpage_tokens tokens;
	struct page *page;

	plain("6.1");
	page = pin_at(anon(1));
	pinpage_get_page(page);
	ck_assert_int_eq(pinpage_ledger_tokens(page, &tokens), 0);
	ck_assert_uint_eq(tokens.gets, 1);
	ck_assert_uint_eq(tokens.pins, 1);
	ck_assert_uint_eq(tokens.pins_write, 1);
	ck_assert_uint_eq(tokens.pins_longterm, 0);
	pinpage_put_page(page);
	pinpage_unpin_user_page(page);
	down();
}
END_TEST

START_TEST(tokens_bad_args_einval)
{
	struct pinpage_tokens tokens;

	plain("6.1");
	ck_assert_int_eq(pinpage_ledger_tokens(NULL, &tokens), -EINVAL);
	ck_assert_int_eq(pinpage_ledger_tokens(pinpage_zero_page(), NULL),
			 -EINVAL);
	down();
}
END_TEST

START_TEST(own_token_goes_first)
{
	struct page *page;
	const struct pinpage_verdict *v;

	plain("6.1");
	page = pin_at(anon(1));
	pinpage_pin_page(page);
	pinpage_unpin_user_page(page);
	pinpage_unpin_user_page(page);
	quiet();
	pinpage_pin_page(page);
	pinpage_put_page(page);
	v = expect("put-page-on-pin", PINPAGE_LOST, 1);
	sites_in(v, HERE, HERE);
}
END_TEST

/* what cannot be recorded is neither a leak nor one release too many */
static void no_memory_for(unsigned long nth)
{
	unsigned long before, at;
	struct page *one, *two;

	plain("6.1");
	at = anon(1);
	one = pin_at(at);
	before = pinpage_warnings();
	pinpage_inject_alloc(nth);
	two = pin_at(at);
	pinpage_inject_alloc(0);
	ck_assert_uint_eq(pinpage_ledger_live(), 1);
	ck_assert_uint_eq(pinpage_warnings(), before + 1);
	pinpage_unpin_user_page(two);
	pinpage_unpin_user_page(one);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
	quiet();
	down();
	quiet();
}

START_TEST(no_memory_for_a_record_goes_blind)
{
	no_memory_for(1);
}
END_TEST

START_TEST(no_memory_for_a_token_goes_blind)
{
	no_memory_for(2);
}
END_TEST

/* a reference that was missed may have been on any page of the folio */
START_TEST(pages_of_a_blind_folio_are_blind)
{
	unsigned long at;
	struct page *page;
	char byte = 1;

	plain("6.1");
	at = 0x40000000;
	ck_assert_int_eq(pinpage_mmap(at, 512 * PAGE_SIZE, PROT_READ | PROT_WRITE,
				      MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0),
			 (long)at);
	ck_assert_int_eq(pinpage_madvise(at, 512 * PAGE_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_store(pinpage_current_mm(), at, &byte, 1), 0);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_get_user_pages_fast(at + 16 * PAGE_SIZE, 1, 0, &page), 1);
	pinpage_inject_alloc(0);
	pinpage_lock_page(page);
	ck_assert_int_eq(pinpage_split_huge_page(page), 0);
	pinpage_unlock_page(page);
	pinpage_put_page(page);
	quiet();
	down();
	quiet();
}
END_TEST

Suite *ledger_suite(void)
{
	Suite *s = suite_create("check/ledger");

	pp_test_add(s, matched_calls_silent);
	pp_test_add(s, page_of_a_file_unpinned_twice_named);
	pp_test_add(s, unpin_twice_named);
	pp_test_add(s, put_twice_of_a_free_page_named);
	pp_test_add(s, put_user_page_twice_named);
	pp_test_add(s, put_page_on_pin_named);
	pp_test_add(s, unpin_on_get_named);
	pp_test_add(s, put_user_page_after_gup_silent);
	pp_test_add(s, put_page_after_gup_strict_hazard);
	pp_test_add(s, more_than_held_named);
	pp_test_add(s, never_acquired_named);
	pp_test_add(s, free_under_token_named);
	pp_test_add(s, folio_any_page_may_be_named);
	pp_test_add(s, page_cache_lookup_balanced);
	pp_test_add(s, tokens_are_counted);
	pp_test_add(s, tokens_bad_args_einval);
	pp_test_add(s, own_token_goes_first);
	pp_test_add(s, no_memory_for_a_record_goes_blind);
	pp_test_add(s, no_memory_for_a_token_goes_blind);
	pp_test_add(s, pages_of_a_blind_folio_are_blind);
	return s;
}
