// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "../support.h"

int main(void)
{
	return pp_test_main(
		mm_suite(),
		mmap_suite(),
		fault_suite(),
		file_suite(),
		fidelity_suite(),
		mprotect_suite(),
		mremap_suite(),
		madvise_suite(),
		memfd_suite(),
		mlock_suite(),
		user_suite(),
		fork_suite(),
		huge_suite(),
		huge_file_suite(),
		hugetlb_suite(),
		hugetlb_move_suite(),
		hugezero_suite(),
		split_suite(),
		collapse_suite(),
		uaccess_suite(),
		nonpresent_suite(),
		notifier_suite(),
		interval_suite(),
		migrate_suite(),
		migrate_huge_suite(),
		numa_suite(),
		offline_suite(),
		hwpoison_suite(),
		ksm_suite(),
		ksm_move_suite(),
		uffd_suite(),
		uffd_file_suite(),
		reclaim_suite(),
		reclaim_huge_suite(),
		swap_suite(),
		swap_shared_suite(),
		lazyfree_suite(),
		scanner_suite(),
		softdirty_suite(),
		khugepaged_suite(),
		kswapd_suite(),
		misuse_suite(),
		nomem_suite(),
		stress_suite(),
		swap_stress_suite());
}
