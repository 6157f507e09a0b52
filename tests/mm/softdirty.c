// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Soft-dirty bits, clear_refs and pagemap.
 */
#include "machine.h"
#include "suites.h"

#include "mm/swap.h"

#ifndef MADV_PAGEOUT
# define MADV_PAGEOUT 21
#endif

static uint64_t pagemap(struct mm_struct *in, unsigned long addr)
{
	uint64_t entry;

	ck_assert_int_eq(pinpage_pagemap(in, addr, &entry), 0);
	return entry;
}

static bool soft_dirty(unsigned long addr)
{
	return pagemap(mm, addr) & PINPAGE_PM_SOFT_DIRTY;
}

static void clear(void)
{
	ck_assert_int_eq(pinpage_clear_refs(mm, 4), 0);
}

START_TEST(new_area_is_soft_dirty)
{
	unsigned long addr = map(1, RW, PRIV);

	ck_assert(soft_dirty(addr));
	clear();
	ck_assert(!soft_dirty(addr));
}
END_TEST

START_TEST(store_sets_it_again)
{
	unsigned long addr = anon(2);

	clear();
	ck_assert(!soft_dirty(addr) && !soft_dirty(addr + PAGE_SIZE));
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert(!soft_dirty(addr));
	put(mm, addr, 9);
	ck_assert(soft_dirty(addr) && !soft_dirty(addr + PAGE_SIZE));
	ck_assert_int_eq(get(mm, addr), 9);
}
END_TEST

START_TEST(store_keeps_the_page)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	clear();
	put(mm, addr, 9);
	ck_assert_ptr_eq(page_of(mm, addr), page);
}
END_TEST

START_TEST(shared_file_is_tracked)
{
	unsigned long addr = map_file(ram_file(2), 2, RW, MAP_SHARED);

	put(mm, addr, 1);
	clear();
	ck_assert(!soft_dirty(addr));
	/* a page that is read first gives no right to write unseen */
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 2);
	ck_assert(!(pte_of(mm, addr + PAGE_SIZE) & PINPAGE_PTE_WRITE));
	put(mm, addr, 3);
	put(mm, addr + PAGE_SIZE, 4);
	ck_assert(soft_dirty(addr) && soft_dirty(addr + PAGE_SIZE));
}
END_TEST

START_TEST(huge_leaf_is_tracked)
{
	unsigned long addr = huge();

	clear();
	ck_assert(!soft_dirty(addr + 5 * PAGE_SIZE));
	put(mm, addr, 2);
	ck_assert(soft_dirty(addr + 5 * PAGE_SIZE));
}
END_TEST

/* F14 */
START_TEST(pinned_page_stays_writable)
{
	unsigned long addr = anon(2);
	struct page *page = pin(mm, addr);

	clear();
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(soft_dirty(addr));
	ck_assert(!(pte_of(mm, addr + PAGE_SIZE) & PINPAGE_PTE_WRITE));
	put(mm, addr, 7);
	ck_assert_ptr_eq(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

/* 5.9 and 5.10 before the fix: the store after it leaves the device behind */
START_TEST(pinned_page_was_lost)
{
	struct pinpage_rules rules;
	unsigned long addr;
	struct page *page;

	down();
	ck_assert_int_eq(pinpage_rules_parse(&rules, "5.10,softdirty_skips_pinned=0"), 0);
	boot_rules(&rules, PINPAGE_ENGINE_NATIVE, 4096);
	addr = anon(1);
	page = pin(mm, addr);
	clear();
	put(mm, addr, 2);
	ck_assert_ptr_ne(page_of(mm, addr), page);
	unpin(page);
}
END_TEST

START_TEST(fork_keeps_it)
{
	unsigned long addr = anon(2);
	struct mm_struct *child;

	clear();
	put(mm, addr, 3);
	child = pinpage_fork_mm(mm);
	ck_assert(pagemap(child, addr) & PINPAGE_PM_SOFT_DIRTY);
	ck_assert(!(pagemap(child, addr + PAGE_SIZE) & PINPAGE_PM_SOFT_DIRTY));
	pinpage_mmput(child);
}
END_TEST

START_TEST(mremap_sets_it)
{
	unsigned long addr = anon(1), to;

	clear();
	to = (unsigned long)pinpage_mremap(addr, PAGE_SIZE, PAGE_SIZE,
					   MREMAP_MAYMOVE | MREMAP_FIXED, addr + PMD_SIZE);
	ck_assert(soft_dirty(to));
}
END_TEST

START_TEST(mprotect_gives_no_right_to_write)
{
	unsigned long addr = anon(1);

	clear();
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, RW), 0);
	ck_assert(!(pte_of(mm, addr) & PINPAGE_PTE_WRITE));
	put(mm, addr, 1);
	ck_assert(soft_dirty(addr));
}
END_TEST

START_TEST(swap_keeps_it)
{
	struct pinpage_swap_options options = { .pages = 8 };
	unsigned long addr = anon(2);

	ck_assert_int_eq(pinpage_swapon(&options), 0);
	clear();
	put(mm, addr, 5);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_PAGEOUT), 0);
	ck_assert(soft_dirty(addr) && !soft_dirty(addr + PAGE_SIZE));
	ck_assert(pagemap(mm, addr) & PINPAGE_PM_SWAP);
	ck_assert(!(pagemap(mm, addr) & PINPAGE_PM_PRESENT));
	ck_assert_int_eq(get(mm, addr), 5);
	ck_assert(soft_dirty(addr));
	clear();
	ck_assert(!soft_dirty(addr));
}
END_TEST

START_TEST(neighbours_merge_soft_dirty)
{
	unsigned long addr = anon(1), next;

	clear();
	next = map(1, RW, PRIV);
	ck_assert_uint_eq(next, addr + PAGE_SIZE);
	ck_assert_ptr_eq(pp_find_vma(mm, addr), pp_find_vma(mm, next));
	ck_assert(soft_dirty(addr) && soft_dirty(next));
}
END_TEST

START_TEST(accessed_bits_by_kind)
{
	unsigned long a = anon(1), f = map_file(ram_file(1), 1, RW, MAP_SHARED);

	ck_assert_int_eq(get(mm, f), 1);
	ck_assert_int_eq(pinpage_clear_refs(mm, 2), 0);
	ck_assert(!(pte_of(mm, a) & PINPAGE_PTE_YOUNG));
	ck_assert(pte_of(mm, f) & PINPAGE_PTE_YOUNG);
	ck_assert_int_eq(get(mm, a), 1);
	ck_assert_int_eq(pinpage_clear_refs(mm, 3), 0);
	ck_assert(pte_of(mm, a) & PINPAGE_PTE_YOUNG);
	ck_assert(!(pte_of(mm, f) & PINPAGE_PTE_YOUNG));
	ck_assert_int_eq(pinpage_clear_refs(mm, 1), 0);
	ck_assert(!(pte_of(mm, a) & PINPAGE_PTE_YOUNG));
	ck_assert(soft_dirty(a));
}
END_TEST

START_TEST(pagemap_says_what_is_there)
{
	unsigned long a = anon(1), f = map_file(ram_file(1), 1, RW, MAP_SHARED);
	struct mm_struct *child;
	uint64_t entry;

	ck_assert_int_eq(get(mm, f), 1);
	entry = pagemap(mm, a);
	ck_assert(entry & PINPAGE_PM_PRESENT && entry & PINPAGE_PM_MMAP_EXCLUSIVE);
	ck_assert(!(entry & (PINPAGE_PM_FILE | PINPAGE_PM_SWAP)));
	ck_assert_uint_eq(entry & PINPAGE_PM_PFRAME_MASK, page_to_pfn(page_of(mm, a)));
	ck_assert(pagemap(mm, f) & PINPAGE_PM_FILE);
	child = pinpage_fork_mm(mm);
	ck_assert(!(pagemap(mm, a) & PINPAGE_PM_MMAP_EXCLUSIVE));
	pinpage_mmput(child);
	ck_assert_uint_eq(pagemap(mm, 0x1000), 0);
}
END_TEST

static int killed_clear(void *arg)
{
	pinpage_send_sigkill(pinpage_current());
	return pinpage_clear_refs(arg, 4);
}

START_TEST(bad_arguments)
{
	struct task_struct *task;
	uint64_t entry;

	ck_assert_int_eq(pinpage_clear_refs(NULL, 4), -EINVAL);
	ck_assert_int_eq(pinpage_clear_refs(mm, 0), -EINVAL);
	ck_assert_int_eq(pinpage_clear_refs(mm, 5), -EINVAL);
	ck_assert_int_eq(pinpage_pagemap(NULL, 0, &entry), -EINVAL);
	ck_assert_int_eq(pinpage_pagemap(mm, 0, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_pagemap(mm, ~0UL, &entry), -EINVAL);
	task = pinpage_kthread_run(killed_clear, mm, "clear");
	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
}
END_TEST

Suite *softdirty_suite(void)
{
	Suite *s = suite_create("mm/softdirty");

	on(s, new_area_is_soft_dirty, up);
	on(s, store_sets_it_again, up);
	on(s, store_sets_it_again, up_fiber);
	on(s, store_keeps_the_page, up);
	on(s, shared_file_is_tracked, up);
	on(s, huge_leaf_is_tracked, up);
	on(s, pinned_page_stays_writable, up);
	on(s, pinned_page_was_lost, up);
	on(s, fork_keeps_it, up);
	on(s, mremap_sets_it, up);
	on(s, mprotect_gives_no_right_to_write, up);
	on(s, swap_keeps_it, up);
	on(s, neighbours_merge_soft_dirty, up);
	on(s, accessed_bits_by_kind, up);
	on(s, pagemap_says_what_is_there, up);
	on(s, bad_arguments, up);
	return s;
}
