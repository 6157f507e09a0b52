/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * notifier.h - mmu notifiers: being told before what an address maps changes
 *
 * Rules for callers:
 * - Between ->invalidate_range_start() and _end() the range must not be
 *   looked up for a device. After _start() has returned the device does not
 *   use the range, and references to its pages that the driver holds because
 *   of it are gone: nothing else keeps the change from happening.
 * - A driver that takes pages under a range checks by mmu_interval_read_begin()
 *   and _read_retry() that no invalidation came in between.
 * - A callback may sleep if the range says so. It is called with mmap_lock, a
 *   page lock or a lock of the reverse map held: it must not take those, so it
 *   cannot call set_page_dirty_lock(), fault, or pin.
 * - A registration holds the address space (mmgrab), not its mappings.
 *   ->release() comes before the mappings go.
 * - The structures below are the caller's memory; zeroed before use.
 *
 * Mirrors: include/linux/mmu_notifier.h (6.1).
 */
#ifndef PINPAGE_NOTIFIER_H
#define PINPAGE_NOTIFIER_H

#include <stdbool.h>
#include <stdint.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;

/* why a range is invalidated */
enum mmu_notifier_event {
	PINPAGE_MMU_NOTIFY_UNMAP,		/* munmap(), or it moved: the area goes */
	PINPAGE_MMU_NOTIFY_CLEAR,		/* entries go or change their page */
	PINPAGE_MMU_NOTIFY_PROTECTION_VMA,	/* the area's rights change */
	PINPAGE_MMU_NOTIFY_PROTECTION_PAGE,	/* entries lose rights */
	PINPAGE_MMU_NOTIFY_SOFT_DIRTY,		/* write-protected to see writes */
	PINPAGE_MMU_NOTIFY_RELEASE,		/* the address space ends */
	PINPAGE_MMU_NOTIFY_MIGRATE,		/* device memory migrates */
	PINPAGE_MMU_NOTIFY_EXCLUSIVE,		/* a device wants it for itself */
};

#define PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE	1u

/* @start, @end: bytes, end exclusive; @flags: _BLOCKABLE: callbacks may sleep */
struct mmu_notifier_range {
	struct mm_struct *mm;
	unsigned long start, end;
	unsigned int flags;
	enum mmu_notifier_event event;
	void *owner;
};

/* an entry as ->change_pte() sees it: frame number << 12 | PINPAGE_PTE_* */
typedef struct { uint64_t pte; } pinpage_pte_t;

struct mmu_notifier;

/**
 * struct mmu_notifier_ops - what a driver wants to hear; each may be NULL
 * @release:          the address space ends; sleeps
 * @clear_flush_young, @clear_young: was the range used through the device
 *                    since the last time? Clears that. 0 or 1
 * @test_young:       as above, clears nothing
 * @change_pte:       an entry's page changes (up to 6.9); must not sleep
 * @invalidate_range_start: 0, or -EAGAIN if the range is not blockable and the
 *                    callback would have to wait
 * @invalidate_range_end: partner of every _start that returned 0
 * @invalidate_range: the device shares the page tables and has to flush its
 *                    TLB; must not sleep
 * @alloc_notifier, @free_notifier: for mmu_notifier_get() and _put(); alloc
 *                    returns ERR_PTR() on failure; free is called when no
 *                    callback can run any more
 *
 * Mirrors: include/linux/mmu_notifier.h; differs: from 6.6 on
 * @invalidate_range is named arch_invalidate_secondary_tlbs there.
 */
struct mmu_notifier_ops {
	void (*release)(struct mmu_notifier *mn, struct mm_struct *mm);
	int (*clear_flush_young)(struct mmu_notifier *mn, struct mm_struct *mm,
				 unsigned long start, unsigned long end);
	int (*clear_young)(struct mmu_notifier *mn, struct mm_struct *mm,
			   unsigned long start, unsigned long end);
	int (*test_young)(struct mmu_notifier *mn, struct mm_struct *mm,
			  unsigned long address);
	void (*change_pte)(struct mmu_notifier *mn, struct mm_struct *mm,
			   unsigned long address, pinpage_pte_t pte);
	int (*invalidate_range_start)(struct mmu_notifier *mn,
				      const struct mmu_notifier_range *range);
	void (*invalidate_range_end)(struct mmu_notifier *mn,
				     const struct mmu_notifier_range *range);
	void (*invalidate_range)(struct mmu_notifier *mn, struct mm_struct *mm,
				 unsigned long start, unsigned long end);
	struct mmu_notifier *(*alloc_notifier)(struct mm_struct *mm);
	void (*free_notifier)(struct mmu_notifier *mn);
};

/* @ops, @mm: the caller's to set and to read; the rest is the library's */
struct mmu_notifier {
	const struct mmu_notifier_ops *ops;
	struct mm_struct *mm;
	struct mmu_notifier *next;
	struct mmu_notifier *dying;
	unsigned int users;
	unsigned int since;
	bool listed;
};

struct mmu_interval_notifier;

/**
 * struct mmu_interval_notifier_ops - the interval's callback
 * @invalidate: calls mmu_interval_set_seq(sub, cur_seq) under the lock that
 *              also surrounds mmu_interval_read_retry(), then stops the
 *              device. false: @range is not blockable and it would have to wait
 */
struct mmu_interval_notifier_ops {
	bool (*invalidate)(struct mmu_interval_notifier *interval_sub,
			   const struct mmu_notifier_range *range,
			   unsigned long cur_seq);
};

/* @ops, @mm: to read; the rest is the library's */
struct mmu_interval_notifier {
	const struct mmu_interval_notifier_ops *ops;
	struct mm_struct *mm;
	unsigned long invalidate_seq;
	void *node;			/* the library's; NULL: not inserted */
};

/**
 * pinpage_mmu_notifier_register() - be told about an address space from now on
 * @subscription: @ops set, not registered; stays until
 *                pinpage_mmu_notifier_unregister() has returned
 * @mm:           the caller has a user
 *
 * On return every change that the driver was not told of has ended.
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing and, one
 *          after the other, the locks of the reverse map.
 * Return:  0, -EINVAL (NULL, no living address space), -ENOMEM.
 * Mirrors: mm/mmu_notifier.c:mmu_notifier_register(); differs: waits for each
 *          lock instead of holding all. Since: 0.1
 */
PINPAGE_API int pinpage_mmu_notifier_register(struct mmu_notifier *subscription,
					      struct mm_struct *mm);

/**
 * pinpage_mmu_notifier_unregister() - not any more
 * @subscription: registered; the caller's again on return
 * @mm:           the one it was registered for; drops its count
 *
 * Calls ->release() unless the end of the address space has done so, and waits
 * for callbacks that run.
 *
 * Context: process, not from a callback; may sleep. Locking: none.
 * Mirrors: mm/mmu_notifier.c:mmu_notifier_unregister(). Since: 0.1
 */
PINPAGE_API void pinpage_mmu_notifier_unregister(struct mmu_notifier *subscription,
						 struct mm_struct *mm);

/**
 * pinpage_mmu_notifier_get() - one registration for all users of @ops in @mm
 * @ops: with alloc_notifier and free_notifier; @mm: the caller has a user
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing.
 * Return:  for pinpage_mmu_notifier_put(); what alloc_notifier returned if
 *          that is an ERR_PTR(); ERR_PTR(-ENOMEM), ERR_PTR(-EINVAL).
 * Mirrors: mm/mmu_notifier.c:mmu_notifier_get_locked(). Since: 0.1
 */
PINPAGE_API struct mmu_notifier *pinpage_mmu_notifier_get(
	const struct mmu_notifier_ops *ops, struct mm_struct *mm);

/**
 * pinpage_mmu_notifier_put() - drop what pinpage_mmu_notifier_get() returned
 *
 * The last one takes it off the list; free_notifier() is called later, from a
 * work item. ->release() is not called.
 *
 * Context: process, from a callback too. Locking: none.
 * Mirrors: mm/mmu_notifier.c:mmu_notifier_put(). Since: 0.1
 */
PINPAGE_API void pinpage_mmu_notifier_put(struct mmu_notifier *subscription);

/**
 * pinpage_mmu_notifier_synchronize() - wait until every free_notifier() that a
 * put has asked for was called, and every callback that runs has returned
 *
 * Context: process, not from a callback; may sleep. Locking: none.
 * Mirrors: mm/mmu_notifier.c:mmu_notifier_synchronize(). Since: 0.1
 */
PINPAGE_API void pinpage_mmu_notifier_synchronize(void);

/**
 * pinpage_mmu_interval_notifier_insert() - be told about a range
 * @interval_sub: stays until pinpage_mmu_interval_notifier_remove() returned
 * @mm:           the caller has a user
 * @start, @length: bytes, need not be mapped
 *
 * An invalidation that is going on counts as one of the range: a reader waits
 * for its end.
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing the first
 *          time.
 * Return:  0, -EOVERFLOW (no length, or past the end), -EINVAL (NULL, no
 *          living address space), -ENOMEM.
 * Mirrors: mm/mmu_notifier.c:mmu_interval_notifier_insert(). Since: 0.1
 */
PINPAGE_API int pinpage_mmu_interval_notifier_insert(
	struct mmu_interval_notifier *interval_sub, struct mm_struct *mm,
	unsigned long start, unsigned long length,
	const struct mmu_interval_notifier_ops *ops);

/**
 * pinpage_mmu_interval_notifier_remove() - not any more
 * @interval_sub: inserted; the caller's again on return
 *
 * Waits for an invalidation that is going on to end.
 *
 * Context: process, not from a callback; may sleep. Locking: none of those
 *          that callbacks are called with.
 * Mirrors: mm/mmu_notifier.c:mmu_interval_notifier_remove(). Since: 0.1
 */
PINPAGE_API void pinpage_mmu_interval_notifier_remove(
	struct mmu_interval_notifier *interval_sub);

/**
 * pinpage_mmu_interval_read_begin() - before pages of the range are looked up
 *
 * Waits while the range is being invalidated.
 *
 * Context: process; may sleep. Locking: none that the callback takes, no
 *          mmap_lock for writing.
 * Return:  for pinpage_mmu_interval_read_retry().
 * Mirrors: mm/mmu_notifier.c:mmu_interval_read_begin(). Since: 0.1
 */
PINPAGE_API unsigned long pinpage_mmu_interval_read_begin(
	struct mmu_interval_notifier *interval_sub);

/**
 * pinpage_mmu_interval_set_seq() - in ->invalidate(): the sequence from now on
 * pinpage_mmu_interval_read_retry() - has there been an invalidation?
 * pinpage_mmu_interval_check_retry() - a hint of it, without the lock
 * @interval_sub: inserted; @cur_seq: as handed to ->invalidate()
 * @seq:          what pinpage_mmu_interval_read_begin() returned
 *
 * Context: any. Locking: set_seq and read_retry: the driver's lock.
 * Return:  true: what was looked up since may be stale; drop it, begin again.
 * Mirrors: include/linux/mmu_notifier.h. Since: 0.1
 */
PINPAGE_API void pinpage_mmu_interval_set_seq(struct mmu_interval_notifier *interval_sub,
					      unsigned long cur_seq);
PINPAGE_API bool pinpage_mmu_interval_read_retry(struct mmu_interval_notifier *interval_sub,
						 unsigned long seq);
PINPAGE_API bool pinpage_mmu_interval_check_retry(struct mmu_interval_notifier *interval_sub,
						  unsigned long seq);
static inline bool pinpage_mmu_notifier_range_blockable(const struct mmu_notifier_range *range)
{
	return range->flags & PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE;
}

#ifdef __cplusplus
}
#endif

#endif
