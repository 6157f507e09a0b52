/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_CHECK_SUITES_H
#define PINPAGE_TESTS_CHECK_SUITES_H

#include "tests/support.h"

Suite *clean_suite(void);
Suite *fscon_suite(void);
Suite *ledger_suite(void);
Suite *scope_suite(void);
Suite *threads_suite(void);
Suite *verdict_suite(void);

#endif
