// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bitops.h"
#include "base/xarray.h"
#include "suites.h"

static DEFINE_XARRAY(xa);
static long before;

static void setup(void)
{
	xa_init(&xa);
	before = pp_alloc_outstanding();
}

static void teardown(void)
{
	pp_inject_alloc(0);
	pp_xa_destroy(&xa);
	ck_assert(xa_empty(&xa));
	ck_assert_int_eq(pp_alloc_outstanding(), before);
	pp_xa_shutdown();
}

static void *val(unsigned long v)
{
	return xa_mk_value(v);
}

START_TEST(store_load_erase_round_trip)
{
	int x;

	ck_assert_ptr_null(pp_xa_load(&xa, 0));
	ck_assert_ptr_null(pp_xa_store(&xa, 0, &x));
	ck_assert_ptr_eq(pp_xa_load(&xa, 0), &x);
	ck_assert_ptr_null(pp_xa_load(&xa, 1));
	ck_assert_ptr_eq(pp_xa_store(&xa, 0, val(7)), &x);
	ck_assert(xa_is_value(pp_xa_load(&xa, 0)));
	ck_assert_uint_eq(xa_to_value(pp_xa_load(&xa, 0)), 7);
	ck_assert_ptr_eq(pp_xa_erase(&xa, 0), val(7));
	ck_assert_ptr_null(pp_xa_erase(&xa, 0));
	ck_assert(xa_empty(&xa));
}
END_TEST

START_TEST(store_null_erases)
{
	pp_xa_store(&xa, 9, val(1));
	ck_assert_ptr_eq(pp_xa_store(&xa, 9, NULL), val(1));
	ck_assert(xa_empty(&xa));
	ck_assert_ptr_null(pp_xa_store(&xa, 9, NULL));
}
END_TEST

START_TEST(last_index_is_an_index)
{
	unsigned long index = 0;

	pp_xa_store(&xa, ULONG_MAX, val(1));
	pp_xa_store(&xa, 0, val(2));
	ck_assert_ptr_eq(pp_xa_load(&xa, ULONG_MAX), val(1));
	ck_assert_ptr_eq(pp_xa_find_after(&xa, &index, ULONG_MAX,
					  PP_XA_PRESENT), val(1));
	ck_assert_uint_eq(index, ULONG_MAX);
	ck_assert_ptr_null(pp_xa_find_after(&xa, &index, ULONG_MAX,
					    PP_XA_PRESENT));
	pp_xa_erase(&xa, ULONG_MAX);
	index = 1;
	ck_assert_ptr_null(pp_xa_find(&xa, &index, ULONG_MAX, PP_XA_PRESENT));
	ck_assert_uint_eq(index, 1);
}
END_TEST

START_TEST(tree_shrinks_to_what_it_holds)
{
	pp_xa_store(&xa, 3, val(3));
	ck_assert_int_eq(pp_alloc_outstanding(), before + 1);
	pp_xa_store(&xa, 1UL << 40, val(40));
	ck_assert_int_gt(pp_alloc_outstanding(), before + 10);
	pp_xa_erase(&xa, 1UL << 40);
	ck_assert_int_eq(pp_alloc_outstanding(), before + 1);
	ck_assert_ptr_eq(pp_xa_load(&xa, 3), val(3));
	ck_assert_ptr_null(pp_xa_load(&xa, 1UL << 40));
}
END_TEST

START_TEST(cmpxchg_stores_only_on_match)
{
	ck_assert_ptr_null(pp_xa_cmpxchg(&xa, 5, NULL, val(1)));
	ck_assert_ptr_eq(pp_xa_cmpxchg(&xa, 5, NULL, val(2)), val(1));
	ck_assert_ptr_eq(pp_xa_cmpxchg(&xa, 5, val(1), val(3)), val(1));
	ck_assert_ptr_eq(pp_xa_load(&xa, 5), val(3));
	ck_assert_ptr_eq(pp_xa_cmpxchg(&xa, 5, val(3), NULL), val(3));
	ck_assert(xa_empty(&xa));
}
END_TEST

START_TEST(marks_follow_the_entry)
{
	pp_xa_set_mark(&xa, 70, PP_XA_MARK_0);
	ck_assert(!pp_xa_marked(&xa, PP_XA_MARK_0));
	pp_xa_store(&xa, 70, val(1));
	pp_xa_store(&xa, 7000, val(2));
	pp_xa_set_mark(&xa, 70, PP_XA_MARK_1);
	ck_assert(pp_xa_get_mark(&xa, 70, PP_XA_MARK_1));
	ck_assert(!pp_xa_get_mark(&xa, 70, PP_XA_MARK_0));
	ck_assert(!pp_xa_get_mark(&xa, 7000, PP_XA_MARK_1));
	pp_xa_store(&xa, 70, val(3));
	ck_assert(pp_xa_get_mark(&xa, 70, PP_XA_MARK_1));
	pp_xa_erase(&xa, 70);
	ck_assert(!pp_xa_marked(&xa, PP_XA_MARK_1));
	pp_xa_store(&xa, 70, val(4));
	ck_assert(!pp_xa_get_mark(&xa, 70, PP_XA_MARK_1));
}
END_TEST

START_TEST(growing_keeps_marks)
{
	pp_xa_store(&xa, 1, val(1));
	pp_xa_set_mark(&xa, 1, PP_XA_MARK_2);
	pp_xa_store(&xa, 1UL << 30, val(2));
	ck_assert(pp_xa_marked(&xa, PP_XA_MARK_2));
	ck_assert(pp_xa_get_mark(&xa, 1, PP_XA_MARK_2));
	pp_xa_clear_mark(&xa, 1, PP_XA_MARK_2);
	ck_assert(!pp_xa_marked(&xa, PP_XA_MARK_2));
	pp_xa_clear_mark(&xa, 1UL << 50, PP_XA_MARK_2);
}
END_TEST

START_TEST(walks_visit_in_order)
{
	static const unsigned long at[] = { 0, 63, 64, 4095, 4096, 1UL << 33 };
	unsigned long index, n = 0;
	void *entry;

	for (n = 0; n < ARRAY_SIZE(at); n++)
		pp_xa_store(&xa, at[n], val(n));
	pp_xa_set_mark(&xa, 64, PP_XA_MARK_0);
	pp_xa_set_mark(&xa, 1UL << 33, PP_XA_MARK_0);
	n = 0;
	xa_for_each(&xa, index, entry) {
		ck_assert_uint_eq(index, at[n]);
		ck_assert_uint_eq(xa_to_value(entry), n++);
	}
	ck_assert_uint_eq(n, 6);
	xa_for_each_range(&xa, index, entry, 63, 4095)
		n++;
	ck_assert_uint_eq(n, 9);
	xa_for_each_marked(&xa, index, entry, PP_XA_MARK_0)
		n++;
	ck_assert_uint_eq(n, 11);
	xa_for_each(&xa, index, entry)
		pp_xa_erase(&xa, index);
	ck_assert(xa_empty(&xa));
}
END_TEST

START_TEST(extract_stops_at_max_and_n)
{
	unsigned long indices[4], i;
	void *entries[4];

	for (i = 0; i < 10; i++)
		pp_xa_store(&xa, i * 50, val(i));
	ck_assert_uint_eq(pp_xa_extract(&xa, entries, indices, 60, ULONG_MAX,
					4, PP_XA_PRESENT), 4);
	ck_assert_uint_eq(indices[0], 100);
	ck_assert_ptr_eq(entries[3], val(5));
	ck_assert_uint_eq(pp_xa_extract(&xa, entries, NULL, 0, 50, 4,
					PP_XA_PRESENT), 2);
	ck_assert_uint_eq(pp_xa_extract(&xa, entries, NULL, 0, 500, 0,
					PP_XA_PRESENT), 0);
	ck_assert_uint_eq(pp_xa_extract(&xa, entries, NULL, 0, 500, 4,
					PP_XA_MARK_0), 0);
}
END_TEST

START_TEST(store_at_reserved_index_needs_no_memory)
{
	unsigned long index = 0;

	ck_assert_int_eq(pp_xa_reserve(&xa, 5000), 0);
	ck_assert_int_eq(pp_xa_reserve(&xa, 5000), 0);
	ck_assert_ptr_null(pp_xa_load(&xa, 5000));
	ck_assert_ptr_null(pp_xa_find(&xa, &index, ULONG_MAX, PP_XA_PRESENT));
	pp_xa_set_mark(&xa, 5000, PP_XA_MARK_0);
	ck_assert(!pp_xa_marked(&xa, PP_XA_MARK_0));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_xa_store(&xa, 5000, val(1)));
	ck_assert(!pp_inject_alloc_fired());
	pp_inject_alloc(0);
	pp_xa_release(&xa, 5000);
	ck_assert_ptr_eq(pp_xa_load(&xa, 5000), val(1));
}
END_TEST

START_TEST(release_drops_an_unused_reservation)
{
	ck_assert_int_eq(pp_xa_reserve(&xa, 5000), 0);
	pp_xa_release(&xa, 5000);
	pp_xa_release(&xa, 5000);
	ck_assert(xa_empty(&xa));
	pp_inject_alloc(1);
	ck_assert_int_eq(pp_xa_reserve(&xa, 5000), -ENOMEM);
	ck_assert(xa_empty(&xa));
}
END_TEST

START_TEST(preloaded_store_needs_no_memory)
{
	static const unsigned long at[] = { 0, 5, 70, 1UL << 20, ULONG_MAX };
	struct xa_preload pl = XA_PRELOAD_INIT;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		ck_assert_int_eq(pp_xa_preload(&xa, &pl, at[i]), 0);
		pp_inject_alloc(1);
		ck_assert_ptr_null(pp_xa_store_preloaded(&xa, at[i], val(i),
							 &pl));
		pp_inject_alloc(0);
		ck_assert_ptr_eq(pp_xa_load(&xa, at[i]), val(i));
	}
	pp_xa_preload_end(&pl);
	pp_inject_alloc(3);
	ck_assert_int_eq(pp_xa_preload(&xa, &pl, 0), -ENOMEM);
	pp_xa_preload_end(&pl);
}
END_TEST

/* fails the nth allocation of a store at @index until one store passes */
static void store_with_failures(unsigned long index)
{
	long live = pp_alloc_outstanding();
	unsigned long nth;

	for (nth = 1; ; nth++) {
		void *old;

		pp_inject_alloc(nth);
		old = pp_xa_store(&xa, index, val(index & 0xffff));
		if (!pp_inject_alloc_fired())
			break;
		ck_assert_int_eq(PTR_ERR(old), -ENOMEM);
		ck_assert_int_eq(pp_alloc_outstanding(), live);
		ck_assert_ptr_null(pp_xa_load(&xa, index));
	}
	pp_inject_alloc(0);
}

START_TEST(failed_store_leaves_the_tree)
{
	static const unsigned long at[] = {
		2, 3, 64, 1UL << 13, 1UL << 36, (1UL << 36) + 4096, 1UL << 63,
	};
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(at); i++) {
		store_with_failures(at[i]);
		for (j = 0; j <= i; j++)
			ck_assert_ptr_eq(pp_xa_load(&xa, at[j]),
					 val(at[j] & 0xffff));
	}
	pp_xa_erase(&xa, 3);
	pp_inject_alloc(1);
	ck_assert(IS_ERR(pp_xa_cmpxchg(&xa, 5000, NULL, val(1))));
}
END_TEST

/* the oracle: a plain array of entries and marks at scattered indices */
#define ORACLE	400
static void *oracle[ORACLE];
static bool oracle_mark[PP_XA_MARKS][ORACLE];

static unsigned long oracle_index(unsigned int i)
{
	return i < 200 ? i * 7UL : i < 300 ? i * 100003UL :
		(1UL << 62) + ((unsigned long)i << (i % 50));
}

static unsigned int oracle_slot(unsigned long index)
{
	unsigned int i;

	for (i = 0; i < ORACLE; i++)
		if (oracle_index(i) == index)
			return i;
	return ORACLE;
}

static void oracle_compare(void)
{
	unsigned long index, last, n, want;
	unsigned int f, i;
	void *entry;

	for (f = 0; f <= PP_XA_PRESENT; f++) {
		n = want = last = 0;
		xa_for_each_range_filter(&xa, index, entry, 0UL, ULONG_MAX, f) {
			i = oracle_slot(index);
			if (i == ORACLE || oracle[i] != entry ||
			    (f < PP_XA_MARKS && !oracle_mark[f][i]) ||
			    (n && index <= last))
				ck_abort_msg("filter %u index %lu", f, index);
			last = index;
			n++;
		}
		for (i = 0; i < ORACLE; i++)
			want += oracle[i] && (f == PP_XA_PRESENT ||
					      oracle_mark[f][i]);
		ck_assert_uint_eq(n, want);
		if (f < PP_XA_MARKS)
			ck_assert_int_eq(pp_xa_marked(&xa, f), n > 0);
	}
}

static void oracle_erase(unsigned int i)
{
	unsigned int m;

	ck_assert_ptr_eq(pp_xa_erase(&xa, oracle_index(i)), oracle[i]);
	oracle[i] = NULL;
	for (m = 0; m < PP_XA_MARKS; m++)
		oracle_mark[m][i] = false;
}

static void oracle_step(uint64_t *seed, unsigned int phase)
{
	unsigned int i = pp_test_random(seed) % ORACLE;
	unsigned int op = pp_test_random(seed) % 8;
	unsigned int m = pp_test_random(seed) % PP_XA_MARKS;
	unsigned long index = oracle_index(i);
	void *entry = val(pp_test_random(seed) >> 2);

	ck_assert_ptr_eq(pp_xa_load(&xa, index), oracle[i]);
	ck_assert_int_eq(pp_xa_get_mark(&xa, index, m), oracle_mark[m][i]);
	if (op < 2) {
		pp_xa_set_mark(&xa, index, m);
		oracle_mark[m][i] = oracle[i] != NULL;
	} else if (op < 3) {
		pp_xa_clear_mark(&xa, index, m);
		oracle_mark[m][i] = false;
	} else if (op < 4 + 3 * phase) {
		oracle_erase(i);
	} else {
		ck_assert_ptr_eq(pp_xa_store(&xa, index, entry), oracle[i]);
		oracle[i] = entry;
	}
}

START_TEST(random_operations_agree_with_an_array)
{
	uint64_t seed = pp_test_seed();
	unsigned int i;

	/* indices of two oracle slots may not be the same */
	for (i = 0; i < ORACLE; i++)
		if (oracle_slot(oracle_index(i)) != i)
			ck_abort_msg("slot %u is double", i);
	for (i = 0; i < 20000; i++) {
		oracle_step(&seed, (i / 2500) % 2);
		if (i % 250 == 0)
			oracle_compare();
	}
	for (i = 0; i < ORACLE; i++)
		oracle_erase(i);
	ck_assert(xa_empty(&xa));
}
END_TEST

static unsigned int retired;

static void count_retired(struct xa_node *node)
{
	retired++;
	pp_xa_node_free_now(node);
}

START_TEST(node_free_hook_gets_every_node)
{
	long live;

	pp_xa_set_node_free(count_retired);
	pp_xa_store(&xa, 1UL << 20, val(1));
	pp_xa_store(&xa, 1, val(1));
	live = pp_alloc_outstanding() - before;
	pp_xa_erase(&xa, 1UL << 20);
	pp_xa_destroy(&xa);
	ck_assert_int_eq(retired, live);
	pp_xa_set_node_free(NULL);
}
END_TEST

Suite *xarray_suite(void)
{
	const TTest *const tests[] = {
		store_load_erase_round_trip,
		store_null_erases,
		last_index_is_an_index,
		tree_shrinks_to_what_it_holds,
		cmpxchg_stores_only_on_match,
		marks_follow_the_entry,
		growing_keeps_marks,
		walks_visit_in_order,
		extract_stops_at_max_and_n,
		store_at_reserved_index_needs_no_memory,
		release_drops_an_unused_reservation,
		preloaded_store_needs_no_memory,
		failed_store_leaves_the_tree,
		random_operations_agree_with_an_array,
		node_free_hook_gets_every_node,
	};
	Suite *s = suite_create("base/xarray");
	TCase *tc;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++) {
		tc = pp_test_add_named(s, tests[i]->name, tests[i]);
		tcase_add_checked_fixture(tc, setup, teardown);
		tcase_set_timeout(tc, 60);
	}
	return s;
}
