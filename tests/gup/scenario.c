// SPDX-License-Identifier: LGPL-2.1-or-later
#include "scenario.h"

const struct pinpage_contract race_contract = {
	.name = "pin", .title = "pin", .needs = "pin_user_pages_fast",
	.instead = "pin_user_pages_fast",
};

int race_map(struct race *race, unsigned long len, int flags)
{
	long addr;

	race->mm = pinpage_mm_alloc();
	if (!race->mm)
		return -ENOMEM;
	pinpage_use_mm(race->mm);
	addr = pinpage_mmap(0, len, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | flags, NULL, 0);
	if (addr < 0)
		return (int)addr;
	race->addr = (unsigned long)addr;
	return 0;
}

int race_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	int err = race_map(race, PAGE_SIZE, 0);

	(void)run;
	return err ? err : pinpage_store(race->mm, race->addr, "a", 1);
}

void race_down(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	if (race->got == 1)
		unpin_user_page(race->page);
	pinpage_use_mm(NULL);
	if (race->child)
		mmput(race->child);
	if (race->mm)
		mmput(race->mm);
}

void race_pinner(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(race->mm);
	race->got = pin_user_pages_fast(race->addr, 1, FOLL_WRITE, &race->page);
	pinpage_use_mm(NULL);
}

void race_same_page(struct pinpage_run *run, const struct race *race, unsigned long addr)
{
	if (race->got != 1 || pinpage_store(race->mm, addr, "b", 1))
		return;
	if (*(char *)page_address(race->page) != 'b')
		pinpage_run_lost(run, "device and process use two pages");
}

enum pinpage_cell worst_of(const struct pinpage_scenario *scenario, const char *text,
			   uint64_t runs)
{
	uint64_t histogram[PINPAGE_CELL_HANG + 1];
	struct pinpage_outcome worst;
	struct pinpage_rules rules;
	enum pinpage_cell cell;

	ck_assert_int_eq(pinpage_rules_parse(&rules, text), 0);
	ck_assert_int_eq(pinpage_explore_random(scenario, 0, &rules, 1, runs,
						histogram, &worst), 0);
	cell = worst.cell;
	pinpage_outcome_free(&worst);
	return cell;
}
