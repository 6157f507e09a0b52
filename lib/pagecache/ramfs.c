// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/ramfs.c - files that exist in the page cache alone
 *
 * The model of ramfs. No writeback: the dirty flag is a flag and nothing else.
 * The cached pages are the only copy, so they leave by truncation, punching,
 * or with the file; ram_only keeps reclaim away. Holes read zero.
 */
#include "pagecache/internal.h"

/* The cache's own work is all there is to do; -EOPNOTSUPP comes from above. */
static int ramfs_fallocate(struct file *file, int mode, loff_pp offset,
			   loff_pp len)
{
	(void)file;
	(void)mode;
	(void)offset;
	(void)len;
	return 0;
}

static const struct address_space_operations ramfs_aops = {
	.fallocate = ramfs_fallocate,
	.ram_only = true,
};

/**
 * ramfs_open_inode() - struct pp_fs_type.open_inode
 *
 * A name that is not in memory does not exist.
 * Return: 0; -ENOENT without O_CREAT.
 * Mirrors: fs/ramfs/inode.c:ramfs_get_inode()
 */
static int ramfs_open_inode(struct super_block *sb, const char *name,
			    int flags, int mode, struct inode *inode)
{
	(void)sb;
	(void)name;
	(void)mode;
	if (!(flags & O_CREAT))
		return -ENOENT;
	inode->i_data.a_ops = &ramfs_aops;
	return 0;
}

const struct pp_fs_type pp_ramfs = {
	.name = "ramfs",
	.open_inode = ramfs_open_inode,
};
