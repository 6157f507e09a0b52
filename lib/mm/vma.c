// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/vma.c - areas: find, link, split, merge
 *
 * I1. The areas of an address space do not overlap; the tree is in order of
 *     vm_start. An area changes bounds only with mmap_lock held for writing
 *     and its reverse-map locks held (pp_vma_lock_rmap()), since the reverse
 *     map reads them without mmap_lock.
 * I2. Only this file touches the tree.
 * Mirrors: mm/mmap.c:find_vma(), __split_vma(), vma_merge().
 */
#include "mm/hugetlb.h"

static struct pp_cache vma_cache;

static int pp_vma_cmp(struct vm_area_struct *a, struct vm_area_struct *b)
{
	return a->vm_start < b->vm_start ? -1 : a->vm_start > b->vm_start;
}

RB_GENERATE_INTERNAL(pp_vma_tree, vm_area_struct, node, pp_vma_cmp, static pp_maybe_unused)

void pp_vma_boot(void)
{
	pp_cache_init(&vma_cache, "vm_area_struct", sizeof(struct vm_area_struct));
}

void pp_vma_shutdown(void)
{
	pp_cache_destroy(&vma_cache);
}

/**
 * pp_vma_alloc() - an empty area of @mm, on no list
 *
 * Context: any. Return: for pp_vma_free(), or NULL.
 */
struct vm_area_struct *pp_vma_alloc(struct mm_struct *mm)
{
	struct vm_area_struct *vma = pp_cache_zalloc(&vma_cache);

	if (!vma)
		return NULL;
	vma->vm_mm = mm;
	return vma;
}

/* As pp_vma_alloc(), except: a copy, with its own file reference, without anon_vma. */
struct vm_area_struct *pp_vma_dup(const struct vm_area_struct *vma)
{
	struct vm_area_struct *new = pp_cache_zalloc(&vma_cache);

	if (!new)
		return NULL;
	/* the nodes behind change with their trees, under other locks */
	__builtin_memcpy(new, vma, offsetof(struct vm_area_struct, anon_vma));
	if (new->vm_file)
		pp_get_file(new->vm_file);
	pp_hugetlb_resv_get(new);
	return new;
}

/**
 * pp_vma_free() - drop an area that is on no list
 *
 * An area of a file waits for pp_mmap_unlock(): the last reference of a file
 * takes locks that come before mmap_lock.
 *
 * Context: process. Locking: mmap_lock held for writing, or nobody else knows
 * the address space.
 */
void pp_vma_free(struct vm_area_struct *vma)
{
	if (!vma->vm_file) {
		pp_cache_free(&vma_cache, vma);
		return;
	}
	RB_LEFT(vma, node) = vma->vm_mm->dead;
	vma->vm_mm->dead = vma;
}

/**
 * pp_mmap_unlock() - end of a change: drop mmap_lock, then the areas that went
 *
 * Context: process; may sleep. Locking: mmap_lock held for writing; dropped.
 */
void pp_mmap_unlock(struct mm_struct *mm)
{
	struct vm_area_struct *vma = mm->dead, *next;

	mm->dead = NULL;
	pinpage_up_write(&mm->mmap_lock);
	for (; vma; vma = next) {
		next = RB_LEFT(vma, node);
		pp_hugetlb_resv_put(vma);
		pp_fput(vma->vm_file);
		pp_cache_free(&vma_cache, vma);
	}
}

/**
 * pp_find_vma() - the first area that ends above an address
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  the area, which may start above @addr, or NULL.
 * Mirrors: mm/mmap.c:find_vma()
 */
struct vm_area_struct *pp_find_vma(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = READ_ONCE(mm->vma_cache), *best = NULL;

	if (vma && vma->vm_start <= addr && addr < vma->vm_end)
		return vma;
	vma = RB_ROOT(&mm->vmas);
	while (vma) {
		if (vma->vm_end > addr) {
			best = vma;
			if (vma->vm_start <= addr)
				break;
			vma = RB_LEFT(vma, node);
		} else {
			vma = RB_RIGHT(vma, node);
		}
	}
	if (best)
		WRITE_ONCE(mm->vma_cache, best);
	return best;
}

struct vm_area_struct *pp_vma_next(struct vm_area_struct *vma)
{
	return RB_NEXT(pp_vma_tree, NULL, vma);
}

struct vm_area_struct *pp_vma_prev(struct vm_area_struct *vma)
{
	return RB_PREV(pp_vma_tree, NULL, vma);
}

bool pp_vma_needs_dirty_tracking(const struct vm_area_struct *vma)
{
	unsigned long both = VM_SHARED | VM_WRITE;

	return (vma->vm_flags & both) == both && vma->vm_file &&
	       vma->vm_file->f_mapping->a_ops->dirty_tracked;
}

/* i_mmap side */

static void i_mmap_lock(struct address_space *mapping)
{
	if (unlikely(pp_mm_breaking))
		pp_rwsem_init(&mapping->i_mmap_rwsem, "i_mmap", PINPAGE_RANK_I_MMAP);
	pinpage_down_write(&mapping->i_mmap_rwsem);
}

/* the next two: caller holds i_mmap_rwsem */
static void i_mmap_add(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file->f_mapping;

	pp_interval_insert(&mapping->i_mmap, &vma->shared, vma->vm_pgoff,
			   pp_vma_last_pgoff(vma));
	if (pp_may_write_file(vma->vm_flags))
		atomic_inc(&mapping->i_mmap_writable);
}

static void i_mmap_del(struct vm_area_struct *vma)
{
	struct address_space *mapping = vma->vm_file->f_mapping;

	pp_interval_remove(&mapping->i_mmap, &vma->shared);
	if (pp_may_write_file(vma->vm_flags))
		atomic_dec(&mapping->i_mmap_writable);
}

/**
 * pp_vma_lock_rmap() - keep the reverse map away from an area
 *
 * Context: process. Locking: mmap_lock held for writing; takes i_mmap_rwsem
 * and anon_vma->rwsem for writing, as far as the area has them.
 */
void pp_vma_lock_rmap(struct vm_area_struct *vma)
{
	if (vma->vm_file)
		i_mmap_lock(vma->vm_file->f_mapping);
	if (vma->anon_vma)
		pinpage_down_write(&vma->anon_vma->rwsem);
}

void pp_vma_unlock_rmap(struct vm_area_struct *vma)
{
	if (vma->anon_vma)
		pinpage_up_write(&vma->anon_vma->rwsem);
	if (vma->vm_file)
		pinpage_up_write(&vma->vm_file->f_mapping->i_mmap_rwsem);
}

/**
 * pp_vma_set_bounds() - an area covers another range from now on
 * @vma:   keeps its places in the reverse map
 * @start, @end: bytes, page aligned
 * @pgoff: of @start
 *
 * Context: process. Locking: mmap_lock held for writing, and the reverse map
 * kept away by pp_vma_lock_rmap().
 * Mirrors: mm/mmap.c:__vma_adjust()
 */
void pp_vma_set_bounds(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, unsigned long pgoff)
{
	bool in_file = vma->shared.linked;

	if (in_file)
		i_mmap_del(vma);
	if (vma->anon_vma)
		pp_interval_remove(&vma->anon_vma->areas, &vma->anon_vma_chain);
	vma->vm_start = start;
	vma->vm_end = end;
	vma->vm_pgoff = pgoff;
	if (vma->anon_vma)
		pp_anon_vma_insert(vma);
	if (in_file)
		i_mmap_add(vma);
}

/**
 * pp_vma_link() - put an area into its address space and its file's tree
 * @vma: its anon_vma, if any, has been joined
 *
 * Context: process. Locking: mmap_lock held for writing, or the address space
 * is not known to anybody yet.
 */
void pp_vma_link(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	if (RB_INSERT(pp_vma_tree, &mm->vmas, vma))
		pp_bug("two areas start at %#lx", vma->vm_start);
	if (vma->vm_file) {
		i_mmap_lock(vma->vm_file->f_mapping);
		i_mmap_add(vma);
		pinpage_up_write(&vma->vm_file->f_mapping->i_mmap_rwsem);
	}
	mm->total_vm += (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
}

/* out of the tree alone; the reverse map still finds it */
void pp_vma_erase(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;

	RB_REMOVE(pp_vma_tree, &mm->vmas, vma);
	WRITE_ONCE(mm->vma_cache, NULL);
	mm->total_vm -= (vma->vm_end - vma->vm_start) >> PAGE_SHIFT;
	if (vma->vm_flags & VM_LOCKED)
		mm->locked_vm -= (long)((vma->vm_end - vma->vm_start) >> PAGE_SHIFT);
}

/* from here on no reverse-map walk reaches the area through its file */
void pp_vma_unlink_file(struct vm_area_struct *vma)
{
	if (!vma->shared.linked)
		return;
	i_mmap_lock(vma->vm_file->f_mapping);
	i_mmap_del(vma);
	pinpage_up_write(&vma->vm_file->f_mapping->i_mmap_rwsem);
}

/**
 * pp_vma_split() - cut an area in two
 * @vma:       keeps its pages; on return one of the halves
 * @addr:      page aligned, inside
 * @new_below: the new area is the lower half, else the upper
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -ENOMEM, -EINVAL (inside a page of hugetlb), what may_split() says
 *          (nothing changed).
 * Mirrors: mm/mmap.c:__split_vma()
 */
int pp_vma_split(struct vm_area_struct *vma, unsigned long addr, bool new_below)
{
	unsigned long pgoff = pp_vma_pgoff(vma, addr);
	struct vm_area_struct *new;
	int err;

	if (is_vm_hugetlb(vma) && addr & ~PMD_MASK)
		return -EINVAL;
	err = pp_vma_may_split(vma, addr);
	if (err)
		return err;
	new = pp_vma_dup(vma);
	if (!new)
		return -ENOMEM;
	pp_split_pmd_at(vma, addr);
	pp_vma_lock_rmap(vma);
	if (new_below) {
		new->vm_end = addr;
		pp_vma_set_bounds(vma, addr, vma->vm_end, pgoff);
	} else {
		new->vm_start = addr;
		new->vm_pgoff = pgoff;
		pp_vma_set_bounds(vma, vma->vm_start, addr, vma->vm_pgoff);
	}
	pp_anon_vma_join(new, vma);
	if (new->vm_file)
		i_mmap_add(new);
	pp_vma_unlock_rmap(vma);
	WRITE_ONCE(vma->vm_mm->vma_cache, NULL);
	if (RB_INSERT(pp_vma_tree, &vma->vm_mm->vmas, new))
		pp_bug("two areas start at %#lx", new->vm_start);
	pp_vma_open(new);
	return 0;
}

/**
 * pp_vma_isolate() - make the part of an area inside a range an area
 * @vmap:  in: overlaps [@start, @end); out: the part inside, still that object
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -ENOMEM.
 */
int pp_vma_isolate(struct vm_area_struct **vmap, unsigned long start, unsigned long end)
{
	struct vm_area_struct *vma = *vmap;
	int err = 0;

	if (start > vma->vm_start)
		err = pp_vma_split(vma, start, true);
	if (!err && end < vma->vm_end)
		err = pp_vma_split(vma, end, false);
	return err;
}

/* may @b, which follows @a, become part of it (or the other way)? */
static bool mergeable(const struct vm_area_struct *a, const struct vm_area_struct *b)
{
	if (a->vm_ops != b->vm_ops || (a->vm_ops && a->vm_ops->close))
		return false;
	return !(a->vm_flags & VM_SPECIAL) && !is_vm_hugetlb(a) && a->vm_end == b->vm_start &&
	       !((a->vm_flags ^ b->vm_flags) & ~VM_SOFTDIRTY) &&
	       a->vm_file == b->vm_file && a->uffd == b->uffd &&
	       a->vm_pgoff + ((a->vm_end - a->vm_start) >> PAGE_SHIFT) == b->vm_pgoff &&
	       (a->anon_vma == b->anon_vma || !a->anon_vma || !b->anon_vma);
}

/* @keep swallows its neighbour @gone; the one with anonymous pages is kept */
static void merge_into(struct vm_area_struct *keep, struct vm_area_struct *gone)
{
	struct mm_struct *mm = keep->vm_mm;

	RB_REMOVE(pp_vma_tree, &mm->vmas, gone);
	WRITE_ONCE(mm->vma_cache, NULL);
	pp_vma_lock_rmap(keep);
	keep->vm_flags |= gone->vm_flags & VM_SOFTDIRTY;
	if (gone->vm_end == keep->vm_start)
		pp_vma_set_bounds(keep, gone->vm_start, keep->vm_end, gone->vm_pgoff);
	else
		pp_vma_set_bounds(keep, keep->vm_start, gone->vm_end, keep->vm_pgoff);
	if (gone->vm_file)
		i_mmap_del(gone);
	pp_vma_unlock_rmap(keep);
	pp_anon_vma_leave(gone);
	pp_vma_free(gone);
}

/**
 * pp_vma_merge() - join an area with equal neighbours
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  the area that now covers what @vma covered (@vma may be freed).
 * Mirrors: mm/mmap.c:vma_merge()
 */
struct vm_area_struct *pp_vma_merge(struct vm_area_struct *vma)
{
	struct vm_area_struct *prev = pp_vma_prev(vma), *next, *gone;

	if (prev && mergeable(prev, vma)) {
		gone = prev->anon_vma ? vma : prev;
		vma = prev->anon_vma ? prev : vma;
		merge_into(vma, gone);
	}
	next = pp_vma_next(vma);
	if (next && mergeable(vma, next)) {
		gone = next->anon_vma && !vma->anon_vma ? vma : next;
		vma = gone == next ? vma : next;
		merge_into(vma, gone);
	}
	return vma;
}

/**
 * pp_vma_expand() - let an area grow over a free range behind it
 * @prev:  ends where the range begins
 * @end:   of the range
 * @flags, @file, @pgoff: what the range's own area would have
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  false if it must get an area of its own.
 */
bool pp_vma_expand(struct vm_area_struct *prev, unsigned long end,
		   unsigned long flags, struct file *file, unsigned long pgoff)
{
	if (is_vm_hugetlb(prev) || (prev->vm_flags ^ flags) & ~VM_SOFTDIRTY ||
	    prev->vm_file != file ||
	    pp_vma_pgoff(prev, prev->vm_end) != pgoff)
		return false;
	prev->vm_mm->total_vm += (end - prev->vm_end) >> PAGE_SHIFT;
	pp_vma_lock_rmap(prev);
	prev->vm_flags |= flags & VM_SOFTDIRTY;
	pp_vma_set_bounds(prev, prev->vm_start, end, prev->vm_pgoff);
	pp_vma_unlock_rmap(prev);
	return true;
}
