/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/sched/signal.h - signals */
#ifndef PINPAGE_KERNEL_LINUX_SCHED_SIGNAL_H
#define PINPAGE_KERNEL_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

/* of current only */
#define fatal_signal_pending(task) ((void)(task), pinpage_fatal_signal_pending())
#define signal_pending(task) ((void)(task), pinpage_signal_pending())
#define flush_signals(task) ((void)(task), pinpage_flush_signals())
#define send_sig(sig, task, priv) ((void)(priv), pinpage_send_sig(sig, task))

#endif
