// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * trail.c - the last events, so that a verdict can tell how it came to it
 *
 * The deterministic engine has one ring. Native tasks are spread over
 * several, each with its lock, so that two of them rarely share a line.
 */
#include "check/internal.h"

#include <string.h>

#define RINGS		16u
#define RING_SIZE	512u
#define ALL_SIZE	(RINGS * RING_SIZE)

static struct pp_trail_rec recs[ALL_SIZE];
static struct ring {
	pp_cspin_t lock;
	uint64_t head;			/* records ever written */
} pp_cacheline_aligned rings[RINGS];

/* Earlier records are void: heads say how many count. */
void pp_trail_boot(void)
{
	memset(rings, 0, sizeof(rings));
}

static unsigned int task_id(void)
{
	const struct task_struct *task = pp_current;

	return task ? task->id : 0;
}

struct span {
	const struct page *low, *high;
	bool scattered;
};

static inline void widen(struct span *span, const struct page *first,
			 unsigned long nr)
{
	span->scattered |= first != span->high + 1;
	span->low = min(span->low, first);
	span->high = max(span->high, first + nr - 1);
}

#define STRIDE 32u

/* A stride whose ends fit is taken as a run: this is only a story. */
static void span_of(struct span *span, const struct pinpage_event *event)
{
	struct page *const *pages = event->pages;
	unsigned long i, run, nr = event->nr;

	for (i = 0; i < nr; i += run) {
		run = i + STRIDE <= nr &&
		      pages[i + STRIDE - 1] == pages[i] + STRIDE - 1 ?
			STRIDE : 1;
		if (pp_page_valid(pages[i]) &&
		    pp_page_valid(pages[i] + run - 1))
			widen(span, pages[i], run);
	}
}

/* frames that an event is about; a folio is known by its head */
static void frames(struct pp_trail_rec *rec, const struct pinpage_event *event)
{
	struct span span = { .low = event->page, .high = event->page };

	rec->pfn = ~0UL;
	rec->last_pfn = 0;
	rec->scattered = false;
	if (!pp_page_valid(event->page))
		return;
	if (event->pages) {
		span.high--;
		span_of(&span, event);
	} else if (!(event->flags & PINPAGE_EVF_FOLIO) && event->nr > 1) {
		span.high += event->nr - 1;
	}
	rec->pfn = page_to_pfn(compound_head(span.low));
	rec->last_pfn = page_to_pfn(span.high);
	rec->scattered = span.scattered;
}

static void fill(struct pp_trail_rec *rec, const struct pinpage_event *event,
		 uint64_t step, unsigned int task)
{
	rec->step = step;
	frames(rec, event);
	rec->site = event->site;
	rec->index = event->index;
	rec->arg = event->arg;
	rec->nr = (unsigned int)event->nr;
	rec->task = task;
	rec->flags = (unsigned short)event->flags;
	rec->kind = (unsigned char)event->kind;
}

/**
 * pp_trail_event() - remember it
 *
 * Context: callback. Locking: a ring's, native engine only.
 */
void pp_trail_event(const struct pinpage_event *event, uint64_t step)
{
	unsigned int task = task_id();
	struct ring *ring;

	if (!event->page)
		return;
	if (pp_engine_is_fiber) {
		fill(&recs[rings[0].head++ % ALL_SIZE], event, step, task);
		return;
	}
	ring = &rings[task % RINGS];
	pp_cspin_lock(&ring->lock);
	fill(&recs[(size_t)(ring - rings) * RING_SIZE +
		   ring->head++ % RING_SIZE], event, step, task);
	pp_cspin_unlock(&ring->lock);
}

/* keeps the @max latest, in rising order */
static size_t insert(struct pp_trail_rec *out, size_t nr, size_t max,
		     const struct pp_trail_rec *rec)
{
	size_t at = nr;

	if (nr == max) {
		if (rec->step < out[0].step)
			return nr;
		memmove(out, out + 1, (max - 1) * sizeof(*out));
		at = --nr;
	}
	while (at && out[at - 1].step > rec->step) {
		out[at] = out[at - 1];
		at--;
	}
	out[at] = *rec;
	return nr + 1;
}

static size_t search(const struct pp_trail_rec *ring, uint64_t head,
		     size_t size, unsigned long pfn, struct pp_trail_rec *out,
		     size_t nr, size_t max)
{
	uint64_t i, left = min(head, (uint64_t)size);
	size_t found = 0;

	for (i = 0; i < left && found < max; i++) {
		const struct pp_trail_rec *rec = &ring[(head - 1 - i) % size];

		if (pfn < rec->pfn || pfn > rec->last_pfn)
			continue;
		nr = insert(out, nr, max, rec);
		found++;
	}
	return nr;
}

/**
 * pp_trail_of() - the last events on a frame
 * @recs_: out, oldest first
 * @max:   room in it
 *
 * Context: any. Locking: the rings', one at a time.
 * Return:  how many.
 */
size_t pp_trail_of(unsigned long pfn, struct pp_trail_rec *recs_, size_t max)
{
	size_t i, nr = 0;

	if (pp_engine_is_fiber)
		return search(recs, rings[0].head, ALL_SIZE, pfn, recs_, 0,
			      max);
	for (i = 0; i < RINGS; i++) {
		pp_cspin_lock(&rings[i].lock);
		nr = search(recs + i * RING_SIZE, rings[i].head, RING_SIZE,
			    pfn, recs_, nr, max);
		pp_cspin_unlock(&rings[i].lock);
	}
	return nr;
}
