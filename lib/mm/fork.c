// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/fork.c - a second address space with the same contents
 *
 * I1. After the copy a private page is either mapped read-only by both, with
 *     PG_anon_exclusive clear, or it stays the parent's alone and the child
 *     has a copy (a page that may be pinned, where the rules say so).
 * I2. From 5.11 on write_protect_seq is odd while entries of a COW area are
 *     being copied: a lock-free pin that overlaps undoes itself.
 *
 * Who excludes whom: other faults and system calls of the parent by mmap_lock
 * (writing); the reverse map by page-table locks; the child is known to the
 * reverse map alone. gup-fast is excluded by nothing but I2: under the rules
 * before 5.11 it may pin between the test and the write-protection.
 * Mirrors: kernel/fork.c:dup_mmap(), mm/memory.c:copy_page_range() 6.1;
 * mm/huge_memory.c:copy_huge_pmd().
 */
#include "mm/hugetlb.h"
#include "mm/ksm.h"
#include "mm/swapops.h"
#include "mm/uffd.h"

struct copy {
	struct vm_area_struct *src, *dst;
	bool cow;			/* entries become read-only */
	bool protected;			/* something was write-protected */
	struct page *spare;		/* for the child's copy of a pinned page */
};

/* The one place that reads rules->fork_pinned. */
static enum pinpage_fork_pinned pinned_rule(void)
{
	return pp_rules->fork_pinned;
}

static bool pins_matter(const struct mm_struct *mm)
{
	return pinned_rule() != PINPAGE_FORK_SHARE && test_bit(MMF_HAS_PINNED, &mm->flags);
}

/*
 * Must the child get a copy of its own of this anonymous page? The mark of the
 * address space is read here, for each page, and not before: a first pin may
 * set it and be complete until the sequence turns odd.
 */
static bool needs_own_copy(const struct copy *c, const struct page *page)
{
	if (!c->cow || !pins_matter(c->src->vm_mm))
		return false;
	if (pp_rules_exclusive(NULL) && !PageAnonExclusive(page))
		return false;
	if (is_vm_hugetlb(c->src) && (!PageAnon(page) || !pp_hugetlb_fork_copies()))
		return false;
	return pp_maybe_dma_pinned(page);
}

static void begin_protect(struct mm_struct *mm, bool seq)
{
	if (!seq)
		return;
	pp_write_seqcount_begin(&mm->write_protect_seq);
	/*
	 * MB fork-vs-pin (E): the sequence is odd before MMF_HAS_PINNED and
	 * pin counts are read. Pairs with (F) in gup/fast.c [mark set, count
	 * raised, then the sequence read again]. Without it the walk sees the
	 * old sequence and fork the old count: a pinned page is shared.
	 * Test: gup/race fork_against_fast_pin.
	 */
	smp_mb();
}

static void end_protect(struct mm_struct *mm, bool seq)
{
	if (seq)
		pp_write_seqcount_end(&mm->write_protect_seq);
}

static pp_pte protect(struct copy *c, pp_pte *src, pp_pte pte, unsigned long addr,
		      unsigned long size)
{
	if (!c->cow || !(pte & PTE_WRITE))
		return pte;
	pte &= ~PTE_WRITE;
	pp_pte_put(src, pte);
	c->protected = true;
	pp_emit_pte(PTE_WRPROTECT, c->src->vm_mm, addr, pte, size);
	return pte;
}

/* what the child's entry says: old, and clean where the file keeps count */
static pp_pte childs(const struct copy *c, pp_pte pte)
{
	if (c->src->vm_flags & VM_SHARED)
		pte &= ~PTE_DIRTY;
	return pte & ~(PTE_ACCESSED | PTE_UFFD_WP);
}

/* the child's own copy, from c->spare; both page-table locks held */
static void copy_pinned(struct copy *c, struct page *page, pp_pte *dst, unsigned long addr)
{
	struct page *new = c->spare;
	pp_pte pte = pp_maybe_mkwrite(pp_mk_pte(new, c->dst) | PTE_MKDIRTY, c->dst);

	c->spare = NULL;
	pp_frame_copy(page_address(new), page_address(page), PAGE_SIZE);
	pp_add_new_anon_rmap(new, c->dst, addr);
	pp_pte_put(dst, pte);
	pp_emit(FORK_PINNED, PP_EV_PAGE(page), .mm = c->src->vm_mm, .addr = addr,
		.arg = (long)page_to_pfn(new));
}

/* 0; -EAGAIN: a spare page is needed. Both page-table locks held. */
static int copy_pte(struct copy *c, pp_pte *src, pp_pte *dst, unsigned long addr)
{
	pp_pte pte = *src;
	struct page *page;

	if (!pte_present(pte)) {
		pp_pte_put(dst, pp_nonpresent_fork(src, c->cow) & ~PTE_UFFD_WP);
		return 0;
	}
	page = pp_pte_normal_page(pte);
	if (page && PageAnon(page)) {
		if (needs_own_copy(c, page)) {
			if (!c->spare)
				return -EAGAIN;
			copy_pinned(c, page, dst, addr);
			return 0;
		}
		pp_emit(YIELD, PP_EV_PAGE(page), .mm = c->src->vm_mm, .addr = addr,
			.name = "fork-pin-test");
		/*
		 * pin-vs-share (B): the mark goes after the test for pins. A
		 * pin between the two saw the mark (A) in gup/grab.c; fork has
		 * missed it, so it undoes itself: fork-vs-pin (E), (F). Before
		 * 5.11 nobody does that.
		 */
		ClearPageAnonExclusive(page);
	}
	if (page) {
		pp_ref(compound_head(page));
		pp_dup_rmap(page);
	}
	pte = protect(c, src, pte, addr, PAGE_SIZE);
	pp_pte_put(dst, childs(c, pte));
	return 0;
}

/* the entries of [addr, end), which one PTE table holds */
static int copy_ptes(struct copy *c, unsigned long addr, unsigned long end)
{
	struct pp_table *from = pp_pte_table(c->src->vm_mm, addr), *to;
	unsigned int i;
	int err;

	if (!from)
		return 0;
	err = pp_pte_alloc(c->dst->vm_mm, addr);
	if (err)
		return -ENOMEM;
	to = pp_pte_table(c->dst->vm_mm, addr);
	while (addr < end) {
		pp_table_lock_pair(from, to);
		for (err = 0; !err && addr < end; addr += err ? 0 : PAGE_SIZE) {
			i = pte_index(addr);
			if (!pte_none(from->entry[i]))
				err = copy_pte(c, &from->entry[i], &to->entry[i], addr);
		}
		pp_table_unlock_pair(from, to);
		if (err && !(c->spare = pp_alloc_page(PINPAGE_GFP_MOVABLE)))
			return -ENOMEM;
	}
	return 0;
}

/* Locks held: a huge leaf that migrates, or has failed. Both sides find it again. */
static void copy_nonpresent(struct copy *c, pp_pte *src, struct pp_table *to,
			    unsigned int i, struct pp_table *spare)
{
	pp_deposit(to, spare);
	pp_pte_put(&to->entry[i], pp_nonpresent_fork(src, c->cow) & ~PTE_UFFD_WP);
}

/* A huge leaf: shared as a whole. 0; 1: copy it by PTEs; -ENOMEM. */
static int copy_huge(struct copy *c, unsigned long addr)
{
	struct pp_table *from = pp_pmd_table(c->src->vm_mm, addr), *to, *spare;
	unsigned int i = pmd_index(addr);
	struct page *head;
	pp_pte pmd;
	bool zero;

	/* a file's: the child's faults find it */
	if (!vma_is_anonymous(c->src) && !is_vm_hugetlb(c->src))
		return 0;
	spare = pp_table_alloc(0);
	if (!spare || pp_pmd_alloc(c->dst->vm_mm, addr)) {
		pp_table_free(spare);
		return -ENOMEM;
	}
	to = pp_pmd_table(c->dst->vm_mm, addr);
	pp_table_lock_pair(from, to);
	pmd = from->entry[i];
	if (pmd_is_huge(pmd) && !pte_present(pmd)) {
		copy_nonpresent(c, &from->entry[i], to, i, spare);
		pp_table_unlock_pair(from, to);
		return 0;
	}
	if (!pte_leaf(pmd)) {
		/* reclaim splits without mmap_lock */
		pp_table_unlock_pair(from, to);
		pp_table_free(spare);
		return 1;
	}
	head = pte_page(pmd);
	zero = pp_is_huge_zero(pmd);
	if (!zero && needs_own_copy(c, head)) {
		pp_table_unlock_pair(from, to);
		pp_table_free(spare);
		if (is_vm_hugetlb(c->src))
			return pp_hugetlb_fork_copy(c->src, c->dst, addr);
		pp_split_pmd(c->src, addr);
		return 1;
	}
	if (zero) {
		/* cannot fail: the parent keeps it */
		pp_huge_zero_get(c->dst->vm_mm);
	} else {
		pp_emit(YIELD, PP_EV_PAGE(head), .mm = c->src->vm_mm,
			.addr = addr, .name = "fork-pin-test");
		ClearPageAnonExclusive(head);
		pp_ref(head);
		pp_dup_huge_rmap(head);
	}
	pmd = protect(c, &from->entry[i], pmd, addr & PMD_MASK, PMD_SIZE);
	pp_deposit(to, spare);
	pp_pte_put(&to->entry[i], childs(c, pmd));
	pp_table_unlock_pair(from, to);
	return 0;
}

static int copy_range(struct copy *c)
{
	unsigned long addr = c->src->vm_start, end = c->src->vm_end, next;
	pp_pte *pmdp;
	int err = 0;

	for (; err >= 0 && addr < end; addr = next) {
		next = pp_pmd_end(addr, end);
		pmdp = pp_pmd_offset(c->src->vm_mm, addr);
		if (!pmdp) {
			next = min(end, (addr | (PUD_SIZE - 1)) + 1);
			continue;
		}
		err = 1;
		while (err > 0 && pmd_is_huge(pp_pte_get(pmdp))) {
			err = copy_huge(c, addr);
			/* a pinned page that failed meanwhile */
			if (err == -EAGAIN)
				err = 1;
		}
		if (err > 0)
			err = copy_ptes(c, addr, next);
	}
	return err;
}

/*
 * In an area without private pages a fault finds again what is there, unless a
 * driver put it there.
 * Mirrors: mm/memory.c:vma_needs_copy()
 */
static bool needs_copy(const struct vm_area_struct *src)
{
	return src->anon_vma || src->vm_flags & (VM_PFNMAP | VM_MIXEDMAP);
}

static int copy_area_pages(struct vm_area_struct *src, struct vm_area_struct *dst)
{
	struct mm_struct *mm = src->vm_mm;
	struct copy c = {
		.src = src, .dst = dst,
		.cow = is_cow_mapping(src->vm_flags),
	};
	bool seq = c.cow && pinned_rule() == PINPAGE_FORK_COPY_SEQ;
	struct pp_mmu_range range = { .told = 0 };
	int err;

	if (!needs_copy(src))
		return 0;
	if (c.cow)
		pp_mmu_invalidate_start(&range, mm, src->vm_start, src->vm_end,
					MMU_NOTIFY_PROTECTION_PAGE);
	begin_protect(mm, seq);
	err = copy_range(&c);
	end_protect(mm, seq);
	if (c.spare)
		pp_unref(c.spare);
	if (c.protected)
		pp_tlb_flush_range(mm, src->vm_start, src->vm_end);
	pp_mmu_invalidate_end(&range);
	return err;
}

static int copy_area(struct mm_struct *child, struct vm_area_struct *src)
{
	struct vm_area_struct *dst;
	int err;

	if (src->vm_flags & VM_DONTCOPY)
		return 0;
	dst = pp_vma_dup(src);
	if (!dst)
		return -ENOMEM;
	dst->vm_mm = child;
	dst->vm_flags &= ~(VM_LOCKED_MASK | VM_UFFD_ANY);
	dst->uffd = NULL;
	pp_hugetlb_resv_put(dst);	/* the parent's alone */
	if (!(dst->vm_flags & VM_WIPEONFORK))
		pp_anon_vma_join(dst, src);
	pp_vma_link(dst);
	err = dst->vm_flags & VM_WIPEONFORK ? 0 : copy_area_pages(src, dst);
	pp_vma_open(dst);
	return err;
}

static int copy_areas(struct mm_struct *child, struct mm_struct *mm)
{
	struct vm_area_struct *vma;
	int err = 0;

	for (vma = pp_find_vma(mm, 0); vma && !err; vma = pp_vma_next(vma))
		err = copy_area(child, vma);
	/* last: a scan may come at once */
	return err ? err : pp_ksm_fork(child, mm);
}

/*
 * The child is on the list of all address spaces: who walks that list
 * (khugepaged, swapoff) waits for its lock until the areas are there. Parent's
 * lock held; a walker holds the child's for a moment only.
 * Mirrors: kernel/fork.c:dup_mmap(), its nested mmap_write_lock().
 */
static void lock_child(struct mm_struct *child)
{
	while (!pinpage_down_write_trylock(&child->mmap_lock))
		pinpage_yield("fork-child-lock");
}

struct mm_struct *pinpage_fork_mm(struct mm_struct *mm)
{
	struct mm_struct *child;
	int err;

	if (!pp_ready() || !mm || atomic_read(&mm->mm_users) <= 0 ||
	    !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	child = pp_mm_new();
	if (!child)
		return ERR_PTR(-ENOMEM);
	pinpage_down_write(&mm->mmap_lock);
	lock_child(child);
	pp_emit(FORK, .mm = mm, .arg = (long)child->id);
	child->mmap_base = mm->mmap_base;
	child->user = pinpage_get_uid(mm->user);
	child->memlock = READ_ONCE(mm->memlock);
	err = copy_areas(child, mm);
	pp_mmap_unlock(child);
	pp_mmap_unlock(mm);
	if (err) {
		pinpage_mmput(child);
		return ERR_PTR(err);
	}
	return child;
}
