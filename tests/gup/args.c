// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Arguments, ranges and errors by era: semantics A01 to A36. Each test boots
 * the rules that it speaks about.
 */
#include "suites.h"

#include "machine.h"

#define UNUSED_FLAG 0x80000000u

static long slow_pin(unsigned long addr, unsigned long nr, unsigned int flags,
		     struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

static long slow_get(unsigned long addr, unsigned long nr, unsigned int flags,
		     struct page **pages)
{
	long ret;

	mmap_read_lock(mm);
	ret = get_user_pages(addr, nr, flags, pages);
	mmap_read_unlock(mm);
	return ret;
}

static long remote_pin(unsigned long addr, unsigned int flags,
		       struct page **pages, int *locked)
{
	long ret;

	mmap_read_lock(mm);
	ret = pin_user_pages_remote(mm, addr, 1, flags, pages, locked);
	mmap_read_unlock(mm);
	return ret;
}

/* A01, A02 */
static void get_on_pin(const char *rules, long slow)
{
	int locked = 1;
	struct page *p;
	unsigned long addr;

	up(rules);
	addr = anon(1, true);
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_GET, &p), slow);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p, FOLL_GET), slow);
	ck_assert_int_eq(remote_pin(addr, FOLL_GET, &p, &locked), slow);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_GET, &p), -EINVAL);
	if (pinpage_offers("pin_user_pages_fast_only"))
		ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, FOLL_GET,
							  &p), 0);
	ck_assert_uint_gt(pinpage_warnings(), 0);
	down();
}

START_TEST(get_flag_on_pin_5_7) { get_on_pin("5.7", -EINVAL); } END_TEST
START_TEST(get_flag_on_pin_6_1) { get_on_pin("6.1", -EINVAL); } END_TEST
START_TEST(get_flag_on_pin_6_12) { get_on_pin("6.12", 0); } END_TEST

/* A03, A04 */
START_TEST(pin_and_longterm_flags_on_get)
{
	unsigned int bad[] = { FOLL_PIN, FOLL_LONGTERM };
	unsigned long addr;
	struct page *p;
	size_t i;

	up("6.1");
	addr = anon(1, true);
	for (i = 0; i < 2; i++) {
		ck_assert_int_eq(slow_get(addr, 1, bad[i], &p), -EINVAL);
		ck_assert_int_eq(get_user_pages_fast(addr, 1, bad[i], &p),
				 -EINVAL);
		ck_assert_int_eq(get_user_pages_unlocked(addr, 1, &p, bad[i]),
				 -EINVAL);
	}
	down();
}
END_TEST

START_TEST(longterm_on_get_allowed_5_2)
{
	struct page *p;

	up("5.2");
	ck_assert_int_eq(slow_get(anon(1, true), 1, FOLL_LONGTERM, &p), 1);
	put_page(p);
	down();
}
END_TEST

/* A05, A06 */
static void longterm_unlocked(const char *rules, long expect)
{
	unsigned long addr;
	int locked = 1;
	struct page *p;

	up(rules);
	addr = anon(1, true);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p, FOLL_LONGTERM),
			 expect);
	if (expect == 1)
		unpin_user_page(p);
	ck_assert_int_eq(remote_pin(addr, FOLL_LONGTERM, &p, &locked), expect);
	if (expect == 1)
		unpin_user_page(p);
	ck_assert_int_eq(remote_pin(addr, FOLL_LONGTERM, &p, NULL), 1);
	unpin_user_page(p);
	down();
}

START_TEST(longterm_unlocked_6_1) { longterm_unlocked("6.1", -EINVAL); } END_TEST
START_TEST(longterm_unlocked_6_5) { longterm_unlocked("6.5", 1); } END_TEST

/* A07 */
static void null_pages(const char *rules, long slow)
{
	unsigned long addr;

	up(rules);
	addr = anon(1, true);
	ck_assert_int_eq(slow_pin(addr, 1, 0, NULL), slow);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, NULL), -EINVAL);
	ck_assert_int_eq(get_user_pages_fast(addr, 1, 0, NULL), -EINVAL);
	down();
}

START_TEST(null_pages_6_1_einval) { null_pages("6.1", -EINVAL); } END_TEST
START_TEST(null_pages_6_12_zero) { null_pages("6.12", 0); } END_TEST

/* A08 */
START_TEST(null_pages_get_populates)
{
	unsigned long addr;

	up("6.1");
	addr = anon(3, false);
	ck_assert_int_eq(slow_get(addr, 3, FOLL_WRITE, NULL), 3);
	ck_assert(!page_maybe_dma_pinned(page_at(addr + 2 * PAGE_SIZE)));
	down();
}
END_TEST

/* A09 */
START_TEST(pin_flag_on_pin_by_era)
{
	struct page *p;

	up("6.1");
	ck_assert_int_eq(slow_pin(anon(1, true), 1, FOLL_PIN, &p), 1);
	unpin_user_page(p);
	down();
	up("6.12");
	ck_assert_int_eq(slow_pin(anon(1, true), 1, FOLL_PIN, &p), 0);
	down();
}
END_TEST

/* A10 */
START_TEST(fast_whitelist)
{
	unsigned int bad[] = { FOLL_ANON, FOLL_HWPOISON, FOLL_TOUCH,
			       FOLL_NOWAIT, FOLL_SPLIT_PMD, UNUSED_FLAG };
	unsigned long addr;
	struct page *p;
	size_t i;

	up("6.1");
	addr = anon(1, true);
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_int_eq(pin_user_pages_fast(addr, 1, bad[i], &p),
				 -EINVAL);
	down();
	up("5.7");
	addr = anon(1, true);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_NOFAULT, &p),
			 -EINVAL);
	down();
}
END_TEST

START_TEST(unknown_flag_slow)
{
	struct page *p;

	up("6.1");
	ck_assert_int_eq(slow_pin(anon(1, true), 1, UNUSED_FLAG, &p),
			 -EINVAL);
	down();
}
END_TEST

START_TEST(longterm_p2pdma)
{
	unsigned int both = FOLL_LONGTERM | FOLL_PCI_P2PDMA;
	unsigned long addr;
	struct page *p;

	up("6.12");
	addr = anon(1, true);
	ck_assert_int_eq(slow_pin(addr, 1, both, &p), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, both, &p), -EINVAL);
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_INTERRUPTIBLE, &p), 1);
	unpin_user_page(p);
	down();
}
END_TEST

START_TEST(locked_not_one)
{
	int locked = 0;
	struct page *p;

	up("6.1");
	ck_assert_int_eq(remote_pin(anon(1, true), 0, &p, &locked), -EINVAL);
	down();
}
END_TEST

/* A11 to A15 */
START_TEST(zero_pages_zero)
{
	unsigned long addr;
	struct page *p = NULL;

	up("6.1");
	addr = anon(1, true);
	ck_assert_int_eq(slow_pin(addr, 0, 0, &p), 0);
	ck_assert_int_eq(pin_user_pages_fast(addr, 0, 0, &p), 0);
	ck_assert_int_eq(get_user_pages_fast(addr, 0, 0, &p), 0);
	ck_assert_int_eq(pin_user_pages_fast(0x10000, 0, 0, &p), 0);
	ck_assert_ptr_null(p);
	down();
}
END_TEST

static void wrapping(const char *rules, int fast)
{
	unsigned long last = -(unsigned long)PAGE_SIZE;
	struct page *p[2];

	up(rules);
	ck_assert_int_eq(pin_user_pages_fast(anon(1, true), -1, 0, p), fast);
	ck_assert_int_eq(pin_user_pages_fast(last, 2, 0, p), fast);
	ck_assert_int_eq(slow_pin(last, 2, 0, p), -EFAULT);
	down();
}

START_TEST(wrapping_6_1_zero) { wrapping("6.1", 0); } END_TEST
START_TEST(wrapping_6_12_eoverflow) { wrapping("6.12", -EOVERFLOW); } END_TEST

/* A16 */
START_TEST(kernel_half_efault)
{
	unsigned long addr = 0xffff888000000000UL;
	struct page *p;

	up("6.1");
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &p), -EFAULT);
	ck_assert_int_eq(slow_pin(addr, 1, 0, &p), -EFAULT);
	ck_assert_int_eq(get_user_pages_fast_only(addr, 1, 0, &p), 0);
	down();
}
END_TEST

/* A17, A18 */
START_TEST(hole_ends_the_range)
{
	unsigned long addr;
	struct page *p[6];

	up("6.1");
	addr = anon(6, true);
	ck_assert_int_eq(pinpage_munmap(addr + 3 * PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(slow_pin(addr, 6, 0, p), 3);
	unpin_user_pages(p, 3);
	ck_assert_int_eq(pin_user_pages_fast(addr, 6, 0, p), 3);
	unpin_user_pages(p, 3);
	addr += 3 * PAGE_SIZE;
	ck_assert_int_eq(slow_pin(addr, 2, 0, p), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, 0, p), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 2, 0, p), 0);
	down();
}
END_TEST

/* A19, A20, A24 */
START_TEST(rights_decide)
{
	unsigned long addr;
	struct page *p[4];

	up("6.1");
	addr = anon(4, true);
	pinpage_mprotect(addr + PAGE_SIZE, PAGE_SIZE, PROT_READ);
	ck_assert_int_eq(slow_pin(addr, 4, FOLL_WRITE, p), 1);
	unpin_user_page(p[0]);
	ck_assert_int_eq(pin_user_pages_fast(addr, 4, FOLL_WRITE, p), 1);
	unpin_user_page(p[0]);
	addr += PAGE_SIZE;
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_WRITE, p), -EFAULT);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, FOLL_WRITE, p),
			 -EFAULT);
	pinpage_mprotect(addr, PAGE_SIZE, PROT_WRITE);
	ck_assert_int_eq(slow_pin(addr, 1, 0, p), -EFAULT);
	down();
}
END_TEST

/* A21 to A23 */
START_TEST(force_writes_private_only)
{
	unsigned int force = FOLL_WRITE | FOLL_FORCE;
	unsigned long addr;
	struct page *p;

	up("6.1");
	addr = map(1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);
	ck_assert_int_eq(slow_pin(addr, 1, force, &p), 1);
	ck_assert(PageAnonExclusive(p));
	*(char *)page_address(p) = 42;
	ck_assert_uint_eq(get_byte(addr), 42);
	unpin_user_page(p);
	addr = map(1, PROT_READ, MAP_SHARED | MAP_ANONYMOUS);
	ck_assert_int_eq(slow_pin(addr, 1, force, &p), -EFAULT);
	addr = map(1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS);
	ck_assert_int_eq(slow_pin(addr, 1, 0, &p), -EFAULT);
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_FORCE, &p), 1);
	ck_assert(is_zero_page(p));
	unpin_user_page(p);
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, force, &p), 1);
	unpin_user_page(p);
	down();
}
END_TEST

/* a forced write where a store would have to be noted goes through a fault */
START_TEST(force_write_is_soft_dirty)
{
	unsigned int force = FOLL_WRITE | FOLL_FORCE;
	unsigned long addr;
	uint64_t entry;
	struct page *p;

	up("6.1");
	addr = map(1, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS);
	ck_assert_int_eq(slow_pin(addr, 1, force, &p), 1);
	unpin_user_page(p);
	ck_assert_int_eq(pinpage_clear_refs(mm, 4), 0);
	ck_assert_int_eq(slow_pin(addr, 1, force | FOLL_NOFAULT, &p), -EFAULT);
	ck_assert_int_eq(slow_pin(addr, 1, force, &p), 1);
	ck_assert_int_eq(pinpage_pagemap(mm, addr, &entry), 0);
	ck_assert(entry & PINPAGE_PM_SOFT_DIRTY);
	unpin_user_page(p);
	down();
}
END_TEST

/* A21 under the older rules of FOLL_FORCE */
START_TEST(force_writes_foll_cow)
{
	struct page *p;

	up("5.7");
	ck_assert_int_eq(slow_pin(map(1, PROT_READ,
				      MAP_PRIVATE | MAP_ANONYMOUS), 1,
				  FOLL_WRITE | FOLL_FORCE, &p), 1);
	unpin_user_page(p);
	down();
}
END_TEST

/* A25 */
START_TEST(nofault_takes_present_only)
{
	unsigned int flags = FOLL_WRITE | FOLL_NOFAULT;
	unsigned long addr;
	struct page *p[2];

	up("6.1");
	addr = anon(2, false);
	put_byte(addr, 1);
	ck_assert_int_eq(pin_user_pages_fast(addr, 2, flags, p), 1);
	unpin_user_page(p[0]);
	addr += PAGE_SIZE;
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, flags, p), -EFAULT);
	ck_assert_int_eq(slow_pin(addr, 1, flags, p), -EFAULT);
	down();
}
END_TEST

/* A27, A31, A32 */
START_TEST(anon_flag_and_nowait)
{
	unsigned long addr;
	struct page *p;

	up("6.1");
	addr = map(1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS);
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_ANON, &p), -EFAULT);
	addr = anon(1, false);
	ck_assert_int_eq(slow_pin(addr, 1, FOLL_WRITE | FOLL_NOWAIT, &p), 1);
	unpin_user_page(p);
	down();
}
END_TEST

/* not offered, not booted, wrong context, killed */
START_TEST(pin_not_offered_5_2)
{
	struct page *p;

	up("5.2");
	ck_assert_int_eq(pin_user_pages_fast(anon(1, true), 1, 0, &p),
			 -EINVAL);
	ck_assert(!pinpage_offers("pin_user_pages"));
	ck_assert(pinpage_offers("put_user_page"));
	ck_assert(!pinpage_offers("no_such_call"));
	ck_assert(!pinpage_offers(NULL));
	down();
}
END_TEST

START_TEST(before_boot_einval)
{
	struct page *p;
	bool unlocked;

	ck_assert_int_eq(get_user_pages_fast(0x1000, 1, 0, &p), -EINVAL);
	ck_assert_int_eq(get_user_pages_unlocked(0x1000, 1, &p, 0), -EINVAL);
	ck_assert_int_eq(pin_page((struct page *)64), -EINVAL);
	ck_assert_int_eq(fixup_user_fault(NULL, 0, 0, &unlocked), -EINVAL);
	ck_assert_int_eq(access_process_vm(NULL, 0, &p, 1, 0), 0);
	unpin_user_page((struct page *)64);
}
END_TEST

START_TEST(atomic_context_einval)
{
	unsigned long addr;
	struct page *p;

	up("6.1");
	addr = anon(1, true);
	pinpage_softirq_enter();
	ck_assert_int_eq(pin_user_pages_fast(addr, 1, 0, &p), -EINVAL);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p, 0), -EINVAL);
	ck_assert_int_eq(pin_user_pages_fast_only(addr, 1, 0, &p), 1);
	unpin_user_page(p);
	pinpage_softirq_exit();
	down();
}
END_TEST

START_TEST(killed_before_first_page_eintr)
{
	struct page *p;

	up("6.1");
	pinpage_send_sigkill(pinpage_current());
	ck_assert_int_eq(pin_user_pages_unlocked(anon(1, false), 1, &p, 0),
			 -EINTR);
	down();
}
END_TEST

START_TEST(no_mm_efault)
{
	struct page *p;

	up("6.1");
	kthread_use_mm(NULL);
	ck_assert_int_eq(pin_user_pages_fast(0x1000, 1, 0, &p), -EFAULT);
	kthread_use_mm(mm);
	down();
}
END_TEST

START_TEST(lock_not_held_einval)
{
	unsigned long addr;
	struct page *p;

	up("6.1");
	addr = anon(1, true);
	ck_assert_int_eq(get_user_pages(addr, 1, 0, &p), -EINVAL);
	ck_assert_int_eq(pin_user_pages(addr, 1, 0, &p), -EINVAL);
	ck_assert_int_eq(get_user_pages_remote(mm, addr, 1, 0, &p, NULL),
			 -EINVAL);
	ck_assert_int_eq(fixup_user_fault(mm, addr, 0, NULL), -EINVAL);
	down();
}
END_TEST

START_TEST(offers_follow_the_rules)
{
	up("5.7");
	ck_assert(pinpage_offers("get_user_pages_locked"));
	ck_assert(pinpage_offers("pin_user_pages_locked"));
	ck_assert(!pinpage_offers("get_user_page_vma_remote"));
	ck_assert(!pinpage_offers("unpin_folios"));
	down();
	up("6.12");
	ck_assert(!pinpage_offers("get_user_pages_locked"));
	ck_assert(pinpage_offers("get_user_page_vma_remote"));
	ck_assert(pinpage_offers("unpin_folios"));
	down();
}
END_TEST

START_TEST(pin_page_bad_page_einval)
{
	up("6.1");
	ck_assert_int_eq(pin_page(NULL), -EINVAL);
	ck_assert_int_eq(pin_page((struct page *)&mm), -EINVAL);
	down();
}
END_TEST

START_TEST(vma_remote_forms)
{
	struct vm_area_struct *vma = NULL;
	unsigned long addr;
	struct page *page;

	up("6.12");
	addr = anon(1, true);
	mmap_read_lock(mm);
	page = get_user_page_vma_remote(mm, addr, FOLL_WRITE, &vma);
	ck_assert_ptr_eq(page, page_at(addr));
	ck_assert_ptr_nonnull(vma);
	put_page(page);
	page = get_user_page_vma_remote(mm, addr, FOLL_NOWAIT, &vma);
	ck_assert_int_eq((long)page, -EINVAL);
	page = get_user_page_vma_remote(mm, 0x10000, 0, NULL);
	ck_assert_int_eq((long)page, -EFAULT);
	mmap_read_unlock(mm);
	down();
}
END_TEST

START_TEST(vmas_filled)
{
	struct vm_area_struct *vmas[2] = { NULL, NULL };
	unsigned long addr;
	struct page *p[2];

	up("6.1");
	addr = anon(2, true);
	mmap_read_lock(mm);
	ck_assert_int_eq(pinpage_pin_user_pages_vmas(addr, 2, 0, p, vmas), 2);
	unpin_user_pages(p, 2);
	ck_assert_ptr_nonnull(vmas[0]);
	ck_assert_ptr_eq(vmas[0], vmas[1]);
	ck_assert_int_eq(pinpage_get_user_pages_vmas(addr, 1, 0, p, NULL), 1);
	put_page(p[0]);
	mmap_read_unlock(mm);
	down();
}
END_TEST

START_TEST(one_page_fast_only)
{
	unsigned long addr;
	struct page *page;

	up("6.1");
	addr = anon(2, false);
	ck_assert(!get_user_page_fast_only(addr, 0, &page));
	put_byte(addr, 1);
	ck_assert(get_user_page_fast_only(addr, 0, &page));
	put_page(page);
	down();
}
END_TEST

START_TEST(out_of_memory_enomem)
{
	unsigned long addr;
	struct page *p;

	up("6.1");
	addr = anon(1, false);
	pinpage_inject_alloc(1);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p, FOLL_WRITE),
			 -ENOMEM);
	pinpage_inject_alloc(0);
	ck_assert_int_eq(pin_user_pages_unlocked(addr, 1, &p, FOLL_WRITE), 1);
	unpin_user_page(p);
	down();
}
END_TEST

Suite *args_suite(void)
{
	Suite *suite = suite_create("args");

	pp_test_add(suite, get_flag_on_pin_5_7);
	pp_test_add(suite, get_flag_on_pin_6_1);
	pp_test_add(suite, get_flag_on_pin_6_12);
	pp_test_add(suite, pin_and_longterm_flags_on_get);
	pp_test_add(suite, longterm_on_get_allowed_5_2);
	pp_test_add(suite, longterm_unlocked_6_1);
	pp_test_add(suite, longterm_unlocked_6_5);
	pp_test_add(suite, null_pages_6_1_einval);
	pp_test_add(suite, null_pages_6_12_zero);
	pp_test_add(suite, null_pages_get_populates);
	pp_test_add(suite, pin_flag_on_pin_by_era);
	pp_test_add(suite, fast_whitelist);
	pp_test_add(suite, unknown_flag_slow);
	pp_test_add(suite, longterm_p2pdma);
	pp_test_add(suite, locked_not_one);
	pp_test_add(suite, zero_pages_zero);
	pp_test_add(suite, wrapping_6_1_zero);
	pp_test_add(suite, wrapping_6_12_eoverflow);
	pp_test_add(suite, kernel_half_efault);
	pp_test_add(suite, hole_ends_the_range);
	pp_test_add(suite, rights_decide);
	pp_test_add(suite, force_writes_private_only);
	pp_test_add(suite, force_writes_foll_cow);
	pp_test_add(suite, force_write_is_soft_dirty);
	pp_test_add(suite, nofault_takes_present_only);
	pp_test_add(suite, anon_flag_and_nowait);
	pp_test_add(suite, pin_not_offered_5_2);
	pp_test_add(suite, before_boot_einval);
	pp_test_add(suite, atomic_context_einval);
	pp_test_add(suite, killed_before_first_page_eintr);
	pp_test_add(suite, no_mm_efault);
	pp_test_add(suite, lock_not_held_einval);
	pp_test_add(suite, offers_follow_the_rules);
	pp_test_add(suite, pin_page_bad_page_einval);
	pp_test_add(suite, vma_remote_forms);
	pp_test_add(suite, vmas_filled);
	pp_test_add(suite, one_page_fast_only);
	pp_test_add(suite, out_of_memory_enomem);
	return suite;
}
