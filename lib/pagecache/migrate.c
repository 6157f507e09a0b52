// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * migrate.c - a cached page moves to another frame
 *
 * I1. At no time has the slot of the index no page: a lookup finds the old
 *     page, fails to get a reference while its count is frozen, and finds the
 *     new one, which is locked until its bytes are there.
 * I2. Tags of the index, the count of dirty pages and reservations of the file
 *     system belong to the index and stay.
 * Mirrors: mm/migrate.c:folio_migrate_mapping(), buffer_migrate_folio(),
 * fallback_migrate_folio().
 */
#include "pagecache/internal.h"

/* Private data that cannot move go, if the model lets them. */
static bool settle_private(struct address_space *mapping, struct page *old)
{
	if (!PagePrivate(old) || mapping->a_ops->private_moves)
		return true;
	return !PageDirty(old) && mapping->a_ops->release_page &&
	       mapping->a_ops->release_page(old);
}

/* @old is frozen, or held by us alone */
static void move_private(struct page *new, struct page *old)
{
	if (!PagePrivate(old))
		return;
	pp_ref(new);
	WRITE_ONCE(new->private, old->private);
	SetPagePrivate(new);
	ClearPagePrivate(old);
	WRITE_ONCE(old->private, 0UL);
}

/* i_pages_lock held, @old frozen: the slot, and what goes with it */
static void replace(struct address_space *mapping, struct page *new, struct page *old)
{
	unsigned long i, nr = folio_nr_pages((struct folio *)old);

	WRITE_ONCE(new->index, old->index);
	WRITE_ONCE(new->mapping, mapping);
	atomic_add((int)nr, &new->_refcount);
	move_private(new, old);
	if (PageSwapBacked(old))
		SetPageSwapBacked(new);
	if (TestClearPageDirty(old))
		SetPageDirty(new);
	for (i = 0; i < nr; i++)
		pp_xa_store(&mapping->i_pages, old->index + i, new);
	WRITE_ONCE(old->mapping, NULL);
}

/**
 * pp_migrate_cache_page() - another page takes the place of a cached one
 * @new: of the same size, locked, held by the caller alone; gets the cache's
 *       references
 * @old: small or a head, locked, no writeback, unmapped; the caller holds one reference,
 *       which is all that is left of it
 *
 * Context: process. Locking: both page locks held; takes i_pages_lock.
 * Order:   the count is frozen after the PTEs went: MB pin-vs-migrate (M).
 * Return:  0; -EAGAIN: the count says that somebody else holds @old, or its
 *          private data cannot move now; nothing has changed.
 * Mirrors: mm/migrate.c:folio_migrate_mapping()
 */
int pp_migrate_cache_page(struct page *new, struct page *old)
{
	struct address_space *mapping = page_file_mapping(old);
	int expected;

	pp_assert_held(&old->flags);
	if (!mapping || PageWriteback(old) || !settle_private(mapping, old))
		return -EAGAIN;
	expected = (int)folio_nr_pages((struct folio *)old) + 1 + PagePrivate(old);
	pinpage_spin_lock(&mapping->i_pages_lock);
	if (!pp_ref_freeze(old, expected)) {
		pinpage_spin_unlock(&mapping->i_pages_lock);
		return -EAGAIN;
	}
	replace(mapping, new, old);
	pp_ref_unfreeze(old, 1);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	return 0;
}
