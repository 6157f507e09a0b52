/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/version.h - which release's prototypes */
#ifndef PINPAGE_KERNEL_LINUX_VERSION_H
#define PINPAGE_KERNEL_LINUX_VERSION_H

#include <pinpage/map.h>

#ifdef PINPAGE_LINUX_VERSION
#define LINUX_VERSION_CODE PINPAGE_LINUX_VERSION
#else
#define LINUX_VERSION_CODE PINPAGE_FOREVER
#endif

#endif
