// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * folio.c - a folio ends as pages; folios that should
 *
 * A folio part of which nobody maps any more wastes memory: it waits in a
 * queue until there is pressure, then it is split (by mm) and the unused pages
 * are free.
 *
 * I1. A folio is on the queue exactly if head[2].deferred.next is not NULL.
 *     The queue holds no reference: who frees or splits a folio takes it off.
 * I2. Only folios of order 2 and up are queued: the link is in the third page.
 * Mirrors: mm/huge_memory.c:__split_huge_page(), deferred_split_huge_page() 6.1.
 */
#include "page/page.h"

#include "event/event.h"
#include "page/internal.h"

static struct {
	pinpage_spinlock_t lock;	/* rank LRU; all below */
	struct list_head list;
	unsigned long nr;
} queue;

/* pp_folio_boot() - nothing is queued; Context: boot */
void pp_folio_boot(void)
{
	pp_spin_init(&queue.lock, "deferred split", PINPAGE_RANK_LRU);
	INIT_LIST_HEAD(&queue.list);
	queue.nr = 0;
}

static bool can_queue(struct page *head)
{
	return folio_order((struct folio *)head) >= 2;
}

/* queue.lock held; whoever looks without it sees a link or none */
static void unqueue(struct list_head *link)
{
	pp_list_unlink(link);
	link->prev = NULL;
	WRITE_ONCE(link->next, NULL);
	WRITE_ONCE(queue.nr, queue.nr - 1);
}

/**
 * pp_deferred_add() - part of a folio is unused: split it under pressure
 * @head: the caller holds a reference or a mapping of it
 *
 * Context: any. Locking: takes rank LRU.
 * Mirrors: mm/huge_memory.c:deferred_split_huge_page()
 */
void pp_deferred_add(struct page *head)
{
	if (!can_queue(head) || READ_ONCE(head[2].deferred.next))
		return;
	pinpage_spin_lock(&queue.lock);
	if (!head[2].deferred.next) {
		list_add_tail(&head[2].deferred, &queue.list);
		WRITE_ONCE(queue.nr, queue.nr + 1);
		pp_stat_add(PINPAGE_STAT_THP_DEFERRED_SPLIT_PAGE, 1);
	}
	pinpage_spin_unlock(&queue.lock);
}

/**
 * pp_deferred_del() - a folio goes, or becomes pages
 * @head: nobody can queue it now
 *
 * Context: any. Locking: may take rank LRU.
 */
void pp_deferred_del(struct page *head)
{
	if (!can_queue(head) || !READ_ONCE(head[2].deferred.next))
		return;
	pinpage_spin_lock(&queue.lock);
	if (head[2].deferred.next)
		unqueue(&head[2].deferred);
	pinpage_spin_unlock(&queue.lock);
}

/**
 * pp_deferred_take() - the folio that has waited longest
 *
 * Context: any. Locking: takes rank LRU.
 * Return:  off the queue, with a reference; NULL: none that is not just going.
 */
struct page *pp_deferred_take(void)
{
	struct page *head = NULL;
	struct list_head *link;

	if (!READ_ONCE(queue.nr))
		return NULL;
	pinpage_spin_lock(&queue.lock);
	while (!list_empty(&queue.list) && !head) {
		link = queue.list.next;
		unqueue(link);
		head = compound_head(container_of(link, struct page, deferred));
		if (!pp_ref_try(head))
			head = NULL;
	}
	pinpage_spin_unlock(&queue.lock);
	return head;
}

/* pp_deferred_nr() - folios that wait; Context: any */
unsigned long pp_deferred_nr(void)
{
	return READ_ONCE(queue.nr);
}

/* what every page of a folio inherits from the head */
#define INHERITED							\
	(BIT(PINPAGE_PG_LOCKED) | BIT(PINPAGE_PG_REFERENCED) |		\
	 BIT(PINPAGE_PG_UPTODATE) | BIT(PINPAGE_PG_DIRTY) |		\
	 BIT(PINPAGE_PG_ACTIVE) | BIT(PINPAGE_PG_SWAPBACKED) |		\
	 BIT(PINPAGE_PG_UNEVICTABLE) | BIT(PINPAGE_PG_MLOCKED) | BIT(PINPAGE_PG_ERROR))

/*
 * Whoever has a stale pointer reads flags and compound_head any time; the
 * count is 0 until the end, so he gets nothing.
 */
static void tail_to_page(struct page *head, unsigned long i, int refs)
{
	struct page *page = head + i;

	WRITE_ONCE(page->flags, READ_ONCE(page->flags) |
				(READ_ONCE(head->flags) & INHERITED));
	WRITE_ONCE(page->mapping, head->mapping);
	WRITE_ONCE(page->index, head->index + i);
	page->private = 0;
	page->lru.prev = &page->lru;
	WRITE_ONCE(page->lru.next, &page->lru);
	/* Release: who gets a reference sees a small page. As in alloc.c. */
	atomic_set_release(&page->_refcount, refs);
}

/* @was_lru: from pp_lru_unlink(); @list: of somebody who isolated the folio */
static void back_to_lru(struct page *head, unsigned long nr, bool was_lru,
			struct list_head *list)
{
	unsigned long i;

	for (i = nr; was_lru && i-- > 0;)
		pp_lru_add(head + i);
	if (was_lru || !list)
		return;
	for (i = 1; i < nr; i++) {
		pp_ref(head + i);
		pp_page_list_add(head + i, list->prev);
	}
}

/**
 * pp_folio_scatter() - a folio becomes its pages
 * @head: locked, unmapped, its count frozen at 0
 * @refs: references that each page has from now on, > 0
 * @list: if the folio is isolated: its pages go there, too, with one more
 *        reference each, @head excepted; NULL: they stay on no list
 *
 * Flags, owner and offset are handed on, each page is locked. SPLIT is emitted
 * while nobody can take a reference.
 *
 * Context: any. Locking: page lock held; takes rank LRU.
 * Order:   release: who takes a reference next sees what the page is now.
 * Mirrors: mm/huge_memory.c:__split_huge_page()
 */
void pp_folio_scatter(struct page *head, int refs, struct list_head *list)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);
	bool was_lru;

	pp_emit(SPLIT, .page = head, .nr = nr, .site = pp_page_site());
	pp_deferred_del(head);
	was_lru = pp_lru_unlink(head);
	clear_bit(PINPAGE_PG_HEAD, &head->flags);
	head->alloc_order = 0;
	for (i = 1; i < nr; i++)
		tail_to_page(head, i, refs);
	pp_ref_unfreeze(head, refs);
	back_to_lru(head, nr, was_lru, list);
}
