// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * replay.c - a run as a string, and the run again from the string
 *
 *	direct-io/pin/6.1:a12b5a3.147
 *
 * Scenario, contract and rules; then who was chosen, how many times in a row:
 * a letter per actor, "T7x" for task 7 of the machine; a count of 1 is left
 * out. What follows the last choice that was not the default (the actors in
 * order) is left out too. At the end the number of choices of the whole run,
 * which must come out again.
 *
 * Key of struct pp_trail: seg[] is the run so far, run-length encoded.
 */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/**
 * pp_trail_add() - note a choice
 * @task:       chosen
 * @is_default: the actors in order would have chosen the same
 *
 * Context: the scheduler's. Locking: none. Return: nothing; trail->lost is
 * set when there is no memory.
 */
void pp_trail_add(struct pp_trail *trail, unsigned int task, bool is_default)
{
	struct pp_segment *seg = trail->seg;

	trail->decisions++;
	if (!is_default)
		trail->forced = trail->decisions;
	if (trail->nr && seg[trail->nr - 1].task == task) {
		seg[trail->nr - 1].count++;
		return;
	}
	if (trail->nr == trail->room) {
		size_t room = trail->room ? 2 * trail->room : 64;

		seg = pp_realloc(seg, room * sizeof(*seg));
		if (!seg) {
			trail->lost = true;
			return;
		}
		trail->seg = seg;
		trail->room = room;
	}
	seg[trail->nr++] = (struct pp_segment){ .task = task, .count = 1 };
}

static int print_segment(const struct pinpage_run *run,
			 const struct pp_segment *seg, uint64_t count,
			 char *buf, size_t size)
{
	int actor = pinpage_run_actor(run, seg->task);
	char who[16];

	if (actor >= 0)
		snprintf(who, sizeof(who), "%c", 'a' + actor);
	else
		snprintf(who, sizeof(who), "T%ux", seg->task);
	if (count == 1 && actor >= 0)
		return snprintf(buf, size, "%s", who);
	return snprintf(buf, size, "%s%llu", who, (unsigned long long)count);
}

/* the run of @run into @buf as by snprintf() */
static size_t print_trail(const struct pinpage_run *run, char *buf,
			  size_t size)
{
	const struct pp_trail *trail = &run->trail;
	const struct pinpage_scenario *scenario = run->scenario;
	char rules[512];
	uint64_t left = trail->forced;
	size_t i, len;

	pp_rules_text(run->rules, rules, sizeof(rules));
	len = (size_t)snprintf(buf, size, "%s/%s/%s:", scenario->name,
			       scenario->contracts[run->contract].name, rules);
	for (i = 0; i < trail->nr && left; i++) {
		uint64_t count = min(left, (uint64_t)trail->seg[i].count);

		len += (size_t)print_segment(run, &trail->seg[i], count,
					     buf + min(len, size),
					     size - min(len, size));
		left -= count;
	}
	len += (size_t)snprintf(buf + min(len, size), size - min(len, size),
				".%llu", (unsigned long long)trail->decisions);
	return len;
}

/**
 * pp_trail_string() - the replay string of the run that just ended
 * @string: out; pp_free() it
 *
 * Context: any. Locking: none. Return: 0; -ENOMEM.
 */
int pp_trail_string(const struct pinpage_run *run, char **string)
{
	char small[512];
	size_t len = print_trail(run, small, sizeof(small));
	char *text = pp_alloc(len + 1);

	if (!text)
		return -ENOMEM;
	if (len < sizeof(small))
		memcpy(text, small, len + 1);
	else
		print_trail(run, text, len + 1);
	*string = text;
	return 0;
}

/* the strategy */

static size_t choose(struct pinpage_strategy *self,
		     const unsigned int *runnable, size_t nr, int current_id,
		     const struct pinpage_event *event)
{
	struct pp_replay *replay = self->priv;
	const struct pp_segment *seg;
	long i;

	(void)current_id;
	(void)event;
	replay->decisions++;
	if (replay->at == replay->nr)
		return pp_in_order(replay->run, runnable, nr);
	seg = &replay->seg[replay->at];
	i = pp_index_of(runnable, nr, seg->task);
	if (++replay->done >= seg->count) {
		replay->at++;
		replay->done = 0;
	}
	if (i >= 0)
		return (size_t)i;
	replay->stale = true;
	return pp_in_order(replay->run, runnable, nr);
}

/* letters become ids, known now */
static void begin(struct pinpage_strategy *self, struct pinpage_run *run)
{
	struct pp_replay *replay = self->priv;
	size_t i;

	replay->run = run;
	for (i = 0; i < replay->nr; i++)
		if (replay->seg[i].task & 1u << 31)
			replay->seg[i].task =
				run->actor[replay->seg[i].task & 0xff].id;
}

/* parsing */

static int bad(char why[PP_TEXT_MAX], const char *text, const char *at,
	       const char *what)
{
	snprintf(why, PP_TEXT_MAX, "replay string, character %td: %s",
		 at - text + 1, what);
	return -EINVAL;
}

/* digits at *@at, or @none if there are none */
static bool number(const char **at, uint64_t none, uint64_t max,
		   uint64_t *value)
{
	char *end;

	*value = none;
	if (**at < '0' || **at > '9')
		return none != 0;
	errno = 0;
	*value = strtoull(*at, &end, 10);
	*at = end;
	return !errno && *value && *value <= max;
}

static int parse_segment(const struct pinpage_scenario *scenario,
			 const char *text, const char **at,
			 struct pp_segment *seg, char why[PP_TEXT_MAX])
{
	const char *start = *at;
	uint64_t task, count;

	if (**at == 'T') {
		++*at;
		if (!number(at, 0, 1u << 30, &task) || *(*at)++ != 'x')
			return bad(why, text, start, "a task is \"T7x3\"");
	} else if (**at >= 'a' &&
		   (size_t)(**at - 'a') < scenario->nr_actors) {
		task = (uint64_t)(*(*at)++ - 'a') | 1u << 31;
	} else {
		return bad(why, text, start, "no such actor");
	}
	if (!number(at, 1, UINT32_MAX, &count))
		return bad(why, text, start, "bad count");
	*seg = (struct pp_segment){ (uint32_t)task, (uint32_t)count };
	return 0;
}

static int parse_segments(struct pp_replay *replay,
			  const struct pinpage_scenario *scenario,
			  const char *text, const char *at,
			  char why[PP_TEXT_MAX])
{
	int err;

	replay->seg = pp_alloc((strlen(at) + 1) * sizeof(*replay->seg));
	if (!replay->seg) {
		snprintf(why, PP_TEXT_MAX, "out of memory");
		return -ENOMEM;
	}
	while (*at && *at != '.') {
		err = parse_segment(scenario, text, &at,
				    &replay->seg[replay->nr], why);
		if (err)
			return err;
		replay->nr++;
	}
	if (*at++ != '.')
		return bad(why, text, at - 1, "\".\" and a number missing");
	if (!number(&at, 0, UINT64_MAX, &replay->total) || *at)
		return bad(why, text, at, "bad number of choices");
	return 0;
}

/* "scenario/contract/rules" */
static int parse_head(struct pp_replay *replay,
		      const struct pinpage_scenario *scenario,
		      const char *text, const char *colon,
		      char why[PP_TEXT_MAX])
{
	char head[640], *contract, *rules;
	long found;

	if ((size_t)(colon - text) >= sizeof(head))
		return bad(why, text, text, "too long");
	memcpy(head, text, (size_t)(colon - text));
	head[colon - text] = '\0';
	contract = strchr(head, '/');
	rules = contract ? strchr(contract + 1, '/') : NULL;
	if (!rules)
		return bad(why, text, text, "scenario/contract/rules missing");
	*contract++ = '\0';
	*rules++ = '\0';
	if (strcmp(head, scenario->name))
		return bad(why, text, text, "it is about another scenario");
	found = pp_contract_find(scenario, contract);
	if (found < 0)
		return bad(why, text, text + (contract - head),
			   "no such contract");
	replay->contract = (size_t)found;
	if (pinpage_rules_parse(&replay->rules, rules))
		return bad(why, text, text + (rules - head), "no such rules");
	return 0;
}

/**
 * pp_replay_parse() - make a strategy of a replay string
 * @replay: out; owes pp_replay_free() whatever this returns
 * @why:    out: what is wrong
 *
 * Context: any. Locking: none. Return: 0; -EINVAL, -ENOMEM.
 */
int pp_replay_parse(struct pp_replay *replay,
		    const struct pinpage_scenario *scenario, const char *text,
		    char why[PP_TEXT_MAX])
{
	const char *colon = text ? strrchr(text, ':') : NULL;
	int err;

	memset(replay, 0, sizeof(*replay));
	replay->strategy = (struct pinpage_strategy){
		.begin = begin, .choose = choose, .priv = replay,
	};
	if (!colon) {
		snprintf(why, PP_TEXT_MAX, "no replay string: \":\" missing");
		return -EINVAL;
	}
	err = parse_head(replay, scenario, text, colon, why);
	if (err)
		return err;
	return parse_segments(replay, scenario, text, colon + 1, why);
}

/**
 * pp_replay_free() - partner of pp_replay_parse()
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_replay_free(struct pp_replay *replay)
{
	pp_free(replay->seg);
	replay->seg = NULL;
}
