/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_RULES_RULES_H
#define PP_RULES_RULES_H

/*
 * The rule set in force, for the rooms above. Each switch is read at exactly
 * one place in the model, in a predicate next to it.
 */
#include <pinpage/rules.h>

/*
 * Set by pp_rules_boot() before any task runs, constant until shutdown: no
 * lock needed. Never NULL: "6.12" before boot and after shutdown.
 */
extern const struct pinpage_rules *pp_rules;

int pp_rules_boot(const struct pinpage_rules *rules);
void pp_rules_shutdown(void);

#endif
