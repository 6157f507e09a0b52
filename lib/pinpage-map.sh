#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# pinpage-map.sh names DIR   names marked PINPAGE_API in DIR/include/pinpage
# pinpage-map.sh map DIR     names in DIR/lib/pinpage.map, all nodes
# pinpage-map.sh update DIR  add to the last node what is not in the map yet,
#                            drop from it what is marked no more; nodes of
#                            earlier releases stay as they are
set -eu
export LC_ALL=C
dir=$2
map=$dir/lib/pinpage.map

# The function (or object) that each PINPAGE_API statement declares.
names() {
	find "$dir/include/pinpage" -name '*.h' | sort | xargs awk '
	FNR == 1 { text = text "\n;" }
	/^[ \t]*#/ || cont { cont = /\\$/; next }
	!/^[ \t]*\/\// { text = text " " $0 }
	END {
		# awk has no lazy match: comments go one by one.
		while ((a = index(text, "/*")) > 0) {
			rest = substr(text, a + 2)
			b = index(rest, "*/")
			out = out substr(text, 1, a - 1) " "
			text = b ? substr(rest, b + 2) : ""
		}
		n = split(out text, stmt, /[;{}]/)
		for (i = 1; i <= n; i++) {
			if (stmt[i] !~ /(^|[^A-Za-z0-9_])PINPAGE_API[^A-Za-z0-9_]/)
				continue
			s = stmt[i]
			if (match(s, /pinpage_[A-Za-z0-9_]+[ \t\n]*\(/))
				s = substr(s, RSTART, RLENGTH - 1)
			else if (match(s, /pinpage_[A-Za-z0-9_]+[ \t\n]*(\[[^]]*\])?[ \t\n]*$/))
				s = substr(s, RSTART, RLENGTH)
			else
				continue
			match(s, /pinpage_[A-Za-z0-9_]+/)
			print substr(s, RSTART, RLENGTH)
		}
	}' | sort -u
}

mapped() {
	sed -n 's/^[ \t]*\(pinpage_[A-Za-z0-9_]*\);.*/\1/p' "$map" | sort -u
}

update() {
	old=$(mktemp) new=$(mktemp)
	trap 'rm -f "$old" "$new"' EXIT
	# All nodes but the last, as they are.
	awk '{ line[NR] = $0 } /^PINPAGE_[0-9.]+ \{/ { last = NR }
		END { for (i = 1; i < last; i++) print line[i] }' "$map" >"$old"
	node=$(sed -n 's/^\(PINPAGE_[0-9.]*\) {.*/\1/p' "$map" | tail -n 1)
	parent=$(sed -n 's/^\(PINPAGE_[0-9.]*\) {.*/\1/p' "$map" | tail -n 2 |
		sed -n '1p;2q')
	fresh=$(names | while read -r n; do
		grep -q "^[[:space:]]*$n;" "$old" || printf '\t\t%s;\n' "$n"
	done)
	{
		cat "$old"
		echo "$node {"
		[ -z "$fresh" ] || printf '\tglobal:\n%s\n' "$fresh"
		if [ "$parent" = "$node" ]; then
			printf '\tlocal:\n\t\t*;\n};\n'
		else
			echo "} $parent;"
		fi
	} >"$new"
	cmp -s "$new" "$map" || cat "$new" >"$map"
}

case $1 in
names) names ;;
map) mapped ;;
update) update ;;
*) exit 2 ;;
esac
