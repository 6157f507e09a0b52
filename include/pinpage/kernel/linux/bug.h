/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* linux/bug.h - warnings of a driver */
#ifndef PINPAGE_KERNEL_LINUX_BUG_H
#define PINPAGE_KERNEL_LINUX_BUG_H

#include <linux/kernel.h>

/* once for each place, to stderr; the value is the condition */
#define WARN_ON_ONCE(condition)						\
	({								\
		static bool warned_;					\
		bool warn_ = !!(condition);				\
									\
		if (warn_ && !warned_) {				\
			warned_ = true;					\
			pr_warn("%s:%d: warning: %s\n", __FILE__,	\
				__LINE__, #condition);			\
		}							\
		warn_;							\
	})
#define WARN_ON(condition) WARN_ON_ONCE(condition)

#endif
