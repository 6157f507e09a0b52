/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/internal.h - what the files of the mm room share
 *
 * Who holds what: a system call holds mmap_lock for writing while it changes
 * areas, for reading while it walks them; the reverse map holds i_mmap_rwsem
 * or anon_vma->rwsem instead. Both then take page-table locks.
 */
#ifndef PP_MM_INTERNAL_H
#define PP_MM_INTERNAL_H

#include "mm/notifier.h"
#include "mm/pgtable.h"

#include "base/alloc.h"
#include "base/bug.h"

#define PP_MMAP_MIN	0x10000UL		/* lowest address that can be mapped */
#define PP_MMAP_BASE	0x10000000000UL		/* where the first mapping goes */

#define VM_ACCESS	(VM_READ | VM_WRITE | VM_EXEC)

/*
 * One for a family of areas related by fork, split and move; every anonymous
 * page of them points here. Differs from the kernel's chains: the walk visits
 * all relatives at the offset and compares frames (as before 2.6.34).
 *
 * Key: a = rwsem; r = atomic; p = pool lock
 */
struct anon_vma {
	struct pinpage_rwsem rwsem;
	atomic_t refcount;		/* r: areas and walkers; 0 = in the pool */
	struct pp_interval_tree areas;	/* a: vm_area_struct.anon_vma_chain */
	struct anon_vma *next;		/* p */
	struct anon_vma *all;		/* p: every one ever made */
};

/* Frames and tables to be released once the TLB is flushed. */
#define PP_GATHER_MAX 64
struct pp_gather {
	struct mm_struct *mm;
	unsigned long start, end;	/* to flush; start >= end: nothing */
	unsigned int nr;
	bool exiting;			/* no walker can be left: free tables at once */
	bool for_good;			/* the area goes: no marker stays */
	struct pp_table *tables;
	struct {
		struct page *head;
		int refs;
	} batch[PP_GATHER_MAX];
};

/* pgtable.c */
extern bool pp_mm_breaking;	/* shutdown: locks may belong to dead tasks */
struct pp_table *pp_table_alloc(unsigned int level);
void pp_table_free(struct pp_table *table);
void pp_table_lock_pair(struct pp_table *a, struct pp_table *b);
void pp_table_unlock_pair(struct pp_table *a, struct pp_table *b);
int pp_pmd_alloc(struct mm_struct *mm, unsigned long addr);
void pp_deposit(struct pp_table *pmd_table, struct pp_table *spare);
struct pp_table *pp_withdraw(struct pp_table *pmd_table);
void pp_pgtable_shutdown(void);

/* gather.c */
void pp_gather_init(struct pp_gather *g, struct mm_struct *mm);
void pp_gather_page(struct pp_gather *g, struct page *head, unsigned long addr,
		    unsigned long size);
void pp_gather_table(struct pp_gather *g, struct pp_table *table);
void pp_gather_flush(struct pp_gather *g);
void pp_gather_finish(struct pp_gather *g);
void pp_free_pgtables(struct pp_gather *g, unsigned long start, unsigned long end,
		      unsigned long floor, unsigned long ceiling);
void pp_zap_range(struct pp_gather *g, struct vm_area_struct *vma,
		  unsigned long start, unsigned long end, bool keep_cows);
void pp_zap_leaf(struct pp_gather *g, struct vm_area_struct *vma, pp_pte *pmdp,
		 struct pp_table *table, unsigned long addr);
void pp_zap_single(struct vm_area_struct *vma, unsigned long start, unsigned long end,
		   bool keep_cows);

/* anon_vma.c */
int pp_anon_vma_prepare(struct vm_area_struct *vma);
void pp_anon_vma_join(struct vm_area_struct *vma, struct vm_area_struct *relative);
void pp_anon_vma_insert(struct vm_area_struct *vma);
void pp_anon_vma_leave(struct vm_area_struct *vma);
struct anon_vma *pp_anon_vma_get(struct page *head);
void pp_anon_vma_put(struct anon_vma *anon_vma);
void pp_anon_vma_shutdown(void);

/* vma.c */
struct vm_area_struct *pp_vma_alloc(struct mm_struct *mm);
struct vm_area_struct *pp_vma_dup(const struct vm_area_struct *vma);
void pp_vma_free(struct vm_area_struct *vma);
void pp_mmap_unlock(struct mm_struct *mm);
void pp_vma_link(struct vm_area_struct *vma);
void pp_vma_unlink_file(struct vm_area_struct *vma);
void pp_vma_erase(struct vm_area_struct *vma);
void pp_vma_lock_rmap(struct vm_area_struct *vma);
void pp_vma_unlock_rmap(struct vm_area_struct *vma);
void pp_vma_set_bounds(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end, unsigned long pgoff);
int pp_vma_split(struct vm_area_struct *vma, unsigned long addr, bool new_below);
struct vm_area_struct *pp_vma_merge(struct vm_area_struct *vma);
bool pp_vma_expand(struct vm_area_struct *prev, unsigned long end,
		   unsigned long flags, struct file *file, unsigned long pgoff);
struct vm_area_struct *pp_vma_next(struct vm_area_struct *vma);
struct vm_area_struct *pp_vma_prev(struct vm_area_struct *vma);
int pp_vma_isolate(struct vm_area_struct **vmap, unsigned long start, unsigned long end);
void pp_vma_boot(void);
void pp_vma_shutdown(void);

/* mlock.c */
unsigned long pp_mlock_limit(const struct mm_struct *mm);
bool pp_can_do_mlock(const struct mm_struct *mm);
bool pp_mlock_future_ok(const struct mm_struct *mm, unsigned long vm_flags,
			unsigned long pages);
bool pp_page_mlocked(struct page *page);

/* does the area lock what it maps? A large folio only if one leaf maps it all. */
static inline bool pp_vma_mlocks(const struct vm_area_struct *vma, const struct page *page,
				 bool leaf)
{
	return unlikely(vma->vm_flags & VM_LOCKED) && !(vma->vm_flags & VM_SPECIAL) &&
	       (leaf || !(PageHead(page) || PageTail(page)));
}
/* @vma has one more, or one less, entry of @page; its table's lock held */
static inline void pp_mlock_vma(const struct vm_area_struct *vma, struct page *page, bool leaf)
{
	if (pp_vma_mlocks(vma, page, leaf))
		pp_mlock_page(page);
}
static inline void pp_munlock_vma(const struct vm_area_struct *vma, struct page *page, bool leaf)
{
	if (pp_vma_mlocks(vma, page, leaf))
		pp_munlock_page(page);
}

/* pfnmap.c */
int pp_driver_mmap(struct vm_area_struct *vma);
int pp_insert_pfn(struct vm_area_struct *vma, unsigned long addr, unsigned long pfn);

/* vmops.c */
struct pp_fault;
void pp_vma_made(struct vm_area_struct *vma);
void pp_vma_open(struct vm_area_struct *vma);
void pp_vma_close(struct vm_area_struct *vma);
int pp_vma_may_split(struct vm_area_struct *vma, unsigned long addr);
int pp_driver_fault(struct pp_fault *f);
int pp_driver_wp_fault(struct pp_fault *f, struct pp_table *table);

/* user.c */
void pp_user_boot(void);

/* mm.c */
struct mm_struct *pp_mm_new(void);
int pp_for_each_mm(int (*fn)(struct mm_struct *mm, void *arg), void *arg);

/* mmap.c */
int pp_munmap_locked(struct mm_struct *mm, unsigned long start, unsigned long end);
unsigned long pp_get_unmapped(struct mm_struct *mm, unsigned long hint,
			      unsigned long len, bool huge);
void pp_unmap_areas(struct pp_gather *g, struct vm_area_struct *first,
		    unsigned long end, unsigned long floor, unsigned long ceiling);
void pp_populate(unsigned long start, unsigned long len);
void pp_exit_mmap(struct mm_struct *mm);

/* fault.c, cow.c */
struct pp_fault {
	struct vm_area_struct *vma;
	unsigned long addr, exact;	/* of the page; of the access */
	unsigned int flags;		/* FAULT_FLAG_* */
	pp_pte orig;			/* the PTE that faulted */
	struct page *page;		/* its page, NULL for the zero page */
};
int pp_wp_fault(struct pp_fault *f, pp_pte *ptep, struct pp_table *table);
int pp_map_new_anon(struct pp_fault *f, struct page *page, bool copy);
int pp_fault_user(struct mm_struct *mm, unsigned long addr, bool write);
pp_pte pp_file_read_pte(const struct vm_area_struct *vma, struct page *page);
/* populate.c */
int pp_populate_page(struct vm_area_struct *vma, unsigned long addr, bool write);
/* fault_around.c */
bool pp_fault_around(struct pp_fault *f);

/* retry.c */
bool pp_fault_drop_lock(struct pp_fault *f);
int pp_fault_lock_page(struct pp_fault *f, struct page *page);
struct page *pp_fault_file_page(struct pp_fault *f, struct file *file, unsigned long index);
struct page *pp_fault_ready_page(struct file *file, unsigned long index);
bool pp_fault_dirties(const struct file *file, const struct page *page);
int pp_fault_balance(struct pp_fault *f, struct file *file);
/* mprotect.c, numa_hint.c, numa.c, hwpoison.c */
pp_pte pp_protect_pte(pp_pte pte, const struct vm_area_struct *vma);
long pp_numa_hint_area(struct vm_area_struct *vma, unsigned long start,
		       unsigned long end);
int pp_numa_fault(struct pp_fault *f, pp_pte *ptep, struct pp_table *table);
struct page *pp_page_at(struct mm_struct *mm, unsigned long addr);
struct page *pp_page_at_unlocked(struct mm_struct *mm, unsigned long addr);
int pp_inject_errors(struct mm_struct *mm, unsigned long start, unsigned long end,
		     bool soft);

/* uaccess.c: bytes of frames that others may touch at the same time */
void pp_frame_copy(void *to, const void *from, size_t n);

/* huge_file.c */
enum pp_huge_advice pp_huge_advice(const struct vm_area_struct *vma, unsigned long addr);

/* rmap.c */
struct pp_rmap_walk {
	/* false: stop */
	bool (*one)(struct pp_rmap_walk *walk, struct page *page,
		    struct vm_area_struct *vma, unsigned long addr);
	unsigned long arg;
	unsigned long count;
	struct anon_vma *anon_vma;	/* the caller's count of it, or NULL: find it */
};
void pp_rmap_walk(struct page *page, struct pp_rmap_walk *walk);
void pp_add_new_anon_rmap(struct page *page, struct vm_area_struct *vma,
			  unsigned long addr);
void pp_add_anon_rmap(struct page *page, struct vm_area_struct *vma,
		      unsigned long addr, bool exclusive);
pp_pte *pp_pte_of_page(struct vm_area_struct *vma, unsigned long addr,
		       struct page *page, struct pp_table **tablep);
void pp_dup_rmap(struct page *page);
void pp_dup_huge_rmap(struct page *head);
void pp_map_page(const struct vm_area_struct *vma, unsigned long addr, pp_pte *ptep,
		 struct page *page, pp_pte pte);
void pp_map_leaf(const struct vm_area_struct *vma, unsigned long addr, pp_pte *pmdp,
		 struct page *head, pp_pte pmd);
void pp_remove_rmap(struct page *page);
void pp_remove_huge_rmap(struct page *head);
bool pp_page_referenced(struct page *page);	/* clears the accessed bits */
void pp_rmap_boot(void);

/* lazyfree.c, kswapd.c */
int pp_madvise_free(struct vm_area_struct *vma, unsigned long start, unsigned long end);
void pp_kswapd_stop(void);

/* scanner.c */
void pp_scanners_stop(void);

/* reclaim.c */
enum pp_reclaim_why {
	PP_RECLAIM_PRESSURE,		/* memory is short: who allocates */
	PP_RECLAIM_KSWAPD,		/* the same, ahead of them */
	PP_RECLAIM_ADVISED,		/* MADV_PAGEOUT */
	PP_RECLAIM_CHOSEN,		/* this page, whatever it takes */
};
unsigned long pp_reclaim_list(struct list_head *list, enum pp_reclaim_why why);
unsigned long pp_reclaim_kswapd(unsigned long nr);
void pp_reclaim_balanced(void);
void pp_reclaim_boot(void);

/* the address space that a system call works on; NULL: a kernel thread's */
static inline struct mm_struct *pp_current_mm(void)
{
	struct mm_struct *mm = current->mm;

	return mm && atomic_read(&mm->mm_users) > 0 ? mm : NULL;
}

static inline unsigned long pp_vma_pgoff(const struct vm_area_struct *vma,
					 unsigned long addr)
{
	return ((addr - vma->vm_start) >> PAGE_SHIFT) + vma->vm_pgoff;
}

/* the last page offset that the area maps */
static inline unsigned long pp_vma_last_pgoff(const struct vm_area_struct *vma)
{
	return vma->vm_pgoff + ((vma->vm_end - vma->vm_start) >> PAGE_SHIFT) - 1;
}

static inline struct anon_vma *pp_vma_anon(const struct vm_area_struct *vma)
{
	return smp_load_acquire(&vma->anon_vma);
}

/* bits of a leaf that the area's rights give, writing aside */
static inline pp_pte pp_vma_prot(const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_ACCESS ? PTE_PRESENT | PTE_USER : PTE_PROT_NONE;
}

static inline pp_pte pp_mk_pte(const struct page *page, const struct vm_area_struct *vma)
{
	return (page_to_pfn(page) << PTE_PFN_SHIFT) | pp_vma_prot(vma) | PTE_ACCESSED;
}

static inline pp_pte pp_maybe_mkwrite(pp_pte pte, const struct vm_area_struct *vma)
{
	return vma->vm_flags & VM_WRITE ? pte | PTE_WRITE : pte;
}

/* Did shared areas that can never be written count as writable, as up to 6.6? */
static inline bool pp_rules_readonly_counts(void)
{
	return !pp_rules->seal_maps_readonly;
}

/* an area that i_mmap_writable counts; these bits of it never change */
static inline bool pp_may_write_file(unsigned long vm_flags)
{
	return vm_flags & VM_SHARED &&
	       (vm_flags & VM_MAYWRITE || pp_rules_readonly_counts());
}

/* does the area track which of its pages are written? */
static inline bool pp_soft_dirty_enabled(const struct vm_area_struct *vma)
{
	return !(vma->vm_flags & VM_SOFTDIRTY);
}

/* a leaf that maps the small zero page or nothing that is counted */
static inline struct page *pp_pte_normal_page(pp_pte pte)
{
	return pte & PTE_SPECIAL ? NULL : pte_page(pte);
}

/* what PINPAGE_PTE_* says about a leaf */
static inline unsigned int pp_pte_flags(pp_pte pte)
{
	return (pte & PTE_PRESENT ? PINPAGE_PTE_PRESENT : 0) |
	       (pte & PTE_WRITE ? PINPAGE_PTE_WRITE : 0) |
	       (pte & PTE_DIRTY ? PINPAGE_PTE_DIRTY : 0) |
	       (pte & PTE_ACCESSED ? PINPAGE_PTE_YOUNG : 0) |
	       (pte & PTE_HUGE ? PINPAGE_PTE_HUGE : 0) |
	       (pte & PTE_SPECIAL ? PINPAGE_PTE_SPECIAL : 0);
}

/* the mapping and index of a file page, for events */
#define PP_EV_PAGE(p)							\
	.page = (p), .nr = 1,						\
	.mapping = page_file_mapping(compound_head(p)),			\
	.index = READ_ONCE(compound_head(p)->index)

/* a frame number that is none of memory stands for no page: tell the zero page */
static inline struct page *pp_pte_event_page(pp_pte pte)
{
	return pte_has_page(pte) ? pte_page(pte) : pp_zero_page;
}

/* emits with the leaf's PINPAGE_PTE_* as @arg; @page may be NULL */
#define pp_emit_pte(KIND, mm_, addr_, pte_, size_)			\
	pp_emit(KIND, PP_EV_PAGE(pp_pte_event_page(pte_)), .mm = (mm_), .addr = (addr_), \
		.arg = (long)pp_pte_flags(pte_), .len = (size_))

static inline unsigned long pp_pmd_end(unsigned long addr, unsigned long end)
{
	unsigned long next = (addr + PMD_SIZE) & PMD_MASK;

	return next < end ? next : end;
}

/*
 * The only place that asks whether PG_anon_exclusive decides (5.19): whether a
 * write keeps the page, fork may share it, an unmap may take it.
 */
static inline bool pp_rules_exclusive(enum pinpage_cow_reuse *reuse)
{
	enum pinpage_cow_reuse rule = pp_rules->cow_reuse;

	if (reuse)
		*reuse = rule;
	return rule == PINPAGE_COW_EXCLUSIVE;
}

#endif
