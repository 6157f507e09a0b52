/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/kthread.h - tasks of a driver */
#ifndef PINPAGE_KERNEL_LINUX_KTHREAD_H
#define PINPAGE_KERNEL_LINUX_KTHREAD_H

#include <linux/err.h>
#include <linux/sched.h>

/* the name is not a format here */
#define kthread_run(fn, data, name) pinpage_kthread_run(fn, data, name)
#define kthread_stop pinpage_kthread_stop
#define kthread_should_stop pinpage_kthread_should_stop

#endif
