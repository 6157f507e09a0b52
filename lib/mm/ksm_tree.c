// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/ksm_tree.c - finding equal pages: the stable and the unstable tree
 *
 * I1. The stable tree is in order of contents, which cannot change. A node does
 *     not hold its page: when the last mapping goes the frame is free, and the
 *     node goes when somebody comes across it. A page that moves takes the node
 *     along: for that moment its count is 0 and it is locked.
 * I2. The unstable tree is in the order that contents had when items entered.
 *     A search may miss an equal page; it cannot find an unequal one.
 * Mirrors: mm/ksm.c:stable_tree_search(), unstable_tree_search_insert() 6.1.
 */
#include "mm/internal.h"
#include "mm/ksm.h"

#include <string.h>

struct pp_ksm pp_ksm;

static int never_node(const struct pp_ksm_node *a, const struct pp_ksm_node *b)
{
	return a < b ? -1 : a > b;
}

static int never_item(const struct pp_ksm_item *a, const struct pp_ksm_item *b)
{
	return a < b ? -1 : a > b;
}

/* balancing and removal only: the descents below compare pages */
RB_GENERATE_INTERNAL(pp_ksm_stable, pp_ksm_node, node, never_node, static pp_maybe_unused)
RB_GENERATE_INTERNAL(pp_ksm_unstable, pp_ksm_item, node, never_item, static pp_maybe_unused)

/* memcmp() of two frames that others may write meanwhile */
int pp_ksm_compare(struct page *a, struct page *b)
{
	pp_frame_copy(pp_ksm.bytes[0], page_address(a), PAGE_SIZE);
	pp_frame_copy(pp_ksm.bytes[1], page_address(b), PAGE_SIZE);
	return memcmp(pp_ksm.bytes[0], pp_ksm.bytes[1], PAGE_SIZE);
}

uint64_t pp_ksm_checksum(struct page *page)
{
	uint64_t word, sum = 0;
	size_t i;

	pp_frame_copy(pp_ksm.bytes[0], page_address(page), PAGE_SIZE);
	for (i = 0; i < PAGE_SIZE; i += sizeof(word)) {
		memcpy(&word, pp_ksm.bytes[0] + i, sizeof(word));
		sum = (sum ^ word) * 0x9e3779b97f4a7c15ull;
		sum ^= sum >> 29;
	}
	return sum;
}

/* the item leaves its node, which stays */
static void leave(struct pp_ksm_item *item)
{
	struct pp_ksm_node *node = item->stable;

	list_del_init(&item->same);
	if (list_empty(&node->items))
		pp_ksm.stats.pages_shared--;
	else
		pp_ksm.stats.pages_sharing--;
	pp_anon_vma_put(item->anon_vma);
	item->anon_vma = NULL;
	item->stable = NULL;
	item->state = PP_KSM_ALONE;
}

/* the page of @node is gone: nobody can map it any more */
static void node_gone(struct pp_ksm_node *node)
{
	while (!list_empty(&node->items))
		leave(list_first_entry(&node->items, struct pp_ksm_item, same));
	RB_REMOVE(pp_ksm_stable, &pp_ksm.stable, node);
	pp_free(node);
}

/* @page with a reference, and the lock, if it still is the page of @node */
static bool try_page(const struct pp_ksm_node *node, struct page *page, bool lock)
{
	if (pp_ksm_node_of(page) != node || !pp_ref_try(page))
		return false;
	/* the reference may be one to the frame's next life */
	if (pp_ksm_node_of(page) == node) {
		if (!lock)
			return true;
		pp_lock_page(page);
		if (pp_ksm_node_of(page) == node)
			return true;
		pp_unlock_page(page);
	}
	pp_unref(page);
	return false;
}

/**
 * pp_ksm_get_page() - the page of a stable node, if it still is one
 * @lock: with the page lock
 *
 * Context: process; sleeps for the lock.
 * Return:  with a reference; NULL: the frame was freed, and so was @node.
 * Mirrors: mm/ksm.c:get_ksm_page()
 */
struct page *pp_ksm_get_page(struct pp_ksm_node *node, bool lock)
{
	struct page *page;
	bool moving;

	for (;;) {
		page = READ_ONCE(node->page);
		if (try_page(node, page, lock))
			return page;
		moving = PageLocked(page);
		/*
		 * MB ksm-move (N): the page was found wanting, and is not locked
		 * by who moves it, before the node is read again. Pairs with (P) in
		 * pp_ksm_migrated(). Without it a node whose page has moved is
		 * taken for one whose page is gone. Test: mm/ksm_move
		 * scan_against_moves.
		 */
		smp_rmb();
		if (!moving && READ_ONCE(node->page) == page)
			break;
		pinpage_cond_resched();
	}
	node_gone(node);
	return NULL;
}

/**
 * pp_ksm_migrated() - a merged page has another frame
 * @new: complete, its bytes too, with the mapping of @old
 * @old: no entry names it, count frozen to 0
 *
 * Context: process. Locking: both page locks held.
 * Order:   MB ksm-move (P), below.
 * Mirrors: mm/ksm.c:ksm_migrate_page()
 */
void pp_ksm_migrated(struct page *new, struct page *old)
{
	struct pp_ksm_node *node = pp_ksm_node_of(new);

	WRITE_ONCE(node->page, new);
	/*
	 * MB ksm-move (P): the node names the new page before the old one stops
	 * being the node's. Pairs with (N) in pp_ksm_get_page(). Without it a scan
	 * frees the node of a page that is alive. Test: mm/ksm_move
	 * scan_against_moves.
	 */
	smp_wmb();
	WRITE_ONCE(old->mapping, NULL);
}

/* where in the stable tree the contents of a page are, or would be */
struct place {
	struct page *equal;		/* referenced, or NULL */
	struct pp_ksm_node *parent;
	bool left;
};

/* false: a node went while we looked, look again */
static bool find_place(struct page *page, struct place *at)
{
	struct pp_ksm_node *node = RB_ROOT(&pp_ksm.stable);
	int order;

	*at = (struct place){ .equal = NULL };
	while (node) {
		struct page *kpage = pp_ksm_get_page(node, false);

		if (!kpage)
			return false;
		order = pp_ksm_compare(page, kpage);
		if (!order) {
			at->equal = kpage;
			return true;
		}
		pp_unref(kpage);
		at->parent = node;
		at->left = order < 0;
		node = order < 0 ? RB_LEFT(node, node) : RB_RIGHT(node, node);
	}
	return true;
}

/**
 * pp_ksm_stable_search() - the KSM page that says what @page says
 * @page: referenced; itself if it is a KSM page
 *
 * Return: with a reference, or NULL. Mirrors: mm/ksm.c:stable_tree_search()
 */
struct page *pp_ksm_stable_search(struct page *page)
{
	struct place at;

	if (pp_ksm_node_of(page)) {
		pp_ref(page);
		return page;
	}
	while (!find_place(page, &at))
		;
	return at.equal;
}

/**
 * pp_ksm_stable_insert() - a page that was just made a KSM page gets its node
 * @kpage: locked, write-protected, with PAGE_MAPPING_KSM and no node
 *
 * Return: the node; NULL: no memory, or an equal one came up.
 * Mirrors: mm/ksm.c:stable_tree_insert()
 */
struct pp_ksm_node *pp_ksm_stable_insert(struct page *kpage)
{
	struct pp_ksm_node *node;
	struct place at;

	while (!find_place(kpage, &at))
		;
	if (at.equal) {
		pp_unref(at.equal);
		return NULL;
	}
	node = pp_zalloc(sizeof(*node));
	if (!node)
		return NULL;
	INIT_LIST_HEAD(&node->items);
	node->page = kpage;
	pp_ksm_set_node(kpage, node);
	RB_SET(node, at.parent, node);
	if (!at.parent)
		RB_ROOT(&pp_ksm.stable) = node;
	else if (at.left)
		RB_LEFT(at.parent, node) = node;
	else
		RB_RIGHT(at.parent, node) = node;
	pp_ksm_stable_RB_INSERT_COLOR(&pp_ksm.stable, node);
	return node;
}

/* @item, whose anon_vma is counted, maps the page of @node, which is locked */
void pp_ksm_append(struct pp_ksm_item *item, struct pp_ksm_node *node)
{
	if (list_empty(&node->items))
		pp_ksm.stats.pages_shared++;
	else
		pp_ksm.stats.pages_sharing++;
	item->state = PP_KSM_STABLE;
	item->stable = node;
	list_add(&item->same, &node->items);
}

static void unstable_link(struct pp_ksm_item *item, struct pp_ksm_item *parent, bool left)
{
	item->state = PP_KSM_UNSTABLE;
	item->seq = pp_ksm.seq;
	RB_SET(item, parent, node);
	if (!parent)
		RB_ROOT(&pp_ksm.unstable) = item;
	else if (left)
		RB_LEFT(parent, node) = item;
	else
		RB_RIGHT(parent, node) = item;
	pp_ksm_unstable_RB_INSERT_COLOR(&pp_ksm.unstable, item);
	pp_ksm.stats.pages_unshared++;
}

/**
 * pp_ksm_unstable_meet() - an item whose page said the same in this scan
 * @item:  alone
 * @page:  its page, referenced
 * @other: out: the page of what is returned, referenced
 *
 * Return: NULL: there is none, and @item waits in the tree; or the way there
 *         was blocked by a page that has gone or is @page itself.
 * Mirrors: mm/ksm.c:unstable_tree_search_insert()
 */
struct pp_ksm_item *pp_ksm_unstable_meet(struct pp_ksm_item *item, struct page *page,
					 struct page **other)
{
	struct pp_ksm_item *at = RB_ROOT(&pp_ksm.unstable), *parent = NULL;
	int order = 0;

	while (at) {
		struct page *there;

		pinpage_cond_resched();
		there = pp_ksm_page_at(at->mm, at->addr);
		if (!there)
			return NULL;
		if (there == page) {
			pp_unref(there);
			return NULL;
		}
		order = pp_ksm_compare(page, there);
		if (!order) {
			*other = there;
			return at;
		}
		pp_unref(there);
		parent = at;
		at = order < 0 ? RB_LEFT(at, node) : RB_RIGHT(at, node);
	}
	unstable_link(item, parent, order < 0);
	return NULL;
}

static void detach_stable(struct pp_ksm_item *item)
{
	/* at shutdown the page lock may belong to a task that was abandoned */
	struct page *page = pp_ksm_get_page(item->stable, !pp_mm_breaking);

	/* no page: the node took all its items along */
	if (!page)
		return;
	leave(item);
	if (!pp_mm_breaking)
		pp_unlock_page(page);
	pp_unref(page);
}

/**
 * pp_ksm_detach() - take an item out of the tree it is in
 *
 * Context: process; sleeps for the page lock. Locking: no page lock.
 * Mirrors: mm/ksm.c:remove_rmap_item_from_tree()
 */
void pp_ksm_detach(struct pp_ksm_item *item)
{
	if (item->state == PP_KSM_STABLE) {
		detach_stable(item);
	} else if (item->state == PP_KSM_UNSTABLE) {
		/* of an earlier scan: that tree is gone */
		if (item->seq == pp_ksm.seq)
			RB_REMOVE(pp_ksm_unstable, &pp_ksm.unstable, item);
		pp_ksm.stats.pages_unshared--;
		item->state = PP_KSM_ALONE;
	}
}

/* shutdown, after the last address space: nodes whose pages have gone */
void pp_ksm_forget_trees(void)
{
	struct pp_ksm_node *node;

	while ((node = RB_ROOT(&pp_ksm.stable)))
		node_gone(node);
}
