// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/bitops.h"
#include "base/hash.h"
#include "suites.h"

START_TEST(set_clear_change_touch_one_bit)
{
	DECLARE_BITMAP(map, 130) = { 0 };

	set_bit(129, map);
	ck_assert(test_bit(129, map));
	ck_assert(test_bit_acquire(129, map));
	ck_assert_uint_eq(map[2], 2);
	change_bit(0, map);
	ck_assert_uint_eq(map[0], 1);
	clear_bit(129, map);
	ck_assert_uint_eq(map[2], 0);
	__set_bit(64, map);
	ck_assert(__test_and_set_bit(64, map));
	__clear_bit(64, map);
	ck_assert_uint_eq(map[1], 0);
}
END_TEST

START_TEST(test_and_ops_return_the_old_bit)
{
	unsigned long w = 0;

	ck_assert(!test_and_set_bit(63, &w));
	ck_assert(test_and_set_bit(63, &w));
	ck_assert(test_and_clear_bit(63, &w));
	ck_assert(!test_and_clear_bit(63, &w));
	ck_assert(!test_and_change_bit(1, &w));
	ck_assert(!test_and_set_bit_lock(0, &w));
	ck_assert(test_and_set_bit_lock(0, &w));
	clear_bit_unlock(0, &w);
	ck_assert_uint_eq(w, 2);
	ck_assert_uint_eq(pp_set_mask_bits(&w, 0xf, 0x5), 2);
	ck_assert_uint_eq(w, 5);
}
END_TEST

START_TEST(logarithms_round_as_named)
{
	ck_assert_int_eq(fls(0), 0);
	ck_assert_int_eq(fls(0x80000000u), 32);
	ck_assert_int_eq(fls64(1), 1);
	ck_assert_int_eq(ffs(8), 4);
	ck_assert_uint_eq(__ffs(8), 3);
	ck_assert_uint_eq(__fls(~0UL), 63);
	ck_assert_uint_eq(ilog2(9), 3);
	ck_assert_uint_eq(order_base_2(0), 0);
	ck_assert_uint_eq(order_base_2(1), 0);
	ck_assert_uint_eq(order_base_2(9), 4);
	ck_assert_uint_eq(roundup_pow_of_two(513), 1024);
	ck_assert_uint_eq(rounddown_pow_of_two(513), 512);
	ck_assert(is_power_of_2(4096));
	ck_assert(!is_power_of_2(0));
	ck_assert_uint_eq(hweight_long(0xf0f), 8);
}
END_TEST

START_TEST(find_agrees_with_a_loop)
{
	DECLARE_BITMAP(map, 200) = { 0 };
	uint64_t seed = pp_test_seed();
	unsigned long from, want, zero, i;

	for (i = 0; i < 20; i++)
		set_bit(pp_test_random(&seed) % 200, map);
	for (from = 0; from <= 200; from++) {
		for (want = from; want < 200 && !test_bit(want, map);)
			want++;
		for (zero = from; zero < 200 && test_bit(zero, map);)
			zero++;
		ck_assert_uint_eq(find_next_bit(map, 200, from), want);
		ck_assert_uint_eq(find_next_zero_bit(map, 200, from), zero);
	}
	ck_assert_uint_eq(find_next_bit(map, 200, 300), 200);
}
END_TEST

START_TEST(find_ignores_bits_past_the_size)
{
	unsigned long map[2] = { 0, 1UL << 10 };
	unsigned long bit, n = 0;

	ck_assert_uint_eq(find_first_bit(map, 70), 70);
	ck_assert_uint_eq(find_first_bit(map, 75), 74);
	ck_assert_uint_eq(find_first_zero_bit(map, 0), 0);
	for_each_set_bit(bit, map, 128)
		n += bit;
	ck_assert_uint_eq(n, 74);
}
END_TEST

START_TEST(arithmetic_macros_round_as_named)
{
	ck_assert_uint_eq(ALIGN(4097UL, 4096), 8192);
	ck_assert_uint_eq(ALIGN_DOWN(4097UL, 4096), 4096);
	ck_assert_uint_eq(ALIGN(0xfffff0000001UL, 4096), 0xfffff0001000UL);
	ck_assert(IS_ALIGNED(8192UL, 4096));
	ck_assert_uint_eq(DIV_ROUND_UP(9, 4), 3);
	ck_assert_uint_eq(round_up(9UL, 8), 16);
	ck_assert_uint_eq(GENMASK(7, 4), 0xf0);
	ck_assert_int_eq(clamp_t(int, 9, 1, 5), 5);
	ck_assert_int_eq(min(3, 4) + max(3, 4), 7);
}
END_TEST

START_TEST(hash_fills_small_tables)
{
	unsigned int used = 0, i;

	for (i = 0; i < 256; i++)
		used |= 1u << hash_ptr((void *)(0x7f0000000000 + i * 64UL), 4);
	ck_assert_uint_eq(used, 0xffff);
	ck_assert_uint_ne(hash_mix(1, 2), hash_mix(2, 1));
}
END_TEST

Suite *bitops_suite(void)
{
	Suite *s = suite_create("base/bitops");

	pp_test_add(s, set_clear_change_touch_one_bit);
	pp_test_add(s, test_and_ops_return_the_old_bit);
	pp_test_add(s, logarithms_round_as_named);
	pp_test_add(s, find_agrees_with_a_loop);
	pp_test_add(s, find_ignores_bits_past_the_size);
	pp_test_add(s, arithmetic_macros_round_as_named);
	pp_test_add(s, hash_fills_small_tables);
	return s;
}
