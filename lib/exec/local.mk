# SPDX-License-Identifier: LGPL-2.1-or-later

libpinpage_la_SOURCES += \
	lib/exec/engine.h \
	lib/exec/exec.h \
	lib/exec/fiber.c \
	lib/exec/lock.c \
	lib/exec/native.c \
	lib/exec/rank.c \
	lib/exec/rcu.c \
	lib/exec/signal.c \
	lib/exec/srcu.c \
	lib/exec/stack.c \
	lib/exec/stack.h \
	lib/exec/task.c \
	lib/exec/wait.c \
	lib/exec/work.c \
	$(NULL)
