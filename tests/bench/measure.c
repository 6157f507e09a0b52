// SPDX-License-Identifier: LGPL-2.1-or-later
#include "bench.h"

#include <time.h>

#define ROUND_NS 4000000u
#define ROUNDS 9

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return *seed >> 33;
}

static uint64_t timed(void (*op)(void *arg, uint64_t n), void *arg,
		      uint64_t n)
{
	uint64_t start = now_ns();

	op(arg, n);
	return now_ns() - start;
}

void better(double *figure, double ns)
{
	if (*figure < 0 || ns < *figure)
		*figure = ns;
}

double best_ns(void (*op)(void *arg, uint64_t n), void *arg)
{
	uint64_t took = timed(op, arg, 1);
	uint64_t n = 1;
	double best;
	int i;

	while (took < ROUND_NS) {
		n *= took ? ROUND_NS / took + 1 : 1000;
		took = timed(op, arg, n);
	}
	best = (double)took / (double)n;
	for (i = 1; i < ROUNDS; i++)
		better(&best, (double)timed(op, arg, n) / (double)n);
	return best;
}
