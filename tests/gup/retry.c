// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where mmap_lock is dropped, taken again, and interrupted: semantics 1.4,
 * 1.5, 3.12, cases C03, X07, U06, U07. Every test runs on both engines.
 */
#include <signal.h>

#include "suites.h"

#include "machine.h"

#define NR	4u
#define MANY	3000u

static enum pinpage_engine engine;
static struct pinpage_bdev *bdev;
static struct super_block *sb;
static struct file *file;
static unsigned long addr;		/* shared mapping of the file */
static struct page *pages[MANY];
static struct task_struct *task;
static struct pinpage_completion done;
static int locked;
static unsigned int flags;

static void machine_up(const char *rules)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find(rules), .memory_pages = 4096,
		.engine = engine, .mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	ck_assert_ptr_nonnull(mm);
	pinpage_use_mm(mm);
	pinpage_init_completion(&done);
	locked = 1;
	flags = 0;
}

static void file_up(void)
{
	const struct pinpage_bdev_config config = { .blocks = 1024 };
	struct pinpage_mount_options options = { .format = true };
	char block[NR * 4096];
	long at;

	ck_assert_int_eq(pinpage_bdev_create(&config, &bdev), 0);
	options.bdev = bdev;
	ck_assert_int_eq(pinpage_mount("blkfs", &options, &sb), 0);
	file = pinpage_filp_open(sb, "data", O_RDWR | O_CREAT, 0600);
	memset(block, 'a', sizeof(block));
	ck_assert_int_eq(pinpage_pwrite(file, block, sizeof(block), 0),
			 sizeof(block));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	at = pinpage_mmap(0, NR * PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED, file, 0);
	ck_assert_int_gt(at, 0);
	addr = (unsigned long)at;
}

static void up_rules(const char *rules)
{
	machine_up(rules);
	file_up();
}

static void up_native(void)
{
	engine = PINPAGE_ENGINE_NATIVE;
	up_rules("6.5");
}

static void up_fiber(void)
{
	engine = PINPAGE_ENGINE_FIBER;
	up_rules("6.5");
}

static void retry_down(void)
{
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	ck_assert_int_eq(filp_close(file, NULL), 0);
	ck_assert_int_eq(pinpage_umount(sb), 0);
	ck_assert_int_eq(pinpage_bdev_destroy(bdev), 0);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}

static void make_cold(void)
{
	pinpage_madvise(addr, NR * PAGE_SIZE, MADV_DONTNEED);
	pinpage_drop_caches();
}

/* pins @n pages from @at; mmap_lock is not held before or after */
static long pin_remote(unsigned long at, unsigned long n)
{
	long got;

	locked = 1;
	mmap_read_lock(mm);
	got = pin_user_pages_remote(mm, at, n, flags, pages, &locked);
	if (locked)
		mmap_read_unlock(mm);
	return got;
}

START_TEST(cold_page_drops_the_lock)
{
	make_cold();
	stats_mark();
	ck_assert_int_eq(pin_remote(addr, NR), NR);
	ck_assert_int_eq(locked, 0);
	ck_assert_int_eq(acquired(), NR);
	for (unsigned int i = 0; i < NR; i++) {
		ck_assert_ptr_eq(pages[i], page_at(addr + i * PAGE_SIZE));
		ck_assert_int_eq(*(char *)page_address(pages[i]), 'a');
	}
	unpin_user_pages(pages, NR);
}
END_TEST

START_TEST(warm_page_keeps_the_lock)
{
	unsigned long at = anon(NR, false);

	ck_assert_uint_eq(get_byte(addr), 'a');
	ck_assert_int_eq(pin_remote(addr, 1), 1);
	ck_assert_int_eq(locked, 1);
	unpin_user_page(pages[0]);
	flags = FOLL_WRITE;
	ck_assert_int_eq(pin_remote(at, NR), NR);
	ck_assert_int_eq(locked, 1);
	unpin_user_pages(pages, NR);
}
END_TEST

START_TEST(without_locked_the_lock_is_kept)
{
	make_cold();
	mmap_read_lock(mm);
	ck_assert_int_eq(get_user_pages_remote(mm, addr, NR, 0, pages, NULL),
			 NR);
	mmap_read_unlock(mm);
	release_pages(pages, NR);
}
END_TEST

/* a writer may be throttled: without the lock */
START_TEST(write_fault_on_a_file_drops_the_lock)
{
	ck_assert_uint_eq(get_byte(addr), 'a');
	flags = FOLL_WRITE;
	ck_assert_int_eq(pin_remote(addr, 1), 1);
	ck_assert_int_eq(locked, 0);
	unpin_user_page(pages[0]);
	ck_assert_int_eq(pin_remote(addr, 1), 1);
	ck_assert_int_eq(locked, 1);
	unpin_user_page(pages[0]);
}
END_TEST

START_TEST(fast_fallback_reads_cold_pages)
{
	make_cold();
	ck_assert_int_eq(pin_user_pages_fast(addr, NR, FOLL_LONGTERM, pages),
			 NR);
	unpin_user_pages(pages, NR);
	make_cold();
	ck_assert_int_eq(get_user_pages_unlocked(addr, NR, NULL, 0), NR);
}
END_TEST

/* one page from here; the second is locked by main */
static int pins_two(void *arg)
{
	long got;

	(void)arg;
	pinpage_use_mm(mm);
	got = pin_remote(addr, 2);
	pinpage_use_mm(NULL);
	pinpage_complete(&done);
	return (int)got;
}

/* the page of @addr + @i is locked, and a task waits for it */
static struct page *start_blocked(unsigned int i)
{
	struct page *page;
	int refs;

	ck_assert_uint_eq(get_byte(addr), 'a');
	ck_assert_uint_eq(get_byte(addr + i * PAGE_SIZE), 'a');
	page = page_at(addr + i * PAGE_SIZE);
	get_page(page);
	pinpage_madvise(addr + i * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED);
	lock_page(page);
	refs = page_count(page);
	task = pinpage_kthread_run(pins_two, NULL, "pinner");
	while (page_count(page) == refs)
		pinpage_msleep(1);
	pinpage_msleep(20);	/* it has the page, and waits now */
	return page;
}

static int unmaps(void *arg)
{
	int err;

	pinpage_use_mm(mm);
	err = pinpage_munmap(*(unsigned long *)arg, NR * PAGE_SIZE);
	pinpage_use_mm(NULL);
	return err;
}

/* a task of its own: the caller has a page locked */
static void unmap_elsewhere(unsigned long at)
{
	struct task_struct *other = pinpage_kthread_run(unmaps, &at, "unmapper");

	ck_assert_int_eq(pinpage_kthread_join(other), 0);
}

/* who wants the lock for writing does not wait for the page */
START_TEST(others_unmap_while_a_fault_waits)
{
	unsigned long at = anon(NR, false);
	struct page *page = start_blocked(1);

	unmap_elsewhere(at);
	unlock_page(page);
	put_page(page);
	ck_assert_int_eq(pinpage_kthread_join(task), 2);
	ck_assert_int_eq(locked, 0);
	unpin_user_pages(pages, 2);
}
END_TEST

START_TEST(unmapped_meanwhile_efault)
{
	struct page *page = start_blocked(0);

	unmap_elsewhere(addr);
	unlock_page(page);
	put_page(page);
	ck_assert_int_eq(pinpage_kthread_join(task), -EFAULT);
	ck_assert_int_eq(locked, 0);
}
END_TEST

static long signalled(unsigned int blocked, int sig)
{
	struct page *page = start_blocked(blocked);
	long got;

	ck_assert_int_eq(pinpage_send_sig(sig, task), 0);
	if (sig == SIGKILL)
		pinpage_wait_for_completion(&done);
	unlock_page(page);
	got = pinpage_kthread_join(task);
	put_page(page);
	if (got > 0)
		unpin_user_pages(pages, (unsigned long)got);
	return got;
}

START_TEST(killed_at_the_first_page_eintr)
{
	ck_assert_int_eq(signalled(0, SIGKILL), -EINTR);
	ck_assert_int_eq(locked, 0);
}
END_TEST

START_TEST(killed_later_keeps_what_it_has)
{
	ck_assert_int_eq(signalled(1, SIGKILL), 1);
	ck_assert_int_eq(locked, 0);
}
END_TEST

START_TEST(other_signals_do_not_matter)
{
	ck_assert_int_eq(signalled(0, SIGUSR1), 2);
}
END_TEST

START_TEST(interruptible_signalled_eintr)
{
	flags = FOLL_INTERRUPTIBLE;
	ck_assert_int_eq(signalled(0, SIGUSR1), -EINTR);
}
END_TEST

START_TEST(interruptible_keeps_what_it_has)
{
	flags = FOLL_INTERRUPTIBLE;
	ck_assert_int_eq(signalled(1, SIGUSR1), 1);
}
END_TEST

/* without a retry point nobody looks at it */
START_TEST(interruptible_without_wait_is_not_interrupted)
{
	ck_assert_int_eq(pinpage_send_sig(SIGUSR1, pinpage_current()), 0);
	flags = FOLL_INTERRUPTIBLE;
	ck_assert_uint_eq(get_byte(addr), 'a');
	ck_assert_int_eq(pin_remote(addr, 1), 1);
	unpin_user_page(pages[0]);
	make_cold();
	ck_assert_int_eq(pin_remote(addr, 1), -EINTR);
	pinpage_flush_signals();
	ck_assert_int_eq(pin_remote(addr, 1), 1);
	unpin_user_page(pages[0]);
}
END_TEST

START_TEST(read_errors_efault)
{
	make_cold();
	pinpage_inject_io(PINPAGE_IO_READ, 1, EIO, true);
	ck_assert_int_eq(pin_remote(addr, 1), -EFAULT);
	ck_assert_int_eq(locked, 0);
	pinpage_inject_io(PINPAGE_IO_READ, 2, EIO, true);
	ck_assert_int_eq(pin_remote(addr, NR), 1);
	unpin_user_page(pages[0]);
	pinpage_inject_io(PINPAGE_IO_READ, 0, 0, false);
}
END_TEST

/* the first call starts the read, a later one finds the page */
START_TEST(nowait_starts_the_read)
{
	long got = 0;

	make_cold();
	flags = FOLL_NOWAIT;
	ck_assert_int_eq(pin_remote(addr, 1), 0);
	ck_assert_int_eq(locked, 1);
	while (!(got = pin_remote(addr, 1)))
		pinpage_msleep(1);
	ck_assert_int_eq(got, 1);
	unpin_user_page(pages[0]);
}
END_TEST

START_TEST(fixup_tells_that_it_unlocked)
{
	bool unlocked = false;

	ck_assert_uint_eq(get_byte(addr), 'a');
	mmap_read_lock(mm);
	ck_assert_int_eq(fixup_user_fault(mm, addr, 0, &unlocked), 0);
	ck_assert(!unlocked);
	mmap_read_unlock(mm);
	make_cold();
	mmap_read_lock(mm);
	ck_assert_int_eq(fixup_user_fault(mm, addr, 0, &unlocked), 0);
	ck_assert(unlocked);
	mmap_read_unlock(mm);
}
END_TEST

/* U06, U07: many pages of anonymous memory */
static int pins_many(void *arg)
{
	long got;

	(void)arg;
	pinpage_use_mm(mm);
	mmap_read_lock(mm);
	pinpage_complete(&done);
	got = pin_user_pages(addr, MANY, FOLL_WRITE, pages);
	mmap_read_unlock(mm);
	pinpage_use_mm(NULL);
	return (int)got;
}

static void start_many(void)
{
	pinpage_munmap(addr, NR * PAGE_SIZE);
	addr = anon(MANY, false);
	task = pinpage_kthread_run(pins_many, NULL, "pinner");
	pinpage_wait_for_completion(&done);
	while (pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES) < 10)
		pinpage_yield("until it is under way");
}

START_TEST(kill_leaves_a_part_pinned)
{
	long got;

	start_many();
	pinpage_send_sigkill(task);
	got = pinpage_kthread_join(task);
	ck_assert_int_gt(got, 0);
	if (engine == PINPAGE_ENGINE_FIBER)
		ck_assert_int_lt(got, MANY);
	pinpage_munmap(addr, MANY * PAGE_SIZE);
	ck_assert(page_maybe_dma_pinned(pages[got - 1]));
	ck_assert_int_eq(page_count(pages[0]), 1024);
	unpin_user_pages(pages, (unsigned long)got);
}
END_TEST

START_TEST(stop_and_continue_do_not_matter)
{
	start_many();
	ck_assert_int_eq(pinpage_send_sig(SIGSTOP, task), 0);
	pinpage_msleep(5);
	ck_assert_int_eq(pinpage_send_sig(SIGCONT, task), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), MANY);
	unpin_user_pages(pages, MANY);
}
END_TEST

START_TEST(lock_held_for_writing_einval)
{
	mmap_write_lock(mm);
	locked = 1;
	ck_assert_int_eq(get_user_pages_remote(mm, addr, 1, 0, pages, &locked),
			 -EINVAL);
	ck_assert_int_eq(locked, 1);
	mmap_write_unlock(mm);
}
END_TEST

/* before 6.3 a kernel stops here: BUG_ON */
static unsigned long locked_wrong(const char *rules, long expect)
{
	unsigned long traps;

	machine_up(rules);
	file_up();
	locked = 0;
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages_remote(mm, addr, 1, 0, pages, &locked),
			 expect);
	mmap_read_unlock(mm);
	traps = pinpage_check_count(PINPAGE_TRAP);
	retry_down();
	return traps;
}

START_TEST(locked_not_one_traps_6_1)
{
	ck_assert_uint_eq(locked_wrong("6.1", -EINVAL), 1);
}
END_TEST

START_TEST(locked_not_one_warns_6_5)
{
	ck_assert_uint_eq(locked_wrong("6.5", 0), 0);
}
END_TEST

static void add(Suite *suite, const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, retry_down);
	tcase_add_test(tc, cold_page_drops_the_lock);
	tcase_add_test(tc, warm_page_keeps_the_lock);
	tcase_add_test(tc, without_locked_the_lock_is_kept);
	tcase_add_test(tc, write_fault_on_a_file_drops_the_lock);
	tcase_add_test(tc, fast_fallback_reads_cold_pages);
	tcase_add_test(tc, others_unmap_while_a_fault_waits);
	tcase_add_test(tc, unmapped_meanwhile_efault);
	tcase_add_test(tc, killed_at_the_first_page_eintr);
	tcase_add_test(tc, killed_later_keeps_what_it_has);
	tcase_add_test(tc, other_signals_do_not_matter);
	tcase_add_test(tc, interruptible_signalled_eintr);
	tcase_add_test(tc, interruptible_keeps_what_it_has);
	tcase_add_test(tc, interruptible_without_wait_is_not_interrupted);
	tcase_add_test(tc, read_errors_efault);
	tcase_add_test(tc, nowait_starts_the_read);
	tcase_add_test(tc, fixup_tells_that_it_unlocked);
	tcase_add_test(tc, kill_leaves_a_part_pinned);
	tcase_add_test(tc, stop_and_continue_do_not_matter);
	tcase_add_test(tc, lock_held_for_writing_einval);
	suite_add_tcase(suite, tc);
}

Suite *retry_suite(void)
{
	Suite *suite = suite_create("retry");

	add(suite, "native", up_native);
	add(suite, "fiber", up_fiber);
	pp_test_add(suite, locked_not_one_traps_6_1);
	pp_test_add(suite, locked_not_one_warns_6_5);
	return suite;
}
