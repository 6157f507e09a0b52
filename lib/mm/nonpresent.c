// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/nonpresent.c - system calls that meet an entry which is not present
 *
 * One place for all of them, so that fork, mprotect and unmapping need not
 * know the types. What a fault does with an entry is its owner's affair.
 *
 * I1. After fork neither side's entry says that the page is exclusive or may
 *     be written at once, if the mapping is private.
 * Mirrors: mm/memory.c:copy_nonpresent_pte(), zap_pte_range();
 * mm/mprotect.c:change_pte_range() 6.1.
 */
#include "mm/internal.h"
#include "mm/swap.h"
#include "mm/uffd.h"

static pp_pte with_type(pp_pte pte, enum pp_entry_type type)
{
	return (pte & ~PTE_SWP_TYPE_MASK) | (pp_pte)type << PTE_SWP_TYPE_SHIFT;
}

/**
 * pp_nonpresent_fork() - the child gets a copy of an entry
 * @src: parent's entry; changed if the copy takes away its exclusivity
 * @cow: the mapping is private
 *
 * Context: any. Locking: both page-table locks held.
 * Return:  the child's entry.
 * Mirrors: mm/memory.c:copy_nonpresent_pte()
 */
pp_pte pp_nonpresent_fork(pp_pte *src, bool cow)
{
	pp_pte pte = *src;

	if (unlikely(pp_entry_is_marker(pte)))
		return pp_uffd_fork_marker(pte);
	if (pp_entry_is_swap(pte)) {
		pp_swap_dup(pp_swp_of_pte(pte));
		pte &= ~PTE_SWP_EXCLUSIVE;
	}
	if (pp_entry_is_migration(pte) && cow)
		pte = with_type(pte, PP_ENTRY_MIGRATION_READ);
	if (pte != *src)
		pp_pte_put(src, pte);
	return pte;
}

/**
 * pp_nonpresent_protect() - the rights of the area have changed
 * @pte:       an entry of it
 * @may_write: the area allows writing
 *
 * A migrating page that was writable comes back read-only after its area was;
 * what it gains by mprotect() a fault will find out.
 *
 * Context: any. Locking: PTE lock held.
 * Return:  the entry from now on.
 * Mirrors: mm/mprotect.c:change_pte_range()
 */
pp_pte pp_nonpresent_protect(pp_pte pte, bool may_write)
{
	bool exclusive;

	if (may_write || !pte_is_nonpresent(pte) ||
	    pp_entry_type(pte) != PP_ENTRY_MIGRATION_WRITE)
		return pte;
	exclusive = pp_rules_exclusive(NULL) && PageAnon(pp_entry_page(pte));
	return with_type(pte, exclusive ? PP_ENTRY_MIGRATION_READ_EXCLUSIVE :
					  PP_ENTRY_MIGRATION_READ);
}

/**
 * pp_nonpresent_zap() - an entry has been taken away
 *
 * Context: any. Locking: PTE lock held.
 * Mirrors: mm/memory.c:zap_pte_range()
 */
void pp_nonpresent_zap(pp_pte pte)
{
	if (pp_entry_is_swap(pte))
		pp_swap_free_and_cache(pp_swp_of_pte(pte));
}

/**
 * pp_nonpresent_is_private() - does an entry stand for a private copy?
 * @pte: an entry of a file's area
 *
 * Context: any. Locking: PTE lock held.
 * Return:  true: only unmapping that takes private copies too takes it.
 * Mirrors: mm/memory.c:zap_pte_range(), should_zap_cows()
 */
bool pp_nonpresent_is_private(pp_pte pte)
{
	if (pp_entry_is_migration(pte))
		return PageAnon(pp_entry_page(pte));
	return pp_entry_is_swap(pte) || pp_entry_is_poison(pte);
}

/**
 * pp_migration_entry() - what stands for a page while it moves, or is split off
 * @pte:       what mapped it
 * @exclusive: it is the process's alone
 *
 * Context: any. Mirrors: include/linux/swapops.h:make_writable_migration_entry()
 * and the like
 */
pp_pte pp_migration_entry(const struct page *page, pp_pte pte, bool exclusive)
{
	enum pp_entry_type type = PP_ENTRY_MIGRATION_READ;

	if (pte & PTE_WRITE)
		type = PP_ENTRY_MIGRATION_WRITE;
	else if (exclusive)
		type = PP_ENTRY_MIGRATION_READ_EXCLUSIVE;
	return pp_mk_entry(type, page_to_pfn(page)) | (pte & PTE_SWP_KEPT) |
	       (pte & PTE_ACCESSED ? PTE_MIG_YOUNG : 0) |
	       (pte & PTE_DIRTY ? PTE_MIG_DIRTY : 0);
}

/*
 * Accessed and dirty, as the page was before it moved. A dirty mark that is set
 * is a write for who tracks writes, unless that is mended afterwards. The one
 * place that reads rules->migration_marks.
 * Mirrors: include/linux/swapops.h:is_migration_entry_dirty(),
 * arch/x86/include/asm/pgtable.h:pte_mkdirty()
 */
static pp_pte marks_of(pp_pte entry, bool page_dirty, bool huge)
{
	bool dirty = entry & PTE_MIG_DIRTY && page_dirty;
	pp_pte young = entry & PTE_MIG_YOUNG ? PTE_ACCESSED : 0;

	switch (pp_rules->migration_marks) {
	case PINPAGE_MARKS_LOST:
		return 0;
	case PINPAGE_MARKS_DIRTY:
		return young | (dirty ? PTE_MKDIRTY : 0);
	case PINPAGE_MARKS_KEPT:
		break;
	}
	return young | (!dirty ? 0 : huge ? PTE_MKDIRTY : PTE_DIRTY);
}

/**
 * pp_migration_pte() - what maps the page again
 * @page:  where it is now
 * @entry: pp_migration_entry(), perhaps changed by mprotect() or userfaultfd
 * @huge:  of a PMD
 *
 * Context: any. Mirrors: mm/migrate.c:remove_migration_pte()
 */
pp_pte pp_migration_pte(const struct vm_area_struct *vma, const struct page *page,
			pp_pte entry, bool huge)
{
	pp_pte pte = (pp_mk_pte(page, vma) & ~PTE_ACCESSED) | (entry & PTE_SWP_KEPT) |
		     marks_of(entry, PageDirty(compound_head(page)), huge);

	if (pp_entry_type(entry) == PP_ENTRY_MIGRATION_WRITE && !(entry & PTE_UFFD_WP))
		pte = pp_maybe_mkwrite(pte, vma);
	return pte;
}

/**
 * pp_migration_wait() - a fault met a page that is on its way
 * @mm, @addr: where the entry, of a PTE or a PMD, was; if it is gone there is
 *             nothing to wait for
 *
 * Whoever put the entry there has the page locked.
 *
 * Context: process; sleeps. Locking: mmap_lock held; page-table locks not.
 * Mirrors: mm/migrate.c:migration_entry_wait()
 */
void pp_migration_wait(struct mm_struct *mm, unsigned long addr)
{
	struct page *head = NULL;
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);

	if (!ptep)
		ptep = pp_pmd_lock(mm, addr, &table);
	if (!ptep)
		return;
	if (!pte_is_table(*ptep) && pp_entry_is_migration(*ptep))
		head = compound_head(pp_entry_page(*ptep));
	pinpage_spin_unlock(&table->lock);
	/* no reference is needed: frames stay, and every lock ends */
	if (head)
		pp_bit_wait_clear(PINPAGE_PG_LOCKED, &head->flags);
}
