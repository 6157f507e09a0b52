// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * misuse.c - calls before boot, in atomic context, without a mapping's lock or
 * on an address space that is gone: an errno or one warning, nothing changed
 */
#include "machine.h"
#include "suites.h"

#define USER(addr) ((void *)(addr))

static void refuse_system_calls(unsigned long addr)
{
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, PRIV, NULL, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ),
			 -EINVAL);
	ck_assert_int_eq(pinpage_mremap(addr, PAGE_SIZE, 2 * PAGE_SIZE,
					MREMAP_MAYMOVE, 0), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED),
			 -EINVAL);
	ck_assert_int_eq(pinpage_msync(addr, PAGE_SIZE, MS_SYNC), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_fork_mm(mm)), -EINVAL);
	ck_assert_uint_eq(pinpage_try_to_free_pages(1), 0);
	ck_assert_int_eq(pinpage_reclaim_page(NULL), -EINVAL);
}

START_TEST(system_calls_in_softirq_einval)
{
	unsigned long addr = anon(1);

	pinpage_softirq_enter();
	refuse_system_calls(addr);
	pinpage_softirq_exit();
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert_uint_eq(pp_warn_count(), 9);
	expect_warnings(9);
}
END_TEST

START_TEST(calls_without_a_machine_refused)
{
	char bytes[4] = "abc";

	pp_warn_reset();
	mm = NULL;
	ck_assert_ptr_null(pinpage_mm_alloc());
	refuse_system_calls(0x10000);
	pinpage_use_mm(NULL);
	pinpage_mmget(NULL);
	ck_assert_int_eq(pinpage_store(NULL, 0x10000, bytes, 1), -EFAULT);
	ck_assert_int_eq(pinpage_load(NULL, 0x10000, bytes, 1), -EFAULT);
	ck_assert_uint_eq(pinpage_copy_to_user(USER(8), bytes, 3), 3);
	ck_assert_uint_eq(pinpage_copy_from_user(bytes, USER(8), 3), 3);
	ck_assert_uint_eq(pinpage_clear_user(USER(8), 3), 3);
	ck_assert_int_eq(pinpage_strncpy_from_user(bytes, USER(8), 3),
			 -EFAULT);
	ck_assert_uint_eq(pinpage_fault_in_readable(USER(8), 3), 3);
	ck_assert_uint_eq(pinpage_fault_in_writeable(USER(8), 3), 3);
	ck_assert_ptr_null(pinpage_peek_page(NULL, 8, NULL));
	ck_assert_int_eq(pinpage_page_mkclean(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_mmap_read_lock_killable(NULL), -EINVAL);
	ck_assert(!pinpage_mmap_read_trylock(NULL));
	ck_assert_uint_gt(pp_warn_count(), 9);
}
END_TEST

START_TEST(last_user_gone_warns_and_stays_gone)
{
	struct mm_struct *other = pinpage_mm_alloc();

	pinpage_mmgrab(other);
	pinpage_mmput(other);
	pinpage_mmput(other);
	ck_assert_uint_eq(pp_warn_count(), 1);
	pinpage_mmget(other);
	ck_assert_int_eq(PTR_ERR(pinpage_fork_mm(other)), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_fork_mm(NULL)), -EINVAL);
	ck_assert_int_eq(atomic_read(&other->mm_users), 0);
	/* what a count is good for still works */
	pinpage_mmap_read_lock(other);
	pinpage_mmap_read_unlock(other);
	pinpage_mmdrop(other);
	expect_warnings(pp_warn_count());
}
END_TEST

START_TEST(unlock_without_lock_warns)
{
	pinpage_mmap_read_unlock(mm);
	ck_assert_uint_eq(pp_warn_count(), 1);
	pinpage_mmap_write_unlock(mm);
	expect_warnings(2);
	ck_assert_uint_eq(mm->mmap_lock.word, 0);
}
END_TEST

START_TEST(null_mm_lock_calls_warn)
{
	pinpage_mmap_read_unlock(NULL);
	pinpage_mmap_write_lock(NULL);
	pinpage_mmap_write_unlock(NULL);
	pinpage_mmgrab(NULL);
	pinpage_mmdrop(NULL);
	ck_assert_uint_ge(pp_warn_count(), 1);
	ck_assert_int_eq(pinpage_mm_locked_vm(NULL), 0);
	ck_assert_int_eq(pinpage_mm_pinned_vm(NULL), 0);
	expect_warnings(pp_warn_count());
}
END_TEST

START_TEST(killed_while_waiting_eintr)
{
	pinpage_mmap_write_lock(mm);
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_mmap_read_lock_killable(mm), -EINTR);
	pinpage_mmap_write_unlock(mm);
	ck_assert_int_eq(pinpage_mmap_read_lock_killable(mm), 0);
	pinpage_mmap_read_unlock(mm);
}
END_TEST

START_TEST(populate_in_an_io_area_einval)
{
	unsigned long addr = anon(1);
	struct vm_area_struct *vma = pp_vma_lookup(mm, addr);

	vma->vm_flags |= VM_IO | VM_PFNMAP;
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED),
			 -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DOFORK),
			 -EINVAL);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	addr = map(1, RW, PRIV);
	pp_vma_lookup(mm, addr)->vm_flags |= VM_IO;
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

START_TEST(wrapping_ranges_refused)
{
	unsigned long last = -PAGE_SIZE;
	char byte = 1;

	ck_assert_int_eq(pinpage_munmap(last, 2 * PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_mprotect(last, 2 * PAGE_SIZE, PROT_READ),
			 -ENOMEM);
	ck_assert_int_eq(pinpage_madvise(last, 2 * PAGE_SIZE, MADV_COLD),
			 -EINVAL);
	ck_assert_int_eq(pinpage_msync(last, 2 * PAGE_SIZE, MS_SYNC), -ENOMEM);
	ck_assert_int_eq(pinpage_mremap(last, 2 * PAGE_SIZE, PAGE_SIZE, 0, 0),
			 -EFAULT);
	ck_assert_int_eq(pinpage_store(mm, ~0UL, &byte, 2), -EFAULT);
	ck_assert_int_eq(pinpage_load(mm, TASK_SIZE - 1, &byte, 2), -EFAULT);
	ck_assert_uint_eq(pinpage_fault_in_readable(USER(~0UL), 2), 2);
	ck_assert(!pinpage_access_ok(USER(~0UL), 2));
}
END_TEST

START_TEST(user_copy_of_prot_none_copies_nothing)
{
	unsigned long addr = anon(1);
	char byte = 7;

	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_NONE), 0);
	ck_assert_uint_eq(pinpage_copy_from_user(&byte, USER(addr), 1), 1);
	ck_assert_int_eq(byte, 0);
	ck_assert_uint_eq(pinpage_copy_to_user(USER(addr), &byte, 1), 1);
	ck_assert_uint_eq(pinpage_clear_user(USER(addr), 1), 1);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	ck_assert_int_eq(get(mm, addr), 1);
}
END_TEST

static void no_machine(void)
{
	ck_assert(!pp_machine_up);
}

Suite *misuse_suite(void)
{
	Suite *s = suite_create("mm/misuse");
	TCase *tc = pp_test_add(s, calls_without_a_machine_refused);

	tcase_add_checked_fixture(tc, no_machine, NULL);
	on(s, system_calls_in_softirq_einval, up);
	on(s, last_user_gone_warns_and_stays_gone, up);
	on(s, unlock_without_lock_warns, up);
	on(s, null_mm_lock_calls_warn, up);
	on(s, killed_while_waiting_eintr, up);
	on(s, populate_in_an_io_area_einval, up);
	on(s, wrapping_ranges_refused, up);
	on(s, user_copy_of_prot_none_copies_nothing, up);
	return s;
}
