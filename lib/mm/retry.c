// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/retry.c - faults that let mmap_lock go before they wait
 *
 * I1. Only the first attempt of a fault with FAULT_FLAG_ALLOW_RETRY drops the
 *     lock; the next one carries FAULT_FLAG_TRIED and waits with the lock
 *     held, so that a fault makes progress.
 * I2. Once the lock is dropped the area may be gone: what is needed from it is
 *     read, and its file referenced, before.
 * I3. FAULT_FLAG_NOWAIT neither waits nor drops.
 * Mirrors: mm/internal.h:maybe_unlock_mmap_for_io(), mm/filemap.c:
 * __folio_lock_or_retry(), filemap_fault().
 */
#include "mm/internal.h"

static bool first_attempt(const struct pp_fault *f)
{
	return (f->flags & (FAULT_FLAG_ALLOW_RETRY | FAULT_FLAG_TRIED)) ==
	       FAULT_FLAG_ALLOW_RETRY;
}

/**
 * pp_fault_drop_lock() - drop mmap_lock if this fault may
 * @f: f->vma is not to be used any more if it was dropped
 *
 * Context: process. Locking: mmap_lock held for reading.
 * Return:  true: dropped, the fault must return PP_FAULT_RETRY or
 *          PP_FAULT_COMPLETED.
 * Mirrors: mm/internal.h:maybe_unlock_mmap_for_io()
 */
bool pp_fault_drop_lock(struct pp_fault *f)
{
	if (!first_attempt(f) || f->flags & FAULT_FLAG_NOWAIT)
		return false;
	pinpage_up_read(&f->vma->vm_mm->mmap_lock);
	f->vma = NULL;
	return true;
}

/* a killed fault does not wait: whoever asked for it looks at the signal */
static void wait_for_lock(unsigned int flags, struct page *page)
{
	if (flags & FAULT_FLAG_KILLABLE)
		(void)pp_wait_locked_killable(page);
	else
		pp_wait_locked(page);
}

/**
 * pp_fault_lock_page() - lock a page on behalf of a fault
 * @f:    as pp_fault_drop_lock()
 * @page: the caller holds a reference
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading, no other.
 * Return:  0: locked; PP_FAULT_RETRY: not locked, mmap_lock was dropped (after
 *          a wait, or when killed); -EAGAIN: FAULT_FLAG_NOWAIT, not locked.
 * Mirrors: mm/filemap.c:__folio_lock_or_retry()
 */
int pp_fault_lock_page(struct pp_fault *f, struct page *page)
{
	struct mm_struct *mm = f->vma->vm_mm;

	if (pp_trylock_page(page))
		return 0;
	if (f->flags & FAULT_FLAG_NOWAIT)
		return -EAGAIN;
	if (pp_fault_drop_lock(f)) {
		wait_for_lock(f->flags, page);
		return PP_FAULT_RETRY;
	}
	if (!(f->flags & FAULT_FLAG_KILLABLE)) {
		pp_lock_page(page);
		return 0;
	}
	if (!pp_lock_page_killable(page))
		return 0;
	pinpage_up_read(&mm->mmap_lock);
	f->vma = NULL;
	return PP_FAULT_RETRY;
}

/* the locked page if that needs no wait and it is what the file has; or NULL */
static struct page *ready_page(struct address_space *mapping, unsigned long index)
{
	struct page *head = pp_find_get_page(mapping, index);

	if (!head)
		return NULL;
	if (PageUptodate(head) && !PageHWPoison(head) && pp_trylock_page(head)) {
		if (page_file_mapping(head) == mapping && PageUptodate(head))
			return head;
		pp_unlock_page(head);
	}
	pp_unref(head);
	return NULL;
}

/* the locked head, up to date and @index within the file, if it is to be had at once */
struct page *pp_fault_ready_page(struct file *file, unsigned long index)
{
	struct page *page = ready_page(file->f_mapping, index);

	if (!page || likely(!pp_beyond_eof(file->f_mapping->host, index)))
		return page;
	pp_unlock_page(page);
	pp_unref(page);
	return NULL;
}

/* A read that a fault with FAULT_FLAG_NOWAIT has started. */
struct started_read {
	struct pinpage_work work;
	struct file *file;
	unsigned long index;
};

static void read_in(struct pinpage_work *work)
{
	struct started_read *r = container_of(work, struct started_read, work);
	struct page *page = pp_read_cache_page(r->file->f_mapping, r->index, r->file);

	if (!IS_ERR(page))
		pp_unref(page);
	pp_fput(r->file);
	pp_free(r);
}

/* Nobody waits for this read; without memory it is not started. */
static void start_read(struct file *file, unsigned long index)
{
	struct started_read *r = pp_alloc(sizeof(*r));

	if (!r)
		return;
	pinpage_init_work(&r->work, read_in);
	r->file = pp_get_file(file);
	r->index = index;
	pinpage_schedule_work(&r->work);
}

/* mmap_lock is not held: wait for who has the page locked, or read it in */
static void wait_unlocked(unsigned int flags, struct file *file, unsigned long index,
			  enum pp_huge_advice advice)
{
	struct page *page = pp_find_get_page(file->f_mapping, index);
	bool locked = page && PageLocked(page);

	if (locked)
		wait_for_lock(flags, page);
	if (page)
		pp_unref(page);
	if (locked)
		return;
	page = pp_filemap_fault_page(file, index, advice);
	if (IS_ERR(page))
		return;		/* the next attempt tells */
	pp_unlock_page(page);
	pp_unref(page);
}

/* The page is not there, or somebody works on it: who may wait, and how? */
static struct page *wait_for_page(struct pp_fault *f, struct file *file,
				  unsigned long index)
{
	enum pp_huge_advice advice = pp_huge_advice(f->vma, f->addr);
	struct page *page;

	/* what lives in memory alone has no read that could be waited for */
	if (f->flags & FAULT_FLAG_NOWAIT && file->f_mapping->a_ops->dirty_tracked) {
		page = pp_find_get_page(file->f_mapping, index);
		if (!page || !PageUptodate(page))
			start_read(file, index);
		if (page)
			pp_unref(page);
		return ERR_PTR(-EAGAIN);
	}
	(void)pp_get_file(file);
	if (!pp_fault_drop_lock(f)) {
		page = pp_filemap_fault_page(file, index, advice);
		pp_fput(file);
		return page;
	}
	wait_unlocked(f->flags, file, index, advice);
	pp_fput(file);
	return NULL;
}

/**
 * pp_fault_file_page() - the page of a file that a fault shall map
 * @f:     as pp_fault_drop_lock()
 * @file:  of f->vma
 * @index: offset in pages
 *
 * As pp_filemap_fault_page(), except: the very page, and rather than wait for
 * I/O or for the page lock the fault drops mmap_lock, where it may.
 *
 * Return:  also NULL: mmap_lock was dropped, return PP_FAULT_RETRY;
 *          ERR_PTR(-EAGAIN): FAULT_FLAG_NOWAIT, the read has been started.
 * Mirrors: mm/filemap.c:filemap_fault()
 */
struct page *pp_fault_file_page(struct pp_fault *f, struct file *file,
				unsigned long index)
{
	struct page *page;

	if (pp_beyond_eof(file->f_mapping->host, index))
		return ERR_PTR(-ENXIO);
	page = pp_fault_ready_page(file, index);
	if (!page)
		page = pp_beyond_eof(file->f_mapping->host, index) ?
			ERR_PTR(-ENXIO) : wait_for_page(f, file, index);
	return IS_ERR_OR_NULL(page) ? page : pp_folio_page(page, index);
}

/* will pp_filemap_page_mkwrite() of the locked page have a writer throttled? */
bool pp_fault_dirties(const struct file *file, const struct page *page)
{
	return file->f_mapping->a_ops->page_mkwrite || !PageDirty(compound_head(page));
}

/**
 * pp_fault_balance() - a fault has dirtied a file: throttle it if it must be
 * @f:    as pp_fault_drop_lock()
 * @file: of f->vma
 *
 * Context: process; sleeps. Locking: mmap_lock held for reading.
 * Return:  0; PP_FAULT_COMPLETED: mmap_lock was dropped, the fault is done.
 * Mirrors: mm/memory.c:fault_dirty_shared_page()
 */
int pp_fault_balance(struct pp_fault *f, struct file *file)
{
	bool dropped;

	(void)pp_get_file(file);
	dropped = pp_fault_drop_lock(f);
	if (file->f_mapping->a_ops->dirty_tracked)
		pp_balance_dirty_pages();
	pp_fput(file);
	return dropped ? PP_FAULT_COMPLETED : 0;
}
