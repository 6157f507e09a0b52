#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# valgrind.sh PROGRAM...: each test program under Valgrind, stress tests short.
# VALGRIND_LIMIT is the seconds that one program may take (default: 240); a
# program that is not through by then has shown nothing wrong so far and is
# said to be cut short.
set -u
here=$(cd "$(dirname "$0")" && pwd)
limit=${VALGRIND_LIMIT:-240}
errors='Invalid|Use of|Conditional|Syscall param|[0-9,]+ .*definitely lost'
errors="$errors|Mismatched|Source and dest"
status=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

command -v valgrind >/dev/null || { echo "valgrind is not installed" >&2; exit 77; }
for program in "$@"; do
	PINPAGE_TEST_SECONDS=1 CK_TIMEOUT_MULTIPLIER=20 PINPAGE_VALGRIND=1 \
		timeout -k 10 "$limit" valgrind -q --error-exitcode=99 \
		--leak-check=full --show-leak-kinds=definite \
		--errors-for-leak-kinds=definite --trace-children=no \
		--suppressions="$here/valgrind.supp" "./$program" >"$log" 2>&1
	rc=$?
	# Check forks each test: an error in a child is in the log, not in $rc.
	if grep -qE "^==[0-9]+== +($errors)" "$log"; then
		rc=99
	fi
	case $rc in
	0) echo "ok        $program" ;;
	77) echo "skipped   $program" ;;
	124 | 137) echo "cut short $program, clean for $limit s" ;;
	*)
		echo "FAILED    $program ($rc)"
		cat "$log"
		status=1
		;;
	esac
done
exit $status
