// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fast.c - the lock-free page-table walk
 *
 * Invariants:
 *  I1. A page is stored in the caller's array only after its count went up and
 *      the PTE (and, by the rules, the PMD) was read again unchanged.
 *  I2. The first entry that cannot be followed ends the walk; nothing behind
 *      it is looked at.
 *  I3. Nothing is dirtied, no fault is taken, nobody sleeps.
 * Who may change the tables meanwhile: everybody; table pages stay allocated
 * until pp_irq_restore().
 *
 * Costs: one locked RMW for a small page, two for a run of a folio, one look
 * at each table.
 *
 * Mirrors: mm/gup.c:lockless_pages_from_mm(), gup_pgd_range() and below.
 * Differs: re-checks are named steps under the deterministic engine only.
 */
#include "gup/gup.h"

struct fast_walk {
	pp_pte need;		/* bits an entry must have */
	pp_pte forbid;		/* bits it must not have */
	unsigned int flags;
	bool recheck_pmd;
	bool plain;		/* nothing to test but the counts: the common case */
	unsigned int step;	/* what a small page's count grows by */
	struct page **next;	/* where the next page goes */
};

static bool followable(const struct fast_walk *walk, pp_pte pte)
{
	return (pte & (walk->need | walk->forbid)) == walk->need;
}

/* A writing long-term pin takes file pages only after a look at the VMA. */
static bool longterm_needs_vma(const struct fast_walk *walk,
			       const struct page *head)
{
	const struct address_space *mapping = page_file_mapping(head);

	return pp_gup_banned_on_files(walk->flags) && mapping &&
	       mapping->a_ops->dirty_tracked;
}

/* Pages that a kernel would not have counted as pinned before it refuses. */
static bool page_unfit(const struct fast_walk *walk, struct page *page,
		       struct page *head)
{
	if ((walk->flags & FOLL_LONGTERM) &&
	    !pinpage_is_longterm_pinnable_page(page))
		return true;
	if (PageHWPoison(page))
		return true;
	/* dirty-at-pin: the slow walk marks it under the page-table lock */
	return pp_gup_dirties(walk->flags) && !PageDirty(head);
}

/* Rules that look at the page itself; true: leave it to the slow walk. */
static bool page_refused(const struct fast_walk *walk, pp_pte pte,
			 struct page *page, struct page *head)
{
	if (!(pte & PTE_WRITE) &&
	    pp_gup_must_unshare(NULL, walk->flags, pte & PTE_HUGE ? head : page))
		return true;
	return longterm_needs_vma(walk, head);
}

static __always_inline bool take(struct page *head, int refs,
				 unsigned int flags, bool counted)
{
	if (flags & FOLL_PIN)
		return pp_pin_try_as(head, refs, counted);
	return pp_ref_add_try(head, refs);
}

/* @head may be split by now, or be another's: see pin.h (C) */
static pp_cold void give_back(struct page *head, int refs, unsigned int flags,
			      bool counted)
{
	if (!(flags & FOLL_PIN)) {
		pp_unref_many(head, refs);
		return;
	}
	pp_pin_undo(head, refs, counted);
	pp_unpinned();
}

/*
 * Grab @refs pages at @page behind the entry *@entryp that read @entry.
 *
 * MB pin-vs-unmap (C): the count goes up before the entry is read again (the
 * counting RMW is a full barrier). Pairs with (D): whoever clears an entry and
 * then asks whether the page is pinned has a full barrier between. Without it
 * the page is freed, or judged unpinned, while the walk keeps it.
 * Test: gup/stress pin_storm_balances, gup/race unmap_against_fast_pin.
 *
 * MB pin-vs-clean (J): the same, against mkclean. Pairs with (I) in
 * pagecache/dirty.c:pinned_policy() [PTEs cleaned, then pins looked for].
 */
static __always_inline bool grab(struct fast_walk *walk, struct page *page,
				 int refs, const pp_pte *entryp, pp_pte entry,
				 const pp_pte *pmdp, pp_pte pmd)
{
	struct page *head = compound_head(page);
	bool counted = pp_has_pincount((struct folio *)head);

	if (unlikely(!take(head, refs, walk->flags, counted)))
		return false;
	if (unlikely(pp_engine_is_fiber))
		pp_emit(RECHECK, .page = page, .nr = refs);
	if (unlikely(READ_ONCE(*entryp) != entry ||
		     (walk->recheck_pmd && READ_ONCE(*pmdp) != pmd) ||
		     compound_head(page) != head))
		goto out_drop;
	if (unlikely(!walk->plain || !(entry & PTE_WRITE) ||
		     PageHWPoison(page))) {
		if (page_unfit(walk, page, head))
			goto out_uncounted;
		if (page_refused(walk, entry, page, head))
			goto out_drop;
	}
	if (unlikely(!PageReferenced(head)))
		SetPageReferenced(head);
	return true;

out_drop:
	pp_gup_count_undone(page, (unsigned long)refs, walk->flags);
out_uncounted:
	give_back(head, refs, walk->flags, counted);
	return false;
}

/*
 * Secret memory, to which the walk had a right: the kernel takes the page
 * before it sees that, and gives it back, which the statistics tell.
 */
static void secret_seen(const struct fast_walk *walk, pp_pte pte,
			const struct page *page)
{
	if ((pte & PTE_SECRET) && followable(walk, pte & ~PTE_SECRET))
		pp_gup_count_undone(page, 1, walk->flags);
}

/* a small page that was used before: nothing of it has to be changed or asked */
static __always_inline bool usual(const struct page *page)
{
	const unsigned long tested = 1UL << PINPAGE_PG_REFERENCED |
				     1UL << PINPAGE_PG_HEAD |
				     1UL << PINPAGE_PG_HWPOISON;

	return !PageTail(page) &&
	       (READ_ONCE(page->flags) & tested) == 1UL << PINPAGE_PG_REFERENCED;
}

/*
 * grab() for a run of usual pages that are mapped writable, as tight as it
 * can be: this is what most pins are. Stops, with nothing taken, at the first
 * that is different in any way; pte_range() goes on from there.
 */
static const pp_pte *usual_ptes(struct fast_walk *walk, const pp_pte *ptep,
				const pp_pte *last, const pp_pte *pmdp, pp_pte pmd)
{
	const pp_pte need = walk->need | PTE_WRITE, tested = need | walk->forbid;
	const pp_pte *again = walk->recheck_pmd ? pmdp : &pmd;
	const unsigned int step = walk->step;
	struct page **next = walk->next;

	for (; ptep < last; ptep++) {
		pp_pte pte = READ_ONCE(*ptep);
		struct page *page = pte_page(pte);

		if (unlikely((pte & tested) != need || !usual(page) ||
			     !pp_ref_add_try(page, step)))
			break;
		/* MB pin-vs-unmap (C), MB pin-vs-clean (J): as in grab() */
		if (unlikely(READ_ONCE(*ptep) != pte || READ_ONCE(*again) != pmd ||
			     !usual(page))) {
			pp_gup_count_undone(page, 1, walk->flags);
			give_back(page, 1, walk->flags, false);
			break;
		}
		*next++ = page;
	}
	walk->next = next;
	return ptep;
}

static bool pte_range(struct fast_walk *walk, const pp_pte *pmdp, pp_pte pmd,
		      unsigned long addr, unsigned long end)
{
	const pp_pte *ptep = &pte_table(pmd)->entry[pte_index(addr)];
	const pp_pte *last = ptep + ((end - addr) >> PAGE_SHIFT);
	struct page **next;

	if (likely(walk->plain && !pp_engine_is_fiber))
		ptep = usual_ptes(walk, ptep, last, pmdp, pmd);
	next = walk->next;
	for (; ptep < last; ptep++) {
		pp_pte pte = READ_ONCE(*ptep);
		struct page *page = pte_page(pte);

		if (unlikely(!followable(walk, pte))) {
			secret_seen(walk, pte, page);
			break;
		}
		if (unlikely(!grab(walk, page, 1, ptep, pte, pmdp, pmd)))
			break;
		*next++ = page;
	}
	walk->next = next;
	return ptep == last;
}

static bool huge_leaf(struct fast_walk *walk, const pp_pte *pmdp, pp_pte pmd,
		      unsigned long addr, unsigned long end)
{
	struct page *page = pte_page(pmd) + pte_index(addr);
	unsigned long refs = (end - addr) >> PAGE_SHIFT;
	struct page **next = walk->next;
	unsigned long i;

	if (!followable(walk, pmd) ||
	    !grab(walk, page, (int)refs, pmdp, pmd, pmdp, pmd))
		return false;
	for (i = 0; i < refs; i++)
		next[i] = page + i;
	walk->next = next + refs;
	return true;
}

static unsigned long table_end(unsigned long addr, unsigned long end,
			       unsigned long size)
{
	unsigned long boundary = (addr & ~(size - 1)) + size;

	return boundary - 1 < end - 1 ? boundary : end;
}

static bool pmd_range(struct fast_walk *walk, const struct pp_table *table,
		      unsigned long addr, unsigned long end)
{
	const pp_pte *pmdp = &table->entry[pmd_index(addr)];
	unsigned long next;

	for (; addr < end; addr = next, pmdp++) {
		pp_pte pmd = pp_pte_get(pmdp);	/* (T) in mm/pgtable.h */

		next = table_end(addr, end, PMD_SIZE);
		if (pte_is_table(pmd)) {
			if (!pte_range(walk, pmdp, pmd, addr, next))
				return false;
		} else if (!pte_leaf(pmd) ||
			   !huge_leaf(walk, pmdp, pmd, addr, next)) {
			return false;
		}
	}
	return true;
}

/* PGD and PUD level alike: entries point to tables or are empty. */
static bool upper_range(struct fast_walk *walk, const struct pp_table *pgd,
			unsigned long addr, unsigned long end)
{
	unsigned long next;

	for (; addr < end; addr = next) {
		pp_pte entry = pp_pte_get(&pgd->entry[pgd_index(addr)]);

		next = table_end(addr, end, PUD_SIZE);
		if (!pte_is_table(entry))
			return false;
		entry = pp_pte_get(&pte_table(entry)->entry[pud_index(addr)]);
		if (!pte_is_table(entry) ||
		    !pmd_range(walk, pte_table(entry), addr, next))
			return false;
	}
	return true;
}

static struct fast_walk walk_init(unsigned int flags, struct page **pages)
{
	struct fast_walk walk = {
		.need = PTE_PRESENT | PTE_USER,
		.forbid = PTE_SPECIAL | PTE_PROT_NONE | PTE_SECRET,
		.flags = flags,
		.recheck_pmd = pp_rules->recheck_pmd,
		.step = flags & FOLL_PIN ? pp_pin_rules.bias : 1,
		.next = pages,
	};

	if (flags & FOLL_WRITE)
		walk.need |= PTE_WRITE;
	if (flags & FOLL_LONGTERM)
		walk.forbid |= PTE_DEVMAP;
	if (pp_gup_no_p2pdma(flags))
		walk.forbid |= PTE_P2PDMA;
	walk.plain = !(flags & FOLL_LONGTERM) && !pp_gup_dirties(flags);
	return walk;
}

/**
 * pp_gup_fast() - take what can be taken without a lock
 * @mm:    current->mm
 * @start: page-aligned byte address
 * @end:   exclusive, > @start, within user space
 * @flags: FOLL_GET or FOLL_PIN, FOLL_WRITE, FOLL_LONGTERM
 * @pages: out: as many slots as pages in the range
 *
 * Context: any; does not sleep. Locking: none.
 * Order: counts are raised before entries are read again: MB pin-vs-unmap (C).
 * Return: leading pages taken; 0 too when fork moved write_protect_seq.
 * Mirrors: mm/gup.c:lockless_pages_from_mm()
 */
unsigned long pp_gup_fast(struct mm_struct *mm, unsigned long start,
			  unsigned long end, unsigned int flags,
			  struct page **pages)
{
	struct fast_walk walk = walk_init(flags, pages);
	bool pin = flags & FOLL_PIN;
	unsigned int seq = 0;
	unsigned long nr;

	if (pin) {
		seq = raw_read_seqcount(&mm->write_protect_seq);
		if (seq & 1)
			return 0;
	}
	pp_irq_save();
	upper_range(&walk, mm->pgd, start, end);
	pp_irq_restore();
	nr = (unsigned long)(walk.next - pages);
	/*
	 * MB fork-vs-pin (F): the pins are counted before the sequence is read
	 * again. Pairs with (E) in fork [sequence made odd, then pages tested].
	 * Without it fork shares a page whose pin it did not see. Under rules
	 * without this guard fork leaves the sequence alone.
	 * Test: gup/race fork_against_fast_pin.
	 */
	if (pin && read_seqcount_retry(&mm->write_protect_seq, seq)) {
		pp_gup_release(pages, nr, flags);
		return 0;
	}
	return nr;
}
