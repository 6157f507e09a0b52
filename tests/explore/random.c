// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#define CELLS (PINPAGE_CELL_HANG + 1)

START_TEST(same_seed_same_histogram)
{
	uint64_t a[CELLS], b[CELLS];
	struct pinpage_outcome worst_a, worst_b;

	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 42, 500, a,
						&worst_a), 0);
	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 42, 500, b,
						&worst_b), 0);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_str_eq(worst_a.replay, worst_b.replay);
	ck_assert_str_eq(worst_a.schedule, "random");
	ck_assert_uint_gt(a[PINPAGE_CELL_LOST], 0);
	ck_assert_uint_gt(a[PINPAGE_CELL_OK], 0);
	ck_assert_uint_eq(a[PINPAGE_CELL_LOST] + a[PINPAGE_CELL_OK], 500);
	pinpage_outcome_free(&worst_a);
	pinpage_outcome_free(&worst_b);
}
END_TEST

START_TEST(other_seed_other_runs)
{
	uint64_t a[CELLS], b[CELLS];

	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 1, 500, a,
						NULL), 0);
	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 2, 500, b,
						NULL), 0);
	ck_assert(memcmp(a, b, sizeof(a)));
}
END_TEST

START_TEST(worst_of_random_replays)
{
	struct pinpage_outcome worst, again;

	ck_assert_int_eq(pinpage_explore_random(&abba, 0, NULL, 7, 300, NULL,
						&worst), 0);
	ck_assert_int_eq(worst.cell, PINPAGE_CELL_HANG);
	ck_assert_int_eq(pinpage_explore_replay(&abba, worst.replay, false,
						&again), 0);
	ck_assert_int_eq(again.cell, PINPAGE_CELL_HANG);
	ck_assert_uint_eq(again.events, worst.events);
	pinpage_outcome_free(&worst);
	pinpage_outcome_free(&again);
}
END_TEST

START_TEST(careful_never_loses)
{
	uint64_t h[CELLS];

	ck_assert_int_eq(pinpage_explore_random(&race, 1, NULL, 3, 1000, h,
						NULL), 0);
	ck_assert_uint_eq(h[PINPAGE_CELL_OK], 1000);
}
END_TEST

static uint64_t lost_in(enum pp_random_mode mode, unsigned int preemptions)
{
	uint64_t h[CELLS] = { 0 };
	struct pinpage_outcome worst;
	struct pp_random random;
	uint64_t runs;

	pp_random_init(&random, 5, 400, mode, preemptions, h);
	ck_assert_int_eq(pinpage_explore_strategy(&race, 0, NULL,
						  &random.strategy, &worst,
						  &runs), 0);
	ck_assert_uint_eq(runs, 400);
	pinpage_outcome_free(&worst);
	return h[PINPAGE_CELL_LOST];
}

START_TEST(both_modes_find_it)
{
	ck_assert_uint_gt(lost_in(PP_RANDOM_ANY, 0), 0);
	ck_assert_uint_gt(lost_in(PP_RANDOM_BOUNDED, 1), 0);
	ck_assert_uint_gt(lost_in(PP_RANDOM_BOUNDED, 99), 0);
}
END_TEST

START_TEST(no_runs_einval)
{
	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 1, 0, NULL,
						NULL), -EINVAL);
	ck_assert_int_eq(pinpage_explore_random(NULL, 0, NULL, 1, 1, NULL,
						NULL), -EINVAL);
}
END_TEST

START_TEST(a_hundred_thousand_runs_leak_nothing)
{
	uint64_t runs = 20000, h[CELLS];

	/* under a sanitizer a run costs twenty times as much */
#if defined(PP_ASAN) || defined(PP_TSAN)
	runs = 1000;
#endif
	ck_assert_int_eq(pinpage_explore_random(&race, 0, NULL, 1, 4 * runs,
						h, NULL), 0);
	ck_assert_int_eq(pinpage_explore_random(&abba, 0, NULL, 1, runs, h,
						NULL), 0);
	ck_assert_uint_gt(h[PINPAGE_CELL_HANG], 0);
}
END_TEST

Suite *random_suite(void)
{
	Suite *s = suite_create("random");

	add_test(s, same_seed_same_histogram);
	add_test(s, other_seed_other_runs);
	add_test(s, worst_of_random_replays);
	add_test(s, careful_never_loses);
	add_test(s, both_modes_find_it);
	add_test(s, no_runs_einval);
	add_test(s, a_hundred_thousand_runs_leak_nothing);
	return s;
}
