/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/compiler.h - attributes and hints */
#ifndef PINPAGE_KERNEL_LINUX_COMPILER_H
#define PINPAGE_KERNEL_LINUX_COMPILER_H

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#ifndef __always_unused
#define __always_unused __attribute__((unused))
#endif
#ifndef __maybe_unused
#define __maybe_unused __attribute__((unused))
#endif
#ifndef __must_check
#define __must_check __attribute__((warn_unused_result))
#endif
#ifndef fallthrough
#define fallthrough __attribute__((fallthrough))
#endif

#endif
