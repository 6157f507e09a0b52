/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/migrate.h - moving pages to other frames
 *
 * A page that shall move is isolated (off the LRU, one reference of the
 * mover's), unmapped into migration entries, moved if nobody else holds a
 * reference, and mapped again.
 */
#ifndef PP_MM_MIGRATE_H
#define PP_MM_MIGRATE_H

#include "mm/pgtable.h"

#include <pinpage/migrate.h>

struct anon_vma;

enum pp_migrate_mode {
	PP_MIGRATE_ASYNC,	/* waits for nothing, splits nothing */
	PP_MIGRATE_SYNC,	/* waits for page locks and writeback */
};

/* One batch. */
struct pp_migration {
	/* a page to move @old to, with one reference; NULL: no memory */
	struct page *(*target)(struct pp_migration *m, struct page *old);
	enum pp_migrate_mode mode;
	int nid;			/* for pp_migration_target(); -1: of the old page */
	pinpage_gfp_t gfp;
	unsigned long moved;		/* out: folios */
	void *priv;
};

/* migrate.c */
int pp_migrate_pages(struct list_head *from, struct pp_migration *m);
struct page *pp_migration_target(struct pp_migration *m, struct page *old);
bool pp_migrate_isolate(struct page *page, struct list_head *to);
void pp_migrate_putback(struct list_head *list);

/* coherent.c */
bool pp_coherent_isolate(struct page *head, struct list_head *to);
int pp_coherent_leave(struct list_head *list);

/* migrate_entry.c: page locked */
bool pp_try_to_migrate(struct page *head, struct anon_vma *av);
void pp_remove_migration_entries(struct page *old, struct page *new,
				 struct anon_vma *av);

#endif
