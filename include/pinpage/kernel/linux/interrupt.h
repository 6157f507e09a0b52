/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/interrupt.h - which context is this? */
#ifndef PINPAGE_KERNEL_LINUX_INTERRUPT_H
#define PINPAGE_KERNEL_LINUX_INTERRUPT_H

#include <linux/kernel.h>

#define in_softirq() (pinpage_context() == PINPAGE_CTX_SOFTIRQ)
#define in_task() (pinpage_context() == PINPAGE_CTX_PROCESS)
#define might_sleep() ((void)pinpage_might_sleep())

#endif
