# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/base/test_base
tests_base_test_base_SOURCES = \
	tests/base/alloc.c \
	tests/base/atomic.c \
	tests/base/bitops.c \
	tests/base/bug.c \
	tests/base/err.c \
	tests/base/interval.c \
	tests/base/list.c \
	tests/base/main.c \
	tests/base/stack.c \
	tests/base/suites.h \
	tests/base/xarray.c \
	tests/base/xarray_readers.c \
	$(NULL)
