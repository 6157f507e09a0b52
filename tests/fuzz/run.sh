#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh SRCDIR [LIBFUZZER-ARGUMENTS...]: the library and the fuzzer built by
# clang with ASan and UBSan, then run; a minute unless -max_total_time says
# more. The corpus and what fails stay in fuzz/ of the build tree. Exits with
# 77 where clang is missing.
set -eu
src=$1
shift
command -v clang >/dev/null || { echo "fuzz: no clang here"; exit 77; }
mkdir -p fuzz/corpus
libs=$(pkg-config --libs liburcu)
for optional in jansson libdw; do
	have=HAVE_$(echo "$optional" | tr a-z A-Z)
	! grep -q "^#define $have 1" config.h || libs="$libs $(pkg-config --libs $optional)"
done
clang -g -O1 -std=gnu11 -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined -D_GNU_SOURCE -include config.h -I. \
	-I"$src/include" -I"$src/lib" $(find "$src/lib" -name '*.c') \
	$(find "$src/tests/fuzz" -name '*.c' ! -name main.c) -o fuzz/libfuzzer $libs -pthread
exec fuzz/libfuzzer -max_len=2048 -max_total_time=60 -artifact_prefix=fuzz/ \
	"$@" fuzz/corpus
