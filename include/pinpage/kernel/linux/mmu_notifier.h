/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/mmu_notifier.h - see <pinpage/notifier.h> and <pinpage/map.h> */
#ifndef PINPAGE_KERNEL_LINUX_MMU_NOTIFIER_H
#define PINPAGE_KERNEL_LINUX_MMU_NOTIFIER_H

#include <linux/mm.h>

#define pte_t pinpage_pte_t
#define pte_pfn(pte) ((unsigned long)((pte).pte >> PAGE_SHIFT))
#define pte_write(pte) (!!((pte).pte & PINPAGE_PTE_WRITE))

#endif
