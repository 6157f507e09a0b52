// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

int main(void)
{
	return pp_test_main(
		atomic_suite(),
		bitops_suite(),
		list_suite(),
		interval_suite(),
		err_suite(),
		bug_suite(),
		alloc_suite(),
		xarray_suite(),
		xarray_readers_suite(),
		stack_suite());
}
