/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/sched/signal.h - signals */
#ifndef PINPAGE_KERNEL_LINUX_SCHED_SIGNAL_H
#define PINPAGE_KERNEL_LINUX_SCHED_SIGNAL_H

#include <linux/sched.h>

/* of current only */
#define fatal_signal_pending(task) ((void)(task), pinpage_fatal_signal_pending())
#define signal_pending(task) fatal_signal_pending(task)

#endif
