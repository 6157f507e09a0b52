// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_log.c - metadata of blkfs goes to the device
 *
 * Layout: blkfs_disk.h; reading it back: blkfs_recover.c. A commit appends a
 * transaction, or, when it does not fit (or the records of the changes could
 * not be kept in memory), writes a snapshot into the other area.
 *
 * I1. A transaction counts if its header, its sequence number and the
 *     checksum of its records are right; the area with the newer snapshot
 *     counts. So a power cut at any moment leaves the last commit whole.
 * I2. A commit and the data blocks written before it become stable by one
 *     flush of the device.
 * I3. An area is large enough for a snapshot of every data block mapped;
 *     names beyond that are refused when they are made.
 * I4. Logging a change cannot fail: without memory the next commit is a
 *     snapshot, which needs none.
 *
 * Cost: a commit writes what changed since the last; a snapshot, which costs
 * the whole table, comes once per area filled.
 */
#include <string.h>

#include "pagecache/blkfs_disk.h"

/**
 * pp_blkfs_geometry() - lay a device of @blocks out
 *
 * Return: nothing; fs->area_blocks, first_data, nr_data are set. I3.
 */
void pp_blkfs_geometry(struct blkfs *fs, uint64_t blocks)
{
	fs->area_blocks = 1 + DIV_ROUND_UP(blocks * RECORD_BYTES * 3 / 2,
					   PP_BDEV_BLOCK_SIZE);
	fs->first_data = 1 + 2 * fs->area_blocks;
	fs->nr_data = blocks > fs->first_data ? blocks - fs->first_data : 0;
}

/* Return: true if a file whose name has @len bytes can be made (I3). */
bool pp_blkfs_room_for_name(const struct blkfs *fs, size_t len)
{
	return blocks_for(fs->table.inode_bytes + RECORD_BYTES +
			  name_bytes(len) + fs->nr_data * RECORD_BYTES) <=
	       fs->area_blocks;
}

/* -- collecting records -- */

static bool pending_room(struct blkfs_log *log, size_t bytes)
{
	size_t room = log->room ? log->room : 512;
	unsigned char *mem;

	while (room < log->bytes + bytes)
		room *= 2;
	if (room == log->room)
		return true;
	mem = pp_realloc(log->pending, room);
	if (!mem)
		return false;
	log->pending = mem;
	log->room = room;
	return true;
}

/* I4. More than an area holds is a snapshot anyway. */
static void log_record(struct blkfs *fs, const struct disk_record *rec,
		       const char *name)
{
	struct blkfs_log *log = &fs->log;
	size_t bytes = sizeof(*rec) + name_bytes(rec->name_len);

	pp_blkfs_assert_locked(fs);
	if (log->snapshot)
		return;
	if (blocks_for(log->bytes + bytes) > fs->area_blocks ||
	    !pending_room(log, bytes)) {
		log->snapshot = true;
		log->bytes = 0;
		return;
	}
	memcpy(log->pending + log->bytes, rec, sizeof(*rec));
	if (rec->name_len) {
		unsigned char *at = log->pending + log->bytes + sizeof(*rec);

		memset(at, 0, name_bytes(rec->name_len));
		memcpy(at, name, rec->name_len);
	}
	log->bytes += bytes;
}

void pp_blkfs_log_inode(struct blkfs *fs, const struct blkfs_node *node)
{
	struct disk_record rec = {
		.op = REC_INODE, .ino = node->ino,
		.name_len = (uint8_t)strlen(node->name),
		.a = (uint64_t)node->size,
	};

	log_record(fs, &rec, node->name);
}

/* Unlinked files are not logged: their storage is gone after a power cut. */
void pp_blkfs_log_size(struct blkfs *fs, const struct blkfs_node *node)
{
	struct disk_record rec = {
		.op = REC_SIZE, .ino = node->ino, .a = (uint64_t)node->size,
	};

	if (node->name)
		log_record(fs, &rec, NULL);
}

void pp_blkfs_log_map(struct blkfs *fs, const struct blkfs_node *node,
		      unsigned long index, uint64_t entry)
{
	struct disk_record rec = {
		.op = REC_MAP, .ino = node->ino, .a = index, .b = entry,
	};

	if (node->name)
		log_record(fs, &rec, NULL);
}

void pp_blkfs_log_unmap(struct blkfs *fs, const struct blkfs_node *node,
			unsigned long first, unsigned long count)
{
	struct disk_record rec = {
		.op = REC_UNMAP, .ino = node->ino, .a = first, .b = count,
	};

	if (node->name)
		log_record(fs, &rec, NULL);
}

void pp_blkfs_log_remove(struct blkfs *fs, const struct blkfs_node *node)
{
	struct disk_record rec = { .op = REC_REMOVE, .ino = node->ino };

	log_record(fs, &rec, NULL);
}

/* -- writing a transaction -- */

/* The first block stays in memory until the end: its header comes last. */
struct writer {
	struct blkfs *fs;
	unsigned int area;
	uint64_t start, block;	/* of the area */
	size_t fill;		/* of the present block */
	unsigned char *buf;	/* the present block */
	uint64_t bytes, hash;
};

static void writer_init(struct writer *w, struct blkfs *fs, unsigned int area,
			uint64_t start, uint64_t seq)
{
	*w = (struct writer){
		.fs = fs, .area = area, .start = start, .block = start,
		.fill = sizeof(struct disk_txn), .buf = fs->scratch,
		.hash = hash_mix(fs->log.generation, seq),
	};
	memset(w->buf, 0, PP_BDEV_BLOCK_SIZE);
}

static int writer_flush_block(struct writer *w)
{
	struct blkfs *fs = w->fs;

	if (w->block == w->start)
		return 0;
	return pp_bdev_write(fs->bdev, area_block(fs, w->area, w->block),
			     w->buf, w->fill);
}

/* @len is a multiple of 8. */
static int writer_put(struct writer *w, const void *data, size_t len)
{
	const unsigned char *from = data;
	uint64_t word;
	int ret;

	for (; len; len -= 8, from += 8, w->fill += 8, w->bytes += 8) {
		if (w->fill == PP_BDEV_BLOCK_SIZE) {
			ret = writer_flush_block(w);
			if (ret)
				return ret;
			w->buf = w->fs->scratch + PP_BDEV_BLOCK_SIZE;
			w->fill = 0;
			w->block++;
		}
		memcpy(&word, from, 8);
		memcpy(w->buf + w->fill, &word, 8);
		w->hash = hash_mix(w->hash, word);
	}
	return 0;
}

static int writer_end(struct writer *w, uint64_t seq, uint32_t flags)
{
	struct blkfs *fs = w->fs;
	struct disk_txn head = {
		.magic = TXN_MAGIC, .seq = seq, .flags = flags,
		.generation = fs->log.generation,
		.bytes = w->bytes, .hash = w->hash,
	};
	int ret = writer_flush_block(w);

	if (ret)
		return ret;
	memcpy(fs->scratch, &head, sizeof(head));
	return pp_bdev_write(fs->bdev, area_block(fs, w->area, w->start),
			     fs->scratch, PP_BDEV_BLOCK_SIZE);
}

static int put_node(struct writer *w, const struct blkfs_node *node)
{
	char name[BLKFS_NAME_MAX + 8] = { 0 };
	struct disk_record rec = {
		.op = REC_INODE, .ino = node->ino,
		.name_len = (uint8_t)strlen(node->name),
		.a = (uint64_t)node->size,
	};
	unsigned long index;
	void *entry;
	int ret = writer_put(w, &rec, sizeof(rec));

	memcpy(name, node->name, rec.name_len);
	if (!ret)
		ret = writer_put(w, name, name_bytes(rec.name_len));
	rec = (struct disk_record){ .op = REC_MAP, .ino = node->ino };
	xa_for_each(&node->map, index, entry) {
		if (ret)
			break;
		rec.a = index;
		rec.b = xa_to_value(entry);
		ret = writer_put(w, &rec, sizeof(rec));
	}
	return ret;
}

static int put_everything(struct writer *w, struct blkfs_table *table)
{
	struct blkfs_node *node;
	unsigned long ino;
	int ret = 0;

	xa_for_each(&table->by_ino, ino, node) {
		ret = put_node(w, node);
		if (ret)
			break;
	}
	return ret;
}

/* Writes the next transaction; on success @w says where it ends. */
static int write_txn(struct blkfs *fs, struct writer *w)
{
	struct blkfs_log *log = &fs->log;
	uint64_t seq = log->seq + 1;
	int ret;

	if (!log->snapshot &&
	    log->tail + blocks_for(log->bytes) > fs->area_blocks)
		log->snapshot = true;
	if (log->snapshot) {
		writer_init(w, fs, !log->area, 0, seq);
		ret = put_everything(w, &fs->table);
	} else {
		writer_init(w, fs, log->area, log->tail, seq);
		ret = writer_put(w, log->pending, log->bytes);
	}
	if (ret)
		return ret;
	return writer_end(w, seq, log->snapshot ? TXN_SNAPSHOT : 0);
}

/**
 * pp_blkfs_log_empty() - write the first snapshot: of nothing
 *
 * Context: process. Locking: lock held. Return: 0 or the device's error.
 */
int pp_blkfs_log_empty(struct blkfs *fs)
{
	struct writer w;

	pp_blkfs_assert_locked(fs);
	writer_init(&w, fs, 0, 0, 1);
	return writer_end(&w, 1, TXN_SNAPSHOT);
}

/* What was written up to now is about to be announced as durable. */
static void wrote_to_durable(struct blkfs *fs)
{
	while (!list_empty(&fs->wrote)) {
		struct blkfs_node *node = list_first_entry(&fs->wrote,
							   struct blkfs_node,
							   wrote.link);

		list_del_init(&node->wrote.link);
		pp_blkfs_range_add(&node->durable, &fs->durable,
				   node->wrote.first, node->wrote.last);
	}
}

/**
 * pp_blkfs_commit() - all changes up to now survive a power cut
 *
 * Data blocks and metadata together (I2); blocks that were freed can be used
 * again after it. The caller announces by pp_blkfs_emit_durable() once it has
 * dropped the lock.
 *
 * Context: process. Locking: lock held.
 * Return:  0; -EIO and the like from the device: nothing is lost, a later
 *          commit tries again.
 * Mirrors: fs/jbd2/commit.c:jbd2_journal_commit_transaction(), in what it
 *          promises.
 */
int pp_blkfs_commit(struct blkfs *fs)
{
	struct blkfs_log *log = &fs->log;
	bool dirty = log->bytes || log->snapshot;
	struct writer w;
	int ret = 0;

	pp_blkfs_assert_locked(fs);
	pp_blkfs_stable_drop(fs);
	if (dirty)
		ret = write_txn(fs, &w);
	if (!ret)
		ret = pp_bdev_flush(fs->bdev);
	if (ret)
		return ret;
	if (dirty) {
		log->seq++;
		log->area = w.area;
		log->tail = w.block + 1;
		log->bytes = 0;
		log->snapshot = false;
	}
	pp_blkfs_free_committed(fs);
	wrote_to_durable(fs);
	return 0;
}
