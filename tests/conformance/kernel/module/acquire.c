// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * acquire.c - every entry point that hands out pages
 */
#include <linux/file.h>
#include <linux/memfd.h>
#include <linux/sched/mm.h>
#include <linux/uio.h>

#include "conf.h"

#if SINCE(6, 3)			/* internal to mm from here on */
#define FOLL_TOUCH	(1 << 16)
#define FOLL_REMOTE	(1 << 18)
#define FOLL_PIN	(1 << 19)
#define FOLL_FAST_ONLY	(1 << 20)
#else
#define FOLL_PCI_P2PDMA		0
#define FOLL_INTERRUPTIBLE	0
#define FOLL_HONOR_NUMA_FAULT	0
#endif

#if SINCE(6, 5)			/* the last argument of the slow calls went */
#define NO_VMAS
#else
#define NO_VMAS		, NULL
#endif

/* The bits of enum conf_foll, lowest first. */
static const unsigned int foll[20] = {
	FOLL_WRITE, FOLL_GET, FOLL_DUMP, FOLL_FORCE, FOLL_NOWAIT, FOLL_NOFAULT,
	FOLL_HWPOISON, FOLL_ANON, FOLL_LONGTERM, FOLL_SPLIT_PMD,
	(unsigned int)FOLL_PCI_P2PDMA, (unsigned int)FOLL_INTERRUPTIBLE,
	(unsigned int)FOLL_HONOR_NUMA_FAULT, 0, 0, 0, FOLL_TOUCH, FOLL_PIN,
	FOLL_REMOTE, FOLL_FAST_ONLY,
};

static unsigned int foll_flags(unsigned long bits)
{
	unsigned int flags = 0, i;

	for (i = 0; i < ARRAY_SIZE(foll); i++)
		if (bits & BIT(i))
			flags |= foll[i];
	return flags;
}

static bool is_pin(long call)
{
	switch (call) {
	case CALL_PIN:
	case CALL_PIN_UNLOCKED:
	case CALL_PIN_REMOTE:
	case CALL_PIN_REMOTE_LOCKED:
	case CALL_PIN_FAST:
	case CALL_PIN_FAST_ONLY:
	case CALL_IOV_EXTRACT:
		return true;
	}
	return false;
}

struct args {
	unsigned long addr;
	long nr;
	unsigned int flags;
	struct page **pages;
	struct mm_struct *mm;
	int locked;
};

static long local(struct args *a, long call)
{
	long ret;

	mmap_read_lock(current->mm);
	if (call == CALL_PIN)
		ret = pin_user_pages(a->addr, a->nr, a->flags, a->pages NO_VMAS);
	else
		ret = get_user_pages(a->addr, a->nr, a->flags, a->pages NO_VMAS);
	mmap_read_unlock(current->mm);
	return ret;
}

static long remote(struct args *a, bool pin, int *locked)
{
	long ret;

	mmap_read_lock(a->mm);
	if (pin)
		ret = pin_user_pages_remote(a->mm, a->addr, a->nr, a->flags,
					    a->pages NO_VMAS, locked);
	else
		ret = get_user_pages_remote(a->mm, a->addr, a->nr, a->flags,
					    a->pages NO_VMAS, locked);
	if (a->locked)
		mmap_read_unlock(a->mm);
	return ret;
}

/* As a driver sees a user buffer; the array is ours. */
static long iov(struct args *a, bool extract)
{
	struct iov_iter iter;
	struct page **pages = a->pages;
	unsigned int dir = a->flags & FOLL_WRITE ? READ : WRITE;
	size_t len = a->nr * PAGE_SIZE, off;
	ssize_t got;
#if SINCE(6, 4)
	iov_iter_ubuf(&iter, dir, (void __user *)a->addr, len);
#else
	struct iovec vec = { (void __user *)a->addr, len };

	iov_iter_init(&iter, dir, &vec, 1, len);
#endif
	if (!extract)
		got = iov_iter_get_pages2(&iter, pages, len, a->nr, &off);
	else
#if SINCE(6, 3)
		got = iov_iter_extract_pages(&iter, &pages, len, a->nr, 0, &off);
#else
		got = -ENOSYS;
#endif
	return got > 0 ? DIV_ROUND_UP(off + got, PAGE_SIZE) : got;
}

static long call_it(struct args *a, long call)
{
	switch (call) {
	case CALL_GET:
	case CALL_PIN:
		return local(a, call);
	case CALL_GET_UNLOCKED:
		return get_user_pages_unlocked(a->addr, a->nr, a->pages, a->flags);
	case CALL_PIN_UNLOCKED:
		return pin_user_pages_unlocked(a->addr, a->nr, a->pages, a->flags);
	case CALL_GET_REMOTE:
	case CALL_PIN_REMOTE:
		return remote(a, call == CALL_PIN_REMOTE, NULL);
	case CALL_GET_REMOTE_LOCKED:
	case CALL_PIN_REMOTE_LOCKED:
		return remote(a, call == CALL_PIN_REMOTE_LOCKED, &a->locked);
	case CALL_GET_FAST:
		return get_user_pages_fast(a->addr, a->nr, a->flags, a->pages);
	case CALL_PIN_FAST:
		return pin_user_pages_fast(a->addr, a->nr, a->flags, a->pages);
	case CALL_GET_FAST_ONLY:
		return get_user_pages_fast_only(a->addr, a->nr, a->flags, a->pages);
#if !SINCE(6, 3)
	case CALL_PIN_FAST_ONLY:
		return pin_user_pages_fast_only(a->addr, a->nr, a->flags, a->pages);
#endif
	case CALL_IOV_GET:
	case CALL_IOV_EXTRACT:
		return iov(a, call == CALL_IOV_EXTRACT);
	}
	return -ENOSYS;
}

/* Room that even a walk which ignores its limit does not leave soon (nr 0). */
#define ROOM(nr)	((nr) > 0 ? (nr) : 1024)

long conf_acquire(struct conf_msg *m)
{
	long call = m->a[1];
	bool null = m->a[6];
	struct args a = {
		.addr = m->a[2], .nr = m->a[3], .flags = foll_flags(m->a[4]),
		.locked = 1,
	};
	struct conf_hold *h = conf_hold_new(m->a[0], ROOM(a.nr), is_pin(call));
	long ret;

	if (!h)
		return -ENOMEM;
	a.mm = conf_mm(m->a[5]);
	if (!a.mm)
		return conf_hold_done(h, -ESRCH);
	a.pages = null ? NULL : h->pages;
	ret = call_it(&a, call);
	mmput(a.mm);
	h->locked = m->b[0] = a.locked;
	if (null) {		/* nothing was handed out */
		WRITE_ONCE(h->ret, ret);
		return ret;
	}
	return conf_hold_done(h, ret);
}

long conf_pin_many(struct conf_msg *m)
{
	struct conf_hold *h = conf_hold_new(m->a[0], m->a[2], true);
	long i, ret = 0;

	if (!h)
		return -ENOMEM;
	for (i = 0; i < m->a[2]; i++) {
		ret = pin_user_pages_fast(m->a[1], 1, FOLL_WRITE, &h->pages[i]);
		if (ret != 1)
			break;
		if (!(i & 1023))
			cond_resched();
	}
	return conf_hold_done(h, i ? i : ret);
}

long conf_memfd_pin(struct conf_msg *m)
{
#if SINCE(6, 11)
	struct conf_hold *h = conf_hold_new(m->a[0], ROOM(m->a[4]), true);
	struct file *file = fget(m->a[1]);
	pgoff_t offset = 0;
	long ret = -EBADF, i;

	if (!h)
		ret = -ENOMEM;
	else if (file)
		ret = memfd_pin_folios(file, m->a[2], m->a[3],
				       (struct folio **)h->pages, m->a[4],
				       &offset);
	if (file)
		fput(file);
	if (!h)
		return ret;
	h->folios = true;
	for (i = 0; i < ret; i++)
		h->pages[i] = folio_page((struct folio *)h->pages[i], 0);
	m->b[0] = offset;
	return conf_hold_done(h, ret);
#else
	struct conf_hold *h = conf_hold_new(m->a[0], 1, true);

	return h ? conf_hold_done(h, -ENOSYS) : -ENOMEM;
#endif
}
