// SPDX-License-Identifier: LGPL-2.1-or-later
#include "oracle.h"

#include <stdlib.h>
#include <string.h>

struct cell zero_cell = { .refs = 1 };

struct cell *cell_new(const struct cell *from)
{
	struct cell *cell = calloc(1, sizeof(*cell));

	if (!cell)
		abort();
	cell->refs = 1;
	if (from) {
		cell->unshared = from->unshared;
		memcpy(cell->byte, from->byte, PAGE_SIZE);
	}
	return cell;
}

struct cell *cell_get(struct cell *cell)
{
	cell->refs++;
	return cell;
}

void cell_put(struct cell *cell)
{
	if (cell && !--cell->refs)
		free(cell);
}

unsigned long cell_room(const struct cell *cell)
{
	unsigned long left;

	if (!cell->of)
		return PAGE_SIZE;
	left = cell->of->size - cell->index * PAGE_SIZE;
	return left < PAGE_SIZE ? left : PAGE_SIZE;
}

/* a file no longer has the cell; pins may */
static void cell_orphan(struct cell *cell)
{
	if (cell)
		cell->of = NULL;
	cell_put(cell);
}

struct ofile *ofile_new(struct file *file, bool durable, unsigned long size)
{
	struct ofile *of = calloc(1, sizeof(*of));

	if (!of)
		abort();
	of->refs = 1;
	of->file = file;
	of->durable = durable;
	of->size = size;
	return of;
}

void ofile_put(struct ofile *of)
{
	unsigned long i;

	if (!of || --of->refs)
		return;
	for (i = 0; i < FILE_PAGES; i++)
		cell_orphan(of->cell[i]);
	free(of);
}

struct cell *ofile_cell(struct ofile *of, unsigned long index)
{
	if (index * PAGE_SIZE >= of->size || index >= FILE_PAGES)
		return NULL;
	if (!of->cell[index]) {
		of->cell[index] = cell_new(NULL);
		of->cell[index]->of = of;
		of->cell[index]->index = index;
	}
	return of->cell[index];
}

void ofile_write(struct ofile *of, unsigned long pos, const void *buf, unsigned long len)
{
	const char *from = buf;
	unsigned long part;

	if (pos + len > of->size)
		of->size = pos + len;
	for (; len; pos += part, from += part, len -= part) {
		part = PAGE_SIZE - pos % PAGE_SIZE;
		part = part < len ? part : len;
		memcpy(ofile_cell(of, pos / PAGE_SIZE)->byte + pos % PAGE_SIZE, from, part);
	}
}

static void drop(struct ofile *of, unsigned long index)
{
	cell_orphan(of->cell[index]);
	of->cell[index] = NULL;
}

static void zero(struct ofile *of, unsigned long pos, unsigned long len)
{
	struct cell *cell = of->cell[pos / PAGE_SIZE];

	if (cell && len)
		memset(cell->byte + pos % PAGE_SIZE, 0, len);
}

void ofile_resize(struct ofile *of, unsigned long size)
{
	unsigned long i, part = size % PAGE_SIZE;

	if (size < of->size) {
		for (i = (size + PAGE_SIZE - 1) / PAGE_SIZE; i < FILE_PAGES; i++)
			drop(of, i);
		if (part)
			zero(of, size, PAGE_SIZE - part);
	}
	of->size = size;
}

void ofile_punch(struct ofile *of, unsigned long pos, unsigned long len)
{
	unsigned long end = pos + len, next;

	if (end > FILE_PAGES * PAGE_SIZE)
		end = FILE_PAGES * PAGE_SIZE;
	for (; pos < end; pos = next) {
		next = (pos / PAGE_SIZE + 1) * PAGE_SIZE;
		next = next < end ? next : end;
		if (next - pos == PAGE_SIZE)
			drop(of, pos / PAGE_SIZE);
		else
			zero(of, pos, next - pos);
	}
}

void slot_clear(struct oslot *slot)
{
	cell_put(slot->own);
	ofile_put(slot->of);
	memset(slot, 0, sizeof(*slot));
}

void slot_copy(struct oslot *to, const struct oslot *from)
{
	*to = *from;
	if (to->of)
		to->of->refs++;
	if (to->own)
		to->own = cell_new(from->own);
}

struct cell *slot_read(struct oslot *slot)
{
	if (!slot->mapped || !(slot->prot & PROT_READ))
		return NULL;
	if (slot->own)
		return slot->own;
	return slot->of ? ofile_cell(slot->of, slot->pgoff) : &zero_cell;
}

struct cell *slot_write(struct oslot *slot)
{
	struct cell *cell;

	if (!slot->mapped || !(slot->prot & PROT_WRITE))
		return NULL;
	if (slot->own) {
		slot->own->unshared = false;
		return slot->own;
	}
	cell = slot->of ? ofile_cell(slot->of, slot->pgoff) : &zero_cell;
	if (!cell || slot->shared)
		return cell;
	slot->own = cell_new(cell);
	return slot->own;
}
