// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/anon_vma.c - which areas may map an anonymous page
 *
 * I1. An area with anonymous pages is in the tree of exactly one anon_vma,
 *     which its pages name in page->mapping; relatives by fork, split and
 *     move share it.
 * I2. An anon_vma never returns to the system before shutdown, so a stale
 *     page->mapping still points to one; pp_anon_vma_get() sorts it out.
 * Mirrors: mm/rmap.c:anon_vma_prepare(), anon_vma_fork(), page_get_anon_vma();
 * differs: one tree for a family instead of chains.
 */
#include "mm/internal.h"
#include "mm/ksm.h"

static struct {
	pinpage_spinlock_t lock;
	struct anon_vma *free;
	struct anon_vma *all;
} pool = { .lock = { .rank = PINPAGE_RANK_ZONE, .name = "anon_vma pool" } };

static struct anon_vma *anon_vma_new(void)
{
	struct anon_vma *av = pp_zalloc(sizeof(*av));

	if (!av)
		return NULL;
	pp_rwsem_init(&av->rwsem, "anon_vma", PINPAGE_RANK_ANON_VMA);
	RB_INIT(&av->areas);
	pinpage_spin_lock(&pool.lock);
	av->all = pool.all;
	pool.all = av;
	pinpage_spin_unlock(&pool.lock);
	return av;
}

/* count 1, no areas */
static struct anon_vma *anon_vma_alloc(void)
{
	struct anon_vma *av;

	pinpage_spin_lock(&pool.lock);
	av = pool.free;
	if (av)
		pool.free = av->next;
	pinpage_spin_unlock(&pool.lock);
	if (!av)
		av = anon_vma_new();
	if (av)
		atomic_set_release(&av->refcount, 1);
	return av;
}

/**
 * pp_anon_vma_put() - drop a count taken by a walker or an area
 *
 * Context: any. Locking: a leaf lock.
 */
void pp_anon_vma_put(struct anon_vma *anon_vma)
{
	if (!atomic_dec_and_test(&anon_vma->refcount))
		return;
	pinpage_spin_lock(&pool.lock);
	anon_vma->next = pool.free;
	pool.free = anon_vma;
	pinpage_spin_unlock(&pool.lock);
}

/**
 * pp_anon_vma_get() - the anon_vma of a page that is mapped
 * @head: folio on which the caller holds a reference
 *
 * Context: any. Locking: none needed; the page lock is usual.
 * Order:   the count is raised before the mapcount is read again; an area
 *          leaves only after its pages' mapcounts went.
 * Return:  with a count, for pp_anon_vma_put(); NULL if the page is not
 *          anonymous or not mapped.
 * Mirrors: mm/rmap.c:folio_get_anon_vma()
 */
struct anon_vma *pp_anon_vma_get(struct page *head)
{
	unsigned long mapping = (unsigned long)READ_ONCE(head->mapping);
	struct anon_vma *av = (struct anon_vma *)(mapping & ~PAGE_MAPPING_ANON);

	if ((mapping & PAGE_MAPPING_KSM) != PAGE_MAPPING_ANON || !pp_page_mapped(head))
		return NULL;
	if (!atomic_inc_not_zero(&av->refcount))
		return NULL;
	if (pp_page_mapped(head))
		return av;
	pp_anon_vma_put(av);
	return NULL;
}

/* into the tree of vma->anon_vma, whose rwsem is held for writing */
void pp_anon_vma_insert(struct vm_area_struct *vma)
{
	pp_interval_insert(&vma->anon_vma->areas, &vma->anon_vma_chain,
			   vma->vm_pgoff, pp_vma_last_pgoff(vma));
}

/**
 * pp_anon_vma_prepare() - before an area gets its first anonymous page
 *
 * Context: process. Locking: mmap_lock held (reading is enough); page-table
 * locks not.
 * Return:  0, -ENOMEM.
 * Mirrors: mm/rmap.c:__anon_vma_prepare(); differs: neighbours do not share.
 */
int pp_anon_vma_prepare(struct vm_area_struct *vma)
{
	struct anon_vma *av;

	if (likely(pp_vma_anon(vma)))
		return 0;
	av = anon_vma_alloc();
	if (!av)
		return -ENOMEM;
	pinpage_down_write(&av->rwsem);
	pinpage_spin_lock(&vma->vm_mm->page_table_lock);
	if (!vma->anon_vma) {
		smp_store_release(&vma->anon_vma, av);
		pp_anon_vma_insert(vma);
		av = NULL;
	}
	pinpage_spin_unlock(&vma->vm_mm->page_table_lock);
	if (av) {
		pinpage_up_write(&av->rwsem);
		pp_anon_vma_put(av);
	} else {
		pinpage_up_write(&vma->anon_vma->rwsem);
	}
	return 0;
}

/**
 * pp_anon_vma_join() - a relative's pages may be mapped here too
 * @vma:      not on any list
 * @relative: in the tree before @vma, so that of two that map the same offset
 *            a walk that races with fork meets the parent first
 *
 * Context: process. Locking: mmap_lock of @relative held for writing; takes
 * anon_vma->rwsem unless the caller has it (pp_vma_lock_rmap()).
 */
void pp_anon_vma_join(struct vm_area_struct *vma, struct vm_area_struct *relative)
{
	struct anon_vma *av = relative->anon_vma;
	bool mine;

	if (!av)
		return;
	mine = !pp_lock_held(&av->rwsem);
	if (mine)
		pinpage_down_write(&av->rwsem);
	atomic_inc(&av->refcount);
	vma->anon_vma = av;
	pp_anon_vma_insert(vma);
	if (mine)
		pinpage_up_write(&av->rwsem);
}

/**
 * pp_anon_vma_leave() - the area maps no anonymous page any more
 *
 * Context: process. Locking: mmap_lock held for writing, or nobody else knows
 * the area; takes anon_vma->rwsem.
 */
void pp_anon_vma_leave(struct vm_area_struct *vma)
{
	struct anon_vma *av = vma->anon_vma;

	if (!av)
		return;
	if (unlikely(pp_mm_breaking))
		pp_rwsem_init(&av->rwsem, "anon_vma", PINPAGE_RANK_ANON_VMA);
	pinpage_down_write(&av->rwsem);
	pp_interval_remove(&av->areas, &vma->anon_vma_chain);
	vma->anon_vma = NULL;
	pinpage_up_write(&av->rwsem);
	pp_anon_vma_put(av);
}

/**
 * pp_anon_vma_shutdown() - free them all
 *
 * Context: shutdown; no address space is left.
 */
void pp_anon_vma_shutdown(void)
{
	struct anon_vma *av;

	while ((av = pool.all)) {
		pool.all = av->all;
		pp_free(av);
	}
	pool.free = NULL;
}
