// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/gather.c - taking mappings and tables away
 *
 * I1. A frame's reference is dropped, and a table freed, only after the
 *     entries that led there are gone and the TLB is flushed.
 * I2. The dirty bit of a file page's PTE becomes the page's dirty flag while
 *     the PTE lock is held: at no time is the data in neither.
 * Mirrors: mm/memory.c:zap_pte_range(), free_pgtables(); mm/mmu_gather.c.
 */
#include "mm/hugetlb.h"
#include "mm/swap.h"
#include "mm/uffd.h"

void pp_gather_init(struct pp_gather *g, struct mm_struct *mm)
{
	g->mm = mm;
	g->start = ~0UL;
	g->end = 0;
	g->nr = 0;
	g->exiting = false;
	g->for_good = false;
	g->tables = NULL;
}

/**
 * pp_gather_page() - a mapping of @size bytes at @addr is gone
 * @head: folio that loses one reference at the next flush; NULL: none
 *
 * Context: any. Locking: page-table lock held. The caller flushes when
 * g->nr reaches PP_GATHER_MAX.
 */
void pp_gather_page(struct pp_gather *g, struct page *head, unsigned long addr,
		    unsigned long size)
{
	g->start = min(g->start, addr);
	g->end = max(g->end, addr + size);
	if (!head)
		return;
	if (g->nr && g->batch[g->nr - 1].head == head) {
		g->batch[g->nr - 1].refs++;
		return;
	}
	g->batch[g->nr].head = head;
	g->batch[g->nr++].refs = 1;
}

void pp_gather_table(struct pp_gather *g, struct pp_table *table)
{
	table->next = g->tables;
	g->tables = table;
}

/**
 * pp_gather_flush() - flush the TLB, then let the frames go
 *
 * Context: process. Locking: no page-table lock.
 */
void pp_gather_flush(struct pp_gather *g)
{
	unsigned int i;

	if (g->start < g->end)
		pp_tlb_flush_range(g->mm, g->start, g->end);
	g->start = ~0UL;
	g->end = 0;
	for (i = 0; i < g->nr; i++) {
		pp_free_swap_cache(g->batch[i].head);
		if (g->batch[i].refs == 1)
			pp_unref(g->batch[i].head);
		else
			pp_unref_many(g->batch[i].head, g->batch[i].refs);
	}
	g->nr = 0;
}

static void free_chain(struct pp_table *table)
{
	struct pp_table *next;

	for (; table; table = next) {
		next = table->next;
		pp_table_free(table);
	}
}

static void free_chain_rcu(struct pinpage_rcu_head *head)
{
	free_chain(container_of(head, struct pp_table, rcu));
}

/**
 * pp_gather_finish() - flush, and free the tables after a grace period
 *
 * One callback for all tables of the operation.
 *
 * Context: process. Locking: no page-table lock.
 */
void pp_gather_finish(struct pp_gather *g)
{
	pp_gather_flush(g);
	if (!g->tables)
		return;
	if (g->exiting)
		free_chain(g->tables);
	else
		pinpage_call_rcu(&g->tables->rcu, free_chain_rcu);
	g->tables = NULL;
}

/*
 * Unlinks the tables below @table that cover part of [start, end) and nothing
 * outside [floor, ceiling).
 */
static void free_below(struct pp_gather *g, struct pp_table *table,
		       unsigned long start, unsigned long end,
		       unsigned long floor, unsigned long ceiling)
{
	unsigned int shift = PAGE_SHIFT + 9 * table->level, i;
	unsigned long size = 1UL << shift, at, next;
	struct pp_table *below;
	pp_pte pte;

	for (at = start & ~(size - 1); at < end; at = next) {
		next = at + size;
		i = (at >> shift) & (PTRS_PER_TABLE - 1);
		pte = table->entry[i];
		if (!pte_is_table(pte))
			continue;
		below = pte_table(pte);
		if (below->level)
			free_below(g, below, max(start, at), min(end, next),
				   floor, ceiling);
		if (at < floor || next > ceiling)
			continue;
		pp_pte_put(&table->entry[i], 0);
		pp_gather_table(g, below);
	}
}

/**
 * pp_free_pgtables() - unlink page tables that no area needs any more
 * @start, @end:     what was unmapped
 * @floor, @ceiling: end of the area before, start of the area behind
 *
 * Context: process. Locking: mmap_lock held for writing, or at exit; the areas
 * have left the reverse map.
 * Mirrors: mm/memory.c:free_pgtables()
 */
void pp_free_pgtables(struct pp_gather *g, unsigned long start, unsigned long end,
		      unsigned long floor, unsigned long ceiling)
{
	free_below(g, g->mm->pgd, start, end, floor, ceiling);
}

/* A file page's PTE goes: what the CPU did through it moves to the page. */
static void hand_over(struct page *page, pp_pte pte)
{
	struct page *head = compound_head(page);

	if (PageAnon(head))
		return;
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(head);
	if (pte & PTE_ACCESSED)
		SetPageReferenced(head);
}

static void zap_pte(struct pp_gather *g, struct vm_area_struct *vma, pp_pte *ptep,
		    unsigned long addr)
{
	pp_pte pte = *ptep;
	struct page *page;

	pp_pte_put(ptep, g->for_good ? 0 : pp_uffd_leave_marker(vma, pte));
	if (!pte_present(pte)) {
		pp_nonpresent_zap(pte);
		return;
	}
	page = pp_pte_normal_page(pte);
	if (page) {
		hand_over(page, pte);
		pp_remove_rmap(page);
		pp_munlock_vma(vma, page, false);
	}
	pp_gather_page(g, page ? compound_head(page) : NULL, addr, PAGE_SIZE);
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pte, PAGE_SIZE);
}

/* a private copy in a file's area, or what stands for one */
static bool is_private(pp_pte pte)
{
	struct page *page;

	if (!pte_present(pte))
		return pp_nonpresent_is_private(pte);
	page = pp_pte_normal_page(pte);
	return page && PageAnon(page);
}

/* inside one PTE table; flushes with the lock dropped when the batch is full */
static void zap_ptes(struct pp_gather *g, struct vm_area_struct *vma,
		     unsigned long addr, unsigned long end, bool keep_cows)
{
	struct pp_table *table;
	pp_pte *ptep;

	while (addr < end) {
		ptep = pp_pte_lock(vma->vm_mm, addr, &table);
		if (!ptep)
			return;
		for (; addr < end && g->nr < PP_GATHER_MAX; addr += PAGE_SIZE, ptep++) {
			if (pte_none(*ptep) || (keep_cows && is_private(*ptep)))
				continue;
			zap_pte(g, vma, ptep, addr);
		}
		pinpage_spin_unlock(&table->lock);
		if (g->nr == PP_GATHER_MAX)
			pp_gather_flush(g);
	}
}

/**
 * pp_zap_leaf() - a huge leaf, or its migration entry, goes
 * @pmdp:  what it is
 * @table: its table, locked
 * @addr:  any of its addresses
 *
 * Context: any. Locking: @table's lock held. The caller flushes when g->nr
 * reaches PP_GATHER_MAX.
 * Mirrors: mm/huge_memory.c:zap_huge_pmd()
 */
void pp_zap_leaf(struct pp_gather *g, struct vm_area_struct *vma, pp_pte *pmdp,
		 struct pp_table *table, unsigned long addr)
{
	struct page *head = NULL;
	pp_pte pmd = *pmdp;

	pp_pte_put(pmdp, 0);
	pp_gather_table(g, pp_withdraw(table));
	if (!pte_present(pmd))
		return;		/* who moves the folio has its references */
	if (!pp_is_huge_zero(pmd)) {
		head = pte_page(pmd);
		hand_over(head, pmd);
		pp_remove_huge_rmap(head);
		pp_munlock_vma(vma, head, true);
	}
	pp_gather_page(g, head, addr & PMD_MASK, PMD_SIZE);
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr & PMD_MASK, pmd, PMD_SIZE);
}

/* a huge leaf, or its migration entry, that goes as a whole; false: there is none (any more) */
static bool zap_huge(struct pp_gather *g, struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);

	if (!pmdp)
		return false;
	if (!pmd_is_huge(*pmdp)) {
		pinpage_spin_unlock(&table->lock);
		return false;
	}
	pp_zap_leaf(g, vma, pmdp, table, addr);
	pinpage_spin_unlock(&table->lock);
	if (g->nr == PP_GATHER_MAX)
		pp_gather_flush(g);
	return true;
}

/**
 * pp_zap_range() - take away what part of an area maps
 * @g:         collects; the caller flushes or finishes it
 * @start, @end: page aligned, inside @vma
 * @keep_cows: leave private copies (anonymous pages)
 *
 * Cannot fail: a huge leaf that goes in part is split with its own deposit.
 *
 * Context: process; may be called with the page lock held.
 * Locking: mmap_lock, or the reverse map's lock that knows @vma.
 * Mirrors: mm/memory.c:unmap_page_range()
 */
void pp_zap_range(struct pp_gather *g, struct vm_area_struct *vma,
		  unsigned long start, unsigned long end, bool keep_cows)
{
	unsigned long addr = start, next;
	pp_pte *pmdp;

	for (; addr < end; addr = next) {
		pmdp = pp_pmd_offset(vma->vm_mm, addr);
		if (!pmdp) {
			/* nothing up to the next PMD table */
			next = min(end, (addr | (PUD_SIZE - 1)) + 1);
			continue;
		}
		next = pp_pmd_end(addr, end);
		if (pmd_is_huge(pp_pte_get(pmdp))) {
			if (next - addr == PMD_SIZE && zap_huge(g, vma, addr))
				continue;
			if (is_vm_hugetlb(vma))
				continue;	/* part of a page: truncation zeroes */
			pp_split_pmd(vma, addr);
		}
		zap_ptes(g, vma, addr, next, keep_cows);
	}
}

/**
 * pp_zap_single() - as pp_zap_range(), except: alone, with notifiers and flush
 *
 * Mirrors: mm/memory.c:zap_page_range_single()
 */
void pp_zap_single(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   bool keep_cows)
{
	struct pp_mmu_range range;
	struct pp_gather g;

	pp_gather_init(&g, vma->vm_mm);
	pp_mmu_invalidate_start(&range, vma->vm_mm, start, end, MMU_NOTIFY_CLEAR);
	pp_zap_range(&g, vma, start, end, keep_cows);
	pp_mmu_invalidate_end(&range);
	pp_gather_finish(&g);
}
