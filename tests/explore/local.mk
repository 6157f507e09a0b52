# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/explore/test_explore
tests_explore_test_explore_SOURCES = \
	tests/explore/cli.c \
	tests/explore/file.c \
	tests/explore/main.c \
	tests/explore/matrix.c \
	tests/explore/placed.c \
	tests/explore/random.c \
	tests/explore/replay.c \
	tests/explore/run.c \
	tests/explore/scenarios.c \
	tests/explore/script.c \
	tests/explore/story.c \
	tests/explore/strategy.c \
	tests/explore/suites.h \
	$(NULL)
