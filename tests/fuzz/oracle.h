/* SPDX-License-Identifier: LGPL-2.1-or-later */
#ifndef PINPAGE_TESTS_FUZZ_ORACLE_H
#define PINPAGE_TESTS_FUZZ_ORACLE_H

/*
 * oracle.h - what files, processes and pins must say, as plain byte arrays
 *
 * A cell is the contents of one page. A file has a cell a page, a process has
 * one for each private page that it has written; a pin names the cell that its
 * page was when it was taken. There are no page tables, no counts and no
 * flags here: sharing is a pointer to the same cell, and copy-on-write is a
 * copy made at fork. So whatever the machine does with frames in between, a
 * byte that differs is a bug.
 */
#include <stdbool.h>
#include <stdint.h>

#include <pinpage/pinpage.h>

#define FILES		3	/* named; 0 and 1 on blkfs, 2 in memory alone */
#define FILE_PAGES	8UL
#define PROCS		3
#define SLOTS		24UL	/* pages of each process that can be mapped */
#define HOLDS		12
#define BASE		0x20000000UL	/* of a huge page, which may be there at first */

struct cell {
	int refs;
	int pending;		/* pins that wrote it and have not dirtied it */
	bool unshared;		/* a reader's pin may have copied it: see op_free() */
	const struct ofile *of;	/* whose page it is; NULL: nobody's, or private */
	unsigned long index;
	unsigned char byte[PAGE_SIZE];
};

/* a named file, or shared anonymous memory (file == NULL) */
struct ofile {
	int refs;
	struct file *file;
	bool durable;		/* fsync means something */
	unsigned long size;	/* bytes */
	struct cell *cell[FILE_PAGES];	/* NULL: a hole */
};

struct oslot {
	bool mapped, shared;
	bool lazy;		/* MADV_FREE: may read zero until written */
	int prot;
	struct ofile *of;	/* NULL: anonymous */
	unsigned long pgoff;
	struct cell *own;	/* private copy, or NULL */
};

struct oproc {
	struct mm_struct *mm;	/* NULL: does not run */
	struct oslot slot[SLOTS];
};

struct ohold {
	struct page *page;	/* NULL: free */
	struct cell *cell;	/* NULL: a plain reference, nothing promised */
	bool pin, write, wrote;
};

struct cell *cell_new(const struct cell *from);
struct cell *cell_get(struct cell *cell);
void cell_put(struct cell *cell);
/*
 * Bytes of the page that may be written through memory: what lies behind the
 * end of a file is zeroed by the next writeback, so nobody writes there.
 */
unsigned long cell_room(const struct cell *cell);
extern struct cell zero_cell;	/* never changes */

struct ofile *ofile_new(struct file *file, bool durable, unsigned long size);
void ofile_put(struct ofile *of);
/* the cell of a page inside the file, made if it was a hole; NULL: behind the end */
struct cell *ofile_cell(struct ofile *of, unsigned long index);
void ofile_write(struct ofile *of, unsigned long pos, const void *buf, unsigned long len);
/* of pages cut off; private copies behind the end are the caller's affair */
void ofile_resize(struct ofile *of, unsigned long size);
void ofile_punch(struct ofile *of, unsigned long pos, unsigned long len);

void slot_clear(struct oslot *slot);
void slot_copy(struct oslot *to, const struct oslot *from);	/* fork */
struct cell *slot_read(struct oslot *slot);	/* NULL: SIGSEGV or SIGBUS */
struct cell *slot_write(struct oslot *slot);	/* the same; breaks COW */

#endif
