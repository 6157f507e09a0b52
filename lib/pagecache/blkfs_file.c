// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_file.c - blkfs below the page cache: sizes, preallocation,
 * direct I/O, durability
 *
 * The caller holds i_rwsem and has put the cached pages in order; here only
 * the block map and the blocks change.
 */
#include <string.h>

#include "pagecache/blkfs.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE	0x01
#define FALLOC_FL_PUNCH_HOLE	0x02
#define FALLOC_FL_ZERO_RANGE	0x10
#endif

/* Lock held: blocks of pages [first, last] go. */
static void unmap_blocks(struct blkfs *fs, struct blkfs_node *node,
			 unsigned long first, unsigned long last)
{
	unsigned long i = first;
	bool any = false;

	while (first <= last &&
	       pp_xa_find(&node->map, &i, last, PP_XA_PRESENT)) {
		uint64_t entry = pp_blkfs_map_clear(node, i);

		pp_blkfs_free(fs, blkfs_entry_block(entry));
		any = true;
		if (i++ == last)
			break;
	}
	if (any)
		pp_blkfs_log_unmap(fs, node, first, last - first + 1);
}

/*
 * Lock held: one whole block gets new bytes, in place unless the file
 * system copies on write and has a block left.
 */
static int rewrite_block(struct blkfs *fs, struct blkfs_node *node,
			 unsigned long index, const void *data)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	int64_t block = (int64_t)blkfs_entry_block(entry);
	int64_t fresh = -ENOSPC;
	int ret;

	if (!entry && pp_xa_reserve(&node->map, index))
		return -ENOMEM;
	if (!entry || fs->cow)
		fresh = pp_blkfs_alloc(fs, false);
	if (fresh < 0 && !entry) {
		pp_xa_release(&node->map, index);
		return (int)fresh;
	}
	if (fresh >= 0)
		block = fresh;
	ret = pp_bdev_write(fs->bdev, (uint64_t)block, data,
			    PP_BDEV_BLOCK_SIZE);
	if (!ret) {
		pp_blkfs_replace(fs, node, index,
				 blkfs_entry((uint64_t)block,
					     pp_blkfs_csum(fs, data,
							   PAGE_SIZE)));
		pp_blkfs_wrote(fs, node, index);
		return 0;
	}
	if (fresh >= 0)
		pp_blkfs_alloc_undo(fs, (uint64_t)fresh);
	if (!entry)
		pp_xa_release(&node->map, index);
	return ret;
}

static bool is_hole(struct blkfs_node *node, loff_pp pos)
{
	uint64_t entry = pp_blkfs_map_get(node, (unsigned long)pos >> PAGE_SHIFT);

	return !entry || entry & BLKFS_UNWRITTEN;
}

static int load_block(struct blkfs *fs, struct blkfs_node *node,
		      unsigned long index, void *buf)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	int ret = pp_blkfs_read_entry(fs, entry, buf);

	return ret ? ret : pp_blkfs_check_csum(fs, node, index, entry, buf);
}

/* Lock held: bytes [from, to) of a stored block become zero. */
static int zero_in_block(struct blkfs *fs, struct blkfs_node *node,
			 unsigned long index, size_t from, size_t to)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	unsigned char *buf;
	int ret;

	if (!entry || entry & BLKFS_UNWRITTEN || from == to)
		return 0;
	buf = pp_alloc(PP_BDEV_BLOCK_SIZE);
	if (!buf)
		return -ENOMEM;
	ret = load_block(fs, node, index, buf);
	if (!ret) {
		memset(buf + from, 0, to - from);
		ret = rewrite_block(fs, node, index, buf);
	}
	pp_free(buf);
	return ret;
}

static void store_size(struct blkfs *fs, struct blkfs_node *node, loff_pp size)
{
	if (node->size == size)
		return;
	node->size = size;
	pp_blkfs_log_size(fs, node);
}

/* Contract: pagecache.h. Mirrors: fs/ext4/inode.c:ext4_setattr(), truncate */
int pp_blkfs_set_size(struct inode *inode, loff_pp size)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	unsigned long index = (unsigned long)size >> PAGE_SHIFT;
	size_t tail = (unsigned long)size & ~PAGE_MASK;
	bool shrinks, stored;
	int ret = 0;

	pp_blkfs_lock(fs);
	shrinks = size < node->size;
	stored = !is_hole(node, size);
	if (tail)
		ret = zero_in_block(fs, node, index, tail, PAGE_SIZE);
	if (!ret) {
		unmap_blocks(fs, node, index + !!tail, PP_INDEX_MAX);
		store_size(fs, node, size);
	}
	pp_blkfs_unlock(fs);
	pp_blkfs_emit_durable(fs);
	if (!ret && tail && shrinks)
		ret = pp_blkfs_dirty_tail(inode, index, stored);
	return ret;
}

/* Lock held: every hole in [first, last] gets an unwritten block. */
static int preallocate(struct blkfs *fs, struct blkfs_node *node,
		       unsigned long first, unsigned long last)
{
	unsigned long i;

	for (i = first; i <= last; i++) {
		uint64_t entry;
		int64_t block;

		if (pp_blkfs_map_get(node, i))
			continue;
		block = pp_blkfs_alloc(fs, false);
		if (block < 0)
			return (int)block;
		entry = blkfs_entry((uint64_t)block, 0) | BLKFS_UNWRITTEN;
		if (pp_blkfs_map_set(node, i, entry)) {
			pp_blkfs_alloc_undo(fs, (uint64_t)block);
			return -ENOMEM;
		}
		pp_blkfs_log_map(fs, node, i, entry);
	}
	return 0;
}

/* Lock held: whole blocks go, partial ones at the ends are zeroed. */
static int punch(struct blkfs *fs, struct blkfs_node *node, loff_pp start,
		 loff_pp end)
{
	unsigned long first = DIV_ROUND_UP((uint64_t)start, PAGE_SIZE);
	unsigned long behind = (unsigned long)end >> PAGE_SHIFT;
	size_t head = (unsigned long)start & ~PAGE_MASK;
	size_t tail = (unsigned long)end & ~PAGE_MASK;
	int ret = 0;

	if (first > behind)
		return zero_in_block(fs, node, behind, head, tail);
	if (head)
		ret = zero_in_block(fs, node, first - 1, head, PAGE_SIZE);
	if (!ret && tail)
		ret = zero_in_block(fs, node, behind, 0, tail);
	if (!ret && behind > first)
		unmap_blocks(fs, node, first, behind - 1);
	return ret;
}

/*
 * Contract: pagecache.h. -EOPNOTSUPP for modes that are not offered, -ENOSPC
 * with the blocks that could be had kept.
 * Mirrors: fs/ext4/extents.c:ext4_fallocate()
 */
int pp_blkfs_fallocate(struct file *file, int mode, loff_pp offset,
		       loff_pp len)
{
	struct inode *inode = file->f_inode;
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	loff_pp end = offset + len;
	int ret = 0;

	if (mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
		     FALLOC_FL_ZERO_RANGE))
		return -EOPNOTSUPP;
	pp_blkfs_lock(fs);
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		ret = punch(fs, node, offset, end);
	if (!ret && !(mode & FALLOC_FL_PUNCH_HOLE))
		ret = preallocate(fs, node,
				  (unsigned long)offset >> PAGE_SHIFT,
				  (unsigned long)(end - 1) >> PAGE_SHIFT);
	if (!ret && !(mode & FALLOC_FL_KEEP_SIZE) && end > node->size)
		store_size(fs, node, end);
	pp_blkfs_unlock(fs);
	pp_blkfs_emit_durable(fs);
	return ret;
}

/* -- direct I/O -- */

/* Bytes [at, at + len) of the caller's pages, to or from @buf. */
static void copy_pages(struct page **pages, size_t at, unsigned char *buf,
		       size_t len, bool to_pages)
{
	while (len) {
		size_t off = at & ~PAGE_MASK;
		size_t n = len < PAGE_SIZE - off ? len : PAGE_SIZE - off;
		char *addr = (char *)page_address(pages[at >> PAGE_SHIFT]) +
			     off;

		if (to_pages)
			pp_copy_bytes(addr, buf, n);
		else
			pp_copy_bytes(buf, addr, n);
		at += n;
		buf += n;
		len -= n;
	}
}

/* One block or a part of it. Lock held. */
static int direct_block(struct blkfs *fs, struct blkfs_node *node, bool write,
			struct page **pages, size_t at, size_t n, loff_pp pos,
			unsigned char *buf)
{
	unsigned long index = (unsigned long)pos >> PAGE_SHIFT;
	size_t off = (unsigned long)pos & ~PAGE_MASK;
	int ret = 0;

	if (!write || n < PAGE_SIZE)
		ret = load_block(fs, node, index, buf);
	if (ret)
		return ret;
	if (!write) {
		copy_pages(pages, at, buf + off, n, true);
		return 0;
	}
	copy_pages(pages, at, buf + off, n, false);
	ret = rewrite_block(fs, node, index, buf);
	if (!ret && pos + (loff_pp)n > node->size)
		store_size(fs, node, pos + (loff_pp)n);
	return ret;
}

/* Contract: pagecache.h. Mirrors: fs/ext4/inode.c:ext4_iomap_begin() */
size_t pp_blkfs_run(struct inode *inode, loff_pp pos, size_t len, bool *hole)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	loff_pp end = pos + (loff_pp)len, at = pos;

	pp_blkfs_lock(fs);
	*hole = is_hole(node, pos);
	do {
		at = (at | (loff_pp)~PAGE_MASK) + 1;
	} while (at < end && is_hole(node, at) == *hole);
	pp_blkfs_unlock(fs);
	return (size_t)(min(at, end) - pos);
}

/*
 * Contract: pagecache.h. Bytes done, or the errno if none: -ENOSPC, -ENOMEM,
 * -EIO. Mirrors: fs/ext4/file.c:ext4_dio_write_iter()
 */
ssize_t pp_blkfs_direct_io(struct file *file, bool write, struct page **pages,
			   size_t offset, size_t len, loff_pp pos)
{
	struct inode *inode = file->f_inode;
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	unsigned char *buf = pp_alloc(PP_BDEV_BLOCK_SIZE);
	size_t done = 0;
	int ret = 0;

	if (!buf)
		return -ENOMEM;
	while (done < len && !ret) {
		size_t off = (unsigned long)(pos + (loff_pp)done) & ~PAGE_MASK;
		size_t n = len - done < PAGE_SIZE - off ? len - done :
							  PAGE_SIZE - off;

		pp_blkfs_lock(fs);
		ret = direct_block(fs, node, write, pages, offset + done, n,
				   pos + (loff_pp)done, buf);
		pp_blkfs_unlock(fs);
		if (!ret)
			done += n;
	}
	pp_free(buf);
	pp_blkfs_emit_durable(fs);
	return done ? (ssize_t)done : ret;
}

/* -- durability -- */

/*
 * Contract: pagecache.h. Always a whole commit: @datasync changes nothing.
 * Mirrors: fs/ext4/fsync.c:ext4_sync_file()
 */
int pp_blkfs_sync(struct inode *inode, bool datasync)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	int ret;

	(void)datasync;
	pp_blkfs_lock(fs);
	store_size(fs, node, i_size_read(inode));
	ret = pp_blkfs_commit(fs);
	pp_blkfs_unlock(fs);
	pp_blkfs_emit_durable(fs);
	return ret;
}

static int durable_block(struct blkfs *fs, const struct blkfs_node *node,
			 unsigned long index, unsigned char *buf)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	int ret;

	if (!entry || entry & BLKFS_UNWRITTEN) {
		memset(buf, 0, PP_BDEV_BLOCK_SIZE);
		return 0;
	}
	ret = pp_bdev_read_stable(fs->bdev, blkfs_entry_block(entry), buf);
	if (!ret && fs->checksums && blkfs_entry_csum(entry) &&
	    pp_blkfs_csum(fs, buf, PP_BDEV_BLOCK_SIZE) !=
	    blkfs_entry_csum(entry))
		ret = -EIO;
	return ret;
}

static ssize_t read_durable(struct blkfs *fs, const struct blkfs_node *node,
			    unsigned char *to, size_t count, loff_pp pos)
{
	unsigned char *buf = fs->scratch;
	size_t done = 0;

	if (pos >= node->size)
		return 0;
	if ((loff_pp)count > node->size - pos)
		count = (size_t)(node->size - pos);
	while (done < count) {
		unsigned long at = (unsigned long)pos + done;
		size_t off = at & ~PAGE_MASK;
		size_t n = count - done < PAGE_SIZE - off ? count - done :
							    PAGE_SIZE - off;
		int ret = durable_block(fs, node, at >> PAGE_SHIFT, buf);

		if (ret)
			return done ? (ssize_t)done : ret;
		memcpy(to + done, buf + off, n);
		done += n;
	}
	return (ssize_t)done;
}

/*
 * Contract: pagecache.h. What remount would find after a power cut now, from
 * stable storage alone. -ENOENT: there would be no such file; -EIO: a
 * checksum would not match; -EUCLEAN: no file system would be found.
 */
ssize_t pp_blkfs_durable_read(struct inode *inode, void *buf, size_t count,
			      loff_pp pos)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_table *table;
	struct blkfs_node *node;
	ssize_t ret;

	pp_blkfs_lock(fs);
	table = pp_blkfs_stable_table(fs);
	ret = PTR_ERR_OR_ZERO(table);
	if (!ret) {
		node = pp_blkfs_find_ino(table, blkfs_node_of(inode)->ino);
		ret = node ? read_durable(fs, node, buf, count, pos) : -ENOENT;
	}
	pp_blkfs_unlock(fs);
	return ret;
}

/* Contract: pagecache.h. Counts delayed allocation, as ext4_getattr() does. */
uint64_t pp_blkfs_blocks(struct inode *inode)
{
	struct blkfs *fs = blkfs_of(inode->i_sb);
	struct blkfs_node *node = blkfs_node_of(inode);
	uint64_t nr;

	pp_blkfs_lock(fs);
	nr = node->nr_blocks + node->nr_delalloc;
	pp_blkfs_unlock(fs);
	return nr << (PAGE_SHIFT - 9);
}
