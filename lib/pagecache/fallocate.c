// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fallocate.c - reserve, punch and zero ranges of a file
 */
#include "pagecache/internal.h"
#include "pagecache/seals.h"

#define MODES (FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE | \
	       FALLOC_FL_ZERO_RANGE)

static int check_mode(int mode)
{
	if (mode & ~MODES)
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE && mode & FALLOC_FL_ZERO_RANGE)
		return -EOPNOTSUPP;
	if (mode & FALLOC_FL_PUNCH_HOLE && !(mode & FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	return 0;
}

/*
 * Partial pages are written back first, so that they are clean when a part of
 * them is zeroed here and in storage; the whole range up to 6.12. The one place
 * that reads rules->punch_cleans.
 */
static int clean_first(struct address_space *mapping, loff_pp start, loff_pp end)
{
	if (!((start | end) & (loff_pp)~PAGE_MASK) && !pp_rules->punch_cleans)
		return 0;
	return pp_filemap_write_and_wait_range(mapping, start, end - 1);
}

/* i_rwsem held */
static int punch(struct file *file, int mode, loff_pp offset, loff_pp len)
{
	struct inode *inode = file->f_inode;
	struct address_space *mapping = &inode->i_data;
	int ret;

	pinpage_down_write(&mapping->invalidate_lock);
	ret = pp_break_layout(inode);
	if (!ret)
		ret = clean_first(mapping, offset, offset + len);
	if (!ret) {
		pp_truncate_range(inode, offset, offset + len);
		ret = mapping->a_ops->fallocate(file, mode, offset, len);
	}
	pinpage_up_write(&mapping->invalidate_lock);
	return ret;
}

/* i_rwsem held for write */
static int change(struct file *file, int mode, loff_pp offset, loff_pp len)
{
	struct inode *inode = file->f_inode;
	int ret = pp_seals_fallocate(inode, mode & FALLOC_FL_PUNCH_HOLE,
				     offset + len);

	if (ret)
		return ret;
	/* on disks there is nothing to punch behind the end: ext4_punch_hole() */
	if (mode & FALLOC_FL_PUNCH_HOLE && inode->i_data.a_ops->dirty_tracked &&
	    offset >= i_size_read(inode))
		return 0;
	if (mode & (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_ZERO_RANGE))
		return punch(file, mode, offset, len);
	return inode->i_data.a_ops->fallocate(file, mode, offset, len);
}

/* See the header. Mirrors: fs/open.c:vfs_fallocate() */
int pinpage_fallocate(struct file *file, int mode, pinpage_loff_t offset,
		      pinpage_loff_t len)
{
	struct inode *inode;
	int ret;

	if (!pp_file_ok(file) || offset < 0 || len <= 0)
		return -EINVAL;
	ret = check_mode(mode);
	if (ret)
		return ret;
	if (!file->can_write)
		return -EBADF;
	inode = file->f_inode;
	if (len > inode->i_sb->s_maxbytes - offset)
		return -EFBIG;
	if (!inode->i_data.a_ops->fallocate ||
	    (mode & FALLOC_FL_ZERO_RANGE && inode->i_data.a_ops->no_zero_range))
		return -EOPNOTSUPP;
	if (!pinpage_might_sleep())
		return -EINVAL;
	pinpage_down_write(&inode->i_rwsem);
	ret = change(file, mode, offset, len);
	if (!ret && !(mode & FALLOC_FL_KEEP_SIZE) &&
	    offset + len > i_size_read(inode))
		pp_i_size_write(inode, offset + len);
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}
