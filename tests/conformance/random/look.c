// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * look.c - what is seen after a step
 *
 * A page is a letter, by where it is seen first in this look: which page took
 * which frame after another one went is chance. What was seen is said when it is
 * not what was seen before.
 */
#include "random.h"

#include <stdio.h>
#include <string.h>

#define MOST_SEEN	128

static struct { pg_t page; struct look l; } seen[MOST_SEEN];
static int nr_seen;
static char maps[2048], pages[4096], old_maps[2048], old_pages[4096];

#define ADD(text, ...)							\
	snprintf(text + strlen(text), sizeof(text) - strlen(text), __VA_ARGS__)

/* Its letter; z and Z for the zero pages, which have no identity of their own. */
static const char *letter(pg_t page, const struct look *l)
{
	static char text[8];
	int i;

	if (l->info.zero)
		return "z";
	if (l->info.huge_zero)
		return "Z";
	for (i = 0; i < nr_seen && seen[i].page != page; i++)
		;
	if (i == MOST_SEEN)
		return "?";
	if (i == nr_seen) {
		seen[nr_seen].page = page;
		seen[nr_seen++].l = *l;
	}
	snprintf(text, sizeof(text), "%c%.0d", 'a' + i % 26, i / 26);
	return text;
}

static void entry(const struct look *l)
{
	const struct pte *p = &l->pte;

	if (p->none) {
		ADD(maps, "-");
		return;
	}
	if (!p->present) {
		ADD(maps, p->swap ? "swap" : "?");
		return;
	}
	ADD(maps, "%s%s%s%s%s%s", letter(p->page, l), p->level ? "^" : "",
	    p->write ? "w" : "", p->dirty ? "d" : "", p->soft_dirty ? "s" : "",
	    p->prot_none ? "n" : "");
}

static void look_area(int proc, int nr)
{
	struct rnd_area *area = &rnd.area[nr];
	struct look l;
	int i;

	if (!area->there || u_bad(area->at[0][0]))
		return;
	ADD(maps, "/p%d%c:", proc, 'A' + nr);
	for (i = 0; i < area->points; i++) {
		l = k_look(area->at[proc][area->point[i]], 0);
		entry(&l);
		ADD(maps, i + 1 < area->points ? "," : "");
	}
}

static void look_file(int nr)
{
	struct rnd_area *area = &rnd.area[nr];
	struct look l;
	pg_t page;
	int i;

	if (!area->there || area->fd < 0 || area->kind == K_HUGETLB_SHARED)
		return;
	ADD(maps, "/f%c:", 'A' + nr);
	for (i = 0; i < area->points; i++) {
		if (k_cached(area->fd, area->point[i], &page)) {
			l = k_look(0, page);
			ADD(maps, "%s", letter(page, &l));
		} else {
			ADD(maps, "-");
		}
	}
}

static void look_hold(int nr)
{
	struct rnd_hold *x = &rnd.hold[nr];
	struct look l;
	pg_t page;
	long i;

	if (!x->there)
		return;
	ADD(maps, "/h%d:", nr);
	for (i = 0; i < x->n; i++) {
		if (i == 3 && x->n > 4)
			i = x->n - 1;
		page = x->gone[i] ? 0 : k_page(x->h, i);
		l = k_look(0, page);
		ADD(maps, "%s", page ? letter(page, &l) : "-");
	}
}

static void describe(const struct look *l)
{
	const struct pginfo *i = &l->info;

	ADD(pages, "/%02x,r%ld,m%ld", l->byte, i->ref, i->map);
	if (i->order)
		ADD(pages, ",o%d,p%ld", i->order, i->pins);
	ADD(pages, ",%s%s%s%s%s%s%s", i->anon ? "a" : i->mapping ? "f" : "o",
	    i->dirty && !i->hugetlb ? "D" : "", i->exclusive ? "x" : "",
	    i->swapcache ? "S" : "", i->private ? "P" : "", i->maybe ? "M" : "",
	    i->hugetlb ? "H" : "");
}

static void say_new(const char *key, char *now, char *old)
{
	char name[16];

	if (!strcmp(now, old))
		return;
	snprintf(name, sizeof(name), "%02d.%s", rnd.nr, key);
	say_str(name, now[0] ? now : "nothing");
	strcpy(old, now);
}

static void say_number(const char *key, long now, long *old)
{
	char name[16];

	snprintf(name, sizeof(name), "%02d.%s", rnd.nr, key);
	if (now != *old)
		say(name, now - *old);
	*old = now;
}

static void look_events(void)
{
	static const char phases[] = "([!", types[] = "ucvpsrmxo";
	char text[512] = "", name[16];
	struct nevent e;
	long n;

	if (rnd.notify < 0 || !rnd.alive[rnd.notify_proc])
		return;
	n = k_events(rnd.notify);
	for (; rnd.events < n; rnd.events++) {
		e = k_event(rnd.notify, rnd.events);
		if (e.phase == NEV_START)
			ADD(text, "%c%c%ld-%ld", phases[0], types[e.type],
			    e.first, e.last);
		else
			ADD(text, e.phase == NEV_END ? ")" : "!");
	}
	snprintf(name, sizeof(name), "%02d.events", rnd.nr);
	if (text[0])
		say_str(name, text);
}

void rnd_look_begin(void)
{
	old_maps[0] = old_pages[0] = 0;
	rnd.acq = k_acq();
	rnd.rel = k_rel();
}

void rnd_look(void)
{
	int proc, nr;

	look_events();
	say_number("acq", k_acq(), &rnd.acq);
	say_number("rel", k_rel(), &rnd.rel);
	k_drain();
	maps[0] = pages[0] = 0;
	nr_seen = 0;
	for (proc = 0; proc < MOST_PROC; proc++)
		if (rnd.alive[proc])
			on(rnd.box[proc])
				for (nr = 0; nr < MOST_AREAS; nr++)
					look_area(proc, nr);
	for (nr = 0; nr < MOST_AREAS; nr++)
		look_file(nr);
	for (nr = 0; nr < MOST_HOLDS; nr++)
		look_hold(nr);
	for (nr = 0; nr < nr_seen; nr++)
		describe(&seen[nr].l);
	say_new("maps", maps, old_maps);
	say_new("pages", pages, old_pages);
}

/* What everybody reads in the end. */
void rnd_end(void)
{
	struct rnd_area *area;
	int proc, nr, i;

	maps[0] = 0;
	for (proc = 0; proc < MOST_PROC; proc++)
		for (nr = 0; rnd.alive[proc] && nr < MOST_AREAS; nr++) {
			area = &rnd.area[nr];
			ADD(maps, "/");
			for (i = 0; area->there && i < area->points; i++)
				on(rnd.box[proc])
					ADD(maps, "%lx,", u_get(
					    area->at[proc][area->point[i]]) & 0xfff);
		}
	for (nr = 0; nr < MOST_AREAS; nr++) {
		area = &rnd.area[nr];
		ADD(maps, "/");
		for (i = 0; area->there && area->fd >= 0 && i < area->points; i++)
			ADD(maps, "%lx,", f_byte(area->fd, area->point[i] * PAGE) &
			    0xfff);
	}
	say_str("end", maps);
}
