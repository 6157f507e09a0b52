// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

/* W18 */
START_TEST(punch_orphans_and_zeroes)
{
	struct page *page;

	for (unsigned long i = 0; i < 3; i++)
		put_page_bytes(i, 'a');
	page = cached(1);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 1, 2 * PAGE_SIZE), 0);
	ck_assert_ptr_null(page->mapping);
	ck_assert_int_eq(page_ref_count(page), GUP_PIN_COUNTING_BIAS);
	pp_unpin(page, 1);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(*((char *)page_address(cached(0)) + 1), 0);
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_int_eq(get_first_byte(2), 0);
	ck_assert_int_eq(*((char *)page_address(cached(2)) + 1), 'a');
	ck_assert_int_eq(disk->data[1], 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 3 * PAGE_SIZE);
}
END_TEST

START_TEST(punch_inside_one_page)
{
	char got[3];

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 10, 1), 0);
	ck_assert_int_eq(pinpage_pread(file, got, 3, 9), 3);
	ck_assert_int_eq(got[0], 'a');
	ck_assert_int_eq(got[1], 0);
	ck_assert_int_eq(got[2], 'a');
}
END_TEST

START_TEST(zero_range_extends_unless_keep_size)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_ZERO_RANGE |
					   FALLOC_FL_KEEP_SIZE, 0, 8192), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 4096);
	ck_assert_int_eq(get_first_byte(0), 0);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_ZERO_RANGE, 0,
					   8192), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 8192);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_KEEP_SIZE, 0,
					   16384), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 8192);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 16384), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 16384);
}
END_TEST

START_TEST(punch_write_error_keeps_cache)
{
	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), -EIO);
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(bad_arguments_refused)
{
	struct file *ro = pinpage_filp_open(sb, "f", O_RDONLY, 0);

	ck_assert_int_eq(pinpage_fallocate(file, 0, -1, 1), -EINVAL);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(pinpage_fallocate(NULL, 0, 0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE, 0, 1),
			 -EOPNOTSUPP);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH | FALLOC_FL_ZERO_RANGE,
					   0, 1), -EOPNOTSUPP);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_COLLAPSE_RANGE, 0,
					   1), -EOPNOTSUPP);
	ck_assert_int_eq(pinpage_fallocate(ro, 0, 0, 1), -EBADF);
	ck_assert_int_eq(pinpage_fallocate(file, 0, INT64_MAX, 1), -EFBIG);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 1 << 30), -ENOSPC);
	pinpage_filp_close(ro);
}
END_TEST

Suite *fallocate_suite(void)
{
	Suite *s = suite_create("fallocate");

	mem_test(s, punch_orphans_and_zeroes);
	mem_test(s, punch_inside_one_page);
	mem_test(s, zero_range_extends_unless_keep_size);
	mem_test(s, punch_write_error_keeps_cache);
	mem_test(s, bad_arguments_refused);
	return s;
}
