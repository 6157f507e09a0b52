// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * longterm.c - FOLL_LONGTERM: pages must be where they may stay for ever
 *
 * Take all, look for pages in a zone that must stay movable; if there are
 * any, give all back, have them moved, take all again.
 *
 * Mirrors: mm/gup.c:__gup_longterm_locked(),
 * check_and_migrate_movable_pages().
 */
#include "gup/gup.h"

static int (*migrate_hook)(struct page **pages, unsigned long nr);

/**
 * pp_set_migrate_hook() - register what moves folios
 * @migrate: see gup.h; NULL: nothing can be moved
 *
 * Context: boot. Locking: none.
 */
void pp_set_migrate_hook(int (*migrate)(struct page **pages,
					unsigned long nr))
{
	migrate_hook = migrate;
}

static bool all_placeable(struct page *const *pages, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		if (!pinpage_is_longterm_pinnable_page(pages[i]))
			return false;
	return true;
}

static void forget(struct page **pages, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++)
		pages[i] = NULL;
}

/* everything given back; 0: walk again; -errno */
static int move_away(struct page **pages, unsigned long nr,
		     unsigned int flags)
{
	int error;

	pp_gup_release(pages, nr, flags);
	error = migrate_hook ? migrate_hook(pages, nr) : -ENOMEM;
	if (error)
		forget(pages, nr);
	return error;
}

/**
 * pp_gup_longterm() - pp_gup_retry(), then the placement rule
 *
 * As pp_gup_retry(), except: with FOLL_LONGTERM and FOLL_PIN either every page
 * returned may stay where it is, or nothing is held and @pages is NULL in the
 * entries that had been taken.
 *
 * Return: also -ENOMEM: a page could not be moved.
 */
long pp_gup_longterm(struct mm_struct *mm, unsigned long start,
		     unsigned long nr_pages, unsigned int flags,
		     struct page **pages, struct vm_area_struct **vmas,
		     int *locked)
{
	for (;;) {
		long got = pp_gup_retry(mm, start, nr_pages, flags, pages,
					vmas, locked);
		int error;

		if (got <= 0 || !pages || !(flags & FOLL_LONGTERM) ||
		    !(flags & (FOLL_PIN | FOLL_GET)))
			return got;
		if (all_placeable(pages, (unsigned long)got))
			return got;
		error = move_away(pages, (unsigned long)got, flags);
		if (error)
			return error;
	}
}
