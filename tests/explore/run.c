// SPDX-License-Identifier: LGPL-2.1-or-later
#define PINPAGE_NO_KERNEL_NAMES
#include "pagecache/pagecache.h"

#include "suites.h"

#include <pinpage/exec.h>
#include <pinpage/gup.h>
#include <pinpage/pinpage.h>

#include <fcntl.h>

#include "base/bug.h"

/* a scenario of one actor, made by the test */
static struct pinpage_actor solo_actor[] = { { .name = "solo" } };
static const struct pinpage_contract solo_contract[] = { { .name = "only" } };
static struct pinpage_scenario solo_of(void (*main)(struct pinpage_run *,
						    void *))
{
	solo_actor[0].main = main;
	return (struct pinpage_scenario){
		.name = "solo", .contracts = solo_contract, .nr_contracts = 1,
		.actors = solo_actor, .nr_actors = 1, .state_size = 64,
		.memory_pages = 64,
	};
}

static void does_nothing(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
}

START_TEST(in_order_ok)
{
	ck_assert_int_eq(cell_of(&race, 0, "6.1", NULL), PINPAGE_CELL_OK);
}
END_TEST

START_TEST(lost_by_scenario_lost)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&race, 0, NULL, "interleaved",
					     false, &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_LOST);
	ck_assert_str_eq(out.headline, "counter is 1, not 2");
	ck_assert_str_eq(out.rule_switch, "dirty_duty");
	ck_assert_str_eq(out.schedule, "interleaved");
	ck_assert_ptr_null(out.story);
	pinpage_outcome_free(&out);
	ck_assert_ptr_null(out.replay);
}
END_TEST

START_TEST(mutex_held_others_go_first)
{
	ck_assert_int_eq(cell_of(&race, 1, "6.1", "interleaved"),
			 PINPAGE_CELL_OK);
}
END_TEST

START_TEST(deadlock_hangs_and_names_both)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&abba, 0, NULL, "crossed", false,
					     &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_HANG);
	ck_assert_str_eq(out.headline, "left waits for lock B, held by right; "
			 "right waits for lock A, held by left");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(bug_traps_and_hang_after_it_is_trap)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&trap, 0, NULL, "right left",
					     false, &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_TRAP);
	ck_assert_str_eq(out.headline, "right has met its end");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(call_missing_not_offered)
{
	ck_assert_int_eq(cell_of(&needs, 0, "5.1", NULL),
			 PINPAGE_CELL_NOT_OFFERED);
	ck_assert_int_eq(cell_of(&needs, 0, "6.1", NULL), PINPAGE_CELL_OK);
	ck_assert_int_eq(cell_of(&needs, 1, "5.1", NULL), PINPAGE_CELL_OK);
}
END_TEST

static void refuses(struct pinpage_run *run, void *state)
{
	(void)state;
	pinpage_run_refused(run, -EFAULT, "pin_user_pages(FOLL_LONGTERM)");
	pinpage_run_refused(run, -EINVAL, "another one");
}

START_TEST(refused_not_offered)
{
	struct pinpage_scenario s = solo_of(refuses);
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&s, 0, NULL, NULL, false, &out),
			 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_NOT_OFFERED);
	ck_assert_str_eq(out.headline, "pin_user_pages(FOLL_LONGTERM) is "
			 "refused: Bad address");
	pinpage_outcome_free(&out);
}
END_TEST

static int setup_result;
static int torn_down;
static int failing_setup(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	return setup_result;
}

static void counting_teardown(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	torn_down++;
}

START_TEST(setup_eopnotsupp_not_offered)
{
	struct pinpage_scenario s = solo_of(does_nothing);

	s.setup = failing_setup;
	s.teardown = counting_teardown;
	setup_result = -EOPNOTSUPP;
	torn_down = 0;
	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL),
			 PINPAGE_CELL_NOT_OFFERED);
	ck_assert_int_eq(torn_down, 1);
}
END_TEST

START_TEST(setup_fails_run_fails)
{
	struct pinpage_scenario s = solo_of(does_nothing);
	struct pinpage_outcome out;

	s.setup = failing_setup;
	s.teardown = counting_teardown;
	setup_result = -ENOSPC;
	torn_down = 0;
	ck_assert_int_eq(pinpage_explore_run(&s, 0, NULL, NULL, false, &out),
			 -ENOSPC);
	ck_assert_str_eq(out.headline, "set-up failed: error 28");
	ck_assert_int_eq(torn_down, 1);
}
END_TEST

START_TEST(endless_hangs)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&endless, 0, NULL, NULL, false,
					     &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_HANG);
	ck_assert_str_eq(out.headline, "still running after 1001 events");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(spinning_is_no_hang)
{
	struct pinpage_outcome out, again;

	ck_assert_int_eq(pinpage_explore_run(&spin, 0, NULL, NULL, false,
					     &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_OK);
	ck_assert_int_eq(pinpage_explore_replay(&spin, out.replay, false,
						&again), 0);
	ck_assert_uint_eq(again.events, out.events);
	pinpage_outcome_free(&out);
	pinpage_outcome_free(&again);
}
END_TEST

static void freezes(struct pinpage_run *run, void *state)
{
	struct address_space *mapping = pinpage_file_mapping(*(void **)state);
	struct page *page = pp_xa_load(&mapping->i_pages, 0);

	(void)run;
	ck_assert(pp_ref_freeze(page, page_count(page)));
	for (;;)
		pinpage_cond_resched();
}

static int cached_file(struct pinpage_run *run, void *state)
{
	struct super_block *sb;
	struct file *file;

	(void)run;
	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "data", O_RDWR | O_CREAT, 0600);
	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(pinpage_pwrite(file, "x", 1, 0), 1);
	*(void **)state = file;
	return 0;
}

START_TEST(page_frozen_by_a_dropped_actor_thaws)
{
	struct pinpage_actor actor = { .name = "left", .main = freezes };
	struct pinpage_scenario s = endless;
	struct pinpage_outcome out;

	s.actors = &actor;
	s.state_size = sizeof(void *);
	s.setup = cached_file;
	ck_assert_int_eq(pinpage_explore_run(&s, 0, NULL, NULL, false, &out),
			 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_HANG);
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(daemon_is_stopped)
{
	ck_assert_int_eq(cell_of(&daemon_, 0, "6.1", NULL), PINPAGE_CELL_OK);
}
END_TEST

static void waits_for_ever(struct pinpage_run *run, void *state)
{
	struct pinpage_completion done;

	(void)run;
	(void)state;
	pinpage_init_completion(&done);
	pinpage_wait_for_completion(&done);
}

START_TEST(daemon_that_does_not_stop_hangs)
{
	struct pinpage_actor actors[] = {
		{ .name = "left", .main = does_nothing },
		{ .name = "deaf", .main = waits_for_ever, .daemon = true },
	};
	struct pinpage_scenario s = daemon_;

	s.actors = actors;
	s.check = NULL;
	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_HANG);
}
END_TEST

static void keeps_a_frame(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	ck_assert_ptr_nonnull(pinpage_alloc_pages(PINPAGE_GFP_KERNEL, 0));
}

START_TEST(frame_kept_lost)
{
	struct pinpage_scenario s = solo_of(keeps_a_frame);

	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_LOST);
}
END_TEST

static void traps(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	pp_bug("stop");
}

static int traps_in_setup(struct pinpage_run *run, void *state)
{
	traps(run, state);
	return 0;
}

START_TEST(setup_traps)
{
	struct pinpage_scenario s = solo_of(does_nothing);

	s.setup = traps_in_setup;
	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_TRAP);
}
END_TEST

START_TEST(check_traps)
{
	struct pinpage_scenario s = solo_of(does_nothing);

	s.check = traps;
	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_TRAP);
}
END_TEST

START_TEST(check_waits_for_ever_hangs)
{
	struct pinpage_scenario s = solo_of(does_nothing);

	s.check = waits_for_ever;
	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_HANG);
}
END_TEST

START_TEST(actor_waits_for_ever_hangs)
{
	struct pinpage_scenario s = solo_of(waits_for_ever);

	ck_assert_int_eq(cell_of(&s, 0, "6.1", NULL), PINPAGE_CELL_HANG);
}
END_TEST

static void reads_identity(struct pinpage_run *run, void *state)
{
	unsigned int id = pinpage_task_id(pinpage_current());

	(void)state;
	ck_assert_int_eq(pinpage_run_actor(run, id), 0);
	ck_assert_int_eq(pinpage_run_actor(run, id + 1), -ENOENT);
	ck_assert_int_eq(pinpage_run_actor(run, 0), -ENOENT);
	ck_assert_str_eq(pinpage_run_rules(run)->name, "5.7");
	ck_assert(!pinpage_run_broken(run));
}

START_TEST(run_knows_actor_and_rules)
{
	struct pinpage_scenario s = solo_of(reads_identity);

	ck_assert_int_eq(cell_of(&s, 0, "5.7", NULL), PINPAGE_CELL_OK);
}
END_TEST

/* bad arguments */

static int run_of(const struct pinpage_scenario *s, size_t contract,
		  const char *needle)
{
	struct pinpage_outcome out;
	int err = pinpage_explore_run(s, contract, NULL, NULL, false, &out);

	ck_assert_msg(strstr(out.headline, needle), "%s", out.headline);
	return err;
}

START_TEST(bad_scenarios_einval)
{
	struct pinpage_actor two[] = {
		{ .name = "a", .main = does_nothing },
		{ .name = "a", .main = does_nothing },
	};
	struct pinpage_scenario s = solo_of(does_nothing);

	ck_assert_int_eq(run_of(NULL, 0, "no scenario"), -EINVAL);
	ck_assert_int_eq(run_of(&s, 1, "no such contract"), -EINVAL);
	ck_assert_int_eq(pinpage_explore_run(&s, 0, NULL, NULL, false, NULL),
			 -EINVAL);
	s.nr_actors = 0;
	ck_assert_int_eq(run_of(&s, 0, "without actors"), -EINVAL);
	s.nr_actors = 27;
	ck_assert_int_eq(run_of(&s, 0, "26"), -E2BIG);
	s.nr_actors = 2;
	s.actors = two;
	ck_assert_int_eq(run_of(&s, 0, "one name"), -EINVAL);
	two[1].name = "B c";
	ck_assert_int_eq(run_of(&s, 0, "a name"), -EINVAL);
}
END_TEST

/* the same wherever a scenario is given */
START_TEST(no_scenario_einval_everywhere)
{
	struct pinpage_outcome out = { 0 };
	struct pinpage_strategy strategy = { 0 };

	ck_assert_int_eq(pinpage_explore_cell(NULL, 0, NULL, &out), -EINVAL);
	ck_assert_str_eq(out.headline, "no scenario");
	ck_assert_int_eq(pinpage_explore_replay(NULL, "a/b/6.1:", false, &out),
			 -EINVAL);
	ck_assert_int_eq(pinpage_explore_random(NULL, 0, NULL, 1, 1, NULL,
						&out), -EINVAL);
	ck_assert_int_eq(pinpage_explore_strategy(NULL, 0, NULL, &strategy,
						  &out, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_explore_cell(&race, 9, NULL, &out), -EINVAL);
	ck_assert_int_eq(pinpage_explore_random(&race, 9, NULL, 1, 1, NULL,
						&out), -EINVAL);
	pinpage_outcome_free(NULL);
}
END_TEST

static void quiet(const char *path, int line, const char *msg)
{
	(void)path;
	(void)line;
	(void)msg;
}

static void blames(struct pinpage_run *run, void *state)
{
	unsigned long before = pinpage_warnings();

	(void)state;
	pinpage_run_blame(run, "no_such_switch");
	pinpage_run_blame(run, NULL);
	ck_assert_uint_gt(pinpage_warnings(), before);
	pinpage_run_lost(run, "lost %d bytes", 3);
	pinpage_run_lost(run, "the second one");
	pinpage_run_blame(run, "writeback_pinned");
	ck_assert_int_eq(pinpage_run_actor(run, 99), -ENOENT);
}

START_TEST(unknown_switch_is_not_blamed)
{
	struct pinpage_scenario s = solo_of(blames);
	struct pinpage_outcome out = { 0 };

	pp_set_warn_hook(quiet);
	ck_assert_int_eq(pinpage_explore_run(&s, 0, NULL, NULL, false, &out),
			 0);
	pp_set_warn_hook(NULL);
	pp_warn_reset();
	ck_assert_int_eq(out.cell, PINPAGE_CELL_LOST);
	ck_assert_str_eq(out.headline, "lost 3 bytes");
	ck_assert_str_eq(out.rule_switch, "writeback_pinned");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(bad_rules_einval)
{
	struct pinpage_rules rules = *pinpage_rules_find("6.1");
	struct pinpage_outcome out;

	rules.name = NULL;
	ck_assert_int_eq(pinpage_explore_run(&race, 0, &rules, NULL, false,
					     &out), -EINVAL);
}
END_TEST

START_TEST(machine_up_ebusy)
{
	const struct pinpage_config config = { .memory_pages = 64 };

	ck_assert_int_eq(pinpage_boot(&config), 0);
	ck_assert_int_eq(run_of(&race, 0, "machine is up"), -EBUSY);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}
END_TEST

START_TEST(every_allocation_fails_enomem)
{
	struct pinpage_outcome out;
	unsigned long n;
	int err;

	for (n = 1; n < 1000; n++) {
		pinpage_inject_alloc(n);
		err = pinpage_explore_run(&race, 0, NULL, NULL, true, &out);
		pinpage_inject_alloc(0);
		if (!err)
			pinpage_outcome_free(&out);
		else
			ck_assert_int_eq(err, -ENOMEM);
		if (!err && n > 100)
			break;
	}
	ck_assert_uint_lt(n, 1000);
}
END_TEST

Suite *run_suite(void)
{
	Suite *s = suite_create("run");

	add_test(s, in_order_ok);
	add_test(s, lost_by_scenario_lost);
	add_test(s, mutex_held_others_go_first);
	add_test(s, deadlock_hangs_and_names_both);
	add_test(s, bug_traps_and_hang_after_it_is_trap);
	add_test(s, call_missing_not_offered);
	add_test(s, refused_not_offered);
	add_test(s, setup_eopnotsupp_not_offered);
	add_test(s, setup_fails_run_fails);
	add_test(s, endless_hangs);
	add_test(s, spinning_is_no_hang);
	add_test(s, page_frozen_by_a_dropped_actor_thaws);
	add_test(s, daemon_is_stopped);
	add_test(s, daemon_that_does_not_stop_hangs);
	add_test(s, frame_kept_lost);
	add_test(s, setup_traps);
	add_test(s, check_traps);
	add_test(s, check_waits_for_ever_hangs);
	add_test(s, actor_waits_for_ever_hangs);
	add_test(s, run_knows_actor_and_rules);
	add_test(s, bad_scenarios_einval);
	add_test(s, no_scenario_einval_everywhere);
	add_test(s, unknown_switch_is_not_blamed);
	add_test(s, bad_rules_einval);
	add_test(s, machine_up_ebusy);
	add_test(s, every_allocation_fails_enomem);
	return s;
}
