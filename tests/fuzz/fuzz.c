// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * fuzz.c - the same operations on the machine and on the oracle
 *
 * Only what is promised is compared: bytes that the process, a file or the
 * holder of a pin reads, and what storage has after fsync. A reference that is
 * no pin promises nothing about whose page it is, so nothing is asked of it.
 */
#include "fuzz.h"
#include "oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRACE 400		/* operations that a failure tells */

static struct {
	const uint8_t *at, *end;
	struct pinpage_bdev *bdev;
	struct super_block *blkfs, *ramfs;
	struct pinpage_device *dev;
	struct ofile *file[FILES];
	struct oproc proc[PROCS];
	struct ohold hold[HOLDS];
	char trace[TRACE][96];
	unsigned int nr_ops;
} w;

static void note(const char *format, ...)
{
	char *line = w.trace[w.nr_ops++ % TRACE];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(w.trace[0]), format, args);
	va_end(args);
}

static void fail(const char *what, long got, long want)
{
	unsigned int i = w.nr_ops > TRACE ? w.nr_ops - TRACE : 0;

	for (; i < w.nr_ops; i++)
		fprintf(stderr, "  %u %s\n", i, w.trace[i % TRACE]);
	fprintf(stderr, "fuzz: %s: %ld, the oracle says %ld\n", what, got, want);
	abort();
}

static void same(const char *what, long got, long want)
{
	if (got != want)
		fail(what, got, want);
}

static void same_bytes(const char *what, const void *got, const void *want, size_t len)
{
	const unsigned char *a = got, *b = want;
	size_t i;

	for (i = 0; i < len; i++)
		if (a[i] != b[i]) {
			note("byte %zu differs", i);
			fail(what, a[i], b[i]);
		}
}

static unsigned int byte(void)
{
	return w.at < w.end ? *w.at++ : 0;
}

static unsigned int pick(unsigned int n)
{
	return byte() % n;
}

static unsigned long address(unsigned int slot)
{
	return BASE + slot * PAGE_SIZE;
}

/* a process that runs; it is current then */
static struct oproc *any_proc(void)
{
	unsigned int n = pick(PROCS);

	while (!w.proc[n].mm)
		n = (n + 1) % PROCS;
	pinpage_use_mm(w.proc[n].mm);
	return &w.proc[n];
}

static unsigned int proc_id(const struct oproc *p)
{
	return (unsigned int)(p - w.proc);
}

/* FILES: shared anonymous memory, or none */
static unsigned int file_id(const struct ofile *of)
{
	unsigned int n = 0;

	while (n < FILES && w.file[n] != of)
		n++;
	return n;
}

/* areas */

static struct ofile *mapped_object(unsigned int kind, unsigned long nr)
{
	if (kind == 0)
		return NULL;
	if (kind == 1)
		return ofile_new(NULL, false, nr * PAGE_SIZE);
	w.file[kind - 2]->refs++;
	return w.file[kind - 2];
}

static void op_mmap(void)
{
	struct oproc *p = any_proc();
	unsigned int kind = pick(2 + FILES), first = pick(SLOTS), i;
	unsigned int nr = 1 + pick(4), how = byte();
	bool shared = kind == 1 || (kind > 1 && how & 1);
	int prot = how & 6 ? PROT_READ | PROT_WRITE : PROT_READ;
	unsigned long pgoff = kind > 1 ? (how >> 4) % FILE_PAGES : 0;
	struct ofile *of;
	long at;

	nr = first + nr > SLOTS ? SLOTS - first : nr;
	of = mapped_object(kind, nr);
	note("p%u mmap %u+%u kind %u shared %d prot %d pgoff %lu", proc_id(p), first, nr,
	     kind, shared, prot, pgoff);
	at = pinpage_mmap(address(first), nr * PAGE_SIZE, prot,
			  MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE) |
			  (kind < 2 ? MAP_ANONYMOUS : 0), of ? of->file : NULL,
			  (pinpage_loff_t)(pgoff * PAGE_SIZE));
	same("mmap", at, (long)address(first));
	for (i = 0; i < nr; i++) {
		slot_clear(&p->slot[first + i]);
		p->slot[first + i] = (struct oslot){
			.mapped = true, .shared = shared, .prot = prot, .of = of,
			.pgoff = pgoff + i,
		};
		if (of)
			of->refs++;
	}
	ofile_put(of);
}

static void op_munmap(void)
{
	struct oproc *p = any_proc();
	unsigned int first = pick(SLOTS), nr = 1 + pick(4);

	note("p%u munmap %u+%u", proc_id(p), first, nr);
	same("munmap", pinpage_munmap(address(first), nr * PAGE_SIZE), 0);
	for (; nr-- && first < SLOTS; first++)
		slot_clear(&p->slot[first]);
}

static void op_mprotect(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), how = pick(4);
	int prot = how ? PROT_READ | (how > 1 ? PROT_WRITE : 0) : PROT_NONE;
	int want = p->slot[slot].mapped ? 0 : -ENOMEM;

	note("p%u mprotect %u prot %d", proc_id(p), slot, prot);
	same("mprotect", pinpage_mprotect(address(slot), PAGE_SIZE, prot), want);
	p->slot[slot].prot = prot;
}

static void op_mremap(void)
{
	struct oproc *p = any_proc();
	unsigned int from = pick(SLOTS), to = pick(SLOTS);
	long at, want = p->slot[from].mapped ? (long)address(to) : -EFAULT;

	if (from == to)
		return;
	note("p%u mremap %u to %u", proc_id(p), from, to);
	at = pinpage_mremap(address(from), PAGE_SIZE, PAGE_SIZE,
			    MREMAP_MAYMOVE | MREMAP_FIXED, address(to));
	same("mremap", at, want);
	if (at < 0)
		return;
	slot_clear(&p->slot[to]);
	p->slot[to] = p->slot[from];
	memset(&p->slot[from], 0, sizeof(p->slot[from]));
}

static void op_dontneed(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS);
	struct oslot *s = &p->slot[slot];

	note("p%u dontneed %u", proc_id(p), slot);
	same("madvise", pinpage_madvise(address(slot), PAGE_SIZE, MADV_DONTNEED),
	     s->mapped ? 0 : -ENOMEM);
	cell_put(s->own);
	s->own = NULL;
}

/* advice that must not change a byte */
static void op_pressure(void)
{
	static const int advice[] = { MADV_PAGEOUT, MADV_COLD, MADV_NORMAL };
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), what = pick(4);

	note("p%u pressure %u on %u", proc_id(p), what, slot);
	if (what == 3)
		pinpage_try_to_free_pages(1 + pick(64));
	else
		(void)pinpage_madvise(address(slot), 4 * PAGE_SIZE, advice[what]);
}

static void op_fork(void)
{
	struct oproc *p = any_proc(), *child = w.proc;
	unsigned int i;

	while (child < w.proc + PROCS && child->mm)
		child++;
	if (child == w.proc + PROCS)
		return;
	note("p%u fork p%u", proc_id(p), proc_id(child));
	child->mm = pinpage_fork_mm(p->mm);
	same("fork", (unsigned long)child->mm > -4096UL, 0);
	for (i = 0; i < SLOTS; i++)
		slot_copy(&child->slot[i], &p->slot[i]);
}

static void end_proc(struct oproc *p)
{
	unsigned int i;

	pinpage_use_mm(NULL);
	pinpage_mmput(p->mm);
	p->mm = NULL;
	for (i = 0; i < SLOTS; i++)
		slot_clear(&p->slot[i]);
}

static void op_exit(void)
{
	struct oproc *p = any_proc();
	unsigned int i, alive = 0;

	for (i = 0; i < PROCS; i++)
		alive += w.proc[i].mm != NULL;
	if (alive < 2)
		return;
	note("p%u exit", proc_id(p));
	end_proc(p);
}

/* loads and stores */

static void op_store(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), len = 1 + byte(), at = 16 * byte(), i;
	unsigned char buf[256];
	struct cell *cell;

	len = at + len > PAGE_SIZE ? PAGE_SIZE - at : len;
	cell = slot_write(&p->slot[slot]);
	if (cell && at + len > cell_room(cell))
		return;
	memset(buf, (int)byte(), sizeof(buf));
	note("p%u store %u at %u len %u byte %d", proc_id(p), slot, at, len, buf[0]);
	same("store", pinpage_store(p->mm, address(slot) + at, buf, len), cell ? 0 : -EFAULT);
	for (i = 0; cell && i < len; i++)
		cell->byte[at + i] = buf[i];
}

static void check_slot(struct oproc *p, unsigned int slot)
{
	struct cell *cell = slot_read(&p->slot[slot]);
	unsigned char buf[PAGE_SIZE];

	note("p%u load %u: file %u page %lu%s", proc_id(p), slot, file_id(p->slot[slot].of),
	     p->slot[slot].pgoff, p->slot[slot].own ? ", a private copy" : "");
	same("load", pinpage_load(p->mm, address(slot), buf, PAGE_SIZE), cell ? 0 : -EFAULT);
	if (cell)
		same_bytes("load", buf, cell->byte, PAGE_SIZE);
}

static void op_load(void)
{
	struct oproc *p = any_proc();

	check_slot(p, pick(SLOTS));
}

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

static void op_pin(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), nr = 1 + pick(3), how = pick(4), i;
	bool write = byte() & 1;
	struct page *pages[3];
	struct cell *cell[3];
	struct ohold *hold;
	long want = 0, ret;

	nr = slot + nr > SLOTS ? SLOTS - slot : nr;
	for (i = 0; i < nr; i++) {
		cell[i] = write ? slot_write(&p->slot[slot + i]) : slot_read(&p->slot[slot + i]);
		if (!cell[i])
			break;
		want++;
	}
	note("p%u pin %u+%u how %u write %d", proc_id(p), slot, nr, how, write);
	ret = call_pin(p, how, slot, nr, write ? FOLL_WRITE : 0, pages);
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

static void op_get(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS);
	struct ohold *hold = free_hold();
	bool write = byte() & 1;
	struct page *page;
	bool there;

	if (!hold)
		return;
	there = write ? slot_write(&p->slot[slot]) : slot_read(&p->slot[slot]);
	note("p%u get %u write %d", proc_id(p), slot, write);
	same("get", pinpage_get_user_pages_fast(address(slot), 1, write ? FOLL_WRITE : 0, &page),
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

static void release(struct ohold *hold)
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

static void op_unpin(void)
{
	struct ohold *hold = any_hold();

	if (!hold)
		return;
	note("release hold %u", (unsigned int)(hold - w.hold));
	release(hold);
}

static void op_device(void)
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

/* files */

static void op_pwrite(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long pos = 128 * byte(), len = 1 + 32 * byte();
	static unsigned char buf[1 + 32 * 255];

	if (pos + len > FILE_PAGES * PAGE_SIZE)
		len = FILE_PAGES * PAGE_SIZE - pos;
	memset(buf, (int)byte(), len);
	note("pwrite file %u %lu+%lu byte %d", file_id(of), pos, len, buf[0]);
	same("pwrite", pinpage_pwrite(of->file, buf, len, (pinpage_loff_t)pos), (long)len);
	ofile_write(of, pos, buf, len);
}

static void check_file(struct ofile *of)
{
	static unsigned char buf[FILE_PAGES * PAGE_SIZE];
	unsigned long i, len;

	same("size", pinpage_i_size_read(of->file), (long)of->size);
	same("pread", pinpage_pread(of->file, buf, sizeof(buf), 0), (long)of->size);
	for (i = 0; i * PAGE_SIZE < of->size; i++) {
		const struct cell *cell = of->cell[i] ? of->cell[i] : &zero_cell;

		len = of->size - i * PAGE_SIZE;
		same_bytes("pread", buf + i * PAGE_SIZE, cell->byte,
			   len < PAGE_SIZE ? len : PAGE_SIZE);
	}
}

static void op_pread(void)
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

static void op_truncate(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long size = 128 * byte();
	bool smaller = size < of->size;

	note("ftruncate file %u %lu", file_id(of), size);
	same("ftruncate", pinpage_ftruncate(of->file, (pinpage_loff_t)size), 0);
	ofile_resize(of, size);
	if (smaller)
		cut_copies(of);
}

static void op_punch(void)
{
	struct ofile *of = w.file[pick(FILES)];
	unsigned long pos = 256 * (byte() % 128), len = 256 * (1 + byte() % 64);

	note("punch file %u %lu+%lu", file_id(of), pos, len);
	same("punch", pinpage_fallocate(of->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					(pinpage_loff_t)pos, (pinpage_loff_t)len), 0);
	ofile_punch(of, pos, len);
}

static void check_durable(struct ofile *of)
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

static void op_fsync(void)
{
	unsigned int n = pick(2);

	note("fsync file %u", n);
	same("fsync", pinpage_fsync(w.file[n]->file, 0), 0);
	check_durable(w.file[n]);
}

static void op_writeback(void)
{
	unsigned int what = pick(3);

	note("writeback %u", what);
	if (what == 2)
		pinpage_drop_caches();
	else
		same("flush", pinpage_filemap_flush(pinpage_file_mapping(w.file[what]->file)), 0);
}

static void (*const ops[])(void) = {
	op_mmap, op_munmap, op_mprotect, op_mremap, op_dontneed, op_pressure, op_fork, op_exit,
	op_store, op_store, op_store, op_load, op_load, op_pin, op_pin, op_pin, op_get, op_unpin,
	op_unpin, op_device, op_device, op_device, op_pwrite, op_pread, op_truncate, op_punch,
	op_fsync, op_writeback, op_pressure,
};

/* the machine */

static void start_machine(const struct fuzz_setup *setup)
{
	struct pinpage_rules rules;
	const struct pinpage_config config = {
		.rules = &rules,
		.engine = setup->fiber ? PINPAGE_ENGINE_FIBER : PINPAGE_ENGINE_NATIVE,
		.memory_pages = 1024, .mode = PINPAGE_CHECK_COLLECT,
	};
	const struct pinpage_bdev_config disk = { .blocks = 256, .write_cache = true };
	struct pinpage_mount_options options = { .format = true };
	static const char *const names[FILES] = { "a", "b", "c" };
	unsigned int i;

	memset(&w, 0, sizeof(w));
	same("rules", pinpage_rules_parse(&rules, setup->rules), 0);
	same("boot", pinpage_boot(&config), 0);
	same("disk", pinpage_bdev_create(&disk, &w.bdev), 0);
	options.bdev = w.bdev;
	same("mount", pinpage_mount("blkfs", &options, &w.blkfs), 0);
	same("mount", pinpage_mount("ramfs", NULL, &w.ramfs), 0);
	same("device", pinpage_device_create("nic", &w.dev), 0);
	for (i = 0; i < FILES; i++)
		w.file[i] = ofile_new(pinpage_filp_open(i < 2 ? w.blkfs : w.ramfs, names[i],
							O_RDWR | O_CREAT, 0600), i < 2, 0);
	w.proc[0].mm = pinpage_mm_alloc();
}

static void stop_machine(void)
{
	unsigned int i, slot;

	for (i = 0; i < PROCS; i++)
		for (slot = 0; w.proc[i].mm && slot < SLOTS; slot++)
			check_slot(&w.proc[i], slot);
	for (i = 0; i < HOLDS; i++)
		if (w.hold[i].page)
			release(&w.hold[i]);
	for (i = 0; i < PROCS; i++)
		if (w.proc[i].mm)
			end_proc(&w.proc[i]);
	for (i = 0; i < FILES; i++) {
		if (w.file[i]->durable) {
			same("fsync", pinpage_fsync(w.file[i]->file, 0), 0);
			check_durable(w.file[i]);
			pinpage_drop_caches();
		}
		check_file(w.file[i]);
		pinpage_filp_close(w.file[i]->file);
		ofile_put(w.file[i]);
	}
	pinpage_device_destroy(w.dev);
	same("umount", pinpage_umount(w.blkfs), 0);
	same("umount", pinpage_umount(w.ramfs), 0);
	same("destroy", pinpage_bdev_destroy(w.bdev), 0);
	same("frames left", pinpage_shutdown(), 0);
	if (pinpage_check_worst() > PINPAGE_HAZARD) {
		pinpage_check_print(stderr, pinpage_check_first());
		fail("worst verdict", pinpage_check_worst(), PINPAGE_HAZARD);
	}
}

void fuzz_one(const struct fuzz_setup *setup, const uint8_t *data, size_t size)
{
	unsigned long warnings = 0;

	start_machine(setup);
	w.at = data;
	w.end = data + size;
	while (w.at < w.end) {
		ops[pick(sizeof(ops) / sizeof(ops[0]))]();
		if (pinpage_warnings() != warnings)
			note("(warned)");
		warnings = pinpage_warnings();
	}
	stop_machine();
}
