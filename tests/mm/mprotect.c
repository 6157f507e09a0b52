// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

START_TEST(unaligned_einval)
{
	ck_assert_int_eq(pinpage_mprotect(anon(1) + 1, PAGE_SIZE, PROT_READ), -EINVAL);
}
END_TEST

START_TEST(unknown_right_einval)
{
	ck_assert_int_eq(pinpage_mprotect(anon(1), PAGE_SIZE, 0x1000), -EINVAL);
}
END_TEST

START_TEST(zero_length_is_fine)
{
	ck_assert_int_eq(pinpage_mprotect(0x100000, 0, PROT_READ), 0);
}
END_TEST

START_TEST(hole_enomem_after_what_precedes_it)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mprotect(addr, 3 * PAGE_SIZE, PROT_READ), -ENOMEM);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert(pte_of(mm, addr + 2 * PAGE_SIZE) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(wrapping_range_enomem)
{
	ck_assert_int_eq(pinpage_mprotect(anon(1), ~0UL, PROT_READ), -ENOMEM);
	ck_assert_int_eq(pinpage_mprotect(TASK_SIZE, PAGE_SIZE, PROT_READ), -ENOMEM);
}
END_TEST

START_TEST(readonly_file_cannot_be_written_eacces)
{
	struct file *file;
	unsigned long addr;

	ram_file(1);
	file = pinpage_filp_open(ramfs, "file0", O_RDONLY, 0);
	addr = map_file(file, 1, PROT_READ, MAP_SHARED);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), -EACCES);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(no_mm_einval)
{
	pinpage_use_mm(NULL);
	ck_assert_int_eq(pinpage_mprotect(0x100000, PAGE_SIZE, RW), -EINVAL);
}
END_TEST

/* U04 */
START_TEST(readonly_keeps_pinned_page)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);
	unsigned char byte = 2;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	*(char *)page_address(page) = 5;
	ck_assert_int_eq(get(mm, addr), 5);
	ck_assert_int_eq(pinpage_store(mm, addr, &byte, 1), -EFAULT);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	put(mm, addr, 6);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

START_TEST(none_hides_and_gives_back)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_NONE), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_PRESENT));
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	put(mm, addr, 2);
}
END_TEST

START_TEST(there_and_back_is_one_area_again)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(pinpage_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ), 0);
	ck_assert_ptr_ne(pp_find_vma(mm, addr), pp_find_vma(mm, addr + PAGE_SIZE));
	ck_assert_int_eq(pinpage_mprotect(addr + PAGE_SIZE, PAGE_SIZE, RW), 0);
	ck_assert_ptr_eq(pp_find_vma(mm, addr), pp_find_vma(mm, addr + 2 * PAGE_SIZE));
	ck_assert_uint_eq(mm->total_vm, 3);
}
END_TEST

START_TEST(downgrade_flushes)
{
	unsigned long addr = anon(1);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_TLB_FLUSH);
	pinpage_mprotect(addr, PAGE_SIZE, PROT_READ);
	ck_assert_uint_eq(ear.nr, 1);
	pinpage_mprotect(addr, PAGE_SIZE, RW);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
}
END_TEST

Suite *mprotect_suite(void)
{
	Suite *s = suite_create("mm/mprotect");

	on(s, unaligned_einval, up);
	on(s, unknown_right_einval, up);
	on(s, zero_length_is_fine, up);
	on(s, hole_enomem_after_what_precedes_it, up);
	on(s, wrapping_range_enomem, up);
	on(s, readonly_file_cannot_be_written_eacces, up);
	on(s, no_mm_einval, up);
	on(s, readonly_keeps_pinned_page, up);
	on(s, none_hides_and_gives_back, up);
	on(s, there_and_back_is_one_area_again, up);
	on(s, downgrade_flushes, up);
	return s;
}
