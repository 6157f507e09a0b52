// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/err.h"
#include "suites.h"

START_TEST(errno_survives_the_pointer)
{
	void *p = ERR_PTR(-ENOMEM);

	ck_assert(IS_ERR(p));
	ck_assert(IS_ERR_OR_NULL(p));
	ck_assert_int_eq(PTR_ERR(p), -ENOMEM);
	ck_assert_int_eq(PTR_ERR_OR_ZERO(p), -ENOMEM);
	ck_assert_ptr_eq(ERR_CAST(p), p);
}
END_TEST

START_TEST(only_the_last_page_is_an_error)
{
	int x = 0;

	ck_assert(!IS_ERR(&x));
	ck_assert(!IS_ERR(NULL));
	ck_assert(IS_ERR_OR_NULL(NULL));
	ck_assert(IS_ERR(ERR_PTR(-MAX_ERRNO)));
	ck_assert(!IS_ERR(ERR_PTR(-MAX_ERRNO - 1)));
	ck_assert_int_eq(PTR_ERR_OR_ZERO(&x), 0);
}
END_TEST

Suite *err_suite(void)
{
	Suite *s = suite_create("base/err");

	pp_test_add(s, errno_survives_the_pointer);
	pp_test_add(s, only_the_last_page_is_an_error);
	return s;
}
