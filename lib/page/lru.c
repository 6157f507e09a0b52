// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * lru.c - which page to reclaim next
 *
 * Five lists: inactive and active, for anonymous (PG_swapbacked) and file
 * pages, and one for unevictable pages that reclaim never sees. New pages
 * enter at the head, victims leave at the tail.
 *
 * I1. PG_lru is set exactly while the page is on a list; it changes under the
 *     LRU lock only.
 * I2. PG_active, PG_swapbacked and PG_unevictable of a page on a list say
 *     which one; they change under the LRU lock while PG_lru is set.
 * I3. A list holds no reference of its own: a page whose last reference goes
 *     is taken off by pp_free_last().
 * Mirrors: mm/swap.c, mm/vmscan.c:isolate_lru_folios(), shrink_active_list();
 * differs: no per-CPU batches, adds are immediate; no MGLRU.
 */
#include "page/page.h"

#include <limits.h>

#include "event/event.h"
#include "page/internal.h"

enum { LRU_ACTIVE = 1, LRU_FILE = 2, LRU_UNEVICTABLE = 4, NR_LRU = 5 };

static struct {
	pinpage_spinlock_t lock;	/* rank LRU; all below */
	unsigned long nr[NR_LRU];	/* pages, 4 KiB */
	struct list_head list[NR_LRU];
} lru;

/**
 * pp_lru_boot() - all lists empty
 *
 * Context: boot.
 */
void pp_lru_boot(void)
{
	int i;

	pp_spin_init(&lru.lock, "lru", PINPAGE_RANK_LRU);
	for (i = 0; i < NR_LRU; i++) {
		lru.nr[i] = 0;
		INIT_LIST_HEAD(&lru.list[i]);
	}
}

static int lru_of(const struct page *head)
{
	if (PageUnevictable(head))
		return LRU_UNEVICTABLE;
	return (PageActive(head) ? LRU_ACTIVE : 0) |
	       (PageSwapBacked(head) ? 0 : LRU_FILE);
}

static unsigned long size_of(const struct page *head)
{
	return folio_nr_pages((const struct folio *)head);
}

/*
 * The next six: lru.lock held. Who frees a page looks at PG_lru without the
 * lock, so a page that only changes lists keeps it all the time: with the flag
 * clear for a moment it would be freed on a list.
 */
static void list_in(struct page *head)
{
	int which = lru_of(head);

	WRITE_ONCE(lru.nr[which], lru.nr[which] + size_of(head));
	if (unlikely(which == LRU_UNEVICTABLE))
		pp_stat_add(PINPAGE_STAT_NR_UNEVICTABLE, (long)size_of(head));
	pp_page_list_add(head, &lru.list[which]);
}

static void list_out(struct page *head)
{
	int which = lru_of(head);

	WRITE_ONCE(lru.nr[which], lru.nr[which] - size_of(head));
	if (unlikely(which == LRU_UNEVICTABLE))
		pp_stat_add(PINPAGE_STAT_NR_UNEVICTABLE, -(long)size_of(head));
	pp_page_list_del(head);
}

static void link_page(struct page *head)
{
	SetPageLRU(head);
	list_in(head);
}

/* the caller has a reference, or frees the page */
static void unlink_page(struct page *head)
{
	list_out(head);
	ClearPageLRU(head);
}

static void rotate_page(struct page *head)
{
	struct list_head *list = &lru.list[lru_of(head)];

	pp_page_list_del(head);
	pp_page_list_add(head, list->prev);
}

static void deactivate_page(struct page *head)
{
	list_out(head);
	ClearPageActive(head);
	ClearPageReferenced(head);
	list_in(head);
}

/**
 * pp_lru_add() - put a page on the list that its flags name
 * @head: small page or head, not on a list; coherent memory of a device is
 *        never on one
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/swap.c:folio_add_lru()
 */
void pp_lru_add(struct page *head)
{
	if (unlikely(PageCoherent(head)))
		return;
	pinpage_spin_lock(&lru.lock);
	if (unlikely(PageLRU(head)))
		pp_bug("pfn %lu is on the LRU already", page_to_pfn(head));
	link_page(head);
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_lru_del() - take a page off its list, if it is on one
 * @head: small page or head
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/swap.c:__page_cache_release()
 */
void pp_lru_del(struct page *head)
{
	pinpage_spin_lock(&lru.lock);
	if (PageLRU(head)) {
		unlink_page(head);
		ClearPageActive(head);
		ClearPageUnevictable(head);
	}
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_lru_unlink() - As pp_lru_del(), except: the flags stay
 * @head: about to be split; its count is 0
 *
 * Return: true if it was on a list.
 */
bool pp_lru_unlink(struct page *head)
{
	bool was;

	pinpage_spin_lock(&lru.lock);
	was = PageLRU(head);
	if (was)
		unlink_page(head);
	pinpage_spin_unlock(&lru.lock);
	return was;
}

/**
 * pp_lru_rotate() - make a page the next victim of its inactive list
 * @head: small page or head; ignored unless on an inactive list
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/swap.c:folio_rotate_reclaimable()
 */
void pp_lru_rotate(struct page *head)
{
	pinpage_spin_lock(&lru.lock);
	if (PageLRU(head) && !PageActive(head) && !PageUnevictable(head))
		rotate_page(head);
	pinpage_spin_unlock(&lru.lock);
}

static void activate(struct page *head)
{
	pinpage_spin_lock(&lru.lock);
	if (PageLRU(head) && !PageActive(head)) {
		list_out(head);
		SetPageActive(head);
		list_in(head);
	} else {
		SetPageActive(head);
	}
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_mark_accessed() - a page was used through its file or by GUP
 * @head: small page or head
 *
 * unreferenced -> referenced -> active; an active page: referenced.
 *
 * Context: any. Locking: may take the LRU lock.
 * Mirrors: mm/swap.c:folio_mark_accessed()
 */
void pp_mark_accessed(struct page *head)
{
	if (!PageReferenced(head)) {
		SetPageReferenced(head);
	} else if (!PageActive(head) && !PageUnevictable(head)) {
		activate(head);
		ClearPageReferenced(head);
	}
}

/**
 * pp_lru_deactivate() - an active page becomes inactive and unreferenced
 * @head: small page or head; ignored unless on an active list
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/swap.c:lru_deactivate()
 */
void pp_lru_deactivate(struct page *head)
{
	pinpage_spin_lock(&lru.lock);
	if (PageLRU(head) && PageActive(head) && !PageUnevictable(head))
		deactivate_page(head);
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_lru_lazyfree() - MADV_FREE: an anonymous page need not be kept
 * @head: small, clean; ignored unless on a list and evictable
 *
 * Not PG_swapbacked any more: on the inactive list of files.
 *
 * Context: any. Locking: takes the LRU lock.
 * Return:  true: it is free for the taking now.
 * Mirrors: mm/swap.c:lru_lazyfree()
 */
bool pp_lru_lazyfree(struct page *head)
{
	bool done;

	pinpage_spin_lock(&lru.lock);
	done = PageLRU(head) && PageSwapBacked(head) && !PageUnevictable(head) &&
	       !PageSwapCache(head);
	if (done) {
		list_out(head);
		ClearPageActive(head);
		ClearPageReferenced(head);
		ClearPageSwapBacked(head);
		list_in(head);
	}
	pinpage_spin_unlock(&lru.lock);
	return done;
}

/* to or from the unevictable list, on a list or not; lru.lock held */
static void set_unevictable(struct page *head, bool on)
{
	bool listed = PageLRU(head);

	if (listed)
		list_out(head);
	if (on) {
		ClearPageActive(head);
		SetPageUnevictable(head);
	} else {
		ClearPageUnevictable(head);
	}
	if (listed)
		list_in(head);
	pp_stat_add(on ? PINPAGE_STAT_UNEVICTABLE_PGCULLED :
			 PINPAGE_STAT_UNEVICTABLE_PGRESCUED, (long)size_of(head));
}

/**
 * pp_mlock_page() - one more mapping of an area with VM_LOCKED
 * @head: small page or head, on a list or not
 *
 * Reclaim does not see it any more.
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/mlock.c:mlock_folio()
 */
void pp_mlock_page(struct page *head)
{
	long nr = (long)size_of(head);

	pinpage_spin_lock(&lru.lock);
	if (!TestSetPageMlocked(head)) {
		head->mlock_count = 0;
		pp_stat_add(PINPAGE_STAT_NR_MLOCK, nr);
		pp_stat_add(PINPAGE_STAT_UNEVICTABLE_PGMLOCKED, nr);
	}
	if (head->mlock_count < UCHAR_MAX)
		head->mlock_count++;
	if (!PageUnevictable(head))
		set_unevictable(head, true);
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_munlock_page() - one less
 *
 * If more areas lock it than can be counted it stays where it is, and reclaim
 * finds out which.
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/mlock.c:munlock_folio()
 */
void pp_munlock_page(struct page *head)
{
	long nr = (long)size_of(head);
	unsigned char count;

	pinpage_spin_lock(&lru.lock);
	count = PageMlocked(head) ? head->mlock_count : 0;
	if (count && count < UCHAR_MAX)
		head->mlock_count = --count;
	if (!count && TestClearPageMlocked(head)) {
		pp_stat_add(PINPAGE_STAT_NR_MLOCK, -nr);
		pp_stat_add(PINPAGE_STAT_UNEVICTABLE_PGMUNLOCKED, nr);
	}
	if (!count && PageUnevictable(head))
		set_unevictable(head, false);
	pinpage_spin_unlock(&lru.lock);
}

/* it is freed although it was locked. Mirrors: mm/swap.c:__page_cache_release() */
void pp_mlock_cleared(struct page *head)
{
	long nr = (long)size_of(head);

	pinpage_spin_lock(&lru.lock);
	if (TestClearPageMlocked(head)) {
		head->mlock_count = 0;
		pp_stat_add(PINPAGE_STAT_NR_MLOCK, -nr);
		pp_stat_add(PINPAGE_STAT_UNEVICTABLE_PGCLEARED, nr);
	}
	pinpage_spin_unlock(&lru.lock);
}

/**
 * pp_lru_swapbacked() - the page has to be kept after all
 *
 * Undoes pp_lru_lazyfree(). Context: any. Locking: takes the LRU lock.
 */
void pp_lru_swapbacked(struct page *head)
{
	bool listed;

	pinpage_spin_lock(&lru.lock);
	listed = PageLRU(head);
	if (listed)
		list_out(head);
	SetPageSwapBacked(head);
	if (listed)
		list_in(head);
	pinpage_spin_unlock(&lru.lock);
}

/* pp_lru_nr() - pages on both lists of a kind; a hint */
unsigned long pp_lru_nr(bool file)
{
	int inactive = file ? LRU_FILE : 0;

	return READ_ONCE(lru.nr[inactive]) + READ_ONCE(lru.nr[inactive | LRU_ACTIVE]);
}

/* Keeps at least half of the pages on the inactive list. lru.lock held. */
static void balance(int inactive, unsigned long nr)
{
	int active = inactive | LRU_ACTIVE;

	while (nr-- && lru.nr[inactive] < lru.nr[active])
		deactivate_page(pp_list_page(lru.list[active].prev));
}

/* Return: false if the page is just being freed. lru.lock held. */
static bool isolate(struct page *head)
{
	if (!pp_ref_try(head))
		return false;
	unlink_page(head);
	return true;
}

/**
 * pp_lru_isolate() - take victims off the inactive tail
 * @file: file pages, else anonymous ones
 * @nr:   pages at most (folios count as one)
 * @out:  list that they are added to through page->lru, next victim first
 *
 * Each has one more reference and is off the LRU; pp_lru_putback() undoes
 * both.
 *
 * Context: any. Locking: takes the LRU lock.
 * Return:  pages added to @out.
 * Mirrors: mm/vmscan.c:isolate_lru_folios()
 */
unsigned long pp_lru_isolate(bool file, unsigned long nr, struct list_head *out)
{
	int inactive = file ? LRU_FILE : 0;
	struct list_head *node, *prev;
	unsigned long got = 0;

	pinpage_spin_lock(&lru.lock);
	balance(inactive, nr);
	for (node = lru.list[inactive].prev;
	     got < nr && node != &lru.list[inactive]; node = prev) {
		struct page *head = pp_list_page(node);

		prev = node->prev;
		if (!isolate(head))
			continue;
		pp_page_list_add(head, out->prev);
		got++;
	}
	pinpage_spin_unlock(&lru.lock);
	return got;
}

/**
 * pp_lru_isolate_page() - take one page off the LRU
 * @head: small page or head
 *
 * Context: any. Locking: takes the LRU lock.
 * Return:  true if it was there; then it has one more reference.
 * Mirrors: mm/vmscan.c:isolate_lru_page()
 */
bool pp_lru_isolate_page(struct page *head)
{
	bool got;

	pinpage_spin_lock(&lru.lock);
	got = PageLRU(head) && isolate(head);
	pinpage_spin_unlock(&lru.lock);
	return got;
}

/**
 * pp_lru_putback() - end of an isolation
 * @head: isolated, on no list
 *
 * Back on the list that its flags name; the reference of the isolation is
 * dropped, which may free it.
 *
 * Context: any. Locking: takes the LRU lock.
 * Mirrors: mm/vmscan.c:putback_lru_page()
 */
void pp_lru_putback(struct page *head)
{
	pp_lru_add(head);
	pp_unref(head);
}
