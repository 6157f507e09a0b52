// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * main.c - random inputs from a seed, for "make check"
 *
 * A failure prints the seed of its input: PINPAGE_TEST_SEED with that value
 * repeats it as the first one.
 */
#include "fuzz.h"

#include "../support.h"

#include <signal.h>

#define INPUT 600

static const struct fuzz_setup setups[] = {
	/* 5.19 itself strips pinned pages and loses what devices wrote */
	{ "5.19,reclaim_keeps_private=1", 0, 0 },
	{ "6.1", 0, 0 }, { "6.1", 1, 0 }, { "6.12", 0, 0 }, { "7.3", 1, 0 },
	{ "6.1", 0, 1 }, { "6.12", 1, 1 }, { "7.3", 0, 1 },
};

static uint64_t seed_now;

static void tell(int sig)
{
	fprintf(stderr, "fuzz: PINPAGE_TEST_SEED=%llu\n", (unsigned long long)seed_now);
	signal(sig, SIG_DFL);
	raise(sig);
}

static uint64_t ms_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

START_TEST(machine_agrees_with_byte_arrays)
{
	uint64_t end = ms_now() + 1000 * pp_test_seconds() / 2, state;
	uint8_t input[INPUT];
	unsigned int i;

	seed_now = pp_test_seed();
	signal(SIGABRT, tell);
	signal(SIGSEGV, tell);
	do {
		state = seed_now;
		for (i = 0; i < INPUT; i++)
			input[i] = (uint8_t)pp_test_random(&state);
		fuzz_one(&setups[_i], input, INPUT);
		seed_now = state;
	} while (ms_now() < end);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fuzz");
	TCase *tc = tcase_create("seeded");

	tcase_set_timeout(tc, pp_test_seconds() + 60);
	tcase_add_loop_test(tc, machine_agrees_with_byte_arrays, 0,
			    sizeof(setups) / sizeof(setups[0]));
	suite_add_tcase(s, tc);
	return pp_test_main(s);
}
