// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/compact.c - compaction: used pages to the end of the zone, free to the start
 *
 * Two scanners: one looks for pages that move, from the start of the zone on,
 * the other for free frames, from its end down. Where they meet it is done.
 *
 * Mirrors: mm/compaction.c:compact_zone(), isolate_migratepages_block(),
 * compaction_alloc() 6.1; differs: one page at a time.
 */
#include "mm/internal.h"
#include "mm/migrate.h"
#include "mm/scanner.h"

#define PAUSE_MS	500U	/* HPAGE_FRAG_CHECK_INTERVAL_MSEC */

struct compact {
	struct pp_migration m;
	unsigned long pfn;		/* looks for pages to move */
	unsigned long free;		/* one past the next frame to try */
};

/* the highest free frame above the page that moves */
static struct page *free_frame(struct pp_migration *m, struct page *old)
{
	struct compact *c = container_of(m, struct compact, m);

	if (PageHead(old))
		return NULL;
	while (c->free > page_to_pfn(old) + 1) {
		struct page *page = pp_alloc_frame(pfn_to_page(--c->free), 0);

		if (page)
			return page;
	}
	return NULL;
}

/*
 * Pinned private memory is known from its count alone, before anything is
 * unmapped. Mirrors: isolate_migratepages_block()
 */
static bool hopeless(const struct page *page)
{
	return PageHead(page) || PageTail(page) || !PageLRU(page) ||
	       (PageAnon(page) && page_ref_count(page) > pp_page_mapcount(page));
}

static void compact_page(struct compact *c, struct page *page)
{
	LIST_HEAD(list);

	if (hopeless(page) || !pp_migrate_isolate(page, &list))
		return;
	pp_migrate_pages(&list, &c->m);
	pp_migrate_putback(&list);
}

static long compact_zone(int nid, enum pp_zone zone)
{
	struct compact c = {
		.m = { .target = free_frame, .mode = PP_MIGRATE_ASYNC },
	};
	unsigned long end;

	pp_zone_span(nid, zone, &c.pfn, &end);
	c.free = end;
	for (; c.pfn + 1 < c.free; c.pfn++) {
		compact_page(&c, pfn_to_page(c.pfn));
		pinpage_cond_resched();
	}
	return (long)c.m.moved;
}

long pinpage_compact_zone(int nid, enum pinpage_zone zone)
{
	if (!pp_ready() || !pinpage_might_sleep() || nid < 0 ||
	    nid >= (int)pp_nr_nodes || (int)zone < 0 || (int)zone >= PP_NR_ZONES)
		return -EINVAL;
	return compact_zone(nid, (enum pp_zone)zone);
}

/* @s: who asks to stop, or NULL */
static long compact_all(const struct pp_scanner *s)
{
	long moved = 0;
	unsigned int nid, z;

	for (nid = 0; nid < pp_nr_nodes; nid++)
		for (z = 0; z < PP_NR_ZONES && !(s && pp_scanner_stops(s)); z++)
			moved += compact_zone((int)nid, (enum pp_zone)z);
	return moved;
}

long pinpage_compact_memory(void)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	return compact_all(NULL);
}

static void compact_round(struct pp_scanner *s)
{
	compact_all(s);
}

static struct pp_scanner kcompactd = {
	.name = "kcompactd", .round = compact_round, .usual_ms = PAUSE_MS,
};

int pinpage_kcompactd_start(unsigned int pause_ms)
{
	return pp_scanner_start(&kcompactd, pause_ms);
}

void pinpage_kcompactd_stop(void)
{
	if (pp_ready())
		pp_scanner_stop(&kcompactd);
}
