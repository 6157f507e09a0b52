// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * exec/signal.c - signals: fatal ones, stopping, and all the others
 *
 * I1. task->killed is set once and for all; task->signals holds what a
 *     continue or pinpage_flush_signals() takes away again.
 * I2. A stopped task stops where it would return to user mode, with no lock
 *     held: never inside a call of memory management, as in the kernel.
 * Mirrors: kernel/signal.c:send_sig(), get_signal(), flush_signals(); differs:
 * there are no handlers; a signal other than SIGKILL, SIGSTOP and SIGCONT is
 * "caught" and stays pending until the task takes it.
 */
#include "exec/engine.h"

#include <errno.h>
#include <signal.h>

#include "base/err.h"

static void set_bits(struct task_struct *task, uint32_t set, uint32_t clear)
{
	uint32_t old = READ_ONCE(task->signals);

	while (!try_cmpxchg(&task->signals, &old, (old & ~clear) | set))
		;
}

static void kill_task(struct task_struct *task)
{
	WRITE_ONCE(task->killed, true);
	if (!READ_ONCE(task->ended))
		pp_engine->kick(task);
}

void pinpage_send_sigkill(struct task_struct *task)
{
	if (pp_warn_on_once(IS_ERR_OR_NULL(task)))
		return;
	kill_task(task);
}

int pinpage_send_sig(int sig, struct task_struct *task)
{
	if (IS_ERR_OR_NULL(task) || sig < 0 || sig > 64)
		return -EINVAL;
	switch (sig) {
	case 0:
		break;
	case SIGKILL:
		kill_task(task);
		break;
	case SIGSTOP:
		set_bits(task, PP_SIG_STOP, 0);
		break;
	case SIGCONT:
		set_bits(task, 0, PP_SIG_STOP);
		pp_engine->unpark(&task->signals, INT32_MAX);
		break;
	default:
		set_bits(task, PP_SIG_CAUGHT, 0);
	}
	return 0;
}

bool pinpage_fatal_signal_pending(void)
{
	struct task_struct *task = current;

	return task && READ_ONCE(task->killed);
}

bool pinpage_signal_pending(void)
{
	struct task_struct *task = current;

	return task && (READ_ONCE(task->killed) || READ_ONCE(task->signals));
}

void pinpage_flush_signals(void)
{
	struct task_struct *task = current;

	if (task)
		set_bits(task, 0, PP_SIG_CAUGHT);
}

/**
 * pp_stop_here() - sleep while the task is stopped
 *
 * Called by pp_user_return() only. A fatal signal ends the stop.
 *
 * Context: process, where the task would return to user mode. Locking: none.
 * Mirrors: kernel/signal.c:do_signal_stop()
 */
pp_cold void pp_stop_here(struct task_struct *task)
{
	uint32_t seen;

	while ((seen = READ_ONCE(task->signals)) & PP_SIG_STOP &&
	       !READ_ONCE(task->killed))
		pp_park_on(task, "SIGCONT", &task->signals, seen, PP_NEVER);
}
