# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/device/account.c \
	lib/device/device.c \
	lib/device/device.h \
	lib/device/engine.c \
	lib/device/map.c \
	lib/device/sg.c \
	$(NULL)
