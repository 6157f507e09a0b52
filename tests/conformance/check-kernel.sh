#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-kernel.sh OUT [check|record] [CASE...]: run the cases on real kernels.
#
# check	holds what they print against golden/kernel-RELEASE.txt and against what
#	the model prints (MODEL, a program; without it golden/model-RELEASE.txt).
# record	writes the golden files: what a real kernel printed, never by hand.
#
# RELEASES (default "6.1 6.12") are Debian's; a release that cannot be had is
# skipped with its reason. With KVER, VMLINUZ, KDIR and KMODULES that kernel
# instead. Ends with 77 if nothing could be run. PACKAGES keeps the downloads.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?output directory} mode=${2:-check}
shift; [ $# = 0 ] || shift
golden=$here/golden
mkdir -p "$out"
out=$(cd "$out" && pwd)
PACKAGES=${PACKAGES:-$out/packages}
export PACKAGES
[ -z "${KVER:-}" ] || RELEASES=$(echo "$KVER" | sed 's/^\([0-9]*\.[0-9]*\).*/\1/')
ran= failed=

# The golden file without cases that were not asked for, all without names.
these() {
	file=$1
	shift
	[ $# != 0 ] || { cat "$file"; return; }
	for name in "$@"; do
		grep "^$name " "$file" || true
	done
}

record() {
	to=$golden/kernel-$1.txt
	[ ! -e "$to" ] || [ $# = 1 ] || grep -v '^#' "$to" >"$out/$1/old" || true
	[ $# != 1 ] || : >"$out/$1/old"
	{
		echo "# Printed by Linux $(head -n 1 "$out/$1/kernel")"
		echo "# under qemu (make record-kernel). Not to be edited."
		{ cat "$out/$1/lines"; cut -d' ' -f1 "$out/$1/lines" |
			sed 's/.*/^& /' >"$out/$1/new"
			grep -v -f "$out/$1/new" "$out/$1/old" || true; } | LC_ALL=C sort
	} >"$to.tmp"
	mv "$to.tmp" "$to"
	echo "recorded: $to, $(grep -vc '^#' "$to") cases"
	! grep FAILED "$out/$1/lines"
}

# The kernel's lines against the golden file, the model's against the kernel's.
hold() {
	release=$1 ok=0
	shift
	! grep FAILED "$out/$release/lines" || ok=1
	echo "== kernel $release against its golden file"
	these "$golden/kernel-$release.txt" "$@" >"$out/$release/golden"
	sh "$here/compare.sh" "$release" "$out/$release/golden" \
		"$out/$release/lines" || ok=1
	model=$golden/model-$release.txt
	if [ -x "${MODEL:-}" ]; then
		model=$out/$release/model
		"$MODEL" --print "--rules=$release" >"$model" || ok=1
	fi
	if [ -e "$model" ]; then
		echo "== model under $release against the kernel"
		sh "$here/compare.sh" "$release" "$out/$release/lines" "$model" \
			"$here/deviations.txt" "$out/$release/lines" || ok=1
	fi
	return $ok
}

# What differs is run once more, alone: a slow machine has timings of its own.
check() {
	at=$out/$1
	hold "$@" >"$at/report" && rc=0 || rc=1
	cat "$at/report"
	[ $rc != 0 ] || return 0
	again=$(sed -n 's/^\([A-Z][A-Za-z0-9_]*\)[: ].*/\1/p' "$at/report" | sort -u)
	[ -n "$again" ] && [ "$(echo "$again" | wc -l)" -le 10 ] || return 1
	echo "== kernel $1 once more:" $again
	# shellcheck disable=SC2086 # one name a word
	sh "$here/kernel/run.sh" "$1" "$at/again" $again || return 1
	for name in $again; do
		sed -i "/^$name /d" "$at/lines"
	done
	cat "$at/again/lines" >>"$at/lines"
	hold "$@"
}

for release in ${RELEASES:-6.1 6.12}; do
	echo "== kernel $release: boot and run"
	start=$(date +%s) rc=0
	sh "$here/kernel/run.sh" "$release" "$out/$release" "$@" || rc=$?
	[ $rc != 77 ] || continue
	if [ $rc != 0 ]; then
		failed="$failed $release"
		continue
	fi
	echo "== $(wc -l <"$out/$release/lines") cases in $(($(date +%s) - start)) s"
	ran="$ran $release"
	$mode "$release" "$@" || failed="$failed $release"
done
[ -z "$failed" ] || { echo "check-kernel: FAILED:$failed"; exit 1; }
[ -n "$ran" ] || { echo "check-kernel: nothing could be run"; exit 77; }
echo "check-kernel: ok:$ran"
