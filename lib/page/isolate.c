// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * isolate.c - ranges of frames that are being emptied
 *
 * Whoever wants a range for himself (offlining, a contiguous allocation)
 * isolates it first: free frames are taken out of the buddy lists and held,
 * and what is freed in it meanwhile joins them. Used frames stay where they
 * are: he has to move them away.
 *
 * I1. A frame on zone->held lies in an isolated range of its zone, is scrubbed
 *     and not counted as free.
 * I2. Ranges of a zone do not overlap, and a range lies in one zone.
 *
 * Who excludes whom: the zone lock covers everything; pp_page_isolated() looks
 * without it and is a hint, as the pageblock's type is in the kernel.
 * Mirrors: mm/page_isolation.c:start_isolate_page_range(),
 * undo_isolate_page_range(), test_pages_isolated(); differs: exact ranges, not
 * pageblocks.
 */
#include "page/page.h"

#include <errno.h>

#include "event/event.h"
#include "page/internal.h"

/* zone lock held, or a hint */
bool pp_isolated_locked(const struct pp_zone_info *zone, unsigned long pfn)
{
	unsigned int i, nr = READ_ONCE(zone->nr_isolated);

	for (i = 0; i < nr; i++)
		if (pfn >= READ_ONCE(zone->isolated[i].start) &&
		    pfn < READ_ONCE(zone->isolated[i].end))
			return true;
	return false;
}

/**
 * pp_page_isolated() - is this frame part of a range that is being emptied?
 * @page: in use
 *
 * Context: any. Locking: none; a hint.
 * Mirrors: include/linux/page-isolation.h:is_migrate_isolate_page()
 */
bool pp_page_isolated(const struct page *page)
{
	const struct pp_zone_info *zone = pp_zone_of(page->node, page->zone);

	return unlikely(READ_ONCE(zone->nr_isolated)) &&
	       pp_isolated_locked(zone, page_to_pfn(page));
}

/* A free frame of an isolated range is kept. Lock held. */
void pp_hold_locked(struct pp_zone_info *zone, struct page *page)
{
	WRITE_ONCE(page->flags, 0);
	pp_page_list_add(page, &zone->held);
	pp_stat_add(PINPAGE_STAT_NR_FREE_PAGES, -1);
}

static bool overlaps(const struct pp_zone_info *zone, unsigned long start,
		     unsigned long end)
{
	unsigned int i;

	for (i = 0; i < zone->nr_isolated; i++)
		if (start < zone->isolated[i].end && end > zone->isolated[i].start)
			return true;
	return false;
}

/**
 * pp_isolate_range() - start to empty a range
 * @start, @end: frames, @end exclusive
 *
 * Context: any. Locking: takes the zone lock.
 * Return:  0; -EINVAL: empty, not of this machine, or of two zones; -EBUSY:
 *          somebody else empties part of it, or too many do.
 * Mirrors: mm/page_isolation.c:start_isolate_page_range()
 */
int pp_isolate_range(unsigned long start, unsigned long end)
{
	struct pp_zone_info *zone;
	unsigned long pfn;
	unsigned int i;
	int err = -EBUSY;

	if (start >= end || end > pp_nr_frames)
		return -EINVAL;
	zone = pp_zone_of_pfn(start);
	if (end > zone->end)
		return -EINVAL;
	pinpage_spin_lock(&zone->lock);
	i = zone->nr_isolated;
	if (i == PP_ISOLATED_MAX || overlaps(zone, start, end))
		goto out_unlock;
	WRITE_ONCE(zone->isolated[i].start, start);
	WRITE_ONCE(zone->isolated[i].end, end);
	WRITE_ONCE(zone->nr_isolated, i + 1);
	for (pfn = start; pfn < end; pfn++)
		if (pp_buddy_take_locked(zone, pfn))
			pp_hold_locked(zone, pfn_to_page(pfn));
	err = 0;
out_unlock:
	pinpage_spin_unlock(&zone->lock);
	return err;
}

/*
 * The held frames of [start, end) leave the list; @give: to the buddy. Lock
 * held.
 */
static void release_held(struct pp_zone_info *zone, unsigned long start,
			 unsigned long end, bool give)
{
	struct list_head *node, *next;

	for (node = zone->held.next; node != &zone->held; node = next) {
		struct page *page = pp_list_page(node);
		unsigned long pfn = page_to_pfn(page);

		next = node->next;
		if (pfn < start || pfn >= end)
			continue;
		pp_page_list_del(page);
		pp_stat_add(PINPAGE_STAT_NR_FREE_PAGES, 1);
		if (give)
			pp_buddy_give_locked(zone, page);
	}
}

static void forget_range(struct pp_zone_info *zone, unsigned long start)
{
	unsigned int i, last = zone->nr_isolated - 1;

	for (i = 0; i < last && zone->isolated[i].start != start; i++)
		;
	WRITE_ONCE(zone->isolated[i].start, zone->isolated[last].start);
	WRITE_ONCE(zone->isolated[i].end, zone->isolated[last].end);
	WRITE_ONCE(zone->nr_isolated, last);
}

static void end_range(unsigned long start, unsigned long end, bool give)
{
	struct pp_zone_info *zone = pp_zone_of_pfn(start);

	pinpage_spin_lock(&zone->lock);
	forget_range(zone, start);
	release_held(zone, start, end, give);
	pinpage_spin_unlock(&zone->lock);
}

/**
 * pp_unisolate_range() - give an isolated range back
 * @start, @end: as isolated
 *
 * Context: any. Locking: takes the zone lock.
 * Mirrors: mm/page_isolation.c:undo_isolate_page_range()
 */
void pp_unisolate_range(unsigned long start, unsigned long end)
{
	end_range(start, end, true);
}

/**
 * pp_take_range() - the frames of an isolated range are the caller's
 * @start, @end: as isolated; pp_range_is_free()
 *
 * Scrubbed, without a reference: pp_adopt_frame(). The range is not isolated
 * any more.
 *
 * Context: any. Locking: takes the zone lock.
 */
void pp_take_range(unsigned long start, unsigned long end)
{
	end_range(start, end, false);
}

/**
 * pp_range_is_free() - is an isolated range empty?
 * @start, @end: as isolated, or a part of it
 *
 * Context: any. Locking: takes the zone lock.
 * Mirrors: mm/page_isolation.c:test_pages_isolated()
 */
bool pp_range_is_free(unsigned long start, unsigned long end)
{
	struct pp_zone_info *zone = pp_zone_of_pfn(start);
	struct list_head *node;
	unsigned long nr = 0;

	pinpage_spin_lock(&zone->lock);
	for (node = zone->held.next; node != &zone->held; node = node->next) {
		unsigned long pfn = page_to_pfn(pp_list_page(node));

		nr += pfn >= start && pfn < end;
	}
	pinpage_spin_unlock(&zone->lock);
	return nr == end - start;
}

/* Is this very range isolated? Context: any. Locking: takes the zone lock. */
bool pp_range_is_isolated(unsigned long start, unsigned long end)
{
	struct pp_zone_info *zone = pp_zone_of_pfn(start);
	bool found = false;
	unsigned int i;

	pinpage_spin_lock(&zone->lock);
	for (i = 0; i < zone->nr_isolated; i++)
		found |= zone->isolated[i].start == start && zone->isolated[i].end == end;
	pinpage_spin_unlock(&zone->lock);
	return found;
}

/* pp_isolate_end_all() - for shutdown: every held frame is free again */
void pp_isolate_end_all(void)
{
	unsigned int nid, z;

	for (nid = 0; nid < pp_nr_nodes; nid++)
		for (z = 0; z < PP_NR_ZONES; z++) {
			struct pp_zone_info *zone = pp_zone_of((int)nid, z);

			while (zone->nr_isolated)
				pp_unisolate_range(zone->isolated[0].start,
						   zone->isolated[0].end);
		}
}
