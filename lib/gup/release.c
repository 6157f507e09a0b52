// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * release.c - put_user_page*() and unpin_user_page*()
 *
 * Invariants:
 *  I1. Dirty first, drop second: at no instant is a page unpinned, clean and
 *      modified.
 *  I2. Consecutive entries of one folio are dropped by one operation.
 *  I3. Under the placeholder rules a release is put_page(); the interface is
 *      the same, so that a checker can tell the two apart.
 *
 * Mirrors: mm/gup.c, the functions of the same names.
 */
#include "gup/gup.h"

/* What a pin was, so what a release drops: the flags of the grab. */
static unsigned int release_kind(void)
{
	return pp_gup_tracks_pins() ? FOLL_PIN : FOLL_GET;
}

static void count_released(const struct page *page, unsigned long nr)
{
	if (pp_gup_tracks_pins() && !pp_gup_zero_exempt(page))
		pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_RELEASED, (long)nr);
}

/* entries from pages[0] on that lie in the folio of pages[0] */
static unsigned long run_length(struct page **pages, unsigned long npages,
				const struct page *head)
{
	unsigned long bytes = folio_nr_pages((const struct folio *)head) *
			      sizeof(struct page);
	unsigned long nr = 1;

	while (nr < npages &&
	       (unsigned long)((char *)pages[nr] - (char *)head) < bytes)
		nr++;
	return nr;
}

/* drop @nr pins of the folio of @page; nothing else */
static void drop_run(struct page *page, unsigned long nr)
{
	count_released(page, nr);
	pp_gup_drop(page, (int)nr, release_kind());
}

/* NULL is tolerated where the rules say so; anything else is refused. */
static bool entry_skipped(const struct page *page)
{
	if (likely(pp_page_valid(page)))
		return false;
	if (page || !pp_rules->null_entries)
		pp_warn_once("release: an entry is not a page: skipped");
	return true;
}

/* the last of @npages entries: a small page, not named by the entry before, too */
static __always_inline bool ends_small(struct page **pages, unsigned long npages)
{
	const struct page *page = pages[npages - 1];

	return pp_page_valid(page) && page != pp_zero_page && !PageTail(page) &&
	       !PageHead(page) && (npages == 1 || pages[npages - 2] != page);
}

/*
 * Drop the small pages at the end of an array, as tight as it can be and the
 * last first: what was taken last is still in the CPU's cache. Return: entries
 * that are left, which go in their order.
 */
static unsigned long drop_small(struct page **pages, unsigned long npages,
				unsigned int kind)
{
	const int step = kind == FOLL_PIN ? (int)pp_pin_rules.bias : 1;

	for (; npages && ends_small(pages, npages); npages--)
		if (unlikely(atomic_sub_and_test(step, &pages[npages - 1]->_refcount)))
			pp_free_last(pages[npages - 1]);
	return npages;
}

static void drop_pages(struct page **pages, unsigned long npages)
{
	unsigned int kind = release_kind();
	unsigned long left = drop_small(pages, npages, kind);
	unsigned long exempt = 0;
	unsigned long i, nr;

	for (i = 0; i < left; i += nr) {
		struct page *page = pages[i];
		struct page *head;

		nr = 1;
		if (entry_skipped(page)) {
			exempt++;
			continue;
		}
		head = compound_head(page);
		nr = run_length(pages + i, left - i, head);
		if (pp_gup_zero_exempt(page)) {
			exempt += nr;
			continue;
		}
		if (kind == FOLL_PIN)
			pp_unpin(head, (int)nr);
		else
			pp_unref_many(head, (int)nr);
	}
	pp_unpinned();
	if (kind == FOLL_PIN)
		pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_RELEASED,
			    (long)(npages - exempt));
}

/*
 * An errno where a count belongs: nothing is released. Kernels without the
 * guard walk off the array; here that is a trap.
 */
static bool count_is_errno(unsigned long npages, const char *func)
{
	if (likely(npages < (unsigned long)-MAX_ERRNO))
		return false;
	pp_warn_once("%s: count %ld is an errno", func, (long)npages);
	if (!pp_rules->errno_guard)
		pp_emit(TRAP, .name = "an errno was taken for a count",
			.arg = (long)npages, .site = current->site);
	return true;
}

static bool array_ok(struct page **pages, unsigned long npages,
		     const char *func)
{
	if (!npages || count_is_errno(npages, func))
		return false;
	if (pages)
		return true;
	pp_warn_once("%s: no array for %lu pages", func, npages);
	return false;
}

static void tell_unpin(struct page **pages, unsigned long npages)
{
	pp_emit(UNPIN, .page = pages[0], .pages = pages, .nr = npages,
		.site = current->site);
}

static void release_array(struct page **pages, unsigned long npages)
{
	tell_unpin(pages, npages);
	drop_pages(pages, npages);
}

static void release_folio_run(struct page *page, unsigned long nr)
{
	pp_emit(UNPIN, .flags = PINPAGE_EVF_FOLIO, .page = page, .nr = nr,
		.site = current->site);
	drop_run(page, nr);
}

/* How a dirtying release marks one folio. */
static void dirty_head(struct page *head, bool lock)
{
	/*
	 * The peek is unlocked on purpose: a page seen dirty will still be
	 * written, a page seen clean is at worst written once more.
	 */
	if (PageDirty(head))
		return;
	if (lock && likely(pinpage_might_sleep()))
		pinpage_set_page_dirty_lock(head);
	else	/* also in the wrong context: warned about, not lost */
		pinpage_set_page_dirty(head);
}

static void dirty_and_release(struct page **pages, unsigned long npages,
			      bool lock)
{
	unsigned long i, nr;

	for (i = 0; i < npages; i += nr) {
		struct page *head;

		nr = 1;
		if (entry_skipped(pages[i]))
			continue;
		head = compound_head(pages[i]);
		nr = run_length(pages + i, npages - i, head);
		dirty_head(head, lock);
		release_array(pages + i, nr);
	}
}

enum dirtying { DIRTY_NONE, DIRTY_UNLOCKED, DIRTY_LOCK };

/* the whole of a release by array */
static void release_call(struct page **pages, unsigned long npages,
			 enum dirtying dirty, const char *func,
			 const void *site)
{
	if (!array_ok(pages, npages, func))
		return;
	pp_enter(site);
	pp_emit(RELEASE_CALL, .page = pages[0], .pages = pages, .nr = npages,
		.name = func, .site = current->site);
	if (dirty == DIRTY_NONE)
		release_array(pages, npages);
	else
		dirty_and_release(pages, npages, dirty == DIRTY_LOCK);
	pp_leave();
}

/* one page, @nr pins of its folio */
static void release_one(struct page *page, unsigned long nr,
			enum dirtying dirty, const char *func,
			const void *site)
{
	if (!pp_page_valid(page)) {
		pp_warn_once("%s: not a page", func);
		return;
	}
	if (count_is_errno(nr, func))
		return;
	pp_enter(site);
	pp_emit(RELEASE_CALL, .page = page, .nr = nr, .name = func,
		.site = current->site);
	if (dirty == DIRTY_LOCK)
		dirty_head(compound_head(page), true);
	release_folio_run(page, nr);
	pp_leave();
}

#define SITE __builtin_return_address(0)

void pinpage_put_user_page(struct page *page)
{
	if (pp_ready())
		release_one(page, 1, DIRTY_NONE, "put_user_page", SITE);
}

void pinpage_put_user_pages(struct page **pages, unsigned long npages)
{
	if (pp_ready())
		release_call(pages, npages, DIRTY_NONE, "put_user_pages",
			     SITE);
}

void pinpage_put_user_pages_dirty(struct page **pages, unsigned long npages)
{
	if (pp_ready())
		release_call(pages, npages, DIRTY_UNLOCKED,
			     "put_user_pages_dirty", SITE);
}

void pinpage_put_user_pages_dirty_lock(struct page **pages,
				       unsigned long npages, bool make_dirty)
{
	if (!pp_ready())
		return;
	if (!make_dirty && !pp_rules->put_make_dirty) {
		pp_warn_once("put_user_pages_dirty_lock: rules %s have no make_dirty: it dirties",
			     pp_rules->name);
		make_dirty = true;
	}
	release_call(pages, npages, make_dirty ? DIRTY_LOCK : DIRTY_NONE,
		     "put_user_pages_dirty_lock", SITE);
}

void pinpage_unpin_user_page(struct page *page)
{
	if (pp_ready())
		release_one(page, 1, DIRTY_NONE, "unpin_user_page", SITE);
}

void pinpage_unpin_user_pages(struct page **pages, unsigned long npages)
{
	if (pp_ready())
		release_call(pages, npages, DIRTY_NONE, "unpin_user_pages",
			     SITE);
}

void pinpage_unpin_user_pages_dirty_lock(struct page **pages,
					 unsigned long npages,
					 bool make_dirty)
{
	if (pp_ready())
		release_call(pages, npages,
			     make_dirty ? DIRTY_LOCK : DIRTY_NONE,
			     "unpin_user_pages_dirty_lock", SITE);
}

/* pages from @page on, folio by folio */
static void release_range(struct page *page, unsigned long npages,
			  enum dirtying dirty)
{
	while (npages) {
		struct page *head = compound_head(page);
		unsigned long left = folio_nr_pages((struct folio *)head) -
				     (unsigned long)(page - head);
		unsigned long nr = min(left, npages);

		release_one(page, nr, dirty,
			    "unpin_user_page_range_dirty_lock",
			    current->site);
		page += nr;
		npages -= nr;
	}
}

void pinpage_unpin_user_page_range_dirty_lock(struct page *page,
					      unsigned long npages,
					      bool make_dirty)
{
	const char *func = "unpin_user_page_range_dirty_lock";

	if (!pp_ready() || !npages || count_is_errno(npages, func))
		return;
	if (!pp_page_valid(page) ||
	    npages > pp_nr_frames - page_to_pfn(page)) {
		pp_warn_once("%s: %lu pages do not lie in memory", func,
			     npages);
		return;
	}
	pp_enter(SITE);
	release_range(page, npages, make_dirty ? DIRTY_LOCK : DIRTY_NONE);
	pp_leave();
}

void pinpage_unpin_user_folio(struct folio *folio, unsigned long npages)
{
	if (pp_ready() && npages)
		release_one((struct page *)folio, npages, DIRTY_NONE,
			    "unpin_user_folio", SITE);
}

void pinpage_unpin_folio(struct folio *folio)
{
	if (pp_ready())
		release_one((struct page *)folio, 1, DIRTY_NONE,
			    "unpin_folio", SITE);
}

void pinpage_unpin_folios(struct folio **folios, unsigned long nfolios)
{
	unsigned long i;

	if (!pp_ready() ||
	    !array_ok((struct page **)folios, nfolios, "unpin_folios"))
		return;
	pp_enter(SITE);
	for (i = 0; i < nfolios; i++)
		if (folios[i])
			release_one((struct page *)folios[i], 1, DIRTY_NONE,
				    "unpin_folios", current->site);
	pp_leave();
}
