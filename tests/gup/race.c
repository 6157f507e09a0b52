// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The lock-free walk against fork and against unmapping, step by step: every
 * order that a random schedule finds under the deterministic engine.
 */
#include "suites.h"

#include "scenario.h"

#define RUNS 3000

static void forker(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	race->child = pinpage_fork_mm(race->mm);
}

static int swap_race_up(struct pinpage_run *run, void *state)
{
	struct pinpage_swap_options options = { .pages = 4 };
	int type = pinpage_swapon(&options);

	return type < 0 ? type : race_up(run, state);
}

static void swapper(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(race->mm);
	pinpage_madvise(race->addr, PAGE_SIZE, 21 /* MADV_PAGEOUT */);
	pinpage_use_mm(NULL);
}

static void unmapper(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(race->mm);
	pinpage_madvise(race->addr, PAGE_SIZE, MADV_DONTNEED);
	pinpage_use_mm(NULL);
}

/* the parent writes: its page must still be the one that was pinned */
static void same_page(struct pinpage_run *run, void *state)
{
	const struct race *race = state;

	race_same_page(run, race, race->addr);
}

/* reads first: a write alone may keep what a read has mapped read-only */
static void same_page_after_read(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	char byte;

	if (race->got == 1 && !pinpage_load(race->mm, race->addr, &byte, 1) && byte == 'a')
		same_page(run, state);
	else if (race->got == 1)
		pinpage_run_lost(run, "the byte is gone");
}

/* a page that was pinned is alive, whatever happened to its mapping */
static void alive(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	char byte;

	if (race->got != 1)
		return;
	byte = *(char *)page_address(race->page);
	/* the old page, or the fresh one when it was unmapped before */
	if (page_count(race->page) < 1024 || (byte != 'a' && byte))
		pinpage_run_lost(run, "a pinned page was freed");
}

static const struct pinpage_actor fork_actors[] = {
	{ .name = "pinner", .main = race_pinner },
	{ .name = "forker", .main = forker },
};
static const struct pinpage_actor unmap_actors[] = {
	{ .name = "pinner", .main = race_pinner },
	{ .name = "unmapper", .main = unmapper },
};
static const struct pinpage_actor swap_actors[] = {
	{ .name = "pinner", .main = race_pinner },
	{ .name = "swapper", .main = swapper },
};
static const struct pinpage_scenario swap_race = {
	.name = "swap-race", .title = "fast pin against swapping out",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = swap_actors, .nr_actors = 2,
	.state_size = sizeof(struct race),
	.setup = swap_race_up, .check = same_page_after_read, .teardown = race_down,
};
static const struct pinpage_scenario fork_race = {
	.name = "fork-race", .title = "fast pin against fork",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = fork_actors, .nr_actors = 2,
	.state_size = sizeof(struct race),
	.setup = race_up, .check = same_page, .teardown = race_down,
};
static const struct pinpage_scenario unmap_race = {
	.name = "unmap-race", .title = "fast pin against unmapping",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = unmap_actors, .nr_actors = 2,
	.state_size = sizeof(struct race),
	.setup = race_up, .check = alive, .teardown = race_down,
};

/* 5.9 copied pinned pages; 5.11 closed the race with the sequence */
START_TEST(fork_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&fork_race, "5.7,fork_pinned=copy,"
				  "cow_reuse=refcount", RUNS), PINPAGE_CELL_LOST);
	ck_assert_int_eq(worst_of(&fork_race, "5.7,fork_pinned=copy_seq,"
				  "cow_reuse=refcount", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&fork_race, "6.1", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&fork_race, "6.12", RUNS), PINPAGE_CELL_OK);
}
END_TEST

START_TEST(unmap_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&unmap_race, "5.7", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&unmap_race, "6.12", RUNS), PINPAGE_CELL_OK);
}
END_TEST

/*
 * 5.10 took a pinned page; since its fix one that is pinned just after reclaim
 * had looked; since 5.19 none
 */
START_TEST(swap_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&swap_race, "5.10,swap_refuses_pinned=0", RUNS),
			 PINPAGE_CELL_LOST);
	ck_assert_int_eq(worst_of(&swap_race, "5.10", RUNS), PINPAGE_CELL_LOST);
	ck_assert_int_eq(worst_of(&swap_race, "6.1", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&swap_race, "6.12", RUNS), PINPAGE_CELL_OK);
}
END_TEST

Suite *race_suite(void)
{
	Suite *suite = suite_create("race");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, fork_against_fast_pin);
	tcase_add_test(tc, unmap_against_fast_pin);
	tcase_add_test(tc, swap_against_fast_pin);
	suite_add_tcase(suite, tc);
	return suite;
}
