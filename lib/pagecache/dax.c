// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/dax.c - daxfs: the pages of a file are its storage
 *
 * I1. A page in i_pages is a block of the file, idle when it has the one
 *     reference of being there (as up to 6.14). No writeback, no dirty state
 *     but the flag; what is stored is durable.
 * I2. A block never leaves a file while somebody holds the page: whoever
 *     shrinks or punches breaks the layout first: unmaps the file, looks for
 *     a page that is not idle, and waits for it.
 *
 * Who excludes whom: i_rwsem keeps other changes of the layout away all the
 * time; invalidate_lock keeps faults away, and is dropped while waiting, so
 * after a wait everything is looked at again.
 *
 * Mirrors: fs/dax.c:dax_layout_busy_page(), fs/xfs/xfs_file.c:
 * xfs_break_dax_layouts() 6.1; differs: as xfs and ext4 it waits for any page
 * of the file, not of the range.
 */
#include "pagecache/internal.h"
#include "page/unpin_wait.h"

#ifndef ERESTARTSYS
#define ERESTARTSYS 512
#endif

#define IDLE 1

/*
 * A page of [index, last] that is held beside the file, with a reference; NULL:
 * all are idle. Mirrors: fs/dax.c:dax_layout_busy_page_range()
 */
static struct page *busy_page(struct address_space *mapping, unsigned long index,
			      unsigned long last)
{
	struct page *head;

	while ((head = pp_find_tagged(mapping, &index, last, PP_XA_PRESENT))) {
		if (page_ref_count(head) > IDLE + 1)
			return head;
		pp_unref(head);
		if (index++ == last)
			break;
	}
	return NULL;
}

/* [first, last] in pages; @wait: else a page that is held is -ERESTARTSYS at once */
static int break_layout(struct inode *inode, unsigned long first, unsigned long last,
			bool wait)
{
	struct address_space *mapping = &inode->i_data;
	struct page *head;
	bool idle;

	for (;;) {
		pp_unmap_range(mapping, first, last + 1, false);
		head = busy_page(mapping, first, last);
		if (!head)
			return 0;
		if (!wait) {
			pp_unref(head);
			return -ERESTARTSYS;
		}
		pinpage_up_write(&mapping->invalidate_lock);
		idle = pp_wait_idle(head, IDLE + 1);
		pp_unref(head);
		pinpage_down_write(&mapping->invalidate_lock);
		if (!idle)
			return -ERESTARTSYS;
	}
}

/**
 * pp_break_layout() - before blocks are taken from a file
 *
 * Nothing to do but for DAX.
 *
 * Context: process; sleeps. Locking: i_rwsem held for write; invalidate_lock
 *          too, dropped and taken again.
 * Return:  0: no page of the file is held; -ERESTARTSYS: a signal came first
 * Mirrors: fs/xfs/xfs_file.c:xfs_break_layouts()
 */
int pp_break_layout(struct inode *inode)
{
	if (likely(!inode->i_data.a_ops->dax))
		return 0;
	return break_layout(inode, 0, PP_INDEX_MAX, true);
}

/* See the header. */
int pinpage_dax_break_layout(struct file *file, pinpage_loff_t start, pinpage_loff_t end,
			     bool wait)
{
	struct inode *inode;
	int ret;

	if (!pp_file_ok(file) || start < 0 || end < start || !pinpage_might_sleep())
		return -EINVAL;
	inode = file->f_inode;
	if (!inode->i_data.a_ops->dax)
		return 0;
	pinpage_down_write(&inode->i_rwsem);
	pinpage_down_write(&inode->i_data.invalidate_lock);
	ret = break_layout(inode, (unsigned long)start >> PAGE_SHIFT,
			   min((unsigned long)end >> PAGE_SHIFT, (unsigned long)PP_INDEX_MAX),
			   wait);
	pinpage_up_write(&inode->i_data.invalidate_lock);
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}

/* struct address_space_operations.durable_read: the blocks are the pages */
static ssize_t dax_durable_read(struct inode *inode, void *buf, size_t count,
				loff_pp pos)
{
	size_t done = 0;

	while (done < count && pos < i_size_read(inode)) {
		unsigned int from = (unsigned long)pos & ~PAGE_MASK;
		size_t n = min_t(size_t, count - done, PAGE_SIZE - from);
		struct page *head = pp_find_get_page(&inode->i_data,
						     (unsigned long)pos >> PAGE_SHIFT);

		n = min_t(size_t, n, (size_t)(i_size_read(inode) - pos));
		if (head && PageUptodate(head))
			pp_copy_bytes((char *)buf + done,
				      (char *)page_address(head) + from, n);
		else
			memset((char *)buf + done, 0, n);
		if (head)
			pp_unref(head);
		done += n;
		pos += (loff_pp)n;
	}
	return (ssize_t)done;
}

static int dax_fallocate(struct file *file, int mode, loff_pp offset, loff_pp len)
{
	(void)file;
	(void)mode;
	(void)offset;
	(void)len;
	return 0;
}

static const struct address_space_operations dax_aops = {
	.fallocate = dax_fallocate,
	.durable_read = dax_durable_read,
	.ram_only = true,
	.sparse = true,
	.no_mlock = true,
	.dax = true,
};

static int dax_open_inode(struct super_block *sb, const char *name, int flags,
			  int mode, struct inode *inode)
{
	(void)sb;
	(void)name;
	(void)mode;
	if (!(flags & O_CREAT))
		return -ENOENT;
	inode->i_data.a_ops = &dax_aops;
	return 0;
}

const struct pp_fs_type pp_daxfs = {
	.name = "daxfs",
	.open_inode = dax_open_inode,
};
