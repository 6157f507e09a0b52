/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_COMPILER_H
#define PP_BASE_COMPILER_H

/*
 * What the compiler can do for us, under the kernel's names: branch hints,
 * marked accesses, small arithmetic macros, attributes.
 *
 * Page constants are not here: they belong to the page room.
 * Mirrors: include/linux/compiler.h, minmax.h, align.h, container_of.h.
 */
#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define likely(x)	__builtin_expect(!!(x), 1)
#define unlikely(x)	__builtin_expect(!!(x), 0)

#define pp_always_inline	inline __attribute__((always_inline))
#define pp_noinline		__attribute__((noinline))
#define pp_cold			__attribute__((cold, noinline))
#define pp_noreturn		__attribute__((noreturn))
#define pp_must_check		__attribute__((warn_unused_result))
#define pp_maybe_unused		__attribute__((unused))
#define pp_printf(fmt, args)	__attribute__((format(printf, fmt, args)))
#define pp_cacheline_aligned	__attribute__((aligned(64)))
#define pp_fallthrough		__attribute__((fallthrough))
/* thread-local that costs one load even inside a shared library */
#define pp_thread_local \
	__thread __attribute__((tls_model("initial-exec")))

#if defined(__has_feature)
# if __has_feature(thread_sanitizer)
#  define PP_TSAN 1
# endif
# if __has_feature(address_sanitizer)
#  define PP_ASAN 1
# endif
#endif
#if defined(__SANITIZE_THREAD__) && !defined(PP_TSAN)
# define PP_TSAN 1
#endif
#if defined(__SANITIZE_ADDRESS__) && !defined(PP_ASAN)
# define PP_ASAN 1
#endif

/* compiler barrier: orders nothing between CPUs */
#define barrier()	__asm__ __volatile__("" ::: "memory")

/* type of an rvalue: qualifiers dropped */
#define pp_unqual(x)	__typeof__(({ (x); }))

/*
 * Marked accesses: one relaxed atomic load or store of a scalar or of a
 * naturally aligned struct of at most 8 bytes (a pte_t, say).
 */
#define READ_ONCE(x)							\
({									\
	pp_unqual(x) __ro_val;						\
	__atomic_load(&(x), &__ro_val, __ATOMIC_RELAXED);		\
	__ro_val;							\
})

#define WRITE_ONCE(x, val)						\
do {									\
	pp_unqual(x) __wo_val = (val);					\
	__atomic_store(&(x), &__wo_val, __ATOMIC_RELAXED);		\
} while (0)

#define BUILD_BUG_ON(cond) \
	_Static_assert(!(cond), "BUILD_BUG_ON: " #cond)

#ifndef container_of
#define container_of(ptr, type, member)					\
({									\
	const __typeof__(((type *)0)->member) *__co_ptr = (ptr);	\
	(type *)((char *)(uintptr_t)__co_ptr - offsetof(type, member));	\
})
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

#define BIT(n)		(1UL << (n))
#define GENMASK(h, l)	((~0UL << (l)) & (~0UL >> (63 - (h))))

/* @a is a power of two */
#define ALIGN(x, a) \
	(((x) + ((__typeof__(x))(a) - 1)) & ~((__typeof__(x))(a) - 1))
#define ALIGN_DOWN(x, a)	((x) & ~((__typeof__(x))(a) - 1))
#define IS_ALIGNED(x, a)	(((x) & ((__typeof__(x))(a) - 1)) == 0)
#define PTR_ALIGN(p, a)		((__typeof__(p))ALIGN((uintptr_t)(p), (a)))

#define DIV_ROUND_UP(n, d)	(((n) + (d) - 1) / (d))
#define round_up(x, a)		((((x) - 1) | ((__typeof__(x))(a) - 1)) + 1)
#define round_down(x, a)	ALIGN_DOWN(x, a)

#define pp_pick(op, a, b)						\
({									\
	__auto_type __pick_a = (a);					\
	__auto_type __pick_b = (b);					\
	__pick_a op __pick_b ? __pick_a : __pick_b;			\
})
#ifndef min
#define min(a, b)	pp_pick(<, a, b)
#endif
#ifndef max
#define max(a, b)	pp_pick(>, a, b)
#endif
#define min_t(type, a, b)						\
({									\
	type __min_a = (a);						\
	type __min_b = (b);						\
	__min_a < __min_b ? __min_a : __min_b;				\
})
#define max_t(type, a, b)						\
({									\
	type __max_a = (a);						\
	type __max_b = (b);						\
	__max_a > __max_b ? __max_a : __max_b;				\
})
#define clamp_t(type, v, lo, hi) \
	min_t(type, max_t(type, v, lo), hi)

#ifndef swap
#define swap(a, b)							\
do {									\
	__typeof__(a) __swap_tmp = (a);					\
	(a) = (b);							\
	(b) = __swap_tmp;						\
} while (0)
#endif

#endif /* PP_BASE_COMPILER_H */
