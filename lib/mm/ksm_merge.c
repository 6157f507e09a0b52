// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/ksm_merge.c - one page for two: write-protect, compare, replace; and back
 *
 * I1. A page becomes a KSM page only with its entry read-only, PG_anon_exclusive
 *     clear and no reference but its mappings: nobody writes it from then on,
 *     no pin sees it change hands.
 * I2. An entry is replaced only if it still is what was compared.
 * Mirrors: mm/ksm.c:write_protect_page(), replace_page(), break_ksm() 6.1.
 */
#include "mm/internal.h"
#include "mm/ksm.h"
#include "mm/swap.h"

/* the mergeable area of an address, mmap_lock held; NULL: none */
struct vm_area_struct *pp_ksm_area(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma;

	if (atomic_read(&mm->mm_users) <= 0)
		return NULL;
	vma = pp_vma_lookup(mm, addr);
	return vma && vma->vm_flags & VM_MERGEABLE && pp_vma_anon(vma) ? vma : NULL;
}

/* small anonymous page of an address, mmap_lock held; with a reference, or NULL */
struct page *pp_ksm_anon_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);

	if (!ptep)
		return NULL;
	if (pte_present(*ptep))
		page = pp_pte_normal_page(*ptep);
	if (page && (!PageAnon(page) || compound_head(page) != page || PageHead(page)))
		page = NULL;
	if (page)
		pp_ref(page);
	pinpage_spin_unlock(&table->lock);
	return page;
}

/**
 * pp_ksm_page_at() - what a mergeable address maps
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  anonymous page with a reference, or NULL.
 * Mirrors: mm/ksm.c:get_mergeable_page()
 */
struct page *pp_ksm_page_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = NULL;

	pinpage_down_read(&mm->mmap_lock);
	if (pp_ksm_area(mm, addr))
		page = pp_ksm_anon_at(mm, addr);
	pinpage_up_read(&mm->mmap_lock);
	return page;
}

/* PTE lock held, entry cleared: give up what makes the page this process's own */
static bool try_share(struct page *page)
{
	/* our caller's reference and one a mapping */
	if (page_count(page) != pp_page_mapcount(page) + 1)
		return false;
	if (pp_rules_exclusive(NULL) && PageAnonExclusive(page) && pp_maybe_dma_pinned(page))
		return false;
	ClearPageAnonExclusive(page);
	return true;
}

/* PTE lock held: the entry as it is from now on, 0: somebody else uses the page */
static pp_pte protect_locked(struct vm_area_struct *vma, unsigned long addr,
			     struct page *page, pp_pte *ptep)
{
	pp_pte pte = *ptep;

	if (!(pte & (PTE_WRITE | PTE_DIRTY)) && !PageAnonExclusive(page))
		return pte;
	pp_pte_put(ptep, 0);
	pp_tlb_flush_page(vma->vm_mm, addr);
	/*
	 * MB pin-vs-unmap (D): the entry is cleared before references are
	 * counted. Pairs with (C) in gup/fast.c. Without it a page that was
	 * just pinned is merged. Test: mm/ksm
	 * pinned_page_is_not_merged_nor_lets_others.
	 */
	smp_mb();
	if (!try_share(page)) {
		pp_pte_put(ptep, pte);
		return 0;
	}
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(page);
	pte &= ~(PTE_WRITE | PTE_DIRTY);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, pte, PAGE_SIZE);
	return pte;
}

/* locked page: its entry if it is read-only now and nobody else has it; else 0 */
static pp_pte write_protect(struct vm_area_struct *vma, unsigned long addr,
			    struct page *page)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_mmu_range range;
	struct pp_table *table;
	pp_pte *ptep, pte = 0;

	pp_mmu_invalidate_start(&range, mm, addr, addr + PAGE_SIZE, MMU_NOTIFY_CLEAR);
	ptep = pp_pte_lock(mm, addr, &table);
	if (ptep && pte_present(*ptep) && pp_pte_normal_page(*ptep) == page)
		pte = protect_locked(vma, addr, page, ptep);
	if (ptep)
		pinpage_spin_unlock(&table->lock);
	pp_mmu_invalidate_end(&range);
	return pte;
}

/* PTE lock held: the entry of @page becomes one of @kpage (or the zero page) */
static void replace_locked(struct vm_area_struct *vma, unsigned long addr,
			   struct page *page, struct page *kpage, pp_pte *ptep)
{
	struct mm_struct *mm = vma->vm_mm;
	pp_pte pte = pp_mk_pte(kpage, vma), old = *ptep;

	if (kpage == pp_zero_page) {
		pte |= PTE_SPECIAL;
	} else {
		pp_ref(kpage);
		pp_dup_rmap(kpage);
		pp_mlock_vma(vma, kpage, false);
	}
	pp_pte_put(ptep, 0);
	pp_tlb_flush_page(mm, addr);
	pp_emit_pte(PTE_CLEAR, mm, addr, old, PAGE_SIZE);
	pp_mmu_change_pte(mm, addr, pte);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, mm, addr, pte, PAGE_SIZE);
	pp_remove_rmap(page);
	pp_munlock_vma(vma, page, false);
}

/* 0, -EFAULT: the entry is not @orig any more */
static int replace(struct vm_area_struct *vma, unsigned long addr, struct page *page,
		   struct page *kpage, pp_pte orig)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_mmu_range range;
	struct pp_table *table;
	int err = -EFAULT;
	pp_pte *ptep;

	pp_mmu_invalidate_start(&range, mm, addr, addr + PAGE_SIZE, MMU_NOTIFY_CLEAR);
	ptep = pp_pte_lock(mm, addr, &table);
	if (ptep && *ptep == orig) {
		replace_locked(vma, addr, page, kpage, ptep);
		err = 0;
	}
	if (ptep)
		pinpage_spin_unlock(&table->lock);
	if (!err)
		pp_unref(page);
	pp_mmu_invalidate_end(&range);
	return err;
}

/* @kpage NULL: @page itself becomes a KSM page, without a node yet */
static int merge_one_locked(struct vm_area_struct *vma, unsigned long addr,
			    struct page *page, struct page *kpage)
{
	pp_pte orig;

	/* a page whose slot others use belongs to the slot: not modelled */
	if (PageSwapCache(page))
		pp_page_free_swap(page);
	if (PageSwapCache(page) || PageWriteback(page))
		return -EFAULT;
	orig = write_protect(vma, addr, page);
	if (!orig)
		return -EFAULT;
	if (!kpage) {
		pp_ksm_set_node(page, NULL);
		pp_mark_accessed(page);
		SetPageDirty(page);
		return 0;
	}
	if (pp_ksm_compare(page, kpage))
		return -EFAULT;
	return replace(vma, addr, page, kpage, orig);
}

/* 0, -EFAULT. Mirrors: mm/ksm.c:try_to_merge_one_page() */
static int merge_one(struct vm_area_struct *vma, unsigned long addr, struct page *page,
		     struct page *kpage)
{
	int err;

	if (page == kpage)
		return 0;
	if (!PageAnon(page) || !pp_trylock_page(page))
		return -EFAULT;
	err = merge_one_locked(vma, addr, page, kpage);
	pp_unlock_page(page);
	if (!err)
		pp_emit(KSM_MERGE, PP_EV_PAGE(page), .mm = vma->vm_mm, .addr = addr,
			.arg = (long)page_to_pfn(kpage ? kpage : page));
	return err;
}

/**
 * pp_ksm_merge_into() - let an item's page be @kpage from now on
 * @item:  out of the trees on success, with a count of the area's anon_vma
 * @page:  what it maps; referenced
 * @kpage: KSM page, referenced; NULL: make @page one
 *
 * Context: process; sleeps. Locking: takes mmap_lock, page locks.
 * Return:  0, -EFAULT. Mirrors: mm/ksm.c:try_to_merge_with_ksm_page()
 */
int pp_ksm_merge_into(struct pp_ksm_item *item, struct page *page, struct page *kpage)
{
	struct mm_struct *mm = item->mm;
	struct vm_area_struct *vma;
	int err = -EFAULT;

	pinpage_down_read(&mm->mmap_lock);
	vma = pp_ksm_area(mm, item->addr);
	if (vma)
		err = merge_one(vma, item->addr, page, kpage);
	if (!err) {
		pp_ksm_detach(item);
		item->anon_vma = pp_vma_anon(vma);
		atomic_inc(&item->anon_vma->refcount);
	}
	pinpage_up_read(&mm->mmap_lock);
	return err;
}

/* a page of zeroes becomes the zero page, which is in no tree */
int pp_ksm_merge_zero(struct pp_ksm_item *item, struct page *page)
{
	struct vm_area_struct *vma;
	int err = -EFAULT;

	pinpage_down_read(&item->mm->mmap_lock);
	vma = pp_ksm_area(item->mm, item->addr);
	if (vma)
		err = merge_one(vma, item->addr, page, pp_zero_page);
	pinpage_up_read(&item->mm->mmap_lock);
	return err;
}

/**
 * pp_ksm_merge_two() - @page becomes a KSM page that @other's becomes, too
 *
 * Return: whether both are merged; else neither is.
 * Mirrors: mm/ksm.c:try_to_merge_two_pages()
 */
bool pp_ksm_merge_two(struct pp_ksm_item *item, struct page *page,
		      struct pp_ksm_item *other, struct page *other_page)
{
	if (pp_ksm_merge_into(item, page, NULL))
		return false;
	if (!pp_ksm_merge_into(other, other_page, page))
		return true;
	pp_ksm_break_item(item);
	return false;
}

/**
 * pp_ksm_break() - the area gets a page of its own where it maps a KSM page
 *
 * Context: process; sleeps. Locking: mmap_lock held.
 * Return:  0, -ENOMEM. Mirrors: mm/ksm.c:break_ksm()
 */
int pp_ksm_break(struct vm_area_struct *vma, unsigned long addr)
{
	struct page *page;
	bool merged;
	int err = 0;

	do {
		page = pp_ksm_anon_at(vma->vm_mm, addr);
		merged = page && PageKsm(page);
		if (page)
			pp_unref(page);
		if (merged)
			err = pp_handle_mm_fault(vma, addr,
						 FAULT_FLAG_WRITE | FAULT_FLAG_REMOTE);
	} while (merged && err != -ENOMEM);
	return merged ? err : 0;
}

/* an item that was merged and has no node: undo it. Mirrors: mm/ksm.c:break_cow() */
void pp_ksm_break_item(struct pp_ksm_item *item)
{
	struct vm_area_struct *vma;

	pp_anon_vma_put(item->anon_vma);
	item->anon_vma = NULL;
	pinpage_down_read(&item->mm->mmap_lock);
	vma = pp_ksm_area(item->mm, item->addr);
	if (vma)
		(void)pp_ksm_break(vma, item->addr);
	pinpage_up_read(&item->mm->mmap_lock);
}
