// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

int main(void)
{
	return pp_test_main(
		alloc_suite(),
		buddy_suite(),
		isolate_suite(),
		lock_suite(),
		lru_suite(),
		page_suite(),
		pin_suite(),
		public_suite(),
		ref_suite(),
		stress_suite());
}
