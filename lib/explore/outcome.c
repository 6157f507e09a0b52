// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * outcome.c - what a run came to
 *
 * The result itself is cheap and computed for every run. Words are not (the
 * checkers look up call sites to make them): pp_outcome_fill() is for runs that
 * somebody will read about. It must come before the next boot, which forgets
 * the verdicts.
 */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"

static const char *const cell_names[] = {
	[PINPAGE_CELL_NOT_OFFERED] = "not offered",
	[PINPAGE_CELL_OK] = "ok",
	[PINPAGE_CELL_HAZARD] = "hazard",
	[PINPAGE_CELL_LOST] = "LOST",
	[PINPAGE_CELL_TRAP] = "TRAP",
	[PINPAGE_CELL_HANG] = "HANG",
};

const char *pinpage_cell_name(enum pinpage_cell cell)
{
	return (unsigned int)cell < ARRAY_SIZE(cell_names) ?
	       cell_names[cell] : "?";
}

void pinpage_outcome_free(struct pinpage_outcome *outcome)
{
	if (!outcome)
		return;
	pp_free(outcome->replay);
	pp_free(outcome->story);
	memset(outcome, 0, sizeof(*outcome));
}

/**
 * pp_cell_of() - a severity as a result
 *
 * Context: any. Locking: none. Return: the result; OK for OK.
 */
enum pinpage_cell pp_cell_of(enum pinpage_severity severity)
{
	switch (severity) {
	case PINPAGE_HAZARD:
		return PINPAGE_CELL_HAZARD;
	case PINPAGE_LOST:
		return PINPAGE_CELL_LOST;
	case PINPAGE_TRAP:
		return PINPAGE_CELL_TRAP;
	case PINPAGE_HANG:
		return PINPAGE_CELL_HANG;
	default:
		return PINPAGE_CELL_OK;
	}
}

/**
 * pp_run_judge() - set run->cell
 *
 * After a trap or hang: that, whatever leaks and waits follow from it.
 *
 * Context: after the machine's shutdown. Locking: none. Return: nothing.
 */
void pp_run_judge(struct pinpage_run *run)
{
	enum pinpage_cell cell = pp_cell_of(pinpage_check_worst());

	if (run->trapped)
		cell = PINPAGE_CELL_TRAP;
	else if (run->hung)
		cell = PINPAGE_CELL_HANG;
	else if (cell < PINPAGE_CELL_LOST && (run->is_lost || run->held > 0))
		cell = PINPAGE_CELL_LOST;
	if (cell == PINPAGE_CELL_OK && run->refused)
		cell = PINPAGE_CELL_NOT_OFFERED;
	run->cell = cell;
}

/**
 * pp_worst_verdict() - first of the worst; one that names a switch before
 * one that does not
 *
 * Context: task 0 or outside the machine. Locking: none.
 * Return: the verdict, NULL if there is none.
 */
const struct pinpage_verdict *pp_worst_verdict(void)
{
	const struct pinpage_verdict *v, *worst = NULL;

	for (v = pinpage_check_first(); v; v = v->next)
		if (!worst || v->severity > worst->severity ||
		    (v->severity == worst->severity && v->rule_switch &&
		     !worst->rule_switch))
			worst = v;
	return worst;
}

/**
 * pp_run_verdict() - the verdict that the result of a run is about
 *
 * A hang is no checker's: the leaks that follow from it explain nothing.
 *
 * Context: as pp_worst_verdict(). Locking: none. Return: NULL: none is.
 */
const struct pinpage_verdict *pp_run_verdict(const struct pinpage_run *run)
{
	const struct pinpage_verdict *worst = pp_worst_verdict();

	return worst && pp_cell_of(worst->severity) >= run->cell ? worst : NULL;
}

static const char *switch_of(const struct pinpage_run *run,
			     const struct pinpage_verdict *worst)
{
	const struct pinpage_verdict *v;

	if (worst && worst->rule_switch)
		return worst->rule_switch;
	if (run->blame)
		return run->blame;
	if (run->cell == PINPAGE_CELL_HANG)
		return run->hung_on_pins ? "writeback_pinned" : NULL;
	for (v = pinpage_check_first(); v; v = v->next)
		if (v->rule_switch)
			return v->rule_switch;
	return NULL;
}

/**
 * pp_run_remedy() - what the driver should do about the result of a run
 *
 * Context: as pp_worst_verdict(). Locking: none. Return: NULL: unknown.
 */
const char *pp_run_remedy(const struct pinpage_run *run)
{
	const struct pinpage_verdict *v = pp_run_verdict(run);

	if (run->cell <= PINPAGE_CELL_OK)
		return NULL;
	if (run->cell == PINPAGE_CELL_HANG && run->hung_on_pins)
		return "drop the pins before anybody has to wait for the page to be written";
	return v && v->advice[0] ? v->advice : NULL;
}

static void headline(const struct pinpage_run *run,
		     const struct pinpage_verdict *worst, char *buf,
		     size_t size)
{
	if (run->cell == PINPAGE_CELL_OK)
		return;
	if (worst)
		snprintf(buf, size, "%s", worst->headline);
	else if (run->what[0])
		snprintf(buf, size, "%s", run->what);
	else if (run->held > 0)
		snprintf(buf, size, "%ld frames still held at the end",
			 run->held);
}

/**
 * pp_outcome_fill() - tell about the run that just ended
 * @schedule: static name
 * @outcome:  out, all overwritten; owes pinpage_outcome_free()
 *
 * Context: before the next boot. Locking: none.
 * Return:  0; -ENOMEM: @outcome owes nothing.
 */
int pp_outcome_fill(const struct pinpage_run *run, const char *schedule,
		    struct pinpage_outcome *outcome)
{
	const struct pinpage_verdict *worst = pp_run_verdict(run);
	int err;

	memset(outcome, 0, sizeof(*outcome));
	outcome->cell = run->cell;
	outcome->schedule = schedule;
	outcome->events = run->events;
	outcome->switches = run->switches;
	headline(run, worst, outcome->headline, sizeof(outcome->headline));
	if (run->cell > PINPAGE_CELL_OK)
		outcome->rule_switch = switch_of(run, worst);
	err = pp_trail_string(run, &outcome->replay);
	if (err)
		goto out_empty;
	if (!run->story)
		return 0;
	outcome->story = pp_story_text(run->story, outcome);
	if (outcome->story)
		return 0;
	err = -ENOMEM;
	pp_free(outcome->replay);
out_empty:
	memset(outcome, 0, sizeof(*outcome));
	pp_outcome_reason(outcome, "out of memory");
	return err;
}

/**
 * pp_outcome_reason() - the call failed: say why
 * @outcome: out; NULL is accepted
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_outcome_reason(struct pinpage_outcome *outcome, const char *text)
{
	if (!outcome)
		return;
	memset(outcome, 0, sizeof(*outcome));
	snprintf(outcome->headline, sizeof(outcome->headline), "%s", text);
}

/**
 * pp_rules_text() - a rule set as pinpage_rules_parse() takes it
 * @buf: out, at most @size bytes with the NUL
 *
 * The name of the preset, then what differs from it.
 *
 * Context: any. Locking: none. Return: length; not below @size: it was cut.
 */
size_t pp_rules_text(const struct pinpage_rules *rules, char *buf,
		     size_t size)
{
	const struct pinpage_rules *preset = pinpage_rules_find(rules->name);
	size_t len = (size_t)snprintf(buf, size, "%s", rules->name);
	char mine[32], theirs[32];
	const char *name;
	size_t i;

	if (!preset || preset == rules)
		return len;
	for (i = 0; (name = pinpage_rules_switch_name(i)); i++) {
		pinpage_rules_switch_value(rules, name, mine, sizeof(mine));
		pinpage_rules_switch_value(preset, name, theirs,
					   sizeof(theirs));
		if (!strcmp(mine, theirs))
			continue;
		len += (size_t)snprintf(buf + min(len, size),
					size - min(len, size), ",%s=%s", name,
					mine);
	}
	return len;
}
