// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * file.c - open files, inodes, mounts
 */
#include "suites.h"

START_TEST(same_name_same_inode)
{
	struct file *f = pinpage_filp_open(sb, "f", O_RDONLY, 0);

	ck_assert_ptr_eq(f->f_inode, file->f_inode);
	ck_assert_ptr_eq(pinpage_file_mapping(f), mapping);
	ck_assert_str_eq(pinpage_mapping_name(mapping), "f");
	pinpage_filp_close(f);
}
END_TEST

START_TEST(cache_survives_close)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	file = pinpage_filp_open(sb, "f", O_RDWR, 0);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_uint_eq(disk->writes[0], 0);
}
END_TEST

START_TEST(umount_writes_back)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_umount(sb), -EBUSY);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	file = NULL;
	ck_assert_int_eq(pinpage_umount(sb), 0);
	ck_assert_int_eq(disk->data[0], 'a');
	ck_assert_int_eq(pinpage_umount(sb), -EINVAL);
	sb = NULL;
}
END_TEST

START_TEST(umount_reports_write_error)
{
	put_page_bytes(0, 'a');
	pinpage_filp_close(file);
	file = NULL;
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_umount(sb), -EIO);
	sb = NULL;
}
END_TEST

START_TEST(umount_lost_writes_nothing)
{
	put_page_bytes(0, 'a');
	pinpage_umount_lost(sb);
	ck_assert_uint_eq(pp_warn_count(), 1);
	pinpage_filp_close(file);
	file = NULL;
	pinpage_umount_lost(sb);
	ck_assert_uint_eq(disk->writes[0], 0);
	sb = NULL;
}
END_TEST

START_TEST(unlinked_file_lives_until_close)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_eq(pinpage_unlink(sb, "f"), -ENOENT);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(sb, "f", O_RDWR, 0)),
			 -ENOENT);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert(disk->used);
	pinpage_filp_close(file);
	ck_assert(!disk->used);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
	file = NULL;
}
END_TEST

START_TEST(references_keep_file_open)
{
	ck_assert_ptr_eq(pinpage_get_file(file), file);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
	ck_assert_ptr_null(pinpage_get_file(NULL));
	ck_assert_int_eq(pinpage_filp_close(NULL), -EINVAL);
}
END_TEST

START_TEST(open_flags_are_checked)
{
	static char long_name[300];

	memset(long_name, 'n', sizeof(long_name) - 1);
#define open_error(name, flags) \
	PTR_ERR(pinpage_filp_open(sb, name, flags, 0600))
	ck_assert_int_eq(open_error("g", O_RDWR), -ENOENT);
	ck_assert_int_eq(open_error("f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	ck_assert_int_eq(open_error("", O_RDWR), -ENOENT);
	ck_assert_int_eq(open_error(NULL, O_RDWR), -ENOENT);
	ck_assert_int_eq(open_error(long_name, O_RDWR), -ENAMETOOLONG);
	ck_assert_int_eq(open_error("f", O_ACCMODE), -EINVAL);
	ck_assert_int_eq(open_error("f", O_DIRECTORY), -ENOTDIR);
	ck_assert_int_eq(PTR_ERR(pinpage_filp_open(NULL, "f", O_RDWR, 0)),
			 -EINVAL);
	ck_assert_int_eq(pinpage_unlink((void *)8, "f"), -EINVAL);
	ck_assert_int_eq(pinpage_unlink(sb, ""), -ENOENT);
}
END_TEST

START_TEST(open_trunc_empties)
{
	struct file *f;

	put_page_bytes(0, 'a');
	f = pinpage_filp_open(sb, "f", O_RDWR | O_TRUNC, 0);
	ck_assert_int_eq(pinpage_i_size_read(file), 0);
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(open_enomem_in_turn)
{
	unsigned long nth;

	for (nth = 1; nth < 20; nth++) {
		struct file *f;
		bool fired;

		pp_inject_alloc(nth);
		f = pinpage_filp_open(sb, "new", O_RDWR | O_CREAT, 0);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		if (!fired) {
			ck_assert(!IS_ERR(f));
			pinpage_filp_close(f);
			break;
		}
		ck_assert_int_eq(PTR_ERR(f), -ENOMEM);
	}
	ck_assert_uint_gt(nth, 2);
	ck_assert_uint_lt(nth, 20);
}
END_TEST

START_TEST(shmem_file_is_unlinked_memory)
{
	struct file *f = pp_shmem_file_setup("zero", 2 * PAGE_SIZE);
	char c = 1;

	ck_assert(!IS_ERR(f));
	ck_assert_int_eq(pinpage_i_size_read(f), 2 * PAGE_SIZE);
	ck_assert_int_eq(pinpage_pread(f, &c, 1, PAGE_SIZE), 1);
	ck_assert_int_eq(c, 0);
	ck_assert_int_eq(pinpage_pwrite(f, "x", 1, PAGE_SIZE), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert_int_eq(pinpage_pread(f, &c, 1, PAGE_SIZE), 1);
	ck_assert_int_eq(c, 'x');
	pp_fput(f);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), 0);
	ck_assert_int_eq(PTR_ERR(pp_shmem_file_setup("zero", -1)), -EINVAL);
}
END_TEST

START_TEST(mount_errors)
{
	struct super_block *other = NULL;

	ck_assert_int_eq(pinpage_mount("nofs", NULL, &other), -ENODEV);
	ck_assert_int_eq(pinpage_mount(NULL, NULL, &other), -EINVAL);
	ck_assert_int_eq(pinpage_mount("memfs", NULL, NULL), -EINVAL);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_mount("memfs", NULL, &other), -ENOMEM);
	pp_inject_alloc(0);
	ck_assert_ptr_null(other);
}
END_TEST

START_TEST(shutdown_names_open_files)
{
	unsigned long before = pp_warn_count();

	put_page_bytes(0, 'a');
	pp_pagecache_shutdown();
	ck_assert_uint_eq(pp_warn_count(), before + 2);
	ck_assert_int_eq(disk->data[0], 'a');
	file = NULL;
	sb = NULL;
}
END_TEST

START_TEST(shutdown_after_hang_drops_the_cache)
{
	put_page_bytes(0, 'a');
	pp_lock_page(cached(0));
	pp_lock_released(&cached(0)->flags);	/* its task is abandoned */
	pinpage_filp_close(file);
	pp_pagecache_shutdown();
	ck_assert_uint_eq(disk->writes[0], 0);
	file = NULL;
	sb = NULL;
}
END_TEST

START_TEST(questions_about_bad_files)
{
	char c;

	ck_assert_int_eq(pinpage_i_size_read(NULL), -EINVAL);
	ck_assert_uint_eq(pinpage_file_blocks(NULL), 0);
	ck_assert_ptr_null(pinpage_file_mapping(ERR_PTR(-EIO)));
	ck_assert_str_eq(pinpage_mapping_name(NULL), "(none)");
	ck_assert_int_eq(pinpage_durable_read(NULL, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_durable_read(file, &c, 1, -1), -EINVAL);
	ck_assert_int_eq(pinpage_durable_read(file, NULL, 1, 0), -EFAULT);
	put_page_bytes(0, 'a');
	ck_assert_uint_eq(pinpage_file_blocks(file), 8);
}
END_TEST

static void up_down(void)
{
	file = NULL;
	sb = NULL;
}

START_TEST(calls_before_boot_warn)
{
	char c;

	pp_machine_up = false;
	ck_assert_int_eq(pinpage_mount("memfs", NULL, &sb), -EINVAL);
	ck_assert_int_eq(pinpage_pread((void *)&c, &c, 1, 0), -EINVAL);
	ck_assert_int_eq(pinpage_writeback(NULL, 0), -EINVAL);
	ck_assert_int_eq(pinpage_flusher_start(NULL), -EINVAL);
	pinpage_drop_caches();
	sb = NULL;
}
END_TEST

Suite *file_suite(void)
{
	Suite *s = suite_create("file");
	TCase *tc = pp_test_add(s, calls_before_boot_warn);

	tcase_add_checked_fixture(tc, up_down, NULL);
	mem_test(s, same_name_same_inode);
	mem_test(s, cache_survives_close);
	mem_test(s, umount_writes_back);
	mem_test(s, umount_reports_write_error);
	mem_test(s, umount_lost_writes_nothing);
	mem_test(s, unlinked_file_lives_until_close);
	mem_test(s, references_keep_file_open);
	mem_test(s, open_flags_are_checked);
	mem_test(s, open_trunc_empties);
	mem_test(s, open_enomem_in_turn);
	mem_test(s, shmem_file_is_unlinked_memory);
	mem_test(s, mount_errors);
	mem_test(s, shutdown_names_open_files);
	mem_test(s, shutdown_after_hang_drops_the_cache);
	mem_test(s, questions_about_bad_files);
	return s;
}
