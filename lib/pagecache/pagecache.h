/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagecache/pagecache.h - address_space, inode, file as the rooms above and
 * the file-system models see them
 *
 * Lock order: i_rwsem, mmap_lock, invalidate_lock, page lock, i_pages lock,
 * the file system's own. sb->lock and s_umount are outside of all ranks: they
 * are never taken below a page lock.
 *
 * Key: i = i_pages lock (mapping->i_pages_lock); w = i_rwsem; I = invalidate_lock;
 *      m = i_mmap_rwsem; r = atomic; c = constant after creation; s = sb->lock
 */
#ifndef PP_PAGECACHE_PAGECACHE_H
#define PP_PAGECACHE_PAGECACHE_H

#include "page/page.h"
#include "base/interval.h"
#include "base/xarray.h"
#include "base/err.h"

#include <pinpage/pagecache.h>

typedef pinpage_loff_t loff_pp;		/* 64-bit file offset */

#define PP_TAG_DIRTY		PP_XA_MARK_0
#define PP_TAG_WRITEBACK	PP_XA_MARK_1
#define PP_TAG_TOWRITE		PP_XA_MARK_2

struct writeback_control {
	enum pinpage_sync_mode sync_mode;
	long nr_to_write;
	long pages_skipped;
	long pages_written;
	loff_pp range_start, range_end;		/* bytes, end inclusive */
	bool for_reclaim, for_background, for_sync, tagged_writepages;
};

/* what the area that a page is made for says about huge pages */
enum pp_huge_advice {
	PP_HUGE_UNASKED,		/* nothing, or there is no area */
	PP_HUGE_ADVISED,
	PP_HUGE_REFUSED,
};

/*
 * A file-system model. Page locked on entry to all page calls; @page is a head
 * (folio of order 0). Models never take the page lock or i_pages lock order
 * backwards: their own locks have rank FS. A NULL member means "nothing to do"
 * (read_page: zero fill; direct_io: refused; set_size, sync: always succeed).
 */
struct address_space_operations {
	/*
	 * fill the locked page; leaves it locked; 0 or -errno. Bytes past
	 * i_size are zeroed. @file may be NULL: use page->mapping->host. The
	 * caller sets uptodate and emits READ_IN.
	 */
	int (*read_page)(struct file *file, struct page *page);
	/*
	 * page locked, dirty flag already cleared, PG_writeback not set: submit.
	 * @data: bytes to write (page_address() or a bounce snapshot; valid
	 * until pp_end_page_writeback()). The caller has emitted WB_START.
	 * Always: pp_set_page_writeback(page, false), pp_unlock_page(), then
	 * pp_end_page_writeback(), perhaps later from another task. On every
	 * return the page is unlocked. 0 or -errno (a returned error is
	 * recorded by the caller; one found after the return the model records
	 * by pp_mapping_set_error() before pp_end_page_writeback()).
	 * A page that lies past i_size is not written (still: set, unlock, end).
	 * A model that cannot write it now calls pp_redirty_page() instead and
	 * unlocks, returning 0. Want of memory is no error of the file: the
	 * page is dirty again and -ENOMEM is returned, which nobody records.
	 */
	int (*write_page)(struct page *page, struct writeback_control *wbc,
		const void *data);
	/*
	 * dirty hook; NULL: pp_folio_tag_dirty(). Must not sleep: PTE and RCU
	 * read locks may be held, the page lock may not. True: newly dirtied
	 */
	bool (*dirty_page)(struct address_space *mapping, struct page *page);
	/*
	 * before write() copies into the locked page (reserve blocks, attach
	 * private data; -ENOSPC, -EIO) / after. Page read in before if it was
	 * partial; the caller sets uptodate, dirty and i_size after write_end.
	 */
	int (*write_begin)(struct file *file, struct page *page,
		unsigned int from, unsigned int len);
	int (*write_end)(struct file *file, struct page *page,
		unsigned int from, unsigned int len);
	/*
	 * write fault on a shared mapping: page locked, still in the mapping;
	 * reserve; leaves it locked
	 */
	int (*page_mkwrite)(struct file *file, struct page *page);
	/*
	 * truncate: forget private data of the whole page (from == 0, len ==
	 * PAGE_SIZE) or part
	 */
	void (*invalidate_page)(struct page *page, unsigned int from, unsigned int len);
	/* reclaim/invalidate: true = private data released */
	bool (*release_page)(struct page *page);
	/* not NULL: read() goes here; bytes, 0 at the end, -errno */
	ssize_t (*read_bytes)(struct file *file, void *buf, size_t count, loff_pp pos);
	/* bypass the cache: pages[] with offset in the first; returns bytes or -errno */
	ssize_t (*direct_io)(struct file *file, bool write, struct page **pages,
		size_t offset, size_t len, loff_pp pos);
	/* bytes from @pos on, @len at most, that are stored, or that are not; may be NULL */
	size_t (*run)(struct inode *inode, loff_pp pos, size_t len, bool *hole);
	/*
	 * storage. set_size: called after i_size and the cache shrank, before
	 * they grow; the stored tail of the last block past @size reads as zero
	 * from then on. fallocate: cached pages of a punched or zeroed range
	 * are gone already, partial ones zeroed; the stored range reads as zero.
	 */
	int (*set_size)(struct inode *inode, loff_pp size);
	int (*fallocate)(struct file *file, int mode, loff_pp offset, loff_pp len);
	/* flush the device cache */
	int (*sync)(struct inode *inode, bool datasync);
	ssize_t (*durable_read)(struct inode *inode, void *buf, size_t count,
		loff_pp pos);
	uint64_t (*blocks)(struct inode *inode);	/* 512-byte units */
	/* sparse: no page at @index, and yet no hole (swapped out) */
	bool (*absent)(struct address_space *mapping, unsigned long index);
	/* pages of [first, last] that are absent and no holes cease to exist */
	void (*drop_absent)(struct address_space *mapping, unsigned long first,
		unsigned long last);
	/*
	 * @pages are about to enter the cache (false: no room, -ENOSPC), or
	 * have left it (negative: cannot fail); i_pages_lock may be held
	 */
	bool (*charge)(struct address_space *mapping, long pages);
	/* writeback exists: page_mkwrite on write faults, tags, WB */
	bool dirty_tracked;
	bool ram_only;		/* ramfs: dirty flag only, never written */
	bool sparse;		/* read() of a hole makes no page */
	bool sealable;		/* i_seals mean something */
	bool huge;		/* huge pages: aligned sizes, no write() */
	bool no_mlock;		/* mlock() leaves its areas alone (secretmem, DAX) */
	bool no_rw;		/* no read(), no write(): -EINVAL */
	bool fixed_size;	/* the size is set once */
	bool secret;		/* only its process may see it: no GUP, no device */
	bool dax;		/* the pages are the storage: see dax.c */
	bool no_zero_range;	/* fallocate() refuses FALLOC_FL_ZERO_RANGE */
	/* private data know neither page nor frame: they follow a page that moves */
	bool private_moves;
	bool large;		/* may have folios of more than a page: see large.c */
	/* large: shall the folio that @index is put into be huge? */
	bool (*wants_huge)(struct address_space *mapping, unsigned long index,
		enum pp_huge_advice advice);
	/* large: pages from this index on leave when a folio is split */
	unsigned long (*end)(struct address_space *mapping);
};

struct address_space {
	struct inode *host;			/* c */
	const struct address_space_operations *a_ops;	/* c */
	struct xarray i_pages;			/* i; read under RCU */
	pinpage_spinlock_t i_pages_lock;	/* rank I_PAGES */
	unsigned long nrpages;			/* i */
	struct xarray swapped;			/* i; read under RCU: shmem's entries of swap */
	unsigned long nrswapped;		/* i */
	struct pinpage_rwsem invalidate_lock;	/* faults (r) against truncate (w) */
	struct pinpage_rwsem i_mmap_rwsem;	/* m */
	/* m: VMAs by the file pages they map; see vm_area_struct.shared */
	struct pp_interval_tree i_mmap;
	atomic_t i_mmap_writable;		/* r: shared writable VMAs; -1: none may come */
	uint32_t wb_err;			/* r: errseq_t */
	/* r: PP_AS_*, errors not yet given to a waiter */
	unsigned long as_flags;
	/* i: ns + 1; when the inode first got dirty, 0 = clean */
	uint64_t dirtied_when;
};

enum { PP_AS_EIO, PP_AS_ENOSPC };		/* bits of as_flags */

struct inode {
	struct super_block *i_sb;		/* c */
	unsigned long i_ino;			/* c */
	char *name;				/* c; NULL once unlinked is fine too */
	unsigned int i_mode;			/* c: permissions, where they matter */
	unsigned int i_seals;			/* w to change: F_SEAL_*, see seals.h */
	loff_pp i_size;				/* w to change; read anywhere */
	struct pinpage_rwsem i_rwsem;		/* rank INODE */
	struct address_space i_data;
	/* references: files and walkers; s to reach 0 */
	atomic_t i_count;
	/* s: 0 = unlinked, goes with the last reference */
	unsigned int nlink;
	void *i_private;			/* file-system model's */
	struct list_head sb_link;		/* s */
	struct pinpage_rcu_head rcu;
};

struct pinpage_file_operations;

struct file {
	struct inode *f_inode;
	struct address_space *f_mapping;
	unsigned int f_flags;			/* O_* */
	bool can_read, can_write;
	atomic_t f_count;
	uint32_t f_wb_err;			/* errseq cursor */
	loff_pp f_pos;
	void *private_data;			/* a model's or a driver's, per open file */
	const struct pinpage_file_operations *f_op;	/* c: a driver's; NULL: a file */
	struct list_head f_link;		/* s: open files of the sb */
};

struct pp_fs_type {
	const char *name;
	int (*mount)(struct super_block *sb, const struct pinpage_mount_options *options);
	void (*kill_sb)(struct super_block *sb, bool lost);
	/*
	 * look up or create (O_CREAT, O_EXCL of @flags: -ENOENT, -EEXIST); fills
	 * i_private, i_size, i_data.a_ops; i_ino and nlink = 1 are set already.
	 * O_TRUNC is the caller's. Called under sb->lock, once while the inode
	 * is in memory: a second open of the name finds the same inode.
	 */
	int (*open_inode)(struct super_block *sb, const char *name, int flags,
		int mode, struct inode *inode);
	/* inode leaves memory, cache already empty; nlink == 0: free its storage */
	void (*evict_inode)(struct inode *inode);
	/*
	 * forget the name; its inode is in memory, the storage goes in
	 * evict_inode; under sb->lock
	 */
	int (*unlink)(struct super_block *sb, const char *name);
	/* optional: a file is opened/released: fills/frees file->private_data */
	int (*open_file)(struct inode *inode, struct file *file);
	void (*release_file)(struct inode *inode, struct file *file);
};
struct super_block {
	const struct pp_fs_type *type;
	void *s_fs_info;
	struct pinpage_mutex lock;		/* inode list, names */
	struct list_head inodes;		/* s */
	struct list_head link;			/* all mounts; sb_lock in mount.c */
	bool stable_writes;			/* SB_I_STABLE_WRITES */
	struct list_head files;			/* s: open files */
	unsigned long next_ino;			/* s */
	/* c: largest size; a model may lower it in mount() */
	loff_pp s_maxbytes;
	struct pinpage_rwsem s_umount;		/* walkers (r) against umount (w) */
	/* sb_lock: walkers that keep the memory */
	unsigned int s_count;
	bool dead;				/* sb_lock: unmounted */
	bool internal;				/* c: the machine's own, for shmem */
};

static inline loff_pp i_size_read(const struct inode *inode)
{
	return READ_ONCE(inode->i_size);
}

/*
 * Copy bytes that a device or another task may change meanwhile, as the
 * kernel does: torn is legal, so TSan does not look.
 */
#ifdef PP_TSAN
void pp_copy_bytes(void *dst, const void *src, size_t len);
#else
static inline void pp_copy_bytes(void *dst, const void *src, size_t len)
{
	__builtin_memcpy(dst, src, len);
}
#endif

/*
 * attach_page_private() and back: the private word holds a reference, as the
 * kernel's does. Page locked; emit PRIV_ATTACH, PRIV_RELEASE.
 */
void pp_attach_private(struct page *head, void *data);
void *pp_detach_private(struct page *head);	/* NULL: there was none */
static inline void *pp_page_private(const struct page *head)
{
	return PagePrivate(head) ? (void *)head->private : NULL;
}

/*
 * the CPU waits for writeback if the storage wants stable pages; page locked
 * or referenced
 */
void pp_wait_stable(struct page *head);

/* upward door: mm registers its reverse map */
struct pp_rmap_ops {
	/*
	 * page_mkclean(): page locked; write-protects and cleans every
	 * VM_SHARED PTE; PTEs cleaned
	 */
	int (*mkclean)(struct page *page);
	/*
	 * unmap_mapping_pages(): zap PTEs of [start, start + nr) of the file;
	 * even_cows: private copies too
	 */
	void (*unmap_mapping)(struct address_space *mapping,
		unsigned long start, unsigned long nr, bool even_cows);
	/*
	 * page locked: unmap one page or folio everywhere (all PTEs and huge
	 * leaves), folding their dirty bits into PG_dirty
	 */
	void (*unmap_page)(struct page *page);
	/* folio locked, one reference of the caller's: 0; or it stays whole */
	int (*split)(struct page *head);
};
void pp_set_rmap_ops(const struct pp_rmap_ops *ops);

/* upward door: where pages of shared memory can go; mm registers swap */
struct pp_swap_ops {
	/* locked page, up to date: into the swap cache; its entry, with a user; 0: no */
	unsigned long (*add)(struct page *head);
	/* the bytes that an entry stands for into another page; 0 or -errno */
	int (*read)(unsigned long entry, struct page *page);
	/* the user is gone */
	void (*free)(unsigned long entry);
};
void pp_set_swap_ops(const struct pp_swap_ops *ops);
/* reclaim: from its file into the swap cache; page locked; false: it stays */
bool pp_shmem_swap_out(struct page *head);
/* swapoff: read back what @match says; 0 or -errno */
int pp_shmem_unuse(bool (*match)(unsigned long entry, void *arg), void *arg);

/* lookups: see filemap.c */
/* RCU; silent reference */
struct page *pp_find_get_page(struct address_space *mapping, unsigned long index);
/* locked + silent reference, or NULL */
struct page *pp_find_lock_page(struct address_space *mapping, unsigned long index);
/* find or make: locked + silent reference, perhaps not uptodate; ERR_PTR */
struct page *pp_find_or_create_page(struct address_space *mapping,
				    unsigned long index);
struct page *pp_find_or_create_page_as(struct address_space *mapping,
				       unsigned long index, enum pp_huge_advice advice);
/* find or read: uptodate, silent reference, unlocked; ERR_PTR(-EIO, -ENOMEM, ...) */
struct page *pp_read_cache_page(struct address_space *mapping,
	unsigned long index, struct file *file);
/*
 * fault side: uptodate + locked + silent reference, or ERR_PTR: -ENXIO beyond
 * EOF, -EIO, -ENOMEM
 */
struct page *pp_filemap_fault_page(struct file *file, unsigned long index,
	enum pp_huge_advice advice);
/* the very page of @index, of a folio that was found there */
static inline struct page *pp_folio_page(struct page *head, unsigned long index)
{
	return likely(!PageHead(head)) ? head : head + (index - head->index);
}
/* does the file end before the page of @index begins? */
static inline bool pp_beyond_eof(const struct inode *inode, unsigned long index)
{
	return index >= DIV_ROUND_UP((uint64_t)i_size_read(inode), PAGE_SIZE);
}
/* the index behind what @head, locked or referenced in its file, covers */
static inline unsigned long pp_next_index(const struct page *head)
{
	return head->index + folio_nr_pages((const struct folio *)head);
}
/*
 * write fault on a shared mapping: notify the fs (page_mkwrite), dirty; page
 * locked in and out; 0, -EFAULT-class errno, -EAGAIN if truncated
 */
int pp_filemap_page_mkwrite(struct file *file, struct page *page);

/* before user pages are acquired for direct I/O, and with them: see dio.c */
enum pp_dio_state { PP_DIO_FRESH, PP_DIO_PREPARED, PP_DIO_CACHED };
int pp_direct_prepare(struct file *file, bool write, size_t len, loff_pp pos);
size_t pp_direct_run(struct file *file, loff_pp pos, size_t len, bool *hole);
ssize_t pp_direct_io(struct file *file, bool write, struct page **pages,
		     size_t offset, size_t len, loff_pp pos, int state);

/* dirtying: the one place each */
/* mapping's hook; no lock taken; emits DIRTY */
bool pp_set_page_dirty(struct page *head);
/* for dirty_page hooks: flag + tag + counters + inode list */
bool pp_folio_tag_dirty(struct address_space *mapping, struct page *head);
bool pp_cancel_dirty(struct page *head);
/* write_page: not now */
void pp_redirty_page(struct writeback_control *wbc, struct page *head);
bool pp_clear_page_dirty_for_io(struct page *head,
	struct writeback_control *wbc, bool *bounce);
void pp_set_page_writeback(struct page *head, bool keep_towrite);
void pp_end_page_writeback(struct page *head);
/* throttles the writer above the limit; may sleep */
void pp_balance_dirty_pages(void);

/* removal */
/* bytes, end exclusive; zeroes partial pages */
void pp_truncate_range(struct inode *inode, loff_pp start, loff_pp end);
/* reclaim: freeze, dirty test, remove; page locked */
bool pp_remove_mapping(struct address_space *mapping, struct page *head);
/* collapse.c: pages of a file become a folio. 0; 1: it is there; -errno */
int pp_collapse_scan(struct address_space *mapping, unsigned long first, bool policy);
int pp_collapse_folio(struct address_space *mapping, unsigned long first);
/* large.c: a folio of a file becomes pages; locked, unmapped; true: done */
bool pp_cache_split(struct address_space *mapping, struct page *head,
		    struct list_head *list);
void pp_delete_from_page_cache(struct page *head);	/* page locked */
bool pp_delete_if_unused(struct page *head, int expected);
/*
 * migrate.c: locked @new takes the place of locked, unmapped @old, its bytes
 * and flags are the caller's to copy. 0; -EAGAIN: somebody else holds @old
 */
int pp_migrate_cache_page(struct page *new, struct page *old);

/*
 * reclaim writes a dirty file page, page locked; see pageout(). 0: submitted,
 * -EIO and the like: failed and recorded; in both cases the page is unlocked.
 * -EBUSY: kept, page still locked (pinned and skipped, or nowhere to write to).
 */
int pp_pageout(struct page *head);

/* flusher.c */
bool pp_flusher_helps(void);
void pp_wakeup_flusher(void);
void pp_flusher_wait(uint64_t timeout_ns);

/* errors: errseq */
void pp_mapping_set_error(struct address_space *mapping, int error);
/* reports once per file: -EIO, -ENOSPC or 0 */
int pp_file_check_error(struct file *file);

struct file *pp_get_file(struct file *file);
void pp_fput(struct file *file);

/* shmem for MAP_SHARED|MAP_ANONYMOUS: an unlinked file */
struct file *pp_shmem_file_setup(const char *name, loff_pp size);	/* ERR_PTR */
bool pp_shmem_mapping(const struct address_space *mapping);
bool pp_shmem_may_collapse(struct address_space *mapping, unsigned long index,
	enum pp_huge_advice advice, bool asked);

/* true: fail this I/O with -*error */
bool pp_inject_io_error(enum pinpage_io kind, int *error);

extern const struct pp_fs_type pp_ramfs, pp_hostfs, pp_blkfs, pp_tmpfs, pp_shmem, pp_daxfs;

/*
 * another file system for pinpage_mount(), until shutdown; -ENOSPC when the
 * table is full
 */
int pp_register_fs(const struct pp_fs_type *type);

int pp_pagecache_boot(const struct pinpage_dirty_limits *limits);
/* closes what is open, reporting it; drops all pages */
void pp_pagecache_shutdown(void);

#endif
