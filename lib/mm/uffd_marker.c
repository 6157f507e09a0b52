// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_marker.c - entries that only remember what a handler said
 *
 * A marker stands where nothing is mapped: PTE_UFFD_WP says that what comes
 * there is protected from the start, poison that nothing may come.
 *
 * I1. Memory of files keeps its protection when reclaim, truncation or
 *     MADV_DONTNEED take the page; private anonymous memory does not.
 * I2. A marker goes with the area, with its handler, or with an answer.
 * Mirrors: include/linux/mm_inline.h:pte_install_uffd_wp_if_needed(),
 * mm/memory.c:handle_pte_marker() 6.1, 6.6.
 */
#include "mm/uffd.h"

/**
 * pp_uffd_leave_marker() - what an entry leaves behind that is taken away
 * @vma: its area
 * @pte: it; present or not
 *
 * Context: any. Locking: PTE lock held.
 * Return:  a marker, or 0.
 */
pp_pte pp_uffd_leave_marker(const struct vm_area_struct *vma, pp_pte pte)
{
	if (likely(!(pte & PTE_UFFD_WP)) || vma_is_anonymous(vma) ||
	    !(vma->vm_flags & VM_UFFD_WP))
		return 0;
	return PP_MARKER_WP;
}

/* may an empty entry of the area be protected? */
static bool protects_empty(const struct vm_area_struct *vma)
{
	return !vma_is_anonymous(vma) ||
	       vma->uffd->features & PINPAGE_UFFD_FEATURE_WP_UNPOPULATED;
}

/**
 * pp_uffd_needs_tables() - will protecting put entries where no table is?
 *
 * Context: process. Locking: mmap_lock held.
 */
bool pp_uffd_needs_tables(const struct vm_area_struct *vma, bool on)
{
	return on && protects_empty(vma);
}

/**
 * pp_uffd_protect_empty() - protect an entry that maps nothing, or end it
 * @pte: empty, or a marker
 *
 * Context: any. Locking: mmap_lock and the PTE lock held.
 * Return:  the entry from now on.
 * Mirrors: mm/mprotect.c:change_pte_range()
 */
pp_pte pp_uffd_protect_empty(const struct vm_area_struct *vma, pp_pte pte, bool on)
{
	if (pte_none(pte))
		return on && protects_empty(vma) ? PP_MARKER_WP : 0;
	/* poison stays */
	return on || pp_entry_is_poison(pte) ? pte : 0;
}

/**
 * pp_uffd_fork_marker() - what a child gets of a marker
 *
 * Context: any. Locking: PTE locks held.
 * Mirrors: mm/memory.c:copy_pte_marker()
 */
pp_pte pp_uffd_fork_marker(pp_pte pte)
{
	return pp_entry_is_poison(pte) ? pte : 0;
}
