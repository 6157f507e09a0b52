// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The task that keeps frames free.
 */
#include "machine.h"
#include "suites.h"

static void small(enum pinpage_engine engine)
{
	struct pinpage_swap_options options = { .pages = 1024 };

	down();
	boot("6.1", engine, 256);
	ck_assert_int_eq(pinpage_swapon(&options), 0);
}

/* stores until kswapd was seen to work, at most a thousand pages */
static void fill_until_woken(void)
{
	unsigned long addr = map(1000, RW, PRIV), i;

	for (i = 0; i < 1000 && !pinpage_stat(PINPAGE_STAT_PGSTEAL_KSWAPD); i++) {
		put(mm, addr + i * PAGE_SIZE, (unsigned char)(i % 251));
		pinpage_msleep(1);
	}
	while (i-- > 0)
		ck_assert_int_eq(get(mm, addr + i * PAGE_SIZE), (int)(i % 251));
}

START_TEST(wakes_below_the_low_mark)
{
	small((enum pinpage_engine)_i);
	ck_assert_int_eq(pinpage_kswapd_start(40, 60), 0);
	fill_until_woken();
	ck_assert_int_gt(pinpage_stat(PINPAGE_STAT_PGSTEAL_KSWAPD), 0);
	pinpage_kswapd_stop();
}
END_TEST

START_TEST(sleeps_without_pressure)
{
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), 0);
	anon(10);
	pinpage_msleep(2);
	ck_assert_int_eq(pinpage_stat(PINPAGE_STAT_PGSTEAL_KSWAPD), 0);
	pinpage_kswapd_stop();
	pinpage_kswapd_stop();
}
END_TEST

START_TEST(nothing_to_free_gives_up)
{
	down();
	boot("6.1", PINPAGE_ENGINE_FIBER, 256);
	ck_assert_int_eq(pinpage_kswapd_start(200, 220), 0);
	anon(100);
	pinpage_msleep(1);
	pinpage_kswapd_stop();
}
END_TEST

START_TEST(running_at_shutdown)
{
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), 0);
}
END_TEST

START_TEST(bad_arguments)
{
	ck_assert_int_eq(pinpage_kswapd_start(9, 8), -EINVAL);
	ck_assert_int_eq(pinpage_kswapd_start(1, 1UL << 40), -EINVAL);
	pp_inject_alloc(1);
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), -ENOMEM);
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), 0);
	ck_assert_int_eq(pinpage_kswapd_start(0, 0), -EBUSY);
	pinpage_kswapd_stop();
}
END_TEST

Suite *kswapd_suite(void)
{
	Suite *s = suite_create("mm/kswapd");
	TCase *tc = tcase_create("wakes_below_the_low_mark");

	tcase_add_checked_fixture(tc, up, down);
	tcase_add_loop_test(tc, wakes_below_the_low_mark, PINPAGE_ENGINE_NATIVE,
			    PINPAGE_ENGINE_FIBER + 1);
	suite_add_tcase(s, tc);
	on(s, sleeps_without_pressure, up);
	on(s, sleeps_without_pressure, up_fiber);
	on(s, nothing_to_free_gives_up, up);
	on(s, running_at_shutdown, up);
	on(s, running_at_shutdown, up_fiber);
	on(s, bad_arguments, up);
	return s;
}
