// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * alloc.c - the life of a frame: prepared, given out, checked, taken back
 *
 * I1. A free frame is scrubbed: no count, flag, mapping or head; it carries
 *     the generation of its next life.
 * I2. alloc_order of the first frame of a block is the order it was asked
 *     for; of all others 0.
 * I3. A frame that is freed while something still uses it (a PTE, the page
 *     cache, a lock) is not reused: it keeps one reference for that user.
 * Mirrors: mm/page_alloc.c:prep_new_page(), free_pages_prepare(),
 * bad_page(); mm/swap.c:__folio_put().
 */
#include "page/page.h"

#include <string.h>

#include "base/alloc.h"
#include "event/event.h"
#include "page/internal.h"

#define RECLAIM_TRIES	4
#define RECLAIM_BATCH	32UL

/* what nobody may leave set on a page that he frees */
#define FLAGS_CHECKED_AT_FREE						\
	(BIT(PINPAGE_PG_LOCKED) | BIT(PINPAGE_PG_LRU) |			\
	 BIT(PINPAGE_PG_WRITEBACK) | BIT(PINPAGE_PG_PRIVATE) |		\
	 BIT(PINPAGE_PG_SWAPCACHE) | BIT(PINPAGE_PG_RESERVED) |		\
	 BIT(PINPAGE_PG_BUDDY))

static unsigned long (*reclaim_hook)(unsigned long nr);
static void (*free_hook)(struct page *head);
static struct {
	unsigned long low;
	void (*hook)(void);
} pressure;

/**
 * pp_set_reclaim_hook() - who frees memory when a zone has none
 * @hook: asked for @nr frames or more, returns how many it freed; called in
 *        process context with whatever locks the allocating task holds, and
 *        again from inside itself if it allocates (then it should return 0)
 *
 * Context: boot. Mirrors: mm/page_alloc.c:__alloc_pages_direct_reclaim()
 */
void pp_set_reclaim_hook(unsigned long (*hook)(unsigned long nr))
{
	WRITE_ONCE(reclaim_hook, hook);
}

/**
 * pp_set_free_hook() - who undoes what it attached to a page
 * @hook: called with a head whose count is 0, before it is checked and freed;
 *        must not sleep
 *
 * Context: boot. Mirrors: mm/swap.c:__page_cache_release() in place.
 */
void pp_set_free_hook(void (*hook)(struct page *head))
{
	WRITE_ONCE(free_hook, hook);
}

/**
 * pp_set_low_hook() - who is told when frames become few
 * @low:  frames; 0: nobody
 * @hook: called after an allocation that left fewer; any context, whatever
 *        locks are held: must not sleep
 *
 * Context: process; a call may be under way when it returns.
 * Mirrors: mm/page_alloc.c:wake_all_kswapds()
 */
void pp_set_low_hook(unsigned long low, void (*hook)(void))
{
	WRITE_ONCE(pressure.low, 0UL);
	if (!low)
		return;
	WRITE_ONCE(pressure.hook, hook);
	smp_store_release(&pressure.low, low);
}

/* pp_alloc_forget_hooks() - for shutdown */
void pp_alloc_forget_hooks(void)
{
	pp_set_low_hook(0, NULL);
	pp_set_reclaim_hook(NULL);
	pp_set_free_hook(NULL);
}

/*
 * Every field but counts and generation. Release at the end of prep_block()
 * and of unfreeze; a stale pointer may read flags and compound_head any time.
 */
static void clear_frame(struct page *page)
{
	WRITE_ONCE(page->flags, 0);
	WRITE_ONCE(page->compound_head, 0);
	page->lru.prev = NULL;
	WRITE_ONCE(page->mapping, NULL);
	WRITE_ONCE(page->index, 0);
	page->private = 0;
	page->alloc_order = 0;
	atomic_set(&page->_mapcount, -1);
}

/**
 * pp_page_scrub() - leave a frame as free frames are
 * @page: its user is gone
 *
 * Context: any. Locking: the caller owns the frame.
 */
void pp_page_scrub(struct page *page)
{
	clear_frame(page);
	atomic_set(&page->_refcount, 0);
	WRITE_ONCE(page->generation, page->generation + 1);
}

static void prep_compound(struct page *head, unsigned int order)
{
	unsigned long i, nr = 1UL << order;

	set_bit(PINPAGE_PG_HEAD, &head->flags);
	for (i = 1; i < nr; i++)
		WRITE_ONCE(head[i].compound_head, (unsigned long)head | 1);
	head[1].folio_order = order;
	head[1].folio_nr_pages = (unsigned int)nr;
	atomic_set(&head[1].pincount, 0);
	atomic_set(&head[1].entire_mapcount, -1);
}

static void prep_block(struct page *page, int nid, enum pp_zone zone,
		       unsigned int order, pinpage_gfp_t gfp)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++) {
		clear_frame(page + i);
		page[i].zone = (unsigned char)zone;
		page[i].node = (unsigned char)nid;
	}
	page->alloc_order = (unsigned char)order;
	if (order && gfp & PINPAGE_GFP_COMP)
		prep_compound(page, order);
	if (gfp & PINPAGE_GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE << order);
	/*
	 * Release: a lookup that gets a reference through a stale pointer sees
	 * the new owner's fields. Pairs with the full barrier of the add in
	 * pp_ref_add_try().
	 */
	atomic_set_release(&page->_refcount, 1);
}

static struct page *take_from(int nid, enum pp_zone zone, pinpage_gfp_t gfp,
			      unsigned int order)
{
	struct page *page;

	if (unlikely(current && current->pin_scope) && !pp_longterm_zone(zone))
		return NULL;
	page = pp_buddy_alloc(nid, zone, order);
	if (page)
		prep_block(page, nid, zone, order, gfp);
	return page;
}

/* Zones in order of preference: what may move keeps out of the normal zone. */
static struct page *take_on_node(int nid, pinpage_gfp_t gfp, unsigned int order)
{
	struct page *page = NULL;

	if (gfp & PINPAGE_GFP_MOVABLE) {
		page = take_from(nid, PP_ZONE_MOVABLE, gfp, order);
		if (!page)
			page = take_from(nid, PP_ZONE_CMA, gfp, order);
	}
	return page ? page : take_from(nid, PP_ZONE_NORMAL, gfp, order);
}

/* The node that is asked for, then the others in a circle. */
static struct page *take_frames(int nid, pinpage_gfp_t gfp, unsigned int order)
{
	struct page *page = take_on_node(nid, gfp, order);
	int nodes = (int)pp_nr_nodes, i;

	if (gfp & PP_GFP_THISNODE)
		return page;
	for (i = 1; !page && i < nodes; i++)
		page = take_on_node((nid + i) % nodes, gfp, order);
	return page;
}

static pp_cold struct page *take_with_reclaim(int nid, pinpage_gfp_t gfp,
					      unsigned int order)
{
	unsigned long (*hook)(unsigned long nr) = READ_ONCE(reclaim_hook);
	struct page *page = NULL;
	int try;

	if (!hook || gfp & PINPAGE_GFP_ATOMIC ||
	    pinpage_context() != PINPAGE_CTX_PROCESS)
		return NULL;
	for (try = 0; !page && try < RECLAIM_TRIES; try++) {
		unsigned long freed = hook(max(RECLAIM_BATCH, 1UL << order));

		page = take_frames(nid, gfp, order);
		if (!freed)
			break;
	}
	return page;
}

static void announce(struct page *page, unsigned int order)
{
	pp_stat_add(PINPAGE_STAT_PGALLOC, 1L << order);
	pp_stat_add(PINPAGE_STAT_NR_FREE_PAGES, -(1L << order));
	pp_emit(ALLOC, .page = page, .nr = 1UL << order,
		.site = pp_page_site());
}

/* on which node the calling task allocates */
static int home_node(void)
{
	struct task_struct *task = current;

	return task && task->node < pp_nr_nodes ? task->node : 0;
}

static pp_cold void tell_pressure(void)
{
	if (pp_buddy_nr_free() < smp_load_acquire(&pressure.low))
		READ_ONCE(pressure.hook)();
}

/**
 * pp_alloc_pages() - allocate 2^@order frames
 * @gfp:   PINPAGE_GFP_*; MOVABLE prefers the movable zone, then CMA; others
 *         come from the normal zone alone
 * @order: 0 to PINPAGE_MAX_ORDER
 *
 * The caller owns the one reference, on the first frame; pp_unref() or
 * pp_free_pages() returns it. Contents are unspecified without GFP_ZERO.
 *
 * Context: any; without GFP_ATOMIC and in process context it may reclaim.
 * Locking: takes a zone lock.
 * Return:  first frame, or NULL.
 * Mirrors: mm/page_alloc.c:__alloc_pages(); differs: no watermarks.
 */
struct page *pp_alloc_pages(pinpage_gfp_t gfp, unsigned int order)
{
	return pp_alloc_pages_node(home_node(), gfp, order);
}

struct page *pp_alloc_pages_node(int nid, pinpage_gfp_t gfp, unsigned int order)
{
	struct page *page;

	if (unlikely(order > PINPAGE_MAX_ORDER)) {
		pp_warn_once("allocation of order %u, %u is the largest",
			     order, PINPAGE_MAX_ORDER);
		return NULL;
	}
	if (unlikely(pp_alloc_should_fail()))
		return NULL;
	page = take_frames(nid, gfp, order);
	if (unlikely(!page))
		page = take_with_reclaim(nid, gfp, order);
	if (unlikely(!page))
		return NULL;
	if (unlikely(READ_ONCE(pressure.low)))
		tell_pressure();
	announce(page, order);
	return page;
}

/**
 * pp_adopt_frame() - a frame taken from the buddy becomes a small page
 * @page: from pp_buddy_take() or pp_take_range(); the caller gets one reference
 *
 * Context: any. Locking: none.
 */
void pp_adopt_frame(struct page *page)
{
	unsigned long pfn = page_to_pfn(page);
	unsigned long start, end;
	unsigned int nid, z;

	for (nid = 0; nid < pp_nr_nodes; nid++)
		for (z = 0; z < PP_NR_ZONES; z++) {
			pp_zone_span((int)nid, z, &start, &end);
			if (pfn >= start && pfn < end)
				goto found;
		}
	pp_bug("frame %lu is in no zone", pfn);
found:
	prep_block(page, (int)nid, (enum pp_zone)z, 0, 0);
	announce(page, 0);
}

/**
 * pp_alloc_frame() - As pp_alloc_pages(), except: this very frame or none
 * @page: a frame of the machine
 */
struct page *pp_alloc_frame(struct page *page, pinpage_gfp_t gfp)
{
	if (unlikely(pp_alloc_should_fail()) || !pp_buddy_take(page))
		return NULL;
	pp_adopt_frame(page);
	if (gfp & PINPAGE_GFP_ZERO)
		memset(page_address(page), 0, PAGE_SIZE);
	return page;
}

/* freeing */

static const char *bad_folio(const struct page *head)
{
	unsigned long i, nr = folio_nr_pages((const struct folio *)head);

	if (nr > 1 && atomic_read(&head[1].entire_mapcount) != -1)
		return "mapped as a whole";
	if (nr > 1 && atomic_read(&head[1].pincount))
		return "pincount is not zero";
	for (i = 0; i < nr; i++)
		if (atomic_read(&head[i]._mapcount) != -1)
			return "still mapped";
	return NULL;
}

/* Return: why @head cannot be freed, or NULL. */
static const char *bad_page(const struct page *head)
{
	if (READ_ONCE(head->flags) & FLAGS_CHECKED_AT_FREE)
		return "a flag is set that must not be";
	if (page_file_mapping(head))
		return "still in the page cache";
	return bad_folio(head);
}

/* The user whose reference was dropped by somebody else keeps the frame. */
static pp_cold void keep_bad_page(struct page *head, const char *why)
{
	char text[160];

	pp_page_describe(head, text, sizeof(text));
	pp_warn_once("bad page, not freed: %s: %s", why, text);
	pp_emit(WARN, .page = head, .nr = 1, .name = "bad page state",
		.site = pp_page_site());
	atomic_set_release(&head->_refcount, 1);
}

/* Gives 2^@order frames back that nobody refers to. */
static void free_block(struct page *page, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		pp_page_scrub(page + i);
	pp_stat_add(PINPAGE_STAT_PGFREE, 1L << order);
	pp_stat_add(PINPAGE_STAT_NR_FREE_PAGES, 1L << order);
	pp_buddy_free(page, order);
}

/* pp_block_freeze() - nobody refers to the block; Context: its owner alone */
void pp_block_freeze(struct page *page, unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++)
		pp_page_scrub(page + i);
}

/* pp_block_thaw() - one reference, as pp_alloc_pages() gives it */
void pp_block_thaw(struct page *page, unsigned int order, pinpage_gfp_t gfp)
{
	prep_block(page, page->node, (enum pp_zone)page->zone, order, gfp);
}

static void free_last(struct page *head, unsigned int order)
{
	void (*hook)(struct page *head) = READ_ONCE(free_hook);
	const char *why;

	if (hook)
		hook(head);
	if (unlikely(PageHead(head)))
		pp_deferred_del(head);
	if (unlikely(PageLRU(head)))
		pp_lru_del(head);
	if (unlikely(PageMlocked(head)))
		pp_mlock_cleared(head);
	why = bad_page(head);
	if (unlikely(why)) {
		keep_bad_page(head, why);
		return;
	}
	pp_emit(FREE, .page = head, .nr = 1UL << order,
		.site = pp_page_site());
	if (unlikely(PageHugetlb(head)))
		pp_hugetlb_free(head);
	else
		free_block(head, order);
}

/**
 * pp_free_last() - the last reference of a page or folio is gone
 * @head: its count is 0
 *
 * Off the LRU, checked, and back to its zone as a whole.
 *
 * Context: any. Locking: takes LRU and zone locks, one at a time.
 * Mirrors: mm/swap.c:__folio_put(); differs: a bad page keeps one reference
 *          for the user it still has, the kernel leaks it.
 */
void pp_free_last(struct page *head)
{
	free_last(head, folio_order((struct folio *)head));
}

/* Some frame past the first of a block that is no folio may be in use. */
static void free_part(struct page *page, unsigned int order)
{
	pp_emit(FREE, .page = page, .nr = 1UL << order,
		.site = pp_page_site());
	free_block(page, order);
}

/**
 * pp_free_pages() - drop the reference of an allocation
 * @page:  as pp_alloc_pages() returned it
 * @order: as it was allocated
 *
 * If others hold references of @page: a folio stays whole until the last one
 * goes; of a plain block the other frames are freed now and @page alone stays.
 *
 * Context: any. Locking: as pp_free_last().
 * Mirrors: mm/page_alloc.c:__free_pages()
 */
void pp_free_pages(struct page *page, unsigned int order)
{
	if (!PageHead(page))
		page->alloc_order = 0;
	if (atomic_dec_and_test(&page->_refcount)) {
		free_last(page, order);
		return;
	}
	if (PageHead(page))
		return;
	while (order-- > 0)
		free_part(page + (1UL << order), order);
}

/* the public pair; contracts: page.h */

struct page *pinpage_alloc_pages(pinpage_gfp_t gfp, unsigned int order)
{
	const void *site;
	struct page *page;

	if (!pp_ready())
		return NULL;
	site = pp_enter(__builtin_return_address(0));
	if (!(gfp & PINPAGE_GFP_ATOMIC))
		pinpage_might_sleep();
	page = pp_alloc_pages(gfp, order);
	if (page)
		pp_emit(GET, .page = page, .nr = 1, .site = site);
	pp_leave();
	return page;
}

/* Return: the order to free with, or -1 if nothing may be freed. */
static int order_to_free(const struct page *page, unsigned int order)
{
	if (PageTail(page) || page_ref_count(page) == 0) {
		pp_warn_once("free_pages() of a %s, pfn %lu",
			     PageTail(page) ? "tail page" : "free page",
			     page_to_pfn(page));
		return -1;
	}
	if (order != page->alloc_order)
		pp_warn_once("free_pages() with order %u of pfn %lu, "
			     "allocated with order %u", order,
			     page_to_pfn(page), page->alloc_order);
	return page->alloc_order;
}

void pinpage_free_pages(struct page *page, unsigned int order)
{
	const void *site;
	int have;

	if (!pp_page_ok(page))
		return;
	have = order_to_free(page, order);
	if (have < 0)
		return;
	site = pp_enter(__builtin_return_address(0));
	pp_emit(PUT, .page = page, .nr = 1, .site = site);
	pp_free_pages(page, (unsigned int)have);
	pp_leave();
}
