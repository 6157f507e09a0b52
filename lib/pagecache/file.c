// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * file.c - open files
 *
 * A struct file is referenced by who opened it, by pinpage_get_file() and by
 * every VMA that maps it; it holds its inode, and its mount's memory.
 */
#include <stdio.h>

#include "pagecache/internal.h"

#define NAME_MAX_LEN 255

bool pp_file_bad(const struct file *file, const char *func)
{
	if (likely(!IS_ERR_OR_NULL(file)))
		return false;
	pp_warn_once("%s: bad file pointer %p", func, (const void *)file);
	return true;
}

bool pp_mapping_bad(const struct address_space *mapping, const char *func)
{
	if (likely(!IS_ERR_OR_NULL(mapping)))
		return false;
	pp_warn_once("%s: bad mapping %p", func, (const void *)mapping);
	return true;
}

bool pp_cache_page_bad(const struct page *page, const char *func)
{
	if (likely(pp_page_valid(page)))
		return false;
	pp_warn_once("%s: %p is no page", func, (const void *)page);
	return true;
}

static struct file *alloc_file(struct inode *inode, int flags)
{
	struct file *file = pp_zalloc(sizeof(*file));
	int acc = flags & O_ACCMODE;

	if (!file)
		return NULL;
	file->f_inode = inode;
	file->f_mapping = &inode->i_data;
	file->f_flags = (unsigned int)flags;
	file->can_read = acc != O_WRONLY;
	file->can_write = acc != O_RDONLY;
	file->f_wb_err = pp_errseq_sample(&inode->i_data.wb_err);
	atomic_set(&file->f_count, 1);
	return file;
}

/* An open file of @inode, whose reference it takes; else the caller keeps it. */
static struct file *open_inode_file(struct inode *inode, int flags)
{
	struct super_block *sb = inode->i_sb;
	struct file *file;
	int ret;

	if (flags & O_DIRECT && !inode->i_data.a_ops->direct_io)
		return ERR_PTR(-EINVAL);
	file = alloc_file(inode, flags);
	if (!file)
		return ERR_PTR(-ENOMEM);
	ret = sb->type->open_file ? sb->type->open_file(inode, file) : 0;
	if (ret) {
		pp_free(file);
		return ERR_PTR(ret);
	}
	pinpage_mutex_lock(&sb->lock);
	list_add_tail(&file->f_link, &sb->files);
	pinpage_mutex_unlock(&sb->lock);
	return file;
}

static int truncate_at_open(struct inode *inode)
{
	int ret = 0;

	pinpage_down_write(&inode->i_rwsem);
	if (i_size_read(inode))
		ret = pp_set_size(inode, 0);
	pinpage_up_write(&inode->i_rwsem);
	return ret;
}

/* s_umount held */
static struct file *open_name(struct super_block *sb, const char *name,
			      int flags, int mode)
{
	struct inode *inode = pp_iget(sb, name, flags, mode);
	struct file *file;
	int ret;

	if (IS_ERR(inode))
		return ERR_CAST(inode);
	file = open_inode_file(inode, flags);
	if (IS_ERR(file)) {
		pp_iput(inode);
		return file;
	}
	ret = flags & O_TRUNC ? truncate_at_open(inode) : 0;
	if (ret) {
		pp_fput(file);
		return ERR_PTR(ret);
	}
	return file;
}

static int check_open(const char *name, int flags)
{
	if (!name || !*name)
		return -ENOENT;
	if (strlen(name) > NAME_MAX_LEN)
		return -ENAMETOOLONG;
	if ((flags & O_ACCMODE) == O_ACCMODE || flags & O_PATH)
		return -EINVAL;
	return flags & O_DIRECTORY ? -ENOTDIR : 0;
}

/* See the header. Mirrors: fs/open.c:filp_open() */
struct file *pinpage_filp_open(struct super_block *sb, const char *name,
			       int flags, int mode)
{
	struct file *file;
	int ret;

	if (!pp_ready() || !pinpage_might_sleep())
		return ERR_PTR(-EINVAL);
	ret = check_open(name, flags);
	if (ret)
		return ERR_PTR(ret);
	if (!pp_sb_get(sb)) {
		pp_warn_once("filp_open: %p is not mounted", (void *)sb);
		return ERR_PTR(-EINVAL);
	}
	pinpage_down_read(&sb->s_umount);
	file = READ_ONCE(sb->dead) ? ERR_PTR(-EINVAL) :
		open_name(sb, name, flags, mode);
	pinpage_up_read(&sb->s_umount);
	pp_sb_put(sb);
	return file;
}

/* See the header. */
int pinpage_unlink(struct super_block *sb, const char *name)
{
	int ret;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	ret = check_open(name, O_RDWR);
	if (ret)
		return ret;
	if (!pp_sb_get(sb)) {
		pp_warn_once("unlink: %p is not mounted", (void *)sb);
		return -EINVAL;
	}
	pinpage_down_read(&sb->s_umount);
	ret = READ_ONCE(sb->dead) ? -EINVAL : pp_inode_unlink(sb, name);
	pinpage_up_read(&sb->s_umount);
	pp_sb_put(sb);
	return ret;
}

/**
 * pp_get_file() - another reference
 * Context: any. Mirrors: include/linux/fs.h:get_file()
 */
struct file *pp_get_file(struct file *file)
{
	atomic_inc(&file->f_count);
	return file;
}

/* The last reference is gone. The mount is busy until the inode is put. */
static void close_file(struct file *file)
{
	struct inode *inode = file->f_inode;
	struct super_block *sb = inode->i_sb;

	if (!pp_sb_get(sb))
		pp_bug("close of a file whose mount is gone");
	if (sb->type->release_file)
		sb->type->release_file(inode, file);
	pp_iput(inode);
	pinpage_mutex_lock(&sb->lock);
	list_del(&file->f_link);
	pinpage_mutex_unlock(&sb->lock);
	pp_sb_put(sb);
	pp_free(file);
}

/**
 * pp_fput() - drop a reference; the file is closed with the last one
 *
 * Nothing is written: as in the kernel, that is fsync's and the flusher's.
 *
 * Context: process; sleeps. Locking: mmap_lock may be held, no page lock.
 * Mirrors: fs/file_table.c:fput()
 */
void pp_fput(struct file *file)
{
	int left = atomic_dec_return(&file->f_count);

	if (unlikely(left < 0))
		pp_bug("file closed %d times too often", -left);
	if (!left)
		close_file(file);
}

int pinpage_filp_close(struct file *file)
{
	if (!pp_file_ok(file) || !pinpage_might_sleep())
		return -EINVAL;
	pp_fput(file);
	return 0;
}

struct file *pinpage_get_file(struct file *file)
{
	return pp_file_ok(file) ? pp_get_file(file) : NULL;
}

/**
 * pp_close_all() - shutdown closes what the program left open, naming it
 *
 * Context: shutdown; no other task runs. Return: files that were open.
 */
unsigned int pp_close_all(struct super_block *sb)
{
	unsigned int nr = 0;

	while (!list_empty(&sb->files)) {
		struct file *file = list_first_entry(&sb->files, struct file,
						     f_link);

		pp_warn("%s: file %s is still open, %d references",
			sb->type->name, file->f_inode->name,
			atomic_read(&file->f_count));
		atomic_set(&file->f_count, 1);
		pp_fput(file);
		nr++;
	}
	return nr;
}

/* -- what a file can tell, see the header -- */

pinpage_loff_t pinpage_i_size_read(const struct file *file)
{
	return pp_file_ok(file) ? i_size_read(file->f_inode) : -EINVAL;
}

uint64_t pinpage_file_blocks(struct file *file)
{
	struct address_space *mapping;

	if (!pp_file_ok(file))
		return 0;
	mapping = file->f_mapping;
	if (mapping->a_ops->blocks)
		return mapping->a_ops->blocks(mapping->host);
	return READ_ONCE(mapping->nrpages) * (PAGE_SIZE / 512);
}

ssize_t pinpage_durable_read(struct file *file, void *buf, size_t count,
			     pinpage_loff_t pos)
{
	struct address_space *mapping;

	if (!pp_file_ok(file) || pos < 0 ||
	    count > (size_t)(PP_LOFF_MAX - pos) || !pinpage_might_sleep())
		return -EINVAL;
	mapping = file->f_mapping;
	if (!mapping->a_ops->durable_read)
		return -EOPNOTSUPP;
	if (!count)
		return 0;
	return buf ? mapping->a_ops->durable_read(mapping->host, buf, count,
						  pos) : -EFAULT;
}

struct address_space *pinpage_file_mapping(const struct file *file)
{
	return pp_file_ok(file) ? file->f_mapping : NULL;
}

const char *pinpage_mapping_name(const struct address_space *mapping)
{
	return IS_ERR_OR_NULL(mapping) ? "(none)" : mapping->host->name;
}

/**
 * pp_anon_file_setup() - an unlinked file of a mount of the machine's own
 * @sb:   or ERR_PTR, which is returned
 * @name: for reports
 * @size: bytes
 *
 * Context: process; sleeps. Locking: mmap_lock may be held.
 * Return:  open file (pp_fput()); ERR_PTR: -EINVAL, -ENOMEM
 * Mirrors: mm/shmem.c:shmem_file_setup()
 */
struct file *pp_anon_file_setup(struct super_block *sb, const char *name, loff_pp size)
{
	static atomic_long_t serial;
	struct file *file;
	char unique[NAME_MAX_LEN + 1];
	int ret;

	if (size < 0)
		return ERR_PTR(-EINVAL);
	if (IS_ERR(sb))
		return ERR_CAST(sb);
	snprintf(unique, sizeof(unique), "%.200s#%ld", name,
		 atomic_long_inc_return(&serial));
	file = open_name(sb, unique, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (IS_ERR(file))
		return file;
	ret = pp_inode_unlink(sb, unique);
	if (!ret && file->f_mapping->a_ops->set_size)
		ret = file->f_mapping->a_ops->set_size(file->f_inode, size);
	if (ret) {
		pp_fput(file);
		return ERR_PTR(ret);
	}
	pp_i_size_write(file->f_inode, size);
	return file;
}

/* As pp_anon_file_setup(), except: memory that processes share. */
struct file *pp_shmem_file_setup(const char *name, loff_pp size)
{
	return pp_anon_file_setup(pp_shmem_sb(), name, size);
}
