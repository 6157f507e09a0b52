// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * user.c - what a process does with its address space
 */
#include "run.h"

#include <linux/magic.h>
#include <linux/userfaultfd.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Huge pages by flag or by file want to be mapped at multiples of their size. */
static long alignment(struct op *op)
{
	struct statfs fs;

	if (op->a[4] >= 0 && !fstatfs(op->a[4], &fs) &&
	    fs.f_type == HUGETLBFS_MAGIC)
		return HUGE;
	return op->a[6];
}

/* Faults map around within such a window: places are at its start. */
#define WINDOW (16 * PAGE)

/* Maps with a hole on both sides, aligned to @align. */
static long do_mmap(struct op *op)
{
	long len = (op->a[1] + PAGE - 1) & -PAGE, align = alignment(op);
	char *room, *at = (char *)op->a[0];
	void *p;

	if (at)
		return ret_of((long)mmap(at, op->a[1], op->a[2],
					 op->a[3] | MAP_FIXED, op->a[4], op->a[5]));
	len = (len + align - 1) & -align;
	room = mmap(NULL, len + 2 * align, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (room == MAP_FAILED)
		return -errno;
	at = (char *)(((uintptr_t)room + 2 * align - 1) & -align);
	if (at == room)
		at += align;
	munmap(room, len + 2 * align);
	p = mmap(at, op->a[1], op->a[2], op->a[3] | MAP_FIXED_NOREPLACE,
		 op->a[4], op->a[5]);
	return ret_of((long)p);
}

unsigned long u_mmap(unsigned long addr, long len, int prot, int flags,
		     int fd, long off)
{
	long align = flags & MAP_HUGETLB ? HUGE : WINDOW;

	return RUN(do_mmap, addr, len, prot, flags, fd, off, align);
}

unsigned long u_mmap_huge(long len, int prot, int flags, int fd, long off)
{
	return RUN(do_mmap, 0, len, prot, flags, fd, off, HUGE);
}

static void nothing(int sig)
{
	(void)sig;
}

/* Poisoning may (6.12) tell the process at once, as if it had read the page. */
static long do_madvise(struct op *op)
{
	struct sigaction sa = { .sa_handler = nothing }, bus;
	long ret;

	sigaction(SIGBUS, &sa, &bus);
	ret = ret_of(madvise((void *)op->a[0], op->a[1], op->a[2]));
	sigaction(SIGBUS, &bus, NULL);
	return ret;
}

long u_madvise(unsigned long a, long len, int advice)
{
	return RUN(do_madvise, a, len, advice);
}

unsigned long u_thp(long huge)
{
	unsigned long a = RUN(do_mmap, 0, huge * HUGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0, HUGE);

	if (!u_bad(a))
		u_madvise(a, huge * HUGE, MADV_HUGEPAGE);
	return a;
}

/* A part of the physical address space that is neither memory nor claimed. */
#define DEVICE_HOLE	0xd0000000L

static long do_devmem(struct op *op)
{
	int fd = open("/dev/mem", O_RDWR);
	long ret;

	(void)op;
	if (fd < 0)
		return -errno;
	ret = ret_of((long)mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
				fd, DEVICE_HOLE));
	close(fd);
	return ret;
}

unsigned long u_devmem(void)
{
	return RUN(do_devmem);
}

static long do_munmap(struct op *op)
{
	return ret_of(munmap((void *)op->a[0], op->a[1]));
}

long u_munmap(unsigned long a, long len)
{
	return RUN(do_munmap, a, len);
}

static long do_mprotect(struct op *op)
{
	return ret_of(mprotect((void *)op->a[0], op->a[1], op->a[2]));
}

long u_mprotect(unsigned long a, long len, int prot)
{
	return RUN(do_mprotect, a, len, prot);
}

static long do_mremap(struct op *op)
{
	return ret_of((long)mremap((void *)op->a[0], op->a[1], op->a[2],
				   (int)op->a[3], (void *)op->a[4]));
}

unsigned long u_mremap(unsigned long a, long old_len, long new_len, int flags,
		       unsigned long to)
{
	return RUN(do_mremap, a, old_len, new_len, flags, to);
}

static long do_mlock(struct op *op)
{
	return ret_of(op->a[2] ? mlock((void *)op->a[0], op->a[1]) :
				 munlock((void *)op->a[0], op->a[1]));
}

long u_mlock(unsigned long a, long len)
{
	return RUN(do_mlock, a, len, 1);
}

long u_munlock(unsigned long a, long len)
{
	return RUN(do_mlock, a, len, 0);
}

static long do_msync(struct op *op)
{
	return ret_of(msync((void *)op->a[0], op->a[1], op->a[2]));
}

long u_msync(unsigned long a, long len, int flags)
{
	return RUN(do_msync, a, len, flags);
}

static long do_mincore(struct op *op)
{
	unsigned char in;

	return mincore((void *)op->a[0], PAGE, &in) ? -errno : in & 1;
}

long u_mincore(unsigned long a)
{
	return RUN(do_mincore, a);
}

/* Loads and stores. */

static sigjmp_buf back;

static void fault(int sig)
{
	(void)sig;
	siglongjmp(back, 1);
}

static long do_copy(struct op *op)
{
	struct sigaction sa = { .sa_handler = fault }, segv, bus;
	volatile long ret = -EFAULT;

	sigaction(SIGSEGV, &sa, &segv);
	sigaction(SIGBUS, &sa, &bus);
	if (!sigsetjmp(back, 1)) {
		if (op->a[2])
			memcpy((void *)op->a[0], op->data, op->a[1]);
		else
			memcpy(op->data, (void *)op->a[0], op->a[1]);
		ret = 0;
	}
	sigaction(SIGSEGV, &segv, NULL);
	sigaction(SIGBUS, &bus, NULL);
	return ret;
}

long u_load(unsigned long a, void *buf, long len)
{
	long ret = 0, n, done;

	for (done = 0; done < len && !ret; done += n) {
		n = len - done < DATA ? len - done : DATA;
		ret = RUN(do_copy, a + done, n, 0);
		if (!ret)
			memcpy((char *)buf + done, boxes[conf_now].data, n);
	}
	return ret;
}

long u_store(unsigned long a, const void *buf, long len)
{
	long ret = 0, n, done;

	for (done = 0; done < len && !ret; done += n) {
		n = len - done < DATA ? len - done : DATA;
		memcpy(box_now()->data, (const char *)buf + done, n);
		ret = RUN(do_copy, a + done, n, 1);
	}
	return ret;
}

/* Other ways to the memory of a process. */

static long do_clear_refs(struct op *op)
{
	return write_number("/proc/self/clear_refs", op->a[0]);
}

long u_clear_refs(int what)
{
	return RUN(do_clear_refs, what);
}

static long do_pagemap(struct op *op)
{
	int fd = open("/proc/self/pagemap", O_RDONLY);
	uint64_t e = 0;
	ssize_t got = pread(fd, &e, sizeof(e), op->a[0] / PAGE * sizeof(e));

	close(fd);
	if (got != sizeof(e))
		return -EIO;
	return (e >> 63 & 1 ? PM_PRESENT : 0) | (e >> 62 & 1 ? PM_SWAP : 0) |
	       (e >> 61 & 1 ? PM_FILE : 0) | (e >> 56 & 1 ? PM_EXCLUSIVE : 0) |
	       (e >> 55 & 1 ? PM_SOFT_DIRTY : 0);
}

long u_pagemap(unsigned long a)
{
	return RUN(do_pagemap, a);
}

#define MOST_MOVED	512

static long do_move_pages(struct op *op)
{
	long n = op->a[1], i;
	void *pages[MOST_MOVED];
	int nodes[MOST_MOVED];

	for (i = 0; i < n; i++) {
		pages[i] = (char *)op->a[0] + i * PAGE;
		nodes[i] = op->a[2];
	}
	return ret_of(syscall(SYS_move_pages, 0, n, pages,
			      op->a[2] < 0 ? NULL : nodes, op->data, 2));
}

long u_move_pages(unsigned long a, long pages, int node, int *status)
{
	long ret;

	if (pages > MOST_MOVED)
		return -E2BIG;
	memcpy(box_now()->data, status, pages * sizeof(int));
	ret = RUN(do_move_pages, a, pages, node);
	memcpy(status, boxes[conf_now].data, pages * sizeof(int));
	return ret;
}

static long do_migrate_pages(struct op *op)
{
	unsigned long from = 1UL << op->a[0], to = 1UL << op->a[1];

	return ret_of(syscall(SYS_migrate_pages, 0, 64, &from, &to));
}

long u_migrate_pages(int from, int to)
{
	return RUN(do_migrate_pages, from, to);
}

static long do_mbind(struct op *op)
{
	unsigned long mask = 1UL << op->a[2];

	return ret_of(syscall(SYS_mbind, op->a[0], op->a[1], 2, &mask, 64, 2));
}

long u_mbind(unsigned long a, long len, int node)
{
	return RUN(do_mbind, a, len, node);
}

static long do_vm_rw(struct op *op)
{
	struct iovec mine = { op->data, op->a[2] };
	struct iovec other = { (void *)op->a[1], op->a[2] };

	return ret_of(op->a[3] ?
		process_vm_writev(op->a[0], &mine, 1, &other, 1, 0) :
		process_vm_readv(op->a[0], &mine, 1, &other, 1, 0));
}

long u_vm_read(int proc, unsigned long from, void *buf, long len)
{
	long ret = RUN(do_vm_rw, boxes[proc].pid, from, len, 0);

	if (ret > 0)
		memcpy(buf, boxes[conf_now].data, ret);
	return ret;
}

long u_vm_write(int proc, unsigned long to, const void *buf, long len)
{
	memcpy(box_now()->data, buf, len);
	return RUN(do_vm_rw, boxes[proc].pid, to, len, 1);
}

static long do_mem_rw(struct op *op)
{
	char path[64];
	long ret;
	int fd;

	snprintf(path, sizeof(path), "/proc/%ld/mem", op->a[0]);
	fd = open(path, O_RDWR);
	if (fd < 0)
		return -errno;
	ret = ret_of(op->a[3] ? pwrite(fd, op->data, op->a[2], op->a[1]) :
				pread(fd, op->data, op->a[2], op->a[1]));
	close(fd);
	return ret;
}

long u_mem_read(int proc, unsigned long from, void *buf, long len)
{
	long ret = RUN(do_mem_rw, boxes[proc].pid, from, len, 0);

	if (ret > 0)
		memcpy(buf, boxes[conf_now].data, ret);
	return ret;
}

long u_mem_write(int proc, unsigned long to, const void *buf, long len)
{
	memcpy(box_now()->data, buf, len);
	return RUN(do_mem_rw, boxes[proc].pid, to, len, 1);
}

/* userfaultfd */

static int uffd = -1;		/* of this process */

static long do_uffd(struct op *op)
{
	struct uffdio_api api = { .api = UFFD_API };
	uint64_t move = 1 << 16, have;

	(void)op;
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (uffd < 0)
		return -errno;
	if (ioctl(uffd, UFFDIO_API, &api))
		return -errno;
	have = api.features;
	close(uffd);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	api = (struct uffdio_api){
		.api = UFFD_API,
		.features = have & (move | UFFD_FEATURE_PAGEFAULT_FLAG_WP),
	};
	return ret_of(ioctl(uffd, UFFDIO_API, &api));
}

long u_uffd(void)
{
	return RUN(do_uffd);
}

static long do_uffd_register(struct op *op)
{
	struct uffdio_register r = {
		.range = { op->a[0], op->a[1] },
		.mode = (op->a[2] & UFFD_MISSING ? UFFDIO_REGISTER_MODE_MISSING : 0) |
			(op->a[2] & UFFD_WP ? UFFDIO_REGISTER_MODE_WP : 0),
	};

	return ret_of(op->a[2] ? ioctl(uffd, UFFDIO_REGISTER, &r) :
				 ioctl(uffd, UFFDIO_UNREGISTER, &r.range));
}

long u_uffd_register(unsigned long a, long len, int modes)
{
	return RUN(do_uffd_register, a, len, modes);
}

long u_uffd_unregister(unsigned long a, long len)
{
	return RUN(do_uffd_register, a, len, 0);
}

static long do_uffd_wp(struct op *op)
{
	struct uffdio_writeprotect w = {
		.range = { op->a[0], op->a[1] },
		.mode = op->a[2] ? UFFDIO_WRITEPROTECT_MODE_WP : 0,
	};

	return ret_of(ioctl(uffd, UFFDIO_WRITEPROTECT, &w));
}

long u_uffd_wp(unsigned long a, long len, bool wp)
{
	return RUN(do_uffd_wp, a, len, wp);
}

static long do_uffd_copy(struct op *op)
{
	struct uffdio_copy c = {
		.dst = op->a[0], .src = (unsigned long)op->data, .len = PAGE,
	};

	return ret_of(ioctl(uffd, UFFDIO_COPY, &c));
}

long u_uffd_copy(unsigned long dst, const void *page)
{
	memcpy(box_now()->data, page, PAGE);
	return RUN(do_uffd_copy, dst);
}

static long do_uffd_zeropage(struct op *op)
{
	struct uffdio_zeropage z = { .range = { op->a[0], PAGE } };

	return ret_of(ioctl(uffd, UFFDIO_ZEROPAGE, &z));
}

long u_uffd_zeropage(unsigned long dst)
{
	return RUN(do_uffd_zeropage, dst);
}

static long do_uffd_move(struct op *op)
{
	struct { uint64_t dst, src, len, mode; int64_t move; } m = {
		.dst = op->a[0], .src = op->a[1], .len = op->a[2],
	};

	return ret_of(ioctl(uffd, _IOWR(UFFDIO, 0x05, m), &m));
}

long u_uffd_move(unsigned long dst, unsigned long src, long len)
{
	return RUN(do_uffd_move, dst, src, len);
}
