// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Moving pages: what moves, what it keeps, what stays, and the faults that
 * meet it on its way. Two nodes; pages come from node 0.
 */
#include "machine.h"
#include "suites.h"

#include "mm/migrate.h"
#include "mm/swap.h"

static void two_nodes(void)
{
	up_zones("6.1", 0, 0, 2);
}

/* 0: it moved to node @to; 1: it stayed */
static long move(unsigned long addr, int to)
{
	int status = 77;
	long left = pinpage_move_pages(mm, 1, &addr, &to, &status,
				       PINPAGE_MPOL_MF_MOVE_ALL);

	if (!left)
		ck_assert_int_eq(status, to);
	else
		ck_assert_int_eq(status, 77);
	return left;
}

START_TEST(anon_page_keeps_bytes_and_rights)
{
	unsigned long addr = anon(1);
	struct page *old = page_of(mm, addr), *new;
	unsigned int generation = old->generation;

	ck_assert_int_eq(move(addr, 1), 0);
	new = page_of(mm, addr);
	ck_assert_ptr_ne(new, old);
	ck_assert_int_eq(new->node, 1);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_uint_eq(pte_of(mm, addr), PINPAGE_PTE_PRESENT | PINPAGE_PTE_WRITE |
			  PINPAGE_PTE_DIRTY | PINPAGE_PTE_YOUNG);
	ck_assert(PageAnonExclusive(new) && PageLRU(new) && PageSwapBacked(new));
	ck_assert_int_eq(page_ref_count(new), 1);
	ck_assert_int_eq(pp_page_mapcount(new), 1);
	ck_assert_uint_eq(old->generation, generation + 1);
	ck_assert_int_eq(page_ref_count(old), 0);
}
END_TEST

/* flags of the entry of a page that was dirty, and tracked, before it moved */
static pp_pte marks_after_a_move(const char *rules)
{
	struct pp_table *table;
	unsigned long addr;
	pp_pte pte;

	reboot(rules);
	addr = anon(1);
	ck_assert_int_eq(pinpage_clear_refs(mm, 4), 0);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert(PageDirty(page_of(mm, addr)));
	pte = *pp_pte_lock(mm, addr, &table);
	pinpage_spin_unlock(&table->lock);
	return pte & (PTE_DIRTY | PTE_ACCESSED | PTE_SOFT_DIRTY);
}

START_TEST(marks_of_use_by_release)
{
	ck_assert_uint_eq(marks_after_a_move("5.19"), 0);
	ck_assert_uint_eq(marks_after_a_move("6.1"),
			  PTE_DIRTY | PTE_ACCESSED | PTE_SOFT_DIRTY);
	ck_assert_uint_eq(marks_after_a_move("6.12"), PTE_DIRTY | PTE_ACCESSED);
}
END_TEST

START_TEST(read_only_page_stays_exclusive)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(shared_by_fork_moves_for_both)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_ptr_eq(page_of(child, addr), page_of(mm, addr));
	ck_assert_int_eq(page_ref_count(page_of(mm, addr)), 2);
	ck_assert(!PageAnonExclusive(page_of(mm, addr)));
	put(mm, addr, 9);
	ck_assert_int_eq(get(child, addr), 1);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pinned_page_stays_and_works)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageAnonExclusive(page) && PageLRU(page));
	put(mm, addr, 5);
	ck_assert_int_eq(*(unsigned char *)page_address(page), 5);
	unpin(page);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(get(mm, addr), 5);
}
END_TEST

START_TEST(referenced_page_stays)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	pinpage_get_page(page);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageLRU(page));
	pinpage_put_page(page);
	ck_assert_int_eq(move(addr, 1), 0);
}
END_TEST

START_TEST(pinned_before_5_19_is_seen_in_the_count)
{
	unsigned long addr;
	struct page *page;

	reboot("5.10");
	addr = anon(1);
	page = pin(mm, addr);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
	ck_assert_int_eq(move(addr, 1), 0);
}
END_TEST

static void file_page_moves(struct file *file)
{
	unsigned long addr = map_file(file, 2, RW, MAP_SHARED);
	struct address_space *mapping = file->f_mapping;
	struct page *page;
	char byte;

	put(mm, addr, 42);
	page = page_of(mm, addr);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_ptr_eq(pp_xa_load(&mapping->i_pages, 0), page_of(mm, addr));
	ck_assert_ptr_ne(page_of(mm, addr), page);
	page = page_of(mm, addr);
	ck_assert(PageDirty(page) && PageUptodate(page) && PageLRU(page));
	ck_assert_int_eq(page_ref_count(page), 2 + PagePrivate(page));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_DIRTY);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 42);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page) || mapping->a_ops->ram_only);
}

START_TEST(cached_page_moves) { file_page_moves(ram_file(2)); } END_TEST
START_TEST(page_with_buffers_moves)
{
	struct file *file = blk_file(2);
	char byte;

	file_page_moves(file);
	ck_assert_int_eq(pinpage_munmap(PP_MMAP_MIN, TASK_SIZE - PP_MMAP_MIN), 0);
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 42);
}
END_TEST

START_TEST(pinned_file_page_stays)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;

	put(mm, addr, 42);
	page = pin(mm, addr);
	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_ptr_eq(page_file_mapping(page), file->f_mapping);
	ck_assert(PagePrivate(page));
	unpin(page);
	ck_assert_int_eq(move(addr, 1), 0);
}
END_TEST

START_TEST(orphan_stays)
{
	struct file *file = ram_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;
	LIST_HEAD(list);
	struct pp_migration m = { .target = pp_migration_target, .nid = 1 };

	put(mm, addr, 42);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert(pp_migrate_isolate(page, &list));
	ck_assert_int_eq(pp_migrate_pages(&list, &m), 1);
	pp_migrate_putback(&list);
	unpin(page);
}
END_TEST

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

START_TEST(page_with_a_slot_moves_without_it)
{
	struct pinpage_swap_options options = { .pages = 64 };
	int type = pinpage_swapon(&options);
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	ck_assert_int_ge(type, 0);
	pinpage_get_page(page);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(PageSwapCache(page));
	ck_assert_int_eq(move(addr, 1), 1);
	pinpage_put_page(page);
	ck_assert_int_eq(move(addr, 1), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert_int_eq(pinpage_swapoff(type), 0);
}
END_TEST

START_TEST(munmap_takes_the_entry)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	struct anon_vma *av = open_migration(page);

	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	close_migration(page, av);
	ck_assert_int_eq(page_ref_count(page), 0);
	expect_warnings(1);
}
END_TEST

START_TEST(mprotect_and_fork_meet_the_entry)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	struct anon_vma *av = open_migration(page);
	struct mm_struct *child;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	child = pinpage_fork_mm(mm);
	close_migration(page, av);
	ck_assert_ptr_eq(page_of(child, addr), page);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert(!PageAnonExclusive(page));
	ck_assert_int_eq(page_ref_count(page), 2);
	pinpage_mmput(child);
	expect_warnings(2);
}
END_TEST

static int toucher(void *arg)
{
	unsigned long addr = *(unsigned long *)arg;

	return get(mm, addr);
}

START_TEST(fault_waits_for_the_entry)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	struct anon_vma *av = open_migration(page);
	struct task_struct *task = pinpage_kthread_run(toucher, &addr, "toucher");

	pinpage_msleep(1);
	ck_assert_ptr_null(page_of(mm, addr));
	close_migration(page, av);
	ck_assert_int_eq(pinpage_kthread_join(task), 1);
}
END_TEST

START_TEST(fault_that_must_not_wait_does_not)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);
	struct anon_vma *av = open_migration(page);

	pinpage_mmap_read_lock(mm);
	ck_assert_int_eq(pp_handle_mm_fault(pp_find_vma(mm, addr), addr,
					    FAULT_FLAG_NOWAIT), -EAGAIN);
	pinpage_mmap_read_unlock(mm);
	close_migration(page, av);
	expect_warnings(1);
}
END_TEST

START_TEST(folio_moves_as_a_whole)
{
	unsigned long addr = huge();
	struct page *old = page_of(mm, addr), *new;

	put(mm, addr + 7 * PAGE_SIZE, 8);
	ck_assert_int_eq(move(addr, 1), 0);
	new = page_of(mm, addr);
	ck_assert_ptr_ne(new, old);
	ck_assert(PageHead(new));
	ck_assert_int_eq(page_ref_count(new), 1);
	ck_assert_int_eq(get(mm, addr + 7 * PAGE_SIZE), 8);
	ck_assert_ptr_eq(page_of(mm, addr + 7 * PAGE_SIZE), new + 7);
}
END_TEST

START_TEST(pinned_folio_stays_huge)
{
	unsigned long addr = huge();
	struct page *page = pin(mm, addr + 3 * PAGE_SIZE);

	ck_assert_int_eq(move(addr, 1), 1);
	ck_assert_ptr_eq(page_of(mm, addr + 3 * PAGE_SIZE), page);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	unpin(page);
}
END_TEST

START_TEST(no_frame_enomem)
{
	unsigned long addr = anon(1);
	int node = 1, status = 77;

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, &addr, &node, &status,
					    PINPAGE_MPOL_MF_MOVE), -ENOMEM);
	ck_assert_int_eq(status, 77);
	ck_assert(PageLRU(page_of(mm, addr)));
	ck_assert_int_eq(move(addr, 1), 0);
}
END_TEST

START_TEST(one_event_tells_of_a_move)
{
	unsigned long addr = anon(1);
	struct page *old = page_of(mm, addr);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_MIGRATE);
	ck_assert_int_eq(move(addr, 1), 0);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_ptr_eq(ear.last.page, old);
	ck_assert_int_eq(ear.last.arg, (long)page_to_pfn(page_of(mm, addr)));
}
END_TEST

Suite *migrate_suite(void)
{
	Suite *suite = suite_create("migrate");

	on(suite, anon_page_keeps_bytes_and_rights, two_nodes);
	on(suite, marks_of_use_by_release, two_nodes);
	on(suite, read_only_page_stays_exclusive, two_nodes);
	on(suite, shared_by_fork_moves_for_both, two_nodes);
	on(suite, pinned_page_stays_and_works, two_nodes);
	on(suite, referenced_page_stays, two_nodes);
	on(suite, pinned_before_5_19_is_seen_in_the_count, two_nodes);
	on(suite, cached_page_moves, two_nodes);
	on(suite, page_with_buffers_moves, two_nodes);
	on(suite, pinned_file_page_stays, two_nodes);
	on(suite, orphan_stays, two_nodes);
	on(suite, page_with_a_slot_moves_without_it, two_nodes);
	on(suite, munmap_takes_the_entry, two_nodes);
	on(suite, mprotect_and_fork_meet_the_entry, two_nodes);
	on(suite, fault_waits_for_the_entry, two_nodes);
	on(suite, fault_that_must_not_wait_does_not, two_nodes);
	on(suite, folio_moves_as_a_whole, two_nodes);
	on(suite, pinned_folio_stays_huge, two_nodes);
	on(suite, no_frame_enomem, two_nodes);
	on(suite, one_event_tells_of_a_move, two_nodes);
	return suite;
}
