// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * matrix.c - scenario x contract x rules as a table
 *
 * A line per contract, a column per preset, at most 120 columns wide. A line
 * is printed as soon as its cells are computed.
 */
#include "explore/explore.h"

#include <errno.h>
#include <string.h>

#define LABEL_WIDTH	15
#define HEAD_MAX	9

static const char *const meanings[] = {
	[PINPAGE_CELL_NOT_OFFERED] = "these rules lack or refuse a call of the contract",
	[PINPAGE_CELL_OK] = "every byte arrived, every page went back",
	[PINPAGE_CELL_HAZARD] = "the contract was broken, no harm was seen",
	[PINPAGE_CELL_LOST] = "wrong bytes or pages that never come back",
	[PINPAGE_CELL_TRAP] = "the kernel stops",
	[PINPAGE_CELL_HANG] = "nobody can go on",
};

/* what a cell shows: short, for a column */
static const char *cell_text(enum pinpage_cell cell)
{
	return cell == PINPAGE_CELL_NOT_OFFERED ? "-" :
	       pinpage_cell_name(cell);
}

/**
 * pp_cell_colour() - how a terminal shows a result
 *
 * Context: any. Locking: none. Return: the escape sequence, static.
 */
const char *pp_cell_colour(enum pinpage_cell cell)
{
	switch (cell) {
	case PINPAGE_CELL_NOT_OFFERED:
		return "\033[2m";
	case PINPAGE_CELL_OK:
		return "\033[32m";
	case PINPAGE_CELL_HAZARD:
		return "\033[33m";
	case PINPAGE_CELL_LOST:
		return "\033[1;31m";
	case PINPAGE_CELL_TRAP:
		return "\033[1;35m";
	default:
		return "\033[1;36m";
	}
}

/* the head of a column: proposals have long names */
static const char *column_head(const struct pinpage_rules *rules, char *buf)
{
	static const struct {
		const char *name, *head;
	} heads[] = {
		{ "dirty-at-pin", "D-pin" },
		{ "stay-dirty-wait", "S-wait" },
		{ "stay-dirty-bounce", "bounce" },
		{ "stay-dirty-skip", "S-skip" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(heads); i++)
		if (!strcmp(heads[i].name, rules->name))
			return heads[i].head;
	snprintf(buf, HEAD_MAX + 1, "%.*s", HEAD_MAX, rules->name);
	return buf;
}

static int column_width(const struct pinpage_rules *rules)
{
	char buf[HEAD_MAX + 1];
	size_t head = strlen(column_head(rules, buf));

	return 1 + (int)max(head, strlen("hazard"));
}

static void print_heads(FILE *out, bool colour)
{
	const struct pinpage_rules *rules;
	char buf[HEAD_MAX + 1];
	size_t i;

	fprintf(out, "%s%-*s", colour ? PP_BOLD : "", LABEL_WIDTH,
		"  rules");
	for (i = 0; (rules = pinpage_rules_nth(i)); i++)
		fprintf(out, "%*s", column_width(rules),
			column_head(rules, buf));
	fprintf(out, "%s\n", colour ? PP_PLAIN : "");
}

static void print_cell(FILE *out, const struct pinpage_rules *rules,
		       const char *text, const char *tint)
{
	fprintf(out, "%*s%s%s%s", column_width(rules) - (int)strlen(text), "",
		tint, text, *tint ? PP_PLAIN : "");
	fflush(out);
}

/* the first cell that is worse than a hazard, to name it in the last line */
struct example {
	char cell[128];
	enum pinpage_cell worst;
};

static int print_row(FILE *out, const struct pinpage_scenario *scenario,
		     size_t contract, bool colour, struct example *example)
{
	const struct pinpage_contract *what = &scenario->contracts[contract];
	const struct pinpage_rules *rules;
	struct pinpage_outcome outcome;
	int err, first = 0;
	size_t i;

	fprintf(out, "  %-*s", LABEL_WIDTH - 2, what->name);
	for (i = 0; (rules = pinpage_rules_nth(i)); i++) {
		err = pinpage_explore_cell(scenario, contract, rules,
					   &outcome);
		if (err) {
			first = first ? first : err;
			print_cell(out, rules, "?", "");
			continue;
		}
		if (!example->cell[0] || outcome.cell > example->worst) {
			example->worst = outcome.cell;
			snprintf(example->cell, sizeof(example->cell),
				 "%s/%s/%s", scenario->name, what->name,
				 rules->name);
		}
		print_cell(out, rules, cell_text(outcome.cell),
			   colour ? pp_cell_colour(outcome.cell) : "");
		pinpage_outcome_free(&outcome);
	}
	fprintf(out, "\n");
	return first;
}

static void print_contracts(FILE *out,
			    const struct pinpage_scenario *scenario)
{
	size_t i;

	for (i = 0; i < scenario->nr_contracts; i++)
		if (scenario->contracts[i].title)
			fprintf(out, "    %-*s = %s\n", LABEL_WIDTH - 2,
				scenario->contracts[i].name,
				scenario->contracts[i].title);
}

static void print_legend(FILE *out, bool colour, const struct example *example)
{
	int cell;

	for (cell = PINPAGE_CELL_OK; cell <= PINPAGE_CELL_HANG; cell++)
		fprintf(out, "%s%-7s%s %s\n",
			colour ? pp_cell_colour((enum pinpage_cell)cell) : "",
			cell_text((enum pinpage_cell)cell),
			colour ? PP_PLAIN : "", meanings[cell]);
	fprintf(out, "%-7s not offered: %s\n", "-",
		meanings[PINPAGE_CELL_NOT_OFFERED]);
	fprintf(out, "Each cell is the worst over the schedules of the "
		"scenario (--list). The story of a cell:\n  %s --explain=%s\n",
		program_invocation_name, example->cell[0] ? example->cell :
		"SCENARIO/CONTRACT/RULES");
}

int pinpage_matrix_print(FILE *out,
			 const struct pinpage_scenario *const *scenarios,
			 size_t nr, bool colour)
{
	struct example example = { .worst = PINPAGE_CELL_NOT_OFFERED };
	int err, first = 0;
	size_t i, contract;

	if (!out || !scenarios || !nr)
		return -EINVAL;
	for (i = 0; i < nr; i++) {
		const struct pinpage_scenario *scenario = scenarios[i];

		fprintf(out, "%s%s%s%s%s\n", colour ? PP_BOLD : "",
			scenario->name, colour ? PP_PLAIN : "",
			scenario->title ? ": " : "",
			scenario->title ? scenario->title : "");
		print_heads(out, colour);
		for (contract = 0; contract < scenario->nr_contracts;
		     contract++) {
			err = print_row(out, scenario, contract, colour,
					&example);
			first = first ? first : err;
		}
		print_contracts(out, scenario);
		fprintf(out, "\n");
	}
	print_legend(out, colour, &example);
	return first;
}
