# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/exec/test_exec
tests_exec_test_exec_SOURCES = \
	tests/exec/fiber.c \
	tests/exec/lock.c \
	tests/exec/main.c \
	tests/exec/misuse.c \
	tests/exec/rank.c \
	tests/exec/rcu.c \
	tests/exec/signal.c \
	tests/exec/srcu.c \
	tests/exec/suites.h \
	tests/exec/task.c \
	tests/exec/wait.c \
	tests/exec/work.c \
	$(NULL)
