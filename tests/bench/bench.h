/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_BENCH_BENCH_H
#define PINPAGE_TESTS_BENCH_BENCH_H

/*
 * bench.h - what is measured, and where the results are kept
 *
 * Every figure is nanoseconds: a page for pins (pin and unpin together), a
 * call elsewhere. A figure is the best of several rounds, each at least
 * ROUND_NS long, in several passes over everything: a neighbour that slows a
 * shared machine down for a second spoils no figure and no ratio. What could
 * not be measured is NOT_MEASURED.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define NOT_MEASURED (-1.0)
#define MAX_BATCHES 19
#define HUGE_PAGES 512UL

enum column {
	FLOOR,			/* bare atomics: +1024, -1024 */
	SMALL,			/* 4 KiB pages, checkers off */
	SMALL_CHECKED,		/* the same, all checkers on */
	SMALL_KERNEL,		/* io_uring register and unregister */
	HUGE_PLAIN,		/* 2 MiB folios, checkers off */
	HUGE_CHECKED,
	HUGE_KERNEL,
	NR_COLUMNS
};

struct results {
	size_t nr_batches;
	unsigned long batch[MAX_BATCHES];	/* pages */
	double ns[MAX_BATCHES][NR_COLUMNS];	/* a page, one thread */
	double disjoint[2];	/* batches of 64: alone, the slower of two */
	double same[2];		/* one page: alone, the slower of two */
	double disjoint_floor[2];	/* the same with bare atomics */
	double same_floor[2];
	double lookup;		/* find_get_page() + put_page(), at random */
	double lookup_floor;	/* +1, -1 on as many counters at random */
	double boot;		/* boot + shutdown, 256 frames, a call */
	const char *no_kernel;	/* why the kernel columns are empty, or NULL */
};

/* runs op(arg, n) with growing n; nanoseconds for one unit of n */
double best_ns(void (*op)(void *arg, uint64_t n), void *arg);
/* @figure becomes @ns if that is better */
void better(double *figure, double ns);
uint64_t now_ns(void);

#define CACHED 65536UL		/* pages of the look-up */
uint64_t next_random(uint64_t *seed);

/* +1024 and -1024 on @nr counters of a cache line each, @n times */
struct counter {
	int32_t count;
	char pad[60];
};
void add_sub(struct counter *counters, unsigned long nr, uint64_t n);

void measure_floor(struct results *r);
void measure_pins(struct results *r, bool checked);
void measure_threads(struct results *r);
void measure_kernel(struct results *r);
void measure_lookup(struct results *r);
void measure_boot(struct results *r);

void print_table(FILE *out, const struct results *r);
int write_json(const char *path, const struct results *r);
int write_plot(const char *path, const struct results *r);
int judge(FILE *out, const struct results *r);	/* targets missed */

#endif
