/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/string.h - the C library's */
#ifndef PINPAGE_KERNEL_LINUX_STRING_H
#define PINPAGE_KERNEL_LINUX_STRING_H

#include <string.h>

#endif
