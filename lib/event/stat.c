// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stat.c - vmstat: a block of counters per thread, summed on read
 *
 * A thread takes a block from the pool when it first counts and gives it back
 * through pp_stat_detach(), which exec calls when its threads end. A thread
 * that ends without that leaves its amounts in a block that stays taken:
 * nothing is lost, and when the pool is empty counting goes on, slower, on
 * the shared totals.
 *
 * I1. total[item] + the items of all blocks = what was counted since boot.
 * I2. A block that is not taken holds zeros.
 */
#include <sched.h>

#include "base/atomic.h"
#include "event/event.h"

#define NR_BLOCKS 128

pp_thread_local struct pp_stat_block *pp_stat_mine;

static struct pp_stat_block pool[NR_BLOCKS];
static atomic_long_t total[PINPAGE_NR_STATS];	/* of ended and poor threads */
static unsigned int nr_taken;			/* stat_lock */
static unsigned int nr_used;			/* stat_lock; only rises */
static atomic_t stat_lock;			/* pool[].taken, I1 for readers */

static const char *const stat_names[] = {
#define X(sym, name) name,
	PINPAGE_STATS(X)
#undef X
};

static void lock_stat(void)
{
	while (atomic_xchg(&stat_lock, 1))
		sched_yield();
}

static void unlock_stat(void)
{
	/* Pairs with the xchg of the next lock_stat(). */
	atomic_set_release(&stat_lock, 0);
}

/**
 * pp_stat_pool() - all blocks, for those who look into other threads'
 * @nr: out, how many were ever taken
 *
 * Context: any. Locking: none.
 * Return:  the first of an array that never moves.
 */
struct pp_stat_block *pp_stat_pool(size_t *nr)
{
	*nr = READ_ONCE(nr_used);
	return pool;
}

/**
 * pp_stat_alone() - is no other thread counting, and none delivering but strays?
 *
 * Threads that end without pp_stat_detach() count as there.
 *
 * Context: any. Locking: none. Order: what ended threads did happened before.
 * Return:  false also while the pool is empty.
 */
bool pp_stat_alone(void)
{
	return smp_load_acquire(&nr_taken) <= (pp_stat_mine != NULL);
}

/**
 * pp_stat_attach() - give the calling thread a block
 *
 * Context: any; once per thread. Locking: spins briefly.
 * Return:  the block, also in pp_stat_mine; NULL when none is left.
 * Mirrors: none.
 */
struct pp_stat_block *pp_stat_attach(void)
{
	int i;

	if (READ_ONCE(nr_taken) == NR_BLOCKS)
		return NULL;
	lock_stat();
	for (i = 0; i < NR_BLOCKS && pool[i].taken; i++)
		;
	if (i < NR_BLOCKS) {
		pool[i].taken = true;
		WRITE_ONCE(nr_used, max(nr_used, (unsigned int)i + 1));
		WRITE_ONCE(nr_taken, nr_taken + 1);
		pp_stat_mine = &pool[i];
	}
	unlock_stat();
	/*
	 * MB unsubscribe-vs-attach (D): taken, then slots read. Pairs with (C) in
	 * wait_for_other_deliveries(). Without it a thread may call a subscriber
	 * that is gone because nobody knew of the thread.
	 * Test: event/threads unsubscribe_while_emitting_waits.
	 */
	smp_mb();
	return pp_stat_mine;
}

/**
 * pp_stat_detach() - give the calling thread's block back
 *
 * For the end of a thread; its amounts stay counted. Counting again afterwards
 * is allowed and takes a block again.
 *
 * Context: process; not inside a callback. Locking: spins briefly.
 * Mirrors: mm/vmstat.c:cpu_vm_stats_fold(), a CPU going away.
 */
void pp_stat_detach(void)
{
	struct pp_stat_block *block = pp_stat_mine;
	int i;

	if (!block)
		return;
	lock_stat();
	for (i = 0; i < PINPAGE_NR_STATS; i++) {
		atomic_long_add(block->item[i], &total[i]);
		WRITE_ONCE(block->item[i], 0);
	}
	block->taken = false;
	/* Pairs with the acquire in pp_stat_alone(). */
	smp_store_release(&nr_taken, nr_taken - 1);
	pp_stat_mine = NULL;
	unlock_stat();
}

/**
 * pp_stat_add_slow() - as pp_stat_add(), for a thread that has no block yet
 * @item:   which counter
 * @amount: pages, mostly
 *
 * Context: any. Locking: spins briefly. Order: none.
 * Mirrors: none.
 */
pp_cold void pp_stat_add_slow(enum pinpage_stat item, long amount)
{
	struct pp_stat_block *block = pp_stat_attach();

	if (block)
		WRITE_ONCE(block->item[item], block->item[item] + amount);
	else
		atomic_long_add(amount, &total[item]);
}

/**
 * pp_stat_reset() - all counters to zero
 *
 * For boot.
 *
 * Context: no other thread counts. Locking: spins briefly.
 * Mirrors: none.
 */
void pp_stat_reset(void)
{
	int item, i;

	lock_stat();
	for (item = 0; item < PINPAGE_NR_STATS; item++)
		atomic_long_set(&total[item], 0);
	for (i = 0; i < (int)nr_used; i++) {
		if (!pool[i].taken)
			continue;
		for (item = 0; item < PINPAGE_NR_STATS; item++)
			WRITE_ONCE(pool[i].item[item], 0);
	}
	unlock_stat();
}

long pinpage_stat(enum pinpage_stat item)
{
	long sum;
	int i;

	if ((unsigned int)item >= PINPAGE_NR_STATS)
		return 0;
	lock_stat();
	sum = atomic_long_read(&total[item]);
	for (i = 0; i < (int)nr_used; i++)
		sum += READ_ONCE(pool[i].item[item]);
	unlock_stat();
	return sum;
}

const char *pinpage_stat_name(enum pinpage_stat item)
{
	if ((unsigned int)item >= PINPAGE_NR_STATS)
		return "?";
	return stat_names[item];
}
