// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hugetlb_more.c - huge pages of the pool: moved, failed, remapped, cut, sealed
 */
#include "help.h"

#define SUB	512L

static unsigned long hugepage(void)
{
	unsigned long a = u_hugetlb(1);

	u_put(a, 1);
	u_put(a + 7 * PAGE, 8);
	return a;
}

static long total(void)
{
	return k_meminfo("HugePages_Total");
}

static long nr_free(void)
{
	return k_meminfo("HugePages_Free");
}

static long reserved(void)
{
	return k_meminfo("HugePages_Rsvd");
}

struct pool {
	long total, free, reserved;
};

static struct pool pool(void)
{
	return (struct pool){ total(), nr_free(), reserved() };
}

static void say_pool(struct pool was)
{
	say("total", total() - was.total);
	say("free", nr_free() - was.free);
	say("rsvd", reserved() - was.reserved);
}

static int node_of(unsigned long a)
{
	return k_info(k_at(a)).node;
}

static void say_move(const char *key, unsigned long a, int to)
{
	int status = 77;

	say_ret(key, u_move_pages(a, 1, to, &status));
	if (status < 0)
		say_ret("status", status);
	else
		say("status", status == to ? 1 : status);
}

CASE(B01, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_NODES,
     .title = "a hugetlb page moves to another node")
{
	unsigned long a = hugepage();
	struct pool was = pool();
	int node = node_of(a);

	say_move("ret", a, !node);
	say("moved", node_of(a) != node);
	say("level", k_peek(a).level);
	say("write", k_peek(a).write);
	say("exclusive", k_info(k_at(a)).exclusive);
	say("hugetlb", k_info(k_at(a)).hugetlb);
	say("map", k_info(k_at(a)).map);
	say("byte", u_get(a + 7 * PAGE));
	say_pool(was);
}

CASE(B02, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_NODES,
     .title = "asked to move a page in the middle of it")
{
	unsigned long a = hugepage();
	int node = node_of(a);

	say_move("ret", a + 7 * PAGE, !node);
	say("moved", node_of(a) != node);
}

CASE(B03, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_NODES,
     .title = "a pinned hugetlb page stays")
{
	unsigned long a = hugepage();
	int node = node_of(a);
	struct hold h = pin_fast(a + 3 * PAGE, 1, FOLL_WRITE);

	say_move("ret", a, !node);
	say("same", same(a + 3 * PAGE, h, 0));
	say("exclusive", k_info(k_at(a)).exclusive);
	unpin(h);
	say_move("after", a, !node);
	say("moved", node_of(a) != node);
}

CASE(B04, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_NODES,
     .title = "a hugetlb page of a file moves under its mappings")
{
	int fd = f_memfd(1, MFD_HUGETLB), node;
	unsigned long a = u_map(fd, SUB), b = u_map(fd, SUB);

	u_put(a, 3);
	u_get(b);
	node = node_of(a);
	say_move("shared", a, !node);
	u_munmap(b, HUGE);
	say_move("ret", a, !node);
	say("moved", node_of(a) != node);
	say("byte", u_get(a));
	say("file", f_byte(fd, 0));
	u_put(a + PAGE, 4);
	say("new", f_byte(fd, PAGE));
}

CASE(B05, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_NODES,
     .title = "migrate_pages takes hugetlb pages along")
{
	unsigned long a = hugepage();
	int node = node_of(a);

	say_ret("ret", u_migrate_pages(node, !node));
	say("moved", node_of(a) != node);
	say("byte", u_get(a + 7 * PAGE));
}

CASE(B06, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_MOVABLE,
     .title = "a long pin of a hugetlb page in ZONE_MOVABLE")
{
	unsigned long a = hugepage();
	pg_t was = k_at(a);
	struct pool p = pool();
	long acq = k_acq();
	bool movable = k_info(was).zone == ZONE_IS_MOVABLE;
	struct hold h = pin_fast(a, 2, FOLL_WRITE | FOLL_LONGTERM);

	say("movable", movable);
	say_ret("ret", h.ret);
	say("fits", k_info(k_page(h, 0)).longterm);
	say("moved", (k_page(h, 0) != was) == movable);
	say("acq", k_acq() - acq == (movable ? 4 : 2));
	say("byte", u_get(a + 7 * PAGE));
	say_pool(p);
}

CASE(B07, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a hugetlb page with a weak frame moves, the pool has one less")
{
	unsigned long a = hugepage();
	pg_t was = k_at(a);
	struct pool p = pool();

	say_ret("ret", u_madvise(a + 5 * PAGE, PAGE, MADV_SOFT_OFFLINE));
	say("moved", k_at(a) != was);
	say("level", k_peek(a).level);
	say("exclusive", k_info(k_at(a)).exclusive);
	say("byte", u_get(a + 7 * PAGE));
	say_pool(p);
	say_ret("again", u_madvise(a, PAGE, MADV_SOFT_OFFLINE));
	say("byte_again", u_get(a + 7 * PAGE));
}

CASE(B08, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "not if it is pinned")
{
	unsigned long a = hugepage();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct pool p = pool();

	say_ret("ret", u_madvise(a, PAGE, MADV_SOFT_OFFLINE));
	say("same", same(a, h, 0));
	say("byte", u_get(a));
	say_pool(p);
}

CASE(B09, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a private hugetlb page whose frame failed")
{
	unsigned long a = hugepage();
	struct pool p = pool();

	say_ret("ret", u_madvise(a + 5 * PAGE, PAGE, MADV_HWPOISON));
	say_ret("byte", u_get(a));
	say_ret("other", u_get(a + 7 * PAGE));
	say_ret("pin", pin_slow(a, 1, FOLL_READ).ret);
	say_ret("told", pin_slow(a, 1, FOLL_READ | FOLL_HWPOISON).ret);
	say_ret("fast", pin_fast(a, 1, FOLL_WRITE).ret);
	say("present", k_peek(a).present);
	say_pool(p);
	say_ret("munmap", u_munmap(a, HUGE));
	say_pool(p);
}

CASE(B10, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a pinned one: the device goes on, the pool gets it back and keeps it")
{
	unsigned long a = hugepage();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct pool p = pool();

	say_ret("ret", u_madvise(a, PAGE, MADV_HWPOISON));
	say_ret("byte", u_get(a));
	say("pins", k_info(k_page(h, 0)).pins);
	say_ret("write", d_put(h, 0, 5));
	say("read", d_get(h, 0));
	say_pool(p);
	u_munmap(a, HUGE);
	unpin(h);
	say_pool(p);
}

CASE(B11, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a hugetlb page of a file whose frame failed")
{
	int fd = f_memfd(2, MFD_HUGETLB);
	unsigned long a = u_map(fd, 2 * SUB), b;

	u_put(a, 1);
	u_put(a + HUGE, 2);
	say_ret("ret", u_madvise(a, PAGE, MADV_HWPOISON));
	say_ret("byte", u_get(a));
	say("next", u_get(a + HUGE));
	say_ret("told", pin_slow(a, 1, FOLL_READ | FOLL_HWPOISON).ret);
	b = u_map(fd, 2 * SUB);
	say_ret("again", u_get(b));
	say_ret("file", f_byte(fd, 0));
	say_ret("rest", f_byte(fd, 7 * PAGE));
	say("blocks", f_blocks(fd) / 4096);
}

CASE(B12, .rules = "5.19-", .needs = NEED_HUGETLB | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "a child inherits the failure")
{
	unsigned long a = hugepage();
	int child;

	say_ret("ret", u_madvise(a, PAGE, MADV_HWPOISON));
	child = u_fork();
	on(child)
		say_ret("child", u_get(a));
	say_ret("parent", u_get(a));
}

CASE(B20, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "mremap moves a pinned hugetlb page")
{
	unsigned long a = hugepage(), to = u_hugetlb(1), b;
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct pool p = pool();

	u_munmap(to, HUGE);
	b = u_mremap(a, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	say_ret("ret", u_bad(b) ? (long)b : b == to);
	say("same", !u_bad(b) && same(b, h, 0));
	say_ret("old", u_get(a));
	say_ret("byte", u_bad(b) ? 0 : u_get(b + 7 * PAGE));
	say_pool(p);
}

static long remap(unsigned long a, long old_len, long new_len, unsigned long to)
{
	unsigned long b = u_mremap(a, old_len, new_len,
				   MREMAP_MAYMOVE | (to ? MREMAP_FIXED : 0), to);

	return u_bad(b) ? (long)b : b == a ? 0 : b == to ? 1 : 2;
}

CASE(B21, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "what else mremap does and does not with hugetlb")
{
	unsigned long a = u_hugetlb(3), to = u_hugetlb(3);

	u_munmap(to, 3 * HUGE);
	u_put(a, 1);
	say_ret("grow", remap(a, 3 * HUGE, 4 * HUGE, 0));
	say_ret("grow_part", remap(a, 3 * HUGE, 3 * HUGE + PAGE, 0));
	say_ret("same", remap(a, 3 * HUGE, 3 * HUGE, 0));
	say_ret("shrink_part", remap(a, 3 * HUGE, 3 * HUGE - PAGE, 0));
	say_ret("third", u_get(a + 2 * HUGE));
	say_ret("shrink", remap(a, 3 * HUGE, 2 * HUGE, 0));
	say_ret("gone", u_get(a + 2 * HUGE));
	say_ret("odd", remap(a + PAGE, HUGE, HUGE, 0));
	say_ret("odd_to", remap(a, HUGE, HUGE, to + PAGE));
	say_ret("odd_len", remap(a, PAGE, PAGE, to));
	say_ret("byte", u_get(a));
}

CASE(B22, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "promises of the pool move along")
{
	unsigned long a = u_hugetlb(3), to = u_hugetlb(3);
	struct pool p;

	u_munmap(to, 3 * HUGE);
	u_put(a, 1);
	p = pool();
	say_ret("ret", remap(a, 3 * HUGE, 3 * HUGE, to));
	say_pool(p);
	say_ret("put", u_put(to + HUGE, 2));
	say_pool(p);
	say_ret("munmap", u_munmap(to, 3 * HUGE));
	say_pool(p);
}

CASE(B23, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "a hole that covers part of hugetlb pages")
{
	int fd = f_memfd(2, MFD_HUGETLB);
	unsigned long a = u_map(fd, 2 * SUB);
	struct hold h;

	u_fill(a, 7, PAGE);
	u_put(a + 7 * PAGE, 8);
	u_put(a + 8 * PAGE, 9);
	u_put(a + HUGE, 1);
	u_put(a + HUGE + PAGE, 2);
	h = pin_fast(a + 7 * PAGE, 1, FOLL_WRITE);
	say_ret("inside", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				      100, 8 * PAGE - 100));
	say("before", u_get(a + 99));
	say("first", u_get(a + 100));
	say("last", u_get(a + 7 * PAGE));
	say("behind", u_get(a + 8 * PAGE));
	say("device", d_get(h, 0));
	say_ret("across", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				      HUGE - PAGE, 2 * PAGE));
	say("left", u_get(a + 8 * PAGE));
	say("right", u_get(a + HUGE));
	say("rest", u_get(a + HUGE + PAGE));
	say("same", same(a + 7 * PAGE, h, 0));
}

CASE(B24, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "a hole over a pinned hugetlb page")
{
	int fd = f_memfd(2, MFD_HUGETLB);
	unsigned long a = u_map(fd, 2 * SUB);
	struct pool p;
	struct hold h;

	u_put(a, 1);
	u_put(a + HUGE, 2);
	h = pin_fast(a, 1, FOLL_WRITE);
	p = pool();
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     0, HUGE));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("pins", k_info(k_page(h, 0)).pins);
	say("device", d_get(h, 0));
	say("process", u_get(a));
	say("differ", !same(a, h, 0));
	say_pool(p);
	unpin(h);
	say_pool(p);
}

CASE(B25, .rules = "5.7-", .needs = NEED_HUGETLB, .secs = 40,
     .title = "no seal on writing while a hugetlb page is pinned")
{
	int fd = f_memfd(1, MFD_HUGETLB | MFD_ALLOW_SEALING);
	unsigned long a = u_map(fd, SUB);
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("mapped", f_add_seals(fd, F_SEAL_WRITE));
	u_munmap(a, HUGE);
	say_ret("pinned", f_add_seals(fd, F_SEAL_WRITE));
	say("seals", f_get_seals(fd));
	unpin(h);
	say_ret("free", f_add_seals(fd, F_SEAL_WRITE));
	say("sealed", f_get_seals(fd));
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     0, HUGE));
	say("byte", f_byte(fd, 0));
}

CASE(B26, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "no future writes to hugetlb: those who can go on")
{
	int fd = f_memfd(1, MFD_HUGETLB | MFD_ALLOW_SEALING);
	unsigned long a = u_map(fd, SUB), b;
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("seal", f_add_seals(fd, 0x0010));
	say_ret("put", u_put(a, 2));
	say_ret("pin", pin_fast(a, 1, FOLL_WRITE).ret);
	b = u_map(fd, SUB);
	say_ret("map", u_bad(b) ? (long)b : 0);
	b = u_mmap(0, HUGE, PROT_READ, MAP_SHARED, fd, 0);
	say_ret("read_map", u_bad(b) ? (long)b : 0);
	say("byte", u_bad(b) ? 0 : u_get(b));
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     0, HUGE));
	say("device", d_get(h, 0));
}

CASE(B27, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "MADV_DONTNEED of a pinned hugetlb page")
{
	unsigned long a = hugepage();
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	struct pool p = pool();

	say_ret("ret", u_madvise(a, HUGE, MADV_DONTNEED));
	say("process", u_get(a));
	say("device", d_get(h, 0));
	say("differ", !same(a, h, 0));
	say("free", nr_free() - p.free);
	unpin(h);
	say("free_after", nr_free() - p.free);
}

CASE(B28, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "truncation of a pinned hugetlb page")
{
	int fd = f_memfd(1, MFD_HUGETLB);
	unsigned long a = u_map(fd, SUB);
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("odd", f_truncate(fd, PAGE));
	say_ret("truncate", f_truncate(fd, 0));
	say_ret("process", u_get(a));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("device", d_get(h, 0));
	say_ret("pin", pin_fast(a, 1, FOLL_WRITE).ret);
	say_ret("regrow", f_truncate(fd, HUGE));
	say("zero", u_get(a));
}

CASE(B29, .rules = "5.19-", .needs = NEED_HUGETLB,
     .title = "compaction and drop_caches leave hugetlb pages")
{
	unsigned long a = hugepage();
	pg_t was = k_at(a);

	k_compact();
	u_drop_caches();
	say("same", k_at(a) == was);
	say("byte", u_get(a + 7 * PAGE));
}
