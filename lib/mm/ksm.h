/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/ksm.h - equal anonymous pages become one
 *
 * A KSM page is anonymous and names its stable node in page->mapping, with both
 * low bits set; it is never exclusive and never written.
 *
 * An item stands for one page of one address space that KSM looks at. It is
 * alone (only a checksum), in the unstable tree (its page may change under it,
 * so the tree may be wrong and is thrown away with each full scan), or on the
 * list of a stable node (it maps the node's page).
 *
 * Key: k = pp_ksm.lock; P = page lock of the node's page too; s = pp_ksm.list_lock
 * Mirrors: mm/ksm.c, include/linux/ksm.h 6.1.
 */
#ifndef PP_MM_KSM_H
#define PP_MM_KSM_H

#include "mm/pgtable.h"

#include <pinpage/ksm.h>

#define PAGE_MAPPING_KSM	3UL

struct pp_ksm_node {
	RB_ENTRY(pp_ksm_node) node;		/* k */
	struct page *page;			/* P to change; see pp_ksm_get_page() */
	struct list_head items;			/* k P */
};
RB_HEAD(pp_ksm_stable, pp_ksm_node);

enum pp_ksm_state { PP_KSM_ALONE, PP_KSM_UNSTABLE, PP_KSM_STABLE };

struct pp_ksm_item {
	struct pp_ksm_item *next;		/* k: of the address space, by address */
	struct mm_struct *mm;			/* constant */
	unsigned long addr;			/* constant */
	enum pp_ksm_state state;		/* k P */
	uint64_t checksum;			/* k: of the last look */
	unsigned long seq;			/* k: UNSTABLE: full scan that put it there */
	RB_ENTRY(pp_ksm_item) node;		/* k: UNSTABLE of this scan */
	struct pp_ksm_node *stable;		/* k P: STABLE */
	struct list_head same;			/* k P: STABLE: on stable->items */
	struct anon_vma *anon_vma;		/* k P: STABLE: counted, for the reverse map */
};
RB_HEAD(pp_ksm_unstable, pp_ksm_item);

/* an address space with mergeable areas */
struct pp_ksm_mm {
	struct list_head link;			/* s */
	struct mm_struct *mm;			/* constant */
	struct pp_ksm_item *items;		/* k */
};

struct pp_ksm {
	struct pinpage_mutex lock;
	pinpage_spinlock_t list_lock;
	struct list_head mms;			/* s */
	struct pp_ksm_stable stable;		/* k */
	struct pp_ksm_unstable unstable;	/* k */
	struct pp_ksm_mm *at;			/* k: the scan is in here; NULL: at the start */
	struct pp_ksm_item **cursor;		/* k: the item to come */
	unsigned long address;			/* k: the page to come */
	unsigned long seq;			/* k: of this full scan */
	bool zero_pages;			/* k */
	struct pinpage_ksm_stats stats;		/* k */
	unsigned char bytes[2][PAGE_SIZE];	/* k: what is being compared */
};
extern struct pp_ksm pp_ksm;

static inline bool PageKsm(const struct page *page)
{
	return ((unsigned long)READ_ONCE(compound_head(page)->mapping) & PAGE_MAPPING_KSM) ==
	       PAGE_MAPPING_KSM;
}
static inline struct pp_ksm_node *pp_ksm_node_of(const struct page *page)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);

	if ((mapping & PAGE_MAPPING_KSM) != PAGE_MAPPING_KSM)
		return NULL;
	return (struct pp_ksm_node *)(mapping & ~PAGE_MAPPING_KSM);
}
static inline void pp_ksm_set_node(struct page *page, struct pp_ksm_node *node)
{
	WRITE_ONCE(page->mapping, (void *)((unsigned long)node | PAGE_MAPPING_KSM));
}

/* ksm_tree.c; pp_ksm.lock held */
int pp_ksm_compare(struct page *a, struct page *b);
uint64_t pp_ksm_checksum(struct page *page);
struct page *pp_ksm_get_page(struct pp_ksm_node *node, bool lock);
struct page *pp_ksm_stable_search(struct page *page);
struct pp_ksm_node *pp_ksm_stable_insert(struct page *kpage);
void pp_ksm_append(struct pp_ksm_item *item, struct pp_ksm_node *node);
struct pp_ksm_item *pp_ksm_unstable_meet(struct pp_ksm_item *item, struct page *page,
					 struct page **other);
void pp_ksm_detach(struct pp_ksm_item *item);
void pp_ksm_forget_trees(void);

/* ksm_merge.c; pp_ksm.lock held */
struct vm_area_struct *pp_ksm_area(struct mm_struct *mm, unsigned long addr);
struct page *pp_ksm_anon_at(struct mm_struct *mm, unsigned long addr);
struct page *pp_ksm_page_at(struct mm_struct *mm, unsigned long addr);
int pp_ksm_merge_zero(struct pp_ksm_item *item, struct page *page);
int pp_ksm_merge_into(struct pp_ksm_item *item, struct page *page, struct page *kpage);
bool pp_ksm_merge_two(struct pp_ksm_item *item, struct page *page,
		      struct pp_ksm_item *other, struct page *other_page);
int pp_ksm_break(struct vm_area_struct *vma, unsigned long addr);
void pp_ksm_break_item(struct pp_ksm_item *item);

/* ksm.c: for the rest of mm */
struct pp_rmap_walk;
void pp_ksm_migrated(struct page *new, struct page *old);
bool pp_ksm_needs_copy(const struct page *page, const struct vm_area_struct *vma,
		       unsigned long addr);
void pp_ksm_rmap_walk(struct page *page, struct pp_rmap_walk *walk);
int pp_ksm_madvise(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   bool on, unsigned long *vm_flags);
int pp_ksm_unmerge(struct vm_area_struct *vma, unsigned long start, unsigned long end);
int pp_ksm_fork(struct mm_struct *child, struct mm_struct *mm);
void pp_ksm_exit(struct mm_struct *mm);
void pp_ksm_boot(void);
void pp_ksm_shutdown(void);

#endif
