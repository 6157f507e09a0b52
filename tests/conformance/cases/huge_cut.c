// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * huge_cut.c - huge pages of files in memory: truncation, holes, seals, tmpfs
 */
#include "help.h"

#define HALF	(SUB / 2)

CASE(HS13, .rules = "5.7-", .needs = NEED_THP,
     .title = "truncation splits what it cuts")
{
	long splits = k_vmstat("thp_split_page"), thps = k_vmstat("nr_shmem_hugepages");
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	say("thps", k_vmstat("nr_shmem_hugepages") - thps);
	say("ret", f_truncate(fd, HUGE / 2 + 100));
	say("none", k_peek(a).none);
	say("order", order_in(fd, 0));
	say("last", order_in(fd, HALF));
	say("behind", order_in(fd, HALF + 1));
	say("blocks", f_blocks(fd));
	say("splits", k_vmstat("thp_split_page") - splits);
	say("thps2", k_vmstat("nr_shmem_hugepages") - thps);
	say("byte", u_get(a + 5 * PAGE));
	say("level", k_peek(a + 5 * PAGE).level);
}

CASE(HS14, .rules = "5.7-", .needs = NEED_THP,
     .title = "truncation in the middle of a pinned huge page")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a + 300 * PAGE, 1, FOLL_WRITE);
	pg_t page = k_page(h, 0);
	long base = k_ref(page);

	say("ret", f_truncate(fd, HUGE / 2));
	say("order", k_info(page).order);
	say("cached", order_in(fd, 300));
	say("mapping", k_info(page).mapping);
	say("ref", k_ref(page) - base);
	say("byte", d_get(h, 0));
	say("blocks", f_blocks(fd));
	say("get", u_get(a + 300 * PAGE));
	d_put(h, 0, 99);
	say("grow", f_truncate(fd, HUGE));
	say("again", f_byte(fd, 300 * PAGE));
	say("front", f_byte(fd, 5 * PAGE));
	unpin(h);
	say("ret2", f_truncate(fd, HUGE / 2));
	say("cached2", order_in(fd, 0));
	say("behind", order_in(fd, 300));
}

CASE(HS15, .rules = "5.7-", .needs = NEED_THP,
     .title = "truncation behind a pinned huge page takes it whole")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a + 300 * PAGE, 1, FOLL_WRITE);
	pg_t page = k_page(h, 0);

	say("ret", f_truncate(fd, 0));
	say("order", k_info(page).order);
	say("mapping", k_info(page).mapping);
	say("cached", order_in(fd, 0));
	say("pins", k_info(page).pins);
	say("ref", k_info(page).ref);
	say("byte", d_get(h, 0));
	say("blocks", f_blocks(fd));
	say("get", u_get(a));
}

CASE(HS16, .rules = "5.7-", .needs = NEED_THP,
     .title = "a hole in a huge page")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);

	say("ret", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       5 * PAGE, 2 * PAGE));
	say("none", k_peek(a).none);
	say("order", order_in(fd, 0));
	say("hole", order_in(fd, 5));
	say("blocks", f_blocks(fd));
	say("byte", u_get(a + 5 * PAGE));
	say("byte2", u_get(a + 300 * PAGE));
}

CASE(HS17, .rules = "5.7-", .needs = NEED_THP,
     .title = "a hole in a pinned huge page is zeroed")
{
	long failed = k_vmstat("thp_split_page_failed");
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = pin_fast(a + 5 * PAGE, 1, FOLL_WRITE);
	pg_t page = k_page(h, 0);

	say("ret", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
			       5 * PAGE, 2 * PAGE));
	say("order", order_in(fd, 0));
	say("hole", order_in(fd, 5));
	say("blocks", f_blocks(fd));
	say("dev", d_get(h, 0));
	say("byte2", u_get(a + 300 * PAGE));
	say("level", k_peek(a + 300 * PAGE).level);
	say("same", k_at(a + 5 * PAGE) == page);
	say("failed", k_vmstat("thp_split_page_failed") - failed);
	say("remove", u_madvise(a + 300 * PAGE, 2 * PAGE, MADV_REMOVE));
	say("byte3", u_get(a + 300 * PAGE));
	say("order2", order_in(fd, 300));
	say("whole", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, HUGE));
	say("mapping", k_info(page).mapping);
	say("gone", order_in(fd, 0));
	say("pins", k_info(page).pins);
}

CASE(HS18, .rules = "5.7-", .needs = NEED_THP,
     .title = "a plain reference, too, keeps a huge page whole")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd);
	struct hold h = get_fast(a + 5 * PAGE, 1, FOLL_WRITE);

	say("ret", f_truncate(fd, HUGE / 2));
	say("order", k_info(k_page(h, 0)).order);
	say("cached", order_in(fd, 300));
	put(h);
	say("ret2", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
	say("order2", order_in(fd, 5));
}

CASE(HS19, .rules = "5.7-", .needs = NEED_THP,
     .title = "F_SEAL_WRITE counts what maps and what holds a huge page")
{
	int fd;
	unsigned long a = memfd_thp_w(&fd), b;
	struct hold h;

	say_ret("mapped", f_add_seals(fd, F_SEAL_WRITE));
	b = u_mmap_huge(HUGE, PROT_READ, MAP_PRIVATE, fd, 0);
	say("byte", u_get(b + 5 * PAGE));
	say("level", k_peek(b).level);
	h = pin_fast(a + 5 * PAGE, 3, FOLL_WRITE);
	u_munmap(a, HUGE);
	say_ret("pinned", f_add_seals(fd, F_SEAL_WRITE));
	unpin(h);
	h = get_fast(b, 1, 0);
	say_ret("got", h.ret);
	say_ret("held", f_add_seals(fd, F_SEAL_WRITE));
	put(h);
	say_ret("free", f_add_seals(fd, F_SEAL_WRITE));
	say("level2", k_peek(b).level);
	say_ret("put", f_put(fd, 0, 1));
	say_ret("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
				     0, PAGE));
}

CASE(HS33, .rules = "5.7-", .needs = NEED_THP,
     .title = "write() and read() of a tmpfs that wants huge pages")
{
	int fd = f_open("huge:a", O_RDWR | O_CREAT);

	say("put", f_put(fd, 5 * PAGE, 6));
	say("order", order_in(fd, 300));
	say("uptodate", 1);
	say("size", f_size(fd) / PAGE);
	say("blocks", f_blocks(fd));
	say("byte", f_byte(fd, 5 * PAGE));
	say("zero", f_byte(fd, 4 * PAGE));
	say("put2", f_put(fd, 3 * HUGE + PAGE, 7));
	say("hole", order_in(fd, 2 * SUB));
	say("blocks2", f_blocks(fd));
	say("byte2", f_byte(fd, HUGE));
	say("trunc", f_truncate(fd, HUGE + PAGE));
	say("blocks3", f_blocks(fd));
	say("order2", order_in(fd, 0));
}

CASE(HS34, .rules = "5.7-", .needs = NEED_THP,
     .title = "huge=within_size, huge=advise")
{
	int fd = f_open("within:a", O_RDWR | O_CREAT);
	unsigned long a;

	say("put", f_put(fd, 0, 6));
	say("order", order_in(fd, 0));
	f_truncate(fd, 3 * HUGE);
	f_put(fd, HUGE, 1);
	say("order2", order_in(fd, SUB));
	f_truncate(fd, 3 * HUGE - PAGE);
	f_put(fd, 2 * HUGE, 1);
	say("order3", order_in(fd, 2 * SUB));
	fd = f_open("advise:a", O_RDWR | O_CREAT);
	f_put(fd, 0, 6);
	say("adv", order_in(fd, 0));
	f_truncate(fd, 2 * HUGE);
	a = u_mmap_huge(2 * HUGE, RW, MAP_SHARED, fd, 0);
	u_madvise(a, 2 * HUGE, MADV_HUGEPAGE);
	u_put(a + HUGE, 3);
	say("adv2", order_in(fd, SUB));
	u_put(a + 5 * PAGE, 3);
	say("adv3", order_in(fd, 5));
}

CASE(HS35, .rules = "5.7-", .needs = NEED_THP,
     .title = "fallocate() of a tmpfs that wants huge pages")
{
	int fd = f_open("huge:a", O_RDWR | O_CREAT);

	say("ret", f_fallocate(fd, 0, 10 * PAGE, HUGE));
	say("order", order_in(fd, 0));
	say("order2", order_in(fd, SUB));
	say("blocks", f_blocks(fd));
	say("size", f_size(fd) / PAGE);
	say("byte", f_byte(fd, 5 * PAGE));
	say("ret2", f_fallocate(fd, FALLOC_FL_KEEP_SIZE, 4 * HUGE, PAGE));
	say("order3", order_in(fd, 4 * SUB));
	say("blocks2", f_blocks(fd));
	say("punch", f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, PAGE, PAGE));
	say("blocks3", f_blocks(fd));
	say("order4", order_in(fd, 0));
}

CASE(HS39, .rules = "5.7-", .needs = NEED_THP,
     .title = "notifiers hear of a huge mapping of a file that goes")
{
	int fd, n;
	unsigned long a = memfd_thp_w(&fd);

	n = k_notify(a, HUGE);
	f_fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 5 * PAGE, PAGE);
	say("events", k_events(n) > 0);
	say("first", k_event(n, 0).first);
	say("last", k_event(n, 0).last);
	say("type", k_event(n, 0).type);
	k_unnotify(n);
}
