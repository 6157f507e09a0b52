/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/notifier.h - telling drivers before what an address maps changes
 *
 * Whoever changes entries for a reason other than a fault that fills an empty
 * one brackets the change:
 *
 *	struct pp_mmu_range range;
 *
 *	pp_mmu_invalidate_start(&range, mm, start, end, MMU_NOTIFY_CLEAR);
 *	... take page-table locks, change, flush, drop them; drop references
 *	pp_mmu_invalidate_end(&range);
 *
 * At both calls no page-table lock or other spinlock is held (callbacks sleep)
 * and mmap_lock, the page lock or a lock of the reverse map is, so that
 * registering can wait for changes that have begun. With nobody registered
 * both are a load and a branch.
 *
 * Mirrors: include/linux/mmu_notifier.h 6.1.
 */
#ifndef PP_MM_NOTIFIER_H
#define PP_MM_NOTIFIER_H

#include "base/interval.h"
#include "mm/pgtable.h"

#include <pinpage/notifier.h>

#define MMU_NOTIFY_UNMAP		PINPAGE_MMU_NOTIFY_UNMAP
#define MMU_NOTIFY_CLEAR		PINPAGE_MMU_NOTIFY_CLEAR
#define MMU_NOTIFY_PROTECTION_VMA	PINPAGE_MMU_NOTIFY_PROTECTION_VMA
#define MMU_NOTIFY_PROTECTION_PAGE	PINPAGE_MMU_NOTIFY_PROTECTION_PAGE
#define MMU_NOTIFY_SOFT_DIRTY		PINPAGE_MMU_NOTIFY_SOFT_DIRTY
#define MMU_NOTIFY_RELEASE		PINPAGE_MMU_NOTIFY_RELEASE
#define MMU_NOTIFY_MIGRATE		PINPAGE_MMU_NOTIFY_MIGRATE
#define MMU_NOTIFY_EXCLUSIVE		PINPAGE_MMU_NOTIFY_EXCLUSIVE

/*
 * What is registered for an address space; made with the first registration,
 * goes with the mm. Key: l = lock to change; s = walked under pp_notifier_srcu
 */
struct pp_notifiers {
	pinpage_spinlock_t lock;
	struct mmu_notifier *first;	/* l s */
	unsigned int registered;	/* l: registrations ever, the mm's epoch */
	/* mmu_interval.c */
	struct pp_interval_tree tree;	/* l; stays as it is while seq is odd */
	unsigned long seq;		/* l: odd while an interval is being invalidated */
	unsigned long active;		/* l: invalidations between start and end */
	struct pp_interval_node *deferred; /* l: inserts and removals for then */
	pinpage_wait_queue_head_t wq;	/* seq has changed */
};

/* One invalidation, from start to end; on the stack of whoever makes it. */
struct pp_mmu_range {
	struct mmu_notifier_range range;
	unsigned int told;		/* registrations up to this one; 0: nobody */
	bool flushed;			/* secondary TLBs were, in between */
};

int pp_interval_start(struct pp_notifiers *ns, const struct mmu_notifier_range *range);
void pp_interval_end(struct pp_notifiers *ns);
void pp_interval_release(struct pp_notifiers *ns, struct mm_struct *mm);
void pp_interval_forget(struct pp_notifiers *ns);
int pp_notifiers_prepare(struct mm_struct *mm);
void pp_notifiers_settle(struct mm_struct *mm);

static inline bool pp_mm_has_notifiers(const struct mm_struct *mm)
{
	return unlikely(READ_ONCE(mm->notifiers) != NULL);
}

int pp_mmu_start(struct pp_mmu_range *r);
void pp_mmu_end(struct pp_mmu_range *r);
int pp_mmu_young(struct mm_struct *mm, unsigned long start, unsigned long end,
		 bool flush);
int pp_mmu_test(struct mm_struct *mm, unsigned long addr);
void pp_mmu_change(struct mm_struct *mm, unsigned long addr, pp_pte pte);
void pp_mmu_flush_in_range(struct pp_mmu_range *r, unsigned long addr, unsigned long size);
void pp_mmu_tlb_flushed(struct mm_struct *mm, unsigned long start, unsigned long end);

static inline bool pp_mmu_range_init(struct pp_mmu_range *r, struct mm_struct *mm,
				     unsigned long start, unsigned long end,
				     enum mmu_notifier_event event)
{
	r->told = 0;
	r->flushed = false;
	if (!pp_mm_has_notifiers(mm))
		return false;
	r->range = (struct mmu_notifier_range){
		.mm = mm, .start = start, .end = end, .event = event,
	};
	return true;
}

/* Context: process, sleeps; no page-table lock held. */
static inline void pp_mmu_invalidate_start(struct pp_mmu_range *r, struct mm_struct *mm,
					   unsigned long start, unsigned long end,
					   enum mmu_notifier_event event)
{
	if (pp_mmu_range_init(r, mm, start, end, event)) {
		r->range.flags = PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE;
		(void)pp_mmu_start(r);
	}
}

/*
 * As pp_mmu_invalidate_start(), except: callbacks must not wait (OOM, trylock
 * paths). 0; -EAGAIN: one would have to; the change is not made, no end.
 */
static inline int pp_mmu_invalidate_start_nonblock(struct pp_mmu_range *r,
						   struct mm_struct *mm,
						   unsigned long start, unsigned long end,
						   enum mmu_notifier_event event)
{
	return pp_mmu_range_init(r, mm, start, end, event) ? pp_mmu_start(r) : 0;
}

static inline void pp_mmu_invalidate_end(struct pp_mmu_range *r)
{
	if (unlikely(r->told))
		pp_mmu_end(r);
}

/*
 * The aging of a device's use, beside that of a PTE: true if it was used.
 * Context: any; PTE lock held.
 */
static inline bool pp_mmu_clear_flush_young(struct mm_struct *mm, unsigned long start,
					    unsigned long end)
{
	return pp_mm_has_notifiers(mm) && pp_mmu_young(mm, start, end, true);
}
static inline bool pp_mmu_clear_young(struct mm_struct *mm, unsigned long start,
				      unsigned long end)
{
	return pp_mm_has_notifiers(mm) && pp_mmu_young(mm, start, end, false);
}
static inline bool pp_mmu_test_young(struct mm_struct *mm, unsigned long addr)
{
	return pp_mm_has_notifiers(mm) && pp_mmu_test(mm, addr);
}
/*
 * An entry gets another page (up to 6.9 a callback of its own), between start
 * and end, just before the entry is set; PTE lock held.
 */
static inline void pp_mmu_change_pte(struct mm_struct *mm, unsigned long addr, pp_pte pte)
{
	if (pp_mm_has_notifiers(mm))
		pp_mmu_change(mm, addr, pte);
}
/* As above, and devices that share the page tables must not see the old page. */
static inline void pp_mmu_clear_flush(struct pp_mmu_range *r, unsigned long addr,
				      unsigned long size)
{
	if (unlikely(r->told))
		pp_mmu_flush_in_range(r, addr, size);
}

void pp_mmu_release(struct mm_struct *mm);	/* exit_mmap(): before anything goes */
void pp_mmu_destroy(struct mm_struct *mm);	/* last count of the mm */
void pp_notifier_boot(void);

#endif
