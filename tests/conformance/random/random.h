/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef CONFORMANCE_RANDOM_H
#define CONFORMANCE_RANDOM_H

/*
 * random.h - random cases: a seed makes a sequence of steps, both sides run it
 *
 * A case is named R<theme>_<seed>, or R<theme>_<seed>_<mask> for the steps of
 * which the hexadecimal mask has a bit. What a step does depends on the seed, its
 * number and on which steps came before, never on what a call returned but for
 * what then is there to work on.
 *
 * plan.c  themes, and the steps that a seed makes
 * step.c  what a step does to memory; files.c to files; hold.c with pages
 * look.c  what is seen after each step
 */
#include "../case.h"

#include <stdint.h>

#define MOST_STEPS	40
#define MOST_AREAS	3
#define MOST_PAGES	1024	/* of an area */
#define MOST_POINTS	6	/* pages of it that are looked at */
#define MOST_PROC	3
#define MOST_HOLDS	4

enum rnd_op {
	R_MAP, R_LOAD, R_STORE, R_FORK, R_EXIT, R_PROTECT, R_ADVISE, R_PAGEOUT,
	R_REMAP, R_UNMAP, R_OVERMAP, R_LOCK, R_UNLOCK, R_MSYNC, R_CLEAR_REFS,
	R_PAGEMAP, R_VM_READ, R_VM_WRITE, R_MEM_READ, R_MEM_WRITE, R_POPULATE,
	R_ACQUIRE, R_ODD_ACQUIRE, R_RELEASE, R_DGET, R_DPUT, R_FREAD, R_FWRITE,
	R_TRUNCATE, R_FALLOCATE, R_FSYNC, R_SYNC_RANGE, R_FORGET, R_DROP,
	R_DIO_READ, R_DIO_WRITE, R_USER_READ, R_USER_WRITE, R_REFS, R_SET_DIRTY,
	R_CLEAR_DIRTY, R_MKCLEAN, R_SEAL, R_NOTIFY, R_COLLAPSE, R_OPS
};

enum rnd_kind {
	K_ANON, K_SHARED, K_MEMFD, K_MEMFD_PRIVATE, K_FILE, K_FILE_PRIVATE,
	K_COLD, K_HOLE, K_THP, K_HUGETLB, K_HUGETLB_SHARED, K_KINDS
};

struct rnd_step {
	enum rnd_op op;
	uint32_t r[7];
};

struct rnd_plan {
	unsigned int needs;
	int n;
	struct rnd_step step[MOST_STEPS];
};

/* The plan of a case by its name; false if it is no name of one. */
bool rnd_plan(const char *name, struct rnd_plan *plan, uint64_t *mask);
enum rnd_kind rnd_area_kind(const char *name, uint32_t r);

struct rnd_area {
	bool there;
	enum rnd_kind kind;
	int pages;
	int points, point[MOST_POINTS];
	int fd, direct;			/* -1: none */
	unsigned long at[MOST_PROC][MOST_PAGES];	/* 0: not there */
};

struct rnd_hold {
	bool there, pin, odd;
	struct hold h;
	long n;
	bool gone[MOST_PAGES];
};

struct rnd {
	const char *name;
	int nr;				/* of the step */
	struct rnd_area area[MOST_AREAS];
	bool alive[MOST_PROC];
	int box[MOST_PROC];		/* u_fork()'s number */
	struct rnd_hold hold[MOST_HOLDS];
	struct { pg_t page; int hold; long n; } refs;
	int notify, notify_proc;	/* -1: none */
	long events;
	long acq, rel;
};

extern struct rnd rnd;

/* The range that a step is about. */
struct rnd_range {
	struct rnd_area *area;		/* NULL: none */
	int proc, letter, first, n;
	unsigned long a;		/* 0: not mapped any more */
};

struct rnd_range rnd_range(const struct rnd_step *s);
/* The process that a step runs in, as a number of rnd.box[] */
int rnd_proc(const struct rnd_step *s);
/* What a step was: "3.store(p0,A1)"; said with what it returned */
void rnd_did(const char *what, ...) __attribute__((format(printf, 1, 2)));
void rnd_ret(long ret);
const char *rnd_name(const struct rnd_range *g);	/* "p0,A1,2" */

bool rnd_step_memory(const struct rnd_step *s);
bool rnd_step_file(const struct rnd_step *s);
bool rnd_step_hold(const struct rnd_step *s);
void rnd_look_begin(void);
void rnd_look(void);
void rnd_end(void);

#endif
