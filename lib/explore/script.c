// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * script.c - scripted schedules: "driver@pin flusher@clean*2 driver"
 *
 * The grammar is at struct pinpage_schedule in <pinpage/explore.h>.
 *
 * I1. step[at] is the step that is going on; started says that its task was
 *     chosen for it, count how often it has passed the point since.
 */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

static const char name_chars[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";

/* parsing */

static int bad(char why[PP_TEXT_MAX], unsigned int column, const char *what,
	       const char *word, size_t len)
{
	snprintf(why, PP_TEXT_MAX, "schedule, character %u: %s%s%.*s%s",
		 column, what, len ? " \"" : "", (int)len, word,
		 len ? "\"" : "");
	return -EINVAL;
}

static int parse_who(struct pp_script_step *step,
		     const struct pinpage_scenario *scenario,
		     const char *word, size_t len, char why[PP_TEXT_MAX])
{
	size_t i;

	if (len > 5 && !strncmp(word, "task:", 5)) {
		if (len - 5 >= sizeof(step->task))
			return bad(why, step->column, "name too long", word,
				   len);
		memcpy(step->task, word + 5, len - 5);
		step->actor = -1;
		return 0;
	}
	for (i = 0; i < scenario->nr_actors; i++)
		if (strlen(scenario->actors[i].name) == len &&
		    !strncmp(scenario->actors[i].name, word, len)) {
			step->actor = (int)i;
			return 0;
		}
	return bad(why, step->column, "no such actor:", word, len);
}

static int parse_times(struct pp_script_step *step, const char *word,
		       size_t len, unsigned int column, char why[PP_TEXT_MAX])
{
	size_t digits = strspn(word, "0123456789");

	if (!digits || digits != len || len > 6 || !atoi(word))
		return bad(why, column, "a count above 0 expected after \"*\"",
			   word, 0);
	step->times = (unsigned int)atoi(word);
	return 0;
}

static int parse_point(struct pp_script_step *step, const char *word,
		       size_t len, unsigned int column, char why[PP_TEXT_MAX])
{
	size_t n = strspn(word, name_chars);

	if (!n)
		return bad(why, column, "an event or yield point expected "
			   "after \"@\"", word, 0);
	if (n >= sizeof(step->point))
		return bad(why, column, "name too long", word, n);
	memcpy(step->point, word, n);
	step->point[n] = '\0';
	step->kind = pinpage_event_kind_of(step->point);
	step->is_event = step->kind >= 0;
	step->times = 1;
	if (n == len)
		return 0;
	if (word[n] != '*')
		return bad(why, column + (unsigned int)n, "unexpected",
			   word + n, 1);
	return parse_times(step, word + n + 1, len - n - 1,
			   column + (unsigned int)n + 1, why);
}

static int parse_step(struct pp_script_step *step,
		      const struct pinpage_scenario *scenario,
		      const char *word, size_t len, char why[PP_TEXT_MAX])
{
	const char *at = memchr(word, '@', len);
	size_t who = at ? (size_t)(at - word) : len;
	int err;

	if (!who)
		return bad(why, step->column, "an actor expected", word, 0);
	err = parse_who(step, scenario, word, who, why);
	if (err || !at)
		return err;
	return parse_point(step, at + 1, len - who - 1,
			   step->column + (unsigned int)who + 1, why);
}

/* the strategy */

static struct task_struct *named_task(const char *name)
{
	struct task_struct *task;
	unsigned int id, misses = 0;

	for (id = 1; misses < 64; id++) {
		task = pp_task_by_id(id);
		if (!task)
			misses++;
		else if (!task->ended && !strcmp(task->name, name))
			return task;
	}
	return NULL;
}

/* id of the step's task; 0 if it has ended or was never there */
static unsigned int step_task(const struct pp_script *script,
			      const struct pp_script_step *step)
{
	struct task_struct *task;

	if (step->actor >= 0) {
		task = script->run->actor[step->actor].task;
		return task->ended ? 0 : script->run->actor[step->actor].id;
	}
	task = named_task(step->task);
	return task ? task->id : 0;
}

static bool passes(const struct pp_script_step *step,
		   const struct pinpage_event *event)
{
	if (step->is_event && (int)event->kind == step->kind)
		return true;
	return event->kind == PINPAGE_EV_YIELD && event->name &&
	       step->point[0] && !strcmp(event->name, step->point);
}

static void advance(struct pp_script *script)
{
	script->at++;
	script->started = false;
	script->count = 0;
}

static void note_yield(struct pp_script *script,
		       const struct pinpage_event *event)
{
	size_t i;

	for (i = 0; i < script->nr; i++)
		if (passes(&script->step[i], event))
			script->step[i].passed = true;
}

/* what just happened may end the running step */
static void follow(struct pp_script *script, const unsigned int *runnable,
		   size_t nr, int current_id,
		   const struct pinpage_event *event)
{
	const struct pp_script_step *step = &script->step[script->at];
	unsigned int id;

	if (!script->started)
		return;
	id = step_task(script, step);
	if (event && id && current_id == (int)id) {
		if (passes(step, event) && ++script->count == step->times)
			advance(script);
	} else if (!id || pp_index_of(runnable, nr, id) < 0) {
		advance(script);	/* ended or blocked */
	}
}

static size_t choose(struct pinpage_strategy *self,
		     const unsigned int *runnable, size_t nr, int current_id,
		     const struct pinpage_event *event)
{
	struct pp_script *script = self->priv;
	unsigned int id;
	long i;

	if (event && event->kind == PINPAGE_EV_YIELD)
		note_yield(script, event);
	if (script->at < script->nr)
		follow(script, runnable, nr, current_id, event);
	while (script->at < script->nr) {
		id = step_task(script, &script->step[script->at]);
		if (!id) {
			advance(script);
			continue;
		}
		i = pp_index_of(runnable, nr, id);
		if (i < 0)
			break;
		script->started = true;
		return (size_t)i;
	}
	return pp_in_order(script->run, runnable, nr);
}

static void begin(struct pinpage_strategy *self, struct pinpage_run *run)
{
	struct pp_script *script = self->priv;

	script->run = run;
	script->at = 0;
	script->started = false;
	script->count = 0;
}

static size_t count_words(const char *text)
{
	size_t n = 0;

	while (*(text += strspn(text, " \t\n"))) {
		n++;
		text += strcspn(text, " \t\n");
	}
	return n;
}

/**
 * pp_script_parse() - make a strategy of a script
 * @script: out; owes pp_script_free() whatever this returns
 * @text:   steps; NULL or "": the actors in order
 * @why:    out: what is wrong, and at which character
 *
 * Context: any. Locking: none. Return: 0; -EINVAL, -ENOMEM.
 */
int pp_script_parse(struct pp_script *script,
		    const struct pinpage_scenario *scenario, const char *text,
		    char why[PP_TEXT_MAX])
{
	const char *at = text ? text : "";
	size_t words = count_words(at), len;
	int err;

	memset(script, 0, sizeof(*script));
	script->strategy = (struct pinpage_strategy){
		.begin = begin, .choose = choose, .priv = script,
	};
	script->step = pp_calloc(words + 1, sizeof(*script->step));
	if (!script->step) {
		snprintf(why, PP_TEXT_MAX, "out of memory");
		return -ENOMEM;
	}
	while (*(at += strspn(at, " \t\n"))) {
		struct pp_script_step *step = &script->step[script->nr];

		len = strcspn(at, " \t\n");
		step->column = (unsigned int)(at - text) + 1;
		err = parse_step(step, scenario, at, len, why);
		if (err)
			return err;
		script->nr++;
		at += len;
	}
	return 0;
}

/**
 * pp_script_free() - partner of pp_script_parse()
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_script_free(struct pp_script *script)
{
	pp_free(script->step);
	script->step = NULL;
}

/**
 * pp_script_all_seen() - after a run: does each point of the script exist?
 * @why: out: the first that neither is an event nor was passed by anybody
 *
 * Context: any. Locking: none. Return: false if there is one.
 */
bool pp_script_all_seen(const struct pp_script *script,
			char why[PP_TEXT_MAX])
{
	size_t i;

	for (i = 0; i < script->nr; i++)
		if (script->step[i].point[0] && !script->step[i].is_event &&
		    !script->step[i].passed) {
			snprintf(why, PP_TEXT_MAX, "schedule, character %u: no "
				 "event is called \"%s\" and nobody passed a "
				 "yield point of that name",
				 script->step[i].column,
				 script->step[i].point);
			return false;
		}
	return true;
}
