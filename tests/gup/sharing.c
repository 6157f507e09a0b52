// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Zero page, fork, long-term placement: semantics Z01 to Z08, F01 to F08,
 * M11, U02 to U04.
 */
#include "suites.h"

#include "machine.h"

static struct page *pin(unsigned long addr, unsigned int flags)
{
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, flags, &page), 1);
	return page;
}

static void device_store(struct page *page, char byte)
{
	*(char *)page_address(page) = byte;
}

static unsigned char byte_in(struct mm_struct *where, unsigned long addr)
{
	unsigned char byte;

	ck_assert_int_eq(pinpage_load(where, addr, &byte, 1), 0);
	return byte;
}

START_TEST(zero_page_exempt)
{
	unsigned long addr, base;
	struct page *page;

	up("6.1");
	addr = anon(1, false);
	ck_assert_uint_eq(get_byte(addr), 0);
	base = (unsigned long)page_count(ZERO_PAGE(0));
	page = pin(addr, 0);
	ck_assert(is_zero_page(page));
	ck_assert_int_eq(page_count(page), (int)base);
	ck_assert_int_eq(acquired(), 0);
	unpin_user_page(page);
	ck_assert_int_eq(released(), 0);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, &page), 1);
	ck_assert_int_eq(page_count(page), (int)base + 1);
	put_page(page);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, &page), 0);
	down();
}
END_TEST

START_TEST(zero_page_counted_5_7)
{
	struct page *page;
	int base;

	up("5.7");
	base = page_count(ZERO_PAGE(0));
	page = pin(anon(1, false), 0);
	ck_assert_int_eq(page_count(page), base + 1024);
	ck_assert_int_eq(acquired(), 1);
	unpin_user_page(page);
	ck_assert_int_eq(page_count(page), base);
	down();
}
END_TEST

START_TEST(zero_page_goes_stale)
{
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(1, false);
	page = pin(addr, 0);
	put_byte(addr, 9);
	ck_assert_ptr_ne(page_at(addr), page);
	ck_assert_int_eq(*(char *)page_address(page), 0);
	unpin_user_page(page);
	down();
}
END_TEST

static void read_longterm(const char *rules, bool zero)
{
	struct page *page;

	up(rules);
	page = pin(anon(1, false), FOLL_LONGTERM);
	ck_assert_int_eq(is_zero_page(page), zero);
	ck_assert_int_eq(PageAnonExclusive(page), !zero);
	unpin_user_page(page);
	down();
}

START_TEST(read_longterm_6_1_zero_page) { read_longterm("6.1", true); } END_TEST
START_TEST(read_longterm_6_5_unshares) { read_longterm("6.5", false); } END_TEST

/* F01, F03 */
START_TEST(fork_copies_pinned)
{
	struct mm_struct *child;
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(1, true);
	put_byte(addr, 5);
	page = pin(addr, FOLL_WRITE);
	child = pinpage_fork_mm(mm);
	ck_assert_ptr_eq(page_at(addr), page);
	ck_assert_ptr_ne(pinpage_peek_page(child, addr, NULL), page);
	ck_assert(PageAnonExclusive(page));
	device_store(page, 6);
	ck_assert_uint_eq(get_byte(addr), 6);
	ck_assert_uint_eq(byte_in(child, addr), 5);
	unpin_user_page(page);
	mmput(child);
	down();
}
END_TEST

/* F02 */
START_TEST(fork_diverges_with_get)
{
	struct mm_struct *child;
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(1, true);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	child = pinpage_fork_mm(mm);
	put_byte(addr, 1);
	ck_assert_ptr_ne(page_at(addr), page);
	device_store(page, 99);
	ck_assert_uint_eq(get_byte(addr), 1);
	put_page(page);
	mmput(child);
	down();
}
END_TEST

static void refs(struct page *page, int n)
{
	for (; n > 0; n--)
		get_page(page);
	for (; n < 0; n++)
		put_page(page);
}

/* F04, F05: 1024 plain references are copied only once the mm has pinned */
static void false_positive(bool marked)
{
	struct mm_struct *child;
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(1, true);
	page = page_at(addr);
	if (marked)
		unpin_user_page(pin(addr, FOLL_WRITE));
	refs(page, 1024);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_peek_page(child, addr, NULL) == page,
			 !marked);
	put_byte(addr, 1);
	ck_assert_int_eq(page_at(addr) == page, marked);
	refs(page, -1024);
	mmput(child);
	down();
}

START_TEST(unmarked_false_positive_shared) { false_positive(false); } END_TEST
START_TEST(marked_false_positive_copied) { false_positive(true); } END_TEST

/* F06, F07, F08 */
START_TEST(read_pin_unshares)
{
	struct mm_struct *child;
	unsigned long addr;
	struct page *shared, *page;

	up("6.1");
	addr = anon(1, true);
	shared = page_at(addr);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, &page), 0);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, &page), 1);
	ck_assert_ptr_eq(page, shared);
	put_page(page);
	page = pin(addr, 0);
	ck_assert_ptr_ne(page, shared);
	ck_assert(PageAnonExclusive(page));
	put_byte(addr, 44);
	ck_assert_int_eq(*(char *)page_address(page), 44);
	unpin_user_page(page);
	mmput(child);
	down();
}
END_TEST

START_TEST(read_pin_goes_stale_5_7)
{
	struct mm_struct *child;
	unsigned long addr;
	struct page *shared, *page;

	up("5.7");
	addr = anon(1, true);
	shared = page_at(addr);
	child = pinpage_fork_mm(mm);
	page = pin(addr, 0);
	ck_assert_ptr_eq(page, shared);
	unpin_user_page(page);
	mmput(child);
	down();
}
END_TEST

/* M11: FOLL_LONGTERM in a zone that must stay movable, held by another */
START_TEST(longterm_in_movable_enomem)
{
	unsigned long addr;
	struct page *first, *p[2] = { NULL, NULL };

	up_zones("6.1", 1024, 512);
	addr = anon(1, true);
	ck_assert(!is_longterm_pinnable_page(page_at(addr)));
	first = pin(addr, FOLL_WRITE);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1,
					     FOLL_WRITE | FOLL_LONGTERM, p),
			 -ENOMEM);
	ck_assert_ptr_null(p[0]);
	ck_assert(page_maybe_dma_pinned(first));
	unpin_user_page(first);
	down();
}
END_TEST

/* U02, U03, U04 */
START_TEST(dontneed_diverges)
{
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(1, true);
	put_byte(addr, 3);
	page = pin(addr, FOLL_WRITE);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(get_byte(addr), 0);
	ck_assert_int_eq(*(char *)page_address(page), 3);
	unpin_user_page(page);
	down();
}
END_TEST

START_TEST(mremap_keeps_the_page)
{
	unsigned long addr;
	struct page *page;
	long moved;

	up("6.1");
	addr = anon(1, true);
	page = pin(addr, FOLL_WRITE);
	moved = pinpage_mremap(addr, PAGE_SIZE, PAGE_SIZE,
			       MREMAP_MAYMOVE | MREMAP_FIXED,
			       addr + 64 * PAGE_SIZE);
	ck_assert_int_eq(moved, (long)(addr + 64 * PAGE_SIZE));
	device_store(page, 12);
	ck_assert_uint_eq(get_byte((unsigned long)moved), 12);
	unpin_user_page(page);
	down();
}
END_TEST

START_TEST(mprotect_leaves_the_pin)
{
	unsigned long addr;
	struct page *page, *again;

	up("6.1");
	addr = anon(1, true);
	page = pin(addr, FOLL_WRITE);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	device_store(page, 13);
	ck_assert_uint_eq(get_byte(addr), 13);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &again),
			 -EFAULT);
	unpin_user_page(page);
	down();
}
END_TEST

Suite *sharing_suite(void)
{
	Suite *suite = suite_create("sharing");

	pp_test_add(suite, zero_page_exempt);
	pp_test_add(suite, zero_page_counted_5_7);
	pp_test_add(suite, zero_page_goes_stale);
	pp_test_add(suite, read_longterm_6_1_zero_page);
	pp_test_add(suite, read_longterm_6_5_unshares);
	pp_test_add(suite, fork_copies_pinned);
	pp_test_add(suite, fork_diverges_with_get);
	pp_test_add(suite, unmarked_false_positive_shared);
	pp_test_add(suite, marked_false_positive_copied);
	pp_test_add(suite, read_pin_unshares);
	pp_test_add(suite, read_pin_goes_stale_5_7);
	pp_test_add(suite, longterm_in_movable_enomem);
	pp_test_add(suite, dontneed_diverges);
	pp_test_add(suite, mremap_keeps_the_page);
	pp_test_add(suite, mprotect_leaves_the_pin);
	return suite;
}
