/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * page/unpin_wait.h - wait until a page is no longer maybe-pinned
 *
 * Only the stay-dirty-wait rules wait for pins. Releases must not pay for it:
 * they read one counter that is zero unless somebody waits.
 */
#ifndef PP_PAGE_UNPIN_WAIT_H
#define PP_PAGE_UNPIN_WAIT_H

#include "page/page.h"

extern atomic_t pp_unpin_waiters;	/* tasks inside pp_wait_unpinned() */

void pp_wait_unpinned(struct page *head);
bool pp_wait_idle(struct page *head, int idle);
void pp_unpin_wake(void);

/*
 * To be called after pp_unpin(). Its full barrier pairs with the one in
 * pp_wait_unpinned() [waiters raised, then the count read]: without it the
 * waiter reads the old count and the releaser the old number of waiters.
 */
static inline void pp_unpinned(void)
{
	if (unlikely(atomic_read(&pp_unpin_waiters)))
		pp_unpin_wake();
}

#endif
