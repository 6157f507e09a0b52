/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/mm.h - address spaces as gup sees them
 *
 * Key: m = mmap_lock (w to change, r to read); r = atomic; c = constant;
 *      f = mapping->i_mmap_rwsem; a = anon_vma->rwsem
 */
#ifndef PP_MM_MM_H
#define PP_MM_MM_H

#include "pagecache/pagecache.h"

#include <pinpage/mm.h>

#define TASK_SIZE PINPAGE_TASK_SIZE

#define VM_READ		0x01UL
#define VM_WRITE	0x02UL
#define VM_EXEC		0x04UL
#define VM_SHARED	0x08UL
#define VM_MAYREAD	0x10UL
#define VM_MAYWRITE	0x20UL
#define VM_MAYEXEC	0x40UL
#define VM_MAYSHARE	0x80UL
#define VM_UFFD_MISSING	0x200UL
#define VM_UFFD_WP	0x1000UL
#define VM_UFFD_MINOR	0x4000000000UL
#define VM_PFNMAP	0x400UL
#define VM_LOCKED	0x2000UL
#define VM_LOCKONFAULT	0x80000UL
#define VM_LOCKED_MASK	(VM_LOCKED | VM_LOCKONFAULT)
#define VM_IO		0x4000UL
#define VM_HUGETLB	0x400000UL
#define VM_SEQ_READ	0x8000UL
#define VM_RAND_READ	0x10000UL
#define VM_DONTCOPY	0x20000UL
#define VM_DONTEXPAND	0x40000UL
#define VM_DONTDUMP	0x4000000UL
#define VM_MIXEDMAP	0x10000000UL
#define VM_WIPEONFORK	0x2000000UL
#define VM_SOFTDIRTY	0x8000000UL
#define VM_HUGEPAGE	0x20000000UL
#define VM_NOHUGEPAGE	0x40000000UL
#define VM_MERGEABLE	0x80000000UL

/* not for mlock, merging and the like: no ordinary memory, or of fixed size */
#define VM_SPECIAL	(VM_IO | VM_DONTEXPAND | VM_PFNMAP | VM_MIXEDMAP)

struct anon_vma;
struct user_struct;
struct pinpage_uffd;

struct vm_area_struct {
	unsigned long vm_start, vm_end;		/* m: bytes, page aligned, end exclusive */
	unsigned long vm_flags;			/* m */
	struct mm_struct *vm_mm;		/* c */
	struct file *vm_file;			/* c; holds a reference; NULL = anonymous */
	unsigned long vm_pgoff;			/* m: of vm_start in pages, in the file or space */
	struct pinpage_uffd *uffd;		/* m: answers faults; NULL: nobody */
	struct pp_hugetlb_resv *vm_resv;	/* m: owner of promised huge pages, or NULL */
	const struct pinpage_vm_operations *vm_ops; /* c: of a driver, or NULL */
	void *vm_private;			/* c: the driver's */
	bool vm_linked;				/* m: mmap() is done */
	bool vm_notify;				/* c: first writes are told: vmops.c I3 */
	/* pp_vma_dup() copies what is above */
	struct anon_vma *anon_vma;		/* m + page_table_lock: set once */
	struct pp_interval anon_vma_chain;	/* a: in anon_vma->areas, by pgoff */
	struct pp_interval shared;		/* f: in mapping->i_mmap, by pgoff */
	RB_ENTRY(vm_area_struct) node;		/* m */
};

RB_HEAD(pp_vma_tree, vm_area_struct);

#define MMF_HUGE_ZERO 23	/* counts as a user of the huge zero page */
#define MMF_HAS_PINNED 27

struct pp_table;
struct pp_notifiers;
struct pp_ksm_mm;

struct mm_struct {
	struct pinpage_rwsem mmap_lock;
	struct pp_vma_tree vmas;		/* m */
	struct vm_area_struct *vma_cache;	/* hint, atomic, used under m */
	struct pp_table *pgd;			/* c */
	pinpage_spinlock_t page_table_lock;	/* installs tables */
	struct pinpage_seqcount write_protect_seq; /* m: odd while fork write-protects */
	unsigned long flags;			/* r: MMF_* bits */
	atomic_t mm_users, mm_count;		/* r */
	unsigned long mmap_base;		/* m: hint for the next mmap */
	unsigned long total_vm;			/* m: pages */
	long locked_vm;				/* m */
	atomic_long_t pinned_vm;		/* r */
	unsigned long memlock;			/* r: ~RLIMIT_MEMLOCK in pages; 0 = unlimited */
	unsigned long def_flags;		/* m: of VM_LOCKED_MASK: new areas get it */
	struct user_struct *user;		/* r: NULL: root; user.c */
	unsigned int id;			/* c: for reports, dense since boot */
	struct vm_area_struct *dead;		/* m: to be freed when mmap_lock is dropped */
	unsigned long numa_scan_offset;		/* r: numa_scan.c */
	struct pp_ksm_mm *ksm;			/* m to set: NULL: nothing mergeable */
	struct pp_notifiers *notifiers;		/* m to set, once; read anywhere */
	struct list_head link;			/* all address spaces */
};

/* first with vm_end > addr, or NULL; mmap_lock held */
struct vm_area_struct *pp_find_vma(struct mm_struct *mm, unsigned long addr);
static inline struct vm_area_struct *pp_vma_lookup(struct mm_struct *mm, unsigned long addr)
{
	struct vm_area_struct *vma = pp_find_vma(mm, addr);

	return vma && addr >= vma->vm_start ? vma : NULL;
}
static inline bool is_cow_mapping(unsigned long vm_flags)
{
	return (vm_flags & (VM_SHARED | VM_MAYWRITE)) == VM_MAYWRITE;
}
static inline bool vma_is_anonymous(const struct vm_area_struct *vma) { return !vma->vm_file; }
/* must writes be told to the file system? (shared, writable, a_ops->dirty_tracked) */
bool pp_vma_needs_dirty_tracking(const struct vm_area_struct *vma);

/*
 * faults; mmap_lock held for read (write works too, without ALLOW_RETRY);
 * dropped only if PP_FAULT_RETRY or PP_FAULT_COMPLETED is returned
 */
#define FAULT_FLAG_WRITE	0x01u
#define FAULT_FLAG_UNSHARE	0x02u
#define FAULT_FLAG_REMOTE	0x04u
#define FAULT_FLAG_NOWAIT	0x08u
#define FAULT_FLAG_USER		0x10u
#define FAULT_FLAG_ALLOW_RETRY	0x20u	/* may drop mmap_lock rather than wait with it */
#define FAULT_FLAG_TRIED	0x40u	/* has done so once: not again */
#define FAULT_FLAG_KILLABLE	0x80u	/* a fatal signal ends a wait */
#define FAULT_FLAG_INTERRUPTIBLE 0x100u	/* any signal ends a wait for a user's answer */
/*
 * 0, or -ENOMEM, -EFAULT (SIGSEGV/SIGBUS), -EHWPOISON, -EAGAIN (try the walk
 * again; with FAULT_FLAG_NOWAIT also: it would have to wait for the page).
 * With FAULT_FLAG_ALLOW_RETRY also PP_FAULT_RETRY or PP_FAULT_COMPLETED:
 * mmap_lock was dropped, and the fault has to be tried again with
 * FAULT_FLAG_TRIED, or is done; @vma may be gone.
 * Rights of the area are the caller's to check (FOLL_FORCE writes to a private
 * area without VM_WRITE: the copy stays read-only, PTE_DIRTY set), but a write
 * to a shared area without VM_WRITE is -EFAULT.
 */
enum {
	PP_FAULT_RETRY = 1,
	PP_FAULT_COMPLETED,
	PP_FAULT_LOOK_AGAIN,	/* inside mm alone: the PTE is not as it was */
};
int pp_handle_mm_fault(struct vm_area_struct *vma, unsigned long address, unsigned int flags);

/* rmap (page locked unless said) */
int pp_page_mkclean(struct page *page);
bool pp_try_to_unmap(struct page *page);	/* true: no mapping left */
/* page locked, one reference: 0, -EBUSY, -EAGAIN; @list may be NULL */
int pp_split_folio(struct page *page, struct list_head *list);

void pp_set_thp(enum pinpage_thp mode);

/* gate.c: above user space */
#define PP_VSYSCALL_ADDR	0xffffffffff600000UL
int pp_gate_boot(enum pinpage_vsyscall mode);
void pp_gate_shutdown(void);
struct page *pp_gate_page(struct vm_area_struct **vma);
int pp_mm_boot(void);
void pp_mm_shutdown(void);	/* reports and frees address spaces still alive */

#endif
