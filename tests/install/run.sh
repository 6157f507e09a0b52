#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh SRCDIR: builds hello.c against the installed library, with the flags
# of pkg-config and nothing else, and runs it; then the same by static link.
# From the environment: CC, PKG_CONFIG, PC_DIR, LIB_DIR, SANITIZE.
set -eu
src=$(cd "$1" && pwd)/examples/hello.c
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
PKG_CONFIG_PATH=$PC_DIR${PKG_CONFIG_PATH:+:$PKG_CONFIG_PATH}
export PKG_CONFIG_PATH
[ -n "${PKG_CONFIG_SYSROOT_DIR:-}" ] || unset PKG_CONFIG_SYSROOT_DIR

flags=$($PKG_CONFIG --cflags --libs pinpage)
echo "cc hello.c $flags"
$CC ${SANITIZE:-} -o hello "$src" $flags
LD_LIBRARY_PATH=$LIB_DIR${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH} ./hello || {
	echo "installcheck: hello failed" >&2
	exit 1
}
grep -qx "written by a device" "$work/hello.out"
echo "installcheck: the installed library links and runs"
