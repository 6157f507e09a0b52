// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * unpin_wait.c - the waiting side of "wait for unpin"
 *
 * A waiter raises pp_unpin_waiters, reads the sequence, tests the page and
 * parks on the sequence; a release that sees a waiter moves the sequence.
 */
#include "page/unpin_wait.h"

atomic_t pp_unpin_waiters;
static uint32_t unpin_seq;		/* moves at every wake-up */

/**
 * pp_unpin_wake() - let every waiter look at its page again
 *
 * Context: any; does not sleep. Locking: none.
 */
void pp_unpin_wake(void)
{
	uint32_t seq = READ_ONCE(unpin_seq);

	while (!try_cmpxchg(&unpin_seq, &seq, seq + 1))
		;
	pp_unpark(&unpin_seq, INT32_MAX);
}

#define POLL_FIRST_NS	1000000ull
#define POLLS		20		/* the last one after 17 minutes */

/*
 * 1024 plain references look like a pin, and when they go nobody tells: look
 * again after 1, 2, 4, ... milliseconds. In the end only a release helps, so
 * that a pin which never goes is still a deadlock that can be seen.
 */
static void park(uint32_t seq, unsigned int round)
{
	if (round < POLLS)
		pp_park_timeout(&unpin_seq, seq, pinpage_ktime_get_ns() +
				(POLL_FIRST_NS << round));
	else
		pp_park(&unpin_seq, seq);
}

/**
 * pp_wait_unpinned() - sleep until a folio is not maybe-pinned
 * @head: head page; the caller holds a reference
 *
 * Waits for false positives too (1024 plain references): the rules that wait
 * have that flaw, and it must be visible.
 *
 * Context: process; sleeps. Locking: caller may hold the page lock.
 */
void pp_wait_unpinned(struct page *head)
{
	unsigned int round = 0;

	/*
	 * MB wait-unpin (A): waiters raised, then the count read. Pairs with the
	 * full barrier of pp_unpin() in front of pp_unpinned() (B). Without it
	 * both see the past and the waiter sleeps for good.
	 * Test: page/pin wait_unpinned_wakes.
	 */
	atomic_fetch_inc(&pp_unpin_waiters);
	for (;;) {
		uint32_t seq = smp_load_acquire(&unpin_seq);

		if (!pp_maybe_dma_pinned(head))
			break;
		park(seq, round++);
	}
	atomic_dec(&pp_unpin_waiters);
}

/**
 * pp_wait_idle() - sleep until a folio has no references but those expected
 * @head: head page; the caller holds a reference, which @idle counts
 * @idle: references of a folio that nobody else holds
 *
 * Plain references count as pins do: releases of them do not wake, but the
 * waiter looks again by itself.
 *
 * Context: process; sleeps, interruptibly. Locking: no lock that a release
 *          needs.
 * Order:   as pp_wait_unpinned(). Test: pagecache/dax truncate_waits_for_pin.
 * Return:  true: idle; false: a signal is pending.
 * Mirrors: fs/dax.c:wait_page_idle()
 */
bool pp_wait_idle(struct page *head, int idle)
{
	unsigned int round = 0;
	bool done = false;

	atomic_fetch_inc(&pp_unpin_waiters);
	for (;;) {
		uint32_t seq = smp_load_acquire(&unpin_seq);

		done = page_ref_count(head) <= idle;
		if (done || pinpage_signal_pending())
			break;
		park(seq, round++);
	}
	atomic_dec(&pp_unpin_waiters);
	return done;
}
