// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * huge_shmem.c - huge pages of files in memory: faults, mappings, pins, swap
 */
#include "help.h"

#include <stdio.h>

#define HALF	(SUB / 2)

CASE(HS01, .rules = "5.7-", .needs = NEED_THP,
     .title = "the first write maps a huge page of the file")
{
	long thps = k_vmstat("nr_shmem_hugepages"), pmds = k_vmstat("nr_shmem_pmdmapped");
	long alloc = k_vmstat("thp_file_alloc"), mapped = k_vmstat("thp_file_mapped");
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct pte pte = k_peek(a + 5 * PAGE);

	say("level", pte.level);
	say("write", pte.write);
	say("order", k_info(pte.page).order);
	say("map", k_info(pte.page).map);
	say("dirty", k_info(pte.page).dirty);
	say("thps", k_vmstat("nr_shmem_hugepages") - thps);
	say("pmds", k_vmstat("nr_shmem_pmdmapped") - pmds);
	say("alloc", k_vmstat("thp_file_alloc") - alloc);
	say("mapped", k_vmstat("thp_file_mapped") - mapped);
	say("blocks", f_blocks(fd));
	say("byte", f_byte(fd, 300 * PAGE));
}

/* the file forgets everything, and is mapped anew */
static unsigned long mapped_anew(int fd, unsigned long a)
{
	u_munmap(a, 2 * HUGE);
	f_truncate(fd, 0);
	f_truncate(fd, (SUB + HALF) * PAGE);
	return u_mmap_huge(2 * HUGE, RW, MAP_SHARED, fd, 0);
}

CASE(HS02, .rules = "5.7-", .needs = NEED_THP,
     .title = "shmem_enabled decides who gets huge pages")
{
	static const char *const modes[] = { "never", "advise", "within_size", "always",
					     "deny", "force" };
	unsigned int i;
	char key[32];
	int fd;

	for (i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		unsigned long a;

		k_shmem_huge(modes[i]);
		fd = f_memfd(SUB + HALF, 0);
		a = u_mmap_huge(2 * HUGE, RW, MAP_SHARED, fd, 0);
		u_put(a, 1);
		u_put(a + HUGE, 1);
		snprintf(key, sizeof(key), "%s", modes[i]);
		say(key, order_at(a) * 10 + order_at(a + HUGE));
		a = mapped_anew(fd, a);
		u_madvise(a, 2 * HUGE, MADV_HUGEPAGE);
		u_put(a, 1);
		u_put(a + HUGE, 1);
		snprintf(key, sizeof(key), "%s_adv", modes[i]);
		say(key, order_at(a) * 10 + order_at(a + HUGE));
		a = mapped_anew(fd, a);
		u_madvise(a, 2 * HUGE, MADV_NOHUGEPAGE);
		u_put(a, 1);
		snprintf(key, sizeof(key), "%s_no", modes[i]);
		say(key, order_at(a));
		u_munmap(a, 2 * HUGE);
		f_close(fd);
	}
}

CASE(HS03, .rules = "5.7-", .needs = NEED_THP,
     .title = "a read fault maps a huge page writable")
{
	int fd;
	unsigned long a = memfd_thp(&fd, 1);

	say("byte", u_get(a + 7 * PAGE));
	say("level", k_peek(a).level);
	say("write", k_peek(a).write);
	say("pmd_dirty", k_peek(a).dirty);
	say("dirty", k_info(k_at(a)).dirty);
	say("uptodate", k_info(k_at(a)).uptodate);
	u_put(a, 9);
	say("pmd_dirty2", k_peek(a).dirty);
	say("dirty2", k_info(k_at(a)).dirty);
	u_munmap(a, HUGE);
	say("order", order_in(fd, 0));
	say("dirty3", k_info(cached(fd, 0)).dirty);
	say("byte2", f_byte(fd, 0));
}

CASE(HS04, .rules = "5.7-", .needs = NEED_THP,
     .title = "pins through a huge mapping of a file")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	long base = k_ref(k_at(a)), acq = k_acq();
	struct hold h = pin_fast(a, SUB, FOLL_WRITE);
	struct hold s;

	say_ret("fast", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("pins", k_info(k_at(a)).pins);
	say("acq", k_acq() - acq);
	s = pin_slow(a + 3 * PAGE, 7, FOLL_WRITE);
	say_ret("slow", s.ret);
	say("ref2", k_ref(k_at(a)) - base);
	say("pins2", k_info(k_at(a)).pins);
	say("same", k_at(a + 4 * PAGE) == k_page(s, 1));
	unpin(h);
	say("pins3", k_info(k_at(a)).pins);
	unpin(s);
	say("ref3", k_ref(k_at(a)) - base);
	say("maybe", k_info(k_at(a)).maybe);
}

CASE(HS05, .rules = "5.7-", .needs = NEED_THP,
     .title = "FOLL_SPLIT_PMD of a file's huge mapping unmaps it")
{
	long splits = k_vmstat("thp_split_pmd");
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	long base = k_ref(k_at(a));
	struct hold h = pin_slow(a + 5 * PAGE, 2, FOLL_WRITE | FOLL_SPLIT_PMD);
	pg_t page = k_page(h, 0);

	say_ret("ret", h.ret);
	say("order", k_info(page).order);
	say("level", k_peek(a + 5 * PAGE).level);
	say("none", k_peek(a).none);
	say("map", k_info(page).map);
	say("map_head", k_info(cached(fd, 0)).map);
	say("ref", k_ref(page) - base);
	say("pins", k_info(page).pins);
	say("splits", k_vmstat("thp_split_pmd") - splits);
	u_put(a, 3);
	say("level_after", k_peek(a).level);
	say("order_after", order_at(a));
}

CASE(HS06, .rules = "5.7-", .needs = NEED_THP,
     .title = "a part is unmapped: the rest is mapped again when it is used")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	pg_t page = k_at(a);

	say("munmap", u_munmap(a + HUGE / 2, HUGE / 2));
	say("none", k_peek(a).none);
	say("map", k_info(page).map);
	say("order", k_info(page).order);
	say("dirty", k_info(page).dirty);
	u_put(a, 2);
	say("level", k_peek(a).level);
	say("order2", order_at(a));
	say("map2", k_info(page).map);
}

CASE(HS07, .rules = "5.7-", .needs = NEED_THP,
     .title = "MADV_DONTNEED of a part unmaps the whole, which comes back huge")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	say("advise", u_madvise(a + 5 * PAGE, PAGE, MADV_DONTNEED));
	say("none", k_peek(a).none);
	say("byte", u_get(a + 5 * PAGE));
	say("level", k_peek(a).level);
	say("advise2", u_madvise(a, HUGE, MADV_DONTNEED));
	say("none2", k_peek(a).none);
	say("order", order_in(fd, 5));
	say("byte2", u_get(a + 300 * PAGE));
	say("level2", k_peek(a).level);
}

CASE(HS08, .rules = "5.7-", .needs = NEED_THP,
     .title = "mprotect of all of it, and of a part")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	u_mprotect(a, HUGE, PROT_READ);
	say("level", k_peek(a).level);
	say("write", k_peek(a).write);
	say("put", u_put(a, 1));
	u_mprotect(a, HUGE, RW);
	say("level2", k_peek(a).level);
	say("write2", k_peek(a).write);
	u_mprotect(a, PAGE, PROT_READ);
	say("none", k_peek(a + 5 * PAGE).none);
	u_put(a + 5 * PAGE, 1);
	say("level3", k_peek(a + 5 * PAGE).level);
	say("order", order_at(a + 5 * PAGE));
}

CASE(HS09, .rules = "5.7-", .needs = NEED_THP,
     .title = "mremap moves a huge mapping, or lets it go")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	unsigned long to = u_mmap_huge(2 * HUGE, RW, PRIV, -1, 0), b;
	pg_t page = k_at(a);

	b = u_mremap(a, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to);
	say("moved", b == to);
	say("level", k_peek(b).level);
	say("same", k_at(b) == page);
	b = u_mremap(b, HUGE, HUGE, MREMAP_MAYMOVE | MREMAP_FIXED, to + HUGE + PAGE);
	say("none", k_peek(b).none);
	say("map", k_info(page).map);
	u_put(b, 1);
	say("level2", k_peek(b).level);
	say("order", order_at(b));
	say("same2", k_at(b) == page);
	u_put(b + 5 * PAGE, 1);
	say("map2", k_info(page).map);
}

CASE(HS10, .rules = "5.7-", .needs = NEED_THP,
     .title = "fork leaves a huge mapping of a file to the child's faults")
{
	int fd, child;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);
	pg_t page = k_at(a);
	long base = k_ref(page);

	child = u_fork();
	say("ref", k_ref(page) - base);
	say("level", k_peek(a).level);
	say("write", k_peek(a).write);
	on(child) {
		say("none", k_peek(a).none);
		u_put(a, 77);
		say("child", k_peek(a).level);
		say("same", k_at(a) == page);
	}
	say("map", k_info(page).map);
	say("ref2", k_ref(page) - base);
	say("byte", d_get(h, 0));
	say("pins", k_info(page).pins);
}

CASE(HS11, .rules = "5.7-", .needs = NEED_THP,
     .title = "a private mapping: read huge, written small")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	pg_t page = k_at(a);

	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	say("byte", u_get(b + 5 * PAGE));
	say("level", k_peek(b).level);
	say("write", k_peek(b).write);
	say("same", k_at(b) == page);
	u_put(b + 5 * PAGE, 9);
	say("level2", k_peek(b + 5 * PAGE).level);
	say("anon", k_info(k_at(b + 5 * PAGE)).anon);
	say("none", k_peek(b).none);
	say("map", k_info(page).map);
	say("file", f_byte(fd, 5 * PAGE));
}

CASE(HS12, .rules = "5.7-", .needs = NEED_THP,
     .title = "a child of a private mapping with a huge leaf")
{
	int fd, child;
	unsigned long a = memfd_thp_w(&fd), b;
	pg_t page = k_at(a);

	b = u_mmap_huge(2 * HUGE, RW, MAP_PRIVATE, fd, 0);
	f_truncate(fd, 2 * HUGE);
	u_get(b);
	u_put(b + HUGE, 5);
	say("level", k_peek(b).level);
	child = u_fork();
	say("map", k_info(page).map);
	on(child) {
		say("none", k_peek(b).none);
		say("copied", k_peek(b + HUGE).none);
		say("byte", u_get(b + 300 * PAGE));
		say("child", k_peek(b).level);
	}
}

CASE(HS20, .rules = "6.11-", .needs = NEED_THP,
     .title = "memfd_pin_folios() of huge and small pages")
{
	long offset = -1, acq;
	int fd;
	unsigned long a = memfd_thp(&fd, 3);
	struct hold h;

	u_put(a, 1);
	u_put(a + HUGE, 2);
	u_madvise(a + 2 * HUGE, HUGE, MADV_NOHUGEPAGE);
	u_put(a + 2 * HUGE, 3);
	u_put(a + 2 * HUGE + PAGE, 4);
	acq = k_acq();
	h = memfd_pin(fd, 5 * PAGE + 10, 2 * HUGE + PAGE + 5, 100, &offset);
	say_ret("ret", h.ret);
	say("offset", offset);
	say("pins", k_info(k_page(h, 0)).pins);
	say("pins2", k_info(k_page(h, 1)).pins);
	say("order2", k_info(k_page(h, 1)).order);
	say("order3", k_info(k_page(h, 2)).order);
	say("acq", k_acq() - acq);
	say("head", k_page(h, 0) == k_at(a));
	unpin(h);
	say("pins3", k_info(k_at(a)).pins);
	h = memfd_pin(fd, HUGE + 3, HUGE + 4, 1, &offset);
	say_ret("ret2", h.ret);
	say("offset2", offset);
	unpin(h);
	h = memfd_pin(fd, HUGE - 1, 3 * HUGE - 1, 2, &offset);
	say_ret("ret3", h.ret);
	say("offset3", offset);
}

CASE(HS21, .rules = "6.11-", .needs = NEED_THP,
     .title = "memfd_pin_folios() makes huge pages where policy wants them")
{
	long offset = -1;
	struct hold h;
	int fd;

	k_shmem_huge("always");
	fd = f_memfd(2 * SUB, 0);
	h = memfd_pin(fd, 5, HUGE + 6, 100, &offset);
	say_ret("ret", h.ret);
	say("order", k_info(k_page(h, 0)).order);
	say("offset", offset);
	say("uptodate", k_info(k_page(h, 0)).uptodate);
	say("blocks", f_blocks(fd));
}

CASE(HS30, .rules = "5.7-", .needs = NEED_THP | NEED_SWAP,
     .title = "a huge page of a file goes to swap in pieces")
{
	long splits = k_vmstat("thp_split_page");
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	u_fill(a, 7, HUGE);
	say("ret", u_madvise(a, HUGE, MADV_PAGEOUT));
	say("splits", k_vmstat("thp_split_page") - splits);
	say("cached", order_in(fd, 5));
	say("blocks", f_blocks(fd));
	say("byte", u_get(a + 5 * PAGE));
	say("order", order_at(a + 5 * PAGE));
	say("all", u_is(a, 7, HUGE));
}

CASE(HS31, .rules = "5.7-", .needs = NEED_THP | NEED_SWAP,
     .title = "a pinned huge page of a file is not swapped")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a + 5 * PAGE, 1, FOLL_WRITE);

	say("ret", u_madvise(a, HUGE, MADV_PAGEOUT));
	say("order", order_in(fd, 5));
	say("same", k_at(a + 5 * PAGE) == k_page(h, 0) || k_peek(a).none);
	d_put(h, 0, 55);
	say("byte", u_get(a + 5 * PAGE));
	unpin(h);
}

CASE(HS32, .rules = "5.7-", .needs = NEED_THP,
     .title = "pagemap and soft-dirty of a huge page of a file")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	say("map", u_pagemap(a + 5 * PAGE));
	say("clear", u_clear_refs(4));
	say("map2", u_pagemap(a + 5 * PAGE));
	say("level", k_peek(a).level);
	say("write", k_peek(a).write);
	u_put(a + 6 * PAGE, 1);
	say("level2", k_peek(a + 6 * PAGE).level);
	say("write2", k_peek(a + 6 * PAGE).write);
	say("map3", u_pagemap(a + 6 * PAGE));
	say("map4", u_pagemap(a + 5 * PAGE));
}

CASE(HS36, .rules = "5.7-", .needs = NEED_THP,
     .title = "a huge page mapped where no huge leaf fits")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	long base, acq;
	struct hold h;

	b = u_mmap_huge(HUGE, RW, MAP_SHARED, fd, PAGE);
	u_put(b + 4 * PAGE, 61);
	u_put(b + 5 * PAGE, 62);
	say("level", k_peek(b + 4 * PAGE).level);
	say("order", order_at(b + 4 * PAGE));
	say("same", k_at(b + 4 * PAGE) == k_at(a + 5 * PAGE));
	say("map", k_info(k_at(a + 5 * PAGE)).map);
	base = k_ref(k_at(a));
	acq = k_acq();
	h = pin_fast(b + 4 * PAGE, 2, FOLL_WRITE);
	say_ret("ret", h.ret);
	say("ref", k_ref(k_at(a)) - base);
	say("pins", k_info(k_at(a)).pins);
	say("acq", k_acq() - acq);
	u_munmap(a, HUGE);
	say("map2", k_info(k_page(h, 0)).map);
	say("map3", k_info(cached(fd, 0)).map);
}

CASE(HS37, .rules = "5.7-", .needs = NEED_THP,
     .title = "long-term pins of a huge page of a file")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	struct hold h = pin_fast(a, SUB, FOLL_WRITE | FOLL_LONGTERM);

	say_ret("ret", h.ret);
	say("pins", k_info(k_at(a)).pins);
	unpin(h);
	h = pin_slow(a, SUB, FOLL_LONGTERM);
	say_ret("slow", h.ret);
	unpin(h);
	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	h = pin_slow(b, 3, FOLL_WRITE | FOLL_LONGTERM);
	say_ret("private", h.ret);
	say("anon", k_info(k_page(h, 0)).anon);
	say("order", k_info(k_page(h, 0)).order);
}

CASE(HS38, .rules = "6.1-", .needs = NEED_THP | NEED_NODES,
     .title = "a huge page of a file moves whole")
{
	int fd, status[1] = { -1 };
	unsigned long a = memfd_thp_w(&fd);
	int from = k_info(k_at(a)).node;
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("pinned", u_move_pages(a, 1, !from, status));
	say("node", k_info(k_at(a)).node != from);
	unpin(h);
	say_ret("ret", u_move_pages(a, 1, !from, status));
	say("byte", u_get(a + 300 * PAGE));
	say("moved", k_info(k_at(a)).node != from);
	say("order", order_in(fd, 5));
	say("dirty", k_info(k_at(a)).dirty);
}

CASE(HS40, .rules = "5.7-", .needs = NEED_THP,
     .title = "MAP_SHARED | MAP_ANONYMOUS")
{
	unsigned long a;
	int child;
	struct hold h;

	k_shmem_huge("advise");
	a = u_mmap_huge(HUGE, RW, SHARED, -1, 0);
	u_madvise(a, HUGE, MADV_HUGEPAGE);
	u_put(a + 5 * PAGE, 6);
	say("level", k_peek(a).level);
	say("order", order_at(a));
	h = pin_fast(a + 5 * PAGE, 1, FOLL_WRITE);
	child = u_fork();
	on(child) {
		say("byte", u_get(a + 5 * PAGE));
		u_put(a + 5 * PAGE, 16);
		say("same", k_at(a + 5 * PAGE) == k_page(h, 0));
	}
	say("dev", d_get(h, 0));
	say("pins", k_info(k_at(a)).pins);
}

CASE(HS41, .rules = "5.7-", .needs = NEED_THP,
     .title = "small pages in the way of a huge one")
{
	int fd;
	unsigned long a = memfd_thp(&fd, 2), b;

	f_put(fd, 7 * PAGE, 8);
	say("small", order_in(fd, 7));
	u_put(a, 1);
	say("order", order_at(a));
	say("level", k_peek(a).level);
	say("blocks", f_blocks(fd));
	u_madvise(a + HUGE, PAGE, MADV_NOHUGEPAGE);
	b = a + HUGE + PAGE;
	u_put(b, 1);
	say("order2", order_at(b));
	say("level2", k_peek(b).level);
	u_put(a + HUGE, 1);
	say("order3", order_at(a + HUGE));
}

CASE(HS42, .rules = "5.7-", .needs = NEED_THP,
     .title = "what unpin and dirtying release do to a huge page of a file")
{
	int fd;
	unsigned long a = memfd_thp(&fd, 1);
	struct hold h;
	pg_t page;

	u_get(a);
	page = k_at(a);
	h = pin_fast(a + 5 * PAGE, 4, FOLL_WRITE);
	say("dirty", k_info(page).dirty);
	d_put(h, 0, 42);
	say("release", unpin_dirty(h, true));
	say("dirty2", k_info(page).dirty);
	say("pins", k_info(page).pins);
	say("byte", u_get(a + 5 * PAGE));
	say("forget", f_forget(fd));
	u_drop_caches();
	say("order", order_in(fd, 5));
	say("byte2", f_byte(fd, 5 * PAGE));
}

CASE(HS45, .rules = "5.7-", .needs = NEED_THP,
     .title = "MADV_NOHUGEPAGE and a huge page that is there")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	u_madvise(a, HUGE, MADV_NOHUGEPAGE);
	say("level", k_peek(a).level);
	u_madvise(a, HUGE, MADV_DONTNEED);
	u_put(a + 5 * PAGE, 2);
	say("level2", k_peek(a + 5 * PAGE).level);
	say("order", order_at(a + 5 * PAGE));
}

/*
 * From 6.2 a kernel unshares first: it lets the leaf go, the fault maps it again,
 * and so on for ever.
 */
CASE(HS46, .rules = "5.7-6.1", .needs = NEED_THP,
     .title = "a long-term pin for reading of a huge page, private mapping")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	struct hold h;

	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	say("byte", u_get(b + 5 * PAGE));
	say("level", k_peek(b).level);
	h = pin_slow(b + 5 * PAGE, 1, FOLL_LONGTERM);
	say_ret("ret", h.ret);
	say("anon", k_info(k_page(h, 0)).anon);
	say("same", k_page(h, 0) == k_at(a + 5 * PAGE));
	say("level2", k_peek(b + 5 * PAGE).level);
	u_put(b + 5 * PAGE, 9);
	say("dev", d_get(h, 0));
}

CASE(HS44, .rules = "6.2-", .needs = NEED_THP | NEED_MODEL,
     .why = "a kernel walks and faults for ever",
     .title = "a long-term pin for reading of a huge page, private mapping: unshared")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	struct hold h;

	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	must(u_get(b + 5 * PAGE) == 6);
	must(k_peek(b).level == 1);
	h = pin_slow(b + 5 * PAGE, 1, FOLL_LONGTERM);
	say_ret("ret", h.ret);
	must(h.ret == 1);
	must(k_info(k_page(h, 0)).anon);
	must(k_page(h, 0) != k_at(a + 5 * PAGE));
	must(k_at(b + 5 * PAGE) == k_page(h, 0));
	must(d_get(h, 0) == 6);
}

CASE(HS47, .rules = "5.7-", .needs = NEED_THP,
     .title = "what the CPU wrote through a huge leaf is not lost with it")
{
	int fd;
	unsigned long a = memfd_thp(&fd, 1);

	u_get(a);
	u_put(a + 5 * PAGE, 6);
	say("dirty", k_info(cached(fd, 0)).dirty);
	u_madvise(a, PAGE, MADV_DONTNEED);
	say("dirty2", k_info(cached(fd, 0)).dirty);
	say("none", k_peek(a).none);
	say("byte", u_get(a + 5 * PAGE));
}

CASE(HS48, .rules = "5.7-", .needs = NEED_THP,
     .title = "folio_mkclean() and clear_page_dirty_for_io() of a huge page")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say("clean", k_mkclean(k_page(h, 0)));
	say("write", k_peek(a).write);
	say("pmd_dirty", k_peek(a).dirty);
	u_put(a, 3);
	say("level", k_peek(a).level);
	say("write2", k_peek(a).write);
	say("clear", k_clear_dirty(k_page(h, 0)));
	say("dirty", k_info(k_page(h, 0)).dirty);
}

CASE(HS49, .rules = "5.7-", .needs = NEED_THP,
     .title = "mlock() of a huge page of a file")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	pg_t page = k_at(a);

	say_ret("lock", u_mlock(a, HUGE));
	say("unevictable", k_info(page).unevictable);
	say("level", k_peek(a).level);
	say_ret("unlock", u_munlock(a, HUGE));
	say("unevictable2", k_info(page).unevictable);
	say_ret("part", u_mlock(a, PAGE));
	say("none", k_peek(a + 5 * PAGE).none);
	say("level2", k_peek(a).level);
	say("order", k_info(page).order);
	say_ret("remove", u_madvise(a, PAGE, MADV_REMOVE));
}

CASE(HS50, .rules = "5.7-", .needs = NEED_THP,
     .title = "process_vm_readv(), /proc/PID/mem and a huge page of a file")
{
	unsigned char byte = 0;
	int fd, child;
	unsigned long a = memfd_thp_w(&fd);

	child = u_fork();
	on(child)
		u_put(a, 7);
	say("read", u_vm_read(child, a + 300 * PAGE, &byte, 1));
	say("byte", byte);
	byte = 99;
	say("write", u_vm_write(child, a + 300 * PAGE, &byte, 1));
	say("here", u_get(a + 300 * PAGE));
	byte = 98;
	say("mem", u_mem_write(child, a + 5 * PAGE, &byte, 1));
	say("here2", u_get(a + 5 * PAGE));
	say("level", k_peek(a).level);
	on(child)
		say("child", k_peek(a).level);
}

CASE(HS51, .rules = "5.7-", .needs = NEED_THP | NEED_HWPOISON, .boot = BOOT_LAST,
     .title = "soft offlining of a page of a huge page of a file")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a, 1, FOLL_WRITE);

	say_ret("pinned", u_madvise(a + 5 * PAGE, PAGE, MADV_SOFT_OFFLINE));
	say("order", order_in(fd, 5));
	unpin(h);
	say_ret("ret", u_madvise(a + 5 * PAGE, PAGE, MADV_SOFT_OFFLINE));
	say("order2", order_in(fd, 5));
	say("byte", u_get(a + 5 * PAGE));
	say("byte2", u_get(a + 300 * PAGE));
}
