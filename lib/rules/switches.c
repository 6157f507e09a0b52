// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * switches.c - every switch: its name, its values, its story
 *
 * In the order of struct pinpage_rules. A story is one or two sentences that
 * can follow "the rule that allows it is": what is decided, and since when.
 */
#include "rules/table.h"

#define VALUES(...)	(const char *const []){ __VA_ARGS__, NULL }
#define SWITCH(member, values_, story_)					\
	{								\
		.name = #member,					\
		.offset = offsetof(struct pinpage_rules, member),	\
		.size = sizeof(((struct pinpage_rules *)0)->member),	\
		.values = values_,					\
		.story = story_,					\
	}
#define FLAG(member, story_)	SWITCH(member, off_on, story_)

static const char *const off_on[] = { "0", "1", NULL };

const struct pp_rules_switch pp_rules_switches[] = {
	FLAG(has_pin_api,
	     "pin_user_pages*() and unpin_user_page*() arrived in 5.6"),
	FLAG(has_fast_only,
	     "get_user_pages_fast_only() exists with the bias rules, from 5.7"),
	FLAG(has_pin_fast_only,
	     "pin_user_pages_fast_only() exists with the bias rules, from 5.7, and went in 6.3"),
	FLAG(has_pin_unlocked,
	     "pin_user_pages_unlocked() exists with the bias rules, from 5.7"),
	FLAG(has_range_release,
	     "unpin_user_page_range_dirty_lock() arrived in 5.14"),
	FLAG(has_folio_release,
	     "unpin_folio(), unpin_folios() and unpin_user_folio() arrived with 6.11 and 6.12"),
	FLAG(has_folio_add_pin,
	     "folio_add_pin(), which no statistic counts, arrived with the pins of direct I/O "
	     "in 6.5"),
	FLAG(has_folio_add_pins,
	     "folio_add_pins(), which is counted, arrived in 6.13"),
	FLAG(has_iov_extract,
	     "iov_iter_extract_pages() arrived in 6.3"),
	FLAG(has_put_dirty,
	     "put_user_pages_dirty(), which dirties without the page lock, lived from 5.2 to 5.3"),
	FLAG(put_make_dirty,
	     "put_user_pages_dirty_lock() took a make_dirty argument from 5.4"),
	SWITCH(release_api, VALUES("put_page", "put_user", "unpin"),
	       "which release belongs to a page from GUP: put_page() up to 5.1, "
	       "put_user_page*() from 5.2, unpin_user_page*() from 5.6"),
	SWITCH(pin_tracking, VALUES("none", "bias_exact2", "bias_exact"),
	       "what a pin adds: 1, like any reference, up to 5.6; 1024 from 5.7, with "
	       "an exact count beside it for order 2 and up, from 5.18 for order 1 too"),
	SWITCH(args, VALUES("none", "5.6", "5.18", "6.3"),
	       "FOLL_GET on pin_*() is -EINVAL from 5.6, NULL pages in 6.1; from 6.3 "
	       "the slow pin_*() return 0 for both"),
	FLAG(longterm_on_get,
	     "FOLL_LONGTERM on get_user_pages() was legal up to 5.6 and is -EINVAL since"),
	FLAG(longterm_on_unlocked,
	     "FOLL_LONGTERM on pin_user_pages_unlocked() and pin_user_pages_remote(&locked) "
	     "is legal from 6.3"),
	FLAG(errno_guard,
	     "unpin_user_pages() refuses an errno as a count from 5.10"),
	FLAG(null_entries,
	     "unpin_user_pages() skips NULL entries from 6.11"),
	FLAG(fast_nofault,
	     "the fast variants take FOLL_NOFAULT from 5.16"),
	FLAG(fast_touch,
	     "the slow fallback of the fast variants always marks pages accessed from 6.3; "
	     "before, not with FOLL_LONGTERM"),
	FLAG(eagain_on_kill,
	     "killed while waiting for mmap_lock is -EAGAIN from 6.3, -EINTR before"),
	SWITCH(fast_overflow, VALUES("zero", "errno"),
	       "a wrapping range or a negative count on the fast variants is 0 in 6.1, "
	       "-EOVERFLOW in 6.12"),
	SWITCH(fork_pinned, VALUES("share", "copy", "copy_seq"),
	       "fork shared a pinned anonymous page up to 5.8; the child gets a copy from "
	       "5.9, and write_protect_seq (57efa1fe5957, 5.11) closes the race with gup-fast"),
	SWITCH(cow_reuse, VALUES("mapcount", "refcount", "exclusive"),
	       "a write fault kept the page when it was mapped once, up to 5.7; when it had "
	       "one reference from 5.9 (09854ba94c6a); when it is exclusive from 5.19"),
	FLAG(unshare,
	     "a read-only pin of a shared anonymous page gets a page of its own from 5.19"),
	FLAG(unshare_longterm,
	     "a read-only FOLL_LONGTERM pin breaks COW of private file and zero pages from 6.2"),
	FLAG(hugetlb_fork_copies,
	     "fork gives the child a copy of a pinned huge page of hugetlb from 5.12"),
	FLAG(hugetlb_dontneed,
	     "MADV_DONTNEED takes memory of hugetlb from 5.18"),
	FLAG(hugetlb_force,
	     "a FOLL_FORCE write to memory of hugetlb was -EFAULT up to 6.12"),
	FLAG(hugetlb_split_refused,
	     "FOLL_SPLIT_PMD on memory of hugetlb, ignored up to 6.5, is -EOPNOTSUPP in 6.12"),
	FLAG(hugetlb_mremap,
	     "mremap() moves memory of hugetlb from 5.16; before, it only shrank it"),
	FLAG(hugetlb_punch_zeroes,
	     "a hole that covers part of a huge page of hugetlbfs is zeroed from 6.0"),
	FLAG(hugetlb_longterm_enomem,
	     "a FOLL_LONGTERM pin of a page of hugetlb that may not stay was -ENOMEM from "
	     "5.13 to 6.4; it is moved since, and was before"),
	FLAG(hugetlb_read_healthy,
	     "read() of a huge page with a failed frame gives the bytes in front of it from "
	     "6.6 (38c1ddbde6c6); before, none of the page"),
	FLAG(move_pages_hugetlb_head,
	     "move_pages() took the first page of one of hugetlb only up to 6.6; others "
	     "were -EACCES"),
	SWITCH(migration_marks, VALUES("lost", "dirty", "kept"),
	       "a page that moved was old and clean up to 6.0; from 6.1 (0ccf7f168e17) it is "
	       "accessed and dirty as before, and then soft-dirty, too; in 6.12 that only by a "
	       "huge leaf"),
	FLAG(ksm_poison,
	     "memory_failure() of a merged page takes it from all who map it from 6.4; "
	     "before, it was -EBUSY and nothing happened"),
	SWITCH(force_write, VALUES("drop_write", "foll_cow", "exclusive"),
	       "FOLL_FORCE retried without the write flag up to 4.8 (Dirty COW); FOLL_COW and "
	       "a dirty PTE from 4.9 (19be0eaffa3a); an exclusive page from 6.0 (5535be309971)"),
	SWITCH(writeback_pinned, VALUES("ignore", "wait", "bounce", "skip"),
	       "writeback cleans a pinned page like any other in every released kernel; "
	       "waiting (2018), bouncing (2019) and skipping (2023) are proposals"),
	SWITCH(dirty_duty, VALUES("at_put", "at_pin", "kept"),
	       "the driver or its release helper marks pages dirty in every released kernel; "
	       "at the pin (March 2019) and kept dirty by the pin (2018, 2019) are proposals"),
	FLAG(swap_refuses_pinned,
	     "a pinned anonymous page is not swapped out from 5.11 (feb889fb40fa)"),
	FLAG(lazyfree_checks_refs,
	     "reclaim leaves a page of MADV_FREE alone that has references from 5.18 "
	     "(6c8e2a256915); before, it is unmapped if it is clean; 5.10 by a backport"),
	FLAG(softdirty_skips_pinned,
	     "clearing the soft-dirty bit leaves a writable entry of a pinned page alone "
	     "from 5.11 (9348b73c2e1b); 5.10 by a backport"),
	FLAG(reclaim_keeps_private,
	     "reclaim leaves the private data (buffers) of a pinned page alone from 6.4 "
	     "(d824ec2a1546); Debian from 6.1.37"),
	FLAG(reclaim_writes_files,
	     "kswapd writes a dirty page of a file itself when it finds nothing else, and "
	     "takes its buffers then; up to 6.1: ext4 lost its writepage in 6.2"),
	SWITCH(no_buffers, VALUES("bug", "drop"),
	       "ext4 writing a dirty page without buffers was a BUG(); from 5.18 "
	       "(cc5095747edf) it warns, clears the dirty flag and drops the data"),
	FLAG(dio_pins,
	     "block direct I/O pins user pages from 6.5 (a7e689dd1c06); before, it only "
	     "takes references"),
	SWITCH(zero_page, VALUES("counted", "exempt"),
	       "pinning the zero page counts nothing from 6.5 (c8070b787519); Debian from 6.1.135"),
	FLAG(longterm_file_ban,
	     "FOLL_LONGTERM write pins of files that track dirty pages are -EFAULT from 6.5 "
	     "(8ac268436e6d, a6e79df92e4a)"),
	FLAG(memfd_exec,
	     "memfd_create() knows MFD_EXEC and MFD_NOEXEC_SEAL, and seals F_SEAL_EXEC, from 6.3"),
	FLAG(seal_maps_readonly,
	     "a memfd that is sealed against writing can be mapped shared and read-only from 6.7"),
	FLAG(has_secretmem,
	     "memfd_secret() exists from 5.14; GUP refuses its memory"),
	FLAG(fsdax_by_vma,
	     "FOLL_LONGTERM on FS-DAX is -EOPNOTSUPP: found among the pages taken up to "
	     "5.11, by the area from 5.12"),
	FLAG(p2pdma_refused,
	     "GUP takes memory of a PCI device only with FOLL_PCI_P2PDMA from 6.2 (4003f107fa2e), "
	     "else it is -EREMOTEIO"),
	FLAG(pfn_eexist,
	     "an entry without a struct page is -EEXIST for FOLL_GET from 5.18, before -EFAULT"),
	SWITCH(placement, VALUES("anywhere", "no_cma", "no_movable"),
	       "FOLL_LONGTERM migrates pages out of CMA areas from 5.1, out of ZONE_MOVABLE "
	       "from 5.13"),
	FLAG(recheck_pmd,
	     "gup-fast reads the PMD again after taking a reference from 6.1 (70cbc3cc78a9)"),
	FLAG(split_eagain,
	     "splitting a folio that somebody refers to is -EAGAIN in Debian's 6.1 "
	     "and later kernels, -EBUSY before"),
	FLAG(has_collapse,
	     "MADV_COLLAPSE arrived in 6.1 (7d8faaf15545); before, it is -EINVAL"),
	SWITCH(ref_guard, VALUES("unguarded", "try_get"),
	       "GUP refuses a page whose count is not positive from 5.1 (8fde12ca79af)"),
	SWITCH(notifier_flush, VALUES("end", "tlb"),
	       "a device that shares the page tables flushes when an invalidation ends; from "
	       "6.6 (1af5a8109904) whenever the CPUs do"),
	FLAG(notifier_change_pte,
	     "an mmu notifier's change_pte() is called up to 6.9"),
	FLAG(uffd_move,
	     "UFFDIO_MOVE moves pages between addresses from 6.8 (adef440691ba)"),
	SWITCH(uffd_features, VALUES("fills", "protects", "minors", "unpopulated", "moves"),
	       "userfaultfd write-protects from 5.7, knows minor faults from 5.13 and protects "
	       "memory of files from 5.19, empty entries from 6.4; poison, async and move came "
	       "with 6.6 to 6.8"),
	SWITCH(longterm_unmoved, VALUES("kept", "retry", "trusted"),
	       "a FOLL_LONGTERM page that cannot be moved kept its pin up to 5.12; from 5.13 "
	       "the call fails with -ENOMEM, and walks again, perhaps for ever, while nothing "
	       "can be isolated; 6.14 and 6.15 took that for success (1aaf8c122918, reverted "
	       "by 517f496e1e61)"),
	SWITCH(numa_skip, VALUES("mapped", "referenced", "pinned"),
	       "NUMA hinting left private pages alone that are mapped twice; from 5.17 "
	       "(80d47f5de5e3) those with any second reference; in 6.12 those that may be pinned"),
	FLAG(numa_follow,
	     "GUP takes a page behind a NUMA hinting entry from 6.6 (d74943a2f3cd) unless "
	     "FOLL_HONOR_NUMA_FAULT is given; before, only with FOLL_FORCE"),
	FLAG(move_pages_enoent,
	     "move_pages() says -ENOENT for an anonymous entry that is empty from 6.12, "
	     "where folio_walk replaced follow_page(); before, -EFAULT"),
	SWITCH(mremap_dontunmap, VALUES("none", "anon", "any"),
	       "MREMAP_DONTUNMAP came in 5.7 (e346b3813067) for private anonymous areas; "
	       "5.13 (a4609387859f) took the others"),
	FLAG(protect_clean,
	     "mprotect() leaves exclusive pages writable that are clean, and huge leaves, "
	     "from 6.2 (c27f479e3fb5, 6a56ccbcf6c6)"),
	FLAG(punch_cleans,
	     "punching a hole wrote the range back first; 6.14, and Debian's 6.12.117 by "
	     "backport, write the partial pages at its ends at most"),
	FLAG(split_keeps_dirty,
	     "splitting a huge leaf that is dirty marks the folio and leaves the entries clean; "
	     "from 6.4 they are dirty, too"),
	FLAG(swapin_writable,
	     "a read fault at an exclusive page in swap gives an entry that can be written "
	     "from 6.11; before, only a write fault did"),
	FLAG(split_zeropage,
	     "pages of zeroes are given up when an anonymous folio is split, for the zero page, "
	     "from 6.12 (b1f202060afe)"),
	FLAG(hugetlb_nofault,
	     "FOLL_NOFAULT keeps GUP from faulting at hugetlb from 6.6, where "
	     "follow_hugetlb_page() went (4849807114b8); it did not look at the flag"),
	FLAG(collapse_retracts,
	     "collapsing a file's pages takes the page tables of all who map them from 6.6 "
	     "(1d65b771bc08), and maps the huge page where there was no table; before, only "
	     "the caller's table"),
	FLAG(shmem_fits_area,
	     "a fault makes a huge page of shared memory only in an area where a huge leaf "
	     "fits from 6.11 (e7a2ab7b3bb5)"),
	FLAG(fault_maps_folio,
	     "a fault that finds a page table maps the whole folio of unlinked shared memory "
	     "from 6.11 (43e027e41423); before, the page"),
	FLAG(nohuge_no_leaf,
	     "an area with MADV_NOHUGEPAGE gets no huge leaf of a file's huge page from 6.12 "
	     "(2b0f922323cc)"),
};

const size_t pp_rules_nr_switches =
	sizeof(pp_rules_switches) / sizeof(pp_rules_switches[0]);
