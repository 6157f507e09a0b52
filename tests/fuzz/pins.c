// SPDX-License-Identifier: LGPL-2.1-or-later
/* Operations on pins, references and the device. */
#include "world.h"

#include <errno.h>
#include <string.h>

/* pins */

static struct ohold *free_hold(void)
{
	unsigned int i;

	for (i = 0; i < HOLDS; i++)
		if (!w.hold[i].page)
			return &w.hold[i];
	return NULL;
}

static long call_pin(struct oproc *p, unsigned int how, unsigned int slot, unsigned int nr,
		     unsigned int flags, struct page **pages)
{
	long ret;

	switch (how) {
	case 0:
		return pinpage_pin_user_pages_fast(address(slot), (int)nr, flags, pages);
	case 1:
		return pinpage_pin_user_pages_unlocked(address(slot), nr, pages, flags);
	default:
		pinpage_mmap_read_lock(p->mm);
		if (how == 2)
			ret = pinpage_pin_user_pages(address(slot), nr, flags, pages);
		else
			ret = pinpage_pin_user_pages_remote(p->mm, address(slot), nr, flags,
							    pages, NULL);
		pinpage_mmap_read_unlock(p->mm);
		return ret;
	}
}

void op_pin(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), nr = 1 + pick(3), how = pick(4), i;
	unsigned int how_write = byte(), flags;
	bool write = how_write & 1, longterm = how_write & 2;
	struct page *pages[3];
	struct cell *cell[3];
	struct ohold *hold;
	long want = 0, ret;

	nr = slot + nr > SLOTS ? SLOTS - slot : nr;
	for (i = 0; i < nr; i++) {
		struct oslot *s = &p->slot[slot + i];

		learn(p, s);
		/* whether the page or nothing was pinned could not be told */
		if (s->lazy && !write)
			return;
		longterm = longterm && write && s->mapped && !s->of;
		if (w.huge && !write && slot_read(s) == &zero_cell)
			return;
		cell[i] = write ? slot_write(&p->slot[slot + i]) : slot_read(&p->slot[slot + i]);
		if (!cell[i])
			break;
		s->lazy = false;
		if (s->own)
			s->own->unshared = !write;
		want++;
	}
	if (how == 1)
		longterm = false;	/* refused before 6.3 */
	note("p%u pin %u+%u how %u write %d longterm %d", proc_id(p), slot, nr, how, write,
	     longterm);
	flags = (write ? FOLL_WRITE : 0) | (longterm ? FOLL_LONGTERM : 0);
	shortage_begins();
	ret = call_pin(p, how, slot, nr, flags, pages);
	if (shortage_ends() && ret != want) {
		if (ret > 0)
			pinpage_unpin_user_pages(pages, (unsigned long)ret);
		ret = call_pin(p, how, slot, nr, flags, pages);
	}
	/* somebody else may have a page that must move: what *_fast got before stays */
	if (longterm && ret == -ENOMEM)
		return;
	if (longterm && how == 0 && ret > 0 && ret < want)
		want = ret;
	same("pin", ret, want ? want : -EFAULT);
	for (i = 0; i < want; i++) {
		hold = free_hold();
		if (!hold) {
			pinpage_unpin_user_page(pages[i]);
			continue;
		}
		*hold = (struct ohold){ .page = pages[i], .cell = cell_get(cell[i]),
					.pin = true, .write = write };
		note("  hold %u is page %lu of a %s", (unsigned int)(hold - w.hold),
		     cell[i]->index, cell[i]->of ? "file" : "process");
	}
}

void op_get(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS);
	struct ohold *hold = free_hold();
	bool write = byte() & 1;
	struct page *page;
	bool there;

	learn(p, &p->slot[slot]);
	if (!hold || p->slot[slot].lazy)
		return;
	there = write ? slot_write(&p->slot[slot]) : slot_read(&p->slot[slot]);
	note("p%u get %u write %d", proc_id(p), slot, write);
	same_call("get",
		  pinpage_get_user_pages_fast(address(slot), 1, write ? FOLL_WRITE : 0, &page),
	     there ? 1 : -EFAULT);
	if (there)
		*hold = (struct ohold){ .page = page, .write = write };
}

static struct ohold *any_hold(void)
{
	unsigned int n = pick(HOLDS), i;

	for (i = 0; i < HOLDS; i++)
		if (w.hold[(n + i) % HOLDS].page)
			return &w.hold[(n + i) % HOLDS];
	return NULL;
}

void release(struct ohold *hold)
{
	if (!hold->pin)
		pinpage_put_page(hold->page);
	else if (hold->write)
		pinpage_unpin_user_pages_dirty_lock(&hold->page, 1, true);
	else
		pinpage_unpin_user_page(hold->page);
	if (hold->wrote)
		hold->cell->pending--;
	cell_put(hold->cell);
	memset(hold, 0, sizeof(*hold));
}

void op_unpin(void)
{
	struct ohold *hold = any_hold();

	if (!hold)
		return;
	note("release hold %u", (unsigned int)(hold - w.hold));
	release(hold);
}

void op_device(void)
{
	struct ohold *hold = any_hold();
	unsigned char buf[PAGE_SIZE];
	unsigned int at = 16 * byte();
	pinpage_dma_addr_t dma;

	if (!hold || !hold->pin)
		return;
	note("device on hold %u at %u write %d", (unsigned int)(hold - w.hold), at, hold->write);
	dma = pinpage_dma_map_page(w.dev, hold->page, 0, PAGE_SIZE,
				   hold->write ? PINPAGE_DMA_BIDIRECTIONAL :
				   PINPAGE_DMA_TO_DEVICE);
	same("device read", pinpage_device_read(w.dev, dma, buf, PAGE_SIZE), 0);
	same_bytes("what the device reads", buf, hold->cell->byte, PAGE_SIZE);
	if (hold->write && at + 16 <= cell_room(hold->cell)) {
		memset(buf, (int)byte(), 16);
		same("device write", pinpage_device_write(w.dev, dma + at, buf, 16), 0);
		memcpy(hold->cell->byte + at, buf, 16);
		hold->cell->pending += !hold->wrote;
		hold->wrote = true;
	}
	pinpage_dma_unmap_page(w.dev, dma, PAGE_SIZE, hold->write ?
			       PINPAGE_DMA_BIDIRECTIONAL : PINPAGE_DMA_TO_DEVICE);
}
