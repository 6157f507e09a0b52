/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/types.h - integer types; the C library includes it, too */
#ifndef PINPAGE_KERNEL_LINUX_TYPES_H
#define PINPAGE_KERNEL_LINUX_TYPES_H

#include_next <linux/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef int64_t s64;
typedef unsigned int gfp_t;
typedef unsigned long pgoff_t;

#ifndef __user
#define __user
#endif
#ifndef __iomem
#define __iomem
#endif

#endif
