// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_page.c - blkfs and the page cache
 *
 * A page that may be written has private data: struct blkfs_buf, which stands
 * for ext4's buffer heads. page_mkwrite() and write_begin() attach it and
 * reserve the block that writeback will need; reading attaches nothing, as
 * ext4's read path attaches no buffers. A page that becomes dirty by
 * set_page_dirty() alone is therefore the historical trap: writeback finds a
 * dirty page that nobody announced.
 *
 * I1. A page with BLKFS_BUF_RESERVED has one block of fs->reserved, and its
 *     slot in the block map is kept free, so that writing it cannot fail for
 *     want of space or memory.
 * I2. Writeback takes the block at submit, under the page lock: a fault that
 *     dirties the page again while it is written reserves anew.
 * I3. rules->no_buffers is read in trap_no_buffers() and nowhere else.
 * I4. The checksum is of the bytes at submit; the bytes that are stored are
 *     those at the end of the transfer. The named point "wb-transfer" lies
 *     between the two.
 */
#include <string.h>

#include "base/hash.h"
#include "pagecache/blkfs.h"

static struct blkfs *fs_of_page(const struct page *page)
{
	struct address_space *mapping = page_file_mapping(page);

	return blkfs_of(mapping->host->i_sb);
}

static struct blkfs_node *node_of_page(const struct page *page)
{
	return blkfs_node_of(page_file_mapping(page)->host);
}

/* -- checksums -- */

/**
 * pp_blkfs_csum() - checksum of a block whose first @len bytes are @data
 *
 * The rest of the block is zero. Bytes may change meanwhile.
 * Context: any. Return: never 0; 0 means that a block has none.
 */
uint32_t pp_blkfs_csum(const struct blkfs *fs, const void *data, size_t len)
{
	uint64_t word, h = 0;
	size_t at;

	if (!fs->checksums)
		return 0;
	for (at = 0; at < PP_BDEV_BLOCK_SIZE; at += 8) {
		word = 0;
		if (at < len)
			pp_copy_bytes(&word, (const char *)data + at,
				      len - at < 8 ? len - at : 8);
		h = hash_mix(h, word);
	}
	h ^= h >> 32;
	return (uint32_t)h ? (uint32_t)h : 1;
}

/**
 * pp_blkfs_check_csum() - are these the bytes that were checksummed?
 * @entry: of the block map; @buf: the whole block
 *
 * Context: process. Return: 0; -EIO after a warning.
 */
int pp_blkfs_check_csum(struct blkfs *fs, const struct blkfs_node *node,
			unsigned long index, uint64_t entry, const void *buf)
{
	uint32_t want = blkfs_entry_csum(entry);
	uint32_t got;

	if (!want || !fs->checksums || entry & BLKFS_UNWRITTEN)
		return 0;
	got = pp_blkfs_csum(fs, buf, PP_BDEV_BLOCK_SIZE);
	if (got == want)
		return 0;
	pp_warn_once("blkfs: ino %u page %lu block %llu: checksum %#x, stored %#x",
		     node->ino, index,
		     (unsigned long long)blkfs_entry_block(entry), got, want);
	return -EIO;
}

/* -- reading -- */

/* The bytes of a block map entry; holes and unwritten blocks read zero. */
int pp_blkfs_read_entry(struct blkfs *fs, uint64_t entry, void *buf)
{
	if (!entry || entry & BLKFS_UNWRITTEN) {
		memset(buf, 0, PP_BDEV_BLOCK_SIZE);
		return 0;
	}
	return pp_bdev_read(fs->bdev, blkfs_entry_block(entry), buf);
}

/* Mirrors: fs/ext4/readpage.c:ext4_mpage_readpages() */
static int blkfs_read_page(struct file *file, struct page *page)
{
	struct blkfs *fs = fs_of_page(page);
	struct blkfs_node *node = node_of_page(page);
	unsigned long index = page->index;
	uint64_t entry;
	int ret;

	(void)file;
	pp_blkfs_lock(fs);
	entry = pp_blkfs_map_get(node, index);
	ret = pp_blkfs_read_entry(fs, entry, page_address(page));
	pp_blkfs_unlock(fs);
	if (ret)
		return ret;
	ret = pp_blkfs_check_csum(fs, node, index, entry, page_address(page));
	if (ret)
		pp_emit(WARN, .page = page, .index = index, .arg = ret,
			.mapping = node->mapping, .name = "checksum mismatch",
			.flags = PINPAGE_EVF_ERROR);
	return ret;
}

/* -- private data -- */

/* Page locked. Return: the buffer, attached if need be; NULL: no memory. */
static struct blkfs_buf *get_buf(struct page *page)
{
	struct blkfs_buf *buf = pp_page_private(page);

	if (buf)
		return buf;
	buf = pp_zalloc(sizeof(*buf));
	if (buf)
		pp_attach_private(page, buf);
	return buf;
}

/* Lock held. I1. Return: 1 if a block was reserved, 0 if none is needed. */
static int reserve_for(struct blkfs *fs, struct blkfs_node *node,
		       unsigned long index, struct blkfs_buf *buf)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	int ret;

	if (buf->flags & BLKFS_BUF_RESERVED || (entry && !fs->cow))
		return 0;
	ret = pp_blkfs_reserve(fs);
	if (ret)
		return ret;
	if (!entry && pp_xa_reserve(&node->map, index)) {
		pp_blkfs_unreserve(fs);
		return -ENOMEM;
	}
	buf->flags |= BLKFS_BUF_RESERVED;
	if (!entry) {
		buf->flags |= BLKFS_BUF_DELALLOC;
		node->nr_delalloc++;
	}
	return 1;
}

/* Lock held: the reservation is used up or given up. */
static void drop_delalloc(struct blkfs_node *node, struct blkfs_buf *buf)
{
	if (buf->flags & BLKFS_BUF_DELALLOC)
		node->nr_delalloc--;
	buf->flags = 0;
}

static void cancel_reservation(struct blkfs *fs, struct blkfs_node *node,
			       unsigned long index, struct blkfs_buf *buf)
{
	pp_blkfs_lock(fs);
	if (buf->flags & BLKFS_BUF_RESERVED)
		pp_blkfs_unreserve(fs);
	if (buf->flags & BLKFS_BUF_DELALLOC)
		pp_xa_release(&node->map, index);
	drop_delalloc(node, buf);
	pp_blkfs_unlock(fs);
}

/*
 * The page is going to be written by the CPU: announce it.
 * Return: 0; -ENOSPC; -ENOMEM. What was attached stays.
 */
static int announce(struct page *page)
{
	struct blkfs *fs = fs_of_page(page);
	struct blkfs_node *node = node_of_page(page);
	struct blkfs_buf *buf = get_buf(page);
	int ret;

	if (!buf)
		return -ENOMEM;
	pp_blkfs_lock(fs);
	ret = reserve_for(fs, node, page->index, buf);
	pp_blkfs_unlock(fs);
	pp_blkfs_emit_durable(fs);
	if (ret)
		pp_emit(RESERVE, .page = page, .nr = ret > 0,
			.mapping = page_file_mapping(page),
			.index = page->index, .arg = ret < 0 ? ret : 0,
			.flags = ret < 0 ? PINPAGE_EVF_ERROR : 0);
	return ret < 0 ? ret : 0;
}

/**
 * pp_blkfs_dirty_tail() - the file ends in the middle of a page: it is dirty
 * @index:  of the page
 * @stored: a block is behind it; else the page, if cached, gets buffers only
 *
 * Context: process; sleeps. Locking: i_rwsem and invalidate_lock held for write.
 * Return:  0; -ENOMEM, -EIO, -ENOSPC
 * Mirrors: fs/ext4/inode.c:__ext4_block_zero_page_range()
 */
int pp_blkfs_dirty_tail(struct inode *inode, unsigned long index, bool stored)
{
	struct address_space *mapping = &inode->i_data;
	struct page *page = stored ? pp_read_cache_page(mapping, index, NULL) :
				     pp_find_get_page(mapping, index);
	int ret = 0;

	if (IS_ERR(page))
		return (int)PTR_ERR(page);
	if (!page)
		return 0;
	pp_lock_page(page);
	if (page_file_mapping(page) == mapping && stored) {
		ret = announce(page);
		if (!ret)
			pp_set_page_dirty(page);
	} else if (page_file_mapping(page) == mapping) {
		ret = get_buf(page) ? 0 : -ENOMEM;
	}
	pp_unlock_page(page);
	pp_unref(page);
	return ret;
}

/* Mirrors: fs/ext4/inode.c:ext4_page_mkwrite() */
static int blkfs_page_mkwrite(struct file *file, struct page *page)
{
	(void)file;
	return announce(page);
}

/* Mirrors: fs/ext4/inode.c:ext4_da_write_begin() */
static int blkfs_write_begin(struct file *file, struct page *page,
			     unsigned int from, unsigned int len)
{
	(void)file;
	(void)from;
	(void)len;
	return announce(page);
}

static void release_private(struct page *page)
{
	struct blkfs *fs = fs_of_page(page);
	struct blkfs_node *node = node_of_page(page);
	struct blkfs_buf *buf = pp_detach_private(page);

	if (!buf)
		return;
	if (buf->flags)
		cancel_reservation(fs, node, page->index, buf);
	pp_free(buf);
}

/* Mirrors: fs/ext4/inode.c:ext4_invalidate_folio() */
static void blkfs_invalidate_page(struct page *page, unsigned int from,
				  unsigned int len)
{
	if (from == 0 && len == PAGE_SIZE)
		release_private(page);
}

/* Mirrors: fs/buffer.c:try_to_free_buffers() */
static bool blkfs_release_page(struct page *page)
{
	if (PageDirty(page) || PageWriteback(page))
		return false;
	release_private(page);
	return true;
}

/* Mirrors: fs/ext4/inode.c:ext4_dirty_folio(), which warns of the same two */
static bool blkfs_dirty_page(struct address_space *mapping, struct page *page)
{
	if (!PageLocked(page) && !PageDirty(page)) {
		pp_emit(WARN, .page = page, .mapping = mapping,
			.index = page->index,
			.name = "page dirtied unlocked");
		pp_warn_once("blkfs: page %lu dirtied, but neither locked nor dirty before",
			     page->index);
	}
	if (!PagePrivate(page)) {
		pp_emit(WARN, .page = page, .mapping = mapping,
			.index = page->index,
			.name = "page dirtied without buffers");
		pp_warn_once("blkfs: page %lu dirtied without buffers",
			     page->index);
	}
	return pp_folio_tag_dirty(mapping, page);
}

/* -- writing -- */

static void emit_dropped(struct page *page, int error)
{
	pp_emit(DROPPED, .page = page, .nr = 1,
		.mapping = page_file_mapping(page), .index = page->index,
		.arg = error, .flags = error ? PINPAGE_EVF_ERROR : 0);
}

/* Nothing is written. A snapshot, if there is one, ends with its writeback. */
static void give_up(struct page *page, const void *data)
{
	bool snapshot = data != page_address(page);

	if (snapshot)
		pp_set_page_writeback(page, false);
	pp_unlock_page(page);
	if (snapshot)
		pp_end_page_writeback(page);
}

/*
 * A dirty page that nobody announced. The one place of rules->no_buffers.
 * Mirrors: fs/ext4/inode.c:ext4_writepage() (page_buffers() BUG before 5.18),
 *          mpage_prepare_extent_to_map() (warning since).
 */
static void trap_no_buffers(struct page *page)
{
	if (pp_rules->no_buffers == PINPAGE_NO_BUFFERS_BUG) {
		pp_emit(TRAP, .page = page, .mapping = page_file_mapping(page),
			.index = page->index,
			.name = "write-back of a page without buffers");
		pp_bug("blkfs: writing page %lu, which has no buffers",
		       page->index);
	}
	emit_dropped(page, 0);
	pp_emit(WARN, .page = page, .mapping = page_file_mapping(page),
		.index = page->index, .name = "page does not have buffers");
	pp_warn_once("blkfs: page %lu does not have buffers attached",
		     page->index);
}

/*
 * Where the page goes: lock held. I2. A hole gets its block at once, but
 * unwritten: a failed write leaves zeroes, not what the block held before.
 * Return: block; -ENOSPC, -ENOMEM only if nothing was reserved.
 */
static int64_t take_block(struct blkfs *fs, struct blkfs_node *node,
			  unsigned long index, struct blkfs_buf *buf)
{
	uint64_t entry = pp_blkfs_map_get(node, index);
	bool reserved = buf->flags & BLKFS_BUF_RESERVED;
	int64_t block;

	if (entry && !fs->cow) {
		if (reserved)
			pp_blkfs_unreserve(fs);
		drop_delalloc(node, buf);
		return (int64_t)blkfs_entry_block(entry);
	}
	if (!entry && pp_xa_reserve(&node->map, index))
		return -ENOMEM;
	block = pp_blkfs_alloc(fs, reserved);
	if (block < 0) {
		if (!entry)
			pp_xa_release(&node->map, index);
		return block;
	}
	drop_delalloc(node, buf);
	if (!entry && pp_blkfs_map_set(node, index,
				       blkfs_entry((uint64_t)block, 0) |
				       BLKFS_UNWRITTEN))
		pp_bug("blkfs: reserved slot %lu failed", index);
	return block;
}

/**
 * pp_blkfs_wrote() - a block of the file is in the device's write cache
 *
 * Context: process. Locking: lock held.
 */
void pp_blkfs_wrote(struct blkfs *fs, struct blkfs_node *node,
		    unsigned long index)
{
	pp_blkfs_assert_locked(fs);
	pp_blkfs_range_add(&node->wrote, &fs->wrote, index, index);
}

/**
 * pp_blkfs_emit_durable() - announce what commits made durable
 *
 * Context: process. Locking: lock not held.
 */
void pp_blkfs_emit_durable(struct blkfs *fs)
{
	while (unlikely(!list_empty(&fs->durable))) {
		struct address_space *mapping = NULL;
		unsigned long first = 0, last = 0;

		pp_blkfs_lock(fs);
		if (!list_empty(&fs->durable)) {
			struct blkfs_node *node =
				list_first_entry(&fs->durable,
						 struct blkfs_node,
						 durable.link);

			mapping = node->mapping;
			first = node->durable.first;
			last = node->durable.last;
			list_del_init(&node->durable.link);
		}
		pp_blkfs_unlock(fs);
		if (mapping)
			pp_emit(DURABLE, .mapping = mapping, .index = first,
				.nr = last - first + 1);
	}
}

/**
 * pp_blkfs_replace() - page @index lives in the block of @entry from now on
 *
 * The block that it had, if another, becomes free with the next commit.
 * Context: process. Locking: lock held; the slot has an entry.
 */
void pp_blkfs_replace(struct blkfs *fs, struct blkfs_node *node,
		      unsigned long index, uint64_t entry)
{
	uint64_t old = pp_blkfs_map_get(node, index);

	if (old == entry)
		return;
	if (pp_blkfs_map_set(node, index, entry))
		pp_bug("blkfs: replacing the entry of page %lu failed", index);
	if (old && blkfs_entry_block(old) != blkfs_entry_block(entry))
		pp_blkfs_free(fs, blkfs_entry_block(old));
	pp_blkfs_log_map(fs, node, index, entry);
}

/* The transfer: bytes as they are now go to the block. */
static int store_block(struct blkfs *fs, struct blkfs_node *node,
		       unsigned long index, uint64_t block, const void *data,
		       size_t len, uint32_t csum)
{
	loff_pp end = ((loff_pp)index << PAGE_SHIFT) + (loff_pp)len;
	int ret;

	pp_blkfs_lock(fs);
	ret = pp_bdev_write(fs->bdev, block, data, len);
	if (ret) {
		if (blkfs_entry_block(pp_blkfs_map_get(node, index)) != block)
			pp_blkfs_alloc_undo(fs, block);
		goto out_unlock;
	}
	pp_blkfs_replace(fs, node, index, blkfs_entry(block, csum));
	if (end > node->size) {
		node->size = end;
		pp_blkfs_log_size(fs, node);
	}
	pp_blkfs_wrote(fs, node, index);
out_unlock:
	pp_blkfs_unlock(fs);
	return ret;
}

/* No memory for the transfer: the page, under writeback, is as it was before. */
static void keep_dirty(struct blkfs *fs, struct blkfs_node *node, struct page *page,
		       struct blkfs_buf *buf)
{
	pp_blkfs_lock(fs);
	(void)reserve_for(fs, node, page->index, buf);
	pp_blkfs_unlock(fs);
	pp_folio_tag_dirty(node->mapping, page);
}

/* Bytes of the page inside i_size. */
static size_t bytes_in_file(const struct page *page)
{
	loff_pp size = i_size_read(page_file_mapping(page)->host);
	loff_pp pos = (loff_pp)page->index << PAGE_SHIFT;

	if (pos >= size)
		return 0;
	return size - pos < (loff_pp)PAGE_SIZE ? (size_t)(size - pos) :
						 PAGE_SIZE;
}

/*
 * Contract: pagecache.h. A block that could not be had is -ENOSPC, and the
 * bytes are dropped: announced, returned, never silent. Without memory the page
 * stays dirty.
 * Mirrors: fs/ext4/inode.c:ext4_writepages()
 */
static int blkfs_write_page(struct page *page, struct writeback_control *wbc,
			    const void *data)
{
	struct address_space *mapping = page_file_mapping(page);
	struct blkfs *fs = fs_of_page(page);
	struct blkfs_node *node = node_of_page(page);
	struct blkfs_buf *buf = pp_page_private(page);
	unsigned long index = page->index;
	size_t len = bytes_in_file(page);
	int64_t block = 0;
	uint32_t csum;
	int ret;

	if (len && !buf) {
		trap_no_buffers(page);
		give_up(page, data);
		return 0;
	}
	if (len) {
		pp_blkfs_lock(fs);
		block = take_block(fs, node, index, buf);
		pp_blkfs_unlock(fs);
		pp_blkfs_emit_durable(fs);
	}
	if (block == -ENOMEM) {
		pp_redirty_page(wbc, page);
		pp_unlock_page(page);
		return -ENOMEM;
	}
	if (block < 0) {
		emit_dropped(page, (int)block);
		give_up(page, data);
		return (int)block;
	}
	csum = len ? pp_blkfs_csum(fs, data, len) : 0;
	pp_set_page_writeback(page, false);
	pp_unlock_page(page);
	pp_emit(YIELD, .page = page, .nr = 1, .mapping = mapping,
		.index = index, .name = "wb-transfer");
	ret = len ? store_block(fs, node, index, (uint64_t)block, data, len,
				csum) : 0;
	if (ret == -ENOMEM)
		keep_dirty(fs, node, page, buf);
	else if (ret)
		pp_mapping_set_error(mapping, ret);
	pp_end_page_writeback(page);
	return ret == -ENOMEM ? ret : 0;
}

const struct address_space_operations pp_blkfs_aops = {
	.read_page = blkfs_read_page,
	.write_page = blkfs_write_page,
	.dirty_page = blkfs_dirty_page,
	.write_begin = blkfs_write_begin,
	.page_mkwrite = blkfs_page_mkwrite,
	.invalidate_page = blkfs_invalidate_page,
	.release_page = blkfs_release_page,
	.direct_io = pp_blkfs_direct_io,
	.run = pp_blkfs_run,
	.set_size = pp_blkfs_set_size,
	.fallocate = pp_blkfs_fallocate,
	.sync = pp_blkfs_sync,
	.durable_read = pp_blkfs_durable_read,
	.blocks = pp_blkfs_blocks,
	.dirty_tracked = true,
	.private_moves = true,
};
