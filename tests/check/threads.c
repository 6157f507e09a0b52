// SPDX-License-Identifier: LGPL-2.1-or-later
/* Both engines, several tasks; and what a token costs. */
#include "machine.h"
#include "suites.h"

#include "event/event.h"

#define TASKS	3
#define BATCH	64

static unsigned long shared_at;

static int storm(void *arg)
{
	unsigned long at = arg ? (unsigned long)arg : shared_at;
	struct page *pages[BATCH];
	int round;

	pinpage_use_mm(mm);
	for (round = 0; round < 300; round++) {
		int got = pinpage_pin_user_pages_fast(at, BATCH,
						      PINPAGE_FOLL_WRITE,
						      pages);

		pinpage_unpin_user_pages(pages, (unsigned long)got);
		got = pinpage_get_user_pages_fast(at, 1 + round % BATCH, 0,
						  pages);
		pinpage_release_pages(pages, got);
	}
	pinpage_use_mm(NULL);
	return 0;
}

static void run(enum pinpage_engine engine)
{
	struct task_struct *tasks[TASKS];
	unsigned long own;
	int i;

	up_plain("6.1", engine);
	shared_at = anon(BATCH);
	own = anon(BATCH);
	for (i = 0; i < TASKS; i++)
		tasks[i] = pinpage_kthread_run(storm,
					       i ? NULL : (void *)own, "storm");
	for (i = 0; i < TASKS; i++)
		ck_assert_int_eq(pinpage_kthread_join(tasks[i]), 0);
	ck_assert_uint_eq(pinpage_ledger_live(), 0);
	quiet();
	down();
	quiet();
}

START_TEST(native_storm_silent)
{
	run(PINPAGE_ENGINE_NATIVE);
}
END_TEST

START_TEST(fiber_storm_silent)
{
	run(PINPAGE_ENGINE_FIBER);
}
END_TEST

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void cost(struct page **pages, unsigned long nr, const char *what)
{
	const int rounds = 20000;
	double start = now_ns(), took;
	int i;

	for (i = 0; i < rounds; i++) {
		pp_emit(PIN, .page = pages[0], .pages = pages, .nr = nr,
			.flags = PINPAGE_EVF_GUP | PINPAGE_EVF_WRITE);
		pp_emit(UNPIN, .page = pages[0], .pages = pages, .nr = nr);
	}
	took = now_ns() - start;
	printf("token add and remove, %s: %.1f ns a page\n", what,
	       took / rounds / (double)nr);
}

START_TEST(token_cost_printed)
{
	static struct page *pages[512];
	struct page *folio;
	unsigned long at, i;

	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	at = anon(BATCH);
	for (i = 0; i < BATCH; i++)
		pages[i] = pinpage_peek_page(mm, at + i * PAGE_SIZE, NULL);
	cost(pages, 1, "one page");
	cost(pages, BATCH, "64 pages");
	folio = pinpage_alloc_pages(PINPAGE_GFP_COMP, 9);
	for (i = 0; i < 512; i++)
		pages[i] = folio + i;
	cost(pages, 512, "a 2 MiB folio");
	fflush(stdout);
	pinpage_put_page(folio);
	quiet();
	down();
}
END_TEST

Suite *threads_suite(void)
{
	Suite *s = suite_create("check/threads");

	pp_test_add(s, native_storm_silent);
	pp_test_add(s, fiber_storm_silent);
	pp_test_add(s, token_cost_printed);
	return s;
}
