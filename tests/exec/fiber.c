// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fiber.c - the deterministic engine: scheduling, replay, deadlock, abandon
 */
#include <errno.h>
#include <setjmp.h>
#include <string.h>

#include "suites.h"

static struct pinpage_mutex a = PINPAGE_MUTEX_INIT(a);
static struct pinpage_mutex b = PINPAGE_MUTEX_INIT(b);
static struct pinpage_completion never;
static char trace[512];
static size_t len;
static uint64_t seed;
static int hooks;

void fiber_reset(void)
{
	a = (struct pinpage_mutex)PINPAGE_MUTEX_INIT(a);
	b = (struct pinpage_mutex)PINPAGE_MUTEX_INIT(b);
	never.done = 0;
	len = 0;
	memset(trace, 0, sizeof(trace));
	hooks = 0;
}

static void note(char c)
{
	if (len < sizeof(trace) - 1)
		trace[len++] = c;
}

static unsigned int choose_random(void *priv, const unsigned int *ids,
				  size_t nr, int current_id,
				  const struct pinpage_event *event)
{
	unsigned int id = ids[pp_test_random(&seed) % nr];

	(void)priv;
	(void)current_id;
	(void)event;
	for (size_t i = 1; i < nr; i++)
		ck_assert_uint_lt(ids[i - 1], ids[i]);
	note((char)('0' + id));
	return id;
}

static const struct pp_sched_ops random_ops = { .choose = choose_random };

static int locks_and_yields(void *arg)
{
	for (int i = 0; i < 5; i++) {
		pinpage_mutex_lock(&a);
		note((char)(intptr_t)arg);
		pinpage_yield("in");
		pinpage_mutex_unlock(&a);
	}
	return 0;
}

static void run_traced(uint64_t with_seed, char *copy)
{
	struct task_struct *x, *y;

	seed = with_seed;
	len = 0;
	memset(trace, 0, sizeof(trace));
	x = start(locks_and_yields, (void *)'x', "x");
	y = start(locks_and_yields, (void *)'y', "y");
	pp_sched_set(&random_ops);
	ck_assert_int_eq(pinpage_kthread_join(x), 0);
	ck_assert_int_eq(pinpage_kthread_join(y), 0);
	pp_sched_set(NULL);
	memcpy(copy, trace, sizeof(trace));
}

START_TEST(same_choices_same_trace)
{
	static char one[sizeof(trace)], two[sizeof(trace)], three[sizeof(trace)];

	run_traced(7, one);
	stop();
	start_fiber();
	run_traced(8, two);
	stop();
	start_fiber();
	run_traced(7, three);
	ck_assert_str_eq(one, three);
	ck_assert_str_ne(one, two);
	ck_assert_uint_gt(strlen(one), 20);
}
END_TEST

static int yields(void *arg)
{
	for (int i = 0; i < 3; i++) {
		note((char)(intptr_t)arg);
		pinpage_yield("turn");
	}
	return 0;
}

START_TEST(default_yield_goes_round)
{
	struct task_struct *x = start(yields, (void *)'x', "x");
	struct task_struct *y = start(yields, (void *)'y', "y");

	ck_assert_int_eq(pinpage_kthread_join(x), 0);
	ck_assert_int_eq(pinpage_kthread_join(y), 0);
	ck_assert_str_eq(trace, "xyxyxy");
	ck_assert_uint_ge(pp_fiber_switches(), 7);
}
END_TEST

static unsigned int choose_other(void *priv, const unsigned int *ids,
				 size_t nr, int current_id,
				 const struct pinpage_event *event)
{
	(void)priv;
	if (event && event->kind == PINPAGE_EV_LOCK && nr > 1)
		return ids[nr - 1] == (unsigned int)current_id ?
		       ids[nr - 2] : ids[nr - 1];
	return current_id >= 0 ? (unsigned int)current_id : ids[0];
}

static int count_unlocked(void *arg)
{
	long *counter = arg, seen = *counter;

	pinpage_mutex_lock(&b);
	*counter = seen + 1;
	pinpage_mutex_unlock(&b);
	return 0;
}

START_TEST(a_lock_is_a_point_before_the_attempt)
{
	static const struct pp_sched_ops ops = { .choose = choose_other };
	struct task_struct *x, *y;
	long counter = 0;

	x = start(count_unlocked, &counter, "x");
	y = start(count_unlocked, &counter, "y");
	pp_sched_set(&ops);
	pinpage_kthread_join(x);
	pinpage_kthread_join(y);
	ck_assert_int_eq(counter, 1);	/* the lost update was found */
}
END_TEST

static int ab(void *arg)
{
	struct pinpage_mutex **m = arg;

	pinpage_mutex_lock(m[0]);
	pinpage_yield("between");
	pinpage_mutex_lock(m[1]);
	pinpage_mutex_unlock(m[1]);
	pinpage_mutex_unlock(m[0]);
	return 0;
}

static struct pinpage_mutex *forth[] = { &a, &b }, *back[] = { &b, &a };

static bool abandon_hook(void *priv)
{
	struct task_struct *x = priv;
	const char *on;

	hooks++;
	ck_assert(pp_task_blocked(x, &on));
	ck_assert_str_eq(on, "b");
	pp_fiber_abandon_all();
	return true;
}

START_TEST(deadlock_hook_may_abandon_all)
{
	struct pp_sched_ops ops = { .deadlock = abandon_hook };
	struct task_struct *x = start(ab, forth, "x");
	struct task_struct *y = start(ab, back, "y");

	ops.priv = x;
	pp_sched_set(&ops);
	ck_assert_int_eq(pinpage_kthread_join(x), -EINTR);
	ck_assert_int_eq(pinpage_kthread_join(y), -EINTR);
	ck_assert_int_eq(hooks, 1);
}
END_TEST

static jmp_buf caught;
static char bug_text[PP_BUG_MSG_MAX];

static void catch_bug(const char *file, int line, const char *msg)
{
	(void)file;
	(void)line;
	strcpy(bug_text, msg);
	longjmp(caught, 1);
}

START_TEST(deadlock_without_hook_is_a_bug_that_names_tasks_and_locks)
{
	pinpage_mutex_lock(&a);
	pp_set_bug_hook(catch_bug);
	if (!setjmp(caught)) {
		pinpage_mutex_lock(&a);		/* nobody else is there */
		ck_abort();
	}
	pp_set_bug_hook(NULL);
	ck_assert_ptr_nonnull(strstr(bug_text, "deadlock: main (task 0)"));
	ck_assert_ptr_nonnull(strstr(bug_text, "waits for a"));
	ck_assert_uint_eq(warnings(), 1);	/* the recursion */
}
END_TEST

static void note_rcu(struct pinpage_rcu_head *head)
{
	(void)head;
	note('r');
}

static int traps(void *arg)
{
	pinpage_mutex_lock(arg);
	pinpage_rcu_read_lock();
	pp_fiber_abandon_self();
}

START_TEST(abandoned_task_leaves_its_locks_held_and_nothing_else)
{
	static struct pinpage_rcu_head head;
	struct task_struct *task = start(traps, &a, "trapped");

	pinpage_yield("let it trap");
	pinpage_call_rcu(&head, note_rcu);
	pinpage_rcu_barrier();
	ck_assert_str_eq(trace, "r");
	ck_assert_int_eq(pinpage_mutex_trylock(&a), 0);
	ck_assert_int_eq(pinpage_kthread_join(task), -EINTR);
}
END_TEST

static int waits_forever(void *arg)
{
	pinpage_wait_for_completion(arg);
	return 0;
}

START_TEST(abandon_all_drops_parked_and_unstarted_tasks)
{
	struct task_struct *x = start(waits_forever, &never, "x"), *y;

	pinpage_yield("let it park");
	y = start(waits_forever, &never, "y");
	pp_fiber_abandon_all();
	pinpage_complete_all(&never);
	ck_assert_int_eq(pinpage_kthread_join(x), -EINTR);
	ck_assert_int_eq(pinpage_kthread_join(y), -EINTR);
	x = start(waits_forever, &never, "again");
	ck_assert_int_eq(pinpage_kthread_join(x), 0);
}
END_TEST

START_TEST(every_event_can_be_an_abandonment)
{
	for (int i = 0; i < 3000; i++) {
		struct task_struct *x, *y;

		stop();
		start_fiber();
		memset(&a, 0, sizeof(a));
		seed = (uint64_t)i;
		x = start(locks_and_yields, (void *)'x', "x");
		y = start(traps, &b, "y");
		memset(&b, 0, sizeof(b));
		pp_sched_set(&random_ops);
		pinpage_kthread_join(y);
		if (i % 2)
			pp_fiber_abandon_all();
		pinpage_kthread_join(x);
		pp_sched_set(NULL);
	}
}
END_TEST

/* tools that watch every access take a hundred times as long */
static int boots(void)
{
#ifdef PP_TSAN
	return 1000;
#else
	return getenv("PINPAGE_VALGRIND") ? 1000 : 100000;
#endif
}

START_TEST(many_boots_leak_nothing)
{
	long before = pp_alloc_outstanding();

	stop();
	for (int i = 0; i < boots(); i++) {
		struct task_struct *x, *y;

		len = 0;
		start_fiber();
		x = start(yields, (void *)'x', "x");
		y = start(yields, (void *)'y', "y");
		pinpage_kthread_join(x);
		pinpage_kthread_join(y);
		pp_exec_shutdown();
	}
	start_fiber();
	ck_assert_int_eq(pp_alloc_outstanding(), before);
}
END_TEST

Suite *fiber_suite(void)
{
	Suite *suite = suite_create("fiber");

	add_fiber(suite, "replay", same_choices_same_trace);
	add_fiber(suite, "yield", default_yield_goes_round);
	add_fiber(suite, "lock point", a_lock_is_a_point_before_the_attempt);
	add_fiber(suite, "deadlock hook", deadlock_hook_may_abandon_all);
	add_fiber(suite, "deadlock bug",
		  deadlock_without_hook_is_a_bug_that_names_tasks_and_locks);
	add_fiber(suite, "abandon self",
		  abandoned_task_leaves_its_locks_held_and_nothing_else);
	add_fiber(suite, "abandon all",
		  abandon_all_drops_parked_and_unstarted_tasks);
	add_fiber(suite, "abandon anywhere", every_event_can_be_an_abandonment);
	add_fiber(suite, "many boots", many_boots_leak_nothing);
	return suite;
}
