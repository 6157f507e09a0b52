#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# runner.sh: does test_conformance find what it is for? A test; its last line is
# as Check writes it.
set -u
export LC_ALL=C
run=$(pwd)/tests/conformance/test_conformance
[ -x "$run" ] || {
	echo "test_conformance is not built"
	exit 77
}
CONF_GOLDEN=$(mktemp -d)
export CONF_GOLDEN
trap 'rm -rf "$CONF_GOLDEN"' EXIT
mkdir "$CONF_GOLDEN/golden"
model=$CONF_GOLDEN/golden/model-6.1.txt
kernel=$CONF_GOLDEN/golden/kernel-6.1.txt
dev=$CONF_GOLDEN/deviations.txt
checks=0 failures=0

expect() {
	checks=$((checks + 1))
	what=$1
	shift
	"$@" >"$CONF_GOLDEN/out" 2>&1 && return
	failures=$((failures + 1))
	echo "$what"
	cat "$CONF_GOLDEN/out"
}
c04() {
	"$run" --check --rules 6.1 C04
}
c04_fails() {
	! c04
}

expect "a line that is not recorded passes" c04_fails
"$run" --rules 6.1 C04 >"$model"
expect "a recorded line fails" c04
sed 's/ref=1/ref=2/' "$model" >"$kernel"
expect "another line of the kernel passes" c04_fails
echo "6.1 C04 ref a reason" >"$dev"
expect "a deviation with a reason fails" c04
cp "$model" "$kernel"
expect "a deviation that is none passes" c04_fails
: >"$dev"
expect "the same line of the kernel fails" c04
sed -i 's/after=0/after=1/' "$model"
expect "another recorded line passes" c04_fails
expect "a wrong option is taken" sh -c '! "$0" --nonsense' "$run"

echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ "$failures" = 0 ]
