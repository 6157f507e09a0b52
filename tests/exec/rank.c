// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * rank.c - lock order, held set, contexts that must not sleep
 */
#include "suites.h"

static pinpage_spinlock_t pte, pte2, zone;
static struct pinpage_rwsem mmap, mmap2;
static struct pinpage_mutex driver;

static void init_locks(void)
{
	pp_spin_init(&pte, "pte", PINPAGE_RANK_PTE);
	pp_spin_init(&pte2, "pte", PINPAGE_RANK_PTE);
	pp_spin_init(&zone, "zone", PINPAGE_RANK_ZONE);
	pp_rwsem_init(&mmap, "mmap_lock", PINPAGE_RANK_MMAP);
	pp_rwsem_init(&mmap2, "mmap_lock", PINPAGE_RANK_MMAP);
	pp_mutex_init(&driver, "driver", PINPAGE_RANK_NONE);
}

START_TEST(right_order_is_silent)
{
	init_locks();
	pinpage_down_read(&mmap);
	pinpage_mutex_lock(&driver);
	pinpage_spin_lock(&pte);
	pp_spin_lock_nested(&pte2);
	pinpage_spin_lock(&zone);
	pp_assert_held(&pte2);
	ck_assert(!pp_lock_held(&mmap2));
	pinpage_spin_unlock(&pte);
	pinpage_spin_unlock(&zone);
	pinpage_spin_unlock(&pte2);
	pinpage_up_read(&mmap);
	pinpage_mutex_unlock(&driver);
	ck_assert_uint_eq(warnings(), 0);
}
END_TEST

START_TEST(lower_rank_warns)
{
	init_locks();
	pinpage_spin_lock(&zone);
	pinpage_spin_lock(&pte);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_spin_unlock(&pte);
	pinpage_spin_unlock(&zone);
}
END_TEST

START_TEST(same_rank_warns)
{
	init_locks();
	pinpage_down_read(&mmap);
	pinpage_down_read(&mmap2);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_up_read(&mmap2);
	pinpage_up_read(&mmap);
}
END_TEST

START_TEST(trylock_may_break_the_order)
{
	init_locks();
	pinpage_spin_lock(&zone);
	ck_assert_int_eq(pinpage_spin_trylock(&pte), 1);
	ck_assert_int_eq(pinpage_down_read_trylock(&mmap), 1);
	pinpage_up_read(&mmap);
	pinpage_spin_unlock(&pte);
	pinpage_spin_unlock(&zone);
	ck_assert_uint_eq(warnings(), 0);
}
END_TEST

START_TEST(rank_falls_with_the_release_out_of_order)
{
	init_locks();
	pinpage_spin_lock(&pte);
	pinpage_spin_lock(&zone);
	pinpage_spin_unlock(&pte);
	pinpage_spin_unlock(&zone);
	pinpage_down_read(&mmap);
	pinpage_spin_lock(&pte);
	pinpage_up_read(&mmap);
	pinpage_spin_unlock(&pte);
	pinpage_down_read(&mmap);
	pinpage_up_read(&mmap);
	ck_assert_uint_eq(warnings(), 0);
}
END_TEST

START_TEST(read_recursion_warns)
{
	init_locks();
	pinpage_down_read(&mmap);
	pinpage_down_read(&mmap);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_up_read(&mmap);
	pinpage_up_read(&mmap);
}
END_TEST

START_TEST(more_locks_than_the_set_holds_are_released_silently)
{
	static unsigned long word[PP_HELD_MAX + 5];
	int i;

	for (i = 0; i < PP_HELD_MAX + 5; i++)
		pp_bit_lock(0, &word[i], "bit", PINPAGE_RANK_NONE);
	ck_assert_uint_eq(pp_locks_held(), PP_HELD_MAX + 5);
	for (i = 0; i < PP_HELD_MAX + 5; i++)
		pp_bit_unlock(0, &word[i]);
	ck_assert_uint_eq(pp_locks_held(), 0);
}
END_TEST

START_TEST(outside_lock_is_ranked_too)
{
	int lock;

	init_locks();
	pp_lock_acquired(&lock, "outside", PINPAGE_RANK_LRU, false, false);
	ck_assert(pp_lock_held(&lock));
	pinpage_spin_lock(&pte);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_spin_unlock(&pte);
	pp_lock_released(&lock);
	ck_assert_uint_eq(warnings(), 1);
	pp_lock_released(&lock);
	ck_assert_uint_eq(warnings(), 2);
}
END_TEST

START_TEST(might_sleep_in_process_context_is_true)
{
	ck_assert(pinpage_might_sleep());
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_PROCESS);
}
END_TEST

START_TEST(might_sleep_in_softirq_warns)
{
	pinpage_softirq_enter();
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_SOFTIRQ);
	ck_assert(!pinpage_might_sleep());
	pinpage_softirq_exit();
	ck_assert_uint_eq(warnings(), 1);
	ck_assert(pinpage_might_sleep());
}
END_TEST

START_TEST(mutex_under_spinlock_warns)
{
	init_locks();
	pinpage_spin_lock(&pte);
	pinpage_mutex_lock(&driver);
	ck_assert_uint_eq(warnings(), 1);
	pinpage_mutex_unlock(&driver);
	pinpage_spin_unlock(&pte);
}
END_TEST

START_TEST(sleeping_with_irqs_off_warns)
{
	pp_irq_save();
	ck_assert_int_eq(pinpage_context(), PINPAGE_CTX_ATOMIC);
	ck_assert(!pinpage_might_sleep());
	pp_irq_restore();
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

START_TEST(softirq_exit_without_enter_warns)
{
	pinpage_softirq_exit();
	ck_assert_uint_eq(warnings(), 1);
}
END_TEST

Suite *rank_suite(void)
{
	Suite *suite = suite_create("rank");

	add_both(suite, right_order_is_silent);
	add_both(suite, lower_rank_warns);
	add_both(suite, same_rank_warns);
	add_both(suite, trylock_may_break_the_order);
	add_both(suite, rank_falls_with_the_release_out_of_order);
	add_both(suite, read_recursion_warns);
	add_both(suite, more_locks_than_the_set_holds_are_released_silently);
	add_both(suite, outside_lock_is_ranked_too);
	add_both(suite, might_sleep_in_process_context_is_true);
	add_both(suite, might_sleep_in_softirq_warns);
	add_both(suite, mutex_under_spinlock_warns);
	add_both(suite, sleeping_with_irqs_off_warns);
	add_both(suite, softirq_exit_without_enter_warns);
	return suite;
}
