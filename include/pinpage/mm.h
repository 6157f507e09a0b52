/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm.h - address spaces: mapping, faulting, forking, reclaiming, user copies
 *
 * Rules for callers:
 * - An address space has users (pinpage_mmget/mmput: mappings live) and
 *   counts (pinpage_mmgrab/mmdrop: the structure lives). Who got it from
 *   pinpage_mm_alloc() or pinpage_fork_mm() owns one user.
 * - "System calls" and user copies work on current->mm; pinpage_use_mm() sets
 *   it. A task resets it to NULL before it ends.
 * - User addresses are numbers: only the functions below reach their bytes.
 * - mmap_lock comes before page locks and after i_rwsem; system calls and user
 *   copies take it, so the caller must not hold it.
 *
 * Mirrors: include/linux/mm.h, sched/mm.h, uaccess.h, rmap.h (6.1).
 */
#ifndef PINPAGE_MM_H
#define PINPAGE_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>	/* PROT_*, MAP_*, MADV_*, MS_*, MREMAP_* */

#include <pinpage/api.h>
#include <pinpage/page.h>
#include <pinpage/pagecache.h>

#ifdef __cplusplus
extern "C" {
#endif

struct mm_struct;
struct vm_area_struct;

#define PINPAGE_TASK_SIZE ((1UL << 47) - PINPAGE_PAGE_SIZE)

/* which memory gets huge pages; /sys/kernel/mm/transparent_hugepage/enabled */
enum pinpage_thp {
	PINPAGE_THP_MADVISE,	/* areas with MADV_HUGEPAGE */
	PINPAGE_THP_ALWAYS,	/* all but those with MADV_NOHUGEPAGE */
	PINPAGE_THP_NEVER,	/* none; MADV_COLLAPSE still works */
};

/* who may do what with the vsyscall page; vsyscall= of the kernel's command line */
enum pinpage_vsyscall {
	PINPAGE_VSYSCALL_XONLY,		/* execute; GUP finds no page */
	PINPAGE_VSYSCALL_EMULATE,	/* read, too */
	PINPAGE_VSYSCALL_NATIVE,	/* the same for GUP; up to 5.2 */
};

/**
 * pinpage_mm_alloc() - an address space without mappings
 *
 * Context: process. Locking: none.
 * Return:  with one user, for pinpage_mmput(); NULL: no memory, not booted.
 * Mirrors: kernel/fork.c:mm_alloc(). Since: 0.1
 */
PINPAGE_API struct mm_struct *pinpage_mm_alloc(void);

/**
 * pinpage_mmget() - one more user
 * pinpage_mmput() - one user less; the last one unmaps everything
 * pinpage_mmgrab() - keep the structure
 * pinpage_mmdrop() - let it go
 * @mm: not NULL; the caller has a reference of the kind, else a warning and
 *      nothing
 *
 * Pages that are pinned or referenced elsewhere survive the last user.
 *
 * Context: any; mmput: process, may sleep. Locking: mmput: no mmap_lock.
 * Mirrors: include/linux/sched/mm.h. Since: 0.1
 */
PINPAGE_API void pinpage_mmget(struct mm_struct *mm);
PINPAGE_API void pinpage_mmput(struct mm_struct *mm);
PINPAGE_API void pinpage_mmgrab(struct mm_struct *mm);
PINPAGE_API void pinpage_mmdrop(struct mm_struct *mm);

/**
 * pinpage_use_mm() - the calling task runs in an address space from now on
 * @mm: takes a count (not a user) while used; NULL: in none
 *
 * Context: process. Locking: none.
 * Mirrors: kernel/kthread.c:kthread_use_mm(). Since: 0.1
 */
PINPAGE_API void pinpage_use_mm(struct mm_struct *mm);

/**
 * pinpage_fork_mm() - copy an address space as fork() does
 * @mm: the parent's; not necessarily current->mm
 *
 * Private pages become shared read-only, or, if they may be pinned and the
 * rules say so, are copied for the child at once. MMF_HAS_PINNED, locked and
 * pinned accounts are not inherited.
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing.
 * Return:  the child's, one user; ERR_PTR(-ENOMEM), ERR_PTR(-EINVAL): no
 *          living address space.
 * Mirrors: kernel/fork.c:dup_mm(). Since: 0.1
 */
PINPAGE_API struct mm_struct *pinpage_fork_mm(struct mm_struct *mm);

/**
 * pinpage_mmap_read_lock() - take mmap_lock, shared; _write_lock: alone
 * @mm: the caller has a user or count
 *
 * Context: process; sleeps, but for _trylock.
 * Return:  _killable: 0, -EINTR (the lock is taken and the task was killed),
 *          -EINVAL (no address space); _trylock: whether it was taken.
 * Mirrors: include/linux/mmap_lock.h. Since: 0.1
 */
PINPAGE_API void pinpage_mmap_read_lock(struct mm_struct *mm);
PINPAGE_API int pinpage_mmap_read_lock_killable(struct mm_struct *mm);
PINPAGE_API bool pinpage_mmap_read_trylock(struct mm_struct *mm);
PINPAGE_API void pinpage_mmap_read_unlock(struct mm_struct *mm);
PINPAGE_API void pinpage_mmap_write_lock(struct mm_struct *mm);
PINPAGE_API void pinpage_mmap_write_unlock(struct mm_struct *mm);

/**
 * pinpage_mmap() - map memory or a file into current->mm
 * @addr:   wish, or with MAP_FIXED(_NOREPLACE) the place; 0: anywhere
 * @len:    bytes, rounded up to pages
 * @prot:   PROT_READ, PROT_WRITE, PROT_EXEC
 * @flags:  MAP_SHARED, MAP_PRIVATE or MAP_SHARED_VALIDATE, with MAP_ANONYMOUS,
 *          MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_POPULATE, MAP_LOCKED, ...
 * @file:   kept by the mapping; ignored with MAP_ANONYMOUS
 * @offset: bytes, a multiple of PAGE_SIZE
 *
 * With MAP_HUGETLB, or of a file of huge pages: bounds are multiples of 2 MiB,
 * and -ENOMEM too if the pool cannot promise as many pages
 * (pinpage_hugetlb_set_pool()).
 *
 * Places go upwards from the last one: they depend on the calls alone.
 *
 * Context: process; may sleep. Locking: takes mmap_lock.
 * Return:  address, or -EINVAL (length 0, alignment, type, flags, no mm),
 *          -ENOMEM, -EACCES (file not opened for it), -EBADF (no file),
 *          -ENODEV (cannot be mapped), -EOVERFLOW (offset), -EEXIST
 *          (_NOREPLACE), -EPERM (below 64 KiB; sealed against writing;
 *          MAP_LOCKED without a right to), -EAGAIN (over RLIMIT_MEMLOCK),
 *          -EOPNOTSUPP (_VALIDATE).
 * Mirrors: mm/mmap.c:do_mmap(); differs: bottom up, no limit of areas, no
 *          MAP_GROWSDOWN. Since: 0.1
 */
PINPAGE_API long pinpage_mmap(unsigned long addr, size_t len, int prot, int flags,
			      struct file *file, pinpage_loff_t offset);

/**
 * pinpage_munmap() - take mappings away
 * @addr: page aligned
 * @len:  bytes, rounded up
 *
 * Context: process; may sleep. Locking: takes mmap_lock.
 * Return:  0 (also if nothing was mapped), -EINVAL (alignment, length 0, range,
 *          no mm), -ENOMEM (an area must be split).
 * Mirrors: mm/mmap.c:do_munmap(). Since: 0.1
 */
PINPAGE_API int pinpage_munmap(unsigned long addr, size_t len);

/**
 * pinpage_mprotect() - change rights
 *
 * Return: 0, -EINVAL (alignment, rights, no mm), -ENOMEM (hole, range, no
 *         memory; what lies before is done), -EACCES (file not writable).
 * As pinpage_munmap() otherwise. Mirrors: mm/mprotect.c. Since: 0.1
 */
PINPAGE_API int pinpage_mprotect(unsigned long addr, size_t len, int prot);

/**
 * pinpage_mremap() - grow, shrink or move a mapping; pages and pins go along
 * @addr:     page aligned, @old_len bytes from there in one area
 * @old_len:  0 duplicates a shared mapping
 * @flags:    MREMAP_MAYMOVE, MREMAP_FIXED
 * @new_addr: with MREMAP_FIXED; what is there goes
 *
 * Return: address, -EINVAL, -EFAULT (not mapped; must not grow), -ENOMEM (no
 *         room, no memory, must not move), -EPERM (below 64 KiB), -EAGAIN
 *         (over RLIMIT_MEMLOCK).
 * As pinpage_munmap() otherwise. Mirrors: mm/mremap.c. Since: 0.1
 */
PINPAGE_API long pinpage_mremap(unsigned long addr, size_t old_len, size_t new_len,
				int flags, unsigned long new_addr);

/**
 * pinpage_madvise() - DONTNEED, FREE, COLD, PAGEOUT, POPULATE_READ, POPULATE_WRITE,
 * REMOVE, DONTFORK, DOFORK, WIPEONFORK, KEEPONFORK, HUGEPAGE, NOHUGEPAGE,
 * COLLAPSE, MERGEABLE, UNMERGEABLE; hints
 *
 * Return: 0, -EINVAL (advice, alignment, area, rights), -ENOMEM (hole: the
 *         rest is done; no memory), -EFAULT (POPULATE beyond end of file),
 *         -EACCES (REMOVE: not shared and writable), -EAGAIN (COLLAPSE: pages
 *         are pinned, referenced, locked; MERGEABLE, UNMERGEABLE: no memory),
 *         what pinpage_fallocate()
 *         says (REMOVE: -EOPNOTSUPP, -EPERM, ...).
 * As pinpage_munmap() otherwise. Mirrors: mm/madvise.c. Since: 0.1
 */
PINPAGE_API int pinpage_madvise(unsigned long addr, size_t len, int advice);

/**
 * pinpage_msync() - bring shared file mappings to storage
 * @flags: MS_SYNC writes and waits; MS_ASYNC does nothing; MS_INVALIDATE
 *
 * Return: 0, -EINVAL, -ENOMEM (hole), -EBUSY (MS_INVALIDATE of locked
 *         memory), what pinpage_fsync() says (-EIO, -ENOSPC).
 * As pinpage_munmap() otherwise. Mirrors: mm/msync.c. Since: 0.1
 */
PINPAGE_API int pinpage_msync(unsigned long addr, size_t len, int flags);

/**
 * pinpage_store() - the process writes its memory; pinpage_load(): reads it
 * @mm:   whose; the caller has a user
 * @addr: byte address
 * @buf:  @len bytes
 *
 * As the CPU does: sets accessed and dirty bits, faults as needed. Pages before
 * a failure have been accessed.
 *
 * Context: any; process if it has to fault. Locking: takes mmap_lock to fault.
 * Return:  0, -EFAULT (SIGSEGV, SIGBUS, NULL @mm or @buf), -ENOMEM.
 * Mirrors: the MMU. Since: 0.1
 */
PINPAGE_API int pinpage_store(struct mm_struct *mm, unsigned long addr, const void *buf,
			      size_t len);
PINPAGE_API int pinpage_load(struct mm_struct *mm, unsigned long addr, void *buf,
			     size_t len);

/**
 * pinpage_copy_to_user() - copy from or to current->mm; clear_user: zeroes
 *
 * copy_from_user zeroes what it could not copy.
 *
 * Context: any; process if it has to fault. Locking: no mmap_lock.
 * Return:  bytes NOT copied; all of them without current->mm.
 * Mirrors: lib/usercopy.c. Since: 0.1
 */
PINPAGE_API unsigned long pinpage_copy_to_user(void *to, const void *from, unsigned long n);
PINPAGE_API unsigned long pinpage_copy_from_user(void *to, const void *from, unsigned long n);
PINPAGE_API unsigned long pinpage_clear_user(void *to, unsigned long n);

/**
 * pinpage_strncpy_from_user() - copy a string
 *
 * Return: its length, or @count if no NUL was among so many bytes; -EFAULT.
 * As pinpage_copy_from_user() otherwise. Since: 0.1
 */
PINPAGE_API long pinpage_strncpy_from_user(char *dst, const char *src, long count);

/**
 * pinpage_fault_in_readable() - make pages present; _writeable: and writable
 *
 * Return: bytes not faulted in; 0: all.
 * Mirrors: mm/gup.c; differs: _writeable leaves the bytes alone. Since: 0.1
 */
PINPAGE_API size_t pinpage_fault_in_readable(const char *uaddr, size_t size);
PINPAGE_API size_t pinpage_fault_in_writeable(char *uaddr, size_t size);

/* is the whole range below PINPAGE_TASK_SIZE? Context: any. Since: 0.1 */
PINPAGE_API int pinpage_access_ok(const void *addr, unsigned long size);

/* what a page-table entry says */
enum {
	PINPAGE_PTE_PRESENT	= 1,
	PINPAGE_PTE_WRITE	= 2,
	PINPAGE_PTE_DIRTY	= 4,
	PINPAGE_PTE_YOUNG	= 8,
	PINPAGE_PTE_HUGE	= 16,
	PINPAGE_PTE_SPECIAL	= 32,	/* the zero page: not counted */
};

/**
 * pinpage_peek_page() - what is mapped at an address, touching nothing
 * @mm:        NULL finds nothing
 * @pte_flags: out: PINPAGE_PTE_*; 0: nothing there; may be NULL
 *
 * Context: any. Locking: none.
 * Return:  page without a reference, or NULL. Since: 0.1
 */
PINPAGE_API struct page *pinpage_peek_page(struct mm_struct *mm, unsigned long addr,
					   unsigned int *pte_flags);

/* MMF_HAS_PINNED; pages accounted as VmLck and VmPin. Context: any. Since: 0.1 */
PINPAGE_API bool pinpage_mm_has_pinned(const struct mm_struct *mm);
PINPAGE_API long pinpage_mm_locked_vm(const struct mm_struct *mm);
PINPAGE_API long pinpage_mm_pinned_vm(const struct mm_struct *mm);

/**
 * pinpage_page_mkclean() - write-protect and clean every shared mapping
 * @page: locked; the caller marks it dirty if the result is not 0
 *
 * Context: process. Locking: page lock held.
 * Return:  PTEs that were dirty or writable; -EINVAL: no page, not locked.
 * Mirrors: mm/rmap.c:folio_mkclean(). Since: 0.1
 */
PINPAGE_API int pinpage_page_mkclean(struct page *page);

/**
 * pinpage_split_huge_page() - split a folio into its pages
 * @page: any page of it; the folio is locked by the caller, who has one
 *        reference, the only one that neither mappings nor the cache explain
 *
 * On success @page is a small page, still locked, and the reference is its.
 * Contents and mappings stay; pages that nobody uses any more are free.
 *
 * Context: process; sleeps. Locking: page lock held on entry and return.
 * Return:  0; -EBUSY: under writeback, truncated or not mapped, the huge zero
 *          page; -EAGAIN (-EBUSY before 6.1): other references, pins among
 *          them; the folio stays whole; -EINVAL: no page, no folio, not
 *          locked.
 * Mirrors: mm/huge_memory.c:split_huge_page(). Since: 0.1
 */
PINPAGE_API int pinpage_split_huge_page(struct page *page);

/**
 * pinpage_khugepaged_scan() - one pass of khugepaged over an address space
 * @mm: living
 *
 * Each aligned 2 MiB that policy gives huge pages (see enum pinpage_thp) and
 * that small pages map becomes one huge page, unless too much of it is empty,
 * swapped or shared, or nobody used it. A page that somebody refers to,
 * a pin for instance, keeps all 2 MiB as they are.
 *
 * Context: process; sleeps. Locking: mmap_lock not held.
 * Return:  huge pages made; -EINVAL: no living address space, wrong context.
 * Mirrors: mm/khugepaged.c:khugepaged_scan_mm_slot(). Since: 0.1
 */
PINPAGE_API long pinpage_khugepaged_scan(struct mm_struct *mm);

/**
 * pinpage_khugepaged_start() - a task that does so to all address spaces
 * @pause_ms: between two passes; 0: 10 seconds
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EBUSY (it runs), -ENOMEM, -EINVAL (wrong context).
 * Mirrors: mm/khugepaged.c:start_stop_khugepaged(). Since: 0.1
 */
PINPAGE_API int pinpage_khugepaged_start(unsigned int pause_ms);

/*
 * stop it; nothing if there is none. Context: process; sleeps; no mmap_lock
 * held. Since: 0.1
 */
PINPAGE_API void pinpage_khugepaged_stop(void);

/**
 * pinpage_try_to_free_pages() - direct reclaim
 * @nr: frames wanted
 *
 * Context: process; sleeps. Return: frames freed; 0 from inside reclaim.
 * Mirrors: mm/vmscan.c:try_to_free_pages(). Since: 0.1
 */
PINPAGE_API unsigned long pinpage_try_to_free_pages(unsigned long nr);

/**
 * pinpage_reclaim_page() - reclaim one page or folio, used recently or not
 *
 * An anonymous folio is split, unless somebody refers to it; then each of its
 * pages is tried. A dirty page of a file is written up to 6.1, as kswapd would,
 * and kept under later rules (reclaim_writes_files).
 *
 * Context: process; sleeps. Locking: no page lock.
 * Return:  pages freed, 0 kept, -EBUSY not on the LRU, -EINVAL no page.
 * Mirrors: mm/vmscan.c:reclaim_pages(). Since: 0.1
 */
PINPAGE_API int pinpage_reclaim_page(struct page *page);

/**
 * struct pinpage_swap_options - a swap area
 * @path:     an existing file of the host, read and written by it; NULL: memory
 * @pages:    size, the header page counted; 0 with @path: all of the file
 * @priority: slots come from the highest first
 * @stable_writes: a page that is being written must not change: writers get a
 *                 copy (as with zram)
 */
struct pinpage_swap_options {
	const char *path;
	unsigned long pages;
	int priority;
	bool stable_writes;
};

/**
 * pinpage_swapon() - add a swap area
 * @options: read during the call alone
 *
 * From now on anonymous memory can be reclaimed. The file's contents are lost;
 * no header is looked for.
 *
 * Context: process; may sleep. Locking: none.
 * Return:  its number, >= 0; -EINVAL (NULL, fewer than 2 pages, more than the
 *          file has, no regular file), -EPERM (4 areas are all), -EBUSY (the
 *          file is one already), -ENOMEM, what open() says (-ENOENT, ...).
 * Mirrors: mm/swapfile.c:swapon(2); differs: number instead of path.
 * Since: 0.1
 */
PINPAGE_API int pinpage_swapon(const struct pinpage_swap_options *options);

/**
 * pinpage_swapoff() - bring everything back and drop an area
 * @type: as pinpage_swapon() returned it
 *
 * Context: process; sleeps. Locking: takes mmap_locks: none held.
 * Return:  0; -EINVAL (no such area), -ENOMEM (no frames for what is there),
 *          -EIO (a slot cannot be read), -EINTR (the task is killed): the area
 *          stays.
 * Mirrors: mm/swapfile.c:swapoff(2). Since: 0.1
 */
PINPAGE_API int pinpage_swapoff(int type);

/* slots in use; 0 for no area. Context: any. Since: 0.1 */
PINPAGE_API unsigned long pinpage_swap_used(int type);

/**
 * pinpage_kswapd_start() - a task reclaims before allocations have to
 * @low:  it starts when fewer frames are free; 0: a 64th of all
 * @high: and stops when so many are; 0: twice @low
 *
 * Context: process; sleeps. Locking: none.
 * Return:  0; -EINVAL (@low above @high, @high not below the frames there
 *          are), -EBUSY (it runs), -ENOMEM.
 * Mirrors: mm/vmscan.c:kswapd_run(). Since: 0.1
 */
PINPAGE_API int pinpage_kswapd_start(unsigned long low, unsigned long high);

/* stop it; nothing if there is none. Context: process; sleeps. Since: 0.1 */
PINPAGE_API void pinpage_kswapd_stop(void);

/**
 * pinpage_clear_refs() - what is written to /proc/PID/clear_refs
 * @mm:   the caller has a user
 * @type: 1: accessed bits of all pages, 2: of anonymous areas, 3: of files';
 *        4: soft-dirty bits
 *
 * With 4 the next store to each page faults and sets the bit again. By the
 * rules that have softdirty_skips_pinned, private pages that may be pinned
 * stay writable and soft-dirty.
 *
 * Context: process; sleeps. Locking: takes mmap_lock for writing.
 * Return:  0; -EINVAL (no living address space, type), -EINTR (killed).
 * Mirrors: fs/proc/task_mmu.c:clear_refs_write(); differs: no 5. Since: 0.1
 */
PINPAGE_API int pinpage_clear_refs(struct mm_struct *mm, int type);

#define PINPAGE_PM_PFRAME_MASK		((1ULL << 55) - 1)	/* pfn, or type | offset << 5 */
#define PINPAGE_PM_SOFT_DIRTY		(1ULL << 55)
#define PINPAGE_PM_MMAP_EXCLUSIVE	(1ULL << 56)	/* mapped once */
#define PINPAGE_PM_UFFD_WP		(1ULL << 57)
#define PINPAGE_PM_FILE			(1ULL << 61)	/* of a file, or shared memory */
#define PINPAGE_PM_SWAP			(1ULL << 62)
#define PINPAGE_PM_PRESENT		(1ULL << 63)

/**
 * pinpage_pagemap() - one word of /proc/PID/pagemap
 * @mm:    the caller has a user
 * @addr:  byte address
 * @entry: out: PINPAGE_PM_*; 0: nothing there
 *
 * Context: process; sleeps. Locking: takes mmap_lock for reading.
 * Return:  0; -EINVAL (no living address space, @addr, NULL).
 * Mirrors: fs/proc/task_mmu.c:pagemap_read(). Since: 0.1
 */
PINPAGE_API int pinpage_pagemap(struct mm_struct *mm, unsigned long addr, uint64_t *entry);

/* -- what drivers map -- */

struct pinpage_file_operations {
	/*
	 * fill a new area, with mmap_lock held for writing: by the calls below;
	 * 0 or -errno, which mmap() returns
	 */
	int (*mmap)(struct file *file, struct vm_area_struct *vma);
};

/**
 * pinpage_device_file() - an open file of a driver
 * @name: for reports
 * @fops: outlives the file; without mmap the file cannot be mapped: -ENODEV
 * @private_data: the driver's: pinpage_file_private()
 *
 * Context: process; may sleep. Locking: none.
 * Return:  file, for pinpage_filp_close(); ERR_PTR: -EINVAL (NULL), -ENOMEM
 * Mirrors: fs/anon_inodes.c:anon_inode_getfile(). Since: 0.1
 */
PINPAGE_API struct file *pinpage_device_file(const char *name,
					     const struct pinpage_file_operations *fops,
					     void *private_data);
/* NULL: no file of a driver. Context: any */
PINPAGE_API void *pinpage_file_private(const struct file *file);
/* of an area: first address, address behind the last, offset in pages */
PINPAGE_API unsigned long pinpage_vma_start(const struct vm_area_struct *vma);
PINPAGE_API unsigned long pinpage_vma_end(const struct vm_area_struct *vma);
PINPAGE_API unsigned long pinpage_vma_pgoff(const struct vm_area_struct *vma);

/* what fault() and its like return: some of these, or 0 */
enum {
	PINPAGE_VM_FAULT_OOM		= 0x0001,
	PINPAGE_VM_FAULT_SIGBUS		= 0x0002,
	PINPAGE_VM_FAULT_MAJOR		= 0x0004,
	PINPAGE_VM_FAULT_HWPOISON	= 0x0010,
	PINPAGE_VM_FAULT_SIGSEGV	= 0x0040,
	PINPAGE_VM_FAULT_NOPAGE		= 0x0100,	/* the driver has made the entry */
	PINPAGE_VM_FAULT_LOCKED		= 0x0200,	/* the page is locked */
	PINPAGE_VM_FAULT_RETRY		= 0x0400,	/* mmap_lock was dropped: once more */
};

/* bits of an area that a driver's mmap() may set, with the kernel's values */
enum {
	PINPAGE_VM_PFNMAP	= 0x00000400,
	PINPAGE_VM_IO		= 0x00004000,
	PINPAGE_VM_DONTCOPY	= 0x00020000,
	PINPAGE_VM_DONTEXPAND	= 0x00040000,
	PINPAGE_VM_DONTDUMP	= 0x04000000,
	PINPAGE_VM_MIXEDMAP	= 0x10000000,
};

#define PINPAGE_FAULT_FLAG_WRITE	1u
#define PINPAGE_FAULT_FLAG_MKWRITE	2u

/* a fault in the area of a driver */
struct pinpage_vm_fault {
	struct vm_area_struct *vma;
	unsigned long address;		/* of the page */
	unsigned long pgoff;		/* of it, in the file */
	unsigned int flags;		/* PINPAGE_FAULT_FLAG_* */
	struct page *page;		/* fault(): out; page_mkwrite(): in */
};

/**
 * struct pinpage_vm_operations - what a driver does for its areas; each may be NULL
 * @open:         there is one more: fork, split, mremap; not for mmap() itself
 * @close:        an area goes; one with close() is never merged
 * @may_split:    0 or -errno, which munmap() and the like return
 * @fault:        nothing is mapped there: 0 and @page with a reference, which
 *                the entry keeps; NOPAGE after pinpage_vmf_insert_pfn(); an error.
 *                NULL: SIGBUS
 * @page_mkwrite: a page gets written for the first time: 0, LOCKED, NOPAGE or an
 *                error; called without the page lock
 * @pfn_mkwrite:  the same of an entry without a page
 *
 * mmap_lock is held: for writing by the first three.
 *
 * Mirrors: include/linux/mm.h:struct vm_operations_struct
 */
struct pinpage_vm_operations {
	void (*open)(struct vm_area_struct *vma);
	void (*close)(struct vm_area_struct *vma);
	int (*may_split)(struct vm_area_struct *vma, unsigned long addr);
	unsigned int (*fault)(struct pinpage_vm_fault *vmf);
	unsigned int (*page_mkwrite)(struct pinpage_vm_fault *vmf);
	unsigned int (*pfn_mkwrite)(struct pinpage_vm_fault *vmf);
};

/**
 * pinpage_vma_set_ops() - in an mmap() of a driver: what it does for the area
 * @ops: outlives the area
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -EINVAL (NULL @vma, not in mmap()).
 * Mirrors: vma->vm_ops, vma->vm_private_data. Since: 0.1
 */
PINPAGE_API int pinpage_vma_set_ops(struct vm_area_struct *vma,
				    const struct pinpage_vm_operations *ops,
				    void *private_data);
/* what pinpage_vma_set_ops() was given; NULL: nothing. Context: any */
PINPAGE_API void *pinpage_vma_private(const struct vm_area_struct *vma);

/**
 * pinpage_vm_flags_set() - in an mmap() of a driver: what kind of memory it is
 * @flags: PINPAGE_VM_*
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -EINVAL (NULL @vma, not in mmap(), other bits).
 * Mirrors: include/linux/mm.h:vm_flags_set(). Since: 0.1
 */
PINPAGE_API int pinpage_vm_flags_set(struct vm_area_struct *vma, unsigned long flags);

/**
 * pinpage_vmf_insert_pfn() - in fault(): enter a frame number, counted by nobody
 * pinpage_vmf_insert_mixed() - the same in an area with PINPAGE_VM_MIXEDMAP
 * @vma:  with PINPAGE_VM_PFNMAP or _MIXEDMAP, shared
 * @addr: byte address inside
 *
 * Read-only at first if the driver has page_mkwrite() or pfn_mkwrite().
 *
 * Context: process. Locking: mmap_lock held.
 * Return:  PINPAGE_VM_FAULT_NOPAGE (also if something was there), _OOM, _SIGBUS
 *          (outside, no such area).
 * Mirrors: mm/memory.c:vmf_insert_pfn(), vmf_insert_mixed(). Since: 0.1
 */
PINPAGE_API unsigned int pinpage_vmf_insert_pfn(struct vm_area_struct *vma,
						unsigned long addr, unsigned long pfn);
PINPAGE_API unsigned int pinpage_vmf_insert_mixed(struct vm_area_struct *vma,
						  unsigned long addr, unsigned long pfn);

/**
 * pinpage_remap_pfn_range() - map device memory, or memory as if it were
 * @vma:  in an mmap() of a driver
 * @addr: page aligned, inside; @size bytes from there too
 * @pfn:  first frame number; from the number of frames on there is no memory:
 *        loads are all ones, stores are lost
 *
 * Nothing is counted, GUP refuses the area (-EFAULT).
 *
 * Context: process. Locking: mmap_lock held for writing.
 * Return:  0, -EINVAL (range, alignment, a private area), -EBUSY (something is
 *          mapped there), -ENOMEM; what was mapped goes if mmap() fails
 * Mirrors: mm/memory.c:remap_pfn_range(). Since: 0.1
 */
PINPAGE_API int pinpage_remap_pfn_range(struct vm_area_struct *vma, unsigned long addr,
					unsigned long pfn, unsigned long size);

/**
 * pinpage_vm_insert_page() - map a page of the driver, with a reference
 *
 * As pinpage_remap_pfn_range(), except: GUP takes such a page; -EFAULT: @addr
 * outside; -EINVAL also: anonymous, free, or a PFN area.
 */
PINPAGE_API int pinpage_vm_insert_page(struct vm_area_struct *vma, unsigned long addr,
				       struct page *page);

/*
 * As pinpage_vm_insert_page(), except: a frame number, nothing is counted; GUP
 * says -EEXIST (FOLL_GET before 5.18: -EFAULT). Mirrors: vmf_insert_mixed()
 */
PINPAGE_API int pinpage_vm_insert_mixed(struct vm_area_struct *vma, unsigned long addr,
					unsigned long pfn);

/* -- memory that must stay -- */

/**
 * pinpage_mlock() - keep the pages of a range in memory, and fault them in
 * @addr: rounded down to a page
 * @len:  bytes; the end is rounded up
 *
 * A pin does not need it and it does not pin: the frame may change, by
 * migration or copy on write. Areas of devices, secret memory and DAX stay as
 * they are.
 *
 * Context: process; may sleep. Locking: takes mmap_lock.
 * Return:  0, -EINVAL (range, no mm), -EPERM (RLIMIT_MEMLOCK is 0), -ENOMEM
 *          (over the limit, a hole, a page that cannot be had; an area must be
 *          split), -EAGAIN (no memory for a page), -EINTR (killed)
 * Mirrors: mm/mlock.c:do_mlock(). Since: 0.1
 */
PINPAGE_API int pinpage_mlock(unsigned long addr, size_t len);

/**
 * pinpage_mlock2() - As pinpage_mlock(), except:
 * @flags: 0, or MLOCK_ONFAULT: pages stay once they are there, and come when
 *         they are touched
 *
 * Return: -EINVAL also for other flags. Mirrors: mm/mlock.c:mlock2(). Since: 0.1
 */
PINPAGE_API int pinpage_mlock2(unsigned long addr, size_t len, unsigned int flags);

/* As pinpage_mlock(), except: the end of it; -ENOMEM: hole, split. Since: 0.1 */
PINPAGE_API int pinpage_munlock(unsigned long addr, size_t len);

/**
 * pinpage_mlockall() - as pinpage_mlock(), except: all areas
 * @flags: MCL_CURRENT: those there are; MCL_FUTURE: those to come;
 *         MCL_ONFAULT: as MLOCK_ONFAULT, with one of the others
 *
 * Return: 0, -EINVAL (flags, no mm), -EPERM, -ENOMEM (MCL_CURRENT: over the
 *         limit), -EINTR. Mirrors: mm/mlock.c. Since: 0.1
 */
PINPAGE_API int pinpage_mlockall(int flags);
PINPAGE_API int pinpage_munlockall(void);

/* -- users, and the sum of locked pages that each has -- */
struct user_struct;

/**
 * pinpage_alloc_uid() - one more user
 * pinpage_get_uid() - one more reference; returns @user
 * pinpage_free_uid() - one less; NULL and root: nothing
 *
 * Context: any. Return: alloc: for pinpage_free_uid(); NULL: no memory.
 * Mirrors: kernel/user.c. Since: 0.1
 */
PINPAGE_API struct user_struct *pinpage_alloc_uid(void);
PINPAGE_API struct user_struct *pinpage_get_uid(struct user_struct *user);
PINPAGE_API void pinpage_free_uid(struct user_struct *user);

/* whom a process belongs to, root at birth; takes a reference; fork inherits */
PINPAGE_API void pinpage_mm_set_user(struct mm_struct *mm, struct user_struct *user);
/* of current->mm, without a reference; never NULL while booted */
PINPAGE_API struct user_struct *pinpage_current_user(void);
/* pages charged to a user. Context: any */
PINPAGE_API long pinpage_user_locked_vm(const struct user_struct *user);

/* does RLIMIT_MEMLOCK not bind the calling task? false at birth. Since: 0.1 */
PINPAGE_API void pinpage_set_cap_ipc_lock(bool capable);
PINPAGE_API bool pinpage_capable_ipc_lock(void);

/* what one send has charged, all zero at first */
struct pinpage_mmpin {
	struct user_struct *user;
	unsigned int num_pg;
};

/**
 * pinpage_mm_account_pinned_pages() - charge the sender's user, MSG_ZEROCOPY's way
 * @mmp:  counts on; the first charge takes the user
 * @size: bytes, wherever they begin: two pages more are charged; 0: nothing
 *
 * Context: process. Locking: none.
 * Return:  0 (also when no limit binds), -ENOBUFS (over RLIMIT_MEMLOCK of
 *          current->mm; nothing charged), -EINVAL (NULL, not booted)
 * Mirrors: net/core/skbuff.c:mm_account_pinned_pages(). Since: 0.1
 */
PINPAGE_API int pinpage_mm_account_pinned_pages(struct pinpage_mmpin *mmp, size_t size);
/* the end of it; any task */
PINPAGE_API void pinpage_mm_unaccount_pinned_pages(struct pinpage_mmpin *mmp);

/**
 * pinpage_account_user_pages() - charge pages to a user, io_uring's way
 *
 * The caller asks pinpage_capable_ipc_lock() first, once for its ring.
 *
 * Context: any. Return: 0, -ENOMEM (over RLIMIT_MEMLOCK of current->mm),
 * -EINVAL (NULL, not booted).
 * Mirrors: io_uring/rsrc.c:__io_account_mem(). Since: 0.1
 */
PINPAGE_API int pinpage_account_user_pages(struct user_struct *user, unsigned long pages);
PINPAGE_API void pinpage_unaccount_user_pages(struct user_struct *user,
					      unsigned long pages);

#ifdef __cplusplus
}
#endif

#endif
