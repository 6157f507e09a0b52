/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * suites.h - one suite a file of the room, and what they share: memfs.c
 */
#ifndef TESTS_PAGECACHE_SUITES_H
#define TESTS_PAGECACHE_SUITES_H

#include <fcntl.h>
#include <string.h>

#include "pagecache/pagecache.h"
#include "base/alloc.h"
#include "base/bug.h"
#include "../support.h"

Suite *bdev_suite(void);
Suite *blkfs_suite(void);
Suite *dio_suite(void);
Suite *dirty_suite(void);
Suite *fallocate_suite(void);
Suite *file_suite(void);
Suite *filemap_suite(void);
Suite *flusher_suite(void);
Suite *fsync_suite(void);
Suite *hostfs_suite(void);
Suite *inject_suite(void);
Suite *invalidate_suite(void);
Suite *memfd_suite(void);
Suite *misuse_suite(void);
Suite *pinned_suite(void);
Suite *ramfs_suite(void);
Suite *rw_suite(void);
Suite *shmem_suite(void);
Suite *shmem_huge_suite(void);
Suite *stress_suite(void);
Suite *truncate_suite(void);
Suite *writeback_suite(void);

/*
 * memfs: a file system with its storage in memory, for these tests. What is
 * stored survives umount, not mem_down().
 */
#define MEM_PAGES 64u

struct mem_file {
	char name[64];
	bool used;
	loff_pp size;				/* stored */
	char data[MEM_PAGES * PAGE_SIZE];	/* stored */
	unsigned int writes[MEM_PAGES];		/* write_page() calls */
	unsigned int reads[MEM_PAGES];
	unsigned int syncs;
	bool bounced;				/* last write came from a copy */
};

extern unsigned int mem_quota;		/* pages that write_begin allows */
extern bool mem_async;			/* keep pages under writeback */
extern const struct pp_fs_type memfs;

struct mem_file *mem_find(const char *name);
unsigned int mem_complete(int error);	/* ends what is under writeback */

/* fixtures: a machine with memfs mounted at sb and the file "f" open */
extern struct super_block *sb;
extern struct file *file;
extern struct address_space *mapping;
extern struct mem_file *disk;		/* of "f" */

void mem_boot(enum pinpage_engine engine, const char *rules);
void mem_up(void);		/* deterministic engine, rules 6.1 */
void mem_up_native(void);
void mem_down(void);		/* checks that nothing is left */

void put_page_bytes(unsigned long index, char byte);	/* pwrite of a page */
int get_first_byte(unsigned long index);		/* pread */
/* find without reference counting in the test: page stays in the cache */
struct page *cached(unsigned long index);
void store_byte(struct page *page, char byte);	/* a device: no notification */

/* adds @fn with the checked fixture @up and mem_down() */
void mem_test_fixture(Suite *suite, const char *name, const TTest *fn,
		      void (*up)(void));
#define mem_test(suite, fn) mem_test_fixture(suite, #fn, fn, mem_up)
#define mem_test_native(suite, fn) \
	mem_test_fixture(suite, #fn, fn, mem_up_native)

#endif
