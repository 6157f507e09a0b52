// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/hwpoison.c - frames that failed, and frames that may fail soon
 *
 * I1. A frame with PG_hwpoison has one reference of the mark's own, so it is
 *     never given out again, whoever else drops what he has.
 * I2. What a process had mapped there is a poison entry (its accesses fail), or,
 *     where the file has the same bytes, nothing (it faults the file's page in).
 * I3. Bytes that no storage has are lost, and the file's error says so.
 * Mirrors: mm/memory-failure.c:memory_failure(), soft_offline_page(),
 * unpoison_memory() 6.1; differs: no signals; a page that the kernel only
 * marks gets the reference, too.
 */
#include "mm/hugetlb.h"
#include "mm/ksm.h"
#include "mm/migrate.h"
#include "mm/notifier.h"
#include "mm/swap.h"

struct poison {
	struct pp_rmap_walk walk;
	bool drop;			/* storage has the bytes: no poison entries */
};

static void poison_pte(const struct poison *p, struct vm_area_struct *vma, pp_pte *ptep,
		       struct page *page, unsigned long addr)
{
	pp_pte pte = *ptep;

	pp_pte_put(ptep, p->drop ? 0 : pp_mk_entry(PP_ENTRY_HWPOISON, page_to_pfn(page)));
	pp_tlb_flush_page(vma->vm_mm, addr);
	if (!PageAnon(page) && pte & PTE_DIRTY)
		pp_set_page_dirty(page);
	pp_remove_rmap(page);
	pp_munlock_vma(vma, page, false);
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pte, PAGE_SIZE);
	/* not the last one: the mark has its own */
	pp_unref(page);
}

static bool poison_one(struct pp_rmap_walk *walk, struct page *page,
		       struct vm_area_struct *vma, unsigned long addr)
{
	const struct poison *p = container_of(walk, struct poison, walk);
	struct pp_mmu_range range;
	struct pp_table *table;
	pp_pte *ptep;

	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PAGE_SIZE,
				MMU_NOTIFY_CLEAR);
	ptep = pp_pte_lock(vma->vm_mm, addr, &table);
	if (ptep) {
		if (pte_present(*ptep) && pp_pte_normal_page(*ptep) == page)
			poison_pte(p, vma, ptep, page, addr);
		pinpage_spin_unlock(&table->lock);
	}
	pp_mmu_invalidate_end(&range);
	return true;
}

/*
 * Nobody maps the locked page any more. Mirrors: hwpoison_user_mappings()
 */
static void unmap_poisoned(struct page *page)
{
	struct poison p = { .walk = { .one = poison_one } };
	struct address_space *mapping = page_file_mapping(page);

	if (!pp_page_mapped(page))
		return;
	if (mapping && mapping->a_ops->dirty_tracked && !PageDirty(page)) {
		if (pp_page_mkclean(page))
			pp_set_page_dirty(page);
		else
			p.drop = true;
	}
	pp_rmap_walk(page, &p.walk);
}

/* The locked page leaves its file. Mirrors: me_pagecache_dirty(), _clean() */
static int lose_cache_page(struct address_space *mapping, struct page *page)
{
	int extra = 0;

	if (PageDirty(page)) {
		SetPageError(page);
		if (mapping->a_ops->dirty_tracked)
			pp_mapping_set_error(mapping, -EIO);
	}
	if (mapping->a_ops->ram_only) {
		/* nothing else has its bytes: who asks for them is told */
		extra = 1;
	} else {
		if (PagePrivate(page) && mapping->a_ops->invalidate_page)
			mapping->a_ops->invalidate_page(page, 0, PAGE_SIZE);
		pp_cancel_dirty(page);
		pp_delete_from_page_cache(page);
	}
	return page_ref_count(page) - 1 - extra > 0 ? -EBUSY : 0;
}

/* The one place that reads rules->ksm_poison. Mirrors: hwpoison_user_mappings() */
static bool merged_and_kept(const struct page *page)
{
	return PageKsm(page) && !pp_rules->ksm_poison;
}

/* locked, marked, held. 0, -EBUSY. Mirrors: identify_page_state() */
static int contain(struct page *page)
{
	struct address_space *mapping;
	bool lru = PageLRU(page);

	if ((!lru && !PageWriteback(page)) || merged_and_kept(page))
		return -EBUSY;
	pp_wait_writeback(page);
	unmap_poisoned(page);
	mapping = page_file_mapping(page);
	if (!PageAnon(page) && !mapping)
		return -EBUSY;
	if (PageSwapCache(page) && !pp_page_free_swap(page))
		return -EBUSY;
	pp_lru_del(page);
	return PageAnon(page) ? 0 : lose_cache_page(mapping, page);
}

static void mark(struct page *page)
{
	SetPageHWPoison(page);
	atomic_long_inc(&pp_nr_poisoned);
}

/* a free frame: nobody is harmed. Mirrors: take_page_off_buddy() */
static bool mark_free(struct page *page)
{
	if (!pp_buddy_take(page))
		return false;
	pp_adopt_frame(page);
	mark(page);
	return true;
}

static int failed_in_use(struct page *page)
{
	int err = 0;

	if (TestSetPageHWPoison(page)) {
		pp_unref(page);
		return -EHWPOISON;
	}
	atomic_long_inc(&pp_nr_poisoned);
	pp_lock_page(page);
	if (PageHead(page) || PageTail(page))
		err = pp_split_folio(page, NULL) ? -EBUSY : 0;
	if (!err)
		err = contain(page);
	pp_unlock_page(page);
	return err;
}

static int memory_failure(struct page *page)
{
	int err = pp_hugetlb_failure(page);

	if (err != -ENOENT)
		return err;
	if (PageHWPoison(page))
		return -EHWPOISON;
	if (page == pp_zero_page)
		return -EBUSY;
	if (!page_count(page) && mark_free(page))
		return 0;
	if (!pp_ref_try(compound_head(page)))
		return -EBUSY;
	return failed_in_use(page);
}

int pinpage_memory_failure(unsigned long pfn, int flags)
{
	if (!pp_ready() || flags || !pinpage_might_sleep())
		return -EINVAL;
	if (pfn >= pp_nr_frames)
		return -ENXIO;
	return memory_failure(pfn_to_page(pfn));
}

int pinpage_unpoison_memory(unsigned long pfn)
{
	struct page *page;

	if (!pp_ready() || pfn >= pp_nr_frames)
		return -ENXIO;
	page = pfn_to_page(pfn);
	if (!PageHWPoison(page))
		return 0;
	if (page_count(page) > 1 || pp_page_mapped(page) ||
	    page_file_mapping(compound_head(page)))
		return -EBUSY;
	if (!TestClearPageHWPoison(page))
		return 0;
	atomic_long_dec(&pp_nr_poisoned);
	pp_unref(page);
	return 0;
}

/* soft offline */

/*
 * A clean page of a file that nobody maps is dropped; its last reference is
 * the caller's. Locked. Mirrors: mm/truncate.c:mapping_evict_folio()
 */
static bool drop_clean(struct page *page)
{
	struct address_space *mapping = page_file_mapping(page);

	if (!mapping || mapping->a_ops->ram_only || PageDirty(page) ||
	    PageWriteback(page) || pp_page_mapped(page))
		return false;
	if (PagePrivate(page) && !(mapping->a_ops->release_page &&
				   mapping->a_ops->release_page(page)))
		return false;
	return pp_remove_mapping(mapping, page);
}

/* moves the page; the caller's reference is dropped first */
static int move_off(struct page *page)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_MOVABLE,
	};
	LIST_HEAD(list);
	bool isolated = pp_migrate_isolate(page, &list);
	int left;

	pp_unref(page);
	if (!isolated)
		return -EBUSY;
	left = pp_migrate_pages(&list, &m);
	pp_migrate_putback(&list);
	if (left)
		return left > 0 ? -EBUSY : left;
	return mark_free(page) ? 0 : -EBUSY;
}

/* @page, held by the caller, who loses his reference */
static int soft_offline_in_use(struct page *page)
{
	bool dropped;

	pp_lock_page(page);
	if ((PageHead(page) || PageTail(page)) && pp_split_folio(page, NULL)) {
		pp_unlock_page(page);
		pp_unref(page);
		return -EBUSY;
	}
	pp_wait_writeback(page);
	if (PageHWPoison(page)) {
		pp_unlock_page(page);
		pp_unref(page);
		return 0;
	}
	dropped = drop_clean(page);
	if (dropped) {
		pp_lru_del(page);
		mark(page);
	}
	pp_unlock_page(page);
	return dropped ? 0 : move_off(page);
}

static int soft_offline(struct page *page)
{
	struct page *head = compound_head(page);
	int err;

	if (PageHWPoison(page))
		return 0;
	err = pp_hugetlb_offline(page);
	if (err && err != -ENOENT)
		return err;
	if (!err || !page_ref_count(head))
		return mark_free(page) ? 0 : -EBUSY;
	if (!pp_ref_try(head))
		return -EBUSY;
	if (!PageLRU(head)) {
		pp_unref(head);
		return -EIO;
	}
	return soft_offline_in_use(page);
}

int pinpage_soft_offline_page(unsigned long pfn, int flags)
{
	if (!pp_ready() || flags || !pinpage_might_sleep())
		return -EINVAL;
	if (pfn >= pp_nr_frames)
		return -ENXIO;
	return soft_offline(pfn_to_page(pfn));
}

/**
 * pp_inject_errors() - MADV_HWPOISON, MADV_SOFT_OFFLINE
 * @start, @end: page aligned
 * @soft:        offline, do not lose
 *
 * Context: process; sleeps. Locking: mmap_lock not held.
 * Return:  0; -EFAULT: not readable; what the first page that failed gave.
 * Mirrors: mm/madvise.c:madvise_inject_error()
 */
int pp_inject_errors(struct mm_struct *mm, unsigned long start, unsigned long end,
		     bool soft)
{
	unsigned long addr = start;
	int err = 0;

	while (!err && addr < end) {
		struct page *page = pp_page_at_unlocked(mm, addr);

		if (PTR_ERR_OR_ZERO(page) == -ENOENT) {
			err = pp_fault_user(mm, addr, false);
			continue;
		}
		if (IS_ERR(page))
			return (int)PTR_ERR(page);
		addr += PAGE_SIZE << folio_order(page_folio(page));
		pp_unref(page);
		err = soft ? soft_offline(page) : memory_failure(page);
	}
	return err;
}
