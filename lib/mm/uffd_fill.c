// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_fill.c - userfaultfd's answers: fill, protect, move
 *
 * I1. An answer changes only entries of areas that its handler has, and wakes
 *     after the change.
 * I2. PTE_UFFD_WP is never set together with PTE_WRITE.
 * I3. A page moves only if it is this process's alone and not pinned, which is
 *     asked again after its entry is cleared.
 * Mirrors: mm/userfaultfd.c:mfill_atomic_pte_copy(), mwriteprotect_range() 6.1,
 * move_present_pte() 6.8.
 */
#include "mm/uffd.h"
#include "mm/swapops.h"

/* the area of @uffd that holds the whole range, mmap_lock held, or NULL */
static struct vm_area_struct *area_of(struct pinpage_uffd *uffd, unsigned long start,
				      size_t len)
{
	struct vm_area_struct *vma = pp_vma_lookup(uffd->mm, start);

	return vma && vma->uffd == uffd && len <= vma->vm_end - start ? vma : NULL;
}

/* *ptep empty: locked; ERR_PTR */
static pp_pte *empty_pte(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep)
{
	pp_pte *ptep;

	if (pp_pte_alloc(mm, addr) < 0)
		return ERR_PTR(-ENOMEM);
	ptep = pp_pte_lock(mm, addr, tablep);
	if (!ptep)
		return ERR_PTR(-EEXIST);
	if (pte_none(*ptep))
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
	ptep = empty_pte(vma->vm_mm, addr, &table);
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

	ptep = empty_pte(vma->vm_mm, addr, &table);
	if (IS_ERR(ptep))
		return (int)PTR_ERR(ptep);
	pp_pte_put(ptep, pte);
	pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/* @src NULL: zero pages; mmap_lock held */
static long fill(struct pinpage_uffd *uffd, unsigned long dst, const char *src, size_t len,
		 unsigned int mode)
{
	struct vm_area_struct *vma = area_of(uffd, dst, len);
	size_t done = 0;
	int err = 0;

	if (!vma)
		return -ENOENT;
	if (mode & PINPAGE_UFFD_COPY_WP && !(vma->vm_flags & VM_UFFD_WP))
		return -EINVAL;
	for (; !err && done < len; done += err ? 0 : PAGE_SIZE)
		err = src ? copy_one(vma, dst + done, src + done, mode) :
			    zero_one(vma, dst + done);
	return done ? (long)done : err;
}

/* 0 with mmap_lock held, or -errno */
static int begin(struct pinpage_uffd *uffd, unsigned long start, size_t len,
		 unsigned int mode, unsigned int known)
{
	if (!pp_ready() || !uffd || !pp_uffd_range_ok(start, len) || mode & ~known ||
	    !pinpage_might_sleep())
		return -EINVAL;
	if (atomic_read(&uffd->mm->mm_users) <= 0)
		return -ESRCH;
	pinpage_down_read(&uffd->mm->mmap_lock);
	return 0;
}

static long end(struct pinpage_uffd *uffd, unsigned long start, long done, unsigned int mode)
{
	pinpage_up_read(&uffd->mm->mmap_lock);
	if (done > 0 && !(mode & PINPAGE_UFFD_DONTWAKE))
		pp_uffd_wake(uffd, start, start + (unsigned long)done);
	return done;
}

long pinpage_userfaultfd_copy(struct pinpage_uffd *uffd, unsigned long dst, const void *src,
			      size_t len, unsigned int mode)
{
	int err = begin(uffd, dst, len, mode, PINPAGE_UFFD_DONTWAKE | PINPAGE_UFFD_COPY_WP);

	if (err)
		return err;
	return end(uffd, dst, src ? fill(uffd, dst, src, len, mode) : -EFAULT, mode);
}

long pinpage_userfaultfd_zeropage(struct pinpage_uffd *uffd, unsigned long dst, size_t len,
				  unsigned int mode)
{
	int err = begin(uffd, dst, len, mode, PINPAGE_UFFD_DONTWAKE);

	return err ? err : end(uffd, dst, fill(uffd, dst, NULL, len, mode), mode);
}

/* protecting */

static bool protect_pte(struct vm_area_struct *vma, pp_pte *ptep, unsigned long addr,
			bool on)
{
	pp_pte old = *ptep, pte;

	if (pte_none(old) || (!pte_present(old) && !pte_is_nonpresent(old)))
		return false;
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

static bool protect_ptes(struct vm_area_struct *vma, unsigned long addr, unsigned long end_,
			 bool on)
{
	struct pp_table *table;
	bool flush = false;
	pp_pte *ptep;

	pp_split_pmd(vma, addr);
	ptep = pp_pte_lock(vma->vm_mm, addr, &table);
	if (!ptep)
		return false;
	for (; addr < end_; addr += PAGE_SIZE, ptep++)
		flush |= protect_pte(vma, ptep, addr, on);
	pinpage_spin_unlock(&table->lock);
	return flush;
}

/**
 * pp_uffd_protect() - writes to what is there in a range shall be told, or not
 *
 * Context: process; sleeps. Locking: mmap_lock held.
 * Mirrors: mm/userfaultfd.c:uffd_wp_range()
 */
void pp_uffd_protect(struct vm_area_struct *vma, unsigned long start, unsigned long end_,
		     bool on)
{
	struct pp_mmu_range range;
	unsigned long addr, next;
	bool flush = false;

	pp_mmu_invalidate_start(&range, vma->vm_mm, start, end_, MMU_NOTIFY_PROTECTION_VMA);
	for (addr = start; addr < end_; addr = next) {
		next = pp_pmd_end(addr, end_);
		flush |= protect_ptes(vma, addr, next, on);
	}
	if (flush)
		pp_tlb_flush_range(vma->vm_mm, start, end_);
	pp_mmu_invalidate_end(&range);
}

int pinpage_userfaultfd_writeprotect(struct pinpage_uffd *uffd, unsigned long start,
				     size_t len, unsigned int mode)
{
	bool on = mode & PINPAGE_UFFD_PROTECT;
	struct vm_area_struct *vma;
	int err;

	if (on && mode & PINPAGE_UFFD_DONTWAKE)
		return -EINVAL;
	err = begin(uffd, start, len, mode, PINPAGE_UFFD_PROTECT | PINPAGE_UFFD_DONTWAKE);
	if (err)
		return err;
	vma = area_of(uffd, start, len);
	if (!vma || !(vma->vm_flags & VM_UFFD_WP))
		err = -ENOENT;
	else
		pp_uffd_protect(vma, start, start + len, on);
	pinpage_up_read(&uffd->mm->mmap_lock);
	if (!err && !on && !(mode & PINPAGE_UFFD_DONTWAKE))
		pp_uffd_wake(uffd, start, start + len);
	return err;
}

/* moving */

struct move {
	struct vm_area_struct *from, *to;
	unsigned long src, dst;
};

static bool movable(const struct page *page)
{
	return !PageHead(page) && compound_head(page) == page && PageAnon(page) &&
	       PageAnonExclusive(page) && !pp_maybe_dma_pinned(page);
}

/* both tables locked, page locked; 0, -EBUSY */
static int move_locked(const struct move *m, struct page *page, pp_pte *from, pp_pte *to)
{
	struct mm_struct *mm = m->from->vm_mm;
	pp_pte old = *from, pte;

	pp_pte_put(from, 0);
	pp_tlb_flush_page(mm, m->src);
	/*
	 * MB pin-vs-unmap (D): the entry is cleared before pins are looked for.
	 * Pairs with (C) in gup/fast.c. Without it a page that was just pinned
	 * moves. Test: mm/uffd pinned_page_does_not_move.
	 */
	smp_mb();
	if (pp_maybe_dma_pinned(page)) {
		pp_pte_put(from, old);
		return -EBUSY;
	}
	pp_emit_pte(PTE_CLEAR, mm, m->src, old, PAGE_SIZE);
	WRITE_ONCE(page->mapping, (void *)((unsigned long)pp_vma_anon(m->to) |
					   PAGE_MAPPING_ANON));
	WRITE_ONCE(page->index, pp_vma_pgoff(m->to, m->dst));
	pte = pp_maybe_mkwrite(pp_mk_pte(page, m->to) | PTE_MKDIRTY, m->to);
	pp_pte_put(to, pte);
	pp_emit_pte(PTE_SET, mm, m->dst, pte, PAGE_SIZE);
	return 0;
}

static struct pp_table *table_at(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr);
	pp_pte pmd = pmdp ? pp_pte_get(pmdp) : 0;

	return pte_is_table(pmd) ? pte_table(pmd) : NULL;
}

/* @page locked, with a reference; its reverse map is locked */
static int move_page(const struct move *m, struct page *page)
{
	struct pp_table *a = table_at(m->from->vm_mm, m->src);
	struct pp_table *b = table_at(m->to->vm_mm, m->dst);
	pp_pte *from, *to;
	int err = -EAGAIN;

	if (!a || !b)
		return -EAGAIN;
	pp_table_lock_pair(a, b);
	from = &a->entry[pte_index(m->src)];
	to = &b->entry[pte_index(m->dst)];
	if (!pte_none(*to))
		err = -EEXIST;
	else if (pte_present(*from) && pp_pte_normal_page(*from) == page)
		err = movable(page) ? move_locked(m, page, from, to) : -EBUSY;
	pp_table_unlock_pair(a, b);
	return err;
}

/* what is at m->src, with a reference; NULL: nothing; ERR_PTR(-EBUSY) */
static struct page *page_to_move(const struct move *m)
{
	struct page *page = NULL;
	struct pp_table *table;
	pp_pte *ptep;

	pp_split_pmd(m->from, m->src);
	ptep = pp_pte_lock(m->from->vm_mm, m->src, &table);
	if (!ptep)
		return NULL;
	if (pte_present(*ptep))
		page = pp_pte_normal_page(*ptep);
	if (page && movable(page))
		pp_ref(page);
	else if (!pte_none(*ptep))
		page = ERR_PTR(-EBUSY);
	pinpage_spin_unlock(&table->lock);
	return page;
}

static int move_one(const struct move *m, unsigned int mode)
{
	struct page *page = page_to_move(m);
	struct anon_vma *av;
	int err;

	if (IS_ERR_OR_NULL(page))
		return page ? (int)PTR_ERR(page) :
		       mode & PINPAGE_UFFD_SRC_HOLES ? 0 : -ENOENT;
	if (pp_pte_alloc(m->to->vm_mm, m->dst)) {
		pp_unref(page);
		return -ENOMEM;
	}
	pp_lock_page(page);
	av = pp_anon_vma_get(page);
	err = -EAGAIN;
	if (av) {
		pinpage_down_write(&av->rwsem);
		err = move_page(m, page);
		pinpage_up_write(&av->rwsem);
		pp_anon_vma_put(av);
	}
	pp_unlock_page(page);
	pp_unref(page);
	return err;
}

/* areas that pages may move between. Mirrors: mm/userfaultfd.c:validate_move_areas() */
static int check_areas(struct pinpage_uffd *uffd, struct move *m, size_t len)
{
	unsigned long same = VM_ACCESS | VM_LOCKED;

	m->from = pp_vma_lookup(uffd->mm, m->src);
	m->to = area_of(uffd, m->dst, len);
	if (!m->from || !m->to)
		return -ENOENT;
	if (len > m->from->vm_end - m->src || m->from->vm_flags & VM_SHARED ||
	    !vma_is_anonymous(m->from) || !(m->from->vm_flags & VM_WRITE) ||
	    (m->from->vm_flags ^ m->to->vm_flags) & same ||
	    !(m->to->vm_flags & VM_UFFD_MISSING))
		return -EINVAL;
	return pp_anon_vma_prepare(m->to);
}

static long move_pages(struct pinpage_uffd *uffd, struct move *m, size_t len,
		       unsigned int mode)
{
	int err = check_areas(uffd, m, len);
	struct pp_mmu_range range;
	size_t done;

	if (err)
		return err;
	pp_mmu_invalidate_start(&range, uffd->mm, m->src, m->src + len, MMU_NOTIFY_CLEAR);
	for (done = 0; done < len; done += PAGE_SIZE) {
		do {
			err = move_one(m, mode);
		} while (err == -EAGAIN);
		if (err)
			break;
		m->src += PAGE_SIZE;
		m->dst += PAGE_SIZE;
	}
	pp_mmu_invalidate_end(&range);
	return done ? (long)done : err;
}

long pinpage_userfaultfd_move(struct pinpage_uffd *uffd, unsigned long dst,
			      unsigned long src, size_t len, unsigned int mode)
{
	struct move m = { .src = src, .dst = dst };
	int err;

	if (!pp_ready() || !pp_rules->uffd_move || !pp_uffd_range_ok(src, len))
		return -EINVAL;
	err = begin(uffd, dst, len, mode, PINPAGE_UFFD_SRC_HOLES | PINPAGE_UFFD_DONTWAKE);
	return err ? err : end(uffd, dst, move_pages(uffd, &m, len, mode), mode);
}
