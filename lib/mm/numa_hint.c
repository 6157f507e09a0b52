// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/numa_hint.c - entries made inaccessible to learn who uses them
 *
 * I1. A PROT_NONE entry of an accessible area is a hint, nothing else: the
 *     page is mapped, counted, and what the entry said is kept in it but for
 *     the right to write.
 * I2. The fault gives the entry back its rights, to write only if no fault
 *     would be needed for that.
 * Mirrors: mm/mempolicy.c:change_prot_numa(), mm/mprotect.c:change_pte_range(),
 * mm/memory.c:do_numa_page() 6.1; differs: no statistics decide, a page on
 * another node than the task is always misplaced; huge leaves are split.
 */
#include "mm/internal.h"
#include "mm/migrate.h"
#include "mm/notifier.h"

/* The one place that reads rules->numa_skip; of a private area's page. */
static bool others_use(const struct page *page)
{
	switch (pp_rules->numa_skip) {
	case PINPAGE_NUMA_SKIP_MAPPED:
		return pp_page_mapcount(page) != 1;
	case PINPAGE_NUMA_SKIP_REFERENCED:
		return page_count(page) != 1;
	case PINPAGE_NUMA_SKIP_PINNED:
		break;
	}
	return pp_maybe_dma_pinned(page) || pp_page_mapcount(page) != 1;
}

/* PTE lock held */
static bool hint_pte(struct vm_area_struct *vma, pp_pte *ptep, unsigned long addr)
{
	pp_pte pte = *ptep;
	struct page *page = pte_present(pte) ? pp_pte_normal_page(pte) : NULL;

	if (!page || pte & PTE_PROT_NONE ||
	    (is_cow_mapping(vma->vm_flags) && others_use(page)))
		return false;
	pte = (pte & ~(PTE_PRESENT | PTE_USER | PTE_WRITE)) | PTE_PROT_NONE;
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, pte, PAGE_SIZE);
	return true;
}

static long hint_range(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	unsigned long addr, next;
	struct pp_table *table;
	pp_pte *ptep;
	long nr = 0;

	for (addr = start; addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		pp_split_pmd(vma, addr);
		ptep = pp_pte_lock(vma->vm_mm, addr, &table);
		if (!ptep)
			continue;
		for (; addr < next; addr += PAGE_SIZE, ptep++)
			nr += hint_pte(vma, ptep, addr);
		pinpage_spin_unlock(&table->lock);
	}
	if (nr)
		pp_tlb_flush_range(vma->vm_mm, start, end);
	return nr;
}

/**
 * pp_numa_hint_area() - hints for a part of an area
 * @start, @end: page aligned, inside @vma
 *
 * Context: process; sleeps. Locking: mmap_lock held.
 * Return:  entries changed.
 * Mirrors: mm/mempolicy.c:change_prot_numa()
 */
long pp_numa_hint_area(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct pp_mmu_range range;
	long nr;

	if (!(vma->vm_flags & VM_ACCESS) || vma->vm_flags & (VM_IO | VM_PFNMAP))
		return 0;
	pp_mmu_invalidate_start(&range, vma->vm_mm, start, end,
				MMU_NOTIFY_PROTECTION_VMA);
	nr = hint_range(vma, start, end);
	pp_mmu_invalidate_end(&range);
	return nr;
}

long pinpage_change_prot_numa(struct mm_struct *mm, unsigned long start,
			      unsigned long end)
{
	struct vm_area_struct *vma;
	long nr = 0;

	if (!pp_ready() || !pinpage_might_sleep() || !mm ||
	    atomic_read(&mm->mm_users) <= 0 || start > end)
		return -EINVAL;
	start &= PAGE_MASK;
	end = min(ALIGN(end, PAGE_SIZE), TASK_SIZE);
	pinpage_down_read(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, start); vma && vma->vm_start < end;
	     vma = pp_vma_next(vma))
		nr += pp_numa_hint_area(vma, max(start, vma->vm_start),
					min(end, vma->vm_end));
	pinpage_up_read(&mm->mmap_lock);
	return nr;
}

/* the page moves to the node of the task, if it can; the entry is whole again */
static void bring_here(struct page *page)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_ASYNC,
		.nid = current->node,
		.gfp = PINPAGE_GFP_MOVABLE | PINPAGE_GFP_ATOMIC | PP_GFP_THISNODE,
	};
	bool isolated;
	LIST_HEAD(list);

	isolated = !PageHead(compound_head(page)) && pp_migrate_isolate(page, &list);
	pp_unref(page);
	if (!isolated)
		return;
	pp_migrate_pages(&list, &m);
	pp_migrate_putback(&list);
}

/**
 * pp_numa_fault() - an access met a hinting entry
 * @f:    f->orig is the entry
 * @ptep: locked by @table's lock, which is dropped
 *
 * Context: process; sleeps. Locking: mmap_lock and the PTE lock held.
 * Return:  -EAGAIN: look again, the entry has rights (or the page is on its
 *          way).
 * Mirrors: mm/memory.c:do_numa_page(); differs: the entry is restored before
 *          the page moves, not after.
 */
int pp_numa_fault(struct pp_fault *f, pp_pte *ptep, struct pp_table *table)
{
	struct page *page = pp_pte_normal_page(f->orig);
	bool misplaced = page && page->node != current->node;
	pp_pte pte = pp_protect_pte(f->orig, f->vma);

	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, f->vma->vm_mm, f->addr, pte, PAGE_SIZE);
	/* a shared private page stays: mm/migrate.c:numamigrate_isolate_page() */
	if (misplaced && pp_page_mapcount(page) > 1 && is_cow_mapping(f->vma->vm_flags))
		misplaced = false;
	if (misplaced)
		pp_ref(compound_head(page));
	pinpage_spin_unlock(&table->lock);
	if (misplaced)
		bring_here(page);
	return -EAGAIN;
}
