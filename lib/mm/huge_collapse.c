// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_collapse.c - small pages become one huge page: MADV_COLLAPSE,
 * khugepaged; those of files: huge_retract.c
 *
 * I1. Nobody can reach the old pages through the range while they are copied:
 *     mmap_lock and the anon_vma are held for writing, the PMD entry is gone,
 *     every page is locked, off the LRU and has no reference but its mapping
 *     and the isolation. A pin or any other reference: not collapsed.
 * I2. The PTE table is emptied and becomes the deposit of the new leaf: a
 *     lock-free walk may still be reading it.
 *
 * Who excludes whom: faults, fork and system calls by mmap_lock; the reverse
 * map by anon_vma->rwsem and the page locks; stores and loads, which take
 * no mmap_lock, by the PMD entry that pp_pte_lock() reads again; gup-fast by
 * the PMD entry that it reads again, where the rules say so.
 * Mirrors: mm/khugepaged.c:hpage_collapse_scan_pmd(), collapse_huge_page(),
 * __collapse_huge_page_isolate(), __collapse_huge_page_copy(), madvise_collapse()
 * 6.1.
 */
#include "mm/huge.h"
#include "mm/swapops.h"
#include "mm/uffd.h"

#include <string.h>

/* khugepaged gives up beyond: max_ptes_none, max_ptes_swap, max_ptes_shared */
#define NONE_MAX	511UL
#define SWAP_MAX	64UL
#define SHARED_MAX	256UL

struct collapse {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned long addr;		/* of the 2 MiB */
	bool khugepaged;		/* else MADV_COLLAPSE: no policy */
	struct pp_table *table;		/* of its PTEs */
	struct page *new;
};

/* one look at a PTE */
struct tally {
	unsigned long none, swapped, shared, referenced;
	bool writable;
};

/* at most one mapping, cache and isolation explain all references of @head */
static bool count_suitable(const struct page *head, int isolated)
{
	unsigned long i, nr = folio_nr_pages((const struct folio *)head);
	int expected = isolated;

	if (nr > 1)
		expected += atomic_read(&head[1].entire_mapcount) + 1;
	for (i = 0; i < nr; i++)
		expected += page_mapcount_pte(head + i);
	if (PageSwapCache(head))
		expected += (int)nr;
	return page_ref_count(head) == expected;
}

static enum pp_scan scan_page(const struct collapse *c, pp_pte pte, struct page *page,
			      struct tally *t)
{
	struct page *head = compound_head(page);

	if (pp_page_mapcount(page) > 1 && ++t->shared > SHARED_MAX &&
	    c->khugepaged)
		return PP_SCAN_EXCEED;
	if (!PageLRU(head))
		return PP_SCAN_PAGE_LRU;
	if (PageLocked(head))
		return PP_SCAN_PAGE_LOCK;
	if (!PageAnon(head))
		return PP_SCAN_FAIL;
	if (!count_suitable(head, 0))
		return PP_SCAN_PAGE_COUNT;
	t->writable |= !!(pte & PTE_WRITE);
	t->referenced += pte & PTE_ACCESSED || PageReferenced(head);
	return PP_SCAN_OK;
}

/* PTE lock held */
static enum pp_scan scan_pte(const struct collapse *c, pp_pte pte, struct tally *t)
{
	if (pte_none(pte) || (pte_present(pte) && pte & PTE_SPECIAL)) {
		/* who answers faults of what is missing wants to be asked */
		if (c->vma->vm_flags & VM_UFFD_ANY)
			return PP_SCAN_EXCEED;
		if (++t->none > NONE_MAX && c->khugepaged)
			return PP_SCAN_EXCEED;
		return PP_SCAN_OK;
	}
	if (pte & PTE_UFFD_WP)
		return PP_SCAN_NON_PRESENT;
	if (pp_entry_is_swap(pte)) {
		if (++t->swapped > SWAP_MAX && c->khugepaged)
			return PP_SCAN_EXCEED;
		return PP_SCAN_OK;
	}
	if (!pte_present(pte))
		return PP_SCAN_NON_PRESENT;
	return scan_page(c, pte, pp_pte_normal_page(pte), t);
}

/* Is it worth it? mmap_lock held for reading. */
static enum pp_scan scan(const struct collapse *c, struct tally *t)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_offset(c->mm, c->addr), *ptep;
	enum pp_scan result = PP_SCAN_OK;
	unsigned long i;

	if (pmdp && pte_leaf(pp_pte_get(pmdp)))
		return PP_SCAN_MAPPED;
	ptep = pp_pte_lock(c->mm, c->addr, &table);
	if (!ptep)
		return PP_SCAN_NOTHING;
	for (i = 0; i < PTRS_PER_TABLE && result == PP_SCAN_OK; i++)
		result = scan_pte(c, ptep[i], t);
	pinpage_spin_unlock(&table->lock);
	if (result != PP_SCAN_OK)
		return result;
	if (!t->writable)
		return PP_SCAN_READ_ONLY;
	if (c->khugepaged && !t->referenced)
		return PP_SCAN_READ_ONLY;
	return PP_SCAN_OK;
}

/* the collapse itself; mmap_lock held for writing from here on */

/* what @vma was when mmap_lock was held last may be gone */
static enum pp_scan revalidate(struct collapse *c)
{
	c->vma = pp_vma_lookup(c->mm, c->addr);
	if (!c->vma || !c->vma->anon_vma || !pp_huge_possible(c->vma, c->addr))
		return PP_SCAN_FAIL;
	if (c->khugepaged && !pp_huge_eligible(c->vma, c->addr))
		return PP_SCAN_FAIL;
	return PP_SCAN_OK;
}

/* Brings swapped pages in; mmap_lock held for reading. */
static enum pp_scan swap_in(struct collapse *c)
{
	unsigned long addr;
	int err = 0;

	for (addr = c->addr; !err && addr < c->addr + PMD_SIZE; addr += PAGE_SIZE) {
		struct pp_table *table;
		pp_pte *ptep = pp_pte_lock(c->mm, addr, &table), pte;

		if (!ptep)
			return PP_SCAN_NOTHING;
		pte = *ptep;
		pinpage_spin_unlock(&table->lock);
		if (pp_entry_is_swap(pte))
			err = pp_handle_mm_fault(c->vma, addr, 0);
	}
	return err ? PP_SCAN_FAIL : PP_SCAN_OK;
}

/* mmap_lock, anon_vma: held for writing */
static bool take_table(struct collapse *c)
{
	struct pp_table *pmd_table;
	pp_pte *pmdp = pp_pmd_lock(c->mm, c->addr, &pmd_table);

	if (!pmdp)
		return false;
	if (!pte_is_table(*pmdp)) {
		pinpage_spin_unlock(&pmd_table->lock);
		return false;
	}
	c->table = pte_table(*pmdp);
	pp_pte_put(pmdp, 0);
	pinpage_spin_unlock(&pmd_table->lock);
	pp_tlb_flush_range(c->mm, c->addr, c->addr + PMD_SIZE);
	return true;
}

/* as above; devices forget what they know of the range first */
static bool clear_pmd(struct collapse *c)
{
	struct pp_mmu_range range;
	bool done;

	pp_mmu_invalidate_start(&range, c->mm, c->addr, c->addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	done = take_table(c);
	pp_mmu_invalidate_end(&range);
	if (!done)
		return false;
	/*
	 * MB pin-vs-collapse (L): the PMD entry is cleared before the counts
	 * are read. Pairs with (C) in gup/fast.c [count raised, then the PMD
	 * entry read again]. Without it, and under rules that do not read it
	 * again, a page is pinned that the process has left.
	 * Test: gup/race_huge collapse_against_fast_pin.
	 */
	smp_mb();
	pp_emit(YIELD, .mm = c->mm, .addr = c->addr, .name = "collapse-cleared");
	return true;
}

static void restore_pmd(const struct collapse *c)
{
	struct pp_table *pmd_table;
	pp_pte *pmdp = pp_pmd_lock(c->mm, c->addr, &pmd_table);

	pp_pte_put(pmdp, (pp_pte)(uintptr_t)c->table | PTE_TABLE);
	pinpage_spin_unlock(&pmd_table->lock);
}

static struct page *page_at(const struct collapse *c, unsigned long i)
{
	pp_pte pte = c->table->entry[i];

	return pte_present(pte) ? pp_pte_normal_page(pte) : NULL;
}

static void release_head(struct page *head)
{
	pp_unlock_page(head);
	pp_lru_putback(head);
}

/* what entries [0, nr) map goes back, once a folio */
static void release_pages(const struct collapse *c, unsigned long nr)
{
	struct page *last = NULL, *page;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		page = page_at(c, i);
		if (!page || compound_head(page) == last)
			continue;
		last = compound_head(page);
		release_head(last);
	}
}

/* locked by bit, for the held set has no room for so many */
static enum pp_scan isolate_page(struct page *page)
{
	struct page *head = compound_head(page);

	if (!pp_trylock_page(head))
		return PP_SCAN_PAGE_LOCK;
	pp_lock_handover(&head->flags);
	if (!count_suitable(head, 0)) {
		pp_unlock_page(head);
		return PP_SCAN_PAGE_COUNT;
	}
	if (!pp_lru_isolate_page(head)) {
		pp_unlock_page(head);
		return PP_SCAN_PAGE_LRU;
	}
	return PP_SCAN_OK;
}

/* of the folio before, locked by us; a small page mapped twice is not (KSM) */
static bool same_folio(const struct page *page, const struct page *last)
{
	const struct page *head = compound_head(page);

	return head == last && PageHead(head);
}

static enum pp_scan isolate(const struct collapse *c)
{
	enum pp_scan result = PP_SCAN_OK;
	struct page *last = NULL, *page;
	unsigned long i;

	for (i = 0; i < PTRS_PER_TABLE && result == PP_SCAN_OK; i++) {
		pp_pte pte = c->table->entry[i];

		page = page_at(c, i);
		if (!pte_none(pte) && !pte_present(pte))
			result = PP_SCAN_NON_PRESENT;
		else if (!page && c->vma->vm_flags & VM_UFFD_ANY)
			result = PP_SCAN_EXCEED;
		else if (page && !same_folio(page, last))
			result = isolate_page(page);
		if (page)
			last = compound_head(page);
	}
	if (result != PP_SCAN_OK)
		release_pages(c, i - 1);
	return result;
}

/* entry @i moves to the new page; its old page loses the mapping */
static void copy_entry(struct collapse *c, unsigned long i)
{
	unsigned long addr = c->addr + (i << PAGE_SHIFT);
	struct page *page = page_at(c, i), *new = c->new + i;

	if (!page) {
		memset(page_address(new), 0, PAGE_SIZE);
	} else {
		pp_frame_copy(page_address(new), page_address(page), PAGE_SIZE);
		pp_emit(COW, PP_EV_PAGE(page), .mm = c->mm, .addr = addr,
			.arg = (long)page_to_pfn(new));
	}
}

/* the old page of entry @i loses the mapping; *lastp: its folio, to be released */
static void drop_entry(const struct collapse *c, unsigned long i, struct page **lastp)
{
	struct page *page = page_at(c, i), *head;

	pp_pte_put(&c->table->entry[i], 0);
	if (!page)
		return;
	head = compound_head(page);
	if (*lastp && *lastp != head)
		release_head(*lastp);
	*lastp = head;
	pp_remove_rmap(page);
	pp_munlock_vma(c->vma, page, false);
	pp_unref(head);
}

static void copy(struct collapse *c)
{
	struct page *last = NULL;
	unsigned long i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		copy_entry(c, i);
	for (i = 0; i < PTRS_PER_TABLE; i++)
		drop_entry(c, i, &last);
	if (last)
		release_head(last);
}

static void install(struct collapse *c)
{
	pp_pte pmd = pp_maybe_mkwrite(pp_mk_pte(c->new, c->vma) | PTE_HUGE | PTE_DIRTY,
				      c->vma);
	struct pp_table *pmd_table;
	pp_pte *pmdp = pp_pmd_lock(c->mm, c->addr, &pmd_table);

	pp_add_new_anon_rmap(c->new, c->vma, c->addr);
	pp_deposit(pmd_table, c->table);
	pp_pte_put(pmdp, pmd);
	pp_emit_pte(PTE_SET, c->mm, c->addr, pmd, PMD_SIZE);
	pinpage_spin_unlock(&pmd_table->lock);
	c->new = NULL;
}

static enum pp_scan collapse_locked(struct collapse *c)
{
	struct anon_vma *av;
	enum pp_scan result = revalidate(c);

	if (result != PP_SCAN_OK)
		return result;
	av = c->vma->anon_vma;
	pinpage_down_write(&av->rwsem);
	if (!clear_pmd(c)) {
		pinpage_up_write(&av->rwsem);
		return PP_SCAN_FAIL;
	}
	pinpage_spin_lock(&c->table->lock);
	result = isolate(c);
	pinpage_spin_unlock(&c->table->lock);
	if (result != PP_SCAN_OK)
		restore_pmd(c);
	pinpage_up_write(&av->rwsem);
	if (result == PP_SCAN_OK) {
		copy(c);
		install(c);
	}
	return result;
}

static struct page *new_page(void)
{
	struct page *new = pp_alloc_pages(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_COMP,
					  HPAGE_PMD_ORDER);

	pp_stat_add(new ? PINPAGE_STAT_THP_COLLAPSE_ALLOC :
			  PINPAGE_STAT_THP_COLLAPSE_ALLOC_FAILED, 1);
	return new;
}

/* mmap_lock not held */
static enum pp_scan collapse(struct collapse *c, bool swapped)
{
	enum pp_scan result = PP_SCAN_OK;

	c->new = new_page();
	if (!c->new)
		return PP_SCAN_NOMEM;
	if (swapped) {
		pinpage_down_read(&c->mm->mmap_lock);
		result = revalidate(c);
		if (result == PP_SCAN_OK)
			result = swap_in(c);
		pinpage_up_read(&c->mm->mmap_lock);
	}
	if (result == PP_SCAN_OK) {
		pinpage_down_write(&c->mm->mmap_lock);
		result = collapse_locked(c);
		pp_mmap_unlock(c->mm);
	}
	if (c->new)
		pp_unref(c->new);
	return result;
}

/**
 * pp_collapsible() - can some part of an area be huge?
 * @khugepaged: by policy, else because MADV_COLLAPSE asks
 *
 * Context: any. Locking: mmap_lock held.
 * Mirrors: mm/huge_memory.c:hugepage_vma_check()
 */
bool pp_collapsible(const struct vm_area_struct *vma, bool khugepaged)
{
	unsigned long addr = ALIGN(vma->vm_start, PMD_SIZE);

	if (vma_is_anonymous(vma))
		return pp_vma_anon(vma) && pp_huge_possible(vma, addr);
	return !vma->uffd && pp_huge_file_fits(vma, addr) &&
	       pp_shmem_may_collapse(vma->vm_file->f_mapping, vma->vm_pgoff,
				     pp_huge_advice(vma, addr), !khugepaged);
}

/*
 * The file that is mapped at c->addr, and from which index on, if it is one;
 * kept. mmap_lock held.
 */
static struct file *file_at(const struct collapse *c, unsigned long *first)
{
	struct vm_area_struct *vma = pp_vma_lookup(c->mm, c->addr);

	if (!vma || !vma->vm_file || !pp_huge_file_fits(vma, c->addr) ||
	    !pp_collapsible(vma, c->khugepaged))
		return NULL;
	*first = pp_vma_pgoff(vma, c->addr);
	return pp_get_file(vma->vm_file);
}

/**
 * pp_collapse() - make one huge page of 2 MiB of small ones
 * @mm:         a user is held
 * @addr:       aligned to PMD_SIZE
 * @khugepaged: by policy: the area is eligible, not too much of it is empty,
 *              swapped or shared, and somebody uses it
 *
 * Context: process; sleeps. Locking: mmap_lock not held; taken for reading,
 * then for writing.
 * Return:  PP_SCAN_OK: done; PP_SCAN_MAPPED: it was done before; else why not.
 * Mirrors: mm/khugepaged.c:hpage_collapse_scan_pmd(), collapse_huge_page()
 */
enum pp_scan pp_collapse(struct mm_struct *mm, unsigned long addr, bool khugepaged)
{
	struct collapse c = { .mm = mm, .addr = addr, .khugepaged = khugepaged };
	struct tally tally = { 0 };
	enum pp_scan result;
	unsigned long first;
	struct file *file;

	pinpage_down_read(&mm->mmap_lock);
	file = file_at(&c, &first);
	if (file) {
		pinpage_up_read(&mm->mmap_lock);
		result = pp_collapse_file(mm, addr, file, first, khugepaged);
		pp_fput(file);
		return result;
	}
	result = revalidate(&c);
	if (result == PP_SCAN_OK)
		result = scan(&c, &tally);
	pinpage_up_read(&mm->mmap_lock);
	if (result != PP_SCAN_OK)
		return result;
	return collapse(&c, tally.swapped != 0);
}
