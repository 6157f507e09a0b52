// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * writeback.c - dirty pages of one file go to storage
 *
 * WB_SYNC_NONE cleans what is easy: locked pages and pages under writeback
 * are passed over. WB_SYNC_ALL gives a guarantee: every page that was dirty at
 * the start is written, whatever has to be waited for.
 *
 * I1. An integrity walk ends: pages to write are tagged TOWRITE at the start,
 *     and the walk visits tagged pages only, in rising order. A page that is
 *     dirtied again, or stays dirty, is not found twice. The tag goes when
 *     writeback starts, except for a snapshot: another walk may have set it
 *     after the snapshot was taken, for bytes that are not in it. It is left
 *     to that walk, or as a left-over to the next.
 * I2. WB_START is emitted with the page locked and its bytes (or their
 *     snapshot) at .addr, before the model sees them; WB_END follows.
 * I3. An error of a page is recorded in the mapping before its writeback ends.
 *     Want of memory is none: the page is dirty again.
 */
#include "pagecache/internal.h"

#define TAG_BATCH 4096u
#define NOMEM_TRIES 16

/**
 * pp_set_page_writeback() - the model has taken the page for I/O
 * @head:         locked, in the cache
 * @keep_towrite: leave the TOWRITE tag (the page was written in part); it is
 *                left in any case if a snapshot of the page is being written
 *
 * Context: process. Locking: page lock held.
 * Mirrors: mm/page-writeback.c:__folio_start_writeback()
 */
void pp_set_page_writeback(struct page *head, bool keep_towrite)
{
	struct address_space *mapping = head->mapping;

	pp_assert_held(&head->flags);
	if (TestSetPageWriteback(head))
		pp_bug("pfn %#lx: writeback started twice", page_to_pfn(head));
	keep_towrite |= pp_bounced(head);
	pinpage_spin_lock(&mapping->i_pages_lock);
	pp_xa_set_mark(&mapping->i_pages, head->index, PP_TAG_WRITEBACK);
	if (!PageDirty(head))
		pp_xa_clear_mark(&mapping->i_pages, head->index, PP_TAG_DIRTY);
	if (!keep_towrite)
		pp_xa_clear_mark(&mapping->i_pages, head->index,
				 PP_TAG_TOWRITE);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	atomic_long_inc(&pp_nr_writeback);
	pp_stat_add(PINPAGE_STAT_NR_WRITEBACK, 1);
}

/**
 * pp_end_page_writeback() - the I/O of a page has ended, well or not
 * @head: under writeback
 *
 * Neither page nor mapping may be touched by the model afterwards.
 *
 * Context: any. Locking: none needed.
 * Mirrors: mm/filemap.c:folio_end_writeback()
 */
void pp_end_page_writeback(struct page *head)
{
	struct address_space *mapping = head->mapping;
	unsigned long index = head->index;

	if (!PageWriteback(head))
		pp_bug("pfn %#lx: writeback ended twice", page_to_pfn(head));
	pp_ref(head);
	pp_bounce_end(head);
	pp_emit(WB_END, .page = head, .nr = 1, .mapping = mapping,
		.index = index);
	/*
	 * Under i_pages_lock, which pp_destroy_inode() takes once more: the
	 * inode stays until the flag is clear and the mapping left alone.
	 */
	pinpage_spin_lock(&mapping->i_pages_lock);
	pp_xa_clear_mark(&mapping->i_pages, index, PP_TAG_WRITEBACK);
	pp_end_writeback_flag(head);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	if (TestClearPageReclaim(head))
		pp_lru_rotate(head);
	atomic_long_dec(&pp_nr_writeback);
	pp_stat_add(PINPAGE_STAT_NR_WRITEBACK, -1);
	pp_stat_add(PINPAGE_STAT_NR_WRITTEN, 1);
	pp_unref(head);
}

/* See pagecache.h. Mirrors: mm/page-writeback.c:folio_wait_stable() */
void pp_wait_stable(struct page *head)
{
	struct address_space *mapping = page_file_mapping(head);

	if (mapping && mapping->host->i_sb->stable_writes)
		pp_wait_writeback(head);
}

/* Locked @head, just cleaned, goes to the model; unlocked on return. */
static int submit_page(struct page *head, struct writeback_control *wbc,
		       bool bounce)
{
	struct address_space *mapping = head->mapping;
	const void *data = page_address(head);
	int ret;

	if (bounce) {
		ret = pp_bounce_start(head, &data);
		if (ret) {
			pp_folio_tag_dirty(mapping, head);
			pp_unlock_page(head);
			return ret;
		}
	}
	pp_emit(WB_START, .page = head, .nr = 1, .mapping = mapping,
		.index = head->index, .addr = (unsigned long)data,
		.len = PAGE_SIZE,
		.flags = wbc->sync_mode == PINPAGE_WB_SYNC_ALL ?
			PINPAGE_EVF_SYNC_ALL : 0);
	ret = mapping->a_ops->write_page(head, wbc, data);
	if (!ret)
		wbc->pages_written++;
	else if (ret != -ENOMEM)
		pp_mapping_set_error(mapping, ret);
	pp_stat_add(PINPAGE_STAT_PGPGOUT, PAGE_SIZE >> 10);
	wbc->nr_to_write--;
	return ret;
}

/* A tagged page that turns out clean: its tags are left-overs. */
static void drop_stale_tags(struct address_space *mapping, struct page *head)
{
	pinpage_spin_lock(&mapping->i_pages_lock);
	if (head->mapping == mapping) {
		if (!PageDirty(head))
			pp_xa_clear_mark(&mapping->i_pages, head->index,
					 PP_TAG_DIRTY);
		pp_xa_clear_mark(&mapping->i_pages, head->index,
				 PP_TAG_TOWRITE);
	}
	pinpage_spin_unlock(&mapping->i_pages_lock);
}

/* One page found by a walk. 0, or the model's error. */
static int write_found(struct address_space *mapping, struct page *head,
		       struct writeback_control *wbc)
{
	bool all = wbc->sync_mode == PINPAGE_WB_SYNC_ALL;
	bool bounce = false;

	if (all)
		pp_lock_page(head);
	else if (!pp_trylock_page(head))
		return 0;
	if (page_file_mapping(head) != mapping)
		goto out_unlock;
	if (PageWriteback(head)) {
		if (!all)
			goto out_unlock;
		pp_wait_writeback(head);
	}
	if (!PageDirty(head)) {
		drop_stale_tags(mapping, head);
		goto out_unlock;
	}
	if (!pp_clear_page_dirty_for_io(head, wbc, &bounce))
		goto out_unlock;
	return submit_page(head, wbc, bounce);
out_unlock:
	pp_unlock_page(head);
	return 0;
}

/*
 * DIRTY becomes DIRTY and TOWRITE in [start, end].
 * Mirrors: mm/page-writeback.c:tag_pages_for_writeback()
 */
static void tag_for_writeback(struct address_space *mapping,
			      unsigned long start, unsigned long end)
{
	unsigned long index = start;
	unsigned int nr = 0;

	pinpage_spin_lock(&mapping->i_pages_lock);
	while (index <= end &&
	       pp_xa_find(&mapping->i_pages, &index, end, PP_TAG_DIRTY)) {
		pp_xa_set_mark(&mapping->i_pages, index, PP_TAG_TOWRITE);
		if (index++ == end)
			break;
		if (++nr % TAG_BATCH)
			continue;
		pinpage_spin_unlock(&mapping->i_pages_lock);
		pinpage_cond_resched();
		pinpage_spin_lock(&mapping->i_pages_lock);
	}
	pinpage_spin_unlock(&mapping->i_pages_lock);
}

/*
 * The inode is clean if no slot has the tag. If one has and this was a pass
 * over the machine, the inode is dirty since now: its turn comes again when
 * that has expired.
 */
static void requeue(struct address_space *mapping, bool restamp)
{
	uint64_t now = pinpage_ktime_get_ns() + 1;

	pinpage_spin_lock(&mapping->i_pages_lock);
	if (!pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY))
		WRITE_ONCE(mapping->dirtied_when, 0);
	else if (restamp)
		WRITE_ONCE(mapping->dirtied_when, now);
	pinpage_spin_unlock(&mapping->i_pages_lock);
}

static bool has_dirty_pages(struct address_space *mapping)
{
	bool dirty;

	pinpage_rcu_read_lock();
	dirty = pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY);
	pinpage_rcu_read_unlock();
	return dirty;
}

/* one walk: 0 or the first -errno */
static int write_tagged(struct address_space *mapping, struct writeback_control *wbc)
{
	unsigned long index = (unsigned long)wbc->range_start >> PAGE_SHIFT;
	unsigned long end = (unsigned long)wbc->range_end >> PAGE_SHIFT;
	bool all = wbc->sync_mode == PINPAGE_WB_SYNC_ALL;
	enum pp_xa_mark tag = all ? PP_TAG_TOWRITE : PP_TAG_DIRTY;
	struct page *head;
	int ret = 0;

	if (all)
		tag_for_writeback(mapping, index, end);
	while ((head = pp_find_tagged(mapping, &index, end, tag))) {
		int err = write_found(mapping, head, wbc);

		pp_unref(head);
		if (err && !ret)
			ret = err;
		if (!all && (err || wbc->nr_to_write <= 0))
			break;
		if (index++ == end)
			break;
		pinpage_cond_resched();
	}
	return ret;
}

/**
 * pp_write_cache_pages() - write the dirty pages of a range
 * @mapping: the file's mapping
 * @wbc:     mode, byte range, budget; counts are updated
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  0 or the first -errno; WB_SYNC_ALL goes on after an error,
 *          WB_SYNC_NONE stops. Errors are recorded in the mapping too, but
 *          -ENOMEM: what it names is dirty, and WB_SYNC_ALL has tried again.
 * Mirrors: mm/page-writeback.c:write_cache_pages(), do_writepages(); differs:
 *          WB_SYNC_NONE does not wait for page locks, WB_SYNC_ALL gives up
 */
int pp_write_cache_pages(struct address_space *mapping,
			 struct writeback_control *wbc)
{
	bool all = wbc->sync_mode == PINPAGE_WB_SYNC_ALL;
	int ret, tries = 0;

	if (!mapping->a_ops->dirty_tracked || !has_dirty_pages(mapping))
		return 0;
	do {
		ret = write_tagged(mapping, wbc);
	} while (ret == -ENOMEM && all && ++tries < NOMEM_TRIES);
	requeue(mapping, wbc->for_background);
	return ret;
}

/**
 * pp_filemap_write_range() - start writing bytes [start, end]
 * @end: inclusive
 *
 * As pp_write_cache_pages(), without a budget.
 * Mirrors: mm/filemap.c:__filemap_fdatawrite_range()
 */
int pp_filemap_write_range(struct address_space *mapping, loff_pp start,
			   loff_pp end, enum pinpage_sync_mode mode)
{
	struct writeback_control wbc = {
		.sync_mode = mode,
		.nr_to_write = LONG_MAX,
		.range_start = start,
		.range_end = end,
		.for_sync = mode == PINPAGE_WB_SYNC_ALL,
	};

	return pp_write_cache_pages(mapping, &wbc);
}

/**
 * pp_filemap_wait_range() - wait for the I/O of bytes [start, end]
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Mirrors: mm/filemap.c:__filemap_fdatawait_range()
 */
void pp_filemap_wait_range(struct address_space *mapping, loff_pp start,
			   loff_pp end)
{
	unsigned long index = (unsigned long)start >> PAGE_SHIFT;
	unsigned long last = (unsigned long)end >> PAGE_SHIFT;
	struct page *head;

	while ((head = pp_find_tagged(mapping, &index, last,
				      PP_TAG_WRITEBACK))) {
		pp_wait_writeback(head);
		pp_unref(head);
		if (index++ == last)
			break;
	}
}

/* Both of the above, and the flags. Mirrors: filemap_write_and_wait_range() */
int pp_filemap_write_and_wait_range(struct address_space *mapping,
				    loff_pp start, loff_pp end)
{
	int ret, err;

	if (!READ_ONCE(mapping->nrpages))
		return pp_filemap_check_errors(mapping);
	ret = pp_filemap_write_range(mapping, start, end, PINPAGE_WB_SYNC_ALL);
	pp_filemap_wait_range(mapping, start, end);
	err = pp_filemap_check_errors(mapping);
	return ret ? ret : err;
}

/**
 * pp_pageout() - reclaim wants a dirty page written; see pagecache.h
 *
 * Context: process; sleeps. Locking: page lock held; dropped unless -EBUSY.
 * Mirrors: mm/vmscan.c:pageout()
 */
int pp_pageout(struct page *head)
{
	struct address_space *mapping = page_file_mapping(head);
	struct writeback_control wbc = {
		.sync_mode = PINPAGE_WB_SYNC_NONE,
		.nr_to_write = 32,
		.range_end = PP_LOFF_MAX,
		.for_reclaim = true,
	};
	bool bounce = false;
	int ret;

	pp_assert_held(&head->flags);
	if (!mapping || !mapping->a_ops->dirty_tracked || PageWriteback(head))
		return -EBUSY;
	if (!pp_clear_page_dirty_for_io(head, &wbc, &bounce))
		return -EBUSY;
	SetPageReclaim(head);
	ret = submit_page(head, &wbc, bounce);
	return ret < 0 ? ret : 0;
}

/* -- public, see the header -- */

int pinpage_filemap_fdatawrite(struct address_space *mapping)
{
	if (!pp_mapping_ok(mapping) || !pinpage_might_sleep())
		return -EINVAL;
	return pp_filemap_write_range(mapping, 0, PP_LOFF_MAX,
				      PINPAGE_WB_SYNC_ALL);
}

int pinpage_filemap_flush(struct address_space *mapping)
{
	if (!pp_mapping_ok(mapping) || !pinpage_might_sleep())
		return -EINVAL;
	return pp_filemap_write_range(mapping, 0, PP_LOFF_MAX,
				      PINPAGE_WB_SYNC_NONE);
}

int pinpage_filemap_fdatawait(struct address_space *mapping)
{
	if (!pp_mapping_ok(mapping) || !pinpage_might_sleep())
		return -EINVAL;
	pp_filemap_wait_range(mapping, 0, PP_LOFF_MAX);
	return pp_filemap_check_errors(mapping);
}

int pinpage_filemap_write_and_wait(struct address_space *mapping)
{
	if (!pp_mapping_ok(mapping) || !pinpage_might_sleep())
		return -EINVAL;
	return pp_filemap_write_and_wait_range(mapping, 0, PP_LOFF_MAX);
}
