/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/dma-mapping.h - memory as a device sees it */
#ifndef PINPAGE_KERNEL_LINUX_DMA_MAPPING_H
#define PINPAGE_KERNEL_LINUX_DMA_MAPPING_H

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/scatterlist.h>

#define dma_addr_t pinpage_dma_addr_t
#define dma_data_direction pinpage_dma_direction
#define DMA_BIDIRECTIONAL PINPAGE_DMA_BIDIRECTIONAL
#define DMA_TO_DEVICE PINPAGE_DMA_TO_DEVICE
#define DMA_FROM_DEVICE PINPAGE_DMA_FROM_DEVICE
#define DMA_NONE PINPAGE_DMA_NONE
#define DMA_MAPPING_ERROR PINPAGE_DMA_MAPPING_ERROR
#define dma_map_page pinpage_dma_map_page
#define dma_unmap_page pinpage_dma_unmap_page
#define dma_mapping_error pinpage_dma_mapping_error
#define dma_map_sg pinpage_dma_map_sg
#define dma_unmap_sg pinpage_dma_unmap_sg

static inline int dma_map_sgtable(struct pinpage_device *dev,
				  struct pinpage_sg_table *table,
				  enum pinpage_dma_direction dir,
				  unsigned long attrs)
{
	int nents = dma_map_sg(dev, table->sgl, (int)table->orig_nents, dir);

	(void)attrs;
	if (nents <= 0)
		return -ENOMEM;
	table->nents = (unsigned int)nents;
	return 0;
}

static inline void dma_unmap_sgtable(struct pinpage_device *dev,
				     struct pinpage_sg_table *table,
				     enum pinpage_dma_direction dir,
				     unsigned long attrs)
{
	(void)attrs;
	dma_unmap_sg(dev, table->sgl, (int)table->orig_nents, dir);
}

#endif
