// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Memory of devices: PCI peer-to-peer pages, and coherent memory that a
 * long-term pin moves back.
 */
#include "machine.h"
#include "suites.h"

#define RW (PROT_READ | PROT_WRITE)

static struct file *file;
static struct page *bar;
static unsigned long addr;

static long slow(unsigned long at, unsigned long nr, unsigned int flags,
		 struct page **pages)
{
	long got;

	mmap_read_lock(mm);
	got = pinpage_pin_user_pages(at, nr, flags, pages);
	mmap_read_unlock(mm);
	return got;
}

/* a page of a BAR between two of the driver's */

static int map_bar(struct file *f, struct vm_area_struct *vma)
{
	(void)f;
	return pinpage_vm_insert_page(vma, pinpage_vma_start(vma), bar);
}

static void bar_up(const char *rules, enum pinpage_engine engine)
{
	static struct pinpage_file_operations fops = { .mmap = map_bar };
	const struct pinpage_config config = {
		.rules = pinpage_rules_find(rules), .engine = engine,
		.memory_pages = 1024, .mode = PINPAGE_CHECK_COLLECT,
	};
	long at;

	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	bar = pinpage_alloc_pages(PINPAGE_GFP_ZERO, 0);
	ck_assert_int_eq(pinpage_set_page_p2pdma(bar), 0);
	file = pinpage_device_file("nvme", &fops, NULL);
	at = pinpage_mmap(0, PAGE_SIZE, RW, MAP_SHARED, file, 0);
	ck_assert_int_gt(at, 0);
	addr = (unsigned long)at;
	stats_mark();
}

static void bar_down(void)
{
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pinpage_filp_close(file);
	ck_assert_int_eq(page_count(bar), 1);
	ck_assert(pinpage_is_pci_p2pdma_page(bar));
	put_page(bar);
	down();
}

static void up_6_12(void) { bar_up("6.12", PINPAGE_ENGINE_NATIVE); }
static void up_6_12_fiber(void) { bar_up("6.12", PINPAGE_ENGINE_FIBER); }
static void up_6_1(void) { bar_up("6.1", PINPAGE_ENGINE_NATIVE); }

START_TEST(peer_page_eremoteio)
{
	struct page *page;

	ck_assert_int_eq(slow(addr, 1, 0, &page), -EREMOTEIO);
	ck_assert_int_eq(slow(addr, 1, FOLL_LONGTERM, &page), -EREMOTEIO);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &page), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, &page), -EREMOTEIO);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, &page), -EREMOTEIO);
	ck_assert_int_eq(acquired(), 0);
	ck_assert_int_eq(page_count(bar), 2);
}
END_TEST

START_TEST(peer_page_with_the_flag)
{
	struct page *page;

	ck_assert_int_eq(slow(addr, 1, FOLL_PCI_P2PDMA | FOLL_WRITE, &page), 1);
	ck_assert_ptr_eq(page, bar);
	unpin_user_page(page);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_PCI_P2PDMA | FOLL_WRITE,
						  &page), 1);
	unpin_user_page(page);
	ck_assert_int_eq(acquired(), 2);
	ck_assert_int_eq(released(), 2);
}
END_TEST

START_TEST(longterm_with_the_flag_is_refused)
{
	const unsigned int flags = FOLL_PCI_P2PDMA | FOLL_LONGTERM;
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, flags, &page), -EINVAL);
	ck_assert_int_eq(slow(addr, 1, flags, &page), 0);
}
END_TEST

START_TEST(peer_page_of_6_1_is_a_page)
{
	struct page *page;

	ck_assert_int_eq(slow(addr, 1, 0, &page), 1);
	unpin_user_page(page);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_WRITE, &page), 1);
	unpin_user_page(page);
}
END_TEST

START_TEST(wrong_page_einval)
{
	unsigned long at = anon(1, true);

	ck_assert_int_eq(pinpage_set_page_p2pdma(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_set_page_p2pdma(page_at(at)), -EINVAL);
	ck_assert_int_eq(pinpage_set_page_p2pdma(bar), -EINVAL);
	ck_assert(!pinpage_is_pci_p2pdma_page(page_at(at)));
}
END_TEST

/* coherent memory */

static void coherent_up(enum pinpage_engine engine)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find("6.1"), .engine = engine,
		.memory_pages = 1024, .mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	addr = anon(2, true);
	ck_assert_int_eq(pinpage_migrate_to_device(mm, addr, 2), 2);
	stats_mark();
}

static void coherent_native(void) { coherent_up(PINPAGE_ENGINE_NATIVE); }
static void coherent_fiber(void) { coherent_up(PINPAGE_ENGINE_FIBER); }

static void coherent_down(void)
{
	ck_assert_uint_eq(get_byte(addr), 0);
	ck_assert_uint_eq(get_byte(addr + PAGE_SIZE), 1);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
	down();
}

static bool on_device(unsigned long at)
{
	return pinpage_is_device_coherent_page(page_at(at));
}

START_TEST(plain_pins_stay)
{
	struct page *pages[2];

	ck_assert(on_device(addr));
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 2, FOLL_WRITE, pages), 2);
	unpin_user_pages(pages, 2);
	ck_assert_int_eq(slow(addr, 2, 0, pages), 2);
	unpin_user_pages(pages, 2);
	ck_assert(on_device(addr + PAGE_SIZE));
}
END_TEST

START_TEST(longterm_moves_back)
{
	struct page *pages[2];

	ck_assert_int_eq(pin_user_pages_fast_only(addr, 2, FOLL_LONGTERM, pages), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_LONGTERM | FOLL_WRITE, pages), 2);
	ck_assert(!on_device(addr));
	ck_assert(!on_device(addr + PAGE_SIZE));
	ck_assert_ptr_eq(pages[0], page_at(addr));
	ck_assert_int_eq(page_count(pages[0]), 1025);
	ck_assert_int_eq(acquired(), 4);
	ck_assert_int_eq(released(), 2);
	unpin_user_pages(pages, 2);
}
END_TEST

START_TEST(held_longterm_ebusy)
{
	struct page *page, *pages[2];

	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &page), 1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, FOLL_LONGTERM, pages), -EBUSY);
	ck_assert_ptr_null(pages[0]);
	ck_assert(on_device(addr));
	ck_assert_int_eq(page_count(page), 1025);
	unpin_user_page(page);
	ck_assert_int_eq(slow(addr, 1, FOLL_LONGTERM, pages), 1);
	unpin_user_page(pages[0]);
}
END_TEST

START_TEST(no_frame_longterm_ebusy)
{
	struct page *page;

	pinpage_inject_alloc(1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_LONGTERM, &page), -EBUSY);
	pinpage_inject_alloc(0);
	ck_assert(on_device(addr));
}
END_TEST

START_TEST(reclaim_leaves_it_alone)
{
	struct page *old = page_at(addr);

	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_PAGEOUT), 0);
	pinpage_try_to_free_pages(64);
	ck_assert_ptr_eq(page_at(addr), old);
}
END_TEST

START_TEST(what_is_held_stays_in_memory)
{
	unsigned long more = anon(2, true);
	struct page *page;

	ck_assert_int_eq(pin_user_pages_fast(more, 1, 0, &page), 1);
	ck_assert_int_eq(pinpage_migrate_to_device(mm, more, 3), 1);
	ck_assert(!on_device(more));
	ck_assert(on_device(more + PAGE_SIZE));
	unpin_user_page(page);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pinpage_migrate_to_device(mm, more, 1), -ENOMEM);
	pinpage_inject_alloc(0);
	ck_assert_int_eq(pinpage_migrate_to_device(mm, more + 1, 1), -EINVAL);
	ck_assert_int_eq(pinpage_migrate_to_device(NULL, more, 1), -EINVAL);
}
END_TEST

START_TEST(fork_shares_and_write_copies)
{
	struct mm_struct *child = pinpage_fork_mm(mm);
	unsigned char byte = 9;

	ck_assert_int_eq(pinpage_store(child, addr, &byte, 1), 0);
	ck_assert(on_device(addr));
	ck_assert(!pinpage_is_device_coherent_page(pinpage_peek_page(child, addr, NULL)));
	mmput(child);
}
END_TEST

START_TEST(not_booted_einval)
{
	ck_assert_int_eq(pinpage_migrate_to_device(NULL, 0, 1), -EINVAL);
	ck_assert_int_eq(pinpage_set_page_p2pdma(NULL), -EINVAL);
}
END_TEST

static TCase *peer_case(const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, bar_down);
	tcase_add_test(tc, peer_page_eremoteio);
	tcase_add_test(tc, peer_page_with_the_flag);
	tcase_add_test(tc, longterm_with_the_flag_is_refused);
	tcase_add_test(tc, wrong_page_einval);
	return tc;
}

static TCase *coherent_case(const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, coherent_down);
	tcase_add_test(tc, plain_pins_stay);
	tcase_add_test(tc, longterm_moves_back);
	tcase_add_test(tc, held_longterm_ebusy);
	tcase_add_test(tc, no_frame_longterm_ebusy);
	tcase_add_test(tc, reclaim_leaves_it_alone);
	tcase_add_test(tc, what_is_held_stays_in_memory);
	tcase_add_test(tc, fork_shares_and_write_copies);
	return tc;
}

Suite *device_suite(void)
{
	Suite *suite = suite_create("device");
	TCase *tc = tcase_create("peer 6.1");

	suite_add_tcase(suite, peer_case("peer", up_6_12));
	suite_add_tcase(suite, peer_case("peer, fiber", up_6_12_fiber));
	tcase_add_checked_fixture(tc, up_6_1, bar_down);
	tcase_add_test(tc, peer_page_of_6_1_is_a_page);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, coherent_case("coherent", coherent_native));
	suite_add_tcase(suite, coherent_case("coherent, fiber", coherent_fiber));
	pp_test_add(suite, not_booted_einval);
	return suite;
}
