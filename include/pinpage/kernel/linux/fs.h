/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/fs.h - files; the names are in <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_FS_H
#define PINPAGE_KERNEL_LINUX_FS_H

#include <linux/err.h>
#include <linux/kernel.h>

#endif
