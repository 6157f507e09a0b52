// SPDX-License-Identifier: (GPL-2.0-only OR MIT)
/*
 * direct-io.c - case 1 of the pinning document: the device writes into user
 * pages that are held for the length of one transfer
 *
 * Shows:   what a driver owes for the pages it borrowed, in four generations
 *          of the kernel's API, chosen by the parameter "contract".
 * Mirrors: block/bio.c: bio_iov_iter_get_pages(), bio_check_pages_dirty(),
 *          bio_dirty_fn(); fs/direct-io.c.
 * Run:     examples/demo; examples/demo --help
 *
 * The device completes in softirq context. Marking a page dirty takes the page
 * lock, which sleeps, so the completion hands over to a work item.
 */
#include "direct-io.h"

#include <linux/completion.h>
#include <linux/dma-mapping.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

/* pages held at a time, whatever the user asks for */
#define DIRECT_IO_MAX_PAGES 64

int direct_io_contract = DIRECT_IO_PIN;
module_param_named(contract, direct_io_contract, int, 0444);
MODULE_PARM_DESC(contract, "0 put_page, 1 put_user_pages, 2 unpin dirty, 3 unpin");

struct direct_io_request {
	struct direct_io_disk *disk;
	struct page **pages;
	int nr_pages;
	struct sg_table table;
	int result;			/* bytes or -errno */
	struct work_struct work;
	struct completion done;
};

/* Return: pages taken, perhaps fewer than asked for; -errno. */
static int direct_io_get_pages(unsigned long addr, int nr, struct page **pages)
{
	/* the device writes to memory, so it is a write to the pages */
	switch (direct_io_contract) {
	case DIRECT_IO_GET_PUT_PAGE:
	case DIRECT_IO_GET_PUT_USER:
		return get_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	default:
		return pin_user_pages_fast(addr, nr, FOLL_WRITE, pages);
	}
}

/* @wrote: the device may have written to them; then it sleeps */
static void direct_io_put_pages(struct page **pages, int nr, bool wrote)
{
	int i;

	switch (direct_io_contract) {
	case DIRECT_IO_GET_PUT_PAGE:
		for (i = 0; i < nr; i++) {
			if (wrote)
				set_page_dirty_lock(pages[i]);
			put_page(pages[i]);
		}
		break;
	case DIRECT_IO_GET_PUT_USER:
		if (wrote)
			put_user_pages_dirty_lock(pages, (unsigned long)nr,
						  true);
		else
			put_user_pages(pages, (unsigned long)nr);
		break;
	case DIRECT_IO_PIN:
		unpin_user_pages_dirty_lock(pages, (unsigned long)nr, wrote);
		break;
	default:
		unpin_user_pages(pages, (unsigned long)nr);
		break;
	}
}

/* process context: what the completion could not do */
static void direct_io_finish(struct work_struct *work)
{
	struct direct_io_request *req =
		container_of(work, struct direct_io_request, work);

	/* a transfer that failed half way wrote, too */
	direct_io_put_pages(req->pages, req->nr_pages, true);
	complete(&req->done);
}

/* softirq context: the transfer is over */
static void direct_io_end(void *cookie, int result)
{
	struct direct_io_request *req = cookie;

	dma_unmap_sgtable(req->disk->dev, &req->table, DMA_FROM_DEVICE, 0);
	req->result = result;
	INIT_WORK(&req->work, direct_io_finish);
	schedule_work(&req->work);
}

/* Maps the pages and runs one transfer over them; they go back in any case. */
static int direct_io_transfer(struct direct_io_request *req,
			      unsigned int offset, size_t len, loff_t pos)
{
	struct direct_io_disk *disk = req->disk;
	int error;

	error = sg_alloc_table_from_pages(&req->table, req->pages,
					  (unsigned int)req->nr_pages, offset,
					  len, GFP_KERNEL);
	if (error)
		goto out_pages;
	error = dma_map_sgtable(disk->dev, &req->table, DMA_FROM_DEVICE, 0);
	if (error)
		goto out_table;
	init_completion(&req->done);
	error = disk->read(disk, req->table.sgl, (int)req->table.nents, pos,
			   len, direct_io_end, req);
	if (error)
		goto out_unmap;
	wait_for_completion(&req->done);
	sg_free_table(&req->table);
	return req->result;

out_unmap:
	dma_unmap_sgtable(disk->dev, &req->table, DMA_FROM_DEVICE, 0);
out_table:
	sg_free_table(&req->table);
out_pages:
	direct_io_put_pages(req->pages, req->nr_pages, false);
	return error;
}

/* One round: at most DIRECT_IO_MAX_PAGES pages. Return: bytes or -errno. */
static int direct_io_chunk(struct direct_io_request *req, unsigned long addr,
			   size_t len, loff_t pos)
{
	unsigned int offset = (unsigned int)offset_in_page(addr);
	int nr;

	len = min_t(size_t, len, DIRECT_IO_MAX_PAGES * PAGE_SIZE - offset);
	nr = (int)DIV_ROUND_UP(offset + len, PAGE_SIZE);
	req->nr_pages = direct_io_get_pages(addr, nr, req->pages);
	if (req->nr_pages <= 0)
		return req->nr_pages ? req->nr_pages : -EFAULT;
	/* fewer than asked for: use those; the next round meets the reason */
	len = min_t(size_t, len,
		    (size_t)req->nr_pages * PAGE_SIZE - offset);
	return direct_io_transfer(req, offset, len, pos);
}

ssize_t direct_io_read(struct direct_io_disk *disk, unsigned long addr,
		       size_t len, loff_t pos)
{
	struct direct_io_request *req;
	size_t done = 0;
	int ret = -ENOMEM;

	if (!disk || !len)
		return -EINVAL;
	req = kzalloc(sizeof(*req), GFP_KERNEL);
	if (!req)
		return -ENOMEM;
	req->disk = disk;
	req->pages = kcalloc(DIRECT_IO_MAX_PAGES, sizeof(*req->pages),
			     GFP_KERNEL);
	if (!req->pages)
		goto out;
	while (done < len) {
		ret = direct_io_chunk(req, addr + done, len - done,
				      pos + (loff_t)done);
		if (ret <= 0)
			break;
		done += (size_t)ret;
	}
out:
	kfree(req->pages);
	kfree(req);
	return done ? (ssize_t)done : ret;
}
EXPORT_SYMBOL_GPL(direct_io_read);

MODULE_DESCRIPTION("Reads past the page cache into user memory");
MODULE_LICENSE("Dual MIT/GPL");
