// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mem.c - address space calls, loads and stores
 */
#include "model.h"

#include <string.h>
#include <sys/uio.h>

#include "pagecache/hugetlbfs.h"

#define GAP	(16UL * PAGE)	/* the hole between two areas */
#define WINDOW	(16UL * PAGE)	/* in which faults map around */

/* The place of the next area. It is never one that was used before. */
static unsigned long place(struct proc *p, unsigned long len,
			   unsigned long align)
{
	unsigned long a = (p->next + align - 1) & ~(align - 1);

	p->next = a + len + GAP;
	return a;
}

static void taken(struct proc *p, unsigned long a, unsigned long len)
{
	if (a + len + GAP > p->next)
		p->next = a + len + GAP;
}

static bool huge(int flags, struct file *file)
{
	return flags & MAP_HUGETLB || (file && pp_is_hugetlb_file(file));
}

unsigned long u_mmap(unsigned long addr, long len, int prot, int flags, int fd,
		     long off)
{
	struct proc *p = model_cur();
	struct file *file = fd < 0 ? NULL : model_file(fd);
	unsigned long size = ((unsigned long)len + PAGE - 1) & -PAGE;
	long a;

	if (!addr && size) {
		addr = place(p, size, huge(flags, file) ? HUGE : WINDOW);
		flags |= MAP_FIXED_NOREPLACE;
	}
	a = pinpage_mmap(addr, (size_t)len, prot, flags, file, off);
	if (a > 0)
		taken(p, (unsigned long)a, size);
	return (unsigned long)a;
}

unsigned long u_mmap_huge(long len, int prot, int flags, int fd, long off)
{
	return u_mmap(place(model_cur(), (unsigned long)len, HUGE), len, prot,
		      flags | MAP_FIXED_NOREPLACE, fd, off);
}

unsigned long u_thp(long huge)
{
	struct proc *p = model_cur();
	unsigned long len = (unsigned long)huge * HUGE;
	unsigned long a = u_mmap(place(p, len, HUGE), (long)len,
				 PROT_READ | PROT_WRITE, MAP_PRIVATE |
				 MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);

	if (!u_bad(a) && pinpage_madvise(a, len, MADV_HUGEPAGE))
		model_missing("transparent huge pages");
	return a;
}

#define DEVICE_PFN	(1UL << 30)	/* behind all memory */

static int devmem_mmap(struct file *file, struct vm_area_struct *vma)
{
	unsigned long start = pinpage_vma_start(vma);

	(void)file;
	return pinpage_remap_pfn_range(vma, start, DEVICE_PFN,
				       pinpage_vma_end(vma) - start);
}

unsigned long u_devmem(void)
{
	static const struct pinpage_file_operations fops = {
		.mmap = devmem_mmap,
	};
	struct file *file = pinpage_device_file("devmem", &fops, NULL);
	long a;

	if (IS_ERR(file))
		model_broken("no device memory");
	a = pinpage_mmap(place(model_cur(), PAGE, PAGE), PAGE,
			 PROT_READ | PROT_WRITE, MAP_SHARED |
			 MAP_FIXED_NOREPLACE, file, 0);
	pinpage_filp_close(file);
	return (unsigned long)a;
}

long u_munmap(unsigned long a, long len)
{
	return pinpage_munmap(a, (size_t)len);
}

long u_mprotect(unsigned long a, long len, int prot)
{
	return pinpage_mprotect(a, (size_t)len, prot);
}

unsigned long u_mremap(unsigned long a, long old_len, long new_len, int flags,
		       unsigned long to)
{
	long at = pinpage_mremap(a, (size_t)old_len, (size_t)new_len, flags, to);

	if (at > 0)
		taken(model_cur(), (unsigned long)at, (unsigned long)new_len);
	return (unsigned long)at;
}

long u_madvise(unsigned long a, long len, int advice)
{
	return pinpage_madvise(a, (size_t)len, advice);
}

long u_mlock(unsigned long a, long len)
{
	return pinpage_mlock(a, (size_t)len);
}

long u_munlock(unsigned long a, long len)
{
	return pinpage_munlock(a, (size_t)len);
}

long u_msync(unsigned long a, long len, int flags)
{
	return pinpage_msync(a, (size_t)len, flags);
}

long u_mincore(unsigned long a)
{
	(void)a;
	model_missing("mincore");
}

long u_load(unsigned long a, void *buf, long len)
{
	return pinpage_load(model_cur()->mm, a, buf, (size_t)len);
}

long u_store(unsigned long a, const void *buf, long len)
{
	return pinpage_store(model_cur()->mm, a, buf, (size_t)len);
}

long u_clear_refs(int what)
{
	return pinpage_clear_refs(model_cur()->mm, what);
}

long u_pagemap(unsigned long a)
{
	uint64_t entry = 0;
	long ret = pinpage_pagemap(model_cur()->mm, a, &entry);

	if (ret)
		return ret;
	return (entry & PINPAGE_PM_PRESENT ? PM_PRESENT : 0) |
	       (entry & PINPAGE_PM_SWAP ? PM_SWAP : 0) |
	       (entry & PINPAGE_PM_FILE ? PM_FILE : 0) |
	       (entry & PINPAGE_PM_MMAP_EXCLUSIVE ? PM_EXCLUSIVE : 0) |
	       (entry & PINPAGE_PM_SOFT_DIRTY ? PM_SOFT_DIRTY : 0);
}

long u_move_pages(unsigned long a, long pages, int node, int *status)
{
	unsigned long addr[64];
	int nodes[64];
	long i;

	if (pages > 64)
		model_broken("too many pages to move");
	for (i = 0; i < pages; i++) {
		addr[i] = a + (unsigned long)i * PAGE;
		nodes[i] = node;
	}
	return pinpage_move_pages(model_cur()->mm, (unsigned long)pages, addr,
				  nodes, status, PINPAGE_MPOL_MF_MOVE);
}

long u_migrate_pages(int from, int to)
{
	return pinpage_migrate_pages(model_cur()->mm, 1UL << from, 1UL << to);
}

long u_mbind(unsigned long a, long len, int node)
{
	int status;
	long at;

	/* what is there moves; new pages follow no policy here */
	for (at = 0; at < len; at += PAGE) {
		status = 0;
		u_move_pages(a + (unsigned long)at, 1, node, &status);
	}
	return 0;
}

/* The process' own side of a copy, for the call alone. */
static struct iovec scratch(long len)
{
	unsigned long a = u_mmap(0, len, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (u_bad(a))
		model_broken("no memory");
	return (struct iovec){ (void *)a, (size_t)len };
}

long u_vm_read(int proc, unsigned long from, void *buf, long len)
{
	struct iovec mine = scratch(len), theirs = { (void *)from, (size_t)len };
	long n = pinpage_process_vm_readv(model_proc(proc)->mm, &mine, 1,
					  &theirs, 1, 0);

	if (n > 0)
		u_load((unsigned long)mine.iov_base, buf, n);
	u_munmap((unsigned long)mine.iov_base, len);
	return n;
}

long u_vm_write(int proc, unsigned long to, const void *buf, long len)
{
	struct iovec mine = scratch(len), theirs = { (void *)to, (size_t)len };
	long n;

	u_store((unsigned long)mine.iov_base, buf, len);
	n = pinpage_process_vm_writev(model_proc(proc)->mm, &mine, 1, &theirs,
				      1, 0);
	u_munmap((unsigned long)mine.iov_base, len);
	return n;
}

/* /proc/pid/mem: a failure is -EIO */
static long mem_access(int proc, unsigned long a, void *buf, long len,
		       unsigned int flags)
{
	int n = pinpage_access_process_vm(model_proc(proc)->mm, a, buf,
					  (int)len, flags | PINPAGE_FOLL_FORCE);

	return n ? n : -EIO;
}

long u_mem_read(int proc, unsigned long from, void *buf, long len)
{
	return mem_access(proc, from, buf, len, 0);
}

long u_mem_write(int proc, unsigned long to, const void *buf, long len)
{
	return mem_access(proc, to, (void *)(uintptr_t)buf, len,
			  PINPAGE_FOLL_WRITE);
}

/* userfaultfd: done is 0, as from an ioctl. */

static struct pinpage_uffd *uffd(void)
{
	if (!model_cur()->uffd)
		model_broken("no userfaultfd");
	return model_cur()->uffd;
}

static long done(long ret, long len)
{
	return ret == len ? 0 : ret < 0 ? ret : -EAGAIN;
}

long u_uffd(void)
{
	return pinpage_userfaultfd_open(&model_cur()->uffd);
}

long u_uffd_register(unsigned long a, long len, int modes)
{
	return pinpage_userfaultfd_register(uffd(), a, (size_t)len,
		(modes & UFFD_MISSING ? PINPAGE_UFFD_MISSING : 0) |
		(modes & UFFD_WP ? PINPAGE_UFFD_WP : 0));
}

long u_uffd_unregister(unsigned long a, long len)
{
	return pinpage_userfaultfd_unregister(uffd(), a, (size_t)len);
}

long u_uffd_wp(unsigned long a, long len, bool wp)
{
	return pinpage_userfaultfd_writeprotect(uffd(), a, (size_t)len,
						wp ? PINPAGE_UFFD_PROTECT : 0);
}

long u_uffd_copy(unsigned long dst, const void *page)
{
	return done(pinpage_userfaultfd_copy(uffd(), dst, page, PAGE, 0), PAGE);
}

long u_uffd_zeropage(unsigned long dst)
{
	return done(pinpage_userfaultfd_zeropage(uffd(), dst, PAGE, 0), PAGE);
}

long u_uffd_move(unsigned long dst, unsigned long src, long len)
{
	return done(pinpage_userfaultfd_move(uffd(), dst, src, (size_t)len, 0),
		    len);
}
