// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * varyproc.c - variations that the specification does not list: what /proc
 * tells and clears, lazy freeing, locked memory, nodes, secret memory
 */
#include "help.h"

CASE(N01, .rules = "5.19-", .title = "a pinned page cannot be told clean from written")
{
	unsigned long a = u_anon_w(2);

	pin_fast(a, 1, FOLL_WRITE);
	u_clear_refs(4);
	say("pinned", !!(u_pagemap(a) & PM_SOFT_DIRTY));
	say("other", !!(u_pagemap(a + PAGE) & PM_SOFT_DIRTY));
	u_put(a + PAGE, 5);
	say("written", !!(u_pagemap(a + PAGE) & PM_SOFT_DIRTY));
}

CASE(N02, .rules = "5.7-", .title = "accessed bits of pinned pages are cleared")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("clear", u_clear_refs(1));
	say("young", k_peek(a).young);
	/* when the next access sets it again is the TLB's affair */
	u_get(a);
	say("same", same(a, h, 0));
}

CASE(N03, .rules = "5.7-", .title = "pagemap: whose page it is, and where")
{
	unsigned long a = u_anon_w(2), b = u_map(f_memfd(1, 0), 1);
	int child;

	u_put(b, 1);
	pin_fast(a, 1, FOLL_WRITE);
	say("own", !!(u_pagemap(a) & PM_EXCLUSIVE));
	say("file", !!(u_pagemap(b) & PM_FILE));
	child = u_fork();
	say("shared", !!(u_pagemap(a + PAGE) & PM_EXCLUSIVE));
	if (rules_from("5.10")) {
		say("pinned", !!(u_pagemap(a) & PM_EXCLUSIVE));
		on(child)
			say("copy", !!(u_pagemap(a) & PM_EXCLUSIVE));
	}
}

CASE(N04, .rules = "5.7-", .title = "MADV_FREE and a write in time")
{
	unsigned long a = u_anon_w(2);

	say_ret("free", u_madvise(a, 2 * PAGE, MADV_FREE));
	u_put(a, 5);
	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	say("written", u_get(a));
	say("not", u_get(a + PAGE));
}

CASE(N05, .rules = "5.19-", .title = "MADV_FREE under a plain reference")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);

	say_ret("free", u_madvise(a, PAGE, MADV_FREE));
	u_madvise(a, PAGE, MADV_PAGEOUT);
	say("process", u_get(a));
	say("held", d_get(h, 0));
	say("same", same(a, h, 0));
}

CASE(N06, .rules = "5.7-", .title = "locks are not inherited, pins neither")
{
	unsigned long a = u_anon_w(2);
	int child;

	say_ret("lock", u_mlock(a, 2 * PAGE));
	pin_fast(a, 1, FOLL_WRITE);
	child = u_fork();
	on(child)
		say("VmLck", u_status("VmLck"));
	say("own", u_status("VmLck"));
}

CASE(N07, .rules = "5.7-", .title = "locked and pinned memory is unmapped")
{
	unsigned long a = u_anon_w(1);
	long lck = u_status("VmLck");
	struct hold h;

	u_mlock(a, PAGE);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("munmap", u_munmap(a, PAGE));
	say("VmLck", u_status("VmLck") - lck);
	say("ref", k_ref(k_page(h, 0)));
	say("pin", d_get(h, 0));
}

CASE(N08, .rules = "5.7-", .title = "locked memory does not follow a pin, nor the reverse")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	u_mlock(a, PAGE);
	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	say_ret("free", u_madvise(a, PAGE, MADV_FREE));
	u_munlock(a, PAGE);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(N10, .rules = "5.10-", .needs = NEED_SWAP,
     .title = "shared memory: the pinned page stays")
{
	unsigned long a = u_map(f_memfd(2, 0), 2);
	struct hold h;

	u_put(a, 1);
	u_put(a + PAGE, 2);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	d_put(h, 1, 5);
	say("byte", u_get(a));
	say("device", u_get(a + 1));
	say("same", same(a, h, 0));
	say("other", u_get(a + PAGE));
}

CASE(N11, .rules = "5.19-", .needs = NEED_SWAP,
     .title = "swapped memory of a child that pins")
{
	unsigned long a = u_anon_w(1);
	struct hold h = { 0 };
	int child = u_fork();

	u_madvise(a, PAGE, MADV_PAGEOUT);
	on(child) {
		u_madvise(a, PAGE, MADV_PAGEOUT);
		h = pin_fast(a, 1, FOLL_READ);
		say_ret("ret", h.ret);
		say("exclusive", k_info(k_page(h, 0)).exclusive);
		u_put(a, 5);
	}
	say("pin", d_get(h, 0));
	say("parent", u_get(a));
}

CASE(N20, .rules = "5.7-", .needs = NEED_NODES,
     .title = "of four pages the pinned one does not move")
{
	unsigned long a = u_anon_w(4);
	struct hold h = pin_fast(a + PAGE, 1, FOLL_WRITE);
	int node = k_info(k_page(h, 0)).node, status[4] = { 77, 77, 77, 77 };

	say_ret("ret", u_move_pages(a, 4, !node, status));
	say("first", k_info(k_at(a)).node != node);
	say("pinned", k_info(k_at(a + PAGE)).node != node);
	say("same", same(a + PAGE, h, 0));
	say("byte", u_get(a + 3 * PAGE));
}

CASE(N21, .rules = "5.7-", .needs = NEED_NODES,
     .title = "nor does a page with a plain reference")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);
	int node = k_info(k_page(h, 0)).node, status = 77;

	say_ret("held", u_move_pages(a, 1, !node, &status));
	say("same", same(a, h, 0));
	put(h);
	say_ret("free", u_move_pages(a, 1, !node, &status));
	say("there", status == !node);
	say("moved", k_info(k_at(a)).node != node);
}

CASE(N22, .rules = "5.7-", .needs = NEED_NODES,
     .title = "pages that are not there, or not one's own")
{
	unsigned long a = u_anon(1), b = u_anon_w(1), c = u_anon_w(1);
	int node = k_info(k_at(b)).node, status = 77;

	say_ret("untouched", u_move_pages(a, 1, !node, &status));
	say_ret("status", status);
	u_fork();
	say_ret("shared", u_move_pages(b, 1, !node, &status));
	say_ret("status_shared", status);
	u_munmap(c, PAGE);
	say_ret("unmapped", u_move_pages(c, 1, !node, &status));
	say_ret("status_unmapped", status);
}

CASE(N23, .rules = "5.7-", .needs = NEED_NODES,
     .title = "a file's page moves, unless it is pinned")
{
	unsigned long a;
	struct hold h;
	int fd, node, status = 77;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	node = k_info(k_page(h, 0)).node;
	say_ret("pinned", u_move_pages(a, 1, !node, &status));
	d_put(h, 1, 5);
	unpin_dirty(h, true);
	say_ret("free", u_move_pages(a, 1, !node, &status));
	say("moved", k_info(k_at(a)).node != node);
	say("byte", u_get(a + 1));
	say_ret("fsync", f_fsync(fd));
	say("file", f_byte(fd, 1));
}

CASE(N24, .rules = "5.7-", .needs = NEED_NODES,
     .title = "long pins stay on their node")
{
	unsigned long a = u_anon_w(2);
	int node = k_info(k_at(a)).node;
	struct hold h = pin_fast(a, 2, FOLL_WRITE | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("same", k_info(k_page(h, 0)).node == node);
}

CASE(N30, .rules = "5.19-", .needs = NEED_SECRETMEM,
     .title = "secret memory is for its owner alone")
{
	int other = u_spawn();
	unsigned long a = u_map(f_secretmem(1), 1);
	long acq = k_acq();
	char byte;

	u_put(a, 7);
	say("own", u_get(a));
	on(other)
		say_ret("read", u_vm_read(0, a, &byte, 1));
	say_ret("long", pin_slow(a, 1, FOLL_WRITE | FOLL_LONGTERM).ret);
	say_ret("remote", pin_remote(0, a, 1, FOLL_READ).ret);
	say("acq", k_acq() - acq);
}

CASE(N31, .rules = "6.12-", .title = "memfd_pin_folios() fills, pins and counts")
{
	int fd = f_memfd(4, 0);
	long offset = -1, acq = k_acq(), rel = k_rel();
	struct hold h = memfd_pin(fd, PAGE + 100, 3 * PAGE - 1, 8, &offset);

	say_ret("ret", h.ret);
	say("offset", offset);
	say("acq", k_acq() - acq);
	say("maybe", k_info(k_page(h, 0)).maybe);
	d_put(h, 1, 5);
	say("file", f_byte(fd, PAGE + 1));
	say_ret("unpin", k_release(h, 0, h.ret, UNPIN_FOLIOS, false));
	say("rel", k_rel() - rel);
}

CASE(N32, .rules = "6.12-", .title = "memfd_pin_folios() and a file that is cut")
{
	int fd = f_memfd(2, 0);
	long offset;
	struct hold h = memfd_pin(fd, 0, 2 * PAGE - 1, 2, &offset);

	say_ret("ret", h.ret);
	d_put(h, PAGE, 5);
	say_ret("truncate", f_truncate(fd, PAGE));
	say("mapping", k_info(k_page(h, 1)).mapping);
	say("ref", k_ref(k_page(h, 1)));
	say("pin", d_get(h, PAGE));
	k_release(h, 0, 2, UNPIN_FOLIOS, false);
}

CASE(N33, .rules = "6.12-", .title = "memfd_pin_folios() with less room than folios")
{
	int fd = f_memfd(4, 0);
	long offset, acq = k_acq();
	struct hold h = memfd_pin(fd, 0, 4 * PAGE - 1, 2, &offset);

	say_ret("ret", h.ret);
	say("acq", k_acq() - acq);
}

CASE(N40, .rules = "5.7-", .title = "compaction leaves pinned memory alone")
{
	unsigned long a = u_anon_w(8);
	struct hold h = pin_fast(a, 8, FOLL_WRITE);
	long i, stay = 0;

	k_compact();
	for (i = 0; i < 8; i++)
		stay += same(a + i * PAGE, h, i);
	say("same", stay);
	say("byte", u_get(a + 7 * PAGE));
}
