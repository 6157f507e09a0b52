// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/migrate.c - isolated pages move to other frames
 *
 * I1. A page moves only if its count is what its mappings, its cache and the
 *     isolation explain: any other reference, a pin above all, makes it stay.
 * I2. Until its bytes are complete the new page is locked, and so is the old
 *     one until every entry that names it is gone.
 * I3. The list keeps what did not move; the caller puts it back on the LRU.
 * I4. A folio moves as a whole, mapped as it was. If there is no room for it,
 *     it is split, and its pages move one by one.
 *
 * Who excludes whom: the page lock keeps truncation, faults of file pages,
 * writeback and reclaim away; the isolation keeps other movers away.
 * Mirrors: mm/migrate.c:migrate_pages(), unmap_and_move() 6.1; differs: no
 * batches, the same ten passes in all modes; a page in the swap cache gives its
 * slot back, or stays if an entry of a process names it.
 */
#include "mm/hugetlb.h"
#include "mm/ksm.h"
#include "mm/migrate.h"
#include "mm/swap.h"

#define PASSES	10
#define FORCE_FROM 3	/* passes that only try the page lock */

/**
 * pp_migration_target() - a frame on m->nid for @old, of the same order
 *
 * Mirrors: mm/migrate.c:alloc_migration_target()
 */
struct page *pp_migration_target(struct pp_migration *m, struct page *old)
{
	unsigned int order = folio_order((struct folio *)old);
	int nid = m->nid < 0 ? old->node : m->nid;

	if (unlikely(PageHugetlb(old)))
		return pp_hugetlb_alloc_target(nid, m->gfp);
	return pp_alloc_pages_node(nid, m->gfp | (order ? PINPAGE_GFP_COMP : 0), order);
}

/* an anonymous page, unmapped: nobody can find it but through the swap cache */
static int move_anon(struct page *new, struct page *old)
{
	if (page_ref_count(old) != 1 + PageSwapCache(old))
		return -EAGAIN;
	/* a slot that others need keeps the page */
	if (PageSwapCache(old) && !pp_page_free_swap(old))
		return -EAGAIN;
	/* a scan finds a merged page by its node, until move_contents() is done */
	if (PageKsm(old) && (!pp_ksm_node_of(old) || !pp_ref_freeze(old, 1)))
		return -EAGAIN;
	WRITE_ONCE(new->index, old->index);
	WRITE_ONCE(new->mapping, old->mapping);
	SetPageSwapBacked(new);
	if (TestClearPageDirty(old))
		SetPageDirty(new);
	return 0;
}

static void copy_flags(struct page *new, struct page *old)
{
	if (PageError(old))
		SetPageError(new);
	if (PageReferenced(old))
		SetPageReferenced(new);
	if (TestClearPageActive(old))
		SetPageActive(new);
	if (TestClearPageUnevictable(old))
		SetPageUnevictable(new);
	/* a full barrier: the bytes before the flag, MB uptodate (C) */
	if (PageUptodate(old))
		TestSetPageUptodate(new);
}

static void copy_folio(struct page *new, struct page *old)
{
	unsigned long nr = folio_nr_pages((struct folio *)old);

	pp_frame_copy(page_address(new), page_address(old), nr * PAGE_SIZE);
	copy_flags(new, old);
	pp_emit(MIGRATE, .page = old, .nr = nr, .mapping = page_file_mapping(new),
		.index = new->index, .arg = (long)page_to_pfn(new));
}

/* unmapped, both locked */
static int move_contents(struct page *new, struct page *old)
{
	int err;

	if (PageAnon(old))
		err = move_anon(new, old);
	else if (unlikely(PageHugetlb(old)))
		err = page_file_mapping(old) ? pp_hugetlb_move(new, old) : -EBUSY;
	else
		err = pp_migrate_cache_page(new, old);
	if (err)
		return err;
	copy_folio(new, old);
	if (PageKsm(new)) {
		pp_ksm_migrated(new, old);
		pp_ref_unfreeze(old, 1);
	}
	return 0;
}

/* both locked; 0, -EAGAIN, -EBUSY: not in this mode */
static int move_locked(struct pp_migration *m, struct page *new, struct page *old)
{
	struct anon_vma *av = NULL;
	int err = -EAGAIN;

	if (PageWriteback(old)) {
		if (m->mode == PP_MIGRATE_ASYNC)
			return -EBUSY;
		pp_wait_writeback(old);
	}
	if (PageAnon(old))
		av = pp_anon_vma_get(old);
	if (!pp_page_mapped(old) || pp_try_to_migrate(old, av))
		err = move_contents(new, old);
	pp_remove_migration_entries(old, err ? old : new, av);
	if (av)
		pp_anon_vma_put(av);
	return err;
}

static bool lock_old(const struct pp_migration *m, struct page *old, int pass)
{
	if (pp_trylock_page(old))
		return true;
	if (m->mode == PP_MIGRATE_ASYNC || pass < FORCE_FROM)
		return false;
	pp_lock_page(old);
	return true;
}

/* @new, locked, has taken over: the isolation of @old ends with it */
static void finish(struct page *new, struct page *old)
{
	if (unlikely(PageHugetlb(new)))
		pp_hugetlb_moved(new, old);
	else
		pp_lru_add(new);
	pp_unlock_page(new);
	pp_unlock_page(old);
	pp_unref(new);
	pp_unref(old);
}

/* its last user is gone: nothing to move */
static bool unused(struct page *old)
{
	if (page_ref_count(old) != 1)
		return false;
	if (unlikely(PageHugetlb(old)))
		pp_hugetlb_putback(old);
	else
		pp_unref(old);
	return true;
}

/* isolated @old, on no list. 0: gone from here; -EAGAIN, -EBUSY, -ENOMEM: not */
static int migrate_one(struct pp_migration *m, struct page *old, int pass)
{
	struct page *new;
	int err;

	if (unused(old))
		return 0;
	new = m->target(m, old);
	if (!new)
		return -ENOMEM;
	if (!lock_old(m, old, pass)) {
		pp_unref(new);
		return -EAGAIN;
	}
	/* nobody else knows it */
	pp_trylock_page(new);
	err = move_locked(m, new, old);
	if (!err) {
		finish(new, old);
		return 0;
	}
	pp_unlock_page(new);
	pp_unlock_page(old);
	pp_unref(new);
	return err;
}

/* What one call works on: where its pages are, between and after passes. */
struct work {
	struct pp_migration *m;
	struct list_head again;		/* to be tried once more */
	struct list_head failed;	/* not to be tried again */
	struct list_head pages;		/* of folios that were split */
};

/*
 * No room for folio @old, on no list: its pages may find some.
 * Mirrors: mm/migrate.c:try_split_thp()
 */
static bool split_up(struct work *w, struct page *old)
{
	bool done;

	if (!PageHead(old) || PageHugetlb(old) || w->m->mode == PP_MIGRATE_ASYNC)
		return false;
	pp_lock_page(old);
	done = !pp_split_folio(old, &w->pages);
	pp_unlock_page(old);
	if (done)
		pp_page_list_add(old, w->pages.prev);
	return done;
}

/* 0: done; -EAGAIN: once more; -ENOMEM: it is over */
static int one_page(struct work *w, struct page *old, int pass)
{
	struct address_space *file = NULL;
	int err;

	if (unlikely(PageHugetlb(old)))
		file = pp_hugetlb_hold(old);
	err = migrate_one(w->m, old, pass);
	pp_hugetlb_let_go(file);
	if (!err)
		w->m->moved++;
	else if (err == -ENOMEM && split_up(w, old))
		err = 0;
	else
		pp_page_list_add(old, err == -EBUSY ? w->failed.prev : w->again.prev);
	return err == -EBUSY ? 0 : err;
}

/* each page of @from once; -ENOMEM, or how many shall be tried again */
static int one_pass(struct list_head *from, struct work *w, int pass)
{
	int err, retry = 0;

	while (!list_empty(from)) {
		struct page *old = list_first_entry(from, struct page, lru);

		pp_page_list_del(old);
		err = one_page(w, old, pass);
		if (err == -ENOMEM)
			return err;
		retry += err == -EAGAIN;
		pinpage_cond_resched();
	}
	return retry;
}

static int join(struct list_head *from, struct list_head *to)
{
	int nr = 0;

	while (!list_empty(from)) {
		struct page *page = list_first_entry(from, struct page, lru);

		pp_page_list_del(page);
		pp_page_list_add(page, to->prev);
		nr++;
	}
	return nr;
}

/* all passes over @from; what stays is on it: how many, or -ENOMEM */
static int all_passes(struct list_head *from, struct work *w)
{
	int pass, retry = 1, left;

	for (pass = 0; pass < PASSES && retry > 0; pass++) {
		retry = one_pass(from, w, pass);
		join(&w->again, from);
	}
	join(&w->failed, from);
	if (retry < 0)
		return retry;
	left = join(from, &w->again);
	join(&w->again, from);
	return left;
}

/**
 * pp_migrate_pages() - move isolated pages
 * @from: linked by page->lru, from pp_migrate_isolate(); what is left on return
 *        is isolated still
 * @m:    where to and how
 *
 * Context: process; sleeps. Locking: no page lock; mmap_lock may be held.
 * Return:  folios that stayed where they were; -ENOMEM: no frame for one, the
 *          rest was not tried.
 * Mirrors: mm/migrate.c:migrate_pages()
 */
int pp_migrate_pages(struct list_head *from, struct pp_migration *m)
{
	struct work w = { .m = m };
	LIST_HEAD(whole);
	int left;

	INIT_LIST_HEAD(&w.again);
	INIT_LIST_HEAD(&w.failed);
	INIT_LIST_HEAD(&w.pages);
	left = all_passes(from, &w);
	if (left >= 0 && !list_empty(&w.pages)) {
		join(from, &whole);
		join(&w.pages, from);
		left = all_passes(from, &w);
		if (left >= 0)
			left += join(&whole, from);
	}
	join(&whole, from);
	join(&w.pages, from);
	return left;
}

/**
 * pp_migrate_isolate() - take a page's folio off the LRU in order to move it
 * @page: any page of it
 * @to:   list that it is added to
 *
 * Context: any. Locking: takes the LRU lock.
 * Return:  false: it is not on the LRU; somebody else may have it isolated.
 */
bool pp_migrate_isolate(struct page *page, struct list_head *to)
{
	struct page *head = compound_head(page);

	if (unlikely(PageHugetlb(head)) ? !pp_hugetlb_isolate(head) :
					  !pp_lru_isolate_page(head))
		return false;
	pp_page_list_add(head, to->prev);
	return true;
}

/* pp_migrate_putback() - what could not be moved is back on the LRU */
void pp_migrate_putback(struct list_head *list)
{
	while (!list_empty(list)) {
		struct page *head = list_first_entry(list, struct page, lru);

		pp_page_list_del(head);
		if (unlikely(PageHugetlb(head)))
			pp_hugetlb_putback(head);
		else
			pp_lru_putback(head);
	}
}
