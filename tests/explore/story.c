// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

static char *story_of(const struct pinpage_scenario *scenario,
		      const char *schedule, struct pinpage_outcome *outcome)
{
	ck_assert_int_eq(pinpage_explore_run(scenario, 0, NULL, schedule,
					     true, outcome), 0);
	ck_assert_ptr_nonnull(outcome->story);
	return outcome->story;
}

#define expect(story, needle) \
	ck_assert_msg(strstr(story, needle), "no \"%s\" in\n%s", needle, story)

START_TEST(lost_story_has_all_parts)
{
	struct pinpage_outcome out;
	const char *story = story_of(&race, "interleaved", &out);

	expect(story, "race/careless/6.12, schedule \"interleaved\": LOST\n");
	expect(story, "  driver:    two increments\n");
	expect(story, "  contract:  read, then write\n");
	expect(story, "  schedule:  a lost update\n");
	expect(story, "    1  left       passes \"middle\"\n");
	expect(story, "left       counter is 1\n");
	expect(story, " >>       (check)    counter is 1, not 2\n");
	expect(story, "  LOST: counter is 1, not 2\n");
	expect(story, "  allowed by dirty_duty=at_put: the driver or its");
	expect(story, "  the driver should: hold a mutex\n");
	expect(story, "  again: --replay=race/careless/6.12:");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(ok_story_has_no_moral)
{
	struct pinpage_outcome out;
	const char *story = story_of(&race, NULL, &out);

	ck_assert_ptr_null(strstr(story, "should"));
	ck_assert_ptr_null(strstr(story, ">>"));
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(hang_story_shows_who_waits)
{
	struct pinpage_outcome out;
	const char *story = story_of(&abba, "crossed", &out);

	expect(story, "left       waits for lock B\n");
	expect(story, " >>       ");
	expect(story, "right waits for lock A, held by left\n");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(trap_story_marks_it)
{
	struct pinpage_outcome out;
	const char *story = story_of(&trap, NULL, &out);

	expect(story, " >>       right      right has met its end\n");
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(story_changes_nothing)
{
	struct pinpage_outcome with, without;

	story_of(&race, "interleaved", &with);
	ck_assert_int_eq(pinpage_explore_run(&race, 0, NULL, "interleaved",
					     false, &without), 0);
	ck_assert_str_eq(with.replay, without.replay);
	ck_assert_uint_eq(with.events, without.events);
	pinpage_outcome_free(&with);
	pinpage_outcome_free(&without);
}
END_TEST

START_TEST(noise_only_in_full_story)
{
	struct pinpage_outcome brief, all;

	ck_assert_int_eq(pp_explore_run(&race, 1, NULL, NULL, PP_STORY_SHORT,
					&brief), 0);
	ck_assert_int_eq(pp_explore_run(&race, 1, NULL, NULL, PP_STORY_ALL,
					&all), 0);
	ck_assert_ptr_null(strstr(brief.story, "lock taken"));
	expect(all.story, "lock taken (counter lock)");
	pinpage_outcome_free(&brief);
	pinpage_outcome_free(&all);
}
END_TEST

Suite *story_suite(void)
{
	Suite *s = suite_create("story");

	add_test(s, lost_story_has_all_parts);
	add_test(s, ok_story_has_no_moral);
	add_test(s, hang_story_shows_who_waits);
	add_test(s, trap_story_marks_it);
	add_test(s, story_changes_nothing);
	add_test(s, noise_only_in_full_story);
	return s;
}
