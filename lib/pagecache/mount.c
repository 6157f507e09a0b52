// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mount.c - mounts and the file systems they are of
 *
 * A mount is on the list from pinpage_mount() until its last user is gone;
 * s_count counts the users of the memory (one is the mount itself), s_umount
 * keeps walkers and umount apart.
 */
#include "pagecache/hugetlbfs.h"
#include "pagecache/internal.h"

#define FS_TYPES_MAX 8

static const struct pp_fs_type *const own_types[] = {
	&pp_blkfs, &pp_daxfs, &pp_hostfs, &pp_hugetlbfs, &pp_ramfs, &pp_shmem, &pp_tmpfs,
};
static const struct pp_fs_type *more_types[FS_TYPES_MAX];	/* sb_lock */
static PP_LIST_HEAD(mounts);					/* sb_lock */
static pinpage_spinlock_t sb_lock = PINPAGE_SPINLOCK_INIT(sb_lock);
static struct pinpage_mutex shmem_mutex = PINPAGE_MUTEX_INIT(shmem_mutex);
static struct super_block *hugetlb_sb;				/* shmem_mutex */
static struct super_block *shmem_sb;				/* shmem_mutex */

/* See pagecache.h. */
int pp_register_fs(const struct pp_fs_type *type)
{
	int ret = -ENOSPC;

	pinpage_spin_lock(&sb_lock);
	for (unsigned int i = 0; i < FS_TYPES_MAX; i++) {
		if (more_types[i])
			continue;
		more_types[i] = type;
		ret = 0;
		break;
	}
	pinpage_spin_unlock(&sb_lock);
	return ret;
}

static const struct pp_fs_type *find_type(const char *name)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(own_types); i++)
		if (!strcmp(own_types[i]->name, name))
			return own_types[i];
	for (unsigned int i = 0; i < FS_TYPES_MAX; i++)
		if (more_types[i] && !strcmp(more_types[i]->name, name))
			return more_types[i];
	return NULL;
}

/* sb_lock held. Compares addresses only: @sb may be anything. */
static bool mounted(const struct super_block *sb)
{
	struct super_block *pos;

	list_for_each_entry(pos, &mounts, link)
		if (pos == sb)
			return !pos->dead;
	return false;
}

/**
 * pp_sb_get() - keep a mount's memory
 * @sb: what a caller says is a mount
 *
 * Context: any. Return: false: it is not, or not any more.
 */
bool pp_sb_get(struct super_block *sb)
{
	bool found;

	pinpage_spin_lock(&sb_lock);
	found = mounted(sb);
	if (found)
		sb->s_count++;
	pinpage_spin_unlock(&sb_lock);
	return found;
}

/* sb_lock held; true: the caller frees it after unlocking */
static bool put_locked(struct super_block *sb)
{
	if (--sb->s_count)
		return false;
	list_del(&sb->link);
	return true;
}

void pp_sb_put(struct super_block *sb)
{
	bool last;

	pinpage_spin_lock(&sb_lock);
	last = put_locked(sb);
	pinpage_spin_unlock(&sb_lock);
	if (last)
		pp_free(sb);
}

/* The mount after @prev (NULL: the first), kept; @prev is let go. */
static struct super_block *next_sb(struct super_block *prev)
{
	struct super_block *next = NULL;
	struct list_head *pos;
	bool last = false;

	pinpage_spin_lock(&sb_lock);
	pos = prev ? prev->link.next : mounts.next;
	while (pos != &mounts && !next) {
		next = list_entry(pos, struct super_block, link);
		pos = pos->next;
		if (next->dead)
			next = NULL;
	}
	if (next)
		next->s_count++;
	if (prev)
		last = put_locked(prev);
	pinpage_spin_unlock(&sb_lock);
	if (last)
		pp_free(prev);
	return next;
}

static long visit_sb(struct super_block *sb, bool wait,
		     long (*fn)(struct super_block *sb, void *arg), void *arg)
{
	long ret = 0;

	if (wait)
		pinpage_down_read(&sb->s_umount);
	else if (!pinpage_down_read_trylock(&sb->s_umount))
		return 0;
	if (!READ_ONCE(sb->dead))
		ret = fn(sb, arg);
	pinpage_up_read(&sb->s_umount);
	return ret;
}

/*
 * See internal.h. With @wait a mount that is being unmounted is waited for.
 * Context: process; sleeps. Return: fn's last; -EINVAL: @only not mounted.
 */
long pp_for_each_sb(struct super_block *only, bool wait,
		    long (*fn)(struct super_block *sb, void *arg), void *arg)
{
	struct super_block *sb;
	long ret = 0;

	if (only) {
		if (!pp_sb_get(only)) {
			pp_warn_once("mount %p is not mounted", (void *)only);
			return -EINVAL;
		}
		ret = visit_sb(only, wait, fn, arg);
		pp_sb_put(only);
		return ret;
	}
	for (sb = next_sb(NULL); sb; sb = next_sb(sb)) {
		ret = visit_sb(sb, wait, fn, arg);
		if (ret < 0) {
			pp_sb_put(sb);
			break;
		}
	}
	return ret;
}

static void init_sb_locks(struct super_block *sb)
{
	pp_mutex_init(&sb->lock, "sb->lock", PINPAGE_RANK_NONE);
	pp_rwsem_init(&sb->s_umount, "s_umount", PINPAGE_RANK_NONE);
}

static struct super_block *alloc_sb(const struct pp_fs_type *type)
{
	struct super_block *sb = pp_zalloc(sizeof(*sb));

	if (!sb)
		return NULL;
	sb->type = type;
	sb->s_count = 1;
	sb->s_maxbytes = PP_LOFF_MAX & (loff_pp)PAGE_MASK;
	init_sb_locks(sb);
	INIT_LIST_HEAD(&sb->inodes);
	INIT_LIST_HEAD(&sb->files);
	return sb;
}

static int do_mount(const struct pp_fs_type *type,
		    const struct pinpage_mount_options *options, bool internal,
		    struct super_block **out)
{
	struct super_block *sb = alloc_sb(type);
	int ret;

	if (!sb)
		return -ENOMEM;
	sb->internal = internal;
	ret = type->mount ? type->mount(sb, options) : 0;
	if (ret) {
		pp_free(sb);
		return ret;
	}
	pinpage_spin_lock(&sb_lock);
	list_add_tail(&sb->link, &mounts);
	pinpage_spin_unlock(&sb_lock);
	*out = sb;
	return 0;
}

/* See the header. */
int pinpage_mount(const char *fstype,
		  const struct pinpage_mount_options *options,
		  struct super_block **sb)
{
	static const struct pinpage_mount_options none;
	const struct pp_fs_type *type;

	if (!pp_ready() || !fstype || !sb || !pinpage_might_sleep())
		return -EINVAL;
	type = find_type(fstype);
	if (!type)
		return -ENODEV;
	return do_mount(type, options ? options : &none, false, sb);
}

static long write_out(struct inode *inode, void *arg)
{
	int *error = arg;
	long ret = pp_write_inode(inode, PINPAGE_WB_SYNC_ALL);
	int err = 0;

	if (inode->i_data.a_ops->sync)
		err = inode->i_data.a_ops->sync(inode, false);
	if (!*error)
		*error = ret < 0 ? (int)ret : err;
	return 0;
}

/* Files closed. The machine forgets the mount; its memory goes with s_count. */
static int do_umount(struct super_block *sb, bool lost)
{
	int ret = 0;

	pinpage_down_write(&sb->s_umount);
	pinpage_mutex_lock(&sb->lock);
	if (!list_empty(&sb->files))
		ret = -EBUSY;
	pinpage_mutex_unlock(&sb->lock);
	if (ret || sb->dead) {
		pinpage_up_write(&sb->s_umount);
		return ret ? ret : -EINVAL;
	}
	if (!lost)
		pp_for_each_inode(sb, write_out, &ret);
	pp_evict_inodes(sb);
	if (sb->type->kill_sb)
		sb->type->kill_sb(sb, lost);
	WRITE_ONCE(sb->dead, true);
	pinpage_up_write(&sb->s_umount);
	pp_sb_put(sb);
	return ret;
}

static int umount_checked(struct super_block *sb, bool lost)
{
	int ret;

	if (!pp_ready() || !pinpage_might_sleep())
		return -EINVAL;
	if (!pp_sb_get(sb)) {
		pp_warn_once("umount: %p is not mounted", (void *)sb);
		return -EINVAL;
	}
	ret = do_umount(sb, lost);
	pp_sb_put(sb);
	return ret;
}

/* See the header. Mirrors: fs/super.c:generic_shutdown_super() */
static void nothing(struct pinpage_work *work)
{
	(void)work;
}

/* A read that a fault has begun and nobody waits for keeps its file meanwhile. */
static void wait_for_reads(void)
{
	struct pinpage_work last;

	pinpage_init_work(&last, nothing);
	pinpage_schedule_work(&last);
	pinpage_flush_work(&last);
}

int pinpage_umount(struct super_block *sb)
{
	int ret = umount_checked(sb, false);

	if (ret != -EBUSY)
		return ret;
	wait_for_reads();
	return umount_checked(sb, false);
}

void pinpage_umount_lost(struct super_block *sb)
{
	if (umount_checked(sb, true) == -EBUSY)
		pp_warn("umount_lost: files are still open, close them first");
}

/* a mount of the machine's own, made at its first use */
static struct super_block *own_sb(const struct pp_fs_type *type,
				  struct super_block **sbp)
{
	static const struct pinpage_mount_options none;
	struct super_block *sb;
	int ret = 0;

	pinpage_mutex_lock(&shmem_mutex);
	if (!*sbp)
		ret = do_mount(type, &none, true, sbp);
	sb = *sbp;
	pinpage_mutex_unlock(&shmem_mutex);
	return ret ? ERR_PTR(ret) : sb;
}

/**
 * pp_shmem_sb() - the machine's own tmpfs, for shared anonymous memory
 *
 * Context: process; sleeps. Return: ERR_PTR(-ENOMEM, ...) or the mount.
 */
struct super_block *pp_shmem_sb(void)
{
	return own_sb(&pp_tmpfs, &shmem_sb);
}

/* As pp_shmem_sb(), except: the machine's own hugetlbfs. */
struct super_block *pp_hugetlb_sb(void)
{
	return own_sb(&pp_hugetlbfs, &hugetlb_sb);
}

/* Boot: what an abandoned task of the machine before may have held is free. */
void pp_mount_boot(void)
{
	pinpage_spin_lock_init(&sb_lock, "sb_lock");
	pinpage_mutex_init(&shmem_mutex, "shmem_mutex");
}

/* True: a task was abandoned with a lock of this mount held. */
static bool break_locks(struct super_block *sb)
{
	bool held = sb->lock.word || sb->s_umount.word;

	init_sb_locks(sb);
	return pp_inodes_break_locks(sb) || held;
}

/**
 * pp_mount_shutdown() - close and unmount everything, saying what was open
 *
 * Dirty pages are written, unless a task was abandoned in the middle of
 * something: then the cache is dropped as by a power cut.
 *
 * Context: shutdown; no other task runs.
 */
void pp_mount_shutdown(void)
{
	struct super_block *sb;

	pp_mount_boot();
	while (!list_empty(&mounts)) {
		bool hung;

		sb = list_first_entry(&mounts, struct super_block, link);
		hung = break_locks(sb);
		sb->s_count = 1;
		if (sb->dead) {
			/* unmounted; an abandoned task had it in use */
			pp_sb_put(sb);
			continue;
		}
		if (pp_close_all(sb) && !sb->internal)
			pp_warn("%s: unmounted with files open",
				sb->type->name);
		if (do_umount(sb, hung) == -EBUSY)
			pp_bug("%s: busy at shutdown", sb->type->name);
	}
	shmem_sb = hugetlb_sb = NULL;
	memset(more_types, 0, sizeof(more_types));
}
