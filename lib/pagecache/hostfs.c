// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/hostfs.c - a directory of the host, real files on a real disk
 *
 * What fsync returned for is there after the process is gone: writeback is
 * pwrite(2), fsync is fdatasync(2) or fsync(2). Errors of the host pass
 * through. Nothing is reserved when a page becomes dirty: a full disk shows
 * at writeback and is reported by fsync.
 *
 * A file has one descriptor, opened for writing where the host lets us, and
 * its size is read once, when the inode comes into memory. If another process
 * changes the file meanwhile, the host's bytes are seen page by page as they
 * are read in. If it truncates the file, the missing bytes read as zeroes
 * after a warning that names both sizes; pages that are cached stay, and
 * writing one extends the file again.
 *
 * A name is relative to the mount's root and is one of its plain paths: no
 * leading slash, no empty, "." or ".." component, and no link that leads out.
 * Two names of one file (hard links) are two files here: do not use both.
 *
 * Lock: node->lock (rank FS) protects the fields below it.
 */
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pagecache/internal.h"

struct hostfs_sb {
	int root;			/* descriptor of the directory */
};

struct hostfs_node {
	int fd;				/* number constant; see make_writable() */
	struct pinpage_mutex lock;
	bool writable;			/* fd is open for writing */
	loff_pp host_size;		/* the host's file has had that much */
	bool wrote;			/* since the last sync: */
	unsigned long first, last;	/* pages written */
};

static struct hostfs_node *node_of(const struct inode *inode)
{
	return inode->i_private;
}

static int injected(enum pinpage_io kind)
{
	int error;

	return pp_inject_io_error(kind, &error) ? -error : 0;
}

/* -- bytes -- */

/* Return: bytes up to EOF, or -errno if none. */
static ssize_t read_all(int fd, void *buf, size_t len, loff_pp pos)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pread(fd, (char *)buf + done, len - done,
				  (off_t)(pos + (loff_pp)done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return done ? (ssize_t)done : -errno;
		if (!n)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

/* Return: bytes, fewer than @len only after an error; -errno if none. */
static ssize_t write_all(int fd, const void *buf, size_t len, loff_pp pos)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = pwrite(fd, (const char *)buf + done, len - done,
				   (off_t)(pos + (loff_pp)done));

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return done ? (ssize_t)done : n ? -errno : -EIO;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static void note_size(struct hostfs_node *node, loff_pp size, bool exact)
{
	pinpage_mutex_lock(&node->lock);
	if (exact || size > node->host_size)
		node->host_size = size;
	pinpage_mutex_unlock(&node->lock);
}

static void note_written(struct hostfs_node *node, loff_pp pos, size_t len)
{
	unsigned long first = (unsigned long)pos >> PAGE_SHIFT;
	unsigned long last = (unsigned long)(pos + (loff_pp)len - 1) >>
			     PAGE_SHIFT;

	pinpage_mutex_lock(&node->lock);
	if (pos + (loff_pp)len > node->host_size)
		node->host_size = pos + (loff_pp)len;
	if (!node->wrote || first < node->first)
		node->first = first;
	if (!node->wrote || last > node->last)
		node->last = last;
	node->wrote = true;
	pinpage_mutex_unlock(&node->lock);
}

/* The host's file ends before bytes that it has had: somebody cut it. */
static void check_lost(struct inode *inode, loff_pp end)
{
	struct hostfs_node *node = node_of(inode);
	loff_pp had;

	pinpage_mutex_lock(&node->lock);
	had = node->host_size;
	pinpage_mutex_unlock(&node->lock);
	if (had > i_size_read(inode))
		had = i_size_read(inode);
	if (end >= had)
		return;
	pp_emit(WARN, .mapping = &inode->i_data,
		.index = (unsigned long)end >> PAGE_SHIFT,
		.name = "host file truncated by another process");
	pp_warn_once("hostfs: %s: %lld of %lld bytes left, cut by another process; zeroes follow",
		     inode->name ? inode->name : "(unlinked)", (long long)end,
		     (long long)had);
}

/* Contract: pagecache.h. */
static int hostfs_read_page(struct file *file, struct page *page)
{
	struct inode *inode = page_file_mapping(page)->host;
	loff_pp pos = (loff_pp)page->index << PAGE_SHIFT;
	loff_pp size = i_size_read(inode);
	char *addr = page_address(page);
	size_t want = 0;
	ssize_t n;

	(void)file;
	if (size > pos)
		want = size - pos < (loff_pp)PAGE_SIZE ? (size_t)(size - pos) :
							 PAGE_SIZE;
	n = injected(PINPAGE_IO_READ);
	if (!n)
		n = read_all(node_of(inode)->fd, addr, want, pos);
	if (n < 0)
		return (int)n;
	memset(addr + n, 0, PAGE_SIZE - (size_t)n);
	if ((size_t)n < want)
		check_lost(inode, pos + n);
	return 0;
}

static int store(struct hostfs_node *node, const void *data, size_t len,
		 loff_pp pos)
{
	ssize_t n = injected(PINPAGE_IO_WRITE);

	if (!n)
		n = write_all(node->fd, data, len, pos);
	if (n < 0)
		return (int)n;
	if (n)
		note_written(node, pos, (size_t)n);
	if ((size_t)n == len)
		return 0;
	/* once more for what is left: to learn the error */
	n = write_all(node->fd, (const char *)data + n, len - (size_t)n,
		      pos + n);
	return n < 0 ? (int)n : 0;
}

/* Contract: pagecache.h. Not a byte past i_size is written. */
static int hostfs_write_page(struct page *page, struct writeback_control *wbc,
			     const void *data)
{
	struct address_space *mapping = page_file_mapping(page);
	loff_pp pos = (loff_pp)page->index << PAGE_SHIFT;
	loff_pp left = i_size_read(mapping->host) - pos;
	int ret = 0;

	(void)wbc;
	pp_set_page_writeback(page, false);
	pp_unlock_page(page);
	if (left > (loff_pp)PAGE_SIZE)
		left = (loff_pp)PAGE_SIZE;
	if (left > 0)
		ret = store(node_of(mapping->host), data, (size_t)left, pos);
	if (ret)
		pp_mapping_set_error(mapping, ret);
	pp_end_page_writeback(page);
	return 0;
}

/* Contract: pagecache.h. The host's cache is not bypassed, only ours. */
static ssize_t hostfs_direct_io(struct file *file, bool write,
				struct page **pages, size_t offset, size_t len,
				loff_pp pos)
{
	struct hostfs_node *node = node_of(file->f_inode);
	size_t done = 0;
	ssize_t n = injected(write ? PINPAGE_IO_WRITE : PINPAGE_IO_READ);

	while (!n && done < len) {
		size_t at = offset + done;
		size_t off = at & ~PAGE_MASK;
		size_t part = len - done < PAGE_SIZE - off ? len - done :
							     PAGE_SIZE - off;
		char *addr = (char *)page_address(pages[at >> PAGE_SHIFT]) +
			     off;

		n = write ? write_all(node->fd, addr, part,
				      pos + (loff_pp)done) :
			    read_all(node->fd, addr, part,
				     pos + (loff_pp)done);
		if (n > 0)
			done += (size_t)n;
		n = n < 0 ? n : (size_t)n == part ? 0 : 1;
	}
	if (write && done)
		note_written(node, pos, done);
	return done ? (ssize_t)done : n < 0 ? n : 0;
}

/* -- storage -- */

static int hostfs_set_size(struct inode *inode, loff_pp size)
{
	struct hostfs_node *node = node_of(inode);

	if (ftruncate(node->fd, (off_t)size))
		return -errno;
	note_size(node, size, true);
	return 0;
}

static int hostfs_fallocate(struct file *file, int mode, loff_pp offset,
			    loff_pp len)
{
	struct hostfs_node *node = node_of(file->f_inode);
	int ret;

	do {
		ret = fallocate(node->fd, mode, (off_t)offset, (off_t)len);
	} while (ret && errno == EINTR);
	if (ret)
		return -errno;
	if (!(mode & FALLOC_FL_KEEP_SIZE))
		note_size(node, offset + len, false);
	return 0;
}

/* Return: true with the pages written since the last successful sync. */
static bool take_written(struct hostfs_node *node, unsigned long *first,
			 unsigned long *last)
{
	bool wrote;

	pinpage_mutex_lock(&node->lock);
	wrote = node->wrote;
	*first = node->first;
	*last = node->last;
	node->wrote = false;
	pinpage_mutex_unlock(&node->lock);
	return wrote;
}

/* Contract: pagecache.h. Emits DURABLE for what was written before it. */
static int hostfs_sync(struct inode *inode, bool datasync)
{
	struct hostfs_node *node = node_of(inode);
	unsigned long first, last;
	bool wrote = take_written(node, &first, &last);
	int ret = injected(PINPAGE_IO_FLUSH);

	if (!ret && (datasync ? fdatasync(node->fd) : fsync(node->fd)))
		ret = -errno;
	if (!wrote)
		return ret;
	if (ret) {
		note_written(node, (loff_pp)first << PAGE_SHIFT, 1);
		note_written(node, (loff_pp)last << PAGE_SHIFT, 1);
		return ret;
	}
	pp_emit(DURABLE, .mapping = &inode->i_data, .index = first,
		.nr = last - first + 1);
	return 0;
}

/* What the host has: its own cache counts, for this process may die. */
static ssize_t hostfs_durable_read(struct inode *inode, void *buf,
				   size_t count, loff_pp pos)
{
	return read_all(node_of(inode)->fd, buf, count, pos);
}

static uint64_t hostfs_blocks(struct inode *inode)
{
	struct stat st;

	return fstat(node_of(inode)->fd, &st) ? 0 : (uint64_t)st.st_blocks;
}

static const struct address_space_operations hostfs_aops = {
	.read_page = hostfs_read_page,
	.write_page = hostfs_write_page,
	.direct_io = hostfs_direct_io,
	.set_size = hostfs_set_size,
	.fallocate = hostfs_fallocate,
	.sync = hostfs_sync,
	.durable_read = hostfs_durable_read,
	.blocks = hostfs_blocks,
	.dirty_tracked = true,
};

/* -- names -- */

/* Return: 0; -EINVAL for what the head of this file excludes. */
static int check_name(const char *name)
{
	const char *at = name;

	for (;;) {
		size_t len = strcspn(at, "/");

		if (!len || (len == 1 && at[0] == '.') ||
		    (len == 2 && at[0] == '.' && at[1] == '.'))
			return -EINVAL;
		if (!at[len])
			return 0;
		at += len + 1;
	}
}

/* openat(2) that no symbolic link leads out of. Return: fd or -errno. */
static int open_beneath(int root, const char *name, int flags, int mode)
{
	struct open_how how = {
		.flags = (unsigned int)(flags | O_CLOEXEC | O_NONBLOCK),
		.mode = flags & O_CREAT ? (unsigned int)mode & 07777 : 0,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, root, name, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM))
		fd = openat(root, name, (int)how.flags | O_NOFOLLOW,
			    how.mode);
	if (fd >= 0)
		return fd;
	return errno == EXDEV ? -EINVAL : -errno;
}

static bool read_only_may_do(int error, int flags)
{
	return (flags & O_ACCMODE) == O_RDONLY &&
	       (error == -EACCES || error == -EROFS || error == -EPERM ||
		error == -ETXTBSY);
}

static int check_regular(int fd, struct stat *st)
{
	if (fstat(fd, st))
		return -errno;
	if (S_ISDIR(st->st_mode))
		return -EISDIR;
	return S_ISREG(st->st_mode) ? 0 : -EINVAL;
}

/* Fills node->fd. Return: 0 or -errno with nothing open. */
static int open_host(struct hostfs_node *node, int root, const char *name,
		     int flags, int mode)
{
	int extra = flags & (O_CREAT | O_EXCL);
	struct stat st;
	int ret;

	node->writable = true;
	node->fd = open_beneath(root, name, O_RDWR | extra, mode);
	if (node->fd < 0 && read_only_may_do(node->fd, flags)) {
		node->writable = false;
		node->fd = open_beneath(root, name, O_RDONLY | extra, mode);
	}
	if (node->fd < 0)
		return node->fd;
	ret = check_regular(node->fd, &st);
	if (ret)
		close(node->fd);
	else
		node->host_size = st.st_size;
	return ret;
}

/**
 * hostfs_open_inode() - struct pp_fs_type.open_inode
 *
 * Return: 0; -EINVAL (a name that is not allowed, a file that is not regular);
 *         -EISDIR; -ENOMEM; the host's -ENOENT, -EEXIST, -EACCES, -ENOTDIR,
 *         -EROFS, -ELOOP, -EMFILE, ...
 */
static int hostfs_open_inode(struct super_block *sb, const char *name,
			     int flags, int mode, struct inode *inode)
{
	struct hostfs_sb *hs = sb->s_fs_info;
	struct hostfs_node *node;
	int ret = check_name(name);

	if (ret)
		return ret;
	node = pp_zalloc(sizeof(*node));
	if (!node)
		return -ENOMEM;
	pp_mutex_init(&node->lock, "hostfs->lock", PINPAGE_RANK_FS);
	ret = open_host(node, hs->root, name, flags, mode);
	if (ret) {
		pp_free(node);
		return ret;
	}
	inode->i_private = node;
	inode->i_size = node->host_size;
	inode->i_data.a_ops = &hostfs_aops;
	return 0;
}

/* The descriptor keeps its number, so that I/O needs no lock. */
static int make_writable(struct hostfs_sb *hs, struct hostfs_node *node,
			 const char *name)
{
	struct stat old, new;
	int fd = open_beneath(hs->root, name, O_RDWR, 0);
	int ret = 0;

	if (fd < 0)
		return fd;
	if (fstat(node->fd, &old) || fstat(fd, &new))
		ret = -errno;
	else if (old.st_dev != new.st_dev || old.st_ino != new.st_ino)
		ret = -ESTALE;
	else if (dup3(fd, node->fd, O_CLOEXEC) < 0)
		ret = -errno;
	else
		node->writable = true;
	close(fd);
	return ret;
}

/* struct pp_fs_type.open_file. Return: 0; the host's -EACCES, ...; -ESTALE */
static int hostfs_open_file(struct inode *inode, struct file *file)
{
	struct hostfs_node *node = node_of(inode);
	int ret = 0;

	pinpage_mutex_lock(&node->lock);
	if (file->can_write && !node->writable)
		ret = make_writable(inode->i_sb->s_fs_info, node, inode->name);
	pinpage_mutex_unlock(&node->lock);
	return ret;
}

static void hostfs_evict_inode(struct inode *inode)
{
	struct hostfs_node *node = node_of(inode);

	if (!node)
		return;
	close(node->fd);
	pp_free(node);
	inode->i_private = NULL;
}

static int hostfs_unlink(struct super_block *sb, const char *name)
{
	struct hostfs_sb *hs = sb->s_fs_info;

	return unlinkat(hs->root, name, 0) ? -errno : 0;
}

/**
 * hostfs_mount() - struct pp_fs_type.mount
 *
 * Return: 0; -EINVAL (no root given); -ENOMEM; what open(2) says of the root.
 */
static int hostfs_mount(struct super_block *sb,
			const struct pinpage_mount_options *options)
{
	struct hostfs_sb *hs;

	if (!options || !options->root)
		return -EINVAL;
	hs = pp_zalloc(sizeof(*hs));
	if (!hs)
		return -ENOMEM;
	hs->root = open(options->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (hs->root < 0) {
		int ret = -errno;

		pp_free(hs);
		return ret;
	}
	sb->s_fs_info = hs;
	return 0;
}

static void hostfs_kill_sb(struct super_block *sb, bool lost)
{
	struct hostfs_sb *hs = sb->s_fs_info;

	(void)lost;
	close(hs->root);
	pp_free(hs);
	sb->s_fs_info = NULL;
}

const struct pp_fs_type pp_hostfs = {
	.name = "hostfs",
	.mount = hostfs_mount,
	.kill_sb = hostfs_kill_sb,
	.open_inode = hostfs_open_inode,
	.evict_inode = hostfs_evict_inode,
	.unlink = hostfs_unlink,
	.open_file = hostfs_open_file,
};
