// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * filemap.c - finding, adding, reading and removing the pages of a file
 *
 * I1. A page in i_pages has mapping and index set and one reference that
 *     belongs to the cache; its mapping is NULL once it has left.
 * I2. A page enters and leaves under its page lock and i_pages_lock: either
 *     of them keeps page->mapping and i_pages as they are.
 * I3. A lookup takes its reference without a lock: load, get unless zero,
 *     load again. A page whose count is frozen at zero is on its way out (or
 *     stays, if the freezer changes its mind): the lookup tries again.
 *
 * Who excludes whom: adders and removers of one index by i_pages_lock;
 * readers of a page not uptodate by the page lock; faults against truncation
 * by invalidate_lock.
 */
#include "pagecache/internal.h"

/**
 * pp_page_lock_held() - does this task hold the page lock?
 *
 * Context: any. Locking: none.
 */
bool pp_page_lock_held(const struct page *head)
{
	return PageLocked(head) && pp_lock_held(&head->flags);
}

/* try-get and re-check of a page found in slot @index; see I3 */
static bool get_found(struct address_space *mapping, unsigned long index,
		      struct page *head)
{
	if (unlikely(!pp_ref_try_cached(head)))
		return false;
	/*
	 * MB cache-lookup (A): reference taken before the slot is read again.
	 * pp_ref_try_cached() is a full barrier; pairs with (B) in cache_erase()
	 * [count frozen or cache reference kept, then slot cleared]. Without
	 * it the reference may be to a frame that serves another file
	 * already. Test: pagecache/stress lookup_against_truncate.
	 */
	if (likely(pp_xa_load(&mapping->i_pages, index) == head))
		return true;
	pp_unref(head);
	return false;
}

/*
 * get_found() failed: come back when whoever freezes pages is done. He holds
 * i_pages_lock; a mere yield may be given back at once, for ever.
 */
static void wait_unfrozen(struct address_space *mapping)
{
	pinpage_spin_lock(&mapping->i_pages_lock);
	pinpage_spin_unlock(&mapping->i_pages_lock);
}

/**
 * pp_find_get_page() - look a page up
 * @mapping: a file's mapping, kept alive by the caller
 * @index:   offset in pages
 *
 * Context: any but hard atomic. Locking: none needed; i_pages_lock and what
 *          ranks behind it must not be held.
 * Order:   MB cache-lookup (A).
 * Return:  the page with a silent reference (pp_unref()), or NULL
 * Mirrors: mm/filemap.c:filemap_get_entry()
 */
struct page *pp_find_get_page(struct address_space *mapping,
			      unsigned long index)
{
	struct page *head;

	for (;;) {
		bool got;

		pinpage_rcu_read_lock();
		head = pp_xa_load(&mapping->i_pages, index);
		got = !head || get_found(mapping, index, head);
		pinpage_rcu_read_unlock();
		if (likely(got))
			return head;
		wait_unfrozen(mapping);
	}
}

/**
 * pp_find_tagged() - the first page with a tag at or after an index
 * @index: in: where to start; out: where the page is
 * @end:   last index
 * @tag:   PP_TAG_*, or PP_XA_PRESENT
 *
 * As pp_find_get_page(), except: the tag is a hint, test again under the lock.
 * Mirrors: mm/filemap.c:find_get_entry()
 */
struct page *pp_find_tagged(struct address_space *mapping, unsigned long *index,
			    unsigned long end, enum pp_xa_mark tag)
{
	for (;;) {
		struct page *head;
		bool got;

		if (*index > end)
			return NULL;
		pinpage_rcu_read_lock();
		head = pp_xa_find(&mapping->i_pages, index, end, tag);
		got = !head || get_found(mapping, *index, head);
		pinpage_rcu_read_unlock();
		if (likely(got))
			return head;
		wait_unfrozen(mapping);
	}
}

/**
 * pp_find_lock_page() - look a page up and lock it
 *
 * As pp_find_get_page(), except: sleeps; the page is locked and in the cache.
 * Mirrors: mm/filemap.c:find_lock_page()
 */
struct page *pp_find_lock_page(struct address_space *mapping,
			       unsigned long index)
{
	struct page *head;

	for (;;) {
		head = pp_find_get_page(mapping, index);
		if (!head)
			return NULL;
		pp_lock_page(head);
		if (likely(page_file_mapping(head) == mapping))
			return head;
		pp_unlock_page(head);
		pp_unref(head);
	}
}

/*
 * Locked @head becomes the page of @index. 0, -EEXIST, -ENOMEM. The reference
 * that the caller holds stays his; the cache takes another.
 */
static int add_to_cache(struct address_space *mapping, struct page *head,
			unsigned long index)
{
	struct xa_preload pl = XA_PRELOAD_INIT;
	void *old;
	int ret;

	pinpage_rcu_read_lock();
	ret = pp_xa_preload(&mapping->i_pages, &pl, index);
	pinpage_rcu_read_unlock();
	if (ret)
		goto out_preload;
	pp_ref(head);
	pinpage_spin_lock(&mapping->i_pages_lock);
	ret = -EEXIST;
	if (pp_xa_load(&mapping->i_pages, index))
		goto out_unlock;
	WRITE_ONCE(head->index, index);
	WRITE_ONCE(head->mapping, mapping);
	old = pp_xa_store_preloaded(&mapping->i_pages, index, head, &pl);
	ret = IS_ERR(old) ? (int)PTR_ERR(old) : 0;
	if (!ret)
		WRITE_ONCE(mapping->nrpages, mapping->nrpages + 1);
out_unlock:
	if (ret)
		WRITE_ONCE(head->mapping, NULL);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	if (ret)
		pp_unref(head);
out_preload:
	pp_xa_preload_end(&pl);
	return ret;
}

static bool absent(struct address_space *mapping, unsigned long index)
{
	return mapping->a_ops->absent && mapping->a_ops->absent(mapping, index);
}

static bool charge(struct address_space *mapping, long pages)
{
	return !mapping->a_ops->charge || mapping->a_ops->charge(mapping, pages);
}

/* Where the file wants huge pages, and nothing is in the way, one of them. */
static struct page *create_huge(struct address_space *mapping, unsigned long index,
				enum pp_huge_advice advice)
{
	if (likely(!mapping->a_ops->wants_huge) ||
	    !mapping->a_ops->wants_huge(mapping, index, advice))
		return NULL;
	return pp_create_folio(mapping, index);
}

/* A new, empty, locked page at @index; -EEXIST if somebody was faster. */
static struct page *create_page(struct address_space *mapping,
				unsigned long index, enum pp_huge_advice advice)
{
	long pages = absent(mapping, index) ? 0 : 1;
	struct page *head = create_huge(mapping, index, advice);
	int ret;

	if (head)
		return head;
	if (pages && !charge(mapping, pages))
		return ERR_PTR(-ENOSPC);
	head = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	if (!head) {
		charge(mapping, -pages);
		return ERR_PTR(-ENOMEM);
	}
	pp_lock_page(head);
	ret = add_to_cache(mapping, head, index);
	if (ret) {
		charge(mapping, -pages);
		pp_unlock_page(head);
		pp_unref(head);
		return ERR_PTR(ret);
	}
	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, 1);
	pp_lru_add(head);
	pp_emit(CACHE_ADD, .page = head, .nr = 1, .mapping = mapping,
		.index = index);
	return head;
}

/**
 * pp_find_or_create_page_as() - the locked page of an index, made if absent
 * @mapping: a file's mapping
 * @index:   offset in pages
 * @advice:  of the area that it is for
 *
 * The page may not be uptodate.
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  page, locked, with a silent reference; ERR_PTR: -ENOMEM, -ENOSPC,
 *          -EIO: its frame failed (hwpoison)
 * Mirrors: mm/filemap.c:grab_cache_page_write_begin()
 */
struct page *pp_find_or_create_page_as(struct address_space *mapping,
				       unsigned long index, enum pp_huge_advice advice)
{
	struct page *head;

	do {
		head = pp_find_lock_page(mapping, index);
		if (!head)
			head = create_page(mapping, index, advice);
	} while (head == ERR_PTR(-EEXIST));
	if (IS_ERR(head) || likely(!PageHWPoison(head)))
		return head;
	/* the frame failed, and nothing else has its bytes */
	pp_unlock_page(head);
	pp_unref(head);
	return ERR_PTR(-EIO);
}

/* As pp_find_or_create_page_as(), except: for no area. */
struct page *pp_find_or_create_page(struct address_space *mapping,
				    unsigned long index)
{
	return pp_find_or_create_page_as(mapping, index, PP_HUGE_UNASKED);
}

/**
 * pp_read_page_locked() - make a locked page uptodate
 * @file: open file or NULL
 * @head: locked, in the cache
 *
 * Context: process; sleeps. Locking: page lock held, still held on return.
 * Return:  0, or what the model's read_page() gave; the page then stays in
 *          the cache, not uptodate, and the next reader tries again
 * Mirrors: mm/filemap.c:filemap_read_folio()
 */
int pp_read_page_locked(struct file *file, struct page *head)
{
	unsigned long nr = folio_nr_pages((struct folio *)head);
	struct address_space *mapping = head->mapping;
	int ret = 0;

	if (PageUptodate(head))
		return 0;
	if (mapping->a_ops->read_page)
		ret = mapping->a_ops->read_page(file, head);
	else
		memset(page_address(head), 0, PAGE_SIZE);
	if (ret) {
		SetPageError(head);
		return ret;
	}
	ClearPageError(head);
	pp_stat_add(PINPAGE_STAT_PGPGIN, PAGE_SIZE >> 10);
	pp_emit(READ_IN, .page = head, .nr = nr, .mapping = mapping,
		.index = head->index, .len = nr * PAGE_SIZE);
	/*
	 * MB uptodate (C): the bytes before the flag. The RMW orders what is
	 * before it; pairs with (D) in page_uptodate(). Without it a reader
	 * copies what was in the frame before. Test: pagecache/stress
	 * everything_at_once.
	 */
	TestSetPageUptodate(head);
	return 0;
}

/* MB uptodate (D): the flag before the bytes; pairs with (C). */
static bool page_uptodate(const struct page *head)
{
	return test_bit_acquire(PINPAGE_PG_UPTODATE, &head->flags);
}

/**
 * pp_read_cache_page() - the uptodate page of an index
 * @mapping: a file's mapping
 * @index:   offset in pages
 * @file:    for the model; may be NULL
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  page with a silent reference, unlocked; ERR_PTR: -ENOMEM, or what
 *          the model's read_page() gave (-EIO, ...)
 * Mirrors: mm/filemap.c:read_cache_page()
 */
struct page *pp_read_cache_page(struct address_space *mapping,
				unsigned long index, struct file *file)
{
	struct page *head = pp_find_get_page(mapping, index);
	int ret;

	if (head && likely(page_uptodate(head)) && likely(!PageHWPoison(head)))
		return head;
	if (head)
		pp_unref(head);
	head = pp_find_or_create_page(mapping, index);
	if (IS_ERR(head))
		return head;
	ret = pp_read_page_locked(file, head);
	pp_unlock_page(head);
	if (ret) {
		pp_unref(head);
		return ERR_PTR(ret);
	}
	return head;
}

/**
 * pp_filemap_fault_page() - the page that a fault shall map
 * @file:   the mapping's file
 * @index:  offset in pages
 * @advice: of the area that faults
 *
 * Context: process; sleeps. Locking: mmap_lock may be held; takes
 *          invalidate_lock for read while the page is being made.
 * Return:  head, locked, uptodate, @index inside i_size, with a silent
 *          reference; ERR_PTR: -ENXIO beyond EOF, -ENOMEM, -EIO, -EHWPOISON
 * Mirrors: mm/filemap.c:filemap_fault(); differs: no read-ahead, VM_FAULT
 *          codes are errnos
 */
struct page *pp_filemap_fault_page(struct file *file, unsigned long index,
				   enum pp_huge_advice advice)
{
	struct address_space *mapping = file->f_mapping;
	struct page *head;
	int ret;

	if (pp_beyond_eof(mapping->host, index))
		return ERR_PTR(-ENXIO);
	head = pp_find_lock_page(mapping, index);
	if (head && PageUptodate(head))
		goto out_size;
	if (head) {
		pp_unlock_page(head);
		pp_unref(head);
	}
	pp_stat_add(PINPAGE_STAT_PGMAJFAULT, 1);
	pinpage_down_read(&mapping->invalidate_lock);
	head = pp_find_or_create_page_as(mapping, index, advice);
	if (!IS_ERR(head)) {
		ret = pp_read_page_locked(file, head);
		if (ret) {
			pp_unlock_page(head);
			pp_unref(head);
			head = ERR_PTR(ret);
		}
	}
	pinpage_up_read(&mapping->invalidate_lock);
	if (IS_ERR(head))
		return head;
out_size:
	ret = pp_beyond_eof(mapping->host, index) ? -ENXIO :
	      PageHWPoison(head) ? -EHWPOISON : 0;
	if (likely(!ret))
		return head;
	pp_unlock_page(head);
	pp_unref(head);
	return ERR_PTR(ret);
}

/**
 * pp_filemap_page_mkwrite() - a shared mapping is about to write to a page
 * @file: the mapping's file
 * @page: locked
 *
 * Waits for stable pages, lets the file system reserve, dirties the page.
 *
 * Context: process; sleeps. Locking: page lock held, still held on return.
 * Return:  0; -EAGAIN: the page has left the file, fault again; -ENXIO: the
 *          file ends before it, though truncation has not come to it yet;
 *          what the model's page_mkwrite() gave (-ENOSPC, -EIO)
 * Mirrors: mm/filemap.c:filemap_page_mkwrite(), mm/memory.c:do_page_mkwrite();
 *          differs: block_page_mkwrite() has a page behind EOF faulted again
 *          until truncation took it, and the fault fails only then
 */
int pp_filemap_page_mkwrite(struct file *file, struct page *page)
{
	struct address_space *mapping = file->f_mapping;
	struct page *head = compound_head(page);
	int ret = 0;

	pp_assert_held(&head->flags);
	if (page_file_mapping(head) != mapping)
		return -EAGAIN;
	if (pp_beyond_eof(mapping->host, head->index + (unsigned long)(page - head)))
		return -ENXIO;
	pp_wait_stable(head);
	if (mapping->a_ops->page_mkwrite)
		ret = mapping->a_ops->page_mkwrite(file, head);
	if (ret)
		return ret;
	if (mapping->a_ops->dirty_tracked)
		pp_emit(MKWRITE, .page = head, .nr = 1, .mapping = mapping,
			.index = head->index, .flags = PINPAGE_EVF_LOCKED);
	pp_set_page_dirty(head);
	return 0;
}

/*
 * The slot of a locked page becomes empty; i_pages_lock held. The reference
 * of the cache is the caller's now.
 * MB cache-lookup (B): the slot is cleared while the count still holds the
 * cache's reference, or after it was frozen; pairs with (A).
 */
static void cache_erase(struct address_space *mapping, struct page *head)
{
	if (unlikely(PageHead(head))) {
		pp_erase_folio(mapping, head);
		return;
	}
	pp_xa_erase(&mapping->i_pages, head->index);
	WRITE_ONCE(mapping->nrpages, mapping->nrpages - 1);
	/* A task that does not hold the page lock may have dirtied it. */
	if (unlikely(PageDirty(head)))
		pp_account_cleaned(head);
	WRITE_ONCE(head->mapping, NULL);
	if (!absent(mapping, head->index))
		charge(mapping, -1);
	pp_stat_add(PINPAGE_STAT_NR_FILE_PAGES, -1);
}

/**
 * pp_delete_from_page_cache() - take a page out, whoever else holds it
 * @head: locked, in the cache
 *
 * The caller's reference stays; the cache's goes. CACHE_REMOVE comes first.
 *
 * Context: process. Locking: page lock held.
 * Mirrors: mm/filemap.c:filemap_remove_folio()
 */
void pp_delete_from_page_cache(struct page *head)
{
	unsigned long nr = folio_nr_pages((struct folio *)head);
	struct address_space *mapping = head->mapping;

	pp_assert_held(&head->flags);
	pp_emit(CACHE_REMOVE, .page = head, .nr = nr, .mapping = mapping,
		.index = head->index);
	pinpage_spin_lock(&mapping->i_pages_lock);
	cache_erase(mapping, head);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	pp_unref_many(head, (int)nr);
}

/**
 * pp_delete_if_unused() - As pp_delete_from_page_cache(), except: only if the
 * page has @expected references, the cache's among them
 *
 * Nobody finds it between the look and its going: the count is frozen.
 *
 * Return: false: it stays.
 */
bool pp_delete_if_unused(struct page *head, int expected)
{
	struct address_space *mapping = head->mapping;
	bool frozen;

	pp_assert_held(&head->flags);
	pinpage_spin_lock(&mapping->i_pages_lock);
	frozen = pp_ref_freeze(head, expected);
	if (frozen) {
		pp_emit(CACHE_REMOVE, .page = head, .nr = 1, .mapping = mapping,
			.index = head->index);
		cache_erase(mapping, head);
		pp_ref_unfreeze(head, expected - 1);
	}
	pinpage_spin_unlock(&mapping->i_pages_lock);
	return frozen;
}

/**
 * pp_remove_mapping_as() - take a page out if nobody else holds it
 * @mapping: the page's mapping
 * @head:    locked, not under writeback, the caller holds one reference
 * @evict:   EVICT (reclaim) comes before CACHE_REMOVE, else INVALIDATE
 *
 * The count is frozen first and the dirty flag tested after: a pinner that
 * dirties and then unpins is seen by one of the two.
 *
 * Context: process. Locking: page lock held.
 * Order:   MB freeze-then-dirty (E): pp_ref_freeze() is a full barrier;
 *          pairs with (F), the dirty-then-unpin order of the releases.
 *          Without it a page can be thrown away with the bytes of a pin that
 *          has just gone. Test: pagecache/filemap
 *          remove_mapping_keeps_dirty_and_held.
 * Return:  true: it left the cache, the caller's reference is the last
 * Mirrors: mm/vmscan.c:__remove_mapping()
 */
bool pp_remove_mapping_as(struct address_space *mapping, struct page *head,
			  bool evict)
{
	int nr = (int)folio_nr_pages((struct folio *)head);
	int expected = nr + 1 + PagePrivate(head);

	pp_assert_held(&head->flags);
	pinpage_spin_lock(&mapping->i_pages_lock);
	if (head->mapping != mapping || !pp_ref_freeze(head, expected))
		goto out_keep;
	if (unlikely(PageDirty(head))) {
		pp_ref_unfreeze(head, expected);
		goto out_keep;
	}
	if (evict)
		pp_emit(EVICT, .page = head, .nr = (unsigned long)nr,
			.mapping = mapping, .index = head->index);
	else
		pp_emit(INVALIDATE, .page = head, .nr = (unsigned long)nr,
			.mapping = mapping, .index = head->index);
	pp_emit(CACHE_REMOVE, .page = head, .nr = (unsigned long)nr,
		.mapping = mapping, .index = head->index);
	cache_erase(mapping, head);
	pp_ref_unfreeze(head, expected - nr);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	return true;
out_keep:
	pinpage_spin_unlock(&mapping->i_pages_lock);
	return false;
}

/* As pp_remove_mapping_as(), for reclaim. */
bool pp_remove_mapping(struct address_space *mapping, struct page *head)
{
	return pp_remove_mapping_as(mapping, head, true);
}

/* As documented in the header; a reference that is announced by GET. */
struct page *pinpage_find_get_page(struct address_space *mapping,
				   unsigned long index)
{
	struct page *page;

	if (!pp_mapping_ok(mapping))
		return NULL;
	page = pp_find_get_page(mapping, index);
	if (page)
		page = pp_folio_page(page, index);
	if (page)
		pp_emit(GET, .page = page, .nr = 1, .mapping = mapping,
			.index = index, .site = __builtin_return_address(0));
	return page;
}

struct page *pinpage_find_lock_page(struct address_space *mapping,
				    unsigned long index)
{
	struct page *page;

	if (!pp_mapping_ok(mapping) || !pinpage_might_sleep())
		return NULL;
	page = pp_find_lock_page(mapping, index);
	if (page)
		page = pp_folio_page(page, index);
	if (page)
		pp_emit(GET, .page = page, .nr = 1, .mapping = mapping,
			.index = index, .site = __builtin_return_address(0));
	return page;
}

struct page *pinpage_read_mapping_page(struct address_space *mapping,
				       unsigned long index, struct file *file)
{
	struct page *page;

	if (!pp_mapping_ok(mapping) || IS_ERR(file) || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	page = pp_read_cache_page(mapping, index, file);
	if (!IS_ERR(page))
		page = pp_folio_page(page, index);
	if (!IS_ERR(page))
		pp_emit(GET, .page = page, .nr = 1, .mapping = mapping,
			.index = index, .site = __builtin_return_address(0));
	return page;
}
