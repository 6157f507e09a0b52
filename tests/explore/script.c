// SPDX-License-Identifier: LGPL-2.1-or-later
#include "suites.h"

#include <pinpage/exec.h>

/* records who passes: "l1 r1 l2" */

static void walk(struct pinpage_run *run, void *state, char letter)
{
	char *trace = state;
	int i;

	for (i = 1; i <= 3; i++) {
		sprintf(trace + strlen(trace), "%c%d ", letter, i);
		pinpage_yield("stop");
	}
	(void)run;
}

static void walk_left(struct pinpage_run *run, void *state)
{
	walk(run, state, 'l');
}

static void walk_right(struct pinpage_run *run, void *state)
{
	walk(run, state, 'r');
}

static char seen[256];
static void walk_check(struct pinpage_run *run, void *state)
{
	(void)run;
	strcpy(seen, state);
}

static const struct pinpage_actor walkers[] = {
	{ .name = "left", .main = walk_left },
	{ .name = "right", .main = walk_right },
};
static const struct pinpage_contract only[] = { { .name = "only" } };
static const struct pinpage_schedule broken[] = {
	{ .name = "broken", .script = "nobody" },
};
static struct pinpage_scenario walking = {
	.name = "walking", .contracts = only, .nr_contracts = 1,
	.actors = walkers, .nr_actors = 2, .state_size = 256,
	.memory_pages = 64, .check = walk_check,
};

static void expect(const char *script, const char *trace)
{
	ck_assert_int_eq(cell_of(&walking, 0, "6.1", script),
			 PINPAGE_CELL_OK);
	ck_assert_str_eq(seen, trace);
}

START_TEST(no_script_in_order)
{
	expect(NULL, "l1 l2 l3 r1 r2 r3 ");
	expect("", "l1 l2 l3 r1 r2 r3 ");
	expect("  ", "l1 l2 l3 r1 r2 r3 ");
}
END_TEST

START_TEST(bare_actor_runs_to_its_end)
{
	expect("right", "r1 r2 r3 l1 l2 l3 ");
}
END_TEST

START_TEST(point_just_passed)
{
	expect("left@stop right@stop left@stop right",
	       "l1 r1 l2 r2 r3 l3 ");
}
END_TEST

START_TEST(point_nth_time)
{
	expect("right@stop*2 left@stop", "r1 r2 l1 l2 l3 r3 ");
}
END_TEST

START_TEST(event_name_is_a_point)
{
	expect("right@start left@yield right", "l1 r1 r2 r3 l2 l3 ");
}
END_TEST

START_TEST(step_of_ended_actor_is_skipped)
{
	expect("right right@stop right left@stop", "r1 r2 r3 l1 l2 l3 ");
}
END_TEST

START_TEST(step_ends_when_actor_ends)
{
	expect("right@stop*9 left", "r1 r2 r3 l1 l2 l3 ");
}
END_TEST

START_TEST(unknown_task_is_skipped)
{
	expect("task:nobody right", "r1 r2 r3 l1 l2 l3 ");
}
END_TEST

/* a blocks in "hold"; what then? */

struct hold { struct pinpage_mutex lock; char trace[64]; };

static int hold_setup(struct pinpage_run *run, void *state)
{
	(void)run;
	pinpage_mutex_init(&((struct hold *)state)->lock, "hold");
	return 0;
}

static void hold_actor(struct pinpage_run *run, struct hold *h, char letter)
{
	(void)run;
	pinpage_mutex_lock(&h->lock);
	sprintf(h->trace + strlen(h->trace), "%c+", letter);
	pinpage_yield("held");
	sprintf(h->trace + strlen(h->trace), "%c-", letter);
	pinpage_mutex_unlock(&h->lock);
	pinpage_yield("free");
	sprintf(h->trace + strlen(h->trace), "%c.", letter);
}

static void hold_left(struct pinpage_run *run, void *state)
{
	hold_actor(run, state, 'l');
}

static void hold_right(struct pinpage_run *run, void *state)
{
	hold_actor(run, state, 'r');
}

static void hold_check(struct pinpage_run *run, void *state)
{
	(void)run;
	strcpy(seen, ((struct hold *)state)->trace);
}

static const struct pinpage_actor holders[] = {
	{ .name = "left", .main = hold_left },
	{ .name = "right", .main = hold_right },
};
static const struct pinpage_scenario holding = {
	.name = "holding", .contracts = only, .nr_contracts = 1,
	.actors = holders, .nr_actors = 2, .memory_pages = 64,
	.state_size = sizeof(struct hold), .setup = hold_setup,
	.check = hold_check,
};

START_TEST(blocked_in_step_ends_it)
{
	/* right blocks, left passes "free", the end is in order */
	cell_of(&holding, 0, "6.1", "left@held right@held left@free right");
	ck_assert_str_eq(seen, "l+l-r+r-r.l.");
}
END_TEST

START_TEST(blocked_at_start_others_first)
{
	/* the third step must wait until left has let go */
	cell_of(&holding, 0, "6.1", "left@held right right@free");
	ck_assert_str_eq(seen, "l+l-r+r-l.r.");
}
END_TEST

/* errors */

static void refuse(const char *script, const char *needle)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&walking, 0, NULL, script, false,
					     &out), -EINVAL);
	ck_assert_msg(strstr(out.headline, needle), "\"%s\": %s", script,
		      out.headline);
}

START_TEST(unknown_actor_einval)
{
	refuse("left nobody@pin", "character 6: no such actor: \"nobody\"");
}
END_TEST

START_TEST(unknown_point_einval)
{
	refuse("left@stop right@stopp", "character 11: no event is called "
	       "\"stopp\" and nobody passed");
}
END_TEST

START_TEST(syntax_einval)
{
	refuse("@pin", "character 1: an actor expected");
	refuse("left@", "character 6: an event or yield point expected");
	refuse("left@pin*", "character 10: a count above 0");
	refuse("left@pin*0", "character 10: a count above 0");
	refuse("left@pin*2x", "character 10: a count above 0");
	refuse("left@pin+2", "character 9: unexpected \"+\"");
	refuse("left@Pin", "character 6: an event or yield point expected");
}
END_TEST

START_TEST(long_names_einval)
{
	refuse("left@a23456789-123456789-123456789-123", "name too long");
	refuse("task:a23456789-123456789-123456789", "name too long");
}
END_TEST

START_TEST(broken_named_schedule_einval)
{
	struct pinpage_scenario s = walking;
	struct pinpage_outcome out;

	s.schedules = broken;
	s.nr_schedules = 1;
	ck_assert_int_eq(pinpage_explore_cell(&s, 0, NULL, &out), -EINVAL);
	ck_assert_msg(strstr(out.headline, "nobody"), "%s", out.headline);
}
END_TEST

Suite *script_suite(void)
{
	Suite *s = suite_create("script");

	add_test(s, no_script_in_order);
	add_test(s, bare_actor_runs_to_its_end);
	add_test(s, point_just_passed);
	add_test(s, point_nth_time);
	add_test(s, event_name_is_a_point);
	add_test(s, step_of_ended_actor_is_skipped);
	add_test(s, step_ends_when_actor_ends);
	add_test(s, unknown_task_is_skipped);
	add_test(s, blocked_in_step_ends_it);
	add_test(s, blocked_at_start_others_first);
	add_test(s, unknown_actor_einval);
	add_test(s, unknown_point_einval);
	add_test(s, syntax_einval);
	add_test(s, long_names_einval);
	add_test(s, broken_named_schedule_einval);
	return s;
}
