// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - a random case: its steps one after the other
 */
#include "random.h"

#include <stdlib.h>
#include <string.h>

struct rnd rnd;

static void run_steps(const struct rnd_plan *plan, uint64_t mask)
{
	const struct rnd_step *s;

	for (rnd.nr = 0; rnd.nr < plan->n; rnd.nr++) {
		s = &plan->step[rnd.nr];
		if (mask >> rnd.nr & 1 &&
		    (rnd_step_memory(s) || rnd_step_file(s) || rnd_step_hold(s)))
			rnd_look();
	}
}

static void release_all(void)
{
	struct rnd_hold *x;
	long i;

	if (rnd.refs.page)
		k_refs(rnd.refs.page, -rnd.refs.n);
	for (x = rnd.hold; x < rnd.hold + MOST_HOLDS; x++)
		for (i = 0; x->there && i < x->n; i++)
			if (!x->gone[i])
				k_release(x->h, i, 1, x->pin ? UNPIN_PAGE :
					  PUT_PAGE, false);
	memset(rnd.hold, 0, sizeof(rnd.hold));
}

static void run(void)
{
	struct rnd_plan plan;
	uint64_t mask;

	memset(&rnd, 0, sizeof(rnd));
	rnd.name = conf_case_now()->name;
	rnd.alive[0] = true;
	rnd.notify = rnd.notify_proc = -1;
	rnd_look_begin();
	if (!rnd_plan(rnd.name, &plan, &mask))
		return;
	run_steps(&plan, mask);
	release_all();
	rnd_look();
	rnd_end();
}

bool conf_add_random(const char *name)
{
	struct rnd_plan plan;
	struct conf_case *c;
	uint64_t mask;

	if (!rnd_plan(name, &plan, &mask))
		return false;
	c = calloc(1, sizeof(*c));
	*c = (struct conf_case){
		.name = strdup(name), .rules = "5.7-", .title = "random",
		.needs = plan.needs, .run = run, .random = true,
		.file = __FILE__, .line = __LINE__,
	};
	conf_register(c);
	return true;
}
