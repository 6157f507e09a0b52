# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/check/check.h \
	lib/check/clean.c \
	lib/check/core.c \
	lib/check/fscon.c \
	lib/check/fsync.c \
	lib/check/internal.h \
	lib/check/json.c \
	lib/check/ledger.c \
	lib/check/report.c \
	lib/check/scope.c \
	lib/check/slots.c \
	lib/check/trail.c \
	lib/check/verdict.c \
	$(NULL)
