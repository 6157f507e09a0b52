// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rw.c - read and write through the cache
 */
#include "suites.h"

START_TEST(write_is_read_back)
{
	char buf[3 * PAGE_SIZE], got[3 * PAGE_SIZE];

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i * 7);
	ck_assert_int_eq(pinpage_pwrite(file, buf, sizeof(buf), 1000),
			 sizeof(buf));
	ck_assert_int_eq(pinpage_i_size_read(file), 1000 + sizeof(buf));
	ck_assert_int_eq(pinpage_pread(file, got, sizeof(got), 1000),
			 sizeof(got));
	ck_assert_mem_eq(buf, got, sizeof(buf));
}
END_TEST

START_TEST(read_of_hole_zeros)
{
	char got[16];

	ck_assert_int_eq(pinpage_pwrite(file, "x", 1, 5 * PAGE_SIZE), 1);
	memset(got, 1, sizeof(got));
	ck_assert_int_eq(pinpage_pread(file, got, 16, 2 * PAGE_SIZE), 16);
	for (int i = 0; i < 16; i++)
		ck_assert_int_eq(got[i], 0);
}
END_TEST

START_TEST(read_at_eof_short)
{
	char got[64];

	ck_assert_int_eq(pinpage_pwrite(file, "hello", 5, 0), 5);
	ck_assert_int_eq(pinpage_pread(file, got, 64, 0), 5);
	ck_assert_int_eq(pinpage_pread(file, got, 64, 5), 0);
	ck_assert_int_eq(pinpage_pread(file, got, 64, 500), 0);
}
END_TEST

START_TEST(partial_write_keeps_stored_rest)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	ck_assert_ptr_null(cached(0));
	ck_assert_int_eq(pinpage_pwrite(file, "b", 1, 100), 1);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_uint_eq(disk->reads[0], 1);
}
END_TEST

START_TEST(append_ignores_position)
{
	struct file *f = pinpage_filp_open(sb, "f", O_WRONLY | O_APPEND, 0);
	char got[4];

	ck_assert_int_eq(pinpage_pwrite(file, "ab", 2, 0), 2);
	ck_assert_int_eq(pinpage_pwrite(f, "cd", 2, 0), 2);
	ck_assert_int_eq(pinpage_pread(file, got, 4, 0), 4);
	ck_assert_mem_eq(got, "abcd", 4);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(enospc_half_way_gives_bytes_done)
{
	char buf[4 * PAGE_SIZE] = { 0 };

	mem_quota = 2;
	ck_assert_int_eq(pinpage_pwrite(file, buf, sizeof(buf), 0),
			 2 * PAGE_SIZE);
	ck_assert_int_eq(pinpage_pwrite(file, buf, 1, 2 * PAGE_SIZE),
			 -ENOSPC);
	ck_assert_int_eq(pinpage_i_size_read(file), 2 * PAGE_SIZE);
}
END_TEST

START_TEST(eio_on_read_half_way_gives_bytes_done)
{
	char buf[2 * PAGE_SIZE];

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 2, EIO, false);
	ck_assert_int_eq(pinpage_pread(file, buf, sizeof(buf), 0), PAGE_SIZE);
	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_pread(file, buf, 1, 0), -EIO);
	ck_assert_int_eq(pinpage_pread(file, buf, 1, 0), 1);
}
END_TEST

START_TEST(enomem_in_turn_leaves_nothing)
{
	char buf[2 * PAGE_SIZE] = { 1 };
	unsigned long nth;

	for (nth = 1; nth < 40; nth++) {
		ssize_t ret;
		bool fired;

		pp_inject_alloc(nth);
		ret = pinpage_pwrite(file, buf, sizeof(buf), 0);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert(ret == sizeof(buf) || ret == PAGE_SIZE ||
			  ret == -ENOMEM);
		ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
		if (!fired)
			break;
	}
	ck_assert_uint_lt(nth, 40);
}
END_TEST

START_TEST(memory_full_enomem)
{
	struct page *held = NULL, *page;
	char byte = 1;

	while ((page = pp_alloc_page(PINPAGE_GFP_KERNEL))) {
		*(struct page **)page_address(page) = held;
		held = page;
	}
	ck_assert_int_eq(pinpage_pwrite(file, &byte, 1, 0), -ENOMEM);
	while (held) {
		page = *(struct page **)page_address(held);
		pp_unref(held);
		held = page;
	}
}
END_TEST

START_TEST(bad_arguments_refused)
{
	struct file *ro = pinpage_filp_open(sb, "f", O_RDONLY, 0);
	struct file *wo = pinpage_filp_open(sb, "f", O_WRONLY, 0);
	char c = 0;

	ck_assert_int_eq(pinpage_pwrite(ro, &c, 1, 0), -EBADF);
	ck_assert_int_eq(pinpage_pread(wo, &c, 1, 0), -EBADF);
	ck_assert_int_eq(pinpage_pread(NULL, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_pread(ERR_PTR(-EIO), &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_pread(file, &c, 1, -1), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, &c, 1, -1), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, &c, 2, INT64_MAX - 1), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, &c, 1, INT64_MAX - 1), -EFBIG);
	ck_assert_int_eq(pinpage_pread(file, NULL, 1, 0), -EFAULT);
	ck_assert_int_eq(pinpage_pwrite(file, NULL, 1, 0), -EFAULT);
	ck_assert_int_eq(pinpage_pwrite(file, NULL, 0, 0), 0);
	pinpage_filp_close(ro);
	pinpage_filp_close(wo);
}
END_TEST

START_TEST(killed_writer_eintr)
{
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_pwrite(file, "x", 1, 0), -EINTR);
}
END_TEST

START_TEST(kernel_rw_moves_position)
{
	loff_pp pos = 10;
	char got[3];

	ck_assert_int_eq(pinpage_kernel_write(file, "abc", 3, &pos), 3);
	ck_assert_int_eq(pos, 13);
	pos = 11;
	ck_assert_int_eq(pinpage_kernel_read(file, got, 3, &pos), 2);
	ck_assert_int_eq(pos, 13);
	ck_assert_int_eq(pinpage_kernel_write(file, "zz", 2, NULL), 2);
	ck_assert_int_eq(pinpage_kernel_write(file, "yy", 2, NULL), 2);
	ck_assert_int_eq(pinpage_pread(file, got, 3, 1), 3);
	ck_assert_mem_eq(got, "zyy", 3);
	ck_assert_int_eq(pinpage_kernel_read(file, got, 3, NULL), 3);
	ck_assert_mem_eq(got, (char[3]){ 0 }, 3);
	ck_assert_int_eq(pinpage_kernel_read(NULL, got, 1, &pos), -EINVAL);
	ck_assert_int_eq(pinpage_kernel_write(NULL, got, 1, &pos), -EINVAL);
}
END_TEST

START_TEST(osync_write_is_durable)
{
	struct file *f = pinpage_filp_open(sb, "f", O_RDWR | O_SYNC, 0);
	char c;

	ck_assert_int_eq(pinpage_pwrite(f, "q", 1, 0), 1);
	ck_assert_int_eq(pinpage_durable_read(f, &c, 1, 0), 1);
	ck_assert_int_eq(c, 'q');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_pwrite(f, "r", 1, 0), -EIO);
	pinpage_filp_close(f);
}
END_TEST

Suite *rw_suite(void)
{
	Suite *s = suite_create("rw");

	mem_test(s, write_is_read_back);
	mem_test(s, read_of_hole_zeros);
	mem_test(s, read_at_eof_short);
	mem_test(s, partial_write_keeps_stored_rest);
	mem_test(s, append_ignores_position);
	mem_test(s, enospc_half_way_gives_bytes_done);
	mem_test(s, eio_on_read_half_way_gives_bytes_done);
	mem_test(s, enomem_in_turn_leaves_nothing);
	mem_test(s, memory_full_enomem);
	mem_test(s, bad_arguments_refused);
	mem_test(s, killed_writer_eintr);
	mem_test(s, kernel_rw_moves_position);
	mem_test(s, osync_write_is_durable);
	return s;
}
