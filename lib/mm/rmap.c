// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/rmap.c - from a page to the PTEs that map it
 *
 * I1. _mapcount + 1 = PTEs of the very page; entire_mapcount + 1 = huge leaves
 *     of the folio.
 * I2. While a page is locked and on the list of its file or anon_vma, no new
 *     mapping of a file page appears (faults lock the page).
 *
 * Who excludes whom:
 *   walk   | area added, moved, removed: i_mmap_rwsem or anon_vma->rwsem
 *          | PTE changed: its table's lock
 *   mkclean| write fault: the page lock (page_mkwrite runs under it), then
 *          | the PTE lock for a store through a PTE that is writable already
 * Mirrors: mm/rmap.c 6.1.
 */
#include "mm/internal.h"
#include "mm/ksm.h"
#include "mm/swap.h"
#include "mm/uffd.h"

static pinpage_spinlock_t counts_lock;		/* mappings of folios: lock_counts() */

static void stat_mapped(const struct page *head, long by)
{
	if (unlikely(PageHugetlb(head)))
		return;
	pp_stat_add(PageAnon(head) ? PINPAGE_STAT_NR_ANON_PAGES :
		    PINPAGE_STAT_NR_FILE_MAPPED, by);
}

/* folios that some huge leaf maps */
static void stat_leaf(const struct page *head, long by)
{
	if (unlikely(PageHugetlb(head)))
		return;
	pp_stat_add(PageAnon(head) ? PINPAGE_STAT_NR_ANON_THPS :
		    PINPAGE_STAT_NR_SHMEM_PMDMAPPED, by);
}

static bool entirely_mapped(const struct page *head)
{
	return PageHead(head) && atomic_read(&head[1].entire_mapcount) >= 0;
}

/* subpages that only a huge leaf maps */
static long not_pte_mapped(const struct page *head)
{
	long nr = 0;
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		nr += atomic_read(&head[i]._mapcount) < 0;
	return nr;
}

/**
 * pp_add_new_anon_rmap() - first mapping of a new anonymous page or folio
 * @page: order 0, or the head of a 2 MiB folio that a PMD leaf will map
 *
 * Exclusive, up to date, on the LRU.
 *
 * Context: any. Locking: page-table lock held; @vma has its anon_vma.
 * Mirrors: mm/rmap.c:page_add_new_anon_rmap()
 */
void pp_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			  unsigned long addr)
{
	unsigned long mapping = (unsigned long)pp_vma_anon(vma) | PAGE_MAPPING_ANON;

	WRITE_ONCE(page->index, pp_vma_pgoff(vma, addr));
	WRITE_ONCE(page->mapping, (void *)mapping);
	SetPageUptodate(page);
	SetPageSwapBacked(page);
	SetPageAnonExclusive(page);
	if (PageHead(page)) {
		atomic_set(&page[1].entire_mapcount, 0);
		stat_mapped(page, HPAGE_PMD_NR);
		stat_leaf(page, 1);
	} else {
		atomic_set(&page->_mapcount, 0);
		stat_mapped(page, 1);
	}
	pp_lru_add(page);
	pp_mlock_vma(vma, page, PageHead(page));
}

/**
 * pp_add_anon_rmap() - a page that was in swap is mapped again
 * @page:      locked, in the swap cache or just out of it
 * @exclusive: it is this address's alone
 *
 * Context: any. Locking: page lock and page-table lock held; @vma has its
 * anon_vma; the caller has a reference for the mapping.
 * Mirrors: mm/rmap.c:page_add_anon_rmap()
 */
void pp_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
		      unsigned long addr, bool exclusive)
{
	unsigned long mapping = (unsigned long)pp_vma_anon(vma) | PAGE_MAPPING_ANON;

	if (!PageAnon(page)) {
		WRITE_ONCE(page->index, pp_vma_pgoff(vma, addr));
		WRITE_ONCE(page->mapping, (void *)mapping);
	}
	if (exclusive)
		SetPageAnonExclusive(page);
	pp_dup_rmap(page);
	pp_mlock_vma(vma, page, false);
}

/*
 * What is mapped by PTEs and by leaves is counted once: one of the two locks
 * the other out, whichever address spaces they are in. @head is a folio, not a
 * page, for as long as the caller has its reference.
 */
static void lock_counts(const struct page *head)
{
	if (unlikely(PageHead(head)))
		pinpage_spin_lock(&counts_lock);
}

static void unlock_counts(const struct page *head)
{
	if (unlikely(PageHead(head)))
		pinpage_spin_unlock(&counts_lock);
}

/* one more PTE maps @page; the caller has a reference for it */
void pp_dup_rmap(struct page *page)
{
	struct page *head = compound_head(page);

	lock_counts(head);
	if (atomic_inc_and_test(&page->_mapcount) && !entirely_mapped(head))
		stat_mapped(head, 1);
	unlock_counts(head);
}

/* one more PMD leaf maps the folio of @head */
void pp_dup_huge_rmap(struct page *head)
{
	lock_counts(head);
	if (atomic_inc_and_test(&head[1].entire_mapcount)) {
		stat_mapped(head, not_pte_mapped(head));
		stat_leaf(head, 1);
	}
	unlock_counts(head);
}

/**
 * pp_map_page() - one more entry of a page
 * @ptep: its lock held; what it was is the caller's affair
 * @page: not new; the caller's reference becomes the entry's
 *
 * Context: any. Locking: the PTE's lock held.
 */
void pp_map_page(const struct vm_area_struct *vma, unsigned long addr, pp_pte *ptep,
		 struct page *page, pp_pte pte)
{
	pp_dup_rmap(page);
	pp_mlock_vma(vma, page, false);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
}

/* As pp_map_page(), except: a huge leaf; the table that goes with it is there. */
void pp_map_leaf(const struct vm_area_struct *vma, unsigned long addr, pp_pte *pmdp,
		 struct page *head, pp_pte pmd)
{
	pp_dup_huge_rmap(head);
	pp_mlock_vma(vma, head, true);
	pp_pte_put(pmdp, pmd);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pmd, PMD_SIZE);
}

/**
 * pp_remove_rmap() - a PTE of @page is gone
 *
 * Context: any. Locking: the PTE's lock held; the reference is still owned.
 * Mirrors: mm/rmap.c:page_remove_rmap()
 */
void pp_remove_rmap(struct page *page)
{
	struct page *head = compound_head(page);
	bool last;

	lock_counts(head);
	last = atomic_add_negative(-1, &page->_mapcount) && !entirely_mapped(head);
	if (last)
		stat_mapped(head, -1);
	unlock_counts(head);
	if (last && unlikely(PageHead(head)) && PageAnon(head))
		pp_deferred_add(head);
}

/* As pp_remove_rmap(), except: a PMD leaf of the folio. */
void pp_remove_huge_rmap(struct page *head)
{
	lock_counts(head);
	if (atomic_add_negative(-1, &head[1].entire_mapcount)) {
		stat_mapped(head, -not_pte_mapped(head));
		stat_leaf(head, -1);
	}
	unlock_counts(head);
}

/* where @vma maps page offset @pgoff, which it does */
static unsigned long vma_address(const struct vm_area_struct *vma, unsigned long pgoff)
{
	return vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);
}

static void walk_anon(struct page *page, unsigned long pgoff, struct pp_rmap_walk *walk)
{
	struct anon_vma *av = walk->anon_vma;
	struct vm_area_struct *vma;
	struct pp_interval *at;

	if (!av)
		av = pp_anon_vma_get(compound_head(page));
	if (!av)
		return;
	pinpage_down_read(&av->rwsem);
	pp_interval_for_each(at, &av->areas, pgoff, pgoff) {
		vma = container_of(at, struct vm_area_struct, anon_vma_chain);
		if (!walk->one(walk, page, vma, vma_address(vma, pgoff)))
			break;
	}
	pinpage_up_read(&av->rwsem);
	if (!walk->anon_vma)
		pp_anon_vma_put(av);
}

static void walk_file(struct page *page, struct address_space *mapping,
		      unsigned long pgoff, struct pp_rmap_walk *walk)
{
	struct vm_area_struct *vma;
	struct pp_interval *at;

	pinpage_down_read(&mapping->i_mmap_rwsem);
	pp_interval_for_each(at, &mapping->i_mmap, pgoff, pgoff) {
		vma = container_of(at, struct vm_area_struct, shared);
		if (!walk->one(walk, page, vma, vma_address(vma, pgoff)))
			break;
	}
	pinpage_up_read(&mapping->i_mmap_rwsem);
}

/**
 * pp_rmap_walk() - call walk->one() for each area that may map a page
 * @page: this very page; locked, with a reference of the caller
 *
 * The area may map something else there: one() compares the frame.
 *
 * Context: process. Locking: page lock held; takes i_mmap_rwsem or
 * anon_vma->rwsem for reading.
 * Mirrors: mm/rmap.c:rmap_walk()
 */
void pp_rmap_walk(struct page *page, struct pp_rmap_walk *walk)
{
	struct page *head = compound_head(page);
	unsigned long pgoff = READ_ONCE(head->index) + (unsigned long)(page - head);
	struct address_space *mapping;

	if (unlikely(PageKsm(head))) {
		pp_ksm_rmap_walk(page, walk);
		return;
	}
	if (PageAnon(head)) {
		walk_anon(page, pgoff, walk);
		return;
	}
	mapping = page_file_mapping(head);
	if (mapping)
		walk_file(page, mapping, pgoff, walk);
}

/* PTE of @addr locked if it maps @page, else NULL and no lock */
pp_pte *pp_pte_of_page(struct vm_area_struct *vma, unsigned long addr,
		       struct page *page, struct pp_table **tablep)
{
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, tablep);

	if (!ptep)
		return NULL;
	if (pte_present(*ptep) && pp_pte_normal_page(*ptep) == page)
		return ptep;
	pinpage_spin_unlock(&(*tablep)->lock);
	return NULL;
}

/* mkclean */

static bool mkclean_one(struct pp_rmap_walk *walk, struct page *page,
			struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	struct pp_mmu_range range;
	pp_pte *ptep, pte;

	if (!(vma->vm_flags & VM_SHARED))
		return true;
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PAGE_SIZE,
				MMU_NOTIFY_PROTECTION_PAGE);
	ptep = pp_pte_of_page(vma, addr, page, &table);
	if (!ptep)
		goto out;
	pte = *ptep;
	if (pte & (PTE_DIRTY | PTE_WRITE)) {
		pp_pte_put(ptep, pte & ~(PTE_DIRTY | PTE_WRITE));
		pp_tlb_flush_page(vma->vm_mm, addr);
		walk->count++;
		pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, *ptep, PAGE_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
out:
	pp_mmu_invalidate_end(&range);
	return true;
}

/* As mkclean_one(), except: a huge leaf of the folio. */
static bool mkclean_leaf(struct pp_rmap_walk *walk, struct page *head,
			 struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;
	struct pp_table *table;
	pp_pte *pmdp, pmd;

	if (!(vma->vm_flags & VM_SHARED))
		return true;
	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PMD_SIZE,
				MMU_NOTIFY_PROTECTION_PAGE);
	pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	if (!pmdp)
		goto out;
	pmd = *pmdp;
	if (pte_leaf(pmd) && pte_page(pmd) == head && pmd & (PTE_DIRTY | PTE_WRITE)) {
		pp_pte_put(pmdp, pmd & ~(PTE_DIRTY | PTE_WRITE));
		pp_tlb_flush_range(vma->vm_mm, addr, addr + PMD_SIZE);
		walk->count++;
		pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, *pmdp, PMD_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
out:
	pp_mmu_invalidate_end(&range);
	return true;
}

static void mkclean_folio(struct page *head, struct pp_rmap_walk *walk)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);

	for (i = 0; i < nr; i++)
		if (page_mapcount_pte(head + i))
			pp_rmap_walk(head + i, walk);
	walk->one = mkclean_leaf;
	if (entirely_mapped(head))
		pp_rmap_walk(head, walk);
}

/**
 * pp_page_mkclean() - make every shared mapping of a page clean and read-only
 * @page: file page, or the head of a folio: all of it then; the dirtiness found
 *        is the caller's to put into the page
 *
 * Private mappings keep their PTEs: they cannot be dirty for the file.
 *
 * Context: process. Locking: page lock held.
 * Return:  PTEs that were dirty or writable.
 * Mirrors: mm/rmap.c:folio_mkclean()
 */
int pp_page_mkclean(struct page *page)
{
	struct pp_rmap_walk walk = { .one = mkclean_one };

	if (page_file_mapping(compound_head(page)) && pp_page_mapped(page)) {
		if (unlikely(PageHead(page)))
			mkclean_folio(page, &walk);
		else
			pp_rmap_walk(page, &walk);
	}
	if (walk.count)
		pp_emit(MKCLEAN, PP_EV_PAGE(page), .arg = (long)walk.count);
	return (int)walk.count;
}

int pinpage_page_mkclean(struct page *page)
{
	if (!pp_ready())
		return -EINVAL;
	if (!pp_page_valid(page) || !PageLocked(compound_head(page))) {
		pp_warn_once("page_mkclean(%p): not a locked page", (void *)page);
		return -EINVAL;
	}
	return pp_page_mkclean(page);
}

/* unmap */

static void unmap_pte(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_of_page(vma, addr, page, &table);
	pp_pte pte;

	if (!ptep)
		return;
	pte = *ptep;
	pp_pte_put(ptep, 0);
	pp_tlb_flush_page(vma->vm_mm, addr);
	if (pte & PTE_DIRTY)
		pp_set_page_dirty(compound_head(page));
	if (unlikely(pte & PTE_UFFD_WP))
		pp_pte_put(ptep, pp_uffd_leave_marker(vma, pte));
	pp_remove_rmap(page);
	pp_munlock_vma(vma, page, false);
	walk->count++;
	pp_emit_pte(PTE_CLEAR, vma->vm_mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	pp_unref(page);
}

static bool unmap_one(struct pp_rmap_walk *walk, struct page *page,
		      struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_mmu_range range;

	pp_mmu_invalidate_start(&range, vma->vm_mm, addr, addr + PAGE_SIZE,
				MMU_NOTIFY_CLEAR);
	unmap_pte(walk, page, vma, addr);
	pp_mmu_invalidate_end(&range);
	return pp_page_mapped(page);
}

/* a huge leaf of a file's folio goes: that is what splitting it does */
static bool unmap_leaf(struct pp_rmap_walk *walk, struct page *head,
		       struct vm_area_struct *vma, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr), pmd;

	pmd = pmdp ? pp_pte_get(pmdp) : 0;
	if (pte_leaf(pmd) && pte_page(pmd) == head) {
		pp_split_pmd(vma, addr);
		walk->count++;
	}
	return true;
}

static void unmap_folio(struct page *head)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);
	struct pp_rmap_walk walk = { .one = unmap_leaf };

	if (entirely_mapped(head))
		pp_rmap_walk(head, &walk);
	walk.one = unmap_one;
	for (i = 0; i < nr; i++)
		if (page_mapcount_pte(head + i))
			pp_rmap_walk(head + i, &walk);
}

/**
 * pp_try_to_unmap() - take a page away from everybody who maps it
 * @page: order 0, or the head of a file's folio, which goes as a whole; the
 *        caller's reference keeps it
 *
 * A PTE's dirty bit becomes the page's. Anonymous pages: pp_unmap_anon(). Pins
 * do not matter: a pinned file page is unmapped like any other and faults back
 * to the same frame.
 *
 * Context: process. Locking: page lock held.
 * Order:   PTEs are gone before the caller counts pins: MB pin-vs-unmap (D).
 * Return:  true: nobody maps it any more.
 * Mirrors: mm/rmap.c:try_to_unmap()
 */
bool pp_try_to_unmap(struct page *page)
{
	struct pp_rmap_walk walk = { .one = unmap_one };

	if (PageAnon(page))
		return pp_unmap_anon(page);
	if (unlikely(PageHead(page)))
		unmap_folio(page);
	else if (pp_page_mapped(page))
		pp_rmap_walk(page, &walk);
	/*
	 * MB pin-vs-unmap (D): PTEs cleared before the reference count is read.
	 * Pairs with (C) in gup/fast.c [count raised, then the PTE read again].
	 * Without it reclaim strips and frees a
	 * page that a device was just given. Test: gup/race unmap_against_fast_pin.
	 */
	smp_mb();
	return !pp_page_mapped(page);
}

/* truncate and friends: this page, locked, from every mapping */
static void unmap_page(struct page *page)
{
	(void)pp_try_to_unmap(page);
}

static int split_folio(struct page *head)
{
	return pp_split_folio(head, NULL);
}

/**
 * unmap_mapping() - take a range of a file away from everybody who maps it
 * @mapping:   the file
 * @start, @nr: in pages; @nr == 0 or a wrapping range: to the end
 * @even_cows: private copies too (truncate), else only the file's own pages
 *
 * Context: process; may be called with the page lock held.
 * Mirrors: mm/memory.c:unmap_mapping_pages()
 */
static void unmap_mapping(struct address_space *mapping, unsigned long start,
			  unsigned long nr, bool even_cows)
{
	unsigned long last = nr && start + nr - 1 >= start ? start + nr - 1 : ~0UL;
	struct pp_interval *at;

	pinpage_down_read(&mapping->i_mmap_rwsem);
	pp_interval_for_each(at, &mapping->i_mmap, start, last) {
		struct vm_area_struct *vma =
			container_of(at, struct vm_area_struct, shared);
		unsigned long from = max(start, at->start), to = min(last, at->last);

		pp_zap_single(vma, vma_address(vma, from),
			      vma_address(vma, to) + PAGE_SIZE, !even_cows);
	}
	pinpage_up_read(&mapping->i_mmap_rwsem);
}

/* second chance */

static bool referenced_one(struct pp_rmap_walk *walk, struct page *page,
			   struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_of_page(vma, addr, page, &table);

	if (!ptep)
		return true;
	if (*ptep & PTE_ACCESSED) {
		pp_pte_put(ptep, *ptep & ~PTE_ACCESSED);
		walk->count++;
	}
	if (pp_mmu_clear_flush_young(vma->vm_mm, addr, addr + PAGE_SIZE))
		walk->count++;
	pinpage_spin_unlock(&table->lock);
	return true;
}

static bool referenced_leaf(struct pp_rmap_walk *walk, struct page *head,
			    struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_offset(vma->vm_mm, addr);

	if (!pmdp || !pte_leaf(pp_pte_get(pmdp)))
		return true;
	pmdp = pp_pmd_lock(vma->vm_mm, addr, &table);
	if (pte_leaf(*pmdp) && pte_page(*pmdp) == head) {
		walk->count += !!(*pmdp & PTE_ACCESSED);
		pp_pte_put(pmdp, *pmdp & ~PTE_ACCESSED);
		addr &= PMD_MASK;
		if (pp_mmu_clear_flush_young(vma->vm_mm, addr, addr + PMD_SIZE))
			walk->count++;
	}
	pinpage_spin_unlock(&table->lock);
	return true;
}

static bool folio_referenced(struct page *head)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)head);
	struct pp_rmap_walk walk = { .one = referenced_leaf };

	if (entirely_mapped(head))
		pp_rmap_walk(head, &walk);
	walk.one = referenced_one;
	for (i = 0; i < nr; i++)
		if (page_mapcount_pte(head + i))
			pp_rmap_walk(head + i, &walk);
	return walk.count != 0;
}

/**
 * pp_page_referenced() - has anybody used the page since the last time?
 * @page: small, or the head of a folio: then any page of it
 *
 * Context: process. Locking: page lock held.
 * Return:  whether a PTE was marked accessed; the marks are cleared.
 * Mirrors: mm/rmap.c:folio_referenced()
 */
bool pp_page_referenced(struct page *page)
{
	struct pp_rmap_walk walk = { .one = referenced_one };

	if (unlikely(PageHead(page)))
		return folio_referenced(page);
	if (pp_page_mapped(page))
		pp_rmap_walk(page, &walk);
	return walk.count != 0;
}

void pp_rmap_boot(void)
{
	static const struct pp_rmap_ops ops = {
		.mkclean = pp_page_mkclean,
		.unmap_mapping = unmap_mapping,
		.unmap_page = unmap_page,
		.split = split_folio,
	};

	pp_spin_init(&counts_lock, "folio mappings", PINPAGE_RANK_LRU);
	pp_set_rmap_ops(&ops);
}
