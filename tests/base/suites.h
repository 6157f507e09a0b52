/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_TESTS_BASE_SUITES_H
#define PP_TESTS_BASE_SUITES_H

#include "../support.h"

Suite *alloc_suite(void);
Suite *atomic_suite(void);
Suite *bitops_suite(void);
Suite *bug_suite(void);
Suite *err_suite(void);
Suite *interval_suite(void);
Suite *list_suite(void);
Suite *stack_suite(void);
Suite *xarray_suite(void);
Suite *xarray_readers_suite(void);

#endif
