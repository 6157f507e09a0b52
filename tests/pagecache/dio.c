// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dio.c - direct I/O and the cache
 */
#include "suites.h"

static struct page *user_page(char byte)
{
	struct page *page = pp_alloc_page(PINPAGE_GFP_KERNEL);

	memset(page_address(page), byte, PAGE_SIZE);
	return page;
}

/* W20 */
START_TEST(dio_write_orphans_pinned_page)
{
	struct page *user = user_page('d'), *page;

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	page = cached(0);
	ck_assert(pp_pin_try(page, 1));
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, PAGE_SIZE, 0),
			 PAGE_SIZE);
	ck_assert_ptr_null(page->mapping);
	ck_assert_int_eq(*(char *)page_address(page), 'a');
	ck_assert_int_eq(get_first_byte(0), 'd');
	pp_unpin(page, 1);
	pp_unref(user);
}
END_TEST

START_TEST(dio_write_first_stores_dirty_neighbours)
{
	struct page *user = user_page('d');

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 512, 512),
			 512);
	ck_assert_int_eq(get_first_byte(0), 'a');
	ck_assert_int_eq(*((char *)page_address(cached(0)) + 512), 'd');
	ck_assert_int_eq(*((char *)page_address(cached(0)) + 1024), 'a');
	pp_unref(user);
}
END_TEST

START_TEST(dio_read_sees_cached_write)
{
	struct page *user = user_page(0);

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_direct_io(file, false, &user, 0, PAGE_SIZE,
					   0), PAGE_SIZE);
	ck_assert_int_eq(*(char *)page_address(user), 'a');
	ck_assert_int_eq(pinpage_direct_io(file, false, &user, 0, PAGE_SIZE,
					   PAGE_SIZE), 0);
	pp_unref(user);
}
END_TEST

START_TEST(dio_write_extends)
{
	struct page *user = user_page('d');

	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, PAGE_SIZE,
					   PAGE_SIZE), PAGE_SIZE);
	ck_assert_int_eq(pinpage_i_size_read(file), 2 * PAGE_SIZE);
	ck_assert_int_eq(get_first_byte(1), 'd');
	pp_unref(user);
}
END_TEST

/* Somebody dirties page 0 at a given event, without any lock. */
static void dirty_page_0(struct pinpage_subscriber *self,
			 const struct pinpage_event *event)
{
	(void)event;
	if (self->priv) {
		self->priv = NULL;
		pp_set_page_dirty(cached(0));
	}
}

/* A page that gets dirty between write-back and invalidation. */
START_TEST(busy_cache_falls_back_to_buffered)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_WB_END),
		.order = PINPAGE_ORDER_TRACE,
		.fn = dirty_page_0,
		.priv = &sub,
	};
	struct page *user = user_page('d');

	put_page_bytes(0, 'a');
	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 512, 0), 512);
	pinpage_unsubscribe(&sub);
	ck_assert_int_eq(disk->data[0], 'd');
	ck_assert_int_eq(disk->data[512], 'a');
	ck_assert_int_eq(get_first_byte(0), 'd');
	pp_unref(user);
}
END_TEST

START_TEST(o_direct_read_write_aligned_only)
{
	struct file *f = pinpage_filp_open(sb, "f", O_RDWR | O_DIRECT, 0);
	static char buf[20 * PAGE_SIZE], got[20 * PAGE_SIZE];

	for (size_t i = 0; i < sizeof(buf); i++)
		buf[i] = (char)(i >> 9);
	ck_assert_int_eq(pinpage_pwrite(f, buf, sizeof(buf), 0), sizeof(buf));
	ck_assert_uint_eq(pinpage_mapping_nrpages(mapping), 0);
	ck_assert_int_eq(pinpage_pread(f, got, sizeof(got), 0), sizeof(got));
	ck_assert_mem_eq(buf, got, sizeof(buf));
	ck_assert_int_eq(pinpage_pwrite(f, buf, 100, 0), -EINVAL);
	ck_assert_int_eq(pinpage_pread(f, got, 512, 1), -EINVAL);
	pinpage_filp_close(f);
}
END_TEST

START_TEST(bad_arguments_refused)
{
	struct file *ro = pinpage_filp_open(sb, "f", O_RDONLY, 0);
	struct page *user = user_page(0), *none = NULL;

	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 1, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 100, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 512, -512),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, &none, 0, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(file, true, NULL, 0, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(NULL, true, &user, 0, 512, 0),
			 -EINVAL);
	ck_assert_int_eq(pinpage_direct_io(ro, true, &user, 0, 512, 0),
			 -EBADF);
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 0, 0), 0);
	pp_unref(user);
	pinpage_filp_close(ro);
}
END_TEST

static void cache_and_dirty(struct pinpage_subscriber *self,
			    const struct pinpage_event *event)
{
	struct page *page = pp_read_cache_page(event->mapping, 0, NULL);

	(void)self;
	pp_set_page_dirty(page);
	pp_unref(page);
}

/* A page comes into the cache during the I/O and cannot be dropped after. */
START_TEST(stale_cache_after_write_is_reported)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_BIT(PINPAGE_EV_DIO),
		.order = PINPAGE_ORDER_TRACE,
		.fn = cache_and_dirty,
	};
	struct page *user = user_page('d');

	ck_assert_int_eq(pinpage_subscribe(&sub), 0);
	ck_assert_int_eq(pinpage_direct_io(file, true, &user, 0, 512, 0), 512);
	pinpage_unsubscribe(&sub);
	ck_assert_uint_eq(pp_warn_count(), 1);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	ck_assert_int_eq(pinpage_fsync(file, 0), 0);
	pp_unref(user);
}
END_TEST

Suite *dio_suite(void)
{
	Suite *s = suite_create("dio");

	mem_test(s, dio_write_orphans_pinned_page);
	mem_test(s, dio_write_first_stores_dirty_neighbours);
	mem_test(s, dio_read_sees_cached_write);
	mem_test(s, dio_write_extends);
	mem_test(s, busy_cache_falls_back_to_buffered);
	mem_test(s, o_direct_read_write_aligned_only);
	mem_test(s, bad_arguments_refused);
	mem_test(s, stale_cache_after_write_is_reported);
	return s;
}
