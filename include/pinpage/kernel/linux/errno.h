/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/errno.h - error numbers; the C library includes it, too */
#ifndef PINPAGE_KERNEL_LINUX_ERRNO_H
#define PINPAGE_KERNEL_LINUX_ERRNO_H

#include_next <linux/errno.h>

#ifndef ERESTARTSYS
#define ERESTARTSYS 512
#endif

#endif
