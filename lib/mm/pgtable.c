// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/pgtable.c - page tables: allocate, walk, lock, flush
 *
 * I1. to I4.: pgtable.h. Tables that are freed go to a small pool, all zero,
 * so that a new one needs no clearing.
 *
 * Who excludes whom:
 *   walk without locks  | table freed:   RCU (pp_irq_save())
 *                       | entry changed: reads it again after taking a count
 *   fault, reverse map  | entry changed: the table's lock
 *   table linked twice  | page_table_lock (upper levels), PMD table's lock
 * Mirrors: mm/memory.c:__pte_alloc().
 */
#include "mm/internal.h"

#include <string.h>

#ifdef PP_ASAN
# define POOL_MAX 1u		/* let the tool see the life of nearly each table */
#else
# define POOL_MAX 128u
#endif

bool pp_mm_breaking;

static struct {
	pinpage_spinlock_t lock;
	struct pp_table *first;
	unsigned int nr;
} pool = { .lock = { .rank = PINPAGE_RANK_ZONE, .name = "table pool" } };

static struct pp_table *pool_take(void)
{
	struct pp_table *table;

	if (!READ_ONCE(pool.nr))
		return NULL;
	pinpage_spin_lock(&pool.lock);
	table = pool.first;
	if (table) {
		pool.first = table->next;
		WRITE_ONCE(pool.nr, pool.nr - 1);
	}
	pinpage_spin_unlock(&pool.lock);
	return table;
}

static bool pool_give(struct pp_table *table)
{
	bool kept;

	pinpage_spin_lock(&pool.lock);
	kept = pool.nr < POOL_MAX;
	if (kept) {
		table->next = pool.first;
		pool.first = table;
		WRITE_ONCE(pool.nr, pool.nr + 1);
	}
	pinpage_spin_unlock(&pool.lock);
	return kept;
}

/**
 * pp_table_alloc() - an empty table
 * @level: 0 = PTE table .. 3 = PGD
 *
 * Context: any. Locking: a leaf lock.
 * Return:  the table, to be freed by pp_table_free(); NULL: no memory.
 */
struct pp_table *pp_table_alloc(unsigned int level)
{
	struct pp_table *table = pool_take();

	if (!table) {
		table = pp_alloc_aligned(64, sizeof(*table));
		if (!table)
			return NULL;
		memset(table, 0, sizeof(*table));
	}
	pp_spin_init(&table->lock, "page table", PINPAGE_RANK_PTE);
	table->level = level;
	table->next = NULL;
	pp_stat_add(PINPAGE_STAT_NR_PAGETABLE, 1);
	return table;
}

/**
 * pp_table_free() - give back a table that nobody can reach any more
 * @table: all entries zero, no deposits; NULL is allowed
 *
 * Context: any. Locking: a leaf lock.
 */
void pp_table_free(struct pp_table *table)
{
	if (!table)
		return;
	pp_stat_add(PINPAGE_STAT_NR_PAGETABLE, -1);
	if (!pool_give(table))
		pp_free(table);
}

/**
 * pp_pgtable_shutdown() - free the pool
 *
 * Context: shutdown, after the last grace period.
 */
void pp_pgtable_shutdown(void)
{
	struct pp_table *table;

	while ((table = pool.first)) {
		pool.first = table->next;
		pp_free(table);
	}
	pool.nr = 0;
}

/* At shutdown a lock may still belong to a task that was abandoned. */
static inline void table_lock(struct pp_table *table)
{
	if (unlikely(pp_mm_breaking))
		pp_spin_init(&table->lock, "page table", PINPAGE_RANK_PTE);
	pinpage_spin_lock(&table->lock);
}

/**
 * pp_table_lock_pair() - lock two tables, which may be the same
 *
 * In order of address, so that two tasks cannot wait for each other.
 *
 * Context: any. Locking: no page-table lock held; both are on return.
 */
void pp_table_lock_pair(struct pp_table *a, struct pp_table *b)
{
	struct pp_table *first = a < b ? a : b, *second = a < b ? b : a;

	pinpage_spin_lock(&first->lock);
	if (first != second)
		pp_spin_lock_nested(&second->lock);
}

/* partner of pp_table_lock_pair() */
void pp_table_unlock_pair(struct pp_table *a, struct pp_table *b)
{
	if (a != b)
		pinpage_spin_unlock(&(a < b ? b : a)->lock);
	pinpage_spin_unlock(&(a < b ? a : b)->lock);
}

static inline struct pp_table *table_below(struct pp_table *table, unsigned int i)
{
	pp_pte pte = pp_pte_get(&table->entry[i]);

	return pte_is_table(pte) ? pte_table(pte) : NULL;
}

/**
 * pp_pmd_table() - the PMD table that covers an address
 * @mm:   address space
 * @addr: any user address
 *
 * Context: any. Locking: none; the caller keeps tables from being freed by
 * mmap_lock, by a lock of the area's reverse map, or by RCU.
 * Return:  the table, or NULL where a higher level is empty.
 */
struct pp_table *pp_pmd_table(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *table;

	if (unlikely(addr >= TASK_SIZE))
		return NULL;
	table = table_below(mm->pgd, pgd_index(addr));
	return table ? table_below(table, pud_index(addr)) : NULL;
}

/* As pp_pmd_table(), except: the PTE table; NULL: none, or a huge leaf. */
struct pp_table *pp_pte_table(struct mm_struct *mm, unsigned long addr)
{
	pp_pte *pmdp = pp_pmd_offset(mm, addr);
	pp_pte pmd = pmdp ? pp_pte_get(pmdp) : 0;

	return pte_is_table(pmd) ? pte_table(pmd) : NULL;
}

/* As pp_pmd_table(), except: the entry in it. */
pp_pte *pp_pmd_offset(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *table = pp_pmd_table(mm, addr);

	return table ? &table->entry[pmd_index(addr)] : NULL;
}

/**
 * pp_pmd_lock() - the PMD entry of an address, locked
 * @mm, @addr: as pp_pmd_table()
 * @tablep:    out: the PMD table; its lock is held on success
 *
 * Context: any. Locking: as pp_pmd_table(); takes a page-table lock.
 * Return:  the entry, or NULL (no lock held) where a higher level is empty.
 */
pp_pte *pp_pmd_lock(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep)
{
	struct pp_table *table = pp_pmd_table(mm, addr);

	if (!table)
		return NULL;
	table_lock(table);
	*tablep = table;
	return &table->entry[pmd_index(addr)];
}

/**
 * pp_pte_lock() - the PTE of an address, locked
 * @mm, @addr: as pp_pmd_table()
 * @tablep:    out: the PTE table; its lock is held on success
 *
 * Context: any. Locking: as pp_pmd_table(); takes a page-table lock.
 * Return:  the PTE, or NULL (no lock held): no PTE table, or a huge leaf.
 * Mirrors: mm/memory.c:pte_offset_map_lock()
 */
pp_pte *pp_pte_lock(struct mm_struct *mm, unsigned long addr, struct pp_table **tablep)
{
	struct pp_table *pmd = pp_pmd_table(mm, addr), *table;

	table = pmd ? table_below(pmd, pmd_index(addr)) : NULL;
	if (!table)
		return NULL;
	table_lock(table);
	/* collapsed, or about to be: nothing may happen through this table */
	if (unlikely(table_below(pmd, pmd_index(addr)) != table)) {
		pinpage_spin_unlock(&table->lock);
		return NULL;
	}
	*tablep = table;
	return &table->entry[pte_index(addr)];
}

/* Hangs a new table below entry @i of @upper unless somebody else did. */
static struct pp_table *table_install(struct pp_table *upper, unsigned int i,
				      pinpage_spinlock_t *lock)
{
	struct pp_table *table = pp_table_alloc(upper->level - 1);

	if (!table)
		return NULL;
	pinpage_spin_lock(lock);
	if (pte_none(upper->entry[i])) {
		pp_pte_put(&upper->entry[i], (pp_pte)(uintptr_t)table | PTE_TABLE);
		pinpage_spin_unlock(lock);
		return table;
	}
	pinpage_spin_unlock(lock);
	pp_table_free(table);
	return table_below(upper, i);
}

static struct pp_table *pmd_table_alloc(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *pud = table_below(mm->pgd, pgd_index(addr)), *pmd;

	if (!pud)
		pud = table_install(mm->pgd, pgd_index(addr), &mm->page_table_lock);
	if (!pud)
		return NULL;
	pmd = table_below(pud, pud_index(addr));
	if (!pmd)
		pmd = table_install(pud, pud_index(addr), &mm->page_table_lock);
	return pmd;
}

/**
 * pp_pmd_alloc() - make sure that a PMD table covers an address
 *
 * Context: process. Locking: mmap_lock held; page-table locks not.
 * Return:  0, -ENOMEM.
 * Mirrors: mm/memory.c:__pud_alloc(), __pmd_alloc()
 */
int pp_pmd_alloc(struct mm_struct *mm, unsigned long addr)
{
	return pmd_table_alloc(mm, addr) ? 0 : -ENOMEM;
}

/**
 * pp_pte_alloc() - make sure that a PTE table covers an address
 *
 * Context: process. Locking: mmap_lock held; page-table locks not.
 * Return:  0; 1: there is a huge leaf or its migration entry instead; -ENOMEM.
 * Mirrors: mm/memory.c:__pte_alloc()
 */
int pp_pte_alloc(struct mm_struct *mm, unsigned long addr)
{
	struct pp_table *pmd = pmd_table_alloc(mm, addr);
	pp_pte pte;

	if (!pmd)
		return -ENOMEM;
	pte = pp_pte_get(&pmd->entry[pmd_index(addr)]);
	if (pte_none(pte)) {
		if (!table_install(pmd, pmd_index(addr), &pmd->lock)) {
			pte = pp_pte_get(&pmd->entry[pmd_index(addr)]);
			return pmd_is_huge(pte) ? 1 : -ENOMEM;
		}
		return 0;
	}
	return pte_is_table(pte) ? 0 : 1;
}

/**
 * pp_deposit() - put by the PTE table that splitting a huge leaf will need
 * @pmd_table: holds the leaf
 * @spare:     empty table, owned by @pmd_table from now on
 *
 * Context: any. Locking: @pmd_table's lock held.
 * Mirrors: mm/pgtable-generic.c:pgtable_trans_huge_deposit()
 */
void pp_deposit(struct pp_table *pmd_table, struct pp_table *spare)
{
	spare->next = pmd_table->deposit;
	pmd_table->deposit = spare;
}

/* As pp_deposit(), except: takes one out, for a leaf that goes. */
struct pp_table *pp_withdraw(struct pp_table *pmd_table)
{
	struct pp_table *spare = pmd_table->deposit;

	if (!spare)
		pp_bug("huge leaf without a deposited table");
	pmd_table->deposit = spare->next;
	spare->next = NULL;
	return spare;
}

void pp_tlb_flush_page(struct mm_struct *mm, unsigned long addr)
{
	pp_emit(TLB_FLUSH, .mm = mm, .addr = addr & PAGE_MASK, .len = PAGE_SIZE);
	if (pp_mm_has_notifiers(mm))
		pp_mmu_tlb_flushed(mm, addr & PAGE_MASK, (addr & PAGE_MASK) + PAGE_SIZE);
}

void pp_tlb_flush_range(struct mm_struct *mm, unsigned long start, unsigned long end)
{
	pp_emit(TLB_FLUSH, .mm = mm, .addr = start, .len = end - start);
	if (pp_mm_has_notifiers(mm))
		pp_mmu_tlb_flushed(mm, start, end);
}

/**
 * pinpage_peek_page() - what a process has mapped, without touching anything
 * @mm:        address space; NULL finds nothing
 * @addr:      byte address
 * @pte_flags: out: PINPAGE_PTE_* of the entry, 0 if there is none; may be NULL
 *
 * Context: any. Locking: none. Return: the page (no reference), or NULL.
 */
struct page *pinpage_peek_page(struct mm_struct *mm, unsigned long addr,
			       unsigned int *pte_flags)
{
	struct pp_table *table;
	struct page *page = NULL;
	pp_pte pte = 0, *pmdp;

	if (pte_flags)
		*pte_flags = 0;
	if (!mm || !pp_ready())
		return NULL;
	pinpage_rcu_read_lock();
	pmdp = pp_pmd_offset(mm, addr);
	if (pmdp)
		pte = pp_pte_get(pmdp);
	if (pte_is_table(pte)) {
		table = pte_table(pte);
		pte = pp_pte_get(&table->entry[pte_index(addr)]);
	}
	if (pte_present(pte) && pte_has_page(pte))
		page = pte_page(pte) + (pte & PTE_HUGE ? pte_index(addr) : 0);
	pinpage_rcu_read_unlock();
	if (pte_flags)
		*pte_flags = pte_present(pte) ? pp_pte_flags(pte) : 0;
	return page;
}
