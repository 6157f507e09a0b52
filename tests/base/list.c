// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>

#include "base/list.h"
#include "suites.h"

struct item {
	int v;
	struct list_head link;
	struct hlist_node hash;
};

static struct item items[4];
static struct list_head head;

/* the list as a decimal number */
static int digits(struct list_head *list)
{
	struct item *it;
	int n = 0, back = 0, factor = 1;

	list_for_each_entry(it, list, link)
		n = n * 10 + it->v;
	list_for_each_entry_reverse(it, list, link) {
		back += it->v * factor;
		factor *= 10;
	}
	ck_assert_int_eq(n, back);
	return n;
}

static void setup(void)
{
	int i;

	INIT_LIST_HEAD(&head);
	for (i = 0; i < 4; i++) {
		items[i].v = i + 1;
		list_add_tail(&items[i].link, &head);
	}
}

START_TEST(add_goes_to_head_add_tail_to_tail)
{
	struct item five = { .v = 5 }, six = { .v = 6 };

	list_add(&five.link, &head);
	list_add_tail(&six.link, &head);
	ck_assert_int_eq(digits(&head), 512346);
	ck_assert_ptr_eq(list_first_entry(&head, struct item, link), &five);
	ck_assert_ptr_eq(list_last_entry(&head, struct item, link), &six);
	ck_assert(list_is_first(&five.link, &head));
	ck_assert(list_is_last(&six.link, &head));
	ck_assert_ptr_eq(list_next_entry(&five, link), &items[0]);
	ck_assert_ptr_eq(list_prev_entry(&six, link), &items[3]);
}
END_TEST

START_TEST(del_poisons_del_init_empties)
{
	list_del(&items[1].link);
	ck_assert_ptr_eq(items[1].link.next, LIST_POISON1);
	list_del_init(&items[2].link);
	ck_assert(list_empty(&items[2].link));
	ck_assert_int_eq(digits(&head), 14);
	list_del(&items[0].link);
	ck_assert(list_is_singular(&head));
	list_del(&items[3].link);
	ck_assert(list_empty(&head));
	ck_assert_ptr_null(list_first_entry_or_null(&head, struct item, link));
}
END_TEST

START_TEST(move_and_replace_keep_the_rest)
{
	struct item nine = { .v = 9 };

	list_move(&items[3].link, &head);
	ck_assert_int_eq(digits(&head), 4123);
	list_move_tail(&items[0].link, &head);
	ck_assert_int_eq(digits(&head), 4231);
	list_replace(&items[1].link, &nine.link);
	ck_assert_int_eq(digits(&head), 4931);
}
END_TEST

START_TEST(splice_moves_a_whole_list)
{
	struct item five = { .v = 5 }, six = { .v = 6 };
	PP_LIST_HEAD(other);

	list_add(&five.link, &other);
	list_splice_init(&other, &head);
	ck_assert(list_empty(&other));
	list_splice_init(&other, &head);
	list_add(&six.link, &other);
	list_splice_tail_init(&other, &head);
	ck_assert_int_eq(digits(&head), 512346);
}
END_TEST

START_TEST(safe_walk_survives_deletion)
{
	struct list_head *pos, *n;
	struct item *it, *next;

	list_for_each_entry_safe(it, next, &head, link)
		if (it->v % 2)
			list_del(&it->link);
	ck_assert_int_eq(digits(&head), 24);
	list_for_each_safe(pos, n, &head)
		list_del(pos);
	ck_assert(list_empty(&head));
}
END_TEST

START_TEST(hlist_adds_and_deletes_anywhere)
{
	HLIST_HEAD(h);
	struct hlist_node *n;
	struct item *it;
	int sum = 0;

	INIT_HLIST_NODE(&items[0].hash);
	ck_assert(hlist_unhashed(&items[0].hash));
	hlist_del_init(&items[0].hash);
	hlist_add_head(&items[0].hash, &h);
	hlist_add_head_rcu(&items[1].hash, &h);
	hlist_add_behind(&items[2].hash, &items[1].hash);
	hlist_for_each_entry(it, &h, hash)
		sum = sum * 10 + it->v;
	ck_assert_int_eq(sum, 231);
	hlist_del_rcu(&items[2].hash);
	hlist_for_each_entry_rcu(it, &h, hash)
		sum += it->v;
	ck_assert_int_eq(sum, 234);
	hlist_for_each_entry_safe(it, n, &h, hash)
		hlist_del(&it->hash);
	ck_assert(hlist_empty(&h));
}
END_TEST

#define STREAM	2000
static struct item stream[STREAM];
static int stream_done;

static void *stream_writer(void *arg)
{
	int i;

	for (i = 0; i < STREAM; i++) {
		stream[i].v = 7;
		list_add_rcu(&stream[i].link, arg);
		if (i % 3 == 0)
			list_del_rcu(&stream[i].link);
	}
	smp_store_release(&stream_done, 1);
	return NULL;
}

START_TEST(rcu_reader_sees_whole_entries)
{
	PP_LIST_HEAD(list);
	struct item *it;
	pthread_t t;
	int n;

	ck_assert_int_eq(pthread_create(&t, NULL, stream_writer, &list), 0);
	do {
		n = 0;
		list_for_each_entry_rcu(it, &list, link) {
			if (it->v != 7)
				ck_abort_msg("half-made entry");
			n++;
		}
	} while (!smp_load_acquire(&stream_done));
	pthread_join(t, NULL);
	ck_assert_int_le(n, STREAM);
}
END_TEST

Suite *list_suite(void)
{
	const TTest *const tests[] = {
		add_goes_to_head_add_tail_to_tail,
		del_poisons_del_init_empties,
		move_and_replace_keep_the_rest,
		splice_moves_a_whole_list,
		safe_walk_survives_deletion,
		hlist_adds_and_deletes_anywhere,
	};
	Suite *s = suite_create("base/list");
	TCase *tc;
	size_t i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		tc = pp_test_add_named(s, tests[i]->name, tests[i]);
		tcase_add_checked_fixture(tc, setup, NULL);
	}
	pp_test_add(s, rcu_reader_sees_whole_entries);
	return s;
}
