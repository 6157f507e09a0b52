// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/unmap.c - taking an anonymous page away from everybody who maps it
 *
 * A page of the swap cache leaves an entry of its slot behind, one of
 * MADV_FREE that is still clean leaves nothing. An address that cannot let it
 * go gets its entry back, and the page stays mapped.
 *
 * I1. From 5.19 on a page whose PG_anon_exclusive is set is not taken from an
 *     address if it may be pinned; else the entry remembers the mark.
 * I2. From 5.18 on a page of MADV_FREE goes only if its mappings explain all
 *     its references but the caller's.
 * Mirrors: mm/rmap.c:try_to_unmap_one() 6.1.
 */
#include "mm/internal.h"
#include "mm/swap.h"

/*
 * MB pin-vs-unmap (D): the entry is cleared before counts are read. Pairs with
 * (C) in gup/fast.c [count raised, then the entry read again]. Without it a
 * page that was just pinned goes to swap, and the process faults another one
 * in. Test: gup/race swap_against_fast_pin.
 */
static void entry_gone(void)
{
	smp_mb();
}

/* Mirrors: include/linux/rmap.h:page_try_share_anon_rmap() */
static bool try_share(struct page *page)
{
	entry_gone();
	if (pp_maybe_dma_pinned(page))
		return false;
	ClearPageAnonExclusive(page);
	return true;
}

/* The one place that reads rules->lazyfree_checks_refs. PTE dirty was handed over. */
static bool may_discard(const struct page *page)
{
	int refs, maps;

	if (!pp_rules->lazyfree_checks_refs)
		return !PageDirty(page);
	entry_gone();
	refs = page_count(page);
	maps = pp_page_mapcount(page);
	/*
	 * MB dirty-vs-put (K): counts before the dirty flag. Pairs with (F),
	 * a release that dirties and then drops. Without it what a device
	 * wrote just before its reference went is thrown away.
	 * Test: mm/lazyfree dirtied_after_free_stays.
	 */
	smp_rmb();
	return refs == maps + 1 && !PageDirty(page);
}

/* the entry that the address gets for @pte: false: none, it keeps the page */
static bool entry_for(struct page *page, pp_pte pte, pp_pte *entry)
{
	bool exclusive = PageAnonExclusive(page);

	if (!PageSwapBacked(page)) {
		*entry = 0;
		if (may_discard(page))
			return true;
		pp_lru_swapbacked(page);
		return false;
	}
	pp_swap_dup(pp_page_swp(page));
	if (pp_rules_exclusive(NULL) && exclusive && !try_share(page)) {
		pp_swap_free(pp_page_swp(page));
		return false;
	}
	*entry = pp_swp_to_pte(pp_page_swp(page)) | (pte & PTE_SWP_KEPT) |
		 (exclusive ? PTE_SWP_EXCLUSIVE : 0);
	return true;
}

/* false: the address keeps the page */
static bool unmap_pte(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_of_page(vma, addr, page, &table), pte, entry;

	if (!ptep)
		return true;
	if (vma->vm_flags & VM_LOCKED) {
		/* mlock that came after the page did: not a candidate again */
		if (!PageMlocked(page))
			pp_mlock_page(page);
		pinpage_spin_unlock(&table->lock);
		return false;
	}
	pte = *ptep;
	pp_pte_put(ptep, 0);
	pp_tlb_flush_page(vma->vm_mm, addr);
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(page);
	if (!entry_for(page, pte, &entry)) {
		pp_pte_put(ptep, pte);
		pinpage_spin_unlock(&table->lock);
		return false;
	}
	pp_pte_put(ptep, entry);
	pp_remove_rmap(page);
	walk->count++;
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	pp_unref(page);
	return true;
}

static bool unmap_one(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;
	bool gone;

	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PAGE_SIZE,
				MMU_NOTIFY_CLEAR);
	gone = unmap_pte(walk, page, vma, addr);
	pp_mmu_invalidate_end(&range);
	return gone && pp_page_mapped(page);
}

/**
 * pp_unmap_anon() - as pp_try_to_unmap(), except: anonymous, isolated
 * @page: small, locked, in the swap cache unless PG_swapbacked is clear
 *
 * Context: process. Locking: page lock held; the caller has one reference.
 * Order:   MB pin-vs-unmap (D): at each address, see above.
 * Return:  true: nobody maps it any more.
 * Mirrors: mm/rmap.c:try_to_unmap()
 */
bool pp_unmap_anon(struct page *page)
{
	struct pp_rmap_walk walk = { .one = unmap_one };

	pp_assert_held(&page->flags);
	if (pp_page_mapped(page))
		pp_rmap_walk(page, &walk);
	entry_gone();
	return !pp_page_mapped(page);
}
