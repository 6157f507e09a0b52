// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * users.c - threads that own pages and believe what they wrote
 *
 * A page is written in turn by the process, by a device through a pin and by
 * write(); after each the owner reads it back the other ways.
 */
#include "storm.h"

#include <errno.h>

/* what the owner wrote last; only the owner looks */
static uint64_t in_file[STORM_PAGES], in_anon[STORM_PAGES];

static unsigned long own_page(unsigned int nr, uint64_t *seed)
{
	unsigned long n = STORM_PAGES / STORM_USERS;

	return storm_random(seed) % n * STORM_USERS + nr;
}

/* @pages' bytes by DMA */
static void device_move(struct page *page, uint64_t *value, bool write)
{
	enum pinpage_dma_direction dir = write ? PINPAGE_DMA_FROM_DEVICE : PINPAGE_DMA_TO_DEVICE;
	pinpage_dma_addr_t dma = pinpage_dma_map_page(storm.dev, page, 0, sizeof(*value), dir);

	if (write)
		pinpage_device_write(storm.dev, dma, value, sizeof(*value));
	else
		pinpage_device_read(storm.dev, dma, value, sizeof(*value));
	pinpage_dma_unmap_page(storm.dev, dma, sizeof(*value), dir);
}

static int check_load(const char *who, unsigned long page, unsigned long addr, uint64_t want)
{
	uint64_t got = 0;
	int err = pinpage_load(storm.mm, addr, &got, sizeof(got));

	if (err)
		return err;
	return got == want ? 0 : storm_lost(who, page, got, want);
}

/* write pin, DMA into it, dirty release; the process must see it before and after */
static int write_by_device(const char *who, unsigned long page, unsigned long addr, uint64_t *last)
{
	uint64_t value = *last + 1, back = 0;
	struct page *pinned;
	int err, ret = pin_user_pages_fast(addr, 1, FOLL_WRITE, &pinned);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	device_move(pinned, &back, false);
	err = back == *last ? 0 : storm_lost(who, page, back, *last);
	device_move(pinned, &value, true);
	*last = value;
	if (!err)
		err = check_load(who, page, addr, value);
	unpin_user_pages_dirty_lock(&pinned, 1, true);
	return err;
}

static int write_by_process(unsigned long addr, uint64_t *last)
{
	++*last;
	return pinpage_store(storm.mm, addr, last, sizeof(*last));
}

/* the device reads what the process has, through a read-only pin that then stays coherent */
static int read_by_device(const char *who, unsigned long page, unsigned long addr, uint64_t *last)
{
	struct page *pinned;
	uint64_t got = 0;
	int err, ret = pin_user_pages_fast(addr, 1, 0, &pinned);

	if (ret != 1)
		return ret < 0 ? ret : -EFAULT;
	err = write_by_process(addr, last);
	device_move(pinned, &got, false);
	if (!err && got != *last)
		err = storm_lost(who, page, got, *last);
	unpin_user_page(pinned);
	return err;
}

static int use_page(const char *who, unsigned long page, unsigned long addr, uint64_t *last,
		    uint64_t *seed)
{
	int err = check_load(who, page, addr, *last);

	if (err)
		return err;
	/* a read-only pin of untouched memory is the zero page, and stays it */
	switch (*last ? storm_random(seed) % 4 : 0) {
	case 0:
		return write_by_process(addr, last);
	case 1:
		return read_by_device(who, page, addr, last);
	default:
		return write_by_device(who, page, addr, last);
	}
}

static int use_file(unsigned int nr, uint64_t *seed)
{
	unsigned long page = own_page(nr, seed);
	pinpage_loff_t pos = (pinpage_loff_t)(page * PAGE_SIZE);
	uint64_t got = 0, *last = &in_file[page];

	if (storm_random(seed) % 4)
		return use_page("file mapping", page, storm.shared + page * PAGE_SIZE, last, seed);
	if (pinpage_pread(storm.file, &got, sizeof(got), pos) != sizeof(got))
		return -EIO;
	if (got != *last)
		return storm_lost("read()", page, got, *last);
	++*last;
	return pinpage_pwrite(storm.file, last, sizeof(*last), pos) == sizeof(*last) ? 0 : -EIO;
}

static int use_anon(unsigned int nr, uint64_t *seed)
{
	unsigned long page = own_page(nr, seed);

	return use_page("anonymous memory", page, storm.anon + page * PAGE_SIZE, &in_anon[page],
			seed);
}

static int user(unsigned int nr, uint64_t *seed)
{
	return storm_random(seed) % 2 ? use_file(nr, seed) : use_anon(nr, seed);
}

const struct storm_actor storm_users[] = {
	{ "user", user, STORM_USERS },
	{ NULL, NULL, 0 },
};
