/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/scanner.h - tasks of the machine that do the same again and again
 *
 * Key: c = constant; s = whoever starts and stops, one at a time; l = list lock
 */
#ifndef PP_MM_SCANNER_H
#define PP_MM_SCANNER_H

#include "mm/internal.h"

struct pp_scanner {
	const char *name;			/* c: of the task */
	void (*round)(struct pp_scanner *s);	/* c */
	unsigned int usual_ms;			/* c: the pause, if nobody says */
	struct task_struct *task;		/* s */
	struct pinpage_completion kick;		/* to stop */
	uint64_t pause_ns;			/* s: constant while it runs */
	int stopping;
	struct pp_scanner *next;		/* l: of those that run */
};

/* a round that takes long asks, and ends */
static inline bool pp_scanner_stops(const struct pp_scanner *s)
{
	return READ_ONCE(s->stopping);
}

static inline bool pp_scanner_runs(const struct pp_scanner *s)
{
	return s->task;
}

int pp_scanner_start(struct pp_scanner *s, unsigned int pause_ms);
void pp_scanner_stop(struct pp_scanner *s);

#endif
