// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The door for libFuzzer; FUZZ_RULES chooses the rules, "6.1" otherwise, and
 * FUZZ_SHORTAGE lets allocations fail.
 */
#include "fuzz.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *rules = getenv("FUZZ_RULES");
	const struct fuzz_setup setup = {
		.rules = rules ? rules : "6.1", .shortage = getenv("FUZZ_SHORTAGE") != NULL,
	};

	fuzz_one(&setup, data, size);
	return 0;
}
