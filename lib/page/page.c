// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * page.c - boot and shutdown of the frames, and what may be asked about a page
 */
#include "page/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "event/event.h"
#include "page/internal.h"

struct page *pp_zero_page;
unsigned int pp_nr_nodes = 1;
atomic_long_t pp_nr_poisoned;

/* boot and shutdown */

static int zero_page_boot(void)
{
	pp_zero_page = pp_alloc_pages(PINPAGE_GFP_ZERO | PINPAGE_GFP_ATOMIC, 0);
	if (!pp_zero_page)
		return -ENOMEM;
	SetPageReserved(pp_zero_page);
	SetPageUptodate(pp_zero_page);
	return 0;
}

/* of @total frames those of node @nid: the first nodes take what is left over */
static unsigned long share(unsigned long total, unsigned int nid, unsigned int nodes)
{
	return total / nodes + (nid < total % nodes);
}

/* each node is one range: normal, movable, CMA */
static void set_bounds(unsigned long *bounds, const unsigned long nr[PP_NR_ZONES],
		       unsigned int nodes)
{
	unsigned int nid, z;

	*bounds = 0;
	for (nid = 0; nid < nodes; nid++)
		for (z = 0; z < PP_NR_ZONES; z++, bounds++)
			bounds[1] = bounds[0] + share(nr[z], nid, nodes);
}

/**
 * pp_page_boot_nodes() - a machine's frames, all free but the zero page
 * @nr_frames:  frames in all, 16 to 2^28
 * @nr_movable: of these in the movable zones
 * @nr_cma:     of these in the CMA zones; the normal zone of each node keeps
 *              at least 16
 * @nr_nodes:   NUMA nodes that share them evenly, 1 to PP_MAX_NODES
 *
 * Context: boot; rules and exec are up. Costs nothing per frame.
 * Return:  0; -EINVAL for a machine too small, too large or without normal
 *          zone; -ENOMEM.
 */
int pp_page_boot_nodes(unsigned long nr_frames, unsigned long nr_movable,
		       unsigned long nr_cma, unsigned int nr_nodes)
{
	unsigned long bounds[PP_MAX_NODES * PP_NR_ZONES + 1];
	unsigned long nr[PP_NR_ZONES] = {
		[PP_ZONE_MOVABLE] = nr_movable, [PP_ZONE_CMA] = nr_cma,
	};
	int err;

	if (!nr_nodes || nr_nodes > PP_MAX_NODES ||
	    nr_frames < PP_MIN_FRAMES * nr_nodes || nr_frames > PP_MAX_FRAMES ||
	    nr_movable > nr_frames || nr_cma > nr_frames ||
	    nr_movable + nr_cma > nr_frames - PP_MIN_FRAMES * nr_nodes)
		return -EINVAL;
	err = pp_arena_boot(nr_frames);
	if (err)
		return err;
	nr[PP_ZONE_NORMAL] = nr_frames - nr_movable - nr_cma;
	pp_nr_nodes = nr_nodes;
	set_bounds(bounds, nr, nr_nodes);
	pp_buddy_boot(bounds, nr_nodes);
	pp_lru_boot();
	pp_folio_boot();
	pp_pin_boot(pp_rules);
	pp_hugetlb_boot();
	atomic_long_set(&pp_nr_poisoned, 0);
	pp_stat_add(PINPAGE_STAT_NR_FREE_PAGES, (long)nr_frames);
	err = zero_page_boot();
	if (err)
		pp_arena_shutdown();
	return err;
}

struct leftover {
	void (*report)(struct page *page, void *priv);
	void *priv;
	unsigned long nr;
};

/* a failed frame that nobody but its own reference holds */
static bool only_poisoned(const struct page *page)
{
	return PageHWPoison(page) && page_ref_count(page) == 1;
}

static void leftover_page(struct page *page, void *priv)
{
	struct leftover *left = priv;
	unsigned long i, nr = folio_nr_pages((struct folio *)page);

	if (!only_poisoned(page)) {
		left->nr += nr;
		if (left->report)
			left->report(page, left->priv);
	}
	for (i = 0; i < nr; i++)
		pp_page_scrub(page + i);
}

static void zero_page_shutdown(void)
{
	struct page *page = pp_zero_page;

	pp_zero_page = NULL;
	pp_page_scrub(page);
	pp_buddy_free(page, 0);
}

/**
 * pp_page_shutdown() - the machine's frames go
 * @report: called for each folio or frame still in use, NULL: for none
 * @priv:   for @report
 *
 * Whatever is in use is forgotten; the next boot finds all frames free.
 *
 * Context: shutdown; nobody else is left. Cheap when nothing is in use.
 * Return:  frames still in use, the zero page not among them.
 */
unsigned long pp_page_shutdown(void (*report)(struct page *page, void *priv),
			       void *priv)
{
	struct leftover left = { .report = report, .priv = priv };

	pp_hugetlb_shutdown();
	zero_page_shutdown();
	pp_isolate_end_all();
	if (pp_buddy_nr_free() != pp_nr_frames)
		pp_buddy_each_used(leftover_page, &left);
	pp_alloc_forget_hooks();
	pp_arena_shutdown();
	return left.nr;
}

/* pp_nr_free() - frames free now; exact at rest */
unsigned long pp_nr_free(void)
{
	return pp_buddy_nr_free();
}

/* mapcounts */

/**
 * pp_page_mapcount() - mappings of this very page, PTEs and PMDs
 * @page: allocated; a frame never used has no mapcount yet
 *
 * Context: any. Order: none. Mirrors: include/linux/mm.h:page_mapcount()
 */
int pp_page_mapcount(const struct page *page)
{
	const struct page *head = compound_head(page);
	int nr = page_mapcount_pte(page);

	if (PageHead(head))
		nr += atomic_read(&head[1].entire_mapcount) + 1;
	return nr;
}

/**
 * pp_page_mapped() - is any page of the folio mapped?
 * @page: any page of it
 *
 * Context: any. Order: none. Mirrors: mm/util.c:page_mapped()
 */
bool pp_page_mapped(const struct page *page)
{
	const struct page *head = compound_head(page);
	unsigned long i, nr = folio_nr_pages((const struct folio *)head);

	if (nr > 1 && atomic_read(&head[1].entire_mapcount) >= 0)
		return true;
	for (i = 0; i < nr; i++)
		if (atomic_read(&head[i]._mapcount) >= 0)
			return true;
	return false;
}

/**
 * pp_folio_mapcount() - entries that map a folio or a page of it
 * @head: small page or head
 *
 * Context: any. Order: none. Mirrors: mm/huge_memory.c:total_mapcount()
 */
long pp_folio_mapcount(const struct page *head)
{
	unsigned long i, nr = folio_nr_pages((const struct folio *)head);
	long total = nr > 1 ? atomic_read(&head[1].entire_mapcount) + 1 : 0;

	for (i = 0; i < nr; i++)
		total += page_mapcount_pte(head + i);
	return total;
}

/* The one place that reads rules->placement. */
static enum pinpage_placement placement(void)
{
	return pp_rules->placement;
}

/**
 * pp_longterm_zone() - may FOLL_LONGTERM stay in this zone?
 *
 * Context: any. Mirrors: include/linux/sched/mm.h:current_gfp_context()
 */
bool pp_longterm_zone(enum pp_zone zone)
{
	switch (placement()) {
	case PINPAGE_PLACE_NO_MOVABLE:
		return zone == PP_ZONE_NORMAL;
	case PINPAGE_PLACE_NO_CMA:
		return zone != PP_ZONE_CMA;
	case PINPAGE_PLACE_ANYWHERE:
		break;
	}
	return true;
}

/**
 * pp_longterm_pinnable() - may FOLL_LONGTERM stay on this page?
 * @page: any allocated page
 *
 * A range that is being emptied takes none, nor does coherent memory of a device,
 * from the release on that looks at zones.
 *
 * Context: any. Return: false if it must be migrated first.
 * Mirrors: include/linux/mm.h:folio_is_longterm_pinnable()
 */
bool pp_longterm_pinnable(const struct page *page)
{
	if (page == pp_zero_page)
		return true;
	if (!pp_longterm_zone((enum pp_zone)page->zone))
		return false;
	return placement() != PINPAGE_PLACE_NO_MOVABLE ||
	       (!pp_page_isolated(page) && !PageCoherent(page));
}

/* one line about a page */

static const char *const flag_names[PINPAGE_NR_PAGE_FLAGS] = {
	[PINPAGE_PG_LOCKED] = "locked",
	[PINPAGE_PG_REFERENCED] = "referenced",
	[PINPAGE_PG_UPTODATE] = "uptodate",
	[PINPAGE_PG_DIRTY] = "dirty",
	[PINPAGE_PG_LRU] = "lru",
	[PINPAGE_PG_ACTIVE] = "active",
	[PINPAGE_PG_WRITEBACK] = "writeback",
	[PINPAGE_PG_HEAD] = "head",
	[PINPAGE_PG_PRIVATE] = "private",
	[PINPAGE_PG_RECLAIM] = "reclaim",
	[PINPAGE_PG_SWAPBACKED] = "swapbacked",
	[PINPAGE_PG_UNEVICTABLE] = "unevictable",
	[PINPAGE_PG_SWAPCACHE] = "swapcache",
	[PINPAGE_PG_ANON_EXCLUSIVE] = "anonexclusive",
	[PINPAGE_PG_HWPOISON] = "hwpoison",
	[PINPAGE_PG_ERROR] = "error",
	[PINPAGE_PG_RESERVED] = "reserved",
	[PINPAGE_PG_BUDDY] = "buddy",
	[PINPAGE_PG_HUGETLB] = "hugetlb",
	[PINPAGE_PG_P2PDMA] = "p2pdma",
	[PINPAGE_PG_COHERENT] = "coherent",
	[PINPAGE_PG_MLOCKED] = "mlocked",
};

struct line {
	char *buf;
	size_t size;
	int len;
};

static void pp_printf(2, 3) say(struct line *line, const char *fmt, ...)
{
	size_t used = min_t(size_t, (size_t)line->len, line->size);
	va_list args;

	va_start(args, fmt);
	line->len += vsnprintf(line->buf ? line->buf + used : NULL,
			       line->size - used, fmt, args);
	va_end(args);
}

static void say_kind(struct line *line, const struct page *page,
		     const struct page *head)
{
	say(line, "page pfn:%lu", page_to_pfn(page));
	if (page == pp_zero_page)
		say(line, " zero");
	else if (PageAnon(head))
		say(line, " anon");
	else if (page_file_mapping(head))
		say(line, " file index:%lu",
		    head->index + (unsigned long)(page - head));
	else if (!page_ref_count(head))
		say(line, " free");
	if (PageHead(head))
		say(line, " folio:%lu+%lu", page_to_pfn(head),
		    folio_nr_pages((const struct folio *)head));
}

static void say_flags(struct line *line, unsigned long flags)
{
	char mark = ' ';
	int i;

	for (i = 0; i < PINPAGE_NR_PAGE_FLAGS; i++) {
		if (!(flags & BIT(i)))
			continue;
		say(line, "%c%s", mark, flag_names[i]);
		mark = '|';
	}
}

static void say_pins(struct line *line, const struct page *head)
{
	unsigned int ref = (unsigned int)page_ref_count(head);

	if (!pp_maybe_dma_pinned(head))
		return;
	if (pp_has_pincount((const struct folio *)head))
		say(line, " pins:%d", atomic_read(&head[1].pincount));
	else
		say(line, " pins<=%u", ref / GUP_PIN_COUNTING_BIAS);
}

/**
 * pp_page_describe() - one line about a page, without addresses
 * @page: any page of the machine
 * @buf:  out, may be NULL if @size is 0
 * @size: bytes of @buf
 *
 * "page pfn:12 anon ref:1026 map:1 uptodate|dirty|lru pins<=1"; the last item
 * is a bound, since a small page's count cannot tell pins from references.
 *
 * Context: any. Return: as snprintf(). Mirrors: mm/debug.c:dump_page()
 */
int pp_page_describe(const struct page *page, char *buf, size_t size)
{
	const struct page *head = compound_head(page);
	struct line line = { .buf = buf, .size = size };

	say_kind(&line, page, head);
	say(&line, " ref:%d map:%d", page_ref_count(head),
	    page_ref_count(head) ? pp_page_mapcount(page) : 0);
	say_flags(&line, READ_ONCE(head->flags));
	say_pins(&line, head);
	return line.len;
}
