// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A depth-first search over all orders of two actors, written with nothing but
 * the public strategy interface: what an exhaustive search will need.
 */
#include "suites.h"

/* choices of the run so far: which of how many */
struct dfs {
	struct pinpage_run *run;
	size_t taken[64], of[64];
	size_t depth, planned;
	uint64_t lost, ok;
};

static void dfs_begin(struct pinpage_strategy *self, struct pinpage_run *run)
{
	struct dfs *dfs = self->priv;

	dfs->run = run;
	dfs->depth = 0;
}

/* a choice only at yield points and where somebody blocked or ended */
static size_t dfs_choose(struct pinpage_strategy *self,
			 const unsigned int *runnable, size_t nr, int running,
			 const struct pinpage_event *event)
{
	struct dfs *dfs = self->priv;
	size_t i;

	if (event && event->kind != PINPAGE_EV_YIELD) {
		for (i = 0; i < nr; i++)
			if ((int)runnable[i] == running)
				return i;
	}
	for (i = 0; i < nr; i++)
		ck_assert_int_ge(pinpage_run_actor(dfs->run, runnable[i]), 0);
	if (nr == 1)
		return 0;
	ck_assert_uint_lt(dfs->depth, 64);
	if (dfs->depth >= dfs->planned)
		dfs->taken[dfs->depth] = 0;
	dfs->of[dfs->depth] = nr;
	return dfs->taken[dfs->depth++];
}

static bool dfs_end(struct pinpage_strategy *self,
		    const struct pinpage_outcome *outcome)
{
	struct dfs *dfs = self->priv;

	dfs->lost += outcome->cell == PINPAGE_CELL_LOST;
	dfs->ok += outcome->cell == PINPAGE_CELL_OK;
	while (dfs->depth &&
	       dfs->taken[dfs->depth - 1] + 1 == dfs->of[dfs->depth - 1])
		dfs->depth--;
	if (!dfs->depth)
		return false;
	dfs->taken[dfs->depth - 1]++;
	dfs->planned = dfs->depth;
	return true;
}

static void search(const struct pinpage_scenario *scenario, size_t contract,
		   struct dfs *dfs, struct pinpage_outcome *worst,
		   uint64_t *runs)
{
	struct pinpage_strategy strategy = {
		.begin = dfs_begin, .choose = dfs_choose, .end = dfs_end,
		.priv = dfs,
	};

	memset(dfs, 0, sizeof(*dfs));
	ck_assert_int_eq(pinpage_explore_strategy(scenario, contract, NULL,
						  &strategy, worst, runs), 0);
}

START_TEST(dfs_finds_every_order)
{
	struct pinpage_outcome worst, again;
	struct dfs dfs;
	uint64_t runs;

	search(&race, 0, &dfs, &worst, &runs);
	/* three segments each: 6 over 3 orders; ok if one is past "middle" */
	ck_assert_uint_eq(runs, 20);
	ck_assert_uint_eq(dfs.ok, 8);
	ck_assert_uint_eq(dfs.lost, 12);
	ck_assert_int_eq(worst.cell, PINPAGE_CELL_LOST);
	ck_assert_str_eq(worst.schedule, "search");
	ck_assert_int_eq(pinpage_explore_replay(&race, worst.replay, false,
						&again), 0);
	ck_assert_int_eq(again.cell, PINPAGE_CELL_LOST);
	pinpage_outcome_free(&worst);
	pinpage_outcome_free(&again);
}
END_TEST

START_TEST(dfs_proves_the_careful_one)
{
	struct pinpage_outcome worst;
	struct dfs dfs;
	uint64_t runs;

	search(&race, 1, &dfs, &worst, &runs);
	ck_assert_int_eq(worst.cell, PINPAGE_CELL_OK);
	ck_assert_uint_eq(dfs.ok, runs);
	pinpage_outcome_free(&worst);
}
END_TEST

static size_t out_of_range(struct pinpage_strategy *self,
			   const unsigned int *runnable, size_t nr, int running,
			   const struct pinpage_event *event)
{
	(void)self;
	(void)runnable;
	(void)running;
	(void)event;
	return nr;
}

START_TEST(choice_out_of_range_in_order)
{
	struct pinpage_strategy strategy = { .choose = out_of_range };
	struct pinpage_outcome worst;
	uint64_t runs;

	ck_assert_int_eq(pinpage_explore_strategy(&race, 0, NULL, &strategy,
						  &worst, &runs), 0);
	ck_assert_uint_eq(runs, 1);
	ck_assert_int_eq(worst.cell, PINPAGE_CELL_OK);
	pinpage_outcome_free(&worst);
}
END_TEST

START_TEST(no_choose_einval)
{
	struct pinpage_strategy strategy = { .begin = dfs_begin };
	struct pinpage_outcome worst;

	ck_assert_int_eq(pinpage_explore_strategy(&race, 0, NULL, &strategy,
						  &worst, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_explore_strategy(&race, 0, NULL, NULL,
						  &worst, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_explore_strategy(&race, 0, NULL, &strategy,
						  NULL, NULL), -EINVAL);
}
END_TEST

Suite *strategy_suite(void)
{
	Suite *s = suite_create("strategy");

	add_test(s, dfs_finds_every_order);
	add_test(s, dfs_proves_the_careful_one);
	add_test(s, choice_out_of_range_in_order);
	add_test(s, no_choose_einval);
	return s;
}
