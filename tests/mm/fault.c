// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

/* a fault as gup makes it */
static int fault(unsigned long addr, unsigned int flags)
{
	int err;

	pinpage_mmap_read_lock(mm);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, addr), addr, flags);
	pinpage_mmap_read_unlock(mm);
	return err;
}

START_TEST(read_maps_zero_page)
{
	unsigned long addr = map(1, RW, PRIV);
	int count = page_count(pp_zero_page);

	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_ptr_eq(page_of(mm, addr), pp_zero_page);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_SPECIAL);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(page_count(pp_zero_page), count);
}
END_TEST

START_TEST(write_after_read_gets_page)
{
	unsigned long addr = map(1, RW, PRIV);

	ck_assert_int_eq(get(mm, addr), 0);
	put(mm, addr + 5, 9);
	ck_assert_ptr_ne(page_of(mm, addr), pp_zero_page);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + 5), 9);
}
END_TEST

START_TEST(write_makes_exclusive_dirty_page)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	ck_assert_int_eq(page_count(page), 1);
	ck_assert_int_eq(pp_page_mapcount(page), 1);
	ck_assert(PageAnon(page) && PageAnonExclusive(page));
	ck_assert_uint_eq(pte_of(mm, addr), PINPAGE_PTE_PRESENT | PINPAGE_PTE_WRITE |
			  PINPAGE_PTE_DIRTY | PINPAGE_PTE_YOUNG);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), 1);
}
END_TEST

START_TEST(rights_are_checked)
{
	unsigned long none = map(1, PROT_NONE, PRIV), read = map(1, PROT_READ, PRIV);
	unsigned long write = map(1, PROT_WRITE, PRIV);
	unsigned char byte = 1;

	ck_assert_int_eq(get(mm, none), -EFAULT);
	ck_assert_int_eq(pinpage_store(mm, read, &byte, 1), -EFAULT);
	ck_assert_int_eq(get(mm, read), 0);
	put(mm, write, 1);
	ck_assert_int_eq(get(mm, write), 1);
}
END_TEST

START_TEST(forced_write_stays_readonly)
{
	unsigned long addr = map(1, PROT_READ, PRIV);

	ck_assert_int_eq(fault(addr, FAULT_FLAG_WRITE), 0);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert(!(pte_of(mm, addr) & (PINPAGE_PTE_WRITE | PINPAGE_PTE_DIRTY)));
}
END_TEST

START_TEST(forced_write_in_prot_none_is_not_present)
{
	unsigned long addr = map(1, PROT_NONE, PRIV);

	ck_assert_int_eq(fault(addr, FAULT_FLAG_WRITE), 0);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_PRESENT));
	ck_assert_ptr_nonnull(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

START_TEST(forced_write_to_shared_efault)
{
	unsigned long addr = map(1, PROT_READ, SHARED);

	ck_assert_int_eq(fault(addr, FAULT_FLAG_WRITE), -EFAULT);
}
END_TEST

START_TEST(unshare_of_zero_page_makes_readonly_copy)
{
	unsigned long addr = map(1, RW, PRIV);

	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(fault(addr, FAULT_FLAG_UNSHARE), 0);
	ck_assert(PageAnonExclusive(page_of(mm, addr)));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
}
END_TEST

START_TEST(unshare_and_write_efault)
{
	unsigned long addr = map(1, RW, PRIV);

	ck_assert_int_eq(fault(addr, FAULT_FLAG_UNSHARE | FAULT_FLAG_WRITE), -EFAULT);
	expect_warnings(1);
}
END_TEST

START_TEST(unmapped_and_kernel_half_efault)
{
	ck_assert_int_eq(get(mm, 0x100000), -EFAULT);
	ck_assert_int_eq(get(mm, TASK_SIZE), -EFAULT);
	ck_assert_int_eq(get(mm, -PAGE_SIZE), -EFAULT);
}
END_TEST

START_TEST(faults_are_told_and_counted)
{
	unsigned long addr = map(1, RW, PRIV);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_FAULT);
	put(mm, addr, 1);
	put(mm, addr, 2);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert(ear.last.flags & PINPAGE_EVF_WRITE);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGFAULT), 1);
}
END_TEST

START_TEST(store_is_told_with_place)
{
	unsigned long addr = anon(1);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_CPU_STORE);
	ck_assert_int_eq(pinpage_store(mm, addr + 10, "abc", 3), 0);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_ptr_eq(ear.last.page, page_of(mm, addr));
	ck_assert_int_eq(ear.last.arg, 10);
	ck_assert_uint_eq(ear.last.len, 3);
	ck_assert_ptr_nonnull(ear.last.site);
}
END_TEST

START_TEST(shared_anon_is_a_file)
{
	unsigned long addr = map(2, RW, SHARED);

	put(mm, addr, 3);
	ck_assert(!PageAnon(page_of(mm, addr)));
	ck_assert(PageDirty(page_of(mm, addr)));
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}
END_TEST

Suite *fault_suite(void)
{
	Suite *s = suite_create("mm/fault");

	on(s, read_maps_zero_page, up);
	on(s, write_after_read_gets_page, up);
	on(s, write_makes_exclusive_dirty_page, up);
	on(s, write_makes_exclusive_dirty_page, up_fiber);
	on(s, rights_are_checked, up);
	on(s, forced_write_stays_readonly, up);
	on(s, forced_write_in_prot_none_is_not_present, up);
	on(s, forced_write_to_shared_efault, up);
	on(s, unshare_of_zero_page_makes_readonly_copy, up);
	on(s, unshare_and_write_efault, up);
	on(s, unmapped_and_kernel_half_efault, up);
	on(s, faults_are_told_and_counted, up);
	on(s, store_is_told_with_place, up);
	on(s, store_is_told_with_place, up_fiber);
	on(s, shared_anon_is_a_file, up);
	return s;
}
