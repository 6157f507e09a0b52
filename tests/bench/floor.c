// SPDX-License-Identifier: LGPL-2.1-or-later
/* The physical floor: +1024 and -1024 on a 32-bit counter a page. */
#include "bench.h"

#include <stdlib.h>

struct counter {
	int32_t count;
	char pad[60];
};

struct range {
	struct counter *counters;
	unsigned long nr;
};

static void pass(struct range *range, int32_t add)
{
	unsigned long i;

	for (i = 0; i < range->nr; i++)
		__atomic_fetch_add(&range->counters[i].count, add,
				   __ATOMIC_SEQ_CST);
}

static void up_and_down(void *arg, uint64_t n)
{
	while (n--) {
		pass(arg, 1024);
		pass(arg, -1024);
	}
}

void measure_floor(struct results *r)
{
	struct range range;
	size_t i;

	range.nr = r->batch[r->nr_batches - 1];
	range.counters = calloc(range.nr, sizeof(*range.counters));
	if (!range.counters)
		return;
	for (i = 0; i < r->nr_batches; i++) {
		range.nr = r->batch[i];
		r->ns[i][FLOOR] = best_ns(up_and_down, &range) /
				  (double)range.nr;
	}
	free(range.counters);
}
