// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * longterm.c - FOLL_LONGTERM: pages must be where they may stay for ever
 *
 * Take all, look for folios that must not stay where they are. If there are
 * any: isolate them, give all pages back (a pin would keep them in place), have
 * them moved, take all again.
 *
 * I1. Until 5.12 a page that cannot be moved keeps its pin. From 5.13 on either
 *     every page returned may stay, or nothing is held.
 * I2. While this goes on the task's own allocations are such that pins may
 *     stay: new faults need not be moved.
 * I3. Pages that somebody else has isolated cannot be moved: the walk begins
 *     again until he is done, and, as in the kernel, for ever if he never is.
 *     Each round has a step named "longterm-retry".
 *
 * Mirrors: mm/gup.c:__gup_longterm_locked(), check_and_migrate_movable_pages()
 * 6.1, check_and_migrate_cma_pages() 5.10; differs: no draining, there are no
 * batches that a page could be in.
 */
#include "gup/gup.h"

#include "mm/migrate.h"

struct longterm {
	struct mm_struct *mm;
	unsigned long start, nr;
	unsigned int flags;
	struct page **pages;
	struct vm_area_struct **vmas;
	int *locked;
	long (*take)(void *arg);	/* not by address; all above but pages unused */
	void *arg;
	struct list_head list;		/* isolated */
	struct list_head device;	/* isolated, coherent memory of a device */
	unsigned long unfit;		/* folios that must not stay */
};

/* The one place that reads rules->longterm_unmoved. */
static enum pinpage_longterm_unmoved unmoved(void)
{
	return pp_rules->longterm_unmoved;
}

static long take(struct longterm *l)
{
	if (l->take)
		return l->take(l->arg);
	return pp_gup_retry(l->mm, l->start, l->nr, l->flags, l->pages,
			    l->vmas, l->locked);
}

/* counts and isolates what must not stay among the first @got pages */
static void collect(struct longterm *l, unsigned long got)
{
	struct page *last = NULL;
	unsigned long i;

	l->unfit = 0;
	for (i = 0; i < got; i++) {
		struct page *head = compound_head(l->pages[i]);

		if (head == last)
			continue;
		last = head;
		if (pp_longterm_pinnable(head))
			continue;
		l->unfit++;
		if (PageCoherent(head))
			pp_coherent_isolate(head, &l->device);
		else
			pp_migrate_isolate(head, &l->list);
	}
}

static void give_back(struct longterm *l, unsigned long got)
{
	unsigned long i;

	pp_gup_release(l->pages, got, l->flags);
	for (i = 0; i < got; i++)
		l->pages[i] = NULL;
}

/* Mirrors: mm/gup.c:check_dax_vmas() 5.10 */
static bool any_fsdax(struct page *const *pages, unsigned long nr)
{
	unsigned long i;

	for (i = 0; i < nr; i++) {
		const struct address_space *mapping =
			page_file_mapping(compound_head(pages[i]));

		if (mapping && mapping->a_ops->dax)
			return true;
	}
	return false;
}

/* As take(), except: -EOPNOTSUPP and nothing if FS-DAX is found among the pages. */
static long take_no_dax(struct longterm *l)
{
	long got = take(l);

	if (got <= 0 || pp_gup_fsdax_by_vma() || !any_fsdax(l->pages, (unsigned long)got))
		return got;
	give_back(l, (unsigned long)got);
	return -EOPNOTSUPP;
}

static bool none_isolated(const struct longterm *l)
{
	return list_empty(&l->list) && list_empty(&l->device);
}

/* 0: all that was isolated moved; -ENOMEM; -EBUSY: one of a device did not */
static int move_isolated(struct longterm *l)
{
	struct pp_migration m = {
		.target = pp_migration_target, .mode = PP_MIGRATE_SYNC,
		.nid = -1, .gfp = PINPAGE_GFP_MOVABLE,
	};
	int err = pp_coherent_leave(&l->device);
	int left = err ? 0 : pp_migrate_pages(&l->list, &m);

	pp_migrate_putback(&l->list);
	return left ? -ENOMEM : err;
}

/* Up to 5.12: move what can be moved, then keep what is there. */
static long take_as_can(struct longterm *l)
{
	bool may_move = true;
	long got;

	for (;;) {
		got = take_no_dax(l);
		if (got <= 0 || !may_move)
			return got;
		collect(l, (unsigned long)got);
		if (none_isolated(l))
			return got;
		give_back(l, (unsigned long)got);
		may_move = !move_isolated(l);
	}
}

/* 0: take again; -errno: over. Everything has been given back. */
static int make_fit(struct longterm *l, unsigned long got)
{
	bool nothing = none_isolated(l);
	int err = 0;

	give_back(l, got);
	if (!nothing)
		err = move_isolated(l);
	if (!nothing)
		return err;
	pp_emit(YIELD, .mm = l->mm, .addr = l->start, .name = "longterm-retry");
	return 0;
}

static long take_fit(struct longterm *l)
{
	int err = 0;
	long got;

	do {
		got = take_no_dax(l);
		if (got <= 0)
			return got;
		collect(l, (unsigned long)got);
		if (!l->unfit || (none_isolated(l) &&
				  unmoved() == PINPAGE_UNMOVED_TRUSTED))
			return got;
		err = make_fit(l, (unsigned long)got);
	} while (!err);
	return err;
}

static long take_placed(struct longterm *l)
{
	long got;

	INIT_LIST_HEAD(&l->list);
	INIT_LIST_HEAD(&l->device);
	pp_pin_scope_begin();
	got = unmoved() == PINPAGE_UNMOVED_KEPT ? take_as_can(l) : take_fit(l);
	pp_pin_scope_end();
	return got;
}

/**
 * pp_gup_longterm_by() - the placement rule for folios that are not taken by
 * address
 * @take:  fills @pages with pinned heads, one pin each, as often as it is
 *         called; or an errno, and nothing is held
 * @arg:   its
 * @pages: what it fills
 *
 * Return: what @take says of its last call; -ENOMEM: a folio could not be moved.
 * Mirrors: mm/gup.c:check_and_migrate_movable_folios() 6.12
 */
long pp_gup_longterm_by(long (*take)(void *arg), void *arg, struct page **pages)
{
	struct longterm l = {
		.flags = FOLL_PIN | FOLL_LONGTERM, .pages = pages,
		.take = take, .arg = arg,
	};

	return take_placed(&l);
}

/**
 * pp_gup_longterm() - pp_gup_retry(), then the placement rule
 *
 * As pp_gup_retry(), except: with FOLL_LONGTERM and pages taken the pages may
 * stay where they are (see I1), or nothing is held and @pages is NULL in the
 * entries that had been taken.
 *
 * Return: also -ENOMEM: a page could not be moved; -EBUSY: one of a device
 * could not; -EOPNOTSUPP: FS-DAX, up to
 * 5.11 found here, and then everything is given back.
 */
long pp_gup_longterm(struct mm_struct *mm, unsigned long start,
		     unsigned long nr_pages, unsigned int flags,
		     struct page **pages, struct vm_area_struct **vmas,
		     int *locked)
{
	struct longterm l = {
		.mm = mm, .start = start, .nr = nr_pages, .flags = flags,
		.pages = pages, .vmas = vmas, .locked = locked,
	};

	if (!(flags & FOLL_LONGTERM) || !pages || !(flags & (FOLL_PIN | FOLL_GET)))
		return take(&l);
	return take_placed(&l);
}
