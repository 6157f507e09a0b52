// SPDX-License-Identifier: LGPL-2.1-or-later
/* Operations on areas, processes and their memory. */
#include "world.h"

#include <errno.h>
#include <string.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif
#ifndef MPOL_MF_MOVE
#define MPOL_MF_MOVE 2
#endif

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

void op_mmap(void)
{
	struct oproc *p = any_proc();
	unsigned int kind = pick(2 + FILES), first = pick(SLOTS), i;
	unsigned int nr = 1 + pick(4), how = byte();
	bool shared = kind == 1 || (kind > 1 && how & 1);
	int prot = how & 6 ? PROT_READ | PROT_WRITE : PROT_READ;
	unsigned long pgoff = kind > 1 ? (how >> 4) % FILE_PAGES : 0;
	struct ofile *of;

	nr = first + nr > SLOTS ? SLOTS - first : nr;
	of = mapped_object(kind, nr);
	note("p%u mmap %u+%u kind %u shared %d prot %d pgoff %lu", proc_id(p), first, nr,
	     kind, shared, prot, pgoff);
	same_call("mmap", pinpage_mmap(address(first), nr * PAGE_SIZE, prot,
				       MAP_FIXED | (shared ? MAP_SHARED : MAP_PRIVATE) |
				       (kind < 2 ? MAP_ANONYMOUS : 0), of ? of->file : NULL,
				       (pinpage_loff_t)(pgoff * PAGE_SIZE)),
		  (long)address(first));
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

void op_munmap(void)
{
	struct oproc *p = any_proc();
	unsigned int first = pick(SLOTS), nr = 1 + pick(4);

	note("p%u munmap %u+%u", proc_id(p), first, nr);
	same_call("munmap", pinpage_munmap(address(first), nr * PAGE_SIZE), 0);
	for (; nr-- && first < SLOTS; first++)
		slot_clear(&p->slot[first]);
}

void op_mprotect(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), how = pick(4);
	int prot = how ? PROT_READ | (how > 1 ? PROT_WRITE : 0) : PROT_NONE;
	int want = p->slot[slot].mapped ? 0 : -ENOMEM;

	note("p%u mprotect %u prot %d", proc_id(p), slot, prot);
	same_call("mprotect", pinpage_mprotect(address(slot), PAGE_SIZE, prot), want);
	p->slot[slot].prot = prot;
}

void op_mremap(void)
{
	struct oproc *p = any_proc();
	unsigned int from = pick(SLOTS), to = pick(SLOTS);
	long want = p->slot[from].mapped ? (long)address(to) : -EFAULT;

	if (from == to)
		return;
	note("p%u mremap %u to %u", proc_id(p), from, to);
	same_call("mremap", pinpage_mremap(address(from), PAGE_SIZE, PAGE_SIZE,
					   MREMAP_MAYMOVE | MREMAP_FIXED, address(to)), want);
	if (want < 0)
		return;
	/* without memory to split it the old area stays, empty */
	if (w.shortage)
		same("munmap", pinpage_munmap(address(from), PAGE_SIZE), 0);
	slot_clear(&p->slot[to]);
	p->slot[to] = p->slot[from];
	memset(&p->slot[from], 0, sizeof(p->slot[from]));
}

void op_dontneed(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS);
	struct oslot *s = &p->slot[slot];

	note("p%u dontneed %u", proc_id(p), slot);
	same_call("madvise", pinpage_madvise(address(slot), PAGE_SIZE, MADV_DONTNEED),
	     s->mapped ? 0 : -ENOMEM);
	cell_put(s->own);
	s->own = NULL;
}

/* what must not change a byte; whether it can be done is the machine's affair */

void op_pressure(void)
{
	static const int advice[] = {
		MADV_PAGEOUT, MADV_COLD, MADV_NORMAL, MADV_MERGEABLE, MADV_UNMERGEABLE,
		MADV_HUGEPAGE, MADV_NOHUGEPAGE, MADV_COLLAPSE,
	};
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), what = pick(sizeof(advice) / sizeof(advice[0]));
	unsigned long len = advice[what] == MADV_COLLAPSE ? HUGE : 4 * PAGE_SIZE;

	if (advice[what] == MADV_COLLAPSE)
		slot = 0;
	note("p%u advice %d on %u", proc_id(p), advice[what], slot);
	shortage_begins();
	(void)pinpage_madvise(address(slot), len, advice[what]);
	(void)shortage_ends();
}

void op_manage(void)
{
	struct oproc *p = any_proc();
	unsigned int what = pick(8), slot = pick(SLOTS);
	unsigned long addr = address(slot);
	struct page *page;
	int node = (int)pick(2), status;

	note("p%u manage %u slot %u node %d", proc_id(p), what, slot, node);
	shortage_begins();
	switch (what) {
	case 0:
		pinpage_try_to_free_pages(1 + pick(64));
		break;
	case 1:
		(void)pinpage_move_pages(p->mm, 1, &addr, &node, &status, MPOL_MF_MOVE);
		break;
	case 2:
		(void)pinpage_compact_memory();
		break;
	case 3:
		(void)pinpage_change_prot_numa(p->mm, BASE, BASE + SLOTS * PAGE_SIZE);
		break;
	case 4:
		(void)pinpage_ksm_scan(200);
		break;
	case 5:
		(void)pinpage_clear_refs(p->mm, 1 + node * 3);
		break;
	case 6:
		(void)pinpage_khugepaged_scan(p->mm);
		break;
	default:
		if (pinpage_get_user_pages_fast(addr, 1, 0, &page) != 1)
			break;
		pinpage_lock_page(page);
		if (pinpage_PageCompound(page))
			(void)pinpage_split_huge_page(page);
		pinpage_unlock_page(page);
		pinpage_put_page(page);
	}
	(void)shortage_ends();
}

/*
 * After MADV_FREE a page says what it said or nothing, until it is written:
 * look which. The machine may forget it later, so @s stays lazy.
 */
void learn(struct oproc *p, struct oslot *s)
{
	unsigned int slot = (unsigned int)(s - p->slot);
	unsigned char buf[PAGE_SIZE];

	if (!s->lazy || !s->own || !(s->prot & PROT_READ))
		return;
	same_call("load of a free page", pinpage_load(p->mm, address(slot), buf, PAGE_SIZE), 0);
	if (memcmp(buf, s->own->byte, PAGE_SIZE)) {
		same_bytes("a free page", buf, zero_cell.byte, PAGE_SIZE);
		cell_put(s->own);
		s->own = NULL;
		s->lazy = false;
	}
}

/*
 * What was unshared for a reader is clean, in a child, too: Linux, and so the
 * machine, then forgets the child's bytes with the parent's (conformance L21).
 */
void op_free(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS);
	struct oslot *s = &p->slot[slot];
	bool fits = s->mapped && !s->of;

	if (s->own && s->own->unshared)
		return;
	note("p%u MADV_FREE %u", proc_id(p), slot);
	same_call("MADV_FREE", pinpage_madvise(address(slot), PAGE_SIZE, MADV_FREE),
	     fits ? 0 : s->mapped ? -EINVAL : -ENOMEM);
	s->lazy = fits && s->own;
}

void op_fork(void)
{
	struct oproc *p = any_proc(), *child = w.proc;
	unsigned int i;

	while (child < w.proc + PROCS && child->mm)
		child++;
	if (child == w.proc + PROCS)
		return;
	note("p%u fork p%u", proc_id(p), proc_id(child));
	shortage_begins();
	child->mm = pinpage_fork_mm(p->mm);
	if (shortage_ends() && (unsigned long)child->mm > -4096UL)
		child->mm = pinpage_fork_mm(p->mm);
	same("fork", (unsigned long)child->mm > -4096UL, 0);
	for (i = 0; i < SLOTS; i++)
		slot_copy(&child->slot[i], &p->slot[i]);
}

void end_proc(struct oproc *p)
{
	unsigned int i;

	pinpage_use_mm(NULL);
	pinpage_mmput(p->mm);
	p->mm = NULL;
	for (i = 0; i < SLOTS; i++)
		slot_clear(&p->slot[i]);
}

void op_exit(void)
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

void op_store(void)
{
	struct oproc *p = any_proc();
	unsigned int slot = pick(SLOTS), len = 1 + byte(), at = 16 * byte(), i;
	unsigned char buf[256];
	struct cell *cell;

	len = at + len > PAGE_SIZE ? PAGE_SIZE - at : len;
	learn(p, &p->slot[slot]);
	cell = slot_write(&p->slot[slot]);
	if (cell && at + len > cell_room(cell))
		return;
	memset(buf, (int)byte(), sizeof(buf));
	note("p%u store %u at %u len %u byte %d", proc_id(p), slot, at, len, buf[0]);
	same_call("store", pinpage_store(p->mm, address(slot) + at, buf, len), cell ? 0 : -EFAULT);
	if (cell)
		p->slot[slot].lazy = false;
	for (i = 0; cell && i < len; i++)
		cell->byte[at + i] = buf[i];
}

void check_slot(struct oproc *p, unsigned int slot)
{
	unsigned char buf[PAGE_SIZE];
	struct cell *cell;

	learn(p, &p->slot[slot]);
	cell = slot_read(&p->slot[slot]);
	note("p%u load %u: file %u page %lu%s", proc_id(p), slot, file_id(p->slot[slot].of),
	     p->slot[slot].pgoff, p->slot[slot].own ? ", a private copy" : "");
	same_call("load", pinpage_load(p->mm, address(slot), buf, PAGE_SIZE), cell ? 0 : -EFAULT);
	if (cell)
		same_bytes("load", buf, cell->byte, PAGE_SIZE);
}

void op_load(void)
{
	struct oproc *p = any_proc();

	check_slot(p, pick(SLOTS));
}
