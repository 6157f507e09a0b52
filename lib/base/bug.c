// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Warnings and bugs: counting, the once-list, the hooks.
 *
 * Invariants
 * I1. A site is on the list exactly if its hits are not 0.
 * I2. The list only grows, except in pp_warn_reset(), which runs when no
 *     other thread warns (at boot).
 */
#include "base/bug.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#ifdef PP_TSAN
int pp_tsan_fence;
#endif

static pp_warn_hook_fn pp_warn_hook;
static pp_bug_hook_fn pp_bug_hook;
static struct pp_warn_site *pp_warn_sites;
static atomic_long_t pp_warn_total;
static atomic_long_t pp_warn_spoken;

/**
 * pp_set_warn_hook() - send warnings to @fn instead of stderr
 * @fn: called with file, line and the finished message, in the context of
 *      the warning; NULL: stderr again. pp_warn_print() is there for a hook
 *      that also wants the text on stderr.
 *
 * Context: any. Locking: none.
 * Return:  the hook that was set before.
 */
pp_warn_hook_fn pp_set_warn_hook(pp_warn_hook_fn fn)
{
	return xchg(&pp_warn_hook, fn);
}

/**
 * pp_set_bug_hook() - let @fn see a bug first
 * @fn: may leave by longjmp() or never return; when it returns, the process
 *      aborts. NULL: abort at once.
 *
 * Context: any. Locking: none.
 * Return:  the hook that was set before.
 */
pp_bug_hook_fn pp_set_bug_hook(pp_bug_hook_fn fn)
{
	return xchg(&pp_bug_hook, fn);
}

/**
 * pp_warn_count() - warnings since pp_warn_reset(), silent ones included
 */
unsigned long pp_warn_count(void)
{
	return (unsigned long)atomic_long_read(&pp_warn_total);
}

/**
 * pp_warn_emitted() - warnings since pp_warn_reset() that were spoken
 */
unsigned long pp_warn_emitted(void)
{
	return (unsigned long)atomic_long_read(&pp_warn_spoken);
}

/**
 * pp_warn_reset() - forget all warnings: every site speaks again
 *
 * Context: boot, or a test; no other thread may warn meanwhile.
 */
void pp_warn_reset(void)
{
	struct pp_warn_site *site = xchg(&pp_warn_sites, NULL);

	while (site) {
		struct pp_warn_site *next = site->next;

		site->next = NULL;
		atomic_long_set(&site->hits, 0);
		site = next;
	}
	atomic_long_set(&pp_warn_total, 0);
	atomic_long_set(&pp_warn_spoken, 0);
}

/**
 * pp_warn_print() - what happens to a warning when no hook is set
 */
void pp_warn_print(const char *file, int line, const char *msg)
{
	fprintf(stderr, "pinpage: warning: %s:%d: %s\n", file, line, msg);
}

static pp_cold void pp_warn_emit(const char *file, int line, const char *fmt,
				 va_list args)
{
	pp_warn_hook_fn hook = smp_load_acquire(&pp_warn_hook);
	char msg[PP_BUG_MSG_MAX];

	vsnprintf(msg, sizeof(msg), fmt, args);
	atomic_long_inc(&pp_warn_spoken);
	if (hook)
		hook(file, line, msg);
	else
		pp_warn_print(file, line, msg);
}

/**
 * pp_warn_at() - one warning; use pp_warn()
 *
 * Context: any. Locking: none.
 */
pp_cold void pp_warn_at(const char *file, int line, const char *fmt, ...)
{
	va_list args;

	atomic_long_inc(&pp_warn_total);
	va_start(args, fmt);
	pp_warn_emit(file, line, fmt, args);
	va_end(args);
}

static void pp_warn_site_push(struct pp_warn_site *site)
{
	struct pp_warn_site *head = READ_ONCE(pp_warn_sites);

	do {
		site->next = head;
	} while (!try_cmpxchg(&pp_warn_sites, &head, site));
}

/**
 * pp_warn_site_hit() - a warning that is spoken once; use pp_warn_once()
 * @site: static storage, never freed while the library is used
 *
 * Context: any. Locking: none.
 */
pp_cold void pp_warn_site_hit(struct pp_warn_site *site, const char *fmt, ...)
{
	va_list args;

	atomic_long_inc(&pp_warn_total);
	if (atomic_long_fetch_inc(&site->hits) != 0)
		return;
	pp_warn_site_push(site);
	va_start(args, fmt);
	pp_warn_emit(site->file, site->line, fmt, args);
	va_end(args);
}

/**
 * pp_bug_at() - a broken invariant; use pp_bug() or pp_assert()
 *
 * Context: any. Locking: none; locks stay held when the hook leaves.
 * Return:  never.
 */
pp_cold void pp_bug_at(const char *file, int line, const char *fmt, ...)
{
	pp_bug_hook_fn hook = smp_load_acquire(&pp_bug_hook);
	char msg[PP_BUG_MSG_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(msg, sizeof(msg), fmt, args);
	va_end(args);
	if (hook)
		hook(file, line, msg);
	fprintf(stderr, "pinpage: BUG: %s:%d: %s\n", file, line, msg);
	abort();
}
