// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The lock-free walk against what takes huge pages apart and puts them
 * together, step by step, in orders that a random schedule finds.
 */
#include "suites.h"

#include "machine.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif
#define HUGE_NR 512UL
#define HUGE_SIZE (HUGE_NR * PAGE_SIZE)
#define RUNS 1000
#define SUB 3UL			/* the page that is pinned */

struct race {
	struct mm_struct *mm;
	unsigned long addr;
	struct page *page;
	int got, err;
};

static int race_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	long addr;

	(void)run;
	race->mm = pinpage_mm_alloc();
	if (!race->mm)
		return -ENOMEM;
	pinpage_use_mm(race->mm);
	addr = pinpage_mmap(0, HUGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	if (addr < 0)
		return (int)addr;
	race->addr = (unsigned long)addr;
	return 0;
}

static int thp_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	int err = race_up(run, state);

	if (!err)
		err = pinpage_madvise(race->addr, HUGE_SIZE, MADV_HUGEPAGE);
	return err ? err : pinpage_store(race->mm, race->addr + SUB * PAGE_SIZE, "a", 1);
}

static void race_down(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	if (race->got == 1)
		unpin_user_page(race->page);
	pinpage_use_mm(NULL);
	if (race->mm)
		mmput(race->mm);
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
	int err = race_up(run, state);
	unsigned long i;

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

static enum pinpage_cell worst_of(const struct pinpage_scenario *scenario,
				  const char *rules_text)
{
	uint64_t histogram[PINPAGE_CELL_HANG + 1];
	struct pinpage_outcome worst;
	struct pinpage_rules rules;
	enum pinpage_cell cell;

	ck_assert_int_eq(pinpage_rules_parse(&rules, rules_text), 0);
	ck_assert_int_eq(pinpage_explore_random(scenario, 0, &rules, 1, RUNS,
						histogram, &worst), 0);
	cell = worst.cell;
	pinpage_outcome_free(&worst);
	return cell;
}

START_TEST(split_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&split_race, "6.1"), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&split_race, "5.10"), PINPAGE_CELL_OK);
}
END_TEST

/* 6.1 reads the PMD entry again; without that the walk keeps the old page */
START_TEST(collapse_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&collapse_race, "6.1"), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&collapse_race, "6.12,has_pin_fast_only=1"), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&collapse_race, "6.1,recheck_pmd=0"), PINPAGE_CELL_LOST);
}
END_TEST

START_TEST(migrate_against_fast_pin_of_a_leaf)
{
	ck_assert_int_eq(worst_of(&move_race, "5.10"), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.1"), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.12,has_pin_fast_only=1"), PINPAGE_CELL_OK);
}
END_TEST

Suite *race_huge_suite(void)
{
	Suite *suite = suite_create("race_huge");
	TCase *tc = tcase_create("random");

	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, split_against_fast_pin);
	tcase_add_test(tc, collapse_against_fast_pin);
	tcase_add_test(tc, migrate_against_fast_pin_of_a_leaf);
	suite_add_tcase(suite, tc);
	return suite;
}
