// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/coherent.c - anonymous memory that lives on a device
 *
 * A device whose memory the CPUs can use like their own holds pages of a
 * process; here they are ordinary frames with PG_coherent, until they are free.
 *
 * I1. Such a page is anonymous, small, and never on the LRU: reclaim,
 *     compaction and offlining do not meet it.
 * I2. It may be pinned, but not for long: then it moves to ordinary memory.
 *     Who moves it has PG_reclaim set on it.
 *
 * Mirrors: mm/migrate_device.c:migrate_vma_pages(),
 * migrate_device_coherent_page() 6.1; differs: no pgmap, no driver's copy.
 */
#include "mm/internal.h"
#include "mm/migrate.h"

static struct page *device_target(struct pp_migration *m, struct page *old)
{
	struct page *page = pp_alloc_pages(m->gfp, folio_order((struct folio *)old));

	if (page)
		SetPageCoherent(page);
	return page;
}

/* true: the page at @addr is isolated on @list */
static bool isolate_at(struct mm_struct *mm, unsigned long addr, struct list_head *list)
{
	struct page *page = pp_page_at_unlocked(mm, addr);
	bool got;

	if (IS_ERR(page))
		return false;
	got = PageAnon(page) && !PageHead(compound_head(page)) &&
	      pp_migrate_isolate(page, list);
	pp_unref(page);
	return got;
}

long pinpage_migrate_to_device(struct mm_struct *mm, unsigned long start,
			       unsigned long nr_pages)
{
	struct pp_migration m = {
		.target = device_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_KERNEL,
	};
	LIST_HEAD(list);
	unsigned long i;
	int left;

	if (!pp_ready() || !mm || start & ~PAGE_MASK || !pinpage_might_sleep())
		return -EINVAL;
	for (i = 0; i < nr_pages; i++)
		isolate_at(mm, start + i * PAGE_SIZE, &list);
	left = pp_migrate_pages(&list, &m);
	pp_migrate_putback(&list);
	return left < 0 ? left : (long)m.moved;
}

/**
 * pp_coherent_isolate() - As pp_migrate_isolate(), except: memory of a device
 * @head: held by the caller
 *
 * Return: false: somebody else moves it.
 */
bool pp_coherent_isolate(struct page *head, struct list_head *to)
{
	if (TestSetPageReclaim(head))
		return false;
	pp_ref(head);
	pp_page_list_add(head, to->prev);
	return true;
}

/**
 * pp_coherent_leave() - isolated pages move to ordinary memory
 * @list: empty on return; what could not be moved stays on its device
 *
 * Context: process; sleeps. Return: 0; -EBUSY: one or more did not move.
 * Mirrors: mm/migrate_device.c:migrate_device_coherent_page()
 */
int pp_coherent_leave(struct list_head *list)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_KERNEL,
	};
	int err = pp_migrate_pages(list, &m) ? -EBUSY : 0;

	while (!list_empty(list)) {
		struct page *head = list_first_entry(list, struct page, lru);

		pp_page_list_del(head);
		ClearPageReclaim(head);
		pp_unref(head);
	}
	return err;
}
