/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_STORM_STORM_H
#define PINPAGE_TESTS_STORM_STORM_H

/*
 * storm.h - one machine, many threads, and bytes that must not get lost
 *
 * Users own pages and check what they read; troublemakers fork, unmap, write
 * back, reclaim, truncate and move what the users own. A user's page holds a
 * number that only its owner raises, so any older number is a lost write.
 */
#include <stdbool.h>
#include <stdint.h>

#include <pinpage/pinpage.h>

#define STORM_PAGES	64UL	/* of the file, and of the anonymous area */
#define STORM_HUGE	(512 * PAGE_SIZE)	/* the anonymous area, one huge page at best */
#define STORM_USERS	6	/* threads that own pages; page % STORM_USERS */
#define STORM_CUTTERS	1	/* threads that truncate */

struct storm {
	struct mm_struct *mm;		/* shared by all users */
	unsigned long anon, shared;	/* byte addresses of the areas */
	struct super_block *sb;
	struct file *file;		/* mapped at @shared */
	struct file *cut[STORM_CUTTERS];	/* one for each truncating thread */
	struct pinpage_device *dev;
	bool over;			/* set once, by the clock */
	uint64_t end;			/* ns */
};
extern struct storm storm;

struct storm_actor {
	const char *name;
	/* once round; 0, or -errno that fails the storm */
	int (*round)(unsigned int nr, uint64_t *seed);
	unsigned int threads;
};
extern const struct storm_actor storm_users[], storm_troubles[];

/* says what is wrong, with the page and both numbers; always -EIO */
int storm_lost(const char *who, unsigned long page, uint64_t got, uint64_t want);
uint64_t storm_random(uint64_t *seed);

#endif
