// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/srcu.c - read sections that may sleep
 *
 * Two counters of readers; a grace period has seen each at zero, one while the
 * other takes the new readers.
 *
 * Guarantees:
 * A. pp_synchronize_srcu() returns after every read section that had begun
 *    before the call has ended.
 * Mirrors: kernel/rcu/srcutree.c in what it is for; one cache line instead of
 * a counter for each CPU.
 */
#include "exec/exec.h"

/**
 * pp_srcu_init() - nobody reads; also breaks what dead tasks left behind
 * @name: for reports; lives as long as @srcu
 *
 * Context: any. Locking: none.
 */
void pp_srcu_init(struct pp_srcu *srcu, const char *name)
{
	pp_mutex_init(&srcu->lock, name, PINPAGE_RANK_NONE);
	WRITE_ONCE(srcu->index, 0);
	atomic_set(&srcu->readers[0], 0);
	atomic_set(&srcu->readers[1], 0);
	pinpage_init_waitqueue_head(&srcu->quiet);
}

/**
 * pp_srcu_read_lock() - begin a read section; may sleep in it; nests
 *
 * Context: process. Locking: none. Return: for pp_srcu_read_unlock().
 */
unsigned int pp_srcu_read_lock(struct pp_srcu *srcu)
{
	unsigned int i = READ_ONCE(srcu->index) & 1;

	/*
	 * MB srcu (A): counted before anything of the section is read. Pairs
	 * with (B) in pp_synchronize_srcu() [unlinked, then counts read].
	 * Without it a section finds what the writer frees. Test: exec/srcu.
	 */
	atomic_inc(&srcu->readers[i]);
	smp_mb();
	return i;
}

/* end of the section that returned @i */
void pp_srcu_read_unlock(struct pp_srcu *srcu, unsigned int i)
{
	if (atomic_dec_and_test(&srcu->readers[i]))
		pinpage_wake_up_all(&srcu->quiet);
}

static void drain(struct pp_srcu *srcu, unsigned int i)
{
	pinpage_wait_event(srcu->quiet, !atomic_read_acquire(&srcu->readers[i]));
}

/**
 * pp_synchronize_srcu() - wait until all read sections of now have ended
 *
 * Context: process, not in such a section; sleeps. Locking: none.
 * Order:   what they did happened before the return.
 */
void pp_synchronize_srcu(struct pp_srcu *srcu)
{
	unsigned int i;

	pinpage_mutex_lock(&srcu->lock);
	/* MB srcu (B): pairs with (A) */
	smp_mb();
	i = srcu->index & 1;
	drain(srcu, i ^ 1);
	WRITE_ONCE(srcu->index, i ^ 1);
	drain(srcu, i);
	smp_mb();
	pinpage_mutex_unlock(&srcu->lock);
}
