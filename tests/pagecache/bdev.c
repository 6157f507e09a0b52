// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bdev.c - the block device alone
 */
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "blkfs_support.h"

static char path[64];

static void make(uint64_t blocks, bool cache, const char *where)
{
	struct pinpage_bdev_config config = {
		.blocks = blocks, .write_cache = cache, .path = where,
	};

	ck_assert_int_eq(pinpage_bdev_create(&config, &dev), 0);
}

static void up(void)
{
	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	make(16, true, NULL);
}

static void up_file(void)
{
	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	snprintf(path, sizeof(path), "/tmp/pinpage-bdev-XXXXXX");
	close(mkstemp(path));
	make(16, true, path);
}

static void down_file(void)
{
	models_down();
	unlink(path);
}

static int put(uint64_t block, char byte)
{
	char buf[PAGE_SIZE];
	int ret;

	memset(buf, byte, sizeof(buf));
	pinpage_mutex_lock(pp_bdev_lock(dev));
	ret = pp_bdev_write(dev, block, buf, sizeof(buf));
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	return ret;
}

static int flush(void)
{
	int ret;

	pinpage_mutex_lock(pp_bdev_lock(dev));
	ret = pp_bdev_flush(dev);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	return ret;
}

/* first byte of a block that is the same all through, or -errno */
static int get(uint64_t block, bool stable)
{
	unsigned char buf[PAGE_SIZE];
	int ret;

	pinpage_mutex_lock(pp_bdev_lock(dev));
	ret = stable ? pp_bdev_read_stable(dev, block, buf) :
		       pp_bdev_read(dev, block, buf);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	if (ret)
		return ret;
	ck_assert_int_eq(buf[0], buf[PAGE_SIZE - 1]);
	return buf[0];
}

START_TEST(create_bad_config_einval)
{
	struct pinpage_bdev_config config = { .blocks = 0 };
	struct pinpage_bdev *untouched = NULL;

	ck_assert_int_eq(pinpage_bdev_create(&config, &untouched), -EINVAL);
	config.blocks = (1ULL << 31) + 1;
	ck_assert_int_eq(pinpage_bdev_create(&config, &untouched), -EINVAL);
	config.blocks = 4;
	ck_assert_int_eq(pinpage_bdev_create(&config, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_bdev_create(NULL, &untouched), -EINVAL);
	ck_assert_ptr_null(untouched);
}
END_TEST

START_TEST(create_bad_path_enoent)
{
	struct pinpage_bdev_config config = {
		.blocks = 4, .path = "/nonexistent/device",
	};
	struct pinpage_bdev *untouched = NULL;

	ck_assert_int_eq(pinpage_bdev_create(&config, &untouched), -ENOENT);
	ck_assert_ptr_null(untouched);
}
END_TEST

START_TEST(create_without_memory_enomem)
{
	struct pinpage_bdev_config config = { .blocks = 4 };
	struct pinpage_bdev *untouched = NULL;

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_bdev_create(&config, &untouched), -ENOMEM);
	ck_assert_ptr_null(untouched);
}
END_TEST

START_TEST(unwritten_block_reads_zero)
{
	ck_assert_int_eq(get(3, false), 0);
	ck_assert_int_eq(get(3, true), 0);
}
END_TEST

START_TEST(short_write_zeroes_rest)
{
	unsigned char buf[PAGE_SIZE];

	ck_assert_int_eq(put(1, 'x'), 0);
	pinpage_mutex_lock(pp_bdev_lock(dev));
	ck_assert_int_eq(pp_bdev_write(dev, 1, "ab", 2), 0);
	ck_assert_int_eq(pp_bdev_read(dev, 1, buf), 0);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	ck_assert_mem_eq(buf, "ab\0", 3);
	ck_assert_int_eq(buf[PAGE_SIZE - 1], 0);
}
END_TEST

START_TEST(beyond_capacity_eio)
{
	ck_assert_int_eq(put(16, 'x'), -EIO);
	ck_assert_int_eq(get(16, false), -EIO);
	ck_assert_int_eq(get(16, true), -EIO);
}
END_TEST

START_TEST(cut_before_flush_forgets)
{
	ck_assert_int_eq(put(1, 'a'), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(put(1, 'b'), 0);
	ck_assert_int_eq(put(2, 'c'), 0);
	ck_assert_int_eq(get(1, false), 'b');
	ck_assert_int_eq(get(1, true), 'a');
	pinpage_bdev_power_cut(dev);
	pinpage_bdev_power_on(dev);
	ck_assert_int_eq(get(1, false), 'a');
	ck_assert_int_eq(get(2, false), 0);
}
END_TEST

START_TEST(cut_after_flush_keeps)
{
	ck_assert_int_eq(put(1, 'a'), 0);
	ck_assert_int_eq(flush(), 0);
	pinpage_bdev_power_cut(dev);
	pinpage_bdev_power_on(dev);
	ck_assert_int_eq(get(1, false), 'a');
}
END_TEST

START_TEST(io_without_power_eio)
{
	ck_assert_int_eq(put(1, 'a'), 0);
	ck_assert_int_eq(flush(), 0);
	pinpage_bdev_power_cut(dev);
	ck_assert_int_eq(get(1, false), -EIO);
	ck_assert_int_eq(put(1, 'b'), -EIO);
	ck_assert_int_eq(flush(), -EIO);
	ck_assert_int_eq(get(1, true), 'a');
}
END_TEST

START_TEST(no_write_cache_durable_at_once)
{
	pinpage_bdev_destroy(dev);
	make(16, false, NULL);
	ck_assert_int_eq(put(1, 'a'), 0);
	pinpage_bdev_power_cut(dev);
	pinpage_bdev_power_on(dev);
	ck_assert_int_eq(get(1, false), 'a');
}
END_TEST

START_TEST(injected_io_fails_once)
{
	pinpage_inject_io(PINPAGE_IO_WRITE, 2, ENOSPC, false);
	ck_assert_int_eq(put(1, 'a'), 0);
	ck_assert_int_eq(put(1, 'b'), -ENOSPC);
	ck_assert_int_eq(get(1, false), 'a');
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(get(1, false), -EIO);
	ck_assert_int_eq(get(1, false), 'a');
}
END_TEST

START_TEST(failed_flush_can_be_repeated)
{
	ck_assert_int_eq(put(1, 'a'), 0);
	pinpage_inject_io(PINPAGE_IO_FLUSH, 1, EIO, false);
	ck_assert_int_eq(flush(), -EIO);
	ck_assert_int_eq(get(1, true), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(get(1, true), 'a');
}
END_TEST

START_TEST(write_without_memory_enomem)
{
	unsigned long nth;

	for (nth = 1; ; nth++) {
		pp_inject_alloc(nth);
		if (!put(1, 'a'))
			break;
		ck_assert_int_eq(get(1, false), 0);
	}
	pp_inject_alloc(0);
	ck_assert_uint_gt(nth, 1);
	ck_assert_int_eq(get(1, false), 'a');
}
END_TEST

START_TEST(many_blocks_all_found)
{
	const uint64_t nr = 5000;

	pinpage_bdev_destroy(dev);
	make(1ULL << 30, true, NULL);
	for (uint64_t i = 0; i < nr; i++)
		ck_assert_int_eq(put(i * 97331, (char)i), 0);
	ck_assert_int_eq(flush(), 0);
	for (uint64_t i = 0; i < nr; i++)
		ck_assert_int_eq(get(i * 97331, true), (unsigned char)i);
}
END_TEST

START_TEST(file_keeps_what_was_flushed)
{
	ck_assert_int_eq(put(1, 'a'), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(put(1, 'b'), 0);
	ck_assert_int_eq(pinpage_bdev_destroy(dev), 0);
	make(16, true, path);
	ck_assert_int_eq(get(1, false), 'a');
}
END_TEST

START_TEST(file_size_is_capacity)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_size, 16 * PAGE_SIZE);
}
END_TEST

START_TEST(file_without_cache_writes_through)
{
	unsigned char byte = 0;
	int fd;

	pinpage_bdev_destroy(dev);
	make(16, false, path);
	ck_assert_int_eq(put(3, 'q'), 0);
	fd = open(path, O_RDONLY);
	ck_assert_int_eq(pread(fd, &byte, 1, 3 * PAGE_SIZE), 1);
	close(fd);
	ck_assert_int_eq(byte, 'q');
}
END_TEST

/* a limit of the host stands for its full disk */
START_TEST(host_write_error_reported)
{
	struct rlimit limit = { PAGE_SIZE, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(put(5, 'a'), 0);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(flush(), -EFBIG);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(get(5, false), 'a');
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(get(5, true), 'a');
}
END_TEST

START_TEST(file_cut_by_another_process_reads_zero)
{
	ck_assert_int_eq(put(5, 'a'), 0);
	ck_assert_int_eq(flush(), 0);
	pinpage_bdev_destroy(dev);
	make(16, true, path);
	ck_assert_int_eq(truncate(path, PAGE_SIZE), 0);
	ck_assert_int_eq(get(5, true), 0);
	ck_assert_int_eq(put(5, 'b'), 0);
	ck_assert_int_eq(flush(), 0);
	ck_assert_int_eq(get(5, true), 'b');
}
END_TEST

START_TEST(power_of_nothing_warns)
{
	unsigned long before = pp_warn_count();

	pinpage_bdev_power_cut(NULL);
	pinpage_bdev_power_on(NULL);
	ck_assert_uint_eq(pp_warn_count(), before + 2);
	ck_assert_int_eq(pinpage_bdev_destroy(NULL), 0);
}
END_TEST

#define bdev_test(fn) bdev_case(suite, #fn, fn, up, models_down)
#define bdev_test_file(fn) bdev_case(suite, #fn, fn, up_file, down_file)

Suite *bdev_suite(void)
{
	Suite *suite = suite_create("bdev");

	bdev_test(create_bad_config_einval);
	bdev_test(create_bad_path_enoent);
	bdev_test(create_without_memory_enomem);
	bdev_test(unwritten_block_reads_zero);
	bdev_test(short_write_zeroes_rest);
	bdev_test(beyond_capacity_eio);
	bdev_test(cut_before_flush_forgets);
	bdev_test(cut_after_flush_keeps);
	bdev_test(io_without_power_eio);
	bdev_test(no_write_cache_durable_at_once);
	bdev_test(injected_io_fails_once);
	bdev_test(failed_flush_can_be_repeated);
	bdev_test(write_without_memory_enomem);
	bdev_test(many_blocks_all_found);
	bdev_test_file(file_keeps_what_was_flushed);
	bdev_test_file(file_size_is_capacity);
	bdev_test_file(file_without_cache_writes_through);
	bdev_test_file(host_write_error_reported);
	bdev_test_file(file_cut_by_another_process_reads_zero);
	bdev_test(power_of_nothing_warns);
	return suite;
}
