// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fscon.c - FSCON: file systems are told before their pages get dirty
 *
 * A file page may be dirtied only between a notification (page_mkwrite,
 * write()) and the clean that closes it, with its private data still there,
 * and by somebody who keeps truncation out.
 *
 * I1. Only drivers are judged: a DIRTY that follows a DIRTY_CALL of the same
 *     page. What the model dirties itself has been notified.
 * I2. Private data released by truncation or invalidation is no matter: the
 *     accusation waits for the next thing that somebody does with the page,
 *     once whoever has released it has dropped the page lock.
 * I3. A page without a mapping (truncated, anonymous), or one in a range that
 *     is being truncated, may be dirtied by anybody at any time.
 */
#include "check/internal.h"

#include <string.h>

static void accuse(const struct pinpage_event *event,
		   const struct pp_slot *slot, struct pp_finding *f,
		   uint64_t step)
{
	const struct pp_acq *acq = pp_slot_writer(slot);

	f->probe = PINPAGE_CHECK_FSCON;
	if (!f->severity)
		f->severity = PINPAGE_HAZARD;
	f->site = event->site;
	if (!f->partner && acq) {
		f->partner = acq->site;
		f->partner_is = "acquired for writing here";
	}
	f->page = event->page;
	f->slot = slot;
	f->mapping = event->mapping;
	f->index = event->index;
	f->step = step;
	pp_raise(f);
}

static const char *write_advice(void)
{
	return pp_rules->release_api == PINPAGE_RELEASE_UNPIN ?
		"pin with FOLL_WRITE if the device writes, and keep the pin short" :
		"get with FOLL_WRITE if the device writes, and release before write-back can come";
}

/**
 * pp_fscon_private_taken() - say that private data went under a writer
 * @event: what shows that the page is still in use
 * @head:  its head
 *
 * Locking: slot of @head locked; it has a shadow.
 */
void pp_fscon_private_taken(const struct pinpage_event *event,
			    struct page *head, uint64_t step)
{
	struct pp_slot *slot = pp_slot_of(head);
	struct pp_shadow *s = slot->shadow;
	struct pinpage_event at = *event;
	struct pp_finding f = {
		.rule = "private-released-under-write-token",
		.headline = "the file system's private data was released under a token that writes",
		.consequence =
			"whoever dirties the page now dirties it "
			"behind the file system's back",
		.rule_switch = "reclaim_keeps_private",
		.advice = pp_rules->pin_tracking == PINPAGE_PIN_NONE ?
			"no call helps under these rules: nobody can see that the page is in use" :
			"pin_user_pages() instead of get_user_pages(): reclaim can see pins",
	};

	s->priv_taken = false;
	s->priv_under_write = true;
	if (!(pp_check_mask & PINPAGE_CHECK_FSCON))
		return;
	at.page = head;
	at.mapping = s->file->mapping;
	at.index = s->index;
	accuse(&at, slot, &f, step);
}

/* -- dirtying -- */

static void unlocked(const struct pinpage_event *event,
		     const struct pp_slot *slot, uint64_t step)
{
	struct pp_finding f = {
		.rule = "dirty-unlocked",
		.headline = "a file page was marked dirty without its page lock",
		.consequence = "truncation may free the file between looking at it and using it",
		.rule_switch = pp_rules->has_put_dirty ? "has_put_dirty" :
							 NULL,
		.advice = "set_page_dirty_lock(), or the *_dirty_lock release of these rules",
	};

	accuse(event, slot, &f, step);
}

static void dirty_call(const struct pinpage_event *event,
		       struct pp_slot *slot, uint64_t step)
{
	bool excluded = event->flags & (PINPAGE_EVF_LOCKED |
					PINPAGE_EVF_MAPPED);

	if (!event->arg) {
		slot->bits &= (uint8_t)~(PP_SLOT_DIRTY_CALL |
					 PP_SLOT_DIRTY_UNLOCKED);
		if (slot->shadow && event->mapping && !excluded)
			unlocked(event, slot, step);
		return;
	}
	if (!event->mapping || !pp_shadow_wanted(event->mapping))
		return;
	slot->bits |= PP_SLOT_DIRTY_CALL;
	if (!excluded)
		slot->bits |= PP_SLOT_DIRTY_UNLOCKED;
}

/* the mapping that the driver has looked at is gone: the race happened */
static void truncate_won(const struct pinpage_event *event,
			 const struct pp_slot *slot, uint64_t step)
{
	struct pp_finding f = {
		.rule = "dirty-vs-truncate", .severity = PINPAGE_TRAP,
		.headline = "set_page_dirty() used a file that truncation had taken the page from",
		.consequence = "the kernel follows a pointer to an inode that may be free",
		.rule_switch = pp_rules->has_put_dirty ? "has_put_dirty" :
							 NULL,
		.advice = "set_page_dirty_lock(), or the *_dirty_lock release of these rules",
	};

	accuse(event, slot, &f, step);
}

static void not_notified(const struct pinpage_event *event,
			 const struct pp_slot *slot, uint64_t step)
{
	struct pp_finding f = {
		.rule = "dirty-without-notification",
		.headline =
			"a clean file page was marked dirty, the "
			"file system was not asked first",
		.consequence = "no block is reserved for the write-back that must follow",
		.rule_switch = "writeback_pinned",
		.advice = write_advice(),
	};

	accuse(event, slot, &f, step);
}

static void no_buffers(const struct pinpage_event *event,
		       const struct pp_slot *slot, uint64_t step)
{
	struct pp_finding f = {
		.rule = "dirty-without-buffers",
		.headline = "a file page was marked dirty after its private data had been released",
		.consequence = "write-back will find a dirty page without buffers",
		.rule_switch = slot->shadow->priv_under_write ?
			"reclaim_keeps_private" : "no_buffers",
		.advice = write_advice(),
	};

	accuse(event, slot, &f, step);
}

static void got_dirty(const struct pinpage_event *event, struct pp_slot *slot,
		      uint64_t step)
{
	uint8_t bits = slot->bits;
	struct pp_shadow *s = slot->shadow;

	slot->bits &= (uint8_t)~(PP_SLOT_DIRTY_CALL | PP_SLOT_DIRTY_UNLOCKED);
	if (!(bits & PP_SLOT_DIRTY_CALL))
		return;
	if (!event->mapping) {
		if (bits & PP_SLOT_DIRTY_UNLOCKED)
			truncate_won(event, slot, step);
		return;
	}
	if (!s || s->doomed)
		return;
	if (!s->notified)
		not_notified(event, slot, step);
	if (s->priv_gone && !PagePrivate(event->page))
		no_buffers(event, slot, step);
}

/* -- the model stops -- */

static bool about_buffers(const struct pinpage_event *event,
			  const struct pp_slot *slot)
{
	if (event->name && strstr(event->name, "buffers"))
		return true;
	return slot && slot->shadow && slot->shadow->priv_gone;
}

static void trapped(const struct pinpage_event *event, uint64_t step)
{
	struct pp_slot *slot = pp_page_valid(event->page) ?
		pp_slot_of(compound_head(event->page)) : NULL;
	struct pp_finding f = {
		.rule = "dirty-without-buffers", .severity = PINPAGE_TRAP,
		.headline = "write-back met a dirty page without buffers",
		.consequence = "the kernel stops here: BUG() in the file system",
		.rule_switch = "no_buffers", .advice = write_advice(),
	};
	struct pinpage_event at = *event;

	if (!slot || !about_buffers(event, slot)) {
		pp_check_trapped(event, step);
		return;
	}
	pp_cspin_lock(&slot->lock);
	if (slot->shadow && slot->shadow->dirty_site)
		at.site = slot->shadow->dirty_site;
	if (slot->shadow && slot->shadow->priv_under_write)
		f.rule_switch = "reclaim_keeps_private";
	accuse(&at, slot, &f, step);
	pp_cspin_unlock(&slot->lock);
}

/* -- dispatch; slot locked -- */

static void private_released(struct pp_slot *slot)
{
	struct pp_shadow *s = slot->shadow;

	s->priv_gone = true;
	if (!s->leaving && !s->doomed && pp_slot_writer(slot))
		s->priv_taken = true;
}

static void on_shadow(const struct pinpage_event *event, struct pp_slot *slot,
		      uint64_t step)
{
	struct pp_shadow *s = slot->shadow;

	switch (event->kind) {
	case PINPAGE_EV_RESERVE:
		s->notified |= !(event->flags & PINPAGE_EVF_ERROR);
		break;
	case PINPAGE_EV_MKWRITE:
	case PINPAGE_EV_FILE_WRITE:
		s->notified = true;
		break;
	case PINPAGE_EV_CLEAN:
	case PINPAGE_EV_READ_IN:
		s->notified = false;
		break;
	case PINPAGE_EV_PRIV_ATTACH:
		s->priv_gone = s->priv_taken = s->priv_under_write = false;
		break;
	case PINPAGE_EV_PRIV_RELEASE:
		private_released(slot);
		break;
	case PINPAGE_EV_INVALIDATE:
	case PINPAGE_EV_TRUNCATE:
		s->priv_taken = false;
		break;
	case PINPAGE_EV_DIRTY:
	case PINPAGE_EV_DMA_WRITE:
		if (s->priv_taken && event->mapping != NULL &&
		    (event->flags & PINPAGE_EVF_LOCKED ||
		     !PageLocked(event->page)))
			pp_fscon_private_taken(event, event->page, step);
		break;
	default:
		break;
	}
}

void pp_fscon_event(const struct pinpage_event *event, uint64_t step)
{
	struct pinpage_event at = *event;
	struct pp_slot *slot;

	if (event->kind == PINPAGE_EV_TRAP) {
		trapped(event, step);
		return;
	}
	if (!pp_page_valid(event->page))
		return;
	at.page = compound_head(event->page);
	slot = pp_slot_of(at.page);
	pp_cspin_lock(&slot->lock);
	if (slot->shadow)
		on_shadow(&at, slot, step);
	if (event->kind == PINPAGE_EV_DIRTY_CALL)
		dirty_call(&at, slot, step);
	else if (event->kind == PINPAGE_EV_DIRTY)
		got_dirty(&at, slot, step);
	else if (event->kind == PINPAGE_EV_CLEAN ||
		 event->kind == PINPAGE_EV_CACHE_ADD)
		slot->bits &= (uint8_t)~(PP_SLOT_DIRTY_CALL |
					 PP_SLOT_DIRTY_UNLOCKED);
	pp_cspin_unlock(&slot->lock);
}
