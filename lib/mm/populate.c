// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/populate.c - making memory present without an access: mlock, madvise
 *
 * I1. As in a slow walk with FOLL_TOUCH, what is there already is not faulted at:
 *     the entry stays as it is, and the page of a write is dirty by its flag.
 * Mirrors: mm/gup.c:populate_vma_page_range(), faultin_vma_page_range()
 */
#include "mm/huge.h"

/* The locked entry of an address, of whichever level; NULL: none, not locked. */
static pp_pte *lock_entry(struct mm_struct *mm, unsigned long addr,
			  struct pp_table **tablep)
{
	pp_pte *entry = pp_pte_lock(mm, addr, tablep);

	if (entry)
		return entry;
	entry = pp_pmd_lock(mm, addr, tablep);
	if (!entry || pte_leaf(*entry))
		return entry;
	pinpage_spin_unlock(&(*tablep)->lock);
	return NULL;
}

static void touch(pp_pte pte, bool write)
{
	struct page *head;

	if (!pte_has_page(pte) || pte & PTE_SPECIAL || pp_is_huge_zero(pte))
		return;
	head = compound_head(pte_page(pte));
	if (write && !(pte & PTE_DIRTY) && !PageDirty(head))
		pp_set_page_dirty(head);
	pp_mark_accessed(head);
}

/* Does the entry allow the access as it is? Then the page is touched. */
static bool there(struct mm_struct *mm, unsigned long addr, bool write)
{
	struct pp_table *table;
	pp_pte *entry = lock_entry(mm, addr, &table);
	bool ok;

	if (!entry)
		return false;
	ok = pte_present(*entry) && !(*entry & PTE_PROT_NONE) &&
	     (!write || *entry & PTE_WRITE);
	if (ok)
		touch(*entry, write);
	pinpage_spin_unlock(&table->lock);
	return ok;
}

/**
 * pp_populate_page() - make one page of an area present
 * @vma:   contains @addr, whose rights have been looked at
 * @write: for writing
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading.
 * Return:  0, or as pp_handle_mm_fault(), but not -EAGAIN.
 */
int pp_populate_page(struct vm_area_struct *vma, unsigned long addr, bool write)
{
	unsigned int flags = FAULT_FLAG_USER | (write ? FAULT_FLAG_WRITE : 0);
	int err;

	if (there(vma->vm_mm, addr, write))
		return 0;
	do {
		err = pp_handle_mm_fault(vma, addr, flags);
	} while (err == -EAGAIN);
	return err;
}
