# SPDX-License-Identifier: LGPL-2.1-or-later
#
# A room's tests are Check programs named in room_tests; tests/support.h is
# shared by all. script_tests end with the line that Check ends with.

TEST_EXTENSIONS = .sh
SH_LOG_COMPILER = $(SHELL)

script_tests += tests/lint-selftest.sh

# Under a sanitizer everything is slower, and liburcu 0.13 knows nothing of it.
AM_TESTS_ENVIRONMENT = \
	CK_DEFAULT_TIMEOUT=$${CK_DEFAULT_TIMEOUT:-60}; \
	TSAN_OPTIONS="suppressions=$(abs_top_srcdir)/tests/tsan.supp $$TSAN_OPTIONS"; \
	UBSAN_OPTIONS="print_stacktrace=1 $$UBSAN_OPTIONS"; \
	export CK_DEFAULT_TIMEOUT TSAN_OPTIONS UBSAN_OPTIONS;

if HAVE_CHECK
check_PROGRAMS += $(room_tests)
TESTS = $(room_tests) $(script_tests)
else
TESTS = $(script_tests)
endif

EXTRA_DIST += \
	tests/install/run.sh \
	tests/lint-selftest.sh \
	tests/lint.sh \
	tests/summary.sh \
	tests/support.h \
	tests/tsan.supp \
	tests/valgrind.sh \
	tests/valgrind.supp \
	$(NULL)

check-programs: $(check_PROGRAMS)
.PHONY: check-programs

lint:
	$(SHELL) $(top_srcdir)/tests/lint.sh $(top_srcdir)
.PHONY: lint

# All programs of the tests again, under Valgrind.
check-valgrind:
	$(MAKE) $(AM_MAKEFLAGS) check-programs
	$(SHELL) $(top_srcdir)/tests/valgrind.sh $(room_tests)
.PHONY: check-valgrind

# A program outside the tree, built with what pkg-config says and no more.
installcheck-local:
	CC="$(CC)" PC_DIR="$(DESTDIR)$(pkgconfigdir)" LIB_DIR="$(DESTDIR)$(libdir)" \
		PKG_CONFIG="$(PKG_CONFIG)" PKG_CONFIG_SYSROOT_DIR="$(DESTDIR)" \
		SANITIZE="$(SANITIZE_CFLAGS)" \
		$(SHELL) $(top_srcdir)/tests/install/run.sh $(top_srcdir)

include tests/base/local.mk
include tests/event/local.mk
include tests/exec/local.mk
include tests/rules/local.mk
include tests/page/local.mk
include tests/pagecache/local.mk
include tests/mm/local.mk
include tests/gup/local.mk
include tests/device/local.mk
include tests/check/local.mk
include tests/explore/local.mk
include tests/boot/local.mk
include tests/fuzz/local.mk
include tests/storm/local.mk
include tests/conformance/local.mk
