// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * large.c - folios of more than one page in the page cache
 *
 * I1. Every index that a folio covers has its head in i_pages: a lookup finds
 *     the head, the page is head + (index - head->index). The cache has one
 *     reference for each page, so that a split has them to hand on.
 * I2. Only files without writeback (a_ops->dirty_tracked is not set) have such
 *     folios: nothing is tagged.
 * I3. A folio enters the index where nothing was, all of it in one hold of
 *     i_pages_lock; its first index is a multiple of its size.
 * I4. A folio that somebody else refers to, be it by a pin or by a plain
 *     reference, is not split: who wanted a part of it gone has zeroed that.
 * Mirrors: mm/filemap.c, mm/huge_memory.c:__split_huge_page(),
 * mm/truncate.c:truncate_inode_partial_folio() 6.1; differs: one slot a page
 * instead of multi-index entries.
 */
#include "pagecache/internal.h"

/* i_pages_lock held: is something in [first, first + nr), in swap included? */
static bool range_used(const struct address_space *mapping, unsigned long first,
		       unsigned long nr)
{
	unsigned long at = first, last = first + nr - 1;

	if (pp_xa_find(&mapping->i_pages, &at, last, PP_XA_PRESENT))
		return true;
	at = first;
	return pp_xa_find(&mapping->swapped, &at, last, PP_XA_PRESENT);
}

/* i_pages_lock held: slots for all of it, or none. 0, -ENOMEM */
static int reserve_slots(struct address_space *mapping, unsigned long first,
			 unsigned long nr)
{
	unsigned long i;
	int err = 0;

	for (i = 0; i < nr && !err; i++)
		err = pp_xa_reserve(&mapping->i_pages, first + i);
	while (err && i--)
		pp_xa_release(&mapping->i_pages, first + i);
	return err;
}

/* locked @head, which nobody knows, takes its place. 0, -EEXIST, -ENOMEM */
static int insert(struct address_space *mapping, struct page *head,
		  unsigned long first)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);
	int err = -EEXIST;

	pinpage_spin_lock(&mapping->i_pages_lock);
	if (!range_used(mapping, first, nr))
		err = reserve_slots(mapping, first, nr);
	if (!err) {
		WRITE_ONCE(head->index, first);
		WRITE_ONCE(head->mapping, mapping);
		atomic_add((int)nr, &head->_refcount);
		for (i = 0; i < nr; i++)
			pp_xa_store(&mapping->i_pages, first + i, head);
		WRITE_ONCE(mapping->nrpages, mapping->nrpages + nr);
	}
	pinpage_spin_unlock(&mapping->i_pages_lock);
	return err;
}

static bool charge(struct address_space *mapping, long pages)
{
	return !mapping->a_ops->charge || mapping->a_ops->charge(mapping, pages);
}

static void announce(struct address_space *mapping, struct page *head)
{
	unsigned long nr = folio_nr_pages((struct folio *)head);

	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, (long)nr);
	pp_stat_add(PINPAGE_STAT_NR_SHMEM_THPS, 1);
	pp_stat_add(PINPAGE_STAT_THP_FILE_ALLOC, 1);
	pp_lru_add(head);
	pp_emit(CACHE_ADD, .page = head, .nr = nr, .mapping = mapping,
		.index = head->index);
}

/**
 * pp_create_folio() - a new huge folio around an index
 * @mapping: its a_ops are large
 * @index:   any of those that it will cover
 *
 * Context: process; does not reclaim. Locking: no page lock held.
 * Return:  the head, locked, not uptodate, with a silent reference; NULL: no
 *          room, no memory, or a page is in the way: small pages have to do.
 * Mirrors: mm/shmem.c:shmem_alloc_and_acct_folio(), shmem_add_to_page_cache()
 */
struct page *pp_create_folio(struct address_space *mapping, unsigned long index)
{
	struct page *head = NULL;

	if (!charge(mapping, HPAGE_PMD_NR))
		return NULL;
	head = pp_alloc_pages(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_ATOMIC |
			      PINPAGE_GFP_COMP, HPAGE_PMD_ORDER);
	if (!head)
		goto out_uncharge;
	pp_lock_page(head);
	if (!insert(mapping, head, round_down(index, (unsigned long)HPAGE_PMD_NR))) {
		announce(mapping, head);
		return head;
	}
	pp_unlock_page(head);
	pp_unref(head);
out_uncharge:
	charge(mapping, -(long)HPAGE_PMD_NR);
	return NULL;
}

/**
 * pp_erase_folio() - the slots of a folio become empty
 * @head: locked, in the cache; the caller owns the cache's references then
 *
 * Context: any. Locking: page lock and i_pages_lock held.
 * Mirrors: mm/filemap.c:page_cache_delete()
 */
void pp_erase_folio(struct address_space *mapping, struct page *head)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);

	for (i = 0; i < nr; i++)
		pp_xa_erase(&mapping->i_pages, head->index + i);
	WRITE_ONCE(mapping->nrpages, mapping->nrpages - nr);
	WRITE_ONCE(head->mapping, NULL);
	charge(mapping, -(long)nr);
	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, -(long)nr);
	pp_stat_add(PINPAGE_STAT_NR_SHMEM_THPS, -1);
}

/* splitting */

/* pages of a split folio that lie behind the end leave */
static unsigned long pages_inside(struct address_space *mapping,
				  const struct page *head, unsigned long nr)
{
	uint64_t size = (uint64_t)i_size_read(mapping->host);
	unsigned long end = DIV_ROUND_UP(size, PAGE_SIZE);

	if (mapping->a_ops->end)
		end = max(end, mapping->a_ops->end(mapping));
	if (end <= head->index)
		return 0;
	return min(end - head->index, nr);
}

/* i_pages_lock held; the cache's reference is the caller's now */
static void drop_behind_end(struct address_space *mapping, struct page *page)
{
	pp_emit(CACHE_REMOVE, .page = page, .nr = 1, .mapping = mapping,
		.index = page->index);
	pp_xa_erase(&mapping->i_pages, page->index);
	WRITE_ONCE(mapping->nrpages, mapping->nrpages - 1);
	ClearPageDirty(page);
	WRITE_ONCE(page->mapping, NULL);
	charge(mapping, -1);
	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, -1);
}

/**
 * pp_cache_split() - split a folio of a file, if only the cache and the caller
 * refer to it
 * @mapping: of the folio
 * @head:    locked, unmapped
 * @list:    as pp_folio_scatter()
 *
 * Pages behind the end of the file leave the cache.
 *
 * Context: process. Locking: page lock held; takes i_pages_lock.
 * Return:  true: it was split; each page is locked and has one reference of
 *          the caller's.
 * Mirrors: mm/huge_memory.c:split_huge_page_to_list()
 */
bool pp_cache_split(struct address_space *mapping, struct page *head,
		    struct list_head *list)
{
	unsigned long i, inside, nr = folio_nr_pages((struct folio *)head);

	pinpage_spin_lock(&mapping->i_pages_lock);
	if (head->mapping != mapping || !pp_ref_freeze(head, (int)nr + 1)) {
		pinpage_spin_unlock(&mapping->i_pages_lock);
		return false;
	}
	inside = pages_inside(mapping, head, nr);
	for (i = 1; i < nr; i++)
		pp_xa_store(&mapping->i_pages, head->index + i, head + i);
	pp_stat_add(PINPAGE_STAT_NR_SHMEM_THPS, -1);
	pp_folio_scatter(head, 2, list);
	for (i = inside; i < nr; i++)
		drop_behind_end(mapping, head + i);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	for (i = inside; i < nr; i++)
		pp_unref(head + i);
	return true;
}

/* truncation */

/* bytes [from, to) of the folio become zero */
static void zero_bytes(struct page *head, size_t from, size_t to)
{
	if (!PageUptodate(head))
		return;
	memset((char *)page_address(head) + from, 0, to - from);
	pp_emit(TRUNCATE, .page = head, .nr = folio_nr_pages((struct folio *)head),
		.mapping = head->mapping, .index = head->index, .arg = (long)from,
		.len = to - from);
}

/**
 * pp_truncate_folio() - a range that goes ends inside a large folio
 * @index: where one end of the range is
 * @start, @end: bytes, @end exclusive, PP_LOFF_MAX: to the end
 *
 * The part that goes is zeroed, then the folio is split, so that the pages of
 * the part can leave. A folio that somebody refers to stays whole, and in the
 * file. Small pages and folios that go as a whole: nothing.
 *
 * Context: process; sleeps. Locking: as pp_truncate_range().
 * Return:  the index behind what was looked at.
 * Mirrors: mm/truncate.c:truncate_inode_partial_folio()
 */
unsigned long pp_truncate_folio(struct address_space *mapping, unsigned long index,
				loff_pp start, loff_pp end)
{
	struct page *head = pp_find_lock_page(mapping, index);
	unsigned long next;
	loff_pp pos, behind;

	if (!head)
		return index + 1;
	pos = (loff_pp)head->index << PAGE_SHIFT;
	next = pp_next_index(head);
	behind = (loff_pp)next << PAGE_SHIFT;
	if (PageHead(head) && (start > pos || end < behind)) {
		pp_set_page_dirty(head);
		zero_bytes(head, (size_t)(max(start, pos) - pos),
			   (size_t)(min(end, behind) - pos));
		(void)pp_rmap->split(head);
	}
	pp_unlock_page(head);
	pp_unref(head);
	return next;
}
