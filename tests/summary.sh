#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# summary.sh BUILD: what the last make check in BUILD found. One line a test
# program, the failures in full, the sum in the last line. Fails if a test did.
#
# A program ends with Check's "100%: Checks: 3, Failures: 0, Errors: 0". One
# that died without it, or failed after it (a sanitizer at exit), counts as
# one failure more.
set -u
cd "$1" || exit 2
export LC_ALL=C
trs=$(find doc tests -name '*.trs' 2>/dev/null | sort)
[ -n "$trs" ] || { echo "summary: no test has run in $1" >&2; exit 2; }

for t in $trs; do
	log=${t%.trs}.log
	grep -q '^:test-result: \(PASS\|SKIP\)' "$t" && continue
	echo "---- $log"
	grep -Ev '^[0-9]+%: Checks: ' "$log" | tail -n 200
done

for t in $trs; do
	result=$(sed -n 's/^:test-result: \([A-Z]*\).*/\1/p' "$t" | head -n 1)
	line=$(grep -aE '^[0-9]+%: Checks: ' "${t%.trs}.log" | tail -n 1)
	[ "$result" != SKIP ] ||
		line="skipped: $(grep -av '^SKIP' "${t%.trs}.log" | grep -v '^$' | head -n 1)"
	echo "$result ${t%.trs} $line"
done | awk '
	{ printf "%-5s %-34s", $1, $2; for (i = 3; i <= NF; i++) printf " %s", $i; print "" }
	$1 == "SKIP" { skipped++; next }
	{
		bad = 0
		for (i = 3; i < NF; i++) {
			if ($i == "Checks:")
				total = $(i + 1) + 0
			if ($i == "Failures:" || $i == "Errors:")
				bad += $(i + 1)
		}
		if ($4 != "Checks:")
			total = 0
		passed += total - bad
		if ($1 != "PASS" && bad == 0)
			bad = 1
		failed += bad
	}
	END {
		if (skipped)
			printf "%d test program%s skipped\n", skipped, skipped > 1 ? "s" : ""
		printf "%d passed, %d failed\n", passed, failed
		exit failed > 0
	}'
