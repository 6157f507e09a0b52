# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "make check" runs a second of it, "make storm" ten minutes:
# make storm STORM_SECONDS=60

room_tests += tests/storm/test_storm
tests_storm_test_storm_SOURCES = \
	tests/storm/main.c \
	tests/storm/storm.h \
	tests/storm/troubles.c \
	tests/storm/users.c \
	$(NULL)

storm: tests/storm/test_storm
	PINPAGE_TEST_SECONDS=$${STORM_SECONDS:-600} ./tests/storm/test_storm
.PHONY: storm
