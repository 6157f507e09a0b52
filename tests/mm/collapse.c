// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Collapsing: small pages become a huge one, unless somebody refers to them.
 */
#include "mm/huge.h"

#include "machine.h"
#include "suites.h"

#ifndef MADV_COLLAPSE
# define MADV_COLLAPSE 25
#endif

static unsigned char byte_of(unsigned long i)
{
	return (unsigned char)(i * 11 + 3);
}

/* 2 MiB of small pages, each written */
static unsigned long small(void)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV), i;

	ck_assert_uint_eq(addr & ~PMD_MASK, 0);
	for (i = 0; i < HPAGE_PMD_NR; i++)
		put(mm, addr + i * PAGE_SIZE, byte_of(i));
	return addr;
}

static void check_bytes(struct mm_struct *in, unsigned long addr)
{
	unsigned long i;

	for (i = 0; i < HPAGE_PMD_NR; i++)
		ck_assert_int_eq(get(in, addr + i * PAGE_SIZE), byte_of(i));
}

static int collapse(unsigned long addr)
{
	return pinpage_madvise(addr, PMD_SIZE, MADV_COLLAPSE);
}

static bool is_huge(unsigned long addr)
{
	return pte_of(mm, addr) & PINPAGE_PTE_HUGE;
}

START_TEST(small_pages_become_huge)
{
	unsigned long addr = small(), before = pp_nr_free();
	struct page *head;

	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_huge(addr));
	head = page_of(mm, addr);
	ck_assert_int_eq(page_count(head), 1);
	ck_assert(PageAnonExclusive(head) && PageLRU(head));
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert_uint_eq(pp_nr_free(), before);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_PAGES), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_ANON_THPS), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_COLLAPSE_ALLOC), 1);
	check_bytes(mm, addr);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert_ptr_eq(page_of(mm, addr), head);
	/* the deposited table serves the next split */
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), byte_of(1));
}
END_TEST

START_TEST(holes_and_zero_pages_read_zero)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV);

	put(mm, addr + PAGE_SIZE, 9);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_huge(addr));
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 9);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE - 1), 0);
}
END_TEST

START_TEST(pinned_or_referenced_eagain)
{
	unsigned long addr = small();
	struct page *page = pin(mm, addr + 5 * PAGE_SIZE);

	ck_assert_int_eq(collapse(addr), -EAGAIN);
	ck_assert_ptr_eq(page_of(mm, addr + 5 * PAGE_SIZE), page);
	unpin(page);
	pp_ref(page);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 0);
	pp_unref(page);
	check_bytes(mm, addr);
	ck_assert_int_eq(collapse(addr), 0);
	check_bytes(mm, addr);
}
END_TEST

START_TEST(locked_or_isolated_eagain)
{
	unsigned long addr = small();
	struct page *page = page_of(mm, addr + 7 * PAGE_SIZE);

	pp_lock_page(page);
	pp_lock_handover(&page->flags);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	pp_unlock_page(page);
	ck_assert(pp_lru_isolate_page(page));
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	pp_lru_putback(page);
	ck_assert_int_eq(collapse(addr), 0);
}
END_TEST

/* what comes between the look and the isolation */
struct late {
	struct pinpage_subscriber sub;
	struct page *page;
	bool lock;
};

static void come_late(struct pinpage_subscriber *sub, const struct pinpage_event *event)
{
	struct late *late = container_of(sub, struct late, sub);

	if (!event->name || strcmp(event->name, "collapse-cleared"))
		return;
	if (late->lock)
		SetPageLocked(late->page);
	else
		pp_ref(late->page);
}

static void late_comer(bool lock)
{
	unsigned long addr = small();
	struct late late = {
		.sub = { .kinds = PINPAGE_EV_BIT(PINPAGE_EV_YIELD),
			 .order = PINPAGE_ORDER_TRACE, .fn = come_late },
		.page = page_of(mm, addr + 100 * PAGE_SIZE), .lock = lock,
	};

	ck_assert_int_eq(pinpage_subscribe(&late.sub), 0);
	ck_assert_int_eq(collapse(addr), -EAGAIN);
	ck_assert_int_eq(pinpage_unsubscribe(&late.sub), 0);
	ck_assert(!is_huge(addr));
	ck_assert(PageLRU(page_of(mm, addr)) && !PageLocked(page_of(mm, addr)));
	check_bytes(mm, addr);
	if (lock)
		ClearPageLocked(late.page);
	else
		pp_unref(late.page);
	ck_assert_int_eq(collapse(addr), 0);
	check_bytes(mm, addr);
}

START_TEST(late_reference_restores)
{
	late_comer(false);
}
END_TEST

START_TEST(late_lock_restores)
{
	late_comer(true);
}
END_TEST

START_TEST(no_memory_enomem)
{
	unsigned long addr = small();

	pp_inject_alloc(1);
	ck_assert_int_eq(collapse(addr), -ENOMEM);
	pp_inject_alloc(0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_THP_COLLAPSE_ALLOC_FAILED), 1);
	check_bytes(mm, addr);
}
END_TEST

START_TEST(hole_enomem_rest_done)
{
	unsigned long addr = map(3 * HPAGE_PMD_NR, RW, PRIV);

	put(mm, addr, 1);
	put(mm, addr + 2 * PMD_SIZE, 1);
	ck_assert_int_eq(pinpage_munmap(addr + PMD_SIZE, PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_madvise(addr, 3 * PMD_SIZE, MADV_COLLAPSE), -ENOMEM);
	ck_assert(is_huge(addr) && is_huge(addr + 2 * PMD_SIZE));
}
END_TEST

START_TEST(what_cannot_be_einval)
{
	unsigned long addr = map(HPAGE_PMD_NR, RW, PRIV);

	/* nothing there, no anonymous page yet */
	ck_assert_int_eq(collapse(addr), -EINVAL);
	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_NOHUGEPAGE), 0);
	ck_assert_int_eq(collapse(addr), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	/* nothing writable: 6.1 */
	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert_int_eq(collapse(addr), -EINVAL);
	/* too small an area */
	addr = map(8, RW, PRIV);
	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_madvise(addr, 8 * PAGE_SIZE, MADV_COLLAPSE), -EINVAL);
	reboot("5.19");
	addr = small();
	ck_assert_int_eq(collapse(addr), -EINVAL);
}
END_TEST

START_TEST(shared_pages_are_copied_away)
{
	unsigned long addr = small();
	struct mm_struct *child = pinpage_fork_mm(mm);

	put(mm, addr, byte_of(0));	/* something writable */
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_huge(addr));
	put(mm, addr + PAGE_SIZE, 1);
	check_bytes(child, addr);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pte_mapped_folio_is_replaced)
{
	unsigned long addr = huge();
	struct page *head = page_of(mm, addr);

	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	put(mm, addr + 2 * PAGE_SIZE, 7);
	ck_assert_int_eq(collapse(addr), 0);
	ck_assert(is_huge(addr) && page_of(mm, addr) != head);
	ck_assert_int_eq(get(mm, addr + 2 * PAGE_SIZE), 7);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
	ck_assert_uint_eq(pp_deferred_nr(), 0);
}
END_TEST

START_TEST(khugepaged_follows_policy)
{
	unsigned long addr = small();

	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 0);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE), 0);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 1);
	ck_assert(is_huge(addr));
	check_bytes(mm, addr);
	pp_set_thp(PINPAGE_THP_ALWAYS);
	addr = map(HPAGE_PMD_NR, RW, PRIV);
	pp_set_thp(PINPAGE_THP_NEVER);
	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 0);
	pp_set_thp(PINPAGE_THP_ALWAYS);
	ck_assert_int_eq(pinpage_khugepaged_scan(mm), 1);
	ck_assert_int_eq(pinpage_khugepaged_scan(NULL), -EINVAL);
}
END_TEST

/* stores and loads take no mmap_lock: none may be lost */
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

/* together and apart, again and again */
static int collapser(void *arg)
{
	struct page *page;
	int err = 0;

	(void)arg;
	pinpage_use_mm(mm);
	while (!err && pinpage_ktime_get_ns() < deadline) {
		err = collapse(shared_addr);
		if (err == -EAGAIN)
			err = 0;
		page = pinpage_peek_page(mm, shared_addr, NULL);
		if (!page || !pp_ref_try(compound_head(page)))
			continue;
		pp_lock_page(page);
		if (PageHead(compound_head(page)))
			pinpage_split_huge_page(page);
		pp_unlock_page(page);
		pp_unref(page);
	}
	pinpage_use_mm(NULL);
	return err;
}

START_TEST(stores_against_collapses)
{
	int (*const fns[])(void *) = { storer, storer, collapser };
	struct task_struct *tasks[3];
	unsigned int i;

	(void)pp_test_seed();
	shared_addr = small();
	deadline = pinpage_ktime_get_ns() + 300000000ull * pp_test_seconds();
	for (i = 0; i < 3; i++)
		tasks[i] = pinpage_kthread_run(fns[i], (void *)(uintptr_t)(i + 2), "collapse");
	for (i = 0; i < 3; i++)
		ck_assert_int_eq(pinpage_kthread_join(tasks[i]), 0);
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_THP_SPLIT_PAGE), 0);
}
END_TEST

Suite *collapse_suite(void)
{
	Suite *s = suite_create("mm/collapse");

	on(s, small_pages_become_huge, up);
	on(s, small_pages_become_huge, up_fiber);
	on(s, holes_and_zero_pages_read_zero, up);
	on(s, pinned_or_referenced_eagain, up);
	on(s, locked_or_isolated_eagain, up);
	on(s, late_reference_restores, up);
	on(s, late_lock_restores, up);
	on(s, no_memory_enomem, up);
	on(s, hole_enomem_rest_done, up);
	on(s, what_cannot_be_einval, up);
	on(s, shared_pages_are_copied_away, up);
	on(s, pte_mapped_folio_is_replaced, up);
	on(s, khugepaged_follows_policy, up);
	on(s, stores_against_collapses, up);
	return s;
}
