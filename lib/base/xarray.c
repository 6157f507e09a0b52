// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A radix tree of nodes of 64 slots, changed under the caller's lock and
 * read under RCU.
 *
 * Invariants
 * I1. Every entry is in a node of shift 0; a slot of any other node is NULL
 *     or a node. So nothing is tagged, and a tree of one entry has one node.
 * I2. No node that can be reached is empty, and a root of more than one
 *     level has an entry outside its slot 0 (the tree has least height).
 *     Both may be broken only while the lock is held.
 * I3. A mark bit of an inner slot is set exactly if some bit of that mark is
 *     set in the child. Readers may see it break for a moment.
 * I4. A node that was taken out keeps its slots until it is freed, so that a
 *     reader that stands on it finds its way: a root that was cut off still
 *     leads to the present root, an emptied node leads nowhere.
 * I5. A store takes all nodes that it needs before it changes anything, so a
 *     failed store leaves the tree as it was.
 *
 * Guarantees: what was written to an object before it was stored is seen by
 * whoever loads it (MB xa-publish, A and B below).
 */
#include "base/xarray.h"

#include <limits.h>

#include "base/alloc.h"
#include "base/bitops.h"
#include "base/bug.h"

#define PP_XA_MASK	(PP_XA_SLOTS - 1)

/* in a slot of shift 0: reserved, reads as absent */
#define PP_XA_ZERO	((void *)2UL)

static struct pp_cache pp_xa_cache =
	PP_CACHE_INIT("xa_node", sizeof(struct xa_node));

static void (*pp_xa_node_free)(struct xa_node *node);

/*
 * MB xa-publish (A): a node or entry is complete before a slot points to it.
 * Pairs with (B) in pp_xa_deref(). Without it a reader walks through a node
 * whose shift or slots it reads as they were before. Test: base/xarray
 * readers_beside_writer_see_whole_entries.
 */
static void pp_xa_publish(void **slot, void *to)
{
	smp_store_release(slot, to);
}

/* MB xa-publish (B): see (A) in pp_xa_publish(). */
static pp_always_inline void *pp_xa_deref(void *const *slot)
{
	return smp_load_acquire(slot);
}

static void pp_xa_set_root(struct xarray *xa, struct xa_node *root)
{
	smp_store_release(&xa->root, root);	/* MB xa-publish (A) */
}

static pp_always_inline struct xa_node *pp_xa_root(const struct xarray *xa)
{
	return smp_load_acquire(&xa->root);	/* MB xa-publish (B) */
}

static pp_always_inline unsigned int pp_xa_offset(const struct xa_node *node,
						  unsigned long index)
{
	return (index >> node->shift) & PP_XA_MASK;
}

/* the index bits that are decided in and below a node of this shift */
static pp_always_inline unsigned long pp_xa_span(unsigned int shift)
{
	return shift + PP_XA_SHIFT < BITS_PER_LONG ?
		(1UL << (shift + PP_XA_SHIFT)) - 1 : ULONG_MAX;
}

static pp_always_inline void *pp_xa_visible(void *entry)
{
	return entry == PP_XA_ZERO ? NULL : entry;
}

/* shift of the root of a least tree that has @index */
static unsigned int pp_xa_shift_for(unsigned long index)
{
	unsigned int shift = 0;

	while (index > pp_xa_span(shift))
		shift += PP_XA_SHIFT;
	return shift;
}

/* nodes */

/**
 * pp_xa_set_node_free() - choose what happens to nodes that leave a tree
 * @free_fn: must call pp_xa_node_free_now() once no reader can be on the
 *           node (call_rcu()); may use node->rcu. NULL: free at once.
 *
 * Context: boot, before the first reader.
 */
void pp_xa_set_node_free(void (*free_fn)(struct xa_node *node))
{
	WRITE_ONCE(pp_xa_node_free, free_fn);
}

/**
 * pp_xa_node_free_now() - give the memory of a node back
 *
 * Context: any; no reader is on @node.
 */
void pp_xa_node_free_now(struct xa_node *node)
{
	pp_cache_free(&pp_xa_cache, node);
}

static void pp_xa_retire(struct xa_node *node)
{
	void (*free_fn)(struct xa_node *node) = READ_ONCE(pp_xa_node_free);

	if (free_fn)
		free_fn(node);
	else
		pp_xa_node_free_now(node);
}

/**
 * pp_xa_shutdown() - free the memory that nodes were cut from
 *
 * Context: shutdown: all arrays are empty and no node waits for RCU.
 */
void pp_xa_shutdown(void)
{
	long live = pp_cache_destroy(&pp_xa_cache);

	if (live)
		pp_warn("%ld xarray nodes alive at shutdown", live);
}

static bool pp_xa_fill(struct xa_preload *pl, unsigned int need)
{
	while (pl->nr < need) {
		struct xa_node *node = pp_cache_zalloc(&pp_xa_cache);

		if (!node)
			return false;
		node->parent = pl->nodes;
		pl->nodes = node;
		pl->nr++;
	}
	return true;
}

static struct xa_node *pp_xa_take(struct xa_preload *pl, unsigned int shift)
{
	struct xa_node *node = pl->nodes;

	pp_assert(node);
	pl->nodes = node->parent;
	pl->nr--;
	node->parent = NULL;
	node->shift = (unsigned char)shift;
	return node;
}

/**
 * pp_xa_preload() - put nodes aside for a store of @index
 * @xa:    the array, for its present height
 * @pl:    XA_PRELOAD_INIT or what an earlier call left; owned by the caller
 * @index: where pp_xa_store_preloaded() will store
 *
 * The store cannot fail unless another writer makes the tree higher in
 * between; it then allocates the rest itself.
 *
 * Context: any. Locking: RCU read side or the array's lock, for the height.
 * Return:  0 or -ENOMEM; @pl is to be ended by pp_xa_preload_end() in
 *          both cases.
 */
int pp_xa_preload(const struct xarray *xa, struct xa_preload *pl,
		  unsigned long index)
{
	const struct xa_node *root = pp_xa_root(xa);
	unsigned int shift = pp_xa_shift_for(index);

	if (root && root->shift > shift)
		shift = root->shift;
	return pp_xa_fill(pl, 2 * (shift / PP_XA_SHIFT + 1)) ? 0 : -ENOMEM;
}

/**
 * pp_xa_preload_end() - free the nodes that were not needed
 *
 * Context: any. @pl may be used again.
 */
void pp_xa_preload_end(struct xa_preload *pl)
{
	while (pl->nr)
		pp_xa_node_free_now(pp_xa_take(pl, 0));
}

/* walking */

/* the node of shift 0 that covers @index, or NULL */
static pp_always_inline struct xa_node *pp_xa_leaf(const struct xarray *xa,
						   unsigned long index)
{
	struct xa_node *node = pp_xa_root(xa);

	if (!node || index > pp_xa_span(node->shift))
		return NULL;
	while (node && node->shift)
		node = pp_xa_deref(&node->slots[pp_xa_offset(node, index)]);
	return node;
}

/**
 * pp_xa_load() - the entry at @index
 *
 * Context: any. Locking: RCU read side or the array's lock.
 * Order:   MB xa-publish (B).
 * Return:  the entry, NULL if there is none.
 * Mirrors: lib/xarray.c:xa_load().
 */
void *pp_xa_load(const struct xarray *xa, unsigned long index)
{
	struct xa_node *leaf = pp_xa_leaf(xa, index);

	if (!leaf)
		return NULL;
	return pp_xa_visible(pp_xa_deref(&leaf->slots[index & PP_XA_MASK]));
}

/* changing */

/* how many nodes are missing on the way to @index */
static unsigned int pp_xa_missing(const struct xarray *xa, unsigned long index)
{
	const struct xa_node *node = xa->root;
	unsigned int shift = pp_xa_shift_for(index);

	if (!node)
		return shift / PP_XA_SHIFT + 1;
	if (shift > node->shift)
		return (shift - node->shift) / PP_XA_SHIFT +
			shift / PP_XA_SHIFT;
	while (node->shift) {
		shift = node->shift;
		node = node->slots[pp_xa_offset(node, index)];
		if (!node)
			return shift / PP_XA_SHIFT;
	}
	return 0;
}

/* one level more: the present root becomes slot 0 of a new one */
static void pp_xa_raise(struct xarray *xa, struct xa_preload *pl)
{
	struct xa_node *old = xa->root;
	struct xa_node *root = pp_xa_take(pl, old->shift + PP_XA_SHIFT);
	unsigned int m;

	root->slots[0] = old;
	root->count = 1;
	for (m = 0; m < PP_XA_MARKS; m++)
		root->marks[m] = old->marks[m] != 0;
	old->parent = root;
	old->offset = 0;
	pp_xa_set_root(xa, root);
}

/* makes the way to @index with the nodes of @pl; cannot fail */
static struct xa_node *pp_xa_make_leaf(struct xarray *xa, unsigned long index,
				       struct xa_preload *pl)
{
	struct xa_node *node;

	if (!xa->root)
		pp_xa_set_root(xa, pp_xa_take(pl, pp_xa_shift_for(index)));
	while (index > pp_xa_span(xa->root->shift))
		pp_xa_raise(xa, pl);
	node = xa->root;
	while (node->shift) {
		unsigned int offset = pp_xa_offset(node, index);
		struct xa_node *child = node->slots[offset];

		if (!child) {
			child = pp_xa_take(pl, node->shift - PP_XA_SHIFT);
			child->parent = node;
			child->offset = (unsigned char)offset;
			node->count++;
			pp_xa_publish(&node->slots[offset], child);
		}
		node = child;
	}
	return node;
}

/* puts @entry, not NULL, at @index; returns what the slot held */
static void *pp_xa_put(struct xarray *xa, unsigned long index, void *entry,
		       struct xa_preload *pl)
{
	struct xa_node *leaf;
	void **slot, *old;

	if (!pp_xa_fill(pl, pp_xa_missing(xa, index)))
		return ERR_PTR(-ENOMEM);
	leaf = pp_xa_make_leaf(xa, index, pl);
	slot = &leaf->slots[index & PP_XA_MASK];
	old = *slot;
	if (!old)
		leaf->count++;
	pp_xa_publish(slot, entry);
	return old;
}

/**
 * pp_xa_store_preloaded() - store with nodes that were put aside
 * @pl: from pp_xa_preload() for this @index
 *
 * As pp_xa_store(), except: takes the nodes of @pl first.
 */
void *pp_xa_store_preloaded(struct xarray *xa, unsigned long index,
			    void *entry, struct xa_preload *pl)
{
	pp_assert(!((unsigned long)entry & 2) || xa_is_value(entry));
	if (!entry)
		return pp_xa_erase(xa, index);
	return pp_xa_visible(pp_xa_put(xa, index, entry, pl));
}

/**
 * pp_xa_store() - put an entry at @index
 * @entry: rule 1 of the header; NULL erases
 *
 * Marks of an entry that is replaced stay.
 *
 * Context: any. Locking: the array's lock.
 * Order:   MB xa-publish (A).
 * Return:  the entry that was there, NULL if none, ERR_PTR(-ENOMEM) with
 *          nothing changed. Never fails at a reserved or present index.
 * Mirrors: lib/xarray.c:xa_store(); differs: errors are ERR_PTR().
 */
void *pp_xa_store(struct xarray *xa, unsigned long index, void *entry)
{
	struct xa_preload pl = XA_PRELOAD_INIT;
	void *old = pp_xa_store_preloaded(xa, index, entry, &pl);

	pp_xa_preload_end(&pl);
	return old;
}

static void pp_xa_clear_bit(struct xa_node *node, unsigned int offset,
			    enum pp_xa_mark mark)
{
	while (node && (node->marks[mark] & BIT(offset))) {
		WRITE_ONCE(node->marks[mark], node->marks[mark] & ~BIT(offset));
		if (node->marks[mark])
			return;
		offset = node->offset;
		node = node->parent;
	}
}

/* after a slot of @node became NULL: I2 again */
static void pp_xa_prune(struct xarray *xa, struct xa_node *node)
{
	struct xa_node *root;

	while (node && !node->count) {
		struct xa_node *parent = node->parent;

		if (parent) {
			pp_xa_publish(&parent->slots[node->offset], NULL);
			parent->count--;
		} else {
			pp_xa_set_root(xa, NULL);
		}
		pp_xa_retire(node);
		node = parent;
	}
	root = xa->root;
	while (root && root->shift && root->count == 1 && root->slots[0]) {
		struct xa_node *child = root->slots[0];

		child->parent = NULL;
		pp_xa_set_root(xa, child);
		pp_xa_retire(root);
		root = child;
	}
}

/**
 * pp_xa_erase() - take the entry at @index out, with its marks
 *
 * Context: any; never fails. Locking: the array's lock.
 * Return:  the entry that was there, or NULL.
 * Mirrors: lib/xarray.c:xa_erase().
 */
void *pp_xa_erase(struct xarray *xa, unsigned long index)
{
	struct xa_node *leaf = pp_xa_leaf(xa, index);
	unsigned int offset = index & PP_XA_MASK;
	enum pp_xa_mark mark;
	void *old = leaf ? leaf->slots[offset] : NULL;

	if (!old)
		return NULL;
	for (mark = PP_XA_MARK_0; mark < PP_XA_MARKS; mark++)
		pp_xa_clear_bit(leaf, offset, mark);
	pp_xa_publish(&leaf->slots[offset], NULL);
	leaf->count--;
	pp_xa_prune(xa, leaf);
	return pp_xa_visible(old);
}

/**
 * pp_xa_cmpxchg() - store if the present entry is @old
 * @old: NULL: only if absent
 *
 * Context: any. Locking: the array's lock.
 * Return:  the entry that was there (@old: stored), or ERR_PTR(-ENOMEM).
 * Mirrors: lib/xarray.c:xa_cmpxchg(); differs: reserved counts as absent.
 */
void *pp_xa_cmpxchg(struct xarray *xa, unsigned long index, void *old,
		    void *entry)
{
	void *now = pp_xa_load(xa, index);

	return now == old ? pp_xa_store(xa, index, entry) : now;
}

/**
 * pp_xa_reserve() - make sure that a later store at @index cannot fail
 *
 * Readers see nothing there. An entry that is there stays.
 *
 * Context: any. Locking: the array's lock.
 * Return:  0 or -ENOMEM. Undo: store, erase or pp_xa_release().
 * Mirrors: lib/xarray.c:xa_reserve().
 */
int pp_xa_reserve(struct xarray *xa, unsigned long index)
{
	struct xa_node *leaf = pp_xa_leaf(xa, index);
	struct xa_preload pl = XA_PRELOAD_INIT;
	void *old;

	if (leaf && leaf->slots[index & PP_XA_MASK])
		return 0;
	old = pp_xa_put(xa, index, PP_XA_ZERO, &pl);
	pp_xa_preload_end(&pl);
	return PTR_ERR_OR_ZERO(old);
}

/**
 * pp_xa_release() - give up a reservation that was not used
 *
 * An entry that was stored meanwhile stays.
 * Context: any; never fails. Locking: the array's lock.
 */
void pp_xa_release(struct xarray *xa, unsigned long index)
{
	struct xa_node *leaf = pp_xa_leaf(xa, index);

	if (leaf && leaf->slots[index & PP_XA_MASK] == PP_XA_ZERO)
		pp_xa_erase(xa, index);
}

/* marks */

/**
 * pp_xa_set_mark() - mark the entry at @index; no entry: nothing happens
 *
 * Context: any; never fails. Locking: the array's lock.
 * Mirrors: lib/xarray.c:xa_set_mark().
 */
void pp_xa_set_mark(struct xarray *xa, unsigned long index,
		    enum pp_xa_mark mark)
{
	struct xa_node *node = pp_xa_leaf(xa, index);
	unsigned int offset = index & PP_XA_MASK;

	if (!node || !pp_xa_visible(node->slots[offset]))
		return;
	while (node && !(node->marks[mark] & BIT(offset))) {
		WRITE_ONCE(node->marks[mark], node->marks[mark] | BIT(offset));
		offset = node->offset;
		node = node->parent;
	}
}

/**
 * pp_xa_clear_mark() - take a mark off the entry at @index
 *
 * Context: any; never fails. Locking: the array's lock.
 * Mirrors: lib/xarray.c:xa_clear_mark().
 */
void pp_xa_clear_mark(struct xarray *xa, unsigned long index,
		      enum pp_xa_mark mark)
{
	pp_xa_clear_bit(pp_xa_leaf(xa, index), index & PP_XA_MASK, mark);
}

/**
 * pp_xa_get_mark() - is there an entry with this mark at @index?
 *
 * Context: any. Locking: RCU read side or the array's lock.
 */
bool pp_xa_get_mark(const struct xarray *xa, unsigned long index,
		    enum pp_xa_mark mark)
{
	const struct xa_node *leaf = pp_xa_leaf(xa, index);

	return leaf && (READ_ONCE(leaf->marks[mark]) &
			BIT(index & PP_XA_MASK)) != 0;
}

/**
 * pp_xa_marked() - does any entry have this mark?
 *
 * Context: any. Locking: RCU read side or the array's lock.
 */
bool pp_xa_marked(const struct xarray *xa, enum pp_xa_mark mark)
{
	const struct xa_node *root = pp_xa_root(xa);

	return root && READ_ONCE(root->marks[mark]) != 0;
}

/* finding */

/* first slot from @offset on that @filter lets through; PP_XA_SLOTS if none */
static unsigned int pp_xa_next_slot(const struct xa_node *node,
				    unsigned int offset,
				    enum pp_xa_mark filter, void **entry)
{
	unsigned long bits = ~0UL;

	if (filter != PP_XA_PRESENT)
		bits = READ_ONCE(node->marks[filter]);
	bits &= ~0UL << offset;
	for (; bits; bits &= bits - 1) {
		offset = __ffs(bits);
		*entry = pp_xa_visible(pp_xa_deref(&node->slots[offset]));
		if (*entry)
			return offset;
	}
	return PP_XA_SLOTS;
}

/*
 * Goes down from @node to the first entry at or after *@index. Return: the
 * entry; NULL: none below the node where *@index now points past.
 */
static void *pp_xa_descend(const struct xa_node *node, unsigned long *index,
			   enum pp_xa_mark filter)
{
	for (;;) {
		unsigned long span = pp_xa_span(node->shift);
		unsigned int offset = pp_xa_offset(node, *index), next;
		void *entry;

		next = pp_xa_next_slot(node, offset, filter, &entry);
		if (next == PP_XA_SLOTS) {
			*index = (*index | span) + 1;
			return NULL;
		}
		if (next != offset)
			*index = (*index & ~span) |
				 ((unsigned long)next << node->shift);
		if (!node->shift)
			return entry;
		node = entry;
	}
}

/**
 * pp_xa_find() - the first entry at or after *@index
 * @index:  in: where to start; out: where the entry is, unchanged if none
 * @max:    last index to look at
 * @filter: a mark, or PP_XA_PRESENT for any entry
 *
 * Context: any. Locking: RCU read side or the array's lock.
 * Order:   MB xa-publish (B).
 * Return:  the entry, or NULL.
 * Mirrors: lib/xarray.c:xa_find().
 */
void *pp_xa_find(const struct xarray *xa, unsigned long *index,
		 unsigned long max, enum pp_xa_mark filter)
{
	unsigned long at = *index;

	while (at <= max) {
		const struct xa_node *root = pp_xa_root(xa);
		void *entry;

		if (!root || at > pp_xa_span(root->shift))
			return NULL;
		entry = pp_xa_descend(root, &at, filter);
		if (entry && at <= max) {
			*index = at;
			return entry;
		}
		if (!entry && !at)	/* past the last index */
			return NULL;
	}
	return NULL;
}

/* As pp_xa_find(), except: after *@index. */
void *pp_xa_find_after(const struct xarray *xa, unsigned long *index,
		       unsigned long max, enum pp_xa_mark filter)
{
	unsigned long at = *index + 1;
	void *entry = at ? pp_xa_find(xa, &at, max, filter) : NULL;

	if (entry)
		*index = at;
	return entry;
}

/**
 * pp_xa_extract() - the next entries at once
 * @entries: out, @n slots
 * @indices: out, @n slots, or NULL
 * @start:   first index to look at
 * @max:     last index to look at
 * @n:       how many are wanted
 *
 * Context: any. Locking: RCU read side or the array's lock.
 * Return:  how many were found, in index order.
 * Mirrors: lib/xarray.c:xa_extract().
 */
unsigned int pp_xa_extract(const struct xarray *xa, void **entries,
			   unsigned long *indices, unsigned long start,
			   unsigned long max, unsigned int n,
			   enum pp_xa_mark filter)
{
	unsigned long index = start;
	unsigned int i = 0;
	void *entry;

	if (!n)
		return 0;
	entry = pp_xa_find(xa, &index, max, filter);
	while (entry) {
		entries[i] = entry;
		if (indices)
			indices[i] = index;
		if (++i == n)
			break;
		entry = pp_xa_find_after(xa, &index, max, filter);
	}
	return i;
}

static void pp_xa_retire_tree(struct xa_node *node)
{
	unsigned int i;

	for (i = 0; node->shift && i < PP_XA_SLOTS; i++)
		if (node->slots[i])
			pp_xa_retire_tree(node->slots[i]);
	pp_xa_retire(node);
}

/**
 * pp_xa_destroy() - drop all entries; the array is empty and usable after it
 *
 * What the entries point to is the caller's.
 * Context: any. Locking: the array's lock; readers may be inside.
 * Mirrors: lib/xarray.c:xa_destroy().
 */
void pp_xa_destroy(struct xarray *xa)
{
	struct xa_node *root = xa->root;

	pp_xa_set_root(xa, NULL);
	if (root)
		pp_xa_retire_tree(root);
}
