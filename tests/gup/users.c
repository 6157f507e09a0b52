// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Files under pins, direct I/O on user memory, remote access: semantics A28,
 * A35, A36, W03 to W07, W10, W16, W20, W21, F11, F12.
 */
#include "suites.h"

#include "machine.h"

static struct pinpage_bdev *bdev;
static struct super_block *sb;
static struct file *file;
static unsigned long addr;	/* shared mapping of the file, 4 pages */

static unsigned long map_file(unsigned long pages, int prot, int flags)
{
	long at = pinpage_mmap(0, pages * PAGE_SIZE, prot, flags, file, 0);

	ck_assert_int_gt(at, 0);
	return (unsigned long)at;
}

static void files_up(const char *rules)
{
	const struct pinpage_bdev_config config = {
		.blocks = 1024, .write_cache = true,
	};
	struct pinpage_mount_options options = { .format = true };
	char block[4 * 4096];

	up(rules);
	ck_assert_int_eq(pinpage_bdev_create(&config, &bdev), 0);
	options.bdev = bdev;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), 0);
	file = pinpage_filp_open(sb, "data", O_RDWR | O_CREAT, 0600);
	memset(block, 'a', sizeof(block));
	ck_assert_int_eq(pinpage_pwrite(file, block, sizeof(block), 0),
			 sizeof(block));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	addr = map_file(4, PROT_READ | PROT_WRITE, MAP_SHARED);
}

static void files_down(void)
{
	pinpage_munmap(addr, 4 * PAGE_SIZE);
	ck_assert_int_eq(filp_close(file, NULL), 0);
	ck_assert_int_eq(pinpage_umount(sb), 0);
	ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	down();
}

static void files_6_1(void) { files_up("6.1"); }

static char on_disk(unsigned long offset)
{
	char byte = 0;

	pinpage_durable_read(file, &byte, 1, (pinpage_loff_t)offset);
	return byte;
}

static struct page *pin(unsigned long at, unsigned int flags)
{
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(at, 1, flags, &page), 1);
	return page;
}

START_TEST(write_pin_dirties_at_once)
{
	struct page *page = pin(addr, FOLL_WRITE);

	ck_assert(PageDirty(page));
	unpin_user_page(page);
	page = pin(addr + PAGE_SIZE, 0);
	ck_assert(!PageDirty(page));
	unpin_user_pages_dirty_lock(&page, 1, false);
	ck_assert(!PageDirty(page));
}
END_TEST

START_TEST(fsync_cleans_a_pinned_page)
{
	struct page *again, *page = pin(addr, FOLL_WRITE);

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page));
	ck_assert(page_maybe_dma_pinned(page));
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_WRITE,
						  &again), 0);
	unpin_user_page(page);
}
END_TEST

START_TEST(dirty_release_reaches_the_disk)
{
	struct page *page = pin(addr, FOLL_WRITE);

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	*(char *)page_address(page) = 'd';
	unpin_user_pages_dirty_lock(&page, 1, true);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(on_disk(0), 'd');
}
END_TEST

START_TEST(plain_release_loses_the_tail)
{
	struct page *page = pin(addr, FOLL_WRITE);
	char byte;

	*(char *)page_address(page) = 'k';
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	((char *)page_address(page))[1] = 'x';
	unpin_user_page(page);
	pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT);
	pinpage_drop_caches();
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'k');
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 1), 1);
	ck_assert_int_eq(byte, 'a');
}
END_TEST

START_TEST(beyond_eof_efault)
{
	unsigned long at = map_file(8, PROT_READ | PROT_WRITE, MAP_SHARED);
	struct page *pages[8];

	ck_assert_int_eq(pin_user_pages_fast(at, 8, 0, pages), 4);
	unpin_user_pages(pages, 4);
	ck_assert_int_eq(pin_user_pages_fast(at + 5 * PAGE_SIZE, 1, 0, pages),
			 -EFAULT);
	pinpage_munmap(at, 8 * PAGE_SIZE);
}
END_TEST

/* A31: neither a read from disk nor a locked page is waited for */
START_TEST(nowait_gives_up_with_zero)
{
	struct page *page;
	long got;

	pinpage_madvise(addr, 4 * PAGE_SIZE, MADV_DONTNEED);
	pinpage_drop_caches();
	mmap_read_lock(mm);
	got = pin_user_pages(addr, 1, FOLL_NOWAIT, &page);
	ck_assert_int_eq(got, 0);
	ck_assert_int_eq(pin_user_pages(addr, 1, 0, &page), 1);
	mmap_read_unlock(mm);
	pinpage_madvise(addr, 4 * PAGE_SIZE, MADV_DONTNEED);
	mmap_read_lock(mm);
	lock_page(page);
	got = get_user_pages(addr, 1, FOLL_NOWAIT, &page);
	unlock_page(page);
	mmap_read_unlock(mm);
	ck_assert_int_eq(got, 0);
	unpin_user_page(page);
}
END_TEST

START_TEST(direct_io_errors_come_back)
{
	unsigned long buf = anon(1, true);

	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_direct_read(file, buf, PAGE_SIZE, 0), -EIO);
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, ENOSPC, false);
	ck_assert_int_eq(pinpage_direct_write(file, buf, PAGE_SIZE, 0),
			 -ENOSPC);
	ck_assert_int_eq(pinpage_direct_read(file, buf + 1, 512, 0), -EINVAL);
	ck_assert_int_eq(pinpage_direct_read(file, buf, 100, 0), -EINVAL);
	ck_assert_int_eq(pinpage_direct_read(file, buf, 0, 0), 0);
	pinpage_munmap(buf + PAGE_SIZE, PAGE_SIZE);
	ck_assert_int_eq(pinpage_direct_read(file, buf, 2 * PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(count_at(buf), 1);
}
END_TEST

START_TEST(private_file_write_pin_copies)
{
	unsigned long at = map_file(1, PROT_READ | PROT_WRITE, MAP_PRIVATE);
	struct page *page = pin(at, 0);
	char byte;

	put_byte(at, 'p');
	ck_assert_int_eq(*(char *)page_address(page), 'a');
	unpin_user_page(page);
	page = pin(at, FOLL_WRITE);
	ck_assert(PageAnonExclusive(page));
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'a');
	unpin_user_page(page);
	pinpage_munmap(at, PAGE_SIZE);
}
END_TEST

/* A35 */
static void longterm_write(const char *rules, long expect)
{
	struct page *page;

	files_up(rules);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1,
					     FOLL_WRITE | FOLL_LONGTERM,
					     &page), expect);
	if (expect == 1)
		unpin_user_page(page);
	page = pin(addr, FOLL_LONGTERM);
	unpin_user_page(page);
	files_down();
}

START_TEST(longterm_write_6_1_taken) { longterm_write("6.1", 1); } END_TEST
START_TEST(longterm_write_6_5_efault) { longterm_write("6.5", -EFAULT); } END_TEST

/* W20, W21 */
static void direct(const char *rules, long pins)
{
	unsigned long buf;
	char byte = 'n';

	files_up(rules);
	buf = anon(1, false);
	stats_mark();
	ck_assert_int_eq(pinpage_direct_read(file, buf, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(acquired(), pins);
	ck_assert_int_eq(released(), pins);
	ck_assert_uint_eq(get_byte(buf), 'a');
	put_byte(buf, (unsigned char)byte);
	ck_assert_int_eq(pinpage_direct_write(file, buf, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), 1);
	ck_assert_int_eq(byte, 'n');
	files_down();
}

START_TEST(direct_io_gets_6_1) { direct("6.1", 0); } END_TEST
START_TEST(direct_io_pins_6_5) { direct("6.5", 1); } END_TEST

START_TEST(direct_io_bad_arguments)
{
	ck_assert_int_eq(pinpage_direct_read(file, 0x1000, PAGE_SIZE, 0),
			 -EFAULT);
	ck_assert_int_eq(pinpage_direct_read(NULL, addr, PAGE_SIZE, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_write(file, addr, PAGE_SIZE, -4096),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_read(file, -8UL, PAGE_SIZE, 0),
			 -EFAULT);
}
END_TEST

START_TEST(overwrite_orphans_the_pinned_page)
{
	unsigned long buf = anon(1, true);
	struct page *page = pin(addr, 0);

	put_byte(buf, 'o');
	ck_assert_int_eq(pinpage_direct_write(file, buf, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_uint_eq(get_byte(addr), 'o');
	ck_assert_int_eq(*(char *)page_address(page), 'a');
	ck_assert_ptr_null(page_mapping(page));
	unpin_user_page(page);
}
END_TEST

START_TEST(remote_access_moves_bytes)
{
	char buf[8] = "remote";
	unsigned long at = anon(2, false) + PAGE_SIZE - 3;

	ck_assert_int_eq(access_process_vm(mm, at, buf, 7, FOLL_WRITE), 7);
	memset(buf, 0, sizeof(buf));
	ck_assert_int_eq(access_process_vm(mm, at, buf, 7, 0), 7);
	ck_assert_str_eq(buf, "remote");
	ck_assert_int_eq(access_process_vm(mm, 0x1000, buf, 7, 0), 0);
}
END_TEST

START_TEST(fixup_faults_in)
{
	unsigned long at = anon(1, false);

	mmap_read_lock(mm);
	ck_assert_int_eq(fixup_user_fault(mm, at, 1, NULL), 0);
	ck_assert_int_eq(fixup_user_fault(mm, 0x1000, 0, NULL), -EFAULT);
	mmap_read_unlock(mm);
	ck_assert_ptr_nonnull(pinpage_peek_page(mm, at, NULL));
}
END_TEST

/* D01, D02 */
START_TEST(dirty_at_pin_marks_writers)
{
	struct page *page;

	files_up("dirty-at-pin");
	page = pin(addr, FOLL_WRITE);
	ck_assert(PageDirty(page));
	unpin_user_page(page);
	page = pin(addr + PAGE_SIZE, 0);
	ck_assert(!PageDirty(page));
	unpin_user_page(page);
	page = pin(anon(1, true), FOLL_WRITE);
	ck_assert(PageDirty(page));
	unpin_user_page(page);
	files_down();
}
END_TEST

Suite *users_suite(void)
{
	Suite *suite = suite_create("users");
	TCase *tc = tcase_create("files 6.1");

	tcase_add_checked_fixture(tc, files_6_1, files_down);
	tcase_add_test(tc, write_pin_dirties_at_once);
	tcase_add_test(tc, fsync_cleans_a_pinned_page);
	tcase_add_test(tc, dirty_release_reaches_the_disk);
	tcase_add_test(tc, plain_release_loses_the_tail);
	tcase_add_test(tc, beyond_eof_efault);
	tcase_add_test(tc, nowait_gives_up_with_zero);
	tcase_add_test(tc, direct_io_errors_come_back);
	tcase_add_test(tc, private_file_write_pin_copies);
	tcase_add_test(tc, direct_io_bad_arguments);
	tcase_add_test(tc, overwrite_orphans_the_pinned_page);
	tcase_add_test(tc, remote_access_moves_bytes);
	tcase_add_test(tc, fixup_faults_in);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, longterm_write_6_1_taken);
	pp_test_add(suite, longterm_write_6_5_efault);
	pp_test_add(suite, direct_io_gets_6_1);
	pp_test_add(suite, direct_io_pins_6_5);
	pp_test_add(suite, dirty_at_pin_marks_writers);
	return suite;
}
