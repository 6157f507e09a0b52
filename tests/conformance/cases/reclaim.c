// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * reclaim.c - reclaim, migration, KSM, offline (semantics 6.7)
 */
#include "help.h"

CASE(M01, .rules = "5.10-", .needs = NEED_SWAP,
     .title = "a pinned page is not swapped out")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("same", same(a, h, 0));
	say("swapcache", k_info(k_page(h, 0)).swapcache);
}

CASE(M02, .rules = "all", .needs = NEED_SWAP,
     .title = "a page with a plain reference is, and comes back the same")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);

	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("present", k_peek(a).present);
	say("swap", k_peek(a).swap);
	say("swapcache", k_info(k_page(h, 0)).swapcache);
	d_put(h, 1, 5);
	say("process", u_get(a + 1));
	say("same", same(a, h, 0));
}

CASE(M03, .rules = "5.7-", .title = "drop_caches leaves a pinned page alone")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_READ);
	u_drop_caches();
	say("same", same(a, h, 0));
	say("cached", k_cached(fd, 0, NULL));
	say("mapping", k_info(k_page(h, 0)).mapping);
}

CASE(M04, .rules = "6.1,6.4-", .title = "reclaim unmaps a pinned clean page, no more")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	f_fsync(fd);
	say("dirty", k_info(k_page(h, 0)).dirty);
	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("present", k_peek(a).present);
	say("private", k_info(k_page(h, 0)).private);
	say("cached", k_cached(fd, 0, NULL));
	say("byte", u_get(a));
	say("same", same(a, h, 0));
}

CASE(M05, .rules = "5.7-", .needs = NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a pinned page is not taken offline")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("pinned", u_madvise(a, PAGE, MADV_SOFT_OFFLINE));
	say("same", same(a, h, 0));
	unpin(h);
	say_ret("after", u_madvise(a, PAGE, MADV_SOFT_OFFLINE));
	say("moved", !same(a, h, 0));
	say("byte", u_get(a));
}

CASE(M06, .rules = "5.7-", .needs = NEED_NODES,
     .title = "a pinned page does not move to another node")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int node = k_info(k_page(h, 0)).node, status = 77;

	say_ret("pinned", u_move_pages(a, 1, !node, &status));
	say("status", status);
	say("moved", k_info(k_at(a)).node != node);
	unpin(h);
	say_ret("after", u_move_pages(a, 1, !node, &status));
	say("moved_after", k_info(k_at(a)).node != node);
	say("byte", u_get(a));
}

/* Two pages of the same bytes, which nobody else has. */
static unsigned long twins(int byte)
{
	unsigned long a = u_anon(2);

	u_fill(a, byte, 2 * PAGE);
	u_put(a + 100, 1);
	u_put(a + PAGE + 100, 1);
	u_madvise(a, 2 * PAGE, MADV_MERGEABLE);
	return a;
}

static bool merged(unsigned long a)
{
	return k_at(a) && k_at(a) == k_at(a + PAGE);
}

CASE(M07, .rules = "5.7-", .needs = NEED_KSM, .secs = 60,
     .title = "KSM merges no pinned page")
{
	unsigned long a = twins(11), b = twins(12);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	k_ksm(true);
	say("scanned", k_ksm_scans(5, 20000));
	k_ksm(false);
	say("pinned", merged(a));
	say("same", same(a, h, 0));
	say("control", merged(b));
}

CASE(M08, .rules = "5.19-", .needs = NEED_KSM, .secs = 60,
     .title = "a read pin of a KSM page unshares it")
{
	unsigned long a = twins(13);
	pg_t page;
	struct hold h;

	k_ksm(true);
	must(k_ksm_scans(5, 20000));
	k_ksm(false);
	page = k_at(a);
	say("ksm", k_info(page).ksm);
	if (rules_until("6.2"))
		say_ret("fast_only", pin_fast_only(a, 1, FOLL_READ).ret);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("new", k_page(h, 0) != page);
	say("ksm_after", k_info(k_page(h, 0)).ksm);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
}

CASE(M09, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "long pins leave ZONE_MOVABLE first")
{
	unsigned long a = u_anon_w(4);
	pg_t was = k_at(a);
	long acq = k_acq(), rel = k_rel();
	struct hold h;

	say("movable", k_info(was).zone == ZONE_IS_MOVABLE);
	h = pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("movable_after", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	say("moved", k_page(h, 0) != was);
	say("byte", u_get(a + 3 * PAGE));
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
}

CASE(M10, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "what may stay is pinned at once")
{
	unsigned long a = u_anon_w(4);
	long acq, rel;

	pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM);
	acq = k_acq();
	rel = k_rel();
	say_ret("ret", pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM).ret);
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
}

CASE(M11, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "a pin in ZONE_MOVABLE makes long ones fail")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	long base = k_ref(k_page(h, 0));

	say_ret("ret", pin_slow(a, 1, FOLL_WRITE | FOLL_LONGTERM).ret);
	say("same", same(a, h, 0));
	say("ref", k_ref(k_page(h, 0)) - base);
}

CASE(M12, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "and so does a plain reference")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);
	long base = k_ref(k_page(h, 0));

	say_ret("ret", pin_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM).ret);
	say("same", same(a, h, 0));
	say("ref", k_ref(k_page(h, 0)) - base);
}

CASE(M13, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "a long pin is all or nothing")
{
	unsigned long a = u_anon_w(2);
	long base, acq, rel;
	struct hold h;

	pin_fast(a + PAGE, 1, FOLL_WRITE);
	acq = k_acq();
	rel = k_rel();
	h = pin_slow(a, 2, FOLL_WRITE | FOLL_LONGTERM);
	base = k_acq() - acq - (k_rel() - rel);
	say_ret("ret", h.ret);
	say("held", base);
	say("maybe", k_info(k_at(a)).maybe);
}
