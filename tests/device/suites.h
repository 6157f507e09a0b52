/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_DEVICE_SUITES_H
#define PINPAGE_TESTS_DEVICE_SUITES_H

#include <check.h>

Suite *account_suite(void);
Suite *device_suite(void);
Suite *engine_suite(void);
Suite *map_suite(void);
Suite *sg_suite(void);

#endif
