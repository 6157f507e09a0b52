// SPDX-License-Identifier: LGPL-2.1-or-later
#include <errno.h>
#include <string.h>
#include <ucontext.h>

#include "base/bug.h"
#include "event/event.h"
#include "suites.h"

#define PIN	PINPAGE_EV_BIT(PINPAGE_EV_PIN)
#define WARN	PINPAGE_EV_BIT(PINPAGE_EV_WARN)

static char heard[64];		/* one letter a call, in order */
static struct pinpage_event last;
static int warnings;

static void note(struct pinpage_subscriber *self,
		 const struct pinpage_event *event)
{
	strncat(heard, self->priv, 1);
	last = *event;
}

static void count_warning(const char *file, int line, const char *msg)
{
	(void)file, (void)line, (void)msg;
	warnings++;
}

static struct pinpage_subscriber sub_a, sub_b, sub_c;

static void fill(struct pinpage_subscriber *sub, char *letter,
		 enum pinpage_event_order order, pinpage_event_set kinds)
{
	*sub = (struct pinpage_subscriber){
		.kinds = kinds, .order = order, .fn = note, .priv = letter,
	};
}

static void setup(void)
{
	pp_warn_reset();
	pp_set_warn_hook(count_warning);
	warnings = 0;
	heard[0] = '\0';
	fill(&sub_a, "a", PINPAGE_ORDER_LEDGER, PIN);
	fill(&sub_b, "b", PINPAGE_ORDER_TRACE, PIN);
	fill(&sub_c, "c", PINPAGE_ORDER_SCHEDULE, PIN);
}

static void teardown(void)
{
	ck_assert_int_eq(warnings, 0);
	ck_assert(!pp_event_wanted(PINPAGE_EV_PIN));
	pp_set_warn_hook(NULL);
}

START_TEST(nobody_listening_evaluates_no_argument)
{
	int evaluated = 0;

	pp_emit(PIN, .nr = (unsigned long)++evaluated);
	ck_assert_int_eq(evaluated, 0);
}
END_TEST

START_TEST(subscriber_gets_the_event_whole)
{
	struct page *page = (struct page *)heard;

	ck_assert_int_eq(pinpage_subscribe(&sub_a), 0);
	pp_emit(PIN, .page = page, .nr = 3, .flags = PINPAGE_EVF_WRITE,
		.addr = 0x1000, .name = "x");
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), 0);
	ck_assert_int_eq(last.kind, PINPAGE_EV_PIN);
	ck_assert_ptr_eq(last.page, page);
	ck_assert_uint_eq(last.nr, 3);
	ck_assert_uint_eq(last.flags, PINPAGE_EVF_WRITE);
	ck_assert_uint_eq(last.addr, 0x1000);
	ck_assert_str_eq(last.name, "x");
	ck_assert_ptr_null(last.mapping);
}
END_TEST

START_TEST(lower_orders_hear_first)
{
	pinpage_subscribe(&sub_c);
	pinpage_subscribe(&sub_a);
	pinpage_subscribe(&sub_b);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "abc");
	pinpage_unsubscribe(&sub_a);
	pinpage_unsubscribe(&sub_b);
	pinpage_unsubscribe(&sub_c);
}
END_TEST

START_TEST(unwanted_kind_is_not_heard)
{
	pinpage_subscribe(&sub_a);
	pp_emit(UNPIN);
	ck_assert_str_eq(heard, "");
	pinpage_unsubscribe(&sub_a);
}
END_TEST

START_TEST(last_kind_is_heard_beyond_64_kinds)
{
	fill(&sub_a, "a", PINPAGE_ORDER_CHECK, WARN);
	pinpage_subscribe(&sub_a);
	pp_emit(WARN);
	pp_emit(GET);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "a");
	pinpage_unsubscribe(&sub_a);
}
END_TEST

START_TEST(all_kinds_hear_every_kind)
{
	int kind;

	fill(&sub_a, "a", PINPAGE_ORDER_CHECK, PINPAGE_EV_ALL);
	pinpage_subscribe(&sub_a);
	for (kind = 0; kind < PINPAGE_NR_EVENTS; kind++) {
		heard[0] = '\0';
		ck_assert(pp_event_wanted(kind));
		pp_event_deliver(&(struct pinpage_event){ .kind = kind });
		ck_assert_str_eq(heard, "a");
	}
	pinpage_unsubscribe(&sub_a);
}
END_TEST

START_TEST(unsubscribed_is_not_heard)
{
	pinpage_subscribe(&sub_a);
	pinpage_subscribe(&sub_b);
	pinpage_unsubscribe(&sub_a);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "b");
	pinpage_unsubscribe(&sub_b);
}
END_TEST

START_TEST(subscribe_invalid_einval)
{
	ck_assert_int_eq(pinpage_subscribe(NULL), -EINVAL);
	sub_a.fn = NULL;
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EINVAL);
	fill(&sub_a, "a", PINPAGE_NR_ORDERS, PIN);
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EINVAL);
	fill(&sub_a, "a", (enum pinpage_event_order)-1, PIN);
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EINVAL);
	fill(&sub_a, "a", PINPAGE_ORDER_CHECK, 0);
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EINVAL);
	fill(&sub_a, "a", PINPAGE_ORDER_CHECK, PINPAGE_EV_BIT(127));
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EINVAL);
}
END_TEST

START_TEST(subscribe_twice_ebusy)
{
	ck_assert_int_eq(pinpage_subscribe(&sub_a), 0);
	ck_assert_int_eq(pinpage_subscribe(&sub_a), -EBUSY);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "a");
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), 0);
}
END_TEST

START_TEST(subscribe_full_order_enospc)
{
	struct pinpage_subscriber many[PINPAGE_ORDER_MAX + 1];
	int i;

	for (i = 0; i <= PINPAGE_ORDER_MAX; i++) {
		fill(&many[i], "m", PINPAGE_ORDER_CHECK, PIN);
		ck_assert_int_eq(pinpage_subscribe(&many[i]),
				 i < PINPAGE_ORDER_MAX ? 0 : -ENOSPC);
	}
	ck_assert_int_eq(pinpage_subscribe(&sub_a), 0);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "ammmmmmmm");
	for (i = 0; i < PINPAGE_ORDER_MAX; i++)
		ck_assert_int_eq(pinpage_unsubscribe(&many[i]), 0);
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), 0);
}
END_TEST

START_TEST(unsubscribe_null_einval_unknown_enoent)
{
	ck_assert_int_eq(pinpage_unsubscribe(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), -ENOENT);
	pinpage_subscribe(&sub_a);
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), 0);
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), -ENOENT);
}
END_TEST

static void leave(struct pinpage_subscriber *self,
		  const struct pinpage_event *event)
{
	note(self, event);
	pinpage_unsubscribe(self);
}

START_TEST(callback_may_unsubscribe_itself)
{
	sub_a.fn = leave;
	pinpage_subscribe(&sub_a);
	pinpage_subscribe(&sub_b);
	pp_emit(PIN);
	pp_emit(PIN);
	ck_assert_str_eq(heard, "abb");
	pinpage_unsubscribe(&sub_b);
}
END_TEST

static ucontext_t main_context, fiber_context;

/* the scheduler: on the fiber go back to main, on main do nothing */
static bool on_fiber;

static void switch_away(struct pinpage_subscriber *self,
			const struct pinpage_event *event)
{
	note(self, event);
	if (!on_fiber)
		return;
	on_fiber = false;
	swapcontext(&fiber_context, &main_context);
}

static void emit_on_fiber(void)
{
	pp_emit(PIN);
	strcat(heard, "|");
}

START_TEST(switch_inside_delivery_lets_others_emit)
{
	static char stack[256 * 1024];

	sub_c.fn = switch_away;
	pinpage_subscribe(&sub_c);
	pinpage_subscribe(&sub_a);
	getcontext(&fiber_context);
	fiber_context.uc_stack.ss_sp = stack;
	fiber_context.uc_stack.ss_size = sizeof(stack);
	fiber_context.uc_link = &main_context;
	makecontext(&fiber_context, emit_on_fiber, 0);
	on_fiber = true;
	swapcontext(&main_context, &fiber_context);
	/* the fiber is inside its delivery: ours is complete all the same */
	pp_emit(PIN);
	ck_assert_str_eq(heard, "acac");
	pinpage_unsubscribe(&sub_a);
	swapcontext(&main_context, &fiber_context);
	ck_assert_str_eq(heard, "acac|");
	pinpage_unsubscribe(&sub_c);
}
END_TEST

START_TEST(reset_drops_leftovers_with_one_warning)
{
	pinpage_subscribe(&sub_a);
	pinpage_subscribe(&sub_b);
	pp_event_reset();
	pp_emit(PIN);
	ck_assert_str_eq(heard, "");
	ck_assert_int_eq(warnings, 1);
	warnings = 0;
	ck_assert_int_eq(pinpage_unsubscribe(&sub_a), -ENOENT);
}
END_TEST

START_TEST(reset_without_leftovers_is_silent)
{
	pp_event_reset();
	ck_assert_int_eq(warnings, 0);
}
END_TEST

START_TEST(names_lead_back_to_kinds)
{
	int kind;

	for (kind = 0; kind < PINPAGE_NR_EVENTS; kind++) {
		const char *name = pinpage_event_name(kind);

		ck_assert_int_eq(pinpage_event_kind_of(name), kind);
		ck_assert_str_ne(pinpage_event_text(kind), "?");
	}
	ck_assert_str_eq(pinpage_event_name(PINPAGE_EV_WB_START), "wb-start");
}
END_TEST

START_TEST(unknown_names_and_kinds)
{
	ck_assert_int_eq(pinpage_event_kind_of(NULL), -EINVAL);
	ck_assert_int_eq(pinpage_event_kind_of("no-such"), -ENOENT);
	ck_assert_str_eq(pinpage_event_name(PINPAGE_NR_EVENTS), "?");
	ck_assert_str_eq(pinpage_event_text(PINPAGE_NR_EVENTS), "?");
}
END_TEST

Suite *event_suite(void)
{
	Suite *s = suite_create("event");
	TCase *tc = tcase_create("spine");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, nobody_listening_evaluates_no_argument);
	tcase_add_test(tc, subscriber_gets_the_event_whole);
	tcase_add_test(tc, lower_orders_hear_first);
	tcase_add_test(tc, unwanted_kind_is_not_heard);
	tcase_add_test(tc, last_kind_is_heard_beyond_64_kinds);
	tcase_add_test(tc, all_kinds_hear_every_kind);
	tcase_add_test(tc, unsubscribed_is_not_heard);
	tcase_add_test(tc, subscribe_invalid_einval);
	tcase_add_test(tc, subscribe_twice_ebusy);
	tcase_add_test(tc, subscribe_full_order_enospc);
	tcase_add_test(tc, unsubscribe_null_einval_unknown_enoent);
	tcase_add_test(tc, callback_may_unsubscribe_itself);
	tcase_add_test(tc, switch_inside_delivery_lets_others_emit);
	tcase_add_test(tc, reset_drops_leftovers_with_one_warning);
	tcase_add_test(tc, reset_without_leftovers_is_silent);
	tcase_add_test(tc, names_lead_back_to_kinds);
	tcase_add_test(tc, unknown_names_and_kinds);
	suite_add_tcase(s, tc);
	return s;
}
