/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef TESTS_EXEC_SUITES_H
#define TESTS_EXEC_SUITES_H

/*
 * suites.h - what the tests of exec share: each runs under both engines
 * unless it says otherwise.
 */
#include "../support.h"

#include "base/alloc.h"
#include "base/bug.h"
#include "base/err.h"
#include "exec/exec.h"

Suite *fiber_suite(void);
Suite *lock_suite(void);
Suite *misuse_suite(void);
Suite *rank_suite(void);
Suite *rcu_suite(void);
Suite *signal_suite(void);
Suite *srcu_suite(void);
Suite *task_suite(void);
Suite *wait_suite(void);
Suite *work_suite(void);

/* each file's static state as it was: tests may share one process */
void lock_reset(void);
void wait_reset(void);
void task_reset(void);
void work_reset(void);
void rcu_reset(void);
void srcu_reset(void);
void fiber_reset(void);
void signal_reset(void);

void start_native(void);
void start_fiber(void);
void stop(void);
void stop_expecting(unsigned long warnings_more);
unsigned long warnings(void);
void add_native(Suite *suite, const char *name, const TTest *test);
void add_fiber(Suite *suite, const char *name, const TTest *test);

/* one test under both engines */
#define add_both(suite, test)						\
	do {								\
		add_native(suite, #test " native", test);		\
		add_fiber(suite, #test " fiber", test);			\
	} while (0)

struct task_struct *start(int (*fn)(void *), void *arg, const char *name);

#endif
