// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Folios that move as a whole: a huge leaf becomes one entry and one leaf
 * again, whatever meets the entry meanwhile. Two nodes; pages come from node 0.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"
#include "mm/migrate.h"
#include "mm/swapops.h"

static void two_nodes(void)
{
	up_zones("6.1", 0, 0, 2);
}

static long move(unsigned long addr, int to)
{
	int status = 77;

	return pinpage_move_pages(mm, 1, &addr, &to, &status, PINPAGE_MPOL_MF_MOVE_ALL);
}

static pp_pte pmd_of(struct mm_struct *in, unsigned long addr)
{
	return pp_pte_get(pp_pmd_offset(in, addr));
}

static bool is_leaf(struct mm_struct *in, unsigned long addr)
{
	return pte_of(in, addr) & PINPAGE_PTE_HUGE;
}

/* moved: as good as new at @addr of @in, mapped by @maps leaves */
static void check_leaf(struct mm_struct *in, unsigned long addr, int maps)
{
	struct page *head = page_of(in, addr);

	ck_assert(PageHead(head) && is_leaf(in, addr));
	ck_assert_int_eq(head->node, 1);
	ck_assert_int_eq(page_ref_count(head), maps);
	ck_assert_int_eq(pp_page_mapcount(head), maps);
	ck_assert(PageLRU(head) && PageSwapBacked(head) && PageUptodate(head));
}

static void move_and_check(const char *rules)
{
	unsigned long addr;
	struct page *old;

	if (rules)
		reboot(rules);
	addr = huge();
	old = page_of(mm, addr);
	put(mm, addr + 7 * PAGE_SIZE, 8);
	ck_assert_int_eq(move(addr, 1), 0);
	check_leaf(mm, addr, 1);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert_int_eq(page_ref_count(old), 0);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PMD), 0);
}

START_TEST(leaf_moves_as_a_leaf) { move_and_check(NULL); } END_TEST
START_TEST(leaf_moves_as_a_leaf_5_10) { move_and_check("5.10"); } END_TEST

START_TEST(read_only_leaf_stays_exclusive)
{
	unsigned long addr = huge();

	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert_int_eq(move(addr, 1), 0);
	check_leaf(mm, addr, 1);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
}
END_TEST

START_TEST(shared_leaf_moves_for_both)
{
	unsigned long addr = huge();
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(move(addr, 1), 0);
	check_leaf(mm, addr, 2);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	ck_assert(!PageAnonExclusive(page_of(mm, addr)));
	put(mm, addr, 9);
	ck_assert_int_eq(get(child, addr), 1);
	pinpage_mmput(child);
}
END_TEST

/* one has split its mapping: there it comes back by PTEs, elsewhere as a leaf */
START_TEST(leaf_and_ptes_move_together)
{
	unsigned long addr = huge();
	struct mm_struct *child = pinpage_fork_mm(mm);
	struct page *head;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert(!is_leaf(mm, addr));
	ck_assert_int_eq(move(addr, 1), 0);
	head = page_of(mm, addr);
	ck_assert_int_eq(head->node, 1);
	ck_assert(!is_leaf(mm, addr) && is_leaf(child, addr));
	ck_assert_ptr_eq(page_of(child, addr), head);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + 1);
	pinpage_mmput(child);
}
END_TEST

static void stays(const char *rules, bool pinned)
{
	unsigned long addr;
	struct page *page;

	reboot(rules);
	addr = huge();
	page = page_of(mm, addr + 3 * PAGE_SIZE);
	if (pinned)
		pin(mm, addr + 3 * PAGE_SIZE);
	else
		pinpage_get_page(page);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr + 3 * PAGE_SIZE), page);
	ck_assert(is_leaf(mm, addr) && PageAnonExclusive(compound_head(page)));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(PageLRU(compound_head(page)));
	if (pinned)
		unpin(page);
	else
		pinpage_put_page(page);
	ck_assert_int_eq(move(addr, 1), 0);
	check_leaf(mm, addr, 1);
}

START_TEST(pinned_leaf_stays) { stays("6.1", true); } END_TEST
START_TEST(pinned_leaf_stays_5_10) { stays("5.10", true); } END_TEST
START_TEST(referenced_leaf_stays) { stays("6.1", false); } END_TEST

START_TEST(entry_is_one_and_counts_nothing)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);
	pp_pte pmd = pmd_of(mm, addr);

	ck_assert(pmd_is_migration(pmd) && !pte_leaf(pmd) && !pte_is_table(pmd));
	ck_assert_int_eq(pp_entry_type(pmd), PP_ENTRY_MIGRATION_WRITE);
	ck_assert_ptr_eq(pp_entry_page(pmd), head);
	ck_assert_int_eq(page_ref_count(head), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	close_migration(head, av);
	ck_assert(is_leaf(mm, addr) && PageAnonExclusive(head));
	ck_assert_int_eq(page_ref_count(head), 1);
}
END_TEST

START_TEST(munmap_takes_the_entry)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);

	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	close_migration(head, av);
	ck_assert_int_eq(page_ref_count(head), 0);
	expect_warnings(1);
}
END_TEST

START_TEST(dontneed_takes_the_entry)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_DONTNEED), 0);
	ck_assert(pte_none(pmd_of(mm, addr)));
	close_migration(head, av);
	ck_assert_int_eq(page_ref_count(head), 0);
	ck_assert_int_eq(get(mm, addr), 0);
	expect_warnings(1);
}
END_TEST

/* the entry is split, and what is left comes back by PTEs */
START_TEST(munmap_of_a_part_splits_the_entry)
{
	unsigned long addr = huge(), i;
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);
	struct page *sub;

	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert(pte_is_table(pmd_of(mm, addr)));
	close_migration(head, av);
	for (i = 1; i < HPAGE_PMD_NR; i++) {
		sub = page_of(mm, addr + i * PAGE_SIZE);
		ck_assert_ptr_eq(sub, head + i);
		ck_assert(PageAnonExclusive(sub));
	}
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert(pte_of(mm, addr + PAGE_SIZE) & PINPAGE_PTE_WRITE);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR - 1);
	expect_warnings(1);
}
END_TEST

START_TEST(mprotect_meets_the_entry)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);

	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pp_entry_type(pmd_of(mm, addr)),
			 PP_ENTRY_MIGRATION_READ_EXCLUSIVE);
	close_migration(head, av);
	ck_assert(is_leaf(mm, addr) && PageAnonExclusive(head));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	expect_warnings(1);
}
END_TEST

START_TEST(fork_copies_the_entry)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(pmd_is_migration(pmd_of(child, addr)));
	ck_assert_int_eq(pp_entry_type(pmd_of(mm, addr)), PP_ENTRY_MIGRATION_READ);
	close_migration(head, av);
	ck_assert(is_leaf(mm, addr) && is_leaf(child, addr));
	ck_assert(!PageAnonExclusive(head));
	ck_assert_int_eq(page_ref_count(head), 2);
	pinpage_mmput(child);
	expect_warnings(1);
}
END_TEST

START_TEST(mremap_moves_the_entry)
{
	unsigned long addr = huge(), to = addr + 8 * PMD_SIZE;
	struct page *head = page_of(mm, addr);
	struct anon_vma *av;

	ck_assert_int_eq(pinpage_clear_refs(mm, 4), 0);
	av = open_migration(head);
	ck_assert(!(pmd_of(mm, addr) & PTE_SOFT_DIRTY));
	ck_assert_int_eq(pinpage_mremap(addr, PMD_SIZE, PMD_SIZE,
					MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	ck_assert(pmd_is_migration(pmd_of(mm, to)));
	ck_assert(pmd_of(mm, to) & PTE_SOFT_DIRTY);
	close_migration(head, av);
	ck_assert(is_leaf(mm, to));
	ck_assert_ptr_eq(page_of(mm, to), head);
	ck_assert_int_eq(get(mm, to), 1);
	expect_warnings(1);
}
END_TEST

START_TEST(pagemap_and_clear_refs_see_the_entry)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);
	uint64_t entry;

	ck_assert_int_eq(pinpage_pagemap(mm, addr + 5 * PAGE_SIZE, &entry), 0);
	ck_assert(entry & PINPAGE_PM_SWAP && !(entry & PINPAGE_PM_PRESENT));
	ck_assert(entry & PINPAGE_PM_SOFT_DIRTY);
	ck_assert_uint_eq((entry & ((1UL << 55) - 1)) >> 5, page_to_pfn(head) + 5);
	ck_assert_int_eq(pinpage_clear_refs(mm, 4), 0);
	ck_assert(!(pmd_of(mm, addr) & PTE_SOFT_DIRTY));
	close_migration(head, av);
	ck_assert(is_leaf(mm, addr));
	expect_warnings(2);
}
END_TEST

START_TEST(advice_leaves_the_entry_alone)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_FREE), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_COLD), 0);
	ck_assert(pmd_is_migration(pmd_of(mm, addr)));
	close_migration(head, av);
	ck_assert(is_leaf(mm, addr));
	expect_warnings(2);
}
END_TEST

static int toucher(void *arg)
{
	unsigned long addr = *(unsigned long *)arg;

	return get(mm, addr + 2 * PAGE_SIZE);
}

static void fault_waits(void)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);
	struct task_struct *task;

	task = pinpage_kthread_run(toucher, &addr, "toucher");
	pinpage_msleep(1);
	ck_assert(pmd_is_migration(pmd_of(mm, addr)));
	close_migration(head, av);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert(is_leaf(mm, addr));
}

START_TEST(fault_waits_for_the_entry) { fault_waits(); } END_TEST
START_TEST(fault_waits_for_the_entry_fiber) { fault_waits(); } END_TEST

START_TEST(fault_that_must_not_wait_does_not)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);
	struct anon_vma *av = open_migration(head);

	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pp_handle_mm_fault(pp_find_vma(mm, addr), addr,
					    FAULT_FLAG_NOWAIT), -EAGAIN);
	pinpage_mmap_read_unlock(mm);
	close_migration(head, av);
	expect_warnings(1);
}
END_TEST

START_TEST(no_room_moves_the_pages)
{
	unsigned long addr = huge(), i;

	put(mm, addr + 7 * PAGE_SIZE, 8);
	pp_inject_alloc(1);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert(!is_leaf(mm, addr));
	for (i = 0; i < HPAGE_PMD_NR; i++)
		ck_assert_int_eq(page_of(mm, addr + i * PAGE_SIZE)->node, 1);
	ck_assert(!PageHead(page_of(mm, addr)));
	ck_assert(PageAnonExclusive(page_of(mm, addr + PAGE_SIZE)));
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
}
END_TEST

START_TEST(no_room_and_pinned_enomem)
{
	unsigned long addr = huge();
	struct page *page = pin(mm, addr);

	pp_inject_alloc(1);
	ck_assert_int_eq(move(addr, 1), -ENOMEM);
	ck_assert(PageHead(page) && PageLRU(page));
	unpin(page);
	pp_inject_alloc(0);
	ck_assert_int_eq(move(addr, 1), 0);
}
END_TEST

START_TEST(every_failed_allocation_leaves_the_pages)
{
	unsigned long addr, nth;
	bool fired = true;

	for (nth = 1; fired && nth < 8; nth++) {
		addr = huge();
		pp_inject_alloc(nth);
		(void)move(addr, 1);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_int_eq(get(mm, addr), 1);
		ck_assert(PageLRU(page_of(mm, addr)));
		ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	}
	ck_assert(!fired);
}
END_TEST

/* files in memory */

/* 2 MiB of a memfd in one folio, mapped by a leaf, written */
static unsigned long huge_file(struct file **file)
{
	unsigned long addr;

	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	*file = pinpage_memfd_create("f", 0);
	ck_assert(!IS_ERR(*file));
	ck_assert_int_eq(pinpage_ftruncate(*file, (pinpage_loff_t)PMD_SIZE), 0);
	addr = map_file(*file, HPAGE_PMD_NR, RW, MAP_SHARED);
	put(mm, addr, 1);
	put(mm, addr + 7 * PAGE_SIZE, 8);
	ck_assert(is_leaf(mm, addr));
	return addr;
}

START_TEST(folio_of_a_file_moves_whole)
{
	struct file *file;
	unsigned long addr = huge_file(&file);
	struct page *old = page_of(mm, addr), *new;
	char byte;

	ck_assert_int_eq(move(addr, 1), 0);
	new = page_of(mm, addr);
	ck_assert_ptr_ne(new, old);
	ck_assert_int_eq(new->node, 1);
	ck_assert(is_leaf(mm, addr) && PageLRU(new) && PageDirty(new));
	ck_assert_int_eq(page_ref_count(new), HPAGE_PMD_NR + 1);
	ck_assert_int_eq(page_ref_count(old), 0);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	put(mm, addr + 8 * PAGE_SIZE, 9);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 8 * PAGE_SIZE), 1);
	ck_assert_int_eq(byte, 9);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(held_folio_of_a_file_stays)
{
	struct file *file;
	unsigned long addr = huge_file(&file);
	struct page *page = page_of(mm, addr + 3 * PAGE_SIZE);

	pinpage_get_page(page);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr + 3 * PAGE_SIZE), page);
	ck_assert(is_leaf(mm, addr));
	pinpage_put_page(page);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(file_without_room_moves_its_pages)
{
	struct file *file;
	unsigned long addr = huge_file(&file), i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)i);
	pp_inject_alloc(1);
	ck_assert_int_eq(move(addr, 1), 0);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (unsigned char)i);
		ck_assert_int_eq(page_of(mm, addr + i * PAGE_SIZE)->node, 1);
	}
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	pinpage_filp_close(file);
}
END_TEST

/* a leaf of a file that goes in part is no entry any more: faults find it */
START_TEST(part_of_a_file_s_entry_goes)
{
	struct file *file;
	unsigned long addr = huge_file(&file);
	struct page *head = page_of(mm, addr);

	pp_ref(head);
	pp_lock_page(head);
	ck_assert(pp_try_to_migrate(head, NULL));
	ck_assert(pmd_is_migration(pmd_of(mm, addr)));
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pp_remove_migration_entries(head, head, NULL);
	pp_unlock_page(head);
	pp_unref(head);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PMD_SIZE - PAGE_SIZE), 0);
	pinpage_filp_close(file);
	expect_warnings(1);
}
END_TEST

/* @nth allocation fails while the frames of a folio are wanted; did it? */
static bool range_without_memory(unsigned long nth)
{
	unsigned long addr = huge(), pfn = page_to_pfn(page_of(mm, addr));
	bool fired;
	int err;

	pp_inject_alloc(nth);
	err = pinpage_alloc_contig_range(pfn, pfn + 8);
	fired = pp_inject_alloc_fired();
	pp_inject_alloc(0);
	if (!err)
		pinpage_free_contig_range(pfn, 8);
	ck_assert(!err || fired);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	return fired;
}

START_TEST(every_failed_allocation_leaves_the_range)
{
	unsigned long nth = 1;

	while (range_without_memory(nth))
		ck_assert_uint_lt(++nth, 8);
}
END_TEST

START_TEST(huge_zero_page_does_not_move)
{
	unsigned long addr = huge_area();
	int to = 1, status = 77;

	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert(is_leaf(mm, addr));
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, &to, &status,
					    PINPAGE_MPOL_MF_MOVE), 0);
	ck_assert_int_eq(status, -EFAULT);
}
END_TEST

Suite *migrate_huge_suite(void)
{
	Suite *suite = suite_create("migrate_huge");

	on(suite, leaf_moves_as_a_leaf, two_nodes);
	on(suite, leaf_moves_as_a_leaf_5_10, two_nodes);
	on(suite, read_only_leaf_stays_exclusive, two_nodes);
	on(suite, shared_leaf_moves_for_both, two_nodes);
	on(suite, leaf_and_ptes_move_together, two_nodes);
	on(suite, pinned_leaf_stays, two_nodes);
	on(suite, pinned_leaf_stays_5_10, two_nodes);
	on(suite, referenced_leaf_stays, two_nodes);
	on(suite, entry_is_one_and_counts_nothing, two_nodes);
	on(suite, munmap_takes_the_entry, two_nodes);
	on(suite, dontneed_takes_the_entry, two_nodes);
	on(suite, munmap_of_a_part_splits_the_entry, two_nodes);
	on(suite, mprotect_meets_the_entry, two_nodes);
	on(suite, fork_copies_the_entry, two_nodes);
	on(suite, mremap_moves_the_entry, two_nodes);
	on(suite, pagemap_and_clear_refs_see_the_entry, two_nodes);
	on(suite, advice_leaves_the_entry_alone, two_nodes);
	on(suite, fault_waits_for_the_entry, two_nodes);
	on(suite, fault_waits_for_the_entry_fiber, up_fiber);
	on(suite, fault_that_must_not_wait_does_not, two_nodes);
	on(suite, no_room_moves_the_pages, two_nodes);
	on(suite, no_room_and_pinned_enomem, two_nodes);
	on(suite, every_failed_allocation_leaves_the_pages, two_nodes);
	on(suite, folio_of_a_file_moves_whole, two_nodes);
	on(suite, held_folio_of_a_file_stays, two_nodes);
	on(suite, file_without_room_moves_its_pages, two_nodes);
	on(suite, part_of_a_file_s_entry_goes, two_nodes);
	on(suite, every_failed_allocation_leaves_the_range, two_nodes);
	on(suite, huge_zero_page_does_not_move, two_nodes);
	return suite;
}
