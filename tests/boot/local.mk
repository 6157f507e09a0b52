# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/boot/test_boot
tests_boot_test_boot_SOURCES = \
	tests/boot/main.c \
	$(NULL)
