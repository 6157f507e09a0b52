/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_PAGECACHE_BLKFS_DISK_H
#define PP_PAGECACHE_BLKFS_DISK_H

/*
 * pagecache/blkfs_disk.h - what blkfs has on its device beside data
 *
 * Layout: superblock; log area 0; log area 1; data blocks. An area holds
 * transactions, each a whole number of blocks: a header and records. The
 * first of an area is a snapshot of everything, each later one has the next
 * sequence number. Integers are the host's.
 */
#include "base/hash.h"
#include "pagecache/blkfs.h"

#define SUPER_MAGIC	0x70696e626c6b6673ULL
#define TXN_MAGIC	0x70696e74786e6c67ULL
#define RECORD_BYTES	24u
#define TXN_SNAPSHOT	1u

struct disk_super {
	uint64_t magic;
	uint32_t version;
	uint32_t generation;	/* bumped by every format */
	uint64_t blocks;
	uint64_t area_blocks;
};

struct disk_txn {
	uint64_t magic;
	uint64_t seq;
	uint32_t generation;
	uint32_t flags;
	uint64_t bytes;		/* of records, behind this header */
	uint64_t hash;		/* of the records and of @seq */
};

enum record_op {
	REC_INODE = 1,		/* a = size; name follows, padded to 8 */
	REC_SIZE,		/* a = size */
	REC_MAP,		/* a = index, b = entry */
	REC_UNMAP,		/* a = first index, b = count */
	REC_REMOVE,
};

struct disk_record {
	uint8_t op;
	uint8_t name_len;
	uint16_t zero;
	uint32_t ino;
	uint64_t a, b;
};

_Static_assert(sizeof(struct disk_record) == RECORD_BYTES, "record size");

/* names are padded to records' alignment */
static inline size_t name_bytes(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static inline uint64_t area_block(const struct blkfs *fs, unsigned int area,
			   uint64_t block)
{
	return 1 + area * fs->area_blocks + block;
}

/* blocks of a transaction */
static inline uint64_t blocks_for(uint64_t record_bytes)
{
	return DIV_ROUND_UP(sizeof(struct disk_txn) + record_bytes,
			    PP_BDEV_BLOCK_SIZE);
}

#endif
