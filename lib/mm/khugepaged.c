// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/khugepaged.c - who asks for huge pages after the fact: MADV_COLLAPSE and
 * khugepaged
 *
 * I1. Neither waits for pins: what somebody refers to stays as it is.
 *
 * Mirrors: mm/khugepaged.c:madvise_collapse(), khugepaged_scan_mm_slot(),
 * khugepaged() 6.1; differs: a pass is over everything, no pages_to_scan and no
 * sleeping in between; an address space is kept by a user while it is scanned.
 */
#include "mm/huge.h"
#include "mm/scanner.h"

#define PAUSE_MS 10000U		/* scan_sleep_millisecs */

static int collapse_errno(enum pp_scan result)
{
	switch (result) {
	case PP_SCAN_NOMEM:
		return -ENOMEM;
	case PP_SCAN_PAGE_COUNT:
	case PP_SCAN_PAGE_LOCK:
	case PP_SCAN_PAGE_LRU:
		return -EAGAIN;
	default:
		return -EINVAL;
	}
}

/* the next 2 MiB may do better */
static bool go_on(enum pp_scan result)
{
	return result != PP_SCAN_FAIL && result != PP_SCAN_NOMEM &&
	       result != PP_SCAN_EXCEED;
}

/* [start, end), in one area; mmap_lock not held */
static int collapse_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long addr = ALIGN(start, PMD_SIZE);
	enum pp_scan result = PP_SCAN_OK, failed = PP_SCAN_OK;

	end &= PMD_MASK;
	if (end < addr)
		return -EINVAL;		/* within 2 MiB */
	for (; addr < end && go_on(result); addr += PMD_SIZE) {
		result = pp_collapse(mm, addr, false);
		if (result != PP_SCAN_OK && result != PP_SCAN_MAPPED)
			failed = result;
	}
	return failed == PP_SCAN_OK ? 0 : collapse_errno(failed);
}

/*
 * [*start, *end) becomes its part in the first area that meets it. 0; 1: there
 * is none; -EINVAL: the area is not for huge pages.
 */
static int next_area(struct mm_struct *mm, unsigned long *start, unsigned long *end,
		     bool khugepaged)
{
	struct vm_area_struct *vma;
	int err = 0;

	pinpage_down_read(&mm->mmap_lock);
	vma = pp_find_vma(mm, *start);
	if (!vma || vma->vm_start >= *end) {
		pinpage_up_read(&mm->mmap_lock);
		return 1;
	}
	if (!pp_collapsible(vma, khugepaged))
		err = -EINVAL;
	*start = max(*start, vma->vm_start);
	*end = min(*end, vma->vm_end);
	pinpage_up_read(&mm->mmap_lock);
	return err;
}

/**
 * pp_madvise_collapse() - MADV_COLLAPSE
 * @start, @end: page aligned
 *
 * Context: process; sleeps. Locking: mmap_lock not held.
 * Return:  0: every aligned 2 MiB of the range is mapped by a huge leaf;
 *          -ENOMEM: no memory, or a hole; -EAGAIN: pages are in use;
 *          -EINVAL: it cannot be.
 * Mirrors: mm/khugepaged.c:madvise_collapse()
 */
int pp_madvise_collapse(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	unsigned long from = start, to;
	int err = 0, hole = 0;

	while (!err && from < end) {
		unsigned long at = from;

		to = end;
		err = next_area(mm, &from, &to, false);
		if (err > 0)
			return -ENOMEM;
		if (err)
			break;
		if (from > at)
			hole = -ENOMEM;
		err = collapse_range(mm, from, to);
		from = to;
	}
	return err ? err : hole;
}

static long scan_mm(struct mm_struct *mm)
{
	unsigned long start = 0, end = TASK_SIZE, addr;
	long done = 0;
	int err;

	while ((err = next_area(mm, &start, &end, true)) <= 0) {
		addr = err ? end : ALIGN(start, PMD_SIZE);
		for (; addr < end && end - addr >= PMD_SIZE; addr += PMD_SIZE)
			done += pp_collapse(mm, addr, true) == PP_SCAN_OK;
		start = end;
		end = TASK_SIZE;
		pinpage_cond_resched();
	}
	return done;
}

long pinpage_khugepaged_scan(struct mm_struct *mm)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (!mm || atomic_read(&mm->mm_users) <= 0)
		return -EINVAL;
	return scan_mm(mm);
}

static int scan_one(struct mm_struct *mm, void *arg)
{
	scan_mm(mm);
	return pp_scanner_stops(arg);
}

static void scan_all(struct pp_scanner *s)
{
	pp_for_each_mm(scan_one, s);
}

static struct pp_scanner khugepaged = {
	.name = "khugepaged", .round = scan_all, .usual_ms = PAUSE_MS,
};

int pinpage_khugepaged_start(unsigned int pause_ms)
{
	return pp_scanner_start(&khugepaged, pause_ms);
}

void pinpage_khugepaged_stop(void)
{
	if (pp_ready())
		pp_scanner_stop(&khugepaged);
}
