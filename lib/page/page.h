/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * page/page.h - struct page as the rooms above see it
 *
 * Include this before any public header that names struct page.
 *
 * A frame is in one of four states: free (PG_buddy on the head of its block,
 * or nothing), allocated small, head of a folio, tail of a folio. lru.next and
 * compound_head share a word, whose bit 0 says "tail": put pages on lists and
 * take them off with pp_page_list_add() and pp_page_list_del() alone.
 *
 * Key: r = atomic; l = page lock; p = i_pages lock of the mapping;
 *      z = zone lock; u = LRU lock; c = constant while the page is allocated
 */
#ifndef PP_PAGE_PAGE_H
#define PP_PAGE_PAGE_H

#ifdef PINPAGE_PAGE_H
#error "page/page.h must come before <pinpage/page.h>"
#endif
#define PP_STRUCT_PAGE

#include <stdint.h>

#include "base/atomic.h"
#include "base/bitops.h"
#include "base/compiler.h"
#include "base/list.h"

struct address_space;

struct page {
	unsigned long flags;			/* r: PG_* */
	union {
		struct {			/* head or small page */
			struct list_head lru;	/* u, or z when free */
			void *mapping;		/* l+p: address_space, or anon_vma | 1 */
			unsigned long index;	/* l: in the mapping or VMA, pages */
			unsigned long private;	/* l: owner's; z: order when free */
		};
		struct {			/* tail */
			unsigned long compound_head; /* c: head | 1 (is lru.next) */
			/* first tail only: */
			unsigned int folio_order;	/* c (is lru.prev) */
			unsigned int folio_nr_pages;	/* c */
			void *tail_mapping;		/* NULL */
			atomic_t pincount;		/* r: exact (is index) */
			atomic_t entire_mapcount; /* r: PMD mappings, -1 based */
		};
		struct {			/* second tail, of order >= 2 */
			unsigned long compound_head_2;
			unsigned long unused_2;
			/* lock of the queue in folio.c; next is NULL: not queued */
			struct list_head deferred; /* (is mapping, index) */
		};
	};
	atomic_t _mapcount;			/* r: PTE mappings of this page, -1 based */
	atomic_t _refcount;			/* r: head only */
	unsigned char zone;			/* c: enum pp_zone */
	unsigned char alloc_order;		/* c: of the block this frame is first in */
	unsigned char node;			/* c: NUMA node */
	union {
		unsigned char hugetlb;		/* hugetlb.c: HP_*, under its lock */
		unsigned char mlock_count;	/* u: others, PG_mlocked: locked areas, up to 255 */
	};
	unsigned int generation;		/* z: bumped at every free */
} __attribute__((aligned(64)));

struct folio {
	struct page page;
};

#include <pinpage/page.h>
#include "exec/exec.h"
#include "rules/rules.h"

_Static_assert(sizeof(struct page) == 64, "struct page is one cache line");

#define PAGE_SHIFT	PINPAGE_PAGE_SHIFT
#define PAGE_SIZE	PINPAGE_PAGE_SIZE
#define PAGE_MASK	PINPAGE_PAGE_MASK
#define HPAGE_PMD_ORDER	PINPAGE_PMD_ORDER
#define HPAGE_PMD_NR	(1UL << PINPAGE_PMD_ORDER)
#define HPAGE_PMD_SIZE	(PAGE_SIZE << PINPAGE_PMD_ORDER)
#define GUP_PIN_COUNTING_BIAS PINPAGE_GUP_PIN_COUNTING_BIAS
#define PAGE_MAPPING_ANON 1UL

enum pp_zone { PP_ZONE_NORMAL, PP_ZONE_MOVABLE, PP_ZONE_CMA, PP_NR_ZONES };
#define PP_MAX_NODES	PINPAGE_MAX_NODES

/* for the model: as PINPAGE_GFP_* */
#define PP_GFP_THISNODE	0x100u	/* no other node than the one named */

/* constant between boot and shutdown */
extern struct page *pp_mem_map;
extern unsigned long pp_nr_frames;
extern unsigned char *pp_arena;		/* frame 0 */
extern int pp_arena_fd;			/* memfd behind it */
extern struct page *pp_zero_page;

static inline unsigned long page_to_pfn(const struct page *page) { return page - pp_mem_map; }
static inline struct page *pfn_to_page(unsigned long pfn) { return pp_mem_map + pfn; }
static inline void *page_address(const struct page *page)
{
	return pp_arena + (page_to_pfn(page) << PAGE_SHIFT);
}
static inline bool pp_page_valid(const struct page *page)
{
	return page >= pp_mem_map && page < pp_mem_map + pp_nr_frames &&
	       ((uintptr_t)page - (uintptr_t)pp_mem_map) % sizeof(*page) == 0;
}

static inline struct page *compound_head(const struct page *page)
{
	unsigned long head = READ_ONCE(page->compound_head);

	return (struct page *)(head & 1 ? head - 1 : (unsigned long)page);
}
static inline struct folio *page_folio(const struct page *page)
{
	return (struct folio *)compound_head(page);
}
static inline bool PageTail(const struct page *page) { return READ_ONCE(page->compound_head) & 1; }

#define PP_PAGE_FLAG(Name, BITNAME)					\
static inline bool Page##Name(const struct page *page)			\
{ return test_bit(PINPAGE_PG_##BITNAME, &page->flags); }		\
static inline void SetPage##Name(struct page *page)			\
{ set_bit(PINPAGE_PG_##BITNAME, &page->flags); }			\
static inline void ClearPage##Name(struct page *page)			\
{ clear_bit(PINPAGE_PG_##BITNAME, &page->flags); }			\
static inline bool TestSetPage##Name(struct page *page)			\
{ return test_and_set_bit(PINPAGE_PG_##BITNAME, &page->flags); }	\
static inline bool TestClearPage##Name(struct page *page)		\
{ return test_and_clear_bit(PINPAGE_PG_##BITNAME, &page->flags); }

/* all of these take the head, but AnonExclusive and HWPoison: the very page */
PP_PAGE_FLAG(Locked, LOCKED)
PP_PAGE_FLAG(Referenced, REFERENCED)
PP_PAGE_FLAG(Uptodate, UPTODATE)
PP_PAGE_FLAG(Dirty, DIRTY)
PP_PAGE_FLAG(LRU, LRU)
PP_PAGE_FLAG(Active, ACTIVE)
PP_PAGE_FLAG(Writeback, WRITEBACK)
PP_PAGE_FLAG(Head, HEAD)
PP_PAGE_FLAG(Private, PRIVATE)
PP_PAGE_FLAG(Reclaim, RECLAIM)
PP_PAGE_FLAG(SwapBacked, SWAPBACKED)
PP_PAGE_FLAG(Unevictable, UNEVICTABLE)
PP_PAGE_FLAG(SwapCache, SWAPCACHE)
PP_PAGE_FLAG(AnonExclusive, ANON_EXCLUSIVE)
PP_PAGE_FLAG(HWPoison, HWPOISON)
PP_PAGE_FLAG(Error, ERROR)
PP_PAGE_FLAG(Reserved, RESERVED)
PP_PAGE_FLAG(Hugetlb, HUGETLB)
PP_PAGE_FLAG(P2pdma, P2PDMA)
PP_PAGE_FLAG(Coherent, COHERENT)
PP_PAGE_FLAG(Mlocked, MLOCKED)

static inline bool PageAnon(const struct page *page)
{
	return (unsigned long)READ_ONCE(compound_head(page)->mapping) & PAGE_MAPPING_ANON;
}
static inline struct address_space *page_file_mapping(const struct page *head)
{
	void *mapping = READ_ONCE(head->mapping);

	return (unsigned long)mapping & PAGE_MAPPING_ANON ? NULL : mapping;
}
static inline bool folio_test_large(const struct folio *folio) { return PageHead(&folio->page); }
static inline unsigned int folio_order(const struct folio *folio)
{
	return folio_test_large(folio) ? (&folio->page)[1].folio_order : 0;
}
static inline unsigned long folio_nr_pages(const struct folio *folio)
{
	return folio_test_large(folio) ? (&folio->page)[1].folio_nr_pages : 1;
}
static inline int page_ref_count(const struct page *page) { return atomic_read(&page->_refcount); }
static inline int page_count(const struct page *page)
{
	return page_ref_count(compound_head(page));
}
static inline int page_mapcount_pte(const struct page *page)
{
	return atomic_read(&page->_mapcount) + 1;
}
bool pp_page_mapped(const struct page *page);	/* any PTE or PMD of the folio */
long pp_folio_mapcount(const struct page *head);	/* all PTEs and PMDs of the folio */
int pp_page_mapcount(const struct page *page);	/* PTE + entire of this page */

/*
 * Lists through page->lru. lru.next is also read as compound_head, without any
 * lock, by whoever holds a stale pointer to the page: it is only ever written
 * in one store, and always even.
 */
static inline void pp_page_list_add(struct page *page, struct list_head *after)
{
	struct list_head *next = after->next;

	page->lru.prev = after;
	WRITE_ONCE(page->lru.next, next);
	next->prev = &page->lru;
	WRITE_ONCE(after->next, &page->lru);
}

static inline void pp_page_list_del(struct page *page)
{
	struct list_head *next = page->lru.next;

	next->prev = page->lru.prev;
	WRITE_ONCE(page->lru.prev->next, next);
	page->lru.prev = &page->lru;
	WRITE_ONCE(page->lru.next, &page->lru);
}

/* references the model takes for itself: silent (no GET/PUT event) */
static inline void pp_ref(struct page *head) { atomic_inc(&head->_refcount); }
bool pp_ref_try(struct page *head);		/* unless the count is <= 0 */
bool pp_ref_try_cached(struct page *head);	/* unless the count is 0 */
void pp_unref(struct page *page);		/* frees at zero */
void pp_unref_many(struct page *head, int refs);
bool pp_ref_freeze(struct page *head, int expected);	/* page_ref_freeze(): to 0, or false */
void pp_ref_unfreeze(struct page *head, int count);
void pp_free_last(struct page *head);		/* count is 0: back to the buddy */

/*
 * Pin arithmetic, semantics section 2.2; one place for the bias. @head is the
 * folio's head, @refs the 4 KiB pages covered. No vmstat, no event, no zero-page
 * test: gup does those.
 */
static inline bool pp_has_pincount(const struct folio *folio);	/* by rules and order */
static inline bool pp_pin_try(struct page *head, int refs);	/* refuses on count <= 0 */
static inline void pp_unpin(struct page *head, int refs);	/* frees at zero */
static inline bool pp_maybe_dma_pinned(const struct page *page);
/*
 * pp_pin_try() without the fast walk's visible middle state, for the slow walk,
 * which adds once under the page-table lock.
 */
static inline bool pp_pin_try_at_once(struct page *head, int refs);
#include "page/pin.h"			/* the five above */

/* folio.c */
void pp_folio_scatter(struct page *head, int refs, struct list_head *list);
void pp_deferred_add(struct page *head);
void pp_deferred_del(struct page *head);
struct page *pp_deferred_take(void);
unsigned long pp_deferred_nr(void);

/* allocator */
struct page *pp_alloc_pages(pinpage_gfp_t gfp, unsigned int order);	/* or NULL */
void pp_free_pages(struct page *page, unsigned int order);	/* __free_pages() */
static inline struct page *pp_alloc_page(pinpage_gfp_t gfp) { return pp_alloc_pages(gfp, 0); }
/* as pp_alloc_pages(), except: @nid is the node to prefer (or, THISNODE, the only one) */
struct page *pp_alloc_pages_node(int nid, pinpage_gfp_t gfp, unsigned int order);
struct page *pp_alloc_frame(struct page *page, pinpage_gfp_t gfp);	/* this one, or NULL */
void pp_adopt_frame(struct page *page);		/* taken from the buddy: one reference */
/*
 * memalloc_pin_save(): until pp_pin_scope_end() the task's allocations go where
 * long-term pins may stay
 */
static inline void pp_pin_scope_begin(void) { current->pin_scope++; }
static inline void pp_pin_scope_end(void) { current->pin_scope--; }
/* these hooks are for one boot: pp_page_shutdown() forgets them */
/* mm registers: called out of frames where sleeping is legal; returns frames freed */
void pp_set_reclaim_hook(unsigned long (*hook)(unsigned long nr));
/* called when an allocation leaves fewer than @low frames free; 0: never */
void pp_set_low_hook(unsigned long low, void (*hook)(void));
/* called when a page's last reference goes, before it returns to the buddy (mm: anon state) */
void pp_set_free_hook(void (*hook)(struct page *head));

/* hugetlb.c: the pool of huge pages that are set apart */
int pp_hugetlb_reserve(long nr);
struct page *pp_hugetlb_alloc(bool reserved);
struct page *pp_hugetlb_alloc_target(int nid, pinpage_gfp_t gfp);
void pp_hugetlb_moved(struct page *new, struct page *old);
bool pp_hugetlb_isolate(struct page *head);
void pp_hugetlb_putback(struct page *head);
bool pp_hugetlb_is_free(const struct page *page);
int pp_hugetlb_dissolve(struct page *page);
int pp_hugetlb_replace(struct page *page);
bool pp_hugetlb_poison(struct page *page);
bool pp_hugetlb_failed_at(const struct page *page);

/* page lock: rank PAGE */
void pp_lock_page(struct page *page);
int pp_lock_page_killable(struct page *page);	/* 0, -EINTR */
bool pp_trylock_page(struct page *page);
void pp_wait_locked(struct page *page);
int pp_wait_locked_killable(struct page *page);	/* 0, -EINTR */
void pp_unlock_page(struct page *page);
void pp_wait_writeback(struct page *head);
void pp_end_writeback_flag(struct page *head);	/* clears PG_writeback and wakes */

/*
 * LRU: two lists (inactive, active) for anon and file each; a per-thread batch
 * is not modelled: adds are immediate
 */
void pp_lru_add(struct page *head);
void pp_lru_del(struct page *head);
bool pp_lru_unlink(struct page *head);		/* pp_lru_del() that keeps the flags */
void pp_lru_rotate(struct page *head);		/* to the inactive tail: reclaim next */
void pp_mark_accessed(struct page *head);	/* referenced, then active */
void pp_lru_deactivate(struct page *head);
/*
 * isolate up to @nr pages from the inactive tail (moving active ones down
 * first); each gets a reference and is off the LRU, linked through page->lru
 */
unsigned long pp_lru_isolate(bool file, unsigned long nr, struct list_head *out);
unsigned long pp_lru_nr(bool file);		/* inactive and active */
bool pp_lru_lazyfree(struct page *head);	/* to the inactive list of files */
void pp_mlock_page(struct page *head);
void pp_munlock_page(struct page *head);
void pp_mlock_cleared(struct page *head);
void pp_lru_swapbacked(struct page *head);	/* undoes pp_lru_lazyfree() */
bool pp_lru_isolate_page(struct page *head);	/* isolate_lru_page(): ref + off the LRU */
void pp_lru_putback(struct page *head);		/* on no list; drops the isolation reference */

/* movable and CMA frames are part of @nr_frames; -ENOMEM, -EINVAL */
int pp_page_boot_nodes(unsigned long nr_frames, unsigned long nr_movable,
		       unsigned long nr_cma, unsigned int nr_nodes);
static inline int pp_page_boot(unsigned long nr_frames, unsigned long nr_movable,
			       unsigned long nr_cma)
{
	return pp_page_boot_nodes(nr_frames, nr_movable, nr_cma, 1);
}
extern unsigned int pp_nr_nodes;	/* constant between boot and shutdown */
/* returns the frames still in use (besides the machine's own); @report is called for each */
unsigned long pp_page_shutdown(void (*report)(struct page *page, void *priv), void *priv);
unsigned long pp_nr_free(void);
bool pp_longterm_pinnable(const struct page *page);	/* by zone and rules->placement */
bool pp_longterm_zone(enum pp_zone zone);

/*
 * isolate.c: a range of frames is being emptied: its free frames are kept from
 * everybody, it takes no long-term pin
 */
int pp_isolate_range(unsigned long start, unsigned long end);	/* -EINVAL, -EBUSY */
void pp_unisolate_range(unsigned long start, unsigned long end);
bool pp_range_is_free(unsigned long start, unsigned long end);	/* every frame of it */
bool pp_range_is_isolated(unsigned long start, unsigned long end);
void pp_take_range(unsigned long start, unsigned long end);	/* isolated, all free */
bool pp_page_isolated(const struct page *page);
bool pp_buddy_take(struct page *page);		/* this frame, if it is free */
/* frames [*start, *end) of a zone */
void pp_zone_span(int nid, enum pp_zone zone, unsigned long *start, unsigned long *end);
unsigned long pp_zone_nr_free(int nid, enum pp_zone zone);

/* poison.c: frames that failed; PG_hwpoison comes with a reference that keeps the frame */
extern atomic_long_t pp_nr_poisoned;
int pp_page_describe(const struct page *page, char *buf, size_t size);	/* as snprintf() */

#endif
