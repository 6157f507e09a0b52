// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * acquire.c - get and pin by every entry point; what a hold remembers
 */
#include "model.h"

#include <stdlib.h>
#include <string.h>

static struct holding *holds[MAX_HOLDS];
static int nr_holds;

struct holding *model_hold_nth(int id)
{
	return id > 0 && id <= nr_holds ? holds[id - 1] : NULL;
}

struct holding *model_hold(struct hold h)
{
	struct holding *x = model_hold_nth(h.id);

	if (!x)
		model_broken("no such hold");
	return x;
}

static struct holding *new_hold(long slots, int *id)
{
	struct holding *x = calloc(1, sizeof(*x));

	if (slots < 1)
		slots = 1;
	if (nr_holds == MAX_HOLDS || !x)
		model_broken("too many holds");
	x->pages = calloc((size_t)slots, sizeof(*x->pages));
	x->released = calloc((size_t)slots, sizeof(*x->released));
	x->extra = calloc((size_t)slots, sizeof(*x->extra));
	x->task = -1;
	if (!x->pages || !x->released || !x->extra)
		model_broken("no memory");
	holds[nr_holds++] = x;
	*id = nr_holds;
	return x;
}

static void forget(struct holding *x)
{
	free(x->pages);
	free(x->released);
	free(x->extra);
	free(x);
}

/* Called twice: what a task still acquires is only there when it has ended. */
void model_holds_end(void)
{
	bool more = false;
	int i;

	for (i = 0; i < nr_holds; i++) {
		if (holds[i]->task >= 0 && !model_ended(holds[i]->task))
			more = true;
		else
			model_release_all(holds[i]);
	}
	if (more)
		return;
	while (nr_holds)
		forget(holds[--nr_holds]);
}

/* Flags and names. */

static const struct {
	enum conf_foll cf;
	unsigned int foll;
	const char *since;		/* before, it did not exist: ignored */
} flags_of[] = {
	{ CF_WRITE, PINPAGE_FOLL_WRITE, NULL },
	{ CF_GET, PINPAGE_FOLL_GET, NULL },
	{ CF_DUMP, PINPAGE_FOLL_DUMP, NULL },
	{ CF_FORCE, PINPAGE_FOLL_FORCE, NULL },
	{ CF_NOWAIT, PINPAGE_FOLL_NOWAIT, NULL },
	{ CF_NOFAULT, PINPAGE_FOLL_NOFAULT, NULL },
	{ CF_HWPOISON, PINPAGE_FOLL_HWPOISON, NULL },
	{ CF_ANON, PINPAGE_FOLL_ANON, NULL },
	{ CF_LONGTERM, PINPAGE_FOLL_LONGTERM, NULL },
	{ CF_SPLIT_PMD, PINPAGE_FOLL_SPLIT_PMD, NULL },
	{ CF_PCI_P2PDMA, PINPAGE_FOLL_PCI_P2PDMA, "6.2" },
	{ CF_INTERRUPTIBLE, PINPAGE_FOLL_INTERRUPTIBLE, "6.3" },
	{ CF_HONOR_NUMA_FAULT, PINPAGE_FOLL_HONOR_NUMA_FAULT, "6.6" },
	{ CF_TOUCH, PINPAGE_FOLL_TOUCH, NULL },
	{ CF_PIN, PINPAGE_FOLL_PIN, NULL },
	{ CF_FAST_ONLY, PINPAGE_FOLL_FAST_ONLY, NULL },
};

unsigned int model_foll(unsigned int flags)
{
	unsigned int foll = 0;
	size_t i;

	for (i = 0; i < sizeof(flags_of) / sizeof(flags_of[0]); i++)
		if (flags & flags_of[i].cf &&
		    (!flags_of[i].since || rules_from(flags_of[i].since)))
			foll |= flags_of[i].foll;
	return foll;
}

static const struct { const char *name; bool pins, fast; } calls[CALL_NR] = {
	[CALL_GET] = { "get_user_pages", false, false },
	[CALL_PIN] = { "pin_user_pages", true, false },
	[CALL_GET_UNLOCKED] = { "get_user_pages_unlocked", false, false },
	[CALL_PIN_UNLOCKED] = { "pin_user_pages_unlocked", true, false },
	[CALL_GET_REMOTE] = { "get_user_pages_remote", false, false },
	[CALL_PIN_REMOTE] = { "pin_user_pages_remote", true, false },
	[CALL_GET_REMOTE_LOCKED] = { "get_user_pages_remote", false, false },
	[CALL_PIN_REMOTE_LOCKED] = { "pin_user_pages_remote", true, false },
	[CALL_GET_FAST] = { "get_user_pages_fast", false, true },
	[CALL_PIN_FAST] = { "pin_user_pages_fast", true, true },
	[CALL_GET_FAST_ONLY] = { "get_user_pages_fast_only", false, true },
	[CALL_PIN_FAST_ONLY] = { "pin_user_pages_fast_only", true, true },
	[CALL_IOV_GET] = { "iov_iter_get_pages2", false, false },
	[CALL_IOV_EXTRACT] = { "iov_iter_extract_pages", true, false },
};

bool model_offers(enum conf_call call)
{
	return calls[call].name && pinpage_offers(calls[call].name);
}

/* The calls. */

static long slow(struct holding *x, struct page **pages, unsigned int foll)
{
	struct mm_struct *mm = pinpage_current_mm();
	unsigned long a = x->what.addr, nr = (unsigned long)x->what.nr;
	long ret;

	pinpage_mmap_read_lock(mm);
	if (x->what.call == CALL_PIN)
		ret = pinpage_pin_user_pages(a, nr, foll, pages);
	else
		ret = pinpage_get_user_pages(a, nr, foll, pages);
	pinpage_mmap_read_unlock(mm);
	return ret;
}

static long remote(struct holding *x, struct page **pages, unsigned int foll)
{
	struct mm_struct *mm = model_proc(x->what.proc)->mm;
	unsigned long a = x->what.addr, nr = (unsigned long)x->what.nr;
	bool pins = calls[x->what.call].pins;
	int locked = 1;
	int *lockp = x->what.call == CALL_GET_REMOTE_LOCKED ||
		     x->what.call == CALL_PIN_REMOTE_LOCKED ? &locked : NULL;
	long ret;

	pinpage_mmap_read_lock(mm);
	if (pins)
		ret = pinpage_pin_user_pages_remote(mm, a, nr, foll, pages,
						    lockp);
	else
		ret = pinpage_get_user_pages_remote(mm, a, nr, foll, pages,
						    lockp);
	if (locked)
		pinpage_mmap_read_unlock(mm);
	x->locked = locked;
	return ret;
}

static long fast(struct holding *x, struct page **pages, unsigned int foll)
{
	unsigned long a = x->what.addr;
	int nr = (int)x->what.nr;

	switch (x->what.call) {
	case CALL_GET_FAST:
		return pinpage_get_user_pages_fast(a, nr, foll, pages);
	case CALL_PIN_FAST:
		return pinpage_pin_user_pages_fast(a, nr, foll, pages);
	case CALL_GET_FAST_ONLY:
		return pinpage_get_user_pages_fast_only(a, nr, foll, pages);
	default:
		return pinpage_pin_user_pages_fast_only(a, nr, foll, pages);
	}
}

/* One user buffer; as a device that writes it, or reads it. */
static long iov(struct holding *x, struct page **pages)
{
	unsigned int dir = x->what.flags & CF_WRITE ? PINPAGE_ITER_DEST :
						      PINPAGE_ITER_SOURCE;
	size_t len = (size_t)x->what.nr * PAGE, off = 0;
	unsigned int nr = (unsigned int)x->what.nr;
	struct iov_iter iter;
	ssize_t got;

	pinpage_iov_iter_ubuf(&iter, dir, (void *)x->what.addr, len);
	if (x->what.call == CALL_IOV_EXTRACT)
		got = pinpage_iov_iter_extract_pages(&iter, &pages, len, nr, 0,
						     &off);
	else
		got = pinpage_iov_iter_get_pages2(&iter, pages, len, nr, &off);
	return got > 0 ? (long)((off + (size_t)got + PAGE - 1) / PAGE) : got;
}

static long call(struct holding *x)
{
	unsigned int foll = model_foll(x->what.flags);
	unsigned long a = x->what.addr, nr = (unsigned long)x->what.nr;
	struct page **pages = x->what.opts & ACQ_NULL_PAGES ? NULL : x->pages;

	switch (x->what.call) {
	case CALL_GET:
	case CALL_PIN:
		return slow(x, pages, foll);
	case CALL_GET_UNLOCKED:
		return pinpage_get_user_pages_unlocked(a, nr, pages, foll);
	case CALL_PIN_UNLOCKED:
		return pinpage_pin_user_pages_unlocked(a, nr, pages, foll);
	case CALL_GET_REMOTE:
	case CALL_PIN_REMOTE:
	case CALL_GET_REMOTE_LOCKED:
	case CALL_PIN_REMOTE_LOCKED:
		return remote(x, pages, foll);
	case CALL_IOV_GET:
	case CALL_IOV_EXTRACT:
		return iov(x, pages);
	default:
		return fast(x, pages, foll);
	}
}

/* In the current process; also in the task of k_start(). */
long model_acquire(struct holding *x, int proc)
{
	(void)proc;
	x->locked = 1;
	x->is_pin = calls[x->what.call].pins;
	x->ret = model_offers(x->what.call) ? call(x) : -ENOSYS;
	if (x->ret > 0 && !(x->what.opts & ACQ_NULL_PAGES))
		x->n = x->ret;
	return x->ret;
}

struct hold k_acquire(const struct acquire *what)
{
	struct hold h = { 0 };
	struct holding *x = new_hold(what->nr, &h.id);

	x->what = *what;
	h.ret = model_acquire(x, model_cur_nr());
	h.locked = x->locked;
	return h;
}

static int start_main(void *arg)
{
	struct holding *x = arg;

	model_acquire(x, model_cur_nr());
	return 0;
}

#define FIRST_EVENTS	1000	/* of an acquire, before k_start() returns */

struct hold k_start(int proc, const struct acquire *what)
{
	struct proc *p = model_proc(proc);
	struct hold h = { .ret = -EINPROGRESS, .locked = 1 };
	struct holding *x = new_hold(what->nr, &h.id);

	x->what = *what;
	x->task = model_spawn(start_main, x, proc, "acquire");
	p->acquire = x->task;
	model_run_task(x->task, FIRST_EVENTS);
	return h;
}

void k_finish(struct hold *h)
{
	struct holding *x = model_hold(*h);

	if (x->task >= 0)
		model_join(x->task);
	h->ret = x->ret;
	h->locked = x->locked;
}

struct hold memfd_pin(int fd, long start, long end, long max, long *offset)
{
	struct hold h = { .ret = -ENOSYS, .locked = 1 };
	struct holding *x = new_hold(max, &h.id);
	struct folio **folios = calloc(max > 0 ? (size_t)max : 1,
				       sizeof(*folios));
	unsigned long off = 0;

	if (!folios)
		model_broken("no memory");
	x->is_folio = true;
	if (pinpage_offers("memfd_pin_folios"))
		h.ret = pinpage_memfd_pin_folios(model_file(fd), start, end,
						 folios, (unsigned int)max,
						 &off);
	for (; x->n < h.ret; x->n++)
		x->pages[x->n] = &folios[x->n]->page;
	free(folios);
	x->ret = h.ret;
	*offset = (long)off;
	return h;
}

struct hold k_pin_many(unsigned long a, long n)
{
	struct hold h = { .locked = 1 };
	struct holding *x = new_hold(n, &h.id);
	int ret = 0;

	x->what = (struct acquire){
		.call = CALL_PIN_FAST, .addr = a, .nr = n, .flags = CF_WRITE,
	};
	x->is_pin = true;
	for (x->n = 0; x->n < n; x->n++) {
		ret = pinpage_pin_user_pages_fast(a, 1, PINPAGE_FOLL_WRITE,
						  &x->pages[x->n]);
		if (ret != 1)
			break;
	}
	x->ret = x->n ? x->n : ret;
	h.ret = x->ret;
	return h;
}

long k_held(struct hold h)
{
	struct holding *x = model_hold(h);
	long i, held = 0;

	for (i = 0; i < x->n; i++)
		held += !x->released[i];
	return held;
}

pg_t k_page(struct hold h, long i)
{
	struct holding *x = model_hold(h);

	return i >= 0 && i < x->n ? (pg_t)x->pages[i] : 0;
}

struct hold m_folio(int order)
{
	struct hold h = { .ret = 1, .locked = 1 };
	struct holding *x = new_hold(1, &h.id);

	x->pages[0] = pinpage_alloc_pages(PINPAGE_GFP_COMP | PINPAGE_GFP_ZERO,
					  (unsigned int)order);
	if (!x->pages[0])
		model_broken("no folio");
	x->is_alloc = true;
	x->ret = x->n = 1;
	return h;
}

long m_pin_page(struct hold h, long i)
{
	struct holding *x = model_hold(h);
	long ret = pinpage_pin_page(x->pages[i]);

	x->extra[i] += !ret;
	return ret;
}
