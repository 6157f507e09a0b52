// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Pins of huge pages of files in memory: by leaf, by PTE, by bytes of the file.
 */
#include "suites.h"

#include "machine.h"

#ifndef F_SEAL_WRITE
# define F_SEAL_WRITE 0x0008
#endif

#define HUGE_NR 512UL
#define HUGE_SIZE (HUGE_NR * PAGE_SIZE)
#define ALLOW_SEALING 2U

static struct page *pages[HUGE_NR];
static struct file *memfd;
static bool unshares;

/* @n huge pages of a new memfd, mapped shared, the first byte of each written */
static unsigned long area(unsigned long n)
{
	unsigned long i;
	long addr;

	ck_assert_int_eq(pinpage_set_shmem_enabled(PINPAGE_HUGE_ALWAYS), 0);
	memfd = pinpage_memfd_create("f", ALLOW_SEALING);
	ck_assert_int_eq(pinpage_ftruncate(memfd, (pinpage_loff_t)(n * HUGE_SIZE)), 0);
	addr = pinpage_mmap(0, n * HUGE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memfd, 0);
	ck_assert_int_gt(addr, 0);
	ck_assert_uint_eq((unsigned long)addr & (HUGE_SIZE - 1), 0);
	for (i = 0; i < n; i++)
		put_byte((unsigned long)addr + i * HUGE_SIZE, (unsigned char)(i + 1));
	ck_assert_uint_eq(folio_order(page_folio(page_at((unsigned long)addr))), 9);
	return (unsigned long)addr;
}

static int pincount(struct page *page)
{
	return pinpage_head_compound_pincount(pinpage_compound_head(page));
}

static long slow(unsigned long addr, unsigned long nr, unsigned int flags)
{
	long ret;

	mmap_read_lock(mm);
	ret = pinpage_pin_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

static void end(void)
{
	ck_assert_int_eq(pinpage_filp_close(memfd), 0);
}

START_TEST(leaf_pinned_at_once)
{
	unsigned long addr = area(1);
	int before = count_at(addr);

	stats_mark();
	ck_assert_int_eq(pin_user_pages_fast(addr, HUGE_NR, FOLL_WRITE, pages), HUGE_NR);
	assert_delta(pages[0], before, (int)HUGE_NR);
	ck_assert_int_eq(pincount(pages[9]), HUGE_NR);
	ck_assert_int_eq(acquired(), HUGE_NR);
	unpin_user_pages(pages, HUGE_NR);
	ck_assert_int_eq(slow(addr + 3 * PAGE_SIZE, 7, FOLL_WRITE), 7);
	ck_assert_int_eq(pincount(pages[0]), 7);
	ck_assert_ptr_eq(pages[0], page_at(addr) + 3);
	unpin_user_pages_dirty_lock(pages, 7, true);
	ck_assert_int_eq(count_at(addr), before);
	end();
}
END_TEST

START_TEST(split_pmd_unmaps_then_pins_ptes)
{
	unsigned long addr = area(1);
	struct page *head = page_at(addr);
	unsigned int flags;

	ck_assert_int_eq(slow(addr + PAGE_SIZE, 2, FOLL_WRITE | FOLL_SPLIT_PMD), 2);
	ck_assert_ptr_eq(pages[0], head + 1);
	ck_assert_int_eq(pincount(head), 2);
	ck_assert_ptr_eq(pinpage_peek_page(mm, addr + PAGE_SIZE, &flags), head + 1);
	ck_assert(!(flags & PINPAGE_PTE_HUGE));
	ck_assert_ptr_null(pinpage_peek_page(mm, addr, NULL));
	ck_assert_int_eq(pin_user_pages_fast(addr, 9, FOLL_WRITE, pages + 2), 9);
	ck_assert_int_eq(pincount(head), 11);
	unpin_user_pages(pages, 11);
	end();
}
END_TEST

START_TEST(read_pin_of_private_leaf)
{
	unsigned long addr = area(1), mine;
	struct page *head = page_at(addr);

	mine = (unsigned long)pinpage_mmap(0, HUGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE, memfd, 0);
	ck_assert_int_eq(get_byte(mine), 1);
	ck_assert_int_eq(pin_user_pages_fast(mine + PAGE_SIZE, 3, 0, pages), 3);
	ck_assert_ptr_eq(pages[0], head + 1);
	unpin_user_pages(pages, 3);
	ck_assert_int_eq(slow(mine, 1, FOLL_LONGTERM), 1);
	/* from 6.2 on such a pin has a page of its own */
	ck_assert_int_eq(pages[0] == head, !unshares);
	ck_assert_ptr_eq(page_at(mine), pages[0]);
	unpin_user_pages(pages, 1);
	ck_assert_int_eq(slow(mine + PAGE_SIZE, 2, FOLL_WRITE), 2);
	ck_assert(PageAnon(pages[0]));
	unpin_user_pages(pages, 2);
	end();
}
END_TEST

START_TEST(memfd_pin_folios_one_pin_a_folio)
{
	unsigned long addr = area(3), offset = 0;
	struct folio *folios[4];
	int before = count_at(addr + HUGE_SIZE);

	ck_assert_int_eq(pinpage_memfd_pin_folios(memfd, 5 * (pinpage_loff_t)PAGE_SIZE + 3,
						  3 * (pinpage_loff_t)HUGE_SIZE - 1,
						  folios, 4, &offset), 3);
	ck_assert_uint_eq(offset, 5 * PAGE_SIZE + 3);
	ck_assert_ptr_eq(folios[1], page_folio(page_at(addr + HUGE_SIZE)));
	ck_assert_int_eq(pincount(page_at(addr + HUGE_SIZE)), 1);
	assert_delta(page_at(addr + HUGE_SIZE), before, 1);
	pinpage_unpin_folios(folios, 3);
	ck_assert_int_eq(count_at(addr + HUGE_SIZE), before);
	ck_assert_int_eq(pinpage_memfd_pin_folios(memfd, HUGE_SIZE, HUGE_SIZE + 1, folios,
						  1, &offset), 1);
	ck_assert_uint_eq(offset, 0);
	pinpage_unpin_folios(folios, 1);
	end();
}
END_TEST

START_TEST(seal_write_sees_pins_not_mappings)
{
	unsigned long addr = area(1), mine;

	mine = (unsigned long)pinpage_mmap(0, HUGE_SIZE, PROT_READ, MAP_PRIVATE, memfd, 0);
	ck_assert_int_eq(get_byte(mine), 1);
	ck_assert_int_eq(pin_user_pages_fast(addr + PAGE_SIZE, 1, FOLL_WRITE, pages), 1);
	ck_assert_int_eq(pinpage_memfd_add_seals(memfd, F_SEAL_WRITE), -EBUSY);
	ck_assert_int_eq(pinpage_munmap(addr, HUGE_SIZE), 0);
	ck_assert_int_eq(pinpage_memfd_add_seals(memfd, F_SEAL_WRITE), -EBUSY);
	unpin_user_pages(pages, 1);
	ck_assert_int_eq(pinpage_memfd_add_seals(memfd, F_SEAL_WRITE), 0);
	end();
}
END_TEST

static void up_6_12(void)
{
	up("6.12");
	unshares = true;
}

Suite *huge_file_suite(void)
{
	Suite *suite = suite_create("huge_file");
	TCase *tcase = tcase_create("6.1"), *now = tcase_create("6.12");

	tcase_add_checked_fixture(tcase, fixture_up, down);
	tcase_add_test(tcase, leaf_pinned_at_once);
	tcase_add_test(tcase, split_pmd_unmaps_then_pins_ptes);
	tcase_add_test(tcase, read_pin_of_private_leaf);
	tcase_add_test(tcase, seal_write_sees_pins_not_mappings);
	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(now, up_6_12, down);
	tcase_add_test(now, leaf_pinned_at_once);
	tcase_add_test(now, read_pin_of_private_leaf);
	tcase_add_test(now, memfd_pin_folios_one_pin_a_folio);
	suite_add_tcase(suite, now);
	return suite;
}
