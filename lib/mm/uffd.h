/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/uffd.h - userfaultfd: what faults and system calls ask
 *
 * Key: l = lock; m = mmap_lock of the mm
 */
#ifndef PP_MM_UFFD_H
#define PP_MM_UFFD_H

#include "mm/internal.h"

#include <pinpage/userfaultfd.h>

#define VM_UFFD_ANY	(VM_UFFD_MISSING | VM_UFFD_WP)

/* a fault that waits, on its stack */
struct pp_uffd_wait {
	struct list_head link;			/* l */
	struct pinpage_uffd_msg msg;		/* constant */
	bool read, woken;			/* l; woken also read without */
};

struct pinpage_uffd {
	struct list_head all;			/* every one, for shutdown */
	struct mm_struct *mm;			/* constant; a count */
	pinpage_spinlock_t lock;
	struct list_head waiting;		/* l: oldest first */
	atomic_t refcount;			/* the owner's and one a fault that waits */
	bool released;				/* l: nobody waits any more */
	pinpage_wait_queue_head_t readers;	/* a message came */
	pinpage_wait_queue_head_t faults;	/* something was woken */
};

static inline bool pp_uffd_missing(const struct vm_area_struct *vma)
{
	return unlikely(vma->vm_flags & VM_UFFD_MISSING);
}
/* does the handler want to hear of a write to this entry? */
static inline bool pp_uffd_pte_wp(const struct vm_area_struct *vma, pp_pte pte)
{
	return unlikely(pte & PTE_UFFD_WP) && vma->vm_flags & VM_UFFD_WP;
}

int pp_uffd_fault(struct pp_fault *f, bool wp);
void pp_uffd_wake(struct pinpage_uffd *uffd, unsigned long start, unsigned long end);
bool pp_uffd_range_ok(unsigned long start, size_t len);
void pp_uffd_protect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		     bool on);
void pp_uffd_boot(void);
void pp_uffd_shutdown(void);

#endif
