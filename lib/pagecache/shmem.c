// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/shmem.c - memory that has a file: tmpfs, shared anonymous, memfd
 *
 * I1. The dirty flag is a flag and nothing else: no tag, no writeback, no
 *     account. A page leaves by truncation, punching, or with the file.
 * I2. A mount's used pages are those that its files have: charged
 *     before a page is made, returned when it leaves; never above the limit.
 * I4. An index has a page, or an entry of swap in mapping->swapped, or for a
 *     while both: then the page is not up to date, and the entry has the bytes.
 *     Each index is charged once.
 * I3. Files are sparse: read() of a hole makes no page, a fault does.
 *
 * Mirrors: mm/shmem.c 6.1; differs: reading has no read-ahead, fallocate() and
 * faults of one file exclude each other by invalidate_lock.
 */
#include "pagecache/internal.h"
#include "pagecache/seals.h"

/* Key: c = constant; r = atomic */
struct shmem_sb {
	enum pinpage_huge huge;		/* c */
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

/* See pagecache.h. */
static bool shmem_wants_huge(struct address_space *mapping, unsigned long index,
			     enum pp_huge_advice advice)
{
	const struct shmem_sb *info = sbinfo_of(mapping);

	return pp_shmem_is_huge(mapping, index, info ? info->huge : PINPAGE_HUGE_NEVER,
				advice);
}

/*
 * i_private: the index behind what fallocate() has reserved; i_rwsem. Mirrors:
 * mm/shmem.c:shmem_fallocend()
 */
static unsigned long shmem_end(struct address_space *mapping)
{
	return (unsigned long)(uintptr_t)READ_ONCE(mapping->host->i_private);
}

/* swap */

static const struct pp_swap_ops *swap;	/* boot */

void pp_set_swap_ops(const struct pp_swap_ops *ops)
{
	swap = ops;
}

static unsigned long entry_at(struct address_space *mapping, unsigned long index)
{
	void *value;

	pinpage_rcu_read_lock();
	value = pp_xa_load(&mapping->swapped, index);
	pinpage_rcu_read_unlock();
	return value ? xa_to_value(value) : 0;
}

/* See pagecache.h. */
static bool shmem_absent(struct address_space *mapping, unsigned long index)
{
	return entry_at(mapping, index);
}

/* page locked, or nobody else uses the range */
static void erase_entry(struct address_space *mapping, unsigned long index)
{
	void *value;

	pinpage_spin_lock(&mapping->i_pages_lock);
	value = pp_xa_erase(&mapping->swapped, index);
	if (value)
		mapping->nrswapped--;
	pinpage_spin_unlock(&mapping->i_pages_lock);
	if (value && swap)
		swap->free(xa_to_value(value));
}

static int store_entry(struct address_space *mapping, unsigned long index,
		       unsigned long entry)
{
	struct xa_preload pl = XA_PRELOAD_INIT;
	void *old;
	int err;

	pinpage_rcu_read_lock();
	err = pp_xa_preload(&mapping->swapped, &pl, index);
	pinpage_rcu_read_unlock();
	if (!err) {
		pinpage_spin_lock(&mapping->i_pages_lock);
		old = pp_xa_store_preloaded(&mapping->swapped, index,
					    xa_mk_value(entry), &pl);
		if (IS_ERR(old))
			err = -ENOMEM;
		else
			mapping->nrswapped++;
		pinpage_spin_unlock(&mapping->i_pages_lock);
	}
	pp_xa_preload_end(&pl);
	return err;
}

/**
 * pp_shmem_swap_out() - a small page leaves its file for a slot of swap
 * @head: locked, up to date, dirty, mapped by nobody; the caller has a reference
 *
 * A page that somebody else has, too, stays: what comes back is a copy.
 *
 * Context: process. Locking: page lock held.
 * Return:  true: in the swap cache, not in the file; false: in the file, and
 *          perhaps in the swap cache (pp_page_free_swap()).
 * Mirrors: mm/shmem.c:shmem_writepage(); differs: it finds the page of the swap
 *          cache again, so others may have it.
 */
bool pp_shmem_swap_out(struct page *head)
{
	struct address_space *mapping = page_file_mapping(head);
	unsigned long entry = swap ? swap->add(head) : 0;

	if (!entry)
		return false;
	if (store_entry(mapping, head->index, entry)) {
		swap->free(entry);
		return false;
	}
	/* the cache's, the swap cache's and the caller's references */
	if (pp_delete_if_unused(head, 3))
		return true;
	erase_entry(mapping, head->index);
	return false;
}

/* See pagecache.h. Mirrors: mm/shmem.c:shmem_swapin_folio(); differs: a copy. */
static int shmem_read_page(struct file *file, struct page *page)
{
	struct address_space *mapping = page_file_mapping(page);
	unsigned long entry = entry_at(mapping, page->index);
	int err;

	(void)file;
	if (!entry) {
		memset(page_address(page), 0,
		       PAGE_SIZE << folio_order((struct folio *)page));
		return 0;
	}
	err = swap ? swap->read(entry, page) : -EIO;
	if (err)
		return err;
	erase_entry(mapping, page->index);
	pp_set_page_dirty(page);
	return 0;
}

/* A page of which only a part is written, or all of it, is read back first. */
static int shmem_write_begin(struct file *file, struct page *page,
			     unsigned int from, unsigned int len)
{
	(void)from;
	(void)len;
	if (PageUptodate(page) || !shmem_absent(page_file_mapping(page), page->index))
		return 0;
	return pp_read_page_locked(file, page);
}

static void shmem_drop_absent(struct address_space *mapping, unsigned long first,
			      unsigned long last)
{
	unsigned long index = first;
	void *value;

	while (READ_ONCE(mapping->nrswapped)) {
		pinpage_rcu_read_lock();
		value = pp_xa_find(&mapping->swapped, &index, last, PP_XA_PRESENT);
		pinpage_rcu_read_unlock();
		if (!value)
			return;
		erase_entry(mapping, index);
		shmem_charge(mapping, -1);
	}
}

struct unuse {
	bool (*match)(unsigned long entry, void *arg);
	void *arg;
};

static long unuse_inode(struct inode *inode, void *arg)
{
	struct address_space *mapping = &inode->i_data;
	const struct unuse *unuse = arg;
	unsigned long index = 0;
	struct page *head;
	void *value;

	for (; READ_ONCE(mapping->nrswapped); index++) {
		pinpage_rcu_read_lock();
		value = pp_xa_find(&mapping->swapped, &index, ~0UL, PP_XA_PRESENT);
		pinpage_rcu_read_unlock();
		if (!value)
			break;
		if (!unuse->match(xa_to_value(value), unuse->arg))
			continue;
		head = pp_read_cache_page(mapping, index, NULL);
		if (IS_ERR(head))
			return PTR_ERR(head);
		pp_unref(head);
	}
	return 0;
}

static long unuse_sb(struct super_block *sb, void *arg)
{
	return pp_for_each_inode(sb, unuse_inode, arg);
}

/**
 * pp_shmem_unuse() - bring back what files have in swap
 * @match: says which entries
 *
 * Context: process; sleeps. Locking: no page lock.
 * Return:  0, -ENOMEM, -EIO.
 * Mirrors: mm/shmem.c:shmem_unuse()
 */
int pp_shmem_unuse(bool (*match)(unsigned long entry, void *arg), void *arg)
{
	struct unuse unuse = { .match = match, .arg = arg };

	return (int)pp_for_each_sb(NULL, true, unuse_sb, &unuse);
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
		index++;
		if (page_file_mapping(head) == mapping) {
			index = pp_next_index(head);
			if (!PageUptodate(head)) {
				pp_cancel_dirty(head);
				pp_delete_from_page_cache(head);
			}
		}
		pp_unlock_page(head);
		pp_unref(head);
	}
}

/* A page for every index of [first, behind); -EINTR, -ENOMEM, -ENOSPC: none */
static int reserve(struct address_space *mapping, unsigned long first,
		   unsigned long behind)
{
	unsigned long index, next;
	struct page *head;

	for (index = first; index < behind; index = next) {
		head = pinpage_fatal_signal_pending() ? ERR_PTR(-EINTR) :
			pp_find_or_create_page(mapping, index);
		if (IS_ERR(head)) {
			undo_reserve(mapping, first, index);
			return (int)PTR_ERR(head);
		}
		/* the page is the only copy of what will be in it */
		pp_set_page_dirty(head);
		next = pp_next_index(head);
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
	if (behind > shmem_end(mapping))
		WRITE_ONCE(mapping->host->i_private, (void *)(uintptr_t)behind);
	return reserve(mapping, first, behind);
}

static uint64_t shmem_blocks(struct inode *inode)
{
	const struct address_space *mapping = &inode->i_data;

	return (READ_ONCE(mapping->nrpages) + READ_ONCE(mapping->nrswapped)) *
	       (PAGE_SIZE / 512);
}

static const struct address_space_operations shmem_aops = {
	.read_page = shmem_read_page,
	.write_begin = shmem_write_begin,
	.fallocate = shmem_fallocate,
	.absent = shmem_absent,
	.drop_absent = shmem_drop_absent,
	.charge = shmem_charge,
	.blocks = shmem_blocks,
	.ram_only = true,
	.sparse = true,
	.sealable = true,
	.no_zero_range = true,
	.large = true,
	.wants_huge = shmem_wants_huge,
	.end = shmem_end,
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

/* options->size: bytes, rounded up to pages; 0: as much as there is; ->huge */
static int shmem_mount(struct super_block *sb,
		       const struct pinpage_mount_options *options)
{
	struct shmem_sb *info;

	if (options->size > (uint64_t)PP_LOFF_MAX ||
	    (unsigned int)options->huge >= PINPAGE_HUGE_DENY)
		return -EINVAL;
	info = pp_zalloc(sizeof(*info));
	if (!info)
		return -ENOMEM;
	info->huge = options->huge;
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
