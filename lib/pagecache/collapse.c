// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * collapse.c - small pages of a file in memory become one huge folio
 *
 * I1. What somebody refers to, by a pin or by a plain reference, stays as it
 *     is, and so do all the others: everything is replaced, or nothing.
 * I2. Nobody sees a state in between: old pages are locked, off the LRU and
 *     unmapped; then, in one hold of i_pages_lock, they are frozen, copied, and
 *     their slots get the new head.
 * I3. Holes are filled, in and behind the file: a folio has no holes.
 *
 * Who excludes whom: faults and truncation of a page by its lock, of a hole by
 * the look at all slots under i_pages_lock; gup-fast by the freeze, which comes
 * after the entries went: MB pin-vs-unmap (D) in mm/rmap.c.
 * Mirrors: mm/khugepaged.c:hpage_collapse_scan_file(), collapse_file() 6.1;
 * differs: slots change all at once, the copy is made with i_pages_lock held.
 */
#include "pagecache/internal.h"

/* khugepaged's: max_ptes_swap; the default of max_ptes_none allows 511 holes */
#define SWAP_MAX	64UL

struct collapse {
	struct address_space *mapping;
	unsigned long first;		/* index */
	struct page *new;		/* locked, ours */
	struct page **old;		/* one a slot, locked, isolated; NULL: a hole */
	long holes;
};

/* 0; 1: it is the huge folio; -EAGAIN: in use; -EINVAL: it cannot be */
static int look_at(const struct page *head, unsigned long first)
{
	if (PageHead(head))
		return folio_order((const struct folio *)head) == HPAGE_PMD_ORDER &&
		       head->index == first ? 1 : -EINVAL;
	if (!PageLRU(head))
		return -EAGAIN;
	if (page_ref_count(head) != 1 + pp_page_mapcount(head) + PagePrivate(head))
		return -EAGAIN;
	return 0;
}

/**
 * pp_collapse_scan() - would collapsing work?
 * @first:  index of the first page, a multiple of 512
 * @policy: not asked for by anybody: not if much is in swap or all is a hole
 *
 * Context: process. Locking: none.
 * Return:  0: perhaps; 1: it is a huge folio already; -EAGAIN: a page is in use;
 *          -EINVAL: other reasons.
 * Mirrors: mm/khugepaged.c:hpage_collapse_scan_file()
 */
int pp_collapse_scan(struct address_space *mapping, unsigned long first, bool policy)
{
	unsigned long last = first + HPAGE_PMD_NR - 1, at = first, swapped = 0, nr = 0;
	struct page *head;
	int ret = 0;

	pinpage_rcu_read_lock();
	while (!ret && at <= last &&
	       (head = pp_xa_find(&mapping->i_pages, &at, last, PP_XA_PRESENT))) {
		ret = look_at(head, first);
		at++;
		nr++;
	}
	for (at = first; at <= last &&
	     pp_xa_find(&mapping->swapped, &at, last, PP_XA_PRESENT); at++)
		swapped++;
	pinpage_rcu_read_unlock();
	if (!ret && policy && (swapped > SWAP_MAX || !nr))
		ret = -EINVAL;
	return ret;
}

/* The page of a slot, up to date, referenced; NULL: a hole; ERR_PTR */
static struct page *get_page_at(struct address_space *mapping, unsigned long index)
{
	struct page *head = pp_find_get_page(mapping, index);

	if (head && PageUptodate(head))
		return head;
	if (!head && !(mapping->a_ops->absent && mapping->a_ops->absent(mapping, index)))
		return NULL;
	if (head)
		pp_unref(head);
	return pp_read_cache_page(mapping, index, NULL);
}

/* the end of what take_page() did */
static void release_page(struct page *head)
{
	pp_unlock_page(head);
	pp_lru_putback(head);
	pp_unref(head);
}

/* locked by bit, for the held set has no room for so many */
static int take_page(struct collapse *c, struct page *head)
{
	if (!pp_trylock_page(head))
		return -EAGAIN;
	pp_lock_handover(&head->flags);
	if (page_file_mapping(head) != c->mapping) {
		pp_unlock_page(head);
		return -EINVAL;
	}
	if (!pp_lru_isolate_page(head)) {
		pp_unlock_page(head);
		return -EAGAIN;
	}
	if (pp_page_mapped(head))
		pp_rmap->unmap_page(head);
	return 0;
}

/* c->old; 0 or as pp_collapse_folio() */
static int take_pages(struct collapse *c)
{
	unsigned long i;
	int ret = 0;

	for (i = 0; i < HPAGE_PMD_NR && !ret; i++) {
		struct page *head = get_page_at(c->mapping, c->first + i);

		if (IS_ERR(head))
			return -EINVAL;
		c->holes += !head;
		if (!head)
			continue;
		ret = PageHead(head) ? look_at(head, c->first) : take_page(c, head);
		if (ret)
			pp_unref(head);
		else
			c->old[i] = head;
	}
	if (!ret && c->holes == HPAGE_PMD_NR)
		ret = -EINVAL;
	return ret;
}

static void release_pages(const struct collapse *c)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (c->old[i])
			release_page(c->old[i]);
}

/* The next five: i_pages_lock held. Is each slot as it was taken? */
static bool slots_unchanged(const struct collapse *c)
{
	unsigned long i, at = c->first, last = c->first + HPAGE_PMD_NR - 1;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (pp_xa_load(&c->mapping->i_pages, c->first + i) != c->old[i])
			return false;
	return !pp_xa_find(&c->mapping->swapped, &at, last, PP_XA_PRESENT);
}

static bool reserve_holes(const struct collapse *c)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (pp_xa_reserve(&c->mapping->i_pages, c->first + i))
			return false;
	return true;
}

static void release_holes(const struct collapse *c)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		pp_xa_release(&c->mapping->i_pages, c->first + i);
}

/* each has three references: the cache's, the isolation's, ours */
static bool freeze_pages(const struct collapse *c)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (c->old[i] && !pp_ref_freeze(c->old[i], 3))
			break;
	if (i == HPAGE_PMD_NR)
		return true;
	while (i--)
		if (c->old[i])
			pp_ref_unfreeze(c->old[i], 3);
	return false;
}

static void copy_pages(const struct collapse *c)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		void *to = page_address(c->new + i);

		if (c->old[i])
			pp_copy_bytes(to, page_address(c->old[i]), PAGE_SIZE);
		else
			memset(to, 0, PAGE_SIZE);
	}
}

static void leave(struct address_space *mapping, struct page *old)
{
	pp_emit(CACHE_REMOVE, .page = old, .nr = 1, .mapping = mapping,
		.index = old->index);
	WRITE_ONCE(old->mapping, NULL);
	(void)TestClearPageDirty(old);
	pp_ref_unfreeze(old, 2);
}

static void enter(const struct collapse *c)
{
	struct address_space *mapping = c->mapping;
	unsigned long i;

	WRITE_ONCE(c->new->index, c->first);
	WRITE_ONCE(c->new->mapping, mapping);
	/* a full barrier: the bytes before the flag, MB uptodate (C) */
	TestSetPageUptodate(c->new);
	atomic_add(HPAGE_PMD_NR, &c->new->_refcount);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		pp_xa_store(&mapping->i_pages, c->first + i, c->new);
		if (c->old[i])
			leave(mapping, c->old[i]);
	}
	WRITE_ONCE(mapping->nrpages, mapping->nrpages + (unsigned long)c->holes);
}

/* all at once; 0, -EAGAIN, -ENOMEM */
static int replace(const struct collapse *c)
{
	int ret = -EAGAIN;

	pinpage_spin_lock(&c->mapping->i_pages_lock);
	if (!slots_unchanged(c))
		goto out_unlock;
	if (!reserve_holes(c))
		ret = -ENOMEM;
	else if (freeze_pages(c))
		ret = 0;
	if (ret) {
		release_holes(c);
		goto out_unlock;
	}
	copy_pages(c);
	enter(c);
out_unlock:
	pinpage_spin_unlock(&c->mapping->i_pages_lock);
	return ret;
}

static bool charge(struct address_space *mapping, long pages)
{
	return !mapping->a_ops->charge || mapping->a_ops->charge(mapping, pages);
}

static int collapse(struct collapse *c)
{
	int ret = take_pages(c);

	if (!ret && !charge(c->mapping, c->holes))
		ret = -EINVAL;
	if (ret)
		return ret;
	pp_emit(YIELD, .page = c->new, .mapping = c->mapping, .index = c->first,
		.name = "collapse-file");
	ret = replace(c);
	if (ret)
		charge(c->mapping, -c->holes);
	return ret;
}

static void announce(struct collapse *c)
{
	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, c->holes);
	pp_stat_add(PINPAGE_STAT_NR_SHMEM_THPS, 1);
	pp_lru_add(c->new);
	pp_set_page_dirty(c->new);
	pp_emit(CACHE_ADD, .page = c->new, .nr = HPAGE_PMD_NR, .mapping = c->mapping,
		.index = c->first);
}

static struct page *new_folio(void)
{
	struct page *new = pp_alloc_pages(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_COMP,
					  HPAGE_PMD_ORDER);

	pp_stat_add(new ? PINPAGE_STAT_THP_COLLAPSE_ALLOC :
			  PINPAGE_STAT_THP_COLLAPSE_ALLOC_FAILED, 1);
	return new;
}

/**
 * pp_collapse_folio() - make one folio of 512 pages, or holes, of a file
 * @mapping: its a_ops are large
 * @first:   index of the first, a multiple of 512
 *
 * Who mapped the pages faults them in again.
 *
 * Context: process; sleeps. Locking: no page lock; mmap_lock not held.
 * Return:  0: done; 1: there is a huge folio; -EAGAIN: a page is in use;
 *          -ENOMEM; -EINVAL: nothing is there, or it cannot be.
 * Mirrors: mm/khugepaged.c:collapse_file()
 */
int pp_collapse_folio(struct address_space *mapping, unsigned long first)
{
	struct collapse c = { .mapping = mapping, .first = first };
	int ret = -ENOMEM;

	c.old = pp_zalloc(HPAGE_PMD_NR * sizeof(*c.old));
	c.new = new_folio();
	if (!c.old || !c.new)
		goto out_free;
	pp_lock_page(c.new);
	pp_lock_handover(&c.new->flags);	/* others are locked meanwhile */
	ret = collapse(&c);
	if (!ret)
		announce(&c);
	pp_unlock_page(c.new);
	release_pages(&c);
out_free:
	if (c.new)
		pp_unref(c.new);
	pp_free(c.old);
	return ret;
}
