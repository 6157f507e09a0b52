/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/timer.h - timers; expiry differs: nanoseconds, not jiffies */
#ifndef PINPAGE_KERNEL_LINUX_TIMER_H
#define PINPAGE_KERNEL_LINUX_TIMER_H

#include <linux/kernel.h>

#define timer_list pinpage_timer
#define timer_setup(timer, fn, flags) ((void)(flags), pinpage_timer_setup(timer, fn))
/* in nanoseconds since boot, as ktime_get_ns() gives them */
#define mod_timer pinpage_mod_timer
#define del_timer_sync pinpage_del_timer_sync
#define ktime_get_ns pinpage_ktime_get_ns

#endif
