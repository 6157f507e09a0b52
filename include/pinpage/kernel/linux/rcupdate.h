/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/rcupdate.h - read-copy update */
#ifndef PINPAGE_KERNEL_LINUX_RCUPDATE_H
#define PINPAGE_KERNEL_LINUX_RCUPDATE_H

#include <linux/kernel.h>

#define rcu_head pinpage_rcu_head
#define rcu_read_lock pinpage_rcu_read_lock
#define rcu_read_unlock pinpage_rcu_read_unlock
#define synchronize_rcu pinpage_synchronize_rcu
#define call_rcu pinpage_call_rcu
#define rcu_barrier pinpage_rcu_barrier

#endif
