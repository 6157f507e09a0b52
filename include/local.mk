# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Public headers, and the kernel-shaped ones: a driver source that says
# #include <linux/mm.h> is compiled with -I.../pinpage/kernel.

pinpageincludedir = $(includedir)/pinpage
pinpageinclude_HEADERS = \
	include/pinpage/api.h \
	include/pinpage/check.h \
	include/pinpage/device.h \
	include/pinpage/event.h \
	include/pinpage/exec.h \
	include/pinpage/explore.h \
	include/pinpage/gup.h \
	include/pinpage/iov_iter.h \
	include/pinpage/ksm.h \
	include/pinpage/map.h \
	include/pinpage/migrate.h \
	include/pinpage/mm.h \
	include/pinpage/notifier.h \
	include/pinpage/page.h \
	include/pinpage/pagecache.h \
	include/pinpage/pinpage.h \
	include/pinpage/rules.h \
	include/pinpage/userfaultfd.h \
	$(NULL)

pinpagekerneldir = $(includedir)/pinpage/kernel/linux
pinpagekernel_HEADERS = \
	include/pinpage/kernel/linux/bug.h \
	include/pinpage/kernel/linux/bvec.h \
	include/pinpage/kernel/linux/compiler.h \
	include/pinpage/kernel/linux/completion.h \
	include/pinpage/kernel/linux/device.h \
	include/pinpage/kernel/linux/dma-mapping.h \
	include/pinpage/kernel/linux/err.h \
	include/pinpage/kernel/linux/errno.h \
	include/pinpage/kernel/linux/fs.h \
	include/pinpage/kernel/linux/gfp.h \
	include/pinpage/kernel/linux/highmem.h \
	include/pinpage/kernel/linux/interrupt.h \
	include/pinpage/kernel/linux/kernel.h \
	include/pinpage/kernel/linux/kthread.h \
	include/pinpage/kernel/linux/memfd.h \
	include/pinpage/kernel/linux/mm.h \
	include/pinpage/kernel/linux/mmu_notifier.h \
	include/pinpage/kernel/linux/module.h \
	include/pinpage/kernel/linux/mutex.h \
	include/pinpage/kernel/linux/pagemap.h \
	include/pinpage/kernel/linux/rcupdate.h \
	include/pinpage/kernel/linux/rwsem.h \
	include/pinpage/kernel/linux/scatterlist.h \
	include/pinpage/kernel/linux/sched.h \
	include/pinpage/kernel/linux/slab.h \
	include/pinpage/kernel/linux/spinlock.h \
	include/pinpage/kernel/linux/string.h \
	include/pinpage/kernel/linux/timer.h \
	include/pinpage/kernel/linux/types.h \
	include/pinpage/kernel/linux/uaccess.h \
	include/pinpage/kernel/linux/uio.h \
	include/pinpage/kernel/linux/version.h \
	include/pinpage/kernel/linux/vmalloc.h \
	include/pinpage/kernel/linux/wait.h \
	include/pinpage/kernel/linux/workqueue.h \
	$(NULL)

pinpagekernelscheddir = $(includedir)/pinpage/kernel/linux/sched
pinpagekernelsched_HEADERS = \
	include/pinpage/kernel/linux/sched/mm.h \
	include/pinpage/kernel/linux/sched/signal.h \
	$(NULL)

KERNEL_CPPFLAGS = -I$(top_srcdir)/include/pinpage/kernel
