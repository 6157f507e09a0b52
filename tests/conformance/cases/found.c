// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * found.c - where random cases found the model to differ from a kernel, each
 * made small enough to be read
 */
#include "help.h"

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

CASE(L01, .rules = "5.7-", .title = "a read fault maps what is cached around it")
{
	unsigned long a = u_map(f_cached("f", 4, 1), 4);

	u_get(a + PAGE);
	say_get("before", get_fast_only(a, 1, FOLL_READ));
	say_get("after", get_fast_only(a + 3 * PAGE, 1, FOLL_READ));
	say("map", k_info(k_at(a + 2 * PAGE)).map);
}

CASE(L02, .rules = "5.7-", .title = "but not over a private page, nor for a write")
{
	int fd = f_cached("f", 4, 1);
	unsigned long a = u_map_private(fd, 4), b = u_map(fd, 4);

	u_put(a + PAGE, 5);
	u_put(b + PAGE, 6);
	say("other", k_peek(a).present || k_peek(b).present);
	u_get(a);
	say("kept", u_get(a + PAGE));
	say("around", k_peek(a + 3 * PAGE).present);
}

CASE(L03, .rules = "5.7-", .title = "a pin and MREMAP_DONTUNMAP")
{
	unsigned long a = u_anon_w(2), b = u_anon(2);
	struct hold h = pin_fast(a, 2, FOLL_WRITE);

	say("moved", u_mremap(a, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE |
			      MREMAP_FIXED | MREMAP_DONTUNMAP, b) == b);
	say("same", same(b, h, 0) && same(b + PAGE, h, 1));
	say("old", u_get(a));
	d_put(h, 0, 9);
	say("new", u_get(b));
}

CASE(L04, .rules = "5.7-", .title = "populating dirties what is there by the flag")
{
	unsigned long a = u_shared(1);

	u_get(a);
	say("dirty", k_info(k_at(a)).dirty);
	say_ret("populate", u_madvise(a, PAGE, MADV_POPULATE_WRITE));
	say("dirty_after", k_info(k_at(a)).dirty);
	say("pte", k_peek(a).dirty);
}

CASE(L05, .rules = "5.7-", .title = "a forced pin of untouched read-only memory")
{
	unsigned long a = u_mmap(0, PAGE, PROT_READ, PRIV, -1, 0);
	struct hold h = pin_slow(a, 1, FOLL_WRITE | FOLL_FORCE);

	say_ret("ret", h.ret);
	say("write", k_peek(a).write);
	say("pte", k_peek(a).dirty);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
}

CASE(L06, .rules = "5.7-", .needs = NEED_THP,
     .title = "the dirty bit of a leaf that splits")
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	say("before", k_info(k_at(a)).dirty);
	u_mprotect(a, PAGE, PROT_READ);
	say("level", k_peek(a).level);
	say("folio", k_info(k_at(a)).dirty);
	say("pte", k_peek(a + 5 * PAGE).dirty);
	say("write", k_peek(a + 5 * PAGE).write);
	u_mprotect(a, HUGE, RW);
	say("again", k_peek(a + 5 * PAGE).write);
}

CASE(L07, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of less than 2 MiB")
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	say_ret("inside", u_madvise(a + PAGE, PAGE, MADV_COLLAPSE));
	say_ret("first", u_madvise(a, PAGE, MADV_COLLAPSE));
	say_ret("whole", u_madvise(a, HUGE, MADV_COLLAPSE));
}

CASE(L08, .rules = "6.1-", .needs = NEED_THP,
     .title = "pages of zeroes when a folio is split")
{
	unsigned long a = u_thp(1);

	u_put(a, 1);
	u_put(a + 7 * PAGE, 1);
	u_madvise(a + 20 * PAGE, PAGE, MADV_FREE);
	say("order", k_info(k_at(a)).order);
	say("written", k_info(k_at(a + 7 * PAGE)).zero);
	say("zero", k_info(k_at(a + 9 * PAGE)).zero);
	say_pin("only", pin_fast_only(a + 9 * PAGE, 1, FOLL_READ));
}

CASE(L09, .rules = "5.7-", .title = "advice about reading splits areas")
{
	unsigned long a = u_anon_w(3);
	struct hold h = pin_fast(a, 3, FOLL_WRITE);

	say_ret("random", u_madvise(a, PAGE, MADV_RANDOM));
	say_ret("grow", u_mremap(a, 2 * PAGE, 3 * PAGE, 0, 0));
	say("stay", u_mremap(a, 3 * PAGE, 3 * PAGE, 0, 0) == a);
	say_ret("normal", u_madvise(a, PAGE, MADV_NORMAL));
	say("same", same(a + 2 * PAGE, h, 2));
}

CASE(L10, .rules = "5.7-", .title = "a direct read into a mapping of the file itself")
{
	int fd = f_cached("f", 2, 1), direct = f_open("f", O_RDWR | O_DIRECT);
	unsigned long a = u_map(fd, 2);

	u_put(a, 5);
	u_put(a + PAGE, 6);
	say_ret("read", f_pread_to(direct, a, PAGE, PAGE));
	say("byte", u_get(a));
	say("write", k_peek(a).write);
	say("dirty", k_info(k_at(a)).dirty);
	say("other", k_peek(a + PAGE).write);
}

CASE(L11, .rules = "5.7-", .title = "a direct read of a hole, and at the end")
{
	int fd = f_make("f", 2, 1), direct = f_open("f", O_RDWR | O_DIRECT);
	unsigned long a = u_anon_w(1);
	long acq;

	f_fallocate(fd, 3, 0, PAGE);		/* punch */
	f_truncate(fd, PAGE + 100);
	f_fsync(fd);
	acq = k_acq();
	say_ret("hole", f_pread_to(direct, a, PAGE, 0));
	say("byte", u_get(a));
	say("acq", k_acq() - acq);
	acq = k_acq();
	say_ret("end", f_pread_to(direct, a, PAGE, PAGE));
	say("acq_end", k_acq() - acq);
}

CASE(L12, .rules = "5.7-", .title = "a file that is cut in the middle of a page")
{
	int fd = f_cached("f", 2, 1);
	unsigned long a = u_map(fd, 2);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	say("dirty", k_info(k_page(h, 0)).dirty);
	say_ret("truncate", f_truncate(fd, 100));
	say("dirty_after", k_info(k_page(h, 0)).dirty);
	say("private", k_info(k_page(h, 0)).private);
	say_ret("fsync", f_fsync(fd));
	say("clean", !k_info(k_page(h, 0)).dirty);
}

CASE(L13, .rules = "5.7-", .needs = NEED_SWAP,
     .title = "reading a page back from swap")
{
	unsigned long a = u_anon_w(1);

	say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
	c_sleep(5);
	say("byte", u_get(a));
	say("write", k_peek(a).write);
	say("exclusive", k_info(k_at(a)).exclusive);
	say_get("only", get_fast_only(a, 1, FOLL_WRITE));
}

CASE(L14, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "flags that hugetlb knows or does not")
{
	unsigned long a = u_hugetlb(1);

	say_pin("nofault", pin_slow(a, 1, FOLL_WRITE | FOLL_NOFAULT));
	say_pin("split", pin_slow(a, 1, FOLL_WRITE | FOLL_SPLIT_PMD));
	say_ret("mlock", u_mlock(a, PAGE));
	say_ret("munlock", u_munlock(a, PAGE));
}

CASE(L15, .rules = "6.3-", .title = "FOLL_INTERRUPTIBLE in a call that keeps the lock")
{
	unsigned long a = u_anon_w(1);

	say_pin("slow", pin_slow(a, 1, FOLL_WRITE | FOLL_INTERRUPTIBLE));
	say_pin("unlocked", pin_unlocked(a, 1, FOLL_WRITE | FOLL_INTERRUPTIBLE));
	say_pin("fast", pin_fast(a, 1, FOLL_WRITE | FOLL_INTERRUPTIBLE));
}

CASE(L16, .rules = "5.7-", .title = "FOLL_NOWAIT in memory that no disk is behind")
{
	unsigned long a = u_map(f_memfd(2, 0), 2), b = u_shared(1);

	say_pin("memfd", pin_slow(a, 2, FOLL_READ | FOLL_NOWAIT));
	say_pin("shared", pin_slow(b, 1, FOLL_WRITE | FOLL_NOWAIT));
}

CASE(L17, .rules = "5.7-", .title = "MADV_PAGEOUT of shared memory without swap")
{
	unsigned long a = u_map(f_memfd(2, 0), 2);
	struct hold h;

	u_put(a, 1);
	u_get(a + PAGE);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	say("mapped", k_peek(a).present);
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("byte", u_get(a));
	say("same", same(a, h, 0));
}

CASE(L18, .rules = "5.19-", .title = "unsharing keeps soft-dirty")
{
	unsigned long a = u_anon_w(1);
	struct hold h;

	u_fork();
	h = pin_fast(a, 1, FOLL_READ);
	say("exclusive", k_info(k_page(h, 0)).exclusive);
	say("soft_dirty", k_peek(a).soft_dirty);
	say("dirty", k_peek(a).dirty);
}

CASE(L19, .rules = "5.7-", .needs = NEED_THP,
     .title = "fork copies the huge zero page")
{
	unsigned long a = u_thp(1);
	int child;

	u_get(a);
	child = u_fork();
	on(child)
		say("huge_zero", k_info(k_at(a)).huge_zero);
}

CASE(L20, .rules = "5.7-", .title = "a hole behind the end of a file on disk")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map_private(fd, 2);
	int n;

	u_put(a, 5);
	n = k_notify(a, 2 * PAGE);
	f_fallocate(fd, 3, PAGE, PAGE);
	say("events", k_events(n));
	f_fallocate(fd, 3, 0, PAGE);
	say("kept", u_get(a));
	say("file", f_byte(fd, 0));
}

/*
 * A reader's pin of a shared page gets a copy that nobody has written to: its
 * entry is clean, and so is that of a child. What a parent frees lazily then is
 * taken from the child, too: Linux does the same.
 */
CASE(L21, .rules = "5.19-", .title = "MADV_FREE of a page that was unshared for a reader",
     .needs = NEED_SWAP)
{
	unsigned long a = u_anon(1);
	int first, second;

	u_put(a, 7);
	first = u_fork();
	unpin(pin_fast(a, 1, 0));
	second = u_fork();
	u_exit(first);
	say_ret("free", u_madvise(a, PAGE, MADV_FREE));
	u_munmap(a, PAGE);
	on(second) {
		say("child", u_get(a));
		say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
		say("child_then", u_get(a));
	}
}

/* The same without the pin: the child's entry is dirty and keeps the page. */
CASE(L22, .rules = "5.10-", .title = "MADV_FREE of a page that a child shares",
     .needs = NEED_SWAP)
{
	unsigned long a = u_anon(1);
	int child;

	u_put(a, 7);
	child = u_fork();
	say_ret("free", u_madvise(a, PAGE, MADV_FREE));
	u_munmap(a, PAGE);
	on(child) {
		say_ret("pageout", u_madvise(a, PAGE, MADV_PAGEOUT));
		say("child_then", u_get(a));
	}
}
