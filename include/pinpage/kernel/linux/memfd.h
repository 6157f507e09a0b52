/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/memfd.h - memfd_pin_folios(), and the flags of <linux/memfd.h> */
#ifndef PINPAGE_KERNEL_LINUX_MEMFD_H
#define PINPAGE_KERNEL_LINUX_MEMFD_H

#include_next <linux/memfd.h>

#include <linux/mm.h>

#endif
