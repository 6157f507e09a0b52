/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/huge.h - what the files about huge pages share
 *
 * A folio of HPAGE_PMD_NR pages is mapped by one leaf in a PMD table, or by
 * PTEs like small pages, or by both in different address spaces.
 */
#ifndef PP_MM_HUGE_H
#define PP_MM_HUGE_H

#include "mm/internal.h"

/* fault.c: entry present and allows the access: what the hardware would note */
void pp_fault_touch(const struct pp_fault *f, pp_pte *ptep);

/* cow.c */
bool pp_may_reuse(struct page *page, bool huge);
int pp_wp_reuse(struct pp_fault *f, pp_pte *ptep, struct pp_table *table,
		unsigned long addr, unsigned long size);

/* huge_zero.c */
struct page *pp_huge_zero_get(struct mm_struct *mm);
void pp_huge_zero_put(struct mm_struct *mm);
unsigned long pp_huge_zero_shrink(void);
void pp_huge_zero_shutdown(void);

/* huge_collapse.c: why, or why not */
enum pp_scan {
	PP_SCAN_OK,
	PP_SCAN_MAPPED,			/* by a huge leaf already */
	PP_SCAN_NOTHING,		/* no page table */
	PP_SCAN_NON_PRESENT,		/* an entry that cannot be collapsed now */
	PP_SCAN_READ_ONLY,		/* no page is writable, or none is used */
	PP_SCAN_EXCEED,			/* too much is empty, swapped or shared */
	PP_SCAN_PAGE_COUNT,		/* somebody refers to a page */
	PP_SCAN_PAGE_LOCK,
	PP_SCAN_PAGE_LRU,
	PP_SCAN_NOMEM,
	PP_SCAN_FAIL,			/* not this memory */
};
bool pp_collapsible(const struct vm_area_struct *vma, bool khugepaged);
enum pp_scan pp_collapse(struct mm_struct *mm, unsigned long addr, bool khugepaged);

enum pp_scan pp_collapse_file(struct mm_struct *mm, unsigned long addr,
			      struct file *file, unsigned long first, bool khugepaged);
int pp_madvise_collapse(struct mm_struct *mm, unsigned long start, unsigned long end);

/* huge_split.c */
unsigned long pp_huge_shrink(void);

/* huge_advise.c */
enum pp_advise { PP_ADVISE_PTES, PP_ADVISE_LEAF, PP_ADVISE_SKIP };
enum pp_advise pp_advise_leaf(struct vm_area_struct *vma, unsigned long addr,
			      unsigned long next, pp_pte **pmdp,
			      struct pp_table **table);
bool pp_advise_split(struct page *page, struct pp_table *table);
void pp_cool_leaf(struct mm_struct *mm, pp_pte *pmdp, struct pp_table *table,
		  unsigned long addr, struct list_head *out);
void pp_free_leaf(struct mm_struct *mm, pp_pte *pmdp, struct pp_table *table,
		  unsigned long addr);

/* huge_file.c */
bool pp_huge_file_fits(const struct vm_area_struct *vma, unsigned long addr);
bool pp_huge_file_fault(const struct pp_fault *f);
bool pp_huge_file_enter(const struct vm_area_struct *vma, unsigned long addr,
			struct page *head, pp_pte pmd, struct pp_table *spare);
bool pp_huge_file_map(const struct vm_area_struct *vma, unsigned long addr,
		      struct page *page, pp_pte pte);
bool pp_huge_file_map_ptes(const struct pp_fault *f, struct page *page, pp_pte *ptep,
			   pp_pte pte);

/* huge.c */
void pp_huge_boot(void);
bool pp_huge_possible(const struct vm_area_struct *vma, unsigned long addr);
bool pp_huge_eligible(const struct vm_area_struct *vma, unsigned long addr);
bool pp_huge_fault(struct pp_fault *f);
int pp_huge_leaf_fault(struct pp_fault *f);

#endif
