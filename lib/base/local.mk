# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/base/alloc.c \
	lib/base/alloc.h \
	lib/base/atomic.h \
	lib/base/bitops.h \
	lib/base/bug.c \
	lib/base/bug.h \
	lib/base/compiler.h \
	lib/base/err.h \
	lib/base/hash.h \
	lib/base/interval.c \
	lib/base/interval.h \
	lib/base/list.h \
	lib/base/stack.c \
	lib/base/stack.h \
	lib/base/xarray.c \
	lib/base/xarray.h \
	$(NULL)
