/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_ATOMIC_H
#define PP_BASE_ATOMIC_H

/*
 * The kernel's atomics over the compiler's __atomic builtins. This header
 * and bitops.h are the only places that spell memory orders.
 *
 * Guarantees (the kernel's, Documentation/atomic_t.txt):
 * A. An RMW that returns a value is a full barrier before and after,
 *    unless its name ends in _relaxed, _acquire or _release; a cmpxchg or
 *    an add_unless that does not write orders nothing.
 * B. An RMW that returns nothing, a read and a set order nothing.
 * C. Arithmetic wraps; it is never undefined.
 *
 * Under ThreadSanitizer a fence is an RMW on pp_tsan_fence, since the
 * sanitizer does not model stand-alone fences.
 * Mirrors: include/linux/atomic/, include/asm-generic/barrier.h.
 */
#include "base/compiler.h"

typedef struct { int counter; } atomic_t;
typedef struct { int64_t counter; } atomic64_t;
typedef struct { long counter; } atomic_long_t;

#define ATOMIC_INIT(i)		{ (i) }
#define ATOMIC64_INIT(i)	{ (i) }
#define ATOMIC_LONG_INIT(i)	{ (i) }

#ifdef PP_TSAN
extern int pp_tsan_fence;
# define pp_fence(order) \
	((void)__atomic_fetch_add(&pp_tsan_fence, 0, __ATOMIC_SEQ_CST))
#else
# define pp_fence(order)	__atomic_thread_fence(order)
#endif

#define smp_mb()	pp_fence(__ATOMIC_SEQ_CST)
#define smp_rmb()	pp_fence(__ATOMIC_ACQUIRE)
#define smp_wmb()	pp_fence(__ATOMIC_RELEASE)

/*
 * On x86 a locked instruction is a full barrier by itself. Elsewhere a
 * seq_cst RMW lets plain accesses around it cross, so guarantee A needs
 * fences on both sides.
 */
#if defined(__x86_64__) || defined(__i386__)
# define pp_rmw_mb()		barrier()
# define smp_mb__before_atomic()	barrier()
# define smp_mb__after_atomic()	barrier()
#else
# define pp_rmw_mb()		smp_mb()
# define smp_mb__before_atomic()	smp_mb()
# define smp_mb__after_atomic()	smp_mb()
#endif

#define smp_load_acquire(p)						\
({									\
	pp_unqual(*(p)) __la_val;					\
	__atomic_load((p), &__la_val, __ATOMIC_ACQUIRE);		\
	__la_val;							\
})

#define smp_store_release(p, val)					\
do {									\
	pp_unqual(*(p)) __sr_val = (val);				\
	__atomic_store((p), &__sr_val, __ATOMIC_RELEASE);		\
} while (0)

#define smp_store_mb(var, val)						\
do {									\
	WRITE_ONCE(var, val);						\
	smp_mb();							\
} while (0)

/**
 * cpu_relax() - tell the CPU that this is a spin loop
 */
static pp_always_inline void cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ __volatile__("yield" ::: "memory");
#else
	barrier();
#endif
}

/*
 * xchg(), cmpxchg(), try_cmpxchg() on any pointer, integer or naturally
 * aligned struct of at most 8 bytes. cmpxchg() returns what was there;
 * try_cmpxchg() returns success and puts what was there into *@oldp.
 */
#define xchg(ptr, val)							\
({									\
	pp_unqual(*(ptr)) __xc_new = (val), __xc_old;			\
	pp_rmw_mb();							\
	__atomic_exchange((ptr), &__xc_new, &__xc_old,			\
			  __ATOMIC_SEQ_CST);				\
	pp_rmw_mb();							\
	__xc_old;							\
})

#define pp_cmpxchg_order(ptr, old, val, order)				\
({									\
	pp_unqual(*(ptr)) __cx_old = (old), __cx_new = (val);		\
	(void)__atomic_compare_exchange((ptr), &__cx_old, &__cx_new, 0,	\
					order, __ATOMIC_RELAXED);	\
	__cx_old;							\
})

#define cmpxchg(ptr, old, val)						\
({									\
	pp_rmw_mb();							\
	__auto_type __cm_ret =						\
		pp_cmpxchg_order(ptr, old, val, __ATOMIC_SEQ_CST);	\
	pp_rmw_mb();							\
	__cm_ret;							\
})
#define cmpxchg_relaxed(ptr, old, val) \
	pp_cmpxchg_order(ptr, old, val, __ATOMIC_RELAXED)
#define cmpxchg_acquire(ptr, old, val) \
	pp_cmpxchg_order(ptr, old, val, __ATOMIC_ACQUIRE)
#define cmpxchg_release(ptr, old, val) \
	pp_cmpxchg_order(ptr, old, val, __ATOMIC_RELEASE)

#define try_cmpxchg(ptr, oldp, val)					\
({									\
	pp_unqual(*(ptr)) __tx_new = (val);				\
	pp_rmw_mb();							\
	bool __tx_ok = __atomic_compare_exchange((ptr), (oldp),		\
			&__tx_new, 0, __ATOMIC_SEQ_CST,			\
			__ATOMIC_RELAXED);				\
	pp_rmw_mb();							\
	__tx_ok;							\
})

/*
 * The three counter types get the same operations; T is the type's prefix
 * (atomic, atomic64, atomic_long), C the C type of the counter.
 */
#define PP_ATOMIC_PLAIN(T, C)						\
static pp_always_inline C T##_read(const T##_t *v)			\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_RELAXED);		\
}									\
static pp_always_inline C T##_read_acquire(const T##_t *v)		\
{									\
	return __atomic_load_n(&v->counter, __ATOMIC_ACQUIRE);		\
}									\
static pp_always_inline void T##_set(T##_t *v, C i)			\
{									\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELAXED);		\
}									\
static pp_always_inline void T##_set_release(T##_t *v, C i)		\
{									\
	__atomic_store_n(&v->counter, i, __ATOMIC_RELEASE);		\
}

/* one fetch operation and its void, returning and ordered forms */
#define PP_ATOMIC_FETCH(T, C, op)					\
static pp_always_inline void T##_##op(C i, T##_t *v)			\
{									\
	(void)__atomic_fetch_##op(&v->counter, i, __ATOMIC_RELAXED);	\
}									\
static pp_always_inline C T##_fetch_##op##_relaxed(C i, T##_t *v)	\
{									\
	return __atomic_fetch_##op(&v->counter, i, __ATOMIC_RELAXED);	\
}									\
static pp_always_inline C T##_fetch_##op##_acquire(C i, T##_t *v)	\
{									\
	return __atomic_fetch_##op(&v->counter, i, __ATOMIC_ACQUIRE);	\
}									\
static pp_always_inline C T##_fetch_##op##_release(C i, T##_t *v)	\
{									\
	return __atomic_fetch_##op(&v->counter, i, __ATOMIC_RELEASE);	\
}									\
static pp_always_inline C T##_fetch_##op(C i, T##_t *v)			\
{									\
	pp_rmw_mb();							\
	C old = __atomic_fetch_##op(&v->counter, i, __ATOMIC_SEQ_CST);	\
	pp_rmw_mb();							\
	return old;							\
}

#define PP_ATOMIC_RETURN(T, C, op)					\
static pp_always_inline C T##_##op##_return_relaxed(C i, T##_t *v)	\
{									\
	return __atomic_##op##_fetch(&v->counter, i, __ATOMIC_RELAXED);	\
}									\
static pp_always_inline C T##_##op##_return_acquire(C i, T##_t *v)	\
{									\
	return __atomic_##op##_fetch(&v->counter, i, __ATOMIC_ACQUIRE);	\
}									\
static pp_always_inline C T##_##op##_return_release(C i, T##_t *v)	\
{									\
	return __atomic_##op##_fetch(&v->counter, i, __ATOMIC_RELEASE);	\
}									\
static pp_always_inline C T##_##op##_return(C i, T##_t *v)		\
{									\
	pp_rmw_mb();							\
	C val = __atomic_##op##_fetch(&v->counter, i, __ATOMIC_SEQ_CST);\
	pp_rmw_mb();							\
	return val;							\
}

#define PP_ATOMIC_STEP(T, C)						\
static pp_always_inline void T##_inc(T##_t *v)				\
{									\
	T##_add(1, v);							\
}									\
static pp_always_inline void T##_dec(T##_t *v)				\
{									\
	T##_sub(1, v);							\
}									\
static pp_always_inline C T##_inc_return(T##_t *v)			\
{									\
	return T##_add_return(1, v);					\
}									\
static pp_always_inline C T##_dec_return(T##_t *v)			\
{									\
	return T##_sub_return(1, v);					\
}									\
static pp_always_inline C T##_fetch_inc(T##_t *v)			\
{									\
	return T##_fetch_add(1, v);					\
}									\
static pp_always_inline C T##_fetch_dec(T##_t *v)			\
{									\
	return T##_fetch_sub(1, v);					\
}									\
static pp_always_inline bool T##_sub_and_test(C i, T##_t *v)		\
{									\
	return T##_sub_return(i, v) == 0;				\
}									\
static pp_always_inline bool T##_dec_and_test(T##_t *v)			\
{									\
	return T##_sub_return(1, v) == 0;				\
}									\
static pp_always_inline bool T##_inc_and_test(T##_t *v)			\
{									\
	return T##_add_return(1, v) == 0;				\
}									\
static pp_always_inline bool T##_add_negative(C i, T##_t *v)		\
{									\
	return T##_add_return(i, v) < 0;				\
}

#define PP_ATOMIC_SWAP(T, C)						\
static pp_always_inline C T##_xchg(T##_t *v, C val)			\
{									\
	return xchg(&v->counter, val);					\
}									\
static pp_always_inline C T##_cmpxchg(T##_t *v, C old, C val)		\
{									\
	return cmpxchg(&v->counter, old, val);				\
}									\
static pp_always_inline C T##_cmpxchg_relaxed(T##_t *v, C old, C val)	\
{									\
	return cmpxchg_relaxed(&v->counter, old, val);			\
}									\
static pp_always_inline bool T##_try_cmpxchg(T##_t *v, C *old, C val)	\
{									\
	return try_cmpxchg(&v->counter, old, val);			\
}

/* fetch_add_unless() returns what was there: equal to @u means not added */
#define PP_ATOMIC_UNLESS(T, C)						\
static pp_always_inline C T##_fetch_add_unless(T##_t *v, C a, C u)	\
{									\
	C old = T##_read(v);						\
									\
	while (old != u) {						\
		C val = (C)((uint64_t)old + (uint64_t)a);		\
									\
		if (T##_try_cmpxchg(v, &old, val))			\
			break;						\
	}								\
	return old;							\
}									\
static pp_always_inline bool T##_add_unless(T##_t *v, C a, C u)		\
{									\
	return T##_fetch_add_unless(v, a, u) != u;			\
}									\
static pp_always_inline bool T##_inc_not_zero(T##_t *v)			\
{									\
	return T##_fetch_add_unless(v, 1, 0) != 0;			\
}									\
static pp_always_inline C T##_dec_if_positive(T##_t *v)			\
{									\
	C old = T##_read(v);						\
									\
	while (old > 0 && !T##_try_cmpxchg(v, &old, old - 1))		\
		;							\
	return (C)((uint64_t)old - 1);					\
}

#define PP_ATOMIC_ALL(T, C)						\
PP_ATOMIC_PLAIN(T, C)							\
PP_ATOMIC_FETCH(T, C, add)						\
PP_ATOMIC_FETCH(T, C, sub)						\
PP_ATOMIC_FETCH(T, C, or)						\
PP_ATOMIC_FETCH(T, C, and)						\
PP_ATOMIC_FETCH(T, C, xor)						\
PP_ATOMIC_RETURN(T, C, add)						\
PP_ATOMIC_RETURN(T, C, sub)						\
PP_ATOMIC_STEP(T, C)							\
PP_ATOMIC_SWAP(T, C)							\
PP_ATOMIC_UNLESS(T, C)

PP_ATOMIC_ALL(atomic, int)
PP_ATOMIC_ALL(atomic64, int64_t)
PP_ATOMIC_ALL(atomic_long, long)

#endif /* PP_BASE_ATOMIC_H */
