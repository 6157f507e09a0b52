# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Conformance cases: README.md. Cases are found as cases/*.c; the list here is
# what goes into the distribution.

EXTRA_DIST += \
	tests/conformance/README.md \
	tests/conformance/case.h \
	tests/conformance/cases/counting.c \
	tests/conformance/cases/zero.c \
	tests/conformance/common.c \
	$(NULL)
