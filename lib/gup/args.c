// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * args.c - which flags and arguments each era accepts
 *
 * One table row per illegal combination. What an illegal call returns is in
 * pp_gup_valid(): -EINVAL, but 0 from the slow pin_*() calls since 6.3 and
 * from the *_fast_only() calls until then.
 *
 * Mirrors: mm/gup.c:is_valid_gup_args() 6.12, the open-coded tests of 5.10
 * and 6.1. Differs: an unknown flag and a NULL @pages are refused in all eras.
 */
#include "gup/gup.h"

#define ANY_CALL	0x1fu
#define FAST_CALLS	(BIT(PP_GUP_FAST) | BIT(PP_GUP_FAST_ONLY))
#define SLOW_CALLS	(ANY_CALL & ~FAST_CALLS)

#define ALL_FLAGS (FOLL_WRITE | FOLL_TOUCH | FOLL_GET | FOLL_DUMP |	\
	FOLL_FORCE | FOLL_NOWAIT | FOLL_NOFAULT | FOLL_HWPOISON |	\
	FOLL_ANON | FOLL_LONGTERM | FOLL_SPLIT_PMD | FOLL_PIN |		\
	FOLL_FAST_ONLY | FOLL_PCI_P2PDMA | FOLL_INTERRUPTIBLE |		\
	FOLL_HONOR_NUMA_FAULT)

#define INTERNAL_FLAGS (FOLL_TOUCH | FOLL_PIN | FOLL_FAST_ONLY)

/* The era's argument rules as plain questions. */
static bool central_validation(void)
{
	return pp_rules->args >= PINPAGE_ARGS_6_3;
}

static bool knows_pins(void)
{
	return pp_rules->args >= PINPAGE_ARGS_5_6;
}

static unsigned int fast_whitelist(void)
{
	unsigned int flags = FOLL_WRITE | FOLL_LONGTERM | FOLL_FORCE |
			     FOLL_PIN | FOLL_GET | FOLL_FAST_ONLY;

	if (pp_rules->fast_nofault)
		flags |= FOLL_NOFAULT;
	if (central_validation())
		flags |= FOLL_PCI_P2PDMA | FOLL_HONOR_NUMA_FAULT;
	return flags;
}

/**
 * pp_gup_longterm_drops() - may a FOLL_LONGTERM call drop mmap_lock?
 *
 * Until 6.3 it could not, so that the fast calls kept the lock, and all others
 * were refused.
 *
 * Context: any. Locking: none.
 */
bool pp_gup_longterm_drops(void)
{
	return pp_rules->longterm_on_unlocked;
}

static bool longterm_unlockable(const struct pp_gup_request *req)
{
	return req->call == PP_GUP_UNLOCKED ||
	       (req->call == PP_GUP_REMOTE && req->locked);
}

static const char *bad_longterm(const struct pp_gup_request *req,
				unsigned int flags)
{
	if (!(flags & FOLL_LONGTERM))
		return NULL;
	if (!req->pin && !pp_rules->longterm_on_get)
		return "FOLL_LONGTERM without a pin";
	if (longterm_unlockable(req) && !pp_gup_longterm_drops())
		return "FOLL_LONGTERM with a lock that may be dropped";
	if (flags & FOLL_PCI_P2PDMA)
		return "FOLL_LONGTERM with FOLL_PCI_P2PDMA";
	return NULL;
}

static const char *bad_kind(const struct pp_gup_request *req,
			    unsigned int flags)
{
	if (req->pin && (flags & FOLL_GET))
		return "FOLL_GET on a pin";
	if (!req->pin && (flags & FOLL_PIN) && knows_pins())
		return "FOLL_PIN on a get";
	if (central_validation() && (flags & INTERNAL_FLAGS))
		return "an internal flag";
	return NULL;
}

static const char *bad_arguments(const struct pp_gup_request *req,
				 unsigned int flags)
{
	bool fast = BIT(req->call) & FAST_CALLS;

	if (flags & ~ALL_FLAGS)
		return "an unknown flag";
	if (fast && (flags & ~fast_whitelist()))
		return "a flag that the fast walk does not know";
	if (!req->pages && (req->pin || fast || (flags & FOLL_GET)))
		return "no array for the pages";
	if (req->locked && *req->locked != 1)
		return "*locked is not 1";
	return NULL;
}

/**
 * pp_gup_valid() - may this call proceed under the rules in force?
 * @req:       entry point and its pointers
 * @gup_flags: the caller's flags
 * @result:    out: what the call returns if not
 *
 * Warns once per kind of mistake.
 *
 * Context: any. Locking: none.
 * Return: true to proceed.
 * Mirrors: mm/gup.c:is_valid_gup_args()
 */
bool pp_gup_valid(const struct pp_gup_request *req, unsigned int gup_flags,
		  long *result)
{
	const char *wrong = bad_arguments(req, gup_flags);

	if (!wrong)
		wrong = bad_kind(req, gup_flags);
	if (!wrong)
		wrong = bad_longterm(req, gup_flags);
	if (!wrong)
		return true;
	if (req->locked && *req->locked != 1 && !central_validation())
		pp_emit(TRAP, .name = "BUG: *locked is not 1",
			.arg = *req->locked, .site = current->site);
	pp_warn_once("%s: %s (flags %#x)", req->pin ? "pin_user_pages" :
		     "get_user_pages", wrong, gup_flags);
	if (req->pin && central_validation() && (BIT(req->call) & SLOW_CALLS))
		*result = 0;
	else
		*result = pp_gup_result(req, -EINVAL);
	return false;
}

/**
 * pp_gup_result() - what a fast call returns for what it got
 * @req: entry point
 * @ret: pages or -errno
 *
 * Until 6.2 the *_fast_only() calls make 0 of every error; since 6.3 wrong
 * arguments and ranges are told.
 *
 * Context: any. Locking: none.
 * Mirrors: mm/gup.c:get_user_pages_fast_only() 6.1, 6.12
 */
long pp_gup_result(const struct pp_gup_request *req, long ret)
{
	if (req->call == PP_GUP_FAST_ONLY && !central_validation() && ret < 0)
		return 0;
	return ret;
}

/**
 * pp_gup_mark_mm() - remember that an address space has ever been pinned
 * @mm:        target, not necessarily the caller's
 * @gup_flags: FOLL_PIN makes the mark
 * @nr_pages:  of a slow call; from 6.3 on none make no mark
 *
 * Sticky, also when the pin then fails; fork does not inherit it.
 *
 * Context: any. Locking: none.
 * Mirrors: mm/gup.c:mm_set_has_pinned_flag()
 */
void pp_gup_mark_mm(struct mm_struct *mm, unsigned int gup_flags,
		    unsigned long nr_pages)
{
	if (!(gup_flags & FOLL_PIN) || (!nr_pages && central_validation()))
		return;
	if (!test_bit(MMF_HAS_PINNED, &mm->flags))
		set_bit(MMF_HAS_PINNED, &mm->flags);
}
