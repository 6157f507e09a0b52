#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# run.sh RELEASE OUT [CASE...]: run the cases on a real kernel of that release
# ("6.1", "6.12") under qemu; OUT/lines gets one line a case, OUT/boot-* what the
# machine said. With cases only these.
#
# The kernel is Debian's: image and headers are downloaded and unpacked below
# PACKAGES (default: OUT/../packages), nothing is installed but tools: qemu, kmod,
# cpio, gcc-12 and the like, and these only when missing and by root. To take
# another kernel set KVER (what uname -r says), VMLINUZ, KDIR (its headers) and
# KMODULES (the directory modules.dep is in).
#
# RANDOM_CASES=FILE: run the random cases that it names, and no others.
#
# QEMU_ACCEL=kvm where there is one. JOBS boots at once (default 2).
set -eu

release=${1:?release} out=${2:?output directory}
shift 2
only=$*
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$out"
out=$(cd "$out" && pwd)
packages=${PACKAGES:-$out/../packages}
work=$out/work
MEMORY=${MEMORY:-768}

die() {
	echo "check-kernel: $*" >&2
	exit 1
}

# 77: cannot run here (offline, not Debian), which is not a failure of ours.
skip() {
	echo "check-kernel: skipped: $*" >&2
	exit 77
}

PATH=$PATH:/usr/sbin:/sbin

# ---- tools

missing=
need() {
	command -v "$1" >/dev/null || missing="$missing $2"
}

install_missing() {
	[ -n "$missing" ] || return 0
	[ "$(id -u)" = 0 ] && command -v apt-get >/dev/null ||
		skip "these are missing:$missing"
	{ apt-get -q update; DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o DPkg::Lock::Timeout=300 \
		--no-install-recommends install $missing; } \
		>"$out/install.log" 2>&1 </dev/null ||
		skip "cannot install$missing (see $out/install.log)"
	missing=
}

install_tools() {
	need qemu-system-x86_64 qemu-system-x86
	need depmod kmod
	need cpio cpio
	need mkfs.ext4 e2fsprogs
	need mkswap util-linux
	need gcc gcc
	need make make
	need xz xz-utils
	install_missing
}

# What Debian's kernels are built with, for the module.
install_compiler() {
	cc=$(sed -n 's/.*(CROSS_COMPILE)\(gcc-[0-9]*\).*/\1/p' \
		"$KDIR/.kernelvariables" 2>/dev/null || true)
	[ -z "$cc" ] || need "$cc" "$cc"
	install_missing
}

# ---- kernel

# The newest image of that release that the package lists know.
newest_image() {
	apt-cache pkgnames "linux-image-$release." | grep -E -- '-amd64$' |
		grep -Ev -- '-(cloud|rt)-amd64$' | sed 's/^linux-image-//' |
		sort -V | tail -n 1
}

# The packages that hold its image, headers and build tools.
kernel_packages() {
	echo "linux-image-$KVER" "linux-headers-$KVER"
	apt-cache depends "linux-headers-$KVER" |
		sed -n 's/^ *Depends: *\(linux-\(headers\|kbuild\)-[^ ]*\)$/\1/p'
}

# Of an image only what is booted and loaded: the rest is 400 MB.
unpack() {
	case ${1##*/} in
	linux-image-*)
		dpkg-deb --fsys-tarfile "$1" | tar -x -C "$root" --wildcards \
			'./boot/*' '*/modules.*' '*/crypto/*' '*/drivers/block/*' \
			'*/drivers/dax/*' '*/drivers/nvdimm/*' '*/drivers/virtio/*' \
			'*/fs/ext4/*' '*/fs/jbd2/*' '*/fs/mbcache*' '*/lib/*crc*'
		;;
	*) dpkg -x "$1" "$root" ;;
	esac
}

get_kernel() {
	command -v apt-get >/dev/null ||
		skip "not a Debian system; set KVER, VMLINUZ, KDIR, KMODULES"
	KVER=${KVER:-$(newest_image)}
	if [ -z "$KVER" ] && [ "$(id -u)" = 0 ]; then
		apt-get -q update >"$out/update.log" 2>&1 || true
		KVER=$(newest_image)
	fi
	[ -n "$KVER" ] || skip "no package of a $release kernel is known"
	root=$packages/$KVER
	if [ ! -e "$root/.done" ]; then
		rm -rf "$root"
		mkdir -p "$root/deb"
		# A list that is too old names files that are gone.
		(cd "$root/deb" && { apt-get -q download $(kernel_packages) ||
			{ apt-get -q update && apt-get -q download $(kernel_packages); }; }) \
			>"$out/download.log" 2>&1 </dev/null ||
			skip "cannot download $KVER (see $out/download.log)"
		for deb in "$root"/deb/*.deb; do
			unpack "$deb"
		done
		rm -rf "$root/deb"
		# The headers name themselves by where they would be installed.
		sed -i "s|^include /usr/src|include $root/usr/src|" \
			"$root/usr/src/linux-headers-$KVER/Makefile"
		depmod -b "$root" "$KVER"
		touch "$root/.done"
	fi
	VMLINUZ=$root/boot/vmlinuz-$KVER
	KDIR=$root/usr/src/linux-headers-$KVER
	KMODULES=$root/lib/modules/$KVER
}

# ---- module, program, initramfs

build_module() {
	mkdir -p "$work/module"
	for f in "$here"/module/*; do
		cmp -s "$f" "$work/module/${f##*/}" || cp "$f" "$work/module/"
	done
	make -s -C "$KDIR" M="$work/module" CONFIG_DEBUG_INFO_BTF_MODULES= \
		modules >"$out/module.log" 2>&1 ||
		{ cat "$out/module.log" >&2; die "the module does not build"; }
}

# Calls that only the model has stay unresolved; their cases are not run here.
build_program() {
	${CC:-gcc} -std=gnu11 -O1 -g -D_GNU_SOURCE -static -no-pie -fno-pie \
		-Wl,--unresolved-symbols=ignore-all \
		-Wl,--warn-unresolved-symbols -o "$work/conf" \
		"$here"/init.c "$here"/proc.c "$here"/user.c "$here"/files.c \
		"$here"/driver.c "$here"/../common.c "$here"/../cases/*.c \
		"$here"/../random/*.c \
		>"$out/program.log" 2>&1 ||
		{ cat "$out/program.log" >&2; die "the program does not build"; }
	! grep 'undefined reference to' "$out/program.log" | grep -v '`m_' >&2 ||
		die "calls without a function in the kernel's back end"
}

# What the machine needs beyond the kernel image, each after what it needs.
modules_in_order() {
	for m in virtio_pci virtio_blk crc32c_generic ext4 nd_pmem nd_e820; do
		modprobe -d "${KMODULES%/lib/modules/*}" -S "$KVER" \
			--show-depends "$m" 2>/dev/null |
			sed -n 's/^insmod \([^ ]*\).*/\1/p'
	done | awk '!seen[$0]++'
}

build_initramfs() {
	rm -rf "$work/root"
	mkdir -p "$work/root/dev" "$work/root/proc" "$work/root/sys" \
		"$work/root/t" "$work/root/shm" "$work/root/dax" \
		"$work/root/modules"
	cp "$work/conf" "$work/root/init"
	for m in $(modules_in_order); do
		name=${m##*/}
		case $name in
		*.xz) name=${name%.xz}; xz -dc "$m" >"$work/root/modules/$name" ;;
		*) cp "$m" "$work/root/modules/$name" ;;
		esac
		echo "$name"
	done >"$work/root/modules/order"
	strip -g -o "$work/root/modules/conf.ko" "$work/module/conf.ko"
	echo conf.ko >>"$work/root/modules/order"
	[ -z "${RANDOM_CASES:-}" ] || cp "$RANDOM_CASES" "$work/root/random"
	(cd "$work/root" && find . | cpio --quiet -o -H newc) | gzip -1 >"$work/initramfs"
}

# ---- boots

# machine NAME AFTER THREADS: boots once; results go to OUT/boot-NAME.part
machine() {
	memory="-m $MEMORY" options=
	case $1 in
	nodes)
		half=$((MEMORY / 2))
		memory="-m $MEMORY -object memory-backend-ram,id=m0,size=${half}M
			-object memory-backend-ram,id=m1,size=${half}M
			-numa node,nodeid=0,memdev=m0,cpus=0-1
			-numa node,nodeid=1,memdev=m1"
		;;
	movable) options="kernelcore=384M" ;;
	dax) options="memmap=64M!512M" ;;	# persistent memory, as it were
	esac
	options="$options hugepages=16 secretmem.enable=1 conf.boot=$1
		console=ttyS0 panic=-1 oops=panic loglevel=5 mitigations=off
		nokaslr tsc=unstable"
	[ -z "$only" ] || options="$options conf.only=$(echo $only | tr ' ' ,)"
	[ -z "$2" ] || options="$options conf.after=$2"
	disk=$work/disk-$1 swap=$work/swap-$1
	rm -f "$disk" "$swap"
	truncate -s 256M "$disk"
	truncate -s 128M "$swap"
	mkfs.ext4 -q -F -b 4096 "$disk"
	mkswap "$swap" >/dev/null 2>&1
	drives="-drive file=$disk,if=none,id=d0,format=raw,cache=unsafe
		-device virtio-blk-pci,drive=d0
		-drive file=$swap,if=none,id=d1,format=raw,cache=unsafe
		-device virtio-blk-pci,drive=d1"
	if [ "$1" = dax ]; then		# init copies it there
		truncate -s 32M "$work/dax"
		mkfs.ext4 -q -F -b 4096 "$work/dax"
		drives="$drives
			-drive file=$work/dax,if=none,id=d2,format=raw,cache=unsafe
			-device virtio-blk-pci,drive=d2"
	fi
	timeout -k 5 "${BOOT_LIMIT:-600}" qemu-system-x86_64 \
		-accel ${QEMU_ACCEL:-tcg,thread=$3} -cpu max -smp 2 $memory \
		-nodefaults -no-user-config -display none -no-reboot \
		-kernel "$VMLINUZ" -initrd "$work/initramfs" \
		-append "$(echo $options)" \
		-serial file:"$out/boot-$1.log" -serial file:"$out/boot-$1.raw" \
		$drives </dev/null >"$out/boot-$1.qemu" 2>&1 ||
		echo "check-kernel: qemu ended with $? in boot $1" >&2
	rm -f "$disk" "$swap"
	tr -d '\r' <"$out/boot-$1.raw" >"$out/boot-$1.part" || true
}

# boot NAME: fills OUT/boot-NAME.lines. A machine that dies before the first case
# (emulated processors sometimes do not survive that Linux patches itself) is
# started again, with one thread; one that dies in a case goes on after it.
boot() {
	after= threads=multi tries=0
	while :; do
		machine "$1" "$after" "$threads"
		cat "$out/boot-$1.part" >>"$out/boot-$1.lines"
		! grep -q '^# done' "$out/boot-$1.part" || return 0
		cp "$out/boot-$1.log" "$out/boot-$1.died-$tries.log"
		threads=single tries=$((tries + 1))
		died=$(sed -n 's/^# start //p' "$out/boot-$1.part" | tail -n 1)
		if [ -n "$died" ]; then
			echo "check-kernel: $1: the machine died in $died" >&2
			echo "$died FAILED(machine)" >>"$out/boot-$1.lines"
			after=$died
		fi
		[ "$tries" -lt 8 ] || break
	done
	echo "check-kernel: boot $1 does not finish; the end of its log:
$(tail -n 15 "$out/boot-$1.log")" >&2
}

# Which boots the wanted cases need.
boots() {
	[ -z "${RANDOM_CASES:-}" ] || { echo plain; return; }
	"$work/conf" list "$release" | while read -r name boot _; do
		[ "$boot" != - ] || continue
		[ -z "$only" ] || case " $only " in *" $name "*) ;; *) continue ;; esac
		echo "$boot"
	done | sort -u
}

install_tools
if [ -z "${VMLINUZ:-}" ]; then
	get_kernel
else
	: "${KVER:?}" "${KDIR:?}" "${KMODULES:?}"
fi
install_compiler
mkdir -p "$work"
build_program
build_module
build_initramfs
rm -f "$out"/boot-*
jobs=${JOBS:-2}
for b in $(boots); do
	boot "$b" &
	[ "$(jobs -p | wc -l)" -lt "$jobs" ] || wait
done
wait
cat "$out"/boot-*.lines 2>/dev/null | grep -v '^#' | grep . |
	LC_ALL=C sort -u >"$out/lines" || true
sed -n 's/^# kernel //p' "$out"/boot-*.lines 2>/dev/null | sort -u >"$out/kernel"
cat "$out/kernel"
