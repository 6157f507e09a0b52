# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/rules/presets.c \
	lib/rules/rules.c \
	lib/rules/rules.h \
	lib/rules/switches.c \
	lib/rules/table.h \
	$(NULL)
