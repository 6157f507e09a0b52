// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * What mprotect() gives back at once, what a hole in a file takes from private
 * mappings, and when fork looks at the mark of an address space.
 */
#include "machine.h"
#include "suites.h"

#ifndef FALLOC_FL_KEEP_SIZE
# define FALLOC_FL_KEEP_SIZE	0x01
# define FALLOC_FL_PUNCH_HOLE	0x02
# define FALLOC_FL_ZERO_RANGE	0x10
#endif

static unsigned int there_and_back(unsigned long addr)
{
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	return pte_of(mm, addr) & PINPAGE_PTE_WRITE;
}

START_TEST(exclusive_page_is_writable_again)
{
	ck_assert(there_and_back(anon(1)));
}
END_TEST

START_TEST(shared_page_waits_for_its_fault)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = pinpage_fork_mm(mm);

	ck_assert(!there_and_back(addr));
	pinpage_mmput(child);
}
END_TEST

START_TEST(private_page_5_7_waits_for_its_fault)
{
	reboot("5.7");
	ck_assert(!there_and_back(anon(1)));
}
END_TEST

START_TEST(dirty_file_page_is_writable_again)
{
	unsigned long addr = map_file(blk_file(1), 1, RW, MAP_SHARED);

	put(mm, addr, 9);
	ck_assert(there_and_back(addr));
}
END_TEST

START_TEST(clean_file_page_waits_for_page_mkwrite)
{
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);

	put(mm, addr, 9);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!there_and_back(addr));
}
END_TEST

static void hole_keeps_copy(struct file *file, int mode)
{
	unsigned long addr = map_file(file, 2, RW, MAP_PRIVATE);
	struct page *copy;

	put(mm, addr, 9);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	copy = page_of(mm, addr);
	ck_assert_int_eq(pinpage_fallocate(file, mode, 0, 2 * PAGE_SIZE), 0);
	ck_assert_ptr_eq(page_of(mm, addr), copy);
	ck_assert_int_eq(get(mm, addr), 9);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
}

START_TEST(punched_hole_keeps_private_copy)
{
	hole_keeps_copy(blk_file(2), FALLOC_FL_PUNCH_HOLE |
			FALLOC_FL_KEEP_SIZE);
	hole_keeps_copy(ram_file(2), FALLOC_FL_PUNCH_HOLE |
			FALLOC_FL_KEEP_SIZE);
}
END_TEST

START_TEST(zeroed_range_keeps_private_copy)
{
	hole_keeps_copy(blk_file(2), FALLOC_FL_ZERO_RANGE);
}
END_TEST

START_TEST(truncation_takes_private_copy)
{
	struct file *file = ram_file(2);
	unsigned long addr = map_file(file, 2, RW, MAP_PRIVATE);

	put(mm, addr + PAGE_SIZE, 9);
	ck_assert_int_eq(pinpage_ftruncate(file, PAGE_SIZE), 0);
	ck_assert_ptr_null(page_of(mm, addr + PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), -EFAULT);
}
END_TEST

/* while fork looks at the first page the second gets the first pin ever */
static unsigned long second;

static void pin_second(struct pinpage_subscriber *sub,
		       const struct pinpage_event *event)
{
	(void)sub;
	if (event->name && !strcmp(event->name, "fork-pin-test") &&
	    event->addr != second && !test_bit(MMF_HAS_PINNED, &mm->flags))
		pin(mm, second);
}

START_TEST(first_pin_during_fork_is_seen)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_YIELD),
		.order = PINPAGE_ORDER_TRACE, .fn = pin_second,
	};
	unsigned long addr = anon(2);
	struct mm_struct *child;
	struct page *page;

	second = addr + PAGE_SIZE;
	page = page_of(mm, second);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_unsubscribe(&sub), 0);
	ck_assert(test_bit(MMF_HAS_PINNED, &mm->flags));
	ck_assert_ptr_ne(page_of(child, second), page);
	ck_assert(PageAnonExclusive(page));
	unpin(page);
	pinpage_mmput(child);
}
END_TEST

Suite *fidelity_suite(void)
{
	Suite *s = suite_create("mm/fidelity");

	on(s, exclusive_page_is_writable_again, up);
	on(s, shared_page_waits_for_its_fault, up);
	on(s, private_page_5_7_waits_for_its_fault, up);
	on(s, dirty_file_page_is_writable_again, up);
	on(s, clean_file_page_waits_for_page_mkwrite, up);
	on(s, punched_hole_keeps_private_copy, up);
	on(s, zeroed_range_keeps_private_copy, up);
	on(s, truncation_takes_private_copy, up);
	on(s, first_pin_during_fork_is_seen, up);
	return s;
}
