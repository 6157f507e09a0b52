/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device/device.h - what the files of the device room share
 *
 * Key: l = dev->lock; d = devices_lock; c = constant
 */
#ifndef PP_DEVICE_DEVICE_H
#define PP_DEVICE_DEVICE_H

#include "mm/mm.h"

#include "base/alloc.h"
#include "base/bug.h"

#include <pinpage/device.h>

/* One mapping: @size bytes from @addr lie at @offset in @page and behind it. */
struct pp_dma_range {
	RB_ENTRY(pp_dma_range) node;		/* l */
	pinpage_dma_addr_t addr;		/* c */
	size_t size;				/* c */
	struct page *page;			/* c: first frame */
	enum pinpage_dma_direction dir;		/* c */
};

RB_HEAD(pp_dma_tree, pp_dma_range);

struct pinpage_device {
	char name[24];				/* c */
	pinpage_spinlock_t lock;		/* never held over an event of DMA */
	struct pp_dma_tree ranges;		/* l: by address, disjoint */
	unsigned long nr_ranges;		/* l */
	pinpage_dma_addr_t next_addr;		/* l: above all given out */
	struct task_struct *task;		/* c: the DMA engine */
	pinpage_wait_queue_head_t wake;		/* the engine sleeps here */
	struct pinpage_dma_job *head, **tail;	/* l: jobs not begun */
	bool dying;				/* l */
	struct list_head link;			/* d */
};

/* the mapping and index of a page, for events */
#define PP_DMA_PAGE(p)							\
	.page = (p), .mapping = page_file_mapping(compound_head(p)),	\
	.index = READ_ONCE(compound_head(p)->index) +			\
		 (unsigned long)((p) - compound_head(p))

/* map.c */
void pp_dma_unmap_all(struct pinpage_device *dev);
int pp_dma_access(struct pinpage_device *dev, pinpage_dma_addr_t addr,
		  void *buf, size_t len, bool to_memory);

/* engine.c */
int pp_dma_engine(void *dev);
void pp_dma_cancel(struct pinpage_device *dev);

/* sg.c */
void pp_sg_shutdown(void);

/* device.c; boot.c calls it while tasks still run */
void pp_device_shutdown(void);

#endif
