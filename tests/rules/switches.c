// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include <pinpage/rules.h>

#include "suites.h"

static struct pinpage_rules rules;

static void setup(void)
{
	rules = *pinpage_rules_find("6.1");
}

START_TEST(set_changes_the_switch_alone)
{
	struct pinpage_rules wanted = rules;

	wanted.reclaim_keeps_private = false;
	wanted.writeback_pinned = PINPAGE_WB_BOUNCE;
	ck_assert_int_eq(pinpage_rules_set(&rules, "reclaim_keeps_private=0"),
			 0);
	ck_assert_int_eq(pinpage_rules_set(&rules, "writeback_pinned=bounce"),
			 0);
	ck_assert_mem_eq(&rules, &wanted, sizeof(rules));
}
END_TEST

START_TEST(set_takes_every_choice_of_every_switch)
{
	char text[96], value[32];
	const char *name, *choice;
	size_t i, n;

	for (i = 0; (name = pinpage_rules_switch_name(i)); i++) {
		for (n = 0; (choice = pinpage_rules_switch_choice(name, n)); n++) {
			snprintf(text, sizeof(text), "%s=%s", name, choice);
			ck_assert_int_eq(pinpage_rules_set(&rules, text), 0);
			pinpage_rules_switch_value(&rules, name, value,
						   sizeof(value));
			ck_assert_str_eq(value, choice);
		}
		ck_assert_uint_ge(n, 2);
	}
	ck_assert_uint_gt(i, 60);
}
END_TEST

START_TEST(set_bad_assignment_einval)
{
	static const char *const bad[] = {
		"", "=", "=1", "dio_pins", "dio_pins=", "dio_pins=2",
		"dio_pins=yes", "dio_pins =1", "writeback_pinned=1",
		"a_name_of_more_than_sixty_three_characters_cannot_be_a_switch_at_all=1",
	};
	struct pinpage_rules before = rules;
	size_t i;

	ck_assert_int_eq(pinpage_rules_set(NULL, "dio_pins=1"), -EINVAL);
	ck_assert_int_eq(pinpage_rules_set(&rules, NULL), -EINVAL);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int err = pinpage_rules_set(&rules, bad[i]);

		/* a blank makes another name */
		ck_assert_msg(err == (strchr(bad[i], ' ') ? -ENOENT : -EINVAL),
			      "\"%s\": %d", bad[i], err);
	}
	ck_assert_mem_eq(&rules, &before, sizeof(rules));
}
END_TEST

START_TEST(set_unknown_switch_enoent)
{
	ck_assert_int_eq(pinpage_rules_set(&rules, "no_such=1"), -ENOENT);
	ck_assert_int_eq(pinpage_rules_set(&rules, "name=6.1"), -ENOENT);
}
END_TEST

START_TEST(value_errors)
{
	char buf[4];

	ck_assert_int_eq(pinpage_rules_switch_value(NULL, "args", buf, 4),
			 -EINVAL);
	ck_assert_int_eq(pinpage_rules_switch_value(&rules, NULL, buf, 4),
			 -EINVAL);
	ck_assert_int_eq(pinpage_rules_switch_value(&rules, "args", NULL, 4),
			 -EINVAL);
	ck_assert_int_eq(pinpage_rules_switch_value(&rules, "x", buf, 4),
			 -ENOENT);
	rules.args = (enum pinpage_args)77;
	ck_assert_int_eq(pinpage_rules_switch_value(&rules, "args", buf, 4),
			 -EINVAL);
}
END_TEST

START_TEST(value_is_cut_like_snprintf)
{
	char buf[4];

	ck_assert_int_eq(pinpage_rules_switch_value(&rules, "cow_reuse", buf,
						    sizeof(buf)), 9);
	ck_assert_str_eq(buf, "exc");
	ck_assert_int_eq(pinpage_rules_switch_value(&rules, "cow_reuse", NULL,
						    0), 9);
}
END_TEST

START_TEST(every_switch_has_a_story)
{
	const char *name, *story;
	size_t i;

	for (i = 0; (name = pinpage_rules_switch_name(i)); i++) {
		story = pinpage_rules_switch_story(name);
		ck_assert_ptr_nonnull(story);
		ck_assert_uint_gt(strlen(story), 30);
		ck_assert_ptr_nonnull(strpbrk(story, "0123456789"));
	}
	ck_assert_ptr_nonnull(strstr(
		pinpage_rules_switch_story("reclaim_keeps_private"),
		"d824ec2a1546"));
}
END_TEST

START_TEST(unknown_switch_has_neither_story_nor_choice)
{
	ck_assert_ptr_null(pinpage_rules_switch_story("no_such"));
	ck_assert_ptr_null(pinpage_rules_switch_story(NULL));
	ck_assert_ptr_null(pinpage_rules_switch_choice("no_such", 0));
	ck_assert_ptr_null(pinpage_rules_switch_choice(NULL, 0));
	ck_assert_ptr_null(pinpage_rules_switch_choice("dio_pins", 2));
	ck_assert_ptr_null(pinpage_rules_switch_choice("dio_pins", -1));
}
END_TEST

Suite *switches_suite(void)
{
	Suite *s = suite_create("switches");
	TCase *tc = tcase_create("by name");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, set_changes_the_switch_alone);
	tcase_add_test(tc, set_takes_every_choice_of_every_switch);
	tcase_add_test(tc, set_bad_assignment_einval);
	tcase_add_test(tc, set_unknown_switch_enoent);
	tcase_add_test(tc, value_errors);
	tcase_add_test(tc, value_is_cut_like_snprintf);
	tcase_add_test(tc, every_switch_has_a_story);
	tcase_add_test(tc, unknown_switch_has_neither_story_nor_choice);
	suite_add_tcase(s, tc);
	return s;
}
