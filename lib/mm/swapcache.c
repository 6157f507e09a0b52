// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/swapcache.c - pages that have a slot in a swap area
 *
 * A page enters before it is unmapped, so that whoever faults meanwhile finds
 * the same page, and leaves when nobody's entry names the slot any more, or
 * when reclaim frees it.
 *
 * I1. to I3.: swap.h. Looking a page up is as for files: filemap.c, I3.
 * Mirrors: mm/swap_state.c 6.1; differs: no read-ahead, no slot is read
 * around the cache (SWP_SYNCHRONOUS_IO).
 */
#include "mm/internal.h"
#include "mm/swaparea.h"

static struct pp_swap_area *area_of(pp_swp entry)
{
	return &pp_swap_areas[pp_swp_type(entry)];
}

/**
 * pp_swap_cache_get() - the page of a slot
 * @entry: keeps its area: it has a user that cannot go, or pp_swap_get()
 *
 * Context: any. Locking: none needed; may be inside a page-table lock.
 * Order:   MB cache-lookup (A), pagecache/filemap.c.
 * Return:  with a silent reference, or NULL.
 * Mirrors: mm/swap_state.c:swap_cache_get_folio()
 */
struct page *pp_swap_cache_get(pp_swp entry)
{
	struct pp_swap_area *area = area_of(entry);
	unsigned long offset = pp_swp_offset(entry);
	struct page *head;
	bool got;

	for (;;) {
		pinpage_rcu_read_lock();
		head = pp_xa_load(&area->cache, offset);
		got = !head || pp_ref_try_cached(head);
		if (head && got && pp_xa_load(&area->cache, offset) != head) {
			pp_unref(head);
			got = false;
		}
		pinpage_rcu_read_unlock();
		if (likely(got))
			return head;
		/* frozen: whoever did it holds the lock */
		pinpage_spin_lock(&area->lock);
		pinpage_spin_unlock(&area->lock);
	}
}

bool pp_swap_cached(pp_swp entry)
{
	const struct pp_swap_area *area = area_of(entry);

	return READ_ONCE(area->map[pp_swp_offset(entry)]) & PP_SWAP_HAS_CACHE;
}

/* area->lock held, the slot is marked; the reference is the cache's */
static int store(struct pp_swap_area *area, struct page *head, pp_swp entry,
		 struct xa_preload *pl)
{
	void *old;

	WRITE_ONCE(head->private, entry);
	SetPageSwapCache(head);
	old = pp_xa_store_preloaded(&area->cache, pp_swp_offset(entry), head, pl);
	if (!IS_ERR(old))
		return 0;
	ClearPageSwapCache(head);
	WRITE_ONCE(head->private, 0UL);
	return -ENOMEM;
}

/*
 * 0, -ENOMEM, -ENOENT: the slot has no user, -EEXIST: it has a page. The
 * caller of @fresh has taken the slot from the map for this page.
 */
static int enter(struct page *head, pp_swp entry, bool fresh)
{
	struct pp_swap_area *area = area_of(entry);
	unsigned int *slot = &area->map[pp_swp_offset(entry)];
	struct xa_preload pl = XA_PRELOAD_INIT;
	int err;

	pinpage_rcu_read_lock();
	err = pp_xa_preload(&area->cache, &pl, pp_swp_offset(entry));
	pinpage_rcu_read_unlock();
	pp_ref(head);
	pinpage_spin_lock(&area->lock);
	if (!fresh && !err)
		err = !*slot ? -ENOENT : *slot & PP_SWAP_HAS_CACHE ? -EEXIST : 0;
	if (!err)
		err = store(area, head, entry, &pl);
	if (!err)
		WRITE_ONCE(*slot, *slot | PP_SWAP_HAS_CACHE);
	pinpage_spin_unlock(&area->lock);
	pp_xa_preload_end(&pl);
	if (err) {
		pp_unref(head);
		return err;
	}
	pp_stat_add(PINPAGE_STAT_NR_SWAPCACHED, 1);
	return 0;
}

/**
 * pp_swap_cache_add() - a new page becomes that of a slot
 * @head:  locked, nobody knows it
 * @entry: kept as for pp_swap_cache_get()
 *
 * Return:  0, -ENOMEM, -ENOENT (nobody uses the slot), -EEXIST.
 */
int pp_swap_cache_add(struct page *head, pp_swp entry)
{
	return enter(head, entry, false);
}

/**
 * pp_add_to_swap() - give a page a slot
 * @head: locked, small, up to date, PG_swapbacked, in no swap cache
 *
 * Context: process; does not sleep. Locking: page lock held.
 * Return:  true: in the swap cache, dirty; false: no slot, no memory.
 * Mirrors: mm/swap_state.c:add_to_swap()
 */
bool pp_add_to_swap(struct page *head)
{
	pp_swp entry = pp_swap_alloc();
	struct pp_swap_area *area;
	int err;

	pp_assert_held(&head->flags);
	if (!entry)
		return false;
	err = enter(head, entry, true);
	if (err) {
		area = area_of(entry);
		pinpage_spin_lock(&area->lock);
		pp_swap_map_add(area, pp_swp_offset(entry), -PP_SWAP_HAS_CACHE);
		pp_swap_slot_drop(area, pp_swp_offset(entry));
		pinpage_spin_unlock(&area->lock);
		return false;
	}
	pp_emit(SWAP_ADD, PP_EV_PAGE(head), .arg = (long)entry);
	/* what MADV_FREE made clean has to be written, too */
	SetPageDirty(head);
	return true;
}

/* area->lock held: the cache's reference is the caller's now */
static void erase(struct pp_swap_area *area, struct page *head)
{
	unsigned long offset = pp_swp_offset(pp_page_swp(head));

	pp_xa_erase(&area->cache, offset);
	ClearPageSwapCache(head);
	WRITE_ONCE(head->private, 0UL);
	pp_swap_map_add(area, offset, -PP_SWAP_HAS_CACHE);
	pp_swap_slot_drop(area, offset);
	pp_stat_add(PINPAGE_STAT_NR_SWAPCACHED, -1);
}

/**
 * pp_swap_cache_del() - the page has no slot any more
 * @head: locked, in the cache, not under I/O; the caller holds a reference
 *
 * Context: any. Locking: page lock held.
 * Mirrors: mm/swap_state.c:delete_from_swap_cache()
 */
void pp_swap_cache_del(struct page *head)
{
	struct pp_swap_area *area = area_of(pp_page_swp(head));

	pp_assert_held(&head->flags);
	pinpage_spin_lock(&area->lock);
	erase(area, head);
	pinpage_spin_unlock(&area->lock);
	pp_unref(head);
}

/**
 * pp_swap_cache_remove() - take a page out if nobody else holds it
 * @head: locked, not under I/O, the caller holds one reference
 *
 * Context: process. Locking: page lock held.
 * Order:   MB freeze-then-dirty (E), pagecache/filemap.c.
 * Return:  true: the caller's reference is the last.
 * Mirrors: mm/vmscan.c:__remove_mapping()
 */
bool pp_swap_cache_remove(struct page *head)
{
	struct pp_swap_area *area = area_of(pp_page_swp(head));

	pp_assert_held(&head->flags);
	pinpage_spin_lock(&area->lock);
	if (!pp_ref_freeze(head, 2))
		goto out_keep;
	if (PageDirty(head)) {
		pp_ref_unfreeze(head, 2);
		goto out_keep;
	}
	erase(area, head);
	pp_ref_unfreeze(head, 1);
	pinpage_spin_unlock(&area->lock);
	return true;
out_keep:
	pinpage_spin_unlock(&area->lock);
	return false;
}

/**
 * pp_page_free_swap() - give a slot back that only its page needs
 * @head: locked; the caller holds a reference
 *
 * The page becomes dirty: its slot had the only other copy.
 *
 * Context: any. Locking: page lock held.
 * Return:  true: it was in the swap cache and is not any more.
 * Mirrors: mm/swapfile.c:folio_free_swap()
 */
bool pp_page_free_swap(struct page *head)
{
	if (!PageSwapCache(head) || PageWriteback(head) ||
	    pp_swap_count(pp_page_swp(head)))
		return false;
	pp_swap_cache_del(head);
	SetPageDirty(head);
	return true;
}

/**
 * pp_free_swap_cache() - a mapping or an entry of the page went
 * @head: referenced, not locked by this task
 *
 * Context: any; the page lock is tried.
 * Mirrors: mm/swap_state.c:free_swap_cache()
 */
void pp_free_swap_cache(struct page *head)
{
	if (!PageSwapCache(head) || pp_page_mapped(head) || !pp_trylock_page(head))
		return;
	if (!pp_page_mapped(head))
		pp_page_free_swap(head);
	pp_unlock_page(head);
}

/* in the cache, locked: the bytes, and onto the LRU */
static void fill(struct page *head)
{
	SetPageSwapBacked(head);
	pp_lru_add(head);
	(void)pp_swap_read_page(head);
	pp_unlock_page(head);
}

/**
 * pp_swap_read_in() - the page of a slot, read if need be
 * @entry: the caller keeps the area (pp_swap_get())
 *
 * Context: process; sleeps. Locking: mmap_lock may be held, no page lock.
 * Return:  with a silent reference, unlocked, not up to date if it cannot be
 *          read; ERR_PTR: -ENOMEM, -ENOENT (nobody uses the slot any more).
 * Mirrors: mm/swap_state.c:read_swap_cache_async()
 */
struct page *pp_swap_read_in(pp_swp entry)
{
	struct page *head, *new = NULL;
	int err;

	for (;;) {
		head = pp_swap_cache_get(entry);
		if (head)
			break;
		if (!new)
			new = pp_alloc_page(PINPAGE_GFP_MOVABLE);
		if (!new)
			return ERR_PTR(-ENOMEM);
		pp_lock_page(new);
		err = pp_swap_cache_add(new, entry);
		if (!err) {
			fill(new);
			return new;
		}
		pp_unlock_page(new);
		if (err != -EEXIST) {
			head = ERR_PTR(err);
			break;
		}
		pinpage_cond_resched();
	}
	if (new)
		pp_unref(new);
	return head;
}
