// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * file.c - what a step does to files
 */
#include "random.h"

#include <stdio.h>

#ifndef FALLOC_FL_KEEP_SIZE
#define FALLOC_FL_KEEP_SIZE	1
#define FALLOC_FL_PUNCH_HOLE	2
#define FALLOC_FL_ZERO_RANGE	16
#endif
#ifndef F_SEAL_SHRINK
#define F_SEAL_SHRINK	2
#define F_SEAL_GROW	4
#define F_SEAL_WRITE	8
#endif

static void step_falloc(const struct rnd_step *s, struct rnd_range *g)
{
	static const struct { int mode; const char *name; } of[] = {
		{ FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "punch" },
		{ FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, "punch" },
		{ 0, "alloc" }, { FALLOC_FL_KEEP_SIZE, "keep" },
	};
	size_t i = s->r[4] % 4;

	rnd_did("fallocate(%c,%s,%d,%d)", g->letter, of[i].name, g->first, g->n);
	rnd_ret(f_fallocate(g->area->fd, of[i].mode, g->first * PAGE,
			    g->n * PAGE));
}

static void step_truncate(const struct rnd_step *s, struct rnd_range *g)
{
	long size = g->first * PAGE + (s->r[4] % 3 == 0 ? 100 : 0);

	if (s->r[5] % 3 == 0)
		size = (g->area->pages + 1) * PAGE;
	if (g->area->kind == K_HUGETLB_SHARED)
		size &= -HUGE;
	rnd_did("ftruncate(%c,%ld)", g->letter, size);
	rnd_ret(f_truncate(g->area->fd, size));
}

/* Direct: the user's page is one of any area, the file's page this one's. */
static void step_direct(const struct rnd_step *s, struct rnd_range *g)
{
	struct rnd_area *b = &rnd.area[s->r[4] % MOST_AREAS];
	bool direct = s->op == R_DIO_READ || s->op == R_DIO_WRITE;
	bool read = s->op == R_DIO_READ || s->op == R_USER_READ;
	int at, fd = direct ? g->area->direct : g->area->fd;
	long ret;

	if (!b->there)
		b = g->area;
	at = b->point[s->r[5] % (uint32_t)b->points];
	rnd_did("%s%s(p%d,%c,%d,%c%d)", direct ? "dio_" : "",
		read ? "read_to" : "write_from", g->proc, g->letter, g->first,
		(int)('A' + (b - rnd.area)), at);
	on(rnd.box[g->proc])
		ret = read ? f_pread_to(fd, b->at[g->proc][at], PAGE,
					g->first * PAGE) :
			     f_pwrite_from(fd, b->at[g->proc][at], PAGE,
					   g->first * PAGE);
	rnd_ret(ret);
}

static bool step_global(const struct rnd_step *s)
{
	if (s->op != R_DROP)
		return false;
	rnd_did("drop_caches");
	rnd_ret(u_drop_caches());
	return true;
}

bool rnd_step_file(const struct rnd_step *s)
{
	struct rnd_range g = rnd_range(s);
	static const int seals[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE };

	if (step_global(s))
		return true;
	if (!g.area || g.area->fd < 0)
		return false;
	switch (s->op) {
	case R_FREAD:
		rnd_did("pread(%c,%d)", g.letter, g.first);
		rnd_ret(f_byte(g.area->fd, g.first * PAGE));
		return true;
	case R_FWRITE:
		rnd_did("pwrite(%c,%d)", g.letter, g.first);
		rnd_ret(f_put(g.area->fd, g.first * PAGE, 0xc0 + rnd.nr));
		return true;
	case R_TRUNCATE: step_truncate(s, &g); return true;
	case R_FALLOCATE: step_falloc(s, &g); return true;
	case R_FSYNC:
		rnd_did("f%ssync(%c)", s->r[4] % 2 ? "data" : "", g.letter);
		rnd_ret(s->r[4] % 2 ? f_fdatasync(g.area->fd) :
				      f_fsync(g.area->fd));
		return true;
	case R_SYNC_RANGE:
		rnd_did("sync_range(%c,%d,%d)", g.letter, g.first, g.n);
		rnd_ret(f_sync_range(g.area->fd, g.first * PAGE, g.n * PAGE, 7));
		return true;
	case R_FORGET:
		rnd_did("fadvise(%c)", g.letter);
		rnd_ret(f_forget(g.area->fd));
		return true;
	case R_SEAL:
		if (g.area->kind != K_MEMFD && g.area->kind != K_MEMFD_PRIVATE)
			return false;
		rnd_did("seal(%c,%d)", g.letter, seals[s->r[4] % 3]);
		rnd_ret(f_add_seals(g.area->fd, seals[s->r[4] % 3]));
		return true;
	case R_DIO_READ:
	case R_DIO_WRITE:
		if (g.area->direct < 0)
			return false;
		/* fall through */
	case R_USER_READ:
	case R_USER_WRITE:
		if (g.area->kind == K_HUGETLB_SHARED)
			return false;
		step_direct(s, &g);
		return true;
	default:
		return false;
	}
}
