// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * large.c - folios of more than one page in the page cache
 *
 * I1. Every index that a folio covers has its head in i_pages: a lookup finds
 *     the head, the page is head + (index - head->index). The cache has one
 *     reference for each page, so that a split has them to hand on.
 * I2. Only files without writeback (a_ops->dirty_tracked is not set) have such
 *     folios: nothing is tagged.
 * Mirrors: mm/filemap.c, mm/huge_memory.c:__split_huge_page() 6.1; differs:
 * one slot a page instead of multi-index entries.
 */
#include "pagecache/internal.h"

/* pages of a split folio that lie behind the end leave; i_pages_lock held */
static unsigned long pages_inside(const struct address_space *mapping,
				  const struct page *head, unsigned long nr)
{
	uint64_t size = (uint64_t)i_size_read(mapping->host);
	unsigned long end = DIV_ROUND_UP(size, PAGE_SIZE);

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
	pp_folio_scatter(head, 2, list);
	for (i = inside; i < nr; i++)
		drop_behind_end(mapping, head + i);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	for (i = inside; i < nr; i++)
		pp_unref(head + i);
	return true;
}
