// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

static long remap(unsigned long addr, size_t from, size_t to, int flags, unsigned long new)
{
	return pinpage_mremap(addr, from * PAGE_SIZE, to * PAGE_SIZE, flags, new);
}

#define MOVE MREMAP_MAYMOVE
#define FIXED (MREMAP_MAYMOVE | MREMAP_FIXED)

START_TEST(bad_arguments_einval)
{
	unsigned long addr = anon(2);

	ck_assert_int_eq(remap(addr + 1, 1, 1, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(addr, 1, 0, 0, 0), -EINVAL);
	ck_assert_int_eq(remap(addr, 1, 1, 64, 0), -EINVAL);
	ck_assert_int_eq(remap(addr, 1, 1, MREMAP_FIXED, 0x100000), -EINVAL);
	ck_assert_int_eq(remap(addr, 1, 1, FIXED, 0x100001), -EINVAL);
	ck_assert_int_eq(remap(addr, 1, 1, FIXED, TASK_SIZE), -EINVAL);
	ck_assert_int_eq(remap(addr, 2, 2, FIXED, addr + PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(remap(addr, 0, 1, MOVE, 0), -EINVAL);
}
END_TEST

START_TEST(unmapped_efault)
{
	ck_assert_int_eq(remap(0x100000, 1, 2, MOVE, 0), -EFAULT);
	ck_assert_int_eq(remap(anon(1), 2, 3, MOVE, 0), -EFAULT);
	ck_assert_int_eq(remap(TASK_SIZE, 1, 1, MOVE, 0), -EFAULT);
}
END_TEST

START_TEST(fixed_too_low_eperm)
{
	ck_assert_int_eq(remap(anon(1), 1, 1, FIXED, 0), -EPERM);
}
END_TEST

START_TEST(blocked_growth_enomem)
{
	unsigned long addr = anon(2);

	ck_assert_int_eq(remap(addr, 1, 2, 0, 0), -ENOMEM);
	ck_assert_int_eq(remap(addr, 1, (TASK_SIZE >> PAGE_SHIFT) + 1, MOVE, 0), -ENOMEM);
}
END_TEST

START_TEST(no_mm_einval)
{
	pinpage_use_mm(NULL);
	ck_assert_int_eq(remap(0x100000, 1, 2, MOVE, 0), -EINVAL);
}
END_TEST

START_TEST(growth_in_place)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(remap(addr, 1, 4, 0, 0), (long)addr);
	put(mm, addr + 3 * PAGE_SIZE, 4);
	ck_assert_uint_eq(mm->total_vm, 4);
}
END_TEST

START_TEST(shrinking_unmaps_tail)
{
	unsigned long addr = anon(4);

	ck_assert_int_eq(remap(addr, 4, 1, 0, 0), (long)addr);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
}
END_TEST

/* U03 */
START_TEST(move_keeps_pages_and_pins)
{
	unsigned long addr = anon(3);
	struct page *page = pin(mm, addr + PAGE_SIZE);
	long to = remap(addr + PAGE_SIZE, 1, 3, MOVE, 0);

	ck_assert_int_gt(to, 0);
	ck_assert_ptr_eq(page_of(mm, (unsigned long)to), page);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
	*(char *)page_address(page) = 33;
	ck_assert_int_eq(get(mm, (unsigned long)to), 33);
	unpin(page);
}
END_TEST

START_TEST(fixed_move_replaces_target)
{
	unsigned long a = anon(2), b = 0x50000000;

	ck_assert_int_eq(pinpage_mmap(b, PAGE_SIZE, RW, PRIV | MAP_FIXED, NULL, 0), (long)b);
	put(mm, b, 99);
	ck_assert_int_eq(remap(a, 2, 2, FIXED, b), (long)b);
	ck_assert_int_eq(get(mm, b), 1);
	ck_assert_int_eq(get(mm, b + PAGE_SIZE), 2);
}
END_TEST

/* the new area and the old one are joined before the old range goes */
START_TEST(move_beside_the_old_area)
{
	unsigned long addr = map(2, RW, PRIV), to = addr + 2 * PAGE_SIZE;

	ck_assert_int_eq(remap(addr + PAGE_SIZE, 1, 1, FIXED, to), (long)to);
	put(mm, to, 7);
	ck_assert_int_eq(get(mm, to), 7);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
	ck_assert_uint_eq(mm->total_vm, 2);
}
END_TEST

START_TEST(moved_page_is_found_by_its_file)
{
	struct file *file = blk_file(2);
	unsigned long addr = map_file(file, 2, RW, MAP_SHARED);
	long to;

	put(mm, addr + PAGE_SIZE, 5);
	to = remap(addr + PAGE_SIZE, 1, 1, FIXED, 0x60000000);
	ck_assert_int_eq(to, 0x60000000);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!(pte_of(mm, (unsigned long)to) & PINPAGE_PTE_WRITE));
}
END_TEST

START_TEST(dontunmap_leaves_an_empty_area)
{
	unsigned long addr = anon(2), to = 0x80000000;
	struct page *page;

	put(mm, addr, 5);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_mremap(addr, 2 * PAGE_SIZE, 2 * PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to), (long)to);
	ck_assert_ptr_eq(page_of(mm, to), page);
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), 0);
	unpin(page);
}
END_TEST

/* the new area is locked as the old one was, which is not any more */
START_TEST(dontunmap_takes_the_lock_along)
{
	unsigned long addr = anon(1), to = 0x80000000;

	ck_assert_int_eq(pinpage_mlock2(addr, PAGE_SIZE, MLOCK_ONFAULT), 0);
	ck_assert_int_eq(pinpage_mremap(addr, PAGE_SIZE, PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, to), (long)to);
	ck_assert_uint_eq(pp_find_vma(mm, addr)->vm_flags & VM_LOCKED_MASK, 0);
	ck_assert_uint_eq(pp_find_vma(mm, to)->vm_flags & VM_LOCKED_MASK, VM_LOCKED_MASK);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 1);
}
END_TEST

START_TEST(dontunmap_that_grows_or_stays_einval)
{
	unsigned long addr = anon(1);

	ck_assert_int_eq(pinpage_mremap(addr, PAGE_SIZE, 2 * PAGE_SIZE,
		MREMAP_MAYMOVE | MREMAP_DONTUNMAP, 0), -EINVAL);
	ck_assert_int_eq(pinpage_mremap(addr, PAGE_SIZE, PAGE_SIZE,
		MREMAP_DONTUNMAP, 0), -EINVAL);
}
END_TEST

START_TEST(unmoved_range_may_span_areas)
{
	unsigned long addr = anon(3);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_RANDOM), 0);
	ck_assert_int_eq(pinpage_mremap(addr, 3 * PAGE_SIZE, 2 * PAGE_SIZE, 0, 0),
			 (long)addr);
	ck_assert_int_eq(pinpage_mremap(addr, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 0, 0),
			 -EFAULT);
}
END_TEST

START_TEST(zero_old_length_duplicates_shared)
{
	unsigned long addr = map(1, RW, SHARED);
	long to;

	put(mm, addr, 3);
	to = remap(addr, 0, 1, MOVE, 0);
	ck_assert_int_gt(to, 0);
	ck_assert_int_eq(get(mm, (unsigned long)to), 3);
	ck_assert_ptr_eq(page_of(mm, (unsigned long)to), page_of(mm, addr));
}
END_TEST

Suite *mremap_suite(void)
{
	Suite *s = suite_create("mm/mremap");

	on(s, bad_arguments_einval, up);
	on(s, unmapped_efault, up);
	on(s, fixed_too_low_eperm, up);
	on(s, blocked_growth_enomem, up);
	on(s, no_mm_einval, up);
	on(s, growth_in_place, up);
	on(s, shrinking_unmaps_tail, up);
	on(s, move_keeps_pages_and_pins, up);
	on(s, fixed_move_replaces_target, up);
	on(s, move_beside_the_old_area, up);
	on(s, moved_page_is_found_by_its_file, up);
	on(s, dontunmap_leaves_an_empty_area, up);
	on(s, dontunmap_takes_the_lock_along, up);
	on(s, dontunmap_that_grows_or_stays_einval, up);
	on(s, unmoved_range_may_span_areas, up);
	on(s, zero_old_length_duplicates_shared, up);
	return s;
}
