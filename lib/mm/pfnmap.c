// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/pfnmap.c - what drivers map: device memory, and pages of their own
 *
 * I1. An entry made by remap_pfn_range() or vm_insert_mixed() has PTE_SPECIAL:
 *     it holds no reference, also when its frame number is one of memory. A
 *     number that is none of memory has no struct page: nobody may follow it.
 * I2. An entry made by vm_insert_page() is an ordinary one, with a reference.
 *
 * Mirrors: mm/memory.c:remap_pfn_range(), vm_insert_page(),
 * vmf_insert_mixed() 6.1; differs: private areas are refused.
 */
#include "mm/internal.h"

static const struct address_space_operations device_aops = {
	.ram_only = true,
	.no_rw = true,
	.no_mlock = true,
	.fixed_size = true,
};

struct file *pinpage_device_file(const char *name,
				 const struct pinpage_file_operations *fops,
				 void *private_data)
{
	struct file *file;

	if (!pp_ready() || !name || !fops || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	file = pp_shmem_file_setup(name, 0);
	if (IS_ERR(file))
		return file;
	file->f_inode->i_seals = 0;
	file->f_mapping->a_ops = &device_aops;
	file->f_op = fops;
	file->private_data = private_data;
	return file;
}

void *pinpage_file_private(const struct file *file)
{
	return IS_ERR_OR_NULL(file) || !file->f_op ? NULL : file->private_data;
}

unsigned long pinpage_vma_start(const struct vm_area_struct *vma)
{
	return vma ? vma->vm_start : 0;
}

unsigned long pinpage_vma_end(const struct vm_area_struct *vma)
{
	return vma ? vma->vm_end : 0;
}

unsigned long pinpage_vma_pgoff(const struct vm_area_struct *vma)
{
	return vma ? vma->vm_pgoff : 0;
}

/* the last area below @start, which no area has */
static struct vm_area_struct *area_below(struct mm_struct *mm, unsigned long start)
{
	struct vm_area_struct *at = RB_ROOT(&mm->vmas), *below = NULL;

	while (at) {
		if (at->vm_start < start)
			below = at;
		at = at->vm_start < start ? RB_RIGHT(at, node) : RB_LEFT(at, node);
	}
	return below;
}

/* what the driver has mapped before it refused goes, tables too */
static void undo(struct vm_area_struct *vma)
{
	struct mm_struct *mm = vma->vm_mm;
	struct vm_area_struct *prev = area_below(mm, vma->vm_start);
	struct vm_area_struct *next = pp_find_vma(mm, vma->vm_start);
	struct pp_gather g;

	pp_gather_init(&g, mm);
	pp_zap_range(&g, vma, vma->vm_start, vma->vm_end, false);
	pp_gather_flush(&g);
	pp_free_pgtables(&g, vma->vm_start, vma->vm_end, prev ? prev->vm_end : 0,
			 next ? next->vm_start : ~0UL);
	pp_gather_finish(&g);
}

/**
 * pp_driver_mmap() - let the driver fill a new area, which is not linked yet
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  what the driver says; then nothing of it is mapped.
 * Mirrors: include/linux/fs.h:call_mmap()
 */
int pp_driver_mmap(struct vm_area_struct *vma)
{
	struct file *file = vma->vm_file;
	int err;

	if (!file || !file->f_op)
		return 0;
	err = file->f_op->mmap(file, vma);
	if (err)
		undo(vma);
	return err;
}

static bool inside(const struct vm_area_struct *vma, unsigned long addr,
		   unsigned long size)
{
	return addr >= vma->vm_start && addr < vma->vm_end &&
	       size <= vma->vm_end - addr;
}

/* 0; -EBUSY: something is there; -ENOMEM */
static int enter(struct vm_area_struct *vma, unsigned long addr, pp_pte pte,
		 struct page *page)
{
	struct pp_table *table;
	pp_pte *ptep;
	int err = pp_pte_alloc(vma->vm_mm, addr);

	if (err < 0)
		return err;
	ptep = pp_pte_lock(vma->vm_mm, addr, &table);
	if (!ptep)
		return -EBUSY;
	err = pte_none(*ptep) ? 0 : -EBUSY;
	if (!err) {
		if (page) {
			pp_ref(compound_head(page));
			pp_dup_rmap(page);
		}
		pp_pte_put(ptep, pte);
		pp_emit_pte(PTE_SET, vma->vm_mm, addr, pte, PAGE_SIZE);
	}
	pinpage_spin_unlock(&table->lock);
	return err;
}

static pp_pte leaf_of(const struct vm_area_struct *vma, unsigned long pfn)
{
	pp_pte pte = (pp_pte)pfn << PTE_PFN_SHIFT | pp_vma_prot(vma);

	return vma->vm_notify ? pte | PTE_ACCESSED :
	       pp_maybe_mkwrite(pte | PTE_ACCESSED, vma);
}

/* See the header. */
int pinpage_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
			    unsigned long pfn, unsigned long size)
{
	unsigned long at;
	int err = 0;

	if (!pp_ready() || !vma || addr & ~PAGE_MASK || !size)
		return -EINVAL;
	size = ALIGN(size, PAGE_SIZE);
	if (!inside(vma, addr, size) || is_cow_mapping(vma->vm_flags) ||
	    pfn > (PTE_PFN_MASK >> PTE_PFN_SHIFT) - (size >> PAGE_SHIFT))
		return -EINVAL;
	pp_assert_held(&vma->vm_mm->mmap_lock);
	vma->vm_flags |= VM_IO | VM_PFNMAP | VM_DONTEXPAND | VM_DONTDUMP;
	for (at = addr; !err && at < addr + size; at += PAGE_SIZE)
		err = enter(vma, at, leaf_of(vma, pfn++) | PTE_SPECIAL, NULL);
	return err;
}

/* See the header. */
int pinpage_vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
			   struct page *page)
{
	if (!pp_ready() || !vma || !pp_page_valid(page))
		return -EINVAL;
	if (!inside(vma, addr, PAGE_SIZE))
		return -EFAULT;
	if (vma->vm_flags & VM_PFNMAP || is_cow_mapping(vma->vm_flags) ||
	    page_ref_count(compound_head(page)) <= 0 || PageAnon(compound_head(page)))
		return -EINVAL;
	vma->vm_flags |= VM_MIXEDMAP;
	return enter(vma, addr & PAGE_MASK, leaf_of(vma, page_to_pfn(page)) |
		     (PageP2pdma(page) ? PTE_P2PDMA : 0), page);
}

/* 0; -EFAULT: outside; -EBUSY: something is there; -ENOMEM; mmap_lock held */
int pp_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn)
{
	if (!inside(vma, addr, PAGE_SIZE))
		return -EFAULT;
	return enter(vma, addr & PAGE_MASK, leaf_of(vma, pfn) | PTE_SPECIAL, NULL);
}

/* See the header. */
int pinpage_vm_insert_mixed(struct vm_area_struct *vma, unsigned long addr,
			    unsigned long pfn)
{
	if (!pp_ready() || !vma || vma->vm_flags & VM_PFNMAP ||
	    is_cow_mapping(vma->vm_flags))
		return -EINVAL;
	if (!inside(vma, addr, PAGE_SIZE))
		return -EFAULT;
	vma->vm_flags |= VM_MIXEDMAP;
	return pp_insert_pfn(vma, addr, pfn);
}
