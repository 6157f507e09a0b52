// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_move.c - userfaultfd's answer without a copy: pages move between addresses
 *
 * I1. A page moves only if it is this process's alone and not pinned, which is
 *     asked again after its entry is cleared.
 * I2. What is in swap moves as an entry; a page in the swap cache learns its
 *     new address under its lock.
 * Mirrors: mm/userfaultfd.c:move_pages_pte() 6.8, move_swap_pte() as of 6.15.
 */
#include "mm/uffd.h"
#include "mm/swap.h"

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

/* @head, locked, or NULL: what the swap cache has for @entry; 0, -EAGAIN, -EEXIST */
static int move_entry(const struct move *m, pp_pte entry, struct page *head)
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
	if (!pte_none(*to)) {
		err = -EEXIST;
	} else if (*from == entry && pp_swap_cached(pp_swp_of_pte(entry)) == !!head) {
		pp_pte_put(from, 0);
		if (head && PageAnon(head)) {
			WRITE_ONCE(head->mapping,
				   (void *)((unsigned long)pp_vma_anon(m->to) |
					    PAGE_MAPPING_ANON));
			WRITE_ONCE(head->index, pp_vma_pgoff(m->to, m->dst));
		}
		pp_pte_put(to, entry | PTE_SOFT_DIRTY);
		err = 0;
	}
	pp_table_unlock_pair(a, b);
	return err;
}

/* Mirrors: mm/userfaultfd.c:move_swap_pte() */
static int move_swapped(const struct move *m, pp_pte entry)
{
	struct page *head;
	int err;

	if (!(entry & PTE_SWP_EXCLUSIVE))
		return -EBUSY;
	if (pp_pte_alloc(m->to->vm_mm, m->dst))
		return -ENOMEM;
	head = pp_swap_cache_get(pp_swp_of_pte(entry));
	if (!head)
		return move_entry(m, entry, NULL);
	pp_lock_page(head);
	err = PageSwapCache(head) && pp_page_swp(head) == pp_swp_of_pte(entry) ?
		move_entry(m, entry, head) : -EAGAIN;
	pp_unlock_page(head);
	pp_unref(head);
	return err;
}

/* neither empty nor present */
static int move_nonpresent(const struct move *m, pp_pte entry)
{
	if (pp_entry_is_swap(entry))
		return move_swapped(m, entry);
	if (!pp_entry_is_migration(entry))
		return -EFAULT;
	pp_migration_wait(m->from->vm_mm, m->src);
	return -EAGAIN;
}

/*
 * what is at m->src, with a reference; NULL: nothing, or *entry says what;
 * ERR_PTR(-EBUSY)
 */
static struct page *page_to_move(const struct move *m, pp_pte *entry)
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
	else if (pte_present(*ptep))
		page = ERR_PTR(-EBUSY);
	else
		*entry = *ptep;
	pinpage_spin_unlock(&table->lock);
	return page;
}

static int move_one(const struct move *m, unsigned int mode)
{
	pp_pte entry = 0;
	struct page *page = page_to_move(m, &entry);
	struct anon_vma *av;
	int err;

	if (entry)
		return move_nonpresent(m, entry);
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
	m->to = pp_uffd_area(uffd, m->dst, len);
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
	err = pp_uffd_begin(uffd, dst, len, mode, PINPAGE_UFFD_SRC_HOLES | PINPAGE_UFFD_DONTWAKE);
	return err ? err : pp_uffd_end(uffd, dst, move_pages(uffd, &m, len, mode), mode);
}
