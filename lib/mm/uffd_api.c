// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd_api.c - userfaultfd: what a release offers, and for which memory
 *
 * Mirrors: fs/userfaultfd.c:userfaultfd_api(), include/linux/userfaultfd_k.h:
 * vma_can_userfault() 6.1; differs: a handler that never asked has no features,
 * where the kernel refuses everything else; no hugetlb, no events.
 */
#include "mm/hugetlb.h"
#include "mm/uffd.h"

#define F(name) PINPAGE_UFFD_FEATURE_##name

/* The one place that reads rules->uffd_features. Events: see the header. */
static uint64_t offered(void)
{
	uint64_t mask = F(MISSING_SHMEM) | F(SIGBUS);

	switch (pp_rules->uffd_features) {
	case PINPAGE_UFFD_MOVES:
		mask |= F(POISON) | F(WP_ASYNC) | F(MOVE);
		/* fallthrough */
	case PINPAGE_UFFD_UNPOPULATED:
		mask |= F(WP_UNPOPULATED);
		/* fallthrough */
	case PINPAGE_UFFD_MINORS:
		mask |= F(MINOR_SHMEM) | F(EXACT_ADDRESS) | F(WP_HUGETLBFS_SHMEM);
		/* fallthrough */
	case PINPAGE_UFFD_PROTECTS:
		mask |= F(PAGEFAULT_FLAG_WP);
		/* fallthrough */
	case PINPAGE_UFFD_FILLS:
		break;
	}
	return mask;
}

bool pp_uffd_offers(uint64_t feature)
{
	return offered() & feature;
}

int pinpage_userfaultfd_api(struct pinpage_uffd *uffd, uint64_t *features)
{
	uint64_t wanted;
	int err = -EINVAL;

	if (!pp_ready() || !uffd || !features)
		return -EINVAL;
	wanted = *features;
	*features = 0;
	if (wanted & ~offered())
		return -EINVAL;
	if (wanted & F(WP_ASYNC))
		wanted |= F(WP_UNPOPULATED);
	pinpage_spin_lock(&uffd->lock);
	if (!uffd->negotiated) {
		uffd->features = wanted;
		WRITE_ONCE(uffd->negotiated, 1);
		err = 0;
	}
	pinpage_spin_unlock(&uffd->lock);
	if (!err)
		*features = offered();
	return err;
}

/* it is used: too late to ask for features */
void pp_uffd_negotiated(struct pinpage_uffd *uffd)
{
	if (likely(READ_ONCE(uffd->negotiated)))
		return;
	pinpage_spin_lock(&uffd->lock);
	WRITE_ONCE(uffd->negotiated, 1);
	pinpage_spin_unlock(&uffd->lock);
}

static bool kind_ok(const struct pinpage_uffd *uffd, const struct vm_area_struct *vma,
		    unsigned long flags)
{
	if (is_vm_hugetlb(vma))
		return false;
	if (flags == VM_UFFD_WP && uffd->features & F(WP_ASYNC))
		return true;
	if (vma_is_anonymous(vma))
		return !(flags & VM_UFFD_MINOR);
	if (!pp_shmem_mapping(vma->vm_file->f_mapping))
		return false;
	return !(flags & VM_UFFD_WP) || pp_uffd_offers(F(WP_HUGETLBFS_SHMEM));
}

/**
 * pp_uffd_area_ok() - can the handler have the area?
 * @flags: VM_UFFD_*; 0: it gives it back
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  0; -EINVAL: not that kind of memory; -EPERM: it can never be
 *          written; -EBUSY: another one's.
 */
int pp_uffd_area_ok(const struct pinpage_uffd *uffd, const struct vm_area_struct *vma,
		    unsigned long flags)
{
	if (vma->vm_flags & (VM_IO | VM_PFNMAP | VM_MIXEDMAP) || !kind_ok(uffd, vma, flags))
		return -EINVAL;
	if (flags && !(vma->vm_flags & VM_MAYWRITE))
		return -EPERM;
	return vma->uffd && vma->uffd != uffd ? -EBUSY : 0;
}
