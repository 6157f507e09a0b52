// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * explore.c - one run, many runs, the worst of them
 */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static const struct pinpage_rules *or_default(const struct pinpage_rules *rules)
{
	return rules ? rules : pinpage_rules_find("6.12");
}

/**
 * pp_schedule_find() - the schedule of that name
 *
 * Context: any. Locking: none. Return: NULL if there is none.
 */
const struct pinpage_schedule *
pp_schedule_find(const struct pinpage_scenario *scenario, const char *name)
{
	size_t i;

	for (i = 0; name && i < scenario->nr_schedules; i++)
		if (!strcmp(scenario->schedules[i].name, name))
			return &scenario->schedules[i];
	return NULL;
}

/**
 * pp_contract_find() - index of the contract of that name
 *
 * Context: any. Locking: none. Return: the index; -ENOENT.
 */
long pp_contract_find(const struct pinpage_scenario *scenario,
		      const char *name)
{
	size_t i;

	for (i = 0; name && i < scenario->nr_contracts; i++)
		if (!strcmp(scenario->contracts[i].name, name))
			return (long)i;
	return -ENOENT;
}

/* one run of @run as it is set up, told about in @outcome */
static int run_and_tell(struct pinpage_run *run, const char *schedule,
			enum pp_story_kind kind,
			struct pinpage_outcome *outcome)
{
	int err;

	if (kind != PP_STORY_NONE) {
		run->story = pp_story_new(run, kind);
		if (!run->story) {
			pp_outcome_reason(outcome, "out of memory");
			return -ENOMEM;
		}
	}
	err = pp_run_once(run);
	if (err)
		pp_outcome_reason(outcome, run->headline[0] ? run->headline :
				  run->what);
	else
		err = pp_outcome_fill(run, schedule, outcome);
	pp_story_free(run->story);
	run->story = NULL;
	return err;
}

/* @why goes to @outcome; the error goes through */
static int fail(struct pinpage_outcome *outcome, int err, const char *why)
{
	pp_outcome_reason(outcome, why);
	return err;
}

/* a scenario that a script can be parsed against */
static bool usable(const struct pinpage_scenario *scenario)
{
	return scenario && scenario->name && scenario->actors &&
	       scenario->contracts;
}

/* one run by a script; @name NULL: the text is the user's, its points must exist */
static int run_script(const struct pinpage_scenario *scenario, size_t contract,
		      const struct pinpage_rules *rules, const char *name,
		      const char *text, enum pp_story_kind kind,
		      struct pinpage_outcome *outcome)
{
	char why[PP_TEXT_MAX] = "";
	struct pinpage_run run;
	struct pp_script script;
	int err;

	err = pp_run_init(&run, scenario, contract, rules, why);
	if (err)
		return fail(outcome, err, why);
	err = pp_script_parse(&script, scenario, text, why);
	if (err) {
		pp_outcome_reason(outcome, why);
		goto out;
	}
	run.strategy = &script.strategy;
	err = run_and_tell(&run, name ? name : "script", kind, outcome);
	if (!err && !name && !run.refused &&
	    !pp_script_all_seen(&script, why)) {
		pinpage_outcome_free(outcome);
		pp_outcome_reason(outcome, why);
		err = -EINVAL;
	}
out:
	pp_script_free(&script);
	pp_run_done(&run);
	return err;
}

/**
 * pp_explore_run() - as pinpage_explore_run(), except: @kind of story
 */
int pp_explore_run(const struct pinpage_scenario *scenario, size_t contract,
		   const struct pinpage_rules *rules, const char *schedule,
		   enum pp_story_kind kind, struct pinpage_outcome *outcome)
{
	const struct pinpage_schedule *named;

	if (!outcome)
		return -EINVAL;
	if (!usable(scenario))
		return fail(outcome, -EINVAL, "no scenario");
	rules = or_default(rules);
	if (!schedule || !*schedule)
		return run_script(scenario, contract, rules, "in order", NULL,
				  kind, outcome);
	named = pp_schedule_find(scenario, schedule);
	if (named)
		return run_script(scenario, contract, rules, named->name,
				  named->script, kind, outcome);
	return run_script(scenario, contract, rules, NULL, schedule, kind,
			  outcome);
}

int pinpage_explore_run(const struct pinpage_scenario *scenario,
			size_t contract, const struct pinpage_rules *rules,
			const char *schedule, bool story,
			struct pinpage_outcome *outcome)
{
	return pp_explore_run(scenario, contract, rules, schedule,
			      story ? PP_STORY_SHORT : PP_STORY_NONE, outcome);
}

/**
 * pp_explore_replay() - as pinpage_explore_replay(), except: @kind of story
 */
int pp_explore_replay(const struct pinpage_scenario *scenario,
		      const char *text, enum pp_story_kind kind,
		      struct pinpage_outcome *outcome)
{
	char why[PP_TEXT_MAX] = "";
	struct pinpage_run run;
	struct pp_replay replay;
	int err;

	if (!outcome)
		return -EINVAL;
	if (!usable(scenario))
		return fail(outcome, -EINVAL, "no scenario");
	err = pp_replay_parse(&replay, scenario, text, why);
	if (!err)
		err = pp_run_init(&run, scenario, replay.contract,
				  &replay.rules, why);
	if (err) {
		pp_outcome_reason(outcome, why);
		goto out;
	}
	run.strategy = &replay.strategy;
	err = run_and_tell(&run, "replay", kind, outcome);
	if (!err && (replay.stale || replay.decisions != replay.total)) {
		pinpage_outcome_free(outcome);
		pp_outcome_reason(outcome, "the run took another way than the "
				  "one that made the string");
		err = -ESTALE;
	}
	pp_run_done(&run);
out:
	pp_replay_free(&replay);
	return err;
}

int pinpage_explore_replay(const struct pinpage_scenario *scenario,
			   const char *replay, bool story,
			   struct pinpage_outcome *outcome)
{
	return pp_explore_replay(scenario, replay,
				 story ? PP_STORY_SHORT : PP_STORY_NONE,
				 outcome);
}

/* many */

/* @outcome becomes @worst if it is worse; the other one is freed */
static void keep_worse(struct pinpage_outcome *worst,
		       struct pinpage_outcome *outcome, bool first)
{
	if (first || outcome->cell > worst->cell) {
		pinpage_outcome_free(worst);
		*worst = *outcome;
	} else {
		pinpage_outcome_free(outcome);
	}
}

/**
 * pp_explore_cell() - as pinpage_explore_cell(), except: @kind of story
 */
int pp_explore_cell(const struct pinpage_scenario *scenario, size_t contract,
		    const struct pinpage_rules *rules,
		    enum pp_story_kind kind, struct pinpage_outcome *worst)
{
	struct pinpage_outcome outcome;
	size_t i;
	int err;

	if (!worst)
		return -EINVAL;
	memset(worst, 0, sizeof(*worst));
	if (!usable(scenario))
		return fail(worst, -EINVAL, "no scenario");
	if (!scenario->nr_schedules)
		return pp_explore_run(scenario, contract, rules, NULL, kind,
				      worst);
	for (i = 0; i < scenario->nr_schedules; i++) {
		err = run_script(scenario, contract, or_default(rules),
				 scenario->schedules[i].name,
				 scenario->schedules[i].script, kind,
				 &outcome);
		if (err) {
			pinpage_outcome_free(worst);
			*worst = outcome;
			return err;
		}
		keep_worse(worst, &outcome, !i);
	}
	return 0;
}

int pinpage_explore_cell(const struct pinpage_scenario *scenario,
			 size_t contract, const struct pinpage_rules *rules,
			 struct pinpage_outcome *worst)
{
	return pp_explore_cell(scenario, contract, rules, PP_STORY_NONE,
			       worst);
}

/* words only for a run that is worse than all before */
static int search_tell(struct pinpage_run *run,
		       struct pinpage_outcome *worst, bool first,
		       struct pinpage_outcome *outcome)
{
	struct pinpage_outcome told;
	int err;

	if (first || run->cell > worst->cell) {
		err = pp_outcome_fill(run, "search", &told);
		if (err)
			return err;
		pinpage_outcome_free(worst);
		*worst = told;
		*outcome = told;
		return 0;
	}
	outcome->cell = run->cell;
	outcome->headline[0] = '\0';
	outcome->rule_switch = NULL;
	outcome->schedule = "search";
	outcome->events = run->events;
	outcome->switches = run->switches;
	outcome->replay = NULL;
	outcome->story = NULL;
	return 0;
}

static int search(struct pinpage_run *run, struct pinpage_outcome *worst,
		  uint64_t *runs)
{
	struct pinpage_strategy *strategy = run->strategy;
	struct pinpage_outcome outcome;
	int err;

	do {
		err = pp_run_once(run);
		if (err) {
			if (!*runs)
				pp_outcome_reason(worst, run->headline[0] ?
						  run->headline : run->what);
			return err;
		}
		err = search_tell(run, worst, !*runs, &outcome);
		if (err)
			return err;
		++*runs;
	} while (strategy->end && strategy->end(strategy, &outcome));
	return 0;
}

int pinpage_explore_strategy(const struct pinpage_scenario *scenario,
			     size_t contract,
			     const struct pinpage_rules *rules,
			     struct pinpage_strategy *strategy,
			     struct pinpage_outcome *worst, uint64_t *runs)
{
	char why[PP_TEXT_MAX] = "";
	struct pinpage_run run;
	uint64_t done = 0;
	int err;

	if (!worst)
		return -EINVAL;
	memset(worst, 0, sizeof(*worst));
	if (!strategy || !strategy->choose || !usable(scenario))
		return fail(worst, -EINVAL, "no scenario or no strategy");
	err = pp_run_init(&run, scenario, contract, or_default(rules), why);
	if (err)
		return fail(worst, err, why);
	run.strategy = strategy;
	err = search(&run, worst, &done);
	pp_run_done(&run);
	if (runs)
		*runs = done;
	return err;
}

int pinpage_explore_random(const struct pinpage_scenario *scenario,
			   size_t contract, const struct pinpage_rules *rules,
			   uint64_t seed, uint64_t runs,
			   uint64_t histogram[PINPAGE_CELL_HANG + 1],
			   struct pinpage_outcome *worst)
{
	struct pinpage_outcome unwanted;
	struct pp_random random;
	int err;

	if (histogram)
		memset(histogram, 0, (PINPAGE_CELL_HANG + 1) *
		       sizeof(*histogram));
	if (!runs)
		return worst ? fail(worst, -EINVAL, "no runs") : -EINVAL;
	pp_random_init(&random, seed, runs, PP_RANDOM_MIXED, 0, histogram);
	err = pinpage_explore_strategy(scenario, contract, rules,
				       &random.strategy,
				       worst ? worst : &unwanted, NULL);
	if (!worst)
		pinpage_outcome_free(&unwanted);
	else if (worst->schedule)
		worst->schedule = "random";
	return err;
}
