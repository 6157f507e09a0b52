// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_file.c - userfaultfd of shared memory: who has the page, the file or nobody?
 *
 * A page is missing if neither the file nor swap has it; then an answer puts it
 * into the file. If only the entry is missing, that is a minor fault, and the
 * answer (continue) maps what the file has.
 *
 * I1. A page is entered with its page lock held, as by a fault (fault.c I2).
 * Mirrors: mm/shmem.c:shmem_get_folio_gfp(), shmem_mfill_atomic_pte(),
 * mm/userfaultfd.c:mcontinue_atomic_pte() 6.1; differs: a fault looks for the
 * page first and takes it then: truncation in between makes a new page.
 */
#include "mm/uffd.h"

#include <string.h>

#define CONTINUED	0x80000000u	/* inside: the file had the page */

/* in the file, or in swap for it */
static bool file_has(struct address_space *mapping, unsigned long index)
{
	struct page *head = pp_find_get_page(mapping, index);

	if (head)
		pp_unref(head);
	return head || (mapping->a_ops->absent && mapping->a_ops->absent(mapping, index));
}

/* at once: a fault that is tried again would be a minor one */
static void make_page(const struct pp_fault *f, unsigned long index)
{
	struct page *page = pp_filemap_fault_page(f->vma->vm_file, index,
						  pp_huge_advice(f->vma, f->addr));

	if (IS_ERR(page))
		return;
	pp_unlock_page(page);
	pp_unref(page);
}

/**
 * pp_uffd_file_fault() - shall the handler answer a fault in a file's area?
 * @index: of the page
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading; dropped with
 * PP_FAULT_RETRY.
 * Return:  0: no, go on; else as pp_uffd_fault().
 */
int pp_uffd_file_fault(struct pp_fault *f, unsigned long index)
{
	struct address_space *mapping = f->vma->vm_file->f_mapping;
	unsigned long reason;

	if (likely(!f->vma->uffd) || pp_beyond_eof(mapping->host, index))
		return 0;
	reason = file_has(mapping, index) ? VM_UFFD_MINOR : VM_UFFD_MISSING;
	if (f->vma->vm_flags & reason)
		return pp_uffd_fault(f, reason);
	if (reason == VM_UFFD_MISSING && f->vma->vm_flags & VM_UFFD_MINOR)
		make_page(f, index);
	return 0;
}

/*
 * Locked @page of the file is entered; takes the reference on success.
 * Mirrors: mfill_atomic_install_pte()
 */
static int enter(struct vm_area_struct *vma, unsigned long addr, struct page *page,
		 unsigned int mode)
{
	pp_pte pte = pp_mk_pte(page, vma) | PTE_MKDIRTY, *ptep;
	struct address_space *mapping = vma->vm_file->f_mapping;
	struct pp_table *table;

	if (mode & PINPAGE_UFFD_COPY_WP)
		pte |= PTE_UFFD_WP;
	else if (vma->vm_flags & VM_SHARED)
		pte = pp_maybe_mkwrite(pte, vma);
	if (pp_beyond_eof(mapping->host, pp_vma_pgoff(vma, addr)))
		return -EFAULT;
	ptep = pp_uffd_empty_pte(vma->vm_mm, addr, &table);
	if (IS_ERR(ptep))
		return (int)PTR_ERR(ptep);
	if (*ptep & PTE_UFFD_WP && pp_entry_is_marker(*ptep) &&
	    mode & CONTINUED)
		pte = (pte & ~PTE_WRITE) | PTE_UFFD_WP;
	pp_map_page(vma, addr, ptep, page, pte);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* a new page of the file, uptodate, locked; ERR_PTR: -EEXIST, -ENOMEM */
static struct page *new_page(struct address_space *mapping, unsigned long index,
			     const char *src)
{
	struct page *page;

	if (file_has(mapping, index))
		return ERR_PTR(-EEXIST);
	page = pp_find_or_create_page_as(mapping, index, PP_HUGE_REFUSED);
	if (IS_ERR(page))
		return PTR_ERR(page) == -ENOSPC ? ERR_PTR(-ENOMEM) : page;
	if (PageUptodate(page)) {
		pp_unlock_page(page);
		pp_unref(page);
		return ERR_PTR(-EEXIST);
	}
	if (src)
		pp_frame_copy(page_address(page), src, PAGE_SIZE);
	else
		memset(page_address(page), 0, PAGE_SIZE);
	SetPageUptodate(page);
	pp_set_page_dirty(page);
	return page;
}

/**
 * pp_uffd_file_copy() - one page of shared memory, new in its file and mapped
 * @src: its bytes; NULL: zeroes
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading.
 * Return:  0, -EEXIST (the file or the address has a page), -EFAULT (beyond its
 *          end), -ENOMEM.
 */
int pp_uffd_file_copy(struct vm_area_struct *vma, unsigned long addr, const char *src,
		      unsigned int mode)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	unsigned long index = pp_vma_pgoff(vma, addr);
	struct page *page;
	int err;

	if (pp_beyond_eof(mapping->host, index))
		return -EFAULT;
	page = new_page(mapping, index, src);
	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	err = enter(vma, addr, page, mode);
	if (err)
		pp_delete_from_page_cache(page);
	pp_unlock_page(page);
	if (err)
		pp_unref(page);
	return err;
}

static int continue_errno(long err)
{
	if (err == -EHWPOISON)
		return -EIO;
	return err == -ENOMEM || err == -EIO ? (int)err : -EFAULT;
}

/* what the file has is mapped */
static int continue_one(struct vm_area_struct *vma, unsigned long addr, unsigned int mode)
{
	struct address_space *mapping = vma->vm_file->f_mapping;
	unsigned long index = pp_vma_pgoff(vma, addr);
	struct page *page;
	int err;

	if (pp_beyond_eof(mapping->host, index) || !file_has(mapping, index))
		return -EFAULT;
	page = pp_filemap_fault_page(vma->vm_file, index, PP_HUGE_REFUSED);
	if (IS_ERR(page))
		return continue_errno(PTR_ERR(page));
	page = pp_folio_page(page, index);
	err = enter(vma, addr, page, mode | CONTINUED);
	pp_unlock_page(page);
	if (err)
		pp_unref(page);
	return err;
}

static long continue_range(struct pinpage_uffd *uffd, unsigned long dst, size_t len,
			   unsigned int mode)
{
	struct vm_area_struct *vma = pp_uffd_area(uffd, dst, len);
	size_t done = 0;
	int err = 0;

	if (!vma)
		return -ENOENT;
	if (vma_is_anonymous(vma) || !pp_shmem_mapping(vma->vm_file->f_mapping) ||
	    (mode & PINPAGE_UFFD_COPY_WP && !(vma->vm_flags & VM_UFFD_WP)))
		return -EINVAL;
	for (; !err && done < len; done += err ? 0 : PAGE_SIZE)
		err = continue_one(vma, dst + done, mode);
	return done ? (long)done : err;
}

long pinpage_userfaultfd_continue(struct pinpage_uffd *uffd, unsigned long dst, size_t len,
				  unsigned int mode)
{
	unsigned int known = PINPAGE_UFFD_DONTWAKE;
	int err;

	if (!pp_ready() || !pp_uffd_offers(PINPAGE_UFFD_FEATURE_MINOR_SHMEM))
		return -EINVAL;
	if (pp_uffd_offers(PINPAGE_UFFD_FEATURE_WP_UNPOPULATED))
		known |= PINPAGE_UFFD_COPY_WP;
	err = pp_uffd_begin(uffd, dst, len, mode, known);
	return err ? err : pp_uffd_end(uffd, dst, continue_range(uffd, dst, len, mode), mode);
}
