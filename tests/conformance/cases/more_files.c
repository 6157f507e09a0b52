// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * more_files.c - what pins meet beside the cases of the specification: files
 */
#include "help.h"

#include <string.h>

CASE(R01, .rules = "all", .title = "shared and private mapping of one file page")
{
	int fd = f_cached("f", 1, 1);
	unsigned long s = u_map(fd, 1), p = u_map_private(fd, 1);

	say("before", u_get(p));
	say("same", k_at(s) == 0 || k_at(s) == k_at(p));
	u_put(s, 5);
	say("seen", u_get(p));
	u_put(p, 7);
	say("shared", u_get(s));
	say("anon", k_info(k_at(p)).anon);
	u_put(s, 9);
	say("private", u_get(p));
	say("read", f_byte(fd, 0));
}

CASE(R02, .rules = "5.7-", .title = "a file page pinned in parts of two processes")
{
	unsigned long a;
	struct hold h;
	int fd, child;

	a = ext4w("f", &fd);
	u_put(a, 2);
	child = u_fork();
	on(child) {
		h = pin_fast(a, 1, FOLL_WRITE);
		u_munmap(a, PAGE);
	}
	say("map", k_info(k_page(h, 0)).map);
	d_put(h, 0, 9);
	say("process", u_get(a));
	say("read", f_byte(fd, 0));
	u_exit(child);
	say_ret("dirty", unpin_dirty(h, true));
	say_ret("fsync", f_fsync(fd));
	u_munmap(a, PAGE);
	f_forget(fd);
	say("cached", k_cached(fd, 0, NULL));
	say("disk", f_byte(fd, 0));
}

CASE(R03, .rules = "5.7-", .title = "unlinked and closed: the pin keeps the page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("unlink", f_unlink("f"));
	say_ret("close", f_close(fd));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say_ret("munmap", u_munmap(a, PAGE));
	say("mapping_after", k_info(k_page(h, 0)).mapping);
	say("ref", k_ref(k_page(h, 0)));
	say("pin", d_get(h, 0));
	say_ret("unpin", unpin_dirty(h, true));
}

CASE(R04, .rules = "5.7-", .title = "truncating in the middle of a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	u_put(a + 100, 7);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("truncate", f_truncate(fd, 100));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("same", same(a, h, 0));
	say("kept", d_get(h, 99));
	say("zeroed", d_get(h, 100));
	d_put(h, 200, 9);
	say_ret("regrow", f_truncate(fd, PAGE));
	say("beyond", f_byte(fd, 200));
}

CASE(R05, .rules = "5.7-", .title = "fallocate() below and over a pinned page")
{
	unsigned long a;
	struct hold h;
	int fd = f_cached("f", 2, 1);
	long blocks = f_blocks(fd);

	a = u_map(fd, 2);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("more", f_fallocate(fd, 0, 0, 4 * PAGE));
	say("size", f_size(fd) / PAGE);
	say("blocks", f_blocks(fd) - blocks);
	say_ret("part", f_fallocate(fd, 3, 0, 100));	/* PUNCH_HOLE | KEEP_SIZE */
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("byte", d_get(h, 0));
	say("next", d_get(h, 100));
	say_ret("whole", f_fallocate(fd, 3, 0, PAGE));
	say("orphan", k_info(k_page(h, 0)).mapping);
	say("process", u_get(a + 100));
}

CASE(R06, .rules = "all", .title = "a direct read sees what a mapping wrote")
{
	unsigned long a, b = u_anon_w(1);
	int fd, direct;

	a = ext4w("f", &fd);
	direct = f_open("f", O_RDWR | O_DIRECT);
	u_put(a, 9);
	say_ret("read", f_pread_to(direct, b, PAGE, 0));
	say("byte", u_get(b));
	say("cached", k_cached(fd, 0, NULL));
	say("dirty", k_info(k_at(a)).dirty);
	say_ret("unaligned", f_pread_to(direct, b, 100, 0));
}

CASE(R07, .rules = "5.7-", .title = "direct I/O to memory that is pinned twice")
{
	unsigned long b = u_anon_w(1);
	int fd = f_make("f", 1, 7), direct = f_open("f", O_RDWR | O_DIRECT);
	struct hold h = pin_fast(b, 1, FOLL_WRITE);
	long base = k_ref(k_page(h, 0));

	say_ret("read", f_pread_to(direct, b, PAGE, 0));
	say("pin", d_get(h, 0));
	say("ref", k_ref(k_page(h, 0)) - base);
	d_put(h, 0, 3);
	say_ret("write", f_pwrite_from(direct, b, PAGE, 0));
	say("file", f_byte(fd, 0));
}

CASE(R08, .rules = "5.7-", .title = "clean by hand: mkclean and the dirty flag")
{
	unsigned long a;
	struct hold h;
	int fd;

	a = ext4w("f", &fd);
	h = pin_fast(a, 1, FOLL_WRITE);
	say("write", k_peek(a).write);
	say("mkclean", k_mkclean(k_page(h, 0)));
	say("write_after", k_peek(a).write);
	say("pte_dirty", k_peek(a).dirty);
	say("dirty", k_info(k_page(h, 0)).dirty);
	say("again", k_mkclean(k_page(h, 0)));
	say("clear", k_clear_dirty(k_page(h, 0)));
	say("clear_again", k_clear_dirty(k_page(h, 0)));
	say("set", k_set_dirty_lock(k_page(h, 0)));
	say("set_again", k_set_dirty_lock(k_page(h, 0)));
	say_ret("fsync", f_fsync(fd));
}

CASE(R09, .rules = "all", .title = "msync() and the entries of other mappings")
{
	unsigned long a, b;
	int fd;

	a = ext4w("f", &fd);
	b = u_map(fd, 1);
	u_put(a, 2);
	u_put(b, 3);
	say("dirty", k_peek(a).dirty + k_peek(b).dirty);
	say_ret("async", u_msync(a, PAGE, MS_ASYNC));
	say("still", k_peek(a).write + k_peek(b).write);
	say_ret("sync", u_msync(a, PAGE, MS_SYNC));
	say("write", k_peek(a).write + k_peek(b).write);
	say("flag", k_info(k_at(a)).dirty);
	u_put(b, 4);
	say("a", k_peek(a).write);
	say("b", k_peek(b).write);
}

CASE(R10, .rules = "5.7-", .title = "MADV_REMOVE under a pin of shmem")
{
	unsigned long a = u_shared(2);
	struct hold h;

	u_put(a, 1);
	u_put(a + PAGE, 2);
	h = pin_fast(a, 2, FOLL_WRITE);
	say_ret("remove", u_madvise(a, PAGE, MADV_REMOVE));
	say("process", u_get(a));
	say("pin", d_get(h, 0));
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
	say("other", same(a + PAGE, h, 1));
}

CASE(R11, .rules = "all", .title = "seals of a memfd")
{
	int fd = f_memfd(2, MFD_ALLOW_SEALING);
	unsigned long a;

	say_ret("write", f_put(fd, 0, 1));
	say_ret("shrink", f_add_seals(fd, F_SEAL_SHRINK));
	say_ret("smaller", f_truncate(fd, PAGE));
	say_ret("larger", f_truncate(fd, 3 * PAGE));
	say_ret("grow", f_add_seals(fd, F_SEAL_GROW));
	say_ret("larger_after", f_truncate(fd, 4 * PAGE));
	a = u_map(fd, 1);
	say_ret("mapped", f_add_seals(fd, F_SEAL_WRITE));
	u_munmap(a, PAGE);
	say_ret("sealed", f_add_seals(fd, F_SEAL_WRITE));
	say_ret("write_after", f_put(fd, 0, 2));
	say_ret("map", (long)u_map(fd, 1) < 0 ? (long)u_map(fd, 1) : 0);
	say("private", u_get(u_map_private(fd, 1)));
	say("seals", f_get_seals(fd));
}

CASE(R12, .rules = "5.7-", .title = "no write seal while a page is pinned",
     .secs = 40)
{
	int fd = f_memfd(1, MFD_ALLOW_SEALING);
	unsigned long a = u_map(fd, 1);
	struct hold h;

	u_put(a, 1);
	h = pin_fast(a, 1, FOLL_WRITE);
	u_munmap(a, PAGE);
	say_ret("pinned", f_add_seals(fd, F_SEAL_WRITE));
	unpin(h);
	say_ret("after", f_add_seals(fd, F_SEAL_WRITE));
}

CASE(R13, .rules = "5.7-", .title = "pinned shmem and swap", .needs = NEED_SWAP)
{
	unsigned long a = u_shared(2);
	struct hold h;

	u_put(a, 1);
	u_put(a + PAGE, 2);
	h = pin_fast(a, 1, FOLL_WRITE);
	say_ret("pageout", u_madvise(a, 2 * PAGE, MADV_PAGEOUT));
	say("pinned_unmapped", k_peek(a).none);
	say("other_unmapped", k_peek(a + PAGE).none);
	d_put(h, 0, 9);
	say("process", u_get(a));
	say("same", same(a, h, 0));
	say("other", u_get(a + PAGE));
}

CASE(R14, .rules = "all", .title = "growing and shrinking holes")
{
	int fd = f_make("f", 1, 1);
	long blocks = f_blocks(fd);
	unsigned long a;

	say_ret("grow", f_truncate(fd, 4 * PAGE));
	say("blocks", f_blocks(fd) - blocks);
	a = u_map(fd, 5);
	say("hole", u_get(a + 2 * PAGE));
	say("still", f_blocks(fd) - blocks);
	u_put(a + 2 * PAGE, 5);
	say_ret("fsync", f_fsync(fd));
	say("written", f_blocks(fd) - blocks);
	say_ret("beyond", u_get(a + 4 * PAGE));
	say_ret("shrink", f_truncate(fd, PAGE));
	say("less", f_blocks(fd) - blocks);
	say_ret("cut", u_get(a + 2 * PAGE));
}

CASE(R15, .rules = "5.7-", .title = "a private copy is no business of the file")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_map_private(fd, 1);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say("anon", k_info(k_page(h, 0)).anon);
	say_ret("truncate", f_truncate(fd, 0));
	say("same", same(a, h, 0));
	say_ret("load", u_get(a));
	say("pin", d_get(h, 0));
	say("map", k_info(k_page(h, 0)).map);
}

CASE(R16, .rules = "all", .title = "file pages without users go, others stay")
{
	int fd = f_cached("f", 3, 1);
	unsigned long a = u_mmap(0, PAGE, RW, MAP_SHARED, fd, PAGE);

	u_get(a);
	f_put(fd, 2 * PAGE, 5);
	u_drop_caches();
	say("unused", k_cached(fd, 0, NULL));
	say("mapped", k_cached(fd, 1, NULL));
	say("dirty", k_cached(fd, 2, NULL));
	u_sync();
	u_munmap(a, PAGE);
	u_drop_caches();
	say("mapped_after", k_cached(fd, 1, NULL));
	say("byte", f_byte(fd, 2 * PAGE));
}

CASE(R17, .rules = "5.7-", .needs = NEED_HUGETLB,
     .title = "huge pages of a memfd")
{
	int fd = f_memfd(1, MFD_HUGETLB);
	unsigned long a = u_mmap(0, HUGE, RW, MAP_SHARED, fd, 0);
	struct hold h;
	long base;

	u_put(a, 1);
	base = k_ref(k_at(a));
	h = pin_fast(a + 3 * PAGE, 4, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("ref", k_ref(k_page(h, 0)) - base);
	say("pins", k_info(k_page(h, 0)).pins);
	say("order", k_info(k_page(h, 0)).order);
	say("hugetlb", k_info(k_page(h, 0)).hugetlb);
	d_put(h, 0, 7);
	say("process", u_get(a + 3 * PAGE));
	say_ret("dirty", unpin_dirty(h, true));
	say("pins_after", k_info(k_at(a)).pins);
}

CASE(R18, .rules = "6.12-", .title = "memfd_pin_folios() allocates and pins")
{
	int fd = f_memfd(3, 0);
	long offset = -1, acq = k_acq();
	struct hold h = memfd_pin(fd, 100, 3 * PAGE - 1, 8, &offset);
	unsigned long a;

	say_ret("ret", h.ret);
	say("offset", offset);
	say("acq", k_acq() - acq);
	a = u_map(fd, 3);
	say("same", k_at(a) == k_page(h, 0) || (u_get(a) == 0 && same(a, h, 0)));
	d_put(h, 5, 9);
	say("process", u_get(a + 5));
	say_ret("unpin", k_release(h, 0, 3, UNPIN_FOLIOS, false));
	say("maybe", k_info(k_at(a)).maybe);
}

CASE(R19, .rules = "5.7-", .title = "notifiers: writeback, truncation, reclaim")
{
	unsigned long a;
	long i, n_events;
	char key[3] = "e0";
	int fd, n;

	a = ext4w("f", &fd);
	u_put(a, 2);
	n = k_notify(a, PAGE);
	f_fsync(fd);
	n_events = k_events(n);
	u_put(a, 3);
	f_fsync(fd);
	u_madvise(a, PAGE, MADV_PAGEOUT);
	u_get(a);
	f_truncate(fd, 0);
	say("first", n_events);
	for (i = 0; i < k_events(n) && i < 10; i++)
		if (k_event(n, i).phase == NEV_START) {
			key[1] = '0' + i;
			say(key, k_event(n, i).type);
		}
}

CASE(R20, .rules = "5.7-", .title = "write(2) under a read pin of a file page")
{
	int fd = f_cached("f", 1, 1);
	unsigned long a = u_mmap(0, PAGE, PROT_READ, MAP_SHARED, fd, 0);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	say_ret("ret", h.ret);
	say_ret("write", f_put(fd, 0, 9));
	say("pin", d_get(h, 0));
	say("dirty", k_info(k_page(h, 0)).dirty);
	say_ret("fsync", f_fsync(fd));
	say("dirty_after", k_info(k_page(h, 0)).dirty);
	say("maybe", k_info(k_page(h, 0)).maybe);
}

CASE(R21, .rules = "5.7-", .title = "dropping what a file has, with a pin on it")
{
	int fd = f_cached("f", 2, 1);
	unsigned long a = u_map(fd, 2);
	struct hold h = pin_fast(a, 1, FOLL_READ);

	u_munmap(a, 2 * PAGE);
	say_ret("forget", f_forget(fd));
	say("pinned", k_cached(fd, 0, NULL));
	say("other", k_cached(fd, 1, NULL));
	unpin(h);
	f_forget(fd);
	say("after", k_cached(fd, 0, NULL));
}

CASE(R22, .rules = "5.7-", .title = "shmem pages by name")
{
	int fd = f_open("shm:f", O_RDWR | O_CREAT);
	unsigned long a;
	struct hold h;

	say_ret("size", f_truncate(fd, 2 * PAGE));
	a = u_map(fd, 2);
	h = pin_fast(a, 2, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("ret", h.ret);
	d_put(h, PAGE, 5);
	say("read", f_byte(fd, PAGE));
	say_ret("unlink", f_unlink("shm:f"));
	f_close(fd);
	u_munmap(a, 2 * PAGE);
	say("ref", k_ref(k_page(h, 0)));
	say("mapping", k_info(k_page(h, 0)).mapping);
}
