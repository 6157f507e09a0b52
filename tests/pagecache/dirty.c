// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dirty.c - setting, cancelling and clearing the dirty state
 */
#include "suites.h"

static unsigned int mkcleaned;

static int fake_mkclean(struct page *page)
{
	(void)page;
	return mkcleaned++ ? 0 : 1;	/* one dirty PTE, once */
}

static void fake_unmap(struct address_space *m, unsigned long start,
		       unsigned long nr, bool even_cows)
{
	(void)m;
	(void)start;
	(void)nr;
	(void)even_cows;
}

static void fake_unmap_page(struct page *page)
{
	(void)page;
}

static int fake_split(struct page *head)
{
	(void)head;
	return -EBUSY;
}

static const struct pp_rmap_ops fake_rmap = {
	fake_mkclean, fake_unmap, fake_unmap_page, fake_split,
};

static struct page *clean_page(void)
{
	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	ck_assert(!PageDirty(cached(0)));
	return cached(0);
}

START_TEST(set_page_dirty_tags_and_counts)
{
	struct page *page = clean_page();

	ck_assert(pinpage_set_page_dirty_lock(page));
	ck_assert(!pinpage_set_page_dirty_lock(page));
	ck_assert(PageDirty(page));
	ck_assert(pp_xa_get_mark(&mapping->i_pages, 0, PP_TAG_DIRTY));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 1);
	ck_assert_uint_ne(mapping->dirtied_when, 0);
}
END_TEST

START_TEST(truncated_page_gets_flag_only)
{
	struct page *page = clean_page();

	pp_ref(page);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_ptr_null(page->mapping);
	ck_assert(pinpage_set_page_dirty_lock(page));
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert_int_eq(page_ref_count(page), 1);
	pp_unref(page);
}
END_TEST

static struct pinpage_event seen[8];
static unsigned int nr_seen;

static void record(struct pinpage_subscriber *self,
		   const struct pinpage_event *event)
{
	(void)self;
	if (nr_seen < 8)
		seen[nr_seen++] = *event;
}

static struct pinpage_subscriber recorder = {
	.kinds = PINPAGE_EV_BIT(PINPAGE_EV_DIRTY_CALL) |
		 PINPAGE_EV_BIT(PINPAGE_EV_DIRTY),
	.order = PINPAGE_ORDER_TRACE,
	.fn = record,
};

START_TEST(dirty_events_tell_the_lock)
{
	struct page *page = clean_page();

	nr_seen = 0;
	ck_assert_int_eq(pinpage_subscribe(&recorder), 0);
	pinpage_set_page_dirty(page);
	ck_assert_uint_eq(nr_seen, 3);
	ck_assert_int_eq(seen[0].kind, PINPAGE_EV_DIRTY_CALL);
	ck_assert_int_eq(seen[1].arg, 1);
	ck_assert_int_eq(seen[2].kind, PINPAGE_EV_DIRTY);
	ck_assert_uint_eq(seen[2].flags & PINPAGE_EVF_LOCKED, 0);
	ck_assert_ptr_nonnull(seen[2].site);
	nr_seen = 0;
	pinpage_set_page_dirty_lock(page);
	ck_assert_uint_eq(nr_seen, 2);
	ck_assert_uint_ne(seen[0].flags & PINPAGE_EVF_LOCKED, 0);
	pinpage_unsubscribe(&recorder);
}
END_TEST

static void remove_between(struct pinpage_subscriber *self,
			   const struct pinpage_event *event)
{
	(void)self;
	if (!event->arg || !pp_trylock_page(event->page))
		return;
	pp_delete_from_page_cache(event->page);
	pp_unlock_page(event->page);
}

/* F-7: the mapping was read, then truncation wins. */
START_TEST(truncate_before_mark_leaves_flag_only)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_DIRTY_CALL),
		.order = PINPAGE_ORDER_TRACE,
		.fn = remove_between,
	};
	struct page *page = clean_page();

	pp_ref(page);
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert(pinpage_set_page_dirty(page));
	pinpage_unsubscribe(&sub);
	ck_assert_ptr_null(page->mapping);
	ck_assert(PageDirty(page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	ck_assert(!pp_xa_marked(&mapping->i_pages, PP_TAG_DIRTY));
	pp_unref(page);
}
END_TEST

START_TEST(clear_for_io_keeps_tag)
{
	struct page *page = clean_page();

	pinpage_set_page_dirty_lock(page);
	pp_lock_page(page);
	ck_assert(pinpage_clear_page_dirty_for_io(page));
	ck_assert(!pinpage_clear_page_dirty_for_io(page));
	ck_assert(!PageDirty(page));
	ck_assert(pp_xa_get_mark(&mapping->i_pages, 0, PP_TAG_DIRTY));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	pp_unlock_page(page);
}
END_TEST

START_TEST(clear_for_io_folds_pte_dirty)
{
	struct page *page = clean_page();

	mkcleaned = 0;
	pp_set_rmap_ops(&fake_rmap);
	pp_lock_page(page);
	ck_assert(pinpage_clear_page_dirty_for_io(page));
	ck_assert(!pinpage_clear_page_dirty_for_io(page));
	pp_unlock_page(page);
	pp_set_rmap_ops(NULL);
}
END_TEST

START_TEST(bad_pages_refused)
{
	ck_assert(!pinpage_set_page_dirty(NULL));
	ck_assert(!pinpage_set_page_dirty_lock((struct page *)8));
	ck_assert(!pinpage_clear_page_dirty_for_io(NULL));
	ck_assert(!pinpage_clear_page_dirty_for_io(clean_page()));
	ck_assert_uint_ge(pp_warn_count(), 4);
}
END_TEST

START_TEST(anonymous_page_gets_flag_only)
{
	struct page *page = pp_alloc_page(PINPAGE_GFP_KERNEL);

	ck_assert(pinpage_set_page_dirty(page));
	ck_assert(!pinpage_set_page_dirty(page));
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 0);
	pp_unref(page);
}
END_TEST

START_TEST(private_data_holds_a_reference)
{
	struct page *page = clean_page();
	int data;

	pp_lock_page(page);
	pp_attach_private(page, &data);
	ck_assert_int_eq(page_ref_count(page), 2);
	ck_assert_ptr_eq(pp_page_private(page), &data);
	ck_assert_ptr_eq(pp_detach_private(page), &data);
	ck_assert_ptr_null(pp_detach_private(page));
	ck_assert_int_eq(page_ref_count(page), 1);
	pp_unlock_page(page);
}
END_TEST

Suite *dirty_suite(void)
{
	Suite *s = suite_create("dirty");

	mem_test(s, set_page_dirty_tags_and_counts);
	mem_test(s, truncated_page_gets_flag_only);
	mem_test(s, dirty_events_tell_the_lock);
	mem_test(s, truncate_before_mark_leaves_flag_only);
	mem_test(s, clear_for_io_keeps_tag);
	mem_test(s, clear_for_io_folds_pte_dirty);
	mem_test(s, bad_pages_refused);
	mem_test(s, anonymous_page_gets_flag_only);
	mem_test(s, private_data_holds_a_reference);
	return s;
}
