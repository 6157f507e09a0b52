// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * retry.c - the slow walk where mmap_lock may be dropped
 *
 * A fault that would wait drops mmap_lock and returns; the walk ends there, the
 * lock is taken again, the one page is taken with FOLL_TRIED, which waits with
 * the lock held, and the walk goes on behind it.
 *
 * I1. *locked says at every moment whether mmap_lock is held.
 * I2. Signals are looked at where the lock is taken again: a fatal one always,
 *     any other only with FOLL_INTERRUPTIBLE.
 * Mirrors: mm/gup.c:__get_user_pages_locked(), gup_signal_pending().
 */
#include "gup/gup.h"

#include <errno.h>

struct retry_walk {
	struct mm_struct *mm;
	unsigned long start, nr;	/* what is left */
	unsigned int flags;
	struct page **pages;		/* NULL: populate only */
	int *locked;
	bool taken;			/* the lock was taken here */
	long done;
};

static bool signal_ends(unsigned int flags)
{
	if (pinpage_fatal_signal_pending())
		return true;
	return (flags & FOLL_INTERRUPTIBLE) && pinpage_signal_pending();
}

static void advance(struct retry_walk *walk, long got)
{
	walk->done += got;
	walk->nr -= (unsigned long)got;
	walk->start += (unsigned long)got << PAGE_SHIFT;
	if (walk->pages)
		walk->pages += got;
}

/* 0 with the lock held, or -EINTR */
static int take_lock(struct retry_walk *walk)
{
	if (signal_ends(walk->flags))
		return -EINTR;
	if (pp_down_read_killable(&walk->mm->mmap_lock))
		return -EINTR;
	walk->taken = true;
	*walk->locked = 1;
	return 0;
}

/* The page that could not be had without waiting: 1, or what ends the walk. */
static long retry_one(struct retry_walk *walk)
{
	long got;

	do {
		got = take_lock(walk);
		if (got)
			return got;
		got = pp_gup_slow(walk->mm, walk->start, 1,
				  walk->flags | FOLL_TRIED, walk->pages, NULL,
				  walk->locked);
	} while (!*walk->locked);
	return got;
}

/* ends with the result of the last attempt, <= 0 unless all was had */
static long walk_on(struct retry_walk *walk)
{
	long got;

	for (;;) {
		got = pp_gup_slow(walk->mm, walk->start, walk->nr, walk->flags,
				  walk->pages, NULL, walk->locked);
		if (got > 0)
			advance(walk, got);
		if (!walk->nr || *walk->locked)
			return got;
		got = retry_one(walk);
		if (got <= 0)
			return got;
		advance(walk, got);
		if (!walk->nr)
			return got;
	}
}

/**
 * pp_gup_retry() - pp_gup_slow(), and again where it dropped mmap_lock
 * @locked: NULL: exactly pp_gup_slow(). Else in: 1: mmap_lock is held for
 *          reading; 0: it is taken here. Out: 0 if it was ever dropped or
 *          taken here, and then it is not held
 *
 * As pp_gup_slow(), except: @vmas must be NULL if @locked is not.
 *
 * Return: also -EAGAIN: killed while the lock was taken that the caller did
 * not hold; -EINTR: killed, or with FOLL_INTERRUPTIBLE signalled, where the
 * lock was to be taken again, before the first page.
 * Mirrors: mm/gup.c:__get_user_pages_locked()
 */
long pp_gup_retry(struct mm_struct *mm, unsigned long start,
		  unsigned long nr_pages, unsigned int flags,
		  struct page **pages, struct vm_area_struct **vmas,
		  int *locked)
{
	struct retry_walk walk = {
		.mm = mm, .start = start & PAGE_MASK, .nr = nr_pages,
		.flags = flags, .pages = pages, .locked = locked,
	};
	long got;

	if (!locked)
		return pp_gup_slow(mm, start, nr_pages, flags, pages, vmas,
				   NULL);
	if (!*locked) {
		if (pp_down_read_killable(&mm->mmap_lock))
			return -EAGAIN;
		walk.taken = true;
		*locked = 1;
	}
	got = walk_on(&walk);
	if (walk.taken && *locked) {
		pinpage_up_read(&mm->mmap_lock);
		*locked = 0;
	}
	return walk.done ? walk.done : got;
}
