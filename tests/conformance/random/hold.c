// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * hold.c - what a step acquires, uses and gives back
 */
#include "random.h"

#include <stdio.h>
#include <string.h>

static const char *const calls[] = {
	"get", "pin", "get_unlocked", "pin_unlocked", "get_remote", "pin_remote",
	"get_remote_locked", "pin_remote_locked", "get_fast", "pin_fast",
	"get_fast_only", "pin_fast_only", "iov_get", "iov_extract",
};

static const struct { unsigned int flag; const char *name; } flags[] = {
	{ FOLL_WRITE, "W" }, { FOLL_FORCE, "F" }, { FOLL_LONGTERM, "L" },
	{ FOLL_NOFAULT, "n" }, { FOLL_SPLIT_PMD, "s" }, { FOLL_HWPOISON, "h" },
	{ FOLL_ANON, "a" }, { FOLL_NOWAIT, "w" }, { FOLL_DUMP, "d" },
	{ FOLL_GET, "g" }, { FOLL_PIN, "p" }, { FOLL_TOUCH, "t" },
	{ FOLL_PCI_P2PDMA, "P" }, { FOLL_INTERRUPTIBLE, "I" },
	{ FOLL_HONOR_NUMA_FAULT, "N" },
};

static const char *flag_names(unsigned int f)
{
	static char text[40];
	size_t i, n = 0;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (f & flags[i].flag)
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s",
					      flags[i].name);
	text[n] = 0;
	return text;
}

static bool pins(enum conf_call call)
{
	return call == CALL_PIN || call == CALL_PIN_UNLOCKED ||
	       call == CALL_PIN_REMOTE || call == CALL_PIN_REMOTE_LOCKED ||
	       call == CALL_PIN_FAST || call == CALL_PIN_FAST_ONLY ||
	       call == CALL_IOV_EXTRACT;
}

static bool slow(enum conf_call call)
{
	return call <= CALL_PIN_REMOTE_LOCKED;
}

static enum conf_call call_of(uint32_t r)
{
	static const enum conf_call often[] = {
		CALL_PIN_FAST, CALL_PIN_FAST, CALL_PIN_FAST, CALL_PIN,
		CALL_PIN_FAST_ONLY, CALL_GET_FAST, CALL_PIN_UNLOCKED, CALL_PIN,
	};

	return r % 2 ? often[r / 2 % 8] : (enum conf_call)(r / 2 % CALL_NR);
}

/* Flags that make sense. */
static unsigned int plain_flags(enum conf_call call, uint32_t r)
{
	unsigned int f = r % 2 ? FOLL_WRITE : 0;

	if (r >> 1 & 1 && r >> 2 & 1)
		f |= FOLL_FORCE;
	if (r >> 3 & 1 && r >> 4 & 1 && pins(call))
		f |= FOLL_LONGTERM;
	if ((r >> 5 & 7) == 0)
		f |= FOLL_NOFAULT;
	if ((r >> 8 & 7) == 0 && slow(call))
		f |= FOLL_SPLIT_PMD;
	if ((r >> 11 & 7) == 0 && slow(call))
		f |= FOLL_HWPOISON;
	return f;
}

static unsigned int odd_flags(uint32_t r)
{
	unsigned int f = r % 2 ? FOLL_WRITE : 0, i;

	for (i = 1; i < sizeof(flags) / sizeof(flags[0]); i++)
		if ((r >> (2 * i - 1) & 3) == 0)
			f |= flags[i].flag;
	return f;
}

static bool step_acquire(const struct rnd_step *s, bool odd)
{
	struct rnd_hold *x = &rnd.hold[s->r[4] % MOST_HOLDS];
	struct rnd_range g = rnd_range(s);
	struct acquire what;
	int in;

	if (!g.area || x->there)
		return false;
	memset(x, 0, sizeof(*x));
	what = (struct acquire){
		.call = call_of(s->r[5]), .addr = g.a, .nr = g.n,
		.proc = rnd.box[g.proc],
	};
	what.flags = odd ? odd_flags(s->r[6]) : plain_flags(what.call, s->r[6]);
	if (what.call == CALL_GET_UNLOCKED)	/* 6.1 would pin */
		what.flags &= ~FOLL_PIN;
	if (what.call == CALL_IOV_GET || what.call == CALL_IOV_EXTRACT)
		what.flags &= FOLL_WRITE;
	if (s->r[3] / 64 % 8 == 0)
		what.nr++;
	if (s->r[3] / 512 % 8 == 0)
		what.addr += 123;
	in = what.call >= CALL_GET_REMOTE && what.call <= CALL_PIN_REMOTE_LOCKED ?
		0 : g.proc;
	rnd_did("h%d:%s(%s,%s%s)", (int)(x - rnd.hold), calls[what.call],
		rnd_name(&g), flag_names(what.flags), what.nr > g.n ? "+" : "");
	on(rnd.box[in])
		x->h = k_acquire(&what);
	rnd_ret(x->h.ret);
	x->pin = pins(what.call);
	x->odd = odd;
	x->n = x->h.ret > 0 ? x->h.ret : 0;
	x->there = x->n > 0;
	return true;
}

static bool step_populate(const struct rnd_step *s)
{
	struct rnd_range g = rnd_range(s);
	unsigned int f = plain_flags(CALL_GET, s->r[6]);

	if (!g.area)
		return false;
	rnd_did("populate(%s,%s)", rnd_name(&g), flag_names(f));
	on(rnd.box[g.proc])
		rnd_ret(populate(g.a, g.n, f));
	return true;
}

static struct rnd_hold *hold_of(const struct rnd_step *s)
{
	uint32_t i;

	for (i = 0; i < MOST_HOLDS; i++)
		if (rnd.hold[(s->r[4] + i) % MOST_HOLDS].there)
			return &rnd.hold[(s->r[4] + i) % MOST_HOLDS];
	return NULL;
}

static const char *const releases[] = {
	"put_page", "unpin", "unpin_pages", "unpin_dirty", "unpin_range",
	"unpin_folio", "unpin_folios", "unpin_user_folio",
};

static enum conf_release way_of(struct rnd_hold *x, long n, uint32_t r)
{
	static const enum conf_release ways[] = {
		UNPIN_PAGE, UNPIN_PAGES, UNPIN_PAGES_DIRTY_LOCK,
		UNPIN_RANGE_DIRTY_LOCK, UNPIN_PAGES, UNPIN_PAGES_DIRTY_LOCK,
		UNPIN_USER_FOLIO, UNPIN_PAGES,
	};
	enum conf_release how = x->pin ? ways[r % 8] : PUT_PAGE;

	if (n > 1 && (how == UNPIN_RANGE_DIRTY_LOCK || how == UNPIN_USER_FOLIO))
		how = UNPIN_PAGES;
	if (how == UNPIN_USER_FOLIO && !rules_from("6.11"))
		how = UNPIN_PAGE;
	return how;
}

static long left(struct rnd_hold *x)
{
	long i, n = 0;

	for (i = 0; i < x->n; i++)
		n += !x->gone[i];
	return n;
}

static bool step_release(const struct rnd_step *s)
{
	struct rnd_hold *x = hold_of(s);
	long first, n, i;
	enum conf_release how;
	bool dirty = s->r[5] / 8 % 2;

	if (!x)
		return false;
	first = s->r[3] % 3 || x->n == 1 ? 0 : (long)(s->r[2] % (uint32_t)x->n);
	n = s->r[3] % 3 ? x->n : 1;
	while (first < x->n && x->gone[first])
		first++;
	if (first == x->n)
		return false;
	if (n > x->n - first)
		n = x->n - first;
	how = way_of(x, n, s->r[5]);
	rnd_did("%s(h%d,%ld,%ld%s)", releases[how], (int)(x - rnd.hold), first,
		n, dirty ? ",dirty" : "");
	rnd_ret(k_release(x->h, first, n, how, dirty));
	for (i = first; i < first + n; i++)
		x->gone[i] = true;
	if (rnd.refs.page && rnd.refs.hold == x - rnd.hold) {
		k_refs(rnd.refs.page, -rnd.refs.n);
		rnd.refs.page = 0;
	}
	x->there = left(x) > 0;
	return true;
}

static bool step_device(const struct rnd_step *s)
{
	struct rnd_hold *x = hold_of(s);
	long i;

	if (!x)
		return false;
	i = (long)(s->r[2] % (uint32_t)x->n);
	if (x->gone[i] || k_info(k_page(x->h, i)).zero ||
	    k_info(k_page(x->h, i)).huge_zero)
		return false;
	if (s->op == R_DGET) {
		rnd_did("dev_read(h%d,%ld)", (int)(x - rnd.hold), i);
		rnd_ret(d_get(x->h, i * PAGE));
	} else {
		rnd_did("dev_write(h%d,%ld)", (int)(x - rnd.hold), i);
		rnd_ret(d_put(x->h, i * PAGE, 0x80 + rnd.nr));
	}
	return true;
}

static bool step_page(const struct rnd_step *s)
{
	struct rnd_hold *x = hold_of(s);
	const char *name = "";
	pg_t page;
	long i, ret = 0;

	if (!x)
		return false;
	i = (long)(s->r[2] % (uint32_t)x->n);
	page = k_page(x->h, i);
	if (x->gone[i] || k_info(page).zero || k_info(page).huge_zero ||
	    (s->op == R_REFS && rnd.refs.page))
		return false;
	switch (s->op) {
	case R_REFS:
		rnd.refs.page = page;
		rnd.refs.hold = (int)(x - rnd.hold);
		rnd.refs.n = s->r[3] % 2 ? 1024 : 1;
		rnd_did("refs(h%d,%ld,%ld)", rnd.refs.hold, i, rnd.refs.n);
		k_refs(page, rnd.refs.n);
		rnd_ret(0);
		return true;
	case R_SET_DIRTY: name = "set_dirty"; break;
	case R_CLEAR_DIRTY: name = "clear_dirty"; break;
	default: name = "mkclean"; break;
	}
	if (s->op != R_SET_DIRTY && !k_info(page).mapping)
		return false;
	rnd_did("%s(h%d,%ld)", name, (int)(x - rnd.hold), i);
	ret = s->op == R_SET_DIRTY ? k_set_dirty_lock(page) :
	      s->op == R_CLEAR_DIRTY ? k_clear_dirty(page) : k_mkclean(page);
	rnd_ret(ret);
	return true;
}

bool rnd_step_hold(const struct rnd_step *s)
{
	switch (s->op) {
	case R_ACQUIRE: return step_acquire(s, false);
	case R_ODD_ACQUIRE: return step_acquire(s, true);
	case R_POPULATE: return step_populate(s);
	case R_RELEASE: return step_release(s);
	case R_DGET:
	case R_DPUT: return step_device(s);
	case R_REFS:
	case R_SET_DIRTY:
	case R_CLEAR_DIRTY:
	case R_MKCLEAN: return step_page(s);
	default: return false;
	}
}
