/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/swapops.h - page-table entries that are not present and yet say something
 *
 * Such an entry has PTE_SWAP, a type and an offset. What the offset means
 * depends on the type: a slot of a swap area, or the frame that is migrating
 * or poisoned. An entry holds no reference and no mapcount of a frame (a swap
 * entry holds one count of its slot). A PMD may be a migration entry, too: then
 * the offset is that of the folio's head.
 *
 *   bit   11     PTE_SWAP
 *   bits  12-49  offset
 *   bits  50-54  enum pp_entry_type
 *   bit   55     PTE_SWP_EXCLUSIVE: the page was PG_anon_exclusive
 *   bits  56, 57 of a migration entry: the PTE was accessed, dirty
 *   bits  58, 59 PTE_SOFT_DIRTY and PTE_UFFD_WP, as in a present entry
 *
 * Mirrors: include/linux/swapops.h 6.1.
 */
#ifndef PP_MM_SWAPOPS_H
#define PP_MM_SWAPOPS_H

#include "mm/pgtable.h"

#define PTE_SWP_OFFSET_SHIFT	12
#define PTE_SWP_OFFSET_MASK	0x0003fffffffff000UL
#define PTE_SWP_TYPE_SHIFT	50
#define PTE_SWP_TYPE_MASK	(31UL << PTE_SWP_TYPE_SHIFT)
#define PTE_SWP_EXCLUSIVE	(1UL << 55)
#define PTE_MIG_YOUNG		(1UL << 56)	/* migration entries: was accessed */
#define PTE_MIG_DIRTY		(1UL << 57)	/* migration entries: was dirty */
#define PTE_SWP_KEPT		(PTE_SOFT_DIRTY | PTE_UFFD_WP)

enum pp_entry_type {
	PP_ENTRY_SWAP,				/* and one more for each area */
	PP_ENTRY_SWAP_LAST = PP_ENTRY_SWAP + 3,
	PP_ENTRY_MIGRATION_READ,		/* the page was mapped read-only, shared */
	PP_ENTRY_MIGRATION_READ_EXCLUSIVE,	/* read-only, PG_anon_exclusive */
	PP_ENTRY_MIGRATION_WRITE,		/* writable */
	PP_ENTRY_HWPOISON,			/* the frame is poisoned */
	PP_ENTRY_MARKER,			/* no frame: bits, and PP_MARKED_* as offset */
};

static inline pp_pte pp_mk_entry(enum pp_entry_type type, unsigned long offset)
{
	return PTE_SWAP | (pp_pte)type << PTE_SWP_TYPE_SHIFT |
	       ((pp_pte)offset << PTE_SWP_OFFSET_SHIFT & PTE_SWP_OFFSET_MASK);
}
static inline bool pte_is_nonpresent(pp_pte pte)
{
	return !pte_present(pte) && (pte & PTE_SWAP);
}
static inline enum pp_entry_type pp_entry_type(pp_pte pte)
{
	return (enum pp_entry_type)((pte & PTE_SWP_TYPE_MASK) >> PTE_SWP_TYPE_SHIFT);
}
static inline unsigned long pp_entry_offset(pp_pte pte)
{
	return (pte & PTE_SWP_OFFSET_MASK) >> PTE_SWP_OFFSET_SHIFT;
}
static inline bool pp_entry_is_swap(pp_pte pte)
{
	return pte_is_nonpresent(pte) && pp_entry_type(pte) <= PP_ENTRY_SWAP_LAST;
}
static inline bool pp_entry_is_migration(pp_pte pte)
{
	return pte_is_nonpresent(pte) &&
	       pp_entry_type(pte) >= PP_ENTRY_MIGRATION_READ &&
	       pp_entry_type(pte) <= PP_ENTRY_MIGRATION_WRITE;
}
static inline bool pmd_is_migration(pp_pte pmd)
{
	return pmd_is_huge(pmd) && pp_entry_is_migration(pmd);
}
static inline bool pp_entry_is_hwpoison(pp_pte pte)
{
	return pte_is_nonpresent(pte) && pp_entry_type(pte) == PP_ENTRY_HWPOISON;
}
/* markers: what the handler of a userfaultfd said about an address without a page */
#define PP_MARKED_POISON	1UL
#define PP_MARKER_WP		(pp_mk_entry(PP_ENTRY_MARKER, 0) | PTE_UFFD_WP)
#define PP_MARKER_POISON	pp_mk_entry(PP_ENTRY_MARKER, PP_MARKED_POISON)
static inline bool pp_entry_is_marker(pp_pte pte)
{
	return pte_is_nonpresent(pte) && pp_entry_type(pte) == PP_ENTRY_MARKER;
}
static inline bool pp_entry_is_poison(pp_pte pte)
{
	return pp_entry_is_marker(pte) && pp_entry_offset(pte) & PP_MARKED_POISON;
}
/* nothing is there that a page would have to make way for */
static inline bool pte_none_mostly(pp_pte pte)
{
	return pte_none(pte) || (unlikely(pp_entry_is_marker(pte)) && !pp_entry_is_poison(pte));
}
/* of a migration or poison entry */
static inline struct page *pp_entry_page(pp_pte pte)
{
	return pfn_to_page(pp_entry_offset(pte));
}

/* nonpresent.c: sleeps until the page of a migration entry may be mapped again */
void pp_migration_wait(struct mm_struct *mm, unsigned long addr);

/* nonpresent.c: from what maps a page to the entry that stands for it, and back */
pp_pte pp_migration_entry(const struct page *page, pp_pte pte, bool exclusive);
pp_pte pp_migration_pte(const struct vm_area_struct *vma, const struct page *page,
			pp_pte entry, bool huge);

/* nonpresent.c: what the system calls do when they meet one; PTE lock held */
pp_pte pp_nonpresent_fork(pp_pte *src, bool cow);
pp_pte pp_nonpresent_protect(pp_pte pte, bool may_write);
void pp_nonpresent_zap(pp_pte pte);
bool pp_nonpresent_is_private(pp_pte pte);

#endif
