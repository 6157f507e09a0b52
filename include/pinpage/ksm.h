/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ksm.h - merging of equal anonymous pages
 *
 * Rules for callers:
 * - Areas take part after pinpage_madvise(MADV_MERGEABLE).
 * - Nothing scans by itself: pinpage_ksmd_start() makes a task that does, or
 *   one of the caller's calls pinpage_ksm_scan().
 * - A page with a reference that is not a mapping (a pin) is not merged; while
 *   it is what others are compared with, they are not, either.
 *
 * Mirrors: mm/ksm.c, /sys/kernel/mm/ksm (6.1); differs: no NUMA, no limit of
 * sharing, KSM pages are neither swapped nor migrated, huge pages are left alone.
 */
#ifndef PINPAGE_KSM_H
#define PINPAGE_KSM_H

#include <stdbool.h>

#include <pinpage/api.h>
#include <pinpage/page.h>

#ifdef __cplusplus
extern "C" {
#endif

/**
 * pinpage_ksm_scan() - look at pages of mergeable areas
 * @nr: how many at most; the end of a full scan ends the call, too
 *
 * Two equal pages need three full scans: one for a checksum that the next finds
 * unchanged, and the second of the two has to meet the first.
 *
 * Context: process; may sleep. Locking: takes mmap_lock of others, page locks.
 * Return:  pages looked at; -EINVAL: no machine, may not sleep.
 * Mirrors: mm/ksm.c:ksm_do_scan(). Since: 0.1
 */
PINPAGE_API long pinpage_ksm_scan(unsigned long nr);

/**
 * pinpage_ksmd_start() - a task that scans for ever
 * @nr:       pages between two pauses; 0: 100
 * @pause_ms: 0: 20 milliseconds
 *
 * In schedules it is "task:ksmd".
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (wrong context, no machine).
 * Mirrors: /sys/kernel/mm/ksm/run, mm/ksm.c:ksm_scan_thread(). Since: 0.1
 */
PINPAGE_API int pinpage_ksmd_start(unsigned long nr, unsigned int pause_ms);

/*
 * stop it; nothing if there is none; what is merged stays. Context: process;
 * sleeps; no mmap_lock held. Since: 0.1
 */
PINPAGE_API void pinpage_ksmd_stop(void);

/**
 * pinpage_ksm_unmerge_all() - everybody gets a page of his own again
 *
 * Context: process; may sleep. Locking: as pinpage_ksm_scan().
 * Return:  0; -ENOMEM: some are left; -EINVAL as there.
 * Mirrors: mm/ksm.c:unmerge_and_remove_all_rmap_items(). Since: 0.1
 */
PINPAGE_API int pinpage_ksm_unmerge_all(void);

/**
 * pinpage_ksm_use_zero_pages() - let pages of zeroes become the zero page
 *
 * Context: process; may sleep. Locking: none.
 * Mirrors: /sys/kernel/mm/ksm/use_zero_pages. Since: 0.1
 */
PINPAGE_API void pinpage_ksm_use_zero_pages(bool on);

struct pinpage_ksm_stats {
	unsigned long pages_shared;	/* KSM pages in use */
	unsigned long pages_sharing;	/* mappings saved by them */
	unsigned long pages_unshared;	/* in the unstable tree */
	unsigned long full_scans;
};

/* as in /sys/kernel/mm/ksm; zeros without a machine. Context: process. Since: 0.1 */
PINPAGE_API void pinpage_ksm_stats(struct pinpage_ksm_stats *stats);

/* is it a merged page? Context: any. Mirrors: include/linux/page-flags.h. Since: 0.1 */
PINPAGE_API bool pinpage_PageKsm(const struct page *page);

#ifdef __cplusplus
}
#endif

#endif
