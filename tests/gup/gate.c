// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The vsyscall page: semantics A33
 */
#include "machine.h"
#include "suites.h"

#define GATE 0xffffffffff600000UL

static struct page *page;

static void boot_with(enum pinpage_vsyscall vsyscall, enum pinpage_engine engine)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find("6.1"), .memory_pages = 256,
		.engine = engine, .vsyscall = vsyscall,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	stats_mark();
}

static void up_xonly(void) { boot_with(PINPAGE_VSYSCALL_XONLY, PINPAGE_ENGINE_NATIVE); }
static void up_emulate(void) { boot_with(PINPAGE_VSYSCALL_EMULATE, PINPAGE_ENGINE_NATIVE); }
static void up_fiber(void) { boot_with(PINPAGE_VSYSCALL_NATIVE, PINPAGE_ENGINE_FIBER); }

static long slow_pin(unsigned long addr, unsigned long nr, unsigned int flags)
{
	struct page *pages[2];
	long got;

	mmap_read_lock(mm);
	got = pin_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	page = pages[0];
	return got;
}

START_TEST(xonly_efault)
{
	ck_assert_int_eq(slow_pin(GATE, 1, 0), -EFAULT);
	ck_assert_int_eq(slow_pin(GATE, 1, FOLL_WRITE), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast(GATE, 1, 0, &page), -EFAULT);
}
END_TEST

START_TEST(read_finds_the_page)
{
	ck_assert_int_eq(slow_pin(GATE + 5, 2, 0), 1);
	ck_assert_int_eq(*(unsigned char *)page_address(page), 0x48);
	ck_assert_int_eq(page_count(page), 1025);
	ck_assert_int_eq(acquired(), 1);
	unpin_user_page(page);
	ck_assert_int_eq(slow_pin(GATE, 1, FOLL_LONGTERM), 1);
	unpin_user_page(page);
	mmap_read_lock(mm);
	ck_assert_int_eq(get_user_pages(GATE, 1, 0, &page), 1);
	mmap_read_unlock(mm);
	put_page(page);
	ck_assert_int_eq(page_count(page), 1);
	ck_assert_uint_eq(pinpage_check_count(PINPAGE_HAZARD), 0);
}
END_TEST

START_TEST(write_efault)
{
	ck_assert_int_eq(slow_pin(GATE, 1, FOLL_WRITE), -EFAULT);
	ck_assert_int_eq(slow_pin(GATE, 1, FOLL_WRITE | FOLL_FORCE), -EFAULT);
}
END_TEST

START_TEST(fast_efault)
{
	ck_assert_int_eq(pin_user_pages_fast(GATE, 1, 0, &page), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast_only(GATE, 1, 0, &page), 0);
}
END_TEST

START_TEST(other_addresses_efault)
{
	ck_assert_int_eq(slow_pin(GATE - PAGE_SIZE, 1, 0), -EFAULT);
	ck_assert_int_eq(slow_pin(GATE + PAGE_SIZE, 1, 0), -EFAULT);
}
END_TEST

START_TEST(area_is_the_gate)
{
	struct vm_area_struct *vma = NULL;

	mmap_read_lock(mm);
	page = pinpage_get_user_page_vma_remote(mm, GATE, 0, &vma);
	ck_assert_uint_eq(pinpage_vma_start(vma), GATE);
	mmap_read_unlock(mm);
	put_page(page);
}
END_TEST

START_TEST(another_process_reads_it)
{
	unsigned long here = anon(1, false);
	struct iovec local = { (void *)here, 4 }, remote = { (void *)GATE, 4 };

	ck_assert_int_eq(pinpage_process_vm_readv(mm, &local, 1, &remote, 1, 0), 4);
	ck_assert_uint_eq(get_byte(here), 0x48);
	ck_assert_int_eq(pinpage_process_vm_writev(mm, &local, 1, &remote, 1, 0), -EFAULT);
}
END_TEST

static TCase *readable(const char *name, void (*setup)(void))
{
	TCase *tc = tcase_create(name);

	tcase_add_checked_fixture(tc, setup, down);
	tcase_add_test(tc, read_finds_the_page);
	tcase_add_test(tc, write_efault);
	tcase_add_test(tc, fast_efault);
	tcase_add_test(tc, other_addresses_efault);
	tcase_add_test(tc, area_is_the_gate);
	tcase_add_test(tc, another_process_reads_it);
	return tc;
}

Suite *gate_suite(void)
{
	Suite *suite = suite_create("gate");
	TCase *tc = tcase_create("xonly");

	tcase_add_checked_fixture(tc, up_xonly, down);
	tcase_add_test(tc, xonly_efault);
	suite_add_tcase(suite, tc);
	suite_add_tcase(suite, readable("emulate", up_emulate));
	suite_add_tcase(suite, readable("native, fiber", up_fiber));
	return suite;
}
