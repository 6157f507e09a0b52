/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * iov_iter.h - where a transfer's bytes are, and the pages under them
 *
 * Rules for callers:
 *  - An iterator is memory of the caller; what it points to (segments, buffers,
 *    pages, a file) stays until the transfer is over.
 *  - Pages of pinpage_iov_iter_get_pages2() go back by put_page(), one each.
 *  - Pages of pinpage_iov_iter_extract_pages() go back by unpin_user_page() if
 *    pinpage_iov_iter_extract_will_pin() says so; else nothing was taken, and
 *    the caller keeps the memory alive by other means.
 *  - Both advance the iterator by what they return; revert what is not used.
 * Mirrors: include/linux/uio.h, include/linux/bvec.h.
 */
#ifndef PINPAGE_IOV_ITER_H
#define PINPAGE_IOV_ITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include <pinpage/api.h>
#include <pinpage/gup.h>
#include <pinpage/pagecache.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes of adjacent frames; @bv_offset may reach into later pages. */
struct bio_vec {
	struct page *bv_page;
	unsigned int bv_len;
	unsigned int bv_offset;
};

/* Bytes of frames by their address (page_address(), kmalloc()). */
struct kvec {
	void *iov_base;
	size_t iov_len;
};

enum pinpage_iter_type {
	PINPAGE_ITER_UBUF,		/* one user buffer */
	PINPAGE_ITER_IOVEC,		/* user buffers */
	PINPAGE_ITER_BVEC,		/* pages */
	PINPAGE_ITER_KVEC,		/* kernel addresses */
	PINPAGE_ITER_XARRAY,		/* part of a file's page cache */
	PINPAGE_ITER_DISCARD,		/* bytes nobody wants */
};

enum { PINPAGE_ITER_DEST, PINPAGE_ITER_SOURCE };	/* direction, as READ and WRITE */

#define PINPAGE_ITER_ALLOW_P2PDMA 0x01u		/* flag of extraction */

/**
 * struct iov_iter - a position in a list of buffers
 *
 * Filled by pinpage_iov_iter_init() and its like, moved by the calls below.
 */
struct iov_iter {
	uint8_t iter_type;		/* enum pinpage_iter_type */
	bool nofault;			/* the caller's: fail rather than fault */
	bool data_source;		/* the bytes are read, not written */
	size_t iov_offset;		/* in the first segment, or the buffer */
	size_t count;			/* bytes left */
	union {
		const struct iovec *iov;
		const struct bio_vec *bvec;
		const struct kvec *kvec;
		struct address_space *mapping;
		void *ubuf;
	};				/* segments left */
	unsigned long nr_segs;		/* IOVEC, BVEC, KVEC: of them */
	pinpage_loff_t xarray_start;	/* XARRAY: byte offset of iov_offset 0 */
};

/**
 * pinpage_iov_iter_init() - over user buffers
 * @i:         out
 * @direction: PINPAGE_ITER_DEST: they are written; PINPAGE_ITER_SOURCE: read
 * @iov:       @nr_segs segments; addresses in current->mm
 * @nr_segs:   of them
 * @count:     bytes in all, at most what the segments hold
 *
 * Context: any. Locking: none.
 * Mirrors: lib/iov_iter.c:iov_iter_init(). Since: 0.1
 */
PINPAGE_API void pinpage_iov_iter_init(struct iov_iter *i, unsigned int direction,
				       const struct iovec *iov, unsigned long nr_segs,
				       size_t count);

/* As pinpage_iov_iter_init(), except: one user buffer. Mirrors: iov_iter_ubuf() */
PINPAGE_API void pinpage_iov_iter_ubuf(struct iov_iter *i, unsigned int direction,
				       void *buf, size_t count);

/* As pinpage_iov_iter_init(), except: pages. Mirrors: iov_iter_bvec() */
PINPAGE_API void pinpage_iov_iter_bvec(struct iov_iter *i, unsigned int direction,
				       const struct bio_vec *bvec, unsigned long nr_segs,
				       size_t count);

/* As pinpage_iov_iter_init(), except: kernel addresses. Mirrors: iov_iter_kvec() */
PINPAGE_API void pinpage_iov_iter_kvec(struct iov_iter *i, unsigned int direction,
				       const struct kvec *kvec, unsigned long nr_segs,
				       size_t count);

/*
 * As pinpage_iov_iter_init(), except: the pages of a file that are in the page
 * cache, from byte @start on. Mirrors: iov_iter_xarray(); differs: takes the
 * mapping, not its i_pages.
 */
PINPAGE_API void pinpage_iov_iter_xarray(struct iov_iter *i, unsigned int direction,
					 struct address_space *mapping,
					 pinpage_loff_t start, size_t count);

/* As pinpage_iov_iter_init(), except: no memory. Mirrors: iov_iter_discard() */
PINPAGE_API void pinpage_iov_iter_discard(struct iov_iter *i, unsigned int direction,
					  size_t count);

/**
 * pinpage_iov_iter_advance() - move forward
 * @bytes: more than are left: to the end
 *
 * Context: any. Locking: none.
 * Mirrors: lib/iov_iter.c:iov_iter_advance(). Since: 0.1
 */
PINPAGE_API void pinpage_iov_iter_advance(struct iov_iter *i, size_t bytes);

/**
 * pinpage_iov_iter_revert() - move back
 * @bytes: not more than it was advanced; for UBUF and XARRAY else a warning,
 *         and it stays at the start
 *
 * Context: any. Locking: none.
 * Mirrors: lib/iov_iter.c:iov_iter_revert(). Since: 0.1
 */
PINPAGE_API void pinpage_iov_iter_revert(struct iov_iter *i, size_t bytes);

/**
 * pinpage_iov_iter_npages() - how many pages lie under what is left
 * @maxpages: the answer is not larger
 *
 * Context: any. Locking: none. Return: pages; segments that share one count
 * it each.
 * Mirrors: lib/iov_iter.c:iov_iter_npages(). Since: 0.1
 */
PINPAGE_API int pinpage_iov_iter_npages(const struct iov_iter *i, int maxpages);

/**
 * pinpage_iov_iter_get_pages2() - reference pages under the first segment
 * @i:        UBUF, IOVEC, BVEC or XARRAY; advanced by what is returned
 * @pages:    out, @maxpages slots
 * @maxsize:  bytes wanted at most
 * @maxpages: > 0
 * @start:    out: offset of the first byte in the first page
 *
 * User memory by get_user_pages_fast(), with FOLL_WRITE if the iterator is a
 * destination and FOLL_NOFAULT if it says so. Each page is owed a put_page().
 * Says nothing about who may write the data: see
 * pinpage_iov_iter_extract_pages().
 *
 * Context: process; may sleep. Locking: mmap_lock not held.
 * Return: bytes covered, perhaps fewer; 0: none left, or none in the page
 * cache; -EFAULT (user memory, KVEC, DISCARD), -EINVAL (arguments, not booted),
 * else as pinpage_get_user_pages_fast().
 * Mirrors: lib/iov_iter.c:iov_iter_get_pages2() 6.0. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
						size_t maxsize, unsigned int maxpages,
						size_t *start);

/**
 * pinpage_iov_iter_get_pages_alloc2() - the same, and make the array
 * @pages: out: goes back by pinpage_free_page_array(), kvfree() of the
 *         kernel-shaped headers; NULL if the result is not positive
 *
 * As pinpage_iov_iter_get_pages2(), except: as many pages as it takes.
 * Return: also -ENOMEM: no memory for the array.
 * Mirrors: lib/iov_iter.c:iov_iter_get_pages_alloc2() 6.0. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_iov_iter_get_pages_alloc2(struct iov_iter *i,
						      struct page ***pages,
						      size_t maxsize, size_t *start);

/**
 * pinpage_iov_iter_extract_pages() - the pages under the first segment, held by
 * whatever holds such memory
 * @i:        all but DISCARD; advanced by what is returned
 * @pages:    in: an array of @maxpages slots, or NULL: one is made and stored
 *            here, to be freed even after an error (see
 *            pinpage_free_page_array())
 * @maxsize:  bytes wanted at most
 * @maxpages: > 0
 * @flags:    0 or PINPAGE_ITER_ALLOW_P2PDMA
 * @offset0:  out: offset of the first byte in the first page
 *
 * User memory is pinned by pin_user_pages_fast(), each page owed one
 * unpin_user_page(). Of pages, kernel addresses and page cache nothing is taken.
 *
 * Context: process; may sleep. Locking: mmap_lock not held.
 * Return: as pinpage_iov_iter_get_pages2(); -ENOMEM also: no memory for the
 * array; -EFAULT also: a kernel address outside the machine's memory.
 * Mirrors: lib/iov_iter.c:iov_iter_extract_pages() 6.3. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_iov_iter_extract_pages(struct iov_iter *i, struct page ***pages,
						   size_t maxsize, unsigned int maxpages,
						   unsigned int flags, size_t *offset0);

/**
 * pinpage_free_page_array() - free an array that one of the above made
 * @pages: NULL is allowed
 *
 * Context: any. Locking: none. Mirrors: mm/util.c:kvfree(). Since: 0.1
 */
PINPAGE_API void pinpage_free_page_array(struct page **pages);

/* bytes left */
static inline size_t pinpage_iov_iter_count(const struct iov_iter *i)
{
	return i->count;
}

/* leave no more than @count bytes */
static inline void pinpage_iov_iter_truncate(struct iov_iter *i, uint64_t count)
{
	if (i->count > count)
		i->count = (size_t)count;
}

/* is it user memory? */
static inline bool pinpage_user_backed_iter(const struct iov_iter *i)
{
	return i->iter_type == PINPAGE_ITER_UBUF || i->iter_type == PINPAGE_ITER_IOVEC;
}

/* will pinpage_iov_iter_extract_pages() pin, so that somebody must unpin? */
static inline bool pinpage_iov_iter_extract_will_pin(const struct iov_iter *i)
{
	return pinpage_user_backed_iter(i);
}

/* PINPAGE_ITER_SOURCE or PINPAGE_ITER_DEST */
static inline unsigned int pinpage_iov_iter_rw(const struct iov_iter *i)
{
	return i->data_source ? PINPAGE_ITER_SOURCE : PINPAGE_ITER_DEST;
}

/* As pinpage_iov_iter_get_pages2(), except: does not advance. Up to 5.19. */
static inline ssize_t pinpage_iov_iter_get_pages(const struct iov_iter *i, struct page **pages,
						 size_t maxsize, unsigned int maxpages,
						 size_t *start)
{
	struct iov_iter copy = *i;

	return pinpage_iov_iter_get_pages2(&copy, pages, maxsize, maxpages, start);
}

#ifdef __cplusplus
}
#endif

#endif
