/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_API_H
#define PINPAGE_API_H

/*
 * The mark of an exported function. Everything without it is hidden: the
 * library is built with -fvisibility=hidden, and lib/pinpage.map lists the
 * same names once more.
 */
#define PINPAGE_API __attribute__((__visibility__("default")))

#endif
