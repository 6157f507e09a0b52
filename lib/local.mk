# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES = \
	lib/boot.c \
	lib/machine.c \
	$(NULL)
libpinpage_la_LIBADD = \
	$(URCU_LIBS) \
	$(JANSSON_LIBS) \
	$(LIBDW_LIBS) \
	$(NULL)
libpinpage_la_LDFLAGS = \
	-version-info 0:0:0 \
	-Wl,--version-script=$(top_srcdir)/lib/pinpage.map \
	$(SANITIZE_CFLAGS) \
	-pthread \
	$(NULL)
if !SANITIZE
libpinpage_la_LDFLAGS += -no-undefined -Wl,-z,defs
endif
EXTRA_libpinpage_la_DEPENDENCIES = lib/pinpage.map

EXTRA_DIST += \
	lib/FLOORS \
	lib/pinpage-map.sh \
	lib/pinpage.map \
	$(NULL)

# Maintainer: take the exported names from the public headers again.
update-map:
	$(SHELL) $(top_srcdir)/lib/pinpage-map.sh update $(top_srcdir)
.PHONY: update-map

include lib/base/local.mk
include lib/event/local.mk
include lib/exec/local.mk
include lib/rules/local.mk
include lib/page/local.mk
include lib/pagecache/local.mk
include lib/mm/local.mk
include lib/gup/local.mk
include lib/device/local.mk
include lib/check/local.mk
include lib/explore/local.mk
