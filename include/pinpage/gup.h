/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * gup.h - get, pin, put, unpin: every entry point of every era
 *
 * The symbols below are era-neutral; <pinpage/map.h> gives them the kernel's
 * names with the prototypes of PINPAGE_LINUX_VERSION. Which of them the rules
 * in force offer, and what they do, is decided at run time.
 *
 * Rules for callers:
 *  - What get_user_pages*() took goes back by put_page(), under the placeholder
 *    rules by put_user_page*(). What pin_user_pages*() took goes back by
 *    unpin_user_page*(). The two are never mixed.
 *  - Of n pages asked for, k < n may come: use k, release k. Test ret != n.
 *  - Slots of @pages at and behind the return value are unspecified.
 *  - A device that writes needs FOLL_WRITE at the acquire and a dirtying
 *    release; dirty comes before the release.
 *  - Releases need no lock of an address space, may come from another task,
 *    and work after the address space is gone.
 * Mirrors: mm/gup.c, include/linux/mm.h.
 */
#ifndef PINPAGE_GUP_H
#define PINPAGE_GUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include <pinpage/api.h>
#include <pinpage/mm.h>
#include <pinpage/page.h>

#ifdef __cplusplus
extern "C" {
#endif

/* flag numbers are the library's own: never depend on them */
#define PINPAGE_FOLL_WRITE		0x0001u
#define PINPAGE_FOLL_TOUCH		0x0002u
#define PINPAGE_FOLL_GET		0x0004u
#define PINPAGE_FOLL_DUMP		0x0008u
#define PINPAGE_FOLL_FORCE		0x0010u
#define PINPAGE_FOLL_NOWAIT		0x0020u
#define PINPAGE_FOLL_NOFAULT		0x0080u
#define PINPAGE_FOLL_HWPOISON		0x0100u
#define PINPAGE_FOLL_ANON		0x8000u
#define PINPAGE_FOLL_LONGTERM		0x10000u
#define PINPAGE_FOLL_SPLIT_PMD		0x20000u
#define PINPAGE_FOLL_PIN		0x40000u
#define PINPAGE_FOLL_FAST_ONLY		0x80000u
#define PINPAGE_FOLL_PCI_P2PDMA		0x100000u
#define PINPAGE_FOLL_INTERRUPTIBLE	0x200000u
#define PINPAGE_FOLL_HONOR_NUMA_FAULT	0x400000u

/* -- acquire -- */

/**
 * pinpage_get_user_pages() - reference the pages under a user range
 * @start:     byte address in current->mm, rounded down to a page
 * @nr_pages:  pages wanted; 0 returns 0
 * @gup_flags: PINPAGE_FOLL_*; FOLL_PIN and (from 5.7) FOLL_LONGTERM are refused
 * @pages:     out, @nr_pages slots; NULL: fault the range in, take nothing
 *
 * Each page returned is owed one put_page(). Says nothing about who may write
 * the data: for that, pin.
 *
 * Context: process; may sleep. Locking: caller holds mmap_lock; still held.
 * Order: none.
 * Return: leading pages taken, perhaps fewer than asked; 0 also when FOLL_NOWAIT
 * gave up; else -EFAULT (no current->mm, no mapping,
 * no right, beyond end of file, VM_IO or VM_PFNMAP), -EREMOTEIO (memory of a PCI
 * device without FOLL_PCI_P2PDMA, from 6.2), -EHWPOISON (with
 * FOLL_HWPOISON, slow calls), -ENOMEM (frames, page tables, a count that is not
 * positive, a page that may not stay for FOLL_LONGTERM), -EINTR (killed before
 * the first page), -EINVAL (flags, NULL @pages, mmap_lock not held, atomic
 * context, not booted, a pin call under rules without any; since 6.3 the slow
 * pin calls return 0 for flags and NULL). Calls of another era work all the
 * same: pinpage_offers() tells.
 * Mirrors: mm/gup.c:get_user_pages(); differs: unknown flags are refused.
 * Since: 0.1
 */
PINPAGE_API long pinpage_get_user_pages(unsigned long start,
					unsigned long nr_pages,
					unsigned int gup_flags,
					struct page **pages);

/**
 * pinpage_pin_user_pages() - pin the pages under a user range
 *
 * As pinpage_get_user_pages(), except: @pages must not be NULL; FOLL_GET is
 * refused; each page is owed one unpin_user_page(). FOLL_LONGTERM: all pages
 * returned are where they may stay, or nothing is held and the slots that had
 * been filled are NULL. Marks current->mm as pinned-once, also on failure.
 *
 * Order: pins are counted before the PTE is read again: MB pin-vs-share (A).
 * Return: as above; -EFAULT too for FOLL_WRITE | FOLL_LONGTERM on a file that
 * tracks dirtying (from 6.5); -EBUSY for FOLL_LONGTERM on coherent memory of a
 * device that somebody holds.
 * Mirrors: mm/gup.c:pin_user_pages(). Since: 0.1
 */
PINPAGE_API long pinpage_pin_user_pages(unsigned long start,
					unsigned long nr_pages,
					unsigned int gup_flags,
					struct page **pages);

/**
 * pinpage_get_user_pages_remote() - reference pages of another address space
 * @mm:     target; the caller holds a user reference
 * @locked: NULL: the lock is never dropped; else *@locked must be 1, and on
 *          return 0 means that the lock was dropped and is not the caller's
 *
 * As pinpage_get_user_pages(), except: acts on @mm.
 *
 * A fault that would wait (for I/O, a page lock, a throttled writer) drops the
 * lock if it may; the lock is taken again for the rest, and dropped at the end.
 *
 * Locking: @mm's mmap_lock held, for read if @locked.
 * Return: also -EINTR: killed, or with FOLL_INTERRUPTIBLE signalled, where the
 * lock was to be taken again, before the first page; -EINVAL: *@locked is not 1
 * (a kernel before 6.3 stops: TRAP), the lock is held for writing with @locked,
 * or FOLL_LONGTERM with @locked (up to 6.2).
 * Mirrors: mm/gup.c:get_user_pages_remote(). Since: 0.1
 */
PINPAGE_API long pinpage_get_user_pages_remote(struct mm_struct *mm,
					       unsigned long start,
					       unsigned long nr_pages,
					       unsigned int gup_flags,
					       struct page **pages,
					       int *locked);

/**
 * pinpage_pin_user_pages_remote() - pin pages of another address space
 *
 * As pinpage_get_user_pages_remote() and pinpage_pin_user_pages() together; it
 * is @mm that is marked. Mirrors: mm/gup.c:pin_user_pages_remote(). Since: 0.1
 */
PINPAGE_API long pinpage_pin_user_pages_remote(struct mm_struct *mm,
					       unsigned long start,
					       unsigned long nr_pages,
					       unsigned int gup_flags,
					       struct page **pages,
					       int *locked);

/**
 * pinpage_get_user_pages_unlocked() - take mmap_lock and reference pages
 *
 * As pinpage_get_user_pages(), except: mind the order of the arguments.
 *
 * Locking: mmap_lock not held; taken and dropped.
 * Return: also -EINTR (-EAGAIN from 6.3): killed, and the lock was not free;
 * -EINVAL: the caller holds the lock.
 * Mirrors: mm/gup.c:get_user_pages_unlocked(). Since: 0.1
 */
PINPAGE_API long pinpage_get_user_pages_unlocked(unsigned long start,
						 unsigned long nr_pages,
						 struct page **pages,
						 unsigned int gup_flags);

/**
 * pinpage_pin_user_pages_unlocked() - take mmap_lock and pin pages
 *
 * As pinpage_get_user_pages_unlocked() and pinpage_pin_user_pages() together;
 * FOLL_LONGTERM is -EINVAL up to 6.2.
 * Mirrors: mm/gup.c:pin_user_pages_unlocked(). Since: 0.1
 */
PINPAGE_API long pinpage_pin_user_pages_unlocked(unsigned long start,
						 unsigned long nr_pages,
						 struct page **pages,
						 unsigned int gup_flags);

/**
 * pinpage_get_user_pages_locked() - as _remote() on current->mm
 *
 * As pinpage_get_user_pages_remote(), except: @mm is current->mm and @locked
 * is wanted. Mirrors: mm/gup.c:get_user_pages_locked() 5.10. Since: 0.1
 */
PINPAGE_API long pinpage_get_user_pages_locked(unsigned long start,
					       unsigned long nr_pages,
					       unsigned int gup_flags,
					       struct page **pages,
					       int *locked);

/**
 * pinpage_pin_user_pages_locked() - as _remote() on current->mm
 *
 * As pinpage_pin_user_pages_remote(), except: @mm is current->mm.
 * Mirrors: mm/gup.c:pin_user_pages_locked() 5.10. Since: 0.1
 */
PINPAGE_API long pinpage_pin_user_pages_locked(unsigned long start,
					       unsigned long nr_pages,
					       unsigned int gup_flags,
					       struct page **pages,
					       int *locked);

/**
 * pinpage_get_user_pages_fast() - reference pages, without a lock if possible
 * @start:     byte address in current->mm, rounded down to a page
 * @nr_pages:  pages wanted; 0 returns 0
 * @gup_flags: FOLL_WRITE, FOLL_FORCE, FOLL_NOFAULT (from 5.16), ...
 * @pages:     out, @nr_pages slots, not NULL
 *
 * What the lock-free walk cannot take goes through
 * pinpage_get_user_pages_unlocked().
 *
 * Context: process; may sleep. Locking: mmap_lock not held.
 * Order: counts go up before the PTE is read again: MB pin-vs-unmap (C).
 * Return: leading pages taken; what the lock-free part took beats a later error;
 * 0 (from 6.12 -EOVERFLOW) when the range wraps or @nr_pages is negative; else
 * as pinpage_get_user_pages_unlocked(), -EFAULT too for a range beyond user
 * space, -EINVAL for flags that the fast walk does not know.
 * Mirrors: mm/gup.c:get_user_pages_fast(); differs: @nr_pages == 0 never takes
 * a page. Since: 0.1
 */
PINPAGE_API int pinpage_get_user_pages_fast(unsigned long start, int nr_pages,
					    unsigned int gup_flags,
					    struct page **pages);

/**
 * pinpage_pin_user_pages_fast() - pin pages, without a lock if possible
 *
 * As pinpage_get_user_pages_fast() and pinpage_pin_user_pages() together. A
 * pin that fork overtook (write_protect_seq) is undone and taken again slowly.
 * Return: invalid arguments are -EINVAL in every era.
 * Mirrors: mm/gup.c:pin_user_pages_fast(). Since: 0.1
 */
PINPAGE_API int pinpage_pin_user_pages_fast(unsigned long start, int nr_pages,
					    unsigned int gup_flags,
					    struct page **pages);

/**
 * pinpage_get_user_pages_fast_only() - reference what needs neither lock nor fault
 *
 * As pinpage_get_user_pages_fast(), except: 0 instead of any error; from 6.3
 * on wrong flags, pages and ranges (-EINVAL, -EFAULT, -EOVERFLOW) are told. 0
 * proves nothing: read-only PTEs, the zero page and shared pages give 0, too.
 *
 * Context: any; does not sleep.
 * Mirrors: mm/gup.c:get_user_pages_fast_only(). Since: 0.1
 */
PINPAGE_API int pinpage_get_user_pages_fast_only(unsigned long start,
						 int nr_pages,
						 unsigned int gup_flags,
						 struct page **pages);

/**
 * pinpage_pin_user_pages_fast_only() - pin what needs neither lock nor fault
 *
 * As pinpage_get_user_pages_fast_only(), except: pins.
 * Mirrors: mm/gup.c:pin_user_pages_fast_only() 6.1. Since: 0.1
 */
PINPAGE_API int pinpage_pin_user_pages_fast_only(unsigned long start,
						 int nr_pages,
						 unsigned int gup_flags,
						 struct page **pages);

/**
 * pinpage_get_user_page_fast_only() - one page of get_user_pages_fast_only()
 * @addr:      byte address in current->mm
 * @gup_flags: as above
 * @pagep:     out: the page; not NULL
 *
 * Context: any; does not sleep. Locking: none.
 * Return: true with a reference.
 * Mirrors: include/linux/mm.h:get_user_page_fast_only(). Since: 0.1
 */
PINPAGE_API bool pinpage_get_user_page_fast_only(unsigned long addr,
						 unsigned int gup_flags,
						 struct page **pagep);

/**
 * pinpage_get_user_page_vma_remote() - one page of another mm, and its VMA
 * @mm:        target; mmap_lock held
 * @addr:      byte address
 * @gup_flags: FOLL_NOWAIT is refused
 * @vmap:      out, or NULL: the VMA, valid while mmap_lock is held
 *
 * Context: process; may sleep. Locking: @mm's mmap_lock held; still held.
 * Return: a page owed one put_page(), or ERR_PTR() of what
 * pinpage_get_user_pages_remote() returns.
 * Mirrors: include/linux/mm.h:get_user_page_vma_remote(). Since: 0.1
 */
PINPAGE_API struct page *
pinpage_get_user_page_vma_remote(struct mm_struct *mm, unsigned long addr,
				 unsigned int gup_flags,
				 struct vm_area_struct **vmap);

/**
 * pinpage_get_user_pages_vmas() - get_user_pages() of the eras before 6.5
 * @vmas: out, or NULL: the VMA of each page, valid while mmap_lock is held
 *
 * As pinpage_get_user_pages(). Mirrors: mm/gup.c:get_user_pages() 6.1.
 * Since: 0.1
 */
PINPAGE_API long pinpage_get_user_pages_vmas(unsigned long start,
					     unsigned long nr_pages,
					     unsigned int gup_flags,
					     struct page **pages,
					     struct vm_area_struct **vmas);

/**
 * pinpage_pin_user_pages_vmas() - pin_user_pages() of the eras before 6.5
 *
 * As pinpage_get_user_pages_vmas(), except: pins.
 * Mirrors: mm/gup.c:pin_user_pages() 6.1. Since: 0.1
 */
PINPAGE_API long pinpage_pin_user_pages_vmas(unsigned long start,
					     unsigned long nr_pages,
					     unsigned int gup_flags,
					     struct page **pages,
					     struct vm_area_struct **vmas);

/**
 * pinpage_pin_page() - one pin on a page that the caller can already name
 * @page: the caller holds a reference, or otherwise keeps it from being freed
 *
 * Bias or pin count as GUP would; undone by one put_user_page() or
 * unpin_user_page(). The zero page follows its rule.
 *
 * Context: any; does not sleep. Locking: none.
 * Order: full barrier after the count went up.
 * Return: 0; -ENOMEM: the count is not positive (overflow); -EINVAL: not a page,
 * not booted.
 * Mirrors: none by this name; mm/gup.c:folio_add_pin() comes near. Since: 0.1
 */
PINPAGE_API int pinpage_pin_page(struct page *page);

/**
 * pinpage_folio_add_pin() - one more pin on a folio that is pinned
 * @folio: the caller holds a pin of it; else a warning, and pinned all the same
 *
 * Arithmetic as GUP's, but nr_foll_pin_acquired does not move, while the later
 * unpin moves nr_foll_pin_released. Nothing happens to the zero page where
 * pins do not count it.
 *
 * Context: any; does not sleep. Locking: none.
 * Mirrors: mm/gup.c:folio_add_pin() 6.5; differs: refuses an overflown count.
 * Since: 0.1
 */
PINPAGE_API void pinpage_folio_add_pin(struct folio *folio);

/**
 * pinpage_folio_add_pins() - more pins on a folio, counted
 * @folio: referenced or pinned by the caller
 * @pins:  1 to 2097151
 *
 * Each is owed one unpin_user_page() or one of unpin_user_folio().
 *
 * Context: any; does not sleep. Locking: none.
 * Return: 0; -ENOMEM: the count is not positive; -EINVAL: not a folio, no pins
 * or too many.
 * Mirrors: mm/gup.c:folio_add_pins() 6.13; differs: checks its arguments.
 * Since: 0.1
 */
PINPAGE_API int pinpage_folio_add_pins(struct folio *folio, unsigned int pins);

/**
 * pinpage_memfd_pin_folios() - pin a part of a file in memory for long
 * @memfd:      of memfd_create(), tmpfs, shared anonymous memory, hugetlbfs
 * @start:      first byte
 * @end:        last byte, inclusive; inside the file
 * @folios:     out, @max_folios slots
 * @max_folios: > 0; fewer may be pinned
 * @offset:     out: of @start in the first folio, in bytes
 *
 * Each folio has one pin, whatever its size, and is owed one unpin_folio(). What
 * the file does not have yet is made. All are where they may stay, or nothing
 * is held. No process need map the file, and seals are not looked at.
 *
 * Context: process; may sleep. Locking: no lock of the file.
 * Return: folios pinned; -EINVAL: @start negative or behind @end, @max_folios 0,
 * a NULL, another kind of file, @end not inside the file, a count that is not
 * positive, atomic context, not booted; -ENOMEM: no frame, no huge page in the
 * pool, or a folio could not be moved; -ENOSPC: the mount is full; -EIO: what
 * is in swap could not be read, or the frame failed.
 * Mirrors: mm/gup.c:memfd_pin_folios() 6.12; differs: what fallocate() reserved
 * is cleared first. Since: 0.1
 */
PINPAGE_API long pinpage_memfd_pin_folios(struct file *memfd, pinpage_loff_t start,
					  pinpage_loff_t end, struct folio **folios,
					  unsigned int max_folios,
					  unsigned long *offset);

/* -- release, 5.2 to 5.5 -- */

/**
 * pinpage_put_user_page() - release one page of a GUP call
 * @page: any page of the folio
 *
 * Placeholder rules: put_page(). Bias rules: drops one pin. What is not a page
 * is refused with a warning.
 *
 * Context: any. Locking: none. Order: full barrier before the count goes down.
 * Mirrors: include/linux/mm.h:put_user_page() 5.2. Since: 0.1
 */
PINPAGE_API void pinpage_put_user_page(struct page *page);

/**
 * pinpage_put_user_pages() - release pages in the order of the array
 * @pages:  what a GUP call returned
 * @npages: of them; 0 is a no-op; an errno by mistake: warning, nothing released
 *
 * As pinpage_put_user_page() for each; pages of one folio that follow each
 * other are dropped at once. An entry that is not a page is skipped with a
 * warning (NULL silently where the rules tolerate it, from 6.11).
 *
 * Mirrors: mm/gup.c:put_user_pages() 5.2; differs: checks its arguments.
 * Since: 0.1
 */
PINPAGE_API void pinpage_put_user_pages(struct page **pages,
					unsigned long npages);

/**
 * pinpage_put_user_pages_dirty() - mark dirty without a lock, then release
 *
 * As pinpage_put_user_pages(), except: a head that reads clean is first given
 * to set_page_dirty(). Racing with truncation is the caller's bug.
 *
 * Context: any that set_page_dirty() may be called in.
 * Mirrors: mm/gup.c:put_user_pages_dirty() 5.2, gone in 5.4. Since: 0.1
 */
PINPAGE_API void pinpage_put_user_pages_dirty(struct page **pages,
					      unsigned long npages);

/**
 * pinpage_put_user_pages_dirty_lock() - mark dirty under the page lock, then
 * release
 * @make_dirty: false: exactly put_user_pages(); rules without this argument
 *              (5.2) warn and dirty all the same
 *
 * As pinpage_put_user_pages(), except: a head that reads clean is first given
 * to set_page_dirty_lock().
 *
 * Context: process; sleeps; elsewhere: a warning, and dirtied without the lock.
 * Locking: no page lock held.
 * Mirrors: mm/gup.c:put_user_pages_dirty_lock() 5.4; 5.2 has no @make_dirty.
 * Since: 0.1
 */
PINPAGE_API void pinpage_put_user_pages_dirty_lock(struct page **pages,
						   unsigned long npages,
						   bool make_dirty);

/* -- release, from 5.6 -- */

/**
 * pinpage_unpin_user_page() - drop one pin
 *
 * As pinpage_put_user_page(). On a page that is not pinned the kernel's
 * arithmetic goes wrong as the kernel's does; the ledger names the culprit.
 * Mirrors: mm/gup.c:unpin_user_page(). Since: 0.1
 */
PINPAGE_API void pinpage_unpin_user_page(struct page *page);

/**
 * pinpage_unpin_user_pages() - drop one pin of each page
 *
 * As pinpage_put_user_pages(). Mirrors: mm/gup.c:unpin_user_pages().
 * Since: 0.1
 */
PINPAGE_API void pinpage_unpin_user_pages(struct page **pages,
					  unsigned long npages);

/**
 * pinpage_unpin_user_pages_dirty_lock() - mark dirty, then drop the pins
 *
 * As pinpage_put_user_pages_dirty_lock().
 * Mirrors: mm/gup.c:unpin_user_pages_dirty_lock(); differs: guards against an
 * errno as count on the dirtying path, too. Since: 0.1
 */
PINPAGE_API void pinpage_unpin_user_pages_dirty_lock(struct page **pages,
						     unsigned long npages,
						     bool make_dirty);

/**
 * pinpage_unpin_user_page_range_dirty_lock() - as above, for adjacent frames
 * @page:   the first
 * @npages: of them, all within memory; else a warning, nothing released
 *
 * As pinpage_unpin_user_pages_dirty_lock().
 * Mirrors: mm/gup.c:unpin_user_page_range_dirty_lock() 5.14. Since: 0.1
 */
PINPAGE_API void
pinpage_unpin_user_page_range_dirty_lock(struct page *page,
					 unsigned long npages,
					 bool make_dirty);

/**
 * pinpage_unpin_user_folio() - drop some pins of one folio
 * @folio:  pinned
 * @npages: pins to drop; 0 is a no-op
 *
 * Context: any. Locking: none.
 * Mirrors: mm/gup.c:unpin_user_folio() 6.12. Since: 0.1
 */
PINPAGE_API void pinpage_unpin_user_folio(struct folio *folio,
					  unsigned long npages);

/**
 * pinpage_unpin_folio() - drop exactly one pin of a folio, whatever its size
 *
 * As pinpage_unpin_user_folio() of one. Mirrors: mm/gup.c:unpin_folio() 6.11.
 * Since: 0.1
 */
PINPAGE_API void pinpage_unpin_folio(struct folio *folio);

/**
 * pinpage_unpin_folios() - drop one pin of each folio
 * @folios:  NULL entries are skipped
 * @nfolios: of them; an errno by mistake: warning, nothing released
 *
 * Context: any. Locking: none. Mirrors: mm/gup.c:unpin_folios() 6.11.
 * Since: 0.1
 */
PINPAGE_API void pinpage_unpin_folios(struct folio **folios,
				      unsigned long nfolios);

/* -- users of GUP in the core -- */

/**
 * pinpage_fixup_user_fault() - resolve a fault on behalf of somebody else
 * @mm:          target
 * @address:     byte address
 * @fault_flags: 1: for writing; 0: for reading
 * @unlocked:    out: set if the lock was dropped meanwhile, so that areas may
 *               have changed; NULL: it is not dropped
 *
 * Context: process; may sleep. Locking: @mm's mmap_lock held (for reading, if
 * @unlocked); held on return.
 * Return: 0, -EFAULT, -ENOMEM, -EHWPOISON, -EINTR (killed), -EINVAL.
 * Mirrors: mm/gup.c:fixup_user_fault(). Since: 0.1
 */
PINPAGE_API int pinpage_fixup_user_fault(struct mm_struct *mm,
					 unsigned long address,
					 unsigned int fault_flags,
					 bool *unlocked);

/**
 * pinpage_direct_read() - read() with O_DIRECT into user memory
 * @file:      open for reading
 * @user_addr: byte address in current->mm
 * @len:       bytes
 * @pos:       byte offset in the file
 *
 * Pins (from 6.5) or references the user pages, dirties them before the
 * transfer and again after it.
 *
 * Context: process; sleeps. Locking: none held.
 * Return: bytes read, perhaps fewer (end of file, a hole in the mapping); else
 * -EFAULT, -EINVAL (file, @pos, alignment), or what the file system says (-EIO).
 * Mirrors: block/bio.c, fs/iomap/direct-io.c. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_direct_read(struct file *file,
					unsigned long user_addr, size_t len,
					pinpage_loff_t pos);

/**
 * pinpage_direct_write() - write() with O_DIRECT from user memory
 *
 * As pinpage_direct_read(), except: nothing is dirtied; -ENOSPC too.
 * Mirrors: fs/iomap/direct-io.c. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_direct_write(struct file *file,
					 unsigned long user_addr, size_t len,
					 pinpage_loff_t pos);

/**
 * pinpage_access_process_vm() - copy from or to another address space
 * @mm:        target
 * @addr:      byte address in it
 * @buf:       the caller's, @len bytes
 * @len:       bytes
 * @gup_flags: FOLL_WRITE: into @mm; FOLL_FORCE
 *
 * Context: process; may sleep. Locking: takes @mm's mmap_lock.
 * Return: bytes moved, perhaps 0.
 * Mirrors: mm/memory.c:access_process_vm(). Since: 0.1
 */
PINPAGE_API int pinpage_access_process_vm(struct mm_struct *mm,
					  unsigned long addr, void *buf,
					  int len, unsigned int gup_flags);

/**
 * pinpage_process_vm_readv() - copy from another address space into current->mm
 * @mm:      the other; the caller holds a user reference. NULL: no such process
 * @local:   buffers in current->mm; the array itself is the caller's memory
 * @liovcnt: of them, up to 1024
 * @remote:  ranges in @mm
 * @riovcnt: of them, up to 1024
 * @flags:   0
 *
 * Pages of @mm are pinned, up to 1024 at a time (referenced before 5.6), and
 * copied through the kernel's own mapping. No more is moved than both sides have.
 *
 * Context: process; may sleep. Locking: takes both mmap_locks, one at a time.
 * Return: bytes moved, perhaps fewer than asked; before the first byte -EFAULT
 * (no memory or right on one side, no array, @local not in user space), -EINVAL
 * (@flags, too many segments, a length that is negative as a ssize_t, atomic
 * context, not booted), -ESRCH (no @mm), -ENOMEM (more than 16 pages in a
 * segment, and no memory for their list).
 * Mirrors: mm/process_vm_access.c:process_vm_readv(); differs: an address space
 * instead of a process, whose rights are not looked at. Since: 0.1
 */
PINPAGE_API ssize_t pinpage_process_vm_readv(struct mm_struct *mm,
					     const struct iovec *local,
					     unsigned long liovcnt,
					     const struct iovec *remote,
					     unsigned long riovcnt,
					     unsigned long flags);

/**
 * pinpage_process_vm_writev() - copy from current->mm into another address space
 *
 * As pinpage_process_vm_readv(), except: @local is read, @remote written; pages
 * are pinned with FOLL_WRITE and released dirty (before 5.6 they are dirty only
 * by the fault).
 * Mirrors: mm/process_vm_access.c:process_vm_writev(). Since: 0.1
 */
PINPAGE_API ssize_t pinpage_process_vm_writev(struct mm_struct *mm,
					      const struct iovec *local,
					      unsigned long liovcnt,
					      const struct iovec *remote,
					      unsigned long riovcnt,
					      unsigned long flags);

/**
 * pinpage_offers() - do the rules in force have this call?
 * @kernel_function: its name in the kernel, "pin_user_pages"
 *
 * Context: any. Locking: none.
 * Return: false for a call of another era, an unknown name, or NULL.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API bool pinpage_offers(const char *kernel_function);

#ifdef __cplusplus
}
#endif

#endif
