// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The command line, called as a program would, with stdout and stderr in
 * one temporary file.
 */
#include "suites.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

static char text[64 * 1024];

static const struct pinpage_scenario *const all[] = { &race, &abba, &needs };

/* runs "prog @args": words separated by "|"; its exit status */
static int cli(const char *args)
{
	char words[512], *argv[16] = { (char *)"prog" }, *word, *rest;
	int argc = 1, fd, out = dup(1), err = dup(2), status;
	FILE *file = tmpfile();
	ssize_t n;

	snprintf(words, sizeof(words), "%s", args);
	for (word = strtok_r(words, "|", &rest); word;
	     word = strtok_r(NULL, "|", &rest))
		argv[argc++] = word;
	fd = fileno(file);
	fflush(stdout);
	fflush(stderr);
	dup2(fd, 1);
	dup2(fd, 2);
	status = pinpage_scenario_main(argc, argv, all, 3);
	fflush(stdout);
	fflush(stderr);
	dup2(out, 1);
	dup2(err, 2);
	close(out);
	close(err);
	n = pread(fd, text, sizeof(text) - 1, 0);
	text[n < 0 ? 0 : n] = '\0';
	fclose(file);
	return status;
}

#define expect(needle) \
	ck_assert_msg(strstr(text, needle), "no \"%s\" in\n%s", needle, text)

START_TEST(no_arguments_matrix)
{
	ck_assert_int_eq(cli(""), 0);
	expect(" D-pin S-wait bounce S-skip\n");
	expect("  only            HANG");
	ck_assert_ptr_null(strchr(text, '\033'));
}
END_TEST

START_TEST(list_names_everything)
{
	ck_assert_int_eq(cli("--list"), 0);
	expect("scenario race: two increments\n  actors: left right\n");
	expect("  contract careless         read, then write\n");
	expect("  schedule interleaved      a lost update\n");
	expect("rules stay-dirty-bounce");
}
END_TEST

START_TEST(rules_runs_all_cells)
{
	ck_assert_int_eq(cli("--rules=5.1"), 0);
	expect("race/careless/5.1: LOST: counter is 1, not 2 "
	       "(schedule \"interleaved\")\n  replay: race/careless/5.1:");
	expect("needs/pin/5.1: not offered");
}
END_TEST

START_TEST(selection_narrows)
{
	ck_assert_int_eq(cli("--scenario=race|--contract=careful|"
			     "--rules=6.1,unshare=0|--schedule=left right"),
			 0);
	expect("race/careful/6.1,unshare=0: ok (schedule \"script\")");
	ck_assert_ptr_null(strstr(text, "careless"));
}
END_TEST

START_TEST(explain_tells_the_story)
{
	ck_assert_int_eq(cli("--explain=race/careless/5.6"), 0);
	expect("race/careless/5.6, schedule \"interleaved\": LOST\n");
	expect("the driver should: hold a mutex\n");
	ck_assert_ptr_null(strstr(text, "careful"));
}
END_TEST

START_TEST(verbose_story_has_locks)
{
	ck_assert_int_eq(cli("--explain=race/careful/6.1|--verbose"), 0);
	expect("lock taken (counter lock)");
}
END_TEST

START_TEST(replay_repeats)
{
	char args[256], *at;

	ck_assert_int_eq(cli("--scenario=abba|--rules=6.1"), 0);
	expect("HANG");
	at = strstr(text, "replay: ");
	ck_assert_ptr_nonnull(at);
	at[strcspn(at, "\n")] = '\0';
	snprintf(args, sizeof(args), "--replay=%s", at + 8);
	ck_assert_int_eq(cli(args), 0);
	expect("abba/only/6.1: HANG");
	expect("(schedule \"replay\")");
}
END_TEST

START_TEST(stale_replay_fails)
{
	ck_assert_int_eq(cli("--replay=race/careless/6.1:.1"), 1);
	expect("another way");
}
END_TEST

START_TEST(random_prints_counts)
{
	ck_assert_int_eq(cli("--random=200|--seed=4|--scenario=race|"
			     "--contract=careless"), 0);
	expect("race/careless: 200 runs, seed 4: ");
	expect(" LOST");
	expect("(schedule \"random\")");
}
END_TEST

START_TEST(json_results)
{
	int status = cli("--json|--scenario=race|--rules=6.1");

	if (!pp_json_works()) {
		ck_assert_int_eq(status, 2);
		return;
	}
	ck_assert_int_eq(status, 0);
	expect("\"result\": \"LOST\"");
	ck_assert_int_eq(cli("--json|--list"), 0);
	expect("\"schedules\"");
	ck_assert_int_eq(cli("--json|--random=10"), 0);
	expect("\"runs\"");
	ck_assert_int_eq(cli("--json|--scenario=race"), 0);
	expect("\"cells\"");
}
END_TEST

START_TEST(colour_always)
{
	ck_assert_int_eq(cli("--color=always|--scenario=race|--rules=6.1"), 0);
	expect("\033[1;31mLOST\033[0m");
	ck_assert_int_eq(cli("--matrix|--color=never|--scenario=race"), 0);
	ck_assert_ptr_null(strchr(text, '\033'));
	ck_assert_int_eq(cli("--matrix|--color=auto|--scenario=race"), 0);
	ck_assert_ptr_null(strchr(text, '\033'));
}
END_TEST

START_TEST(help_and_version)
{
	ck_assert_int_eq(cli("--help"), 0);
	expect("--explain[=SCENARIO/CONTRACT/RULES]");
	expect("Exit status");
	ck_assert_int_eq(cli("--usage"), 0);
	expect("Usage:");
	ck_assert_int_eq(cli("--version"), 0);
	expect("libpinpage");
}
END_TEST

static void refuse(const char *args, const char *needle)
{
	const char *line;
	int lines = 0;

	ck_assert_int_eq(cli(args), 2);
	expect(needle);
	/* the message, and where to get help */
	for (line = text; (line = strchr(line, '\n')); line++)
		lines++;
	ck_assert_int_le(lines, 2);
}

START_TEST(unknown_names_status_2)
{
	refuse("--rules=9.9", "unknown rules \"9.9\"; there are: 5.1 5.2 5.4");
	refuse("--rules=6.1,nonsense=1", "unknown switch");
	refuse("--rules=6.1,unshare=7", "unknown value");
	refuse("--contract=none", "unknown contract \"none\"; there are: "
	       "careless careful only pin get");
	refuse("--scenario=none", "unknown scenario \"none\"; there are: "
	       "race abba needs");
	refuse("--schedule=none", "unknown schedule \"none\"; there are: "
	       "one-by-one interleaved crossed");
	refuse("--explain=none/a/b", "unknown scenario");
	refuse("--explain=race/none", "unknown contract");
	refuse("--explain=race/careful/9", "unknown rules");
	refuse("--color=blue", "auto always never");
}
END_TEST

START_TEST(bad_values_status_2)
{
	refuse("--schedule=left@ right", "character 6: an event or yield");
	refuse("--random=0", "a number above 0");
	refuse("--random=-1", "a number above 0");
	refuse("--seed=x", "a number expected");
	refuse("--replay=race/careless/6.1:", "a number missing");
	refuse("--replay=none/careless/6.1:.5", "unknown scenario");
	refuse("word", "unexpected \"word\"");
	refuse("--nonsense", "unrecognized option");
}
END_TEST

START_TEST(unknown_point_status_1)
{
	ck_assert_int_eq(cli("--scenario=race|--schedule=left@nowhere"), 1);
	expect("no event is called \"nowhere\"");
}
END_TEST

START_TEST(no_scenarios_status_2)
{
	char *argv[] = { (char *)"prog", NULL };

	ck_assert_int_eq(pinpage_scenario_main(1, argv, NULL, 0), 2);
}
END_TEST

Suite *cli_suite(void)
{
	Suite *s = suite_create("cli");

	add_test(s, no_arguments_matrix);
	add_test(s, list_names_everything);
	add_test(s, rules_runs_all_cells);
	add_test(s, selection_narrows);
	add_test(s, explain_tells_the_story);
	add_test(s, verbose_story_has_locks);
	add_test(s, replay_repeats);
	add_test(s, stale_replay_fails);
	add_test(s, random_prints_counts);
	add_test(s, json_results);
	add_test(s, colour_always);
	add_test(s, help_and_version);
	add_test(s, unknown_names_status_2);
	add_test(s, bad_values_status_2);
	add_test(s, unknown_point_status_1);
	add_test(s, no_scenarios_status_2);
	return s;
}
