// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * scale.c - do costs grow with the number of pages, and no faster?
 *
 * "make scale": three large set-ups, each at a quarter, half and all of its
 * size. A row is a step and what it took per unit; linear growth gives equal
 * numbers. Prints Markdown for doc/scale.md; fails if a step grew more than
 * LIMIT per unit. Needs 10 GiB of memory; --quick runs at 1/16.
 */
#include "bench.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include <pinpage/pinpage.h>

#define SIZES	3
#define STEPS	12
#define LIMIT	2.0	/* caches and page tables leave the last-level cache */
#define ROUNDS	3
#define BATCH	4096

#define RW	(PROT_READ | PROT_WRITE)

struct step {
	const char *name;
	double ns[SIZES];	/* a unit, the best of ROUNDS */
};

struct table {
	const char *title, *unit;
	unsigned long units[SIZES];
	struct step step[STEPS];
	int nr, size;		/* next step, size being measured */
	uint64_t since;
};

static struct page *pages[BATCH];

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "scale: %s failed\n", what);
	exit(2);
}

static void start(struct table *t)
{
	t->since = now_ns();
}

/* the step that began with the last start() or done() is over */
static void done(struct table *t, const char *name)
{
	double ns = (double)(now_ns() - t->since) / (double)t->units[t->size];
	struct step *step = &t->step[t->nr++];

	if (!step->name || !step->ns[t->size] || ns < step->ns[t->size])
		step->ns[t->size] = ns;
	step->name = name;
	t->since = now_ns();
}

static unsigned long map(unsigned long nr, int flags, struct file *file)
{
	long addr = pinpage_mmap(0, nr * PAGE_SIZE, RW, flags, file, 0);

	must(addr > 0, "mmap");
	return (unsigned long)addr;
}

static void boot(unsigned long frames)
{
	const struct pinpage_config config = {
		.memory_pages = frames, .checks_set = true,
	};

	must(!pinpage_boot(&config), "boot");
	pinpage_use_mm(pinpage_mm_alloc());
}

/* one mapping */

static void pin_all(unsigned long addr, unsigned long nr)
{
	unsigned long at, batch;

	for (at = 0; at < nr; at += batch) {
		batch = nr - at < BATCH ? nr - at : BATCH;
		must(pin_user_pages_fast(addr + at * PAGE_SIZE, (int)batch,
					 FOLL_WRITE, pages) == (int)batch, "pin");
	}
}

static void unpin_all(unsigned long addr, unsigned long nr)
{
	struct mm_struct *mm = pinpage_current_mm();
	unsigned long i;

	for (i = 0; i < nr; i++)
		unpin_user_page(pinpage_peek_page(mm, addr + i * PAGE_SIZE, NULL));
}

static void one_mapping(struct table *t)
{
	unsigned long nr = t->units[t->size], addr;
	struct mm_struct *mm, *child;

	boot(2 * nr + nr / 32 + 4096);
	mm = pinpage_current_mm();
	start(t);
	addr = map(nr, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	must(!pinpage_madvise(addr, nr * PAGE_SIZE, MADV_POPULATE_WRITE), "populate");
	done(t, "write to each page first");
	child = pinpage_fork_mm(mm);
	done(t, "fork, pages shared");
	pinpage_mmput(child);
	done(t, "child exits");
	pin_all(addr, nr);
	done(t, "pin, 4096 a call");
	child = pinpage_fork_mm(mm);
	must((long)child > 0 || (long)child < -4095, "fork of pinned pages");
	done(t, "fork, pinned pages copied");
	pinpage_mmput(child);
	done(t, "child exits, copies freed");
	unpin_all(addr, nr);
	done(t, "look up and unpin one by one");
	must(!pinpage_munmap(addr, nr * PAGE_SIZE), "munmap");
	done(t, "munmap");
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	must(!pinpage_shutdown(), "shutdown");
}

/* many areas */

static void many_areas(struct table *t)
{
	unsigned long nr = t->units[t->size], i, addr;
	struct mm_struct *mm, *child;

	boot(2 * nr + 4096);
	mm = pinpage_current_mm();
	addr = map(nr, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	must(!pinpage_madvise(addr, nr * PAGE_SIZE, MADV_POPULATE_WRITE), "populate");
	start(t);
	for (i = 0; i < nr; i += 2)
		must(!pinpage_mprotect(addr + i * PAGE_SIZE, PAGE_SIZE, PROT_READ),
		     "mprotect");
	done(t, "mprotect every other page: split");
	pinpage_mmap_read_lock(mm);
	must(pin_user_pages_remote(mm, addr, nr < BATCH ? nr : BATCH, 0, pages,
				   NULL) > 0, "pin");
	unpin_user_pages(pages, nr < BATCH ? nr : BATCH);
	for (i = 0; i < nr; i++) {
		must(get_user_pages_remote(mm, addr + i * PAGE_SIZE, 1, 0, pages,
					   NULL) == 1, "get");
		put_page(pages[0]);
	}
	pinpage_mmap_read_unlock(mm);
	done(t, "slow walk, one area a call");
	child = pinpage_fork_mm(mm);
	must((long)child > 0 || (long)child < -4095, "fork");
	done(t, "fork");
	must(!pinpage_madvise(addr, nr * PAGE_SIZE, MADV_COLD), "cold");
	done(t, "MADV_COLD");
	pinpage_mmput(child);
	done(t, "child exits");
	for (i = 0; i < nr; i += 2)
		must(!pinpage_mprotect(addr + i * PAGE_SIZE, PAGE_SIZE, RW),
		     "mprotect");
	done(t, "mprotect back: merge");
	must(!pinpage_munmap(addr, nr * PAGE_SIZE), "munmap");
	done(t, "munmap");
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	must(!pinpage_shutdown(), "shutdown");
}

/* many cached pages */

static void write_all(struct file *file, unsigned long nr)
{
	static char block[1 << 16];
	unsigned long at, len = sizeof(block);

	for (at = 0; at < nr * PAGE_SIZE; at += len)
		must(pinpage_pwrite(file, block, len, (pinpage_loff_t)at) ==
		     (ssize_t)len, "write");
}

static void many_cached_pages(struct table *t)
{
	unsigned long nr = t->units[t->size], addr, i;
	struct mm_struct *mm;
	struct super_block *sb;
	struct file *file;

	boot(nr + nr / 16 + 4096);
	mm = pinpage_current_mm();
	must(!pinpage_mount("ramfs", NULL, &sb), "mount");
	file = pinpage_filp_open(sb, "cached", O_RDWR | O_CREAT, 0600);
	start(t);
	write_all(file, nr);
	done(t, "write the file");
	for (i = 0; i < nr; i++)
		put_page(find_get_page(pinpage_file_mapping(file), i));
	done(t, "look up each page");
	addr = map(nr, MAP_SHARED, file);
	must(!pinpage_madvise(addr, nr * PAGE_SIZE, MADV_POPULATE_READ), "populate");
	done(t, "map and read each page");
	pin_all(addr, nr);
	done(t, "pin, 4096 a call");
	unpin_all(addr, nr);
	done(t, "look up and unpin one by one");
	must(!pinpage_ftruncate(file, 0), "truncate");
	done(t, "truncate, mapped");
	must(!pinpage_munmap(addr, nr * PAGE_SIZE), "munmap");
	filp_close(file, NULL);
	must(!pinpage_umount(sb), "umount");
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	must(!pinpage_shutdown(), "shutdown");
}

static void run(struct table *t, void (*once)(struct table *t))
{
	int round;

	for (t->size = 0; t->size < SIZES; t->size++)
		for (round = 0; round < ROUNDS; round++) {
			t->nr = 0;
			once(t);
		}
}

/* steps that grew more than LIMIT times */
static int print(const struct table *t)
{
	int i, s, worse = 0;

	printf("\n%s, ns per %s\n\n| step |", t->title, t->unit);
	for (s = 0; s < SIZES; s++)
		printf(" %lu |", t->units[s]);
	printf(" growth |\n|---|--:|--:|--:|--:|\n");
	for (i = 0; i < t->nr; i++) {
		const struct step *step = &t->step[i];
		double growth = step->ns[SIZES - 1] / step->ns[0];
		bool bad = growth > LIMIT && step->ns[SIZES - 1] > 5;

		printf("| %s |", step->name);
		for (s = 0; s < SIZES; s++)
			printf(" %.1f |", step->ns[s]);
		printf(" %.2f%s |\n", growth, bad ? " (!)" : "");
		worse += bad;
	}
	return worse;
}

int main(int argc, char **argv)
{
	static struct table mapping = { .title = "One private mapping", .unit = "page" };
	static struct table areas = { .title = "Areas of one page", .unit = "area" };
	static struct table cache = { .title = "One cached file", .unit = "page" };
	unsigned long part = argc > 1 && !strcmp(argv[1], "--quick") ? 16 : 1;
	int s, worse;

	for (s = 0; s < SIZES; s++) {
		mapping.units[s] = (65536UL << s) / part;	/* 1 GiB at last */
		areas.units[s] = (25000UL << s) / part / 2 * 2;
		cache.units[s] = (250000UL << s) / part / 16 * 16;
	}
	run(&mapping, one_mapping);
	worse = print(&mapping);
	run(&areas, many_areas);
	worse += print(&areas);
	run(&cache, many_cached_pages);
	worse += print(&cache);
	printf("\n%d steps grow faster than their size (more than %.1f times a unit)\n",
	       worse, LIMIT);
	return worse ? 1 : 0;
}
