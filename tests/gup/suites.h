/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_GUP_SUITES_H
#define PINPAGE_TESTS_GUP_SUITES_H

#include <check.h>

Suite *add_pins_suite(void);
Suite *answered_suite(void);
Suite *args_suite(void);
Suite *counting_suite(void);
Suite *device_suite(void);
Suite *fidelity_suite(void);
Suite *files_suite(void);
Suite *gate_suite(void);
Suite *huge_file_suite(void);
Suite *huge_suite(void);
Suite *iov_iter_suite(void);
Suite *livelock_suite(void);
Suite *longterm_suite(void);
Suite *memfd_suite(void);
Suite *misuse_suite(void);
Suite *order_suite(void);
Suite *process_vm_suite(void);
Suite *race_suite(void);
Suite *race_huge_suite(void);
Suite *release_suite(void);
Suite *retry_suite(void);
Suite *sharing_suite(void);
Suite *stress_suite(void);
Suite *users_suite(void);

#endif
