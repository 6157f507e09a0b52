/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_PAGE_PIN_H
#define PP_PAGE_PIN_H

/*
 * page/pin.h - the arithmetic of a pin: the one place that knows the bias
 *
 * Included by page/page.h only.
 *
 *                    get         pin                        unpin
 * small              ref += n    ref += n * 1024            ref -= n * 1024
 * folio, counted     ref += n    ref += n, pincount += n    pincount -= n, ref -= n
 *
 * Which folios are counted, and whether there is a bias at all, comes from the
 * rules at boot. One locked RMW for a small page, two for a counted folio,
 * however many of its pages.
 *
 * A. A grab fails exactly if the count read is <= 0; the add that makes it
 *    negative succeeds. With b < 1024 plain references 2 097 152 pins of one
 *    small page fit.
 * B. A folio may be seen referenced but not pinned, never pinned but not
 *    referenced.
 * C. A stale head may be split, or freed and used again, until the references
 *    are taken: only then does whether it is counted stay as it is. Who finds
 *    out afterwards undoes what was done, not what would be done now.
 * Mirrors: mm/gup.c:try_grab_folio(), gup_put_folio(); include/linux/mm.h:
 * folio_maybe_dma_pinned().
 */

/* from the rules; constant between boot and shutdown */
struct pp_pin_rules {
	unsigned int bias;		/* 1: a pin is a reference */
	unsigned int counted_order;	/* folios from this order have pincount */
	bool guarded;			/* refuse on a negative count, too */
};
extern struct pp_pin_rules pp_pin_rules __attribute__((visibility("hidden")));

void pp_pin_boot(const struct pinpage_rules *rules);
bool pp_pin_try_steps(struct page *head, int refs, bool counted);
bool pp_pin_try_counted(struct page *head, int refs);
void pp_pin_undo(struct page *head, int refs, bool counted);

/* Does @folio have an exact count of its pins? */
static inline bool pp_has_pincount(const struct folio *folio)
{
	return unlikely(folio_test_large(folio)) &&
	       folio_order(folio) >= pp_pin_rules.counted_order;
}

/* refcount defence of 5.1: before it only a free page was refused */
static inline bool pp_ref_refused(int count)
{
	return unlikely(count <= 0) && (!count || pp_pin_rules.guarded);
}

/*
 * pp_ref_add_try() - add @add to the count of @head unless it is <= 0
 *
 * Order: full barrier when it adds; none when it refuses.
 */
static inline bool pp_ref_add_try(struct page *head, unsigned int add)
{
	int old = atomic_read(&head->_refcount);

	do {
		if (pp_ref_refused(old))
			return false;
	} while (!atomic_try_cmpxchg(&head->_refcount, &old,
				     (int)((unsigned int)old + add)));
	return true;
}

/**
 * pp_pin_try_at_once() - pin @refs pages of a folio in one step
 * @head: of the folio; the caller makes sure that it is one
 * @refs: 4 KiB pages covered, > 0
 *
 * Context: any. Locking: none.
 * Order:   full barrier after the count went up.
 * Return:  false if the count was <= 0 (free, frozen or overflown).
 * Mirrors: mm/gup.c:try_grab_page() 6.1, try_grab_folio() 6.12.
 */
static inline bool pp_pin_try_at_once(struct page *head, int refs)
{
	if (likely(!pp_has_pincount((struct folio *)head)))
		return pp_ref_add_try(head, (unsigned int)refs *
					    pp_pin_rules.bias);
	return pp_pin_try_counted(head, refs);
}

/*
 * pp_pin_try_as() - As pp_pin_try(), except: @counted is what
 * pp_has_pincount() said, so that pp_pin_undo() can be told the same
 */
static inline bool pp_pin_try_as(struct page *head, int refs, bool counted)
{
	if (unlikely(pp_engine_is_fiber))
		return pp_pin_try_steps(head, refs, counted);
	if (likely(!counted))
		return pp_ref_add_try(head, (unsigned int)refs *
					    pp_pin_rules.bias);
	return pp_pin_try_counted(head, refs);
}

/**
 * pp_pin_try() - pin @refs pages of a folio, as the fast walk does
 *
 * As pp_pin_try_at_once(), except: under the deterministic engine it passes
 * through the kernel's middle state, references but no pin yet, and says so
 * with GRAB.
 * Mirrors: mm/gup.c:try_grab_folio() 6.1, try_grab_folio_fast() 6.12.
 */
static inline bool pp_pin_try(struct page *head, int refs)
{
	return pp_pin_try_as(head, refs, pp_has_pincount((struct folio *)head));
}

/**
 * pp_unpin() - undo pp_pin_try()
 * @head: of the folio
 * @refs: pins to drop, > 0; not checked against what is held
 *
 * Frees the folio at zero.
 *
 * Context: any, but not with a lock of rank LRU or higher held.
 * Order:   full barrier before the count goes down; pincount goes first.
 * Mirrors: mm/gup.c:gup_put_folio()
 */
static inline void pp_unpin(struct page *head, int refs)
{
	unsigned int sub = (unsigned int)refs;

	if (unlikely(pp_has_pincount((struct folio *)head)))
		atomic_fetch_sub(refs, &head[1].pincount);
	else
		sub *= pp_pin_rules.bias;
	if (unlikely(atomic_sub_and_test((int)sub, &head->_refcount)))
		pp_free_last(head);
}

/**
 * pp_maybe_dma_pinned() - may a device be using this page's folio?
 * @page: any page of it
 *
 * False is certain. True is exact for a counted folio; for others any mixture
 * of 1024 references reads as a pin. Without pin tracking: false.
 *
 * Order: none; after clearing a PTE the caller needs a full barrier first.
 * Mirrors: include/linux/mm.h:page_maybe_dma_pinned()
 */
static inline bool pp_maybe_dma_pinned(const struct page *page)
{
	const struct folio *folio = page_folio(page);

	if (unlikely(pp_has_pincount(folio)))
		return atomic_read(&(&folio->page)[1].pincount) > 0;
	if (pp_pin_rules.bias == 1)
		return false;
	return (unsigned int)page_ref_count(&folio->page) >= pp_pin_rules.bias;
}

#endif
