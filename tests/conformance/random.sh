#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# random.sh OUT [CASE...]: run random cases on the model and on real kernels and
# say where they part: the case, what both agreed on last, what each says then.
#
# THEMES (all), SEEDS ("1-20"), RELEASES ("6.1 6.12") choose; cases by name
# (Rcow_17, or Rcow_17_1f3 for the steps in that mask) go instead of themes and
# seeds. MODEL is the model's program, PACKAGES keeps the downloads.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?output directory}
shift
mkdir -p "$out"
out=$(cd "$out" && pwd)
PACKAGES=${PACKAGES:-$out/../check-kernel/packages}
mkdir -p "$PACKAGES"
SEEDS=${SEEDS:-1-20}
export PACKAGES
failed= ran=

names() {
	[ $# = 0 ] || { printf '%s\n' "$@"; return; }
	for theme in ${THEMES:-cow file thp tlb swap prot args note mix}; do
		seq -f "R${theme}_%g" "${SEEDS%-*}" "${SEEDS#*-}"
	done
}

# Lines of one side against those of the other, key by key.
part() {
	awk '
	FNR == NR { kernel[$1] = $0; next }
	!($1 in kernel) { print $1 ": not on the kernel"; bad++; next }
	{
		n = split(kernel[$1], k, " ")
		total++
		for (i = 2; i <= n || i <= NF; i++)
			if (k[i] != $i)
				break
		if (i > n && i > NF)
			next
		bad++
		print $1 ":"
		for (j = i > 6 ? i - 5 : 2; j < i; j++)
			print "\t" $j
		print "  kernel\t" (i > n ? "nothing" : k[i])
		print "  model \t" (i > NF ? "nothing" : $i)
	}
	END { printf "%d cases, %d differ\n", total, bad; exit bad != 0 }
	' "$1" "$2"
}

names "$@" >"$out/names"
for release in ${RELEASES:-6.1 6.12}; do
	rc=0
	RANDOM_CASES=$out/names BOOT_LIMIT=${BOOT_LIMIT:-3600} \
		sh "$here/kernel/run.sh" "$release" "$out/$release" || rc=$?
	[ $rc != 77 ] || continue
	[ $rc = 0 ] || { failed="$failed $release"; continue; }
	ran="$ran $release"
	"${MODEL:?}" --print "--rules=$release" "--random=$out/names" \
		>"$out/$release/model" || failed="$failed $release"
	echo "== random cases on the model and on $release"
	part "$out/$release/lines" "$out/$release/model" ||
		failed="$failed $release"
done
[ -z "$failed" ] || { echo "random-kernel: FAILED:$failed"; exit 1; }
[ -n "$ran" ] || { echo "random-kernel: nothing could be run"; exit 77; }
echo "random-kernel: ok:$ran"
