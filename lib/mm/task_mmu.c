// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/task_mmu.c - what /proc says about memory and lets be reset: clear_refs,
 * pagemap; soft-dirty tracking
 *
 * I1. While an area tracks (VM_SOFTDIRTY is clear), an entry without
 *     PTE_SOFT_DIRTY is not writable: the first store faults, and the fault
 *     sets the bit.
 * I2. From 5.11 on the entry of a page that may be pinned stays writable and
 *     soft-dirty: to write-protect it could part the process from the device.
 * Mirrors: fs/proc/task_mmu.c 6.1.
 */
#include "mm/internal.h"
#include "mm/swap.h"

/* what is written to clear_refs */
enum { CLEAR_ALL = 1, CLEAR_ANON, CLEAR_MAPPED, CLEAR_SOFT_DIRTY };

/*
 * The one place that reads rules->softdirty_skips_pinned.
 * Mirrors: fs/proc/task_mmu.c:pte_is_pinned()
 */
static bool left_alone(const struct vm_area_struct *vma, pp_pte pte)
{
	struct page *page;

	if (!pp_rules->softdirty_skips_pinned || !(pte & PTE_WRITE) ||
	    !is_cow_mapping(vma->vm_flags) ||
	    !test_bit(MMF_HAS_PINNED, &vma->vm_mm->flags))
		return false;
	page = pp_pte_normal_page(pte);
	return page && pp_maybe_dma_pinned(page);
}

/* page-table lock held */
static void clear_soft_dirty(struct vm_area_struct *vma, pp_pte *ptep,
			     unsigned long addr, unsigned long size)
{
	pp_pte pte = *ptep;

	if (!pte_leaf(pte)) {
		if (pp_entry_is_swap(pte) || pp_entry_is_migration(pte))
			pp_pte_put(ptep, pte & ~PTE_SOFT_DIRTY);
		return;
	}
	if (size == PAGE_SIZE && left_alone(vma, pte))
		return;
	pp_pte_put(ptep, pte & ~(PTE_WRITE | PTE_SOFT_DIRTY));
	if (pte & PTE_WRITE)
		pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, *ptep, size);
}

static void clear_referenced(pp_pte *ptep)
{
	pp_pte pte = *ptep;
	struct page *page = pte_leaf(pte) ? pp_pte_normal_page(pte) : NULL;

	if (!page)
		return;
	pp_pte_put(ptep, pte & ~PTE_ACCESSED);
	ClearPageReferenced(compound_head(page));
}

static void clear_leaf(struct vm_area_struct *vma, pp_pte *ptep, unsigned long addr,
		       unsigned long size, int type)
{
	if (type == CLEAR_SOFT_DIRTY)
		clear_soft_dirty(vma, ptep, addr, size);
	else
		clear_referenced(ptep);
}

/* a huge leaf as a whole; false: look at the PTEs */
static bool clear_huge(struct vm_area_struct *vma, unsigned long addr, int type)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	bool huge;

	if (!pmdp)
		return false;
	huge = pmd_is_huge(*pmdp);
	if (huge)
		clear_leaf(vma, pmdp, addr & PMD_MASK, PMD_SIZE, type);
	pinpage_spin_unlock(&table->lock);
	return huge;
}

static void clear_area(struct vm_area_struct *vma, int type)
{
	unsigned long addr, next, end = vma->vm_end;
	struct pp_table *table;
	pp_pte *ptep;

	for (addr = vma->vm_start; addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		if (clear_huge(vma, addr, type))
			continue;
		ptep = pp_pte_lock(vma->vm_mm, addr, &table);
		if (!ptep)
			continue;
		for (; addr < next; addr += PAGE_SIZE, ptep++)
			clear_leaf(vma, ptep, addr, PAGE_SIZE, type);
		pinpage_spin_unlock(&table->lock);
	}
}

static bool concerned(const struct vm_area_struct *vma, int type)
{
	if (vma->vm_flags & VM_PFNMAP)
		return false;
	return !(type == CLEAR_ANON && vma->vm_file) &&
	       !(type == CLEAR_MAPPED && !vma->vm_file);
}

/* mmap_lock held for writing */
static void clear_refs(struct mm_struct *mm, int type)
{
	struct pp_mmu_range range;
	struct vm_area_struct *vma;

	for (vma = pp_find_vma(mm, 0); vma; vma = pp_vma_next(vma))
		if (type == CLEAR_SOFT_DIRTY && vma->vm_flags & VM_SOFTDIRTY) {
			pp_vma_lock_rmap(vma);
			vma->vm_flags &= ~VM_SOFTDIRTY;
			pp_vma_unlock_rmap(vma);
		}
	if (type == CLEAR_SOFT_DIRTY)
		pp_mmu_invalidate_start(&range, mm, 0, ~0UL, MMU_NOTIFY_SOFT_DIRTY);
	for (vma = pp_find_vma(mm, 0); vma; vma = pp_vma_next(vma))
		if (concerned(vma, type))
			clear_area(vma, type);
	if (type != CLEAR_SOFT_DIRTY)
		return;
	pp_mmu_invalidate_end(&range);
	pp_tlb_flush_range(mm, 0, TASK_SIZE);
}

static bool mm_alive(const struct mm_struct *mm)
{
	return mm && atomic_read(&mm->mm_users) > 0;
}

int pinpage_clear_refs(struct mm_struct *mm, int type)
{
	if (!pp_ready() || !mm_alive(mm) || !pinpage_might_sleep() ||
	    type < CLEAR_ALL || type > CLEAR_SOFT_DIRTY)
		return -EINVAL;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	pinpage_down_write(&mm->mmap_lock);
	clear_refs(mm, type);
	pp_mmap_unlock(mm);
	return 0;
}

/* pagemap */

/* Mirrors: fs/proc/task_mmu.c:pte_to_pagemap_entry() */
static uint64_t entry_of(pp_pte pte, unsigned long offset)
{
	uint64_t entry = (pte & PTE_SOFT_DIRTY ? PINPAGE_PM_SOFT_DIRTY : 0) |
			 (pte & PTE_UFFD_WP ? PINPAGE_PM_UFFD_WP : 0);
	struct page *page = NULL;

	if (pte_leaf(pte)) {
		page = pp_pte_normal_page(pte);
		entry |= PINPAGE_PM_PRESENT | (pte_pfn(pte) + offset);
		if (page)
			page += offset;
	} else if (pte_is_nonpresent(pte)) {
		entry |= PINPAGE_PM_SWAP | (uint64_t)pp_entry_type(pte) |
			 (uint64_t)(pp_entry_offset(pte) + offset) << 5;
		if (pp_entry_is_migration(pte))
			page = pp_entry_page(pte);
	}
	if (page && !PageAnon(page))
		entry |= PINPAGE_PM_FILE;
	if (page && pte_leaf(pte) && pp_page_mapcount(page) == 1)
		entry |= PINPAGE_PM_MMAP_EXCLUSIVE;
	return entry;
}

/* mmap_lock held for reading */
static uint64_t look(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *table;
	uint64_t entry = 0;
	pp_pte *ptep = pp_pmd_lock(mm, addr, &table);
	bool huge = ptep && pmd_is_huge(*ptep);

	if (huge)
		entry = entry_of(*ptep, pte_index(addr));
	if (ptep)
		pinpage_spin_unlock(&table->lock);
	ptep = huge ? NULL : pp_pte_lock(mm, addr, &table);
	if (!ptep)
		return entry;
	entry = entry_of(*ptep, 0);
	pinpage_spin_unlock(&table->lock);
	return entry;
}

int pinpage_pagemap(struct mm_struct *mm, unsigned long addr, uint64_t *entry)
{
	struct vm_area_struct *vma;

	if (!pp_ready() || !mm_alive(mm) || !entry || addr >= TASK_SIZE ||
	    !pinpage_might_sleep())
		return -EINVAL;
	*entry = 0;
	pinpage_down_read(&mm->mmap_lock);
	vma = pp_vma_lookup(mm, addr);
	if (vma)
		*entry = look(mm, addr);
	if (vma && vma->vm_flags & VM_SOFTDIRTY)
		*entry |= PINPAGE_PM_SOFT_DIRTY;
	pinpage_up_read(&mm->mmap_lock);
	return 0;
}
