// SPDX-License-Identifier: LGPL-2.1-or-later
/* Operations on files and their storage. */
#include "world.h"

#include <fcntl.h>
#include <string.h>

/* files */

void op_pwrite(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long pos = 128 * byte(), len = 1 + 32 * byte();
	static unsigned char buf[1 + 32 * 255];

	if (pos + len > FILE_PAGES * PAGE_SIZE)
		len = FILE_PAGES * PAGE_SIZE - pos;
	memset(buf, (int)byte(), len);
	note("pwrite file %u %lu+%lu byte %d", file_id(of), pos, len, buf[0]);
	same_call("pwrite", pinpage_pwrite(of->file, buf, len, (pinpage_loff_t)pos), (long)len);
	ofile_write(of, pos, buf, len);
}

void check_file(struct ofile *of)
{
	static unsigned char buf[FILE_PAGES * PAGE_SIZE];
	unsigned long i, len;

	same("size", pinpage_i_size_read(of->file), (long)of->size);
	same_call("pread", pinpage_pread(of->file, buf, sizeof(buf), 0), (long)of->size);
	for (i = 0; i * PAGE_SIZE < of->size; i++) {
		const struct cell *cell = of->cell[i] ? of->cell[i] : &zero_cell;

		len = of->size - i * PAGE_SIZE;
		same_bytes("pread", buf + i * PAGE_SIZE, cell->byte,
			   len < PAGE_SIZE ? len : PAGE_SIZE);
	}
}

void op_pread(void)
{
	unsigned int n = pick(FILES);

	note("pread file %u", n);
	check_file(w.file[n]);
}

/* private copies of pages behind the end go, too */
static void cut_copies(struct ofile *of)
{
	unsigned long end = (of->size + PAGE_SIZE - 1) / PAGE_SIZE;
	unsigned int p, i;

	for (p = 0; p < PROCS; p++)
		for (i = 0; i < SLOTS; i++) {
			struct oslot *s = &w.proc[p].slot[i];

			if (s->of != of || s->shared || s->pgoff < end)
				continue;
			cell_put(s->own);
			s->own = NULL;
		}
}

void op_truncate(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long size = 128 * byte();
	bool smaller = size < of->size;

	note("ftruncate file %u %lu", file_id(of), size);
	same_call("ftruncate", pinpage_ftruncate(of->file, (pinpage_loff_t)size), 0);
	ofile_resize(of, size);
	if (smaller)
		cut_copies(of);
}

void op_punch(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long pos = 256 * (byte() % 128), len = 256 * (1 + byte() % 64);

	note("punch file %u %lu+%lu", file_id(of), pos, len);
	same_call("punch", pinpage_fallocate(of->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					(pinpage_loff_t)pos, (pinpage_loff_t)len), 0);
	ofile_punch(of, pos, len);
}

void check_durable(struct ofile *of)
{
	static unsigned char buf[FILE_PAGES * PAGE_SIZE];
	unsigned long i, len;

	memset(buf, 0, sizeof(buf));
	same("durable size", pinpage_durable_read(of->file, buf, sizeof(buf), 0), (long)of->size);
	for (i = 0; i * PAGE_SIZE < of->size; i++) {
		const struct cell *cell = of->cell[i] ? of->cell[i] : &zero_cell;

		len = of->size - i * PAGE_SIZE;
		if (!cell->pending)
			same_bytes("what storage has", buf + i * PAGE_SIZE, cell->byte,
				   len < PAGE_SIZE ? len : PAGE_SIZE);
	}
}

void op_fsync(void)
{
	unsigned int n = pick(2);

	note("fsync file %u", n);
	same_call("fsync", pinpage_fsync(w.file[n]->file, 0), 0);
	check_durable(w.file[n]);
}

void op_writeback(void)
{
	unsigned int what = pick(3);

	note("writeback %u", what);
	if (what == 2)
		pinpage_drop_caches();
	else
		same_call("flush",
			  pinpage_filemap_flush(pinpage_file_mapping(w.file[what]->file)), 0);
}
