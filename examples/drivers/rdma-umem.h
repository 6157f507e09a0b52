/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * rdma-umem.h - user memory that a remote peer may write at will
 */
#ifndef RDMA_UMEM_H
#define RDMA_UMEM_H

#include <linux/device.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* which calls take and release the user's pages: module parameter "contract" */
enum rdma_umem_contract {
	RDMA_UMEM_GET_PUT_PAGE,		/* up to 5.1: get_user_pages, put_page */
	RDMA_UMEM_GET_PUT_USER,		/* 5.2: put_user_pages_dirty_lock */
	RDMA_UMEM_PIN,			/* 5.6: pin_user_pages, unpin_..._dirty_lock */
	RDMA_UMEM_PIN_ONLY,		/* unpin_user_pages: who dirties? */
};
extern int rdma_umem_contract;

/**
 * struct rdma_umem - a registered memory region
 * @dev:     the adapter that reaches it
 * @mm:      the address space that pays; a reference is held
 * @addr:    user address of the first byte
 * @len:     bytes
 * @pages:   @nr_pages of them, held until deregistration
 * @table:   the same, mapped for the adapter; what a peer's key leads to
 */
struct rdma_umem {
	struct device *dev;
	struct mm_struct *mm;
	unsigned long addr;
	size_t len;
	struct page **pages;
	unsigned long nr_pages;
	struct sg_table table;
};

/*
 * Registers [@addr, @addr + @len) of current->mm for reading and writing by
 * the adapter. Sleeps. *@umem goes back by rdma_umem_dereg(), by any task.
 * Return: 0; -EINVAL (no range, or it wraps), -ENOMEM (also: over
 * RLIMIT_MEMLOCK), -EFAULT (unmapped, not writable, or a file that tracks
 * dirtying: 6.5), -EOPNOTSUPP (DAX).
 */
int rdma_umem_reg(struct device *dev, unsigned long addr, size_t len,
		  struct rdma_umem **umem);

/* The adapter must not use the region any more. Sleeps. */
void rdma_umem_dereg(struct rdma_umem *umem);

#endif
