# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/explore/cli.c \
	lib/explore/explore.c \
	lib/explore/explore.h \
	lib/explore/json.c \
	lib/explore/matrix.c \
	lib/explore/outcome.c \
	lib/explore/random.c \
	lib/explore/replay.c \
	lib/explore/run.c \
	lib/explore/sched.c \
	lib/explore/script.c \
	lib/explore/story.c \
	$(NULL)
