#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# check-doc.sh [DIR]: is the documentation of DIR (default: the tree of this
# script) right as far as a program can tell? One line a finding.
#
# named     every exported function is in the NAME line of one page
# synopsis  the prototypes of a page are those of the headers
# example   the example of a page compiles, without warnings
# links     every page of ours that is referred to is there
# mandoc    mandoc(1), where it is installed, has nothing to warn of
# ordering  every barrier that lib/ names is in doc/ordering.md
# ranks     every lock rank is in doc/locking.md
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:-$here}" || exit 2
cc=${CC:-gcc}
flags="-std=gnu11 -Wall -Wextra -Werror -Wno-unused-function -fsyntax-only -Iinclude"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
checks=0 failures=0

found() {
	failures=$((failures + 1))
	echo "$*"
}

# section PAGE NAME: that part of a page, as plain text
section() {
	awk -v name="$2" '
	/^\.SH / { inside = $0 == ".SH " name; next }
	!inside || /^\.(\\"|PP|EX|EE|nf|fi)/ { next }
	{
		sub(/^\.B /, "")
		gsub(/\\f[BIRP]/, "")
		gsub(/\\&/, "")
		gsub(/\\-/, "-")
		gsub(/\\e/, "\\")
		print
	}' "$1"
}

compiles() {
	$cc $flags -x c "$1" >"$tmp/errors" 2>&1
}

for page in doc/man3/*.3; do
	sh doc/man-links.sh names "$page" | sed "s|\$| $page|"
done | sort >"$tmp/named"
sh lib/pinpage-map.sh names . >"$tmp/api"
cut -d ' ' -f 1 "$tmp/named" | uniq -d >"$tmp/twice"
cut -d ' ' -f 1 "$tmp/named" | sort -u >"$tmp/once"
checks=$((checks + 2))
for name in $(comm -23 "$tmp/api" "$tmp/once"); do
	found "named: $name is in no page of doc/man3"
done
for name in $(cat "$tmp/twice"); do
	found "named: $name is in two pages of doc/man3"
done

for page in doc/man3/*.3 doc/man7/*.7; do
	checks=$((checks + 3))
	{
		echo '#define PINPAGE_NO_KERNEL_NAMES'
		echo '#include <pinpage/pinpage.h>'
		section "$page" SYNOPSIS | sed -n '/^Kernel name/q; p'
	} >"$tmp/synopsis.c"
	compiles "$tmp/synopsis.c" ||
		found "synopsis: $page: $(grep -m 1 error "$tmp/errors")"
	section "$page" EXAMPLE >"$tmp/example.c"
	if [ ! -s "$tmp/example.c" ]; then
		found "example: $page: none"
	elif ! compiles "$tmp/example.c"; then
		found "example: $page: $(grep -m 1 error "$tmp/errors")"
	fi
	for name in $(grep -oE 'pinpage_[a-zA-Z0-9_]+(\\fP| )?\(3\)' "$page" |
		grep -oE 'pinpage_[a-zA-Z0-9_]+' | sort -u); do
		grep -qx "$name" "$tmp/once" || [ -e "doc/man3/$name.3" ] ||
			found "links: $page: no page $name(3)"
	done
	command -v mandoc >/dev/null || continue
	checks=$((checks + 1))
	mandoc -T lint -W warning "$page" >"$tmp/errors" 2>&1 ||
		found "mandoc: $(head -n 1 "$tmp/errors")"
done

checks=$((checks + 2))
for name in $(grep -rhoE 'MB [a-z-]+ \([A-Z]\)' lib | cut -d ' ' -f 2 | sort -u); do
	grep -q "^| $name |" doc/ordering.md ||
		found "ordering: MB $name is not in doc/ordering.md"
done
for rank in $(grep -oE 'PINPAGE_RANK_[A-Z_]+' include/pinpage/exec.h |
	sed 's/PINPAGE_RANK_//; /^NONE$/d' | sort -u); do
	grep -q "^| $rank |" doc/locking.md ||
		found "ranks: $rank is not in doc/locking.md"
done

echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures = 0 ]
