#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# doc.sh: is doc/conformance.md what the golden files say, and does compare.sh
# find what differs? A test; its last line is as Check writes it.
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
checks=0 failures=0

expect() {
	checks=$((checks + 1))
	what=$1
	shift
	"$@" >"$tmp/out" 2>&1 && return
	failures=$((failures + 1))
	echo "$what"
	cat "$tmp/out"
}
differs() {
	! sh "$here/compare.sh" "$@"
}

expect "doc/conformance.md is not current" \
	sh "$here/report.sh" --check "$here/../../doc/conformance.md"

printf 'A1 ret=1 ref=2\nA2 ret=0\n' >"$tmp/a"
printf 'A1 ret=1 ref=3\nA2 ret=0\n' >"$tmp/b"
printf 'A1 ret=1 ref=2\n' >"$tmp/c"
printf '6.1 A1 ref because\n' >"$tmp/dev"
expect "equal lines differ" sh "$here/compare.sh" 6.1 "$tmp/a" "$tmp/a"
expect "another value is not seen" differs 6.1 "$tmp/a" "$tmp/b"
expect "a missing case is not seen" differs 6.1 "$tmp/a" "$tmp/c"
expect "another case is not seen" differs 6.1 "$tmp/c" "$tmp/a"
expect "a deviation is not known" \
	sh "$here/compare.sh" 6.1 "$tmp/a" "$tmp/b" "$tmp/dev"
expect "a deviation of other rules counts" differs 5.7 "$tmp/a" "$tmp/b" "$tmp/dev"
expect "a deviation that is gone stays" differs 6.1 "$tmp/a" "$tmp/a" "$tmp/dev"

echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" = 0 ]
