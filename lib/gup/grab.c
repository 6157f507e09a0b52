// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * grab.c - one reference or pin at a time, and the rules about which page
 *
 * The arithmetic itself is page/pin.h's; here is what gup adds: the zero page,
 * statistics, the unshare test, and the events of a whole call.
 *
 * Mirrors: mm/gup.c:try_grab_page(), gup_put_folio(), gup_must_unshare().
 */
#include "gup/gup.h"

/**
 * pp_gup_zero_exempt() - is this a page that pins do not count?
 * @page: any page
 *
 * Only the small zero page, and only since pins stopped counting it.
 *
 * Context: any. Locking: none.
 */
bool pp_gup_zero_exempt(const struct page *page)
{
	return unlikely(page == pp_zero_page) &&
	       pp_rules->zero_page == PINPAGE_ZERO_EXEMPT;
}

/**
 * pp_gup_grab() - take references or pins of a page under its page-table lock
 * @page:  mapped page
 * @refs:  4 KiB pages of its folio that are covered, > 0
 * @flags: FOLL_GET, FOLL_PIN or neither (nothing is taken)
 *
 * The refcount test comes before the zero-page test, as in the kernel.
 *
 * Context: process. Locking: page-table lock held.
 * Return: 0; -ENOMEM: the count is not positive; -EREMOTEIO: memory of a PCI
 * device, and no FOLL_PCI_P2PDMA.
 * Mirrors: mm/gup.c:try_grab_page()
 */
int pp_gup_grab(struct page *page, int refs, unsigned int flags)
{
	struct page *head = compound_head(page);
	bool taken;

	if (!(flags & (FOLL_GET | FOLL_PIN)))
		return 0;
	if (pp_ref_refused(page_ref_count(head))) {
		pp_warn_once("gup: refcount %d of pfn %lu is not positive",
			     page_ref_count(head), page_to_pfn(head));
		return -ENOMEM;
	}
	if (unlikely(PageP2pdma(page)) && pp_gup_no_p2pdma(flags))
		return -EREMOTEIO;
	if ((flags & FOLL_PIN) && pp_gup_zero_exempt(page))
		return 0;
	if (flags & FOLL_PIN)
		taken = pp_pin_try_at_once(head, refs);
	else
		taken = pp_ref_add_try(head, refs);
	return taken ? 0 : -ENOMEM;
}

/**
 * pp_gup_drop() - undo a grab; no statistics, no event
 * @page:  as grabbed
 * @refs:  as grabbed
 * @flags: as grabbed
 *
 * Context: any where put_page() may be called. Locking: none.
 */
void pp_gup_drop(struct page *page, int refs, unsigned int flags)
{
	struct page *head = compound_head(page);

	if (flags & FOLL_PIN) {
		if (pp_gup_zero_exempt(page))
			return;
		pp_unpin(head, refs);
		pp_unpinned();
	} else if (flags & FOLL_GET) {
		pp_unref_many(head, refs);
	}
}

/**
 * pp_gup_must_unshare() - would a read-only pin here go stale?
 * @vma:   mapping, or NULL from the fast walk, which cannot look at it
 * @flags: of the call
 * @page:  mapped read-only
 *
 * Context: any. Locking: page-table lock, or the fast walk's re-check.
 * Return: true: fault with FAULT_FLAG_UNSHARE first.
 * Mirrors: mm/internal.h:gup_must_unshare()
 */
bool pp_gup_must_unshare(const struct vm_area_struct *vma, unsigned int flags,
			 struct page *page)
{
	if ((flags & (FOLL_WRITE | FOLL_PIN)) != FOLL_PIN ||
	    !pp_rules->unshare)
		return false;
	if (PageAnon(page)) {
		/*
		 * MB pin-vs-share (A): the pin is counted before the mark is
		 * read; the counting RMW is the barrier. Pairs with (B) where
		 * fork clears the mark after it tested for pins. Without it
		 * both sides miss each other and a pinned page is shared.
		 * Test: gup/race fork_against_fast_pin.
		 */
		return !PageAnonExclusive(page);
	}
	if (!(flags & FOLL_LONGTERM) || !pp_rules->unshare_longterm)
		return false;
	return !vma || is_cow_mapping(vma->vm_flags);
}

/**
 * pp_gup_count_pins() - vmstat for pins just taken
 * @flags: nothing happens without FOLL_PIN
 * @pages: pinned pages
 * @nr:    of them
 *
 * One add for the call; exempt zero pages are not counted.
 *
 * Context: any. Locking: none.
 */
void pp_gup_count_pins(unsigned int flags, struct page *const *pages,
		       unsigned long nr)
{
	unsigned long counted = nr;
	unsigned long i;

	if (!(flags & FOLL_PIN) || !pp_gup_tracks_pins())
		return;
	for (i = 0; i < nr; i++)
		counted -= pp_gup_zero_exempt(pages[i]);
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, (long)counted);
}

/**
 * pp_gup_event() - tell what a call acquired
 * @mm:    target
 * @start: user address of the first page
 * @pages: acquired, or NULL (populate only: no event)
 * @nr:    of them; 0: no event
 * @flags: of the call
 *
 * Context: as the call. Locking: none of the model's.
 */
void pp_gup_event(struct mm_struct *mm, unsigned long start,
		  struct page **pages, unsigned long nr, unsigned int flags)
{
	unsigned int evf = PINPAGE_EVF_GUP;

	if (!pages || !nr)
		return;
	if (flags & FOLL_WRITE)
		evf |= PINPAGE_EVF_WRITE;
	if (flags & FOLL_LONGTERM)
		evf |= PINPAGE_EVF_LONGTERM;
	if (flags & FOLL_PIN)
		pp_emit(PIN, .flags = evf, .page = pages[0], .pages = pages,
			.nr = nr, .mm = mm, .addr = start,
			.site = current->site);
	else
		pp_emit(GET, .flags = evf, .page = pages[0], .pages = pages,
			.nr = nr, .mm = mm, .addr = start,
			.site = current->site);
}

/**
 * pp_gup_count_undone() - vmstat for pins that were taken and given back
 * @page:  was pinned
 * @nr:    pins of its folio
 * @flags: nothing happens without FOLL_PIN
 *
 * The kernel counts a pin when it is taken, so one that does not last moves
 * both counters.
 *
 * Context: any. Locking: none.
 */
void pp_gup_count_undone(const struct page *page, unsigned long nr,
			 unsigned int flags)
{
	if (!(flags & FOLL_PIN) || !pp_gup_tracks_pins() ||
	    pp_gup_zero_exempt(page))
		return;
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, (long)nr);
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_RELEASED, (long)nr);
}

/**
 * pp_gup_release() - give back pages of a call that then failed
 * @pages: taken one by one, each owed one release
 * @nr:    of them
 * @flags: as taken
 *
 * Counts the pins as acquired and released, as the kernel does, so that both
 * counters move. No event: the caller never saw these pages.
 *
 * Context: process. Locking: none needed.
 */
void pp_gup_release(struct page **pages, unsigned long nr, unsigned int flags)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		pp_gup_count_undone(pages[i], 1, flags);
		pp_gup_drop(pages[i], 1, flags);
	}
}
