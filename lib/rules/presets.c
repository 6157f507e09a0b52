// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * presets.c - the releases and the proposals, one row each
 *
 * A row is three clusters: which calls exist and what they accept (API), what
 * memory management does around a pin (MM), and what it does because of one
 * (PINNED). A cluster is named after the release that brought it, and every
 * switch is in exactly one cluster of a row.
 *
 * Rows are released kernels, without stable backports, except 5.10 and 6.1:
 * the first is 5.10.262, as its sources read; the second Debian's 6.1.192
 * image, where reclaim keeps private data of pinned pages (6.1.37) and the
 * zero page is not pinned (6.1.135).
 *
 * A proposal is the design on top of the release it is easiest to imagine
 * in: those of 2018 and 2019 predate FOLL_PIN and could not have been built
 * before it, so they run on the calls and the arithmetic of 5.7; the one of
 * 2023 on 6.2, for which it was posted.
 */
#include "rules/rules.h"
#include "rules/table.h"

/* 5.1: put_page() is all there is; FOLL_LONGTERM is get_user_pages_longterm() */
#define API_5_1								\
	.has_pin_api = false,						\
	.has_fast_only = false,						\
	.has_pin_fast_only = false,					\
	.has_pin_unlocked = false,					\
	.has_range_release = false,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.has_put_dirty = false,						\
	.put_make_dirty = false,					\
	.release_api = PINPAGE_RELEASE_PUT_PAGE,			\
	.pin_tracking = PINPAGE_PIN_NONE,				\
	.args = PINPAGE_ARGS_NONE,					\
	.longterm_on_get = true,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = false,						\
	.null_entries = false,						\
	.fast_nofault = false,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 5.2 and 5.4: the placeholders; which of the dirty helpers is in the row */
#define API_5_2								\
	.has_pin_api = false,						\
	.has_fast_only = false,						\
	.has_pin_fast_only = false,					\
	.has_pin_unlocked = false,					\
	.has_range_release = false,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.release_api = PINPAGE_RELEASE_PUT_USER,			\
	.pin_tracking = PINPAGE_PIN_NONE,				\
	.args = PINPAGE_ARGS_NONE,					\
	.longterm_on_get = true,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = false,						\
	.null_entries = false,						\
	.fast_nofault = false,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 5.6: pin_*() and unpin_*() exist and count nothing */
#define API_5_6								\
	.has_pin_api = true,						\
	.has_fast_only = false,						\
	.has_pin_fast_only = false,					\
	.has_pin_unlocked = false,					\
	.has_range_release = false,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.has_put_dirty = false,						\
	.put_make_dirty = true,						\
	.release_api = PINPAGE_RELEASE_UNPIN,				\
	.pin_tracking = PINPAGE_PIN_NONE,				\
	.args = PINPAGE_ARGS_5_6,					\
	.longterm_on_get = true,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = false,						\
	.null_entries = false,						\
	.fast_nofault = false,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 5.7: the bias */
#define API_5_7								\
	.has_pin_api = true,						\
	.has_fast_only = true,						\
	.has_pin_fast_only = true,					\
	.has_pin_unlocked = true,					\
	.has_range_release = false,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.has_put_dirty = false,						\
	.put_make_dirty = true,						\
	.release_api = PINPAGE_RELEASE_UNPIN,				\
	.pin_tracking = PINPAGE_PIN_BIAS_EXACT2,			\
	.args = PINPAGE_ARGS_5_6,					\
	.longterm_on_get = false,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = false,						\
	.null_entries = false,						\
	.fast_nofault = false,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 5.10: an errno as a count is refused */
#define API_5_10							\
	.has_pin_api = true,						\
	.has_fast_only = true,						\
	.has_pin_fast_only = true,					\
	.has_pin_unlocked = true,					\
	.has_range_release = false,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.has_put_dirty = false,						\
	.put_make_dirty = true,						\
	.release_api = PINPAGE_RELEASE_UNPIN,				\
	.pin_tracking = PINPAGE_PIN_BIAS_EXACT2,			\
	.args = PINPAGE_ARGS_5_6,					\
	.longterm_on_get = false,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = true,						\
	.null_entries = false,						\
	.fast_nofault = false,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 5.18: exact counts for order 1 too; the checks of 6.1 */
#define API_5_18							\
	.has_pin_api = true,						\
	.has_fast_only = true,						\
	.has_pin_fast_only = true,					\
	.has_pin_unlocked = true,					\
	.has_range_release = true,					\
	.has_folio_release = false,					\
	.has_folio_add_pin = false,					\
	.has_folio_add_pins = false,					\
	.has_iov_extract = false,					\
	.has_put_dirty = false,						\
	.put_make_dirty = true,						\
	.release_api = PINPAGE_RELEASE_UNPIN,				\
	.pin_tracking = PINPAGE_PIN_BIAS_EXACT,				\
	.args = PINPAGE_ARGS_5_18,					\
	.longterm_on_get = false,					\
	.longterm_on_unlocked = false,					\
	.errno_guard = true,						\
	.null_entries = false,						\
	.fast_nofault = true,						\
	.fast_touch = false,						\
	.eagain_on_kill = false,					\
	.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO

/* 6.3: central validation; what 6.11 and 6.12 added is in the row */
#define API_6_3								\
	.has_pin_api = true,						\
	.has_fast_only = true,						\
	.has_pin_fast_only = false,					\
	.has_pin_unlocked = true,					\
	.has_range_release = true,					\
	.has_folio_add_pin = true,					\
	.has_iov_extract = true,					\
	.has_put_dirty = false,						\
	.put_make_dirty = true,						\
	.release_api = PINPAGE_RELEASE_UNPIN,				\
	.pin_tracking = PINPAGE_PIN_BIAS_EXACT,				\
	.args = PINPAGE_ARGS_6_3,					\
	.longterm_on_get = false,					\
	.longterm_on_unlocked = true,					\
	.errno_guard = true,						\
	.fast_nofault = true,						\
	.fast_touch = true,						\
	.eagain_on_kill = true

#define NOTIFIER(flush, change_pte)					\
	.notifier_flush = PINPAGE_NOTIFIER_FLUSH_##flush,		\
	.notifier_change_pte = (change_pte)

/* 6.6 to 6.12: huge pages of files in memory */
#define FILE_THP(v)							\
	.collapse_retracts = (v), .shmem_fits_area = (v),		\
	.fault_maps_folio = (v), .nohuge_no_leaf = (v)

/* 6.1: huge pages that are in use are refused with -EAGAIN; MADV_COLLAPSE */
#define THP(v)	.split_eagain = (v), .has_collapse = (v)

/* mremap(): 5.16; punching zeroes: 6.0; long-term pins that would move fail: 5.13-6.4 */
#define HUGETLB(moves, punch, enomem)					\
	.hugetlb_mremap = (moves), .hugetlb_punch_zeroes = (punch),	\
	.hugetlb_longterm_enomem = (enomem)

/*
 * failed memory: merged pages 6.4, reading the rest 6.6; move_pages() of a part
 * 6.7; what a moved page's entry remembers
 */
#define FAILS(merged, healthy, head, marks)				\
	.ksm_poison = (merged), .hugetlb_read_healthy = (healthy),	\
	.move_pages_hugetlb_head = (head),				\
	.migration_marks = PINPAGE_MARKS_##marks

/* 5.1 to 5.7: no pin is visible to anybody */
#define MM_5_1								\
	.fork_pinned = PINPAGE_FORK_SHARE,				\
	.cow_reuse = PINPAGE_COW_MAPCOUNT,				\
	.unshare = false,						\
	.unshare_longterm = false,					\
	.hugetlb_fork_copies = false,					\
	.hugetlb_dontneed = false,					\
	.hugetlb_force = false,						\
	.hugetlb_split_refused = false,					\
	HUGETLB(false, false, false),					\
	FAILS(false, false, true, LOST),				\
	.force_write = PINPAGE_FORCE_FOLL_COW,				\
	.no_buffers = PINPAGE_NO_BUFFERS_BUG,				\
	.dio_pins = false,						\
	.zero_page = PINPAGE_ZERO_COUNTED,				\
	.longterm_file_ban = false,					\
	.memfd_exec = false,						\
	.seal_maps_readonly = false,					\
	.has_secretmem = false,						\
	.fsdax_by_vma = false,						\
	.p2pdma_refused = false,					\
	.pfn_eexist = false,						\
	.placement = PINPAGE_PLACE_NO_CMA,				\
	THP(false), .recheck_pmd = false,					\
	.ref_guard = PINPAGE_REF_TRY_GET,				\
	NOTIFIER(END, true),						\
	.uffd_move = false, FILE_THP(false)

/* 5.10: fork copies pinned pages; a write keeps a page that is nobody else's */
#define MM_5_10								\
	.fork_pinned = PINPAGE_FORK_COPY_SEQ,				\
	.cow_reuse = PINPAGE_COW_REFCOUNT,				\
	.unshare = false,						\
	.unshare_longterm = false,					\
	.hugetlb_fork_copies = false,					\
	.hugetlb_dontneed = false,					\
	.hugetlb_force = false,						\
	.hugetlb_split_refused = false,					\
	HUGETLB(false, false, false),					\
	FAILS(false, false, true, LOST),				\
	.force_write = PINPAGE_FORCE_FOLL_COW,				\
	.no_buffers = PINPAGE_NO_BUFFERS_DROP,				\
	.dio_pins = false,						\
	.zero_page = PINPAGE_ZERO_COUNTED,				\
	.longterm_file_ban = false,					\
	.memfd_exec = false,						\
	.seal_maps_readonly = false,					\
	.has_secretmem = false,						\
	.fsdax_by_vma = false,						\
	.p2pdma_refused = false,					\
	.pfn_eexist = false,						\
	.placement = PINPAGE_PLACE_NO_CMA,				\
	THP(false), .recheck_pmd = false,					\
	.ref_guard = PINPAGE_REF_TRY_GET,				\
	NOTIFIER(END, true),						\
	.uffd_move = false, FILE_THP(false)

/* 5.19: PG_anon_exclusive */
#define MM_5_19								\
	.fork_pinned = PINPAGE_FORK_COPY_SEQ,				\
	.cow_reuse = PINPAGE_COW_EXCLUSIVE,				\
	.unshare = true,						\
	.unshare_longterm = false,					\
	.hugetlb_fork_copies = true,					\
	.hugetlb_dontneed = true,					\
	.hugetlb_force = false,						\
	.hugetlb_split_refused = false,					\
	HUGETLB(true, false, true),					\
	FAILS(false, false, true, LOST),				\
	.force_write = PINPAGE_FORCE_FOLL_COW,				\
	.no_buffers = PINPAGE_NO_BUFFERS_DROP,				\
	.dio_pins = false,						\
	.zero_page = PINPAGE_ZERO_COUNTED,				\
	.longterm_file_ban = false,					\
	.memfd_exec = false,						\
	.seal_maps_readonly = false,					\
	.has_secretmem = true,						\
	.fsdax_by_vma = true,						\
	.p2pdma_refused = false,					\
	.pfn_eexist = true,						\
	.placement = PINPAGE_PLACE_NO_MOVABLE,				\
	THP(false), .recheck_pmd = false,					\
	.ref_guard = PINPAGE_REF_TRY_GET,				\
	NOTIFIER(END, true),						\
	.uffd_move = false, FILE_THP(false)

/* 6.1; the zero page is in the row, since Debian's differs from upstream's */
#define MM_6_1								\
	.fork_pinned = PINPAGE_FORK_COPY_SEQ,				\
	.cow_reuse = PINPAGE_COW_EXCLUSIVE,				\
	.unshare = true,						\
	.hugetlb_fork_copies = true,					\
	.hugetlb_dontneed = true,					\
	.hugetlb_force = false,						\
	.hugetlb_split_refused = false,					\
	HUGETLB(true, true, true),					\
	FAILS(false, false, true, DIRTY),				\
	.force_write = PINPAGE_FORCE_EXCLUSIVE,				\
	.no_buffers = PINPAGE_NO_BUFFERS_DROP,				\
	.dio_pins = false,						\
	.longterm_file_ban = false,					\
	.memfd_exec = false,						\
	.seal_maps_readonly = false,					\
	.has_secretmem = true,						\
	.fsdax_by_vma = true,						\
	.pfn_eexist = true,						\
	.placement = PINPAGE_PLACE_NO_MOVABLE,				\
	THP(true), .recheck_pmd = true,					\
	.ref_guard = PINPAGE_REF_TRY_GET,				\
	NOTIFIER(END, true),						\
	.uffd_move = false, FILE_THP(false)

/* 6.5; what 6.6 to 6.9 changed for mmu notifiers and userfaultfd is in the row */
#define MM_6_5								\
	.fork_pinned = PINPAGE_FORK_COPY_SEQ,				\
	.cow_reuse = PINPAGE_COW_EXCLUSIVE,				\
	.unshare = true,						\
	.unshare_longterm = true,					\
	.hugetlb_fork_copies = true,					\
	.hugetlb_dontneed = true,					\
	HUGETLB(true, true, false),					\
	.force_write = PINPAGE_FORCE_EXCLUSIVE,				\
	.no_buffers = PINPAGE_NO_BUFFERS_DROP,				\
	.dio_pins = true,						\
	.zero_page = PINPAGE_ZERO_EXEMPT,				\
	.longterm_file_ban = true,					\
	.memfd_exec = true,						\
	.has_secretmem = true,						\
	.fsdax_by_vma = true,						\
	.p2pdma_refused = true,						\
	.pfn_eexist = true,						\
	.placement = PINPAGE_PLACE_NO_MOVABLE,				\
	THP(true), .recheck_pmd = true,					\
	.ref_guard = PINPAGE_REF_TRY_GET

/* migration: for long-term pins, NUMA balancing and move_pages() */
#define MOVES(unmoved, skip, follow, enoent)				\
	.longterm_unmoved = PINPAGE_UNMOVED_##unmoved,			\
	.numa_skip = PINPAGE_NUMA_SKIP_##skip,				\
	.numa_follow = (follow),					\
	.move_pages_enoent = (enoent)

/* swap, soft-dirty and lazy-free learned of pins at once, 5.10's by backports */
#define PINNED(writeback, duty, swap, private, writes)			\
	.writeback_pinned = PINPAGE_WB_##writeback,			\
	.dirty_duty = PINPAGE_DIRTY_##duty,				\
	.swap_refuses_pinned = (swap),					\
	.lazyfree_checks_refs = (swap),					\
	.softdirty_skips_pinned = (swap),				\
	.reclaim_keeps_private = (private),				\
	.reclaim_writes_files = (writes)

/* what system calls beside pins can do, from the release in the name on */
#define CALLS_OLD							\
	.protect_clean = false,						\
	.hugetlb_nofault = false,					\
	.punch_cleans = true,						\
	.split_keeps_dirty = false,					\
	.swapin_writable = false,					\
	.split_zeropage = false

#define CALLS_5_1							\
	CALLS_OLD,							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_NONE,			\
	.uffd_features = PINPAGE_UFFD_FILLS

#define CALLS_5_7							\
	CALLS_OLD,							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_ANON,			\
	.uffd_features = PINPAGE_UFFD_PROTECTS

#define CALLS_5_19							\
	CALLS_OLD,							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_ANY,			\
	.uffd_features = PINPAGE_UFFD_MINORS

#define CALLS_6_2							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_ANY,			\
	.protect_clean = true,						\
	.hugetlb_nofault = false,					\
	.punch_cleans = true,						\
	.split_keeps_dirty = false,					\
	.swapin_writable = false,					\
	.split_zeropage = false,					\
	.uffd_features = PINPAGE_UFFD_MINORS

#define CALLS_6_4							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_ANY,			\
	.protect_clean = true,						\
	.hugetlb_nofault = false,					\
	.punch_cleans = true,						\
	.split_keeps_dirty = true,					\
	.swapin_writable = false,					\
	.split_zeropage = false,					\
	.uffd_features = PINPAGE_UFFD_UNPOPULATED

#define CALLS_6_12							\
	.mremap_dontunmap = PINPAGE_DONTUNMAP_ANY,			\
	.protect_clean = true,						\
	.hugetlb_nofault = true,					\
	.punch_cleans = false,						\
	.split_keeps_dirty = true,					\
	.swapin_writable = true,					\
	.split_zeropage = true,						\
	.uffd_features = PINPAGE_UFFD_MOVES

#define HEAD(n, v, s, t)						\
	.name = (n), .title = (t), .version = (v), .stage = (s)

const struct pinpage_rules pp_rules_presets[] = {
	{
		HEAD("5.1", 0x0501, 'L',
		     "before the helpers: get_user_pages() and put_page()"),
		API_5_1, MM_5_1, PINNED(IGNORE, AT_PUT, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_1,
	}, {
		HEAD("5.2", 0x0502, 'P',
		     "placeholders: put_user_page*() is put_page()"),
		API_5_2, MM_5_1, PINNED(IGNORE, AT_PUT, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_1,
		.has_put_dirty = true, .put_make_dirty = false,
	}, {
		HEAD("5.4", 0x0504, 'P',
		     "put_user_pages_dirty_lock(make_dirty); the unlocked helper is gone"),
		API_5_2, MM_5_1, PINNED(IGNORE, AT_PUT, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_1,
		.has_put_dirty = false, .put_make_dirty = true,
	}, {
		HEAD("5.6", 0x0506, 'P',
		     "pin_user_pages*() and unpin_*() arrive and still count nothing"),
		API_5_6, MM_5_1, PINNED(IGNORE, AT_PUT, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_1,
	}, {
		HEAD("5.7", 0x0507, 'B',
		     "a pin adds 1024: page_maybe_dma_pinned() can answer"),
		API_5_7, MM_5_1, PINNED(IGNORE, AT_PUT, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_7,
	}, {
		HEAD("5.10", 0x050a, 'B',
		     "5.10.262: fork copies pinned pages, swap leaves them alone"),
		API_5_10, MM_5_10, PINNED(IGNORE, AT_PUT, true, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_7,
	}, {
		HEAD("5.19", 0x0513, 'B',
		     "PG_anon_exclusive: pinned anonymous pages stay put"),
		API_5_18, MM_5_19, PINNED(IGNORE, AT_PUT, true, false, true),
		MOVES(RETRY, REFERENCED, false, false),
		CALLS_5_19,
	}, {
		HEAD("6.1", 0x0601, 'B',
		     "Debian 12's 6.1.192, with its backports"),
		API_5_18, MM_6_1, PINNED(IGNORE, AT_PUT, true, true, true),
		MOVES(RETRY, REFERENCED, false, false),
		CALLS_5_19,
		.unshare_longterm = false, .zero_page = PINPAGE_ZERO_EXEMPT,
		.p2pdma_refused = false,
	}, {
		HEAD("6.5", 0x0605, 'B',
		     "direct I/O pins; no long-term write pins of tracked files"),
		API_6_3, MM_6_5, PINNED(IGNORE, AT_PUT, true, true, false),
		.seal_maps_readonly = false,
		MOVES(RETRY, REFERENCED, false, false),
		CALLS_6_4,
		FAILS(true, false, true, DIRTY),
		.has_folio_release = false, .null_entries = false,
		.has_folio_add_pins = false,
		.hugetlb_force = false, .hugetlb_split_refused = false,
		.fast_overflow = PINPAGE_FAST_OVERFLOW_ZERO,
		NOTIFIER(END, true), .uffd_move = false, FILE_THP(false),
	}, {
		HEAD("6.12", 0x060c, 'B',
		     "folio releases; writeback still ignores pins"),
		API_6_3, MM_6_5, PINNED(IGNORE, AT_PUT, true, true, false),
		.seal_maps_readonly = true,
		MOVES(RETRY, PINNED, true, true),
		CALLS_6_12,
		FAILS(true, true, false, KEPT),
		.has_folio_release = true, .null_entries = true,
		.has_folio_add_pins = false,
		.hugetlb_force = false, .hugetlb_split_refused = true,
		.fast_overflow = PINPAGE_FAST_OVERFLOW_ERRNO,
		NOTIFIER(TLB, false), .uffd_move = true, FILE_THP(true),
	}, {
		HEAD("7.3", 0x0703, 'B',
		     "7.3.4: what the next releases kept and tightened"),
		API_6_3, MM_6_5, PINNED(IGNORE, AT_PUT, true, true, false),
		.seal_maps_readonly = true,
		MOVES(RETRY, PINNED, true, true),
		CALLS_6_12,
		FAILS(true, true, false, KEPT),
		.has_folio_release = true, .null_entries = true,
		.has_folio_add_pins = true,
		.hugetlb_force = true, .hugetlb_split_refused = true,
		.fast_overflow = PINPAGE_FAST_OVERFLOW_ERRNO,
		NOTIFIER(TLB, false), .uffd_move = true, FILE_THP(true),
	}, {
		HEAD("dirty-at-pin", 0x0507, 'D',
		     "proposal of March 2019 on 5.7: a write pin dirties at once"),
		.proposal = true,
		API_5_7, MM_5_1, PINNED(IGNORE, AT_PIN, false, false, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_7,
	}, {
		HEAD("stay-dirty-wait", 0x0507, 'S',
		     "proposal of July 2018 on 5.7: fsync waits for unpin, flusher skips"),
		.proposal = true,
		API_5_7, MM_5_1, PINNED(WAIT, KEPT, true, true, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_7,
	}, {
		HEAD("stay-dirty-bounce", 0x0507, 'S',
		     "plan of early 2019 on 5.7: snapshots are written, the page stays dirty"),
		.proposal = true,
		API_5_7, MM_5_1, PINNED(BOUNCE, KEPT, true, true, true),
		MOVES(KEPT, MAPPED, false, false),
		CALLS_5_7,
	}, {
		HEAD("stay-dirty-skip", 0x0602, 'S',
		     "RFC of February 2023 on 6.2: flusher skips, fsync writes and cleans"),
		.proposal = true,
		API_5_18, MM_6_1, PINNED(SKIP, AT_PUT, true, true, false),
		MOVES(RETRY, REFERENCED, false, false),
		CALLS_6_2,
		.unshare_longterm = true, .zero_page = PINPAGE_ZERO_COUNTED,
		.p2pdma_refused = true,
	},
};

const size_t pp_rules_nr_presets =
	sizeof(pp_rules_presets) / sizeof(pp_rules_presets[0]);
