// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/user.c - whom a process belongs to, and what may be charged to them
 *
 * A user has a sum of locked pages of their own, across their processes: the
 * account of io_uring, MSG_ZEROCOPY, BPF and XDP sockets. It is compared with
 * the RLIMIT_MEMLOCK of the process that charges, and never added to the sums
 * of a process.
 *
 * Mirrors: kernel/user.c, net/core/skbuff.c:mm_account_pinned_pages(),
 * io_uring/rsrc.c:__io_account_mem().
 */
#include "mm/internal.h"

#include <limits.h>

/* Key: r = atomic */
struct user_struct {
	atomic_t count;			/* r: processes, pins, who made it */
	atomic_long_t locked_vm;	/* r: pages */
};

static struct user_struct root = { .count = ATOMIC_INIT(1) };

void pp_user_boot(void)
{
	atomic_long_set(&root.locked_vm, 0);
	atomic_set(&root.count, 1);
}

struct user_struct *pinpage_alloc_uid(void)
{
	struct user_struct *user = pp_ready() ? pp_zalloc(sizeof(*user)) : NULL;

	if (user)
		atomic_set(&user->count, 1);
	return user;
}

struct user_struct *pinpage_get_uid(struct user_struct *user)
{
	if (user)
		atomic_inc(&user->count);
	return user;
}

void pinpage_free_uid(struct user_struct *user)
{
	if (!user || user == &root)
		return;
	if (atomic_dec_and_test(&user->count))
		pp_free(user);
}

static struct user_struct *user_of(const struct mm_struct *mm)
{
	return mm && mm->user ? mm->user : &root;
}

void pinpage_mm_set_user(struct mm_struct *mm, struct user_struct *user)
{
	struct user_struct *old;

	if (!pp_ready())
		return;
	if (!mm) {
		pp_warn_once("mm_set_user(NULL)");
		return;
	}
	old = xchg(&mm->user, pinpage_get_uid(user));
	pinpage_free_uid(old);
}

long pinpage_user_locked_vm(const struct user_struct *user)
{
	return user ? atomic_long_read(&user->locked_vm) : 0;
}

struct user_struct *pinpage_current_user(void)
{
	return pp_ready() ? user_of(current->mm) : NULL;
}

void pinpage_set_cap_ipc_lock(bool capable)
{
	if (pp_ready())
		current->cap_ipc_lock = capable;
}

bool pinpage_capable_ipc_lock(void)
{
	return pp_ready() && current->cap_ipc_lock;
}

/* @pages more of @user within the limit of current->mm? then they are counted */
static bool charge(struct user_struct *user, unsigned long pages)
{
	unsigned long limit = current->mm ? ~READ_ONCE(current->mm->memlock) : ~0UL;
	long old = atomic_long_read(&user->locked_vm);

	limit = min(limit, (unsigned long)LONG_MAX);
	do {
		if (pages > limit || (unsigned long)old > limit - pages)
			return false;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &old, old + (long)pages));
	return true;
}

static void uncharge(struct user_struct *user, unsigned long pages, const char *what)
{
	long old = atomic_long_read(&user->locked_vm), new;

	do {
		new = pages <= (unsigned long)old ? old - (long)pages : 0;
	} while (!atomic_long_try_cmpxchg(&user->locked_vm, &old, new));
	if (pages > (unsigned long)old)
		pp_warn_once("%s: %lu pages taken away, %ld accounted", what,
			     pages, old);
}

int pinpage_mm_account_pinned_pages(struct pinpage_mmpin *mmp, size_t size)
{
	/* it may begin and end inside a page */
	unsigned long pages = (size >> PAGE_SHIFT) + 2;
	struct user_struct *user;

	if (!pp_ready() || !mmp)
		return -EINVAL;
	if (!size || current->cap_ipc_lock || !current->mm ||
	    !READ_ONCE(current->mm->memlock))
		return 0;
	user = mmp->user ? mmp->user : user_of(current->mm);
	if (!charge(user, pages))
		return -ENOBUFS;
	if (!mmp->user) {
		mmp->user = pinpage_get_uid(user);
		mmp->num_pg = 0;
	}
	mmp->num_pg += (unsigned int)pages;
	return 0;
}

void pinpage_mm_unaccount_pinned_pages(struct pinpage_mmpin *mmp)
{
	if (!pp_ready() || !mmp || !mmp->user)
		return;
	uncharge(mmp->user, mmp->num_pg, __func__);
	pinpage_free_uid(mmp->user);
	mmp->user = NULL;
	mmp->num_pg = 0;
}

int pinpage_account_user_pages(struct user_struct *user, unsigned long pages)
{
	if (!pp_ready() || !user)
		return -EINVAL;
	return charge(user, pages) ? 0 : -ENOMEM;
}

void pinpage_unaccount_user_pages(struct user_struct *user, unsigned long pages)
{
	if (pp_ready() && user)
		uncharge(user, pages, __func__);
}
