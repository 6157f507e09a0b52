// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Huge pages that were set apart: the pool and its promises, faults, COW,
 * fork, pins (semantics 3.1, cases H08, H09, F15), files.
 */
#include "gup/gup.h"
#include "machine.h"
#include "suites.h"

#define POOL	4
#define HUGE	(PRIV | MAP_HUGETLB)
#define HSHARED	(SHARED | MAP_HUGETLB)
#ifndef MFD_HUGETLB
#define MFD_HUGETLB 4U
#endif

static struct page *pages[HPAGE_PMD_NR];

static void pool_up(const char *rules, enum pinpage_engine engine)
{
	boot(rules, engine, 8192);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(POOL), POOL);
}

static void up_pool(void) { pool_up("6.1", PINPAGE_ENGINE_NATIVE); }
static void up_pool_fiber(void) { pool_up("6.1", PINPAGE_ENGINE_FIBER); }

static void assert_pool(unsigned long free, unsigned long reserved)
{
	struct pinpage_hugetlb_info info;

	pinpage_hugetlb_info(&info);
	ck_assert_uint_eq(info.free, free);
	ck_assert_uint_eq(info.reserved, reserved);
}

static unsigned long hmap(unsigned long nr, int flags)
{
	return map(nr * HPAGE_PMD_NR, RW, flags);
}

static long try_map(unsigned long bytes, int flags)
{
	return pinpage_mmap(0, bytes, RW, flags, NULL, 0);
}

static struct page *head_of(struct mm_struct *in, unsigned long addr)
{
	return compound_head(page_of(in, addr));
}

static int pin_some(unsigned long addr, int nr, unsigned int flags)
{
	return pinpage_pin_user_pages_fast(addr, nr, flags, pages);
}

/* the pool */

START_TEST(pool_grows_and_shrinks)
{
	struct pinpage_hugetlb_info info;

	ck_assert_int_eq(pinpage_hugetlb_set_pool(6), 6);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(1), 1);
	ck_assert_int_lt(pinpage_hugetlb_set_pool(1000), 17);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(0), 0);
	pinpage_hugetlb_info(&info);
	ck_assert_uint_eq(info.total, 0);
	ck_assert_int_eq(try_map(PMD_SIZE, HUGE), -ENOMEM);
}
END_TEST

START_TEST(pool_waits_for_what_is_promised)
{
	unsigned long addr = hmap(2, HUGE);

	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(0), 2);
	put(mm, addr + PMD_SIZE, 2);
	ck_assert_int_eq(pinpage_munmap(addr, 2 * PMD_SIZE), 0);
	ck_assert_int_eq(pinpage_hugetlb_set_pool(0), 0);
}
END_TEST

START_TEST(mapping_promises_and_faults_use_up)
{
	unsigned long addr = hmap(3, HUGE);

	assert_pool(4, 3);
	put(mm, addr, 1);
	put(mm, addr + PMD_SIZE + 5, 2);
	assert_pool(2, 1);
	ck_assert_int_eq(get(mm, addr + 1), 0);
	ck_assert_int_eq(pinpage_munmap(addr + PMD_SIZE, 2 * PMD_SIZE), 0);
	assert_pool(3, 0);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	assert_pool(4, 0);
}
END_TEST

START_TEST(more_than_the_pool_enomem)
{
	unsigned long addr = hmap(3, HUGE);

	ck_assert_int_eq(try_map(2 * PMD_SIZE, HUGE), -ENOMEM);
	ck_assert_int_eq(try_map(2 * PMD_SIZE, HSHARED), -ENOMEM);
	ck_assert_int_eq(pinpage_munmap(addr, 3 * PMD_SIZE), 0);
	addr = hmap(4, HSHARED);
	assert_pool(4, 4);
	ck_assert_int_eq(pinpage_munmap(addr, 4 * PMD_SIZE), 0);
	assert_pool(4, 0);
}
END_TEST

START_TEST(empty_pool_is_sigbus)
{
	unsigned long addr = hmap(6, HUGE | MAP_NORESERVE);
	unsigned char byte = 1;

	for (int i = 0; i < POOL; i++)
		put(mm, addr + i * PMD_SIZE, 1);
	ck_assert_int_eq(pinpage_store(mm, addr + POOL * PMD_SIZE, &byte, 1),
			 -EFAULT);
	ck_assert_int_eq(pin_some(addr + POOL * PMD_SIZE, 1, FOLL_WRITE),
			 -EFAULT);
	ck_assert_int_eq(pin_some(addr + (POOL - 1) * PMD_SIZE + 511 * PAGE_SIZE,
				  2, FOLL_WRITE), 1);
	pinpage_unpin_user_page(pages[0]);
}
END_TEST

START_TEST(bounds_are_huge)
{
	unsigned long addr = (unsigned long)try_map(PAGE_SIZE, HUGE);

	ck_assert_uint_eq(addr & ~PMD_MASK, 0);
	put(mm, addr + PMD_SIZE - 1, 3);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PMD_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_mprotect(addr, PAGE_SIZE, PROT_READ), -EINVAL);
	ck_assert_int_eq(pinpage_mremap(addr, PMD_SIZE, 2 * PMD_SIZE,
					MREMAP_MAYMOVE, 0), -EINVAL);
	ck_assert_int_eq(pinpage_mmap(addr + PAGE_SIZE, PMD_SIZE, RW,
				      HUGE | MAP_FIXED, NULL, 0), -EINVAL);
	ck_assert_int_eq(try_map(PMD_SIZE, HUGE | 30 << MAP_HUGE_SHIFT),
			 -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_HUGEPAGE),
			 0);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_PAGEOUT),
			 -EINVAL);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE - 1), 3);
}
END_TEST

START_TEST(dontneed_drops_whole_pages)
{
	unsigned long addr = hmap(1, HUGE);

	put(mm, addr, 3);
	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PMD_SIZE - PAGE_SIZE,
					 MADV_DONTNEED), -EINVAL);
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(get(mm, addr), 3);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(get(mm, addr), 0);
}
END_TEST

START_TEST(dontneed_refused_5_10)
{
	unsigned long addr;

	down();
	pool_up("5.10", PINPAGE_ENGINE_NATIVE);
	addr = hmap(1, HUGE);
	ck_assert_int_eq(pinpage_madvise(addr, PMD_SIZE, MADV_DONTNEED),
			 -EINVAL);
}
END_TEST

/* pins */

/* H08, H09 */
START_TEST(pins_are_counted_exactly)
{
	unsigned long addr = hmap(1, HUGE);
	struct page *head;
	long got;

	put(mm, addr, 1);
	head = head_of(mm, addr);
	ck_assert_int_eq(page_count(head), 1);
	ck_assert_int_eq(pin_some(addr + 7 * PAGE_SIZE, 5, FOLL_WRITE), 5);
	ck_assert_ptr_eq(pages[4], head + 11);
	ck_assert_int_eq(page_count(head), 6);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), 5);
	pinpage_unpin_user_pages(pages, 5);
	pinpage_mmap_read_lock(mm);
	got = pinpage_pin_user_pages(addr, HPAGE_PMD_NR, FOLL_WRITE, pages);
	pinpage_mmap_read_unlock(mm);
	ck_assert_int_eq(got, HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_head_compound_pincount(head), HPAGE_PMD_NR);
	ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
	assert_pool(3, 0);
	pinpage_unpin_user_pages(pages, HPAGE_PMD_NR);
	assert_pool(4, 0);
}
END_TEST

START_TEST(absent_page_is_faulted_in)
{
	unsigned long addr = hmap(2, HUGE);

	ck_assert_int_eq(pin_some(addr + PMD_SIZE - PAGE_SIZE, 2, 0), 2);
	ck_assert(PageAnonExclusive(compound_head(pages[0])));
	pinpage_unpin_user_pages(pages, 2);
}
END_TEST

/* a read-only leaf whose mark is in the head */
START_TEST(read_pin_of_a_tail_ends)
{
	unsigned long addr = hmap(1, HUGE), thp = huge();

	put(mm, addr, 1);
	ck_assert_int_eq(pinpage_mprotect(addr, PMD_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pin_some(addr + 3 * PAGE_SIZE, 2, 0), 2);
	pinpage_unpin_user_pages(pages, 2);
	ck_assert_int_eq(pin_some(addr, 1, FOLL_WRITE), -EFAULT);
	ck_assert_int_eq(pinpage_mprotect(thp, PMD_SIZE, PROT_READ), 0);
	ck_assert_int_eq(pin_some(thp + 3 * PAGE_SIZE, 2, 0), 2);
	pinpage_unpin_user_pages(pages, 2);
}
END_TEST

static long slow(unsigned long addr, unsigned int flags)
{
	long got;

	pinpage_mmap_read_lock(mm);
	got = pinpage_pin_user_pages(addr, 1, flags, pages);
	pinpage_mmap_read_unlock(mm);
	if (got == 1)
		pinpage_unpin_user_page(pages[0]);
	return got;
}

static void flags_by_era(const char *rules, long force, long split)
{
	unsigned long addr;

	down();
	pool_up(rules, PINPAGE_ENGINE_NATIVE);
	addr = map(HPAGE_PMD_NR, PROT_READ, HUGE);
	ck_assert_int_eq(slow(addr, FOLL_WRITE | FOLL_FORCE), force);
	ck_assert_int_eq(slow(addr, FOLL_SPLIT_PMD), split);
	ck_assert_int_eq(slow(addr, FOLL_ANON), -EFAULT);
	addr = hmap(1, HSHARED);
	ck_assert_int_eq(slow(addr, FOLL_LONGTERM | FOLL_WRITE), 1);
}

START_TEST(force_and_split_6_12) { flags_by_era("6.12", -EFAULT, -EOPNOTSUPP); } END_TEST
START_TEST(force_and_split_7_3) { flags_by_era("7.3", 1, -EOPNOTSUPP); } END_TEST

/* its frames are being emptied, and it does not move: no endless walk */
START_TEST(longterm_in_an_emptied_range_enomem)
{
	unsigned long addr = hmap(1, HUGE), pfn;
	int base;

	put(mm, addr, 1);
	pfn = page_to_pfn(head_of(mm, addr));
	base = page_count(head_of(mm, addr));
	ck_assert_int_eq(pp_isolate_range(pfn, pfn + HPAGE_PMD_NR), 0);
	ck_assert_int_eq(pin_some(addr, 2, FOLL_LONGTERM | FOLL_WRITE), -ENOMEM);
	ck_assert_int_eq(page_count(head_of(mm, addr)), base);
	pp_unisolate_range(pfn, pfn + HPAGE_PMD_NR);
	ck_assert_int_eq(pin_some(addr, 2, FOLL_LONGTERM | FOLL_WRITE), 2);
	pinpage_unpin_user_pages(pages, 2);
}
END_TEST

/* fork and COW */

START_TEST(fork_shares_then_copies)
{
	unsigned long addr = hmap(1, HUGE);
	struct mm_struct *child;
	struct page *head;

	put(mm, addr, 1);
	head = head_of(mm, addr);
	child = pinpage_fork_mm(mm);
	ck_assert(!IS_ERR(child));
	ck_assert_ptr_eq(head_of(child, addr), head);
	ck_assert_int_eq(page_count(head), 2);
	put(child, addr + PAGE_SIZE, 2);
	ck_assert_ptr_ne(head_of(child, addr), head);
	ck_assert_int_eq(get(child, addr), 1);
	ck_assert_int_eq(get(mm, addr + PAGE_SIZE), 0);
	put(mm, addr, 5);
	ck_assert_ptr_eq(head_of(mm, addr), head);
	pinpage_mmput(child);
	assert_pool(3, 0);
}
END_TEST

/* F15 */
static unsigned long told_start, told_end;
static unsigned int ended;

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	(void)mn;
	told_start = range->start;
	told_end = range->end;
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	(void)mn;
	(void)range;
	ended++;
}

START_TEST(copy_is_told_to_notifiers)
{
	static const struct mmu_notifier_ops ops = {
		.invalidate_range_start = on_start, .invalidate_range_end = on_end,
	};
	struct mmu_notifier mn = { .ops = &ops };
	unsigned long addr = hmap(1, HUGE);
	struct mm_struct *child;

	put(mm, addr, 1);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&mn, child), 0);
	put(child, addr + 5, 2);
	ck_assert_uint_eq(ended, 1);
	ck_assert_uint_eq(told_start, addr);
	ck_assert_uint_eq(told_end, addr + PMD_SIZE);
	put(child, addr + 6, 2);
	ck_assert_uint_eq(ended, 1);
	pinpage_mmu_notifier_unregister(&mn, child);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pinned_page_is_copied_at_fork)
{
	unsigned long addr = hmap(1, HUGE);
	struct mm_struct *child;
	struct page *head;

	put(mm, addr, 1);
	ck_assert_int_eq(pin_some(addr, 1, FOLL_WRITE), 1);
	head = compound_head(pages[0]);
	child = pinpage_fork_mm(mm);
	ck_assert(!IS_ERR(child));
	ck_assert_ptr_ne(head_of(child, addr), head);
	ck_assert_uint_eq(folio_order((struct folio *)head_of(child, addr)),
			  HPAGE_PMD_ORDER);
	ck_assert(pte_of(mm, addr) & PINPAGE_PTE_WRITE);
	ck_assert(PageAnonExclusive(head));
	put(mm, addr, 7);
	ck_assert_int_eq(*(char *)page_address(pages[0]), 7);
	ck_assert_int_eq(get(child, addr), 1);
	pinpage_unpin_user_page(pages[0]);
	pinpage_mmput(child);
}
END_TEST

START_TEST(pinned_page_is_shared_at_fork_5_10)
{
	struct mm_struct *child;
	unsigned long addr;

	down();
	pool_up("5.10", PINPAGE_ENGINE_NATIVE);
	addr = hmap(1, HUGE);
	put(mm, addr, 1);
	ck_assert_int_eq(pin_some(addr, 1, FOLL_WRITE), 1);
	child = pinpage_fork_mm(mm);
	ck_assert_ptr_eq(head_of(child, addr), compound_head(pages[0]));
	pinpage_unpin_user_page(pages[0]);
	pinpage_mmput(child);
}
END_TEST

/* the copy may not take what was promised to others */
START_TEST(fork_of_pinned_enomem)
{
	unsigned long addr = hmap(POOL, HUGE);

	put(mm, addr, 1);
	ck_assert_int_eq(pin_some(addr, 1, FOLL_WRITE), 1);
	assert_pool(3, 3);
	ck_assert_int_eq(PTR_ERR(pinpage_fork_mm(mm)), -ENOMEM);
	pinpage_unpin_user_page(pages[0]);
	put(mm, addr, 2);
	assert_pool(3, 3);
}
END_TEST

START_TEST(owner_takes_from_its_child)
{
	unsigned long addr = hmap(POOL, HUGE);
	struct mm_struct *child;
	struct page *head;
	unsigned char byte;

	for (int i = 0; i < POOL; i++)
		put(mm, addr + i * PMD_SIZE, 1);
	head = head_of(mm, addr);
	child = pinpage_fork_mm(mm);
	ck_assert(!IS_ERR(child));
	ck_assert_int_eq(pinpage_store(child, addr + PMD_SIZE, "x", 1), -EFAULT);
	put(mm, addr, 2);
	ck_assert_ptr_eq(head_of(mm, addr), head);
	ck_assert_int_eq(pinpage_load(child, addr, &byte, 1), -EFAULT);
	ck_assert_int_eq(get(child, addr + PMD_SIZE), 1);
	pinpage_mmput(child);
}
END_TEST

START_TEST(read_pin_of_shared_page_unshares)
{
	unsigned long addr = hmap(1, HUGE);
	struct mm_struct *child;
	struct page *head;

	put(mm, addr, 1);
	head = head_of(mm, addr);
	child = pinpage_fork_mm(mm);
	ck_assert_int_eq(pinpage_pin_user_pages_fast_only(addr + PAGE_SIZE, 1, 0,
							  pages), 0);
	ck_assert_int_eq(pin_some(addr + PAGE_SIZE, 1, 0), 1);
	ck_assert_ptr_ne(compound_head(pages[0]), head);
	ck_assert(PageAnonExclusive(compound_head(pages[0])));
	put(mm, addr + PAGE_SIZE, 4);
	ck_assert_int_eq(*(char *)page_address(pages[0]), 4);
	pinpage_unpin_user_page(pages[0]);
	pinpage_mmput(child);
}
END_TEST

START_TEST(every_failed_allocation_leaves_nothing)
{
	struct mm_struct *child;
	unsigned long addr;
	bool fired = true;

	for (unsigned long n = 1; fired; n++) {
		addr = hmap(1, HUGE);
		pp_inject_alloc(n);
		(void)pinpage_store(mm, addr, "x", 1);
		if (pin_some(addr, 1, FOLL_WRITE) == 1) {
			child = pinpage_fork_mm(mm);
			if (!IS_ERR(child))
				pinpage_mmput(child);
			pinpage_unpin_user_page(pages[0]);
		}
		fired = pp_inject_alloc_fired();
		pp_inject_alloc(0);
		ck_assert_int_eq(pinpage_munmap(addr, PMD_SIZE), 0);
		assert_pool(4, 0);
	}
}
END_TEST

/* files */

static struct file *huge_memfd(unsigned long nr)
{
	struct file *file = pinpage_memfd_create("huge", MFD_HUGETLB);

	ck_assert(!IS_ERR(file));
	ck_assert_int_eq(pinpage_ftruncate(file, (pinpage_loff_t)(nr * PMD_SIZE)),
			 0);
	return file;
}

START_TEST(memfd_is_shared_and_stays)
{
	struct file *file = huge_memfd(2);
	unsigned long a = map_file(file, 2 * HPAGE_PMD_NR, RW, MAP_SHARED);
	unsigned long b = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	char bytes[2] = "zz";

	assert_pool(4, 2);
	put(mm, a + 5, 6);
	ck_assert_int_eq(get(mm, b + 5), 6);
	ck_assert_ptr_eq(head_of(mm, a), head_of(mm, b));
	ck_assert_int_eq(page_count(head_of(mm, a)), 3);
	ck_assert_int_eq(pinpage_pread(file, bytes, 2, 4), 2);
	ck_assert_int_eq(bytes[0], 0);
	ck_assert_int_eq(bytes[1], 6);
	ck_assert_int_eq(pinpage_pwrite(file, bytes, 2, 0), -EINVAL);
	pinpage_munmap(a, 2 * PMD_SIZE);
	pinpage_munmap(b, PMD_SIZE);
	assert_pool(3, 1);
	ck_assert_uint_eq(pinpage_file_blocks(file), PMD_SIZE / 512);
	pinpage_filp_close(file);
	assert_pool(4, 0);
}
END_TEST

START_TEST(truncation_orphans_a_pinned_page)
{
	struct file *file = huge_memfd(2);
	unsigned long addr = map_file(file, 2 * HPAGE_PMD_NR, RW, MAP_SHARED);
	struct page *head;

	put(mm, addr + PMD_SIZE, 6);
	ck_assert_int_eq(pin_some(addr + PMD_SIZE, 1, FOLL_WRITE), 1);
	head = compound_head(pages[0]);
	ck_assert_int_eq(pinpage_ftruncate(file, PMD_SIZE + PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_ftruncate(file, PMD_SIZE), 0);
	ck_assert_int_eq(page_count(head), 1);
	ck_assert_ptr_null(head->mapping);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE), -EFAULT);
	ck_assert_int_eq(*(char *)page_address(pages[0]), 6);
	assert_pool(3, 1);
	pinpage_unpin_user_page(pages[0]);
	assert_pool(4, 1);
	pinpage_munmap(addr, 2 * PMD_SIZE);
	pinpage_filp_close(file);
}
END_TEST

/* and zeroes of the others what it covers, from 6.0 on */
static void punch_pages(bool zeroes)
{
	struct file *file = huge_memfd(2);
	unsigned long addr = map_file(file, 2 * HPAGE_PMD_NR, RW, MAP_SHARED);
	const int mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;

	put(mm, addr, 1);
	put(mm, addr + PMD_SIZE, 2);
	put(mm, addr + PMD_SIZE + 2 * PAGE_SIZE, 3);
	ck_assert_int_eq(pinpage_fallocate(file, mode, PAGE_SIZE,
					   PMD_SIZE + PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr), 1);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE), zeroes ? 0 : 2);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE + PAGE_SIZE * 2), 3);
	ck_assert_int_eq(pinpage_fallocate(file, mode, 0, PMD_SIZE), 0);
	ck_assert_int_eq(get(mm, addr + PMD_SIZE + PAGE_SIZE * 2), 3);
	assert_pool(3, 0);
	ck_assert_int_eq(get(mm, addr), 0);
	ck_assert_int_eq(pinpage_fallocate(file, 0, 0, 8 * PMD_SIZE), -ENOSPC);
	pinpage_munmap(addr, 2 * PMD_SIZE);
	pinpage_filp_close(file);
}

START_TEST(punch_takes_whole_pages) { punch_pages(true); } END_TEST
START_TEST(punch_takes_whole_pages_5_19)
{
	reboot("5.19");
	ck_assert_int_eq(pinpage_hugetlb_set_pool(4), 4);
	punch_pages(false);
}
END_TEST

START_TEST(private_mapping_of_a_file_copies)
{
	struct file *file = huge_memfd(1);
	unsigned long shared = map_file(file, HPAGE_PMD_NR, RW, MAP_SHARED);
	unsigned long priv = map_file(file, HPAGE_PMD_NR, RW, MAP_PRIVATE);

	put(mm, shared, 1);
	ck_assert_int_eq(get(mm, priv), 1);
	ck_assert_ptr_eq(head_of(mm, priv), head_of(mm, shared));
	assert_pool(3, 1);
	put(mm, priv, 2);
	assert_pool(2, 0);
	ck_assert_int_eq(get(mm, shared), 1);
	ck_assert(PageAnon(head_of(mm, priv)));
	pinpage_munmap(shared, PMD_SIZE);
	pinpage_munmap(priv, PMD_SIZE);
	pinpage_filp_close(file);
}
END_TEST

START_TEST(wrong_requests_are_refused)
{
	struct file *file = huge_memfd(1), *small = ram_file(1);

	ck_assert_int_eq(pinpage_mmap(0, PMD_SIZE, RW, MAP_SHARED, file,
				      PAGE_SIZE), -EINVAL);
	ck_assert_int_eq(pinpage_mmap(0, PMD_SIZE, RW,
				      MAP_SHARED | MAP_HUGETLB, small, 0),
			 -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_memfd_create("h", MFD_HUGETLB |
						      30u << 26)), -ENODEV);
	pinpage_filp_close(file);
}
END_TEST

static void both(Suite *s, const TTest *fn)
{
	on(s, fn, up_pool);
	on(s, fn, up_pool_fiber);
}

Suite *hugetlb_suite(void)
{
	Suite *s = suite_create("mm/hugetlb");

	both(s, pool_grows_and_shrinks);
	both(s, pool_waits_for_what_is_promised);
	both(s, mapping_promises_and_faults_use_up);
	both(s, more_than_the_pool_enomem);
	both(s, empty_pool_is_sigbus);
	both(s, bounds_are_huge);
	both(s, dontneed_drops_whole_pages);
	on(s, dontneed_refused_5_10, up_pool);
	both(s, pins_are_counted_exactly);
	both(s, absent_page_is_faulted_in);
	both(s, read_pin_of_a_tail_ends);
	on(s, force_and_split_6_12, up_pool);
	on(s, force_and_split_7_3, up_pool);
	both(s, fork_shares_then_copies);
	both(s, longterm_in_an_emptied_range_enomem);
	both(s, copy_is_told_to_notifiers);
	both(s, pinned_page_is_copied_at_fork);
	on(s, pinned_page_is_shared_at_fork_5_10, up_pool);
	both(s, fork_of_pinned_enomem);
	both(s, owner_takes_from_its_child);
	both(s, read_pin_of_shared_page_unshares);
	both(s, every_failed_allocation_leaves_nothing);
	both(s, memfd_is_shared_and_stays);
	both(s, truncation_orphans_a_pinned_page);
	both(s, punch_takes_whole_pages);
	both(s, punch_takes_whole_pages_5_19);
	both(s, private_mapping_of_a_file_copies);
	on(s, wrong_requests_are_refused, up_pool);
	return s;
}
