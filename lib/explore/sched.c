// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * sched.c - who runs next, and what happens when nobody can
 *
 * While the actors run, every event and every block asks the strategy. Task 0
 * waits on run->pending meanwhile and is runnable only when the actors' time
 * is over: then it goes on at once, and no strategy sees it.
 *
 * I1. A hang is one under a fair scheduler, too: a task that spins until
 *     another one has done something does not keep that one from it, whatever
 *     the strategy says.
 * I2. A hook that must get task 0 out of what it is in does so on task 0's own
 *     stack: called on another one it wakes task 0, which comes back here by
 *     itself when it parks again.
 */
#include "page/page.h"

#include "explore/explore.h"

#include <stdio.h>
#include <string.h>

#include "base/bug.h"

#define MAX_BREAKS	1000u
#define SHORT_SLICE	16u

/**
 * pp_in_order() - the default: actors in order, then the machine's own tasks
 * @runnable: @nr > 0 ids, increasing
 *
 * Context: any. Locking: none. Return: index into @runnable.
 */
size_t pp_in_order(const struct pinpage_run *run, const unsigned int *runnable,
		   size_t nr)
{
	unsigned int first = run->actor[0].id;
	unsigned int last = run->actor[run->scenario->nr_actors - 1].id;
	size_t i;

	/* spawned in a row: their ids are consecutive */
	for (i = 0; i < nr; i++)
		if (runnable[i] >= first && runnable[i] <= last)
			return i;
	return 0;
}

/* hangs */

static const char *holder_of(const void *lock, const struct task_struct *not)
{
	struct task_struct *task;
	unsigned int id, i;

	for (id = 0; id < not->id + 64; id++) {
		task = pp_task_by_id(id);
		if (!task || task == not)
			continue;
		for (i = 0; i < task->nr_held; i++)
			if (task->held[i].lock == lock)
				return task->name;
	}
	return NULL;
}

/* nothing else waits without a name */
static bool waits_for_pins(const struct pinpage_run *run,
			   const struct task_struct *task, const char *on)
{
	return !on && task->id < 64 && run->unpin_waiters >> task->id & 1;
}

static size_t describe_wait(struct pinpage_run *run,
			    const struct task_struct *task, char *buf,
			    size_t size)
{
	const char *on = NULL, *holder;
	int len;

	if (!task || !pp_task_blocked(task, &on))
		return 0;
	if (waits_for_pins(run, task, on)) {
		on = "the pins of a page to go";
		run->hung_on_pins = true;
	}
	holder = holder_of(task->parked, task);
	len = snprintf(buf, size, "%s waits for %s%s%s", task->name,
		       on ? on : "somebody", holder ? ", held by " : "",
		       holder ? holder : "");
	return len < 0 ? 0 : min((size_t)len, size - 1);
}

static void hang(struct pinpage_run *run, const char *text)
{
	if (pp_run_is_broken(run))
		return;
	run->hung = true;
	snprintf(run->what, sizeof(run->what), "%s", text);
	if (run->story)
		pp_story_say(run->story, true, text);
}

static void hang_deadlock(struct pinpage_run *run)
{
	char text[PP_TEXT_MAX] = "";
	size_t i, len = 0, more;

	for (i = 0; i < run->scenario->nr_actors; i++) {
		if (len && len < sizeof(text) - 3) {
			memcpy(text + len, "; ", 3);
			len += 2;
		}
		more = describe_wait(run, run->actor[i].task, text + len,
				     sizeof(text) - len);
		if (!more && len)
			text[len -= 2] = '\0';
		len += more;
	}
	hang(run, len ? text : "nobody can go on");
}

/*
 * A task that was dropped between freezing a page's count and thawing it would
 * let whoever looks for the page wait for ever.
 */
static void thaw_pages(void)
{
	unsigned long pfn;

	for (pfn = 0; pfn < pp_nr_frames; pfn++) {
		struct page *page = pfn_to_page(pfn);

		if (page == compound_head(page) && page_file_mapping(page) &&
		    !page_count(page))
			pp_ref_unfreeze(page, 1 + PagePrivate(page));
	}
}

/* the actors' time is over whatever they do: task 0 goes on */
static void drop_actors(struct pinpage_run *run)
{
	pp_fiber_abandon_all();
	thaw_pages();
	run->pending = 0;
	pp_unpark(&run->pending, 1);
}

/* task 0 */

static void wake_task0(struct task_struct *task)
{
	bool killed = task->killed;

	pinpage_send_sigkill(task);
	task->killed = killed;
}

/* on task 0's stack; does not return if there is a guard to return to */
static void leave_task0(struct pinpage_run *run)
{
	if (run->recovering)
		_longjmp(run->recover, 1);
}

/*
 * What task 0 waits for will never come: make it so. A page's bits, a
 * completion (0: not yet), or the word of a lock (0: free).
 */
static void break_wait(struct task_struct *task)
{
	uint32_t *word = (uint32_t *)(uintptr_t)task->parked;
	uintptr_t at = (uintptr_t)word, map = (uintptr_t)pp_mem_map;

	if (at >= map && at < map + pp_nr_frames * sizeof(struct page))
		WRITE_ONCE(*word, *word & ~(uint32_t)(BIT(PINPAGE_PG_LOCKED) |
						BIT(PINPAGE_PG_WRITEBACK)));
	else
		WRITE_ONCE(*word, READ_ONCE(*word) ? 0 : UINT32_MAX);
}

/* setup, check, teardown or shutdown waits for ever; false: give up */
static bool task0_stuck(struct pinpage_run *run)
{
	struct task_struct *task = pp_task_by_id(0);
	char text[PP_TEXT_MAX];
	bool cleaning = run->phase >= PP_PHASE_TEARDOWN;

	text[describe_wait(run, task, text, sizeof(text))] = '\0';
	hang(run, text[0] ? text : "nobody can go on");
	if (cleaning && run->breaks++ < MAX_BREAKS)
		break_wait(task);
	else if (run->phase == PP_PHASE_SHUTDOWN)
		return false;
	else if (current == task) {
		wake_task0(task);
		leave_task0(run);
	}
	wake_task0(task);
	return true;
}

static bool on_deadlock(void *priv)
{
	struct pinpage_run *run = priv;

	switch (run->phase) {
	case PP_PHASE_ACTORS:
		hang_deadlock(run);
		drop_actors(run);
		return true;
	case PP_PHASE_JOIN:		/* a daemon that does not stop */
		hang_deadlock(run);
		pp_fiber_abandon_all();
		return true;
	default:
		return task0_stuck(run);
	}
}

/* traps */

/**
 * pp_on_bug() - the kernel would have stopped: so does this task
 *
 * Context: any. Locking: any. Return: only if there is no run, or the machine
 * is going down: then the process aborts.
 */
void pp_on_bug(const char *file, int line, const char *msg)
{
	struct pinpage_run *run = pp_run_active;
	struct task_struct *task = current;
	int actor;

	(void)file;
	(void)line;
	if (!run || run->phase == PP_PHASE_SHUTDOWN)
		return;
	if (!pp_run_is_broken(run)) {
		run->trapped = true;
		snprintf(run->what, sizeof(run->what), "%.*s", PP_TEXT_MAX - 1,
			 msg);
	}
	if (run->story)
		pp_story_say(run->story, true, msg);
	if (!task->id) {
		leave_task0(run);
		return;
	}
	actor = pinpage_run_actor(run, task->id);
	if (actor >= 0 && !run->scenario->actors[actor].daemon)
		pp_run_arrived(run);
	pp_fiber_abandon_self();
}

/**
 * pp_run_arrived() - the running actor has ended, one way or the other
 *
 * Context: an actor. Locking: none. Return: nothing.
 */
void pp_run_arrived(struct pinpage_run *run)
{
	if (run->pending && !--run->pending)
		pp_unpark(&run->pending, 1);
}

/* choosing */

static unsigned int too_many(struct pinpage_run *run)
{
	char text[PP_TEXT_MAX];

	snprintf(text, sizeof(text), "still running after %llu events",
		 (unsigned long long)run->events);
	hang(run, text);
	drop_actors(run);
	return 0;
}

/*
 * I1: has @id had its slice? A quarter of what a run may take, so that no
 * sensible schedule is disturbed; short ones from then on.
 */
static bool slice_is_over(struct pinpage_run *run, unsigned int id,
			  uint64_t limit)
{
	if (id != run->last)
		run->streak = 0;
	if (++run->streak <= (run->starved ? SHORT_SLICE : limit / 4))
		return false;
	run->starved = true;
	return true;
}

static unsigned int on_choose(void *priv, const unsigned int *runnable,
			      size_t nr, int current_id,
			      const struct pinpage_event *event)
{
	struct pinpage_run *run = priv;
	struct pinpage_strategy *strategy = run->strategy;
	uint64_t limit = run->scenario->max_events;
	size_t i, in_order;

	if (unlikely(!runnable[0]))
		return 0;
	limit = limit ? limit : PP_MAX_EVENTS;
	run->events += event != NULL;
	if (event && event->kind == PINPAGE_EV_WAIT_UNPIN && current_id < 64)
		run->unpin_waiters |= UINT64_C(1) << current_id;
	if (unlikely(run->trail.decisions >= 2 * limit ||
		     run->events > limit))
		return too_many(run);
	in_order = pp_in_order(run, runnable, nr);
	i = strategy->choose(strategy, runnable, nr, current_id, event);
	if (unlikely(i >= nr)) {
		pp_warn_once("strategy chose %zu of %zu tasks", i, nr);
		i = in_order;
	}
	if (unlikely(slice_is_over(run, runnable[i], limit)))
		i = (i + 1) % nr;
	pp_trail_add(&run->trail, runnable[i], i == in_order);
	if (runnable[i] != run->last)
		run->switches++;
	run->last = runnable[i];
	return runnable[i];
}

static struct pp_sched_ops actors_ops = {
	.choose = on_choose,
	.deadlock = on_deadlock,
};
static struct pp_sched_ops quiet_ops = {
	.deadlock = on_deadlock,
};

/**
 * pp_sched_actors() - the strategy decides from now on
 * pp_sched_quiet() - nobody is asked; a hang is still caught
 *
 * Context: task 0, deterministic engine. Locking: none. Return: nothing.
 */
void pp_sched_actors(struct pinpage_run *run)
{
	actors_ops.priv = run;
	pp_sched_set(NULL);
	pp_sched_set(&actors_ops);
}

void pp_sched_quiet(struct pinpage_run *run)
{
	quiet_ops.priv = run;
	pp_sched_set(NULL);
	pp_sched_set(&quiet_ops);
}
