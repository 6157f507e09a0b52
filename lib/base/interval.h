/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * base/interval.h - intervals of numbers, found by what they overlap
 *
 * A red-black tree in order of start, each node with the largest end below it.
 * A search for all intervals that meet a range takes O(log n + found). Equal
 * starts come in the order of insertion.
 *
 * The caller embeds the nodes and locks the tree.
 * Mirrors: include/linux/interval_tree_generic.h; the balancing is libbsd's.
 */
#ifndef PP_BASE_INTERVAL_H
#define PP_BASE_INTERVAL_H

#include <stdbool.h>
#include <stddef.h>

#include <bsd/sys/tree.h>

struct pp_interval {
	RB_ENTRY(pp_interval) node;
	unsigned long start, last;	/* both belong to it */
	unsigned long max_last;		/* largest last of the subtree */
	bool linked;			/* in a tree; false in zeroed memory */
};
RB_HEAD(pp_interval_tree, pp_interval);

void pp_interval_insert(struct pp_interval_tree *tree, struct pp_interval *iv,
			unsigned long start, unsigned long last);
void pp_interval_remove(struct pp_interval_tree *tree, struct pp_interval *iv);
struct pp_interval *pp_interval_first(struct pp_interval_tree *tree,
				      unsigned long start, unsigned long last);
struct pp_interval *pp_interval_next(struct pp_interval *iv,
				     unsigned long start, unsigned long last);

/* each interval that meets [start, last]; the tree must not change meanwhile */
#define pp_interval_for_each(iv, tree, start, last)			\
	for ((iv) = pp_interval_first((tree), (start), (last)); (iv);	\
	     (iv) = pp_interval_next((iv), (start), (last)))

#endif
