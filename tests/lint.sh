#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# lint.sh [DIR]: the rules of CONTRIBUTING.md that a program can see, checked
# over DIR (default: the tree of this script). One line a finding,
# "rule: file:line: what"; fails if there is one. lint-selftest.sh proves that
# each rule fires, and stays silent on its benign look-alike.
#
# floors    an include goes to its own room or down; lib/ has no map.h
# spdx      every source names its licence; examples and kernel modules their own
# size      files up to 800 lines, functions up to 60
# names     marked PINPAGE_API = in pinpage.map = in a man page = in a test
# listed    every source and every text of doc/ is in a local.mk, so that it is
#           built and shipped
# headers   public headers compile alone, as C11 and as C++11
# space     no white space at the end of a line, none longer than 100 columns
# threads   pthread and liburcu only in lib/exec
# orders    memory orders and compiler atomics only in lib/base
set -u
export LC_ALL=C
here=$(cd "$(dirname "$0")/.." && pwd)
cd "${1:-$here}" || exit 2
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
code=$tmp/code
found=$tmp/found
: >"$found"

# Sources, by the folders that hold them (build trees are not among these).
sources() {
	find lib include tests examples extras -name '*.[ch]' 2>/dev/null | sort
}
scripts() {
	find lib include tests examples extras doc \
		'(' -name '*.mk' -o -name '*.sh' ')' 2>/dev/null | sort
	for f in configure.ac Makefile.am bootstrap quickstart .ci/run; do
		[ ! -e $f ] || echo $f
	done
}

# Each source again under $code, comments and literals blanked, so that the
# rules below see code only and the lines keep their numbers.
strip_sources() {
	sources | while read -r f; do mkdir -p "$code/$(dirname "$f")"; done
	sources | xargs awk -v to="$code/" '
	FNR == 1 { if (out) close(out); out = to FILENAME; inside = 0 }
	{
		line = $0
		text = ""
		while (line != "") {
			if (inside) {
				i = index(line, "*/")
				if (!i)
					break
				inside = 0
				line = substr(line, i + 2)
				continue
			}
			if (!match(line, /["\047]|\/\*|\/\//)) {
				text = text line
				break
			}
			text = text substr(line, 1, RSTART - 1) " "
			mark = substr(line, RSTART, 1)
			two = substr(line, RSTART, 2)
			line = substr(line, RSTART + RLENGTH)
			if (two == "//")
				break
			if (two == "/*") {
				inside = 1
			} else if (mark == "\"") {
				match(line, /^([^"\\]|\\.)*"?/)
				line = substr(line, RLENGTH + 1)
			} else {
				match(line, /^([^\047\\]|\\.)*\047?/)
				line = substr(line, RLENGTH + 1)
			}
		}
		print text >out
	}'
}

lint_floors() {
	find lib include/pinpage -name '*.[ch]' ! -path '*/kernel/*' | sort |
	xargs awk '
	FILENAME == "lib/FLOORS" { if (!/^#/ && NF) floor[$1] = ++n; next }
	FNR == 1 {
		split(FILENAME, part, "/")
		room = part[2]
		if (part[1] == "include") {
			room = part[3]
			sub(/\.h$/, "", room)
		}
		mine = (room in floor) ? floor[room] : n + 1
		bare = 0
	}
	/^#[ \t]*define[ \t]+PINPAGE_NO_KERNEL_NAMES/ { bare = 1 }
	!/^#[ \t]*include/ { next }
	function say(what) { printf "floors: %s:%d: %s\n", FILENAME, FNR, what }
	{
		if (!match($0, /["<][^">]*[">]/))
			next
		name = substr($0, RSTART + 1, RLENGTH - 2)
		quoted = substr($0, RSTART, 1) == "\""
		if (part[1] == "lib" && name == "pinpage/map.h")
			say("lib/ works without the kernel names of map.h")
		if (part[1] == "lib" && name == "pinpage/pinpage.h" && !bare)
			say("pinpage.h brings map.h unless PINPAGE_NO_KERNEL_NAMES is set")
		to = name
		if (name ~ /^pinpage\//) {
			sub(/^pinpage\//, "", to)
			sub(/\.h$/, "", to)
			if (to == "pinpage" && mine <= n)
				say("a room cannot include pinpage.h")
		} else if (quoted && name ~ /\//) {
			sub(/\/.*/, "", to)
			if (!(to in floor))
				say("no room " to " in lib/FLOORS")
		} else {
			next
		}
		if ((to in floor) && floor[to] > mine)
			say(room " must not include " name ", it is on a higher floor")
	}' lib/FLOORS
}

lint_spdx() {
	{ sources; scripts; } | while read -r f; do
		case $f in
		examples/*.[ch] | tests/conformance/kernel/module/*.[ch])
			want='(GPL-2.0-only OR MIT)' ;;
		*) want='LGPL-2.1-or-later' ;;
		esac
		head -n 2 "$f" | grep -qF "SPDX-License-Identifier: $want" ||
			echo "spdx: $f:1: no SPDX-License-Identifier: $want"
	done
}

lint_size() {
	sources | xargs awk '
	function file_end() {
		if (last > 800)
			printf "size: %s:%d: file has %d lines, 800 at most\n", name, last, last
	}
	FNR == 1 { file_end(); name = FILENAME; start = 0 }
	{ last = FNR }
	/^\{/ { start = FNR }
	/^\}/ {
		if (start && FNR - start - 1 > 60)
			printf "size: %s:%d: function has %d lines, 60 at most\n",
				FILENAME, start, FNR - start - 1
		start = 0
	}
	END { file_end() }'
}

# Words of the files named on stdin, one a line.
words() {
	xargs -r cat | tr -cs 'A-Za-z0-9_' '\n' | sort -u
}

# Names of $1 that are words of $2, as they are or as map.h renames them.
lint_mentioned() {
	awk -v what="$3" '
	FILENAME == ARGV[1] { seen[$1] = 1; next }
	FILENAME == ARGV[2] { kernel[$2] = kernel[$2] " " $1; next }
	{
		n = split(kernel[$1], other, " ")
		for (i = 1; i <= n; i++)
			if (other[i] in seen)
				next
		if (!($1 in seen))
			printf "names: include/pinpage: %s is in no %s\n", $1, what
	}' "$2" "$tmp/renamed" "$1"
}

lint_names() {
	sh "$here/lib/pinpage-map.sh" names . >"$tmp/api"
	sh "$here/lib/pinpage-map.sh" map . >"$tmp/map"
	comm -23 "$tmp/api" "$tmp/map" |
		sed 's/.*/names: lib\/pinpage.map: & is missing (make update-map)/'
	comm -13 "$tmp/api" "$tmp/map" |
		sed 's/.*/names: lib\/pinpage.map: & is not marked PINPAGE_API/'
	awk '/^#[ \t]*define/ && match($0, /pinpage_[A-Za-z0-9_]+/) {
		name = $2 == "define" ? $3 : $2
		sub(/\(.*/, "", name)
		print name, substr($0, RSTART, RLENGTH)
	}' $(find include/pinpage -name '*.h') >"$tmp/renamed"
	if [ -n "$(find doc -name '*.3' 2>/dev/null)" ]; then
		find doc -name '*.3' | words >"$tmp/documented"
		lint_mentioned "$tmp/api" "$tmp/documented" "man page (doc/man3)"
	fi
	(cd "$code" && find tests -name '*.c' 2>/dev/null | words) >"$tmp/tested"
	lint_mentioned "$tmp/api" "$tmp/tested" "test"
}

lint_listed() {
	find . -path ./build -prune -o -name '*.mk' -print | xargs cat |
		tr -s ' \t\\' '\n' | sort -u >"$tmp/listed"
	{ sources; find doc -name '*.[37]' -o -name '*.md'; } 2>/dev/null | sort |
		comm -23 - "$tmp/listed" |
		sed 's/.*/listed: &:1: is in no local.mk/'
}

# compile HEADER COMPILER...: a finding with the first error, if there is one
compile() {
	h=$1
	shift
	echo "#include <${h#include/}>" >"$tmp/alone.c"
	"$@" -Wall -Wextra -Werror -fsyntax-only -Iinclude "$tmp/alone.c" \
		>"$tmp/errors" 2>&1 && return
	echo "headers: $h:1: not alone: $(grep -m 1 -E 'error' "$tmp/errors")"
}

lint_headers() {
	cc=${CC:-gcc}
	cxx=${CXX:-$(command -v g++ || command -v clang++ || true)}
	[ -n "$cxx" ] || echo "lint: no C++ compiler, headers checked as C only" >&2
	for h in $(find include/pinpage -name '*.h' | sort); do
		case $h in
		*/kernel/*)
			compile "$h" $cc -x c -std=gnu11 -Iinclude/pinpage/kernel ;;
		*)
			compile "$h" $cc -x c -std=c11
			[ -z "$cxx" ] || compile "$h" $cxx -x c++ -std=c++11 ;;
		esac
	done
}

lint_space() {
	{ sources; scripts; } | xargs awk '
	function say(what) { printf "space: %s:%d: %s\n", FILENAME, FNR, what }
	/[ \t\r]$/ { say("white space at the end") }
	length($0) > 50 || /\t/ {
		n = split($0, piece, "\t")
		columns = 0
		for (i = 1; i <= n; i++) {
			gsub(/[\200-\277]/, "", piece[i])
			columns += length(piece[i])
			if (i < n)
				columns += 8 - columns % 8
		}
		if (columns > 100)
			say(columns " columns, 100 at most")
	}'
}

# in_code PATTERN RULE MESSAGE FOLDER...: stripped sources that match
in_code() {
	pattern=$1 rule=$2 message=$3
	shift 3
	(cd "$code" && grep -rnE "$pattern" "$@" 2>/dev/null) |
		sed -E "s/^([^:]*:[0-9]+):.*/$rule: \1: $message/"
}

lint_threads() {
	in_code '(^|[^A-Za-z0-9_])(pthread_|urcu_|cds_|thrd_)|include *<(pthread|threads|urcu)' \
		threads "pthread and liburcu belong to lib\\/exec" lib include |
		grep -v '^threads: lib/exec/'
}

lint_orders() {
	word='__ATOMIC_|memory_order_|__atomic_|__sync_'
	in_code "(^|[^A-Za-z0-9_])($word)|<(stdatomic.h|atomic)>" \
		orders "memory orders belong to lib\\/base" lib include |
		grep -v '^orders: lib/base/'
}

mkdir -p "$code"
strip_sources
for rule in floors spdx size names listed headers space threads orders; do
	lint_$rule
done >"$found"
sort -u "$found"
if [ -s "$found" ]; then
	echo "lint: $(sort -u "$found" | wc -l) findings" >&2
	exit 1
fi
echo "lint: nothing found"
