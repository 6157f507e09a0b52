// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

static struct page *head_at(unsigned long addr)
{
	return compound_head(page_of(mm, addr));
}

START_TEST(fault_maps_one_folio)
{
	unsigned long addr = huge();
	struct page *head = head_at(addr);

	ck_assert_uint_eq(folio_nr_pages((struct folio *)head), HPAGE_PMD_NR);
	ck_assert_int_eq(page_count(head), 1);
	ck_assert_int_eq(atomic_read(&head[1].entire_mapcount), 0);
	ck_assert_ptr_eq(page_of(mm, addr + 7 * PAGE_SIZE), head + 7);
	put(mm, addr + PMD_SIZE - 1, 9);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGFAULT), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), HPAGE_PMD_NR);
}
END_TEST

START_TEST(no_memory_falls_back_to_small)
{
	unsigned long addr;

	down();
	boot("6.1", PINPAGE_ENGINE_NATIVE, 256);
	addr = map(HPAGE_PMD_NR, RW, PRIV);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	put(mm, addr, 1);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_HUGE));
}
END_TEST

START_TEST(partial_munmap_splits_mapping_only)
{
	unsigned long addr = huge();
	struct page *head = head_at(addr);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	ck_assert_uint_eq(folio_nr_pages((struct folio *)head), HPAGE_PMD_NR);
	ck_assert_int_eq(page_count(head), HPAGE_PMD_NR - 2);
	ck_assert_int_eq(atomic_read(&head[1].entire_mapcount), -1);
	ck_assert_int_eq(pp_page_mapcount(head + 1), 0);
	ck_assert_int_eq(pp_page_mapcount(head + 3), 1);
	ck_assert(PageAnonExclusive(head + 3));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), HPAGE_PMD_NR - 2);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(pinned_folio_survives_munmap)
{
	unsigned long addr = huge();
	struct page *page = pin(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(page_count(page), 1);
	ck_assert(pp_maybe_dma_pinned(page));
	unpin(page);
}
END_TEST

START_TEST(partial_mprotect_splits)
{
	unsigned long addr = huge();
	unsigned char byte = 2;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_HUGE | PINPAGE_PTE_WRITE)));
	ck_assert_int_eq(pinpage_store(mm, addr, &byte, 1), -EFAULT);
	put(mm, addr + PAGE_SIZE, 2);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	put(mm, addr, 3);
}
END_TEST

START_TEST(whole_mprotect_keeps_leaf)
{
	unsigned long addr = huge();

	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, RW), 0);
	put(mm, addr, 3);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
}
END_TEST

START_TEST(fork_shares_leaf_then_write_splits)
{
	unsigned long addr = huge();
	struct page *head = head_at(addr);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(pte_of(child, addr) & PINPAGE_PTE_HUGE);
	ck_assert_int_eq(page_count(head), 2);
	ck_assert_int_eq(atomic_read(&head[1].entire_mapcount), 1);
	put(child, addr, 5);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(!(pte_of(child, addr) & PINPAGE_PTE_HUGE));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
	pinpage_mmput(child);
	ck_assert_int_eq(page_count(head), 1);
	put(mm, addr, 6);
	ck_assert_ptr_eq(head_at(addr), head);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_HUGE);
}
END_TEST

/* F10 */
START_TEST(pinned_folio_stays_with_parent)
{
	unsigned long addr = huge();
	struct page *page = pin(mm, addr + PAGE_SIZE), *head = compound_head(page);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(!IS_ERR(child));
	ck_assert_ptr_eq(page_of(mm, addr + PAGE_SIZE), page);
	ck_assert(PageAnonExclusive(page));
	ck_assert(!PageHead(compound_head(page_of(child, addr))));
	*(char *)page_address(page) = 77;
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 77);
	ck_assert_int_eq(get(child, addr + PAGE_SIZE), 0);
	pinpage_mmput(child);
	unpin(page);
	ck_assert_int_eq(page_count(head), HPAGE_PMD_NR);
}
END_TEST

START_TEST(aligned_mremap_moves_leaf)
{
	unsigned long addr = huge(), to = 0x80000000;
	struct page *head = head_at(addr);

	ck_assert_int_eq(pinpage_mremap(addr, PMD_SIZE, PMD_SIZE,
					MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	ck_assert_ptr_eq(head_at(to), head);
	ck_assert(pte_of(mm, to) & PINPAGE_PTE_HUGE);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

START_TEST(unaligned_mremap_splits)
{
	unsigned long addr = huge(), to = 0x80001000;

	ck_assert_int_eq(pinpage_mremap(addr, PMD_SIZE, PMD_SIZE,
					MREMAP_MAYMOVE | MREMAP_FIXED, to), (long)to);
	ck_assert(!(pte_of(mm, to) & PINPAGE_PTE_HUGE));
	ck_assert_int_eq(get(mm, to), 1);
	put(mm, to + PMD_SIZE - PAGE_SIZE, 4);
}
END_TEST

START_TEST(dontneed_drops_leaf)
{
	unsigned long addr = huge(), before = pp_nr_free();

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(pp_nr_free(), before + HPAGE_PMD_NR);
	ck_assert_ptr_null(page_of(mm, addr));
}
END_TEST

Suite *huge_suite(void)
{
	Suite *s = suite_create("mm/huge");

	on(s, fault_maps_one_folio, up);
	on(s, no_memory_falls_back_to_small, up);
	on(s, partial_munmap_splits_mapping_only, up);
	on(s, pinned_folio_survives_munmap, up);
	on(s, partial_mprotect_splits, up);
	on(s, whole_mprotect_keeps_leaf, up);
	on(s, fork_shares_leaf_then_write_splits, up);
	on(s, fork_shares_leaf_then_write_splits, up_fiber);
	on(s, pinned_folio_stays_with_parent, up);
	on(s, aligned_mremap_moves_leaf, up);
	on(s, unaligned_mremap_splits, up);
	on(s, dontneed_drops_leaf, up);
	return s;
}
