// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * ref.c - references: the model's own, silent; and a driver's, announced
 *
 * GET is emitted after the count went up, PUT before it goes down: between
 * the two a listener may look at the page. A driver's mistakes are warned
 * about with values; where the kernel's arithmetic would free a page twice or
 * revive a freed one, nothing is done.
 */
#include "page/page.h"

#include "event/event.h"
#include "page/internal.h"

/**
 * pp_ref_try() - take a reference unless the page is free, frozen or overflown
 * @head: small page or head; may be stale, the caller looks again afterwards
 *
 * Context: any. Order: full barrier on success.
 * Return:  false if the count was <= 0.
 * Mirrors: include/linux/mm.h:try_get_page(), folio_try_get()
 */
bool pp_ref_try(struct page *head)
{
	return pp_ref_add_try(head, 1);
}

/**
 * pp_ref_try_cached() - as pp_ref_try(), except: refuses a count of 0 only
 *
 * For who would look again until it succeeds: a page in the cache whose count a
 * driver's surplus release made negative must not be waited for.
 *
 * Mirrors: include/linux/page_ref.h:folio_try_get()
 */
bool pp_ref_try_cached(struct page *head)
{
	int old = atomic_read(&head->_refcount);

	do {
		if (unlikely(!old))
			return false;
	} while (!atomic_try_cmpxchg(&head->_refcount, &old, old + 1));
	return true;
}

/**
 * pp_unref() - drop a reference of the model
 * @page: any page of the folio; freed at zero
 *
 * Context: any, no lock of rank LRU or higher held.
 * Order:   full barrier. Mirrors: include/linux/mm.h:put_page()
 */
void pp_unref(struct page *page)
{
	struct page *head = compound_head(page);

	if (atomic_dec_and_test(&head->_refcount))
		pp_free_last(head);
}

/**
 * pp_unref_many() - As pp_unref(), except: @refs at once
 * @head: small page or head
 * @refs: > 0
 */
void pp_unref_many(struct page *head, int refs)
{
	if (atomic_sub_and_test(refs, &head->_refcount))
		pp_free_last(head);
}

/**
 * pp_ref_freeze() - take all references if they are as many as expected
 * @head:     small page or head
 * @expected: count that its known users explain
 *
 * While frozen nobody can take a reference with pp_ref_try().
 *
 * Context: any. Order: full barrier on success.
 * Return:  true if the count was @expected and is now 0.
 * Mirrors: include/linux/page_ref.h:page_ref_freeze()
 */
bool pp_ref_freeze(struct page *head, int expected)
{
	return atomic_cmpxchg(&head->_refcount, expected, 0) == expected;
}

/**
 * pp_ref_unfreeze() - end of pp_ref_freeze()
 * @head:  frozen
 * @count: > 0, references that it has from now on
 *
 * Context: any. Order: release; what was done to the frozen page is seen by
 * whoever takes a reference next. Mirrors: page_ref_unfreeze()
 */
void pp_ref_unfreeze(struct page *head, int count)
{
	if (unlikely(page_ref_count(head) != 0 || count <= 0))
		pp_bug("unfreeze of pfn %lu to %d, count is %d",
		       page_to_pfn(head), count, page_ref_count(head));
	atomic_set_release(&head->_refcount, count);
}

/* public; contracts: page.h */

/* Zero, or so close below it that a put too many explains it best. */
static bool ref_zero_or_close_to_overflow(const struct page *head)
{
	return (unsigned int)page_ref_count(head) + 127u <= 127u;
}

/* Return: may a driver's reference be added (or dropped, @put) here? */
static bool ref_sane(const struct page *head, const char *what, bool put)
{
	int count = page_ref_count(head);

	if (likely(count > 0) || !ref_zero_or_close_to_overflow(head))
		return true;
	pp_warn_once("%s: refcount already zero: pfn %lu ref:%d", what,
		     page_to_pfn(head), count);
	pp_emit(WARN, .page = (struct page *)head, .nr = 1, .name = what,
		.site = pp_page_site());
	return !put && count < 0;
}

static void get_one(struct page *page, const char *what, const void *site)
{
	struct page *head = compound_head(page);

	if (!ref_sane(head, what, false))
		return;
	pp_ref(head);
	pp_emit(GET, .page = page, .nr = 1, .site = site);
}

static void put_one(struct page *page, const char *what, const void *site)
{
	if (!ref_sane(compound_head(page), what, true))
		return;
	pp_emit(PUT, .page = page, .nr = 1, .site = site);
	pp_unref(page);
}

void pinpage_get_page(struct page *page)
{
	if (!pp_page_ok(page))
		return;
	get_one(page, "get_page", pp_enter(__builtin_return_address(0)));
	pp_leave();
}

void pinpage_put_page(struct page *page)
{
	if (!pp_page_ok(page))
		return;
	put_one(page, "put_page", pp_enter(__builtin_return_address(0)));
	pp_leave();
}

void pinpage_folio_get(struct folio *folio)
{
	struct page *head = (struct page *)folio;

	if (!pp_page_ok(head))
		return;
	get_one(head, "folio_get", pp_enter(__builtin_return_address(0)));
	pp_leave();
}

void pinpage_folio_put(struct folio *folio)
{
	struct page *head = (struct page *)folio;

	if (!pp_page_ok(head))
		return;
	put_one(head, "folio_put", pp_enter(__builtin_return_address(0)));
	pp_leave();
}

bool pinpage_try_get_page(struct page *page)
{
	const void *site;
	bool got;

	if (!pp_page_ok(page))
		return false;
	site = pp_enter(__builtin_return_address(0));
	got = pp_ref_try(compound_head(page));
	if (got)
		pp_emit(GET, .page = page, .nr = 1, .site = site);
	pp_leave();
	return got;
}

void pinpage_release_pages(struct page **pages, int nr)
{
	const void *site;
	int i;

	if (!pp_ready())
		return;
	if (nr < 0 || (nr && !pages)) {
		pp_warn_once("release_pages: %d pages at %s", nr,
			     pages ? "an array" : "NULL");
		return;
	}
	site = pp_enter(__builtin_return_address(0));
	for (i = 0; i < nr; i++)
		if (pp_page_ok(pages[i]))
			put_one(pages[i], "release_pages", site);
	pp_leave();
}
