# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Conformance cases: README.md. The model's side is a test program; the real
# kernel's side takes the same files of cases/.

conformance_sources = \
	tests/conformance/case.h \
	tests/conformance/cases/args.c \
	tests/conformance/cases/counting.c \
	tests/conformance/cases/dirty.c \
	tests/conformance/cases/fork.c \
	tests/conformance/cases/found.c \
	tests/conformance/cases/help.h \
	tests/conformance/cases/huge.c \
	tests/conformance/cases/huge_collapse.c \
	tests/conformance/cases/huge_cut.c \
	tests/conformance/cases/huge_shmem.c \
	tests/conformance/cases/hugetlb_more.c \
	tests/conformance/cases/migrate_more.c \
	tests/conformance/cases/misc.c \
	tests/conformance/cases/more.c \
	tests/conformance/cases/more_files.c \
	tests/conformance/cases/reclaim.c \
	tests/conformance/cases/stages.c \
	tests/conformance/cases/unmap.c \
	tests/conformance/cases/vary.c \
	tests/conformance/cases/varyfile.c \
	tests/conformance/cases/varykind.c \
	tests/conformance/cases/varyproc.c \
	tests/conformance/cases/zero.c \
	tests/conformance/common.c \
	tests/conformance/random/file.c \
	tests/conformance/random/hold.c \
	tests/conformance/random/look.c \
	tests/conformance/random/plan.c \
	tests/conformance/random/random.h \
	tests/conformance/random/run.c \
	tests/conformance/random/step.c \
	$(NULL)

conformance_golden = \
	tests/conformance/golden/model-5.1.txt \
	tests/conformance/golden/model-5.2.txt \
	tests/conformance/golden/model-5.4.txt \
	tests/conformance/golden/model-5.6.txt \
	tests/conformance/golden/model-5.7.txt \
	tests/conformance/golden/model-5.10.txt \
	tests/conformance/golden/model-5.19.txt \
	tests/conformance/golden/model-6.1.txt \
	tests/conformance/golden/model-6.5.txt \
	tests/conformance/golden/model-6.12.txt \
	tests/conformance/golden/model-7.3.txt \
	tests/conformance/golden/model-dirty-at-pin.txt \
	tests/conformance/golden/model-stay-dirty-bounce.txt \
	tests/conformance/golden/model-stay-dirty-skip.txt \
	tests/conformance/golden/model-stay-dirty-wait.txt \
	$(NULL)

room_tests += tests/conformance/test_conformance
tests_conformance_test_conformance_SOURCES = \
	$(conformance_sources) \
	tests/conformance/model/acquire.c \
	tests/conformance/model/file.c \
	tests/conformance/model/golden.c \
	tests/conformance/model/golden.h \
	tests/conformance/model/main.c \
	tests/conformance/model/mem.c \
	tests/conformance/model/model.h \
	tests/conformance/model/notify.c \
	tests/conformance/model/only.c \
	tests/conformance/model/page.c \
	tests/conformance/model/proc.c \
	tests/conformance/model/release.c \
	tests/conformance/model/run.c \
	tests/conformance/model/sched.c \
	tests/conformance/model/state.c \
	$(NULL)
tests_conformance_test_conformance_CPPFLAGS = \
	$(AM_CPPFLAGS) \
	-DCONFORMANCE_DIR='"$(abs_top_srcdir)/tests/conformance"' \
	$(NULL)

EXTRA_DIST += \
	$(conformance_golden) \
	tests/conformance/README.md \
	tests/conformance/check-kernel.sh \
	tests/conformance/compare.sh \
	tests/conformance/deviations.txt \
	tests/conformance/golden/kernel-6.1.txt \
	tests/conformance/golden/kernel-6.12.txt \
	tests/conformance/doc.sh \
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
	tests/conformance/list.c \
	tests/conformance/random.sh \
	tests/conformance/report.sh \
	tests/conformance/runner.sh \
	$(NULL)

# The cases on real kernels under qemu: RELEASES="6.1 6.12", CASES=names, or
# KVER, VMLINUZ, KDIR and KMODULES. What is downloaded stays in PACKAGES.
conformance_kernel = $(SHELL) $(top_srcdir)/tests/conformance/check-kernel.sh \
	check-kernel
check-kernel: tests/conformance/test_conformance$(EXEEXT)
	MODEL=tests/conformance/test_conformance $(conformance_kernel) \
		check $(CASES)
record-kernel:
	$(conformance_kernel) record $(CASES)
.PHONY: check-kernel record-kernel

# Random cases on both sides: THEMES, SEEDS=1-20, or CASES=names.
random-kernel: tests/conformance/test_conformance$(EXEEXT)
	MODEL=tests/conformance/test_conformance $(SHELL) \
		$(top_srcdir)/tests/conformance/random.sh random-kernel $(CASES)
.PHONY: random-kernel

# Written from the golden files; make check sees whether it still is.
conformance-doc:
	CC="$(CC)" $(SHELL) $(top_srcdir)/tests/conformance/report.sh \
		>conformance.md.tmp
	mv conformance.md.tmp $(top_srcdir)/doc/conformance.md
.PHONY: conformance-doc
script_tests += tests/conformance/doc.sh
script_tests += tests/conformance/runner.sh

clean-local: clean-check-kernel
clean-check-kernel:
	rm -rf check-kernel random-kernel
.PHONY: clean-check-kernel
