/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/wait.h - wait queues */
#ifndef PINPAGE_KERNEL_LINUX_WAIT_H
#define PINPAGE_KERNEL_LINUX_WAIT_H

#include <linux/kernel.h>

#define wait_queue_head_t pinpage_wait_queue_head_t
#define init_waitqueue_head pinpage_init_waitqueue_head
#define wake_up pinpage_wake_up
#define wake_up_all pinpage_wake_up_all
#define wait_event(wq, condition) pinpage_wait_event(wq, condition)

#endif
