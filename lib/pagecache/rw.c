// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rw.c - read and write through the cache
 *
 * Writers of a file exclude each other by i_rwsem; readers do not exclude
 * writers, so a read beside a write may see some of it (per page, the kernel
 * promises no more). What was done before an error is the result; the error
 * comes with the next call, or with fsync.
 */
#include "pagecache/internal.h"
#include "pagecache/seals.h"

/* i_rwsem held for write, or the inode's only user. */
void pp_i_size_write(struct inode *inode, loff_pp size)
{
	WRITE_ONCE(inode->i_size, size);
}

/**
 * pp_rw_verify() - the checks that every read and write starts with
 * @count: in: bytes asked for; out: cut at what one call transfers
 *
 * Return: 0; -EBADF: not open for that; -EINVAL: negative or wrapping
 * Mirrors: fs/read_write.c:rw_verify_area(), vfs_read()
 */
int pp_rw_verify(const struct file *file, loff_pp pos, size_t *count,
		 bool write)
{
	if (write ? !file->can_write : !file->can_read)
		return -EBADF;
	if (file->f_mapping->a_ops->no_rw || (write && file->f_mapping->a_ops->huge))
		return -EINVAL;
	if (pos < 0 || *count > (size_t)(PP_LOFF_MAX - pos))
		return -EINVAL;
	*count = min_t(size_t, *count, PP_MAX_RW_COUNT);
	return 0;
}

/* A hole of a sparse file, or a page that only reserves it, reads as zero. */
static bool reads_as_hole(struct address_space *mapping, unsigned long index)
{
	struct page *head;
	bool hole;

	if (!mapping->a_ops->sparse)
		return false;
	head = pp_find_get_page(mapping, index);
	hole = !head || !PageUptodate(head);
	if (head)
		pp_unref(head);
	return hole && !(mapping->a_ops->absent &&
			 mapping->a_ops->absent(mapping, index));
}

/* Bytes of the page of @index from @from on; 0 at EOF, -errno */
static ssize_t read_part(struct file *file, char *buf, unsigned long index,
			 unsigned int from, size_t n)
{
	struct address_space *mapping = file->f_mapping;
	loff_pp pos = ((loff_pp)index << PAGE_SHIFT) + from, size;
	bool hole = reads_as_hole(mapping, index);
	struct page *head = hole ? NULL :
		pp_read_cache_page(mapping, index, file), *page;

	if (IS_ERR(head))
		return PTR_ERR(head);
	/* i_size once more: the page may have been filled before. */
	size = i_size_read(mapping->host);
	if (pos + (loff_pp)n > size)
		n = size > pos ? (size_t)(size - pos) : 0;
	if (hole) {
		memset(buf, 0, n);
		return (ssize_t)n;
	}
	page = pp_folio_page(head, index);
	pp_copy_bytes(buf, (char *)page_address(page) + from, n);
	pp_mark_accessed(head);
	pp_emit(FILE_READ, .page = page, .nr = 1, .mapping = mapping,
		.index = index, .arg = from, .len = n);
	pp_unref(head);
	return (ssize_t)n;
}

/**
 * pp_buffered_read() - copy bytes out of the cache
 * @buf: @count bytes, the caller's
 *
 * Context: process; sleeps. Locking: none needed.
 * Return:  bytes copied (0 at EOF), or -errno if none: -ENOMEM, -EIO
 * Mirrors: mm/filemap.c:filemap_read()
 */
ssize_t pp_buffered_read(struct file *file, void *buf, size_t count,
			 loff_pp pos)
{
	struct address_space *mapping = file->f_mapping;
	size_t done = 0;

	if (mapping->a_ops->read_bytes)
		return mapping->a_ops->read_bytes(file, buf, count, pos);
	while (done < count) {
		unsigned long index = (unsigned long)pos >> PAGE_SHIFT;
		unsigned int from = (unsigned long)pos & ~PAGE_MASK;
		size_t n = min_t(size_t, count - done, PAGE_SIZE - from);
		ssize_t got;

		if (pos >= i_size_read(mapping->host))
			break;
		got = read_part(file, (char *)buf + done, index, from, n);
		if (got < 0)
			return done ? (ssize_t)done : got;
		if (!got)
			break;
		done += (size_t)got;
		pos += got;
	}
	return (ssize_t)done;
}

/* A page that write() fills in part needs the rest of its bytes. */
static int prepare_page(struct file *file, struct page *head,
			unsigned int from, size_t n)
{
	struct inode *inode = file->f_inode;
	loff_pp start = (loff_pp)head->index << PAGE_SHIFT;

	if (PageUptodate(head))
		return 0;
	if (unlikely(PageHead(head)))
		return pp_read_page_locked(file, head);
	if (!from && n == PAGE_SIZE)
		return 0;
	if (start < i_size_read(inode))
		return pp_read_page_locked(file, head);
	memset(page_address(head), 0, PAGE_SIZE);
	return 0;
}

/* Page @pos is in, locked: reserve, copy, dirty. 0 or -errno with nothing changed. */
static int write_into(struct file *file, struct page *head, const void *buf,
		      loff_pp pos, size_t n)
{
	struct address_space *mapping = file->f_mapping;
	const struct address_space_operations *ops = mapping->a_ops;
	unsigned long index = (unsigned long)pos >> PAGE_SHIFT;
	unsigned int from = (unsigned long)pos & ~PAGE_MASK;
	struct page *page = pp_folio_page(head, index);
	loff_pp end = pos + (loff_pp)n;
	int ret;

	pp_wait_stable(head);
	ret = prepare_page(file, head, from, n);
	if (!ret && ops->write_begin)
		ret = ops->write_begin(file, head, from, (unsigned int)n);
	if (ret)
		return ret;
	pp_copy_bytes((char *)page_address(page) + from, buf, n);
	pp_emit(FILE_WRITE, .page = page, .nr = 1, .mapping = mapping,
		.index = index, .arg = from, .len = n,
		.flags = PINPAGE_EVF_LOCKED | PINPAGE_EVF_WRITE);
	if (ops->write_end)
		ret = ops->write_end(file, head, from, (unsigned int)n);
	/* MB uptodate (C): see pp_read_page_locked(). */
	TestSetPageUptodate(head);
	pp_set_page_dirty(head);
	if (ret)
		return ret;
	if (end > i_size_read(mapping->host))
		pp_i_size_write(mapping->host, end);
	return 0;
}

/**
 * pp_buffered_write() - copy bytes into the cache
 * @buf: @count bytes, the caller's
 *
 * Context: process; sleeps. Locking: i_rwsem held for write.
 * Return:  bytes copied, or -errno if none: -ENOSPC, -EIO, -ENOMEM, -EINTR,
 *          -EPERM (sealed)
 * Mirrors: mm/filemap.c:generic_perform_write()
 */
ssize_t pp_buffered_write(struct file *file, const void *buf, size_t count,
			  loff_pp pos)
{
	struct address_space *mapping = file->f_mapping;
	size_t done = 0;
	int ret = 0;

	pp_assert_held(&mapping->host->i_rwsem);
	while (done < count) {
		unsigned int from = (unsigned long)pos & ~PAGE_MASK;
		size_t n = min_t(size_t, count - done, PAGE_SIZE - from);
		struct page *head;

		if (pinpage_fatal_signal_pending()) {
			ret = -EINTR;
			break;
		}
		ret = pp_seals_write(mapping->host, pos + (loff_pp)n);
		if (ret)
			break;
		head = pp_find_or_create_page(mapping,
					      (unsigned long)pos >> PAGE_SHIFT);
		if (IS_ERR(head)) {
			ret = (int)PTR_ERR(head);
			break;
		}
		ret = write_into(file, head, (const char *)buf + done, pos, n);
		pp_unlock_page(head);
		pp_unref(head);
		if (ret)
			break;
		done += n;
		pos += (loff_pp)n;
		pp_balance_dirty_pages();
	}
	return done ? (ssize_t)done : ret;
}

static ssize_t do_write(struct file *file, const void *buf, size_t count,
			loff_pp *pos)
{
	struct inode *inode = file->f_inode;
	ssize_t ret;

	pinpage_down_write(&inode->i_rwsem);
	if (file->f_flags & O_APPEND)
		*pos = i_size_read(inode);
	ret = -EFBIG;
	if (*pos >= inode->i_sb->s_maxbytes)
		goto out_unlock;
	count = min_t(size_t, count,
		      (size_t)(inode->i_sb->s_maxbytes - *pos));
	if (file->f_flags & O_DIRECT)
		ret = pp_direct_rw(file, true, (char *)(uintptr_t)buf, count,
				   *pos);
	else
		ret = pp_buffered_write(file, buf, count, *pos);
out_unlock:
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}

/* O_SYNC, O_DSYNC. Mirrors: include/linux/fs.h:generic_write_sync() */
static ssize_t write_sync(struct file *file, loff_pp pos, ssize_t done)
{
	int ret;

	if (done <= 0 || !(file->f_flags & O_DSYNC))
		return done;
	ret = pp_fsync_range(file, pos, pos + done - 1,
			     (file->f_flags & O_SYNC) != O_SYNC);
	return ret ? ret : done;
}

/* See the header. Mirrors: fs/read_write.c:ksys_pwrite64() */
static ssize_t write_at(struct file *file, const void *buf, size_t count,
			loff_pp *pos)
{
	ssize_t ret = pp_rw_verify(file, *pos, &count, true);

	if (ret || !count)
		return ret;
	if (!buf)
		return -EFAULT;
	if (!pinpage_might_sleep())
		return -EINVAL;
	ret = do_write(file, buf, count, pos);
	return write_sync(file, *pos, ret);
}

static ssize_t read_at(struct file *file, void *buf, size_t count, loff_pp pos)
{
	ssize_t ret = pp_rw_verify(file, pos, &count, false);

	if (ret || !count)
		return ret;
	if (!buf)
		return -EFAULT;
	if (!pinpage_might_sleep())
		return -EINVAL;
	if (file->f_flags & O_DIRECT)
		return pp_direct_rw(file, false, buf, count, pos);
	return pp_buffered_read(file, buf, count, pos);
}

ssize_t pinpage_pread(struct file *file, void *buf, size_t count,
		      pinpage_loff_t pos)
{
	return pp_file_ok(file) ? read_at(file, buf, count, pos) : -EINVAL;
}

ssize_t pinpage_pwrite(struct file *file, const void *buf, size_t count,
		       pinpage_loff_t pos)
{
	return pp_file_ok(file) ? write_at(file, buf, count, &pos) : -EINVAL;
}

/* @pos NULL: the file's own position, one user at a time. */
ssize_t pinpage_kernel_read(struct file *file, void *buf, size_t count,
			    pinpage_loff_t *pos)
{
	ssize_t ret;

	if (!pp_file_ok(file))
		return -EINVAL;
	if (!pos)
		pos = &file->f_pos;
	ret = read_at(file, buf, count, *pos);
	if (ret > 0)
		*pos += ret;
	return ret;
}

ssize_t pinpage_kernel_write(struct file *file, const void *buf, size_t count,
			     pinpage_loff_t *pos)
{
	loff_pp at;
	ssize_t ret;

	if (!pp_file_ok(file))
		return -EINVAL;
	if (!pos)
		pos = &file->f_pos;
	at = *pos;
	ret = write_at(file, buf, count, &at);
	if (ret > 0)
		*pos = at + ret;
	return ret;
}
