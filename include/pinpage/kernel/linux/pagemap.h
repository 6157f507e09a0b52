/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/pagemap.h - see <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_PAGEMAP_H
#define PINPAGE_KERNEL_LINUX_PAGEMAP_H

#include <linux/fs.h>
#include <linux/mm.h>

#endif
