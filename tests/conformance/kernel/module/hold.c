// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * hold.c - what acquires gave, and how it goes back
 */
#include <linux/bitmap.h>
#include <linux/list.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "conf.h"

static LIST_HEAD(holds);
static DEFINE_MUTEX(lock);	/* the list only: a pin may last */

struct conf_hold *conf_hold_find(long id)
{
	struct conf_hold *h, *found = NULL;

	mutex_lock(&lock);
	list_for_each_entry(h, &holds, list)
		if (h->id == id)
			found = h;
	mutex_unlock(&lock);
	return found;
}

static void hold_free(struct conf_hold *h)
{
	vfree(h->pages);
	vfree(h->held);
	kfree(h);
}

struct conf_hold *conf_hold_new(long id, long room, bool pin)
{
	struct conf_hold *h = kzalloc(sizeof(*h), GFP_KERNEL);

	if (!h)
		return NULL;
	h->id = id;
	h->pin = pin;
	h->ret = -EINPROGRESS;
	h->locked = 1;
	h->pages = vzalloc(array_size(room, sizeof(*h->pages)));
	h->held = vzalloc(BITS_TO_LONGS(room) * sizeof(long));
	if (!h->pages || !h->held) {
		hold_free(h);
		return NULL;
	}
	mutex_lock(&lock);
	list_add(&h->list, &holds);
	mutex_unlock(&lock);
	return h;
}

long conf_hold_done(struct conf_hold *h, long ret)
{
	if (ret > 0) {
		h->nr = ret;
		bitmap_set(h->held, 0, ret);
	}
	WRITE_ONCE(h->ret, ret);
	return ret;
}

long conf_hold_left(struct conf_hold *h)
{
	return bitmap_weight(h->held, h->nr);
}

static void folio_way(struct page **pages, long n, long how)
{
#if SINCE(6, 11)
	struct folio **folios = kvcalloc(n, sizeof(*folios), GFP_KERNEL);
	long i;

	if (!folios)
		return;
	for (i = 0; i < n; i++)
		folios[i] = page_folio(pages[i]);
	if (how == UNPIN_FOLIOS)
		unpin_folios(folios, n);
	else
		for (i = 0; i < n; i++)
			unpin_folio(folios[i]);
	kvfree(folios);
#endif
}

static void release(struct page **pages, unsigned long n, long how, bool dirty)
{
	unsigned long i;

	switch (how) {
	case PUT_PAGE:
		for (i = 0; i < n; i++)
			put_page(pages[i]);
		break;
	case UNPIN_PAGE:
		for (i = 0; i < n; i++)
			unpin_user_page(pages[i]);
		break;
	case UNPIN_PAGES:
		unpin_user_pages(pages, n);
		break;
	case UNPIN_PAGES_DIRTY_LOCK:
		unpin_user_pages_dirty_lock(pages, n, dirty);
		break;
	case UNPIN_RANGE_DIRTY_LOCK:
		unpin_user_page_range_dirty_lock(pages[0], n, dirty);
		break;
#if SINCE(6, 11)
	case UNPIN_USER_FOLIO:
		unpin_user_folio(page_folio(pages[0]), n);
		break;
#endif
	default:
		folio_way(pages, n, how);
	}
}

static bool exists(long how)
{
	return how >= PUT_PAGE &&
	       (how <= UNPIN_RANGE_DIRTY_LOCK ||
		(SINCE(6, 11) && how <= UNPIN_USER_FOLIO));
}

/* These name a first page and a count that the hold does not limit. */
static bool is_run(long how)
{
	return how == UNPIN_RANGE_DIRTY_LOCK || how == UNPIN_USER_FOLIO;
}

long conf_release(struct conf_hold *h, long first, long n, long how, bool dirty)
{
	struct page **some;
	long i, k = 0, end = min(first + n, h->nr);

	if (!exists(how))
		return -ENOSYS;
	if (first < 0 || n < 0 || first >= h->nr)
		return n && h->nr ? -EINVAL : 0;
	some = vmalloc(array_size(end - first + 1, sizeof(*some)));
	if (!some)
		return -ENOMEM;
	some[0] = h->pages[first];
	for (i = first; i < end; i++)
		if (test_and_clear_bit(i, h->held))
			some[k++] = h->pages[i];
	if (is_run(how))
		k = n;
	if (k)
		release(some, k, how, dirty);
	vfree(some);
	return 0;
}

long conf_release_raw(long how, unsigned long n, bool dirty)
{
	if (!exists(how) || is_run(how))
		return -ENOSYS;
	release(NULL, n, how, dirty);
	return 0;
}

long conf_release_count(struct conf_hold *h, long how, unsigned long n)
{
	if (!exists(how) || is_run(how))
		return -ENOSYS;
	release(h->pages, n, how, false);
	return 0;
}

static void hold_drop(struct conf_hold *h)
{
	long i;

	for (i = 0; i < h->nr; i++) {
		if (!test_bit(i, h->held))
			continue;
		if (!h->pin)
			put_page(h->pages[i]);
#if SINCE(6, 11)
		else if (h->folios)
			unpin_folio(page_folio(h->pages[i]));
#endif
		else
			unpin_user_page(h->pages[i]);
	}
	hold_free(h);
}

void conf_holds_drop(void)
{
	struct conf_hold *h, *next;

	list_for_each_entry_safe(h, next, &holds, list) {
		list_del(&h->list);
		hold_drop(h);
	}
}
