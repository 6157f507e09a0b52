// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/numa.c - pages of a process between nodes
 *
 * Mirrors: mm/migrate.c:do_pages_move(), add_page_for_migration(),
 * do_pages_stat_array(); mm/mempolicy.c:do_migrate_pages(),
 * queue_pages_range() 6.1.
 */
#include "mm/internal.h"
#include "mm/migrate.h"

#include <limits.h>

#define MOVE		PINPAGE_MPOL_MF_MOVE
#define MOVE_ALL	PINPAGE_MPOL_MF_MOVE_ALL

/**
 * pp_page_at() - the page that an address maps
 * @addr: page aligned
 *
 * Context: any. Locking: mmap_lock held.
 * Return:  the very page, its folio with a reference for pp_unref(); ERR_PTR:
 *          -EFAULT (no area, or the zero page), -ENOENT (nothing is there).
 * Mirrors: mm/gup.c:follow_page() with FOLL_GET | FOLL_DUMP
 */
struct page *pp_page_at(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;

	if (!pp_vma_lookup(mm, addr))
		return ERR_PTR(-EFAULT);
	pinpage_rcu_read_lock();
	page = pinpage_peek_page(mm, addr, NULL);
	if (page && !pp_ref_try(compound_head(page)))
		page = NULL;
	pinpage_rcu_read_unlock();
	if (!page)
		return ERR_PTR(-ENOENT);
	/* moved or unmapped before we had it: the next look finds out */
	if (pinpage_peek_page(mm, addr, NULL) != page) {
		pp_unref(page);
		return ERR_PTR(-ENOENT);
	}
	if (page == pp_zero_page || compound_head(page) == READ_ONCE(pp_huge_zero_page)) {
		pp_unref(compound_head(page));
		return ERR_PTR(-EFAULT);
	}
	return page;
}

static bool entry_is_none(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp, pte = 0;

	pinpage_rcu_read_lock();
	pmdp = pp_pmd_offset(mm, addr);
	if (pmdp)
		pte = pp_pte_get(pmdp);
	if (pte_is_table(pte))
		pte = pp_pte_get(&pte_table(pte)->entry[pte_index(addr)]);
	pinpage_rcu_read_unlock();
	return pte_none(pte);
}

/*
 * As pp_page_at(), except: what move_pages() says where there is nothing yet.
 * The one place that reads rules->move_pages_enoent.
 */
static struct page *page_to_move(struct mm_struct *mm, unsigned long addr)
{
	struct page *page = pp_page_at(mm, addr);

	if (likely(PTR_ERR_OR_ZERO(page) != -ENOENT) || pp_rules->move_pages_enoent)
		return page;
	if (vma_is_anonymous(pp_vma_lookup(mm, addr)) && entry_is_none(mm, addr))
		return ERR_PTR(-EFAULT);
	return page;
}

/* As pp_page_at(), except: takes mmap_lock for reading. */
struct page *pp_page_at_unlocked(struct mm_struct *mm, unsigned long addr)
{
	struct page *page;

	pinpage_down_read(&mm->mmap_lock);
	page = pp_page_at(mm, addr);
	pinpage_up_read(&mm->mmap_lock);
	return page;
}

static void ask(struct mm_struct *mm, unsigned long nr, const unsigned long *pages,
		int *status)
{
	unsigned long i;

	pinpage_down_read(&mm->mmap_lock);
	for (i = 0; i < nr; i++) {
		struct page *page = page_to_move(mm, pages[i] & PAGE_MASK);

		status[i] = IS_ERR(page) ? (int)PTR_ERR(page) : page->node;
		if (!IS_ERR(page))
			pp_unref(page);
	}
	pinpage_up_read(&mm->mmap_lock);
}

/* What move_pages() is about to move: entries [first, behind) are on the list. */
struct batch {
	struct mm_struct *mm;
	const unsigned long *pages;
	int *status;
	struct list_head list;
	unsigned long first;
	int node;			/* -1: nothing begun */
};

/*
 * Up to 6.6 only the first page of one of hugetlb could be named. The one place
 * that reads rules->move_pages_hugetlb_head.
 */
static bool inside_hugetlb(const struct page *page)
{
	return unlikely(PageTail(page)) && PageHugetlb(compound_head(page)) &&
	       pp_rules->move_pages_hugetlb_head;
}

/* 1: queued; 0: on @node already; -errno for the slot */
static int queue(struct batch *b, unsigned long addr, int node, bool all)
{
	struct page *page, *head;
	int ret;

	pinpage_down_read(&b->mm->mmap_lock);
	page = page_to_move(b->mm, addr & PAGE_MASK);
	pinpage_up_read(&b->mm->mmap_lock);
	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	head = compound_head(page);
	if (head->node == node)
		ret = 0;
	else if (inside_hugetlb(page))
		ret = -EACCES;
	else if (pp_page_mapcount(page) > 1 && !all)
		ret = -EACCES;
	else
		ret = pp_migrate_isolate(head, &b->list) ? 1 : -EBUSY;
	pp_unref(head);
	return ret;
}

/* entries [b->first, behind) of @nr move now: 0, > 0 as the call returns, -errno */
static long flush(struct batch *b, unsigned long behind, unsigned long nr)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = b->node, .gfp = PINPAGE_GFP_MOVABLE | PP_GFP_THISNODE,
	};
	unsigned long i;
	long left;

	if (list_empty(&b->list))
		return 0;
	left = pp_migrate_pages(&b->list, &m);
	pp_migrate_putback(&b->list);
	if (left > 0)
		left += (long)(nr - behind);
	for (i = b->first; !left && i < behind; i++)
		b->status[i] = b->node;
	return left;
}

/* the slots from @i on are not begun; 0, > 0, -errno as the call returns */
static long move_one(struct batch *b, unsigned long i, unsigned long nr, int node,
		     bool all)
{
	long ret;

	if (b->node != node) {
		ret = b->node < 0 ? 0 : flush(b, i, nr);
		if (ret)
			return ret;
		b->node = node;
		b->first = i;
	}
	ret = queue(b, b->pages[i], node, all);
	if (ret > 0)
		return 0;
	b->status[i] = ret ? (int)ret : node;
	ret = flush(b, i, nr);
	/* slot i has been told */
	if (ret > 0)
		ret--;
	b->node = -1;
	return ret;
}

static long move(struct mm_struct *mm, unsigned long nr, const unsigned long *pages,
		 const int *nodes, int *status, bool all)
{
	struct batch b = { .mm = mm, .pages = pages, .status = status, .node = -1 };
	unsigned long i;
	long ret = 0, last;

	INIT_LIST_HEAD(&b.list);
	for (i = 0; !ret && i < nr; i++) {
		if (nodes[i] < 0 || nodes[i] >= (int)pp_nr_nodes)
			ret = -ENODEV;
		else
			ret = move_one(&b, i, nr, nodes[i], all);
		if (ret)
			break;
	}
	if (b.node < 0 || list_empty(&b.list))
		return ret;
	last = flush(&b, i, nr);
	return ret < 0 ? ret : last;
}

static bool alive(struct mm_struct *mm)
{
	return mm && atomic_read(&mm->mm_users) > 0;
}

long pinpage_move_pages(struct mm_struct *mm, unsigned long nr,
			const unsigned long *pages, const int *nodes,
			int *status, int flags)
{
	if (!pp_ready() || !pinpage_might_sleep() || !alive(mm) ||
	    flags & ~(MOVE | MOVE_ALL) || (nr && (!pages || !status)))
		return -EINVAL;
	if (!nodes) {
		ask(mm, nr, pages, status);
		return 0;
	}
	return move(mm, nr, pages, nodes, status, flags & MOVE_ALL);
}

/* a whole process */

struct exodus {
	struct mm_struct *mm;
	int from;
	struct list_head list;
	unsigned long nr;		/* pages that could not be isolated */
	bool all;			/* shared ones, too */
};

/* root's call takes along what others map. Mirrors: kernel_migrate_pages() */
static bool moves_all(void)
{
	struct mm_struct *mine = pp_current_mm();

	return !mine || !READ_ONCE(mine->user);
}

static void queue_page(struct exodus *x, struct page *page)
{
	struct page *head = compound_head(page);

	if (head->node != x->from || (pp_page_mapcount(page) > 1 && !x->all))
		return;
	if (!pp_migrate_isolate(head, &x->list) && PageLRU(head))
		x->nr++;
}

static void queue_range(struct exodus *x, unsigned long addr, unsigned long end)
{
	struct page *page, *last = NULL;

	for (; addr < end; addr += PAGE_SIZE) {
		page = pp_page_at(x->mm, addr);
		if (IS_ERR(page))
			continue;
		if (compound_head(page) != last)
			queue_page(x, page);
		last = compound_head(page);
		pp_unref(page);
	}
}

/* pages that stayed, or -ENOMEM */
static long leave_node(struct mm_struct *mm, int from, int to)
{
	struct exodus x = { .mm = mm, .from = from, .all = moves_all() };
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = to, .gfp = PINPAGE_GFP_MOVABLE | PP_GFP_THISNODE,
	};
	struct vm_area_struct *vma;
	long left;

	INIT_LIST_HEAD(&x.list);
	pinpage_down_read(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, 0); vma; vma = pp_vma_next(vma))
		queue_range(&x, vma->vm_start, vma->vm_end);
	pinpage_up_read(&mm->mmap_lock);
	left = pp_migrate_pages(&x.list, &m);
	pp_migrate_putback(&x.list);
	return left < 0 ? left : left + (long)x.nr;
}

/* the node that stands in @to where @nid stands in @from */
static int counterpart(unsigned long from, unsigned long to, int nid)
{
	unsigned int rank = hweight_long(from & (BIT(nid) - 1));
	unsigned long left = to;

	for (rank %= hweight_long(to); rank; rank--)
		left &= left - 1;
	return (int)__ffs(left);
}

long pinpage_migrate_pages(struct mm_struct *mm, unsigned long from, unsigned long to)
{
	unsigned long all = BIT(pp_nr_nodes) - 1;
	long left = 0, ret = 0;
	unsigned int nid;

	if (!pp_ready() || !pinpage_might_sleep() || !alive(mm) || !from || !to ||
	    (from | to) & ~all)
		return -EINVAL;
	for (nid = 0; nid < pp_nr_nodes && ret >= 0; nid++) {
		int dest = counterpart(from, to, (int)nid);

		if (!(from & BIT(nid)) || dest == (int)nid)
			continue;
		ret = leave_node(mm, (int)nid, dest);
		left += ret;
	}
	return ret < 0 ? ret : left;
}
