/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/sched/mm.h - mmget(), mmgrab(), ...: see <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_SCHED_MM_H
#define PINPAGE_KERNEL_LINUX_SCHED_MM_H

#include <linux/sched.h>

#endif
