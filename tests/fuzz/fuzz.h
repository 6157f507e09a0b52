/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_FUZZ_FUZZ_H
#define PINPAGE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * fuzz.h - one input is a life of a machine: bytes name operations and what
 * they work on, modulo what there is; when they run out the machine is taken
 * down and everything is compared once more
 *
 * A difference between machine and oracle prints the operations and aborts.
 */
struct fuzz_setup {
	const char *rules;	/* 5.19 or later: pinned pages stay with their process */
	int fiber;		/* deterministic engine */
	int shortage;		/* allocations fail: what failed is called again */
};
void fuzz_one(const struct fuzz_setup *setup, const uint8_t *data, size_t size);

#endif
