// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * iov_iter.c - iterators over buffers: making and moving them
 *
 * I1. count is what is left of all segments; iov_offset < the length of the
 *     first segment unless nothing is left or the segment is empty.
 * Mirrors: lib/iov_iter.c, the functions of the same names.
 */
#include "gup/iov_iter.h"

#include <limits.h>

static void make(struct iov_iter *i, enum pinpage_iter_type type,
		 unsigned int direction, size_t count)
{
	*i = (struct iov_iter){
		.iter_type = (uint8_t)type,
		.data_source = direction == PINPAGE_ITER_SOURCE,
		.count = count,
	};
}

void pinpage_iov_iter_init(struct iov_iter *i, unsigned int direction,
			   const struct iovec *iov, unsigned long nr_segs,
			   size_t count)
{
	make(i, PINPAGE_ITER_IOVEC, direction, count);
	i->iov = iov;
	i->nr_segs = nr_segs;
}

void pinpage_iov_iter_ubuf(struct iov_iter *i, unsigned int direction,
			   void *buf, size_t count)
{
	make(i, PINPAGE_ITER_UBUF, direction, count);
	i->ubuf = buf;
	i->nr_segs = 1;
}

void pinpage_iov_iter_bvec(struct iov_iter *i, unsigned int direction,
			   const struct bio_vec *bvec, unsigned long nr_segs,
			   size_t count)
{
	make(i, PINPAGE_ITER_BVEC, direction, count);
	i->bvec = bvec;
	i->nr_segs = nr_segs;
}

void pinpage_iov_iter_kvec(struct iov_iter *i, unsigned int direction,
			   const struct kvec *kvec, unsigned long nr_segs,
			   size_t count)
{
	make(i, PINPAGE_ITER_KVEC, direction, count);
	i->kvec = kvec;
	i->nr_segs = nr_segs;
}

void pinpage_iov_iter_xarray(struct iov_iter *i, unsigned int direction,
			     struct address_space *mapping,
			     pinpage_loff_t start, size_t count)
{
	make(i, PINPAGE_ITER_XARRAY, direction, count);
	i->mapping = mapping;
	i->xarray_start = start;
}

void pinpage_iov_iter_discard(struct iov_iter *i, unsigned int direction,
			      size_t count)
{
	make(i, PINPAGE_ITER_DISCARD, direction, count);
}

/* length of segment @n from the present one on; @n may be negative */
static size_t seg_len(const struct iov_iter *i, long n)
{
	switch (i->iter_type) {
	case PINPAGE_ITER_IOVEC:
		return i->iov[n].iov_len;
	case PINPAGE_ITER_BVEC:
		return i->bvec[n].bv_len;
	default:
		return i->kvec[n].iov_len;
	}
}

static void seg_move(struct iov_iter *i, long n)
{
	if (i->iter_type == PINPAGE_ITER_IOVEC)
		i->iov += n;
	else if (i->iter_type == PINPAGE_ITER_BVEC)
		i->bvec += n;
	else
		i->kvec += n;
	i->nr_segs -= (unsigned long)n;
}

static bool has_segments(const struct iov_iter *i)
{
	return i->iter_type == PINPAGE_ITER_IOVEC ||
	       i->iter_type == PINPAGE_ITER_BVEC ||
	       i->iter_type == PINPAGE_ITER_KVEC;
}

void pinpage_iov_iter_advance(struct iov_iter *i, size_t bytes)
{
	bytes = min(bytes, i->count);
	i->count -= bytes;
	i->iov_offset += bytes;
	if (!has_segments(i))
		return;
	while (i->nr_segs && i->iov_offset >= seg_len(i, 0)) {
		i->iov_offset -= seg_len(i, 0);
		seg_move(i, 1);
	}
}

void pinpage_iov_iter_revert(struct iov_iter *i, size_t bytes)
{
	if (bytes > PP_MAX_RW_COUNT) {
		pp_warn_once("iov_iter_revert: %zu bytes", bytes);
		return;
	}
	if (!has_segments(i) && i->iter_type != PINPAGE_ITER_DISCARD &&
	    bytes > i->iov_offset) {
		pp_warn_once("iov_iter_revert: %zu bytes, but %zu from the start",
			     bytes, i->iov_offset);
		bytes = i->iov_offset;
	}
	i->count += bytes;
	while (has_segments(i) && bytes > i->iov_offset) {
		bytes -= i->iov_offset;
		seg_move(i, -1);
		i->iov_offset = seg_len(i, 0);
	}
	i->iov_offset -= i->iter_type == PINPAGE_ITER_DISCARD ?
			 min(bytes, i->iov_offset) : bytes;
}

/* where the bytes of the present segment begin: address, or offset in pages */
static unsigned long seg_at(const struct iov_iter *i, long n)
{
	switch (i->iter_type) {
	case PINPAGE_ITER_IOVEC:
		return (unsigned long)i->iov[n].iov_base;
	case PINPAGE_ITER_BVEC:
		return i->bvec[n].bv_offset;
	case PINPAGE_ITER_KVEC:
		return (unsigned long)i->kvec[n].iov_base;
	case PINPAGE_ITER_UBUF:
		return (unsigned long)i->ubuf;
	default:
		return (unsigned long)i->xarray_start;
	}
}

/**
 * pp_iter_first() - the first bytes that are left
 * @i:    not at its end
 * @size: in: bytes wanted; out: of them in this segment
 * @seg:  out: the segment, an index from the present one on; 0 for UBUF, XARRAY
 *
 * Context: any. Locking: none.
 * Return:  address of the first byte, or its offset from the first page (BVEC)
 *          or in the file (XARRAY); with *@size 0 if all segments are empty.
 * Mirrors: lib/iov_iter.c:first_iovec_segment(), first_bvec_segment()
 */
unsigned long pp_iter_first(const struct iov_iter *i, size_t *size, long *seg)
{
	size_t skip = i->iov_offset, len = i->count;

	*seg = 0;
	if (has_segments(i)) {
		while ((unsigned long)*seg < i->nr_segs &&
		       seg_len(i, *seg) <= skip) {
			skip = 0;
			(*seg)++;
		}
		if ((unsigned long)*seg == i->nr_segs) {
			*size = 0;
			return 0;
		}
		len = min(len, seg_len(i, *seg) - skip);
	}
	*size = min(*size, len);
	return seg_at(i, *seg) + skip;
}

static unsigned long pages_of(unsigned long at, size_t size)
{
	return ((at & ~PAGE_MASK) + size + PAGE_SIZE - 1) >> PAGE_SHIFT;
}

int pinpage_iov_iter_npages(const struct iov_iter *i, int maxpages)
{
	struct iov_iter copy = *i;
	unsigned long nr = 0;

	if (maxpages <= 0 || i->iter_type == PINPAGE_ITER_DISCARD)
		return 0;
	while (copy.count && nr < (unsigned long)maxpages) {
		size_t size = copy.count;
		long seg;
		unsigned long at = pp_iter_first(&copy, &size, &seg);

		if (!size)
			break;
		nr += pages_of(at, size);
		pinpage_iov_iter_advance(&copy, size);
	}
	return (int)min(nr, (unsigned long)maxpages);
}
