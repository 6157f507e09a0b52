// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memfd.c - creation flags, and what each seal forbids to the file's users
 */
#include <linux/memfd.h>

#include "blkfs_support.h"
#include "pagecache/seals.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL	0x0008U
#define MFD_EXEC	0x0010U
#endif

#define PUNCH (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static void start(const char *rules)
{
	models_boot(PINPAGE_ENGINE_FIBER, rules);
	sb = NULL;
	file = pinpage_memfd_create("f", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
}

static void up(void)
{
	start("6.1");
}

static void up_6_12(void)
{
	start("6.12");
}

static long error_of(const char *name, unsigned int flags)
{
	struct file *f = pinpage_memfd_create(name, flags);

	if (!IS_ERR(f))
		return pinpage_filp_close(f);
	return PTR_ERR(f);
}

static ssize_t write_byte(loff_pp pos)
{
	return pinpage_pwrite(file, "x", 1, pos);
}

START_TEST(unknown_flags_einval)
{
	ck_assert_int_eq(error_of("g", 0x8000), -EINVAL);
	ck_assert_int_eq(error_of("g", MFD_EXEC), -EINVAL);
	ck_assert_int_eq(error_of("g", MFD_NOEXEC_SEAL), -EINVAL);
	ck_assert_int_eq(error_of("g", 21u << MFD_HUGE_SHIFT), -EINVAL);
}
END_TEST

START_TEST(exec_flags_of_6_3)
{
	ck_assert_int_eq(error_of("g", MFD_EXEC), 0);
	ck_assert_int_eq(error_of("g", MFD_NOEXEC_SEAL), 0);
	ck_assert_int_eq(error_of("g", MFD_EXEC | MFD_NOEXEC_SEAL), -EINVAL);
}
END_TEST

/* the pool is asked when the file is mapped or filled */
START_TEST(huge_of_another_size_enodev)
{
	ck_assert_int_eq(error_of("g", MFD_HUGETLB), 0);
	ck_assert_int_eq(error_of("g", MFD_HUGETLB | 21u << MFD_HUGE_SHIFT), 0);
	ck_assert_int_eq(error_of("g", MFD_HUGETLB | 30u << MFD_HUGE_SHIFT),
			 -ENODEV);
}
END_TEST

START_TEST(bad_name_refused)
{
	char name[251];

	memset(name, 'n', sizeof(name));
	name[250] = 0;
	ck_assert_int_eq(error_of(NULL, 0), -EFAULT);
	ck_assert_int_eq(error_of(name, 0), -EINVAL);
	name[249] = 0;
	ck_assert_int_eq(error_of(name, 0), 0);
}
END_TEST

START_TEST(no_memory_enomem)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(error_of("g", 0), -ENOMEM);
}
END_TEST

START_TEST(name_is_in_reports)
{
	ck_assert(!strncmp(pinpage_mapping_name(mapping), "memfd:f", 7));
	ck_assert(pp_shmem_mapping(mapping));
}
END_TEST

START_TEST(seal_seal_is_the_last)
{
	ck_assert_int_eq(pinpage_memfd_get_seals(file), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_SEAL), 0);
	ck_assert_int_eq(pinpage_memfd_get_seals(file), F_SEAL_SEAL);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_GROW), -EPERM);
	ck_assert_int_eq(write_byte(0), 1);
}
END_TEST

START_TEST(no_sealing_is_sealed)
{
	struct file *f = pinpage_memfd_create("g", 0);

	ck_assert_int_eq(pinpage_memfd_get_seals(f), F_SEAL_SEAL);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EPERM);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(unknown_seals_einval)
{
	ck_assert_int_eq(pinpage_memfd_add_seals(file, 0x8000), -EINVAL);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_EXEC), -EINVAL);
}
END_TEST

START_TEST(file_without_seals_einval)
{
	struct super_block *ram;
	struct file *f;

	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &ram), 0);
	f = pinpage_filp_open(ram, "g", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EINVAL);
	ck_assert_int_eq(pinpage_memfd_get_seals(f), -EINVAL);
	pinpage_filp_close(f);
	pinpage_umount(ram);
}
END_TEST

START_TEST(read_only_file_eperm)
{
	struct super_block *tmp;
	struct file *f;

	ck_assert_int_eq(pinpage_mount("tmpfs", NULL, &tmp), 0);
	f = pinpage_filp_open(tmp, "g", O_RDONLY | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_WRITE), -EPERM);
	ck_assert_int_eq(pinpage_memfd_get_seals(f), F_SEAL_SEAL);
	pinpage_filp_close(f);
	pinpage_umount(tmp);
}
END_TEST

START_TEST(shrink_and_grow_eperm)
{
	put_page_bytes(1, 'a');
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_SHRINK), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), -EPERM);
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_GROW), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 4 * PAGE_SIZE), -EPERM);
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(write_byte(3 * PAGE_SIZE), -EPERM);
	ck_assert_int_eq(write_byte(0), 1);
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_KEEP_SIZE, 0,
					   4 * PAGE_SIZE), -EPERM);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), 0);
}
END_TEST

START_TEST(write_eperm)
{
	unsigned int seal = _i ? F_SEAL_WRITE : F_SEAL_FUTURE_WRITE;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_memfd_add_seals(file, seal), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, seal), 0);
	ck_assert_int_eq(write_byte(0), -EPERM);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), -EPERM);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
}
END_TEST

START_TEST(write_with_held_page_ebusy)	/* memfd-seal-inflight-gup */
{
	uint64_t before = pinpage_ktime_get_ns();
	struct page *page;

	put_page_bytes(0, 'a');
	page = cached(0);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), -EBUSY);
	ck_assert_uint_ge(pinpage_ktime_get_ns() - before, 150000000);
	ck_assert_int_eq(pinpage_memfd_get_seals(file), 0);
	ck_assert_int_eq(write_byte(0), 1);
	pp_unpin(page, 1);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), 0);
}
END_TEST

static int release_later(void *page)
{
	struct pinpage_completion never;

	pinpage_init_completion(&never);
	pinpage_wait_for_completion_timeout(&never, 25000000);
	pp_unpin(page, 1);
	return 0;
}

START_TEST(write_waits_for_held_page)
{
	struct task_struct *task;

	put_page_bytes(0, 'a');
	ck_assert(pp_pin_try(cached(0), 1));
	task = pinpage_kthread_run(release_later, cached(0), "device");
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(killed_waiter_ebusy_at_once)
{
	uint64_t before = pinpage_ktime_get_ns();

	put_page_bytes(0, 'a');
	ck_assert(pp_pin_try(cached(0), 1));
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), -EBUSY);
	ck_assert_uint_eq(pinpage_ktime_get_ns(), before);
	pp_unpin(cached(0), 1);
}
END_TEST

START_TEST(exec_seal_of_executable_seals_writing)
{
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_EXEC), 0);
	ck_assert_int_eq(pinpage_memfd_get_seals(file), F_SEAL_EXEC |
			 F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE |
			 F_SEAL_FUTURE_WRITE);
}
END_TEST

START_TEST(noexec_can_be_sealed_and_written)
{
	struct file *f = pinpage_memfd_create("g", MFD_NOEXEC_SEAL);

	ck_assert_int_eq(pinpage_memfd_get_seals(f), F_SEAL_EXEC);
	ck_assert_int_eq(pinpage_memfd_add_seals(f, F_SEAL_EXEC), 0);
	ck_assert_int_eq(pinpage_pwrite(f, "x", 1, 0), 1);
	pinpage_filp_close(f);
}
END_TEST

#define memfd_test(fn)	bdev_case(suite, #fn, fn, up, models_down)
#define memfd_6_12(fn)	bdev_case(suite, #fn, fn, up_6_12, models_down)

Suite *memfd_suite(void)
{
	Suite *suite = suite_create("memfd");
	TCase *tc;

	memfd_test(unknown_flags_einval);
	memfd_6_12(exec_flags_of_6_3);
	memfd_test(huge_of_another_size_enodev);
	memfd_test(bad_name_refused);
	memfd_test(no_memory_enomem);
	memfd_test(name_is_in_reports);
	memfd_test(seal_seal_is_the_last);
	memfd_test(no_sealing_is_sealed);
	memfd_test(unknown_seals_einval);
	memfd_test(file_without_seals_einval);
	memfd_test(read_only_file_eperm);
	memfd_test(shrink_and_grow_eperm);
	tc = tcase_create("write_eperm");
	tcase_add_checked_fixture(tc, up, models_down);
	tcase_add_loop_test(tc, write_eperm, 0, 2);
	suite_add_tcase(suite, tc);
	memfd_test(write_with_held_page_ebusy);
	memfd_test(write_waits_for_held_page);
	memfd_test(killed_waiter_ebusy_at_once);
	memfd_6_12(exec_seal_of_executable_seals_writing);
	memfd_6_12(noexec_can_be_sealed_and_written);
	return suite;
}
