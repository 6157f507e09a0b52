// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process_vm.c - bytes between two address spaces, through pinned pages
 *
 * I1. No lock is held while bytes move: the pages are pinned, the local side
 *     may fault. The file system may have cleaned a page by then.
 * I2. What was moved before an error is what the call returns.
 *
 * Mirrors: mm/process_vm_access.c:process_vm_rw_core(),
 * process_vm_rw_single_vec(), process_vm_rw_pages() 6.1 and 5.1.
 */
#include "gup/gup.h"

#include <limits.h>

#include "base/alloc.h"

#define SEGMENTS	1024UL		/* UIO_MAXIOV */
#define ON_STACK	16UL		/* pages of a batch without an allocation */
#define BATCH		1024UL		/* pages of a batch with one */
#define CHUNK		512UL
#define MOST		((size_t)INT_MAX & PAGE_MASK)

struct transfer {
	struct mm_struct *mm;
	const struct iovec *at;		/* local segment that is next */
	size_t offset, left;		/* in it; bytes of all */
	bool write;			/* into mm */
	struct page **pages;		/* few, or allocated */
	unsigned long max;		/* of a batch */
	struct page *few[ON_STACK];
};

/* The one place here that knows the eras. */
static bool pins(void)
{
	return pp_rules->has_pin_api;
}

static long get_pages(const struct transfer *t, unsigned long addr, unsigned long nr)
{
	unsigned int flags = t->write ? FOLL_WRITE : 0;
	int locked = 1;
	long got;

	pinpage_mmap_read_lock(t->mm);
	got = pins() ? pinpage_pin_user_pages_remote(t->mm, addr, nr, flags,
						     t->pages, &locked) :
		       pinpage_get_user_pages_remote(t->mm, addr, nr, flags,
						     t->pages, &locked);
	if (locked)
		pinpage_mmap_read_unlock(t->mm);
	return got;
}

static void put_pages(const struct transfer *t, long got)
{
	if (pins())
		pinpage_unpin_user_pages_dirty_lock(t->pages, (unsigned long)got,
						    t->write);
	else
		pinpage_release_pages(t->pages, (int)got);
}

/* bytes of one local segment that could not be moved */
static size_t move(const struct transfer *t, char *at, char *user, size_t n)
{
	char buf[CHUNK];
	size_t left;

	if (!t->write)
		return pinpage_copy_to_user(user, at, n);
	left = pinpage_copy_from_user(buf, user, n);
	pp_copy_bytes(at, buf, n - left);
	return left;
}

/* bytes moved between @at and the local side */
static size_t copy_page_part(struct transfer *t, char *at, size_t len)
{
	size_t done = 0, left = 0, n;

	len = min(len, t->left);
	while (done < len && !left) {
		if (t->offset == t->at->iov_len) {
			t->at++;
			t->offset = 0;
			continue;
		}
		n = min(min(len - done, t->at->iov_len - t->offset), CHUNK);
		left = move(t, at + done, (char *)t->at->iov_base + t->offset, n);
		done += n - left;
		t->offset += n - left;
		t->left -= n - left;
	}
	return done;
}

/* 0, -EFAULT: the local side */
static int copy_pages(struct transfer *t, size_t offset, size_t len)
{
	struct page **page = t->pages;

	while (len && t->left) {
		size_t part = min(len, PAGE_SIZE - offset);
		size_t done = copy_page_part(t, (char *)page_address(*page) + offset,
					     part);

		len -= done;
		if (done < part && t->left)
			return -EFAULT;
		page++;
		offset = 0;
	}
	return 0;
}

/* 0, -EFAULT */
static int one_range(struct transfer *t, unsigned long addr, size_t len)
{
	size_t offset = addr & ~PAGE_MASK, bytes;
	unsigned long nr = len ? (addr + len - 1) / PAGE_SIZE - addr / PAGE_SIZE + 1 : 0;
	int err = 0;
	long got;

	addr &= PAGE_MASK;
	while (!err && nr && t->left) {
		got = get_pages(t, addr, min(nr, t->max));
		if (got <= 0)
			return -EFAULT;
		bytes = min(len, (size_t)got * PAGE_SIZE - offset);
		err = copy_pages(t, offset, bytes);
		put_pages(t, got);
		len -= bytes;
		offset = 0;
		nr -= (unsigned long)got;
		addr += (unsigned long)got * PAGE_SIZE;
	}
	return err;
}

static ssize_t all_ranges(struct transfer *t, const struct iovec *remote,
			  unsigned long nr)
{
	size_t total = t->left;
	unsigned long i;
	int err = 0;

	for (i = 0; i < nr && t->left && !err; i++)
		err = one_range(t, (unsigned long)remote[i].iov_base, remote[i].iov_len);
	return total - t->left ? (ssize_t)(total - t->left) : err;
}

/* pages of the largest range, 0: nothing to do */
static unsigned long most_pages(const struct iovec *remote, unsigned long nr)
{
	unsigned long i, pages, most = 0;

	for (i = 0; i < nr; i++) {
		unsigned long addr = (unsigned long)remote[i].iov_base;

		if (!remote[i].iov_len)
			continue;
		pages = (addr + remote[i].iov_len) / PAGE_SIZE - addr / PAGE_SIZE + 1;
		most = max(most, pages);
	}
	return most;
}

static ssize_t transfer(struct transfer *t, const struct iovec *remote,
			unsigned long nr)
{
	unsigned long most = most_pages(remote, nr);
	ssize_t ret;

	if (!most)
		return 0;
	t->max = min(most, BATCH);
	t->pages = t->few;
	if (t->max > ON_STACK)
		t->pages = pp_zalloc(t->max * sizeof(*t->pages));
	if (!t->pages)
		return -ENOMEM;
	ret = t->mm ? all_ranges(t, remote, nr) : -ESRCH;
	if (t->pages != t->few)
		pp_free(t->pages);
	return ret;
}

/* 0, -EINVAL, -EFAULT. Mirrors: lib/iov_iter.c:iovec_from_user() */
static int check_array(const struct iovec *iov, unsigned long nr)
{
	unsigned long i;

	if (nr > SEGMENTS)
		return -EINVAL;
	if (nr && !iov)
		return -EFAULT;
	for (i = 0; i < nr; i++)
		if ((ssize_t)iov[i].iov_len < 0)
			return -EINVAL;
	return 0;
}

/* bytes of all, at most MOST; -EFAULT. Mirrors: lib/iov_iter.c:import_iovec() */
static ssize_t local_bytes(const struct iovec *iov, unsigned long nr)
{
	size_t total = 0;
	unsigned long i;

	for (i = 0; i < nr; i++) {
		if (!pinpage_access_ok(iov[i].iov_base, iov[i].iov_len))
			return -EFAULT;
		total = min(total + iov[i].iov_len, MOST);
	}
	return (ssize_t)total;
}

static ssize_t process_vm(struct transfer *t, unsigned long liovcnt,
			  const struct iovec *remote, unsigned long riovcnt,
			  unsigned long flags)
{
	ssize_t ret;

	if (flags || !pinpage_might_sleep())
		return -EINVAL;
	ret = check_array(t->at, liovcnt);
	if (!ret)
		ret = local_bytes(t->at, liovcnt);
	if (ret <= 0)
		return ret;
	t->left = (size_t)ret;
	ret = check_array(remote, riovcnt);
	return ret ? ret : transfer(t, remote, riovcnt);
}

ssize_t pinpage_process_vm_readv(struct mm_struct *mm, const struct iovec *local,
				 unsigned long liovcnt, const struct iovec *remote,
				 unsigned long riovcnt, unsigned long flags)
{
	struct transfer t = { .mm = mm, .at = local };
	ssize_t ret;

	if (!pp_ready())
		return -EINVAL;
	pp_enter(__builtin_return_address(0));
	ret = process_vm(&t, liovcnt, remote, riovcnt, flags);
	pp_leave();
	return ret;
}

ssize_t pinpage_process_vm_writev(struct mm_struct *mm, const struct iovec *local,
				  unsigned long liovcnt, const struct iovec *remote,
				  unsigned long riovcnt, unsigned long flags)
{
	struct transfer t = { .mm = mm, .at = local, .write = true };
	ssize_t ret;

	if (!pp_ready())
		return -EINVAL;
	pp_enter(__builtin_return_address(0));
	ret = process_vm(&t, liovcnt, remote, riovcnt, flags);
	pp_leave();
	return ret;
}
