// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <pthread.h>

#include "base/atomic.h"
#include "suites.h"

START_TEST(value_ops_return_new_fetch_ops_old)
{
	atomic_t v = ATOMIC_INIT(5);

	ck_assert_int_eq(atomic_add_return(3, &v), 8);
	ck_assert_int_eq(atomic_sub_return(2, &v), 6);
	ck_assert_int_eq(atomic_fetch_add(4, &v), 6);
	ck_assert_int_eq(atomic_fetch_sub(1, &v), 10);
	ck_assert_int_eq(atomic_fetch_or(0x10, &v), 9);
	ck_assert_int_eq(atomic_fetch_and(0x18, &v), 0x19);
	ck_assert_int_eq(atomic_fetch_xor(0x18, &v), 0x18);
	ck_assert_int_eq(atomic_inc_return(&v), 1);
	ck_assert_int_eq(atomic_dec_return(&v), 0);
}
END_TEST

START_TEST(void_ops_change_the_counter)
{
	atomic_long_t v = ATOMIC_LONG_INIT(0);

	atomic_long_set(&v, 10);
	atomic_long_add(5, &v);
	atomic_long_sub(3, &v);
	atomic_long_inc(&v);
	atomic_long_dec(&v);
	atomic_long_or(1, &v);
	ck_assert_int_eq(atomic_long_read(&v), 13);
}
END_TEST

START_TEST(and_test_is_true_at_zero_only)
{
	atomic_t v = ATOMIC_INIT(3);

	ck_assert(!atomic_dec_and_test(&v));
	ck_assert(atomic_sub_and_test(2, &v));
	ck_assert(!atomic_sub_and_test(1, &v));
	ck_assert(atomic_inc_and_test(&v));
	ck_assert(atomic_add_negative(-1, &v));
}
END_TEST

START_TEST(inc_not_zero_leaves_zero)
{
	atomic_t v = ATOMIC_INIT(0);

	ck_assert(!atomic_inc_not_zero(&v));
	ck_assert_int_eq(atomic_read(&v), 0);
	atomic_set(&v, 1);
	ck_assert(atomic_inc_not_zero(&v));
	ck_assert_int_eq(atomic_read(&v), 2);
}
END_TEST

START_TEST(add_unless_stops_at_the_limit)
{
	atomic64_t v = ATOMIC64_INIT(7);

	ck_assert(!atomic64_add_unless(&v, 1, 7));
	ck_assert(atomic64_add_unless(&v, 2, 8));
	ck_assert_int_eq(atomic64_read(&v), 9);
	ck_assert_int_eq(atomic64_fetch_add_unless(&v, 1, 0), 9);
	ck_assert_int_eq(atomic64_dec_if_positive(&v), 9);
	atomic64_set(&v, 0);
	ck_assert_int_eq(atomic64_dec_if_positive(&v), -1);
	ck_assert_int_eq(atomic64_read(&v), 0);
}
END_TEST

START_TEST(arithmetic_wraps)
{
	atomic_t v = ATOMIC_INIT(INT_MAX);

	ck_assert_int_eq(atomic_add_return(1, &v), INT_MIN);
	atomic_set(&v, INT_MAX);
	ck_assert(atomic_add_unless(&v, 1, 0));
	ck_assert_int_eq(atomic_read(&v), INT_MIN);
}
END_TEST

START_TEST(cmpxchg_stores_only_on_match)
{
	int a = 1, b = 2, *p = &a;
	atomic_t v = ATOMIC_INIT(4);
	int old = 3;

	ck_assert_ptr_eq(cmpxchg(&p, &b, NULL), &a);
	ck_assert_ptr_eq(p, &a);
	ck_assert_ptr_eq(cmpxchg(&p, &a, &b), &a);
	ck_assert_ptr_eq(xchg(&p, NULL), &b);
	ck_assert_ptr_null(p);
	ck_assert(!atomic_try_cmpxchg(&v, &old, 9));
	ck_assert_int_eq(old, 4);
	ck_assert(atomic_try_cmpxchg(&v, &old, 9));
	ck_assert_int_eq(atomic_cmpxchg(&v, 9, 1), 9);
	ck_assert_int_eq(atomic_xchg(&v, 6), 1);
}
END_TEST

struct word {
	unsigned long v;
};

START_TEST(marked_accesses_take_small_structs)
{
	const struct word one = { 1 };
	struct word w = { 0 }, r;

	WRITE_ONCE(w, one);
	r = READ_ONCE(w);
	ck_assert_uint_eq(r.v, 1);
	r = xchg(&w, (struct word){ 2 });
	ck_assert_uint_eq(r.v, 1);
	r = cmpxchg(&w, (struct word){ 2 }, (struct word){ 3 });
	ck_assert_uint_eq(r.v, 2);
	ck_assert_uint_eq(smp_load_acquire(&w).v, 3);
}
END_TEST

static atomic_t shared;
static unsigned long plain_data;
static int flag;

static void *add_many(void *arg)
{
	int i;

	for (i = 0; i < 20000; i++)
		atomic_inc(&shared);
	return arg;
}

START_TEST(two_threads_lose_no_increment)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, add_many, NULL), 0);
	add_many(NULL);
	pthread_join(t, NULL);
	ck_assert_int_eq(atomic_read(&shared), 40000);
}
END_TEST

static void *publish(void *arg)
{
	plain_data = 42;
	smp_store_release(&flag, 1);
	return arg;
}

START_TEST(release_publishes_plain_data)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, publish, NULL), 0);
	while (!smp_load_acquire(&flag))
		cpu_relax();
	ck_assert_uint_eq(plain_data, 42);
	pthread_join(t, NULL);
}
END_TEST

static int sb_x, sb_y, sb_turn, sb_seen;

/* Valgrind runs one thread at a time: every round is two of its time slices */
static int rounds(void)
{
	return getenv("PINPAGE_VALGRIND") ? 50 : 5000;
}

static void *store_buffer_peer(void *arg)
{
	int i, nr = rounds();

	for (i = 1; i <= nr; i++) {
		while (smp_load_acquire(&sb_turn) != 2 * i - 1)
			cpu_relax();
		WRITE_ONCE(sb_y, i);
		smp_mb();
		sb_seen = READ_ONCE(sb_x);
		smp_store_release(&sb_turn, 2 * i);
	}
	return arg;
}

START_TEST(smp_mb_forbids_store_buffering)
{
	int i, seen, nr = rounds();
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, store_buffer_peer, NULL), 0);
	for (i = 1; i <= nr; i++) {
		smp_store_release(&sb_turn, 2 * i - 1);
		WRITE_ONCE(sb_x, i);
		smp_mb();
		seen = READ_ONCE(sb_y);
		while (smp_load_acquire(&sb_turn) != 2 * i)
			cpu_relax();
		if (seen != i && sb_seen != i)
			ck_abort_msg("round %d: both sides read the past", i);
	}
	pthread_join(t, NULL);
}
END_TEST

Suite *atomic_suite(void)
{
	Suite *s = suite_create("base/atomic");

	pp_test_add(s, value_ops_return_new_fetch_ops_old);
	pp_test_add(s, void_ops_change_the_counter);
	pp_test_add(s, and_test_is_true_at_zero_only);
	pp_test_add(s, inc_not_zero_leaves_zero);
	pp_test_add(s, add_unless_stops_at_the_limit);
	pp_test_add(s, arithmetic_wraps);
	pp_test_add(s, cmpxchg_stores_only_on_match);
	pp_test_add(s, marked_accesses_take_small_structs);
	pp_test_add(s, two_threads_lose_no_increment);
	pp_test_add(s, release_publishes_plain_data);
	pp_test_add(s, smp_mb_forbids_store_buffering);
	return s;
}
