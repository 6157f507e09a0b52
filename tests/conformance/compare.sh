#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# compare.sh RULES EXPECTED ACTUAL [DEVIATIONS [CASES]]: hold the lines of one
# run against those of another, key by key. One line a difference; fails if
# there is one that DEVIATIONS does not list, and if DEVIATIONS lists one that is
# not there any more. "# " in the files are remarks.
#
# A deviation is "RULES CASE KEY reason": RULES is a preset's name or *, KEY the
# key whose value differs. "NAME MISSING: what" is a side that cannot run it. CASES
# limits everything to the names in that file (first field of each line).
set -eu
export LC_ALL=C
rules=$1 expected=$2 actual=$3 deviations=${4:-/dev/null} cases=${5:-}
awk -v rules="$rules" -v limit="${cases:+1}" -v cases="${cases:-/dev/null}" \
	-v dev="$deviations" '
function parse(line, side,    n, f, i, eq, key) {
	n = split(line, f, " ")
	seen[side, f[1]] = 1
	names[f[1]] = 1
	if (f[2] == "MISSING:") {
		lacks[f[1]] = line
		return
	}
	for (i = 2; i <= n; i++) {
		eq = index(f[i], "=")
		key = eq && f[i] !~ /^FAILED/ ? substr(f[i], 1, eq - 1) : f[i]
		value[side, f[1], key] = eq ? substr(f[i], eq + 1) : "yes"
		keys[f[1]] = keys[f[1]] " " key
	}
}
BEGIN {
	while ((getline line < dev) > 0) {
		if (line ~ /^#/ || split(line, d, " ") < 4)
			continue
		if (d[1] == rules || d[1] == "*")
			allowed[d[2], d[3]] = 1
	}
	while ((getline line < cases) > 0) {
		split(line, d, /[ \t]/)
		among[d[1]] = 1
	}
}
/^#/ || NF == 0 { next }
limit && !($1 in among) { next }
FNR == NR { parse($0, "e"); next }
{ parse($0, "a") }
END {
	for (name in names) {
		if (!(("e", name) in seen)) {
			print name ": not expected"
			bad++
			continue
		}
		if (!(("a", name) in seen)) {
			print name ": missing"
			bad++
			continue
		}
		if (name in lacks) {
			print lacks[name]
			lacking++
			bad++
			continue
		}
		total++
		n = split(keys[name], k, " ")
		for (i = 1; i <= n; i++) {
			if ((name, k[i]) in done)
				continue
			done[name, k[i]] = 1
			e = (("e", name, k[i]) in value) ? value["e", name, k[i]] : "nothing"
			a = (("a", name, k[i]) in value) ? value["a", name, k[i]] : "nothing"
			if (e == a)
				continue
			if ((name, k[i]) in allowed) {
				used[name, k[i]] = 1
				deviate[name] = 1
				continue
			}
			print name ": " k[i] ": expected " e ", is " a
			differ[name] = 1
			bad++
		}
	}
	for (pair in allowed) {
		split(pair, f, SUBSEP)
		if (!(pair in used) && f[1] in names) {
			print f[1] ": " f[2] ": listed as a deviation, but agrees"
			bad++
		}
	}
	for (name in deviate)
		known++
	for (name in differ)
		wrong++
	printf "%s: %d cases, %d agree, %d deviate as listed, %d differ, %d missing\n", \
		rules, total + lacking, total - known - wrong, known, wrong, lacking
	exit bad != 0
}' "$expected" "$actual"
