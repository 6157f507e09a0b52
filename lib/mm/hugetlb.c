// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/hugetlb.c - faults, COW and fork of huge pages that were set apart
 *
 * I1. Faults of one file go one after the other: its mutex is held from the
 *     look at the entry until the new one is there.
 * I2. A write keeps a private page that one process maps, whoever pins it. To
 *     copy takes a page of the pool; the owner of the reservation takes the
 *     page away from its children rather than go without.
 * I3. No memory is SIGBUS, here -EFAULT: there is nothing to reclaim.
 * Mirrors: mm/hugetlb.c:hugetlb_fault(), hugetlb_no_page(), hugetlb_wp(),
 * copy_hugetlb_page_range() 6.1.
 */
#include "mm/hugetlb.h"
#include "mm/notifier.h"
#include "mm/swapops.h"

struct huge_fault {
	struct vm_area_struct *vma;
	struct address_space *mapping;
	unsigned long addr;		/* of the huge page */
	unsigned long index;		/* of it in the file */
	unsigned int flags;		/* FAULT_FLAG_* */
};

static bool wants_change(const struct huge_fault *h, pp_pte pmd)
{
	return h->flags & (FAULT_FLAG_WRITE | FAULT_FLAG_UNSHARE) && !(pmd & PTE_WRITE);
}

static bool shared(const struct huge_fault *h)
{
	return h->vma->vm_flags & VM_MAYSHARE;
}

/* @head, new and private to the address, becomes anonymous memory there */
static void add_anon_rmap(struct page *head, struct vm_area_struct *vma, unsigned long addr)
{
	unsigned long mapping = (unsigned long)pp_vma_anon(vma) | PAGE_MAPPING_ANON;

	WRITE_ONCE(head->index, pp_vma_pgoff(vma, addr));
	WRITE_ONCE(head->mapping, (void *)mapping);
	SetPageUptodate(head);
	SetPageSwapBacked(head);
	SetPageAnonExclusive(head);
	atomic_set(&head[1].entire_mapcount, 0);
}

static pp_pte make_leaf(const struct huge_fault *h, const struct page *head, bool write)
{
	pp_pte pmd = pp_mk_pte(head, h->vma) | PTE_HUGE;

	return write ? pp_maybe_mkwrite(pmd | PTE_MKDIRTY, h->vma) : pmd;
}

static void put_leaf(const struct huge_fault *h, pp_pte *pmdp, pp_pte pmd)
{
	pp_pte_put(pmdp, pmd);
	pp_emit_pte(PTE_SET, h->vma->vm_mm, h->addr, pmd, PMD_SIZE);
}

/* a page of the pool for the address of a private area, or NULL */
static struct page *private_page(const struct huge_fault *h, bool avoid_reserve)
{
	bool promised = !avoid_reserve && pp_hugetlb_resv_take(h->vma, h->addr);
	struct page *head;

	if (pp_anon_vma_prepare(h->vma))
		head = NULL;
	else
		head = pp_hugetlb_alloc(promised);
	if (!head && promised)
		pp_hugetlb_resv_untake(h->vma, h->addr);
	return head;
}

/* what the address shall map, with a reference for the leaf; ERR_PTR */
static struct page *page_for(const struct huge_fault *h)
{
	struct page *head = pp_hugetlb_find(h->mapping, h->index);
	int err;

	if (!head && !shared(h)) {
		head = private_page(h, false);
		return head ? head : ERR_PTR(-EFAULT);
	}
	if (!head) {
		err = pp_hugetlb_add(h->mapping, h->index, &head);
		if (err)
			return ERR_PTR(err == -ENOMEM ? err : -EFAULT);
	}
	if (PageHWPoison(head))
		return ERR_PTR(-EHWPOISON);
	pp_ref(head);
	return head;
}

/*
 * The entry was empty: 0, or an errno. A private page comes read-only; a
 * write then finds that it may keep it. Mirrors: hugetlb_no_page()
 */
static int no_page(const struct huge_fault *h)
{
	struct pp_table *table, *spare;
	struct page *head;
	pp_pte *pmdp;

	if ((loff_pp)(h->index << PMD_SHIFT) >= i_size_read(h->mapping->host))
		return -EFAULT;
	spare = pp_table_alloc(0);
	if (!spare)
		return -ENOMEM;
	head = page_for(h);
	if (IS_ERR(head)) {
		pp_table_free(spare);
		return (int)PTR_ERR(head);
	}
	pmdp = pp_pmd_lock(h->vma->vm_mm, h->addr, &table);
	if (head->mapping)
		pp_dup_huge_rmap(head);
	else
		add_anon_rmap(head, h->vma, h->addr);
	pp_deposit(table, spare);
	put_leaf(h, pmdp, make_leaf(h, head, shared(h) && h->vma->vm_flags & VM_SHARED));
	pinpage_spin_unlock(&table->lock);
	if (h->flags & FAULT_FLAG_WRITE && shared(h))
		pp_set_page_dirty(head);
	return 0;
}

/*
 * The owner of the reservation gets no page: those who do not own one lose
 * theirs, and will find SIGBUS. Mirrors: mm/hugetlb.c:unmap_ref_private()
 */
static void take_from_children(const struct huge_fault *h)
{
	unsigned long pgoff = h->index << HPAGE_PMD_ORDER;
	struct pp_interval *at;
	struct pp_gather g;

	pinpage_down_read(&h->mapping->i_mmap_rwsem);
	pp_interval_for_each(at, &h->mapping->i_mmap, pgoff, pgoff) {
		struct vm_area_struct *vma =
			container_of(at, struct vm_area_struct, shared);
		unsigned long addr = vma->vm_start + ((pgoff - vma->vm_pgoff) << PAGE_SHIFT);

		if (vma == h->vma || vma->vm_flags & VM_MAYSHARE || vma->vm_resv)
			continue;
		pp_gather_init(&g, vma->vm_mm);
		pp_zap_range(&g, vma, addr, addr + PMD_SIZE, false);
		pp_gather_finish(&g);
	}
	pinpage_up_read(&h->mapping->i_mmap_rwsem);
}

/* true: @new, a copy of @old, is there now */
static bool install_copy(const struct huge_fault *h, pp_pte orig, struct page *old,
			 struct page *new)
{
	struct mm_struct *mm = h->vma->vm_mm;
	struct pp_mmu_range range;
	struct pp_table *table;
	pp_pte *pmdp;
	bool same;

	pp_mmu_invalidate_start(&range, mm, h->addr, h->addr + PMD_SIZE,
				MMU_NOTIFY_CLEAR);
	pmdp = pp_pmd_lock(mm, h->addr, &table);
	same = *pmdp == orig;
	if (same) {
		pp_pte_put(pmdp, 0);
		pp_tlb_flush_range(mm, h->addr, h->addr + PMD_SIZE);
		add_anon_rmap(new, h->vma, h->addr);
		put_leaf(h, pmdp, make_leaf(h, new, !(h->flags & FAULT_FLAG_UNSHARE)));
		pp_remove_huge_rmap(old);
	}
	pinpage_spin_unlock(&table->lock);
	pp_mmu_invalidate_end(&range);
	return same;
}

/* @old is referenced here; 0, -EAGAIN: look again, -EFAULT: no page */
static int copy_page(const struct huge_fault *h, pp_pte orig, struct page *old)
{
	bool from_reserve = h->vma->vm_resv && PageAnon(old);
	struct page *new = private_page(h, from_reserve);

	if (!new && from_reserve) {
		take_from_children(h);
		return -EAGAIN;
	}
	if (!new)
		return -EFAULT;
	pp_frame_copy(page_address(new), page_address(old), PMD_SIZE);
	pp_emit(COW, PP_EV_PAGE(old), .mm = h->vma->vm_mm, .addr = h->addr,
		.arg = (long)page_to_pfn(new));
	if (install_copy(h, orig, old, new))
		pp_unref(old);
	else
		pp_unref(new);
	return 0;
}

/*
 * Write or unshare where the entry is read-only; table lock held, dropped.
 * Mirrors: mm/hugetlb.c:hugetlb_wp()
 */
static int wp_page(const struct huge_fault *h, pp_pte *pmdp, struct pp_table *table)
{
	struct page *old = pte_page(*pmdp);
	bool keep = shared(h) ||
		    (PageAnon(old) && !atomic_read(&old[1].entire_mapcount));
	pp_pte orig = *pmdp;
	int err;

	if (keep) {
		if (!shared(h))
			SetPageAnonExclusive(old);
		if (!(h->flags & FAULT_FLAG_UNSHARE))
			put_leaf(h, pmdp, pp_maybe_mkwrite(orig | PTE_ACCESSED | PTE_MKDIRTY,
							   h->vma));
		pinpage_spin_unlock(&table->lock);
		return 0;
	}
	pp_ref(old);
	pinpage_spin_unlock(&table->lock);
	err = copy_page(h, orig, old);
	pp_unref(old);
	return err;
}

/* the page is on its way: the caller waits without the file's mutex */
#define PP_ON_ITS_WAY 1

/* the file's mutex held; 0, -EAGAIN: once more, -errno, PP_ON_ITS_WAY */
static int fault_locked(const struct huge_fault *h)
{
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(h->vma->vm_mm, h->addr, &table);
	bool write = h->flags & FAULT_FLAG_WRITE;
	pp_pte pmd = *pmdp;
	int err;

	if (pte_none(pmd)) {
		pinpage_spin_unlock(&table->lock);
		err = no_page(h);
		return err ? err : shared(h) || !write ? 0 : -EAGAIN;
	}
	if (unlikely(!pte_present(pmd))) {
		pinpage_spin_unlock(&table->lock);
		return pp_entry_is_migration(pmd) ? PP_ON_ITS_WAY : -EHWPOISON;
	}
	if (wants_change(h, pmd))
		return wp_page(h, pmdp, table);
	pmd |= PTE_ACCESSED | (write ? PTE_MKDIRTY : 0);
	if (pmd != *pmdp)
		pp_pte_put(pmdp, pmd);
	pinpage_spin_unlock(&table->lock);
	return 0;
}

/**
 * pp_hugetlb_fault() - a fault in an area of huge pages
 *
 * Context: process; sleeps. Locking: mmap_lock held; kept.
 * Return:  0, -ENOMEM (tables), -EFAULT (SIGBUS: behind the end, no page in
 *          the pool), -EHWPOISON, -EAGAIN: try again, the page was moving.
 * Mirrors: mm/hugetlb.c:hugetlb_fault()
 */
int pp_hugetlb_fault(struct pp_fault *f)
{
	struct huge_fault h = {
		.vma = f->vma, .mapping = f->vma->vm_file->f_mapping,
		.addr = f->addr & PMD_MASK, .flags = f->flags,
		.index = pp_vma_pgoff(f->vma, f->addr & PMD_MASK) >> HPAGE_PMD_ORDER,
	};
	int err = pp_pmd_alloc(f->vma->vm_mm, h.addr);

	if (err)
		return err;
	pp_hugetlb_lock(h.mapping);
	do {
		err = fault_locked(&h);
	} while (err == -EAGAIN);
	pp_hugetlb_unlock(h.mapping);
	if (err != PP_ON_ITS_WAY)
		return err;
	if (!(f->flags & FAULT_FLAG_NOWAIT))
		pp_migration_wait(f->vma->vm_mm, h.addr);
	return -EAGAIN;
}

/* The one place that reads rules->hugetlb_fork_copies. */
bool pp_hugetlb_fork_copies(void)
{
	return pp_rules->hugetlb_fork_copies;
}

/* the page of the parent's leaf, with a reference; NULL: it has just failed */
static struct page *page_to_copy(struct vm_area_struct *src, unsigned long addr)
{
	struct page *head = NULL;
	struct pp_table *table;
	pp_pte *pmdp = pp_pmd_lock(src->vm_mm, addr, &table);

	if (pte_leaf(*pmdp)) {
		head = pte_page(*pmdp);
		pp_ref(head);
	}
	pinpage_spin_unlock(&table->lock);
	return head;
}

/**
 * pp_hugetlb_fork_copy() - the child gets a copy of a pinned huge page at once
 * @addr: of the page, mapped by @src
 *
 * Context: process. Locking: mmap_lock of the parent held for writing; the
 * child is known to the reverse map alone.
 * Return:  0; -ENOMEM: no page that nobody was promised; -EAGAIN: look again.
 * Mirrors: mm/hugetlb.c:copy_hugetlb_page_range(), its early copy
 */
int pp_hugetlb_fork_copy(struct vm_area_struct *src, struct vm_area_struct *dst,
			 unsigned long addr)
{
	struct huge_fault h = { .vma = dst, .addr = addr & PMD_MASK };
	struct page *old = page_to_copy(src, addr), *new;
	struct pp_table *table, *spare;
	pp_pte *pmdp;

	if (!old)
		return -EAGAIN;
	spare = pp_table_alloc(0);
	new = spare ? pp_hugetlb_alloc(false) : NULL;
	if (!new) {
		pp_table_free(spare);
		pp_unref(old);
		return -ENOMEM;
	}
	pp_frame_copy(page_address(new), page_address(old), PMD_SIZE);
	pmdp = pp_pmd_lock(dst->vm_mm, addr, &table);
	add_anon_rmap(new, dst, h.addr);
	pp_deposit(table, spare);
	put_leaf(&h, pmdp, make_leaf(&h, new, true));
	pinpage_spin_unlock(&table->lock);
	pp_emit(FORK_PINNED, PP_EV_PAGE(old), .mm = src->vm_mm,
		.addr = addr, .arg = (long)page_to_pfn(new));
	pp_unref(old);
	return 0;
}
