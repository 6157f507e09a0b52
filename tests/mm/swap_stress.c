// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * More memory than frames, from several tasks: no byte is lost, and no task
 * parts from what it has pinned. Forks, unmaps and swapoff beside it.
 */
#include "machine.h"
#include "suites.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

#define PAGES	96UL
#define FRAMES	256

static unsigned long base;
static uint64_t deadline;

static bool over(void)
{
	return pinpage_ktime_get_ns() > deadline;
}

/* no frame just now is not what these tests are about */
static int load(unsigned long addr, unsigned char *byte)
{
	int err;

	while ((err = pinpage_load(mm, addr, byte, 1)) == -ENOMEM)
		pinpage_cond_resched();
	return err;
}

static int store(unsigned long addr, const unsigned char *byte)
{
	int err;

	while ((err = pinpage_store(mm, addr, byte, 1)) == -ENOMEM)
		pinpage_cond_resched();
	return err;
}

/* as the slow walk does: under the lock of a writable entry */
static struct page *pin_at(unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table);
	struct page *page = NULL;

	if (*ptep & PTE_WRITE) {
		page = pte_page(*ptep);
		set_bit(MMF_HAS_PINNED, &mm->flags);
		if (!pp_pin_try_at_once(page, 1))
			page = NULL;
	}
	pinpage_spin_unlock(&table->lock);
	return page;
}

/* its own pages: what it stored last is what it loads */
static int keeper(void *arg)
{
	uint64_t seed = pp_test_seed() + (uintptr_t)arg;
	unsigned char want[PAGES] = { 0 }, byte;
	unsigned long addr, i;

	pinpage_use_mm(mm);
	addr = (unsigned long)pinpage_mmap(0, PAGES * PAGE_SIZE, RW, PRIV, NULL, 0);
	while (!over()) {
		i = pp_test_random(&seed) % PAGES;
		if (load(addr + i * PAGE_SIZE + i, &byte) || byte != want[i])
			break;
		want[i] = (unsigned char)pp_test_random(&seed);
		if (store(addr + i * PAGE_SIZE + i, &want[i]))
			break;
		if (!(pp_test_random(&seed) % 64))
			pinpage_madvise(addr, PAGES * PAGE_SIZE / 2, MADV_PAGEOUT);
	}
	pinpage_munmap(addr, PAGES * PAGE_SIZE);
	pinpage_use_mm(NULL);
	return over() ? 0 : -EIO;
}

/* what the device writes into a pinned page the process reads */
static int pinner(void *arg)
{
	uint64_t seed = pp_test_seed() + (uintptr_t)arg;
	unsigned char byte, back;
	unsigned long addr;
	struct page *page;
	int err = 0;

	while (!over() && !err) {
		addr = base + pp_test_random(&seed) % PAGES * PAGE_SIZE;
		byte = (unsigned char)pp_test_random(&seed);
		if (store(addr, &byte))
			return -EFAULT;
		page = pin_at(addr);
		if (!page)
			continue;
		byte++;
		*(unsigned char *)page_address(page) = byte;
		if (load(addr, &back) || back != byte)
			err = -EIO;
		if (store(addr, &byte) || page_of(mm, addr) != page)
			err = -EXDEV;
		unpin(page);
	}
	return err;
}

static int forker(void *arg)
{
	struct mm_struct *child;
	unsigned char byte = 1;

	(void)arg;
	while (!over()) {
		child = pinpage_fork_mm(mm);
		if (IS_ERR(child))
			continue;
		(void)pinpage_store(child, base, &byte, 1);
		pinpage_mmput(child);
	}
	return 0;
}

static int swapper(void *arg)
{
	struct pinpage_swap_options options = { .pages = 2048, .priority = 9 };
	int type, err;

	(void)arg;
	while (!over()) {
		type = pinpage_swapon(&options);
		if (type < 0)
			return type;
		pinpage_try_to_free_pages(32);
		do {
			err = pinpage_swapoff(type);
		} while (err == -ENOMEM);
		if (err)
			return err;
	}
	return 0;
}

static void run(int (*const fns[])(void *), unsigned int nr)
{
	struct pinpage_swap_options options = { .pages = 4096 };
	struct task_struct *tasks[6];
	unsigned int i;

	(void)pp_test_seed();
	down();
	boot("6.1", PINPAGE_ENGINE_NATIVE, FRAMES);
	ck_assert_int_eq(pinpage_swapon(&options), 0);
	ck_assert_int_eq(pinpage_kswapd_start(16, 32), 0);
	base = anon(PAGES);
	deadline = pinpage_ktime_get_ns() + 500000000ull * pp_test_seconds();
	for (i = 0; i < nr; i++)
		tasks[i] = pinpage_kthread_run(fns[i], (void *)(uintptr_t)(i + 2), "storm");
	for (i = 0; i < nr; i++)
		ck_assert_int_eq(pinpage_kthread_join(tasks[i]), 0);
	pinpage_kswapd_stop();
	ck_assert_int_eq(pinpage_swapoff(0), 0);
}

START_TEST(storm_of_stores)
{
	run((int (*const [])(void *)){ keeper, keeper, keeper, forker }, 4);
}
END_TEST

START_TEST(storm_of_pins)
{
	run((int (*const [])(void *)){ keeper, pinner, keeper }, 3);
}
END_TEST

START_TEST(storm_of_swapoffs)
{
	run((int (*const [])(void *)){ keeper, keeper, swapper, forker }, 4);
}
END_TEST

Suite *swap_stress_suite(void)
{
	Suite *s = suite_create("mm/swap_stress");

	on(s, storm_of_stores, up);
	on(s, storm_of_pins, up);
	on(s, storm_of_swapoffs, up);
	return s;
}
