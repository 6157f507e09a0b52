// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/fault_around.c - a read fault maps the neighbours that the cache has, too
 *
 * I1. Nothing is waited for: a page that is locked, not up to date or not cached
 *     is left to a fault of its own.
 * I2. All pages are locked when the PTE lock is taken, as for one page (fault.c
 *     I2), so that truncation cannot miss a new PTE.
 * Mirrors: mm/memory.c:do_fault_around(), mm/filemap.c:filemap_map_pages() 6.1
 */
#include "mm/uffd.h"

#define AROUND	16UL	/* pages, a window that starts at a multiple */

struct window {
	unsigned long start, nr;
	struct page *page[AROUND];	/* locked, referenced each; NULL: not there */
	bool mapped[AROUND];		/* the reference is the entry's */
};

/* Pages that are mapped together: those of the page cache, not of devices. */
static bool may_map_around(const struct vm_area_struct *vma)
{
	const struct address_space_operations *ops =
		vma->vm_file->f_mapping->a_ops;

	return !ops->secret && !ops->dax &&
	       !(vma->vm_flags & (VM_UFFD_WP | VM_UFFD_MINOR));
}

/* the head of an index, locked; @last: the one of the index before, which may be it */
static struct page *page_at(struct file *file, unsigned long index, struct page *last)
{
	if (!last || index >= pp_next_index(last))
		return pp_fault_ready_page(file, index);
	if (pp_beyond_eof(file->f_inode, index))
		return NULL;
	pp_ref(last);
	return last;
}

static void collect(struct pp_fault *f, struct window *w)
{
	struct file *file = f->vma->vm_file;
	struct page *head = NULL;
	unsigned long end, first, i;

	w->start = max(f->addr & ~(AROUND * PAGE_SIZE - 1), f->vma->vm_start);
	end = min((f->addr | (AROUND * PAGE_SIZE - 1)) + 1, f->vma->vm_end);
	w->nr = (end - w->start) >> PAGE_SHIFT;
	first = pp_vma_pgoff(f->vma, w->start);
	for (i = 0; i < w->nr; i++) {
		head = page_at(file, first + i, head);
		w->page[i] = head ? pp_folio_page(head, first + i) : NULL;
		w->mapped[i] = false;
	}
}

/* Is the entry of the fault among those that are filled? */
static bool fill(struct pp_fault *f, struct window *w)
{
	struct pp_table *table;
	bool filled = false;
	unsigned long i, addr;
	pp_pte *ptep;

	ptep = pp_pte_lock(f->vma->vm_mm, w->start, &table);
	if (!ptep)
		return false;
	for (i = 0; i < w->nr; i++, ptep++) {
		if (!w->page[i] || !pte_none(*ptep))
			continue;
		addr = w->start + i * PAGE_SIZE;
		filled |= addr == f->addr;
		pp_map_page(f->vma, addr, ptep, w->page[i],
			    pp_file_read_pte(f->vma, w->page[i]));
		w->mapped[i] = true;
	}
	pinpage_spin_unlock(&table->lock);
	return filled;
}

/* page @i, the last that is left: a folio is unlocked with its first */
static void let_go(const struct window *w, unsigned long i)
{
	struct page *page = w->page[i], *head = compound_head(page);

	if (!i || !w->page[i - 1] || compound_head(w->page[i - 1]) != head)
		pp_unlock_page(head);
	if (!w->mapped[i])
		pp_unref(page);
}

/**
 * pp_fault_around() - map what the cache has around the address of a read fault
 * @f: of an area with a file
 *
 * Context: process. Locking: mmap_lock held for reading; no PTE lock.
 * Return:  true: the page of the fault was among them.
 * Mirrors: mm/memory.c:do_fault_around()
 */
bool pp_fault_around(struct pp_fault *f)
{
	struct window w;
	unsigned long i;
	bool filled;

	if (!may_map_around(f->vma))
		return false;
	collect(f, &w);
	filled = fill(f, &w);
	for (i = w.nr; i-- > 0;)
		if (w.page[i])
			let_go(&w, i);
	return filled;
}
