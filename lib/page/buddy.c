// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * buddy.c - blocks of frames: split on allocation, merge on free
 *
 * A zone is a range of frames. Its first part, up to @fresh, has been carved
 * into blocks; the rest is free and untouched, so that a boot does not depend
 * on the size of the machine. Single frames pass through a short list, @hot,
 * so that one allocation and one free do not split and merge ten times.
 *
 * I1. A block of 2^n frames starts at a multiple of 2^n and lies in one zone.
 * I2. The head of a free block has flags == PG_buddy alone and its order in
 *     private; no other frame below @fresh has PG_buddy set by this boot.
 * I3. The first frame of the buddy of a block below @fresh was written in this
 *     boot: both came from one split or from neighbouring carvings. So what
 *     older machines left in the frame table is never believed.
 * I4. Two free buddies of one order are merged, but for frames on @hot.
 * I5. nr_free = frames in free blocks + on @hot + not yet carved.
 *
 * Who excludes whom: the zone lock covers lists, @fresh, I2 and I4. Merging
 * reads the flags of a neighbour that somebody else owns; the owner never
 * sets PG_buddy.
 * Mirrors: mm/page_alloc.c:__rmqueue_smallest(), expand(),
 * __free_one_page(); differs: no migrate types, carving, @hot is per zone.
 */
#include "page/page.h"

#include "event/event.h"
#include "page/internal.h"

#define HOT_MAX		64U	/* frames on the hot list before it is cut */
#define HOT_KEEP	32U	/* and after */

struct pp_zone_info {
	pinpage_spinlock_t lock;	/* rank ZONE; all below */
	unsigned long start, end;	/* constant */
	unsigned long fresh;		/* first frame not carved */
	unsigned long nr_free;
	unsigned int nr_hot;
	unsigned int orders;		/* bit n: free[n] is not empty */
	struct list_head hot;
	struct list_head free[PINPAGE_MAX_ORDER + 1];
} pp_cacheline_aligned;

static struct pp_zone_info zones[PP_NR_ZONES];

static const char *const zone_names[PP_NR_ZONES] = {
	"zone normal", "zone movable", "zone CMA",
};

/**
 * pp_buddy_boot() - all frames free
 * @bounds: zone z is frames @bounds[z] to @bounds[z + 1] - 1; may be empty
 *
 * Context: boot. Locking: none. Costs nothing per frame.
 */
void pp_buddy_boot(const unsigned long bounds[PP_NR_ZONES + 1])
{
	int z, order;

	for (z = 0; z < PP_NR_ZONES; z++) {
		struct pp_zone_info *zone = &zones[z];

		pp_spin_init(&zone->lock, zone_names[z], PINPAGE_RANK_ZONE);
		zone->start = bounds[z];
		zone->fresh = bounds[z];
		zone->end = bounds[z + 1];
		zone->nr_free = zone->end - zone->start;
		zone->nr_hot = 0;
		zone->orders = 0;
		INIT_LIST_HEAD(&zone->hot);
		for (order = 0; order <= PINPAGE_MAX_ORDER; order++)
			INIT_LIST_HEAD(&zone->free[order]);
	}
}

static void block_add(struct pp_zone_info *zone, struct page *page,
		      unsigned int order)
{
	page->private = order;
	WRITE_ONCE(page->flags, BIT(PINPAGE_PG_BUDDY));
	pp_page_list_add(page, &zone->free[order]);
	zone->orders |= 1U << order;
}

static void block_del(struct pp_zone_info *zone, struct page *page,
		      unsigned int order)
{
	pp_page_list_del(page);
	WRITE_ONCE(page->flags, 0);
	if (list_empty(&zone->free[order]))
		zone->orders &= ~(1U << order);
}

/* Makes the next untouched frames a free block. Return: false if none is left. */
static bool carve(struct pp_zone_info *zone)
{
	unsigned long pfn = zone->fresh;
	unsigned int order = PINPAGE_MAX_ORDER;

	if (pfn == zone->end)
		return false;
	if (pfn)
		order = min_t(unsigned int, order, __ffs(pfn));
	order = min_t(unsigned int, order, ilog2(zone->end - pfn));
	zone->fresh = pfn + (1UL << order);
	block_add(zone, pfn_to_page(pfn), order);
	return true;
}

/* Takes 2^@order frames from the smallest block that has them. */
static struct page *block_take(struct pp_zone_info *zone, unsigned int order)
{
	unsigned int at, have;
	struct page *page;

	while (!(have = zone->orders >> order))
		if (!carve(zone))
			return NULL;
	at = order + __ffs(have);
	page = pp_list_page(zone->free[at].next);
	block_del(zone, page, at);
	while (at > order) {
		at--;
		block_add(zone, page + (1UL << at), at);
	}
	return page;
}

/* Gives a block back, merged with its buddies as far as it goes. */
static void block_give(struct pp_zone_info *zone, struct page *page,
		       unsigned int order)
{
	unsigned long pfn = page_to_pfn(page);

	for (; order < PINPAGE_MAX_ORDER; order++) {
		unsigned long other = pfn ^ (1UL << order);
		struct page *buddy = pfn_to_page(other);

		if (other < zone->start || other >= zone->fresh)
			break;
		if (!test_bit(PINPAGE_PG_BUDDY, &buddy->flags) ||
		    buddy->private != order)
			break;
		block_del(zone, buddy, order);
		pfn &= other;
	}
	block_add(zone, pfn_to_page(pfn), order);
}

/* Moves the coldest hot frames to the free blocks until @keep are left. */
static void hot_cut(struct pp_zone_info *zone, unsigned int keep)
{
	while (zone->nr_hot > keep) {
		struct page *page = pp_list_page(zone->hot.prev);

		pp_page_list_del(page);
		zone->nr_hot--;
		block_give(zone, page, 0);
	}
}

static struct page *hot_take(struct pp_zone_info *zone)
{
	struct page *page;

	if (!zone->nr_hot)
		return NULL;
	page = pp_list_page(zone->hot.next);
	pp_page_list_del(page);
	zone->nr_hot--;
	return page;
}

/**
 * pp_buddy_alloc() - take a block out of one zone
 * @z:     the zone
 * @order: 0 to PINPAGE_MAX_ORDER
 *
 * The frames come as they are: pp_alloc_pages() prepares them.
 *
 * Context: any. Locking: takes the zone lock.
 * Return:  first frame, or NULL.
 * Mirrors: mm/page_alloc.c:rmqueue()
 */
struct page *pp_buddy_alloc(enum pp_zone z, unsigned int order)
{
	struct pp_zone_info *zone = &zones[z];
	struct page *page = NULL;

	if (READ_ONCE(zone->nr_free) < 1UL << order)
		return NULL;
	pinpage_spin_lock(&zone->lock);
	if (!order)
		page = hot_take(zone);
	if (!page)
		page = block_take(zone, order);
	if (unlikely(!page) && zone->nr_hot) {
		hot_cut(zone, 0);
		page = block_take(zone, order);
	}
	if (page)
		WRITE_ONCE(zone->nr_free, zone->nr_free - (1UL << order));
	pinpage_spin_unlock(&zone->lock);
	return page;
}

/**
 * pp_buddy_free() - give a block back to its zone
 * @page:  first frame, scrubbed
 * @order: 0 to PINPAGE_MAX_ORDER
 *
 * Context: any. Locking: takes the zone lock.
 * Mirrors: mm/page_alloc.c:free_one_page()
 */
void pp_buddy_free(struct page *page, unsigned int order)
{
	struct pp_zone_info *zone = &zones[page->zone];

	pinpage_spin_lock(&zone->lock);
	if (order) {
		block_give(zone, page, order);
	} else {
		pp_page_list_add(page, &zone->hot);
		if (unlikely(++zone->nr_hot > HOT_MAX))
			hot_cut(zone, HOT_KEEP);
	}
	WRITE_ONCE(zone->nr_free, zone->nr_free + (1UL << order));
	pinpage_spin_unlock(&zone->lock);
}

/**
 * pp_buddy_nr_free() - frames that are free now
 *
 * Exact if nobody allocates or frees meanwhile.
 * Context: any. Locking: none.
 */
unsigned long pp_buddy_nr_free(void)
{
	unsigned long nr = 0;
	int z;

	for (z = 0; z < PP_NR_ZONES; z++)
		nr += READ_ONCE(zones[z].nr_free);
	return nr;
}

static void each_used_of(struct pp_zone_info *zone,
			 void (*fn)(struct page *page, void *priv), void *priv)
{
	unsigned long pfn = zone->start;

	while (pfn < zone->fresh) {
		struct page *page = pfn_to_page(pfn);

		if (test_bit(PINPAGE_PG_BUDDY, &page->flags)) {
			pfn += 1UL << page->private;
			continue;
		}
		pfn += folio_nr_pages((struct folio *)page);
		fn(page, priv);
	}
}

/**
 * pp_buddy_each_used() - visit what is allocated
 * @fn:   called once per folio, or per frame; may scrub what it is given
 * @priv: for @fn
 *
 * Context: nobody else allocates or frees. Locking: none.
 */
void pp_buddy_each_used(void (*fn)(struct page *page, void *priv), void *priv)
{
	int z;

	for (z = 0; z < PP_NR_ZONES; z++) {
		hot_cut(&zones[z], 0);
		each_used_of(&zones[z], fn, priv);
	}
}

/* Return: frames in the blocks of one order, or -1 if one breaks I1, I2, I4. */
static long check_order(struct pp_zone_info *zone, unsigned int order)
{
	struct list_head *node;
	long nr = 0;

	for (node = zone->free[order].next; node != &zone->free[order];
	     node = node->next) {
		struct page *page = pp_list_page(node);
		unsigned long pfn = page_to_pfn(page);
		unsigned long other = pfn ^ (1UL << order);

		if (pfn < zone->start || pfn + (1UL << order) > zone->fresh ||
		    !IS_ALIGNED(pfn, 1UL << order) ||
		    page->flags != BIT(PINPAGE_PG_BUDDY) ||
		    page->private != order || page_ref_count(page))
			return -1;
		if (order < PINPAGE_MAX_ORDER && other >= zone->start &&
		    other < zone->fresh &&
		    pfn_to_page(other)->flags & BIT(PINPAGE_PG_BUDDY) &&
		    pfn_to_page(other)->private == order)
			return -1;
		nr += 1L << order;
	}
	if (!nr != !(zone->orders & 1U << order))
		return -1;
	return nr;
}

/**
 * pp_buddy_check() - do the invariants hold?
 *
 * Context: nobody else allocates or frees. Locking: none.
 * Return:  0, or -1.
 */
int pp_buddy_check(void)
{
	unsigned int order;
	int z;

	for (z = 0; z < PP_NR_ZONES; z++) {
		struct pp_zone_info *zone = &zones[z];
		unsigned long nr = zone->end - zone->fresh + zone->nr_hot;

		for (order = 0; order <= PINPAGE_MAX_ORDER; order++) {
			long here = check_order(zone, order);

			if (here < 0)
				return -1;
			nr += (unsigned long)here;
		}
		if (nr != zone->nr_free)
			return -1;
	}
	return 0;
}
