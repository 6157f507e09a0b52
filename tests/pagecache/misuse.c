// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * misuse.c - files and pages named at the wrong time, in the wrong context or
 * with what they are not: one warning and an errno, nothing changed
 */
#include "suites.h"

#include "pagecache/internal.h"

#define BAD_RANGE_FLAGS 0x80u

static struct page *held;	/* page 0, dirty, referenced */

static void up_held(void)
{
	mem_up();
	put_page_bytes(0, 'a');
	held = pinpage_find_get_page(mapping, 0);
	ck_assert_ptr_nonnull(held);
}

static void down_held(void)
{
	pinpage_put_page(held);
	mem_down();
}

static void up_softirq(void)
{
	up_held();
	pinpage_softirq_enter();
}

static void down_softirq(void)
{
	ck_assert_uint_gt(pp_warn_count(), 0);
	pinpage_softirq_exit();
	/* nothing was done meanwhile */
	ck_assert(PageDirty(held));
	ck_assert(!PageLocked(held));
	ck_assert_int_eq(disk->writes[0], 0);
	ck_assert_int_eq(get_first_byte(0), 'a');
	down_held();
}

START_TEST(file_calls_in_softirq_einval)
{
	char c = 'x';
	loff_pp pos = 0;

	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -EINVAL);
	ck_assert_int_eq(pinpage_filp_close(file), -EINVAL);
	ck_assert_int_eq(pinpage_unlink(sb, "f"), -EINVAL);
	ck_assert_int_eq(pinpage_pread(file, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_kernel_read(file, &c, 1, &pos), -EINVAL);
	ck_assert_int_eq(pinpage_kernel_write(file, &c, 1, &pos), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 8192), -EINVAL);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fsync_range(file, 0, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, 0,
						 SYNC_FILE_RANGE_WRITE),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &held, 0, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_durable_read(file, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(c, 'x');
	ck_assert_int_eq(pos, 0);
}
END_TEST

START_TEST(cache_calls_in_softirq_refused)
{
	ck_assert_ptr_null(pinpage_find_lock_page(mapping, 0));
	ck_assert_int_eq(PTR_ERR(pinpage_read_mapping_page(mapping, 0, file)),
			 -EINVAL);
	ck_assert(!pinpage_set_page_dirty_lock(held));
	ck_assert(!pinpage_clear_page_dirty_for_io(held));
	ck_assert_int_eq(pinpage_filemap_fdatawrite(mapping), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_write_and_wait(mapping), -EINVAL);
	ck_assert_int_eq(pinpage_filemap_flush(mapping), -EINVAL);
	ck_assert_uint_eq(pinpage_invalidate_mapping_pages(mapping, 0, 9), 0);
	ck_assert_int_eq(pinpage_invalidate_inode_pages2_range(mapping, 0, 9),
			 -EINVAL);
	pinpage_drop_caches();
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 1);
}
END_TEST

START_TEST(mount_calls_in_softirq_einval)
{
	struct super_block *other = NULL;

	ck_assert_int_eq(pinpage_mount("memfs", NULL, &other), -EINVAL);
	ck_assert_ptr_null(other);
	ck_assert_int_eq(pinpage_umount(sb), -EINVAL);
	pinpage_umount_lost(sb);
	ck_assert_int_eq(pinpage_flusher_start(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_writeback(NULL, PINPAGE_WB_SYNC_ALL),
			 -EINVAL);
}
END_TEST

START_TEST(any_context_calls_in_softirq_work)
{
	unsigned long before = pp_warn_count();
	struct page *page = pinpage_find_get_page(mapping, 0);

	ck_assert_ptr_eq(page, held);
	ck_assert(!pinpage_set_page_dirty(page));
	pinpage_put_page(page);
	ck_assert_ptr_eq(pinpage_get_file(file), file);
	ck_assert_int_eq(pinpage_i_size_read(file), PAGE_SIZE);
	ck_assert_ptr_eq(pinpage_file_mapping(file), mapping);
	ck_assert_str_eq(pinpage_mapping_name(mapping), "f");
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 1);
	ck_assert_uint_eq(pp_warn_count(), before);
	pinpage_softirq_exit();
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	pinpage_softirq_enter();
	ck_assert_ptr_null(pinpage_find_lock_page(mapping, 0));
}
END_TEST

/* one machine down, its pointers still in the driver's hands */
START_TEST(calls_after_shutdown_refused)
{
	char c;

	pp_machine_up = false;
	ck_assert_int_eq(pinpage_umount(sb), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -EINVAL);
	ck_assert_int_eq(pinpage_filp_close(file), -EINVAL);
	ck_assert_ptr_null(pinpage_get_file(file));
	ck_assert_int_eq(pinpage_unlink(sb, "f"), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, "x", 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EINVAL);
	ck_assert_int_eq(pinpage_durable_read(file, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_i_size_read(file), -EINVAL);
	ck_assert_ptr_null(pinpage_find_get_page(mapping, 0));
	ck_assert_ptr_null(pinpage_find_lock_page(mapping, 0));
	ck_assert_int_eq(PTR_ERR(pinpage_read_mapping_page(mapping, 0, file)),
			 -EINVAL);
	ck_assert(!pinpage_set_page_dirty(held));
	ck_assert(!pinpage_set_page_dirty_lock(held));
	ck_assert_int_eq(pinpage_filemap_fdatawrite(mapping), -EINVAL);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
	ck_assert_int_eq(pinpage_flusher_start(NULL), -EINVAL);
	pp_machine_up = true;
	ck_assert_uint_gt(pp_warn_count(), 0);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(null_and_error_pointers_refused)
{
	struct page *odd = (struct page *)&held;

	ck_assert_int_eq(pinpage_umount(NULL), -EINVAL);
	pinpage_umount_lost(NULL);
	ck_assert_int_eq(pinpage_filp_close(ERR_PTR(-ENOENT)), -EINVAL);
	ck_assert_int_eq(pinpage_fsync(ERR_PTR(-ENOENT), 0), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_read_mapping_page(NULL, 0, NULL)),
			 -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_read_mapping_page(mapping, 0,
							   ERR_PTR(-EIO))),
			 -EINVAL);
	ck_assert_uint_eq(pinpage_mapping_nrpages(NULL), 0);
	ck_assert(!pinpage_set_page_dirty(NULL));
	ck_assert(!pinpage_set_page_dirty_lock(odd));
	ck_assert(!pinpage_clear_page_dirty_for_io(odd));
	ck_assert_int_eq(pinpage_writeback((void *)&held,
					   PINPAGE_WB_SYNC_ALL), -EINVAL);
	ck_assert_int_eq(pinpage_writeback(sb, 7), -EINVAL);
	ck_assert_uint_ge(pp_warn_count(), 8);
}
END_TEST

START_TEST(clear_dirty_of_an_unlocked_page_refused)
{
	ck_assert(!pinpage_clear_page_dirty_for_io(held));
	ck_assert(PageDirty(held));
	ck_assert_uint_eq(pp_warn_count(), 1);
}
END_TEST

START_TEST(direct_io_offset_beyond_the_page_einval)
{
	ck_assert_int_eq(pinpage_direct_io(file, true, &held, PAGE_SIZE, 512,
					   0), -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &held, -512UL, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &held, 0, 512,
					   INT64_MAX & ~511L), -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &held, 0, 512,
					   (INT64_MAX & PAGE_MASK)), -EFBIG);
}
END_TEST

START_TEST(o_direct_where_there_is_none_einval)
{
	struct super_block *ram;

	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &ram), 0);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(ram, "d", O_RDWR |
						   O_CREAT | O_DIRECT, 0)),
			 -EINVAL);
	ck_assert_int_eq(pinpage_umount(ram), 0);
}
END_TEST

START_TEST(direct_io_errors_reported)
{
	struct file *f = pinpage_filp_open(sb, "f", O_RDWR | O_DIRECT, 0);
	char buf[PAGE_SIZE] = "";

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_pread(f, buf, PAGE_SIZE, 0), -EIO);
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, ENOSPC, false);
	ck_assert_int_eq(pinpage_pwrite(f, buf, PAGE_SIZE, 0), -ENOSPC);
	/* a dirty page in the way that cannot be written */
	put_page_bytes(0, 'b');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_pread(f, buf, PAGE_SIZE, 0), -EIO);
	put_page_bytes(0, 'b');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_pwrite(f, buf, PAGE_SIZE, 0), -EIO);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_pread(f, buf, PAGE_SIZE, 0), -ENOMEM);
	pp_inject_alloc(0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(sync_file_range_write_error)
{
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, ENOSPC, false);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, 0,
						 SYNC_FILE_RANGE_WRITE |
						 SYNC_FILE_RANGE_WAIT_BEFORE |
						 SYNC_FILE_RANGE_WAIT_AFTER),
			 -ENOSPC);
	ck_assert_int_eq(pinpage_sync_file_range(file, 0, 0, BAD_RANGE_FLAGS),
			 -EINVAL);
}
END_TEST

START_TEST(truncate_at_open_error_fails_the_open)
{
	pinpage_ftruncate(file, 100);
	pinpage_fsync(file, 0);
	pinpage_drop_caches();
	ck_assert_int_eq(pinpage_i_size_read(file), 100);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR | O_TRUNC |
						   O_PATH, 0)), -EINVAL);
	ck_assert_int_eq(pinpage_i_size_read(file), 100);
}
END_TEST

/* umount and those who came later wait for a walker of the mount */
static int umounts(void *arg)
{
	(void)arg;
	return pinpage_umount(sb);
}

static int opens(void *arg)
{
	(void)arg;
	return (int)PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0));
}

static int unlinks(void *arg)
{
	(void)arg;
	return pinpage_unlink(sb, "f");
}

static int writes_back(void *arg)
{
	(void)arg;
	return (int)pinpage_writeback(sb, PINPAGE_WB_SYNC_ALL);
}

START_TEST(who_waits_for_umount_finds_no_mount)
{
	int (*const fn[])(void *) = { umounts, umounts, opens, unlinks,
				      writes_back };
	static const int want[] = { 0, -EINVAL, -EINVAL, -EINVAL, 0 };
	struct task_struct *task[5];

	pinpage_filp_close(file);
	file = NULL;
	pinpage_down_read(&sb->s_umount);
	for (int i = 0; i < 5; i++) {
		task[i] = pinpage_kthread_run(fn[i], NULL, "task");
		pinpage_yield("let it wait");
	}
	pinpage_up_read(&sb->s_umount);
	for (int i = 0; i < 5; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), want[i]);
	sb = NULL;
}
END_TEST

/* An abandoned task had it in use: shutdown lets it go, and ends. */
START_TEST(shutdown_frees_a_dead_mount_in_use)
{
	pinpage_filp_close(file);
	file = NULL;
	ck_assert(pp_sb_get(sb));
	ck_assert_int_eq(pinpage_umount(sb), 0);
	ck_assert(!pp_sb_get(sb));
	ck_assert_int_eq(pinpage_writeback(NULL, PINPAGE_WB_SYNC_ALL), 0);
	sb = NULL;
	pp_pagecache_shutdown();
}
END_TEST

static int abandoned_in_writeback(void *arg)
{
	struct super_block *mount = arg;

	ck_assert(pp_sb_get(mount));
	pinpage_down_read(&mount->s_umount);
	pp_fiber_abandon_self();
}

START_TEST(shutdown_after_a_walker_was_abandoned)
{
	struct task_struct *task = pinpage_kthread_run(abandoned_in_writeback,
						       sb, "walker");

	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
	pinpage_filp_close(file);
	file = NULL;
	sb = NULL;
	pp_pagecache_shutdown();
	ck_assert_uint_eq(disk->writes[0], 0);	/* dropped, as by power cut */
}
END_TEST

static void add(Suite *s, const char *name, const TTest *fn, SFun up,
		SFun down)
{
	tcase_add_checked_fixture(pp_test_add_named(s, name, fn), up, down);
}

#define in_softirq(s, fn) add(s, #fn, fn, up_softirq, down_softirq)
#define with_page(s, fn) add(s, #fn, fn, up_held, down_held)

Suite *misuse_suite(void)
{
	Suite *s = suite_create("misuse");

	in_softirq(s, file_calls_in_softirq_einval);
	in_softirq(s, cache_calls_in_softirq_refused);
	in_softirq(s, mount_calls_in_softirq_einval);
	in_softirq(s, any_context_calls_in_softirq_work);
	with_page(s, calls_after_shutdown_refused);
	with_page(s, null_and_error_pointers_refused);
	with_page(s, clear_dirty_of_an_unlocked_page_refused);
	with_page(s, direct_io_offset_beyond_the_page_einval);
	with_page(s, o_direct_where_there_is_none_einval);
	mem_test(s, direct_io_errors_reported);
	with_page(s, sync_file_range_write_error);
	mem_test(s, truncate_at_open_error_fails_the_open);
	mem_test(s, who_waits_for_umount_finds_no_mount);
	mem_test(s, shutdown_frees_a_dead_mount_in_use);
	mem_test(s, shutdown_after_a_walker_was_abandoned);
	return s;
}
