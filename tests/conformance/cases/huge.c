// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * huge.c - large folios (semantics 6.5)
 */
#include "help.h"

static unsigned long thp(void)
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	return a;
}

static long maybes(struct hold h)
{
	long i, n = 0;

	for (i = 0; i < h.ret; i++)
		n += k_info(k_page(h, i)).maybe;
	return n;
}

CASE(H01, .rules = "5.7-", .needs = NEED_THP,
     .title = "a huge page, pinned whole")
{
	unsigned long a = thp();
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = pin_fast(a, SUB, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("pins", k_info(k_at(a)).pins);
	say("acq", k_acq() - acq);
	say("maybe", maybes(h));
}

CASE(H02, .rules = "5.7-", .needs = NEED_THP,
     .title = "one more pin of a part of it")
{
	unsigned long a = thp();
	long base;

	pin_fast(a, SUB, FOLL_WRITE);
	base = k_ref(k_at(a));
	say_ret("ret", pin_slow(a + 7 * PAGE, 1, FOLL_WRITE).ret);
	say("pins", k_info(k_at(a)).pins);
	say("ref", k_ref(k_at(a)) - base);
}

CASE(H03, .rules = "5.19-", .needs = NEED_THP,
     .title = "release of the range that it is")
{
	unsigned long a = thp();
	struct hold h = pin_fast(a, SUB, FOLL_WRITE);
	long rel = k_rel();

	say_ret("unpin", unpin_range(h, SUB, true));
	say("pins", k_info(k_at(a)).pins);
	say("maybe", k_info(k_at(a)).maybe);
	say("dirty", k_info(k_at(a)).dirty);
	say("rel", k_rel() - rel);
}

CASE(H04, .rules = "5.7-", .needs = NEED_THP,
     .title = "a pin of a part answers for the whole")
{
	unsigned long a = thp();
	struct hold h = pin_fast(a + 3 * PAGE, 1, FOLL_WRITE);

	say("maybe", k_info(k_at(a + 100 * PAGE)).maybe);
	unpin(h);
	say("after", k_info(k_at(a + 100 * PAGE)).maybe);
}

CASE(H05, .rules = "5.7-", .needs = NEED_THP,
     .title = "a pin keeps the whole folio")
{
	unsigned long a = thp();
	struct hold h;

	u_put(a + 9 * PAGE, 9);
	h = pin_fast(a + 9 * PAGE, 1, FOLL_WRITE);
	u_munmap(a, HUGE / 2);
	say("order_part", k_info(k_page(h, 0)).order);
	u_munmap(a + HUGE / 2, HUGE / 2);
	say("order", k_info(k_page(h, 0)).order);
	say("pins", k_info(k_page(h, 0)).pins);
	say("ref", k_info(k_page(h, 0)).ref);
	say("byte", d_get(h, 0));
}

CASE(H06, .rules = "5.7-", .needs = NEED_THP,
     .title = "FOLL_SPLIT_PMD splits the mapping, not the folio")
{
	unsigned long a = thp();
	struct hold h = pin_slow(a, 2, FOLL_WRITE | FOLL_SPLIT_PMD);

	say_ret("ret", h.ret);
	say("order", k_info(k_page(h, 0)).order);
	say("pins", k_info(k_page(h, 0)).pins);
	say("level", k_peek(a).level);
}

CASE(H07, .rules = "5.7-", .needs = NEED_THP | NEED_HWPOISON,
     .boot = BOOT_LAST, .title = "a pinned huge page is not taken offline")
{
	unsigned long a = thp();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("offline", u_madvise(a + 5 * PAGE, PAGE, MADV_SOFT_OFFLINE));
	say("order", k_info(k_page(h, 0)).order);
	say("same", same(a, h, 0));
	say("byte", u_get(a));
}

CASE(H08, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "pages from the middle of a hugetlb page")
{
	unsigned long a = u_hugetlb(1);
	long base, acq;
	struct hold h;

	u_put(a, 1);
	base = k_ref(k_at(a));
	acq = k_acq();
	h = pin_fast(a + 100 * PAGE, 5, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("pins", k_info(k_at(a)).pins);
	say("acq", k_acq() - acq);
}

CASE(H09, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "a whole hugetlb page, slowly")
{
	unsigned long a = u_hugetlb(1);
	struct hold h;

	u_put(a, 1);
	h = pin_slow(a, SUB, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("pins", k_info(k_at(a)).pins);
}

CASE(H10, .rules = "5.7-", .needs = NEED_MODEL,
     .why = "no way for a user to get a folio of order 1",
     .title = "an order-1 folio: bias up to 5.17, exact count from 5.18")
{
	struct hold h = m_folio(1);
	struct pginfo info = k_info(k_page(h, 0));
	long ref = info.ref;

	must(info.order == 1);
	must(!m_pin_page(h, 0));
	info = k_info(k_page(h, 0));
	say("ref", info.ref - ref);
	say("maybe", info.maybe);
	if (rules_until("5.17")) {
		must(info.ref - ref == 1024 && info.pins == 0);
	} else {
		must(info.ref - ref == 1 && info.pins == 1);
	}
	k_unpin_extra(h, 0);
	must(k_ref(k_page(h, 0)) == ref);
	must(!k_info(k_page(h, 0)).maybe);
}
