/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_TESTS_RULES_SUITES_H
#define PP_TESTS_RULES_SUITES_H

#include "../support.h"

Suite *presets_suite(void);
Suite *rules_suite(void);
Suite *switches_suite(void);

#endif
