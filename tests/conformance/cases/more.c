// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * more.c - what pins meet beside the cases of the specification: memory
 */
#include "help.h"

#include <string.h>

CASE(Q01, .rules = "5.7-", .title = "pins through two processes add up")
{
	unsigned long a = u_shared(1);
	long base;
	struct hold h, i;
	int child;

	u_put(a, 1);
	child = u_fork();
	on(child)
		u_put(a, 2);
	base = k_ref(k_at(a));
	h = pin_fast(a, 1, FOLL_WRITE);
	on(child) {
		i = pin_fast(a, 1, FOLL_WRITE);
		say("child_ref", k_ref(k_at(a)) - base);
	}
	u_exit(child);
	say("ref", k_ref(k_at(a)) - base);
	say("map", k_info(k_at(a)).map);
	unpin(i);
	say("one", k_ref(k_at(a)) - base);
	unpin(h);
	say("none", k_ref(k_at(a)) - base);
}

CASE(Q02, .rules = "5.19-", .title = "grandchildren share what was not pinned")
{
	unsigned long a = u_anon_w(2);
	int child, grandchild;
	struct hold h;
	pg_t page;

	child = u_fork();
	on(child) {
		u_put(a + PAGE, 5);
		h = pin_fast(a + PAGE, 1, FOLL_WRITE);
		page = k_at(a);
		grandchild = u_fork();
		say("pinned_same", k_at(a + PAGE) == k_page(h, 0));
	}
	on(grandchild) {
		say("shared", k_at(a) == page);
		say("copied", k_at(a + PAGE) != k_page(h, 0));
		say("byte", u_get(a + PAGE));
		say("flag", k_has_pinned(grandchild));
	}
	say("parent", k_at(a) == page);
	say("map", k_info(page).map);
}

CASE(Q03, .rules = "all", .title = "an area that is not inherited")
{
	unsigned long a = u_anon_w(1);
	int child;

	say_ret("advice", u_madvise(a, PAGE, MADV_DONTFORK));
	child = u_fork();
	on(child)
		say_ret("child", u_get(a));
	say_ret("parent", u_get(a));
}

CASE(Q04, .rules = "5.7-", .title = "an area that is wiped in the child")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child;

	say_ret("advice", u_madvise(a, PAGE, MADV_WIPEONFORK));
	child = u_fork();
	on(child)
		say_ret("child", u_get(a));
	u_put(a, 9);
	say("same", k_at(a) == k_page(h, 0));
	say("pin", d_get(h, 0));
}

CASE(Q05, .rules = "5.19-", .title = "a write after fork, with and without pin")
{
	unsigned long a = u_anon_w(2);
	pg_t first = k_at(a);
	struct hold h;
	int child = u_fork();

	h = pin_fast(a + PAGE, 1, FOLL_WRITE);
	u_put(a, 7);
	say("moved", k_at(a) != first);
	say("exclusive", k_info(k_at(a)).exclusive);
	on(child) {
		say("kept", k_at(a) == first);
		u_put(a, 8);
		say("reused", k_at(a) == first);
		say("other", k_at(a + PAGE) != k_page(h, 0));
	}
	say("parent", u_get(a));
}

CASE(Q06, .rules = "5.7-", .title = "mremap moves a pinned page by its entry")
{
	unsigned long a = u_anon_w(3), b;
	struct hold h = pin_fast(a + PAGE, 1, FOLL_WRITE);
	long base = k_ref(k_page(h, 0));

	b = u_mremap(a, 3 * PAGE, 5 * PAGE, MREMAP_MAYMOVE, 0);
	say("ok", !u_bad(b));
	say("same", k_at(b + PAGE) == k_page(h, 0));
	say("ref", k_ref(k_page(h, 0)) - base);
	say_ret("grown", u_get(b + 4 * PAGE));
	say_ret("third", u_get(b + 2 * PAGE));
}

CASE(Q07, .rules = "5.7-", .title = "shrinking lets a pinned page go")
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 2, FOLL_WRITE);

	say("same", u_mremap(a, 2 * PAGE, PAGE, 0, 0) == a);
	say_ret("gone", u_get(a + PAGE));
	say("ref", k_ref(k_page(h, 1)));
	say("pin", d_get(h, PAGE));
}

CASE(Q08, .rules = "all", .title = "populating from outside")
{
	unsigned long a = u_anon(3);

	say_ret("read", u_madvise(a, PAGE, MADV_POPULATE_READ));
	say("zero", k_info(k_at(a)).zero);
	say_ret("write", u_madvise(a, 3 * PAGE, MADV_POPULATE_WRITE));
	say("zero_after", k_info(k_at(a)).zero);
	say("writable", k_peek(a + 2 * PAGE).write);
	say_ret("hole", u_madvise(a, 4 * PAGE, MADV_POPULATE_WRITE));
}

CASE(Q09, .rules = "5.7-", .title = "FOLL_FORCE through /proc/PID/mem and a pin")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	unsigned char byte = 9;

	u_mprotect(a, PAGE, PROT_READ);
	say_ret("store", u_put(a, 5));
	say_ret("forced", u_mem_write(0, a, &byte, 1));
	say("same", k_at(a) == k_page(h, 0));
	say("pin", d_get(h, 0));
	say("writable", k_peek(a).write);
}

CASE(Q10, .rules = "all", .title = "process_vm_readv() and _writev()")
{
	unsigned long a = u_anon_w(2);
	unsigned char buf[16] = { 0 };
	int child = u_fork();

	on(child)
		u_put(a, 77);
	say_ret("read", u_vm_read(child, a, buf, 16));
	say("byte", buf[0]);
	buf[0] = 88;
	say_ret("write", u_vm_write(child, a + PAGE, buf, 16));
	on(child)
		say("child", u_get(a + PAGE));
	say("mine", u_get(a + PAGE));
	say_ret("bad", u_vm_read(child, a + 2 * PAGE, buf, 16));
}

CASE(Q11, .rules = "5.7-", .title = "a remote pin keeps the other's page alive")
{
	unsigned long a = u_anon_w(1);
	struct hold h;
	int child = u_fork();

	on(child)
		u_put(a, 5);
	h = pin_remote(child, a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	u_kill(child);
	say("ref", k_ref(k_page(h, 0)));
	say("pin", d_get(h, 0));
	say("mine", u_get(a));
}

CASE(Q12, .rules = "5.7-", .title = "long-term pins of ordinary memory stay put")
{
	unsigned long a = u_anon_w(2);
	pg_t page = k_at(a);
	struct hold h = pin_fast(a, 2, FOLL_WRITE | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("same", k_page(h, 0) == page);
	say("longterm", k_info(page).longterm);
}

CASE(Q13, .rules = "5.19-", .title = "read pins: exclusive, shared, unmapped")
{
	unsigned long a = u_anon_w(2);
	struct hold h;
	pg_t page = k_at(a);

	h = pin_slow(a, 1, FOLL_READ);
	say("exclusive", k_page(h, 0) == page);
	unpin(h);
	u_fork();
	h = pin_slow(a, 1, FOLL_READ);
	say("unshared", k_page(h, 0) != page);
	say("exclusive_after", k_info(k_page(h, 0)).exclusive);
	say("writable", k_peek(a).write);
	u_put(a, 9);
	say("pin", d_get(h, 0));
	h = pin_slow(a + PAGE, 1, FOLL_READ | FOLL_LONGTERM);
	say("longterm", k_info(k_page(h, 0)).exclusive);
}

CASE(Q14, .rules = "5.7-", .title = "two threads' worth of releases in parts")
{
	unsigned long a = u_anon_w(8);
	struct hold h = pin_fast(a, 8, FOLL_WRITE);
	long rel = k_rel();

	say_ret("middle", k_release(h, 2, 3, UNPIN_PAGES, false));
	say("held", k_held(h));
	say("second", k_info(k_page(h, 1)).maybe);
	say("third", k_info(k_page(h, 2)).maybe);
	say_ret("nth", unpin_nth(h, 7));
	say_ret("rest", unpin_dirty(h, true));
	say("left", k_held(h));
	say("rel", k_rel() - rel);
	say("dirty0", k_info(k_page(h, 0)).dirty);
	say("dirty2", k_info(k_page(h, 2)).dirty);
}

CASE(Q15, .rules = "5.7-", .title = "a fixed mapping over a pinned page")
{
	unsigned long a = u_anon_w(3), b;
	struct hold h = pin_fast(a + PAGE, 1, FOLL_WRITE);

	b = u_mmap(a + PAGE, PAGE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	say("fixed", b == a + PAGE);
	say("process", u_get(a + PAGE));
	say("ref", k_ref(k_page(h, 0)));
	say("pin", d_get(h, 0));
	say("before", u_get(a));
}

CASE(Q16, .rules = "5.7-", .title = "protection by turns")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("none", u_mprotect(a, PAGE, PROT_NONE));
	say_ret("load", u_get(a));
	say("there", k_peek(a).prot_none);
	d_put(h, 0, 5);
	say_ret("rw", u_mprotect(a, PAGE, PROT_READ | PROT_WRITE));
	say("byte", u_get(a));
	say("same", k_at(a) == k_page(h, 0));
	say_ret("fast", get_fast_only(a, 1, FOLL_READ).ret);
}

CASE(Q17, .rules = "all", .title = "iov_iter_get_pages2() takes references")
{
	unsigned long a = u_anon_w(3);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = iov_get(a, 3, true);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("acq", k_acq() - acq);
	put(h);
	say("after", k_ref(k_at(a)) - base);
}

CASE(Q18, .rules = "6.5-", .title = "iov_iter_extract_pages() pins")
{
	unsigned long a = u_anon_w(3);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = iov_extract(a, 3, true);

	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("acq", k_acq() - acq);
	unpin(h);
	say("after", k_ref(k_at(a)) - base);
}

CASE(Q19, .rules = "5.7-", .title = "cold and reclaimed advice on a pinned page",
     .needs = NEED_SWAP)
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("cold", u_madvise(a, 2 * PAGE, MADV_COLD));
	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	say("pinned", k_at(a) == k_page(h, 0));
	say("other_swap", k_peek(a + PAGE).swap);
	say("pagemap", u_pagemap(a + PAGE) & (PM_PRESENT | PM_SWAP));
	say("byte", u_get(a + PAGE));
	unpin(h);
	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("swap", k_peek(a).swap);
	say("byte0", u_get(a));
}

CASE(Q20, .rules = "5.19-", .title = "a page keeps its exclusivity across swap",
     .needs = NEED_SWAP)
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("swap", k_peek(a).swap);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	say("pin", d_get(h, 0));
	u_put(a, 9);
	say("same", k_at(a) == k_page(h, 0));
	say("device", d_get(h, 0));
}

CASE(Q21, .rules = "5.7-", .title = "MADV_FREE and a pin in between",
     .needs = NEED_SWAP)
{
	unsigned long a = u_anon_w(2);
	struct hold h;

	say_ret("free", u_madvise(a, 2 * PAGE, MADV_FREE));
	h = pin_fast(a, 1, FOLL_WRITE);
	say("byte", d_get(h, 0));
	u_madvise(a, 2 * PAGE, MADV_PAGEOUT);
	say("pinned", k_at(a) == k_page(h, 0));
	say("other", k_peek(a + PAGE).none);
	say("zero", u_get(a + PAGE));
}

CASE(Q22, .rules = "5.7-", .title = "userfaultfd: write protection and pins",
     .needs = NEED_UFFD)
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("uffd", u_uffd());
	say_ret("register", u_uffd_register(a, PAGE, UFFD_WP));
	say_ret("wp", u_uffd_wp(a, PAGE, true));
	say("marked", k_peek(a).uffd_wp);
	say("writable", k_peek(a).write);
	say_ret("fast_read", get_fast_only(a, 1, FOLL_READ).ret);
	say_ret("fast_write", get_fast_only(a, 1, FOLL_WRITE).ret);
	d_put(h, 0, 9);
	say("process", u_get(a));
	say_ret("off", u_uffd_wp(a, PAGE, false));
	say_ret("store", u_put(a, 5));
	say("same", k_at(a) == k_page(h, 0));
}

CASE(Q23, .rules = "5.7-", .title = "userfaultfd: copy and zero page",
     .needs = NEED_UFFD)
{
	unsigned long a = u_anon(2);
	unsigned char page[PAGE];
	struct hold h;

	memset(page, 7, sizeof(page));
	say_ret("uffd", u_uffd());
	say_ret("register", u_uffd_register(a, 2 * PAGE, UFFD_MISSING));
	say_ret("copy", u_uffd_copy(a, page));
	say_ret("zeropage", u_uffd_zeropage(a + PAGE));
	say_ret("again", u_uffd_copy(a, page));
	h = pin_fast(a, 2, FOLL_READ);
	say_ret("ret", h.ret);
	say("byte", d_get(h, 0));
	say("zero", k_info(k_page(h, 1)).zero);
}

CASE(Q24, .rules = "6.12-", .title = "userfaultfd: a pinned page is not moved",
     .needs = NEED_UFFD)
{
	unsigned long a = u_anon_w(2), b = u_anon(2);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("uffd", u_uffd());
	say_ret("register", u_uffd_register(b, 2 * PAGE, UFFD_MISSING));
	say_ret("pinned", u_uffd_move(b, a, PAGE));
	say_ret("other", u_uffd_move(b + PAGE, a + PAGE, PAGE));
	say("moved", u_get(b + PAGE));
	unpin(h);
	say_ret("after", u_uffd_move(b, a, PAGE));
	say("same", k_at(b) == k_page(h, 0));
}

CASE(Q25, .rules = "5.7-", .title = "notifiers: what tells of a change of memory")
{
	unsigned long a = u_anon_w(6);
	int n = k_notify(a, 6 * PAGE);
	long i;

	u_mprotect(a, PAGE, PROT_READ);
	u_madvise(a + PAGE, PAGE, MADV_DONTNEED);
	u_munmap(a + 5 * PAGE, PAGE);
	for (i = 0; i < k_events(n); i++) {
		struct nevent e = k_event(n, i);
		char key[16];

		if (e.phase != NEV_START)
			continue;
		key[0] = 'e';
		key[1] = '0' + i % 10;
		key[2] = 0;
		say(key, e.type * 100 + e.first * 10 + e.last);
	}
	k_unnotify(n);
}

CASE(Q26, .rules = "5.7-", .title = "notifiers: fork and copy on write")
{
	unsigned long a = u_anon_w(2);
	int n = k_notify(a, 2 * PAGE);

	u_fork();
	say("fork", k_events(n));
	say("type", k_event(n, 0).type);
	u_put(a, 9);
	say("cow", k_events(n));
	say("cow_type", k_event(n, 2).type);
	say("first", k_event(n, 2).first);
	say("last", k_event(n, 2).last);
}

CASE(Q27, .rules = "5.7-", .title = "mlocked pages and pins", .needs = NEED_SWAP)
{
	unsigned long a = u_anon_w(1);

	say_ret("mlock", u_mlock(a, PAGE));
	say("unevictable", k_info(k_at(a)).unevictable);
	say("VmLck", u_status("VmLck"));
	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("there", k_peek(a).present);
	say_ret("munlock", u_munlock(a, PAGE));
	say("unevictable_after", k_info(k_at(a)).unevictable);
	say("VmLck_after", u_status("VmLck"));
}
