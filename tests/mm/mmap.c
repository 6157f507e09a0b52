// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

static long try_map(unsigned long addr, size_t len, int prot, int flags)
{
	return pinpage_mmap(addr, len, prot, flags, NULL, 0);
}

START_TEST(zero_length_einval)
{
	ck_assert_int_eq(try_map(0, 0, RW, PRIV), -EINVAL);
}
END_TEST

START_TEST(neither_shared_nor_private_einval)
{
	ck_assert_int_eq(try_map(0, PAGE_SIZE, RW, MAP_ANONYMOUS), -EINVAL);
}
END_TEST

START_TEST(unaligned_offset_einval)
{
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, PRIV, NULL, 12), -EINVAL);
}
END_TEST

START_TEST(unknown_prot_einval)
{
	ck_assert_int_eq(try_map(0, PAGE_SIZE, 0x40, PRIV), -EINVAL);
}
END_TEST

START_TEST(huge_length_enomem)
{
	ck_assert_int_eq(try_map(0, ~0UL, RW, PRIV), -ENOMEM);
	ck_assert_int_eq(try_map(0, TASK_SIZE + PAGE_SIZE, RW, PRIV), -ENOMEM);
}
END_TEST

START_TEST(offset_overflow_eoverflow)
{
	struct file *file = ram_file(1);

	ck_assert_int_eq(pinpage_mmap(0, 2 * PAGE_SIZE, RW, MAP_SHARED, file,
				      INT64_MAX & (pinpage_loff_t)PAGE_MASK), -EOVERFLOW);
}
END_TEST

START_TEST(no_file_ebadf)
{
	ck_assert_int_eq(try_map(0, PAGE_SIZE, RW, MAP_PRIVATE), -EBADF);
}
END_TEST

START_TEST(write_only_file_eacces)
{
	struct file *file;

	ram_file(1);
	file = pinpage_filp_open(ramfs, "file0", O_WRONLY, 0);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, PROT_READ, MAP_PRIVATE, file, 0), -EACCES);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(shared_write_of_readonly_file_eacces)
{
	struct file *file;

	ram_file(1);
	file = pinpage_filp_open(ramfs, "file0", O_RDONLY, 0);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0), -EACCES);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(unknown_flag_validated_eopnotsupp)
{
	ck_assert_int_eq(try_map(0, PAGE_SIZE, RW, 0x03 | MAP_ANONYMOUS | 0x80000), -EOPNOTSUPP);
}
END_TEST

START_TEST(hugetlb_einval)
{
	ck_assert_int_eq(try_map(0, PMD_SIZE, RW, PRIV | MAP_HUGETLB), -ENOMEM);
}
END_TEST

START_TEST(fixed_unaligned_einval)
{
	ck_assert_int_eq(try_map(0x100001, PAGE_SIZE, RW, PRIV | MAP_FIXED), -EINVAL);
}
END_TEST

START_TEST(fixed_too_high_enomem)
{
	ck_assert_int_eq(try_map(TASK_SIZE, PAGE_SIZE, RW, PRIV | MAP_FIXED), -ENOMEM);
}
END_TEST

START_TEST(fixed_too_low_eperm)
{
	ck_assert_int_eq(try_map(0, PAGE_SIZE, RW, PRIV | MAP_FIXED), -EPERM);
}
END_TEST

START_TEST(fixed_noreplace_eexist)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(try_map(addr, PAGE_SIZE, RW, PRIV | MAP_FIXED_NOREPLACE), -EEXIST);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

START_TEST(fixed_over_mapping_replaces)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(try_map(addr + PAGE_SIZE, PAGE_SIZE, RW, PRIV | MAP_FIXED),
			 (long)(addr + PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), 3);
}
END_TEST

START_TEST(fixed_noreplace_free_maps)
{
	ck_assert_int_eq(try_map(0x200000, PAGE_SIZE, RW, PRIV | MAP_FIXED_NOREPLACE), 0x200000);
	ck_assert_int_eq(get(mm, 0x200000), 0);
}
END_TEST

START_TEST(hint_is_taken)
{
	ck_assert_int_eq(try_map(0x300000, PAGE_SIZE, RW, PRIV), 0x300000);
}
END_TEST

START_TEST(no_mm_einval)
{
	pinpage_use_mm(NULL);
	ck_assert_int_eq(try_map(0, PAGE_SIZE, RW, PRIV), -EINVAL);
	ck_assert_int_eq(pinpage_munmap(0x100000, PAGE_SIZE), -EINVAL);
}
END_TEST

START_TEST(populate_maps_all)
{
	unsigned long addr = map(4, RW, PRIV | MAP_POPULATE);

	ck_assert_ptr_nonnull(page_of(mm, addr));
	ck_assert(pte_of(mm, addr + 3 * PAGE_SIZE) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(locked_is_counted)
{
	unsigned long addr = map(4, RW, PRIV | MAP_LOCKED);

	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 4);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
}
END_TEST

START_TEST(neighbours_become_one_area)
{
	unsigned long a = map(2, RW, PRIV), b = map(2, RW, PRIV);

	ck_assert_uint_eq(b, a + 2 * PAGE_SIZE);
	ck_assert_ptr_eq(pp_find_vma(mm, a), pp_find_vma(mm, b));
}
END_TEST

START_TEST(full_space_wraps_then_enomem)
{
	unsigned long len = TASK_SIZE - PP_MMAP_BASE;

	ck_assert_int_eq(try_map(0, len, PROT_NONE, PRIV), (long)PP_MMAP_BASE);
	ck_assert_int_lt(try_map(0, PAGE_SIZE, PROT_NONE, PRIV), (long)PP_MMAP_BASE);
	ck_assert_int_eq(try_map(0, len, PROT_NONE, PRIV), -ENOMEM);
}
END_TEST

START_TEST(munmap_unaligned_einval)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_munmap(addr + 1, PAGE_SIZE), -EINVAL);
}
END_TEST

START_TEST(munmap_zero_length_einval)
{
	ck_assert_int_eq(pinpage_munmap(0x100000, 0), -EINVAL);
}
END_TEST

START_TEST(munmap_wrapping_einval)
{
	ck_assert_int_eq(pinpage_munmap(0x100000, ~0UL), -EINVAL);
	ck_assert_int_eq(pinpage_munmap(-PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_munmap(TASK_SIZE, PAGE_SIZE), -EINVAL);
}
END_TEST

START_TEST(munmap_of_nothing_is_fine)
{
	ck_assert_int_eq(pinpage_munmap(0x100000, PAGE_SIZE), 0);
}
END_TEST

START_TEST(munmap_middle_leaves_ends)
{
	unsigned long addr = anon(5);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), -EFAULT);
	ck_assert_int_eq(get(mm, addr + 4 * PAGE_SIZE), 5);
}
END_TEST

START_TEST(munmap_frees_tables)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_PAGETABLE), 4);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pinpage_rcu_barrier();
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_PAGETABLE), 1);
}
END_TEST

START_TEST(munmap_pinned_keeps_frame)
{
	unsigned long addr = anon(1);
	struct page *page = pin(mm, addr);

	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(page_count(page), 1024);
	ck_assert(PageAnon(page));
	ck_assert_int_eq(*(char *)page_address(page), 1);
	unpin(page);
}
END_TEST

START_TEST(unmap_is_told)
{
	unsigned long addr = anon(2);
	struct listener ear;

	listen_to(&ear, PINPAGE_EV_UNMAP);
	pinpage_munmap(addr, 2 * PAGE_SIZE);
	pinpage_unsubscribe(&ear.sub);
	ck_assert_uint_eq(ear.nr, 1);
	ck_assert_uint_eq(ear.last.addr, addr);
	ck_assert_uint_eq(ear.last.len, 2 * PAGE_SIZE);
}
END_TEST

START_TEST(many_areas_stay_quick)
{
	unsigned long n = 20000, i, base = 0x40000000;

	for (i = 0; i < n; i++)
		ck_assert_int_gt(try_map(base + i * 2 * PAGE_SIZE, PAGE_SIZE, RW,
					 PRIV | MAP_FIXED), 0);
	ck_assert_uint_eq(mm->total_vm, n);
	ck_assert_ptr_eq(pp_vma_lookup(mm, base + PAGE_SIZE), NULL);
	ck_assert_ptr_nonnull(pp_vma_lookup(mm, base + 2 * PAGE_SIZE));
}
END_TEST

Suite *mmap_suite(void)
{
	Suite *s = suite_create("mm/mmap");

	on(s, zero_length_einval, up);
	on(s, neither_shared_nor_private_einval, up);
	on(s, unaligned_offset_einval, up);
	on(s, unknown_prot_einval, up);
	on(s, huge_length_enomem, up);
	on(s, offset_overflow_eoverflow, up);
	on(s, no_file_ebadf, up);
	on(s, write_only_file_eacces, up);
	on(s, shared_write_of_readonly_file_eacces, up);
	on(s, unknown_flag_validated_eopnotsupp, up);
	on(s, hugetlb_einval, up);
	on(s, fixed_unaligned_einval, up);
	on(s, fixed_too_high_enomem, up);
	on(s, fixed_too_low_eperm, up);
	on(s, fixed_noreplace_eexist, up);
	on(s, fixed_over_mapping_replaces, up);
	on(s, fixed_noreplace_free_maps, up);
	on(s, hint_is_taken, up);
	on(s, no_mm_einval, up);
	on(s, populate_maps_all, up);
	on(s, locked_is_counted, up);
	on(s, neighbours_become_one_area, up);
	on(s, full_space_wraps_then_enomem, up);
	on(s, munmap_unaligned_einval, up);
	on(s, munmap_zero_length_einval, up);
	on(s, munmap_wrapping_einval, up);
	on(s, munmap_of_nothing_is_fine, up);
	on(s, munmap_middle_leaves_ends, up);
	on(s, munmap_frees_tables, up);
	on(s, munmap_pinned_keeps_frame, up);
	on(s, munmap_pinned_keeps_frame, up_fiber);
	on(s, unmap_is_told, up);
	on(s, many_areas_stay_quick, up);
	return s;
}
