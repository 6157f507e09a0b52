// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mremap.c - growing, shrinking and moving areas
 *
 * I1. A move changes only where entries hang: frames, counts, pins stay.
 * I2. All tables that a move needs exist before the first entry moves, so it
 *     cannot fail half-way.
 * Mirrors: mm/mremap.c:move_vma(), move_page_tables() 6.1
 */
#include "mm/hugetlb.h"
#include "mm/ksm.h"
#include "mm/swapops.h"
#include "mm/uffd.h"

#ifndef MREMAP_DONTUNMAP
# define MREMAP_DONTUNMAP 4
#endif

struct move {
	struct vm_area_struct *vma, *new;
	unsigned long from, to, len;	/* bytes, page aligned */
	bool keep;			/* the old range stays mapped, empty */
};

static bool huge_at(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr);

	return pmdp && pmd_is_huge(pp_pte_get(pmdp));
}

/* end of the piece at @off that lies in one table on both sides */
static unsigned long piece_end(const struct move *m, unsigned long off)
{
	unsigned long a = pp_pmd_end(m->from + off, m->from + m->len) - m->from;
	unsigned long b = pp_pmd_end(m->to + off, m->to + m->len) - m->to;

	return min(a, b);
}

/* the tables that move_piece() will need; huge leaves that cannot go whole split */
static int prepare_tables(struct move *m)
{
	struct mm_struct *mm = m->vma->vm_mm;
	unsigned long off, next;
	pp_pte *pmdp;
	int err = 0;

	for (off = 0; off < m->len && err >= 0; off = next) {
		next = piece_end(m, off);
		pmdp = pp_pmd_offset(mm, m->from + off);
		if (!pmdp || pte_none(pp_pte_get(pmdp)))
			continue;
		if (huge_at(mm, m->from + off) && next - off == PMD_SIZE) {
			err = pp_pmd_alloc(mm, m->to + off);
			if (err || pte_none(pp_pte_get(pp_pmd_offset(mm, m->to + off))))
				continue;
		}
		pp_split_pmd(m->vma, m->from + off);
		err = pp_pte_alloc(mm, m->to + off);
	}
	return err < 0 ? err : 0;
}

static void move_leaf(struct mm_struct *mm, pp_pte *from, pp_pte *to,
		      unsigned long old_addr, unsigned long addr, unsigned long size)
{
	pp_pte pte = *from;

	pp_pte_put(from, 0);
	pp_emit_pte(PTE_CLEAR, mm, old_addr, pte, size);
	pte &= ~PTE_UFFD_WP;
	if (pp_entry_is_marker(pte) && !pp_entry_is_poison(pte))
		pte = 0;
	/* what tracks writes by address finds the page at a new one */
	if (pte_leaf(pte) || pp_entry_is_swap(pte) || pp_entry_is_migration(pte))
		pte |= PTE_SOFT_DIRTY;
	pp_pte_put(to, pte);
	pp_emit_pte(PTE_SET, mm, addr, pte, size);
}

static void move_huge(const struct move *m, unsigned long off)
{
	unsigned long from = m->from + off, to = m->to + off;
	struct mm_struct *mm = m->vma->vm_mm;
	struct pp_table *a = pp_pmd_table(mm, from), *b = pp_pmd_table(mm, to);

	pp_table_lock_pair(a, b);
	move_leaf(mm, &a->entry[pmd_index(from)], &b->entry[pmd_index(to)], from, to,
		  PMD_SIZE);
	pp_deposit(b, pp_withdraw(a));
	pp_table_unlock_pair(a, b);
}

static void move_ptes(const struct move *m, unsigned long off, unsigned long end)
{
	struct mm_struct *mm = m->vma->vm_mm;
	struct pp_table *a = pp_pte_table(mm, m->from + off);
	struct pp_table *b = pp_pte_table(mm, m->to + off);

	if (!a || !b)
		return;
	pp_table_lock_pair(a, b);
	for (; off < end; off += PAGE_SIZE) {
		unsigned long from = m->from + off, to = m->to + off;

		if (!pte_none(a->entry[pte_index(from)]))
			move_leaf(mm, &a->entry[pte_index(from)],
				  &b->entry[pte_index(to)], from, to, PAGE_SIZE);
	}
	pp_table_unlock_pair(a, b);
}

/* rmap locks held: is each table that the move needs there? */
static bool tables_ready(const struct move *m)
{
	struct mm_struct *mm = m->vma->vm_mm;
	unsigned long off, next;

	for (off = 0; off < m->len; off = next) {
		next = piece_end(m, off);
		if (pp_pte_table(mm, m->from + off) && !pp_pte_table(mm, m->to + off))
			return false;
	}
	return true;
}

/*
 * As prepare_tables(), except: on success the rmap locks are held. Until they
 * are, reclaim may split a huge leaf that was to move as a whole.
 */
static int prepare_and_lock(struct move *m)
{
	int err;

	while (!(err = prepare_tables(m))) {
		pp_vma_lock_rmap(m->vma);
		if (tables_ready(m))
			break;
		pp_vma_unlock_rmap(m->vma);
	}
	return err;
}

/* rmap locks held: no walk sees an entry in neither place */
static void move_tables(const struct move *m)
{
	unsigned long off, next;

	for (off = 0; off < m->len; off = next) {
		next = piece_end(m, off);
		if (huge_at(m->vma->vm_mm, m->from + off))
			move_huge(m, off);
		else
			move_ptes(m, off, next);
	}
	pp_tlb_flush_range(m->vma->vm_mm, m->from, m->from + m->len);
}

/* the area at the new place, linked, with nothing mapped yet */
static struct vm_area_struct *area_at(const struct move *m, unsigned long new_len)
{
	struct vm_area_struct *new = pp_vma_dup(m->vma);

	if (!new)
		return NULL;
	new->vm_start = m->to;
	new->vm_end = m->to + new_len;
	/* without UFFD_EVENT_REMAP the handler loses it */
	new->vm_flags &= ~VM_UFFD_ANY;
	new->uffd = NULL;
	new->vm_pgoff = pp_vma_pgoff(m->vma, m->from);
	if (vma_is_anonymous(new) && !m->vma->anon_vma)
		new->vm_pgoff = m->to >> PAGE_SHIFT;
	pp_anon_vma_join(new, m->vma);
	pp_vma_open(new);
	pp_vma_link(new);
	return new;
}

/* room at [to, to + new_len) is free; @m->len moves; mmap_lock held for writing */
static long move_area(struct mm_struct *mm, struct move *m, unsigned long old_len,
		      unsigned long new_len)
{
	struct vm_area_struct *new;
	struct pp_mmu_range range;
	int err = 0;

	/* what stays keeps its own promises of the pool */
	if (is_vm_hugetlb(m->vma))
		err = pp_vma_isolate(&m->vma, m->from, m->from + m->len);
	if (err)
		return err;
	/* KSM knows its pages by address: they must not move */
	if (m->vma->vm_flags & VM_MERGEABLE && pp_vma_anon(m->vma))
		err = pp_ksm_unmerge(m->vma, m->from, m->from + m->len);
	new = err ? NULL : area_at(m, new_len);
	if (!new)
		return -ENOMEM;
	if (m->len) {
		pp_mmu_invalidate_start(&range, mm, m->from, m->from + m->len,
					MMU_NOTIFY_UNMAP);
		err = prepare_and_lock(m);
		if (err) {
			pp_mmu_invalidate_end(&range);
			(void)pp_munmap_locked(mm, m->to, m->to + new_len);
			return err;
		}
		move_tables(m);
		pp_vma_unlock_rmap(m->vma);
		pp_mmu_invalidate_end(&range);
	}
	if (new->vm_flags & VM_LOCKED && !m->keep)
		mm->locked_vm += (long)(new_len >> PAGE_SHIFT);
	if (m->keep)
		m->vma->vm_flags &= ~VM_LOCKED_MASK;
	else	/* promises have moved along */
		pp_hugetlb_resv_put(m->vma);
	/* the old area may be the neighbour that the new one is joined with */
	pp_vma_merge(new);
	m->vma = NULL;
	if (m->keep)
		return (long)m->to;
	/* a split that finds no memory leaves the old range mapped, empty */
	if (old_len)
		(void)pp_munmap_locked(mm, m->from, m->from + old_len);
	return (long)m->to;
}

/* grow where it is; false: the way is blocked */
static bool grow_in_place(struct vm_area_struct *vma, unsigned long end, unsigned long add)
{
	struct vm_area_struct *next = pp_vma_next(vma);

	if (vma->vm_end != end || add > TASK_SIZE - end ||
	    (next && next->vm_start < end + add))
		return false;
	if (!pp_vma_expand(vma, end + add, vma->vm_flags, vma->vm_file,
			   pp_vma_pgoff(vma, end)))
		return false;
	if (vma->vm_flags & VM_LOCKED)
		vma->vm_mm->locked_vm += (long)(add >> PAGE_SHIFT);
	pp_vma_merge(vma);
	return true;
}

/* What one mremap() asks for; lengths page aligned. */
struct request {
	unsigned long addr, old_len, new_len, new_addr;
	int flags;
};

static int check_fixed(struct mm_struct *mm, const struct request *r)
{
	if (r->new_addr & ~PAGE_MASK || r->new_len > TASK_SIZE ||
	    r->new_addr > TASK_SIZE - r->new_len)
		return -EINVAL;
	if (r->new_addr < PP_MMAP_MIN)
		return -EPERM;
	if (r->addr + r->old_len > r->new_addr && r->new_addr + r->new_len > r->addr)
		return -EINVAL;
	return pp_munmap_locked(mm, r->new_addr, r->new_addr + r->new_len);
}

/*
 * Can the area lose its pages and stay? NULL: can any? The one place that reads
 * rules->mremap_dontunmap.
 */
static bool may_keep(const struct vm_area_struct *vma)
{
	enum pinpage_dontunmap rule = pp_rules->mremap_dontunmap;

	if (!vma || rule == PINPAGE_DONTUNMAP_NONE)
		return rule != PINPAGE_DONTUNMAP_NONE;
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP | VM_HUGETLB))
		return false;
	return rule == PINPAGE_DONTUNMAP_ANY ||
	       (vma_is_anonymous(vma) && !(vma->vm_flags & VM_SHARED));
}

/* The one place that reads rules->hugetlb_mremap. */
static bool hugetlb_moves(void)
{
	return pp_rules->hugetlb_mremap;
}

/* whole huge pages, and not more of them. Mirrors: mm/mremap.c:SYSCALL mremap */
static int check_hugetlb(const struct vm_area_struct *vma, struct request *r)
{
	if (!is_vm_hugetlb(vma) || !hugetlb_moves())
		return 0;
	r->old_len = ALIGN(r->old_len, PMD_SIZE);
	r->new_len = ALIGN(r->new_len, PMD_SIZE);
	if (r->addr & ~PMD_MASK || r->new_len > r->old_len ||
	    (r->flags & MREMAP_FIXED && r->new_addr & ~PMD_MASK))
		return -EINVAL;
	return 0;
}

static int check_area(const struct vm_area_struct *vma, const struct request *r)
{
	if (!vma)
		return -EFAULT;
	/* the old way: may shrink, but neither grow nor move */
	if (is_vm_hugetlb(vma) && !hugetlb_moves() &&
	    (r->new_len > r->old_len || r->flags & MREMAP_FIXED))
		return -EINVAL;
	if (!r->old_len && !(vma->vm_flags & (VM_SHARED | VM_MAYSHARE)))
		return -EINVAL;
	if (r->flags & MREMAP_DONTUNMAP && !may_keep(vma))
		return -EINVAL;
	if (r->old_len > vma->vm_end - r->addr)
		return -EFAULT;
	if (r->new_len <= r->old_len)
		return 0;
	if (vma->vm_flags & (VM_DONTEXPAND | VM_PFNMAP))
		return -EFAULT;
	return pp_mlock_future_ok(vma->vm_mm, vma->vm_flags,
				  (r->new_len - r->old_len) >> PAGE_SHIFT) ?
		0 : -EAGAIN;
}

static long remap_locked(struct mm_struct *mm, struct request *r)
{
	bool fixed = r->flags & MREMAP_FIXED;
	struct move m = {
		.from = r->addr, .keep = r->flags & MREMAP_DONTUNMAP,
	};
	int err;

	m.vma = pp_vma_lookup(mm, r->addr);
	if (!m.vma)
		return -EFAULT;
	err = check_hugetlb(m.vma, r);
	if (!err && fixed)
		err = check_fixed(mm, r);
	if (!err && r->old_len > r->new_len) {
		err = pp_munmap_locked(mm, r->addr + r->new_len, r->addr + r->old_len);
		r->old_len = r->new_len;
	}
	/* what does not move may lie in several areas */
	if (!err && !fixed && !m.keep && r->old_len == r->new_len)
		return (long)r->addr;
	m.vma = pp_vma_lookup(mm, r->addr);
	if (!err)
		err = check_area(m.vma, r);
	if (err)
		return err;
	if (!fixed && !m.keep && r->old_len &&
	    grow_in_place(m.vma, r->addr + r->old_len, r->new_len - r->old_len))
		return (long)r->addr;
	if (!(r->flags & MREMAP_MAYMOVE))
		return -ENOMEM;
	m.len = r->old_len;
	m.to = fixed ? r->new_addr :
	       pp_get_unmapped(mm, 0, r->new_len, r->new_len >= PMD_SIZE);
	return m.to ? move_area(mm, &m, r->old_len, r->new_len) : -ENOMEM;
}

static bool flags_ok(int flags, size_t old_len, size_t new_len)
{
	if (flags & ~(MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP) ||
	    (flags & MREMAP_DONTUNMAP && !may_keep(NULL)))
		return false;
	if (flags & MREMAP_DONTUNMAP && ALIGN(old_len, PAGE_SIZE) !=
					ALIGN(new_len, PAGE_SIZE))
		return false;
	return !(flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) ||
	       flags & MREMAP_MAYMOVE;
}

long pinpage_mremap(unsigned long addr, size_t old_len, size_t new_len, int flags,
		    unsigned long new_addr)
{
	struct request r = {
		.addr = addr, .old_len = ALIGN(old_len, PAGE_SIZE),
		.new_len = ALIGN(new_len, PAGE_SIZE), .new_addr = new_addr,
		.flags = flags,
	};
	struct mm_struct *mm;
	long ret;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	if (!flags_ok(flags, old_len, new_len) || addr & ~PAGE_MASK)
		return -EINVAL;
	if (!r.new_len || r.old_len < old_len || r.new_len < new_len)
		return -EINVAL;
	if (r.new_len > TASK_SIZE)
		return -ENOMEM;
	if (addr >= TASK_SIZE || r.old_len > TASK_SIZE - addr)
		return -EFAULT;
	mm = current->mm;
	pinpage_down_write(&mm->mmap_lock);
	ret = remap_locked(mm, &r);
	pp_mmap_unlock(mm);
	return ret;
}
