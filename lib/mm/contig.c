// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/contig.c - ranges of frames emptied: offline, contiguous, CMA
 *
 * Isolate the range, so that nothing comes in; move away what is there; look
 * whether every frame is free.
 *
 * I1. After a failure the range is in use as before.
 * I2. An offline range stays isolated, and so its frames stay free and unused,
 *     until it comes online or the machine goes down.
 * Mirrors: mm/memory_hotplug.c:offline_pages(), do_migrate_range();
 * mm/page_alloc.c:alloc_contig_range(), mm/cma.c:cma_alloc() 6.1.
 */
#include "mm/internal.h"
#include "mm/migrate.h"
#include "mm/scanner.h"

#define OFFLINE_PASSES	5
#define CONTIG_PASSES	1
#define PAUSE_MS	1000U

/* isolates what moves; false: something is there that never does */
static bool collect(unsigned long start, unsigned long end, struct list_head *list)
{
	unsigned long pfn;

	for (pfn = start; pfn < end; pfn++) {
		struct page *page = pfn_to_page(pfn), *head = compound_head(page);

		if (!page_ref_count(head))
			continue;
		if (page == pp_zero_page || PageReserved(head))
			return false;
		pp_migrate_isolate(head, list);
	}
	return true;
}

/*
 * Free huge pages of the pool leave the range: for good, or the pool gets others.
 * Mirrors: mm/hugetlb.c:dissolve_free_huge_pages(), isolate_or_dissolve_huge_page()
 */
static int empty_pool(unsigned long start, unsigned long end, bool offline)
{
	unsigned long pfn = start & ~(HPAGE_PMD_NR - 1);
	int err = 0;

	for (; pfn < end && err != -ENOMEM; pfn += HPAGE_PMD_NR) {
		struct page *page = pfn_to_page(pfn);

		if (pp_hugetlb_is_free(page))
			err = offline ? pp_hugetlb_dissolve(page) : pp_hugetlb_replace(page);
	}
	return err == -ENOMEM ? err : 0;
}

/* 0 when the isolated range is empty; -EBUSY, -ENOMEM */
static int empty_range(unsigned long start, unsigned long end, int passes, bool offline)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_MOVABLE,
	};
	long left = 0;
	LIST_HEAD(list);

	while (passes-- && !pp_range_is_free(start, end)) {
		if (!collect(start, end, &list)) {
			pp_migrate_putback(&list);
			return -EBUSY;
		}
		left = pp_migrate_pages(&list, &m);
		pp_migrate_putback(&list);
		if (left >= 0)
			left = empty_pool(start, end, offline);
		if (left < 0)
			return (int)left;
		pinpage_cond_resched();
	}
	return pp_range_is_free(start, end) ? 0 : -EBUSY;
}

static int isolate_and_empty(unsigned long start, unsigned long end, int passes,
			     bool offline)
{
	int err = pp_isolate_range(start, end);

	if (err)
		return err;
	err = empty_range(start, end, passes, offline);
	if (err)
		pp_unisolate_range(start, end);
	return err;
}

static bool bad_call(unsigned long start, unsigned long nr)
{
	return !pp_ready() || !pinpage_might_sleep() || !nr || start + nr < start;
}

int pinpage_offline_pages(unsigned long start_pfn, unsigned long nr)
{
	if (bad_call(start_pfn, nr))
		return -EINVAL;
	return isolate_and_empty(start_pfn, start_pfn + nr, OFFLINE_PASSES, true);
}

int pinpage_online_pages(unsigned long start_pfn, unsigned long nr)
{
	if (bad_call(start_pfn, nr) || start_pfn + nr > pp_nr_frames ||
	    !pp_range_is_isolated(start_pfn, start_pfn + nr) ||
	    !pp_range_is_free(start_pfn, start_pfn + nr))
		return -EINVAL;
	pp_unisolate_range(start_pfn, start_pfn + nr);
	return 0;
}

/* the task that takes a range away and gives it back, in turn */

static struct {
	unsigned long start, nr;		/* constant while it runs */
	bool away;				/* the task's */
} offliner;

static void offliner_round(struct pp_scanner *s)
{
	(void)s;
	if (offliner.away)
		pinpage_online_pages(offliner.start, offliner.nr);
	offliner.away = !offliner.away &&
			!pinpage_offline_pages(offliner.start, offliner.nr);
}

static struct pp_scanner offliner_task = {
	.name = "offliner", .round = offliner_round, .usual_ms = PAUSE_MS,
};

int pinpage_offliner_start(unsigned long start_pfn, unsigned long nr,
			   unsigned int pause_ms)
{
	if (bad_call(start_pfn, nr) || start_pfn + nr > pp_nr_frames)
		return -EINVAL;
	if (pp_scanner_runs(&offliner_task))
		return -EBUSY;
	offliner.start = start_pfn;
	offliner.nr = nr;
	offliner.away = false;
	return pp_scanner_start(&offliner_task, pause_ms);
}

void pinpage_offliner_stop(void)
{
	if (!pp_ready() || !pp_scanner_runs(&offliner_task))
		return;
	pp_scanner_stop(&offliner_task);
	if (offliner.away)
		pinpage_online_pages(offliner.start, offliner.nr);
}

int pinpage_alloc_contig_range(unsigned long start, unsigned long end)
{
	unsigned long pfn;
	int err;

	if (end <= start || bad_call(start, end - start))
		return -EINVAL;
	err = isolate_and_empty(start, end, CONTIG_PASSES, false);
	if (err)
		return err;
	pp_take_range(start, end);
	for (pfn = start; pfn < end; pfn++) {
		pp_adopt_frame(pfn_to_page(pfn));
		pp_emit(GET, .page = pfn_to_page(pfn), .nr = 1,
			.site = __builtin_return_address(0));
	}
	return 0;
}

void pinpage_free_contig_range(unsigned long pfn, unsigned long nr)
{
	if (!pp_ready())
		return;
	if (pfn + nr < pfn || pfn + nr > pp_nr_frames) {
		pp_warn_once("free_contig_range: frames %lu to %lu", pfn, pfn + nr);
		return;
	}
	for (; nr; nr--, pfn++)
		pinpage_put_page(pfn_to_page(pfn));
}

/* the lowest range of a node's CMA area that can be emptied, or NULL */
static struct page *alloc_on(int nid, unsigned long nr)
{
	unsigned long start, end;

	pp_zone_span(nid, PP_ZONE_CMA, &start, &end);
	for (; start < end && nr <= end - start; start++)
		if (!pinpage_alloc_contig_range(start, start + nr))
			return pfn_to_page(start);
	return NULL;
}

struct page *pinpage_cma_alloc(unsigned long nr)
{
	struct page *page = NULL;
	unsigned int nid;

	if (!pp_ready() || !pinpage_might_sleep() || !nr)
		return NULL;
	for (nid = 0; nid < pp_nr_nodes && !page; nid++)
		page = alloc_on((int)nid, nr);
	return page;
}

bool pinpage_cma_release(struct page *pages, unsigned long nr)
{
	if (!pp_ready() || !pp_page_valid(pages) || pages->zone != PP_ZONE_CMA ||
	    nr > pp_nr_frames - page_to_pfn(pages))
		return false;
	pinpage_free_contig_range(page_to_pfn(pages), nr);
	return true;
}
