// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mmap.c - mmap, munmap, and the end of an address space
 *
 * I1. New areas go upwards from mm->mmap_base, so that addresses depend on the
 *     sequence of calls alone.
 * I2. Taking areas away: out of the tree, then their entries, then out of the
 *     reverse map, then tables, then the areas.
 * Mirrors: mm/mmap.c:do_mmap(), do_munmap(), exit_mmap() 6.1.
 */
#include "mm/hugetlb.h"
#include "mm/ksm.h"
#include "pagecache/seals.h"

#ifndef MAP_SHARED_VALIDATE
# define MAP_SHARED_VALIDATE 0x03
#endif
#ifndef MAP_FIXED_NOREPLACE
# define MAP_FIXED_NOREPLACE 0x100000
#endif
#ifndef MAP_SYNC
# define MAP_SYNC 0x80000
#endif

#define PROT_KNOWN	(PROT_READ | PROT_WRITE | PROT_EXEC)
#define MAP_KNOWN	(MAP_TYPE | MAP_FIXED | MAP_FIXED_NOREPLACE | MAP_ANONYMOUS | \
			 MAP_GROWSDOWN | MAP_DENYWRITE | MAP_EXECUTABLE | MAP_LOCKED | \
			 MAP_NORESERVE | MAP_HUGETLB | MAP_POPULATE | MAP_NONBLOCK | MAP_STACK)

/* What one mmap() asks for. */
struct request {
	unsigned long addr, len;	/* bytes, @len page aligned */
	unsigned long vm_flags;
	unsigned long pgoff;
	int flags;			/* MAP_* */
	struct file *file;		/* borrowed; NULL: anonymous */
};

static bool range_free(struct mm_struct *mm, unsigned long addr, unsigned long len)
{
	struct vm_area_struct *vma = pp_find_vma(mm, addr);

	return !vma || vma->vm_start >= addr + len;
}

/* lowest gap of @len bytes at or above @from, or 0 */
static unsigned long find_gap(struct mm_struct *mm, unsigned long from,
			      unsigned long len, unsigned long align)
{
	unsigned long addr = ALIGN(from, align);
	struct vm_area_struct *vma = pp_find_vma(mm, addr);

	for (; addr <= TASK_SIZE - len; vma = pp_vma_next(vma)) {
		if (!vma || vma->vm_start >= addr + len)
			return addr;
		addr = ALIGN(vma->vm_end, align);
	}
	return 0;
}

/**
 * pp_get_unmapped() - where a new area goes
 * @hint: page aligned wish, or 0
 * @len:  bytes, page aligned, at most TASK_SIZE
 * @huge: start at a multiple of 2 MiB
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  the address, or 0: no room.
 */
unsigned long pp_get_unmapped(struct mm_struct *mm, unsigned long hint,
			      unsigned long len, bool huge)
{
	unsigned long align = huge ? PMD_SIZE : PAGE_SIZE, addr;

	if (hint >= PP_MMAP_MIN && hint <= TASK_SIZE - len && range_free(mm, hint, len))
		return hint;
	addr = find_gap(mm, mm->mmap_base, len, align);
	if (!addr)
		addr = find_gap(mm, PP_MMAP_MIN, len, align);
	if (addr)
		mm->mmap_base = addr + len;
	return addr;
}

/* checks */

static int check_file(struct request *r, unsigned int type, int prot)
{
	struct file *file = r->file;

	if (type == MAP_SHARED || type == MAP_SHARED_VALIDATE) {
		if (prot & PROT_WRITE && !file->can_write)
			return -EACCES;
		r->vm_flags |= VM_SHARED | VM_MAYSHARE;
		if (!file->can_write)
			r->vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
	}
	if (!file->can_read)
		return -EACCES;
	if (file->f_mapping->a_ops->secret) {
		if (type == MAP_PRIVATE)
			return -EINVAL;
		r->vm_flags |= VM_LOCKED | VM_DONTDUMP;
	}
	if (file->f_op)
		return file->f_op->mmap ? 0 : -ENODEV;
	return file->f_mapping->a_ops->ram_only || file->f_mapping->a_ops->read_page ?
	       0 : -ENODEV;
}

static int check_flags(int flags, unsigned int type)
{
	if (type != MAP_SHARED && type != MAP_PRIVATE && type != MAP_SHARED_VALIDATE)
		return -EINVAL;
	if (type == MAP_SHARED_VALIDATE && flags & ~MAP_KNOWN)
		return -EOPNOTSUPP;
	return flags & MAP_GROWSDOWN ? -EINVAL : 0;
}

/* Huge pages: by the flag, or since the file has no others. */
static int check_hugetlb(struct request *r, unsigned long len)
{
	unsigned int shift = (unsigned int)r->flags >> MAP_HUGE_SHIFT & MAP_HUGE_MASK;
	bool file = !(r->flags & MAP_ANONYMOUS);

	if (file && !pp_is_hugetlb_file(r->file))
		return r->flags & MAP_HUGETLB ? -EINVAL : 0;
	if (!file && !(r->flags & MAP_HUGETLB))
		return 0;
	if (!file && shift && shift != PMD_SHIFT)
		return -EINVAL;
	r->len = ALIGN(len, PMD_SIZE);
	if ((file && r->pgoff & (HPAGE_PMD_NR - 1)) ||
	    (r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE) && r->addr & ~PMD_MASK))
		return -EINVAL;
	if (!r->len || r->len > TASK_SIZE)
		return -ENOMEM;
	r->addr = ALIGN(r->addr, PMD_SIZE);
	r->vm_flags |= VM_HUGETLB;
	return 0;
}

static int check_request(struct request *r, int prot, pinpage_loff_t offset)
{
	unsigned int type = r->flags & MAP_TYPE;
	unsigned long len = r->len;
	int err;

	if (!len || offset & ~PAGE_MASK || prot & ~PROT_KNOWN)
		return -EINVAL;
	err = check_flags(r->flags, type);
	if (err)
		return err;
	r->len = ALIGN(len, PAGE_SIZE);
	if (!r->len || r->len > TASK_SIZE)
		return -ENOMEM;
	r->pgoff = (unsigned long)offset >> PAGE_SHIFT;
	if (offset < 0 ||
	    r->pgoff + (r->len >> PAGE_SHIFT) > (unsigned long)INT64_MAX >> PAGE_SHIFT)
		return -EOVERFLOW;
	r->vm_flags = (prot & PROT_READ ? VM_READ : 0) |
		      (prot & PROT_WRITE ? VM_WRITE : 0) |
		      (prot & PROT_EXEC ? VM_EXEC : 0) |
		      (r->flags & MAP_LOCKED ? VM_LOCKED : 0) |
		      VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC | VM_SOFTDIRTY;
	err = check_hugetlb(r, len);
	if (err)
		return err;
	if (r->flags & MAP_ANONYMOUS) {
		r->file = NULL;
		if (type != MAP_PRIVATE)
			r->vm_flags |= VM_SHARED | VM_MAYSHARE;
		return 0;
	}
	return r->file ? check_file(r, type, prot) : -EBADF;
}

/* mapping; mmap_lock held for writing */

/* Shall it begin at a multiple of 2 MiB? Mirrors: shmem_get_unmapped_area() */
static bool wants_alignment(const struct request *r)
{
	if (r->vm_flags & VM_HUGETLB)
		return true;
	if (r->len < PMD_SIZE)
		return false;
	return !r->file || (r->file->f_mapping->a_ops->large &&
			    !(r->pgoff & (HPAGE_PMD_NR - 1)));
}

static int place(struct mm_struct *mm, struct request *r)
{
	bool fixed = r->flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);

	if (!fixed) {
		r->addr = pp_get_unmapped(mm, ALIGN(r->addr, PAGE_SIZE), r->len,
					  wants_alignment(r));
		return r->addr ? 0 : -ENOMEM;
	}
	if (r->addr & ~PAGE_MASK)
		return -EINVAL;
	if (r->addr > TASK_SIZE - r->len)
		return -ENOMEM;
	if (r->addr < PP_MMAP_MIN)
		return -EPERM;
	if (!(r->flags & MAP_FIXED_NOREPLACE))
		return pp_munmap_locked(mm, r->addr, r->addr + r->len);
	return range_free(mm, r->addr, r->len) ? 0 : -EEXIST;
}

/* an area that grows over the range, so that none has to be made */
static struct vm_area_struct *grow_neighbour(struct mm_struct *mm, struct request *r)
{
	struct vm_area_struct *prev = pp_find_vma(mm, r->addr - 1);

	if (!prev || prev->vm_end != r->addr ||
	    !pp_vma_expand(prev, r->addr + r->len, r->vm_flags, r->file, r->pgoff))
		return NULL;
	return pp_vma_merge(prev);
}

static int map_new_area(struct mm_struct *mm, struct request *r)
{
	struct vm_area_struct *vma = pp_vma_alloc(mm);
	int err;

	if (!vma)
		return -ENOMEM;
	vma->vm_start = r->addr;
	vma->vm_end = r->addr + r->len;
	vma->vm_flags = r->vm_flags;
	vma->vm_pgoff = r->pgoff;
	if (r->file)
		vma->vm_file = pp_get_file(r->file);
	err = pp_driver_mmap(vma);
	if (!err && is_vm_hugetlb(vma) && pp_hugetlb_map(vma, r->flags & MAP_NORESERVE))
		err = -ENOMEM;
	if (err) {
		pp_vma_free(vma);
		return err;
	}
	pp_vma_made(vma);
	pp_vma_link(vma);
	pp_vma_merge(vma);
	return 0;
}

/*
 * May the file be mapped so? A shared area of a sealed file stays read-only.
 * Mirrors: mm/mmap.c:mmap_region(), mm/shmem.c:seal_check_future_write()
 */
static int check_seals(struct request *r)
{
	unsigned int seals = READ_ONCE(r->file->f_inode->i_seals);

	if (pp_rules_readonly_counts())
		seals &= ~(unsigned int)F_SEAL_WRITE;
	if (!(seals & PP_SEALS_WRITE) || !(r->vm_flags & VM_SHARED))
		return 0;
	if (r->vm_flags & VM_WRITE)
		return -EPERM;
	r->vm_flags &= ~VM_MAYWRITE;
	return 0;
}

static int link_area(struct mm_struct *mm, struct request *r)
{
	return !(r->file && r->file->f_op) && grow_neighbour(mm, r) ?
		0 : map_new_area(mm, r);
}

static int link_file_area(struct mm_struct *mm, struct request *r)
{
	int err = check_seals(r);
	bool counted = pp_may_write_file(r->vm_flags);

	if (err)
		return err;
	if (counted && !pp_mapping_map_writable(r->file->f_mapping))
		return -EPERM;
	err = link_area(mm, r);
	if (counted)
		pp_mapping_unmap_writable(r->file->f_mapping);
	return err;
}

static long map_locked(struct mm_struct *mm, struct request *r)
{
	int err = place(mm, r);

	if (err)
		return err;
	if (!pp_mlock_future_ok(mm, r->vm_flags, r->len >> PAGE_SHIFT))
		return -EAGAIN;
	if (!r->file)
		r->pgoff = r->addr >> PAGE_SHIFT;
	err = r->file ? link_file_area(mm, r) : link_area(mm, r);
	if (err)
		return err;
	if (r->vm_flags & VM_LOCKED)
		mm->locked_vm += (long)(r->len >> PAGE_SHIFT);
	return (long)r->addr;
}

/* Touch each page as the area's rights allow; errors are nobody's business. */
void pp_populate(unsigned long start, unsigned long len)
{
	struct mm_struct *mm = current->mm;
	struct vm_area_struct *vma;
	unsigned long addr;
	bool write;

	for (addr = start; addr < start + len; addr += PAGE_SIZE) {
		pinpage_down_read(&mm->mmap_lock);
		vma = pp_vma_lookup(mm, addr);
		write = vma && (vma->vm_flags & (VM_WRITE | VM_SHARED)) == VM_WRITE;
		pinpage_up_read(&mm->mmap_lock);
		if (!vma || pp_fault_user(mm, addr, write))
			return;
	}
}

long pinpage_mmap(unsigned long addr, size_t len, int prot, int flags, struct file *file,
		  pinpage_loff_t offset)
{
	struct request r = { .addr = addr, .len = len, .flags = flags, .file = file };
	struct file *shmem = NULL;
	struct mm_struct *mm;
	long ret;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	ret = check_request(&r, prot, offset);
	if (ret)
		return ret;
	mm = current->mm;
	if (flags & MAP_LOCKED && !pp_can_do_mlock(mm))
		return -EPERM;
	r.vm_flags |= READ_ONCE(mm->def_flags);
	if (!r.file && r.vm_flags & (VM_SHARED | VM_HUGETLB)) {
		shmem = r.vm_flags & VM_HUGETLB ?
			pp_hugetlb_file_setup("anon_hugepage", (pinpage_loff_t)r.len) :
			pp_shmem_file_setup("dev/zero", (pinpage_loff_t)r.len);
		if (IS_ERR(shmem))
			return PTR_ERR(shmem);
		r.file = shmem;
		r.pgoff = 0;
	}
	pinpage_down_write(&mm->mmap_lock);
	ret = map_locked(mm, &r);
	pp_mmap_unlock(mm);
	if (shmem)
		pp_fput(shmem);
	if (ret > 0 && ((flags & (MAP_POPULATE | MAP_NONBLOCK)) == MAP_POPULATE ||
			flags & MAP_LOCKED || mm->def_flags & VM_LOCKED) &&
	    !(r.vm_flags & VM_LOCKONFAULT))
		pp_populate(r.addr, r.len);
	return ret;
}

/* unmapping */

/**
 * pp_unmap_areas() - take a run of neighbouring areas away for good
 * @g:     initialised; finished here
 * @first: of those that start below @end
 * @end:   of the range; every area lies inside
 * @floor, @ceiling: end of the area before, start of the area behind
 *
 * Context: process. Locking: mmap_lock held for writing, or at exit.
 */
void pp_unmap_areas(struct pp_gather *g, struct vm_area_struct *first,
		    unsigned long end, unsigned long floor, unsigned long ceiling)
{
	struct vm_area_struct *vma, *next, *gone = NULL, **tail = &gone;
	unsigned long start = first->vm_start, last = start;

	g->for_good = true;
	for (vma = first; vma && vma->vm_start < end; vma = next) {
		next = pp_vma_next(vma);
		last = vma->vm_end;
		pp_vma_erase(vma);
		*tail = vma;
		tail = &RB_LEFT(vma, node);	/* out of the tree: a chain now */
		*tail = NULL;
		pp_zap_range(g, vma, vma->vm_start, vma->vm_end, false);
	}
	pp_gather_flush(g);
	for (vma = gone; vma; vma = RB_LEFT(vma, node)) {
		pp_vma_unlink_file(vma);
		pp_anon_vma_leave(vma);
	}
	pp_free_pgtables(g, start, last, floor, ceiling);
	pp_gather_finish(g);
	for (vma = gone; vma; vma = next) {
		next = RB_LEFT(vma, node);
		pp_vma_close(vma);
		pp_hugetlb_close(vma);
		pp_vma_free(vma);
	}
}

/**
 * pp_munmap_locked() - unmap a range
 * @start, @end: page aligned, below TASK_SIZE
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0 (also when nothing was mapped), -ENOMEM (an area could not be
 *          split; nothing was unmapped).
 * Mirrors: mm/mmap.c:do_munmap()
 */
int pp_munmap_locked(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	struct vm_area_struct *first = pp_find_vma(mm, start), *last, *prev, *next;
	struct pp_mmu_range range;
	struct pp_gather g;
	int err;

	if (!first || first->vm_start >= end)
		return 0;
	if (start > first->vm_start) {
		err = pp_vma_split(first, start, true);
		if (err)
			return err;
	}
	last = pp_find_vma(mm, end - 1);
	if (last && last->vm_start < end && end < last->vm_end) {
		err = pp_vma_split(last, end, false);
		if (err) {
			pp_vma_merge(first);
			return err;
		}
		if (first == last)
			first = pp_find_vma(mm, start);
	}
	prev = pp_vma_prev(first);
	next = pp_find_vma(mm, end);
	pp_emit(UNMAP, .mm = mm, .addr = start, .len = end - start);
	pp_gather_init(&g, mm);
	pp_mmu_invalidate_start(&range, mm, start, end, MMU_NOTIFY_UNMAP);
	pp_unmap_areas(&g, first, end, prev ? prev->vm_end : 0,
		       next ? next->vm_start : ~0UL);
	pp_mmu_invalidate_end(&range);
	return 0;
}

int pinpage_munmap(unsigned long addr, size_t len)
{
	struct mm_struct *mm;
	int err;

	if (!pp_ready() || !pp_current_mm() || !pinpage_might_sleep())
		return -EINVAL;
	if (addr & ~PAGE_MASK || addr > TASK_SIZE || len > TASK_SIZE - addr)
		return -EINVAL;
	len = ALIGN(len, PAGE_SIZE);
	if (!len)
		return -EINVAL;
	mm = current->mm;
	pinpage_down_write(&mm->mmap_lock);
	err = pp_munmap_locked(mm, addr, addr + len);
	pp_mmap_unlock(mm);
	return err;
}

/**
 * pp_exit_mmap() - everything goes; the last user has left
 *
 * Context: process. Locking: mmap_lock not held.
 * Mirrors: mm/mmap.c:exit_mmap()
 */
void pp_exit_mmap(struct mm_struct *mm)
{
	struct vm_area_struct *first;
	struct pp_mmu_range range;
	struct pp_gather g;

	pp_ksm_exit(mm);
	pp_mmu_release(mm);
	pinpage_down_write(&mm->mmap_lock);
	first = pp_find_vma(mm, 0);
	if (first) {
		pp_emit(UNMAP, .mm = mm, .addr = first->vm_start,
			.len = TASK_SIZE - first->vm_start);
		pp_gather_init(&g, mm);
		g.exiting = true;
		pp_mmu_invalidate_start(&range, mm, 0, ~0UL, MMU_NOTIFY_UNMAP);
		pp_unmap_areas(&g, first, TASK_SIZE, 0, ~0UL);
		pp_mmu_invalidate_end(&range);
	}
	pp_mmap_unlock(mm);
}
