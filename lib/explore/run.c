// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - one run: boot, setup, actors, check, teardown, shutdown
 *
 * I1. Whatever happens in a run, the machine is down when pp_run_once()
 *     returns, and the next run starts from nothing.
 * I2. Task 0 runs setup, check and teardown under a guard: a trap or a wait
 *     that cannot end there leaves by longjmp() to pp_guarded(), on its stack.
 * I3. After a trap or hang nothing that follows is judged any more.
 *
 * What several runs in a row share (state memory, the trail's buffer) is
 * allocated once: a run of its own allocates nothing here.
 */
#include "explore/explore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <pinpage/gup.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "base/err.h"
#include "rules/rules.h"

struct pinpage_run *pp_run_active;

/* what the scenario and the actors ask; contracts: explore.h */

size_t pinpage_run_contract(const struct pinpage_run *run)
{
	return run->contract;
}

const struct pinpage_rules *pinpage_run_rules(const struct pinpage_run *run)
{
	return run->rules;
}

int pinpage_run_actor(const struct pinpage_run *run, unsigned int task_id)
{
	size_t i;

	for (i = 0; i < run->scenario->nr_actors; i++)
		if (task_id && run->actor[i].id == task_id)
			return (int)i;
	return -ENOENT;
}

bool pinpage_run_broken(const struct pinpage_run *run)
{
	return pp_run_is_broken(run);
}

void pinpage_run_refused(struct pinpage_run *run, int error, const char *what)
{
	char text[PP_TEXT_MAX];

	snprintf(text, sizeof(text), "%s is refused: %s",
		 what ? what : "a call", strerrordesc_np(-error) ?
		 strerrordesc_np(-error) : "unknown error");
	if (run->story)
		pp_story_say(run->story, false, text);
	if (run->refused)
		return;
	run->refused = error ? error : -EOPNOTSUPP;
	if (!run->what[0])
		memcpy(run->what, text, sizeof(text));
}

void pinpage_run_lost(struct pinpage_run *run, const char *format, ...)
{
	char text[PP_TEXT_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	if (run->story)
		pp_story_say(run->story, true, text);
	if (run->is_lost)
		return;
	run->is_lost = true;
	if (!pp_run_is_broken(run))
		memcpy(run->what, text, sizeof(text));
}

void pinpage_run_blame(struct pinpage_run *run, const char *rule_switch)
{
	if (!pinpage_rules_switch_story(rule_switch)) {
		pp_warn_once("run_blame: no switch \"%s\"",
			     rule_switch ? rule_switch : "(null)");
		return;
	}
	run->blame = rule_switch;
}

void pinpage_run_note(struct pinpage_run *run, const char *format, ...)
{
	char text[PP_TEXT_MAX];
	va_list args;

	if (!run->story)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	pp_story_say(run->story, false, text);
}

/* preparing */

static int refuse(char why[PP_TEXT_MAX], int error, const char *text)
{
	snprintf(why, PP_TEXT_MAX, "%s", text);
	return error;
}

static bool good_name(const char *name)
{
	return name && *name && strlen(name) < 24 &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")];
}

static int check_scenario(const struct pinpage_scenario *scenario,
			  char why[PP_TEXT_MAX])
{
	size_t i, j;

	if (!scenario || !scenario->name)
		return refuse(why, -EINVAL, "no scenario");
	if (!scenario->nr_actors)
		return refuse(why, -EINVAL, "a scenario without actors");
	if (scenario->nr_actors > PINPAGE_MAX_ACTORS)
		return refuse(why, -E2BIG, "more than 26 actors");
	for (i = 0; i < scenario->nr_actors; i++) {
		if (!good_name(scenario->actors[i].name) ||
		    !scenario->actors[i].main)
			return refuse(why, -EINVAL,
				      "an actor without a name or a body");
		for (j = 0; j < i; j++)
			if (!strcmp(scenario->actors[i].name,
				    scenario->actors[j].name))
				return refuse(why, -EINVAL,
					      "two actors of one name");
	}
	return 0;
}

/**
 * pp_run_init() - prepare for runs of one scenario, contract and rule set
 * @run:   out; owes pp_run_done() if this returns 0
 * @rules: valid as long as @run
 * @why:   out: why not, in words
 *
 * Context: outside any machine. Locking: none.
 * Return:  0; -EINVAL, -E2BIG, -ENOMEM: see pinpage_explore_run().
 */
int pp_run_init(struct pinpage_run *run,
		const struct pinpage_scenario *scenario, size_t contract,
		const struct pinpage_rules *rules, char why[PP_TEXT_MAX])
{
	int err = check_scenario(scenario, why);

	if (err)
		return err;
	if (contract >= scenario->nr_contracts)
		return refuse(why, -EINVAL, "no such contract");
	if (pinpage_rules_check(rules))
		return refuse(why, -EINVAL, "rules that contradict themselves");
	memset(run, 0, sizeof(*run));
	run->scenario = scenario;
	run->contract = contract;
	run->rules = rules;
	run->state = pp_alloc(scenario->state_size);
	if (!run->state)
		return refuse(why, -ENOMEM, "out of memory");
	return 0;
}

/**
 * pp_run_done() - partner of pp_run_init()
 *
 * Context: outside any machine. Locking: none. Return: nothing.
 */
void pp_run_done(struct pinpage_run *run)
{
	pinpage_check_clear();
	pp_free(run->state);
	pp_free(run->trail.seg);
	run->state = NULL;
	run->trail.seg = NULL;
}

/* one run */

static void on_warn(const char *file, int line, const char *msg)
{
	struct pinpage_run *run = pp_run_active;
	char text[PP_TEXT_MAX];

	(void)file;
	(void)line;
	if (!run || !run->story || run->phase == PP_PHASE_SHUTDOWN)
		return;
	snprintf(text, sizeof(text), "warning: %s", msg);
	pp_story_say(run->story, false, text);
}

/* task 0 left something half-way: it holds nothing, it waits for nothing */
static void task_recovers(void)
{
	struct task_struct *task = current;

	task->nr_held = 0;
	task->held_lost = 0;
	task->atomic_depth = 0;
	task->softirq_depth = 0;
	task->nest = 0;
	task->blocked_on = NULL;
	while (task->rcu_depth)
		pinpage_rcu_read_unlock();
}

static pp_noinline void pp_guarded(struct pinpage_run *run,
				   void (*fn)(struct pinpage_run *run))
{
	if (_setjmp(run->recover)) {
		run->recovering = false;
		task_recovers();
		return;
	}
	run->recovering = true;
	fn(run);
	run->recovering = false;
}

static bool all_offered(const char *needs)
{
	char name[64];

	while (needs && *(needs += strspn(needs, " "))) {
		size_t len = strcspn(needs, " ");

		snprintf(name, sizeof(name), "%.*s", (int)len, needs);
		if (!pinpage_offers(name))
			return false;
		needs += len;
	}
	return true;
}

static void run_setup(struct pinpage_run *run)
{
	const struct pinpage_contract *contract;

	contract = &run->scenario->contracts[run->contract];
	if (!all_offered(contract->needs)) {
		run->refused = -EOPNOTSUPP;
		snprintf(run->what, sizeof(run->what),
			 "rules %s lack a call of: %s", run->rules->name,
			 contract->needs);
		return;
	}
	if (run->scenario->setup)
		run->error = run->scenario->setup(run, run->state);
	if (run->error == -EOPNOTSUPP) {
		run->error = 0;
		pinpage_run_refused(run, -EOPNOTSUPP, "the set-up");
	} else if (run->error) {
		snprintf(run->what, sizeof(run->what),
			 "set-up failed: error %d", -run->error);
	}
}

static int actor_main(void *arg)
{
	struct pp_actor *actor = arg;
	struct pinpage_run *run = actor->run;
	const struct pinpage_actor *what = &run->scenario->actors[actor->index];

	what->main(run, run->state);
	if (!what->daemon)
		pp_run_arrived(run);
	return 0;
}

static int spawn_actors(struct pinpage_run *run)
{
	const struct pinpage_scenario *scenario = run->scenario;
	size_t i;

	for (i = 0; i < scenario->nr_actors; i++) {
		struct pp_actor *actor = &run->actor[i];
		struct task_struct *task;

		actor->run = run;
		actor->index = (unsigned int)i;
		task = pinpage_kthread_run(actor_main, actor,
					   scenario->actors[i].name);
		if (IS_ERR(task))
			return (int)PTR_ERR(task);
		actor->task = task;
		actor->id = pinpage_task_id(task);
		if (!scenario->actors[i].daemon)
			run->pending++;
	}
	return 0;
}

static void join_actors(struct pinpage_run *run)
{
	size_t i;

	run->phase = PP_PHASE_JOIN;
	for (i = 0; i < run->scenario->nr_actors; i++) {
		struct task_struct *task = run->actor[i].task;

		if (!task)
			continue;
		run->actor[i].task = NULL;
		if (run->scenario->actors[i].daemon)
			(void)pinpage_kthread_stop(task);
		else
			(void)pinpage_kthread_join(task);
	}
}

static void run_actors(struct pinpage_run *run)
{
	uint32_t pending;

	run->error = spawn_actors(run);
	if (run->error) {
		snprintf(run->what, sizeof(run->what), "out of memory");
		pp_fiber_abandon_all();
		join_actors(run);
		return;
	}
	if (run->strategy->begin)
		run->strategy->begin(run->strategy, run);
	run->phase = PP_PHASE_ACTORS;
	pp_sched_actors(run);
	while ((pending = run->pending))
		pp_park(&run->pending, pending);
	pp_sched_quiet(run);
	join_actors(run);
}

static void run_check(struct pinpage_run *run)
{
	run->scenario->check(run, run->state);
}

static void run_teardown(struct pinpage_run *run)
{
	run->scenario->teardown(run, run->state);
}

static void in_machine(struct pinpage_run *run)
{
	const struct pinpage_scenario *scenario = run->scenario;

	pp_sched_quiet(run);
	run->phase = PP_PHASE_SETUP;
	pp_guarded(run, run_setup);
	if (run->story)
		pp_story_start(run->story);
	if (!run->error && !run->refused && !pp_run_is_broken(run))
		run_actors(run);
	run->phase = PP_PHASE_CHECK;
	if (!run->error && !run->refused && !pp_run_is_broken(run) &&
	    scenario->check)
		pp_guarded(run, run_check);
	run->phase = PP_PHASE_TEARDOWN;
	run->breaks = 0;
	if (scenario->teardown)
		pp_guarded(run, run_teardown);
	if (run->story)
		pp_story_stop(run->story);
}

static void run_reset(struct pinpage_run *run)
{
	size_t from = offsetof(struct pinpage_run, phase);
	size_t actors = run->scenario->nr_actors * sizeof(run->actor[0]);

	memset((char *)run + from, 0,
	       offsetof(struct pinpage_run, actor) - from);
	memset(run->actor, 0, actors);
	memset(run->state, 0, run->scenario->state_size);
	run->trail.nr = 0;
	run->trail.decisions = 0;
	run->trail.forced = 0;
	run->trail.lost = false;
}

/**
 * pp_run_once() - one run under run->strategy
 * @run: made by pp_run_init(); results in cell, headline, verdict_switch,
 *       events, switches, trail
 *
 * Context: outside any machine. Locking: none.
 * Return:  0; -EBUSY, -ENOMEM or what setup returned: then headline says why.
 */
int pp_run_once(struct pinpage_run *run)
{
	pp_warn_hook_fn warn_hook;
	pp_bug_hook_fn bug_hook;

	run_reset(run);
	if (READ_ONCE(pp_machine_up)) {
		refuse(run->headline, 0, "a machine is up");
		return -EBUSY;
	}
	run->error = pp_machine_ops.boot(run->rules, run->scenario);
	if (run->error) {
		refuse(run->headline, 0, "the machine does not boot");
		return run->error;
	}
	pp_run_active = run;
	warn_hook = pp_set_warn_hook(on_warn);
	bug_hook = pp_set_bug_hook(pp_on_bug);
	in_machine(run);
	run->phase = PP_PHASE_SHUTDOWN;
	run->breaks = 0;
	run->held = pp_machine_ops.shutdown();
	pp_set_warn_hook(warn_hook);
	pp_set_bug_hook(bug_hook);
	pp_run_active = NULL;
	pp_run_judge(run);
	if (!run->error && run->trail.lost) {
		refuse(run->headline, 0, "out of memory");
		run->error = -ENOMEM;
	}
	return run->error;
}
