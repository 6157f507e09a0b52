// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * file.c - files: blkfs plays ext4 on a disk with a volatile cache, shmem the
 * rest
 *
 * The disk is made at the first open of a file on it.
 */
#include "model.h"

#include "pagecache/pagecache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DISK_BLOCKS	32768UL

/* The last one plays ext4. */
#define NR_DISKS	3
static struct disk {
	const char *prefix;		/* of names */
	bool cow, stable;
	struct pinpage_bdev *bdev;
	struct super_block *sb;
} disks[NR_DISKS] = {
	{ .prefix = "cow:", .cow = true },
	{ .prefix = "stable:", .stable = true },
	{ .prefix = "" },
};

static struct super_block *dax;
static struct tmpfs {
	const char *prefix;		/* of names */
	enum pinpage_huge huge;
	struct super_block *sb;
} tmpfs[] = {
	{ .prefix = "shm:" },
	{ .prefix = "huge:", .huge = PINPAGE_HUGE_ALWAYS },
	{ .prefix = "within:", .huge = PINPAGE_HUGE_WITHIN_SIZE },
	{ .prefix = "advise:", .huge = PINPAGE_HUGE_ADVISE },
};

#define NR_TMPFS	(sizeof(tmpfs) / sizeof(tmpfs[0]))
static struct file *fds[MAX_FDS];
static bool direct[MAX_FDS];		/* opened with O_DIRECT */

struct file *model_file(int fd)
{
	if (fd < 0 || fd >= MAX_FDS || !fds[fd])
		model_broken("no such descriptor");
	return fds[fd];
}

void model_files_begin(void)
{
	int i;

	memset(fds, 0, sizeof(fds));
	for (i = 0; i < NR_DISKS; i++) {
		disks[i].bdev = NULL;
		disks[i].sb = NULL;
	}
	for (i = 0; i < (int)NR_TMPFS; i++)
		tmpfs[i].sb = NULL;
	dax = NULL;
}

static void mount_disk(struct disk *d, bool format)
{
	struct pinpage_bdev_config config = {
		.blocks = DISK_BLOCKS, .write_cache = true,
		.stable_writes = d->stable,
	};
	struct pinpage_mount_options options = {
		.format = format, .cow = d->cow, .stable_pages = d->stable,
		.checksums = d->stable,
	};

	if (!d->bdev && pinpage_bdev_create(&config, &d->bdev))
		model_broken("no disk");
	options.bdev = d->bdev;
	if (pinpage_mount("blkfs", &options, &d->sb))
		model_broken("blkfs cannot be mounted");
}

/* Does @name begin with @prefix? Then it is cut off. */
static bool cut(const char **name, const char *prefix)
{
	size_t len = strlen(prefix);

	if (strncmp(*name, prefix, len))
		return false;
	*name += len;
	return true;
}

static struct super_block *mount_tmpfs(struct tmpfs *t)
{
	struct pinpage_mount_options options = { .huge = t->huge };

	if (!t->sb && pinpage_mount("tmpfs", &options, &t->sb))
		model_broken("tmpfs cannot be mounted");
	return t->sb;
}

static struct super_block *mount_of(const char **name)
{
	struct tmpfs *t;
	struct disk *d;

	for (t = tmpfs; t < tmpfs + NR_TMPFS; t++)
		if (cut(name, t->prefix))
			return mount_tmpfs(t);
	if (cut(name, "dax:")) {
		if (!dax && pinpage_mount("daxfs", NULL, &dax))
			model_broken("DAX cannot be mounted");
		return dax;
	}
	for (d = disks; d < disks + NR_DISKS - 1; d++)
		if (cut(name, d->prefix))
			break;
	if (!d->sb)
		mount_disk(d, true);
	return d->sb;
}

static int install(struct file *file)
{
	int fd;

	if (IS_ERR(file))
		return (int)PTR_ERR(file);
	for (fd = 3; fd < MAX_FDS && fds[fd]; fd++)
		;
	if (fd == MAX_FDS)
		model_broken("too many descriptors");
	fds[fd] = file;
	direct[fd] = false;
	return fd;
}

int f_open(const char *name, int flags)
{
	struct super_block *sb = mount_of(&name);
	int fd = install(pinpage_filp_open(sb, name, flags, 0600));

	if (fd >= 0)
		direct[fd] = flags & O_DIRECT;
	return fd;
}

int f_memfd(long pages, unsigned int flags)
{
	int fd = install(pinpage_memfd_create("memfd", flags));

	if (fd >= 0 && pages)
		f_truncate(fd, pages * (flags & MFD_HUGETLB ? HUGE : PAGE));
	return fd;
}

int f_secretmem(long pages)
{
	int fd = install(pinpage_memfd_secret(0));

	if (fd >= 0)
		f_truncate(fd, pages * PAGE);
	return fd;
}

long f_close(int fd)
{
	struct file *file = model_file(fd);

	fds[fd] = NULL;
	return pinpage_filp_close(file);
}

void model_files_end(void)
{
	int fd;

	for (fd = 0; fd < MAX_FDS; fd++)
		if (fds[fd])
			f_close(fd);
	for (fd = 0; fd < NR_DISKS; fd++) {
		if (!disks[fd].sb)
			continue;
		pinpage_umount(disks[fd].sb);
		pinpage_bdev_destroy(disks[fd].bdev);
	}
	for (fd = 0; fd < (int)NR_TMPFS; fd++)
		if (tmpfs[fd].sb)
			pinpage_umount(tmpfs[fd].sb);
	if (dax)
		pinpage_umount(dax);
}

/* What was not on stable storage is lost; files are open again by the caller. */
void m_power_cut(void)
{
	struct disk *d = &disks[NR_DISKS - 1];
	int fd;

	if (!d->sb)
		model_broken("a power cut needs a disk");
	pinpage_bdev_power_cut(d->bdev);
	for (fd = 0; fd < MAX_FDS; fd++)
		if (fds[fd])
			f_close(fd);
	pinpage_umount_lost(d->sb);
	pinpage_bdev_power_on(d->bdev);
	mount_disk(d, false);
}

long f_unlink(const char *name)
{
	struct super_block *sb = mount_of(&name);

	return pinpage_unlink(sb, name);
}

long f_pread(int fd, void *buf, long len, long off)
{
	return pinpage_pread(model_file(fd), buf, (size_t)len, off);
}

long f_pwrite(int fd, const void *buf, long len, long off)
{
	return pinpage_pwrite(model_file(fd), buf, (size_t)len, off);
}

static long buffered_to(int fd, unsigned long a, long len, long off)
{
	char *buf = malloc((size_t)len);
	long n = f_pread(fd, buf, len, off);

	if (n > 0) {
		n -= (long)pinpage_copy_to_user((void *)a, buf,
						(unsigned long)n);
		n = n ? n : -EFAULT;
	}
	free(buf);
	return n;
}

static long buffered_from(int fd, unsigned long a, long len, long off)
{
	char *buf = malloc((size_t)len);
	long n = len - (long)pinpage_copy_from_user(buf, (void *)a,
						    (unsigned long)len);

	n = n ? f_pwrite(fd, buf, n, off) : -EFAULT;
	free(buf);
	return n;
}

long f_pread_to(int fd, unsigned long a, long len, long off)
{
	struct file *file = model_file(fd);

	if (direct[fd])
		return pinpage_direct_read(file, a, (size_t)len, off);
	return buffered_to(fd, a, len, off);
}

long f_pwrite_from(int fd, unsigned long a, long len, long off)
{
	struct file *file = model_file(fd);

	if (direct[fd])
		return pinpage_direct_write(file, a, (size_t)len, off);
	return buffered_from(fd, a, len, off);
}

long f_truncate(int fd, long size)
{
	return pinpage_ftruncate(model_file(fd), size);
}

long f_fallocate(int fd, int mode, long off, long len)
{
	return pinpage_fallocate(model_file(fd), mode, off, len);
}

long f_fsync(int fd)
{
	return pinpage_fsync(model_file(fd), 0);
}

long f_fdatasync(int fd)
{
	return pinpage_fsync(model_file(fd), 1);
}

long f_sync_range(int fd, long off, long len, int flags)
{
	return pinpage_sync_file_range(model_file(fd), off, len,
				       (unsigned int)flags);
}

long f_size(int fd)
{
	return pinpage_i_size_read(model_file(fd));
}

long f_blocks(int fd)
{
	return (long)pinpage_file_blocks(model_file(fd));
}

long f_forget(int fd)
{
	struct address_space *mapping = pinpage_file_mapping(model_file(fd));

	if (!mapping->a_ops->dirty_tracked)
		return 0;		/* memory alone ignores the advice */
	pinpage_filemap_flush(mapping);
	pinpage_invalidate_mapping_pages(mapping, 0, ~0UL);
	return 0;
}

long f_add_seals(int fd, int seals)
{
	return pinpage_memfd_add_seals(model_file(fd), (unsigned int)seals);
}

long f_get_seals(int fd)
{
	return pinpage_memfd_get_seals(model_file(fd));
}

long u_sync(void)
{
	long n = pinpage_writeback(NULL, PINPAGE_WB_SYNC_ALL);

	return n < 0 ? n : 0;
}

long u_drop_caches(void)
{
	pinpage_drop_caches();
	return 0;
}

bool k_cached(int fd, long index, pg_t *page)
{
	struct page *p = pinpage_find_get_page(
		pinpage_file_mapping(model_file(fd)), (unsigned long)index);

	if (page)
		*page = (pg_t)p;
	if (p)
		pinpage_put_page(p);
	return p;
}

/* A file on each disk takes all that is free there. */
void m_disk_full(bool full)
{
	struct disk *d;
	char name[32];
	long len;
	int fd;

	for (d = disks; d < disks + NR_DISKS; d++) {
		if (!d->sb)
			continue;
		snprintf(name, sizeof(name), "%sfiller", d->prefix);
		fd = f_open(name, O_RDWR | O_CREAT);
		for (len = 1L << 26; full && len >= PAGE; len /= 2)
			while (!f_fallocate(fd, 0, f_size(fd), len))
				;
		f_close(fd);
		if (!full)
			f_unlink(name);
	}
}
