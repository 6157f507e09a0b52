/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * explore.h - scenarios, schedules, replays and the rules matrix
 *
 * A scenario is a machine, a set-up, some actors that run against each other
 * under the deterministic engine, and a check. A run is one scenario under one
 * contract, one rule set and one schedule; same input, same run.
 *
 * Rules for callers:
 * - The explorer boots and shuts down the machine; none may be up before.
 * - Scenarios, contracts, schedules and actors are the caller's constants:
 *   they stay as they are while anything here uses them. A run changes
 *   nothing outside its state and its machine.
 * - An outcome that was filled in owes one pinpage_outcome_free().
 * - One run at a time in a process; a callback does not start another one.
 */
#ifndef PINPAGE_EXPLORE_H
#define PINPAGE_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <pinpage/api.h>
#include <pinpage/check.h>
#include <pinpage/event.h>
#include <pinpage/mm.h>
#include <pinpage/rules.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pinpage_run;

/* more actors than letters of a replay string are refused */
#define PINPAGE_MAX_ACTORS 26

/**
 * struct pinpage_actor - one task of a scenario
 * @name:   as schedules call it; unique, [a-z0-9-], below 24 characters
 * @main:   its body; @state is the scenario's state of this run
 * @daemon: the run ends without waiting for it: it is asked to stop and
 *          returns when pinpage_kthread_should_stop(); if not, that is a hang
 */
struct pinpage_actor {
	const char *name;
	void (*main)(struct pinpage_run *run, void *state);
	bool daemon;
};

/**
 * struct pinpage_schedule - a hostile order of events that a scenario names
 * @name:   as the command line calls it; unique, [a-z0-9-]
 * @script: steps separated by blanks; see below
 * @why:    one line: what this order provokes; may be NULL
 *
 * A step is
 *   actor          run the actor until it ends or blocks
 *   actor@point    run it until it has just passed that event or yield
 *                  point, or ends or blocks
 *   actor@point*3  the same, third time counted from the start of the step
 * where point is an event's name (event.h) or the name given to
 * pinpage_yield(). A task of the machine that is no actor is "task:kworker",
 * "task:kswapd", "task:kcompactd" and so on.
 * If the actor is blocked when its step begins, the others run in order until
 * it can go on; if it has ended, the step is skipped. When the script is used
 * up every actor runs to its end, in order.
 */
struct pinpage_schedule {
	const char *name;
	const char *script;
	const char *why;
};

/**
 * struct pinpage_contract - one of the ways to write the same driver
 * @name:    "put_page", "put_user_page", "pin", "pin-only"; no blanks
 * @title:   "get_user_pages + put_page"
 * @needs:   kernel functions it calls, separated by blanks: not offered if the
 *           rules lack one (pinpage_offers()); NULL: none
 * @instead: what a driver that breaks should call, one sentence; NULL: nothing
 */
struct pinpage_contract {
	const char *name;
	const char *title;
	const char *needs;
	const char *instead;
};

/**
 * struct pinpage_scenario - what runs
 * @name:         as the command line calls it; [a-z0-9-]
 * @title:        one line
 * @contracts:    at least one
 * @schedules:    the hostile ones; without any the actors run in order
 * @actors:       at least one; spawned in this order
 * @state_size:   bytes of state, zeroed for every run
 * @memory_pages: of the machine; 0 = 256
 * @setup:        in task 0 before the actors: 0; -EOPNOTSUPP: not offered under
 *                these rules; other -errno: the run failed to execute. After a
 *                failure teardown is called, the actors are not. NULL: none
 * @check:        in task 0 after all actors ended: what the user finally sees;
 *                calls pinpage_run_lost(). Not called after a trap or hang, nor
 *                when refused. NULL: none
 * @teardown:     in task 0, always called, so @state may be half made. It
 *                gives back what setup and the actors left: files, mounts,
 *                address spaces, devices. After a trap or hang the dead
 *                actors' locks are broken and what they held is dropped with
 *                the machine; a teardown that traps or cannot end then is cut
 *                short, silently. NULL: none
 * @max_events:   a run with more is a hang; 0 = 200 000
 * @movable_pages, @cma_pages, @hugepages, @nodes, @thp: of the machine, as in
 *                struct pinpage_config
 */
struct pinpage_scenario {
	const char *name;
	const char *title;
	const struct pinpage_contract *contracts;
	size_t nr_contracts;
	const struct pinpage_schedule *schedules;
	size_t nr_schedules;
	const struct pinpage_actor *actors;
	size_t nr_actors;
	size_t state_size;
	unsigned long memory_pages;
	int (*setup)(struct pinpage_run *run, void *state);
	void (*check)(struct pinpage_run *run, void *state);
	void (*teardown)(struct pinpage_run *run, void *state);
	uint64_t max_events;
	unsigned long movable_pages;
	unsigned long cma_pages;
	unsigned long hugepages;
	unsigned int nodes;
	enum pinpage_thp thp;
};

/* -- inside a run: from setup, actors, check and teardown -- */

/**
 * pinpage_run_contract() - which contract this run is about
 * @run: as handed to the callback
 *
 * Context: any. Locking: none.
 * Return:  index into the scenario's contracts.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API size_t pinpage_run_contract(const struct pinpage_run *run);

/**
 * pinpage_run_rules() - the rules this run is under
 * @run: as handed to the callback
 *
 * Context: any. Locking: none.
 * Return:  the rules, valid until the run ends; not NULL.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const struct pinpage_rules *
pinpage_run_rules(const struct pinpage_run *run);

/**
 * pinpage_run_actor() - which actor is a task?
 * @run:     as handed to the callback or to a strategy's begin()
 * @task_id: pinpage_task_id() of a task
 *
 * Context: any. Locking: none.
 * Return:  index into the scenario's actors; -ENOENT for another task.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_run_actor(const struct pinpage_run *run,
				  unsigned int task_id);

/**
 * pinpage_run_refused() - the rules refuse a call that the contract needs
 * @run:   as handed to the callback
 * @error: what the call returned, a -errno
 * @what:  the call: "pin_user_pages(FOLL_LONGTERM)"
 *
 * The outcome is "not offered", unless something worse happens too. The first
 * one is kept. The caller gives back what it has and returns.
 *
 * Context: any. Locking: none. Return: nothing.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_run_refused(struct pinpage_run *run, int error,
				     const char *what);

/**
 * pinpage_run_lost() - the user sees wrong bytes
 * @run:    as handed to the callback
 * @format: one sentence; the first one is kept
 *
 * Context: any. Locking: none. Return: nothing.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_run_lost(struct pinpage_run *run, const char *format,
				  ...) __attribute__((format(printf, 2, 3)));

/**
 * pinpage_run_blame() - the switch that allows what the scenario found itself
 * @run:         as handed to the callback
 * @rule_switch: a member of struct pinpage_rules by name, static; used when no
 *               checker named one; an unknown name is ignored, with a warning
 *
 * Context: any. Locking: none. Return: nothing.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_run_blame(struct pinpage_run *run,
				   const char *rule_switch);

/**
 * pinpage_run_broken() - did an actor trap or hang?
 * @run: as handed to the callback
 *
 * For teardown: dead actors may hold locks and pages. What belongs to the
 * machine is then dropped by the shutdown in any case; write nothing back
 * (pinpage_umount_lost()), give back what is not the machine's.
 *
 * Context: any. Locking: none.
 * Return:  true after a trap or hang.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API bool pinpage_run_broken(const struct pinpage_run *run);

/**
 * pinpage_run_note() - a line of its own in the story
 * @run:    as handed to the callback
 * @format: one sentence; costs nothing when no story was asked for
 *
 * Context: any. Locking: none. Return: nothing.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_run_note(struct pinpage_run *run, const char *format,
				  ...) __attribute__((format(printf, 2, 3)));

/* -- outcomes -- */

/* result of a run or of a matrix cell: worse is greater */
enum pinpage_cell {
	PINPAGE_CELL_NOT_OFFERED,	/* the rules lack or refuse a call */
	PINPAGE_CELL_OK,
	PINPAGE_CELL_HAZARD,		/* contract broken, no harm yet */
	PINPAGE_CELL_LOST,		/* wrong bytes, a leak */
	PINPAGE_CELL_TRAP,		/* the kernel would have stopped */
	PINPAGE_CELL_HANG,		/* nobody can go on, or it never ends */
};

/**
 * struct pinpage_outcome - what a run came to
 * @cell:        worst of: trap, hang, the checkers' verdicts, what the
 *               scenario said, what was still held at the end. What waits for
 *               a task that trapped is a consequence: the cell stays TRAP
 * @headline:    one sentence; "" if all was well. When the call failed: why
 * @rule_switch: member of struct pinpage_rules that allows it, or NULL
 * @schedule:    name of the (worst) schedule; "script" for one given as text,
 *               "in order", "replay", "search", "random"
 * @events:      events that the actors passed
 * @switches:    times that one task followed another
 * @replay:      this run as a string for pinpage_explore_replay(), printable
 *               in a shell without quotes
 * @story:       the numbered steps, if asked for; else NULL
 */
struct pinpage_outcome {
	enum pinpage_cell cell;
	char headline[160];
	const char *rule_switch;
	const char *schedule;
	uint64_t events, switches;
	char *replay;
	char *story;
};

/**
 * pinpage_outcome_free() - give back what an outcome owns
 * @outcome: filled in by a function below or all zero; NULL is accepted
 *
 * Context: any. Locking: none. Return: nothing; @outcome is all zero.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API void pinpage_outcome_free(struct pinpage_outcome *outcome);

/**
 * pinpage_cell_name() - a result as the matrix shows it
 * @cell: a result
 *
 * Context: any. Locking: none.
 * Return:  "not offered", "ok", "hazard", "LOST", "TRAP", "HANG"; "?".
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_cell_name(enum pinpage_cell cell);

/* -- running -- */

/**
 * struct pinpage_strategy - who runs next: a search
 * @begin:  a run starts, its actors are about to; NULL: nothing to do
 * @choose: called at every event that the actors pass, and whenever the
 *          running task blocked or ended: which task goes on? @runnable are
 *          @nr ids of tasks, increasing, at least one, task 0 never among
 *          them; @running is the id of the task at the event, or -1 when it
 *          cannot go on; @event is NULL then. Returns an index into @runnable.
 *          pinpage_run_actor() says which actor an id is. Must not touch the
 *          model. Asked again the same way, a run is the same run: a search
 *          that repeats its choices reaches the same point.
 * @end:    the run is over. true: another run wanted. NULL: one run. @outcome
 *          is the callee's to read during the call; headline, rule_switch and
 *          replay are there only if it is worse than all before
 * @priv:   the caller's
 */
struct pinpage_strategy {
	void (*begin)(struct pinpage_strategy *self, struct pinpage_run *run);
	size_t (*choose)(struct pinpage_strategy *self,
			 const unsigned int *runnable, size_t nr, int running,
			 const struct pinpage_event *event);
	bool (*end)(struct pinpage_strategy *self,
		    const struct pinpage_outcome *outcome);
	void *priv;
};

/**
 * pinpage_explore_run() - one run
 * @scenario: what
 * @contract: index into its contracts
 * @rules:    under which; NULL = preset "6.12"
 * @schedule: name of a schedule of @scenario, or a script, or NULL or "": the
 *            actors run in order
 * @story:    fill in @outcome->story
 * @outcome:  out; on failure only its headline counts, and says why
 *
 * Context: outside any machine. Locking: none.
 * Return:  0; -EINVAL (NULL, no such contract, a scenario without actors or
 *          with two of one name, a script that does not parse, rules that do
 *          not pass pinpage_rules_check()), -E2BIG (more than
 *          PINPAGE_MAX_ACTORS), -EBUSY (a machine is up), -ENOMEM, or what the
 *          scenario's setup returned.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_explore_run(const struct pinpage_scenario *scenario,
				    size_t contract,
				    const struct pinpage_rules *rules,
				    const char *schedule, bool story,
				    struct pinpage_outcome *outcome);

/**
 * pinpage_explore_strategy() - runs as a search wants them
 * @scenario, @contract, @rules: as pinpage_explore_run()
 * @strategy: chooses who runs next and when to stop; the caller's
 * @worst:    out: the first of the worst runs; its replay string repeats it
 * @runs:     out: how many runs; NULL: not wanted
 *
 * Context: outside any machine. Locking: none.
 * Return:  as pinpage_explore_run(), except: -EINVAL also for a strategy
 *          without choose(). On failure @worst is what was found until then.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int
pinpage_explore_strategy(const struct pinpage_scenario *scenario,
			 size_t contract, const struct pinpage_rules *rules,
			 struct pinpage_strategy *strategy,
			 struct pinpage_outcome *worst, uint64_t *runs);

/**
 * pinpage_explore_replay() - the same run again
 * @scenario: the one that @replay names
 * @replay:   as an outcome carries it
 * @story:    fill in @outcome->story
 * @outcome:  out; on failure only its headline counts, and says why
 *
 * Context: outside any machine. Locking: none.
 * Return:  as pinpage_explore_run(), except: -EINVAL also for a string that
 *          does not parse or names another scenario; -ESTALE: the run took
 *          another way, the program is not the one that made the string.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_explore_replay(const struct pinpage_scenario *scenario,
				       const char *replay, bool story,
				       struct pinpage_outcome *outcome);

/**
 * pinpage_explore_cell() - the worst over the schedules that a scenario names
 * @scenario, @contract, @rules: as pinpage_explore_run()
 * @worst: out: the first of the worst
 *
 * Context: outside any machine. Locking: none.
 * Return:  as pinpage_explore_run().
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_explore_cell(const struct pinpage_scenario *scenario,
				     size_t contract,
				     const struct pinpage_rules *rules,
				     struct pinpage_outcome *worst);

/**
 * pinpage_explore_random() - random interleavings
 * @scenario, @contract, @rules: as pinpage_explore_run()
 * @seed:      decides all: same seed, same runs
 * @runs:      how many, > 0
 * @histogram: out: runs by result; NULL: not wanted
 * @worst:     out: the first of the worst; NULL: not wanted
 *
 * Every second run may switch at any event; the others switch at one to three
 * events at random and else only where a task blocks or ends, since most
 * races need few switches.
 *
 * Context: outside any machine. Locking: none.
 * Return:  as pinpage_explore_run(), except: -EINVAL also for no runs.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int
pinpage_explore_random(const struct pinpage_scenario *scenario,
		       size_t contract, const struct pinpage_rules *rules,
		       uint64_t seed, uint64_t runs,
		       uint64_t histogram[PINPAGE_CELL_HANG + 1],
		       struct pinpage_outcome *worst);

/* -- the matrix and the command line -- */

/**
 * pinpage_matrix_print() - scenario x contract x rules, as a table
 * @out:       where to
 * @scenarios: @nr of them
 * @nr:        > 0
 * @colour:    with terminal colours
 *
 * Every cell is computed by pinpage_explore_cell(), for all presets. A line
 * at the end says how to see the story of a cell.
 *
 * Context: outside any machine. Locking: none.
 * Return:  0; as pinpage_explore_cell() for the first cell that failed, which
 *          is shown as "?", after all others were printed.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int
pinpage_matrix_print(FILE *out,
		     const struct pinpage_scenario *const *scenarios,
		     size_t nr, bool colour);

/**
 * pinpage_matrix_print_json() - As pinpage_matrix_print(), except: as JSON
 * @out, @scenarios, @nr: as there
 *
 * Return:  as there; -EOPNOTSUPP: built without jansson, nothing printed.
 */
PINPAGE_API int
pinpage_matrix_print_json(FILE *out,
			  const struct pinpage_scenario *const *scenarios,
			  size_t nr);

/**
 * pinpage_scenario_main() - the command line that every scenario program shares
 * @argc, @argv: as main() got them
 * @scenarios:   @nr of them
 * @nr:          > 0
 *
 * Without options: the matrix. See --help.
 *
 * Context: outside any machine. Locking: none.
 * Return:  exit status: 0, whatever the cells say; 1 if a run failed to
 *          execute; 2 for a wrong command line, after one message.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int
pinpage_scenario_main(int argc, char **argv,
		      const struct pinpage_scenario *const *scenarios,
		      size_t nr);

#ifdef __cplusplus
}
#endif

#endif
