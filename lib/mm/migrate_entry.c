// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/migrate_entry.c - entries of a page become migration entries, and come back
 *
 * I1. While an entry names a page, that page is locked: who meets the entry
 *     waits for the lock (pp_migration_wait()).
 * I2. An exclusive anonymous page that may be pinned stays mapped.
 * I3. What the entry does not say is lost: rights, accessed, dirty, soft-dirty,
 *     uffd-wp and exclusivity are in it.
 * I4. A huge leaf becomes one entry, in the PMD, and one leaf again, unless it
 *     is split meanwhile: then its pages have entries, and come back by PTEs.
 * Mirrors: mm/rmap.c:try_to_migrate_one(); mm/migrate.c:remove_migration_pte(),
 * migration_entry_wait(); mm/huge_memory.c:set_pmd_migration_entry(),
 * remove_migration_pmd().
 */
#include "mm/internal.h"
#include "mm/migrate.h"
#include "mm/notifier.h"
#include "mm/swapops.h"

struct remap {
	struct pp_rmap_walk walk;
	struct page *old;		/* the very page that the entries name */
};

/*
 * A private page that only this entry, already cleared, maps: may its mark go?
 */
static bool try_share(struct page *page)
{
	/*
	 * MB pin-vs-migrate (M): the PTE is cleared before pins are looked for.
	 * Pairs with (C) in gup/fast.c [count raised, then the PTE read again].
	 * Without it the process gets another frame while a device keeps the
	 * old one. Test: gup/longterm migrate_against_fast_pin.
	 */
	smp_mb();
	return !pp_rules_exclusive(NULL) || !pp_maybe_dma_pinned(page);
}

static void flush_leaf(struct mm_struct *mm, unsigned long addr, unsigned long size)
{
	if (size == PAGE_SIZE)
		pp_tlb_flush_page(mm, addr);
	else
		pp_tlb_flush_range(mm, addr, addr + size);
}

/* the entry's lock held, of a PTE or a PMD; false: pinned, and as it was */
static bool make_entry(struct vm_area_struct *vma, pp_pte *ptep, struct page *page,
		       unsigned long addr, unsigned long size)
{
	bool anon = PageAnon(page), exclusive = anon && PageAnonExclusive(page);
	pp_pte pte = *ptep;

	pp_pte_put(ptep, 0);
	flush_leaf(vma->vm_mm, addr, size);
	if (exclusive && !try_share(page)) {
		pp_pte_put(ptep, pte);
		return false;
	}
	if (exclusive)
		ClearPageAnonExclusive(page);
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(compound_head(page));
	pp_pte_put(ptep, pp_migration_entry(page, pte, exclusive));
	if (size == PAGE_SIZE)
		pp_remove_rmap(page);
	else
		pp_remove_huge_rmap(page);
	pp_munlock_vma(vma, page, size != PAGE_SIZE);
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pte, size);
	return true;
}

static bool unmap_one(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;
	struct pp_table *table;
	bool done = true;
	pp_pte *ptep;

	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PAGE_SIZE,
				MMU_NOTIFY_CLEAR);
	ptep = pp_pte_lock(vma->vm_mm, addr, &table);
	if (!ptep)
		goto out;
	if (pte_present(*ptep) && pp_pte_normal_page(*ptep) == page) {
		done = make_entry(vma, ptep, page, addr, PAGE_SIZE);
		/* not the last one: the mover has his own */
		if (done)
			pp_unref(page);
		walk->count += !done;
	}
	pinpage_spin_unlock(&table->lock);
out:
	pp_mmu_invalidate_end(&range);
	return done;
}

/* @addr: of the folio's head */
static bool maps_leaf(struct mm_struct *mm, unsigned long addr, const struct page *head)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr), pmd;

	pmd = pmdp ? pp_pte_get(pmdp) : 0;
	return pte_leaf(pmd) && pte_page(pmd) == head;
}

/* As unmap_one(), except: a huge leaf of the folio. */
static bool unmap_leaf(struct pp_rmap_walk *walk, struct page *head,
		       struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;
	struct pp_table *table;
	bool done = true;
	pp_pte *pmdp;

	if (!maps_leaf(vma->vm_mm, addr, head))
		return true;
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	if (pte_leaf(*pmdp) && pte_page(*pmdp) == head) {
		done = make_entry(vma, pmdp, head, addr, PMD_SIZE);
		if (done)
			pp_unref(head);
		walk->count += !done;
	}
	pinpage_spin_unlock(&table->lock);
	pp_mmu_invalidate_end(&range);
	return done;
}

/* the pages of a folio that a PTE maps, each at all its addresses */
static void unmap_pages(struct page *head, struct pp_rmap_walk *walk)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);

	walk->one = unmap_one;
	for (i = 0; i < nr && !walk->count; i++)
		if (page_mapcount_pte(head + i))
			pp_rmap_walk(head + i, walk);
}

/**
 * pp_try_to_migrate() - every entry of a folio becomes a migration entry
 * @head: the caller holds a reference
 * @av:   its anon_vma, if it is anonymous, with a count of the caller's
 *
 * Context: process. Locking: page lock held; takes the reverse map's locks.
 * Order:   PTEs are gone before the caller reads the count: MB pin-vs-migrate.
 * Return:  true: nobody maps it any more; else some entries may have been made
 *          and pp_remove_migration_entries() is due all the same.
 * Mirrors: mm/rmap.c:try_to_migrate()
 */
bool pp_try_to_migrate(struct page *head, struct anon_vma *av)
{
	struct pp_rmap_walk walk = { .one = unmap_leaf, .anon_vma = av };

	if (folio_order((struct folio *)head) == HPAGE_PMD_ORDER)
		pp_rmap_walk(head, &walk);
	/* leaves that were split between the two are found here */
	unmap_pages(head, &walk);
	/* see (M): for pages that are not exclusive and for files */
	smp_mb();
	return !pp_page_mapped(head);
}

static void mark_exclusive(struct page *page, pp_pte entry)
{
	if (PageAnon(compound_head(page)) &&
	    pp_entry_type(entry) != PP_ENTRY_MIGRATION_READ)
		SetPageAnonExclusive(page);
}

static bool remap_leaf(struct pp_rmap_walk *walk, struct page *head,
		       struct vm_area_struct *vma, unsigned long addr)
{
	const struct remap *r = container_of(walk, struct remap, walk);
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(vma->vm_mm, addr, &table), entry, pmd;

	if (!pmdp)
		return true;
	entry = *pmdp;
	if (pmd_is_migration(entry) && pp_entry_page(entry) == r->old) {
		pmd = pp_migration_pte(vma, head, entry, true) | PTE_HUGE;
		pp_ref(head);
		mark_exclusive(head, entry);
		pp_map_leaf(vma, addr, pmdp, head, pmd);
	}
	pinpage_spin_unlock(&table->lock);
	return true;
}

static bool remap_one(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	const struct remap *r = container_of(walk, struct remap, walk);
	struct page *head = compound_head(page);
	struct page *old = r->old + (page - head);
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, &table), entry, pte;

	if (!ptep)
		return true;
	entry = *ptep;
	if (pp_entry_is_migration(entry) && pp_entry_page(entry) == old) {
		pte = pp_migration_pte(vma, page, entry, false);
		pp_ref(head);
		mark_exclusive(page, entry);
		pp_map_page(vma, addr, ptep, page, pte);
	}
	pinpage_spin_unlock(&table->lock);
	return true;
}

/**
 * pp_remove_migration_entries() - map what pp_try_to_migrate() unmapped
 * @old: the entries name its pages
 * @new: what they shall map: @old itself, or the folio of the same size that it
 *       moved to, owner, index, bytes and flags complete
 * @av:  as for pp_try_to_migrate()
 *
 * Entries that are gone (the range was unmapped) stay gone.
 *
 * Context: process. Locking: both page locks held.
 * Mirrors: mm/migrate.c:remove_migration_ptes()
 */
void pp_remove_migration_entries(struct page *old, struct page *new,
				 struct anon_vma *av)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)new);
	struct remap r = {
		.walk = { .one = remap_leaf, .anon_vma = av }, .old = old,
	};

	if (folio_order((struct folio *)new) == HPAGE_PMD_ORDER)
		pp_rmap_walk(new, &r.walk);
	r.walk.one = remap_one;
	for (i = 0; i < nr; i++)
		pp_rmap_walk(new + i, &r.walk);
}
