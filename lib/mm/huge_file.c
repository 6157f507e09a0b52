// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_file.c - huge leaves that map folios of files in memory
 *
 * I1. Such a leaf has a spare table deposited, like one of private memory; but
 *     it is never filled. What a split needs is that the leaf goes: the next
 *     fault finds the folio in the file and maps it, by a leaf again if nothing
 *     has put a table there meanwhile.
 * I2. A leaf is entered with the folio locked, so that truncation and splitting,
 *     which lock it before they unmap it, cannot miss it.
 * I3. Private areas have such leaves, too, never writable: a write lets the leaf
 *     go and copies one page.
 * Mirrors: mm/memory.c:do_set_pmd(), include/linux/huge_mm.h:
 * transhuge_vma_suitable() 6.1.
 */
#include "mm/huge.h"

/**
 * pp_huge_file_fits() - could a huge leaf of the area's file be at an address?
 * @vma:  any area
 * @addr: inside it
 *
 * Context: any. Locking: mmap_lock, or the reverse map's.
 * Return:  true: the 2 MiB lie in the area and are 2 MiB of a file that may have
 *          large folios; whether it has one there is another question.
 * Mirrors: include/linux/huge_mm.h:transhuge_vma_suitable()
 */
bool pp_huge_file_fits(const struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long start = addr & PMD_MASK;

	return vma->vm_file && vma->vm_file->f_mapping->a_ops->large &&
	       start >= vma->vm_start && start + PMD_SIZE <= vma->vm_end &&
	       !(((vma->vm_start >> PAGE_SHIFT) - vma->vm_pgoff) & (HPAGE_PMD_NR - 1));
}

/* The one place that reads rules->shmem_fits_area. */
static bool has_to_fit(void)
{
	return pp_rules->shmem_fits_area;
}

/**
 * pp_huge_advice() - what an area says about huge pages of its file
 * @vma:  any area
 * @addr: that faults
 *
 * Context: any. Locking: mmap_lock held.
 * Mirrors: mm/shmem.c:shmem_is_huge(), shmem_suitable_orders()
 */
enum pp_huge_advice pp_huge_advice(const struct vm_area_struct *vma, unsigned long addr)
{
	if (vma->vm_flags & VM_NOHUGEPAGE)
		return PP_HUGE_REFUSED;
	if (has_to_fit() && !pp_huge_file_fits(vma, addr))
		return PP_HUGE_REFUSED;
	return vma->vm_flags & VM_HUGEPAGE ? PP_HUGE_ADVISED : PP_HUGE_UNASKED;
}

/* The one place that reads rules->nohuge_no_leaf. */
static bool may_have_leaf(const struct vm_area_struct *vma)
{
	return !(vma->vm_flags & VM_NOHUGEPAGE) || !pp_rules->nohuge_no_leaf;
}

static bool pmd_is_empty(struct mm_struct *mm, unsigned long addr)
{
	const pp_pte *pmdp = pp_pmd_offset(mm, addr);

	return !pmdp || pte_none(pp_pte_get(pmdp));
}

/* Has the file a huge folio there, or will it make one? A hint. */
static bool folio_there(const struct pp_fault *f)
{
	struct address_space *mapping = f->vma->vm_file->f_mapping;
	unsigned long index = pp_vma_pgoff(f->vma, f->addr);
	struct page *head;
	bool huge;

	pinpage_rcu_read_lock();
	head = pp_xa_load(&mapping->i_pages, index);
	huge = head && PageHead(head);
	pinpage_rcu_read_unlock();
	return huge || (!head && mapping->a_ops->wants_huge(mapping, index,
							    pp_huge_advice(f->vma, f->addr)));
}

/**
 * pp_huge_file_fault() - shall no table be made for this fault?
 * @f: nothing is mapped there yet, or something that fault.c sees itself
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  true: a huge leaf may be what it ends in.
 */
bool pp_huge_file_fault(const struct pp_fault *f)
{
	const struct vm_area_struct *vma = f->vma;

	if (likely(!vma->vm_file) || vma->uffd || f->flags & FAULT_FLAG_UNSHARE)
		return false;
	if (f->flags & FAULT_FLAG_WRITE && !(vma->vm_flags & VM_SHARED))
		return false;
	return pp_huge_file_fits(vma, f->addr) && may_have_leaf(vma) &&
	       pmd_is_empty(vma->vm_mm, f->addr) && folio_there(f);
}

/**
 * pp_huge_file_enter() - a huge leaf of a file's folio where nothing is
 * @addr:  aligned to PMD_SIZE; there is a PMD table
 * @head:  locked; the caller's reference becomes the leaf's
 * @spare: goes with the leaf
 *
 * Context: process. Locking: mmap_lock and the page lock held.
 * Return:  false: somebody else put something there; all stays the caller's.
 */
bool pp_huge_file_enter(const struct vm_area_struct *vma, unsigned long addr,
			struct page *head, pp_pte pmd, struct pp_table *spare)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	bool empty = pte_none(*pmdp);

	if (empty) {
		pp_deposit(table, spare);
		pp_map_leaf(vma, addr, pmdp, head, pmd);
		pp_stat_add(PINPAGE_STAT_THP_FILE_MAPPED, 1);
	}
	pinpage_spin_unlock(&table->lock);
	return empty;
}

/**
 * pp_huge_file_map() - map the folio of a page by a huge leaf, if that fits
 * @page: locked; of the index that faulted
 * @pte:  what its PTE would be
 *
 * Context: process. Locking: mmap_lock and the page lock held.
 * Return:  true: done, the caller's reference is the leaf's; false: it takes a
 *          PTE, or somebody else was faster.
 * Mirrors: mm/memory.c:do_set_pmd()
 */
bool pp_huge_file_map(const struct vm_area_struct *vma, unsigned long addr,
		      struct page *page, pp_pte pte)
{
	struct page *head = compound_head(page);
	struct mm_struct *mm = vma->vm_mm;
	struct pp_table *spare;
	pp_pte pmd = (pte & ~PTE_PFN_MASK) | PTE_HUGE |
		     page_to_pfn(head) << PTE_PFN_SHIFT;

	if (folio_order((struct folio *)head) != HPAGE_PMD_ORDER || vma->uffd ||
	    !pp_huge_file_fits(vma, addr) || !may_have_leaf(vma) || !pmd_is_empty(mm, addr) ||
	    pp_pmd_alloc(mm, addr))
		return false;
	spare = pp_table_alloc(0);
	if (!spare)
		return false;
	if (pp_huge_file_enter(vma, addr & PMD_MASK, head, pmd, spare))
		return true;
	pp_table_free(spare);
	return false;
}

/*
 * The one place that reads rules->fault_maps_folio. Does a fault that has a
 * table map all of the folio? Its entries are in the table and in the area.
 * Mirrors: mm/memory.c:finish_fault() 6.12
 */
static bool maps_folio(const struct pp_fault *f, const struct page *head,
		       unsigned long i)
{
	const struct vm_area_struct *vma = f->vma;
	unsigned long nr = folio_nr_pages((const struct folio *)head);
	unsigned long addr = f->addr - (i << PAGE_SHIFT);

	return pp_rules->fault_maps_folio && !vma->uffd &&
	       !READ_ONCE(vma->vm_file->f_inode->nlink) &&
	       addr <= f->addr && addr >= vma->vm_start &&
	       addr + nr * PAGE_SIZE <= vma->vm_end &&
	       pte_index(addr) + nr <= PTRS_PER_TABLE;
}

/**
 * pp_huge_file_map_ptes() - enter all of a folio's pages into a table
 * @page: locked, of a large folio; of the index that faulted
 * @ptep: its entry, locked
 * @pte:  what that shall be
 *
 * Context: any. Locking: the page lock and the table's lock held.
 * Return:  true: done, the caller's reference is that of @page's entry; false:
 *          something is there already, or the rules say no: one page has to do.
 */
bool pp_huge_file_map_ptes(const struct pp_fault *f, struct page *page, pp_pte *ptep,
			   pp_pte pte)
{
	struct page *head = compound_head(page);
	unsigned long i = (unsigned long)(page - head), k;
	unsigned long nr = folio_nr_pages((struct folio *)head);
	unsigned long addr = f->addr - (i << PAGE_SHIFT);

	if (!maps_folio(f, head, i))
		return false;
	ptep -= i;
	pte -= i << PTE_PFN_SHIFT;
	for (k = 0; k < nr; k++)
		if (!pte_none(ptep[k]))
			return false;
	atomic_add((int)nr - 1, &head->_refcount);
	for (k = 0; k < nr; k++, addr += PAGE_SIZE, pte += 1UL << PTE_PFN_SHIFT)
		pp_map_page(f->vma, addr, ptep + k, head + k, pte);
	return true;
}
