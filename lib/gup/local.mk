# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/gup/acquire.c \
	lib/gup/args.c \
	lib/gup/fast.c \
	lib/gup/folio.c \
	lib/gup/grab.c \
	lib/gup/gup.h \
	lib/gup/iov_iter.c \
	lib/gup/iov_iter.h \
	lib/gup/iov_pages.c \
	lib/gup/longterm.c \
	lib/gup/memfd.c \
	lib/gup/offers.c \
	lib/gup/process_vm.c \
	lib/gup/release.c \
	lib/gup/retry.c \
	lib/gup/slow.c \
	lib/gup/users.c \
	$(NULL)
