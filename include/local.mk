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
	include/pinpage/map.h \
	include/pinpage/mm.h \
	include/pinpage/page.h \
	include/pinpage/pagecache.h \
	include/pinpage/pinpage.h \
	include/pinpage/rules.h \
	$(NULL)

pinpagekerneldir = $(includedir)/pinpage/kernel/linux
pinpagekernel_HEADERS = \
	$(NULL)

pinpagekernelscheddir = $(includedir)/pinpage/kernel/linux/sched
pinpagekernelsched_HEADERS = \
	$(NULL)

KERNEL_CPPFLAGS = -I$(top_srcdir)/include/pinpage/kernel
