// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>

#include "rules/rules.h"
#include "suites.h"

START_TEST(parse_preset_alone_copies_it)
{
	struct pinpage_rules rules;

	ck_assert_int_eq(pinpage_rules_parse(&rules, "5.4"), 0);
	ck_assert_mem_eq(&rules, pinpage_rules_find("5.4"), sizeof(rules));
}
END_TEST

START_TEST(parse_applies_changes_in_turn)
{
	struct pinpage_rules rules;

	ck_assert_int_eq(pinpage_rules_parse(&rules,
			 "6.1,reclaim_keeps_private=0,zero_page=counted,"
			 "reclaim_keeps_private=1,reclaim_keeps_private=0"), 0);
	ck_assert(!rules.reclaim_keeps_private);
	ck_assert_int_eq(rules.zero_page, PINPAGE_ZERO_COUNTED);
	ck_assert_str_eq(rules.name, "6.1");
}
END_TEST

static void refused(const char *text, int err)
{
	struct pinpage_rules rules, before;

	memset(&rules, 0x5a, sizeof(rules));
	memcpy(&before, &rules, sizeof(rules));
	ck_assert_msg(pinpage_rules_parse(&rules, text) == err, "%s", text);
	ck_assert_mem_eq(&rules, &before, sizeof(rules));
}

START_TEST(parse_unknown_name_enoent)
{
	refused("", -ENOENT);
	refused("6.13", -ENOENT);
	refused(",dio_pins=1", -ENOENT);
	refused("6.1 ", -ENOENT);
	refused("6.1,no_such=1", -ENOENT);
	refused("a preset whose name is longer than any name in the table may be",
		-ENOENT);
}
END_TEST

START_TEST(parse_bad_assignment_einval)
{
	refused("6.1,", -EINVAL);
	refused("6.1,dio_pins", -EINVAL);
	refused("6.1,dio_pins=maybe", -EINVAL);
	refused("6.1,dio_pins=1,", -EINVAL);
	refused("6.1,,dio_pins=1", -EINVAL);
}
END_TEST

START_TEST(parse_null_einval)
{
	struct pinpage_rules rules;

	ck_assert_int_eq(pinpage_rules_parse(NULL, "6.1"), -EINVAL);
	ck_assert_int_eq(pinpage_rules_parse(&rules, NULL), -EINVAL);
}
END_TEST

START_TEST(parse_contradiction_einval)
{
	static const char *const bad[] = {
		"6.1,release_api=put_page", "6.1,has_pin_api=0",
		"6.1,args=none", "5.2,args=5.6", "5.2,pin_tracking=bias_exact",
		"5.2,has_pin_unlocked=1", "5.2,has_range_release=1",
		"5.2,has_folio_release=1", "6.1,has_fast_only=0",
		"6.1,has_put_dirty=1", "5.4,has_put_dirty=1",
		"5.1,put_make_dirty=1", "5.7,unshare=1",
		"5.7,force_write=exclusive", "5.1,unshare_longterm=1",
		"5.6,writeback_pinned=skip", "6.1,dirty_duty=kept",
		"stay-dirty-bounce,writeback_pinned=ignore",
	};
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		refused(bad[i], -EINVAL);
}
END_TEST

START_TEST(parse_odd_but_runnable_is_allowed)
{
	static const char *const good[] = {
		"6.1,writeback_pinned=bounce,dirty_duty=kept",
		"6.1,dirty_duty=at_pin", "6.1,pin_tracking=none",
		"5.2,reclaim_keeps_private=1", "5.2,fork_pinned=copy",
		"6.12,fork_pinned=share", "6.1,ref_guard=unguarded",
		"stay-dirty-skip,writeback_pinned=ignore",
	};
	struct pinpage_rules rules;
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		ck_assert_msg(!pinpage_rules_parse(&rules, good[i]), "%s",
			      good[i]);
}
END_TEST

START_TEST(check_incomplete_einval)
{
	struct pinpage_rules zero = { .name = NULL }, rules;

	ck_assert_int_eq(pinpage_rules_check(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_rules_check(&zero), -EINVAL);
	rules = *pinpage_rules_find("6.1");
	rules.title = NULL;
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
	rules = *pinpage_rules_find("6.1");
	rules.version = 0;
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
	rules = *pinpage_rules_find("6.1");
	rules.stage = 'X';
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
	rules.stage = '\0';
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
}
END_TEST

START_TEST(check_value_out_of_range_einval)
{
	struct pinpage_rules rules = *pinpage_rules_find("6.1");

	rules.placement = (enum pinpage_placement)3;
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
	rules.placement = (enum pinpage_placement)-1;
	ck_assert_int_eq(pinpage_rules_check(&rules), -EINVAL);
}
END_TEST

START_TEST(before_boot_the_6_12_holds)
{
	ck_assert_str_eq(pp_rules->name, "6.12");
}
END_TEST

START_TEST(boot_null_means_6_12)
{
	ck_assert_int_eq(pp_rules_boot(NULL), 0);
	ck_assert_str_eq(pp_rules->name, "6.12");
	pp_rules_shutdown();
}
END_TEST

START_TEST(boot_copies_rules_and_name)
{
	struct pinpage_rules rules = *pinpage_rules_find("5.7");
	char name[] = "mine";

	rules.name = name;
	ck_assert_int_eq(pp_rules_boot(&rules), 0);
	memset(name, 'x', 4);
	memset(&rules, 0, sizeof(rules));
	ck_assert_str_eq(pp_rules->name, "mine");
	ck_assert_int_eq(pp_rules->pin_tracking, PINPAGE_PIN_BIAS_EXACT2);
	pp_rules_shutdown();
	ck_assert_str_eq(pp_rules->name, "6.12");
}
END_TEST

START_TEST(boot_contradiction_einval)
{
	struct pinpage_rules rules = *pinpage_rules_find("6.1");

	rules.has_pin_api = false;
	ck_assert_int_eq(pp_rules_boot(&rules), -EINVAL);
	ck_assert_str_eq(pp_rules->name, "6.12");
}
END_TEST

Suite *rules_suite(void)
{
	Suite *s = suite_create("rules");

	pp_test_add(s, parse_preset_alone_copies_it);
	pp_test_add(s, parse_applies_changes_in_turn);
	pp_test_add(s, parse_unknown_name_enoent);
	pp_test_add(s, parse_bad_assignment_einval);
	pp_test_add(s, parse_null_einval);
	pp_test_add(s, parse_contradiction_einval);
	pp_test_add(s, parse_odd_but_runnable_is_allowed);
	pp_test_add(s, check_incomplete_einval);
	pp_test_add(s, check_value_out_of_range_einval);
	pp_test_add(s, before_boot_the_6_12_holds);
	pp_test_add(s, boot_null_means_6_12);
	pp_test_add(s, boot_copies_rules_and_name);
	pp_test_add(s, boot_contradiction_einval);
	return s;
}
