// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * event.c - who hears an event, and how it gets there
 *
 * Subscribers live in a fixed table of slots, PINPAGE_ORDER_MAX for each order;
 * a mask per kind says which slots want it, so that delivery visits only
 * those, lowest order first. Nothing is allocated and nothing is copied.
 *
 * I1. slots[], wanted[] and pp_event_listening change under table_lock.
 * I2. A slot's subscriber is not touched by a delivery that began after
 *     the slot was cleared.
 * I3. A delivery keeps no pointer to a subscriber across a callback except
 *     the one it is calling: what a fiber finds when it is switched back in
 *     may be a different table.
 *
 * Who excludes whom:
 *                 deliver            (un)subscribe
 * deliver         no                 no; unsubscribe waits, MB (A)/(B)
 * (un)subscribe                      table_lock
 *
 * A delivery is known by its thread's count of deliveries, not by a flag: the
 * scheduler's callback leaves one fiber inside its delivery and lets the next
 * emit, and these two end in any order.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <sched.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/atomic.h"
#include "base/bug.h"
#include "event/event.h"

#define NR_SLOTS	(PINPAGE_NR_ORDERS * PINPAGE_ORDER_MAX)
#define KNOWN_KINDS	(PINPAGE_EV_BIT(PINPAGE_NR_EVENTS) - 1)
#define SPINS		100	/* before the CPU is offered to others */

BUILD_BUG_ON(PINPAGE_NR_EVENTS >= 64 * PP_EVENT_WORDS);
BUILD_BUG_ON(NR_SLOTS > 32);

uint64_t pp_event_listening[PP_EVENT_WORDS];

static struct pinpage_subscriber *slots[NR_SLOTS];
static uint32_t wanted[PINPAGE_NR_EVENTS];
static atomic_t table_lock;

/* membarrier() is ours to use: the deliverer's half needs no instruction */
static bool barrier_is_remote;

/* deliveries of threads without a block: all of them, and this thread's */
static atomic_t stray_delivering;
static pp_thread_local int stray_mine;

static const char *const event_names[] = {
#define X(sym, name, text) name,
	PINPAGE_EVENTS(X)
#undef X
};

static const char *const event_texts[] = {
#define X(sym, name, text) text,
	PINPAGE_EVENTS(X)
#undef X
};

static void relax(unsigned int *spins)
{
	if (++*spins % SPINS)
		cpu_relax();
	else
		sched_yield();
}

static void lock_table(void)
{
	unsigned int spins = 0;

	while (atomic_xchg(&table_lock, 1))
		relax(&spins);
}

static void unlock_table(void)
{
	/* Pairs with the xchg of the next lock_table(). */
	atomic_set_release(&table_lock, 0);
}

static long membarrier(int cmd)
{
	return syscall(SYS_membarrier, cmd, 0, 0);
}

/*
 * Asks the kernel once for barriers in other threads. Refused (an old kernel,
 * a sandbox), deliverers go on executing their own.
 */
static void want_remote_barrier(void)
{
	if (!READ_ONCE(barrier_is_remote) &&
	    !membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED))
		WRITE_ONCE(barrier_is_remote, true);
}

/*
 * MB unsubscribe-vs-deliver (A): the slot is cleared before the counts of
 * deliveries are read. Pairs with (B) in begin_delivery() [count raised, then
 * slots read]. Without it a thread that read the slot before can have its
 * count still in a store buffer, and its subscriber is freed under it.
 * Test: event/threads unsubscribe_while_emitting_waits sees the wait missing
 * at once, this barrier alone only by luck: the window is a few nanoseconds.
 */
static void barrier_everywhere(void)
{
	if (READ_ONCE(barrier_is_remote) &&
	    membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED))
		membarrier(MEMBARRIER_CMD_GLOBAL);
	smp_mb();
}

/*
 * A thread that counts alone has nobody to wait for and spares the system call;
 * stray ones execute their own barrier.
 */
static void wait_for_other_deliveries(void)
{
	struct pp_stat_block *pool;
	unsigned int spins = 0;
	size_t i, nr = 0;

	/* MB unsubscribe-vs-attach (C): the slot cleared, then nr_taken read. */
	smp_mb();
	pool = pp_stat_pool(&nr);
	if (pp_stat_alone())
		nr = 0;
	else
		barrier_everywhere();
	for (i = 0; i < nr; i++) {
		if (&pool[i] == pp_stat_mine)
			continue;
		/* Acquire: what the callback did happened before our return. */
		while (smp_load_acquire(&pool[i].delivering))
			relax(&spins);
	}
	while (atomic_read_acquire(&stray_delivering) > stray_mine)
		relax(&spins);
}

static pp_cold void begin_stray_delivery(void)
{
	stray_mine++;
	atomic_inc_return(&stray_delivering);
}

static pp_cold void end_stray_delivery(void)
{
	stray_mine--;
	atomic_dec_return(&stray_delivering);
}

/* Return: what end_delivery() wants; NULL for a thread without a block. */
static pp_always_inline struct pp_stat_block *begin_delivery(void)
{
	struct pp_stat_block *block = pp_stat_mine;

	if (unlikely(!block))
		block = pp_stat_attach();
	if (unlikely(!block)) {
		begin_stray_delivery();
		return NULL;
	}
	WRITE_ONCE(block->delivering, block->delivering + 1);
	/* MB unsubscribe-vs-deliver (B); see (A) in barrier_everywhere(). */
	if (likely(READ_ONCE(barrier_is_remote)))
		barrier();
	else
		smp_mb();
	return block;
}

static pp_always_inline void end_delivery(struct pp_stat_block *block)
{
	if (unlikely(!block)) {
		end_stray_delivery();
		return;
	}
	/* Pairs with the acquire in wait_for_other_deliveries(). */
	smp_store_release(&block->delivering, block->delivering - 1);
}

/* cheaper than a shift of 128 bits by a variable amount */
static pp_always_inline bool wants(const struct pinpage_subscriber *sub,
				   enum pinpage_event_kind kind)
{
	uint64_t word = kind < 64 ? (uint64_t)sub->kinds :
				    (uint64_t)(sub->kinds >> 64);

	return word >> (kind % 64) & 1;
}

/**
 * pp_event_deliver() - call everybody who wants an event
 * @event: valid until the return; its kind is a known one
 *
 * Called through pp_emit(). In the deterministic engine other fibers may
 * run, and emit, before it returns.
 *
 * Context: any. Locking: the model's locks of the emitter stay held.
 * Order:   MB unsubscribe-vs-deliver (B).
 * Mirrors: none.
 */
void pp_event_deliver(const struct pinpage_event *event)
{
	struct pp_stat_block *block = begin_delivery();
	uint32_t mask = READ_ONCE(wanted[event->kind]);

	while (mask) {
		struct pinpage_subscriber *sub;

		/* Acquire pairs with the release in occupy(): sub is filled. */
		sub = smp_load_acquire(&slots[__builtin_ctz(mask)]);
		mask &= mask - 1;
		if (likely(sub && wants(sub, event->kind)))
			sub->fn(sub, event);
	}
	end_delivery(block);
}

static int slot_of(const struct pinpage_subscriber *sub)
{
	int i;

	for (i = 0; i < NR_SLOTS; i++)
		if (slots[i] == sub)
			return i;
	return -ENOENT;
}

static int free_slot(enum pinpage_event_order order)
{
	int first = (int)order * PINPAGE_ORDER_MAX, i;

	for (i = first; i < first + PINPAGE_ORDER_MAX; i++)
		if (!slots[i])
			return i;
	return -ENOSPC;
}

static uint64_t word_of(pinpage_event_set kinds, int word)
{
	return word ? (uint64_t)(kinds >> 64) : (uint64_t)kinds;
}

/* The masks of slot @i become those of @kinds; 0 means out of use. */
static void set_wanted(int i, pinpage_event_set kinds)
{
	int kind, word;

	kinds &= KNOWN_KINDS;
	for (word = 0; word < PP_EVENT_WORDS; word++) {
		uint64_t want = word_of(kinds, word), all = 0;
		uint32_t *mask = &wanted[word * 64];
		int nr = min(64, PINPAGE_NR_EVENTS - word * 64);

		for (kind = 0; kind < nr; kind++) {
			uint32_t bit = (uint32_t)(want >> kind & 1) << i;

			WRITE_ONCE(mask[kind], (mask[kind] & ~(1u << i)) | bit);
			all |= (uint64_t)(mask[kind] != 0) << kind;
		}
		WRITE_ONCE(pp_event_listening[word], all);
	}
}

static void occupy(int i, struct pinpage_subscriber *sub)
{
	/* Pairs with the acquire in pp_event_deliver(). */
	smp_store_release(&slots[i], sub);
	set_wanted(i, sub->kinds);
}

static void vacate(int i)
{
	set_wanted(i, 0);
	WRITE_ONCE(slots[i], NULL);
}

static bool may_subscribe(const struct pinpage_subscriber *sub)
{
	return sub && sub->fn && (sub->kinds & KNOWN_KINDS) &&
	       (unsigned int)sub->order < PINPAGE_NR_ORDERS;
}

int pinpage_subscribe(struct pinpage_subscriber *sub)
{
	int slot;

	if (!may_subscribe(sub))
		return -EINVAL;
	lock_table();
	want_remote_barrier();
	if (slot_of(sub) >= 0) {
		slot = -EBUSY;
	} else {
		slot = free_slot(sub->order);
		if (slot >= 0)
			occupy(slot, sub);
	}
	unlock_table();
	return slot < 0 ? slot : 0;
}

int pinpage_unsubscribe(struct pinpage_subscriber *sub)
{
	int slot;

	if (!sub)
		return -EINVAL;
	lock_table();
	slot = slot_of(sub);
	if (slot >= 0)
		vacate(slot);
	unlock_table();
	if (slot < 0)
		return slot;
	wait_for_other_deliveries();
	return 0;
}

/**
 * pp_event_reset() - drop whoever is still subscribed
 *
 * For shutdown. Leftovers are worth a warning: their objects may be gone.
 * Deliveries that will never end, of fibers abandoned in the middle of a
 * callback, are forgotten.
 *
 * Context: no other thread emits. Locking: none.
 * Mirrors: none.
 */
void pp_event_reset(void)
{
	struct pp_stat_block *pool;
	unsigned int left = 0;
	size_t i, nr;

	lock_table();
	for (i = 0; i < NR_SLOTS; i++) {
		if (!slots[i])
			continue;
		vacate((int)i);
		left++;
	}
	pool = pp_stat_pool(&nr);
	for (i = 0; i < nr; i++)
		WRITE_ONCE(pool[i].delivering, 0);
	unlock_table();
	if (left)
		pp_warn_once("%u event subscribers left at shutdown", left);
}

const char *pinpage_event_name(enum pinpage_event_kind kind)
{
	if ((unsigned int)kind >= PINPAGE_NR_EVENTS)
		return "?";
	return event_names[kind];
}

const char *pinpage_event_text(enum pinpage_event_kind kind)
{
	if ((unsigned int)kind >= PINPAGE_NR_EVENTS)
		return "?";
	return event_texts[kind];
}

int pinpage_event_kind_of(const char *name)
{
	int kind;

	if (!name)
		return -EINVAL;
	for (kind = 0; kind < PINPAGE_NR_EVENTS; kind++)
		if (!strcmp(event_names[kind], name))
			return kind;
	return -ENOENT;
}
