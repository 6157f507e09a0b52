// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * interval.c - a red-black tree that knows how far its subtrees reach
 *
 * I1. max_last of a node is the largest of its own last and of its children's
 *     max_last. libbsd calls RB_AUGMENT() where it rotates; the ancestors of
 *     a node that came or went are brought up to date here.
 * Mirrors: include/linux/interval_tree_generic.h.
 */
#include "base/interval.h"

#include "base/compiler.h"

static void augment(struct pp_interval *iv)
{
	const struct pp_interval *left = RB_LEFT(iv, node);
	const struct pp_interval *right = RB_RIGHT(iv, node);
	unsigned long reach = iv->last;

	if (left && left->max_last > reach)
		reach = left->max_last;
	if (right && right->max_last > reach)
		reach = right->max_last;
	iv->max_last = reach;
}

#undef RB_AUGMENT
#define RB_AUGMENT(iv) augment(iv)

/* never 0: equals go behind those that are there */
static int order(const struct pp_interval *new, const struct pp_interval *old)
{
	return new->start < old->start ? -1 : 1;
}

RB_GENERATE_INTERNAL(pp_interval_tree, pp_interval, node, order, static pp_maybe_unused)

static void augment_up(struct pp_interval *iv)
{
	for (; iv; iv = RB_PARENT(iv, node))
		augment(iv);
}

/**
 * pp_interval_insert() - put an interval into a tree
 * @iv:    in no tree
 * @start: first number
 * @last:  last number, >= @start
 *
 * Context: any. Locking: the caller's.
 */
void pp_interval_insert(struct pp_interval_tree *tree, struct pp_interval *iv,
			unsigned long start, unsigned long last)
{
	iv->start = start;
	iv->last = iv->max_last = last;
	iv->linked = true;
	RB_INSERT(pp_interval_tree, tree, iv);
	augment_up(iv);
}

/**
 * pp_interval_remove() - take an interval out of its tree
 * @iv: in @tree
 *
 * Context: any. Locking: the caller's.
 */
void pp_interval_remove(struct pp_interval_tree *tree, struct pp_interval *iv)
{
	struct pp_interval *above = RB_PARENT(iv, node);

	/* with two children libbsd looks after the ancestors itself */
	RB_REMOVE(pp_interval_tree, tree, iv);
	augment_up(above);
	iv->linked = false;
}

/* leftmost node below @iv that meets [start, last]; iv->max_last >= @start */
static struct pp_interval *first_below(struct pp_interval *iv,
				       unsigned long start, unsigned long last)
{
	for (;;) {
		struct pp_interval *left = RB_LEFT(iv, node);
		struct pp_interval *right = RB_RIGHT(iv, node);

		if (left && left->max_last >= start) {
			iv = left;
			continue;
		}
		if (iv->start > last)
			return NULL;
		if (iv->last >= start)
			return iv;
		if (!right || right->max_last < start)
			return NULL;
		iv = right;
	}
}

/**
 * pp_interval_first() - the first interval that meets a range
 *
 * Context: any. Locking: the caller's. Return: by start, or NULL.
 */
struct pp_interval *pp_interval_first(struct pp_interval_tree *tree,
				      unsigned long start, unsigned long last)
{
	struct pp_interval *root = RB_ROOT(tree);

	if (!root || root->max_last < start)
		return NULL;
	return first_below(root, start, last);
}

/**
 * pp_interval_next() - the one behind @iv that meets the same range
 *
 * Context: any. Locking: the caller's. Return: by start, or NULL.
 */
struct pp_interval *pp_interval_next(struct pp_interval *iv,
				     unsigned long start, unsigned long last)
{
	struct pp_interval *right = RB_RIGHT(iv, node), *from;

	if (right && right->max_last >= start)
		return first_below(right, start, last);
	for (;;) {
		from = iv;
		iv = RB_PARENT(iv, node);
		if (!iv)
			return NULL;
		if (RB_RIGHT(iv, node) == from)
			continue;
		if (iv->start > last)
			return NULL;
		if (iv->last >= start)
			return iv;
		right = RB_RIGHT(iv, node);
		if (right && right->max_last >= start)
			return first_below(right, start, last);
	}
}
