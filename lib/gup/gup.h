/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gup/gup.h - what the files of the gup room share
 */
#ifndef PP_GUP_GUP_H
#define PP_GUP_GUP_H

#include "mm/pgtable.h"

#include "base/bug.h"
#include "page/unpin_wait.h"

#include <pinpage/gup.h>

#define FOLL_WRITE		PINPAGE_FOLL_WRITE
#define FOLL_TOUCH		PINPAGE_FOLL_TOUCH
#define FOLL_GET		PINPAGE_FOLL_GET
#define FOLL_DUMP		PINPAGE_FOLL_DUMP
#define FOLL_FORCE		PINPAGE_FOLL_FORCE
#define FOLL_NOWAIT		PINPAGE_FOLL_NOWAIT
#define FOLL_NOFAULT		PINPAGE_FOLL_NOFAULT
#define FOLL_HWPOISON		PINPAGE_FOLL_HWPOISON
#define FOLL_ANON		PINPAGE_FOLL_ANON
#define FOLL_LONGTERM		PINPAGE_FOLL_LONGTERM
#define FOLL_SPLIT_PMD		PINPAGE_FOLL_SPLIT_PMD
#define FOLL_PIN		PINPAGE_FOLL_PIN
#define FOLL_FAST_ONLY		PINPAGE_FOLL_FAST_ONLY
#define FOLL_PCI_P2PDMA		PINPAGE_FOLL_PCI_P2PDMA
#define FOLL_INTERRUPTIBLE	PINPAGE_FOLL_INTERRUPTIBLE
#define FOLL_HONOR_NUMA_FAULT	PINPAGE_FOLL_HONOR_NUMA_FAULT
/* internal: never in a caller's flags */
#define FOLL_REMOTE		0x01000000u
#define FOLL_COW		0x04000000u	/* a forced write has broken COW */
#define FOLL_TRIED		0x08000000u	/* the lock was dropped once: wait with it held */

/* Entry points that validate differently. */
enum pp_gup_call {
	PP_GUP_SLOW,		/* (get|pin)_user_pages */
	PP_GUP_REMOTE,
	PP_GUP_UNLOCKED,
	PP_GUP_FAST,
	PP_GUP_FAST_ONLY,
};

/* args.c */
struct pp_gup_request {
	enum pp_gup_call call;
	bool pin;			/* a pin_*() entry point */
	struct page **pages;
	struct vm_area_struct **vmas;	/* slow calls only, or NULL */
	int *locked;
	unsigned int implied;		/* FOLL_* that the slow entry point adds */
};
bool pp_gup_valid(const struct pp_gup_request *req, unsigned int gup_flags, long *result);
bool pp_gup_longterm_drops(void);
long pp_gup_result(const struct pp_gup_request *req, long ret);
void pp_gup_mark_mm(struct mm_struct *mm, unsigned int gup_flags, unsigned long nr_pages);

/* Do pins differ from references at all? The rules' answer, asked here only. */
static inline bool pp_gup_tracks_pins(void)
{
	return pp_rules->pin_tracking != PINPAGE_PIN_NONE;
}

/* dirty-at-pin: does this acquire mark its pages dirty? */
static inline bool pp_gup_dirties(unsigned int flags)
{
	return (flags & FOLL_PIN) && (flags & FOLL_WRITE) &&
	       pp_rules->dirty_duty == PINPAGE_DIRTY_AT_PIN;
}

/* Is this a pin that would let a device write a file for ever, and refused? */
static inline bool pp_gup_banned_on_files(unsigned int flags)
{
	const unsigned int all = FOLL_PIN | FOLL_LONGTERM | FOLL_WRITE;

	return (flags & all) == all && pp_rules->longterm_file_ban;
}

/* Does the area tell that FS-DAX must not be held for long, or its pages? */
static inline bool pp_gup_fsdax_by_vma(void)
{
	return pp_rules->fsdax_by_vma;
}

/* Do these flags keep the call from memory of a PCI device? */
static inline bool pp_gup_no_p2pdma(unsigned int flags)
{
	return !(flags & FOLL_PCI_P2PDMA) && pp_rules->p2pdma_refused;
}

/* grab.c */
int pp_gup_grab(struct page *page, int refs, unsigned int flags);
void pp_gup_drop(struct page *page, int refs, unsigned int flags);
bool pp_gup_must_unshare(const struct vm_area_struct *vma, unsigned int flags, struct page *page);
void pp_gup_count_pins(unsigned int flags, struct page *const *pages, unsigned long nr);
bool pp_gup_zero_exempt(const struct page *page);
void pp_gup_event(struct mm_struct *mm, unsigned long start, struct page **pages,
		  unsigned long nr, unsigned int flags);
void pp_gup_count_undone(const struct page *page, unsigned long nr, unsigned int flags);
void pp_gup_release(struct page **pages, unsigned long nr, unsigned int flags);

/* fast.c: pages taken without any lock, perhaps 0 */
unsigned long pp_gup_fast(struct mm_struct *mm, unsigned long start, unsigned long end,
			  unsigned int flags, struct page **pages);

/*
 * slow.c: mmap_lock held; pages taken or -errno; no events, no statistics.
 * @locked != NULL: a fault may drop the lock; then the walk ends and *@locked is 0.
 */
long pp_gup_slow(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
		 unsigned int flags, struct page **pages, struct vm_area_struct **vmas,
		 int *locked);

/* retry.c: as pp_gup_slow(), except: goes on where it dropped the lock */
long pp_gup_retry(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
		  unsigned int flags, struct page **pages, struct vm_area_struct **vmas,
		  int *locked);

/* longterm.c: as pp_gup_retry(), except: FOLL_LONGTERM pages are placeable or nothing is held */
long pp_gup_longterm(struct mm_struct *mm, unsigned long start, unsigned long nr_pages,
		     unsigned int flags, struct page **pages, struct vm_area_struct **vmas,
		     int *locked);
long pp_gup_longterm_by(long (*take)(void *arg), void *arg, struct page **pages);

#endif
