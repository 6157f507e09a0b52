// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * mm/swapio.c - the bytes of a page to and from its slot
 *
 * I1. A page is written with PG_writeback set and its lock dropped: whoever
 *     faults meanwhile finds it in the cache and may go on using it.
 * I2. A page that could not be written is dirty again.
 * Mirrors: mm/page_io.c 6.1; differs: I/O is done by the caller, a page in
 * memory is copied as it is (no compression).
 */
#include "mm/internal.h"
#include "mm/swaparea.h"

#include <string.h>

static off_t position(pp_swp entry)
{
	return (off_t)(pp_swp_offset(entry) << PAGE_SHIFT);
}

/* 0 or -errno; what ends short is -EIO */
static int write_file(const struct pp_swap_area *area, const void *data, off_t pos)
{
	size_t done = 0;
	ssize_t n;

	while (done < PAGE_SIZE) {
		n = pwrite(area->fd, (const char *)data + done, PAGE_SIZE - done,
			   pos + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int read_file(const struct pp_swap_area *area, void *data, off_t pos)
{
	size_t done = 0;
	ssize_t n;

	while (done < PAGE_SIZE) {
		n = pread(area->fd, (char *)data + done, PAGE_SIZE - done,
			  pos + (off_t)done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n ? -errno : -EIO;
		done += (size_t)n;
	}
	return 0;
}

static int write_bytes(struct pp_swap_area *area, pp_swp entry, const void *data)
{
	void **slot;
	int error;

	if (pp_inject_io_error(PINPAGE_IO_WRITE, &error))
		return -error;
	if (area->fd >= 0)
		return write_file(area, data, position(entry));
	slot = &area->mem[pp_swp_offset(entry)];
	if (!*slot)
		*slot = pp_alloc(PAGE_SIZE);
	if (!*slot)
		return -ENOMEM;
	/* the process may store meanwhile */
	pp_frame_copy(*slot, data, PAGE_SIZE);
	return 0;
}

static int read_bytes(struct pp_swap_area *area, pp_swp entry, void *data)
{
	const void *slot;
	int error;

	if (pp_inject_io_error(PINPAGE_IO_READ, &error))
		return -error;
	if (area->fd >= 0)
		return read_file(area, data, position(entry));
	slot = area->mem[pp_swp_offset(entry)];
	if (!slot)
		return -EIO;
	memcpy(data, slot, PAGE_SIZE);
	return 0;
}

/**
 * pp_swap_write_page() - a page to its slot
 * @head: locked, in the swap cache, its dirty flag cleared for this
 *
 * A slot that nobody's entry names is given back instead.
 *
 * Context: process; sleeps. Locking: page lock held, dropped.
 * Order:   MB clean-then-read (G), pagecache/dirty.c: the flag was cleared by
 *          an RMW before the bytes are read here.
 * Return:  0 or -errno; then the page is dirty again.
 * Mirrors: mm/page_io.c:swap_writepage()
 */
int pp_swap_write_page(struct page *head)
{
	pp_swp entry = pp_page_swp(head);
	int err;

	pp_assert_held(&head->flags);
	if (pp_page_free_swap(head)) {
		pp_unlock_page(head);
		return 0;
	}
	SetPageWriteback(head);
	pp_stat_add(PINPAGE_STAT_NR_WRITEBACK, 1);
	pp_unlock_page(head);
	pp_emit(SWAP_OUT, PP_EV_PAGE(head), .arg = (long)entry, .len = PAGE_SIZE);
	err = write_bytes(&pp_swap_areas[pp_swp_type(entry)], entry, page_address(head));
	if (err) {
		SetPageError(head);
		SetPageDirty(head);
	} else {
		pp_stat_add(PINPAGE_STAT_PSWPOUT, 1);
		pp_stat_add(PINPAGE_STAT_PGPGOUT, PAGE_SIZE >> 10);
	}
	pp_stat_add(PINPAGE_STAT_NR_WRITEBACK, -1);
	pp_end_writeback_flag(head);
	return err;
}

/**
 * pp_swap_read_page() - a page from its slot
 * @head: locked, in the swap cache, not up to date
 *
 * Context: process; sleeps. Locking: page lock held.
 * Return:  0: up to date; -errno: it is not, PG_error is set.
 * Mirrors: mm/page_io.c:swap_readpage()
 */
int pp_swap_read_page(struct page *head)
{
	pp_swp entry = pp_page_swp(head);
	int err = read_bytes(&pp_swap_areas[pp_swp_type(entry)], entry,
			     page_address(head));

	if (err) {
		SetPageError(head);
		return err;
	}
	ClearPageError(head);
	pp_stat_add(PINPAGE_STAT_PSWPIN, 1);
	pp_stat_add(PINPAGE_STAT_PGPGIN, PAGE_SIZE >> 10);
	pp_emit(SWAP_IN, PP_EV_PAGE(head), .arg = (long)entry, .len = PAGE_SIZE);
	/* MB uptodate (C), pagecache/filemap.c */
	TestSetPageUptodate(head);
	return 0;
}

/**
 * pp_swap_read_copy() - the bytes of a slot into a page that has none
 * @entry: has a user that stays; only its file's page lock brings it back
 * @page:  locked, of that file
 *
 * Context: process; sleeps. Locking: page lock held.
 * Return:  0 or -errno.
 * Mirrors: mm/shmem.c:shmem_swapin_folio() in place.
 */
int pp_swap_read_copy(unsigned long entry, struct page *page)
{
	struct page *head = pp_swap_cache_get(entry);
	int err = 0;

	if (head) {
		pp_frame_copy(page_address(page), page_address(head), PAGE_SIZE);
		pp_unref(head);
		return 0;
	}
	err = read_bytes(&pp_swap_areas[pp_swp_type(entry)], entry, page_address(page));
	if (err)
		return err;
	pp_stat_add(PINPAGE_STAT_PSWPIN, 1);
	pp_emit(SWAP_IN, PP_EV_PAGE(page), .arg = (long)entry, .len = PAGE_SIZE);
	return 0;
}
