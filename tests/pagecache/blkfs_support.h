/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * blkfs_support.h - a machine without memfs, for the tests of the shipped
 * file-system models
 */
#ifndef TESTS_PAGECACHE_BLKFS_SUPPORT_H
#define TESTS_PAGECACHE_BLKFS_SUPPORT_H

#include "suites.h"

#include "pagecache/bdev.h"

void models_boot(enum pinpage_engine engine, const char *rules);
void models_down(void);		/* unmounts; checks that nothing is left */

/* fixtures: blkfs on an empty device with a write cache, "f" open */
extern struct pinpage_bdev *dev;
extern struct pinpage_mount_options options;
#define DEV_BLOCKS 64u

void blk_up(void);		/* deterministic engine, rules 6.1 */
void blk_up_5_4(void);
void blk_up_cow(void);
void blk_up_csum(void);
void blk_up_native(void);
void blk_start(uint64_t blocks, const char *rules);	/* by options */
void blk_down(void);

void blk_mount(bool format);	/* dev, options; opens "f" if @format */
void blk_open(void);		/* "f", which must exist */
void blk_close(void);
void blk_crash(void);		/* power cut, on again, mounted again */
int durable_byte(unsigned long index);	/* first byte of a page; -errno */
struct page *read_in(unsigned long index);	/* uptodate, referenced */
int mkwrite(struct page *page);	/* as a write fault of a shared mapping */
bool dirty_lock(struct page *page);

/* events seen since it was started */
extern unsigned long seen[PINPAGE_NR_EVENTS];
extern struct pinpage_event seen_last[PINPAGE_NR_EVENTS];
void watch_events(void (*hook)(const struct pinpage_event *event));
void unwatch_events(void);

void bdev_case(Suite *suite, const char *name, const TTest *fn,
	       void (*up)(void), void (*down)(void));
#define blk_test(suite, fn) bdev_case(suite, #fn, fn, blk_up, blk_down)
#define blk_test_up(suite, fn, up) bdev_case(suite, #fn, fn, up, blk_down)

void blkfs_trap_cases(Suite *suite);
void blkfs_crash_cases(Suite *suite);
void blkfs_file_cases(Suite *suite);

#endif
