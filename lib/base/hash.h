/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_HASH_H
#define PP_BASE_HASH_H

/*
 * Multiplicative hashing to a table of 2^bits buckets.
 * Mirrors: include/linux/hash.h; differs: the two halves are folded first,
 * so that small tables see all bits of the key.
 */
#include "base/compiler.h"

/**
 * hash_long() - bucket number of an integer
 * @bits: 1 to 64
 */
static pp_always_inline unsigned long hash_long(unsigned long val,
						unsigned int bits)
{
	val ^= val >> 32;
	return (val * 0x9e3779b97f4a7c15UL) >> (64 - bits);
}

static pp_always_inline unsigned long hash_ptr(const void *ptr,
					       unsigned int bits)
{
	return hash_long((unsigned long)ptr, bits);
}

/* Mix @val into the running hash @seed. */
static pp_always_inline unsigned long hash_mix(unsigned long seed,
					       unsigned long val)
{
	seed ^= val + 0x9e3779b97f4a7c15UL + (seed << 6) + (seed >> 2);
	seed ^= seed >> 29;
	return seed * 0xbf58476d1ce4e5b9UL;
}

#endif /* PP_BASE_HASH_H */
