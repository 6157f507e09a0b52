// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blkfs.c - mounting, names, space and errors of blkfs
 */
#include <stdio.h>

#include "blkfs_support.h"

START_TEST(mount_without_device_einval)
{
	struct super_block *other = NULL;

	ck_assert_int_eq(pinpage_mount("blkfs", NULL, &other), -EINVAL);
	ck_assert_ptr_null(other);
}
END_TEST

static int mount_new(uint64_t blocks, bool format)
{
	struct pinpage_bdev_config config = { .blocks = blocks };
	struct pinpage_mount_options o = { .format = format };
	struct super_block *other = NULL;
	int ret;

	ck_assert_int_eq(pinpage_bdev_create(&config, &o.bdev), 0);
	ret = pinpage_mount("blkfs", &o, &other);
	if (!ret)
		ck_assert_int_eq(pinpage_umount(other), 0);
	ck_assert_int_eq(pinpage_bdev_destroy(o.bdev), 0);
	return ret;
}

START_TEST(mount_unformatted_einval)
{
	ck_assert_int_eq(mount_new(64, false), -EINVAL);
}
END_TEST

START_TEST(mount_too_small_einval)
{
	ck_assert_int_eq(mount_new(7, true), -EINVAL);
	ck_assert_int_eq(mount_new(8, true), 0);
}
END_TEST

START_TEST(mount_twice_ebusy)
{
	struct super_block *other = NULL;

	ck_assert_int_eq(pinpage_mount("blkfs", &options, &other), -EBUSY);
}
END_TEST

START_TEST(destroy_mounted_ebusy)
{
	ck_assert_int_eq(pinpage_bdev_destroy(dev), -EBUSY);
}
END_TEST

START_TEST(mount_without_memory_enomem)
{
	unsigned long nth;
	int ret = -ENOMEM;

	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	sb = NULL;
	options.format = false;
	for (nth = 1; ret; nth++) {
		pp_inject_alloc(nth);
		ret = pinpage_mount("blkfs", &options, &sb);
		ck_assert(!ret || ret == -ENOMEM);
	}
	pp_inject_alloc(0);
	ck_assert_uint_gt(nth, 5);
	blk_open();
}
END_TEST

/* a shortage is no I/O error: what was not written is dirty, and nobody is told */
START_TEST(writeback_without_memory_keeps_dirty)
{
	struct address_space *mapping = pinpage_file_mapping(file);
	unsigned long nth;
	int ret = -ENOMEM;

	for (nth = 1; ret; nth++) {
		unsigned char byte = (unsigned char)nth;

		ck_assert_int_eq(pinpage_pwrite(file, &byte, 1,
						(pinpage_loff_t)(nth * PAGE_SIZE)), 1);
		pp_inject_alloc(nth);
		ret = pinpage_filemap_flush(mapping);
		pp_inject_alloc(0);
		ck_assert(!ret || ret == -ENOMEM);
		ck_assert_int_eq(pinpage_filemap_fdatawait(mapping), 0);
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
		ck_assert_int_eq(durable_byte(nth), byte);
	}
	ck_assert_uint_gt(nth, 2);
}
END_TEST

START_TEST(mount_read_error_eio)
{
	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	sb = NULL;
	options.format = false;
	for (unsigned long nth = 1; nth < 4; nth++) {
		pinpage_inject_io(PINPAGE_IO_READ, nth, EIO, false);
		ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), -EIO);
	}
	pinpage_inject_io(PINPAGE_IO_READ, 0, 0, false);
	blk_mount(false);
	blk_open();
}
END_TEST

START_TEST(open_absent_enoent)
{
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "g", O_RDWR, 0)),
			 -ENOENT);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "a/b",
						   O_RDWR | O_CREAT, 0)),
			 -ENOENT);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "..",
						   O_RDWR | O_CREAT, 0)),
			 -EISDIR);
	ck_assert_int_eq(pinpage_unlink(sb, "g"), -ENOENT);
}
END_TEST

START_TEST(create_present_eexist)
{
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f",
						   O_RDWR | O_CREAT | O_EXCL,
						   0)), -EEXIST);
	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	blk_mount(false);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f",
						   O_RDWR | O_CREAT | O_EXCL,
						   0)), -EEXIST);
}
END_TEST

START_TEST(create_too_many_enospc)
{
	char name[251];
	unsigned int nr;
	int ret = 0;

	memset(name, 'n', sizeof(name));
	for (nr = 0; nr < 1000 && !ret; nr++) {
		struct file *f;

		snprintf(name + 240, 11, "%u", nr);
		f = pinpage_filp_open(sb, name, O_RDWR | O_CREAT, 0600);
		ret = PTR_ERR_OR_ZERO(f);
		if (!ret)
			pinpage_filp_close(f);
	}
	ck_assert_int_eq(ret, -ENOSPC);
	ck_assert_uint_gt(nr, 10);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	blk_crash();
	snprintf(name + 240, 11, "%u", nr - 2);
	file = pinpage_filp_open(sb, name, O_RDWR, 0);
	ck_assert(!IS_ERR(file));
}
END_TEST

START_TEST(umount_keeps_files)
{
	struct file *g = pinpage_filp_open(sb, "g", O_RDWR | O_CREAT, 0600);

	put_page_bytes(3, 'f');
	ck_assert_int_eq(pinpage_pwrite(g, "gg", 2, 100), 2);
	pinpage_filp_close(g);
	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	blk_mount(false);
	blk_open();
	ck_assert_int_eq(get_first_byte(3), 'f');
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 4 * PAGE_SIZE);
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
	blk_close();
	file = pinpage_filp_open(sb, "g", O_RDWR, 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 102);
}
END_TEST

/* pages that can be written before -ENOSPC */
static unsigned long fill(unsigned long from)
{
	char buf[PAGE_SIZE];
	unsigned long i;
	ssize_t n = PAGE_SIZE;

	memset(buf, 'z', sizeof(buf));
	for (i = from; n == (ssize_t)PAGE_SIZE; i++)
		n = pinpage_pwrite(file, buf, PAGE_SIZE,
				   (loff_pp)(i * PAGE_SIZE));
	ck_assert_int_eq(n, -ENOSPC);
	return i - 1 - from;
}

START_TEST(write_to_full_device_enospc)
{
	unsigned long nr = fill(0);

	ck_assert_uint_gt(nr, 50);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), nr * 8);
	ck_assert_int_eq(durable_byte(nr - 1), 'z');
}
END_TEST

START_TEST(mkwrite_on_full_device_enospc)
{
	struct page *page;
	unsigned long nr;

	ck_assert_int_eq(pinpage_ftruncate(file, 100 * PAGE_SIZE), 0);
	nr = fill(0);
	page = read_in(nr + 1);
	watch_events(NULL);
	ck_assert_int_eq(mkwrite(page), -ENOSPC);
	ck_assert_uint_eq(seen[PINPAGE_EV_RESERVE], 1);
	ck_assert_int_eq(seen_last[PINPAGE_EV_RESERVE].arg, -ENOSPC);
	ck_assert(!PageDirty(page));
	pp_unref(page);
}
END_TEST

START_TEST(unlink_gives_space_back)
{
	unsigned long nr = fill(0);

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_eq(get_first_byte(0), 'z');
	blk_close();
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT | O_EXCL, 0);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
	ck_assert_uint_eq(fill(0), nr);
}
END_TEST

START_TEST(truncate_gives_space_back)
{
	unsigned long nr = fill(0);

	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
	ck_assert_uint_eq(fill(0), nr);
}
END_TEST

START_TEST(write_error_reported_by_fsync_once)
{
	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(durable_byte(0), 0);
}
END_TEST

START_TEST(flush_error_reported_and_repeated)
{
	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_FLUSH, 1, EIO, false);
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 0);
	ck_assert_int_eq(durable_byte(0), -ENOENT);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 1);
	ck_assert_int_eq(durable_byte(0), 'a');
}
END_TEST

START_TEST(read_error_eio)
{
	char byte;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), -EIO);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(fsync_announces_durable_range)
{
	put_page_bytes(2, 'a');
	put_page_bytes(5, 'a');
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 1);
	ck_assert_ptr_eq(seen_last[PINPAGE_EV_DURABLE].mapping, mapping);
	ck_assert_uint_eq(seen_last[PINPAGE_EV_DURABLE].index, 2);
	ck_assert_uint_eq(seen_last[PINPAGE_EV_DURABLE].nr, 4);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 1);
}
END_TEST

static int writer(void *arg)
{
	unsigned long id = (unsigned long)arg;
	char name[16], buf[PAGE_SIZE];
	struct file *f;

	snprintf(name, sizeof(name), "w%lu", id);
	f = pinpage_filp_open(sb, name, O_RDWR | O_CREAT, 0600);
	memset(buf, (int)id, sizeof(buf));
	for (unsigned int i = 0; i < 200; i++) {
		if (pinpage_pwrite(f, buf, PAGE_SIZE, i % 7 * PAGE_SIZE) !=
		    (ssize_t)PAGE_SIZE)
			return -1;
		if (i % 10 == 9 && pinpage_fsync(f, 0))
			return -2;
		if (i % 50 == 49 && pinpage_ftruncate(f, PAGE_SIZE))
			return -3;
	}
	pinpage_filp_close(f);
	return 0;
}

static void writers(void)
{
	struct task_struct *task[2];

	for (unsigned long i = 0; i < 2; i++)
		task[i] = pinpage_kthread_run(writer, (void *)(i + 1), "w");
	for (unsigned long i = 0; i < 2; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
	blk_crash();
	file = pinpage_filp_open(sb, "w2", O_RDWR, 0);
	ck_assert_int_eq(get_first_byte(0), 2);
}

START_TEST(two_writers_fiber_ok)
{
	writers();
}
END_TEST

START_TEST(two_writers_native_ok)
{
	writers();
}
END_TEST

void blk_up_native(void)
{
	struct pinpage_bdev_config config = {
		.blocks = DEV_BLOCKS, .write_cache = true,
	};

	memset(&options, 0, sizeof(options));
	models_boot(PINPAGE_ENGINE_NATIVE, "6.1");
	ck_assert_int_eq(pinpage_bdev_create(&config, &dev), 0);
	blk_mount(true);
}

Suite *blkfs_suite(void)
{
	Suite *suite = suite_create("blkfs");

	blk_test(suite, mount_without_device_einval);
	blk_test(suite, mount_unformatted_einval);
	blk_test(suite, mount_too_small_einval);
	blk_test(suite, mount_twice_ebusy);
	blk_test(suite, destroy_mounted_ebusy);
	blk_test(suite, mount_without_memory_enomem);
	blk_test(suite, writeback_without_memory_keeps_dirty);
	blk_test(suite, mount_read_error_eio);
	blk_test(suite, open_absent_enoent);
	blk_test(suite, create_present_eexist);
	blk_test(suite, create_too_many_enospc);
	blk_test(suite, umount_keeps_files);
	blk_test(suite, write_to_full_device_enospc);
	blk_test(suite, mkwrite_on_full_device_enospc);
	blk_test(suite, unlink_gives_space_back);
	blk_test(suite, truncate_gives_space_back);
	blk_test(suite, write_error_reported_by_fsync_once);
	blk_test(suite, flush_error_reported_and_repeated);
	blk_test(suite, read_error_eio);
	blk_test(suite, fsync_announces_durable_range);
	blk_test(suite, two_writers_fiber_ok);
	blk_test_up(suite, two_writers_native_ok, blk_up_native);
	blkfs_file_cases(suite);
	blkfs_trap_cases(suite);
	blkfs_crash_cases(suite);
	return suite;
}
