// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Huge pages of the pool that move, fail, are remapped, and leave a range. Two
 * nodes with two pages of the pool each.
 */
#include "machine.h"
#include "suites.h"

#include <linux/memfd.h>

#include "base/err.h"
#include "mm/hugetlb.h"
#include "mm/migrate.h"
#include "mm/swapops.h"

#define HUGE	(MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB)

static void pool_of_four(void)
{
	up_zones("6.1", 0, 0, 2);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(4), 4);
}

/* "6.12" */
static void late_pool(void)
{
	up_zones("6.12", 0, 0, 2);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(4), 4);
}

static struct pinpage_hugetlb_info pool(void)
{
	struct pinpage_hugetlb_info info;

	pinpage_hugetlb_info(&info);
	return info;
}

static void assert_pool(unsigned long total, unsigned long nr_free, unsigned long reserved)
{
	ck_assert_uint_eq(pool().total, total);
	ck_assert_uint_eq(pool().free, nr_free);
	ck_assert_uint_eq(pool().reserved, reserved);
}

/* one private page, written */
static unsigned long hugepage(void)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, HUGE);

	put(mm, addr, 1);
	put(mm, addr + 7 * PAGE_SIZE, 8);
	return addr;
}

static struct file *huge_memfd(unsigned long nr)
{
	struct file *file = pinpage_memfd_create("huge", MFD_HUGETLB | MFD_ALLOW_SEALING);

	ck_assert(!IS_ERR(file));
	ck_assert_int_eq(pinpage_ftruncate(file, (pinpage_loff_t)(nr * PMD_SIZE)), 0);
	return file;
}

static long move(unsigned long addr, int to)
{
	int status = 77;

	return pinpage_move_pages(mm, 1, &addr, &to, &status, PINPAGE_MPOL_MF_MOVE_ALL);
}

static int other_node(unsigned long addr)
{
	return !page_of(mm, addr)->node;
}

START_TEST(pool_is_of_all_nodes)
{
	unsigned long a = hugepage(), b = hugepage(), c = hugepage();

	ck_assert_int_eq(page_of(mm, a)->node, 0);
	ck_assert_int_eq(page_of(mm, b)->node, 0);
	ck_assert_int_eq(page_of(mm, c)->node, 1);
}
END_TEST

START_TEST(private_page_moves_to_one_of_the_pool)
{
	unsigned long addr = hugepage();
	struct page *old = page_of(mm, addr), *new;

	ck_assert_int_eq(move(addr, 1), 0);
	new = page_of(mm, addr);
	ck_assert_int_eq(new->node, 1);
	ck_assert(PageHugetlb(new) && PageAnonExclusive(new) && !PageLRU(new));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert_int_eq(page_ref_count(new), 1);
	ck_assert_int_eq(page_ref_count(old), 0);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	assert_pool(4, 3, 0);
	ck_assert_int_eq(move(addr, 0), 0);
	assert_pool(4, 3, 0);
}
END_TEST

/* all free pages are promised: one more until the old one is free */
START_TEST(moves_to_a_temporary_page)
{
	unsigned long addr = hugepage(), rest = map(3 * HPAGE_PMD_NR, RW, HUGE);
	struct page *old = page_of(mm, addr);

	assert_pool(4, 3, 3);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
	assert_pool(4, 3, 3);
	ck_assert(!pp_hugetlb_is_free(old));
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	assert_pool(4, 4, 3);
	ck_assert_int_eq(pinpage_munmap(rest, 3 * PMD_SIZE), 0);
}
END_TEST

static void held_page_stays(bool pinned)
{
	unsigned long addr = hugepage();
	struct page *page = page_of(mm, addr);

	if (pinned)
		pin(mm, addr);
	else
		pinpage_get_page(page);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageAnonExclusive(page));
	assert_pool(4, 3, 0);
	if (pinned)
		unpin(page);
	else
		pinpage_put_page(page);
	ck_assert_int_eq(move(addr, 1), 0);
}

START_TEST(pinned_page_stays) { held_page_stays(true); } END_TEST
START_TEST(referenced_page_stays) { held_page_stays(false); } END_TEST

START_TEST(page_of_a_file_moves)
{
	struct file *file = huge_memfd(1);
	unsigned long addr = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	char byte;

	put(mm, addr, 3);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
	ck_assert_int_eq(get(mm, addr), 3);
	put(mm, addr, 4);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 4);
	ck_assert_int_eq(page_ref_count(page_of(mm, addr)), 2);
	assert_pool(4, 3, 0);
	pinpage_munmap(addr, PMD_SIZE);
	pinpage_filp_close(file);
	assert_pool(4, 4, 0);
}
END_TEST

START_TEST(part_is_refused_until_6_6)
{
	unsigned long addr = hugepage() + PAGE_SIZE;
	int to = 1, status = 77;

	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, &to, &status,
					    PINPAGE_MPOL_MF_MOVE), 0);
	ck_assert_int_eq(status, -EACCES);
}
END_TEST

START_TEST(part_stands_for_the_page_from_6_7)
{
	unsigned long addr = hugepage() + PAGE_SIZE;

	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
}
END_TEST

START_TEST(child_shares_the_moved_page)
{
	unsigned long addr = hugepage();
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	ck_assert_int_eq(page_of(mm, addr)->node, 1);
	put(mm, addr, 5);
	ck_assert_int_eq(get(child, addr), 1);
	pinpage_mmput(child);
}
END_TEST

START_TEST(each_failed_allocation_of_a_move)
{
	unsigned long addr = hugepage(), nth;
	bool fired = true;

	for (nth = 1; fired; nth++) {
		pp_inject_alloc(nth);
		(void)move(addr, other_node(addr));
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
		assert_pool(4, 3, 0);
	}
}
END_TEST

/* ranges */

START_TEST(contiguous_range_moves_and_replaces)
{
	unsigned long addr = hugepage(), pfn = page_to_pfn(page_of(mm, addr));

	ck_assert_int_eq(pinpage_alloc_contig_range(pfn + 8, pfn + 16), 0);
	ck_assert_uint_ne(page_to_pfn(page_of(mm, addr)), pfn);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	ck_assert_uint_eq(pool().total, 4);
	ck_assert_uint_eq(pool().free, 3);
	pinpage_free_contig_range(pfn + 8, 8);
}
END_TEST

START_TEST(pinned_page_keeps_the_range)
{
	unsigned long addr = hugepage(), pfn = page_to_pfn(page_of(mm, addr));
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_alloc_contig_range(pfn, pfn + 8), -EBUSY);
	ck_assert_int_eq(pinpage_offline_pages(pfn, HPAGE_PMD_NR), -EBUSY);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

START_TEST(offline_dissolves_what_is_free)
{
	unsigned long addr = hugepage(), pfn = page_to_pfn(page_of(mm, addr));

	ck_assert_int_eq(pinpage_offline_pages(pfn, HPAGE_PMD_NR), 0);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	assert_pool(3, 2, 0);
	ck_assert_int_eq(pinpage_online_pages(pfn, HPAGE_PMD_NR), 0);
}
END_TEST

typedef int attempt(unsigned long pfn);

static int want_range(unsigned long pfn)
{
	int err = pinpage_alloc_contig_range(pfn, pfn + 8);

	if (!err)
		pinpage_free_contig_range(pfn, 8);
	return err;
}

static int want_offline(unsigned long pfn)
{
	int err = pinpage_offline_pages(pfn, HPAGE_PMD_NR);

	return err ? err : pinpage_online_pages(pfn, HPAGE_PMD_NR);
}

/* each allocation fails once: it works, or nothing has happened */
static void without_memory(attempt *try)
{
	unsigned long addr = hugepage(), nth;
	bool fired = true;
	int err = -1;

	for (nth = 1; fired && err; nth++) {
		pp_inject_alloc(nth);
		err = try(page_to_pfn(page_of(mm, addr)));
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
		ck_assert(!err || fired);
	}
}

START_TEST(each_failed_allocation_of_a_range) { without_memory(want_range); } END_TEST
START_TEST(each_failed_allocation_of_offlining) { without_memory(want_offline); } END_TEST

static int want_soft_offline(unsigned long pfn)
{
	return pinpage_soft_offline_page(pfn, 0);
}

START_TEST(each_failed_allocation_of_soft_offline)
{
	without_memory(want_soft_offline);
}
END_TEST

/* failures */

START_TEST(private_page_that_failed)
{
	unsigned long addr = hugepage();
	struct page *page = page_of(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert(PageHWPoison(page) && !PageHWPoison(page - 5));
	ck_assert_int_eq(page_ref_count(page), 1);
	assert_pool(3, 3, 0);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EHWPOISON);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_unpoison_memory(page_to_pfn(page)), 0);
	assert_pool(3, 3, 0);
}
END_TEST

START_TEST(pinned_page_that_failed_is_not_given_out)
{
	unsigned long addr = hugepage(), other;
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EBUSY);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	assert_pool(4, 3, 0);
	unpin(page);
	assert_pool(4, 4, 0);
	other = map(3 * HPAGE_PMD_NR, RW, HUGE);
	put(mm, other, 1);
	put(mm, other + PMD_SIZE, 1);
	put(mm, other + 2 * PMD_SIZE, 1);
	addr = map(HPAGE_PMD_NR, RW, HUGE);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

START_TEST(free_page_that_failed_is_dissolved)
{
	unsigned long addr = hugepage();
	struct page *page = page_of(mm, addr) + 3;

	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	assert_pool(3, 3, 0);
	ck_assert(PageHWPoison(page));
	ck_assert_int_eq(page_ref_count(page), 1);
}
END_TEST

START_TEST(promised_page_that_failed_ebusy)
{
	unsigned long addr = hugepage(), rest;
	struct page *page = page_of(mm, addr);

	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	rest = map(4 * HPAGE_PMD_NR, RW, HUGE);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), -EBUSY);
	assert_pool(4, 4, 4);
	ck_assert_int_eq(pinpage_munmap(rest, 4 * PMD_SIZE), 0);
}
END_TEST

static void file_that_failed(ssize_t rest)
{
	struct file *file = huge_memfd(1);
	unsigned long addr = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	struct page *page;
	char bytes[8];

	put(mm, addr, 3);
	page = page_of(mm, addr + 4 * PAGE_SIZE);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page), 0), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_int_eq(pinpage_pread(file, bytes, 8, 0), rest < 0 ? -EIO : 8);
	ck_assert_int_eq(pinpage_pread(file, bytes, 8, 4 * PAGE_SIZE), -EIO);
	ck_assert_int_eq(pinpage_pread(file, bytes, 8, 4 * PAGE_SIZE - 4), rest);
	pinpage_munmap(addr, PMD_SIZE);
	addr = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	pinpage_munmap(addr, PMD_SIZE);
	pinpage_filp_close(file);
}

START_TEST(page_of_a_file_that_failed) { file_that_failed(-EIO); } END_TEST
START_TEST(page_of_a_file_that_failed_6_12) { file_that_failed(4); } END_TEST

START_TEST(soft_offline_moves_and_dissolves)
{
	unsigned long addr = hugepage();
	struct page *old = page_of(mm, addr);

	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(old) + 5, 0), 0);
	ck_assert_ptr_ne(page_of(mm, addr), old);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	ck_assert(PageHWPoison(old + 5));
	assert_pool(3, 2, 0);
}
END_TEST

START_TEST(soft_offline_of_a_pinned_page_ebusy)
{
	unsigned long addr = hugepage();
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_soft_offline_page(page_to_pfn(page), 0), -EBUSY);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	assert_pool(4, 3, 0);
	unpin(page);
}
END_TEST

START_TEST(child_inherits_the_failure)
{
	unsigned long addr = hugepage();
	struct mm_struct *child;

	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page_of(mm, addr)), 0), 0);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(get(child, addr), -EFAULT);
	pinpage_mmput(child);
}
END_TEST

/* mremap */

static long remap(unsigned long addr, unsigned long len, unsigned long new_len,
		  unsigned long to)
{
	return pinpage_mremap(addr, len, new_len,
			      MREMAP_MAYMOVE | (to ? MREMAP_FIXED : 0), to);
}

START_TEST(mremap_moves_page_and_promises)
{
	unsigned long addr = map(3 * HPAGE_PMD_NR, RW, HUGE), to = addr + 16 * PMD_SIZE;
	struct page *page;

	put(mm, addr, 1);
	page = page_of(mm, addr);
	assert_pool(4, 3, 2);
	ck_assert_int_eq(remap(addr, 2 * PMD_SIZE, 2 * PMD_SIZE, to), (long)to);
	ck_assert_ptr_eq(page_of(mm, to), page);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	assert_pool(4, 3, 2);
	put(mm, to + PMD_SIZE, 2);
	put(mm, addr + 2 * PMD_SIZE, 3);
	assert_pool(4, 1, 0);
	ck_assert_int_eq(pinpage_munmap(to, 2 * PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_munmap(addr + 2 * PMD_SIZE, PMD_SIZE), 0);
	assert_pool(4, 4, 0);
}
END_TEST

START_TEST(mremap_refuses_growth_and_parts)
{
	unsigned long addr = map(2 * HPAGE_PMD_NR, RW, HUGE), to = addr + 16 * PMD_SIZE;

	ck_assert_int_eq(remap(addr, 2 * PMD_SIZE, 3 * PMD_SIZE, 0), -EINVAL);
	ck_assert_int_eq(remap(addr + PAGE_SIZE, PMD_SIZE, PMD_SIZE, 0), -EINVAL);
	ck_assert_int_eq(remap(addr, PMD_SIZE, PMD_SIZE, to + PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(remap(addr, 2 * PMD_SIZE, 2 * PMD_SIZE - PAGE_SIZE, 0), (long)addr);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE), 0);
	ck_assert_int_eq(remap(addr, 2 * PMD_SIZE, PMD_SIZE, 0), (long)addr);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE), -EFAULT);
}
END_TEST

START_TEST(mremap_moves_nothing_before_5_16)
{
	unsigned long addr, to;

	reboot("5.10");
	ck_assert_int_eq(pinpage_hugetlb_set_pool(4), 4);
	addr = hugepage();
	to = addr + 16 * PMD_SIZE;
	ck_assert_int_eq(remap(addr, PMD_SIZE, PMD_SIZE, to), -EINVAL);
	ck_assert_int_eq(remap(addr, PMD_SIZE, 2 * PMD_SIZE, 0), -EINVAL);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(each_failed_allocation_of_a_remap)
{
	unsigned long addr = map(2 * HPAGE_PMD_NR, RW, HUGE), to, nth, step = 16 * PMD_SIZE;
	bool fired = true;
	long ret;

	put(mm, addr + PMD_SIZE, 2);
	for (nth = 1; fired; nth++) {
		to = addr + step;
		pp_inject_alloc(nth);
		ret = remap(addr + PMD_SIZE, PMD_SIZE, PMD_SIZE, to);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert(ret == -ENOMEM || ret == (long)to);
		ck_assert_int_eq(get(mm, ret > 0 ? to : addr + PMD_SIZE), 2);
		assert_pool(4, 3, 1);
		if (ret > 0)
			break;
	}
}
END_TEST

START_TEST(seal_waits_for_pins_of_huge_pages)
{
	struct file *file = huge_memfd(1);
	unsigned long addr = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	struct page *page;

	put(mm, addr, 1);
	page = pin(mm, addr);
	pinpage_munmap(addr, PMD_SIZE);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), -EBUSY);
	unpin(page);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), 0);
	pinpage_filp_close(file);
}
END_TEST

Suite *hugetlb_move_suite(void)
{
	Suite *suite = suite_create("hugetlb_move");

	on(suite, pool_is_of_all_nodes, pool_of_four);
	on(suite, private_page_moves_to_one_of_the_pool, pool_of_four);
	on(suite, moves_to_a_temporary_page, pool_of_four);
	on(suite, pinned_page_stays, pool_of_four);
	on(suite, referenced_page_stays, pool_of_four);
	on(suite, page_of_a_file_moves, pool_of_four);
	on(suite, part_is_refused_until_6_6, pool_of_four);
	on(suite, part_stands_for_the_page_from_6_7, late_pool);
	on(suite, child_shares_the_moved_page, pool_of_four);
	on(suite, each_failed_allocation_of_a_move, pool_of_four);
	on(suite, contiguous_range_moves_and_replaces, pool_of_four);
	on(suite, pinned_page_keeps_the_range, pool_of_four);
	on(suite, offline_dissolves_what_is_free, pool_of_four);
	on(suite, each_failed_allocation_of_a_range, pool_of_four);
	on(suite, each_failed_allocation_of_offlining, pool_of_four);
	on(suite, each_failed_allocation_of_soft_offline, pool_of_four);
	on(suite, private_page_that_failed, pool_of_four);
	on(suite, pinned_page_that_failed_is_not_given_out, pool_of_four);
	on(suite, free_page_that_failed_is_dissolved, pool_of_four);
	on(suite, promised_page_that_failed_ebusy, pool_of_four);
	on(suite, page_of_a_file_that_failed, pool_of_four);
	on(suite, page_of_a_file_that_failed_6_12, late_pool);
	on(suite, soft_offline_moves_and_dissolves, pool_of_four);
	on(suite, soft_offline_of_a_pinned_page_ebusy, pool_of_four);
	on(suite, child_inherits_the_failure, pool_of_four);
	on(suite, mremap_moves_page_and_promises, pool_of_four);
	on(suite, mremap_refuses_growth_and_parts, pool_of_four);
	on(suite, mremap_moves_nothing_before_5_16, pool_of_four);
	on(suite, each_failed_allocation_of_a_remap, pool_of_four);
	on(suite, seal_waits_for_pins_of_huge_pages, pool_of_four);
	return suite;
}
