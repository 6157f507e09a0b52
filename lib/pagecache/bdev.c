// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pagecache/bdev.c - a block device with a volatile write cache
 *
 * The device is a table of the blocks that were ever written. An entry has
 * the stable copy (what survives a power cut) and, while it is not flushed,
 * the cached one. A device in a host file keeps the stable copies there.
 *
 * I1. A block is on the dirty list exactly while it has a cached copy.
 * I2. Without a write cache no block has a cached copy.
 * I3. A flush moves the cached copies in the order in which they were last
 *     written; it ends with all of them stable, or with the rest still cached.
 * I4. Creating and destroying a device costs a few allocations, whatever its
 *     capacity.
 *
 * Lock: bdev->lock (rank FS) protects what is below it in the struct, and the
 * file system that is mounted on the device.
 */
#include "pagecache/bdev.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "base/hash.h"
#include "pagecache/pagecache.h"

#define BDEV_MIN_BITS	4

struct bdev_block {
	uint64_t nr;
	struct bdev_block *next;	/* in the bucket */
	struct list_head dirty;		/* in bdev->dirty if cached */
	void *stable;			/* in memory only; NULL reads zero */
	void *cached;			/* NULL: none */
};

/* Key: c constant; l = lock */
struct pinpage_bdev {
	uint64_t blocks;		/* c */
	bool write_cache;		/* c */
	bool stable_writes;		/* c */
	int fd;				/* c: -1 = in memory */
	struct pinpage_mutex lock;
	bool powered;			/* l */
	unsigned int claims;		/* l: mounts, at most 1 */
	unsigned int bits;		/* l: log2 of the buckets */
	unsigned long nr;		/* l: entries */
	struct bdev_block **table;	/* l */
	struct list_head dirty;		/* l: oldest write first */
	struct bdev_block *first[1 << BDEV_MIN_BITS];	/* l: first table */
};

/* -- the host file behind a device -- */

static int host_transfer(int fd, bool write, void *buf, uint64_t block)
{
	off_t pos = (off_t)(block << PAGE_SHIFT);
	size_t done = 0;

	while (done < PP_BDEV_BLOCK_SIZE) {
		char *at = (char *)buf + done;
		size_t left = PP_BDEV_BLOCK_SIZE - done;
		ssize_t n = write ? pwrite(fd, at, left, pos + (off_t)done) :
				    pread(fd, at, left, pos + (off_t)done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 && write)
			return -EIO;
		if (n == 0) {
			memset(at, 0, left);
			return 0;
		}
		done += (size_t)n;
	}
	return 0;
}

static int host_open(struct pinpage_bdev *bdev, const char *path)
{
	struct stat st;
	off_t size = (off_t)(bdev->blocks << PAGE_SHIFT);

	bdev->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (bdev->fd < 0)
		return -errno;
	if (fstat(bdev->fd, &st))
		return -errno;
	if (S_ISREG(st.st_mode) && st.st_size < size &&
	    ftruncate(bdev->fd, size))
		return -errno;
	return 0;
}

/* -- the table -- */

static struct bdev_block *block_find(struct pinpage_bdev *bdev, uint64_t nr)
{
	struct bdev_block *b = bdev->table[hash_long(nr, bdev->bits)];

	while (b && b->nr != nr)
		b = b->next;
	return b;
}

/* Doubles the buckets; without memory the chains just get longer. */
static void table_grow(struct pinpage_bdev *bdev)
{
	unsigned int bits = bdev->bits + 1;
	struct bdev_block **table = pp_calloc(1UL << bits, sizeof(*table));
	struct bdev_block *b, *next;
	unsigned long i;

	if (!table)
		return;
	for (i = 0; i < 1UL << bdev->bits; i++)
		for (b = bdev->table[i]; b; b = next) {
			unsigned long slot = hash_long(b->nr, bits);

			next = b->next;
			b->next = table[slot];
			table[slot] = b;
		}
	if (bdev->table != bdev->first)
		pp_free(bdev->table);
	bdev->table = table;
	bdev->bits = bits;
}

static struct bdev_block *block_get(struct pinpage_bdev *bdev, uint64_t nr)
{
	struct bdev_block *b = block_find(bdev, nr);
	unsigned long slot;

	if (b)
		return b;
	b = pp_zalloc(sizeof(*b));
	if (!b)
		return NULL;
	if (bdev->nr++ >> bdev->bits)
		table_grow(bdev);
	slot = hash_long(nr, bdev->bits);
	b->nr = nr;
	b->next = bdev->table[slot];
	bdev->table[slot] = b;
	INIT_LIST_HEAD(&b->dirty);
	return b;
}

static void table_free(struct pinpage_bdev *bdev)
{
	struct bdev_block *b, *next;
	unsigned long i;

	for (i = 0; i < 1UL << bdev->bits; i++)
		for (b = bdev->table[i]; b; b = next) {
			next = b->next;
			pp_free(b->stable);
			pp_free(b->cached);
			pp_free(b);
		}
	if (bdev->table != bdev->first)
		pp_free(bdev->table);
}

static void cached_drop(struct bdev_block *b)
{
	list_del_init(&b->dirty);
	pp_free(b->cached);
	b->cached = NULL;
}

/* -- I/O -- */

struct pinpage_mutex *pp_bdev_lock(struct pinpage_bdev *bdev)
{
	return &bdev->lock;
}

static int io_allowed(struct pinpage_bdev *bdev, enum pinpage_io kind,
		      uint64_t block)
{
	int error;

	pp_assert_held(&bdev->lock);
	if (block >= bdev->blocks)
		return -EIO;
	if (!bdev->powered)
		return -EIO;
	return pp_inject_io_error(kind, &error) ? -error : 0;
}

static int stable_read(struct pinpage_bdev *bdev, const struct bdev_block *b,
		       uint64_t block, void *buf)
{
	if (bdev->fd >= 0)
		return host_transfer(bdev->fd, false, buf, block);
	if (b && b->stable)
		memcpy(buf, b->stable, PP_BDEV_BLOCK_SIZE);
	else
		memset(buf, 0, PP_BDEV_BLOCK_SIZE);
	return 0;
}

/**
 * pp_bdev_read() - read one block as the running machine sees it
 * @block: number; @buf: PP_BDEV_BLOCK_SIZE bytes
 *
 * Context: process. Locking: pp_bdev_lock() held.
 * Return:  0, -EIO (no power, beyond the device), an injected or host error.
 */
int pp_bdev_read(struct pinpage_bdev *bdev, uint64_t block, void *buf)
{
	struct bdev_block *b;
	int ret;

	ret = io_allowed(bdev, PINPAGE_IO_READ, block);
	if (ret)
		return ret;
	b = block_find(bdev, block);
	if (!b || !b->cached)
		return stable_read(bdev, b, block, buf);
	memcpy(buf, b->cached, PP_BDEV_BLOCK_SIZE);
	return 0;
}

/**
 * pp_bdev_read_stable() - read what a power cut now would leave
 *
 * As pp_bdev_read(), except: works without power, injects nothing.
 */
int pp_bdev_read_stable(struct pinpage_bdev *bdev, uint64_t block, void *buf)
{
	pp_assert_held(&bdev->lock);
	if (block >= bdev->blocks)
		return -EIO;
	return stable_read(bdev, block_find(bdev, block), block, buf);
}

static void block_fill(void *dst, const void *data, size_t len)
{
	pp_copy_bytes(dst, data, len);
	memset((char *)dst + len, 0, PP_BDEV_BLOCK_SIZE - len);
}

static int write_host(struct pinpage_bdev *bdev, uint64_t block,
		      const void *data, size_t len)
{
	unsigned char buf[PP_BDEV_BLOCK_SIZE];

	block_fill(buf, data, len);
	return host_transfer(bdev->fd, true, buf, block);
}

static int write_memory(struct pinpage_bdev *bdev, uint64_t block,
			const void *data, size_t len)
{
	struct bdev_block *b = block_get(bdev, block);
	void **copy;

	if (!b)
		return -ENOMEM;
	copy = bdev->write_cache ? &b->cached : &b->stable;
	if (!*copy)
		*copy = pp_alloc(PP_BDEV_BLOCK_SIZE);
	if (!*copy)
		return -ENOMEM;
	block_fill(*copy, data, len);
	if (bdev->write_cache)
		list_move_tail(&b->dirty, &bdev->dirty);
	return 0;
}

/**
 * pp_bdev_write() - write one block, into the write cache if there is one
 * @data: @len bytes, at most a block; the rest of the block becomes zero
 *
 * Context: process. Locking: pp_bdev_lock() held.
 * Return:  0; -EIO as pp_bdev_read(); -ENOMEM; an injected or host error.
 *          The block is unchanged on error (a host file may be torn).
 */
int pp_bdev_write(struct pinpage_bdev *bdev, uint64_t block,
		  const void *data, size_t len)
{
	int ret = io_allowed(bdev, PINPAGE_IO_WRITE, block);

	if (ret)
		return ret;
	if (bdev->fd >= 0 && !bdev->write_cache)
		return write_host(bdev, block, data, len);
	return write_memory(bdev, block, data, len);
}

static int flush_block(struct pinpage_bdev *bdev, struct bdev_block *b)
{
	int ret;

	if (bdev->fd >= 0) {
		ret = host_transfer(bdev->fd, true, b->cached, b->nr);
		if (ret)
			return ret;
	} else {
		void *old = b->stable;

		b->stable = b->cached;
		b->cached = old;
	}
	cached_drop(b);
	return 0;
}

/**
 * pp_bdev_flush() - make all that was written stable
 *
 * Context: process. Locking: pp_bdev_lock() held.
 * Return:  0; -EIO without power; an injected or host error: what was not
 *          written yet stays in the write cache and a later flush tries again.
 * Mirrors: block/blk-flush.c:blkdev_issue_flush(); differs: the error of a
 *          real device says nothing about what it kept.
 */
int pp_bdev_flush(struct pinpage_bdev *bdev)
{
	int ret = io_allowed(bdev, PINPAGE_IO_FLUSH, 0);

	while (!ret && !list_empty(&bdev->dirty))
		ret = flush_block(bdev, list_first_entry(&bdev->dirty,
							 struct bdev_block,
							 dirty));
	if (!ret && bdev->fd >= 0 && fdatasync(bdev->fd))
		ret = -errno;
	return ret;
}

/* -- life -- */

/* One mount at a time. Return: 0 or -EBUSY. */
int pp_bdev_claim(struct pinpage_bdev *bdev)
{
	int ret = 0;

	pinpage_mutex_lock(&bdev->lock);
	if (bdev->claims)
		ret = -EBUSY;
	else
		bdev->claims = 1;
	pinpage_mutex_unlock(&bdev->lock);
	return ret;
}

void pp_bdev_unclaim(struct pinpage_bdev *bdev)
{
	pinpage_mutex_lock(&bdev->lock);
	bdev->claims = 0;
	pinpage_mutex_unlock(&bdev->lock);
}

uint64_t pp_bdev_blocks(const struct pinpage_bdev *bdev)
{
	return bdev->blocks;
}

bool pp_bdev_stable_writes(const struct pinpage_bdev *bdev)
{
	return bdev->stable_writes;
}

/**
 * pinpage_bdev_create() - a block device, in memory or in a host file
 * @config: copied; @config->blocks from 1 to 2^31
 * @bdev:   out; untouched on failure; goes back by pinpage_bdev_destroy()
 *
 * A host file is created or grown to the capacity and otherwise kept as it
 * is; a later device on it finds what this one made durable.
 *
 * Context: process. Locking: none.
 * Return:  0; -EINVAL (NULL, capacity, machine not booted); -ENOMEM; for a
 *          path what open(2), fstat(2) and ftruncate(2) say.
 */
int pinpage_bdev_create(const struct pinpage_bdev_config *config,
			struct pinpage_bdev **bdev)
{
	struct pinpage_bdev *new;
	int ret = 0;

	if (!pp_ready() || !config || !bdev || !config->blocks ||
	    config->blocks > 1ULL << 31)
		return -EINVAL;
	new = pp_zalloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	new->blocks = config->blocks;
	new->write_cache = config->write_cache;
	new->stable_writes = config->stable_writes;
	new->powered = true;
	new->fd = -1;
	new->bits = BDEV_MIN_BITS;
	new->table = new->first;
	INIT_LIST_HEAD(&new->dirty);
	pp_mutex_init(&new->lock, "bdev->lock", PINPAGE_RANK_FS);
	if (config->path)
		ret = host_open(new, config->path);
	if (ret) {
		if (new->fd >= 0)
			close(new->fd);
		pp_free(new);
		return ret;
	}
	*bdev = new;
	return 0;
}

/**
 * pinpage_bdev_destroy() - end of a device
 * @bdev: NULL is ignored
 *
 * What was not flushed is lost, as by unplugging it.
 *
 * Context: process. Locking: none.
 * Return:  0; -EBUSY while a file system is mounted on it.
 */
int pinpage_bdev_destroy(struct pinpage_bdev *bdev)
{
	if (!bdev)
		return 0;
	if (bdev->claims)
		return -EBUSY;
	table_free(bdev);
	if (bdev->fd >= 0)
		close(bdev->fd);
	pp_free(bdev);
	return 0;
}

/**
 * pinpage_bdev_power_cut() - lose the write cache and stop
 *
 * All that was not flushed is forgotten. Every I/O fails with -EIO until
 * pinpage_bdev_power_on(). The page cache is not touched: a test that stages
 * a crash goes on with pinpage_umount_lost().
 *
 * Context: process. Locking: takes the device's. Emits POWER_CUT.
 */
void pinpage_bdev_power_cut(struct pinpage_bdev *bdev)
{
	unsigned long lost = 0;

	if (!bdev) {
		pp_warn_once("%s: no device", __func__);
		return;
	}
	pinpage_mutex_lock(&bdev->lock);
	bdev->powered = false;
	while (!list_empty(&bdev->dirty)) {
		cached_drop(list_first_entry(&bdev->dirty, struct bdev_block,
					     dirty));
		lost++;
	}
	pinpage_mutex_unlock(&bdev->lock);
	pp_emit(POWER_CUT, .nr = lost,
		.site = __builtin_return_address(0));
}

/* I/O works again. Context: process. */
void pinpage_bdev_power_on(struct pinpage_bdev *bdev)
{
	if (!bdev) {
		pp_warn_once("%s: no device", __func__);
		return;
	}
	pinpage_mutex_lock(&bdev->lock);
	bdev->powered = true;
	pinpage_mutex_unlock(&bdev->lock);
}
