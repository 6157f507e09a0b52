// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Where the calls of an era differ in what they return, count or leave behind,
 * and two races of faults with truncation and fork.
 */
#include "suites.h"

#include "machine.h"

#define RUNS 3000

static long slow_get(unsigned long addr, unsigned long nr, unsigned int flags,
		     struct page **pages)
{
	long got;

	mmap_read_lock(mm);
	got = get_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return got;
}

/* The first page's COW is already broken: the second's must be, too. */
static void forced_write_of_two(const char *rules)
{
	struct page *pages[2], *shared;
	struct mm_struct *child;
	unsigned long addr;
	unsigned char byte;

	up(rules);
	addr = anon(2, true);
	child = pinpage_fork_mm(mm);
	put_byte(addr, 3);
	shared = page_at(addr + PAGE_SIZE);
	ck_assert_int_eq(pinpage_mprotect(addr, 2 * PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(slow_get(addr, 2, FOLL_WRITE | FOLL_FORCE, pages), 2);
	ck_assert_ptr_ne(pages[1], shared);
	*(char *)page_address(pages[1]) = 9;
	ck_assert_uint_eq(get_byte(addr + PAGE_SIZE), 9);
	ck_assert_int_eq(pinpage_load(child, addr + PAGE_SIZE, &byte, 1), 0);
	ck_assert_uint_eq(byte, 1);
	pinpage_release_pages(pages, 2);
	mmput(child);
	down();
}

START_TEST(forced_write_5_1_breaks_cow_of_each_page) { forced_write_of_two("5.1"); } END_TEST
START_TEST(forced_write_5_19_breaks_cow_of_each_page) { forced_write_of_two("5.19"); } END_TEST
START_TEST(forced_write_6_1_breaks_cow_of_each_page) { forced_write_of_two("6.1"); } END_TEST

START_TEST(dump_leaves_holes)
{
	struct page *pages[2];
	unsigned long addr = anon(2, false);

	put_byte(addr, 1);
	ck_assert_int_eq(slow_get(addr, 2, FOLL_DUMP, pages), 1);
	put_page(pages[0]);
	ck_assert_int_eq(slow_get(addr + PAGE_SIZE, 1, FOLL_DUMP, pages),
			 -EFAULT);
	ck_assert_ptr_null(pinpage_peek_page(mm, addr + PAGE_SIZE, NULL));
}
END_TEST

static void fast_only_says(const char *rules, int flags, int range, int wrap)
{
	unsigned long addr, kernel = 0xffff888000000000UL;
	struct page *page;

	up(rules);
	addr = anon(1, true);
	ck_assert_int_eq(get_user_pages_fast_only(addr, 1, FOLL_ANON, &page),
			 flags);
	ck_assert_int_eq(get_user_pages_fast_only(kernel, 1, 0, &page), range);
	ck_assert_int_eq(get_user_pages_fast_only(addr, -1, 0, &page), wrap);
	ck_assert(!get_user_page_fast_only(addr, FOLL_ANON, &page));
	down();
}

START_TEST(fast_only_6_1_hides_errors) { fast_only_says("6.1", 0, 0, 0); } END_TEST
START_TEST(fast_only_6_5_tells_errors)
{
	fast_only_says("6.5", -EINVAL, -EFAULT, 0);
}
END_TEST
START_TEST(fast_only_6_12_tells_overflow)
{
	fast_only_says("6.12", -EINVAL, -EFAULT, -EOVERFLOW);
}
END_TEST

/* A11 */
static void pin_of_nothing(const char *rules, bool marks)
{
	struct page *page;

	up(rules);
	ck_assert_int_eq(pin_user_pages_unlocked(anon(1, true), 0, &page, 0),
			 0);
	ck_assert_int_eq(pinpage_mm_has_pinned(mm), marks);
	ck_assert_int_eq(acquired(), 0);
	down();
}

START_TEST(pin_of_nothing_6_1_marks) { pin_of_nothing("6.1", true); } END_TEST
START_TEST(pin_of_nothing_6_5_does_not_mark) { pin_of_nothing("6.5", false); } END_TEST

/* F06: the fast walk pins the shared page, sees that it is, and undoes it */
START_TEST(pin_undone_counts_in_both)
{
	unsigned long addr = anon(1, true);
	struct mm_struct *child = pinpage_fork_mm(mm);
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, &page), 0);
	ck_assert_int_eq(acquired(), 1);
	ck_assert_int_eq(released(), 1);
	mmput(child);
}
END_TEST

/* M09, M10: a page that may not stay is refused before it counts */
START_TEST(pin_misplaced_counts_nothing)
{
	struct page *page;

	up_zones("6.1", 4096, 2048);
	ck_assert_int_eq(pin_user_pages_fast_only(anon(1, true), 1,
						  FOLL_LONGTERM, &page), 0);
	ck_assert_int_eq(acquired(), 0);
	down();
}
END_TEST

/* -- a private copy behind the end of the file -- */

struct race {
	struct super_block *sb;
	struct file *file;
	struct mm_struct *mm;
	unsigned long addr;
};

static int race_up(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	long addr;
	int err;

	(void)run;
	err = pinpage_mount("ramfs", NULL, &race->sb);
	if (err)
		return err;
	race->file = pinpage_filp_open(race->sb, "f", O_RDWR | O_CREAT, 0600);
	race->mm = pinpage_mm_alloc();
	if (!race->mm || pinpage_pwrite(race->file, "a", 1, 0) != 1)
		return -ENOMEM;
	pinpage_use_mm(race->mm);
	addr = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE,
			    race->file, 0);
	race->addr = (unsigned long)addr;
	return addr < 0 ? (int)addr : 0;
}

static void race_down(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_use_mm(NULL);
	mmput(race->mm);
	pinpage_filp_close(race->file);
	pinpage_umount(race->sb);
}

static void writer(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	/* fails if the file is shorter by now */
	(void)pinpage_store(race->mm, race->addr, "b", 1);
}

static void truncater(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_ftruncate(race->file, 0);
}

static void nothing_is_mapped(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	if (pinpage_peek_page(race->mm, race->addr, NULL))
		pinpage_run_lost(run, "a page behind the end is mapped");
}

START_TEST(truncate_takes_copy_of_late_fault)
{
	static const struct pinpage_contract contract = {
		.name = "plain", .title = "plain",
	};
	static const struct pinpage_actor actors[] = {
		{ .name = "writer", .main = writer },
		{ .name = "truncater", .main = truncater },
	};
	static const struct pinpage_scenario scenario = {
		.name = "late-fault", .title = "private fault against truncation",
		.contracts = &contract, .nr_contracts = 1,
		.actors = actors, .nr_actors = 2,
		.state_size = sizeof(struct race),
		.setup = race_up, .check = nothing_is_mapped,
		.teardown = race_down,
	};
	uint64_t histogram[PINPAGE_CELL_HANG + 1];
	struct pinpage_outcome worst;

	ck_assert_int_eq(pinpage_explore_random(&scenario, 0,
						pinpage_rules_find("6.1"), 1,
						RUNS, histogram, &worst), 0);
	ck_assert_int_eq(worst.cell, PINPAGE_CELL_OK);
	pinpage_outcome_free(&worst);
}
END_TEST

Suite *fidelity_suite(void)
{
	Suite *suite = suite_create("fidelity");
	TCase *up61 = tcase_create("6.1");

	pp_test_add(suite, forced_write_5_1_breaks_cow_of_each_page);
	pp_test_add(suite, forced_write_5_19_breaks_cow_of_each_page);
	pp_test_add(suite, forced_write_6_1_breaks_cow_of_each_page);
	pp_test_add(suite, fast_only_6_1_hides_errors);
	pp_test_add(suite, fast_only_6_5_tells_errors);
	pp_test_add(suite, fast_only_6_12_tells_overflow);
	pp_test_add(suite, pin_of_nothing_6_1_marks);
	pp_test_add(suite, pin_of_nothing_6_5_does_not_mark);
	pp_test_add(suite, pin_misplaced_counts_nothing);
	tcase_set_timeout(pp_test_add(suite, truncate_takes_copy_of_late_fault),
			  60);
	tcase_add_checked_fixture(up61, fixture_up, down);
	tcase_add_test(up61, dump_leaves_holes);
	tcase_add_test(up61, pin_undone_counts_in_both);
	suite_add_tcase(suite, up61);
	return suite;
}
