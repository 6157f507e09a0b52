// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * pinned.c - write-back of pinned pages under each policy
 */
#include "page/unpin_wait.h"
#include "suites.h"

static void up_ignore(void) { mem_boot(PINPAGE_ENGINE_FIBER, "6.1"); }
static void up_wait(void) { mem_boot(PINPAGE_ENGINE_FIBER, "stay-dirty-wait"); }
static void up_bounce(void)
{
	mem_boot(PINPAGE_ENGINE_FIBER, "stay-dirty-bounce");
}
static void up_skip(void) { mem_boot(PINPAGE_ENGINE_FIBER, "stay-dirty-skip"); }

static struct page *pin_dirty(char byte)
{
	struct page *page;

	put_page_bytes(0, byte);
	page = cached(0);
	ck_assert(pp_pin_try(page, 1));
	return page;
}

static void unpin(struct page *page)
{
	pp_unpin(page, 1);
	pp_unpinned();
}

/* W06 */
START_TEST(shipped_rules_clean_pinned_page)
{
	struct page *page = pin_dirty('a');

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page));
	ck_assert(pp_maybe_dma_pinned(page));
	unpin(page);
}
END_TEST

/* S01, S02, S03, S09 */
START_TEST(bounce_stores_snapshot_and_stays_dirty)
{
	struct page *page = pin_dirty('a');

	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	ck_assert_uint_eq(disk->writes[0], 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PAGES_SKIPPED), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(PageDirty(page));
	ck_assert(disk->bounced);
	ck_assert_int_eq(disk->data[0], 'a');
	ck_assert(pp_xa_get_mark(&mapping->i_pages, 0, PP_TAG_DIRTY));
	store_byte(page, 'b');
	unpin(page);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(disk->data[0], 'b');
}
END_TEST

/* S08 */
START_TEST(bounce_integrity_writes_once_a_call)
{
	struct page *page = pin_dirty('a');

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_uint_eq(disk->writes[0], 2);
	unpin(page);
}
END_TEST

START_TEST(bounce_without_memory_is_tried_again)
{
	struct page *page = pin_dirty('a');

	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_inject_alloc(0);
	ck_assert_uint_eq(disk->writes[0], 1);
	ck_assert(PageDirty(page));
	ck_assert(!PageLocked(page));
	unpin(page);
}
END_TEST

/* S01, S02, S04 */
START_TEST(skip_cleans_only_for_integrity)
{
	struct page *page = pin_dirty('a');

	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PAGES_SKIPPED), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page));
	ck_assert(!disk->bounced);
	ck_assert_int_eq(disk->data[0], 'a');
	unpin(page);
}
END_TEST

/* S05 */
START_TEST(skip_bounces_for_stable_storage)
{
	struct page *page = pin_dirty('a');

	sb->stable_writes = true;
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(page));
	ck_assert(disk->bounced);
	unpin(page);
}
END_TEST

static int do_fsync(void *arg)
{
	*(int *)arg = 1;
	*(int *)arg = pinpage_fsync(file, 0) ? 3 : 2;
	return 0;
}

/* S12 */
START_TEST(wait_fsync_blocks_until_unpin)
{
	struct page *page = pin_dirty('a');
	struct task_struct *task;
	int state = 0;

	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	ck_assert_uint_eq(disk->writes[0], 0);
	task = pinpage_kthread_run(do_fsync, &state, "fsync");
	pinpage_msleep(1000);
	ck_assert_int_eq(READ_ONCE(state), 1);
	ck_assert(!PageLocked(page));
	store_byte(page, 'b');
	unpin(page);
	pinpage_kthread_join(task);
	ck_assert_int_eq(READ_ONCE(state), 2);
	ck_assert_int_eq(disk->data[0], 'b');
}
END_TEST

START_TEST(wait_ends_when_page_is_truncated)
{
	struct page *page = pin_dirty('a');
	struct task_struct *task;
	int state = 0;

	task = pinpage_kthread_run(do_fsync, &state, "fsync");
	pinpage_msleep(1);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	unpin(page);
	pinpage_kthread_join(task);
	ck_assert_int_eq(READ_ONCE(state), 2);
	ck_assert_uint_eq(disk->writes[0], 0);
}
END_TEST

/* S06, F-9 */
START_TEST(false_positive_skipped_then_written)
{
	struct page *page;

	put_page_bytes(0, 'a');
	page = cached(0);
	for (int i = 0; i < 1024; i++)
		pp_ref(page);
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert_int_eq(disk->data[0], 'a');
	pp_unref_many(page, 1024);
}
END_TEST

START_TEST(writer_above_limit_progresses_beside_pinned)
{
	struct pinpage_dirty_limits limits = { .background_pages = 1,
					       .limit_pages = 2 };
	struct page *pins[4];

	for (unsigned long i = 0; i < 4; i++) {
		put_page_bytes(i, 'a');
		pins[i] = cached(i);
		ck_assert(pp_pin_try(pins[i], 1));
	}
	ck_assert_int_eq(pinpage_flusher_start(&limits), 0);
	for (unsigned long i = 4; i < 12; i++)
		put_page_bytes(i, 'b');
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_PAGES_SKIPPED), 0);
	ck_assert_uint_eq(disk->writes[0], 0);
	pinpage_flusher_stop();
	for (unsigned long i = 0; i < 4; i++)
		unpin(pins[i]);
}
END_TEST

/* A fast pin through a PTE that is still writable: just before mkclean. */
static int pin_then_mkclean(struct page *page)
{
	if (!pp_maybe_dma_pinned(page))
		ck_assert(pp_pin_try(page, 1));
	return 1;
}

static const struct pp_rmap_ops late_pin = { .mkclean = pin_then_mkclean };

static struct page *dirty_pinned_late(void)
{
	put_page_bytes(0, 'a');
	pp_set_rmap_ops(&late_pin);
	return cached(0);
}

START_TEST(bounce_sees_pin_taken_before_mkclean)
{
	struct page *page = dirty_pinned_late();

	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_set_rmap_ops(NULL);
	ck_assert(PageDirty(page));
	ck_assert(disk->bounced);
	ck_assert_int_eq(disk->data[0], 'a');
	unpin(page);
}
END_TEST

START_TEST(flush_skips_pin_taken_before_mkclean)
{
	struct page *page = dirty_pinned_late();

	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	pp_set_rmap_ops(NULL);
	ck_assert(PageDirty(page));
	ck_assert_uint_eq(disk->writes[0], 0);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PAGES_SKIPPED), 1);
	unpin(page);
}
END_TEST

START_TEST(wait_sees_pin_taken_before_mkclean)
{
	struct page *page = dirty_pinned_late();
	struct task_struct *task;
	int state = 0;

	task = pinpage_kthread_run(do_fsync, &state, "fsync");
	pinpage_msleep(1000);
	pp_set_rmap_ops(NULL);
	ck_assert_int_eq(READ_ONCE(state), 1);
	ck_assert(PageDirty(page));
	store_byte(page, 'b');
	unpin(page);
	pinpage_kthread_join(task);
	ck_assert_int_eq(READ_ONCE(state), 2);
	ck_assert_int_eq(disk->data[0], 'b');
}
END_TEST

/* S23: what integrity cleans, it cleans under a pin, too. */
START_TEST(skip_integrity_cleans_in_spite_of_late_pin)
{
	struct page *page = dirty_pinned_late();

	sb->stable_writes = true;
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_set_rmap_ops(NULL);
	ck_assert(!PageDirty(page));
	ck_assert(disk->bounced);
	unpin(page);
}
END_TEST

START_TEST(shipped_rules_clean_in_spite_of_late_pin)
{
	struct page *page = dirty_pinned_late();

	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	pp_set_rmap_ops(NULL);
	ck_assert(!PageDirty(page));
	ck_assert_int_eq(disk->data[0], 'a');
	unpin(page);
}
END_TEST

static const struct address_space_operations *mem_ops;
static struct task_struct *second;
static int second_state;

/*
 * The snapshot is there; then the device stores, and another fsync begins. It
 * tags both pages and waits for the writeback of page 0.
 */
static int write_after_second(struct page *head, struct writeback_control *wbc,
			      const void *data)
{
	if (!second) {
		store_byte(head, 'b');
		pp_set_page_dirty(head);
		second = pinpage_kthread_run(do_fsync, &second_state, "second");
		pinpage_msleep(1);
	}
	return mem_ops->write_page(head, wbc, data);
}

static void page_0_under_writeback_and_dirty(void)
{
	put_page_bytes(0, 'x');
	mem_async = true;
	ck_assert_int_eq(pinpage_filemap_flush(mapping), 0);
	mem_async = false;
	put_page_bytes(0, 'y');
}

START_TEST(fsync_begun_after_snapshot_writes_again)
{
	struct address_space_operations ops = *mapping->a_ops;
	struct page *page;

	page_0_under_writeback_and_dirty();
	put_page_bytes(1, 'a');
	page = cached(1);
	ck_assert(pp_pin_try(page, 1));
	mem_ops = mapping->a_ops;
	ops.write_page = write_after_second;
	mapping->a_ops = &ops;
	second = NULL;
	sb->stable_writes = true;
	ck_assert_int_eq(pinpage_fsync_range(file, PAGE_SIZE, 2 * PAGE_SIZE - 1,
					     0), 0);
	ck_assert_int_eq(disk->data[PAGE_SIZE], 'a');
	ck_assert_int_eq(READ_ONCE(second_state), 1);
	ck_assert_uint_eq(mem_complete(0), 1);
	ck_assert_int_eq(pinpage_kthread_join(second), 0);
	mapping->a_ops = mem_ops;
	ck_assert_int_eq(READ_ONCE(second_state), 2);
	ck_assert_int_eq(disk->data[PAGE_SIZE], 'b');
	unpin(page);
}
END_TEST

Suite *pinned_suite(void)
{
	Suite *s = suite_create("pinned");
#define with(up, fn) mem_test_fixture(s, #fn, fn, up)

	with(up_ignore, shipped_rules_clean_pinned_page);
	with(up_bounce, bounce_stores_snapshot_and_stays_dirty);
	with(up_bounce, bounce_integrity_writes_once_a_call);
	with(up_bounce, bounce_without_memory_is_tried_again);
	with(up_bounce, false_positive_skipped_then_written);
	with(up_skip, skip_cleans_only_for_integrity);
	with(up_skip, skip_bounces_for_stable_storage);
	with(up_skip, false_positive_skipped_then_written);
	with(up_skip, writer_above_limit_progresses_beside_pinned);
	with(up_bounce, writer_above_limit_progresses_beside_pinned);
	with(up_wait, writer_above_limit_progresses_beside_pinned);
	with(up_wait, wait_fsync_blocks_until_unpin);
	with(up_wait, wait_ends_when_page_is_truncated);
	with(up_bounce, bounce_sees_pin_taken_before_mkclean);
	with(up_bounce, flush_skips_pin_taken_before_mkclean);
	with(up_wait, flush_skips_pin_taken_before_mkclean);
	with(up_skip, flush_skips_pin_taken_before_mkclean);
	with(up_wait, wait_sees_pin_taken_before_mkclean);
	with(up_skip, skip_integrity_cleans_in_spite_of_late_pin);
	with(up_ignore, shipped_rules_clean_in_spite_of_late_pin);
	with(up_bounce, fsync_begun_after_snapshot_writes_again);
	with(up_skip, fsync_begun_after_snapshot_writes_again);
	return s;
}
