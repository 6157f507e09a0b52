// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rcu.c - read sections, grace periods, callbacks
 */
#include "suites.h"

struct object {
	struct pinpage_rcu_head head;
	int value;
	bool freed;
};

static struct object *shared;
static struct pinpage_completion in, go;
static int calls;

void rcu_reset(void)
{
	in.done = go.done = 0;
	calls = 0;
}

static void mark_freed(struct pinpage_rcu_head *head)
{
	struct object *object = container_of(head, struct object, head);

	WRITE_ONCE(object->freed, true);
	calls++;
}

static int reader(void *arg)
{
	struct object *object;
	int bad;

	(void)arg;
	pinpage_rcu_read_lock();
	pinpage_rcu_read_lock();
	object = READ_ONCE(shared);
	pinpage_complete(&in);
	pinpage_rcu_read_unlock();
	while (!pinpage_try_wait_for_completion(&go))
		pinpage_yield("inside");
	bad = READ_ONCE(object->freed);
	pinpage_rcu_read_unlock();
	return bad;
}

START_TEST(callback_waits_for_the_reader)
{
	static struct object object;
	struct task_struct *task;

	object.freed = false;
	shared = &object;
	task = start(reader, NULL, "reader");
	pinpage_wait_for_completion(&in);
	pinpage_call_rcu(&object.head, mark_freed);
	for (int i = 0; i < 20; i++)
		pinpage_yield("other");
	ck_assert(!READ_ONCE(object.freed));
	pinpage_complete(&go);
	pinpage_rcu_barrier();
	ck_assert(object.freed);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(synchronize_waits_for_the_reader)
{
	static struct object object;
	struct task_struct *task;

	object.freed = false;
	shared = &object;
	task = start(reader, NULL, "reader");
	pinpage_wait_for_completion(&in);
	pinpage_complete(&go);
	pinpage_synchronize_rcu();
	WRITE_ONCE(object.freed, true);
	ck_assert_int_eq(pinpage_kthread_join(task), 0);
}
END_TEST

START_TEST(irqs_off_hold_off_callbacks)
{
	static struct object object;

	object.freed = false;
	pp_irq_save();
	pinpage_call_rcu(&object.head, mark_freed);
	for (int i = 0; i < 20; i++)
		pinpage_yield("off");
	ck_assert(!READ_ONCE(object.freed));
	pp_irq_restore();
	pinpage_rcu_barrier();
	ck_assert(object.freed);
}
END_TEST

static void call_again(struct pinpage_rcu_head *head)
{
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_SOFTIRQ);
	if (++calls < 3)
		pinpage_call_rcu(head, call_again);
}

START_TEST(callback_may_call_again)
{
	static struct pinpage_rcu_head head;

	pinpage_call_rcu(&head, call_again);
	for (int i = 0; i < 3; i++)
		pinpage_rcu_barrier();
	ck_assert_int_eq(calls, 3);
}
END_TEST

START_TEST(pending_callbacks_run_at_shutdown)
{
	static struct object object[10];

	for (int i = 0; i < 10; i++)
		pinpage_call_rcu(&object[i].head, mark_freed);
	pp_exec_shutdown();
	ck_assert_int_eq(calls, 10);
	start_native();
}
END_TEST

START_TEST(callbacks_run_without_memory_for_their_task)
{
	static struct object object;

	pp_inject_alloc(1);
	pinpage_call_rcu(&object.head, mark_freed);
	pp_inject_alloc(0);
	pinpage_rcu_barrier();
	ck_assert(object.freed);
}
END_TEST

START_TEST(waiting_in_a_read_section_warns)
{
	pinpage_rcu_read_lock();
	pinpage_synchronize_rcu();
	pinpage_rcu_barrier();
	pinpage_rcu_read_unlock();
	ck_assert_uint_eq(warnings(), 2);
}
END_TEST

START_TEST(unlock_without_lock_warns)
{
	pinpage_rcu_read_unlock();
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

static int storm_reader(void *arg)
{
	int bad = 0;

	(void)arg;
	while (!pinpage_kthread_should_stop()) {
		pinpage_rcu_read_lock();
		bad |= smp_load_acquire(&shared)->value != 77;
		pinpage_rcu_read_unlock();
		pinpage_cond_resched();
	}
	return bad;
}

static void poison(struct pinpage_rcu_head *head)
{
	struct object *object = container_of(head, struct object, head);

	object->value = -1;
	pp_free(object);
}

static struct object *object_new(void)
{
	struct object *object = pp_zalloc(sizeof(*object));

	ck_assert_ptr_nonnull(object);
	object->value = 77;
	return object;
}

START_TEST(readers_never_see_a_freed_object)
{
	struct task_struct *a, *b;
	struct object *old;

	shared = object_new();
	a = start(storm_reader, NULL, "a");
	b = start(storm_reader, NULL, "b");
	for (int i = 0; i < 3000; i++) {
		old = shared;
		smp_store_release(&shared, object_new());
		pinpage_call_rcu(&old->head, poison);
		pinpage_cond_resched();
	}
	ck_assert_int_eq(pinpage_kthread_stop(a), 0);
	ck_assert_int_eq(pinpage_kthread_stop(b), 0);
	pp_free(shared);
}
END_TEST

Suite *rcu_suite(void)
{
	Suite *suite = suite_create("rcu");

	add_both(suite, callback_waits_for_the_reader);
	add_both(suite, synchronize_waits_for_the_reader);
	add_both(suite, irqs_off_hold_off_callbacks);
	add_both(suite, callback_may_call_again);
	add_both(suite, pending_callbacks_run_at_shutdown);
	add_both(suite, callbacks_run_without_memory_for_their_task);
	add_both(suite, waiting_in_a_read_section_warns);
	add_both(suite, unlock_without_lock_warns);
	add_both(suite, readers_never_see_a_freed_object);
	return suite;
}
