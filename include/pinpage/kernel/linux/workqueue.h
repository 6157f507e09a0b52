/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/workqueue.h - work in process context; one queue */
#ifndef PINPAGE_KERNEL_LINUX_WORKQUEUE_H
#define PINPAGE_KERNEL_LINUX_WORKQUEUE_H

#include <linux/kernel.h>

#define work_struct pinpage_work
#define INIT_WORK(work, fn) pinpage_init_work(work, fn)
#define schedule_work pinpage_schedule_work
#define flush_work pinpage_flush_work

#endif
