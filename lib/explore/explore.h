/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_EXPLORE_EXPLORE_H
#define PP_EXPLORE_EXPLORE_H

/*
 * explore/explore.h - what the files of this room share
 *
 * run.c      one run: boot, setup, actors, check, teardown, shutdown
 * sched.c    the actors' time: who is asked, hangs, traps
 * outcome.c  what a run came to
 * script.c   scripted schedules        (a struct pinpage_strategy)
 * replay.c   replay strings            (a struct pinpage_strategy)
 * random.c   random interleavings      (a struct pinpage_strategy)
 * explore.c  the public functions over them
 * story.c    the steps of a run as text
 * matrix.c   scenario x contract x rules
 * json.c     the same as JSON
 * cli.c      the command line
 */
#include <setjmp.h>
#include <stdarg.h>

#include <pinpage/explore.h>

#include "base/compiler.h"
#include "exec/exec.h"

/*
 * The door to lib/boot.c, which is above this room.
 * @boot:     the scenario's machine; deterministic engine, all checks, verdicts
 *            collected
 * @shutdown: frames still held by somebody
 */
struct pp_machine_ops {
	int (*boot)(const struct pinpage_rules *rules,
		    const struct pinpage_scenario *scenario);
	long (*shutdown)(void);
};
extern const struct pp_machine_ops pp_machine_ops;

#define PP_MAX_EVENTS	200000u
#define PP_TEXT_MAX	160		/* as outcome.headline */

enum pp_phase {
	PP_PHASE_NONE,
	PP_PHASE_SETUP,
	PP_PHASE_ACTORS,
	PP_PHASE_JOIN,
	PP_PHASE_CHECK,
	PP_PHASE_TEARDOWN,
	PP_PHASE_SHUTDOWN,
};

/* Decisions of a run: @count times in a row task @task was chosen. */
struct pp_segment {
	uint32_t task;
	uint32_t count;
};
struct pp_trail {
	struct pp_segment *seg;
	size_t nr, room;
	uint64_t decisions;		/* all of them */
	uint64_t forced;		/* up to the last one that is not the default */
	bool lost;			/* no memory */
};

struct pp_story;

struct pp_actor {
	struct pinpage_run *run;
	struct task_struct *task;	/* NULL: not spawned, or joined */
	unsigned int id;
	unsigned int index;
};

/*
 * A run, and what several runs in a row share (first part).
 */
struct pinpage_run {
	const struct pinpage_scenario *scenario;
	size_t contract;
	const struct pinpage_rules *rules;
	struct pinpage_strategy *strategy;
	void *state;
	struct pp_story *story;		/* NULL: not wanted */
	struct pp_trail trail;

	/* of one run; zeroed from here on */
	enum pp_phase phase;
	uint32_t pending;		/* actors that have not ended; task 0 parks here */
	unsigned int last;		/* task chosen last */
	unsigned int breaks;		/* waits of task 0 that were broken */
	uint64_t streak;		/* times in a row that @last was chosen */
	bool starved;			/* somebody was, so slices are short now */
	bool hung_on_pins;		/* somebody waits for pins to go */
	uint64_t unpin_waiters;		/* tasks that ever did, by id below 64 */
	uint64_t events, switches;
	int error;			/* failed to execute */
	int refused;			/* -errno of the refused call */
	bool trapped, hung, is_lost, recovering;
	long held;			/* frames held after shutdown */
	const char *blame;
	enum pinpage_cell cell;
	char what[PP_TEXT_MAX];		/* refused, trap, hang, lost: the worst of them */
	char headline[PP_TEXT_MAX];	/* why it failed to execute */
	struct pp_actor actor[PINPAGE_MAX_ACTORS];
	jmp_buf recover;
};

/* run.c */
int pp_run_init(struct pinpage_run *run,
		const struct pinpage_scenario *scenario, size_t contract,
		const struct pinpage_rules *rules, char why[PP_TEXT_MAX]);
void pp_run_done(struct pinpage_run *run);
int pp_run_once(struct pinpage_run *run);
extern struct pinpage_run *pp_run_active;
static inline bool pp_run_is_broken(const struct pinpage_run *run)
{
	return run->trapped || run->hung;
}

/* sched.c */
void pp_sched_actors(struct pinpage_run *run);
void pp_sched_quiet(struct pinpage_run *run);
void pp_run_unwind(struct pinpage_run *run);
void pp_run_arrived(struct pinpage_run *run);
void pp_on_bug(const char *file, int line, const char *msg);
size_t pp_in_order(const struct pinpage_run *run, const unsigned int *runnable,
		   size_t nr);
static inline long pp_index_of(const unsigned int *runnable, size_t nr,
			       unsigned int id)
{
	for (size_t i = 0; i < nr; i++)
		if (runnable[i] == id)
			return (long)i;
	return -1;
}

/* outcome.c */
void pp_run_judge(struct pinpage_run *run);
int pp_outcome_fill(const struct pinpage_run *run, const char *schedule,
		    struct pinpage_outcome *outcome);
void pp_outcome_reason(struct pinpage_outcome *outcome, const char *text);
struct pinpage_verdict;
const struct pinpage_verdict *pp_worst_verdict(void);
const struct pinpage_verdict *pp_run_verdict(const struct pinpage_run *run);
const char *pp_run_remedy(const struct pinpage_run *run);
enum pinpage_cell pp_cell_of(enum pinpage_severity severity);
size_t pp_rules_text(const struct pinpage_rules *rules, char *buf,
		     size_t size);

/* script.c */
struct pp_script_step {
	int actor;			/* index; -1: @task */
	char task[24];			/* name of a task of the machine */
	char point[32];			/* event or yield point; "": to the end */
	int kind;			/* of the event of that name */
	bool is_event;			/* there is one; a yield point may share its name */
	unsigned int times;		/* 0 = to the end */
	bool passed;			/* somebody passed that yield point */
	unsigned int column;		/* in the text, from 1 */
};
struct pp_script {
	struct pinpage_strategy strategy;
	struct pinpage_run *run;
	struct pp_script_step *step;
	size_t nr, at;
	bool started;
	unsigned int count;
};
int pp_script_parse(struct pp_script *script,
		    const struct pinpage_scenario *scenario, const char *text,
		    char why[PP_TEXT_MAX]);
void pp_script_free(struct pp_script *script);
bool pp_script_all_seen(const struct pp_script *script,
			char why[PP_TEXT_MAX]);

/* replay.c */
struct pp_replay {
	struct pinpage_strategy strategy;
	struct pinpage_run *run;
	struct pinpage_rules rules;
	size_t contract;
	struct pp_segment *seg;
	size_t nr, at;
	uint32_t done;			/* of seg[at] */
	uint64_t decisions, total;
	bool stale;
};
void pp_trail_add(struct pp_trail *trail, unsigned int task, bool is_default);
int pp_trail_string(const struct pinpage_run *run, char **string);
int pp_replay_parse(struct pp_replay *replay,
		    const struct pinpage_scenario *scenario, const char *text,
		    char why[PP_TEXT_MAX]);
void pp_replay_free(struct pp_replay *replay);

/* random.c */
enum pp_random_mode { PP_RANDOM_MIXED, PP_RANDOM_ANY, PP_RANDOM_BOUNDED };
struct pp_random {
	struct pinpage_strategy strategy;
	uint64_t seed, runs, wanted;
	uint64_t state;
	enum pp_random_mode mode;
	unsigned int preemptions;	/* BOUNDED: at most so many; 0 = 1 to 3 */
	bool bounded;			/* this run */
	unsigned int mask;		/* switch once in mask + 1 events */
	unsigned int nr_points;
	uint64_t point[8];
	uint64_t decision, length;
	uint64_t *histogram;
};
void pp_random_init(struct pp_random *random, uint64_t seed, uint64_t runs,
		    enum pp_random_mode mode, unsigned int preemptions,
		    uint64_t *histogram);

/* explore.c: as the public functions, with the details that the CLI wants */
enum pp_story_kind { PP_STORY_NONE, PP_STORY_SHORT, PP_STORY_ALL };
int pp_explore_run(const struct pinpage_scenario *scenario, size_t contract,
		   const struct pinpage_rules *rules, const char *schedule,
		   enum pp_story_kind kind, struct pinpage_outcome *outcome);
int pp_explore_replay(const struct pinpage_scenario *scenario,
		      const char *replay, enum pp_story_kind kind,
		      struct pinpage_outcome *outcome);
int pp_explore_cell(const struct pinpage_scenario *scenario, size_t contract,
		    const struct pinpage_rules *rules,
		    enum pp_story_kind kind, struct pinpage_outcome *worst);
const struct pinpage_schedule *
pp_schedule_find(const struct pinpage_scenario *scenario, const char *name);
long pp_contract_find(const struct pinpage_scenario *scenario,
		      const char *name);

/* story.c */
struct pp_story *pp_story_new(const struct pinpage_run *run,
			      enum pp_story_kind kind);
void pp_story_free(struct pp_story *story);
void pp_story_start(struct pp_story *story);
void pp_story_stop(struct pp_story *story);
void pp_story_say(struct pp_story *story, bool mark, const char *text);
char *pp_story_text(struct pp_story *story,
		    const struct pinpage_outcome *outcome);

/* json.c; all -EOPNOTSUPP without jansson */
bool pp_json_works(void);
int pp_json_outcome(FILE *out, const struct pinpage_scenario *scenario,
		    size_t contract, const struct pinpage_rules *rules,
		    const struct pinpage_outcome *outcome);
int pp_json_random(FILE *out, const struct pinpage_scenario *scenario,
		   size_t contract, const struct pinpage_rules *rules,
		   uint64_t seed, const uint64_t *histogram,
		   const struct pinpage_outcome *worst);
int pp_json_list(FILE *out, const struct pinpage_scenario *const *scenarios,
		 size_t nr);

/* matrix.c */
#define PP_BOLD		"\033[1m"
#define PP_PLAIN	"\033[0m"
const char *pp_cell_colour(enum pinpage_cell cell);

#endif
