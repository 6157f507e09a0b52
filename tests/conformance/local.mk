# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Conformance cases: README.md. Cases are found as cases/*.c; the list here is
# what goes into the distribution.

EXTRA_DIST += \
	tests/conformance/README.md \
	tests/conformance/case.h \
	tests/conformance/cases/counting.c \
	tests/conformance/cases/zero.c \
	tests/conformance/check-kernel.sh \
	tests/conformance/common.c \
	tests/conformance/compare.sh \
	tests/conformance/deviations.txt \
	tests/conformance/golden/kernel-6.1.txt \
	tests/conformance/golden/kernel-6.12.txt \
	tests/conformance/kernel/driver.c \
	tests/conformance/kernel/files.c \
	tests/conformance/kernel/init.c \
	tests/conformance/kernel/module/Kbuild \
	tests/conformance/kernel/module/acquire.c \
	tests/conformance/kernel/module/conf.h \
	tests/conformance/kernel/module/hold.c \
	tests/conformance/kernel/module/look.c \
	tests/conformance/kernel/module/main.c \
	tests/conformance/kernel/module/notify.c \
	tests/conformance/kernel/module/proto.h \
	tests/conformance/kernel/proc.c \
	tests/conformance/kernel/run.h \
	tests/conformance/kernel/run.sh \
	tests/conformance/kernel/user.c \
	$(NULL)

# The cases on real kernels under qemu: RELEASES="6.1 6.12", CASES=names, or
# KVER, VMLINUZ, KDIR and KMODULES. What is downloaded stays in PACKAGES.
conformance_kernel = $(SHELL) $(top_srcdir)/tests/conformance/check-kernel.sh \
	check-kernel
check-kernel:
	$(conformance_kernel) check $(CASES)
record-kernel:
	$(conformance_kernel) record $(CASES)
.PHONY: check-kernel record-kernel

clean-local: clean-check-kernel
clean-check-kernel:
	rm -rf check-kernel
.PHONY: clean-check-kernel
