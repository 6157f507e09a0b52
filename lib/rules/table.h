/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_RULES_TABLE_H
#define PP_RULES_TABLE_H

/*
 * The two tables of this room: presets.c fills the rows, switches.c describes
 * the columns, rules.c works on both.
 */
#include "rules/rules.h"

/* "6.12", the newest long-term release; in force when nobody says otherwise */
#define PP_RULES_DEFAULT	9

extern const struct pinpage_rules pp_rules_presets[];
extern const size_t pp_rules_nr_presets;

/**
 * struct pp_rules_switch - one column
 * @name:   as in struct pinpage_rules
 * @offset: of the member
 * @size:   of the member: a bool or an enum
 * @values: names of 0, 1, ...; NULL ends
 * @story:  what it decides and since when which value holds
 */
struct pp_rules_switch {
	const char *name;
	size_t offset;
	size_t size;
	const char *const *values;
	const char *story;
};

extern const struct pp_rules_switch pp_rules_switches[];
extern const size_t pp_rules_nr_switches;

#endif
