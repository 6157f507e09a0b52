// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"
#include "suites.h"

#include <pinpage/migrate.h>

static void limit(unsigned long pages)
{
	mm->memlock = ~pages;
}

START_TEST(mlock_faults_in_and_counts)
{
	unsigned long addr = map(3, RW, PRIV);

	ck_assert_int_eq(pinpage_mlock(addr + 1, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
	ck_assert_ptr_nonnull(page_of(mm, addr + 2 * PAGE_SIZE));
	ck_assert(PageAnon(page_of(mm, addr)));
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
	ck_assert_int_eq(pinpage_munlock(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 2);
	ck_assert_int_eq(pinpage_munmap(addr, 3 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
}
END_TEST

START_TEST(bad_range_einval)
{
	ck_assert_int_eq(pinpage_mlock(0x10000, ~0UL), -EINVAL);
	ck_assert_int_eq(pinpage_munlock(-PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_mlock(0x10000, 0), 0);
	pinpage_use_mm(NULL);
	ck_assert_int_eq(pinpage_mlock(0x10000, 1), -EINVAL);
	ck_assert_int_eq(pinpage_munlockall(), -EINVAL);
}
END_TEST

START_TEST(no_limit_no_right_eperm)
{
	unsigned long addr = map(1, RW, PRIV);

	limit(0);
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), -EPERM);
	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT), -EPERM);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, PRIV | MAP_LOCKED, NULL, 0),
			 -EPERM);
	pinpage_set_cap_ipc_lock(true);
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	pinpage_set_cap_ipc_lock(false);
}
END_TEST

START_TEST(over_the_limit_enomem_eagain)
{
	unsigned long addr = map(3, RW, PRIV);

	limit(2);
	ck_assert_int_eq(pinpage_mlock(addr, 3 * PAGE_SIZE), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_int_eq(pinpage_mlock(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mlock(addr, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT), -ENOMEM);
	ck_assert_int_eq(pinpage_mmap(0, PAGE_SIZE, RW, PRIV | MAP_LOCKED, NULL, 0),
			 -EAGAIN);
	ck_assert_int_eq(pinpage_mremap(addr, 2 * PAGE_SIZE, 4 * PAGE_SIZE,
					MREMAP_MAYMOVE, 0), -EAGAIN);
}
END_TEST

START_TEST(hole_and_no_right_enomem)
{
	unsigned long addr = map(3, RW, PRIV);
	unsigned long none = map(1, PROT_NONE, PRIV);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mlock(addr, 3 * PAGE_SIZE), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 1);
	ck_assert_int_eq(pinpage_munlock(addr, 3 * PAGE_SIZE), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_int_eq(pinpage_mlock(none, PAGE_SIZE), -ENOMEM);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 1);
}
END_TEST

START_TEST(killed_eintr)
{
	unsigned long addr = map(1, RW, PRIV);

	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), -EINTR);
	ck_assert_int_eq(pinpage_munlock(addr, PAGE_SIZE), -EINTR);
	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT), -EINTR);
	ck_assert_int_eq(pinpage_munlockall(), -EINTR);
}
END_TEST

START_TEST(no_frame_eagain)
{
	unsigned long addr = map(2, RW, PRIV);

	put(mm, addr, 1);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_mlock(addr, 2 * PAGE_SIZE), -EAGAIN);
}
END_TEST

START_TEST(locked_file_page_is_not_reclaimed)
{
	struct file *f = blk_file(1);
	unsigned long addr = map_file(f, 1, PROT_READ, MAP_SHARED);
	struct page *page;

	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	page = page_of(mm, addr);
	ck_assert(test_bit(PINPAGE_PG_UNEVICTABLE, &page->flags));
	ck_assert_int_eq(pinpage_reclaim_page(page), 0);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	ck_assert_int_eq(pinpage_munlock(addr, PAGE_SIZE), 0);
	ck_assert(!test_bit(PINPAGE_PG_UNEVICTABLE, &page->flags));
	ck_assert_int_eq(pinpage_reclaim_page(page), 1);
}
END_TEST

static long stat(enum pinpage_stat which)
{
	return pinpage_stat(which);
}

START_TEST(pages_are_counted_as_they_come)
{
	unsigned long addr = map(3, RW, PRIV);
	struct page *page;

	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_mlock2(addr, 3 * PAGE_SIZE, MLOCK_ONFAULT), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
	page = page_of(mm, addr);
	ck_assert(PageMlocked(page) && PageUnevictable(page));
	ck_assert_ptr_null(page_of(mm, addr + PAGE_SIZE));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	put(mm, addr + PAGE_SIZE, 1);
	ck_assert(PageMlocked(page_of(mm, addr + PAGE_SIZE)));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 2);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_UNEVICTABLE), 2);
	ck_assert_int_eq(pinpage_munlock(addr, 2 * PAGE_SIZE), 0);
	ck_assert(!PageMlocked(page) && !PageUnevictable(page) && PageLRU(page));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_UNEVICTABLE), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_UNEVICTABLE_PGMLOCKED), 2);
	ck_assert_int_eq(stat(PINPAGE_STAT_UNEVICTABLE_PGMUNLOCKED), 2);
	ck_assert_int_eq(pinpage_mlock2(addr, PAGE_SIZE, 2), -EINVAL);
	/* now all of it, faulted in */
	ck_assert_int_eq(pinpage_mlock2(addr, 3 * PAGE_SIZE, 0), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 3);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
}
END_TEST

START_TEST(page_of_two_locked_areas_stays)
{
	struct file *f = blk_file(1);
	unsigned long a = map_file(f, 1, PROT_READ, MAP_SHARED);
	unsigned long b = map_file(f, 1, PROT_READ, MAP_PRIVATE);
	struct page *page;

	ck_assert_int_eq(pinpage_mlock(a, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_mlock(b, PAGE_SIZE), 0);
	page = page_of(mm, a);
	ck_assert_ptr_eq(page_of(mm, b), page);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	ck_assert_int_eq(pinpage_munmap(a, PAGE_SIZE), 0);
	ck_assert(PageMlocked(page) && PageUnevictable(page));
	ck_assert_int_eq(pinpage_munlock(b, PAGE_SIZE), 0);
	ck_assert(!PageMlocked(page) && !PageUnevictable(page));
}
END_TEST

START_TEST(copy_on_write_moves_the_lock)
{
	unsigned long addr = anon(1);
	struct mm_struct *child;
	struct page *old;

	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	old = page_of(mm, addr);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_mm_locked_vm(child), 0);
	put(mm, addr, 2);
	ck_assert_ptr_eq(page_of(child, addr), old);
	ck_assert(!PageMlocked(old) && !PageUnevictable(old));
	ck_assert(PageMlocked(page_of(mm, addr)));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	pinpage_mmput(child);
}
END_TEST

START_TEST(huge_leaf_is_locked_as_a_whole)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_mlock(addr, PMD_SIZE), 0);
	ck_assert(PageMlocked(head));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_munlock(addr, PMD_SIZE), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 0);
	/* a part: the leaf is split, and small entries do not lock a folio */
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	ck_assert(!PageMlocked(head));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 0);
}
END_TEST

START_TEST(locked_page_that_is_truncated_is_free)
{
	struct file *f = blk_file(1);
	unsigned long addr = map_file(f, 1, RW, MAP_SHARED);

	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	ck_assert_int_eq(pinpage_ftruncate(f, 0), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 0);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_UNEVICTABLE), 0);
}
END_TEST

START_TEST(migration_takes_the_lock_along)
{
	unsigned long addr = anon(2), range[1] = { addr };
	struct page *old;
	int there[1] = { 1 }, status[1];

	down();
	up_zones("6.1", 0, 0, 2);
	range[0] = addr = anon(2);
	old = page_of(mm, addr);
	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_move_pages(mm, 1, range, there, status, PINPAGE_MPOL_MF_MOVE), 0);
	ck_assert_ptr_ne(page_of(mm, addr), old);
	ck_assert(PageMlocked(page_of(mm, addr)) && PageUnevictable(page_of(mm, addr)));
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_UNEVICTABLE), 1);
}
END_TEST

START_TEST(mlockall_on_fault)
{
	unsigned long addr = map(2, RW, PRIV), later;

	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT), 0);
	ck_assert_ptr_null(page_of(mm, addr));
	later = map(1, RW, PRIV | MAP_POPULATE);
	ck_assert_ptr_null(page_of(mm, later));
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
	put(mm, later, 1);
	ck_assert_int_eq(stat(PINPAGE_STAT_NR_MLOCK), 1);
	/* without MCL_FUTURE nothing is to come any more */
	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT), 0);
	ck_assert_ptr_nonnull(page_of(mm, addr));
	later = map(1, RW, PRIV);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
}
END_TEST

/* U09 */
START_TEST(munlock_leaves_pin_alone)
{
	unsigned long addr = anon(1);
	struct page *page;

	ck_assert_int_eq(pinpage_mlock(addr, PAGE_SIZE), 0);
	page = pin(mm, addr);
	ck_assert_int_eq(pinpage_munlock(addr, PAGE_SIZE), 0);
	put(mm, addr, 9);
	ck_assert_int_eq(*(char *)page_address(page), 9);
	unpin(page);
}
END_TEST

START_TEST(mlockall_now_and_later)
{
	unsigned long addr = map(2, RW, PRIV), later;

	ck_assert_int_eq(pinpage_mlockall(0), -EINVAL);
	ck_assert_int_eq(pinpage_mlockall(MCL_ONFAULT), -EINVAL);
	ck_assert_int_eq(pinpage_mlockall(MCL_CURRENT | MCL_FUTURE), 0);
	ck_assert_ptr_nonnull(page_of(mm, addr));
	later = map(1, RW, PRIV);
	ck_assert_ptr_nonnull(page_of(mm, later));
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 3);
	ck_assert_int_eq(pinpage_munlockall(), 0);
	ck_assert_int_eq(pinpage_mm_locked_vm(mm), 0);
	ck_assert_ptr_null(page_of(mm, map(1, RW, PRIV)));
}
END_TEST

Suite *mlock_suite(void)
{
	Suite *s = suite_create("mm/mlock");

	on(s, mlock_faults_in_and_counts, up);
	on(s, bad_range_einval, up);
	on(s, no_limit_no_right_eperm, up);
	on(s, over_the_limit_enomem_eagain, up);
	on(s, hole_and_no_right_enomem, up);
	on(s, killed_eintr, up);
	on(s, no_frame_eagain, up);
	on(s, locked_file_page_is_not_reclaimed, up);
	on(s, pages_are_counted_as_they_come, up);
	on(s, page_of_two_locked_areas_stays, up);
	on(s, copy_on_write_moves_the_lock, up);
	on(s, huge_leaf_is_locked_as_a_whole, up);
	on(s, locked_page_that_is_truncated_is_free, up);
	on(s, migration_takes_the_lock_along, up);
	on(s, mlockall_on_fault, up);
	on(s, munlock_leaves_pin_alone, up);
	on(s, mlockall_now_and_later, up);
	return s;
}
