// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Huge pages of files in memory: mapped by leaves, by PTEs, cut, swapped.
 */
#include <fcntl.h>

#include "mm/huge.h"
#include "mm/swap.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static struct file *memfd;

/* @huge times 2 MiB of a new memfd that wants huge pages, mapped, untouched */
static unsigned long area(unsigned long huge)
{
	unsigned long addr;

	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	memfd = pinpage_memfd_create("f", 0);
	ck_assert(!IS_ERR(memfd));
	ck_assert_int_eq(pinpage_ftruncate(memfd, (loff_pp)(huge * PMD_SIZE)), 0);
	addr = map_file(memfd, huge * HPAGE_PMD_NR, RW, MAP_SHARED);
	ck_assert_uint_eq(addr & ~PMD_MASK, 0);
	return addr;
}

static unsigned char byte_of(unsigned long i)
{
	return (unsigned char)(i * 7 + 1);
}

/* one, each page written */
static unsigned long full(void)
{
	unsigned long addr = area(1), i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, byte_of(i));
	return addr;
}

static void check_bytes(unsigned long addr, unsigned long from, unsigned long to)
{
	for (; from < to; from++)
		ck_assert_int_eq(get(mm, addr + from * PAGE_SIZE), byte_of(from));
}

static bool is_leaf(unsigned long addr)
{
	return pte_of(mm, addr) & PINPAGE_PTE_HUGE;
}

static int file_byte(unsigned long index)
{
	unsigned char byte;
	ssize_t n = pinpage_pread(memfd, &byte, 1, (loff_pp)(index * PAGE_SIZE));

	return n == 1 ? byte : -1;
}

static void close_memfd(void)
{
	ck_assert_int_eq(pinpage_filp_close(memfd), 0);
}

START_TEST(first_touch_maps_a_leaf)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	ck_assert(is_leaf(addr));
	ck_assert_ptr_eq(page_of(mm, addr + 7 * PAGE_SIZE), head + 7);
	ck_assert_uint_eq(folio_order((struct folio *)head), HPAGE_PMD_ORDER);
	/* the cache's, one a page, and the leaf's */
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + 1);
	ck_assert_int_eq(pp_page_mapcount(head + 3), 1);
	ck_assert_int_eq(pp_folio_mapcount(head), 1);
	ck_assert(PageUptodate(head) && PageDirty(head) && PageLRU(head));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_THPS), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_PMDMAPPED), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_MAPPED), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_FILE_ALLOC), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_FILE_MAPPED), 1);
	ck_assert_int_eq(file_byte(300), byte_of(300));
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_PMDMAPPED), 0);
	close_memfd();
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_THPS), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
}
END_TEST

START_TEST(part_unmapped_rest_refaults)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_munmap(addr + PMD_SIZE / 2, PMD_SIZE / 2), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(pp_folio_mapcount(head), 0);
	check_bytes(addr, 0, HPAGE_PMD_NR / 2);
	ck_assert(!is_leaf(addr));
	ck_assert_ptr_eq(page_of(mm, addr + PAGE_SIZE), head + 1);
	ck_assert_int_eq(pp_folio_mapcount(head), HPAGE_PMD_NR / 2);
	close_memfd();
}
END_TEST

START_TEST(leaf_comes_back_after_dontneed)
{
	unsigned long addr = full();

	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), byte_of(0));
	ck_assert(is_leaf(addr));
	check_bytes(addr, 0, HPAGE_PMD_NR);
	close_memfd();
}
END_TEST

/* what the CPU wrote through the leaf is known nowhere else */
START_TEST(dirty_bit_of_leaf_goes_to_folio)
{
	unsigned long addr = area(1);
	struct page *head;

	ck_assert_int_eq(get(mm, addr), 0);
	head = page_of(mm, addr);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(!PageDirty(head));
	put(mm, addr + 5 * PAGE_SIZE, 5);
	ck_assert(!PageDirty(head));
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert(PageDirty(head));
	close_memfd();
}
END_TEST

START_TEST(mprotect_whole_and_part)
{
	unsigned long addr = full();

	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert(is_leaf(addr) && !(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, RW), 0);
	ck_assert(is_leaf(addr) && pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_NONE), 0);
	ck_assert_ptr_null(page_of(mm, addr + PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	check_bytes(addr, 1, HPAGE_PMD_NR);
	ck_assert(!is_leaf(addr + PAGE_SIZE));
	close_memfd();
}
END_TEST

START_TEST(mremap_takes_leaf_or_lets_it_go)
{
	unsigned long addr = full(), to = map(3 * HPAGE_PMD_NR, PROT_NONE, PRIV);
	struct page *head = page_of(mm, addr);
	int fixed = MREMAP_MAYMOVE | MREMAP_FIXED;

	ck_assert_int_eq(pinpage_mremap(addr, PMD_SIZE, PMD_SIZE, fixed, to), (long)to);
	ck_assert(is_leaf(to));
	ck_assert_ptr_eq(page_of(mm, to), head);
	addr = to + PMD_SIZE + PAGE_SIZE;
	ck_assert_int_eq(pinpage_mremap(to, PMD_SIZE, PMD_SIZE, fixed, addr), (long)addr);
	ck_assert_int_eq(pp_folio_mapcount(head), 0);
	check_bytes(addr, 0, HPAGE_PMD_NR);
	ck_assert_ptr_eq(page_of(mm, addr), head);
	close_memfd();
}
END_TEST

START_TEST(fork_leaves_leaves_to_faults)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_ptr_null(page_of(child, addr));
	ck_assert_int_eq(pp_folio_mapcount(head), 1);
	put(child, addr + PAGE_SIZE, 99);
	ck_assert(pte_of(child, addr) & PINPAGE_PTE_HUGE);
	ck_assert_int_eq(pp_folio_mapcount(head), 2);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 99);
	pinpage_mmput(child);
	ck_assert_int_eq(pp_folio_mapcount(head), 1);
	close_memfd();
}
END_TEST

START_TEST(private_write_copies_one_page)
{
	unsigned long addr = full(), mine;
	struct page *head = page_of(mm, addr);
	struct mm_struct *child;

	mine = map_file(memfd, HPAGE_PMD_NR, RW, MAP_PRIVATE);
	ck_assert_int_eq(get(mm, mine), byte_of(0));
	ck_assert(is_leaf(mine) && !(pte_of(mm, mine) & PINPAGE_PTE_WRITE));
	put(mm, mine + PAGE_SIZE, 99);
	ck_assert(!is_leaf(mine));
	ck_assert(PageAnon(page_of(mm, mine + PAGE_SIZE)));
	ck_assert_ptr_null(page_of(mm, mine));
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), byte_of(1));
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(get(child, mine + PAGE_SIZE), 99);
	ck_assert_int_eq(get(child, mine + 2 * PAGE_SIZE), byte_of(2));
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_munmap(mine, PMD_SIZE), 0);
	ck_assert_int_eq(pp_folio_mapcount(head), 1);
	close_memfd();
}
END_TEST

START_TEST(truncation_splits)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_ftruncate(memfd, 100 * PAGE_SIZE + 1), 0);
	ck_assert(!PageHead(head));
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), 101);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_THPS), 0);
	check_bytes(addr, 0, 101);
	ck_assert_int_eq(get(mm, addr + 101 * PAGE_SIZE), -EFAULT);
	ck_assert(!is_leaf(addr));
	close_memfd();
}
END_TEST

START_TEST(truncation_leaves_pinned_folio_whole)
{
	unsigned long addr = full();
	struct page *page = pin(mm, addr + 300 * PAGE_SIZE), *head = compound_head(page);
	unsigned char *byte = page_address(page);

	ck_assert_int_eq(pinpage_ftruncate(memfd, PMD_SIZE / 2), 0);
	ck_assert(PageHead(head));
	ck_assert_ptr_eq(page_file_mapping(head), memfd->f_mapping);
	ck_assert_int_eq(*byte, 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE_FAILED), 1);
	*byte = 77;
	ck_assert_int_eq(pinpage_ftruncate(memfd, PMD_SIZE), 0);
	ck_assert_int_eq(file_byte(300), 77);
	check_bytes(addr, 0, HPAGE_PMD_NR / 2);
	/* all of it goes, pinned or not */
	ck_assert_int_eq(pinpage_ftruncate(memfd, 0), 0);
	ck_assert_ptr_null(page_file_mapping(head));
	ck_assert_int_eq(*byte, 77);
	unpin(page);
	close_memfd();
}
END_TEST

START_TEST(hole_in_a_folio)
{
	unsigned long addr = full();
	struct page *page = pin(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_fallocate(memfd, PUNCH, 5 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	ck_assert(PageHead(compound_head(page)));
	ck_assert_int_eq(get(mm, addr + 5 * PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr + 6 * PAGE_SIZE), 0);
	check_bytes(addr, 7, HPAGE_PMD_NR);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), HPAGE_PMD_NR);
	unpin(page);
	ck_assert_int_eq(pinpage_fallocate(memfd, PUNCH, 5 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), HPAGE_PMD_NR - 2);
	check_bytes(addr, 7, HPAGE_PMD_NR);
	ck_assert_int_eq(get(mm, addr + 5 * PAGE_SIZE), 0);
	close_memfd();
}
END_TEST

static int swap_on(unsigned long pages)
{
	struct pinpage_swap_options options = { .pages = pages };
	int type = pinpage_swapon(&options);

	ck_assert_int_ge(type, 0);
	return type;
}

START_TEST(swapped_in_pieces)
{
	unsigned long addr = full();
	int type = swap_on(1024);

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_PAGEOUT), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), HPAGE_PMD_NR);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), 0);
	check_bytes(addr, 0, HPAGE_PMD_NR);
	ck_assert(!is_leaf(addr));
	close_memfd();
}
END_TEST

START_TEST(pinned_is_not_swapped)
{
	unsigned long addr = full();
	struct page *page;
	int type = swap_on(1024);

	page = pin(mm, addr + 5 * PAGE_SIZE);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_PAGEOUT), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	ck_assert(PageHead(compound_head(page)));
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	check_bytes(addr, 0, HPAGE_PMD_NR);
	ck_assert_ptr_eq(page_of(mm, addr + 5 * PAGE_SIZE), page);
	unpin(page);
	ck_assert_int_eq(pinpage_reclaim_page(page), HPAGE_PMD_NR);
	check_bytes(addr, 0, HPAGE_PMD_NR);
	close_memfd();
}
END_TEST

START_TEST(split_refuses_references)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	pp_ref(head);
	pp_lock_page(head);
	pp_ref(head);
	ck_assert_int_eq(pp_split_folio(head, NULL), -EAGAIN);
	pp_unref(head);
	ck_assert_int_eq(pp_split_folio(head, NULL), 0);
	ck_assert(!PageHead(head));
	ck_assert_ptr_eq(page_file_mapping(head + 9), memfd->f_mapping);
	pp_unlock_page(head);
	pp_unref(head);
	check_bytes(addr, 0, HPAGE_PMD_NR);
	close_memfd();
}
END_TEST

START_TEST(mkclean_of_leaf)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	pp_lock_page(head);
	ck_assert_int_eq(pinpage_page_mkclean(head), 1);
	pp_unlock_page(head);
	ck_assert(is_leaf(addr));
	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_WRITE | PINPAGE_PTE_DIRTY)));
	put(mm, addr, 9);
	ck_assert(is_leaf(addr) && pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	close_memfd();
}
END_TEST

START_TEST(mlock_marks_the_folio)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_mlock(addr, PMD_SIZE), 0);
	ck_assert(PageUnevictable(head));
	ck_assert_int_eq(pinpage_munlock(addr, PMD_SIZE), 0);
	ck_assert(!PageUnevictable(head));
	ck_assert_int_eq(pinpage_mlock(addr, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert(!PageUnevictable(head));
	close_memfd();
}
END_TEST

/* where no leaf fits each page has an entry; from 6.11 one fault enters them all */
START_TEST(pte_fault_maps_page_or_folio)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	pp_split_pmd(pp_find_vma(mm, addr), addr);
	ck_assert_int_eq(pp_pte_alloc(mm, addr), 0);
	put(mm, addr + 9 * PAGE_SIZE, byte_of(9));
	ck_assert_int_eq(pp_folio_mapcount(head),
			 pp_rules->fault_maps_folio ? HPAGE_PMD_NR : 1);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + pp_folio_mapcount(head));
	check_bytes(addr, 0, HPAGE_PMD_NR);
	close_memfd();
}
END_TEST

START_TEST(read_fault_maps_around_in_a_folio)
{
	unsigned long addr = full();
	struct page *head = page_of(mm, addr);

	pp_split_pmd(pp_find_vma(mm, addr), addr);
	ck_assert_int_eq(pp_pte_alloc(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + 9 * PAGE_SIZE), byte_of(9));
	ck_assert_int_eq(pp_folio_mapcount(head), 16);
	ck_assert_ptr_eq(page_of(mm, addr + 15 * PAGE_SIZE), head + 15);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + 16);
	ck_assert(!PageLocked(head));
	check_bytes(addr, 0, HPAGE_PMD_NR);
	ck_assert_int_eq(page_ref_count(head), 2 * HPAGE_PMD_NR);
	close_memfd();
}
END_TEST

static void up_6_12(void)
{
	boot("6.12", PINPAGE_ENGINE_NATIVE, 4096);
}

/* each allocation of a first touch fails in turn: small pages, or once more */
START_TEST(no_memory_for_folio_or_table)
{
	unsigned char byte = 5;
	bool fired = true;
	unsigned long nth;

	for (nth = 1; fired; nth++) {
		unsigned long addr = area(1);
		int err;

		ck_assert_uint_lt(nth, 200);
		pp_inject_alloc(nth);
		err = pinpage_store(mm, addr + 5 * PAGE_SIZE, &byte, 1);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert(!err || (fired && err == -ENOMEM));
		put(mm, addr + 6 * PAGE_SIZE, 6);
		ck_assert_int_eq(file_byte(6), 6);
		ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
		close_memfd();
	}
	ck_assert_uint_gt(nth, 3);
}
END_TEST

static struct mm_struct *other;
static unsigned long shared_addr;

static int toucher(void *arg)
{
	unsigned long i;

	pinpage_use_mm(other);
	for (i = (unsigned long)(uintptr_t)arg; i < HPAGE_PMD_NR; i += 64)
		put(other, shared_addr + i * PAGE_SIZE, byte_of(i));
	pinpage_use_mm(NULL);
	return 0;
}

START_TEST(faults_at_the_same_time)
{
	struct task_struct *task[4];
	unsigned long i;

	shared_addr = area(1);
	other = mm;
	for (i = 0; i < 4; i++)
		task[i] = pinpage_kthread_run(toucher, (void *)(uintptr_t)i, "toucher");
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pinpage_kthread_stop(task[i]), 0);
	for (i = 0; i < HPAGE_PMD_NR; i += 64)
		ck_assert_int_eq(get(mm, shared_addr + i * PAGE_SIZE), byte_of(i));
	ck_assert_int_eq(pp_folio_mapcount(page_of(mm, shared_addr)), 1);
	close_memfd();
}
END_TEST

Suite *huge_file_suite(void)
{
	Suite *suite = suite_create("huge_file");

	on(suite, first_touch_maps_a_leaf, up);
	on(suite, part_unmapped_rest_refaults, up);
	on(suite, leaf_comes_back_after_dontneed, up);
	on(suite, dirty_bit_of_leaf_goes_to_folio, up);
	on(suite, mprotect_whole_and_part, up);
	on(suite, mremap_takes_leaf_or_lets_it_go, up);
	on(suite, fork_leaves_leaves_to_faults, up);
	on(suite, private_write_copies_one_page, up);
	on(suite, private_write_copies_one_page, up_fiber);
	on(suite, truncation_splits, up);
	on(suite, truncation_leaves_pinned_folio_whole, up);
	on(suite, hole_in_a_folio, up);
	on(suite, swapped_in_pieces, up);
	on(suite, pinned_is_not_swapped, up);
	on(suite, split_refuses_references, up);
	on(suite, mkclean_of_leaf, up);
	on(suite, mlock_marks_the_folio, up);
	on(suite, pte_fault_maps_page_or_folio, up);
	on(suite, pte_fault_maps_page_or_folio, up_6_12);
	on(suite, read_fault_maps_around_in_a_folio, up);
	on(suite, no_memory_for_folio_or_table, up);
	on(suite, faults_at_the_same_time, up);
	on(suite, faults_at_the_same_time, up_fiber);
	return suite;
}
