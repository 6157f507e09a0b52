/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFORMANCE_GOLDEN_H
#define CONFORMANCE_GOLDEN_H

/*
 * golden.h - recorded lines: golden/SIDE-RULES.txt, one a case; deviations.txt
 */
#include <stdio.h>

struct golden;

struct golden *golden_read(const char *side, const char *rules);	/* never NULL */
/* The line of a case, or NULL. Lines that begin with # are not of a case. */
const char *golden_line(const struct golden *golden, const char *name);
void golden_free(struct golden *golden);
FILE *golden_create(const char *side, const char *rules);
/* In how many keys two lines of a case differ, but for those that deviations.txt
 * lists as "RULES NAME KEY reason"; a key that is listed and agrees counts, too. */
int golden_differs(const char *rules, const char *name, const char *a,
		   const char *b);

#endif
