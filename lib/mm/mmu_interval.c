// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mmu_interval.c - notifiers for a range, with a sequence to retry by
 *
 * I1. ns->seq is odd while an invalidation that met an interval goes on. It
 *     becomes even when the last invalidation that had begun until then ends.
 * I2. The tree does not change while ns->seq is odd: inserts and removals wait
 *     on ns->deferred for the end, so callbacks walk it without the lock.
 * I3. An interval's own sequence is that of the last invalidation that met it;
 *     equal to ns->seq it says that this one goes on.
 * Mirrors: mm/mmu_notifier.c:mn_itree_*(), mmu_interval_*() 6.1.
 */
#include "mm/internal.h"

/* what an inserted interval has in the library. Key: l = ns->lock */
struct pp_interval_node {
	struct pp_interval iv;			/* l */
	struct mmu_interval_notifier *sub;	/* constant */
	struct pp_interval_node *next;		/* l: on ns->deferred */
	unsigned long start, last;		/* constant */
	bool leaving;				/* l: deferred is a removal */
};

static bool is_invalidating(const struct pp_notifiers *ns)
{
	return ns->seq & 1;
}

static unsigned long seq_of(struct pp_notifiers *ns)
{
	unsigned long seq;

	pinpage_spin_lock(&ns->lock);
	seq = ns->seq;
	pinpage_spin_unlock(&ns->lock);
	return seq;
}

/* ns->lock held: what waited for the end of invalidations; nodes to be freed */
static struct pp_interval_node *apply_deferred(struct pp_notifiers *ns)
{
	struct pp_interval_node *node, *next, *gone = NULL;

	for (node = ns->deferred; node; node = next) {
		next = node->next;
		node->next = NULL;
		if (!node->leaving) {
			pp_interval_insert(&ns->tree, &node->iv, node->start, node->last);
			continue;
		}
		pp_interval_remove(&ns->tree, &node->iv);
		node->next = gone;
		gone = node;
	}
	ns->deferred = NULL;
	return gone;
}

static void free_nodes(struct pp_interval_node *node)
{
	struct pp_interval_node *next;

	for (; node; node = next) {
		next = node->next;
		pp_free(node);
	}
}

/**
 * pp_interval_end() - one invalidation less
 *
 * Context: process. Locking: none of the notifiers'.
 * Mirrors: mm/mmu_notifier.c:mn_itree_inv_end()
 */
void pp_interval_end(struct pp_notifiers *ns)
{
	struct pp_interval_node *gone;

	pinpage_spin_lock(&ns->lock);
	if (--ns->active || !is_invalidating(ns)) {
		pinpage_spin_unlock(&ns->lock);
		return;
	}
	WRITE_ONCE(ns->seq, ns->seq + 1);
	gone = apply_deferred(ns);
	pinpage_spin_unlock(&ns->lock);
	pinpage_wake_up_all(&ns->wq);
	free_nodes(gone);
}

static bool call(struct pp_interval *iv, const struct mmu_notifier_range *range,
		 unsigned long seq)
{
	struct mmu_interval_notifier *sub =
		container_of(iv, struct pp_interval_node, iv)->sub;

	if (sub->ops->invalidate(sub, range, seq))
		return true;
	if (!(range->flags & PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE))
		return false;
	pp_warn_once("mmu_interval_notifier_ops.invalidate() refused a blockable range");
	return true;
}

/**
 * pp_interval_start() - one invalidation more; tells the intervals it meets
 *
 * Context: process; sleeps if the range is blockable. Locking: as
 * pp_mmu_start().
 * Return:  0; -EAGAIN: a callback would have to wait; it has ended again.
 * Mirrors: mm/mmu_notifier.c:mn_itree_invalidate()
 */
int pp_interval_start(struct pp_notifiers *ns, const struct mmu_notifier_range *range)
{
	unsigned long last = range->end - 1, seq;
	struct pp_interval *iv;

	pinpage_spin_lock(&ns->lock);
	ns->active++;
	iv = pp_interval_first(&ns->tree, range->start, last);
	if (iv)
		WRITE_ONCE(ns->seq, ns->seq | 1);
	seq = ns->seq;
	pinpage_spin_unlock(&ns->lock);
	for (; iv; iv = pp_interval_next(iv, range->start, last)) {
		if (!call(iv, range, seq)) {
			pp_interval_end(ns);
			return -EAGAIN;
		}
	}
	return 0;
}

/* the address space ends: everything is invalid */
void pp_interval_release(struct pp_notifiers *ns, struct mm_struct *mm)
{
	struct mmu_notifier_range range = {
		.mm = mm, .end = ~0UL, .event = MMU_NOTIFY_RELEASE,
		.flags = PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE,
	};

	(void)pp_interval_start(ns, &range);
	pp_interval_end(ns);
}

/* shutdown: intervals that nobody removed */
void pp_interval_forget(struct pp_notifiers *ns)
{
	struct pp_interval *iv;

	free_nodes(apply_deferred(ns));
	while ((iv = RB_ROOT(&ns->tree))) {
		pp_interval_remove(&ns->tree, iv);
		pp_free(container_of(iv, struct pp_interval_node, iv));
	}
}

/* inserting */

/* ns->lock held. Mirrors: __mmu_interval_notifier_insert() */
static void enter(struct pp_notifiers *ns, struct pp_interval_node *node)
{
	struct mmu_interval_notifier *sub = node->sub;

	if (ns->active && is_invalidating(ns)) {
		node->next = ns->deferred;
		ns->deferred = node;
		sub->invalidate_seq = ns->seq;
		return;
	}
	/* one goes on that may meet the new interval: as if it did */
	if (ns->active)
		WRITE_ONCE(ns->seq, ns->seq | 1);
	sub->invalidate_seq = ns->active ? ns->seq : ns->seq - 1;
	pp_interval_insert(&ns->tree, &node->iv, node->start, node->last);
}

static int make_node(struct mmu_interval_notifier *sub, unsigned long start,
		     unsigned long length)
{
	struct pp_interval_node *node;

	if (!length || start + (length - 1) < start)
		return -EOVERFLOW;
	node = pp_zalloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	node->sub = sub;
	node->start = start;
	node->last = start + (length - 1);
	sub->node = node;
	return 0;
}

static int prepare(struct mm_struct *mm)
{
	int err;

	if (smp_load_acquire(&mm->notifiers))
		return 0;
	pinpage_down_write(&mm->mmap_lock);
	err = pp_notifiers_prepare(mm);
	pinpage_up_write(&mm->mmap_lock);
	return err;
}

int pinpage_mmu_interval_notifier_insert(struct mmu_interval_notifier *sub,
					 struct mm_struct *mm, unsigned long start,
					 unsigned long length,
					 const struct mmu_interval_notifier_ops *ops)
{
	int err;

	if (!pp_ready() || !sub || sub->node || !ops || !ops->invalidate ||
	    !mm || atomic_read(&mm->mm_users) <= 0 || !pinpage_might_sleep())
		return -EINVAL;
	err = make_node(sub, start, length);
	if (err)
		return err;
	err = prepare(mm);
	if (err) {
		pp_free(sub->node);
		sub->node = NULL;
		return err;
	}
	pinpage_mmgrab(mm);
	sub->mm = mm;
	sub->ops = ops;
	pinpage_spin_lock(&mm->notifiers->lock);
	enter(mm->notifiers, sub->node);
	pinpage_spin_unlock(&mm->notifiers->lock);
	return 0;
}

static void undefer(struct pp_notifiers *ns, struct pp_interval_node *node)
{
	struct pp_interval_node **at = &ns->deferred;

	while (*at != node)
		at = &(*at)->next;
	*at = node->next;
}

/* ns->lock held; 0: it is out; else the sequence whose end takes it out */
static unsigned long leave(struct pp_notifiers *ns, struct pp_interval_node *node)
{
	if (!is_invalidating(ns)) {
		pp_interval_remove(&ns->tree, &node->iv);
		return 0;
	}
	if (!node->iv.linked) {
		undefer(ns, node);
		return 0;
	}
	node->leaving = true;
	node->next = ns->deferred;
	ns->deferred = node;
	return ns->seq;
}

void pinpage_mmu_interval_notifier_remove(struct mmu_interval_notifier *sub)
{
	struct pp_notifiers *ns;
	struct mm_struct *mm;
	unsigned long seq;

	if (!pp_ready() || !sub || !sub->node || !pinpage_might_sleep()) {
		pp_warn_once("mmu_interval_notifier_remove(%p): not inserted", (void *)sub);
		return;
	}
	mm = sub->mm;
	ns = mm->notifiers;
	pinpage_spin_lock(&ns->lock);
	seq = leave(ns, sub->node);
	pinpage_spin_unlock(&ns->lock);
	if (!seq)
		pp_free(sub->node);
	else
		pinpage_wait_event(ns->wq, seq_of(ns) != seq);
	sub->node = NULL;
	sub->mm = NULL;
	pinpage_mmdrop(mm);
}

unsigned long pinpage_mmu_interval_read_begin(struct mmu_interval_notifier *sub)
{
	struct pp_notifiers *ns;
	unsigned long seq;
	bool going_on;

	if (!pp_ready() || !sub || !sub->node || !pinpage_might_sleep()) {
		pp_warn_once("mmu_interval_read_begin(%p): not inserted", (void *)sub);
		return 0;
	}
	ns = sub->mm->notifiers;
	pinpage_spin_lock(&ns->lock);
	seq = READ_ONCE(sub->invalidate_seq);
	going_on = seq == ns->seq;
	pinpage_spin_unlock(&ns->lock);
	/*
	 * An invalidation that sets the sequence of @sub after this is seen by
	 * mmu_interval_read_retry() under the driver's lock.
	 */
	if (going_on)
		pinpage_wait_event(ns->wq, seq_of(ns) != seq);
	return seq;
}

void pinpage_mmu_interval_set_seq(struct mmu_interval_notifier *sub, unsigned long cur_seq)
{
	WRITE_ONCE(sub->invalidate_seq, cur_seq);
}

bool pinpage_mmu_interval_read_retry(struct mmu_interval_notifier *sub, unsigned long seq)
{
	return READ_ONCE(sub->invalidate_seq) != seq;
}

bool pinpage_mmu_interval_check_retry(struct mmu_interval_notifier *sub, unsigned long seq)
{
	return READ_ONCE(sub->invalidate_seq) != seq;
}
