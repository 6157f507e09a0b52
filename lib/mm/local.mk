# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/mm/anon_vma.c \
	lib/mm/cow.c \
	lib/mm/fault.c \
	lib/mm/fork.c \
	lib/mm/gather.c \
	lib/mm/huge.c \
	lib/mm/huge.h \
	lib/mm/huge_split.c \
	lib/mm/huge_zero.c \
	lib/mm/internal.h \
	lib/mm/kswapd.c \
	lib/mm/lazyfree.c \
	lib/mm/madvise.c \
	lib/mm/mlock.c \
	lib/mm/mm.c \
	lib/mm/mm.h \
	lib/mm/mmap.c \
	lib/mm/mmu_interval.c \
	lib/mm/mprotect.c \
	lib/mm/mremap.c \
	lib/mm/msync.c \
	lib/mm/nonpresent.c \
	lib/mm/notifier.c \
	lib/mm/notifier.h \
	lib/mm/pgtable.c \
	lib/mm/pgtable.h \
	lib/mm/reclaim.c \
	lib/mm/retry.c \
	lib/mm/rmap.c \
	lib/mm/swap.h \
	lib/mm/swaparea.h \
	lib/mm/swapcache.c \
	lib/mm/swapfile.c \
	lib/mm/swapin.c \
	lib/mm/swapio.c \
	lib/mm/swapops.h \
	lib/mm/task_mmu.c \
	lib/mm/uaccess.c \
	lib/mm/unmap.c \
	lib/mm/user.c \
	lib/mm/vma.c \
	$(NULL)
