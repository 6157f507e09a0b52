# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Random operations against plain byte arrays. "make check" runs a seeded
# loop; "make fuzz" lets libFuzzer choose (needs clang; FUZZ_ARGS for more).

room_tests += tests/fuzz/test_fuzz
tests_fuzz_test_fuzz_SOURCES = \
	tests/fuzz/areas.c \
	tests/fuzz/files.c \
	tests/fuzz/fuzz.c \
	tests/fuzz/fuzz.h \
	tests/fuzz/main.c \
	tests/fuzz/oracle.c \
	tests/fuzz/oracle.h \
	tests/fuzz/pins.c \
	tests/fuzz/world.c \
	tests/fuzz/world.h \
	$(NULL)

EXTRA_DIST += \
	tests/fuzz/libfuzzer.c \
	tests/fuzz/run.sh \
	$(NULL)

fuzz:
	$(SHELL) $(srcdir)/tests/fuzz/run.sh $(srcdir) $(FUZZ_ARGS)
.PHONY: fuzz
