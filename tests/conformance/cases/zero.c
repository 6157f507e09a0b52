// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * zero.c - the zero page (semantics 6.2)
 */
#include "../case.h"

static unsigned long untouched_read(void)
{
	unsigned long a = u_anon(1);

	u_get(a);
	return a;
}

CASE(Z01, .rules = "6.1,6.5-", .title = "the zero page is not pinned")
{
	unsigned long a = untouched_read();
	pg_t zero = k_at(a);
	long base = k_ref(zero), acq = k_acq(), rel = k_rel();
	struct hold h = pin_fast(a, 1, FOLL_READ);

	say_ret("ret", h.ret);
	say("zero", k_info(k_page(h, 0)).zero);
	say("ref", k_ref(zero) - base);
	say("maybe", k_info(zero).maybe);
	say("acq", k_acq() - acq);
	unpin(h);
	say("rel", k_rel() - rel);
}

CASE(Z02, .rules = "all", .title = "a plain reference on the zero page counts")
{
	unsigned long a = untouched_read();
	pg_t zero = k_at(a);
	long base = k_ref(zero);
	struct hold h = get_fast(a, 1, FOLL_READ);

	say_ret("ret", h.ret);
	say("zero", k_info(k_page(h, 0)).zero);
	say("ref", k_ref(zero) - base);
	put(h);
	say("after", k_ref(zero) - base);
}

CASE(Z03, .rules = "5.7-5.19", .needs = NEED_MODEL, .why = "other release",
     .title = "before 6.5 the zero page is pinned like any other")
{
	unsigned long a = untouched_read();
	pg_t zero = k_at(a);
	long base = k_ref(zero);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	must(h.ret == 1 && k_info(k_page(h, 0)).zero);
	must(k_ref(zero) - base == 1024);
	must(k_info(zero).maybe);
	unpin(h);
	must(k_ref(zero) == base);
}

CASE(Z04, .rules = "5.7-", .title = "a read pin of the zero page goes stale")
{
	unsigned long a = untouched_read();
	struct hold h = pin_fast(a, 1, FOLL_READ);

	u_put(a, 7);
	say("pin", d_get(h, 0));
	say("process", u_get(a));
	say("same", k_at(a) == k_page(h, 0));
}

CASE(Z05, .rules = "6.1,6.5-", .boot = BOOT_LAST,
     .title = "a dirty release dirties the zero page for good")
{
	unsigned long a = untouched_read();
	pg_t zero = k_at(a);
	long base = k_ref(zero);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	unpin_dirty(h, true);
	say("dirty", k_info(zero).dirty);
	say("ref", k_ref(zero) - base);
	say("zero", d_get(pin_fast(a, 1, FOLL_READ), 0));
}

CASE(Z06, .rules = "5.7-", .title = "read + long-term of untouched memory")
{
	unsigned long a = u_anon(1);
	struct hold h = pin_fast(a, 1, FOLL_READ | FOLL_LONGTERM);
	struct pginfo info = k_info(k_page(h, 0));

	say_ret("ret", h.ret);
	say("zero", info.zero);
	say("exclusive", info.exclusive);
	say("maybe", info.maybe);
}

CASE(Z07, .rules = "5.7-", .needs = NEED_THP,
     .title = "the huge zero page is pinned like any folio")
{
	unsigned long a = u_thp(1);
	long acq = k_acq(), pins;
	struct hold h;

	u_get(a);
	pins = k_info(k_at(a)).pins;
	say("huge", k_info(k_at(a)).huge_zero);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("zero", k_info(k_page(h, 0)).zero);
	say("pins", k_info(k_page(h, 0)).pins - pins);
	say("acq", k_acq() - acq);
}

CASE(Z08, .rules = "5.7-", .title = "the fast walk never returns the zero page")
{
	unsigned long a = untouched_read();

	if (rules_until("6.2"))
		say_ret("pin", pin_fast_only(a, 1, FOLL_READ).ret);
	say_ret("get", get_fast_only(a, 1, FOLL_READ).ret);
}
