// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include <pinpage/exec.h>

#include "base/alloc.h"
#include "base/bug.h"

static long outstanding;

void no_leak_setup(void)
{
	outstanding = pp_alloc_outstanding();
}

void no_leak_teardown(void)
{
	ck_assert_int_eq(pp_alloc_outstanding(), outstanding);
	ck_assert(!pp_machine_up);
}

enum pinpage_cell cell_of(const struct pinpage_scenario *scenario,
			  size_t contract, const char *rules,
			  const char *schedule)
{
	struct pinpage_outcome outcome;
	enum pinpage_cell cell;

	ck_assert_int_eq(pinpage_explore_run(scenario, contract,
					     pinpage_rules_find(rules),
					     schedule, false, &outcome), 0);
	cell = outcome.cell;
	pinpage_outcome_free(&outcome);
	return cell;
}

/* race */

struct race_state {
	struct pinpage_mutex lock;
	int counter;
};

static int race_setup(struct pinpage_run *run, void *state)
{
	struct race_state *s = state;

	(void)run;
	pinpage_mutex_init(&s->lock, "counter lock");
	return 0;
}

static void race_actor(struct pinpage_run *run, void *state)
{
	bool careful = pinpage_run_contract(run) == 1;
	struct race_state *s = state;
	int seen;

	if (careful)
		pinpage_mutex_lock(&s->lock);
	seen = s->counter;
	pinpage_yield("middle");
	s->counter = seen + 1;
	pinpage_run_note(run, "counter is %d", s->counter);
	if (careful)
		pinpage_mutex_unlock(&s->lock);
	pinpage_yield("after");
}

static void race_check(struct pinpage_run *run, void *state)
{
	struct race_state *s = state;

	if (s->counter == 2)
		return;
	pinpage_run_lost(run, "counter is %d, not 2", s->counter);
	pinpage_run_blame(run, "dirty_duty");
}

static const struct pinpage_actor race_actors[] = {
	{ .name = "left", .main = race_actor },
	{ .name = "right", .main = race_actor },
};
static const struct pinpage_contract race_contracts[] = {
	{ .name = "careless", .title = "read, then write",
	  .instead = "hold a mutex" },
	{ .name = "careful", .title = "under a mutex" },
};
static const struct pinpage_schedule race_schedules[] = {
	{ "one-by-one", "left right", "nothing" },
	{ "interleaved", "left@middle right", "a lost update" },
};

const struct pinpage_scenario race = {
	.name = "race", .title = "two increments",
	.contracts = race_contracts, .nr_contracts = 2,
	.schedules = race_schedules, .nr_schedules = 2,
	.actors = race_actors, .nr_actors = 2,
	.state_size = sizeof(struct race_state), .memory_pages = 64,
	.setup = race_setup, .check = race_check,
};

/* abba */

struct abba_state {
	struct pinpage_mutex a, b;
};

static int abba_setup(struct pinpage_run *run, void *state)
{
	struct abba_state *s = state;

	(void)run;
	pinpage_mutex_init(&s->a, "lock A");
	pinpage_mutex_init(&s->b, "lock B");
	return 0;
}

static void take_both(struct pinpage_mutex *first,
		      struct pinpage_mutex *second)
{
	pinpage_mutex_lock(first);
	pinpage_yield("first");
	pinpage_mutex_lock(second);
	pinpage_mutex_unlock(second);
	pinpage_mutex_unlock(first);
}

static void abba_left(struct pinpage_run *run, void *state)
{
	struct abba_state *s = state;

	(void)run;
	take_both(&s->a, &s->b);
}

static void abba_right(struct pinpage_run *run, void *state)
{
	struct abba_state *s = state;

	(void)run;
	take_both(&s->b, &s->a);
}

static void abba_teardown(struct pinpage_run *run, void *state)
{
	struct abba_state *s = state;

	(void)run;
	pinpage_mutex_lock(&s->a);
	pinpage_mutex_unlock(&s->a);
}

static const struct pinpage_actor abba_actors[] = {
	{ .name = "left", .main = abba_left },
	{ .name = "right", .main = abba_right },
};
static const struct pinpage_contract only[] = { { .name = "only" } };
static const struct pinpage_schedule abba_schedules[] = {
	{ "crossed", "left@first right@first", "each holds what the other wants" },
};

const struct pinpage_scenario abba = {
	.name = "abba", .contracts = only, .nr_contracts = 1,
	.schedules = abba_schedules, .nr_schedules = 1,
	.actors = abba_actors, .nr_actors = 2,
	.state_size = sizeof(struct abba_state), .memory_pages = 64,
	.setup = abba_setup, .teardown = abba_teardown,
};

/* trap */

static void trap_left(struct pinpage_run *run, void *state)
{
	struct race_state *s = state;

	(void)run;
	pinpage_mutex_lock(&s->lock);
	pinpage_mutex_unlock(&s->lock);
}

static void trap_right(struct pinpage_run *run, void *state)
{
	struct race_state *s = state;

	(void)run;
	pinpage_mutex_lock(&s->lock);
	pp_bug("right has met its end");
}

static void trap_teardown(struct pinpage_run *run, void *state)
{
	struct race_state *s = state;

	if (pinpage_run_broken(run))
		pinpage_mutex_lock(&s->lock);
}

static const struct pinpage_actor trap_actors[] = {
	{ .name = "left", .main = trap_left },
	{ .name = "right", .main = trap_right },
};

const struct pinpage_scenario trap = {
	.name = "trap", .contracts = only, .nr_contracts = 1,
	.actors = trap_actors, .nr_actors = 2,
	.state_size = sizeof(struct race_state), .memory_pages = 64,
	.setup = race_setup, .teardown = trap_teardown,
};

/* needs */

static const struct pinpage_contract needs_contracts[] = {
	{ .name = "pin", .needs = "pin_user_pages unpin_user_page" },
	{ .name = "get", .needs = " get_user_pages  put_page " },
};

const struct pinpage_scenario needs = {
	.name = "needs", .contracts = needs_contracts, .nr_contracts = 2,
	.actors = race_actors, .nr_actors = 2,
	.state_size = sizeof(struct race_state), .memory_pages = 64,
	.setup = race_setup,
};

/* endless */

static void endless_left(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	for (;;)
		pinpage_cond_resched();
}

static const struct pinpage_actor endless_actors[] = {
	{ .name = "left", .main = endless_left },
};

const struct pinpage_scenario endless = {
	.name = "endless", .contracts = only, .nr_contracts = 1,
	.actors = endless_actors, .nr_actors = 1, .state_size = 1,
	.memory_pages = 64, .max_events = 1000,
};

/* spin */

static void spin_left(struct pinpage_run *run, void *state)
{
	(void)run;
	while (!READ_ONCE(*(int *)state))
		pinpage_cond_resched();
}

static void spin_right(struct pinpage_run *run, void *state)
{
	(void)run;
	pinpage_yield("before");
	WRITE_ONCE(*(int *)state, 1);
}

static const struct pinpage_actor spin_actors[] = {
	{ .name = "left", .main = spin_left },
	{ .name = "right", .main = spin_right },
};

const struct pinpage_scenario spin = {
	.name = "spin", .contracts = only, .nr_contracts = 1,
	.actors = spin_actors, .nr_actors = 2, .state_size = sizeof(int),
	.memory_pages = 64, .max_events = 1000,
};

/* daemon */

static void daemon_left(struct pinpage_run *run, void *state)
{
	(void)run;
	++*(int *)state;
	pinpage_msleep(20);
}

static void daemon_right(struct pinpage_run *run, void *state)
{
	(void)run;
	while (!pinpage_kthread_should_stop()) {
		++*(int *)state;
		pinpage_msleep(1);
	}
}

static void daemon_check(struct pinpage_run *run, void *state)
{
	if (*(int *)state < 10)
		pinpage_run_lost(run, "the daemon ran %d times",
				 *(int *)state);
}

static const struct pinpage_actor daemon_actors[] = {
	{ .name = "left", .main = daemon_left },
	{ .name = "right", .main = daemon_right, .daemon = true },
};

const struct pinpage_scenario daemon_ = {
	.name = "daemon", .contracts = only, .nr_contracts = 1,
	.actors = daemon_actors, .nr_actors = 2, .state_size = sizeof(int),
	.memory_pages = 64, .check = daemon_check,
};
