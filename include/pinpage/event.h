/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * event.h - the spine: everything the model does that somebody may observe
 *
 * Rules for callers:
 * - A subscriber is the caller's object; it stays where it is, unchanged, from
 *   pinpage_subscribe() until pinpage_unsubscribe() has returned.
 * - Callbacks run in the emitting task, between two steps of the model: they
 *   must not call into the model, take its locks or sleep. The scheduler of
 *   the deterministic engine (PINPAGE_ORDER_SCHEDULE) alone may switch tasks.
 * - A callback does not emit: it is never called from within itself. While
 *   the scheduler has switched away in its callback other tasks do emit, so a
 *   second call may start before the first has returned, on another stack;
 *   a callback that switches keeps its state where that is safe.
 * - An event and what it points to are valid only during the call.
 * - Statistics are exact when the tasks that count have ended or are quiet.
 *
 * Mirrors: include/linux/tracepoint.h, mm/vmstat.c in what they are for.
 */
#ifndef PINPAGE_EVENT_H
#define PINPAGE_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <pinpage/api.h>

#ifdef __cplusplus
extern "C" {
#endif

struct page;
struct address_space;
struct mm_struct;

/*
 * X(ENUM, "yield-point-name", "one line for a story")
 * The name is what schedules and timelines use.
 */
#define PINPAGE_EVENTS(X)						\
	/* references: emitted by the public entry points only */	\
	X(GET, "get", "took a reference")				\
	X(PUT, "put", "dropped a reference")				\
	X(PIN, "pin", "pinned")						\
	X(UNPIN, "unpin", "unpinned")					\
	X(GRAB, "grab", "raised the count, not yet the bias")		\
	X(RECHECK, "recheck", "about to read the PTE again")		\
	X(DIRTY_CALL, "dirty-call", "asked to mark a page dirty")	\
	X(RELEASE_CALL, "release-call", "entered a release helper")	\
	/* frames */							\
	X(ALLOC, "alloc", "frame allocated")				\
	X(FREE, "free", "frame freed")					\
	X(LOCK_PAGE, "lock-page", "page lock taken")			\
	X(UNLOCK_PAGE, "unlock-page", "page lock dropped")		\
	X(SPLIT, "split", "folio split into its pages")			\
	/* page cache */						\
	X(CACHE_ADD, "cache-add", "page entered the page cache")	\
	X(CACHE_REMOVE, "cache-remove", "page left the page cache")	\
	X(READ_IN, "read-in", "page filled from its file")		\
	X(DIRTY, "dirty", "dirty flag set")				\
	X(CLEAN, "clean", "dirty flag cleared for write-back")		\
	X(UNDIRTY, "undirty", "dirty flag cancelled, nothing to write")	\
	X(SKIP, "skip", "write-back skipped a pinned page")		\
	X(BOUNCE, "bounce", "snapshot of a pinned page taken")		\
	X(WAIT_UNPIN, "wait-unpin", "waits for the pins to go")	\
	X(WB_START, "wb-start", "write-back submitted")			\
	X(WB_END, "wb-end", "write-back ended")				\
	X(DURABLE, "durable", "bytes reached stable storage")		\
	X(PRIV_ATTACH, "priv-attach", "private data attached")		\
	X(PRIV_RELEASE, "priv-release", "private data released")	\
	X(RESERVE, "reserve", "blocks reserved by the file system")	\
	X(DROPPED, "dropped", "file system dropped a dirty page")	\
	X(FSYNC_START, "fsync", "fsync entered")			\
	X(FSYNC_END, "fsync-end", "fsync returned")			\
	X(TRUNCATE, "truncate", "file range removed")			\
	X(INVALIDATE, "invalidate", "page invalidated")			\
	X(EVICT, "evict", "clean page reclaimed")			\
	X(FILE_WRITE, "file-write", "write() copied bytes in")		\
	X(FILE_READ, "file-read", "read() copied bytes out")		\
	X(DIO, "dio", "direct I/O")					\
	X(POWER_CUT, "power-cut", "volatile write cache lost")		\
	/* address spaces */						\
	X(FAULT, "fault", "page fault")					\
	X(MKWRITE, "mkwrite", "page_mkwrite: file system notified")	\
	X(PTE_SET, "pte-set", "PTE installed or upgraded")		\
	X(PTE_CLEAR, "pte-clear", "PTE removed")			\
	X(PTE_WRPROTECT, "pte-wrprotect", "PTE write-protected")	\
	X(MKCLEAN, "mkclean", "PTEs of a page made clean and read-only") \
	X(TLB_FLUSH, "tlb-flush", "translations flushed")		\
	X(COW, "cow", "page copied on write")				\
	X(FORK, "fork", "address space copied")				\
	X(FORK_PINNED, "fork-pinned", "pinned page copied for the child") \
	X(UNMAP, "unmap", "range unmapped")				\
	X(RECLAIM, "reclaim", "reclaim looks at a page")		\
	X(MMU_START, "mmu-start", "notifiers told that a range becomes invalid") \
	X(MMU_END, "mmu-end", "notifiers told that the invalidation has ended") \
	X(SWAP_ADD, "swap-add", "page got a slot of a swap area")	\
	X(SWAP_OUT, "swap-out", "page is written to its slot")		\
	X(SWAP_IN, "swap-in", "page filled from its slot")		\
	X(MIGRATE, "migrate", "page moved to another frame")		\
	X(KSM_MERGE, "ksm-merge", "page merged with an equal one")	\
	X(CPU_STORE, "cpu-store", "CPU stored through a mapping")	\
	X(CPU_LOAD, "cpu-load", "CPU loaded through a mapping")		\
	/* devices */							\
	X(DMA_MAP, "dma-map", "range mapped for a device")		\
	X(DMA_UNMAP, "dma-unmap", "range unmapped from a device")	\
	X(DMA_READ, "dma-read", "device read memory")			\
	X(DMA_WRITE, "dma-write", "device wrote memory")		\
	X(DMA_DONE, "dma-done", "device completed")			\
	/* execution */							\
	X(YIELD, "yield", "named point of a scenario")			\
	X(LOCK, "lock", "lock taken")					\
	X(UNLOCK, "unlock", "lock dropped")				\
	X(BLOCK, "block", "task waits")					\
	X(WAKE, "wake", "task woken")					\
	X(TASK_START, "start", "task started")				\
	X(TASK_END, "end", "task ended")				\
	X(TRAP, "trap", "the kernel would have stopped here")		\
	X(WARN, "warn", "the kernel would have warned here")

enum pinpage_event_kind {
#define X(sym, name, text) PINPAGE_EV_##sym,
	PINPAGE_EVENTS(X)
#undef X
	PINPAGE_NR_EVENTS
};

/* a set of kinds: PINPAGE_EV_BIT(PINPAGE_EV_PIN) | PINPAGE_EV_BIT(...) */
__extension__ typedef unsigned __int128 pinpage_event_set;

#define PINPAGE_EV_BIT(kind) ((pinpage_event_set)1 << (kind))
#define PINPAGE_EV_ALL (~(pinpage_event_set)0)

/* flags of an event */
#define PINPAGE_EVF_WRITE	0x01u	/* access for writing (pin, fault, DMA map) */
#define PINPAGE_EVF_LONGTERM	0x02u	/* FOLL_LONGTERM */
#define PINPAGE_EVF_LOCKED	0x04u	/* the page lock was held by the caller */
#define PINPAGE_EVF_FAST	0x08u	/* lock-free walk */
#define PINPAGE_EVF_FOLIO	0x10u	/* @nr pins of the one folio of @page */
#define PINPAGE_EVF_SYNC_ALL	0x20u	/* WB_SYNC_ALL */
#define PINPAGE_EVF_NO_COUNT	0x40u	/* zero page: nothing was counted */
#define PINPAGE_EVF_MAPPED	0x80u	/* caller holds a PTE lock on a mapping of the page */
#define PINPAGE_EVF_ERROR	0x100u	/* @arg holds a -errno */
#define PINPAGE_EVF_GUP		0x200u	/* GET: taken by get_user_pages*() */

/**
 * struct pinpage_event - one observable step
 * @kind:    what happened
 * @flags:   PINPAGE_EVF_*
 * @page:    the page concerned, or NULL; for a batch its first page
 * @pages:   batch of @nr pages (GET, PIN, PUT, UNPIN from array calls), or NULL
 * @nr:      pages concerned: entries of @pages, or pages starting at @page
 * @mapping: file the page belongs (or belonged) to, or NULL
 * @index:   offset in @mapping in pages
 * @mm:      address space concerned, or NULL
 * @addr:    user address of the first page, or 0
 * @arg:     per kind: byte offset in page, errno, lock rank, ...
 * @len:     per kind: bytes
 * @name:    per kind: yield-point name, lock name, warning text; or NULL
 * @site:    return address into the caller of the public function, or NULL
 *
 * Valid only during the call of a subscriber.
 */
struct pinpage_event {
	enum pinpage_event_kind kind;
	unsigned int flags;
	struct page *page;
	struct page *const *pages;
	unsigned long nr;
	struct address_space *mapping;
	unsigned long index;
	struct mm_struct *mm;
	unsigned long addr;
	long arg;
	unsigned long len;
	const char *name;
	const void *site;
};

/* Who hears an event first; the scheduler comes last, since it may switch. */
enum pinpage_event_order {
	PINPAGE_ORDER_LEDGER,
	PINPAGE_ORDER_CHECK,
	PINPAGE_ORDER_TRACE,
	PINPAGE_ORDER_SCHEDULE,
	PINPAGE_NR_ORDERS
};

/* at most so many subscribers of one order at a time */
#define PINPAGE_ORDER_MAX 8

/**
 * struct pinpage_subscriber - one listener; owned by the caller while subscribed
 * @kinds: PINPAGE_EV_BIT() of every kind it wants; not changed while subscribed
 * @order: when it is called among the others; within an order the sequence
 *         is unspecified
 * @fn:    called synchronously in the emitting task; must not take model locks
 *         nor change the model; only the scheduler may switch tasks
 * @priv:  the caller's
 */
struct pinpage_subscriber {
	pinpage_event_set kinds;
	enum pinpage_event_order order;
	void (*fn)(struct pinpage_subscriber *self,
		   const struct pinpage_event *event);
	void *priv;
};

/**
 * pinpage_subscribe() - hear events from now on
 * @sub: filled in by the caller, who keeps it until it is unsubscribed
 *
 * What this task emits after the call is heard; other tasks follow as soon as
 * they see the change. Allowed at any time, before boot and between boots too;
 * pinpage_shutdown() drops, with a warning, what is still subscribed.
 *
 * Context: any, callbacks included. Locking: none needed; spins briefly.
 * Order:   what @sub points to is visible to every task that calls @sub->fn.
 * Return:  0; -EINVAL (NULL @sub or @sub->fn, unknown order, no known kind),
 *          -EBUSY (@sub is subscribed), -ENOSPC (PINPAGE_ORDER_MAX of that
 *          order are).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_subscribe(struct pinpage_subscriber *sub);

/**
 * pinpage_unsubscribe() - hear no more events
 * @sub: subscribed before; the caller's again when the call returns 0
 *
 * Waits until no other thread is inside a callback, so the caller must not
 * hold what a callback waits for. Does not wait for the calling thread: a
 * callback may unsubscribe itself and uses @sub->fn's frame to its end, and
 * the deterministic engine's scheduler stays subscribed while tasks run.
 *
 * Context: any where spinning is allowed. Locking: none needed.
 * Order:   every finished call of @sub->fn happened before the return:
 *          MB unsubscribe-vs-deliver (A).
 * Return:  0; -EINVAL (NULL), -ENOENT (@sub is not subscribed).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_unsubscribe(struct pinpage_subscriber *sub);

/**
 * pinpage_event_name() - the name that schedules and timelines use
 * @kind: a kind
 *
 * Context: any. Locking: none.
 * Return:  "pin", "wb-start", ...; "?" for an unknown kind. Static.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_event_name(enum pinpage_event_kind kind);

/**
 * pinpage_event_text() - what happened, for a story
 * @kind: a kind
 *
 * Context: any. Locking: none.
 * Return:  "took a reference", ...; "?" for an unknown kind. Static.
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API const char *pinpage_event_text(enum pinpage_event_kind kind);

/**
 * pinpage_event_kind_of() - the kind that has a name
 * @name: as pinpage_event_name() gives it
 *
 * Context: any. Locking: none.
 * Return:  the kind; -EINVAL (NULL), -ENOENT (no such name).
 * Mirrors: none. Since: 0.1
 */
PINPAGE_API int pinpage_event_kind_of(const char *name);

/* vmstat: X(ENUM, "name as in /proc/vmstat") */
#define PINPAGE_STATS(X)						\
	X(NR_FOLL_PIN_ACQUIRED, "nr_foll_pin_acquired")			\
	X(NR_FOLL_PIN_RELEASED, "nr_foll_pin_released")			\
	X(NR_FREE_PAGES, "nr_free_pages")				\
	X(NR_ANON_PAGES, "nr_anon_pages")				\
	X(NR_FILE_PAGES, "nr_file_pages")				\
	X(NR_FILE_MAPPED, "nr_mapped")					\
	X(NR_FILE_DIRTY, "nr_dirty")					\
	X(NR_WRITEBACK, "nr_writeback")					\
	X(NR_DIRTIED, "nr_dirtied")					\
	X(NR_WRITTEN, "nr_written")					\
	X(NR_PAGETABLE, "nr_page_table_pages")				\
	X(PGFAULT, "pgfault")						\
	X(PGMAJFAULT, "pgmajfault")					\
	X(PGALLOC, "pgalloc")						\
	X(PGFREE, "pgfree")						\
	X(PGSCAN, "pgscan")						\
	X(PGSTEAL, "pgsteal")						\
	X(PGPGIN, "pgpgin")						\
	X(PGPGOUT, "pgpgout")						\
	X(PAGES_SKIPPED, "wb_pages_skipped")				\
	/* huge pages; nr_* count folios */				\
	X(NR_ANON_THPS, "nr_anon_transparent_hugepages")		\
	X(NR_SHMEM_THPS, "nr_shmem_hugepages")				\
	X(NR_SHMEM_PMDMAPPED, "nr_shmem_pmdmapped")			\
	X(THP_FAULT_ALLOC, "thp_fault_alloc")				\
	X(THP_FAULT_FALLBACK, "thp_fault_fallback")			\
	X(THP_COLLAPSE_ALLOC, "thp_collapse_alloc")			\
	X(THP_COLLAPSE_ALLOC_FAILED, "thp_collapse_alloc_failed")	\
	X(THP_FILE_ALLOC, "thp_file_alloc")				\
	X(THP_FILE_MAPPED, "thp_file_mapped")				\
	X(THP_SPLIT_PAGE, "thp_split_page")				\
	X(THP_SPLIT_PAGE_FAILED, "thp_split_page_failed")		\
	X(THP_DEFERRED_SPLIT_PAGE, "thp_deferred_split_page")		\
	X(THP_SPLIT_PMD, "thp_split_pmd")				\
	X(THP_ZERO_PAGE_ALLOC, "thp_zero_page_alloc")			\
	X(NR_SWAPCACHED, "nr_swapcached")				\
	X(PSWPIN, "pswpin")						\
	X(PSWPOUT, "pswpout")						\
	X(PGLAZYFREE, "pglazyfree")					\
	X(PGLAZYFREED, "pglazyfreed")					\
	X(PGSTEAL_KSWAPD, "pgsteal_kswapd")				\
	X(NR_MLOCK, "nr_mlock")						\
	X(NR_UNEVICTABLE, "nr_unevictable")				\
	X(UNEVICTABLE_PGCULLED, "unevictable_pgs_culled")		\
	X(UNEVICTABLE_PGRESCUED, "unevictable_pgs_rescued")		\
	X(UNEVICTABLE_PGMLOCKED, "unevictable_pgs_mlocked")		\
	X(UNEVICTABLE_PGMUNLOCKED, "unevictable_pgs_munlocked")		\
	X(UNEVICTABLE_PGCLEARED, "unevictable_pgs_cleared")		\
	X(UNEVICTABLE_PGSTRANDED, "unevictable_pgs_stranded")

enum pinpage_stat {
#define X(sym, name) PINPAGE_STAT_##sym,
	PINPAGE_STATS(X)
#undef X
	PINPAGE_NR_STATS
};

/**
 * pinpage_stat() - one counter, summed over all threads
 * @item: PINPAGE_STAT_*
 *
 * Since boot. While others count the sum may lag, and for a counter that falls
 * as well as rises be negative for a moment; it needs no refresh, unlike the
 * kernel's per-CPU deltas, and it is not clamped.
 *
 * Context: any. Locking: none needed; spins briefly.
 * Return:  the sum; 0 for an unknown item.
 * Mirrors: mm/vmstat.c:global_node_page_state() 6.1; differs: as said.
 * Since: 0.1
 */
PINPAGE_API long pinpage_stat(enum pinpage_stat item);

/**
 * pinpage_stat_name() - a counter's name as in /proc/vmstat
 * @item: PINPAGE_STAT_*
 *
 * Context: any. Locking: none.
 * Return:  "nr_foll_pin_acquired", ...; "?" for an unknown item. Static.
 * Mirrors: mm/vmstat.c:vmstat_text. Since: 0.1
 */
PINPAGE_API const char *pinpage_stat_name(enum pinpage_stat item);

#ifdef __cplusplus
}
#endif

#endif
