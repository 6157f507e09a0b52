// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * blkfs_crash.c - what a power cut leaves, and the log
 */
#include <stdio.h>

#include "blkfs_support.h"

START_TEST(cut_before_fsync_loses_file)
{
	put_page_bytes(0, 'a');
	blk_crash();
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -ENOENT);
}
END_TEST

START_TEST(cut_after_fsync_keeps_file)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_pwrite(file, "b", 1, 3 * PAGE_SIZE), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	blk_crash();
	blk_open();
	ck_assert_int_eq(pinpage_i_size_read(file), 3 * PAGE_SIZE + 1);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_int_eq(get_first_byte(3), 'b');
}
END_TEST

START_TEST(cut_after_writeback_without_fsync_loses)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	put_page_bytes(0, 'b');
	ck_assert_int_eq(pinpage_filemap_write_and_wait(mapping), 0);
	ck_assert_int_eq(durable_byte(0), 'a');
	blk_crash();
	blk_open();
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(power_off_io_fails)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	put_page_bytes(0, 'b');
	pinpage_bdev_power_cut(dev);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(durable_byte(0), 'a');
	blk_crash();
	blk_open();
}
END_TEST

START_TEST(durable_read_of_uncommitted_enoent)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(durable_byte(0), -ENOENT);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(durable_byte(0), 'a');
	ck_assert_int_eq(durable_byte(1), -ENODATA);
}
END_TEST

START_TEST(unlink_needs_commit)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	blk_close();
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -ENOENT);
	blk_crash();
	blk_open();
	ck_assert_int_eq(get_first_byte(0), 'a');
	blk_close();
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_eq(pinpage_umount(sb), 0);
	blk_mount(false);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -ENOENT);
}
END_TEST

/* A block that left one file is not another's before a commit said so. */
START_TEST(freed_block_not_reused_before_commit)
{
	struct file *g;
	char buf[PAGE_SIZE];

	for (unsigned long i = 0; i < 40; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	g = pinpage_filp_open(sb, "g", O_RDWR | O_CREAT, 0600);
	memset(buf, 'g', sizeof(buf));
	for (int i = 0; i < 10; i++)
		ck_assert_int_eq(pinpage_pwrite(g, buf, PAGE_SIZE,
						i * PAGE_SIZE), PAGE_SIZE);
	ck_assert_int_eq(pinpage_filemap_write_and_wait(g->f_mapping), 0);
	pinpage_mutex_lock(pp_bdev_lock(dev));
	ck_assert_int_eq(pp_bdev_flush(dev), 0);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	pinpage_filp_close(g);
	blk_crash();
	blk_open();
	for (unsigned long i = 0; i < 40; i++)
		ck_assert_int_eq(get_first_byte(i), 'a');
}
END_TEST

/* More commits than an area holds: the log changes sides. */
START_TEST(many_commits_replayed)
{
	for (int i = 0; i < 300; i++) {
		put_page_bytes((unsigned long)i % 5, (char)i);
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
		if (i % 50 != 49)
			continue;
		blk_crash();
		blk_open();
		for (int j = 0; j < 5; j++)
			ck_assert_int_eq((char)get_first_byte((unsigned long)
				(i - j) % 5), (char)(i - j));
	}
}
END_TEST

static uint64_t find_magic(uint64_t magic, uint64_t seq_min, uint64_t *seq)
{
	uint64_t words[PAGE_SIZE / 8], found = 0;

	*seq = seq_min;
	for (uint64_t b = 1; b < 16; b++) {
		ck_assert_int_eq(pp_bdev_read(dev, b, words), 0);
		if (words[0] == magic && words[1] >= *seq) {
			*seq = words[1];
			found = b;
		}
	}
	return found;
}

/* A commit whose block is damaged does not count; the one before does. */
START_TEST(damaged_commit_ignored)
{
	uint64_t block, seq, words[PAGE_SIZE / 8];

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_pwrite(file, "b", 1, PAGE_SIZE), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_mutex_lock(pp_bdev_lock(dev));
	block = find_magic(0x70696e74786e6c67ULL, 0, &seq);
	ck_assert_uint_ne(block, 0);
	ck_assert_int_eq(pp_bdev_read(dev, block, words), 0);
	words[7] ^= 1;
	ck_assert_int_eq(pp_bdev_write(dev, block, words, PAGE_SIZE), 0);
	ck_assert_int_eq(pp_bdev_flush(dev), 0);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	blk_crash();
	blk_open();
	ck_assert_int_eq(pinpage_i_size_read(file), PAGE_SIZE);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(damaged_log_euclean)
{
	char buf[PAGE_SIZE] = { 0 };

	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	sb = NULL;
	pinpage_mutex_lock(pp_bdev_lock(dev));
	for (uint64_t b = 1; b < 8; b++)
		ck_assert_int_eq(pp_bdev_write(dev, b, buf, PAGE_SIZE), 0);
	pinpage_mutex_unlock(pp_bdev_lock(dev));
	options.format = false;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), -EUCLEAN);
	blk_mount(true);
}
END_TEST

START_TEST(format_forgets_old_log)
{
	for (int i = 0; i < 20; i++) {
		put_page_bytes(0, 'a');
		ck_assert_int_eq(pinpage_ftruncate(file, i), 0);
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	}
	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	blk_mount(true);
	blk_close();
	ck_assert_int_eq(pinpage_umount(sb), 0);
	blk_mount(false);
	blk_open();
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), 0);
}
END_TEST

/* Every allocation and every I/O of a small life fails once. */
static int small_life(void)
{
	char buf[PAGE_SIZE];
	int ret = 0;
	struct file *g = pinpage_filp_open(sb, "g", O_RDWR | O_CREAT, 0600);

	if (IS_ERR(g))
		return (int)PTR_ERR(g);
	memset(buf, 'g', sizeof(buf));
	for (int i = 0; i < 3 && ret >= 0; i++)
		ret = (int)pinpage_pwrite(g, buf, PAGE_SIZE, i * PAGE_SIZE);
	if (ret >= 0)
		ret = pinpage_fsync(g, 0);
	if (!ret)
		ret = pinpage_fallocate(g, 0, 0, 8 * PAGE_SIZE);
	if (!ret)
		ret = pinpage_ftruncate(g, PAGE_SIZE + 7);
	if (!ret)
		ret = pinpage_fsync(g, 0);
	pinpage_filp_close(g);
	if (!ret)
		ret = pinpage_unlink(sb, "g");
	return ret < 0 ? ret : 0;
}

START_TEST(every_allocation_fails_once)
{
	int ret = -ENOMEM;
	unsigned long nth;

	for (nth = 1; ret; nth++) {
		pp_inject_alloc(nth);
		ret = small_life();
		pp_inject_alloc(0);
		ck_assert(ret == 0 || ret == -ENOMEM);
		pinpage_unlink(sb, "g");
		if (!nth || nth > 500)
			break;
	}
	ck_assert_int_eq(ret, 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	blk_crash();
	blk_open();
}
END_TEST

START_TEST(every_io_fails_once)
{
	for (int kind = PINPAGE_IO_READ; kind <= PINPAGE_IO_FLUSH; kind++) {
		int ret = -EIO;

		for (unsigned long nth = 1; ret && nth < 100; nth++) {
			pinpage_inject_io(kind, nth, EIO, false);
			ret = small_life();
			pinpage_inject_io(kind, 0, 0, false);
			ck_assert(ret == 0 || ret == -EIO);
			pinpage_unlink(sb, "g");
		}
		ck_assert_int_eq(ret, 0);
	}
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	blk_crash();
	blk_open();
}
END_TEST

/* -- random operations against an array, with power cuts -- */

#define PAGES 12u

struct oracle {
	loff_pp size;
	unsigned char data[PAGES * PAGE_SIZE];
};

static struct oracle now, committed;

static void compare(void)
{
	static unsigned char got[PAGES * PAGE_SIZE];

	ck_assert_int_eq(pinpage_i_size_read(file), now.size);
	ck_assert_int_eq(pinpage_pread(file, got, sizeof(got), 0), now.size);
	ck_assert_mem_eq(got, now.data, (size_t)now.size);
}

static void op_write(uint64_t *r)
{
	size_t pos = pp_test_random(r) % sizeof(now.data);
	size_t len = pp_test_random(r) % (2 * PAGE_SIZE) + 1;

	if (len > sizeof(now.data) - pos)
		len = sizeof(now.data) - pos;
	memset(now.data + pos, (int)pp_test_random(r), len);
	if ((loff_pp)(pos + len) > now.size)
		now.size = (loff_pp)(pos + len);
	ck_assert_int_eq(pinpage_pwrite(file, now.data + pos, len,
					(loff_pp)pos), len);
}

static void op_truncate(uint64_t *r)
{
	loff_pp size = (loff_pp)(pp_test_random(r) % sizeof(now.data));

	ck_assert_int_eq(pinpage_ftruncate(file, size), 0);
	memset(now.data + size, 0, sizeof(now.data) - (size_t)size);
	now.size = size;
}

static void op_fallocate(uint64_t *r)
{
	static const int modes[] = {
		FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_ZERO_RANGE | FALLOC_FL_KEEP_SIZE,
		FALLOC_FL_KEEP_SIZE,
	};
	int mode = modes[pp_test_random(r) % 3];
	size_t pos = pp_test_random(r) % sizeof(now.data);
	size_t len = pp_test_random(r) % (3 * PAGE_SIZE) + 1;

	if (len > sizeof(now.data) - pos)
		len = sizeof(now.data) - pos;
	ck_assert_int_eq(pinpage_fallocate(file, mode, (loff_pp)pos,
					   (loff_pp)len), 0);
	if (mode != FALLOC_FL_KEEP_SIZE)
		memset(now.data + pos, 0, len);
}

static void op_crash(void)
{
	blk_crash();
	blk_open();
	now = committed;
	compare();
}

static void one_op(uint64_t *r)
{
	switch (pp_test_random(r) % 12) {
	case 0:
		op_truncate(r);
		break;
	case 1:
		op_fallocate(r);
		break;
	case 2:
	case 3:
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
		committed = now;
		break;
	case 4:
		op_crash();
		break;
	case 5:
		pinpage_drop_caches();
		break;
	case 6:
		pinpage_filemap_flush(mapping);
		break;
	default:
		op_write(r);
	}
}

/* Room enough that nothing but fsync commits. */
static void random_operations(void)
{
	uint64_t r = pp_test_seed();

	memset(&now, 0, sizeof(now));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	committed = now;
	for (int i = 0; i < 3000; i++) {
		one_op(&r);
		if (i % 20 == 0)
			compare();
	}
	compare();
}

START_TEST(random_in_place_matches_oracle)
{
	random_operations();
}
END_TEST

START_TEST(random_cow_matches_oracle)
{
	random_operations();
}
END_TEST

static void up_big(void)
{
	memset(&options, 0, sizeof(options));
	options.checksums = true;
	blk_start(100000, "6.1");
}

static void up_big_cow(void)
{
	memset(&options, 0, sizeof(options));
	options.cow = options.checksums = true;
	blk_start(100000, "6.1");
}

void blkfs_crash_cases(Suite *suite)
{
	blk_test(suite, cut_before_fsync_loses_file);
	blk_test(suite, cut_after_fsync_keeps_file);
	blk_test(suite, cut_after_writeback_without_fsync_loses);
	blk_test(suite, power_off_io_fails);
	blk_test(suite, durable_read_of_uncommitted_enoent);
	blk_test(suite, unlink_needs_commit);
	blk_test(suite, freed_block_not_reused_before_commit);
	blk_test_up(suite, many_commits_replayed, blk_up_cow);
	blk_test(suite, damaged_commit_ignored);
	blk_test(suite, damaged_log_euclean);
	blk_test(suite, format_forgets_old_log);
	blk_test(suite, every_allocation_fails_once);
	blk_test(suite, every_io_fails_once);
	blk_test_up(suite, random_in_place_matches_oracle, up_big);
	blk_test_up(suite, random_cow_matches_oracle, up_big_cow);
}
