# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	$(NULL)
