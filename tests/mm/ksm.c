// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Merging of equal pages: what merges, what a pin prevents, and how it ends.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"
#include "mm/ksm.h"

static unsigned long mergeable(unsigned long pages, unsigned char byte)
{
	unsigned long addr = map(pages, RW, PRIV), i;

	ck_assert_int_eq(pinpage_madvise(addr, pages * PAGE_SIZE, MADV_MERGEABLE), 0);
	for (i = 0; i < pages; i++)
		put(mm, addr + i * PAGE_SIZE, byte);
	return addr;
}

static void scans(unsigned int nr)
{
	while (nr--)
		ck_assert_int_ge(pinpage_ksm_scan(1000), 0);
}

static bool merged(unsigned long addr)
{
	return pinpage_PageKsm(page_of(mm, addr));
}

static struct pinpage_ksm_stats stats(void)
{
	struct pinpage_ksm_stats s;

	pinpage_ksm_stats(&s);
	return s;
}

START_TEST(equal_pages_become_one)
{
	unsigned long addr = mergeable(3, 7);
	long before = pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_KSM_MERGE);
	ck_assert_int_eq(pinpage_ksm_scan(2), 2);
	scans(1);
	ck_assert(!merged(addr));
	scans(2);
	ck_assert(merged(addr));
	ck_assert_ptr_eq(page_of(mm, addr), page_of(mm, addr + PAGE_SIZE));
	ck_assert_ptr_eq(page_of(mm, addr), page_of(mm, addr + 2 * PAGE_SIZE));
	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_WRITE | PINPAGE_PTE_DIRTY)));
	ck_assert(!PageAnonExclusive(page_of(mm, addr)));
	ck_assert_int_eq(pp_page_mapcount(page_of(mm, addr)), 3);
	ck_assert_int_eq(page_count(page_of(mm, addr)), 3);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), before + 2);
	ck_assert_uint_eq(stats().pages_shared, 1);
	ck_assert_uint_eq(stats().pages_sharing, 2);
	ck_assert_uint_ge(ear.nr, 3);
	ck_assert_int_eq(get(mm, addr), 7);
	pinpage_unsubscribe(&ear.sub);
}
END_TEST

START_TEST(areas_that_nobody_offered_stay)
{
	unsigned long addr = anon(1), other = anon(1);

	scans(4);
	ck_assert_ptr_ne(page_of(mm, addr), page_of(mm, other));
	ck_assert_uint_eq(stats().full_scans, 4);
}
END_TEST

START_TEST(a_page_that_keeps_changing_is_left_alone)
{
	unsigned long addr = mergeable(2, 7);
	unsigned char i;

	for (i = 1; i < 6; i++) {
		put(mm, addr, i);
		put(mm, addr + PAGE_SIZE, i);
		scans(1);
	}
	ck_assert(!merged(addr));
}
END_TEST

START_TEST(a_write_ends_it_for_the_writer)
{
	unsigned long addr = mergeable(2, 7);

	scans(3);
	ck_assert(merged(addr));
	put(mm, addr, 8);
	ck_assert(!merged(addr));
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert(merged(addr + PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 7);
	/* the last one copies, too, though it is alone */
	put(mm, addr + PAGE_SIZE, 9);
	ck_assert(!merged(addr + PAGE_SIZE));
	scans(2);
	ck_assert_uint_eq(stats().pages_shared, 0);
	ck_assert_uint_eq(stats().pages_sharing, 0);
}
END_TEST

START_TEST(third_page_joins_what_is_there)
{
	unsigned long addr = mergeable(2, 7), third;

	scans(3);
	third = mergeable(1, 7);
	scans(1);
	ck_assert_ptr_eq(page_of(mm, addr), page_of(mm, third));
	ck_assert_int_eq(page_count(page_of(mm, addr)), 3);
}
END_TEST

/* M07: the pinned page sits in the unstable tree, and everybody meets it first */
START_TEST(pinned_page_is_not_merged_nor_lets_others)
{
	unsigned long addr = mergeable(2, 7), control = mergeable(2, 9);
	struct page *page = pin(mm, addr);

	scans(6);
	ck_assert(!merged(addr));
	ck_assert(!merged(addr + PAGE_SIZE));
	ck_assert(merged(control));
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageAnonExclusive(page));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	unpin(page);
	scans(3);
	ck_assert(merged(addr));
	ck_assert_ptr_eq(page_of(mm, addr), page_of(mm, addr + PAGE_SIZE));
}
END_TEST

START_TEST(reference_from_anywhere_keeps_a_page)
{
	unsigned long addr;
	struct page *page;

	reboot("5.7");
	addr = mergeable(2, 7);
	page = page_of(mm, addr);
	pp_ref(page);
	scans(5);
	ck_assert(!merged(addr));
	pp_unref(page);
	scans(3);
	ck_assert(merged(addr));
	put(mm, addr, 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 7);
}
END_TEST

/* M08, the fault's side */
START_TEST(unsharing_copies)
{
	unsigned long addr = mergeable(2, 7);
	struct page *kpage;
	int err;

	scans(3);
	kpage = page_of(mm, addr);
	pinpage_down_read(&mm->mmap_lock);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, addr), addr, FAULT_FLAG_UNSHARE);
	pinpage_up_read(&mm->mmap_lock);
	ck_assert_int_eq(err, 0);
	ck_assert_ptr_ne(page_of(mm, addr), kpage);
	ck_assert(!merged(addr));
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert(merged(addr + PAGE_SIZE));
}
END_TEST

START_TEST(unmergeable_gives_everybody_a_page)
{
	unsigned long addr = mergeable(3, 7);

	scans(3);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_UNMERGEABLE), 0);
	ck_assert(!merged(addr));
	ck_assert(!merged(addr + PAGE_SIZE));
	ck_assert(merged(addr + 2 * PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr), 7);
	scans(4);
	ck_assert(!merged(addr));
	ck_assert_int_eq(pinpage_ksm_unmerge_all(), 0);
	ck_assert(!merged(addr + 2 * PAGE_SIZE));
	ck_assert_uint_eq(stats().pages_shared, 0);
	scans(4);
	ck_assert_uint_eq(stats().pages_unshared, 1);
}
END_TEST

START_TEST(unmerging_without_memory)
{
	unsigned long addr = mergeable(2, 7);

	scans(3);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_ksm_unmerge_all(), -ENOMEM);
	ck_assert(merged(addr));
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_UNMERGEABLE), -EAGAIN);
	ck_assert(merged(addr));
	ck_assert_int_eq(pinpage_ksm_unmerge_all(), 0);
	ck_assert(!merged(addr));
}
END_TEST

START_TEST(mergeable_without_memory)
{
	unsigned long addr = anon(1);

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_MERGEABLE), -EAGAIN);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_MERGEABLE), 0);
}
END_TEST

/* each allocation of the scans fails once; what failed is tried again */
START_TEST(scanning_without_memory)
{
	unsigned long nth, addr;

	for (nth = 1; nth < 12; nth++) {
		addr = mergeable(3, 7);
		pp_inject_alloc(nth);
		scans(3);
		pp_inject_alloc(0);
		scans(4);
		ck_assert(merged(addr));
		ck_assert_int_eq(pinpage_munmap(addr, 3 * PAGE_SIZE), 0);
		scans(1);
		ck_assert_uint_eq(stats().pages_shared, 0);
	}
}
END_TEST

START_TEST(shared_areas_cannot_be_merged)
{
	unsigned long addr = map(2, RW, SHARED);

	put(mm, addr, 7);
	put(mm, addr + PAGE_SIZE, 7);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_MERGEABLE), 0);
	scans(4);
	ck_assert(!merged(addr));
	ck_assert_int_eq(pinpage_ksm_scan(10), 0);
}
END_TEST

START_TEST(child_shares_what_was_merged)
{
	unsigned long addr = mergeable(2, 7);
	struct mm_struct *child;

	scans(3);
	child = pinpage_fork_mm(mm);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	put(child, addr, 1);
	ck_assert_int_eq(get(mm, addr), 7);
	ck_assert_int_eq(get(child, addr + PAGE_SIZE), 7);
	/* the child's pages take part */
	put(child, addr, 7);
	scans(3);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	ck_assert_int_eq(page_count(page_of(mm, addr)), 4);
	pinpage_mmput(child);
	ck_assert_int_eq(page_count(page_of(mm, addr)), 2);
	ck_assert_uint_eq(stats().pages_sharing, 1);
}
END_TEST

START_TEST(moving_unmerges_first)
{
	unsigned long addr = mergeable(2, 7);
	long to;

	scans(3);
	to = pinpage_mremap(addr, PAGE_SIZE, 4 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	ck_assert_int_gt(to, 0);
	ck_assert(!merged((unsigned long)to));
	ck_assert_int_eq(get(mm, (unsigned long)to), 7);
	scans(4);
	ck_assert(merged((unsigned long)to));
}
END_TEST

START_TEST(reverse_map_finds_all_and_forks)
{
	unsigned long addr = mergeable(2, 7);
	struct mm_struct *child;
	struct page *page;

	scans(3);
	child = pinpage_fork_mm(mm);
	page = page_of(mm, addr);
	/* set by the copies that merging and reading made */
	ck_assert_int_eq(get(child, addr), 7);
	pp_ref(page);
	pp_lock_page(page);
	ck_assert(pp_page_referenced(page));
	ck_assert(!pp_page_referenced(page));
	pp_unlock_page(page);
	ck_assert_int_eq(get(child, addr + PAGE_SIZE), 7);
	pp_lock_page(page);
	ck_assert(pp_page_referenced(page));
	pp_unlock_page(page);
	pp_unref(page);
	pinpage_mmput(child);
}
END_TEST

START_TEST(zero_pages_on_request)
{
	unsigned long addr = mergeable(2, 0);

	pinpage_ksm_use_zero_pages(true);
	scans(3);
	ck_assert_ptr_eq(page_of(mm, addr), pp_zero_page);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_SPECIAL);
	put(mm, addr, 1);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}
END_TEST

START_TEST(merged_page_cannot_be_reclaimed)
{
	unsigned long addr = mergeable(2, 7);

	scans(3);
	ck_assert_int_eq(pinpage_reclaim_page(page_of(mm, addr)), 0);
	ck_assert(merged(addr));
}
END_TEST

START_TEST(end_of_an_address_space_takes_its_items)
{
	struct mm_struct *other = pinpage_mm_alloc();
	unsigned long addr = mergeable(1, 7), there;

	pinpage_use_mm(other);
	there = (unsigned long)pinpage_mmap(0, PAGE_SIZE, RW, PRIV, NULL, 0);
	ck_assert_int_eq(pinpage_madvise(there, PAGE_SIZE, MADV_MERGEABLE), 0);
	put(other, there, 7);
	pinpage_use_mm(mm);
	scans(3);
	ck_assert_ptr_eq(page_of(mm, addr), page_of(other, there));
	ck_assert_int_eq(pinpage_ksm_scan(1), 1);
	pinpage_mmput(other);
	ck_assert_int_eq(page_count(page_of(mm, addr)), 1);
	ck_assert_uint_eq(stats().pages_sharing, 0);
	scans(2);
	ck_assert_int_eq(get(mm, addr), 7);
}
END_TEST

START_TEST(asking_without_a_machine)
{
	struct pinpage_ksm_stats s = { .full_scans = 9 };

	pinpage_spin_lock(&mm->page_table_lock);
	ck_assert_int_eq(pinpage_ksm_scan(1), -EINVAL);
	ck_assert_int_eq(pinpage_ksm_unmerge_all(), -EINVAL);
	pinpage_spin_unlock(&mm->page_table_lock);
	pinpage_ksm_stats(&s);
	ck_assert_uint_eq(s.full_scans, 0);
	expect_warnings(2);
}
END_TEST

/* ksmd, writers that check what they wrote, forks and pins */
static unsigned long base;
static bool done;

static int ksmd(void *arg)
{
	(void)arg;
	while (!READ_ONCE(done)) {
		(void)pinpage_ksm_scan(7);
		pinpage_cond_resched();
	}
	return 0;
}

static int writer(void *arg)
{
	unsigned long mine = base + (uintptr_t)arg * 8 * PAGE_SIZE, addr;
	unsigned int i;

	for (i = 0; i < 400; i++) {
		unsigned char byte = (unsigned char)(i % 3), back;

		addr = mine + i % 8 * PAGE_SIZE;
		if (pinpage_store(mm, addr, &byte, 1) || pinpage_load(mm, addr, &back, 1))
			return -EFAULT;
		pinpage_yield("wrote");
		if (pinpage_load(mm, addr, &back, 1))
			return -EFAULT;
		if (back != byte)
			return -EIO;
	}
	return 0;
}

static int forker(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < 20; i++) {
		struct mm_struct *child = pinpage_fork_mm(mm);
		unsigned char byte = 9;

		if (IS_ERR(child) || pinpage_store(child, base, &byte, 1))
			return -EFAULT;
		pinpage_yield("forked");
		pinpage_mmput(child);
	}
	return 0;
}

START_TEST(ksmd_against_writers_and_forks)
{
	struct task_struct *task[4];
	unsigned int i;

	base = mergeable(16, 0);
	task[0] = pinpage_kthread_run(writer, (void *)0, "writer a");
	task[1] = pinpage_kthread_run(writer, (void *)1, "writer b");
	task[2] = pinpage_kthread_run(forker, NULL, "forker");
	task[3] = pinpage_kthread_run(ksmd, NULL, "ksmd");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
	WRITE_ONCE(done, true);
	ck_assert_int_eq(pinpage_kthread_join(task[3]), 0);
}
END_TEST

static void start(void)
{
	done = false;
	up();
}

static void start_fiber(void)
{
	done = false;
	up_fiber();
}

Suite *ksm_suite(void)
{
	Suite *suite = suite_create("mm/ksm");

	on(suite, equal_pages_become_one, start);
	on(suite, areas_that_nobody_offered_stay, start);
	on(suite, a_page_that_keeps_changing_is_left_alone, start);
	on(suite, a_write_ends_it_for_the_writer, start);
	on(suite, third_page_joins_what_is_there, start);
	on(suite, pinned_page_is_not_merged_nor_lets_others, start);
	on(suite, reference_from_anywhere_keeps_a_page, start);
	on(suite, unsharing_copies, start);
	on(suite, unmergeable_gives_everybody_a_page, start);
	on(suite, unmerging_without_memory, start);
	on(suite, mergeable_without_memory, start);
	on(suite, scanning_without_memory, start);
	on(suite, shared_areas_cannot_be_merged, start);
	on(suite, child_shares_what_was_merged, start);
	on(suite, moving_unmerges_first, start);
	on(suite, reverse_map_finds_all_and_forks, start);
	on(suite, zero_pages_on_request, start);
	on(suite, merged_page_cannot_be_reclaimed, start);
	on(suite, end_of_an_address_space_takes_its_items, start);
	on(suite, asking_without_a_machine, start);
	on(suite, ksmd_against_writers_and_forks, start);
	on(suite, ksmd_against_writers_and_forks, start_fiber);
	return suite;
}
