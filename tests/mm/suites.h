/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_MM_SUITES_H
#define PINPAGE_TESTS_MM_SUITES_H

#include <check.h>

Suite *collapse_suite(void);
Suite *collapse_file_suite(void);
Suite *fault_suite(void);
Suite *fidelity_suite(void);
Suite *file_suite(void);
Suite *fork_suite(void);
Suite *huge_suite(void);
Suite *huge_file_suite(void);
Suite *huge_file_stress_suite(void);
Suite *hugetlb_suite(void);
Suite *hugetlb_move_suite(void);
Suite *hugezero_suite(void);
Suite *hwpoison_suite(void);
Suite *interval_suite(void);
Suite *ksm_suite(void);
Suite *ksm_move_suite(void);
Suite *khugepaged_suite(void);
Suite *kswapd_suite(void);
Suite *lazyfree_suite(void);
Suite *madvise_suite(void);
Suite *memfd_suite(void);
Suite *migrate_suite(void);
Suite *migrate_huge_suite(void);
Suite *misuse_suite(void);
Suite *mm_suite(void);
Suite *mlock_suite(void);
Suite *mmap_suite(void);
Suite *mprotect_suite(void);
Suite *mremap_suite(void);
Suite *nomem_suite(void);
Suite *nonpresent_suite(void);
Suite *notifier_suite(void);
Suite *numa_suite(void);
Suite *offline_suite(void);
Suite *reclaim_suite(void);
Suite *reclaim_huge_suite(void);
Suite *split_suite(void);
Suite *scanner_suite(void);
Suite *softdirty_suite(void);
Suite *stress_suite(void);
Suite *swap_suite(void);
Suite *swap_shared_suite(void);
Suite *swap_stress_suite(void);
Suite *uaccess_suite(void);
Suite *uffd_suite(void);
Suite *uffd_file_suite(void);
Suite *user_suite(void);
Suite *vmops_suite(void);

#endif
