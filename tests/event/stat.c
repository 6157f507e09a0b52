// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>
#include <string.h>

#include "event/event.h"
#include "suites.h"

#define MANY 200	/* threads: more than there are blocks */

static void setup(void)
{
	pp_stat_reset();
}

static long acquired(void)
{
	return pinpage_stat(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED);
}

START_TEST(amounts_add_up)
{
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 512);
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, -2);
	pp_stat_add(PINPAGE_STAT_NR_FILE_DIRTY, 1);
	ck_assert_int_eq(acquired(), 510);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_FILE_DIRTY), 1);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_NR_WRITEBACK), 0);
}
END_TEST

static void *count_and_detach(void *unused)
{
	int i;

	(void)unused;
	for (i = 0; i < 1000; i++)
		pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 1);
	pp_stat_detach();
	return NULL;
}

static void *count_and_die(void *unused)
{
	(void)unused;
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 1);
	return NULL;
}

START_TEST(detached_thread_stays_counted)
{
	pthread_t threads[4];
	int i;

	for (i = 0; i < 4; i++)
		pthread_create(&threads[i], NULL, count_and_detach, NULL);
	for (i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(acquired(), 4000);
}
END_TEST

START_TEST(detach_gives_the_block_back)
{
	pthread_t thread;
	int i;

	for (i = 0; i < MANY; i++) {
		pthread_create(&thread, NULL, count_and_detach, NULL);
		pthread_join(thread, NULL);
	}
	ck_assert_int_eq(acquired(), 1000L * MANY);
	ck_assert_ptr_nonnull(pp_stat_mine ? pp_stat_mine :
					     pp_stat_attach());
}
END_TEST

START_TEST(detach_without_block_and_twice)
{
	pp_stat_detach();
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 3);
	pp_stat_detach();
	pp_stat_detach();
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 4);
	ck_assert_int_eq(acquired(), 7);
}
END_TEST

/* Takes every block for good, so the tests that use it come last. */
static void use_up_blocks(void)
{
	pthread_t thread;
	int i;

	for (i = 0; i < MANY; i++) {
		pthread_create(&thread, NULL, count_and_die, NULL);
		pthread_join(thread, NULL);
	}
}

START_TEST(dead_threads_without_detach_lose_nothing)
{
	use_up_blocks();
	ck_assert_int_eq(acquired(), MANY);
}
END_TEST

static int calls;

static void hear(struct pinpage_subscriber *self,
		 const struct pinpage_event *event)
{
	(void)self, (void)event;
	calls++;
}

/* Return: the thread's block, which it should not have. */
static void *emit_once(void *unused)
{
	(void)unused;
	pp_emit(PIN);
	return pp_stat_mine;
}

START_TEST(thread_without_block_delivers)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_ALL, .order = PINPAGE_ORDER_TRACE,
		.fn = hear,
	};
	pthread_t thread;
	void *block;

	use_up_blocks();
	pinpage_subscribe(&sub);
	pthread_create(&thread, NULL, emit_once, NULL);
	pthread_join(thread, &block);
	ck_assert_int_eq(pinpage_unsubscribe(&sub), 0);
	ck_assert_ptr_null(block);
	ck_assert_int_eq(calls, 1);
}
END_TEST

START_TEST(reset_zeroes_live_and_ended_threads)
{
	pthread_t thread;

	pthread_create(&thread, NULL, count_and_detach, NULL);
	pthread_join(thread, NULL);
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 1);
	pp_stat_reset();
	ck_assert_int_eq(acquired(), 0);
	pp_stat_add(PINPAGE_STAT_NR_FOLL_PIN_ACQUIRED, 1);
	ck_assert_int_eq(acquired(), 1);
}
END_TEST

START_TEST(names_are_those_of_vmstat)
{
	int item;

	for (item = 0; item < PINPAGE_NR_STATS; item++)
		ck_assert_str_ne(pinpage_stat_name(item), "?");
	ck_assert_str_eq(
		pinpage_stat_name(PINPAGE_STAT_NR_FOLL_PIN_RELEASED),
		"nr_foll_pin_released");
}
END_TEST

START_TEST(unknown_item_is_zero_and_nameless)
{
	ck_assert_int_eq(pinpage_stat(PINPAGE_NR_STATS), 0);
	ck_assert_int_eq(pinpage_stat((enum pinpage_stat)-1), 0);
	ck_assert_str_eq(pinpage_stat_name(PINPAGE_NR_STATS), "?");
}
END_TEST

Suite *stat_suite(void)
{
	Suite *s = suite_create("stat");
	TCase *tc = tcase_create("vmstat");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, amounts_add_up);
	tcase_add_test(tc, detached_thread_stays_counted);
	tcase_add_test(tc, detach_gives_the_block_back);
	tcase_add_test(tc, detach_without_block_and_twice);
	tcase_add_test(tc, reset_zeroes_live_and_ended_threads);
	tcase_add_test(tc, names_are_those_of_vmstat);
	tcase_add_test(tc, unknown_item_is_zero_and_nameless);
	tcase_add_test(tc, dead_threads_without_detach_lose_nothing);
	tcase_add_test(tc, thread_without_block_delivers);
	suite_add_tcase(s, tc);
	return s;
}
