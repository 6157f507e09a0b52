/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/mutex.h - sleeping locks */
#ifndef PINPAGE_KERNEL_LINUX_MUTEX_H
#define PINPAGE_KERNEL_LINUX_MUTEX_H

#include <linux/kernel.h>

#define mutex pinpage_mutex
#define DEFINE_MUTEX(name) struct pinpage_mutex name = PINPAGE_MUTEX_INIT(name)
#define mutex_init(lock) pinpage_mutex_init(lock, #lock)
#define mutex_lock pinpage_mutex_lock
#define mutex_trylock pinpage_mutex_trylock
#define mutex_unlock pinpage_mutex_unlock
#define mutex_destroy(lock) ((void)(lock))

#endif
