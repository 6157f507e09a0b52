// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

int main(void)
{
	return pp_test_main(run_suite(), script_suite(), replay_suite(),
			    random_suite(), strategy_suite(), story_suite(),
			    matrix_suite(), cli_suite(), file_suite(),
			    placed_suite());
}
