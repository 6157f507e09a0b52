// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * iov_pages.c - the pages under an iterator: referenced, pinned, or just named
 *
 * I1. An iterator moves by exactly what a call returns.
 * I2. An array that is made here is a block of frames as kmalloc() of the
 *     kernel-shaped headers makes them, so that kvfree() frees it.
 *
 *              get_pages2          extract_pages
 * user memory  get_user_pages_fast pin_user_pages_fast
 * pages        get_page            nothing is taken
 * page cache   get_page            nothing is taken
 * addresses    -EFAULT             nothing is taken
 *
 * Mirrors: lib/iov_iter.c:__iov_iter_get_pages_alloc() 6.1,
 * iov_iter_extract_pages() 6.3. Differs: FOLIOQ iterators (6.12) are not there.
 */
#include "gup/iov_iter.h"

#include "base/err.h"

#define ARRAY_HEAD	64u	/* PINPAGE_KMALLOC_HEAD of linux/slab.h */

/* one call */
struct extraction {
	struct iov_iter *i;
	struct page **pages;
	size_t size;		/* bytes in the first segment, at most */
	unsigned int nr;	/* slots of pages that may be filled */
	bool extract;		/* not get */
	unsigned int gup_flags;
};

static struct page **array_alloc(unsigned long n)
{
	unsigned int order = 0;
	struct page *page;
	char *block;

	while ((PAGE_SIZE << order) < n * sizeof(page) + ARRAY_HEAD)
		order++;
	page = order <= PINPAGE_MAX_ORDER ?
	       pinpage_alloc_pages(PINPAGE_GFP_KERNEL, order) : NULL;
	if (!page)
		return NULL;
	block = page_address(page);
	*(unsigned int *)(void *)block = order;
	return (struct page **)(void *)(block + ARRAY_HEAD);
}

void pinpage_free_page_array(struct page **pages)
{
	char *block;

	if (!pages || !pp_ready())
		return;
	block = (char *)pages - ARRAY_HEAD;
	pinpage_free_pages(pinpage_virt_to_page(block),
			   *(unsigned int *)(void *)block);
}

/* user memory: pages had or -errno */
static int user_pages(const struct extraction *x, unsigned long addr)
{
	unsigned int flags = x->gup_flags;

	if (!x->i->data_source)
		flags |= FOLL_WRITE;
	if (x->i->nofault)
		flags |= FOLL_NOFAULT;
	addr &= PAGE_MASK;
	if (x->extract)
		return pinpage_pin_user_pages_fast(addr, (int)x->nr, flags,
						   x->pages);
	return pinpage_get_user_pages_fast(addr, (int)x->nr, flags, x->pages);
}

/* adjacent frames */
static int adjacent_pages(const struct extraction *x, struct page *first)
{
	unsigned int k;

	for (k = 0; k < x->nr; k++) {
		if (!pp_page_valid(first + k))
			return k ? (int)k : -EFAULT;
		if (!x->extract)
			pinpage_get_page(first + k);
		x->pages[k] = first + k;
	}
	return (int)k;
}

/* what the page cache has, up to the first gap */
static int cached_pages(const struct extraction *x, unsigned long index)
{
	unsigned int k;

	for (k = 0; k < x->nr; k++) {
		struct page *page;

		page = pp_find_get_page(x->i->mapping, index + k);
		if (!page)
			break;
		page = pp_folio_page(page, index + k);
		if (x->extract)
			pp_unref(page);
		else
			pp_emit(GET, .page = page, .nr = 1,
				.site = current->site);
		x->pages[k] = page;
	}
	return (int)k;
}

static int take_pages(const struct extraction *x, unsigned long at, long seg)
{
	switch (x->i->iter_type) {
	case PINPAGE_ITER_UBUF:
	case PINPAGE_ITER_IOVEC:
		return user_pages(x, at);
	case PINPAGE_ITER_BVEC:
		return adjacent_pages(x, x->i->bvec[seg].bv_page +
				      (at >> PAGE_SHIFT));
	case PINPAGE_ITER_XARRAY:
		return cached_pages(x, at >> PAGE_SHIFT);
	default:
		return adjacent_pages(x, pinpage_virt_to_page(
					      (void *)(at & PAGE_MASK)));
	}
}

static bool supported(const struct extraction *x)
{
	return x->i->iter_type != PINPAGE_ITER_DISCARD &&
	       (x->extract || x->i->iter_type != PINPAGE_ITER_KVEC);
}

/* the whole of a call; *pagesp may be NULL: an array is made */
static ssize_t run(struct extraction *x, struct page ***pagesp,
		   unsigned int maxpages, size_t *start)
{
	unsigned long at, n;
	long seg;
	int got;

	x->size = min(x->size, PP_MAX_RW_COUNT);
	at = x->i->count ? pp_iter_first(x->i, &x->size, &seg) : 0;
	if (!x->i->count || !x->size)
		return 0;
	if (!supported(x))
		return -EFAULT;
	*start = at & ~PAGE_MASK;
	n = (x->size + *start + PAGE_SIZE - 1) >> PAGE_SHIFT;
	x->nr = (unsigned int)min(n, (unsigned long)maxpages);
	if (!*pagesp)
		*pagesp = array_alloc(x->nr);
	if (!*pagesp)
		return -ENOMEM;
	x->pages = *pagesp;
	got = take_pages(x, at, seg);
	if (got <= 0)
		return got;
	x->size = min(x->size, ((size_t)got << PAGE_SHIFT) - *start);
	pinpage_iov_iter_advance(x->i, x->size);
	return (ssize_t)x->size;
}

static bool arguments_ok(const struct iov_iter *i, const void *pages,
			 unsigned int maxpages, const size_t *start)
{
	if (!pp_ready())
		return false;
	if (i && pages && maxpages && start)
		return true;
	pp_warn_once("iov_iter: no iterator, no array or no room");
	return false;
}

ssize_t pinpage_iov_iter_get_pages2(struct iov_iter *i, struct page **pages,
				    size_t maxsize, unsigned int maxpages,
				    size_t *start)
{
	struct extraction x = { .i = i, .size = maxsize };
	ssize_t got;

	if (!arguments_ok(i, pages, maxpages, start))
		return -EINVAL;
	pp_enter(__builtin_return_address(0));
	got = run(&x, &pages, maxpages, start);
	pp_leave();
	return got;
}

ssize_t pinpage_iov_iter_get_pages_alloc2(struct iov_iter *i,
					  struct page ***pages,
					  size_t maxsize, size_t *start)
{
	struct extraction x = { .i = i, .size = maxsize };
	ssize_t got;

	if (!arguments_ok(i, pages, 1, start))
		return -EINVAL;
	*pages = NULL;
	pp_enter(__builtin_return_address(0));
	got = run(&x, pages, UINT_MAX, start);
	if (got <= 0) {
		pinpage_free_page_array(*pages);
		*pages = NULL;
	}
	pp_leave();
	return got;
}

ssize_t pinpage_iov_iter_extract_pages(struct iov_iter *i,
				       struct page ***pages, size_t maxsize,
				       unsigned int maxpages,
				       unsigned int flags, size_t *offset0)
{
	struct extraction x = { .i = i, .size = maxsize, .extract = true };
	ssize_t got;

	if (!arguments_ok(i, pages, maxpages, offset0) ||
	    flags & ~PINPAGE_ITER_ALLOW_P2PDMA)
		return -EINVAL;
	if (flags & PINPAGE_ITER_ALLOW_P2PDMA)
		x.gup_flags = FOLL_PCI_P2PDMA;
	pp_enter(__builtin_return_address(0));
	got = run(&x, pages, maxpages, offset0);
	pp_leave();
	return got;
}
