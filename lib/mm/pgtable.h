/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * mm/pgtable.h - software page tables: four levels of 512 entries
 *
 * I1. An entry changes only under the lock of the table that holds it; a
 *     table leaves the tree only with mmap_lock held for writing (or at exit),
 *     after its area has left i_mmap and its anon_vma.
 * I2. A present entry that is not PTE_SPECIAL holds one reference and one
 *     mapcount of its page; a PMD leaf holds one reference of the folio and
 *     one entire_mapcount. A migration entry of a PMD holds neither, and has
 *     the spare table of the leaf that it stands for.
 * I3. PG_anon_exclusive of memory under a PMD leaf is kept in the head page;
 *     pp_split_pmd() hands it to every subpage.
 * I4. Freed tables are all zero and stay readable for a grace period.
 *
 * An entry is one 64-bit word, read and written whole. It is empty (0), a
 * pointer to a lower table, a leaf (a PTE, or a PMD covering 2 MiB), or a
 * non-present leaf (PROT_NONE; or what mm/swapops.h describes). Walkers without mmap_lock run
 * inside pp_irq_save(); tables are freed after an RCU grace period.
 */
#ifndef PP_MM_PGTABLE_H
#define PP_MM_PGTABLE_H

#include "mm/mm.h"

#define PTRS_PER_TABLE	512UL
#define PMD_SHIFT	21
#define PUD_SHIFT	30
#define PGDIR_SHIFT	39
#define PMD_SIZE	(1UL << PMD_SHIFT)
#define PMD_MASK	(~(PMD_SIZE - 1))
#define PUD_SIZE	(1UL << PUD_SHIFT)
#define PGDIR_SIZE	(1UL << PGDIR_SHIFT)

#define PTE_PRESENT	(1UL << 0)
#define PTE_WRITE	(1UL << 1)
#define PTE_USER	(1UL << 2)	/* clear: PROT_NONE protection */
#define PTE_TABLE	(1UL << 3)	/* entry points to a lower table */
#define PTE_SECRET	(1UL << 4)	/* secretmem: not for GUP */
#define PTE_ACCESSED	(1UL << 5)
#define PTE_DIRTY	(1UL << 6)
#define PTE_HUGE	(1UL << 7)	/* leaf at PMD level */
#define PTE_DEVMAP	(1UL << 8)	/* FS-DAX: not for FOLL_LONGTERM */
#define PTE_SPECIAL	(1UL << 9)	/* no reference counting through this PTE: the zero page */
#define PTE_PROT_NONE	(1UL << 10)
#define PTE_SWAP	(1UL << 11)	/* not present and not empty: see mm/swapops.h */
#define PTE_SOFT_DIRTY	(1UL << 58)
#define PTE_UFFD_WP	(1UL << 59)
#define PTE_P2PDMA	(1UL << 60)	/* memory of a PCI device: only with FOLL_PCI_P2PDMA */
#define PTE_MKDIRTY	(PTE_DIRTY | PTE_SOFT_DIRTY)	/* what a fault sets; the CPU: DIRTY */
#define PTE_PFN_SHIFT	12
#define PTE_PFN_MASK	0x000ffffffffff000UL

typedef uint64_t pp_pte;

/*
 * Key: l = the table's own lock; p = lock of the PMD table that it hangs
 * below or is deposited in; c = constant while the table is linked
 */
struct pp_table {
	pp_pte entry[PTRS_PER_TABLE];	/* l to change, read anywhere */
	pinpage_spinlock_t lock;	/* rank PTE: the split page-table lock */
	struct pinpage_rcu_head rcu;
	struct pp_table *deposit;	/* l: PMD tables: spare PTE tables, one a huge leaf */
	struct pp_table *next;		/* p: in a deposit, or in a chain to be freed */
	unsigned int level;		/* c: 0 = PTE table .. 3 = PGD */
} __attribute__((aligned(64)));

/*
 * (T) An entry is published by a release store once what it points to (a table,
 * the bytes of a new page) is ready; pairs with the acquire here, so that a
 * walker without locks never sees a table before its zeroes.
 * Test: mm/stress under TSan.
 */
static inline pp_pte pp_pte_get(const pp_pte *ptep) { return smp_load_acquire(ptep); }
static inline void pp_pte_put(pp_pte *ptep, pp_pte pte) { smp_store_release(ptep, pte); }
static inline bool pte_present(pp_pte pte) { return pte & (PTE_PRESENT | PTE_PROT_NONE); }
static inline bool pte_none(pp_pte pte) { return !pte; }
static inline bool pte_leaf(pp_pte pte) { return pte_present(pte) && !(pte & PTE_TABLE); }
static inline bool pte_is_table(pp_pte pte) { return pte & PTE_TABLE; }
/* a PMD entry that speaks for its 2 MiB: a huge leaf, or an entry of swapops.h in its place */
static inline bool pmd_is_huge(pp_pte pmd) { return pmd && !(pmd & PTE_TABLE); }
static inline unsigned long pte_pfn(pp_pte pte) { return (pte & PTE_PFN_MASK) >> PTE_PFN_SHIFT; }
static inline struct page *pte_page(pp_pte pte) { return pfn_to_page(pte_pfn(pte)); }
/* a huge leaf of the huge zero page: nothing is counted through it */
extern struct page *pp_huge_zero_page;	/* NULL: there is none */
static inline bool pp_is_huge_zero(pp_pte pmd)
{
	return pte_page(pmd) == READ_ONCE(pp_huge_zero_page);
}
static inline bool pte_has_page(pp_pte pte) { return pte_pfn(pte) < pp_nr_frames; }
static inline struct pp_table *pte_table(pp_pte pte) { return (struct pp_table *)(pte & ~63UL); }

static inline unsigned int pgd_index(unsigned long a) { return (a >> PGDIR_SHIFT) & 511; }
static inline unsigned int pud_index(unsigned long a) { return (a >> PUD_SHIFT) & 511; }
static inline unsigned int pmd_index(unsigned long a) { return (a >> PMD_SHIFT) & 511; }
static inline unsigned int pte_index(unsigned long a) { return (a >> PAGE_SHIFT) & 511; }

/* entry in the PMD table covering @addr, or NULL where a higher level is empty; no lock */
pp_pte *pp_pmd_offset(struct mm_struct *mm, unsigned long addr);
/* make sure that there is a PTE table: 0; 1: there is a huge leaf; -ENOMEM; mmap_lock held */
int pp_pte_alloc(struct mm_struct *mm, unsigned long addr);
/* lock for the leaf at @pmdp/@ptep: the PTE table's, or the PMD table's for a huge leaf */
/* PTE of @addr locked: *tablep->lock held; NULL if there is no PTE table (empty, or a huge leaf) */
pp_pte *pp_pte_lock(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep);
/* the table that holds a PMD entry (for its lock) */
struct pp_table *pp_pmd_table(struct mm_struct *mm, unsigned long addr);
struct pp_table *pp_pte_table(struct mm_struct *mm, unsigned long addr);
/* entry of the PMD table locked: (*tablep)->lock held; NULL if there is no PMD table */
pp_pte *pp_pmd_lock(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep);
/*
 * split a huge leaf, or the migration entry of one, into a PTE table, folio
 * stays whole: 0 (also when there is none); cannot fail: the table was deposited
 * with the leaf; of a file: nothing is mapped there afterwards;
 * mmap_lock or the reverse map's lock held, page-table locks not
 */
int pp_split_pmd(struct vm_area_struct *vma, unsigned long addr);
void pp_split_pmd_frozen(struct vm_area_struct *vma, unsigned long addr);
void pp_split_pmd_at(struct vm_area_struct *vma, unsigned long addr);

/* flush: every PTE downgrade ends in one of these (P4); emits TLB_FLUSH */
void pp_tlb_flush_page(struct mm_struct *mm, unsigned long addr);
void pp_tlb_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end);

#endif
