// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/cow.c - faults on entries that are there but read-only
 *
 * I1. A page whose PG_anon_exclusive is set is mapped by one address space
 *     only; a write keeps it without looking at the reference count (from
 *     5.19 on), so a pin never makes the process leave its page.
 * I2. The old page stays referenced until its copy is mapped.
 * Mirrors: mm/memory.c:do_wp_page(), wp_page_copy(), wp_page_shared().
 */
#include "mm/huge.h"
#include "mm/ksm.h"
#include "mm/swap.h"
#include "mm/uffd.h"

static bool is_unshare(const struct pp_fault *f)
{
	return f->flags & FAULT_FLAG_UNSHARE;
}

static bool only_this_leaf(const struct page *head)
{
	unsigned long i;

	if (atomic_read(&head[1].entire_mapcount))
		return false;
	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (atomic_read(&head[i]._mapcount) >= 0)
			return false;
	return true;
}

/*
 * Nobody has the page but this entry and perhaps the swap cache, which is
 * asked to let it go. PTE lock held.
 */
static bool sole_owner(struct page *page)
{
	bool sole;

	if (!PageSwapCache(page))
		return page_count(page) == 1;
	if (page_count(page) > 2 || !pp_trylock_page(page))
		return false;
	pp_page_free_swap(page);
	sole = page_count(page) == 1;
	pp_unlock_page(page);
	return sole;
}

/*
 * Up to 5.8: mapped once and its slot used by nobody, whoever else has it.
 * Mirrors: mm/swapfile.c:reuse_swap_page() 5.7
 */
static bool mapped_once(struct page *page)
{
	bool once;

	if (pp_page_mapcount(page) != 1)
		return false;
	if (!PageSwapCache(page))
		return true;
	if (!pp_trylock_page(page))
		return false;
	once = !PageSwapCache(page) || !pp_swap_count(pp_page_swp(page));
	if (once && PageSwapCache(page) && PageWriteback(page))
		once = !pp_swap_stable(pp_page_swp(page));
	else if (once)
		pp_page_free_swap(page);
	pp_unlock_page(page);
	return once;
}

/*
 * May a write keep this anonymous page? Asked for small pages, for pages of a
 * folio mapped by PTEs, and for the head under a huge leaf. Up to 5.18 huge
 * leaves went by the mapcount whatever small pages did.
 */
bool pp_may_reuse(struct page *page, bool huge)
{
	enum pinpage_cow_reuse rule;

	if (pp_rules_exclusive(&rule))
		return PageAnonExclusive(page) || sole_owner(page);
	if (huge)
		return only_this_leaf(page);
	return rule == PINPAGE_COW_MAPCOUNT ? mapped_once(page) :
					      page_count(page) == 1;
}

/* page-table lock held, dropped */
int pp_wp_reuse(struct pp_fault *f, pp_pte *ptep, struct pp_table *table,
		unsigned long addr, unsigned long size)
{
	pp_pte pte = f->orig;

	if (!is_unshare(f)) {
		pte = pp_maybe_mkwrite(pte | PTE_ACCESSED | PTE_MKDIRTY, f->vma);
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, f->vma->vm_mm, addr, pte, size);
	}
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* The file system agreed: the PTE of the locked page may be written. */
static void make_shared_writable(struct pp_fault *f)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table);

	if (!ptep)
		return;
	if (*ptep == f->orig)
		pp_wp_reuse(f, ptep, table, f->addr, PAGE_SIZE);
	else
		pinpage_spin_unlock(&table->lock);
}

/* write to a page of a shared file mapping; PTE lock held, dropped */
static int wp_shared(struct pp_fault *f, struct pp_table *table)
{
	struct page *head = compound_head(f->page);
	struct file *file = f->vma->vm_file;
	bool throttle;
	int err;

	pp_ref(head);
	pinpage_spin_unlock(&table->lock);
	pp_lock_page(head);
	throttle = pp_fault_dirties(file, head);
	err = pp_filemap_page_mkwrite(file, f->page);
	if (!err)
		make_shared_writable(f);
	pp_unlock_page(head);
	pp_unref(head);
	if (err)
		return err == -ENOMEM || err == -EAGAIN ? err : -EFAULT;
	return throttle ? pp_fault_balance(f, file) : 0;
}

/* @new holds what the old page said: put it in place; false: things changed */
static bool install_copy(struct pp_fault *f, struct page *new, struct pp_mmu_range *range)
{
	pp_pte pte = pp_mk_pte(new, f->vma), *ptep;
	struct mm_struct *mm = f->vma->vm_mm;
	struct pp_table *table;

	if (!is_unshare(f))
		pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
	else
		pte |= f->orig & (PTE_UFFD_WP | PTE_SOFT_DIRTY);
	ptep = pp_pte_lock(mm, f->addr, &table);
	if (!ptep)
		return false;
	if (*ptep != f->orig) {
		pinpage_spin_unlock(&table->lock);
		return false;
	}
	pp_pte_put(ptep, 0);
	pp_tlb_flush_page(mm, f->addr);
	pp_mmu_clear_flush(range, f->addr, PAGE_SIZE);
	pp_add_new_anon_rmap(new, f->vma, f->addr);
	pp_mmu_change_pte(mm, f->addr, pte);
	pp_pte_put(ptep, pte);
	if (f->page)
		pp_remove_rmap(f->page);
	if (f->page)
		pp_munlock_vma(f->vma, f->page, false);
	pp_emit_pte(PTE_SET, mm, f->addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	return true;
}

/* the page that the fault gets instead; NULL: no memory */
static struct page *copy_of(struct pp_fault *f)
{
	struct page *new;

	if (pp_anon_vma_prepare(f->vma))
		return NULL;
	new = pp_alloc_page(PINPAGE_GFP_MOVABLE | (f->page ? 0 : PINPAGE_GFP_ZERO));
	if (!new)
		return NULL;
	if (f->page)
		pp_frame_copy(page_address(new), page_address(f->page), PAGE_SIZE);
	pp_emit(COW, PP_EV_PAGE(f->page ? f->page : pp_zero_page),
		.mm = f->vma->vm_mm, .addr = f->addr,
		.arg = (long)page_to_pfn(new));
	return new;
}

/* PTE lock held, dropped */
static int wp_copy(struct pp_fault *f, struct pp_table *table)
{
	struct page *old = f->page ? compound_head(f->page) : NULL, *new;
	struct pp_mmu_range range;
	int refs = 1;

	if (old)
		pp_ref(old);
	pinpage_spin_unlock(&table->lock);
	new = copy_of(f);
	if (new) {
		pp_mmu_invalidate_start(&range, f->vma->vm_mm, f->addr,
					f->addr + PAGE_SIZE, MMU_NOTIFY_CLEAR);
		if (install_copy(f, new, &range))
			refs = 2;	/* the PTE's too */
		else
			pp_unref(new);
		pp_mmu_invalidate_end(&range);
	}
	if (old && refs == 2)
		pp_free_swap_cache(old);
	if (old)
		pp_unref_many(old, refs);
	return new ? 0 : -ENOMEM;
}

/**
 * pp_wp_fault() - write or unshare where the PTE is present and read-only
 * @f:     f->orig is the PTE
 * @ptep:  locked by @table's lock, which is dropped
 *
 * Context: process; sleeps. Locking: mmap_lock and the PTE lock held.
 * Return:  as pp_handle_mm_fault().
 * Mirrors: mm/memory.c:do_wp_page()
 */
int pp_wp_fault(struct pp_fault *f, pp_pte *ptep, struct pp_table *table)
{
	if (!is_unshare(f) && pp_uffd_pte_wp(f->vma, f->orig)) {
		if (!pp_uffd_wp_async(f->vma)) {
			pinpage_spin_unlock(&table->lock);
			return pp_uffd_fault(f, VM_UFFD_WP);
		}
		f->orig &= ~PTE_UFFD_WP;
		pp_pte_put(ptep, f->orig);
	}
	if (unlikely(f->vma->vm_ops) && f->vma->vm_flags & VM_SHARED)
		return pp_driver_wp_fault(f, table);
	f->page = pp_pte_normal_page(f->orig);
	if (f->page && f->vma->vm_flags & VM_SHARED)
		return wp_shared(f, table);
	if (f->page && PageAnon(f->page) && !PageKsm(f->page) &&
	    pp_may_reuse(f->page, false)) {
		SetPageAnonExclusive(f->page);
		return pp_wp_reuse(f, ptep, table, f->addr, PAGE_SIZE);
	}
	return wp_copy(f, table);
}
