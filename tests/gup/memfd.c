// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * memfd_pin_folios(): semantics 1.6, 2.1; cases A37 and R18
 */
#include "machine.h"
#include "suites.h"

#define N 4
#define HUGE (2UL << 20)
#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif

static struct file *file;
static struct folio *folios[N];
static unsigned long offset;

static void machine(enum pinpage_engine engine, unsigned long movable)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find("6.12"), .engine = engine,
		.memory_pages = 8192, .movable_pages = movable,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
}

static void open_file(unsigned int flags, pinpage_loff_t size)
{
	file = pinpage_memfd_create("m", flags);
	ck_assert_int_eq(pinpage_ftruncate(file, size), 0);
	stats_mark();
}

static void memfd_up(enum pinpage_engine engine)
{
	machine(engine, 0);
	open_file(0, 3 * PAGE_SIZE);
}

static void native_up(void) { memfd_up(PINPAGE_ENGINE_NATIVE); }
static void fiber_up(void) { memfd_up(PINPAGE_ENGINE_FIBER); }

static void movable_up(void)
{
	machine(PINPAGE_ENGINE_NATIVE, 4096);
	open_file(0, 2 * PAGE_SIZE);
}

static void hugetlb_up(void)
{
	machine(PINPAGE_ENGINE_NATIVE, 0);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(2), 2);
	open_file(MFD_HUGETLB, 3 * HUGE);
}

static void memfd_down(void)
{
	if (file)
		pinpage_filp_close(file);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_LOST), 0);
	down();
}

static long pin(pinpage_loff_t start, pinpage_loff_t end, unsigned int max)
{
	return memfd_pin_folios(file, start, end, folios, max, &offset);
}

static unsigned long map_it(unsigned long bytes)
{
	long addr = pinpage_mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);

	ck_assert_int_gt(addr, 0);
	return (unsigned long)addr;
}

/* R18 */
START_TEST(allocates_and_pins)
{
	unsigned long addr;
	int i;

	ck_assert_int_eq(pin(100, 3 * PAGE_SIZE - 1, N), 3);
	ck_assert_uint_eq(offset, 100);
	ck_assert_int_eq(acquired(), 3);
	addr = map_it(3 * PAGE_SIZE);
	*((char *)page_address((struct page *)folios[1]) + 5) = 9;
	ck_assert_int_eq(get_byte(addr + PAGE_SIZE + 5), 9);
	for (i = 0; i < 3; i++)
		ck_assert(pinpage_page_maybe_dma_pinned((struct page *)folios[i]));
	unpin_folios(folios, 3);
	ck_assert_int_eq(released(), 3);
	for (i = 0; i < 3; i++)
		ck_assert(!pinpage_page_maybe_dma_pinned((struct page *)folios[i]));
}
END_TEST

START_TEST(stops_at_the_last_slot)
{
	ck_assert_int_eq(pin(0, 3 * PAGE_SIZE - 1, 2), 2);
	unpin_folio(folios[0]);
	unpin_folio(folios[1]);
	ck_assert_int_eq(pin(PAGE_SIZE, 2 * PAGE_SIZE - 1, N), 1);
	unpin_folio(folios[0]);
}
END_TEST

START_TEST(reserved_page_is_cleared)
{
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, PAGE_SIZE), 0);
	ck_assert_int_eq(pin(0, 0, 1), 1);
	ck_assert(pinpage_PageUptodate((struct page *)folios[0]));
	ck_assert_int_eq(*(char *)page_address((struct page *)folios[0]), 0);
	unpin_folio(folios[0]);
}
END_TEST

START_TEST(pin_outlives_the_file)
{
	ck_assert_int_eq(pin(0, 0, 1), 1);
	pinpage_filp_close(file);
	file = NULL;
	ck_assert_int_eq(page_count((struct page *)folios[0]), 1024);
	unpin_folio(folios[0]);
}
END_TEST

/* A37 */
START_TEST(bad_range_einval)
{
	ck_assert_int_eq(pin(-1, 0, 1), -EINVAL);
	ck_assert_int_eq(pin(100, 99, 1), -EINVAL);
	ck_assert_int_eq(pin(0, 3 * PAGE_SIZE, N), -EINVAL);
	ck_assert_int_eq(pin(0, PAGE_SIZE - 1, 0), -EINVAL);
	ck_assert_int_eq(acquired(), 0);
}
END_TEST

START_TEST(null_einval)
{
	ck_assert_int_eq(memfd_pin_folios(NULL, 0, 0, folios, 1, &offset), -EINVAL);
	ck_assert_int_eq(memfd_pin_folios(file, 0, 0, NULL, 1, &offset), -EINVAL);
	ck_assert_int_eq(memfd_pin_folios(file, 0, 0, folios, 1, NULL), -EINVAL);
}
END_TEST

START_TEST(other_file_einval)
{
	struct super_block *sb;
	struct file *other;

	ck_assert_int_eq(pinpage_mount("ramfs", NULL, &sb), 0);
	other = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_ftruncate(other, PAGE_SIZE), 0);
	ck_assert_int_eq(memfd_pin_folios(other, 0, 0, folios, 1, &offset), -EINVAL);
	pinpage_filp_close(other);
	ck_assert_int_eq(pinpage_umount(sb), 0);
}
END_TEST

START_TEST(atomic_context_einval)
{
	pinpage_spinlock_t lock;

	pinpage_spin_lock_init(&lock, "test");
	pinpage_spin_lock(&lock);
	ck_assert_int_eq(pin(0, 0, 1), -EINVAL);
	pinpage_spin_unlock(&lock);
}
END_TEST

START_TEST(overflown_count_einval)
{
	ck_assert_int_eq(pin(0, 0, 1), 1);
	ck_assert_int_eq(pinpage_folio_add_pins(folios[0], 1048576), 0);
	ck_assert_int_eq(pinpage_folio_add_pins(folios[0], 1048576), 0);
	ck_assert_int_eq(memfd_pin_folios(file, 0, 0, folios + 1, 1, &offset), -EINVAL);
	pinpage_unpin_user_folio(folios[0], 1048577);
	pinpage_unpin_user_folio(folios[0], 1048576);
}
END_TEST

START_TEST(no_frame_enomem)
{
	ck_assert_int_eq(pin(0, PAGE_SIZE - 1, 1), 1);
	stats_mark();
	pinpage_inject_alloc(1);
	ck_assert_int_eq(memfd_pin_folios(file, 0, 2 * PAGE_SIZE - 1, folios + 1, 2, &offset),
			 -ENOMEM);
	pinpage_inject_alloc(0);
	ck_assert_int_eq(acquired(), released());
	ck_assert_int_eq(page_count((struct page *)folios[0]), 1025);
	unpin_folio(folios[0]);
}
END_TEST

START_TEST(mount_is_full_enospc)
{
	const struct pinpage_mount_options options = { .size = PAGE_SIZE };
	struct super_block *sb;
	struct file *other;

	ck_assert_int_eq(pinpage_mount("tmpfs", &options, &sb), 0);
	other = pinpage_filp_open(sb, "f", O_RDWR | O_CREAT, 0600);
	ck_assert_int_eq(pinpage_ftruncate(other, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(memfd_pin_folios(other, 0, 2 * PAGE_SIZE - 1, folios, 2, &offset),
			 -ENOSPC);
	ck_assert_int_eq(acquired(), released());
	pinpage_filp_close(other);
	ck_assert_int_eq(pinpage_umount(sb), 0);
}
END_TEST

START_TEST(failed_frame_eio)
{
	unsigned long addr = map_it(PAGE_SIZE), pfn;

	put_byte(addr, 1);
	pfn = page_to_pfn(page_at(addr));
	ck_assert_int_eq(pinpage_memory_failure(pfn, 0), 0);
	ck_assert_int_eq(pin(0, 0, 1), -EIO);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	pinpage_filp_close(file);
	file = NULL;
	ck_assert_int_eq(pinpage_unpoison_memory(pfn), 0);
}
END_TEST

START_TEST(not_booted_einval)
{
	ck_assert_int_eq(memfd_pin_folios(NULL, 0, 0, folios, 1, &offset), -EINVAL);
}
END_TEST

START_TEST(movable_folios_move)
{
	unsigned long addr = map_it(2 * PAGE_SIZE);
	struct page *old;

	put_byte(addr, 7);
	put_byte(addr + PAGE_SIZE, 8);
	old = page_at(addr);
	ck_assert_int_eq(page_zonenum(old), PINPAGE_ZONE_MOVABLE);
	ck_assert_int_eq(pin(0, 2 * PAGE_SIZE - 1, N), 2);
	ck_assert_int_eq(page_zonenum((struct page *)folios[0]), PINPAGE_ZONE_NORMAL);
	ck_assert_ptr_ne((struct page *)folios[0], old);
	ck_assert_int_eq(acquired(), 4);
	ck_assert_int_eq(released(), 2);
	ck_assert_int_eq(get_byte(addr), 7);
	ck_assert_ptr_eq(page_at(addr), (struct page *)folios[0]);
	unpin_folios(folios, 2);
}
END_TEST

START_TEST(new_folios_need_no_move)
{
	ck_assert_int_eq(pin(0, 2 * PAGE_SIZE - 1, N), 2);
	ck_assert_int_eq(page_zonenum((struct page *)folios[0]), PINPAGE_ZONE_NORMAL);
	ck_assert_int_eq(acquired(), 2);
	unpin_folios(folios, 2);
}
END_TEST

START_TEST(held_by_another_enomem)
{
	unsigned long addr = map_it(2 * PAGE_SIZE);
	struct page *page;

	put_byte(addr, 7);
	put_byte(addr + PAGE_SIZE, 8);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &page), 1);
	stats_mark();
	ck_assert_int_eq(pin(0, 2 * PAGE_SIZE - 1, N), -ENOMEM);
	ck_assert_ptr_null(folios[0]);
	ck_assert_int_eq(acquired(), released());
	unpin_user_page(page);
}
END_TEST

START_TEST(huge_folio_has_one_pin)
{
	struct page *head;

	ck_assert_int_eq(pin(HUGE - 1, HUGE + 4096, N), 2);
	ck_assert_uint_eq(offset, HUGE - 1);
	head = (struct page *)folios[0];
	ck_assert_int_eq(page_count(head), 2);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 1);
	ck_assert_int_eq(acquired(), 2);
	unpin_folios(folios, 2);
	ck_assert_int_eq(released(), 2);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 0);
}
END_TEST

START_TEST(empty_pool_enomem)
{
	ck_assert_int_eq(pin(0, 3 * HUGE - 1, N), -ENOMEM);
	ck_assert_int_eq(acquired(), released());
}
END_TEST

static TCase *calls_case(const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, memfd_down);
	tcase_add_test(tc, allocates_and_pins);
	tcase_add_test(tc, stops_at_the_last_slot);
	tcase_add_test(tc, reserved_page_is_cleared);
	tcase_add_test(tc, pin_outlives_the_file);
	tcase_add_test(tc, bad_range_einval);
	tcase_add_test(tc, null_einval);
	tcase_add_test(tc, other_file_einval);
	tcase_add_test(tc, atomic_context_einval);
	tcase_add_test(tc, overflown_count_einval);
	tcase_add_test(tc, no_frame_enomem);
	tcase_add_test(tc, mount_is_full_enospc);
	tcase_add_test(tc, failed_frame_eio);
	return tc;
}

Suite *memfd_suite(void)
{
	Suite *suite = suite_create("memfd");
	TCase *tc = tcase_create("movable");

	suite_add_tcase(suite, calls_case("native", native_up));
	suite_add_tcase(suite, calls_case("fiber", fiber_up));
	tcase_add_checked_fixture(tc, movable_up, memfd_down);
	tcase_add_test(tc, movable_folios_move);
	tcase_add_test(tc, new_folios_need_no_move);
	tcase_add_test(tc, held_by_another_enomem);
	suite_add_tcase(suite, tc);
	tc = tcase_create("hugetlb");
	tcase_add_checked_fixture(tc, hugetlb_up, memfd_down);
	tcase_add_test(tc, huge_folio_has_one_pin);
	tcase_add_test(tc, empty_pool_enomem);
	suite_add_tcase(suite, tc);
	pp_test_add(suite, not_booted_einval);
	return suite;
}
