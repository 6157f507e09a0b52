// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * stress.c - native threads on one file: lookups, writers, truncation,
 * write-back, invalidation
 */
#include "suites.h"

#define NR_PAGES 16

static int stop;
static uint64_t seed;

static int lookups(void *arg)
{
	uint64_t state = seed + (uintptr_t)arg;
	unsigned long found = 0;

	while (!READ_ONCE(stop)) {
		struct page *page;

		page = pp_find_get_page(mapping,
					pp_test_random(&state) % NR_PAGES);
		if (!page)
			continue;
		if (page_ref_count(page) < 1)
			return -1;
		found++;
		pp_unref(page);
	}
	/* where one thread runs at a time it may find nothing in its slices */
	return found || getenv("PINPAGE_VALGRIND") ? 0 : 1;
}

static int reader(void *arg)
{
	uint64_t state = seed + 7 + (uintptr_t)arg;

	while (!READ_ONCE(stop)) {
		unsigned long i = pp_test_random(&state) % NR_PAGES;
		int byte = get_first_byte(i);

		/* what was written, a hole, or behind the end */
		if (byte > 0 && byte != (int)(i + 1))
			return -1;
	}
	return 0;
}

static int writer(void *arg)
{
	uint64_t state = seed + 13;
	char buf[64];

	(void)arg;
	while (!READ_ONCE(stop)) {
		unsigned long i = pp_test_random(&state) % NR_PAGES;

		memset(buf, (int)(i + 1), sizeof(buf));
		if (pinpage_pwrite(file, buf, sizeof(buf),
				   (loff_pp)(i * PAGE_SIZE)) != sizeof(buf))
			return -1;
	}
	return 0;
}

static int syncer(void *arg)
{
	uint64_t state = seed + 17;

	(void)arg;
	while (!READ_ONCE(stop)) {
		switch (pp_test_random(&state) % 4) {
		case 0:
			if (pinpage_fsync(file, 0))
				return -1;
			break;
		case 1:
			pinpage_drop_caches();
			break;
		case 2:
			pinpage_writeback(NULL, PINPAGE_WB_SYNC_NONE);
			break;
		default:
			pinpage_invalidate_inode_pages2_range(mapping, 0,
							      NR_PAGES);
		}
	}
	return 0;
}

static int truncator(void *arg)
{
	uint64_t state = seed + 19;

	(void)arg;
	while (!READ_ONCE(stop)) {
		if (pinpage_ftruncate(file, (loff_pp)(pp_test_random(&state) %
						      NR_PAGES * PAGE_SIZE)))
			return -1;
		pinpage_msleep(1);
	}
	return 0;
}

static int dirtier(void *arg)
{
	uint64_t state = seed + 23;

	(void)arg;
	while (!READ_ONCE(stop)) {
		struct page *page;

		page = pp_find_get_page(mapping,
					pp_test_random(&state) % NR_PAGES);
		if (!page)
			continue;
		pinpage_set_page_dirty(page);	/* no lock: races with truncate */
		pp_unref(page);
	}
	return 0;
}

static void run(int (*const *fn)(void *), unsigned int nr)
{
	struct task_struct *task[8];

	seed = pp_test_seed();
	stop = 0;
	for (unsigned int i = 0; i < nr; i++) {
		task[i] = pinpage_kthread_run(fn[i], (void *)(uintptr_t)i,
					      "stress");
		ck_assert(!IS_ERR_OR_NULL(task[i]));
	}
	pinpage_msleep(pp_test_seconds() * 500);
	WRITE_ONCE(stop, 1);
	for (unsigned int i = 0; i < nr; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
}

START_TEST(lookup_against_truncate)
{
	static int (*const fn[])(void *) = { lookups, lookups, writer,
					     truncator };

	run(fn, ARRAY_SIZE(fn));
}
END_TEST

START_TEST(everything_at_once)
{
	static int (*const fn[])(void *) = { lookups, reader, writer, syncer,
					     truncator, dirtier };

	run(fn, ARRAY_SIZE(fn));
}
END_TEST

Suite *stress_suite(void)
{
	Suite *s = suite_create("stress");

	mem_test_native(s, lookup_against_truncate);
	mem_test_native(s, everything_at_once);
	return s;
}
