// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Notifiers: who is told, where, of which range, and until when.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"

#define HEARD_MAX 16

/* a subscriber that writes down what it hears */
static struct ear {
	struct mmu_notifier mn;
	unsigned int starts, ends, releases, flushes, changes;
	struct mmu_notifier_range heard[HEARD_MAX];
	struct page *drop;		/* reference to drop in start */
	bool young, refuse;
	unsigned long pfn;		/* of the last change_pte() */
} ear, other;

static struct ear *ear_of(struct mmu_notifier *mn)
{
	return container_of(mn, struct ear, mn);
}

static int on_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct ear *e = ear_of(mn);

	if (e->refuse)
		return -EAGAIN;
	if (e->starts < HEARD_MAX)
		e->heard[e->starts] = *range;
	e->starts++;
	if (e->drop) {
		ck_assert_int_gt(page_count(e->drop), 1);
		pp_unref(e->drop);
		e->drop = NULL;
	}
	return 0;
}

static void on_end(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct ear *e = ear_of(mn);

	if (e->ends < HEARD_MAX && e->starts <= HEARD_MAX)
		ck_assert_ptr_eq(range->mm, mm);
	e->ends++;
}

static void on_release(struct mmu_notifier *mn, struct mm_struct *of)
{
	ck_assert_ptr_nonnull(of);
	ear_of(mn)->releases++;
}

static int on_young(struct mmu_notifier *mn, struct mm_struct *of, unsigned long start,
		    unsigned long end)
{
	bool young = ear_of(mn)->young;

	ck_assert_ptr_eq(of, mm);
	ck_assert_uint_eq(end - start, PAGE_SIZE);
	ear_of(mn)->young = false;
	return young;
}

static int on_test(struct mmu_notifier *mn, struct mm_struct *of, unsigned long addr)
{
	(void)of;
	(void)addr;
	return ear_of(mn)->young;
}

static void on_change(struct mmu_notifier *mn, struct mm_struct *of, unsigned long addr,
		      pinpage_pte_t pte)
{
	(void)of;
	(void)addr;
	ear_of(mn)->changes++;
	ear_of(mn)->pfn = pte.pte >> PAGE_SHIFT;
}

static void on_flush(struct mmu_notifier *mn, struct mm_struct *of, unsigned long start,
		     unsigned long end)
{
	(void)of;
	ck_assert_uint_lt(start, end);
	ear_of(mn)->flushes++;
}

static const struct mmu_notifier_ops ops = {
	.release = on_release,
	.clear_flush_young = on_young,
	.clear_young = on_young,
	.test_young = on_test,
	.change_pte = on_change,
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
	.invalidate_range = on_flush,
};

static void listen(struct ear *e)
{
	*e = (struct ear){ .mn.ops = &ops };
	ck_assert_int_eq(pinpage_mmu_notifier_register(&e->mn, mm), 0);
}

static void stop(struct ear *e)
{
	pinpage_mmu_notifier_unregister(&e->mn, mm);
	ck_assert_uint_eq(e->starts, e->ends);
	ck_assert_uint_eq(e->releases, 1);
}

/* the @n-th thing heard was this */
static void heard(unsigned int n, enum mmu_notifier_event event, unsigned long start,
		  unsigned long end)
{
	const struct mmu_notifier_range *r = &ear.heard[n];

	ck_assert_uint_lt(n, ear.starts);
	ck_assert_int_eq(r->event, event);
	ck_assert_uint_eq(r->start, start);
	ck_assert_uint_eq(r->end, end);
	ck_assert_ptr_eq(r->mm, mm);
	ck_assert(pinpage_mmu_notifier_range_blockable(r));
}

/* that alone was heard */
static void heard_once(enum mmu_notifier_event event, unsigned long start,
		       unsigned long end)
{
	ck_assert_uint_eq(ear.starts, 1);
	ck_assert_uint_eq(ear.ends, 1);
	heard(0, event, start, end);
}

static void again(void)
{
	ear.starts = ear.ends = ear.flushes = ear.changes = 0;
}

/* where */

START_TEST(filling_an_empty_entry_tells_nobody)
{
	unsigned long addr = map(4, RW, PRIV);

	listen(&ear);
	ck_assert_int_eq(get(mm, addr), 0);
	put(mm, addr + PAGE_SIZE, 1);
	ck_assert_uint_eq(ear.starts, 0);
	stop(&ear);
}
END_TEST

START_TEST(munmap_says_unmap)
{
	unsigned long addr = anon(4);

	listen(&ear);
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	heard_once(MMU_NOTIFY_UNMAP, addr + PAGE_SIZE, addr + 3 * PAGE_SIZE);
	again();
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, 2 * PAGE_SIZE), 0);
	ck_assert_uint_eq(ear.starts, 0);
	stop(&ear);
}
END_TEST

START_TEST(dontneed_says_clear_for_each_area)
{
	unsigned long addr = anon(4);

	ck_assert_int_eq(pinpage_mprotect(addr + 2 * PAGE_SIZE, 2 * PAGE_SIZE, PROT_READ), 0);
	listen(&ear);
	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(ear.starts, 2);
	heard(0, MMU_NOTIFY_CLEAR, addr + PAGE_SIZE, addr + 2 * PAGE_SIZE);
	heard(1, MMU_NOTIFY_CLEAR, addr + 2 * PAGE_SIZE, addr + 3 * PAGE_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(mprotect_says_protection_from_the_first_table_on)
{
	unsigned long addr = map(3 * HPAGE_PMD_NR, RW, PRIV) + PAGE_SIZE;
	unsigned long end = addr - PAGE_SIZE + 3 * PMD_SIZE;

	put(mm, addr + PMD_SIZE, 1);
	listen(&ear);
	ck_assert_int_eq(pinpage_mprotect(addr, end - addr, PROT_READ), 0);
	heard_once(MMU_NOTIFY_PROTECTION_VMA, (addr + PMD_SIZE) & PMD_MASK, end);
	stop(&ear);
}
END_TEST

START_TEST(mprotect_of_untouched_memory_tells_nobody)
{
	unsigned long addr = map(4, RW, PRIV);

	listen(&ear);
	ck_assert_int_eq(pinpage_mprotect(addr, 4 * PAGE_SIZE, PROT_READ), 0);
	ck_assert_uint_eq(ear.starts, 0);
	stop(&ear);
}
END_TEST

START_TEST(mremap_says_unmap_for_the_old_place)
{
	unsigned long addr = anon(4);
	long to;

	listen(&ear);
	to = pinpage_mremap(addr, 2 * PAGE_SIZE, 8 * PAGE_SIZE, MREMAP_MAYMOVE, 0);
	ck_assert_int_gt(to, 0);
	/* moving, then unmapping what is empty by now */
	ck_assert_uint_eq(ear.starts, 2);
	heard(0, MMU_NOTIFY_UNMAP, addr, addr + 2 * PAGE_SIZE);
	heard(1, MMU_NOTIFY_UNMAP, addr, addr + 2 * PAGE_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(fork_says_protection_for_private_areas_only)
{
	unsigned long addr = anon(2), shared = map(2, RW, SHARED);
	struct mm_struct *child;

	put(mm, shared, 1);
	listen(&ear);
	child = pinpage_fork_mm(mm);
	heard_once(MMU_NOTIFY_PROTECTION_PAGE, addr, addr + 2 * PAGE_SIZE);
	pinpage_mmput(child);
	ck_assert_uint_eq(ear.starts, 1);
	stop(&ear);
}
END_TEST

START_TEST(copy_on_write_says_clear_and_names_the_new_page)
{
	unsigned long addr = anon(1);
	struct mm_struct *child = pinpage_fork_mm(mm);

	listen(&ear);
	put(mm, addr, 2);
	heard_once(MMU_NOTIFY_CLEAR, addr, addr + PAGE_SIZE);
	ck_assert_uint_eq(ear.changes, 1);
	ck_assert_uint_eq(ear.pfn, page_to_pfn(page_of(mm, addr)));
	ck_assert_uint_eq(ear.flushes, 1);
	again();
	put(child, addr, 3);
	ck_assert_uint_eq(ear.starts, 0);
	stop(&ear);
	pinpage_mmput(child);
}
END_TEST

START_TEST(change_pte_is_not_called_from_6_10_on)
{
	unsigned long addr;

	reboot("6.12");
	addr = map(1, RW, PRIV);
	ck_assert_int_eq(get(mm, addr), 0);
	listen(&ear);
	put(mm, addr, 2);
	heard_once(MMU_NOTIFY_CLEAR, addr, addr + PAGE_SIZE);
	ck_assert_uint_eq(ear.changes, 0);
	ck_assert_uint_eq(ear.flushes, 1);
	stop(&ear);
}
END_TEST

START_TEST(fsync_says_protection_once_a_mapping)
{
	struct file *file = blk_file(2);
	unsigned long a = map_file(file, 2, RW, MAP_SHARED);
	unsigned long b = map_file(file, 2, RW, MAP_PRIVATE);

	put(mm, a, 9);
	ck_assert_int_eq(get(mm, b), 9);
	listen(&ear);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	heard_once(MMU_NOTIFY_PROTECTION_PAGE, a, a + PAGE_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(reclaim_says_clear)
{
	struct file *file = ram_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	struct page *page;

	ck_assert_int_gt(get(mm, addr), 0);
	page = page_of(mm, addr);
	listen(&ear);
	pp_ref(page);
	pp_lock_page(page);
	ck_assert(pp_try_to_unmap(page));
	pp_unlock_page(page);
	pp_unref(page);
	heard_once(MMU_NOTIFY_CLEAR, addr, addr + PAGE_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(truncate_says_clear_for_what_goes)
{
	struct file *file = ram_file(4);
	unsigned long addr = map_file(file, 4, RW, MAP_SHARED);

	ck_assert_int_gt(get(mm, addr + 2 * PAGE_SIZE), 0);
	listen(&ear);
	ck_assert_int_eq(pinpage_ftruncate(file, (pinpage_loff_t)(2 * PAGE_SIZE)), 0);
	ck_assert_uint_ge(ear.starts, 1);
	heard(0, MMU_NOTIFY_CLEAR, addr + 2 * PAGE_SIZE, addr + 4 * PAGE_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(splitting_a_huge_leaf_says_clear)
{
	unsigned long addr = huge();

	listen(&ear);
	ck_assert_int_eq(pinpage_madvise(addr + PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(ear.starts, 2);
	heard(0, MMU_NOTIFY_CLEAR, addr + PAGE_SIZE, addr + 2 * PAGE_SIZE);
	heard(1, MMU_NOTIFY_CLEAR, addr, addr + PMD_SIZE);
	stop(&ear);
}
END_TEST

START_TEST(devices_flush_with_the_cpus_from_6_6_on)
{
	unsigned long addr;

	reboot("6.12");
	addr = anon(4);
	listen(&ear);
	ck_assert_int_eq(pinpage_mprotect(addr, 4 * PAGE_SIZE, PROT_READ), 0);
	ck_assert_uint_eq(ear.flushes, 1);
	stop(&ear);
	reboot("6.5");
	addr = map(4, RW, PRIV);
	put(mm, addr + 2 * PAGE_SIZE, 1);
	listen(&ear);
	/* nothing to flush, but the range has ended */
	ck_assert_int_eq(pinpage_madvise(addr, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(ear.flushes, 1);
	stop(&ear);
}
END_TEST

START_TEST(use_by_a_device_keeps_a_page)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	listen(&ear);
	pp_lock_page(page);
	(void)pp_page_referenced(page);
	ck_assert(!pp_page_referenced(page));
	ear.young = true;
	ck_assert(pp_mmu_test_young(mm, addr));
	ck_assert(pp_page_referenced(page));
	ck_assert(!pp_page_referenced(page));
	ear.young = true;
	ck_assert(pp_mmu_clear_young(mm, addr, addr + PAGE_SIZE));
	ck_assert(!pp_mmu_test_young(mm, addr));
	pp_unlock_page(page);
	stop(&ear);
}
END_TEST

/* what callbacks may do */

/*
 * A device without a pin writes until it is told, and its driver marks the page
 * before it lets go: the write is in what fsync() makes durable.
 */
static struct page *device_page;

static int on_stop(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	struct page *page = device_page;

	(void)range;
	ear_of(mn)->starts++;
	if (!page)
		return 0;
	memset(page_address(page), 0x5a, PAGE_SIZE);
	ck_assert(PageLocked(page));
	pinpage_set_page_dirty(page);
	pp_unref(page);
	device_page = NULL;
	return 0;
}

START_TEST(device_that_stops_when_told_loses_no_byte)
{
	static const struct mmu_notifier_ops stopping = { .invalidate_range_start = on_stop };
	struct file *file = blk_file(1);
	unsigned long addr = map_file(file, 1, RW, MAP_SHARED);
	unsigned char byte = 0;

	put(mm, addr, 9);
	ear = (struct ear){ .mn.ops = &stopping };
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), 0);
	device_page = page_of(mm, addr);
	pp_ref(device_page);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(ear.starts, 1);
	ck_assert_ptr_null(device_page);
	ck_assert(!PageDirty(page_of(mm, addr)));
	ck_assert_int_eq(pinpage_durable_read(file, &byte, 1, 100), 1);
	ck_assert_int_eq(byte, 0x5a);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
}
END_TEST

START_TEST(reference_dropped_in_start_is_the_drivers_last)
{
	unsigned long addr = anon(1);
	struct page *page = page_of(mm, addr);

	listen(&ear);
	pp_ref(page);
	ear.drop = page;
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_ptr_null(ear.drop);
	heard_once(MMU_NOTIFY_UNMAP, addr, addr + PAGE_SIZE);
	ck_assert_int_eq(page_count(page), 0);
	stop(&ear);
}
END_TEST

static int sleepy_start(struct mmu_notifier *mn, const struct mmu_notifier_range *range)
{
	pinpage_msleep(1);
	return on_start(mn, range);
}

START_TEST(callback_may_sleep)
{
	static const struct mmu_notifier_ops sleepy = {
		.invalidate_range_start = sleepy_start, .invalidate_range_end = on_end,
	};
	unsigned long addr = anon(1);
	uint64_t before = pinpage_ktime_get_ns();

	ear = (struct ear){ .mn.ops = &sleepy };
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), 0);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_uint_ge(pinpage_ktime_get_ns() - before, 1000000);
	heard_once(MMU_NOTIFY_UNMAP, addr, addr + PAGE_SIZE);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
}
END_TEST

START_TEST(refusing_a_range_that_cannot_wait_undoes_it)
{
	struct pp_mmu_range range;

	listen(&other);
	listen(&ear);
	other.refuse = true;
	pinpage_down_write(&mm->mmap_lock);
	ck_assert_int_eq(pp_mmu_invalidate_start_nonblock(&range, mm, 0, PAGE_SIZE,
							  MMU_NOTIFY_CLEAR), -EAGAIN);
	ck_assert_uint_eq(ear.starts, 1);
	ck_assert_uint_eq(ear.ends, 1);
	ck_assert(!pinpage_mmu_notifier_range_blockable(&ear.heard[0]));
	other.refuse = false;
	ck_assert_int_eq(pp_mmu_invalidate_start_nonblock(&range, mm, 0, PAGE_SIZE,
							  MMU_NOTIFY_CLEAR), 0);
	pp_mmu_invalidate_end(&range);
	pinpage_up_write(&mm->mmap_lock);
	stop(&ear);
	stop(&other);
}
END_TEST

START_TEST(refusing_a_blockable_range_warns_and_changes_nothing)
{
	unsigned long addr = anon(1);

	listen(&ear);
	ear.refuse = true;
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
	ck_assert_uint_eq(ear.ends, 1);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
	expect_warnings(1);
}
END_TEST

/* until when */

START_TEST(end_of_the_address_space_releases_before_it_unmaps)
{
	unsigned long addr = anon(1);
	struct mm_struct *old = mm;

	listen(&ear);
	pinpage_use_mm(NULL);
	pinpage_mmput(old);
	ck_assert_uint_eq(ear.releases, 1);
	ck_assert_uint_eq(ear.starts, 0);
	pinpage_mmu_notifier_unregister(&ear.mn, old);
	ck_assert_uint_eq(ear.releases, 1);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	ck_assert_int_eq(get(mm, addr), -EFAULT);
}
END_TEST

START_TEST(unregistered_hears_nothing)
{
	unsigned long addr = anon(1);

	listen(&ear);
	listen(&other);
	stop(&ear);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_uint_eq(ear.starts, 0);
	ck_assert_uint_eq(other.starts, 1);
	stop(&other);
}
END_TEST

/* an invalidation that began before a registration does not end for it */
START_TEST(late_subscriber_hears_no_end)
{
	struct pp_mmu_range range;

	listen(&other);
	pp_mmu_invalidate_start(&range, mm, 0, PAGE_SIZE, MMU_NOTIFY_CLEAR);
	listen(&ear);
	pp_mmu_invalidate_end(&range);
	ck_assert_uint_eq(ear.ends, 0);
	ck_assert_uint_eq(other.ends, 1);
	stop(&ear);
	stop(&other);
}
END_TEST

START_TEST(registering_needs_a_living_address_space)
{
	struct mm_struct *dead = pinpage_mm_alloc();
	struct mmu_notifier bare = { .ops = NULL };

	pinpage_mmgrab(dead);
	pinpage_mmput(dead);
	ear = (struct ear){ .mn.ops = &ops };
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, dead), -EINVAL);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, NULL), -EINVAL);
	ck_assert_int_eq(pinpage_mmu_notifier_register(NULL, mm), -EINVAL);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&bare, mm), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_mmu_notifier_get(&ops, mm)), -EINVAL);
	ck_assert_int_eq(PTR_ERR(pinpage_mmu_notifier_get(NULL, mm)), -EINVAL);
	pinpage_mmdrop(dead);
	pinpage_mmu_notifier_unregister(&ear.mn, mm);
	pinpage_mmu_notifier_put(NULL);
	expect_warnings(4);
}
END_TEST

START_TEST(registering_without_memory)
{
	ear = (struct ear){ .mn.ops = &ops };
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), -ENOMEM);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), 0);
	ck_assert_int_eq(pinpage_mmu_notifier_register(&ear.mn, mm), -EINVAL);
	stop(&ear);
}
END_TEST

/* get and put */

static int alloc_err;
static unsigned int freed;

static struct mmu_notifier *alloc_ear(struct mm_struct *of)
{
	(void)of;
	if (alloc_err)
		return ERR_PTR(alloc_err);
	ear = (struct ear){ .mn.ops = NULL };
	return &ear.mn;
}

static void free_ear(struct mmu_notifier *mn)
{
	ck_assert_ptr_eq(mn, &ear.mn);
	freed++;
}

static const struct mmu_notifier_ops shared_ops = {
	.invalidate_range_start = on_start,
	.invalidate_range_end = on_end,
	.release = on_release,
	.alloc_notifier = alloc_ear,
	.free_notifier = free_ear,
};

START_TEST(get_shares_one_registration)
{
	unsigned long addr = anon(1);
	struct mmu_notifier *a, *b;

	a = pinpage_mmu_notifier_get(&shared_ops, mm);
	b = pinpage_mmu_notifier_get(&shared_ops, mm);
	ck_assert_ptr_eq(a, &ear.mn);
	ck_assert_ptr_eq(a, b);
	pinpage_mmu_notifier_put(a);
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert_uint_eq(ear.starts, 1);
	pinpage_mmu_notifier_put(b);
	pinpage_mmu_notifier_synchronize();
	ck_assert_uint_eq(freed, 1);
	ck_assert_uint_eq(ear.releases, 0);
}
END_TEST

START_TEST(get_passes_on_what_alloc_says)
{
	alloc_err = -ENOSPC;
	ck_assert_int_eq(PTR_ERR(pinpage_mmu_notifier_get(&shared_ops, mm)), -ENOSPC);
	alloc_err = 0;
	pp_inject_alloc(1);
	ck_assert_int_eq(PTR_ERR(pinpage_mmu_notifier_get(&shared_ops, mm)), -ENOMEM);
	ck_assert_uint_eq(freed, 1);
}
END_TEST

/* races */

static int unmapper(void *arg)
{
	unsigned int i;

	(void)arg;
	pinpage_use_mm(mm);
	for (i = 0; i < 200; i++) {
		unsigned char byte = 1;
		long addr = pinpage_mmap(0, PAGE_SIZE, RW, PRIV, NULL, 0);

		if (addr < 0 || pinpage_store(mm, (unsigned long)addr, &byte, 1) ||
		    pinpage_munmap((unsigned long)addr, PAGE_SIZE))
			return -EFAULT;
		pinpage_cond_resched();
	}
	pinpage_use_mm(NULL);
	return 0;
}

/* comes and goes; its memory is poisoned in between */
static int visitor(void *arg)
{
	struct ear *e = arg;
	unsigned int i;

	for (i = 0; i < 50; i++) {
		*e = (struct ear){ .mn.ops = &ops };
		if (pinpage_mmu_notifier_register(&e->mn, mm))
			return -ENOMEM;
		pinpage_yield("visit");
		pinpage_mmu_notifier_unregister(&e->mn, mm);
		/* it may leave between a start and its end */
		if (e->starts < e->ends || e->releases != 1)
			return -EIO;
		memset(e, 0xaa, sizeof(*e));
	}
	return 0;
}

START_TEST(registrations_race_with_invalidations)
{
	struct task_struct *task[4];
	unsigned int i;

	task[0] = pinpage_kthread_run(unmapper, NULL, "unmap a");
	task[1] = pinpage_kthread_run(unmapper, NULL, "unmap b");
	task[2] = pinpage_kthread_run(visitor, &ear, "visit a");
	task[3] = pinpage_kthread_run(visitor, &other, "visit b");
	for (i = 0; i < 4; i++)
		ck_assert_int_eq(pinpage_kthread_join(task[i]), 0);
}
END_TEST

static void reset(void)
{
	alloc_err = 0;
	freed = 0;
	memset(&ear, 0, sizeof(ear));
	memset(&other, 0, sizeof(other));
}

static void start(void)
{
	reset();
	up();
}

static void start_fiber(void)
{
	reset();
	up_fiber();
}

Suite *notifier_suite(void)
{
	Suite *suite = suite_create("mm/notifier");

	on(suite, filling_an_empty_entry_tells_nobody, start);
	on(suite, munmap_says_unmap, start);
	on(suite, dontneed_says_clear_for_each_area, start);
	on(suite, mprotect_says_protection_from_the_first_table_on, start);
	on(suite, mprotect_of_untouched_memory_tells_nobody, start);
	on(suite, mremap_says_unmap_for_the_old_place, start);
	on(suite, fork_says_protection_for_private_areas_only, start);
	on(suite, copy_on_write_says_clear_and_names_the_new_page, start);
	on(suite, change_pte_is_not_called_from_6_10_on, start);
	on(suite, fsync_says_protection_once_a_mapping, start);
	on(suite, reclaim_says_clear, start);
	on(suite, truncate_says_clear_for_what_goes, start);
	on(suite, splitting_a_huge_leaf_says_clear, start);
	on(suite, devices_flush_with_the_cpus_from_6_6_on, start);
	on(suite, use_by_a_device_keeps_a_page, start);
	on(suite, device_that_stops_when_told_loses_no_byte, start);
	on(suite, reference_dropped_in_start_is_the_drivers_last, start);
	on(suite, callback_may_sleep, start);
	on(suite, callback_may_sleep, start_fiber);
	on(suite, refusing_a_range_that_cannot_wait_undoes_it, start);
	on(suite, refusing_a_blockable_range_warns_and_changes_nothing, start);
	on(suite, end_of_the_address_space_releases_before_it_unmaps, start);
	on(suite, unregistered_hears_nothing, start);
	on(suite, late_subscriber_hears_no_end, start);
	on(suite, registering_needs_a_living_address_space, start);
	on(suite, registering_without_memory, start);
	on(suite, get_shares_one_registration, start);
	on(suite, get_shares_one_registration, start_fiber);
	on(suite, get_passes_on_what_alloc_says, start);
	on(suite, registrations_race_with_invalidations, start);
	on(suite, registrations_race_with_invalidations, start_fiber);
	return suite;
}
