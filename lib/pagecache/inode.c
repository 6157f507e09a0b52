// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * inode.c - inodes in memory
 *
 * I1. One inode a name and mount; it stays in memory, with its pages, after
 *     the last close, until umount, or until it is unlinked and unused.
 * I2. i_count rises under sb->lock or by who holds a reference; it reaches 0
 *     under sb->lock, and what is then unlinked leaves the list at once.
 * I3. The memory goes after a grace period: a task that dirties a page
 *     without the page lock may still look at the mapping.
 */
#include "pagecache/internal.h"

/* What an inode does until its file system says otherwise. */
static const struct address_space_operations empty_aops;

static void init_locks(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;

	pp_rwsem_init(&inode->i_rwsem, "i_rwsem", PINPAGE_RANK_INODE);
	pp_spin_init(&mapping->i_pages_lock, "i_pages", PINPAGE_RANK_I_PAGES);
	pp_rwsem_init(&mapping->invalidate_lock, "invalidate_lock",
		      PINPAGE_RANK_INVALIDATE);
	pp_rwsem_init(&mapping->i_mmap_rwsem, "i_mmap_rwsem",
		      PINPAGE_RANK_I_MMAP);
}

static void init_mapping(struct address_space *mapping, struct inode *inode)
{
	mapping->host = inode;
	mapping->a_ops = &empty_aops;
	xa_init(&mapping->i_pages);
	xa_init(&mapping->swapped);
	RB_INIT(&mapping->i_mmap);
}

static struct inode *alloc_inode(struct super_block *sb, const char *name)
{
	struct inode *inode = pp_zalloc(sizeof(*inode));

	if (!inode)
		return NULL;
	inode->name = pp_strdup(name);
	if (!inode->name) {
		pp_free(inode);
		return NULL;
	}
	inode->i_sb = sb;
	inode->i_ino = ++sb->next_ino;
	inode->nlink = 1;
	atomic_set(&inode->i_count, 1);
	init_locks(inode);
	init_mapping(&inode->i_data, inode);
	INIT_LIST_HEAD(&inode->sb_link);
	return inode;
}

static void free_inode_rcu(struct pinpage_rcu_head *head)
{
	struct inode *inode = container_of(head, struct inode, rcu);

	pp_free(inode->name);
	pp_free(inode);
}

static void destroy_inode(struct inode *inode)
{
	struct address_space *mapping = &inode->i_data;

	/* The last end of writeback may still hold it: see its comment. */
	pinpage_spin_lock(&mapping->i_pages_lock);
	pp_xa_destroy(&mapping->i_pages);
	pp_xa_destroy(&mapping->swapped);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	pinpage_call_rcu(&inode->rcu, free_inode_rcu);
}

/* Off the list already, no references. Mirrors: fs/inode.c:evict() */
static void evict_inode(struct inode *inode)
{
	const struct pp_fs_type *type = inode->i_sb->type;

	pp_empty_mapping(&inode->i_data);
	if (type->evict_inode)
		type->evict_inode(inode);
	destroy_inode(inode);
}

static struct inode *find_inode(struct super_block *sb, const char *name)
{
	struct inode *inode;

	list_for_each_entry(inode, &sb->inodes, sb_link)
		if (inode->nlink && !strcmp(inode->name, name))
			return inode;
	return NULL;
}

/* sb->lock held */
static struct inode *iget_locked(struct super_block *sb, const char *name,
				 int flags, int mode)
{
	struct inode *inode = find_inode(sb, name);
	int ret;

	if (inode) {
		if ((flags & (O_CREAT | O_EXCL)) == (O_CREAT | O_EXCL))
			return ERR_PTR(-EEXIST);
		atomic_inc(&inode->i_count);
		return inode;
	}
	inode = alloc_inode(sb, name);
	if (!inode)
		return ERR_PTR(-ENOMEM);
	ret = sb->type->open_inode(sb, name, flags, mode, inode);
	if (ret) {
		destroy_inode(inode);
		return ERR_PTR(ret);
	}
	list_add_tail(&inode->sb_link, &sb->inodes);
	return inode;
}

/**
 * pp_iget() - the inode of a name, read or made if it is not in memory
 * @flags: O_CREAT and O_EXCL count
 *
 * Context: process; sleeps. Locking: s_umount held for read; takes sb->lock.
 * Return:  inode with a reference; ERR_PTR: -ENOENT, -EEXIST, -ENOMEM, or
 *          what the model's open_inode() gave
 */
struct inode *pp_iget(struct super_block *sb, const char *name, int flags,
		      int mode)
{
	struct inode *inode;

	pinpage_mutex_lock(&sb->lock);
	inode = iget_locked(sb, name, flags, mode);
	pinpage_mutex_unlock(&sb->lock);
	return inode;
}

/* Drops a reference; sb->lock held. True: evict it when the lock is dropped. */
static bool put_locked(struct inode *inode)
{
	if (!atomic_dec_and_test(&inode->i_count) || inode->nlink)
		return false;
	list_del_init(&inode->sb_link);
	return true;
}

/**
 * pp_iput() - drop a reference; an unlinked inode goes with the last one
 *
 * Context: process; sleeps. Locking: no page lock held; takes sb->lock. The
 *          caller keeps the mount alive.
 * Mirrors: fs/inode.c:iput()
 */
void pp_iput(struct inode *inode)
{
	struct super_block *sb = inode->i_sb;
	bool last;

	pinpage_mutex_lock(&sb->lock);
	last = put_locked(inode);
	pinpage_mutex_unlock(&sb->lock);
	if (last)
		evict_inode(inode);
}

/**
 * pp_inode_unlink() - the name goes; the file goes when nobody uses it
 *
 * Context: process; sleeps. Locking: s_umount held for read; takes sb->lock.
 * Return:  0, -ENOENT, -ENOMEM, or what the model's unlink() gave
 * Mirrors: fs/namei.c:vfs_unlink()
 */
int pp_inode_unlink(struct super_block *sb, const char *name)
{
	struct inode *inode;
	bool last;
	int ret = 0;

	pinpage_mutex_lock(&sb->lock);
	inode = iget_locked(sb, name, O_RDWR, 0);
	if (IS_ERR(inode)) {
		pinpage_mutex_unlock(&sb->lock);
		return (int)PTR_ERR(inode);
	}
	if (sb->type->unlink)
		ret = sb->type->unlink(sb, name);
	if (!ret)
		inode->nlink = 0;
	last = put_locked(inode);
	pinpage_mutex_unlock(&sb->lock);
	if (last)
		evict_inode(inode);
	return ret;
}

static bool break_page(struct page *head)
{
	if (!PageLocked(head) && !PageWriteback(head))
		return false;
	if (!page_ref_count(head))
		pp_ref_unfreeze(head, 1);	/* frozen by pp_remove_mapping() */
	ClearPageLocked(head);
	ClearPageWriteback(head);
	return true;
}

/**
 * pp_inodes_break_locks() - nobody holds a lock of a file any more
 *
 * After a hang the deterministic engine abandons tasks with what they hold.
 *
 * Context: shutdown; no other task runs. Return: true: something was held.
 */
bool pp_inodes_break_locks(struct super_block *sb)
{
	struct inode *inode;
	bool held = false;

	list_for_each_entry(inode, &sb->inodes, sb_link) {
		struct address_space *mapping = &inode->i_data;
		unsigned long index;
		struct page *head;

		held |= inode->i_rwsem.word || mapping->i_pages_lock.word ||
			mapping->invalidate_lock.word ||
			mapping->i_mmap_rwsem.word;
		init_locks(inode);
		xa_for_each(&mapping->i_pages, index, head)
			held |= break_page(head);
	}
	return held;
}

/**
 * pp_evict_inodes() - all inodes of a mount leave memory, dirty or not
 *
 * Context: process; sleeps. Locking: s_umount held for write, no open files.
 */
void pp_evict_inodes(struct super_block *sb)
{
	for (;;) {
		struct inode *inode;

		pinpage_mutex_lock(&sb->lock);
		inode = list_first_entry_or_null(&sb->inodes, struct inode,
						 sb_link);
		if (inode)
			list_del_init(&inode->sb_link);
		pinpage_mutex_unlock(&sb->lock);
		if (!inode)
			return;
		evict_inode(inode);
	}
}

/* The inode after @prev (NULL: the first) with a reference; @prev is put. */
static struct inode *next_inode(struct super_block *sb, struct inode *prev)
{
	struct list_head *pos;
	struct inode *next = NULL;
	bool last = false;

	pinpage_mutex_lock(&sb->lock);
	pos = prev ? prev->sb_link.next : sb->inodes.next;
	if (pos != &sb->inodes) {
		next = list_entry(pos, struct inode, sb_link);
		atomic_inc(&next->i_count);
	}
	if (prev)
		last = put_locked(prev);
	pinpage_mutex_unlock(&sb->lock);
	if (last)
		evict_inode(prev);
	return next;
}

/* See internal.h. Context: process; sleeps. Locking: s_umount held. */
long pp_for_each_inode(struct super_block *sb,
		       long (*fn)(struct inode *inode, void *arg), void *arg)
{
	struct inode *inode = next_inode(sb, NULL);
	long ret = 0;

	while (inode) {
		ret = fn(inode, arg);
		if (ret < 0) {
			pp_iput(inode);
			break;
		}
		inode = next_inode(sb, inode);
	}
	return ret;
}
