// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * step.c - what a step does to memory and processes
 */
#include "random.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP	4
#endif
#ifndef MADV_DONTFORK
#define MADV_DONTFORK		10
#define MADV_DOFORK		11
#endif
#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK		18
#define MADV_KEEPONFORK		19
#endif

#define RW		(PROT_READ | PROT_WRITE)
#define SPARES		2

static char label[128];
/* Where mremap() moves to: places that are kept free from the start. */
static unsigned long spare[MOST_AREAS][SPARES];

void rnd_did(const char *what, ...)
{
	va_list ap;
	int n = snprintf(label, sizeof(label), "%02d.", rnd.nr);

	va_start(ap, what);
	vsnprintf(label + n, sizeof(label) - (size_t)n, what, ap);
	va_end(ap);
}

void rnd_ret(long ret)
{
	say_ret(label, ret);
}

const char *rnd_name(const struct rnd_range *g)
{
	static char text[32];

	snprintf(text, sizeof(text), "p%d,%c%d,%d", g->proc, g->letter,
		 g->first, g->n);
	return text;
}

int rnd_proc(const struct rnd_step *s)
{
	int proc = (int)(s->r[1] % 5) - 2;

	return proc > 0 && rnd.alive[proc] ? proc : 0;
}

static int count_of(const struct rnd_area *area, int first, uint32_t r)
{
	int rest = area->pages - first;

	if (r % 2 || rest == 1)
		return 1;
	if (r / 2 % 2)
		return 2;
	return r / 4 % 2 ? rest : 1 + (int)(r / 8) % rest;
}

struct rnd_range rnd_range(const struct rnd_step *s)
{
	struct rnd_range g = { .proc = rnd_proc(s) };
	struct rnd_area *area = NULL;
	int i, nr = 0;

	for (i = 0; i < MOST_AREAS && !area; i++) {
		nr = (int)((s->r[0] + (uint32_t)i) % MOST_AREAS);
		if (rnd.area[nr].there)
			area = &rnd.area[nr];
	}
	g.letter = 'A' + nr;
	if (!area)
		return g;
	g.area = area;
	g.first = area->point[s->r[2] % (uint32_t)area->points];
	g.n = count_of(area, g.first, s->r[3]);
	g.a = area->at[g.proc][g.first];
	return g;
}

/* Mapping */

static bool huge(enum rnd_kind kind)
{
	return kind == K_THP || kind == K_HUGETLB || kind == K_HUGETLB_SHARED;
}

static void points(struct rnd_area *area)
{
	static const int of_huge[] = { 0, 1, 2, 255, 511 };
	int i;

	area->points = huge(area->kind) ? 5 : area->pages;
	for (i = 0; i < area->points; i++)
		area->point[i] = huge(area->kind) ? of_huge[i] : i;
}

static int file_for(struct rnd_area *area, const char *name, int pages)
{
	switch (area->kind) {
	case K_MEMFD:
	case K_MEMFD_PRIVATE:
		return f_memfd(pages, MFD_ALLOW_SEALING);
	case K_HUGETLB_SHARED:
		return f_memfd(1, MFD_HUGETLB);
	case K_FILE:
	case K_FILE_PRIVATE:
		return f_cached(name, pages, 0xf0);
	case K_COLD:
		return f_make(name, pages, 0xf0);
	default:
		return -1;
	}
}

static int hole_file(const char *name, int pages)
{
	int fd = f_open(name, O_RDWR | O_CREAT | O_TRUNC);

	f_truncate(fd, pages * PAGE);
	return fd;
}

/* A place with page tables of its own: what is next to it makes no difference. */
static unsigned long place(long len)
{
	unsigned long a = u_mmap(0, len + 2 * HUGE, PROT_NONE, MAP_PRIVATE |
				 MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	u_munmap(a, len + 2 * HUGE);
	return (a + HUGE - 1) & -HUGE;
}

static unsigned long map(struct rnd_area *area)
{
	int anon = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	unsigned long a = place(area->pages * PAGE);
	bool private = area->kind == K_MEMFD_PRIVATE ||
		       area->kind == K_FILE_PRIVATE;

	switch (area->kind) {
	case K_ANON:
		return u_mmap(a, area->pages * PAGE, RW, anon, -1, 0);
	case K_SHARED:
		return u_mmap(a, area->pages * PAGE, RW, MAP_SHARED |
			      MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	case K_THP:
		a = u_mmap(a, HUGE, RW, anon, -1, 0);
		u_madvise(a, HUGE, MADV_HUGEPAGE);
		return a;
	case K_HUGETLB:
		return u_mmap(a, HUGE, RW, anon | MAP_HUGETLB, -1, 0);
	default:
		return u_mmap(a, area->pages * PAGE, RW, MAP_FIXED |
			      (private ? MAP_PRIVATE : MAP_SHARED), area->fd, 0);
	}
}

static void reserve(int nr, struct rnd_area *area)
{
	unsigned long a, align = HUGE;
	int i;

	for (i = 0; i < SPARES; i++) {
		a = u_mmap(0, area->pages * PAGE + (long)align, PROT_NONE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
		spare[nr][i] = (a + align - 1) & -align;
	}
}

static const char *const kinds[] = {
	"anon", "shared", "memfd", "memfd-private", "file", "file-private",
	"cold", "hole", "thp", "hugetlb", "hugetlb-shared",
};

static void open_direct(struct rnd_area *area, const char *name)
{
	bool disk = area->kind == K_FILE || area->kind == K_FILE_PRIVATE ||
		    area->kind == K_COLD || area->kind == K_HOLE;

	area->direct = disk ? f_open(name, O_RDWR | O_DIRECT) : -1;
}

static bool step_map(const struct rnd_step *s, int nr)
{
	struct rnd_area *area = &rnd.area[nr];
	char name[2] = { (char)('a' + nr), 0 };
	int i, in_file;

	area->kind = rnd_area_kind(rnd.name, s->r[0]);
	area->pages = huge(area->kind) ? 512 : 1 + (int)(s->r[1] % 4);
	in_file = area->pages - (area->pages > 1 && s->r[2] % 4 == 0);
	area->fd = area->kind == K_HOLE ? hole_file(name, in_file) :
					  file_for(area, name, in_file);
	open_direct(area, name);
	points(area);
	area->at[0][0] = map(area);
	for (i = 1; i < area->pages; i++)
		area->at[0][i] = area->at[0][0] + (unsigned long)i * PAGE;
	reserve(nr, area);
	area->there = true;
	rnd_did("map(%c,%s,%d%s)", 'A' + nr, kinds[area->kind], area->pages,
		in_file < area->pages ? ",short" : "");
	rnd_ret(u_bad(area->at[0][0]) ? (long)area->at[0][0] : 0);
	for (i = 0; i < area->pages && s->r[3] % 2; i += huge(area->kind) ? 512 : 1)
		u_put(area->at[0][i], 1 + i);
	return true;
}

/* Processes */

static bool step_fork(const struct rnd_step *s)
{
	int parent = rnd_proc(s), child = 1 + (int)(s->r[2] % (MOST_PROC - 1)), i;

	if (rnd.alive[child])
		return false;
	rnd_did("fork(p%d,p%d)", parent, child);
	on(rnd.box[parent])
		rnd.box[child] = u_fork();
	rnd.alive[child] = rnd.box[child] > 0;
	rnd_ret(rnd.alive[child] ? 0 : rnd.box[child]);
	for (i = 0; i < MOST_AREAS; i++)
		memcpy(rnd.area[i].at[child], rnd.area[i].at[parent],
		       sizeof(rnd.area[i].at[child]));
	return true;
}

static bool step_exit(const struct rnd_step *s)
{
	int proc = 1 + (int)(s->r[2] % (MOST_PROC - 1));

	if (!rnd.alive[proc] || rnd.notify_proc == proc)
		return false;
	rnd_did("exit(p%d)", proc);
	u_exit(rnd.box[proc]);
	rnd.alive[proc] = false;
	rnd_ret(0);
	return true;
}

/* Rights and advice */

static void step_protect(const struct rnd_step *s, struct rnd_range *g)
{
	static const struct { int prot; const char *name; } to[] = {
		{ PROT_READ, "r" }, { RW, "rw" }, { PROT_READ, "r" },
		{ RW, "rw" }, { PROT_NONE, "none" }, { PROT_WRITE, "w" },
		{ PROT_READ | PROT_EXEC, "rx" },
	};
	size_t i = s->r[4] % (sizeof(to) / sizeof(to[0]));

	rnd_did("mprotect(%s,%s)", rnd_name(g), to[i].name);
	rnd_ret(u_mprotect(g->a, g->n * PAGE, to[i].prot));
}

static void step_advise(const struct rnd_step *s, struct rnd_range *g)
{
	static const struct { int advice; const char *name; } of[] = {
		{ MADV_DONTNEED, "DONTNEED" }, { MADV_DONTNEED, "DONTNEED" },
		{ MADV_FREE, "FREE" }, { MADV_FREE, "FREE" },
		{ MADV_COLD, "COLD" }, { MADV_POPULATE_READ, "POPULATE_READ" },
		{ MADV_POPULATE_READ, "POPULATE_READ" },
		{ MADV_POPULATE_WRITE, "POPULATE_WRITE" },
		{ MADV_DONTFORK, "DONTFORK" }, { MADV_DOFORK, "DOFORK" },
		{ MADV_WIPEONFORK, "WIPEONFORK" },
		{ MADV_KEEPONFORK, "KEEPONFORK" },
		{ MADV_HUGEPAGE, "HUGEPAGE" }, { MADV_NOHUGEPAGE, "NOHUGEPAGE" },
		{ MADV_REMOVE, "REMOVE" }, { MADV_NORMAL, "NORMAL" },
		{ MADV_RANDOM, "RANDOM" }, { MADV_SEQUENTIAL, "SEQUENTIAL" },
		{ 77, "77" },
	};
	size_t i = s->r[4] % (sizeof(of) / sizeof(of[0]));

	rnd_did("madvise(%s,%s)", rnd_name(g), of[i].name);
	rnd_ret(u_madvise(g->a, g->n * PAGE, of[i].advice));
}

static void advise(struct rnd_range *g, int advice, const char *name)
{
	rnd_did("madvise(%s,%s)", rnd_name(g), name);
	rnd_ret(u_madvise(g->a, g->n * PAGE, advice));
	if (advice == MADV_PAGEOUT)
		c_sleep(3);		/* what is written is written */
}

/* Places */

static long moved(struct rnd_range *g, unsigned long to, int flags)
{
	unsigned long at = u_mremap(g->a, g->n * PAGE, g->n * PAGE, flags, to);
	int i;

	if (u_bad(at))
		return (long)at;
	for (i = 0; i < g->n; i++)
		g->area->at[g->proc][g->first + i] = at + (unsigned long)i * PAGE;
	return at == to ? 0 : 1;
}

static void step_remap(const struct rnd_step *s, struct rnd_range *g)
{
	unsigned long to = spare[g->letter - 'A'][s->r[5] % SPARES] +
			   (unsigned long)g->first * PAGE;
	int less = 1 + (int)(s->r[5] % (uint32_t)g->n);
	unsigned long ret;

	switch (s->r[4] % 6) {
	case 0:
		rnd_did("mremap(%s,shrink,%d)", rnd_name(g), less);
		ret = u_mremap(g->a, g->n * PAGE, less * PAGE, 0, 0);
		rnd_ret(u_bad(ret) ? (long)ret : ret == g->a);
		break;
	case 1:
		rnd_did("mremap(%s,grow)", rnd_name(g));
		ret = u_mremap(g->a, g->n * PAGE, (g->n + 1) * PAGE, 0, 0);
		rnd_ret(u_bad(ret) ? (long)ret : ret == g->a);
		break;
	case 2:
		rnd_did("mremap(%s,dontunmap)", rnd_name(g));
		rnd_ret(moved(g, to, MREMAP_MAYMOVE | MREMAP_FIXED |
			      MREMAP_DONTUNMAP));
		break;
	default:
		rnd_did("mremap(%s,move)", rnd_name(g));
		rnd_ret(moved(g, to, MREMAP_MAYMOVE | MREMAP_FIXED));
	}
}

static void step_overmap(struct rnd_range *g)
{
	unsigned long ret;

	rnd_did("mmap_fixed(%s)", rnd_name(g));
	ret = u_mmap(g->a, g->n * PAGE, RW,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	rnd_ret(u_bad(ret) ? (long)ret : ret == g->a);
}

/* Other processes' hands */

static void step_other(const struct rnd_step *s, struct rnd_range *g)
{
	unsigned char byte = (unsigned char)(0x20 + rnd.nr);
	const char *name = s->op == R_VM_READ ? "vm_read" :
			   s->op == R_VM_WRITE ? "vm_write" :
			   s->op == R_MEM_READ ? "mem_read" : "mem_write";
	bool write = s->op == R_VM_WRITE || s->op == R_MEM_WRITE;
	int box = rnd.box[g->proc];
	long ret;

	rnd_did("%s(%s)", name, rnd_name(g));
	on(rnd.box[0])
		ret = s->op == R_VM_READ ? u_vm_read(box, g->a, &byte, 1) :
		      s->op == R_VM_WRITE ? u_vm_write(box, g->a, &byte, 1) :
		      s->op == R_MEM_READ ? u_mem_read(box, g->a, &byte, 1) :
					    u_mem_write(box, g->a, &byte, 1);
	rnd_ret(ret < 0 || write ? ret : byte);
}

static void step_access(const struct rnd_step *s, struct rnd_range *g)
{
	if (s->op == R_LOAD) {
		rnd_did("load(%s)", rnd_name(g));
		rnd_ret(u_get(g->a));
	} else {
		rnd_did("store(%s)", rnd_name(g));
		rnd_ret(u_put(g->a, 0x40 + rnd.nr));
	}
}

static void step_clear_refs(const struct rnd_step *s, struct rnd_range *g)
{
	int what = s->r[4] % 2 ? 4 : 1 + (int)(s->r[4] / 2 % 3);

	rnd_did("clear_refs(p%d,%d)", g->proc, what);
	rnd_ret(u_clear_refs(what));
}

static void step_notify(struct rnd_range *g)
{
	rnd_did("notify(%s)", rnd_name(g));
	rnd.notify = k_notify(g->area->at[g->proc][0], g->area->pages * PAGE);
	rnd.notify_proc = g->proc;
	rnd.events = 0;
	rnd_ret(rnd.notify >= 0 ? 0 : rnd.notify);
}

static bool step_in_process(const struct rnd_step *s, struct rnd_range *g)
{
	static const int msync_flags[] = { MS_SYNC, MS_ASYNC, MS_SYNC,
					   MS_SYNC | MS_INVALIDATE };

	switch (s->op) {
	case R_LOAD:
	case R_STORE: step_access(s, g); break;
	case R_PROTECT: step_protect(s, g); break;
	case R_ADVISE: step_advise(s, g); break;
	case R_PAGEOUT: advise(g, MADV_PAGEOUT, "PAGEOUT"); break;
	case R_COLLAPSE: advise(g, MADV_COLLAPSE, "COLLAPSE"); break;
	case R_REMAP: step_remap(s, g); break;
	case R_UNMAP:
		rnd_did("munmap(%s)", rnd_name(g));
		rnd_ret(u_munmap(g->a, g->n * PAGE));
		break;
	case R_OVERMAP: step_overmap(g); break;
	case R_LOCK:
		rnd_did("mlock(%s)", rnd_name(g));
		rnd_ret(u_mlock(g->a, g->n * PAGE));
		break;
	case R_UNLOCK:
		rnd_did("munlock(%s)", rnd_name(g));
		rnd_ret(u_munlock(g->a, g->n * PAGE));
		break;
	case R_MSYNC:
		rnd_did("msync(%s,%d)", rnd_name(g), msync_flags[s->r[4] % 4]);
		rnd_ret(u_msync(g->a, g->n * PAGE, msync_flags[s->r[4] % 4]));
		break;
	case R_CLEAR_REFS: step_clear_refs(s, g); break;
	case R_PAGEMAP:
		rnd_did("pagemap(%s)", rnd_name(g));
		rnd_ret(u_pagemap(g->a));
		break;
	case R_VM_READ:
	case R_VM_WRITE:
	case R_MEM_READ:
	case R_MEM_WRITE: step_other(s, g); break;
	case R_NOTIFY:
		if (rnd.notify >= 0)
			return false;
		step_notify(g);
		break;
	default:
		return false;
	}
	return true;
}

bool rnd_step_memory(const struct rnd_step *s)
{
	struct rnd_range g;
	bool did = false;

	switch (s->op) {
	case R_MAP: return step_map(s, rnd.nr);
	case R_FORK: return step_fork(s);
	case R_EXIT: return step_exit(s);
	default:
		break;
	}
	g = rnd_range(s);
	if (!g.area || u_bad(g.area->at[0][0]))
		return false;
	on(rnd.box[g.proc])
		did = step_in_process(s, &g);
	return did;
}
