// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * userfaultfd: faults that a task answers, write protection, moving.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"
#include "mm/uffd.h"

static struct pinpage_uffd *uffd;
static unsigned long area;
static unsigned int seen, seen_wp;
static char bytes[2 * PAGE_SIZE];

static int reg(unsigned long addr, unsigned long pages, unsigned int mode)
{
	return pinpage_userfaultfd_register(uffd, addr, pages * PAGE_SIZE, mode);
}

static int protect(unsigned long addr, unsigned long pages, unsigned int mode)
{
	return pinpage_userfaultfd_writeprotect(uffd, addr, pages * PAGE_SIZE, mode);
}

/* answers every fault: missing pages get 0x77, protected ones their right back */
static int handler(void *arg)
{
	struct pinpage_uffd_msg msg;

	(void)arg;
	while (!pinpage_userfaultfd_read(uffd, &msg, true)) {
		seen++;
		if (msg.flags & PINPAGE_UFFD_WP) {
			seen_wp++;
			ck_assert(msg.write);
			ck_assert_int_eq(protect(msg.address, 1, 0), 0);
		} else {
			long n = pinpage_userfaultfd_copy(uffd, msg.address, bytes,
							  PAGE_SIZE, 0);

			ck_assert(n == (long)PAGE_SIZE || n == -EEXIST);
			if (n < 0)
				pinpage_userfaultfd_wake(uffd, msg.address, PAGE_SIZE);
		}
	}
	return 0;
}

static struct task_struct *serve(unsigned int mode)
{
	area = map(4, RW, PRIV);
	ck_assert_int_eq(reg(area, 4, mode), 0);
	return pinpage_kthread_run(handler, NULL, "handler");
}

static void end_of(struct task_struct *task)
{
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
}

START_TEST(missing_page_comes_from_the_handler)
{
	struct task_struct *task = serve(PINPAGE_UFFD_MISSING);

	ck_assert_int_eq(get(mm, area), 0x77);
	put(mm, area + PAGE_SIZE, 1);
	ck_assert_int_eq(get(mm, area + PAGE_SIZE + 1), 0x77);
	ck_assert_uint_eq(seen, 2);
	end_of(task);
}
END_TEST

START_TEST(write_to_a_protected_page_waits_for_the_handler)
{
	struct task_struct *task = serve(PINPAGE_UFFD_WP);
	struct page *page;

	put(mm, area, 1);
	page = page_of(mm, area);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), 0);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(get(mm, area), 1);
	ck_assert_uint_eq(seen, 0);
	put(mm, area, 2);
	ck_assert_uint_eq(seen_wp, 1);
	ck_assert_ptr_eq(page_of(mm, area), page);
	put(mm, area, 3);
	ck_assert_uint_eq(seen, 1);
	end_of(task);
}
END_TEST

START_TEST(mprotect_does_not_end_write_protection)
{
	struct task_struct *task = serve(PINPAGE_UFFD_WP);

	put(mm, area, 1);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), 0);
	ck_assert_int_eq(pinpage_mprotect(area, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pinpage_mprotect(area, PAGE_SIZE, RW), 0);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_WRITE));
	put(mm, area, 2);
	ck_assert_uint_eq(seen_wp, 1);
	end_of(task);
}
END_TEST

START_TEST(protection_does_not_reach_a_child)
{
	struct task_struct *task = serve(PINPAGE_UFFD_WP | PINPAGE_UFFD_MISSING);
	struct mm_struct *child;

	put(mm, area, 1);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), 0);
	child = pinpage_fork_mm(mm);
	seen = seen_wp = 0;
	put(child, area, 2);
	ck_assert_int_eq(get(child, area + PAGE_SIZE), 0);
	ck_assert_uint_eq(seen, 0);
	put(mm, area, 3);
	ck_assert_uint_eq(seen_wp, 1);
	pinpage_mmput(child);
	end_of(task);
}
END_TEST

START_TEST(unregistering_ends_it)
{
	struct task_struct *task = serve(PINPAGE_UFFD_WP | PINPAGE_UFFD_MISSING);

	put(mm, area, 1);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), 0);
	seen = 0;
	ck_assert_int_eq(pinpage_userfaultfd_unregister(uffd, area, 2 * PAGE_SIZE), 0);
	put(mm, area, 2);
	put(mm, area + PAGE_SIZE, 2);
	ck_assert_uint_eq(seen, 0);
	ck_assert_int_eq(get(mm, area + 2 * PAGE_SIZE), 0x77);
	end_of(task);
}
END_TEST

static int toucher(void *arg)
{
	unsigned char byte = 5;

	return pinpage_store(mm, (unsigned long)(uintptr_t)arg, &byte, 1);
}

START_TEST(closing_lets_faults_look_again)
{
	struct task_struct *task;
	struct pinpage_uffd_msg msg;

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_read(uffd, &msg, false), -EAGAIN);
	task = pinpage_kthread_run(toucher, (void *)area, "toucher");
	ck_assert_int_eq(pinpage_userfaultfd_read(uffd, &msg, true), 0);
	ck_assert_uint_eq(msg.address, area);
	ck_assert(msg.write);
	pinpage_userfaultfd_close(uffd);
	uffd = NULL;
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	ck_assert_int_eq(get(mm, area), 5);
}
END_TEST

START_TEST(killed_task_stops_waiting)
{
	struct task_struct *task;
	struct pinpage_uffd_msg msg;

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	task = pinpage_kthread_run(toucher, (void *)area, "toucher");
	ck_assert_int_eq(pinpage_userfaultfd_read(uffd, &msg, true), 0);
	pinpage_send_sigkill(task);
	ck_assert_int_eq(pinpage_kthread_join(task), -EFAULT);
}
END_TEST

START_TEST(fault_that_keeps_mmap_lock_is_not_answered)
{
	int err;

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	pinpage_down_read(&mm->mmap_lock);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, area), area, FAULT_FLAG_WRITE);
	ck_assert_int_eq(err, -EFAULT);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, area), area,
				 FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_NOWAIT);
	ck_assert_int_eq(err, -EAGAIN);
	pinpage_up_read(&mm->mmap_lock);
}
END_TEST

START_TEST(unsharing_keeps_protection)
{
	struct mm_struct *child;
	int err;

	area = anon(1);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), 0);
	child = pinpage_fork_mm(mm);
	pinpage_down_read(&mm->mmap_lock);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, area), area, FAULT_FLAG_UNSHARE);
	ck_assert_int_eq(err, 0);
	err = pp_handle_mm_fault(pp_vma_lookup(mm, area), area, FAULT_FLAG_WRITE);
	ck_assert_int_eq(err, -EFAULT);
	pinpage_up_read(&mm->mmap_lock);
	ck_assert_ptr_ne(page_of(mm, area), page_of(child, area));
	pinpage_mmput(child);
}
END_TEST

/* answers and their errors */

START_TEST(filling_checks_what_is_there)
{
	unsigned long other = anon(1);

	area = map(4, RW, PRIV);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(reg(area, 4, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, other, bytes, PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, NULL, PAGE_SIZE, 0), -EFAULT);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, 0, 0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area + 1, bytes, PAGE_SIZE, 0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 64), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE,
						  PINPAGE_UFFD_COPY_WP), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_zeropage(uffd, area + PAGE_SIZE, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_ptr_eq(page_of(mm, area + PAGE_SIZE), pp_zero_page);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, 2 * PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), -EEXIST);
	ck_assert_int_eq(pinpage_userfaultfd_zeropage(uffd, area, PAGE_SIZE, 0), -EEXIST);
	ck_assert_int_eq(pinpage_userfaultfd_wake(uffd, area, 1), -EINVAL);
	ck_assert_int_eq(get(mm, area), 0x77);
}
END_TEST

START_TEST(filled_write_protected)
{
	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING | PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE,
						  PINPAGE_UFFD_COPY_WP), PAGE_SIZE);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(protect(area, 1, 0), 0);
	put(mm, area, 1);
}
END_TEST

START_TEST(filling_without_memory)
{
	unsigned long nth;
	long ret = -ENOMEM;

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	for (nth = 1; ret < 0; nth++) {
		pp_inject_alloc(nth);
		ret = pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0);
		ck_assert(ret == -ENOMEM || ret == (long)PAGE_SIZE);
	}
	pp_inject_alloc(0);
	ck_assert_uint_gt(nth, 3);
}
END_TEST

START_TEST(registering_checks_the_range)
{
	struct pinpage_uffd *second;
	unsigned long ram = map_file(ram_file(1), 1, RW, MAP_SHARED);

	area = map(4, RW, PRIV);
	ck_assert_int_eq(reg(area, 4, 0), -EINVAL);
	ck_assert_int_eq(reg(area, 4, 128), -EINVAL);
	ck_assert_int_eq(reg(area, 4, PINPAGE_UFFD_MINOR), -EINVAL);
	ck_assert_int_eq(reg(area, 0, PINPAGE_UFFD_WP), -EINVAL);
	ck_assert_int_eq(reg(area + 1, 1, PINPAGE_UFFD_WP), -EINVAL);
	ck_assert_int_eq(reg(ram, 1, PINPAGE_UFFD_WP), -EINVAL);
	ck_assert_int_eq(reg(area + (1UL << 40), 1, PINPAGE_UFFD_WP), -EINVAL);
	ck_assert_int_eq(reg(area + PAGE_SIZE, 1, PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT), -ENOENT);
	ck_assert_int_eq(protect(area, 1, PINPAGE_UFFD_PROTECT | PINPAGE_UFFD_DONTWAKE),
			 -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_open(NULL), -EINVAL);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_userfaultfd_open(&second), -ENOMEM);
	ck_assert_int_eq(pinpage_userfaultfd_open(&second), 0);
	ck_assert_int_eq(pinpage_userfaultfd_register(second, area, PAGE_SIZE,
						      PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(pinpage_userfaultfd_register(second, area, 2 * PAGE_SIZE,
						      PINPAGE_UFFD_WP), -EBUSY);
	pp_inject_alloc(1);
	ck_assert_int_eq(reg(area + 2 * PAGE_SIZE, 1, PINPAGE_UFFD_WP), -ENOMEM);
	pinpage_userfaultfd_close(second);
	pinpage_userfaultfd_close(NULL);
}
END_TEST

START_TEST(answers_need_a_living_address_space)
{
	struct mm_struct *old = mm;

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	pinpage_mmput(old);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), -ESRCH);
	ck_assert_int_eq(protect(area, 1, 0), -ESRCH);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), -ENOMEM);
}
END_TEST

START_TEST(forgotten_handler_is_reported_at_shutdown)
{
	uffd = NULL;
	expect_warnings(1);
}
END_TEST

/* moving */

START_TEST(page_moves_without_a_copy)
{
	unsigned long src = anon(2);
	struct page *page = page_of(mm, src);

	area = map(2, RW, PRIV);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, 2 * PAGE_SIZE, 0),
			 2 * PAGE_SIZE);
	ck_assert_ptr_eq(page_of(mm, area), page);
	ck_assert_ptr_null(page_of(mm, src));
	ck_assert_int_eq(get(mm, area + PAGE_SIZE), 2);
	ck_assert(PageAnonExclusive(page));
	put(mm, area, 9);
	ck_assert_ptr_eq(page_of(mm, area), page);
	/* the reverse map knows the new place */
	pp_lock_page(page);
	(void)pp_page_referenced(page);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_YOUNG));
	pp_unlock_page(page);
}
END_TEST

START_TEST(pinned_page_does_not_move)
{
	unsigned long src = anon(2);
	struct page *page = pin(mm, src);

	area = map(2, RW, PRIV);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), -EBUSY);
	ck_assert_ptr_eq(page_of(mm, src), page);
	unpin(page);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), PAGE_SIZE);
}
END_TEST

START_TEST(moving_checks_both_ends)
{
	unsigned long src = anon(1), hole = map(2, RW, PRIV), ro = map(1, PROT_READ, PRIV);
	struct mm_struct *child;

	area = map(4, RW, PRIV);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(reg(area, 4, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, hole, PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, hole, PAGE_SIZE,
						  PINPAGE_UFFD_SRC_HOLES), PAGE_SIZE);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, ro, PAGE_SIZE, 0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, 0, 0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), -EEXIST);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area + PAGE_SIZE, src, PAGE_SIZE, 0),
			 -EBUSY);
	pinpage_mmput(child);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_madvise(area, PAGE_SIZE, MADV_DONTNEED), 0);
	pp_inject_alloc(0);
}
END_TEST

START_TEST(moving_came_with_6_8)
{
	unsigned long src = anon(1);

	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), -EINVAL);
}
END_TEST

static void prepare(void)
{
	seen = seen_wp = 0;
	memset(bytes, 0x77, sizeof(bytes));
	ck_assert_int_eq(pinpage_userfaultfd_open(&uffd), 0);
}

static void start(void)
{
	up();
	prepare();
}

static void start_fiber(void)
{
	up_fiber();
	prepare();
}

static void start_move(void)
{
	boot("6.12", PINPAGE_ENGINE_NATIVE, 4096);
	prepare();
}

static void stop(void)
{
	if (uffd)
		pinpage_userfaultfd_close(uffd);
	down();
}

Suite *uffd_suite(void)
{
	Suite *suite = suite_create("mm/uffd");

	on_until(suite, missing_page_comes_from_the_handler, start, stop);
	on_until(suite, missing_page_comes_from_the_handler, start_fiber, stop);
	on_until(suite, write_to_a_protected_page_waits_for_the_handler, start, stop);
	on_until(suite, write_to_a_protected_page_waits_for_the_handler, start_fiber, stop);
	on_until(suite, mprotect_does_not_end_write_protection, start, stop);
	on_until(suite, protection_does_not_reach_a_child, start, stop);
	on_until(suite, unregistering_ends_it, start, stop);
	on_until(suite, closing_lets_faults_look_again, start, stop);
	on_until(suite, closing_lets_faults_look_again, start_fiber, stop);
	on_until(suite, killed_task_stops_waiting, start, stop);
	on_until(suite, killed_task_stops_waiting, start_fiber, stop);
	on_until(suite, fault_that_keeps_mmap_lock_is_not_answered, start, stop);
	on_until(suite, unsharing_keeps_protection, start, stop);
	on_until(suite, filling_checks_what_is_there, start, stop);
	on_until(suite, filled_write_protected, start, stop);
	on_until(suite, filling_without_memory, start, stop);
	on_until(suite, registering_checks_the_range, start, stop);
	on_until(suite, answers_need_a_living_address_space, start, stop);
	on_until(suite, forgotten_handler_is_reported_at_shutdown, start, stop);
	on_until(suite, page_moves_without_a_copy, start_move, stop);
	on_until(suite, pinned_page_does_not_move, start_move, stop);
	on_until(suite, moving_checks_both_ends, start_move, stop);
	on_until(suite, moving_came_with_6_8, start, stop);
	return suite;
}
