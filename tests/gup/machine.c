// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

struct mm_struct *mm;
static long acquired_base, released_base;

void up_zones(const char *rules, unsigned long pages, unsigned long movable)
{
	const struct pinpage_config config = {
		.rules = pinpage_rules_find(rules),
		.memory_pages = pages,
		.movable_pages = movable,
		.mode = PINPAGE_CHECK_COLLECT,
	};

	ck_assert_ptr_nonnull(config.rules);
	ck_assert_int_eq(pinpage_boot(&config), 0);
	mm = pinpage_mm_alloc();
	ck_assert_ptr_nonnull(mm);
	pinpage_use_mm(mm);
	stats_mark();
}

void up(const char *rules)
{
	up_zones(rules, 4096, 0);
}

void fixture_up(void)
{
	up(DEFAULT_RULES);
}

void down(void)
{
	pinpage_use_mm(NULL);
	pinpage_mmput(mm);
	ck_assert_int_eq(pinpage_shutdown(), 0);
}

unsigned long map(unsigned long n, int prot, int flags)
{
	long addr = pinpage_mmap(0, n * PAGE_SIZE, prot, flags, NULL, 0);

	ck_assert_int_gt(addr, 0);
	return (unsigned long)addr;
}

unsigned long anon(unsigned long n, bool touched)
{
	unsigned long addr = map(n, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS);
	unsigned long i;

	for (i = 0; touched && i < n; i++)
		put_byte(addr + i * PAGE_SIZE, (unsigned char)i);
	return addr;
}

void put_byte(unsigned long addr, unsigned char byte)
{
	ck_assert_int_eq(pinpage_store(mm, addr, &byte, 1), 0);
}

unsigned char get_byte(unsigned long addr)
{
	unsigned char byte;

	ck_assert_int_eq(pinpage_load(mm, addr, &byte, 1), 0);
	return byte;
}

struct page *page_at(unsigned long addr)
{
	struct page *page = pinpage_peek_page(mm, addr, NULL);

	ck_assert_ptr_nonnull(page);
	return page;
}

int count_at(unsigned long addr)
{
	return page_count(page_at(addr));
}

void stats_mark(void)
{
	acquired_base = pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED);
	released_base = pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_RELEASED);
}

long acquired(void)
{
	return pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED) - acquired_base;
}

long released(void)
{
	return pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_RELEASED) - released_base;
}
