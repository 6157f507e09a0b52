/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagecache/internal.h - what the files of this room share
 */
#ifndef PP_PAGECACHE_INTERNAL_H
#define PP_PAGECACHE_INTERNAL_H

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bug.h"
#include "pagecache/pagecache.h"

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE	0x01
#define FALLOC_FL_PUNCH_HOLE	0x02
#define FALLOC_FL_ZERO_RANGE	0x10
#endif

#define PP_LOFF_MAX	INT64_MAX
#define PP_INDEX_MAX	((unsigned long)PP_LOFF_MAX >> PAGE_SHIFT)
#define PP_MAX_RW_COUNT	((size_t)(INT_MAX & PAGE_MASK))

/* public functions of files: "if (!pp_file_ok(file)) return -EINVAL;" */
bool pp_file_bad(const struct file *file, const char *func);
#define pp_file_ok(file) (pp_ready() && !pp_file_bad((file), __func__))
bool pp_mapping_bad(const struct address_space *mapping, const char *func);
#define pp_mapping_ok(mapping) \
	(pp_ready() && !pp_mapping_bad((mapping), __func__))
bool pp_cache_page_bad(const struct page *page, const char *func);
#define pp_cache_page_ok(page) (pp_ready() && !pp_cache_page_bad((page), __func__))

/* filemap.c */
struct page *pp_find_tagged(struct address_space *mapping, unsigned long *index,
			    unsigned long end, enum pp_xa_mark tag);
int pp_read_page_locked(struct file *file, struct page *head);
bool pp_page_lock_held(const struct page *head);

/* large.c */
struct page *pp_create_folio(struct address_space *mapping, unsigned long index);
void pp_erase_folio(struct address_space *mapping, struct page *head);
unsigned long pp_truncate_folio(struct address_space *mapping, unsigned long index,
				loff_pp start, loff_pp end);

/* shmem_huge.c */
void pp_shmem_huge_boot(void);
bool pp_shmem_is_huge(struct address_space *mapping, unsigned long index,
		      enum pinpage_huge mount, enum pp_huge_advice advice);

/* dirty.c */
extern atomic_long_t pp_nr_dirty;	/* for the limits; vmstat has its own */
extern atomic_long_t pp_nr_writeback;
void pp_account_cleaned(struct page *head);
extern const struct pp_rmap_ops *pp_rmap;

/* writeback.c */
int pp_write_cache_pages(struct address_space *mapping,
			 struct writeback_control *wbc);
int pp_filemap_write_range(struct address_space *mapping, loff_pp start,
			   loff_pp end, enum pinpage_sync_mode mode);
void pp_filemap_wait_range(struct address_space *mapping, loff_pp start,
			   loff_pp end);
int pp_filemap_check_errors(struct address_space *mapping);
int pp_filemap_write_and_wait_range(struct address_space *mapping,
				    loff_pp start, loff_pp end);
long pp_write_inode(struct inode *inode, enum pinpage_sync_mode mode);

/* bounce.c */
int pp_bounce_start(struct page *head, const void **data);
bool pp_bounced(const struct page *head);
void pp_bounce_end(struct page *head);
void pp_bounce_reset(void);

/* errseq.c */
void pp_errseq_set(uint32_t *seq, int error);
uint32_t pp_errseq_sample(const uint32_t *seq);
int pp_errseq_check_and_advance(uint32_t *seq, uint32_t *since);

/* dax.c */
int pp_break_layout(struct inode *inode);

/* truncate.c, invalidate.c */
void pp_unmap_range(struct address_space *mapping, unsigned long start,
		    unsigned long nr, bool even_cows);
int pp_set_size(struct inode *inode, loff_pp length);
void pp_empty_mapping(struct address_space *mapping);
unsigned long pp_invalidate_mapping(struct address_space *mapping,
				    unsigned long start, unsigned long end);
int pp_invalidate_pages2(struct address_space *mapping, unsigned long start,
			 unsigned long end);
bool pp_remove_mapping_as(struct address_space *mapping, struct page *head,
			  bool evict);

/* rw.c: under i_rwsem (write) */
ssize_t pp_buffered_write(struct file *file, const void *buf, size_t count,
			  loff_pp pos);
ssize_t pp_buffered_read(struct file *file, void *buf, size_t count,
			 loff_pp pos);
int pp_rw_verify(const struct file *file, loff_pp pos, size_t *count,
		 bool write);
void pp_i_size_write(struct inode *inode, loff_pp size);
/* dio.c */
ssize_t pp_direct_rw(struct file *file, bool write, char *buf, size_t count,
		     loff_pp pos);

/* inode.c */
struct inode *pp_iget(struct super_block *sb, const char *name, int flags,
		      int mode);
void pp_iput(struct inode *inode);
int pp_inode_unlink(struct super_block *sb, const char *name);
bool pp_inodes_break_locks(struct super_block *sb);
void pp_evict_inodes(struct super_block *sb);
/* calls @fn for every inode in memory, holding a reference; stops at < 0 */
long pp_for_each_inode(struct super_block *sb,
		       long (*fn)(struct inode *inode, void *arg), void *arg);

/* mount.c */
bool pp_sb_get(struct super_block *sb);	/* false: not mounted (any more) */
void pp_sb_put(struct super_block *sb);
/* calls @fn for every mount, with s_umount held for read; stops at < 0 */
long pp_for_each_sb(struct super_block *only, bool wait,
		    long (*fn)(struct super_block *sb, void *arg), void *arg);
struct super_block *pp_shmem_sb(void);	/* ERR_PTR */
struct super_block *pp_hugetlb_sb(void);	/* ERR_PTR */
struct file *pp_anon_file_setup(struct super_block *sb, const char *name, loff_pp size);
void pp_hugetlbfs_boot(void);
void pp_mount_boot(void);
void pp_mount_shutdown(void);

/* file.c */
unsigned int pp_close_all(struct super_block *sb);

/* flusher.c */
void pp_flusher_stop(void);
void pp_set_dirty_limits(const struct pinpage_dirty_limits *limits);
int pp_fsync_range(struct file *file, loff_pp start, loff_pp end, int datasync);

/* inject.c */
void pp_inject_reset(void);

#endif
