/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/spinlock.h - spinning locks */
#ifndef PINPAGE_KERNEL_LINUX_SPINLOCK_H
#define PINPAGE_KERNEL_LINUX_SPINLOCK_H

#include <linux/kernel.h>

#define spinlock_t pinpage_spinlock_t
#define DEFINE_SPINLOCK(name) pinpage_spinlock_t name = PINPAGE_SPINLOCK_INIT(name)
#define spin_lock_init(lock) pinpage_spin_lock_init(lock, #lock)
#define spin_lock pinpage_spin_lock
#define spin_trylock pinpage_spin_trylock
#define spin_unlock pinpage_spin_unlock
#define spin_lock_irqsave(lock, flags) ((flags) = pinpage_spin_lock_irqsave(lock))
#define spin_unlock_irqrestore pinpage_spin_unlock_irqrestore

#endif
