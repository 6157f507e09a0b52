/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * pagecache.h - files, their cached pages, dirtying, writeback, truncation
 *
 * Rules for callers:
 * - all calls but the ones that say "any context" sleep: process context, no
 *   spinlock, no page lock held;
 * - a page that a lookup returns has a reference: drop it by put_page();
 * - a file is closed once by filp_close() for each filp_open() and
 *   get_file(); a mapping (VMA) holds its own reference;
 * - a mapping or a page's mapping is valid as long as a file of it is open;
 * - calls before pinpage_boot() or after shutdown, and NULL or ERR_PTR files,
 *   warn once and give -EINVAL (NULL, 0 or false where no errno fits);
 * - nothing is durable before fsync() returned 0.
 *
 * Mirrors: include/linux/pagemap.h, fs.h, writeback.h, falloc.h
 */
#ifndef PINPAGE_PAGECACHE_H
#define PINPAGE_PAGECACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <pinpage/api.h>
#include <pinpage/page.h>

#ifdef __cplusplus
extern "C" {
#endif

struct address_space;
struct file;
struct inode;
struct super_block;
struct pinpage_bdev;

typedef int64_t pinpage_loff_t;

enum pinpage_sync_mode { PINPAGE_WB_SYNC_NONE, PINPAGE_WB_SYNC_ALL };

/* -- block device of blkfs: 4 KiB blocks, volatile write cache -- */
struct pinpage_bdev_config {
	uint64_t blocks;	/* capacity */
	const char *path;	/* NULL: in memory; else a host file, created if absent */
	bool write_cache;	/* volatile cache: durable only after a flush */
	bool stable_writes;	/* needs pages that do not change under I/O */
};

/**
 * pinpage_bdev_create() - make a block device
 * @config: size, place and habits
 * @bdev:   out, the caller's until pinpage_bdev_destroy(); untouched on error
 *
 * Return: 0; -EINVAL (NULL, no blocks), -ENOMEM, or what opening @path gave
 */
PINPAGE_API int pinpage_bdev_create(const struct pinpage_bdev_config *config,
				    struct pinpage_bdev **bdev);

/**
 * pinpage_bdev_destroy() - take it away; a host file stays
 * Return: 0, for NULL too; -EBUSY while mounted
 */
PINPAGE_API int pinpage_bdev_destroy(struct pinpage_bdev *bdev);

/**
 * pinpage_bdev_power_cut() - what was not flushed is forgotten
 *
 * All I/O fails with -EIO until pinpage_bdev_power_on(). Emits POWER_CUT.
 */
PINPAGE_API void pinpage_bdev_power_cut(struct pinpage_bdev *bdev);
PINPAGE_API void pinpage_bdev_power_on(struct pinpage_bdev *bdev);

enum pinpage_io { PINPAGE_IO_READ, PINPAGE_IO_WRITE, PINPAGE_IO_FLUSH };

/**
 * pinpage_inject_io() - make storage fail
 * @kind:   which I/O counts
 * @nth:    it happens at the n-th from now, 1 being the next; 0: never
 * @error:  positive errno; 0: EIO
 * @sticky: all I/O of that kind after it too
 *
 * One plan per kind; a call replaces the plan before. Any context.
 */
PINPAGE_API void pinpage_inject_io(enum pinpage_io kind, unsigned long nth,
				   int error, bool sticky);

/* -- mounting -- */

/* which files in memory get huge pages: huge= of tmpfs, and shmem_enabled */
enum pinpage_huge {
	PINPAGE_HUGE_NEVER,
	PINPAGE_HUGE_ALWAYS,
	PINPAGE_HUGE_WITHIN_SIZE,	/* where the file has all of it; or ADVISE */
	PINPAGE_HUGE_ADVISE,		/* areas with MADV_HUGEPAGE */
	PINPAGE_HUGE_DENY,		/* shmem_enabled: none, whatever a mount says */
	PINPAGE_HUGE_FORCE,		/* shmem_enabled: all, whatever a mount says */
};

struct pinpage_mount_options {
	const char *root;		/* hostfs: directory on the host */
	struct pinpage_bdev *bdev;	/* blkfs */
	bool checksums;			/* blkfs: a checksum per block, checked at read */
	bool stable_pages;		/* blkfs: wait for writeback before a page changes */
	bool cow;			/* blkfs: every writeback allocates a new block */
	bool format;			/* blkfs: make an empty file system first */
	uint64_t size;			/* tmpfs: bytes that its files may take; 0: any */
	enum pinpage_huge huge;		/* tmpfs: not DENY, not FORCE */
};

/**
 * pinpage_mount() - mount a file system
 * @fstype:  "ramfs", "tmpfs" (or "shmem"), "hugetlbfs", "daxfs", "hostfs",
 *           "blkfs"
 * @options: NULL: all zero
 * @sb:      out; untouched on error
 *
 * Return: 0; -ENODEV: no such file system; -EINVAL, -ENOMEM, or what the
 *         file system says (-EIO, -ENOENT, -EBUSY, ...)
 */
PINPAGE_API int pinpage_mount(const char *fstype,
			      const struct pinpage_mount_options *options,
			      struct super_block **sb);

/**
 * pinpage_set_shmem_enabled() - huge pages of memfds and shared anonymous memory
 * @huge: PINPAGE_HUGE_*; NEVER after boot
 *
 * DENY and FORCE are for tmpfs mounts, too. Areas with MADV_NOHUGEPAGE get none.
 * What is in memory stays as it is.
 *
 * Context: any. Locking: none.
 * Return:  0; -EINVAL: no such value, not booted.
 * Mirrors: mm/shmem.c:shmem_enabled_store(), /sys/kernel/mm/
 *          transparent_hugepage/shmem_enabled 6.1; differs: none. Since: 0.1
 */
PINPAGE_API int pinpage_set_shmem_enabled(enum pinpage_huge huge);

/**
 * pinpage_umount() - write everything back and forget the mount
 *
 * Return: 0; -EBUSY: files are open (or mapped), nothing has happened;
 *         -EINVAL: not mounted; -EIO, -ENOSPC: unmounted, but something could
 *         not be written
 */
PINPAGE_API int pinpage_umount(struct super_block *sb);

/**
 * pinpage_umount_lost() - after a power cut: drop the cache unwritten
 *
 * Files must be closed before; else it warns and does nothing.
 */
PINPAGE_API void pinpage_umount_lost(struct super_block *sb);

/* -- files; flags are the O_* of <fcntl.h> -- */

/**
 * pinpage_filp_open() - open or create a file
 * @name:  1 to 255 bytes
 * @flags: access mode, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_DIRECT, O_SYNC
 * @mode:  permissions of a new file
 *
 * Return: file, or ERR_PTR: -ENOENT, -EEXIST, -ENAMETOOLONG, -ENOTDIR
 *         (O_DIRECTORY), -EINVAL (flags, O_DIRECT where there is none, not
 *         mounted), -ENOMEM, or what the file system says
 * Mirrors: fs/open.c:filp_open(); differs: one flat directory a mount
 */
PINPAGE_API struct file *pinpage_filp_open(struct super_block *sb,
					   const char *name, int flags,
					   int mode);

/**
 * pinpage_filp_close() - drop a reference; the last one closes
 *
 * Writes nothing. Return: 0 or -EINVAL.
 */
PINPAGE_API int pinpage_filp_close(struct file *file);

/**
 * pinpage_get_file() - another reference
 * Any context. Return: @file, or NULL for a bad pointer.
 */
PINPAGE_API struct file *pinpage_get_file(struct file *file);

/**
 * pinpage_unlink() - remove a name; the file goes when nobody uses it
 * Return: 0; -ENOENT, -ENAMETOOLONG, -EINVAL (not mounted), -ENOMEM, ...
 */
PINPAGE_API int pinpage_unlink(struct super_block *sb, const char *name);

/**
 * pinpage_pread() - read from a file
 * @buf:   @count bytes of host memory
 * @pos:   byte offset
 *
 * Return: bytes, fewer at EOF or when an error came half-way; else -EBADF
 *         (write-only), -EINVAL (@pos negative, the end wraps, O_DIRECT not
 *         aligned to 512), -EFAULT (NULL @buf), -EIO, -ENOMEM
 */
PINPAGE_API ssize_t pinpage_pread(struct file *file, void *buf, size_t count,
				  pinpage_loff_t pos);

/**
 * pinpage_pwrite() - write to a file
 *
 * As pinpage_pread(), except: O_APPEND ignores @pos; O_SYNC and O_DSYNC make
 * the bytes durable; -EBADF (read-only), -EFBIG (beyond what the file system
 * holds), -ENOSPC, -EINTR (killed), -EPERM (sealed).
 */
PINPAGE_API ssize_t pinpage_pwrite(struct file *file, const void *buf,
				   size_t count, pinpage_loff_t pos);

/**
 * pinpage_kernel_read(), pinpage_kernel_write() - at a position that moves
 * @pos: in and out; NULL: the file's own, for one user at a time
 *
 * As pinpage_pread(), pinpage_pwrite().
 */
PINPAGE_API ssize_t pinpage_kernel_read(struct file *file, void *buf,
					size_t count, pinpage_loff_t *pos);
PINPAGE_API ssize_t pinpage_kernel_write(struct file *file, const void *buf,
					 size_t count, pinpage_loff_t *pos);

/**
 * pinpage_ftruncate() - set the size of a file
 *
 * Pages behind the end leave the cache and all mappings, pinned or not: who
 * pins one keeps an orphan, its mapping NULL.
 *
 * On daxfs, whose pages are the storage, it waits until nobody holds one; so
 * does punching.
 *
 * Return: 0; -EINVAL (negative, not open for writing, secret memory that has a
 *         size), -EPERM (sealed), -ERESTARTSYS (512: a signal came while
 *         waiting), -EFBIG, -ENOSPC, -EIO
 */
PINPAGE_API int pinpage_ftruncate(struct file *file, pinpage_loff_t length);

/**
 * pinpage_dax_break_layout() - nobody shall map or hold blocks of a daxfs file
 * @start, @end: first and last byte of the range
 * @wait:        for who holds a page; else the call does not block
 *
 * What truncation and punching do first; a driver that moves blocks of its file
 * does so, too. Nothing to do on other file systems.
 *
 * Context: process; sleeps. Locking: takes i_rwsem and invalidate_lock.
 * Return: 0: every page of the range was unmapped and idle; -ERESTARTSYS (512):
 *         one is held and !@wait, or a signal came; -EINVAL (no file, range)
 * Mirrors: fs/dax.c:dax_break_layout() 6.15; differs: @wait for the callback.
 * Since: 0.1
 */
PINPAGE_API int pinpage_dax_break_layout(struct file *file, pinpage_loff_t start,
					 pinpage_loff_t end, bool wait);

/**
 * pinpage_fallocate() - reserve, punch or zero [offset, offset + len)
 * @mode: 0 or FALLOC_FL_KEEP_SIZE: reserve; FALLOC_FL_PUNCH_HOLE |
 *        FALLOC_FL_KEEP_SIZE; FALLOC_FL_ZERO_RANGE [| FALLOC_FL_KEEP_SIZE]
 *
 * Cached pages go as with pinpage_ftruncate(), but private copies of them stay
 * mapped: only a new end of file takes those.
 *
 * Return: 0; -EOPNOTSUPP (mode), -EINVAL (range), -EBADF (not open for
 *         writing), -EPERM (sealed), -EFBIG, -ENOSPC, -EIO, -EINTR (killed)
 */
PINPAGE_API int pinpage_fallocate(struct file *file, int mode,
				  pinpage_loff_t offset, pinpage_loff_t len);

/**
 * pinpage_fsync() - everything written before is durable when it returns 0
 * @datasync: leave out what reading the bytes does not need
 *
 * Reports each writeback error once per open file. What it does with pinned
 * pages is the rules' say (writeback_pinned); under stay-dirty-wait it waits
 * for the pins.
 *
 * Return: 0; -EIO, -ENOSPC, -ENOMEM (no snapshot possible); -EINVAL
 * Mirrors: fs/sync.c:vfs_fsync()
 */
PINPAGE_API int pinpage_fsync(struct file *file, int datasync);

/* As pinpage_fsync() for bytes [start, end]; -EINVAL: start < 0, end < start */
PINPAGE_API int pinpage_fsync_range(struct file *file, pinpage_loff_t start,
				    pinpage_loff_t end, int datasync);

/**
 * pinpage_sync_file_range() - start or await writing; nothing becomes durable
 * @nbytes: 0: to the end
 * @flags:  SYNC_FILE_RANGE_WAIT_BEFORE, _WRITE, _WAIT_AFTER
 *
 * Return: 0; -EINVAL (flags, range); -EIO, -ENOSPC
 */
PINPAGE_API int pinpage_sync_file_range(struct file *file,
					pinpage_loff_t offset,
					pinpage_loff_t nbytes,
					unsigned int flags);

/* size in bytes; any context */
PINPAGE_API pinpage_loff_t pinpage_i_size_read(const struct file *file);
/* st_blocks: storage taken, in units of 512 bytes */
PINPAGE_API uint64_t pinpage_file_blocks(struct file *file);

/**
 * pinpage_durable_read() - what stable storage holds now, past every cache
 *
 * What a read after a power cut would give; for verification.
 *
 * Return: bytes, 0 behind the stored end; -EINVAL, -EFAULT, -EIO;
 *         -EOPNOTSUPP where nothing is ever durable (ramfs)
 */
PINPAGE_API ssize_t pinpage_durable_read(struct file *file, void *buf,
					 size_t count, pinpage_loff_t pos);

/**
 * pinpage_direct_io() - between storage and pages that the caller holds
 * @pages:  @offset is in the first; enough for @len bytes
 * @offset: less than PAGE_SIZE; like @len and @pos a multiple of 512
 *
 * Coherent with the cache by the kernel's rules: dirty pages of the range are
 * written before; a write also drops them, pinned or not. User-memory direct
 * I/O is in gup.h.
 *
 * Return: bytes; -EINVAL (alignment, pages, no direct I/O here), -EBADF,
 *         -EFBIG, -EIO, -ENOSPC
 */
PINPAGE_API ssize_t pinpage_direct_io(struct file *file, bool write,
				      struct page **pages, size_t offset,
				      size_t len, pinpage_loff_t pos);

/* any context */
PINPAGE_API struct address_space *pinpage_file_mapping(const struct file *file);
/* the file's name, for reports; never NULL */
PINPAGE_API const char *pinpage_mapping_name(const struct address_space *mapping);

/* -- files in memory without a name; MFD_* of <sys/mman.h>, F_SEAL_* of <fcntl.h> -- */

/**
 * pinpage_memfd_create() - a file in memory that has no name
 * @name:  for reports, at most 249 bytes
 * @flags: MFD_CLOEXEC (means nothing here), MFD_ALLOW_SEALING, MFD_HUGETLB with
 *         a size; from 6.3 MFD_EXEC or MFD_NOEXEC_SEAL
 *
 * Open for reading and writing, empty, sealed against seals unless
 * MFD_ALLOW_SEALING or MFD_NOEXEC_SEAL is given. Mapped shared it is what
 * MAP_SHARED|MAP_ANONYMOUS memory is.
 *
 * Context: process; may sleep. Locking: none.
 * Return:  file, for pinpage_filp_close(); ERR_PTR: -EINVAL (flags, a longer
 *          name), -EFAULT (NULL @name), -ENODEV (MFD_HUGETLB of another
 *          size), -ENOMEM
 * Mirrors: mm/memfd.c:memfd_create(); differs: no descriptor. Since: 0.1
 */
PINPAGE_API struct file *pinpage_memfd_create(const char *name, unsigned int flags);

/**
 * pinpage_memfd_add_seals() - forbid ways to change a file in memory, for good
 * @seals: F_SEAL_SEAL, _SHRINK, _GROW, _WRITE, _FUTURE_WRITE; _EXEC from 6.3
 *
 * With F_SEAL_WRITE nobody can write any more: there is no shared mapping that
 * may, and nobody holds a page, as a device does by GUP. It waits up to 150 ms
 * for such references to go.
 *
 * Context: process; may sleep. Locking: none.
 * Return:  0; -EPERM (F_SEAL_SEAL is set; not open for writing), -EINVAL
 *          (unknown seals, a file that has none), -EBUSY (F_SEAL_WRITE:
 *          mapped writably, or a page is held; nothing is sealed then)
 * Mirrors: mm/memfd.c:memfd_add_seals(). Since: 0.1
 */
PINPAGE_API int pinpage_memfd_add_seals(struct file *file, unsigned int seals);

/* the seals; -EINVAL: a file that has none. Any context. */
PINPAGE_API int pinpage_memfd_get_seals(struct file *file);

/**
 * pinpage_memfd_secret() - a file whose memory only its process can see
 * @flags: O_CLOEXEC, which means nothing here
 *
 * Empty; pinpage_ftruncate() sets the size, once. It can be mapped shared, is
 * locked memory then, and reached through the mapping alone: read() and
 * write() are -EINVAL, the GUP family -EFAULT, devices cannot be given it.
 *
 * Context: process; may sleep. Locking: none.
 * Return:  file, for pinpage_filp_close(); ERR_PTR: -ENOSYS (rules before
 *          5.14), -EINVAL (flags), -ENOMEM
 * Mirrors: mm/secretmem.c:memfd_secret(). Since: 0.1
 */
PINPAGE_API struct file *pinpage_memfd_secret(unsigned int flags);

/* -- pages of a file -- */

/**
 * pinpage_find_get_page() - look a page up, without a lock
 * @index: offset in pages
 *
 * Context: any but hard atomic. Return: page with a reference, or NULL.
 */
PINPAGE_API struct page *pinpage_find_get_page(struct address_space *mapping,
					       unsigned long index);
/* As pinpage_find_get_page(), except: sleeps; the page is locked. */
PINPAGE_API struct page *pinpage_find_lock_page(struct address_space *mapping,
						unsigned long index);

/**
 * pinpage_read_mapping_page() - the page of an index, read in if need be
 * @file: for the file system; may be NULL
 *
 * Return: page with a reference, uptodate; ERR_PTR: -EINVAL, -ENOMEM, -EIO
 */
PINPAGE_API struct page *pinpage_read_mapping_page(struct address_space *mapping,
						   unsigned long index,
						   struct file *file);

/**
 * pinpage_set_page_dirty() - the page's bytes have changed
 *
 * The caller holds the page lock, or a PTE lock of a mapping of the page; else
 * truncation may come between and the mark means nothing. Never reserves
 * storage: see page_mkwrite. Any context.
 *
 * Return: true: it was clean
 */
PINPAGE_API bool pinpage_set_page_dirty(struct page *page);
/* As pinpage_set_page_dirty(), except: takes the page lock, so it sleeps. */
PINPAGE_API bool pinpage_set_page_dirty_lock(struct page *page);

/**
 * pinpage_clear_page_dirty_for_io() - take the mark, to write the page
 *
 * The caller holds the page lock. Dirty PTEs are folded in and made read-only.
 * Pins are not looked at. Return: true: it was dirty, now write it.
 */
PINPAGE_API bool pinpage_clear_page_dirty_for_io(struct page *page);

/**
 * pinpage_filemap_fdatawrite() - write all dirty pages (WB_SYNC_ALL)
 * Return: 0, -EINVAL, or the first error
 */
PINPAGE_API int pinpage_filemap_fdatawrite(struct address_space *mapping);
/* wait for all writeback; 0, or an error not reported by this call before */
PINPAGE_API int pinpage_filemap_fdatawait(struct address_space *mapping);
PINPAGE_API int pinpage_filemap_write_and_wait(struct address_space *mapping);
/* WB_SYNC_NONE: what can be written without waiting */
PINPAGE_API int pinpage_filemap_flush(struct address_space *mapping);

/**
 * pinpage_invalidate_mapping_pages() - drop clean pages that nobody uses
 * @start, @end: pages, inclusive
 * Return: pages dropped
 */
PINPAGE_API unsigned long pinpage_invalidate_mapping_pages(
	struct address_space *mapping, unsigned long start, unsigned long end);

/**
 * pinpage_invalidate_inode_pages2_range() - drop pages whoever holds them
 * Return: 0; -EBUSY: a page stayed (dirty, private data); -EINVAL
 */
PINPAGE_API int pinpage_invalidate_inode_pages2_range(
	struct address_space *mapping, unsigned long start, unsigned long end);

/* the polite form for every file of every mount */
PINPAGE_API void pinpage_drop_caches(void);
/* pages in the cache; any context */
PINPAGE_API unsigned long pinpage_mapping_nrpages(const struct address_space *mapping);

/* -- flusher -- */
struct pinpage_dirty_limits {
	unsigned long background_pages;	/* flusher starts above; 0 = 10 % of memory */
	unsigned long limit_pages;	/* writers wait above; 0 = 20 % */
	unsigned int interval_ms;	/* dirty_writeback_centisecs: 5000 */
	unsigned int expire_ms;		/* dirty_expire_centisecs: 30000 */
};

/**
 * pinpage_flusher_start() - start the background flusher
 * @limits: NULL: those of the last start, at first those of struct
 *          pinpage_config
 *
 * Return: 0; -EBUSY: it runs; -ENOMEM, -EINVAL
 */
PINPAGE_API int pinpage_flusher_start(const struct pinpage_dirty_limits *limits);
/* stops it if it runs; the limits stay */
PINPAGE_API void pinpage_flusher_stop(void);

/**
 * pinpage_writeback() - one pass over the dirty files
 * @sb:   NULL: of all mounts
 * @mode: WB_SYNC_ALL waits for the I/O, as sync(2)
 *
 * Return: pages written; -EINVAL (not mounted, @mode); the first error of a
 *         page (it is recorded in the file too)
 */
PINPAGE_API long pinpage_writeback(struct super_block *sb,
				   enum pinpage_sync_mode mode);

#ifdef __cplusplus
}
#endif

#endif
