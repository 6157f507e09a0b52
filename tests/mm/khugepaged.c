// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The task that collapses.
 */
#include "mm/huge.h"

#include "machine.h"
#include "suites.h"

static unsigned long small(void)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV), i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i % 250 + 1));
	return addr;
}

static bool is_huge(unsigned long addr)
{
	return pte_of(mm, addr) & PINPAGE_PTE_HUGE;
}

static void wait_until_huge(unsigned long addr)
{
	unsigned int i;

	for (i = 0; i < 10000 && !is_huge(addr); i++)
		pinpage_msleep(1);
	ck_assert(is_huge(addr));
}

START_TEST(task_collapses_by_policy)
{
	unsigned long wanted = small(), other = small();

	ck_assert_int_eq(pinpage_madvise(wanted, PMD_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_khugepaged_start(1), 0);
	wait_until_huge(wanted);
	ck_assert_int_eq(get(mm, wanted + 7 * PAGE_SIZE), 8);
	ck_assert(!is_huge(other));
	ck_assert_int_eq(pinpage_madvise(other, PMD_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(get(mm, other), 1);
	wait_until_huge(other);
	pinpage_khugepaged_stop();
}
END_TEST

START_TEST(task_waits_for_no_pin)
{
	unsigned long addr = small();
	struct page *page = pin(mm, addr + 9 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_khugepaged_start(1), 0);
	pinpage_msleep(5);
	ck_assert(!is_huge(addr));
	ck_assert_ptr_eq(page_of(mm, addr + 9 * PAGE_SIZE), page);
	unpin(page);
	wait_until_huge(addr);
	pinpage_khugepaged_stop();
	pinpage_khugepaged_stop();
}
END_TEST

START_TEST(running_at_shutdown)
{
	struct mm_struct *child;
	unsigned long addr = small();

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_khugepaged_start(0), 0);
	child = pinpage_fork_mm(mm);
	pinpage_mmput(child);
}
END_TEST

START_TEST(bad_starts)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_khugepaged_start(0), -ENOMEM);
	pp_inject_alloc(0);
	ck_assert_int_eq(pinpage_khugepaged_start(0), 0);
	ck_assert_int_eq(pinpage_khugepaged_start(0), -EBUSY);
	pinpage_khugepaged_stop();
	pinpage_softirq_enter();
	ck_assert_int_eq(pinpage_khugepaged_start(0), -EINVAL);
	pinpage_softirq_exit();
	expect_warnings(1);
}
END_TEST

Suite *khugepaged_suite(void)
{
	Suite *s = suite_create("mm/khugepaged");

	on(s, task_collapses_by_policy, up);
	on(s, task_collapses_by_policy, up_fiber);
	on(s, task_waits_for_no_pin, up);
	on(s, task_waits_for_no_pin, up_fiber);
	on(s, running_at_shutdown, up);
	on(s, running_at_shutdown, up_fiber);
	on(s, bad_starts, up);
	return s;
}
