// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "tests/support.h"

int main(void)
{
	return pp_test_main(
		account_suite(),
		device_suite(),
		engine_suite(),
		map_suite(),
		sg_suite());
}
