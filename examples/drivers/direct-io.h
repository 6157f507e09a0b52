/* SPDX-License-Identifier: (GPL-2.0-only OR MIT) */
/*
 * direct-io.h - read() past the page cache into user memory
 */
#ifndef DIRECT_IO_H
#define DIRECT_IO_H

#include <linux/device.h>
#include <linux/scatterlist.h>
#include <linux/types.h>

/* which calls take and release the user's pages: module parameter "contract" */
enum direct_io_contract {
	DIRECT_IO_GET_PUT_PAGE,		/* up to 5.1: get_user_pages, put_page */
	DIRECT_IO_GET_PUT_USER,		/* 5.2: put_user_pages_dirty_lock */
	DIRECT_IO_PIN,			/* 5.6: pin_user_pages, unpin_..._dirty_lock */
	DIRECT_IO_PIN_ONLY,		/* unpin_user_pages: who dirties? */
};
extern int direct_io_contract;

/**
 * struct direct_io_disk - where the bytes come from
 * @dev:  the device that does the DMA
 * @read: starts to move @len bytes from @pos into the mapped list; 0 or -errno;
 *        after 0 @end_io is called once, in softirq context, with what was
 *        moved or -errno
 * @priv: the disk's own
 */
struct direct_io_disk {
	struct device *dev;
	int (*read)(struct direct_io_disk *disk, struct scatterlist *sgl,
		    int nents, loff_t pos, size_t len,
		    void (*end_io)(void *cookie, int result), void *cookie);
	void *priv;
};

/*
 * Reads @len bytes at @pos of the disk to the user address @addr of
 * current->mm. Sleeps. Return: bytes read, perhaps fewer; else -errno:
 * -EINVAL (@len 0 or no disk), -ENOMEM, -EFAULT (nothing to read to), or what
 * the disk says.
 */
ssize_t direct_io_read(struct direct_io_disk *disk, unsigned long addr,
		       size_t len, loff_t pos);

#endif
