// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * core.c - one subscriber for all checkers: on, off, and who hears what
 *
 * I1. With no probe on nothing is subscribed and nothing allocated.
 * I2. The ledger hears a release before the counts drop and before CLEAN
 *     and FSCON hear anything later about the frame.
 */
#include "check/internal.h"

#include <sched.h>
#include <stdlib.h>

#define STEP_BLOCK 64u

unsigned int pp_check_mask;
bool pp_check_strict;

uint64_t pp_check_steps;
static atomic64_t step_blocks;
pp_thread_local struct pp_step_block pp_step_mine;

/* -- the spin word -- */

void pp_cspin_wait(pp_cspin_t *lock)
{
	unsigned int spins = 0;

	do {
		while (READ_ONCE(lock->word)) {
			if (++spins % 64)
				cpu_relax();
			else
				sched_yield();
		}
	} while (cmpxchg_acquire(&lock->word, 0, 1));
}

/* a block of numbers for this thread */
uint64_t pp_check_step_slow(void)
{
	uint64_t first = (uint64_t)atomic64_fetch_add_relaxed(STEP_BLOCK,
							      &step_blocks);

	pp_step_mine.next = first + 2;
	pp_step_mine.end = first + STEP_BLOCK + 1;
	return first + 1;
}

/* -- delivery -- */

#define B(kind) PINPAGE_EV_BIT(PINPAGE_EV_##kind)

#define LEDGER_KINDS							\
	(B(GET) | B(PUT) | B(PIN) | B(UNPIN) | B(ALLOC) | B(FREE) |	\
	 B(SPLIT) | B(WARN))
#define CLEAN_KINDS							\
	(B(CACHE_ADD) | B(CACHE_REMOVE) | B(READ_IN) | B(DIRTY) |	\
	 B(CLEAN) | B(WB_START) | B(WB_END) | B(DROPPED) |		\
	 B(FSYNC_START) | B(FSYNC_END) | B(TRUNCATE) | B(INVALIDATE) |	\
	 B(EVICT) | B(FILE_WRITE) | B(DIO) | B(POWER_CUT) |		\
	 B(CPU_STORE) | B(DMA_WRITE) | B(MIGRATE))
#define FSCON_KINDS							\
	(B(CACHE_ADD) | B(CACHE_REMOVE) | B(DIRTY) | B(DIRTY_CALL) |	\
	 B(CLEAN) | B(PRIV_ATTACH) | B(PRIV_RELEASE) | B(RESERVE) |	\
	 B(FILE_WRITE) | B(MKWRITE) | B(TRUNCATE) | B(INVALIDATE) |	\
	 B(DMA_WRITE) | B(WB_START) | B(READ_IN) | B(TRAP))
/* for the story only */
#define TRAIL_KINDS							\
	(B(RELEASE_CALL) | B(UNDIRTY) | B(SKIP) | B(BOUNCE) |		\
	 B(WAIT_UNPIN) | B(MKCLEAN) | B(PTE_WRPROTECT) | B(COW) |	\
	 B(FORK_PINNED) | B(RECLAIM) | B(DMA_READ) | B(TRAP) | B(WARN))

/* A TRAP of the model that no probe has a better name for. */
pp_cold void pp_check_trapped(const struct pinpage_event *event, uint64_t step)
{
	pp_raise(&(struct pp_finding){
		.rule = "trap", .severity = PINPAGE_TRAP,
		.headline = event->name ? event->name : "the kernel stops",
		.consequence = "the kernel stops here",
		.page = event->page, .site = event->site,
		.mapping = event->mapping, .index = event->index,
		.step = step,
	});
}

static void hear(struct pinpage_subscriber *self,
		 const struct pinpage_event *event)
{
	uint64_t step = pp_check_step();
	pinpage_event_set kind = PINPAGE_EV_BIT(event->kind);

	(void)self;
	if (unlikely(!READ_ONCE(pp_nr_frames)))
		return;
	pp_trail_event(event, step);
	/* All probes need its tokens; it accuses if its own bit is set. */
	if (kind & LEDGER_KINDS)
		pp_ledger_event(event, step);
	/* FSCON first: it looks at what CLEAN takes down with the page. */
	if ((kind & FSCON_KINDS) && pp_check_mask & PINPAGE_CHECK_FSCON)
		pp_fscon_event(event, step);
	if ((kind & CLEAN_KINDS) &&
	    pp_check_mask & (PINPAGE_CHECK_CLEAN | PINPAGE_CHECK_FSCON))
		pp_clean_event(event, step);
	if (unlikely(event->kind == PINPAGE_EV_TRAP) &&
	    !(pp_check_mask & PINPAGE_CHECK_FSCON))
		pp_check_trapped(event, step);
	if (unlikely(READ_ONCE(pp_verdict_unprinted)))
		pp_verdict_flush();
}

static struct pinpage_subscriber listener = {
	.order = PINPAGE_ORDER_LEDGER,
	.fn = hear,
};

static pinpage_event_set kinds_of(unsigned int mask)
{
	pinpage_event_set kinds = TRAIL_KINDS | LEDGER_KINDS;

	if (mask & (PINPAGE_CHECK_CLEAN | PINPAGE_CHECK_FSCON))
		kinds |= CLEAN_KINDS;
	if (mask & PINPAGE_CHECK_FSCON)
		kinds |= FSCON_KINDS;
	return kinds;
}

static bool env_strict(void)
{
	const char *text = getenv("PINPAGE_CHECK_STRICT");

	return text && *text && *text != '0';
}

/**
 * pp_check_boot() - start checking
 * @mask: PINPAGE_CHECK_*; unknown bits are ignored; 0: nothing is subscribed
 * @mode: what to do with verdicts; holds with @mask 0 too
 *
 * Verdicts of the run before are forgotten.
 *
 * Context: boot, the page room is up, nothing emits. Locking: none.
 * Return:  0; -ENOMEM, nothing subscribed; -ENOSPC (event room full).
 * Mirrors: none.
 */
int pp_check_boot(unsigned int mask, enum pinpage_check_mode mode)
{
	int err;

	mask &= PINPAGE_CHECK_ALL;
	pinpage_check_clear();
	pp_verdict_boot(mode);
	pp_check_strict = env_strict();
	pp_check_mask = 0;
	if (!mask)
		return 0;
	pp_check_steps = 0;
	atomic64_set(&step_blocks, 0);
	pp_step_mine = (struct pp_step_block){ 0 };
	pp_trail_boot();
	err = pp_ledger_boot();
	if (err)
		return err;
	err = pp_clean_boot();
	if (err)
		goto out_ledger;
	pp_check_mask = mask;
	listener.kinds = kinds_of(mask);
	err = pinpage_subscribe(&listener);
	if (!err)
		return 0;
	pp_check_mask = 0;
	pp_clean_shutdown();
out_ledger:
	pp_ledger_shutdown();
	return err;
}

/**
 * pp_check_quiesce() - nobody acquires any more: what is held has leaked
 *
 * Context: the beginning of shutdown; drivers have ended. Locking: none.
 * Mirrors: none.
 */
void pp_check_quiesce(void)
{
	if (pp_check_mask & PINPAGE_CHECK_LEDGER)
		pp_leaks_at_shutdown();
	pp_verdict_flush();
}

/**
 * pp_check_shutdown() - stop checking
 *
 * Verdicts stay readable until the next boot or pinpage_check_clear().
 *
 * Context: shutdown, before the page room goes. Locking: none.
 * Mirrors: none.
 */
void pp_check_shutdown(void)
{
	if (!pp_check_mask)
		return;
	pinpage_unsubscribe(&listener);
	pp_check_mask = 0;
	pp_clean_shutdown();
	pp_ledger_shutdown();
	pp_scope_shutdown();
	pp_verdict_flush();
}

unsigned int pinpage_check_enabled(void)
{
	return pp_check_mask;
}

/**
 * pp_check_say() - a verdict that a room above has come to
 * @severity: how bad
 * @rule:     static name
 * @headline: one sentence; copied
 * @site:     guilty call or NULL
 *
 * Context: any. Locking: none.
 * Mirrors: none.
 */
void pp_check_say(enum pinpage_severity severity, const char *rule,
		  const char *headline, const void *site)
{
	pp_raise(&(struct pp_finding){
		.rule = rule, .severity = severity, .headline = headline,
		.site = site, .step = READ_ONCE(pp_check_steps),
	});
	pp_verdict_flush();
}
