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

static struct pp_zone_info zones[PP_MAX_NODES * PP_NR_ZONES];
static unsigned int nr_zones;

static const char *const zone_names[PP_NR_ZONES] = {
	"zone normal", "zone movable", "zone CMA",
};

static void zone_boot(struct pp_zone_info *zone, const char *name,
		      unsigned long start, unsigned long end)
{
	int order;

	pp_spin_init(&zone->lock, name, PINPAGE_RANK_ZONE);
	zone->start = start;
	zone->fresh = start;
	zone->end = end;
	zone->nr_free = end - start;
	zone->nr_hot = 0;
	zone->orders = 0;
	zone->nr_isolated = 0;
	INIT_LIST_HEAD(&zone->hot);
	INIT_LIST_HEAD(&zone->held);
	for (order = 0; order <= PINPAGE_MAX_ORDER; order++)
		INIT_LIST_HEAD(&zone->free[order]);
}

/**
 * pp_buddy_boot() - all frames free
 * @bounds:   zone z of node n is frames @bounds[n * PP_NR_ZONES + z] up to the
 *            next bound; may be empty
 * @nr_nodes: 1 to PP_MAX_NODES
 *
 * Context: boot. Locking: none. Costs nothing per frame.
 */
void pp_buddy_boot(const unsigned long *bounds, unsigned int nr_nodes)
{
	unsigned int i;

	nr_zones = nr_nodes * PP_NR_ZONES;
	for (i = 0; i < nr_zones; i++)
		zone_boot(&zones[i], zone_names[i % PP_NR_ZONES], bounds[i],
			  bounds[i + 1]);
}

/* the zone of a node; both are trusted */
struct pp_zone_info *pp_zone_of(int nid, enum pp_zone z)
{
	return &zones[(unsigned int)nid * PP_NR_ZONES + z];
}

/* the zone that a frame, perhaps never used, lies in; the frame exists */
struct pp_zone_info *pp_zone_of_pfn(unsigned long pfn)
{
	unsigned int i;

	for (i = 0; i < nr_zones; i++)
		if (pfn >= zones[i].start && pfn < zones[i].end)
			return &zones[i];
	pp_bug("frame %lu is in no zone", pfn);
}

/* frames [*start, *end) of a zone; perhaps none */
void pp_zone_span(int nid, enum pp_zone z, unsigned long *start, unsigned long *end)
{
	*start = pp_zone_of(nid, z)->start;
	*end = pp_zone_of(nid, z)->end;
}

/* As pp_buddy_nr_free(), except: of one zone. */
unsigned long pp_zone_nr_free(int nid, enum pp_zone z)
{
	return READ_ONCE(pp_zone_of(nid, z)->nr_free);
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

/*
 * The free block that holds frame @pfn, or NULL. The heads of all blocks that
 * it may have been split from were written in this boot, and the largest
 * candidate is looked at first, so that nothing older is believed. Lock held.
 */
static struct page *block_of(struct pp_zone_info *zone, unsigned long pfn,
			     unsigned int *order)
{
	int at;

	for (at = PINPAGE_MAX_ORDER; at >= 0; at--) {
		unsigned long head = pfn & ~((1UL << at) - 1);
		struct page *page = pfn_to_page(head);

		if (head < zone->start || head + (1UL << at) > zone->fresh ||
		    !test_bit(PINPAGE_PG_BUDDY, &page->flags) ||
		    page->private != (unsigned long)at)
			continue;
		*order = (unsigned int)at;
		return page;
	}
	return NULL;
}

/**
 * pp_buddy_take_locked() - take this very frame if it is free
 * @zone: of the frame
 * @pfn:  the frame
 *
 * Context: any. Locking: zone lock held.
 * Return:  false: somebody uses it.
 * Mirrors: mm/page_alloc.c:take_page_off_buddy()
 */
bool pp_buddy_take_locked(struct pp_zone_info *zone, unsigned long pfn)
{
	struct page *page;
	unsigned int order;

	while (zone->fresh <= pfn)
		carve(zone);
	hot_cut(zone, 0);
	page = block_of(zone, pfn, &order);
	if (!page)
		return false;
	block_del(zone, page, order);
	while (order > 0) {
		struct page *half = page + (1UL << --order);

		if (pfn >= page_to_pfn(half))
			swap(page, half);
		block_add(zone, half, order);
	}
	WRITE_ONCE(zone->nr_free, zone->nr_free - 1);
	return true;
}

/* the end of pp_buddy_take_locked(); the frame is scrubbed */
void pp_buddy_give_locked(struct pp_zone_info *zone, struct page *page)
{
	block_give(zone, page, 0);
	WRITE_ONCE(zone->nr_free, zone->nr_free + 1);
}

/* As pp_buddy_take_locked(), except: takes the lock; a frame of the machine. */
bool pp_buddy_take(struct page *page)
{
	struct pp_zone_info *zone = pp_zone_of_pfn(page_to_pfn(page));
	bool taken;

	pinpage_spin_lock(&zone->lock);
	taken = pp_buddy_take_locked(zone, page_to_pfn(page));
	pinpage_spin_unlock(&zone->lock);
	return taken;
}

/**
 * pp_buddy_alloc() - take a block out of one zone
 * @nid:   the node
 * @z:     the zone
 * @order: 0 to PINPAGE_MAX_ORDER
 *
 * The frames come as they are: pp_alloc_pages() prepares them.
 *
 * Context: any. Locking: takes the zone lock.
 * Return:  first frame, or NULL.
 * Mirrors: mm/page_alloc.c:rmqueue()
 */
struct page *pp_buddy_alloc(int nid, enum pp_zone z, unsigned int order)
{
	struct pp_zone_info *zone = pp_zone_of(nid, z);
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

/* A block comes back while a range of its zone is being emptied. Lock held. */
static pp_cold void free_isolated(struct pp_zone_info *zone, struct page *page,
				  unsigned int order)
{
	unsigned long i;

	for (i = 0; i < 1UL << order; i++) {
		if (pp_isolated_locked(zone, page_to_pfn(page + i)))
			pp_hold_locked(zone, page + i);
		else
			pp_buddy_give_locked(zone, page + i);
	}
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
	struct pp_zone_info *zone = pp_zone_of(page->node, page->zone);

	pinpage_spin_lock(&zone->lock);
	if (unlikely(zone->nr_isolated)) {
		free_isolated(zone, page, order);
		pinpage_spin_unlock(&zone->lock);
		return;
	}
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
	unsigned int z;

	for (z = 0; z < nr_zones; z++)
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
	unsigned int z;

	for (z = 0; z < nr_zones; z++) {
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
	unsigned int order, z;

	for (z = 0; z < nr_zones; z++) {
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
