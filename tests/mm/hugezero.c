// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The huge zero page: who reads first gets it, who writes leaves it. That a
 * pin counts it like any folio (Z07) is in tests/gup/huge.c.
 */
#include "mm/huge.h"

#include "machine.h"
#include "suites.h"

static unsigned long read_first(void)
{
	unsigned long addr = huge_area();

	ck_assert_int_eq(get(mm, addr + 5 * PAGE_SIZE), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert_ptr_eq(page_of(mm, addr), pp_huge_zero_page);
	return addr;
}

START_TEST(read_maps_it_uncounted)
{
	unsigned long addr = read_first();

	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_WRITE | PINPAGE_PTE_SPECIAL)));
	ck_assert_int_eq(page_count(pp_huge_zero_page), 1);
	ck_assert(!pp_page_mapped(pp_huge_zero_page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_ZERO_PAGE_ALLOC), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 0);
	read_first();
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_ZERO_PAGE_ALLOC), 1);
}
END_TEST

START_TEST(write_splits_and_copies_one_page)
{
	unsigned long addr = read_first();

	put(mm, addr + 3 * PAGE_SIZE, 7);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_HUGE));
	ck_assert_ptr_eq(page_of(mm, addr), pp_zero_page);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_SPECIAL);
	ck_assert_int_eq(get(mm, addr + 3 * PAGE_SIZE), 7);
	ck_assert_int_eq(get(mm, addr + 4 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PMD), 1);
}
END_TEST

START_TEST(write_first_gets_own_folio)
{
	unsigned long addr = huge();

	ck_assert_ptr_null(pp_huge_zero_page);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_FAULT_ALLOC), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 0);
}
END_TEST

START_TEST(fork_shares_it)
{
	unsigned long addr = read_first();
	struct mm_struct *child;

	ck_assert_int_eq(pp_anon_vma_prepare(pp_vma_lookup(mm, addr)), 0);
	child = pinpage_fork_mm(mm);
	ck_assert(!IS_ERR(child));
	ck_assert_ptr_eq(page_of(child, addr), pp_huge_zero_page);
	ck_assert_int_eq(page_count(pp_huge_zero_page), 1);
	put(child, addr, 4);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_ptr_eq(page_of(mm, addr), pp_huge_zero_page);
	pinpage_mmput(child);
	ck_assert_uint_eq(pp_huge_zero_shrink(), 0);
}
END_TEST

START_TEST(partial_munmap_and_mprotect_split)
{
	unsigned long addr = read_first();

	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_ptr_eq(page_of(mm, addr + PAGE_SIZE), pp_zero_page);
	addr = read_first();
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_ptr_eq(page_of(mm, addr), pp_zero_page);
	addr = read_first();
	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert_ptr_eq(page_of(mm, addr), pp_huge_zero_page);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(page_count(pp_huge_zero_page), 1);
}
END_TEST

START_TEST(freed_when_no_user_is_left)
{
	struct mm_struct *mine = mm;
	unsigned long before = pp_nr_free();

	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	ck_assert_int_eq(pinpage_munmap(read_first(), PMD_SIZE), 0);
	ck_assert_uint_eq(pp_huge_zero_shrink(), 0);
	pinpage_use_mm(mine);
	pinpage_mmput(mm);
	mm = mine;
	ck_assert_uint_eq(pp_huge_zero_shrink(), HPAGE_PMD_NR);
	ck_assert_ptr_null(pp_huge_zero_page);
	ck_assert_uint_eq(pp_nr_free(), before);
	ck_assert_uint_eq(pp_huge_zero_shrink(), 0);
}
END_TEST

START_TEST(no_memory_reads_small_zero_page)
{
	unsigned long addr;

	down();
	boot("6.1", PINPAGE_ENGINE_NATIVE, 256);
	addr = huge_area();
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_ptr_eq(page_of(mm, addr), pp_zero_page);
}
END_TEST

/* which memory gets huge pages */
START_TEST(mode_decides)
{
	unsigned long addr;

	pp_set_thp(PINPAGE_THP_NEVER);
	addr = huge_area();
	put(mm, addr, 1);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_HUGE));
	pp_set_thp(PINPAGE_THP_ALWAYS);
	addr = map(HPAGE_PMD_NR, RW, PRIV);
	put(mm, addr, 1);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	addr = huge_area();
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_NOHUGEPAGE), 0);
	put(mm, addr, 1);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_HUGE));
}
END_TEST

Suite *hugezero_suite(void)
{
	Suite *s = suite_create("mm/hugezero");

	on(s, read_maps_it_uncounted, up);
	on(s, write_splits_and_copies_one_page, up);
	on(s, write_first_gets_own_folio, up);
	on(s, fork_shares_it, up);
	on(s, fork_shares_it, up_fiber);
	on(s, partial_munmap_and_mprotect_split, up);
	on(s, freed_when_no_user_is_left, up);
	on(s, no_memory_reads_small_zero_page, up);
	on(s, mode_decides, up);
	return s;
}
