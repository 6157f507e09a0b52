/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * world.h - what the scenarios share: a file on blkfs, a process that maps it,
 * and a disk that reads into memory
 */
#ifndef WORLD_H
#define WORLD_H

#include <pinpage/pinpage.h>

#include "drivers/direct-io.h"

/* pages of the file that are compared; one more is there to be truncated */
#define WORLD_PAGES	2UL
#define WORLD_BYTES	(WORLD_PAGES * PAGE_SIZE)
#define WORLD_MAPPED	(WORLD_BYTES + PAGE_SIZE)

struct world {
	struct pinpage_bdev *bdev;
	struct super_block *sb;
	struct file *file;		/* WORLD_MAPPED bytes */
	struct mm_struct *mm;
	unsigned long addr;		/* MAP_SHARED mapping of the file in @mm */
	struct pinpage_device *dev;
	bool cut;			/* the power is gone: nobody does anything more */
};

/* cuts the power: what was not made durable is lost */
void world_power_cut(struct world *w);

/* 0 or -errno; world_down() in both cases */
int world_up(struct world *w, const char *device);
void world_down(struct world *w, struct pinpage_run *run);

/* actors that need no state of their own; @w: first member of the state */
void world_flusher(struct pinpage_run *run, void *w);
void world_syncer(struct pinpage_run *run, void *w);
void world_reclaim(struct pinpage_run *run, void *w);
void world_truncate(struct pinpage_run *run, void *w);

/*
 * Is @want what the first @len bytes of the file are, for who reads the file
 * after memory ran short, and for who reads it after a power cut?
 */
void world_check(struct world *w, struct pinpage_run *run, const char *want,
		 size_t len);
/* As world_check(), except: only after the power cut, which has been already. */
void world_check_durable(struct world *w, struct pinpage_run *run,
			 const char *want, size_t len);

/* A disk whose contents are bytes in memory; one request at a time. */
struct memory_disk {
	struct direct_io_disk disk;
	const char *bytes;
	size_t size;
	struct pinpage_dma_job job;
	bool used;
	void (*end_io)(void *cookie, int result);
	void *cookie;
};

void memory_disk_init(struct memory_disk *disk, struct pinpage_device *dev,
		      const char *bytes, size_t size);
/* waits for the last request */
void memory_disk_exit(struct memory_disk *disk);

#endif
