// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Native threads pin and unpin one range while another forks, unmaps parts of
 * it and touches it again: counts must come back to where they were.
 */
#include "suites.h"

#include "machine.h"

#define PAGES 16UL

static unsigned long range;
static bool stop;

static int pinner(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg;
	struct page *pages[PAGES];

	kthread_use_mm(mm);
	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		unsigned long at = pp_test_random(&seed) % PAGES;
		unsigned int write = pp_test_random(&seed) & 1 ? FOLL_WRITE :
								 0;
		int got = pin_user_pages_fast(range + at * PAGE_SIZE,
					      (int)(PAGES - at), write,
					      pages);

		if (got > 0)
			unpin_user_pages(pages, (unsigned long)got);
	}
	kthread_use_mm(NULL);
	return 0;
}

static void disturb(uint64_t *seed)
{
	unsigned long at = range + pp_test_random(seed) % PAGES * PAGE_SIZE;
	struct mm_struct *child;

	switch (pp_test_random(seed) % 3) {
	case 0:
		child = pinpage_fork_mm(mm);
		ck_assert_int_ge((long)child, 0);
		mmput(child);
		break;
	case 1:
		ck_assert_int_eq(pinpage_madvise(at, PAGE_SIZE,
						 MADV_DONTNEED), 0);
		break;
	default:
		put_byte(at, 1);
	}
}

START_TEST(pin_storm_balances)
{
	uint64_t seed = pp_test_seed();
	struct task_struct *task[2];
	unsigned long i;
	time_t end;

	range = anon(PAGES, true);
	for (i = 0; i < 2; i++) {
		task[i] = pinpage_kthread_run(pinner,
					      (void *)(uintptr_t)(seed + i),
					      "pinner");
		ck_assert_int_ge((long)task[i], 0);
	}
	for (end = time(NULL) + (time_t)pp_test_seconds();
	     time(NULL) < end;)
		disturb(&seed);
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	for (i = 0; i < 2; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
	ck_assert_int_eq(acquired(), released());
	for (i = 0; i < PAGES; i++) {
		put_byte(range + i * PAGE_SIZE, 1);
		ck_assert(!page_maybe_dma_pinned(page_at(range +
							 i * PAGE_SIZE)));
	}
}
END_TEST

Suite *stress_suite(void)
{
	Suite *suite = suite_create("stress");
	TCase *tc = tcase_create("native");

	tcase_add_checked_fixture(tc, fixture_up, down);
	tcase_set_timeout(tc, 0);
	tcase_add_test(tc, pin_storm_balances);
	suite_add_tcase(suite, tc);
	return suite;
}
