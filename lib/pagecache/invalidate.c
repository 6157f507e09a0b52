// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * invalidate.c - drop cached pages: the polite form and the other one
 *
 * invalidate_mapping_pages() and drop_caches leave every page alone that
 * somebody uses. invalidate_inode_pages2() is for direct I/O: the cache must
 * not stay stale, so references (pins included) do not count; only a page
 * that is dirty or whose private data cannot be released stays.
 */
#include "pagecache/internal.h"

/* where to go on after @head, found at @index */
static unsigned long next_of(const struct address_space *mapping,
			     const struct page *head, unsigned long index)
{
	return page_file_mapping(head) == mapping ? pp_next_index(head) : index + 1;
}

/* Locked page: gone if unused. Mirrors: mm/truncate.c:mapping_evict_folio() */
static bool invalidate_one(struct address_space *mapping, struct page *head)
{
	if (PageDirty(head) || PageWriteback(head) || pp_page_mapped(head) ||
	    page_ref_count(head) > 1 + (int)folio_nr_pages((struct folio *)head) +
				   PagePrivate(head))
		return false;
	if (PagePrivate(head) && mapping->a_ops->release_page &&
	    !mapping->a_ops->release_page(head))
		return false;
	return pp_remove_mapping_as(mapping, head, false);
}

/**
 * pp_invalidate_mapping() - drop unused clean pages of [start, end]
 *
 * Context: process; does not wait for page locks. Locking: none needed.
 * Return:  pages dropped
 * Mirrors: mm/truncate.c:invalidate_mapping_pages()
 */
unsigned long pp_invalidate_mapping(struct address_space *mapping,
				    unsigned long start, unsigned long end)
{
	unsigned long index = start, nr = 0;
	struct page *head;

	while ((head = pp_find_tagged(mapping, &index, end, PP_XA_PRESENT))) {
		unsigned long next = next_of(mapping, head, index);

		if (pp_trylock_page(head)) {
			if (page_file_mapping(head) == mapping &&
			    invalidate_one(mapping, head))
				nr += next - index;
			pp_unlock_page(head);
		}
		pp_unref(head);
		index = next;
		if (index - 1 >= end)
			break;
		pinpage_cond_resched();
	}
	return nr;
}

/*
 * Locked, unmapped, not under writeback: out, whoever holds it. False: dirty,
 * or private data stays.
 * Mirrors: mm/truncate.c:invalidate_complete_folio2()
 */
static bool invalidate_hard(struct address_space *mapping, struct page *head)
{
	if (PagePrivate(head) && mapping->a_ops->release_page &&
	    !mapping->a_ops->release_page(head))
		return false;
	if (PageDirty(head))
		return false;
	pp_emit(INVALIDATE, .page = head, .nr = 1, .mapping = mapping,
		.index = head->index);
	pp_delete_from_page_cache(head);
	return true;
}

/**
 * pp_invalidate_pages2() - drop the pages of [start, end] even if referenced
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  0, or -EBUSY: at least one page stayed (dirty, private data)
 * Mirrors: mm/truncate.c:invalidate_inode_pages2_range()
 */
int pp_invalidate_pages2(struct address_space *mapping, unsigned long start,
			 unsigned long end)
{
	unsigned long index = start;
	struct page *head;
	int ret = 0;

	if (!READ_ONCE(mapping->nrpages))
		return 0;
	while ((head = pp_find_tagged(mapping, &index, end, PP_XA_PRESENT))) {
		unsigned long next = next_of(mapping, head, index);

		pp_lock_page(head);
		if (page_file_mapping(head) == mapping) {
			pp_wait_writeback(head);
			if (pp_page_mapped(head))
				pp_rmap->unmap_page(head);
			if (!invalidate_hard(mapping, head))
				ret = -EBUSY;
		}
		pp_unlock_page(head);
		pp_unref(head);
		index = next;
		if (index - 1 >= end)
			break;
		pinpage_cond_resched();
	}
	return ret;
}

static long drop_inode(struct inode *inode, void *arg)
{
	(void)arg;
	pp_invalidate_mapping(&inode->i_data, 0, ~0ul);
	return 0;
}

static long drop_sb(struct super_block *sb, void *arg)
{
	return pp_for_each_inode(sb, drop_inode, arg);
}

/* -- public, see the header -- */

void pinpage_drop_caches(void)
{
	if (pp_ready() && pinpage_might_sleep())
		pp_for_each_sb(NULL, true, drop_sb, NULL);
}

unsigned long pinpage_invalidate_mapping_pages(struct address_space *mapping,
					       unsigned long start,
					       unsigned long end)
{
	if (!pp_mapping_ok(mapping) || start > end || !pinpage_might_sleep())
		return 0;
	return pp_invalidate_mapping(mapping, start, end);
}

int pinpage_invalidate_inode_pages2_range(struct address_space *mapping,
					  unsigned long start,
					  unsigned long end)
{
	if (!pp_mapping_ok(mapping) || start > end || !pinpage_might_sleep())
		return -EINVAL;
	return pp_invalidate_pages2(mapping, start, end);
}

unsigned long pinpage_mapping_nrpages(const struct address_space *mapping)
{
	return pp_mapping_ok(mapping) ? READ_ONCE(mapping->nrpages) : 0;
}
