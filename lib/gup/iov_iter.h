/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gup/iov_iter.h - what the files about iterators share
 */
#ifndef PP_GUP_IOV_ITER_H
#define PP_GUP_IOV_ITER_H

#include "gup/gup.h"

#include <limits.h>

#include <pinpage/iov_iter.h>

#define PP_MAX_RW_COUNT	((size_t)INT_MAX & PAGE_MASK)	/* bytes of one call */

/* iov_iter.c */
unsigned long pp_iter_first(const struct iov_iter *i, size_t *size, long *seg);

#endif
