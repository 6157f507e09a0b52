// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blkfs_trap.c - pages that become dirty unannounced; torn writes;
 * reservations of copy on write
 */
#include <setjmp.h>

#include "blkfs_support.h"

/* A written, clean page 0 as page_mkwrite and fsync leave it; referenced. */
static struct page *clean_announced(char byte)
{
	put_page_bytes(0, byte);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	return read_in(0);
}

static bool strip(struct page *page)
{
	bool ret;

	pp_lock_page(page);
	ret = mapping->a_ops->release_page(page);
	pp_unlock_page(page);
	return ret;
}

START_TEST(mkwrite_attaches_and_reserves)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	ck_assert(!PagePrivate(page));
	watch_events(NULL);
	ck_assert_int_eq(mkwrite(page), 0);
	ck_assert(PagePrivate(page));
	ck_assert_uint_eq(seen[PINPAGE_EV_PRIV_ATTACH], 1);
	ck_assert_uint_eq(seen[PINPAGE_EV_RESERVE], 1);
	ck_assert_int_eq(page_ref_count(page), 3);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	ck_assert_int_eq(mkwrite(page), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_RESERVE], 1);
	pp_unref(page);
}
END_TEST

START_TEST(mkwrite_without_memory_enomem)
{
	struct page *page;
	unsigned long nth;
	int ret = -ENOMEM;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	for (nth = 1; ret; nth++) {
		pp_inject_alloc(nth);
		ret = mkwrite(page);
		ck_assert(!ret || (ret == -ENOMEM && !PageDirty(page)));
	}
	pp_inject_alloc(0);
	ck_assert_uint_gt(nth, 2);
	pp_unref(page);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
}
END_TEST

START_TEST(hole_dirtied_unannounced_dropped)	/* W14 */
{
	struct page *page;
	unsigned long warned;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	store_byte(page, 'd');
	watch_events(NULL);
	warned = pp_warn_count();
	ck_assert(dirty_lock(page));
	ck_assert_uint_eq(pp_warn_count(), warned + 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DROPPED], 1);
	ck_assert_uint_eq(seen[PINPAGE_EV_WB_END], 0);
	ck_assert_uint_eq(pp_warn_count(), warned + 2);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(durable_byte(0), 0);
	pp_unref(page);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 0);
}
END_TEST

START_TEST(hole_announced_persists)		/* W15 */
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	ck_assert_int_eq(mkwrite(page), 0);
	store_byte(page, 'd');
	dirty_lock(page);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	pp_unref(page);
	blk_crash();
	blk_open();
	ck_assert_int_eq(get_first_byte(0), 'd');
}
END_TEST

START_TEST(stripped_page_dirtied_dropped)	/* W12, F-2 */
{
	struct page *page = clean_announced('o');

	watch_events(NULL);
	ck_assert(strip(page));
	ck_assert_uint_eq(seen[PINPAGE_EV_PRIV_RELEASE], 1);
	store_byte(page, 'd');
	ck_assert(dirty_lock(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DROPPED], 1);
	ck_assert(!PageDirty(page));
	pp_unref(page);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'o');
}
END_TEST

START_TEST(kept_buffers_dirtied_persists)	/* W10, W11, W13 */
{
	struct page *page = clean_announced('o');

	ck_assert(PagePrivate(page));
	store_byte(page, 'd');
	ck_assert(dirty_lock(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_unref(page);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'd');
}
END_TEST

START_TEST(read_attaches_no_buffers)
{
	struct page *page = clean_announced('o');

	pp_unref(page);
	pinpage_drop_caches();
	page = read_in(0);
	ck_assert(!PagePrivate(page));
	pp_unref(page);
}
END_TEST

START_TEST(dirty_page_keeps_buffers)
{
	struct page *page;

	put_page_bytes(0, 'x');
	page = read_in(0);
	ck_assert(!strip(page));
	ck_assert(PagePrivate(page));
	pp_unref(page);
}
END_TEST

START_TEST(unlocked_dirty_warns)
{
	struct page *page = clean_announced('o');
	unsigned long warned = pp_warn_count();

	watch_events(NULL);
	ck_assert(pp_set_page_dirty(page));
	ck_assert_uint_eq(pp_warn_count(), warned + 1);
	ck_assert_uint_eq(seen[PINPAGE_EV_WARN], 1);
	ck_assert(!pp_set_page_dirty(page));
	ck_assert_uint_eq(pp_warn_count(), warned + 1);
	pp_unref(page);
}
END_TEST

static jmp_buf bugged;

static void catch_bug(const char *path, int line, const char *msg)
{
	(void)path;
	(void)line;
	ck_assert_ptr_nonnull(strstr(msg, "no buffers"));
	longjmp(bugged, 1);
}

START_TEST(unannounced_bugs_in_5_4)
{
	struct page *page = clean_announced('o');

	ck_assert(strip(page));
	dirty_lock(page);
	watch_events(NULL);
	pp_set_bug_hook(catch_bug);
	if (!setjmp(bugged)) {
		pinpage_fsync(file, 0);
		ck_abort_msg("no BUG");
	}
	pp_set_bug_hook(NULL);
	ck_assert_uint_eq(seen[PINPAGE_EV_TRAP], 1);
	ck_assert_ptr_eq(seen_last[PINPAGE_EV_TRAP].page, page);
	/* as the kernel would not: give the page back, to end in peace */
	pp_unlock_page(page);
	pp_unref_many(page, 2);
}
END_TEST

START_TEST(truncate_gives_reservation_back)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	ck_assert_int_eq(mkwrite(page), 0);
	watch_events(NULL);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_PRIV_RELEASE], 1);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
	ck_assert(!PagePrivate(page));
	ck_assert_int_eq(page_ref_count(page), 1);
	pp_unref(page);
}
END_TEST

/* -- torn writes (F-3) -- */

static struct page *torn;

static void tear(const struct pinpage_event *event)
{
	if (event->kind == PINPAGE_EV_YIELD && event->page == torn &&
	    !strcmp(event->name, "wb-transfer"))
		store_byte(torn, '!');
}

START_TEST(torn_write_detected_at_read)
{
	char byte;

	put_page_bytes(0, 'a');
	torn = read_in(0);
	watch_events(tear);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_unref(torn);
	pinpage_drop_caches();
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), -EIO);
	ck_assert_str_eq(seen_last[PINPAGE_EV_WARN].name, "checksum mismatch");
	ck_assert_int_eq(durable_byte(0), -EIO);
}
END_TEST

START_TEST(steady_write_passes_checksum)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_pwrite(file, "b", 1, PAGE_SIZE), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 'b');
	blk_crash();
	blk_open();
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 'b');
}
END_TEST

START_TEST(torn_without_checksums_unseen)
{
	put_page_bytes(0, 'a');
	torn = read_in(0);
	watch_events(tear);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_unref(torn);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), '!');
}
END_TEST

START_TEST(stable_pages_by_option_or_device)
{
	struct pinpage_bdev_config config = {
		.blocks = 16, .stable_writes = true,
	};
	struct pinpage_mount_options o = { .format = true };
	struct super_block *other;

	ck_assert(!sb->stable_writes);
	ck_assert_int_eq(pinpage_bdev_create(&config, &o.bdev), 0);
	ck_assert_int_eq(pinpage_mount("blkfs", &o, &other), 0);
	ck_assert(other->stable_writes);
	ck_assert_int_eq(pinpage_umount(other), 0);
	pinpage_bdev_destroy(o.bdev);
	config.stable_writes = false;
	o.stable_pages = true;
	ck_assert_int_eq(pinpage_bdev_create(&config, &o.bdev), 0);
	ck_assert_int_eq(pinpage_mount("blkfs", &o, &other), 0);
	ck_assert(other->stable_writes);
	ck_assert_int_eq(pinpage_umount(other), 0);
	pinpage_bdev_destroy(o.bdev);
}
END_TEST

/* -- a pinned page that stays dirty: a snapshot is written (S02, S05, S11) -- */

static void blk_up_bounce(void)
{
	options = (struct pinpage_mount_options){ .checksums = true };
	blk_start(DEV_BLOCKS, "stay-dirty-bounce,no_buffers=drop");
}

static void blk_up_bounce_cow(void)
{
	options = (struct pinpage_mount_options){ .cow = true };
	blk_start(DEV_BLOCKS, "stay-dirty-bounce,no_buffers=drop");
}

START_TEST(snapshot_is_not_torn)
{
	put_page_bytes(0, 'a');
	torn = read_in(0);
	ck_assert(pp_pin_try(torn, 1));
	watch_events(tear);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_BOUNCE], 1);
	ck_assert(PageDirty(torn));
	ck_assert_int_eq(durable_byte(0), 'a');
	pp_unpin(torn, 1);
	pp_unref(torn);
}
END_TEST

START_TEST(snapshot_without_buffers_dropped)
{
	struct page *page = clean_announced('o');

	ck_assert(strip(page));
	ck_assert(pp_pin_try(page, 1));
	store_byte(page, 'd');
	dirty_lock(page);
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DROPPED], 1);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(durable_byte(0), 'o');
	pp_unpin(page, 1);
	pp_unref(page);
}
END_TEST

/* -- copy on write (F-4, S11) -- */

START_TEST(cow_reserves_every_time)
{
	struct page *page = clean_announced('a');

	watch_events(NULL);
	for (int i = 1; i < 4; i++) {
		ck_assert_int_eq(mkwrite(page), 0);
		ck_assert_uint_eq(seen[PINPAGE_EV_RESERVE], i);
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	}
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	pp_unref(page);
}
END_TEST

/* Other files take all the space there is. */
static void fill_up(void)
{
	struct file *g = pinpage_filp_open(sb, "g", O_RDWR | O_CREAT, 0600);
	char buf[PAGE_SIZE] = { 0 };
	loff_pp pos = 0;
	ssize_t n = 1;

	while (n > 0) {
		n = pinpage_pwrite(g, buf, PAGE_SIZE, pos);
		pos += n;
	}
	ck_assert_int_eq(n, -ENOSPC);
	ck_assert_int_eq(pinpage_fsync(g, 0), 0);
	pinpage_filp_close(g);
}

START_TEST(cow_unreserved_dirty_enospc_reported)
{
	struct page *page = clean_announced('a');

	fill_up();
	store_byte(page, 'd');
	ck_assert(dirty_lock(page));
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), -ENOSPC);
	ck_assert_uint_eq(seen[PINPAGE_EV_DROPPED], 1);
	ck_assert_int_eq(seen_last[PINPAGE_EV_DROPPED].arg, -ENOSPC);
	ck_assert_int_eq(durable_byte(0), 'a');
	pp_unref(page);
}
END_TEST

START_TEST(cow_unreserved_dirty_with_space_kept)
{
	struct page *page = clean_announced('a');

	store_byte(page, 'd');
	ck_assert(dirty_lock(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(durable_byte(0), 'd');
	pp_unref(page);
}
END_TEST

START_TEST(cow_pinned_second_sync_enospc_reported)
{
	struct page *page = clean_announced('a');

	fill_up();
	ck_assert(pp_pin_try(page, 1));
	dirty_lock(page);
	ck_assert_int_eq(pinpage_fsync(file, 0), -ENOSPC);
	ck_assert_int_eq(pinpage_fsync(file, 0), -ENOSPC);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_unlink(sb, "g"), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_unpin(page, 1);
	pp_unref(page);
}
END_TEST

START_TEST(in_place_rewrite_on_full_device_ok)
{
	struct page *page = clean_announced('a');

	fill_up();
	ck_assert_int_eq(mkwrite(page), 0);
	store_byte(page, 'd');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(durable_byte(0), 'd');
	pp_unref(page);
}
END_TEST

START_TEST(cow_failed_write_keeps_old_block)
{
	struct page *page = clean_announced('a');

	ck_assert_int_eq(mkwrite(page), 0);
	store_byte(page, 'd');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	pp_unref(page);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

void blkfs_trap_cases(Suite *suite)
{
	blk_test(suite, mkwrite_attaches_and_reserves);
	blk_test(suite, mkwrite_without_memory_enomem);
	blk_test(suite, hole_dirtied_unannounced_dropped);
	blk_test(suite, hole_announced_persists);
	blk_test(suite, stripped_page_dirtied_dropped);
	blk_test(suite, kept_buffers_dirtied_persists);
	blk_test(suite, read_attaches_no_buffers);
	blk_test(suite, dirty_page_keeps_buffers);
	blk_test(suite, unlocked_dirty_warns);
	blk_test_up(suite, unannounced_bugs_in_5_4, blk_up_5_4);
	blk_test(suite, truncate_gives_reservation_back);
	blk_test_up(suite, torn_write_detected_at_read, blk_up_csum);
	blk_test_up(suite, steady_write_passes_checksum, blk_up_csum);
	blk_test(suite, torn_without_checksums_unseen);
	blk_test(suite, stable_pages_by_option_or_device);
	blk_test_up(suite, snapshot_is_not_torn, blk_up_bounce);
	blk_test_up(suite, snapshot_without_buffers_dropped, blk_up_bounce);
	blk_test_up(suite, cow_pinned_second_sync_enospc_reported,
		    blk_up_bounce_cow);
	blk_test_up(suite, cow_reserves_every_time, blk_up_cow);
	blk_test_up(suite, cow_unreserved_dirty_enospc_reported, blk_up_cow);
	blk_test_up(suite, cow_unreserved_dirty_with_space_kept, blk_up_cow);
	blk_test(suite, in_place_rewrite_on_full_device_ok);
	blk_test_up(suite, cow_failed_write_keeps_old_block, blk_up_cow);
}
