// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * main.c - start everybody, wait, and ask what is left
 *
 * PINPAGE_TEST_SECONDS (1) and PINPAGE_TEST_SEED as everywhere; STORM_RULES
 * names the rules, "6.1" otherwise, STORM_TROUBLES the troublemakers, all
 * otherwise. Ends with the line that Check ends with.
 */
#include "storm.h"

#include "../support.h"

#include <errno.h>
#include <fcntl.h>

#define MAX_THREADS 32
#define FRAMES 8192UL

struct storm storm;

struct thread {
	const struct storm_actor *actor;
	unsigned int nr;
	uint64_t seed, rounds;
	struct task_struct *task;
};

uint64_t storm_random(uint64_t *seed)
{
	return pp_test_random(seed);
}

int storm_lost(const char *who, unsigned long page, uint64_t got, uint64_t want)
{
	fprintf(stderr, "storm: %s, page %lu: %#llx, and %#llx was written\n", who, page,
		(unsigned long long)got, (unsigned long long)want);
	return -EIO;
}

static int run_thread(void *arg)
{
	struct thread *t = arg;
	int err = 0;

	pinpage_use_mm(storm.mm);
	while (!err && !__atomic_load_n(&storm.over, __ATOMIC_RELAXED)) {
		err = t->actor->round(t->nr, &t->seed);
		t->rounds++;
		if (pinpage_ktime_get_ns() > storm.end || err)
			__atomic_store_n(&storm.over, true, __ATOMIC_RELAXED);
		pinpage_cond_resched();
	}
	pinpage_use_mm(NULL);
	if (err)
		fprintf(stderr, "storm: %s %u: errno %d after %llu rounds\n", t->actor->name,
			t->nr, -err, (unsigned long long)t->rounds);
	return err;
}

/* STORM_TROUBLES=fork,move: only these, to find who is to blame */
static bool wanted(const struct storm_actor *actor)
{
	const char *only = getenv("STORM_TROUBLES");

	return actor == storm_users || !only || strstr(only, actor->name);
}

static unsigned int start(struct thread *threads, const struct storm_actor *actors,
			  uint64_t *seed)
{
	unsigned int n = 0, i;

	for (; actors->name; actors++)
		for (i = 0; wanted(actors) && i < actors->threads; i++, n++) {
			threads[n] = (struct thread){ .actor = actors, .nr = i,
						      .seed = storm_random(seed) };
			threads[n].task = pinpage_kthread_run(run_thread, &threads[n],
							      actors->name);
		}
	return n;
}

/* resident KiB of the process */
static long resident(void)
{
	long size = 0, pages = 0;
	FILE *f = fopen("/proc/self/statm", "r");

	if (f) {
		if (fscanf(f, "%ld %ld", &size, &pages) != 2)
			pages = 0;
		fclose(f);
	}
	return pages * 4;
}

static unsigned long map(unsigned long len, int flags, struct file *file)
{
	long addr = pinpage_mmap(0, len, PROT_READ | PROT_WRITE, flags, file, 0);

	ck_assert_int_gt(addr, 0);
	return (unsigned long)addr;
}

static struct pinpage_bdev *bdev;

static void up(void)
{
	const char *rules = getenv("STORM_RULES");
	struct pinpage_rules parsed;
	const struct pinpage_config config = {
		.rules = &parsed, .memory_pages = FRAMES, .movable_pages = FRAMES / 4,
		.nodes = 2, .mode = PINPAGE_CHECK_COLLECT,
	};
	const struct pinpage_swap_options swap = { .pages = 1024 };
	const struct pinpage_bdev_config disk = { .blocks = 4096 };
	struct pinpage_mount_options options = { .format = true };
	char name[2] = "";
	unsigned int i;

	ck_assert_int_eq(pinpage_rules_parse(&parsed, rules ? rules : "6.1"), 0);
	ck_assert_int_eq(pinpage_boot(&config), 0);
	ck_assert_int_eq(pinpage_swapon(&swap), 0);
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), 0);
	ck_assert_int_eq(pinpage_bdev_create(&disk, &bdev), 0);
	options.bdev = bdev;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &storm.sb), 0);
	ck_assert_int_eq(pinpage_device_create("nic", &storm.dev), 0);
	storm.file = pinpage_filp_open(storm.sb, "storm", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_ftruncate(storm.file, STORM_PAGES * PAGE_SIZE), 0);
	for (i = 0; i < STORM_CUTTERS; i++) {
		name[0] = (char)('0' + i);
		storm.cut[i] = pinpage_filp_open(storm.sb, name, O_RDWR | O_CREAT, 0600);
	}
	storm.mm = pinpage_mm_alloc();
	pinpage_use_mm(storm.mm);
	storm.anon = map(STORM_HUGE, MAP_PRIVATE | MAP_ANONYMOUS, NULL);
	ck_assert_int_eq(pinpage_madvise(storm.anon, STORM_HUGE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_madvise(storm.anon, STORM_HUGE, MADV_MERGEABLE), 0);
	storm.shared = map(STORM_PAGES * PAGE_SIZE, MAP_SHARED, storm.file);
	ck_assert_int_eq(pinpage_flusher_start(NULL), 0);
}

static void down(void)
{
	const struct pinpage_verdict *verdict;
	unsigned int i;

	pinpage_flusher_stop();
	pinpage_kswapd_stop();
	for (i = 0; i < STORM_CUTTERS; i++)
		pinpage_filp_close(storm.cut[i]);
	pinpage_use_mm(NULL);
	pinpage_mmput(storm.mm);
	pinpage_filp_close(storm.file);
	pinpage_device_destroy(storm.dev);
	ck_assert_int_eq(pinpage_umount(storm.sb), 0);
	ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
	for (verdict = pinpage_check_first(); verdict; verdict = verdict->next)
		if (verdict->severity > PINPAGE_HAZARD)
			pinpage_check_print(stderr, verdict);
	ck_assert_int_le(pinpage_check_worst(), PINPAGE_HAZARD);
}

START_TEST(no_byte_is_lost_and_no_page_leaks)
{
	static struct thread threads[MAX_THREADS];
	uint64_t seed = pp_test_seed(), rounds = 0;
	unsigned int n, i;
	long before = 0;
	int err = 0;

	up();
	storm.end = pinpage_ktime_get_ns() + 1000000000ull * pp_test_seconds();
	n = start(threads, storm_users, &seed);
	n += start(threads + n, storm_troubles, &seed);
	pinpage_msleep(1000 * pp_test_seconds() / 5);
	before = resident();
	for (i = 0; i < n; i++) {
		int one = pinpage_kthread_join(threads[i].task);

		err = err ? err : one;
		rounds += threads[i].rounds;
		printf("%s %u: %llu rounds\n", threads[i].actor->name, threads[i].nr,
		       (unsigned long long)threads[i].rounds);
	}
	printf("%llu rounds, resident after a fifth of the time and at the end: %ld, %ld KiB\n",
	       (unsigned long long)rounds, before, resident());
	ck_assert_int_eq(err, 0);
	down();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("storm");
	TCase *tc = tcase_create("storm");

	tcase_set_timeout(tc, 4 * pp_test_seconds() + 120);
	tcase_add_test(tc, no_byte_is_lost_and_no_page_leaks);
	suite_add_tcase(s, tc);
	return pp_test_main(s);
}
