// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_fill.c - userfaultfd's answers: fill, protect, poison
 *
 * I1. An answer changes only entries of areas that its handler has, and wakes
 *     after the change.
 * I2. PTE_UFFD_WP is never set together with PTE_WRITE.
 * Mirrors: mm/userfaultfd.c:mfill_atomic_pte_copy(), mwriteprotect_range() 6.1,
 * mfill_atomic_pte_poison() 6.6.
 */
#include "mm/uffd.h"

/* the area of @uffd that holds the whole range, mmap_lock held, or NULL */
struct vm_area_struct *pp_uffd_area(struct pinpage_uffd *uffd, unsigned long start,
				    size_t len)
{
	struct vm_area_struct *vma = pp_vma_lookup(uffd->mm, start);

	return vma && vma->uffd == uffd && len <= vma->vm_end - start ? vma : NULL;
}

/* *ptep empty or a marker: locked; ERR_PTR: -EEXIST, -ENOMEM; mmap_lock held */
pp_pte *pp_uffd_empty_pte(struct mm_struct *mm, unsigned long addr,
			  struct pp_table **tablep)
{
	pp_pte *ptep;

	if (pp_pte_alloc(mm, addr) < 0)
		return ERR_PTR(-ENOMEM);
	ptep = pp_pte_lock(mm, addr, tablep);
	if (!ptep)
		return ERR_PTR(-EEXIST);
	if (pte_none_mostly(*ptep))
		return ptep;
	pinpage_spin_unlock(&(*tablep)->lock);
	return ERR_PTR(-EEXIST);
}

static int copy_one(struct vm_area_struct *vma, unsigned long addr, const char *src,
		    unsigned int mode)
{
	struct pp_table *table;
	struct page *page;
	pp_pte *ptep, pte;

	if (pp_anon_vma_prepare(vma))
		return -ENOMEM;
	page = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	if (!page)
		return -ENOMEM;
	pp_frame_copy(page_address(page), src, PAGE_SIZE);
	pte = pp_mk_pte(page, vma) | PTE_MKDIRTY;
	pte = mode & PINPAGE_UFFD_COPY_WP ? pte | PTE_UFFD_WP : pp_maybe_mkwrite(pte, vma);
	ptep = pp_uffd_empty_pte(vma->vm_mm, addr, &table);
	if (IS_ERR(ptep)) {
		pp_unref(page);
		return (int)PTR_ERR(ptep);
	}
	pp_add_new_anon_rmap(page, vma, addr);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

static int zero_one(struct vm_area_struct *vma, unsigned long addr)
{
	pp_pte pte = pp_mk_pte(pp_zero_page, vma) | PTE_SPECIAL, *ptep;
	struct pp_table *table;

	ptep = pp_uffd_empty_pte(vma->vm_mm, addr, &table);
	if (IS_ERR(ptep))
		return (int)PTR_ERR(ptep);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* Mirrors: mm/userfaultfd.c:mfill_atomic_pte() */
static int fill_one(struct vm_area_struct *vma, unsigned long addr, const char *src,
		    unsigned int mode)
{
	if (vma->vm_flags & VM_SHARED)
		return pp_uffd_file_copy(vma, addr, src, mode);
	return src ? copy_one(vma, addr, src, mode) : zero_one(vma, addr);
}

/* @src NULL: zero pages; mmap_lock held */
static long fill(struct pinpage_uffd *uffd, unsigned long dst, const char *src, size_t len,
		 unsigned int mode)
{
	struct vm_area_struct *vma = pp_uffd_area(uffd, dst, len);
	size_t done = 0;
	int err = 0;

	if (!vma)
		return -ENOENT;
	if (mode & PINPAGE_UFFD_COPY_WP && !(vma->vm_flags & VM_UFFD_WP))
		return -EINVAL;
	if (!vma_is_anonymous(vma) && !pp_shmem_mapping(vma->vm_file->f_mapping))
		return -EINVAL;
	for (; !err && done < len; done += err ? 0 : PAGE_SIZE)
		err = fill_one(vma, dst + done, src ? src + done : NULL, mode);
	return done ? (long)done : err;
}

/* 0 with mmap_lock held, or -errno */
int pp_uffd_begin(struct pinpage_uffd *uffd, unsigned long start, size_t len,
		  unsigned int mode, unsigned int known)
{
	if (!pp_ready() || !uffd || !pp_uffd_range_ok(start, len) || mode & ~known ||
	    !pinpage_might_sleep())
		return -EINVAL;
	if (atomic_read(&uffd->mm->mm_users) <= 0)
		return -ESRCH;
	pp_uffd_negotiated(uffd);
	pinpage_down_read(&uffd->mm->mmap_lock);
	return 0;
}

/* the answer to @done bytes is given: mmap_lock dropped, faults woken */
long pp_uffd_end(struct pinpage_uffd *uffd, unsigned long start, long done,
		 unsigned int mode)
{
	pinpage_up_read(&uffd->mm->mmap_lock);
	if (done > 0 && !(mode & PINPAGE_UFFD_DONTWAKE))
		pp_uffd_wake(uffd, start, start + (unsigned long)done);
	return done;
}

long pinpage_userfaultfd_copy(struct pinpage_uffd *uffd, unsigned long dst, const void *src,
			      size_t len, unsigned int mode)
{
	int err = pp_uffd_begin(uffd, dst, len, mode, PINPAGE_UFFD_DONTWAKE | PINPAGE_UFFD_COPY_WP);

	if (err)
		return err;
	return pp_uffd_end(uffd, dst, src ? fill(uffd, dst, src, len, mode) : -EFAULT, mode);
}

long pinpage_userfaultfd_zeropage(struct pinpage_uffd *uffd, unsigned long dst, size_t len,
				  unsigned int mode)
{
	int err = pp_uffd_begin(uffd, dst, len, mode, PINPAGE_UFFD_DONTWAKE);

	return err ? err : pp_uffd_end(uffd, dst, fill(uffd, dst, NULL, len, mode), mode);
}

/* protecting */

static bool protect_pte(struct vm_area_struct *vma, pp_pte *ptep, unsigned long addr,
			bool on)
{
	pp_pte old = *ptep, pte;

	if (pte_none(old) || pp_entry_is_marker(old)) {
		pp_pte_put(ptep, pp_uffd_protect_empty(vma, old, on));
		return false;
	}
	pte = on ? old | PTE_UFFD_WP : old & ~PTE_UFFD_WP;
	if (on && pte_present(old))
		pte &= ~PTE_WRITE;
	if (pte == old)
		return false;
	pp_pte_put(ptep, pte);
	if (on && pte_present(old))
		pp_emit_pte(PTE_WRPROTECT, vma->vm_mm, addr, pte, PAGE_SIZE);
	return on;
}

/* > 0: flush; 0; -ENOMEM */
static int protect_ptes(struct vm_area_struct *vma, unsigned long addr, unsigned long end_,
			bool on)
{
	struct pp_table *table;
	bool flush = false;
	pp_pte *ptep;

	pp_split_pmd(vma, addr);
	if (pp_uffd_needs_tables(vma, on) && pp_pte_alloc(vma->vm_mm, addr))
		return -ENOMEM;
	ptep = pp_pte_lock(vma->vm_mm, addr, &table);
	if (!ptep)
		return 0;
	for (; addr < end_; addr += PAGE_SIZE, ptep++)
		flush |= protect_pte(vma, ptep, addr, on);
	pinpage_spin_unlock(&table->lock);
	return flush;
}

/**
 * pp_uffd_protect() - writes to what is there in a range shall be told, or not
 *
 * In memory of files, and of a handler with WP_UNPOPULATED, also to what comes.
 *
 * Context: process; sleeps. Locking: mmap_lock held.
 * Return:  0, -ENOMEM: part of it.
 * Mirrors: mm/userfaultfd.c:uffd_wp_range()
 */
int pp_uffd_protect(struct vm_area_struct *vma, unsigned long start, unsigned long end_,
		    bool on)
{
	struct pp_mmu_range range;
	unsigned long addr, next;
	bool flush = false;
	int ret = 0;

	pp_mmu_invalidate_start(&range, vma->vm_mm, start, end_, MMU_NOTIFY_PROTECTION_VMA);
	for (addr = start; addr < end_ && ret >= 0; addr = next) {
		next = pp_pmd_end(addr, end_);
		ret = protect_ptes(vma, addr, next, on);
		flush |= ret > 0;
	}
	if (flush)
		pp_tlb_flush_range(vma->vm_mm, start, end_);
	pp_mmu_invalidate_end(&range);
	return min(ret, 0);
}

int pinpage_userfaultfd_writeprotect(struct pinpage_uffd *uffd, unsigned long start,
				     size_t len, unsigned int mode)
{
	bool on = mode & PINPAGE_UFFD_PROTECT;
	struct vm_area_struct *vma;
	int err;

	if (on && mode & PINPAGE_UFFD_DONTWAKE)
		return -EINVAL;
	err = pp_uffd_begin(uffd, start, len, mode, PINPAGE_UFFD_PROTECT | PINPAGE_UFFD_DONTWAKE);
	if (err)
		return err;
	vma = pp_uffd_area(uffd, start, len);
	if (!vma || !(vma->vm_flags & VM_UFFD_WP))
		err = -ENOENT;
	else
		err = pp_uffd_protect(vma, start, start + len, on);
	pinpage_up_read(&uffd->mm->mmap_lock);
	if (!err && !on && !(mode & PINPAGE_UFFD_DONTWAKE))
		pp_uffd_wake(uffd, start, start + len);
	return err;
}

/* poisoning */

static int poison_one(struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep;
	int err = 0;

	ptep = pp_uffd_empty_pte(vma->vm_mm, addr, &table);
	if (IS_ERR(ptep))
		return (int)PTR_ERR(ptep);
	/* not even a marker makes way */
	if (pte_none(*ptep))
		pp_pte_put(ptep, PP_MARKER_POISON);
	else
		err = -EEXIST;
	pinpage_spin_unlock(&table->lock);
	return err;
}

static long poison(struct pinpage_uffd *uffd, unsigned long dst, size_t len)
{
	struct vm_area_struct *vma = pp_uffd_area(uffd, dst, len);
	size_t done = 0;
	int err = 0;

	if (!vma)
		return -ENOENT;
	if (!vma_is_anonymous(vma) && !pp_shmem_mapping(vma->vm_file->f_mapping))
		return -EINVAL;
	for (; !err && done < len; done += err ? 0 : PAGE_SIZE)
		err = poison_one(vma, dst + done);
	return done ? (long)done : err;
}

long pinpage_userfaultfd_poison(struct pinpage_uffd *uffd, unsigned long dst, size_t len,
				unsigned int mode)
{
	int err;

	if (!pp_ready() || !pp_uffd_offers(PINPAGE_UFFD_FEATURE_POISON))
		return -EINVAL;
	err = pp_uffd_begin(uffd, dst, len, mode, PINPAGE_UFFD_DONTWAKE);
	return err ? err : pp_uffd_end(uffd, dst, poison(uffd, dst, len), mode);
}
