// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * truncate.c - file ranges cease to exist, whoever still holds their pages
 *
 * I1. Pins and references are not looked at: a page that is held becomes an
 *     orphan (mapping NULL, clean, its count exactly what its holders have).
 * I2. i_size shrinks before the pages go, and grows after the storage did.
 * I3. No fault brings a page of the range back meanwhile: ftruncate and
 *     fallocate hold invalidate_lock for write.
 */
#include "pagecache/internal.h"
#include "pagecache/seals.h"

/**
 * pp_unmap_range() - no PTE of any process maps these pages any more
 * @start:     first page
 * @nr:        pages
 * @even_cows: private copies go, too: the file ends before them
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Mirrors: mm/memory.c:unmap_mapping_pages()
 */
void pp_unmap_range(struct address_space *mapping, unsigned long start,
		    unsigned long nr, bool even_cows)
{
	if (nr)
		pp_rmap->unmap_mapping(mapping, start, nr, even_cows);
}

/* Locked, no writeback: forget it. Drops the cache's reference. */
static void drop_page(struct page *head)
{
	struct address_space *mapping = head->mapping;

	if (pp_page_mapped(head))
		pp_rmap->unmap_page(head);
	if (PagePrivate(head) && mapping->a_ops->invalidate_page)
		mapping->a_ops->invalidate_page(head, 0, PAGE_SIZE);
	pp_cancel_dirty(head);
	pp_delete_from_page_cache(head);
}

/*
 * Every page in [first, last] leaves the cache, but for large folios that are
 * in it in part. With @say each is announced by
 * INVALIDATE: it is dropped from memory, its bytes are not given up.
 */
static void drop_pages(struct address_space *mapping, unsigned long first,
		       unsigned long last, bool say)
{
	unsigned long index = first;
	struct page *head;

	while ((head = pp_find_tagged(mapping, &index, last, PP_XA_PRESENT))) {
		unsigned long next = index + 1;

		pp_lock_page(head);
		if (page_file_mapping(head) == mapping)
			next = pp_next_index(head);
		if (page_file_mapping(head) == mapping && head->index >= first &&
		    next - 1 <= last) {
			pp_wait_writeback(head);
			if (say)
				pp_emit(INVALIDATE, .page = head, .nr = next - index,
					.mapping = mapping, .index = index);
			drop_page(head);
		}
		pp_unlock_page(head);
		pp_unref(head);
		if (next - 1 >= last)
			break;
		index = next;
		pinpage_cond_resched();
	}
}

/**
 * pp_empty_mapping() - the inode leaves memory: its pages go
 *
 * Context: process; sleeps. Locking: nobody else uses the inode.
 * Mirrors: mm/truncate.c:truncate_inode_pages_final()
 */
void pp_empty_mapping(struct address_space *mapping)
{
	drop_pages(mapping, 0, ~0ul, mapping->host->nlink != 0);
	if (mapping->a_ops->drop_absent)
		mapping->a_ops->drop_absent(mapping, 0, ~0ul);
}

/* Bytes [from, to) of one page become zero, if it is cached. */
static void zero_part(struct address_space *mapping, unsigned long index,
		      unsigned int from, unsigned int to)
{
	struct page *head = pp_find_lock_page(mapping, index);

	if (!head && mapping->a_ops->absent && mapping->a_ops->absent(mapping, index)) {
		head = pp_read_cache_page(mapping, index, NULL);
		if (IS_ERR(head))
			return;
		pp_lock_page(head);
	}
	if (!head)
		return;
	if (PageHead(head))
		goto out_unlock;	/* pp_truncate_folio() was here */
	pp_wait_writeback(head);
	if (PageUptodate(head)) {
		memset((char *)page_address(head) + from, 0, to - from);
		pp_emit(TRUNCATE, .page = head, .nr = 1, .mapping = mapping,
			.index = index, .arg = from, .len = to - from);
	}
	if (PagePrivate(head) && mapping->a_ops->invalidate_page)
		mapping->a_ops->invalidate_page(head, from, to - from);
out_unlock:
	pp_unlock_page(head);
	pp_unref(head);
}

/* large folios that the range cuts */
static void cut_folios(struct address_space *mapping, loff_pp start, loff_pp end)
{
	unsigned long first = (unsigned long)start >> PAGE_SHIFT;
	unsigned long last = (unsigned long)(end - 1) >> PAGE_SHIFT;

	if (!mapping->a_ops->large || end <= start || !READ_ONCE(mapping->nrpages))
		return;
	first = pp_truncate_folio(mapping, first, start, end);
	if (last >= first && end != PP_LOFF_MAX)
		pp_truncate_folio(mapping, last, start, end);
}

/**
 * pp_truncate_range() - remove bytes [start, end) from the cache
 * @inode: its i_size is not touched here
 * @start: first byte
 * @end:   byte behind the last; INT64_MAX: everything from @start on
 *
 * Whole pages are unmapped and removed, partial ones zeroed in the range, and so
 * is the part of a large folio that cannot be split, since somebody holds it. A
 * hole leaves private copies to their owners; a new end of file takes them,
 * once more at last: a private write fault that locked its page before the
 * size shrank may have put a copy there after the first time.
 * One TRUNCATE event for the range comes first (page NULL), one for each
 * page that is zeroed in part follows.
 *
 * Context: process; sleeps. Locking: caller holds i_rwsem and
 *          invalidate_lock for write, or is the inode's only user.
 * Mirrors: mm/truncate.c:truncate_pagecache(), truncate_pagecache_range()
 */
void pp_truncate_range(struct inode *inode, loff_pp start, loff_pp end)
{
	struct address_space *mapping = &inode->i_data;
	bool to_eof = end == PP_LOFF_MAX;
	unsigned long first = DIV_ROUND_UP((uint64_t)start, PAGE_SIZE);
	unsigned long behind = to_eof ? PP_INDEX_MAX + 1 :
		(unsigned long)end >> PAGE_SHIFT;
	unsigned int head = (unsigned long)start & ~PAGE_MASK;
	unsigned int tail = to_eof ? 0 : (unsigned long)end & ~PAGE_MASK;

	pp_emit(TRUNCATE, .mapping = mapping,
		.index = (unsigned long)start >> PAGE_SHIFT,
		.nr = behind > first ? behind - first : 0, .arg = head,
		.len = (unsigned long)(end - start));
	if (behind > first)
		pp_unmap_range(mapping, first, behind - first, to_eof);
	cut_folios(mapping, start, end);
	if (head && first > behind) {
		zero_part(mapping, behind, head, tail);
		return;
	}
	if (head)
		zero_part(mapping, first - 1, head, PAGE_SIZE);
	if (tail)
		zero_part(mapping, behind, 0, tail);
	if (behind > first && READ_ONCE(mapping->nrpages))
		drop_pages(mapping, first, behind - 1, false);
	if (behind > first && mapping->a_ops->drop_absent)
		mapping->a_ops->drop_absent(mapping, first, behind - 1);
	if (to_eof)
		pp_unmap_range(mapping, first, behind - first, true);
}

/**
 * pp_set_size() - change the size of a file
 * @length: new size in bytes, 0 to s_maxbytes
 *
 * Context: process; sleeps. Locking: i_rwsem held for write.
 * Return:  0, -EPERM (sealed), -EINVAL (set before, for good; between
 *          huge pages), -ERESTARTSYS
 *          (a signal came before a DAX page was idle), or what the model's
 *          set_size() gave (-ENOSPC, -EIO); the cache has shrunk even so
 * Mirrors: fs/attr.c:notify_change(), mm/truncate.c:truncate_setsize()
 */
int pp_set_size(struct inode *inode, loff_pp length)
{
	struct address_space *mapping = &inode->i_data;
	loff_pp old = i_size_read(inode);
	int ret = pp_seals_resize(inode, length);

	pp_assert_held(&inode->i_rwsem);
	if (ret)
		return ret;
	if (old && mapping->a_ops->fixed_size)
		return -EINVAL;
	if (mapping->a_ops->huge && length & (loff_pp)(HPAGE_PMD_SIZE - 1))
		return -EINVAL;
	pinpage_down_write(&mapping->invalidate_lock);
	ret = pp_break_layout(inode);
	if (ret)
		goto out_unlock;
	if (length < old) {
		pp_i_size_write(inode, length);
		pp_truncate_range(inode, length, PP_LOFF_MAX);
	}
	if (mapping->a_ops->set_size)
		ret = mapping->a_ops->set_size(inode, length);
	if (!ret && length > old)
		pp_i_size_write(inode, length);
out_unlock:
	pinpage_up_write(&mapping->invalidate_lock);
	return ret;
}

/* See the header. Mirrors: fs/open.c:do_sys_ftruncate() */
int pinpage_ftruncate(struct file *file, pinpage_loff_t length)
{
	struct inode *inode;
	int ret;

	if (!pp_file_ok(file) || length < 0 || !file->can_write ||
	    !pinpage_might_sleep())
		return -EINVAL;
	inode = file->f_inode;
	if (length > inode->i_sb->s_maxbytes)
		return -EFBIG;
	pinpage_down_write(&inode->i_rwsem);
	ret = pp_set_size(inode, length);
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}
