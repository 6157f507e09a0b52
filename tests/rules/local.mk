# SPDX-License-Identifier: LGPL-2.1-or-later

room_tests += tests/rules/test_rules
tests_rules_test_rules_SOURCES = \
	tests/rules/main.c \
	tests/rules/presets.c \
	tests/rules/rules.c \
	tests/rules/suites.h \
	tests/rules/switches.c \
	$(NULL)
