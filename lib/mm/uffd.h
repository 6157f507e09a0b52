/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/uffd.h - userfaultfd: what faults and system calls ask
 *
 * Key: l = lock; m = mmap_lock of the mm; r = atomic
 */
#ifndef PP_MM_UFFD_H
#define PP_MM_UFFD_H

#include "mm/internal.h"
#include "mm/swapops.h"

#include <pinpage/userfaultfd.h>

#define VM_UFFD_ANY	(VM_UFFD_MISSING | VM_UFFD_WP | VM_UFFD_MINOR)

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
	int negotiated;				/* r: asked for features, or used */
	uint64_t features;			/* constant once negotiated */
	pinpage_wait_queue_head_t readers;	/* a message came */
	pinpage_wait_queue_head_t faults;	/* something was woken */
};

static inline bool pp_uffd_wp_async(const struct vm_area_struct *vma)
{
	return vma->uffd && vma->uffd->features & PINPAGE_UFFD_FEATURE_WP_ASYNC;
}
static inline bool pp_uffd_missing(const struct vm_area_struct *vma)
{
	return unlikely(vma->vm_flags & VM_UFFD_MISSING);
}
/* does the handler want to hear of a write to this entry? */
static inline bool pp_uffd_pte_wp(const struct vm_area_struct *vma, pp_pte pte)
{
	return unlikely(pte & PTE_UFFD_WP) && vma->vm_flags & VM_UFFD_WP;
}

/* uffd.c */
int pp_uffd_fault(struct pp_fault *f, unsigned long reason);
void pp_uffd_wake(struct pinpage_uffd *uffd, unsigned long start, unsigned long end);
bool pp_uffd_range_ok(unsigned long start, size_t len);
void pp_uffd_boot(void);
void pp_uffd_shutdown(void);

/* uffd_api.c */
void pp_uffd_negotiated(struct pinpage_uffd *uffd);
bool pp_uffd_offers(uint64_t feature);
int pp_uffd_area_ok(const struct pinpage_uffd *uffd, const struct vm_area_struct *vma,
		    unsigned long flags);

/* uffd_fill.c */
struct vm_area_struct *pp_uffd_area(struct pinpage_uffd *uffd, unsigned long start,
				    size_t len);
int pp_uffd_begin(struct pinpage_uffd *uffd, unsigned long start, size_t len,
		  unsigned int mode, unsigned int known);
long pp_uffd_end(struct pinpage_uffd *uffd, unsigned long start, long done,
		 unsigned int mode);
pp_pte *pp_uffd_empty_pte(struct mm_struct *mm, unsigned long addr,
			  struct pp_table **tablep);
int pp_uffd_protect(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		    bool on);

/* uffd_file.c */
int pp_uffd_file_fault(struct pp_fault *f, unsigned long index);
int pp_uffd_file_copy(struct vm_area_struct *vma, unsigned long addr, const char *src,
		      unsigned int mode);

/* uffd_marker.c */
pp_pte pp_uffd_leave_marker(const struct vm_area_struct *vma, pp_pte pte);
bool pp_uffd_needs_tables(const struct vm_area_struct *vma, bool on);
pp_pte pp_uffd_protect_empty(const struct vm_area_struct *vma, pp_pte pte, bool on);
pp_pte pp_uffd_fork_marker(pp_pte pte);

#endif
