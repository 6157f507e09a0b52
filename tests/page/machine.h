/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_TESTS_PAGE_MACHINE_H
#define PP_TESTS_PAGE_MACHINE_H

/*
 * machine.h - a machine that has only what the page room needs, for tests
 *
 * Teardown fails the test if frames are still in use or warnings came that
 * the test did not expect.
 */
#include "page/page.h"

#include "base/alloc.h"
#include "base/bug.h"
#include "event/event.h"
#include "page/internal.h"

#include "../support.h"

#define FRAMES		4096UL	/* of the usual machine: 2048 normal ... */
#define MOVABLE		1024UL
#define CMA		1024UL

struct machine {
	const char *rules;	/* NULL: the default */
	enum pinpage_engine engine;
	unsigned long nr, movable, cma;
	unsigned int nodes;	/* 0: one */
};

void machine_boot(const struct machine *how);
unsigned long machine_shutdown(void);
void machine_up(void);		/* the usual machine, native */
void machine_up_fiber(void);
void machine_up_small(void);	/* 64 frames, all normal */
void machine_down(void);	/* nothing in use, warnings as expected */

/* warnings that the running test provokes; also forgets them */
void expect_warnings(unsigned long nr);

/* counts events of one kind, keeps the last one */
struct listener {
	struct pinpage_subscriber sub;
	unsigned long nr;
	struct pinpage_event last;
	int ref_then;		/* count of the event's page at that moment */
};
void listen_to(struct listener *ear, enum pinpage_event_kind kind);
void listen_end(struct listener *ear);

/* one case of one test on a machine of its own */
void on_machine(Suite *suite, const TTest *fn, SFun up);

Suite *alloc_suite(void);
Suite *buddy_suite(void);
Suite *isolate_suite(void);
Suite *lock_suite(void);
Suite *lru_suite(void);
Suite *page_suite(void);
Suite *pin_suite(void);
Suite *public_suite(void);
Suite *ref_suite(void);
Suite *stress_suite(void);

#endif
