// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * huge_collapse.c - huge pages of files in memory: MADV_COLLAPSE
 */
#include "help.h"

/* small pages of a memfd, the first @n of 512 written, mapped so that a huge leaf fits */
static unsigned long small(int *fd, long n)
{
	unsigned long a;
	long i;

	k_shmem_huge("never");
	*fd = f_memfd(SUB, 0);
	a = u_mmap_huge(HUGE, RW, MAP_SHARED, *fd, 0);
	for (i = 0; i < n; i++)
		u_put(a + i * PAGE, i + 1);
	return a;
}

CASE(HS22, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE makes a huge page of a file's small ones")
{
	long thps = k_vmstat("nr_shmem_hugepages");
	int fd;
	unsigned long a = small(&fd, SUB);

	say_ret("ret", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("level", k_peek(a).level);
	say("order", order_in(fd, 5));
	say("thps", k_vmstat("nr_shmem_hugepages") - thps);
	say("blocks", f_blocks(fd));
	say("dirty", k_info(k_at(a)).dirty);
	say("write", k_peek(a).write);
	say("byte", u_get(a + 300 * PAGE));
	say("level2", k_peek(a).level);
	say("map", k_info(k_at(a)).map);
	say_ret("again", u_madvise(a, HUGE, MADV_COLLAPSE));
}

CASE(HS23, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of a file fills holes")
{
	int fd;
	unsigned long a = small(&fd, 3);

	say_ret("ret", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", order_in(fd, 300));
	say("blocks", f_blocks(fd));
	say("byte", u_get(a + 2 * PAGE));
	say("zero", u_get(a + 300 * PAGE));
}

CASE(HS24, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of a file with nothing in it")
{
	int fd;
	unsigned long a = small(&fd, 0);

	say_ret("empty", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", order_in(fd, 0));
	say("blocks", f_blocks(fd));
	f_put(fd, 7 * PAGE, 8);
	u_madvise(a, HUGE, MADV_COLLAPSE);
	say("order2", order_in(fd, 0));
	say("byte", u_get(a + 7 * PAGE));
	say("level", k_peek(a).level);
}

CASE(HS25, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of a file leaves what is held")
{
	int fd;
	unsigned long a = small(&fd, 10);
	struct hold h = pin_fast(a + 5 * PAGE, 1, FOLL_WRITE);

	say_ret("pinned", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", order_in(fd, 5));
	say("hole", order_in(fd, 300));
	say("blocks", f_blocks(fd));
	say("same", k_at(a + 5 * PAGE) == k_page(h, 0));
	unpin(h);
	h = get_fast(a + 5 * PAGE, 1, 0);
	say_ret("held", u_madvise(a, HUGE, MADV_COLLAPSE));
	put(h);
	say_ret("free", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("byte", u_get(a + 5 * PAGE));
}

CASE(HS26, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of a huge page that PTEs map")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_slow(a + 5 * PAGE, 1, FOLL_WRITE | FOLL_SPLIT_PMD);

	say("level", k_peek(a + 5 * PAGE).level);
	say_ret("ret", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("level2", k_peek(a + 5 * PAGE).level);
	say("same", k_at(a + 5 * PAGE) == k_page(h, 0));
	say("pins", k_info(k_page(h, 0)).pins);
	say("map", k_info(k_page(h, 0)).map);
}

CASE(HS27, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE and another process that maps the file")
{
	int fd, child;
	unsigned long a = small(&fd, 10);

	child = u_fork();
	on(child) {
		u_put(a + 5 * PAGE, 50);
		say("child", k_peek(a + 5 * PAGE).level);
	}
	say_ret("ret", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("level", k_peek(a).level);
	on(child) {
		say("none", k_peek(a + 5 * PAGE).none);
		say("byte", u_get(a + 5 * PAGE));
		say("order", order_at(a + 5 * PAGE));
		say("level2", k_peek(a + 5 * PAGE).level);
		say_ret("ret2", u_madvise(a, HUGE, MADV_COLLAPSE));
		say("level3", k_peek(a + 5 * PAGE).level);
	}
}

CASE(HS28, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of private memory of a file, written or not")
{
	int fd;
	unsigned long a = small(&fd, 10), b;

	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	say_ret("ret", u_madvise(b, HUGE, MADV_COLLAPSE));
	say("order", order_in(fd, 0));
	say("byte", u_get(b + 5 * PAGE));
	say("level", k_peek(b).level);
	u_munmap(b, HUGE);
	f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE);
	u_put(a, 1);
	say("order2", order_in(fd, 0));
	b = u_mmap_huge(HUGE, RW, MAP_PRIVATE, fd, 0);
	u_put(b, 9);
	say_ret("written", u_madvise(b, HUGE, MADV_COLLAPSE));
	say("order3", order_in(fd, 0));
	say("mine", u_get(b));
}

CASE(HS29, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE where it cannot be")
{
	int fd;
	unsigned long a = small(&fd, 10), b;

	b = u_mmap_huge(HUGE, RW, MAP_SHARED, fd, PAGE);
	say_ret("offset", u_madvise(b, HUGE, MADV_COLLAPSE));
	k_shmem_huge("deny");
	say_ret("deny", u_madvise(a, HUGE, MADV_COLLAPSE));
	k_shmem_huge("never");
	u_madvise(a, HUGE, MADV_NOHUGEPAGE);
	say_ret("nohuge", u_madvise(a, HUGE, MADV_COLLAPSE));
	u_madvise(a, HUGE, MADV_HUGEPAGE);
	f_truncate(fd, HUGE / 2);
	say_ret("short", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("order", order_in(fd, 0));
	say("blocks", f_blocks(fd));
}

CASE(HS43, .rules = "6.1-", .needs = NEED_THP,
     .title = "MADV_COLLAPSE of cached pages that nobody has mapped")
{
	unsigned long a;
	int fd;

	fd = f_memfd(2 * SUB, 0);
	a = u_mmap_huge(2 * HUGE, RW, MAP_SHARED, fd, 0);
	u_put(a + HUGE, 1);
	f_put(fd, 7 * PAGE, 8);
	say("none", k_peek(a).none);
	say_ret("ret", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("level", k_peek(a).level);
	say("order", order_in(fd, 0));
	say_ret("again", u_madvise(a, HUGE, MADV_COLLAPSE));
	say("level2", k_peek(a).level);
	say("byte", u_get(a + 7 * PAGE));
}
