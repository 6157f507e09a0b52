// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Notifiers for an interval: the sequence that tells when to look again.
 */
#include "machine.h"
#include "suites.h"

#include "base/err.h"

static struct watch {
	struct mmu_interval_notifier sub;
	struct pinpage_mutex lock;
	unsigned int calls;
	bool refuse;
	struct mmu_notifier_range last;
	struct page *page;		/* what the "device" has; a reference */
} watch, second;

static bool invalidate(struct mmu_interval_notifier *sub,
		       const struct mmu_notifier_range *range, unsigned long cur_seq)
{
	struct watch *w = container_of(sub, struct watch, sub);

	if (w->refuse)
		return false;
	pinpage_mutex_lock(&w->lock);
	pinpage_mmu_interval_set_seq(sub, cur_seq);
	w->calls++;
	w->last = *range;
	if (w->page)
		pp_unref(w->page);
	w->page = NULL;
	pinpage_mutex_unlock(&w->lock);
	return true;
}

static const struct mmu_interval_notifier_ops ops = { .invalidate = invalidate };

static int insert(struct watch *w, unsigned long start, unsigned long length)
{
	memset(w, 0, sizeof(*w));
	pinpage_mutex_init(&w->lock, "watch");
	return pinpage_mmu_interval_notifier_insert(&w->sub, mm, start, length, &ops);
}

START_TEST(interval_hears_what_meets_it)
{
	unsigned long addr = anon(8);

	ck_assert_int_eq(insert(&watch, addr + 2 * PAGE_SIZE, 2 * PAGE_SIZE), 0);
	ck_assert_int_eq(pinpage_madvise(addr, 2 * PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_int_eq(pinpage_madvise(addr + 4 * PAGE_SIZE, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_uint_eq(watch.calls, 0);
	ck_assert_int_eq(pinpage_madvise(addr + 3 * PAGE_SIZE, 2 * PAGE_SIZE,
					 MADV_DONTNEED), 0);
	ck_assert_uint_eq(watch.calls, 1);
	ck_assert_int_eq(watch.last.event, MMU_NOTIFY_CLEAR);
	ck_assert_uint_eq(watch.last.start, addr + 3 * PAGE_SIZE);
	ck_assert_uint_eq(watch.last.end, addr + 5 * PAGE_SIZE);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

START_TEST(sequence_changes_only_by_an_invalidation)
{
	unsigned long addr = anon(4), seq;

	ck_assert_int_eq(insert(&watch, addr, PAGE_SIZE), 0);
	seq = pinpage_mmu_interval_read_begin(&watch.sub);
	ck_assert_int_eq(pinpage_munmap(addr + PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert(!pinpage_mmu_interval_read_retry(&watch.sub, seq));
	ck_assert_int_eq(pinpage_munmap(addr, PAGE_SIZE), 0);
	ck_assert(pinpage_mmu_interval_check_retry(&watch.sub, seq));
	seq = pinpage_mmu_interval_read_begin(&watch.sub);
	ck_assert(!pinpage_mmu_interval_read_retry(&watch.sub, seq));
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

static struct pinpage_completion begun;
static bool waited;

static int reader(void *arg)
{
	(void)arg;
	pinpage_complete(&begun);
	(void)pinpage_mmu_interval_read_begin(&watch.sub);
	WRITE_ONCE(waited, true);
	return 0;
}

START_TEST(read_begin_waits_for_the_end)
{
	struct pp_mmu_range range;
	struct task_struct *task;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	pp_mmu_invalidate_start(&range, mm, PAGE_SIZE, 2 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	task = pinpage_kthread_run(reader, NULL, "reader");
	pinpage_wait_for_completion(&begun);
	pinpage_msleep(2);
	ck_assert(!READ_ONCE(waited));
	pp_mmu_invalidate_end(&range);
	pinpage_kthread_join(task);
	ck_assert(waited);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

START_TEST(read_begin_does_not_wait_for_another_range)
{
	struct pp_mmu_range range;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_int_eq(insert(&second, 8 * PAGE_SIZE, PAGE_SIZE), 0);
	pp_mmu_invalidate_start(&range, mm, PAGE_SIZE, 2 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	(void)pinpage_mmu_interval_read_begin(&second.sub);
	ck_assert_uint_eq(second.calls, 0);
	pp_mmu_invalidate_end(&range);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
	pinpage_mmu_interval_notifier_remove(&second.sub);
}
END_TEST

START_TEST(inserted_during_an_invalidation_counts_as_met)
{
	struct pp_mmu_range range;
	unsigned long seq;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	/* one that met nothing: the tree may change at once */
	pp_mmu_invalidate_start(&range, mm, 8 * PAGE_SIZE, 9 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	ck_assert_int_eq(insert(&second, 8 * PAGE_SIZE, PAGE_SIZE), 0);
	ck_assert_uint_eq(second.sub.invalidate_seq & 1, 1);
	pp_mmu_invalidate_end(&range);
	seq = pinpage_mmu_interval_read_begin(&second.sub);
	ck_assert(!pinpage_mmu_interval_read_retry(&second.sub, seq));
	pinpage_mmu_interval_notifier_remove(&second.sub);
	/* one that met something: put off, and taken back before its end */
	pp_mmu_invalidate_start(&range, mm, 0, 9 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	ck_assert_int_eq(insert(&second, 8 * PAGE_SIZE, PAGE_SIZE), 0);
	pinpage_mmu_interval_notifier_remove(&second.sub);
	ck_assert_int_eq(insert(&second, 8 * PAGE_SIZE, PAGE_SIZE), 0);
	pp_mmu_invalidate_end(&range);
	pp_mmu_invalidate_start(&range, mm, 8 * PAGE_SIZE, 9 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	pp_mmu_invalidate_end(&range);
	ck_assert_uint_eq(second.calls, 1);
	pinpage_mmu_interval_notifier_remove(&second.sub);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

static int remover(void *arg)
{
	(void)arg;
	pinpage_complete(&begun);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
	WRITE_ONCE(waited, true);
	return 0;
}

START_TEST(remove_waits_for_the_end)
{
	struct pp_mmu_range range;
	struct task_struct *task;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	pp_mmu_invalidate_start(&range, mm, PAGE_SIZE, 2 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	task = pinpage_kthread_run(remover, NULL, "remover");
	pinpage_wait_for_completion(&begun);
	pinpage_msleep(2);
	ck_assert(!READ_ONCE(waited));
	pp_mmu_invalidate_end(&range);
	pinpage_kthread_join(task);
	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

START_TEST(interval_may_refuse_what_cannot_wait)
{
	struct pp_mmu_range range;
	unsigned long seq;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	watch.refuse = true;
	ck_assert_int_eq(pp_mmu_invalidate_start_nonblock(&range, mm, PAGE_SIZE,
							  2 * PAGE_SIZE, MMU_NOTIFY_CLEAR),
			 -EAGAIN);
	seq = pinpage_mmu_interval_read_begin(&watch.sub);
	ck_assert(!pinpage_mmu_interval_read_retry(&watch.sub, seq));
	pp_mmu_invalidate_start(&range, mm, PAGE_SIZE, 2 * PAGE_SIZE, MMU_NOTIFY_CLEAR);
	pp_mmu_invalidate_end(&range);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
	expect_warnings(1);
}
END_TEST

START_TEST(end_of_the_address_space_says_release)
{
	struct mm_struct *old = mm;

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, PAGE_SIZE), 0);
	mm = pinpage_mm_alloc();
	pinpage_use_mm(mm);
	pinpage_mmput(old);
	ck_assert_uint_eq(watch.calls, 1);
	ck_assert_int_eq(watch.last.event, MMU_NOTIFY_RELEASE);
	ck_assert_uint_eq(watch.last.start, 0);
	ck_assert_uint_eq(watch.last.end, ~0UL);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

START_TEST(bad_intervals_are_refused)
{
	struct mm_struct *dead = pinpage_mm_alloc();

	ck_assert_int_eq(insert(&watch, PAGE_SIZE, 0), -EOVERFLOW);
	ck_assert_int_eq(insert(&watch, ~0UL, 2), -EOVERFLOW);
	pinpage_mmgrab(dead);
	pinpage_mmput(dead);
	ck_assert_int_eq(pinpage_mmu_interval_notifier_insert(&watch.sub, dead, 0, 1, &ops),
			 -EINVAL);
	ck_assert_int_eq(pinpage_mmu_interval_notifier_insert(&watch.sub, mm, 0, 1, NULL),
			 -EINVAL);
	ck_assert_int_eq(pinpage_mmu_interval_notifier_insert(NULL, mm, 0, 1, &ops), -EINVAL);
	ck_assert_int_eq(insert(&watch, ~0UL, 1), 0);
	ck_assert_int_eq(pinpage_mmu_interval_notifier_insert(&watch.sub, mm, 0, 1, &ops),
			 -EINVAL);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
	pinpage_mmdrop(dead);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
	ck_assert_uint_eq(pinpage_mmu_interval_read_begin(&watch.sub), 0);
	expect_warnings(2);
}
END_TEST

START_TEST(inserting_without_memory)
{
	pp_inject_alloc(1);
	ck_assert_int_eq(insert(&watch, 0, 1), -ENOMEM);
	pp_inject_alloc(2);
	ck_assert_int_eq(insert(&watch, 0, 1), -ENOMEM);
	ck_assert_int_eq(insert(&watch, 0, 1), 0);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

START_TEST(forgotten_interval_is_reported_at_shutdown)
{
	ck_assert_int_eq(insert(&watch, 0, 1), 0);
	expect_warnings(1);
}
END_TEST

/*
 * A device without pins: it looks a page up, takes a reference and writes,
 * unless the sequence says that the page may have gone meanwhile.
 */
static unsigned long target;

static int device(void *arg)
{
	unsigned int i;

	(void)arg;
	for (i = 0; i < 300; i++) {
		unsigned long seq = pinpage_mmu_interval_read_begin(&watch.sub);
		struct page *page;

		pinpage_rcu_read_lock();
		page = page_of(mm, target);
		if (page && !pp_ref_try(page))
			page = NULL;
		pinpage_rcu_read_unlock();
		pinpage_mutex_lock(&watch.lock);
		if (pinpage_mmu_interval_read_retry(&watch.sub, seq) || watch.page) {
			pinpage_mutex_unlock(&watch.lock);
			if (page)
				pp_unref(page);
			continue;
		}
		watch.page = page;
		pinpage_mutex_unlock(&watch.lock);
		pinpage_cond_resched();
	}
	return 0;
}

static int churner(void *arg)
{
	unsigned int i;

	(void)arg;
	pinpage_use_mm(mm);
	for (i = 0; i < 300; i++) {
		unsigned char byte = 1;

		if (pinpage_store(mm, target, &byte, 1) ||
		    pinpage_madvise(target, PAGE_SIZE, MADV_DONTNEED))
			return -EFAULT;
		pinpage_cond_resched();
	}
	pinpage_use_mm(NULL);
	return 0;
}

START_TEST(device_never_keeps_a_page_that_went)
{
	struct task_struct *a, *b;
	long before;

	target = map(1, RW, PRIV);
	put(mm, target, 1);
	ck_assert_int_eq(pinpage_madvise(target, PAGE_SIZE, MADV_DONTNEED), 0);
	before = pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES);
	ck_assert_int_eq(insert(&watch, target, PAGE_SIZE), 0);
	a = pinpage_kthread_run(device, NULL, "device");
	b = pinpage_kthread_run(churner, NULL, "churn");
	ck_assert_int_eq(pinpage_kthread_join(a), 0);
	ck_assert_int_eq(pinpage_kthread_join(b), 0);
	ck_assert_int_eq(pinpage_madvise(target, PAGE_SIZE, MADV_DONTNEED), 0);
	ck_assert_ptr_null(watch.page);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FREE_PAGES), before);
	pinpage_mmu_interval_notifier_remove(&watch.sub);
}
END_TEST

static void reset(void)
{
	waited = false;
	begun.done = 0;
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

Suite *interval_suite(void)
{
	Suite *suite = suite_create("mm/interval");

	on(suite, interval_hears_what_meets_it, start);
	on(suite, sequence_changes_only_by_an_invalidation, start);
	on(suite, read_begin_waits_for_the_end, start);
	on(suite, read_begin_waits_for_the_end, start_fiber);
	on(suite, read_begin_does_not_wait_for_another_range, start);
	on(suite, inserted_during_an_invalidation_counts_as_met, start);
	on(suite, remove_waits_for_the_end, start);
	on(suite, remove_waits_for_the_end, start_fiber);
	on(suite, interval_may_refuse_what_cannot_wait, start);
	on(suite, end_of_the_address_space_says_release, start);
	on(suite, bad_intervals_are_refused, start);
	on(suite, inserting_without_memory, start);
	on(suite, forgotten_interval_is_reported_at_shutdown, start);
	on(suite, device_never_keeps_a_page_that_went, start);
	on(suite, device_never_keeps_a_page_that_went, start_fiber);
	return suite;
}
