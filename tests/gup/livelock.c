// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bugs.md, longterm-loop-and-its-fix: a page that must not stay, and that nobody
 * can isolate because somebody else has. The walk repeats for ever; the fix of
 * 6.14 pins the page where it must not be; the revert repeats again.
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "gup/gup.h"

#include "scenario.h"
#include "suites.h"

struct loop {
	struct mm_struct *mm;
	struct page *isolated, *page;
	unsigned long addr;
	int got;
	bool put_back;			/* the other one comes to an end */
};

static int loop_up(struct pinpage_run *run, void *state, bool put_back)
{
	struct loop *loop = state;
	unsigned long pfn;
	long addr;

	(void)run;
	loop->put_back = put_back;
	loop->mm = pinpage_mm_alloc();
	if (!loop->mm)
		return -ENOMEM;
	pinpage_use_mm(loop->mm);
	addr = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	if (addr < 0)
		return (int)addr;
	loop->addr = (unsigned long)addr;
	if (pinpage_store(loop->mm, loop->addr, "a", 1))
		return -EFAULT;
	loop->isolated = pinpage_peek_page(loop->mm, loop->addr, NULL);
	pfn = page_to_pfn(loop->isolated);
	pp_lru_isolate_page(loop->isolated);
	return pp_isolate_range(pfn, pfn + 1);
}

static int stuck_up(struct pinpage_run *run, void *state)
{
	return loop_up(run, state, false);
}

static int busy_up(struct pinpage_run *run, void *state)
{
	return loop_up(run, state, true);
}

static void loop_down(struct pinpage_run *run, void *state)
{
	struct loop *loop = state;

	(void)run;
	if (loop->got == 1)
		pinpage_unpin_user_page(loop->page);
	if (loop->isolated && !loop->put_back)
		pp_lru_putback(loop->isolated);
	pinpage_use_mm(NULL);
	if (loop->mm)
		pinpage_mmput(loop->mm);
}

static void pinner(struct pinpage_run *run, void *state)
{
	struct loop *loop = state;

	(void)run;
	pinpage_use_mm(loop->mm);
	loop->got = pinpage_pin_user_pages_fast(loop->addr, 1, FOLL_LONGTERM,
						&loop->page);
	pinpage_use_mm(NULL);
}

static void other(struct pinpage_run *run, void *state)
{
	struct loop *loop = state;

	(void)run;
	if (loop->put_back)
		pp_lru_putback(loop->isolated);
}

/* pinned means: where it may stay */
static void placed(struct pinpage_run *run, void *state)
{
	struct loop *loop = state;

	if (loop->got == 1 && !pinpage_is_longterm_pinnable_page(loop->page))
		pinpage_run_lost(run, "pinned for long in a range that shall be empty");
}

static const struct pinpage_actor actors[] = {
	{ .name = "pinner", .main = pinner },
	{ .name = "other", .main = other },
};
static const struct pinpage_scenario stuck = {
	.name = "stuck", .title = "long-term pin of a page that stays isolated",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = actors, .nr_actors = 2, .state_size = sizeof(struct loop),
	.setup = stuck_up, .check = placed, .teardown = loop_down,
};
static const struct pinpage_scenario busy = {
	.name = "busy", .title = "long-term pin of a page isolated for a moment",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = actors, .nr_actors = 2, .state_size = sizeof(struct loop),
	.setup = busy_up, .check = placed, .teardown = loop_down,
};

START_TEST(loops_while_nothing_can_be_isolated)
{
	ck_assert_int_eq(worst_of(&stuck, "6.12", 1), PINPAGE_CELL_HANG);
	ck_assert_int_eq(worst_of(&busy, "6.12", 50), PINPAGE_CELL_OK);
}
END_TEST

START_TEST(fix_pins_in_the_wrong_place)
{
	ck_assert_int_eq(worst_of(&stuck, "6.12,longterm_unmoved=trusted", 1),
			 PINPAGE_CELL_LOST);
	ck_assert_int_eq(worst_of(&busy, "6.12,longterm_unmoved=trusted", 50),
			 PINPAGE_CELL_LOST);
}
END_TEST

Suite *livelock_suite(void)
{
	Suite *suite = suite_create("livelock");
	TCase *tc = tcase_create("explore");

	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, loops_while_nothing_can_be_isolated);
	tcase_add_test(tc, fix_pins_in_the_wrong_place);
	suite_add_tcase(suite, tc);
	return suite;
}
