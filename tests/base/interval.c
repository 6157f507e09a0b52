// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/interval.h"
#include "suites.h"

#define NR 200

/* each test runs in a process of its own: all zero at first */
static struct pp_interval_tree tree;
static struct pp_interval iv[NR];

/* how many are found in [start, last]; each is checked, order too */
static unsigned int found(unsigned long start, unsigned long last)
{
	unsigned long before = 0;
	struct pp_interval *at;
	unsigned int nr = 0;

	pp_interval_for_each(at, &tree, start, last) {
		ck_assert_uint_ge(at->start, before);
		ck_assert(at->start <= last && at->last >= start);
		before = at->start;
		nr++;
	}
	return nr;
}

static unsigned int expected(unsigned long start, unsigned long last)
{
	unsigned int i, nr = 0;

	for (i = 0; i < NR; i++)
		nr += iv[i].linked && iv[i].start <= last && iv[i].last >= start;
	return nr;
}

START_TEST(empty_tree_finds_nothing)
{
	ck_assert_ptr_null(pp_interval_first(&tree, 0, ~0UL));
}
END_TEST

START_TEST(ends_belong_to_the_interval)
{
	pp_interval_insert(&tree, &iv[0], 10, 20);
	ck_assert_uint_eq(found(0, 9), 0);
	ck_assert_uint_eq(found(0, 10), 1);
	ck_assert_uint_eq(found(15, 15), 1);
	ck_assert_uint_eq(found(20, 30), 1);
	ck_assert_uint_eq(found(21, 30), 0);
	ck_assert_uint_eq(found(0, ~0UL), 1);
}
END_TEST

START_TEST(equal_starts_keep_their_order)
{
	struct pp_interval *at;
	int i;

	for (i = 0; i < 9; i++)
		pp_interval_insert(&tree, &iv[i], 5, 5 + (unsigned int)(i * 7 % 4));
	at = pp_interval_first(&tree, 5, 5);
	for (i = 0; i < 9; i++) {
		ck_assert_ptr_eq(at, &iv[i]);
		at = pp_interval_next(at, 5, 5);
	}
	ck_assert_ptr_null(at);
}
END_TEST

START_TEST(removed_is_not_found)
{
	pp_interval_insert(&tree, &iv[0], 1, 9);
	pp_interval_insert(&tree, &iv[1], 2, 3);
	pp_interval_remove(&tree, &iv[0]);
	ck_assert(!iv[0].linked && iv[1].linked);
	ck_assert_uint_eq(found(4, 9), 0);
	ck_assert_uint_eq(found(0, 9), 1);
}
END_TEST

START_TEST(random_changes_agree_with_a_plain_search)
{
	uint64_t state = pp_test_seed();
	unsigned int step, i;

	for (step = 0; step < 20000; step++) {
		unsigned long start = pp_test_random(&state) % 1000;
		unsigned long last = start + pp_test_random(&state) % 50;

		i = pp_test_random(&state) % NR;
		if (iv[i].linked)
			pp_interval_remove(&tree, &iv[i]);
		else
			pp_interval_insert(&tree, &iv[i], start, last);
		start = pp_test_random(&state) % 1000;
		last = start + pp_test_random(&state) % 100;
		ck_assert_uint_eq(found(start, last), expected(start, last));
	}
}
END_TEST

Suite *interval_suite(void)
{
	Suite *s = suite_create("interval");

	pp_test_add(s, empty_tree_finds_nothing);
	pp_test_add(s, ends_belong_to_the_interval);
	pp_test_add(s, equal_starts_keep_their_order);
	pp_test_add(s, removed_is_not_found);
	pp_test_add(s, random_changes_agree_with_a_plain_search);
	return s;
}
