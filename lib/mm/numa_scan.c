// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/numa_scan.c - who puts hinting entries into address spaces, piece by piece
 *
 * I1. mm->numa_scan_offset is where the next piece begins; after the last area
 *     it begins again at the first.
 * Mirrors: kernel/sched/fair.c:task_numa_work() 6.1; differs: one task for all
 * address spaces, not each task for its own on its way out of the kernel; no
 * statistics set the pace.
 */
#include "mm/hugetlb.h"
#include "mm/migrate.h"
#include "mm/scanner.h"

#include <limits.h>

#define SCAN_PERIOD_MS	1000U		/* scan_period_min_ms */
#define SCAN_PAGES	65536UL		/* scan_size_mb: 256 */

/* Mirrors: include/linux/mempolicy.h:vma_migratable(), task_numa_work() */
static bool passed_over(const struct vm_area_struct *vma)
{
	const struct file *file = vma->vm_file;

	if (vma->vm_flags & (VM_IO | VM_PFNMAP | VM_MIXEDMAP | VM_HUGETLB))
		return true;
	if (!(vma->vm_flags & VM_ACCESS))
		return true;
	/* libraries: read by all, moved for nobody */
	return file && (file->f_mapping->a_ops->dax ||
			(vma->vm_flags & (VM_READ | VM_WRITE)) == VM_READ);
}

/* a huge page's worth at least, so that the table is walked once */
static unsigned long piece_end(const struct vm_area_struct *vma, unsigned long start,
			       long pages)
{
	unsigned long end = ALIGN(start + ((unsigned long)pages << PAGE_SHIFT), PMD_SIZE);

	return min(end, vma->vm_end);
}

/* mmap_lock held */
static long scan_mm(struct mm_struct *mm, long pages)
{
	unsigned long start = READ_ONCE(mm->numa_scan_offset), end;
	long looked = 8 * pages, changed = 0, nr;
	struct vm_area_struct *vma = pp_find_vma(mm, start);

	if (!vma) {
		start = 0;
		vma = pp_find_vma(mm, 0);
	}
	for (; vma; vma = pp_vma_next(vma)) {
		if (passed_over(vma))
			continue;
		for (start = max(start, vma->vm_start); start < vma->vm_end; start = end) {
			if (pages <= 0 || looked <= 0)
				goto out;
			end = piece_end(vma, start, pages);
			nr = pp_numa_hint_area(vma, start, end);
			changed += nr;
			pages -= nr ? (long)((end - start) >> PAGE_SHIFT) : 0;
			looked -= (long)((end - start) >> PAGE_SHIFT);
			pinpage_cond_resched();
		}
	}
	start = 0;
out:
	WRITE_ONCE(mm->numa_scan_offset, start);
	return changed;
}

long pinpage_numa_scan(struct mm_struct *mm, unsigned long nr)
{
	long changed;

	if (!pp_ready() || !pinpage_might_sleep() || !mm ||
	    atomic_read(&mm->mm_users) <= 0 || nr > LONG_MAX / 16)
		return -EINVAL;
	pinpage_down_read(&mm->mmap_lock);
	changed = scan_mm(mm, (long)nr);
	pinpage_up_read(&mm->mmap_lock);
	return changed;
}

/* the task */

static void scan_all(struct pp_scanner *s);

static unsigned long pages_a_round;	/* constant while it runs */
static struct pp_scanner scanner = {
	.name = "numa-scan", .round = scan_all, .usual_ms = SCAN_PERIOD_MS,
};

static int scan_one(struct mm_struct *mm, void *arg)
{
	(void)arg;
	pinpage_numa_scan(mm, pages_a_round);
	return pp_scanner_stops(&scanner);
}

static void scan_all(struct pp_scanner *s)
{
	pp_for_each_mm(scan_one, s);
}

int pinpage_numa_scan_start(unsigned long nr, unsigned int pause_ms)
{
	if (pp_scanner_runs(&scanner))
		return -EBUSY;
	if (nr > LONG_MAX / 16)
		return -EINVAL;
	pages_a_round = nr ? nr : SCAN_PAGES;
	return pp_scanner_start(&scanner, pause_ms);
}

void pinpage_numa_scan_stop(void)
{
	if (pp_ready())
		pp_scanner_stop(&scanner);
}
