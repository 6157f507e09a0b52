/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/kernel.h - what every driver uses, and the library itself */
#ifndef PINPAGE_KERNEL_LINUX_KERNEL_H
#define PINPAGE_KERNEL_LINUX_KERNEL_H

#include <stdio.h>

#include <linux/compiler.h>
#include <linux/types.h>

#include <pinpage/pinpage.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define round_up(x, y) ((((x) - 1) | ((__typeof__(x))(y) - 1)) + 1)
#define round_down(x, y) ((x) & ~((__typeof__(x))(y) - 1))

#ifndef min
#define min(a, b)							\
	({								\
		__typeof__(a) min_a_ = (a);				\
		__typeof__(b) min_b_ = (b);				\
		min_a_ < min_b_ ? min_a_ : min_b_;			\
	})
#define max(a, b)							\
	({								\
		__typeof__(a) max_a_ = (a);				\
		__typeof__(b) max_b_ = (b);				\
		max_a_ > max_b_ ? max_a_ : max_b_;			\
	})
#endif
#define min_t(type, a, b) min((type)(a), (type)(b))
#define max_t(type, a, b) max((type)(a), (type)(b))

#ifndef container_of
#define container_of(ptr, type, member)					\
	((type *)(void *)((char *)(ptr) - offsetof(type, member)))
#endif

#define check_add_overflow(a, b, sum) __builtin_add_overflow(a, b, sum)
#define check_mul_overflow(a, b, product) __builtin_mul_overflow(a, b, product)

#ifndef pr_fmt
#define pr_fmt(fmt) fmt
#endif
#define pr_err(fmt, ...) fprintf(stderr, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_warn(fmt, ...) fprintf(stderr, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_info(fmt, ...) fprintf(stdout, pr_fmt(fmt), ##__VA_ARGS__)
#define pr_debug(fmt, ...) do { } while (0)

#endif
