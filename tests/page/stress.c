// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Eight native threads on shared and private pages; seed and seconds from the
 * environment (support.h).
 */
#include "machine.h"

#include <string.h>

#define THREADS		8
#define SHARED		16
#define PRIVATE		32

struct worker {
	struct task_struct *task;
	uint64_t seed;
	uint64_t end;
};

static struct page *shared[SHARED];

static void private_round(struct page **mine, uint64_t dice, unsigned char tag)
{
	unsigned int order = dice >> 8 & 3;
	int i = (int)(dice % PRIVATE);
	unsigned char *bytes;

	if (!mine[i]) {
		mine[i] = pp_alloc_pages((dice & 64 ? PINPAGE_GFP_MOVABLE : 0) |
					 PINPAGE_GFP_COMP, order);
		if (!mine[i])
			return;
		memset(page_address(mine[i]), tag, 64);
		if (dice & 128)
			pp_lru_add(mine[i]);
		return;
	}
	bytes = page_address(mine[i]);
	ck_assert_uint_eq(bytes[0], tag);
	ck_assert_uint_eq(bytes[63], tag);
	pp_unref(mine[i]);
	mine[i] = NULL;
}

static void shared_round(uint64_t dice)
{
	struct page *page = shared[dice % SHARED];
	int refs = 1 + (int)(dice >> 16 & 1);

	if (pp_pin_try(page, refs)) {
		ck_assert(pp_maybe_dma_pinned(page));
		pp_unpin(page, refs);
	}
	if (pinpage_try_get_page(page))
		pinpage_put_page(page);
	pp_lock_page(page);
	page->private++;
	pp_unlock_page(page);
	pp_mark_accessed(page);
}

static void lru_round(bool file)
{
	PP_LIST_HEAD(out);

	pp_lru_isolate(file, 4, &out);
	while (!list_empty(&out)) {
		struct page *page = container_of(out.next, struct page, lru);

		pp_page_list_del(page);
		pp_lru_putback(page);
	}
}

static int work(void *arg)
{
	struct worker *me = arg;
	struct page *mine[PRIVATE] = { NULL };
	unsigned char tag = (unsigned char)me->seed;
	int i, done = 0;

	do {
		uint64_t dice = pp_test_random(&me->seed);

		private_round(mine, dice, tag);
		if (!(dice >> 60))
			shared_round(dice >> 20);
		if (!(dice >> 59))
			lru_round(true);
		done++;
	} while (done % 64 || pinpage_ktime_get_ns() < me->end);
	for (i = 0; i < PRIVATE; i++)
		if (mine[i])
			pp_unref(mine[i]);
	return 0;
}

START_TEST(eight_threads_lose_nothing)
{
	struct worker worker[THREADS];
	uint64_t seed = pp_test_seed();
	uint64_t end = pinpage_ktime_get_ns() +
		       pp_test_seconds() * 1000000000ull;
	int i;

	for (i = 0; i < SHARED; i++) {
		shared[i] = pp_alloc_pages(PINPAGE_GFP_COMP, i % 2);
		pp_lru_add(shared[i]);
	}
	for (i = 0; i < THREADS; i++) {
		worker[i].seed = pp_test_random(&seed);
		worker[i].end = end;
		worker[i].task = pinpage_kthread_run(work, &worker[i], "work");
		ck_assert_ptr_nonnull(worker[i].task);
	}
	for (i = 0; i < THREADS; i++)
		ck_assert_int_eq(pinpage_kthread_join(worker[i].task), 0);
	for (i = 0; i < SHARED; i++) {
		ck_assert_int_eq(page_count(shared[i]), 1);
		pp_unref(shared[i]);
	}
	ck_assert_uint_eq(pp_nr_free(), FRAMES - 1);
}
END_TEST

Suite *stress_suite(void)
{
	Suite *s = suite_create("page/stress");

	on_machine(s, eight_threads_lose_nothing, machine_up);
	return s;
}
