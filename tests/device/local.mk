# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/device/test_device
tests_device_test_device_SOURCES = \
	tests/device/account.c \
	tests/device/device.c \
	tests/device/engine.c \
	tests/device/machine.c \
	tests/device/machine.h \
	tests/device/main.c \
	tests/device/map.c \
	tests/device/sg.c \
	tests/device/suites.h \
	$(NULL)
