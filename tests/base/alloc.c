// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>
#include <string.h>

#include "base/alloc.h"
#include "base/atomic.h"
#include "suites.h"

static long before;
static struct pp_cache cache;

static void setup(void)
{
	pp_inject_alloc(0);
	pp_cache_init(&cache, "test", 40);
	before = pp_alloc_outstanding();
}

static void teardown(void)
{
	pp_inject_alloc(0);
	ck_assert_int_eq(pp_cache_destroy(&cache), 0);
	ck_assert_int_eq(pp_alloc_outstanding(), before);
}

START_TEST(outstanding_counts_what_is_alive)
{
	char *a = pp_alloc(10), *b = pp_zalloc(20), *c = pp_strdup("text");
	void *d = pp_alloc_aligned(4096, 100);

	ck_assert_int_eq(pp_alloc_outstanding(), before + 4);
	ck_assert_int_eq(b[0] | b[19], 0);
	ck_assert_str_eq(c, "text");
	ck_assert_uint_eq((uintptr_t)d % 4096, 0);
	a = pp_realloc(a, 10000);
	ck_assert_int_eq(pp_alloc_outstanding(), before + 4);
	pp_free(a);
	pp_free(b);
	pp_free(c);
	pp_free(d);
	pp_free(NULL);
}
END_TEST

START_TEST(zero_size_gives_a_pointer)
{
	void *a = pp_alloc(0), *b = pp_calloc(0, 8), *c = pp_realloc(NULL, 0);

	ck_assert_ptr_nonnull(a);
	ck_assert_ptr_nonnull(b);
	ck_assert_ptr_nonnull(c);
	c = pp_realloc(c, 0);
	ck_assert_ptr_nonnull(c);
	pp_free(a);
	pp_free(b);
	pp_free(c);
}
END_TEST

START_TEST(calloc_overflow_null)
{
	volatile size_t half = SIZE_MAX / 2 + 1;

	ck_assert_ptr_null(pp_calloc(half, 2));
	ck_assert_ptr_null(pp_calloc(half, half));
}
END_TEST

START_TEST(nth_allocation_fails_once)
{
	void *p[4];
	int i;

	pp_inject_alloc(3);
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(pp_inject_alloc_fired(), i > 2);
		p[i] = pp_alloc(8);
		ck_assert_int_eq(!p[i], i == 2);
	}
	for (i = 0; i < 4; i++)
		pp_free(p[i]);
}
END_TEST

START_TEST(every_call_can_be_failed)
{
	char *a = pp_alloc(1);

	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_zalloc(1));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_calloc(1, 1));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_realloc(a, 100));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_alloc_aligned(64, 1));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_strdup("x"));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_cache_alloc(&cache));
	pp_inject_alloc(1);
	ck_assert_ptr_null(pp_cache_zalloc(&cache));
	pp_inject_alloc(1);
	pp_inject_alloc(0);
	a = pp_realloc(a, 2);
	ck_assert_ptr_nonnull(a);
	pp_free(a);
}
END_TEST

START_TEST(foreign_allocation_counts_for_injection)
{
	ck_assert(!pp_alloc_should_fail());
	pp_inject_alloc(2);
	ck_assert(!pp_alloc_should_fail());
	ck_assert(pp_alloc_should_fail());
	ck_assert(pp_inject_alloc_fired());
	ck_assert(!pp_alloc_should_fail());
}
END_TEST

START_TEST(cache_objects_are_distinct_and_aligned)
{
	enum { N = 3000 };
	static char *obj[N];
	int i;

	for (i = 0; i < N; i++) {
		obj[i] = pp_cache_alloc(&cache);
		ck_assert_ptr_nonnull(obj[i]);
		ck_assert_uint_eq((uintptr_t)obj[i] % 16, 0);
		memset(obj[i], i & 0xff, 40);
	}
	ck_assert_int_eq(pp_cache_live(&cache), N);
	ck_assert_int_eq(pp_alloc_outstanding(), before + N);
	for (i = 0; i < N; i++) {
		if (obj[i][0] != (char)i || obj[i][39] != (char)i)
			ck_abort_msg("object %d overwritten", i);
		pp_cache_free(&cache, obj[i]);
	}
	pp_cache_free(&cache, NULL);
	ck_assert_int_eq(pp_cache_live(&cache), 0);
}
END_TEST

START_TEST(zalloc_clears_a_reused_object)
{
	char *a = pp_cache_alloc(&cache), *b;
	int i;

	memset(a, 0xff, 40);
	pp_cache_free(&cache, a);
	b = pp_cache_zalloc(&cache);
	for (i = 0; i < 40; i++)
		ck_assert_int_eq(b[i], 0);
	pp_cache_free(&cache, b);
}
END_TEST

START_TEST(destroy_reports_what_is_alive_and_starts_over)
{
	void *a = pp_cache_alloc(&cache), *b = pp_cache_alloc(&cache);

	pp_cache_free(&cache, a);
	ck_assert_int_eq(pp_cache_live(&cache), 1);
	pp_cache_free(&cache, b);
	ck_assert_int_eq(pp_cache_destroy(&cache), 0);
	ck_assert_int_eq(pp_cache_destroy(&cache), 0);
	a = pp_cache_alloc(&cache);
	ck_assert_ptr_nonnull(a);
	pp_cache_free(&cache, a);
}
END_TEST

START_TEST(more_caches_than_magazines_work)
{
	enum { N = 70 };
	static struct pp_cache many[N];
	static void *obj[N];
	int i;

	for (i = 0; i < N; i++) {
		pp_cache_init(&many[i], "many", 16 + i);
		obj[i] = pp_cache_zalloc(&many[i]);
		ck_assert_ptr_nonnull(obj[i]);
	}
	ck_assert_int_eq(pp_alloc_outstanding(), before + N);
	for (i = 0; i < N; i++) {
		pp_cache_free(&many[i], obj[i]);
		pp_cache_destroy(&many[i]);
	}
}
END_TEST

/* a box in which one thread hands objects to the other */
static void *box;

/* takes a heap of objects, stamps them, looks again, gives them back */
static void use_heap(unsigned long stamp)
{
	enum { HEAP = 300 };
	unsigned long *obj[HEAP];
	int i;

	for (i = 0; i < HEAP; i++) {
		obj[i] = pp_cache_alloc(&cache);
		*obj[i] = stamp;
	}
	for (i = 0; i < HEAP; i++) {
		if (*obj[i] != stamp)
			ck_abort_msg("object in two hands");
		pp_cache_free(&cache, xchg(&box, obj[i]));
	}
}

static void *use_heap_often(void *arg)
{
	int i;

	for (i = 0; i < 400; i++)
		use_heap((uintptr_t)arg);
	pp_base_thread_exit();
	return arg;
}

START_TEST(two_threads_share_a_cache)
{
	pthread_t t;

	ck_assert_int_eq(pthread_create(&t, NULL, use_heap_often, (void *)2),
			 0);
	use_heap_often((void *)1);
	pthread_join(t, NULL);
	pp_cache_free(&cache, xchg(&box, NULL));
	ck_assert_int_eq(pp_cache_live(&cache), 0);
}
END_TEST

static void *alloc_one(void *arg)
{
	*(void **)arg = pp_alloc(8);
	pp_base_thread_exit();
	return NULL;
}

START_TEST(record_of_dead_thread_is_reused)
{
	void *p[3];
	pthread_t t;
	int i;

	for (i = 0; i < 3; i++) {
		ck_assert_int_eq(pthread_create(&t, NULL, alloc_one, &p[i]), 0);
		pthread_join(t, NULL);
	}
	ck_assert_int_eq(pp_alloc_outstanding(), before + 3);
	for (i = 0; i < 3; i++)
		pp_free(p[i]);
}
END_TEST

Suite *alloc_suite(void)
{
	const TTest *const tests[] = {
		outstanding_counts_what_is_alive,
		zero_size_gives_a_pointer,
		calloc_overflow_null,
		nth_allocation_fails_once,
		every_call_can_be_failed,
		foreign_allocation_counts_for_injection,
		cache_objects_are_distinct_and_aligned,
		zalloc_clears_a_reused_object,
		destroy_reports_what_is_alive_and_starts_over,
		more_caches_than_magazines_work,
		two_threads_share_a_cache,
		record_of_dead_thread_is_reused,
	};
	Suite *s = suite_create("base/alloc");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(tests); i++)
		tcase_add_checked_fixture(
			pp_test_add_named(s, tests[i]->name, tests[i]),
			setup, teardown);
	return s;
}
