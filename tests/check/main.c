// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

int main(void)
{
	return pp_test_main(ledger_suite(), scope_suite(), clean_suite(),
			    fscon_suite(), verdict_suite(), threads_suite());
}
