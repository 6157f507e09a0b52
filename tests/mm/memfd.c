// SPDX-License-Identifier: LGPL-2.1-or-later
/* memfd.c - sealed files and the areas that map them */
#include "machine.h"
#include "suites.h"

#include "pagecache/seals.h"

static struct file *sealable(void)
{
	struct file *f = pinpage_memfd_create("f", MFD_ALLOW_SEALING);

	ck_assert(!IS_ERR(f));
	ck_assert_int_eq(pinpage_ftruncate(f, 2 * PAGE_SIZE), 0);
	return f;
}

static long try_map(struct file *f, int prot, int flags)
{
	return pinpage_mmap(0, 2 * PAGE_SIZE, prot, flags, f, 0);
}

START_TEST(writably_mapped_ebusy_until_unmapped)
{
	struct file *f = sealable();
	unsigned long addr = map_file(f, 2, RW, MAP_SHARED);

	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EBUSY);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EBUSY);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(forked_mapping_ebusy)
{
	struct file *f = sealable();
	unsigned long addr = map_file(f, 2, RW, MAP_SHARED);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EBUSY);
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(sealed_shared_eperm_private_fine)
{
	struct file *f = sealable();
	unsigned long addr;

	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), 0);
	ck_assert_int_eq(try_map(f, RW, MAP_SHARED), -EPERM);
	ck_assert_int_eq(try_map(f, PROT_READ, MAP_SHARED), -EPERM);
	addr = map_file(f, 2, RW, MAP_PRIVATE);
	put(mm, addr, 7);
	ck_assert_int_eq(get(mm, addr), 7);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(read_only_map_of_sealed_from_6_7)
{
	struct file *f;
	unsigned long addr;

	reboot("6.12");
	f = sealable();
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), 0);
	ck_assert_int_eq(try_map(f, RW, MAP_SHARED), -EPERM);
	addr = map_file(f, 2, PROT_READ, MAP_SHARED);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), -EACCES);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(future_write_spares_old_mapping)
{
	struct file *f = sealable();
	unsigned long old = map_file(f, 2, RW, MAP_SHARED), new;

	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_FUTURE_WRITE), 0);
	put(mm, old, 7);
	ck_assert_int_eq(try_map(f, RW, MAP_SHARED), -EPERM);
	new = map_file(f, 2, PROT_READ, MAP_SHARED);
	ck_assert_int_eq(get(mm, new), 7);
	ck_assert_int_eq(pinpage_mprotect(new, PAGE_SIZE, RW), -EACCES);
	ck_assert_int_eq(pinpage_munmap(new, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_munmap(old, 2 * PAGE_SIZE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(mapped_pages_are_not_held)
{
	struct file *f = sealable();
	unsigned long addr = map_file(f, 2, PROT_READ, MAP_PRIVATE);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 0);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EBUSY);
	unpin(page);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), 0);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(remove_of_sealed_eperm)
{
	struct file *f = sealable();
	unsigned long addr = map_file(f, 2, RW, MAP_SHARED);

	put(mm, addr, 7);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_FUTURE_WRITE), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_REMOVE), -EPERM);
	ck_assert_int_eq(get(mm, addr), 7);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	pinpage_filp_close(f);
}
END_TEST

Suite *memfd_suite(void)
{
	Suite *s = suite_create("mm/memfd");

	on(s, writably_mapped_ebusy_until_unmapped, up);
	on(s, forked_mapping_ebusy, up);
	on(s, sealed_shared_eperm_private_fine, up);
	on(s, read_only_map_of_sealed_from_6_7, up);
	on(s, future_write_spares_old_mapping, up);
	on(s, mapped_pages_are_not_held, up_fiber);
	on(s, remove_of_sealed_eperm, up);
	return s;
}
