// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/ksm.c - the scan for equal pages, and what the rest of mm needs of it
 *
 * I1. Items belong to the scan: only a task with pp_ksm.lock changes them. An
 *     address space that ends takes the lock and its items away before its
 *     mappings go.
 * I2. Items of an address space are in order of address; one whose page has
 *     gone is freed when the scan passes.
 *
 * Who excludes whom: scans and exits each other by pp_ksm.lock, which comes
 * before mmap_lock; the reverse map reads a node's items under the page lock.
 * Mirrors: mm/ksm.c:scan_get_next_rmap_item(), cmp_and_merge_page() 6.1.
 */
#include "mm/internal.h"
#include "mm/ksm.h"
#include "mm/scanner.h"

#define PAUSE_MS	20U		/* sleep_millisecs */
#define SCAN_PAGES	100UL		/* pages_to_scan */

/* items */

static void free_item(struct pp_ksm_item *item)
{
	pp_ksm_detach(item);
	pp_free(item);
}

static void free_items_from(struct pp_ksm_item **at)
{
	struct pp_ksm_item *item;

	while ((item = *at)) {
		*at = item->next;
		free_item(item);
	}
}

/* the item of @addr at the cursor, which moves behind it; NULL: no memory */
static struct pp_ksm_item *item_at(struct mm_struct *mm, unsigned long addr)
{
	struct pp_ksm_item *item;

	while ((item = *pp_ksm.cursor) && item->addr < addr) {
		*pp_ksm.cursor = item->next;
		free_item(item);
	}
	if (!item || item->addr != addr) {
		item = pp_zalloc(sizeof(*item));
		if (!item)
			return NULL;
		item->mm = mm;
		item->addr = addr;
		item->next = *pp_ksm.cursor;
		*pp_ksm.cursor = item;
		INIT_LIST_HEAD(&item->same);
	}
	pp_ksm.cursor = &item->next;
	return item;
}

/* the scan */

/* first address from pp_ksm.address on with an anonymous page, referenced */
static struct page *next_page(struct mm_struct *mm, unsigned long *addr)
{
	struct page *page = NULL;
	struct vm_area_struct *vma;

	pinpage_down_read(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, pp_ksm.address); vma && !page; vma = pp_vma_next(vma)) {
		*addr = max(pp_ksm.address, vma->vm_start);
		if (!(vma->vm_flags & VM_MERGEABLE) || !pp_vma_anon(vma))
			continue;
		for (; *addr < vma->vm_end && !page; *addr += page ? 0 : PAGE_SIZE)
			page = pp_ksm_anon_at(mm, *addr);
	}
	pinpage_up_read(&mm->mmap_lock);
	return page;
}

static void enter_mm(struct pp_ksm_mm *slot)
{
	pp_ksm.at = slot;
	pp_ksm.address = 0;
	pp_ksm.cursor = slot ? &slot->items : NULL;
}

/* slot behind @slot (NULL: the first); NULL: that was the last */
static struct pp_ksm_mm *slot_after(struct pp_ksm_mm *slot)
{
	struct list_head *next;

	pinpage_spin_lock(&pp_ksm.list_lock);
	next = slot ? slot->link.next : pp_ksm.mms.next;
	pinpage_spin_unlock(&pp_ksm.list_lock);
	return next == &pp_ksm.mms ? NULL : list_entry(next, struct pp_ksm_mm, link);
}

static void start_full_scan(void)
{
	RB_INIT(&pp_ksm.unstable);
	pp_ksm.seq++;
	enter_mm(slot_after(NULL));
}

/* the item and page to look at; NULL: the full scan has ended, or no memory */
static struct pp_ksm_item *next_item(struct page **pagep)
{
	struct pp_ksm_item *item;
	unsigned long addr;

	if (!pp_ksm.at)
		start_full_scan();
	while (pp_ksm.at) {
		*pagep = next_page(pp_ksm.at->mm, &addr);
		if (*pagep) {
			pp_ksm.address = addr + PAGE_SIZE;
			item = item_at(pp_ksm.at->mm, addr);
			if (!item)
				pp_unref(*pagep);
			return item;
		}
		free_items_from(pp_ksm.cursor);
		enter_mm(slot_after(pp_ksm.at));
	}
	pp_ksm.stats.full_scans++;
	return NULL;
}

/* two equal pages have met: one KSM page for both */
static void join(struct pp_ksm_item *item, struct page *page,
		 struct pp_ksm_item *other, struct page *other_page)
{
	struct pp_ksm_node *node;

	if (!pp_ksm_merge_two(item, page, other, other_page))
		return;
	pp_lock_page(page);
	node = pp_ksm_stable_insert(page);
	if (node) {
		pp_ksm_append(other, node);
		pp_ksm_append(item, node);
	}
	pp_unlock_page(page);
	if (!node) {
		pp_ksm_break_item(other);
		pp_ksm_break_item(item);
	}
}

/* an equal KSM page is there: true if that was all there is to do */
static bool join_stable(struct pp_ksm_item *item, struct page *page)
{
	struct page *kpage = pp_ksm_stable_search(page);
	bool same = kpage == page && item->state == PP_KSM_STABLE &&
		    item->stable == pp_ksm_node_of(page);

	if (!same) {
		pp_ksm_detach(item);
		if (!kpage)
			return false;
		if (!pp_ksm_merge_into(item, page, kpage)) {
			pp_lock_page(kpage);
			pp_ksm_append(item, pp_ksm_node_of(kpage));
			pp_unlock_page(kpage);
		}
	}
	pp_unref(kpage);
	return true;
}

static bool all_zero(struct page *page)
{
	return pp_ksm.zero_pages && !pp_ksm_compare(page, pp_zero_page);
}

/* Mirrors: mm/ksm.c:cmp_and_merge_page() */
static void look_at(struct pp_ksm_item *item, struct page *page)
{
	struct pp_ksm_item *other;
	struct page *other_page;
	uint64_t sum;

	if (join_stable(item, page))
		return;
	sum = pp_ksm_checksum(page);
	if (sum != item->checksum) {
		item->checksum = sum;
		return;
	}
	if (all_zero(page) && !pp_ksm_merge_zero(item, page))
		return;
	other = pp_ksm_unstable_meet(item, page, &other_page);
	if (!other)
		return;
	join(item, page, other, other_page);
	pp_unref(other_page);
}

long pinpage_ksm_scan(unsigned long nr)
{
	struct pp_ksm_item *item;
	struct page *page;
	unsigned long n;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	pinpage_mutex_lock(&pp_ksm.lock);
	for (n = 0; n < nr; n++) {
		pinpage_cond_resched();
		item = next_item(&page);
		if (!item)
			break;
		look_at(item, page);
		pp_unref(page);
	}
	pinpage_mutex_unlock(&pp_ksm.lock);
	return (long)n;
}

/* the task */

static unsigned long pages_a_round;	/* constant while it runs */

static void ksmd_round(struct pp_scanner *s)
{
	(void)s;
	pinpage_ksm_scan(pages_a_round);
}

static struct pp_scanner ksmd = {
	.name = "ksmd", .round = ksmd_round, .usual_ms = PAUSE_MS,
};

int pinpage_ksmd_start(unsigned long nr, unsigned int pause_ms)
{
	if (pp_scanner_runs(&ksmd))
		return -EBUSY;
	pages_a_round = nr ? nr : SCAN_PAGES;
	return pp_scanner_start(&ksmd, pause_ms);
}

void pinpage_ksmd_stop(void)
{
	if (pp_ready())
		pp_scanner_stop(&ksmd);
}

void pinpage_ksm_use_zero_pages(bool on)
{
	if (!pp_ready())
		return;
	pinpage_mutex_lock(&pp_ksm.lock);
	pp_ksm.zero_pages = on;
	pinpage_mutex_unlock(&pp_ksm.lock);
}

void pinpage_ksm_stats(struct pinpage_ksm_stats *stats)
{
	*stats = (struct pinpage_ksm_stats){ .pages_shared = 0 };
	if (!pp_ready())
		return;
	pinpage_mutex_lock(&pp_ksm.lock);
	*stats = pp_ksm.stats;
	pinpage_mutex_unlock(&pp_ksm.lock);
}

bool pinpage_PageKsm(const struct page *page)
{
	return pp_ready() && pp_page_valid(page) && PageKsm(page);
}

/* unmerging */

/**
 * pp_ksm_unmerge() - a range of an area gets pages of its own
 *
 * Context: process; sleeps. Locking: mmap_lock held.
 * Return:  0, -ENOMEM. Mirrors: mm/ksm.c:unmerge_ksm_pages()
 */
int pp_ksm_unmerge(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	unsigned long addr;
	int err = 0;

	for (addr = start; addr < end && !err; addr += PAGE_SIZE)
		err = pp_ksm_break(vma, addr);
	return err;
}

static int unmerge_mm(struct pp_ksm_mm *slot)
{
	struct mm_struct *mm = slot->mm;
	struct vm_area_struct *vma;
	int err = 0;

	pinpage_down_read(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, 0); vma && !err; vma = pp_vma_next(vma))
		if (vma->vm_flags & VM_MERGEABLE && pp_vma_anon(vma))
			err = pp_ksm_unmerge(vma, vma->vm_start, vma->vm_end);
	pinpage_up_read(&mm->mmap_lock);
	free_items_from(&slot->items);
	return err;
}

int pinpage_ksm_unmerge_all(void)
{
	struct pp_ksm_mm *slot = NULL;
	int err = 0;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	pinpage_mutex_lock(&pp_ksm.lock);
	enter_mm(NULL);
	while (!err && (slot = slot_after(slot)))
		err = unmerge_mm(slot);
	pinpage_mutex_unlock(&pp_ksm.lock);
	return err;
}

/* areas and address spaces */

static int enter(struct mm_struct *mm)
{
	struct pp_ksm_mm *slot = pp_zalloc(sizeof(*slot));

	if (!slot)
		return -ENOMEM;
	slot->mm = mm;
	mm->ksm = slot;
	pinpage_spin_lock(&pp_ksm.list_lock);
	list_add_tail(&slot->link, &pp_ksm.mms);
	pinpage_spin_unlock(&pp_ksm.list_lock);
	return 0;
}

/**
 * pp_ksm_madvise() - MADV_MERGEABLE (@on) and MADV_UNMERGEABLE
 * @start, @end: part of @vma
 * @vm_flags:    what the area gets
 *
 * Context: process; sleeps. Locking: mmap_lock held for writing.
 * Return:  0 (also for areas that cannot be merged), -EAGAIN: no memory.
 * Mirrors: mm/ksm.c:ksm_madvise()
 */
int pp_ksm_madvise(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   bool on, unsigned long *vm_flags)
{
	if (!on) {
		if (!(*vm_flags & VM_MERGEABLE))
			return 0;
		if (pp_vma_anon(vma) && pp_ksm_unmerge(vma, start, end))
			return -EAGAIN;
		*vm_flags &= ~VM_MERGEABLE;
		return 0;
	}
	if (*vm_flags & (VM_SHARED | VM_MAYSHARE | VM_SPECIAL))
		return 0;
	if (!vma->vm_mm->ksm && enter(vma->vm_mm))
		return -EAGAIN;
	*vm_flags |= VM_MERGEABLE;
	return 0;
}

/* the child's areas are as mergeable as the parent's; 0, -ENOMEM */
int pp_ksm_fork(struct mm_struct *child, struct mm_struct *mm)
{
	return mm->ksm ? enter(child) : 0;
}

/**
 * pp_ksm_exit() - the address space ends, its mappings are still there
 *
 * Context: process; sleeps. Locking: no mmap_lock.
 * Mirrors: mm/ksm.c:__ksm_exit(); differs: waits for a scan to end.
 */
void pp_ksm_exit(struct mm_struct *mm)
{
	struct pp_ksm_mm *slot = mm->ksm;

	if (likely(!slot))
		return;
	if (unlikely(pp_mm_breaking))
		pp_mutex_init(&pp_ksm.lock, "ksm", PINPAGE_RANK_NONE);
	pinpage_mutex_lock(&pp_ksm.lock);
	if (pp_ksm.at == slot)
		enter_mm(slot_after(slot));
	free_items_from(&slot->items);
	pinpage_spin_lock(&pp_ksm.list_lock);
	list_del(&slot->link);
	pinpage_spin_unlock(&pp_ksm.list_lock);
	pinpage_mutex_unlock(&pp_ksm.lock);
	mm->ksm = NULL;
	pp_free(slot);
}

/* the reverse map */

/* areas of the item's family that cover its address; in other spaces: @forks */
static bool walk_item(struct page *page, struct pp_rmap_walk *walk,
		      const struct pp_ksm_item *item, bool forks)
{
	struct anon_vma *av = item->anon_vma;
	struct vm_area_struct *vma;
	struct pp_interval *at;
	bool more = true;

	pinpage_down_read(&av->rwsem);
	pp_interval_for_each(at, &av->areas, 0, ~0UL) {
		vma = container_of(at, struct vm_area_struct, anon_vma_chain);
		if (item->addr < vma->vm_start || item->addr >= vma->vm_end ||
		    (vma->vm_mm == item->mm) == forks)
			continue;
		more = walk->one(walk, page, vma, item->addr);
		if (!more)
			break;
	}
	pinpage_up_read(&av->rwsem);
	return more;
}

/**
 * pp_ksm_rmap_walk() - pp_rmap_walk() of a KSM page
 *
 * First those that were merged, then who was forked from them since.
 *
 * Context: process. Locking: page lock held; takes anon_vma->rwsem.
 * Mirrors: mm/ksm.c:rmap_walk_ksm()
 */
void pp_ksm_rmap_walk(struct page *page, struct pp_rmap_walk *walk)
{
	struct pp_ksm_node *node = pp_ksm_node_of(page);
	struct pp_ksm_item *item;
	int forks;

	if (!node)
		return;
	for (forks = 0; forks < 2; forks++)
		list_for_each_entry(item, &node->items, same)
			if (!walk_item(page, walk, item, forks))
				return;
}

/**
 * pp_ksm_needs_copy() - may an area map a page that came from swap?
 * @page: locked, in the swap cache; @vma, @addr: what has an entry of its slot
 *
 * A merged page had one slot for many areas. Back from swap it belongs to the
 * first that maps it; the others get copies. While it is a merged page still,
 * all may map it.
 *
 * Context: process. Locking: page lock held.
 * Mirrors: mm/ksm.c:ksm_might_need_to_copy()
 */
bool pp_ksm_needs_copy(const struct page *page, const struct vm_area_struct *vma,
		       unsigned long addr)
{
	unsigned long mapping = (unsigned long)READ_ONCE(page->mapping);

	if (PageKsm(page) || !mapping)
		return false;
	return mapping != ((unsigned long)pp_vma_anon(vma) | PAGE_MAPPING_ANON) ||
	       READ_ONCE(page->index) != pp_vma_pgoff(vma, addr);
}

void pp_ksm_boot(void)
{
	pp_mutex_init(&pp_ksm.lock, "ksm", PINPAGE_RANK_NONE);
	pp_spin_init(&pp_ksm.list_lock, "ksm list", PINPAGE_RANK_ZONE);
	INIT_LIST_HEAD(&pp_ksm.mms);
	RB_INIT(&pp_ksm.stable);
	RB_INIT(&pp_ksm.unstable);
	enter_mm(NULL);
	pp_ksm.seq = 0;
	pp_ksm.zero_pages = false;
	pp_ksm.stats = (struct pinpage_ksm_stats){ .pages_shared = 0 };
}

void pp_ksm_shutdown(void)
{
	pp_ksm_forget_trees();
}
