// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fork.c - fork, copy on write, sharing (semantics 6.4)
 */
#include "help.h"

static pg_t child_page(int child, unsigned long a)
{
	pg_t page = 0;

	on(child)
		page = k_at(a);
	return page;
}

static long child_get(int child, unsigned long a)
{
	long byte = -1;

	on(child)
		byte = u_get(a);
	return byte;
}

CASE(F01, .rules = "5.10-", .title = "fork copies a pinned page for the child")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child = u_fork();

	say("child_same", child_page(child, a) == k_page(h, 0));
	say("child", child_get(child, a));
	say("same", same(a, h, 0));
	if (rules_from("5.19"))
		say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 9);
	say("written_same", same(a, h, 0));
	say("child_after", child_get(child, a));
}

CASE(F02, .rules = "all", .title = "a plain reference diverges after fork")
{
	unsigned long a = u_anon_w(1);
	struct hold h = get_fast(a, 1, FOLL_WRITE);
	int child = u_fork();

	u_put(a, 9);
	say("same", same(a, h, 0));
	d_put(h, 1, 5);
	say("parent", u_get(a + 1));
	say("child", child_get(child, a + 1));
}

CASE(F03, .rules = "5.10-", .title = "the device and the parent go on together")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	int child = u_fork();

	d_put(h, 1, 5);
	say("parent", u_get(a + 1));
	say("child", child_get(child, a + 1));
}

CASE(F04, .rules = "5.19-", .title = "1024 plain references alone share at fork")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child;

	k_refs(page, 1024);
	say("maybe", k_info(page).maybe);
	child = u_fork();
	say("child_same", child_page(child, a) == page);
	say("same", k_at(a) == page);
	k_refs(page, -1024);
}

CASE(F05, .rules = "5.19-", .title = "1024 plain references and a pin long ago copy")
{
	unsigned long a = u_anon_w(2);
	pg_t page = k_at(a);
	int child;

	unpin(pin_fast(a + PAGE, 1, FOLL_WRITE));
	k_refs(page, 1024);
	child = u_fork();
	say("child_same", child_page(child, a) == page);
	u_put(a, 9);
	say("same", k_at(a) == page);
	say("child", child_get(child, a));
	k_refs(page, -1024);
}

CASE(F06, .rules = "5.19-", .title = "a read pin of a shared page unshares it")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	struct hold h;

	if (rules_until("6.2"))
		say_ret("fast_only", pin_fast_only(a, 1, FOLL_READ).ret);
	h = pin_fast(a, 1, FOLL_READ);
	say_ret("fast", h.ret);
	say("new", k_page(h, 0) != page);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	u_put(a, 9);
	say("pin", d_get(h, 0));
	say("child", child_get(child, a));
}

CASE(F07, .rules = "all", .title = "a plain read reference does not unshare")
{
	unsigned long a = u_anon_w(1);
	pg_t page = k_at(a);
	int child = u_fork();
	long base = k_ref(page);
	struct hold h = get_fast(a, 1, FOLL_READ);

	say_ret("ret", h.ret);
	say("same", k_page(h, 0) == page);
	say("ref", k_ref(page) - base);
	say("child_same", child_page(child, a) == page);
}

CASE(F08, .rules = "5.19-", .title = "a read pin of one's own page stays with it")
{
	unsigned long a = u_anon_w(1);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	u_fork();
	u_put(a, 9);
	say("same", same(a, h, 0));
	say("pin", d_get(h, 0));
}

CASE(F09, .rules = "5.7-", .title = "shared memory stays shared over fork")
{
	unsigned long a = u_shared(1);
	struct hold h;
	int child;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	child = u_fork();
	on(child)
		u_put(a, 7);
	say("pin", d_get(h, 0));
	say("child_same", child_page(child, a) == k_page(h, 0));
}

CASE(F10, .rules = "5.10-", .needs = NEED_THP,
     .title = "fork of a pinned huge page copies small pages")
{
	unsigned long a = u_thp(1);
	struct hold h;
	int child;

	u_fill(a, 3, HUGE);
	say("level", k_peek(a).level);
	h = pin_fast(a, 1, FOLL_WRITE);
	child = u_fork();
	on(child) {
		say("child_order", k_info(k_at(a)).order);
		say("child_same", same(a, h, 0));
	}
	say("order", k_info(k_page(h, 0)).order);
	say("same", same(a, h, 0));
	d_put(h, 1, 5);
	say("parent", u_get(a + 1));
	say("child", child_get(child, a + 1));
}

CASE(F11, .rules = "5.7-", .title = "a read pin of a private file page goes stale")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map_private(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	u_put(a, 9);
	say("pin", d_get(h, 0));
	say("process", u_get(a));
	say("file", f_byte(fd, 0));
	say("same", same(a, h, 0));
}

CASE(F12, .rules = "5.7-", .title = "a write pin of a private file page copies it")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map_private(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct pginfo info = k_info(k_page(h, 0));

	say_ret("ret", h.ret);
	say("anon", info.anon);
	if (rules_from("5.19"))
		say("exclusive", info.exclusive);
	d_put(h, 0, 9);
	say("process", u_get(a));
	say("file", f_byte(fd, 0));
}

CASE(F13, .rules = "5.7-", .title = "a long read pin of a private file page")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map_private(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_READ | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("anon", k_info(k_page(h, 0)).anon);
	u_put(a, 9);
	say("pin", d_get(h, 0));
}

CASE(F14, .rules = "5.10-", .title = "clear_refs leaves pinned pages writable")
{
	unsigned long a = u_anon_w(2);

	pin_fast(a, 1, FOLL_WRITE);
	say_ret("clear", u_clear_refs(4));
	if (rules_until("6.2")) {
		say_ret("pinned", pin_fast_only(a, 1, FOLL_WRITE).ret);
		say_ret("control", pin_fast_only(a + PAGE, 1, FOLL_WRITE).ret);
	} else {
		say_ret("pinned", get_fast_only(a, 1, FOLL_WRITE).ret);
		say_ret("control", get_fast_only(a + PAGE, 1, FOLL_WRITE).ret);
	}
}

CASE(F15, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "fork copies a pinned hugetlb page whole")
{
	unsigned long a = u_hugetlb(1);
	struct hold h;
	int child;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	child = u_fork();
	on(child) {
		say("child_same", same(a, h, 0));
		say("child_order", k_info(k_at(a)).order);
		say("child", u_get(a));
	}
	say("same", same(a, h, 0));
	say("order", k_info(k_page(h, 0)).order);
}
