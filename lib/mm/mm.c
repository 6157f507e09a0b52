// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/mm.c - address spaces: birth, references, death; boot of the room
 *
 * I1. mm_users counts who runs in the address space; together they hold one
 *     mm_count. The last user takes mappings and tables away, the last count
 *     the structure.
 * Mirrors: kernel/fork.c:mm_init(), mmput(), mmdrop(); kernel/kthread.c.
 */
#include "mm/huge.h"
#include "mm/ksm.h"
#include "mm/swap.h"
#include "mm/uffd.h"

static struct pp_cache mm_cache;
static pinpage_spinlock_t list_lock = {
	.rank = PINPAGE_RANK_ZONE, .name = "mm list",
};
static LIST_HEAD(all);
static unsigned int last_id;

/**
 * pp_mm_new() - an address space without areas, one user
 *
 * Context: process. Return: for pinpage_mmput(), or NULL.
 */
struct mm_struct *pp_mm_new(void)
{
	struct mm_struct *mm = pp_cache_zalloc(&mm_cache);

	if (!mm)
		return NULL;
	mm->pgd = pp_table_alloc(3);
	if (!mm->pgd) {
		pp_cache_free(&mm_cache, mm);
		return NULL;
	}
	pp_rwsem_init(&mm->mmap_lock, "mmap_lock", PINPAGE_RANK_MMAP);
	pp_spin_init(&mm->page_table_lock, "page_table_lock", PINPAGE_RANK_PTE);
	RB_INIT(&mm->vmas);
	atomic_set(&mm->mm_users, 1);
	atomic_set(&mm->mm_count, 1);
	mm->mmap_base = PP_MMAP_BASE;
	pinpage_spin_lock(&list_lock);
	mm->id = ++last_id;
	list_add_tail(&mm->link, &all);
	pinpage_spin_unlock(&list_lock);
	return mm;
}

static void mm_destroy(struct mm_struct *mm)
{
	pinpage_spin_lock(&list_lock);
	list_del(&mm->link);
	pinpage_spin_unlock(&list_lock);
	pp_table_free(mm->pgd);
	pinpage_free_uid(mm->user);
	pp_mmu_destroy(mm);
	pp_cache_free(&mm_cache, mm);
}

struct mm_struct *pinpage_mm_alloc(void)
{
	return pp_ready() ? pp_mm_new() : NULL;
}

/* false and a warning for what is no living address space */
static bool mm_ok(const struct mm_struct *mm, bool running, const char *what)
{
	if (!pp_ready())
		return false;
	if (likely(mm && atomic_read(running ? &mm->mm_users : &mm->mm_count) > 0))
		return true;
	pp_warn_once("%s(%p): %s", what, (const void *)mm,
		     mm ? "no reference is left" : "no address space");
	return false;
}

void pinpage_mmget(struct mm_struct *mm)
{
	if (mm_ok(mm, true, __func__))
		atomic_inc(&mm->mm_users);
}

void pinpage_mmgrab(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__))
		atomic_inc(&mm->mm_count);
}

void pinpage_mmdrop(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__) &&
	    atomic_dec_and_test(&mm->mm_count))
		mm_destroy(mm);
}

void pinpage_mmput(struct mm_struct *mm)
{
	if (!mm_ok(mm, true, __func__))
		return;
	if (!atomic_dec_and_test(&mm->mm_users))
		return;
	pp_exit_mmap(mm);
	pp_huge_zero_put(mm);
	pinpage_mmdrop(mm);
}

void pinpage_use_mm(struct mm_struct *mm)
{
	struct mm_struct *old;

	if (!pp_ready() || (mm && !mm_ok(mm, false, __func__)))
		return;
	old = current->mm;
	if (mm)
		atomic_inc(&mm->mm_count);
	current->mm = mm;
	if (old)
		pinpage_mmdrop(old);
}

/**
 * pp_for_each_mm() - call @fn for each address space that has a user
 * @fn: may sleep; a result other than 0 ends the walk
 *
 * Those that come or go meanwhile may be missed.
 *
 * Context: process; sleeps. Locking: no mmap_lock.
 * Return:  the last result of @fn.
 */
int pp_for_each_mm(int (*fn)(struct mm_struct *mm, void *arg), void *arg)
{
	struct mm_struct *mm, *last = NULL;
	struct list_head *node = &all;
	int ret = 0;

	do {
		pinpage_spin_lock(&list_lock);
		for (mm = NULL, node = node->next; node != &all; node = node->next) {
			mm = list_entry(node, struct mm_struct, link);
			if (atomic_inc_not_zero(&mm->mm_users))
				break;
			mm = NULL;
		}
		pinpage_spin_unlock(&list_lock);
		if (last)
			pinpage_mmput(last);
		last = mm;
		ret = mm ? fn(mm, arg) : 0;
	} while (mm && !ret);
	if (last)
		pinpage_mmput(last);
	return ret;
}

/* mmap_lock */

void pinpage_mmap_read_lock(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__))
		pinpage_down_read(&mm->mmap_lock);
}

int pinpage_mmap_read_lock_killable(struct mm_struct *mm)
{
	if (!mm_ok(mm, false, __func__))
		return -EINVAL;
	if (pinpage_down_read_trylock(&mm->mmap_lock))
		return 0;
	if (pinpage_fatal_signal_pending())
		return -EINTR;
	return pp_down_read_killable(&mm->mmap_lock);
}

bool pinpage_mmap_read_trylock(struct mm_struct *mm)
{
	return mm_ok(mm, false, __func__) &&
	       pinpage_down_read_trylock(&mm->mmap_lock);
}

void pinpage_mmap_read_unlock(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__))
		pinpage_up_read(&mm->mmap_lock);
}

void pinpage_mmap_write_lock(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__))
		pinpage_down_write(&mm->mmap_lock);
}

void pinpage_mmap_write_unlock(struct mm_struct *mm)
{
	if (mm_ok(mm, false, __func__))
		pp_mmap_unlock(mm);
}

/* observing */

bool pinpage_mm_has_pinned(const struct mm_struct *mm)
{
	return mm && test_bit(MMF_HAS_PINNED, &mm->flags);
}

long pinpage_mm_locked_vm(const struct mm_struct *mm)
{
	return mm ? READ_ONCE(mm->locked_vm) : 0;
}

long pinpage_mm_pinned_vm(const struct mm_struct *mm)
{
	return mm ? atomic_long_read(&mm->pinned_vm) : 0;
}

/**
 * pp_mm_boot() - the room's part of the boot
 *
 * Context: boot, after pagecache. Return: 0.
 */
int pp_mm_boot(void)
{
	pp_mm_breaking = false;
	last_id = 0;
	INIT_LIST_HEAD(&all);
	pp_cache_init(&mm_cache, "mm_struct", sizeof(struct mm_struct));
	pp_user_boot();
	pp_vma_boot();
	pp_huge_boot();
	pp_rmap_boot();
	pp_notifier_boot();
	pp_ksm_boot();
	pp_uffd_boot();
	pp_reclaim_boot();
	pp_swap_boot();
	return 0;
}

/* whoever held its locks is gone for good */
static void mm_break(struct mm_struct *mm)
{
	int users = atomic_read(&mm->mm_users);

	if (users > 0) {
		pp_warn("address space %u still has %d user(s) at shutdown", mm->id, users);
		pp_rwsem_init(&mm->mmap_lock, "mmap_lock", PINPAGE_RANK_MMAP);
		pp_spin_init(&mm->page_table_lock, "page_table_lock", PINPAGE_RANK_PTE);
		pp_exit_mmap(mm);
	}
	mm_destroy(mm);
}

/**
 * pp_mm_shutdown() - report and free the address spaces still alive
 *
 * Locks that abandoned tasks hold are broken; nothing else runs any more.
 *
 * Context: shutdown, before pagecache.
 */
void pp_mm_shutdown(void)
{
	pp_scanners_stop();
	pp_kswapd_stop();
	pinpage_rcu_barrier();
	pp_uffd_shutdown();
	pp_mm_breaking = true;
	while (!list_empty(&all))
		mm_break(list_first_entry(&all, struct mm_struct, link));
	pp_huge_zero_shutdown();
	pp_gate_shutdown();
	pp_ksm_shutdown();
	current->mm = NULL;
	pp_set_rmap_ops(NULL);
	pp_set_reclaim_hook(NULL);
	pp_vma_shutdown();
	pp_cache_destroy(&mm_cache);
	pp_anon_vma_shutdown();
	pp_pgtable_shutdown();
	pp_swap_shutdown();
}
