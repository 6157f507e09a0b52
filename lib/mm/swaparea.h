/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/swaparea.h - what the files about swap share, and nobody else sees
 */
#ifndef PP_MM_SWAPAREA_H
#define PP_MM_SWAPAREA_H

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mm/swap.h"

#define PP_SWAP_HAS_CACHE	(1u << 31)	/* in map[]: a page is in the cache */
#define PP_SWAP_MAX_PAGES	(1UL << 32)

/*
 * Key: l = lock; r = atomic; c = constant while the area is there;
 *      s = swapon_mutex
 */
struct pp_swap_area {
	pinpage_spinlock_t lock;
	bool on;			/* l: gives slots */
	bool stable_writes;		/* c: a page under I/O must not change */
	int priority;			/* c; read before that is sure */
	unsigned long nr;		/* c: pages, the header counted */
	unsigned long nr_used;		/* l: slots */
	unsigned long next;		/* l: where to look for a free one */
	unsigned int *map;		/* l: users of each slot | HAS_CACHE; NULL: no area */
	struct xarray cache;		/* l to change, RCU: pages by slot */
	void **mem;			/* a slot's bytes belong to its page's I/O; or NULL */
	int fd;				/* c: the file, or -1 */
	dev_t dev;			/* c */
	ino_t ino;			/* c */
	atomic_t users;			/* r: 1 + who is inside */
	struct pinpage_completion unused;
};

extern struct pp_swap_area pp_swap_areas[PP_NR_SWAP_AREAS];
extern atomic_long_t pp_nr_swap_free, pp_nr_swap_slots;

/*
 * Changes map[@offset], which pp_swap_count() peeks at without the lock; lock
 * held. Return: what it says now.
 */
static inline unsigned int pp_swap_map_add(struct pp_swap_area *area, unsigned long offset,
					   unsigned int add)
{
	unsigned int now = area->map[offset] + add;

	WRITE_ONCE(area->map[offset], now);
	return now;
}

void pp_swap_slot_drop(struct pp_swap_area *area, unsigned long offset);
int pp_unuse_all(unsigned int type);	/* swapin.c: PTEs name no slot of it any more */

#endif
