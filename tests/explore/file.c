// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * A scenario with real pages: a device writes through a reference to a page of
 * a file on an in-memory blkfs while it is written back, then reclaim takes it.
 */
#define PINPAGE_NO_KERNEL_NAMES
#include "suites.h"

#include <fcntl.h>
#include <time.h>

#include <pinpage/pinpage.h>

struct file_state {
	struct pinpage_bdev *bdev;
	struct super_block *sb;
	struct file *file;
	struct mm_struct *mm;
	struct pinpage_device *dev;
	unsigned long addr;
};

static int file_setup(struct pinpage_run *run, void *state)
{
	const struct pinpage_bdev_config config = { .blocks = 64 };
	struct pinpage_mount_options options = { .format = true };
	struct file_state *s = state;
	char byte = 'a';
	long addr;

	(void)run;
	if (pinpage_bdev_create(&config, &s->bdev))
		return -ENOMEM;
	options.bdev = s->bdev;
	if (pinpage_mount("blkfs", &options, &s->sb))
		return -EIO;
	s->file = pinpage_filp_open(s->sb, "data", O_RDWR | O_CREAT, 0600);
	if (pinpage_pwrite(s->file, &byte, 1, 4095) != 1 ||
	    pinpage_fsync(s->file, 0))
		return -EIO;
	s->mm = pinpage_mm_alloc();
	pinpage_use_mm(s->mm);
	addr = pinpage_mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED,
			    s->file, 0);
	if (addr < 0 || pinpage_device_create("nic", &s->dev))
		return -ENOMEM;
	s->addr = (unsigned long)addr;
	return 0;
}

static void device_writes(struct file_state *s, struct page *page)
{
	pinpage_dma_addr_t dma;

	dma = pinpage_dma_map_page(s->dev, page, 0, 4096,
				   PINPAGE_DMA_FROM_DEVICE);
	pinpage_yield("about-to-write");
	pinpage_device_write(s->dev, dma, "Z", 1);
	pinpage_dma_unmap_page(s->dev, dma, 4096, PINPAGE_DMA_FROM_DEVICE);
}

enum { PUT_PAGE, PIN, PUT_USER_PAGE };

static void release(size_t contract, struct page *page)
{
	switch (contract) {
	case PIN:
		pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
		break;
	case PUT_USER_PAGE:
		pinpage_put_user_pages_dirty_lock(&page, 1, true);
		break;
	default:
		pinpage_put_page(page);
	}
}

static void file_left(struct pinpage_run *run, void *state)
{
	bool pins = pinpage_run_contract(run) == PIN;
	struct file_state *s = state;
	struct page *page;

	pinpage_use_mm(s->mm);
	if ((pins ? pinpage_pin_user_pages_fast(s->addr, 1, PINPAGE_FOLL_WRITE,
						&page) :
		    pinpage_get_user_pages_fast(s->addr, 1, PINPAGE_FOLL_WRITE,
						&page)) != 1) {
		pinpage_run_refused(run, -EFAULT, "get_user_pages_fast()");
		return;
	}
	device_writes(s, page);
	release(pinpage_run_contract(run), page);
}

static void file_right(struct pinpage_run *run, void *state)
{
	struct file_state *s = state;
	struct page *page;

	pinpage_fsync(s->file, 0);
	if (pinpage_run_contract(run) != PUT_USER_PAGE)
		return;
	page = pinpage_find_get_page(pinpage_file_mapping(s->file), 0);
	if (page) {
		pinpage_reclaim_page(page);
		pinpage_put_page(page);
	}
	pinpage_yield("reclaimed");
	pinpage_fsync(s->file, 0);
}

static void file_check(struct pinpage_run *run, void *state)
{
	struct file_state *s = state;
	char byte = 0;

	pinpage_munmap(s->addr, 4096);
	pinpage_fsync(s->file, 0);
	pinpage_drop_caches();
	pinpage_pread(s->file, &byte, 1, 0);
	if (byte != 'Z')
		pinpage_run_lost(run, "the file reads %d where the device wrote",
				 byte);
}

static void file_teardown(struct pinpage_run *run, void *state)
{
	struct file_state *s = state;

	if (s->mm) {
		pinpage_use_mm(NULL);
		pinpage_mmput(s->mm);
	}
	if (s->dev)
		pinpage_device_destroy(s->dev);
	if (s->file)
		pinpage_filp_close(s->file);
	if (s->sb && pinpage_run_broken(run))
		pinpage_umount_lost(s->sb);
	else if (s->sb)
		pinpage_umount(s->sb);
	if (s->bdev)
		pinpage_bdev_destroy(s->bdev);
}

static const struct pinpage_actor file_actors[] = {
	{ .name = "left", .main = file_left },
	{ .name = "right", .main = file_right },
};
static const struct pinpage_contract file_contracts[] = {
	{ .name = "put_page", .title = "get_user_pages + put_page",
	  .needs = "get_user_pages_fast put_page",
	  .instead = "pin_user_pages_fast() and "
		     "unpin_user_pages_dirty_lock(make_dirty)" },
	{ .name = "pin", .needs = "pin_user_pages_fast "
				  "unpin_user_pages_dirty_lock" },
	{ .name = "put_user_page", .needs = "put_user_pages_dirty_lock" },
};
static const struct pinpage_schedule file_schedules[] = {
	{ "calm", "left right", "written back afterwards" },
	{ "clean-first", "left@about-to-write right left",
	  "written back before the device writes" },
	{ "reclaimed", "left@about-to-write right@reclaimed left right",
	  "reclaim takes the buffers while the device has the page" },
};

const struct pinpage_scenario file_ = {
	.name = "file", .title = "a device writes a page of a file",
	.contracts = file_contracts, .nr_contracts = 3,
	.schedules = file_schedules, .nr_schedules = 3,
	.actors = file_actors, .nr_actors = 2,
	.state_size = sizeof(struct file_state), .memory_pages = 64,
	.setup = file_setup, .check = file_check, .teardown = file_teardown,
};

START_TEST(put_page_loses_the_late_store)
{
	struct pinpage_outcome out;

	ck_assert_int_eq(cell_of(&file_, 0, "5.1", "calm"), PINPAGE_CELL_OK);
	ck_assert_int_eq(pinpage_explore_run(&file_, 0,
					     pinpage_rules_find("5.1"),
					     "clean-first", true, &out), 0);
	ck_assert_int_eq(out.cell, PINPAGE_CELL_LOST);
	ck_assert_msg(strstr(out.story, "right      dirty flag cleared"),
		      "%s", out.story);
	ck_assert_msg(strstr(out.story, " >> "), "%s", out.story);
	pinpage_outcome_free(&out);
}
END_TEST

START_TEST(pin_keeps_the_late_store)
{
	ck_assert_int_le(cell_of(&file_, 1, "6.1", "clean-first"),
			 PINPAGE_CELL_HAZARD);
	ck_assert_int_eq(cell_of(&file_, 1, "5.1", NULL),
			 PINPAGE_CELL_NOT_OFFERED);
}
END_TEST

START_TEST(file_runs_repeat_and_leak_nothing)
{
	uint64_t a[PINPAGE_CELL_HANG + 1], b[PINPAGE_CELL_HANG + 1];
	const struct pinpage_rules *rules = pinpage_rules_find("5.1");
	struct pinpage_outcome worst, again;

	ck_assert_int_eq(pinpage_explore_random(&file_, 0, rules, 9, 300, a,
						NULL), 0);
	ck_assert_int_eq(pinpage_explore_random(&file_, 0, rules, 9, 300, b,
						&worst), 0);
	ck_assert_mem_eq(a, b, sizeof(a));
	ck_assert_uint_gt(a[PINPAGE_CELL_LOST], 0);
	ck_assert_int_eq(pinpage_explore_replay(&file_, worst.replay, false,
						&again), 0);
	ck_assert_int_eq(again.cell, worst.cell);
	pinpage_outcome_free(&worst);
	pinpage_outcome_free(&again);
}
END_TEST

/* the kernel's BUG in an actor, and in the check: locks held, I/O half done */
START_TEST(real_traps_leak_nothing)
{
	const struct pinpage_rules *rules = pinpage_rules_find("5.2");
	uint64_t h[PINPAGE_CELL_HANG + 1];
	struct pinpage_outcome out;

	ck_assert_int_eq(pinpage_explore_run(&file_, PUT_USER_PAGE, rules,
					     "reclaimed", true, &out), 0);
	ck_assert_msg(out.cell == PINPAGE_CELL_TRAP, "%s", out.story);
	ck_assert_str_eq(out.rule_switch, "reclaim_keeps_private");
	pinpage_outcome_free(&out);
	ck_assert_int_eq(pinpage_explore_random(&file_, PUT_USER_PAGE, rules, 1,
						500, h, NULL), 0);
	ck_assert_uint_gt(h[PINPAGE_CELL_TRAP], 0);
	ck_assert_uint_gt(h[PINPAGE_CELL_OK], 0);
}
END_TEST

static void pins_for_ever(struct pinpage_run *run, void *state)
{
	struct pinpage_completion never;
	struct file_state *s = state;
	struct page *page;

	(void)run;
	pinpage_use_mm(s->mm);
	pinpage_store(s->mm, s->addr, "b", 1);
	pinpage_pin_user_pages_fast(s->addr, 1, PINPAGE_FOLL_WRITE, &page);
	pinpage_init_completion(&never);
	pinpage_wait_for_completion(&never);
}

static void run_told(const char *rules, void (*right)(struct pinpage_run *,
						      void *),
		     struct pinpage_outcome *out)
{
	struct pinpage_actor actors[] = {
		{ .name = "left", .main = pins_for_ever },
		{ .name = "right", .main = right },
	};
	struct pinpage_scenario s = file_;

	s.actors = actors;
	ck_assert_int_eq(pinpage_explore_run(&s, PIN,
					     pinpage_rules_find(rules),
					     "left right", true, out), 0);
	ck_assert_int_eq(out->cell, PINPAGE_CELL_HANG);
}

#define told(story, text) ck_assert_msg(strstr(story, text), "%s", story)

START_TEST(hang_is_explained_not_its_leak)
{
	struct pinpage_outcome out;

	run_told("stay-dirty-wait", file_right, &out);
	told(out.headline, "right waits for the pins of a page to go");
	ck_assert_str_eq(out.rule_switch, "writeback_pinned");
	told(out.story, "remedy: drop the pins before");
	ck_assert_ptr_null(strstr(out.story, "on every way out"));
	ck_assert_ptr_null(strstr(out.story, "waits for somebody"));
	pinpage_outcome_free(&out);
}
END_TEST

static void truncates(struct pinpage_run *run, void *state)
{
	(void)run;
	pinpage_ftruncate(((struct file_state *)state)->file, 0);
}

START_TEST(hang_without_a_cause_blames_no_switch)
{
	struct pinpage_outcome out;

	run_told("6.1", truncates, &out);
	ck_assert_ptr_null(out.rule_switch);
	ck_assert_ptr_null(strstr(out.story, "remedy"));
	told(out.story, "file range removed: data from page 0 to the end\n");
	pinpage_outcome_free(&out);
}
END_TEST

Suite *file_suite(void)
{
	Suite *s = suite_create("file");

	add_test(s, put_page_loses_the_late_store);
	add_test(s, pin_keeps_the_late_store);
	add_test(s, file_runs_repeat_and_leak_nothing);
	add_test(s, real_traps_leak_nothing);
	add_test(s, hang_is_explained_not_its_leak);
	add_test(s, hang_without_a_cause_blames_no_switch);
	return s;
}
