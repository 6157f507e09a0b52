// SPDX-License-Identifier: LGPL-2.1-or-later
/* CLEAN: hazard at the store and the release, proof when the page goes. */
#include "machine.h"
#include "suites.h"

#include "event/event.h"

#define HERE "clean.c"

static struct page *pin_file(void)
{
	struct page *page;

	cpu_store(addr, 'a');
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1,
						     PINPAGE_FOLL_WRITE,
						     &page), 1);
	return page;
}

/* nothing maps or dirties it: out with it */
static void evict(void)
{
	ck_assert_int_eq(pinpage_munmap(addr, FILE_PAGES * PAGE_SIZE), 0);
	pinpage_drop_caches();
}

START_TEST(store_to_dirty_page_silent)
{
	struct page *page;

	up("6.1");
	page = pin_file();
	device_store(page, 'd');
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	sync_file();
	evict();
	ck_assert_int_eq(file_byte(0), 'd');
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(store_to_clean_page_hazard_once)
{
	const struct pinpage_verdict *v;
	struct page *page;

	up("6.1");
	page = pin_file();
	sync_file();
	device_store(page, 'd');
	device_store(page, 'e');
	v = expect("store-to-clean-page", PINPAGE_HAZARD, 1);
	ck_assert_uint_eq(v->count, 1);
	ck_assert_str_eq(v->file, "data");
	ck_assert_str_eq(v->rule_switch, "writeback_pinned");
	ck_assert_ptr_nonnull(v->site[1]);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	ck_assert_ptr_null(pinpage_check_find("released-without-dirty"));
	sync_file();
	evict();
	ck_assert_int_eq(file_byte(0), 'd' + 1);
	ck_assert_ptr_null(pinpage_check_find("lost-write"));
	down();
}
END_TEST

START_TEST(report_names_probe_and_file)
{
#ifdef HAVE_JANSSON
	struct page *page;
	char *text = NULL;
	size_t size;
	FILE *out;

	up("6.1");
	page = pin_file();
	sync_file();
	device_store(page, 'd');
	out = open_memstream(&text, &size);
	ck_assert_int_eq(pinpage_check_print_json(out), 0);
	pinpage_check_print(out, pinpage_check_first());
	fclose(out);
	ck_assert_ptr_nonnull(strstr(text, "\"probe\": \"clean\""));
	ck_assert_ptr_nonnull(strstr(text, "\"file\": \"data\""));
	ck_assert_ptr_nonnull(strstr(text, "\"index\": 0"));
	ck_assert_ptr_nonnull(strstr(text, "data, page 0"));
	free(text);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	down();
#endif
}
END_TEST

START_TEST(release_without_dirty_named)
{
	const struct pinpage_verdict *v;
	struct page *page;

	up("6.1");
	page = pin_file();
	sync_file();
	device_store(page, 'd');
	pinpage_unpin_user_page(page);
	v = expect("released-without-dirty", PINPAGE_HAZARD, 2);
	sites_in(v, HERE, HERE);
	ck_assert_ptr_nonnull(strstr(v->advice, "dirty_lock"));
	evict();
	sites_in(expect("lost-write", PINPAGE_LOST, 3), HERE, HERE);
	ck_assert_int_eq(file_byte(0), 'a');
	down();
}
END_TEST

START_TEST(put_page_without_dirty_named)
{
	struct page *page;

	up("5.1");
	cpu_store(addr, 'a');
	ck_assert_int_eq(pinpage_get_user_pages_fast(addr, 1,
						     PINPAGE_FOLL_WRITE,
						     &page), 1);
	sync_file();
	/* a store that no event tells of */
	memset(pinpage_page_address(page), 'd', 8);
	pinpage_put_page(page);
	sites_in(expect("released-without-dirty", PINPAGE_HAZARD, 1), HERE,
		 HERE);
	down();
}
END_TEST

START_TEST(page_under_write_token_waits_for_release)
{
	struct page *page;

	up("6.1");
	page = pin_file();
	sync_file();
	device_store(page, 'd');
	pinpage_invalidate_inode_pages2_range(pinpage_file_mapping(file), 0,
					      0);
	ck_assert_ptr_null(pinpage_check_find("lost-write"));
	pinpage_unpin_user_page(page);
	expect("store-to-clean-page", PINPAGE_HAZARD, 1);
	down();
}
END_TEST

START_TEST(read_only_release_silent)
{
	struct page *page;

	up("6.1");
	ck_assert_int_eq(file_byte(0), 'a');
	ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1, 0, &page), 1);
	pinpage_unpin_user_page(page);
	page = pin_file();
	sync_file();
	pinpage_unpin_user_page(page);
	evict();
	quiet();
	down();
}
END_TEST

START_TEST(truncated_store_silent)
{
	struct page *page;

	up("6.1");
	page = pin_file();
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	device_store(page, 'd');
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(punched_store_silent)
{
	struct page *page;

	up("6.1");
	page = pin_file();
	sync_file();
	device_store(page, 'd');
	pinpage_check_clear();
	ck_assert_int_eq(pinpage_fallocate(file, FALLOC_FL_PUNCH_HOLE |
					   FALLOC_FL_KEEP_SIZE, 0, PAGE_SIZE),
			 0);
	pinpage_unpin_user_page(page);
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(file_writes_and_maps_silent)
{
	char bytes[3000];
	int round;

	up("6.1");
	memset(bytes, 'w', sizeof(bytes));
	for (round = 0; round < 3; round++) {
		ck_assert_int_eq(pinpage_pwrite(file, bytes, sizeof(bytes),
						2000), sizeof(bytes));
		cpu_store(addr + 2 * PAGE_SIZE, (unsigned char)round);
		sync_file();
		ck_assert_int_eq(pinpage_ftruncate(file, 9000), 0);
		ck_assert_int_eq(pinpage_ftruncate(file, 16000), 0);
		pinpage_check_clean_now();
		pinpage_madvise(addr, FILE_PAGES * PAGE_SIZE, MADV_DONTNEED);
		pinpage_drop_caches();
		ck_assert_int_eq(file_byte(1), 'w');
	}
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(clean_now_finds_a_difference)
{
	struct page *page;

	up("6.1");
	ck_assert_int_eq(file_byte(0), 'a');
	page = pinpage_find_get_page(pinpage_file_mapping(file), 0);
	pinpage_check_clean_now();
	quiet();
	memset(pinpage_page_address(page), 'd', 8);
	pinpage_check_clean_now();
	expect("clean-differs", PINPAGE_HAZARD, 1);
	pinpage_put_page(page);
	down();
}
END_TEST

START_TEST(memory_of_ramfs_unchecked)
{
	struct page *page;
	long at;

	up_plain("6.1", PINPAGE_ENGINE_NATIVE);
	at = pinpage_mmap(0, PAGE_SIZE, PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, NULL, 0);
	cpu_store((unsigned long)at, 1);
	page = pin_at((unsigned long)at);
	pinpage_clear_page_dirty_for_io(page);
	memset(pinpage_page_address(page), 'd', 8);
	pinpage_unpin_user_page(page);
	pinpage_set_page_dirty(page);
	pinpage_check_clear();
	quiet();
	down();
	quiet();
}
END_TEST

static void deliver(enum pinpage_event_kind kind, struct page *page)
{
	pp_event_deliver(&(struct pinpage_event){
		.kind = kind, .page = page, .nr = 1,
		.mapping = pinpage_file_mapping(file),
		.len = page ? PAGE_SIZE : ~0UL >> 1 });
}

START_TEST(store_during_write_back_judged_at_read_in)
{
	struct page *page;

	up("6.1");
	page = pin_file();
	sync_file();
	deliver(PINPAGE_EV_WB_START, page);
	device_store(page, 'd');
	deliver(PINPAGE_EV_WB_END, page);
	pinpage_unpin_user_page(page);
	evict();
	expect("store-to-clean-page", PINPAGE_HAZARD, 1);
	ck_assert_int_eq(file_byte(0), 'a');
	expect("lost-write", PINPAGE_LOST, 2);
	down();
}
END_TEST

START_TEST(fsync_that_skips_a_page_named)
{
	up("6.1");
	cpu_store(addr, 'b');
	deliver(PINPAGE_EV_FSYNC_START, NULL);
	deliver(PINPAGE_EV_FSYNC_END, NULL);
	expect("fsync-lied", PINPAGE_LOST, 1);
	down();
}
END_TEST

START_TEST(fsync_racing_with_a_store_silent)
{
	up("6.1");
	sync_file();
	deliver(PINPAGE_EV_FSYNC_START, NULL);
	cpu_store(addr, 'b');
	deliver(PINPAGE_EV_FSYNC_END, NULL);
	quiet();
	down();
}
END_TEST

START_TEST(failed_fsync_vouches_for_nothing)
{
	up("6.1");
	cpu_store(addr, 'b');
	pinpage_inject_io(PINPAGE_IO_WRITE, 1, EIO, true);
	ck_assert_int_eq(pinpage_fsync(file, 0), -EIO);
	pinpage_inject_io(PINPAGE_IO_WRITE, 0, 0, false);
	pinpage_check_clean_now();
	quiet();
	down();
}
END_TEST

START_TEST(fsync_then_power_cut_silent)
{
	up_cached("6.1");
	cpu_store(addr, 'b');
	sync_file();
	cpu_store(addr, 'c');
	power_cut();
	pinpage_check_clean_now();
	down_lost();
	quiet();
}
END_TEST

START_TEST(promise_lost_with_the_write_cache_named)
{
	up_cached("6.1");
	cpu_store(addr, 'b');
	pinpage_filemap_write_and_wait(pinpage_file_mapping(file));
	deliver(PINPAGE_EV_FSYNC_END, NULL);
	power_cut();
	pinpage_check_clean_now();
	expect("fsync-lied", PINPAGE_LOST, 1);
	down_lost();
}
END_TEST

/* ftruncate() between the fall of the size and the removal of the pages */
static void size_falls(long size)
{
	struct address_space *mapping = pinpage_file_mapping(file);

	WRITE_ONCE(mapping->host->i_size, size);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_TRUNCATE, .mapping = mapping,
		.index = (unsigned long)size >> PAGE_SHIFT,
		.nr = ~0UL >> PAGE_SHIFT,
		.arg = size & (long)(PAGE_SIZE - 1) });
}

START_TEST(eviction_while_truncation_works_silent)
{
	up("6.1");
	ck_assert_int_eq(pinpage_munmap(addr, FILE_PAGES * PAGE_SIZE), 0);
	size_falls((long)PAGE_SIZE + 100);
	pinpage_drop_caches();
	quiet();
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	down();
	quiet();
}
END_TEST

Suite *clean_suite(void)
{
	Suite *s = suite_create("check/clean");

	pp_test_add(s, store_to_dirty_page_silent);
	pp_test_add(s, store_to_clean_page_hazard_once);
	pp_test_add(s, report_names_probe_and_file);
	pp_test_add(s, release_without_dirty_named);
	pp_test_add(s, put_page_without_dirty_named);
	pp_test_add(s, page_under_write_token_waits_for_release);
	pp_test_add(s, read_only_release_silent);
	pp_test_add(s, truncated_store_silent);
	pp_test_add(s, punched_store_silent);
	pp_test_add(s, file_writes_and_maps_silent);
	pp_test_add(s, clean_now_finds_a_difference);
	pp_test_add(s, memory_of_ramfs_unchecked);
	pp_test_add(s, store_during_write_back_judged_at_read_in);
	pp_test_add(s, fsync_that_skips_a_page_named);
	pp_test_add(s, fsync_racing_with_a_store_silent);
	pp_test_add(s, failed_fsync_vouches_for_nothing);
	pp_test_add(s, fsync_then_power_cut_silent);
	pp_test_add(s, promise_lost_with_the_write_cache_named);
	pp_test_add(s, eviction_while_truncation_works_silent);
	return s;
}
