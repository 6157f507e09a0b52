// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * rdma-umem.c - case 2 of the pinning document: memory is registered for as
 * long as the user likes, and a remote peer writes to it at will
 *
 * Shows:   the long-term pin and its accounts, in four generations of the
 *          kernel's API, chosen by the parameter "contract".
 * Mirrors: drivers/infiniband/core/umem.c: ib_umem_get(), ib_umem_release().
 * Run:     examples/demo; examples/demo --help
 *
 * Nothing tells the driver when the peer writes: the pages are marked dirty
 * once, at the end.
 */
#include "rdma-umem.h"

#include <linux/dma-mapping.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>

/* pages asked for at a time, so that mmap_lock is not held for long */
#define RDMA_UMEM_BATCH 512UL

int rdma_umem_contract = RDMA_UMEM_PIN;
module_param_named(contract, rdma_umem_contract, int, 0444);
MODULE_PARM_DESC(contract, "0 put_page, 1 put_user_pages, 2 unpin dirty, 3 unpin");

#ifndef account_pinned_vm
/* the kernel has the sum and leaves the arithmetic to the drivers */
static int account_pinned_vm(struct mm_struct *mm, unsigned long pages,
			     bool inc)
{
	unsigned long limit = rlimit(RLIMIT_MEMLOCK) >> PAGE_SHIFT;

	if (!inc) {
		atomic64_sub(pages, &mm->pinned_vm);
		return 0;
	}
	if (atomic64_add_return(pages, &mm->pinned_vm) > limit &&
	    !capable(CAP_IPC_LOCK)) {
		atomic64_sub(pages, &mm->pinned_vm);
		return -ENOMEM;
	}
	return 0;
}
#endif

/* mmap_lock held. Return: pages taken, perhaps fewer; -errno. */
static long rdma_umem_get_batch(unsigned long addr, unsigned long nr,
				struct page **pages)
{
	switch (rdma_umem_contract) {
	case RDMA_UMEM_GET_PUT_PAGE:
		/* drivers of that age did not say for how long */
		return get_user_pages(addr, nr, FOLL_WRITE, pages);
	case RDMA_UMEM_GET_PUT_USER:
		return get_user_pages(addr, nr, FOLL_WRITE | FOLL_LONGTERM,
				      pages);
	default:
		return pin_user_pages(addr, nr, FOLL_WRITE | FOLL_LONGTERM,
				      pages);
	}
}

/* @wrote: the peer may have written to them */
static void rdma_umem_put_pages(struct rdma_umem *umem, bool wrote)
{
	unsigned long i;

	switch (rdma_umem_contract) {
	case RDMA_UMEM_GET_PUT_PAGE:
		for (i = 0; i < umem->nr_pages; i++) {
			if (wrote)
				set_page_dirty_lock(umem->pages[i]);
			put_page(umem->pages[i]);
		}
		break;
	case RDMA_UMEM_GET_PUT_USER:
		if (wrote)
			put_user_pages_dirty_lock(umem->pages, umem->nr_pages,
						  true);
		else
			put_user_pages(umem->pages, umem->nr_pages);
		break;
	case RDMA_UMEM_PIN:
		unpin_user_pages_dirty_lock(umem->pages, umem->nr_pages,
					    wrote);
		break;
	default:
		unpin_user_pages(umem->pages, umem->nr_pages);
		break;
	}
	umem->nr_pages = 0;
}

/* Takes all @want pages, or none. */
static int rdma_umem_get_pages(struct rdma_umem *umem, unsigned long want)
{
	unsigned long start = umem->addr & PAGE_MASK;
	long got = 0;

	while (umem->nr_pages < want) {
		mmap_read_lock(umem->mm);
		got = rdma_umem_get_batch(start + umem->nr_pages * PAGE_SIZE,
					  min(want - umem->nr_pages,
					      RDMA_UMEM_BATCH),
					  umem->pages + umem->nr_pages);
		mmap_read_unlock(umem->mm);
		if (got <= 0)
			break;
		umem->nr_pages += (unsigned long)got;
	}
	if (umem->nr_pages == want)
		return 0;
	/* 0: invalid arguments since 6.3 */
	rdma_umem_put_pages(umem, false);
	return got < 0 ? (int)got : -EINVAL;
}

static int rdma_umem_map(struct rdma_umem *umem)
{
	int error;

	error = sg_alloc_table_from_pages(&umem->table, umem->pages,
					  (unsigned int)umem->nr_pages,
					  (unsigned int)offset_in_page(umem->addr),
					  umem->len, GFP_KERNEL);
	if (error)
		return error;
	error = dma_map_sgtable(umem->dev, &umem->table, DMA_BIDIRECTIONAL, 0);
	if (error)
		sg_free_table(&umem->table);
	return error;
}

int rdma_umem_reg(struct device *dev, unsigned long addr, size_t len,
		  struct rdma_umem **out)
{
	struct rdma_umem *umem;
	unsigned long end, want;
	int error = -ENOMEM;

	if (!dev || !out || !len || !current->mm ||
	    check_add_overflow(addr, len, &end))
		return -EINVAL;
	want = (unsigned long)DIV_ROUND_UP(offset_in_page(addr) + len, PAGE_SIZE);
	umem = kzalloc(sizeof(*umem), GFP_KERNEL);
	if (!umem)
		return -ENOMEM;
	umem->dev = dev;
	umem->mm = current->mm;
	umem->addr = addr;
	umem->len = len;
	mmgrab(umem->mm);
	umem->pages = kvmalloc_array(want, sizeof(*umem->pages), GFP_KERNEL);
	if (!umem->pages)
		goto out_umem;
	error = account_pinned_vm(umem->mm, want, true);
	if (error)
		goto out_array;
	error = rdma_umem_get_pages(umem, want);
	if (error)
		goto out_account;
	error = rdma_umem_map(umem);
	if (error)
		goto out_pages;
	*out = umem;
	return 0;

out_pages:
	rdma_umem_put_pages(umem, false);
out_account:
	account_pinned_vm(umem->mm, want, false);
out_array:
	kvfree(umem->pages);
out_umem:
	mmdrop(umem->mm);
	kfree(umem);
	return error;
}
EXPORT_SYMBOL_GPL(rdma_umem_reg);

void rdma_umem_dereg(struct rdma_umem *umem)
{
	unsigned long nr_pages;

	if (!umem)
		return;
	nr_pages = umem->nr_pages;
	dma_unmap_sgtable(umem->dev, &umem->table, DMA_BIDIRECTIONAL, 0);
	sg_free_table(&umem->table);
	rdma_umem_put_pages(umem, true);
	account_pinned_vm(umem->mm, nr_pages, false);
	kvfree(umem->pages);
	mmdrop(umem->mm);
	kfree(umem);
}
EXPORT_SYMBOL_GPL(rdma_umem_dereg);

MODULE_DESCRIPTION("Registers user memory for a remote peer");
MODULE_LICENSE("Dual MIT/GPL");
