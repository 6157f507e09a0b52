// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/fault.c - page faults: first touch of anonymous and file memory
 *
 * I1. A fault that finds the entry changed under the lock does nothing: the
 *     access is tried again and sees what is there now.
 * I2. A file page is mapped with its page lock held, so truncation, which
 *     locks the page before it unmaps it, cannot miss the new PTE.
 * Mirrors: mm/memory.c:handle_mm_fault() 6.1
 */
#include "mm/huge.h"
#include "mm/hugetlb.h"
#include "mm/migrate.h"
#include "mm/swap.h"
#include "mm/uffd.h"

static bool is_write(const struct pp_fault *f)
{
	return f->flags & FAULT_FLAG_WRITE;
}

/* What the page cache or a file system said, as a fault: SIGBUS is -EFAULT. */
static int fault_errno(long err)
{
	return err == -ENOMEM || err == -EAGAIN || err == -EHWPOISON ?
		(int)err : -EFAULT;
}

static int sanitize(struct pp_fault *f)
{
	unsigned long vm_flags = f->vma->vm_flags;

	if (vm_flags & (VM_IO | VM_PFNMAP) && !f->vma->vm_ops)
		return -EFAULT;
	if (f->flags & FAULT_FLAG_UNSHARE) {
		if (pp_warn_on_once(is_write(f)))
			return -EFAULT;
		if (!is_cow_mapping(vm_flags))
			f->flags &= ~FAULT_FLAG_UNSHARE;
	}
	if (is_write(f) && !(vm_flags & VM_WRITE) && !is_cow_mapping(vm_flags))
		return -EFAULT;
	return 0;
}

/* PTE lock held, *ptep empty: @page, which is new, goes there */
static void install_anon(struct pp_fault *f, pp_pte *ptep, struct page *page, pp_pte pte)
{
	pp_add_new_anon_rmap(page, f->vma, f->addr);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, f->vma->vm_mm, f->addr, pte, PAGE_SIZE);
}

/* a marker was there: what comes is protected. Mirrors: vmf_orig_pte_uffd_wp() */
static pp_pte keep_marker(const struct pp_fault *f, pp_pte pte)
{
	if (likely(!(f->orig & PTE_UFFD_WP)))
		return pte;
	return (pte & ~PTE_WRITE) | PTE_UFFD_WP;
}

static int map_zero_page(struct pp_fault *f)
{
	pp_pte pte = keep_marker(f, pp_mk_pte(pp_zero_page, f->vma) | PTE_SPECIAL), *ptep;
	struct pp_table *table;

	ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table);
	if (!ptep)
		return -EAGAIN;
	if (*ptep == f->orig) {
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, f->vma->vm_mm, f->addr, pte, PAGE_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/*
 * @page, filled, becomes the private page of the address; takes the reference.
 * A forced write to new memory leaves the entry clean, one to a copy does not.
 */
int pp_map_new_anon(struct pp_fault *f, struct page *page, bool copy)
{
	struct pp_table *table;
	pp_pte *ptep, pte = pp_mk_pte(page, f->vma);

	if (is_write(f) && (copy || f->vma->vm_flags & VM_WRITE))
		pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
	pte = keep_marker(f, pte);
	ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table);
	if (ptep && *ptep == f->orig) {
		install_anon(f, ptep, page, pte);
		page = NULL;
	}
	if (ptep)
		pinpage_spin_unlock(&table->lock);
	if (page)
		pp_unref(page);
	return ptep ? 0 : -EAGAIN;
}

static int anon_fault(struct pp_fault *f)
{
	struct page *page;
	int err;

	if (!is_write(f))
		return map_zero_page(f);
	err = pp_anon_vma_prepare(f->vma);
	if (err)
		return err;
	page = pp_alloc_page(PINPAGE_GFP_MOVABLE | PINPAGE_GFP_ZERO);
	return page ? pp_map_new_anon(f, page, false) : -ENOMEM;
}

/* file memory */

/* a private write to memory that only the file has: copy it */
static int cow_file_fault(struct pp_fault *f, unsigned long pgoff)
{
	struct page *new, *page;
	int err = pp_anon_vma_prepare(f->vma);

	if (err)
		return err;
	new = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	if (!new)
		return -ENOMEM;
	page = pp_fault_file_page(f, f->vma->vm_file, pgoff);
	if (IS_ERR_OR_NULL(page)) {
		pp_unref(new);
		return page ? fault_errno(PTR_ERR(page)) : PP_FAULT_RETRY;
	}
	pp_frame_copy(page_address(new), page_address(page), PAGE_SIZE);
	pp_emit(COW, PP_EV_PAGE(page), .mm = f->vma->vm_mm, .addr = f->addr,
		.arg = (long)page_to_pfn(new));
	err = pp_map_new_anon(f, new, true);
	pp_unlock_page(page);
	pp_unref(page);
	return err;
}

/* what kind of memory the file has, for walks that do not see the area */
static pp_pte file_kind(const struct vm_area_struct *vma)
{
	const struct address_space_operations *ops = vma->vm_file->f_mapping->a_ops;

	return (ops->secret ? PTE_SECRET : 0) | (ops->dax ? PTE_DEVMAP : 0);
}

/* the entry by which @page of the area's file is read */
pp_pte pp_file_read_pte(const struct vm_area_struct *vma, struct page *page)
{
	pp_pte pte = pp_mk_pte(page, vma) | file_kind(vma);

	if (vma->vm_flags & VM_SHARED && !pp_soft_dirty_enabled(vma) &&
	    !pp_vma_needs_dirty_tracking(vma))
		pte = pp_maybe_mkwrite(pte, vma);
	return pte;
}

/* the PTE of the fault locked, its table made if need be; ERR_PTR; NULL: a huge leaf */
static pp_pte *file_pte_lock(const struct pp_fault *f, struct pp_table **table)
{
	struct mm_struct *mm = f->vma->vm_mm;
	pp_pte *ptep = pp_pte_lock(mm, f->addr, table);
	int err;

	if (likely(ptep))
		return ptep;
	err = pp_pte_alloc(mm, f->addr);
	if (err)
		return err < 0 ? ERR_PTR(err) : NULL;
	return pp_pte_lock(mm, f->addr, table);
}

/*
 * locked @page is entered if nothing is there yet. 1: its reference went there;
 * 0: something is there; -ENOMEM
 */
static int map_file_page(struct pp_fault *f, struct page *page)
{
	struct pp_table *table;
	pp_pte *ptep, pte = pp_file_read_pte(f->vma, page);
	bool large = PageHead(compound_head(page));
	int mapped = 0;

	if (is_write(f))
		pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
	if (unlikely(large) && pp_huge_file_map(f->vma, f->addr, page, pte))
		return 1;
	pte = keep_marker(f, pte);
	ptep = file_pte_lock(f, &table);
	if (IS_ERR_OR_NULL(ptep))
		return PTR_ERR_OR_ZERO(ptep);
	if (unlikely(large) && pp_huge_file_map_ptes(f, page, ptep, pte)) {
		mapped = 1;
	} else if (*ptep == f->orig) {
		pp_map_page(f->vma, f->addr, ptep, page, pte);
		mapped = 1;
	}
	pinpage_spin_unlock(&table->lock);
	return mapped;
}

static int file_fault(struct pp_fault *f)
{
	unsigned long pgoff = pp_vma_pgoff(f->vma, f->addr);
	struct file *file = f->vma->vm_file;
	bool throttle = false;
	struct page *page;
	int err = 0, mapped = 0;

	err = pp_uffd_file_fault(f, pgoff);
	if (err)
		return err;
	if (is_write(f) && !(f->vma->vm_flags & VM_SHARED))
		return cow_file_fault(f, pgoff);
	if (!is_write(f) && pp_fault_around(f))
		return 0;
	page = pp_fault_file_page(f, file, pgoff);
	if (!page)
		return PP_FAULT_RETRY;
	if (IS_ERR(page))
		return fault_errno(PTR_ERR(page));
	if (is_write(f)) {
		throttle = pp_fault_dirties(file, page);
		err = pp_filemap_page_mkwrite(file, page);
	}
	if (!err)
		mapped = map_file_page(f, page);
	pp_unlock_page(page);
	if (mapped <= 0) {
		pp_unref(page);
		return err ? fault_errno(err) : mapped;
	}
	return throttle ? pp_fault_balance(f, file) : 0;
}

/* nothing was there, a marker perhaps; no lock held */
static int empty_fault(struct pp_fault *f)
{
	if (unlikely(f->vma->vm_ops))
		return pp_driver_fault(f);
	if (!vma_is_anonymous(f->vma))
		return file_fault(f);
	if (pp_uffd_missing(f->vma))
		return pp_uffd_fault(f, VM_UFFD_MISSING);
	return anon_fault(f);
}

/* f->orig was there, not present; no lock held */
static int nonpresent_fault(struct pp_fault *f)
{
	if (pp_entry_is_swap(f->orig))
		return pp_swap_fault(f);
	if (pp_entry_is_hwpoison(f->orig) || pp_entry_is_poison(f->orig))
		return -EHWPOISON;
	if (pp_entry_is_migration(f->orig) && !(f->flags & FAULT_FLAG_NOWAIT))
		pp_migration_wait(f->vma->vm_mm, f->addr);
	return -EAGAIN;
}

/* entry present and allows the access: what the hardware would note */
void pp_fault_touch(const struct pp_fault *f, pp_pte *ptep)
{
	pp_pte pte = *ptep | PTE_ACCESSED;

	if (is_write(f))
		pte |= PTE_MKDIRTY;
	if (pte != *ptep)
		pp_pte_put(ptep, pte);
}

/* as pp_handle_mm_fault(), or PP_FAULT_LOOK_AGAIN */
static int pte_fault(struct pp_fault *f)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table);

	if (!ptep)
		return -EAGAIN;
	f->orig = *ptep;
	if (pte_none_mostly(f->orig)) {
		pinpage_spin_unlock(&table->lock);
		return empty_fault(f);
	}
	if (!pte_present(f->orig)) {
		pinpage_spin_unlock(&table->lock);
		return nonpresent_fault(f);
	}
	if (unlikely(f->orig & PTE_PROT_NONE) && f->vma->vm_flags & VM_ACCESS)
		return pp_numa_fault(f, ptep, table);
	if (f->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE) &&
	    !(f->orig & PTE_WRITE))
		return pp_wp_fault(f, ptep, table);
	pp_fault_touch(f, ptep);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* as pp_handle_mm_fault(), or PP_FAULT_LOOK_AGAIN */
static int fault_once(struct pp_fault *f)
{
	int err;

	if (unlikely(pp_huge_file_fault(f))) {
		f->orig = 0;
		return file_fault(f);
	}
	err = pp_pte_alloc(f->vma->vm_mm, f->addr);
	if (err <= 0)
		return err ? err : pte_fault(f);
	err = pp_huge_leaf_fault(f);
	return err > 0 ? PP_FAULT_LOOK_AGAIN : err;
}

/**
 * pp_handle_mm_fault() - make an access to an area possible
 * @vma:     contains @address
 * @address: byte address
 * @flags:   FAULT_FLAG_*
 *
 * Context: process; sleeps. Locking: mmap_lock held; dropped only where the
 * result says so.
 * Return:  see mm.h.
 * Mirrors: mm/memory.c:handle_mm_fault()
 */
int pp_handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags)
{
	struct pp_fault f = {
		.vma = vma, .addr = address & PAGE_MASK, .exact = address, .flags = flags,
	};
	int err;

	pp_assert_held(&vma->vm_mm->mmap_lock);
	err = sanitize(&f);
	if (err)
		return err;
	pp_stat_add(PINPAGE_STAT_PGFAULT, 1);
	pp_emit(FAULT, .mm = vma->vm_mm, .addr = address,
		.flags = is_write(&f) ? PINPAGE_EVF_WRITE : 0);
	if (unlikely(is_vm_hugetlb(vma)))
		return pp_hugetlb_fault(&f);
	if (unlikely(!vma->uffd && pp_huge_eligible(vma, f.addr)) && pp_huge_fault(&f))
		return 0;
	do {
		err = fault_once(&f);
	} while (err == PP_FAULT_LOOK_AGAIN);
	return err;
}

static bool may_access(const struct vm_area_struct *vma, bool write)
{
	return vma->vm_flags & (write ? VM_WRITE : VM_ACCESS);
}

/**
 * pp_fault_user() - the CPU's side of a fault: lock, look up, check, handle
 *
 * Context: process; sleeps. Locking: mmap_lock not held.
 * Return:  0: try the access again; -EFAULT (SIGSEGV, SIGBUS, or faults are
 *          not possible in this context), -ENOMEM.
 * Mirrors: arch/x86/mm/fault.c:do_user_addr_fault()
 */
int pp_fault_user(struct mm_struct *mm, unsigned long addr, bool write)
{
	unsigned int flags = FAULT_FLAG_USER | FAULT_FLAG_ALLOW_RETRY |
			     (write ? FAULT_FLAG_WRITE : 0);
	struct vm_area_struct *vma;
	int err;

	if (pinpage_context() != PINPAGE_CTX_PROCESS || addr >= TASK_SIZE)
		return -EFAULT;
	do {
		err = -EFAULT;
		pinpage_down_read(&mm->mmap_lock);
		vma = pp_vma_lookup(mm, addr);
		if (vma && may_access(vma, write))
			err = pp_handle_mm_fault(vma, addr, flags);
		if (err <= 0)
			pinpage_up_read(&mm->mmap_lock);
		flags |= FAULT_FLAG_TRIED;
	} while (err == PP_FAULT_RETRY && !pinpage_fatal_signal_pending());
	if (err == PP_FAULT_RETRY)
		return -EFAULT;
	if (err == -EHWPOISON)
		return -EFAULT;
	return err == -EAGAIN || err == PP_FAULT_COMPLETED ? 0 : err;
}
