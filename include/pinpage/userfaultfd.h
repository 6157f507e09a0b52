/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * userfaultfd.h - page faults that a task answers
 *
 * Rules for callers:
 * - The handler is a task that reads messages and answers each; a fault waits
 *   until its address is woken, then looks again.
 * - A fault that may not drop mmap_lock (get_user_pages() without @locked) is
 *   -EFAULT instead of waiting; FOLL_NOWAIT gets nothing.
 * - Anonymous memory, and that of tmpfs, memfds and MAP_SHARED | MAP_ANONYMOUS;
 *   addresses and lengths are whole pages.
 *
 * Mirrors: fs/userfaultfd.c, include/uapi/linux/userfaultfd.h (6.1); differs:
 * calls instead of ioctls, no hugetlb, no events, huge pages are split.
 */
#ifndef PINPAGE_USERFAULTFD_H
#define PINPAGE_USERFAULTFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct pinpage_uffd;

enum {
	PINPAGE_UFFD_MISSING	= 1,	/* register: faults on empty entries */
	PINPAGE_UFFD_WP		= 2,	/* register: writes to protected ones */
	PINPAGE_UFFD_DONTWAKE	= 4,	/* answer, but let the fault wait */
	PINPAGE_UFFD_COPY_WP	= 8,	/* copy, continue: write-protected at once */
	PINPAGE_UFFD_PROTECT	= 16,	/* writeprotect: on; else off */
	PINPAGE_UFFD_SRC_HOLES	= 32,	/* move: skip what is not there */
	PINPAGE_UFFD_MINOR	= 64,	/* register: empty entries of pages that a file has */
};

/*
 * features, with the kernel's values. EXACT_ADDRESS: messages have the address of
 * the access; WP_UNPOPULATED: empty entries are protected, too; WP_ASYNC: a write
 * ends the protection, nobody waits
 */
#define PINPAGE_UFFD_FEATURE_PAGEFAULT_FLAG_WP	(UINT64_C(1) << 0)	/* 5.7 */
#define PINPAGE_UFFD_FEATURE_MISSING_SHMEM	(UINT64_C(1) << 5)
#define PINPAGE_UFFD_FEATURE_SIGBUS		(UINT64_C(1) << 7)	/* no answer: -EFAULT */
#define PINPAGE_UFFD_FEATURE_MINOR_SHMEM	(UINT64_C(1) << 10)	/* 5.14 */
#define PINPAGE_UFFD_FEATURE_EXACT_ADDRESS	(UINT64_C(1) << 11)	/* 5.18 */
#define PINPAGE_UFFD_FEATURE_WP_HUGETLBFS_SHMEM	(UINT64_C(1) << 12)	/* 5.19 */
#define PINPAGE_UFFD_FEATURE_WP_UNPOPULATED	(UINT64_C(1) << 13)	/* 6.4 */
#define PINPAGE_UFFD_FEATURE_POISON		(UINT64_C(1) << 14)	/* 6.6 */
#define PINPAGE_UFFD_FEATURE_WP_ASYNC		(UINT64_C(1) << 15)	/* 6.7 */
#define PINPAGE_UFFD_FEATURE_MOVE		(UINT64_C(1) << 16)	/* 6.8 */

/*
 * a fault that waits. @flags: PINPAGE_UFFD_WP: write to a protected page;
 * PINPAGE_UFFD_MINOR: the file has the page
 */
struct pinpage_uffd_msg {
	unsigned long address;
	unsigned int flags;
	bool write;
};

/**
 * pinpage_userfaultfd_open() - a handler for faults of current->mm
 * @uffd: out; untouched on failure; for pinpage_userfaultfd_close()
 *
 * Context: process. Locking: none.
 * Return:  0, -EINVAL (NULL, no address space), -ENOMEM.
 * Mirrors: fs/userfaultfd.c:userfaultfd(). Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_open(struct pinpage_uffd **uffd);

/**
 * pinpage_userfaultfd_api() - ask for features, once, before anything else
 * @features: in: PINPAGE_UFFD_FEATURE_* wanted; out: all that the rules offer, 0
 *            on failure
 *
 * WP_ASYNC brings WP_UNPOPULATED. A handler that never asks has none.
 *
 * Context: process. Locking: none.
 * Return:  0, -EINVAL (NULL, not offered, asked before, in use already).
 * Mirrors: fs/userfaultfd.c:userfaultfd_api(); differs: need not be called; no
 *          features for events and hugetlb. Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_api(struct pinpage_uffd *uffd, uint64_t *features);

/**
 * pinpage_userfaultfd_close() - unregister everything; faults look again
 * @uffd: NULL is allowed
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing.
 * Mirrors: fs/userfaultfd.c:userfaultfd_release(). Since: 0.1
 */
PINPAGE_API void pinpage_userfaultfd_close(struct pinpage_uffd *uffd);

/**
 * pinpage_userfaultfd_register() - handle the faults of a range
 * @mode: PINPAGE_UFFD_MISSING, PINPAGE_UFFD_WP (5.7), PINPAGE_UFFD_MINOR (5.14;
 *        memory of files), or several
 *
 * With WP_ASYNC, PINPAGE_UFFD_WP alone is good for any ordinary memory.
 *
 * Context: process; may sleep. Locking: takes mmap_lock for writing.
 * Return:  0, -EINVAL (range, mode, nothing there, not that kind of memory),
 *          -EPERM (it can never be written), -EBUSY (another one's), -ENOMEM
 *          (address space gone, no memory).
 * Mirrors: fs/userfaultfd.c:userfaultfd_register(). Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_register(struct pinpage_uffd *uffd, unsigned long start,
					     size_t len, unsigned int mode);

/* As pinpage_userfaultfd_register(), except: not any more, protection goes, too.
 * Mirrors: fs/userfaultfd.c:userfaultfd_unregister(). Since: 0.1 */
PINPAGE_API int pinpage_userfaultfd_unregister(struct pinpage_uffd *uffd,
					       unsigned long start, size_t len);

/**
 * pinpage_userfaultfd_read() - the next fault
 * @msg:  out
 * @wait: for one
 *
 * Context: process; sleeps if @wait. Locking: none.
 * Return:  0, -EAGAIN (none, !@wait), -EINTR (killed, or asked to stop),
 *          -EINVAL. Mirrors: fs/userfaultfd.c:userfaultfd_read(). Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_read(struct pinpage_uffd *uffd,
					 struct pinpage_uffd_msg *msg, bool wait);

/**
 * pinpage_userfaultfd_copy() - fill empty pages and wake who waits for them
 * pinpage_userfaultfd_zeropage() - with the zero page
 * @src:  @len bytes of the caller's memory
 * @mode: PINPAGE_UFFD_DONTWAKE, PINPAGE_UFFD_COPY_WP (copy)
 *
 * Context: process; may sleep. Locking: takes mmap_lock for reading.
 * In shared memory the page is new in the file, too.
 *
 * Return:  bytes done, or -EEXIST (something is there, or in the file), -ENOENT
 *          (not registered here, more than one area), -EINVAL (range, mode,
 *          COPY_WP without it, no such memory), -EFAULT (NULL @src, behind the
 *          end of the file), -ENOMEM, -ESRCH (address space gone).
 * Mirrors: fs/userfaultfd.c:userfaultfd_copy(), userfaultfd_zeropage();
 *          differs: @src is no user address. Since: 0.1
 */
PINPAGE_API long pinpage_userfaultfd_copy(struct pinpage_uffd *uffd, unsigned long dst,
					  const void *src, size_t len, unsigned int mode);
PINPAGE_API long pinpage_userfaultfd_zeropage(struct pinpage_uffd *uffd, unsigned long dst,
					      size_t len, unsigned int mode);

/**
 * pinpage_userfaultfd_continue() - map what the file has; the answer to minor faults
 * @mode: PINPAGE_UFFD_DONTWAKE, PINPAGE_UFFD_COPY_WP (6.4)
 *
 * Context: process; may sleep. Locking: takes mmap_lock for reading.
 * Return:  bytes done, or -EEXIST (something is mapped there), -EFAULT (the file
 *          has no page, behind its end), -EIO (a failed frame), -ENOENT (not
 *          registered here), -EINVAL (range, mode, not shared memory, before
 *          5.14), -ENOMEM, -ESRCH.
 * Mirrors: mm/userfaultfd.c:mcopy_continue(). Since: 0.1
 */
PINPAGE_API long pinpage_userfaultfd_continue(struct pinpage_uffd *uffd, unsigned long dst,
					      size_t len, unsigned int mode);

/**
 * pinpage_userfaultfd_poison() - let accesses to empty pages fail
 * @mode: PINPAGE_UFFD_DONTWAKE
 *
 * As if the memory had failed there: SIGBUS, and -EHWPOISON from GUP with
 * FOLL_HWPOISON. Unmapping or MADV_DONTNEED ends it.
 *
 * Context: process; may sleep. Locking: takes mmap_lock for reading.
 * Return:  bytes done, or -EEXIST (something is there, a marker perhaps),
 *          -ENOENT (not registered here), -EINVAL (range, mode, before 6.6),
 *          -ENOMEM, -ESRCH.
 * Mirrors: mm/userfaultfd.c:mfill_atomic_poison() 6.6. Since: 0.1
 */
PINPAGE_API long pinpage_userfaultfd_poison(struct pinpage_uffd *uffd, unsigned long dst,
					    size_t len, unsigned int mode);

/**
 * pinpage_userfaultfd_wake() - let the faults of a range look again
 *
 * Context: process. Locking: none. Return: 0, -EINVAL.
 * Mirrors: fs/userfaultfd.c:userfaultfd_wake(). Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_wake(struct pinpage_uffd *uffd, unsigned long start,
					 size_t len);

/**
 * pinpage_userfaultfd_writeprotect() - protect what is there, or end it
 * @mode: PINPAGE_UFFD_PROTECT, or 0 and perhaps PINPAGE_UFFD_DONTWAKE
 *
 * Context: process; may sleep. Locking: takes mmap_lock for reading.
 * In memory of files, and with WP_UNPOPULATED anywhere, also pages that come
 * later are protected.
 *
 * Return:  0, -ENOENT (no area, not registered for it), -EINVAL, -ESRCH, -ENOMEM.
 * Mirrors: fs/userfaultfd.c:userfaultfd_writeprotect(). Since: 0.1
 */
PINPAGE_API int pinpage_userfaultfd_writeprotect(struct pinpage_uffd *uffd,
						 unsigned long start, size_t len,
						 unsigned int mode);

/**
 * pinpage_userfaultfd_move() - move pages to empty addresses, without a copy
 * @dst:  registered for MISSING
 * @src:  private anonymous, the same rights
 * @mode: PINPAGE_UFFD_SRC_HOLES, PINPAGE_UFFD_DONTWAKE
 *
 * Context: process; may sleep. Locking: takes mmap_lock for reading.
 * What is in swap moves there, unread.
 *
 * Return:  bytes done, or -EBUSY (pinned, not this process's alone, huge),
 *          -EEXIST (something is at @dst), -ENOENT (nothing at @src, @dst not
 *          registered), -EFAULT (poison at @src), -EINVAL (range, mode, areas;
 *          before 6.8), -ENOMEM, -ESRCH.
 * Mirrors: mm/userfaultfd.c:move_pages() 6.8. Since: 0.1
 */
PINPAGE_API long pinpage_userfaultfd_move(struct pinpage_uffd *uffd, unsigned long dst,
					  unsigned long src, size_t len, unsigned int mode);

#ifdef __cplusplus
}
#endif

#endif
