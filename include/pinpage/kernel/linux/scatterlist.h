/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/scatterlist.h - runs of pages */
#ifndef PINPAGE_KERNEL_LINUX_SCATTERLIST_H
#define PINPAGE_KERNEL_LINUX_SCATTERLIST_H

#include <linux/mm.h>

#define scatterlist pinpage_scatterlist
#define sg_table pinpage_sg_table
#define sg_init_table pinpage_sg_init_table
#define sg_set_page pinpage_sg_set_page
#define sg_page pinpage_sg_page
#define sg_next pinpage_sg_next
#define sg_free_table pinpage_sg_free_table
#define sg_alloc_table_from_pages(table, pages, n, offset, size, gfp)	\
	((void)(gfp), pinpage_sg_alloc_table_from_pages(table, pages, n, offset, size))
#define sg_dma_address(sg) ((sg)->dma_address)
#define sg_dma_len(sg) ((sg)->dma_length)

#define for_each_sg(list, sg, nr, i)					\
	for ((i) = 0, (sg) = (list); (i) < (nr); (i)++, (sg) = sg_next(sg))
#define for_each_sgtable_sg(table, sg, i)				\
	for_each_sg((table)->sgl, sg, (table)->orig_nents, i)
#define for_each_sgtable_dma_sg(table, sg, i)				\
	for_each_sg((table)->sgl, sg, (table)->nents, i)

#endif
