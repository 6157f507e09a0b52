# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/event/event.c \
	lib/event/event.h \
	lib/event/stat.c \
	$(NULL)
