# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/gup/test_gup
tests_gup_test_gup_SOURCES = \
	tests/gup/add_pins.c \
	tests/gup/answered.c \
	tests/gup/args.c \
	tests/gup/counting.c \
	tests/gup/device.c \
	tests/gup/fidelity.c \
	tests/gup/files.c \
	tests/gup/gate.c \
	tests/gup/huge.c \
	tests/gup/huge_file.c \
	tests/gup/iov_iter.c \
	tests/gup/livelock.c \
	tests/gup/longterm.c \
	tests/gup/machine.c \
	tests/gup/machine.h \
	tests/gup/main.c \
	tests/gup/memfd.c \
	tests/gup/misuse.c \
	tests/gup/order.c \
	tests/gup/process_vm.c \
	tests/gup/race.c \
	tests/gup/race_huge.c \
	tests/gup/release.c \
	tests/gup/retry.c \
	tests/gup/scenario.c \
	tests/gup/scenario.h \
	tests/gup/sharing.c \
	tests/gup/stress.c \
	tests/gup/suites.h \
	tests/gup/users.c \
	$(NULL)
