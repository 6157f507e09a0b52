// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * files.c - what a process does with files, and the knobs under /proc and /sys
 *
 * The directory of a case is the current directory, on ext4; shmem files are in
 * /shm, /huge, /within and /advise, those of persistent memory in /dax.
 */
#include "run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

long write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	ssize_t n;
	long ret;

	if (fd < 0)
		return -errno;
	n = write(fd, text, strlen(text));
	ret = n < 0 ? -errno : 0;
	close(fd);
	return ret;
}

long write_number(const char *path, long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", n);
	return write_file(path, text);
}

long read_number(const char *path)
{
	FILE *f = fopen(path, "r");
	long n;

	if (!f)
		return -errno;
	if (fscanf(f, "%ld", &n) != 1)
		n = -EIO;
	fclose(f);
	return n;
}

/* The name is in op->data; what is before a colon is where it is mounted. */
static const char *path_of(struct op *op, char *path)
{
	const char *colon = strchr(op->data, ':');

	if (colon)
		snprintf(path, 128, "/%.*s/%.100s", (int)(colon - op->data), op->data,
			 colon + 1);
	else
		snprintf(path, 128, "%.100s", op->data);
	return path;
}

static void name(const char *text)
{
	snprintf(box_now()->data, DATA, "%s", text);
}

static long do_open(struct op *op)
{
	char path[128];

	return ret_of(open(path_of(op, path), op->a[0], 0600));
}

int f_open(const char *n, int flags)
{
	name(n);
	return RUN(do_open, flags);
}

static long do_memfd(struct op *op)
{
	int fd = memfd_create("case", op->a[1]);
	long unit = op->a[1] & MFD_HUGETLB ? HUGE : PAGE;

	if (fd >= 0 && ftruncate(fd, op->a[0] * unit)) {
		close(fd);
		return -errno;
	}
	return ret_of(fd);
}

int f_memfd(long pages, unsigned int flags)
{
	return RUN(do_memfd, pages, flags);
}

static long do_secretmem(struct op *op)
{
	int fd = syscall(447, 0);	/* memfd_secret */

	if (fd >= 0 && ftruncate(fd, op->a[0] * PAGE))
		return -errno;
	return ret_of(fd);
}

int f_secretmem(long pages)
{
	return RUN(do_secretmem, pages);
}

static long do_close(struct op *op)
{
	return ret_of(close(op->a[0]));
}

long f_close(int fd)
{
	return RUN(do_close, fd);
}

static long do_unlink(struct op *op)
{
	char path[128];

	return ret_of(unlink(path_of(op, path)));
}

long f_unlink(const char *n)
{
	name(n);
	return RUN(do_unlink);
}

/* fd, len, off, write?, user address or 0 for op->data */
static long do_rw(struct op *op)
{
	void *buf = op->a[4] ? (void *)op->a[4] : op->data;

	return ret_of(op->a[3] ? pwrite(op->a[0], buf, op->a[1], op->a[2]) :
				 pread(op->a[0], buf, op->a[1], op->a[2]));
}

long f_pread(int fd, void *buf, long len, long off)
{
	long ret, n, done;

	for (done = 0; done < len; done += ret) {
		n = len - done < DATA ? len - done : DATA;
		ret = RUN(do_rw, fd, n, off + done, 0, 0);
		if (ret <= 0)
			return done ? done : ret;
		memcpy((char *)buf + done, boxes[conf_now].data, ret);
	}
	return done;
}

long f_pwrite(int fd, const void *buf, long len, long off)
{
	long ret, n, done;

	for (done = 0; done < len; done += ret) {
		n = len - done < DATA ? len - done : DATA;
		memcpy(box_now()->data, (const char *)buf + done, n);
		ret = RUN(do_rw, fd, n, off + done, 1, 0);
		if (ret <= 0)
			return done ? done : ret;
	}
	return done;
}

long f_pread_to(int fd, unsigned long a, long len, long off)
{
	return RUN(do_rw, fd, len, off, 0, a);
}

long f_pwrite_from(int fd, unsigned long a, long len, long off)
{
	return RUN(do_rw, fd, len, off, 1, a);
}

static long do_truncate(struct op *op)
{
	return ret_of(ftruncate(op->a[0], op->a[1]));
}

long f_truncate(int fd, long size)
{
	return RUN(do_truncate, fd, size);
}

static long do_fallocate(struct op *op)
{
	return ret_of(fallocate(op->a[0], op->a[1], op->a[2], op->a[3]));
}

long f_fallocate(int fd, int mode, long off, long len)
{
	return RUN(do_fallocate, fd, mode, off, len);
}

static long do_fsync(struct op *op)
{
	return ret_of(op->a[1] ? fdatasync(op->a[0]) : fsync(op->a[0]));
}

long f_fsync(int fd)
{
	return RUN(do_fsync, fd, 0);
}

long f_fdatasync(int fd)
{
	return RUN(do_fsync, fd, 1);
}

static long do_sync_range(struct op *op)
{
	return ret_of(sync_file_range(op->a[0], op->a[1], op->a[2], op->a[3]));
}

long f_sync_range(int fd, long off, long len, int flags)
{
	return RUN(do_sync_range, fd, off, len, flags);
}

static long do_stat(struct op *op)
{
	struct stat st;

	if (fstat(op->a[0], &st))
		return -errno;
	return op->a[1] ? st.st_blocks : st.st_size;
}

long f_size(int fd)
{
	return RUN(do_stat, fd, 0);
}

long f_blocks(int fd)
{
	return RUN(do_stat, fd, 1);
}

static long do_forget(struct op *op)
{
	return -posix_fadvise(op->a[0], 0, 0, POSIX_FADV_DONTNEED);
}

long f_forget(int fd)
{
	return RUN(do_forget, fd);
}

static long do_seals(struct op *op)
{
	return ret_of(op->a[1] < 0 ? fcntl(op->a[0], F_GET_SEALS) :
				     fcntl(op->a[0], F_ADD_SEALS, op->a[1]));
}

long f_add_seals(int fd, int seals)
{
	return RUN(do_seals, fd, seals);
}

long f_get_seals(int fd)
{
	return RUN(do_seals, fd, -1);
}

static long do_sync(struct op *op)
{
	(void)op;
	sync();
	return 0;
}

long u_sync(void)
{
	return RUN(do_sync);
}

long u_drop_caches(void)
{
	return write_file("/proc/sys/vm/drop_caches", "3");
}

/* Knobs. */

#define KSM "/sys/kernel/mm/ksm/"
static bool ksm_used;

void k_flusher(long expire_ms, long interval_ms)
{
	write_number("/proc/sys/vm/dirty_expire_centisecs",
		     expire_ms ? expire_ms / 10 : 360000);
	write_number("/proc/sys/vm/dirty_writeback_centisecs", interval_ms / 10);
}

void k_ksm(bool run_it)
{
	ksm_used = true;
	write_number(KSM "sleep_millisecs", 5);
	write_number(KSM "pages_to_scan", 4000);
	write_number(KSM "smart_scan", 0);
	write_number(KSM "run", run_it);
}

bool k_ksm_scans(long n, long ms)
{
	long from = read_number(KSM "full_scans");

	return c_wait(read_number(KSM "full_scans") >= from + n, ms);
}

long k_shmem_huge(const char *mode)
{
	return write_file("/sys/kernel/mm/transparent_hugepage/shmem_enabled", mode);
}

void k_compact(void)
{
	write_file("/proc/sys/vm/compact_memory", "1");
}

long k_offline(pg_t page, bool offline)
{
	FILE *f = fopen("/sys/devices/system/memory/block_size_bytes", "r");
	unsigned long size;
	char path[96];

	if (!f)
		return -errno;
	if (fscanf(f, "%lx", &size) != 1)
		size = 128UL << 20;
	fclose(f);
	snprintf(path, sizeof(path), "/sys/devices/system/memory/memory%lu/state",
		 (page - 1) * PAGE / size);
	return write_file(path, offline ? "offline" : "online");
}

long k_vmstat(const char *what)
{
	FILE *f;
	char key[64];
	long n, ret = -ENOENT;

	write_file("/proc/sys/vm/stat_refresh", "1");
	f = fopen("/proc/vmstat", "r");
	if (!f)
		return -errno;
	while (fscanf(f, "%63s %ld", key, &n) == 2)
		if (!strcmp(key, what))
			ret = n;
	fclose(f);
	return ret;
}

long k_meminfo(const char *field)
{
	FILE *f = fopen("/proc/meminfo", "r");
	size_t len = strlen(field);
	char line[128];
	long ret = -ENOENT;

	if (!f)
		return -errno;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, field, len) && line[len] == ':')
			ret = atol(line + len + 1);
	fclose(f);
	return ret;
}

void conf_calm(void)
{
	k_flusher(0, 0);
	k_shmem_huge("never");
	write_number(KSM "run", 2);
	write_number(KSM "run", 0);
}
