/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFORMANCE_MODEL_H
#define CONFORMANCE_MODEL_H

/*
 * model.h - the model's side of the case API, what its files share
 *
 * main.c     the program: options, comparing with golden results, recording
 * run.c      a case under a rule set: boot, run, tidy up, shut down
 * sched.c    tasks beside the case, and who of them runs
 * proc.c     processes: address spaces and who is current
 * mem.c      address space calls, loads and stores
 * file.c     files
 * acquire.c  get, pin
 * release.c  put, unpin, device access through a hold
 * page.c     looking at pages and entries
 * state.c    statistics, accounts, daemons
 * notify.c   mmu notifiers
 * only.c     m_*()
 *
 * A case runs in task 0 of a machine of its own under the deterministic
 * engine: time is virtual, and another task runs only while task 0 waits or
 * lets it (model_run_task()).
 */
#define CONF_BACKEND
#define PINPAGE_NO_KERNEL_NAMES
#include "page/page.h"		/* first: its struct page has members */

#include <pinpage/pinpage.h>

#include "../case.h"

#include "base/err.h"
#include "exec/exec.h"
#include "rules/rules.h"

#define MAX_PROCS	16
#define MAX_FDS		32
#define MAX_HOLDS	1024
#define MAX_TASKS	16

/* run.c */
/* The model has no such mechanism: the case ends here as missing. */
void model_missing(const char *what) __attribute__((noreturn));
/* The case itself is wrong, or there is no memory for it. */
void model_broken(const char *what) __attribute__((noreturn));
extern const struct pinpage_rules *model_rules;

struct result {
	enum { R_NONE, R_LINE, R_FAILED, R_TRAP, R_MISSING, R_DIED } state;
	char line[CONF_LINE];	/* as the case said it; of R_MISSING what is missing */
};

/* Runs each of @nr cases that wants these rules; @results has a slot for each. */
void model_run_all(struct conf_case *const *cases, size_t nr,
		   const struct pinpage_rules *rules, struct result *results);

/* sched.c */
struct model_task {
	struct task_struct *task;	/* NULL: free slot */
	bool joined;
	int result;
	int (*fn)(void *arg);
	void *arg;
	int proc;
};
int model_spawn(int (*fn)(void *), void *arg, int proc, const char *name);
struct model_task *model_task(int nr);
bool model_ended(int nr);
/* Lets it run until it ended, blocks, or passed @events events (0: no limit). */
void model_run_task(int nr, unsigned long events);
int model_join(int nr);
/* Runs a() and b() as two tasks: @first for @n1 events, the other one for @n2,
 * then each to its end. @passed: events that each of them passed. */
void model_race(int (*fn[2])(void *), void *arg[2], int first, unsigned long n1,
		unsigned long n2, unsigned long passed[2]);
void model_sched_reset(void);
bool model_tasks_ready(void);

/* proc.c */
struct proc {
	struct mm_struct *mm;		/* NULL: free slot or dead */
	unsigned long next;		/* where u_mmap() puts the next area */
	int acquire;			/* task of k_start(), or -1 */
	struct pinpage_uffd *uffd;	/* NULL: not opened */
};
struct proc *model_proc(int nr);	/* dead or unknown: the case is wrong */
struct proc *model_cur(void);
int model_cur_nr(void);
void model_set_cur(int nr);
void model_procs_begin(void);
void model_procs_end(void);

/* file.c */
struct file *model_file(int fd);
void model_files_begin(void);
void model_files_end(void);

/* acquire.c, release.c */
struct holding {
	struct page **pages;
	bool *released;
	bool is_folio;			/* memfd_pin_folios(): one pin an entry */
	bool is_pin;
	bool is_alloc;			/* m_folio() */
	long n;				/* entries; of k_start(): when finished */
	int task;			/* k_start(), else -1 */
	struct acquire what;
	long ret;
	int locked;
	unsigned long *extra;		/* pins added to an entry by k_add_pins() */
};
struct holding *model_hold(struct hold h);
struct holding *model_hold_nth(int id);
void model_holds_end(void);
void model_release_all(struct holding *x);
void model_device_end(void);
bool model_offers(enum conf_call call);
unsigned int model_foll(unsigned int flags);
long model_acquire(struct holding *x, int proc);

/* state.c */
void model_state_begin(const struct conf_case *c);
void model_state_end(void);

/* notify.c */
void model_notify_end(void);

/* only.c */
void model_only_begin(void);
void model_only_end(void);

static inline struct page *page_of(pg_t page)
{
	return (struct page *)page;
}

#endif
