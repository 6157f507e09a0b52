// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Everything at once on two huge pages of a file: no byte is lost, a pinned page
 * stays where it is.
 *
 * Page i belongs to writer i % WRITERS, who alone stores there, but for the last
 * page, which holes take away.
 */
#include <fcntl.h>

#include "mm/huge.h"
#include "mm/migrate.h"
#include "mm/swap.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif
#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

#define WRITERS	2UL
#define PAGES	(2 * HPAGE_PMD_NR - 1)
#define LEN	(2 * PMD_SIZE)
#define PUNCH	(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static struct file *memfd;
static struct mm_struct *mms[WRITERS];	/* each writer's own mapping of the file */
static unsigned long base;
static int stop;

static unsigned long at(unsigned long i)
{
	return base + i * PAGE_SIZE;
}

static int writer(void *arg)
{
	unsigned long n = (unsigned long)(uintptr_t)arg, i;
	unsigned char want[PAGES] = { 0 };
	uint64_t seed = n + 1;

	pinpage_use_mm(mms[n]);
	while (!READ_ONCE(stop)) {
		i = (unsigned long)(pp_test_random(&seed) % (PAGES / WRITERS)) * WRITERS + n;
		ck_assert_int_eq(get(mms[n], at(i)), want[i]);
		put(mms[n], at(i), ++want[i]);
		pinpage_cond_resched();
	}
	for (i = n; i < PAGES; i += WRITERS)
		ck_assert_int_eq(get(mms[n], at(i)), want[i]);
	pinpage_use_mm(NULL);
	return 0;
}

/* pins a page for a while, and looks whether the file has another one meanwhile */
static int pinner(void *arg)
{
	uint64_t seed = 77;

	(void)arg;
	pinpage_use_mm(mms[0]);
	while (!READ_ONCE(stop)) {
		unsigned long i = (unsigned long)(pp_test_random(&seed) % PAGES);
		struct page *head = pp_read_cache_page(memfd->f_mapping, i, NULL), *now;

		if (IS_ERR(head))
			continue;
		if (page_file_mapping(head) == memfd->f_mapping && pp_pin_try(head, 1)) {
			pp_unref(head);
			pinpage_cond_resched();
			now = pp_find_get_page(memfd->f_mapping, i);
			ck_assert_ptr_eq(now, head);
			pp_unref(now);
			pp_unpin(head, 1);
		} else {
			pp_unref(head);
		}
	}
	pinpage_use_mm(NULL);
	return 0;
}

static void trouble(uint64_t *seed)
{
	unsigned long i = (unsigned long)(pp_test_random(seed) % PAGES);
	struct page *page;
	int err;

	switch (pp_test_random(seed) % 7) {
	case 0:
		err = pinpage_madvise(base, LEN, MADV_COLLAPSE);
		ck_assert(!err || err == -EAGAIN || err == -EINVAL || err == -ENOMEM);
		break;
	case 1:
		ck_assert_int_eq(pinpage_madvise(base, LEN, MADV_PAGEOUT), 0);
		break;
	case 2:
		ck_assert_int_eq(pinpage_madvise(at(i), PAGE_SIZE, MADV_DONTNEED), 0);
		break;
	case 3:
		ck_assert_int_eq(pinpage_fallocate(memfd, PUNCH, LEN - PAGE_SIZE,
						   PAGE_SIZE), 0);
		break;
	case 4:
		page = pp_find_lock_page(memfd->f_mapping, i);
		if (page) {
			(void)(PageHead(page) && pp_split_folio(page, NULL));
			pp_unlock_page(page);
			pp_unref(page);
		}
		break;
	case 5:
		ck_assert_int_ge(pinpage_khugepaged_scan(mms[1]), 0);
		break;
	default:
		ck_assert_int_eq(pinpage_ftruncate(memfd, LEN - PAGE_SIZE), 0);
		ck_assert_int_eq(pinpage_ftruncate(memfd, LEN), 0);
		break;
	}
}

START_TEST(everything_at_once)
{
	struct pinpage_swap_options options = { .pages = 2048 };
	uint64_t end, seed = pp_test_seed();
	struct task_struct *task[WRITERS + 1];
	unsigned long i;

	ck_assert_int_ge(pinpage_swapon(&options), 0);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	memfd = pinpage_memfd_create("f", 0);
	ck_assert_int_eq(pinpage_ftruncate(memfd, LEN), 0);
	base = map_file(memfd, 2 * HPAGE_PMD_NR, RW, MAP_SHARED);
	mms[0] = mm;
	mms[1] = pinpage_fork_mm(mm);
	stop = 0;
	for (i = 0; i < WRITERS; i++)
		task[i] = pinpage_kthread_run(writer, (void *)(uintptr_t)i, "writer");
	task[WRITERS] = pinpage_kthread_run(pinner, NULL, "pinner");
	end = pinpage_ktime_get_ns() + UINT64_C(500000000) * pp_test_seconds();
	for (i = 0; pinpage_ktime_get_ns() < end && (i < 200 || !pp_engine_is_fiber); i++) {
		trouble(&seed);
		pinpage_cond_resched();
	}
	WRITE_ONCE(stop, 1);
	for (i = 0; i <= WRITERS; i++)
		ck_assert_int_eq(pinpage_kthread_stop(task[i]), 0);
	pinpage_mmput(mms[1]);
	ck_assert_int_eq(pinpage_filp_close(memfd), 0);
}
END_TEST

static void up_6_12(void)
{
	boot("6.12", PINPAGE_ENGINE_NATIVE, 8192);
}

static void up_6_1(void)
{
	boot("6.1", PINPAGE_ENGINE_NATIVE, 8192);
}

Suite *huge_file_stress_suite(void)
{
	Suite *suite = suite_create("huge_file_stress");

	on(suite, everything_at_once, up_6_1);
	on(suite, everything_at_once, up_6_12);
	return suite;
}
