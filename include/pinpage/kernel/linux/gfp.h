/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/gfp.h - see <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_GFP_H
#define PINPAGE_KERNEL_LINUX_GFP_H

#include <linux/kernel.h>

#endif
