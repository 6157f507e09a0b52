// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * slow.c - the walk that may fault, under mmap_lock
 *
 * For each page: find the VMA and judge it, follow the page tables under their
 * lock, take the page there; what cannot be followed is faulted in and tried
 * again.
 *
 * Mirrors: mm/gup.c:__get_user_pages(), follow_page_mask(), faultin_page(),
 * check_vma_flags().
 */
#include "gup/gup.h"

#include "base/err.h"

struct slow_walk {
	struct mm_struct *mm;
	struct vm_area_struct *vma;
	unsigned int flags;
	struct page **pages;		/* NULL: populate only */
	struct vm_area_struct **vmas;	/* or NULL */
	int *locked;			/* or NULL: mmap_lock is never dropped */
	unsigned long nr;		/* wanted */
	unsigned long done;
};

static bool vma_is_fsdax(const struct vm_area_struct *vma)
{
	return vma->vm_file && vma->vm_file->f_mapping->a_ops->dax;
}

/* 0 if the VMA grants what @flags ask, else -EFAULT, -EOPNOTSUPP */
static int check_vma_flags(const struct vm_area_struct *vma,
			   unsigned int flags)
{
	unsigned long vm = vma->vm_flags;

	if (vm & (VM_IO | VM_PFNMAP))
		return -EFAULT;
	if ((flags & FOLL_ANON) && !vma_is_anonymous(vma))
		return -EFAULT;
	if ((flags & FOLL_LONGTERM) && vma_is_fsdax(vma) && pp_gup_fsdax_by_vma())
		return -EOPNOTSUPP;
	if (vma->vm_file && vma->vm_file->f_mapping->a_ops->secret)
		return -EFAULT;
	if ((flags & FOLL_SPLIT_PMD) && (vm & VM_HUGETLB) &&
	    pp_rules->hugetlb_split_refused)
		return -EOPNOTSUPP;
	if (flags & FOLL_WRITE) {
		if (pp_gup_banned_on_files(flags) &&
		    pp_vma_needs_dirty_tracking(vma))
			return -EFAULT;
		if (vm & VM_WRITE)
			return 0;
		if ((vm & VM_HUGETLB) && !pp_rules->hugetlb_force)
			return -EFAULT;
		return (flags & FOLL_FORCE) && is_cow_mapping(vm) ?
			0 : -EFAULT;
	}
	if (vm & VM_READ)
		return 0;
	return (flags & FOLL_FORCE) && (vm & VM_MAYREAD) ? 0 : -EFAULT;
}

/* A forced write meets a read-only PTE: may it go through? */
static bool force_write_ok(const struct vm_area_struct *vma,
			   unsigned int flags, pp_pte pte, struct page *page)
{
	if (!(flags & FOLL_FORCE) || (vma->vm_flags & VM_WRITE) ||
	    !is_cow_mapping(vma->vm_flags))
		return false;
	if (pte & PTE_UFFD_WP && vma->vm_flags & VM_UFFD_WP)
		return false;
	switch (pp_rules->force_write) {
	case PINPAGE_FORCE_DROP_WRITE:
		return flags & FOLL_COW;
	case PINPAGE_FORCE_FOLL_COW:
		return (flags & FOLL_COW) && (pte & PTE_DIRTY);
	case PINPAGE_FORCE_EXCLUSIVE:
		/* what a write fault would have to note, only a fault can */
		if (pte & PTE_UFFD_WP ||
		    (!(vma->vm_flags & VM_SOFTDIRTY) && !(pte & PTE_SOFT_DIRTY)))
			return false;
		return PageAnon(page) && PageAnonExclusive(page);
	}
	return false;
}

/* where PG_anon_exclusive is: under a huge leaf in the head */
static struct page *marked_page(pp_pte pte, struct page *page)
{
	return pte & PTE_HUGE ? compound_head(page) : page;
}

/*
 * May the walk take what is behind a PROT_NONE entry, a hint for NUMA balancing
 * or an area without rights? The one place that reads rules->numa_follow.
 * Mirrors: include/linux/mm.h:gup_can_follow_protnone()
 */
static bool may_follow_protnone(const struct slow_walk *walk)
{
	if (!pp_rules->numa_follow)
		return walk->flags & FOLL_FORCE;
	return !(walk->flags & FOLL_HONOR_NUMA_FAULT) ||
	       !(walk->vma->vm_flags & (VM_READ | VM_WRITE | VM_EXEC));
}

static bool may_follow(const struct slow_walk *walk, pp_pte pte,
		       struct page *page)
{
	if ((pte & PTE_PROT_NONE) && !may_follow_protnone(walk))
		return false;
	if (!(walk->flags & FOLL_WRITE) || (pte & PTE_WRITE))
		return true;
	return force_write_ok(walk->vma, walk->flags, pte,
			      marked_page(pte, page));
}

/* Under the page-table lock: what FOLL_TOUCH and dirty-at-pin do. */
static void touch(unsigned int flags, pp_pte pte, struct page *head)
{
	if (pp_gup_dirties(flags) && !PageDirty(head))
		pp_set_page_dirty(head);
	if (!(flags & FOLL_TOUCH))
		return;
	if ((flags & FOLL_WRITE) && !(pte & PTE_DIRTY) && !PageDirty(head))
		pp_set_page_dirty(head);
	pp_mark_accessed(head);
}

/*
 * From 5.13 to 6.4 a page of hugetlb that a long-term pin would have to move was
 * no page at all. The one place that reads rules->hugetlb_longterm_enomem.
 * Mirrors: mm/gup.c:try_grab_folio() in follow_hugetlb_page()
 */
static bool hugetlb_unfit(const struct page *head, unsigned int flags)
{
	return unlikely(PageHugetlb(head)) && flags & FOLL_LONGTERM && flags & FOLL_PIN &&
	       pp_rules->hugetlb_longterm_enomem && !pp_longterm_pinnable(head);
}

/*
 * Take @refs pages at @page behind the locked entry @pte.
 * NULL: fault first; ERR_PTR(-EMLINK): unshare first; other errors are final.
 */
static struct page *take_locked(struct slow_walk *walk, pp_pte pte,
				struct page *page, unsigned long refs)
{
	int error;

	if (!may_follow(walk, pte, page))
		return NULL;
	if ((walk->flags & FOLL_DUMP) &&
	    (page == pp_zero_page || compound_head(page) == pp_huge_zero_page))
		return ERR_PTR(-EFAULT);
	if (!(pte & PTE_WRITE) &&
	    pp_gup_must_unshare(walk->vma, walk->flags, marked_page(pte, page)))
		return ERR_PTR(-EMLINK);
	if (hugetlb_unfit(compound_head(page), walk->flags))
		return ERR_PTR(-ENOMEM);
	error = pp_gup_grab(page, (int)refs, walk->flags);
	if (error)
		return ERR_PTR(error);
	touch(walk->flags, pte, compound_head(page));
	return page;
}

static struct page *follow_huge(struct slow_walk *walk, unsigned long addr,
				pp_pte *pmdp, unsigned long *refs)
{
	struct pp_table *table = pp_pmd_table(walk->mm, addr);
	unsigned long left = PTRS_PER_TABLE - pte_index(addr);
	struct page *page = NULL;
	pp_pte pmd;

	*refs = min(left, walk->nr - walk->done);
	*refs = min(*refs, (walk->vma->vm_end - addr) >> PAGE_SHIFT);
	pinpage_spin_lock(&table->lock);
	pmd = pp_pte_get(pmdp);
	if (pte_leaf(pmd))
		page = take_locked(walk, pmd, pte_page(pmd) + pte_index(addr),
				   *refs);
	pinpage_spin_unlock(&table->lock);
	return page;
}

/* Nothing is there: a dump leaves the hole a hole. Mirrors: no_page_table() */
static struct page *nothing_there(const struct slow_walk *walk)
{
	return walk->flags & FOLL_DUMP && vma_is_anonymous(walk->vma) ?
		ERR_PTR(-EFAULT) : NULL;
}

/* An entry without a struct page. Mirrors: mm/gup.c:follow_pfn_pte() */
static struct page *no_page(const struct slow_walk *walk)
{
	if (walk->flags & FOLL_DUMP)
		return ERR_PTR(-EFAULT);
	if (walk->flags & FOLL_GET && !pp_rules->pfn_eexist)
		return ERR_PTR(-EFAULT);
	return ERR_PTR(-EEXIST);
}

static struct page *follow_pte(struct slow_walk *walk, unsigned long addr)
{
	struct pp_table *table;
	struct page *page = NULL;
	pp_pte *ptep = pp_pte_lock(walk->mm, addr, &table);
	pp_pte pte;

	if (!ptep)
		return NULL;
	pte = pp_pte_get(ptep);
	if (pte_present(pte) && pte & PTE_SPECIAL && pte_page(pte) != pp_zero_page)
		page = no_page(walk);
	else if (pte_present(pte))
		page = take_locked(walk, pte, pte_page(pte), 1);
	else if (pte_none(pte))
		page = nothing_there(walk);
	pinpage_spin_unlock(&table->lock);
	return page;
}

/* as take_locked(); *refs: pages taken, starting at the returned one */
static struct page *follow_page(struct slow_walk *walk, unsigned long addr,
				unsigned long *refs)
{
	pp_pte *pmdp = pp_pmd_offset(walk->mm, addr);
	pp_pte pmd = pmdp ? pp_pte_get(pmdp) : 0;

	*refs = 1;
	/* neither table nor leaf: a huge leaf is on its way. Mirrors: pmd_present() */
	if (pte_none(pmd) || (pmd_is_huge(pmd) && !pte_leaf(pmd)))
		return nothing_there(walk);
	if (pte_leaf(pmd)) {
		if (!(walk->flags & FOLL_SPLIT_PMD) ||
		    (walk->vma->vm_flags & VM_HUGETLB))
			return follow_huge(walk, addr, pmdp, refs);
		pp_split_pmd(walk->vma, addr);
		if (pp_pte_alloc(walk->mm, addr) < 0)
			return ERR_PTR(-ENOMEM);
	}
	return follow_pte(walk, addr);
}

static unsigned int fault_flags_of(unsigned int flags, bool unshare,
				   bool droppable)
{
	unsigned int fault = 0;

	if (droppable)
		fault |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	if (droppable && (flags & FOLL_INTERRUPTIBLE))
		fault |= FAULT_FLAG_INTERRUPTIBLE;
	if (flags & FOLL_TRIED)
		fault |= FAULT_FLAG_TRIED;

	if (flags & FOLL_WRITE)
		fault |= FAULT_FLAG_WRITE;
	if (flags & FOLL_REMOTE)
		fault |= FAULT_FLAG_REMOTE;
	if (flags & FOLL_NOWAIT)
		fault |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_NOWAIT;
	if (unshare)
		fault |= FAULT_FLAG_UNSHARE;
	return fault;
}

/*
 * A forced write broke COW of the page at hand: the older rules ask for that,
 * see force_write_ok().
 */
static void note_cow(struct slow_walk *walk)
{
	if ((walk->flags & FOLL_WRITE) && !(walk->vma->vm_flags & VM_WRITE))
		walk->flags |= FOLL_COW;
}

/*
 * May a walk fault that was told not to? The one place that reads
 * rules->hugetlb_nofault. Mirrors: mm/hugetlb.c:follow_hugetlb_page() 6.1
 */
static bool may_fault(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_HUGETLB && !pp_rules->hugetlb_nofault;
}

/*
 * 0: follow again; else a final -errno, -EBUSY among them: FOLL_NOWAIT gives
 * up, or mmap_lock was dropped and walk->vma with it
 */
static int faultin_page(struct slow_walk *walk, unsigned long addr,
			bool unshare)
{
	int error;

	if (walk->flags & FOLL_NOFAULT && !may_fault(walk->vma))
		return -EFAULT;
	error = pp_handle_mm_fault(walk->vma, addr,
				   fault_flags_of(walk->flags, unshare,
						  walk->locked != NULL));
	if (error > 0) {
		*walk->locked = 0;
		return -EBUSY;
	}
	if (error == -EHWPOISON)
		return walk->flags & FOLL_HWPOISON ? -EHWPOISON : -EFAULT;
	if (!error)
		note_cow(walk);
	if (error == -EAGAIN)
		return walk->flags & FOLL_NOWAIT ? -EBUSY : 0;
	return error;
}

/* the page at @addr, faulting as needed; ERR_PTR */
static struct page *follow_or_fault(struct slow_walk *walk,
				    unsigned long addr, unsigned long *refs)
{
	walk->flags &= ~FOLL_COW;
	for (;;) {
		struct page *page;
		int error;

		if (pinpage_fatal_signal_pending())
			return ERR_PTR(-EINTR);
		pinpage_cond_resched();
		page = follow_page(walk, addr, refs);
		if (page && PTR_ERR_OR_ZERO(page) != -EMLINK) {
			if (PTR_ERR_OR_ZERO(page) != -EHWPOISON)
				return page;
			return ERR_PTR(walk->flags & FOLL_HWPOISON ?
				       -EHWPOISON : -EFAULT);
		}
		error = faultin_page(walk, addr, page != NULL);
		if (error)
			return ERR_PTR(error);
	}
}

static void store(struct slow_walk *walk, struct page *page,
		  unsigned long refs)
{
	unsigned long i;

	for (i = 0; i < refs; i++) {
		if (walk->pages)
			walk->pages[walk->done + i] = page + i;
		if (walk->vmas)
			walk->vmas[walk->done + i] = walk->vma;
	}
	walk->done += refs;
}

/* 0 with walk->vma granting the access, or -EFAULT */
static int enter_vma(struct slow_walk *walk, unsigned long addr)
{
	if (walk->vma && addr >= walk->vma->vm_start &&
	    addr < walk->vma->vm_end)
		return 0;
	walk->vma = pp_vma_lookup(walk->mm, addr);
	return walk->vma ? check_vma_flags(walk->vma, walk->flags) : -EFAULT;
}

/* The vsyscall page, above all areas. Mirrors: mm/gup.c:get_gate_page() */
static struct page *follow_gate(struct slow_walk *walk)
{
	struct page *page = pp_gate_page(&walk->vma);
	int error;

	if (!page || walk->flags & FOLL_WRITE)
		return ERR_PTR(-EFAULT);
	error = pp_gup_grab(page, 1, walk->flags);
	return error ? ERR_PTR(error) : page;
}

/* the page at @addr, taken; ERR_PTR */
static struct page *next_page(struct slow_walk *walk, unsigned long addr,
			      unsigned long *refs)
{
	int error;

	if (unlikely(addr == PP_VSYSCALL_ADDR))
		return follow_gate(walk);
	error = enter_vma(walk, addr);
	return error ? ERR_PTR(error) : follow_or_fault(walk, addr, refs);
}

/**
 * pp_gup_slow() - take pages one by one, faulting in what is missing
 * @mm:       target
 * @start:    byte address, rounded down to a page
 * @nr_pages: wanted
 * @flags:    internal and caller's FOLL_*
 * @pages:    out, or NULL to populate only
 * @vmas:     out, or NULL
 * @locked:   NULL: mmap_lock stays held. Else 1; 0 on return: it was dropped,
 *            and the page behind those returned has to be tried again
 *
 * Context: process; may sleep. Locking: mmap_lock held; kept unless @locked.
 * Return: leading pages taken (0 only for none wanted, FOLL_NOWAIT, or when
 * the lock was dropped), else
 * -EFAULT, -EHWPOISON, -ENOMEM, -EINTR; a partial result beats an error.
 * Mirrors: mm/gup.c:__get_user_pages()
 */
long pp_gup_slow(struct mm_struct *mm, unsigned long start,
		 unsigned long nr_pages, unsigned int flags,
		 struct page **pages, struct vm_area_struct **vmas,
		 int *locked)
{
	struct slow_walk walk = {
		.mm = mm, .flags = flags, .pages = pages, .vmas = vmas,
		.nr = nr_pages, .locked = locked,
	};
	int error = 0;

	start &= PAGE_MASK;
	while (walk.done < nr_pages) {
		unsigned long addr = start + (walk.done << PAGE_SHIFT);
		unsigned long refs = 1;
		struct page *page;

		error = -EFAULT;
		if (addr < start)
			break;
		page = next_page(&walk, addr, &refs);
		error = PTR_ERR_OR_ZERO(page);
		if (error == -EEXIST && !pages) {
			walk.done++;	/* populating: it is there */
			continue;
		}
		if (error)
			break;
		store(&walk, page, refs);
	}
	if (walk.done)
		return (long)walk.done;
	return error == -EBUSY ? 0 : error;
}
