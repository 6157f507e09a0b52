// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Collapsing pages of files in memory: all or nothing, and who maps them.
 */
#include <fcntl.h>

#include "mm/huge.h"
#include "mm/swap.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif
#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

static struct file *memfd;

static unsigned char byte_of(unsigned long i)
{
	return (unsigned char)(i * 13 + 1);
}

/* 2 MiB of a new memfd; the first @nr pages, small ones, are written */
static unsigned long small(unsigned long nr)
{
	unsigned long addr, i;

	memfd = pinpage_memfd_create("f", 0);
	ck_assert(!IS_ERR(memfd));
	ck_assert_int_eq(pinpage_ftruncate(memfd, PMD_SIZE), 0);
	addr = map_file(memfd, HPAGE_PMD_NR, RW, MAP_SHARED);
	for (i = 0; i < nr; i++)
		put(mm, addr + i * PAGE_SIZE, byte_of(i));
	return addr;
}

static void check_bytes(struct mm_struct *in, unsigned long addr, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		ck_assert_int_eq(get(in, addr + i * PAGE_SIZE), i < nr ? byte_of(i) : 0);
}

static int collapse(unsigned long addr)
{
	return pinpage_madvise(addr, PMD_SIZE, MADV_COLLAPSE);
}

static bool is_leaf(struct mm_struct *in, unsigned long addr)
{
	return pte_of(in, addr) & PINPAGE_PTE_HUGE;
}

static void close_memfd(void)
{
	ck_assert_int_eq(pinpage_filp_close(memfd), 0);
}

START_TEST(small_pages_of_file_become_huge)
{
	unsigned long addr = small(HPAGE_PMD_NR);
	struct page *head;

	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_leaf(mm, addr));
	head = page_of(mm, addr);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + 1);
	ck_assert(PageDirty(head) && PageUptodate(head) && PageLRU(head));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_SHMEM_THPS), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_PAGES), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_MAPPED), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_COLLAPSE_ALLOC), 1);
	check_bytes(mm, addr, HPAGE_PMD_NR);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert_ptr_eq(page_of(mm, addr), head);
	close_memfd();
}
END_TEST

START_TEST(holes_are_filled)
{
	unsigned long addr = small(3);

	ck_assert_uint_eq(pinpage_file_blocks(memfd), 3 * 8);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert_uint_eq(pinpage_file_blocks(memfd), HPAGE_PMD_NR * 8);
	check_bytes(mm, addr, 3);
	close_memfd();
}
END_TEST

START_TEST(empty_file_einval)
{
	unsigned long addr = small(0);

	ck_assert_int_eq(collapse(addr), -EINVAL);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), 0);
	close_memfd();
}
END_TEST

START_TEST(held_page_of_file_eagain)
{
	unsigned long addr = small(9);
	struct page *page = pin(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(collapse(addr), -EAGAIN);
	unpin(page);
	pp_ref(page);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	pp_unref(page);
	pp_lock_page(page);
	pp_lock_handover(&page->flags);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	pp_unlock_page(page);
	ck_assert_ptr_eq(page_of(mm, addr + 5 * PAGE_SIZE), page);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), 9);
	check_bytes(mm, addr, 9);
	close_memfd();
}
END_TEST

/* a pin that comes when the page is unmapped, and its lock is taken */
static struct page *late;

static void hold_late(struct pinpage_subscriber *self, const struct pinpage_event *event)
{
	(void)self;
	if (event->name && !strcmp(event->name, "collapse-file") && late)
		pp_ref(late);
}

START_TEST(reference_that_comes_late_undoes_all)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_YIELD), .fn = hold_late,
	};
	unsigned long addr = small(9);

	late = page_of(mm, addr + 8 * PAGE_SIZE);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	pinpage_unsubscribe(&sub);
	ck_assert_ptr_eq(pp_xa_load(&memfd->f_mapping->i_pages, 8), late);
	ck_assert_ptr_null(pp_xa_load(&memfd->f_mapping->i_pages, 9));
	ck_assert_uint_eq(pinpage_file_blocks(memfd), 9 * 8);
	pp_unref(late);
	check_bytes(mm, addr, 9);
	close_memfd();
}
END_TEST

START_TEST(no_memory_collapses_nothing)
{
	unsigned long addr = small(9), nth;
	bool fired = true;
	int err;

	for (nth = 1; fired; nth++) {
		pp_inject_alloc(nth);
		err = collapse(addr);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert(fired ? err == -ENOMEM || !err : !err);
	}
	ck_assert_uint_gt(nth, 3);
	check_bytes(mm, addr, 9);
	close_memfd();
}
END_TEST

START_TEST(swapped_pages_are_read_back)
{
	struct pinpage_swap_options options = { .pages = 64 };
	unsigned long addr = small(9);
	int type = pinpage_swapon(&options);

	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_PAGEOUT), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 9);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert_uint_eq(pinpage_swap_used(type), 0);
	check_bytes(mm, addr, 9);
	close_memfd();
}
END_TEST

START_TEST(ptes_of_a_folio_become_a_leaf)
{
	unsigned long addr = small(9);
	struct page *head;

	ck_assert_int_eq(collapse(addr), 0);
	head = page_of(mm, addr);
	pp_split_pmd(pp_find_vma(mm, addr), addr);
	ck_assert_int_eq(pp_pte_alloc(mm, addr), 0);
	put(mm, addr + PAGE_SIZE, byte_of(1));
	ck_assert(!is_leaf(mm, addr + PAGE_SIZE));
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_leaf(mm, addr));
	ck_assert_ptr_eq(page_of(mm, addr), head);
	ck_assert_int_eq(page_ref_count(head), HPAGE_PMD_NR + 1);
	check_bytes(mm, addr, 9);
	close_memfd();
}
END_TEST

/* from 6.6 on the tables of all go; before, those of others stay, empty */
START_TEST(tables_of_others)
{
	bool all = pp_rules->collapse_retracts;
	unsigned long addr = small(9);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert_int_eq(get(child, addr), byte_of(0));
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert_ptr_null(page_of(child, addr));
	ck_assert_int_eq(get(child, addr + PAGE_SIZE), byte_of(1));
	ck_assert_int_eq(is_leaf(child, addr + PAGE_SIZE), all);
	check_bytes(child, addr, 9);
	pinpage_mmput(child);
	close_memfd();
}
END_TEST

START_TEST(area_or_setting_einval)
{
	unsigned long addr = small(9), odd;

	odd = map_file(memfd, HPAGE_PMD_NR - 1, RW, MAP_SHARED);
	ck_assert_int_eq(pinpage_madvise(odd, PMD_SIZE - PAGE_SIZE, MADV_COLLAPSE), -EINVAL);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_DENY), 0);
	ck_assert_int_eq(collapse(addr), -EINVAL);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_NEVER), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_NOHUGEPAGE), 0);
	ck_assert_int_eq(collapse(addr), -EINVAL);
	ck_assert_uint_eq(pinpage_mapping_nrpages(memfd->f_mapping), 9);
	close_memfd();
}
END_TEST

START_TEST(khugepaged_goes_by_policy)
{
	unsigned long addr = small(9);

	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 0);
	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 1);
	/* it is mapped by who uses it */
	ck_assert_ptr_null(page_of(mm, addr));
	ck_assert_int_eq(get(mm, addr), byte_of(0));
	ck_assert(is_leaf(mm, addr));
	check_bytes(mm, addr, 9);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 0);
	ck_assert(is_leaf(mm, addr));
	close_memfd();
}
END_TEST

static void up_6_12(void)
{
	boot("6.12", PINPAGE_ENGINE_NATIVE, 4096);
}

/* who reads, writes, punches and pins beside it */
static struct mm_struct *shared_mm;
static unsigned long shared_addr;
static int stop;

static int user(void *arg)
{
	unsigned long n = (unsigned long)(uintptr_t)arg, i = n;

	pinpage_use_mm(shared_mm);
	while (!READ_ONCE(stop)) {
		unsigned long addr = shared_addr + i * PAGE_SIZE;

		put(shared_mm, addr + 1 + n, (unsigned char)i);
		ck_assert_int_eq(get(shared_mm, addr + 1 + n), (unsigned char)i);
		i = (i + 7) % (HPAGE_PMD_NR - 1);	/* the last is punched */
		pinpage_cond_resched();
	}
	pinpage_use_mm(NULL);
	return 0;
}

static int puncher(void *arg)
{
	unsigned long i = 0;

	(void)arg;
	while (!READ_ONCE(stop)) {
		/* only what nobody uses: the last page */
		ck_assert_int_eq(pinpage_fallocate(memfd, FALLOC_FL_PUNCH_HOLE |
						   FALLOC_FL_KEEP_SIZE,
						   (loff_pp)(PMD_SIZE), PAGE_SIZE), 0);
		pinpage_cond_resched();
		i++;
	}
	return 0;
}

START_TEST(beside_users)
{
	struct task_struct *task[3];
	unsigned long i;
	int err;

	memfd = pinpage_memfd_create("f", 0);
	ck_assert_int_eq(pinpage_ftruncate(memfd, 2 * PMD_SIZE), 0);
	shared_addr = map_file(memfd, 2 * HPAGE_PMD_NR, RW, MAP_SHARED);
	shared_mm = mm;
	stop = 0;
	put(mm, shared_addr, 1);
	for (i = 0; i < 2; i++)
		task[i] = pinpage_kthread_run(user, (void *)(uintptr_t)i, "user");
	task[2] = pinpage_kthread_run(puncher, NULL, "puncher");
	for (i = 0; i < 40; i++) {
		err = collapse(shared_addr);
		ck_assert(!err || err == -EAGAIN || err == -EINVAL);
		ck_assert_int_eq(pinpage_fallocate(memfd, FALLOC_FL_PUNCH_HOLE |
						   FALLOC_FL_KEEP_SIZE,
						   (loff_pp)(PMD_SIZE - PAGE_SIZE),
						   2 * PAGE_SIZE), 0);
		pinpage_cond_resched();
	}
	WRITE_ONCE(stop, 1);
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pinpage_kthread_stop(task[i]), 0);
	ck_assert_int_eq(get(mm, shared_addr), 1);
	close_memfd();
}
END_TEST

Suite *collapse_file_suite(void)
{
	Suite *suite = suite_create("collapse_file");

	on(suite, small_pages_of_file_become_huge, up);
	on(suite, small_pages_of_file_become_huge, up_fiber);
	on(suite, holes_are_filled, up);
	on(suite, empty_file_einval, up);
	on(suite, held_page_of_file_eagain, up);
	on(suite, reference_that_comes_late_undoes_all, up);
	on(suite, no_memory_collapses_nothing, up);
	on(suite, swapped_pages_are_read_back, up);
	on(suite, ptes_of_a_folio_become_a_leaf, up);
	on(suite, ptes_of_a_folio_become_a_leaf, up_6_12);
	on(suite, tables_of_others, up);
	on(suite, tables_of_others, up_6_12);
	on(suite, area_or_setting_einval, up);
	on(suite, khugepaged_goes_by_policy, up);
	on(suite, beside_users, up);
	on(suite, beside_users, up_6_12);
	on(suite, beside_users, up_fiber);
	return suite;
}
