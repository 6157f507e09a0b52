// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/hugetlb_resv.c - reservations of private areas of huge pages
 *
 * I1. Whoever maps memory privately owns a promise of the pool for each huge
 *     page of the area; a fault uses it up, unmapping gives back what is left.
 *     A child of fork owns none: its writes may find the pool empty.
 * I2. Areas that were one share the map; their ranges do not overlap, so each
 *     settles its own part when it goes.
 *
 * Key: m = mmap_lock and the file's mutex; r = atomic
 * Mirrors: mm/hugetlb.c:hugetlb_vm_op_close(), vma_needs_reservation();
 * differs: a bit a page instead of regions.
 */
#include "mm/hugetlb.h"

struct pp_hugetlb_resv {
	atomic_t refs;			/* r: areas */
	unsigned long first, nr;	/* huge pages of the file */
	bool used[];			/* m */
};

static unsigned long huge_index(const struct vm_area_struct *vma, unsigned long addr)
{
	return pp_vma_pgoff(vma, addr) >> HPAGE_PMD_ORDER;
}

static int map_private(struct vm_area_struct *vma)
{
	unsigned long nr = (vma->vm_end - vma->vm_start) >> PMD_SHIFT;
	struct pp_hugetlb_resv *resv = pp_zalloc(sizeof(*resv) + nr * sizeof(bool));

	if (!resv)
		return -ENOMEM;
	if (pp_hugetlb_reserve((long)nr)) {
		pp_free(resv);
		return -ENOMEM;
	}
	atomic_set(&resv->refs, 1);
	resv->first = huge_index(vma, vma->vm_start);
	resv->nr = nr;
	vma->vm_resv = resv;
	return 0;
}

/**
 * pp_hugetlb_map() - an area of huge pages comes to be
 * @vma:       not linked yet
 * @noreserve: MAP_NORESERVE
 *
 * A writable mapping makes the file as long as it is.
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -ENOMEM: the pool cannot promise enough.
 * Mirrors: fs/hugetlbfs/inode.c:hugetlbfs_file_mmap()
 */
int pp_hugetlb_map(struct vm_area_struct *vma, bool noreserve)
{
	unsigned long first = huge_index(vma, vma->vm_start);
	unsigned long nr = (vma->vm_end - vma->vm_start) >> PMD_SHIFT;
	loff_pp end = (loff_pp)((first + nr) << PMD_SHIFT);
	struct inode *inode = vma->vm_file->f_inode;
	int err = 0;

	if (!noreserve)
		err = vma->vm_flags & VM_MAYSHARE ?
		      pp_hugetlb_reserve_range(vma->vm_file->f_mapping, first, first + nr) :
		      map_private(vma);
	if (!err && vma->vm_flags & VM_WRITE && i_size_read(inode) < end)
		WRITE_ONCE(inode->i_size, end);
	return err;
}

/* The area has been unmapped for good. Mirrors: hugetlb_vm_op_close() */
void pp_hugetlb_close(struct vm_area_struct *vma)
{
	struct pp_hugetlb_resv *resv = vma->vm_resv;
	unsigned long first, nr, i;
	long unused = 0;

	if (!resv)
		return;
	first = huge_index(vma, vma->vm_start) - resv->first;
	nr = (vma->vm_end - vma->vm_start) >> PMD_SHIFT;
	for (i = first; i < first + nr; i++)
		unused += !resv->used[i];
	(void)pp_hugetlb_reserve(-unused);
}

/* @vma was copied from one with the same map */
void pp_hugetlb_resv_get(struct vm_area_struct *vma)
{
	if (vma->vm_resv)
		atomic_inc(&vma->vm_resv->refs);
}

void pp_hugetlb_resv_put(struct vm_area_struct *vma)
{
	if (vma->vm_resv && atomic_dec_and_test(&vma->vm_resv->refs))
		pp_free(vma->vm_resv);
	vma->vm_resv = NULL;
}

/**
 * pp_hugetlb_resv_take() - use up the promise for an address, if there is one
 *
 * Context: process. Locking: mmap_lock and the file's mutex held.
 */
bool pp_hugetlb_resv_take(struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_hugetlb_resv *resv = vma->vm_resv;
	bool *used;

	if (!resv)
		return false;
	used = &resv->used[huge_index(vma, addr) - resv->first];
	if (*used)
		return false;
	*used = true;
	return true;
}

/* It was not used after all: no page was to be had. */
void pp_hugetlb_resv_untake(struct vm_area_struct *vma, unsigned long addr)
{
	struct pp_hugetlb_resv *resv = vma->vm_resv;

	resv->used[huge_index(vma, addr) - resv->first] = false;
}
