// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * run.c - a case under a rule set: boot, run, tidy up, shut down
 *
 * Cases run in a child process, one after the other, each in a machine of its
 * own. A case that traps, hangs, crashes or needs what the model lacks takes
 * the child with it; the parent starts another one for the rest. The child
 * tells by a pipe, one record a case.
 */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bug.h"

#define FRAMES		(512UL * 1024 * 1024 / PAGE)
#define MOVABLE		(64UL * 1024 * 1024 / PAGE)
#define HUGEPAGES	16UL
#define LONG_CASE	200	/* seconds: too many pages for the checkers */

const struct pinpage_rules *model_rules;

struct record {
	size_t nr;		/* of the case */
	struct result result;
};

static int report_fd = -1;
static struct record rec;

static void report(int state, const char *line, const char *more)
{
	rec.result.state = state;
	snprintf(rec.result.line, sizeof(rec.result.line), "%s%s", line, more);
	if (write(report_fd, &rec, sizeof(rec)) != (ssize_t)sizeof(rec))
		_exit(4);
}

void model_missing(const char *what)
{
	report(R_MISSING, what, "");
	_exit(0);
}

void model_broken(const char *what)
{
	report(R_FAILED, conf_line(), " BROKEN");
	fprintf(stderr, "%s: %s\n", conf_line(), what);
	_exit(0);
}

/* The kernel would have stopped, or nobody can go on. */
static void on_bug(const char *file, int line, const char *msg)
{
	bool hang = !strncmp(msg, "deadlock", 8);

	if (getenv("CONF_VERBOSE"))
		fprintf(stderr, "%s: %s:%d: %s\n", conf_line(), file, line, msg);
	report(R_TRAP, conf_line(), hang ? " HANG" : " TRAP");
	_exit(0);
}

static void on_warn(const char *file, int line, const char *msg)
{
	if (getenv("CONF_VERBOSE"))
		fprintf(stderr, "%s: %s:%d: warning: %s\n", conf_line(), file,
			line, msg);
}

static int boot(const struct conf_case *c)
{
	struct pinpage_config config = {
		.rules = model_rules,
		.engine = PINPAGE_ENGINE_FIBER,
		.memory_pages = FRAMES,
		.nodes = c->needs & NEED_NODES ? 2 : 1,
		.movable_pages = c->needs & NEED_MOVABLE ? MOVABLE : 0,
		.hugepages = c->needs & NEED_HUGETLB ? HUGEPAGES : 0,
		.checks_set = true,
		.checks = c->secs >= LONG_CASE ? PINPAGE_CHECK_NONE :
						 PINPAGE_CHECK_ALL,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	return pinpage_boot(&config);
}

static void tidy(void)
{
	model_only_end();
	model_state_end();
	model_notify_end();
	model_holds_end();
	model_sched_reset();
	model_holds_end();
	model_device_end();
	model_procs_end();
	model_files_end();
}

static void run_case(const struct conf_case *c)
{
	const struct pinpage_rules *r = model_rules;
	long left;

	conf_begin(c, r->name, r->version, r->stage, true);
	if (boot(c))
		model_broken("the machine does not boot");
	model_procs_begin();
	model_files_begin();
	model_state_begin(c);
	model_only_begin();
	c->run();
	tidy();
	left = pinpage_shutdown();
	if (left)
		conf_failed("all frames are back", c->file, c->line);
	report(conf_ok() ? R_LINE : R_FAILED, conf_line(), "");
}

static void child(struct conf_case *const *cases, size_t nr, size_t from)
{
	setenv("PINPAGE_CHECK_STRICT", "1", 1);
	pp_set_bug_hook(on_bug);
	pp_set_warn_hook(on_warn);
	for (; from < nr; from++) {
		const struct conf_case *c = cases[from];

		if (!conf_in_rules(c, model_rules->name, model_rules->version,
				   model_rules->stage, model_rules->proposal))
			continue;
		rec.nr = from;
		alarm(c->secs ? c->secs : 60);
		run_case(c);
		alarm(0);
	}
	exit(0);
}

static bool read_record(int fd, struct record *r)
{
	char *at = (char *)r;
	size_t got = 0;
	ssize_t n;

	while (got < sizeof(*r)) {
		n = read(fd, at + got, sizeof(*r) - got);
		if (n <= 0)
			return false;
		got += n;
	}
	return true;
}

/* Which case comes after @last? @nr if none does. */
static size_t next_case(struct conf_case *const *cases, size_t nr, size_t at)
{
	while (at < nr && !conf_in_rules(cases[at], model_rules->name,
					 model_rules->version,
					 model_rules->stage,
					 model_rules->proposal))
		at++;
	return at;
}

static size_t run_some(struct conf_case *const *cases, size_t nr, size_t from,
		       struct result *results)
{
	static struct record r;
	int fd[2], status;
	pid_t pid;

	fflush(NULL);
	if (pipe(fd))
		exit(3);
	pid = fork();
	if (pid < 0)
		exit(3);
	if (!pid) {
		close(fd[0]);
		report_fd = fd[1];
		child(cases, nr, from);
	}
	close(fd[1]);
	while (from < nr && read_record(fd[0], &r)) {
		results[r.nr] = r.result;
		from = next_case(cases, nr, r.nr + 1);
	}
	close(fd[0]);
	waitpid(pid, &status, 0);
	if (from < nr && (!WIFEXITED(status) || WEXITSTATUS(status))) {
		results[from].state = R_DIED;
		snprintf(results[from].line, sizeof(results[from].line),
			 "%s DIED(%s)", cases[from]->name,
			 WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) :
					       "exit");
		from = next_case(cases, nr, from + 1);
	}
	return from;
}

void model_run_all(struct conf_case *const *cases, size_t nr,
		   const struct pinpage_rules *rules, struct result *results)
{
	size_t at;

	model_rules = rules;
	memset(results, 0, nr * sizeof(*results));
	at = next_case(cases, nr, 0);
	while (at < nr)
		at = run_some(cases, nr, at, results);
}
