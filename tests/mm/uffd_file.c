// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * userfaultfd: features, shared memory, minor faults, markers, poison, swap.
 */
#include "machine.h"
#include "suites.h"

#include "mm/swap.h"
#include "mm/uffd.h"
#include "pagecache/seals.h"

#define F(name) PINPAGE_UFFD_FEATURE_##name

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

static struct pinpage_uffd *uffd;
static unsigned long area;
static struct pinpage_uffd_msg last;
static unsigned int missing, minor, protected;
static char bytes[PAGE_SIZE];

static int reg(unsigned long addr, unsigned long pages, unsigned int mode)
{
	return pinpage_userfaultfd_register(uffd, addr, pages * PAGE_SIZE, mode);
}

static int protect(unsigned long addr, unsigned long pages, unsigned int mode)
{
	return pinpage_userfaultfd_writeprotect(uffd, addr, pages * PAGE_SIZE, mode);
}

static int features(uint64_t wanted)
{
	return pinpage_userfaultfd_api(uffd, &wanted);
}

static int handler(void *arg)
{
	struct pinpage_uffd_msg msg;
	unsigned long at;

	(void)arg;
	while (!pinpage_userfaultfd_read(uffd, &msg, true)) {
		last = msg;
		at = msg.address & PAGE_MASK;
		if (msg.flags & PINPAGE_UFFD_WP) {
			protected++;
			ck_assert_int_eq(protect(at, 1, 0), 0);
		} else if (msg.flags & PINPAGE_UFFD_MINOR) {
			minor++;
			ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, at, PAGE_SIZE, 0),
					 PAGE_SIZE);
		} else {
			missing++;
			ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, at, bytes,
								  PAGE_SIZE, 0), PAGE_SIZE);
		}
	}
	return 0;
}

static struct task_struct *serve(unsigned long addr, unsigned long pages, unsigned int mode)
{
	area = addr;
	ck_assert_int_eq(reg(area, pages, mode), 0);
	return pinpage_kthread_run(handler, NULL, "handler");
}

static void end_of(struct task_struct *task)
{
	ck_assert_int_eq(pinpage_kthread_stop(task), 0);
}

static void ready(void)
{
	missing = minor = protected = 0;
	memset(bytes, 0x77, sizeof(bytes));
	ck_assert_int_eq(pinpage_userfaultfd_open(&uffd), 0);
}

static void start(void)
{
	boot("6.12", PINPAGE_ENGINE_NATIVE, 4096);
	ready();
}

static void start_fiber(void)
{
	boot("6.12", PINPAGE_ENGINE_FIBER, 4096);
	ready();
}

static void again(const char *rules)
{
	pinpage_userfaultfd_close(uffd);
	reboot(rules);
	ready();
}

static void stop(void)
{
	pinpage_userfaultfd_close(uffd);
	down();
}

START_TEST(features_come_with_releases)
{
	uint64_t all = 0;

	ck_assert_int_eq(pinpage_userfaultfd_api(uffd, &all), 0);
	ck_assert_uint_eq(all & (F(MOVE) | F(POISON)), F(MOVE) | F(POISON));
	again("6.1");
	all = F(WP_UNPOPULATED);
	ck_assert_int_eq(pinpage_userfaultfd_api(uffd, &all), -EINVAL);
	ck_assert_uint_eq(all, 0);
	ck_assert_int_eq(pinpage_userfaultfd_api(uffd, &all), 0);
	ck_assert_uint_eq(all & F(WP_HUGETLBFS_SHMEM), F(WP_HUGETLBFS_SHMEM));
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, map(1, RW, PRIV), PAGE_SIZE, 0), -EINVAL);
	again("5.10");
	ck_assert_int_eq(reg(map(1, RW, SHARED), 1, PINPAGE_UFFD_WP), -EINVAL);
	ck_assert_int_eq(reg(map(1, RW, SHARED), 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(reg(map(1, RW, SHARED), 1, PINPAGE_UFFD_MINOR), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE, 0), -EINVAL);
	again("5.4");
	ck_assert_int_eq(reg(map(1, RW, PRIV), 1, PINPAGE_UFFD_WP), -EINVAL);
}
END_TEST

START_TEST(features_are_asked_for_once)
{
	uint64_t none = 0;

	ck_assert_int_eq(features(F(SIGBUS)), 0);
	ck_assert_int_eq(features(0), -EINVAL);
	again("6.12");
	ck_assert_int_eq(reg(map(1, RW, PRIV), 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(features(0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_api(uffd, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_api(NULL, &none), -EINVAL);
}
END_TEST

START_TEST(sigbus_instead_of_waiting)
{
	ck_assert_int_eq(features(F(SIGBUS)), 0);
	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(get(mm, area), -EFAULT);
}
END_TEST

START_TEST(exact_address_when_asked_for)
{
	struct task_struct *task;

	ck_assert_int_eq(features(F(EXACT_ADDRESS)), 0);
	task = serve(map(2, RW, PRIV), 2, PINPAGE_UFFD_MISSING);
	ck_assert_int_eq(get(mm, area + 5), 0x77);
	ck_assert_uint_eq(last.address, area + 5);
	end_of(task);
}
END_TEST

/* missing is what the file does not have */
START_TEST(missing_page_of_shared_memory)
{
	unsigned long other = map(2, RW, SHARED);
	struct task_struct *task = serve(other, 2, PINPAGE_UFFD_MISSING);
	struct mm_struct *child;

	ck_assert_int_eq(get(mm, area), 0x77);
	ck_assert_uint_eq(missing, 1);
	put(mm, area, 3);
	child = pinpage_fork_mm(mm);
	put(child, area + PAGE_SIZE, 5);
	ck_assert_int_eq(get(child, area), 3);
	/* the file has it now: no fault for the handler */
	ck_assert_int_eq(get(mm, area + PAGE_SIZE), 5);
	ck_assert_uint_eq(missing, 1);
	pinpage_mmput(child);
	end_of(task);
}
END_TEST

START_TEST(filling_what_the_file_has_eexist)
{
	struct mm_struct *child;

	area = map(2, RW, SHARED);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_MISSING), 0);
	child = pinpage_fork_mm(mm);
	put(child, area, 5);
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), -EEXIST);
	ck_assert_int_eq(pinpage_userfaultfd_zeropage(uffd, area + PAGE_SIZE, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_int_eq(get(mm, area + PAGE_SIZE), 0);
	put(mm, area + PAGE_SIZE, 1);
	ck_assert_int_eq(get(mm, area), 5);
}
END_TEST

START_TEST(minor_fault_is_continued)
{
	struct mm_struct *child;
	struct task_struct *task;
	unsigned long addr = map(2, RW, SHARED);

	child = pinpage_fork_mm(mm);
	put(child, addr, 9);
	task = serve(addr, 2, PINPAGE_UFFD_MINOR);
	ck_assert_int_eq(get(mm, area), 9);
	ck_assert_uint_eq(minor, 1);
	ck_assert_ptr_eq(page_of(mm, area), page_of(child, area));
	put(mm, area, 4);
	ck_assert_int_eq(get(child, area), 4);
	/* nothing in the file: an ordinary fault */
	ck_assert_int_eq(get(mm, area + PAGE_SIZE), 0);
	ck_assert_uint_eq(minor, 1);
	pinpage_mmput(child);
	end_of(task);
}
END_TEST

START_TEST(pin_meets_a_minor_fault)
{
	struct task_struct *task;
	struct mm_struct *child;
	unsigned long addr = map(1, RW, SHARED);
	struct page *page;

	child = pinpage_fork_mm(mm);
	put(child, addr, 9);
	page = page_of(child, addr);
	task = serve(addr, 1, PINPAGE_UFFD_MINOR);
	ck_assert_int_eq(pp_fault_user(mm, addr, true), 0);
	ck_assert_ptr_eq(pin(mm, addr), page);
	unpin(page);
	ck_assert_uint_eq(minor, 1);
	pinpage_mmput(child);
	end_of(task);
}
END_TEST

START_TEST(memory_that_can_never_be_written_eperm)
{
	struct file *file = pinpage_memfd_create("sealed", MFD_ALLOW_SEALING);
	unsigned long addr;

	ck_assert(!IS_ERR(file));
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(file, F_SEAL_WRITE), 0);
	addr = map_file(file, 1, PROT_READ, MAP_SHARED);
	ck_assert_int_eq(reg(addr, 1, PINPAGE_UFFD_MISSING), -EPERM);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_filp_close(file), 0);
}
END_TEST

START_TEST(continuing_a_failed_frame_eio)
{
	struct page *page;

	area = map(1, RW, SHARED);
	put(mm, area, 1);
	page = page_of(mm, area);
	ck_assert_int_eq(pinpage_madvise(area, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MINOR), 0);
	SetPageHWPoison(page);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE, 0), -EIO);
	ClearPageHWPoison(page);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE, 0), PAGE_SIZE);
}
END_TEST

START_TEST(continuing_checks)
{
	unsigned long priv = map(1, RW, PRIV);

	area = map(2, RW, SHARED);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_MINOR), 0);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE, 0), -EFAULT);
	put(mm, area, 1);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE, 0), -EEXIST);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area, PAGE_SIZE,
						      PINPAGE_UFFD_COPY_WP), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, priv, PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, area + 1, PAGE_SIZE, 0), -EINVAL);
	ck_assert_int_eq(reg(priv, 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_continue(uffd, priv, PAGE_SIZE, 0), -EINVAL);
}
END_TEST

/* MADV_DONTNEED and reclaim leave a marker */
START_TEST(protection_of_shared_memory_outlives_the_entry)
{
	struct task_struct *task = serve(map(3, RW, SHARED), 3, PINPAGE_UFFD_WP);
	uint64_t first, third;

	put(mm, area, 1);
	/* the third has no page yet */
	ck_assert_int_eq(protect(area, 3, PINPAGE_UFFD_PROTECT), 0);
	ck_assert_int_eq(pinpage_madvise(area, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_ptr_null(page_of(mm, area));
	ck_assert_int_eq(pinpage_pagemap(mm, area, &first), 0);
	ck_assert_int_eq(pinpage_pagemap(mm, area + 2 * PAGE_SIZE, &third), 0);
	ck_assert(first & PINPAGE_PM_UFFD_WP && third & PINPAGE_PM_UFFD_WP);
	ck_assert_int_eq(get(mm, area), 1);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_WRITE));
	ck_assert_uint_eq(protected, 0);
	put(mm, area, 2);
	ck_assert_uint_eq(protected, 1);
	put(mm, area + 2 * PAGE_SIZE, 2);
	ck_assert_uint_eq(protected, 2);
	put(mm, area + 2 * PAGE_SIZE, 3);
	ck_assert_uint_eq(protected, 2);
	end_of(task);
}
END_TEST

START_TEST(markers_go_with_the_handler)
{
	area = map(2, RW, SHARED);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(protect(area, 2, PINPAGE_UFFD_PROTECT), 0);
	ck_assert_int_eq(pinpage_userfaultfd_unregister(uffd, area, 2 * PAGE_SIZE), 0);
	put(mm, area, 1);
	ck_assert(pte_of(mm, area) & PINPAGE_PTE_WRITE);
}
END_TEST

START_TEST(empty_entries_are_protected_when_asked_for)
{
	struct task_struct *task;
	struct mm_struct *child;

	task = serve(map(2, RW, PRIV), 2, PINPAGE_UFFD_WP);
	ck_assert_int_eq(protect(area, 2, PINPAGE_UFFD_PROTECT), 0);
	put(mm, area, 1);
	ck_assert_uint_eq(protected, 0);
	end_of(task);
	again("6.5");
	ck_assert_int_eq(features(F(WP_UNPOPULATED)), 0);
	task = serve(map(2, RW, PRIV), 2, PINPAGE_UFFD_WP);
	ck_assert_int_eq(protect(area, 2, PINPAGE_UFFD_PROTECT), 0);
	child = pinpage_fork_mm(mm);
	put(child, area, 1);
	ck_assert_uint_eq(protected, 0);
	pinpage_mmput(child);
	put(mm, area, 1);
	ck_assert_uint_eq(protected, 1);
	ck_assert_int_eq(get(mm, area + PAGE_SIZE), 0);
	put(mm, area + PAGE_SIZE, 1);
	ck_assert_uint_eq(protected, 2);
	end_of(task);
}
END_TEST

START_TEST(async_protection_waits_for_nobody)
{
	unsigned long file = map_file(ram_file(1), 1, RW, MAP_SHARED);
	struct page *page;

	ck_assert_int_eq(features(F(WP_ASYNC)), 0);
	area = anon(2);
	page = page_of(mm, area);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(reg(file, 1, PINPAGE_UFFD_WP), 0);
	ck_assert_int_eq(protect(area, 2, PINPAGE_UFFD_PROTECT), 0);
	ck_assert(!(pte_of(mm, area) & PINPAGE_PTE_WRITE));
	put(mm, area, 9);
	ck_assert_ptr_eq(page_of(mm, area), page);
	ck_assert(pte_of(mm, area) & PINPAGE_PTE_WRITE);
	ck_assert(!(pte_of(mm, area + PAGE_SIZE) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(protect(file, 1, PINPAGE_UFFD_PROTECT), 0);
	put(mm, file, 9);
}
END_TEST

START_TEST(poison_is_like_failed_memory)
{
	struct mm_struct *child;

	area = map(3, RW, PRIV);
	ck_assert_int_eq(reg(area, 3, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, area, 2 * PAGE_SIZE, 0), 2 * PAGE_SIZE);
	ck_assert_int_eq(get(mm, area), -EFAULT);
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, area, PAGE_SIZE, 0), -EEXIST);
	ck_assert_int_eq(pinpage_userfaultfd_copy(uffd, area, bytes, PAGE_SIZE, 0), -EEXIST);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(get(child, area), -EFAULT);
	ck_assert_int_eq(get(child, area + 2 * PAGE_SIZE), 0);
	pinpage_mmput(child);
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, area + 1, PAGE_SIZE, 0), -EINVAL);
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, map(1, RW, PRIV), PAGE_SIZE, 0), -ENOENT);
	ck_assert_int_eq(pinpage_madvise(area, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(pinpage_userfaultfd_zeropage(uffd, area, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(get(mm, area), 0);
}
END_TEST

static void in_swap(unsigned long addr)
{
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert_ptr_null(page_of(mm, addr));
}

START_TEST(swapped_page_moves_unread)
{
	struct pinpage_swap_options options = { .pages = 64 };
	unsigned long src = anon(2);
	struct mm_struct *child;

	ck_assert_int_eq(pinpage_swapon(&options), 0);
	area = map(2, RW, PRIV);
	ck_assert_int_eq(reg(area, 2, PINPAGE_UFFD_MISSING), 0);
	in_swap(src);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_ptr_null(page_of(mm, area));
	ck_assert_int_eq(get(mm, area), 1);
	ck_assert_int_eq(get(mm, src), 0);
	/* a child's too: not ours alone */
	in_swap(src + PAGE_SIZE);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area + PAGE_SIZE, src + PAGE_SIZE,
						  PAGE_SIZE, 0), -EBUSY);
	pinpage_mmput(child);
	ck_assert_int_eq(get(mm, src + PAGE_SIZE), 2);
	/* and poison does not move */
	ck_assert_int_eq(pinpage_madvise(src, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(reg(src, 1, PINPAGE_UFFD_MISSING), 0);
	ck_assert_int_eq(pinpage_userfaultfd_poison(uffd, src, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area + PAGE_SIZE, src, PAGE_SIZE, 0),
			 -EFAULT);
}
END_TEST

/* still in the swap cache: it goes along and knows its new address */
START_TEST(page_of_the_swap_cache_moves_along)
{
	struct pinpage_swap_options options = { .pages = 64 };
	unsigned long src = anon(1);
	struct page *page = page_of(mm, src);

	ck_assert_int_eq(pinpage_swapon(&options), 0);
	area = map(1, RW, PRIV);
	ck_assert_int_eq(reg(area, 1, PINPAGE_UFFD_MISSING), 0);
	pp_ref(page);
	in_swap(src);
	ck_assert(PageSwapCache(page));
	ck_assert_int_eq(pinpage_userfaultfd_move(uffd, area, src, PAGE_SIZE, 0), PAGE_SIZE);
	ck_assert_int_eq(get(mm, area), 1);
	ck_assert_ptr_eq(page_of(mm, area), page);
	ck_assert_uint_eq(page->index, pp_vma_pgoff(pp_find_vma(mm, area), area));
	pp_unref(page);
}
END_TEST

Suite *uffd_file_suite(void)
{
	Suite *suite = suite_create("mm/uffd_file");

	on_until(suite, features_come_with_releases, start, stop);
	on_until(suite, features_are_asked_for_once, start, stop);
	on_until(suite, sigbus_instead_of_waiting, start, stop);
	on_until(suite, exact_address_when_asked_for, start, stop);
	on_until(suite, missing_page_of_shared_memory, start, stop);
	on_until(suite, missing_page_of_shared_memory, start_fiber, stop);
	on_until(suite, filling_what_the_file_has_eexist, start, stop);
	on_until(suite, minor_fault_is_continued, start, stop);
	on_until(suite, minor_fault_is_continued, start_fiber, stop);
	on_until(suite, pin_meets_a_minor_fault, start, stop);
	on_until(suite, memory_that_can_never_be_written_eperm, start, stop);
	on_until(suite, continuing_a_failed_frame_eio, start, stop);
	on_until(suite, continuing_checks, start, stop);
	on_until(suite, protection_of_shared_memory_outlives_the_entry, start, stop);
	on_until(suite, protection_of_shared_memory_outlives_the_entry, start_fiber, stop);
	on_until(suite, markers_go_with_the_handler, start, stop);
	on_until(suite, empty_entries_are_protected_when_asked_for, start, stop);
	on_until(suite, async_protection_waits_for_nobody, start, stop);
	on_until(suite, poison_is_like_failed_memory, start, stop);
	on_until(suite, swapped_page_moves_unread, start, stop);
	on_until(suite, page_of_the_swap_cache_moves_along, start, stop);
	return suite;
}
