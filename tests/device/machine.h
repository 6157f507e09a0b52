/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_DEVICE_MACHINE_H
#define PINPAGE_TESTS_DEVICE_MACHINE_H

/*
 * machine.h - a small machine with one device, under either engine
 */
#include <errno.h>
#include <string.h>

#include <pinpage/pinpage.h>

#include "tests/support.h"

extern struct pinpage_device *dev;

void up_native(void);
void up_fiber(void);
void down(void);		/* fails if a frame is still held */

/* two tcases, one an engine, that run the same tests */
void add_both(Suite *suite, const char *name, const TTest *const *tests);

/* an injected failure fired in the last call; switches injection off */
bool injected(void);

struct page *alloc_filled(unsigned int order, char byte);
char byte_at(struct page *page, size_t offset);

#endif
