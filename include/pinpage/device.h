/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * device.h - devices that read and write memory on their own: DMA mappings,
 * scatterlists and a DMA engine
 *
 * A device reaches memory by DMA addresses only, through a translation table
 * of its own (an IOMMU). It takes no page fault, no lock and no reference: that
 * the memory stays where it is, is the business of whoever mapped it.
 *
 * Rules for callers:
 * - Every mapping goes back by the unmap call of its kind, with the same
 *   size and direction, before the pages are released.
 * - A device and all that was mapped for it belong to one boot.
 * - A job belongs to the device from pinpage_dma_submit() until its @done is
 *   completed, which is after @complete returned: free it after
 *   pinpage_dma_wait(), not in the callback.
 * - DMA addresses are never given out twice: using one that was unmapped is
 *   always found.
 * Mirrors: include/linux/dma-mapping.h, scatterlist.h, dmaengine.h.
 */
#ifndef PINPAGE_DEVICE_H
#define PINPAGE_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinpage/api.h>
#include <pinpage/exec.h>
#include <pinpage/page.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;
struct pinpage_device;			/* kernel: struct device */
typedef uint64_t pinpage_dma_addr_t;
#define PINPAGE_DMA_MAPPING_ERROR (~(pinpage_dma_addr_t)0)

enum pinpage_dma_direction {
	PINPAGE_DMA_BIDIRECTIONAL,
	PINPAGE_DMA_TO_DEVICE,		/* device reads memory */
	PINPAGE_DMA_FROM_DEVICE,	/* device writes memory */
	PINPAGE_DMA_NONE,
};

/**
 * pinpage_device_create() - plug in a device
 * @name: as events, schedules ("task:NAME") and warnings call it; copied, cut
 *        to 23 characters; not empty
 * @dev:  out; untouched on failure; goes back by pinpage_device_destroy()
 *
 * Starts the task of its DMA engine.
 *
 * Context: process. Locking: none.
 * Return:  0; -EINVAL (NULL, empty name, not booted), -ENOMEM, -EAGAIN (no
 *          thread).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_device_create(const char *name,
				      struct pinpage_device **dev);

/**
 * pinpage_device_destroy() - take a device away
 * @dev: nobody else uses it any more; NULL is accepted
 *
 * Waits for its jobs. Mappings that are left are dropped with one warning.
 *
 * Context: process; sleeps. Locking: none.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_device_destroy(struct pinpage_device *dev);

/**
 * pinpage_device_name() - what a device is called
 * @dev: or NULL
 *
 * Context: any. Return: the name, as long as the device lives; "?" for NULL.
 * Mirrors: include/linux/device.h:dev_name(). Since: 0.1
 */
PINPAGE_API const char *pinpage_device_name(const struct pinpage_device *dev);

/* -- DMA mappings -- */

/**
 * pinpage_dma_map_page() - let a device reach some bytes of memory
 * @dev:    which device
 * @page:   the caller holds a reference or pin for as long as it is mapped
 * @offset: bytes from the start of @page; may lie beyond it in a larger folio
 * @size:   bytes, > 0; physically contiguous from there
 * @dir:    who may do what
 *
 * Context: any. Locking: none above rank LRU held.
 * Return:  a DMA address for pinpage_dma_unmap_page(), in which the offset in
 *          the page is kept; PINPAGE_DMA_MAPPING_ERROR: no memory, or after one
 *          warning: NULL, not a page, @size 0, beyond memory, DMA_NONE.
 * Mirrors: include/linux/dma-mapping.h:dma_map_page(). Since: 0.1
 */
PINPAGE_API pinpage_dma_addr_t
pinpage_dma_map_page(struct pinpage_device *dev, struct page *page,
		     size_t offset, size_t size,
		     enum pinpage_dma_direction dir);

/**
 * pinpage_dma_unmap_page() - the device may not reach them any more
 * @dev, @size, @dir: as they were mapped; others: one warning, unmapped as a whole
 * @addr: as pinpage_dma_map_page() returned it; another one: one warning,
 *        nothing is done
 *
 * When it returns no access through @addr is under way.
 *
 * Context: any. Locking: none above rank LRU held.
 * Mirrors: include/linux/dma-mapping.h:dma_unmap_page(). Since: 0.1
 */
PINPAGE_API void pinpage_dma_unmap_page(struct pinpage_device *dev,
					pinpage_dma_addr_t addr, size_t size,
					enum pinpage_dma_direction dir);

/**
 * pinpage_dma_mapping_error() - did a mapping fail?
 * @dev:  which device
 * @addr: as pinpage_dma_map_page() returned it
 *
 * Context: any. Return: 0; -ENOMEM.
 * Mirrors: include/linux/dma-mapping.h:dma_mapping_error(). Since: 0.1
 */
PINPAGE_API int pinpage_dma_mapping_error(struct pinpage_device *dev,
					  pinpage_dma_addr_t addr);

/* -- scatterlists -- */

struct pinpage_scatterlist {		/* kernel: struct scatterlist */
	struct page *page;
	unsigned int offset, length;	/* bytes */
	pinpage_dma_addr_t dma_address;
	unsigned int dma_length;
	bool last;
};
struct pinpage_sg_table {		/* kernel: struct sg_table */
	struct pinpage_scatterlist *sgl;
	unsigned int nents, orig_nents;
};

/**
 * pinpage_sg_init_table() - an empty list
 * @sgl:   the caller's, @nents entries
 * @nents: > 0; else one warning, nothing is done
 *
 * Context: any. Mirrors: lib/scatterlist.c:sg_init_table(). Since: 0.1
 */
PINPAGE_API void pinpage_sg_init_table(struct pinpage_scatterlist *sgl,
				       unsigned int nents);

/* As lib/scatterlist.c; what is not a page is refused with one warning. */
PINPAGE_API void pinpage_sg_set_page(struct pinpage_scatterlist *sg,
				     struct page *page, unsigned int len,
				     unsigned int offset);
/* the first page of an entry; NULL for NULL or an empty entry */
PINPAGE_API struct page *
pinpage_sg_page(const struct pinpage_scatterlist *sg);
/* the next entry; NULL at the end */
PINPAGE_API struct pinpage_scatterlist *
pinpage_sg_next(struct pinpage_scatterlist *sg);

/**
 * pinpage_sg_alloc_table_from_pages() - a list over an array of pages
 * @table:   out; untouched on failure; goes back by pinpage_sg_free_table()
 * @pages:   @n_pages of them; takes no references
 * @n_pages: > 0
 * @offset:  bytes into the first page, below PAGE_SIZE
 * @size:    bytes, > 0; ends in the last page
 *
 * Neighbours in memory become one entry.
 *
 * Context: any. Locking: none.
 * Return:  0; -EINVAL (NULL, not a page, sizes that do not fit), -ENOMEM.
 * Mirrors: lib/scatterlist.c:sg_alloc_table_from_pages(); differs: @size must
 * reach the last page. Since: 0.1
 */
PINPAGE_API int
pinpage_sg_alloc_table_from_pages(struct pinpage_sg_table *table,
				  struct page **pages, unsigned int n_pages,
				  unsigned int offset, unsigned long size);

/* gives the list back; NULL and an empty table are accepted */
PINPAGE_API void pinpage_sg_free_table(struct pinpage_sg_table *table);

/**
 * pinpage_dma_map_sg() - map all entries of a list
 * @dev, @dir: as pinpage_dma_map_page()
 * @sgl:   filled in; dma_address and dma_length are set
 * @nents: entries, > 0
 *
 * All or nothing; entries are not merged.
 *
 * Context, locking: as pinpage_dma_map_page().
 * Return:  @nents; 0: no memory, or after one warning: misuse.
 * Mirrors: kernel/dma/mapping.c:dma_map_sg(). Since: 0.1
 */
PINPAGE_API int pinpage_dma_map_sg(struct pinpage_device *dev,
				   struct pinpage_scatterlist *sgl, int nents,
				   enum pinpage_dma_direction dir);
/* undoes pinpage_dma_map_sg(), with the same arguments */
PINPAGE_API void pinpage_dma_unmap_sg(struct pinpage_device *dev,
				      struct pinpage_scatterlist *sgl,
				      int nents,
				      enum pinpage_dma_direction dir);

/* -- the device at work -- */

/**
 * pinpage_device_write() - the device stores into memory, now
 * @dev:  which device
 * @addr: DMA address of the first byte
 * @buf:  @len bytes of the device's own; may be NULL if @len is 0
 * @len:  bytes; the range may not run from one mapping into another
 *
 * A step is at most one page; what precedes a step that fails is in memory.
 *
 * Context: any; the caller is the device's hand. Locking: none above rank LRU
 * held. Order: none; as with real DMA, who reads synchronises.
 * Return:  0; -EFAULT (not mapped; after one warning), -EACCES (mapped for
 *          the other direction; after one warning), -EINVAL (NULL, not booted).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_device_write(struct pinpage_device *dev,
				     pinpage_dma_addr_t addr, const void *buf,
				     size_t len);
/* As pinpage_device_write(), except: the device fetches from memory. */
PINPAGE_API int pinpage_device_read(struct pinpage_device *dev,
				    pinpage_dma_addr_t addr, void *buf,
				    size_t len);

/**
 * struct pinpage_dma_job - bytes for the DMA engine to move; zero it first
 * @addr:      DMA address, if @sgl is NULL
 * @sgl:       mapped list, or NULL
 * @nents:     entries of @sgl
 * @to_memory: the device writes memory; else it reads it
 * @buf:       device-side bytes, @len of them
 * @len:       bytes; 0 is allowed
 * @chunk:     bytes a step; 0 = one page
 * @delay_ns:  starts so much later than its turn comes
 * @softirq:   complete in softirq context, else in process context
 * @complete:  called in the engine's task when all is done; may be NULL
 * @priv:      the caller's
 * @result:    out: @len, or -EFAULT, -EACCES; -ECANCELED: the engine is dead
 * @done:      completed after @complete returned
 * @next:      library's
 */
struct pinpage_dma_job {
	pinpage_dma_addr_t addr;
	struct pinpage_scatterlist *sgl;
	unsigned int nents;
	bool to_memory;
	void *buf;
	size_t len;
	size_t chunk;
	uint64_t delay_ns;
	bool softirq;
	void (*complete)(struct pinpage_dma_job *job);
	void *priv;
	int result;
	struct pinpage_completion done;
	struct pinpage_dma_job *next;
};

/**
 * pinpage_dma_submit() - hand a job to the DMA engine
 * @dev: which device; its jobs run one after the other
 * @job: the device's until @job->done is completed
 *
 * Context: any. Locking: none above rank LRU held.
 * Return:  0; -EINVAL (NULL, no buffer, more than 2 GiB - 1, a list shorter
 *          than @len), -EBUSY (@job is queued already), -ESHUTDOWN (the
 *          device is being destroyed).
 * Mirrors: include/linux/dmaengine.h:dmaengine_submit(). Since: 0.1
 */
PINPAGE_API int pinpage_dma_submit(struct pinpage_device *dev,
				   struct pinpage_dma_job *job);

/**
 * pinpage_dma_wait() - sleep until a job is done
 * @job: submitted; may be waited for any number of times
 *
 * Context: process; sleeps. Locking: none.
 * Order:   what the device wrote, and what @complete did, is seen.
 * Return:  @job->result; -EINVAL (NULL).
 * Mirrors: drivers/dma/dmaengine.c:dma_sync_wait(). Since: 0.1
 */
PINPAGE_API int pinpage_dma_wait(struct pinpage_dma_job *job);

/* -- memory accounts; nothing else in the machine counts for a driver -- */

/**
 * pinpage_account_locked_vm() - pages a driver locks for a process (VmLck)
 * @mm:    of the process; NULL: nothing is done
 * @pages: of 4 KiB; 0: nothing is done
 * @inc:   add, else take away; below 0: one warning, the sum becomes 0
 *
 * Context: process; sleeps. Locking: takes mmap_lock for write.
 * Return:  0; -ENOMEM: over the limit, nothing was added; -EINVAL: not booted.
 * Mirrors: mm/util.c:account_locked_vm(); differs: never below 0. Since: 0.1
 */
PINPAGE_API int pinpage_account_locked_vm(struct mm_struct *mm,
					  unsigned long pages, bool inc);

/**
 * pinpage_account_pinned_vm() - pages a driver pins for a process (VmPin)
 *
 * As pinpage_account_locked_vm(), except: a sum of its own, against the same
 * limit; does not sleep, takes no lock.
 *
 * Mirrors: drivers/infiniband/core/umem.c:ib_umem_get(), the part that counts.
 * Since: 0.1
 */
PINPAGE_API int pinpage_account_pinned_vm(struct mm_struct *mm,
					  unsigned long pages, bool inc);

/**
 * pinpage_mm_set_memlock() - RLIMIT_MEMLOCK of a process
 * @mm:    of the process; NULL: one warning
 * @pages: of 4 KiB; ~0UL: unlimited, as at birth
 *
 * Context: any. Locking: none; what is accounted already stays.
 * Mirrors: setrlimit(2). Since: 0.1
 */
PINPAGE_API void pinpage_mm_set_memlock(struct mm_struct *mm,
					unsigned long pages);

#ifdef __cplusplus
}
#endif

#endif
