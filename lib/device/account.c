// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * device/account.c - memory that drivers hold for a process
 *
 * Two sums that the kernel never adds up, against one limit.
 */
#include "device/device.h"

#include <limits.h>

static unsigned long limit_of(const struct mm_struct *mm)
{
	return ~READ_ONCE(mm->memlock);
}

/* @sum + @pages stays within the limit, and within a long */
static bool fits(const struct mm_struct *mm, long sum, unsigned long pages)
{
	unsigned long limit = limit_of(mm);

	if (limit > LONG_MAX || current->cap_ipc_lock)
		limit = LONG_MAX;
	return (unsigned long)sum <= limit && pages <= limit - (unsigned long)sum;
}

static long take_away(long sum, unsigned long pages, const char *what)
{
	if (pages <= (unsigned long)sum)
		return sum - (long)pages;
	pp_warn_once("%s: %lu pages taken away, %ld accounted", what, pages,
		     sum);
	return 0;
}

int pinpage_account_locked_vm(struct mm_struct *mm, unsigned long pages,
			      bool inc)
{
	int error = 0;

	if (!pp_ready())
		return -EINVAL;
	if (!mm || !pages)
		return 0;
	pinpage_mmap_write_lock(mm);
	if (!inc)
		mm->locked_vm = take_away(mm->locked_vm, pages, __func__);
	else if (fits(mm, mm->locked_vm, pages))
		mm->locked_vm += (long)pages;
	else
		error = -ENOMEM;
	pinpage_mmap_write_unlock(mm);
	return error;
}

int pinpage_account_pinned_vm(struct mm_struct *mm, unsigned long pages,
			      bool inc)
{
	long old, new;

	if (!pp_ready())
		return -EINVAL;
	if (!mm || !pages)
		return 0;
	old = atomic_long_read(&mm->pinned_vm);
	do {
		if (inc && !fits(mm, old, pages))
			return -ENOMEM;
		new = inc ? old + (long)pages : take_away(old, pages, __func__);
	} while (!atomic_long_try_cmpxchg(&mm->pinned_vm, &old, new));
	return 0;
}

void pinpage_mm_set_memlock(struct mm_struct *mm, unsigned long pages)
{
	if (!pp_ready())
		return;
	if (!mm) {
		pp_warn_once("mm_set_memlock(NULL, %lu)", pages);
		return;
	}
	WRITE_ONCE(mm->memlock, ~pages);
}
