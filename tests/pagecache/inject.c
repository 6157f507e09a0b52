// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

START_TEST(nth_io_fails_once)
{
	int error = 0;

	pinpage_inject_io(PINPAGE_IO_READ, 2, ENXIO, false);
	ck_assert(!pp_inject_io_error(PINPAGE_IO_READ, &error));
	ck_assert(!pp_inject_io_error(PINPAGE_IO_WRITE, &error));
	ck_assert(pp_inject_io_error(PINPAGE_IO_READ, &error));
	ck_assert_int_eq(error, ENXIO);
	ck_assert(!pp_inject_io_error(PINPAGE_IO_READ, &error));
}
END_TEST

START_TEST(sticky_fails_until_off)
{
	int error = 0;

	pinpage_inject_io(PINPAGE_IO_FLUSH, 1, EIO, true);
	ck_assert(pp_inject_io_error(PINPAGE_IO_FLUSH, &error));
	ck_assert(pp_inject_io_error(PINPAGE_IO_FLUSH, &error));
	pinpage_inject_io(PINPAGE_IO_FLUSH, 0, 0, false);
	ck_assert(!pp_inject_io_error(PINPAGE_IO_FLUSH, &error));
}
END_TEST

START_TEST(bad_kind_warns)
{
	pinpage_inject_io(77, 1, EIO, false);
	pinpage_inject_io(PINPAGE_IO_READ, 1, -EIO, false);
	ck_assert_uint_eq(pp_warn_count(), 2);
}
END_TEST

Suite *inject_suite(void)
{
	Suite *s = suite_create("inject");

	mem_test(s, nth_io_fails_once);
	mem_test(s, sticky_fails_until_off);
	mem_test(s, bad_kind_warns);
	return s;
}
