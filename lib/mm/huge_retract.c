// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_retract.c - a file has a huge folio: page tables that stand in the way
 * of huge leaves go
 *
 * I1. Only a table that is empty, or has nothing but this folio's pages where
 *     they belong, is taken. mmap_lock is held for writing, and i_mmap_rwsem,
 *     so that no fault, no system call and no reverse map is in it; who walks
 *     without locks may still read it, and sees it empty.
 * I2. The folio is locked while a leaf of it is entered.
 *
 * Mirrors: mm/khugepaged.c:retract_page_tables(), collapse_pte_mapped_thp(),
 * hpage_collapse_scan_file() 6.1 and 6.12; differs: under rules of 6.6 and later,
 * too, the tables of others go only if their mmap_lock is free.
 */
#include "mm/huge.h"

/* The one place that reads rules->collapse_retracts. */
static bool retracts(void)
{
	return pp_rules->collapse_retracts;
}

/* mmap_lock and i_mmap_rwsem held for writing: the table at @pmdp, taken off */
static struct pp_table *take_table(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *pmd_table, *table = NULL;
	pp_pte *pmdp = pp_pmd_lock(mm, addr, &pmd_table);

	if (!pmdp)
		return NULL;
	if (pte_is_table(*pmdp)) {
		table = pte_table(*pmdp);
		pp_pte_put(pmdp, 0);
		pp_tlb_flush_range(mm, addr, addr + PMD_SIZE);
	}
	pinpage_spin_unlock(&pmd_table->lock);
	return table;
}

static void put_back(struct mm_struct *mm, unsigned long addr, struct pp_table *table)
{
	struct pp_table *pmd_table;
	pp_pte *pmdp = pp_pmd_lock(mm, addr, &pmd_table);

	pp_pte_put(pmdp, (pp_pte)(uintptr_t)table | PTE_TABLE);
	pinpage_spin_unlock(&pmd_table->lock);
}

/* Is there nothing in it but pages of the folio, each in its place? */
static bool only_folio(const struct pp_table *table, struct page *head)
{
	unsigned long i;

	for (i = 0; i < PTRS_PER_TABLE; i++) {
		pp_pte pte = table->entry[i];

		if (pte_none(pte))
			continue;
		if (!head || !pte_present(pte) || pp_pte_normal_page(pte) != head + i)
			return false;
	}
	return true;
}

/* the entries of a table that has nothing else; references to be dropped */
static int clear_entries(struct mm_struct *mm, unsigned long addr,
			 struct pp_table *table, struct page *head)
{
	unsigned long i;
	int refs = 0;

	for (i = 0; i < PTRS_PER_TABLE; i++, addr += PAGE_SIZE) {
		pp_pte pte = table->entry[i];

		if (pte_none(pte))
			continue;
		pp_pte_put(&table->entry[i], 0);
		if (pte & PTE_DIRTY)
			pp_set_page_dirty(head);
		pp_remove_rmap(head + i);
		pp_emit_pte(PTE_CLEAR, mm, addr, pte, PAGE_SIZE);
		refs++;
	}
	return refs;
}

/*
 * Takes the table away if it has nothing but pages of @head, which may be NULL:
 * nothing at all. Return: the table, empty; NULL: there is none, or it stays.
 */
static struct pp_table *empty_table(struct mm_struct *mm, unsigned long addr,
				    struct page *head)
{
	struct pp_table *table = take_table(mm, addr);
	bool fine;
	int refs = 0;

	if (!table)
		return NULL;
	pinpage_spin_lock(&table->lock);
	fine = only_folio(table, head);
	if (fine)
		refs = clear_entries(mm, addr, table, head);
	pinpage_spin_unlock(&table->lock);
	if (!fine)
		put_back(mm, addr, table);
	if (refs)
		pp_unref_many(head, refs);
	return fine ? table : NULL;
}

static void free_table(struct mm_struct *mm, struct pp_table *table)
{
	struct pp_gather g;

	pp_gather_init(&g, mm);
	pp_gather_table(&g, table);
	pp_gather_finish(&g);
}

/* the areas that can have a leaf of the 512 pages from @first on */
static void retract_all(struct address_space *mapping, unsigned long first,
			const struct mm_struct *but)
{
	struct pp_interval *at;

	pinpage_down_write(&mapping->i_mmap_rwsem);
	pp_interval_for_each(at, &mapping->i_mmap, first, first) {
		struct vm_area_struct *vma =
			container_of(at, struct vm_area_struct, shared);
		unsigned long addr = vma->vm_start + ((first - vma->vm_pgoff) << PAGE_SHIFT);
		struct mm_struct *mm = vma->vm_mm;
		struct pp_table *table;

		if (mm == but || pp_vma_anon(vma) || vma->uffd ||
		    !pp_huge_file_fits(vma, addr) ||
		    !pinpage_down_write_trylock(&mm->mmap_lock))
			continue;
		table = empty_table(mm, addr, NULL);
		if (table)
			free_table(mm, table);
		pinpage_up_write(&mm->mmap_lock);
	}
	pinpage_up_write(&mapping->i_mmap_rwsem);
}

/* the bits of a leaf that a read fault would enter */
static pp_pte leaf_of(const struct vm_area_struct *vma, const struct page *head)
{
	pp_pte pmd = pp_mk_pte(head, vma) | PTE_HUGE;

	if (vma->vm_flags & VM_SHARED && !pp_soft_dirty_enabled(vma))
		pmd = pp_maybe_mkwrite(pmd, vma);
	return pmd;
}

/* mmap_lock held for writing, @head locked; takes over @table if OK */
static enum pp_scan enter_leaf(struct vm_area_struct *vma, unsigned long addr,
			       struct page *head, struct pp_table *table)
{
	pp_ref(head);
	if (!pp_huge_file_enter(vma, addr, head, leaf_of(vma, head), table))
		pp_bug("%#lx: a fault without mmap_lock", addr);
	return PP_SCAN_OK;
}

/* Where there is no table: may a leaf be entered, and with what deposit? */
static enum pp_scan fill_empty(struct vm_area_struct *vma, unsigned long addr,
			       struct page *head)
{
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr), pmd;
	struct pp_table *spare;

	if (!pmdp)
		return PP_SCAN_NOTHING;
	pmd = pp_pte_get(pmdp);
	if (!pte_none(pmd))
		return pte_leaf(pmd) && pte_page(pmd) == head ? PP_SCAN_MAPPED :
							       PP_SCAN_FAIL;
	spare = pp_table_alloc(0);
	return spare ? enter_leaf(vma, addr, head, spare) : PP_SCAN_NOMEM;
}

/* mmap_lock held for writing, @head locked, i_mmap_rwsem taken here */
static enum pp_scan map_leaf(struct vm_area_struct *vma, unsigned long addr,
			     struct page *head, bool leaf)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	struct pp_mmu_range range;
	enum pp_scan result = PP_SCAN_OK;
	struct pp_table *table;

	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	pinpage_down_write(&mapping->i_mmap_rwsem);
	table = empty_table(vma->vm_mm, addr, head);
	pinpage_up_write(&mapping->i_mmap_rwsem);
	if (table && leaf)
		result = enter_leaf(vma, addr, head, table);
	else if (table)
		free_table(vma->vm_mm, table);
	else if (leaf)
		result = fill_empty(vma, addr, head);
	pp_mmu_invalidate_end(&range);
	return result;
}

static bool has_table(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr);

	return pmdp && pte_is_table(pp_pte_get(pmdp));
}

/* what was @file's 2 MiB at @addr may be something else by now; mmap_lock held */
static bool still_there(const struct vm_area_struct *vma, unsigned long addr,
			const struct address_space *mapping, unsigned long first)
{
	return vma && vma->vm_file && vma->vm_file->f_mapping == mapping &&
	       !vma->uffd && pp_huge_file_fits(vma, addr) &&
	       pp_vma_pgoff(vma, addr) == first;
}

/*
 * The caller's own page table: mapped by a leaf, or (@leaf is false) out of the
 * way. @fresh: the folio has just been made.
 */
static enum pp_scan map_here(struct mm_struct *mm, unsigned long addr,
			     struct address_space *mapping, unsigned long first,
			     bool fresh, bool leaf)
{
	enum pp_scan result = PP_SCAN_FAIL;
	struct vm_area_struct *vma;
	struct page *head;

	pinpage_down_write(&mm->mmap_lock);
	vma = pp_vma_lookup(mm, addr);
	if (!still_there(vma, addr, mapping, first))
		goto out_unlock;
	if (fresh && !retracts() && (pp_vma_anon(vma) || !has_table(mm, addr))) {
		result = PP_SCAN_NOTHING;
		goto out_unlock;
	}
	head = pp_find_lock_page(mapping, first);
	if (!head)
		goto out_unlock;
	if (folio_order((struct folio *)head) == HPAGE_PMD_ORDER)
		result = map_leaf(vma, addr, head, leaf);
	pp_unlock_page(head);
	pp_unref(head);
out_unlock:
	pp_mmap_unlock(mm);
	return result;
}

static enum pp_scan scan_of(int err)
{
	switch (err) {
	case -ENOMEM:
		return PP_SCAN_NOMEM;
	case -EAGAIN:
		return PP_SCAN_PAGE_COUNT;
	default:
		return PP_SCAN_FAIL;
	}
}

/**
 * pp_collapse_file() - make one huge page of 2 MiB of a file's small ones, map it
 * @mm:         a user is held
 * @addr:       aligned to PMD_SIZE
 * @file:       mapped there, kept by the caller
 * @first:      index that is mapped at @addr, a multiple of 512
 * @khugepaged: nobody asked: who maps it finds it with the next fault
 *
 * Context: process; sleeps. Locking: mmap_lock not held; taken for writing.
 * Return:  as pp_collapse(). It may be that the huge page is there, but not
 *          mapped here: PP_SCAN_NOTHING, PP_SCAN_FAIL.
 * Mirrors: mm/khugepaged.c:hpage_collapse_scan_file(), madvise_collapse()
 */
enum pp_scan pp_collapse_file(struct mm_struct *mm, unsigned long addr,
			      struct file *file, unsigned long first, bool khugepaged)
{
	struct address_space *mapping = file->f_mapping;
	enum pp_scan result;
	int ret = pp_collapse_scan(mapping, first, khugepaged);

	if (!ret)
		ret = pp_collapse_folio(mapping, first);
	if (ret < 0)
		return scan_of(ret);
	if (!ret && (khugepaged || retracts()))
		retract_all(mapping, first, khugepaged ? NULL : mm);
	if (khugepaged && !ret)
		return PP_SCAN_OK;
	result = map_here(mm, addr, mapping, first, !ret, !khugepaged);
	return khugepaged ? PP_SCAN_MAPPED : result;
}
