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
		r->ns[i][col] = best_ns(pin_unpin, range) / (double)range->nr;
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
	struct page *slots[64];
	uint64_t pairs;
	bool *go;
	double ns;
};

static int race(void *arg)
{
	struct racer *racer = arg;
	uint64_t start;

	pinpage_use_mm(racer->range.mm);
	pin_unpin(&racer->range, 1000);
	while (!__atomic_load_n(racer->go, __ATOMIC_ACQUIRE))
		;
	start = now_ns();
	pin_unpin(&racer->range, racer->pairs);
	racer->ns = (double)(now_ns() - start) /
		    (double)(racer->pairs * racer->range.nr);
	pinpage_use_mm(NULL);
	return 0;
}

/* ns a page of the slower of @threads racers on batches of @nr */
static double race_once(struct mm_struct *mm, unsigned long addr, int threads,
			unsigned long nr, bool disjoint)
{
	static struct racer racer[2];
	struct task_struct *task[2];
	bool go = false;
	int i;

	for (i = 0; i < threads; i++) {
		racer[i].range.mm = mm;
		racer[i].range.nr = nr;
		racer[i].range.addr = addr + (disjoint ? (unsigned long)i *
					      HUGE_SIZE : 0);
		racer[i].range.pages = racer[i].slots;
		racer[i].pairs = 4000000 / nr;
		racer[i].go = &go;
		task[i] = pinpage_kthread_run(race, &racer[i], "racer");
	}
	__atomic_store_n(&go, true, __ATOMIC_RELEASE);
	for (i = 0; i < threads; i++)
		pinpage_kthread_join(task[i]);
	return threads > 1 && racer[1].ns > racer[0].ns ? racer[1].ns :
							  racer[0].ns;
}

static double race_best(struct mm_struct *mm, unsigned long addr, int threads,
			unsigned long nr, bool disjoint)
{
	double best = race_once(mm, addr, threads, nr, disjoint);
	int i;

	for (i = 0; i < 4; i++) {
		double ns = race_once(mm, addr, threads, nr, disjoint);

		best = ns < best ? ns : best;
	}
	return best;
}

void measure_threads(struct results *r)
{
	struct range range = { 0 };
	int i;

	if (boot(2 * HUGE_PAGES, false, &range))
		return;
	range.addr = map(range.mm, 2 * HUGE_PAGES, false);
	for (i = 0; range.addr && i < 2; i++) {
		r->disjoint[i] = race_best(range.mm, range.addr, i + 1, 64,
					   true);
		r->same[i] = race_best(range.mm, range.addr, i + 1, 1, false);
	}
	shutdown(&range);
}
