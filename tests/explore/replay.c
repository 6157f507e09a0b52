// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include <stdlib.h>

START_TEST(replay_is_the_same_run)
{
	struct pinpage_outcome a, b;

	ck_assert_int_eq(pinpage_explore_run(&race, 0, NULL, "interleaved",
					     false, &a), 0);
	ck_assert_int_eq(pinpage_explore_replay(&race, a.replay, false, &b),
			 0);
	ck_assert_int_eq(b.cell, PINPAGE_CELL_LOST);
	ck_assert_uint_eq(a.events, b.events);
	ck_assert_uint_eq(a.switches, b.switches);
	ck_assert_str_eq(a.headline, b.headline);
	ck_assert_str_eq(a.replay, b.replay);
	ck_assert_str_eq(b.schedule, "replay");
	pinpage_outcome_free(&a);
	pinpage_outcome_free(&b);
}
END_TEST

START_TEST(string_needs_no_quotes)
{
	struct pinpage_rules rules;
	struct pinpage_outcome out;
	const char *at;

	ck_assert_int_eq(pinpage_rules_parse(&rules,
					     "6.1,reclaim_keeps_private=0"),
			 0);
	ck_assert_int_eq(pinpage_explore_run(&race, 0, &rules, "interleaved",
					     false, &out), 0);
	ck_assert_msg(!strncmp(out.replay, "race/careless/"
			       "6.1,reclaim_keeps_private=0:a", 42),
		      "%s", out.replay);
	for (at = out.replay; *at; at++)
		ck_assert_msg(strchr("/,=:.-_", *at) ||
			      (*at >= '0' && *at <= '9') ||
			      (*at >= 'a' && *at <= 'z') || *at == 'T',
			      "%s", out.replay);
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(in_order_is_empty)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&race, 0, NULL, NULL, false,
					     &out), 0);
	ck_assert_msg(!strncmp(out.replay, "race/careless/6.12:.", 20), "%s",
		      out.replay);
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(hang_and_trap_replay)
{
	const struct pinpage_scenario *s[] = { &abba, &trap, &endless };
	struct pinpage_outcome a, b;
	size_t i;

	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(pinpage_explore_cell(s[i], 0, NULL, &a), 0);
		ck_assert_int_eq(pinpage_explore_replay(s[i], a.replay, false,
							&b), 0);
		ck_assert_int_eq(a.cell, b.cell);
		ck_assert_uint_eq(a.events, b.events);
		pinpage_outcome_free(&a);
		pinpage_outcome_free(&b);
	}
}
END_TEST

static void refuse(const char *replay, int error, const char *needle)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_replay(&race, replay, false, &out),
			 error);
	ck_assert_msg(strstr(out.headline, needle), "\"%s\": %s", replay,
		      out.headline);
}

START_TEST(bad_strings_einval)
{
	refuse(NULL, -EINVAL, "\":\" missing");
	refuse("race", -EINVAL, "\":\" missing");
	refuse("race:a.1", -EINVAL, "scenario/contract/rules missing");
	refuse("abba/only/6.1:a.1", -EINVAL, "another scenario");
	refuse("race/none/6.1:a.1", -EINVAL, "character 6: no such contract");
	refuse("race/careful/9.9:a.1", -EINVAL, "character 14: no such rules");
	refuse("race/careful/6.1:c.1", -EINVAL, "character 18: no such actor");
	refuse("race/careful/6.1:a0.1", -EINVAL, "bad count");
	refuse("race/careful/6.1:T7.1", -EINVAL, "a task is");
	refuse("race/careful/6.1:Tx1.1", -EINVAL, "a task is");
	refuse("race/careful/6.1:a", -EINVAL, "a number missing");
	refuse("race/careful/6.1:a.", -EINVAL, "bad number");
	refuse("race/careful/6.1:a.5x", -EINVAL, "bad number");
}
END_TEST

START_TEST(null_outcome_einval)
{
	ck_assert_int_eq(pinpage_explore_replay(&race, "x", false, NULL),
			 -EINVAL);
	ck_assert_int_eq(pinpage_explore_cell(&race, 0, NULL, NULL), -EINVAL);
}
END_TEST

START_TEST(diverged_estale)
{
	refuse("race/careless/6.12:T99x1.14", -ESTALE, "another way");
	refuse("race/careless/6.12:.3", -ESTALE, "another way");
	refuse("race/careless/6.12:a99.50", -ESTALE, "another way");
}
END_TEST

Suite *replay_suite(void)
{
	Suite *s = suite_create("replay");

	add_test(s, replay_is_the_same_run);
	add_test(s, string_needs_no_quotes);
	add_test(s, in_order_is_empty);
	add_test(s, hang_and_trap_replay);
	add_test(s, bad_strings_einval);
	add_test(s, null_outcome_einval);
	add_test(s, diverged_estale);
	return s;
}
