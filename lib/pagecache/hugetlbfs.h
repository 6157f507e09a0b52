/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagecache/hugetlbfs.h - files of huge pages, as the fault side sees them
 *
 * Indices are in huge pages. The calls are made with the file's mutex held,
 * pp_hugetlb_lock(), which is taken below mmap_lock and above the reverse map.
 */
#ifndef PP_PAGECACHE_HUGETLBFS_H
#define PP_PAGECACHE_HUGETLBFS_H

#include "pagecache/pagecache.h"

extern const struct pp_fs_type pp_hugetlbfs;

bool pp_is_hugetlb_file(const struct file *file);
void pp_hugetlb_lock(struct address_space *mapping);
void pp_hugetlb_unlock(struct address_space *mapping);
/* a huge page that is about to move or has failed; no page lock */
struct address_space *pp_hugetlb_hold(struct page *head);
void pp_hugetlb_let_go(struct address_space *mapping);
int pp_hugetlb_move(struct page *new, struct page *old);
bool pp_hugetlb_any_held(struct address_space *mapping);
struct page *pp_hugetlb_find(struct address_space *mapping, unsigned long index);
int pp_hugetlb_add(struct address_space *mapping, unsigned long index,
		   struct page **headp);
int pp_hugetlb_reserve_range(struct address_space *mapping, unsigned long first,
			     unsigned long behind);
/* an unlinked file of huge pages; ERR_PTR(-ENOMEM) */
struct file *pp_hugetlb_file_setup(const char *name, loff_pp size);

#endif
