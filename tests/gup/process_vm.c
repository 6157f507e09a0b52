// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * process_vm_readv() and process_vm_writev(): partial transfers, errors, pins
 * by era, and the write that the file system does not hear of (bugs.md:
 * pvm-writev-nobufs).
 */
#include "machine.h"
#include "suites.h"

static struct mm_struct *other;
static unsigned long there, here;	/* 3 pages each; there is in other */

static void machine(const char *rules, enum pinpage_engine engine)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find(rules), .engine = engine,
		.memory_pages = 4096, .mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	other = pinpage_mm_alloc();
	pinpage_use_mm(other);
	mm = other;
	there = anon(3, true);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	here = anon(3, false);
	stats_mark();
}

static void pvm_down(void)
{
	pinpage_mmput(other);
	down();
}

static void up_native(void) { machine("6.1", PINPAGE_ENGINE_NATIVE); }
static void up_fiber(void) { machine("6.1", PINPAGE_ENGINE_FIBER); }

static struct iovec vec(unsigned long addr, size_t len)
{
	return (struct iovec){ (void *)addr, len };
}

static ssize_t readv1(unsigned long to, unsigned long from, size_t len)
{
	struct iovec local = vec(to, len), remote = vec(from, len);

	return pinpage_process_vm_readv(other, &local, 1, &remote, 1, 0);
}

static ssize_t writev1(unsigned long from, unsigned long to, size_t len)
{
	struct iovec local = vec(from, len), remote = vec(to, len);

	return pinpage_process_vm_writev(other, &local, 1, &remote, 1, 0);
}

static unsigned char other_byte(unsigned long addr)
{
	unsigned char byte;

	ck_assert_int_eq(pinpage_load(other, addr, &byte, 1), 0);
	return byte;
}

START_TEST(read_crosses_pages)
{
	ck_assert_int_eq(readv1(here + 5, there + PAGE_SIZE - 1, PAGE_SIZE + 2),
			 PAGE_SIZE + 2);
	ck_assert_uint_eq(get_byte(here + 5), 0);
	ck_assert_uint_eq(get_byte(here + 6), 1);
	ck_assert_uint_eq(get_byte(here + 5 + PAGE_SIZE + 1), 2);
	ck_assert_int_eq(acquired(), 3);
	ck_assert_int_eq(released(), 3);
}
END_TEST

START_TEST(write_scatters)
{
	struct iovec local[2] = { vec(here, 1), vec(here + 9, 2) };
	struct iovec remote[3] = { vec(there, 2), vec(there, 0), vec(there + PAGE_SIZE, 1) };

	put_byte(here, 'a');
	put_byte(here + 9, 'b');
	put_byte(here + 10, 'c');
	ck_assert_int_eq(pinpage_process_vm_writev(other, local, 2, remote, 3, 0), 3);
	ck_assert_uint_eq(other_byte(there), 'a');
	ck_assert_uint_eq(other_byte(there + 1), 'b');
	ck_assert_uint_eq(other_byte(there + PAGE_SIZE), 'c');
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
}
END_TEST

START_TEST(shorter_side_decides)
{
	struct iovec local = vec(here, 4), remote = vec(there, 3 * PAGE_SIZE);

	ck_assert_int_eq(pinpage_process_vm_readv(other, &local, 1, &remote, 1, 0), 4);
	local = vec(here, PAGE_SIZE);
	remote = vec(there, 7);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &local, 1, &remote, 1, 0), 7);
	ck_assert_int_eq(pinpage_process_vm_readv(other, NULL, 0, &remote, 1, 0), 0);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &local, 1, NULL, 0, 0), 0);
	ck_assert_int_eq(readv1(here, there, 0), 0);
}
END_TEST

START_TEST(large_range_goes_in_one_batch)
{
	unsigned long big;
	struct mm_struct *mine = mm;

	mm = other;
	pinpage_use_mm(other);
	big = anon(40, true);
	mm = mine;
	pinpage_use_mm(mine);
	here = anon(40, false);
	ck_assert_int_eq(readv1(here, big, 40 * PAGE_SIZE), 40 * PAGE_SIZE);
	ck_assert_uint_eq(get_byte(here + 39 * PAGE_SIZE), 39);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(readv1(here, big, 40 * PAGE_SIZE), -ENOMEM);
	pinpage_inject_alloc(0);
}
END_TEST

START_TEST(remote_hole_ends_it)
{
	ck_assert_int_eq(readv1(here, there + 2 * PAGE_SIZE, 2 * PAGE_SIZE), PAGE_SIZE);
	ck_assert_int_eq(readv1(here, 0x1000, 8), -EFAULT);
	ck_assert_int_eq(readv1(here, -8UL, 16), -EFAULT);
	ck_assert_int_eq(acquired(), released());
}
END_TEST

START_TEST(local_hole_ends_it)
{
	unsigned long last = here + 3 * PAGE_SIZE - 2;

	ck_assert_int_eq(readv1(last, there, 10), 2);
	ck_assert_int_eq(writev1(last, there, 10), 2);
	ck_assert_int_eq(readv1(0x1000, there, 10), -EFAULT);
	ck_assert_int_eq(writev1(0x1000, there, 10), -EFAULT);
	ck_assert_int_eq(readv1(-4096UL, there, 10), -EFAULT);
	ck_assert_int_eq(acquired(), released());
}
END_TEST

START_TEST(readonly_remote_efault)
{
	pinpage_use_mm(other);
	ck_assert_int_eq(pinpage_mprotect(there, PAGE_SIZE, PROT_READ), 0);
	pinpage_use_mm(mm);
	ck_assert_int_eq(writev1(here, there, 1), -EFAULT);
	ck_assert_int_eq(readv1(here, there, 1), 1);
}
END_TEST

START_TEST(bad_arguments_einval)
{
	struct iovec one = vec(here, 1), negative = vec(here, -1UL);

	ck_assert_int_eq(pinpage_process_vm_readv(other, &one, 1, &one, 1, 1), -EINVAL);
	ck_assert_int_eq(pinpage_process_vm_writev(other, &one, 1, &one, 1, 1), -EINVAL);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &one, 1025, &one, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &one, 1, &one, 1025, 0), -EINVAL);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &negative, 1, &one, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &one, 1, &negative, 1, 0), -EINVAL);
}
END_TEST

START_TEST(atomic_context_einval)
{
	pinpage_spinlock_t lock;

	pinpage_spin_lock_init(&lock, "test");
	pinpage_spin_lock(&lock);
	ck_assert_int_eq(readv1(here, there, 1), -EINVAL);
	pinpage_spin_unlock(&lock);
}
END_TEST

START_TEST(no_array_efault)
{
	struct iovec one = vec(here, 1);

	ck_assert_int_eq(pinpage_process_vm_readv(other, NULL, 1, &one, 1, 0), -EFAULT);
	ck_assert_int_eq(pinpage_process_vm_readv(other, &one, 1, NULL, 1, 0), -EFAULT);
}
END_TEST

START_TEST(no_process_esrch)
{
	struct iovec one = vec(here, 1);

	ck_assert_int_eq(pinpage_process_vm_readv(NULL, &one, 1, &one, 1, 0), -ESRCH);
}
END_TEST

START_TEST(not_booted_einval)
{
	ck_assert_int_eq(readv1(0, 0, 1), -EINVAL);
	ck_assert_int_eq(writev1(0, 0, 1), -EINVAL);
}
END_TEST

/* 5.1 has references only, and leaves the dirtying to the fault */
START_TEST(era_5_1_only_references)
{
	machine("5.1", PINPAGE_ENGINE_NATIVE);
	put_byte(here, 'w');
	ck_assert_int_eq(writev1(here, there, 1), 1);
	ck_assert_int_eq(acquired(), 0);
	ck_assert_uint_eq(other_byte(there), 'w');
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
	pvm_down();
}
END_TEST

/* the target's memory is a file, and the source comes late */

static struct file *file;
static struct pinpage_bdev *bdev;
static struct pinpage_uffd *uffd;
static bool clean_while_pinned;

/* the source page is missing, so the target is pinned: write the file back now */
static int late_source(void *arg)
{
	static char bytes[4096] = "late";
	struct pinpage_uffd_msg msg;
	struct page *page;

	(void)arg;
	while (!pinpage_userfaultfd_read(uffd, &msg, true)) {
		page = pinpage_peek_page(other, there, NULL);
		ck_assert(page_maybe_dma_pinned(page));
		ck_assert_int_eq(pinpage_fsync(file, 0), 0);
		clean_while_pinned = !PageDirty(page);
		ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, msg.address, bytes,
							  PAGE_SIZE, 0), PAGE_SIZE);
	}
	return 0;
}

static void map_the_file(struct super_block **sb)
{
	struct pinpage_mount_options options = { .format = true };
	const struct pinpage_bdev_config disk = { .blocks = 1024 };
	long addr;

	ck_assert_int_eq(pinpage_bdev_create(&disk, &bdev), 0);
	options.bdev = bdev;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, sb), 0);
	file = pinpage_filp_open(*sb, "data", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	pinpage_use_mm(other);
	addr = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	ck_assert_int_gt(addr, 0);
	there = (unsigned long)addr;
	pinpage_use_mm(mm);
}

static void late_write(enum pinpage_engine engine)
{
	struct task_struct *task;
	struct super_block *sb;

	machine("6.1", engine);
	map_the_file(&sb);
	ck_assert_int_eq(pinpage_userfaultfd_open(&uffd), 0);
	here = anon(1, false);
	ck_assert_int_eq(pinpage_userfaultfd_register(uffd, here, PAGE_SIZE,
						      PINPAGE_UFFD_MISSING), 0);
	task = pinpage_kthread_run(late_source, NULL, "source");
	ck_assert_int_eq(writev1(here, there, 4), 4);
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
	ck_assert(clean_while_pinned);
	/* dirtied by the release, unannounced */
	ck_assert(PageDirty(pinpage_peek_page(other, there, NULL)));
	ck_assert_uint_gt(pinpage_check_count(PINPAGE_HAZARD), 0);
	pinpage_userfaultfd_close(uffd);
	pinpage_mmput(other);
	other = NULL;
	pinpage_filp_close(file);
	pinpage_umount(sb);
	pinpage_bdev_destroy(bdev);
	down();
}

START_TEST(write_into_a_cleaned_page_is_told) { late_write(PINPAGE_ENGINE_NATIVE); } END_TEST
START_TEST(write_into_a_cleaned_page_is_told_fiber) { late_write(PINPAGE_ENGINE_FIBER); } END_TEST

static TCase *calls_case(const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, pvm_down);
	tcase_add_test(tc, read_crosses_pages);
	tcase_add_test(tc, write_scatters);
	tcase_add_test(tc, shorter_side_decides);
	tcase_add_test(tc, large_range_goes_in_one_batch);
	tcase_add_test(tc, remote_hole_ends_it);
	tcase_add_test(tc, local_hole_ends_it);
	tcase_add_test(tc, readonly_remote_efault);
	tcase_add_test(tc, bad_arguments_einval);
	tcase_add_test(tc, atomic_context_einval);
	tcase_add_test(tc, no_array_efault);
	tcase_add_test(tc, no_process_esrch);
	return tc;
}

Suite *process_vm_suite(void)
{
	Suite *suite = suite_create("process_vm");

	suite_add_tcase(suite, calls_case("native", up_native));
	suite_add_tcase(suite, calls_case("fiber", up_fiber));
	pp_test_add(suite, not_booted_einval);
	pp_test_add(suite, era_5_1_only_references);
	pp_test_add(suite, write_into_a_cleaned_page_is_told);
	pp_test_add(suite, write_into_a_cleaned_page_is_told_fiber);
	return suite;
}
