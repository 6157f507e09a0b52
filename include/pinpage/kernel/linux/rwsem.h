/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/rwsem.h - reader-writer locks */
#ifndef PINPAGE_KERNEL_LINUX_RWSEM_H
#define PINPAGE_KERNEL_LINUX_RWSEM_H

#include <linux/kernel.h>

#define rw_semaphore pinpage_rwsem
#define init_rwsem(sem) pinpage_init_rwsem(sem, #sem)
#define down_read pinpage_down_read
#define down_read_trylock pinpage_down_read_trylock
#define up_read pinpage_up_read
#define down_write pinpage_down_write
#define down_write_trylock pinpage_down_write_trylock
#define up_write pinpage_up_write
#define downgrade_write pinpage_downgrade_write

#endif
