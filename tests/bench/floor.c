// SPDX-License-Identifier: LGPL-2.1-or-later
/* The physical floor: +1024 and -1024 on a 32-bit counter a page. */
#include "bench.h"

#include <stdlib.h>
#include <string.h>

struct range {
	struct counter *counters;
	unsigned long nr;
};

static void pass(struct counter *counters, unsigned long nr, int32_t add)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		__atomic_fetch_add(&counters[i].count, add, __ATOMIC_SEQ_CST);
}

void add_sub(struct counter *counters, unsigned long nr, uint64_t n)
{
	while (n--) {
		pass(counters, nr, 1024);
		pass(counters, nr, -1024);
	}
}

static void up_and_down(void *arg, uint64_t n)
{
	struct range *range = arg;

	add_sub(range->counters, range->nr, n);
}

static void at_random(void *arg, uint64_t n)
{
	struct counter *counters = arg;
	uint64_t seed = 1;

	while (n--)
		add_sub(&counters[next_random(&seed) % CACHED], 1, 1);
}

void measure_floor(struct results *r)
{
	unsigned long most = r->batch[r->nr_batches - 1];
	struct range range;
	size_t i;

	most = most > CACHED ? most : CACHED;
	range.counters = aligned_alloc(64, most * sizeof(struct counter));
	if (!range.counters)
		return;
	memset(range.counters, 0, most * sizeof(struct counter));
	for (i = 0; i < r->nr_batches; i++) {
		range.nr = r->batch[i];
		better(&r->ns[i][FLOOR], best_ns(up_and_down, &range) /
					 (double)range.nr);
	}
	better(&r->lookup_floor, best_ns(at_random, range.counters));
	free(range.counters);
}
