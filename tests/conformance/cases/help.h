/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFORMANCE_HELP_H
#define CONFORMANCE_HELP_H

/*
 * help.h - what several case files use
 *
 * take*() acquires for data as a driver of the release would: it pins where
 * pins exist (5.6), else it takes references. drop*() is the partner.
 */
#include "../case.h"

#define RW	(PROT_READ | PROT_WRITE)
#define PRIV	(MAP_PRIVATE | MAP_ANONYMOUS)
#define SHARED	(MAP_SHARED | MAP_ANONYMOUS)

static inline struct hold take(unsigned long a, long nr, unsigned int flags)
{
	return rules_from("5.6") ? pin_fast(a, nr, flags) :
				   get_fast(a, nr, flags);
}

static inline struct hold take_slow(unsigned long a, long nr,
				    unsigned int flags)
{
	return rules_from("5.6") ? pin_slow(a, nr, flags) :
				   get_slow(a, nr, flags);
}

/* The release that the era asks for, without dirtying. */
static inline long drop(struct hold h)
{
	if (rules_from("5.6"))
		return unpin(h);
	if (rules_from("5.2"))
		return h.ret > 0 ? k_release(h, 0, h.ret, PUT_USER_PAGES, false)
				 : 0;
	return put(h);
}

/* The release that the era asks for, of pages that the device wrote. */
static inline long drop_dirty(struct hold h)
{
	long i;

	if (rules_from("5.6"))
		return unpin_dirty(h, true);
	if (rules_from("5.2"))
		return k_release(h, 0, h.ret, PUT_USER_PAGES_DIRTY_LOCK, true);
	for (i = 0; i < h.ret; i++)
		k_set_dirty_lock(k_page(h, i));
	return put(h);
}

/* Acquires, says what it returned, and gives it back. */
static inline void say_take(const char *key, struct hold h)
{
	say_ret(key, h.ret);
	drop(h);
}

static inline void say_pin(const char *key, struct hold h)
{
	say_ret(key, h.ret);
	unpin(h);
}

static inline void say_get(const char *key, struct hold h)
{
	say_ret(key, h.ret);
	put(h);
}

static inline bool same(unsigned long a, struct hold h, long i)
{
	return k_at(a) == k_page(h, i);
}

/* A shared mapping of one page of a file on disk, in the cache, clean. */
static inline unsigned long ext4w(const char *name, int *fd)
{
	*fd = f_cached(name, 1, 1);
	return u_map(*fd, 1);
}

/* Huge pages of files in memory. */

#define SUB	512L		/* small pages of a huge one */

/* @huge huge pages of a new memfd, for who asks for them; untouched */
static inline unsigned long memfd_thp(int *fd, long huge)
{
	unsigned long a;

	k_shmem_huge("advise");
	*fd = f_memfd(huge * SUB, MFD_ALLOW_SEALING);
	a = u_mmap_huge(huge * HUGE, RW, MAP_SHARED, *fd, 0);
	u_madvise(a, huge * HUGE, MADV_HUGEPAGE);
	return a;
}

/* one, written to: byte 0 of pages 0, 5 and 300 */
static inline unsigned long memfd_thp_w(int *fd)
{
	unsigned long a = memfd_thp(fd, 1);

	u_put(a, 1);
	u_put(a + 5 * PAGE, 6);
	u_put(a + 300 * PAGE, 44);
	return a;
}

static inline int order_at(unsigned long a)
{
	return k_info(k_at(a)).order;
}

static inline pg_t cached(int fd, long index)
{
	pg_t page = 0;

	return k_cached(fd, index, &page) ? page : 0;
}

/* -1: a hole */
static inline int order_in(int fd, long index)
{
	pg_t page = cached(fd, index);

	return page ? k_info(page).order : -1;
}

#endif
