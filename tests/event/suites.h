/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_TESTS_EVENT_SUITES_H
#define PP_TESTS_EVENT_SUITES_H

#include "../support.h"

Suite *event_suite(void);
Suite *stat_suite(void);
Suite *threads_suite(void);

#endif
