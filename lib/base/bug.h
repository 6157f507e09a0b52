/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PP_BASE_BUG_H
#define PP_BASE_BUG_H

/*
 * Warnings (the caller of the library broke a rule) and bugs (the library
 * broke its own).
 *
 * A pp_warn_once() site speaks the first time after pp_warn_reset() and
 * only counts afterwards. Both go to a hook when one is set and to stderr
 * otherwise. Usable from any context, any thread; nothing here allocates.
 * Mirrors: include/linux/bug.h (WARN_ONCE, BUG).
 */
#include "base/atomic.h"

/* longest message of a warning or bug, with its NUL */
#define PP_BUG_MSG_MAX	512

struct pp_warn_site {
	const char *file;
	int line;
	atomic_long_t hits;		/* since the last reset */
	struct pp_warn_site *next;	/* list of sites that fired */
};

typedef void (*pp_warn_hook_fn)(const char *file, int line, const char *msg);
typedef void (*pp_bug_hook_fn)(const char *file, int line, const char *msg);

pp_warn_hook_fn pp_set_warn_hook(pp_warn_hook_fn fn);
pp_bug_hook_fn pp_set_bug_hook(pp_bug_hook_fn fn);
unsigned long pp_warn_count(void);
unsigned long pp_warn_emitted(void);
void pp_warn_reset(void);
void pp_warn_print(const char *file, int line, const char *msg);

void pp_warn_at(const char *file, int line, const char *fmt, ...)
	pp_printf(3, 4);
void pp_warn_site_hit(struct pp_warn_site *site, const char *fmt, ...)
	pp_printf(2, 3);
pp_noreturn void pp_bug_at(const char *file, int line, const char *fmt, ...)
	pp_printf(3, 4);

/* every call is a warning of its own */
#define pp_warn(...)	pp_warn_at(__FILE__, __LINE__, __VA_ARGS__)

#define pp_warn_once(...)						\
do {									\
	static struct pp_warn_site __warn_site = {			\
		.file = __FILE__, .line = __LINE__,			\
	};								\
	pp_warn_site_hit(&__warn_site, __VA_ARGS__);			\
} while (0)

/* warn once when @cond; the value is @cond */
#define pp_warn_on_once(cond)						\
({									\
	bool __warn_cond = (cond);					\
	if (unlikely(__warn_cond))					\
		pp_warn_once("%s", #cond);				\
	unlikely(__warn_cond);						\
})

/* a broken invariant of the library; say the values */
#define pp_bug(...)	pp_bug_at(__FILE__, __LINE__, __VA_ARGS__)

#define pp_assert(cond)							\
do {									\
	if (unlikely(!(cond)))						\
		pp_bug("assertion failed: %s", #cond);			\
} while (0)

#endif /* PP_BASE_BUG_H */
