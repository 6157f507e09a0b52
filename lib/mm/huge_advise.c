// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_advise.c - advice on memory of folios: as a whole, or split first
 *
 * MADV_COLD, MADV_PAGEOUT and MADV_FREE concern pages. A folio that a leaf of
 * this address space alone maps, and all of which is meant, is advised on as
 * one; of any other the pages that are meant have to be pages first.
 *
 * I1. A folio that somebody refers to (a pin, a reference) is not split: it
 *     stays mapped as it is, and so does the rest of its 2 MiB.
 * I2. Nobody is waited for: the page lock is tried.
 * Mirrors: mm/madvise.c:madvise_cold_or_pageout_pte_range(),
 * madvise_free_pte_range(); mm/huge_memory.c:madvise_free_huge_pmd() 6.1.
 */
#include "mm/huge.h"

/* @head with a reference of ours, which goes; no page-table lock held */
static bool split(struct page *page, struct page *head)
{
	bool done = false;

	if (pp_trylock_page(page)) {
		done = compound_head(page) != head || !PageHead(head) ||
		       !pp_split_folio(page, NULL);
		pp_unlock_page(page);
	}
	pp_unref(page);
	return done;
}

/**
 * pp_advise_leaf() - is [addr, next) a leaf's, and what is to be done with it?
 * @next:  at most the end of the 2 MiB of @addr
 * @pmdp:  out for PP_ADVISE_LEAF: the entry, its table locked
 * @table: out for PP_ADVISE_LEAF: its table
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading.
 * Return:  PP_ADVISE_LEAF: yes, all of it; PP_ADVISE_PTES: no, or not any more;
 *          PP_ADVISE_SKIP: it stays as it is.
 */
enum pp_advise pp_advise_leaf(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long next, pp_pte **pmdp,
			      struct pp_table **table)
{
	pp_pte *at = pp_pmd_offset(vma->vm_mm, addr);
	struct page *head, *page;

	if (!at || !pte_leaf(pp_pte_get(at)))
		return PP_ADVISE_PTES;
	*pmdp = pp_pmd_lock(vma->vm_mm, addr, table);
	if (!pte_leaf(**pmdp)) {
		pinpage_spin_unlock(&(*table)->lock);
		return PP_ADVISE_PTES;
	}
	head = pte_page(**pmdp);
	if (pp_is_huge_zero(**pmdp) || pp_folio_mapcount(head) != 1) {
		pinpage_spin_unlock(&(*table)->lock);
		return PP_ADVISE_SKIP;
	}
	if (next - addr == PMD_SIZE)
		return PP_ADVISE_LEAF;
	page = head + ((addr & ~PMD_MASK) >> PAGE_SHIFT);
	pp_ref(head);
	pinpage_spin_unlock(&(*table)->lock);
	return split(page, head) ? PP_ADVISE_PTES : PP_ADVISE_SKIP;
}

/**
 * pp_advise_split() - a PTE maps a page of a folio: make it a page
 * @page:  as the entry says
 * @table: of the entry, locked; unlocked on return
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading.
 * Return:  true: look at the entry again; false: leave the 2 MiB alone.
 */
bool pp_advise_split(struct page *page, struct pp_table *table)
{
	struct page *head = compound_head(page);
	bool alone = pp_page_mapcount(page) == 1;

	if (alone)
		pp_ref(head);
	pinpage_spin_unlock(&table->lock);
	return alone && split(page, head);
}

/* locked table: the marks of use go; device's, too */
static void make_old(struct mm_struct *mm, pp_pte *pmdp, unsigned long addr, pp_pte marks)
{
	if (!(*pmdp & marks))
		return;
	pp_pte_put(pmdp, *pmdp & ~marks);
	pp_tlb_flush_range(mm, addr, addr + PMD_SIZE);
	pp_emit_pte(PTE_SET, mm, addr, *pmdp, PMD_SIZE);
}

/**
 * pp_cool_leaf() - the folio of a leaf is not wanted soon
 * @pmdp, @table: from pp_advise_leaf(); unlocked on return
 * @out: MADV_PAGEOUT: it is isolated onto this list; NULL: MADV_COLD
 */
void pp_cool_leaf(struct mm_struct *mm, pp_pte *pmdp, struct pp_table *table,
		  unsigned long addr, struct list_head *out)
{
	struct page *head = pte_page(*pmdp);

	make_old(mm, pmdp, addr, PTE_ACCESSED);
	ClearPageReferenced(head);
	if (!out)
		pp_lru_deactivate(head);
	else if (pp_lru_isolate_page(head))
		pp_page_list_add(head, out->prev);
	pinpage_spin_unlock(&table->lock);
}

/**
 * pp_free_leaf() - MADV_FREE of the folio of a leaf
 *
 * As pp_cool_leaf(), except: a folio that somebody has locked stays.
 * Mirrors: mm/huge_memory.c:madvise_free_huge_pmd()
 */
void pp_free_leaf(struct mm_struct *mm, pp_pte *pmdp, struct pp_table *table,
		  unsigned long addr)
{
	struct page *head = pte_page(*pmdp);

	if (pp_trylock_page(head)) {
		ClearPageDirty(head);
		pp_unlock_page(head);
		make_old(mm, pmdp, addr, PTE_ACCESSED | PTE_DIRTY);
		if (pp_lru_lazyfree(head))
			pp_stat_add(PINPAGE_STAT_PGLAZYFREE, HPAGE_PMD_NR);
	}
	pinpage_spin_unlock(&table->lock);
}
