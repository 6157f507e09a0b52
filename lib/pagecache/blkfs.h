/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_PAGECACHE_BLKFS_H
#define PP_PAGECACHE_BLKFS_H

/*
 * pagecache/blkfs.h - what the files of blkfs share
 *
 * Device: block 0 = superblock; two log areas; data blocks. See blkfs_disk.h.
 *
 * Lock: the device's (rank FS, sleeps) protects the file system on it too. A
 * page's struct blkfs_buf is attached and detached under the page lock. No
 * event is emitted under the lock, so that a schedule never stops (and never
 * abandons) a task that holds it.
 */
#include "pagecache/bdev.h"
#include "pagecache/internal.h"

#define BLKFS_NAME_BUCKETS	32
#define BLKFS_NAME_MAX		255
#define BLKFS_MIN_BLOCKS	8
#define BLKFS_MAX_BLOCKS	(1ULL << 30)

/*
 * A set of block numbers: a bitmap with summary levels, 64 to 1, so that
 * adding, removing and taking the lowest cost O(log64 n). Never allocates
 * after its creation.
 */
#define BLKFS_LEVELS		6
struct blkfs_set {
	uint64_t *level[BLKFS_LEVELS];	/* level 0: one bit a block */
	unsigned int levels;
	unsigned long nr;		/* members */
};

/* block map entry: 63 bits in an xarray value; 0 = hole */
#define BLKFS_UNWRITTEN		(1ULL << 62)	/* allocated, reads zero */
static inline uint64_t blkfs_entry(uint64_t block, uint32_t csum)
{
	return block << 32 | csum;
}
static inline uint64_t blkfs_entry_block(uint64_t entry)
{
	return (entry & ~BLKFS_UNWRITTEN) >> 32;
}
static inline uint32_t blkfs_entry_csum(uint64_t entry)
{
	return (uint32_t)entry;
}

/* pages first to last of a file, while @link is on a list */
struct blkfs_range {
	struct list_head link;
	unsigned long first, last;
};

/* Key: L = the lock; c = constant */
struct blkfs_node {
	uint32_t ino;			/* c */
	char *name;			/* L: NULL once unlinked */
	loff_pp size;			/* L: as the next commit will store it */
	struct xarray map;		/* L: page index -> entry */
	unsigned long nr_blocks;	/* L: entries of @map */
	unsigned long nr_delalloc;	/* L: reserved for holes */
	struct address_space *mapping;	/* L: while it is open, else NULL */
	struct list_head name_link;	/* L */
	struct blkfs_range wrote;	/* L: on fs->wrote: not committed yet */
	struct blkfs_range durable;	/* L: on fs->durable: to be announced */
};

/* All files of the file system, or of one committed state of it. */
struct blkfs_table {
	struct xarray by_ino;
	struct list_head names[BLKFS_NAME_BUCKETS];
	unsigned long inode_bytes;	/* of their records in a snapshot */
	uint32_t last_ino;
};

/* where the log stands: the last committed state */
struct blkfs_log {
	uint32_t generation;		/* c: of the format */
	uint64_t seq;			/* of the last commit */
	unsigned int area;		/* 0 or 1 */
	uint64_t tail;			/* next free block of the area */
	unsigned char *pending;		/* records of the next commit */
	size_t bytes, room;
	bool snapshot;			/* next commit writes everything */
};

struct blkfs {
	struct pinpage_bdev *bdev;	/* c */
	struct super_block *sb;		/* c */
	bool checksums, cow;		/* c */
	uint64_t area_blocks;		/* c */
	uint64_t first_data, nr_data;	/* c */
	struct blkfs_table table;	/* L */
	struct blkfs_set free;		/* L: data blocks nobody uses */
	struct blkfs_set freed;		/* L: free once the next commit is done */
	unsigned long reserved;		/* L: of @free, promised */
	struct blkfs_log log;		/* L */
	struct list_head wrote;		/* L: ranges written since the commit */
	struct list_head durable;	/* L: ranges to be announced */
	struct blkfs_table *stable;	/* L: durable_read()'s, or NULL */
	unsigned char *scratch;		/* L: two blocks, for the log */
};

/* per-page private data: what ext4 keeps in buffer heads */
#define BLKFS_BUF_RESERVED	1u	/* one block of fs->reserved is ours */
#define BLKFS_BUF_DELALLOC	2u	/* and it is for a hole */
struct blkfs_buf {
	unsigned int flags;		/* L */
};

static inline struct blkfs *blkfs_of(const struct super_block *sb)
{
	return sb->s_fs_info;
}
static inline void pp_blkfs_lock(struct blkfs *fs)
{
	pinpage_mutex_lock(pp_bdev_lock(fs->bdev));
}
static inline void pp_blkfs_unlock(struct blkfs *fs)
{
	pinpage_mutex_unlock(pp_bdev_lock(fs->bdev));
}
#define pp_blkfs_assert_locked(fs) pp_assert_held(pp_bdev_lock((fs)->bdev))

static inline struct blkfs_node *blkfs_node_of(const struct inode *inode)
{
	return inode->i_private;
}
/* blkfs_alloc.c */
int pp_blkfs_set_init(struct blkfs_set *set, uint64_t nbits, bool full);
void pp_blkfs_set_exit(struct blkfs_set *set);
bool pp_blkfs_set_add(struct blkfs_set *set, uint64_t bit);
bool pp_blkfs_set_del(struct blkfs_set *set, uint64_t bit);
int64_t pp_blkfs_set_first(const struct blkfs_set *set);
int pp_blkfs_reserve(struct blkfs *fs);
void pp_blkfs_unreserve(struct blkfs *fs);
int64_t pp_blkfs_alloc(struct blkfs *fs, bool reserved);
void pp_blkfs_alloc_undo(struct blkfs *fs, uint64_t block);
void pp_blkfs_free(struct blkfs *fs, uint64_t block);
void pp_blkfs_free_committed(struct blkfs *fs);

/* blkfs_table.c */
void pp_blkfs_table_init(struct blkfs_table *table);
void pp_blkfs_table_exit(struct blkfs_table *table);
struct blkfs_node *pp_blkfs_find_name(struct blkfs_table *table,
				      const char *name);
struct blkfs_node *pp_blkfs_find_ino(struct blkfs_table *table, uint32_t ino);
struct blkfs_node *pp_blkfs_node_new(struct blkfs_table *table, uint32_t ino,
				     const char *name, size_t len);
void pp_blkfs_node_forget_name(struct blkfs_table *table,
			       struct blkfs_node *node);
void pp_blkfs_node_free(struct blkfs_node *node);
uint64_t pp_blkfs_map_get(const struct blkfs_node *node, unsigned long index);
int pp_blkfs_map_set(struct blkfs_node *node, unsigned long index,
		     uint64_t entry);
uint64_t pp_blkfs_map_clear(struct blkfs_node *node, unsigned long index);
void pp_blkfs_range_add(struct blkfs_range *range, struct list_head *list,
			unsigned long first, unsigned long last);

/* blkfs_log.c */
void pp_blkfs_geometry(struct blkfs *fs, uint64_t blocks);
bool pp_blkfs_room_for_name(const struct blkfs *fs, size_t len);
void pp_blkfs_log_inode(struct blkfs *fs, const struct blkfs_node *node);
void pp_blkfs_log_size(struct blkfs *fs, const struct blkfs_node *node);
void pp_blkfs_log_map(struct blkfs *fs, const struct blkfs_node *node,
		      unsigned long index, uint64_t entry);
void pp_blkfs_log_unmap(struct blkfs *fs, const struct blkfs_node *node,
			unsigned long first, unsigned long count);
void pp_blkfs_log_remove(struct blkfs *fs, const struct blkfs_node *node);
int pp_blkfs_log_empty(struct blkfs *fs);
int pp_blkfs_commit(struct blkfs *fs);

/* blkfs_recover.c */
int pp_blkfs_format(struct blkfs *fs);
int pp_blkfs_mount_log(struct blkfs *fs);
struct blkfs_table *pp_blkfs_stable_table(struct blkfs *fs);	/* ERR_PTR */
void pp_blkfs_stable_drop(struct blkfs *fs);

/* blkfs_page.c */
extern const struct address_space_operations pp_blkfs_aops;
void pp_blkfs_wrote(struct blkfs *fs, struct blkfs_node *node,
		    unsigned long index);
void pp_blkfs_emit_durable(struct blkfs *fs);
uint32_t pp_blkfs_csum(const struct blkfs *fs, const void *data, size_t len);
int pp_blkfs_read_entry(struct blkfs *fs, uint64_t entry, void *buf);
int pp_blkfs_check_csum(struct blkfs *fs, const struct blkfs_node *node,
			unsigned long index, uint64_t entry, const void *buf);
void pp_blkfs_replace(struct blkfs *fs, struct blkfs_node *node,
		      unsigned long index, uint64_t entry);

/* blkfs_file.c */
int pp_blkfs_dirty_tail(struct inode *inode, unsigned long index, bool stored);
size_t pp_blkfs_run(struct inode *inode, loff_pp pos, size_t len, bool *hole);
ssize_t pp_blkfs_direct_io(struct file *file, bool write, struct page **pages,
			   size_t offset, size_t len, loff_pp pos);
int pp_blkfs_set_size(struct inode *inode, loff_pp size);
int pp_blkfs_fallocate(struct file *file, int mode, loff_pp offset,
		       loff_pp len);
int pp_blkfs_sync(struct inode *inode, bool datasync);
ssize_t pp_blkfs_durable_read(struct inode *inode, void *buf, size_t count,
			      loff_pp pos);
uint64_t pp_blkfs_blocks(struct inode *inode);

#endif
