// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/hugetlb_poison.c - huge pages of the pool with a frame that failed, or may
 *
 * I1. A page of the pool that nobody uses is dissolved: its good frames can be
 *     used, the bad one is nobody's.
 * I2. What a process had mapped is a poison entry, of 2 MiB. A private page that
 *     nobody holds any more is dissolved; one that somebody holds goes back to
 *     the pool later and is not handed out.
 * I3. A page of a file stays in it, for who asks for the bytes to be told.
 * Mirrors: mm/memory-failure.c:try_memory_failure_hugetlb(), me_huge_page(),
 * soft_offline_in_use_page() 6.1.
 */
#include "mm/hugetlb.h"
#include "mm/migrate.h"
#include "mm/notifier.h"
#include "mm/swapops.h"

/* locked leaf */
static void poison_leaf(struct vm_area_struct *vma, pp_pte *pmdp, struct page *head,
			unsigned long addr)
{
	pp_pte pmd = *pmdp;

	pp_pte_put(pmdp, pp_mk_entry(PP_ENTRY_HWPOISON, page_to_pfn(head)));
	pp_tlb_flush_range(vma->vm_mm, addr, addr + PMD_SIZE);
	if (!PageAnon(head) && pmd & PTE_DIRTY)
		pp_set_page_dirty(head);
	pp_remove_huge_rmap(head);
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pmd, PMD_SIZE);
	/* not the last one: the mark has its own */
	pp_unref(head);
}

static bool poison_one(struct pp_rmap_walk *walk, struct page *head,
		       struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;
	struct pp_table *table;
	pp_pte *pmdp;

	(void)walk;
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	if (pmdp) {
		if (pte_leaf(*pmdp) && pte_page(*pmdp) == head)
			poison_leaf(vma, pmdp, head, addr);
		pinpage_spin_unlock(&table->lock);
	}
	pp_mmu_invalidate_end(&range);
	return true;
}

/* @page's folio, held by us, locked, marked; @file: of it, or NULL. 0, -EBUSY */
static int contain(struct page *head, bool file)
{
	struct pp_rmap_walk walk = { .one = poison_one };

	if (pp_page_mapped(head))
		pp_rmap_walk(head, &walk);
	return page_ref_count(head) > 1 + file ? -EBUSY : 0;
}

/* a free page of the pool. Mirrors: __page_handle_poison() */
static int free_failed(struct page *page)
{
	if (!pp_hugetlb_poison(page))
		return -EHWPOISON;
	atomic_long_inc(&pp_nr_poisoned);
	return pp_hugetlb_dissolve(page);
}

/* @head is of a huge page in use, with a reference of ours; it may be freed */
static int used_failed(struct page *head, struct page *page)
{
	struct address_space *file = pp_hugetlb_hold(head);
	int err;

	pp_lock_page(head);
	if (!pp_hugetlb_poison(page)) {
		pp_unlock_page(head);
		pp_hugetlb_let_go(file);
		pp_unref(head);
		return -EHWPOISON;
	}
	atomic_long_inc(&pp_nr_poisoned);
	err = contain(head, file != NULL);
	pp_unlock_page(head);
	pp_hugetlb_let_go(file);
	/* the mark's reference stays for as long as a file has the page */
	if (file)
		return err;
	pp_unref(head);
	return err ? err : pp_hugetlb_dissolve(page);
}

/**
 * pp_hugetlb_failure() - memory_failure() of a frame of a huge page of the pool
 * @page: the frame
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY: somebody holds it, or it is promised; -EHWPOISON: one of its
 *          frames had failed before; -ENOENT: it is no such page.
 */
int pp_hugetlb_failure(struct page *page)
{
	struct page *head = compound_head(page);

	if (pp_hugetlb_is_free(page))
		return free_failed(page);
	if (!PageHugetlb(head))
		return -ENOENT;
	if (!pp_ref_try(head))
		return -EBUSY;
	return used_failed(head, page);
}

/**
 * pp_hugetlb_offline() - as pp_hugetlb_failure(), except: it has not failed yet
 *
 * A page in use moves; then the pool has one less, or one less free.
 *
 * Return: 0: its frames are free; -EBUSY; -ENOMEM; -ENOENT.
 */
int pp_hugetlb_offline(struct page *page)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_MOVABLE,
	};
	struct page *head = compound_head(page);
	LIST_HEAD(list);
	int left;

	if (pp_hugetlb_is_free(page))
		return pp_hugetlb_dissolve(page);
	if (!PageHugetlb(head))
		return -ENOENT;
	if (!pp_migrate_isolate(head, &list))
		return -EBUSY;
	left = pp_migrate_pages(&list, &m);
	pp_migrate_putback(&list);
	if (left)
		return left > 0 ? -EBUSY : left;
	/* it was there only until another one is free: no page of the pool now */
	return pp_hugetlb_is_free(page) ? pp_hugetlb_dissolve(page) : 0;
}
