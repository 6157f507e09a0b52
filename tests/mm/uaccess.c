// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

#define USER(addr) ((void *)(addr))

START_TEST(copies_cross_pages)
{
	unsigned long addr = map(2, RW, PRIV) + PAGE_SIZE - 3;
	char back[7] = "";

	ck_assert_uint_eq(pinpage_copy_to_user(USER(addr), "abcdef", 7), 0);
	ck_assert_uint_eq(pinpage_copy_from_user(back, USER(addr), 7), 0);
	ck_assert_str_eq(back, "abcdef");
}
END_TEST

START_TEST(hole_leaves_rest_uncopied)
{
	unsigned long addr = map(1, RW, PRIV) + PAGE_SIZE - 4;
	char back[8];

	memset(back, 1, sizeof(back));
	ck_assert_uint_eq(pinpage_copy_to_user(USER(addr), "12345678", 8), 4);
	ck_assert_uint_eq(pinpage_copy_from_user(back, USER(addr), 8), 4);
	ck_assert_mem_eq(back, "1234\0\0\0\0", 8);
}
END_TEST

START_TEST(kernel_half_copies_nothing)
{
	char byte = 1;

	ck_assert_uint_eq(pinpage_copy_to_user(USER(TASK_SIZE), &byte, 1), 1);
	ck_assert_uint_eq(pinpage_copy_from_user(&byte, USER(-8UL), 1), 1);
	ck_assert_uint_eq(pinpage_clear_user(USER(TASK_SIZE - 1), 2), 2);
	ck_assert(!pinpage_access_ok(USER(TASK_SIZE - 1), 2));
	ck_assert(!pinpage_access_ok(USER(0), ~0UL));
	ck_assert(pinpage_access_ok(USER(TASK_SIZE - 1), 1));
}
END_TEST

START_TEST(no_mm_copies_nothing)
{
	unsigned long addr = anon(1);
	char byte = 1;

	pinpage_use_mm(NULL);
	ck_assert_uint_eq(pinpage_copy_to_user(USER(addr), &byte, 1), 1);
	ck_assert_uint_eq(pinpage_fault_in_readable(USER(addr), 1), 1);
	ck_assert_int_eq(pinpage_strncpy_from_user(&byte, USER(addr), 1), -EFAULT);
	ck_assert_int_eq(pinpage_load(NULL, addr, &byte, 1), -EFAULT);
	ck_assert_int_eq(pinpage_store(NULL, addr, &byte, 1), -EFAULT);
}
END_TEST

START_TEST(clear_user_zeroes)
{
	unsigned long addr = anon(2);

	ck_assert_uint_eq(pinpage_clear_user(USER(addr), 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}
END_TEST

START_TEST(strncpy_stops_at_nul_and_count)
{
	unsigned long addr = map(2, RW, PRIV) + PAGE_SIZE - 2;
	char text[16];

	ck_assert_uint_eq(pinpage_copy_to_user(USER(addr), "hello", 6), 0);
	ck_assert_int_eq(pinpage_strncpy_from_user(text, USER(addr), sizeof(text)), 5);
	ck_assert_str_eq(text, "hello");
	ck_assert_int_eq(pinpage_strncpy_from_user(text, USER(addr), 3), 3);
	ck_assert_int_eq(pinpage_strncpy_from_user(text, USER(0x100000), 3), -EFAULT);
	ck_assert_int_eq(pinpage_strncpy_from_user(text, USER(addr), -1), -EFAULT);
}
END_TEST

START_TEST(fault_in_stops_at_hole)
{
	unsigned long addr = map(2, RW, PRIV);

	ck_assert_uint_eq(pinpage_fault_in_readable(USER(addr), 2 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pinpage_fault_in_readable(USER(addr + 10), 2 * PAGE_SIZE), 10);
	ck_assert_uint_eq(pinpage_fault_in_readable(USER(addr), 0), 0);
}
END_TEST

START_TEST(fault_in_writeable_breaks_cow)
{
	unsigned long addr = map(1, RW, PRIV), ro = map(1, PROT_READ, PRIV);

	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_uint_eq(pinpage_fault_in_writeable(USER(addr), 1), 0);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert_uint_eq(pinpage_fault_in_writeable(USER(ro), 5), 5);
}
END_TEST

START_TEST(atomic_context_cannot_fault)
{
	unsigned long there = anon(1), absent = map(1, RW, PRIV);
	char byte = 1;

	pinpage_softirq_enter();
	ck_assert_uint_eq(pinpage_copy_to_user(USER(there), &byte, 1), 0);
	ck_assert_uint_eq(pinpage_copy_to_user(USER(absent), &byte, 1), 1);
	pinpage_softirq_exit();
}
END_TEST

START_TEST(null_buffer_efault)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_store(mm, addr, NULL, 1), -EFAULT);
	ck_assert_int_eq(pinpage_load(mm, addr, NULL, 1), -EFAULT);
	ck_assert_int_eq(pinpage_store(mm, addr, NULL, 0), 0);
}
END_TEST

Suite *uaccess_suite(void)
{
	Suite *s = suite_create("mm/uaccess");

	on(s, copies_cross_pages, up);
	on(s, hole_leaves_rest_uncopied, up);
	on(s, kernel_half_copies_nothing, up);
	on(s, no_mm_copies_nothing, up);
	on(s, clear_user_zeroes, up);
	on(s, strncpy_stops_at_nul_and_count, up);
	on(s, fault_in_stops_at_hole, up);
	on(s, fault_in_writeable_breaks_cow, up);
	on(s, atomic_context_cannot_fault, up);
	on(s, null_buffer_efault, up);
	return s;
}
