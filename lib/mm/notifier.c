// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/notifier.c - who is told before entries change: registrations and calls
 *
 * I1. While it stays registered a subscriber hears the end of exactly those
 *     invalidations whose start it heard: an invalidation ends for registrations
 *     up to the one that was the last when it started.
 * I2. When a registration returns, no invalidation goes on that it was not
 *     told of. Whoever invalidates holds mmap_lock, i_mmap_rwsem or
 *     anon_vma->rwsem from start to end; the registration takes each of them
 *     for writing once it is on the list.
 * I3. A subscriber that has left the list is called no more once a grace
 *     period of pp_notifier_srcu is over; its memory is the caller's then.
 *
 * Who excludes whom:
 *   callbacks           | the list's change: SRCU
 *   register, unregister| each other: ns->lock
 *   release at exit     | unregister: who takes it off the list calls release;
 *                       | both wait for the other's call by SRCU
 * Mirrors: mm/mmu_notifier.c 6.1; differs: I1 takes the place of
 * mm_take_all_locks().
 */
#include "base/err.h"
#include "mm/internal.h"

static struct pp_srcu srcu;

/* puts whose free_notifier() is to be called */
static struct {
	pinpage_spinlock_t lock;
	struct mmu_notifier *first;
	struct pinpage_work work;
} dying = { .lock = { .rank = PINPAGE_RANK_ZONE, .name = "dying notifiers" } };

/* calling */

#define for_each_subscriber(mn, ns)					\
	for ((mn) = smp_load_acquire(&(ns)->first); (mn);		\
	     (mn) = smp_load_acquire(&(mn)->next))

static void end_for(struct pp_notifiers *ns, const struct pp_mmu_range *r,
		    const struct mmu_notifier *stop)
{
	struct mmu_notifier *mn;

	for_each_subscriber(mn, ns) {
		if (mn == stop)
			return;
		if (mn->since <= r->told && mn->ops->invalidate_range_end)
			mn->ops->invalidate_range_end(mn, &r->range);
	}
}

/* each subscriber's start; the first that would wait stops it */
static int start_for(struct pp_notifiers *ns, const struct pp_mmu_range *r)
{
	bool blockable = r->range.flags & PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE;
	struct mmu_notifier *mn;
	int err;

	for_each_subscriber(mn, ns) {
		if (mn->since > r->told || !mn->ops->invalidate_range_start)
			continue;
		err = mn->ops->invalidate_range_start(mn, &r->range);
		if (!err)
			continue;
		if (blockable || err != -EAGAIN) {
			pp_warn_once("invalidate_range_start() returned %d for a %sblockable range",
				     err, blockable ? "" : "non-");
			continue;
		}
		end_for(ns, r, mn);
		return -EAGAIN;
	}
	return 0;
}

/**
 * pp_mmu_start() - an invalidation begins: pp_mmu_invalidate_start(), which see
 *
 * Context: process; sleeps if the range is blockable. Locking: as there.
 * Return:  0; -EAGAIN: not blockable and somebody has to wait; nothing began.
 * Mirrors: mm/mmu_notifier.c:__mmu_notifier_invalidate_range_start()
 */
int pp_mmu_start(struct pp_mmu_range *r)
{
	struct pp_notifiers *ns = smp_load_acquire(&r->range.mm->notifiers);
	unsigned int section;
	int err;

	if (r->range.flags & PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE)
		(void)pinpage_might_sleep();
	pp_emit(MMU_START, .mm = r->range.mm, .addr = r->range.start,
		.len = r->range.end - r->range.start, .arg = (long)r->range.event);
	pinpage_spin_lock(&ns->lock);
	r->told = ns->registered;
	pinpage_spin_unlock(&ns->lock);
	section = pp_srcu_read_lock(&srcu);
	err = pp_interval_start(ns, &r->range);
	if (!err) {
		err = start_for(ns, r);
		if (err)
			pp_interval_end(ns);
	}
	pp_srcu_read_unlock(&srcu, section);
	if (err)
		r->told = 0;
	return err;
}

static void flush_secondary(struct pp_notifiers *ns, struct mm_struct *mm,
			    unsigned long start, unsigned long end)
{
	unsigned int section = pp_srcu_read_lock(&srcu);
	struct mmu_notifier *mn;

	for_each_subscriber(mn, ns) {
		if (mn->ops->invalidate_range)
			mn->ops->invalidate_range(mn, mm, start, end);
	}
	pp_srcu_read_unlock(&srcu, section);
}

/* The one place that reads rules->notifier_flush. */
static bool flushes_with_tlb(void)
{
	return pp_rules->notifier_flush == PINPAGE_NOTIFIER_FLUSH_TLB;
}

/**
 * pp_mmu_end() - the invalidation has ended
 *
 * Context: process; sleeps. Locking: as pp_mmu_start().
 * Mirrors: mm/mmu_notifier.c:__mmu_notifier_invalidate_range_end()
 */
void pp_mmu_end(struct pp_mmu_range *r)
{
	struct mm_struct *mm = r->range.mm;
	struct pp_notifiers *ns = mm->notifiers;
	unsigned int section;

	if (!r->flushed && !flushes_with_tlb())
		flush_secondary(ns, mm, r->range.start, r->range.end);
	pp_interval_end(ns);
	section = pp_srcu_read_lock(&srcu);
	end_for(ns, r, NULL);
	pp_srcu_read_unlock(&srcu, section);
	pp_emit(MMU_END, .mm = mm, .addr = r->range.start,
		.len = r->range.end - r->range.start, .arg = (long)r->range.event);
	r->told = 0;
}

/**
 * pp_mmu_flush_in_range() - between start and end: nobody may use the old entry
 *
 * Context: any. Locking: PTE lock held.
 * Mirrors: include/linux/mmu_notifier.h:ptep_clear_flush_notify()
 */
void pp_mmu_flush_in_range(struct pp_mmu_range *r, unsigned long addr, unsigned long size)
{
	r->flushed = true;
	if (!flushes_with_tlb())
		flush_secondary(r->range.mm->notifiers, r->range.mm, addr, addr + size);
}

/**
 * pp_mmu_tlb_flushed() - the CPUs' translations of a range are flushed
 *
 * Context: any. Locking: perhaps a PTE lock.
 * Mirrors: mm/mmu_notifier.c:__mmu_notifier_arch_invalidate_secondary_tlbs() 6.6
 */
void pp_mmu_tlb_flushed(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	if (flushes_with_tlb())
		flush_secondary(mm->notifiers, mm, start, end);
}

/**
 * pp_mmu_young() - has a device used the range? Clears its marks.
 * @flush: its TLB, too
 *
 * Context: any. Locking: perhaps a PTE lock.
 * Mirrors: mm/mmu_notifier.c:__mmu_notifier_clear_flush_young()
 */
int pp_mmu_young(struct mm_struct *mm, unsigned long start, unsigned long end, bool flush)
{
	struct pp_notifiers *ns = smp_load_acquire(&mm->notifiers);
	unsigned int section = pp_srcu_read_lock(&srcu);
	struct mmu_notifier *mn;
	int young = 0;

	for_each_subscriber(mn, ns) {
		if (flush && mn->ops->clear_flush_young)
			young |= mn->ops->clear_flush_young(mn, mm, start, end);
		else if (!flush && mn->ops->clear_young)
			young |= mn->ops->clear_young(mn, mm, start, end);
	}
	pp_srcu_read_unlock(&srcu, section);
	return young;
}

/* As pp_mmu_young(), except: clears nothing. */
int pp_mmu_test(struct mm_struct *mm, unsigned long addr)
{
	struct pp_notifiers *ns = smp_load_acquire(&mm->notifiers);
	unsigned int section = pp_srcu_read_lock(&srcu);
	struct mmu_notifier *mn;
	int young = 0;

	for_each_subscriber(mn, ns) {
		if (mn->ops->test_young && mn->ops->test_young(mn, mm, addr)) {
			young = 1;
			break;
		}
	}
	pp_srcu_read_unlock(&srcu, section);
	return young;
}

/**
 * pp_mmu_change() - an entry gets another page: pp_mmu_change_pte()
 *
 * Context: any. Locking: PTE lock held.
 * Mirrors: mm/mmu_notifier.c:__mmu_notifier_change_pte() 6.1
 */
void pp_mmu_change(struct mm_struct *mm, unsigned long addr, pp_pte pte)
{
	pinpage_pte_t seen = { pte_pfn(pte) << PAGE_SHIFT | pp_pte_flags(pte) };
	struct pp_notifiers *ns = smp_load_acquire(&mm->notifiers);
	struct mmu_notifier *mn;
	unsigned int section;

	if (!pp_rules->notifier_change_pte)
		return;
	section = pp_srcu_read_lock(&srcu);
	for_each_subscriber(mn, ns) {
		if (mn->ops->change_pte)
			mn->ops->change_pte(mn, mm, addr, seen);
	}
	pp_srcu_read_unlock(&srcu, section);
}

/* registering */

static bool living(const struct mm_struct *mm, const char *what)
{
	if (!pp_ready())
		return false;
	if (mm && atomic_read(&mm->mm_users) > 0)
		return true;
	pp_warn_once("%s(%p): no living address space", what, (const void *)mm);
	return false;
}

/**
 * pp_notifiers_prepare() - let an address space have subscribers
 *
 * Context: process. Locking: mmap_lock held for writing. Return: 0, -ENOMEM.
 */
int pp_notifiers_prepare(struct mm_struct *mm)
{
	struct pp_notifiers *ns;

	if (mm->notifiers)
		return 0;
	ns = pp_zalloc(sizeof(*ns));
	if (!ns)
		return -ENOMEM;
	pp_spin_init(&ns->lock, "notifiers", PINPAGE_RANK_ZONE);
	RB_INIT(&ns->tree);
	ns->seq = 2;
	ns->registered = 1;
	pinpage_init_waitqueue_head(&ns->wq);
	smp_store_release(&mm->notifiers, ns);
	pp_notifiers_settle(mm);
	return 0;
}

/**
 * pp_notifiers_settle() - wait for changes that nobody was told of (I2)
 *
 * Context: process; sleeps. Locking: mmap_lock held for writing.
 */
void pp_notifiers_settle(struct mm_struct *mm)
{
	struct vm_area_struct *vma;

	for (vma = pp_find_vma(mm, 0); vma; vma = pp_vma_next(vma)) {
		pp_vma_lock_rmap(vma);
		pp_vma_unlock_rmap(vma);
	}
}

static int register_locked(struct mmu_notifier *mn, struct mm_struct *mm)
{
	struct pp_notifiers *ns;
	int err = pp_notifiers_prepare(mm);

	if (err)
		return err;
	ns = mm->notifiers;
	pinpage_mmgrab(mm);
	mn->mm = mm;
	mn->users = 1;
	mn->listed = true;
	pinpage_spin_lock(&ns->lock);
	mn->since = ++ns->registered;
	mn->next = ns->first;
	smp_store_release(&ns->first, mn);
	pinpage_spin_unlock(&ns->lock);
	pp_notifiers_settle(mm);
	return 0;
}

int pinpage_mmu_notifier_register(struct mmu_notifier *mn, struct mm_struct *mm)
{
	int err;

	if (!living(mm, __func__) || !mn || !mn->ops || mn->listed ||
	    !pinpage_might_sleep())
		return -EINVAL;
	pinpage_down_write(&mm->mmap_lock);
	err = register_locked(mn, mm);
	pinpage_up_write(&mm->mmap_lock);
	return err;
}

/* ns->lock held: off the list; walkers may still be on it */
static void unlist(struct pp_notifiers *ns, struct mmu_notifier *mn)
{
	struct mmu_notifier **at = &ns->first;

	while (*at != mn)
		at = &(*at)->next;
	smp_store_release(at, mn->next);
	WRITE_ONCE(mn->listed, false);
}

void pinpage_mmu_notifier_unregister(struct mmu_notifier *mn, struct mm_struct *mm)
{
	unsigned int section;
	bool mine;

	if (!pp_ready() || !mn || !mm || mn->mm != mm || !pinpage_might_sleep()) {
		pp_warn_once("mmu_notifier_unregister(%p): not registered", (void *)mn);
		return;
	}
	/* release() before it is off the list: exit_mmap() waits for it */
	section = pp_srcu_read_lock(&srcu);
	if (READ_ONCE(mn->listed) && mn->ops->release)
		mn->ops->release(mn, mm);
	pp_srcu_read_unlock(&srcu, section);
	pinpage_spin_lock(&mm->notifiers->lock);
	mine = mn->listed;
	if (mine)
		unlist(mm->notifiers, mn);
	pinpage_spin_unlock(&mm->notifiers->lock);
	pp_synchronize_srcu(&srcu);
	mn->mm = NULL;
	pinpage_mmdrop(mm);
}

static struct mmu_notifier *find_locked(struct mm_struct *mm,
					const struct mmu_notifier_ops *ops)
{
	struct pp_notifiers *ns = mm->notifiers;
	struct mmu_notifier *mn;

	if (!ns)
		return NULL;
	pinpage_spin_lock(&ns->lock);
	for (mn = ns->first; mn; mn = mn->next) {
		if (mn->ops == ops && mn->users) {
			mn->users++;
			break;
		}
	}
	pinpage_spin_unlock(&ns->lock);
	return mn;
}

struct mmu_notifier *pinpage_mmu_notifier_get(const struct mmu_notifier_ops *ops,
					      struct mm_struct *mm)
{
	struct mmu_notifier *mn;
	int err;

	if (!living(mm, __func__) || !ops || !ops->alloc_notifier ||
	    !ops->free_notifier || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	pinpage_down_write(&mm->mmap_lock);
	mn = find_locked(mm, ops);
	if (!mn) {
		mn = ops->alloc_notifier(mm);
		if (!IS_ERR(mn)) {
			mn->ops = ops;
			err = register_locked(mn, mm);
			if (err) {
				ops->free_notifier(mn);
				mn = ERR_PTR(err);
			}
		}
	}
	pinpage_up_write(&mm->mmap_lock);
	return mn;
}

static struct mmu_notifier *take_dying(void)
{
	struct mmu_notifier *mn;

	pinpage_spin_lock(&dying.lock);
	mn = dying.first;
	dying.first = NULL;
	pinpage_spin_unlock(&dying.lock);
	return mn;
}

static void free_dying(struct pinpage_work *work)
{
	struct mmu_notifier *mn = take_dying(), *next;
	struct mm_struct *mm;

	(void)work;
	if (mn)
		pp_synchronize_srcu(&srcu);
	for (; mn; mn = next) {
		next = mn->dying;
		mm = mn->mm;
		mn->ops->free_notifier(mn);
		pinpage_mmdrop(mm);
	}
}

void pinpage_mmu_notifier_put(struct mmu_notifier *mn)
{
	struct pp_notifiers *ns;
	bool last;

	if (!pp_ready() || !mn || !mn->mm || !mn->users) {
		pp_warn_once("mmu_notifier_put(%p): not registered", (void *)mn);
		return;
	}
	ns = mn->mm->notifiers;
	pinpage_spin_lock(&ns->lock);
	last = !--mn->users;
	if (last && mn->listed)
		unlist(ns, mn);
	pinpage_spin_unlock(&ns->lock);
	if (!last)
		return;
	pinpage_spin_lock(&dying.lock);
	mn->dying = dying.first;
	dying.first = mn;
	pinpage_spin_unlock(&dying.lock);
	pinpage_schedule_work(&dying.work);
}

void pinpage_mmu_notifier_synchronize(void)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return;
	pinpage_flush_work(&dying.work);
	pp_synchronize_srcu(&srcu);
}

/* the end */

/**
 * pp_mmu_release() - the last user is gone, its mappings are not yet
 *
 * Context: process; sleeps. Locking: no mmap_lock.
 * Mirrors: mm/mmu_notifier.c:mn_hlist_release(), mn_itree_release()
 */
void pp_mmu_release(struct mm_struct *mm)
{
	struct pp_notifiers *ns = mm->notifiers;
	struct mmu_notifier *mn;
	unsigned int section;

	if (likely(!ns) || pp_mm_breaking)
		return;
	pp_interval_release(ns, mm);
	section = pp_srcu_read_lock(&srcu);
	for_each_subscriber(mn, ns) {
		if (mn->ops->release)
			mn->ops->release(mn, mm);
	}
	pinpage_spin_lock(&ns->lock);
	for (mn = ns->first; mn; mn = mn->next)
		WRITE_ONCE(mn->listed, false);
	smp_store_release(&ns->first, NULL);
	pinpage_spin_unlock(&ns->lock);
	pp_srcu_read_unlock(&srcu, section);
	pp_synchronize_srcu(&srcu);
}

/* the last count of the address space is gone */
void pp_mmu_destroy(struct mm_struct *mm)
{
	if (likely(!mm->notifiers))
		return;
	if (mm->notifiers->first || !RB_EMPTY(&mm->notifiers->tree))
		pp_warn("address space %u still has notifiers at shutdown", mm->id);
	pp_interval_forget(mm->notifiers);
	pp_free(mm->notifiers);
	mm->notifiers = NULL;
}

void pp_notifier_boot(void)
{
	pp_srcu_init(&srcu, "notifier srcu");
	dying.first = NULL;
	pinpage_init_work(&dying.work, free_dying);
}
