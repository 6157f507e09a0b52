// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * bounce.c - snapshots of pages whose bytes may change during I/O
 *
 * A snapshot lives from before write_page() to pp_end_page_writeback(), or to
 * pp_redirty_page(). The ends look here only if a snapshot exists at all: one
 * load otherwise.
 */
#include "pagecache/internal.h"

struct bounce {
	struct list_head link;
	struct page *head;	/* whose snapshot it is */
	unsigned char data[PAGE_SIZE];
};

static PP_LIST_HEAD(bounces);			/* bounce_lock */
static pinpage_spinlock_t bounce_lock = PINPAGE_SPINLOCK_INIT(bounce_lock);
static atomic_t nr_bounces;

/**
 * pp_bounce_start() - take a snapshot of a page
 * @head: locked
 * @data: out: the copy, valid until pp_bounce_end()
 *
 * A device may write during the copy: each byte is old or new, and what is
 * written is what was copied.
 *
 * Context: process. Locking: page lock held.
 * Return:  0 or -ENOMEM
 */
int pp_bounce_start(struct page *head, const void **data)
{
	struct bounce *b = pp_alloc(sizeof(*b));

	if (!b)
		return -ENOMEM;
	b->head = head;
	pp_copy_bytes(b->data, page_address(head), PAGE_SIZE);
	pinpage_spin_lock(&bounce_lock);
	list_add(&b->link, &bounces);
	pinpage_spin_unlock(&bounce_lock);
	atomic_inc(&nr_bounces);
	*data = b->data;
	pp_emit(BOUNCE, .page = head, .nr = 1,
		.mapping = page_file_mapping(head), .index = head->index,
		.addr = (unsigned long)b->data, .len = PAGE_SIZE);
	return 0;
}

/* bounce_lock held */
static struct bounce *find(const struct page *head)
{
	struct bounce *b;

	list_for_each_entry(b, &bounces, link)
		if (b->head == head)
			return b;
	return NULL;
}

/**
 * pp_bounced() - is what is being written of @head a snapshot?
 *
 * Context: any. Locking: page lock held, or PG_writeback set.
 */
bool pp_bounced(const struct page *head)
{
	bool ret;

	if (likely(!atomic_read(&nr_bounces)))
		return false;
	pinpage_spin_lock(&bounce_lock);
	ret = find(head) != NULL;
	pinpage_spin_unlock(&bounce_lock);
	return ret;
}

/**
 * pp_bounce_end() - the snapshot of @head has been written, if there is one
 *
 * Context: any. Locking: PG_writeback still set, or page lock held.
 */
void pp_bounce_end(struct page *head)
{
	struct bounce *found;

	if (likely(!atomic_read(&nr_bounces)))
		return;
	pinpage_spin_lock(&bounce_lock);
	found = find(head);
	if (found)
		list_del(&found->link);
	pinpage_spin_unlock(&bounce_lock);
	if (found)
		atomic_dec(&nr_bounces);
	pp_free(found);
}

/* Boot and shutdown: snapshots that an abandoned task left behind. */
void pp_bounce_reset(void)
{
	struct bounce *b, *n;

	pinpage_spin_lock_init(&bounce_lock, "bounce_lock");
	list_for_each_entry_safe(b, n, &bounces, link)
		pp_free(b);
	INIT_LIST_HEAD(&bounces);
	atomic_set(&nr_bounces, 0);
}

#ifdef PP_TSAN
/* Torn copies are legal here: a device may write meanwhile. */
__attribute__((no_sanitize("thread"))) pp_noinline
void pp_copy_bytes(void *dst, const void *src, size_t len)
{
	volatile unsigned char *to = dst;
	const volatile unsigned char *from = src;

	while (len--)
		*to++ = *from++;
}
#endif
