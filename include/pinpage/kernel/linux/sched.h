/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/sched.h - current */
#ifndef PINPAGE_KERNEL_LINUX_SCHED_H
#define PINPAGE_KERNEL_LINUX_SCHED_H

#include <linux/kernel.h>

/*
 * What a driver may ask of current: a value of this moment. The task itself is
 * pinpage_current().
 */
struct pinpage_current_view {
	struct mm_struct *mm;
	unsigned int pid;
	const char *comm;
};

#define current								\
	(&(const struct pinpage_current_view){				\
		.mm = pinpage_current_mm(),				\
		.pid = pinpage_task_id(pinpage_current()),		\
		.comm = pinpage_task_name(pinpage_current()),		\
	})

#define cond_resched pinpage_cond_resched
#define msleep pinpage_msleep

#endif
