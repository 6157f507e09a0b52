/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_STACK_H
#define PP_BASE_STACK_H

/*
 * Call sites: cheap to take (one return address), turned into file:line
 * only when a report is written.
 *
 * Symbolising reads debug information: it allocates outside of pp_alloc(),
 * needs some 64 KiB of stack and takes milliseconds the first time. Do it
 * when reporting, never on a path that counts.
 */
#include "base/compiler.h"

/* return address of the function that this is written in */
#define pp_site_here()	__builtin_return_address(0)

/* longest text that pp_site_symbolise() makes, with its NUL */
#define PP_SITE_TEXT_MAX	256

/* a stack, innermost frame first; unused entries are NULL */
#define PP_STACK_DEPTH	16
struct pp_site {
	const void *ip[PP_STACK_DEPTH];
};

unsigned int pp_site_capture(struct pp_site *site, unsigned int skip);
char *pp_site_symbolise(const void *ret_addr, char *buf, size_t size);
void pp_site_shutdown(void);

#endif /* PP_BASE_STACK_H */
