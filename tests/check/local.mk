# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/check/test_check
tests_check_test_check_SOURCES = \
	tests/check/clean.c \
	tests/check/fscon.c \
	tests/check/ledger.c \
	tests/check/machine.c \
	tests/check/machine.h \
	tests/check/main.c \
	tests/check/scope.c \
	tests/check/suites.h \
	tests/check/threads.c \
	tests/check/verdict.c \
	$(NULL)
