// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/shmem.c - memory that has a file: tmpfs, shared anonymous, memfd
 *
 * I1. The dirty flag is a flag and nothing else: no tag, no writeback, no
 *     account. A page leaves by truncation, punching, or with the file.
 * I2. A mount's used pages are those that its files have in the cache: charged
 *     before a page is made, returned when it leaves; never above the limit.
 * I3. Files are sparse: read() of a hole makes no page, a fault does.
 *
 * Mirrors: mm/shmem.c 6.1; differs: reading has no read-ahead, fallocate() and
 * faults of one file exclude each other by invalidate_lock.
 */
#include "pagecache/internal.h"
#include "pagecache/seals.h"

/* Key: c = constant; r = atomic */
struct shmem_sb {
	long max_pages;			/* c; 0: no limit */
	atomic_long_t used;		/* r */
};

static struct shmem_sb *sbinfo_of(const struct address_space *mapping)
{
	return mapping->host->i_sb->s_fs_info;
}

/* See pagecache.h. Mirrors: mm/shmem.c:shmem_inode_acct_block() */
static bool shmem_charge(struct address_space *mapping, long pages)
{
	struct shmem_sb *info = sbinfo_of(mapping);
	long used;

	if (!info)
		return true;
	used = atomic_long_add_return(pages, &info->used);
	if (pages <= 0 || !info->max_pages || used <= info->max_pages)
		return true;
	atomic_long_add(-pages, &info->used);
	return false;
}

/*
 * fallocate() failed half-way: what it reserved in [first, behind) and nobody
 * has used yet goes again. Mirrors: mm/shmem.c:shmem_undo_range(unfalloc)
 */
static void undo_reserve(struct address_space *mapping, unsigned long first,
			 unsigned long behind)
{
	unsigned long index = first;
	struct page *head;

	while (behind > first &&
	       (head = pp_find_tagged(mapping, &index, behind - 1, PP_XA_PRESENT))) {
		pp_lock_page(head);
		if (page_file_mapping(head) == mapping && !PageUptodate(head)) {
			pp_cancel_dirty(head);
			pp_delete_from_page_cache(head);
		}
		pp_unlock_page(head);
		pp_unref(head);
		index++;
	}
}

/* A page for every index of [first, behind); -EINTR, -ENOMEM, -ENOSPC: none */
static int reserve(struct address_space *mapping, unsigned long first,
		   unsigned long behind)
{
	unsigned long index;
	struct page *head;

	for (index = first; index < behind; index++) {
		head = pinpage_fatal_signal_pending() ? ERR_PTR(-EINTR) :
			pp_find_or_create_page(mapping, index);
		if (IS_ERR(head)) {
			undo_reserve(mapping, first, index);
			return (int)PTR_ERR(head);
		}
		/* the page is the only copy of what will be in it */
		pp_set_page_dirty(head);
		pp_unlock_page(head);
		pp_unref(head);
		pinpage_cond_resched();
	}
	return 0;
}

/*
 * struct address_space_operations.fallocate; a punched range is gone already.
 * The pages stay not uptodate: they read as holes until somebody needs them.
 * Mirrors: mm/shmem.c:shmem_fallocate()
 */
static int shmem_fallocate(struct file *file, int mode, loff_pp offset,
			   loff_pp len)
{
	struct address_space *mapping = file->f_mapping;
	struct shmem_sb *info = sbinfo_of(mapping);
	unsigned long first = (unsigned long)offset >> PAGE_SHIFT;
	unsigned long behind = DIV_ROUND_UP((uint64_t)(offset + len), PAGE_SIZE);

	if (mode & FALLOC_FL_PUNCH_HOLE)
		return 0;
	if (info && info->max_pages && (long)(behind - first) > info->max_pages)
		return -ENOSPC;
	return reserve(mapping, first, behind);
}

static uint64_t shmem_blocks(struct inode *inode)
{
	return READ_ONCE(inode->i_data.nrpages) * (PAGE_SIZE / 512);
}

static const struct address_space_operations shmem_aops = {
	.fallocate = shmem_fallocate,
	.charge = shmem_charge,
	.blocks = shmem_blocks,
	.ram_only = true,
	.sparse = true,
	.sealable = true,
	.no_zero_range = true,
};

/**
 * pp_shmem_mapping() - is this memory with a file?
 *
 * Context: any. Mirrors: mm/shmem.c:shmem_mapping()
 */
bool pp_shmem_mapping(const struct address_space *mapping)
{
	return mapping->a_ops == &shmem_aops;
}

/* struct pp_fs_type.open_inode: a name that is not in memory does not exist. */
static int shmem_open_inode(struct super_block *sb, const char *name,
			    int flags, int mode, struct inode *inode)
{
	(void)sb;
	(void)name;
	if (!(flags & O_CREAT))
		return -ENOENT;
	inode->i_data.a_ops = &shmem_aops;
	inode->i_mode = (unsigned int)mode & 07777;
	inode->i_seals = F_SEAL_SEAL;
	return 0;
}

/* options->size: bytes, rounded up to pages; 0: as much as there is */
static int shmem_mount(struct super_block *sb,
		       const struct pinpage_mount_options *options)
{
	struct shmem_sb *info;

	if (options->size > (uint64_t)PP_LOFF_MAX)
		return -EINVAL;
	info = pp_zalloc(sizeof(*info));
	if (!info)
		return -ENOMEM;
	info->max_pages = (long)DIV_ROUND_UP(options->size, PAGE_SIZE);
	sb->s_fs_info = info;
	return 0;
}

static void shmem_kill_sb(struct super_block *sb, bool lost)
{
	(void)lost;
	pp_free(sb->s_fs_info);
	sb->s_fs_info = NULL;
}

const struct pp_fs_type pp_tmpfs = {
	.name = "tmpfs",
	.mount = shmem_mount,
	.kill_sb = shmem_kill_sb,
	.open_inode = shmem_open_inode,
};

/* the same under the name that the kernel's sources give it */
const struct pp_fs_type pp_shmem = {
	.name = "shmem",
	.mount = shmem_mount,
	.kill_sb = shmem_kill_sb,
	.open_inode = shmem_open_inode,
};
