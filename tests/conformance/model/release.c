// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * release.c - put and unpin by every function, device access through a hold
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static const char *const names[RELEASE_NR] = {
	[PUT_PAGE] = "put_page",
	[UNPIN_PAGE] = "unpin_user_page",
	[UNPIN_PAGES] = "unpin_user_pages",
	[UNPIN_PAGES_DIRTY_LOCK] = "unpin_user_pages_dirty_lock",
	[UNPIN_RANGE_DIRTY_LOCK] = "unpin_user_page_range_dirty_lock",
	[UNPIN_FOLIO] = "unpin_folio",
	[UNPIN_FOLIOS] = "unpin_folios",
	[UNPIN_USER_FOLIO] = "unpin_user_folio",
	[PUT_USER_PAGE] = "put_user_page",
	[PUT_USER_PAGES] = "put_user_pages",
	[PUT_USER_PAGES_DIRTY] = "put_user_pages_dirty",
	[PUT_USER_PAGES_DIRTY_LOCK] = "put_user_pages_dirty_lock",
};

static void folios(struct page **pages, unsigned long n)
{
	struct folio *folio;
	unsigned long i;

	for (i = 0; i < n; i++) {
		folio = pinpage_page_folio(pages[i]);
		pinpage_unpin_folios(&folio, 1);
	}
}

static void each(struct page **pages, unsigned long n, enum conf_release how)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		switch (how) {
		case PUT_PAGE:
			pinpage_put_page(pages[i]);
			break;
		case PUT_USER_PAGE:
			pinpage_put_user_page(pages[i]);
			break;
		case UNPIN_FOLIO:
			pinpage_unpin_folio(pinpage_page_folio(pages[i]));
			break;
		default:
			pinpage_unpin_user_page(pages[i]);
		}
}

static void call(struct page **pages, unsigned long n, enum conf_release how,
		 bool make_dirty)
{
	switch (how) {
	case UNPIN_PAGES:
		pinpage_unpin_user_pages(pages, n);
		break;
	case UNPIN_PAGES_DIRTY_LOCK:
		pinpage_unpin_user_pages_dirty_lock(pages, n, make_dirty);
		break;
	case UNPIN_RANGE_DIRTY_LOCK:
		pinpage_unpin_user_page_range_dirty_lock(pages[0], n,
							 make_dirty);
		break;
	case UNPIN_FOLIOS:
		folios(pages, n);
		break;
	case UNPIN_USER_FOLIO:
		pinpage_unpin_user_folio(pinpage_page_folio(pages[0]), n);
		break;
	case PUT_USER_PAGES:
		pinpage_put_user_pages(pages, n);
		break;
	case PUT_USER_PAGES_DIRTY:
		pinpage_put_user_pages_dirty(pages, n);
		break;
	case PUT_USER_PAGES_DIRTY_LOCK:
		pinpage_put_user_pages_dirty_lock(pages, n, make_dirty ||
						  rules_until("5.3"));
		break;
	default:
		each(pages, n, how);
	}
}

/* These name a first page and a count that the hold does not limit. */
static bool is_run(enum conf_release how)
{
	return how == UNPIN_RANGE_DIRTY_LOCK || how == UNPIN_USER_FOLIO;
}

/* Entries of the range that are still held, which they are not any more. */
static long take_held(struct holding *x, long first, long end,
		      struct page **pages)
{
	long i, n = 0;

	for (i = first; i < end; i++) {
		if (!x->released[i])
			pages[n++] = x->pages[i];
		x->released[i] = true;
	}
	return n;
}

long k_release(struct hold h, long first, long n, enum conf_release how,
	       bool make_dirty)
{
	struct holding *x = model_hold(h);
	struct page **pages;
	long held;

	if (!pinpage_offers(names[how]))
		return -ENOSYS;
	if (first < 0 || n < 0 || (n && first >= x->n))
		model_broken("a release of what is not in the hold");
	if (!n)
		return 0;
	pages = calloc((size_t)x->n, sizeof(*pages));
	if (!pages)
		model_broken("no memory");
	held = take_held(x, first, first + n < x->n ? first + n : x->n, pages);
	if (is_run(how))
		call(x->pages + first, (unsigned long)n, how, make_dirty);
	else if (held)
		call(pages, (unsigned long)held, how, make_dirty);
	free(pages);
	return 0;
}

long k_release_raw(enum conf_release how, unsigned long n, bool make_dirty)
{
	if (!pinpage_offers(names[how]))
		return -ENOSYS;
	call(NULL, n, how, make_dirty);
	return 0;
}

long k_release_count(struct hold h, enum conf_release how, unsigned long n)
{
	struct holding *x = model_hold(h);

	if (!pinpage_offers(names[how]))
		return -ENOSYS;
	call(x->pages, n, how, false);
	return 0;
}

long k_unpin_extra(struct hold h, long i)
{
	struct holding *x = model_hold(h);

	if (i < 0 || i >= x->n || !x->extra[i])
		model_broken("no extra pin there");
	x->extra[i]--;
	pinpage_unpin_user_page(x->pages[i]);
	return 0;
}

/* @n 0: folio_add_pin() */
long k_add_pins(struct hold h, long i, int n)
{
	struct holding *x = model_hold(h);
	struct folio *folio = pinpage_page_folio(x->pages[i]);
	long ret = 0;

	if (!pinpage_offers(n ? "folio_add_pins" : "folio_add_pin"))
		return -ENOSYS;
	if (n)
		ret = pinpage_folio_add_pins(folio, (unsigned int)n);
	else
		pinpage_folio_add_pin(folio);
	if (!ret)
		x->extra[i] += n ? (unsigned long)n : 1;
	return ret;
}

static void release_one(struct holding *x, long i)
{
	if (x->is_folio)
		pinpage_unpin_folio(pinpage_page_folio(x->pages[i]));
	else if (x->is_alloc)
		pinpage_put_page(x->pages[i]);
	else if (x->is_pin)
		pinpage_unpin_user_page(x->pages[i]);
	else if (pinpage_offers("put_user_page"))
		pinpage_put_user_page(x->pages[i]);
	else
		pinpage_put_page(x->pages[i]);
}

/* What the case left held. */
void model_release_all(struct holding *x)
{
	long i;

	for (i = 0; i < x->n; i++) {
		if (!x->released[i])
			release_one(x, i);
		x->released[i] = true;
		while (x->extra[i])
			x->extra[i]--, pinpage_unpin_user_page(x->pages[i]);
	}
}

/* A device reaches one page at a time, by a DMA mapping of its own. */

static struct pinpage_device *dev;

void model_device_end(void)
{
	pinpage_device_destroy(dev);
	dev = NULL;
}

static long access_page(struct page *page, unsigned long off, void *buf,
			size_t len, bool to_memory)
{
	pinpage_dma_addr_t at;
	long ret;

	if (!dev && pinpage_device_create("dev", &dev))
		model_broken("no device");
	at = pinpage_dma_map_page(dev, page, off, len, PINPAGE_DMA_BIDIRECTIONAL);
	if (at == PINPAGE_DMA_MAPPING_ERROR)
		ret = -EFAULT;
	else if (to_memory)
		ret = pinpage_device_write(dev, at, buf, len);
	else
		ret = pinpage_device_read(dev, at, buf, len);
	if (at != PINPAGE_DMA_MAPPING_ERROR)
		pinpage_dma_unmap_page(dev, at, len, PINPAGE_DMA_BIDIRECTIONAL);
	return ret;
}

static long access_hold(struct hold h, long off, char *buf, long len,
			bool to_memory)
{
	struct holding *x = model_hold(h);
	long n, ret;

	for (; len > 0; off += n, buf += n, len -= n) {
		n = PAGE - off % PAGE;
		n = n < len ? n : len;
		if (off / PAGE >= x->n)
			return -EFAULT;
		ret = access_page(x->pages[off / PAGE],
				  (unsigned long)(off % PAGE), buf, (size_t)n,
				  to_memory);
		if (ret)
			return ret;
	}
	return 0;
}

long d_read(struct hold h, long off, void *buf, long len)
{
	return access_hold(h, off, buf, len, false);
}

long d_write(struct hold h, long off, const void *buf, long len)
{
	return access_hold(h, off, (char *)(uintptr_t)buf, len, true);
}
