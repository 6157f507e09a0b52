// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * folio.c - more pins on a folio that the caller names
 *
 * Mirrors: mm/gup.c:folio_add_pin(), folio_add_pins().
 */
#include "gup/gup.h"

#include <limits.h>

static void tell_pins(struct page *head, unsigned int pins)
{
	pp_emit(PIN, .flags = PINPAGE_EVF_FOLIO, .page = head, .nr = pins,
		.site = current->site);
}

/* Whoever adds a pin has one: the count cannot be refused. */
static void add_pin(struct page *head)
{
	if (!pp_gup_zero_exempt(head)) {
		pp_warn_on_once(pp_gup_tracks_pins() &&
				!pp_maybe_dma_pinned(head));
		if (!pp_pin_try_at_once(head, 1)) {
			pp_warn_once("folio_add_pin: refcount %d of pfn %lu",
				     page_ref_count(head), page_to_pfn(head));
			return;
		}
	}
	tell_pins(head, 1);
}

void pinpage_folio_add_pin(struct folio *folio)
{
	struct page *head = (struct page *)folio;

	if (!pp_ready())
		return;
	if (!pp_page_valid(head)) {
		pp_warn_once("folio_add_pin: not a folio");
		return;
	}
	pp_enter(__builtin_return_address(0));
	add_pin(compound_head(head));
	pp_leave();
}

static int add_pins(struct page *head, unsigned int pins)
{
	int err = pp_gup_grab(head, (int)pins, FOLL_PIN);

	if (err)
		return err;
	if (pp_gup_tracks_pins() && !pp_gup_zero_exempt(head))
		pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, (long)pins);
	tell_pins(head, pins);
	return 0;
}

int pinpage_folio_add_pins(struct folio *folio, unsigned int pins)
{
	struct page *head = (struct page *)folio;
	int err;

	if (!pp_ready())
		return -EINVAL;
	if (!pp_page_valid(head) || !pins || pins > INT_MAX / 1024) {
		pp_warn_once("folio_add_pins: %u pins of %p", pins,
			     (void *)folio);
		return -EINVAL;
	}
	pp_enter(__builtin_return_address(0));
	err = add_pins(compound_head(head), pins);
	pp_leave();
	return err;
}
