// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include "../support.h"

int main(void)
{
	return pp_test_main(
		add_pins_suite(),
		answered_suite(),
		args_suite(),
		counting_suite(),
		device_suite(),
		fidelity_suite(),
		files_suite(),
		gate_suite(),
		huge_file_suite(),
		huge_suite(),
		iov_iter_suite(),
		livelock_suite(),
		longterm_suite(),
		memfd_suite(),
		misuse_suite(),
		order_suite(),
		process_vm_suite(),
		race_suite(),
		race_huge_suite(),
		release_suite(),
		retry_suite(),
		sharing_suite(),
		stress_suite(),
		users_suite());
}
