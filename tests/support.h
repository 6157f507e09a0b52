/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_SUPPORT_H
#define PINPAGE_TESTS_SUPPORT_H

/*
 * support.h - what all test programs share
 *
 * A program is one suite a file, joined by a main():
 *
 *	int main(void)
 *	{
 *		return pp_test_main(list_suite(), xarray_suite());
 *	}
 *
 * Environment: CK_FORK=no runs all in one process, CK_VERBOSITY, CK_RUN_SUITE
 * and CK_RUN_CASE as in Check; PINPAGE_TEST_SEED repeats a stress test,
 * PINPAGE_TEST_SECONDS makes it longer (default: 1).
 */
#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

/* For a whole program that cannot run here: pp_test_skip("no io_uring"). */
#define PP_TEST_SKIP 77

static inline int pp_test_skip(const char *reason)
{
	printf("%s\n", reason);
	return PP_TEST_SKIP;
}

/*
 * The seed of this run: PINPAGE_TEST_SEED, or one from clock and process.
 * Every caller prints it, so that a failure can be repeated.
 */
static inline uint64_t pp_test_seed(void)
{
	const char *text = getenv("PINPAGE_TEST_SEED");
	struct timespec now;
	uint64_t seed;

	if (text && *text) {
		seed = strtoull(text, NULL, 0);
	} else {
		clock_gettime(CLOCK_MONOTONIC, &now);
		seed = (uint64_t)now.tv_nsec * 2654435761u ^
		       (uint64_t)getpid() << 32;
	}
	printf("PINPAGE_TEST_SEED=%llu\n", (unsigned long long)seed);
	fflush(stdout);
	return seed;
}

/* A step of splitmix64: all that a stress test needs of randomness. */
static inline uint64_t pp_test_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

/* How long a stress test runs: PINPAGE_TEST_SECONDS, or one second. */
static inline unsigned int pp_test_seconds(void)
{
	const char *text = getenv("PINPAGE_TEST_SECONDS");
	unsigned long n = text ? strtoul(text, NULL, 0) : 0;

	return n ? (unsigned int)n : 1;
}

/* One case of one test, the common shape: pp_test_add(suite, fn). */
#define pp_test_add(suite, fn) \
	pp_test_add_named(suite, #fn, fn)

static inline TCase *pp_test_add_named(Suite *suite, const char *name,
				       const TTest *fn)
{
	TCase *tc = tcase_create(name);

	tcase_add_test(tc, fn);
	suite_add_tcase(suite, tc);
	return tc;
}

/* Runs @suites, NULL at the end. Return: EXIT_SUCCESS or EXIT_FAILURE. */
static inline int pp_test_run(Suite **suites)
{
	SRunner *runner = srunner_create(*suites++);
	int failed;

	while (*suites)
		srunner_add_suite(runner, *suites++);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#define pp_test_main(...) pp_test_run((Suite *[]){ __VA_ARGS__, NULL })

#endif
