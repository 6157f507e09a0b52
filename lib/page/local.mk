# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/page/alloc.c \
	lib/page/arena.c \
	lib/page/buddy.c \
	lib/page/folio.c \
	lib/page/hugetlb.c \
	lib/page/internal.h \
	lib/page/isolate.c \
	lib/page/lock.c \
	lib/page/lru.c \
	lib/page/page.c \
	lib/page/page.h \
	lib/page/pin.c \
	lib/page/pin.h \
	lib/page/public.c \
	lib/page/ref.c \
	lib/page/unpin_wait.c \
	lib/page/unpin_wait.h \
	$(NULL)
