/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/uaccess.h - copy_to_user() and friends: see <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_UACCESS_H
#define PINPAGE_KERNEL_LINUX_UACCESS_H

#include <linux/errno.h>
#include <linux/kernel.h>

#endif
