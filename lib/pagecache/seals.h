/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagecache/seals.h - what seals forbid, and how writable areas are counted
 *
 * A file that has none, or cannot have any, has i_seals without the bits that
 * are tested here, and pays one test.
 *
 * Mirrors: mm/shmem.c, include/linux/fs.h:mapping_map_writable() and kin.
 */
#ifndef PP_PAGECACHE_SEALS_H
#define PP_PAGECACHE_SEALS_H

#include <fcntl.h>

#include "pagecache/pagecache.h"

#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE	0x0010
#endif
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC		0x0020
#endif

#define PP_SEALS_WRITE	((unsigned int)(F_SEAL_WRITE | F_SEAL_FUTURE_WRITE))

/* i_rwsem held for these three: 0 or -EPERM */
static inline int pp_seals_write(const struct inode *inode, loff_pp end)
{
	if (likely(!(inode->i_seals & (PP_SEALS_WRITE | F_SEAL_GROW))))
		return 0;
	if (inode->i_seals & PP_SEALS_WRITE)
		return -EPERM;
	return end > i_size_read(inode) ? -EPERM : 0;
}

static inline int pp_seals_resize(const struct inode *inode, loff_pp size)
{
	if (inode->i_seals & F_SEAL_SHRINK && size < i_size_read(inode))
		return -EPERM;
	if (inode->i_seals & F_SEAL_GROW && size > i_size_read(inode))
		return -EPERM;
	return 0;
}

static inline int pp_seals_fallocate(const struct inode *inode, bool punch,
				     loff_pp end)
{
	if (punch)
		return inode->i_seals & PP_SEALS_WRITE ? -EPERM : 0;
	return inode->i_seals & F_SEAL_GROW && end > i_size_read(inode) ?
		-EPERM : 0;
}

/*
 * i_mmap_writable: areas that may write the file, or -1: sealed against them.
 * False: the other side was faster.
 */
static inline bool pp_mapping_map_writable(struct address_space *mapping)
{
	int old = atomic_read(&mapping->i_mmap_writable);

	while (old >= 0)
		if (atomic_try_cmpxchg(&mapping->i_mmap_writable, &old, old + 1))
			return true;
	return false;
}

static inline void pp_mapping_unmap_writable(struct address_space *mapping)
{
	atomic_dec(&mapping->i_mmap_writable);
}

static inline bool pp_mapping_deny_writable(struct address_space *mapping)
{
	int old = 0;

	return atomic_try_cmpxchg(&mapping->i_mmap_writable, &old, -1);
}

static inline void pp_mapping_allow_writable(struct address_space *mapping)
{
	atomic_inc(&mapping->i_mmap_writable);
}

/* Door for large-page memfds: MFD_HUGETLB; unset: -ENOSYS. */
extern struct file *(*pp_memfd_huge)(const char *name, unsigned int flags);

#endif
