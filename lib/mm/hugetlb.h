/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/hugetlb.h - areas of huge pages that were set apart
 *
 * An area with VM_HUGETLB has a file of pagecache/hugetlbfs.h, bounds at
 * multiples of 2 MiB, and huge leaves only, each with a deposited table like
 * all huge leaves. It is never merged, never split inside a huge page.
 */
#ifndef PP_MM_HUGETLB_H
#define PP_MM_HUGETLB_H

#include "mm/huge.h"
#include "pagecache/hugetlbfs.h"

static inline bool is_vm_hugetlb(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_HUGETLB;
}

/* hugetlb.c */
int pp_hugetlb_fault(struct pp_fault *f);
int pp_hugetlb_fork_copy(struct vm_area_struct *src, struct vm_area_struct *dst,
			 unsigned long addr);
bool pp_hugetlb_fork_copies(void);

/* hugetlb_poison.c */
int pp_hugetlb_failure(struct page *page);
int pp_hugetlb_offline(struct page *page);

/* hugetlb_resv.c: what a private area may count on */
int pp_hugetlb_map(struct vm_area_struct *vma, bool noreserve);
void pp_hugetlb_close(struct vm_area_struct *vma);
void pp_hugetlb_resv_get(struct vm_area_struct *vma);
void pp_hugetlb_resv_put(struct vm_area_struct *vma);
bool pp_hugetlb_resv_take(struct vm_area_struct *vma, unsigned long addr);
void pp_hugetlb_resv_untake(struct vm_area_struct *vma, unsigned long addr);

#endif
