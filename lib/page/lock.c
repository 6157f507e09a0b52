// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lock.c - the page lock and the wait for writeback: two bits of page->flags
 *
 * Rank PAGE. The lock belongs to the page, not to the task: whoever ends an
 * I/O may unlock what another task locked.
 * Mirrors: mm/filemap.c:__folio_lock(), folio_unlock(), folio_end_writeback()
 */
#include "page/page.h"

#include "event/event.h"
#include "page/internal.h"

static const char lock_name[] = "page lock";

/**
 * pp_lock_page() - lock the folio of a page
 * @page: any page of it; the caller holds a reference
 *
 * Context: process; sleeps. Locking: takes rank PAGE.
 * Order:   acquire. Mirrors: include/linux/pagemap.h:lock_page()
 */
void pp_lock_page(struct page *page)
{
	struct page *head = compound_head(page);

	pp_bit_lock(PINPAGE_PG_LOCKED, &head->flags, lock_name,
		    PINPAGE_RANK_PAGE);
	pp_emit(LOCK_PAGE, .page = head, .nr = 1, .site = pp_page_site());
}

/**
 * pp_lock_page_killable() - As pp_lock_page(), except: a fatal signal ends the
 * wait
 *
 * Return: 0; -EINTR: killed, not locked.
 * Mirrors: include/linux/pagemap.h:lock_page_killable()
 */
int pp_lock_page_killable(struct page *page)
{
	struct page *head = compound_head(page);
	int err = pp_bit_lock_killable(PINPAGE_PG_LOCKED, &head->flags,
				       lock_name, PINPAGE_RANK_PAGE);

	if (!err)
		pp_emit(LOCK_PAGE, .page = head, .nr = 1,
			.site = pp_page_site());
	return err;
}

/**
 * pp_wait_locked() - wait until nobody has the folio of a page locked
 * @page: any page of it; the caller holds a reference
 *
 * Context: process; sleeps. Locking: none of rank PAGE or above.
 * Mirrors: include/linux/pagemap.h:wait_on_page_locked()
 */
void pp_wait_locked(struct page *page)
{
	pp_bit_wait_clear(PINPAGE_PG_LOCKED, &compound_head(page)->flags);
}

/* As pp_wait_locked(), except: 0, or -EINTR: killed. */
int pp_wait_locked_killable(struct page *page)
{
	return pp_bit_wait_killable(PINPAGE_PG_LOCKED,
				    &compound_head(page)->flags);
}

/**
 * pp_trylock_page() - As pp_lock_page(), except: never sleeps
 * @page: any page of the folio
 *
 * Context: any. Return: true if the lock is now the caller's.
 */
bool pp_trylock_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (!pp_bit_trylock(PINPAGE_PG_LOCKED, &head->flags, lock_name,
			    PINPAGE_RANK_PAGE))
		return false;
	pp_emit(LOCK_PAGE, .page = head, .nr = 1, .site = pp_page_site());
	return true;
}

/**
 * pp_unlock_page() - unlock the folio of a page, wake who waits
 * @page: any page of the folio
 *
 * UNLOCK_PAGE is emitted while the lock is still held. If nobody holds it:
 * one warning.
 *
 * Context: any. Order: release. Mirrors: mm/filemap.c:unlock_page()
 */
void pp_unlock_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (unlikely(!PageLocked(head))) {
		pp_warn_once("unlock_page: pfn %lu is not locked",
			     page_to_pfn(head));
		return;
	}
	pp_emit(UNLOCK_PAGE, .page = head, .nr = 1, .site = pp_page_site());
	pp_bit_unlock(PINPAGE_PG_LOCKED, &head->flags);
}

/**
 * pp_wait_writeback() - wait until PG_writeback reads clear
 * @head: small page or head; the caller holds a reference
 *
 * Context: process; sleeps. Locking: the page lock may be held.
 * Mirrors: mm/page-writeback.c:folio_wait_writeback()
 */
void pp_wait_writeback(struct page *head)
{
	pp_bit_wait_clear(PINPAGE_PG_WRITEBACK, &head->flags);
}

/**
 * pp_end_writeback_flag() - clear PG_writeback and wake who waits for it
 * @head: small page or head under writeback
 *
 * Context: any. Order: release; what the I/O did is seen by the woken.
 * Mirrors: mm/filemap.c:folio_end_writeback(), its last part.
 */
void pp_end_writeback_flag(struct page *head)
{
	if (unlikely(!PageWriteback(head)))
		pp_bug("end of writeback: pfn %lu is not under writeback",
		       page_to_pfn(head));
	pp_bit_clear_wake(PINPAGE_PG_WRITEBACK, &head->flags);
}

/* public; contracts: page.h */

void pinpage_lock_page(struct page *page)
{
	if (!pp_page_ok(page))
		return;
	pp_enter(__builtin_return_address(0));
	pp_lock_page(page);
	pp_leave();
}

bool pinpage_trylock_page(struct page *page)
{
	bool got;

	if (!pp_page_ok(page))
		return false;
	pp_enter(__builtin_return_address(0));
	got = pp_trylock_page(page);
	pp_leave();
	return got;
}

void pinpage_unlock_page(struct page *page)
{
	if (!pp_page_ok(page))
		return;
	pp_enter(__builtin_return_address(0));
	pp_unlock_page(page);
	pp_leave();
}

void pinpage_wait_on_page_writeback(struct page *page)
{
	if (!pp_page_ok(page))
		return;
	pp_enter(__builtin_return_address(0));
	pp_wait_writeback(compound_head(page));
	pp_leave();
}
