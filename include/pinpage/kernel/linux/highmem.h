/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/highmem.h - every page is mapped */
#ifndef PINPAGE_KERNEL_LINUX_HIGHMEM_H
#define PINPAGE_KERNEL_LINUX_HIGHMEM_H

#include <string.h>

#include <linux/mm.h>

static inline void clear_highpage(struct page *page)
{
	memset(page_address(page), 0, PAGE_SIZE);
}

static inline void memcpy_to_page(struct page *page, size_t offset,
				  const char *from, size_t len)
{
	memcpy((char *)page_address(page) + offset, from, len);
}

static inline void memcpy_from_page(char *to, struct page *page, size_t offset,
				    size_t len)
{
	memcpy(to, (const char *)page_address(page) + offset, len);
}

#endif
