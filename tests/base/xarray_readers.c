// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Readers beside one writer. The base room has no RCU: nodes and entries
 * that leave wait on a list until the readers have ended.
 */
#include <limits.h>
#include <pthread.h>

#include "base/alloc.h"
#include "base/xarray.h"
#include "suites.h"

struct thing {
	unsigned long index;
	unsigned long check;
	struct thing *next;
};

static DEFINE_XARRAY(xa);
static struct xa_node *waiting_nodes;
static struct thing *waiting_things;
static int stop;

static void defer_node(struct xa_node *node)
{
	node->rcu[0] = waiting_nodes;
	waiting_nodes = node;
}

static void free_waiting(void)
{
	while (waiting_nodes) {
		struct xa_node *node = waiting_nodes;

		waiting_nodes = node->rcu[0];
		pp_xa_node_free_now(node);
	}
	while (waiting_things) {
		struct thing *thing = waiting_things;

		waiting_things = thing->next;
		pp_free(thing);
	}
}

static unsigned long check_of(unsigned long index)
{
	return index * 3 + 1;
}

static struct thing *new_thing(unsigned long index)
{
	struct thing *thing = pp_alloc(sizeof(*thing));

	thing->index = index;
	thing->check = check_of(index);
	return thing;
}

static void retire_thing(struct thing *thing)
{
	if (!thing)
		return;
	thing->next = waiting_things;
	waiting_things = thing;
}

static unsigned long at(uint64_t r)
{
	return r % 8 == 0 ? (r % 3 + 1) << 24 : r % 300;
}

static void require(const struct thing *thing, unsigned long index)
{
	if (thing->index != index || thing->check != check_of(index))
		ck_abort_msg("index %lu: wrong or half-made entry", index);
}

static void *reader(void *arg)
{
	uint64_t seed = (uintptr_t)arg;

	while (!smp_load_acquire(&stop)) {
		unsigned long index = at(pp_test_random(&seed));
		unsigned long start = index, last = 0, n = 0;
		struct thing *thing = pp_xa_load(&xa, index);

		if (thing)
			require(thing, index);
		/* never stored away: every reader finds it, always */
		if (!pp_xa_load(&xa, 1000))
			ck_abort_msg("a lasting entry was missed");
		xa_for_each_range(&xa, index, thing, start, ULONG_MAX) {
			require(thing, index);
			if (n++ && index <= last)
				ck_abort_msg("walk went back");
			last = index;
		}
		pp_xa_get_mark(&xa, start, PP_XA_MARK_0);
		xa_for_each_marked(&xa, index, thing, PP_XA_MARK_0)
			require(thing, index);
		pp_xa_marked(&xa, PP_XA_MARK_0);
	}
	return NULL;
}

static void write_some(uint64_t *seed, unsigned int rounds)
{
	while (rounds--) {
		uint64_t r = pp_test_random(seed);
		unsigned long index = at(r >> 8);

		if (r & 1)
			retire_thing(pp_xa_store(&xa, index, new_thing(index)));
		else
			retire_thing(pp_xa_erase(&xa, index));
		if (r & 2)
			pp_xa_set_mark(&xa, index, PP_XA_MARK_0);
	}
}

static void drop_all(void)
{
	unsigned long index;
	struct thing *thing;

	xa_for_each(&xa, index, thing)
		retire_thing(pp_xa_erase(&xa, index));
	free_waiting();
}

START_TEST(readers_beside_writer_see_whole_entries)
{
	uint64_t seed = pp_test_seed();
	long before = pp_alloc_outstanding();
	pthread_t t[2];

	pp_xa_set_node_free(defer_node);
	pp_xa_store(&xa, 1000, new_thing(1000));
	ck_assert(!pthread_create(&t[0], NULL, reader, (void *)1));
	ck_assert(!pthread_create(&t[1], NULL, reader, (void *)2));
	write_some(&seed, 20000);
	smp_store_release(&stop, 1);
	pthread_join(t[0], NULL);
	pthread_join(t[1], NULL);
	drop_all();
	pp_xa_set_node_free(NULL);
	ck_assert_int_eq(pp_alloc_outstanding(), before);
	pp_xa_shutdown();
}
END_TEST

/* one entry comes and goes at the top: the height changes at every step */
START_TEST(reader_survives_changes_of_height)
{
	pthread_t t;
	int i;

	pp_xa_set_node_free(defer_node);
	pp_xa_store(&xa, 1000, new_thing(1000));
	ck_assert(!pthread_create(&t, NULL, reader, (void *)3));
	for (i = 0; i < 3000; i++) {
		unsigned long index = 1UL << (12 + i % 20);

		pp_xa_store(&xa, index, new_thing(index));
		retire_thing(pp_xa_erase(&xa, index));
	}
	smp_store_release(&stop, 1);
	pthread_join(t, NULL);
	drop_all();
	pp_xa_set_node_free(NULL);
	pp_xa_shutdown();
}
END_TEST

Suite *xarray_readers_suite(void)
{
	Suite *s = suite_create("base/xarray_readers");

	tcase_set_timeout(
		pp_test_add(s, readers_beside_writer_see_whole_entries), 120);
	tcase_set_timeout(
		pp_test_add(s, reader_survives_changes_of_height), 120);
	return s;
}
