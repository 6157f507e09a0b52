# SPDX-License-Identifier: LGPL-2.1-or-later
#
# "make bench": against the shared library, as a user has it. BENCH_ARGS says
# more: make bench BENCH_ARGS=--quick

EXTRA_PROGRAMS += tests/bench/bench
tests_bench_bench_SOURCES = \
	tests/bench/bench.h \
	tests/bench/calls.c \
	tests/bench/floor.c \
	tests/bench/kernel.c \
	tests/bench/main.c \
	tests/bench/measure.c \
	tests/bench/pins.c \
	tests/bench/report.c \
	$(NULL)
tests_bench_bench_LDFLAGS = $(LDFLAGS_SHARED)
tests_bench_bench_LDADD = libpinpage.la $(LIBURING_LIBS) $(JANSSON_LIBS)

bench: tests/bench/bench
	./tests/bench/bench --json=bench.json --plot=bench.svg $(BENCH_ARGS)
.PHONY: bench
CLEANFILES += bench.json bench.svg

# "make scale": how costs grow; SCALE_ARGS=--quick for a small machine
EXTRA_PROGRAMS += tests/bench/scale
tests_bench_scale_SOURCES = \
	tests/bench/bench.h \
	tests/bench/measure.c \
	tests/bench/scale.c \
	$(NULL)
tests_bench_scale_LDFLAGS = $(LDFLAGS_SHARED)
tests_bench_scale_LDADD = libpinpage.la

scale: tests/bench/scale
	./tests/bench/scale $(SCALE_ARGS)
.PHONY: scale
