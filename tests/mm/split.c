// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Splitting folios: what moves to the pages, and who prevents it.
 */
#include "mm/huge.h"

#include "machine.h"
#include "suites.h"

/* @page locked and referenced as pinpage_split_huge_page() wants it */
static int split(struct page *page)
{
	int err;

	pp_ref(compound_head(page));
	pp_lock_page(page);
	err = pinpage_split_huge_page(page);
	pp_unlock_page(page);
	pp_unref(page);
	return err;
}

/* a folio with bytes of its own in each page */
static unsigned long filled(void)
{
	unsigned long addr = huge(), i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i * 7 + 1));
	return addr;
}

static void check_bytes(struct mm_struct *in, unsigned long addr)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		ck_assert_int_eq(get(in, addr + i * PAGE_SIZE), (unsigned char)(i * 7 + 1));
}

START_TEST(leaf_becomes_small_pages)
{
	unsigned long addr = filled(), i;
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(split(head), 0);
	for (i = 0; i < HPAGE_PMD_NR; i++) {
		struct page *page = page_of(mm, addr + i * PAGE_SIZE);

		ck_assert_ptr_eq(page, head + i);
		ck_assert_uint_eq(folio_nr_pages(page_folio(page)), 1);
		ck_assert_ptr_eq(compound_head(page), page);
		ck_assert_int_eq(page_count(page), 1);
		ck_assert_int_eq(pp_page_mapcount(page), 1);
		ck_assert(PageAnonExclusive(page) && PageUptodate(page) &&
			  PageSwapBacked(page) && PageLRU(page) && PageDirty(page));
		ck_assert(!PageLocked(page) && !PageHead(page));
		ck_assert(pte_of(mm, addr + i * PAGE_SIZE) & PINPAGE_PTE_WRITE);
	}
	check_bytes(mm, addr);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), HPAGE_PMD_NR);
	put(mm, addr + 9 * PAGE_SIZE, 99);
	ck_assert_ptr_eq(page_of(mm, addr + 9 * PAGE_SIZE), head + 9);
}
END_TEST

START_TEST(tail_keeps_callers_reference_and_lock)
{
	unsigned long addr = filled();
	struct page *tail = page_of(mm, addr + 5 * PAGE_SIZE);

	pp_ref(compound_head(tail));
	pp_lock_page(tail);
	ck_assert_int_eq(pinpage_split_huge_page(tail), 0);
	ck_assert(PageLocked(tail) && pp_lock_held(&tail->flags));
	ck_assert(!PageLocked(tail - 5));
	ck_assert_int_eq(page_count(tail), 2);
	ck_assert_int_eq(page_count(tail - 5), 1);
	pp_unlock_page(tail);
	pp_unref(tail);
	check_bytes(mm, addr);
}
END_TEST

START_TEST(unmapped_pages_are_freed)
{
	unsigned long addr = filled(), before;
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, 100 * PAGE_SIZE), 0);
	before = pp_nr_free();
	ck_assert_int_eq(split(head), 0);
	ck_assert_uint_eq(pp_nr_free(), before + 100);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + 200 * PAGE_SIZE), (unsigned char)(200 * 7 + 1));
}
END_TEST

static void refused(int want)
{
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr), *page;

	page = pin(mm, addr + 3 * PAGE_SIZE);
	ck_assert_int_eq(split(head), want);
	ck_assert_uint_eq(folio_nr_pages(page_folio(page)), HPAGE_PMD_NR);
	check_bytes(mm, addr);
	unpin(page);
	pp_ref(head);
	ck_assert_int_eq(split(head), want);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE_FAILED), 2);
	pp_unref(head);
	ck_assert_int_eq(split(head), 0);
	check_bytes(mm, addr);
}

START_TEST(reference_or_pin_eagain)
{
	refused(-EAGAIN);
	reboot("6.12");
	refused(-EAGAIN);
	reboot("5.10");
	refused(-EBUSY);
}
END_TEST

/* a reference that comes after the look, before the freeze */
struct late {
	struct pinpage_subscriber sub;
	struct page *head;
};

static void take_late(struct pinpage_subscriber *sub, const struct pinpage_event *event)
{
	struct late *late = container_of(sub, struct late, sub);

	if (event->name && !strcmp(event->name, "split-freeze"))
		pp_ref(late->head);
}

START_TEST(late_reference_brings_mappings_back)
{
	unsigned long addr = filled();
	struct late late = {
		.sub = { .kinds = PINPAGE_EV_BIT(PINPAGE_EV_YIELD),
			 .order = PINPAGE_ORDER_TRACE, .fn = take_late },
		.head = page_of(mm, addr),
	};

	ck_assert_int_eq(pinpage_subscribe(&late.sub), 0);
	ck_assert_int_eq(split(late.head), -EAGAIN);
	ck_assert_int_eq(pinpage_unsubscribe(&late.sub), 0);
	ck_assert_uint_eq(folio_nr_pages(page_folio(late.head)), HPAGE_PMD_NR);
	ck_assert_int_eq(page_count(late.head), HPAGE_PMD_NR + 1);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_HUGE));
	ck_assert(PageAnonExclusive(late.head + 7));
	check_bytes(mm, addr);
	pp_unref(late.head);
	ck_assert_int_eq(split(late.head), 0);
	check_bytes(mm, addr);
}
END_TEST

START_TEST(shared_folio_stays_shared)
{
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr);
	struct mm_struct *child = pinpage_fork_mm(mm);

	put(child, addr, 1);	/* its mapping is split, the first page its own */
	ck_assert_int_eq(split(head), 0);
	check_bytes(mm, addr);
	check_bytes(child, addr);
	ck_assert_int_eq(page_count(head), 1);
	ck_assert_int_eq(page_count(head + 1), 2);
	ck_assert(!PageAnonExclusive(head + 1));
	put(child, addr + PAGE_SIZE, 50);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 8);
	pinpage_mmput(child);
	check_bytes(mm, addr);
}
END_TEST

START_TEST(poison_stays_with_its_page)
{
	unsigned long addr = filled();
	struct page *head = page_of(mm, addr);

	SetPageHWPoison(head + 4);
	ck_assert_int_eq(split(head), 0);
	ck_assert(PageHWPoison(head + 4) && !PageHWPoison(head + 3));
	ClearPageHWPoison(head + 4);
}
END_TEST

START_TEST(not_to_be_split_ebusy)
{
	unsigned long addr = huge_area();
	struct page *page = pp_alloc_pages(PINPAGE_GFP_COMP, 3);

	ck_assert_int_eq(split(page), -EBUSY);
	pp_unref(page);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(split(page_of(mm, addr)), -EBUSY);
	addr = huge();
	page = page_of(mm, addr);
	pp_ref(page);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_int_eq(split(page), -EBUSY);
	pp_unref(page);
}
END_TEST

START_TEST(misuse_einval)
{
	struct page *page = page_of(mm, huge());

	ck_assert_int_eq(pinpage_split_huge_page(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_split_huge_page(page), -EINVAL);
	page = page_of(mm, anon(1));
	ck_assert_int_eq(pinpage_split_huge_page(page), -EINVAL);
	expect_warnings(3);
}
END_TEST

START_TEST(pressure_splits_unused_parts)
{
	unsigned long addr = filled(), kept = filled(), before;
	struct page *page;

	ck_assert_int_eq(pinpage_munmap(addr, 256 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_munmap(kept, 256 * PAGE_SIZE), 0);
	ck_assert_uint_eq(pp_deferred_nr(), 2);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_DEFERRED_SPLIT_PAGE), 2);
	page = pin(mm, kept + PMD_SIZE - PAGE_SIZE);
	before = pp_nr_free();
	ck_assert_uint_ge(pinpage_try_to_free_pages(1), 256);
	ck_assert_uint_eq(pp_nr_free(), before + 256);
	ck_assert_uint_eq(pp_deferred_nr(), 1);
	unpin(page);
	ck_assert_uint_ge(pinpage_try_to_free_pages(1), 256);
	ck_assert_uint_eq(pp_deferred_nr(), 0);
}
END_TEST

START_TEST(freed_folio_leaves_queue)
{
	unsigned long addr = filled();

	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_uint_eq(pp_deferred_nr(), 1);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	ck_assert_uint_eq(pp_deferred_nr(), 0);
}
END_TEST

/* an isolated folio hands its pages to the list of who isolated it */
START_TEST(isolated_pages_go_to_list)
{
	unsigned long addr = filled(), nr = 0;
	struct page *head = page_of(mm, addr), *page;
	LIST_HEAD(list);

	ck_assert(pp_lru_isolate_page(head));
	pp_page_list_add(head, &list);
	pp_lock_page(head);
	ck_assert_int_eq(pp_split_folio(head, &list), 0);
	pp_unlock_page(head);
	while (!list_empty(&list)) {
		page = list_first_entry(&list, struct page, lru);
		ck_assert(!PageLRU(page));
		ck_assert_int_eq(page_count(page), 2);
		pp_page_list_del(page);
		pp_lru_putback(page);
		nr++;
	}
	ck_assert_uint_eq(nr, HPAGE_PMD_NR);
	check_bytes(mm, addr);
}
END_TEST

/* two processes store and check while a third task splits and maps again */
static unsigned long shared_addr;
static uint64_t deadline;

static int storer(void *arg)
{
	uint64_t seed = (uintptr_t)arg;
	unsigned char byte, back;

	while (pinpage_ktime_get_ns() < deadline) {
		unsigned long nr = pp_test_random(&seed) % (HPAGE_PMD_NR / 2);
		unsigned long addr = shared_addr +
				     (2 * nr + ((uintptr_t)arg & 1)) * PAGE_SIZE;

		byte = (unsigned char)pp_test_random(&seed);
		if (pinpage_store(mm, addr, &byte, 1) || pinpage_load(mm, addr, &back, 1))
			return -EFAULT;
		if (byte != back)
			return -EIO;
	}
	return 0;
}

static int splitter(void *arg)
{
	struct page *page;

	(void)arg;
	pinpage_use_mm(mm);
	while (pinpage_ktime_get_ns() < deadline) {
		pinpage_mmap_read_lock(mm);
		page = pinpage_peek_page(mm, shared_addr, NULL);
		if (page && pp_ref_try(compound_head(page))) {
			pp_lock_page(page);
			if (PageHead(compound_head(page)))
				pinpage_split_huge_page(page);
			pp_unlock_page(page);
			pp_unref(page);
		}
		pinpage_mmap_read_unlock(mm);
		pinpage_cond_resched();
	}
	pinpage_use_mm(NULL);
	return 0;
}

START_TEST(stores_against_splits)
{
	int (*const fns[])(void *) = { storer, storer, splitter };
	struct task_struct *tasks[3];
	unsigned int i, round;

	(void)pp_test_seed();
	for (round = 0; round < 5; round++) {
		shared_addr = huge();
		deadline = pinpage_ktime_get_ns() + 50000000ull * pp_test_seconds();
		for (i = 0; i < 3; i++)
			tasks[i] = pinpage_kthread_run(fns[i], (void *)(uintptr_t)(i + 2), "split");
		for (i = 0; i < 3; i++)
			ck_assert_int_eq(pinpage_kthread_join(tasks[i]), 0);
		ck_assert_int_eq(pinpage_munmap(shared_addr, PMD_SIZE), 0);
	}
}
END_TEST

Suite *split_suite(void)
{
	Suite *s = suite_create("mm/split");

	on(s, leaf_becomes_small_pages, up);
	on(s, leaf_becomes_small_pages, up_fiber);
	on(s, tail_keeps_callers_reference_and_lock, up);
	on(s, unmapped_pages_are_freed, up);
	on(s, reference_or_pin_eagain, up);
	on(s, late_reference_brings_mappings_back, up);
	on(s, shared_folio_stays_shared, up);
	on(s, poison_stays_with_its_page, up);
	on(s, not_to_be_split_ebusy, up);
	on(s, misuse_einval, up);
	on(s, pressure_splits_unused_parts, up);
	on(s, freed_folio_leaves_queue, up);
	on(s, isolated_pages_go_to_list, up);
	on(s, stores_against_splits, up);
	return s;
}
