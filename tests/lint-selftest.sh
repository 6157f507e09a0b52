#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Every rule of lint.sh is seen to fire on a seeded bug, and to stay silent on
# a benign look-alike. The tree is a small one, made here. The last line is as
# Check prints it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
tree=$tmp/tree
checks=0
failures=0
lgpl='SPDX-License-Identifier: LGPL-2.1-or-later'

# A tree without a fault, full of look-alikes.
make_tree() {
	rm -rf "$tree"
	mkdir -p "$tree/lib/base" "$tree/lib/exec" "$tree/lib/page" \
		"$tree/include/pinpage" "$tree/tests/page" "$tree/doc/man3" \
		"$tree/examples"
	cd "$tree" || exit 2
	printf '%s\n' '# lowest first' base exec page >lib/FLOORS
	printf 'PINPAGE_0.1 {\n\tglobal:\n\t\tpinpage_pin;\n\tlocal:\n\t\t*;\n};\n' \
		>lib/pinpage.map
	cat >include/pinpage/api.h <<-END
		/* $lgpl */
		#define PINPAGE_API
	END
	cat >include/pinpage/page.h <<-END
		/* $lgpl */
		/* PINPAGE_API int pinpage_only_in_a_comment(void); */
		#include <pinpage/api.h>
		#ifdef __cplusplus
		extern "C" {
		#endif
		struct page;
		PINPAGE_API int pinpage_pin(struct page *page);
		#ifdef __cplusplus
		}
		#endif
	END
	echo "/* $lgpl */" >lib/base/atomic.h
	cat >lib/page/page.c <<-END
		// $lgpl
		/* calls pthread_create() and __atomic_load_n() nowhere */
		#include "base/atomic.h"
		#include "page/page.h"
		#include <pinpage/page.h>
		static const char *said = "pthread_create /* __ATOMIC_SEQ_CST";
	END
	echo "/* $lgpl */" >lib/page/page.h
	{ echo "// $lgpl"; echo '#include <pthread.h>'; } >lib/exec/native.c
	{ echo "// $lgpl"; echo '#define X __ATOMIC_RELAXED'; } >lib/base/atomic.c
	{ echo "// $lgpl"; echo 'int x = pinpage_pin(0);'; } >tests/page/pin.c
	echo '// SPDX-License-Identifier: (GPL-2.0-only OR MIT)' >examples/demo.c
	echo '.Nm pinpage_pin' >doc/man3/pinpage_pin.3
}

# Lists what is in the tree now, as the local.mk of the rooms would.
list_sources() {
	{
		echo "# $lgpl"
		(cd "$tree" && find . '(' -name '*.[ch]' -o -name '*.3' ')' |
			sed 's/^..//; s/$/ \\/')
	} >"$tree/lib/local.mk"
}

# lines N: a file of N lines; function N: one with N lines in its body
lines() {
	echo "// $lgpl"
	seq 2 "$1" | sed 's/.*//'
}
function_of() {
	printf '// %s\nint f(void)\n{\n' "$lgpl"
	seq "$1" | sed 's/.*/\t;/'
	echo '}'
}

lint() {
	[ -n "${keep_lists:-}" ] || list_sources
	sh "$here/lint.sh" "$tree" >"$tmp/out" 2>&1
}

judge() {
	checks=$((checks + 1))
	[ "$1" = 0 ] && return
	failures=$((failures + 1))
	echo "FAILED: $2"
	cat "$tmp/out"
}

# silent WHAT: nothing found
silent() {
	lint
	judge $? "silent on $1"
}

# fires RULE FILE WHAT: a finding of this rule that names the file, no other
fires() {
	lint
	rc=$?
	grep -q "^$1: $2" "$tmp/out" && [ $rc = 1 ] &&
		! grep -v "^lint:" "$tmp/out" | grep -qv "^$1: "
	judge $? "$1 fires on $3"
}

make_tree
silent "a tree of look-alikes"

make_tree
echo '#include "page/page.h"' >>lib/base/atomic.h
fires floors lib/base/atomic.h:2 "an include that goes up"
make_tree
sed -i '2i #include <pinpage/page.h>' lib/exec/native.c
fires floors lib/exec/native.c:2 "a public header of a higher room"
make_tree
{ echo "/* $lgpl */"; echo '#define pin pinpage_pin'; } >include/pinpage/map.h
sed -i '2i #include <pinpage/map.h>' lib/page/page.c
fires floors lib/page/page.c:2 "map.h in lib/"
make_tree
sed -i '2i #include "attic/old.h"' lib/page/page.c
fires floors lib/page/page.c:2 "a room that does not exist"
make_tree
sed -i '2i #include "exec/lock.h"' lib/page/page.c
silent "an include that goes down"

make_tree
echo 'int x;' >lib/page/bare.c
fires spdx lib/page/bare.c:1 "a source without licence"
make_tree
echo "// $lgpl" >examples/demo.c
fires spdx examples/demo.c:1 "an example under the licence of the library"
make_tree
{ echo '#!/bin/sh'; echo "# $lgpl"; } >tests/run.sh
silent "a script with its licence in line 2"

make_tree
lines 801 >lib/page/long.c
fires size lib/page/long.c "a file of 801 lines"
make_tree
function_of 61 >lib/page/long.c
fires size lib/page/long.c:3 "a function of 61 lines"
make_tree
lines 800 >lib/page/long.c
function_of 60 >lib/page/long2.c
{ echo "// $lgpl"; echo 'int t[] = {'; seq 100 | sed 's/$/,/'; echo '};'; } \
	>lib/page/table.c
silent "800 lines, 60 lines, a long table"

make_tree
sed -i 's/pinpage_pin;/pinpage_old;/' lib/pinpage.map
fires names lib/pinpage.map "a map that lags behind the headers"
make_tree
rm tests/page/pin.c
fires names include/pinpage "a call that no test names"
make_tree
echo '// pinpage_pin' | sed "1i // $lgpl" >tests/page/pin.c
fires names include/pinpage "a call that a test has in a comment only"
make_tree
echo '.Nm pinpage_pinned' >doc/man3/pinpage_pin.3
fires names include/pinpage "a call without a man page"
make_tree
{ echo "/* $lgpl */"; echo '#define pin_it pinpage_pin'; } >include/pinpage/map.h
{ echo "// $lgpl"; echo 'int x = pin_it(0);'; } >tests/page/pin.c
echo '.Nm pin_it' >doc/man3/pinpage_pin.3
silent "a call tested and documented under its kernel name"

make_tree
list_sources
echo "// $lgpl" >lib/page/forgotten.c
keep_lists=1
fires listed lib/page/forgotten.c "a source that is not built"
keep_lists=
make_tree
list_sources
keep_lists=1
cp doc/man3/pinpage_pin.3 doc/man3/forgotten.3
fires listed doc/man3/forgotten.3 "a man page that is not installed"
keep_lists=

make_tree
echo 'static inline size_t pages(void) { return 1; }' >>include/pinpage/page.h
fires headers include/pinpage/page.h "a header that lacks an include"
make_tree
echo 'static inline int two(void) { int class = 2; return class; }' \
	>>include/pinpage/page.h
if command -v g++ >/dev/null || command -v clang++ >/dev/null; then
	fires headers include/pinpage/page.h "a C++ keyword in a header"
fi
make_tree
sed -i '2i #include <stddef.h>' include/pinpage/page.h
echo 'static inline size_t pages(void) { return 1; }' >>include/pinpage/page.h
silent "a header that includes what it needs"

make_tree
echo 'int x; ' >>lib/page/page.c
fires space lib/page/page.c:7 "a blank at the end of a line"
make_tree
printf '\t\t\t\t\t\t\t\t\t\t\t\t/* 101 */\n' >>lib/page/page.c
fires space lib/page/page.c:7 "a line of 105 columns"
make_tree
printf '/* %s */\n' "$(seq 94 | sed 's/.*/\xc3\xa9/' | tr -d '\n')" >>lib/page/page.c
silent "100 columns of two-byte letters"

make_tree
echo 'int f(void) { return pthread_create(0, 0, 0, 0); }' >>lib/page/page.c
fires threads lib/page/page.c:7 "pthread outside exec"
make_tree
echo '#include <urcu.h>' >>lib/base/atomic.h
fires threads lib/base/atomic.h:2 "liburcu outside exec"
make_tree
echo 'int pp_pthread_like(void);' >>lib/page/page.c
silent "a name that only ends like pthread"

make_tree
echo 'int f(int *p) { return __atomic_load_n(p, 0); }' >>lib/page/page.c
fires orders lib/page/page.c:7 "an atomic builtin outside base"
make_tree
echo '#include <stdatomic.h>' >>lib/page/page.c
fires orders lib/page/page.c:7 "stdatomic.h outside base"
make_tree
echo 'int f(int *p) { return atomic_fetch_add(1, p); }' >>lib/page/page.c
silent "the kernel-shaped calls of base"

echo "$((100 * (checks - failures) / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
[ $failures = 0 ]
