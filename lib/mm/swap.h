/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/swap.h - swap areas, their slots, and the pages that have one
 *
 * An entry names a slot: area and offset, never 0. page->private of a page in
 * the swap cache is its entry.
 *
 * I1. A slot is in use while its count of users is not 0 (PTEs and shmem
 *     files that name it) or while a page is in the swap cache for it. Both
 *     change under the area's lock; the cache's index with them.
 * I2. PG_swapcache, page->private and the cache's reference come and go
 *     together, with the page lock held.
 * I3. There is one page for a slot at most: reading in goes through the cache
 *     always.
 */
#ifndef PP_MM_SWAP_H
#define PP_MM_SWAP_H

#include "mm/swapops.h"

#define PP_NR_SWAP_AREAS	(PP_ENTRY_SWAP_LAST - PP_ENTRY_SWAP + 1)

typedef unsigned long pp_swp;		/* 0: none */

#define PP_SWP_TYPE_SHIFT	48

static inline pp_swp pp_swp_entry(unsigned int type, unsigned long offset)
{
	return (pp_swp)type << PP_SWP_TYPE_SHIFT | offset;
}
static inline unsigned int pp_swp_type(pp_swp entry)
{
	return (unsigned int)(entry >> PP_SWP_TYPE_SHIFT);
}
static inline unsigned long pp_swp_offset(pp_swp entry)
{
	return entry & ((1UL << PP_SWP_TYPE_SHIFT) - 1);
}
static inline pp_swp pp_swp_of_pte(pp_pte pte)
{
	return pp_swp_entry(pp_entry_type(pte) - PP_ENTRY_SWAP, pp_entry_offset(pte));
}
static inline pp_pte pp_swp_to_pte(pp_swp entry)
{
	return pp_mk_entry((enum pp_entry_type)(PP_ENTRY_SWAP + pp_swp_type(entry)),
			   pp_swp_offset(entry));
}
/* of a page in the swap cache; page lock held, or a look that is repeated */
static inline pp_swp pp_page_swp(const struct page *head)
{
	return READ_ONCE(head->private);
}

/* swapfile.c: areas and the counts of slots; any context but sleeping ones */
bool pp_swap_usable(void);		/* is there a free slot? */
bool pp_swap_nearly_full(void);		/* more than half in use */
bool pp_swap_get(pp_swp entry);		/* keep the area; false: the slot is free */
void pp_swap_put(pp_swp entry);
pp_swp pp_swap_alloc(void);		/* held for the cache; 0: none free */
void pp_swap_dup(pp_swp entry);
void pp_swap_free(pp_swp entry);	/* a user less */
void pp_swap_free_and_cache(pp_swp entry);	/* and its page, if nobody maps it */
unsigned int pp_swap_count(pp_swp entry);	/* users, the cache not among them */
bool pp_swap_stable(pp_swp entry);	/* must not change under I/O */
void pp_swap_boot(void);
void pp_swap_shutdown(void);

/* swapcache.c */
struct page *pp_swap_cache_get(pp_swp entry);	/* with a reference, or NULL */
bool pp_swap_cached(pp_swp entry);	/* a hint */
bool pp_add_to_swap(struct page *head);	/* page locked */
int pp_swap_cache_add(struct page *head, pp_swp entry);
void pp_swap_cache_del(struct page *head);	/* page locked */
bool pp_swap_cache_remove(struct page *head);	/* reclaim: freeze, look, remove */
bool pp_page_free_swap(struct page *head);	/* nobody needs the slot: give it back */
void pp_free_swap_cache(struct page *head);	/* a mapping went: perhaps it is free */
struct page *pp_swap_read_in(pp_swp entry);

/* swapio.c: page locked */
int pp_swap_write_page(struct page *head);	/* unlocks */
int pp_swap_read_page(struct page *head);
int pp_swap_read_copy(unsigned long entry, struct page *page);

/* swapin.c */
int pp_swap_fault(struct pp_fault *f);	/* 0, PP_FAULT_LOOK_AGAIN, -errno */

/* unmap.c */
bool pp_unmap_anon(struct page *page);

#endif
