// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blkfs_support.c - see the header
 */
#include "blkfs_support.h"

struct pinpage_bdev *dev;
struct pinpage_mount_options options;
unsigned long seen[PINPAGE_NR_EVENTS];
struct pinpage_event seen_last[PINPAGE_NR_EVENTS];

static long outstanding;
static void (*event_hook)(const struct pinpage_event *event);

static void quiet(const char *path, int line, const char *msg)
{
	(void)path;
	(void)line;
	(void)msg;
}

void models_boot(enum pinpage_engine engine, const char *rules)
{
	struct pinpage_rules set;

	pp_warn_reset();
	pp_set_warn_hook(quiet);
	outstanding = pp_alloc_outstanding();
	ck_assert_int_eq(pinpage_rules_parse(&set, rules), 0);
	ck_assert_int_eq(pp_rules_boot(&set), 0);
	pp_stat_reset();
	ck_assert_int_eq(pp_exec_boot(engine), 0);
	ck_assert_int_eq(pp_page_boot(4096, 0, 0), 0);
	ck_assert_int_eq(pp_pagecache_boot(NULL), 0);
	pp_machine_up = true;
}

void models_down(void)
{
	if (file)
		ck_assert_int_eq(pinpage_filp_close(file), 0);
	if (sb)
		pinpage_umount(sb);
	file = NULL;
	sb = NULL;
	mapping = NULL;
	ck_assert_int_eq(pinpage_bdev_destroy(dev), 0);
	dev = NULL;
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_WRITEBACK), 0);
	pp_pagecache_shutdown();
	pinpage_rcu_barrier();
	ck_assert_uint_eq(pp_page_shutdown(NULL, NULL), 0);
	pp_machine_up = false;
	pp_exec_shutdown();
	pp_rules_shutdown();
	pp_event_reset();
	ck_assert_int_eq(pp_alloc_outstanding(), outstanding);
}

void blk_open(void)
{
	file = pinpage_filp_open(sb, "f", O_RDWR, 0);
	ck_assert_msg(!IS_ERR(file), "open: %ld", PTR_ERR(file));
	mapping = file->f_mapping;
}

void blk_close(void)
{
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	file = NULL;
}

void blk_mount(bool format)
{
	options.bdev = dev;
	options.format = format;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), 0);
	if (!format)
		return;
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT | O_EXCL, 0600);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
}

void blk_start(uint64_t blocks, const char *rules)
{
	struct pinpage_bdev_config config = {
		.blocks = blocks, .write_cache = true,
	};

	models_boot(PINPAGE_ENGINE_FIBER, rules);
	ck_assert_int_eq(pinpage_bdev_create(&config, &dev), 0);
	blk_mount(true);
}

void blk_up(void)
{
	memset(&options, 0, sizeof(options));
	blk_start(DEV_BLOCKS, "6.1");
}

void blk_up_5_4(void)
{
	memset(&options, 0, sizeof(options));
	blk_start(DEV_BLOCKS, "5.4");
}

void blk_up_cow(void)
{
	options = (struct pinpage_mount_options){ .cow = true };
	blk_start(DEV_BLOCKS, "6.1");
}

void blk_up_csum(void)
{
	options = (struct pinpage_mount_options){ .checksums = true };
	blk_start(DEV_BLOCKS, "6.1");
}

void blk_down(void)
{
	unwatch_events();
	models_down();
}

void blk_crash(void)
{
	if (file)
		blk_close();
	pinpage_bdev_power_cut(dev);
	pinpage_umount_lost(sb);
	sb = NULL;
	pinpage_bdev_power_on(dev);
	blk_mount(false);
}

int durable_byte(unsigned long index)
{
	unsigned char byte;
	ssize_t n = pinpage_durable_read(file, &byte, 1,
					 (loff_pp)(index * PAGE_SIZE));

	return n == 1 ? byte : n < 0 ? (int)n : -ENODATA;
}

struct page *read_in(unsigned long index)
{
	struct page *page = pp_read_cache_page(mapping, index, file);

	ck_assert_msg(!IS_ERR(page), "read: %ld", PTR_ERR(page));
	return page;
}

int mkwrite(struct page *page)
{
	int ret;

	pp_lock_page(page);
	ret = pp_filemap_page_mkwrite(file, page);
	pp_unlock_page(page);
	return ret;
}

bool dirty_lock(struct page *page)
{
	bool ret;

	pp_lock_page(page);
	ret = pp_set_page_dirty(page);
	pp_unlock_page(page);
	return ret;
}

static void see(struct pinpage_subscriber *self,
		const struct pinpage_event *event)
{
	(void)self;
	seen[event->kind]++;
	seen_last[event->kind] = *event;
	if (event_hook)
		event_hook(event);
}

static struct pinpage_subscriber watcher;
static bool watching;

void watch_events(void (*hook)(const struct pinpage_event *event))
{
	memset(seen, 0, sizeof(seen));
	event_hook = hook;
	if (watching)
		return;
	watcher = (struct pinpage_subscriber){
		.kinds = PINPAGE_EV_ALL, .order = PINPAGE_ORDER_CHECK,
		.fn = see,
	};
	ck_assert_int_eq(pinpage_subscribe(&watcher), 0);
	watching = true;
}

void unwatch_events(void)
{
	if (watching)
		pinpage_unsubscribe(&watcher);
	watching = false;
}

void bdev_case(Suite *suite, const char *name, const TTest *fn,
	       void (*up)(void), void (*down)(void))
{
	TCase *tc = pp_test_add_named(suite, name, fn);

	tcase_add_checked_fixture(tc, up, down);
}
