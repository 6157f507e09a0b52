// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * page/hugetlb.c - the pool of huge pages that are set apart
 *
 * I1. total = free + pages in use; reserved <= free: a page that is reserved
 *     is there when it is asked for.
 * I2. A free page of the pool has no reference and is in no buddy list; one in
 *     use has PG_HUGETLB, and comes back here with its last reference.
 * I3. Pages come from the normal zone, where long-term pins may stay.
 *
 * All under one lock of rank ZONE.
 * Mirrors: mm/hugetlb.c: set_max_huge_pages(), hugetlb_acct_memory(),
 * dequeue_huge_page_vma(), free_huge_page(); differs: one size, one pool for
 * all nodes, no overcommit.
 */
#include "page/page.h"

#include <errno.h>

#include "base/alloc.h"
#include "event/event.h"
#include "page/internal.h"

static struct {
	pinpage_spinlock_t lock;
	struct list_head free_pages;	/* by lru; all below under lock */
	unsigned long target, total, free, reserved;
} pool;

/* pp_hugetlb_boot() - the pool is empty; Context: boot and shutdown */
void pp_hugetlb_boot(void)
{
	pp_spin_init(&pool.lock, "hugetlb pool", PINPAGE_RANK_ZONE);
	INIT_LIST_HEAD(&pool.free_pages);
	pool.target = pool.total = pool.free = pool.reserved = 0;
}

/* a block that nobody refers to becomes a free page of the pool; lock held */
static void put_free(struct page *page)
{
	pp_page_list_add(page, pool.free_pages.prev);
	pool.free++;
}

/* lock held; the caller adjusts total or hands the page out */
static struct page *take_free(void)
{
	struct page *page = list_first_entry(&pool.free_pages, struct page, lru);

	pp_page_list_del(page);
	pool.free--;
	return page;
}

static void grow(void)
{
	struct page *page;

	while (READ_ONCE(pool.total) < pool.target) {
		page = pp_alloc_pages(PINPAGE_GFP_KERNEL, HPAGE_PMD_ORDER);
		if (!page)
			break;
		pp_block_freeze(page, HPAGE_PMD_ORDER);
		pinpage_spin_lock(&pool.lock);
		pool.total++;
		put_free(page);
		pinpage_spin_unlock(&pool.lock);
	}
}

/* what is free and not reserved goes back to the buddy */
static void shrink(void)
{
	struct page *page;

	for (;;) {
		page = NULL;
		pinpage_spin_lock(&pool.lock);
		if (pool.total > pool.target && pool.free > pool.reserved) {
			page = take_free();
			pool.total--;
		}
		pinpage_spin_unlock(&pool.lock);
		if (!page)
			return;
		pp_block_thaw(page, HPAGE_PMD_ORDER, 0);
		pp_free_pages(page, HPAGE_PMD_ORDER);
	}
}

long pinpage_hugetlb_set_pool(unsigned long nr)
{
	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (nr > pp_nr_frames >> HPAGE_PMD_ORDER)
		nr = pp_nr_frames >> HPAGE_PMD_ORDER;
	WRITE_ONCE(pool.target, nr);
	shrink();
	grow();
	return (long)READ_ONCE(pool.total);
}

void pinpage_hugetlb_info(struct pinpage_hugetlb_info *info)
{
	if (!pp_ready())
		return;
	pinpage_spin_lock(&pool.lock);
	info->total = pool.total;
	info->free = pool.free;
	info->reserved = pool.reserved;
	pinpage_spin_unlock(&pool.lock);
}

/* pp_hugetlb_shutdown() - what is free goes back to the buddy; Context: shutdown */
void pp_hugetlb_shutdown(void)
{
	pool.target = pool.reserved = 0;
	shrink();
}

/**
 * pp_hugetlb_reserve() - promise pages, or take promises back
 * @nr: > 0: so many more; < 0: so many fewer
 *
 * Context: any. Return: 0, -ENOMEM: not that many are free and unpromised.
 * Mirrors: mm/hugetlb.c:hugetlb_acct_memory()
 */
int pp_hugetlb_reserve(long nr)
{
	int err = 0;

	pinpage_spin_lock(&pool.lock);
	if (nr > 0 && (unsigned long)nr > pool.free - pool.reserved)
		err = -ENOMEM;
	else
		pool.reserved += (unsigned long)nr;
	pinpage_spin_unlock(&pool.lock);
	return err;
}

/**
 * pp_hugetlb_alloc() - a zeroed huge page with one reference
 * @reserved: use up a promise
 *
 * Context: any. Return: NULL: none is free, or all that are have been promised.
 * Mirrors: mm/hugetlb.c:alloc_huge_page()
 */
struct page *pp_hugetlb_alloc(bool reserved)
{
	struct page *page = NULL;

	if (unlikely(pp_alloc_should_fail()))
		return NULL;
	pinpage_spin_lock(&pool.lock);
	if (reserved || pool.free > pool.reserved) {
		page = take_free();
		pool.reserved -= reserved;
	}
	pinpage_spin_unlock(&pool.lock);
	if (!page)
		return NULL;
	pp_block_thaw(page, HPAGE_PMD_ORDER,
		      PINPAGE_GFP_COMP | PINPAGE_GFP_ZERO);
	SetPageHugetlb(page);
	pp_emit(ALLOC, .page = page, .nr = HPAGE_PMD_NR,
		.site = pp_page_site());
	return page;
}

/**
 * pp_hugetlb_free() - the last reference of a huge page is gone
 * @head: checked, FREE has been emitted
 *
 * Back to the pool; to the buddy if the pool has been made smaller; nowhere if
 * the memory failed.
 *
 * Context: any. Mirrors: mm/hugetlb.c:free_huge_page()
 */
void pp_hugetlb_free(struct page *head)
{
	bool poisoned = PageHWPoison(head), surplus;

	pp_block_freeze(head, HPAGE_PMD_ORDER);
	pinpage_spin_lock(&pool.lock);
	surplus = poisoned || pool.total > pool.target;
	if (surplus)
		pool.total--;
	else
		put_free(head);
	pinpage_spin_unlock(&pool.lock);
	if (!surplus || poisoned)
		return;
	pp_block_thaw(head, HPAGE_PMD_ORDER, 0);
	pp_free_pages(head, HPAGE_PMD_ORDER);
}
