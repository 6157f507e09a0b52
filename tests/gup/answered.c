// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * GUP where somebody else has a say: merged pages, faults that a task answers,
 * notifiers. Semantics 3.6, 3.10, case M08.
 */
#include "suites.h"

#include "machine.h"

static struct pinpage_uffd *uffd;
static struct page *page;

START_TEST(read_pin_of_a_merged_page_unshares_it)
{
	unsigned long addr = anon(2, true);
	struct page *merged;
	int i;

	put_byte(addr, 7);
	put_byte(addr + PAGE_SIZE, 7);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_MERGEABLE), 0);
	for (i = 0; i < 4; i++)
		pinpage_ksm_scan(100);
	merged = page_at(addr);
	ck_assert(PageKsm(merged));
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, 1, 0, &page), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &page), 1);
	ck_assert_ptr_ne(page, merged);
	ck_assert(!PageKsm(page));
	ck_assert(PageAnonExclusive(page));
	ck_assert_ptr_eq(page_at(addr), page);
	unpin_user_page(page);
	/* a plain reference shares it */
	ck_assert_int_eq(get_user_pages_fast(addr + PAGE_SIZE, 1, 0, &page), 1);
	ck_assert_ptr_eq(page, merged);
	put_page(page);
}
END_TEST

static unsigned long answered(unsigned int mode, bool touched)
{
	unsigned long addr = anon(2, touched);

	ck_assert_int_eq(pinpage_userfaultfd_open(&uffd), 0);
	ck_assert_int_eq(pinpage_userfaultfd_register(uffd, addr, 2 * PAGE_SIZE, mode), 0);
	return addr;
}

START_TEST(call_that_keeps_mmap_lock_gets_no_answer)
{
	unsigned long addr = answered(PINPAGE_UFFD_MISSING, false);
	long ret;

	mmap_read_lock(mm);
	ret = pinpage_get_user_pages(addr, 1, FOLL_WRITE, &page);
	mmap_read_unlock(mm);
	ck_assert_int_eq(ret, -EFAULT);
	pinpage_userfaultfd_close(uffd);
}
END_TEST

static int answer(void *arg)
{
	static char bytes[PINPAGE_PAGE_SIZE] = { 42 };
	struct pinpage_uffd_msg msg;

	(void)arg;
	while (!pinpage_userfaultfd_read(uffd, &msg, true)) {
		if (msg.flags & PINPAGE_UFFD_WP)
			pinpage_userfaultfd_writeprotect(uffd, msg.address, PAGE_SIZE, 0);
		else
			pinpage_userfaultfd_copy(uffd, msg.address, bytes, PAGE_SIZE, 0);
	}
	return 0;
}

START_TEST(call_that_drops_mmap_lock_waits_for_the_answer)
{
	unsigned long addr = answered(PINPAGE_UFFD_MISSING, false);
	struct task_struct *task = pinpage_kthread_run(answer, NULL, "answer");

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	ck_assert_uint_eq(get_byte(addr), 42);
	unpin_user_page(page);
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
	pinpage_userfaultfd_close(uffd);
}
END_TEST

START_TEST(fast_write_stops_at_a_protected_page)
{
	unsigned long addr = answered(PINPAGE_UFFD_WP, true);
	struct task_struct *task;

	ck_assert_int_eq(pinpage_userfaultfd_writeprotect(uffd, addr, PAGE_SIZE,
							  PINPAGE_UFFD_PROTECT), 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &page), 0);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr, 1, 0, &page), 1);
	unpin_user_page(page);
	task = pinpage_kthread_run(answer, NULL, "answer");
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	unpin_user_page(page);
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
	pinpage_userfaultfd_close(uffd);
}
END_TEST

static bool invalidate(struct mmu_interval_notifier *sub,
		       const struct mmu_notifier_range *range, unsigned long seq)
{
	(void)range;
	mmu_interval_set_seq(sub, seq);
	if (page)
		put_page(page);
	page = NULL;
	return true;
}

START_TEST(page_of_a_driver_that_listens_goes_with_its_mapping)
{
	static const struct mmu_interval_notifier_ops ops = { .invalidate = invalidate };
	unsigned long addr = anon(1, true), seq;
	struct mmu_interval_notifier sub = { .ops = NULL };
	struct page *was;

	ck_assert_int_eq(mmu_interval_notifier_insert(&sub, mm, addr, PAGE_SIZE, &ops), 0);
	seq = mmu_interval_read_begin(&sub);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, FOLL_WRITE, &page), 1);
	ck_assert(!mmu_interval_read_retry(&sub, seq));
	was = page;
	ck_assert_int_eq(page_count(was), 2);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_ptr_null(page);
	ck_assert_int_eq(page_count(was), 0);
	ck_assert(mmu_interval_read_retry(&sub, seq));
	mmu_interval_notifier_remove(&sub);
}
END_TEST

Suite *answered_suite(void)
{
	const TTest *const tests[] = {
		read_pin_of_a_merged_page_unshares_it,
		call_that_keeps_mmap_lock_gets_no_answer,
		call_that_drops_mmap_lock_waits_for_the_answer,
		fast_write_stops_at_a_protected_page,
		page_of_a_driver_that_listens_goes_with_its_mapping,
	};
	Suite *suite = suite_create("gup/answered");
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		TCase *tc = tcase_create(tests[i]->name);

		tcase_add_checked_fixture(tc, fixture_up, down);
		tcase_add_test(tc, tests[i]);
		suite_add_tcase(suite, tc);
	}
	return suite;
}
