// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

int main(void)
{
	return pp_test_main(presets_suite(), switches_suite(), rules_suite());
}
