// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mlock.c - memory that must stay: mlock and what it is charged to
 *
 * I1. mm->locked_vm is the number of pages in areas with VM_LOCKED, plus what
 *     drivers added by account_locked_vm().
 * I2. PG_mlocked, and the count of mappings that lock the page, change with the
 *     mappings; so does PG_unevictable, under the LRU lock. For reclaim both are
 *     hints, the areas decide.
 * Mirrors: mm/mlock.c 6.1.
 */
#include "mm/internal.h"

#include <limits.h>

/**
 * pp_mlock_limit() - RLIMIT_MEMLOCK in pages, as the calling task is bound by it
 *
 * Context: any. Return: LONG_MAX with CAP_IPC_LOCK.
 */
unsigned long pp_mlock_limit(const struct mm_struct *mm)
{
	unsigned long limit = ~READ_ONCE(mm->memlock);

	return current->cap_ipc_lock || limit > LONG_MAX ? LONG_MAX : limit;
}

/**
 * pp_can_do_mlock() - may the calling task lock memory at all?
 * Context: any. Mirrors: mm/mlock.c:can_do_mlock()
 */
bool pp_can_do_mlock(const struct mm_struct *mm)
{
	return pp_mlock_limit(mm) != 0;
}

/**
 * pp_mlock_future_ok() - do @pages more fit, that an area brings along?
 *
 * Context: process. Locking: mmap_lock held.
 * Mirrors: mm/mmap.c:mlock_future_check()
 */
bool pp_mlock_future_ok(const struct mm_struct *mm, unsigned long vm_flags,
			unsigned long pages)
{
	unsigned long limit = pp_mlock_limit(mm);

	if (!(vm_flags & VM_LOCKED))
		return true;
	return pages <= limit && (unsigned long)mm->locked_vm <= limit - pages;
}

/* reclaim */

static bool find_locked(struct pp_rmap_walk *walk, struct page *page,
			struct vm_area_struct *vma, unsigned long addr)
{
	(void)page;
	(void)addr;
	walk->count += !!(vma->vm_flags & VM_LOCKED);
	return !walk->count;
}

/**
 * pp_page_mlocked() - does an area with VM_LOCKED map the page?
 * @page: head, locked
 *
 * Context: process. Locking: page lock held.
 * Mirrors: mm/rmap.c:folio_referenced_one(), try_to_unmap_one()
 */
bool pp_page_mlocked(struct page *page)
{
	struct pp_rmap_walk walk = { .one = find_locked };

	if (pp_page_mapped(page))
		pp_rmap_walk(page, &walk);
	/* a mapping that was missed; one that went uncounted */
	if (walk.count && !PageMlocked(page))
		pp_mlock_page(page);
	else if (!walk.count && PageMlocked(page))
		pp_mlock_cleared(page);
	if (!walk.count && PageUnevictable(page))
		pp_munlock_page(page);
	return walk.count;
}

/* areas */

/* Areas whose pages nobody reclaims anyway stay as they are. */
static bool never_changes(const struct vm_area_struct *vma)
{
	const struct address_space_operations *ops =
		vma->vm_file ? vma->vm_file->f_mapping->a_ops : NULL;

	return vma->vm_flags & (VM_SPECIAL | VM_HUGETLB) || (ops && ops->no_mlock);
}

static void mark_page(struct page *head, bool locked)
{
	if (locked)
		pp_mlock_page(head);
	else
		pp_munlock_page(head);
}

/* a huge leaf; true: there is one */
static bool mark_leaf(struct vm_area_struct *vma, unsigned long addr, bool locked)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(vma->vm_mm, addr, &table), pmd;

	if (!pmdp)
		return false;
	pmd = *pmdp;
	if (pte_leaf(pmd) && !pp_is_huge_zero(pmd))
		mark_page(pte_page(pmd), locked);
	pinpage_spin_unlock(&table->lock);
	return pmd_is_huge(pmd);
}

/*
 * VM_LOCKED has come or gone: who maps or unmaps at the same time has seen the
 * one or the other, since mmap_lock is held for writing and the reverse map's
 * lock was. Mirrors: mm/mlock.c:mlock_pte_range()
 */
static void mark_pages(struct vm_area_struct *vma, bool locked)
{
	unsigned long addr, next;
	struct pp_table *table;
	struct page *page;
	pp_pte *ptep;

	for (addr = vma->vm_start; addr < vma->vm_end; addr = next) {
		next = pp_pmd_end(addr, vma->vm_end);
		if (mark_leaf(vma, addr, locked))
			continue;
		ptep = pp_pte_lock(vma->vm_mm, addr, &table);
		if (!ptep)
			continue;
		for (; addr < next; addr += PAGE_SIZE, ptep++) {
			page = pte_present(*ptep) ? pp_pte_normal_page(*ptep) : NULL;
			if (page && !PageHead(page) && !PageTail(page))
				mark_page(page, locked);
		}
		pinpage_spin_unlock(&table->lock);
	}
}

/* Mirrors: mm/mlock.c:mlock_fixup() */
static int fixup(struct vm_area_struct **vmap, unsigned long start,
		 unsigned long end, unsigned long lock)
{
	struct vm_area_struct *vma = *vmap;
	unsigned long flags = (vma->vm_flags & ~VM_LOCKED_MASK) | lock, old = vma->vm_flags;
	long pages = (long)((end - start) >> PAGE_SHIFT);
	int err;

	if (flags == old || never_changes(vma))
		return 0;
	err = pp_vma_isolate(&vma, start, end);
	if (err)
		return err;
	/* from locked to locked on fault or back: the pages are counted */
	if ((flags ^ old) & VM_LOCKED)
		vma->vm_mm->locked_vm += lock ? pages : -pages;
	pp_vma_lock_rmap(vma);
	vma->vm_flags = flags;
	pp_vma_unlock_rmap(vma);
	if ((flags ^ old) & VM_LOCKED)
		mark_pages(vma, lock);
	*vmap = pp_vma_merge(vma);
	return 0;
}

/* every area of a range without holes. Mirrors: apply_vma_lock_flags() */
static int apply(struct mm_struct *mm, unsigned long start, unsigned long end,
		 unsigned long lock)
{
	struct vm_area_struct *vma = pp_vma_lookup(mm, start);
	unsigned long at = start;
	int err = 0;

	while (!err && at < end) {
		if (!vma || vma->vm_start > at)
			return -ENOMEM;
		err = fixup(&vma, at, min(end, vma->vm_end), lock);
		at = vma->vm_end;
		vma = pp_vma_next(vma);
	}
	return err;
}

static unsigned long already_locked(struct mm_struct *mm, unsigned long start,
				    unsigned long end)
{
	struct vm_area_struct *vma = pp_find_vma(mm, start);
	unsigned long pages = 0;

	for (; vma && vma->vm_start < end; vma = pp_vma_next(vma))
		if (vma->vm_flags & VM_LOCKED)
			pages += (min(end, vma->vm_end) -
				  max(start, vma->vm_start)) >> PAGE_SHIFT;
	return pages;
}

/* faulting in: 0; -ENOMEM: a hole or no right; -EAGAIN: no memory */
static int populate(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma;
	unsigned long addr;
	int err;

	for (addr = start; addr < end; addr += PAGE_SIZE) {
		bool write;

		pinpage_down_read(&mm->mmap_lock);
		vma = pp_vma_lookup(mm, addr);
		if (vma && vma->vm_flags & (VM_IO | VM_PFNMAP | VM_LOCKONFAULT)) {
			pinpage_up_read(&mm->mmap_lock);
			continue;
		}
		write = vma && (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
		err = -EFAULT;
		if (vma && vma->vm_flags & VM_ACCESS)
			err = pp_populate_page(vma, addr, write);
		pinpage_up_read(&mm->mmap_lock);
		if (err)
			return err == -ENOMEM ? -EAGAIN : -ENOMEM;
	}
	return 0;
}

/* 0 and the range rounded to pages, or -errno */
static int round_range(unsigned long *addr, size_t *len)
{
	unsigned long offset = *addr & ~PAGE_MASK;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	*addr -= offset;
	if (*len > ~0UL - offset - PAGE_SIZE)
		return -EINVAL;
	*len = ALIGN(*len + offset, PAGE_SIZE);
	return *addr + *len < *addr ? -EINVAL : 0;
}

/* Mirrors: mm/mlock.c:do_mlock() */
static int do_mlock(unsigned long addr, size_t len, unsigned long lock)
{
	struct mm_struct *mm;
	unsigned long limit, pages;
	int err = round_range(&addr, &len);

	if (err)
		return err;
	mm = current->mm;
	if (!pp_can_do_mlock(mm))
		return -EPERM;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	limit = pp_mlock_limit(mm);
	pinpage_down_write(&mm->mmap_lock);
	pages = (len >> PAGE_SHIFT) + (unsigned long)mm->locked_vm;
	if (pages > limit)
		pages -= already_locked(mm, addr, addr + len);
	err = pages > limit ? -ENOMEM : apply(mm, addr, addr + len, lock);
	pp_mmap_unlock(mm);
	return err ? err : populate(mm, addr, addr + len);
}

int pinpage_mlock(unsigned long addr, size_t len)
{
	return do_mlock(addr, len, VM_LOCKED);
}

/* See the header. Mirrors: mm/mlock.c:mlock2() */
int pinpage_mlock2(unsigned long addr, size_t len, unsigned int flags)
{
	if (flags & ~(unsigned int)MLOCK_ONFAULT)
		return -EINVAL;
	return do_mlock(addr, len, flags ? VM_LOCKED_MASK : VM_LOCKED);
}

/* See the header. Mirrors: mm/mlock.c:munlock() */
int pinpage_munlock(unsigned long addr, size_t len)
{
	int err = round_range(&addr, &len);
	struct mm_struct *mm;

	if (err)
		return err;
	mm = current->mm;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	pinpage_down_write(&mm->mmap_lock);
	err = apply(mm, addr, addr + len, 0);
	pp_mmap_unlock(mm);
	return err;
}

/* mmap_lock held for writing; errors of single areas are nobody's business */
static void apply_all(struct mm_struct *mm, unsigned long lock)
{
	struct vm_area_struct *vma = pp_find_vma(mm, 0);

	while (vma) {
		(void)fixup(&vma, vma->vm_start, vma->vm_end, lock);
		vma = pp_vma_next(vma);
	}
}

static void populate_all(struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	unsigned long start = 0, end;

	for (;;) {
		pinpage_down_read(&mm->mmap_lock);
		vma = pp_find_vma(mm, start);
		while (vma && !(vma->vm_flags & VM_LOCKED))
			vma = pp_vma_next(vma);
		start = vma ? vma->vm_start : 0;
		end = vma ? vma->vm_end : 0;
		pinpage_up_read(&mm->mmap_lock);
		if (!end)
			return;
		(void)populate(mm, start, end);
		start = end;
	}
}

/* See the header. Mirrors: mm/mlock.c:mlockall() */
int pinpage_mlockall(int flags)
{
	unsigned long lock = flags & MCL_ONFAULT ? VM_LOCKED_MASK : VM_LOCKED;
	struct mm_struct *mm;
	int err = 0;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep() || !flags ||
	    flags & ~(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) || flags == MCL_ONFAULT)
		return -EINVAL;
	mm = current->mm;
	if (!pp_can_do_mlock(mm))
		return -EPERM;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	pinpage_down_write(&mm->mmap_lock);
	if (flags & MCL_CURRENT && mm->total_vm > pp_mlock_limit(mm))
		err = -ENOMEM;
	if (!err) {
		mm->def_flags = flags & MCL_FUTURE ? lock : 0;
		if (flags & MCL_CURRENT)
			apply_all(mm, lock);
	}
	pp_mmap_unlock(mm);
	if (!err && flags & MCL_CURRENT)
		populate_all(mm);
	return err;
}

/* See the header. Mirrors: mm/mlock.c:munlockall() */
int pinpage_munlockall(void)
{
	struct mm_struct *mm;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	mm = current->mm;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	pinpage_down_write(&mm->mmap_lock);
	mm->def_flags = 0;
	apply_all(mm, 0);
	pp_mmap_unlock(mm);
	return 0;
}
