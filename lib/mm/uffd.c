// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/uffd.c - userfaultfd: who handles which area, and faults that wait for it
 *
 * I1. A fault that waits holds no lock: it has dropped mmap_lock, looks whether
 *     there is still something to wait for before, and is tried again after.
 * I2. An area points to the handler only while that is open: closing takes it
 *     out of all areas of its address space.
 * Mirrors: fs/userfaultfd.c:handle_userfault() 6.1.
 */
#include "mm/uffd.h"

#define REGISTERS (PINPAGE_UFFD_MISSING | PINPAGE_UFFD_WP | PINPAGE_UFFD_MINOR)

static pinpage_spinlock_t all_lock = { .rank = PINPAGE_RANK_ZONE, .name = "userfaultfds" };
static LIST_HEAD(all);

static void uffd_free(struct pinpage_uffd *uffd)
{
	pinpage_spin_lock(&all_lock);
	list_del(&uffd->all);
	pinpage_spin_unlock(&all_lock);
	pp_free(uffd);
}

static void uffd_put(struct pinpage_uffd *uffd)
{
	struct mm_struct *mm = uffd->mm;

	if (!atomic_dec_and_test(&uffd->refcount))
		return;
	uffd_free(uffd);
	pinpage_mmdrop(mm);
}

int pinpage_userfaultfd_open(struct pinpage_uffd **out)
{
	struct mm_struct *mm;
	struct pinpage_uffd *uffd;

	if (!pp_ready() || !out)
		return -EINVAL;
	mm = pp_current_mm();
	if (!mm)
		return -EINVAL;
	uffd = pp_zalloc(sizeof(*uffd));
	if (!uffd)
		return -ENOMEM;
	pinpage_mmgrab(mm);
	uffd->mm = mm;
	pp_spin_init(&uffd->lock, "userfaultfd", PINPAGE_RANK_ZONE);
	INIT_LIST_HEAD(&uffd->waiting);
	atomic_set(&uffd->refcount, 1);
	pinpage_spin_lock(&all_lock);
	list_add_tail(&uffd->all, &all);
	pinpage_spin_unlock(&all_lock);
	*out = uffd;
	return 0;
}

/**
 * pp_uffd_wake() - faults in [start, end) look again
 *
 * Context: any. Locking: a leaf lock.
 */
void pp_uffd_wake(struct pinpage_uffd *uffd, unsigned long start, unsigned long end)
{
	struct pp_uffd_wait *wait;

	pinpage_spin_lock(&uffd->lock);
	list_for_each_entry(wait, &uffd->waiting, link)
		if (wait->msg.address >= start && wait->msg.address < end)
			WRITE_ONCE(wait->woken, true);
	pinpage_spin_unlock(&uffd->lock);
	pinpage_wake_up_all(&uffd->faults);
}

/* the area is nobody's from here on; mmap_lock held for writing */
static struct vm_area_struct *set_area(struct vm_area_struct *vma, struct pinpage_uffd *uffd,
				       unsigned long flags)
{
	pp_vma_lock_rmap(vma);
	vma->vm_flags = (vma->vm_flags & ~VM_UFFD_ANY) | flags;
	vma->uffd = uffd;
	pp_vma_unlock_rmap(vma);
	return pp_vma_merge(vma);
}

void pinpage_userfaultfd_close(struct pinpage_uffd *uffd)
{
	struct vm_area_struct *vma;
	struct mm_struct *mm;

	if (!pp_ready() || !uffd || !pinpage_might_sleep())
		return;
	mm = uffd->mm;
	pinpage_spin_lock(&uffd->lock);
	WRITE_ONCE(uffd->released, true);
	pinpage_spin_unlock(&uffd->lock);
	pinpage_down_write(&mm->mmap_lock);
	for (vma = pp_find_vma(mm, 0); vma; vma = pp_vma_next(vma))
		if (vma->uffd == uffd)
			vma = set_area(vma, NULL, 0);
	pp_mmap_unlock(mm);
	pp_uffd_wake(uffd, 0, ~0UL);
	pinpage_wake_up_all(&uffd->readers);
	uffd_put(uffd);
}

/* registering */

bool pp_uffd_range_ok(unsigned long start, size_t len)
{
	return len && !((start | len) & ~PAGE_MASK) && start >= PP_MMAP_MIN &&
	       start < TASK_SIZE && len <= TASK_SIZE - start;
}

static int may_register(struct mm_struct *mm, struct pinpage_uffd *uffd,
			unsigned long start, unsigned long end, unsigned long flags)
{
	struct vm_area_struct *vma = pp_find_vma(mm, start);
	int err = 0;

	if (!vma || vma->vm_start >= end)
		return -EINVAL;
	for (; !err && vma && vma->vm_start < end; vma = pp_vma_next(vma))
		err = pp_uffd_area_ok(uffd, vma, flags);
	return err;
}

static int change_areas(struct mm_struct *mm, struct pinpage_uffd *uffd,
			unsigned long start, unsigned long end, unsigned long flags)
{
	struct vm_area_struct *vma = pp_find_vma(mm, start);
	unsigned long at;
	int err = 0;

	while (!err && vma && vma->vm_start < end) {
		at = min(end, vma->vm_end);
		if (vma->vm_flags & VM_UFFD_WP && !(flags & VM_UFFD_WP))
			(void)pp_uffd_protect(vma, max(start, vma->vm_start), at, false);
		if (vma->uffd != uffd || (vma->vm_flags & VM_UFFD_ANY) != flags) {
			err = pp_vma_isolate(&vma, start, end);
			if (!err)
				vma = set_area(vma, uffd, flags);
		}
		vma = pp_find_vma(mm, at);
	}
	return err;
}

static int change(struct pinpage_uffd *uffd, unsigned long start, size_t len,
		  struct pinpage_uffd *owner, unsigned long flags)
{
	struct mm_struct *mm;
	int err;

	if (!pp_ready() || !uffd || !pp_uffd_range_ok(start, len) || !pinpage_might_sleep())
		return -EINVAL;
	mm = uffd->mm;
	if (atomic_read(&mm->mm_users) <= 0)
		return -ENOMEM;
	pp_uffd_negotiated(uffd);
	pinpage_down_write(&mm->mmap_lock);
	err = may_register(mm, uffd, start, start + len, flags);
	if (!err)
		err = change_areas(mm, owner, start, start + len, flags);
	pp_mmap_unlock(mm);
	return err;
}

int pinpage_userfaultfd_register(struct pinpage_uffd *uffd, unsigned long start,
				 size_t len, unsigned int mode)
{
	unsigned long flags = (mode & PINPAGE_UFFD_MISSING ? VM_UFFD_MISSING : 0) |
			      (mode & PINPAGE_UFFD_WP ? VM_UFFD_WP : 0) |
			      (mode & PINPAGE_UFFD_MINOR ? VM_UFFD_MINOR : 0);

	if (!pp_ready() || !flags || mode & ~REGISTERS)
		return -EINVAL;
	if ((flags & VM_UFFD_WP && !pp_uffd_offers(PINPAGE_UFFD_FEATURE_PAGEFAULT_FLAG_WP)) ||
	    (flags & VM_UFFD_MINOR && !pp_uffd_offers(PINPAGE_UFFD_FEATURE_MINOR_SHMEM)))
		return -EINVAL;
	return change(uffd, start, len, uffd, flags);
}

int pinpage_userfaultfd_unregister(struct pinpage_uffd *uffd, unsigned long start,
				   size_t len)
{
	int err = change(uffd, start, len, NULL, 0);

	if (!err)
		pp_uffd_wake(uffd, start, start + len);
	return err;
}

/* faults */

/* mmap_lock held: is the reason for the fault still there? Else look again. */
static bool must_wait(struct vm_area_struct *vma, unsigned long addr, unsigned long reason)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(vma->vm_mm, addr, &table), pte;
	bool wp = reason == VM_UFFD_WP;

	if (!ptep)
		return !wp;
	pte = *ptep;
	pinpage_spin_unlock(&table->lock);
	return wp ? pte_present(pte) && !(pte & PTE_WRITE) && pte & PTE_UFFD_WP :
		    pte_none_mostly(pte);
}

static bool interrupted(unsigned int flags)
{
	return pinpage_fatal_signal_pending() ||
	       (flags & FAULT_FLAG_INTERRUPTIBLE && pinpage_signal_pending());
}

/* no lock held */
static void wait_for_answer(struct pinpage_uffd *uffd, struct pp_uffd_wait *wait,
			    unsigned int flags)
{
	pinpage_wake_up_all(&uffd->readers);
	pinpage_wait_event(uffd->faults, READ_ONCE(wait->woken) ||
			   READ_ONCE(uffd->released) || interrupted(flags));
	pinpage_spin_lock(&uffd->lock);
	list_del(&wait->link);
	pinpage_spin_unlock(&uffd->lock);
}

/**
 * pp_uffd_fault() - let the handler answer a fault
 * @f:      in an area of a handler
 * @reason: VM_UFFD_WP: a write to a protected entry; MISSING: nothing is there;
 *          MINOR: the file has a page
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading, no page-table
 * lock; dropped with PP_FAULT_RETRY.
 * Return:  PP_FAULT_RETRY; -EFAULT: may not drop mmap_lock, or the handler wants
 *          SIGBUS; -EAGAIN: FAULT_FLAG_NOWAIT.
 * Mirrors: fs/userfaultfd.c:handle_userfault()
 */
int pp_uffd_fault(struct pp_fault *f, unsigned long reason)
{
	struct pinpage_uffd *uffd = f->vma->uffd;
	struct mm_struct *mm = f->vma->vm_mm;
	struct pp_uffd_wait wait = {
		.msg = {
			.address = f->addr,
			.flags = reason == VM_UFFD_WP ? PINPAGE_UFFD_WP :
				 reason == VM_UFFD_MINOR ? PINPAGE_UFFD_MINOR : 0,
			.write = f->flags & FAULT_FLAG_WRITE,
		},
	};
	bool waits;

	if (!uffd || !(f->flags & FAULT_FLAG_ALLOW_RETRY) ||
	    uffd->features & PINPAGE_UFFD_FEATURE_SIGBUS)
		return -EFAULT;
	if (uffd->features & PINPAGE_UFFD_FEATURE_EXACT_ADDRESS)
		wait.msg.address = f->exact;
	if (f->flags & FAULT_FLAG_NOWAIT)
		return -EAGAIN;
	atomic_inc(&uffd->refcount);
	/* queued before looking: an answer from then on wakes it */
	pinpage_spin_lock(&uffd->lock);
	list_add_tail(&wait.link, &uffd->waiting);
	pinpage_spin_unlock(&uffd->lock);
	waits = must_wait(f->vma, f->addr, reason);
	pinpage_up_read(&mm->mmap_lock);
	f->vma = NULL;
	if (!waits)
		wait.woken = true;
	wait_for_answer(uffd, &wait, f->flags);
	uffd_put(uffd);
	return PP_FAULT_RETRY;
}

static bool take_message(struct pinpage_uffd *uffd, struct pinpage_uffd_msg *msg)
{
	struct pp_uffd_wait *wait;
	bool found = false;

	pinpage_spin_lock(&uffd->lock);
	list_for_each_entry(wait, &uffd->waiting, link) {
		if (wait->read || wait->woken)
			continue;
		wait->read = true;
		*msg = wait->msg;
		found = true;
		break;
	}
	pinpage_spin_unlock(&uffd->lock);
	return found;
}

int pinpage_userfaultfd_read(struct pinpage_uffd *uffd, struct pinpage_uffd_msg *msg,
			     bool wait)
{
	bool found = false;

	if (!pp_ready() || !uffd || !msg)
		return -EINVAL;
	if (!wait)
		return take_message(uffd, msg) ? 0 : -EAGAIN;
	if (!pinpage_might_sleep())
		return -EINVAL;
	/* closing may come while we wait */
	atomic_inc(&uffd->refcount);
	pinpage_wait_event(uffd->readers, (found = take_message(uffd, msg)) ||
			   READ_ONCE(uffd->released) || pinpage_kthread_should_stop() ||
			   pinpage_fatal_signal_pending());
	uffd_put(uffd);
	return found ? 0 : -EINTR;
}

int pinpage_userfaultfd_wake(struct pinpage_uffd *uffd, unsigned long start, size_t len)
{
	if (!pp_ready() || !uffd || !pp_uffd_range_ok(start, len))
		return -EINVAL;
	pp_uffd_wake(uffd, start, start + len);
	return 0;
}

void pp_uffd_boot(void)
{
	INIT_LIST_HEAD(&all);
}

/* those that nobody closed; address spaces are still there */
void pp_uffd_shutdown(void)
{
	while (!list_empty(&all)) {
		struct pinpage_uffd *uffd = list_first_entry(&all, struct pinpage_uffd, all);

		pp_warn("a userfaultfd of address space %u is open at shutdown", uffd->mm->id);
		uffd_free(uffd);
	}
}
