// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The task that collapses, and who is told or asked when something collapses.
 */
#include "mm/huge.h"
#include "mm/ksm.h"
#include "mm/uffd.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif

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

static int collapse(unsigned long addr)
{
	return pinpage_madvise(addr, PMD_SIZE, MADV_COLLAPSE);
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

/* notifiers */

static struct {
	struct mmu_notifier mn;
	unsigned int starts, ends;
	struct mmu_notifier_range last;
	unsigned long wide;		/* 2 MiB at once, so often */
} ear;

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	(void)mn;
	ear.starts++;
	ear.last = *range;
	ear.wide += range->end - range->start == PMD_SIZE;
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	(void)mn;
	(void)range;
	ear.ends++;
}

static const struct mmu_notifier_ops ear_ops = {
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
};

static void listen(void)
{
	memset(&ear, 0, sizeof(ear));
	ear.mn.ops = &ear_ops;
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), 0);
}

static void heard(unsigned int times, unsigned long addr)
{
	ck_assert_uint_eq(ear.starts, times);
	ck_assert_uint_eq(ear.ends, times);
	ck_assert_uint_eq(ear.wide, times);
	ck_assert_int_eq(ear.last.event, MMU_NOTIFY_CLEAR);
	ck_assert_uint_eq(ear.last.start, addr);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
}

START_TEST(collapse_says_clear_once)
{
	unsigned long addr = small();

	listen();
	ck_assert_int_eq(collapse(addr), 0);
	heard(1, addr);
}
END_TEST

START_TEST(refused_at_the_look_says_nothing)
{
	unsigned long addr = small();
	struct page *page = page_of(mm, addr);

	listen();

	SetPageLocked(page);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	ck_assert_uint_eq(ear.starts, 0);
	ClearPageLocked(page);
	ck_assert_int_eq(collapse(addr), 0);
	heard(1, addr);
}
END_TEST

/* the leaf, then all pages in one range */
START_TEST(folio_split_says_clear_for_the_area)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);

	listen();
	pp_ref(head);
	pp_lock_page(head);
	ck_assert_int_eq(pinpage_split_huge_page(head), 0);
	pp_unlock_page(head);
	pp_unref(head);
	heard(2, addr);
}
END_TEST

START_TEST(split_of_a_part_names_that_part)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	listen();
	pp_ref(head);
	pp_lock_page(head);
	ck_assert_int_eq(pinpage_split_huge_page(head), 0);
	pp_unlock_page(head);
	pp_unref(head);
	ck_assert_uint_eq(ear.starts, 1);
	ck_assert_uint_eq(ear.last.start, addr + 2 * PAGE_SIZE);
	ck_assert_uint_eq(ear.last.end, addr + PMD_SIZE);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
}
END_TEST

/* who else has a say */

static struct pinpage_uffd *handler(void)
{
	struct pinpage_uffd *uffd = NULL;

	ck_assert_int_eq(pinpage_userfaultfd_open(&uffd), 0);
	return uffd;
}

START_TEST(missing_pages_of_a_handler_einval)
{
	struct pinpage_uffd *uffd = handler();
	unsigned long addr = small();

	ck_assert_int_eq(pinpage_userfaultfd_register(uffd, addr, PMD_SIZE,
						      PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(collapse(addr), -EINVAL);
	ck_assert(!is_huge(addr));
	ck_assert_int_eq(pinpage_userfaultfd_unregister(uffd, addr, PMD_SIZE), 0);
	ck_assert_int_eq(collapse(addr), 0);
	pinpage_userfaultfd_close(uffd);
}
END_TEST

START_TEST(complete_memory_of_a_handler_collapses)
{
	struct pinpage_uffd *uffd = handler();
	unsigned long addr = small();

	ck_assert_int_eq(pinpage_userfaultfd_register(uffd, addr, PMD_SIZE,
						      PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(collapse(addr), 0);
	pinpage_userfaultfd_close(uffd);
}
END_TEST

/* a merged page that the range maps twice cannot be locked twice */
static unsigned long merged(unsigned long equal)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV), i;

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_MERGEABLE), 0);
	put(mm, addr, 7);
	put(mm, addr + equal * PAGE_SIZE, 7);
	put(mm, addr + 20 * PAGE_SIZE, (unsigned char)(9 + addr / PMD_SIZE));
	for (i = 0; i < 5; i++)
		ck_assert_int_ge(pinpage_ksm_scan(1000), 0);
	ck_assert_ptr_eq(page_of(mm, addr), page_of(mm, addr + equal * PAGE_SIZE));
	return addr;
}

START_TEST(page_merged_inside_eagain)
{
	ck_assert_int_eq(collapse(merged(1)), -EAGAIN);
	ck_assert_int_eq(collapse(merged(5)), -EAGAIN);
}
END_TEST

START_TEST(page_merged_with_another_area_is_copied)
{
	unsigned long addr = merged(5);

	ck_assert_int_eq(pinpage_munmap(addr + 5 * PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_munmap(addr + 6 * PAGE_SIZE, PAGE_SIZE), 0);
	addr = merged(5);
	put(mm, addr + 5 * PAGE_SIZE, 8);
	ck_assert(PageKsm(page_of(mm, addr)));
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_huge(addr) && !PageKsm(page_of(mm, addr)));
	ck_assert_int_eq(get(mm, addr), 7);
	ck_assert_int_eq(get(mm, addr + 5 * PAGE_SIZE), 8);
	ck_assert_int_ge(pinpage_ksm_scan(2000), 0);
	ck_assert_int_eq(get(mm, addr), 7);
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
	on(s, collapse_says_clear_once, up);
	on(s, collapse_says_clear_once, up_fiber);
	on(s, refused_at_the_look_says_nothing, up);
	on(s, folio_split_says_clear_for_the_area, up);
	on(s, split_of_a_part_names_that_part, up);
	on(s, missing_pages_of_a_handler_einval, up);
	on(s, complete_memory_of_a_handler_collapses, up);
	on(s, page_merged_inside_eagain, up);
	on(s, page_merged_with_another_area_is_copied, up);
	return s;
}
