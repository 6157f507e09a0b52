/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * migrate.h - pages that move: between nodes, out of ranges, off bad frames
 *
 * Rules for callers:
 * - A page with any reference that its mappings, its cache and its private
 *   data do not explain stays where it is: a pin, a get_page(), a look-up. The
 *   call says so, and the page works on; nobody waits for the reference.
 * - All of these sleep and take page locks: none may be held, nor a lock of
 *   the reverse map. mmap_lock may not be held where the text says so.
 * - As actors of a scenario they are called in a loop, or by the tasks that
 *   pinpage_kcompactd_start(), pinpage_offliner_start() and
 *   pinpage_numa_scan_start() make.
 *
 * Mirrors: include/linux/migrate.h, mempolicy.h, compaction.h,
 * memory_hotplug.h, cma.h, mm.h (6.1).
 */
#ifndef PINPAGE_MIGRATE_H
#define PINPAGE_MIGRATE_H

#include <stdbool.h>
#include <stddef.h>

#include <pinpage/api.h>
#include <pinpage/page.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;

#define PINPAGE_MPOL_MF_MOVE		0x02	/* pages that only this mm maps */
#define PINPAGE_MPOL_MF_MOVE_ALL	0x04	/* shared ones, too */

/**
 * pinpage_move_pages() - move single pages of a process to other nodes
 * @mm:     the process
 * @nr:     entries of the arrays; 0 does nothing
 * @pages:  byte addresses, one a page
 * @nodes:  where each shall go; NULL: only ask where they are
 * @status: out: for each page its node, or -ENOENT (nothing is there), -EFAULT
 *          (no area, or the zero page; up to 6.11 nothing in an anonymous
 *          area), -EACCES (shared, without MOVE_ALL),
 *          -EBUSY (isolated by somebody else). A page that was tried and could
 *          not be moved leaves its slot as it was
 * @flags:  PINPAGE_MPOL_MF_MOVE or _MOVE_ALL
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  0; > 0: pages that did not move or were not tried; -EINVAL: unknown
 *          flags, no array, no living mm; -ENODEV: no such node; -ENOMEM: no
 *          frame there.
 * Mirrors: mm/migrate.c:kernel_move_pages(). Since: 0.1
 */
PINPAGE_API long pinpage_move_pages(struct mm_struct *mm, unsigned long nr,
				    const unsigned long *pages,
				    const int *nodes, int *status, int flags);

/**
 * pinpage_migrate_pages() - move all of a process from nodes to nodes
 * @mm:   the process
 * @from: mask of nodes
 * @to:   mask of nodes; the nth of @from goes to the nth of @to, in a circle
 *
 * Pages that others map as well stay, unless the caller is root (its address space
 * has no user: pinpage_mm_set_user()).
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  pages that stayed although they should go; -EINVAL: no living mm,
 *          an empty mask or one with a node that there is not; -ENOMEM.
 * Mirrors: mm/mempolicy.c:do_migrate_pages(). Since: 0.1
 */
PINPAGE_API long pinpage_migrate_pages(struct mm_struct *mm, unsigned long from,
				       unsigned long to);

/**
 * pinpage_migrate_to_device() - move anonymous pages to a device
 * @mm:       the process
 * @start:    byte address, page aligned
 * @nr_pages: of the range; what is not there, not anonymous, huge, or held by
 *            somebody stays
 *
 * They are coherent memory of the device until they are free or move back: the
 * process uses them as before, they can be pinned, and FOLL_LONGTERM moves them
 * back first (-EBUSY if somebody holds one).
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  pages moved; -EINVAL: no @mm, alignment, atomic context, not booted;
 *          -ENOMEM: no frame.
 * Mirrors: mm/migrate_device.c:migrate_vma_setup(), migrate_vma_pages().
 * Since: 0.1
 */
PINPAGE_API long pinpage_migrate_to_device(struct mm_struct *mm, unsigned long start,
					   unsigned long nr_pages);

/**
 * pinpage_change_prot_numa() - let the next access tell who uses a range
 * @mm:         the process
 * @start, @end: byte addresses, rounded to pages outwards
 *
 * Entries of accessible areas become PROT_NONE; the fault that follows
 * (a hinting fault) makes them accessible again, after moving the page to the
 * node of the task that touched it. Which private pages with other users are
 * left alone is a rule (numa_skip).
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  entries changed; -EINVAL: no living mm, @start > @end.
 * Mirrors: mm/mempolicy.c:change_prot_numa(). Since: 0.1
 */
PINPAGE_API long pinpage_change_prot_numa(struct mm_struct *mm,
					  unsigned long start, unsigned long end);

/**
 * pinpage_numa_scan() - pinpage_change_prot_numa() of the next piece
 * @mm: the process
 * @nr: pages whose entries may change; eight times as many are looked at
 *
 * Each call goes on where the last one of this address space ended, and at its
 * begin after its end. Areas of devices, of hugetlb, DAX or MIXEDMAP pages, and
 * read-only ones of files are passed over.
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  entries changed; -EINVAL: no living mm, @nr out of range.
 * Mirrors: kernel/sched/fair.c:task_numa_work(). Since: 0.1
 */
PINPAGE_API long pinpage_numa_scan(struct mm_struct *mm, unsigned long nr);

/**
 * pinpage_numa_scan_start() - a task that does so to all address spaces
 * @nr:       pages of each between two pauses; 0: 65536 (256 MiB)
 * @pause_ms: 0: 1 second
 *
 * In schedules it is "task:numa-scan".
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (@nr, wrong context).
 * Mirrors: kernel/sched/fair.c:task_tick_numa(). Since: 0.1
 */
PINPAGE_API int pinpage_numa_scan_start(unsigned long nr, unsigned int pause_ms);

/*
 * stop it; nothing if there is none. Context: process; sleeps; no mmap_lock
 * held. Since: 0.1
 */
PINPAGE_API void pinpage_numa_scan_stop(void);

/**
 * pinpage_compact_zone() - move pages to the end of their zone
 * @nid:  node
 * @zone: zone of it
 *
 * Context: process; sleeps. Locking: none of the model's.
 * Return:  pages moved; -EINVAL: no such zone.
 * Mirrors: mm/compaction.c:compact_zone(). Since: 0.1
 */
PINPAGE_API long pinpage_compact_zone(int nid, enum pinpage_zone zone);
/* As pinpage_compact_zone(), except: every zone of every node. */
PINPAGE_API long pinpage_compact_memory(void);

/**
 * pinpage_kcompactd_start() - a task that does so again and again
 * @pause_ms: between two passes; 0: 500 milliseconds
 *
 * In schedules it is "task:kcompactd".
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (wrong context).
 * Mirrors: mm/compaction.c:kcompactd_run(). Since: 0.1
 */
PINPAGE_API int pinpage_kcompactd_start(unsigned int pause_ms);

/*
 * stop it; nothing if there is none. Context: process; sleeps; no page lock
 * held. Since: 0.1
 */
PINPAGE_API void pinpage_kcompactd_stop(void);

/**
 * pinpage_offline_pages() - take a range of frames out of the machine
 * @start_pfn: first frame
 * @nr:        frames; they lie in one zone
 *
 * While it is being emptied nothing is allocated there and no long-term pin
 * stays there. Used pages are moved away.
 *
 * Context: process; sleeps. Locking: none of the model's.
 * Return:  0; -EINVAL: no such range, or of two zones; -EBUSY: some page stays
 *          (pinned, or not a page that moves), or the range is being emptied or
 *          offline already; -ENOMEM: nowhere to move to. After an error the
 *          range is in use as before.
 * Mirrors: mm/memory_hotplug.c:offline_pages(); differs: any range; gives up
 * after some passes where the kernel tries until a signal. Since: 0.1
 */
PINPAGE_API int pinpage_offline_pages(unsigned long start_pfn, unsigned long nr);

/**
 * pinpage_online_pages() - the end of pinpage_offline_pages()
 *
 * Context: process. Return: 0; -EINVAL: this very range is not offline.
 * Mirrors: mm/memory_hotplug.c:online_pages(). Since: 0.1
 */
PINPAGE_API int pinpage_online_pages(unsigned long start_pfn, unsigned long nr);

/**
 * pinpage_offliner_start() - a task that takes a range away and gives it back
 * @start_pfn, @nr: as pinpage_offline_pages()
 * @pause_ms:       after each try, and while the range is away; 0: 1 second
 *
 * What an administrator's loop over /sys/devices/system/memory does. In
 * schedules it is "task:offliner".
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (no such range, wrong context).
 * Mirrors: drivers/base/memory.c:state_store(). Since: 0.1
 */
PINPAGE_API int pinpage_offliner_start(unsigned long start_pfn, unsigned long nr,
				       unsigned int pause_ms);

/*
 * stop it, the range is in use then; nothing if there is none. Context:
 * process; sleeps; no page lock held. Since: 0.1
 */
PINPAGE_API void pinpage_offliner_stop(void);

/**
 * pinpage_alloc_contig_range() - have these very frames
 * @start, @end: frame numbers, @end exclusive, in one zone
 *
 * As pinpage_offline_pages(), except: one pass; the caller gets the frames,
 * each with one reference; pinpage_free_contig_range() drops these.
 *
 * Mirrors: mm/page_alloc.c:alloc_contig_range(). Since: 0.1
 */
PINPAGE_API int pinpage_alloc_contig_range(unsigned long start, unsigned long end);
PINPAGE_API void pinpage_free_contig_range(unsigned long pfn, unsigned long nr);

/**
 * pinpage_cma_alloc() - @nr frames in a row from a CMA area
 * @nr: at least 1
 *
 * Movable pages in the way are moved; a range that cannot be emptied is passed
 * over.
 *
 * Context: process; sleeps. Locking: none of the model's.
 * Return:  the first page, each with one reference, for pinpage_cma_release();
 *          NULL: no such range.
 * Mirrors: mm/cma.c:cma_alloc(). Since: 0.1
 */
PINPAGE_API struct page *pinpage_cma_alloc(unsigned long nr);

/**
 * pinpage_cma_release() - the end of pinpage_cma_alloc()
 *
 * Context: any. Return: false: not pages of a CMA area; nothing was done.
 * Mirrors: mm/cma.c:cma_release(). Since: 0.1
 */
PINPAGE_API bool pinpage_cma_release(struct page *pages, unsigned long nr);

/**
 * pinpage_memory_failure() - the hardware says that a frame is bad
 * @pfn:   frame
 * @flags: 0
 *
 * The page is marked (PG_hwpoison), unmapped, taken off the LRU and out of its
 * file, and its frame never used again: an access of a process to what was
 * there is -EFAULT (SIGBUS). Dirty bytes of a file are lost, which the next
 * fsync() tells (-EIO). Pins stay valid to those who hold them. Of a huge page of
 * hugetlb all is lost to those who map it, and the other frames can be used again.
 *
 * Context: process; sleeps. Locking: no page lock.
 * Return:  0: recovered, or the frame was free; -EBUSY: marked, and yet
 *          somebody uses it (a pinned file page, a kernel page, a folio that
 *          does not split, a merged page before 6.4, a promised page of
 *          hugetlb); -EHWPOISON: marked before; -ENXIO: no such frame;
 *          -EINVAL: flags.
 * Mirrors: mm/memory-failure.c:memory_failure(); differs: no signal is sent.
 * Since: 0.1
 */
PINPAGE_API int pinpage_memory_failure(unsigned long pfn, int flags);

/**
 * pinpage_unpoison_memory() - a frame marked for a test is good again
 * @pfn: frame
 *
 * Context: process. Locking: no page lock.
 * Return:  0 (also if it is not marked); -EBUSY: somebody uses it; -ENXIO.
 * Mirrors: mm/memory-failure.c:unpoison_memory(). Since: 0.1
 */
PINPAGE_API int pinpage_unpoison_memory(unsigned long pfn);

/**
 * pinpage_soft_offline_page() - stop using a frame that may fail soon
 * @pfn:   frame
 * @flags: 0
 *
 * Clean cache that nobody maps is dropped; other pages are moved, so that
 * processes see the same bytes on another frame. The pool of huge pages loses one.
 *
 * Context: process; sleeps. Locking: no page lock.
 * Return:  0 (also if it is marked already); -EBUSY: somebody holds the page,
 *          and it works on; -EIO: a page that is not moved; -ENOMEM; -ENXIO: no
 *          such frame; -EINVAL: flags.
 * Mirrors: mm/memory-failure.c:soft_offline_page(). Since: 0.1
 */
PINPAGE_API int pinpage_soft_offline_page(unsigned long pfn, int flags);

#ifdef __cplusplus
}
#endif

#endif
