// SPDX-License-Identifier: LGPL-2.1-or-later
/* FSCON: file systems are told before their pages get dirty. */
#include "machine.h"
#include "suites.h"

#include "event/event.h"

#define HERE "fscon.c"

static struct page *take(bool pin)
{
	struct page *page;

	cpu_store(addr, 'b');
	if (pin)
		ck_assert_int_eq(pinpage_pin_user_pages_fast(addr, 1,
					PINPAGE_FOLL_WRITE, &page), 1);
	else
		ck_assert_int_eq(pinpage_get_user_pages_fast(addr, 1,
					PINPAGE_FOLL_WRITE, &page), 1);
	return page;
}

START_TEST(dirty_after_clean_hazard)
{
	struct page *page;

	up("6.1");
	page = take(true);
	sync_file();
	device_store(page, 'd');
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	sites_in(expect("dirty-without-notification", PINPAGE_HAZARD, 2),
		 HERE, HERE);
	down();
}
END_TEST

START_TEST(dirty_while_dirty_silent)
{
	struct page *page;

	up("6.1");
	page = take(true);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	sync_file();
	cpu_store(addr, 'c');
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(stripped_private_data_named)
{
	struct page *page;

	up("5.4");
	page = take(false);
	sync_file();
	pinpage_reclaim_page(page);
	quiet();
	device_store(page, 'd');
	expect("private-released-under-write-token", PINPAGE_HAZARD, 2);
	pinpage_put_user_pages_dirty_lock(&page, 1, true);
	expect("dirty-without-buffers", PINPAGE_HAZARD, 4);
	sites_in(pinpage_check_find("dirty-without-buffers"), HERE, HERE);
	pinpage_ftruncate(file, 0);
	down();
}
END_TEST

START_TEST(dropped_by_the_file_system_lost)
{
	struct pinpage_rules rules;
	struct page *page;

	ck_assert_int_eq(pinpage_rules_parse(&rules, "6.1"), 0);
	up("6.1");
	page = take(false);
	sync_file();
	pinpage_reclaim_page(page);
	device_store(page, 'd');
	pinpage_set_page_dirty_lock(page);
	pinpage_put_page(page);
	pinpage_fsync(file, 0);
	expect("lost-write", PINPAGE_LOST,
	       pinpage_check_count(PINPAGE_HAZARD));
	down();
}
END_TEST

START_TEST(truncation_takes_private_data_silently)
{
	struct page *page;

	up("6.1");
	page = take(true);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	pinpage_unpin_user_pages_dirty_lock(&page, 1, true);
	quiet();
	down();
	quiet();
}
END_TEST

/* truncation stands between the release of private data and the removal */
static void open_window(struct page *page, bool range)
{
	struct address_space *mapping = pinpage_file_mapping(file);

	sync_file();
	if (range)
		pp_event_deliver(&(struct pinpage_event){
			.kind = PINPAGE_EV_TRUNCATE, .mapping = mapping,
			.nr = ~0UL >> PAGE_SHIFT });
	pinpage_lock_page(page);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_PRIV_RELEASE, .page = page, .nr = 1,
		.mapping = mapping });
}

START_TEST(release_while_truncation_works_silent)
{
	struct page *page;

	up("6.1");
	page = take(true);
	open_window(page, true);
	device_store(page, 'd');
	pinpage_unpin_user_page(page);
	pinpage_unlock_page(page);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(dirtying_while_truncation_works_no_word_of_buffers)
{
	struct page *page;

	up("6.1");
	page = take(true);
	open_window(page, true);
	pinpage_set_page_dirty(page);
	pinpage_unpin_user_page(page);
	pinpage_unlock_page(page);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert_ptr_null(pinpage_check_find("dirty-without-buffers"));
	ck_assert_ptr_null(pinpage_check_find("dirty-without-notification"));
	ck_assert_ptr_null(pinpage_check_find(
				"private-released-under-write-token"));
	down();
}
END_TEST

START_TEST(private_data_under_page_lock_waits)
{
	struct page *page;

	up("6.1");
	page = take(true);
	open_window(page, false);
	device_store(page, 'd');
	ck_assert_ptr_null(pinpage_check_find(
				"private-released-under-write-token"));
	pinpage_unlock_page(page);
	device_store(page, 'e');
	expect("private-released-under-write-token", PINPAGE_HAZARD, 2);
	pinpage_unpin_user_page(page);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	down();
}
END_TEST

START_TEST(unlocked_dirtying_hazard)
{
	struct page *page;

	up("5.2");
	page = take(false);
	pinpage_set_page_dirty_lock(page);
	quiet();
	pinpage_set_page_dirty(page);
	expect("dirty-unlocked", PINPAGE_HAZARD, 1);
	pinpage_put_user_page(page);
	down();
}
END_TEST

START_TEST(put_user_pages_dirty_hazard)
{
	struct page *page;

	up("5.2");
	page = take(false);
	sync_file();
	pinpage_put_user_pages_dirty(&page, 1);
	sites_in(expect("dirty-unlocked", PINPAGE_HAZARD, 2), HERE, HERE);
	down();
}
END_TEST

START_TEST(unlocked_dirtying_of_anon_silent)
{
	struct page *page;

	up("5.2");
	page = get_at(anon(1));
	pinpage_set_page_dirty(page);
	pinpage_put_user_pages_dirty(&page, 1);
	quiet();
	down();
}
END_TEST

static void dirty_call(struct page *page, long arg, bool mapped)
{
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_DIRTY_CALL, .page = page, .nr = 1,
		.mapping = mapped ? pinpage_file_mapping(file) : NULL,
		.arg = arg, .site = pinpage_set_page_dirty });
}

START_TEST(truncation_between_look_and_use_trap)
{
	struct page *page;

	up("5.2");
	page = take(false);
	dirty_call(page, 0, true);
	dirty_call(page, 1, true);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_DIRTY, .page = page, .nr = 1,
		.site = pinpage_set_page_dirty });
	expect("dirty-vs-truncate", PINPAGE_TRAP, 2);
	pinpage_put_user_page(page);
	down();
}
END_TEST

START_TEST(dirtying_a_truncated_page_silent)
{
	struct page *page;

	up("6.1");
	page = take(true);
	ck_assert_int_eq(pinpage_ftruncate(file, 0), 0);
	ck_assert(pinpage_set_page_dirty_lock(page));
	pinpage_unpin_user_page(page);
	quiet();
	down();
	quiet();
}
END_TEST

START_TEST(trap_about_buffers_is_ours)
{
	struct page *page;

	up("5.4");
	page = take(false);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_TRAP, .page = page, .nr = 1,
		.name = "dirty page without buffers" });
	expect("dirty-without-buffers", PINPAGE_TRAP, 1);
	pp_event_deliver(&(struct pinpage_event){
		.kind = PINPAGE_EV_TRAP, .name = "something else" });
	expect("trap", PINPAGE_TRAP, 2);
	pinpage_put_user_page(page);
	down();
}
END_TEST

Suite *fscon_suite(void)
{
	Suite *s = suite_create("check/fscon");

	pp_test_add(s, dirty_after_clean_hazard);
	pp_test_add(s, dirty_while_dirty_silent);
	pp_test_add(s, stripped_private_data_named);
	pp_test_add(s, dropped_by_the_file_system_lost);
	pp_test_add(s, truncation_takes_private_data_silently);
	pp_test_add(s, release_while_truncation_works_silent);
	pp_test_add(s, dirtying_while_truncation_works_no_word_of_buffers);
	pp_test_add(s, private_data_under_page_lock_waits);
	pp_test_add(s, unlocked_dirtying_hazard);
	pp_test_add(s, put_user_pages_dirty_hazard);
	pp_test_add(s, unlocked_dirtying_of_anon_silent);
	pp_test_add(s, truncation_between_look_and_use_trap);
	pp_test_add(s, dirtying_a_truncated_page_silent);
	pp_test_add(s, trap_about_buffers_is_ours);
	return s;
}
