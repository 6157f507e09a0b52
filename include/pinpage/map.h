/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * map.h - the kernel's names for the library's symbols
 *
 * Define PINPAGE_LINUX_VERSION as KERNEL_VERSION(a, b, c) before the first
 * include to get the prototypes of that release only. Undefined: the names of
 * every era, each with its newest prototype. What a call then does is decided
 * by the rules at run time.
 *
 * Define PINPAGE_NO_KERNEL_NAMES to keep these names for yourself.
 */
#ifndef PINPAGE_MAP_H
#define PINPAGE_MAP_H

#include <pinpage/gup.h>

#ifndef KERNEL_VERSION
#define KERNEL_VERSION(a, b, c) (((a) << 16) + ((b) << 8) + ((c) > 255 ? 255 : (c)))
#endif

/* does PINPAGE_LINUX_VERSION lie in [from, to)? every era matches if undefined */
#ifdef PINPAGE_LINUX_VERSION
#define PINPAGE_ERA(from, to) (PINPAGE_LINUX_VERSION >= (from) && PINPAGE_LINUX_VERSION < (to))
#else
#define PINPAGE_ERA(from, to) 1
#endif
#define PINPAGE_FOREVER KERNEL_VERSION(255, 0, 0)

/* page.h */
#define PAGE_SHIFT PINPAGE_PAGE_SHIFT
#define PAGE_SIZE PINPAGE_PAGE_SIZE
#define PAGE_MASK PINPAGE_PAGE_MASK
#define GFP_KERNEL PINPAGE_GFP_KERNEL
#define GFP_ATOMIC PINPAGE_GFP_ATOMIC
#define __GFP_ZERO PINPAGE_GFP_ZERO
#define __GFP_COMP PINPAGE_GFP_COMP
#define GFP_HIGHUSER_MOVABLE PINPAGE_GFP_MOVABLE
#define GUP_PIN_COUNTING_BIAS PINPAGE_GUP_PIN_COUNTING_BIAS
#define alloc_pages(gfp, order) pinpage_alloc_pages(gfp, order)
#define alloc_page(gfp) pinpage_alloc_pages(gfp, 0)
#define __free_pages(page, order) pinpage_free_pages(page, order)
#define __free_page(page) pinpage_free_pages(page, 0)
#define page_address pinpage_page_address
#define kmap_local_page(page) pinpage_page_address(page)
#define kunmap_local(addr) ((void)(addr))
#define page_to_pfn pinpage_page_to_pfn
#define pfn_to_page pinpage_pfn_to_page
#define virt_to_page pinpage_virt_to_page
#define page_to_nid pinpage_page_to_nid
#define page_zonenum pinpage_page_zonenum
#define num_online_nodes pinpage_nr_nodes
#define numa_node_id pinpage_numa_node_id
#define page_folio pinpage_page_folio
#define compound_head pinpage_compound_head
#define folio_order pinpage_folio_order
#define folio_nr_pages pinpage_folio_nr_pages
#define folio_page pinpage_folio_page
#define get_page pinpage_get_page
#define try_get_page pinpage_try_get_page
#define put_page pinpage_put_page
#define folio_get pinpage_folio_get
#define folio_put pinpage_folio_put
#define release_pages pinpage_release_pages
#define page_count pinpage_page_count
#define page_ref_count pinpage_page_ref_count
#define page_mapcount pinpage_page_mapcount
#define page_mapped pinpage_page_mapped
#define head_compound_pincount pinpage_head_compound_pincount
#define page_maybe_dma_pinned pinpage_page_maybe_dma_pinned
#define folio_maybe_dma_pinned pinpage_folio_maybe_dma_pinned
#define is_zero_page pinpage_is_zero_page
#define ZERO_PAGE(vaddr) ((void)(vaddr), pinpage_zero_page())
#define is_longterm_pinnable_page pinpage_is_longterm_pinnable_page
#define memory_failure pinpage_memory_failure
#define unpoison_memory pinpage_unpoison_memory
#define soft_offline_page pinpage_soft_offline_page
#define alloc_contig_range pinpage_alloc_contig_range
#define free_contig_range pinpage_free_contig_range
#define offline_pages pinpage_offline_pages
#define online_pages pinpage_online_pages
#define lock_page pinpage_lock_page
#define trylock_page pinpage_trylock_page
#define unlock_page pinpage_unlock_page
#define wait_on_page_writeback pinpage_wait_on_page_writeback
#define PageDirty pinpage_PageDirty
#define PageLocked pinpage_PageLocked
#define PageUptodate pinpage_PageUptodate
#define PageWriteback pinpage_PageWriteback
#define PageAnon pinpage_PageAnon
#define PageAnonExclusive pinpage_PageAnonExclusive
#define PageCompound pinpage_PageCompound
#define page_has_private pinpage_page_has_private
#define SetPageReferenced pinpage_SetPageReferenced
#define page_mapping pinpage_page_mapping
#define page_index pinpage_page_index

/* pagecache.h */
#define find_get_page pinpage_find_get_page
#define find_lock_page pinpage_find_lock_page
#define read_mapping_page pinpage_read_mapping_page
#define set_page_dirty pinpage_set_page_dirty
#define set_page_dirty_lock pinpage_set_page_dirty_lock
#define clear_page_dirty_for_io pinpage_clear_page_dirty_for_io
#define filemap_fdatawrite pinpage_filemap_fdatawrite
#define filemap_fdatawait pinpage_filemap_fdatawait
#define filemap_write_and_wait pinpage_filemap_write_and_wait
#define filemap_flush pinpage_filemap_flush
#define invalidate_mapping_pages pinpage_invalidate_mapping_pages
#define invalidate_inode_pages2_range pinpage_invalidate_inode_pages2_range
#define kernel_read pinpage_kernel_read
#define kernel_write pinpage_kernel_write
#define vfs_fsync pinpage_fsync
#define filp_close(file, id) ((void)(id), pinpage_filp_close(file))
#define get_file pinpage_get_file
#define fput(file) ((void)pinpage_filp_close(file))

/* mm.h */
#define mmget pinpage_mmget
#define mmput pinpage_mmput
#define mmgrab pinpage_mmgrab
#define mmdrop pinpage_mmdrop
#define kthread_use_mm pinpage_use_mm
#define kthread_unuse_mm(mm) ((void)(mm), pinpage_use_mm((struct mm_struct *)0))
#define mmap_read_lock pinpage_mmap_read_lock
#define mmap_read_lock_killable pinpage_mmap_read_lock_killable
#define mmap_read_trylock pinpage_mmap_read_trylock
#define mmap_read_unlock pinpage_mmap_read_unlock
#define mmap_write_lock pinpage_mmap_write_lock
#define mmap_write_unlock pinpage_mmap_write_unlock
#define copy_to_user pinpage_copy_to_user
#define copy_from_user pinpage_copy_from_user
#define clear_user pinpage_clear_user
#define strncpy_from_user pinpage_strncpy_from_user
#define fault_in_readable pinpage_fault_in_readable
#define fault_in_writeable pinpage_fault_in_writeable
#define access_ok pinpage_access_ok
#define page_mkclean pinpage_page_mkclean
#define split_huge_page pinpage_split_huge_page

/* gup.h: flags */
#define FOLL_WRITE PINPAGE_FOLL_WRITE
#define FOLL_GET PINPAGE_FOLL_GET
#define FOLL_DUMP PINPAGE_FOLL_DUMP
#define FOLL_FORCE PINPAGE_FOLL_FORCE
#define FOLL_NOWAIT PINPAGE_FOLL_NOWAIT
#define FOLL_HWPOISON PINPAGE_FOLL_HWPOISON
#define FOLL_ANON PINPAGE_FOLL_ANON
#define FOLL_LONGTERM PINPAGE_FOLL_LONGTERM
#define FOLL_SPLIT_PMD PINPAGE_FOLL_SPLIT_PMD
#if PINPAGE_ERA(KERNEL_VERSION(5, 16, 0), PINPAGE_FOREVER)
#define FOLL_NOFAULT PINPAGE_FOLL_NOFAULT
#endif
#if PINPAGE_ERA(0, KERNEL_VERSION(6, 3, 0))
#define FOLL_TOUCH PINPAGE_FOLL_TOUCH
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 6, 0), KERNEL_VERSION(6, 3, 0))
#define FOLL_PIN PINPAGE_FOLL_PIN
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 7, 0), KERNEL_VERSION(6, 3, 0))
#define FOLL_FAST_ONLY PINPAGE_FOLL_FAST_ONLY
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 2, 0), PINPAGE_FOREVER)
#define FOLL_PCI_P2PDMA PINPAGE_FOLL_PCI_P2PDMA
#define FOLL_INTERRUPTIBLE PINPAGE_FOLL_INTERRUPTIBLE
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 6, 0), PINPAGE_FOREVER)
#define FOLL_HONOR_NUMA_FAULT PINPAGE_FOLL_HONOR_NUMA_FAULT
#endif

/* gup.h: acquire */
#if defined(PINPAGE_LINUX_VERSION) && PINPAGE_LINUX_VERSION < KERNEL_VERSION(6, 5, 0)
#define get_user_pages pinpage_get_user_pages_vmas
#else
#define get_user_pages pinpage_get_user_pages
#endif
#define get_user_pages_unlocked pinpage_get_user_pages_unlocked
#define get_user_pages_fast pinpage_get_user_pages_fast
/* _remote: a leading task before 5.9, vmas before 6.5 */
#if defined(PINPAGE_LINUX_VERSION) && PINPAGE_LINUX_VERSION < KERNEL_VERSION(5, 9, 0)
#define get_user_pages_remote(tsk, mm, start, nr, flags, pages, vmas, locked) \
	((void)(tsk), (void)(vmas),					\
	 pinpage_get_user_pages_remote(mm, start, nr, flags, pages, locked))
#define pin_user_pages_remote(tsk, mm, start, nr, flags, pages, vmas, locked) \
	((void)(tsk), (void)(vmas),					\
	 pinpage_pin_user_pages_remote(mm, start, nr, flags, pages, locked))
#elif defined(PINPAGE_LINUX_VERSION) && PINPAGE_LINUX_VERSION < KERNEL_VERSION(6, 5, 0)
#define get_user_pages_remote(mm, start, nr, flags, pages, vmas, locked) \
	((void)(vmas), pinpage_get_user_pages_remote(mm, start, nr, flags, pages, locked))
#define pin_user_pages_remote(mm, start, nr, flags, pages, vmas, locked) \
	((void)(vmas), pinpage_pin_user_pages_remote(mm, start, nr, flags, pages, locked))
#else
#define get_user_pages_remote pinpage_get_user_pages_remote
#define pin_user_pages_remote pinpage_pin_user_pages_remote
#endif
#if PINPAGE_ERA(0, KERNEL_VERSION(5, 18, 0))
#define get_user_pages_locked pinpage_get_user_pages_locked
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 7, 0), KERNEL_VERSION(5, 18, 0))
#define pin_user_pages_locked pinpage_pin_user_pages_locked
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 7, 0), PINPAGE_FOREVER)
#define get_user_pages_fast_only pinpage_get_user_pages_fast_only
#define get_user_page_fast_only pinpage_get_user_page_fast_only
#define pin_user_pages_unlocked pinpage_pin_user_pages_unlocked
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 7, 0), KERNEL_VERSION(6, 3, 0))
#define pin_user_pages_fast_only pinpage_pin_user_pages_fast_only
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 5, 0), PINPAGE_FOREVER)
#define get_user_page_vma_remote pinpage_get_user_page_vma_remote
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 6, 0), PINPAGE_FOREVER)
#if defined(PINPAGE_LINUX_VERSION) && PINPAGE_LINUX_VERSION < KERNEL_VERSION(6, 5, 0)
#define pin_user_pages pinpage_pin_user_pages_vmas
#else
#define pin_user_pages pinpage_pin_user_pages
#endif
#define pin_user_pages_fast pinpage_pin_user_pages_fast
#endif
/* never in the kernel by this name: the seed's own */
#define pin_page pinpage_pin_page

/* notifier.h */
#define MMU_NOTIFY_UNMAP PINPAGE_MMU_NOTIFY_UNMAP
#define MMU_NOTIFY_CLEAR PINPAGE_MMU_NOTIFY_CLEAR
#define MMU_NOTIFY_PROTECTION_VMA PINPAGE_MMU_NOTIFY_PROTECTION_VMA
#define MMU_NOTIFY_PROTECTION_PAGE PINPAGE_MMU_NOTIFY_PROTECTION_PAGE
#define MMU_NOTIFY_SOFT_DIRTY PINPAGE_MMU_NOTIFY_SOFT_DIRTY
#define MMU_NOTIFY_RELEASE PINPAGE_MMU_NOTIFY_RELEASE
#define MMU_NOTIFY_MIGRATE PINPAGE_MMU_NOTIFY_MIGRATE
#define MMU_NOTIFY_EXCLUSIVE PINPAGE_MMU_NOTIFY_EXCLUSIVE
#define MMU_NOTIFIER_RANGE_BLOCKABLE PINPAGE_MMU_NOTIFIER_RANGE_BLOCKABLE
#define mmu_notifier_register pinpage_mmu_notifier_register
#define mmu_notifier_unregister pinpage_mmu_notifier_unregister
#define mmu_notifier_get pinpage_mmu_notifier_get
#define mmu_notifier_put pinpage_mmu_notifier_put
#define mmu_notifier_synchronize pinpage_mmu_notifier_synchronize
#define mmu_notifier_range_blockable pinpage_mmu_notifier_range_blockable
#define mmu_interval_notifier_insert pinpage_mmu_interval_notifier_insert
#define mmu_interval_notifier_remove pinpage_mmu_interval_notifier_remove
#define mmu_interval_read_begin pinpage_mmu_interval_read_begin
#define mmu_interval_read_retry pinpage_mmu_interval_read_retry
#define mmu_interval_check_retry pinpage_mmu_interval_check_retry
#define mmu_interval_set_seq pinpage_mmu_interval_set_seq

/* memory of devices */
#define is_pci_p2pdma_page pinpage_is_pci_p2pdma_page
#define is_device_coherent_page pinpage_is_device_coherent_page

/* ksm.h */
#define PageKsm pinpage_PageKsm

/* gup.h: release */
#if PINPAGE_ERA(KERNEL_VERSION(5, 2, 0), KERNEL_VERSION(5, 6, 0))
#define put_user_page pinpage_put_user_page
#define put_user_pages pinpage_put_user_pages
#if defined(PINPAGE_LINUX_VERSION) && PINPAGE_LINUX_VERSION < KERNEL_VERSION(5, 4, 0)
#define put_user_pages_dirty_lock(pages, npages) \
	pinpage_put_user_pages_dirty_lock(pages, npages, true)
#else
#define put_user_pages_dirty_lock pinpage_put_user_pages_dirty_lock
#endif
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 2, 0), KERNEL_VERSION(5, 4, 0))
#define put_user_pages_dirty pinpage_put_user_pages_dirty
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 6, 0), PINPAGE_FOREVER)
#define unpin_user_page pinpage_unpin_user_page
#define unpin_user_pages pinpage_unpin_user_pages
#define unpin_user_pages_dirty_lock pinpage_unpin_user_pages_dirty_lock
#endif
#if PINPAGE_ERA(KERNEL_VERSION(5, 14, 0), PINPAGE_FOREVER)
#define unpin_user_page_range_dirty_lock pinpage_unpin_user_page_range_dirty_lock
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 11, 0), PINPAGE_FOREVER)
#define unpin_user_folio pinpage_unpin_user_folio
#define unpin_folio pinpage_unpin_folio
#define unpin_folios pinpage_unpin_folios
#define memfd_pin_folios pinpage_memfd_pin_folios
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 5, 0), PINPAGE_FOREVER)
#define folio_add_pin pinpage_folio_add_pin
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 13, 0), PINPAGE_FOREVER)
#define folio_add_pins pinpage_folio_add_pins
#endif

/* iov_iter.h */
#define ITER_UBUF PINPAGE_ITER_UBUF
#define ITER_IOVEC PINPAGE_ITER_IOVEC
#define ITER_BVEC PINPAGE_ITER_BVEC
#define ITER_KVEC PINPAGE_ITER_KVEC
#define ITER_XARRAY PINPAGE_ITER_XARRAY
#define ITER_DISCARD PINPAGE_ITER_DISCARD
#define ITER_DEST PINPAGE_ITER_DEST
#define ITER_SOURCE PINPAGE_ITER_SOURCE
#define iov_iter_init pinpage_iov_iter_init
#define iov_iter_ubuf pinpage_iov_iter_ubuf
#define iov_iter_bvec pinpage_iov_iter_bvec
#define iov_iter_kvec pinpage_iov_iter_kvec
#define iov_iter_discard pinpage_iov_iter_discard
#define iov_iter_advance pinpage_iov_iter_advance
#define iov_iter_revert pinpage_iov_iter_revert
#define iov_iter_npages pinpage_iov_iter_npages
#define iov_iter_count pinpage_iov_iter_count
#define iov_iter_truncate pinpage_iov_iter_truncate
#define iov_iter_rw pinpage_iov_iter_rw
#define user_backed_iter pinpage_user_backed_iter
#if PINPAGE_ERA(0, KERNEL_VERSION(6, 0, 0))
#define iov_iter_get_pages pinpage_iov_iter_get_pages
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 0, 0), PINPAGE_FOREVER)
#define iov_iter_get_pages2 pinpage_iov_iter_get_pages2
#define iov_iter_get_pages_alloc2 pinpage_iov_iter_get_pages_alloc2
#endif
#if PINPAGE_ERA(KERNEL_VERSION(6, 3, 0), PINPAGE_FOREVER)
#define ITER_ALLOW_P2PDMA PINPAGE_ITER_ALLOW_P2PDMA
#define iov_iter_extract_pages pinpage_iov_iter_extract_pages
#define iov_iter_extract_will_pin pinpage_iov_iter_extract_will_pin
#endif

/* users of gup */
#define fixup_user_fault pinpage_fixup_user_fault
#define access_process_vm pinpage_access_process_vm

#endif
