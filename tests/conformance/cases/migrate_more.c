// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * migrate_more.c - huge and merged pages that move, or are asked to
 */
#include "help.h"

static unsigned long thp(void)
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	u_put(a + 7 * PAGE, 8);
	return a;
}

static int node_of(unsigned long a)
{
	return k_info(k_at(a)).node;
}

/* what became of the huge page at @a, which lay on @node */
static void say_thp(unsigned long a, int node)
{
	struct pte pte = k_peek(a);

	say("level", pte.level);
	say("order", k_info(pte.page).order);
	say("moved", node_of(a) != node);
	say("write", pte.write);
	say("exclusive", k_info(pte.page).exclusive);
	say("byte", u_get(a + 7 * PAGE));
}

static void say_move(const char *key, unsigned long a, int to)
{
	int status = 77;

	say_ret(key, u_move_pages(a, 1, to, &status));
	say("told", status == to ? 1 : status);
}

CASE(G01, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "a huge page moves as one and stays huge")
{
	unsigned long a = thp();
	long base = k_ref(k_at(a)), split = k_vmstat("thp_split_pmd");
	int node = node_of(a);

	say_move("ret", a, !node);
	say_thp(a, node);
	say("ref", k_ref(k_at(a)) - base);
	say("map", k_info(k_at(a)).map);
	say("dirty", k_info(k_at(a)).dirty);
	say("split", k_vmstat("thp_split_pmd") - split);
}

CASE(G02, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "a pinned huge page stays where and as it is")
{
	unsigned long a = thp();
	int node = node_of(a);
	struct hold h = pin_fast(a + 3 * PAGE, 1, FOLL_WRITE);

	say_move("ret", a, !node);
	say_thp(a, node);
	say("same", same(a + 3 * PAGE, h, 0));
	unpin(h);
	say_move("after", a, !node);
	say("level_after", k_peek(a).level);
	say("moved_after", node_of(a) != node);
}

CASE(G03, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "a huge page that is referenced stays huge, too")
{
	unsigned long a = thp();
	int node = node_of(a);
	struct hold h = get_fast(a + 3 * PAGE, 1, FOLL_WRITE);

	say_move("ret", a, !node);
	say_thp(a, node);
	put(h);
}

CASE(G04, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "mapped by PTEs it moves as one folio")
{
	unsigned long a = thp();
	int node = node_of(a);

	u_mprotect(a, PAGE, PROT_READ);
	say("split", k_peek(a + 7 * PAGE).level == 0);
	say_move("ret", a + 7 * PAGE, !node);
	say_thp(a + 7 * PAGE, node);
	say("first", node_of(a) != node);
	say("last", node_of(a + 511 * PAGE) != node);
}

CASE(G05, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "read-only memory moves and stays exclusive")
{
	unsigned long a = thp();
	int node = node_of(a);

	u_mprotect(a, HUGE, PROT_READ);
	say_move("ret", a, !node);
	say_thp(a, node);
}

CASE(G06, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "a huge page of parent and child stays without MOVE_ALL")
{
	unsigned long a = thp();
	int node = node_of(a), child = u_fork();

	say_move("ret", a, !node);
	say("level", k_peek(a).level);
	say("moved", node_of(a) != node);
	u_exit(child);
	say_move("alone", a, !node);
	say("level_alone", k_peek(a).level);
	say("moved_alone", node_of(a) != node);
}

CASE(G07, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "notifiers hear of the whole range once")
{
	unsigned long a = thp();
	int node = node_of(a), n = k_notify(a, HUGE);

	say_move("ret", a, !node);
	say("events", k_events(n));
	say("clear", k_event(n, 0).type == NEV_CLEAR);
	say("first", k_event(n, 0).first);
	say("last", k_event(n, 0).last);
	k_unnotify(n);
}

CASE(G08, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "what tracks writes finds the moved huge page as it was")
{
	unsigned long a = thp(), b = thp();
	int node = node_of(a);

	u_clear_refs(4);
	u_put(b, 2);
	say_move("clean", a, !node);
	say("soft", !!(u_pagemap(a) & PM_SOFT_DIRTY));
	say("write", k_peek(a).write);
	node = node_of(b);
	say_move("dirty", b, !node);
	say("soft_dirty", !!(u_pagemap(b) & PM_SOFT_DIRTY));
	say("write_dirty", k_peek(b).write);
}

CASE(G09, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "mbind moves a huge page")
{
	unsigned long a = thp();
	int node = node_of(a);

	say_ret("ret", u_mbind(a, HUGE, !node));
	say_thp(a, node);
}

CASE(G10, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "migrate_pages moves huge and small ones of a process")
{
	unsigned long a = thp(), b = u_anon_w(2);
	int node = node_of(a), other = node_of(b);

	say("one_node", node == other);
	say_ret("ret", u_migrate_pages(node, !node));
	say_thp(a, node);
	say("small", node_of(b) != node);
	say("byte_small", u_get(b + PAGE));
}

CASE(G11, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "migrate_pages leaves a pinned page behind")
{
	unsigned long a = u_anon_w(3);
	int node = node_of(a);
	struct hold h = pin_fast(a + PAGE, 1, FOLL_WRITE);

	say_ret("ret", u_migrate_pages(node, !node));
	say("first", node_of(a) != node);
	say("pinned", same(a + PAGE, h, 0));
	say("last", node_of(a + 2 * PAGE) != node);
}

CASE(G12, .rules = "5.19-", .needs = NEED_NODES,
     .title = "mbind does not say that a pinned page stayed")
{
	unsigned long a = u_anon_w(2);
	int node = node_of(a);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("ret", u_mbind(a, 2 * PAGE, !node));
	say("same", same(a, h, 0));
	say("other", node_of(a + PAGE) != node);
}

CASE(G13, .rules = "5.19-", .needs = NEED_THP | NEED_NODES,
     .title = "the huge zero page is nobody's to move")
{
	unsigned long a = u_thp(1);
	int status = 77;

	u_get(a);
	say("zero", k_info(k_at(a)).huge_zero);
	say_ret("ret", u_move_pages(a, 1, 1, &status));
	say_ret("status", status);
}

CASE(G14, .rules = "5.19-", .needs = NEED_THP | NEED_MOVABLE,
     .title = "a long pin takes a huge page out of ZONE_MOVABLE whole")
{
	unsigned long a = thp();
	long acq = k_acq(), rel = k_rel();
	pg_t was = k_at(a);
	struct hold h;

	say("movable", k_info(was).zone == ZONE_IS_MOVABLE);
	h = pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("movable_after", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	say("moved", k_page(h, 0) != was);
	say("level", k_peek(a).level);
	say("order", k_info(k_at(a)).order);
	say("pins", k_info(k_at(a)).pins);
	say("byte", u_get(a + 7 * PAGE));
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
}

CASE(G15, .rules = "5.19-", .needs = NEED_THP | NEED_MOVABLE,
     .title = "a reference to any part makes it fail")
{
	unsigned long a = thp();
	struct hold h = get_fast(a + 100 * PAGE, 1, FOLL_WRITE);

	say_ret("ret", pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM).ret);
	say("level", k_peek(a).level);
	say("same", same(a + 100 * PAGE, h, 0));
	say("exclusive", k_info(k_at(a)).exclusive);
	put(h);
	say_ret("after", pin_fast(a, 4, FOLL_WRITE | FOLL_LONGTERM).ret);
	say("level_after", k_peek(a).level);
}

CASE(G16, .rules = "5.19-", .needs = NEED_THP | NEED_MOVABLE,
     .secs = 60, .title = "a huge page of a range that is to go is moved")
{
	unsigned long a = 0;
	long ret = -EINVAL, i;
	pg_t was = 0;

	/* not every block of memory may go: some have holes, or two zones */
	for (i = 0; i < 90 && ret == -EINVAL; i++) {
		a = thp();
		was = k_at(a);
		ret = k_info(was).zone == ZONE_IS_MOVABLE ? k_offline(was, true) : ret;
	}
	say_ret("ret", ret);
	say("moved", k_at(a) != was);
	say("level", k_peek(a).level);
	say("exclusive", k_info(k_at(a)).exclusive);
	say("byte", u_get(a + 7 * PAGE));
	if (!ret)
		say_ret("online", k_offline(was, false));
}

CASE(G17, .rules = "5.19-", .needs = NEED_THP | NEED_HWPOISON,
     .boot = BOOT_LAST, .title = "a huge page with a weak frame is split and left")
{
	unsigned long a = thp();
	pg_t was = k_at(a + 5 * PAGE), first = k_at(a);

	say_ret("ret", u_madvise(a + 5 * PAGE, PAGE, MADV_SOFT_OFFLINE));
	say("level", k_peek(a).level);
	say("moved", k_at(a + 5 * PAGE) != was);
	say("others", k_at(a) == first);
	say("order", k_info(k_at(a)).order);
	say("byte", u_get(a + 7 * PAGE));
}

CASE(G18, .rules = "5.19-", .needs = NEED_THP,
     .title = "compaction leaves huge pages")
{
	unsigned long a = thp();
	pg_t was = k_at(a);

	k_compact();
	say("same", k_at(a) == was);
	say("level", k_peek(a).level);
}

CASE(G19, .rules = "5.7-", .needs = NEED_NODES,
     .title = "marks of use of a page that moves")
{
	unsigned long a = u_anon_w(2);
	int node = node_of(a);
	struct pte pte;

	u_clear_refs(4);
	say_move("ret", a, !node);
	pte = k_peek(a);
	say("young", pte.young);
	say("pte_dirty", pte.dirty);
	say("soft_dirty", !!(u_pagemap(a) & PM_SOFT_DIRTY));
	say("dirty", k_info(pte.page).dirty);
	u_get(a + PAGE);
	u_clear_refs(1);
	say_move("old", a + PAGE, !node);
	say("young_old", k_peek(a + PAGE).young);
	say("soft_old", !!(u_pagemap(a + PAGE) & PM_SOFT_DIRTY));
}

/* merged pages */

static bool merge(unsigned long a, unsigned long b)
{
	u_fill(a, 5, PAGE);
	u_fill(b, 5, PAGE);
	u_madvise(a, PAGE, MADV_MERGEABLE);
	u_madvise(b, PAGE, MADV_MERGEABLE);
	k_ksm(true);
	must(k_ksm_scans(5, 20000));
	k_ksm(false);
	return k_at(a) == k_at(b) && k_info(k_at(a)).ksm;
}

CASE(G20, .rules = "5.19-", .needs = NEED_KSM | NEED_NODES, .secs = 60,
     .title = "a merged page moves for all who have it")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	int node;

	say("merged", merge(a, b));
	node = node_of(a);
	u_migrate_pages(node, !node);
	say("moved", node_of(a) != node);
	say("one", k_at(a) == k_at(b));
	say("ksm", k_info(k_at(a)).ksm);
	say("map", k_info(k_at(a)).map);
	say("byte", u_get(b));
	u_put(a, 6);
	say("split", k_at(a) != k_at(b));
	say("kept", u_get(b));
}

CASE(G21, .rules = "5.19-", .needs = NEED_KSM | NEED_NODES, .secs = 60,
     .title = "move_pages of a merged page asks for MOVE_ALL")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	int node;

	say("merged", merge(a, b));
	node = node_of(a);
	say_move("ret", a, !node);
	say("moved", node_of(a) != node);
}

CASE(G22, .rules = "5.19-", .needs = NEED_KSM | NEED_SWAP, .secs = 60,
     .title = "a merged page goes to swap and comes back")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	struct hold h;

	say("merged", merge(a, b));
	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("out_a", k_peek(a).swap);
	say("out_b", k_peek(b).swap);
	say("byte", u_get(a));
	say("ksm", k_info(k_at(a)).ksm);
	say("anon", k_info(k_at(a)).anon);
	say("byte_b", u_get(b));
	say("one", k_at(a) == k_at(b));
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("pin", h.ret);
	say("ksm_pin", k_info(k_page(h, 0)).ksm);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 9);
	say("seen", d_get(h, 0));
}

CASE(G23, .rules = "5.19-", .needs = NEED_KSM | NEED_SWAP, .secs = 60,
     .title = "a referenced merged page stays mapped or not, and is one")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	struct hold h;

	say("merged", merge(a, b));
	h = get_fast(a, 1, FOLL_READ);
	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say("byte", u_get(a));
	say("same", same(a, h, 0));
	say("ksm", k_info(k_page(h, 0)).ksm);
	put(h);
}

CASE(G24, .rules = "5.19-", .needs = NEED_KSM | NEED_HWPOISON, .boot = BOOT_LAST,
     .secs = 60, .title = "a merged page with a weak frame moves")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	pg_t was;

	say("merged", merge(a, b));
	was = k_at(a);
	say_ret("ret", u_madvise(a, PAGE, MADV_SOFT_OFFLINE));
	say("moved", k_at(a) != was);
	say("one", k_at(a) == k_at(b));
	say("ksm", k_info(k_at(a)).ksm);
	say("byte", u_get(b));
}

CASE(G25, .rules = "5.19-", .needs = NEED_KSM | NEED_MOVABLE, .secs = 60,
     .title = "a long pin of a merged page in ZONE_MOVABLE gets one of its own")
{
	unsigned long a = u_anon(1), b = u_anon(1);
	struct hold h;

	say("merged", merge(a, b));
	h = pin_fast(a, 1, FOLL_READ | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("ksm", k_info(k_page(h, 0)).ksm);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	say("movable", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	say("ksm_b", k_info(k_at(b)).ksm);
}

CASE(G26, .rules = "5.19-", .needs = NEED_KSM | NEED_HWPOISON, .boot = BOOT_LAST,
     .secs = 60, .title = "a merged page whose frame failed is lost to both")
{
	unsigned long a = u_anon(1), b = u_anon(1);

	say("merged", merge(a, b));
	say_ret("ret", u_madvise(a, PAGE, MADV_HWPOISON));
	say_ret("a", u_get(a));
	say_ret("b", u_get(b));
	say_ret("told", pin_slow(b, 1, FOLL_READ | FOLL_HWPOISON).ret);
}
