// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * json.c - results for programs
 *
 * Built without jansson every function here prints nothing and returns
 * -EOPNOTSUPP.
 */
#include "explore/explore.h"

#include <errno.h>
#include <string.h>

#ifdef HAVE_JANSSON

#include <jansson.h>

/* @value is stolen; NULL becomes null */
static void set(json_t *object, const char *key, json_t *value)
{
	(void)json_object_set_new(object, key, value ? value : json_null());
}

static json_t *string(const char *text)
{
	return text ? json_string(text) : NULL;
}

static json_t *number(uint64_t n)
{
	return json_integer((json_int_t)n);
}

static int dump(FILE *out, json_t *object)
{
	int err = -ENOMEM;

	if (object && !json_dumpf(object, out, JSON_INDENT(2)))
		err = fputc('\n', out) == EOF ? -EIO : 0;
	json_decref(object);
	return err;
}

/**
 * pp_json_works() - was the library built with jansson?
 *
 * Context: any. Locking: none. Return: true.
 */
bool pp_json_works(void)
{
	return true;
}

static json_t *about(const struct pinpage_scenario *scenario, size_t contract,
		     const struct pinpage_rules *rules)
{
	json_t *object = json_object();
	char text[512];

	pp_rules_text(rules, text, sizeof(text));
	set(object, "scenario", string(scenario->name));
	set(object, "contract", string(scenario->contracts[contract].name));
	set(object, "rules", string(text));
	return object;
}

static void add_outcome(json_t *object, const struct pinpage_outcome *outcome)
{
	set(object, "result", string(pinpage_cell_name(outcome->cell)));
	set(object, "headline", string(outcome->headline));
	set(object, "rule_switch", string(outcome->rule_switch));
	set(object, "schedule", string(outcome->schedule));
	set(object, "events", number(outcome->events));
	set(object, "switches", number(outcome->switches));
	set(object, "replay", string(outcome->replay));
	if (outcome->story)
		set(object, "story", string(outcome->story));
}

/**
 * pp_json_outcome() - one outcome as an object
 *
 * Context: any. Locking: none. Return: 0; -ENOMEM, -EIO.
 */
int pp_json_outcome(FILE *out, const struct pinpage_scenario *scenario,
		    size_t contract, const struct pinpage_rules *rules,
		    const struct pinpage_outcome *outcome)
{
	json_t *object = about(scenario, contract, rules);

	add_outcome(object, outcome);
	return dump(out, object);
}

/**
 * pp_json_random() - as pp_json_outcome(), except: with counts by result
 */
int pp_json_random(FILE *out, const struct pinpage_scenario *scenario,
		   size_t contract, const struct pinpage_rules *rules,
		   uint64_t seed, const uint64_t *histogram,
		   const struct pinpage_outcome *worst)
{
	json_t *object = about(scenario, contract, rules);
	json_t *counts = json_object();
	int cell;

	for (cell = 0; cell <= PINPAGE_CELL_HANG; cell++)
		set(counts, pinpage_cell_name((enum pinpage_cell)cell),
		    number(histogram[cell]));
	set(object, "seed", number(seed));
	set(object, "runs", counts);
	add_outcome(object, worst);
	return dump(out, object);
}

static json_t *named(const char *name, const char *title)
{
	json_t *object = json_object();

	set(object, "name", string(name));
	set(object, "title", string(title));
	return object;
}

static json_t *list_scenario(const struct pinpage_scenario *scenario)
{
	json_t *object = named(scenario->name, scenario->title);
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < scenario->nr_contracts; i++)
		(void)json_array_append_new(list, named(
			scenario->contracts[i].name,
			scenario->contracts[i].title));
	set(object, "contracts", list);
	list = json_array();
	for (i = 0; i < scenario->nr_schedules; i++) {
		json_t *item = named(scenario->schedules[i].name,
				     scenario->schedules[i].why);

		set(item, "script", string(scenario->schedules[i].script));
		(void)json_array_append_new(list, item);
	}
	set(object, "schedules", list);
	list = json_array();
	for (i = 0; i < scenario->nr_actors; i++)
		(void)json_array_append_new(list, string(
			scenario->actors[i].name));
	set(object, "actors", list);
	return object;
}

/**
 * pp_json_list() - what there is to choose from
 *
 * Context: any. Locking: none. Return: 0; -ENOMEM, -EIO.
 */
int pp_json_list(FILE *out, const struct pinpage_scenario *const *scenarios,
		 size_t nr)
{
	json_t *object = json_object(), *list = json_array();
	const struct pinpage_rules *rules;
	size_t i;

	for (i = 0; i < nr; i++)
		(void)json_array_append_new(list, list_scenario(scenarios[i]));
	set(object, "scenarios", list);
	list = json_array();
	for (i = 0; (rules = pinpage_rules_nth(i)); i++)
		(void)json_array_append_new(list, named(rules->name,
							rules->title));
	set(object, "rules", list);
	return dump(out, object);
}

static int add_cell(json_t *list, const struct pinpage_scenario *scenario,
		    size_t contract, const struct pinpage_rules *rules)
{
	struct pinpage_outcome outcome;
	json_t *object = about(scenario, contract, rules);
	int err = pinpage_explore_cell(scenario, contract, rules, &outcome);

	if (err)
		set(object, "error", string(outcome.headline));
	else
		add_outcome(object, &outcome);
	(void)json_array_append_new(list, object);
	pinpage_outcome_free(&outcome);
	return err;
}

int pinpage_matrix_print_json(FILE *out,
			      const struct pinpage_scenario *const *scenarios,
			      size_t nr)
{
	const struct pinpage_rules *rules;
	json_t *object, *list;
	int err, first = 0;
	size_t i, contract, j;

	if (!out || !scenarios || !nr)
		return -EINVAL;
	object = json_object();
	list = json_array();
	for (i = 0; i < nr; i++)
		for (contract = 0; contract < scenarios[i]->nr_contracts;
		     contract++)
			for (j = 0; (rules = pinpage_rules_nth(j)); j++) {
				err = add_cell(list, scenarios[i], contract,
					       rules);
				first = first ? first : err;
			}
	set(object, "cells", list);
	err = dump(out, object);
	return first ? first : err;
}

#else /* !HAVE_JANSSON */

bool pp_json_works(void)
{
	return false;
}

int pp_json_outcome(FILE *out, const struct pinpage_scenario *scenario,
		    size_t contract, const struct pinpage_rules *rules,
		    const struct pinpage_outcome *outcome)
{
	(void)out;
	(void)scenario;
	(void)contract;
	(void)rules;
	(void)outcome;
	return -EOPNOTSUPP;
}

int pp_json_random(FILE *out, const struct pinpage_scenario *scenario,
		   size_t contract, const struct pinpage_rules *rules,
		   uint64_t seed, const uint64_t *histogram,
		   const struct pinpage_outcome *worst)
{
	(void)seed;
	(void)histogram;
	return pp_json_outcome(out, scenario, contract, rules, worst);
}

int pp_json_list(FILE *out, const struct pinpage_scenario *const *scenarios,
		 size_t nr)
{
	(void)out;
	(void)scenarios;
	(void)nr;
	return -EOPNOTSUPP;
}

int pinpage_matrix_print_json(FILE *out,
			      const struct pinpage_scenario *const *scenarios,
			      size_t nr)
{
	if (!out || !scenarios || !nr)
		return -EINVAL;
	return -EOPNOTSUPP;
}

#endif
