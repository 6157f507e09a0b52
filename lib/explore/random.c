// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * random.c - random interleavings from a seed
 *
 * Two kinds of run. ANY: at an event the running task is left with a chance
 * of 1/2, 1/8 or 1/32, drawn per run. BOUNDED: it is left at a few events
 * drawn beforehand over the length of the last run, else only where it cannot
 * go on; most races need one or two such switches. Every draw of run n comes
 * from the seed, n and what earlier runs of the same call did.
 */
#include "explore/explore.h"

#include <string.h>

/* splitmix64 */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

/* 0 to @below - 1, by the high half: no division */
static uint64_t draw(struct pp_random *random, uint64_t below)
{
	return (next(&random->state) >> 32) * below >> 32;
}

static void draw_points(struct pp_random *random)
{
	unsigned int i, most = random->preemptions;
	uint64_t length = random->length ? random->length : 64;

	random->nr_points = most ? most : 1 + (unsigned int)draw(random, 3);
	if (random->nr_points > ARRAY_SIZE(random->point))
		random->nr_points = ARRAY_SIZE(random->point);
	for (i = 0; i < random->nr_points; i++)
		random->point[i] = draw(random, min(length,
						    (uint64_t)UINT32_MAX));
}

static void begin(struct pinpage_strategy *self, struct pinpage_run *run)
{
	struct pp_random *random = self->priv;

	(void)run;
	random->state = random->seed ^ random->runs * 0xd1342543de82ef95u;
	(void)next(&random->state);
	random->decision = 0;
	random->bounded = random->mode == PP_RANDOM_BOUNDED ||
			  (random->mode == PP_RANDOM_MIXED &&
			   random->runs % 2);
	if (random->bounded)
		draw_points(random);
	else
		random->mask = (1u << (1 + 2 * draw(random, 3))) - 1;
}

static bool leaves(struct pp_random *random)
{
	unsigned int i;

	if (!random->bounded)
		return !(next(&random->state) & random->mask);
	for (i = 0; i < random->nr_points; i++)
		if (random->point[i] == random->decision)
			return true;
	return false;
}

static size_t choose(struct pinpage_strategy *self,
		     const unsigned int *runnable, size_t nr, int current_id,
		     const struct pinpage_event *event)
{
	struct pp_random *random = self->priv;
	long at = -1;
	size_t i;

	(void)event;
	random->decision++;
	if (nr == 1)
		return 0;
	if (current_id >= 0)
		at = pp_index_of(runnable, nr, (unsigned int)current_id);
	if (at < 0)
		return draw(random, nr);
	if (!leaves(random))
		return (size_t)at;
	i = draw(random, nr - 1);
	return i + (i >= (size_t)at);
}

static bool end(struct pinpage_strategy *self,
		const struct pinpage_outcome *outcome)
{
	struct pp_random *random = self->priv;

	random->length = random->decision;
	if (random->histogram)
		random->histogram[outcome->cell]++;
	return ++random->runs < random->wanted;
}

/**
 * pp_random_init() - make a strategy of a seed
 * @random:      out; nothing to free
 * @runs:        > 0, how many
 * @preemptions: BOUNDED, MIXED: switches in a run, at most 8; 0 = one to three
 * @histogram:   out, added to: runs by result; NULL: not wanted
 *
 * Context: any. Locking: none. Return: nothing.
 */
void pp_random_init(struct pp_random *random, uint64_t seed, uint64_t runs,
		    enum pp_random_mode mode, unsigned int preemptions,
		    uint64_t *histogram)
{
	memset(random, 0, sizeof(*random));
	random->strategy = (struct pinpage_strategy){
		.begin = begin, .choose = choose, .end = end, .priv = random,
	};
	random->seed = seed;
	random->wanted = runs;
	random->mode = mode;
	random->preemptions = preemptions;
	random->histogram = histogram;
}
