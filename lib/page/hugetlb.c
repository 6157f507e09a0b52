// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * page/hugetlb.c - the pool of huge pages that are set apart
 *
 * I1. total = free + pages in use; reserved <= free: a page that is reserved
 *     is there when it is asked for, unless its memory failed (see I4).
 * I2. A free page of the pool has no reference and is in no buddy list, and has
 *     HP_FREE; one in use has PG_HUGETLB, and comes back here with its last
 *     reference.
 * I3. Pages come from any zone, movable ones first: a long-term pin may have to
 *     move one, or does not find one that may stay.
 * I4. A free page with a failed frame counts as free and is never handed out;
 *     dissolve it, and all its frames but the failed ones can be used.
 *
 * All under one lock of rank ZONE.
 * Mirrors: mm/hugetlb.c: set_max_huge_pages(), hugetlb_acct_memory(),
 * dequeue_huge_page_nodemask(), alloc_migrate_huge_page(), free_huge_page(),
 * dissolve_free_huge_page(), isolate_hugetlb(), move_hugetlb_state(); differs:
 * one size, no overcommit.
 */
#include "page/page.h"

#include <errno.h>

#include "base/alloc.h"
#include "event/event.h"
#include "page/internal.h"

/* page->hugetlb, of the first frame of a huge page; HP_RAW of any */
enum {
	HP_FREE		= 1,	/* in the pool, free */
	HP_TEMPORARY	= 2,	/* to the buddy when it is free: the pool has another */
	HP_ISOLATED	= 4,	/* somebody moves it */
	HP_FAILED	= 8,	/* free with a failed frame */
	HP_RAW		= 16,	/* this very frame failed */
};

static struct {
	pinpage_spinlock_t lock;
	struct list_head free_pages;	/* by lru; all below under lock */
	unsigned long target, total, free, reserved;
} pool;

/* pp_hugetlb_boot() - the pool is empty; Context: boot and shutdown */
void pp_hugetlb_boot(void)
{
	pp_spin_init(&pool.lock, "hugetlb pool", PINPAGE_RANK_ZONE);
	INIT_LIST_HEAD(&pool.free_pages);
	pool.target = pool.total = pool.free = pool.reserved = 0;
}

/* a block that nobody refers to becomes a free page of the pool; lock held */
static void put_free(struct page *page)
{
	page->hugetlb |= HP_FREE;
	pp_page_list_add(page, pool.free_pages.prev);
	pool.free++;
}

/* lock held; the caller adjusts total or hands the page out */
static void take(struct page *page)
{
	pp_page_list_del(page);
	page->hugetlb &= (unsigned char)~HP_FREE;
	pool.free--;
}

/* Mirrors: mm/hugetlb.c:dequeue_huge_page_node_exact() */
static bool usable(const struct page *page)
{
	return !(page->hugetlb & HP_FAILED) &&
	       (!current || !current->pin_scope || pp_longterm_pinnable(page));
}

/* lock held: a page that may be handed out, of @nid if possible, or if @exact; NULL */
static struct page *take_usable(int nid, bool exact)
{
	struct page *page, *found = NULL;
	struct list_head *node;

	for (node = pool.free_pages.next; node != &pool.free_pages; node = node->next) {
		page = pp_list_page(node);
		if (!usable(page) || (exact && page->node != nid))
			continue;
		if (!found || page->node == nid)
			found = page;
		if (found->node == nid)
			break;
	}
	if (found)
		take(found);
	return found;
}

/* frames that failed are nobody's; @raw: which */
static void keep_failed(struct page *page, const unsigned char *raw)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		if (raw[i] && pp_buddy_take(page + i)) {
			pp_adopt_frame(page + i);
			SetPageHWPoison(page + i);
		}
}

/* a block that has left the pool */
static void give_back(struct page *page)
{
	bool failed = page->hugetlb & HP_FAILED;
	unsigned char raw[HPAGE_PMD_NR];
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++) {
		raw[i] = page[i].hugetlb & HP_RAW;
		page[i].hugetlb = 0;
	}
	pp_block_thaw(page, HPAGE_PMD_ORDER, 0);
	pp_free_pages(page, HPAGE_PMD_ORDER);
	if (failed)
		keep_failed(page, raw);
}

static void grow(void)
{
	unsigned int tries = 0;
	struct page *page;

	/* from all nodes in turn */
	while (READ_ONCE(pool.total) < pool.target && tries < pp_nr_nodes) {
		page = pp_alloc_pages_node((int)((pool.total + tries) % pp_nr_nodes),
					   PINPAGE_GFP_MOVABLE | PP_GFP_THISNODE,
					   HPAGE_PMD_ORDER);
		tries = page ? 0 : tries + 1;
		if (!page)
			continue;
		pp_block_freeze(page, HPAGE_PMD_ORDER);
		pinpage_spin_lock(&pool.lock);
		pool.total++;
		put_free(page);
		pinpage_spin_unlock(&pool.lock);
	}
}

/* what is free and not reserved goes back to the buddy */
static void shrink(void)
{
	struct page *page;

	for (;;) {
		page = NULL;
		pinpage_spin_lock(&pool.lock);
		if (pool.total > pool.target && pool.free > pool.reserved) {
			page = list_first_entry(&pool.free_pages, struct page, lru);
			take(page);
			pool.total--;
		}
		pinpage_spin_unlock(&pool.lock);
		if (!page)
			return;
		give_back(page);
	}
}

long pinpage_hugetlb_set_pool(unsigned long nr)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (nr > pp_nr_frames >> HPAGE_PMD_ORDER)
		nr = pp_nr_frames >> HPAGE_PMD_ORDER;
	WRITE_ONCE(pool.target, nr);
	shrink();
	grow();
	return (long)READ_ONCE(pool.total);
}

void pinpage_hugetlb_info(struct pinpage_hugetlb_info *info)
{
	if (!pp_ready())
		return;
	pinpage_spin_lock(&pool.lock);
	info->total = pool.total;
	info->free = pool.free;
	info->reserved = pool.reserved;
	pinpage_spin_unlock(&pool.lock);
}

/* pp_hugetlb_shutdown() - what is free goes back to the buddy; Context: shutdown */
void pp_hugetlb_shutdown(void)
{
	pool.target = pool.reserved = 0;
	shrink();
}

/**
 * pp_hugetlb_reserve() - promise pages, or take promises back
 * @nr: > 0: so many more; < 0: so many fewer
 *
 * Context: any. Return: 0, -ENOMEM: not that many are free and unpromised.
 * Mirrors: mm/hugetlb.c:hugetlb_acct_memory()
 */
int pp_hugetlb_reserve(long nr)
{
	int err = 0;

	pinpage_spin_lock(&pool.lock);
	if (nr > 0 && (unsigned long)nr > pool.free - pool.reserved)
		err = -ENOMEM;
	else
		pool.reserved += (unsigned long)nr;
	pinpage_spin_unlock(&pool.lock);
	return err;
}

/* @page, taken or new, with one reference: ready for use */
static struct page *hand_out(struct page *page, pinpage_gfp_t gfp)
{
	pp_block_thaw(page, HPAGE_PMD_ORDER, PINPAGE_GFP_COMP | gfp);
	SetPageHugetlb(page);
	pp_emit(ALLOC, .page = page, .nr = HPAGE_PMD_NR,
		.site = pp_page_site());
	return page;
}

static int here(void)
{
	return current && current->node < pp_nr_nodes ? current->node : 0;
}

/**
 * pp_hugetlb_alloc() - a zeroed huge page with one reference
 * @reserved: use up a promise
 *
 * While the task takes long-term pins, one that may stay where it is.
 *
 * Context: any. Return: NULL: none is free, or all that are have been promised.
 * Mirrors: mm/hugetlb.c:alloc_huge_page()
 */
struct page *pp_hugetlb_alloc(bool reserved)
{
	struct page *page = NULL;

	if (unlikely(pp_alloc_should_fail()))
		return NULL;
	pinpage_spin_lock(&pool.lock);
	if (reserved || pool.free > pool.reserved)
		page = take_usable(here(), false);
	if (page)
		pool.reserved -= reserved;
	pinpage_spin_unlock(&pool.lock);
	return page ? hand_out(page, PINPAGE_GFP_ZERO) : NULL;
}

/* as many as before once the page that it replaces is free */
static struct page *temporary_page(int nid, pinpage_gfp_t gfp)
{
	struct page *page = pp_alloc_pages_node(nid, gfp, HPAGE_PMD_ORDER);

	if (!page)
		return NULL;
	pp_block_freeze(page, HPAGE_PMD_ORDER);
	pinpage_spin_lock(&pool.lock);
	pool.total++;
	page->hugetlb = HP_TEMPORARY;
	pinpage_spin_unlock(&pool.lock);
	return page;
}

/**
 * pp_hugetlb_alloc_target() - a huge page that another one can move to
 * @nid: node wanted
 * @gfp: PP_GFP_THISNODE: no other
 *
 * A free one that nobody was promised; else one more than the pool has, until
 * the old one is free.
 *
 * Context: process; may reclaim. Return: bytes unspecified, one reference; NULL.
 * Mirrors: mm/hugetlb.c:alloc_huge_page_nodemask()
 */
struct page *pp_hugetlb_alloc_target(int nid, pinpage_gfp_t gfp)
{
	struct page *page = NULL;

	if (unlikely(pp_alloc_should_fail()))
		return NULL;
	pinpage_spin_lock(&pool.lock);
	if (pool.free > pool.reserved)
		page = take_usable(nid, gfp & PP_GFP_THISNODE);
	pinpage_spin_unlock(&pool.lock);
	if (!page)
		page = temporary_page(nid, PINPAGE_GFP_MOVABLE | (gfp & PP_GFP_THISNODE));
	return page ? hand_out(page, 0) : NULL;
}

/* pp_hugetlb_moved() - @new is used instead of @old. Mirrors: move_hugetlb_state() */
void pp_hugetlb_moved(struct page *new, struct page *old)
{
	pinpage_spin_lock(&pool.lock);
	old->hugetlb &= (unsigned char)~HP_ISOLATED;
	if (new->hugetlb & HP_TEMPORARY) {
		new->hugetlb &= (unsigned char)~HP_TEMPORARY;
		old->hugetlb |= HP_TEMPORARY;
	}
	pinpage_spin_unlock(&pool.lock);
}

/**
 * pp_hugetlb_isolate() - take a huge page in use, in order to move it
 *
 * Context: any. Return: true: with a reference, for pp_hugetlb_putback(); false:
 * it is free, or somebody else moves it. Mirrors: mm/hugetlb.c:isolate_hugetlb()
 */
bool pp_hugetlb_isolate(struct page *head)
{
	bool done = false;

	if (!pp_ref_try(head))
		return false;
	pinpage_spin_lock(&pool.lock);
	if (PageHugetlb(head) && !(head->hugetlb & HP_ISOLATED)) {
		head->hugetlb |= HP_ISOLATED;
		done = true;
	}
	pinpage_spin_unlock(&pool.lock);
	if (!done)
		pp_unref(head);
	return done;
}

/* pp_hugetlb_putback() - it stays, or nobody uses it any more */
void pp_hugetlb_putback(struct page *head)
{
	pinpage_spin_lock(&pool.lock);
	head->hugetlb &= (unsigned char)~HP_ISOLATED;
	pinpage_spin_unlock(&pool.lock);
	pp_unref(head);
}

static struct page *first_of(const struct page *page)
{
	return pfn_to_page(page_to_pfn(page) & ~(HPAGE_PMD_NR - 1));
}

/* pp_hugetlb_is_free() - a frame of a free page of the pool? A hint. */
bool pp_hugetlb_is_free(const struct page *page)
{
	return READ_ONCE(first_of(page)->hugetlb) & HP_FREE;
}

/**
 * pp_hugetlb_dissolve() - a free page of the pool becomes ordinary free frames
 * @page: any frame of it; those that failed stay out of the allocator
 *
 * The pool is smaller by one from now on.
 *
 * Context: any. Return: 0; -EBUSY: not free, or promised to somebody.
 * Mirrors: mm/hugetlb.c:dissolve_free_huge_page()
 */
int pp_hugetlb_dissolve(struct page *page)
{
	struct page *head = first_of(page);
	int err = -EBUSY;

	pinpage_spin_lock(&pool.lock);
	if (head->hugetlb & HP_FREE && pool.free > pool.reserved) {
		take(head);
		pool.total--;
		pool.target -= pool.target > 0;
		err = 0;
	}
	pinpage_spin_unlock(&pool.lock);
	if (!err)
		give_back(head);
	return err;
}

/**
 * pp_hugetlb_replace() - as pp_hugetlb_dissolve(), except: the pool gets another
 *
 * Context: process; may reclaim. Return: 0; -EBUSY: not free; -ENOMEM.
 * Mirrors: mm/hugetlb.c:alloc_and_dissolve_huge_page()
 */
int pp_hugetlb_replace(struct page *page)
{
	struct page *new = pp_alloc_pages_node(page->node, PINPAGE_GFP_MOVABLE,
					       HPAGE_PMD_ORDER);
	struct page *head = first_of(page);
	bool done = false;

	if (!new)
		return -ENOMEM;
	pp_block_freeze(new, HPAGE_PMD_ORDER);
	pinpage_spin_lock(&pool.lock);
	if (head->hugetlb & HP_FREE) {
		take(head);
		put_free(new);
		done = true;
	}
	pinpage_spin_unlock(&pool.lock);
	give_back(done ? head : new);
	return done ? 0 : -EBUSY;
}

/**
 * pp_hugetlb_poison() - a frame of a huge page failed
 * @page: in use or free in the pool
 *
 * Context: any. Return: false: one of it had failed before.
 * Mirrors: mm/memory-failure.c:hugetlb_set_page_hwpoison()
 */
bool pp_hugetlb_poison(struct page *page)
{
	struct page *head = first_of(page);
	bool first;

	pinpage_spin_lock(&pool.lock);
	first = !PageHWPoison(head) && !(head->hugetlb & HP_FAILED);
	page->hugetlb |= HP_RAW;
	if (head->hugetlb & HP_FREE)
		head->hugetlb |= HP_FAILED;
	else
		SetPageHWPoison(head);
	pinpage_spin_unlock(&pool.lock);
	return first;
}

/* pp_hugetlb_failed_at() - did this very frame of a huge page fail? */
bool pp_hugetlb_failed_at(const struct page *page)
{
	return READ_ONCE(page->hugetlb) & HP_RAW;
}

/**
 * pp_hugetlb_free() - the last reference of a huge page is gone
 * @head: checked, FREE has been emitted
 *
 * Back to the pool; to the buddy if the pool has been made smaller, or it was
 * there only until another one is free.
 *
 * Context: any. Mirrors: mm/hugetlb.c:free_huge_page()
 */
void pp_hugetlb_free(struct page *head)
{
	bool failed = PageHWPoison(head), surplus;

	pp_block_freeze(head, HPAGE_PMD_ORDER);
	pinpage_spin_lock(&pool.lock);
	surplus = head->hugetlb & HP_TEMPORARY || pool.total > pool.target;
	head->hugetlb = (unsigned char)((head->hugetlb & HP_RAW) |
					(failed ? HP_FAILED : 0));
	if (surplus)
		pool.total--;
	else
		put_free(head);
	pinpage_spin_unlock(&pool.lock);
	if (surplus)
		give_back(head);
}
