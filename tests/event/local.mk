# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/event/test_event
tests_event_test_event_SOURCES = \
	tests/event/event.c \
	tests/event/main.c \
	tests/event/stat.c \
	tests/event/suites.h \
	tests/event/threads.c \
	$(NULL)
