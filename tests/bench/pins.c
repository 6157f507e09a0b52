// SPDX-License-Identifier: LGPL-2.1-or-later
/* pin_user_pages_fast() and unpin_user_pages(), alone and on two threads. */
#include "bench.h"

#include <stdlib.h>

#include <pinpage/pinpage.h>

#define HUGE_SIZE (HUGE_PAGES * PAGE_SIZE)

struct range {
	unsigned long addr;
	unsigned long nr;
	struct page **pages;
	struct mm_struct *mm;
};

static void pin_unpin(void *arg, uint64_t n)
{
	struct range *range = arg;

	while (n--) {
		int got = pin_user_pages_fast(range->addr, (int)range->nr,
					      FOLL_WRITE, range->pages);

		if (got != (int)range->nr) {
			fprintf(stderr, "bench: pinned %d of %lu\n", got,
				range->nr);
			exit(1);
		}
		unpin_user_pages(range->pages, range->nr);
	}
}

static int boot(unsigned long pages, bool checked, struct range *range)
{
	const struct pinpage_config config = {
		.memory_pages = pages + pages / 8 + 8192,
		.checks_set = true,
		.checks = checked ? PINPAGE_CHECK_ALL : PINPAGE_CHECK_NONE,
	};

	if (pinpage_boot(&config))
		return -1;
	range->mm = pinpage_mm_alloc();
	pinpage_use_mm(range->mm);
	range->pages = malloc(pages * sizeof(*range->pages));
	return range->mm && range->pages ? 0 : -1;
}

static void shutdown(struct range *range)
{
	free(range->pages);
	pinpage_use_mm(NULL);
	pinpage_mmput(range->mm);
	pinpage_shutdown();
}

/* @pages of anonymous memory, in 2 MiB folios if @huge, all touched */
static unsigned long map(struct mm_struct *mm, unsigned long pages, bool huge)
{
	unsigned long size = pages * PAGE_SIZE;
	unsigned long addr, at;
	long ret;

	ret = pinpage_mmap(0, size + HUGE_SIZE, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, NULL, 0);
	if (ret <= 0)
		return 0;
	addr = ((unsigned long)ret + HUGE_SIZE - 1) & ~(HUGE_SIZE - 1);
	if (huge && pinpage_madvise(addr, size, MADV_HUGEPAGE))
		return 0;
	for (at = addr; at < addr + size; at += PAGE_SIZE)
		if (pinpage_store(mm, at, "x", 1))
			return 0;
	return addr;
}

static void column(struct results *r, struct range *range, bool huge,
		   enum column col)
{
	unsigned long pages = r->batch[r->nr_batches - 1];
	size_t i;

	if (huge && pages < HUGE_PAGES)
		pages = HUGE_PAGES;
	range->addr = map(range->mm, pages, huge);
	if (!range->addr) {
		fprintf(stderr, "bench: no memory for %lu pages\n", pages);
		return;
	}
	for (i = 0; i < r->nr_batches; i++) {
		range->nr = r->batch[i];
		better(&r->ns[i][col],
		       best_ns(pin_unpin, range) / (double)range->nr);
	}
	pinpage_munmap(range->addr, pages * PAGE_SIZE);
}

void measure_pins(struct results *r, bool checked)
{
	struct range range = { 0 };

	if (boot(r->batch[r->nr_batches - 1], checked, &range))
		return;
	column(r, &range, false, checked ? SMALL_CHECKED : SMALL);
	column(r, &range, true, checked ? HUGE_CHECKED : HUGE_PLAIN);
	shutdown(&range);
}

/* -- two threads -- */

struct racer {
	struct range range;
	struct counter *counters;	/* bare atomics instead, or NULL */
	struct page *slots[64];
	uint64_t pairs;
	bool *go;
	double ns;
} __attribute__((aligned(128)));

static void run(struct racer *racer, uint64_t n)
{
	if (racer->counters)
		add_sub(racer->counters, racer->range.nr, n);
	else
		pin_unpin(&racer->range, n);
}

static int race(void *arg)
{
	struct racer *racer = arg;
	uint64_t start;

	pinpage_use_mm(racer->range.mm);
	run(racer, 1000);
	while (!__atomic_load_n(racer->go, __ATOMIC_ACQUIRE))
		;
	start = now_ns();
	run(racer, racer->pairs);
	racer->ns = (double)(now_ns() - start) /
		    (double)(racer->pairs * racer->range.nr);
	pinpage_use_mm(NULL);
	return 0;
}

struct setting {
	struct mm_struct *mm;
	unsigned long addr;
	struct counter *counters;	/* 1024 */
	unsigned long nr;		/* a batch */
	bool disjoint;
	bool bare;
};

/* ns a page of the slower of @threads racers */
static double race_once(const struct setting *s, int threads)
{
	static struct racer racer[2];
	struct task_struct *task[2];
	bool go = false;
	int i;

	for (i = 0; i < threads; i++) {
		unsigned long apart = s->disjoint ? (unsigned long)i *
						    HUGE_PAGES : 0;

		racer[i].range.mm = s->mm;
		racer[i].range.nr = s->nr;
		racer[i].range.addr = s->addr + apart * PAGE_SIZE;
		racer[i].range.pages = racer[i].slots;
		racer[i].counters = s->bare ? s->counters + apart : NULL;
		racer[i].pairs = 1000000 / s->nr;
		racer[i].go = &go;
		task[i] = pinpage_kthread_run(race, &racer[i], "racer");
	}
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	for (i = 0; i < threads; i++)
		pinpage_kthread_join(task[i]);
	return threads > 1 && racer[1].ns > racer[0].ns ? racer[1].ns :
							  racer[0].ns;
}

static double race_best(const struct setting *s, int threads)
{
	double best = NOT_MEASURED;
	int i;

	for (i = 0; i < 9; i++)
		better(&best, race_once(s, threads));
	return best;
}

static void race_all(struct results *r, struct setting *s)
{
	int i;

	for (i = 0; i < 2; i++) {
		s->nr = 64;
		s->disjoint = true;
		s->bare = false;
		better(&r->disjoint[i], race_best(s, i + 1));
		s->bare = true;
		better(&r->disjoint_floor[i], race_best(s, i + 1));
		s->nr = 1;
		s->disjoint = false;
		better(&r->same_floor[i], race_best(s, i + 1));
		s->bare = false;
		better(&r->same[i], race_best(s, i + 1));
	}
}

void measure_threads(struct results *r)
{
	static struct counter counters[2 * HUGE_PAGES]
		__attribute__((aligned(64)));
	struct setting s = { .counters = counters };
	struct range range = { 0 };

	if (boot(2 * HUGE_PAGES, false, &range))
		return;
	s.mm = range.mm;
	s.addr = map(range.mm, 2 * HUGE_PAGES, false);
	if (s.addr)
		race_all(r, &s);
	shutdown(&range);
}
