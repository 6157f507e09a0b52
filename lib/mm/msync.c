// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/msync.c - msync: what was stored through a shared mapping goes to its file
 *
 * Mirrors: mm/msync.c 6.1.
 */
#include "mm/internal.h"

/* bytes [start, end) of @file, mmap_lock not held */
static int sync_piece(struct file *file, pinpage_loff_t start, pinpage_loff_t end)
{
	int err = pinpage_fsync_range(file, start, end - 1, 1);

	pp_fput(file);
	return err;
}

/*
 * The area at or behind *@at inside [*@at, end): 1 and a file to be synced
 * over [*@from, *@to), 0 nothing to do; *@at moves on. mmap_lock held.
 */
static int next_piece(struct mm_struct *mm, unsigned long *at, unsigned long end,
		      int flags, struct file **file, pinpage_loff_t range[2], bool *hole)
{
	struct vm_area_struct *vma = pp_find_vma(mm, *at);
	unsigned long start;

	if (!vma || vma->vm_start >= end) {
		*hole = true;
		*at = end;
		return 0;
	}
	*hole |= vma->vm_start > *at;
	start = max(*at, vma->vm_start);
	*at = min(end, vma->vm_end);
	if (flags & MS_INVALIDATE && vma->vm_flags & VM_LOCKED)
		return -EBUSY;
	if (!(flags & MS_SYNC) || !vma->vm_file || !(vma->vm_flags & VM_SHARED))
		return 0;
	range[0] = (pinpage_loff_t)pp_vma_pgoff(vma, start) << PAGE_SHIFT;
	range[1] = range[0] + (pinpage_loff_t)(*at - start);
	*file = pp_get_file(vma->vm_file);
	return 1;
}

static int sync_range(struct mm_struct *mm, unsigned long start, unsigned long end, int flags)
{
	unsigned long at = start;
	pinpage_loff_t range[2];
	struct file *file;
	bool hole = false;
	int ret;

	while (at < end) {
		pinpage_down_read(&mm->mmap_lock);
		ret = next_piece(mm, &at, end, flags, &file, range, &hole);
		pinpage_up_read(&mm->mmap_lock);
		if (ret > 0)
			ret = sync_piece(file, range[0], range[1]);
		if (ret)
			return ret;
	}
	return hole ? -ENOMEM : 0;
}

int pinpage_msync(unsigned long addr, size_t len, int flags)
{
	unsigned long size = ALIGN(len, PAGE_SIZE);

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	if (flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC) || addr & ~PAGE_MASK ||
	    (flags & MS_ASYNC && flags & MS_SYNC))
		return -EINVAL;
	if (addr + size < addr || size < len)
		return -ENOMEM;
	return size ? sync_range(current->mm, addr, addr + size, flags) : 0;
}
