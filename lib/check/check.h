/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * check/check.h - the checkers as lib/boot.c and explore see them
 */
#ifndef PP_CHECK_CHECK_H
#define PP_CHECK_CHECK_H

#include "page/page.h"

#include <pinpage/check.h>

int pp_check_boot(unsigned int mask, enum pinpage_check_mode mode);
void pp_check_quiesce(void);
void pp_check_shutdown(void);

/* a verdict of probe 0 by a room above: "hang", "trap" */
void pp_check_say(enum pinpage_severity severity, const char *rule,
		  const char *headline, const void *site);

/*
 * put_page() on a page from get_user_pages() under the placeholder rules: the
 * arithmetic is right, the contract is not. Off unless asked for:
 * PINPAGE_CHECK_STRICT=1 in the environment at boot, or here.
 */
extern bool pp_check_strict;

#endif
