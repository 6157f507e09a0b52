// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * main.c - the conformance cases on the model
 *
 *	test_conformance			all cases, all rules: a test program
 *	test_conformance --print [--rules 6.1] [CASE...]	what they print; --print
 *						can go if rules or cases are given
 *	test_conformance --check [--rules 6.1] [CASE...]	a part of the test
 *	test_conformance --record [--rules 6.1]	write golden/model-RULES.txt
 *	test_conformance --list			the cases and what they show
 *	test_conformance --missing		the test, and what the model lacks
 *
 * A test is one case under one rule set; its line must be the golden one. Where
 * a real kernel's lines are there (golden/kernel-6.1.txt), the model's under the
 * same rules must be the same, but for what deviations.txt names with a reason.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "golden.h"

#define MAX_CASES	4096

static struct conf_case *cases[MAX_CASES];
static size_t nr_cases;
static struct result results[MAX_CASES];
static bool ran[MAX_CASES], lacks[MAX_CASES];

static struct {
	const char *rules;
	char **names;			/* NULL at the end; none: all cases */
	const char *random;		/* a file of names of random cases */
	bool list, check, record, missing, print;
} opt;

static unsigned int checks, failures;

/* semantics.md section 6 */
static const struct { char letter; int nr; } groups[] = {
	{ 'C', 19 }, { 'Z', 8 }, { 'A', 37 }, { 'F', 15 }, { 'H', 10 },
	{ 'U', 10 }, { 'M', 13 }, { 'W', 26 }, { 'D', 5 }, { 'S', 12 },
	{ 'X', 7 },
};

static bool in_section_6(const char *name)
{
	size_t i;
	int nr;

	if (strlen(name) != 3 || sscanf(name + 1, "%2d", &nr) != 1)
		return false;
	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		if (groups[i].letter == name[0])
			return nr >= 1 && nr <= groups[i].nr;
	return false;
}

static void fail(const char *rules, const char *what, const char *line)
{
	failures++;
	printf("%s: %s: %s\n", rules, what, line);
}

static void compare_kernel(const struct golden *kernel, const char *rules,
			   const struct conf_case *c, const struct result *r)
{
	const char *theirs = golden_line(kernel, c->name);

	if (!theirs)
		return;
	checks++;
	if (!golden_differs(rules, c->name, theirs, r->line))
		return;
	printf("%s: the model says: %s\n", rules, r->line);
	fail(rules, "the real kernel says", theirs);
}

static void compare(const struct golden *golden, const struct golden *kernel,
		    const char *rules, size_t i)
{
	const struct result *r = &results[i];
	const char *want = golden_line(golden, cases[i]->name);

	if (r->state == R_NONE)
		return;
	if (r->state == R_MISSING) {
		lacks[i] = true;
		if (want)
			checks++, fail(rules, "missing now", want);
		return;
	}
	ran[i] = true;
	checks++;
	if (r->state == R_DIED || r->state == R_FAILED)
		fail(rules, "failed", r->line);
	else if (!want)
		fail(rules, "not recorded", r->line);
	else if (strcmp(want, r->line))
		printf("%s: was: %s\n", rules, want),
		fail(rules, "now", r->line);
	else
		compare_kernel(kernel, rules, cases[i], r);
}

static void print(const char *rules)
{
	size_t i;

	if (!opt.rules)
		printf("# %s\n", rules);
	for (i = 0; i < nr_cases; i++)
		if (results[i].state == R_MISSING)
			fprintf(stderr, "%s is missing: %s\n",
				cases[i]->name, results[i].line);
		else if (results[i].state)
			printf("%s\n", results[i].line);
}

static void record(const char *rules)
{
	FILE *f = golden_create("model", rules);
	size_t i;

	for (i = 0; i < nr_cases; i++)
		if (results[i].state == R_LINE || results[i].state == R_TRAP)
			fprintf(f, "%s\n", results[i].line);
		else if (results[i].state == R_FAILED ||
			 results[i].state == R_DIED)
			fail(rules, "not recorded", results[i].line);
	fclose(f);
}

static void run_rules(const struct pinpage_rules *rules)
{
	struct golden *golden, *kernel;
	size_t i;

	model_run_all(cases, nr_cases, rules, results);
	if (opt.record) {
		record(rules->name);
	} else if (!opt.check) {
		print(rules->name);
	} else {
		golden = golden_read("model", rules->name);
		kernel = golden_read("kernel", rules->name);
		for (i = 0; i < nr_cases; i++)
			compare(golden, kernel, rules->name, i);
		golden_free(golden);
		golden_free(kernel);
	}
}

static void list(void)
{
	size_t i;

	for (i = 0; i < nr_cases; i++)
		printf("%-6s %-22s %s\n", cases[i]->name,
		       cases[i]->rules ? cases[i]->rules : "all",
		       cases[i]->title);
}

/* Every case of the specification is there, and ran under some rules. */
static void check_complete(void)
{
	unsigned int there = 0, done = 0, more = 0, all = 0;
	size_t i;

	for (i = 0; i < sizeof(groups) / sizeof(groups[0]); i++)
		all += (unsigned int)groups[i].nr;
	for (i = 0; i < nr_cases; i++) {
		if (!in_section_6(cases[i]->name)) {
			more += ran[i];
			continue;
		}
		there++;
		done += ran[i];
		if (opt.missing && lacks[i])
			printf("missing: %s %s\n", cases[i]->name,
			       cases[i]->title);
	}
	printf("%u of %u cases written, %u of %u run, and %u others\n", there,
	       all, done, all, more);
	checks++;
	if (done < all)
		fail("all", "cases of section 6 do not run", "see --missing");
}

/* Takes @argv apart; false for what it does not know. */
static bool options(char **argv)
{
	static char *one[2];

	for (argv++; *argv && **argv == '-'; argv++)
		if (!strncmp(*argv, "--rules=", 8))
			opt.rules = *argv + 8;
		else if (!strcmp(*argv, "--rules") && argv[1])
			opt.rules = *++argv;
		else if (!strncmp(*argv, "--random=", 9))
			opt.random = *argv + 9;
		else if (!strncmp(*argv, "--case=", 7))
			one[0] = *argv + 7;
		else if (!strcmp(*argv, "--print"))
			opt.print = true;
		else if (!strcmp(*argv, "--list"))
			opt.list = true;
		else if (!strcmp(*argv, "--check"))
			opt.check = true;
		else if (!strcmp(*argv, "--record"))
			opt.record = true;
		else if (!strcmp(*argv, "--missing"))
			opt.missing = true;
		else
			return false;
	opt.names = one[0] ? one : argv;
	if (!opt.rules && getenv("PINPAGE_VALGRIND")) {
		opt.rules = "6.1";	/* slow: one rule set will do */
		opt.check = true;
	}
	if (!opt.rules && !*opt.names && !opt.record && !opt.print)
		opt.check = true;
	return !(opt.record && *opt.names);
}

static bool wanted(const struct conf_case *c)
{
	char **name;

	if (c->random != !!opt.random)
		return false;
	for (name = opt.names; *name; name++)
		if (!strcmp(*name, c->name))
			return true;
	return !*opt.names;
}

static void add_random(void)
{
	FILE *f = opt.random ? fopen(opt.random, "r") : NULL;
	char name[64];

	while (f && fscanf(f, "%63s", name) == 1)
		if (!conf_add_random(name))
			fprintf(stderr, "%s: not the name of a case\n", name);
	if (f)
		fclose(f);
}

static void collect(void)
{
	struct conf_case *c;

	add_random();
	for (c = conf_first(); c && nr_cases < MAX_CASES; c = c->next)
		if (wanted(c))
			cases[nr_cases++] = c;
}

static int verdict(void)
{
	if (!opt.rules && !*opt.names && opt.check)
		check_complete();
	printf("%u%%: Checks: %u, Failures: %u, Errors: 0\n",
	       checks ? (checks - failures) * 100 / checks : 100, checks,
	       failures);
	return failures ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct pinpage_rules *rules;
	size_t n;

	(void)argc;
	if (!options(argv)) {
		fprintf(stderr, "usage: %s [--check | --print | --record | "
			"--list | --missing] [--rules=RULES] [--case=CASE | "
			"CASE...]\n", argv[0]);
		return 2;
	}
	collect();
	if (opt.list)
		return list(), 0;
	for (n = 0; (rules = pinpage_rules_nth(n)); n++)
		if (!opt.rules || !strcmp(rules->name, opt.rules))
			run_rules(rules);
	return opt.check || opt.record ? verdict() : 0;
}
