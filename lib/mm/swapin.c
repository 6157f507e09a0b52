// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/swapin.c - an entry of the page tables becomes a page again: faults, and
 * swapoff, which does it for everybody
 *
 * I1. The entry becomes a PTE with the page locked and in the swap cache, so
 *     two who bring in one slot map one page.
 * I2. A page that was merged had one slot for many areas: the first that brings
 *     it in has it, the others get copies (pp_ksm_needs_copy()).
 * I3. A page may be written at once only if it is this address's alone: the
 *     entry says so (from 5.19), or nobody else has the slot or the page.
 * Mirrors: mm/memory.c:do_swap_page(), mm/swapfile.c:unuse_pte() 6.1; the rules
 * before 5.19: mm/swapfile.c:reuse_swap_page() 5.10.
 */
#include "mm/internal.h"
#include "mm/ksm.h"
#include "mm/swaparea.h"

static bool is_write(const struct pp_fault *f)
{
	return f->flags & FAULT_FLAG_WRITE;
}

/* Before 5.19: may the one that writes have it? The entry's user still counts. */
static bool old_reuse(struct page *head, pp_swp entry)
{
	if (pp_swap_count(entry) + (unsigned int)pp_page_mapcount(head) > 1)
		return false;
	if (PageWriteback(head))
		return !pp_swap_stable(entry);
	pp_swap_cache_del(head);
	SetPageDirty(head);
	return true;
}

/* Mirrors: mm/memory.c:should_try_to_free_swap() */
static bool should_free_slot(const struct pp_fault *f, const struct page *head)
{
	return pp_swap_nearly_full() || f->vma->vm_flags & VM_LOCKED ||
	       (is_write(f) && !PageKsm(head) && page_ref_count(head) == 2);
}

/*
 * The entry's count goes; what the fault asks is decided. Return: may the page
 * be written, and is it exclusive?
 */
static bool claim(struct pp_fault *f, struct page *head, pp_swp entry)
{
	bool mine;

	if (!pp_rules_exclusive(NULL)) {
		mine = is_write(f) && old_reuse(head, entry);
		pp_swap_free(entry);
		if (pp_swap_nearly_full() || f->vma->vm_flags & VM_LOCKED)
			pp_page_free_swap(head);
		return mine;
	}
	mine = f->orig & PTE_SWP_EXCLUSIVE;
	/* bytes that must not change until they are written: a write copies */
	if (mine && PageWriteback(head) && pp_swap_stable(entry))
		mine = false;
	pp_swap_free(entry);
	if (should_free_slot(f, head))
		pp_page_free_swap(head);
	return !PageKsm(head) && (mine || page_ref_count(head) == 1);
}

static pp_pte kept_bits(pp_pte pte, pp_pte entry)
{
	pte |= entry & PTE_SWP_KEPT;
	return entry & PTE_UFFD_WP ? pte & ~PTE_WRITE : pte;
}

/*
 * What maps the page again. From 6.11 an exclusive page may be written at once,
 * if the area allows it and nobody waits for the fault that would note it. The
 * one place that reads rules->swapin_writable.
 */
static pp_pte swapped_pte(struct pp_fault *f, struct page *head, bool mine)
{
	pp_pte pte = pp_mk_pte(head, f->vma);
	bool noted = pp_soft_dirty_enabled(f->vma) && !(f->orig & PTE_SOFT_DIRTY);

	if (mine && pp_rules->swapin_writable && !is_write(f) && !noted)
		pte = pp_maybe_mkwrite(pte, f->vma);
	if (mine && is_write(f)) {
		pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, f->vma);
		f->flags &= ~FAULT_FLAG_WRITE;
	}
	return kept_bits(pte, f->orig);
}

/* PTE lock held: the reference becomes the PTE's */
static void map_it(struct pp_fault *f, pp_pte *ptep, struct page *head, pp_swp entry)
{
	bool mine = claim(f, head, entry);
	pp_pte pte = swapped_pte(f, head, mine);

	pp_add_anon_rmap(head, f->vma, f->addr, mine);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, f->vma->vm_mm, f->addr, pte, PAGE_SIZE);
}

/* @copy, this address's own, in place of the entry @orig, if it still is there */
static bool map_copy(struct vm_area_struct *vma, unsigned long addr, pp_pte orig,
		     struct page *copy, bool write)
{
	struct mm_struct *mm = vma->vm_mm;
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table), pte;
	bool same = ptep && *ptep == orig;

	if (same) {
		pte = pp_mk_pte(copy, vma);
		if (write)
			pte = pp_maybe_mkwrite(pte | PTE_MKDIRTY, vma);
		pte = kept_bits(pte, orig);
		pp_add_new_anon_rmap(copy, vma, addr);
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, mm, addr, pte, PAGE_SIZE);
		pp_swap_free(pp_swp_of_pte(orig));
	}
	if (ptep)
		pinpage_spin_unlock(&table->lock);
	return same;
}

/*
 * @head came from a slot that was a merged page's, and is somebody else's now.
 * 0: a copy is mapped; 1: the entry is not @orig any more; -EHWPOISON, -ENOMEM.
 */
static int copy_in(struct vm_area_struct *vma, unsigned long addr, pp_pte orig,
		   struct page *head, bool write)
{
	struct page *copy;

	if (PageHWPoison(head))
		return -EHWPOISON;
	copy = pp_alloc_page(PINPAGE_GFP_MOVABLE);
	if (!copy)
		return -ENOMEM;
	pp_frame_copy(page_address(copy), page_address(head), PAGE_SIZE);
	SetPageDirty(copy);
	if (map_copy(vma, addr, orig, copy, write))
		return 0;
	pp_unref(copy);
	return 1;
}

/* As map_locked(), except: maps a copy; the caller keeps his reference. */
static int map_own(struct pp_fault *f, struct page *head)
{
	int err = copy_in(f->vma, f->addr, f->orig, head, is_write(f));

	if (err > 0)
		return PP_FAULT_LOOK_AGAIN;
	if (err)
		return err;
	f->flags &= ~FAULT_FLAG_WRITE;
	pp_page_free_swap(head);
	return 0;
}

/* 0; PP_FAULT_LOOK_AGAIN: somebody was faster; -EFAULT: it could not be read */
static int map_locked(struct pp_fault *f, struct page *head, pp_swp entry)
{
	struct pp_table *table;
	pp_pte *ptep;
	int err = PP_FAULT_LOOK_AGAIN;

	ptep = pp_pte_lock(f->vma->vm_mm, f->addr, &table);
	if (!ptep)
		return err;
	if (*ptep == f->orig) {
		err = PageUptodate(head) ? 0 : -EFAULT;
		if (!err)
			map_it(f, ptep, head, entry);
	}
	pinpage_spin_unlock(&table->lock);
	return err;
}

/* As map_locked(), except: *@used: the reference of @head is the PTE's now. */
static int map_page_or_copy(struct pp_fault *f, struct page *head, pp_swp entry,
			    bool *used)
{
	int err;

	*used = false;
	if (!PageSwapCache(head) || pp_page_swp(head) != entry)
		return PP_FAULT_LOOK_AGAIN;
	if (PageUptodate(head) && pp_ksm_needs_copy(head, f->vma, f->addr))
		return map_own(f, head);
	err = map_locked(f, head, entry);
	*used = !err;
	return err;
}

/* NOWAIT: the read is as good as begun, but the caller does not wait for it */
static bool would_wait(const struct pp_fault *f, pp_swp entry)
{
	struct page *head;

	if (!(f->flags & FAULT_FLAG_NOWAIT))
		return false;
	head = pp_swap_cache_get(entry);
	if (head)
		pp_unref(head);
	return !head;
}

/* Consumes the reference of @head. */
static int map_page(struct pp_fault *f, struct page *head, pp_swp entry)
{
	int err = pp_fault_lock_page(f, head);
	bool used = false;

	if (!err) {
		err = map_page_or_copy(f, head, entry, &used);
		pp_unlock_page(head);
	}
	if (!used)
		pp_unref(head);
	if (!err && f->flags & FAULT_FLAG_WRITE)
		return PP_FAULT_LOOK_AGAIN;
	return err;
}

/**
 * pp_swap_fault() - a process touches memory that is in swap
 * @f: f->orig is the entry that it found
 *
 * Context: process; sleeps. Locking: mmap_lock held; see pp_fault_lock_page().
 * Return:  as pp_handle_mm_fault(), and PP_FAULT_LOOK_AGAIN: the entry changed, or a
 *          write is still due. -EFAULT: the slot cannot be read (SIGBUS).
 * Mirrors: mm/memory.c:do_swap_page()
 */
int pp_swap_fault(struct pp_fault *f)
{
	pp_swp entry = pp_swp_of_pte(f->orig);
	struct page *head;
	bool wait;
	int err;

	if (!pp_swap_get(entry))
		return PP_FAULT_LOOK_AGAIN;
	wait = would_wait(f, entry);
	if (!pp_swap_cached(entry))
		pp_stat_add(PINPAGE_STAT_PGMAJFAULT, 1);
	head = pp_swap_read_in(entry);
	err = PTR_ERR_OR_ZERO(head);
	if (err == -ENOENT) {
		err = PP_FAULT_LOOK_AGAIN;
	} else if (!err && wait) {
		pp_unref(head);
		err = -EAGAIN;
	} else if (!err) {
		err = map_page(f, head, entry);
	}
	pp_swap_put(entry);
	return err;
}

/* swapoff */

static pp_pte entry_at(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table), pte;

	if (!ptep)
		return 0;
	pte = *ptep;
	pinpage_spin_unlock(&table->lock);
	return pte;
}

static void unuse_pte(struct vm_area_struct *vma, unsigned long addr,
		      struct page *head, pp_swp entry)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, &table), old, pte;

	if (!ptep)
		return;
	old = *ptep;
	if (pp_entry_is_swap(old) && pp_swp_of_pte(old) == entry) {
		pte = kept_bits(pp_mk_pte(head, vma) & ~PTE_ACCESSED, old);
		pp_ref(head);
		pp_add_anon_rmap(head, vma, addr, pp_rules_exclusive(NULL) &&
				 old & PTE_SWP_EXCLUSIVE);
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
		pp_swap_free(entry);
	}
	pinpage_spin_unlock(&table->lock);
}

static int unuse_or_copy(struct vm_area_struct *vma, unsigned long addr,
			 struct page *head, pp_swp entry)
{
	pp_pte orig;
	int err;

	if (!pp_ksm_needs_copy(head, vma, addr)) {
		unuse_pte(vma, addr, head, entry);
		return 0;
	}
	orig = entry_at(vma->vm_mm, addr);
	if (!pp_entry_is_swap(orig) || pp_swp_of_pte(orig) != entry)
		return 0;
	err = copy_in(vma, addr, orig, head, false);
	return err > 0 ? 0 : err;
}

static int unuse_entry(struct vm_area_struct *vma, unsigned long addr, pp_swp entry)
{
	struct page *head;
	int err = 0;

	if (!pp_swap_get(entry))
		return 0;
	head = pp_swap_read_in(entry);
	pp_swap_put(entry);
	if (IS_ERR(head))
		return PTR_ERR(head) == -ENOENT ? 0 : (int)PTR_ERR(head);
	pp_lock_page(head);
	pp_wait_writeback(head);
	if (!PageUptodate(head))
		err = -EIO;
	else if (PageSwapCache(head) && pp_page_swp(head) == entry)
		err = unuse_or_copy(vma, addr, head, entry);
	pp_page_free_swap(head);
	pp_unlock_page(head);
	pp_unref(head);
	return err;
}

static int unuse_area(struct vm_area_struct *vma, unsigned int type)
{
	unsigned long addr;
	struct pp_table *table;
	pp_pte *ptep, pte;
	int err = 0;

	for (addr = vma->vm_start; !err && addr < vma->vm_end; addr += PAGE_SIZE) {
		ptep = pp_pte_lock(vma->vm_mm, addr, &table);
		if (!ptep) {
			addr = pp_pmd_end(addr, vma->vm_end) - PAGE_SIZE;
			continue;
		}
		pte = *ptep;
		pinpage_spin_unlock(&table->lock);
		if (pp_entry_is_swap(pte) && pp_swp_type(pp_swp_of_pte(pte)) == type)
			err = unuse_entry(vma, addr, pp_swp_of_pte(pte));
	}
	return err;
}

static int unuse_mm(struct mm_struct *mm, void *arg)
{
	struct vm_area_struct *vma;
	int err = 0;

	pinpage_down_read(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, 0); vma && !err; vma = pp_vma_next(vma))
		if (pp_vma_anon(vma))
			err = unuse_area(vma, *(unsigned int *)arg);
	pinpage_up_read(&mm->mmap_lock);
	return err;
}

static bool of_type(unsigned long entry, void *arg)
{
	return pp_swp_type(entry) == *(unsigned int *)arg;
}

/**
 * pp_unuse_all() - bring back what page tables and files keep in an area
 * @type: of the area, which gives no slots any more
 *
 * Address spaces that are being forked or are ending may have more.
 *
 * Context: process; sleeps. Locking: takes mmap_locks for reading.
 * Return:  0, -ENOMEM, -EIO (a slot cannot be read).
 * Mirrors: mm/swapfile.c:try_to_unuse(), unuse_mm(); differs: a page that
 *          cannot be read stops swapoff, the kernel leaves a poison entry.
 */
int pp_unuse_all(unsigned int type)
{
	int err = pp_shmem_unuse(of_type, &type);

	return err ? err : pp_for_each_mm(unuse_mm, &type);
}
