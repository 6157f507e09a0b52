/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_PAGECACHE_BDEV_H
#define PP_PAGECACHE_BDEV_H

/*
 * pagecache/bdev.h - the block device as a file system sees it
 *
 * Blocks are one page (4 KiB). A block is written as a whole: a power cut
 * shows its old or its new bytes, never a mixture. A block that nobody wrote
 * reads zero. Process context only.
 *
 * The file system on a device uses the device's lock for itself as well: I/O
 * is called with pp_bdev_lock() held and emits nothing.
 */
#include "pagecache/pagecache.h"

#define PP_BDEV_BLOCK_SIZE	PINPAGE_PAGE_SIZE

struct pinpage_mutex *pp_bdev_lock(struct pinpage_bdev *bdev);
int pp_bdev_read(struct pinpage_bdev *bdev, uint64_t block, void *buf);
int pp_bdev_write(struct pinpage_bdev *bdev, uint64_t block,
		  const void *data, size_t len);
int pp_bdev_flush(struct pinpage_bdev *bdev);
int pp_bdev_read_stable(struct pinpage_bdev *bdev, uint64_t block, void *buf);
int pp_bdev_claim(struct pinpage_bdev *bdev);
void pp_bdev_unclaim(struct pinpage_bdev *bdev);
uint64_t pp_bdev_blocks(const struct pinpage_bdev *bdev);
bool pp_bdev_stable_writes(const struct pinpage_bdev *bdev);

#endif
