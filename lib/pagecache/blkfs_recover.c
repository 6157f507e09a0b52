// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_recover.c - metadata of blkfs is read back from the device
 *
 * Serves mount, which reads through the device's cache, and durable_read(),
 * which reads stable storage alone. What is read is not trusted: a damaged
 * transaction ends the log, a record that makes no sense is -EUCLEAN.
 */
#include <string.h>

#include "pagecache/blkfs_disk.h"

/* -- reading -- */

typedef int (*read_fn)(struct pinpage_bdev *bdev, uint64_t block, void *buf);

struct reader {
	struct blkfs *fs;
	read_fn read;
	unsigned int area;
	uint64_t block;		/* of the area, in @buf */
	size_t at;
	uint64_t left;		/* record bytes of the transaction */
	unsigned char *buf;
};

static int reader_block(struct reader *r, uint64_t block)
{
	r->block = block;
	r->at = 0;
	return r->read(r->fs->bdev, area_block(r->fs, r->area, block), r->buf);
}

static int reader_get(struct reader *r, void *data, size_t len)
{
	unsigned char *to = data;
	int ret;

	if (len > r->left)
		return -EUCLEAN;
	for (; len; len -= 8, to += 8, r->at += 8, r->left -= 8) {
		if (r->at == PP_BDEV_BLOCK_SIZE) {
			ret = reader_block(r, r->block + 1);
			if (ret)
				return ret;
		}
		memcpy(to, r->buf + r->at, 8);
	}
	return 0;
}

/*
 * Is there a transaction at @block? 1: yes, in @head, and the reader stands
 * at its records; 0: no.
 */
static int txn_open(struct reader *r, uint64_t block, struct disk_txn *head)
{
	struct blkfs *fs = r->fs;
	int ret;

	if (block >= fs->area_blocks)
		return 0;
	ret = reader_block(r, block);
	if (ret)
		return ret;
	memcpy(head, r->buf, sizeof(*head));
	if (head->magic != TXN_MAGIC || head->bytes % 8 ||
	    head->generation != fs->log.generation ||
	    head->bytes > fs->area_blocks * PP_BDEV_BLOCK_SIZE ||
	    block + blocks_for(head->bytes) > fs->area_blocks)
		return 0;
	r->at = sizeof(*head);
	r->left = head->bytes;
	return 1;
}

/* As txn_open(), and its records are all there (I1). */
static int txn_check(struct reader *r, uint64_t block, struct disk_txn *head)
{
	uint64_t hash, word;
	int ret = txn_open(r, block, head);

	if (ret <= 0)
		return ret;
	hash = hash_mix(head->generation, head->seq);
	while (r->left) {
		ret = reader_get(r, &word, 8);
		if (ret)
			return ret;
		hash = hash_mix(hash, word);
	}
	if (hash != head->hash)
		return 0;
	return txn_open(r, block, head);
}

static int apply_map(struct blkfs *fs, struct blkfs_node *node,
		     const struct disk_record *rec)
{
	uint64_t block = blkfs_entry_block(rec->b);
	unsigned long i;

	if (rec->op == REC_MAP) {
		if (block < fs->first_data ||
		    block - fs->first_data >= fs->nr_data)
			return -EUCLEAN;
		return pp_blkfs_map_set(node, rec->a, rec->b);
	}
	i = rec->a;
	while (pp_xa_find(&node->map, &i, rec->a + rec->b - 1, PP_XA_PRESENT))
		pp_blkfs_map_clear(node, i);
	return 0;
}

static int apply_inode(struct reader *r, struct blkfs_table *table,
		       const struct disk_record *rec)
{
	char name[BLKFS_NAME_MAX + 8];
	struct blkfs_node *node;
	int ret = reader_get(r, name, name_bytes(rec->name_len));

	if (ret)
		return ret;
	if (!rec->name_len || pp_blkfs_find_ino(table, rec->ino))
		return -EUCLEAN;
	node = pp_blkfs_node_new(table, rec->ino, name, rec->name_len);
	if (!node)
		return -ENOMEM;
	node->size = (loff_pp)rec->a;
	return 0;
}

static int apply_record(struct reader *r, struct blkfs_table *table)
{
	struct disk_record rec;
	struct blkfs_node *node;
	int ret = reader_get(r, &rec, sizeof(rec));

	if (ret)
		return ret;
	if (rec.op == REC_INODE)
		return apply_inode(r, table, &rec);
	node = pp_blkfs_find_ino(table, rec.ino);
	if (!node)
		return -EUCLEAN;
	switch (rec.op) {
	case REC_SIZE:
		node->size = (loff_pp)rec.a;
		return 0;
	case REC_MAP:
	case REC_UNMAP:
		return apply_map(r->fs, node, &rec);
	case REC_REMOVE:
		pp_blkfs_node_forget_name(table, node);
		pp_blkfs_node_free(node);
		return 0;
	}
	return -EUCLEAN;
}

/* Which area has the newer snapshot? 0 or -errno. */
static int choose_area(struct reader *r, struct disk_txn *head)
{
	struct disk_txn heads[2];
	int ok[2];

	for (r->area = 0; r->area < 2; r->area++) {
		ok[r->area] = txn_check(r, 0, &heads[r->area]);
		if (ok[r->area] < 0)
			return ok[r->area];
		if (!(heads[r->area].flags & TXN_SNAPSHOT))
			ok[r->area] = 0;
	}
	if (!ok[0] && !ok[1])
		return -EUCLEAN;
	r->area = ok[1] && (!ok[0] || heads[1].seq > heads[0].seq);
	*head = heads[r->area];
	return 0;
}

/* Applies every transaction of the newer area; @log says where it ends. */
static int replay(struct reader *r, struct blkfs_table *table,
		  struct blkfs_log *log)
{
	struct disk_txn head;
	uint64_t block = 0, seq;
	int ret = choose_area(r, &head);

	if (ret)
		return ret;
	for (seq = head.seq; ; seq++) {
		ret = txn_check(r, block, &head);
		if (ret <= 0 || head.seq != seq)
			break;
		while (r->left) {
			ret = apply_record(r, table);
			if (ret)
				return ret;
		}
		block += blocks_for(head.bytes);
	}
	if (ret < 0)
		return ret;
	log->area = r->area;
	log->seq = seq - 1;
	log->tail = block;
	return 0;
}

static int load(struct blkfs *fs, read_fn read, struct blkfs_table *table,
		struct blkfs_log *log)
{
	struct reader r = { .fs = fs, .read = read };
	int ret;

	r.buf = pp_alloc(PP_BDEV_BLOCK_SIZE);
	if (!r.buf)
		return -ENOMEM;
	ret = replay(&r, table, log);
	pp_free(r.buf);
	return ret;
}

/* -- mounting -- */

static int read_super(struct blkfs *fs, struct disk_super *super)
{
	int ret = pp_bdev_read(fs->bdev, 0, fs->scratch);

	if (ret)
		return ret;
	memcpy(super, fs->scratch, sizeof(*super));
	if (super->magic != SUPER_MAGIC || super->version != 1 ||
	    super->blocks != pp_bdev_blocks(fs->bdev) ||
	    super->area_blocks != fs->area_blocks)
		return -EINVAL;
	return 0;
}

/**
 * pp_blkfs_format() - an empty file system, durable on return
 *
 * Context: process. Locking: lock held.
 * Return:  0 or the device's error.
 */
int pp_blkfs_format(struct blkfs *fs)
{
	struct disk_super super;
	uint32_t generation = 0;
	int ret = read_super(fs, &super);

	if (!ret)
		generation = super.generation;
	else if (ret != -EINVAL)
		return ret;
	super = (struct disk_super){
		.magic = SUPER_MAGIC, .version = 1,
		.generation = generation + 1,
		.blocks = pp_bdev_blocks(fs->bdev),
		.area_blocks = fs->area_blocks,
	};
	fs->log.generation = super.generation;
	ret = pp_blkfs_log_empty(fs);
	if (!ret)
		ret = pp_bdev_write(fs->bdev, 0, &super, sizeof(super));
	return ret ? ret : pp_bdev_flush(fs->bdev);
}

/**
 * pp_blkfs_mount_log() - read the last committed state into fs->table
 *
 * Context: process. Locking: lock held.
 * Return:  0; -EINVAL (no blkfs of this size on the device); -EUCLEAN (its
 *          log is damaged); -ENOMEM; the device's error. fs->table is the
 *          caller's to free in any case.
 */
int pp_blkfs_mount_log(struct blkfs *fs)
{
	struct disk_super super;
	int ret = read_super(fs, &super);

	if (ret)
		return ret;
	fs->log.generation = super.generation;
	return load(fs, pp_bdev_read, &fs->table, &fs->log);
}

/**
 * pp_blkfs_stable_table() - the files as a power cut now would leave them
 *
 * Read from stable storage alone, kept until the next commit.
 *
 * Context: process. Locking: lock held.
 * Return:  the table; ERR_PTR(-ENOMEM, -EIO, -EUCLEAN).
 */
struct blkfs_table *pp_blkfs_stable_table(struct blkfs *fs)
{
	struct blkfs_log log = { 0 };
	struct blkfs_table *table;
	int ret;

	pp_blkfs_assert_locked(fs);
	if (fs->stable)
		return fs->stable;
	table = pp_alloc(sizeof(*table));
	if (!table)
		return ERR_PTR(-ENOMEM);
	pp_blkfs_table_init(table);
	ret = load(fs, pp_bdev_read_stable, table, &log);
	if (ret) {
		pp_blkfs_table_exit(table);
		pp_free(table);
		return ERR_PTR(ret);
	}
	fs->stable = table;
	return table;
}

void pp_blkfs_stable_drop(struct blkfs *fs)
{
	if (!fs->stable)
		return;
	pp_blkfs_table_exit(fs->stable);
	pp_free(fs->stable);
	fs->stable = NULL;
}
