// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Threads on one address space and one file; TSan and the counters judge.
 */
#include "machine.h"
#include "suites.h"

#include <pinpage/migrate.h>

#define PAGES 16UL

static unsigned long base, file_base;
static struct file *file;
static uint64_t deadline;

static bool over(void)
{
	return pinpage_ktime_get_ns() > deadline;
}

/* stores into its half of the pages and reads back what it stored */
static int storer(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg;
	unsigned long which = (uintptr_t)arg & 1, addr;
	unsigned char byte, back;

	while (!over()) {
		addr = base + (2 * (pp_test_random(&seed) % (PAGES / 2)) + which) * PAGE_SIZE;
		byte = (unsigned char)pp_test_random(&seed);
		if (pinpage_store(mm, addr, &byte, 1) || pinpage_load(mm, addr, &back, 1))
			return -EFAULT;
		if (byte != back)
			return -EIO;
		addr += file_base - base;
		if (pinpage_store(mm, addr, &byte, 1))
			return -EFAULT;
		pinpage_cond_resched();
	}
	return 0;
}

static int forker(void *arg)
{
	struct mm_struct *child;
	unsigned char byte = 1;

	(void)arg;
	while (!over()) {
		child = pinpage_fork_mm(mm);
		if (IS_ERR(child))
			return (int)PTR_ERR(child);
		if (pinpage_store(child, base, &byte, 1))
			return -EFAULT;
		pinpage_mmput(child);
	}
	return 0;
}

/* maps, touches, cuts and unmaps beside the others */
static int mapper(void *arg)
{
	unsigned char byte = 1;
	long addr;

	(void)arg;
	pinpage_use_mm(mm);
	while (!over()) {
		addr = pinpage_mmap(0, 4 * PAGE_SIZE, RW, PRIV, NULL, 0);
		if (addr < 0 || pinpage_store(mm, (unsigned long)addr, &byte, 1))
			break;
		pinpage_mprotect((unsigned long)addr + PAGE_SIZE, PAGE_SIZE, PROT_READ);
		pinpage_munmap((unsigned long)addr, 4 * PAGE_SIZE);
	}
	pinpage_use_mm(NULL);
	return over() ? 0 : -ENOMEM;
}

/* writes back, reclaims */
static int cleaner(void *arg)
{
	(void)arg;
	while (!over()) {
		if (pinpage_fsync(file, 0))
			return -EIO;
		pinpage_try_to_free_pages(4);
	}
	return 0;
}

/* moves everything about, between nodes and to the ends of zones */
static int mover(void *arg)
{
	unsigned long from = 1;

	(void)arg;
	while (!over()) {
		if (pinpage_migrate_pages(mm, from, 3 - from) < 0)
			return -ENOMEM;
		from = 3 - from;
		pinpage_compact_memory();
		pinpage_change_prot_numa(mm, base, base + PAGES * PAGE_SIZE);
		pinpage_cond_resched();
	}
	return 0;
}

/* references that make migrations fail, and go again */
static int holder(void *arg)
{
	uint64_t seed = (uint64_t)(uintptr_t)arg;
	unsigned long addr;
	struct page *page;

	while (!over()) {
		addr = base + (pp_test_random(&seed) % PAGES) * PAGE_SIZE;
		page = pp_page_at_unlocked(mm, addr);
		pinpage_cond_resched();
		if (!IS_ERR(page))
			pp_unref(page);
	}
	return 0;
}

static void run(int (*const fns[])(void *), unsigned int nr)
{
	struct task_struct *tasks[6];
	unsigned int i;

	(void)pp_test_seed();
	base = anon(PAGES);
	file = blk_file(PAGES);
	file_base = map_file(file, PAGES, RW, MAP_SHARED);
	deadline = pinpage_ktime_get_ns() + 300000000ull * pp_test_seconds();
	for (i = 0; i < nr; i++)
		tasks[i] = pinpage_kthread_run(fns[i], (void *)(uintptr_t)(i + 2), "stress");
	for (i = 0; i < nr; i++)
		ck_assert_int_eq(pinpage_kthread_join(tasks[i]), 0);
}

START_TEST(stores_against_forks)
{
	run((int (*const [])(void *)){ storer, storer, forker }, 3);
}
END_TEST

START_TEST(stores_against_unmaps)
{
	run((int (*const [])(void *)){ storer, storer, mapper, mapper }, 4);
}
END_TEST

START_TEST(stores_against_writeback_and_reclaim)
{
	run((int (*const [])(void *)){ storer, storer, cleaner, forker }, 4);
}
END_TEST

static void two_nodes(void)
{
	up_zones("6.1", 1024, 0, 2);
}

START_TEST(stores_against_migration)
{
	run((int (*const [])(void *)){ storer, storer, mover, holder, forker }, 5);
}
END_TEST

START_TEST(stores_against_migration_and_writeback)
{
	run((int (*const [])(void *)){ storer, storer, mover, cleaner, mapper }, 5);
}
END_TEST

Suite *stress_suite(void)
{
	Suite *s = suite_create("mm/stress");

	on(s, stores_against_forks, up);
	on(s, stores_against_unmaps, up);
	on(s, stores_against_writeback_and_reclaim, up);
	on(s, stores_against_migration, two_nodes);
	on(s, stores_against_migration_and_writeback, two_nodes);
	return s;
}
