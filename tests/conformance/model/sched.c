// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sched.c - tasks beside the case, and who of them runs
 *
 * Task 0, the case, runs whenever it can. Another task runs while the case
 * waits for it, or lets it: model_run_task() hands the machine over and takes
 * it back when the task has ended, blocked or passed so many events.
 */
#include "model.h"

#include <string.h>

static struct model_task tasks[MAX_TASKS];

static struct {
	unsigned int id;		/* task that was let; 0: none */
	unsigned long left;		/* events it may pass; 0: no limit */
	bool limited;
} let;

static bool among(unsigned int id, const unsigned int *ids, size_t nr)
{
	while (nr--)
		if (ids[nr] == id)
			return true;
	return false;
}

static unsigned int choose(void *priv, const unsigned int *runnable, size_t nr,
			   int current_id, const struct pinpage_event *event)
{
	(void)priv;
	if (let.id && event && current_id == (int)let.id && let.limited &&
	    !--let.left)
		let.id = 0;
	if (let.id && among(let.id, runnable, nr))
		return let.id;
	if (let.id && current_id < 0)
		let.id = 0;
	if (among(0, runnable, nr) && !let.id)
		return 0;
	if (current_id >= 0 && among((unsigned int)current_id, runnable, nr))
		return (unsigned int)current_id;
	return runnable[0];
}

static const struct pp_sched_ops ops = { .choose = choose };

/* Two tasks in a given order. */
static struct {
	unsigned int id[2];
	unsigned long limit[2];		/* events until the other one's turn */
	unsigned long *passed;
	int first;
} race;

static unsigned int race_choose(void *priv, const unsigned int *runnable,
				size_t nr, int current_id,
				const struct pinpage_event *event)
{
	int i, f = race.first;
	bool can[2];

	(void)priv;
	for (i = 0; i < 2; i++) {
		if (event && current_id == (int)race.id[i])
			race.passed[i]++;
		can[i] = among(race.id[i], runnable, nr);
	}
	if (among(0, runnable, nr))
		return 0;
	if (can[f] && race.passed[f] < race.limit[f])
		return race.id[f];
	if (can[!f] && race.passed[!f] < race.limit[!f])
		return race.id[!f];
	if (can[f] || can[!f])
		return race.id[can[f] ? f : !f];
	return runnable[0];
}

static const struct pp_sched_ops race_ops = { .choose = race_choose };

void model_race(int (*fn[2])(void *), void *arg[2], int first, unsigned long n1,
		unsigned long n2, unsigned long passed[2])
{
	int i, task[2];

	passed[0] = passed[1] = 0;
	race.passed = passed;
	race.first = first;
	race.limit[first] = n1;
	race.limit[!first] = n2;
	for (i = 0; i < 2; i++) {
		task[i] = model_spawn(fn[i], arg[i], model_cur_nr(),
				      i ? "b" : "a");
		race.id[i] = pinpage_task_id(model_task(task[i])->task);
	}
	pp_sched_set(NULL);
	pp_sched_set(&race_ops);
	for (i = 0; i < 2; i++) {
		model_join(task[i]);
		model_task(task[i])->task = NULL;
	}
	pp_sched_set(NULL);
}

static int task_main(void *arg)
{
	struct model_task *t = arg;

	model_set_cur(t->proc);
	t->result = t->fn(t->arg);
	pinpage_use_mm(NULL);
	return t->result;
}

int model_spawn(int (*fn)(void *), void *arg, int proc, const char *name)
{
	int nr;

	for (nr = 0; nr < MAX_TASKS && tasks[nr].task; nr++)
		;
	if (nr == MAX_TASKS)
		model_broken("too many tasks");
	tasks[nr] = (struct model_task){ .fn = fn, .arg = arg, .proc = proc };
	pp_sched_set(&ops);
	tasks[nr].task = pinpage_kthread_run(task_main, &tasks[nr], name);
	if (IS_ERR(tasks[nr].task))
		model_broken("no task");
	return nr;
}

struct model_task *model_task(int nr)
{
	if (nr < 0 || nr >= MAX_TASKS || !tasks[nr].task)
		model_broken("no such task");
	return &tasks[nr];
}

bool model_tasks_ready(void)
{
	int nr;

	for (nr = 0; nr < MAX_TASKS; nr++)
		if (tasks[nr].task && !tasks[nr].joined &&
		    !tasks[nr].task->ended &&
		    !pp_task_blocked(tasks[nr].task, NULL))
			return true;
	return false;
}

/* A task that was joined is not there any more. */
bool model_ended(int nr)
{
	struct model_task *t = model_task(nr);

	return t->joined || t->task->ended;
}

void model_run_task(int nr, unsigned long events)
{
	struct model_task *t = model_task(nr);

	if (model_ended(nr))
		return;
	let.id = pinpage_task_id(t->task);
	let.left = events;
	let.limited = events;
	pinpage_yield("let");
	let.id = 0;
}

int model_join(int nr)
{
	struct model_task *t = model_task(nr);

	if (t->joined)
		return t->result;
	t->joined = true;
	pinpage_kthread_join(t->task);
	return t->result;
}

/* All of them have to end now. */
void model_sched_reset(void)
{
	int nr;

	for (nr = 0; nr < MAX_TASKS; nr++)
		if (tasks[nr].task)
			model_join(nr);
	memset(tasks, 0, sizeof(tasks));
	pp_sched_set(NULL);
}

/* As on a real kernel, what was started goes on meanwhile; it is only so fast. */
#define EVENTS_PER_MS	256

void c_sleep(long ms)
{
	int nr;

	if (!model_tasks_ready()) {
		pinpage_msleep(ms > 0 ? (unsigned int)ms : 0);
		return;
	}
	for (nr = 0; nr < MAX_TASKS; nr++)
		if (tasks[nr].task && !tasks[nr].joined)
			model_run_task(nr, EVENTS_PER_MS * (unsigned long)ms);
}
