// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * varykind.c - variations that the specification does not list: notifiers,
 * huge pages, swap, locked memory, placement
 */
#include "help.h"


/* Starts among the events of one notifier, by type. */
static void say_starts(int n)
{
	static const struct { const char *name; int type; } types[] = {
		{ "unmap", NEV_UNMAP }, { "clear", NEV_CLEAR },
		{ "vma", NEV_PROTECTION_VMA }, { "page", NEV_PROTECTION_PAGE },
		{ "other", NEV_OTHER },
	};
	long i, found;
	int t;

	for (t = 0; t < 5; t++) {
		for (i = found = 0; i < k_events(n); i++)
			found += k_event(n, i).phase == NEV_START &&
				 k_event(n, i).type == types[t].type;
		if (found)
			say(types[t].name, found);
	}
}

CASE(V70, .rules = "5.7-", .title = "a notifier hears about mprotect")
{
	unsigned long a = u_anon_w(4);
	int n = k_notify(a, 4 * PAGE);

	u_mprotect(a + PAGE, 2 * PAGE, PROT_READ);
	say_starts(n);
	say("first", k_event(n, 0).first);
	say("last", k_event(n, 0).last);
}

CASE(V71, .rules = "5.7-", .title = "a notifier hears about MADV_DONTNEED")
{
	unsigned long a = u_anon_w(4);
	int n = k_notify(a + PAGE, 2 * PAGE);

	u_madvise(a, 4 * PAGE, MADV_DONTNEED);
	say_starts(n);
	say("first", k_event(n, 0).first);
	say("last", k_event(n, 0).last);
	say("end", k_event(n, 1).phase == NEV_END);
}

CASE(V72, .rules = "5.7-", .title = "a notifier hears about fork, and about the copy")
{
	unsigned long a = u_anon_w(1);
	int n = k_notify(a, PAGE);

	u_fork();
	say("fork", k_events(n) > 0 && k_event(n, 0).type == NEV_PROTECTION_PAGE);
	u_put(a, 5);
	say_starts(n);
}

CASE(V73, .rules = "5.7-", .title = "a notifier hears nothing about fork of shared memory")
{
	unsigned long a = u_shared(1);
	int n;

	u_put(a, 1);
	n = k_notify(a, PAGE);
	u_fork();
	u_put(a, 5);
	say("events", k_events(n));
}

CASE(V74, .rules = "5.7-", .title = "a notifier hears about mremap and truncate")
{
	int fd = f_memfd(2, 0);
	unsigned long a = u_map(fd, 2), b;
	int n;

	u_put(a, 1);
	u_put(a + PAGE, 1);
	n = k_notify(a, 2 * PAGE);
	f_truncate(fd, PAGE);
	say_starts(n);
	say("first", k_event(n, 0).first);
	k_unnotify(n);
	n = k_notify(a, 2 * PAGE);
	b = u_mremap(a, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		     u_anon(2));
	say("moved", b != a);
	say("heard", k_events(n) > 0);
}

CASE(V75, .rules = "5.7-", .title = "a notifier hears about the exit")
{
	int other = u_spawn(), n = -1;

	on(other) {
		unsigned long a = u_anon_w(1);

		n = k_notify(a, PAGE);
	}
	u_exit(other);
	say("gone", k_events(n) > 0 && k_event(n, 0).phase == NEV_GONE);
}

CASE(V76, .rules = "5.7-", .title = "a pin under a notifier survives munmap")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int n = k_notify(a, PAGE);

	u_munmap(a, PAGE);
	say_starts(n);
	say("held", k_held(h));
	say("ref", k_ref(k_page(h, 0)));
}

/* Huge pages */

static unsigned long thp(void)
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	return a;
}

CASE(V80, .rules = "5.7-", .needs = NEED_THP,
     .title = "plain references on a huge page")
{
	unsigned long a = thp();
	long base = k_ref(k_at(a));
	struct hold h = get_fast(a, SUB, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("pins", k_info(k_at(a)).pins);
	say("maybe", k_info(k_at(a)).maybe);
}

CASE(V81, .rules = "5.7-", .needs = NEED_THP,
     .title = "mprotect of a part splits the mapping")
{
	unsigned long a = thp();
	struct hold h = pin_fast(a, SUB, FOLL_WRITE);

	u_mprotect(a + 8 * PAGE, PAGE, PROT_READ);
	say("level", k_peek(a).level);
	say("order", k_info(k_page(h, 0)).order);
	say("pins", k_info(k_page(h, 0)).pins);
	say("same", same(a + 9 * PAGE, h, 9));
	d_put(h, 8 * PAGE, 5);
	say("process", u_get(a + 8 * PAGE));
}

CASE(V82, .rules = "5.7-", .needs = NEED_THP,
     .title = "MADV_DONTNEED of a part")
{
	unsigned long a = thp();
	struct hold h;

	u_put(a + 8 * PAGE, 3);
	h = pin_fast(a + 8 * PAGE, 1, FOLL_WRITE);
	u_madvise(a + 8 * PAGE, PAGE, MADV_DONTNEED);
	say("process", u_get(a + 8 * PAGE));
	say("pin", d_get(h, 0));
	say("order", k_info(k_page(h, 0)).order);
	say("head", u_get(a));
}

CASE(V83, .rules = "5.19-", .needs = NEED_THP,
     .title = "a read pin of a huge page after fork")
{
	unsigned long a = thp();
	pg_t page = k_at(a);
	struct hold h;

	u_fork();
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("new", k_page(h, 0) != page);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 5);
	say("pin", d_get(h, 0));
}

CASE(V84, .rules = "5.7-", .needs = NEED_THP,
     .title = "huge and small pages in one call")
{
	unsigned long a = u_thp(2);
	long acq;
	struct hold h;

	u_put(a, 1);
	u_madvise(a + HUGE, HUGE, MADV_NOHUGEPAGE);
	u_put(a + HUGE, 2);
	acq = k_acq();
	h = pin_fast(a + HUGE - 4 * PAGE, 8, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("acq", k_acq() - acq);
	say("pins", k_info(k_page(h, 0)).pins);
	say("order", k_info(k_page(h, 4)).order);
}

CASE(V85, .rules = "5.7-", .needs = NEED_THP,
     .title = "release page by page, out of order")
{
	unsigned long a = thp();
	struct hold h = pin_fast(a, 4, FOLL_WRITE);

	unpin_nth(h, 3);
	unpin_nth(h, 1);
	say("pins", k_info(k_at(a)).pins);
	unpin_nth(h, 0);
	unpin_nth(h, 2);
	say("none", k_info(k_at(a)).pins);
	say("maybe", k_info(k_at(a)).maybe);
}

/* hugetlb */

CASE(V86, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "a hugetlb page under a pin is unmapped")
{
	unsigned long a = u_hugetlb(1);
	struct hold h;

	u_put(a + 5 * PAGE, 3);
	h = pin_fast(a + 5 * PAGE, 1, FOLL_WRITE);
	say_ret("munmap", u_munmap(a, HUGE));
	say("ref", k_ref(k_page(h, 0)));
	say("pins", k_info(k_page(h, 0)).pins);
	say("pin", d_get(h, 0));
}

CASE(V87, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "part of a hugetlb page cannot be unmapped")
{
	unsigned long a = u_hugetlb(1);
	struct hold h;

	u_put(a, 3);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("munmap", u_munmap(a, PAGE));
	say("same", same(a, h, 0));
}

/* Swap */

CASE(V90, .rules = "5.10-", .needs = NEED_SWAP,
     .title = "of two pages the pinned one stays")
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	say("pinned", k_peek(a).present);
	say("other", k_peek(a + PAGE).swap);
	say("same", same(a, h, 0));
	say("byte", u_get(a + PAGE));
}

CASE(V91, .rules = "5.7-", .needs = NEED_SWAP,
     .title = "a pin brings a page back in")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("swap", k_peek(a).swap);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("byte", d_get(h, 0));
	say("same", same(a, h, 0));
	say("maybe", k_info(k_page(h, 0)).maybe);
}

CASE(V92, .rules = "5.19-", .needs = NEED_SWAP,
     .title = "whose page it is survives the swap")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_madvise(a, PAGE, MADV_PAGEOUT);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 5);
	say("pin", d_get(h, 0));
	say("same", same(a, h, 0));
}

CASE(V93, .rules = "5.19-", .needs = NEED_SWAP,
     .title = "fork of a swapped page")
{
	unsigned long a = u_anon_w(1);
	struct hold h;
	int child;

	u_madvise(a, PAGE, MADV_PAGEOUT);
	child = u_fork();
	h = pin_fast(a, 1, FOLL_WRITE);
	d_put(h, 0, 5);
	on(child)
		say("child", u_get(a));
	say("process", u_get(a));
	say("same", same(a, h, 0));
}

/* Locked memory */

CASE(V94, .rules = "5.7-", .title = "mlock counts, pins do not")
{
	unsigned long a = u_anon(4);
	long lck = u_status("VmLck"), pin = u_status("VmPin");

	say_ret("lock", u_mlock(a, 4 * PAGE));
	say("present", k_peek(a + 3 * PAGE).present);
	pin_fast(a, 4, FOLL_WRITE);
	say("VmLck", u_status("VmLck") - lck);
	say("VmPin", u_status("VmPin") - pin);
	say_ret("unlock", u_munlock(a, 2 * PAGE));
	say("VmLck2", u_status("VmLck") - lck);
	say_ret("dontneed", u_madvise(a + 2 * PAGE, PAGE, MADV_DONTNEED));
}

CASE(V95, .rules = "5.7-", .title = "accounts of pinned memory have one limit each")
{
	u_setrlimit_memlock(8 * PAGE);
	u_unprivileged();
	say_ret("pinned", k_add_pinned_vm(8));
	say_ret("more", k_add_pinned_vm(1));
	say_ret("locked", k_account_locked(8, true));
	say("VmPin", k_pinned_vm(0));
	say("VmLck", k_locked_vm(0));
	k_account_locked(8, false);
}

/* Seals */

#ifndef F_SEAL_WRITE
#define F_SEAL_SHRINK	0x0002
#define F_SEAL_WRITE	0x0008
#endif

CASE(V96, .rules = "5.7-", .title = "seals of a memfd with a pinned page")
{
	int fd = f_memfd(1, MFD_ALLOW_SEALING);
	unsigned long a = u_map(fd, 1);
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("shrink", f_add_seals(fd, F_SEAL_SHRINK));
	say_ret("truncate", f_truncate(fd, 0));
	say_ret("mapped", f_add_seals(fd, F_SEAL_WRITE));
	u_munmap(a, PAGE);
	say_ret("pinned", f_add_seals(fd, F_SEAL_WRITE));
	unpin(h);
	say_ret("free", f_add_seals(fd, F_SEAL_WRITE));
	say_ret("write", f_put(fd, 0, 5));
}

/* Placement */

CASE(V97, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "a long pin of untouched memory")
{
	unsigned long a = u_anon(2);
	long acq = k_acq(), rel = k_rel();
	struct hold h = pin_fast(a, 2, FOLL_WRITE | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("movable", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	say("acq", k_acq() - acq);
	say("rel", k_rel() - rel);
}

CASE(V98, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "a long pin of shared memory moves it")
{
	int fd = f_memfd(1, 0);
	unsigned long a = u_map(fd, 1), b = u_map(fd, 1);
	pg_t was;
	struct hold h;

	u_put(a, 1);
	u_get(b);
	was = k_at(a);
	say("movable", k_info(was).zone == ZONE_IS_MOVABLE);
	h = pin_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("moved", k_page(h, 0) != was);
	say("movable_after", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	d_put(h, 0, 5);
	say("first", u_get(a));
	say("second", u_get(b));
}

CASE(V99, .rules = "5.19-", .needs = NEED_MOVABLE,
     .title = "after the short pin is gone the long one succeeds")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("short", pin_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM).ret);
	unpin(h);
	h = pin_fast(a, 1, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("long", h.ret);
	say("movable", k_info(k_page(h, 0)).zone == ZONE_IS_MOVABLE);
	say("byte", u_get(a));
}

/* Collapsing */

static unsigned long small_pages(void)
{
	unsigned long a = u_thp(1);
	long i;

	u_madvise(a, HUGE, MADV_NOHUGEPAGE);
	for (i = 0; i < SUB; i++)
		u_put(a + i * PAGE, 1 + i % 100);
	u_madvise(a, HUGE, MADV_HUGEPAGE);
	return a;
}

CASE(N41, .rules = "6.1-", .needs = NEED_THP,
     .title = "small pages become a huge one")
{
	unsigned long a = small_pages();

	say("before", k_info(k_at(a)).order);
	say_ret("collapse", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", k_info(k_at(a)).order);
	say("level", k_peek(a).level);
	say("byte", u_get(a + 50 * PAGE));
}

CASE(N42, .rules = "6.1-", .needs = NEED_THP,
     .title = "a pinned page keeps all of them small")
{
	unsigned long a = small_pages();
	struct hold h = pin_fast(a + 7 * PAGE, 1, FOLL_WRITE);

	say_ret("collapse", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", k_info(k_at(a)).order);
	say("same", same(a + 7 * PAGE, h, 0));
	unpin(h);
	say_ret("after", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order_after", k_info(k_at(a)).order);
	say("byte", u_get(a + 7 * PAGE));
}

CASE(N43, .rules = "6.1-", .needs = NEED_THP,
     .title = "and so does a plain reference")
{
	unsigned long a = small_pages();
	struct hold h = get_fast(a + 7 * PAGE, 1, FOLL_WRITE);

	say_ret("collapse", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", k_info(k_at(a)).order);
	say("same", same(a + 7 * PAGE, h, 0));
	put(h);
}

CASE(N44, .rules = "5.7-", .needs = NEED_KSM, .secs = 60,
     .title = "a write ends a merge, a pin keeps its page")
{
	unsigned long a = u_anon(2);
	struct hold h;

	u_fill(a, 21, 2 * PAGE);
	u_madvise(a, 2 * PAGE, MADV_MERGEABLE);
	k_ksm(true);
	must(k_ksm_scans(5, 20000));
	k_ksm(false);
	say("merged", k_at(a) == k_at(a + PAGE));
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("same", same(a, h, 0));
	say("apart", k_at(a) != k_at(a + PAGE));
	d_put(h, 0, 5);
	say("first", u_get(a));
	say("second", u_get(a + PAGE));
}

CASE(N45, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "a hugetlb page of the parent and of the child")
{
	unsigned long a = u_hugetlb(1);
	pg_t page;
	struct hold h;
	int child;

	u_put(a, 1);
	page = k_at(a);
	child = u_fork();
	on(child)
		say("shared", k_at(a) == page);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("new", k_page(h, 0) != page);
	d_put(h, 0, 5);
	say("process", u_get(a));
	on(child)
		say("child", u_get(a));
}

CASE(N46, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "a file of huge pages, cut under a pin")
{
	int fd = f_memfd(1, MFD_HUGETLB);
	unsigned long a = u_mmap(0, HUGE, RW, MAP_SHARED, fd, 0);
	struct hold h;

	u_put(a + 3 * PAGE, 7);
	h = pin_fast(a + 3 * PAGE, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say_ret("truncate", f_truncate(fd, 0));
	say("ref", k_ref(k_page(h, 0)));
	say("pins", k_info(k_page(h, 0)).pins);
	say("pin", d_get(h, 0));
}
