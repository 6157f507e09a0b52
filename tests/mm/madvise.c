// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

#ifndef MADV_COLD
# define MADV_COLD 20
# define MADV_PAGEOUT 21
#endif
#ifndef MADV_POPULATE_READ
# define MADV_POPULATE_READ 22
# define MADV_POPULATE_WRITE 23
#endif

START_TEST(bad_arguments_einval)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_madvise(addr + 1, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, 12345), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, 9999), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, ~0UL, MADV_DONTNEED), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(-PAGE_SIZE, 2 * PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, 0, MADV_DONTNEED), 0);
}
END_TEST

START_TEST(no_mm_einval)
{
	pinpage_use_mm(NULL);
	ck_assert_int_eq(pinpage_madvise(0x100000, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
}
END_TEST

START_TEST(hole_enomem_after_the_rest)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_madvise(addr, 3 * PAGE_SIZE, MADV_DONTNEED), -ENOMEM);
	ck_assert_ptr_null(page_of(mm, addr + 2 * PAGE_SIZE));
}
END_TEST

/* U02 */
START_TEST(dontneed_gives_fresh_page)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_ptr_ne(page_of(mm, addr), page);
	ck_assert_int_eq(*(char *)page_address(page), 1);
	unpin(page);
}
END_TEST

START_TEST(dontneed_of_locked_einval)
{
	unsigned long addr = map(1, RW, PRIV | MAP_LOCKED);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), -EINVAL);
}
END_TEST

START_TEST(wipeonfork_of_file_einval)
{
	unsigned long addr = map_file(ram_file(1), 1, RW, MAP_PRIVATE);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_WIPEONFORK), -EINVAL);
}
END_TEST

START_TEST(fork_advice_is_undone)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_DONTFORK), 0);
	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_DOFORK), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_WIPEONFORK), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_KEEPONFORK), 0);
	ck_assert_ptr_eq(pp_find_vma(mm, addr), pp_find_vma(mm, addr + 2 * PAGE_SIZE));
}
END_TEST

START_TEST(populate_write_fills)
{
	unsigned long addr = map(3, RW, PRIV);

	ck_assert_int_eq(pinpage_madvise(addr, 3 * PAGE_SIZE, MADV_POPULATE_WRITE), 0);
	ck_assert(pte_of(mm, addr + 2 * PAGE_SIZE) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(populate_without_right_einval)
{
	ck_assert_int_eq(pinpage_madvise(map(1, PROT_READ, PRIV), PAGE_SIZE,
					 MADV_POPULATE_WRITE), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(map(1, PROT_NONE, PRIV), PAGE_SIZE,
					 MADV_POPULATE_READ), -EINVAL);
}
END_TEST

START_TEST(populate_beyond_eof_efault)
{
	unsigned long addr = map_file(ram_file(1), 2, PROT_READ, MAP_SHARED);

	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_POPULATE_READ), -EFAULT);
	ck_assert_ptr_nonnull(page_of(mm, addr));
}
END_TEST

START_TEST(populate_hole_enomem)
{
	ck_assert_int_eq(pinpage_madvise(0x100000, PAGE_SIZE, MADV_POPULATE_READ), -ENOMEM);
}
END_TEST

START_TEST(cold_clears_young)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_COLD), 0);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_YOUNG));
}
END_TEST

START_TEST(hints_are_accepted)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_WILLNEED), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_NOHUGEPAGE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

/* W19, by way of the mapping */
START_TEST(remove_orphans_pinned_page)
{
	unsigned long addr = map(2, RW, SHARED);
	struct page *page;

	put(mm, addr, 1);
	put(mm, addr + PAGE_SIZE, 2);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_REMOVE), 0);
	ck_assert_ptr_null(page->mapping);
	ck_assert_int_eq(page_count(page), PINPAGE_GUP_PIN_COUNTING_BIAS);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	unpin(page);
}
END_TEST

START_TEST(remove_of_wrong_area_refused)
{
	unsigned long shared = map(1, PROT_READ, SHARED);
	unsigned long locked = map(1, RW, SHARED | MAP_LOCKED);

	ck_assert_int_eq(pinpage_madvise(anon(1), PAGE_SIZE, MADV_REMOVE), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(locked, PAGE_SIZE, MADV_REMOVE), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(shared, PAGE_SIZE, MADV_REMOVE), -EACCES);
}
END_TEST

Suite *madvise_suite(void)
{
	Suite *s = suite_create("mm/madvise");

	on(s, bad_arguments_einval, up);
	on(s, no_mm_einval, up);
	on(s, hole_enomem_after_the_rest, up);
	on(s, dontneed_gives_fresh_page, up);
	on(s, dontneed_of_locked_einval, up);
	on(s, wipeonfork_of_file_einval, up);
	on(s, fork_advice_is_undone, up);
	on(s, populate_write_fills, up);
	on(s, populate_without_right_einval, up);
	on(s, populate_beyond_eof_efault, up);
	on(s, populate_hole_enomem, up);
	on(s, cold_clears_young, up);
	on(s, hints_are_accepted, up);
	on(s, remove_orphans_pinned_page, up);
	on(s, remove_of_wrong_area_refused, up);
	return s;
}
