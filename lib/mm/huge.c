// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge.c - huge leaves: first touch, write faults, splitting the mapping
 *
 * I1. A huge leaf has a spare PTE table deposited with its PMD table, so that
 *     splitting the mapping cannot fail.
 * I2. Splitting a mapping leaves the folio whole. One of a file just goes:
 *     huge_file.c.
 * Mirrors: mm/huge_memory.c:do_huge_pmd_anonymous_page(),
 * do_huge_pmd_wp_page(), __split_huge_pmd() 6.1.
 */
#include "mm/huge.h"
#include "mm/swapops.h"

static enum pinpage_thp thp_mode;

/* pp_huge_boot() - as the machine is configured; Context: boot */
void pp_huge_boot(void)
{
	thp_mode = PINPAGE_THP_MADVISE;
}

/* pp_set_thp() - which memory gets huge pages from now on; Context: any */
void pp_set_thp(enum pinpage_thp mode)
{
	WRITE_ONCE(thp_mode, mode);
}

static bool is_write(const struct pp_fault *f)
{
	return f->flags & FAULT_FLAG_WRITE;
}

/**
 * pp_huge_possible() - may this address be mapped by a huge leaf?
 * @vma:  the area
 * @addr: inside it
 *
 * Context: any. Locking: mmap_lock held.
 * Mirrors: mm/huge_memory.c:hugepage_vma_check()
 */
bool pp_huge_possible(const struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long start = addr & PMD_MASK;

	return !(vma->vm_flags & (VM_NOHUGEPAGE | VM_IO | VM_PFNMAP)) &&
	       vma_is_anonymous(vma) &&
	       start >= vma->vm_start && start + PMD_SIZE <= vma->vm_end;
}

/* As pp_huge_possible(), except: and does policy want it without being asked? */
bool pp_huge_eligible(const struct vm_area_struct *vma, unsigned long addr)
{
	switch (READ_ONCE(thp_mode)) {
	case PINPAGE_THP_NEVER:
		return false;
	case PINPAGE_THP_MADVISE:
		if (!(vma->vm_flags & VM_HUGEPAGE))
			return false;
		break;
	case PINPAGE_THP_ALWAYS:
		break;
	}
	return vma->vm_flags & VM_ACCESS && pp_huge_possible(vma, addr);
}

/* write: a huge page of its own; read: the huge zero page. NULL: no memory */
static struct page *huge_page(const struct pp_fault *f)
{
	struct page *head;

	/* reading, too: fork copies what an area with an anon_vma maps */
	if (pp_anon_vma_prepare(f->vma))
		return NULL;
	if (!is_write(f))
		return pp_huge_zero_get(f->vma->vm_mm);
	head = pp_alloc_pages(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_ZERO |
			      PINPAGE_GFP_ATOMIC | PINPAGE_GFP_COMP,
			      HPAGE_PMD_ORDER);
	pp_stat_add(head ? PINPAGE_STAT_THP_FAULT_ALLOC :
			   PINPAGE_STAT_THP_FAULT_FALLBACK, 1);
	return head;
}

static pp_pte huge_pte(const struct pp_fault *f, const struct page *head)
{
	pp_pte pte = pp_mk_pte(head, f->vma) | PTE_HUGE;

	if (!is_write(f))
		return pte;
	return pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
}

/**
 * pp_huge_fault() - first touch of eligible memory
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  true: done, or somebody else was faster; false: small pages have
 *          to do.
 * Mirrors: mm/huge_memory.c:do_huge_pmd_anonymous_page()
 */
bool pp_huge_fault(struct pp_fault *f)
{
	unsigned long addr = f->addr & PMD_MASK;
	struct mm_struct *mm = f->vma->vm_mm;
	struct pp_table *table, *spare;
	struct page *head = NULL;
	pp_pte *pmdp, pte;

	if (pp_pmd_alloc(mm, addr) || !pte_none(pp_pte_get(pp_pmd_offset(mm, addr))))
		return false;
	spare = pp_table_alloc(0);
	if (spare)
		head = huge_page(f);
	if (!head) {
		pp_table_free(spare);
		return false;
	}
	pte = huge_pte(f, head);
	pmdp = pp_pmd_lock(mm, addr, &table);
	if (!pte_none(*pmdp)) {
		pinpage_spin_unlock(&table->lock);
		pp_table_free(spare);
		if (is_write(f))
			pp_unref(head);
		return true;
	}
	if (is_write(f))
		pp_add_new_anon_rmap(head, f->vma, addr);
	pp_deposit(table, spare);
	pp_pte_put(pmdp, pte);
	pp_emit_pte(PTE_SET, mm, addr, pte, PMD_SIZE);
	pinpage_spin_unlock(&table->lock);
	return true;
}

/*
 * Write or unshare; table lock held, dropped. 0; 1: the leaf was split, go on
 * with the PTE. Mirrors: mm/huge_memory.c:do_huge_pmd_wp_page()
 */
static int wp_huge(struct pp_fault *f, pp_pte *pmdp, struct pp_table *table)
{
	struct page *head = pte_page(f->orig);

	if (PageAnon(head) && pp_may_reuse(head, true)) {
		SetPageAnonExclusive(head);
		return pp_wp_reuse(f, pmdp, table, f->addr & PMD_MASK, PMD_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
	pp_split_pmd(f->vma, f->addr);
	return 1;
}

/**
 * pp_huge_leaf_fault() - fault where a huge leaf was
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  0; 1: it was split or is gone, look at the PTE; -EAGAIN: the folio
 *          was on its way.
 */
int pp_huge_leaf_fault(struct pp_fault *f)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(f->vma->vm_mm, f->addr, &table);

	f->orig = *pmdp;
	if (!pte_leaf(f->orig)) {
		pinpage_spin_unlock(&table->lock);
		if (!pmd_is_migration(f->orig))
			return 1;
		if (!(f->flags & FAULT_FLAG_NOWAIT))
			pp_migration_wait(f->vma->vm_mm, f->addr);
		return -EAGAIN;
	}
	if (f->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE) &&
	    !(f->orig & PTE_WRITE))
		return wp_huge(f, pmdp, table);
	pp_fault_touch(f, pmdp);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* The huge zero page as so many small ones; nothing is counted on either side. */
static void split_fill_zero(struct pp_table *table, pp_pte pmd)
{
	pp_pte pte = (pmd & ~(PTE_HUGE | PTE_PFN_MASK)) | PTE_SPECIAL |
		     page_to_pfn(pp_zero_page) << PTE_PFN_SHIFT;
	unsigned long i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		table->entry[i] = pte;
}

/*
 * The leaf @pmd as 512 entries of @table; counts move from folio to pages, and
 * that somebody wrote from the entry to the folio. The one place that reads
 * rules->split_keeps_dirty.
 */
static void split_fill(struct pp_table *table, pp_pte pmd, bool keep_dirty)
{
	struct page *head = pte_page(pmd);
	bool exclusive = PageAnonExclusive(head);
	unsigned long i;

	if (pmd & PTE_DIRTY)
		pp_set_page_dirty(head);
	if (!keep_dirty && !pp_rules->split_keeps_dirty)
		pmd &= ~PTE_DIRTY;
	for (i = 0; i < PTRS_PER_TABLE; i++) {
		table->entry[i] = (pmd & ~PTE_HUGE) + (i << PTE_PFN_SHIFT);
		if (exclusive)
			SetPageAnonExclusive(head + i);
		atomic_inc(&head[i]._mapcount);
	}
	atomic_add(PTRS_PER_TABLE - 1, &head->_refcount);
	pp_remove_huge_rmap(head);
}

/* The migration entry @pmd as those of the pages; nothing is counted. */
static void split_fill_entries(struct pp_table *table, pp_pte pmd)
{
	unsigned long i;

	for (i = 0; i < PTRS_PER_TABLE; i++)
		table->entry[i] = pmd + (i << PTE_SWP_OFFSET_SHIFT);
}

/* A leaf of a file goes; faults find the folio. @pmd_table locked, unlocked here. */
static void drop_leaf(struct vm_area_struct *vma, pp_pte *pmdp,
		      struct pp_table *pmd_table, unsigned long addr)
{
	struct pp_gather g;

	pp_gather_init(&g, vma->vm_mm);
	pp_zap_leaf(&g, vma, pmdp, pmd_table, addr);
	pp_stat_add(PINPAGE_STAT_THP_SPLIT_PMD, 1);
	pinpage_spin_unlock(&pmd_table->lock);
	pp_gather_finish(&g);
}

static void split_leaf(struct vm_area_struct *vma, unsigned long addr, bool keep_dirty)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_table *pmd_table, *table;
	pp_pte *pmdp = pp_pmd_lock(mm, addr, &pmd_table);
	pp_pte pmd = *pmdp;

	if (!pte_leaf(pmd) && !pmd_is_migration(pmd)) {
		pinpage_spin_unlock(&pmd_table->lock);
		return;
	}
	if (!vma_is_anonymous(vma)) {
		drop_leaf(vma, pmdp, pmd_table, addr);
		return;
	}
	table = pp_withdraw(pmd_table);
	if (!pte_present(pmd))
		split_fill_entries(table, pmd);
	else if (pp_is_huge_zero(pmd))
		split_fill_zero(table, pmd);
	else
		split_fill(table, pmd, keep_dirty);
	/* what small entries map of a folio is not locked */
	if (pte_present(pmd) && !pp_is_huge_zero(pmd))
		pp_munlock_vma(vma, pte_page(pmd), true);
	pp_stat_add(PINPAGE_STAT_THP_SPLIT_PMD, 1);
	pp_pte_put(pmdp, (pp_pte)(uintptr_t)table | PTE_TABLE);
	pinpage_spin_unlock(&pmd_table->lock);
	pp_tlb_flush_range(mm, addr, addr + PMD_SIZE);
}

static void split_with_notice(struct vm_area_struct *vma, unsigned long addr, bool keep_dirty)
{
	struct pp_mmu_range range;

	addr &= PMD_MASK;
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	split_leaf(vma, addr, keep_dirty);
	pp_mmu_invalidate_end(&range);
}

static bool huge_here(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr);

	return pmdp && pmd_is_huge(pp_pte_get(pmdp));
}

int pp_split_pmd(struct vm_area_struct *vma, unsigned long addr)
{
	if (huge_here(vma->vm_mm, addr))
		split_with_notice(vma, addr, false);
	return 0;
}

/* As pp_split_pmd(), except: before migration entries, which keep the dirty bit. */
void pp_split_pmd_frozen(struct vm_area_struct *vma, unsigned long addr)
{
	if (huge_here(vma->vm_mm, addr))
		split_with_notice(vma, addr, true);
}

/*
 * As pp_split_pmd(), except: the area will end at @addr. Notifiers hear of it
 * whenever there could have been a leaf and something is mapped.
 * Mirrors: mm/huge_memory.c:split_huge_pmd_if_needed()
 */
void pp_split_pmd_at(struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long start = addr & PMD_MASK;
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr);

	if (addr == start || start < vma->vm_start || vma->vm_end - start < PMD_SIZE)
		return;
	if (pmdp && !pte_none(pp_pte_get(pmdp)))
		split_with_notice(vma, addr, false);
}
