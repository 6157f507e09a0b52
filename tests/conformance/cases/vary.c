// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * vary.c - variations that the specification does not list: address spaces
 *
 * varyfile.c has those about files, varykind.c other kinds of memory,
 * varyproc.c what /proc tells.
 */
#include "help.h"

CASE(V01, .rules = "5.7-", .title = "releases in any order add up")
{
	unsigned long a = u_anon_w(3);
	long base = k_ref(k_at(a + PAGE)), rel = k_rel();
	struct hold h = pin_fast(a, 3, FOLL_WRITE);
	struct hold i = pin_unlocked(a + PAGE, 1, FOLL_READ);

	unpin_nth(h, 2);
	unpin_nth(h, 0);
	say("two", k_ref(k_at(a + PAGE)) - base);
	unpin(i);
	say("one", k_ref(k_at(a + PAGE)) - base);
	unpin_nth(h, 1);
	say("none", k_ref(k_at(a + PAGE)) - base);
	say("held", k_held(h));
	say("rel", k_rel() - rel);
}

CASE(V02, .rules = "5.7-", .title = "two processes pin one shared page")
{
	unsigned long a = u_shared(1);
	struct hold mine, theirs = { 0 };
	int child;
	long base;

	u_put(a, 1);
	child = u_fork();
	on(child)
		u_get(a);
	base = k_ref(k_at(a));
	mine = pin_fast(a, 1, FOLL_WRITE);
	on(child)
		theirs = pin_fast(a, 1, FOLL_WRITE);
	say("same", k_page(mine, 0) == k_page(theirs, 0));
	say("ref", k_ref(k_at(a)) - base);
	u_exit(child);
	say("exit", k_ref(k_at(a)) - base);
	unpin(theirs);
	say("one", k_ref(k_at(a)) - base);
}

CASE(V03, .rules = "5.10-", .title = "fork of a fork of a pinned page")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child = u_fork(), grandchild = 0;
	pg_t theirs = 0;

	on(child) {
		theirs = k_at(a);
		grandchild = u_fork();
	}
	on(grandchild) {
		say("shares", k_at(a) == theirs);
		say("byte", u_get(a));
	}
	say("same", same(a, h, 0));
}

CASE(V04, .rules = "5.7-", .title = "a write pin in the child copies there")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h = { 0 };

	on(child) {
		h = pin_fast(a, 1, FOLL_WRITE);
		say_ret("ret", h.ret);
		say("same", same(a, h, 0));
	}
	say("new", k_page(h, 0) != page);
	say("parent", k_at(a) == page);
	d_put(h, 0, 5);
	say("byte", u_get(a));
}

CASE(V05, .rules = "5.7-", .title = "a write pin in the parent copies there")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say("new", k_page(h, 0) != page);
	say("same", same(a, h, 0));
	on(child)
		say("child", k_at(a) == page);
	u_put(a, 5);
	say("pin", d_get(h, 0));
}

CASE(V06, .rules = "5.10-", .title = "the last owner writes to its page in place")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h;

	u_exit(child);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("same", k_page(h, 0) == page);
}

CASE(V07, .rules = "5.19-", .title = "the last owner's read pin needs no copy")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h;

	u_exit(child);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("ret", h.ret);
	say("same", k_page(h, 0) == page);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 5);
	say("pin", d_get(h, 0));
}

CASE(V08, .rules = "5.7-", .title = "MADV_DONTFORK keeps pinned memory from the child")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child;

	say_ret("advice", u_madvise(a, PAGE, MADV_DONTFORK));
	child = u_fork();
	on(child)
		say_ret("child", u_get(a));
	say("same", same(a, h, 0));
	u_put(a, 5);
	say("pin", d_get(h, 0));
}

CASE(V09, .rules = "5.7-", .title = "MADV_WIPEONFORK gives the child zeroes")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child;

	say_ret("advice", u_madvise(a, PAGE, MADV_WIPEONFORK));
	child = u_fork();
	on(child)
		say("child", u_get(a));
	u_put(a, 5);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(V10, .rules = "5.7-", .title = "a new mapping in the place of a pinned one")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	u_mmap(a, PAGE, RW, PRIV | MAP_FIXED, -1, 0);
	say("process", u_get(a));
	u_put(a, 5);
	say("pin", d_get(h, 0));
	say("ref", k_ref(k_page(h, 0)));
}

CASE(V11, .rules = "5.7-", .title = "a part of a pinned range is unmapped")
{
	unsigned long a = u_anon_w(4);
	long base = k_ref(k_at(a));
	struct hold h = pin_fast(a, 4, FOLL_WRITE);

	u_munmap(a + PAGE, 2 * PAGE);
	say("gone", k_ref(k_page(h, 1)));
	say("stays", k_ref(k_page(h, 0)) - base);
	say("same", same(a + 3 * PAGE, h, 3));
	say("pin", d_get(h, 2 * PAGE));
}

CASE(V12, .rules = "5.7-", .title = "mremap cuts a pinned page off")
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 2, FOLL_WRITE);

	say("in_place", u_mremap(a, 2 * PAGE, PAGE, 0, 0) == a);
	say("ref", k_ref(k_page(h, 1)));
	say("pin", d_get(h, PAGE));
	say("same", same(a, h, 0));
}

CASE(V13, .rules = "5.7-", .title = "mremap grows and moves pinned pages")
{
	unsigned long a = u_anon_w(2), b;
	struct hold h = pin_fast(a, 2, FOLL_WRITE);

	u_mmap(a + 2 * PAGE, PAGE, RW, PRIV | MAP_FIXED, -1, 0);
	u_put(a + 2 * PAGE, 1);
	u_mprotect(a + 2 * PAGE, PAGE, PROT_READ);
	b = u_mremap(a, 2 * PAGE, 4 * PAGE, MREMAP_MAYMOVE, 0);
	say("moved", b != a && !u_bad(b));
	say("same", same(b, h, 0) && same(b + PAGE, h, 1));
	d_put(h, PAGE + 1, 5);
	say("process", u_get(b + PAGE + 1));
	say("new", u_get(b + 3 * PAGE));
}

CASE(V14, .rules = "5.7-", .title = "a read pin of one's own page sees writes")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	u_put(a, 5);
	say("pin", d_get(h, 0));
	say("same", same(a, h, 0));
}

CASE(V15, .rules = "5.7-", .title = "a write pin leaves the zero page")
{
	unsigned long a = u_anon(1);
	struct hold h;

	u_get(a);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("zero", k_info(k_page(h, 0)).zero);
	d_put(h, 0, 5);
	say("process", u_get(a));
}

CASE(V16, .rules = "5.7-", .title = "rights taken and given back")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE), i;

	u_mprotect(a, PAGE, PROT_READ);
	i = pin_fast(a, 1, FOLL_READ);
	say_ret("read", i.ret);
	u_mprotect(a, PAGE, RW);
	u_put(a, 5);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
	say_pin("write", pin_fast(a, 1, FOLL_WRITE));
}

CASE(V17, .rules = "5.7-", .title = "PROT_NONE over a present page")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	struct hold h;

	u_mprotect(a, PAGE, PROT_NONE);
	say_ret("only", get_fast_only(a, 1, FOLL_READ).ret);
	say_ret("slow", pin_slow(a, 1, FOLL_READ).ret);
	h = pin_slow(a, 1, FOLL_READ | FOLL_FORCE);
	say_ret("force", h.ret);
	say("same", k_page(h, 0) == page);
	say("byte", d_get(h, 0));
}

CASE(V18, .rules = "5.19-", .title = "a failed pin marks the address space")
{
	unsigned long a = u_anon_w(1);
	long acq = k_acq();

	u_munmap(a, PAGE);
	say_ret("ret", pin_fast(a, 1, FOLL_WRITE).ret);
	say("acq", k_acq() - acq);
	say("has_pinned", k_has_pinned(0));
}

CASE(V19, .rules = "5.19-", .title = "plain references do not")
{
	unsigned long a = u_anon_w(1);

	get_fast(a, 1, FOLL_WRITE);
	get_slow(a, 1, FOLL_WRITE);
	say("has_pinned", k_has_pinned(0));
}

CASE(V20, .rules = "5.19-", .title = "pinning no pages marks it or not")
{
	unsigned long a = u_anon_w(1);

	say_ret("ret", pin_slow(a, 0, FOLL_WRITE).ret);
	say("has_pinned", k_has_pinned(0));
}

CASE(V21, .rules = "5.7-", .title = "populating writes")
{
	unsigned long a = u_anon(2);

	say_ret("ret", populate(a, 2, FOLL_WRITE));
	say("present", k_peek(a).present && k_peek(a + PAGE).present);
	say("write", k_peek(a).write);
	say("byte", u_get(a + PAGE));
}

CASE(V22, .rules = "5.7-", .title = "FOLL_DUMP finds nothing in a hole")
{
	unsigned long a = u_anon(1), b = u_anon_w(1);

	say_get("hole", get_slow(a, 1, FOLL_READ | FOLL_DUMP));
	say_get("page", get_slow(b, 1, FOLL_READ | FOLL_DUMP));
}

CASE(V23, .rules = "5.7-", .title = "FOLL_ANON asks for an anonymous area")
{
	unsigned long a = u_anon_w(1);
	unsigned long b = u_map_private(f_cached("f", 1, 1), 1);

	u_put(b, 5);
	say_get("anon", get_slow(a, 1, FOLL_ANON));
	say_get("private", get_slow(b, 1, FOLL_ANON));
}

CASE(V24, .rules = "5.7-", .title = "flags that change nothing here")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	struct hold h = pin_slow(a, 1, FOLL_WRITE | FOLL_HWPOISON);
	struct hold i = pin_slow(a, 1, FOLL_WRITE | FOLL_SPLIT_PMD);
	struct hold j = pin_slow(a, 1, FOLL_WRITE | FOLL_NOWAIT);

	say_ret("hwpoison", h.ret);
	say_ret("split", i.ret);
	say_ret("nowait", j.ret);
	say("same", k_page(h, 0) == page && k_page(i, 0) == page);
}

CASE(V25, .rules = "5.7-", .title = "the fast walk crosses areas")
{
	unsigned long a = u_anon_w(4);
	struct hold h;
	long acq;

	u_mmap(a + 2 * PAGE, 2 * PAGE, RW, MAP_SHARED | MAP_FIXED,
	       f_memfd(2, 0), 0);
	u_put(a + 2 * PAGE, 1);
	u_put(a + 3 * PAGE, 1);
	acq = k_acq();
	h = pin_fast(a, 4, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("acq", k_acq() - acq);
	say("anon", k_info(k_page(h, 1)).anon);
	say("file", !k_info(k_page(h, 2)).anon);
}

CASE(V26, .rules = "5.7-", .title = "two pins and 1023 references")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	long base = k_ref(page);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct hold i = pin_fast(a, 1, FOLL_WRITE);

	k_refs(page, 1023 - base);
	unpin(h);
	unpin(i);
	say("maybe", k_info(page).maybe);
	say("ref", k_ref(page));
	k_refs(page, -(1023 - base));
}

CASE(V27, .rules = "5.19-", .title = "a remote pin of the parent's page in the child")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h = pin_remote(child, a, 1, FOLL_READ);

	say_ret("ret", h.ret);
	say("new", k_page(h, 0) != page);
	say("child_has_pinned", k_has_pinned(child));
	say("has_pinned", k_has_pinned(0));
	on(child) {
		say("same", same(a, h, 0));
		u_put(a, 5);
	}
	say("pin", d_get(h, 0));
	say("byte", u_get(a));
}

CASE(V28, .rules = "5.7-", .title = "another process writes into a pinned page")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int other = u_spawn();
	char byte = 5;

	on(other)
		say_ret("write", u_vm_write(0, a + 1, &byte, 1));
	say("pin", d_get(h, 1));
	d_put(h, 2, 6);
	on(other)
		say_ret("read", u_vm_read(0, a + 2, &byte, 1));
	say("byte", byte);
	say("same", same(a, h, 0));
}

CASE(V29, .rules = "5.19-", .title = "a forced write meets a read pin")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_READ);
	char byte = 5;

	u_mprotect(a, PAGE, PROT_READ);
	say_ret("write", u_mem_write(0, a, &byte, 1));
	say("pin", d_get(h, 0));
	say("same", same(a, h, 0));
	say("process", u_get(a));
}

CASE(V30, .rules = "5.7-", .title = "no forced write into a shared area")
{
	unsigned long a = u_shared(1);
	char byte = 5;

	u_put(a, 1);
	u_mprotect(a, PAGE, PROT_READ);
	say_ret("write", u_mem_write(0, a, &byte, 1));
	say("process", u_get(a));
	say_ret("other", u_vm_write(0, a, &byte, 1));
}

CASE(V31, .rules = "5.7-", .title = "POPULATE_WRITE makes the fast walk succeed")
{
	unsigned long a = u_anon(1);

	say_get("before", get_fast_only(a, 1, FOLL_WRITE));
	say_ret("populate", u_madvise(a, PAGE, MADV_POPULATE_WRITE));
	say_get("after", get_fast_only(a, 1, FOLL_WRITE));
}

CASE(V32, .rules = "5.7-", .title = "POPULATE_READ does for reading")
{
	unsigned long a = u_map(f_memfd(1, 0), 1);

	say_ret("populate", u_madvise(a, PAGE, MADV_POPULATE_READ));
	say_get("read", get_fast_only(a, 1, FOLL_READ));
	say_get("write", get_fast_only(a, 1, FOLL_WRITE));
}

CASE(V33, .rules = "5.7-", .title = "MADV_COLD leaves pinned memory where it is")
{
	unsigned long a = u_anon_w(2);
	struct hold h = pin_fast(a, 2, FOLL_WRITE);

	say_ret("advice", u_madvise(a, 2 * PAGE, MADV_COLD));
	say("same", same(a, h, 0) && same(a + PAGE, h, 1));
	say("pin", d_get(h, PAGE));
}

CASE(V34, .rules = "5.7-", .title = "a pin of a page that was given back and taken again")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE), i;

	u_madvise(a, PAGE, MADV_DONTNEED);
	i = pin_fast(a, 1, FOLL_WRITE);
	say_ret("ret", i.ret);
	say("new", k_page(i, 0) != k_page(h, 0));
	d_put(h, 0, 5);
	d_put(i, 0, 6);
	say("process", u_get(a));
	say("pin", d_get(h, 0));
}

CASE(V35, .rules = "5.7-", .title = "a thousand pages at once")
{
	unsigned long a = u_anon(1000);
	long acq = k_acq(), rel = k_rel();
	struct hold h = pin_fast(a, 1000, FOLL_WRITE);

	say_ret("ret", h.ret);
	say("acq", k_acq() - acq);
	d_put(h, 999 * PAGE, 5);
	say("process", u_get(a + 999 * PAGE));
	unpin_dirty(h, true);
	say("rel", k_rel() - rel);
	say("dirty", k_info(k_at(a + 500 * PAGE)).dirty);
}

CASE(V36, .rules = "5.7-", .title = "the owner exits while others share its pinned page")
{
	int owner = u_spawn(), child = 0;
	unsigned long a = 0;
	struct hold h = { 0 };

	on(owner) {
		a = u_shared(1);
		u_put(a, 1);
		h = pin_fast(a, 1, FOLL_WRITE);
		child = u_fork();
	}
	u_exit(owner);
	d_put(h, 0, 5);
	on(child)
		say("child", u_get(a));
	u_exit(child);
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("pin", d_get(h, 0));
}
