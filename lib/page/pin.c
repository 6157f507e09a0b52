// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pin.c - the part of a pin that is not on the native fast path
 */
#include "page/page.h"

#include <limits.h>

#include "event/event.h"
#include "page/internal.h"

struct pp_pin_rules pp_pin_rules;

/**
 * pp_pin_boot() - take the arithmetic of pins from the rules
 * @rules: in force
 *
 * The one place that reads pin_tracking and ref_guard.
 *
 * Context: boot. Mirrors: none.
 */
void pp_pin_boot(const struct pinpage_rules *rules)
{
	pp_pin_rules.guarded = rules->ref_guard == PINPAGE_REF_TRY_GET;
	pp_pin_rules.bias = GUP_PIN_COUNTING_BIAS;
	switch (rules->pin_tracking) {
	case PINPAGE_PIN_NONE:
		pp_pin_rules.bias = 1;
		pp_pin_rules.counted_order = UINT_MAX;
		break;
	case PINPAGE_PIN_BIAS_EXACT2:
		pp_pin_rules.counted_order = 2;
		break;
	case PINPAGE_PIN_BIAS_EXACT:
		pp_pin_rules.counted_order = 1;
		break;
	}
}

/**
 * pp_pin_try_steps() - pp_pin_try() with its middle state
 *
 * As pp_pin_try_as(), except: a yield point lies between the entry that was
 * read and the first addition, GRAB between the two additions: other tasks can
 * see a page that is referenced and not yet pinned.
 *
 * Context: deterministic engine.
 * Mirrors: mm/gup.c:try_grab_folio() 6.1: try_get_folio(), then the rest.
 */
bool pp_pin_try_steps(struct page *head, int refs, bool counted)
{
	pp_emit(YIELD, .page = head, .nr = (unsigned long)refs, .name = "entry-read",
		.site = pp_page_site());
	if (!pp_ref_add_try(head, (unsigned int)refs))
		return false;
	if (pp_pin_rules.bias == 1)
		return true;
	pp_emit(GRAB, .page = head, .nr = (unsigned long)refs,
		.site = pp_page_site());
	if (counted && !pp_has_pincount((struct folio *)head)) {
		pp_unref_many(head, refs);
		return false;
	}
	if (counted)
		atomic_fetch_add(refs, &head[1].pincount);
	else
		atomic_fetch_add((int)((unsigned int)refs *
				       (pp_pin_rules.bias - 1)),
				 &head->_refcount);
	return true;
}

/**
 * pp_pin_try_counted() - pp_pin_try_at_once() of a folio that has a pincount
 *
 * As pp_pin_try_at_once(), except: also false if the folio was split until its
 * references were taken; they are given back then.
 *
 * Mirrors: mm/gup.c:try_get_folio(), its look at the head after the count.
 */
bool pp_pin_try_counted(struct page *head, int refs)
{
	if (!pp_ref_add_try(head, (unsigned int)refs))
		return false;
	if (unlikely(!pp_has_pincount((struct folio *)head))) {
		pp_unref_many(head, refs);
		return false;
	}
	atomic_fetch_add(refs, &head[1].pincount);
	return true;
}

/**
 * pp_pin_undo() - take back a pin of a head that turned out to be stale
 * @head:    as it was given to pp_pin_try()
 * @refs:    as then
 * @counted: what pp_has_pincount() said before
 *
 * Context: as pp_unpin().
 */
void pp_pin_undo(struct page *head, int refs, bool counted)
{
	unsigned int sub = (unsigned int)refs;

	if (counted)
		atomic_fetch_sub(refs, &head[1].pincount);
	else
		sub *= pp_pin_rules.bias;
	if (atomic_sub_and_test((int)sub, &head->_refcount))
		pp_free_last(head);
}
