// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dio.c - direct I/O: between storage and pages of the caller
 *
 * The cache is kept coherent by the kernel's rules. Read: dirty pages of the
 * range are written first. Write: written back and invalidated before, whoever
 * holds them; invalidated once more after, for pages that a fault or a read
 * brought in meanwhile. A page that cannot be invalidated before the write
 * sends the write through the cache; one after it leaves the cache stale,
 * which is warned about and recorded as -EIO.
 * Mirrors: mm/filemap.c:generic_file_direct_write(), kiocb_write_and_wait()
 */
#include "pagecache/internal.h"

#define DIO_ALIGN	512u
#define CHUNK_PAGES	16u

struct dio {
	struct file *file;
	bool write;
	struct page **pages;
	size_t offset;		/* in pages[0] */
	size_t len;
	loff_pp pos;
	enum pp_dio_state state;
};

static ssize_t submit(const struct dio *d)
{
	struct address_space *mapping = d->file->f_mapping;
	ssize_t ret;

	ret = mapping->a_ops->direct_io(d->file, d->write, d->pages, d->offset,
					d->len, d->pos);
	pp_emit(DIO, .page = d->pages[0], .pages = d->pages,
		.nr = DIV_ROUND_UP(d->offset + d->len, PAGE_SIZE),
		.mapping = mapping,
		.index = (unsigned long)d->pos >> PAGE_SHIFT,
		.arg = (long)d->pos, .len = ret > 0 ? (size_t)ret : 0,
		.flags = d->write ? PINPAGE_EVF_WRITE : 0);
	return ret;
}

static ssize_t dio_read(struct dio *d)
{
	struct inode *inode = d->file->f_inode;
	loff_pp size = i_size_read(inode);
	int ret;

	if (d->pos >= size)
		return 0;
	d->len = min_t(size_t, d->len, (size_t)(size - d->pos));
	if (d->state != PP_DIO_FRESH)
		return submit(d);
	ret = pp_filemap_write_and_wait_range(d->file->f_mapping, d->pos,
					      d->pos + (loff_pp)d->len - 1);
	return ret ? ret : submit(d);
}

/* The rest goes through the cache, and to storage before we return. */
static ssize_t fall_back(const struct dio *d)
{
	struct address_space *mapping = d->file->f_mapping;
	size_t done = 0;
	ssize_t ret = 0;

	while (done < d->len) {
		size_t at = d->offset + done;
		size_t n = min_t(size_t, d->len - done,
				 PAGE_SIZE - (at & ~PAGE_MASK));
		const char *from = page_address(d->pages[at >> PAGE_SHIFT]);

		ret = pp_buffered_write(d->file, from + (at & ~PAGE_MASK), n,
					d->pos + (loff_pp)done);
		if (ret <= 0)
			break;
		done += (size_t)ret;
	}
	if (!done)
		return ret;
	ret = pp_filemap_write_and_wait_range(mapping, d->pos,
					      d->pos + (loff_pp)done - 1);
	if (ret)
		return ret;
	pp_invalidate_mapping(mapping, (unsigned long)d->pos >> PAGE_SHIFT,
			      (unsigned long)(d->pos + (loff_pp)done - 1) >>
			      PAGE_SHIFT);
	return (ssize_t)done;
}

/* i_rwsem held for write */
static ssize_t dio_write(struct dio *d)
{
	struct inode *inode = d->file->f_inode;
	struct address_space *mapping = d->file->f_mapping;
	unsigned long first = (unsigned long)d->pos >> PAGE_SHIFT;
	unsigned long last;
	loff_pp end = d->pos + (loff_pp)d->len;
	ssize_t ret;

	last = (unsigned long)(end - 1) >> PAGE_SHIFT;
	if (d->state == PP_DIO_FRESH) {
		ret = pp_filemap_write_and_wait_range(mapping, d->pos, end - 1);
		if (ret)
			return ret;
		if (pp_invalidate_pages2(mapping, first, last))
			d->state = PP_DIO_CACHED;
	}
	if (d->state == PP_DIO_CACHED)
		return fall_back(d);
	ret = submit(d);
	if (ret > 0 && READ_ONCE(mapping->nrpages) &&
	    pp_invalidate_pages2(mapping, first, last)) {
		pp_warn_once("page cache of %s is stale after direct I/O at %lld",
			     inode->name ? inode->name : "(unlinked)",
			     (long long)d->pos);
		pp_errseq_set(&mapping->wb_err, -EIO);
	}
	if (ret > 0 && d->pos + ret > i_size_read(inode))
		pp_i_size_write(inode, d->pos + ret);
	return ret;
}

static int check(const struct dio *d)
{
	if (!d->file->f_mapping->a_ops->direct_io)
		return -EINVAL;
	return (d->offset | d->len | (size_t)d->pos) % DIO_ALIGN ? -EINVAL : 0;
}

/**
 * pp_direct_prepare() - bring the cache in line, before user pages are acquired
 * @len: bytes from @pos, not 0
 *
 * Who reads a file into its own mapping acquires the pages as they are after
 * that: cleaning comes first.
 *
 * Context: process; sleeps. Locking: takes i_rwsem.
 * Return:  for pp_direct_io(): PP_DIO_PREPARED, PP_DIO_CACHED; 0: nothing is there
 *          to be read; -errno.
 * Mirrors: fs/iomap/direct-io.c:__iomap_dio_rw()
 */
int pp_direct_prepare(struct file *file, bool write, size_t len, loff_pp pos)
{
	struct address_space *mapping;
	struct inode *inode;
	loff_pp end;
	int ret;

	if (!pp_file_ok(file))
		return -EINVAL;
	ret = pp_rw_verify(file, pos, &len, write);
	if (ret || !len)
		return ret;
	mapping = file->f_mapping;
	inode = file->f_inode;
	if (!mapping->a_ops->direct_io || !pinpage_might_sleep())
		return -EINVAL;
	if (!write && pos >= i_size_read(inode))
		return 0;
	end = pos + (loff_pp)len - 1;
	pinpage_down_read(&inode->i_rwsem);
	ret = pp_filemap_write_and_wait_range(mapping, pos, end);
	if (!ret)
		ret = write && pp_invalidate_pages2(mapping,
				(unsigned long)pos >> PAGE_SHIFT,
				(unsigned long)end >> PAGE_SHIFT) ?
			PP_DIO_CACHED : PP_DIO_PREPARED;
	pinpage_up_read(&inode->i_rwsem);
	return ret;
}

/**
 * pp_direct_run() - how much of a range is read in one way
 * @len:  bytes from @pos, not 0
 * @hole: out: nothing is stored there, it reads as zeroes
 *
 * Context: process; sleeps. Locking: none.
 * Return:  bytes of one kind, of pages of the file; 0 at its end.
 * Mirrors: fs/iomap/direct-io.c:iomap_dio_iter()
 */
size_t pp_direct_run(struct file *file, loff_pp pos, size_t len, bool *hole)
{
	const struct address_space_operations *ops = file->f_mapping->a_ops;
	loff_pp size = i_size_read(file->f_inode);

	*hole = false;
	if (pos >= size)
		return 0;
	len = min_t(size_t, len, ALIGN((size_t)(size - pos), PAGE_SIZE));
	return ops->run ? ops->run(file->f_inode, pos, len, hole) : len;
}

static bool pages_ok(struct page *const *pages, size_t offset, size_t len)
{
	size_t nr = DIV_ROUND_UP(offset + len, PAGE_SIZE);

	if (!pages || offset >= PAGE_SIZE)
		return false;
	for (size_t i = 0; i < nr; i++)
		if (pp_cache_page_bad(pages[i], "direct_io"))
			return false;
	return true;
}

/**
 * pp_direct_io() - as pinpage_direct_io(), except: after pp_direct_prepare()
 * @state: what that said, or PP_DIO_FRESH
 */
ssize_t pp_direct_io(struct file *file, bool write, struct page **pages,
		     size_t offset, size_t len, loff_pp pos, int state)
{
	struct dio d = { file, write, pages, offset, len, pos,
			 (enum pp_dio_state)state };
	struct inode *inode;
	ssize_t ret;

	if (!pp_file_ok(file))
		return -EINVAL;
	ret = pp_rw_verify(file, pos, &d.len, write);
	if (ret || !len)
		return ret;
	inode = file->f_inode;
	if (check(&d) || !pages_ok(pages, offset, d.len) ||
	    !pinpage_might_sleep())
		return -EINVAL;
	if (!write) {
		pinpage_down_read(&inode->i_rwsem);
		ret = dio_read(&d);
		pinpage_up_read(&inode->i_rwsem);
		return ret;
	}
	if ((loff_pp)d.len > inode->i_sb->s_maxbytes - pos)
		return -EFBIG;
	pinpage_down_write(&inode->i_rwsem);
	ret = dio_write(&d);
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}

/* See the header. */
ssize_t pinpage_direct_io(struct file *file, bool write, struct page **pages,
			  size_t offset, size_t len, pinpage_loff_t pos)
{
	return pp_direct_io(file, write, pages, offset, len, pos, PP_DIO_FRESH);
}

static void free_pages(struct page **pages, unsigned int nr)
{
	while (nr)
		pp_unref(pages[--nr]);
}

static void copy_chunk(struct page **pages, char *buf, size_t len, bool in)
{
	for (size_t at = 0; at < len; at += PAGE_SIZE) {
		size_t n = min_t(size_t, len - at, PAGE_SIZE);
		void *addr = page_address(pages[at >> PAGE_SHIFT]);

		if (in)
			memcpy(addr, buf + at, n);
		else
			memcpy(buf + at, addr, n);
	}
}

/**
 * pp_direct_rw() - read() and write() of a file opened with O_DIRECT
 * @buf:   @count bytes of the host's memory; copied through pages of ours
 *
 * Context: process; sleeps. Locking: i_rwsem held for write if @write.
 * Return:  bytes, or -errno if none: -EINVAL unless all are multiples of 512
 */
ssize_t pp_direct_rw(struct file *file, bool write, char *buf, size_t count,
		     loff_pp pos)
{
	struct page *pages[CHUNK_PAGES];
	size_t done = 0;
	ssize_t ret = 0;
	unsigned int nr;

	for (nr = 0; nr < CHUNK_PAGES && nr * PAGE_SIZE < count; nr++) {
		pages[nr] = pp_alloc_page(PINPAGE_GFP_KERNEL);
		if (!pages[nr])
			break;
	}
	if (!nr)
		return -ENOMEM;
	while (done < count) {
		size_t len = min_t(size_t, count - done, nr * PAGE_SIZE);
		struct dio d = { file, write, pages, 0, len,
				 pos + (loff_pp)done, PP_DIO_FRESH };

		ret = check(&d);
		if (ret)
			break;
		if (write)
			copy_chunk(pages, buf + done, len, true);
		ret = write ? dio_write(&d) : dio_read(&d);
		if (ret <= 0)
			break;
		if (!write)
			copy_chunk(pages, buf + done, (size_t)ret, false);
		done += (size_t)ret;
		if ((size_t)ret < len)
			break;
	}
	free_pages(pages, nr);
	return done ? (ssize_t)done : ret;
}
