// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hostfs.c - real files in a scratch directory
 */
#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "blkfs_support.h"

static char dir[64];

static const char *at(const char *name)
{
	static char path[sizeof(dir) + 256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void mount_dir(void)
{
	struct pinpage_mount_options o = { .root = dir };

	ck_assert_int_eq(pinpage_mount("hostfs", &o, &sb), 0);
}

static void up(void)
{
	snprintf(dir, sizeof(dir), "/tmp/pinpage-hostfs-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	models_boot(PINPAGE_ENGINE_FIBER, "6.1");
	mount_dir();
	file = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT | O_EXCL, 0644);
	ck_assert_msg(!IS_ERR(file), "open: %ld", PTR_ERR(file));
	mapping = file->f_mapping;
}

static void down(void)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	unwatch_events();
	models_down();
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			remove(at(e->d_name));
	closedir(d);
	rmdir(dir);
}

static void host_write(const char *name, const char *text)
{
	FILE *f = fopen(at(name), "w");

	fputs(text, f);
	fclose(f);
}

/* The byte as another process reads it from the file; -1 if there is none. */
static int other_process_reads(const char *name, off_t pos)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		unsigned char byte;
		int fd = open(at(name), O_RDONLY);

		_exit(fd >= 0 && pread(fd, &byte, 1, pos) == 1 ? byte : 255);
	}
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status) == 255 ? -1 : WEXITSTATUS(status);
}

static int open_error(const char *name, int flags)
{
	struct file *f = pinpage_filp_open(sb, name, flags, 0600);

	if (IS_ERR(f))
		return (int)PTR_ERR(f);
	pinpage_filp_close(f);
	return 0;
}

START_TEST(mount_bad_root_fails)
{
	struct pinpage_mount_options o = { .root = "/nonexistent/root" };
	struct super_block *other = NULL;

	ck_assert_int_eq(pinpage_mount("hostfs", &o, &other), -ENOENT);
	o.root = NULL;
	ck_assert_int_eq(pinpage_mount("hostfs", &o, &other), -EINVAL);
	o.root = at("f");
	ck_assert_int_eq(pinpage_mount("hostfs", &o, &other), -ENOTDIR);
	ck_assert_ptr_null(other);
}
END_TEST

START_TEST(fsync_reaches_other_process)
{
	put_page_bytes(1, 'a');
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), -1);
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), 'a');
	ck_assert_int_eq(other_process_reads("f", 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 1);
	ck_assert_uint_eq(seen_last[PINPAGE_EV_DURABLE].index, 1);
	ck_assert_uint_eq(seen_last[PINPAGE_EV_DURABLE].nr, 1);
}
END_TEST

START_TEST(mapped_write_reaches_disk)
{
	struct page *page;

	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	page = read_in(0);
	ck_assert_int_eq(mkwrite(page), 0);
	store_byte(page, 'm');
	ck_assert_int_eq(pinpage_fsync(file, 1), 0);
	ck_assert_int_eq(other_process_reads("f", 0), 'm');
	ck_assert_int_eq(durable_byte(0), 'm');
	pp_unref(page);
}
END_TEST

START_TEST(host_file_is_read)
{
	host_write("g", "from the host");
	pinpage_filp_close(file);
	file = pinpage_filp_open(sb, "g", O_RDONLY, 0);
	ck_assert(!IS_ERR(file));
	mapping = file->f_mapping;
	ck_assert_int_eq(pinpage_i_size_read(file), 13);
	ck_assert_int_eq(get_first_byte(0), 'f');
}
END_TEST

START_TEST(last_page_written_to_size_only)
{
	struct stat st;

	ck_assert_int_eq(pinpage_pwrite(file, "abc", 3, PAGE_SIZE), 3);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(stat(at("f"), &st), 0);
	ck_assert_int_eq(st.st_size, PAGE_SIZE + 3);
}
END_TEST

START_TEST(open_errors_of_host_pass_through)
{
	ck_assert_int_eq(mkdir(at("d"), 0700), 0);
	ck_assert_int_eq(open_error("absent", O_RDWR), -ENOENT);
	ck_assert_int_eq(open_error("f", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
	ck_assert_int_eq(open_error("d", O_RDWR), -EISDIR);
	ck_assert_int_eq(open_error("d", O_RDONLY), -EISDIR);
	ck_assert_int_eq(open_error("f/x", O_RDWR), -ENOTDIR);
	ck_assert_int_eq(mkfifo(at("p"), 0600), 0);
	ck_assert_int_eq(open_error("p", O_RDWR), -EINVAL);
	ck_assert_int_eq(pinpage_unlink(sb, "absent"), -ENOENT);
}
END_TEST

START_TEST(names_that_escape_einval)
{
	static const char *const names[] = {
		"/etc/passwd", "../f", "a/../../f", "..", ".", "./f", "a//b",
		"f/",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		ck_assert_int_eq(open_error(names[i], O_RDWR), -EINVAL);
	ck_assert_int_eq(symlink("/etc/passwd", at("link")), 0);
	ck_assert_int_lt(open_error("link", O_RDONLY), 0);
}
END_TEST

START_TEST(write_open_of_read_only_file_eacces)
{
	if (!geteuid()) {
		/* root may write anything: become somebody for the opens */
		ck_assert_int_eq(chmod(dir, 0777), 0);
	}
	host_write("ro", "text");
	ck_assert_int_eq(chmod(at("ro"), 0444), 0);
	if (!geteuid())
		ck_assert_int_eq(seteuid(65534), 0);
	ck_assert_int_eq(open_error("ro", O_RDWR), -EACCES);
	pinpage_filp_close(file);
	file = pinpage_filp_open(sb, "ro", O_RDONLY, 0);
	ck_assert(!IS_ERR(file));
	ck_assert_int_eq(open_error("ro", O_WRONLY), -EACCES);
	if (getuid() == 0)
		ck_assert_int_eq(seteuid(0), 0);
	ck_assert_int_eq(open_error("ro", O_WRONLY), 0);
}
END_TEST

START_TEST(truncated_by_other_reads_zero_and_warns)
{
	unsigned long warned;

	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	put_page_bytes(2, 'c');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	ck_assert_int_eq(truncate(at("f"), 100), 0);
	watch_events(NULL);
	warned = pp_warn_count();
	ck_assert_int_eq(get_first_byte(1), 0);
	ck_assert_uint_eq(pp_warn_count(), warned + 1);
	ck_assert_uint_eq(seen[PINPAGE_EV_WARN], 1);
	ck_assert_int_eq(get_first_byte(0), 'a');
	put_page_bytes(2, 'd');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(other_process_reads("f", 2 * PAGE_SIZE), 'd');
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), 0);
}
END_TEST

START_TEST(hole_of_growing_file_is_no_loss)
{
	unsigned long warned = pp_warn_count();

	ck_assert_int_eq(pinpage_pwrite(file, "x", 1, 5 * PAGE_SIZE), 1);
	ck_assert_int_eq(get_first_byte(2), 0);
	ck_assert_uint_eq(pp_warn_count(), warned);
}
END_TEST

START_TEST(injected_errors_reported)
{
	char byte;

	put_page_bytes(0, 'a');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, ENOSPC, false);
	ck_assert_int_eq(pinpage_fsync(file, 0), -ENOSPC);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	put_page_bytes(0, 'b');
	pinpage_inject_io(PINPAGE_IO_FLUSH, 1, EIO, false);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	watch_events(NULL);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(seen[PINPAGE_EV_DURABLE], 1);
	pinpage_drop_caches();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, false);
	ck_assert_int_eq(pinpage_pread(file, &byte, 1, 0), -EIO);
	ck_assert_int_eq(get_first_byte(0), 'b');
}
END_TEST

/* A limit of the host stands for a full disk: pwrite(2) really fails. */
START_TEST(host_write_error_reported_by_fsync)
{
	struct rlimit limit = { PAGE_SIZE, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_pwrite(file, "bbbb", 4, 2 * PAGE_SIZE), 4);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EFBIG);
	ck_assert_int_eq(other_process_reads("f", 0), 'a');
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE), -EFBIG);
	limit.rlim_cur = RLIM_INFINITY;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}
END_TEST

START_TEST(truncate_and_punch_reach_host)
{
	struct stat st;
	int ret;

	for (unsigned long i = 0; i < 4; i++)
		put_page_bytes(i, 'a');
	ck_assert_int_eq(pinpage_ftruncate(file, 3 * PAGE_SIZE + 5), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(stat(at("f"), &st), 0);
	ck_assert_int_eq(st.st_size, 3 * PAGE_SIZE + 5);
	ret = pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE |
				FALLOC_FL_KEEP_SIZE, PAGE_SIZE, PAGE_SIZE);
	ck_assert(!ret || ret == -EOPNOTSUPP);
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), ret ? 'a' : 0);
	ck_assert_int_eq(get_first_byte(1), ret ? 'a' : 0);
}
END_TEST

START_TEST(unlinked_file_lives_until_closed)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_unlink(sb, "f"), 0);
	ck_assert_int_ne(access(at("f"), F_OK), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pinpage_drop_caches();
	ck_assert_int_eq(get_first_byte(0), 'a');
}
END_TEST

START_TEST(umount_writes_back)
{
	put_page_bytes(0, 'a');
	pinpage_filp_close(file);
	file = NULL;
	ck_assert_int_eq(pinpage_umount(sb), 0);
	sb = NULL;
	ck_assert_int_eq(other_process_reads("f", 0), 'a');
}
END_TEST

START_TEST(direct_io_bypasses_cache)
{
	struct page *page = pp_alloc_page(PINPAGE_GFP_ZERO);

	*(char *)page_address(page) = 'x';
	ck_assert_int_eq(pinpage_direct_io(file, true, &page, 0, PAGE_SIZE,
					   PAGE_SIZE), PAGE_SIZE);
	ck_assert_ptr_null(cached(1));
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), 'x');
	*(char *)page_address(page) = 0;
	ck_assert_int_eq(pinpage_direct_io(file, false, &page, 0, PAGE_SIZE,
					   PAGE_SIZE), PAGE_SIZE);
	ck_assert_int_eq(*(char *)page_address(page), 'x');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, false);
	ck_assert_int_eq(pinpage_direct_io(file, true, &page, 0, PAGE_SIZE, 0),
			 -EIO);
	pp_unref(page);
}
END_TEST

START_TEST(blocks_are_the_hosts)
{
	struct stat st;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(stat(at("f"), &st), 0);
	ck_assert_uint_eq(pinpage_file_blocks(file), (uint64_t)st.st_blocks);
}
END_TEST

/* cut while dirty pages and a later size are still ours alone */
START_TEST(truncated_by_other_before_fsync_is_written_again)
{
	put_page_bytes(0, 'a');
	put_page_bytes(1, 'b');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	put_page_bytes(1, 'c');
	ck_assert_int_eq(truncate(at("f"), 0), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(other_process_reads("f", PAGE_SIZE), 'c');
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(pinpage_i_size_read(file), 2 * PAGE_SIZE);
}
END_TEST

START_TEST(open_without_memory_enomem)
{
	int ret = -ENOMEM;
	unsigned long nth;

	host_write("g", "x");
	for (nth = 1; ret; nth++) {
		pp_inject_alloc(nth);
		ret = open_error("g", O_RDWR);
		ck_assert(!ret || ret == -ENOMEM);
	}
	pp_inject_alloc(0);
	ck_assert_uint_gt(nth, 2);
}
END_TEST

#define host_test(fn) bdev_case(suite, #fn, fn, up, down)

Suite *hostfs_suite(void)
{
	Suite *suite = suite_create("hostfs");

	host_test(mount_bad_root_fails);
	host_test(fsync_reaches_other_process);
	host_test(mapped_write_reaches_disk);
	host_test(host_file_is_read);
	host_test(last_page_written_to_size_only);
	host_test(open_errors_of_host_pass_through);
	host_test(names_that_escape_einval);
	host_test(write_open_of_read_only_file_eacces);
	host_test(truncated_by_other_reads_zero_and_warns);
	host_test(hole_of_growing_file_is_no_loss);
	host_test(injected_errors_reported);
	host_test(host_write_error_reported_by_fsync);
	host_test(truncate_and_punch_reach_host);
	host_test(unlinked_file_lives_until_closed);
	host_test(umount_writes_back);
	host_test(direct_io_bypasses_cache);
	host_test(blocks_are_the_hosts);
	host_test(truncated_by_other_before_fsync_is_written_again);
	host_test(open_without_memory_enomem);
	return suite;
}
