// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * counting.c - what an acquire adds and a release takes (semantics 6.1)
 */
#include "../case.h"

/* Reference count of what @a maps, relative to @base. */
static long delta(unsigned long a, long base)
{
	return k_ref(k_at(a)) - base;
}

CASE(C01, .rules = "5.7-", .title = "a pin adds 1024 and is counted")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("ref", delta(a, base));
	say("maybe", k_info(k_page(h, 0)).maybe);
	say("acq", k_acq() - acq);
	say("same", k_at(a) == k_page(h, 0));
}

CASE(C02, .rules = "5.7-", .title = "a batch of pins and its release")
{
	unsigned long a = u_anon_w(4);
	long base[4], acq = k_acq(), rel = k_rel(), off = 0, maybe = 0, i;
	struct hold h;

	for (i = 0; i < 4; i++)
		base[i] = k_ref(k_at(a + i * PAGE));
	h = pin_fast(a, 4, FOLL_WRITE);
	say_ret("ret", h.ret);
	say_ret("unpin", unpin(h));
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
	for (i = 0; i < 4; i++) {
		off += delta(a + i * PAGE, base[i]);
		maybe += k_info(k_at(a + i * PAGE)).maybe;
	}
	say("ref", off);
	say("maybe", maybe);
}

CASE(C03, .rules = "5.7-", .title = "every way to pin adds the same")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a));
	struct hold h[5];
	int i, n = rules_from("6.3") ? 4 : 5;

	h[0] = pin_slow(a, 1, FOLL_WRITE);
	h[1] = pin_unlocked(a, 1, FOLL_WRITE);
	h[2] = pin_remote(0, a, 1, FOLL_WRITE);
	h[3] = pin_remote_locked(0, a, 1, FOLL_WRITE);
	if (n == 5)
		h[4] = pin_fast_only(a, 1, FOLL_WRITE);
	say("ref", delta(a, base));
	say("locked", h[3].locked);
	for (i = 0; i < n; i++) {
		must(h[i].ret == 1);
		unpin_nth(h[i], 0);
	}
	say("after", delta(a, base));
}

CASE(C04, .rules = "all", .title = "a plain reference is not a pin")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = get_fast(a, 1, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("ref", delta(a, base));
	say("maybe", k_info(k_page(h, 0)).maybe);
	say("acq", k_acq() - acq);
	put(h);
	say("after", delta(a, base));
}

CASE(C05, .rules = "5.7-", .title = "pin and get on one page")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a));
	struct hold p = pin_fast(a, 1, FOLL_WRITE);
	struct hold g = get_fast(a, 1, FOLL_WRITE);

	say("both", delta(a, base));
	put(g);
	say("pin", delta(a, base));
	g = get_fast(a, 1, FOLL_WRITE);
	unpin(p);
	say("get", delta(a, base));
	put(g);
	say("none", delta(a, base));
}

CASE(C06, .rules = "5.7-", .title = "1024 plain references look like a pin")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	long n = 1023 - k_ref(page);

	k_refs(page, n);
	say("maybe1023", k_info(page).maybe);
	k_refs(page, 1);
	say("maybe1024", k_info(page).maybe);
	k_refs(page, -1);
	say("maybe", k_info(page).maybe);
	k_refs(page, -n);
}

CASE(C07, .rules = "5.2-5.6", .needs = NEED_MODEL, .why = "other release",
     .title = "a placeholder pin is a plain reference")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq = k_acq();
	bool pins = rules_from("5.6");
	struct hold h = pins ? pin_slow(a, 1, FOLL_WRITE) :
			       get_slow(a, 1, FOLL_WRITE);

	must(h.ret == 1);
	say("ref", delta(a, base));
	must(delta(a, base) == 1);
	must(k_acq() == acq);
	must(!k_info(k_page(h, 0)).maybe);
	must(!k_release(h, 0, 1, pins ? UNPIN_PAGE : PUT_USER_PAGE, false));
	must(delta(a, base) == 0);
}

#define MIXED	"put-page-on-gup-page"

CASE(C08, .rules = "5.2-5.4", .needs = NEED_MODEL, .why = "other release",
     .title = "put_user_page() and put_page() do the same")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), mixed = m_verdicts(MIXED);
	struct hold h = get_fast(a, 1, FOLL_WRITE);

	must(!k_release(h, 0, 1, PUT_USER_PAGE, false));
	must(delta(a, base) == 0);
	must(m_verdicts(MIXED) == mixed);
	h = get_fast(a, 1, FOLL_WRITE);
	must(!k_release(h, 0, 1, PUT_PAGE, false));
	must(delta(a, base) == 0);
	say("mixed", m_verdicts(MIXED) - mixed);
}

#define MOST_PINS	2097152L	/* of one page */

CASE(C09, .rules = "5.7-", .secs = 300, .boot = BOOT_LAST,
     .title = "one page takes 2097152 pins and no more")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	long base = k_ref(page), done = 0, batch = 1 << 16, i;
	static struct hold h[MOST_PINS >> 16];
	struct hold more;

	for (i = 0; i < MOST_PINS / batch; i++) {
		h[i] = k_pin_many(a, batch);
		done += h[i].ret > 0 ? h[i].ret : 0;
	}
	say("pins", done);
	more = pin_fast(a, 1, FOLL_WRITE);
	say_ret("more", more.ret);
	say("maybe", k_info(page).maybe);
	say("ref", k_ref(page) - base + (1L << 31));
	for (i = 0; i < MOST_PINS / batch; i++)
		unpin(h[i]);
	say("after", k_ref(page) - base);
}

CASE(C10, .rules = "5.7-", .boot = BOOT_LAST,
     .title = "put_page() on a pin leaks 1023 references")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	long base = k_ref(page), rel = k_rel();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	put(h);
	say("ref", k_ref(page) - base);
	say("maybe", k_info(page).maybe);
	say("rel", k_rel() - rel);
	k_refs(page, -1023);
}

CASE(C11, .rules = "5.7-", .title = "one page through two addresses")
{
	int fd = f_memfd(1, 0);
	unsigned long a = u_map(fd, 1), b = u_map(fd, 1);
	long base, acq = k_acq();
	struct hold h, i;

	u_put(a, 1);
	u_put(b + 1, 2);
	base = k_ref(k_at(a));
	h = pin_fast(a, 1, FOLL_WRITE);
	i = pin_fast(b, 1, FOLL_WRITE);
	say("same", k_page(h, 0) == k_page(i, 0));
	say("ref", delta(a, base));
	say("acq", k_acq() - acq);
}

CASE(C12, .rules = "5.7-", .title = "an address inside the page will do")
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 2, FOLL_WRITE);
	struct hold i = pin_fast(a + 123, 2, FOLL_WRITE);

	say_ret("ret", i.ret);
	say("same", k_page(h, 0) == k_page(i, 0) && k_page(h, 1) == k_page(i, 1));
}

CASE(C13, .rules = "5.19-", .title = "MMF_HAS_PINNED: set by a pin, not inherited")
{
	unsigned long a = u_anon_w(1);

	say("before", k_has_pinned(0));
	pin_fast(a, 1, FOLL_WRITE);
	say("after", k_has_pinned(0));
	say("child", k_has_pinned(u_fork()));
}

CASE(C14, .rules = "5.19-", .title = "release of a range, dirty")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a));
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("unpin", unpin_range(h, 1, true));
	say("dirty", k_info(k_at(a)).dirty);
	say("maybe", k_info(k_at(a)).maybe);
	say("ref", delta(a, base));
}

CASE(C15, .rules = "5.7-", .title = "releasing nothing is nothing")
{
	long acq = k_acq(), rel = k_rel();

	say_ret("pages", k_release_raw(UNPIN_PAGES, 0, false));
	say_ret("dirty", k_release_raw(UNPIN_PAGES_DIRTY_LOCK, 0, true));
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
}

CASE(C16, .rules = "5.10-", .title = "an errno as count releases nothing")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	long base = k_ref(page), rel = k_rel();

	say_ret("call", k_release_count(h, UNPIN_PAGES, (unsigned long)-EFAULT));
	say("ref", k_ref(page) - base);
	say("rel", k_rel() - rel);
}

CASE(C17, .rules = "5.7-", .title = "statistics are exact after a refresh")
{
	unsigned long a = u_anon_w(4);
	long acq = k_acq(), raw;
	struct hold h = pin_fast(a, 4, FOLL_WRITE);

	raw = k_acq_raw() - acq;
	must(raw >= 0 && raw <= 4);
	say("acq", k_acq() - acq);
	unpin(h);
}

CASE(C18, .rules = "6.12-", .needs = NEED_MODEL,
     .why = "folio_add_pin() is not exported",
     .title = "folio_add_pin() is not counted as acquired")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq = k_acq(), rel = k_rel();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	must(!k_add_pins(h, 0, 0));
	must(delta(a, base) == 2048);
	must(k_acq() - acq == 1);
	must(!unpin_nth(h, 0));
	must(!k_unpin_extra(h, 0));
	must(delta(a, base) == 0);
	must(k_rel() - rel == 2);
}

CASE(C19, .rules = "7.3-", .needs = NEED_MODEL, .why = "newer release",
     .title = "folio_add_pins() is counted")
{
	unsigned long a = u_anon_w(1);
	long base = k_ref(k_at(a)), acq, i;
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	acq = k_acq();
	must(k_add_pins(h, 0, 3) == 0);
	must(k_acq() - acq == 3);
	must(delta(a, base) == 4 * 1024);
	say("acq", k_acq() - acq);
	say("ref", delta(a, base));
	for (i = 0; i < 3; i++)
		k_unpin_extra(h, 0);
	unpin(h);
	must(delta(a, base) == 0);
}
