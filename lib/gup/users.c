// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * users.c - the core's own users of GUP: direct I/O on user memory, remote
 * access, fixup_user_fault()
 *
 * Mirrors: fs/iomap/direct-io.c and block/bio.c (dirty before the read,
 * again after it), mm/memory.c:__access_remote_vm(),
 * mm/gup.c:fixup_user_fault().
 */
#include "gup/gup.h"

#include <string.h>

#include "base/err.h"

#define DIO_BATCH 64

/* Does block direct I/O pin, or merely reference, its user pages? */
static int dio_extract(unsigned long addr, int nr, unsigned int flags,
		       struct page **pages)
{
	if (pp_rules->dio_pins)
		return pinpage_pin_user_pages_fast(addr, nr, flags, pages);
	return pinpage_get_user_pages_fast(addr, nr, flags, pages);
}

static void dio_release(struct page **pages, int nr)
{
	if (pp_rules->dio_pins)
		pinpage_unpin_user_pages(pages, (unsigned long)nr);
	else
		pinpage_release_pages(pages, nr);
}

static void dio_dirty(struct page **pages, int nr)
{
	int i;

	for (i = 0; i < nr; i++)
		if (!PageDirty(compound_head(pages[i])))
			pinpage_set_page_dirty_lock(pages[i]);
}

/* one batch: bytes moved or -errno */
static ssize_t dio_batch(struct file *file, bool write, unsigned long addr,
			 size_t len, loff_pp pos, int state)
{
	struct page *pages[DIO_BATCH];
	size_t offset = addr & ~PAGE_MASK;
	size_t span = min(offset + len, DIO_BATCH * PAGE_SIZE);
	int want = (int)((span + PAGE_SIZE - 1) >> PAGE_SHIFT);
	int got = dio_extract(addr, want, write ? 0 : FOLL_WRITE, pages);
	ssize_t done;

	if (got <= 0)
		return got ? got : -EFAULT;
	span = min(span, (size_t)got << PAGE_SHIFT);
	if (!write)
		dio_dirty(pages, got);
	done = pp_direct_io(file, write, pages, offset, span - offset, pos,
			    state);
	if (!write && done > 0)
		dio_dirty(pages, got);
	dio_release(pages, got);
	return done;
}

/* A hole is read without a page of the user's being acquired. */
static ssize_t dio_zeroes(unsigned long addr, size_t len)
{
	size_t left = pinpage_clear_user((void *)addr, len);

	return left == len ? -EFAULT : (ssize_t)(len - left);
}

/* Bytes moved, 0 at the end of the file, or -errno; one kind of storage. */
static ssize_t dio_step(struct file *file, bool write, unsigned long addr,
			size_t len, loff_pp pos, int state)
{
	bool hole = false;

	if (!write)
		len = pp_direct_run(file, pos, len, &hole);
	if (!len)
		return 0;
	return hole ? dio_zeroes(addr, len) :
		      dio_batch(file, write, addr, len, pos, state);
}

static ssize_t dio_user(struct file *file, bool write, unsigned long addr,
			size_t len, loff_pp pos)
{
	size_t total = 0;
	int state;

	if (!pp_ready() || IS_ERR_OR_NULL(file) || pos < 0)
		return -EINVAL;
	if (!pinpage_access_ok((void *)addr, len))
		return -EFAULT;
	state = pp_direct_prepare(file, write, len, pos);
	if (state <= 0)
		return state;
	while (total < len) {
		ssize_t done = dio_step(file, write, addr + total,
					len - total, pos + (loff_pp)total,
					state);

		if (done <= 0)
			return total ? (ssize_t)total : done;
		total += (size_t)done;
	}
	return (ssize_t)total;
}

ssize_t pinpage_direct_read(struct file *file, unsigned long user_addr,
			    size_t len, pinpage_loff_t pos)
{
	return dio_user(file, false, user_addr, len, pos);
}

ssize_t pinpage_direct_write(struct file *file, unsigned long user_addr,
			     size_t len, pinpage_loff_t pos)
{
	return dio_user(file, true, user_addr, len, pos);
}

static void copy_page_part(struct page *page, unsigned long addr, void *buf,
			   size_t bytes, bool write)
{
	char *at = (char *)page_address(page) + (addr & ~PAGE_MASK);

	if (!write) {
		memcpy(buf, at, bytes);
		return;
	}
	memcpy(at, buf, bytes);
	pinpage_set_page_dirty_lock(page);
}

/* bytes moved within one page, 0 when it cannot be had */
static size_t access_one_page(struct mm_struct *mm, unsigned long addr,
			      char *buf, size_t len, unsigned int gup_flags)
{
	size_t bytes = min(len, PAGE_SIZE - (addr & ~PAGE_MASK));
	struct page *page;

	if (pinpage_get_user_pages_remote(mm, addr, 1, gup_flags, &page,
					  NULL) != 1)
		return 0;
	copy_page_part(page, addr, buf, bytes, gup_flags & FOLL_WRITE);
	pinpage_put_page(page);
	return bytes;
}

int pinpage_access_process_vm(struct mm_struct *mm, unsigned long addr,
			      void *buf, int len, unsigned int gup_flags)
{
	int done = 0;

	if (!pp_ready() || !mm || len < 0 || (!buf && len))
		return 0;
	if (pinpage_mmap_read_lock_killable(mm))
		return 0;
	pp_enter(__builtin_return_address(0));
	while (done < len) {
		size_t moved = access_one_page(mm, addr + (unsigned long)done,
					       (char *)buf + done,
					       (size_t)(len - done),
					       gup_flags);

		if (!moved)
			break;
		done += (int)moved;
	}
	pp_leave();
	pinpage_mmap_read_unlock(mm);
	return done;
}

int pinpage_fixup_user_fault(struct mm_struct *mm, unsigned long address,
			     unsigned int fault_flags, bool *unlocked)
{
	unsigned long need = fault_flags & FAULT_FLAG_WRITE ? VM_WRITE :
							      VM_READ;
	struct vm_area_struct *vma;
	int error;

	if (!pp_ready() || !mm || !pinpage_might_sleep())
		return -EINVAL;
	if (!pp_lock_held(&mm->mmap_lock)) {
		pp_warn_once("fixup_user_fault: mmap_lock is not held");
		return -EINVAL;
	}
	fault_flags &= FAULT_FLAG_WRITE;
	if (unlocked)
		fault_flags |= FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_KILLABLE;
	do {
		vma = pp_vma_lookup(mm, address & PAGE_MASK);
		if (!vma || !(vma->vm_flags & need))
			return -EFAULT;
		if (pinpage_fatal_signal_pending())
			return -EINTR;
		error = pp_handle_mm_fault(vma, address & PAGE_MASK,
					   fault_flags);
		if (error > 0) {
			pinpage_down_read(&mm->mmap_lock);
			*unlocked = true;
			fault_flags |= FAULT_FLAG_TRIED;
		}
	} while (error == -EAGAIN || error == PP_FAULT_RETRY);
	return error == PP_FAULT_COMPLETED ? 0 : error;
}
