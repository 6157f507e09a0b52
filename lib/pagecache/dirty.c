// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * dirty.c - the dirty state of a page: set, cancelled, cleared for write-back
 *
 * "Dirty" is three things: the dirty bits of the PTEs, the page's flag and
 * the tag of its slot. The flag is folded out of the PTEs when it is cleared
 * for I/O; the tag outlives the flag until writeback starts.
 *
 * I1. A page in a mapping that can be written back and whose flag is set is
 *     counted in nr_dirty and tagged. Both change under i_pages_lock when the
 *     flag goes up, so a task without the page lock cannot upset the count.
 * I2. rules->writeback_pinned is read in pinned_policy() and nowhere else.
 */
#include "pagecache/internal.h"
#include "page/unpin_wait.h"

atomic_long_t pp_nr_dirty;
atomic_long_t pp_nr_writeback;

static int no_mkclean(struct page *page)
{
	(void)page;
	return 0;
}

static void no_unmap_mapping(struct address_space *mapping,
			     unsigned long start, unsigned long nr,
			     bool even_cows)
{
	(void)mapping;
	(void)start;
	(void)nr;
	(void)even_cows;
}

static void no_unmap_page(struct page *page)
{
	(void)page;
}

static int no_split(struct page *head)
{
	(void)head;
	return -EBUSY;
}

static const struct pp_rmap_ops no_rmap = {
	.mkclean = no_mkclean,
	.unmap_mapping = no_unmap_mapping,
	.unmap_page = no_unmap_page,
	.split = no_split,
};

const struct pp_rmap_ops *pp_rmap = &no_rmap;

/**
 * pp_set_rmap_ops() - mm registers its reverse map
 * @ops: all set, constant while registered; NULL: nothing is mapped
 *
 * Context: boot and shutdown. Locking: no other task runs.
 */
void pp_set_rmap_ops(const struct pp_rmap_ops *ops)
{
	pp_rmap = ops ? ops : &no_rmap;
}

static unsigned int locked_flag(const struct page *head)
{
	return pp_page_lock_held(head) ? PINPAGE_EVF_LOCKED : 0;
}

static void emit_dirty(struct address_space *mapping, struct page *head)
{
	pp_emit(DIRTY, .page = head, .nr = 1, .mapping = mapping,
		.index = head->index, .flags = locked_flag(head),
		.site = current->nest ? current->site : NULL);
}

/**
 * pp_folio_tag_dirty() - set the flag, the tag, the counters
 * @mapping: what the caller read from the page, perhaps some time ago
 * @head:    head page; locked or mapped unless the caller takes the risk
 *
 * If the page has left @mapping meanwhile only the flag is set: nothing will
 * write the page and nothing counts it. The caller must hold the inode or be
 * in an RCU read section, else @mapping itself may be gone.
 *
 * Context: any; does not sleep. Locking: at most a PTE lock held.
 * Return:  true: it was clean
 * Mirrors: mm/page-writeback.c:filemap_dirty_folio()
 */
bool pp_folio_tag_dirty(struct address_space *mapping, struct page *head)
{
	bool was, counted;

	pinpage_spin_lock(&mapping->i_pages_lock);
	counted = page_file_mapping(head) == mapping;
	was = TestSetPageDirty(head);
	if (!was && counted) {
		atomic_long_inc(&pp_nr_dirty);
		pp_stat_add(PINPAGE_STAT_NR_FILE_DIRTY, 1);
		pp_stat_add(PINPAGE_STAT_NR_DIRTIED, 1);
	}
	if (counted)
		pp_xa_set_mark(&mapping->i_pages, head->index, PP_TAG_DIRTY);
	if (counted && !mapping->dirtied_when)
		WRITE_ONCE(mapping->dirtied_when, pinpage_ktime_get_ns() + 1);
	pinpage_spin_unlock(&mapping->i_pages_lock);
	if (!was)
		emit_dirty(counted ? mapping : NULL, head);
	return !was;
}

static bool set_flag_only(struct address_space *mapping, struct page *head)
{
	if (TestSetPageDirty(head))
		return false;
	emit_dirty(mapping, head);
	return true;
}

static bool dirty_in(struct address_space *mapping, struct page *head)
{
	if (!mapping || !mapping->a_ops->dirty_tracked)
		return set_flag_only(mapping, head);
	if (unlikely(PageReclaim(head)))
		ClearPageReclaim(head);
	if (mapping->a_ops->dirty_page)
		return mapping->a_ops->dirty_page(mapping, head);
	return pp_folio_tag_dirty(mapping, head);
}

/**
 * pp_set_page_dirty() - the page differs from its storage
 * @head: head page, referenced
 *
 * Calls the mapping's hook; anonymous, truncated and ramfs pages: the flag
 * only. No page_mkwrite, no reservation.
 *
 * Context: any; does not sleep. Locking: page lock or PTE lock of a mapping
 *          of the page; without them truncation may win (the flag is set
 *          then, and nothing else).
 * Return:  true: it was clean
 * Mirrors: mm/page-writeback.c:folio_mark_dirty()
 */
bool pp_set_page_dirty(struct page *head)
{
	bool ret;

	pinpage_rcu_read_lock();
	ret = dirty_in(page_file_mapping(head), head);
	pinpage_rcu_read_unlock();
	return ret;
}

/*
 * The public forms: two yield points, before the mapping is read and after,
 * so that a schedule can put truncation between. The inode's memory is kept
 * by RCU: the kernel would touch freed memory, we set a flag.
 */
static bool set_dirty_at(struct page *head, const void *site)
{
	struct address_space *mapping;
	unsigned int flags = locked_flag(head);
	bool ret;

	pp_emit(DIRTY_CALL, .page = head, .nr = 1, .flags = flags,
		.mapping = page_file_mapping(head), .index = head->index,
		.site = site);
	pinpage_rcu_read_lock();
	mapping = page_file_mapping(head);
	pp_emit(DIRTY_CALL, .page = head, .nr = 1, .flags = flags,
		.mapping = mapping, .index = head->index, .arg = 1,
		.site = site);
	ret = dirty_in(mapping, head);
	pinpage_rcu_read_unlock();
	return ret;
}

/* See the header. Mirrors: mm/folio-compat.c:set_page_dirty() */
bool pinpage_set_page_dirty(struct page *page)
{
	bool ret;

	if (!pp_cache_page_ok(page))
		return false;
	ret = set_dirty_at(compound_head(page),
			   pp_enter(__builtin_return_address(0)));
	pp_leave();
	return ret;
}

/* See the header. Mirrors: mm/page-writeback.c:set_page_dirty_lock() */
bool pinpage_set_page_dirty_lock(struct page *page)
{
	struct page *head;
	bool ret;

	if (!pp_cache_page_ok(page) || !pinpage_might_sleep())
		return false;
	head = compound_head(page);
	pp_enter(__builtin_return_address(0));
	pp_lock_page(head);
	ret = set_dirty_at(head, current->site);
	pp_unlock_page(head);
	pp_leave();
	return ret;
}

/**
 * pp_account_cleaned() - a counted dirty page is not dirty any more
 * @head: its flag was set while it was in its mapping
 *
 * Context: any. Locking: page lock or i_pages_lock.
 */
void pp_account_cleaned(struct page *head)
{
	struct address_space *mapping = page_file_mapping(head);

	if (!mapping || !mapping->a_ops->dirty_tracked)
		return;
	atomic_long_dec(&pp_nr_dirty);
	pp_stat_add(PINPAGE_STAT_NR_FILE_DIRTY, -1);
}

/**
 * pp_cancel_dirty() - the page needs no write-back any more
 * @head: locked
 *
 * Context: process. Locking: page lock held.
 * Return:  true: it was dirty
 * Mirrors: mm/page-writeback.c:__folio_cancel_dirty()
 */
bool pp_cancel_dirty(struct page *head)
{
	if (!TestClearPageDirty(head))
		return false;
	pp_account_cleaned(head);
	pp_emit(UNDIRTY, .page = head, .nr = 1,
		.mapping = page_file_mapping(head), .index = head->index);
	return true;
}

/**
 * pp_redirty_page() - a model's write_page() cannot write the page now
 * @wbc:  counts it as skipped; may be NULL
 * @head: locked; its dirty flag was cleared for this I/O
 *
 * A snapshot of the page is gone on return.
 *
 * Context: process. Locking: page lock held.
 * Mirrors: mm/page-writeback.c:folio_redirty_for_writepage()
 */
void pp_redirty_page(struct writeback_control *wbc, struct page *head)
{
	struct address_space *mapping = head->mapping;

	pp_bounce_end(head);
	if (mapping)
		pp_folio_tag_dirty(mapping, head);
	if (wbc)
		wbc->pages_skipped++;
	pp_stat_add(PINPAGE_STAT_PAGES_SKIPPED, 1);
}

enum policy {
	POLICY_CLEAN,		/* clear the flag, write the page */
	POLICY_SKIP,		/* leave it alone, count it */
	POLICY_MKCLEAN_SKIP,	/* as SKIP, but write-protect first (S23) */
	POLICY_WAIT,		/* until nobody pins it, then look again */
	POLICY_SNAPSHOT,	/* write a copy, the page stays dirty */
	POLICY_CLEAN_COPY,	/* write a copy, the page becomes clean */
};

/*
 * The one place that reads rules->writeback_pinned. A false positive (1024
 * plain references) is treated as a pin: it cannot be told apart.
 *
 * MB pin-vs-clean (I): what mkclean did to the PTEs comes before the count is
 * read. Pairs with (J) in gup/fast.c:grab() [count raised, then the PTE read
 * again]: a walk that still found the PTE writable is counted here, any other
 * faults and waits for the page lock. Without it a page is cleaned under a
 * write pin. Rules that ignore pins do not pay for it.
 * Test: pagecache/pinned bounce_sees_pin_taken_before_mkclean.
 */
static enum policy pinned_policy(const struct page *head,
				 const struct writeback_control *wbc)
{
	enum pinpage_writeback_pinned rule = pp_rules->writeback_pinned;
	struct address_space *mapping = page_file_mapping(head);
	bool all;

	if (rule == PINPAGE_WB_IGNORE)
		return POLICY_CLEAN;
	smp_mb();
	if (!pp_maybe_dma_pinned(head))
		return POLICY_CLEAN;
	if (!wbc) {
		if (rule == PINPAGE_WB_SKIP)
			pp_warn_once("pfn %#lx: pinned page cleaned without a writeback_control",
				     page_to_pfn(head));
		return POLICY_CLEAN;
	}
	all = wbc->sync_mode == PINPAGE_WB_SYNC_ALL;
	switch (rule) {
	case PINPAGE_WB_WAIT:
		return all ? POLICY_WAIT : POLICY_SKIP;
	case PINPAGE_WB_BOUNCE:
		return all ? POLICY_SNAPSHOT : POLICY_SKIP;
	default:
		break;
	}
	if (!all)
		return POLICY_MKCLEAN_SKIP;
	return mapping && mapping->host->i_sb->stable_writes ?
		POLICY_CLEAN_COPY : POLICY_CLEAN;
}

static bool skip_page(struct page *head, struct writeback_control *wbc)
{
	wbc->pages_skipped++;
	pp_stat_add(PINPAGE_STAT_PAGES_SKIPPED, 1);
	pp_emit(SKIP, .page = head, .nr = 1,
		.mapping = page_file_mapping(head), .index = head->index);
	return false;
}

/* Without the page lock, which releases take: false if the page left. */
static bool wait_unpinned(struct page *head)
{
	struct address_space *mapping = page_file_mapping(head);

	pp_emit(WAIT_UNPIN, .page = head, .nr = 1, .mapping = mapping,
		.index = head->index, .flags = PINPAGE_EVF_SYNC_ALL);
	pp_unlock_page(head);
	pp_wait_unpinned(head);
	pp_lock_page(head);
	pp_wait_writeback(head);
	return page_file_mapping(head) == mapping;
}

/*
 * Settle what happens to the page. Dirty bits are folded in and PTEs are
 * write-protected, unless pins that are seen at once keep the page dirty
 * anyhow. The look that counts is the one after that: until then a pin needs
 * no page lock. From then on a new pin to write has to fault.
 */
static enum policy protect(struct page *head,
			   const struct writeback_control *wbc)
{
	enum policy policy = pinned_policy(head, wbc);

	if (policy == POLICY_SKIP || policy == POLICY_WAIT)
		return policy;
	if (pp_rmap->mkclean(head))
		pp_set_page_dirty(head);
	return pinned_policy(head, wbc);
}

static unsigned int wbc_flags(const struct writeback_control *wbc)
{
	return wbc && wbc->sync_mode == PINPAGE_WB_SYNC_ALL ?
		PINPAGE_EVF_SYNC_ALL : 0;
}

/**
 * pp_clear_page_dirty_for_io() - the page is going to be written: clean it
 * @head:   locked, referenced by the caller
 * @wbc:    who asks; NULL: nobody in particular (pins are not looked at)
 * @bounce: out: a snapshot has to be written instead of the page itself (may
 *          be NULL if @wbc is)
 *
 * Dirty bits of shared mappings are folded in first and their PTEs
 * write-protected; then the flag is tested and cleared. The tag stays until
 * writeback starts. What happens to a maybe-pinned page is the rules' say:
 * it may be skipped (counted in @wbc), waited for (the page lock is dropped
 * meanwhile), or stay dirty with @bounce set.
 *
 * Context: process; sleeps. Locking: page lock held, still held on return.
 * Order:   MB pin-vs-clean (I), MB clean-then-read (G).
 * Return:  true: write it; false: clean, skipped, or gone from its mapping
 * Mirrors: mm/page-writeback.c:folio_clear_dirty_for_io(); differs: the pin
 *          policies are proposals
 */
bool pp_clear_page_dirty_for_io(struct page *head,
				struct writeback_control *wbc, bool *bounce)
{
	struct address_space *mapping = page_file_mapping(head);
	enum policy policy;

	pp_assert_held(&head->flags);
	if (!mapping || !mapping->a_ops->dirty_tracked)
		return TestClearPageDirty(head);
	while ((policy = protect(head, wbc)) == POLICY_WAIT) {
		if (!wait_unpinned(head))
			return false;
	}
	if (policy == POLICY_SKIP || policy == POLICY_MKCLEAN_SKIP)
		return PageDirty(head) ? skip_page(head, wbc) : false;
	if (policy == POLICY_SNAPSHOT || policy == POLICY_CLEAN_COPY)
		*bounce = true;
	if (policy == POLICY_SNAPSHOT)
		return PageDirty(head);
	/*
	 * MB clean-then-read (G): the flag is cleared before the bytes are
	 * read for I/O. The RMW is a full barrier; pairs with (H), a store
	 * followed by set_page_dirty(). Without it a store may miss both
	 * this write and the next. Test: pagecache/writeback
	 * write_and_wait_waits_for_io.
	 */
	if (!TestClearPageDirty(head))
		return false;
	pp_account_cleaned(head);
	pp_emit(CLEAN, .page = head, .nr = 1, .mapping = mapping,
		.index = head->index, .flags = wbc_flags(wbc));
	return true;
}

/* See the header. Mirrors: mm/folio-compat.c:clear_page_dirty_for_io() */
bool pinpage_clear_page_dirty_for_io(struct page *page)
{
	struct page *head;

	if (!pp_cache_page_ok(page))
		return false;
	head = compound_head(page);
	if (!pp_page_lock_held(head)) {
		pp_warn_once("clear_page_dirty_for_io: pfn %#lx is not locked",
			     page_to_pfn(head));
		return false;
	}
	return pp_clear_page_dirty_for_io(head, NULL, NULL);
}

/**
 * pp_attach_private() - give a page private data
 * @head: locked, without private data
 * @data: the model's, not NULL; it has a reference of the page until detached
 *
 * Context: any. Locking: page lock held.
 * Mirrors: include/linux/pagemap.h:folio_attach_private()
 */
void pp_attach_private(struct page *head, void *data)
{
	pp_ref(head);
	WRITE_ONCE(head->private, (unsigned long)data);
	SetPagePrivate(head);
	pp_emit(PRIV_ATTACH, .page = head, .nr = 1,
		.mapping = page_file_mapping(head), .index = head->index);
}

/**
 * pp_detach_private() - take it back
 * @head: locked; the caller holds a reference
 *
 * Context: any. Locking: page lock held.
 * Return:  the data, or NULL
 * Mirrors: include/linux/pagemap.h:folio_detach_private()
 */
void *pp_detach_private(struct page *head)
{
	void *data = pp_page_private(head);

	if (!data)
		return NULL;
	pp_emit(PRIV_RELEASE, .page = head, .nr = 1,
		.mapping = page_file_mapping(head), .index = head->index);
	ClearPagePrivate(head);
	WRITE_ONCE(head->private, 0UL);
	pp_unref(head);
	return data;
}
