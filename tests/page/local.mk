# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/page/test_page
tests_page_test_page_SOURCES = \
	tests/page/alloc.c \
	tests/page/buddy.c \
	tests/page/isolate.c \
	tests/page/lock.c \
	tests/page/lru.c \
	tests/page/machine.c \
	tests/page/machine.h \
	tests/page/main.c \
	tests/page/page.c \
	tests/page/pin.c \
	tests/page/public.c \
	tests/page/ref.c \
	tests/page/stress.c \
	$(NULL)
