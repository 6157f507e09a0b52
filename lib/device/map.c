// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device/map.c - the table through which a device sees memory
 *
 * One balanced tree of ranges a device: mapping, unmapping and every access
 * cost O(log mappings), however large a mapping is.
 *
 * I1. Addresses only grow, and between two ranges at least a page is free:
 *     a stale address or an overrun meets nothing.
 * I2. Bytes move under dev->lock: when an unmap returns, no access through
 *     that range is under way. Events come after the lock is dropped.
 */
#include "device/device.h"

#include <string.h>

static int range_cmp(const struct pp_dma_range *a, const struct pp_dma_range *b)
{
	return (a->addr > b->addr) - (a->addr < b->addr);
}

RB_GENERATE_INTERNAL(pp_dma_tree, pp_dma_range, node, range_cmp,
		     static pp_maybe_unused)

/* dev->lock held. Return: the range that holds @addr, or NULL. */
static struct pp_dma_range *range_find(struct pinpage_device *dev,
				       pinpage_dma_addr_t addr)
{
	struct pp_dma_range *range = RB_ROOT(&dev->ranges);

	while (range) {
		if (addr < range->addr)
			range = RB_LEFT(range, node);
		else if (addr - range->addr >= range->size)
			range = RB_RIGHT(range, node);
		else
			return range;
	}
	return NULL;
}

static void emit_map(bool mapped, const struct pinpage_device *dev,
		     const struct pp_dma_range *range, const void *site)
{
	size_t offset = range->addr & ~PAGE_MASK;
	unsigned long nr = (offset + range->size + PAGE_SIZE - 1) >> PAGE_SHIFT;
	unsigned int flags = range->dir == PINPAGE_DMA_TO_DEVICE ?
				     0 : PINPAGE_EVF_WRITE;

	if (mapped)
		pp_emit(DMA_MAP, PP_DMA_PAGE(range->page), .nr = nr,
			.arg = (long)offset, .len = range->size,
			.flags = flags, .name = dev->name, .site = site);
	else
		pp_emit(DMA_UNMAP, PP_DMA_PAGE(range->page), .nr = nr,
			.arg = (long)offset, .len = range->size,
			.flags = flags, .name = dev->name, .site = site);
}

/* does [offset, offset + size) from @page stay within memory? */
static bool in_memory(const struct page *page, size_t offset, size_t size)
{
	size_t room;

	if (!pp_page_valid(page))
		return false;
	room = (pp_nr_frames - page_to_pfn(page)) << PAGE_SHIFT;
	return size && offset < room && size <= room - offset;
}

/* Secret memory is not in the map of memory that a device is shown through. */
static bool secret(const struct page *page, size_t offset, size_t size)
{
	unsigned long i, first = offset >> PAGE_SHIFT;
	unsigned long last = (offset + size - 1) >> PAGE_SHIFT;

	for (i = first; i <= last; i++) {
		const struct address_space *mapping =
			page_file_mapping(compound_head(page + i));

		if (mapping && mapping->a_ops->secret)
			return true;
	}
	return false;
}

static bool map_args_ok(const struct pinpage_device *dev,
			const struct page *page, size_t offset, size_t size,
			enum pinpage_dma_direction dir)
{
	if (dev && (unsigned int)dir < PINPAGE_DMA_NONE &&
	    in_memory(page, offset, size))
		return true;
	pp_warn_once("dma_map: device %s, page %p, offset %zu, size %zu, direction %d",
		     pinpage_device_name(dev), (const void *)page, offset,
		     size, (int)dir);
	return false;
}

static pinpage_dma_addr_t map_range(struct pinpage_device *dev,
				    struct page *page, size_t offset,
				    size_t size, enum pinpage_dma_direction dir,
				    const void *site)
{
	struct pp_dma_range *range;
	struct pp_dma_range told;

	if (!map_args_ok(dev, page, offset, size, dir) ||
	    secret(page, offset, size))
		return PINPAGE_DMA_MAPPING_ERROR;
	range = pp_zalloc(sizeof(*range));
	if (!range)
		return PINPAGE_DMA_MAPPING_ERROR;
	range->page = page + (offset >> PAGE_SHIFT);
	range->size = size;
	range->dir = dir;
	offset &= ~PAGE_MASK;
	pinpage_spin_lock(&dev->lock);
	range->addr = dev->next_addr + offset;
	dev->next_addr += ((offset + size + PAGE_SIZE - 1) & PAGE_MASK) +
			  PAGE_SIZE;
	RB_INSERT(pp_dma_tree, &dev->ranges, range);
	dev->nr_ranges++;
	told = *range;
	pinpage_spin_unlock(&dev->lock);
	emit_map(true, dev, &told, site);
	return told.addr;
}

static void unmap_range(struct pinpage_device *dev, pinpage_dma_addr_t addr,
			size_t size, enum pinpage_dma_direction dir,
			const void *site)
{
	struct pp_dma_range *range;

	pinpage_spin_lock(&dev->lock);
	range = range_find(dev, addr);
	if (range && range->addr == addr) {
		RB_REMOVE(pp_dma_tree, &dev->ranges, range);
		dev->nr_ranges--;
	} else {
		range = NULL;
	}
	pinpage_spin_unlock(&dev->lock);
	if (!range) {
		pp_warn_once("%s: dma_unmap of %#llx: not mapped", dev->name,
			     (unsigned long long)addr);
		return;
	}
	if (range->size != size || range->dir != dir)
		pp_warn_once("%s: dma_unmap of %#llx: size %zu, direction %d; mapped with %zu, %d",
			     dev->name, (unsigned long long)addr, size,
			     (int)dir, range->size, (int)range->dir);
	emit_map(false, dev, range, site);
	pp_free(range);
}

pinpage_dma_addr_t pinpage_dma_map_page(struct pinpage_device *dev,
					struct page *page, size_t offset,
					size_t size,
					enum pinpage_dma_direction dir)
{
	if (!pp_ready())
		return PINPAGE_DMA_MAPPING_ERROR;
	return map_range(dev, page, offset, size, dir,
			 __builtin_return_address(0));
}

void pinpage_dma_unmap_page(struct pinpage_device *dev,
			    pinpage_dma_addr_t addr, size_t size,
			    enum pinpage_dma_direction dir)
{
	if (!pp_ready())
		return;
	if (!dev) {
		pp_warn_once("dma_unmap of %#llx without a device",
			     (unsigned long long)addr);
		return;
	}
	unmap_range(dev, addr, size, dir, __builtin_return_address(0));
}

int pinpage_dma_mapping_error(struct pinpage_device *dev,
			      pinpage_dma_addr_t addr)
{
	(void)dev;
	return addr == PINPAGE_DMA_MAPPING_ERROR ? -ENOMEM : 0;
}

/* the first @nents entries of @sgl, or up to its end */
static void unmap_list(struct pinpage_device *dev,
		       struct pinpage_scatterlist *sgl, int nents,
		       enum pinpage_dma_direction dir, const void *site)
{
	struct pinpage_scatterlist *sg = sgl;

	for (; sg && nents-- > 0; sg = pinpage_sg_next(sg)) {
		unmap_range(dev, sg->dma_address, sg->dma_length, dir, site);
		sg->dma_address = PINPAGE_DMA_MAPPING_ERROR;
		sg->dma_length = 0;
	}
}

int pinpage_dma_map_sg(struct pinpage_device *dev,
		       struct pinpage_scatterlist *sgl, int nents,
		       enum pinpage_dma_direction dir)
{
	const void *site = __builtin_return_address(0);
	struct pinpage_scatterlist *sg = sgl;
	int i;

	if (!pp_ready())
		return 0;
	if (!dev || !sgl || nents <= 0) {
		pp_warn_once("dma_map_sg(%s, %p, %d)", pinpage_device_name(dev),
			     (void *)sgl, nents);
		return 0;
	}
	for (i = 0; i < nents; i++, sg = pinpage_sg_next(sg)) {
		if (!sg) {
			pp_warn_once("%s: dma_map_sg of %d entries, the list has %d",
				     dev->name, nents, i);
			break;
		}
		sg->dma_address = map_range(dev, sg->page, sg->offset,
					    sg->length, dir, site);
		if (sg->dma_address == PINPAGE_DMA_MAPPING_ERROR)
			break;
		sg->dma_length = sg->length;
	}
	if (i == nents)
		return nents;
	unmap_list(dev, sgl, i, dir, site);
	return 0;
}

void pinpage_dma_unmap_sg(struct pinpage_device *dev,
			  struct pinpage_scatterlist *sgl, int nents,
			  enum pinpage_dma_direction dir)
{
	if (!pp_ready())
		return;
	if (!dev || !sgl || nents <= 0) {
		pp_warn_once("dma_unmap_sg(%s, %p, %d)",
			     pinpage_device_name(dev), (void *)sgl, nents);
		return;
	}
	unmap_list(dev, sgl, nents, dir, __builtin_return_address(0));
}

/**
 * pp_dma_unmap_all() - drop what is still mapped
 *
 * Context: the device is not used any more. Locking: none. Return: nothing.
 */
void pp_dma_unmap_all(struct pinpage_device *dev)
{
	struct pp_dma_range *range;

	while ((range = RB_MIN(pp_dma_tree, &dev->ranges)))
		unmap_range(dev, range->addr, range->size, range->dir, NULL);
}

/* one step within a page; @at: out, the page and the offset in it */
static int access_page(struct pinpage_device *dev, pinpage_dma_addr_t addr,
		       void *buf, size_t len, bool to_memory, struct page **at)
{
	enum pinpage_dma_direction against =
		to_memory ? PINPAGE_DMA_TO_DEVICE : PINPAGE_DMA_FROM_DEVICE;
	struct pp_dma_range *range;
	size_t skip;
	char *bytes;
	int error = 0;

	pinpage_spin_lock(&dev->lock);
	range = range_find(dev, addr);
	if (!range || len > range->size - (addr - range->addr)) {
		error = -EFAULT;
	} else if (range->dir == against) {
		error = -EACCES;
	} else {
		skip = (range->addr & ~PAGE_MASK) + (addr - range->addr);
		*at = range->page + (skip >> PAGE_SHIFT);
		bytes = (char *)page_address(*at) + (skip & ~PAGE_MASK);
		if (to_memory)
			pp_copy_bytes(bytes, buf, len);
		else
			pp_copy_bytes(buf, bytes, len);
	}
	pinpage_spin_unlock(&dev->lock);
	return error;
}

/**
 * pp_dma_access() - the device touches memory
 * @buf: device-side bytes; only read if @to_memory
 *
 * Context: any. Locking: none above rank LRU held.
 * Return: 0; -EFAULT, -EACCES after a warning.
 */
int pp_dma_access(struct pinpage_device *dev, pinpage_dma_addr_t addr,
		  void *buf, size_t len, bool to_memory)
{
	struct page *page;
	size_t offset, n;
	int error;

	for (; len; addr += n, buf = (char *)buf + n, len -= n) {
		offset = addr & ~PAGE_MASK;
		n = len < PAGE_SIZE - offset ? len : PAGE_SIZE - offset;
		error = access_page(dev, addr, buf, n, to_memory, &page);
		if (error) {
			pp_warn_once("%s: DMA %s of %zu bytes at %#llx: %s",
				     dev->name, to_memory ? "write" : "read", n,
				     (unsigned long long)addr,
				     error == -EFAULT ? "not mapped" :
				     "mapped for the other direction");
			return error;
		}
		if (to_memory)
			pp_emit(DMA_WRITE, PP_DMA_PAGE(page), .nr = 1,
				.arg = (long)offset, .len = n,
				.flags = PINPAGE_EVF_WRITE, .name = dev->name);
		else
			pp_emit(DMA_READ, PP_DMA_PAGE(page), .nr = 1,
				.arg = (long)offset, .len = n,
				.name = dev->name);
	}
	return 0;
}
