/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/mm.h - pages, pins and accounts; the names are in <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_MM_H
#define PINPAGE_KERNEL_LINUX_MM_H

#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/kernel.h>

#define offset_in_page(p) ((unsigned long)(p) & ~PAGE_MASK)
#define PAGE_ALIGN(addr) round_up((unsigned long)(addr), PAGE_SIZE)
#define PFN_UP(x) (((x) + PAGE_SIZE - 1) >> PAGE_SHIFT)
#define PFN_DOWN(x) ((x) >> PAGE_SHIFT)
#define untagged_addr(addr) (addr)

#define account_locked_vm pinpage_account_locked_vm
/* the library's own: the kernel leaves mm->pinned_vm to each driver */
#define account_pinned_vm pinpage_account_pinned_vm

#endif
