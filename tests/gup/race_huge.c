// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The lock-free walk against what takes huge pages apart and puts them
 * together, step by step, in orders that a random schedule finds.
 */
#include "suites.h"

#include "scenario.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif
#define HUGE_NR 512UL
#define HUGE_SIZE (HUGE_NR * PAGE_SIZE)
#define RUNS 1000
#define MOVE_RUNS 250		/* each copies 2 MiB */
#define SUB 3UL			/* the page that is pinned */

static int thp_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	int err = race_map(race, HUGE_SIZE, 0);

	(void)run;
	if (!err)
		err = pinpage_madvise(race->addr, HUGE_SIZE, MADV_HUGEPAGE);
	return err ? err : pinpage_store(race->mm, race->addr + SUB * PAGE_SIZE, "a", 1);
}

static int hugetlb_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	int err = race_map(race, HUGE_SIZE, MAP_HUGETLB);

	(void)run;
	return err ? err : pinpage_store(race->mm, race->addr, "a", 1);
}

static void pinner(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(race->mm);
	race->got = pin_user_pages_fast_only(race->addr + SUB * PAGE_SIZE, 1, FOLL_WRITE,
					     &race->page);
	pinpage_use_mm(NULL);
}

static void splitter(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	struct page *page;

	(void)run;
	page = pinpage_peek_page(race->mm, race->addr, NULL);
	get_page(page);
	lock_page(page);
	race->err = split_huge_page(page);
	unlock_page(page);
	put_page(page);
}

/* what the device has is what the process has, and the counts say so */
static void same_page(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	unsigned long at = race->addr + SUB * PAGE_SIZE;

	if (pinpage_store(race->mm, at, "b", 1)) {
		pinpage_run_lost(run, "the process lost its memory");
		return;
	}
	if (race->got != 1)
		return;
	if (*(char *)page_address(race->page) != 'b')
		pinpage_run_lost(run, "device and process use two pages");
	else if (!page_maybe_dma_pinned(race->page))
		pinpage_run_lost(run, "the pin is not counted");
}

/* 2 MiB of small pages, those around the pinned one written */
static int small_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	int err = race_map(race, HUGE_SIZE, 0);
	unsigned long i;

	(void)run;
	for (i = 0; !err && i < 2 * SUB; i++)
		err = pinpage_store(race->mm, race->addr + i * PAGE_SIZE, "a", 1);
	return err;
}

static void collapser(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(race->mm);
	race->err = pinpage_madvise(race->addr, HUGE_SIZE, MADV_COLLAPSE);
	pinpage_use_mm(NULL);
}

/* the frames of the folio are wanted: it moves, its leaf is an entry meanwhile */
static void mover(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	unsigned long pfn = page_to_pfn(pinpage_peek_page(race->mm, race->addr, NULL));

	(void)run;
	race->err = pinpage_alloc_contig_range(pfn, pfn + 8);
	if (!race->err)
		pinpage_free_contig_range(pfn, 8);
}

/* faults, and keeps writing where it finds the memory */
static void writer(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	if (pinpage_store(race->mm, race->addr, "w", 1))
		pinpage_run_lost(run, "a store failed");
}

/* As same_page(), except: and the folio is whole, mapped by a leaf. */
static void same_folio(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	unsigned int flags;
	char byte;

	if (pinpage_load(race->mm, race->addr, &byte, 1) || byte != 'w')
		pinpage_run_lost(run, "a moved folio lost a store");
	if (!pinpage_peek_page(race->mm, race->addr, &flags) ||
	    !(flags & PINPAGE_PTE_HUGE))
		pinpage_run_lost(run, "the leaf did not come back");
	same_page(run, state);
}

static const struct pinpage_contract contract = {
	.name = "pin", .title = "pin", .needs = "pin_user_pages_fast_only",
	.instead = "pin_user_pages_fast_only",
};
static const struct pinpage_actor split_actors[] = {
	{ .name = "splitter", .main = splitter },
	{ .name = "pinner", .main = pinner },
};
static const struct pinpage_scenario split_race = {
	.name = "split-race", .title = "fast pin against folio split",
	.contracts = &contract, .nr_contracts = 1,
	.actors = split_actors, .nr_actors = 2,
	.state_size = sizeof(struct race), .memory_pages = 4096,
	.setup = thp_up, .check = same_page, .teardown = race_down,
};

static const struct pinpage_actor collapse_actors[] = {
	{ .name = "collapser", .main = collapser },
	{ .name = "pinner", .main = pinner },
};
static const struct pinpage_scenario collapse_race = {
	.name = "collapse-race", .title = "fast pin against collapse",
	.contracts = &contract, .nr_contracts = 1,
	.actors = collapse_actors, .nr_actors = 2,
	.state_size = sizeof(struct race), .memory_pages = 4096,
	.setup = small_up, .check = same_page, .teardown = race_down,
};

static const struct pinpage_actor move_actors[] = {
	{ .name = "mover", .main = mover },
	{ .name = "pinner", .main = pinner },
	{ .name = "writer", .main = writer },
};
static const struct pinpage_scenario move_race = {
	.name = "move-race", .title = "fast pin against migration",
	.contracts = &contract, .nr_contracts = 1,
	.actors = move_actors, .nr_actors = 3,
	.state_size = sizeof(struct race), .memory_pages = 4096,
	.setup = thp_up, .check = same_folio, .teardown = race_down,
};

static const struct pinpage_scenario hugetlb_race = {
	.name = "hugetlb-race", .title = "fast pin against migration of hugetlb",
	.contracts = &contract, .nr_contracts = 1,
	.actors = move_actors, .nr_actors = 3,
	.state_size = sizeof(struct race), .memory_pages = 4096, .hugepages = 2,
	.setup = hugetlb_up, .check = same_folio, .teardown = race_down,
};

START_TEST(split_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&split_race, "6.1", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&split_race, "5.10", RUNS), PINPAGE_CELL_OK);
}
END_TEST

/* 6.1 reads the PMD entry again; without that the walk keeps the old page */
START_TEST(collapse_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&collapse_race, "6.1", RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&collapse_race, "6.12,has_pin_fast_only=1", RUNS),
			 PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&collapse_race, "6.1,recheck_pmd=0", RUNS), PINPAGE_CELL_LOST);
}
END_TEST

START_TEST(migrate_against_fast_pin_of_a_leaf)
{
	ck_assert_int_eq(worst_of(&move_race, "5.10", MOVE_RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.1", MOVE_RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.12,has_pin_fast_only=1", MOVE_RUNS),
			 PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&hugetlb_race, "6.1", MOVE_RUNS), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&hugetlb_race, "5.10", MOVE_RUNS), PINPAGE_CELL_OK);
}
END_TEST

Suite *race_huge_suite(void)
{
	Suite *suite = suite_create("race_huge");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 240);
	tcase_add_test(tc, split_against_fast_pin);
	tcase_add_test(tc, collapse_against_fast_pin);
	tcase_add_test(tc, migrate_against_fast_pin_of_a_leaf);
	suite_add_tcase(suite, tc);
	return suite;
}
