#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# report.sh [--check FILE]: doc/conformance.md to stdout, from the cases, the
# golden files and deviations.txt; with --check only whether FILE is that.
set -eu
export LC_ALL=C
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Nothing of what cases call is there: it is not called.
${CC:-gcc} -std=gnu11 -w -D_GNU_SOURCE -static -no-pie -fno-pie \
	-Wl,--unresolved-symbols=ignore-all -o "$tmp/list" \
	"$here/list.c" "$here/common.c" "$here"/cases/*.c
"$tmp/list" >"$tmp/cases"

kernels="6.1 6.12"
awk -F '\t' -v golden="$here/golden" -v kernels="$kernels" \
	-v dev="$here/deviations.txt" -v releases="$(cd "$here/golden" &&
		ls model-*.txt 2>/dev/null | sed 's/model-//; s/\.txt//' | sort -V |
		tr '\n' ' ')" '
function load(side, rules,    file, line, f) {
	file = golden "/" side "-" rules ".txt"
	while ((getline line < file) > 0) {
		if (line ~ /^# Printed by Linux/) {
			sub(/^# Printed by Linux /, "", line)
			build[rules] = line
		}
		if (line ~ /^#/ || line == "")
			continue
		f = line
		sub(/ .*/, "", f)
		sub(/^[^ ]* ?/, "", line)
		says[side, rules, f] = line
		has[side, rules, f] = 1
	}
	close(file)
}
# Why may that key differ? "" if it may not.
function reason(name, rules, key,    i) {
	for (i = 1; i <= nr_dev; i++)
		if (dev_case[i] == name && dev_keys[i] == key &&
		    (dev_rules[i] == rules || dev_rules[i] == "*"))
			return dev_why[i]
	return ""
}
function split_line(line, val,    n, f, i, eq) {
	delete val
	n = split(line, f, " ")
	for (i = 1; i <= n; i++) {
		eq = index(f[i], "=")
		val[eq ? substr(f[i], 1, eq - 1) : f[i]] = substr(f[i], eq + 1)
	}
}
# "agrees", or what does not and why
function verdict(name, rules,    k, m, key, text, why, bad) {
	split_line(says["kernel", rules, name], k)
	split_line(says["model", rules, name], m)
	for (key in m)
		if (!(key in k))
			k[key] = "nothing"
	for (key in k) {
		if (key in m && k[key] == m[key])
			continue
		why = reason(name, rules, key)
		if (why == "")
			bad = 1
		text = text (text == "" ? "" : "; ") "`" key "` is " \
			(key in m ? m[key] : "nothing") \
			" on the model: " (why == "" ? "unexplained" : why)
	}
	if (text == "") {
		agree[rules]++
		return "agrees"
	}
	if (bad)
		differ[rules]++
	else
		deviate[rules]++
	return (bad ? "DIFFERS: " : "deviates: ") text
}
function on_kernel(name, rules, needs_model, why) {
	if (has["kernel", rules, name]) {
		ran[rules]++
		if (!has["model", rules, name]) {
			lacks[rules]++
			return "not on the model"
		}
		return verdict(name, rules)
	}
	return has["model", rules, name] ? "model only" : "–"
}
# What it prints: by kernels, else by the model; equal results together.
function results(name,    n, r, i, line, text, side, order, groups, where) {
	side = "model"
	n = split(kernels, r, " ")
	for (i = 1; i <= n; i++)
		if (has["kernel", r[i], name])
			side = "kernel"
	if (side == "model")
		n = split(releases, r, " ")
	for (i = 1; i <= n; i++) {
		if (!has[side, r[i], name])
			continue
		line = says[side, r[i], name]
		if (line in where) {
			where[line] = where[line] ", " r[i]
			continue
		}
		where[line] = r[i]
		order[++groups] = line
	}
	for (i = 1; i <= groups; i++)
		text = text (i > 1 ? "<br>" : "") \
			(groups > 1 || side == "model" ? where[order[i]] ": " : "") \
			(order[i] == "" ? "holds" : "`" order[i] "`")
	return text == "" ? "not run yet" : text
}
function specified(name) {
	return name ~ /^[CZAFHUMWDSX][0-9][0-9]$/
}
BEGIN {
	nk = split(kernels, ker, " ")
	nr = split(releases, rel, " ")
	for (i = 1; i <= nk; i++)
		load("kernel", ker[i])
	for (i = 1; i <= nr; i++)
		load("model", rel[i])
	while ((getline line < dev) > 0) {
		if (line ~ /^#/ || split(line, d, " ") < 4)
			continue
		nr_dev++
		dev_rules[nr_dev] = d[1]
		dev_case[nr_dev] = d[2]
		dev_keys[nr_dev] = d[3]
		sub(/^[^ ]+ +[^ ]+ +[^ ]+ +/, "", line)
		dev_why[nr_dev] = line
	}
}
{
	if (!($5 in rows))
		files[++nfiles] = $5
	spec += specified($1)
	total++
	here = 0
	for (i = 1; i <= nr; i++)
		if (has["model", rel[i], $1]) {
			lines++
			here = 1
		}
	on_model += here
	needs_model = $7 != "-" && $7 != ""
	row = "| " $1 " | " $2 " | " $6 (needs_model ? " (" $7 ")" : "")
	for (i = 1; i <= nk; i++)
		row = row " | " on_kernel($1, ker[i], needs_model, $7)
	rows[$5] = rows[$5] row " | " results($1) " |\n"
}
END {
	print "<!-- Written by tests/conformance/report.sh (make conformance-doc). -->"
	print "# Conformance: the model and real kernels\n"
	print "The same source of each case runs on libpinpage and on an unmodified"
	print "Linux under qemu; see [tests/conformance](../tests/conformance/README.md).\n"
	print "| | |\n|---|---|"
	print "| cases | " total ", of which " spec " are of the specification (162) and " \
		total - spec " others |"
	print "| run on the model | " on_model " cases, " lines + 0 \
		" lines under " nr " rule sets |"
	for (i = 1; i <= nk; i++) {
		k = ker[i]
		if (ran[k])
			print "| run on Linux " build[k] " | " ran[k] " cases: **" \
				agree[k] + 0 " agree**, " deviate[k] + 0 \
				" deviate for a reason, " differ[k] + 0 \
				" differ, " lacks[k] + 0 " not on the model |"
	}
	print ""
	for (f = 1; f <= nfiles; f++) {
		print "## " files[f] "\n"
		printf "| case | rules | what it shows "
		for (i = 1; i <= nk; i++)
			printf "| %s ", ker[i]
		print "| what it prints |"
		printf "|---|---|---"
		for (i = 1; i <= nk; i++)
			printf "|---"
		print "|---|"
		print rows[files[f]]
	}
}' "$tmp/cases" >"$tmp/doc"

if [ "${1:-}" = --check ]; then
	cmp -s "$tmp/doc" "$2" && exit 0
	echo "$2 is not what report.sh writes: make conformance-doc" >&2
	diff "$2" "$tmp/doc" | head -n 10 >&2
	exit 1
fi
cat "$tmp/doc"
