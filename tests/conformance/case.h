/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * case.h - what a conformance case is written against
 *
 * One case is one C function. It runs twice: on the model (libpinpage in this
 * process) and on a real Linux under qemu (a static program and a module of
 * ours). Both print the same line, "NAME key=value ...", or one is wrong.
 * README.md beside this file shows how to write and run one and has every call
 * in a table.
 *
 * Rules for cases:
 * - Names: u_*() is what a user process does (system calls, loads, stores),
 *   f_*() the same for files, k_*() what a driver or the kernel does, d_*() what
 *   a device does, m_*() what only the model can do, c_*() is the case's own.
 * - u_*(), f_*(), k_*() run in the current process (on()), as system calls and
 *   as a driver's ioctl would. Addresses are the process' own; never load from
 *   or store to them directly: u_load(), u_store().
 * - Never say() an address, a pg_t, a time or an absolute count. Refcounts,
 *   mapcounts and statistics are said as differences between two readings.
 * - What a case leaves mapped, open, held, running or registered is undone for
 *   it. Page contents start as zeros or as what the case wrote.
 * - Results are >= 0 or -errno (of the host's errno.h). say_ret() prints the
 *   errno's name.
 * - A page is 4096 bytes, a huge page 2 MiB. No THP unless asked for (u_thp()).
 *   Periodic writeback is off unless asked for (k_flusher()).
 */
#ifndef CONFORMANCE_CASE_H
#define CONFORMANCE_CASE_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mman.h>

#define PAGE	4096L
#define HUGE	(512 * PAGE)

/* Newer than the oldest libc we build with. */
#ifndef MADV_COLD
#define MADV_COLD		20
#endif
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT		21
#endif
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ	22
#define MADV_POPULATE_WRITE	23
#endif
#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE		25
#endif
#ifndef MADV_SOFT_OFFLINE
#define MADV_SOFT_OFFLINE	101
#endif
#ifndef MFD_ALLOW_SEALING
#define MFD_ALLOW_SEALING	2U
#endif
#ifndef MFD_HUGETLB
#define MFD_HUGETLB		4U
#endif

/* ------------------------------------------------------------------------
 * Declaring a case
 */

enum conf_need {			/* what the machine must have */
	NEED_SWAP	= 1 << 0,	/* swap is on while the case runs */
	NEED_HUGETLB	= 1 << 1,	/* 2 MiB pages in the pool */
	NEED_NODES	= 1 << 2,	/* two NUMA nodes */
	NEED_MOVABLE	= 1 << 3,	/* user pages come from ZONE_MOVABLE */
	NEED_SECRETMEM	= 1 << 4,
	NEED_DEVMEM	= 1 << 5,	/* u_devmem() */
	NEED_KSM	= 1 << 6,
	NEED_THP	= 1 << 7,
	NEED_UFFD	= 1 << 8,
	NEED_HWPOISON	= 1 << 9,	/* poisons or offlines memory for good */
	NEED_DAX	= 1 << 10,	/* a file system on pmem */
	NEED_FLUSHER	= 1 << 11,	/* waits for periodic writeback */
	NEED_MODEL	= 1 << 15,	/* m_*(), other releases, ...: .why says */
};

enum conf_boot {
	BOOT_SHARED,			/* with others, any order */
	BOOT_LAST,			/* shared, after all others: leaves traces */
	BOOT_OWN,			/* a boot for this case alone */
};

struct conf_case {
	const char *name;		/* "C01": unique; letters, digits, _ */
	const char *rules;		/* "5.7-", "-5.6", "5.2-5.6", "6.1", "all"
					   (releases), "S", "D" (proposals of a
					   stage), "stay-dirty-wait"; several with
					   commas; NULL is "all" */
	const char *title;		/* what it shows, one line */
	unsigned int needs;		/* NEED_* */
	enum conf_boot boot;
	unsigned int secs;		/* alarm, real seconds; 0 is 20 */
	const char *why;		/* why not on a real kernel (NEED_MODEL) */
	void (*run)(void);
	bool random;			/* of random/, made by its name */
	const char *file;		/* filled by CASE() */
	int line;
	struct conf_case *next;
};

/**
 * CASE() - declare a case and register it
 *
 *	CASE(C01, .rules = "5.7-", .title = "a pin adds 1024")
 *	{
 *		unsigned long a = u_anon(1);
 *		...
 *	}
 */
#define CASE(NAME, ...)							\
	static void case_##NAME(void);					\
	static struct conf_case conf_##NAME = {				\
		.name = #NAME, .run = case_##NAME, .file = __FILE__,	\
		.line = __LINE__, __VA_ARGS__				\
	};								\
	__attribute__((constructor)) static void conf_add_##NAME(void)	\
	{								\
		conf_register(&conf_##NAME);				\
	}								\
	static void case_##NAME(void)

void conf_register(struct conf_case *c);

/* ------------------------------------------------------------------------
 * Saying what was seen (common.c)
 */

void say(const char *key, long value);			/* " key=value" */
void say_ret(const char *key, long ret);		/* 3, or -EFAULT */
void say_str(const char *key, const char *value);	/* no blanks in it */
void conf_failed(const char *expr, const char *file, int line);

/* What must hold on both sides; the line ends with FAILED(expr) otherwise. */
#define must(cond)							\
	do {								\
		if (!(cond))						\
			conf_failed(#cond, __FILE__, __LINE__);		\
	} while (0)

/* The rules that the case runs by: a preset's name, or that of the real kernel's
 * release. A proposal counts as the release it builds on. */
bool rules_from(const char *release);		/* that release or newer */
bool rules_until(const char *release);		/* that release or older */
bool rules_are(const char *name);		/* exactly this preset */
char rules_stage(void);				/* L P B D S */
bool on_model(void);				/* avoid; only for m_*() */

/* ------------------------------------------------------------------------
 * Time and waiting: real on the kernel, virtual on the model
 */

void c_sleep(long ms);
#define c_wait(cond, ms)	/* true as soon as cond holds, false after ms */	\
	__extension__({							\
		long c_left = (ms);					\
		while (!(cond) && c_left > 0) {				\
			c_sleep(20);					\
			c_left -= 20;					\
		}							\
		c_left > 0 || (cond);					\
	})

/* ------------------------------------------------------------------------
 * Processes. 0 is the one that the case starts in.
 */

int u_fork(void);		/* of the current process; its number, or -errno */
int u_spawn(void);		/* a process that shares nothing with the others */
int u_on(int proc);		/* from now on current; returns the one before */
void u_exit(int proc);		/* exits, is reaped; not proc 0 */
void u_kill(int proc);		/* SIGKILL, reaped */
void u_stop(int proc);		/* SIGSTOP */
void u_cont(int proc);		/* SIGCONT */
void u_signal(int proc);	/* SIGUSR1 with a handler that does nothing */
bool u_alive(int proc);
long u_setrlimit_memlock(long bytes);
long u_unprivileged(void);	/* drops root and all capabilities for good */
long u_status(const char *field);	/* "VmPin", "VmLck", "VmSwap": in pages */

/* Runs the block in another process:  on(child) { u_put(a, 1); } */
#define on(proc)							\
	for (int on_was = u_on(proc), on_once = 1; on_once;		\
	     on_once = 0, u_on(on_was))

/* ------------------------------------------------------------------------
 * Address space. Lengths in bytes; addresses are > 0, errors are negative when
 * read as long: check with u_bad().
 */

#define u_bad(a)	((long)(a) < 0 && (long)(a) >= -4095)

/* mmap(2); addr 0 lets it choose (at 64 KiB, which is what a read fault maps around),
 * and leaves a hole on both sides. fd -1: none. */
unsigned long u_mmap(unsigned long addr, long len, int prot, int flags,
		     int fd, long off);
unsigned long u_anon(long pages);	/* private, R+W, untouched, no THP */
unsigned long u_anon_w(long pages);	/* and byte 0 of page n stored as n + 1 */
unsigned long u_shared(long pages);	/* MAP_SHARED | MAP_ANONYMOUS, R+W */
unsigned long u_map(int fd, long pages);		/* MAP_SHARED R+W from 0 */
unsigned long u_map_private(int fd, long pages);	/* MAP_PRIVATE R+W from 0 */
unsigned long u_mmap_huge(long len, int prot, int flags, int fd, long off);	/* aligned */
unsigned long u_thp(long huge);		/* aligned, MADV_HUGEPAGE, untouched */
unsigned long u_hugetlb(long huge);	/* private, MAP_HUGETLB, untouched */
unsigned long u_devmem(void);		/* one page of device memory (VM_PFNMAP) */
long u_munmap(unsigned long a, long len);
long u_mprotect(unsigned long a, long len, int prot);
unsigned long u_mremap(unsigned long a, long old_len, long new_len, int flags,
		       unsigned long to);
long u_madvise(unsigned long a, long len, int advice);	/* any MADV_* */
long u_mlock(unsigned long a, long len);
long u_munlock(unsigned long a, long len);
long u_msync(unsigned long a, long len, int flags);
long u_mincore(unsigned long a);	/* 0, 1: in memory */

/* Loads and stores of the process; SIGSEGV and SIGBUS are -EFAULT. */
long u_load(unsigned long a, void *buf, long len);
long u_store(unsigned long a, const void *buf, long len);
long u_get(unsigned long a);		/* a byte: 0..255, or -EFAULT */
long u_put(unsigned long a, int byte);	/* 0 or -EFAULT */
long u_fill(unsigned long a, int byte, long len);
bool u_is(unsigned long a, int byte, long len);	/* all of them that byte? */

/* /proc/self/{clear_refs,pagemap}, the other processes' memory, NUMA */
enum { PM_PRESENT = 1, PM_SWAP = 2, PM_FILE = 4, PM_EXCLUSIVE = 8, PM_SOFT_DIRTY = 16 };
long u_clear_refs(int what);		/* 1..4 as in proc(5) */
long u_pagemap(unsigned long a);	/* PM_* */
/* status[] must hold @pages; entries not written by the kernel keep their value */
long u_move_pages(unsigned long a, long pages, int node, int *status);
long u_migrate_pages(int from, int to);
long u_mbind(unsigned long a, long len, int node);	/* MPOL_BIND | MPOL_MF_MOVE */
long u_vm_read(int proc, unsigned long from, void *buf, long len);	/* process_vm_readv */
long u_vm_write(int proc, unsigned long to, const void *buf, long len);
/* /proc/pid/mem, which forces its way (FOLL_FORCE) */
long u_mem_read(int proc, unsigned long from, void *buf, long len);
long u_mem_write(int proc, unsigned long to, const void *buf, long len);

/* userfaultfd(2); one per process */
enum { UFFD_MISSING = 1, UFFD_WP = 2 };
long u_uffd(void);			/* 0 or -errno */
long u_uffd_register(unsigned long a, long len, int modes);
long u_uffd_unregister(unsigned long a, long len);
long u_uffd_wp(unsigned long a, long len, bool on);
long u_uffd_copy(unsigned long dst, const void *page);
long u_uffd_zeropage(unsigned long dst);
long u_uffd_move(unsigned long dst, unsigned long src, long len);	/* 6.8 */

/* ------------------------------------------------------------------------
 * Files. A name is one component in a directory of the case's own on the
 * journalling file system on a disk (ext4, blkfs; 4 KiB blocks), with
 * "shm:" before it on shmem, with "dax:" on ext4 in persistent memory (NEED_DAX).
 * The model alone has "cow:" and "stable:", file systems that copy on write, and
 * that want pages which do not change while they are written.
 * Descriptors are inherited by u_fork().
 */

int f_open(const char *name, int flags);	/* O_*, O_DIRECT; mode 0600 */
int f_make(const char *name, long pages, int byte);	/* R+W; allocated, filled,
					   on disk, clean, not in the page cache */
int f_cached(const char *name, long pages, int byte);	/* the same, in it, clean */
int f_memfd(long pages, unsigned int flags);	/* MFD_*; huge: in huge pages */
int f_secretmem(long pages);
long f_close(int fd);
long f_unlink(const char *name);
long f_pread(int fd, void *buf, long len, long off);
long f_pwrite(int fd, const void *buf, long len, long off);
long f_byte(int fd, long off);		/* pread of one byte: 0..255, -ENODATA at EOF */
long f_put(int fd, long off, int byte);	/* pwrite of one byte: 0, -errno */
long f_pread_to(int fd, unsigned long a, long len, long off);	/* into user memory */
long f_pwrite_from(int fd, unsigned long a, long len, long off);
long f_truncate(int fd, long size);
long f_fallocate(int fd, int mode, long off, long len);	/* FALLOC_FL_* */
long f_fsync(int fd);
long f_fdatasync(int fd);
long f_sync_range(int fd, long off, long len, int flags);	/* SYNC_FILE_RANGE_* */
long f_size(int fd);
long f_blocks(int fd);			/* st_blocks, 512 bytes each */
long f_forget(int fd);			/* posix_fadvise(DONTNEED) of all of it */
long f_add_seals(int fd, int seals);	/* F_SEAL_* */
long f_get_seals(int fd);
long u_sync(void);			/* sync(2) */
long u_drop_caches(void);		/* echo 3 > drop_caches: clean, unused pages */

/* ------------------------------------------------------------------------
 * Acquire. Flags are FOLL_* (in back ends CF_*), the same on both sides.
 */

enum conf_foll {
	CF_WRITE		= 1 << 0,
	CF_GET			= 1 << 1,
	CF_DUMP			= 1 << 2,
	CF_FORCE		= 1 << 3,
	CF_NOWAIT		= 1 << 4,
	CF_NOFAULT		= 1 << 5,
	CF_HWPOISON		= 1 << 6,
	CF_ANON			= 1 << 7,
	CF_LONGTERM		= 1 << 8,
	CF_SPLIT_PMD		= 1 << 9,
	CF_PCI_P2PDMA		= 1 << 10,	/* where it does not exist: 0 */
	CF_INTERRUPTIBLE	= 1 << 11,	/* likewise */
	CF_HONOR_NUMA_FAULT	= 1 << 12,	/* likewise */
	CF_TOUCH		= 1 << 16,
	CF_PIN			= 1 << 17,
	CF_REMOTE		= 1 << 18,
	CF_FAST_ONLY		= 1 << 19,
};

#ifndef CONF_BACKEND		/* a back end has the real ones */
#define FOLL_READ		0
#define FOLL_WRITE		CF_WRITE
#define FOLL_GET		CF_GET
#define FOLL_DUMP		CF_DUMP
#define FOLL_FORCE		CF_FORCE
#define FOLL_NOWAIT		CF_NOWAIT
#define FOLL_NOFAULT		CF_NOFAULT
#define FOLL_HWPOISON		CF_HWPOISON
#define FOLL_ANON		CF_ANON
#define FOLL_LONGTERM		CF_LONGTERM
#define FOLL_SPLIT_PMD		CF_SPLIT_PMD
#define FOLL_PCI_P2PDMA		CF_PCI_P2PDMA
#define FOLL_INTERRUPTIBLE	CF_INTERRUPTIBLE
#define FOLL_HONOR_NUMA_FAULT	CF_HONOR_NUMA_FAULT
#define FOLL_TOUCH		CF_TOUCH
#define FOLL_PIN		CF_PIN
#define FOLL_REMOTE		CF_REMOTE
#define FOLL_FAST_ONLY		CF_FAST_ONLY
#endif

enum conf_call {
	CALL_GET,		/* get_user_pages, mmap_lock held for read */
	CALL_PIN,
	CALL_GET_UNLOCKED,
	CALL_PIN_UNLOCKED,
	CALL_GET_REMOTE,	/* locked == NULL */
	CALL_PIN_REMOTE,
	CALL_GET_REMOTE_LOCKED,	/* &locked, 1 on entry */
	CALL_PIN_REMOTE_LOCKED,
	CALL_GET_FAST,
	CALL_PIN_FAST,
	CALL_GET_FAST_ONLY,
	CALL_PIN_FAST_ONLY,
	CALL_IOV_GET,		/* iov_iter_get_pages2 of a user iterator */
	CALL_IOV_EXTRACT,	/* iov_iter_extract_pages, 6.3 */
	CALL_NR,
};

enum { ACQ_NULL_PAGES = 1 };	/* pass pages == NULL */

struct hold {			/* what one acquire gave */
	int id;			/* 0: not a hold */
	long ret;		/* of the call, -ENOSYS: no such call here */
	int locked;		/* 1 unless the call dropped mmap_lock */
};

struct acquire {
	enum conf_call call;
	unsigned long addr;
	long nr;		/* as is: 0 and negative too */
	unsigned int flags;
	int proc;		/* the target of *_REMOTE; 0 is process 0 */
	unsigned int opts;	/* ACQ_* */
};

struct hold k_acquire(const struct acquire *what);
/* Starts it in process @proc, which does nothing else until k_finish(). The hold
 * is named at once; .ret is -EINPROGRESS. */
struct hold k_start(int proc, const struct acquire *what);
/* Waits for it, or for the process' death (then .ret is what the call returned,
 * if it could still say so, else -ESRCH); the pages stay held. */
void k_finish(struct hold *h);

struct hold pin_fast(unsigned long a, long nr, unsigned int flags);
struct hold get_fast(unsigned long a, long nr, unsigned int flags);
struct hold pin_slow(unsigned long a, long nr, unsigned int flags);
struct hold get_slow(unsigned long a, long nr, unsigned int flags);
struct hold pin_unlocked(unsigned long a, long nr, unsigned int flags);
struct hold get_unlocked(unsigned long a, long nr, unsigned int flags);
struct hold pin_fast_only(unsigned long a, long nr, unsigned int flags);
struct hold get_fast_only(unsigned long a, long nr, unsigned int flags);
struct hold pin_remote(int proc, unsigned long a, long nr, unsigned int flags);
struct hold get_remote(int proc, unsigned long a, long nr, unsigned int flags);
struct hold pin_remote_locked(int proc, unsigned long a, long nr, unsigned int flags);
struct hold get_remote_locked(int proc, unsigned long a, long nr, unsigned int flags);
long populate(unsigned long a, long nr, unsigned int flags);	/* get_user_pages(NULL) */
struct hold iov_get(unsigned long a, long nr, bool write);
struct hold iov_extract(unsigned long a, long nr, bool write);
/* memfd_pin_folios(); one entry a folio; *offset is that into the first folio */
struct hold memfd_pin(int fd, long start, long end, long max, long *offset);

/* pin_user_pages_fast(a, 1, FOLL_WRITE), n times, as one hold of n entries; stops
 * at the first failure: ret is what succeeded, or the errno of the first */
struct hold k_pin_many(unsigned long a, long n);

long k_held(struct hold h);		/* entries still held */

/* ------------------------------------------------------------------------
 * Release. Entries count as released whatever function was used; those of the
 * range that are not held any more are passed over. On rules that lack the
 * function: -ENOSYS, nothing released.
 */

enum conf_release {
	PUT_PAGE,			/* a loop, in index order */
	UNPIN_PAGE,			/* a loop of unpin_user_page() */
	UNPIN_PAGES,
	UNPIN_PAGES_DIRTY_LOCK,
	UNPIN_RANGE_DIRTY_LOCK,		/* (first entry's page, n) */
	UNPIN_FOLIO,			/* a loop, of the entries' folios: 6.11 */
	UNPIN_FOLIOS,
	UNPIN_USER_FOLIO,		/* (first entry's folio, n) */
	PUT_USER_PAGE,			/* 5.2 to 5.5 */
	PUT_USER_PAGES,
	PUT_USER_PAGES_DIRTY,		/* 5.2 */
	PUT_USER_PAGES_DIRTY_LOCK,	/* 5.2: make_dirty is always true */
	RELEASE_NR,
};

long k_release(struct hold h, long first, long n, enum conf_release how,
	       bool make_dirty);
long put(struct hold h);		/* put_page on all still held */
long unpin(struct hold h);		/* unpin_user_pages on all still held */
long unpin_dirty(struct hold h, bool make_dirty);	/* _dirty_lock on all */
long unpin_nth(struct hold h, long i);	/* unpin_user_page */
long unpin_range(struct hold h, long n, bool make_dirty);	/* n pages from
					   the first entry's page on, held or not */
/* The call itself with an array of none and a count of @n: 0, or an errno. */
long k_release_raw(enum conf_release how, unsigned long n, bool make_dirty);
/* The call with the hold's array and a count that is not its own; the entries
 * count as held afterwards: 0, or an errno */
long k_release_count(struct hold h, enum conf_release how, unsigned long n);
/* unpin_user_page() on entry i once more (for what k_add_pins() added) */
long k_unpin_extra(struct hold h, long i);

/* ------------------------------------------------------------------------
 * Pages. A pg_t names a frame and holds nothing; 0 is none. Compare them.
 */

typedef unsigned long pg_t;

enum { ZONE_IS_NORMAL, ZONE_IS_MOVABLE, ZONE_IS_DEVICE, ZONE_IS_OTHER };

struct pginfo {			/* of the page's folio unless told otherwise */
	long ref;		/* page_count: differences only */
	long map;		/* page_mapcount of this page */
	long pins;		/* exact pincount of a large folio, -1 for a small one */
	int order;
	int zone;		/* ZONE_IS_* */
	int node;
	bool maybe;		/* page_maybe_dma_pinned */
	bool dirty;
	bool anon;
	bool exclusive;		/* PG_anon_exclusive of this page */
	bool uptodate;
	bool lru;
	bool swapcache;
	bool private;		/* has buffers or other private data */
	bool writeback;
	bool locked;
	bool ksm;
	bool hwpoison;
	bool mapping;		/* page->mapping is set (file or anon) */
	bool zero;		/* the zero page */
	bool huge_zero;
	bool hugetlb;
	bool unevictable;
	bool longterm;		/* may be pinned FOLL_LONGTERM where it is */
};

struct pte {			/* what an address maps; looking holds nothing */
	pg_t page;		/* 0: nothing present */
	int level;		/* 0 PTE, 1 PMD (huge) */
	bool present;
	bool write;
	bool dirty;
	bool young;
	bool special;
	bool soft_dirty;
	bool uffd_wp;
	bool prot_none;
	bool swap;		/* a swap entry */
	bool none;		/* nothing at all there */
};

pg_t k_page(struct hold h, long i);	/* entry i, also after its release */
struct pginfo k_info(pg_t page);	/* LRU batches are drained first */
long k_ref(pg_t page);			/* k_info(page).ref */
struct pte k_peek(unsigned long a);	/* in the current process */
pg_t k_at(unsigned long a);		/* k_peek(a).page */
struct look {
	struct pte pte;			/* if an address was asked for */
	struct pginfo info;
	int byte;			/* the page's first */
};
/* What an address maps, or (@page) that page, at once; nothing is drained, and
 * writeback is waited for. */
struct look k_look(unsigned long a, pg_t page);
bool k_cached(int fd, long index, pg_t *page);	/* in the file's page cache? */
/* +n or -n plain references, on a page that is held or known to stay */
void k_refs(pg_t page, long n);
/* folio_add_pin (n is 0) or folio_add_pins(n), where they exist: 0 or -errno */
long k_add_pins(struct hold h, long i, int n);

/* Dirtying and cleaning by the kernel; the page is held by the caller. */
long k_set_dirty(pg_t page);		/* set_page_dirty, unlocked */
long k_set_dirty_lock(pg_t page);	/* set_page_dirty_lock: 1 newly dirty */
long k_clear_dirty(pg_t page);		/* clear_page_dirty_for_io under the page lock */
long k_mkclean(pg_t page);		/* folio_mkclean under the page lock */

/* Device access through a hold: byte @off counts from entry 0. 0 or -errno. */
long d_read(struct hold h, long off, void *buf, long len);
long d_write(struct hold h, long off, const void *buf, long len);
long d_get(struct hold h, long off);	/* 0..255 */
long d_put(struct hold h, long off, int byte);
bool d_is(struct hold h, long off, int byte, long len);

/* ------------------------------------------------------------------------
 * The kernel's state
 */

bool k_has_pinned(int proc);		/* MMF_HAS_PINNED */
long k_acq(void);			/* nr_foll_pin_acquired after a refresh */
long k_rel(void);			/* nr_foll_pin_released after a refresh */
long k_acq_raw(void);			/* without */
long k_rel_raw(void);
long k_vmstat(const char *name);	/* any other, refreshed; -ENOENT */
long k_meminfo(const char *field);	/* "HugePages_Free", ...; -ENOENT */
void k_drain(void);			/* per-CPU LRU batches of all CPUs */
long k_locked_vm(int proc);		/* mm->locked_vm, pages */
long k_pinned_vm(int proc);		/* mm->pinned_vm, pages */
long k_add_pinned_vm(long pages);	/* RDMA's way, current process: 0, -ENOMEM */
long k_account_locked(long pages, bool inc);	/* account_locked_vm(), current */
long k_account_pinned(long bytes);	/* mm_account_pinned_pages(): 0, -ENOBUFS */
void k_unaccount_pinned(void);		/* all that the case accounted */

void k_flusher(long expire_ms, long interval_ms);	/* 0, 0: off */
void k_ksm(bool run);			/* fast scanning on, off (merged stay) */
bool k_ksm_scans(long n, long ms);	/* waits for n full scans */
long k_shmem_huge(const char *mode);	/* shmem_enabled; "never" unless told */
void k_compact(void);			/* all of memory, synchronously */
long k_offline(pg_t page, bool offline);	/* the memory block around it */

/* ------------------------------------------------------------------------
 * MMU notifiers. One registration records what happens to [a, a + len) of the
 * current process, in order.
 */

enum { NEV_UNMAP, NEV_CLEAR, NEV_PROTECTION_VMA, NEV_PROTECTION_PAGE,
       NEV_SOFT_DIRTY, NEV_RELEASE, NEV_MIGRATE, NEV_EXCLUSIVE, NEV_OTHER };
enum { NEV_START, NEV_END, NEV_GONE };	/* GONE: the address space exits */

struct nevent {
	int phase;		/* NEV_START, NEV_END, NEV_GONE */
	int type;		/* NEV_UNMAP, ...; of NEV_START only */
	long first, last;	/* pages of the watched range, cut to it; last is
				   not part of it */
	long ref;		/* of a page watched with k_notify_drop(), before */
};

int k_notify(unsigned long a, long len);	/* a number, or -errno */
/* At the next NEV_START the callback releases the hold: with @make_dirty by
 * set_page_dirty() first, then put_page or unpin as @how says. */
void k_notify_drop(int n, struct hold h, enum conf_release how, bool make_dirty);
long k_events(int n);			/* recorded so far */
struct nevent k_event(int n, long i);
void k_unnotify(int n);

/* ------------------------------------------------------------------------
 * Only the model can (NEED_MODEL): stages D and S, forced orders, bad luck
 */

enum { WB_NONE, WB_ALL };		/* memory cleaning, data integrity */

long m_writeback(int fd, int mode);	/* pages written, or -errno */
long m_skipped(int fd);			/* pages skipped by the last m_writeback() */
long m_writes(int fd);			/* pages written to disk since f_open() */
long m_evict(pg_t page);		/* reclaim this one: 1 gone, 0 kept */
long m_disk(int fd, long off);		/* the byte on stable storage, or -errno */
void m_power_cut(void);			/* volatile write cache lost, remount */
/* Runs fn(arg) as a task of its own; joins with m_join(). */
int m_task(void (*fn)(void *arg), void *arg);
bool m_blocked(int task);		/* waits for something */
bool m_done(int task);
long m_join(int task);
/* How often each order of two tasks is tried: all interleavings of a() and b()
 * are run, check() after each; returns the number of orders. Deterministic. */
long m_orders(void (*setup)(void), void (*a)(void), void (*b)(void),
	      void (*check)(void));
/* Verdicts of the checkers so far with this name ("dirty-unlocked", ...). */
long m_verdicts(const char *name);
/* From now on the next n file-system or block allocations fail. */
void m_fail_alloc(long n);
void m_disk_full(bool full);
/* A new folio of that order, held by a plain reference; one pin of entry i by
 * pin_page(), undone by k_unpin_extra(): 0 or -errno */
struct hold m_folio(int order);
long m_pin_page(struct hold h, long i);
/* A hook after every observable step, for invariants. NULL ends it. */
void m_every_step(void (*fn)(void *arg), void *arg);

/* ------------------------------------------------------------------------
 * For back ends (common.c)
 */

#define CONF_LINE	32768	/* of one case, at most */

struct conf_case *conf_first(void);	/* sorted by name */
const struct conf_case *conf_case_now(void);
bool conf_add_random(const char *name);	/* false: not the name of one */
void conf_list_cases(void);		/* to stdout, for scripts */
bool conf_in_rules(const struct conf_case *c, const char *rules,
		   unsigned int version, char stage, bool proposal);
void conf_begin(const struct conf_case *c, const char *rules,
		unsigned int version, char stage, bool model);
const char *conf_line(void);		/* "C01 ret=1 ..." without newline */
bool conf_ok(void);			/* no must() failed */
unsigned int conf_version(const char *release);	/* 0xMMmm; 0 if it is not one */
const char *conf_errno(long err);	/* "EFAULT" for 14 */

#endif
