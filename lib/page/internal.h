/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_PAGE_INTERNAL_H
#define PP_PAGE_INTERNAL_H

/*
 * page/internal.h - what the files of this room share
 */
#include "page/page.h"

#include "base/bug.h"

#define PP_MIN_FRAMES	16UL		/* fewer is no machine */
#define PP_MAX_FRAMES	(1UL << 28)	/* 1 TiB */

/* arena.c: memory behind the frames, kept from boot to boot */
int pp_arena_boot(unsigned long nr_frames);
void pp_arena_shutdown(void);

/* buddy.c: blocks of frames; PG_buddy and page->private of a free head are its own */
#define PP_ISOLATED_MAX	8	/* ranges of one zone at a time */
struct pp_zone_info {
	pinpage_spinlock_t lock;	/* rank ZONE; all below */
	unsigned long start, end;	/* constant */
	unsigned long fresh;		/* first frame not carved */
	unsigned long nr_free;
	unsigned int nr_hot;
	unsigned int orders;		/* bit n: free[n] is not empty */
	struct list_head hot;
	struct list_head free[PINPAGE_MAX_ORDER + 1];
	/* isolate.c */
	unsigned int nr_isolated;
	struct {
		unsigned long start, end;
	} isolated[PP_ISOLATED_MAX];
	struct list_head held;		/* free frames of isolated ranges */
} pp_cacheline_aligned;

void pp_buddy_boot(const unsigned long *bounds, unsigned int nr_nodes);
struct pp_zone_info *pp_zone_of(int nid, enum pp_zone z);
struct pp_zone_info *pp_zone_of_pfn(unsigned long pfn);
bool pp_buddy_take_locked(struct pp_zone_info *zone, unsigned long pfn);
void pp_buddy_give_locked(struct pp_zone_info *zone, struct page *page);
struct page *pp_buddy_alloc(int nid, enum pp_zone zone, unsigned int order);
void pp_buddy_free(struct page *page, unsigned int order);
unsigned long pp_buddy_nr_free(void);
void pp_buddy_each_used(void (*fn)(struct page *page, void *priv), void *priv);
int pp_buddy_check(void);

/* isolate.c */
bool pp_isolated_locked(const struct pp_zone_info *zone, unsigned long pfn);
void pp_hold_locked(struct pp_zone_info *zone, struct page *page);
void pp_isolate_end_all(void);

/* alloc.c */
void pp_page_scrub(struct page *page);
void pp_alloc_forget_hooks(void);

/* folio.c */
void pp_folio_boot(void);

/* lru.c */
void pp_lru_boot(void);

/* call site of the public function that the task is in, or NULL */
static inline const void *pp_page_site(void)
{
	struct task_struct *task = current;

	return task && task->nest ? task->site : NULL;
}

/*
 * First test of a public function that takes a page: the machine is up and
 * @page is one of its frames; else one warning a function and boot.
 */
#define pp_page_ok(page)						\
	(pp_ready() && (likely(pp_page_valid(page)) || ({		\
		pp_warn_once("%s: %s", __func__, (page) ?		\
			     "not a page of this machine" : "NULL page"); \
		false; })))

static inline struct page *pp_list_page(struct list_head *node)
{
	return container_of(node, struct page, lru);
}

/* alloc.c: a block without references and fields, and back */
void pp_block_freeze(struct page *page, unsigned int order);
void pp_block_thaw(struct page *page, unsigned int order, pinpage_gfp_t gfp);

/* hugetlb.c */
void pp_hugetlb_boot(void);
void pp_hugetlb_shutdown(void);
void pp_hugetlb_free(struct page *head);

#endif
