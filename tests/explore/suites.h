/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_TESTS_EXPLORE_SUITES_H
#define PP_TESTS_EXPLORE_SUITES_H

#include <errno.h>
#include <string.h>

#include "../support.h"
#include "explore/explore.h"

Suite *cli_suite(void);
Suite *file_suite(void);
Suite *matrix_suite(void);
Suite *placed_suite(void);
Suite *random_suite(void);
Suite *replay_suite(void);
Suite *run_suite(void);
Suite *script_suite(void);
Suite *story_suite(void);
Suite *strategy_suite(void);

/*
 * Scenarios of the tests, all with the actors "left" and "right" unless said:
 * race     each reads a counter, passes "middle" and writes it back plus one;
 *          contract "careful" holds a mutex meanwhile
 * abba     two mutexes in opposite order, a point "first" between
 * trap     right stops in pp_bug() at once; left holds a mutex that right's
 *          death leaves alone
 * needs    contract "pin" needs pin_user_pages, contract "get" nothing
 * endless  left never ends; max_events 1000
 * spin     left offers the CPU until right has set the flag; max_events 1000
 * daemon   left ends at once; "right" is a daemon
 * file     left: a device's write through a page of a file; right: write-back;
 *          then the cache is dropped. Contracts "put_page", "pin" and
 *          "put_user_page", whose right reclaims and writes back again
 */
extern const struct pinpage_scenario race, abba, trap, needs, endless, spin,
	daemon_, file_;

/* fixtures: what a test allocated is given back, no warning, no machine */
void no_leak_setup(void);
void no_leak_teardown(void);

/* a case of one test under the fixture */
static inline void add_checked(Suite *suite, const char *name,
			       const TTest *fn)
{
	TCase *tc = pp_test_add_named(suite, name, fn);

	tcase_add_checked_fixture(tc, no_leak_setup, no_leak_teardown);
}
#define add_test(suite, fn) add_checked(suite, #fn, fn)

/* pinpage_explore_run() that must succeed: its cell */
enum pinpage_cell cell_of(const struct pinpage_scenario *scenario,
			  size_t contract, const char *rules,
			  const char *schedule);

#endif
