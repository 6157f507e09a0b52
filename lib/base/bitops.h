/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_BITOPS_H
#define PP_BASE_BITOPS_H

/*
 * Bit operations on arrays of unsigned long, and powers of two.
 *
 * Guarantees: test_and_*() are full barriers (as atomic.h, A);
 * test_and_set_bit_lock() is an acquire, clear_bit_unlock() a release;
 * set_bit(), clear_bit(), change_bit(), test_bit() order nothing; names
 * that start with two underscores are not atomic.
 * Mirrors: include/linux/bitops.h, find.h, log2.h.
 */
#include <strings.h>

#include "base/atomic.h"

#define BITS_PER_LONG		64
#define BITS_PER_BYTE		8
#define BITS_TO_LONGS(n)	DIV_ROUND_UP(n, (unsigned long)BITS_PER_LONG)
#define BIT_MASK(nr)		(1UL << ((nr) % BITS_PER_LONG))
#define BIT_WORD(nr)		((nr) / BITS_PER_LONG)
#define DECLARE_BITMAP(name, bits) unsigned long name[BITS_TO_LONGS(bits)]

_Static_assert(sizeof(unsigned long) == 8, "pinpage needs an LP64 machine");

static pp_always_inline bool test_bit(unsigned long nr,
				      const unsigned long *addr)
{
	return (READ_ONCE(addr[BIT_WORD(nr)]) & BIT_MASK(nr)) != 0;
}

static pp_always_inline bool test_bit_acquire(unsigned long nr,
					      const unsigned long *addr)
{
	return (smp_load_acquire(&addr[BIT_WORD(nr)]) & BIT_MASK(nr)) != 0;
}

static pp_always_inline void set_bit(unsigned long nr, unsigned long *addr)
{
	(void)__atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr),
				__ATOMIC_RELAXED);
}

static pp_always_inline void clear_bit(unsigned long nr, unsigned long *addr)
{
	(void)__atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr),
				 __ATOMIC_RELAXED);
}

static pp_always_inline void change_bit(unsigned long nr, unsigned long *addr)
{
	(void)__atomic_fetch_xor(&addr[BIT_WORD(nr)], BIT_MASK(nr),
				 __ATOMIC_RELAXED);
}

static pp_always_inline bool test_and_set_bit(unsigned long nr,
					      unsigned long *addr)
{
	unsigned long old;

	pp_rmw_mb();
	old = __atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr),
				__ATOMIC_SEQ_CST);
	pp_rmw_mb();
	return (old & BIT_MASK(nr)) != 0;
}

static pp_always_inline bool test_and_clear_bit(unsigned long nr,
						unsigned long *addr)
{
	unsigned long old;

	pp_rmw_mb();
	old = __atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr),
				 __ATOMIC_SEQ_CST);
	pp_rmw_mb();
	return (old & BIT_MASK(nr)) != 0;
}

static pp_always_inline bool test_and_change_bit(unsigned long nr,
						 unsigned long *addr)
{
	unsigned long old;

	pp_rmw_mb();
	old = __atomic_fetch_xor(&addr[BIT_WORD(nr)], BIT_MASK(nr),
				 __ATOMIC_SEQ_CST);
	pp_rmw_mb();
	return (old & BIT_MASK(nr)) != 0;
}

static pp_always_inline bool test_and_set_bit_lock(unsigned long nr,
						   unsigned long *addr)
{
	return (__atomic_fetch_or(&addr[BIT_WORD(nr)], BIT_MASK(nr),
				  __ATOMIC_ACQUIRE) & BIT_MASK(nr)) != 0;
}

static pp_always_inline void clear_bit_unlock(unsigned long nr,
					      unsigned long *addr)
{
	(void)__atomic_fetch_and(&addr[BIT_WORD(nr)], ~BIT_MASK(nr),
				 __ATOMIC_RELEASE);
}

/**
 * pp_set_mask_bits() - replace the bits of @mask in *@addr by those of @bits
 *
 * Return: what *@addr held before. A full barrier.
 */
static pp_always_inline unsigned long
pp_set_mask_bits(unsigned long *addr, unsigned long mask, unsigned long bits)
{
	unsigned long old = READ_ONCE(*addr);

	while (!try_cmpxchg(addr, &old, (old & ~mask) | bits))
		;
	return old;
}

static pp_always_inline void __set_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
}

static pp_always_inline void __clear_bit(unsigned long nr, unsigned long *addr)
{
	addr[BIT_WORD(nr)] &= ~BIT_MASK(nr);
}

static pp_always_inline bool __test_and_set_bit(unsigned long nr,
						unsigned long *addr)
{
	bool old = (addr[BIT_WORD(nr)] & BIT_MASK(nr)) != 0;

	addr[BIT_WORD(nr)] |= BIT_MASK(nr);
	return old;
}

/* number of the lowest and highest set bit, from 0; @x is not 0 */
static pp_always_inline unsigned int __ffs(unsigned long x)
{
	return (unsigned int)__builtin_ctzl(x);
}

static pp_always_inline unsigned int __fls(unsigned long x)
{
	return 63u - (unsigned int)__builtin_clzl(x);
}

/* number of the highest set bit, from 1; 0 when none (ffs(): strings.h) */
static pp_always_inline int fls64(uint64_t x)
{
	return x ? 64 - __builtin_clzll(x) : 0;
}

static pp_always_inline int pp_fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}
#ifndef fls		/* the C library or libbsd may declare its own */
#define fls(x)		pp_fls(x)
#endif

static pp_always_inline unsigned int hweight_long(unsigned long x)
{
	return (unsigned int)__builtin_popcountl(x);
}

static pp_always_inline bool is_power_of_2(unsigned long x)
{
	return x != 0 && (x & (x - 1)) == 0;
}

/* floor and ceiling of the base 2 logarithm; ilog2(): @x is not 0 */
static pp_always_inline unsigned int ilog2(unsigned long x)
{
	return __fls(x);
}

static pp_always_inline unsigned int order_base_2(unsigned long x)
{
	return x > 1 ? __fls(x - 1) + 1 : 0;
}

static pp_always_inline unsigned long roundup_pow_of_two(unsigned long x)
{
	return 1UL << order_base_2(x);
}

static pp_always_inline unsigned long rounddown_pow_of_two(unsigned long x)
{
	return 1UL << __fls(x);
}

/**
 * find_next_bit() - first set bit at or after @from
 * @addr: the array
 * @size: bits in it
 * @from: where to start; may be >= @size
 *
 * Return: its number, or @size.
 */
static inline unsigned long find_next_bit(const unsigned long *addr,
					  unsigned long size,
					  unsigned long from)
{
	unsigned long word, i;

	if (from >= size)
		return size;
	i = BIT_WORD(from);
	word = READ_ONCE(addr[i]) & (~0UL << (from % BITS_PER_LONG));
	while (!word) {
		if (++i * BITS_PER_LONG >= size)
			return size;
		word = READ_ONCE(addr[i]);
	}
	return min_t(unsigned long, i * BITS_PER_LONG + __ffs(word), size);
}

/* As find_next_bit(), except: the first clear bit. */
static inline unsigned long find_next_zero_bit(const unsigned long *addr,
					       unsigned long size,
					       unsigned long from)
{
	unsigned long word, i;

	if (from >= size)
		return size;
	i = BIT_WORD(from);
	word = ~READ_ONCE(addr[i]) & (~0UL << (from % BITS_PER_LONG));
	while (!word) {
		if (++i * BITS_PER_LONG >= size)
			return size;
		word = ~READ_ONCE(addr[i]);
	}
	return min_t(unsigned long, i * BITS_PER_LONG + __ffs(word), size);
}

static inline unsigned long find_first_bit(const unsigned long *addr,
					   unsigned long size)
{
	return find_next_bit(addr, size, 0);
}

static inline unsigned long find_first_zero_bit(const unsigned long *addr,
						unsigned long size)
{
	return find_next_zero_bit(addr, size, 0);
}

#define for_each_set_bit(bit, addr, size)				\
	for ((bit) = find_first_bit((addr), (size)); (bit) < (size);	\
	     (bit) = find_next_bit((addr), (size), (bit) + 1))

#endif /* PP_BASE_BITOPS_H */
