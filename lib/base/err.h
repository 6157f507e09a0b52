/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_ERR_H
#define PP_BASE_ERR_H

/*
 * An errno in a pointer: the last 4095 addresses are -errno values.
 * Mirrors: include/linux/err.h.
 */
#include <errno.h>

#include "base/compiler.h"

#define MAX_ERRNO	4095

static pp_always_inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static pp_always_inline long PTR_ERR(const void *ptr)
{
	return (long)ptr;
}

static pp_always_inline bool IS_ERR_VALUE(unsigned long x)
{
	return unlikely(x >= (unsigned long)-MAX_ERRNO);
}

static pp_always_inline bool IS_ERR(const void *ptr)
{
	return IS_ERR_VALUE((unsigned long)ptr);
}

static pp_always_inline bool IS_ERR_OR_NULL(const void *ptr)
{
	return unlikely(!ptr) || IS_ERR(ptr);
}

static pp_always_inline void *ERR_CAST(const void *ptr)
{
	return (void *)(uintptr_t)ptr;
}

static pp_always_inline int PTR_ERR_OR_ZERO(const void *ptr)
{
	return IS_ERR(ptr) ? (int)PTR_ERR(ptr) : 0;
}

#endif /* PP_BASE_ERR_H */
