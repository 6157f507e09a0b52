// SPDX-License-Identifier: LGPL-2.1-or-later
/* The page lock and the wait for writeback: lib/page/lock.c */
#include "machine.h"

static struct page *page;
static int order[4], nr_order;

static void machine_and_page(void)
{
	nr_order = 0;
	machine_up();
	page = pp_alloc_page(0);
}

static void machine_and_page_fiber(void)
{
	nr_order = 0;
	machine_up_fiber();
	page = pp_alloc_page(0);
}

static void mark(int what)
{
	order[nr_order++] = what;
}

START_TEST(lock_sets_flag_and_emits)
{
	struct listener lock, unlock;

	listen_to(&lock, PINPAGE_EV_LOCK_PAGE);
	listen_to(&unlock, PINPAGE_EV_UNLOCK_PAGE);
	pinpage_lock_page(page);
	ck_assert(pinpage_PageLocked(page));
	ck_assert(pp_lock_held(&page->flags));
	ck_assert_ptr_eq(lock.last.page, page);
	ck_assert_ptr_nonnull(lock.last.site);
	pinpage_unlock_page(page);
	ck_assert(!pinpage_PageLocked(page));
	ck_assert_uint_eq(lock.nr, 1);
	ck_assert_uint_eq(unlock.nr, 1);
	listen_end(&lock);
	listen_end(&unlock);
	pp_unref(page);
}
END_TEST

START_TEST(trylock_of_locked_fails)
{
	ck_assert(pinpage_trylock_page(page));
	ck_assert(!pinpage_trylock_page(page));
	pinpage_unlock_page(page);
	pp_unref(page);
}
END_TEST

START_TEST(tail_locks_the_folio)
{
	struct page *head = pp_alloc_pages(PINPAGE_GFP_COMP, 1);

	pinpage_lock_page(head + 1);
	ck_assert(pinpage_PageLocked(head));
	pinpage_unlock_page(head);
	ck_assert(!pinpage_PageLocked(head + 1));
	pp_unref(head);
	pp_unref(page);
}
END_TEST

START_TEST(unlock_of_unlocked_warns)
{
	struct listener unlock;

	listen_to(&unlock, PINPAGE_EV_UNLOCK_PAGE);
	pinpage_unlock_page(page);
	expect_warnings(1);
	ck_assert_uint_eq(unlock.nr, 0);
	listen_end(&unlock);
	pp_unref(page);
}
END_TEST

START_TEST(lock_in_atomic_context_warns)
{
	pinpage_softirq_enter();
	pinpage_lock_page(page);
	pinpage_softirq_exit();
	expect_warnings(1);
	pinpage_unlock_page(page);
	pp_unref(page);
}
END_TEST

static int end_writeback(void *arg)
{
	(void)arg;
	pinpage_msleep(5);
	pp_end_writeback_flag(page);
	return 0;
}

START_TEST(wait_writeback_in_atomic_context_warns)
{
	struct task_struct *task;

	pinpage_softirq_enter();
	pinpage_wait_on_page_writeback(page);
	SetPageWriteback(page);
	task = pinpage_kthread_run(end_writeback, NULL, "io");
	pinpage_wait_on_page_writeback(page);
	pinpage_softirq_exit();
	expect_warnings(1);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	pp_unref(page);
}
END_TEST

static int lock_and_mark(void *arg)
{
	(void)arg;
	pinpage_lock_page(page);
	mark(2);
	pinpage_unlock_page(page);
	return 0;
}

static void lock_excludes(void)
{
	struct task_struct *task;

	pinpage_lock_page(page);
	task = pinpage_kthread_run(lock_and_mark, NULL, "other");
	ck_assert_ptr_nonnull(task);
	pinpage_msleep(5);
	mark(1);
	pinpage_unlock_page(page);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_int_eq(order[0], 1);
	ck_assert_int_eq(order[1], 2);
	pp_unref(page);
}

START_TEST(lock_waits_for_holder)
{
	lock_excludes();
}
END_TEST

START_TEST(fiber_lock_waits_for_holder)
{
	lock_excludes();
}
END_TEST

static int wait_and_mark(void *arg)
{
	(void)arg;
	pinpage_wait_on_page_writeback(page);
	mark(2);
	return 0;
}

static void writeback_wait(void)
{
	struct task_struct *task;

	pinpage_wait_on_page_writeback(page);
	SetPageWriteback(page);
	task = pinpage_kthread_run(wait_and_mark, NULL, "waiter");
	ck_assert_ptr_nonnull(task);
	pinpage_msleep(5);
	mark(1);
	pp_end_writeback_flag(page);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_int_eq(order[0], 1);
	ck_assert_int_eq(order[1], 2);
	pp_unref(page);
}

START_TEST(wait_writeback_until_cleared)
{
	writeback_wait();
}
END_TEST

START_TEST(fiber_wait_writeback_until_cleared)
{
	writeback_wait();
}
END_TEST

Suite *lock_suite(void)
{
	Suite *s = suite_create("page/lock");

	on_machine(s, lock_sets_flag_and_emits, machine_and_page);
	on_machine(s, trylock_of_locked_fails, machine_and_page);
	on_machine(s, tail_locks_the_folio, machine_and_page);
	on_machine(s, unlock_of_unlocked_warns, machine_and_page);
	on_machine(s, lock_in_atomic_context_warns, machine_and_page);
	on_machine(s, wait_writeback_in_atomic_context_warns,
		   machine_and_page);
	on_machine(s, lock_waits_for_holder, machine_and_page);
	on_machine(s, fiber_lock_waits_for_holder, machine_and_page_fiber);
	on_machine(s, wait_writeback_until_cleared, machine_and_page);
	on_machine(s, fiber_wait_writeback_until_cleared,
		   machine_and_page_fiber);
	return s;
}
