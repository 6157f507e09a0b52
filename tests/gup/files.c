// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - kinds of memory that GUP treats apart: secret memory (A29),
 * FS-DAX (A34)
 */
#include <linux/falloc.h>

#include "base/err.h"
#include "machine.h"
#include "suites.h"

#define RW		(PROT_READ | PROT_WRITE)
#define ERESTARTSYS	512
#define PUNCH		(FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static struct super_block *sb;
static struct file *file;

static unsigned long map_it(unsigned long n, int flags)
{
	long addr;

	ck_assert_int_eq(pinpage_ftruncate(file, (pinpage_loff_t)(n * PAGE_SIZE)), 0);
	addr = pinpage_mmap(0, n * PAGE_SIZE, RW, flags, file, 0);
	ck_assert_int_gt(addr, 0);
	return (unsigned long)addr;
}

static void end(unsigned long addr, unsigned long n)
{
	ck_assert_int_eq(pinpage_munmap(addr, n * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	if (sb)
		ck_assert_int_eq(pinpage_umount(sb), 0);
	sb = NULL;
}

static long slow(unsigned long addr, unsigned long nr, unsigned int flags,
		 struct page **pages)
{
	long got;

	mmap_read_lock(mm);
	got = pinpage_pin_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return got;
}

/* secret memory */

static unsigned long secret(void)
{
	unsigned long addr;

	file = pinpage_memfd_secret(O_CLOEXEC);
	ck_assert(!IS_ERR(file));
	addr = map_it(1, MAP_SHARED);
	put_byte(addr, 's');
	return addr;
}

START_TEST(secret_is_refused)		/* A29 */
{
	unsigned long addr = secret();
	struct page *pages[1];
	int base = count_at(addr);

	ck_assert_int_eq(slow(addr, 1, 0, pages), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, pages), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, pages), 0);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, pages), -EFAULT);
	ck_assert_int_eq(pinpage_access_process_vm(mm, addr, pages, 1, 0), 0);
	ck_assert_int_eq(count_at(addr), base);
	ck_assert_int_eq(get_byte(addr), 's');
	end(addr, 1);
}
END_TEST

START_TEST(secret_moves_both_counters)
{
	unsigned long addr = secret();
	struct page *pages[1];

	stats_mark();
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, pages), 0);
	ck_assert_int_eq(acquired(), 1);
	ck_assert_int_eq(released(), 1);
	ck_assert_int_eq(get_user_pages_fast_only(addr, 1, 0, pages), 0);
	ck_assert_int_eq(acquired(), 1);
	end(addr, 1);
}
END_TEST

START_TEST(secret_is_locked_shared_and_fixed)
{
	unsigned long addr = secret();
	char byte;

	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 1);
	ck_assert_int_eq(pinpage_munlock(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 1);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, MAP_PRIVATE, file, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(file, 2 * PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_pwrite(file, &byte, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_memfd_get_seals(file), -EINVAL);
	pinpage_mm_set_memlock(mm, 1);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0),
			 -EAGAIN);
	end(addr, 1);
}
END_TEST

START_TEST(secret_is_not_for_devices)
{
	unsigned long addr = secret();
	struct pinpage_device *dev;

	ck_assert_int_eq(pinpage_device_create("dev", &dev), 0);
	ck_assert(pinpage_dma_map_page(dev, page_at(addr), 0, 1,
				       PINPAGE_DMA_FROM_DEVICE) ==
		  PINPAGE_DMA_MAPPING_ERROR);
	pinpage_device_destroy(dev);
	end(addr, 1);
}
END_TEST

START_TEST(secret_wrong_flags_einval_old_enosys)
{
	ck_assert_int_eq(PTR_ERR(pinpage_memfd_secret(1)), -EINVAL);
	down();
	up("5.10");
	ck_assert_int_eq(PTR_ERR(pinpage_memfd_secret(0)), -ENOSYS);
}
END_TEST

/* FS-DAX */

static unsigned long dax(unsigned long n)
{
	unsigned long addr, i;

	ck_assert_int_eq(pinpage_mount("daxfs", NULL, &sb), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert(!IS_ERR(file));
	addr = map_it(n, MAP_SHARED);
	for (i = 0; i < n; i++)
		put_byte(addr + i * PAGE_SIZE, 'd');
	return addr;
}

START_TEST(dax_longterm_eopnotsupp)	/* A34 */
{
	unsigned long addr = dax(2);
	struct page *pages[2];
	int base = count_at(addr);

	ck_assert_int_eq(slow(addr, 2, FOLL_LONGTERM, pages), -EOPNOTSUPP);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_LONGTERM | FOLL_WRITE,
					     pages), -EOPNOTSUPP);
	ck_assert_int_eq(count_at(addr), base);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_WRITE, pages), 2);
	ck_assert_int_eq(count_at(addr) - base, GUP_PIN_COUNTING_BIAS);
	unpin_user_pages(pages, 2);
	ck_assert_int_eq(slow(addr, 1, FOLL_WRITE, pages), 1);
	unpin_user_pages(pages, 1);
	end(addr, 2);
}
END_TEST

START_TEST(dax_behind_memory_partial_or_nothing)
{
	struct page *pages[2];
	unsigned long addr = dax(1);
	unsigned long before = addr - PAGE_SIZE;

	ck_assert_int_eq(pinpage_mmap(before, PAGE_SIZE, RW, MAP_PRIVATE |
				      MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
			 (long)before);
	put_byte(before, 1);
	if (_i) {
		/* 5.12: the area is refused, what came before is kept */
		ck_assert_int_eq(slow(before, 2, FOLL_LONGTERM, pages), 1);
		unpin_user_pages(pages, 1);
	}
	ck_assert_int_eq(count_at(before), 1);
	ck_assert_int_eq(pinpage_munmap(before, PAGE_SIZE), 0);
	end(addr, 1);
}
END_TEST

START_TEST(dax_scan_of_5_10_gives_all_back)
{
	struct page *pages[2];
	unsigned long addr, before;

	down();
	up("5.10");
	addr = dax(1);
	before = addr - PAGE_SIZE;
	ck_assert_int_eq(pinpage_mmap(before, PAGE_SIZE, RW, MAP_PRIVATE |
				      MAP_ANONYMOUS | MAP_FIXED, NULL, 0),
			 (long)before);
	put_byte(before, 1);
	stats_mark();
	ck_assert_int_eq(slow(before, 2, FOLL_LONGTERM, pages), -EOPNOTSUPP);
	ck_assert_int_eq(acquired(), 2);
	ck_assert_int_eq(released(), 2);
	ck_assert_int_eq(pinpage_munmap(before, PAGE_SIZE), 0);
	end(addr, 1);
}
END_TEST

static struct page *held;

static int let_go(void *kind)
{
	struct pinpage_completion never;

	pinpage_init_completion(&never);
	pinpage_wait_for_completion_timeout(&never, 5000000);
	if (kind)
		unpin_user_page(held);
	else
		put_page(held);
	return 0;
}

START_TEST(dax_truncate_waits_for_holder)	/* dax-truncate-vs-dma */
{
	unsigned long addr = dax(2);
	struct task_struct *task;

	if (_i)
		ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &held), 1);
	else
		ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &held), 1);
	task = pinpage_kthread_run(let_go, _i ? &held : NULL, "device");
	if (_i)
		ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	else
		ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	end(addr, 2);
}
END_TEST

START_TEST(dax_signal_while_waiting_erestartsys)
{
	unsigned long addr = dax(1);
	struct page *page;
	int pins;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_ftruncate(file, 0), -ERESTARTSYS);
	ck_assert_int_eq(pinpage_fallocate(file, PUNCH, 0, PAGE_SIZE), -ERESTARTSYS);
	ck_assert_int_eq(pinpage_i_size_read(file), PAGE_SIZE);
	pins = page_count(page);
	ck_assert_int_eq(pins, 1 + GUP_PIN_COUNTING_BIAS);
	unpin_user_page(page);
	end(addr, 1);
}
END_TEST

START_TEST(dax_layout_breaks_where_nobody_holds)
{
	unsigned long addr = dax(3);
	const long last = 3 * PAGE_SIZE - 1;
	struct task_struct *task;
	struct page *page;
	bool wait = true;

	ck_assert_int_eq(pin_user_pages_fast(addr + PAGE_SIZE, 1, FOLL_WRITE, &page), 1);
	ck_assert_int_eq(pinpage_dax_break_layout(file, 0, last, false), -ERESTARTSYS);
	/* the range counts, byte for byte */
	ck_assert_int_eq(pinpage_dax_break_layout(file, 0, PAGE_SIZE - 1, false), 0);
	ck_assert_int_eq(pinpage_dax_break_layout(file, 2 * PAGE_SIZE, last, false), 0);
	ck_assert_int_eq(pinpage_dax_break_layout(file, 0, PAGE_SIZE, false), -ERESTARTSYS);
	ck_assert_ptr_null(pinpage_peek_page(pinpage_current_mm(), addr, NULL));
	ck_assert_int_eq(pinpage_dax_break_layout(file, -1, last, wait), -EINVAL);
	ck_assert_int_eq(pinpage_dax_break_layout(file, 1, 0, wait), -EINVAL);
	ck_assert_int_eq(pinpage_dax_break_layout(NULL, 0, 0, wait), -EINVAL);
	held = page;
	task = pinpage_kthread_run(let_go, &held, "device");
	ck_assert_int_eq(pinpage_dax_break_layout(file, 0, last, wait), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), last + 1);
	end(addr, 3);
}
END_TEST

START_TEST(dax_private_write_copies)
{
	unsigned long addr = dax(1);
	long copy = pinpage_mmap(0, PAGE_SIZE, RW, MAP_PRIVATE, file, 0);
	struct page *pages[1];
	char byte;

	put_byte((unsigned long)copy, 'x');
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'd');
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'd');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	/* its own page, and yet the area is refused */
	ck_assert_int_eq(slow((unsigned long)copy, 1, FOLL_LONGTERM | FOLL_WRITE,
			      pages), -EOPNOTSUPP);
	ck_assert_int_eq(pinpage_munmap((unsigned long)copy, PAGE_SIZE), 0);
	end(addr, 1);
}
END_TEST

/* what a driver maps */

static struct page *driver_page;

static int map_hole(struct file *f, struct vm_area_struct *vma)
{
	unsigned long at = pinpage_vma_start(vma);

	ck_assert_ptr_eq(pinpage_file_private(f), &driver_page);
	ck_assert_uint_eq(pinpage_vma_pgoff(vma), 0);
	ck_assert_int_eq(pinpage_remap_pfn_range(vma, at + 1, 1, PAGE_SIZE), -EINVAL);
	return pinpage_remap_pfn_range(vma, at, 1ul << 30,
				       pinpage_vma_end(vma) - at);
}

static int map_mixed(struct file *f, struct vm_area_struct *vma)
{
	unsigned long at = pinpage_vma_start(vma);

	(void)f;
	ck_assert_int_eq(pinpage_vm_insert_page(vma, at - 1, driver_page), -EFAULT);
	ck_assert_int_eq(pinpage_vm_insert_page(vma, at, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_vm_insert_page(vma, at, driver_page), 0);
	ck_assert_int_eq(pinpage_vm_insert_page(vma, at, driver_page), -EBUSY);
	ck_assert_int_eq(pinpage_vm_insert_mixed(vma, at - 1, 1), -EFAULT);
	return pinpage_vm_insert_mixed(vma, at + PAGE_SIZE, 1ul << 30);
}

static int refuse(struct file *f, struct vm_area_struct *vma)
{
	(void)map_mixed(f, vma);
	return -EIO;
}

static long map_device(int (*mmap)(struct file *, struct vm_area_struct *), int flags)
{
	static struct pinpage_file_operations fops;

	fops.mmap = mmap;
	driver_page = alloc_page(GFP_KERNEL);
	file = pinpage_device_file("dev", &fops, &driver_page);
	ck_assert(!IS_ERR(file));
	return pinpage_mmap(0, 2 * PAGE_SIZE, RW, flags, file, 0);
}

static void end_device(void)
{
	ck_assert_int_eq(page_count(driver_page), 1);
	__free_page(driver_page);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
}

START_TEST(pfn_area_efault)		/* A26 */
{
	unsigned long addr = (unsigned long)map_device(map_hole, MAP_SHARED);
	struct page *pages[2];

	ck_assert_int_eq(slow(addr, 1, 0, pages), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, pages), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, pages), 0);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, pages), -EFAULT);
	put_byte(addr, 1);
	ck_assert_int_eq(get_byte(addr), 0xff);
	ck_assert_ptr_null(pinpage_peek_page(mm, addr, NULL));
	ck_assert_int_eq(pinpage_mremap(addr, PAGE_SIZE * 2, PAGE_SIZE * 4,
					MREMAP_MAYMOVE, 0), -EFAULT);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	end_device();
}
END_TEST

START_TEST(entry_without_page_eexist)
{
	unsigned long addr = (unsigned long)map_device(map_mixed, MAP_SHARED);
	struct page *pages[2];

	put_byte(addr, 'p');
	ck_assert_int_eq(*(char *)page_address(driver_page), 'p');
	ck_assert_int_eq(slow(addr, 2, FOLL_WRITE, pages), 1);
	ck_assert_ptr_eq(pages[0], driver_page);
	unpin_user_pages(pages, 1);
	ck_assert_int_eq(slow(addr + PAGE_SIZE, 1, 0, pages), -EEXIST);
	mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_get_user_pages(addr + PAGE_SIZE, 1, 0, pages), -EEXIST);
	ck_assert_int_eq(pinpage_get_user_pages(addr, 2, 0, NULL), 2);
	mmap_read_unlock(mm);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	end_device();
}
END_TEST

START_TEST(entry_without_page_5_10)
{
	unsigned long addr;
	struct page *pages[1];

	down();
	up("5.10");
	addr = (unsigned long)map_device(map_mixed, MAP_SHARED) + PAGE_SIZE;
	ck_assert_int_eq(slow(addr, 1, 0, pages), -EEXIST);
	mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_get_user_pages(addr, 1, 0, pages), -EFAULT);
	mmap_read_unlock(mm);
	ck_assert_int_eq(pinpage_munmap(addr - PAGE_SIZE, 2 * PAGE_SIZE), 0);
	end_device();
}
END_TEST

START_TEST(child_has_what_the_driver_mapped)
{
	unsigned long addr = (unsigned long)map_device(map_mixed, MAP_SHARED);
	struct mm_struct *child = pinpage_fork_mm(mm);
	unsigned char byte = 0;

	ck_assert_ptr_eq(pinpage_peek_page(child, addr, NULL), driver_page);
	ck_assert_int_eq(page_count(driver_page), 3);
	ck_assert_int_eq(pinpage_load(child, addr + PAGE_SIZE, &byte, 1), 0);
	ck_assert_uint_eq(byte, 0xff);
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	end_device();
	addr = (unsigned long)map_device(map_hole, MAP_SHARED);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_load(child, addr, &byte, 1), 0);
	ck_assert_uint_eq(byte, 0xff);
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PAGE_SIZE), 0);
	end_device();
}
END_TEST

START_TEST(driver_refuses_and_nothing_stays)
{
	ck_assert_int_eq(map_device(refuse, MAP_SHARED), -EIO);
	end_device();
	ck_assert_int_eq(map_device(map_hole, MAP_PRIVATE), -EINVAL);
	end_device();
	ck_assert_int_eq(map_device(NULL, MAP_SHARED), -ENODEV);
	end_device();
	ck_assert_int_eq(PTR_ERR(pinpage_device_file(NULL, NULL, NULL)), -EINVAL);
}
END_TEST

static void one(Suite *s, const TTest *fn, int to)
{
	TCase *tc = tcase_create(fn->name);

	tcase_add_checked_fixture(tc, fixture_up, down);
	tcase_add_loop_test(tc, fn, 0, to);
	suite_add_tcase(s, tc);
}

Suite *files_suite(void)
{
	Suite *s = suite_create("files");

	one(s, secret_is_refused, 1);
	one(s, secret_moves_both_counters, 1);
	one(s, secret_is_locked_shared_and_fixed, 1);
	one(s, secret_is_not_for_devices, 1);
	one(s, secret_wrong_flags_einval_old_enosys, 1);
	one(s, dax_longterm_eopnotsupp, 1);
	one(s, dax_behind_memory_partial_or_nothing, 2);
	one(s, dax_scan_of_5_10_gives_all_back, 1);
	one(s, dax_truncate_waits_for_holder, 2);
	one(s, dax_layout_breaks_where_nobody_holds, 1);
	one(s, dax_signal_while_waiting_erestartsys, 1);
	one(s, dax_private_write_copies, 1);
	one(s, pfn_area_efault, 1);
	one(s, entry_without_page_eexist, 1);
	one(s, entry_without_page_5_10, 1);
	one(s, child_has_what_the_driver_mapped, 1);
	one(s, driver_refuses_and_nothing_stays, 1);
	return s;
}
