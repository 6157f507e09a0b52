// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/reclaim.c - making frames free: second chance, unmap, write, strip, evict
 *
 * I1. A page that reclaim looks at is off the LRU and holds one reference of
 *     ours; nobody waits for a lock of it (trylock only), so reclaim can run
 *     inside an allocation.
 * I2. A page leaves the cache only with its count frozen and its dirty flag
 *     read after that: pp_remove_mapping().
 * I3. Anonymous memory goes through the swap cache, or, after MADV_FREE,
 *     nowhere.
 * I4. A folio that somebody refers to beyond its mappings stays whole and mapped.
 * I5. Dirty pages of files are the flusher's to write: who allocates wakes it
 *     and waits a bounded time. kswapd writes, where the rules let it, pages that
 *     it meets again when a whole round found nothing but dirty ones.
 * Mirrors: mm/vmscan.c:shrink_folio_list(), pageout(); differs: without a
 * flusher whoever reclaims writes dirty file pages himself, and so does the
 * flusher; folios are always split first.
 */
#include "mm/huge.h"
#include "mm/swap.h"

#define BATCH		32UL
#define MAX_PRIORITY	12	/* scan 1/4096 of a list first, all of it at last */
#define THROTTLE_NS	100000000u	/* HZ / 10 */
#define THROTTLES	4

/* what one reclaimer is about, and has seen */
struct scan {
	enum pp_reclaim_why why;
	unsigned long file;		/* pages of files taken off the LRU */
	unsigned long dirty;		/* of them left to the flusher */
};

/* the last round of kswapd met dirty pages of files only: PGDAT_DIRTY */
static int only_dirty;

/* The one place that reads rules->reclaim_keeps_private. */
static bool leave_pinned_alone(const struct page *head)
{
	return pp_rules->reclaim_keeps_private && pp_maybe_dma_pinned(head);
}

/* The one place that reads rules->swap_refuses_pinned. */
static bool swap_refuses(const struct page *head)
{
	return pp_rules->swap_refuses_pinned && pp_maybe_dma_pinned(head);
}

/* The one place that reads rules->reclaim_writes_files. */
static bool writes_files(void)
{
	return pp_rules->reclaim_writes_files;
}

/* is the locked dirty page of a file not ours to write? */
static bool is_flushers(struct page *head, enum pp_reclaim_why why)
{
	bool again = PageReclaim(head);

	switch (why) {
	case PP_RECLAIM_CHOSEN:
		return !writes_files();
	case PP_RECLAIM_KSWAPD:
		return pp_flusher_helps() &&
		       !(writes_files() && again && READ_ONCE(only_dirty));
	case PP_RECLAIM_PRESSURE:
		return pp_flusher_helps();
	case PP_RECLAIM_ADVISED:
		break;
	}
	return true;
}

enum verdict { KEEP, ACTIVATE, FREED };

/* second chance: what was used since the last look stays for now */
static bool was_used(struct page *head)
{
	if (pp_page_referenced(head)) {
		if (PageReferenced(head))
			SetPageActive(head);
		SetPageReferenced(head);
		return true;
	}
	return TestClearPageReferenced(head) && PageDirty(head) && !PageSwapBacked(head);
}

/* unlocked after I/O: is it clean, and locked again? */
static bool clean_again(struct page *head)
{
	if (PageWriteback(head) || !pp_trylock_page(head))
		return false;
	if (!PageDirty(head) && !PageWriteback(head))
		return true;
	pp_unlock_page(head);
	return false;
}

/* dirty page: written? Locked on entry; on return only if true. */
static bool clean_now(struct page *head)
{
	int err = pp_pageout(head);

	if (err == -EBUSY) {
		pp_unlock_page(head);
		return false;
	}
	return !err && clean_again(head);
}

/* As clean_now(), except: to swap. What others refer to cannot be freed: kept. */
static bool swapped_now(struct page *head)
{
	if (page_ref_count(head) != 2) {
		pp_unlock_page(head);
		return false;
	}
	if (!TestClearPageDirty(head))
		return true;
	return !pp_swap_write_page(head) && clean_again(head);
}

/* locked page of the swap cache, unmapped from everybody; unlocks it */
static enum verdict evict_swapped(struct page *head)
{
	bool freed;

	if (PageDirty(head) && !swapped_now(head))
		return KEEP;
	freed = PageSwapCache(head) && pp_swap_cache_remove(head);
	pp_unlock_page(head);
	return freed ? FREED : KEEP;
}

/* locked dirty page of shared memory, unmapped from everybody; unlocks it */
static enum verdict evict_shared(struct page *head)
{
	if (PageUptodate(head) && page_ref_count(head) == 2 && pp_shmem_swap_out(head))
		return evict_swapped(head);
	/* a slot that the file could not note */
	pp_page_free_swap(head);
	pp_unlock_page(head);
	return KEEP;
}

/* locked page of MADV_FREE, unmapped from everybody; unlocks it */
static enum verdict evict_lazyfree(struct page *head)
{
	bool freed = pp_ref_freeze(head, 1);

	if (freed) {
		pp_ref_unfreeze(head, 1);
		pp_stat_add(PINPAGE_STAT_PGLAZYFREED, 1);
	}
	pp_unlock_page(head);
	return freed ? FREED : KEEP;
}

static bool strip(struct address_space *mapping, struct page *head)
{
	if (!PagePrivate(head))
		return true;
	return mapping->a_ops->release_page && mapping->a_ops->release_page(head);
}

/*
 * Locked dirty file page that its flusher shall write; unlocked. Once it is
 * clean it goes first.
 */
static enum verdict leave_to_flusher(struct page *head, struct scan *scan)
{
	scan->dirty++;
	SetPageReclaim(head);
	pp_unlock_page(head);
	return ACTIVATE;
}

/* locked file page, unmapped from everybody; unlocks it */
static enum verdict evict(struct page *head, struct scan *scan)
{
	struct address_space *mapping = page_file_mapping(head);
	bool freed = false;

	if (!mapping)
		goto out;
	if (PageDirty(head) && pp_shmem_mapping(mapping))
		return evict_shared(head);
	if (PageDirty(head) && is_flushers(head, scan->why))
		return leave_to_flusher(head, scan);
	if (PageDirty(head)) {
		if (!clean_now(head))
			return KEEP;
		if (page_file_mapping(head) != mapping)
			goto out;
	}
	freed = strip(mapping, head) && pp_remove_mapping(mapping, head);
out:
	pp_unlock_page(head);
	return freed ? FREED : KEEP;
}

/* Shared memory without swap is not looked for; advice unmaps it all the same. */
static bool unevictable(struct page *head, enum pp_reclaim_why why)
{
	struct address_space *mapping = page_file_mapping(head);

	if (mapping && mapping->a_ops->ram_only &&
	    !(pp_shmem_mapping(mapping) &&
	      (pp_swap_usable() || why == PP_RECLAIM_ADVISED)))
		return true;
	return pp_page_mlocked(head);
}

static bool needs_slot(const struct page *head)
{
	return PageAnon(head) && PageSwapBacked(head) && !PageSwapCache(head);
}

/* what cannot be freed now, or shall not be; locked */
static bool is_kept(struct page *head, enum pp_reclaim_why why)
{
	return PageUnevictable(head) ||
	       unevictable(head, why) || PageWriteback(head) ||
	       (why <= PP_RECLAIM_KSWAPD && was_used(head)) ||
	       (needs_slot(head) && swap_refuses(head));
}

/* a folio becomes pages, all but the head on @list; Mirrors: can_split_folio() */
static bool is_small_now(struct page *head, struct list_head *list)
{
	return likely(!PageHead(head)) || !pp_split_folio(head, list);
}

/* nobody but us: a page of a folio that had lost its mapping before */
static bool is_unused(const struct page *head)
{
	return PageAnon(head) && !PageSwapCache(head) && page_ref_count(head) == 1;
}

/* isolated page, trylocked here; @list gets the other pages of a folio */
static enum verdict shrink_page(struct page *head, struct scan *scan,
				struct list_head *list)
{
	scan->file += !PageSwapBacked(head);
	if (!pp_trylock_page(head))
		return KEEP;
	pp_emit(RECLAIM, PP_EV_PAGE(head));
	if (is_kept(head, scan->why)) {
		pp_unlock_page(head);
		return KEEP;
	}
	if (!is_small_now(head, list)) {
		pp_unlock_page(head);
		return PageAnon(head) ? ACTIVATE : KEEP;
	}
	if (is_unused(head)) {
		pp_unlock_page(head);
		return FREED;
	}
	/* what it says after the unmap counts: MB pin-vs-unmap (D), rmap.c */
	if ((needs_slot(head) && !pp_add_to_swap(head)) ||
	    !pp_try_to_unmap(head) || leave_pinned_alone(head)) {
		if (pp_swap_nearly_full() || PageUnevictable(head))
			pp_page_free_swap(head);
		pp_unlock_page(head);
		return ACTIVATE;
	}
	if (PageSwapCache(head))
		return evict_swapped(head);
	if (PageAnon(head))
		return evict_lazyfree(head);
	return evict(head, scan);
}

/* the isolation of @head ends */
static bool finish(struct page *head, enum verdict verdict)
{
	if (verdict == FREED) {
		pp_stat_add(PINPAGE_STAT_PGSTEAL, 1);
		pp_unref(head);
		return true;
	}
	if (verdict == ACTIVATE && !PageUnevictable(head))
		SetPageActive(head);
	pp_lru_putback(head);
	return false;
}

static unsigned long shrink_list(struct list_head *list, struct scan *scan)
{
	unsigned long freed = 0;
	struct page *head;

	while (!list_empty(list)) {
		head = list_first_entry(list, struct page, lru);
		pp_page_list_del(head);
		pp_stat_add(PINPAGE_STAT_PGSCAN, 1);
		freed += finish(head, shrink_page(head, scan, list));
	}
	return freed;
}

/**
 * pp_reclaim_list() - try to free isolated pages
 * @list: isolated, linked by page->lru; empty on return
 * @why:  PRESSURE and KSWAPD give what was used a second chance; who writes
 *        dirty file pages: is_flushers()
 *
 * Context: process; sleeps. Locking: may hold mmap_lock, a page lock.
 * Return:  frames freed.
 * Mirrors: mm/vmscan.c:shrink_folio_list()
 */
unsigned long pp_reclaim_list(struct list_head *list, enum pp_reclaim_why why)
{
	struct scan scan = { .why = why };

	return shrink_list(list, &scan);
}

static unsigned long scan_list(bool file, unsigned long nr, struct scan *scan)
{
	unsigned long freed = 0, batch, dirty;
	LIST_HEAD(list);

	while (nr) {
		batch = pp_lru_isolate(file, min(nr, BATCH), &list);
		if (!batch)
			break;
		dirty = scan->dirty;
		freed += shrink_list(&list, scan);
		if (unlikely(scan->dirty - dirty == batch))
			pp_wakeup_flusher();
		nr -= min(nr, batch);
	}
	return freed;
}

/* the same share of both kinds; anonymous memory only where it can go */
static unsigned long scan_lists(int priority, struct scan *scan)
{
	unsigned long file = pp_lru_nr(true), anon = pp_lru_nr(false), freed = 0;

	scan->file = scan->dirty = 0;
	if (file)
		freed += scan_list(true, (file >> priority) + 1, scan);
	if (anon && pp_swap_usable())
		freed += scan_list(false, (anon >> priority) + 1, scan);
	if (scan->why == PP_RECLAIM_KSWAPD && scan->dirty && scan->dirty == scan->file)
		WRITE_ONCE(only_dirty, 1);
	return freed;
}

/*
 * Nothing but dirty pages: the flusher needs time. Mirrors: reclaim_throttle(),
 * should_reclaim_retry()
 */
static unsigned long wait_and_scan(struct scan *scan)
{
	unsigned long freed = 0;
	int i;

	for (i = 0; i < THROTTLES && !freed && scan->dirty && pp_flusher_helps(); i++) {
		pp_flusher_wait(THROTTLE_NS);
		freed = scan_lists(0, scan);
	}
	return freed;
}

/* a lock is held that what reclaim takes comes before */
static bool too_deep(const struct task_struct *task)
{
	return task->nr_held && task->held[task->nr_held - 1].top >= PINPAGE_RANK_I_MMAP;
}

/*
 * Reclaim enters itself when what it calls allocates: the inner call gives up.
 */
static unsigned long reclaim(unsigned long nr, enum pp_reclaim_why why)
{
	struct task_struct *task = current;
	struct scan scan = { .why = why };
	unsigned long freed = 0;
	int priority;

	if (task->scope[PP_SCOPE_MM] || too_deep(task))
		return 0;
	task->scope[PP_SCOPE_MM] = task;
	freed = pp_huge_shrink();
	for (priority = MAX_PRIORITY; priority >= 0 && freed < nr; priority--)
		freed += scan_lists(priority, &scan);
	/* the last round took the marks; whoever is not used by now goes */
	if (freed < nr)
		freed += scan_lists(0, &scan);
	if (unlikely(!freed) && why == PP_RECLAIM_PRESSURE)
		freed = wait_and_scan(&scan);
	task->scope[PP_SCOPE_MM] = NULL;
	return freed;
}

static unsigned long direct_reclaim(unsigned long nr)
{
	return reclaim(nr, PP_RECLAIM_PRESSURE);
}

/**
 * pp_reclaim_kswapd() - as pinpage_try_to_free_pages(), except: for kswapd
 *
 * Never waits for the flusher. Context: kswapd. Return: frames freed.
 */
unsigned long pp_reclaim_kswapd(unsigned long nr)
{
	return reclaim(nr, PP_RECLAIM_KSWAPD);
}

/* enough is free. Mirrors: mm/vmscan.c:clear_pgdat_congested() */
void pp_reclaim_balanced(void)
{
	WRITE_ONCE(only_dirty, 0);
}

unsigned long pinpage_try_to_free_pages(unsigned long nr)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return 0;
	return direct_reclaim(nr);
}

int pinpage_reclaim_page(struct page *page)
{
	struct page *head;
	LIST_HEAD(list);

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (!pp_page_valid(page)) {
		pp_warn_once("reclaim_page(%p): not a page", (void *)page);
		return -EINVAL;
	}
	head = compound_head(page);
	if (!pp_lru_isolate_page(head))
		return -EBUSY;
	pp_page_list_add(head, &list);
	return (int)pp_reclaim_list(&list, PP_RECLAIM_CHOSEN);
}

void pp_reclaim_boot(void)
{
	only_dirty = 0;
	pp_set_reclaim_hook(direct_reclaim);
}
