/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/vmalloc.h - large blocks, contiguous here */
#ifndef PINPAGE_KERNEL_LINUX_VMALLOC_H
#define PINPAGE_KERNEL_LINUX_VMALLOC_H

#include <linux/slab.h>

#define vmalloc(size) kmalloc(size, GFP_KERNEL)
#define vzalloc(size) kzalloc(size, GFP_KERNEL)
#define vfree(ptr) kfree(ptr)

#endif
