// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fsync.c - the calls that promise durable bytes, and the one that does not
 */
#include "pagecache/internal.h"

static int write_and_wait(struct file *file, loff_pp start, loff_pp end)
{
	struct address_space *mapping = file->f_mapping;
	int ret, err;

	ret = pp_filemap_write_range(mapping, start, end, PINPAGE_WB_SYNC_ALL);
	pp_filemap_wait_range(mapping, start, end);
	err = pp_file_check_error(file);
	return ret ? ret : err;
}

/**
 * pp_fsync_range() - bytes [start, end] are durable on return
 * @file:     open file; its error cursor moves
 * @end:      inclusive
 * @datasync: metadata that is not needed to read the bytes may stay behind
 *
 * Context: process; sleeps. Locking: no page lock held.
 * Return:  0; the first error of writing or flushing; an error of earlier
 *          writeback that this file has not reported yet (-EIO, -ENOSPC)
 * Mirrors: fs/sync.c:vfs_fsync_range(), mm/filemap.c:file_write_and_wait_range()
 */
int pp_fsync_range(struct file *file, loff_pp start, loff_pp end, int datasync)
{
	struct address_space *mapping = file->f_mapping;
	int ret, err = 0;

	pp_emit(FSYNC_START, .mapping = mapping,
		.index = (unsigned long)start >> PAGE_SHIFT,
		.len = (unsigned long)(end - start), .arg = datasync);
	ret = write_and_wait(file, start, end);
	if (mapping->a_ops->sync)
		err = mapping->a_ops->sync(mapping->host, datasync);
	if (err)
		pp_mapping_set_error(mapping, err);
	if (!ret)
		ret = err;
	err = pp_file_check_error(file);
	if (!ret)
		ret = err;
	pp_emit(FSYNC_END, .mapping = mapping,
		.index = (unsigned long)start >> PAGE_SHIFT,
		.len = (unsigned long)(end - start), .arg = ret,
		.flags = ret ? PINPAGE_EVF_ERROR : 0);
	return ret;
}

int pinpage_fsync(struct file *file, int datasync)
{
	if (!pp_file_ok(file) || !pinpage_might_sleep())
		return -EINVAL;
	return pp_fsync_range(file, 0, PP_LOFF_MAX, datasync);
}

int pinpage_fsync_range(struct file *file, pinpage_loff_t start,
			pinpage_loff_t end, int datasync)
{
	if (!pp_file_ok(file) || start < 0 || end < start ||
	    !pinpage_might_sleep())
		return -EINVAL;
	return pp_fsync_range(file, start, end, datasync);
}

#define SYNC_ALL_FLAGS (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | \
			SYNC_FILE_RANGE_WAIT_AFTER)

/* See the header. Mirrors: fs/sync.c:sync_file_range() */
int pinpage_sync_file_range(struct file *file, pinpage_loff_t offset,
			    pinpage_loff_t nbytes, unsigned int flags)
{
	enum pinpage_sync_mode mode = PINPAGE_WB_SYNC_NONE;
	struct address_space *mapping;
	loff_pp end;
	int ret;

	if (!pp_file_ok(file) || flags & ~SYNC_ALL_FLAGS || offset < 0 ||
	    nbytes < 0 || nbytes > PP_LOFF_MAX - offset ||
	    !pinpage_might_sleep())
		return -EINVAL;
	mapping = file->f_mapping;
	end = nbytes ? offset + nbytes - 1 : PP_LOFF_MAX;
	if (flags & SYNC_FILE_RANGE_WAIT_BEFORE) {
		pp_filemap_wait_range(mapping, offset, end);
		ret = pp_file_check_error(file);
		if (ret)
			return ret;
	}
	if (flags & SYNC_FILE_RANGE_WRITE) {
		if ((flags & SYNC_ALL_FLAGS) == SYNC_ALL_FLAGS)
			mode = PINPAGE_WB_SYNC_ALL;
		ret = pp_filemap_write_range(mapping, offset, end, mode);
		if (ret)
			return ret;
	}
	if (!(flags & SYNC_FILE_RANGE_WAIT_AFTER))
		return 0;
	pp_filemap_wait_range(mapping, offset, end);
	return pp_file_check_error(file);
}
