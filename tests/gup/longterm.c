// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * FOLL_LONGTERM: pages are moved to where pins may stay, or the call fails; and
 * migration against the lock-free walk.
 */
#include "scenario.h"
#include "suites.h"

#define N 4UL

static void zones(const char *rules, unsigned long movable, unsigned long cma)
{
	struct pinpage_rules parsed;
	const struct pinpage_config config = {
		.rules = &parsed, .memory_pages = 2048,
		.movable_pages = movable, .cma_pages = cma, .nodes = 2,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_rules_parse(&parsed, rules), 0);
	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	stats_mark();
}

static enum pinpage_zone zone_at(unsigned long addr)
{
	return page_zonenum(page_at(addr));
}

static void assert_bytes(unsigned long addr, unsigned long n)
{
	unsigned long i;

	for (i = 0; i < n; i++)
		ck_assert_uint_eq(get_byte(addr + i * PAGE_SIZE), i);
}

/* M09, M10 */
START_TEST(movable_pages_move_once)
{
	struct page *pages[N], *old;
	unsigned long addr;
	int i;

	zones("6.1", 1024, 0);
	addr = anon(N, true);
	old = page_at(addr);
	ck_assert_int_eq(zone_at(addr), PINPAGE_ZONE_MOVABLE);
	ck_assert_int_eq(pin_user_pages_fast(addr, N, FOLL_WRITE | FOLL_LONGTERM,
					     pages), N);
	ck_assert_int_eq(acquired(), 8);
	ck_assert_int_eq(released(), 4);
	for (i = 0; i < (int)N; i++) {
		ck_assert_int_eq(page_zonenum(pages[i]), PINPAGE_ZONE_NORMAL);
		ck_assert_ptr_eq(pages[i], page_at(addr + i * PAGE_SIZE));
		ck_assert_int_eq(page_count(pages[i]), 1025);
	}
	ck_assert_ptr_ne(pages[0], old);
	assert_bytes(addr, N);
	stats_mark();
	ck_assert_int_eq(pin_user_pages_fast(addr, N, FOLL_WRITE | FOLL_LONGTERM,
					     pages), N);
	ck_assert_int_eq(acquired(), 4);
	ck_assert_int_eq(released(), 0);
	unpin_user_pages(pages, N);
	unpin_user_pages(pages, N);
	down();
}
END_TEST

static unsigned long folio(void)
{
	unsigned long addr = map(512, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);

	ck_assert_int_eq(pinpage_madvise(addr, 512 * PAGE_SIZE, MADV_HUGEPAGE), 0);
	put_byte(addr + PAGE_SIZE, 7);
	ck_assert(PageCompound(page_at(addr)));
	return addr;
}

/* one folio, one move: it is a leaf before and after */
START_TEST(movable_folio_moves_whole)
{
	struct page *pages[N], *old;
	unsigned int flags;
	unsigned long addr;

	zones("6.1", 1024, 0);
	addr = folio();
	old = page_at(addr);
	ck_assert_int_eq(zone_at(addr), PINPAGE_ZONE_MOVABLE);
	ck_assert_int_eq(pin_user_pages_fast(addr, N, FOLL_WRITE | FOLL_LONGTERM,
					     pages), N);
	ck_assert_int_eq(acquired(), 8);
	ck_assert_int_eq(released(), 4);
	ck_assert_ptr_eq(pinpage_peek_page(mm, addr, &flags), pages[0]);
	ck_assert(flags & PINPAGE_PTE_HUGE);
	ck_assert_ptr_ne(pages[0], old);
	ck_assert_int_eq(zone_at(addr), PINPAGE_ZONE_NORMAL);
	ck_assert_int_eq(page_count(pages[0]), 1 + N);
	ck_assert_uint_eq(get_byte(addr + PAGE_SIZE), 7);
	unpin_user_pages(pages, N);
	down();
}
END_TEST

START_TEST(movable_folio_held_enomem)
{
	struct page *pages[1], *held;
	unsigned long addr;

	zones("6.1", 1024, 0);
	addr = folio();
	held = page_at(addr);
	get_page(held);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM,
					     pages), -ENOMEM);
	ck_assert_ptr_eq(page_at(addr), held);
	ck_assert(PageCompound(held));
	ck_assert_int_eq(page_count(held), 2);
	put_page(held);
	down();
}
END_TEST

/* one page of hugetlb in the movable zone, and what a long pin makes of it */
static long pin_hugetlb(const char *rules, unsigned long *addr, struct page **pages)
{
	zones(rules, 1024, 0);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(1), 1);
	*addr = map(512, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
	put_byte(*addr + PAGE_SIZE, 7);
	ck_assert_int_eq(zone_at(*addr), PINPAGE_ZONE_MOVABLE);
	return pin_user_pages_fast(*addr, 2, FOLL_WRITE | FOLL_LONGTERM, pages);
}

START_TEST(movable_hugetlb_moves)
{
	struct pinpage_hugetlb_info info;
	struct page *pages[2];
	unsigned long addr;

	ck_assert_int_eq(pin_hugetlb("6.12", &addr, pages), 2);
	ck_assert_int_eq(zone_at(addr), PINPAGE_ZONE_NORMAL);
	ck_assert_int_eq(acquired(), 4);
	ck_assert_int_eq(released(), 2);
	ck_assert_uint_eq(get_byte(addr + PAGE_SIZE), 7);
	unpin_user_pages(pages, 2);
	pinpage_hugetlb_info(&info);
	ck_assert_uint_eq(info.total, 1);
	ck_assert_uint_eq(info.free, 0);
	down();
}
END_TEST

START_TEST(movable_hugetlb_enomem_until_6_4)
{
	struct page *pages[2];
	unsigned long addr;

	ck_assert_int_eq(pin_hugetlb("6.1", &addr, pages), -ENOMEM);
	ck_assert_int_eq(zone_at(addr), PINPAGE_ZONE_MOVABLE);
	ck_assert_int_eq(acquired(), released());
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_WRITE, pages), 2);
	unpin_user_pages(pages, 2);
	down();
}
END_TEST

/* the pool has none that may stay, and a fault takes no other */
START_TEST(new_hugetlb_fault_wants_one_that_may_stay)
{
	struct page *pages[1];
	unsigned long addr;

	zones("6.12", 1024, 0);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(1), 1);
	addr = map(512, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, pages),
			 -EFAULT);
	put_byte(addr, 1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM, pages), 1);
	unpin_user_pages(pages, 1);
	down();
}
END_TEST

START_TEST(new_faults_need_no_move)
{
	unsigned long addr;
	struct page *page;

	zones("6.1", 1024, 0);
	addr = anon(1, false);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &page, FOLL_WRITE), 1);
	ck_assert_int_eq(page_zonenum(page), PINPAGE_ZONE_MOVABLE);
	unpin_user_page(page);
	addr = anon(1, false);
	stats_mark();
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE | FOLL_LONGTERM,
					     &page), 1);
	ck_assert_int_eq(page_zonenum(page), PINPAGE_ZONE_NORMAL);
	ck_assert_int_eq(acquired(), 1);
	unpin_user_page(page);
	down();
}
END_TEST

/* M11, M12, M13: somebody holds one page; nothing is kept, entries are NULL */
static void held(bool by_pin, bool fast)
{
	struct page *pages[2] = { NULL, NULL }, *other;
	unsigned long addr;
	long ret;

	zones("6.1", 1024, 0);
	addr = anon(2, true);
	if (by_pin)
		ck_assert_int_eq(pin_user_pages_fast(addr + PAGE_SIZE, 1, 0, &other), 1);
	else
		ck_assert_int_eq(get_user_pages_fast(addr + PAGE_SIZE, 1, 0, &other), 1);
	stats_mark();
	if (fast) {
		ret = pin_user_pages_fast(addr, 2, FOLL_LONGTERM, pages);
	} else {
		mmap_read_lock(mm);
		ret = pin_user_pages(addr, 2, FOLL_LONGTERM, pages);
		mmap_read_unlock(mm);
	}
	ck_assert_int_eq(ret, -ENOMEM);
	ck_assert_ptr_null(pages[0]);
	ck_assert_ptr_null(pages[1]);
	ck_assert_int_eq(acquired(), released());
	ck_assert_ptr_eq(page_at(addr + PAGE_SIZE), other);
	ck_assert_int_eq(page_count(other), by_pin ? 1025 : 2);
	ck_assert_int_eq(count_at(addr), 1);
	assert_bytes(addr, 2);
	if (by_pin)
		unpin_user_page(other);
	else
		put_page(other);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_LONGTERM, pages), 2);
	unpin_user_pages(pages, 2);
	down();
}

START_TEST(pinned_by_another_enomem) { held(true, false); } END_TEST
START_TEST(pinned_by_another_enomem_fast) { held(true, true); } END_TEST
START_TEST(referenced_by_another_enomem) { held(false, true); } END_TEST

START_TEST(no_frame_enomem)
{
	struct page *page;
	unsigned long addr;

	zones("6.1", 1024, 0);
	addr = anon(1, true);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page), -ENOMEM);
	pinpage_inject_alloc(0);
	ck_assert_int_eq(count_at(addr), 1);
	down();
}
END_TEST

/* where the page is after a long-term pin, and what the call returned */
static void placed(const char *rules, unsigned long movable, unsigned long cma,
		   enum pinpage_zone zone)
{
	struct page *page;
	unsigned long addr;

	zones(rules, movable, cma);
	addr = anon(1, true);
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages(addr, 1, FOLL_WRITE | FOLL_LONGTERM, &page),
			 1);
	mmap_read_unlock(mm);
	ck_assert_int_eq(page_zonenum(page), zone);
	ck_assert_uint_eq(get_byte(addr), 0);
	unpin_user_page(page);
	down();
}

START_TEST(zones_by_release)
{
	placed("5.7", 1024, 0, PINPAGE_ZONE_MOVABLE);
	placed("5.10", 0, 1024, PINPAGE_ZONE_NORMAL);
	placed("5.10", 512, 512, PINPAGE_ZONE_MOVABLE);
	placed("6.12", 1024, 0, PINPAGE_ZONE_NORMAL);
	placed("6.12", 0, 1024, PINPAGE_ZONE_NORMAL);
}
END_TEST

START_TEST(until_5_12_what_stays_is_pinned)
{
	struct page *page, *other;
	unsigned long addr;

	zones("5.10", 0, 1024);
	addr = anon(1, true);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &other), 1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page), 1);
	ck_assert_ptr_eq(page, other);
	ck_assert_int_eq(page_zonenum(page), PINPAGE_ZONE_CMA);
	unpin_user_page(page);
	unpin_user_page(other);
	down();
}
END_TEST

START_TEST(range_being_emptied_takes_no_pin)
{
	struct page *page, *held;
	unsigned long addr, pfn;

	zones("6.1", 1024, 0);
	addr = anon(1, true);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &held), 1);
	pfn = page_to_pfn(held);
	ck_assert_int_eq(pinpage_offline_pages(pfn, 1), -EBUSY);
	unpin_user_page(held);
	ck_assert_int_eq(pinpage_offline_pages(pfn, 1), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page), 1);
	ck_assert_ptr_ne(page, held);
	unpin_user_page(page);
	down();
}
END_TEST

/* 6.6: GUP goes through a hinting entry; before, only with FOLL_FORCE */
static bool hint_survives(const char *rules, unsigned int flags)
{
	unsigned long addr;
	unsigned int pte;
	struct page *page;

	zones(rules, 0, 0);
	addr = anon(1, true);
	ck_assert_int_eq(pinpage_change_prot_numa(mm, addr, addr + PAGE_SIZE), 1);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, &page), 0);
	mmap_read_lock(mm);
	ck_assert_int_eq(get_user_pages(addr, 1, flags, &page), 1);
	mmap_read_unlock(mm);
	put_page(page);
	pinpage_peek_page(mm, addr, &pte);
	down();
	return !(pte & PINPAGE_PTE_PRESENT);
}

START_TEST(hinting_entry_by_release)
{
	ck_assert(!hint_survives("6.1", 0));
	ck_assert(hint_survives("6.1", FOLL_FORCE));
	ck_assert(hint_survives("6.1,numa_follow=1", 0));
	ck_assert(!hint_survives("6.1,numa_follow=1", FOLL_HONOR_NUMA_FAULT));
}
END_TEST

/* A30 */
START_TEST(poisoned_page_efault)
{
	struct page *page;
	unsigned long addr;

	zones("6.1", 0, 0);
	addr = anon(1, true);
	ck_assert_int_eq(pinpage_memory_failure(page_to_pfn(page_at(addr)), 0), 0);
	mmap_read_lock(mm);
	ck_assert_int_eq(pin_user_pages(addr, 1, 0, &page), -EFAULT);
	ck_assert_int_eq(pin_user_pages(addr, 1, FOLL_HWPOISON, &page), -EHWPOISON);
	mmap_read_unlock(mm);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &page), -EFAULT);
	down();
}
END_TEST

/* scenarios */

static void mover(struct pinpage_run *run, void *state)
{
	(void)run;
	(void)state;
	(void)pinpage_compact_memory();
}

static void writer(struct pinpage_run *run, void *state)
{
	struct race *race = state;

	(void)run;
	pinpage_store(race->mm, race->addr + 1, "w", 1);
}

/* process and device use one page, and no byte is lost */
static void together(struct pinpage_run *run, void *state)
{
	struct race *race = state;
	char bytes[2];

	if (pinpage_load(race->mm, race->addr, bytes, 2) || bytes[0] != 'a' ||
	    bytes[1] != 'w')
		pinpage_run_lost(run, "a moved page lost a store");
	race_same_page(run, race, race->addr);
}

static const struct pinpage_actor race_actors[] = {
	{ .name = "pinner", .main = race_pinner },
	{ .name = "mover", .main = mover },
	{ .name = "writer", .main = writer },
};
static const struct pinpage_scenario move_race = {
	.name = "move-race", .title = "fast pin against migration",
	.contracts = &race_contract, .nr_contracts = 1,
	.actors = race_actors, .nr_actors = 3,
	.state_size = sizeof(struct race),
	.setup = race_up, .check = together, .teardown = race_down,
};

START_TEST(migrate_against_fast_pin)
{
	ck_assert_int_eq(worst_of(&move_race, "5.10", 1000), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.1", 1500), PINPAGE_CELL_OK);
	ck_assert_int_eq(worst_of(&move_race, "6.12", 1000), PINPAGE_CELL_OK);
}
END_TEST

Suite *longterm_suite(void)
{
	Suite *suite = suite_create("longterm");
	TCase *tc = tcase_create("random");

	pp_test_add(suite, movable_pages_move_once);
	pp_test_add(suite, movable_folio_moves_whole);
	pp_test_add(suite, movable_folio_held_enomem);
	pp_test_add(suite, movable_hugetlb_moves);
	pp_test_add(suite, movable_hugetlb_enomem_until_6_4);
	pp_test_add(suite, new_hugetlb_fault_wants_one_that_may_stay);
	pp_test_add(suite, new_faults_need_no_move);
	pp_test_add(suite, pinned_by_another_enomem);
	pp_test_add(suite, pinned_by_another_enomem_fast);
	pp_test_add(suite, referenced_by_another_enomem);
	pp_test_add(suite, no_frame_enomem);
	pp_test_add(suite, zones_by_release);
	pp_test_add(suite, until_5_12_what_stays_is_pinned);
	pp_test_add(suite, range_being_emptied_takes_no_pin);
	pp_test_add(suite, hinting_entry_by_release);
	pp_test_add(suite, poisoned_page_efault);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, migrate_against_fast_pin);
	suite_add_tcase(suite, tc);
	return suite;
}
