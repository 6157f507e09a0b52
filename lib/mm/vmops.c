// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/vmops.c - areas whose driver answers: open, close, faults, first writes
 *
 * I1. Every area that has the operations is opened but the first, which mmap()
 *     made, and closed; one with a close() is never merged.
 * I2. A page that fault() gave brings the reference that the entry keeps.
 * I3. In a shared area with page_mkwrite() or pfn_mkwrite() an entry that is made
 *     after mmap() is read-only until the driver has allowed the write.
 * Mirrors: mm/memory.c:__do_fault(), do_page_mkwrite(), wp_pfn_shared(),
 * vmf_insert_pfn_prot() 6.1.
 */
#include "mm/internal.h"

#define ERRORS (PINPAGE_VM_FAULT_OOM | PINPAGE_VM_FAULT_SIGBUS |	\
		PINPAGE_VM_FAULT_SIGSEGV | PINPAGE_VM_FAULT_HWPOISON)

int pinpage_vma_set_ops(struct vm_area_struct *vma, const struct pinpage_vm_operations *ops,
			void *private_data)
{
	if (!pp_ready() || !vma || vma->vm_linked)
		return -EINVAL;
	vma->vm_ops = ops;
	vma->vm_private = private_data;
	return 0;
}

void *pinpage_vma_private(const struct vm_area_struct *vma)
{
	return vma ? vma->vm_private : NULL;
}

int pinpage_vm_flags_set(struct vm_area_struct *vma, unsigned long flags)
{
	const unsigned long known = PINPAGE_VM_IO | PINPAGE_VM_PFNMAP | PINPAGE_VM_MIXEDMAP |
		PINPAGE_VM_DONTCOPY | PINPAGE_VM_DONTEXPAND | PINPAGE_VM_DONTDUMP;

	if (!pp_ready() || !vma || vma->vm_linked || flags & ~known)
		return -EINVAL;
	vma->vm_flags |= flags;
	return 0;
}

/**
 * pp_vma_made() - mmap() of the driver is done
 *
 * Mirrors: mm/mmap.c:vma_set_page_prot(). Context: mmap_lock held for writing.
 */
void pp_vma_made(struct vm_area_struct *vma)
{
	vma->vm_linked = true;
	vma->vm_notify = vma->vm_ops && vma->vm_flags & VM_SHARED &&
			 (vma->vm_ops->page_mkwrite || vma->vm_ops->pfn_mkwrite);
}

/* an area more, and one less; mmap_lock held for writing, or the mm is nobody's */
void pp_vma_open(struct vm_area_struct *vma)
{
	if (unlikely(vma->vm_ops) && vma->vm_ops->open)
		vma->vm_ops->open(vma);
}

void pp_vma_close(struct vm_area_struct *vma)
{
	if (unlikely(vma->vm_ops) && vma->vm_ops->close)
		vma->vm_ops->close(vma);
}

/* 0; what the driver says */
int pp_vma_may_split(struct vm_area_struct *vma, unsigned long addr)
{
	return unlikely(vma->vm_ops) && vma->vm_ops->may_split ?
		vma->vm_ops->may_split(vma, addr) : 0;
}

static int fault_errno(unsigned int ret)
{
	if (ret & PINPAGE_VM_FAULT_OOM)
		return -ENOMEM;
	return ret & PINPAGE_VM_FAULT_HWPOISON ? -EHWPOISON : -EFAULT;
}

static struct pinpage_vm_fault vmf_of(const struct pp_fault *f)
{
	return (struct pinpage_vm_fault){
		.vma = f->vma, .address = f->addr, .pgoff = pp_vma_pgoff(f->vma, f->addr),
		.flags = f->flags & FAULT_FLAG_WRITE ? PINPAGE_FAULT_FLAG_WRITE : 0,
	};
}

/* 1: vmf->page, locked, with a reference; 0: done; else as pp_handle_mm_fault() */
static int ask(const struct pp_fault *f, struct pinpage_vm_fault *vmf)
{
	unsigned int ret = f->vma->vm_ops->fault(vmf);

	if (ret & PINPAGE_VM_FAULT_RETRY) {
		if (f->flags & FAULT_FLAG_ALLOW_RETRY)
			return PP_FAULT_RETRY;
		pp_warn_once("fault() wants to retry where it may not");
		return -EFAULT;
	}
	if (ret & ERRORS)
		return fault_errno(ret);
	if (ret & PINPAGE_VM_FAULT_NOPAGE)
		return 0;
	if (!pp_page_valid(vmf->page)) {
		pp_warn_once("fault() gave no page at %#lx", vmf->address);
		return -EFAULT;
	}
	if (!(ret & PINPAGE_VM_FAULT_LOCKED))
		pp_lock_page(compound_head(vmf->page));
	return 1;
}

static void give_back(struct page *page)
{
	pp_unlock_page(compound_head(page));
	pinpage_put_page(page);
}

/* a private write: the driver's page is copied */
static int private_write(struct pp_fault *f)
{
	struct pinpage_vm_fault vmf = vmf_of(f);
	struct page *new;
	int err = pp_anon_vma_prepare(f->vma);

	new = err ? NULL : pp_alloc_page(PINPAGE_GFP_MOVABLE);
	if (!new)
		return -ENOMEM;
	err = ask(f, &vmf);
	if (err != 1) {
		pp_unref(new);
		return err;
	}
	pp_frame_copy(page_address(new), page_address(vmf.page), PAGE_SIZE);
	err = pp_map_new_anon(f, new, true);
	give_back(vmf.page);
	return err;
}

/*
 * The page is about to be written for the first time: 0, page locked again;
 * PP_FAULT_LOOK_AGAIN: it has gone, or the driver did it all; -errno: both unlocked
 */
static int may_write_page(struct pp_fault *f, struct page *page)
{
	struct pinpage_vm_fault vmf = vmf_of(f);
	unsigned int ret;

	if (!f->vma->vm_ops->page_mkwrite) {
		pp_lock_page(compound_head(page));
		return 0;
	}
	vmf.page = page;
	vmf.flags = PINPAGE_FAULT_FLAG_WRITE | PINPAGE_FAULT_FLAG_MKWRITE;
	ret = f->vma->vm_ops->page_mkwrite(&vmf);
	if (ret & ERRORS)
		return fault_errno(ret);
	if (ret & PINPAGE_VM_FAULT_NOPAGE)
		return PP_FAULT_LOOK_AGAIN;
	if (!(ret & PINPAGE_VM_FAULT_LOCKED))
		pp_lock_page(compound_head(page));
	return 0;
}

/* @page locked, its reference goes to the entry; true: it is there */
static bool enter_page(struct pp_fault *f, struct page *page)
{
	bool write = f->flags & FAULT_FLAG_WRITE;
	pp_pte pte = pp_mk_pte(page, f->vma), *ptep;
	struct mm_struct *mm = f->vma->vm_mm;
	struct pp_table *table;
	bool entered = false;

	if (write)
		pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
	else if (f->vma->vm_flags & VM_SHARED && !f->vma->vm_notify)
		pte = pp_maybe_mkwrite(pte, f->vma);
	ptep = pp_pte_lock(mm, f->addr, &table);
	if (!ptep)
		return false;
	if (*ptep == f->orig) {
		/* what the driver took is the entry's now */
		pp_emit(PUT, .page = page, .nr = 1);
		pp_map_page(f->vma, f->addr, ptep, page, pte);
		entered = true;
	}
	pinpage_spin_unlock(&table->lock);
	return entered;
}

/**
 * pp_driver_fault() - the driver of the area answers a fault where nothing is
 *
 * Context: process; sleeps. Locking: mmap_lock held; no page-table lock.
 * Return:  as pp_handle_mm_fault().
 * Mirrors: mm/memory.c:do_fault()
 */
int pp_driver_fault(struct pp_fault *f)
{
	bool write = f->flags & FAULT_FLAG_WRITE;
	struct pinpage_vm_fault vmf = vmf_of(f);
	int err;

	if (!f->vma->vm_ops->fault)
		return -EFAULT;
	if (write && !(f->vma->vm_flags & VM_SHARED))
		return private_write(f);
	err = ask(f, &vmf);
	if (err != 1)
		return err;
	if (write && f->vma->vm_ops->page_mkwrite) {
		pp_unlock_page(compound_head(vmf.page));
		err = may_write_page(f, vmf.page);
		if (err) {
			pinpage_put_page(vmf.page);
			return err == PP_FAULT_LOOK_AGAIN ? 0 : err;
		}
	}
	if (write)
		pp_set_page_dirty(compound_head(vmf.page));
	if (!enter_page(f, vmf.page)) {
		give_back(vmf.page);
		return 0;
	}
	pp_unlock_page(compound_head(vmf.page));
	return 0;
}

/* the entry is as it was: writable from now on */
static int make_writable(struct pp_fault *f)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table), pte;

	if (!ptep)
		return -EAGAIN;
	if (*ptep == f->orig) {
		pte = pp_maybe_mkwrite(f->orig | PTE_ACCESSED | PTE_MKDIRTY, f->vma);
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, f->vma->vm_mm, f->addr, pte, PAGE_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* an entry without a page. Mirrors: wp_pfn_shared() */
static int write_pfn(struct pp_fault *f)
{
	struct pinpage_vm_fault vmf = vmf_of(f);
	unsigned int ret = 0;

	vmf.flags = PINPAGE_FAULT_FLAG_WRITE | PINPAGE_FAULT_FLAG_MKWRITE;
	if (f->vma->vm_ops->pfn_mkwrite)
		ret = f->vma->vm_ops->pfn_mkwrite(&vmf);
	if (ret & ERRORS)
		return fault_errno(ret);
	return ret & PINPAGE_VM_FAULT_NOPAGE ? 0 : make_writable(f);
}

/**
 * pp_driver_wp_fault() - a write where a shared entry is read-only
 * @f: f->orig is the entry, whose lock @table has; dropped
 *
 * Context: process; sleeps. Locking: mmap_lock and the PTE lock held.
 * Return:  as pp_handle_mm_fault().
 * Mirrors: mm/memory.c:wp_page_shared(), wp_pfn_shared()
 */
int pp_driver_wp_fault(struct pp_fault *f, struct pp_table *table)
{
	struct page *page = pp_pte_normal_page(f->orig), *head;
	int err;

	if (!page) {
		pinpage_spin_unlock(&table->lock);
		return write_pfn(f);
	}
	head = compound_head(page);
	pp_ref(head);
	pinpage_spin_unlock(&table->lock);
	err = may_write_page(f, page);
	if (!err) {
		err = make_writable(f);
		pp_set_page_dirty(head);
		pp_unlock_page(head);
	} else if (err == PP_FAULT_LOOK_AGAIN) {
		err = 0;
	}
	pp_unref(head);
	return err;
}

/* from fault() and the like */

static unsigned int insert_result(int err)
{
	if (!err || err == -EBUSY)
		return PINPAGE_VM_FAULT_NOPAGE;
	return err == -ENOMEM ? PINPAGE_VM_FAULT_OOM : PINPAGE_VM_FAULT_SIGBUS;
}

unsigned int pinpage_vmf_insert_pfn(struct vm_area_struct *vma, unsigned long addr,
				    unsigned long pfn)
{
	if (!pp_ready() || !vma || !(vma->vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) ||
	    is_cow_mapping(vma->vm_flags))
		return PINPAGE_VM_FAULT_SIGBUS;
	return insert_result(pp_insert_pfn(vma, addr, pfn));
}

unsigned int pinpage_vmf_insert_mixed(struct vm_area_struct *vma, unsigned long addr,
				      unsigned long pfn)
{
	if (!pp_ready() || !vma || !(vma->vm_flags & VM_MIXEDMAP) ||
	    is_cow_mapping(vma->vm_flags))
		return PINPAGE_VM_FAULT_SIGBUS;
	return insert_result(pp_insert_pfn(vma, addr, pfn));
}
