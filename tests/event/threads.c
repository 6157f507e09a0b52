// SPDX-License-Identifier: LGPL-2.1-or-later
#include <pthread.h>

#include "base/atomic.h"
#include "event/event.h"
#include "suites.h"

#define EMITTERS 2

struct listener {
	struct pinpage_subscriber sub;
	atomic_t gone;
	atomic_t late;			/* calls after the unsubscribe returned */
};

static atomic_t stop;
static atomic_t inside;
static atomic_t go_on;

static void hear(struct pinpage_subscriber *self,
		 const struct pinpage_event *event)
{
	struct listener *l = self->priv;
	int i;

	(void)event;
	for (i = 0; i < 50; i++)	/* time to be overtaken */
		cpu_relax();
	if (atomic_read(&l->gone))
		atomic_inc(&l->late);
}

static void *emit_until_stopped(void *unused)
{
	(void)unused;
	while (!atomic_read(&stop))
		pp_emit(PIN);
	pp_stat_detach();
	return NULL;
}

static void come_and_go(struct listener *l, unsigned int seconds)
{
	struct timespec now, end;

	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += seconds;
	do {
		atomic_set(&l->gone, 0);
		ck_assert_int_eq(pinpage_subscribe(&l->sub), 0);
		ck_assert_int_eq(pinpage_unsubscribe(&l->sub), 0);
		atomic_set(&l->gone, 1);
		clock_gettime(CLOCK_MONOTONIC, &now);
	} while (now.tv_sec < end.tv_sec ||
		 (now.tv_sec == end.tv_sec && now.tv_nsec < end.tv_nsec));
}

START_TEST(unsubscribe_while_emitting_waits)
{
	struct listener l = { .sub = {
		.kinds = PINPAGE_EV_ALL, .order = PINPAGE_ORDER_CHECK,
		.fn = hear, .priv = &l,
	} };
	pthread_t threads[EMITTERS];
	int i;

	for (i = 0; i < EMITTERS; i++)
		pthread_create(&threads[i], NULL, emit_until_stopped, NULL);
	come_and_go(&l, pp_test_seconds());
	atomic_set(&stop, 1);
	for (i = 0; i < EMITTERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(atomic_read(&l.late), 0);
}
END_TEST

static void dwell(struct pinpage_subscriber *self,
		  const struct pinpage_event *event)
{
	(void)self, (void)event;
	atomic_set_release(&inside, 1);
	while (!atomic_read_acquire(&go_on))
		cpu_relax();
	usleep(20000);
	atomic_set_release(&inside, 0);
}

static void *emit_once(void *unused)
{
	(void)unused;
	pp_emit(PIN);
	return NULL;
}

START_TEST(unsubscribe_returns_after_the_callback)
{
	struct pinpage_subscriber sub = {
		.kinds = PINPAGE_EV_ALL, .order = PINPAGE_ORDER_CHECK,
		.fn = dwell,
	};
	pthread_t thread;

	pinpage_subscribe(&sub);
	pthread_create(&thread, NULL, emit_once, NULL);
	while (!atomic_read_acquire(&inside))
		cpu_relax();
	atomic_set_release(&go_on, 1);
	pinpage_unsubscribe(&sub);
	ck_assert_int_eq(atomic_read_acquire(&inside), 0);
	pthread_join(thread, NULL);
}
END_TEST

Suite *threads_suite(void)
{
	Suite *s = suite_create("event threads");

	tcase_set_timeout(pp_test_add(s, unsubscribe_while_emitting_waits),
			  pp_test_seconds() + 60);
	pp_test_add(s, unsubscribe_returns_after_the_callback);
	return s;
}
