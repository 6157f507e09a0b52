/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * rules.h - what differs between kernel releases and proposals, as data
 *
 * A switch is read at exactly one place in the model; a preset is one row of
 * one table. Reference: semantics of the releases in doc/design.md.
 *
 * Rules for callers:
 * - Presets are static and constant; copy one to change it, and boot with the
 *   copy. Boot copies again: what it was given may go away.
 * - Rules hold from boot to shutdown.
 * - A copy made by hand starts from a preset, so that switches which a later
 *   version adds have a value.
 */
#ifndef PINPAGE_RULES_H
#define PINPAGE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

enum pinpage_pin_tracking {		/* what a pin adds to the counts */
	PINPAGE_PIN_NONE,		/* refcount + 1: up to 5.6 */
	PINPAGE_PIN_BIAS_EXACT2,	/* bias; exact pincount for order > 1: 5.7 */
	PINPAGE_PIN_BIAS_EXACT,		/* bias; exact pincount for order >= 1: 5.18 */
};

enum pinpage_release_api {		/* which release family exists */
	PINPAGE_RELEASE_PUT_PAGE,	/* put_page() only: up to 5.1 */
	PINPAGE_RELEASE_PUT_USER,	/* put_user_page*(): 5.2 to 5.5 */
	PINPAGE_RELEASE_UNPIN,		/* unpin_user_page*(): from 5.6 */
};

enum pinpage_args {			/* argument validation of GUP */
	PINPAGE_ARGS_NONE,		/* nothing about FOLL_PIN: up to 5.5 */
	PINPAGE_ARGS_5_6,		/* FOLL_GET on pin_*: -EINVAL; NULL pages unchecked */
	PINPAGE_ARGS_5_18,		/* 6.1: also NULL pages -EINVAL */
	PINPAGE_ARGS_6_3,		/* slow pin_* return 0 for invalid arguments */
};

enum pinpage_fork_pinned {		/* pinned anonymous page at fork */
	PINPAGE_FORK_SHARE,		/* shared read-only: before 5.9 */
	PINPAGE_FORK_COPY,		/* child gets a copy: 5.9 */
	PINPAGE_FORK_COPY_SEQ,		/* and write_protect_seq against gup-fast: 5.11 */
};

enum pinpage_cow_reuse {		/* when a write fault keeps the page */
	PINPAGE_COW_MAPCOUNT,		/* mapped once (page references ignored): before 5.8 */
	PINPAGE_COW_REFCOUNT,		/* sole reference: 5.9 to 5.18 */
	PINPAGE_COW_EXCLUSIVE,		/* PG_anon_exclusive: 5.19 */
};

enum pinpage_force_write {		/* FOLL_FORCE write on a read-only private PTE */
	PINPAGE_FORCE_DROP_WRITE,	/* write flag dropped after COW: before 4.9 */
	PINPAGE_FORCE_FOLL_COW,		/* FOLL_COW + dirty PTE: 4.9 */
	PINPAGE_FORCE_EXCLUSIVE,	/* anonymous and exclusive: 6.0 */
};

enum pinpage_writeback_pinned {		/* writeback of a maybe-pinned page */
	PINPAGE_WB_IGNORE,		/* every shipped kernel */
	PINPAGE_WB_WAIT,		/* S18: NONE skips, ALL waits for unpin */
	PINPAGE_WB_BOUNCE,		/* S19: snapshot written, dirty stays; NONE skips */
	PINPAGE_WB_SKIP,		/* S23: NONE skips, ALL writes and cleans */
};

enum pinpage_dirty_duty {		/* who marks a page dirty for the device */
	PINPAGE_DIRTY_AT_PUT,		/* the driver or the release helper */
	PINPAGE_DIRTY_AT_PIN,		/* D: the acquire, if FOLL_WRITE */
	PINPAGE_DIRTY_KEPT,		/* S: the pin keeps a dirty page dirty */
};

enum pinpage_no_buffers {		/* blkfs: writepage of a dirty page without buffers */
	PINPAGE_NO_BUFFERS_BUG,		/* BUG(): before 5.18 */
	PINPAGE_NO_BUFFERS_DROP,	/* warn, drop the dirty bit and the data */
};

enum pinpage_zero_page {		/* FOLL_PIN of the small zero page */
	PINPAGE_ZERO_COUNTED,		/* like any page: before 6.5 */
	PINPAGE_ZERO_EXEMPT,		/* nothing at all: 6.5, Debian 6.1.135 */
};

enum pinpage_placement {		/* where FOLL_LONGTERM refuses to stay */
	PINPAGE_PLACE_ANYWHERE,		/* no rule */
	PINPAGE_PLACE_NO_CMA,		/* CMA pages are migrated: 5.1 */
	PINPAGE_PLACE_NO_MOVABLE,	/* and ZONE_MOVABLE: 5.13 */
};

enum pinpage_migration_marks {		/* accessed and dirty, of what moves */
	PINPAGE_MARKS_LOST,		/* old and clean afterwards: up to 6.0 */
	PINPAGE_MARKS_DIRTY,		/* a dirty one counts as written: 6.1 */
	PINPAGE_MARKS_KEPT,		/* only if a huge leaf maps it: 6.12 */
};

enum pinpage_longterm_unmoved {		/* FOLL_LONGTERM page that could not be moved */
	PINPAGE_UNMOVED_KEPT,		/* stays pinned where it is: 5.1 */
	PINPAGE_UNMOVED_RETRY,		/* -ENOMEM; not isolated: again, for ever: 5.13 */
	PINPAGE_UNMOVED_TRUSTED,	/* -ENOMEM; nothing isolated: kept: 6.14, 6.15 */
};

enum pinpage_numa_skip {		/* private page that hinting leaves alone */
	PINPAGE_NUMA_SKIP_MAPPED,	/* mapped twice: up to 5.16 */
	PINPAGE_NUMA_SKIP_REFERENCED,	/* any second reference: 5.17 */
	PINPAGE_NUMA_SKIP_PINNED,	/* maybe pinned, or mapped twice: 6.12 */
};

enum pinpage_ref_guard {		/* refcount overflow defence */
	PINPAGE_REF_UNGUARDED,		/* before 5.1 */
	PINPAGE_REF_TRY_GET,		/* refuse on count <= 0 */
};

enum pinpage_fast_overflow {		/* *_fast: start + len wraps, or nr < 0 */
	PINPAGE_FAST_OVERFLOW_ZERO,	/* 0: up to 6.1 */
	PINPAGE_FAST_OVERFLOW_ERRNO,	/* -EOVERFLOW: 6.12 */
};

enum pinpage_notifier_flush {		/* when devices that share page tables flush */
	PINPAGE_NOTIFIER_FLUSH_END,	/* as an invalidation ends: up to 6.5 */
	PINPAGE_NOTIFIER_FLUSH_TLB,	/* with each flush of the CPUs' TLB: 6.6 */
};

enum pinpage_dontunmap {		/* MREMAP_DONTUNMAP */
	PINPAGE_DONTUNMAP_NONE,		/* unknown: up to 5.6 */
	PINPAGE_DONTUNMAP_ANON,		/* private anonymous areas: 5.7 */
	PINPAGE_DONTUNMAP_ANY,		/* 5.13 */
};

enum pinpage_uffd_features {		/* what userfaultfd offers */
	PINPAGE_UFFD_FILLS,		/* missing pages: up to 5.6 */
	PINPAGE_UFFD_PROTECTS,		/* write protection of anonymous memory: 5.7 */
	PINPAGE_UFFD_MINORS,		/* minor faults (5.13), protection of files (5.19) */
	PINPAGE_UFFD_UNPOPULATED,	/* protection of empty entries: 6.4 */
	PINPAGE_UFFD_MOVES,		/* poison (6.6), async (6.7), move (6.8) */
};

/**
 * struct pinpage_rules - one complete rule set
 *
 * A caller may copy a preset, change switches and boot with the copy.
 */
struct pinpage_rules {
	const char *name;		/* "6.1", "stay-dirty-bounce" */
	const char *title;		/* one line */
	unsigned int version;		/* 0xMMmm of the release, or of the proposal's base */
	char stage;			/* L, P, B, D, S as in the semantics */
	bool proposal;			/* never shipped */
	bool has_pin_api;		/* pin_user_pages*() exist: 5.6 */
	bool has_fast_only;		/* get_user_pages_fast_only(): 5.7 */
	bool has_pin_fast_only;		/* pin_user_pages_fast_only(): 5.7, gone in 6.3 */
	bool has_pin_unlocked;		/* pin_user_pages_unlocked(): 5.7 */
	bool has_range_release;		/* unpin_user_page_range_dirty_lock(): 5.14 */
	bool has_folio_release;		/* unpin_folio(s), unpin_user_folio: 6.11 */
	bool has_folio_add_pin;		/* folio_add_pin(): 6.5 */
	bool has_folio_add_pins;	/* folio_add_pins(): 6.13 */
	bool has_iov_extract;		/* iov_iter_extract_pages(): 6.3 */
	bool has_put_dirty;		/* put_user_pages_dirty(): 5.2, 5.3 */
	bool put_make_dirty;		/* put_user_pages_dirty_lock() has 3 arguments: 5.4 */
	enum pinpage_release_api release_api;
	enum pinpage_pin_tracking pin_tracking;
	enum pinpage_args args;
	bool longterm_on_get;		/* FOLL_LONGTERM legal on get_user_pages: up to 5.6 */
	bool longterm_on_unlocked;	/* and on *_unlocked, *_remote(&locked): 6.3 */
	bool errno_guard;		/* unpin_user_pages() refuses an errno as count: 5.10 */
	bool null_entries;		/* unpin_user_pages() skips NULL entries: 6.11 */
	bool fast_nofault;		/* FOLL_NOFAULT in the fast whitelist: 5.16 */
	bool fast_touch;		/* slow fallback of fast always touches: 6.3 */
	bool eagain_on_kill;		/* -EAGAIN when killed waiting for mmap_lock: 6.3 */
	enum pinpage_fast_overflow fast_overflow;
	enum pinpage_fork_pinned fork_pinned;
	enum pinpage_cow_reuse cow_reuse;
	bool unshare;			/* R/O FOLL_PIN unshares non-exclusive anon: 5.19 */
	bool unshare_longterm;		/* R/O LONGTERM breaks COW of file/zero pages: 6.2 */
	bool hugetlb_fork_copies;	/* fork copies a pinned page of hugetlb: 5.12 */
	bool hugetlb_dontneed;		/* MADV_DONTNEED on hugetlb: 5.18 */
	bool hugetlb_force;		/* FOLL_FORCE write on hugetlb: 6.13 */
	bool hugetlb_split_refused;	/* FOLL_SPLIT_PMD on hugetlb is an error: 6.12 */
	bool hugetlb_mremap;		/* mremap() moves hugetlb: 5.16 */
	bool hugetlb_punch_zeroes;	/* a hole in part of a page of hugetlbfs: 6.0 */
	bool hugetlb_longterm_enomem;	/* LONGTERM on unfit hugetlb fails: 5.13 to 6.4 */
	bool hugetlb_read_healthy;	/* hugetlbfs reads up to the failed frame: 6.6 */
	bool move_pages_hugetlb_head;	/* move_pages() wants its first page: up to 6.6 */
	enum pinpage_migration_marks migration_marks;
	bool ksm_poison;		/* memory_failure() of a merged page: 6.4 */
	enum pinpage_force_write force_write;
	enum pinpage_writeback_pinned writeback_pinned;
	enum pinpage_dirty_duty dirty_duty;
	bool swap_refuses_pinned;	/* 5.11 */
	bool lazyfree_checks_refs;	/* MADV_FREE page with references stays: 5.18 */
	bool softdirty_skips_pinned;	/* clear_refs leaves pinned pages writable: 5.11 */
	bool reclaim_keeps_private;	/* of a pinned page: 6.4, Debian 6.1.37 */
	bool reclaim_writes_files;	/* kswapd, pages of a disk file system: up to 6.1 */
	enum pinpage_no_buffers no_buffers;
	bool dio_pins;			/* block direct I/O pins its user pages: 6.5 */
	enum pinpage_zero_page zero_page;
	bool longterm_file_ban;		/* PIN+LONGTERM+WRITE on dirty-tracked file: -EFAULT, 6.5 */
	bool memfd_exec;		/* MFD_EXEC, MFD_NOEXEC_SEAL, F_SEAL_EXEC: 6.3 */
	bool seal_maps_readonly;	/* write-sealed memfd: shared R/O mappings: 6.7 */
	bool has_secretmem;		/* memfd_secret(), and what GUP says to it: 5.14 */
	bool fsdax_by_vma;		/* LONGTERM on FS-DAX refused by the area: 5.12 */
	bool p2pdma_refused;		/* PCI page without FOLL_PCI_P2PDMA: -EREMOTEIO, 6.2 */
	bool pfn_eexist;		/* FOLL_GET of an entry without a page: -EEXIST, 5.18 */
	enum pinpage_placement placement;
	bool recheck_pmd;		/* gup-fast re-reads the PMD too: 6.1 */
	bool split_eagain;		/* folio split refuses references with -EAGAIN: 6.1 */
	bool has_collapse;		/* MADV_COLLAPSE: 6.1 */
	enum pinpage_ref_guard ref_guard;
	enum pinpage_notifier_flush notifier_flush;
	bool notifier_change_pte;	/* ->change_pte() is called: up to 6.9 */
	bool uffd_move;			/* UFFDIO_MOVE exists: 6.8 */
	enum pinpage_uffd_features uffd_features;
	enum pinpage_longterm_unmoved longterm_unmoved;
	enum pinpage_numa_skip numa_skip;
	bool numa_follow;		/* GUP takes pages behind hinting entries: 6.6 */
	bool move_pages_enoent;		/* move_pages() of an empty anonymous entry: 6.12 */
	enum pinpage_dontunmap mremap_dontunmap;
	bool protect_clean;		/* mprotect keeps clean or huge leaves writable: 6.2 */
	bool punch_cleans;		/* a hole is written before it is punched: up to 6.12 */
	bool split_keeps_dirty;		/* entries of a split huge leaf are dirty as it was: 6.4 */
	bool swapin_writable;		/* a read fault brings back write rights, too: 6.11 */
	bool split_zeropage;		/* pages of zeroes go when a folio splits: 6.12 */
	bool hugetlb_nofault;		/* FOLL_NOFAULT counts on hugetlb: 6.6 */
	bool collapse_retracts;		/* file collapse: every table goes, leaf at once: 6.6 */
	bool shmem_fits_area;		/* huge pages of files only where a leaf fits: 6.11 */
	bool fault_maps_folio;		/* a PTE fault maps all of a memfd's folio: 6.11 */
	bool nohuge_no_leaf;		/* MADV_NOHUGEPAGE: no leaf of a file either: 6.12 */
};

/**
 * pinpage_rules_find() - the preset of that name
 * @name: "6.1", "stay-dirty-bounce", ...; NULL finds nothing
 *
 * Context: any, before boot too. Locking: none.
 * Return:  the preset, static; NULL when there is none.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const struct pinpage_rules *pinpage_rules_find(const char *name);

/**
 * pinpage_rules_nth() - the presets one after the other
 * @n: from 0; releases come first, oldest first, then the proposals
 *
 * Context: any, before boot too. Locking: none.
 * Return:  the preset, static; NULL from pinpage_rules_count() on.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const struct pinpage_rules *pinpage_rules_nth(size_t n);

/**
 * pinpage_rules_count() - how many presets there are
 *
 * Context: any, before boot too. Locking: none.
 * Return:  their number.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API size_t pinpage_rules_count(void);

/**
 * pinpage_rules_check() - can a machine run by these rules?
 * @rules: a complete rule set
 *
 * Refuses switches that contradict each other, such as pin_*() calls without
 * unpin_*(), or a page kept dirty by a pin that writeback ignores. Rules that
 * would look for pinned pages while no pin is tracked pass: they find none.
 *
 * Context: any, before boot too. Locking: none.
 * Return:  0; -EINVAL (NULL, no name, title, version or stage, a value that
 *          the switch does not have, a contradiction).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_rules_check(const struct pinpage_rules *rules);

/**
 * pinpage_rules_set() - change one switch by name
 * @rules:      changed only on success, and not checked as a whole
 * @assignment: "reclaim_keeps_private=1", "writeback_pinned=bounce"; no blanks
 *
 * Context: any, before boot too. Locking: none.
 * Return:  0; -EINVAL (NULL, no "=", unknown value), -ENOENT (unknown switch).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_rules_set(struct pinpage_rules *rules,
				  const char *assignment);

/**
 * pinpage_rules_parse() - a preset plus changes
 * @rules: out; untouched on failure
 * @text:  "6.1" or "6.1,reclaim_keeps_private=0"; the result keeps the name
 *         of the preset
 *
 * Context: any, before boot too. Locking: none.
 * Return:  0; -EINVAL (NULL, an assignment that pinpage_rules_set() or a
 *          result that pinpage_rules_check() refuses), -ENOENT (unknown
 *          preset or switch).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_rules_parse(struct pinpage_rules *rules,
				    const char *text);

/**
 * pinpage_rules_switch_name() - the switches one after the other
 * @n: from 0
 *
 * Context: any, before boot too. Locking: none.
 * Return:  the name, static; NULL after the last.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_rules_switch_name(size_t n);

/**
 * pinpage_rules_switch_story() - what a switch decides, and since when
 * @switch_name: a name; NULL is unknown
 *
 * Context: any, before boot too. Locking: none.
 * Return:  one sentence without a full stop, static; NULL for an unknown switch.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_rules_switch_story(const char *switch_name);

/**
 * pinpage_rules_switch_choice() - the values of a switch one after the other
 * @switch_name: a name; NULL is unknown
 * @n:           from 0, oldest behaviour first
 *
 * Context: any, before boot too. Locking: none.
 * Return:  the value's name, static; NULL after the last and for an unknown
 *          switch.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_rules_switch_choice(const char *switch_name,
						    size_t n);

/**
 * pinpage_rules_switch_value() - the name of a switch's value
 * @rules:       a rule set
 * @switch_name: a name
 * @buf:         out, at most @size bytes with the NUL; NULL if @size is 0
 * @size:        bytes
 *
 * Context: any, before boot too. Locking: none.
 * Return:  length of the name, which was cut if that is not below @size;
 *          -EINVAL (NULL, a value that the switch does not have), -ENOENT
 *          (unknown switch).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_rules_switch_value(const struct pinpage_rules *rules,
					   const char *switch_name,
					   char *buf, size_t size);

#ifdef __cplusplus
}
#endif

#endif
