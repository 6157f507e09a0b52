/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_EVENT_EVENT_H
#define PP_EVENT_EVENT_H

/*
 * The emitting side of the spine, and the statistics folded on read.
 *
 * With nobody listening an event costs one load and one predictable branch.
 * Statistics are the spine's built-in subscriber: a per-thread add. Nothing
 * in this room allocates or fails.
 */
#include <pinpage/event.h>

#include "base/compiler.h"

/* union of the kinds of all subscribers, 64 kinds a word; 0: nobody listens */
#define PP_EVENT_WORDS	2
extern uint64_t pp_event_listening[PP_EVENT_WORDS];

/* One load when @kind is a constant, as it is in pp_emit(). */
static inline bool pp_event_wanted(enum pinpage_event_kind kind)
{
	return unlikely(READ_ONCE(pp_event_listening[kind / 64]) >>
			(kind % 64) & 1);
}

void pp_event_deliver(const struct pinpage_event *event);

/*
 * pp_emit(PIN, .page = page, .nr = 1, .site = site)
 * The arguments are evaluated only if somebody wants the event. In the
 * deterministic engine this is a possible switch to another task.
 */
#define pp_emit(sym, ...)						\
	do {								\
		if (pp_event_wanted(PINPAGE_EV_##sym))			\
			pp_event_deliver(&(struct pinpage_event){	\
				.kind = PINPAGE_EV_##sym,		\
				__VA_ARGS__ });				\
	} while (0)

/**
 * struct pp_stat_block - what one thread has counted, and whether it delivers
 * @item:       o amounts since boot or since the thread took the block
 * @delivering: o deliveries that have begun and not ended; more than one when
 *              a fiber was switched away inside its delivery
 * @taken:      s a thread owns it
 *
 * o: written by the owning thread only, read by all; s: stat_lock.
 * Blocks come from a fixed pool. A thread beyond the pool has none and counts
 * on shared atomics instead.
 */
struct pp_stat_block {
	long item[PINPAGE_NR_STATS];
	unsigned int delivering;
	bool taken;
} pp_cacheline_aligned;

extern pp_thread_local struct pp_stat_block *pp_stat_mine;

struct pp_stat_block *pp_stat_attach(void);
void pp_stat_detach(void);
void pp_stat_add_slow(enum pinpage_stat item, long amount);
void pp_stat_reset(void);
void pp_event_reset(void);

/* for lib/event alone: the pool as the other file sees it */
struct pp_stat_block *pp_stat_pool(size_t *nr);
bool pp_stat_alone(void);

/**
 * pp_stat_add() - count
 * @item:   which counter
 * @amount: pages, mostly; negative for what falls
 *
 * Context: any. Locking: none. Order: none.
 * Mirrors: mm/vmstat.c:mod_node_page_state(); differs: nothing to fold.
 */
static inline void pp_stat_add(enum pinpage_stat item, long amount)
{
	struct pp_stat_block *block = pp_stat_mine;

	if (likely(block))
		WRITE_ONCE(block->item[item], block->item[item] + amount);
	else
		pp_stat_add_slow(item, amount);
}

#endif
