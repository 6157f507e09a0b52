// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/huge_split.c - splitting a folio into its pages
 *
 * I1. A folio is split only while every reference of it is explained: by the
 *     cache and the caller. Its mappings are taken away first (anonymous ones
 *     leave migration entries, so that a fault waits; file pages fault back),
 *     then the count is frozen. A pin or any other reference in between, or
 *     before, makes the freeze fail: the mappings come back, the folio stays.
 * I2. While entries say "migrating" the folio is locked and, if anonymous, its
 *     anon_vma is locked for writing.
 * I3. Pages that nobody maps or holds are free afterwards.
 *
 * Who excludes whom: other splitters, reclaim and truncation by the page lock;
 * faults by the entries; fork, mremap and the reverse map by anon_vma->rwsem;
 * gup-fast by I1.
 * Mirrors: mm/huge_memory.c:split_huge_page_to_list(), unmap_folio(),
 * remap_page(), deferred_split_scan() 6.1.
 */
#include "mm/huge.h"
#include "mm/swapops.h"

struct split {
	struct page *page;		/* stays locked, the caller's reference is its */
	struct page *head;
	unsigned long nr;		/* pages of the folio */
	struct anon_vma *av;		/* or NULL: a file's */
	struct address_space *mapping;
};

/* The one place that reads rules->split_eagain. */
static int has_references(void)
{
	return pp_rules->split_eagain ? -EAGAIN : -EBUSY;
}

/* references that are neither mappings nor the caller's */
static int cache_refs(const struct split *s)
{
	return s->mapping ? (int)s->nr : 0;
}

static bool all_explained(const struct split *s)
{
	return page_ref_count(s->head) ==
	       pp_folio_mapcount(s->head) + cache_refs(s) + 1;
}

/* mappings of anonymous pages become migration entries and come back */

static unsigned long address_in(const struct vm_area_struct *vma, unsigned long pgoff)
{
	return vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);
}

/* calls @one for each area that may map @page; anon_vma locked */
static void each_mapping(const struct split *s, struct page *page,
			 void (*one)(const struct split *s, struct page *page,
				     struct vm_area_struct *vma, unsigned long addr))
{
	unsigned long pgoff = READ_ONCE(s->head->index) + (unsigned long)(page - s->head);
	struct vm_area_struct *vma;
	struct pp_interval *at;

	pp_interval_for_each(at, &s->av->areas, pgoff, pgoff) {
		vma = container_of(at, struct vm_area_struct, anon_vma_chain);
		one(s, page, vma, address_in(vma, pgoff));
	}
}

static void split_leaf(const struct page *head, struct vm_area_struct *vma,
		       unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr), pmd;

	pmd = pmdp ? pp_pte_get(pmdp) : 0;
	if (pte_leaf(pmd) && pte_page(pmd) == head)
		pp_split_pmd_frozen(vma, addr);
}

static void take_away(const struct split *s, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table), pte;

	if (!ptep)
		return;
	pte = *ptep;
	if (!pte_present(pte) || pp_pte_normal_page(pte) != page) {
		pinpage_spin_unlock(&table->lock);
		return;
	}
	pp_pte_put(ptep, pp_migration_entry(page, pte, PageAnonExclusive(page)));
	pp_tlb_flush_page(mm, addr);
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(s->head);
	ClearPageAnonExclusive(page);
	pp_remove_rmap(page);
	pp_emit_pte(PTE_CLEAR, mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	pp_unref(s->head);
}

static bool only_zeroes(const struct page *page)
{
	const unsigned long *at = page_address(page);
	unsigned long i;

	for (i = 0; i < PAGE_SIZE / sizeof(*at); i++)
		if (READ_ONCE(at[i]))
			return false;
	return true;
}

/*
 * Is the zero page as good? The one place that reads rules->split_zeropage.
 * Mirrors: mm/migrate.c:try_to_map_unused_to_zeropage() 6.12
 */
static bool is_spare(const struct page *page, const struct vm_area_struct *vma)
{
	return pp_rules->split_zeropage && !PageHead(compound_head(page)) &&
	       !PageUnevictable(page) && !(vma->vm_flags & VM_LOCKED) &&
	       only_zeroes(page);
}

/* PTE lock held: @entry was of a page that is not needed any more */
static void map_zero(struct vm_area_struct *vma, unsigned long addr, pp_pte *ptep)
{
	pp_pte pte = pp_mk_pte(pp_zero_page, vma) | PTE_SPECIAL | (*ptep & PTE_SWP_KEPT);

	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
}

static void bring_back(const struct split *s, struct page *page,
		       struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, &table), pte;

	(void)s;
	if (!ptep)
		return;
	if (!pp_entry_is_migration(*ptep) || pp_entry_page(*ptep) != page) {
		pinpage_spin_unlock(&table->lock);
		return;
	}
	if (is_spare(page, vma)) {
		map_zero(vma, addr, ptep);
		pinpage_spin_unlock(&table->lock);
		return;
	}
	pte = pp_migration_pte(vma, page, *ptep, false);
	pp_ref(compound_head(page));
	if (pp_entry_type(*ptep) != PP_ENTRY_MIGRATION_READ)
		SetPageAnonExclusive(page);
	pp_map_page(vma, addr, ptep, page, pte);
	pinpage_spin_unlock(&table->lock);
}

/* pages [from, to] of the folio, which @vma may map from @addr on */
static void unmap_area(const struct split *s, struct vm_area_struct *vma,
		       unsigned long addr, unsigned long from, unsigned long to)
{
	struct pp_mmu_range range;
	unsigned long i;

	if (atomic_read(&s->head[1].entire_mapcount) >= 0)
		split_leaf(s->head, vma, addr);
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr,
				addr + ((to - from + 1) << PAGE_SHIFT), MMU_NOTIFY_CLEAR);
	for (i = from; i <= to; i++, addr += PAGE_SIZE)
		if (page_mapcount_pte(s->head + i))
			take_away(s, s->head + i, vma, addr);
	pp_mmu_invalidate_end(&range);
}

/* Mirrors: mm/rmap.c:try_to_migrate_one(), one invalidation an area */
static void unmap_anon(const struct split *s)
{
	unsigned long first = READ_ONCE(s->head->index), last = first + s->nr - 1;
	struct vm_area_struct *vma;
	unsigned long from, to;
	struct pp_interval *at;

	pp_interval_for_each(at, &s->av->areas, first, last) {
		vma = container_of(at, struct vm_area_struct, anon_vma_chain);
		from = max(first, at->start);
		to = min(last, at->last);
		unmap_area(s, vma, address_in(vma, from), from - first, to - first);
	}
}

static void remap_anon(const struct split *s)
{
	unsigned long i;

	for (i = 0; i < s->nr; i++)
		each_mapping(s, s->head + i, bring_back);
}

/* the split itself */

/* What makes the attempt useless; on 0 s->av, if any, is locked. */
static int prepare(struct split *s)
{
	struct page *head = s->head;

	if (head == pp_huge_zero_page || PageWriteback(head) || PageSwapCache(head))
		return -EBUSY;
	if (PageAnon(head)) {
		s->av = pp_anon_vma_get(head);
		if (!s->av)
			return -EBUSY;
		pinpage_down_write(&s->av->rwsem);
	} else {
		s->mapping = page_file_mapping(head);
		if (!s->mapping || PagePrivate(head))
			return -EBUSY;
	}
	return all_explained(s) ? 0 : has_references();
}

static void finish(const struct split *s)
{
	if (!s->av)
		return;
	pinpage_up_write(&s->av->rwsem);
	pp_anon_vma_put(s->av);
}

/* s->page stays locked by the caller; the others go back to whoever uses them */
static void let_pages_go(const struct split *s)
{
	unsigned long i;

	if (s->page != s->head)
		pp_lock_acquired(&s->page->flags, "page lock", PINPAGE_RANK_PAGE,
				 false, true);
	for (i = 0; i < s->nr; i++) {
		if (s->head + i == s->page)
			continue;
		pp_unlock_page(s->head + i);
		pp_unref(s->head + i);
	}
}

/*
 * MB pin-vs-split (K): entries are cleared before the count is frozen, which
 * is a full barrier. Pairs with (C) in gup/fast.c [count raised, then the entry
 * read again]. Without it the walk keeps a page whose folio is taken apart.
 * Test: gup/race_huge split_against_fast_pin.
 */
static bool freeze_and_scatter(const struct split *s, struct list_head *list)
{
	if (s->mapping)
		return pp_cache_split(s->mapping, s->head, list);
	if (!pp_ref_freeze(s->head, 1))
		return false;
	pp_folio_scatter(s->head, 1, list);
	return true;
}

static int split_prepared(const struct split *s, struct list_head *list)
{
	bool done;

	if (s->av)
		unmap_anon(s);
	else
		(void)pp_try_to_unmap(s->head);
	pp_emit(YIELD, PP_EV_PAGE(s->head), .name = "split-freeze");
	done = freeze_and_scatter(s, list);
	if (s->av)
		remap_anon(s);
	return done ? 0 : has_references();
}

/**
 * pp_split_folio() - split a folio into its pages
 * @page: any page of it; the folio is locked and the caller has the one
 *        reference that neither a mapping nor the cache explains
 * @list: for who isolated the folio (then his is that reference): the pages
 *        behind the head are added, isolated too; NULL: they stay on the LRU
 *        if the folio was
 *
 * On success @page is a small page, locked by the caller, whose reference
 * moved to it. Flags, contents and mappings stay; pages that nobody uses are
 * free, as are those of a file behind its end.
 *
 * Context: process; sleeps. Locking: page lock held; takes anon_vma->rwsem.
 * Order:   MB pin-vs-split (K).
 * Return:  0; -EBUSY: under writeback, gone from its file, not mapped, the
 *          huge zero page, hugetlb; -EAGAIN (-EBUSY before 6.1): somebody else has a
 *          reference, pins included; the folio stays whole, mapped by PTEs.
 * Mirrors: mm/huge_memory.c:split_huge_page_to_list(); differs: a folio in
 *          the swap cache is -EBUSY.
 */
int pp_split_folio(struct page *page, struct list_head *list)
{
	struct split s = { .page = page, .head = compound_head(page) };
	int err;

	pp_assert_held(&s.head->flags);
	if (PageHugetlb(s.head))
		return -EBUSY;
	s.nr = folio_nr_pages((struct folio *)s.head);
	err = prepare(&s);
	if (!err)
		err = split_prepared(&s, list);
	finish(&s);
	pp_stat_add(err ? PINPAGE_STAT_THP_SPLIT_PAGE_FAILED :
			  PINPAGE_STAT_THP_SPLIT_PAGE, 1);
	if (!err)
		let_pages_go(&s);
	return err;
}

/* under pressure */

/* false: it has to wait longer */
static bool split_deferred(struct page *head)
{
	bool done = false;

	if (pp_trylock_page(head)) {
		done = !PageHead(head) || !pp_split_folio(head, NULL);
		pp_unlock_page(head);
	}
	return done;
}

/**
 * pp_huge_shrink() - memory is short: split what is partly unused
 *
 * Also gives the huge zero page back if nobody maps it.
 *
 * Context: process; sleeps. Locking: none of rank I_MMAP or above held.
 * Return:  frames freed.
 * Mirrors: mm/huge_memory.c:deferred_split_scan()
 */
unsigned long pp_huge_shrink(void)
{
	unsigned long nr = pp_deferred_nr(), freed = pp_huge_zero_shrink();
	struct page *head;
	long before;

	while (nr-- && (head = pp_deferred_take())) {
		before = pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES);
		if (!split_deferred(head) && PageHead(head))
			pp_deferred_add(head);
		pp_unref(head);
		freed += (unsigned long)max(0L, pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES) - before);
	}
	return freed;
}

int pinpage_split_huge_page(struct page *page)
{
	struct page *head;
	int err = -EINVAL;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (!pp_page_valid(page)) {
		pp_warn_once("split_huge_page(%p): not a page", (void *)page);
		return -EINVAL;
	}
	head = compound_head(page);
	if (!PageHead(head) || !pp_lock_held(&head->flags)) {
		pp_warn_once("split_huge_page: pfn %lu is %s", page_to_pfn(page),
			     PageHead(head) ? "not locked" : "a small page");
		return -EINVAL;
	}
	pp_enter(__builtin_return_address(0));
	err = pp_split_folio(page, NULL);
	pp_leave();
	return err;
}
