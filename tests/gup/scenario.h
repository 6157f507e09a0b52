/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_GUP_SCENARIO_H
#define PINPAGE_TESTS_GUP_SCENARIO_H

/*
 * scenario.h - one process, one pin, and what runs against it in random orders
 *
 * A suite adds the actors that make its race, and what must hold in the end.
 */
#include "machine.h"

struct race {
	struct mm_struct *mm, *child;
	unsigned long addr;		/* of what is mapped */
	struct page *page;		/* got == 1: pinned */
	int got, err;
};

/* maps @len bytes of private anonymous memory, @flags may be MAP_HUGETLB; not touched */
int race_map(struct race *race, unsigned long len, int flags);
int race_up(struct pinpage_run *run, void *state);	/* a page that says 'a' */
void race_down(struct pinpage_run *run, void *state);
void race_pinner(struct pinpage_run *run, void *state);	/* pin_user_pages_fast() */

/* process and device have one page */
void race_same_page(struct pinpage_run *run, const struct race *race, unsigned long addr);

extern const struct pinpage_contract race_contract;

/* of @runs random orders */
enum pinpage_cell worst_of(const struct pinpage_scenario *scenario, const char *rules,
			   uint64_t runs);

#endif
