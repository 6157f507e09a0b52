/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/slab.h - kmalloc() and friends */
#ifndef PINPAGE_KERNEL_LINUX_SLAB_H
#define PINPAGE_KERNEL_LINUX_SLAB_H

#include <string.h>

#include <linux/gfp.h>
#include <linux/kernel.h>

/*
 * Kernel memory comes from the frames of the machine, a block of the buddy
 * allocator an object: what a driver forgets is named at the shutdown, what a
 * dead task held goes with the machine, and failures can be injected. The
 * first 64 bytes of a block hold its order.
 */
#define PINPAGE_KMALLOC_HEAD 64u

static inline void *kmalloc(size_t size, gfp_t flags)
{
	unsigned int order = 0;
	struct page *page;
	char *block;

	if (size > (PAGE_SIZE << PINPAGE_MAX_ORDER) - PINPAGE_KMALLOC_HEAD)
		return NULL;
	while ((PAGE_SIZE << order) < size + PINPAGE_KMALLOC_HEAD)
		order++;
	page = alloc_pages(flags & ~(unsigned int)__GFP_ZERO, order);
	if (!page)
		return NULL;
	block = (char *)page_address(page);
	*(unsigned int *)(void *)block = order;
	if (flags & __GFP_ZERO)
		memset(block + PINPAGE_KMALLOC_HEAD, 0, size);
	return block + PINPAGE_KMALLOC_HEAD;
}

static inline void kfree(const void *ptr)
{
	char *block = (char *)(uintptr_t)ptr - PINPAGE_KMALLOC_HEAD;

	if (ptr)
		__free_pages(virt_to_page(block),
			     *(unsigned int *)(void *)block);
}

static inline void *kzalloc(size_t size, gfp_t flags)
{
	return kmalloc(size, flags | __GFP_ZERO);
}

static inline void *kmalloc_array(size_t n, size_t size, gfp_t flags)
{
	size_t bytes;

	if (check_mul_overflow(n, size, &bytes))
		return NULL;
	return kmalloc(bytes, flags);
}

static inline void *kcalloc(size_t n, size_t size, gfp_t flags)
{
	return kmalloc_array(n, size, flags | __GFP_ZERO);
}

#define kvmalloc(size, flags) kmalloc(size, flags)
#define kvzalloc(size, flags) kzalloc(size, flags)
#define kvmalloc_array(n, size, flags) kmalloc_array(n, size, flags)
#define kvcalloc(n, size, flags) kcalloc(n, size, flags)
#define kvfree(ptr) kfree(ptr)

#endif
