// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/blkfs_alloc.c - data blocks of blkfs: sets, reservations
 *
 * I1. A data block is in exactly one place: fs->free, fs->freed, one block
 *     map, or a write on its way.
 * I2. fs->reserved <= members of fs->free, so that who holds a reservation
 *     gets a block.
 * I3. A block that a committed map may still name is never handed out: it
 *     waits in fs->freed for the next commit. A power cut then shows the old
 *     file, not another file's bytes.
 */
#include <string.h>

#include "pagecache/blkfs.h"

/**
 * pp_blkfs_set_init() - a set over [0, @nbits), empty or full
 *
 * Context: any. Return: 0 or -ENOMEM. Undo: pp_blkfs_set_exit().
 */
int pp_blkfs_set_init(struct blkfs_set *set, uint64_t nbits, bool full)
{
	uint64_t words[BLKFS_LEVELS], total = 0, n = nbits, *mem;
	unsigned int i, levels = 0;

	do {
		words[levels] = (n + 63) / 64;
		n = words[levels];
		total += n;
		levels++;
	} while (n > 1 && levels < BLKFS_LEVELS);
	mem = pp_calloc(total ? total : 1, sizeof(*mem));
	if (!mem)
		return -ENOMEM;
	memset(set, 0, sizeof(*set));
	set->levels = levels;
	for (i = 0; i < levels; mem += words[i], i++)
		set->level[i] = mem;
	if (!full)
		return 0;
	for (i = 0, n = nbits; i < levels; n = words[i], i++) {
		memset(set->level[i], 0xff, n / 64 * sizeof(*mem));
		if (n % 64)
			set->level[i][n / 64] = (1ULL << n % 64) - 1;
	}
	set->nr = nbits;
	return 0;
}

void pp_blkfs_set_exit(struct blkfs_set *set)
{
	pp_free(set->level[0]);
	set->level[0] = NULL;
}

/* Return: true if @bit was not in the set. */
bool pp_blkfs_set_add(struct blkfs_set *set, uint64_t bit)
{
	unsigned int i;

	if (set->level[0][bit / 64] >> bit % 64 & 1)
		return false;
	for (i = 0; i < set->levels; i++, bit /= 64) {
		uint64_t old = set->level[i][bit / 64];

		set->level[i][bit / 64] = old | 1ULL << bit % 64;
		if (old)
			break;
	}
	set->nr++;
	return true;
}

/* Return: true if @bit was in the set. */
bool pp_blkfs_set_del(struct blkfs_set *set, uint64_t bit)
{
	unsigned int i;

	if (!(set->level[0][bit / 64] >> bit % 64 & 1))
		return false;
	for (i = 0; i < set->levels; i++, bit /= 64) {
		set->level[i][bit / 64] &= ~(1ULL << bit % 64);
		if (set->level[i][bit / 64])
			break;
	}
	set->nr--;
	return true;
}

/* Return: the lowest member, or -1. */
int64_t pp_blkfs_set_first(const struct blkfs_set *set)
{
	uint64_t bit = 0;
	unsigned int i;

	if (!set->nr)
		return -1;
	for (i = set->levels; i-- > 0; )
		bit = bit * 64 + (unsigned int)
			__builtin_ctzll(set->level[i][bit]);
	return (int64_t)bit;
}

/*
 * A block nobody promised exists. Freed blocks count after a commit, so make
 * one when that is all that is left.
 */
static int make_room(struct blkfs *fs)
{
	if (fs->free.nr > fs->reserved)
		return 0;
	if (!fs->freed.nr)
		return -ENOSPC;
	if (pp_blkfs_commit(fs))
		return -ENOSPC;
	return fs->free.nr > fs->reserved ? 0 : -ENOSPC;
}

/**
 * pp_blkfs_reserve() - promise one block
 *
 * Context: process. Locking: lock held.
 * Return:  0; -ENOSPC. Undo: pp_blkfs_unreserve(), or use it up by
 *          pp_blkfs_alloc(fs, true).
 * Mirrors: fs/ext4/inode.c:ext4_da_reserve_space().
 */
int pp_blkfs_reserve(struct blkfs *fs)
{
	int ret;

	pp_blkfs_assert_locked(fs);
	ret = make_room(fs);
	if (!ret)
		fs->reserved++;
	return ret;
}

void pp_blkfs_unreserve(struct blkfs *fs)
{
	pp_blkfs_assert_locked(fs);
	pp_assert(fs->reserved > 0);
	fs->reserved--;
}

/**
 * pp_blkfs_alloc() - take a block
 * @reserved: use up a reservation; false: take one that nobody was promised
 *
 * Context: process. Locking: lock held.
 * Return:  device block number; -ENOSPC, only if not @reserved.
 */
int64_t pp_blkfs_alloc(struct blkfs *fs, bool reserved)
{
	int64_t bit;
	int ret;

	pp_blkfs_assert_locked(fs);
	if (reserved) {
		pp_blkfs_unreserve(fs);
	} else {
		ret = make_room(fs);
		if (ret)
			return ret;
	}
	bit = pp_blkfs_set_first(&fs->free);
	if (bit < 0)
		pp_bug("blkfs: reserved block missing, %lu reserved, %lu freed",
		       fs->reserved, fs->freed.nr);
	pp_blkfs_set_del(&fs->free, (uint64_t)bit);
	return (int64_t)fs->first_data + bit;
}

/* Give back a block that no map has named since pp_blkfs_alloc(). */
void pp_blkfs_alloc_undo(struct blkfs *fs, uint64_t block)
{
	pp_blkfs_assert_locked(fs);
	pp_blkfs_set_add(&fs->free, block - fs->first_data);
}

/* The block left its map; free from the next commit on (I3). */
void pp_blkfs_free(struct blkfs *fs, uint64_t block)
{
	pp_blkfs_assert_locked(fs);
	if (!pp_blkfs_set_add(&fs->freed, block - fs->first_data))
		pp_bug("blkfs: block %llu freed twice",
		       (unsigned long long)block);
}

/* A commit is durable: what it unmapped may be used again. */
void pp_blkfs_free_committed(struct blkfs *fs)
{
	int64_t bit;

	pp_blkfs_assert_locked(fs);
	while ((bit = pp_blkfs_set_first(&fs->freed)) >= 0) {
		pp_blkfs_set_del(&fs->freed, (uint64_t)bit);
		pp_blkfs_set_add(&fs->free, (uint64_t)bit);
	}
}
