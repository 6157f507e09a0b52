#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# man-links.sh names PAGE...          the names in the NAME lines of pages
# man-links.sh add FOLDER PAGE...     in FOLDER, a link file for each name that
#                                     is not its page's own
# man-links.sh remove FOLDER PAGE...  take them away again
set -eu

names() {
	sed -n '/^\.SH NAME/,/^\.SH SYNOPSIS/p' "$1" | sed '/^\.SH/d' |
		tr ',\n' '  ' | sed 's/ \\- .*//' | tr -s ' ' '\n'
}

what=$1
shift
if [ "$what" != names ]; then
	folder=$1
	shift
fi
[ "$what" != add ] || mkdir -p "$folder"
for page in "$@"; do
	own=$(basename "$page" .3)
	for name in $(names "$page"); do
		case $what in
		names) echo "$name" ;;
		add)
			[ "$name" = "$own" ] ||
				echo ".so man3/$own.3" >"$folder/$name.3" ;;
		remove)
			[ "$name" = "$own" ] || rm -f "$folder/$name.3" ;;
		*)
			exit 2 ;;
		esac
	done
done
