// SPDX-License-Identifier: LGPL-2.1-or-later
#include "machine.h"

static void quiet(const char *file, int line, const char *msg)
{
	if (getenv("PINPAGE_TEST_VERBOSE"))
		pp_warn_print(file, line, msg);
}

void machine_boot(const struct machine *how)
{
	pp_set_warn_hook(quiet);
	pp_warn_reset();
	pp_stat_reset();
	ck_assert_int_eq(pp_rules_boot(how->rules ?
				       pinpage_rules_find(how->rules) : NULL),
			 0);
	ck_assert_int_eq(pp_exec_boot(how->engine), 0);
	ck_assert_int_eq(pp_page_boot_nodes(how->nr, how->movable, how->cma,
					    how->nodes ? how->nodes : 1), 0);
	pp_machine_up = true;
}

unsigned long machine_shutdown(void)
{
	unsigned long left;

	pp_machine_up = false;
	left = pp_page_shutdown(NULL, NULL);
	pp_exec_shutdown();
	pp_rules_shutdown();
	return left;
}

void machine_up(void)
{
	machine_boot(&(struct machine){ .nr = FRAMES, .movable = MOVABLE,
					.cma = CMA });
}

void machine_up_fiber(void)
{
	machine_boot(&(struct machine){ .nr = FRAMES, .movable = MOVABLE,
					.cma = CMA,
					.engine = PINPAGE_ENGINE_FIBER });
}

void machine_up_small(void)
{
	machine_boot(&(struct machine){ .nr = 64 });
}

void expect_warnings(unsigned long nr)
{
	ck_assert_uint_eq(pp_warn_count(), nr);
	pp_warn_reset();
}

void machine_down(void)
{
	expect_warnings(0);
	ck_assert_int_eq(pp_buddy_check(), 0);
	ck_assert_uint_eq(machine_shutdown(), 0);
}

static void hear(struct pinpage_subscriber *sub,
		 const struct pinpage_event *event)
{
	struct listener *ear = sub->priv;

	ear->nr++;
	ear->last = *event;
	if (event->page)
		ear->ref_then = page_count(event->page);
}

void listen_to(struct listener *ear, enum pinpage_event_kind kind)
{
	*ear = (struct listener){
		.sub = { .kinds = PINPAGE_EV_BIT(kind),
			 .order = PINPAGE_ORDER_TRACE, .fn = hear },
	};
	ear->sub.priv = ear;
	ck_assert_int_eq(pinpage_subscribe(&ear->sub), 0);
}

void listen_end(struct listener *ear)
{
	ck_assert_int_eq(pinpage_unsubscribe(&ear->sub), 0);
}

void on_machine(Suite *suite, const TTest *fn, SFun up)
{
	TCase *tc = pp_test_add_named(suite, fn->name, fn);

	tcase_add_checked_fixture(tc, up, machine_down);
	tcase_set_timeout(tc, 60);
}
