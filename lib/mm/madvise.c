// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/madvise.c - advice that changes areas, and advice that changes pages
 *
 * Mirrors: mm/madvise.c:do_madvise() 6.1; differs: WILLNEED, SEQUENTIAL and
 * the like are accepted and do nothing.
 */
#include <linux/falloc.h>

#include "mm/huge.h"
#include "mm/hugetlb.h"
#include "mm/ksm.h"

#ifndef MADV_COLD
# define MADV_COLD 20
# define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
# define MADV_POPULATE_READ 22
# define MADV_POPULATE_WRITE 23
#endif
#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif

#ifndef MADV_HWPOISON
# define MADV_HWPOISON 100
#endif
#ifndef MADV_SOFT_OFFLINE
# define MADV_SOFT_OFFLINE 101
#endif

enum how { BAD, FLAGS, PAGES, COLLAPSE, ERRORS, NOTHING };

static enum how how_to(int advice)
{
	switch (advice) {
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
		return FLAGS;
	case MADV_DONTNEED:
	case MADV_FREE:
	case MADV_COLD:
	case MADV_PAGEOUT:
	case MADV_POPULATE_READ:
	case MADV_POPULATE_WRITE:
	case MADV_REMOVE:
		return PAGES;
	case MADV_HWPOISON:
	case MADV_SOFT_OFFLINE:
		return ERRORS;
	case MADV_WILLNEED:
		return NOTHING;
	case MADV_COLLAPSE:
		return pp_rules->has_collapse ? COLLAPSE : BAD;
	default:
		return BAD;
	}
}

/* areas */

static int new_flags(const struct vm_area_struct *vma, int advice, unsigned long *flags)
{
	switch (advice) {
	case MADV_NORMAL:
		*flags &= ~(VM_RAND_READ | VM_SEQ_READ);
		break;
	case MADV_RANDOM:
		*flags = (*flags & ~VM_SEQ_READ) | VM_RAND_READ;
		break;
	case MADV_SEQUENTIAL:
		*flags = (*flags & ~VM_RAND_READ) | VM_SEQ_READ;
		break;
	case MADV_DONTDUMP:
		*flags |= VM_DONTDUMP;
		break;
	case MADV_DODUMP:
		if (!(*flags & VM_HUGETLB) && *flags & VM_SPECIAL)
			return -EINVAL;
		*flags &= ~VM_DONTDUMP;
		break;
	case MADV_DONTFORK:
		*flags |= VM_DONTCOPY;
		break;
	case MADV_DOFORK:
		if (*flags & VM_IO)
			return -EINVAL;
		*flags &= ~VM_DONTCOPY;
		break;
	case MADV_WIPEONFORK:
		if (!vma_is_anonymous(vma) || *flags & VM_SHARED)
			return -EINVAL;
		*flags |= VM_WIPEONFORK;
		break;
	case MADV_KEEPONFORK:
		*flags &= ~VM_WIPEONFORK;
		break;
	case MADV_HUGEPAGE:
		*flags = (*flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
		break;
	default:
		*flags = (*flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
		break;
	}
	return 0;
}

static int advise_flags(struct vm_area_struct **vmap, unsigned long start,
			unsigned long end, int advice)
{
	struct vm_area_struct *vma = *vmap;
	unsigned long flags = vma->vm_flags;
	int err;

	if (advice == MADV_MERGEABLE || advice == MADV_UNMERGEABLE)
		err = pp_ksm_madvise(vma, start, end, advice == MADV_MERGEABLE, &flags);
	else
		err = new_flags(vma, advice, &flags);
	if (err || flags == vma->vm_flags)
		return err;
	err = pp_vma_isolate(&vma, start, end);
	if (err)
		return err;
	pp_vma_lock_rmap(vma);
	vma->vm_flags = flags;
	pp_vma_unlock_rmap(vma);
	*vmap = pp_vma_merge(vma);
	return 0;
}

/* pages */

static void dontneed(struct vm_area_struct *vma, unsigned long start, unsigned long end)
{
	pp_emit(UNMAP, .mm = vma->vm_mm, .addr = start, .len = end - start,
		.name = "MADV_DONTNEED");
	pp_zap_single(vma, start, end, false);
}

/* PTE lock held: the page is not wanted soon; PAGEOUT: isolated onto @out */
static void cool(struct mm_struct *mm, pp_pte *ptep, unsigned long addr,
		 struct list_head *out)
{
	struct page *page = pp_pte_normal_page(*ptep), *head;

	if (!page)
		return;
	head = compound_head(page);
	if (page_mapcount_pte(page) != 1)
		return;
	if (*ptep & PTE_ACCESSED) {
		pp_pte_put(ptep, *ptep & ~PTE_ACCESSED);
		pp_tlb_flush_page(mm, addr);
	}
	ClearPageReferenced(head);
	if (!out)
		pp_lru_deactivate(head);
	else if (pp_lru_isolate_page(head))
		pp_page_list_add(head, out->prev);
}

static bool of_folio(pp_pte pte)
{
	const struct page *page = pte_present(pte) ? pp_pte_normal_page(pte) : NULL;

	return page && unlikely(PageHead(compound_head(page)));
}

/* [addr, end), of one table */
static void cool_ptes(struct mm_struct *mm, unsigned long addr, unsigned long end,
		      struct list_head *out)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);

	if (!ptep)
		return;
	while (addr < end) {
		if (of_folio(*ptep)) {
			if (!pp_advise_split(pp_pte_normal_page(*ptep), table))
				return;
			ptep = pp_pte_lock(mm, addr, &table);
			if (!ptep)
				return;
			continue;
		}
		if (pte_present(*ptep))
			cool(mm, ptep, addr, out);
		addr += PAGE_SIZE;
		ptep++;
	}
	pinpage_spin_unlock(&table->lock);
}

static void cool_range(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, struct list_head *out)
{
	unsigned long addr, next;
	struct pp_table *table;
	enum pp_advise advise;
	pp_pte *pmdp;

	for (addr = start; addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		advise = pp_advise_leaf(vma, addr, next, &pmdp, &table);
		if (advise == PP_ADVISE_LEAF)
			pp_cool_leaf(vma->vm_mm, pmdp, table, addr, out);
		else if (advise == PP_ADVISE_PTES)
			cool_ptes(vma->vm_mm, addr, next, out);
	}
}

static int populate(struct vm_area_struct *vma, unsigned long start,
		    unsigned long end, bool write)
{
	unsigned long addr;
	int err = 0;

	if (!(vma->vm_flags & (write ? VM_WRITE : VM_READ)))
		return -EINVAL;
	for (addr = start; !err && addr < end; addr += PAGE_SIZE)
		err = pp_populate_page(vma, addr, write);
	return err;
}

/*
 * MADV_REMOVE: a hole in the file where the range is. mmap_lock is dropped
 * meanwhile, for i_rwsem comes before it: the caller forgets @vma.
 * Mirrors: mm/madvise.c:madvise_remove()
 */
static int punch_out(struct vm_area_struct *vma, unsigned long start,
		     unsigned long end)
{
	const unsigned long both = VM_SHARED | VM_WRITE;
	struct mm_struct *mm = vma->vm_mm;
	struct file *file = vma->vm_file;
	loff_pp offset;
	int err;

	if (vma->vm_flags & VM_LOCKED || !file)
		return -EINVAL;
	if ((vma->vm_flags & both) != both)
		return -EACCES;
	offset = (loff_pp)pp_vma_pgoff(vma, start) << PAGE_SHIFT;
	pp_get_file(file);
	pinpage_up_read(&mm->mmap_lock);
	err = pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE |
				FALLOC_FL_KEEP_SIZE, offset,
				(loff_pp)(end - start));
	pp_fput(file);
	pinpage_down_read(&mm->mmap_lock);
	return err;
}

/*
 * Of what says that pages are not needed, memory of huge pages that were set
 * apart knows MADV_DONTNEED alone, and that only from 5.18 on; whole pages.
 * Mirrors: mm/madvise.c:madvise_dontneed_free_valid_vma()
 */
static int check_hugetlb(unsigned long start, unsigned long *end, int advice)
{
	if (advice != MADV_DONTNEED || !pp_rules->hugetlb_dontneed || start & ~PMD_MASK)
		return -EINVAL;
	*end &= PMD_MASK;
	return 0;
}

static int advise_pages(struct vm_area_struct *vma, unsigned long start,
			unsigned long end, int advice)
{
	LIST_HEAD(list);

	if (advice == MADV_REMOVE)
		return punch_out(vma, start, end);
	if (advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE)
		return populate(vma, start, end, advice == MADV_POPULATE_WRITE);
	if (vma->vm_flags & (VM_LOCKED | VM_PFNMAP))
		return -EINVAL;
	if (is_vm_hugetlb(vma) && check_hugetlb(start, &end, advice))
		return -EINVAL;
	if (advice == MADV_DONTNEED) {
		dontneed(vma, start, end);
		return 0;
	}
	if (advice == MADV_FREE)
		return pp_madvise_free(vma, start, end);
	cool_range(vma, start, end, advice == MADV_PAGEOUT ? &list : NULL);
	pp_reclaim_list(&list, PP_RECLAIM_ADVISED);
	return 0;
}

/* Each area in the range; a hole is told at the end, populating stops there. */
static int advise_range(struct mm_struct *mm, unsigned long start, unsigned long end,
			int advice, enum how how)
{
	struct vm_area_struct *vma = pp_find_vma(mm, start);
	bool stop = advice == MADV_POPULATE_READ || advice == MADV_POPULATE_WRITE;
	unsigned long at = start, to;
	int err = 0, hole = 0;

	while (!err && at < end) {
		if (!vma || vma->vm_start >= end)
			return -ENOMEM;
		if (vma->vm_start > at)
			hole = -ENOMEM;
		if (hole && stop)
			break;
		at = max(at, vma->vm_start);
		to = min(end, vma->vm_end);
		if (how == FLAGS)
			err = advise_flags(&vma, at, to, advice);
		else if (how == PAGES)
			err = advise_pages(vma, at, to, advice);
		at = to;
		vma = pp_find_vma(mm, at);
	}
	return err ? err : hole;
}

int pinpage_madvise(unsigned long addr, size_t len, int advice)
{
	unsigned long size = ALIGN(len, PAGE_SIZE);
	enum how how = how_to(advice);
	struct mm_struct *mm;
	int err;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	if (how == BAD || addr & ~PAGE_MASK || size < len || addr + size < addr)
		return -EINVAL;
	if (!size)
		return 0;
	mm = current->mm;
	if (how == ERRORS)
		return pp_inject_errors(mm, addr, addr + size,
					advice == MADV_SOFT_OFFLINE);
	if (how == COLLAPSE)
		return pp_madvise_collapse(mm, addr, addr + size);
	if (how == FLAGS)
		pinpage_down_write(&mm->mmap_lock);
	else
		pinpage_down_read(&mm->mmap_lock);
	err = advise_range(mm, addr, addr + size, advice, how);
	if (how == FLAGS)
		pp_mmap_unlock(mm);
	else
		pinpage_up_read(&mm->mmap_lock);
	return err;
}
