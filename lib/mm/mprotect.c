// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mprotect.c - changing the rights of areas and of what they map
 *
 * I1. An entry never allows more than its area; it may allow less, then the
 *     next access faults (writing to shared private pages, or to clean
 *     pages of dirty-tracked files).
 * Mirrors: mm/mprotect.c:do_mprotect_pkey(), change_protection() 6.1.
 */
#include "mm/internal.h"
#include "mm/swapops.h"

/*
 * May a leaf become writable without a fault? If it is dirty the file system
 * knows of the write, or the private page is the process's alone.
 * The one place that reads rules->protect_clean.
 * Mirrors: mm/mprotect.c:can_change_pte_writable() 6.1; differs: private pages
 *          from 5.19 instead of 6.0.
 */
static bool may_upgrade(pp_pte pte, const struct vm_area_struct *vma)
{
	struct page *page = pp_pte_normal_page(pte);

	if (pte & PTE_UFFD_WP)
		return false;
	if (pp_soft_dirty_enabled(vma) && !(pte & PTE_SOFT_DIRTY))
		return false;
	if (vma->vm_flags & VM_SHARED)
		return pte & PTE_DIRTY || !pp_vma_needs_dirty_tracking(vma);
	if (!pp_rules->protect_clean && (!(pte & PTE_DIRTY) || pte & PTE_HUGE))
		return false;
	return page && PageAnon(page) && pp_rules_exclusive(NULL) &&
	       PageAnonExclusive(page);
}

/**
 * pp_protect_pte() - a leaf with the rights that its area has now
 * @pte: present leaf of @vma
 *
 * Context: any. Locking: page-table lock held.
 * Mirrors: arch/x86/include/asm/pgtable.h:pte_modify()
 */
pp_pte pp_protect_pte(pp_pte pte, const struct vm_area_struct *vma)
{
	pp_pte rights = pp_vma_prot(vma);

	if (vma->vm_flags & VM_WRITE && may_upgrade(pte, vma))
		rights |= PTE_WRITE;
	return (pte & ~(PTE_PRESENT | PTE_USER | PTE_WRITE | PTE_PROT_NONE)) | rights;
}

static bool downgrade(pp_pte old, pp_pte new)
{
	return old & ~new & (PTE_PRESENT | PTE_USER | PTE_WRITE);
}

static bool change_leaf(struct vm_area_struct *vma, pp_pte *ptep,
			unsigned long addr, unsigned long size)
{
	pp_pte old = *ptep, new;

	if (pte_is_nonpresent(old))
		pp_pte_put(ptep, pp_nonpresent_protect(old, vma->vm_flags & VM_WRITE));
	if (!pte_leaf(old))
		return false;
	new = pp_protect_pte(old, vma);
	if (new == old)
		return false;
	pp_pte_put(ptep, new);
	if (downgrade(old, new))
		pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, new, size);
	else
		pp_emit_pte(PTE_SET, vma->vm_mm, addr, new, size);
	return downgrade(old, new);
}

/* true: done as a whole; false: look at the PTEs */
static bool change_huge(struct vm_area_struct *vma, unsigned long addr, bool whole,
			bool *flush)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr);
	bool huge;

	if (!pmdp || !pmd_is_huge(pp_pte_get(pmdp)))
		return false;
	if (!whole) {
		pp_split_pmd(vma, addr);
		return false;
	}
	pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	huge = pmd_is_huge(*pmdp);
	if (huge)
		*flush |= change_leaf(vma, pmdp, addr, PMD_SIZE);
	pinpage_spin_unlock(&table->lock);
	return huge;
}

static void change_ptes(struct vm_area_struct *vma, unsigned long addr,
			unsigned long end, bool *flush)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, &table);

	if (!ptep)
		return;
	for (; addr < end; addr += PAGE_SIZE, ptep++)
		*flush |= change_leaf(vma, ptep, addr, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
}

/* [addr, end) lies below one PMD table; notifiers hear of it from its first entry on */
static void change_pmds(struct vm_area_struct *vma, unsigned long addr,
			unsigned long end, bool *flush)
{
	struct pp_mmu_range range = { .told = 0 };
	bool started = false;
	unsigned long next;
	pp_pte *pmdp;

	for (; addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		pmdp = pp_pmd_offset(vma->vm_mm, addr);
		if (!pmdp || pte_none(pp_pte_get(pmdp)))
			continue;
		if (!started)
			pp_mmu_invalidate_start(&range, vma->vm_mm, addr, end,
						MMU_NOTIFY_PROTECTION_VMA);
		started = true;
		if (!change_huge(vma, addr, next - addr == PMD_SIZE, flush))
			change_ptes(vma, addr, next, flush);
	}
	pp_mmu_invalidate_end(&range);
}

static void change_range(struct vm_area_struct *vma)
{
	unsigned long addr, next, end = vma->vm_end;
	bool flush = false;

	for (addr = vma->vm_start; addr < end; addr = next) {
		next = min(end, (addr | (PUD_SIZE - 1)) + 1);
		if (pp_pmd_offset(vma->vm_mm, addr))
			change_pmds(vma, addr, next, &flush);
	}
	if (flush)
		pp_tlb_flush_range(vma->vm_mm, vma->vm_start, end);
}

/* part [start, end) of @vma gets @rights; *vmap: the area that is there then */
static int protect_area(struct vm_area_struct **vmap, unsigned long start,
			unsigned long end, unsigned long rights)
{
	struct vm_area_struct *vma = *vmap;
	unsigned long flags = (vma->vm_flags & ~VM_ACCESS) | rights;
	int err;

	/* VM_MAY* are four bits above the rights that they allow */
	if (rights & ~(vma->vm_flags >> 4))
		return -EACCES;
	if (flags == vma->vm_flags)
		return 0;
	err = pp_vma_isolate(&vma, start, end);
	if (err)
		return err;
	pp_vma_lock_rmap(vma);
	vma->vm_flags = flags;
	pp_vma_unlock_rmap(vma);
	change_range(vma);
	*vmap = pp_vma_merge(vma);
	return 0;
}

static int protect_locked(struct mm_struct *mm, unsigned long start,
			  unsigned long end, unsigned long rights)
{
	struct vm_area_struct *vma = pp_vma_lookup(mm, start);
	unsigned long at = start;
	int err = 0;

	while (!err && at < end) {
		if (!vma || vma->vm_start > at)
			return -ENOMEM;
		err = protect_area(&vma, at, min(end, vma->vm_end), rights);
		at = vma->vm_end;
		vma = pp_vma_next(vma);
	}
	return err;
}

int pinpage_mprotect(unsigned long addr, size_t len, int prot)
{
	unsigned long rights = (prot & PROT_READ ? VM_READ : 0) |
			       (prot & PROT_WRITE ? VM_WRITE : 0) |
			       (prot & PROT_EXEC ? VM_EXEC : 0);
	struct mm_struct *mm;
	int err;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	if (addr & ~PAGE_MASK || prot & ~(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;
	if (!len)
		return 0;
	len = ALIGN(len, PAGE_SIZE);
	if (!len || addr + len <= addr || addr + len > TASK_SIZE)
		return -ENOMEM;
	mm = current->mm;
	pinpage_down_write(&mm->mmap_lock);
	err = protect_locked(mm, addr, addr + len, rights);
	pp_mmap_unlock(mm);
	return err;
}
