// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Merged pages on the move: to other frames, to swap and back. Two nodes.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"
#include "mm/ksm.h"
#include "mm/migrate.h"
#include "mm/swap.h"

#define ROUNDS 300

static void two_nodes(void)
{
	up_zones("6.1", 0, 0, 2);
}

static unsigned long mergeable(unsigned char byte)
{
	unsigned long addr = map(1, RW, PRIV);

	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_MERGEABLE), 0);
	put(mm, addr, byte);
	return addr;
}

static void scans(unsigned int nr)
{
	while (nr--)
		ck_assert_int_ge(pinpage_ksm_scan(1000), 0);
}

/* two areas that one page stands for */
struct pair {
	unsigned long a, b;
	struct page *page;
};

static struct pair merged_pair(void)
{
	struct pair p = { .a = mergeable(7), .b = mergeable(7) };

	scans(3);
	p.page = page_of(mm, p.a);
	ck_assert(pinpage_PageKsm(p.page));
	ck_assert_ptr_eq(page_of(mm, p.b), p.page);
	return p;
}

static long move(unsigned long addr, int to)
{
	int status = 77;

	return pinpage_move_pages(mm, 1, &addr, &to, &status, PINPAGE_MPOL_MF_MOVE_ALL);
}

static void swap_on(void)
{
	struct pinpage_swap_options options = { .pages = 64 };

	ck_assert_int_ge(pinpage_swapon(&options), 0);
}

static pp_pte raw(unsigned long addr)
{
	struct pp_table *table;
	pp_pte *ptep = pp_pte_lock(mm, addr, &table), pte = *ptep;

	pinpage_spin_unlock(&table->lock);
	return pte;
}

START_TEST(merged_page_moves_for_all)
{
	struct pair p = merged_pair();
	struct page *new;

	ck_assert_int_eq(move(p.a, 1), 0);
	new = page_of(mm, p.a);
	ck_assert_ptr_ne(new, p.page);
	ck_assert_int_eq(new->node, 1);
	ck_assert(pinpage_PageKsm(new));
	ck_assert_ptr_eq(page_of(mm, p.b), new);
	ck_assert_int_eq(page_count(new), 2);
	ck_assert_int_eq(page_count(p.page), 0);
	ck_assert(!(pte_of(mm, p.a) & PINPAGE_PTE_WRITE));
	put(mm, p.a, 9);
	ck_assert_int_eq(get(mm, p.b), 7);
}
END_TEST

START_TEST(node_follows_its_page)
{
	struct pair p = merged_pair();
	struct pinpage_ksm_stats stats;
	unsigned long c;

	ck_assert_int_eq(move(p.a, 1), 0);
	c = mergeable(7);
	scans(3);
	ck_assert_ptr_eq(page_of(mm, c), page_of(mm, p.a));
	pinpage_ksm_stats(&stats);
	ck_assert_uint_eq(stats.pages_shared, 1);
	ck_assert_uint_eq(stats.pages_sharing, 2);
}
END_TEST

START_TEST(compaction_moves_a_merged_page)
{
	struct pair p = merged_pair();

	ck_assert_int_ge(pinpage_compact_memory(), 1);
	ck_assert_ptr_ne(page_of(mm, p.a), p.page);
	ck_assert_ptr_eq(page_of(mm, p.a), page_of(mm, p.b));
	ck_assert(pinpage_PageKsm(page_of(mm, p.a)));
	ck_assert_int_eq(get(mm, p.b), 7);
}
END_TEST

START_TEST(referenced_merged_page_stays)
{
	struct pair p = merged_pair();

	pinpage_get_page(p.page);
	ck_assert_int_eq(move(p.a, 1), 1);
	ck_assert_ptr_eq(page_of(mm, p.a), p.page);
	ck_assert_ptr_eq(page_of(mm, p.b), p.page);
	ck_assert(pinpage_PageKsm(p.page));
	pinpage_put_page(p.page);
	scans(1);
	ck_assert_int_eq(move(p.a, 1), 0);
}
END_TEST

START_TEST(each_failed_allocation_of_a_move)
{
	struct pair p = merged_pair();
	bool fired = true;
	unsigned long nth;

	for (nth = 1; fired; nth++) {
		pp_inject_alloc(nth);
		(void)move(p.a, page_of(mm, p.a)->node ? 0 : 1);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_ptr_eq(page_of(mm, p.a), page_of(mm, p.b));
		ck_assert(pinpage_PageKsm(page_of(mm, p.a)));
		ck_assert_int_eq(get(mm, p.b), 7);
	}
}
END_TEST

/* a frame fails that many have */
static void fails(const char *rules, int ret, int byte)
{
	struct pair p;

	reboot(rules);
	p = merged_pair();
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(p.page), 0), ret);
	ck_assert_int_eq(get(mm, p.a), byte);
	ck_assert_int_eq(get(mm, p.b), byte);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(p.page), 0), -EHWPOISON);
}

START_TEST(failed_merged_page_stays_until_6_3) { fails("6.1", -EBUSY, 7); } END_TEST
START_TEST(failed_merged_page_is_lost_to_all) { fails("6.5", 0, -EFAULT); } END_TEST

/* swap */

START_TEST(merged_page_goes_to_swap)
{
	struct pair p;

	swap_on();
	p = merged_pair();
	ck_assert_int_eq(pinpage_reclaim_page(p.page), 1);
	ck_assert(pp_entry_is_swap(raw(p.a)) && pp_entry_is_swap(raw(p.b)));
	ck_assert(!(raw(p.a) & PTE_SWP_EXCLUSIVE));
	ck_assert_int_eq(page_count(p.page), 0);
}
END_TEST

/* its frame is gone: who comes first has the page, the other a copy */
START_TEST(back_from_swap_each_has_a_page)
{
	struct pair p;

	swap_on();
	p = merged_pair();
	ck_assert_int_eq(pinpage_reclaim_page(p.page), 1);
	ck_assert_int_eq(get(mm, p.a), 7);
	ck_assert(!pinpage_PageKsm(page_of(mm, p.a)));
	ck_assert(PageAnon(page_of(mm, p.a)));
	ck_assert_int_eq(get(mm, p.b), 7);
	ck_assert_ptr_ne(page_of(mm, p.a), page_of(mm, p.b));
	ck_assert(PageAnonExclusive(page_of(mm, p.b)));
	put(mm, p.a, 8);
	put(mm, p.b, 9);
	ck_assert_int_eq(get(mm, p.a), 8);
	ck_assert_int_eq(get(mm, p.b), 9);
}
END_TEST

START_TEST(write_to_a_copy_from_swap)
{
	struct pair p;

	swap_on();
	p = merged_pair();
	ck_assert_int_eq(pinpage_reclaim_page(p.page), 1);
	ck_assert_int_eq(get(mm, p.a), 7);
	put(mm, p.b, 9);
	ck_assert_int_eq(get(mm, p.a), 7);
	ck_assert(pte_of(mm, p.b) & PINPAGE_PTE_WRITE);
	ck_assert(!PageSwapCache(page_of(mm, p.b)));
}
END_TEST

/* somebody keeps the frame: it is still the merged page, for all */
START_TEST(still_in_the_cache_it_is_merged)
{
	struct pair p;

	swap_on();
	p = merged_pair();
	pinpage_get_page(p.page);
	ck_assert_int_eq(pinpage_reclaim_page(p.page), 0);
	ck_assert(pp_entry_is_swap(raw(p.a)) && pp_entry_is_swap(raw(p.b)));
	pinpage_put_page(p.page);
	ck_assert_int_eq(get(mm, p.a), 7);
	ck_assert_int_eq(get(mm, p.b), 7);
	ck_assert_ptr_eq(page_of(mm, p.a), p.page);
	ck_assert_ptr_eq(page_of(mm, p.b), p.page);
	ck_assert(pinpage_PageKsm(p.page) && !PageAnonExclusive(p.page));
	put(mm, p.a, 8);
	ck_assert_int_eq(get(mm, p.b), 7);
}
END_TEST

START_TEST(swapoff_copies)
{
	struct pinpage_swap_options options = { .pages = 64 };
	struct pair p;
	int type;

	type = pinpage_swapon(&options);
	p = merged_pair();
	ck_assert_int_eq(pinpage_reclaim_page(p.page), 1);
	ck_assert_int_eq(pinpage_swapoff(type), 0);
	ck_assert_ptr_nonnull(page_of(mm, p.a));
	ck_assert_ptr_nonnull(page_of(mm, p.b));
	ck_assert_ptr_ne(page_of(mm, p.a), page_of(mm, p.b));
	ck_assert_int_eq(get(mm, p.a), 7);
	ck_assert_int_eq(get(mm, p.b), 7);
}
END_TEST

START_TEST(each_failed_allocation_of_coming_back)
{
	bool fired = true;
	unsigned long nth;
	struct pair p;

	swap_on();
	for (nth = 1; fired; nth++) {
		p = merged_pair();
		ck_assert_int_eq(pinpage_reclaim_page(p.page), 1);
		ck_assert_int_eq(get(mm, p.a), 7);
		pp_inject_alloc(nth);
		(void)get(mm, p.b);
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_int_eq(get(mm, p.b), 7);
		ck_assert_int_eq(get(mm, p.a), 7);
		ck_assert_int_eq(pinpage_munmap(p.a, PAGE_SIZE), 0);
		ck_assert_int_eq(pinpage_munmap(p.b, PAGE_SIZE), 0);
		scans(1);
	}
}
END_TEST

/* scans look for pages by nodes while the pages move */

static int scanner(void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < ROUNDS; i++)
		pinpage_ksm_scan(1000);
	return 0;
}

START_TEST(scan_against_moves)
{
	struct pair p = merged_pair();
	struct task_struct *task;
	int i;

	task = pinpage_kthread_run(scanner, NULL, "scanner");
	for (i = 0; i < ROUNDS; i++) {
		(void)move(p.a, i & 1);
		ck_assert_int_eq(get(mm, p.a), 7);
		ck_assert_int_eq(get(mm, p.b), 7);
	}
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
	scans(2);
	ck_assert_ptr_eq(page_of(mm, p.a), page_of(mm, p.b));
	ck_assert(pinpage_PageKsm(page_of(mm, p.a)));
}
END_TEST

Suite *ksm_move_suite(void)
{
	Suite *suite = suite_create("ksm_move");

	on(suite, merged_page_moves_for_all, two_nodes);
	on(suite, node_follows_its_page, two_nodes);
	on(suite, compaction_moves_a_merged_page, two_nodes);
	on(suite, referenced_merged_page_stays, two_nodes);
	on(suite, each_failed_allocation_of_a_move, two_nodes);
	on(suite, failed_merged_page_stays_until_6_3, two_nodes);
	on(suite, failed_merged_page_is_lost_to_all, two_nodes);
	on(suite, merged_page_goes_to_swap, two_nodes);
	on(suite, back_from_swap_each_has_a_page, two_nodes);
	on(suite, write_to_a_copy_from_swap, two_nodes);
	on(suite, still_in_the_cache_it_is_merged, two_nodes);
	on(suite, swapoff_copies, two_nodes);
	on(suite, each_failed_allocation_of_coming_back, two_nodes);
	on(suite, scan_against_moves, two_nodes);
	return suite;
}
