// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs.c - a file system on a block device, after ext4
 *
 * What it is for: the contract between pages and their file system. Blocks
 * are reserved when a write is announced and taken at writeback; a page that
 * becomes dirty unannounced is a trap or a loss (blkfs_page.c). Options add
 * checksums, stable pages and copy on write. One directory, no permissions.
 *
 * Files: blkfs_alloc.c blocks; blkfs_table.c files and maps; blkfs_log.c
 * and blkfs_recover.c metadata on the device; blkfs_page.c the page cache's
 * side; blkfs_file.c sizes, preallocation, direct I/O, durability.
 *
 * Without a write cache the device is durable at once, but a file is found
 * after a power cut only as the last commit (fsync, unmount) knew it; with
 * checksums and without copy on write, bytes written in place since then do
 * not match the committed checksums.
 */
#include <string.h>

#include "pagecache/blkfs.h"

static void fs_free(struct blkfs *fs)
{
	pp_blkfs_stable_drop(fs);
	pp_blkfs_table_exit(&fs->table);
	pp_blkfs_set_exit(&fs->free);
	pp_blkfs_set_exit(&fs->freed);
	pp_free(fs->log.pending);
	pp_free(fs->scratch);
	pp_free(fs);
}

static struct blkfs *fs_new(struct super_block *sb,
			    const struct pinpage_mount_options *options)
{
	struct blkfs *fs = pp_zalloc(sizeof(*fs));

	if (!fs)
		return NULL;
	fs->sb = sb;
	fs->bdev = options->bdev;
	fs->checksums = options->checksums;
	fs->cow = options->cow;
	pp_blkfs_geometry(fs, pp_bdev_blocks(fs->bdev));
	pp_blkfs_table_init(&fs->table);
	INIT_LIST_HEAD(&fs->wrote);
	INIT_LIST_HEAD(&fs->durable);
	fs->scratch = pp_alloc(2 * PP_BDEV_BLOCK_SIZE);
	if (!fs->scratch || pp_blkfs_set_init(&fs->free, fs->nr_data, true) ||
	    pp_blkfs_set_init(&fs->freed, fs->nr_data, false)) {
		fs_free(fs);
		return NULL;
	}
	return fs;
}

/* Blocks of the maps that were loaded are not free. */
static int claim_blocks(struct blkfs *fs)
{
	struct blkfs_node *node;
	unsigned long ino, index;
	void *entry;

	xa_for_each(&fs->table.by_ino, ino, node)
		xa_for_each(&node->map, index, entry) {
			uint64_t block = blkfs_entry_block(xa_to_value(entry));

			if (!pp_blkfs_set_del(&fs->free,
					      block - fs->first_data))
				return -EUCLEAN;
		}
	return 0;
}

static int fs_start(struct blkfs *fs, bool format)
{
	int ret = 0;

	pp_blkfs_lock(fs);
	if (format)
		ret = pp_blkfs_format(fs);
	if (!ret)
		ret = pp_blkfs_mount_log(fs);
	if (!ret)
		ret = claim_blocks(fs);
	pp_blkfs_unlock(fs);
	return ret;
}

/**
 * blkfs_mount() - struct pp_fs_type.mount
 *
 * Context: process. Locking: none.
 * Return:  0; -EINVAL (no device, one of less than 8 or more than 2^30 blocks,
 *          none of our file systems on it); -EBUSY (mounted already);
 *          -EUCLEAN (damaged); -ENOMEM; the device's error.
 */
static int blkfs_mount(struct super_block *sb,
		       const struct pinpage_mount_options *options)
{
	struct blkfs *fs;
	uint64_t blocks;
	int ret;

	if (!options || !options->bdev)
		return -EINVAL;
	blocks = pp_bdev_blocks(options->bdev);
	if (blocks < BLKFS_MIN_BLOCKS || blocks > BLKFS_MAX_BLOCKS)
		return -EINVAL;
	ret = pp_bdev_claim(options->bdev);
	if (ret)
		return ret;
	ret = -ENOMEM;
	fs = fs_new(sb, options);
	if (!fs)
		goto out_claim;
	ret = fs_start(fs, options->format);
	if (ret)
		goto out_fs;
	sb->s_fs_info = fs;
	sb->stable_writes = options->stable_pages ||
			    pp_bdev_stable_writes(options->bdev);
	return 0;
out_fs:
	fs_free(fs);
out_claim:
	pp_bdev_unclaim(options->bdev);
	return ret;
}

/* struct pp_fs_type.kill_sb: no inode is in memory any more. */
static void blkfs_kill_sb(struct super_block *sb, bool lost)
{
	struct blkfs *fs = blkfs_of(sb);
	int ret = 0;

	pp_blkfs_lock(fs);
	if (!lost)
		ret = pp_blkfs_commit(fs);
	pp_blkfs_unlock(fs);
	if (ret)
		pp_warn("blkfs: unmounted with error %d, changes since the last fsync are lost",
			ret);
	pp_blkfs_emit_durable(fs);
	pp_bdev_unclaim(fs->bdev);
	fs_free(fs);
	sb->s_fs_info = NULL;
}

/* One flat directory. */
static int check_name(const char *name)
{
	size_t len = strlen(name);

	if (!len)
		return -ENOENT;
	if (len > BLKFS_NAME_MAX)
		return -ENAMETOOLONG;
	if (!strcmp(name, ".") || !strcmp(name, ".."))
		return -EISDIR;
	return strchr(name, '/') ? -ENOENT : 0;
}

/* Lock held. */
static struct blkfs_node *create_node(struct blkfs *fs, const char *name)
{
	size_t len = strlen(name);
	struct blkfs_node *node;

	if (!pp_blkfs_room_for_name(fs, len))
		return ERR_PTR(-ENOSPC);
	node = pp_blkfs_node_new(&fs->table, fs->table.last_ino + 1, name, len);
	if (!node)
		return ERR_PTR(-ENOMEM);
	pp_blkfs_log_inode(fs, node);
	return node;
}

static struct blkfs_node *open_node(struct blkfs *fs, const char *name,
				    int flags)
{
	struct blkfs_node *node = pp_blkfs_find_name(&fs->table, name);

	if (!node)
		return flags & O_CREAT ? create_node(fs, name) :
					 ERR_PTR(-ENOENT);
	if (flags & O_CREAT && flags & O_EXCL)
		return ERR_PTR(-EEXIST);
	return node;
}

/**
 * blkfs_open_inode() - struct pp_fs_type.open_inode
 *
 * Return: 0; -ENOENT, -EEXIST, -EISDIR, -ENAMETOOLONG by name and flags;
 *         -ENOSPC (no room for another name); -ENOMEM.
 */
static int blkfs_open_inode(struct super_block *sb, const char *name,
			    int flags, int mode, struct inode *inode)
{
	struct blkfs *fs = blkfs_of(sb);
	struct blkfs_node *node;
	int ret = check_name(name);

	(void)mode;
	if (ret)
		return ret;
	pp_blkfs_lock(fs);
	node = open_node(fs, name, flags);
	if (!IS_ERR(node)) {
		node->mapping = &inode->i_data;
		inode->i_private = node;
		inode->i_ino = node->ino;
		inode->i_size = node->size;
		inode->i_data.a_ops = &pp_blkfs_aops;
	}
	pp_blkfs_unlock(fs);
	return PTR_ERR_OR_ZERO(node);
}

/* struct pp_fs_type.evict_inode: an unlinked file gives its blocks back. */
static void blkfs_evict_inode(struct inode *inode)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	unsigned long index;
	void *entry;

	if (!node)
		return;
	pp_blkfs_lock(fs);
	node->mapping = NULL;
	if (node->nr_delalloc)
		pp_bug("blkfs: ino %u leaves %lu reservations", node->ino,
		       node->nr_delalloc);
	if (!node->name) {
		xa_for_each(&node->map, index, entry)
			pp_blkfs_free(fs,
				      blkfs_entry_block(xa_to_value(entry)));
		pp_blkfs_node_free(node);
	}
	pp_blkfs_unlock(fs);
	inode->i_private = NULL;
}

/* struct pp_fs_type.unlink. Return: 0; -ENOENT. */
static int blkfs_unlink(struct super_block *sb, const char *name)
{
	struct blkfs *fs = blkfs_of(sb);
	struct blkfs_node *node;

	pp_blkfs_lock(fs);
	node = pp_blkfs_find_name(&fs->table, name);
	if (node) {
		pp_blkfs_log_remove(fs, node);
		pp_blkfs_node_forget_name(&fs->table, node);
	}
	pp_blkfs_unlock(fs);
	return node ? 0 : -ENOENT;
}

const struct pp_fs_type pp_blkfs = {
	.name = "blkfs",
	.mount = blkfs_mount,
	.kill_sb = blkfs_kill_sb,
	.open_inode = blkfs_open_inode,
	.evict_inode = blkfs_evict_inode,
	.unlink = blkfs_unlink,
};
