// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * demo.c - a real file through a driver port, then the argument of 2019 as a
 * matrix that is computed while you wait
 *
 * Part 1: the README is read by direct I/O into a shared mapping of a file on
 * the real disk, fsync is called, and another process compares the two files.
 * Part 2: driver x contract x rules; each cell is the worst of what happened
 * under the hostile schedules of examples/scenarios/.
 *
 * Run:    demo [FILE]       both parts, with FILE in place of the README
 *         demo OPTION...    part 2 only; see demo --help
 */
#include <pinpage/pinpage.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scenarios/scenarios.h"
#include "scenarios/world.h"

#ifndef DEMO_README
#define DEMO_README "README.md"
#endif

/* the two ends of the copy, both on the host */
struct copy {
	const char *from;		/* path */
	const char *bytes;		/* its contents, mapped */
	size_t size;
	char dir[64];			/* temporary, holds "copy" */
	char to[80];			/* path */
};

static int fail(const char *what, int error)
{
	fprintf(stderr, "demo: %s: %s\n", what, strerror(-error));
	return error;
}

/* -- the host's side -- */

static int open_source(struct copy *c)
{
	struct stat st;
	void *bytes;
	int fd = open(c->from, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return fail(c->from, -errno);
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || !st.st_size) {
		close(fd);
		fprintf(stderr, "demo: %s: not a file with contents\n",
			c->from);
		return -EINVAL;
	}
	c->size = (size_t)st.st_size;
	bytes = mmap(NULL, c->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (bytes == MAP_FAILED)
		return fail(c->from, -errno);
	c->bytes = bytes;
	return 0;
}

static int make_target(struct copy *c)
{
	const char *tmp = getenv("TMPDIR");

	if (!tmp || strlen(tmp) > sizeof(c->dir) - 20)
		tmp = "/tmp";
	snprintf(c->dir, sizeof(c->dir), "%s/pinpage-XXXXXX", tmp);
	if (!mkdtemp(c->dir)) {
		c->dir[0] = '\0';
		return fail("temporary directory", -errno);
	}
	snprintf(c->to, sizeof(c->to), "%s/copy", c->dir);
	return 0;
}

static void clean_up(struct copy *c)
{
	if (c->bytes)
		munmap((void *)(uintptr_t)c->bytes, c->size);
	if (!c->dir[0])
		return;
	unlink(c->to);
	rmdir(c->dir);
}

/* In a process of its own. Return: 0 if both files hold the same bytes. */
static int compare_files(const struct copy *c)
{
	char a[4096], b[4096];
	ssize_t n, m;
	int from = open(c->from, O_RDONLY | O_CLOEXEC);
	int to = open(c->to, O_RDONLY | O_CLOEXEC);

	if (from < 0 || to < 0)
		return 2;
	do {
		n = read(from, a, sizeof(a));
		m = read(to, b, sizeof(b));
		if (n < 0 || n != m || memcmp(a, b, (size_t)n))
			return 1;
	} while (n);
	return 0;
}

static int compare_elsewhere(const struct copy *c)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid < 0)
		return fail("fork", -errno);
	if (!pid)
		_exit(compare_files(c));
	if (waitpid(pid, &status, 0) != pid)
		return fail("waitpid", -errno);
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		fprintf(stderr, "demo: %s differs from %s\n", c->to, c->from);
		return -EIO;
	}
	printf("  process %d read both files from disk: %zu bytes, equal\n",
	       (int)pid, c->size);
	return 0;
}

/* -- the machine's side -- */

/* read by direct I/O into the mapping at @addr, then make it durable */
static int read_and_sync(const struct copy *c, struct file *file,
			 unsigned long addr)
{
	struct pinpage_device *dev;
	struct memory_disk disk;
	ssize_t got;
	int error = pinpage_device_create("disk", &dev);

	if (error)
		return fail("device", error);
	memory_disk_init(&disk, dev, c->bytes, c->size);
	direct_io_contract = DIRECT_IO_PIN;
	got = direct_io_read(&disk.disk, addr, c->size, 0);
	memory_disk_exit(&disk);
	pinpage_device_destroy(dev);
	if (got != (ssize_t)c->size)
		return fail("direct I/O", got < 0 ? (int)got : -EIO);
	printf("  direct I/O: %zd bytes in %lu pages, pinned %ld times, unpinned %ld times\n",
	       got, (c->size + PAGE_SIZE - 1) / PAGE_SIZE,
	       pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED),
	       pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_RELEASED));
	error = pinpage_fsync(file, 0);
	if (error)
		return fail("fsync", error);
	printf("  fsync: %ld pages written to %s\n",
	       pinpage_stat(PINPAGE_STAT_NR_WRITTEN), c->to);
	return 0;
}

static int map_and_read(const struct copy *c, struct file *file)
{
	struct mm_struct *mm = pinpage_mm_alloc();
	long addr;
	int error;

	if (!mm)
		return fail("address space", -ENOMEM);
	pinpage_use_mm(mm);
	addr = pinpage_mmap(0, c->size, PROT_READ | PROT_WRITE, MAP_SHARED,
			    file, 0);
	error = addr < 0 ? fail("mmap", (int)addr) :
			   read_and_sync(c, file, (unsigned long)addr);
	pinpage_use_mm(NULL);
	mmput(mm);
	return error;
}

static int copy_on(const struct copy *c, struct super_block *sb)
{
	struct file *file = pinpage_filp_open(sb, "copy", O_RDWR | O_CREAT,
					      0600);
	int error;

	if ((unsigned long)file >= (unsigned long)-4095)
		return fail(c->to, (int)(long)file);
	error = pinpage_ftruncate(file, (pinpage_loff_t)c->size);
	if (error)
		fail("ftruncate", error);
	else
		error = map_and_read(c, file);
	pinpage_filp_close(file);
	return error;
}

static int copy_in_machine(const struct copy *c)
{
	const struct pinpage_mount_options options = { .root = c->dir };
	struct super_block *sb;
	long held;
	int error = pinpage_boot(NULL);

	if (error)
		return fail("boot", error);
	error = pinpage_mount("hostfs", &options, &sb);
	if (!error) {
		error = copy_on(c, sb);
		pinpage_umount(sb);
	} else {
		fail("mount", error);
	}
	held = pinpage_shutdown();
	if (!error && held)
		error = fail("frames are still held", -EBUSY);
	return error;
}

static int part_1(const char *path)
{
	struct copy c = { .from = path };
	int error = open_source(&c);

	printf("1. A real file through a driver\n");
	if (!error)
		error = make_target(&c);
	if (!error)
		error = copy_in_machine(&c);
	if (!error)
		error = compare_elsewhere(&c);
	clean_up(&c);
	return error;
}

int main(int argc, char **argv)
{
	static const struct pinpage_scenario *const scenarios[] = {
		&direct_io_scenario,
		&rdma_umem_scenario,
		&rdma_umem_live_scenario,
	};
	const char *path = access(DEMO_README, R_OK) ? "README.md" : DEMO_README;
	size_t nr = sizeof(scenarios) / sizeof(scenarios[0]);

	if (argc > 1 && argv[1][0] == '-')
		return pinpage_scenario_main(argc, argv, scenarios, nr);
	if (argc > 1) {
		path = argv[1];
		argv[1] = argv[0];
		argv++;
		argc--;
	}
	if (argc == 1) {
		if (part_1(path))
			return 1;
		printf("\n2. Two drivers, and what memory management does to them\n\n");
		fflush(stdout);
	}
	return pinpage_scenario_main(argc, argv, scenarios, nr);
}
