// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/lazyfree.c - MADV_FREE: memory whose bytes may go when frames are short
 *
 * I1. A page of MADV_FREE has clean entries, is not PG_dirty, not
 *     PG_swapbacked, in no swap cache, and on the inactive list of files. A
 *     store makes its entry dirty and takes the permission back; reclaim finds
 *     out: unmap.c.
 * Mirrors: mm/madvise.c:madvise_free_pte_range() 6.1.
 */
#include "mm/huge.h"
#include "mm/swap.h"

/* The page itself becomes clean; false: others have a say. PTE lock held. */
static bool make_clean(struct page *head)
{
	bool done;

	if (!PageSwapCache(head) && !PageDirty(head))
		return true;
	if (!pp_trylock_page(head))
		return false;
	done = page_mapcount_pte(head) == 1 &&
	       (!PageSwapCache(head) || pp_page_free_swap(head));
	if (done)
		ClearPageDirty(head);
	pp_unlock_page(head);
	return done;
}

/* PTE lock held; true: the TLB is to be flushed */
static bool free_one(struct vm_area_struct *vma, pp_pte *ptep, unsigned long addr)
{
	pp_pte pte = *ptep;
	struct page *page;

	if (pp_entry_is_swap(pte)) {
		pp_pte_put(ptep, 0);
		pp_nonpresent_zap(pte);
		return false;
	}
	page = pte_present(pte) ? pp_pte_normal_page(pte) : NULL;
	if (!page || !PageAnon(page) || !make_clean(page))
		return false;
	if (pte & (PTE_DIRTY | PTE_ACCESSED)) {
		pp_pte_put(ptep, pte & ~(PTE_DIRTY | PTE_ACCESSED));
		pp_emit_pte(PTE_SET, vma->vm_mm, addr, *ptep, PAGE_SIZE);
	}
	if (pp_lru_lazyfree(page))
		pp_stat_add(PINPAGE_STAT_PGLAZYFREE, 1);
	return pte & (PTE_DIRTY | PTE_ACCESSED);
}

static bool of_folio(pp_pte pte)
{
	const struct page *page = pte_present(pte) ? pp_pte_normal_page(pte) : NULL;

	return page && unlikely(PageHead(compound_head(page)));
}

/* [addr, end), of one table; true: the TLB is to be flushed */
static bool free_ptes(struct vm_area_struct *vma, unsigned long addr, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);
	bool flush = false;

	if (!ptep)
		return false;
	while (addr < end) {
		if (of_folio(*ptep)) {
			if (!pp_advise_split(pp_pte_normal_page(*ptep), table))
				return flush;
			ptep = pp_pte_lock(mm, addr, &table);
			if (!ptep)
				return flush;
			continue;
		}
		flush |= free_one(vma, ptep, addr);
		addr += PAGE_SIZE;
		ptep++;
	}
	pinpage_spin_unlock(&table->lock);
	return flush;
}

/**
 * pp_madvise_free() - the bytes of a range need not be kept
 * @start, @end: page aligned, inside @vma
 *
 * Context: process. Locking: mmap_lock held for reading.
 * Return:  0, -EINVAL (memory of a file).
 * Mirrors: mm/madvise.c:madvise_free_single_vma()
 */
int pp_madvise_free(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	struct mm_struct *mm = vma->vm_mm;
	unsigned long addr, next;
	struct pp_mmu_range range;
	struct pp_table *table;
	enum pp_advise advise;
	bool flush = false;
	pp_pte *pmdp;

	if (!vma_is_anonymous(vma))
		return -EINVAL;
	pp_mmu_invalidate_start(&range, mm, start, end, MMU_NOTIFY_CLEAR);
	for (addr = start; addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		advise = pp_advise_leaf(vma, addr, next, &pmdp, &table);
		if (advise == PP_ADVISE_LEAF)
			pp_free_leaf(mm, pmdp, table, addr);
		else if (advise == PP_ADVISE_PTES)
			flush |= free_ptes(vma, addr, next);
	}
	if (flush)
		pp_tlb_flush_range(mm, start, end);
	pp_mmu_invalidate_end(&range);
	return 0;
}
